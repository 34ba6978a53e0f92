/* Towing by its other signs: wheels, tilt, speed, place. */
#include "motion_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void park(void)
{
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_OFF);
	rig.now += TT_SEC(60);
}

static void wheels_that_turn_with_the_ignition_off_are_towing(void **state)
{
	(void)state;
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_OFF);
	for (int i = 0; i < 599; i++) { /* not armed yet */
		rig.now += TT_MS(100);
		tt_motion_speed(&rig.m, rig.now, 3000);
	}
	tt_motion_speed(&rig.m, rig.now, 1399);
	rig.now += TT_SEC(60);
	for (int i = 0; i <= 49; i++) {
		rig.now += TT_MS(100);
		tt_motion_speed(&rig.m, rig.now, 1400);
	}
	assert_false(motion_next());
	rig.now += TT_MS(100);
	tt_motion_speed(&rig.m, rig.now, 1400);
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_BUS_SPEED);
	tt_motion_speed(&rig.m, rig.now, 1399);
	rig.now += TT_SEC(60);
	tt_motion_speed(&rig.m, rig.now, 1400);
	rig.now += TT_SEC(299);
	tt_motion_speed(&rig.m, rig.now, 0);
	assert_false(motion_next());
	rig.now += TT_SEC(1);
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_BUS_SPEED);
	assert_int_equal(rig.e.duration_us, TT_SEC(60));
}

static void lean(unsigned axis, int64_t mm_s2, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 5; i++) {
		rig.now += TT_MS(200);
		tt_motion_accel(&rig.m, rig.now, axis, mm_s2);
		tt_motion_accel(&rig.m, rig.now, 1 - axis, 100);
	}
}

static void a_car_that_is_lifted_leans(void **state)
{
	(void)state;
	lean(0, 3000, 30);
	park();
	tt_motion_accel(&rig.m, rig.now, 1, 9000); /* a parked car does not drive, however it is jolted */
	lean(0, 200, 30);                          /* parked on a slope */
	lean(0, 1699, 30);
	assert_false(motion_next());
	lean(0, 1700, 9);
	lean(0, 200, 30); /* somebody got in */
	assert_false(motion_next());
	lean(0, -1300, 13);
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_TILT);
	assert_int_equal(rig.e.value_milli, 1500);
	assert_int_equal(rig.e.limit_milli, 1500);
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_TILT);
	lean(0, 2500, 30);
	assert_false(motion_next());
}

static void a_car_that_rolls_slowly_within_the_drift_is_known_by_its_speed(void **state)
{
	struct tt_fix_sample f = {.place = {480000000, 1799999990}, .accuracy_mm = 25000};

	(void)state;
	park();
	for (int i = 0; i < 30; i++) { /* 75 m of doubt; 4 m/s from the tenth on, across the antimeridian */
		rig.now += TT_SEC(1);
		f.at_us = rig.now;
		f.speed_mm_s = i < 10 ? 0 : 4000;
		if (i >= 10)
			f.place.longitude_e7 = (int32_t)tt_odometer_value(&rig.odometer) + (i == 10 ? 1799999990 : f.place.longitude_e7);
		f.place.latitude_e7 += i < 10 ? 0 : 360;
		tt_motion_fix(&rig.m, &f);
	}
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_GPS_SPEED);
	assert_in_range(rig.e.value_milli, 60000, 80000);
}

static void a_parked_place_survives_a_restart(void **state)
{
	struct tt_fix_sample f = {.place = {480000000, 1799999990}, .accuracy_mm = 5000};
	struct tt_geo_point place;
	int64_t accuracy;

	(void)state;
	assert_false(tt_towing_anchor(&rig.m.towing, &place, &accuracy));
	park();
	for (int i = 0; i < 5; i++) {
		rig.now += TT_SEC(1);
		f.at_us = rig.now;
		f.place.longitude_e7 = i % 2 ? 1799999990 : -1799999990;
		assert_false(tt_towing_anchor(&rig.m.towing, &place, &accuracy));
		tt_motion_fix(&rig.m, &f);
	}
	assert_true(tt_towing_anchor(&rig.m.towing, &place, &accuracy));
	assert_int_equal(place.latitude_e7, 480000000);
	assert_true(place.longitude_e7 == -1799999990 || place.longitude_e7 == 1799999990);
	assert_int_equal(accuracy, 5000);
	motion_fresh();
	tt_towing_restore(&rig.m.towing, rig.now, place, accuracy, false, 0);
	f.place.latitude_e7 = 480100000;
	for (int i = 0; i < 4; i++) {
		assert_false(motion_next());
		rig.now += TT_SEC(1);
		f.at_us = rig.now;
		tt_motion_fix(&rig.m, &f);
	}
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_BEGIN, TT_CAUSE_GPS_POSITION);
	motion_fresh();
	tt_towing_restore(&rig.m.towing, rig.now, place, accuracy, true, rig.now - TT_SEC(100));
	tt_motion_ignition(&rig.m, rig.now, TT_IGNITION_ON);
	motion_expect(TT_MOTION_KIND_TOWING, TT_MOTION_END, TT_CAUSE_GPS_POSITION);
	assert_int_equal(rig.e.duration_us, TT_SEC(100));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, motion_setup)
	const struct CMUnitTest tests[] = {
		T(wheels_that_turn_with_the_ignition_off_are_towing),
		T(a_car_that_is_lifted_leans),
		T(a_car_that_rolls_slowly_within_the_drift_is_known_by_its_speed),
		T(a_parked_place_survives_a_restart),
	};

	return cmocka_run_group_tests_name("motion towing", tests, NULL, NULL);
}
