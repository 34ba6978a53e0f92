/* The UDS tester: which codes an ECU has at all (19 0A), and its fault detection counters (19 14). */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int asked_for_both(void **state)
{
	(void)world_fresh(state);
	w.ecus[0].supported = w.ecus[0].counters = true;
	return 0;
}

static void neither_is_asked_for_without_leave(void **state)
{
	(void)state;
	w.car[0].refuses = w.car[1].refuses = w.car[2].refuses = true;
	for (unsigned i = 0; i < 3; i++)
		world_says(i, "19 02 8F", "59 02 FF");
	w.ecus[1].supported = true;
	w.ecus[2].counters = true;
	world_begin(3, 0);
	world_run(TT_SEC(5));
	assert_int_equal(world_asked("0:190A") + world_asked("0:1914"), 0);
	assert_int_equal(world_asked("1:190A"), 1);
	assert_int_equal(world_asked("1:1914"), 0);
	assert_int_equal(world_asked("2:190A"), 0);
	assert_int_equal(world_asked("2:1914"), 1);
}

static void supported_codes_are_asked_for_once_and_counters_every_round(void **state)
{
	(void)state;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "19 0A", "59 0A FF 12 34 56 00", "supported");
	world_talk(TT_SEC(100) + TT_MS(100), 0, "19 14", "59 14 12 34 56 40", "counters");
	world_talk(TT_SEC(110), 0, "19 02 8F", "59 02 FF", "codes");
	world_talk(TT_SEC(110) + TT_MS(100), 0, "19 14", "59 14", "counters");
	tt_uds_scan_pause(&w.scan, w.now, true);
	tt_uds_scan_pause(&w.scan, w.now, false);
	world_talk(w.now, 0, "19 02 8F", "59 02 FF", "codes");
	world_talk(w.now + TT_MS(50), 0, "19 14", "59 14", "counters");
	world_asks_at(w.now + TT_SEC(10) - TT_MS(50), 0, "19 02 8F");
}

static void the_lists_are_handed_on_as_they_came(void **state)
{
	const struct tt_uds_result *r;

	(void)state;
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "19 0A", "59 0A 7F 12 34 56 00 12 34 57 08");
	world_says(0, "19 14", "59 14 12 34 56 40");
	world_begin(1, 0);
	world_run(TT_SEC(1));
	r = world_result(TT_UDS_RESULT_SUPPORTED, 0);
	assert_int_equal(r->len, 11);
	assert_memory_equal(world_bytes(r), "\x59\x0A\x7F\x12\x34\x56\x00\x12\x34\x57\x08", 11);
	r = world_result(TT_UDS_RESULT_COUNTERS, 0);
	assert_int_equal(r->len, 6);
	assert_memory_equal(world_bytes(r), "\x59\x14\x12\x34\x56\x40", 6);
	/* a confirmed code among the supported ones is told by 19 02, and by that alone */
	assert_int_equal(world_asked("0:1904123457FF"), 0);
	assert_int_equal(world_results(TT_UDS_RESULT_SNAPSHOTS), 0);
}

static void an_ecu_that_was_never_heard_is_asked_for_its_codes_first(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1};
	world_begin(1, 1);
	world_talk(TT_SEC(100), 0, "19 02 8F", "", "");
	world_talk(TT_SEC(100) + TT_MS(150), 0, "22 F4 0C", "62 F4 0C 01", "ecu data");
	world_talk(TT_SEC(100) + TT_MS(200), 0, "19 0A", "59 0A FF", "supported");
	world_asks_at(TT_SEC(100) + TT_MS(250), 0, "19 14");
}

static void details_come_before_the_other_lists(void **state)
{
	(void)state;
	w.car[0].refuses = true;
	world_says(0, "19 02 8F", "59 02 FF 12 34 56 08");
	world_begin(1, 0);
	world_run(TT_SEC(1));
	assert_int_equal(w.nasked, 5);
	assert_string_equal(w.asked[1], "0:1904123456FF");
	assert_string_equal(w.asked[2], "0:1906123456FF");
	assert_string_equal(w.asked[3], "0:190A");
	assert_string_equal(w.asked[4], "0:1914");
}

/* 60 s; 19 02 is answered throughout, or the lists would not be asked for. */
static void refusals_end_or_slow_the_one_question_alone(void **state)
{
	static const struct {
		const char *name, *supported, *counters;
		unsigned asked_supported, asked_counters, refusing, bad;
		uint8_t nrc;
	} cases[] = {
		{"no such service", "7F 19 11", "7F 19 11", 1, 1, 2, 0, 0x11},
		{"no such sub-function", "7F 19 12", "7F 19 12", 1, 1, 2, 0, 0x12},
		{"out of range", "7F 19 31", "7F 19 31", 1, 1, 2, 0, 0x31},
		{"refused for now: 0, 10, 30 s", "7F 19 22", "7F 19 22", 3, 3, 2, 0, 0x22},
		{"too long an answer", "7F 19 14", "59 14", 3, 6, 1, 0, 0x14},
		{"then answered", "7F 19 22|59 0A FF", "7F 19 22|59 14", 2, 6, 2, 0, 0x22},
		{"busy is asked again", "7F 19 21|59 0A FF", "7F 19 21|59 14", 2, 7, 0, 0, 0},
		{"silent", "|59 0A FF", "|59 14", 2, 6, 0, 0, 0},
		{"cut short", "59 0A FF 12 34|59 0A FF", "59 14", 2, 6, 0, 1, 0},
		{"the other list's answer", "59 14", "59 14", 3, 6, 0, 1, 0},
		{"one codes' answer", "59 0A FF", "59 02 FF", 1, 3, 0, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_uds_result *r;

		print_message("%s\n", cases[i].name);
		(void)asked_for_both(NULL);
		world_says(0, "19 02 8F", "59 02 FF");
		world_says(0, "19 0A", cases[i].supported);
		world_says(0, "19 14", cases[i].counters);
		world_begin(1, 0);
		world_run(TT_SEC(59));
		assert_int_equal(world_asked("0:19028F"), 6);
		assert_int_equal(world_asked("0:190A"), cases[i].asked_supported);
		assert_int_equal(world_asked("0:1914"), cases[i].asked_counters);
		assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), cases[i].refusing);
		assert_int_equal(world_results(TT_UDS_RESULT_BAD) > 0, cases[i].bad);
		assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 0);
		for (unsigned k = 0; (r = world_result(TT_UDS_RESULT_REFUSING, k)); k++) {
			assert_int_equal(r->service, 0x19);
			assert_int_equal(r->report, k == 0 ? 0x0A : 0x14);
			assert_int_equal(r->nrc, cases[i].nrc);
			assert_int_equal(r->unsupported, cases[i].asked_supported == 1);
		}
	}
}

static void a_refusal_of_another_service_names_no_report(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1};
	world_says(0, "19 02 8F", "7F 19 22");
	world_says(0, "22 F4 0C", "7F 22 31");
	world_begin(1, 1);
	world_run(TT_SEC(1));
	assert_int_equal(world_results(TT_UDS_RESULT_REFUSING), 2);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 0)->report, 0x02);
	assert_int_equal(world_result(TT_UDS_RESULT_REFUSING, 1)->report, 0);
}

static void pending_is_waited_for_as_elsewhere(void **state)
{
	(void)state;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_asks_at(TT_SEC(100) + TT_MS(50), 0, "19 0A");
	assert_true(world_replies(TT_MS(100), "7F 19 78"));
	assert_true(tt_uds_scan_busy(&w.scan));
	assert_true(world_replies(TT_MS(4999), "59 0A FF"));
	world_told("supported");
	assert_false(tt_uds_scan_busy(&w.scan));
}

static void a_silent_ecu_is_asked_for_its_codes_only(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "19 14", "59 14");
	world_begin(1, 0);
	w.ecus[0].supported = false;
	world_run(TT_SEC(1));
	w.car[0].dead = true;
	world_run(TT_SEC(20));
	assert_int_equal(world_results(TT_UDS_RESULT_SILENT), 1);
	w.car[0].dead = false;
	w.nasked = 0;
	world_run(TT_SEC(70));
	assert_string_equal(w.asked[0], "0:19028F");
	assert_true(world_asked("0:1914") > 0);
}

/* 1,022 codes are as many as a message of ISO-TP's 4,095 bytes holds. */
static void the_longest_list_is_taken(void **state)
{
	static uint8_t list[TT_ISOTP_MAX];
	struct tt_isotp ecu;
	struct tt_uds_result r;
	struct tt_can_frame f;
	uint8_t buf[16];
	size_t len = 3;

	(void)state;
	world_begin(1, 0);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_asks_at(TT_SEC(100) + TT_MS(50), 0, "19 0A");
	list[0] = 0x59;
	list[1] = 0x0A;
	list[2] = 0xFF;
	for (unsigned i = 1; len + 4 <= 4095; i++, len += 4) {
		list[len + 1] = (uint8_t)(i >> 8);
		list[len + 2] = (uint8_t)i;
	}
	tt_isotp_init(&ecu, &(struct tt_isotp_config){.tx_id = 0x7E8, .rx_id = 0x7E0, .pad = true}, buf, sizeof(buf));
	assert_int_equal(tt_isotp_send(&ecu, list, len), TT_OK);
	for (bool more = true; more;) {
		more = false;
		for (; tt_isotp_next_tx(&ecu, w.now, &f); more = true)
			(void)tt_uds_scan_feed(&w.scan, w.now, &f);
		for (; tt_uds_scan_next_tx(&w.scan, w.now, false, &f); more = true)
			(void)tt_isotp_feed(&ecu, w.now, &f);
	}
	assert_true(tt_uds_scan_next(&w.scan, &r));
	assert_int_equal(r.kind, TT_UDS_RESULT_SUPPORTED);
	assert_int_equal(r.len, 3 + 4 * 1023);
	assert_memory_equal(r.msg, list, r.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(neither_is_asked_for_without_leave, world_fresh),
		cmocka_unit_test_setup(supported_codes_are_asked_for_once_and_counters_every_round, asked_for_both),
		cmocka_unit_test_setup(the_lists_are_handed_on_as_they_came, asked_for_both),
		cmocka_unit_test_setup(an_ecu_that_was_never_heard_is_asked_for_its_codes_first, asked_for_both),
		cmocka_unit_test_setup(details_come_before_the_other_lists, asked_for_both),
		cmocka_unit_test(refusals_end_or_slow_the_one_question_alone),
		cmocka_unit_test_setup(a_refusal_of_another_service_names_no_report, world_fresh),
		cmocka_unit_test_setup(pending_is_waited_for_as_elsewhere, asked_for_both),
		cmocka_unit_test_setup(a_silent_ecu_is_asked_for_its_codes_only, asked_for_both),
		cmocka_unit_test_setup(the_longest_list_is_taken, asked_for_both),
	};

	return cmocka_run_group_tests_name("uds_scan_lists", tests, NULL, NULL);
}
