/* One question of the scan: when it is asked, and what an answer, a refusal or something unreadable means. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Due at the same time, the first of the table goes first; what fell due later, as the second bitmap, comes later. */
static void the_question_that_is_longest_overdue_goes_first(void **state)
{
	static const struct ecu ecu = ENGINE(0x7E0);
	static const char *const order[] = {"01 00", "01 01", "03", "07", "0A", "09 02", "01 20", "01 40", "01 60", "01 80", "01 A0"};
	static const struct tt_obd_scan_config config = {.live = {0x0C}, .nlive = 1, CALM};

	(void)state;
	world_small(&ecu, &config);
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

static void nothing_that_an_ecu_may_lack_is_asked_before_its_bitmaps_are_complete(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 18 00 01"}, {"01 20", ""}, {"03", "43 01 03 01"}, {"07", "47 00"}, {"0A", "4A 00"},
		      {"01 01", "41 01 00 00 00 00"}, {"09 02", VIN_ANSWER}, {"01 0C", "41 0C 00 00"}, {"02 02 00", "42 02 00 03 01"});
	static const struct tt_obd_scan_config config = {.live = {0x0C}, .nlive = 1, CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(20));
	assert_true(world_requests("01 20") > 1);
	assert_int_equal(world_requests("01 0C") + world_requests("02 02 00"), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_PIDS, 0x7E8), 0);
	world_set_answer(0, "01 20", "41 20 00 00 00 00");
	world_run(TT_SEC(40));
	assert_true(world_requests("01 0C") > 0 && world_requests("02 02 00") > 0);
	assert_int_equal(world_find(TT_OBD_RESULT_PIDS, 0x7E8, 0)->u.pids.bits[0], 0x80180001);
}

static void a_full_queue_wakes_nobody(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 10 00 00"}, {"01 0C", "41 0C 00 00"});

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.live = {0x0C}, .nlive = 1});
	world_run(TT_SEC(3));
	w.scan.q_len = TT_OBD_SCAN_QUEUE;
	w.scan.request.active = w.scan.discovery.active = false;
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), TT_NEVER);
}

/* Whole ones, and such as end behind what they answer. */
static void answers_to_other_questions_are_passed_over(void **state)
{
	static const struct ecu ecus[] = {
		SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 05 80"}, {"09 02", "49 04 01"}, {"01 0C 0D", "41 05 80"},
		      {"03", "43 01 03 01"}, {"07", "47 00"}, {"0A", "4A 00"}, {"02 02 00", "42 02 01 03 01"}),
		SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 05"}, {"09 02", "49 04"}, {"01 0C", "41 05"}, {"03", "43 01 03 01"},
		      {"07", "47 00"}, {"0A", "4A 00"}, {"02 02 00", "42 05"}),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		world_small(&ecus[i], &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = i == 0 ? 2 : 1});
		world_run(TT_SEC(10));
		assert_in_range(w.scan.strays, 4, 20);
		assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8) + world_count(TT_OBD_RESULT_READINESS, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_PID, 0x7E8), 0);
	}
}

static void a_negative_answer_of_another_service_answers_nothing(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "7F 07 12"},
					    {"07", "47 00"}, {"0A", "49 00"}, {"09 02", VIN_ANSWER});
	static const struct tt_obd_scan_config config = {CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
	assert_int_equal(w.scan.strays, 2);
	assert_int_equal(world_requests("03"), 1);
	world_run(TT_SEC(10));
	assert_int_equal(world_requests("07"), 2);
}

static void patience_with_one_question_ends_and_is_told(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "7F 03 78"});
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x03, 0x78}};

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.pending_max = 2, .pad_byte = 0x55});
	while (world_requests("03") == 0)
		world_run(TT_MS(10));
	assert_int_equal(w.log[0].frame.data[7], 0x55);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	world_run(TT_SEC(5) + TT_MS(10));
	assert_int_equal(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 0)->u.refused.nrc, 0x78);
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

		world_small(&ecu, &config);
		world_set_answer(0, "03", cases[i].refusal);
		world_run(TT_SEC(10));
		world_set_answer(0, "03", "43 00");
		world_run(TT_SEC(70));
		world_set_answer(0, "03", cases[i].refusal);
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
	world_small(&ecu, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(2));
	assert_int_equal(tt_obd_scan_clear(&w.scan, w.now), TT_OK);
	world_run(TT_SEC(2));
	assert_false(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.done);
	assert_int_equal(world_find(TT_OBD_RESULT_CLEARED, 0x7E8, 0)->u.cleared.nrc, 0x10);
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
	world_small(&ecu, &config);
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
	world_small(&ecu, &config);
	world_run(TT_SEC(10));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 1);
	world_set_answer(0, "03", "43 00");
	world_run(TT_SEC(40));
	world_set_answer(0, "03", "43");
	world_run(TT_SEC(10));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 2);
}

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
			world_small(&ecu, &(struct tt_obd_scan_config){.monitors_after_us = TT_SEC(1)});
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_that_is_longest_overdue_goes_first),
		cmocka_unit_test(nothing_that_an_ecu_may_lack_is_asked_before_its_bitmaps_are_complete),
		cmocka_unit_test(a_full_queue_wakes_nobody),
		cmocka_unit_test(answers_to_other_questions_are_passed_over),
		cmocka_unit_test(a_negative_answer_of_another_service_answers_nothing),
		cmocka_unit_test(patience_with_one_question_ends_and_is_told),
		cmocka_unit_test(a_refusal_is_told_again_after_an_answer),
		cmocka_unit_test(a_clearing_refused_without_a_code_is_a_refusal),
		cmocka_unit_test(answers_of_one_byte_are_unreadable),
		cmocka_unit_test(bad_is_told_again_after_a_good_answer),
		cmocka_unit_test(a_monitor_of_more_tests_than_we_keep_is_cut),
	};

	return cmocka_run_group_tests_name("obd answer", tests, NULL, NULL);
}
