/* The agent's own tester (firmware/proto/obd_scan.h) against the simulated ECUs, frame by frame on a simulated bus. */
#include "firmware/proto/obd_scaling.h"
#include "firmware/proto/obd_scan.h"
#include "sim/ecu/obd_ecu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

struct seen {
	char vin[2][TT_VIN_TEXT];
	bool lamp, stored, freeze;
	int64_t odometer_milli, frozen_rpm_milli;
	unsigned ecus, bad, silent, transmission_stored, refusing;
	char calibration[TT_OBD_CALIBRATION_TEXT], name[2][TT_OBD_NAME_TEXT];
	uint32_t cvn;
	unsigned tests, failed, rounds, counts;
};

static void look(struct seen *seen, const struct tt_obd_result *r)
{
	const bool engine = (r->ecu & 0x7F) == (r->ecu > 0x7FF ? 0x10 : 0x68);

	if (r->kind == TT_OBD_RESULT_ECU)
		seen->ecus++;
	if (r->kind == TT_OBD_RESULT_VIN)
		memcpy(seen->vin[!engine], r->u.vin, sizeof(seen->vin[0]));
	if (r->kind == TT_OBD_RESULT_READINESS && engine)
		seen->lamp = r->u.readiness.mil;
	if (r->kind == TT_OBD_RESULT_DTCS && r->u.dtcs.service == 0x03 && r->u.dtcs.n == 1) {
		seen->stored |= engine && r->u.dtcs.codes[0] == 0x0301;
		seen->transmission_stored += !engine;
	}
	if (r->kind == TT_OBD_RESULT_FREEZE && engine && r->u.freeze.dtc == 0x0301) {
		seen->freeze = true;
		for (unsigned i = 0; i < r->u.freeze.n; i++) {
			if (r->u.freeze.items[i].pid == 0x0C && r->u.freeze.items[i].decoded)
				seen->frozen_rpm_milli = r->u.freeze.items[i].value_milli;
		}
	}
	if (r->kind == TT_OBD_RESULT_PID && r->u.pid.pid == 0xA6)
		seen->odometer_milli = r->u.pid.value.value_milli;
	if (r->kind == TT_OBD_RESULT_CALIBRATIONS)
		memcpy(seen->calibration, r->u.calibrations.ids[0], sizeof(seen->calibration));
	if (r->kind == TT_OBD_RESULT_CVNS)
		seen->cvn = r->u.cvns.cvns[0];
	if (r->kind == TT_OBD_RESULT_NAME)
		memcpy(seen->name[!engine], r->u.name, sizeof(seen->name[0]));
	for (unsigned i = 0; r->kind == TT_OBD_RESULT_MONITOR && i < r->u.monitor.n; i++) {
		seen->tests++;
		seen->failed += !tt_obd_test_passed(&r->u.monitor.tests[i]);
	}
	seen->rounds += r->kind == TT_OBD_RESULT_ROUND;
	seen->counts += r->kind == TT_OBD_RESULT_PID && r->u.pid.pid != 0xA6;
	seen->refusing += r->kind == TT_OBD_RESULT_REFUSING && !r->u.refused.unsupported;
	seen->bad += r->kind == TT_OBD_RESULT_BAD;
	seen->silent += r->kind == TT_OBD_RESULT_SILENT && r->ecu != 0;
}

/* Both sides see every frame of the other; a frame takes a millisecond. */
static void drive(struct tt_obd_scan *scan, struct tt_obd_ecu ecus[TT_SIM_ECUS], tt_mono_us until_us, struct seen *seen)
{
	for (tt_mono_us now_us = TT_SEC(1); now_us < until_us; now_us += TT_MS(1)) {
		static struct tt_obd_result result;
		struct tt_can_frame frame;

		tt_obd_scan_tick(scan, now_us);
		while (tt_obd_scan_next_tx(scan, now_us, &frame)) {
			for (unsigned i = 0; i < TT_SIM_ECUS; i++)
				tt_obd_ecu_feed(&ecus[i], now_us, &frame);
		}
		for (unsigned i = 0; i < TT_SIM_ECUS; i++) {
			tt_obd_ecu_tick(&ecus[i], now_us);
			while (tt_obd_ecu_next_tx(&ecus[i], now_us, &frame))
				(void)tt_obd_scan_feed(scan, now_us, &frame);
		}
		while (tt_obd_scan_next(scan, &result))
			look(seen, &result);
	}
}

static void the_agents_tester_reads_everything_the_car_has(void **state)
{
	static const struct {
		bool extended;
		const char *mode;
		int64_t seconds; /* a slow one needs 3 s for each of about a hundred answers */
	} cases[] = {{false, "ecu engine answers", 90}, {true, "ecu engine answers", 90}, {false, "ecu engine pending", 120},
		     {true, "ecu engine pending", 120}, {false, "ecu engine slow", 600},  {false, "ecu engine old", 90},
		     {true, "ecu engine old", 90}};
	static const char *const setting[] = {"vin 1M8GDM9AXKP042788", "odometer 14999.7 km", "set dtc P0301 freeze rpm=2150",
					      "set dtc P0420 pending", "set dtc P0700 ecu transmission"};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		static struct tt_obd_scan scan;
		static struct tt_obd_ecu ecus[TT_SIM_ECUS];
		const struct tt_obd_scan_config config = {.bus = 0};
		struct seen seen = {.lamp = false};
		struct tt_sim_action action;
		struct tt_car car;

		tt_car_init(&car);
		for (size_t i = 0; i < sizeof(setting) / sizeof(setting[0]); i++) {
			assert_int_equal(tt_sim_action_parse(setting[i], strlen(setting[i]), &action, NULL), TT_OK);
			assert_int_equal(tt_car_apply(&car, &action), TT_OK);
		}
		assert_int_equal(tt_sim_action_parse(cases[c].mode, strlen(cases[c].mode), &action, NULL), TT_OK);
		assert_int_equal(tt_car_apply(&car, &action), TT_OK);
		for (unsigned i = 0; i < TT_SIM_ECUS; i++)
			tt_obd_ecu_init(&ecus[i], &car, i, cases[c].extended);
		tt_obd_scan_init(&scan, &config, TT_SEC(1));
		drive(&scan, ecus, TT_SEC(cases[c].seconds), &seen);
		assert_int_equal(seen.ecus, 2);
		assert_string_equal(seen.vin[0], "1M8GDM9AXKP042788");
		assert_true(seen.lamp);
		assert_true(seen.stored);
		assert_true(seen.transmission_stored > 0);
		assert_true(seen.freeze);
		assert_int_equal(seen.frozen_rpm_milli, 2150000);
		assert_int_equal(seen.odometer_milli, 14999700);
		assert_int_equal(seen.bad, 0);
		assert_int_equal(seen.silent, 0);
		assert_int_equal(seen.refusing, 0);
		assert_string_equal(seen.calibration, "TELLTALE-SIM-01");
		assert_int_equal(seen.cvn, 0xCAFE0001);
		assert_string_equal(seen.name[0], "ECM-EngineControl");
		assert_string_equal(seen.name[1], "TCM-TransmisCtrl");
		if (seen.tests != 4)
			fail_msg("%s: %u tests, %u rounds, %u silent", cases[c].mode, seen.tests, seen.rounds, seen.silent);
		assert_int_equal(seen.failed, 1); /* the catalyst */
		assert_int_equal(seen.rounds, 4);
		assert_true(seen.counts >= 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_agents_tester_reads_everything_the_car_has),
	};

	return cmocka_run_group_tests_name("sim and tester", tests, NULL, NULL);
}
