/* The battery: low at rest, not charged, ageing. */
#include "motion_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void volts(int64_t mv, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		rig.now += TT_SEC(1);
		tt_motion_voltage(&rig.m, rig.now, 0, mv);
	}
}

static void a_low_battery_at_rest_begins_and_ends(void **state)
{
	(void)state;
	volts(12500, 5);
	volts(9000, 59);   /* a long start */
	volts(11800, 100); /* not below the limit */
	assert_false(motion_next());
	volts(11799, 61);
	assert_false(motion_next()); /* the median needs one, the minute begins with it */
	volts(11700, 1);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(rig.e.duration_us, TT_SEC(60));
	assert_int_equal(rig.e.value_milli, 11799);
	assert_int_equal(rig.e.limit_milli, 11800);
	assert_int_equal(rig.e.peak_milli, 11799);
	volts(11600, 10);
	volts(12099, 300); /* between */
	assert_false(motion_next());
	volts(12100, 62);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(rig.e.peak_milli, 11600);
	assert_int_equal(rig.e.limit_milli, 11800);
	volts(2999, 100); /* not readable as a battery */
	volts(36001, 100);
	assert_false(motion_next());
}

static void a_dip_and_a_single_bad_reading_are_ignored(void **state)
{
	(void)state;
	volts(12500, 10);
	for (int i = 0; i < 100; i++) {
		volts(12500, 2);
		volts(3000, 1);
	}
	volts(10000, 59);
	volts(12500, 10);
	assert_false(motion_next());
}

static void an_engine_that_does_not_charge_is_told_and_24_volts_are_twice_12(void **state)
{
	(void)state;
	tt_motion_engine(&rig.m, rig.now, true);
	volts(12500, 62);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_CHARGING_VOLTAGE);
	assert_int_equal(rig.e.limit_milli, 12600);
	volts(13900, 62);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_CHARGING_VOLTAGE);
	rig.config.milli[TT_MOTION_BATTERY_CHARGING] = 0;
	volts(12500, 100);
	assert_false(motion_next());
	rig.config.battery_24v = true;
	motion_fresh();
	volts(23599, 62);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(rig.e.limit_milli, 23600);
	volts(24199, 100);
	assert_false(motion_next());
	volts(24200, 62);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_RESTING_VOLTAGE);
}

static void a_start_of_the_engine_begins_the_minute_anew(void **state)
{
	(void)state;
	volts(11700, 50);
	tt_motion_engine(&rig.m, rig.now, true);
	volts(12000, 55);
	assert_false(motion_next());
	volts(12000, 10);
	motion_expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_CHARGING_VOLTAGE);
}

/* One day of rest; the voltage as of its end. */
static void rest(int64_t day, int64_t mv)
{
	tt_motion_engine(&rig.m, rig.now, true);
	rig.now += TT_SEC(60);
	tt_motion_engine(&rig.m, rig.now, false);
	rig.now += TT_SEC(7200);
	for (int i = 0; i < 3; i++) {
		rig.now += TT_SEC(1);
		tt_motion_voltage(&rig.m, rig.now, day * TT_DAY_US + TT_SEC(3600), mv);
	}
	rig.now += TT_DAY_US - TT_SEC(7263);
}

static void a_resting_voltage_that_falls_for_a_week_is_told_once_a_week(void **state)
{
	unsigned told = 0;

	(void)state;
	for (int day = 0; day < 7; day++)
		rest(20000 + day, 12600 - 20 * day);
	assert_false(motion_next()); /* spans six days */
	for (int day = 7; day < 21; day++) {
		rest(20000 + day, 12600 - 20 * day);
		while (motion_next()) {
			assert_int_equal(rig.e.kind, TT_MOTION_KIND_BATTERY_AGEING);
			assert_int_equal(rig.e.cause, TT_CAUSE_RESTING_VOLTAGE);
			assert_int_equal(rig.e.value_milli, 20);
			assert_int_equal(rig.e.limit_milli, 20);
			told++;
		}
	}
	assert_int_equal(told, 2);
	assert_int_equal(rig.m.battery.ndays, TT_BATTERY_DAYS);
	assert_int_equal(rig.m.battery.days[0].day, 20005);
}

static void a_steady_battery_and_one_deep_day_are_no_ageing(void **state)
{
	(void)state;
	for (int day = 0; day < 30; day++)
		rest(20000 + day, day == 20 ? 11900 : 12600 - 19 * (day % 2));
	while (motion_next())
		assert_int_not_equal(rig.e.kind, TT_MOTION_KIND_BATTERY_AGEING);
	motion_fresh();
	for (int day = 0; day < 4; day++) /* four days are too few, whatever they span */
		rest(20000 + 3 * day, 12600 - 300 * day);
	while (motion_next())
		assert_int_not_equal(rig.e.kind, TT_MOTION_KIND_BATTERY_AGEING);
}

static void days_come_in_order(void **state)
{
	(void)state;
	tt_battery_learn(&rig.m.battery, 100, 12600);
	tt_battery_learn(&rig.m.battery, 99, 12000);
	assert_int_equal(rig.m.battery.ndays, 1);
	tt_battery_learn(&rig.m.battery, 100, 12500);
	assert_int_equal(rig.m.battery.ndays, 1);
	assert_int_equal(rig.m.battery.days[0].mv, 12500);
	tt_battery_learn(&rig.m.battery, 101, 12400);
	assert_int_equal(rig.m.battery.ndays, 2);
}

static void start(int64_t dip_mv)
{
	for (int i = 0; i < 5; i++)
		volts(12500, 1);
	rig.now += TT_MS(100);
	tt_motion_voltage(&rig.m, rig.now, 20000 * TT_DAY_US, dip_mv);
	rig.now += TT_MS(500);
	tt_motion_voltage(&rig.m, rig.now, 20000 * TT_DAY_US, 12300);
	tt_motion_engine(&rig.m, rig.now, true);
	rig.now += TT_SEC(1);
	tt_motion_voltage(&rig.m, rig.now, 20000 * TT_DAY_US, 14000);
	rig.now += TT_SEC(600);
	tt_motion_engine(&rig.m, rig.now, false);
}

static void two_weak_starts_in_a_row_are_ageing(void **state)
{
	(void)state;
	start(7900);
	start(8000); /* strong enough: counts anew */
	start(7900);
	assert_false(motion_next());
	start(7800);
	motion_expect(TT_MOTION_KIND_BATTERY_AGEING, TT_MOTION_INSTANT, TT_CAUSE_CRANKING);
	assert_int_equal(rig.e.value_milli, 7800);
	assert_int_equal(rig.e.limit_milli, 8000);
	start(7000);
	start(7000);
	assert_false(motion_next()); /* once a week */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, motion_setup)
	const struct CMUnitTest tests[] = {
		T(a_low_battery_at_rest_begins_and_ends),
		T(a_dip_and_a_single_bad_reading_are_ignored),
		T(an_engine_that_does_not_charge_is_told_and_24_volts_are_twice_12),
		T(a_start_of_the_engine_begins_the_minute_anew),
		T(a_resting_voltage_that_falls_for_a_week_is_told_once_a_week),
		T(a_steady_battery_and_one_deep_day_are_no_ageing),
		T(days_come_in_order),
		T(two_weak_starts_in_a_row_are_ageing),
	};

	return cmocka_run_group_tests_name("motion battery", tests, NULL, NULL);
}
