/* What the scan learns and keeps: several PIDs a request, slow rounds, pauses, pending ECUs, clearing. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Takes up to six PIDs a request; tells everything of services 06 and 09. */
#define RICH(id_) \
	{ \
		.rx_id = (id_), .answers = { \
			{"01 00", "41 00 80 18 80 00"}, \
			{"01 01", "41 01 00 07 E1 00"}, \
			{"03", "43 00"}, \
			{"07", "47 00"}, \
			{"0A", "4A 00"}, \
			{"09 02", VIN_ANSWER}, \
			{"01 0C 0D 11", "41 0C 1A F8 0D 32 11 80"}, \
			{"01 0C", "41 0C 1A F8"}, \
			{"01 0D", "41 0D 32"}, \
			{"01 11", "41 11 80"}, \
			{"09 00", "49 00 54 40 00 00"}, \
			{"09 04", "49 04 01 54 45 4C 4C 54 41 4C 45 2D 53 49 4D 2D 30 31 00"}, \
			{"09 06", "49 06 01 CA FE 00 01"}, \
			{"09 0A", "49 0A 01 45 43 4D 00 2D 45 6E 67 69 6E 65 43 6F 6E 74 72 6F 6C 00 00"}, \
			{"06 00", "46 00 80 00 00 01"}, \
			{"06 20", "46 20 80 00 00 00"}, \
			{"06 01", "46 01 01 0A 0B B8 0B B8 FF FF 01 05 10 00 48 00 00 00 96"}, \
			{"06 21", "46 21 80 20 00 50 00 00 00 40"}, \
			{"04", "44"} \
		} \
	}

static const struct tt_obd_scan_config three_live = {.live = {0x0C, 0x0D, 0x11}, .nlive = 3};

static void rich_car(const struct tt_obd_scan_config *config)
{
	static const struct ecu ecus[] = {RICH(0x7E0)};

	world_begin(ecus, 1, config);
}

/* How many values of a PID came. */
static size_t values(uint8_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nresults; i++)
		n += w.results[i].kind == TT_OBD_RESULT_PID && w.results[i].u.pid.pid == pid;
	return n;
}

static void several_pids_are_asked_in_one_request(void **state)
{
	(void)state;
	rich_car(&three_live);
	world_run(TT_SEC(10));
	assert_in_range(values(0x0C), 8, 10);
	assert_int_equal(values(0x0C), values(0x0D));
	assert_int_equal(values(0x0C), values(0x11));
	assert_int_equal(world_requests("01 0C 0D 11"), values(0x0C));
	assert_int_equal(world_requests("01 0C"), 0);
	assert_int_equal(world_find(TT_OBD_RESULT_PID, 0x7E8, 0)->u.pid.value.value_milli, 1726000);
}

static void an_ecu_that_refuses_several_pids_is_asked_one_by_one_and_not_told_as_refusing(void **state)
{
	static const char *const refusals[] = {"7F 01 12", "7F 01 13", "7F 01 31", "", "41 0C 1A"};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		rich_car(&three_live);
		world_set_answer(0, "01 0C 0D 11", refusals[i]);
		world_run(TT_SEC(10));
		assert_int_equal(world_requests("01 0C 0D 11"), 1);
		assert_in_range(values(0x0C), 7, 10);
		assert_in_range(values(0x0D), 7, 10);
		assert_in_range(values(0x11), 7, 10);
		assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
	}
}

static void an_ecu_that_answers_a_part_gets_smaller_requests(void **state)
{
	(void)state;
	rich_car(&three_live);
	world_set_answer(0, "01 0C 0D 11", "41 0C 1A F8 0D 32");
	world_run(TT_SEC(10));
	assert_int_equal(world_requests("01 0C 0D 11"), 1);
	assert_in_range(values(0x11), 6, 10);
}

static void what_was_learnt_outlasts_a_pause(void **state)
{
	(void)state;
	rich_car(&three_live);
	world_set_answer(0, "01 0C 0D 11", "7F 01 12");
	world_set_answer(0, "0A", "7F 0A 11");
	world_run(TT_SEC(10));
	tt_obd_scan_pause(&w.scan, w.now, true);
	world_run(TT_SEC(3600));
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(10));
	assert_int_equal(world_requests("01 0C 0D 11"), 1);
	assert_int_equal(world_requests("0A"), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 1); /* it never went */
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_PIDS, 0x7E8), 2);
}

static void what_an_ecu_lost_in_a_pause_is_not_asked_any_more(void **state)
{
	(void)state;
	rich_car(&(struct tt_obd_scan_config){.live = {0x2F}, .nlive = 1});
	world_set_answer(0, "01 00", "41 00 80 18 80 01");
	world_set_answer(0, "01 20", "41 20 00 02 00 00");
	world_set_answer(0, "01 2F", "41 2F 80");
	world_run(TT_SEC(5));
	assert_true(values(0x2F) > 0);
	tt_obd_scan_pause(&w.scan, w.now, true);
	world_set_answer(0, "01 00", "41 00 80 18 80 00"); /* reprogrammed */
	tt_obd_scan_pause(&w.scan, w.now, false);
	w.nresults = w.nlog = 0;
	world_run(TT_SEC(5));
	assert_int_equal(world_find(TT_OBD_RESULT_PIDS, 0x7E8, 0)->u.pids.bits[1], 0);
	assert_int_equal(world_requests("01 2F"), 0);
}

static void an_ecu_that_does_not_come_back_is_told_and_taken_again_when_it_does(void **state)
{
	(void)state;
	rich_car(&three_live);
	world_run(TT_SEC(5));
	tt_obd_scan_pause(&w.scan, w.now, true);
	w.ecus[0].dead = true;
	world_run(TT_SEC(60));
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(2));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
	w.ecus[0].dead = false;
	world_run(TT_SEC(65));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0), 0); /* the car is known, it only slept */
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 2);
}

static void another_car_on_the_other_width_takes_the_place_of_the_first(void **state)
{
	static const struct ecu wide[] = {RICH(0x18DA10F1)};

	(void)state;
	rich_car(&three_live);
	world_run(TT_SEC(5));
	tt_obd_scan_pause(&w.scan, w.now, true);
	w.ecus[0] = wide[0];
	w.extended = true;
	tt_isotp_init(&w.ecus[0].link, &(struct tt_isotp_config){.tx_id = 0x18DAF110, .rx_id = 0x18DA10F1, .extended = true, .pad = true},
		      w.ecus[0].buf, sizeof(w.ecus[0].buf));
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x18DAF110), 1);
	assert_int_equal(w.scan.necus, 1);
}

static void an_ecu_that_answers_on_both_widths_is_served_once(void **state)
{
	static const struct ecu ecus[] = {RICH(0x7E0)};
	const struct tt_can_frame wide = {.id = 0x18DAF110, .extended = true, .len = 8, .data = {6, 0x41, 0, 0x80, 0x18, 0x80, 0}};
	struct tt_can_frame f;

	(void)state;
	world_begin(ecus, 1, &three_live);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(f.id, 0x7DF);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &wide)); /* as if it answered another tester there */
	world_ecu_hear(&w.ecus[0], &f);
	world_run(TT_SEC(10));
	assert_int_equal(w.scan.necus, 1);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x18DAF110), 0);
	for (size_t i = 0; i < w.nlog; i++)
		assert_false(w.log[i].frame.extended);
}

static void a_drive_brings_identification_and_monitors_once(void **state)
{
	const struct tt_obd_result *r;

	(void)state;
	rich_car(&(struct tt_obd_scan_config){0});
	world_run(TT_SEC(4));
	assert_int_equal(world_requests("09 00") + world_requests("06 00"), 0); /* the faults come first */
	world_run(TT_SEC(120));
	assert_string_equal(world_find(TT_OBD_RESULT_CALIBRATIONS, 0x7E8, 0)->u.calibrations.ids[0], "TELLTALE-SIM-01");
	assert_int_equal(world_find(TT_OBD_RESULT_CVNS, 0x7E8, 0)->u.cvns.cvns[0], 0xCAFE0001);
	assert_string_equal(world_find(TT_OBD_RESULT_NAME, 0x7E8, 0)->u.name, "ECM-EngineControl");
	r = world_find(TT_OBD_RESULT_MONITOR, 0x7E8, 0);
	assert_int_equal(r->u.monitor.mid, 0x01);
	assert_int_equal(r->u.monitor.n, 2);
	assert_false(r->u.monitor.cut);
	assert_int_equal(r->u.monitor.tests[0].tid, 0x01);
	assert_int_equal(r->u.monitor.tests[0].scaling, 0x0A);
	assert_int_equal(r->u.monitor.tests[0].value, 0x0BB8);
	assert_int_equal(r->u.monitor.tests[1].tid, 0x05);
	assert_int_equal(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, 1)->u.monitor.mid, 0x21);
	assert_int_equal(world_find(TT_OBD_RESULT_ROUND, 0x7E8, 0)->u.round.service, 0x09);
	assert_int_equal(world_find(TT_OBD_RESULT_ROUND, 0x7E8, 1)->u.round.service, 0x06);
	assert_int_equal(world_requests("09 04"), 1);
	assert_int_equal(world_requests("06 21"), 1);
	assert_int_equal(world_requests("06 20"), 1);
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(10));
	assert_int_equal(world_requests("09 04"), 1);
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(60));
	assert_int_equal(world_requests("09 04"), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_ROUND, 0x7E8), 4);
}

static void what_cannot_be_had_of_a_round_is_left_out(void **state)
{
	static const struct {
		const char *request, *response;
		size_t calibrations, names, monitors, bad, asked;
	} cases[] = {
		{"09 04", "7F 09 12", 0, 1, 2, 0, 1},
		{"09 04", "49 04 02 41 42", 0, 1, 2, 1, 1},
		{"09 04", "", 0, 1, 2, 0, 3},
		{"09 06", "49 06 04 00", 1, 1, 2, 1, 1},
		{"09 0A", "49 0A 01 45", 1, 0, 2, 1, 1},
		{"09 00", "7F 09 11", 0, 0, 2, 0, 1},
		{"09 00", "49 00 01", 0, 0, 2, 1, 1},
		{"09 00", "", 0, 0, 2, 0, 3},
		{"06 00", "7F 06 11", 1, 1, 0, 0, 1},
		{"06 00", "46 00 80", 1, 1, 0, 1, 1},
		{"06 00", "", 1, 1, 0, 0, 3},
		{"06 20", "7F 06 12", 1, 1, 1, 0, 1},
		{"06 20", "", 1, 1, 1, 0, 3},
		{"06 01", "7F 06 22", 1, 1, 1, 0, 1},
		{"06 01", "", 1, 1, 1, 0, 3},
		{"06 01", "46", 1, 1, 1, 1, 1},
		{"09 00", "49 02 55 55 55 55", 0, 0, 2, 0, 3},
		{"06 00", "46 20 80 00 00 01", 1, 1, 0, 0, 3},
		{"09 00", "49 02", 0, 0, 2, 0, 3},
		{"06 00", "46 20", 1, 1, 0, 0, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rich_car(&(struct tt_obd_scan_config){0});
		world_set_answer(0, cases[i].request, cases[i].response);
		world_run(TT_SEC(400));
		if (world_count(TT_OBD_RESULT_CALIBRATIONS, 0x7E8) != cases[i].calibrations ||
		    world_count(TT_OBD_RESULT_NAME, 0x7E8) != cases[i].names ||
		    world_count(TT_OBD_RESULT_MONITOR, 0x7E8) != cases[i].monitors || world_count(TT_OBD_RESULT_BAD, 0x7E8) != cases[i].bad)
			fail_msg("case %zu (%s -> %s)", i, cases[i].request, cases[i].response);
		assert_int_equal(world_requests(cases[i].request), cases[i].asked);
		assert_int_equal(world_count(TT_OBD_RESULT_ROUND, 0x7E8), 2);
		assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
	}
}

static void a_cut_or_foreign_test_flags_its_monitor(void **state)
{
	static const char *const answers[] = {"46 01 01 0A 0B B8 0B B8 FF FF 01 05", "46 01 01 0A 0B B8 0B B8 FF FF 01",
					      "46 01 01 0A 0B B8 0B B8 FF FF 02 05 10 00 48 00 00 00 96"};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		rich_car(&(struct tt_obd_scan_config){0});
		world_set_answer(0, "06 01", answers[i]);
		world_run(TT_SEC(60));
		assert_int_equal(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, 0)->u.monitor.n, 1);
		assert_true(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, 0)->u.monitor.cut);
	}
}

/* An ECU that works on discovery's question for 3 s hears no other meanwhile. */
static void discovery_waits_for_an_ecu_that_asks_for_patience(void **state)
{
	static const struct ecu ecus[] = {RICH(0x7E0)};
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 1, 0x78}};
	const struct tt_can_frame answer = {.id = 0x7E8, .len = 7, .data = {6, 0x41, 0, 0x80, 0x18, 0x80, 0}};
	struct tt_can_frame f;

	(void)state;
	world_begin(ecus, 1, &three_live);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	w.ecus[0].dead = true;
	world_run(TT_SEC(3));
	assert_int_equal(w.nlog, 0); /* nobody is asked anything */
	w.ecus[0].dead = false;
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &answer));
	world_run(TT_SEC(3));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 1);
}

static void patience_in_discovery_ends(void **state)
{
	static const struct ecu ecus[] = {RICH(0x7E0)};
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 1, 0x78}};
	struct tt_can_frame f;
	size_t waits = 0;

	(void)state;
	world_car(ecus, 1, false);
	w.ecus[0].dead = true;
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){.pending_max = 3}, w.now);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	while (w.nlog == 0 && waits < 10) {
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
		world_run(TT_SEC(4));
		waits++;
	}
	assert_int_equal(waits, 4); /* three are believed, the fourth is not */
}

static void an_ecu_that_asks_another_tester_for_patience_is_left_alone(void **state)
{
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x31, 0x78}};
	const struct tt_can_frame done = {.id = 0x7E8, .len = 8, .data = {2, 0x71, 1}};
	size_t sent;

	(void)state;
	rich_car(&three_live);
	world_run(TT_SEC(4));
	sent = w.nlog;
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	world_run(TT_MS(4900));
	assert_int_equal(w.nlog, sent);
	world_run(TT_SEC(2));
	assert_true(w.nlog > sent);
	sent = w.nlog;
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &done));
	world_run(TT_SEC(2));
	assert_true(w.nlog > sent);
	/* one that never ends is not believed for ever */
	for (unsigned i = 0; i < 40; i++) {
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
		w.now += TT_SEC(4);
	}
	sent = w.nlog;
	world_run(TT_SEC(6));
	assert_true(w.nlog > sent);
}

static void codes_are_cleared_once_and_everything_is_asked_again(void **state)
{
	size_t asked;

	(void)state;
	rich_car(&(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1000)});
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_ENOTFOUND);
	world_run(TT_SEC(50));
	assert_int_equal(world_requests("04"), 0);
	asked = world_requests("03");
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_OK);
	world_run(TT_SEC(50));
	assert_int_equal(world_requests("04"), 1);
	assert_true(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.done);
	assert_int_equal(world_requests("03"), asked + 1);
	tt_obd_scan_pause(&w.scan, w.now, true);
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_EAGAIN);
}

static void a_clearing_that_fails_is_told_and_not_repeated(void **state)
{
	static const struct {
		const char *response;
		uint8_t nrc;
	} cases[] = {{"7F 04 22", 0x22}, {"7F 04 11", 0x11}, {"", 0}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		rich_car(&(struct tt_obd_scan_config){0});
		world_set_answer(0, "04", cases[i].response);
		world_run(TT_SEC(5));
		assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_OK);
		world_run(TT_SEC(100));
		assert_int_equal(world_requests("04"), 1);
		assert_int_equal(world_count(TT_OBD_RESULT_CLEARED, 0x7E8), 1);
		assert_false(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.done);
		assert_int_equal(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.nrc, cases[i].nrc);
		assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
	}
}

static void a_silent_ecu_is_not_cleared(void **state)
{
	(void)state;
	rich_car(&(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(5));
	w.ecus[0].dead = true;
	world_run(TT_SEC(30));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_ENOTFOUND);
}

static void counts_since_the_clearing_come_with_the_odometer(void **state)
{
	(void)state;
	rich_car(&(struct tt_obd_scan_config){.odometer_period_us = TT_SEC(20)});
	world_set_answer(0, "01 00", "41 00 80 08 00 01");
	world_set_answer(0, "01 20", "41 20 80 01 80 01"); /* 21, 30, 31, 40 */
	world_set_answer(0, "01 40", "41 40 00 0C 00 00"); /* 4D, 4E */
	world_set_answer(0, "01 31 30 4E 21 4D", "41 31 01 F4 30 0C 4E 02 58 21 00 00 4D 00 00");
	world_run(TT_SEC(50));
	assert_int_equal(world_requests("01 31 30 4E 21 4D"), 3);
	assert_int_equal(values(0x31), 3);
	assert_int_equal(values(0x4D), 3);
}

/* Eight hostile ECUs: random answers, at any time. Never more than one question under way, none while paused, and it goes on. */
static void hostile_answers_never_break_the_rules(void **state)
{
	uint32_t seed = 1;

	(void)state;
#define NEXT (seed = seed * 1664525U + 1013904223U, seed >> 16)
	for (unsigned round = 0; round < 50; round++) {
		tt_mono_us now = TT_SEC(1), last = 0;
		unsigned questions = 0;
		bool paused = false;

		tt_obd_scan_init(&w.scan, &three_live, now);
		for (unsigned step = 0; step < 4000; step++) {
			struct tt_can_frame f;
			static struct tt_obd_result r;
			static const uint8_t heads[][4] = {{3, 0x7F, 1, 0x78}, {6, 0x41, 0, 0xFF},       {3, 0x7F, 1, 0x12},
							   {4, 0x43, 1, 1},    {0x10, 0x40, 0x41, 0x0C}, {0x21, 1, 2, 3},
							   {7, 0x41, 0x0C, 1}, {3, 0x7F, 3, 0x21}};

			now += TT_MS(1 + NEXT % 60);
			if (NEXT % 500 == 0) {
				paused = !paused;
				tt_obd_scan_pause(&w.scan, now, paused);
			}
			tt_obd_scan_tick(&w.scan, now);
			while (tt_obd_scan_next_tx(&w.scan, now, &f)) {
				assert_false(paused);
				assert_int_equal(f.len, 8);
				if (f.data[0] >> 4 == 3)
					continue;
				assert_true(last == 0 || now - last >= TT_MS(50));
				last = now;
				questions++;
			}
			for (unsigned i = NEXT % 4; i > 0; i--) {
				f = (struct tt_can_frame){.id = 0x7E8 + NEXT % 8, .len = 8};
				memcpy(f.data, heads[NEXT % 8], 4);
				for (unsigned b = 2; b < 8; b++) {
					if (NEXT % 4 == 0)
						f.data[b] = (uint8_t)NEXT;
				}
				(void)tt_obd_scan_feed(&w.scan, now, &f);
			}
			while (NEXT % 8 && tt_obd_scan_next(&w.scan, &r))
				assert_true(r.kind <= TT_OBD_RESULT_TOO_MANY);
		}
		assert_true(questions > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_pids_are_asked_in_one_request),
		cmocka_unit_test(an_ecu_that_refuses_several_pids_is_asked_one_by_one_and_not_told_as_refusing),
		cmocka_unit_test(an_ecu_that_answers_a_part_gets_smaller_requests),
		cmocka_unit_test(what_was_learnt_outlasts_a_pause),
		cmocka_unit_test(what_an_ecu_lost_in_a_pause_is_not_asked_any_more),
		cmocka_unit_test(an_ecu_that_does_not_come_back_is_told_and_taken_again_when_it_does),
		cmocka_unit_test(another_car_on_the_other_width_takes_the_place_of_the_first),
		cmocka_unit_test(an_ecu_that_answers_on_both_widths_is_served_once),
		cmocka_unit_test(a_drive_brings_identification_and_monitors_once),
		cmocka_unit_test(what_cannot_be_had_of_a_round_is_left_out),
		cmocka_unit_test(a_cut_or_foreign_test_flags_its_monitor),
		cmocka_unit_test(discovery_waits_for_an_ecu_that_asks_for_patience),
		cmocka_unit_test(patience_in_discovery_ends),
		cmocka_unit_test(an_ecu_that_asks_another_tester_for_patience_is_left_alone),
		cmocka_unit_test(codes_are_cleared_once_and_everything_is_asked_again),
		cmocka_unit_test(a_clearing_that_fails_is_told_and_not_repeated),
		cmocka_unit_test(a_silent_ecu_is_not_cleared),
		cmocka_unit_test(counts_since_the_clearing_come_with_the_odometer),
		cmocka_unit_test(hostile_answers_never_break_the_rules),
	};

	return cmocka_run_group_tests_name("obd drive", tests, NULL, NULL);
}
