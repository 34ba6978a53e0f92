#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/trip.h"

static struct tt_trip t;
static tt_mono_us now;
static struct tt_trip_event last;
static unsigned events;

static int fresh(void **state)
{
	(void)state;
	now = TT_SEC(1000);
	events = 0;
	tt_trip_init(&t, &TT_TRIP_DEFAULT);
	return 0;
}

static void pump(void)
{
	tt_trip_tick(&t, now);
	while (tt_trip_next(&t, &last))
		events++;
}

static void drive(int32_t mm_s, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 10; i++) {
		now += TT_MS(100);
		tt_trip_speed(&t, now, mm_s);
		pump();
	}
}

static void a_drive_starts_with_movement_and_ends_with_the_ignition(void **state)
{
	(void)state;
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(0, 60);
	assert_int_equal(events, 0);
	drive(20000, 100);
	assert_int_equal(events, 1);
	assert_int_equal(last.change, TT_TRIP_START);
	drive(0, 20);
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	pump();
	assert_int_equal(events, 1); /* start-stop systems and cranking dips are shorter than 3 s */
	now += TT_SEC(3);
	pump();
	assert_int_equal(events, 2);
	assert_int_equal(last.change, TT_TRIP_END);
	assert_in_range(last.distance_m, 1970, 2000);
	assert_in_range(last.duration_s, 119, 121);
}

static void a_short_ignition_dip_does_not_end_the_trip(void **state)
{
	(void)state;
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 10);
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	drive(0, 2);
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 10);
	assert_int_equal(events, 1);
}

static void a_car_that_is_pushed_or_towed_with_ignition_off_makes_no_trip(void **state)
{
	(void)state;
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	drive(5000, 60);
	assert_int_equal(events, 0);
}

static void without_ignition_signal_ten_minutes_of_standstill_end_it_at_the_last_movement(void **state)
{
	(void)state;
	drive(10000, 100);
	drive(0, 599);
	assert_int_equal(events, 1);
	drive(0, 2);
	assert_int_equal(events, 2);
	assert_in_range(last.duration_s, 99, 101);
	assert_in_range(last.distance_m, 980, 1010);
}

static void a_bus_that_falls_silent_ends_it_too_and_the_loop_is_told_when_to_look(void **state)
{
	(void)state;
	drive(10000, 10);
	now = tt_trip_wake_at(&t);
	pump();
	assert_int_equal(events, 2);
	assert_int_equal(last.change, TT_TRIP_END);
	assert_int_equal(tt_trip_wake_at(&t), TT_NEVER);
}

static void the_odometer_counts_on_long_trips_and_over_gaps(void **state)
{
	(void)state;
	tt_trip_odometer(&t, 1000000);
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(25000, 100);
	tt_trip_odometer(&t, 1002600);
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	now += TT_SEC(4);
	pump();
	assert_int_equal(last.distance_m, 2600);
	/* 500 m by speed, a hole of a minute, and the odometer knows better */
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 25);
	now += TT_SEC(60);
	drive(20000, 1);
	tt_trip_odometer(&t, 1004300);
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	now += TT_SEC(4);
	pump();
	assert_int_equal(events, 4);
	assert_int_equal(last.distance_m, 1700);
}

/* The process ends, and another one starts after `away_us`. */
static void restart(int64_t away_us)
{
	struct tt_trip_open open;

	assert_true(tt_trip_open(&t, now, &open));
	now += away_us;
	tt_trip_init(&t, &TT_TRIP_DEFAULT);
	tt_trip_restore(&t, now, &open, away_us);
}

static void an_agent_killed_in_mid_trip_goes_on_with_it_when_it_is_back_soon(void **state)
{
	(void)state;
	tt_trip_odometer(&t, 1000000);
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 50);
	restart(TT_SEC(20));
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 30);
	assert_int_equal(events, 1); /* no second START */
	tt_trip_odometer(&t, 1001990);
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	now += TT_SEC(3);
	pump();
	assert_int_equal(events, 2);
	assert_int_equal(last.change, TT_TRIP_END);
	assert_in_range(last.duration_s, 99, 101);
	assert_int_equal(last.distance_m, 1990); /* the odometer knows the way driven unwatched */
}

static void an_agent_killed_in_mid_trip_ends_it_at_the_last_movement_when_it_is_back_late(void **state)
{
	tt_mono_us moved;

	(void)state;
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 50);
	moved = now;
	drive(0, 10);
	restart(TT_SEC(3600));
	pump();
	assert_int_equal(events, 2);
	assert_int_equal(last.change, TT_TRIP_END);
	assert_int_equal(last.at_us, moved);
	assert_in_range(last.distance_m, 960, 1000);
	assert_in_range(last.duration_s, 49, 51);
	drive(20000, 5);
	assert_int_equal(last.change, TT_TRIP_START); /* the next one */
}

static void a_car_that_is_off_after_the_restart_ends_its_trip_too(void **state)
{
	struct tt_trip_open open;

	(void)state;
	assert_false(tt_trip_open(&t, now, &open));
	tt_trip_ignition(&t, now, TT_IGNITION_ON);
	drive(20000, 50);
	restart(-TT_SEC(5)); /* a clock set back counts as no time */
	tt_trip_ignition(&t, now, TT_IGNITION_OFF);
	now += TT_SEC(3);
	pump();
	assert_int_equal(events, 2);
	assert_int_equal(last.change, TT_TRIP_END);
	assert_false(tt_trip_open(&t, now, &open));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_drive_starts_with_movement_and_ends_with_the_ignition, fresh),
		cmocka_unit_test_setup(a_short_ignition_dip_does_not_end_the_trip, fresh),
		cmocka_unit_test_setup(a_car_that_is_pushed_or_towed_with_ignition_off_makes_no_trip, fresh),
		cmocka_unit_test_setup(without_ignition_signal_ten_minutes_of_standstill_end_it_at_the_last_movement, fresh),
		cmocka_unit_test_setup(a_bus_that_falls_silent_ends_it_too_and_the_loop_is_told_when_to_look, fresh),
		cmocka_unit_test_setup(the_odometer_counts_on_long_trips_and_over_gaps, fresh),
		cmocka_unit_test_setup(an_agent_killed_in_mid_trip_goes_on_with_it_when_it_is_back_soon, fresh),
		cmocka_unit_test_setup(an_agent_killed_in_mid_trip_ends_it_at_the_last_movement_when_it_is_back_late, fresh),
		cmocka_unit_test_setup(a_car_that_is_off_after_the_restart_ends_its_trip_too, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
