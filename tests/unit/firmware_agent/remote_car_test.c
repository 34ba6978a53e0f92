/*
 * What a command must know of the car: when the speed is known, and what counts as parked.
 */
#include "firmware/agent/remote_car.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct tt_command_situation tell(const struct tt_remote_car *c, tt_mono_us now)
{
	struct tt_command_situation s = {.unit = ""};

	tt_remote_car_tell(c, now, &s);
	return s;
}

static void a_speed_is_known_while_it_is_fresh(void **state)
{
	struct tt_remote_car c = {.parked = false};

	(void)state;
	assert_false(tell(&c, TT_SEC(5)).speed_known);
	tt_remote_car_speed(&c, TT_SEC(10), -700);
	assert_true(tell(&c, TT_SEC(12)).speed_known);
	assert_int_equal(tell(&c, TT_SEC(12)).speed_mm_s, -700);
	assert_false(tell(&c, TT_SEC(12) + 1).speed_known);
	assert_int_equal(tell(&c, TT_SEC(12)).ignition, TT_COMMAND_IGNITION_UNKNOWN);
}

static void a_parked_car_stays_parked_when_its_bus_falls_asleep(void **state)
{
	struct tt_remote_car c = {.parked = false};
	struct tt_command_situation s;

	(void)state;
	tt_remote_car_ignition(&c, TT_SEC(1), TT_COMMAND_IGNITION_ON);
	tt_remote_car_speed(&c, TT_SEC(10), 0);
	tt_remote_car_ignition(&c, TT_SEC(11), TT_COMMAND_IGNITION_OFF);
	tt_remote_car_ignition(&c, TT_SEC(60), TT_COMMAND_IGNITION_UNKNOWN); /* silence */
	s = tell(&c, TT_SEC(1000));
	assert_true(s.speed_known && s.speed_mm_s == 0 && s.ignition == TT_COMMAND_IGNITION_OFF);
	assert_true(s.off_for_us == TT_SEC(989));
	tt_remote_car_ignition(&c, TT_SEC(2000), TT_COMMAND_IGNITION_OFF); /* the bus woke: the same stop */
	assert_true(tell(&c, TT_SEC(2000)).off_for_us == TT_SEC(1989));
}

static void anything_that_says_otherwise_ends_it(void **state)
{
	struct tt_remote_car parked = {.parked = false}, c;

	(void)state;
	tt_remote_car_ignition(&parked, TT_SEC(1), TT_COMMAND_IGNITION_OFF);
	tt_remote_car_speed(&parked, TT_SEC(1), TT_COMMAND_STANDING_MM_S);
	tt_remote_car_ignition(&parked, TT_SEC(60), TT_COMMAND_IGNITION_UNKNOWN);
	c = parked;
	assert_true(c.parked);
	tt_remote_car_gps(&c, 0, TT_REMOTE_GPS_MOVES_MM_S);
	assert_true(c.parked);
	tt_remote_car_gps(&c, 0, TT_REMOTE_GPS_MOVES_MM_S + 1);
	assert_false(tell(&c, TT_SEC(70)).speed_known);
	assert_int_equal(tell(&c, TT_SEC(70)).ignition, TT_COMMAND_IGNITION_UNKNOWN);
	c = parked;
	tt_remote_car_speed(&c, TT_SEC(70), TT_COMMAND_STANDING_MM_S + 1);
	assert_false(c.parked);
	c = parked;
	tt_remote_car_speed(&c, TT_SEC(70), -TT_COMMAND_STANDING_MM_S - 1);
	assert_false(c.parked);
	c = parked;
	tt_remote_car_speed(&c, TT_SEC(70), -TT_COMMAND_STANDING_MM_S);
	assert_true(c.parked);
	c = parked;
	tt_remote_car_ignition(&c, TT_SEC(70), TT_COMMAND_IGNITION_ON);
	assert_false(c.parked);
	assert_true(tell(&c, TT_SEC(80)).off_for_us == 0);
}

static void an_old_speed_does_not_park_a_car(void **state)
{
	struct tt_remote_car c = {.parked = false};

	(void)state;
	tt_remote_car_ignition(&c, TT_SEC(1), TT_COMMAND_IGNITION_ON);
	tt_remote_car_speed(&c, TT_SEC(10), 0);
	tt_remote_car_ignition(&c, TT_SEC(13), TT_COMMAND_IGNITION_OFF);
	assert_false(c.parked);
	assert_true(tell(&c, TT_SEC(20)).off_for_us == TT_SEC(7));
}

static void an_engine_runs_until_the_ignition_is_off_for_a_while(void **state)
{
	struct tt_remote_car c = {.parked = false};

	(void)state;
	tt_remote_car_ignition(&c, TT_SEC(1), TT_COMMAND_IGNITION_ON);
	tt_remote_car_engine(&c, TT_SEC(2), true);
	assert_true(tell(&c, TT_SEC(100)).engine_running);
	tt_remote_car_ignition(&c, TT_SEC(100), TT_COMMAND_IGNITION_OFF);
	assert_false(tell(&c, TT_SEC(100)).engine_running);
	tt_remote_car_engine(&c, TT_SEC(100), true); /* off, and it says that it runs: it runs */
	assert_true(tell(&c, TT_SEC(102)).engine_running);
	assert_false(tell(&c, TT_SEC(102) + 1).engine_running);
	tt_remote_car_engine(&c, TT_SEC(103), false);
	assert_false(tell(&c, TT_SEC(103)).engine_running);
}

static void it_moves_by_a_fresh_speed_or_else_by_a_fresh_fix(void **state)
{
	struct tt_remote_car c = {.parked = false};

	(void)state;
	assert_false(tt_remote_car_moves(&c, TT_SEC(1))); /* nothing is known */
	tt_remote_car_gps(&c, TT_SEC(1), TT_REMOTE_GPS_MOVES_MM_S + 1);
	assert_true(tt_remote_car_moves(&c, TT_SEC(1) + TT_REMOTE_FIX_FRESH_US));
	assert_false(tt_remote_car_moves(&c, TT_SEC(1) + TT_REMOTE_FIX_FRESH_US + 1));
	tt_remote_car_speed(&c, TT_SEC(2), TT_COMMAND_STANDING_MM_S); /* the car itself knows better */
	assert_false(tt_remote_car_moves(&c, TT_SEC(2)));
	tt_remote_car_speed(&c, TT_SEC(3), TT_COMMAND_STANDING_MM_S + 1);
	assert_true(tt_remote_car_moves(&c, TT_SEC(3) + TT_REMOTE_FRESH_US));
	tt_remote_car_gps(&c, TT_SEC(4), TT_REMOTE_GPS_MOVES_MM_S);
	assert_true(tt_remote_car_moves(&c, TT_SEC(4)));
	assert_false(tt_remote_car_moves(&c, TT_SEC(3) + TT_REMOTE_FRESH_US + 1));
	tt_remote_car_speed(&c, TT_SEC(9), -TT_COMMAND_STANDING_MM_S - 1); /* backwards */
	assert_true(tt_remote_car_moves(&c, TT_SEC(9)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_moves_by_a_fresh_speed_or_else_by_a_fresh_fix),
		cmocka_unit_test(a_speed_is_known_while_it_is_fresh),
		cmocka_unit_test(a_parked_car_stays_parked_when_its_bus_falls_asleep),
		cmocka_unit_test(anything_that_says_otherwise_ends_it),
		cmocka_unit_test(an_old_speed_does_not_park_a_car),
		cmocka_unit_test(an_engine_runs_until_the_ignition_is_off_for_a_while),
	};

	return cmocka_run_group_tests_name("remote car", tests, NULL, NULL);
}
