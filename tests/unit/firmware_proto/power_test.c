/* The power machine: when it drives, parks, sleeps and wakes, at each boundary; and above all when the car may be asked. */
#include "power_bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_car_is_asked_in_drive_and_for_the_grace_only(void **state)
{
	(void)state;
	expect(TT_POWER_PARKED, TT_WAKE_BOOT);
	assert_false(tt_power_may_ask(&p, now));
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	assert_false(tt_power_may_ask(&p, now)); /* off at first sight: nobody has driven */
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	expect(TT_POWER_DRIVE, TT_WAKE_IGNITION);
	pass(TT_SEC(86400));
	assert_true(tt_power_may_ask(&p, now));
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	expect(TT_POWER_PARKED, TT_WAKE_IGNITION);
	assert_true(tt_power_may_ask(&p, now + TT_SEC(10) - 1));
	assert_false(tt_power_may_ask(&p, now + TT_SEC(10)));
	tt_power_ignition(&p, now, TT_IGNITION_UNKNOWN);
	assert_false(tt_power_may_ask(&p, now)); /* a silent bus is not asked, grace or not */
}

static void parked_sleeps_ten_minutes_after_the_last_sign_of_life(void **state)
{
	(void)state;
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	tt_power_traffic(&p, now);
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	for (unsigned i = 0; i < 30; i++) {
		pass(TT_SEC(20));
		tt_power_traffic(&p, now);
	}
	pass(TT_SEC(600) - 1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(1);
	expect(TT_POWER_SLEEP, TT_WAKE_IGNITION);
	pass(TT_SEC(3000) - 1);
	assert_int_equal(p.state, TT_POWER_SLEEP);
	pass(1); /* an hour after the last frame */
	assert_int_equal(p.state, TT_POWER_DEEP);
	assert_int_equal(p.wakes[TT_WAKE_BUS], 0);
}

static void traffic_without_end_keeps_it_up_for_two_hours_at_most(void **state)
{
	(void)state;
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	tt_power_traffic(&p, now);
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	for (unsigned i = 0; i < 719; i++) {
		pass(TT_SEC(10));
		tt_power_traffic(&p, now);
	}
	assert_int_equal(p.state, TT_POWER_PARKED);
	for (unsigned i = 0; i < 721; i++) {
		pass(TT_SEC(10));
		tt_power_traffic(&p, now);
	}
	assert_true(tt_power_asleep(&p)); /* nor does it wake it: it never began */
	assert_int_equal(p.wakes[TT_WAKE_BUS], 0);
}

static void traffic_after_a_minute_of_silence_wakes_it(void **state)
{
	(void)state;
	sleeping(0);
	pass(TT_SEC(1000));
	tt_power_traffic(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_BUS);
	assert_false(tt_power_may_ask(&p, now));
	for (unsigned i = 0; i < 119; i++) {
		pass(TT_SEC(1));
		tt_power_traffic(&p, now);
	}
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(TT_SEC(1)); /* the traffic does not lengthen the stay */
	assert_int_equal(p.state, TT_POWER_SLEEP);
	tt_power_traffic(&p, now + TT_SEC(59));
	assert_int_equal(p.state, TT_POWER_SLEEP);
}

static void a_bus_that_wakes_it_for_nothing_is_held_back_longer_each_time(void **state)
{
	/* a burst every two minutes, for a day */
	static const unsigned wakes_by_hour[] = {4, 5, 6, 7, 7, 7, 8, 8};
	unsigned hour = 0;

	(void)state;
	sleeping(0);
	for (unsigned i = 1; i <= 8 * 30; i++) {
		pass(TT_SEC(120));
		tt_power_traffic(&p, now);
		if (i % 30 == 0)
			assert_in_range(p.wakes[TT_WAKE_BUS], wakes_by_hour[hour] - 1, wakes_by_hour[hour] + 1), hour++;
	}
	for (unsigned i = 0; i < 10 * 720; i++) {
		pass(TT_SEC(120));
		tt_power_traffic(&p, now);
	}
	assert_in_range(p.wakes[TT_WAKE_BUS], 8 + 36, 8 + 42); /* then every six hours */
	/* the ignition is not held back, and after a drive the bus is listened to again */
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	assert_int_equal(p.state, TT_POWER_DRIVE);
	sleeping(0);
	pass(TT_SEC(100));
	tt_power_traffic(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_BUS);
}

static void a_change_of_the_voltage_wakes_it_not_the_level(void **state)
{
	(void)state;
	sleeping(14200); /* a charger is on */
	pass(TT_SEC(1800));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	tt_power_voltage(&p, now, 14200 + 299);
	assert_int_equal(p.state, TT_POWER_SLEEP);
	tt_power_voltage(&p, now, 14200 + 300);
	expect(TT_POWER_PARKED, TT_WAKE_VOLTAGE);
	assert_false(tt_power_may_ask(&p, now)); /* the car tells its ignition, and it is off */
	pass(TT_SEC(120));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	pass(TT_SEC(300));
	tt_power_voltage(&p, now, 14200); /* off again */
	expect(TT_POWER_PARKED, TT_WAKE_VOLTAGE);
	assert_int_equal(p.wakes[TT_WAKE_VOLTAGE], 2);
}

static void a_slow_sag_never_wakes_it(void **state)
{
	(void)state;
	sleeping(12900);
	for (int mv = 12900; mv >= 11700; mv -= 10) {
		pass(TT_SEC(60));
		tt_power_voltage(&p, now, mv);
	}
	assert_int_equal(p.wakes[TT_WAKE_VOLTAGE], 0);
	assert_int_equal(p.base_mv, 11700);
	for (int mv = 11700; mv <= 12400; mv += 10) {
		pass(TT_SEC(60));
		tt_power_voltage(&p, now, mv);
	}
	assert_int_equal(p.wakes[TT_WAKE_VOLTAGE], 0); /* nor a slow rise */
}

static void below_the_floor_only_an_alert_the_ignition_and_voltage_wake_it(void **state)
{
	(void)state;
	sleeping(11800);
	tt_power_voltage(&p, now, 11599);
	pass(TT_SEC(300) - 1);
	assert_int_equal(p.state, TT_POWER_SLEEP);
	assert_false(p.below_floor);
	pass(1);
	tt_power_voltage(&p, now, 11599);
	assert_true(p.below_floor);
	pass(TT_SEC(1));
	expect(TT_POWER_DEEP, TT_WAKE_IGNITION);
	assert_int_equal(tt_power_check_in_at(&p), TT_NEVER);
	pass(30 * TT_SEC(86400));
	tt_power_traffic(&p, now);
	tt_power_moving(&p, now);
	tt_power_resumed(&p, now);
	tt_power_voltage(&p, now, 11899);
	expect(TT_POWER_DEEP, TT_WAKE_IGNITION);
	tt_power_alert(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_ALERT);
	assert_true(p.below_floor);
	pass(TT_SEC(30) - 1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(1);
	assert_int_equal(p.state, TT_POWER_DEEP);
	tt_power_voltage(&p, now, 11900);
	expect(TT_POWER_PARKED, TT_WAKE_VOLTAGE);
	assert_false(p.below_floor);
	/* and once more, ended by the ignition */
	pass(TT_SEC(600));
	tt_power_voltage(&p, now, 11000);
	pass(TT_SEC(3000));
	assert_true(p.below_floor);
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	assert_false(p.below_floor);
	tt_power_voltage(&p, now, 9000); /* cranking */
	pass(TT_SEC(3600));
	tt_power_voltage(&p, now, 9000);
	assert_false(p.below_floor);
}

static void parked_below_the_floor_sleeps_at_once(void **state)
{
	(void)state;
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	tt_power_voltage(&p, now, 11000);
	pass(TT_SEC(300) - 1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(1);
	assert_int_equal(p.state, TT_POWER_DEEP);
}

static void a_moment_below_the_floor_is_no_floor(void **state)
{
	(void)state;
	sleeping(12500);
	for (unsigned i = 0; i < 20; i++) {
		tt_power_voltage(&p, now, i & 1 ? 11600 : 11500);
		pass(TT_SEC(200));
	}
	assert_false(p.below_floor);
}

static void the_defaults_are_those_of_the_header(void **state)
{
	const struct tt_power_config *d = &TT_POWER_DEFAULT;

	(void)state;
	assert_true(d->ignition);
	assert_int_equal(d->grace_us, TT_SEC(10));
	assert_int_equal(d->probe_us, TT_SEC(180));
	assert_int_equal(d->sleep_us, TT_SEC(600));
	assert_int_equal(d->awake_us, TT_SEC(7200));
	assert_int_equal(d->stay_us, TT_SEC(120));
	assert_int_equal(d->linger_us, TT_SEC(30));
	assert_int_equal(d->deep_us, TT_SEC(3600));
	assert_int_equal(d->check_in_us, TT_SEC(3600));
	assert_int_equal(d->check_in_max_us, TT_SEC(86400));
	assert_int_equal(d->sample_us, 0);
	assert_int_equal(d->sample_deep_us, TT_SEC(300));
	assert_int_equal(d->quiet_us, TT_SEC(60));
	assert_int_equal(d->hold_us, TT_SEC(300));
	assert_int_equal(d->hold_max_us, TT_SEC(21600));
	assert_int_equal(d->floor_hold_us, TT_SEC(300));
	assert_int_equal(d->floor_mv, 11600);
	assert_int_equal(d->running_mv, 13200);
	assert_int_equal(d->delta_mv, 300);
}

static void the_voltage_is_looked_at_by_day_and_more_rarely_in_deep_sleep(void **state)
{
	(void)state;
	assert_true(tt_power_sample_due(&p, now)); /* at the start, at once */
	tt_power_no_voltage(&p, now);
	assert_false(tt_power_sample_due(&p, now + TT_SEC(60) - 1));
	assert_true(tt_power_sample_due(&p, now + TT_SEC(60)));
	assert_int_equal(tt_power_wake_at(&p), now + TT_SEC(60));
	sleeping(0);
	pass(TT_SEC(3000));
	assert_int_equal(p.state, TT_POWER_DEEP);
	tt_power_voltage(&p, now, 12600);
	assert_false(tt_power_sample_due(&p, now + TT_SEC(300) - 1));
	assert_true(tt_power_sample_due(&p, now + TT_SEC(300)));
	/* nothing to look at */
	cfg.sample_us = 0;
	tt_power_init(&p, &cfg, now);
	assert_false(tt_power_sample_due(&p, now + TT_SEC(86400)));
	assert_int_equal(tt_power_wake_at(&p), now + TT_SEC(600)); /* the end of PARKED */
}

static void the_reference_follows_by_a_millivolt_in_six_seconds(void **state)
{
	(void)state;
	sleeping(12600);
	tt_power_voltage(&p, now, 12600);
	now += TT_SEC(6) - 1;
	tt_power_voltage(&p, now, 12650);
	assert_int_equal(p.base_mv, 12600);
	now += TT_SEC(6);
	tt_power_voltage(&p, now, 12650);
	assert_int_equal(p.base_mv, 12601);
	now += TT_SEC(60);
	tt_power_voltage(&p, now, 12550);
	assert_int_equal(p.base_mv, 12591);
	now += TT_SEC(600);
	tt_power_voltage(&p, now, 12590); /* never past what was measured */
	assert_int_equal(p.base_mv, 12590);
	assert_int_equal(p.wakes[TT_WAKE_VOLTAGE], 0);
}

static void a_voltage_is_measured_from_the_one_before(void **state)
{
	(void)state;
	cfg.delta_mv = 1;
	tt_power_init(&p, &cfg, now);
	sleeping(0);
	tt_power_voltage(&p, now, 12600); /* the first one is no change, however small a change is */
	assert_int_equal(p.state, TT_POWER_SLEEP);
	assert_int_equal(p.base_mv, 12600);
	start(true);
	sleeping(12600);
	now++;
	tt_power_voltage(&p, now, 12601); /* too early to follow */
	assert_int_equal(p.base_mv, 12600);
	tt_power_voltage(&p, now, 12900); /* a change is followed at once */
	assert_int_equal(p.base_mv, 12900);
	expect(TT_POWER_PARKED, TT_WAKE_VOLTAGE);
}

static void it_falls_into_deep_sleep_at_once_when_it_has_been_quiet_for_long_or_the_battery_is_low(void **state)
{
	(void)state;
	cfg.deep_us = cfg.sleep_us;
	tt_power_init(&p, &cfg, now);
	now += cfg.sleep_us;
	tt_power_tick(&p, now);
	assert_int_equal(p.state, TT_POWER_DEEP);
	start(true);
	tt_power_voltage(&p, now, 11000);
	now += TT_SEC(300);
	tt_power_voltage(&p, now, 11000);
	assert_int_equal(p.state, TT_POWER_PARKED);
	tt_power_tick(&p, now);
	assert_int_equal(p.state, TT_POWER_DEEP);
}

static void a_voltage_back_above_the_floor_wakes_only_a_sleeper(void **state)
{
	(void)state;
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	tt_power_voltage(&p, now, 11599);
	now += TT_SEC(300);
	tt_power_voltage(&p, now, 11599);
	assert_true(p.below_floor);
	tt_power_voltage(&p, now, 11899);
	assert_true(p.below_floor);
	tt_power_voltage(&p, now, 11900);
	assert_false(p.below_floor);
	expect(TT_POWER_PARKED, TT_WAKE_IGNITION); /* it had not slept yet */
	assert_int_equal(p.wakes[TT_WAKE_VOLTAGE], 0);
}

static void check_ins_become_rarer_with_time_and_with_falling_voltage(void **state)
{
	static const struct {
		int32_t mv;
		unsigned check_ins;
		int64_t hours;
	} cases[] = {
		{0, 0, 1},     {0, 1, 2},     {0, 4, 16},    {0, 5, 24},    {0, 500, 24},   {12200, 0, 1},  {1, 0, 4},
		{12199, 0, 2}, {11900, 0, 2}, {11899, 0, 4}, {11600, 0, 4}, {12199, 3, 16}, {12199, 4, 24},
	};

	(void)state;
	sleeping(0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p.mv = cases[i].mv;
		p.check_ins = cases[i].check_ins;
		assert_int_equal(tt_power_check_in_at(&p), p.asleep_us + cases[i].hours * TT_SEC(3600));
	}
	p.mv = 0;
	p.check_ins = 0;
	pass(TT_SEC(3600) - 1);
	assert_int_equal(p.state, TT_POWER_DEEP);
	pass(1);
	expect(TT_POWER_PARKED, TT_WAKE_CHECK_IN);
	assert_int_equal(tt_power_check_in_at(&p), TT_NEVER);
	pass(TT_SEC(30) - 1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(1);
	assert_int_equal(p.state, TT_POWER_DEEP); /* no life since the drive */
	assert_int_equal(tt_power_check_in_at(&p), now + TT_SEC(7200));
	pass(30 * TT_SEC(86400));
	assert_in_range(p.wakes[TT_WAKE_CHECK_IN], 33, 35);
}

static void no_check_ins_when_none_are_wanted(void **state)
{
	(void)state;
	cfg.check_in_us = 0;
	tt_power_init(&p, &cfg, now);
	pass(30 * TT_SEC(86400));
	assert_int_equal(p.wakes[TT_WAKE_CHECK_IN], 0);
	assert_int_equal(p.state, TT_POWER_DEEP);
	p.cfg.check_in_us = 1;
	assert_int_equal(tt_power_check_in_at(&p), p.asleep_us + 1);
}

static void movement_wakes_it_and_never_makes_it_ask(void **state)
{
	(void)state;
	sleeping(0);
	tt_power_moving(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_MOVEMENT);
	assert_false(tt_power_may_ask(&p, now));
	pass(TT_SEC(120));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	tt_power_moving(&p, now + TT_SEC(300) - 1);
	assert_int_equal(p.state, TT_POWER_SLEEP);
	tt_power_moving(&p, now + TT_SEC(300));
	assert_int_equal(p.state, TT_POWER_PARKED);
}

static void an_alert_lengthens_the_stay(void **state)
{
	(void)state;
	sleeping(0);
	tt_power_alert(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_ALERT);
	pass(TT_SEC(29));
	tt_power_alert(&p, now);
	pass(TT_SEC(30) - 1);
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(1);
	assert_int_equal(p.state, TT_POWER_SLEEP);
	assert_int_equal(p.wakes[TT_WAKE_ALERT], 1);
	tt_power_moving(&p, now);
	pass(TT_SEC(119));
	tt_power_alert(&p, now);
	pass(TT_SEC(29));
	assert_int_equal(p.state, TT_POWER_PARKED);
	pass(TT_SEC(1));
	assert_int_equal(p.state, TT_POWER_SLEEP);
}

static void a_resumed_sleeper_is_awake_for_a_moment(void **state)
{
	(void)state;
	tt_power_resumed(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_BOOT); /* it was awake */
	sleeping(0);
	tt_power_resumed(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_RESUME);
	pass(TT_SEC(30));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	now += TT_SEC(3600);
	tt_power_resumed(&p, now);
	expect(TT_POWER_PARKED, TT_WAKE_CHECK_IN);
}

static void every_state_and_reason_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(tt_power_state_name(TT_POWER_DRIVE), "drive");
	assert_string_equal(tt_power_state_name(TT_POWER_DEEP), "deep_sleep");
	for (unsigned i = 0; i < TT_WAKES; i++)
		assert_non_null(tt_wake_name((enum tt_wake)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_car_is_asked_in_drive_and_for_the_grace_only, fresh),
		cmocka_unit_test_setup(parked_sleeps_ten_minutes_after_the_last_sign_of_life, fresh),
		cmocka_unit_test_setup(traffic_without_end_keeps_it_up_for_two_hours_at_most, fresh),
		cmocka_unit_test_setup(traffic_after_a_minute_of_silence_wakes_it, fresh),
		cmocka_unit_test_setup(a_bus_that_wakes_it_for_nothing_is_held_back_longer_each_time, fresh),
		cmocka_unit_test_setup(a_change_of_the_voltage_wakes_it_not_the_level, fresh),
		cmocka_unit_test_setup(a_slow_sag_never_wakes_it, fresh),
		cmocka_unit_test_setup(below_the_floor_only_an_alert_the_ignition_and_voltage_wake_it, fresh),
		cmocka_unit_test_setup(parked_below_the_floor_sleeps_at_once, fresh),
		cmocka_unit_test_setup(a_moment_below_the_floor_is_no_floor, fresh),
		cmocka_unit_test(the_defaults_are_those_of_the_header),
		cmocka_unit_test_setup(the_voltage_is_looked_at_by_day_and_more_rarely_in_deep_sleep, fresh),
		cmocka_unit_test_setup(the_reference_follows_by_a_millivolt_in_six_seconds, fresh),
		cmocka_unit_test_setup(a_voltage_is_measured_from_the_one_before, fresh),
		cmocka_unit_test_setup(it_falls_into_deep_sleep_at_once_when_it_has_been_quiet_for_long_or_the_battery_is_low, fresh),
		cmocka_unit_test_setup(a_voltage_back_above_the_floor_wakes_only_a_sleeper, fresh),
		cmocka_unit_test_setup(check_ins_become_rarer_with_time_and_with_falling_voltage, fresh),
		cmocka_unit_test_setup(no_check_ins_when_none_are_wanted, fresh),
		cmocka_unit_test_setup(movement_wakes_it_and_never_makes_it_ask, fresh),
		cmocka_unit_test_setup(an_alert_lengthens_the_stay, fresh),
		cmocka_unit_test_setup(a_resumed_sleeper_is_awake_for_a_moment, fresh),
		cmocka_unit_test_setup(every_state_and_reason_has_a_name, fresh),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
