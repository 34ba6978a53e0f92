/*
 * What answers commands and configurations becomes an event and a line of what was told.
 */
#include "record.h"

static char reason[] = "";

static void results_are_kept_in_order(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__CommandResult command = TELLTALE__V1__COMMAND_RESULT__INIT;
	Telltale__V1__ConfigResult config = TELLTALE__V1__CONFIG_RESULT__INIT;
	Telltale__V1__FullState full = TELLTALE__V1__FULL_STATE__INIT;
	Telltale__V1__State inner = TELLTALE__V1__STATE__INIT;

	command.id = command.counter = 1;
	command.outcome = TELLTALE__V1__COMMAND_OUTCOME__COMMAND_OUTCOME_DONE;
	command.reason = config.reason = reason;
	config.outcome = TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_APPLIED;
	full.state = &inner;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT;
	env.command_result = &command;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT;
	env.config_result = &config;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 2, &env), TT_OK);
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FULL_STATE;
	env.full_state = &full;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 3, &env), TT_OK);
	assert_string_equal(record_text("SELECT group_concat(kind) FROM (SELECT kind FROM event ORDER BY seq)"), "8,9,11");
	assert_int_equal(record_ask("SELECT seq FROM mark"), 3);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM told WHERE what = 'command' AND number = 1 AND outcome = 3"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM told WHERE what = 'config' AND kind = 0 AND outcome = 1"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE body ->> 'told' IN ('command', 'config')"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(results_are_kept_in_order, record_setup, record_teardown),
	};

	return cmocka_run_group_tests_name("ingest remote", tests, NULL, NULL);
}
