/* Geometry, robust statistics, episodes, the gate for fixes, fences: each rule at its boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/fix_gate.h"
#include "firmware/proto/geo.h"
#include "firmware/proto/geofence.h"
#include "firmware/proto/robust.h"

#include <string.h>

/* ---- geometry ---- */

static void distances_are_those_of_the_sphere(void **state)
{
	/* from the haversine formula on 6371008.8 m, worked out with another program */
	static const struct {
		struct tt_geo_point a, b;
		int64_t mm;
	} cases[] = {
		{{0, 0}, {0, 10000000}, 111195080},
		{{0, 0}, {10000000, 0}, 111195080},
		{{600000000, 0}, {600000000, 10000000}, 55594650}, /* along the parallel, as the plane has it */
		{{487758000, 91829000}, {487758000, 91829000}, 0},
		{{487758000, 91829000}, {487768000, 91839000}, 133167},
		{{100000000, 1799999000}, {100000000, -1799999000}, 21901},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int64_t d = tt_geo_distance_mm(cases[i].a, cases[i].b), slack = cases[i].mm / 10000 + 2;

		if (d < cases[i].mm - slack || d > cases[i].mm + slack)
			fail_msg("case %zu: %lld mm", i, (long long)d);
		assert_int_equal(d, tt_geo_distance_mm(cases[i].b, cases[i].a));
	}
	/* farther than a square fits: the larger offset */
	assert_in_range(tt_geo_distance_mm((struct tt_geo_point){0, 0}, (struct tt_geo_point){0, 1800000000}), 20015000000, 20016000000);
	assert_in_range(tt_geo_distance_mm((struct tt_geo_point){-900000000, 0}, (struct tt_geo_point){900000000, 0}), 20015000000,
			20016000000);
}

static void east_goes_the_short_way(void **state)
{
	(void)state;
	assert_int_equal(tt_geo_east_e7(1790000000, -1790000000), 20000000);
	assert_int_equal(tt_geo_east_e7(-1790000000, 1790000000), -20000000);
	assert_int_equal(tt_geo_east_e7(0, 1800000000), 1800000000);
	assert_int_equal(tt_geo_east_e7(0, -1800000000), -1800000000);
	assert_int_equal(tt_geo_east_e7(-1, 1800000000), -1799999999);
}

static void roots_are_whole_and_not_too_large(void **state)
{
	static const uint64_t values[] = {0, 1, 2, 3, 4, 8, 9, 10, 99, 100, UINT64_C(4294967295) * UINT64_C(4294967295), UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const uint64_t r = tt_isqrt(values[i]);

		assert_true(r * r <= values[i]);
		assert_true(r == UINT32_MAX || (r + 1) * (r + 1) > values[i]);
	}
}

static void inside_and_edge_of_a_polygon_that_is_not_convex_and_crosses_the_antimeridian(void **state)
{
	/* a U, open to the north; 2 degrees wide, across 180 degrees */
	static const struct tt_geo_point u[] = {{0, 1790000000},         {0, -1790000000},       {20000000, -1790000000},
						{20000000, -1795000000}, {5000000, -1795000000}, {5000000, 1795000000},
						{20000000, 1795000000},  {20000000, 1790000000}};
	static const struct {
		struct tt_geo_point p;
		bool inside;
	} cases[] = {
		{{2000000, 1800000000}, true},   {{2000000, -1800000000}, true},  {{10000000, 1792000000}, true},
		{{10000000, -1792000000}, true}, {{10000000, 1799000000}, false}, {{10000000, -1799000000}, false},
		{{-1000000, 1800000000}, false}, {{21000000, 1792000000}, false}, {{2000000, 1780000000}, false},
		{{2000000, -1780000000}, false}, {{2000000, 0}, false},           {{2000000, 1000000}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (tt_geo_inside(u, 8, cases[i].p) != cases[i].inside)
			fail_msg("case %zu", i);
	}
	/* 0.1 degree south of the lower edge, beside its end, and on a corner */
	assert_in_range(tt_geo_edge_mm(u, 8, (struct tt_geo_point){-1000000, 1800000000}), 11119400, 11119600);
	assert_in_range(tt_geo_edge_mm(u, 8, (struct tt_geo_point){0, 1789000000}), 11119400, 11119600);
	assert_int_equal(tt_geo_edge_mm(u, 8, u[3]), 0);
	assert_in_range(tt_geo_edge_mm(u, 8, (struct tt_geo_point){10000000, 1799000000}), 44400000, 44500000);
}

static void a_polygon_of_one_place_has_an_edge_of_no_length(void **state)
{
	static const struct tt_geo_point p[] = {{0, 0}, {0, 0}, {0, 0}};

	(void)state;
	assert_in_range(tt_geo_edge_mm(p, 3, (struct tt_geo_point){1000, 0}), 11118, 11120);
	assert_false(tt_geo_inside(p, 3, (struct tt_geo_point){1000, 0}));
}

/* ---- statistics ---- */

static void medians_take_the_lower_of_two(void **state)
{
	static const int64_t v[] = {5, -3, 9, 9, 0, 7};

	(void)state;
	assert_int_equal(tt_median(v, 1), 5);
	assert_int_equal(tt_median(v, 2), -3);
	assert_int_equal(tt_median(v, 3), 5);
	assert_int_equal(tt_median(v, 4), 5);
	assert_int_equal(tt_median(v, 5), 5);
	assert_int_equal(tt_median(v, 6), 5);
}

static void a_median_of_three_claims_nothing_early(void **state)
{
	struct tt_median3 m = {.n = 0};

	(void)state;
	assert_int_equal(tt_median3_add(&m, -900), -900);
	assert_int_equal(tt_median3_add(&m, 50), 50);
	assert_int_equal(tt_median3_add(&m, 60), 50);
	assert_int_equal(tt_median3_add(&m, 9000), 60); /* one bad value never comes out */
	assert_int_equal(tt_median3_add(&m, 61), 61);
	m = (struct tt_median3){.n = 0};
	assert_int_equal(tt_median3_add(&m, 7), 7);
	assert_int_equal(tt_median3_add(&m, -8), 7);
}

static void a_trend_keeps_what_is_apart_and_young(void **state)
{
	struct tt_trend t = {.n = 0};
	int64_t lo, hi;

	(void)state;
	assert_int_equal(tt_trend_span(&t), 0);
	assert_true(tt_trend_add(&t, 1000, 1, 100, 1000));
	assert_false(tt_trend_add(&t, 1099, 2, 100, 1000));
	assert_true(tt_trend_add(&t, 1100, 3, 100, 1000));
	assert_int_equal(tt_trend_span(&t), 100);
	assert_true(tt_trend_add(&t, 2000, 4, 100, 1000));
	assert_int_equal(t.n, 3);
	assert_true(tt_trend_add(&t, 2101, 5, 100, 1000)); /* two are older than 1000 now */
	assert_int_equal(t.n, 2);
	tt_trend_range(&t, &lo, &hi);
	assert_int_equal(lo, 4);
	assert_int_equal(hi, 5);
	assert_true(tt_trend_add(&t, 2000, 6, 100, 1000)); /* backwards: begins anew */
	assert_int_equal(t.n, 1);
	for (int i = 1; i <= TT_TREND_SAMPLES; i++)
		assert_true(tt_trend_add(&t, 2000 + i * 100, -i, 100, 10000));
	assert_int_equal(t.n, TT_TREND_SAMPLES);
	assert_int_equal(t.value[0], -1);
	tt_trend_range(&t, &lo, &hi);
	assert_int_equal(lo, -8);
	assert_int_equal(hi, -1);
}

static void a_slope_survives_any_one_bad_sample(void **state)
{
	(void)state;
	for (unsigned n = TT_TREND_LEAST; n <= TT_TREND_SAMPLES; n++) {
		for (unsigned bad = 0; bad <= n; bad++) {
			for (int sign = -1; sign <= 1; sign += 2) {
				struct tt_trend t = {.n = 0};

				for (unsigned i = 0; i < n; i++)
					assert_true(tt_trend_add(&t, 1 + i * 100000, i == bad ? sign * 1000000 : (int64_t)i * 50, 1,
								 TT_SEC(9)));
				if (bad == n) {
					assert_int_equal(tt_trend_slope(&t, true, 0), 500);
					assert_int_equal(tt_trend_slope(&t, false, 0), 500);
				} else {
					assert_true(tt_trend_slope(&t, true, 0) <= 500);
					assert_true(tt_trend_slope(&t, false, 0) >= 499);
					assert_true(tt_trend_level(&t, true) <= (int64_t)n * 50 && tt_trend_level(&t, false) >= 0);
				}
			}
		}
	}
}

static void three_samples_say_nothing(void **state)
{
	struct tt_trend t = {.n = 0};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tt_trend_add(&t, 1 + i * 1000, 100 * i, 1, TT_SEC(1)));
	assert_int_equal(tt_trend_slope(&t, true, 0), 0);
	assert_int_equal(tt_trend_level(&t, true), 0);
	assert_true(tt_trend_add(&t, 4000, 300, 1, TT_SEC(1)));
	assert_int_equal(tt_trend_level(&t, true), 100); /* of 0 100 200 300, the one that claims less */
	assert_int_equal(tt_trend_level(&t, false), 200);
}

static void an_angle_turns_the_short_way(void **state)
{
	struct tt_trend t = {.n = 0};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(tt_trend_add(&t, 1 + i * 1000000, (35500 + i * 300) % 36000, 1, TT_SEC(9)));
	assert_int_equal(tt_trend_slope(&t, true, 36000), 300);
	for (int i = 0; i < 4; i++)
		assert_true(tt_trend_add(&t, TT_SEC(100 + i), (36500 - i * 300) % 36000, 1, TT_SEC(9)));
	assert_int_equal(tt_trend_slope(&t, false, 36000), -300);
}

static void an_episode_holds_and_clears(void **state)
{
	struct tt_episode e = {.on = false};

	(void)state;
	assert_int_equal(tt_episode_feed(&e, 1000, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1099, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1099, TT_LEVEL_BETWEEN, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1100, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE); /* began anew */
	assert_int_equal(tt_episode_feed(&e, 1200, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_BEGIN);
	assert_int_equal(e.begin_us, 1100);
	assert_int_equal(tt_episode_feed(&e, 1300, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1400, TT_LEVEL_CLEAR, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1420, TT_LEVEL_BETWEEN, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1430, TT_LEVEL_CLEAR, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 1480, TT_LEVEL_CLEAR, 100, 50, 1000), TT_STEP_END);
	assert_int_equal(e.since_us, 1430);
	assert_int_equal(tt_episode_feed(&e, 2000, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE);
	assert_int_equal(tt_episode_feed(&e, 3001, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_NONE); /* nobody watched */
	assert_int_equal(tt_episode_feed(&e, 3101, TT_LEVEL_ABOVE, 100, 50, 1000), TT_STEP_BEGIN);
	e = (struct tt_episode){.on = false};
	assert_int_equal(tt_episode_feed(&e, 5, TT_LEVEL_ABOVE, 0, 0, 1000), TT_STEP_BEGIN);
	assert_int_equal(tt_episode_feed(&e, 5, TT_LEVEL_CLEAR, 0, 0, 1000), TT_STEP_END);
}

/* ---- fixes ---- */

static struct tt_fix_gate gate;

/* at s, metres north of 48 degrees, m/s */
static struct tt_fix_sample fix(int64_t s, int64_t north_m, uint32_t m_s)
{
	return (struct tt_fix_sample){.at_us = TT_SEC(1000 + s),
				      .place = {(int32_t)(480000000 + north_m * 100000 / 1112 + north_m / 100), 90000000},
				      .accuracy_mm = 5000,
				      .speed_mm_s = m_s * 1000};
}

static enum tt_fix_verdict take(struct tt_fix_sample f)
{
	return tt_fix_gate_take(&gate, &f);
}

static void a_fix_must_be_a_place_of_a_car(void **state)
{
	struct tt_fix_sample f = fix(0, 0, 10);

	(void)state;
	tt_fix_gate_init(&gate, 50000);
	f.accuracy_mm = 50001;
	assert_int_equal(take(f), TT_FIX_INACCURATE);
	f.accuracy_mm = 50000;
	f.speed_mm_s = 100001;
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.speed_mm_s = 100000;
	f.heading_cdeg = 36000;
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.heading_cdeg = 35999;
	f.place = (struct tt_geo_point){900000001, 0};
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.place = (struct tt_geo_point){-900000001, 0};
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.place = (struct tt_geo_point){0, 1800000001};
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.place = (struct tt_geo_point){0, -1800000001};
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.place = (struct tt_geo_point){0, 0}; /* what a receiver without a fix says */
	assert_int_equal(take(f), TT_FIX_IMPOSSIBLE);
	f.place = (struct tt_geo_point){0, 1800000000};
	assert_int_equal(take(f), TT_FIX_GOOD);
	assert_true(gate.restarted);
	assert_int_equal(take(f), TT_FIX_STALE);
	f.at_us++;
	f.place = (struct tt_geo_point){900000000, 0};
	assert_int_equal(take(f), TT_FIX_JUMP);
	assert_int_equal(gate.counts[TT_FIX_IMPOSSIBLE], 7);
	assert_int_equal(gate.counts[TT_FIX_STALE], 1);
	tt_fix_gate_init(&gate, 50000);
	f = fix(0, 0, 0);
	f.accuracy_mm = 0;
	assert_int_equal(take(f), TT_FIX_GOOD);
	assert_int_equal(gate.last.accuracy_mm, 50000); /* unknown is the worst that passes */
}

static void a_jump_is_not_believed_before_three_agree(void **state)
{
	(void)state;
	tt_fix_gate_init(&gate, 50000);
	assert_int_equal(take(fix(0, 0, 20)), TT_FIX_GOOD);
	assert_int_equal(take(fix(1, 20, 20)), TT_FIX_GOOD);
	assert_false(gate.restarted);
	assert_int_equal(take(fix(2, 400, 20)), TT_FIX_JUMP); /* a place too far */
	assert_int_equal(take(fix(3, 60, 20)), TT_FIX_GOOD);
	assert_int_equal(take(fix(4, 80, 60)), TT_FIX_JUMP); /* no engine does that */
	assert_int_equal(take(fix(5, 100, 20)), TT_FIX_GOOD);
	assert_int_equal(take(fix(6, 400, 20)), TT_FIX_JUMP);
	assert_int_equal(take(fix(7, 120, 90)), TT_FIX_JUMP); /* another jump: counts from one */
	assert_int_equal(take(fix(8, 440, 20)), TT_FIX_JUMP);
	assert_int_equal(take(fix(9, 460, 20)), TT_FIX_JUMP);
	assert_int_equal(take(fix(10, 480, 20)), TT_FIX_GOOD); /* three agree: it was out of a tunnel */
	assert_true(gate.restarted);
	assert_int_equal(take(fix(131, 9000, 60)), TT_FIX_GOOD); /* two minutes later anything may be true */
	assert_true(gate.restarted);
	assert_int_equal(take(fix(251, 20000, 0)), TT_FIX_JUMP); /* within: not 11 km */
}

static void a_place_that_stands_still_at_speed_is_a_jump(void **state)
{
	(void)state;
	tt_fix_gate_init(&gate, 50000);
	assert_int_equal(take(fix(0, 0, 40)), TT_FIX_GOOD);
	assert_int_equal(take(fix(3, 0, 40)), TT_FIX_JUMP); /* 60 m at the least, less 35 of slack */
	assert_int_equal(take(fix(3, 26, 40)), TT_FIX_GOOD);
	assert_int_equal(take(fix(7, 26, 40)), TT_FIX_GOOD); /* too long ago to tell */
}

/* ---- fences ---- */

static struct tt_motion_config config;
static struct tt_motion_queue queue;
static struct tt_geofences fences;
static struct tt_motion_event event;

static void fresh_fences(void)
{
	tt_motion_config_init(&config);
	memset(&queue, 0, sizeof(queue));
	config.fences[0] = (struct tt_fence){
		.name = "home", .shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1, .points = {{480000000, 90000000}}, .dwell_s = 60};
	config.fences[1] =
		(struct tt_fence){.name = "square",
				  .shape = TT_FENCE_POLYGON,
				  .npoints = 4,
				  .points = {{480000000, 89000000}, {480100000, 89000000}, {480100000, 91000000}, {480000000, 91000000}}};
	config.nfences = 1;
	tt_geofences_init(&fences, &config, &queue);
}

static void at(int64_t s, int64_t north_m, uint32_t accuracy_m)
{
	struct tt_fix_sample f = fix(s, north_m, 0);

	f.accuracy_mm = accuracy_m * 1000;
	tt_geofences_fix(&fences, &f);
	tt_geofences_tick(&fences, f.at_us);
}

static void expect(enum tt_motion_phase phase, unsigned which, int64_t at_s, int64_t lasted_s)
{
	assert_true(tt_motion_queue_take(&queue, &event));
	assert_int_equal(event.kind, TT_MOTION_KIND_GEOFENCE);
	assert_int_equal(event.phase, phase);
	assert_int_equal(event.which, which);
	assert_int_equal(event.at_us, TT_SEC(1000 + at_s));
	assert_int_equal(event.duration_us, TT_SEC(lasted_s));
}

static void a_fence_is_entered_stayed_in_and_left(void **state)
{
	(void)state;
	fresh_fences();
	at(0, 500, 5);
	at(1, 90, 5);
	at(2, 110, 5); /* not three in a row */
	at(3, 90, 5);
	at(4, 80, 5);
	assert_false(tt_motion_queue_take(&queue, &event));
	at(5, 70, 5);
	expect(TT_MOTION_BEGIN, 0, 3, 2);
	at(6, 129, 5); /* outside, but not by the gap */
	at(7, 129, 5);
	at(8, 129, 5);
	at(9, 131, 5);
	at(10, 131, 32); /* nor by its own accuracy */
	at(11, 131, 5);
	at(12, 131, 5);
	at(62, 0, 5);
	assert_false(tt_motion_queue_take(&queue, &event));
	at(63, 0, 5);
	expect(TT_MOTION_INSTANT, 0, 3, 60);
	at(80, 140, 5);
	at(81, 150, 5);
	at(82, 160, 5);
	expect(TT_MOTION_END, 0, 80, 77);
	at(200, 160, 5);
	assert_false(tt_motion_queue_take(&queue, &event));
}

static void a_polygon_has_the_same_gap_and_fences_are_told_apart(void **state)
{
	(void)state;
	fresh_fences();
	config.nfences = 2;
	for (int i = 0; i < 3; i++)
		at(i, 10, 5);
	expect(TT_MOTION_BEGIN, 0, 0, 2);
	expect(TT_MOTION_BEGIN, 1, 0, 2);
	for (int i = 3; i < 9; i++)
		at(i, -29, 5);
	assert_false(tt_motion_queue_take(&queue, &event));
	for (int i = 9; i < 12; i++)
		at(i, -32, 5);
	expect(TT_MOTION_END, 1, 9, 9);
	assert_false(tt_motion_queue_take(&queue, &event));
}

static void a_fence_entered_before_a_restart_does_not_enter_again(void **state)
{
	(void)state;
	fresh_fences();
	tt_geofences_restore(&fences, 0, TT_SEC(900), false);
	at(0, 0, 5);
	expect(TT_MOTION_INSTANT, 0, -100, 100); /* had stayed long enough meanwhile */
	tt_geofences_restore(&fences, 0, TT_SEC(900), true);
	for (int i = 1; i < 5; i++)
		at(i, 0, 5);
	assert_false(tt_motion_queue_take(&queue, &event));
	for (int i = 5; i < 8; i++)
		at(i, 900, 5);
	expect(TT_MOTION_END, 0, 5, 105);
}

static void a_full_queue_counts_what_it_loses(void **state)
{
	const struct tt_motion_event e = {.which = 1}, f = {.which = 2};

	(void)state;
	memset(&queue, 0, sizeof(queue));
	tt_motion_queue_put(&queue, &f);
	assert_true(tt_motion_queue_take(&queue, &event));
	for (unsigned i = 0; i < TT_MOTION_QUEUE; i++)
		tt_motion_queue_put(&queue, &e);
	tt_motion_queue_put(&queue, &f);
	assert_int_equal(queue.lost, 1);
	for (unsigned i = 0; i < TT_MOTION_QUEUE; i++) {
		assert_true(tt_motion_queue_take(&queue, &event));
		assert_int_equal(event.which, 1);
	}
	assert_false(tt_motion_queue_take(&queue, &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_are_those_of_the_sphere),
		cmocka_unit_test(east_goes_the_short_way),
		cmocka_unit_test(roots_are_whole_and_not_too_large),
		cmocka_unit_test(inside_and_edge_of_a_polygon_that_is_not_convex_and_crosses_the_antimeridian),
		cmocka_unit_test(a_polygon_of_one_place_has_an_edge_of_no_length),
		cmocka_unit_test(medians_take_the_lower_of_two),
		cmocka_unit_test(a_median_of_three_claims_nothing_early),
		cmocka_unit_test(a_trend_keeps_what_is_apart_and_young),
		cmocka_unit_test(a_slope_survives_any_one_bad_sample),
		cmocka_unit_test(three_samples_say_nothing),
		cmocka_unit_test(an_angle_turns_the_short_way),
		cmocka_unit_test(an_episode_holds_and_clears),
		cmocka_unit_test(a_fix_must_be_a_place_of_a_car),
		cmocka_unit_test(a_jump_is_not_believed_before_three_agree),
		cmocka_unit_test(a_place_that_stands_still_at_speed_is_a_jump),
		cmocka_unit_test(a_fence_is_entered_stayed_in_and_left),
		cmocka_unit_test(a_polygon_has_the_same_gap_and_fences_are_told_apart),
		cmocka_unit_test(a_fence_entered_before_a_restart_does_not_enter_again),
		cmocka_unit_test(a_full_queue_counts_what_it_loses),
	};

	return cmocka_run_group_tests_name("motion parts", tests, NULL, NULL);
}
