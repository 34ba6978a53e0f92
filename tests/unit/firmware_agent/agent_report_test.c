/* What an ECU says of itself, from the scan's results through the whole agent to the envelope that leaves the car. */
#include "tests/unit/firmware_power/parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENGINE = 0x7E8, GEARBOX = 0x7E9 };

static struct parked_world w;

static int drive(void **state)
{
	(void)state;
	parked_open(&w, NULL, NULL);
	parked_keep();
	w.talks = true;
	w.talk_us = w.now_us;
	w.ignition = 4;
	parked_run(&w, TT_SEC(2)); /* connected */
	return 0;
}

static int leave(void **state)
{
	(void)state;
	parked_close(&w);
	return 0;
}

static void take(struct tt_obd_result r)
{
	r.at_us = w.now_us;
	tt_agent_ecu_take(w.agent, &r);
}

static void round_over(uint32_t ecu, uint8_t service)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_ROUND, .ecu = ecu};

	r.u.round.service = service;
	take(r);
	parked_run(&w, TT_SEC(2));
}

static void identify(uint32_t ecu, const char *calibration, uint32_t cvn)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_PIDS, .ecu = ecu};

	r.u.pids.bits[0] = 0xBE1FA813; /* 01 00 of a common car */
	r.u.pids.bits[7] = 0x00000001; /* the last bit of all */
	take(r);
	r = (struct tt_obd_result){.kind = TT_OBD_RESULT_VIN, .ecu = ecu};
	strcpy(r.u.vin, "3FADP4FJ2BM113913");
	take(r);
	r = (struct tt_obd_result){.kind = TT_OBD_RESULT_NAME, .ecu = ecu};
	strcpy(r.u.name, "ECM-EngineControl");
	take(r);
	r = (struct tt_obd_result){.kind = TT_OBD_RESULT_CALIBRATIONS, .ecu = ecu};
	r.u.calibrations.n = 2;
	strcpy(r.u.calibrations.ids[0], calibration);
	strcpy(r.u.calibrations.ids[1], "SECOND-02");
	take(r);
	r = (struct tt_obd_result){.kind = TT_OBD_RESULT_CVNS, .ecu = ecu};
	r.u.cvns.n = 2;
	r.u.cvns.cvns[0] = cvn;
	r.u.cvns.cvns[1] = 1;
	take(r);
}

/* The n-th report that left, from 0. */
static const Telltale__V1__EcuReport *report(size_t n)
{
	for (size_t i = 0; i < parked_nevents; i++) {
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT && n-- == 0)
			return parked_events[i]->ecu_report;
	}
	return NULL;
}

static void everything_an_ecu_said_is_in_its_report_and_it_leaves_once(void **state)
{
	const uint8_t bitmap[4] = {0xBE, 0x1F, 0xA8, 0x13};
	const Telltale__V1__EcuReport *e;
	const tt_utc_us said = w.utc_us;

	(void)state;
	identify(ENGINE, "CAL-0001", 0x9A7B3C1D);
	parked_run(&w, TT_SEC(5));
	assert_null(report(0)); /* not before the round of questions is over */
	round_over(ENGINE, TT_OBD_INFO);
	e = report(0);
	assert_non_null(e);
	assert_int_equal(e->ecu, ENGINE);
	assert_int_equal(e->observed_at_us, said);
	assert_string_equal(e->vin, "3FADP4FJ2BM113913");
	assert_string_equal(e->name, "ECM-EngineControl");
	assert_int_equal(e->n_calibrations, 2);
	assert_string_equal(e->calibrations[0], "CAL-0001");
	assert_string_equal(e->calibrations[1], "SECOND-02");
	assert_int_equal(e->n_cvns, 2);
	assert_int_equal(e->cvns[0], 0x9A7B3C1D);
	assert_int_equal(e->cvns[1], 1);
	assert_int_equal(e->services, 1U << TT_OBD_CURRENT | 1U << TT_OBD_INFO);
	assert_int_equal(e->supported_pids.len, TT_ECU_REPORT_PIDS);
	assert_memory_equal(e->supported_pids.data, bitmap, 4);
	assert_int_equal(e->supported_pids.data[4], 0);
	assert_int_equal(e->supported_pids.data[31], 1);
	assert_int_equal(e->n_tests, 0);
	assert_false(e->tests_cut);
	round_over(ENGINE, TT_OBD_INFO);
	assert_null(report(1));
}

static void what_an_ecu_does_not_say_is_empty(void **state)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_NAME, .ecu = GEARBOX};

	(void)state;
	strcpy(r.u.name, "TCM");
	take(r);
	round_over(GEARBOX, TT_OBD_INFO);
	assert_non_null(report(0));
	assert_string_equal(report(0)->vin, "");
	assert_int_equal(report(0)->n_calibrations, 0);
	assert_int_equal(report(0)->n_cvns, 0);
	assert_int_equal(report(0)->supported_pids.len, 0);
}

static void a_new_calibration_is_told_and_after_a_restart_only_what_is_new(void **state)
{
	(void)state;
	identify(ENGINE, "CAL-0001", 1);
	round_over(ENGINE, TT_OBD_INFO);
	identify(ENGINE, "CAL-0002", 2);
	round_over(ENGINE, TT_OBD_INFO);
	assert_non_null(report(1));
	assert_string_equal(report(1)->calibrations[0], "CAL-0002");
	parked_restart(&w);
	identify(ENGINE, "CAL-0002", 2);
	round_over(ENGINE, TT_OBD_INFO);
	assert_null(report(2));
	identify(ENGINE, "CAL-0003", 3);
	round_over(ENGINE, TT_OBD_INFO);
	assert_non_null(report(2));
	assert_string_equal(report(2)->calibrations[0], "CAL-0003");
}

static void monitor(uint8_t mid, uint8_t tid, uint8_t scaling, uint16_t value, uint16_t min, uint16_t max)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_MONITOR, .ecu = ENGINE};

	r.u.monitor.mid = mid;
	r.u.monitor.n = 1;
	r.u.monitor.tests[0] = (struct tt_obd_test){.mid = mid, .tid = tid, .scaling = scaling, .value = value, .min = min, .max = max};
	take(r);
}

/* 0A: 0.122 mV a bit; 9C: 0.01 degrees, signed; 7F: not in the standard's table. */
static void tests_of_monitors_carry_scaled_values_and_verdicts(void **state)
{
	const Telltale__V1__EcuReport *e;

	(void)state;
	monitor(0x01, 0x05, 0x0A, 3690, 2950, 5740);
	monitor(0x21, 0x80, 0x9C, 0xFFFF, 0x0000, 0x0064);
	monitor(0xA2, 0x0B, 0x7F, 7, 1, 9);
	round_over(ENGINE, TT_OBD_MONITOR);
	e = report(0);
	assert_non_null(e);
	assert_int_equal(e->n_tests, 3);
	assert_int_equal(e->tests[0]->mid, 0x01);
	assert_int_equal(e->tests[0]->tid, 0x05);
	assert_int_equal(e->tests[0]->scaling, 0x0A);
	assert_string_equal(e->tests[0]->unit, "mV");
	assert_int_equal(e->tests[0]->value_milli, 450180);
	assert_int_equal(e->tests[0]->min_milli, 359900);
	assert_int_equal(e->tests[0]->max_milli, 700280);
	assert_true(e->tests[0]->passed);
	assert_string_equal(e->tests[1]->unit, "degrees");
	assert_int_equal(e->tests[1]->value_milli, -10);
	assert_int_equal(e->tests[1]->max_milli, 1000);
	assert_false(e->tests[1]->passed); /* -0.01 is below 0 */
	assert_string_equal(e->tests[2]->unit, "");
	assert_int_equal(e->tests[2]->value_milli, 7); /* the raw number */
	assert_true(e->tests[2]->passed);
	assert_int_equal(e->services, 1U << TT_OBD_MONITOR);
	/* another value with the same verdict is no news; another verdict is */
	monitor(0x01, 0x05, 0x0A, 3700, 2950, 5740);
	monitor(0x21, 0x80, 0x9C, 0xFFFE, 0x0000, 0x0064);
	monitor(0xA2, 0x0B, 0x7F, 7, 1, 9);
	round_over(ENGINE, TT_OBD_MONITOR);
	assert_null(report(1));
	monitor(0x01, 0x05, 0x0A, 2000, 2950, 5740);
	monitor(0x21, 0x80, 0x9C, 0xFFFE, 0x0000, 0x0064);
	monitor(0xA2, 0x0B, 0x7F, 7, 1, 9);
	round_over(ENGINE, TT_OBD_MONITOR);
	assert_non_null(report(1));
	assert_false(report(1)->tests[0]->passed);
}

static void more_tests_than_a_report_takes_are_said_to_be_cut(void **state)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_MONITOR, .ecu = ENGINE};

	(void)state;
	r.u.monitor.mid = 0x01;
	r.u.monitor.n = 1;
	r.u.monitor.cut = true;
	r.u.monitor.tests[0] = (struct tt_obd_test){.mid = 0x01, .tid = 1, .scaling = 0x24, .value = 1, .max = 2};
	take(r);
	round_over(ENGINE, TT_OBD_MONITOR);
	assert_non_null(report(0));
	assert_true(report(0)->tests_cut);
}

static void while_the_journal_refuses_the_report_waits(void **state)
{
	(void)state;
	identify(ENGINE, "CAL-0001", 1);
	w.agent->refusal.retry_at_us = w.now_us + TT_SEC(30);
	round_over(ENGINE, TT_OBD_INFO);
	parked_run(&w, TT_SEC(20));
	assert_null(report(0));
	parked_run(&w, TT_SEC(20));
	assert_non_null(report(0));
	assert_null(report(1));
}

/* ---- the file of what was told ---- */

static char path[160];

static int with_path(void **state)
{
	const int err = drive(state);

	(void)snprintf(path, sizeof(path), "%s/told", w.folder);
	return err;
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void fingerprints_are_read_as_they_were_written(void **state)
{
	struct tt_ecu_reports out, in;

	(void)state;
	tt_ecu_reports_init(&out);
	tt_ecu_reports_restore(&out, ENGINE, 0x12345671, 0x9ABCDEF1);
	tt_ecu_reports_restore(&out, 0x18DAF110, 0xFFFFFFFF, 0);
	tt_ecu_reports_restore(&out, GEARBOX, 0, 0); /* answered, and was never told */
	assert_int_equal(tt_ecu_reports_save(path, 7, &out), TT_OK);
	tt_ecu_reports_init(&in);
	assert_int_equal(tt_ecu_reports_load(path, 7, &in), TT_OK);
	assert_int_equal(in.ecus[0].ecu, ENGINE);
	assert_int_equal(in.ecus[0].told_identity, 0x12345671);
	assert_int_equal(in.ecus[0].told_verdicts, 0x9ABCDEF1);
	assert_int_equal(in.ecus[1].ecu, 0x18DAF110);
	assert_int_equal(in.ecus[1].told_identity, 0xFFFFFFFF);
	assert_int_equal(in.ecus[1].told_verdicts, 0);
	assert_int_equal(in.ecus[2].ecu, 0);
}

static void a_file_of_another_journal_or_a_damaged_one_is_none(void **state)
{
	static const char *const damaged[] = {
		"",
		"telltale-ecus 2 0000000000000007\n",
		"telltale-ecus 1 0000000000000007\nnonsense\n",
		"telltale-ecus 1 0000000000000007\n7E8 12345671\n",
		"telltale-ecus 1 0000000000000007\n0 12345671 9ABCDEF1\n",
	};
	struct tt_ecu_reports r;

	(void)state;
	tt_ecu_reports_init(&r);
	assert_int_equal(tt_ecu_reports_load(path, 7, &r), TT_ENOTFOUND);
	write_file("telltale-ecus 1 0000000000000008\n7E8 12345671 9ABCDEF1\n");
	assert_int_equal(tt_ecu_reports_load(path, 7, &r), TT_ENOTFOUND);
	assert_int_equal(r.ecus[0].ecu, 0);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		write_file(damaged[i]);
		assert_int_equal(tt_ecu_reports_load(path, 7, &r), TT_ECORRUPT);
	}
}

static void a_place_that_cannot_be_written_is_told_and_leaves_the_old_file(void **state)
{
	struct tt_ecu_reports r;
	char neighbour[170], missing[200];

	(void)state;
	tt_ecu_reports_init(&r);
	tt_ecu_reports_restore(&r, ENGINE, 1, 1);
	assert_int_equal(tt_ecu_reports_save(path, 7, &r), TT_OK);
	(void)snprintf(neighbour, sizeof(neighbour), "%s.new", path);
	assert_int_equal(access(neighbour, F_OK), -1);
	(void)snprintf(missing, sizeof(missing), "%s/no/such/folder", w.folder);
	assert_int_equal(tt_ecu_reports_save(missing, 7, &r), TT_EIO);
	assert_int_equal(mkdir(neighbour, 0700), 0); /* in the way of the neighbour */
	assert_int_equal(tt_ecu_reports_save(path, 7, &r), TT_EIO);
	assert_int_equal(rmdir(neighbour), 0);
	assert_int_equal(tt_ecu_reports_load(path, 7, &r), TT_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drive, leave)
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, with_path, leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_an_ecu_said_is_in_its_report_and_it_leaves_once),
		TEST(what_an_ecu_does_not_say_is_empty),
		TEST(a_new_calibration_is_told_and_after_a_restart_only_what_is_new),
		TEST(tests_of_monitors_carry_scaled_values_and_verdicts),
		TEST(more_tests_than_a_report_takes_are_said_to_be_cut),
		TEST(while_the_journal_refuses_the_report_waits),
		FILE_TEST(fingerprints_are_read_as_they_were_written),
		FILE_TEST(a_file_of_another_journal_or_a_damaged_one_is_none),
		FILE_TEST(a_place_that_cannot_be_written_is_told_and_leaves_the_old_file),
	};

	return cmocka_run_group_tests_name("agent report", tests, NULL, NULL);
}
