/* The UDS tester: what goes out when, and which frames are taken. */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void paused_it_sends_nothing_and_starts_over_after(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF");
	world_begin(1, 0);
	world_run(TT_SEC(1));
	tt_uds_scan_pause(&w.scan, w.now, true);
	tt_uds_scan_pause(&w.scan, w.now, true);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
	world_run(TT_SEC(60));
	assert_int_equal(w.nasked, 1);
	tt_uds_scan_pause(&w.scan, w.now, false);
	world_run(TT_MS(100));
	assert_int_equal(w.nasked, 2);
}

static void it_begins_nothing_while_it_may_not(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF");
	world_begin(1, 0);
	w.may_begin = false;
	world_run(TT_SEC(5));
	assert_int_equal(w.nasked, 0);
	w.may_begin = true;
	world_run(TT_MS(20));
	assert_int_equal(w.nasked, 1);
}

static void frames_that_answer_nothing_of_ours_are_left_alone(void **state)
{
	const struct tt_can_frame stray = {.id = 0x7E8, .len = 8, .data = {3, 0x59, 2, 0xFF}};
	struct tt_can_frame other = {.id = 0x7E9, .len = 8, .data = {3, 0x59, 2, 0xFF}};

	(void)state;
	world_begin(1, 0);
	assert_false(tt_uds_scan_feed(&w.scan, w.now, &stray));
	world_run(TT_MS(20)); /* asked, not answered */
	assert_false(tt_uds_scan_feed(&w.scan, w.now, &other));
	other = stray;
	other.data[1] = 0x62; /* another service's answer */
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &other));
	other.data[1] = 0x7F;
	other.data[2] = 0x22;
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &other));
	world_collect();
	assert_int_equal(w.nresults, 0);
	assert_true(tt_uds_scan_busy(&w.scan));
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &stray));
	world_collect();
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 1);
}

static void an_answer_that_breaks_off_is_a_silence(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x20, 0x59, 2, 0xFF}};

	(void)state;
	world_begin(1, 0);
	world_run(TT_MS(20));
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &first));
	world_run(TT_MS(800)); /* beyond P2: the first frame came in time */
	assert_true(tt_uds_scan_busy(&w.scan));
	world_run(TT_MS(400));
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.ecus[0].silences, 1);
}

static void the_gap_and_the_period_are_exact(void **state)
{
	(void)state;
	world_begin(2, 0);
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	assert_true(world_replies(1000, "59 02 FF"));
	world_told("ecu codes");
	world_talk(TT_SEC(100) + TT_MS(50), 1, "19 02 8F", "", "");
	world_talk(TT_SEC(110) + 1000, 0, "19 02 8F", "59 02 FF", "codes");
	world_asks_at(TT_SEC(110) + TT_MS(200), 1, "19 02 8F"); /* its silence was noticed then */
}

static void settings_take_the_place_of_the_defaults(void **state)
{
	(void)state;
	w.config = (struct tt_uds_scan_config){.mask = 0x09,
					       .min_gap_us = TT_MS(7),
					       .p2_us = TT_MS(33),
					       .p2_star_us = TT_MS(444),
					       .codes_period_us = TT_SEC(3),
					       .did_period_us = TT_SEC(2),
					       .pending_max = 1};
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	world_begin(1, 1);
	world_talk(TT_SEC(100), 0, "19 02 09", "", "");
	world_talk(TT_SEC(100) + TT_MS(33), 0, "22 F4 0C", "7F 22 78", "ecu");
	world_is_silent_for(TT_MS(444));
	world_told("refusing");
	world_talk(TT_SEC(102) + TT_MS(477), 0, "22 F4 0C", "62 F4 0C 01 02", "data");
	world_talk(TT_SEC(103) + TT_MS(33), 0, "19 02 09", "59 02 FF", "codes");
	world_asks_at(TT_SEC(104) + TT_MS(477), 0, "22 F4 0C");
}

static void a_result_that_is_not_taken_holds_the_next_request(void **state)
{
	struct tt_can_frame f;
	struct tt_uds_result r;

	(void)state;
	world_begin(2, 0);
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	assert_true(world_replies(0, "59 02 FF"));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	assert_true(tt_uds_scan_next(&w.scan, &r));
	assert_int_equal(r.kind, TT_UDS_RESULT_ECU);
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	world_told("codes");
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
}

static void a_pause_forgets_the_question_and_ends_the_gap(void **state)
{
	struct tt_can_frame f;

	(void)state;
	w.ecus[0].session = 3;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "10 03", "50 03", "ecu");
	world_asks_at(TT_SEC(100) + TT_MS(50), 0, "19 02 8F");
	tt_uds_scan_pause(&w.scan, w.now, true);
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	assert_false(world_replies(0, "59 02 FF"));
	w.now += TT_MS(10);
	tt_uds_scan_pause(&w.scan, w.now, false);
	world_asks_at(w.now, 0, "10 03"); /* it may have left the session */
}

static void an_answer_begun_anew_ends_the_question(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x20, 0x59, 2, 0xFF}};

	(void)state;
	world_begin(1, 0);
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &first));
	assert_true(world_replies(0, "59 02 FF")); /* which of the two is meant nobody knows */
	world_told("");
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.ecus[0].silences, 1);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(10));
}

static void flow_control_of_a_long_answer_goes_out_at_once(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x0B, 0x59, 2, 0xFF, 0, 0, 1}},
				  next = {.id = 0x7E8, .len = 8, .data = {0x21, 0x24, 0, 0, 2, 0x24}};
	struct tt_can_frame f;

	(void)state;
	w.config.bus = 3;
	w.config.pad_byte = 0xAA;
	world_begin(1, 0);
	w.scan.link.config.bus = 3;
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	f = first;
	f.bus = 3;
	assert_true(tt_uds_scan_feed(&w.scan, w.now + TT_MS(149), &f));
	w.now += TT_MS(149);
	assert_true(tt_uds_scan_wake_at(&w.scan) <= w.now);
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now, false, &f));
	assert_int_equal(f.id, 0x7E0);
	assert_int_equal(f.bus, 3);
	assert_memory_equal(f.data, "\x30\x00\x00\xAA\xAA\xAA\xAA\xAA", 8);
	/* P2 is over soon, which does not matter any more; the link waits a second. */
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_MS(1));
	tt_uds_scan_tick(&w.scan, w.now + TT_MS(1));
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(1));
	f = next;
	f.bus = 3;
	assert_true(tt_uds_scan_feed(&w.scan, w.now + TT_MS(999), &f));
	w.now += TT_MS(999);
	world_told("ecu codes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(paused_it_sends_nothing_and_starts_over_after, world_fresh),
		cmocka_unit_test_setup(it_begins_nothing_while_it_may_not, world_fresh),
		cmocka_unit_test_setup(frames_that_answer_nothing_of_ours_are_left_alone, world_fresh),
		cmocka_unit_test_setup(an_answer_that_breaks_off_is_a_silence, world_fresh),
		cmocka_unit_test_setup(the_gap_and_the_period_are_exact, world_fresh),
		cmocka_unit_test_setup(settings_take_the_place_of_the_defaults, world_fresh),
		cmocka_unit_test_setup(a_result_that_is_not_taken_holds_the_next_request, world_fresh),
		cmocka_unit_test_setup(a_pause_forgets_the_question_and_ends_the_gap, world_fresh),
		cmocka_unit_test_setup(an_answer_begun_anew_ends_the_question, world_fresh),
		cmocka_unit_test_setup(flow_control_of_a_long_answer_goes_out_at_once, world_fresh),
	};

	return cmocka_run_group_tests_name("uds_scan_link", tests, NULL, NULL);
}
