/* What is the matter with the car: tyres, coolant, fuel; what lasts over a restart. */
#include "motion_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void tyre(unsigned wheel, int64_t kpa, unsigned minutes)
{
	for (unsigned i = 0; i <= minutes * 6; i++) {
		rig.now += TT_SEC(10);
		tt_motion_tyre_pressure(&rig.m, rig.now, wheel, kpa * 1000);
	}
}

static void a_tyre_below_its_placard_begins_and_ends(void **state)
{
	(void)state;
	rig.config.placard_kpa[1] = 230;
	tyre(1, 0, 3); /* a sensor that never spoke */
	tyre(1, 184, 3);
	assert_false(motion_next());
	tyre(1, 183, 1);
	assert_false(motion_next());
	tyre(1, 150, 1);
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
	assert_int_equal(rig.e.which, 1);
	assert_int_equal(rig.e.limit_milli, 184000);
	assert_string_equal(tt_tyres_name(rig.e.which), "row1.right");
	tyre(1, 206, 3);
	assert_false(motion_next());
	tyre(1, 207, 2);
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_PLACARD);
	assert_int_equal(rig.e.peak_milli, 150000);
	assert_int_equal(rig.e.value_milli, 207000);
	tyre(1, 1601, 3);
	tyre(1, -1, 3);
	assert_false(motion_next());
	tyre(1, 0, 2); /* one that spoke and says 0 is flat */
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
}

static void warm_tyres_are_compared_as_cold_ones(void **state)
{
	(void)state;
	assert_int_equal(tt_tyres_at_20c(230000, 20000), 230000);
	assert_in_range(tt_tyres_at_20c(230000, 60000), 190200, 190250); /* 331.325 * 293.15 / 333.15 - 101.325 */
	rig.config.placard_kpa[0] = 240;
	tt_motion_tyre_temperature(&rig.m, 0, -60001);
	tt_motion_tyre_temperature(&rig.m, 0, 150001);
	tyre(0, 230, 3);
	assert_false(motion_next());
	tt_motion_tyre_temperature(&rig.m, 0, 60000);
	tyre(0, 230, 2); /* 190 cold: below 192 */
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_PLACARD);
	assert_in_range(rig.e.value_milli, 190200, 190250);
	motion_fresh();
	tt_motion_tyre_temperature(&rig.m, 0, -20000);
	tyre(0, 185, 3); /* 230 at 20 degrees */
	assert_false(motion_next());
}

static void a_tyre_is_compared_with_the_other_of_its_axle(void **state)
{
	(void)state;
	tyre(2, 200, 1);
	tyre(3, 170, 3);
	assert_false(motion_next());
	tyre(2, 200, 1);
	tyre(3, 169, 2);
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_SIBLING);
	assert_int_equal(rig.e.which, 3);
	assert_int_equal(rig.e.limit_milli, 170000);
	tyre(2, 200, 1);
	tyre(3, 185, 2);
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_SIBLING);
	rig.now += TT_SEC(600); /* a sibling that has been silent says nothing */
	tyre(3, 120, 5);
	assert_false(motion_next());
}

static void only_like_is_compared_with_like(void **state)
{
	(void)state;
	tt_motion_tyre_temperature(&rig.m, 0, 60000);
	tyre(1, 230, 1);
	tyre(0, 230, 5); /* 190 cold, but nobody knows what the other would be */
	assert_false(motion_next());
	tt_motion_tyre_temperature(&rig.m, 1, 20000);
	tyre(1, 230, 1);
	tyre(0, 230, 2);
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_SIBLING);
}

static void the_cars_own_warning_counts(void **state)
{
	(void)state;
	for (int i = 0; i <= 6; i++) {
		tt_motion_tyre_warning(&rig.m, rig.now, 0, true);
		rig.now += TT_SEC(10);
	}
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, TT_CAUSE_WARNING);
	for (int i = 0; i <= 6; i++) {
		tt_motion_tyre_warning(&rig.m, rig.now, 0, false);
		rig.now += TT_SEC(10);
	}
	motion_expect(TT_MOTION_KIND_TYRE, TT_MOTION_END, TT_CAUSE_WARNING);
}

static void heat(int64_t milli_c, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		rig.now += TT_SEC(1);
		tt_motion_coolant(&rig.m, rig.now, milli_c);
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
	assert_false(motion_next());
	heat(90000, 3);
	heat(113000, 11);
	assert_false(motion_next());
	heat(118000, 1);
	motion_expect(TT_MOTION_KIND_COOLANT, TT_MOTION_BEGIN, TT_CAUSE_TEMPERATURE);
	assert_int_equal(rig.e.value_milli, 113000);
	assert_int_equal(rig.e.duration_us, TT_SEC(10));
	heat(118000, 5);
	heat(107001, 60);
	assert_false(motion_next());
	heat(107000, 12);
	motion_expect(TT_MOTION_KIND_COOLANT, TT_MOTION_END, TT_CAUSE_TEMPERATURE);
	assert_int_equal(rig.e.peak_milli, 118000);
	assert_int_equal(rig.e.limit_milli, 112000);
}

static void gauge(int64_t milli_percent, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i += 2) {
		rig.now += TT_SEC(2);
		tt_motion_fuel_level(&rig.m, rig.now, milli_percent);
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
	assert_false(motion_next());
	gauge(54000, 60);
	motion_expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
	assert_int_equal(rig.e.value_milli, 8000);
	assert_int_equal(rig.e.limit_milli, 8000);
	gauge(54000, 600);
	assert_false(motion_next());
	gauge(90000, 60); /* refuelled: that is the level now */
	gauge(82000, 60);
	motion_expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
}

static void fuel_that_went_while_the_bus_slept_is_found_and_slosh_is_not(void **state)
{
	(void)state;
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
	tt_motion_engine(&rig.m, rig.now, true);
	for (int i = 0; i < 30; i++) {
		tt_motion_speed(&rig.m, rig.now, 20000);
		gauge(60000 + (i % 3) * 1000, 2);
	}
	tt_motion_speed(&rig.m, rig.now, 0);
	rig.now += TT_SEC(1);
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_OFF);
	rig.now += TT_SEC(36000);
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
	gauge(50000, 20); /* 11 % less: within what may have sloshed, 12 */
	assert_false(motion_next());
	for (int i = 0; i < 40; i++) { /* drives for more than a minute, which forgets it, and parks again */
		tt_motion_speed(&rig.m, rig.now, 20000);
		gauge(50000, 2);
	}
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_OFF);
	tt_motion_speed(&rig.m, rig.now, 0);
	rig.now += TT_SEC(36000);
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
	gauge(38000, 20);
	motion_expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
	assert_int_equal(rig.e.value_milli, 12000);
	assert_int_equal(rig.e.limit_milli, 12000);
}

static void what_an_idling_engine_burns_and_a_drive_are_no_drop(void **state)
{
	(void)state;
	tt_motion_engine(&rig.m, rig.now, true);
	for (int i = 0; i < 40; i++)
		gauge(62000 - i * 1000, 60);
	for (int i = 0; i < 62; i++) {
		tt_motion_speed(&rig.m, rig.now, 1000);
		gauge(i < 31 ? 40000 : 10000, 2);
	}
	tt_motion_speed(&rig.m, rig.now, 999);
	gauge(10000, 60);
	assert_false(motion_next());
	tt_fuel_restore(&rig.m.fuel, 30000);
	gauge(18000, 60);
	motion_expect(TT_MOTION_KIND_FUEL_DROP, TT_MOTION_INSTANT, TT_CAUSE_LEVEL);
}

static void every_slot_opens_again_and_is_told_by_name(void **state)
{
	static const char *const names[] = {"overspeed",  "towing",    "battery",    "coolant", "row1.left",
					    "row1.right", "row2.left", "row2.right", "home"};
	tt_mono_us begin;
	int64_t peak;
	bool dwelt;

	(void)state;
	rig.config.fences[0] = (struct tt_fence){.name = "home", .shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1};
	rig.config.nfences = 1;
	for (unsigned slot = 0; slot < 9; slot++) {
		assert_string_equal(tt_motion_slot_name(&rig.m, slot), names[slot]);
		assert_false(tt_motion_open(&rig.m, slot, &begin, &peak, &dwelt));
		tt_motion_reopen(&rig.m, slot, 77, 88, slot == TT_SLOT_FENCES);
		if (slot == TT_SLOT_TOWING)
			tt_towing_restore(&rig.m.towing, rig.now, (struct tt_geo_point){1, 1}, 5000, true, 77);
		assert_true(tt_motion_open(&rig.m, slot, &begin, &peak, &dwelt));
		assert_int_equal(begin, 77);
		assert_int_equal(peak, slot == TT_SLOT_TOWING || slot == TT_SLOT_FENCES ? 0 : 88);
		assert_int_equal(dwelt, slot == TT_SLOT_FENCES);
	}
	assert_null(tt_motion_slot_name(&rig.m, TT_SLOT_FENCES + 1));
	assert_int_equal(rig.m.battery.limit_mv, 11800);
	rig.config.battery_24v = true;
	tt_motion_reopen(&rig.m, TT_SLOT_BATTERY, 77, 88, false);
	assert_int_equal(rig.m.battery.limit_mv, 23600);
}

static void events_know_their_slot(void **state)
{
	static const unsigned slots[] = {
		TT_SLOT_NONE,    TT_SLOT_NONE, TT_SLOT_NONE,  TT_SLOT_OVERSPEED, TT_SLOT_TOWING, TT_SLOT_FENCES,
		TT_SLOT_BATTERY, TT_SLOT_NONE, TT_SLOT_TYRES, TT_SLOT_COOLANT,   TT_SLOT_NONE,
	};

	(void)state;
	for (int kind = 1; kind <= 11; kind++) {
		rig.e = (struct tt_motion_event){.kind = (enum tt_motion_kind)kind};
		assert_int_equal(tt_motion_slot(&rig.e), slots[kind - 1]);
	}
	rig.e = (struct tt_motion_event){.kind = TT_MOTION_KIND_TYRE, .which = 3};
	assert_int_equal(tt_motion_slot(&rig.e), TT_SLOT_TYRES + 3);
}

static void fuel_of_a_trip_comes_from_the_rate_or_from_the_tank(void **state)
{
	struct tt_trip_event t;

	(void)state;
	for (int round = 0; round < 4; round++) {
		/* by rate; by level; refuelled; tank unknown */
		struct tt_trip_config c = TT_TRIP_DEFAULT;

		motion_fresh();
		c.tank_ml = round == 3 ? 0 : 50000;
		tt_trip_init(&rig.trip, &c);
		tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
		tt_trip_ignition(&rig.trip, rig.now, TT_IGNITION_ON);
		for (int i = 0; i < 600; i++) {
			rig.now += TT_SEC(1);
			tt_motion_speed(&rig.m, rig.now, i < 2 ? 0 : 20000);
			tt_motion_fuel_level(&rig.m, rig.now, round == 2 && i > 500 ? 90000 : 60000 - i * 10);
			if (round == 0)
				tt_motion_fuel_rate(&rig.m, rig.now, i % 100 == 50 ? -1 : 3600);
		}
		tt_trip_ignition(&rig.trip, rig.now, TT_IGNITION_OFF);
		rig.now += TT_SEC(4);
		assert_true(tt_trip_next(&rig.trip, &t));
		tt_trip_tick(&rig.trip, rig.now);
		assert_true(tt_trip_next(&rig.trip, &t));
		assert_int_equal(t.fuel, round == 0 ? TT_TRIP_FUEL_RATE : round == 1 ? TT_TRIP_FUEL_LEVEL : TT_TRIP_FUEL_NONE);
		assert_in_range(t.fuel_ml, round == 0 ? 585 : round == 1 ? 2900 : 0, round == 0 ? 600 : round == 1 ? 3000 : 0);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, motion_setup)
	const struct CMUnitTest tests[] = {
		T(a_tyre_below_its_placard_begins_and_ends),
		T(warm_tyres_are_compared_as_cold_ones),
		T(a_tyre_is_compared_with_the_other_of_its_axle),
		T(only_like_is_compared_with_like),
		T(the_cars_own_warning_counts),
		T(a_hot_engine_begins_and_ends),
		T(fuel_that_goes_at_rest_is_told_once),
		T(fuel_that_went_while_the_bus_slept_is_found_and_slosh_is_not),
		T(what_an_idling_engine_burns_and_a_drive_are_no_drop),
		T(every_slot_opens_again_and_is_told_by_name),
		T(events_know_their_slot),
		T(fuel_of_a_trip_comes_from_the_rate_or_from_the_tank),
	};

	return cmocka_run_group_tests_name("motion state", tests, NULL, NULL);
}
