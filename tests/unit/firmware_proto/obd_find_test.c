/* Who is found on a bus and who is left alone: discovery, several ECUs, patience, pauses. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		(void)tt_obd_scan_feed(&w.scan, w.now, &frames[i]);
	assert_int_equal(w.scan.necus, 0);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x01, 0x11}}));
	assert_int_equal(w.scan.necus, 1);
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
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
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

static void an_empty_bus_is_asked_quickly_again_after_a_pause(void **state)
{
	size_t before;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){.p2_us = TT_MS(10)});
	world_run(TT_SEC(100));
	assert_int_equal(w.log[1].at - w.log[0].at, TT_MS(50)); /* the gap holds where P2 is shorter */
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	before = w.nlog;
	world_run(TT_SEC(2));
	assert_int_equal(w.log[before + 2].at - w.log[before + 1].at, TT_SEC(1) + TT_MS(10));
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

static void small_dead(const struct ecu *ecu, const struct tt_obd_scan_config *config)
{
	world_small(ecu, config);
	w.ecus[0].dead = true;
}

static void two_cars_parts(const struct tt_obd_scan_config *config)
{
	static const struct ecu ecus[] = {ENGINE(0x7E0), ENGINE(0x7E1)};

	world_begin(ecus, 2, config);
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
	world_small(&ecu, &config);
	world_run(TT_SEC(5));
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(5));
	assert_int_equal(world_requests("03"), 2);
	assert_int_equal(world_requests("07"), 1);
	assert_int_equal(world_requests("0A"), 1);
	assert_int_equal(world_requests("09 00"), 0);
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
	world_small(&ecu, &(struct tt_obd_scan_config){0});
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

static void patience_for_strays_is_granted_as_often_as_configured(void **state)
{
	static const struct tt_can_frame pending = {.id = 0x7E8, .len = 8, .data = {3, 0x7F, 0x31, 0x78}};
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"});

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.pending_max = 2, .live = {1}, .nlive = TT_OBD_SCAN_LIVE});
	world_run(TT_MS(150));
	w.scan.request.active = false;
	for (unsigned i = 0; i < 3; i++)
		assert_true(tt_obd_scan_feed(&w.scan, w.now + i, &pending));
	assert_int_equal(w.scan.ecus[0].busy, 2);
	assert_int_equal(w.scan.ecus[0].busy_until_us, w.now + 1 + TT_SEC(5));
}

static void patience_of_an_earlier_discovery_is_forgotten(void **state)
{
	static const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {3, 0x7F, 1, 0x78}};
	static const struct tt_can_frame second = {.id = 0x7E9, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
	static const struct tt_can_frame pending = {.id = 0x7E9, .len = 8, .data = {3, 0x7F, 1, 0x78}};
	struct tt_can_frame f;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &first)); /* and never answers */
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &second));
	w.now += TT_SEC(5);
	tt_obd_scan_tick(&w.scan, w.now);
	tt_obd_scan_pause(&w.scan, w.now, true);
	w.now += TT_SEC(5);
	tt_obd_scan_pause(&w.scan, w.now, false);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(f.id, 0x7DF);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_SEC(5));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &second));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_MS(100));
}

static void the_eighth_ecu_is_waited_for_as_the_first_is(void **state)
{
	struct tt_can_frame f;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	for (uint32_t i = 0; i < 8; i++) {
		f = (struct tt_can_frame){.id = 0x7E8 + i, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &f));
	}
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7EF, .len = 8, .data = {3, 0x7F, 1, 0x78}}));
	f.id = 0x7E8;
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &f));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_SEC(5));
}

/* Pauses of discovery, between frames of it that nobody answered; the scan's other questions may hold one up a little. */
static void pauses_begin_anew_after_somebody_answered(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"}, LACKS_ALL);
	tt_mono_us last = 0;
	unsigned seen = 0;

	(void)state;
	small_dead(&ecu, &(struct tt_obd_scan_config){.only_11bit = true, .dtc_period_us = TT_SEC(1), .rediscover_period_us = TT_SEC(20)});
	world_run(TT_SEC(100));
	w.ecus[0].dead = false;
	world_run(TT_SEC(70));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E8), 1);
	w.ecus[0].dead = true;
	w.nlog = 0;
	world_run(TT_SEC(100));
	for (size_t i = 0; i < w.nlog && seen < 3; i++) {
		if (w.log[i].frame.id != 0x7DF)
			continue;
		if (last != 0 && w.log[i].at - last < TT_SEC(20)) {
			assert_in_range(w.log[i].at - last, TT_SEC(1 << seen) + TT_MS(100), TT_SEC(1 << seen) + TT_MS(400));
			seen++;
		}
		last = w.log[i].at;
	}
	assert_int_equal(seen, 3);
}

static void probes_of_a_silent_ecu_begin_anew_with_each_drive(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"});
	tt_mono_us at[3];
	size_t n = 0;

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.only_11bit = true, .dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(5));
	w.ecus[0].dead = true;
	world_run(TT_SEC(200));
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	w.nlog = 0;
	world_run(TT_SEC(10));
	for (size_t i = 0; i < w.nlog && n < 3; i++) {
		if (w.log[i].frame.id == 0x7E0)
			at[n++] = w.log[i].at;
	}
	assert_int_equal(n, 3);
	assert_in_range(at[1] - at[0], TT_SEC(2), TT_MS(2400));
	assert_in_range(at[2] - at[1], TT_SEC(4), TT_MS(4400));
}

static void all_eight_ecus_are_hurried(void **state)
{
	static struct ecu ecus[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		ecus[i] = (struct ecu){.rx_id = 0x7E0 + i, .answers = {{"01 00", "41 00 80 00 00 00"}, {"03", "43 00"}, LACKS_ALL}};
	world_begin(ecus, 8, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1000), CALM});
	world_run(TT_SEC(20));
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(asked_of(0x7E0 + i, 3), 1);
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_SEC(20));
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(asked_of(0x7E0 + i, 3), 2);
}

static void an_ecu_that_just_fell_silent_is_probed_in_a_hurry(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"});
	size_t before;

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), CALM});
	world_run(TT_SEC(3));
	w.ecus[0].dead = true;
	while (world_count(TT_OBD_RESULT_SILENT, 0x7E8) == 0)
		world_run(TT_MS(1));
	before = asked_of(0x7E0, 1);
	tt_obd_scan_hurry(&w.scan, w.now);
	world_run(TT_MS(60));
	assert_int_equal(asked_of(0x7E0, 1), before + 1);
}

/* Found again by discovery, long before its next probe: what it supports is asked at once, and with it all the rest. */
static void an_ecu_that_discovery_finds_again_is_asked_everything_at_once(void **state)
{
	const struct tt_obd_scan_task *probe = &w.scan.ecus[1].tasks[TT_OBD_TASK_BITMAPS];

	(void)state;
	two_cars_parts(&(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), .rediscover_period_us = TT_SEC(20)});
	world_run(TT_SEC(5));
	w.ecus[1].dead = true;
	while (!w.scan.ecus[1].silent || probe->due_us < w.now + TT_SEC(30))
		world_run(TT_MS(100));
	w.ecus[1].dead = false;
	world_run(TT_SEC(22));
	assert_int_equal(world_count(TT_OBD_RESULT_ECU, 0x7E9), 2);
	assert_int_equal(world_count(TT_OBD_RESULT_PIDS, 0x7E9), 2);
}

/* Found again, and then no answer to the first question: the pauses of the silence before do not count. */
static void an_ecu_that_is_found_again_begins_with_the_shortest_pause(void **state)
{
	static const struct tt_can_frame found = {.id = 0x7E9, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
	struct ecu ecus[] = {SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"}, LACKS_ALL),
			     SMALL({"01 00", "41 00 80 00 00 00"}, {"03", "43 00"}, LACKS_ALL)};
	tt_mono_us at[2];
	size_t n = 0;

	(void)state;
	ecus[1].rx_id = 0x7E1;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), .rediscover_period_us = TT_SEC(20)});
	world_run(TT_SEC(40)); /* the rounds are over */
	w.ecus[1].dead = true;
	while (!w.scan.ecus[1].silent || w.scan.ecus[1].tasks[TT_OBD_TASK_BITMAPS].due_us < w.now + TT_SEC(30))
		world_run(TT_MS(100));
	while (!w.scan.discovery.active || w.scan.discovery.owed)
		world_run(TT_MS(1));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &found));
	w.nlog = 0;
	world_run(TT_SEC(4));
	for (size_t i = 0; i < w.nlog && n < 2; i++) {
		if (w.log[i].frame.id == 0x7E1 && memcmp(w.log[i].frame.data, "\x02\x01\x00", 3) == 0)
			at[n++] = w.log[i].at;
	}
	assert_int_equal(n, 2);
	assert_in_range(at[1] - at[0], TT_MS(2100), TT_MS(2400));
}

/* Found by the hostile test: a pause forgot when the last question had gone out. */
static void a_short_pause_does_not_shorten_the_gap(void **state)
{
	struct tt_can_frame f;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	tt_obd_scan_pause(&w.scan, w.now + TT_MS(10), true);
	tt_obd_scan_pause(&w.scan, w.now + TT_MS(20), false);
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_MS(50));
	assert_false(tt_obd_scan_next_tx(&w.scan, w.now + TT_MS(50) - 1, &f));
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now + TT_MS(50), &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_width_alone_is_asked_when_told_so),
		cmocka_unit_test(what_is_no_answer_to_discovery_brings_no_ecu),
		cmocka_unit_test(discovery_waits_for_each_ecu_by_itself),
		cmocka_unit_test(an_empty_bus_is_asked_quickly_again_after_a_pause),
		cmocka_unit_test(a_ninth_ecu_is_told_once),
		cmocka_unit_test(a_car_answers_while_one_of_its_ecus_does),
		cmocka_unit_test(every_ecu_is_hurried_cleared_and_paused),
		cmocka_unit_test(hurry_keeps_what_was_refused),
		cmocka_unit_test(strays_end_or_prolong_patience_only_when_they_are_whole),
		cmocka_unit_test(patience_for_strays_is_granted_as_often_as_configured),
		cmocka_unit_test(patience_of_an_earlier_discovery_is_forgotten),
		cmocka_unit_test(the_eighth_ecu_is_waited_for_as_the_first_is),
		cmocka_unit_test(pauses_begin_anew_after_somebody_answered),
		cmocka_unit_test(probes_of_a_silent_ecu_begin_anew_with_each_drive),
		cmocka_unit_test(all_eight_ecus_are_hurried),
		cmocka_unit_test(an_ecu_that_just_fell_silent_is_probed_in_a_hurry),
		cmocka_unit_test(an_ecu_that_discovery_finds_again_is_asked_everything_at_once),
		cmocka_unit_test(an_ecu_that_is_found_again_begins_with_the_shortest_pause),
		cmocka_unit_test(a_short_pause_does_not_shorten_the_gap),
	};

	return cmocka_run_group_tests_name("obd find", tests, NULL, NULL);
}
