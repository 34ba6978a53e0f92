/* The UDS tester: sessions. */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_session_is_opened_kept_and_closed(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(4)};
	world_says(0, "10 03", "50 03 00 32 01 F4");
	world_says(0, "10 01", "50 01 00 32 01 F4");
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "22 F4 0C", "62 F4 0C 0B B8|62 F4 0C 0B B8|62 F4 0C 0B B8|7F 22 31");
	world_begin(1, 1);
	world_run(TT_SEC(9));
	assert_string_equal(w.asked[0], "0:1003");
	assert_int_equal(world_asked("0:1003"), 1);
	assert_int_equal(world_asked("0:3E80"), 2); /* between two readings */
	assert_int_equal(world_asked("0:1001"), 0);
	world_run(TT_SEC(30)); /* the identifier is gone: codes every 10 s do not keep a session */
	assert_true(world_asked("0:1001") >= 2);
	assert_true(world_asked("0:1003") >= 2);
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 0);
}

static void without_a_session_in_the_profile_none_is_asked_for(void **state)
{
	(void)state;
	world_says(0, "19 02 8F", "59 02 FF");
	world_begin(1, 0);
	world_run(TT_SEC(60));
	for (size_t i = 0; i < w.nasked; i++)
		assert_string_equal(w.asked[i], "0:19028F");
}

static void a_refused_session_leaves_the_default_one(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	world_says(0, "10 03", "7F 10 22|50 02");
	world_says(0, "19 02 8F", "59 02 FF");
	world_begin(1, 0);
	world_run(TT_SEC(55));
	assert_int_equal(world_asked("0:1003"), 1);
	assert_int_equal(world_asked("0:19028F"), 6);
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 1);
	world_run(TT_SEC(20)); /* asked again a minute later; another session than that is no answer */
	assert_int_equal(world_asked("0:1003"), 2);
	assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1);
	assert_false(w.scan.ecus[0].open);
}

static void the_third_silence_in_a_row_is_told_and_ends_the_session(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(1)};
	world_begin(1, 1);
	world_talk(TT_SEC(100), 0, "10 03", "50 03 00 32 01 F4", "ecu");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "19 02 8F", "7F 19 11", "refusing");
	world_talk(TT_SEC(100) + TT_MS(100), 0, "22 F4 0C", "", "");
	world_talk(TT_SEC(101) + TT_MS(250), 0, "22 F4 0C", "", "");
	assert_true(w.scan.ecus[0].open);
	world_asks_at(TT_SEC(103) + TT_MS(250), 0, "3E 80"); /* 2 s after the last question, 150 ms before the next */
	world_talk(TT_SEC(103) + TT_MS(400), 0, "22 F4 0C", "", "silent");
	assert_false(w.scan.ecus[0].open);
	/* Its codes are asked for all the same: the question that finds it again. Not in a session, which it would not answer either. */
	world_talk(TT_SEC(103) + TT_MS(550), 0, "19 02 8F", "", "");
	world_talk(TT_SEC(123) + TT_MS(700), 0, "19 02 8F", "", ""); /* the refusal had doubled the pause once */
	world_talk(TT_SEC(163) + TT_MS(850), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_asks_at(TT_SEC(163) + TT_MS(900), 0, "10 03"); /* for the identifier that is long due */
}

static void a_session_is_kept_for_what_comes_within_five_seconds(void **state)
{
	static const struct {
		int64_t period_us;
		bool kept, closed;
	} cases[] = {{TT_SEC(2), false, false}, {TT_SEC(2) + 1, true, false}, {TT_SEC(5) - 1, true, false}, {TT_SEC(5), false, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_mono_us asked;

		(void)world_fresh(NULL);
		w.config.min_gap_us = 1;
		w.ecus[0].session = 3;
		w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1, .period_us = cases[i].period_us};
		world_begin(1, 1);
		world_talk(TT_SEC(100), 0, "10 03", "50 03", "ecu");
		world_talk(w.now + 1, 0, "19 02 8F", "59 02 FF", "codes");
		world_asks_at(w.now + 1, 0, "22 F4 0C");
		asked = w.now;
		assert_true(world_replies(0, "62 F4 0C 01"));
		world_told("data");
		if (cases[i].closed) {
			world_talk(w.now + 1, 0, "10 01", "50 01", "");
			assert_false(w.scan.ecus[0].open);
			world_asks_at(asked + cases[i].period_us, 0, "10 03");
			continue;
		}
		if (cases[i].kept) {
			world_asks_at(asked + TT_SEC(2), 0, "3E 80");
			assert_false(tt_uds_scan_busy(&w.scan)); /* no answer is wanted */
		}
		if (cases[i].period_us > TT_SEC(4))
			world_asks_at(asked + TT_SEC(4), 0, "3E 80");
		world_asks_at(asked + cases[i].period_us, 0, "22 F4 0C");
		assert_true(w.scan.ecus[0].open);
	}
}

static void a_refused_session_is_asked_for_again_a_minute_later(void **state)
{
	static const char *const refusals[] = {"7F 10 22", "50 02", "50"};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		(void)world_fresh(NULL);
		w.ecus[0].session = 0x60;
		w.config.codes_period_us = TT_SEC(20);
		world_begin(1, 0);
		world_talk(TT_SEC(100), 0, "10 60", refusals[i], i == 0 ? "ecu refusing" : "ecu bad");
		world_asks_at(TT_SEC(100) + TT_MS(50), 0, "19 02 8F");
		assert_true(world_replies(-TT_MS(50), "59 02 FF"));
		world_told("codes");
		for (unsigned k = 1; k < 3; k++)
			world_talk(TT_SEC(100) + k * TT_SEC(20), 0, "19 02 8F", "59 02 FF", "codes");
		world_asks_at(TT_SEC(160), 0, "10 60");
	}
}

static void what_an_ecu_lacks_opens_no_session(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "10 03", "7F 10 12", "ecu refusing");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "19 02 8F", "7F 19 11", "refusing");
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
}

static void asked_in_a_session(const char *opened)
{
	(void)world_fresh(NULL);
	w.ecus[0].session = 3;
	w.config.pending_max = 2;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "10 03", opened, "ecu");
	world_asks_at(TT_SEC(100) + TT_MS(50), 0, "19 02 8F");
}

/* ISO 14229-1, DiagnosticSessionControl. P2 is what a silence lasts, P2* what one lasts after "pending". */
static void the_ecu_s_own_times_hold_in_its_session(void **state)
{
	static const struct {
		const char *name, *opened;
		int64_t p2_us, p2_star_us;
	} cases[] = {
		{"as it says, and 100 ms for the way", "50 03 01 F4 02 BC", TT_MS(600), TT_MS(7100)},
		{"just above what is configured", "50 03 00 33 01 EB", TT_MS(151), TT_MS(5010)},
		{"never less than what is configured", "50 03 00 19 00 01", TT_MS(150), TT_SEC(5)},
		{"never more than 2 s and 10 s", "50 03 FF FF FF FF", TT_SEC(2), TT_SEC(10)},
		{"an ECU that does not say", "50 03", TT_MS(150), TT_SEC(5)},
		{"an ECU that says half of it", "50 03 01 F4 02", TT_MS(150), TT_SEC(5)},
		{"nothing is nothing", "50 03 00 00 00 00", TT_MS(150), TT_SEC(5)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		asked_in_a_session(cases[i].opened);
		world_is_silent_for(cases[i].p2_us);
		asked_in_a_session(cases[i].opened);
		assert_true(world_replies(TT_MS(10), "7F 19 78"));
		world_is_silent_for(cases[i].p2_star_us);
		world_told("");
	}
}

static void a_small_p2_in_the_configuration_is_not_lengthened_by_an_ecu_that_says_nothing(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.config.p2_us = TT_MS(33);
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "10 03", "50 03", "ecu");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "19 02 8F", "", "");
}

static void outside_its_session_the_configured_times_hold_again(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.config.pending_max = 2;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "10 03", "50 03 01 F4 02 BC", "ecu");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "19 02 8F", "59 02 FF", "codes");
	world_talk(TT_SEC(100) + TT_MS(100), 0, "10 01", "50 01 01 F4 02 BC", "");
	world_talk(TT_SEC(110) + TT_MS(50), 0, "10 03", "7F 10 22", "refusing");
	world_asks_at(TT_SEC(110) + TT_MS(100), 0, "19 02 8F");
	assert_true(world_replies(TT_MS(10), "7F 19 78"));
	world_is_silent_for(TT_SEC(5));
	world_told("");
	world_asks_at(w.now + TT_SEC(10), 0, "19 02 8F");
	world_is_silent_for(TT_MS(150));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_session_is_opened_kept_and_closed, world_fresh),
		cmocka_unit_test_setup(without_a_session_in_the_profile_none_is_asked_for, world_fresh),
		cmocka_unit_test_setup(a_refused_session_leaves_the_default_one, world_fresh),
		cmocka_unit_test_setup(the_third_silence_in_a_row_is_told_and_ends_the_session, world_fresh),
		cmocka_unit_test_setup(a_session_is_kept_for_what_comes_within_five_seconds, world_fresh),
		cmocka_unit_test_setup(a_refused_session_is_asked_for_again_a_minute_later, world_fresh),
		cmocka_unit_test_setup(what_an_ecu_lacks_opens_no_session, world_fresh),
		cmocka_unit_test(the_ecu_s_own_times_hold_in_its_session),
		cmocka_unit_test_setup(a_small_p2_in_the_configuration_is_not_lengthened_by_an_ecu_that_says_nothing, world_fresh),
		cmocka_unit_test_setup(outside_its_session_the_configured_times_hold_again, world_fresh),
	};

	return cmocka_run_group_tests_name("uds_scan_session", tests, NULL, NULL);
}
