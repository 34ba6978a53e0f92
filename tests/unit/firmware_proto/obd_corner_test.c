/* The scan's corners: long freeze frames, answers to other questions, values that are not there, ends of patience. */
#include "firmware/proto/obd_scan_parts.h"
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
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 01 03 01"}, {"02 02 00", "42 02 00 03 01"},
		      {"02 00 00", "42 00 00 FF FF FF FF"}, {"02 20 00", "42 20 00 FF FF FF FF"}, {"02 40 00", "42 40 00 FF FF FF FF"},
		      {"02 60 00", "42 60 00 00 00 00 01"}, {"02 80 00", "42 80 00 00 00 00 01"}, {"02 A0 00", "42 A0 00 00 00 00 01"},
		      {"02 C0 00", "42 C0 00 00 00 00 01"}, {"02 E0 00", "42 E0 00 00 00 00 03"});
	const struct tt_obd_result *r;

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){
				.dtc_period_us = TT_SEC(1000), .info_after_us = TT_SEC(1000), .monitors_after_us = TT_SEC(1000)});
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
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 05 80"}, {"09 02", "49 04 01"}, {"01 0C 0D", "41 05 80"},
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
					    {"01 60", "41 60 01 00 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"},
					    {"07", "47 00"}, {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 68", "41 68 01 02 03"},
					    {"01 0D", "41 0D FF"}, {"01 0C", "41 0C 1A F8"}, {"01 0D 0C", "41 0D FF 0C 1A F8"});

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
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"}, {"07", "47 00"}, {"0A", "4A 00"},
		      {"09 02", VIN_ANSWER}, {"01 0C 0D", "7F 01 12"}, {"01 0C", "7F 01 22"}, {"01 0D", "7F 01 12"});

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

static void set_answer(const char *request, const char *response)
{
	for (size_t i = 0; i < ANSWERS; i++) {
		struct answer *a = &w.ecus[0].answers[i];

		if (!a->request || strcmp(a->request, request) == 0) {
			*a = (struct answer){request, response};
			return;
		}
	}
	fail_msg("no room for an answer to %s", request);
}

#define CALM .info_after_us = TT_SEC(100000), .monitors_after_us = TT_SEC(100000), .rediscover_period_us = TT_SEC(100000)

/* Due at the same time, the first of the table goes first; what fell due later, as the second bitmap, comes later. */
static void the_question_that_is_longest_overdue_goes_first(void **state)
{
	static const struct ecu ecu = ENGINE(0x7E0);
	static const char *const order[] = {"01 00", "01 01", "03", "07", "0A", "09 02", "01 20", "01 40", "01 60", "01 80", "01 A0"};
	static const struct tt_obd_scan_config config = {.live = {0x0C}, .nlive = 1, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(3));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_int_equal(world_requests(order[i]), 1 + (i == 0)); /* 01 00 was discovery's question too */
	assert_memory_equal(w.log[1].frame.data, "\x02\x01\x00", 3);
	assert_memory_equal(w.log[2].frame.data, "\x02\x01\x01", 3);
	assert_memory_equal(w.log[3].frame.data, "\x01\x03", 2);
	assert_memory_equal(w.log[4].frame.data, "\x01\x07", 2);
	assert_memory_equal(w.log[5].frame.data, "\x01\x0A", 2);
	assert_memory_equal(w.log[6].frame.data, "\x02\x09\x02", 3);
	assert_int_equal(w.log[7].frame.data[0], 0x30); /* the VIN comes in parts */
	assert_memory_equal(w.log[8].frame.data, "\x02\x01\x20", 3);
}

static void a_long_freeze_frame_does_not_hold_up_the_live_values(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 01 81 00 00 00"}, {"03", "43 01 03 01"},
					    {"07", "47 00"}, {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 0D", "41 0D 32"},
					    {"02 02 00", "42 02 00 03 01"}, {"02 00 00", "42 00 00 1F FF FF 80"});
	static const struct tt_obd_scan_config config = {.live = {0x0D}, .nlive = 1, .live_period_us = TT_MS(100), CALM};
	struct tt_can_frame f;
	size_t asked = 0, live = 0;

	(void)state;
	small_car(&ecu, &config);
	for (unsigned i = 0; i < 4000 && asked < 20; i++) {
		world_run(TT_MS(1));
		if (w.scan.request.active && w.scan.request.sent && w.scan.request.service == 2) {
			f = (struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {7, 0x42, w.scan.request.pids[0], 0, 1, 2, 3, 4}};
			(void)tt_obd_scan_feed(&w.scan, w.now, &f);
			if (asked++ == 0)
				live = world_requests("01 0D");
		}
	}
	assert_int_equal(asked, 20);
	assert_in_range(world_requests("01 0D") - live, 9, 21);
}

static void nothing_that_an_ecu_may_lack_is_asked_before_its_bitmaps_are_complete(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 18 00 01"}, {"01 20", ""}, {"03", "43 01 03 01"}, {"07", "47 00"}, {"0A", "4A 00"},
		      {"01 01", "41 01 00 00 00 00"}, {"09 02", VIN_ANSWER}, {"01 0C", "41 0C 00 00"}, {"02 02 00", "42 02 00 03 01"});
	static const struct tt_obd_scan_config config = {.live = {0x0C}, .nlive = 1, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(20));
	assert_true(world_requests("01 20") > 1);
	assert_int_equal(world_requests("01 0C") + world_requests("02 02 00"), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_PIDS, 0x7E8), 0);
	set_answer("01 20", "41 20 00 00 00 00");
	world_run(TT_SEC(40));
	assert_true(world_requests("01 0C") > 0 && world_requests("02 02 00") > 0);
	assert_int_equal(world_find(TT_OBD_RESULT_PIDS, 0x7E8, 0)->u.pids.bits[0], 0x80180001);
}

static void too_many_pids_are_halved_at_once(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 1F F8 00 00"}, {"01 01", "7F 01 11"}, {"03", "7F 03 11"}, {"07", "7F 07 11"},
					    {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"}, {"01 04 05 06 07 08 09", "7F 01 31"},
					    {"01 04 05 06", "41 04 00 05 00 06 00"}, {"01 07 08 09", "41 07 00 08 00 09 00"});
	static const struct tt_obd_scan_config config = {.live = {4, 5, 6, 7, 8, 9}, .nlive = 6, CALM};
	tt_mono_us six = 0, three = 0;

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_MS(900));
	for (size_t i = 0; i < w.nlog; i++) {
		if (w.log[i].frame.data[0] == 7)
			six = w.log[i].at;
		else if (w.log[i].frame.data[0] == 4 && three == 0)
			three = w.log[i].at;
	}
	assert_true(six > 0);
	assert_int_equal(three - six, TT_MS(50));
	assert_int_equal(w.scan.ecus[0].most, 3);
	assert_int_equal(w.scan.ecus[0].proven, 3);
	assert_int_equal(world_requests("01 07 08 09"), 1);
}

static void two_pids_that_cannot_be_read_together_are_asked_alone(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A"}, {"01 0C", "41 0C 1A F8"}, {"01 0D", "41 0D 32"},
		      {"01 01", "7F 01 11"}, {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
	assert_int_equal(world_requests("01 0C 0D"), 1);
	assert_true(world_requests("01 0C") > 1 && world_requests("01 0D") > 1);
}

static void values_that_nobody_asked_for_are_left_out(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A F8 05 7B"},
					    {"01 0C", "41 0C 1A F8 0D 32"}, {"01 0D", "41 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_requests("01 0C 0D"), 1);
	assert_int_equal(w.scan.ecus[0].most, 1);
	assert_int_equal(world_find(TT_OBD_RESULT_PID, 0x7E8, 0)->u.pid.value.value_milli, 1726000);
	for (size_t i = 0; i < w.nresults; i++)
		assert_true(w.results[i].kind != TT_OBD_RESULT_PID || w.results[i].u.pid.pid != 0x05);
	/* of an answer to one PID only that one is taken */
	assert_int_equal(world_count(TT_OBD_RESULT_PID, 0x7E8), world_requests("01 0C") + world_requests("01 0D") + 1);
}

static void a_list_that_once_was_taken_is_not_halved_for_a_silence(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A F8 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(w.scan.ecus[0].proven, 2);
	set_answer("01 0C 0D", "");
	world_run(TT_SEC(2));
	assert_int_equal(w.scan.ecus[0].most, 6);
	assert_int_equal(world_requests("01 0C"), 0);
	/* and once silent it is taken for able to do what it did before, if not more */
	w.ecus[0].dead = true;
	w.scan.ecus[0].most = 1;
	world_run(TT_SEC(60));
	assert_true(w.scan.ecus[0].silent);
	assert_int_equal(w.scan.ecus[0].most, 2);
	w.ecus[0].dead = false;
	world_run(TT_SEC(70));
	assert_false(w.scan.ecus[0].silent);
	w.scan.ecus[0].most = 5;
	w.ecus[0].dead = true;
	world_run(TT_SEC(100));
	assert_true(w.scan.ecus[0].silent);
	assert_int_equal(w.scan.ecus[0].most, 5);
}

static void a_sweep_whose_rest_is_gone_begins_again(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C", "41 0C 1A F8"}, {"01 0D", "41 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(1));
	w.scan.ecus[0].most = 1;
	while (w.scan.ecus[0].live_at != 1)
		world_run(TT_MS(10));
	tt_obd_pidset_drop(&w.scan.ecus[0].supported, 0x0D);
	w.nlog = 0;
	world_run(TT_SEC(5));
	assert_true(world_requests("01 0C") >= 3);
	assert_int_equal(world_requests("01 0D"), 0);
}

static void a_count_that_is_refused_waits_for_the_period_of_counts(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 00 00 01"}, {"01 20", "41 20 80 00 00 00"}, {"01 21", "7F 01 22"}, {"01 01", "7F 01 11"},
		      {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.odometer_period_us = TT_SEC(20), .live_period_us = TT_SEC(3), CALM};
	tt_mono_us at[4];
	size_t n = 0;

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(50));
	for (size_t i = 0; i < w.nlog && n < 4; i++) {
		if (w.log[i].frame.data[2] == 0x21)
			at[n++] = w.log[i].at;
	}
	assert_int_equal(n, 3);
	assert_int_equal(at[2] - at[1], TT_SEC(20));
	assert_int_equal(at[1] - at[0], TT_SEC(20));
}

/* Told once until the ECU answers again; a refusal without a code is a general one. */
static void a_refusal_is_told_again_after_an_answer(void **state)
{
	static const struct {
		const char *refusal;
		uint8_t nrc;
	} cases[] = {{"7F 03 22", 0x22}, {"7F 03 01", 0x01}, {"7F 03 00", 0x10}};
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 00 00 00"}, {"01 01", "7F 01 11"}, {"03", ""}, {"07", "7F 07 11"},
					    {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.dtc_period_us = TT_SEC(1), CALM};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t told = 0;

		small_car(&ecu, &config);
		set_answer("03", cases[i].refusal);
		world_run(TT_SEC(10));
		set_answer("03", "43 00");
		world_run(TT_SEC(70));
		set_answer("03", cases[i].refusal);
		world_run(TT_SEC(10));
		for (size_t n = 0; n < w.nresults; n++) {
			if (w.results[n].kind != TT_OBD_RESULT_REFUSING || w.results[n].u.refused.service != 3)
				continue;
			assert_int_equal(w.results[n].u.refused.nrc, cases[i].nrc);
			told++;
		}
		assert_int_equal(told, 2);
	}
}

static void a_clearing_refused_without_a_code_is_a_refusal(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"04", "7F 04 00"}, {"03", "43 00"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(2));
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_OK);
	world_run(TT_SEC(2));
	assert_false(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.done);
	assert_int_equal(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.nrc, 0x10);
}

static void a_negative_answer_of_another_service_answers_nothing(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "7F 07 12"},
					    {"07", "47 00"}, {"0A", "49 00"}, {"09 02", VIN_ANSWER});
	static const struct tt_obd_scan_config config = {CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
	assert_int_equal(w.scan.strays, 2);
	assert_int_equal(world_requests("03"), 1);
	world_run(TT_SEC(10));
	assert_int_equal(world_requests("07"), 2);
}

/* Answers that end right behind their service: told as unreadable, code 0, not as refused. */
static void answers_of_one_byte_are_unreadable(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 10 00 00"}, {"01 01", "41"}, {"03", "43 01 03 01"}, {"07", "47"}, {"0A", "4A"}, {"09 02", "49"},
		      {"02 02 00", "42"}, {"01 0C", "41"}, {"09 00", "49"}, {"06 00", "46"});
	static const struct tt_obd_scan_config config = {.live = {0x0C}, .nlive = 1};
	unsigned services = 0;

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(60));
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind != TT_OBD_RESULT_BAD)
			continue;
		assert_int_equal(w.results[i].u.refused.nrc, 0);
		assert_false(w.results[i].u.refused.unsupported);
		services |= 1U << w.results[i].u.refused.service;
	}
	assert_int_equal(services, 1U << 1 | 1U << 2 | 1U << 6 | 1U << 7 | 1U << 9 | 1U << 10);
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 8);
}

static void bad_is_told_again_after_a_good_answer(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43"});
	static const struct tt_obd_scan_config config = {.dtc_period_us = TT_SEC(1), CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(10));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 1);
	set_answer("03", "43 00");
	world_run(TT_SEC(40));
	set_answer("03", "43");
	world_run(TT_SEC(10));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 2);
}

static void strays_end_or_prolong_patience_only_when_they_are_whole(void **state)
{
	static const struct tt_can_frame frames[] = {
		{.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x31, 0x12}}, {.id = 0x7E8, .len = 3, .data = {3, 0x7F, 0x31, 0x78}},
		{.id = 0x7E8, .len = 4, .data = {4, 0x7F, 0x31, 0x78}}, {.id = 0x7E8, .len = 4, .data = {3, 0x6F, 0x31, 0x78}},
		{.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x31, 0x78}}, {.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x31, 0x78}},
	};
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(4));
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		w.now += TT_MS(1);
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &frames[i]));
		assert_int_equal(w.scan.strays, i + 1);
		assert_int_equal(w.scan.ecus[0].busy, i < 4 ? 0 : i - 3);
		assert_int_equal(w.scan.ecus[0].busy_until_us, i < 4 ? 0 : w.now + TT_SEC(5));
	}
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7EB, .len = 8, .data = {3, 0x7F, 0x31, 0x78}}));
	assert_int_equal(w.scan.strays, 7); /* of an ECU nobody knows */
}

static void a_ninth_ecu_is_told_once(void **state)
{
	static struct ecu ecus[10];

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		ecus[i] = (struct ecu){.rx_id = 0x18DA10F1 + (i << 8), .answers = {{"01 00", "41 00 80 00 00 00"}}};
	world_car(ecus, 10, true);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){.rediscover_period_us = TT_SEC(20)}, w.now);
	world_run(TT_SEC(50));
	assert_int_equal(world_count(TT_OBD_RESULT_TOO_MANY, 0x18DAF118), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_TOO_MANY, 0x18DAF119), 0);
	assert_int_equal(w.scan.strays, 0);
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_TOO_MANY, 0x18DAF118), 2); /* once a drive */
}

/* ---- freeze frames ---- */

static void frames_are_read_until_one_is_not_given(void **state)
{
	static const char *const ends[] = {"42 02 02 00 00", "7F 02 12"};
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 00 00 00"}, {"03", "43 04 03 01 03 02 03 03 03 04"}, {"02 02 00", "42 02 00 03 01"},
		      {"02 00 00", "42 00 00 40 10 00 00"}, {"02 0C 00", "42 0C 00 1A F8"}, {"02 02 01", "42 02 01 03 02"},
		      {"02 00 01", "42 00 01 40 08 00 00"}, {"02 0D 01", "42 0D 01 32"}, {"02 02 02", ""});
	static const struct tt_obd_scan_config config = {CALM};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		small_car(&ecu, &config);
		set_answer("02 02 02", ends[i]);
		world_run(TT_SEC(9));
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 2);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.dtc, 0x0301);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.frame, 0);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.n, 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 1)->u.freeze.dtc, 0x0302);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 1)->u.freeze.frame, 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 1)->u.freeze.n, 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 1)->u.freeze.items[0].pid, 0x0D);
		assert_int_equal(world_requests("02 02 02"), 1);
		assert_int_equal(world_requests("02 02 03"), 0);
		assert_false(w.scan.freeze.taken);
	}
}

static void eight_frames_are_the_most(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 00 00 00"}, {"03", "43 0A 03 00 03 01 03 02 03 03 03 04 03 05 03 06 03 07 03 08 03 09"});
	static const struct tt_obd_scan_config config = {CALM};
	static const char *const codes[] = {"02 02 00", "02 02 01", "02 02 02", "02 02 03", "02 02 04", "02 02 05", "02 02 06", "02 02 07"};
	static const char *const maps[] = {"02 00 00", "02 00 01", "02 00 02", "02 00 03", "02 00 04", "02 00 05", "02 00 06", "02 00 07"};
	static const char *const given[] = {"42 02 00 03 01", "42 02 01 03 01", "42 02 02 03 01", "42 02 03 03 01",
					    "42 02 04 03 01", "42 02 05 03 01", "42 02 06 03 01", "42 02 07 03 01"};
	static const char *const empty[] = {"42 00 00 00 00 00 00", "42 00 01 00 00 00 00", "42 00 02 00 00 00 00", "42 00 03 00 00 00 00",
					    "42 00 04 00 00 00 00", "42 00 05 00 00 00 00", "42 00 06 00 00 00 00", "42 00 07 00 00 00 00"};

	(void)state;
	small_car(&ecu, &config);
	for (size_t i = 0; i < 8; i++) {
		set_answer(codes[i], given[i]);
		set_answer(maps[i], empty[i]);
	}
	world_run(TT_SEC(9));
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 8);
	assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 7)->u.freeze.frame, 7);
	assert_int_equal(world_requests("02 02 08"), 0);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, i)->u.freeze.n, 0);
}

static void a_long_value_is_kept_up_to_32_bytes_and_an_unknown_one_is_not_decoded(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 00 00 00"}, {"03", "43 01 03 01"}, {"02 02 00", "42 02 00 03 01"},
		      {"02 00 00", "42 00 00 00 08 00 01"}, {"02 20 00", "42 20 00 00 00 00 01"}, {"02 40 00", "42 40 00 00 00 00 01"},
		      {"02 60 00", "42 60 00 01 00 00 00"}, {"02 0D 00", "42 0D 00 FF"},
		      {"02 68 00",
		       "42 68 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F 20 21"});
	static const struct tt_obd_scan_config config = {CALM};
	const struct tt_obd_result *r;

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(9));
	r = world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0);
	assert_int_equal(r->u.freeze.n, 2);
	assert_int_equal(r->u.freeze.items[0].pid, 0x0D);
	assert_int_equal(r->u.freeze.items[0].len, 1);
	assert_false(r->u.freeze.items[0].decoded);
	assert_int_equal(r->u.freeze.items[0].value_milli, 0);
	assert_int_equal(r->u.freeze.items[1].pid, 0x68);
	assert_int_equal(r->u.freeze.items[1].len, 32);
	for (uint8_t i = 0; i < 32; i++)
		assert_int_equal(r->u.freeze.items[1].raw[i], i + 1);
	assert_false(r->u.freeze.items[1].decoded);
}

/* One frame of one ECU at a time: the second waits until the first was read and fetched. */
static void two_ecus_with_codes_take_turns(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), ENGINE(0x7E1)};
	struct tt_can_frame f;
	uint32_t first = 0;

	(void)state;
	world_car(ecus, 2, false);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){CALM}, w.now);
	for (unsigned i = 0; i < 5000 && !w.scan.freeze.unread; i++) {
		struct tt_obd_result r;

		w.now += TT_MS(1);
		tt_obd_scan_tick(&w.scan, w.now);
		while (tt_obd_scan_next_tx(&w.scan, w.now, &f)) {
			if (f.data[1] == 2 && f.data[0] >> 4 == 0) {
				assert_true(first == 0 || f.id == first);
				first = f.id;
			}
			for (size_t n = 0; n < 2; n++)
				world_ecu_hear(&w.ecus[n], &f);
		}
		for (size_t n = 0; n < 2; n++) {
			while (tt_isotp_next_tx(&w.ecus[n].link, w.now, &f))
				(void)tt_obd_scan_feed(&w.scan, w.now, &f);
		}
		while (!w.scan.freeze.unread && tt_obd_scan_next(&w.scan, &r))
			continue;
	}
	assert_true(w.scan.freeze.unread);
	assert_int_equal(first, 0x7E0);
	assert_false(tt_obd_scan_freeze_wanted(&w.scan, &w.scan.ecus[0]));
	assert_false(tt_obd_scan_freeze_wanted(&w.scan, &w.scan.ecus[1]));
	world_drain_results();
	assert_true(tt_obd_scan_freeze_wanted(&w.scan, &w.scan.ecus[1]));
	w.scan.freeze.taken = true;
	assert_false(tt_obd_scan_freeze_wanted(&w.scan, &w.scan.ecus[1]));
	assert_true(tt_obd_scan_freeze_wanted(&w.scan, &w.scan.ecus[0]));
	w.scan.freeze.taken = false;
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E9), 1);
}

/* ---- monitors ---- */

static void a_monitor_of_more_tests_than_we_keep_is_cut(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 00 00 00"}, {"06 00", "46 00 C0 00 00 00"});
	uint8_t msg[1 + 29 * 9] = {0x46};

	(void)state;
	for (unsigned mid = 1; mid <= 2; mid++) {
		const size_t tests = 27 + mid, len = 1 + tests * 9;
		struct tt_can_frame f = {.id = 0x7E8, .len = 8};
		size_t at;

		if (mid == 1) {
			small_car(&ecu, &(struct tt_obd_scan_config){.monitors_after_us = TT_SEC(1)});
			w.scan.config.p2_us = TT_SEC(2);
		}
		while (!w.scan.request.active || !w.scan.request.sent || w.scan.request.service != 6 || w.scan.request.pids[0] != mid)
			world_run(TT_MS(1));
		for (size_t t = 0; t < tests; t++)
			memcpy(msg + 1 + t * 9, (const uint8_t[]){(uint8_t)mid, (uint8_t)t, 0x0A, 0, 5, 0, 0, 0, 9}, 9);
		f.data[0] = (uint8_t)(0x10 | len >> 8);
		f.data[1] = (uint8_t)len;
		memcpy(f.data + 2, msg, 6);
		(void)tt_obd_scan_feed(&w.scan, w.now, &f);
		assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
		f = (struct tt_can_frame){.id = 0x7E8, .len = 8};
		at = 6;
		for (uint8_t seq = 1; at < len; at += 7, seq++) {
			f.data[0] = 0x20 | (seq & 0xF);
			memcpy(f.data + 1, msg + at, len - at < 7 ? len - at : 7);
			(void)tt_obd_scan_feed(&w.scan, w.now, &f);
		}
		world_drain_results();
		assert_int_equal(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, mid - 1)->u.monitor.n, 28);
		assert_int_equal(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, mid - 1)->u.monitor.tests[27].tid, 27);
		assert_int_equal(world_find(TT_OBD_RESULT_MONITOR, 0x7E8, mid - 1)->u.monitor.cut, mid == 2);
	}
}

/* ---- several ECUs, and what a pause forgets ---- */

static void two_cars_parts(const struct tt_obd_scan_config *config)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), ENGINE(0x7E1)};

	world_car(ecus, 2, false);
	tt_obd_scan_init(&w.scan, config, w.now);
}

static size_t asked_of(uint32_t id, uint8_t service)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nlog; i++)
		n += w.log[i].frame.id == id && w.log[i].frame.data[0] >> 4 == 0 && w.log[i].frame.data[1] == service;
	return n;
}

static void a_car_answers_while_one_of_its_ecus_does(void **state)
{
	(void)state;
	two_cars_parts(&(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), .rediscover_period_us = TT_SEC(40)});
	world_run(TT_SEC(5));
	w.ecus[0].dead = true;
	world_run(TT_SEC(100));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
	for (size_t i = 0; i < w.nlog; i++)
		assert_false(w.log[i].frame.extended);
}

static void every_ecu_is_hurried_cleared_and_paused(void **state)
{
	size_t first, second;

	(void)state;
	two_cars_parts(&(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1000), CALM});
	world_run(TT_SEC(10));
	first = asked_of(0x7E0, 3);
	second = asked_of(0x7E1, 3);
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(3));
	assert_int_equal(asked_of(0x7E0, 3), first + 1);
	assert_int_equal(asked_of(0x7E1, 3), second + 1);
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_OK);
	world_run(TT_SEC(3));
	assert_int_equal(asked_of(0x7E0, 4), 1);
	assert_int_equal(asked_of(0x7E1, 4), 1);
	tt_obd_scan_pause(&w.scan, w.now, true);
	assert_true(w.scan.ecus[0].silent && w.scan.ecus[1].silent && w.scan.ecus[0].unsure && w.scan.ecus[1].unsure);
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(9));
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E9), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 2); /* once a drive */
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E9), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E9), 1);
	/* heard in this drive, then gone: told once */
	w.ecus[0].dead = w.ecus[1].dead = true;
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(60));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
	/* gone before the pause, back after it: told as back */
	tt_obd_scan_pause(&w.scan, w.now, true);
	w.ecus[0].dead = w.ecus[1].dead = false;
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(3));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E9), 2);
	assert_true(asked_of(0x7E0, 3) > first + 3); /* and asked everything, long before the period is over */
}

static void hurry_keeps_what_was_refused(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 00 00 00"}, {"01 01", "7F 01 11"}, {"03", "43 00"}, {"07", "7F 07 22"},
					    {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.dtc_period_us = TT_SEC(1000), CALM};

	(void)state;
	small_car(&ecu, &config);
	world_run(TT_SEC(5));
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(5));
	assert_int_equal(world_requests("03"), 2);
	assert_int_equal(world_requests("07"), 1);
	assert_int_equal(world_requests("0A"), 1);
	assert_int_equal(world_requests("09 00"), 0);
}

static void an_empty_bus_is_asked_quickly_again_after_a_pause(void **state)
{
	size_t before;

	(void)state;
	world_car(NULL, 0, false);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){.p2_us = TT_MS(10)}, w.now);
	world_run(TT_SEC(100));
	assert_int_equal(w.log[1].at - w.log[0].at, TT_MS(50)); /* the gap holds where P2 is shorter */
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	before = w.nlog;
	world_run(TT_SEC(2));
	assert_int_equal(w.log[before + 2].at - w.log[before + 1].at, TT_SEC(1) + TT_MS(10));
}

/* Discovery ends when everybody who asked for patience has answered, not before. */
static void discovery_waits_for_each_ecu_by_itself(void **state)
{
	static const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {7, 0x41, 0, 0x78, 0, 0, 0, 0}};
	static const struct tt_can_frame second = {.id = 0x7E9, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
	static const struct tt_can_frame pending = {.id = 0x7E9, .len = 8, .data = {3, 0x7F, 1, 0x78}};
	tt_mono_us began;
	struct tt_can_frame f;

	(void)state;
	world_car(NULL, 0, false);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	began = w.now;
	assert_true(tt_obd_scan_feed(&w.scan, began, &first));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + TT_MS(100)); /* 78 is a bitmap here */
	assert_true(tt_obd_scan_feed(&w.scan, began + 1, &pending));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + 1 + TT_SEC(5));
	assert_true(tt_obd_scan_feed(&w.scan, began + 2, &first));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + 1 + TT_SEC(5));
	assert_true(tt_obd_scan_feed(&w.scan, began + 3, &second));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + TT_MS(100));
	assert_int_equal(w.scan.necus, 2);
	assert_int_equal(w.scan.strays, 0);
	assert_false(tt_obd_scan_feed(&w.scan, began, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .rtr = true}));
	assert_false(tt_obd_scan_feed(&w.scan, began, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .error = true}));
}

static void patience_for_strays_is_granted_as_often_as_configured(void **state)
{
	static const struct tt_can_frame pending = {.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x31, 0x78}};
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"});

	(void)state;
	small_car(&ecu, &(struct tt_obd_scan_config){.pending_max = 2, .live = {1}, .nlive = TT_OBD_SCAN_LIVE});
	world_run(TT_MS(150));
	w.scan.request.active = false;
	for (unsigned i = 0; i < 3; i++)
		assert_true(tt_obd_scan_feed(&w.scan, w.now + i, &pending));
	assert_int_equal(w.scan.ecus[0].busy, 2);
	assert_int_equal(w.scan.ecus[0].busy_until_us, w.now + 1 + TT_SEC(5));
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
		cmocka_unit_test(a_car_answers_while_one_of_its_ecus_does),
		cmocka_unit_test(every_ecu_is_hurried_cleared_and_paused),
		cmocka_unit_test(hurry_keeps_what_was_refused),
		cmocka_unit_test(an_empty_bus_is_asked_quickly_again_after_a_pause),
		cmocka_unit_test(discovery_waits_for_each_ecu_by_itself),
		cmocka_unit_test(patience_for_strays_is_granted_as_often_as_configured),
		cmocka_unit_test(the_question_that_is_longest_overdue_goes_first),
		cmocka_unit_test(a_long_freeze_frame_does_not_hold_up_the_live_values),
		cmocka_unit_test(nothing_that_an_ecu_may_lack_is_asked_before_its_bitmaps_are_complete),
		cmocka_unit_test(too_many_pids_are_halved_at_once),
		cmocka_unit_test(two_pids_that_cannot_be_read_together_are_asked_alone),
		cmocka_unit_test(values_that_nobody_asked_for_are_left_out),
		cmocka_unit_test(a_list_that_once_was_taken_is_not_halved_for_a_silence),
		cmocka_unit_test(a_sweep_whose_rest_is_gone_begins_again),
		cmocka_unit_test(a_count_that_is_refused_waits_for_the_period_of_counts),
		cmocka_unit_test(a_refusal_is_told_again_after_an_answer),
		cmocka_unit_test(a_clearing_refused_without_a_code_is_a_refusal),
		cmocka_unit_test(a_negative_answer_of_another_service_answers_nothing),
		cmocka_unit_test(answers_of_one_byte_are_unreadable),
		cmocka_unit_test(bad_is_told_again_after_a_good_answer),
		cmocka_unit_test(strays_end_or_prolong_patience_only_when_they_are_whole),
		cmocka_unit_test(a_ninth_ecu_is_told_once),
		cmocka_unit_test(frames_are_read_until_one_is_not_given),
		cmocka_unit_test(eight_frames_are_the_most),
		cmocka_unit_test(a_long_value_is_kept_up_to_32_bytes_and_an_unknown_one_is_not_decoded),
		cmocka_unit_test(two_ecus_with_codes_take_turns),
		cmocka_unit_test(a_monitor_of_more_tests_than_we_keep_is_cut),
	};

	return cmocka_run_group_tests_name("obd corners", tests, NULL, NULL);
}
