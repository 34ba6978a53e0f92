/* A parked car for 30 days: what the agent sends to it, how often it wakes, what it transmits; and what happens to cars that are parked. */
#include "parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR TT_SEC(3600)
#define DAY TT_SEC(86400)

static struct parked_world w;

static const struct tt_power *core(void)
{
	return &w.agent->power.core;
}

static int away(void **state)
{
	(void)state;
	parked_close(&w);
	return 0;
}

static int at_home(void **state)
{
	(void)state;
	parked_open(&w, NULL, NULL);
	parked_drive(&w, TT_SEC(1200));
	assert_true(w.count.frames > 0); /* it did ask while driving */
	parked_run(&w, 2 * HOUR);
	assert_int_equal(core()->state, TT_POWER_DEEP);
	memset(&w.count, 0, sizeof(w.count));
	return 0;
}

static void thirty_days_parked_without_a_frame_and_with_few_wakeups(void **state)
{
	(void)state;
	assert_false(parked_state->online);
	assert_int_equal(parked_state->power->state, TELLTALE__V1__POWER_STATE__POWER_STATE_DEEP_SLEEP);
	assert_true(parked_state->power->next_contact_us > parked_state->at_us);
	assert_true(parked_state->at_us - parked_state->power->heard_at_us >= TT_SEC(570)); /* its values are of then */
	parked_run(&w, 30 * DAY);
	assert_int_equal(w.count.frames, 0);
	/* a look at the voltage every five minutes and about 34 check-ins */
	assert_in_range(w.count.wakeups_asleep, 8000, 9500);
	assert_in_range(w.count.connects, 30, 36);
	assert_in_range(w.count.messages[TT_CLASS_STATE], w.count.connects, 4 * w.count.connects);
	assert_int_equal(w.count.messages[TT_CLASS_BULK], 0);
	assert_true(w.count.bytes[TT_CLASS_STATE] < 200000);
	assert_true(w.count.online_us < 36 * TT_SEC(31));
	assert_int_equal(parked_metric("tx.asleep"), 0);
	assert_in_range(parked_metric("wake.check_in"), 30, 37);
	assert_in_range(parked_metric("wakeups"), 7000, 9500);
}

static void a_sagging_battery_is_told_once_and_then_left_alone(void **state)
{
	uint64_t connects;

	(void)state;
	for (int mv = 12700; mv > 11590; mv -= 10) { /* 10 mV an hour */
		parked_volts(&w, mv);
		parked_run(&w, HOUR);
	}
	assert_false(core()->below_floor);
	parked_volts(&w, 11590);
	parked_run(&w, HOUR);
	assert_true(core()->below_floor);
	connects = w.count.connects;
	parked_run(&w, 30 * DAY);
	assert_int_equal(w.count.connects, connects);
	assert_int_equal(w.count.frames, 0);
	/* an alert leaves all the same, and nothing else */
	tt_sos_pulse(&w.agent->vehicle->sos, w.now_us);
	tt_agent_advance(w.agent, w.now_us);
	parked_run(&w, TT_SEC(60));
	assert_int_equal(w.count.connects, connects + 1);
	assert_int_equal(w.count.messages[TT_CLASS_ALERT], 1);
	assert_non_null(parked_condition("power.floor"));
	assert_true(parked_state->power->below_floor);
	assert_int_equal(core()->state, TT_POWER_DEEP);
	/* a charger: it wakes and says that it is over */
	parked_volts(&w, 13900);
	parked_run(&w, TT_SEC(400));
	assert_int_equal(core()->wake, TT_WAKE_VOLTAGE);
	assert_null(parked_condition("power.floor"));
	assert_int_equal(w.count.frames, 0);
}

static void a_charger_wakes_it_for_two_minutes(void **state)
{
	(void)state;
	parked_volts(&w, 14300);
	parked_run(&w, TT_SEC(600));
	assert_int_equal(w.count.connects, 1);
	assert_int_equal(parked_state->power->wake, TELLTALE__V1__WAKE_REASON__WAKE_REASON_VOLTAGE);
	assert_int_equal(parked_state->power->battery_mv, 14300);
	assert_true(w.count.online_us <= TT_SEC(121));
	assert_true(tt_power_asleep(core()));
	assert_int_equal(w.count.frames, 0);
}

static void an_opened_door_is_told_and_the_car_is_not_asked(void **state)
{
	(void)state;
	w.talks = true;
	w.talk_us = w.now_us;
	parked_run(&w, TT_SEC(20));
	w.talks = false;
	assert_int_equal(core()->state, TT_POWER_PARKED);
	assert_int_equal(parked_state->power->wake, TELLTALE__V1__WAKE_REASON__WAKE_REASON_BUS);
	assert_true(parked_state->online);
	parked_run(&w, DAY);
	assert_int_equal(w.count.frames, 0);
	assert_true(w.count.online_us <= TT_SEC(121) + 8 * TT_SEC(31));
}

static void a_bus_that_chatters_does_not_flatten_the_battery_through_us(void **state)
{
	static const uint8_t body[8] = {2};

	(void)state;
	for (unsigned i = 0; i < 30 * 24 * 4; i++) { /* a burst each quarter of an hour for 30 days */
		parked_run(&w, TT_SEC(900));
		for (unsigned j = 0; j < 10; j++)
			parked_say(&w, 0x300, body);
	}
	assert_int_equal(w.count.frames, 0);
	assert_in_range(w.count.connects, 100, 200); /* every six hours in the end, and check-ins */
	assert_true(w.count.online_us < 200 * TT_SEC(121));
}

static void a_towed_car_wakes_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		tt_agent_power_fix(w.agent, 9000);
	tt_agent_advance(w.agent, w.now_us);
	parked_run(&w, TT_SEC(10));
	assert_true(parked_state->online);
	assert_int_equal(parked_state->power->wake, TELLTALE__V1__WAKE_REASON__WAKE_REASON_MOVEMENT);
	assert_int_equal(w.count.frames, 0);
}

static void a_clock_that_jumps_changes_nothing(void **state)
{
	(void)state;
	w.utc_us += 365 * DAY;
	parked_run(&w, DAY);
	w.utc_us -= 2 * 365 * DAY;
	parked_run(&w, DAY);
	assert_int_equal(w.count.frames, 0);
	assert_in_range(w.count.connects, 4, 8);
}

static void a_broker_that_is_away_costs_no_wakeups(void **state)
{
	(void)state;
	parked_broker_away = true;
	parked_run(&w, 30 * DAY);
	assert_int_equal(w.count.connects, 0);
	assert_in_range(w.count.wakeups_asleep, 8000, 9500);
	assert_in_range(w.count.wakeups - w.count.wakeups_asleep, 0, 36 * 60);
}

static void after_weeks_the_car_is_driven_as_if_nothing_had_been(void **state)
{
	(void)state;
	parked_run(&w, 30 * DAY);
	assert_int_equal(w.count.frames, 0);
	parked_drive(&w, TT_SEC(60));
	assert_true(w.count.frames > 0);
	assert_int_equal(w.count.frames_quiet, 0);
	assert_int_equal(core()->check_ins, 0);
	assert_true(parked_state->online);
}

/* Nothing tells this car's ignition: what it broadcasts, what it answers and its voltage must do. */
static const char blind[] = "telltale-profile 1\npoll 0x0C Vehicle.Powertrain.CombustionEngine.Speed\npoll 0x42 "
			    "Vehicle.LowVoltageBattery.CurrentVoltage\n";

static int blind_at_home(void **state)
{
	(void)state;
	parked_open(&w, blind, NULL);
	parked_drive(&w, TT_SEC(600));
	assert_true(w.count.frames > 0);
	parked_run(&w, 2 * HOUR);
	assert_true(tt_power_asleep(core()));
	memset(&w.count, 0, sizeof(w.count));
	return 0;
}

static void without_ignition_it_sleeps_too_and_starts_with_the_generator(void **state)
{
	(void)state;
	parked_run(&w, 30 * DAY);
	assert_int_equal(w.count.frames, 0);
	parked_volts(&w, 14200);
	parked_run(&w, TT_SEC(400));
	assert_int_equal(core()->state, TT_POWER_DRIVE);
	assert_true(w.count.frames > 0);
	parked_volts(&w, 12800);
	parked_run(&w, TT_SEC(400));
	assert_int_equal(core()->state, TT_POWER_PARKED);
	memset(&w.count, 0, sizeof(w.count));
	parked_run(&w, DAY);
	assert_int_equal(w.count.frames, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(thirty_days_parked_without_a_frame_and_with_few_wakeups, at_home, away),
		cmocka_unit_test_setup_teardown(a_sagging_battery_is_told_once_and_then_left_alone, at_home, away),
		cmocka_unit_test_setup_teardown(a_charger_wakes_it_for_two_minutes, at_home, away),
		cmocka_unit_test_setup_teardown(an_opened_door_is_told_and_the_car_is_not_asked, at_home, away),
		cmocka_unit_test_setup_teardown(a_bus_that_chatters_does_not_flatten_the_battery_through_us, at_home, away),
		cmocka_unit_test_setup_teardown(a_towed_car_wakes_it, at_home, away),
		cmocka_unit_test_setup_teardown(a_clock_that_jumps_changes_nothing, at_home, away),
		cmocka_unit_test_setup_teardown(a_broker_that_is_away_costs_no_wakeups, at_home, away),
		cmocka_unit_test_setup_teardown(after_weeks_the_car_is_driven_as_if_nothing_had_been, at_home, away),
		cmocka_unit_test_setup_teardown(without_ignition_it_sleeps_too_and_starts_with_the_generator, blind_at_home, away),
	};

	return cmocka_run_group_tests_name("parked", tests, NULL, NULL);
}
