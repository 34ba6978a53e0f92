/* The scan's corners: long freeze frames, answers to other questions, values that are not there, ends of patience. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SMALL(...) \
	{ \
		.rx_id = 0x7E0, .answers = { __VA_ARGS__ } \
	}

static void small_car(const struct ecu *ecu, const struct tt_obd_scan_config *config)
{
	world_car(ecu, 1, false);
	tt_obd_scan_init(&w.scan, config, w.now);
}

/* Every PID up to FF in a frame, of which 64 are kept; those that are refused are left out. */
static void a_frame_of_more_items_than_we_keep_is_cut(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 01 03 01"}, {"02 02 00", "42 02 00 03 01"},
					    {"02 00 00", "42 00 00 FF FF FF FF"}, {"02 20 00", "42 20 00 FF FF FF FF"},
					    {"02 40 00", "42 40 00 FF FF FF FF"}, {"02 60 00", "42 60 00 00 00 00 01"},
					    {"02 80 00", "42 80 00 00 00 00 01"}, {"02 A0 00", "42 A0 00 00 00 00 01"},
					    {"02 C0 00", "42 C0 00 00 00 00 01"}, {"02 E0 00", "42 E0 00 00 00 00 03"});
	const struct tt_obd_result *r;

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1000), .info_after_us = TT_SEC(1000), .monitors_after_us = TT_SEC(1000)});
	for (unsigned i = 0; i < 4000 && world_count(TT_OBD_RESULT_FREEZE, 0x7E8) == 0; i++) {
		struct tt_can_frame f;

		world_run(TT_MS(20));
		/* what the table does not answer is answered here: any PID, two bytes */
		if (w.scan.request.active && w.scan.request.sent && w.scan.request.service == 2) {
			f = (struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {7, 0x42, w.scan.request.pids[0], 0, 1, 2, 3, 4}};
			(void)tt_obd_scan_feed(&w.scan, w.now, &f);
		}
	}
	r = world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0);
	assert_int_equal(r->u.freeze.n, TT_OBD_SCAN_FREEZE_ITEMS);
	assert_int_equal(r->u.freeze.items[0].pid, 0x01);
	assert_int_equal(r->u.freeze.items[1].pid, 0x03);
}

static void answers_to_other_questions_are_passed_over(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 05 80"}, {"09 02", "49 04 01"}, {"01 0C 0D", "41 05 80"},
					    {"03", "43 01 03 01"}, {"07", "47 00"}, {"0A", "4A 00"}, {"02 02 00", "42 02 01 03 01"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = 2});
	world_run(TT_SEC(10));
	assert_true(w.scan.strays >= 4);
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8) + world_count(TT_OBD_RESULT_READINESS, 0x7E8), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_PID, 0x7E8), 0);
}

static void a_pid_of_unknown_length_goes_alone_and_one_that_is_not_available_is_no_result(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 01"}, {"01 20", "41 20 00 00 00 01"}, {"01 40", "41 40 00 00 00 01"},
					    {"01 60", "41 60 01 00 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"}, {"07", "47 00"},
					    {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 68", "41 68 01 02 03"}, {"01 0D", "41 0D FF"},
					    {"01 0C", "41 0C 1A F8"}, {"01 0D 0C", "41 0D FF 0C 1A F8"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.live = {0x0C, 0x68, 0x0D}, .nlive = 3});
	world_run(TT_SEC(4));
	assert_true(world_requests("01 0C") >= 2);
	assert_true(world_requests("01 68") >= 2);
	assert_true(world_requests("01 0D") >= 2);
	for (size_t i = 0; i < w.nresults; i++)
		assert_true(w.results[i].kind != TT_OBD_RESULT_PID || w.results[i].u.pid.pid == 0x0C);
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
}

static void a_live_pid_that_is_refused_is_dropped_and_one_under_conditions_is_not(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"}, {"07", "47 00"},
					    {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 0C 0D", "7F 01 12"}, {"01 0C", "7F 01 22"},
					    {"01 0D", "7F 01 12"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = 2});
	world_run(TT_SEC(4));
	assert_int_equal(world_requests("01 0D"), 1);
	assert_true(world_requests("01 0C") >= 2);
}

static void patience_with_one_question_ends_and_is_told(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "7F 03 78"});
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x03, 0x78}};

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.pending_max = 2, .pad_byte = 0x55});
	while (world_requests("03") == 0)
		world_run(TT_MS(10));
	assert_int_equal(w.log[0].frame.data[7], 0x55);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	world_run(TT_SEC(5) + TT_MS(10));
	assert_int_equal(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 0)->u.refused.nrc, 0x78);
}

static void one_width_alone_is_asked_when_told_so(void **state)
{
	static const struct tt_obd_scan_config only[] = {{.only_11bit = true}, {.only_29bit = true}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		world_car(NULL, 0, false);
		tt_obd_scan_init(&w.scan, &only[i], w.now);
		tt_obd_scan_pause(&w.scan, w.now, false); /* it is not paused: nothing changes */
		world_run(TT_SEC(200));
		assert_true(w.nlog > 5);
		for (size_t n = 0; n < w.nlog; n++)
			assert_int_equal(w.log[n].frame.id, i == 0 ? 0x7DF : 0x18DB33F1);
		assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0), 1);
	}
}

static void what_is_no_answer_to_discovery_brings_no_ecu(void **state)
{
	static const struct tt_can_frame frames[] = {
		{.id = 0x7E8, .len = 0},
		{.id = 0x7E8, .len = 1, .data = {6}},
		{.id = 0x7E8, .len = 2, .data = {6, 0x41}},
		{.id = 0x7E8, .len = 3, .data = {6, 0x41, 0}},
		{.id = 0x7E8, .len = 8, .data = {2, 0x41, 0}},
		{.id = 0x7E8, .len = 8, .data = {8, 0x41, 0}},
		{.id = 0x7E8, .len = 8, .data = {6, 0x41, 0x20}},
		{.id = 0x7E8, .len = 8, .data = {6, 0x43, 0}},
		{.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x03, 0x11}},
		{.id = 0x7E8, .len = 8, .rtr = true},
		{.id = 0x7E8, .len = 8, .error = true},
		{.id = 0x7F0, .len = 8, .data = {6, 0x41, 0}},
		{.id = 0x18DAF210, .extended = true, .len = 8, .data = {6, 0x41, 0}},
	};
	struct tt_can_frame f;

	(void)state;
	world_car(NULL, 0, false);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		(void)tt_obd_scan_feed(&w.scan, w.now, &frames[i]);
	assert_int_equal(w.scan.necus, 0);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x01, 0x11}}));
	assert_int_equal(w.scan.necus, 1);
}

static void a_full_queue_wakes_nobody(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 10 00 00"}, {"01 0C", "41 0C 00 00"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.live = {0x0C}, .nlive = 1});
	world_run(TT_SEC(3));
	w.scan.q_len = TT_OBD_SCAN_QUEUE;
	w.scan.request.active = w.scan.discovery.active = false;
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), TT_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_of_more_items_than_we_keep_is_cut),
		cmocka_unit_test(answers_to_other_questions_are_passed_over),
		cmocka_unit_test(a_pid_of_unknown_length_goes_alone_and_one_that_is_not_available_is_no_result),
		cmocka_unit_test(a_live_pid_that_is_refused_is_dropped_and_one_under_conditions_is_not),
		cmocka_unit_test(patience_with_one_question_ends_and_is_told),
		cmocka_unit_test(one_width_alone_is_asked_when_told_so),
		cmocka_unit_test(what_is_no_answer_to_discovery_brings_no_ecu),
		cmocka_unit_test(a_full_queue_wakes_nobody),
	};

	return cmocka_run_group_tests_name("obd corners", tests, NULL, NULL);
}
