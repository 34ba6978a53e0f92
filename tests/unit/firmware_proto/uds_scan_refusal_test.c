/* The UDS tester: refusals, silences and answers that cannot be read. */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void ecu_sends(const char *bytes)
{
	assert_int_equal(tt_isotp_send(&w.car[0].link, (const uint8_t *)bytes, 3), TT_OK);
}

static void pending_answers_are_waited_for_but_not_for_ever(void **state)
{
	(void)state;
	w.config.pending_max = 3;
	world_says(0, "19 02 8F", "7F 19 78");
	world_begin(1, 0);
	world_run(TT_MS(100));
	assert_true(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.request.pendings, 1);
	world_run(TT_SEC(4));
	ecu_sends("\x7F\x19\x78");
	world_run(TT_SEC(4));
	ecu_sends("\x59\x02\xFF");
	world_run(TT_MS(20));
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 1);
	assert_int_equal(world_asked("0:19028F"), 1);
	/* and one that says it again and again is given up */
	world_run(TT_SEC(10));
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 0);
		ecu_sends("\x7F\x19\x78");
		world_run(TT_MS(100));
	}
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x78);
	assert_false(tt_uds_scan_busy(&w.scan));
}

static void silence_after_too_many_pendings_is_a_refusal(void **state)
{
	(void)state;
	w.config.pending_max = 1;
	world_says(0, "19 02 8F", "7F 19 78");
	world_begin(1, 0);
	world_run(TT_MS(4900));
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 0);
	world_run(TT_MS(300));
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x78);
}

static void a_busy_ecu_is_asked_again_three_times(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "7F 19 21|7F 19 21|59 02 FF|7F 19 21");
	world_begin(1, 0);
	world_run(TT_SEC(1));
	assert_int_equal(world_asked("0:19028F"), 3);
	assert_true(w.asked_at[1] - w.asked_at[0] >= TT_MS(200));
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 1);
	world_run(TT_SEC(11));
	assert_int_equal(world_asked("0:19028F"), 7);
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x21);
	assert_false(world_result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
}

static void a_silent_ecu_is_told_once_and_asked_less_and_less(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "22 F4 0C", "62 F4 0C 0B B8");
	world_begin(1, 1);
	world_run(TT_SEC(1));
	w.car[0].dead = true;
	world_run(TT_SEC(300));
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 1);
	w.car[0].dead = false;
	w.nasked = 0;
	world_run(TT_SEC(70));
	assert_int_equal(world_results(TT_UDS_RESULT_ECU), 2);
	assert_true(world_asked("0:22F40C") >= 1); /* all questions are asked again */
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 1);
}

/* What comes of a refused 19 02, over so many seconds. */
static void refusals_are_told_once_and_end_or_slow_the_question(void **state)
{
	static const struct {
		const char *name, *answers;
		unsigned seconds, asked;
		uint8_t nrc;
		bool unsupported;
	} cases[] = {
		{"no such service", "7F 19 11", 60, 1, 0x11, true},
		{"no such sub-function", "7F 19 12", 60, 1, 0x12, true},
		{"out of range", "7F 19 31", 60, 1, 0x31, true},
		{"one that may pass backs off: 0, 10, 30, 70 s", "7F 19 22", 69, 3, 0x22, false},
		{"reserved 00 is a refusal too, and no silence", "7F 19 00", 69, 3, 0x00, false},
		{"a reserved one, after an answer", "59 02 FF|7F 19 01", 11, 2, 0x01, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_uds_result *r;

		print_message("%s\n", cases[i].name);
		(void)world_fresh(NULL);
		world_says(0, "19 02 8F", cases[i].answers);
		world_begin(1, 0);
		world_run(TT_SEC(cases[i].seconds));
		assert_int_equal(world_asked("0:19028F"), cases[i].asked);
		assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 1);
		r = world_result(TT_UDS_RESULT_REFUSING, 0);
		assert_int_equal(r->service, 0x19);
		assert_int_equal(r->nrc, cases[i].nrc);
		assert_int_equal(r->unsupported, cases[i].unsupported);
		assert_int_equal(tt_uds_scan_wake_at(&w.scan) == TT_NEVER, cases[i].unsupported);
	}
}

static void six_pendings_of_five_seconds_are_the_default(void **state)
{
	(void)state;
	world_begin(1, 0);
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	for (unsigned i = 0; i < 6; i++) {
		assert_true(world_replies(TT_SEC(4), "7F 19 78"));
		assert_true(tt_uds_scan_busy(&w.scan));
		assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(5));
		if (i == 0)
			world_told("ecu");
	}
	world_told("");
	assert_true(world_replies(TT_SEC(4), "7F 19 78"));
	assert_false(tt_uds_scan_busy(&w.scan));
	world_told("refusing");
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(10));
}

static void a_busy_ecu_is_left_alone_for_200_ms(void **state)
{
	(void)state;
	world_begin(1, 0);
	world_asks_at(TT_SEC(100), 0, "19 02 8F");
	for (unsigned i = 0; i < 3; i++) {
		assert_true(world_replies(TT_MS(20), "7F 19 21"));
		if (i == 0)
			world_told("ecu");
		assert_true(tt_uds_scan_busy(&w.scan));
		assert_false(world_replies(0, "59 02 FF")); /* nobody has asked */
		world_asks_at(w.now + TT_MS(200), 0, "19 02 8F");
	}
	assert_true(world_replies(TT_MS(20), "7F 19 21"));
	assert_false(tt_uds_scan_busy(&w.scan));
	world_told("refusing");
}

static void an_answer_resets_the_count_of_silences(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	world_says(0, "19 02 8F", "||59 02 FF|||59 02 FF");
	world_begin(1, 0);
	world_run(TT_SEC(10));
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 0);
	assert_true(world_results(TT_UDS_RESULT_CODES) >= 2);
}

static void pauses_double_up_to_64_periods(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "19 02 8F", "7F 19 22", "ecu refusing");
	for (unsigned i = 0; i < 9; i++)
		world_talk(w.now + TT_SEC(1LL << (i < 6 ? i : 6)), 0, "19 02 8F", "7F 19 22", "");
	world_talk(w.now + TT_SEC(64), 0, "19 02 8F", "59 02 FF", "codes");
	world_talk(w.now + TT_SEC(1), 0, "19 02 8F", "7F 19 22", "refusing"); /* told again, as it had answered */
	world_talk(w.now + TT_SEC(1), 0, "19 02 8F", "7F 19 10", "refusing"); /* another refusal is told too */
}

static void what_an_ecu_lacks_is_not_asked_for_after_a_pause_either(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	world_says(0, "19 02 8F", "7F 19 11");
	world_says(0, "22 F4 0C", "7F 22 31");
	world_begin(1, 1);
	world_run(TT_SEC(1));
	assert_int_equal(w.nasked, 2);
	tt_uds_scan_pause(&w.scan, w.now, true);
	tt_uds_scan_pause(&w.scan, w.now, false);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
	world_run(TT_SEC(60));
	assert_int_equal(w.nasked, 2);
}

static void bad_answers_are_told_again_only_after_a_good_one(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	world_says(0, "19 02 8F", "59 0A FF|59 0A FF|59 02 FF|59 0A FF");
	world_begin(1, 0);
	world_run(TT_MS(100));
	assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1);
	world_run(TT_SEC(3)); /* 0, 1, 3 s */
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1);
	world_run(TT_SEC(1));
	assert_int_equal(world_results(TT_UDS_RESULT_BAD), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pending_answers_are_waited_for_but_not_for_ever, world_fresh),
		cmocka_unit_test_setup(silence_after_too_many_pendings_is_a_refusal, world_fresh),
		cmocka_unit_test_setup(a_busy_ecu_is_asked_again_three_times, world_fresh),
		cmocka_unit_test_setup(a_silent_ecu_is_told_once_and_asked_less_and_less, world_fresh),
		cmocka_unit_test(refusals_are_told_once_and_end_or_slow_the_question),
		cmocka_unit_test_setup(six_pendings_of_five_seconds_are_the_default, world_fresh),
		cmocka_unit_test_setup(a_busy_ecu_is_left_alone_for_200_ms, world_fresh),
		cmocka_unit_test_setup(an_answer_resets_the_count_of_silences, world_fresh),
		cmocka_unit_test_setup(pauses_double_up_to_64_periods, world_fresh),
		cmocka_unit_test_setup(what_an_ecu_lacks_is_not_asked_for_after_a_pause_either, world_fresh),
		cmocka_unit_test_setup(bad_answers_are_told_again_only_after_a_good_one, world_fresh),
	};

	return cmocka_run_group_tests_name("uds_scan_refusal", tests, NULL, NULL);
}
