/* Freeze frames: which are read, how far, in whose turn, and what of them is kept. */
#include "firmware/proto/obd_scan_parts.h"
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the table of answers does not hold is answered here: any parameter, four bytes. */
static bool answer_parameter(void)
{
	const uint8_t ecu = w.scan.request.ecu;
	const struct tt_can_frame f = {.id = 0x7E8 + ecu, .len = 8, .data = {7, 0x42, w.scan.request.pids[0], 0, 1, 2, 3, 4}};

	return w.scan.request.active && w.scan.request.sent && w.scan.request.service == 2 && !w.ecus[ecu].dead &&
	       tt_obd_scan_feed(&w.scan, w.now, &f);
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
	world_small(&ecu, &(struct tt_obd_scan_config){
				  .dtc_period_us = TT_SEC(1000), .info_after_us = TT_SEC(1000), .monitors_after_us = TT_SEC(1000)});
	for (unsigned i = 0; i < 4000 && world_count(TT_OBD_RESULT_FREEZE, 0x7E8) == 0; i++) {
		world_run(TT_MS(20));
		(void)answer_parameter();
	}
	r = world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0);
	assert_int_equal(r->u.freeze.n, TT_OBD_SCAN_FREEZE_ITEMS);
	assert_int_equal(r->u.freeze.items[0].pid, 0x01);
	assert_int_equal(r->u.freeze.items[1].pid, 0x03);
}

static void a_long_freeze_frame_does_not_hold_up_the_live_values(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 01 81 00 00 00"}, {"03", "43 01 03 01"},
					    {"07", "47 00"}, {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 0D", "41 0D 32"},
					    {"02 02 00", "42 02 00 03 01"}, {"02 00 00", "42 00 00 1F FF FF 80"});
	static const struct tt_obd_scan_config config = {.live = {0x0D}, .nlive = 1, .live_period_us = TT_MS(100), CALM};
	size_t asked = 0, live = 0;

	(void)state;
	world_small(&ecu, &config);
	for (unsigned i = 0; i < 4000 && asked < 20; i++) {
		world_run(TT_MS(1));
		if (answer_parameter() && asked++ == 0)
			live = world_requests("01 0D");
	}
	assert_int_equal(asked, 20);
	assert_in_range(world_requests("01 0D") - live, 9, 21);
}

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
		world_small(&ecu, &config);
		world_set_answer(0, "02 02 02", ends[i]);
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
	world_small(&ecu, &config);
	for (size_t i = 0; i < 8; i++) {
		world_set_answer(0, codes[i], given[i]);
		world_set_answer(0, maps[i], empty[i]);
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
	world_small(&ecu, &config);
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
	world_begin(ecus, 2, &(struct tt_obd_scan_config){CALM});
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

/* ---- what happens in the middle of a long frame ---- */

#define LONG_FRAME(id_) \
	{ \
		.rx_id = (id_), .answers = { \
			{"01 00", "41 00 00 00 00 00"}, \
			{"03", "43 01 03 01"}, \
			{"02 02 00", "42 02 00 03 01"}, \
			{"02 00 00", "42 00 00 1F FE 00 00"}, \
			LACKS_ALL \
		} \
	}
enum { LONG_ITEMS = 12 };

/* Two ECUs with codes; runs until three items of the first one's frame were read. */
static void read_three_items(int64_t dtc_period_us)
{
	static const struct ecu ecus[] = {LONG_FRAME(0x7E0), LONG_FRAME(0x7E1)};

	world_begin(ecus, 2, &(struct tt_obd_scan_config){.dtc_period_us = dtc_period_us, CALM});
	for (unsigned i = 0; i < 4000 && w.scan.freeze.n < 3; i++) {
		world_run(TT_MS(1));
		(void)answer_parameter();
	}
	assert_int_equal(w.scan.freeze.n, 3);
	assert_int_equal(w.scan.freeze.ecu, 0);
}

static void read_on(int64_t for_us)
{
	for (const tt_mono_us end = w.now + for_us; w.now < end;) {
		world_run(TT_MS(1));
		(void)answer_parameter();
	}
}

static size_t codes_asked(uint32_t id)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nlog; i++)
		n += w.log[i].frame.id == id && memcmp(w.log[i].frame.data, "\x03\x02\x02\x00", 4) == 0;
	return n;
}

static void codes_that_change_while_their_frame_is_read_begin_it_anew(void **state)
{
	const struct tt_obd_result *r;

	(void)state;
	read_three_items(TT_MS(300));
	world_set_answer(0, "03", "43 01 04 20");
	world_set_answer(0, "02 02 00", "42 02 00 04 20");
	read_on(TT_SEC(5));
	assert_int_equal(codes_asked(0x7E0), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
	r = world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0);
	assert_int_equal(r->u.freeze.dtc, 0x0420);
	assert_int_equal(r->u.freeze.n, LONG_ITEMS);
	assert_int_equal(r->u.freeze.items[0].pid, 0x04);
}

static void codes_of_another_ecu_do_not_disturb_a_frame(void **state)
{
	(void)state;
	read_three_items(TT_MS(300));
	world_set_answer(1, "03", "43 01 04 20");
	read_on(TT_SEC(5));
	assert_int_equal(codes_asked(0x7E0), 1);
	assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.n, LONG_ITEMS);
	assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E9, 0)->u.freeze.n, LONG_ITEMS);
}

/* Silent in the same drive, or not there in the next one. */
static void an_ecu_that_goes_does_not_hold_the_place_of_others(void **state)
{
	(void)state;
	for (unsigned paused = 0; paused < 2; paused++) {
		read_three_items(TT_SEC(1));
		w.ecus[0].dead = true;
		if (paused) {
			tt_obd_scan_pause(&w.scan, w.now, true);
			tt_obd_scan_pause(&w.scan, w.now, false);
		}
		read_on(TT_SEC(30));
		assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E9), 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E9, 0)->u.freeze.n, LONG_ITEMS);
	}
}

/* ---- what is silent or refused ---- */

/* Answers live questions all the time, so that it never counts as silent; lacks what is not given. */
static void busy_car(const char *codes, const char *code, const char *bitmap)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 08 00 00"}, {"01 0D", "41 0D 32"}, {"01 01", "7F 01 11"},
					    {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});

	world_small(&ecu, &(struct tt_obd_scan_config){
				  .live = {0x0D}, .nlive = 1, .live_period_us = TT_MS(100), .dtc_period_us = TT_SEC(1), CALM});
	world_set_answer(0, "03", codes);
	world_set_answer(0, "02 02 00", code);
	world_set_answer(0, "02 00 00", bitmap);
}

static void what_is_silent_is_asked_three_times_in_growing_pauses(void **state)
{
	static const struct {
		const char *code, *bitmap;
		const char *asked[2]; /* silent */
		uint16_t dtc;
	} cases[] = {
		{"", "", {"02 02 00"}, 0},
		{"42 02 00 03 01", "", {"02 00 00"}, 0x0301},
		{"42 02 00 03 01", "42 00 00 00 18 00 00", {"02 0C 00", "02 0D 00"}, 0x0301},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_mono_us at[3] = {0};
		size_t n = 0;

		busy_car("43 01 03 01", cases[i].code, cases[i].bitmap);
		world_run(TT_SEC(200));
		for (size_t k = 0; k < 2 && cases[i].asked[k]; k++)
			assert_int_equal(world_requests(cases[i].asked[k]), 3);
		for (size_t k = 0; k < w.nlog && n < 3; k++) {
			if (w.log[k].frame.data[1] == 2 && w.log[k].frame.data[2] == (unsigned)strtoul(cases[i].asked[0] + 3, NULL, 16))
				at[n++] = w.log[k].at;
		}
		assert_in_range(at[1] - at[0], TT_MS(2100), TT_MS(2250));
		assert_in_range(at[2] - at[1], TT_MS(4100), TT_MS(4250));
		assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.dtc, cases[i].dtc);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.n, 0);
	}
}

/* Any code, also one that no standard knows. */
static void a_refused_frame_is_told_once_for_each_list_of_codes(void **state)
{
	(void)state;
	busy_car("43 01 03 01", "7F 02 01", "");
	for (unsigned told = 1; told <= 2; told++) {
		world_run(TT_SEC(20));
		assert_int_equal(world_requests("02 02 00"), told);
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), told);
		assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 4 + told); /* and what the car lacks */
		world_set_answer(0, "03", "43 01 04 20");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_of_more_items_than_we_keep_is_cut),
		cmocka_unit_test(a_long_freeze_frame_does_not_hold_up_the_live_values),
		cmocka_unit_test(frames_are_read_until_one_is_not_given),
		cmocka_unit_test(eight_frames_are_the_most),
		cmocka_unit_test(a_long_value_is_kept_up_to_32_bytes_and_an_unknown_one_is_not_decoded),
		cmocka_unit_test(two_ecus_with_codes_take_turns),
		cmocka_unit_test(codes_that_change_while_their_frame_is_read_begin_it_anew),
		cmocka_unit_test(codes_of_another_ecu_do_not_disturb_a_frame),
		cmocka_unit_test(an_ecu_that_goes_does_not_hold_the_place_of_others),
		cmocka_unit_test(what_is_silent_is_asked_three_times_in_growing_pauses),
		cmocka_unit_test(a_refused_frame_is_told_once_for_each_list_of_codes),
	};

	return cmocka_run_group_tests_name("obd freeze", tests, NULL, NULL);
}
