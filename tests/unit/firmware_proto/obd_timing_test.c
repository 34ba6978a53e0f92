/* When the scan asks: every default, gap, pause and limit of its header, to the microsecond. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* One ECU that has nothing but what is given: everything else is refused for good, so that nothing disturbs the times. */
static void quiet_car(const struct answer *answers, size_t n, const struct tt_obd_scan_config *config)
{
	static const struct answer lacks[] = {LACKS_ALL};
	struct ecu ecu = {.rx_id = 0x7E0};
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		ecu.answers[at++] = answers[i];
	ecu.answers[at++] = (struct answer){"01 00", "41 00 80 00 00 00"};
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		ecu.answers[at++] = lacks[i];
	world_begin(&ecu, 1, config);
}
#define ANSWERS_OF(...) (const struct answer[]){__VA_ARGS__}, sizeof((const struct answer[]){__VA_ARGS__}) / sizeof(struct answer)

/* Times at which this was asked of the ECU itself (not of all), up to max of them. */
static size_t times(uint8_t len, uint8_t service, uint8_t what, tt_mono_us *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nlog && n < max; i++) {
		const struct tt_can_frame *f = &w.log[i].frame;

		if (f->id == 0x7E0 && f->data[0] == len && f->data[1] == service && (len == 1 || f->data[2] == what))
			out[n++] = w.log[i].at;
	}
	return n;
}

static void defaults_are_those_of_the_header(void **state)
{
	const struct tt_obd_scan_config given = {.min_gap_us = 1,
						 .p2_us = 2,
						 .p2_star_us = 3,
						 .dtc_period_us = 4,
						 .odometer_period_us = 5,
						 .live_period_us = 6,
						 .rediscover_period_us = 7,
						 .info_after_us = 8,
						 .monitors_after_us = 9,
						 .slow_gap_us = 10,
						 .pad_byte = 11,
						 .pending_max = 12};
	static struct tt_obd_scan s;
	const struct tt_obd_scan_config *c = &s.config;

	(void)state;
	tt_obd_scan_init(&s, &(struct tt_obd_scan_config){0}, 0);
	assert_int_equal(c->min_gap_us, 50000);
	assert_int_equal(c->p2_us, 100000);
	assert_int_equal(c->p2_star_us, 5000000);
	assert_int_equal(c->dtc_period_us, 10000000);
	assert_int_equal(c->odometer_period_us, 60000000);
	assert_int_equal(c->live_period_us, 1000000);
	assert_int_equal(c->rediscover_period_us, 300000000);
	assert_int_equal(c->info_after_us, 5000000);
	assert_int_equal(c->monitors_after_us, 30000000);
	assert_int_equal(c->slow_gap_us, 300000);
	assert_int_equal(c->pad_byte, 0xCC);
	assert_int_equal(c->pending_max, 12);
	tt_obd_scan_init(&s, &given, 0);
	assert_memory_equal(c, &given, sizeof(given));
}

static void an_empty_bus_is_asked_on_both_widths_with_doubling_pauses(void **state)
{
	static const int64_t pauses_s[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	tt_mono_us at = TT_SEC(100);

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(300));
	assert_int_equal(w.nlog, 2 * 10 - 1 + 1);
	for (size_t i = 0; i + 1 < w.nlog; i += 2) {
		assert_int_equal(w.log[i].frame.id, 0x7DF);
		assert_int_equal(w.log[i].at, at);
		assert_int_equal(w.log[i + 1].frame.id, 0x18DB33F1);
		assert_int_equal(w.log[i + 1].at, at + TT_MS(100));
		assert_memory_equal(w.log[i].frame.data, "\x02\x01\x00\xCC\xCC\xCC\xCC\xCC", 8);
		at += TT_MS(200) + TT_SEC(pauses_s[i / 2 < 8 ? i / 2 : 8]);
	}
	assert_int_equal(w.results[0].at_us, TT_SEC(100) + TT_MS(200));
	assert_int_equal(w.nresults, 1);
}

/* A car of the other width is asked on that one first after a pause, since that is where it was found. */
static void discovery_begins_where_the_car_was_found(void **state)
{
	static const struct ecu ecus[] = {{.rx_id = 0x18DA10F1, .answers = {{"01 00", "41 00 80 00 00 00"}}}};
	size_t before;

	(void)state;
	world_car(ecus, 1, true);
	tt_obd_scan_init(&w.scan, &(struct tt_obd_scan_config){0}, w.now);
	world_run(TT_SEC(10));
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	before = w.nlog;
	world_run(TT_SEC(1));
	assert_int_equal(w.log[before].frame.id, 0x18DB33F1);
	w.ecus[0].dead = true;
	tt_obd_scan_pause(&w.scan, w.now, true);
	tt_obd_scan_pause(&w.scan, w.now, false);
	before = w.nlog;
	world_run(TT_SEC(1));
	assert_int_equal(w.log[before].frame.id, 0x18DB33F1);
	assert_int_equal(w.log[before + 1].frame.id, 0x7DF);
	assert_int_equal(w.log[before + 1].at - w.log[before].at, TT_MS(100));
}

static void discovery_repeats_every_three_hundred_seconds_while_somebody_answers(void **state)
{
	size_t n = 0;
	tt_mono_us at[8];

	(void)state;
	quiet_car(NULL, 0, &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(700));
	for (size_t i = 0; i < w.nlog; i++) {
		assert_false(w.log[i].frame.extended);
		if (w.log[i].frame.id == 0x7DF)
			at[n++] = w.log[i].at;
	}
	assert_int_equal(n, 3);
	assert_int_equal(at[0], TT_SEC(100));
	assert_int_equal(at[1] - at[0], TT_SEC(300) + TT_MS(100)); /* from the end of the first */
	assert_int_equal(at[2] - at[1], TT_SEC(300) + TT_MS(100));
}

static void questions_come_in_their_periods(void **state)
{
	static const struct {
		struct answer answers[8];
		uint8_t len, service, what;
		int64_t period_us;
		size_t settled; /* the questions before this one wait for others */
	} cases[] = {
		{{{"03", "43 00"}}, 1, 0x03, 0, TT_SEC(10), 1},
		{{{"07", "47 00"}}, 1, 0x07, 0, TT_SEC(10), 1},
		{{{"0A", "4A 00"}}, 1, 0x0A, 0, TT_SEC(10), 1},
		{{{"01 01", "41 01 00 00 00 00"}}, 2, 0x01, 0x01, TT_SEC(10), 1},
		{{{"01 00", "41 00 80 00 00 01"},
		  {"01 20", "41 20 00 00 00 01"},
		  {"01 40", "41 40 00 00 00 01"},
		  {"01 60", "41 60 00 00 00 01"},
		  {"01 80", "41 80 00 00 00 01"},
		  {"01 A0", "41 A0 04 00 00 00"},
		  {"01 A6", "41 A6 00 00 00 01"}},
		 2,
		 0x01,
		 0xA6,
		 TT_SEC(60),
		 1},
		{{{"01 00", "41 00 00 08 00 00"}, {"01 0D", "41 0D 32"}}, 2, 0x01, 0x0D, TT_SEC(1), 2},
	};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		const bool live = cases[c].what == 0x0D;
		tt_mono_us at[64];
		size_t n = 0;

		while (n < 8 && cases[c].answers[n].request)
			n++;
		quiet_car(cases[c].answers, n,
			  &(struct tt_obd_scan_config){.live = {0x0D},
						       .nlive = live,
						       .info_after_us = live ? TT_SEC(1000) : 0,
						       .monitors_after_us = live ? TT_SEC(1000) : 0});
		world_run(cases[c].period_us * 4);
		n = times(cases[c].len, cases[c].service, cases[c].what, at, 64);
		assert_in_range(n, 3, 5);
		for (size_t i = cases[c].settled; i + 1 < n; i++)
			assert_int_equal(at[i + 1] - at[i], cases[c].period_us);
	}
}

static void a_refusal_under_conditions_doubles_the_pause_up_to_64_periods(void **state)
{
	static const int64_t pauses_s[] = {2, 4, 8, 16, 32, 64, 64, 64};
	tt_mono_us at[16];

	(void)state;
	quiet_car(ANSWERS_OF({"03", "7F 03 22"}),
		  &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1), .rediscover_period_us = TT_SEC(100000)});
	world_run(TT_SEC(260));
	assert_int_equal(times(1, 3, 0, at, 16), 9);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(at[i + 1] - at[i], TT_SEC(pauses_s[i]));
	assert_false(world_find(TT_OBD_RESULT_REFUSING, 0x7E8, 1)->u.refused.nrc == 0);
}

static void a_busy_ecu_is_asked_three_times_more_and_then_told(void **state)
{
	const struct tt_obd_result *r;
	tt_mono_us at[16];

	(void)state;
	quiet_car(ANSWERS_OF({"09 02", "7F 09 21"}), &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(3)});
	world_run(TT_SEC(4));
	assert_int_equal(times(2, 9, 2, at, 16), 4);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(at[i + 1] - at[i], TT_MS(200));
	for (size_t i = 0;; i++) {
		r = world_find(TT_OBD_RESULT_REFUSING, 0x7E8, i);
		if (r->u.refused.nrc == 0x21)
			break;
	}
	assert_int_equal(r->at_us, at[3]);
	assert_int_equal(r->u.refused.service, 9);
	assert_int_equal(r->u.refused.pid, 2);
	assert_false(r->u.refused.unsupported);
	world_run(TT_SEC(4));
	assert_int_equal(times(2, 9, 2, at, 16), 8);
	assert_int_equal(at[4] - at[3], TT_SEC(6));
}

static void what_comes_while_a_busy_ecu_rests_answers_nothing(void **state)
{
	const struct tt_can_frame vin = {.id = 0x7E8, .len = 8, .data = {0x10, 0x14, 0x49, 0x02, 0x01, 0x33, 0x46, 0x41}};
	struct tt_can_frame f;

	(void)state;
	quiet_car(ANSWERS_OF({"09 02", "7F 09 21"}), &(struct tt_obd_scan_config){0});
	while (world_requests("09 02") == 0)
		world_run(TT_MS(10));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &vin));
	assert_false(tt_obd_scan_next_tx(&w.scan, w.now, &f)); /* no flow control */
	assert_int_equal(w.scan.strays, 1);
}

static void three_silences_make_an_ecu_silent_and_probes_come_ever_more_rarely(void **state)
{
	static const int64_t pauses_s[] = {2, 4, 8, 16, 32, 64, 64, 64};
	tt_mono_us at[16], silent_at;
	size_t n, before;

	(void)state;
	quiet_car(ANSWERS_OF({"03", "43 00"}),
		  &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(5), .rediscover_period_us = TT_SEC(100000)});
	world_run(TT_SEC(40));
	n = times(1, 3, 0, at, 16);
	w.ecus[0].dead = true;
	world_run(TT_SEC(40));
	/* asked at its period, after 2 and after 4 periods, each time waited for P2 */
	assert_int_equal(times(1, 3, 0, at, 16), n + 3);
	assert_int_equal(at[n + 1] - at[n], TT_SEC(10) + TT_MS(100));
	assert_int_equal(at[n + 2] - at[n + 1], TT_SEC(20) + TT_MS(100));
	silent_at = world_find(TT_OBD_RESULT_SILENT, 0x7E8, 0)->at_us;
	assert_int_equal(silent_at, at[n + 2] + TT_MS(100));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
	before = times(2, 1, 0, at, 16);
	world_run(TT_SEC(300));
	n = times(2, 1, 0, at, 16);
	assert_true(before <= n && n >= 8);
	assert_int_equal(at[1] - silent_at, TT_SEC(1));
	for (size_t i = 1; i + 1 < n; i++)
		assert_int_equal(at[i + 1] - at[i], TT_SEC(pauses_s[i - 1]) + TT_MS(100));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
}

/* Two failures are forgiven when an ECU is back, three are not: else it would be asked without end, silent and back by turns. */
static void what_failed_three_times_keeps_its_pause_when_an_ecu_is_back(void **state)
{
	(void)state;
	for (size_t failures = 2; failures <= 3; failures++) {
		const int64_t pause_us = TT_SEC(1 << failures);
		tt_mono_us at[8];

		quiet_car(ANSWERS_OF({"01 00", "41 00 80 08 00 00"}, {"01 0D", "41 0D 32"}, {"07", "7F 07 22"}),
			  &(struct tt_obd_scan_config){
				  .dtc_period_us = TT_SEC(1), .live = {0x0D}, .nlive = 1, .live_period_us = TT_MS(100), CALM});
		while (times(1, 7, 0, at, 8) < failures)
			world_run(TT_MS(1));
		w.ecus[0].dead = true;
		while (world_count(TT_OBD_RESULT_SILENT, 0x7E8) == 0)
			world_run(TT_MS(1));
		w.ecus[0].dead = false;
		while (world_count(TT_OBD_RESULT_ECU, 0x7E8) == 1)
			world_run(TT_MS(1));
		world_run(TT_MS(300));
		assert_true(w.now < at[failures - 1] + pause_us);
		assert_int_equal(times(1, 7, 0, at, 8), 3); /* a third time at once, or three times before and not again */
	}
}

static void an_answer_between_keeps_an_ecu_from_being_silent(void **state)
{
	(void)state;
	quiet_car(ANSWERS_OF({"03", "43 00"}, {"07", ""}), &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(1)});
	world_run(TT_SEC(100));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 0);
	assert_in_range(world_requests("07"), 6, 8); /* 2, 4 .. 64 s */
}

static void patience_is_granted_as_often_as_configured_and_from_each_request_for_it_on(void **state)
{
	const struct tt_can_frame pending = {.id = 0x7E8, .len = 4, .data = {3, 0x7F, 0x03, 0x78}};
	const struct tt_obd_result *r;
	tt_mono_us began;

	(void)state;
	quiet_car(ANSWERS_OF({"03", "7F 03 78"}), &(struct tt_obd_scan_config){.pending_max = 3});
	while (world_requests("03") == 0)
		world_run(TT_MS(1));
	for (unsigned i = 0; i < 2; i++) {
		w.now += TT_SEC(4);
		tt_obd_scan_tick(&w.scan, w.now);
		assert_true(tt_obd_scan_feed(&w.scan, w.now, &pending));
	}
	began = w.now;
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + TT_SEC(5));
	world_run(TT_SEC(6));
	r = world_find(TT_OBD_RESULT_REFUSING, 0x7E8, world_count(TT_OBD_RESULT_REFUSING, 0x7E8) - 1);
	for (size_t i = 0; r->u.refused.nrc != 0x78; i++)
		r = world_find(TT_OBD_RESULT_REFUSING, 0x7E8, i);
	assert_int_equal(r->at_us, began + TT_SEC(5));
	assert_int_equal(r->u.refused.service, 3);
}

static void rounds_begin_in_their_time_and_go_slowly(void **state)
{
	tt_mono_us at[8], next[8];

	(void)state;
	quiet_car(ANSWERS_OF({"09 00", "49 00 54 40 00 00"}, {"09 04", "7F 09 31"}, {"09 06", "49 06 01 CA FE 00 01"}, {"09 0A", ""},
			     {"06 00", "46 00 80 00 00 01"}, {"06 20", "46 20 80 00 00 00"}, {"06 01", ""},
			     {"06 21", "46 21 80 20 00 50 00 00 00 40"}),
		  &(struct tt_obd_scan_config){.dtc_period_us = TT_SEC(7)});
	world_run(TT_SEC(80));
	assert_int_equal(times(2, 9, 0x00, at, 8), 1);
	assert_int_equal(at[0], TT_SEC(105));
	assert_int_equal(times(2, 9, 0x04, next, 8), 1);
	assert_int_equal(next[0] - at[0], TT_MS(300));
	assert_int_equal(times(2, 9, 0x06, at, 8), 1);
	assert_int_equal(at[0] - next[0], TT_MS(300));
	assert_int_equal(times(2, 9, 0x0A, next, 8), 3); /* silent: tried three times, then left */
	assert_int_equal(next[0] - at[0], TT_MS(300));
	assert_int_equal(next[1] - next[0], TT_SEC(14) + TT_MS(100));
	assert_int_equal(times(2, 6, 0x00, at, 8), 1);
	assert_int_equal(at[0], TT_SEC(130));
	assert_int_equal(times(2, 6, 0x20, next, 8), 1);
	assert_int_equal(next[0] - at[0], TT_MS(300));
	assert_int_equal(times(2, 6, 0x01, at, 8), 3);
	assert_int_equal(at[0] - next[0], TT_MS(300));
	assert_int_equal(times(2, 6, 0x21, next, 8), 1);
	assert_int_equal(next[0] - at[2], TT_MS(100) + TT_MS(300)); /* the pause of what was silent is not the next one's */
}

static void after_a_pause_discovery_goes_first_and_each_ecu_is_asked_behind_it(void **state)
{
	tt_mono_us began, at[8];
	size_t before;

	(void)state;
	quiet_car(ANSWERS_OF({"03", "43 00"}), &(struct tt_obd_scan_config){0});
	world_run(TT_SEC(20));
	tt_obd_scan_pause(&w.scan, w.now, true);
	world_run(TT_SEC(20));
	tt_obd_scan_pause(&w.scan, w.now, false);
	w.ecus[0].dead = true;
	began = w.now;
	before = w.nlog;
	world_run(TT_MS(150));
	assert_int_equal(w.log[before].frame.id, 0x7DF);
	assert_int_equal(w.log[before].at, began);
	world_run(TT_SEC(1));
	assert_int_equal(times(2, 1, 0, at, 8), 2);
	assert_in_range(at[1], began + TT_MS(100), began + TT_MS(250));
	assert_int_equal(world_find(TT_OBD_RESULT_SILENT, 0x7E8, 0)->at_us, at[1] + TT_MS(100));
	assert_int_equal(world_count(TT_OBD_RESULT_SILENT, 0x7E8), 1);
}

static void wake_up_times_are_at_once_then_the_end_of_waiting_then_the_gap(void **state)
{
	const struct tt_can_frame answer = {.id = 0x7E8, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
	struct tt_can_frame f;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now);
	tt_obd_scan_tick(&w.scan, w.now);
	assert_true(tt_obd_scan_wake_at(&w.scan) == INT64_MIN); /* a frame is to be fetched */
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &answer)); /* before we asked: another tester's */
	assert_int_equal(w.scan.necus, 0);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_false(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_MS(100));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &answer));
	w.now += TT_MS(100);
	tt_obd_scan_tick(&w.scan, w.now - 1);
	assert_true(w.scan.discovery.active);
	tt_obd_scan_tick(&w.scan, w.now);
	assert_false(w.scan.discovery.active);
	assert_true(tt_obd_scan_wake_at(&w.scan) == INT64_MIN); /* the first question to the ECU */
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &answer));
	assert_int_equal(w.scan.strays, 2); /* it was not asked yet */
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(f.id, 0x7E0);
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_MS(100));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &answer));
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), w.now + TT_MS(50)); /* the gap */
	tt_obd_scan_tick(&w.scan, w.now + TT_MS(50) - 1);
	assert_false(w.scan.request.active);
	tt_obd_scan_tick(&w.scan, w.now + TT_MS(50));
	assert_true(w.scan.request.active);
}

/* From each frame that asks until its answer or the end of waiting, also while an ECU that is busy rests. */
static void it_is_busy_while_an_answer_may_come(void **state)
{
	const struct tt_can_frame found = {.id = 0x7E8, .len = 8, .data = {6, 0x41, 0, 0x80, 0, 0, 0}};
	const struct tt_can_frame rest = {.id = 0x7E8, .len = 8, .data = {3, 0x7F, 1, 0x21}};
	struct tt_can_frame f;

	(void)state;
	world_begin(NULL, 0, &(struct tt_obd_scan_config){0});
	tt_obd_scan_tick(&w.scan, w.now);
	assert_false(tt_obd_scan_busy(&w.scan)); /* discovery's frame was not fetched */
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_true(tt_obd_scan_busy(&w.scan));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &found));
	assert_true(tt_obd_scan_busy(&w.scan)); /* others may answer too */
	w.now += TT_MS(100);
	tt_obd_scan_tick(&w.scan, w.now);
	assert_true(w.scan.request.active);
	assert_false(tt_obd_scan_busy(&w.scan)); /* the question to the ECU was not fetched */
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_true(tt_obd_scan_busy(&w.scan));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &rest));
	assert_true(tt_obd_scan_busy(&w.scan));
	w.now += TT_MS(200);
	tt_obd_scan_tick(&w.scan, w.now);
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &found));
	assert_false(tt_obd_scan_busy(&w.scan));
}

static void an_answer_in_parts_may_take_until_n_cr_from_its_first_frame(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x14, 0x49, 0x02, 0x01, 0x33, 0x46, 0x41}};
	struct tt_can_frame f;
	tt_mono_us began;

	(void)state;
	quiet_car(ANSWERS_OF({"09 02", ""}), &(struct tt_obd_scan_config){0});
	while (world_requests("09 02") == 0)
		world_run(TT_MS(1));
	w.now += TT_MS(90);
	assert_true(tt_obd_scan_feed(&w.scan, w.now, &first));
	began = w.now;
	assert_true(tt_obd_scan_next_tx(&w.scan, w.now, &f));
	assert_int_equal(f.data[0], 0x30);
	w.now += TT_MS(500);
	tt_obd_scan_tick(&w.scan, w.now);
	assert_true(w.scan.request.active);
	assert_int_equal(tt_obd_scan_wake_at(&w.scan), began + TT_SEC(1));
	tt_obd_scan_tick(&w.scan, began + TT_SEC(1));
	assert_int_equal(w.scan.ecus[0].silences, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_header),
		cmocka_unit_test(an_empty_bus_is_asked_on_both_widths_with_doubling_pauses),
		cmocka_unit_test(discovery_begins_where_the_car_was_found),
		cmocka_unit_test(discovery_repeats_every_three_hundred_seconds_while_somebody_answers),
		cmocka_unit_test(questions_come_in_their_periods),
		cmocka_unit_test(a_refusal_under_conditions_doubles_the_pause_up_to_64_periods),
		cmocka_unit_test(a_busy_ecu_is_asked_three_times_more_and_then_told),
		cmocka_unit_test(what_comes_while_a_busy_ecu_rests_answers_nothing),
		cmocka_unit_test(three_silences_make_an_ecu_silent_and_probes_come_ever_more_rarely),
		cmocka_unit_test(what_failed_three_times_keeps_its_pause_when_an_ecu_is_back),
		cmocka_unit_test(an_answer_between_keeps_an_ecu_from_being_silent),
		cmocka_unit_test(patience_is_granted_as_often_as_configured_and_from_each_request_for_it_on),
		cmocka_unit_test(rounds_begin_in_their_time_and_go_slowly),
		cmocka_unit_test(after_a_pause_discovery_goes_first_and_each_ecu_is_asked_behind_it),
		cmocka_unit_test(wake_up_times_are_at_once_then_the_end_of_waiting_then_the_gap),
		cmocka_unit_test(it_is_busy_while_an_answer_may_come),
		cmocka_unit_test(an_answer_in_parts_may_take_until_n_cr_from_its_first_frame),
	};

	return cmocka_run_group_tests_name("obd timing", tests, NULL, NULL);
}
