#include "sim/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static struct tt_scenario scenario;

static enum tt_err parse(const char *text, struct tt_errmsg *msg)
{
	return tt_scenario_parse(text, strlen(text), &scenario, msg);
}

static void steps_have_times_actions_and_their_text(void **state)
{
	static const char text[] = "# a comment\n"
				   "odometer 14990.5 km\r\n"
				   "\n"
				   "at 2s set dtc P0301 stored pending ecu transmission freeze rpm=2150 coolant=-12.5   # why not\n"
				   "after 1500ms  airbag driver\n"
				   "crash 40km/h\n"
				   "at 1min note the end\n"
				   "repeat";
	const struct tt_sim_step *s = scenario.steps;
	struct tt_errmsg msg = {""};

	(void)state;
	if (parse(text, &msg))
		fail_msg("%s", msg.text);
	assert_int_equal(scenario.nsteps, 5);
	assert_true(scenario.repeat);
	assert_int_equal(s[0].at_us, 0);
	assert_int_equal(s[0].action.verb, TT_SIM_VERB_ODOMETER);
	assert_int_equal(s[0].action.value, 14990500);
	assert_int_equal(s[1].at_us, 2000000);
	assert_int_equal(s[1].line, 4);
	assert_int_equal(s[1].action.code, 0x0301);
	assert_int_equal(s[1].action.status, TT_SIM_DTC_STORED | TT_SIM_DTC_PENDING);
	assert_int_equal(s[1].action.which, TT_SIM_ECU_TRANSMISSION);
	assert_int_equal(s[1].action.frozen, 1 << TT_SIM_FREEZE_RPM | 1 << TT_SIM_FREEZE_COOLANT);
	assert_int_equal(s[1].action.freeze[TT_SIM_FREEZE_COOLANT], -12500);
	assert_int_equal(s[2].at_us, 3500000);
	assert_int_equal(s[2].text_len, strlen("airbag driver"));
	assert_memory_equal(s[2].text, "airbag driver", s[2].text_len);
	assert_int_equal(s[3].at_us, 3500000);
	assert_int_equal(s[3].action.value, 11111);
	assert_int_equal(s[4].at_us, 60000000);
}

static void every_error_names_its_line_and_what_is_allowed(void **state)
{
	static const struct {
		const char *text, *says;
		enum tt_err err;
	} cases[] = {
		{"fly", "line 1: not an action", TT_EINVAL},
		{"\n\nspeed", "line 3: speed wants a number", TT_EINVAL},
		{"speed 50", "unit", TT_EINVAL},
		{"speed 50 knots", "unit", TT_EINVAL},
		{"speed 500 km/h", "range", TT_ERANGE},
		{"speed -1 km/h", "range", TT_ERANGE},
		{"speed 1.2345 km/h", "three decimals", TT_EINVAL},
		{"speed 50 km/h now", "does not belong", TT_EINVAL},
		{"crash hard", "driver passenger", TT_EINVAL},
		{"crash 40", "unit", TT_EINVAL},
		{"airbag roof", "driver passenger rear-left", TT_EINVAL},
		{"belt driver maybe", "on off", TT_EINVAL},
		{"set dtc", "such as P0301", TT_EINVAL},
		{"set dtc X0301", "such as P0301", TT_EINVAL},
		{"set dtc P0000", "such as P0301", TT_EINVAL},
		{"set dtc P0301 broken", "stored pending permanent", TT_EINVAL},
		{"set dtc P0301 pending freeze rpm=1", "only a stored", TT_EINVAL},
		{"set dtc P0301 freeze gear=3", "load= coolant=", TT_EINVAL},
		{"set dtc P0301 freeze rpm=20000", "range", TT_ERANGE},
		{"set colour red", "not an action", TT_EINVAL},
		{"vin 3FADP4FJ2BM11391I", "17", TT_EINVAL},
		{"at 2s", "action is missing", TT_EINVAL},
		{"at 2s stop\nat 1s stop", "line 2: earlier", TT_EINVAL},
		{"after 25min stop\nafter 1439min stop\nafter 1min stop", NULL, TT_OK},
		{"at 1500min stop", "range", TT_ERANGE},
		{"repeat", "later than 0 s", TT_EINVAL},
		{"at 1s stop\nrepeat\nstop", "line 3: nothing may follow", TT_EINVAL},
		{"st\x01op", "plain text", TT_EINVAL},
		{"note a b c d e f g h i j k l m n o p q r s t u v w x y z", "too many words", TT_EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg msg = {""};
		const enum tt_err err = parse(cases[i].text, &msg);

		if (err != cases[i].err || (err && (!strstr(msg.text, cases[i].says) || strncmp(msg.text, "line ", 5) != 0)))
			fail_msg("'%s': %s '%s'", cases[i].text, tt_err_name(err), msg.text);
		assert_int_equal(parse(cases[i].text, NULL), cases[i].err);
	}
}

static void more_than_256_steps_are_refused(void **state)
{
	static char text[8192];
	struct tt_errmsg msg = {""};

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		strcat(text, "stop\n");
	assert_int_equal(parse(text, &msg), TT_OK);
	strcat(text, "stop\n");
	assert_int_equal(parse(text, &msg), TT_EFULL);
	assert_non_null(strstr(msg.text, "line 257"));
}

static void the_shipped_scenarios_can_be_read(void **state)
{
	static const char *const names[] = {"misfire", "crash", "service-due", "drive"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		static char text[8192];
		struct tt_errmsg msg = {""};
		char path[512];
		FILE *f;

		assert_true(snprintf(path, sizeof(path), "%s/sim/scenarios/%s.scenario", getenv("TT_SOURCE_DIR"), names[i]) <
			    (int)sizeof(path));
		f = fopen(path, "rb");
		assert_non_null(f);
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		fclose(f);
		if (parse(text, &msg))
			fail_msg("%s: %s", path, msg.text);
		assert_true(scenario.nsteps > 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_have_times_actions_and_their_text),
		cmocka_unit_test(every_error_names_its_line_and_what_is_allowed),
		cmocka_unit_test(more_than_256_steps_are_refused),
		cmocka_unit_test(the_shipped_scenarios_can_be_read),
	};

	return cmocka_run_group_tests_name("sim scenario", tests, NULL, NULL);
}
