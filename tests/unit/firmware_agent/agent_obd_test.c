/* Clearing codes, and the ECUs' reports. */
#include "firmware/agent/agent_obd.h"
#include "firmware/proto/obd_pids.h"
#include "wire/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* 04 to every identifier a tester may use; how many pass. */
static unsigned clears_passed(const struct tt_gate_config *config)
{
	static const struct tt_can_frame frames[] = {
		{.id = 0x7E0, .len = 2, .data = {1, 0x04}},
		{.id = 0x7E7, .len = 2, .data = {1, 0x04}},
		{.id = 0x18DA10F1, .extended = true, .len = 2, .data = {1, 0x04}},
		{.id = 0x7DF, .len = 2, .data = {1, 0x04}},
		{.id = 0x18DB33F1, .extended = true, .len = 2, .data = {1, 0x04}},
	};
	unsigned passed = 0;

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct tt_gate g;

		assert_int_equal(tt_gate_init(&g, config), TT_OK);
		passed += tt_gate_check(&g, 0, &frames[i]) == TT_GATE_PASS;
	}
	return passed;
}

static void codes_are_cleared_only_where_the_profile_allows_it_and_one_ecu_at_a_time(void **state)
{
	struct tt_gate_rule rules[TT_GATE_RULES];
	struct tt_gate_config config = tt_gate_read_only;

	(void)state;
	assert_int_equal(clears_passed(&tt_gate_read_only), 0);
	memcpy(rules, config.rules, config.nrules * sizeof(rules[0]));
	tt_agent_allow_clear(rules, config.nrules);
	config.rules = rules;
	assert_int_equal(clears_passed(&config), 3); /* physical identifiers only */
}

/* What the table of PIDs calls by a VSS path can be polled under that path. */
static void the_paths_of_pids_are_signals(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		const char *path = tt_obd_pid_path((uint8_t)pid);

		if (path && !tt_signal_by_path(path, strlen(path)))
			fail_msg("PID %02X: %s", pid, path);
		n += path != NULL;
	}
	assert_int_equal(n, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_paths_of_pids_are_signals),
		cmocka_unit_test(codes_are_cleared_only_where_the_profile_allows_it_and_one_ecu_at_a_time),
	};

	return cmocka_run_group_tests_name("agent obd", tests, NULL, NULL);
}
