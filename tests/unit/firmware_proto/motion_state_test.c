/* What is the matter with the car: battery, tyres, coolant, fuel; towing by its other signs; what lasts over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/motion.h"

#include <string.h>

static struct tt_motion_config config;
static struct tt_motion m;
static struct tt_trip trip;
static struct tt_odometer odometer;
static struct tt_motion_event e;
static tt_mono_us now;

static void fresh(void)
{
	tt_trip_init(&trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&odometer, 1000);
	tt_motion_init(&m, &config, &trip, &odometer);
	now = TT_SEC(100000);
}

static int setup(void **state)
{
	(void)state;
	tt_motion_config_init(&config);
	fresh();
	return 0;
}

static bool next(void)
{
	tt_motion_tick(&m, now);
	return tt_motion_next(&m, &e);
}

static void expect(enum tt_motion_kind kind, enum tt_motion_phase phase, enum tt_motion_cause cause)
{
	if (!next())
		fail_msg("no event of kind %d", (int)kind);
	assert_int_equal(e.kind, kind);
	assert_int_equal(e.phase, phase);
	assert_int_equal(e.cause, cause);
}

static void volts(int64_t mv, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		now += TT_SEC(1);
		tt_motion_voltage(&m, now, 0, mv);
	}
}

/* ---- battery ---- */

static void a_low_battery_at_rest_begins_and_ends(void **state)
{
	(void)state;
	volts(12500, 5);
	volts(9000, 59);   /* a long start */
	volts(11800, 100); /* not below the limit */
	assert_false(next());
	volts(11799, 61);
	assert_false(next()); /* the median needs one, the minute begins with it */
	volts(11700, 1);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(e.duration_us, TT_SEC(60));
	assert_int_equal(e.value_milli, 11799);
	assert_int_equal(e.limit_milli, 11800);
	assert_int_equal(e.peak_milli, 11799);
	volts(11600, 10);
	volts(12099, 300); /* between */
	assert_false(next());
	volts(12100, 62);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(e.peak_milli, 11600);
	assert_int_equal(e.limit_milli, 11800);
	volts(2999, 100); /* not readable as a battery */
	volts(36001, 100);
	assert_false(next());
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
	assert_false(next());
}

static void an_engine_that_does_not_charge_is_told_and_24_volts_are_twice_12(void **state)
{
	(void)state;
	tt_motion_engine(&m, now, true);
	volts(12500, 62);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_CHARGING_VOLTAGE);
	assert_int_equal(e.limit_milli, 12600);
	volts(13900, 62);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_CHARGING_VOLTAGE);
	config.milli[TT_MOTION_BATTERY_CHARGING] = 0;
	volts(12500, 100);
	assert_false(next());
	config.battery_24v = true;
	fresh();
	volts(23599, 62);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_RESTING_VOLTAGE);
	assert_int_equal(e.limit_milli, 23600);
	volts(24199, 100);
	assert_false(next());
	volts(24200, 62);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_END, TT_CAUSE_RESTING_VOLTAGE);
}

static void a_start_of_the_engine_begins_the_minute_anew(void **state)
{
	(void)state;
	volts(11700, 50);
	tt_motion_engine(&m, now, true);
	volts(12000, 55);
	assert_false(next());
	volts(12000, 10);
	expect(TT_MOTION_KIND_LOW_BATTERY, TT_MOTION_BEGIN, TT_CAUSE_CHARGING_VOLTAGE);
}

/* One day of rest; the voltage as of its end. */
static void rest(int64_t day, int64_t mv)
{
	tt_motion_engine(&m, now, true);
	now += TT_SEC(60);
	tt_motion_engine(&m, now, false);
	now += TT_SEC(7200);
	for (int i = 0; i < 3; i++) {
		now += TT_SEC(1);
		tt_motion_voltage(&m, now, day * TT_DAY_US + TT_SEC(3600), mv);
	}
	now += TT_DAY_US - TT_SEC(7263);
}

static void a_resting_voltage_that_falls_for_a_week_is_told_once_a_week(void **state)
{
	unsigned told = 0;

	(void)state;
	for (int day = 0; day < 7; day++)
		rest(20000 + day, 12600 - 20 * day);
	assert_false(next()); /* spans six days */
	for (int day = 7; day < 21; day++) {
		rest(20000 + day, 12600 - 20 * day);
		while (next()) {
			assert_int_equal(e.kind, TT_MOTION_KIND_BATTERY_AGEING);
			assert_int_equal(e.cause, TT_CAUSE_RESTING_VOLTAGE);
			assert_int_equal(e.value_milli, 20);
			assert_int_equal(e.limit_milli, 20);
			told++;
		}
	}
	assert_int_equal(told, 2);
	assert_int_equal(m.battery.ndays, TT_BATTERY_DAYS);
	assert_int_equal(m.battery.days[0].day, 20005);
}

static void a_steady_battery_and_one_deep_day_are_no_ageing(void **state)
{
	(void)state;
	for (int day = 0; day < 30; day++)
		rest(20000 + day, day == 20 ? 11900 : 12600 - 19 * (day % 2));
	while (next())
		assert_int_not_equal(e.kind, TT_MOTION_KIND_BATTERY_AGEING);
	fresh();
	for (int day = 0; day < 4; day++) /* four days are too few, whatever they span */
		rest(20000 + 3 * day, 12600 - 300 * day);
	while (next())
		assert_int_not_equal(e.kind, TT_MOTION_KIND_BATTERY_AGEING);
}

static void days_come_in_order(void **state)
{
	(void)state;
	tt_battery_learn(&m.battery, 100, 12600);
	tt_battery_learn(&m.battery, 99, 12000);
	assert_int_equal(m.battery.ndays, 1);
	tt_battery_learn(&m.battery, 100, 12500);
	assert_int_equal(m.battery.ndays, 1);
	assert_int_equal(m.battery.days[0].mv, 12500);
	tt_battery_learn(&m.battery, 101, 12400);
	assert_int_equal(m.battery.ndays, 2);
}

static void start(int64_t dip_mv)
{
	for (int i = 0; i < 5; i++)
		volts(12500, 1);
	now += TT_MS(100);
	tt_motion_voltage(&m, now, 20000 * TT_DAY_US, dip_mv);
	now += TT_MS(500);
	tt_motion_voltage(&m, now, 20000 * TT_DAY_US, 12300);
	tt_motion_engine(&m, now, true);
	now += TT_SEC(1);
	tt_motion_voltage(&m, now, 20000 * TT_DAY_US, 14000);
	now += TT_SEC(600);
	tt_motion_engine(&m, now, false);
}

static void two_weak_starts_in_a_row_are_ageing(void **state)
{
	(void)state;
	start(7900);
	start(8000); /* strong enough: counts anew */
	start(7900);
	assert_false(next());
	start(7800);
	expect(TT_MOTION_KIND_BATTERY_AGEING, TT_MOTION_INSTANT, TT_CAUSE_CRANKING);
	assert_int_equal(e.value_milli, 7800);
	assert_int_equal(e.limit_milli, 8000);
	start(7000);
	start(7000);
	assert_false(next()); /* once a week */
}

/* ---- tyres ---- */

static void tyre(unsigned wheel, int64_t kpa, unsigned minutes)
{
	for (unsigned i = 0; i <= minutes * 6; i++) {
		now += TT_SEC(10);
		tt_motion_tyre_pressure(&m, now, wheel, kpa * 1000);
	}
}

static void a_tyre_below_its_placard_begins_and_ends(void **state)
{
	(void)state;
	config.placard_kpa[1] = 230;
	tyre(1, 0, 3); /* a sensor that never spoke */
	tyre(1, 184, 3);
	assert_false(next());
	tyre(1, 183, 1);
	assert_false(next());
	tyre(1, 150, 1);
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
	assert_int_equal(e.which, 1);
	assert_int_equal(e.limit_milli, 184000);
	assert_string_equal(tt_tyres_name(e.which), "row1.right");
	tyre(1, 206, 3);
	assert_false(next());
	tyre(1, 207, 2);
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_PLACARD);
	assert_int_equal(e.peak_milli, 150000);
	assert_int_equal(e.value_milli, 207000);
	tyre(1, 1601, 3);
	tyre(1, -1, 3);
	assert_false(next());
	tyre(1, 0, 2); /* one that spoke and says 0 is flat */
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
}

static void warm_tyres_are_compared_as_cold_ones(void **state)
{
	(void)state;
	assert_int_equal(tt_tyres_at_20c(230000, 20000), 230000);
	assert_in_range(tt_tyres_at_20c(230000, 60000), 190200, 190250); /* 331.325 * 293.15 / 333.15 - 101.325 */
	config.placard_kpa[0] = 240;
	tt_motion_tyre_temperature(&m, 0, -60001);
	tt_motion_tyre_temperature(&m, 0, 150001);
	tyre(0, 230, 3);
	assert_false(next());
	tt_motion_tyre_temperature(&m, 0, 60000);
	tyre(0, 230, 2); /* 190 cold: below 192 */
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
	assert_in_range(e.value_milli, 190200, 190250);
	fresh();
	tt_motion_tyre_temperature(&m, 0, -20000);
	tyre(0, 185, 3); /* 230 at 20 degrees */
	assert_false(next());
}

static void a_tyre_is_compared_with_the_other_of_its_axle(void **state)
{
	(void)state;
	tyre(2, 200, 1);
	tyre(3, 170, 3);
	assert_false(next());
	tyre(2, 200, 1);
	tyre(3, 169, 2);
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_SIBLING);
	assert_int_equal(e.which, 3);
	assert_int_equal(e.limit_milli, 170000);
	tyre(2, 200, 1);
	tyre(3, 185, 2);
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_SIBLING);
	now += TT_SEC(600); /* a sibling that has been silent says nothing */
	tyre(3, 120, 5);
	assert_false(next());
}

static void only_like_is_compared_with_like(void **state)
{
	(void)state;
	tt_motion_tyre_temperature(&m, 0, 60000);
	tyre(1, 230, 1);
	tyre(0, 230, 5); /* 190 cold, but nobody knows what the other would be */
	assert_false(next());
	tt_motion_tyre_temperature(&m, 1, 20000);
	tyre(1, 230, 1);
	tyre(0, 230, 2);
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_SIBLING);
}

static void the_cars_own_warning_counts(void **state)
{
	(void)state;
	for (int i = 0; i <= 6; i++) {
		tt_motion_tyre_warning(&m, now, 0, true);
		now += TT_SEC(10);
	}
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_WARNING);
	for (int i = 0; i <= 6; i++) {
		tt_motion_tyre_warning(&m, now, 0, false);
		now += TT_SEC(10);
	}
	expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_WARNING);
}

/* ---- coolant ---- */

static void heat(int64_t milli_c, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		now += TT_SEC(1);
		tt_motion_coolant(&m, now, milli_c);
	}
}

static void a_hot_engine_begins_and_ends(void **state)
{
	(void)state;
	heat(112000, 60);
	for (int i = 0; i < 30; i++) {
		heat(90000, 2);
		heat(199000, 1);
	}
	heat(200001, 60);
	heat(-60001, 60);
	assert_false(next());
	heat(90000, 3);
	heat(113000, 11);
	assert_false(next());
	heat(118000, 1);
	expect(TT_MOTION_KIND_COOLANT, TT_MOTION_BEGIN, TT_CAUSE_TEMPERATURE);
	assert_int_equal(e.value_milli, 113000);
	assert_int_equal(e.duration_us, TT_SEC(10));
	heat(118000, 5);
	heat(107001, 60);
	assert_false(next());
	heat(107000, 12);
	expect(TT_MOTION_KIND_COOLANT, TT_MOTION_END, TT_CAUSE_TEMPERATURE);
	assert_int_equal(e.peak_milli, 118000);
	assert_int_equal(e.limit_milli, 112000);
}

/* ---- fuel ---- */

static void gauge(int64_t milli_percent, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i += 2) {
		now += TT_SEC(2);
		tt_motion_fuel_level(&m, now, milli_percent);
	}
}

static void fuel_that_goes_at_rest_is_told_once(void **state)
{
	(void)state;
	gauge(100001, 60);
	gauge(-1, 60);
	gauge(62000, 60);
	for (int i = 0; i < 10; i++) {
		gauge(62000, 8);
		gauge(0, 2);
	}
	gauge(54001, 60);
	assert_false(next());
	gauge(54000, 60);
	expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
	assert_int_equal(e.value_milli, 8000);
	assert_int_equal(e.limit_milli, 8000);
	gauge(54000, 600);
	assert_false(next());
	gauge(90000, 60); /* refuelled: that is the level now */
	gauge(82000, 60);
	expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
}

static void fuel_that_went_while_the_bus_slept_is_found_and_slosh_is_not(void **state)
{
	(void)state;
	tt_motion_ignition(&m, now, TT_IGNITION_ON);
	tt_motion_engine(&m, now, true);
	for (int i = 0; i < 30; i++) {
		tt_motion_speed(&m, now, 20000);
		gauge(60000 + (i % 3) * 1000, 2);
	}
	tt_motion_speed(&m, now, 0);
	now += TT_SEC(1);
	tt_motion_ignition(&m, now, TT_IGNITION_OFF);
	now += TT_SEC(36000);
	tt_motion_ignition(&m, now, TT_IGNITION_ON);
	gauge(50000, 20); /* 11 % less: within what may have sloshed, 12 */
	assert_false(next());
	for (int i = 0; i < 40; i++) { /* drives for more than a minute, which forgets it, and parks again */
		tt_motion_speed(&m, now, 20000);
		gauge(50000, 2);
	}
	tt_motion_ignition(&m, now, TT_IGNITION_OFF);
	tt_motion_speed(&m, now, 0);
	now += TT_SEC(36000);
	tt_motion_ignition(&m, now, TT_IGNITION_ON);
	gauge(38000, 20);
	expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
	assert_int_equal(e.value_milli, 12000);
	assert_int_equal(e.limit_milli, 12000);
}

static void what_an_idling_engine_burns_and_a_drive_are_no_drop(void **state)
{
	(void)state;
	tt_motion_engine(&m, now, true);
	for (int i = 0; i < 40; i++)
		gauge(62000 - i * 1000, 60);
	for (int i = 0; i < 62; i++) {
		tt_motion_speed(&m, now, 1000);
		gauge(i < 31 ? 40000 : 10000, 2);
	}
	tt_motion_speed(&m, now, 999);
	gauge(10000, 60);
	assert_false(next());
	tt_fuel_restore(&m.fuel, 30000);
	gauge(18000, 60);
	expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
}

/* ---- towing by its other signs ---- */

static void park(void)
{
	tt_motion_ignition(&m, now, TT_IGNITION_OFF);
	now += TT_SEC(60);
}

static void wheels_that_turn_with_the_ignition_off_are_towing(void **state)
{
	(void)state;
	tt_motion_ignition(&m, now, TT_IGNITION_OFF);
	for (int i = 0; i < 599; i++) { /* not armed yet */
		now += TT_MS(100);
		tt_motion_speed(&m, now, 3000);
	}
	tt_motion_speed(&m, now, 1399);
	now += TT_SEC(60);
	for (int i = 0; i <= 49; i++) {
		now += TT_MS(100);
		tt_motion_speed(&m, now, 1400);
	}
	assert_false(next());
	now += TT_MS(100);
	tt_motion_speed(&m, now, 1400);
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_BUS_SPEED);
	tt_motion_speed(&m, now, 1399);
	now += TT_SEC(60);
	tt_motion_speed(&m, now, 1400);
	now += TT_SEC(299);
	tt_motion_speed(&m, now, 0);
	assert_false(next());
	now += TT_SEC(1);
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_BUS_SPEED);
	assert_int_equal(e.duration_us, TT_SEC(60));
}

static void lean(unsigned axis, int64_t mm_s2, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 5; i++) {
		now += TT_MS(200);
		tt_motion_accel(&m, now, axis, mm_s2);
		tt_motion_accel(&m, now, 1 - axis, 100);
	}
}

static void a_car_that_is_lifted_leans(void **state)
{
	(void)state;
	lean(0, 3000, 30);
	park();
	tt_motion_accel(&m, now, 1, 9000); /* a parked car does not drive, however it is jolted */
	lean(0, 200, 30);                  /* parked on a slope */
	lean(0, 1699, 30);
	assert_false(next());
	lean(0, 1700, 9);
	lean(0, 200, 30); /* somebody got in */
	assert_false(next());
	lean(0, -1300, 13);
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_TILT);
	assert_int_equal(e.value_milli, 1500);
	assert_int_equal(e.limit_milli, 1500);
	tt_motion_ignition(&m, now, TT_IGNITION_ON);
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_TILT);
	lean(0, 2500, 30);
	assert_false(next());
}

static void a_car_that_rolls_slowly_within_the_drift_is_known_by_its_speed(void **state)
{
	struct tt_fix_sample f = {.place = {480000000, 1799999990}, .accuracy_mm = 25000};

	(void)state;
	park();
	for (int i = 0; i < 30; i++) { /* 75 m of doubt; 4 m/s from the tenth on, across the antimeridian */
		now += TT_SEC(1);
		f.at_us = now;
		f.speed_mm_s = i < 10 ? 0 : 4000;
		if (i >= 10)
			f.place.longitude_e7 = (int32_t)tt_odometer_value(&odometer) + (i == 10 ? 1799999990 : f.place.longitude_e7);
		f.place.latitude_e7 += i < 10 ? 0 : 360;
		tt_motion_fix(&m, &f);
	}
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_GPS_SPEED);
	assert_in_range(e.value_milli, 60000, 80000);
}

static void a_parked_place_survives_a_restart(void **state)
{
	struct tt_fix_sample f = {.place = {480000000, 1799999990}, .accuracy_mm = 5000};
	struct tt_geo_point place;
	int64_t accuracy;

	(void)state;
	assert_false(tt_towing_anchor(&m.towing, &place, &accuracy));
	park();
	for (int i = 0; i < 5; i++) {
		now += TT_SEC(1);
		f.at_us = now;
		f.place.longitude_e7 = i % 2 ? 1799999990 : -1799999990;
		assert_false(tt_towing_anchor(&m.towing, &place, &accuracy));
		tt_motion_fix(&m, &f);
	}
	assert_true(tt_towing_anchor(&m.towing, &place, &accuracy));
	assert_int_equal(place.latitude_e7, 480000000);
	assert_true(place.longitude_e7 == -1799999990 || place.longitude_e7 == 1799999990);
	assert_int_equal(accuracy, 5000);
	fresh();
	tt_towing_restore(&m.towing, now, place, accuracy, false, 0);
	f.place.latitude_e7 = 480100000;
	for (int i = 0; i < 4; i++) {
		assert_false(next());
		now += TT_SEC(1);
		f.at_us = now;
		tt_motion_fix(&m, &f);
	}
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_GPS_POSITION);
	fresh();
	tt_towing_restore(&m.towing, now, place, accuracy, true, now - TT_SEC(100));
	tt_motion_ignition(&m, now, TT_IGNITION_ON);
	expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_GPS_POSITION);
	assert_int_equal(e.duration_us, TT_SEC(100));
}

/* ---- what lasts ---- */

static void every_slot_opens_again_and_is_told_by_name(void **state)
{
	static const char *const names[] = {"overspeed",  "towing",    "battery",    "coolant", "row1.left",
					    "row1.right", "row2.left", "row2.right", "home"};
	tt_mono_us begin;
	int64_t peak;
	bool dwelt;

	(void)state;
	config.fences[0] = (struct tt_fence){.name = "home", .shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1};
	config.nfences = 1;
	for (unsigned slot = 0; slot < 9; slot++) {
		assert_string_equal(tt_motion_slot_name(&m, slot), names[slot]);
		assert_false(tt_motion_open(&m, slot, &begin, &peak, &dwelt));
		tt_motion_reopen(&m, slot, 77, 88, slot == TT_SLOT_FENCES);
		if (slot == TT_SLOT_TOWING)
			tt_towing_restore(&m.towing, now, (struct tt_geo_point){1, 1}, 5000, true, 77);
		assert_true(tt_motion_open(&m, slot, &begin, &peak, &dwelt));
		assert_int_equal(begin, 77);
		assert_int_equal(peak, slot == TT_SLOT_TOWING || slot == TT_SLOT_FENCES ? 0 : 88);
		assert_int_equal(dwelt, slot == TT_SLOT_FENCES);
	}
	assert_null(tt_motion_slot_name(&m, TT_SLOT_FENCES + 1));
	assert_int_equal(m.battery.limit_mv, 11800);
	config.battery_24v = true;
	tt_motion_reopen(&m, TT_SLOT_BATTERY, 77, 88, false);
	assert_int_equal(m.battery.limit_mv, 23600);
}

static void events_know_their_slot(void **state)
{
	static const unsigned slots[] = {
		TT_SLOT_NONE,    TT_SLOT_NONE, TT_SLOT_NONE,  TT_SLOT_OVERSPEED, TT_SLOT_TOWING, TT_SLOT_FENCES,
		TT_SLOT_BATTERY, TT_SLOT_NONE, TT_SLOT_TYRES, TT_SLOT_COOLANT,   TT_SLOT_NONE,
	};

	(void)state;
	for (int kind = 1; kind <= 11; kind++) {
		e = (struct tt_motion_event){.kind = (enum tt_motion_kind)kind};
		assert_int_equal(tt_motion_slot(&e), slots[kind - 1]);
	}
	e = (struct tt_motion_event){.kind = TT_MOTION_KIND_TYRE, .which = 3};
	assert_int_equal(tt_motion_slot(&e), TT_SLOT_TYRES + 3);
}

static void fuel_of_a_trip_comes_from_the_rate_or_from_the_tank(void **state)
{
	struct tt_trip_event t;

	(void)state;
	for (int round = 0; round < 4; round++) {
		/* by rate; by level; refuelled; tank unknown */
		struct tt_trip_config c = TT_TRIP_DEFAULT;

		fresh();
		c.tank_ml = round == 3 ? 0 : 50000;
		tt_trip_init(&trip, &c);
		tt_motion_ignition(&m, now, TT_IGNITION_ON);
		tt_trip_ignition(&trip, now, TT_IGNITION_ON);
		for (int i = 0; i < 600; i++) {
			now += TT_SEC(1);
			tt_motion_speed(&m, now, i < 2 ? 0 : 20000);
			tt_motion_fuel_level(&m, now, round == 2 && i > 500 ? 90000 : 60000 - i * 10);
			if (round == 0)
				tt_motion_fuel_rate(&m, now, i % 100 == 50 ? -1 : 3600);
		}
		tt_trip_ignition(&trip, now, TT_IGNITION_OFF);
		now += TT_SEC(4);
		assert_true(tt_trip_next(&trip, &t));
		tt_trip_tick(&trip, now);
		assert_true(tt_trip_next(&trip, &t));
		assert_int_equal(t.fuel, round == 0 ? TT_TRIP_FUEL_RATE : round == 1 ? TT_TRIP_FUEL_LEVEL : TT_TRIP_FUEL_NONE);
		assert_in_range(t.fuel_ml, round == 0 ? 585 : round == 1 ? 2900 : 0, round == 0 ? 600 : round == 1 ? 3000 : 0);
	}
}

#define T(name) cmocka_unit_test_setup(name, setup)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_low_battery_at_rest_begins_and_ends),
		T(a_dip_and_a_single_bad_reading_are_ignored),
		T(an_engine_that_does_not_charge_is_told_and_24_volts_are_twice_12),
		T(a_start_of_the_engine_begins_the_minute_anew),
		T(a_resting_voltage_that_falls_for_a_week_is_told_once_a_week),
		T(a_steady_battery_and_one_deep_day_are_no_ageing),
		T(days_come_in_order),
		T(two_weak_starts_in_a_row_are_ageing),
		T(a_tyre_below_its_placard_begins_and_ends),
		T(warm_tyres_are_compared_as_cold_ones),
		T(a_tyre_is_compared_with_the_other_of_its_axle),
		T(only_like_is_compared_with_like),
		T(the_cars_own_warning_counts),
		T(a_hot_engine_begins_and_ends),
		T(fuel_that_goes_at_rest_is_told_once),
		T(fuel_that_went_while_the_bus_slept_is_found_and_slosh_is_not),
		T(what_an_idling_engine_burns_and_a_drive_are_no_drop),
		T(wheels_that_turn_with_the_ignition_off_are_towing),
		T(a_car_that_is_lifted_leans),
		T(a_car_that_rolls_slowly_within_the_drift_is_known_by_its_speed),
		T(a_parked_place_survives_a_restart),
		T(every_slot_opens_again_and_is_told_by_name),
		T(events_know_their_slot),
		T(fuel_of_a_trip_comes_from_the_rate_or_from_the_tank),
	};

	return cmocka_run_group_tests_name("motion state", tests, NULL, NULL);
}
