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

static void what_clearing_codes_found_is_kept_with_its_result(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__CommandResult command = TELLTALE__V1__COMMAND_RESULT__INIT;
	Telltale__V1__ClearedCodes cleared = TELLTALE__V1__CLEARED_CODES__INIT;
	Telltale__V1__KnownFault fault = TELLTALE__V1__KNOWN_FAULT__INIT, *faults[32];
	Telltale__V1__EcuAnswer answers[2] = {TELLTALE__V1__ECU_ANSWER__INIT, TELLTALE__V1__ECU_ANSWER__INIT}, *list[16];
	static char code[] = "P0301", long_code[] = "P0301-1A";

	fault.code = code;
	fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2;
	answers[0].ecu = 0x7E8;
	answers[0].done = true;
	answers[1].ecu = 0x18DAF110;
	answers[1].nrc = 0x22;
	for (size_t i = 0; i < 32; i++)
		faults[i] = &fault;
	for (size_t i = 0; i < 16; i++)
		list[i] = &answers[i > 0];
	cleared.n_codes = 1;
	cleared.codes = faults;
	cleared.n_ecus = 2;
	cleared.ecus = list;
	command.id = command.counter = 1;
	command.kind = TELLTALE__V1__COMMAND_KIND__COMMAND_KIND_CLEAR_CODES;
	command.outcome = TELLTALE__V1__COMMAND_OUTCOME__COMMAND_OUTCOME_FAILED;
	command.reason = reason;
	command.cleared = &cleared;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT;
	env.command_result = &command;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	assert_string_equal(record_text("SELECT detail FROM told"),
			    "{\"codes\":[\"P0301\"],\"codes_cut\":false,\"ecus\":[{\"ecu\":\"0x7E8\",\"done\":true,\"nrc\":\"\"},"
			    "{\"ecu\":\"0x18DAF110\",\"done\":false,\"nrc\":\"0x22\"}]}");
	/* the largest that the wire lets through fits */
	fault.code = long_code;
	fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS;
	cleared.n_codes = 32;
	cleared.codes_cut = true;
	cleared.n_ecus = 16;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 2, &env), TT_OK);
	assert_int_equal(record_ask("SELECT json_array_length(detail, '$.codes') * 100 + json_array_length(detail, '$.ecus') FROM told"
				    " ORDER BY id DESC LIMIT 1"),
			 3216);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(results_are_kept_in_order, record_setup, record_teardown),
		cmocka_unit_test_setup_teardown(what_clearing_codes_found_is_kept_with_its_result, record_setup, record_teardown),
	};

	return cmocka_run_group_tests_name("ingest remote", tests, NULL, NULL);
}
