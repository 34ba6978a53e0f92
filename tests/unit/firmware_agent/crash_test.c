#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/crash.h"

enum { KMH_60 = 16667, KMH_30 = 8333, FRAME_US = 10000 };

static struct tt_crash c;
static tt_mono_us now;

static int fresh(void **state)
{
	(void)state;
	now = TT_SEC(100);
	tt_crash_init(&c, &TT_CRASH_DEFAULT);
	return 0;
}

static unsigned alerts(struct tt_crash_event *last)
{
	unsigned n = 0;

	tt_crash_tick(&c, now);
	while (tt_crash_next(&c, now, last))
		n++;
	return n;
}

/* Drives `frames` frames, changing the speed by step each time; returns the alerts that came. */
static unsigned drive(int32_t *speed, int32_t step, unsigned frames, struct tt_crash_event *last)
{
	unsigned n = 0;

	for (unsigned i = 0; i < frames; i++) {
		now += FRAME_US;
		*speed = *speed + step < 0 ? 0 : *speed + step;
		tt_crash_speed(&c, now, *speed);
		n += alerts(last);
	}
	return n;
}

static void losing_40_kmh_in_100_ms_is_one_crash(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;

	(void)state;
	assert_int_equal(drive(&speed, 0, 50, &e), 0);
	assert_int_equal(drive(&speed, -1111, 10, &e), 1);
	assert_int_equal(e.trigger, TT_CRASH_DELTA_V);
	assert_false(e.supplement);
	assert_true(e.speed_known);
	assert_int_equal(e.speed_before_mm_s, KMH_60);
	assert_true(e.delta_v_mm_s >= TT_CRASH_DEFAULT.delta_v_mm_s);
	assert_int_equal(drive(&speed, 0, 100, &e), 0); /* 40 km/h is not a fifth more than what was told */
}

static void a_much_larger_delta_v_follows_as_one_supplement(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;

	(void)state;
	drive(&speed, 0, 50, &e);
	assert_int_equal(drive(&speed, -1300, 13, &e), 1);
	assert_int_equal(drive(&speed, 0, 100, &e), 1);
	assert_true(e.supplement);
	assert_in_range(e.delta_v_mm_s, 16000, KMH_60);
}

static void hard_braking_is_not_a_crash(void **state)
{
	struct tt_crash_event e;
	int32_t speed = 55000; /* 198 km/h, 1.2 g down to standstill */

	(void)state;
	assert_int_equal(drive(&speed, 0, 20, &e), 0);
	assert_int_equal(drive(&speed, -118, 500, &e), 0);
	assert_int_equal(speed, 0);
}

static void just_below_15_mph_is_not_a_crash_and_just_above_is(void **state)
{
	static const struct {
		const char *what;
		int32_t step;
		unsigned frames, alerts;
	} cases[] = {
		{"6.70 m/s in 100 ms", -670, 10, 0},
		{"6.71 m/s in 100 ms", -671, 10, 1},
		{"6.71 m/s in 150 ms", -448, 15, 1},
		{"8.00 m/s, but in 200 ms: 6.0 within any 150 ms", -400, 20, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_crash_event e;
		int32_t speed = KMH_60;
		unsigned n;

		fresh(NULL);
		n = drive(&speed, 0, 30, &e);
		n += drive(&speed, cases[i].step, cases[i].frames, &e);
		n += drive(&speed, 0, 20, &e);
		if (n != cases[i].alerts)
			fail_msg("%s: %u alerts", cases[i].what, n);
	}
}

static void a_glitch_that_comes_back_is_not_a_crash(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;

	(void)state;
	drive(&speed, 0, 30, &e);
	for (int32_t depth = 500; depth <= KMH_60; depth += 500) {
		tt_crash_speed(&c, now += FRAME_US, KMH_60 - depth);
		assert_int_equal(alerts(&e), 0);
		assert_int_equal(drive(&speed, 0, 30, &e), 0);
	}
}

static void a_sensor_that_falls_to_zero_at_once_and_stays_there_is_not_a_crash(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;

	(void)state;
	drive(&speed, 0, 30, &e);
	assert_int_equal(drive(&speed, -KMH_60, 1, &e), 0);
	assert_int_equal(drive(&speed, 0, 100, &e), 0);
}

static void invalid_speed_breaks_the_history(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;

	(void)state;
	drive(&speed, 0, 30, &e);
	tt_crash_speed(&c, now += FRAME_US, 655350 / 36 * 100); /* the "not available" pattern */
	speed = KMH_30;
	assert_int_equal(drive(&speed, 0, 50, &e), 0);
	drive(&speed, 0, 10, &e);
	tt_crash_speed_invalid(&c);
	speed = 0;
	assert_int_equal(drive(&speed, 0, 50, &e), 0);
}

static void locked_wheels_that_acceleration_contradicts_are_not_a_crash(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;
	unsigned n = 0;

	(void)state;
	drive(&speed, 0, 30, &e);
	for (unsigned i = 0; i < 30; i++) {
		tt_crash_accel(&c, now + FRAME_US, 0, -2000); /* 0.2 g on ice */
		n += drive(&speed, -1300, 1, &e);
	}
	assert_int_equal(n, 0);
}

static void acceleration_alone_is_enough_and_one_spike_is_not(void **state)
{
	struct tt_crash_event e;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		tt_crash_accel(&c, now += FRAME_US, 1, 100);
	tt_crash_accel(&c, now += FRAME_US, 1, -500000);
	for (unsigned i = 0; i < 20; i++) {
		tt_crash_accel(&c, now += FRAME_US, 1, 100);
		n += alerts(&e);
	}
	assert_int_equal(n, 0);
	for (unsigned i = 0; i < 12; i++) {
		tt_crash_accel(&c, now += FRAME_US, 1, 90000); /* side impact, 9 g for 120 ms */
		n += alerts(&e);
	}
	assert_int_equal(n, 1);
	assert_int_equal(e.trigger, TT_CRASH_ACCELERATION);
	assert_int_equal(e.evidence, 1U << TT_CRASH_ACCELERATION);
	assert_false(e.speed_known);
	assert_true(e.direction_known);
	assert_in_range(e.lateral_mm_s, TT_CRASH_DEFAULT.delta_v_mm_s, 2 * TT_CRASH_DEFAULT.delta_v_mm_s);
	assert_int_equal(e.longitudinal_mm_s, 0);
}

/* Standing, then hit: `bias` is what the sensor shows at rest, `pulse` what it adds for 120 ms. */
static int32_t hit(int32_t bias, int32_t pulse, struct tt_crash_event *e)
{
	int32_t speed = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < 600; i++) {
		drive(&speed, 0, 1, e);
		tt_crash_accel(&c, now, 0, bias);
	}
	for (unsigned i = 0; i < 12; i++) {
		tt_crash_accel(&c, now += FRAME_US, 0, bias + pulse);
		n += alerts(e);
	}
	return n ? e->longitudinal_mm_s : 0;
}

static void the_sensors_rest_is_taken_off_up_to_a_limit(void **state)
{
	struct tt_crash_event e = {0};
	int32_t clean, biased;

	(void)state;
	clean = hit(0, -70000, &e);
	assert_in_range(-clean, 6706, 7500);
	fresh(NULL);
	biased = hit(-1500, -70000, &e);
	assert_in_range(clean - biased + 10, 0, 20); /* what the filter has not learnt yet: a hundredth */
	fresh(NULL);
	biased = hit(-1501, -70000, &e); /* beyond the limit nothing is learnt */
	assert_true(clean - biased > 100);
}

static void a_frontal_loss_of_speed_is_a_negative_longitudinal_delta_v_of_unknown_direction(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;

	(void)state;
	drive(&speed, 0, 50, &e);
	assert_int_equal(drive(&speed, -1111, 10, &e), 1);
	assert_int_equal(e.longitudinal_mm_s, -e.delta_v_mm_s);
	assert_int_equal(e.lateral_mm_s, 0);
	assert_false(e.direction_known);
	assert_int_equal(e.events, 1);
	assert_int_equal(e.evidence, 1U << TT_CRASH_DELTA_V);
}

static void a_rollover_needs_two_frames_or_a_witness(void **state)
{
	struct tt_crash_event e = {0};

	(void)state;
	tt_crash_rollover(&c, now, false);
	tt_crash_airbag(&c, now, 4, false);
	tt_crash_rollover(&c, now += TT_MS(100), true);
	assert_int_equal(alerts(&e), 0);
	tt_crash_rollover(&c, now += TT_MS(100), false); /* one frame was a glitch */
	tt_crash_rollover(&c, now += TT_MS(100), true);
	assert_int_equal(alerts(&e), 0);
	tt_crash_rollover(&c, now += TT_MS(100), true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.trigger, TT_CRASH_ROLLOVER);
	assert_true(e.rollover && !e.airbag_deployed);
	fresh(NULL);
	tt_crash_rollover(&c, now, false);
	tt_crash_airbag(&c, now, 4, false);
	tt_crash_airbag(&c, now += TT_MS(10), 4, true);
	assert_int_equal(alerts(&e), 0);
	tt_crash_rollover(&c, now += TT_SEC(2), true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.evidence, 1U << TT_CRASH_ROLLOVER); /* the bag itself was seen once only */
}

static void a_fuel_cut_off_is_no_crash_without_a_fresh_witness(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;

	(void)state;
	tt_crash_fuel_cut_off(&c, now, false);
	for (unsigned i = 0; i < 50; i++) {
		tt_crash_fuel_cut_off(&c, now += TT_MS(100), true); /* the engine was turned off */
		assert_int_equal(alerts(&e), 0);
	}
	tt_crash_airbag(&c, now, 0, false);
	tt_crash_airbag(&c, now += TT_MS(100), 0, true); /* a glitch: the cut-off is five seconds old and says nothing */
	assert_int_equal(alerts(&e), 0);
	fresh(NULL);
	tt_crash_fuel_cut_off(&c, now, false);
	drive(&speed, 0, 20, &e);
	assert_int_equal(drive(&speed, -600, 5, &e), 0);
	tt_crash_fuel_cut_off(&c, now, true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.trigger, TT_CRASH_FUEL_CUT_OFF);
	assert_true(e.fuel_cut_off);
	assert_int_equal(e.evidence, 1U << TT_CRASH_FUEL_CUT_OFF);
}

static void a_second_impact_after_half_a_second_is_counted_and_told(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;
	tt_mono_us first, between;

	(void)state;
	drive(&speed, 0, 50, &e);
	assert_int_equal(drive(&speed, -1111, 10, &e), 1);
	assert_int_equal(e.second_us, 0);
	first = e.at_us;
	assert_int_equal(drive(&speed, 0, 100, &e), 0);
	speed = KMH_60;
	tt_crash_speed_invalid(&c); /* on a lorry's bonnet the wheels spin up again */
	drive(&speed, 0, 20, &e);
	assert_int_equal(drive(&speed, -1111, 12, &e), 1);
	assert_true(e.supplement);
	assert_int_equal(e.events, 2);
	between = e.at_us - first;
	assert_in_range(between, TT_MS(500), TT_SEC(30));
	assert_int_equal(e.second_us, between);
	tt_crash_airbag(&c, now, 0, false);
	tt_crash_airbag(&c, now += TT_MS(1499), 0, true); /* its message comes late: the same impact */
	tt_crash_airbag(&c, now, 0, true);
	now += TT_SEC(1);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.events, 2);
	tt_crash_airbag(&c, now, 1, false);
	tt_crash_airbag(&c, now += TT_MS(1000), 1, true);
	tt_crash_airbag(&c, now, 1, true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.events, 3);
	assert_int_equal(e.second_us, between); /* stays that of the second */
	assert_int_equal(e.evidence, 1U << TT_CRASH_DELTA_V | 1U << TT_CRASH_AIRBAG);
}

static void a_fuel_cut_off_afterwards_is_told_and_is_no_further_impact(void **state)
{
	struct tt_crash_event e = {0};
	int32_t speed = KMH_60;

	(void)state;
	tt_crash_fuel_cut_off(&c, now, false);
	drive(&speed, 0, 50, &e);
	assert_int_equal(drive(&speed, -1111, 10, &e), 1);
	assert_false(e.fuel_cut_off);
	tt_crash_fuel_cut_off(&c, now += TT_MS(100), true);
	now += TT_MS(500);
	assert_int_equal(alerts(&e), 1);
	assert_true(e.supplement && e.fuel_cut_off);
	assert_int_equal(e.events, 1);
	assert_int_equal(e.trigger, TT_CRASH_DELTA_V);
}

static void an_unknown_bag_is_ignored(void **state)
{
	struct tt_crash_event e;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		tt_crash_airbag(&c, now += TT_MS(100), TT_CRASH_AIRBAGS, i > 1);
	assert_int_equal(alerts(&e), 0);
	for (unsigned i = 0; i < 4; i++)
		tt_crash_airbag(&c, now += TT_MS(100), TT_CRASH_AIRBAGS - 1, i > 1);
	assert_int_equal(alerts(&e), 1);
}

static void one_airbag_frame_is_not_enough_two_are(void **state)
{
	struct tt_crash_event e;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		tt_crash_airbag(&c, now += TT_MS(100), 0, false);
	tt_crash_airbag(&c, now += TT_MS(100), 0, true);
	assert_int_equal(alerts(&e), 0);
	tt_crash_airbag(&c, now += TT_MS(100), 0, false);
	assert_int_equal(alerts(&e), 0);
	tt_crash_airbag(&c, now += TT_MS(100), 0, true);
	assert_int_equal(alerts(&e), 0);
	tt_crash_airbag(&c, now += TT_MS(100), 0, true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.trigger, TT_CRASH_AIRBAG);
	assert_true(e.airbag_deployed);
	assert_int_equal(e.at_us, now);
}

static void one_airbag_frame_is_enough_with_another_bag_or_lost_speed(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;

	(void)state;
	for (unsigned seat = 0; seat < 2; seat++)
		tt_crash_airbag(&c, now, seat, false);
	tt_crash_airbag(&c, now += TT_MS(10), 0, true);
	tt_crash_airbag(&c, now, 1, true); /* same message */
	assert_int_equal(alerts(&e), 1);
	fresh(NULL);
	tt_crash_airbag(&c, now, 0, false);
	drive(&speed, 0, 20, &e);
	assert_int_equal(drive(&speed, -600, 5, &e), 0);
	tt_crash_airbag(&c, now, 0, true);
	assert_int_equal(alerts(&e), 1);
	assert_int_equal(e.speed_before_mm_s, KMH_60);
	assert_int_equal(e.delta_v_mm_s, 3000);
}

static void an_airbag_deployed_at_first_sight_needs_four_frames(void **state)
{
	struct tt_crash_event e;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		tt_crash_airbag(&c, now += TT_MS(100), 0, true);
		assert_int_equal(alerts(&e), 0);
	}
	tt_crash_airbag(&c, now += TT_MS(100), 0, true);
	assert_int_equal(alerts(&e), 1);
}

static void airbag_and_delta_v_are_one_incident_until_standstill_and_reset(void **state)
{
	struct tt_crash_event e;
	int32_t speed = KMH_60;
	unsigned n;

	(void)state;
	tt_crash_belt(&c, 0, true);
	tt_crash_belt(&c, 1, false);
	tt_crash_airbag(&c, now, 0, false);
	drive(&speed, 0, 30, &e);
	n = drive(&speed, -1111, 10, &e);
	assert_int_equal(n, 1);
	assert_true(e.belts_known);
	assert_int_equal(e.belts_fastened, 1);
	for (unsigned i = 0; i < 30; i++) {
		tt_crash_belt(&c, 0, false); /* unbuckled afterwards: not what counts */
		tt_crash_airbag(&c, now, 0, true);
		n += drive(&speed, 0, 10, &e);
	}
	assert_int_equal(n, 2); /* the alert and one supplement */
	assert_true(e.supplement);
	assert_true(e.airbag_deployed);
	assert_int_equal(e.belts_fastened, 1);
	/* still latched: rolling on and stopping again within the minute is nothing new */
	drive(&speed, 50, 100, &e);
	assert_int_equal(drive(&speed, -100, 110, &e), 0);
	/* after a minute of standstill a second crash is a second incident; the used airbag is none */
	for (unsigned i = 0; i < 70; i++) {
		now += TT_MS(900);
		tt_crash_airbag(&c, now, 0, true);
		n = drive(&speed, -speed, 10, &e);
		assert_int_equal(n, 0);
	}
	assert_int_equal(tt_crash_wake_at(&c), TT_NEVER);
	speed = 0;
	drive(&speed, 100, 170, &e);
	drive(&speed, 0, 50, &e);
	assert_int_equal(drive(&speed, -1111, 10, &e), 1);
	assert_false(e.supplement);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(losing_40_kmh_in_100_ms_is_one_crash, fresh),
		cmocka_unit_test_setup(a_much_larger_delta_v_follows_as_one_supplement, fresh),
		cmocka_unit_test_setup(hard_braking_is_not_a_crash, fresh),
		cmocka_unit_test_setup(just_below_15_mph_is_not_a_crash_and_just_above_is, fresh),
		cmocka_unit_test_setup(a_glitch_that_comes_back_is_not_a_crash, fresh),
		cmocka_unit_test_setup(a_sensor_that_falls_to_zero_at_once_and_stays_there_is_not_a_crash, fresh),
		cmocka_unit_test_setup(invalid_speed_breaks_the_history, fresh),
		cmocka_unit_test_setup(locked_wheels_that_acceleration_contradicts_are_not_a_crash, fresh),
		cmocka_unit_test_setup(acceleration_alone_is_enough_and_one_spike_is_not, fresh),
		cmocka_unit_test_setup(the_sensors_rest_is_taken_off_up_to_a_limit, fresh),
		cmocka_unit_test_setup(a_frontal_loss_of_speed_is_a_negative_longitudinal_delta_v_of_unknown_direction, fresh),
		cmocka_unit_test_setup(a_rollover_needs_two_frames_or_a_witness, fresh),
		cmocka_unit_test_setup(a_fuel_cut_off_is_no_crash_without_a_fresh_witness, fresh),
		cmocka_unit_test_setup(a_second_impact_after_half_a_second_is_counted_and_told, fresh),
		cmocka_unit_test_setup(a_fuel_cut_off_afterwards_is_told_and_is_no_further_impact, fresh),
		cmocka_unit_test_setup(an_unknown_bag_is_ignored, fresh),
		cmocka_unit_test_setup(one_airbag_frame_is_not_enough_two_are, fresh),
		cmocka_unit_test_setup(one_airbag_frame_is_enough_with_another_bag_or_lost_speed, fresh),
		cmocka_unit_test_setup(an_airbag_deployed_at_first_sight_needs_four_frames, fresh),
		cmocka_unit_test_setup(airbag_and_delta_v_are_one_incident_until_standstill_and_reset, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
