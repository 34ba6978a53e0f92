/* The power machine where the car does not tell its ignition: when it is seen to run, and when it is asked for nothing. */
#include "power_bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void without_ignition_a_probe_ends_however_much_the_bus_talks(void **state)
{
	(void)state;
	expect(TT_POWER_DRIVE, TT_WAKE_BOOT);
	for (unsigned i = 0; i < 179; i++) {
		tt_power_traffic(&p, now);
		tt_power_engine(&p, now, false);
		tt_power_voltage(&p, now, 13900); /* a charger: the engine says no */
		pass(TT_SEC(1));
	}
	assert_true(tt_power_may_ask(&p, now));
	pass(TT_SEC(1));
	assert_int_equal(p.state, TT_POWER_PARKED);
	assert_false(tt_power_may_ask(&p, now)); /* no grace: nobody said "off" */
	for (unsigned i = 0; i < 3600; i++) {
		tt_power_traffic(&p, now); /* it goes on: nothing begins */
		assert_false(tt_power_may_ask(&p, now));
		pass(TT_SEC(1));
	}
}

static void without_ignition_an_engine_that_turns_is_a_drive(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		tt_power_engine(&p, now, true);
		pass(TT_SEC(1));
	}
	assert_int_equal(p.state, TT_POWER_DRIVE);
	tt_power_engine(&p, now, false);
	pass(TT_SEC(179) - 1);
	assert_int_equal(p.state, TT_POWER_DRIVE);
	pass(1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_engine(&p, now, true);
	expect(TT_POWER_DRIVE, TT_WAKE_BUS);
}

static void without_ignition_and_engine_the_generator_tells(void **state)
{
	(void)state;
	tt_power_voltage(&p, now, 12600);
	pass(TT_SEC(180));
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_voltage(&p, now, 13199);
	assert_int_equal(p.state, TT_POWER_DRIVE); /* a change is worth a look */
	assert_true(p.runs_us < p.since_us);
	pass(TT_SEC(180));
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_voltage(&p, now, 13899); /* the look was for nothing, so a change is held back, but not a generator */
	expect(TT_POWER_DRIVE, TT_WAKE_VOLTAGE);
	pass(TT_SEC(3600));
	assert_int_equal(p.state, TT_POWER_DRIVE);
	tt_power_voltage(&p, now, 13199);
	pass(TT_SEC(180) - 1);
	assert_int_equal(p.state, TT_POWER_DRIVE);
	pass(1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(TT_SEC(86400));
	assert_true(tt_power_asleep(&p));
	tt_power_voltage(&p, now, 14000);
	expect(TT_POWER_DRIVE, TT_WAKE_VOLTAGE);
}

static void an_old_engine_speed_counts_for_half_a_minute(void **state)
{
	(void)state;
	tt_power_engine(&p, now, false);
	pass(TT_SEC(30));
	tt_power_voltage(&p, now, 13200);
	assert_int_equal(p.runs_us, TT_SEC(100));
	now++;
	tt_power_voltage(&p, now, 13200);
	assert_int_equal(p.runs_us, now);
}

static void without_ignition_traffic_begins_after_a_minute_of_silence(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 180; i++) {
		tt_power_traffic(&p, now);
		pass(TT_SEC(1));
	}
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_traffic(&p, now);
	now += TT_SEC(60) - 1;
	tt_power_traffic(&p, now);
	assert_int_equal(p.state, TT_POWER_PARKED);
	now += TT_SEC(60);
	tt_power_traffic(&p, now);
	expect(TT_POWER_DRIVE, TT_WAKE_BUS);
}

static void without_ignition_a_drive_that_was_seen_holds_nothing_back(void **state)
{
	(void)state;
	pass(TT_SEC(180));
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_engine(&p, now, true);
	expect(TT_POWER_DRIVE, TT_WAKE_BUS);
	pass(TT_SEC(180));
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_traffic(&p, now);
	expect(TT_POWER_DRIVE, TT_WAKE_BUS);
	assert_int_equal(p.holds[TT_WAKE_BUS].pause_us, 0);
	pass(TT_SEC(180)); /* this time nothing ran */
	assert_int_equal(p.holds[TT_WAKE_BUS].pause_us, TT_SEC(300));
}

static void without_ignition_in_the_profile_nobody_can_tell_it(void **state)
{
	(void)state;
	pass(TT_SEC(180));
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	expect(TT_POWER_PARKED, TT_WAKE_BOOT);
	assert_int_equal(p.ignition, TT_IGNITION_UNKNOWN);
}

static void without_a_generators_level_the_voltage_never_makes_a_drive(void **state)
{
	(void)state;
	cfg.running_mv = 0;
	tt_power_init(&p, &cfg, now);
	tt_power_voltage(&p, now, 14400);
	assert_int_equal(p.runs_us, TT_SEC(100));
	now += TT_SEC(1);
	tt_power_voltage(&p, now, 14400);
	assert_int_equal(p.runs_us, TT_SEC(100));
	pass(TT_SEC(179));
	assert_int_equal(p.state, TT_POWER_PARKED);
	cfg.running_mv = 1; /* any level is a level */
	tt_power_init(&p, &cfg, now);
	tt_power_voltage(&p, now + 1, 12000);
	assert_int_equal(p.runs_us, now + 1);
}

static void without_ignition_chatter_is_probed_ever_more_rarely(void **state)
{
	unsigned asked = 0;

	(void)state;
	pass(TT_SEC(3600));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	for (unsigned i = 0; i < 30 * 720; i++) { /* 30 days, a burst every two minutes */
		pass(TT_SEC(120));
		tt_power_traffic(&p, now);
		asked += tt_power_may_ask(&p, now);
	}
	assert_in_range(p.wakes[TT_WAKE_BUS], 120, 130);
	assert_in_range(asked, 120, 260);
	tt_power_moving(&p, now);
	expect(TT_POWER_DRIVE, TT_WAKE_MOVEMENT);
	assert_int_equal(p.holds[TT_WAKE_BUS].pause_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_ignition_a_probe_ends_however_much_the_bus_talks, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_an_engine_that_turns_is_a_drive, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_and_engine_the_generator_tells, fresh_without_ignition),
		cmocka_unit_test_setup(an_old_engine_speed_counts_for_half_a_minute, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_traffic_begins_after_a_minute_of_silence, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_a_drive_that_was_seen_holds_nothing_back, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_in_the_profile_nobody_can_tell_it, fresh_without_ignition),
		cmocka_unit_test_setup(without_a_generators_level_the_voltage_never_makes_a_drive, fresh_without_ignition),
		cmocka_unit_test_setup(without_ignition_chatter_is_probed_ever_more_rarely, fresh_without_ignition),
	};

	return cmocka_run_group_tests_name("power probe", tests, NULL, NULL);
}
