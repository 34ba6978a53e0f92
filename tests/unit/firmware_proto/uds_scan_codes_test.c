/* The UDS tester: trouble codes and the details of each. */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void codes_are_asked_for_in_turn_and_every_period(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF 12 34 56 24");
	world_says(1, "19 02 8F", "59 02 FF");
	world_begin(2, 0);
	world_run(TT_SEC(25));
	assert_int_equal(world_asked("0:19028F"), 3);
	assert_int_equal(world_asked("1:19028F"), 3);
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 6);
	assert_int_equal(world_results(TT_UDS_RESULT_ECU), 2);
	assert_int_equal(w.nresults, 8);
	assert_int_equal(w.nasked, 6); /* 123456 is not confirmed: no details */
	assert_true(w.asked_at[1] - w.asked_at[0] >= TT_MS(50));
	assert_int_equal(w.asked_at[2] - w.asked_at[0], TT_SEC(10));
	assert_int_equal(world_result(TT_UDS_RESULT_CODES, 0)->len, 7);
}

static void a_code_that_is_newly_confirmed_brings_its_details_once(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF 12 34 56 2F|59 02 FF 12 34 56 2F|59 02 FF|59 02 FF 12 34 56 08");
	world_says(0, "19 04 12 34 56 FF", "59 04 12 34 56 2F 01 01 F4 0D 3E");
	world_says(0, "19 06 12 34 56 FF", "59 06 12 34 56 2F 01 05");
	world_begin(1, 0);
	world_run(TT_SEC(15));
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 2);
	assert_int_equal(world_results(TT_UDS_RESULT_SNAPSHOTS), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 1);
	assert_int_equal(world_result(TT_UDS_RESULT_SNAPSHOTS, 0)->code, 0x123456);
	assert_int_equal(world_result(TT_UDS_RESULT_SNAPSHOTS, 0)->len, 11);
	assert_memory_equal(world_bytes(world_result(TT_UDS_RESULT_EXTENDED, 0)), "\x59\x06\x12\x34\x56\x2F\x01\x05", 8);
	world_run(TT_SEC(20)); /* gone, and back */
	assert_int_equal(world_results(TT_UDS_RESULT_SNAPSHOTS), 2);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 2);
}

static void details_that_are_refused_or_missing_still_end(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF 12 34 56 08 12 34 57 08 12 34 58 08");
	world_says(0, "19 04 12 34 56 FF", "7F 19 12");
	world_says(0, "19 06 12 34 56 FF", "59 06 12 34 57 08"); /* another code's */
	world_says(0, "19 04 12 34 57 FF", "59 04 12 34 57 08 01 01 F4");
	world_says(0, "19 06 12 34 57 FF", "7F 19 31");
	world_begin(1, 0);
	world_run(TT_SEC(5));
	assert_int_equal(world_results(TT_UDS_RESULT_SNAPSHOTS), 3);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_null(world_result(TT_UDS_RESULT_SNAPSHOTS, i)->msg);
		assert_null(world_result(TT_UDS_RESULT_EXTENDED, i)->msg);
		assert_int_equal(world_result(TT_UDS_RESULT_SNAPSHOTS, i)->len, 0);
		assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, i)->len, 0);
		assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, i)->code, 0x123456 + i);
	}
	assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1); /* told once */
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 2);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x12);
	assert_true(world_result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
	world_run(TT_SEC(20));
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 3);
}

static void extended_data_follow_the_snapshots_after_the_gap(void **state)
{
	struct tt_can_frame f;

	(void)state;
	world_begin(2, 0);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_talk(TT_SEC(100) + TT_MS(50), 1, "19 02 8F", "", "");
	world_asks_at(TT_SEC(110), 0, "19 02 8F");
	assert_true(
		tt_uds_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {0x07, 0x59, 2, 0xFF, 0, 0, 1, 8}}));
	world_told("codes");
	world_asks_at(TT_SEC(110) + TT_MS(50), 0, "19 04 00 00 01 FF");
	assert_true(world_replies(TT_MS(10), "59 04 00 00 01 08"));
	world_told("snapshots");
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, TT_SEC(110) + TT_MS(100), false, &f));
	world_asks_at(TT_SEC(110) + TT_MS(100), 0, "19 06 00 00 01 FF");
	assert_true(world_replies(TT_MS(120), "59 06 00 00 01 08"));
	world_told("extended");
	world_asks_at(w.now, 1, "19 02 8F");
}

static void a_code_that_is_only_pending_again_is_new_when_it_is_confirmed(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF 12 34 57 08 12 34 56 08|59 02 FF 12 34 57 08 12 34 56 04|59 02 FF 12 34 57 08 12 34 56 08");
	w.car[0].refuses = true;
	world_begin(1, 0);
	world_run(TT_SEC(25));
	assert_int_equal(world_asked("0:1904123456FF"), 2);
	assert_int_equal(world_asked("0:1904123457FF"), 1);
}

static void codes_beyond_the_list_have_no_details(void **state)
{
	static char many[4 * 3 * (TT_UDS_CONFIRMED_CODES + 1) + 16], twice[2 * sizeof(many)];
	int n = snprintf(many, sizeof(many), "59 02 FF");

	(void)state;
	for (unsigned i = 0; i <= TT_UDS_CONFIRMED_CODES; i++)
		n += snprintf(many + n, sizeof(many) - (size_t)n, " 01 00 %02X 08", i);
	(void)snprintf(twice, sizeof(twice), "%s|59 02 FF 01 00 40 08", many);
	w.config.codes_period_us = TT_SEC(60);
	w.car[0].refuses = true;
	world_says(0, "19 02 8F", twice);
	world_begin(1, 0);
	world_run(TT_SEC(30));
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), TT_UDS_CONFIRMED_CODES);
	assert_int_equal(world_asked("0:190401003FFF"), 1);
	assert_int_equal(world_asked("0:1904010040FF"), 0);
	world_run(TT_SEC(60)); /* the others are gone: there is room */
	assert_int_equal(world_asked("0:1904010040FF"), 1);
}

static void details_asked_for_while_codes_change_stay_with_their_codes(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_MS(90); /* codes are due again before the details are through */
	w.config.min_gap_us = TT_MS(50);
	world_says(0, "19 02 8F", "59 02 FF 00 00 01 08 00 00 02 08|59 02 FF 00 00 02 08 00 00 03 08");
	w.car[0].refuses = true;
	world_begin(1, 0);
	world_run(TT_SEC(2));
	assert_int_equal(world_asked("0:1904000001FF"), 1);
	assert_int_equal(world_asked("0:1904000002FF"), 1);
	assert_int_equal(world_asked("0:1904000003FF"), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 3);
	assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, 0)->code, 1);
	assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, 2)->code, 3);
}

/* Three silences in the middle of the details; when the ECU is back, one of the codes that were told and one that was not are gone. */
static void details_cut_off_by_silence_go_on_with_the_codes_that_are_still_there(void **state)
{
	static const char *const five = "59 02 FF 00 00 01 08 00 00 02 08 00 00 03 08 00 00 04 08 00 00 05 08",
				 *const three = "59 02 FF 00 00 01 08 00 00 03 08 00 00 05 08";

	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	w.car[0].refuses = true;
	world_says(0, "19 02 8F", five);
	world_says(0, "19 04 00 00 01 FF", "");
	world_says(0, "19 06 00 00 01 FF", "");
	world_says(0, "19 04 00 00 02 FF", "");
	world_says(0, "19 06 00 00 02 FF", "");
	world_begin(1, 0);
	world_run(TT_SEC(1));
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 2);
	world_says(0, "19 02 8F", three);
	world_run(TT_SEC(5));
	assert_int_equal(world_results(TT_UDS_RESULT_ECU), 2);
	assert_int_equal(world_asked("0:1904000001FF"), 1);
	assert_int_equal(world_asked("0:1904000002FF"), 1);
	assert_int_equal(world_asked("0:1904000003FF"), 1);
	assert_int_equal(world_asked("0:1904000004FF"), 0);
	assert_int_equal(world_asked("0:1904000005FF"), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_EXTENDED), 4);
	assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, 2)->code, 3);
	assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, 3)->code, 5);
}

static void a_record_answer_that_is_cut_short_is_bad(void **state)
{
	static const char *const cases[] = {"59 04 12", "59 06 12 34 56 08", "59 04 12 34 57 08"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)world_fresh(NULL);
		world_says(0, "19 02 8F", "59 02 FF 12 34 56 08");
		world_says(0, "19 04 12 34 56 FF", cases[i]);
		world_says(0, "19 06 12 34 56 FF", "59 06 12 34 56 08 01 05");
		world_begin(1, 0);
		world_run(TT_SEC(1));
		assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1);
		assert_int_equal(world_result(TT_UDS_RESULT_BAD, 0)->service, 0x19);
		assert_null(world_result(TT_UDS_RESULT_SNAPSHOTS, 0)->msg);
		assert_int_equal(world_result(TT_UDS_RESULT_EXTENDED, 0)->len, 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(codes_are_asked_for_in_turn_and_every_period, world_fresh),
		cmocka_unit_test_setup(a_code_that_is_newly_confirmed_brings_its_details_once, world_fresh),
		cmocka_unit_test_setup(details_that_are_refused_or_missing_still_end, world_fresh),
		cmocka_unit_test_setup(extended_data_follow_the_snapshots_after_the_gap, world_fresh),
		cmocka_unit_test_setup(a_code_that_is_only_pending_again_is_new_when_it_is_confirmed, world_fresh),
		cmocka_unit_test_setup(codes_beyond_the_list_have_no_details, world_fresh),
		cmocka_unit_test_setup(details_asked_for_while_codes_change_stay_with_their_codes, world_fresh),
		cmocka_unit_test_setup(details_cut_off_by_silence_go_on_with_the_codes_that_are_still_there, world_fresh),
		cmocka_unit_test_setup(a_record_answer_that_is_cut_short_is_bad, world_fresh),
	};

	return cmocka_run_group_tests_name("uds_scan_codes", tests, NULL, NULL);
}
