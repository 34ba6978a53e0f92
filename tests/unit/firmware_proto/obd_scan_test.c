/*
 * The tester against small cars made of a few lines: each ECU answers from a table of requests. Time is the test's; every frame on the wire
 * is seen.
 */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_car_with_two_ecus_tells_everything(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), TRANSMISSION(0x7E1)};
	const struct tt_obd_result *r;

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D, 0x05}, .nlive = 3});
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E9), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 1);
	assert_string_equal(world_find(TT_OBD_RESULT_VIN, 0x7E8, 0)->u.vin, "3FADP4FJ2BM113913");
	r = world_find(TT_OBD_RESULT_READINESS, 0x7E8, 0);
	assert_true(r->u.readiness.mil);
	assert_int_equal(r->u.readiness.dtc_count, 1);
	assert_false(world_find(TT_OBD_RESULT_READINESS, 0x7E9, 0)->u.readiness.mil);
	assert_int_equal(world_find_dtcs(0x7E8, 0x03)->u.dtcs.codes[0], 0x0301);
	assert_int_equal(world_find_dtcs(0x7E8, 0x07)->u.dtcs.n, 0);
	assert_int_equal(world_find_dtcs(0x7E8, 0x0A)->u.dtcs.n, 1);
	assert_int_equal(world_find_dtcs(0x7E9, 0x03)->u.dtcs.n, 0);
	assert_int_equal(world_find_dtcs(0x7E9, 0x07)->u.dtcs.codes[0], 0x0700);
	r = world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0);
	assert_int_equal(r->u.freeze.dtc, 0x0301);
	assert_int_equal(r->u.freeze.n, 2);
	assert_int_equal(r->u.freeze.items[0].pid, 0x0C);
	assert_true(r->u.freeze.items[0].decoded);
	assert_int_equal(r->u.freeze.items[0].value_milli, 1726000);
	assert_int_equal(r->u.freeze.items[1].raw[0], 0x32);
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E9), 0);
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8) + world_count(TT_OBD_RESULT_BAD, 0x7E9) +
				 world_count(TT_OBD_RESULT_SILENT, 0x7E8),
			 0);
}

static void values_come_in_their_periods_from_the_first_ecu_that_has_them(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), TRANSMISSION(0x7E1)};
	size_t odometer = 0, speed = 0;

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D, 0x05}, .nlive = 3, .odometer_period_us = TT_SEC(20)});
	world_run(TT_SEC(61));
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind != TT_OBD_RESULT_PID)
			continue;
		assert_int_equal(w.results[i].ecu, 0x7E8);
		odometer += w.results[i].u.pid.pid == 0xA6;
		speed += w.results[i].u.pid.pid == 0x0D;
	}
	assert_in_range(odometer, 3, 4);
	assert_in_range(speed, 45, 61);
	assert_int_equal(world_requests("01 05"), 0); /* nobody has it */
	assert_in_range(world_requests("03"), 12, 14);
	assert_int_equal(world_requests("09 02"), 2);    /* once an ECU */
	assert_int_equal(world_requests("02 02 00"), 1); /* the codes did not change */
}

static void what_an_ecu_lacks_is_told_once_and_not_asked_again(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), TRANSMISSION(0x7E1)};

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(60));
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E9), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct tt_obd_result *r = world_find(TT_OBD_RESULT_REFUSING, 0x7E9, i);

		assert_true(r->u.refused.unsupported);
		assert_true(r->u.refused.service == 0x0A || r->u.refused.service == 0x09);
	}
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
}

static void requests_keep_the_gap_and_go_to_known_identifiers_only(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), TRANSMISSION(0x7E1)};
	tt_mono_us last = 0;

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = 2, .live_period_us = 1});
	world_run(TT_SEC(20));
	assert_true(w.nlog > 300);
	for (size_t i = 0; i < w.nlog; i++) {
		const struct tt_can_frame *f = &w.log[i].frame;

		assert_true(f->id == 0x7DF || f->id == 0x7E0 || f->id == 0x7E1);
		assert_int_equal(f->len, 8);
		if (f->data[0] >> 4 == 3)
			continue; /* flow control answers, it does not ask */
		assert_true(w.log[i].at - last >= TT_MS(50));
		last = w.log[i].at;
	}
}

static void twenty_nine_bit_cars_are_found_after_eleven_bits_stay_silent(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x18DA10F1), TRANSMISSION(0x18DA18F1)};

	(void)state;
	world_car(ecus, 2, true);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	world_run(TT_SEC(5));
	assert_int_equal(w.log[0].frame.id, 0x7DF);
	assert_int_equal(w.log[1].frame.id, 0x18DB33F1);
	assert_true(w.log[1].frame.extended);
	assert_string_equal(world_find(TT_OBD_RESULT_VIN, 0x18DAF110, 0)->u.vin, "3FADP4FJ2BM113913");
	assert_int_equal(world_find_dtcs(0x18DAF118, 0x07)->u.dtcs.codes[0], 0x0700);
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0), 0);
}

static void an_empty_bus_is_told_once_and_asked_ever_more_rarely(void **state)
{
	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(600));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0), 1);
	assert_in_range(w.nlog, 20, 40); /* 1, 2, 4 .. 60 s; two frames each */
}

static void an_ecu_that_falls_silent_is_only_probed_until_it_is_back(void **state)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), TRANSMISSION(0x7E1)};
	size_t before;

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(15));
	w.ecus[1].dead = true;
	world_run(TT_SEC(45));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E9), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
	before = 0;
	for (size_t i = 0; i < w.nlog; i++)
		before += w.log[i].frame.id == 0x7E1 && w.log[i].at > w.now - TT_SEC(20);
	assert_in_range(before, 0, 4);
	w.ecus[1].dead = false;
	w.nresults = 0;
	world_run(TT_SEC(70));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E9), 1);
	assert_int_equal(world_find_dtcs(0x7E9, 0x07)->u.dtcs.n, 1);
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 0);
}

static void response_pending_is_waited_for(void **state)
{
	static struct ecu ecus[] = {{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "7F 03 78"}}}};
	struct tt_can_frame late = {.id = 0x7E8, .len = 5, .data = {4, 0x43, 1, 0x03, 0x01}};

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(300)});
	while (world_requests("03") == 0)
		world_run(TT_MS(10));
	world_run(TT_MS(4900));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &late));
	world_run(TT_MS(1));
	assert_int_equal(world_find_dtcs(0x7E8, 0x03)->u.dtcs.codes[0], 0x0301);
	assert_int_equal(world_requests("03"), 1);
}

static void endless_pending_is_cut_off_and_told(void **state)
{
	static struct ecu ecus[] = {{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "7F 03 78"}}}};
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x03, 0x78}};

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.pending_max = 4, .dtc_period_us = TT_SEC(300)});
	while (world_requests("03") == 0)
		world_run(TT_MS(10));
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
		world_drain_results();
	}
	assert_int_equal(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 0)->u.refused.nrc, 0x78);
	assert_false(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 0)->u.refused.unsupported);
}

static void a_busy_ecu_is_asked_again(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};

	(void)state;
	world_car(ecus, 1, false);
	memmove(&w.ecus[0].answers[1], &w.ecus[0].answers[0], sizeof(struct answer) * (ANSWERS - 1));
	w.ecus[0].answers[0] = (struct answer){"09 02", "7F 09 21"};
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	while (world_requests("09 02") < 2)
		world_run(TT_MS(10));
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
	w.ecus[0].answers[0].request = "FF"; /* no longer busy: the next row answers */
	world_run(TT_SEC(1));
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 1);
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 0);
}

static void conditions_not_correct_backs_off_and_is_told_once(void **state)
{
	static struct ecu ecus[] = {{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "7F 03 22"}}}};

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(200));
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 1);
	assert_int_equal(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 0)->u.refused.nrc, 0x22);
	assert_in_range(world_requests("03"), 5, 12); /* 1 + 2 + 4 .. 64 s */
}

static void an_ecu_that_answers_only_some_questions_is_not_pestered(void **state)
{
	static struct ecu ecus[] = {
		{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 80 18 00 00"}, {"03", "43 00"}, {"01 0C", "41 0C 00 00"}}}};

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), .live = {0x0D}, .nlive = 1});
	world_run(TT_SEC(1000));
	/* 07 and the others: 1, 2, 4 .. 64 s apart, a few more after each return from silence */
	assert_in_range(world_requests("07"), 16, 40);
	assert_in_range(world_requests("01 01"), 16, 40);
	assert_in_range(world_requests("01 0D"), 16, 40);
	assert_true(world_requests("03") > 100);
}

static void freeze_frames_follow_a_change_of_codes(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};
	size_t at = 0;

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
	while (strcmp(w.ecus[0].answers[at].request, "03") != 0)
		at++;
	w.ecus[0].answers[at].response = "43 00";
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
	w.ecus[0].answers[at].response = "43 02 03 01 04 20";
	world_run(TT_SEC(5));
	/* frame 0 again; frame 1 is not answered and adds nothing */
	assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 2);
	assert_true(world_requests("02 02 01") > 0);
}

static void a_car_without_freeze_frames_says_so(void **state)
{
	static const char *const answers[] = {"42 02 00 00 00", "7F 02 11", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		static struct ecu ecus[1];

		ecus[0] = (struct ecu){.rx_id = 0x7E0,
				       .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "43 01 03 01"}, {"01 01", "41 01 81 00 00 00"}}};
		ecus[0].answers[3] = (struct answer){"02 02 00", answers[i]};
		world_car(ecus, 1, false);
		tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
		world_run(TT_SEC(120));
		assert_int_equal(world_count(TT_OBD_RESULT_FREEZE, 0x7E8), 1);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.dtc, 0);
		assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.n, 0);
	}
}

static void a_refused_parameter_leaves_the_rest_of_the_frame(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};

	(void)state;
	world_car(ecus, 1, false);
	for (size_t i = 0; i < ANSWERS && w.ecus[0].answers[i].request; i++) {
		if (strcmp(w.ecus[0].answers[i].request, "02 0C 00") == 0)
			w.ecus[0].answers[i].response = "7F 02 31";
	}
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	world_run(TT_SEC(10));
	assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.n, 1);
	assert_int_equal(world_find(TT_OBD_RESULT_FREEZE, 0x7E8, 0)->u.freeze.items[0].pid, 0x0D);
	assert_int_equal(world_count(TT_OBD_RESULT_REFUSING, 0x7E8), 1);
}

static void nothing_is_sent_while_paused_and_all_begins_anew_after(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};
	size_t sent;

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	tt_obd_scan_pause(&w.scan, w.now, true);
	world_run(TT_SEC(10));
	assert_int_equal(w.nlog, 0);
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), TT_NEVER);
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(3));
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 1);
	sent = w.nlog;
	tt_obd_scan_pause(&w.scan, w.now, true);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {0x10, 0x14, 0x49}}));
	world_run(TT_SEC(30));
	assert_int_equal(w.nlog, sent);
	tt_obd_scan_pause(&w.scan, w.now, false);
	world_run(TT_SEC(3));
	assert_int_equal(world_count(TT_OBD_RESULT_VIN, 0x7E8), 2);
}

static void another_testers_answers_are_not_disturbed(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};
	const struct tt_can_frame foreign = {.id = 0x7E8, .len = 8, .data = {0x10, 0x14, 0x49, 0x02, 0x01, 0x33, 0x46, 0x41}};
	struct tt_can_frame f;

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(4));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &foreign));
	assert_false(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(w.scan.strays, 1);
	/* broadcast traffic is none of its business */
	assert_false(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x1F0, .len = 8}));
	assert_false(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .bus = 1, .len = 8}));
}

static void an_unreadable_answer_is_told_once(void **state)
{
	static struct ecu ecus[] = {
		{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 80 00 00 00"}, {"09 02", "49 02 01 3F 3F"}, {"03", "43"}}}};

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(20));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 2);
	assert_true(world_requests("03") > 1);
}

static void eight_ecus_are_served_and_a_ninth_is_told(void **state)
{
	static struct ecu ecus[9];

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		ecus[i] = (struct ecu){.rx_id = 0x18DA10F1 + (i << 8), .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "43 00"}}};
	world_car(ecus, 9, true);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	world_run(TT_SEC(10));
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(world_find_dtcs(0x18DAF110 + i, 3)->u.dtcs.n, 0);
	assert_int_equal(world_count(TT_OBD_RESULT_TOO_MANY, 0x18DAF118), 1);
}

static void hurry_asks_at_once(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};
	size_t asked;

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(100)});
	world_run(TT_SEC(20));
	asked = world_requests("03");
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(1));
	assert_int_equal(world_requests("03"), asked + 1);
}

static void results_that_nobody_takes_stop_the_questions(void **state)
{
	static struct ecu ecus[] = {ENGINE(0x7E0)};
	struct tt_can_frame f;
	size_t frames = 0;

	(void)state;
	world_begin(ecus, 1, &(struct tt_obd_scan_config){.live = {0x0C}, .nlive = 1, .live_period_us = TT_MS(1)});
	for (unsigned i = 0; i < 10000; i++) {
		w.now += TT_MS(10);
		tt_obd_scan_tick(&w.scan, w.now);
		while (tt_obd_scan_next_tx(&w.scan, w.now, &f)) {
			frames++;
			world_ecu_hear(&w.ecus[0], &f);
		}
		while (tt_isotp_next_tx(&w.ecus[0].link, w.now, &f))
			assert_true(tt_obd_scan_feed(&w.scan, w.now, &f));
	}
	assert_true(frames < 60);
	world_drain_results();
	assert_true(w.nresults >= 10);
	world_run(TT_SEC(1));
	assert_true(w.nlog > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_car_with_two_ecus_tells_everything),
		cmocka_unit_test(values_come_in_their_periods_from_the_first_ecu_that_has_them),
		cmocka_unit_test(what_an_ecu_lacks_is_told_once_and_not_asked_again),
		cmocka_unit_test(requests_keep_the_gap_and_go_to_known_identifiers_only),
		cmocka_unit_test(twenty_nine_bit_cars_are_found_after_eleven_bits_stay_silent),
		cmocka_unit_test(an_empty_bus_is_told_once_and_asked_ever_more_rarely),
		cmocka_unit_test(an_ecu_that_falls_silent_is_only_probed_until_it_is_back),
		cmocka_unit_test(response_pending_is_waited_for),
		cmocka_unit_test(endless_pending_is_cut_off_and_told),
		cmocka_unit_test(a_busy_ecu_is_asked_again),
		cmocka_unit_test(conditions_not_correct_backs_off_and_is_told_once),
		cmocka_unit_test(an_ecu_that_answers_only_some_questions_is_not_pestered),
		cmocka_unit_test(freeze_frames_follow_a_change_of_codes),
		cmocka_unit_test(a_car_without_freeze_frames_says_so),
		cmocka_unit_test(a_refused_parameter_leaves_the_rest_of_the_frame),
		cmocka_unit_test(nothing_is_sent_while_paused_and_all_begins_anew_after),
		cmocka_unit_test(another_testers_answers_are_not_disturbed),
		cmocka_unit_test(an_unreadable_answer_is_told_once),
		cmocka_unit_test(eight_ecus_are_served_and_a_ninth_is_told),
		cmocka_unit_test(hurry_asks_at_once),
		cmocka_unit_test(results_that_nobody_takes_stop_the_questions),
	};

	return cmocka_run_group_tests_name("obd_scan", tests, NULL, NULL);
}
