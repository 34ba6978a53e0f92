/* The UDS tester: data identifiers. */
#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void data_comes_several_identifiers_a_request(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(1)};
	w.dids[1] = (struct tt_uds_did){.did = 0xF40D, .len = 1, .period_us = TT_SEC(1)};
	w.dids[2] = (struct tt_uds_did){.did = 0xD100, .len = 3};
	w.dids[3] = (struct tt_uds_did){.did = 0xD101, .len = 1};
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "22 F4 0C F4 0D D1 00", "62 F4 0C 0B B8 F4 0D 3E D1 00 01 02 03 00");
	world_says(0, "22 F4 0C F4 0D", "62 F4 0C 0B B9 F4 0D 3F");
	world_says(0, "22 D1 01", "62 D1 01 07");
	world_begin(1, 4);
	world_run(TT_MS(900));
	assert_int_equal(world_asked("0:22F40CF40DD100"), 1);
	assert_int_equal(world_asked("0:22D101"), 1);
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), 4);
	assert_int_equal(world_result(TT_UDS_RESULT_DATA, 2)->did, 0xD100);
	assert_int_equal(world_result(TT_UDS_RESULT_DATA, 2)->len, 3);
	assert_memory_equal(world_bytes(world_result(TT_UDS_RESULT_DATA, 2)), "\x01\x02\x03", 3);
	world_run(TT_SEC(2));
	assert_int_equal(world_asked("0:22F40CF40D"), 2);
	assert_int_equal(world_bytes(world_result(TT_UDS_RESULT_DATA, 5))[0], 0x3F);
}

static void an_ecu_that_refuses_several_is_asked_one_at_a_time(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	w.dids[1] = (struct tt_uds_did){.did = 0xF40D, .len = 1};
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "22 F4 0C F4 0D", "7F 22 13");
	world_says(0, "22 F4 0C", "62 F4 0C 0B B8");
	world_says(0, "22 F4 0D", "7F 22 31");
	world_begin(1, 2);
	world_run(TT_SEC(25));
	assert_int_equal(world_asked("0:22F40CF40D"), 1);
	assert_int_equal(world_asked("0:22F40C"), 3);
	assert_int_equal(world_asked("0:22F40D"), 1); /* it does not have it */
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), 3);
}

static void answers_that_do_not_fit_the_question_are_bad(void **state)
{
	static const struct {
		const char *codes, *data;
	} cases[] = {
		{"59 02 FF", "62 F4 0D 0B B8"},
		{"59 02 FF", "62 F4 0C 0B"},
		{"59 02 FF", "62 F4 0C 0B B8 01"},
		{"59 02 FF", "62"},
		{"59 0A FF", NULL},
		{"59 02 FF 12", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const bool codes_bad = !cases[i].data;

		(void)world_fresh(NULL);
		w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
		world_says(0, "19 02 8F", cases[i].codes);
		world_says(0, "22 F4 0C", codes_bad ? "62 F4 0C 0B B8" : cases[i].data);
		world_begin(1, 1);
		world_run(TT_SEC(1));
		assert_int_equal(world_results(TT_UDS_RESULT_BAD), 1);
		assert_int_equal(world_result(TT_UDS_RESULT_BAD, 0)->service, codes_bad ? 0x19 : 0x22);
		assert_int_equal(world_results(TT_UDS_RESULT_DATA), codes_bad ? 1 : 0);
		assert_int_equal(world_results(TT_UDS_RESULT_CODES), codes_bad ? 0 : 1);
	}
}

static void identifiers_that_go_unanswered_together_all_wait(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(100);
	for (unsigned i = 0; i < 3; i++)
		w.dids[i] = (struct tt_uds_did){.did = (uint16_t)(0xD100 + i), .len = 1, .period_us = i == 2 ? TT_SEC(20) : 0};
	world_begin(1, 3);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "22 D1 00 D1 01 D1 02", "", "");
	world_talk(TT_SEC(110) + TT_MS(200), 0, "22 D1 00 D1 01", "62 D1 00 01 D1 01 02", "data data");
	world_asks_at(TT_SEC(120) + TT_MS(200), 0, "22 D1 00 D1 01 D1 02");
}

static void with_an_address_byte_two_identifiers_fit_a_request(void **state)
{
	(void)state;
	w.ecus[0] = (struct tt_uds_ecu){.request = 0x6F1, .response = 0x640, .addressed = true, .target = 0x40, .source = 0xF1};
	for (unsigned i = 0; i < 3; i++)
		w.dids[i] = (struct tt_uds_did){.did = (uint16_t)(0xD100 + i), .len = 1};
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(0, "22 D1 00 D1 01", "62 D1 00 01 D1 01 02");
	world_says(0, "22 D1 02", "62 D1 02 03");
	world_begin(1, 3);
	world_run(TT_SEC(1));
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), 3);
}

static void data_is_read_every_ten_seconds_when_nobody_says_otherwise(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(100);
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1};
	world_begin(1, 1);
	world_talk(TT_SEC(100), 0, "19 02 8F", "59 02 FF", "ecu codes");
	world_talk(TT_SEC(100) + TT_MS(50), 0, "22 F4 0C", "62 F4 0C 01", "data");
	world_asks_at(TT_SEC(110) + TT_MS(50), 0, "22 F4 0C");
}

static void a_full_list_is_taken_and_starts_over_whole(void **state)
{
	static char asks[TT_UDS_DIDS / 3][32], answers[TT_UDS_DIDS / 3][48];
	const unsigned last = TT_UDS_ECUS - 1;

	(void)state;
	for (unsigned i = 0; i < TT_UDS_ECUS; i++)
		world_says(i, "19 02 8F", "59 02 FF");
	for (unsigned i = 0; i < TT_UDS_DIDS; i++)
		w.dids[i] = (struct tt_uds_did){.ecu = (uint8_t)last, .did = (uint16_t)(0xD100 + i), .len = 1};
	for (unsigned i = 0; i < TT_UDS_DIDS / 3; i++) {
		(void)snprintf(asks[i], sizeof(asks[i]), "22 D1 %02X D1 %02X D1 %02X", 3 * i, 3 * i + 1, 3 * i + 2);
		(void)snprintf(answers[i], sizeof(answers[i]), "62 D1 %02X 01 D1 %02X 01 D1 %02X 01", 3 * i, 3 * i + 1, 3 * i + 2);
		world_says(last, asks[i], answers[i]);
	}
	world_begin(TT_UDS_ECUS, TT_UDS_DIDS);
	world_run(TT_SEC(2));
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), TT_UDS_ECUS);
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), TT_UDS_DIDS);
	w.now += 1; /* an odd time, whatever it is written over */
	tt_uds_scan_pause(&w.scan, w.now, true);
	w.nresults = 0;
	tt_uds_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(2));
	assert_int_equal(world_results(TT_UDS_RESULT_CODES), TT_UDS_ECUS);
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), TT_UDS_DIDS);
}

static void identifiers_go_to_their_own_ecu_when_they_are_due(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.ecu = 1, .did = 0xD100, .len = 1, .period_us = TT_SEC(1)};
	w.dids[1] = (struct tt_uds_did){.ecu = 0, .did = 0xD200, .len = 1, .period_us = TT_SEC(1)};
	w.dids[2] = (struct tt_uds_did){.ecu = 1, .did = 0xD101, .len = 1, .period_us = TT_SEC(3)};
	world_says(0, "19 02 8F", "59 02 FF");
	world_says(1, "19 02 8F", "59 02 FF");
	world_says(0, "22 D2 00", "62 D2 00 07");
	world_says(1, "22 D1 00", "62 D1 00 08");
	world_says(1, "22 D1 00 D1 01", "62 D1 00 09 D1 01 0A");
	world_begin(2, 3);
	world_run(TT_MS(2900));
	assert_int_equal(world_asked("1:22D100D101"), 1);
	assert_int_equal(world_asked("1:22D100"), 2);
	assert_int_equal(world_asked("0:22D200"), 3);
	assert_int_equal(world_results(TT_UDS_RESULT_DATA), 7);
	for (unsigned i = 0; i < 7; i++) {
		const struct tt_uds_result *r = world_result(TT_UDS_RESULT_DATA, i);

		assert_int_equal(r->ecu, r->did == 0xD200 ? 0 : 1);
		assert_int_equal(r->len, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(data_comes_several_identifiers_a_request, world_fresh),
		cmocka_unit_test_setup(an_ecu_that_refuses_several_is_asked_one_at_a_time, world_fresh),
		cmocka_unit_test_setup(answers_that_do_not_fit_the_question_are_bad, world_fresh),
		cmocka_unit_test_setup(identifiers_that_go_unanswered_together_all_wait, world_fresh),
		cmocka_unit_test_setup(with_an_address_byte_two_identifiers_fit_a_request, world_fresh),
		cmocka_unit_test_setup(data_is_read_every_ten_seconds_when_nobody_says_otherwise, world_fresh),
		cmocka_unit_test_setup(a_full_list_is_taken_and_starts_over_whole, world_fresh),
		cmocka_unit_test_setup(identifiers_go_to_their_own_ecu_when_they_are_due, world_fresh),
	};

	return cmocka_run_group_tests_name("uds_scan_data", tests, NULL, NULL);
}
