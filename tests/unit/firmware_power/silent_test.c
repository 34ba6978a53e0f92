/* What fails silently in a car is told, each with its time, also when it happened while nobody listened, and is taken back when it is over.
 */
#include "parked_world.h"

#include "firmware/io/can_backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct parked_world w;

static int driving(void **state)
{
	static const char *const more[] = {"--journal-max-bytes=1048576", "--telemetry-interval-ms=10000", NULL};

	(void)state;
	parked_open(&w, NULL, more);
	w.talks = true;
	w.talk_us = w.now_us;
	w.ignition = 4;
	parked_run(&w, TT_SEC(30));
	assert_int_equal(w.agent->power.core.state, TT_POWER_DRIVE);
	return 0;
}

static int away(void **state)
{
	(void)state;
	parked_close(&w);
	return 0;
}

/* It is told, with a time between these two. */
static void expect_since(const char *name, tt_utc_us from_us, tt_utc_us to_us)
{
	const Telltale__V1__Condition *c = parked_condition(name);

	assert_non_null(c);
	assert_in_range(c->since_us, from_us, to_us);
}

static void a_silent_bus(void **state)
{
	const tt_utc_us began = w.utc_us;

	(void)state;
	assert_null(parked_condition("bus.silent"));
	w.talks = false;
	parked_run(&w, TT_SEC(10));
	expect_since("bus.silent", began + TT_SEC(4), began + TT_SEC(8));
	w.talks = true;
	w.talk_us = w.now_us;
	parked_run(&w, TT_SEC(5));
	assert_null(parked_condition("bus.silent"));
}

static void controller_says(uint32_t id)
{
	const struct tt_can_frame f = {.id = id, .error = true, .len = 8};

	assert_int_equal(w.car->ops->send(w.car, &f), TT_OK); /* past the check that nobody sends an error frame */
}

static void a_controller_that_left_the_bus(void **state)
{
	const tt_utc_us began = w.utc_us;

	(void)state;
	w.talks = false;
	controller_says(0x04); /* a controller that only warns */
	parked_run(&w, TT_SEC(3));
	assert_null(parked_condition("bus.off"));
	controller_says(0x40);
	parked_run(&w, TT_SEC(10));
	expect_since("bus.off", began + TT_SEC(3), began + TT_SEC(5));
	assert_string_equal(parked_condition("bus.off")->detail, "memory:parked");
	assert_non_null(parked_condition("bus.silent")); /* error frames are not the car */
	controller_says(0x100);
	parked_run(&w, TT_SEC(5));
	assert_null(parked_condition("bus.off"));
	controller_says(0x40);
	parked_run(&w, TT_SEC(5));
	assert_non_null(parked_condition("bus.off"));
	w.talks = true;
	w.talk_us = w.now_us;
	parked_run(&w, TT_SEC(5));
	assert_null(parked_condition("bus.off"));
}

static void an_unknown_clock(void **state)
{
	const tt_utc_us known = w.utc_us;

	(void)state;
	w.utc_us = TT_SEC(100);
	parked_run(&w, TT_SEC(5));
	assert_non_null(parked_condition("clock.unknown"));
	w.utc_us = known + TT_SEC(5);
	parked_run(&w, TT_SEC(5));
	assert_null(parked_condition("clock.unknown"));
}

static void an_ecu_that_does_not_answer(void **state)
{
	(void)state;
	parked_run(&w, TT_SEC(60));
	assert_non_null(parked_condition("ecu.silent"));
	assert_string_equal(parked_condition("ecu.silent")->detail, "nobody answers discovery");
}

static void a_broker_that_was_away_hears_what_happened_and_when(void **state)
{
	const tt_utc_us began = w.utc_us;

	(void)state;
	parked_broker_away = true;
	w.agent->told.at_us = 0;
	tt_mqtt_leave(w.agent->mqtt);
	tt_mqtt_return(w.agent->mqtt);
	w.talks = false;
	parked_run(&w, TT_SEC(300));
	assert_null(parked_condition("bus.silent")); /* of what was told last */
	parked_broker_away = false;
	parked_run(&w, TT_SEC(61));
	expect_since("bus.silent", began + TT_SEC(4), began + TT_SEC(8));
	assert_true(parked_state->power->heard_at_us <= began + TT_SEC(1)); /* and its values are of then */
}

static void a_full_disk(void **state)
{
	(void)state;
	parked_broker_away = true;
	tt_mqtt_leave(w.agent->mqtt);
	tt_mqtt_return(w.agent->mqtt);
	for (unsigned i = 0; i < 200000 && !w.agent->conditions.items[TT_COND_JOURNAL_FULL].on; i++) {
		parked_volts(&w, 12000 + (int32_t)(i * 7919U % 2000));
		parked_run(&w, TT_SEC(11));
	}
	assert_true(w.agent->conditions.items[TT_COND_JOURNAL_FULL].on);
	parked_broker_away = false;
	parked_run(&w, TT_SEC(60));
	parked_run(&w, TT_SEC(3600));
	assert_true(parked_state->online);
	assert_null(parked_condition("journal.full"));
	for (size_t i = 0; i < parked_state->n_journal; i++)
		assert_true(parked_state->journal[i]->class_ == TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_BULK ||
			    parked_state->journal[i]->evicted == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_silent_bus, driving, away),
		cmocka_unit_test_setup_teardown(a_controller_that_left_the_bus, driving, away),
		cmocka_unit_test_setup_teardown(an_unknown_clock, driving, away),
		cmocka_unit_test_setup_teardown(an_ecu_that_does_not_answer, driving, away),
		cmocka_unit_test_setup_teardown(a_broker_that_was_away_hears_what_happened_and_when, driving, away),
		cmocka_unit_test_setup_teardown(a_full_disk, driving, away),
	};

	return cmocka_run_group_tests_name("silent failures", tests, NULL, NULL);
}
