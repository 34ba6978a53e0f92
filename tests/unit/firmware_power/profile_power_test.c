#include "firmware/agent/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tt_profile profile;
static struct tt_errmsg msg;

static enum tt_err parse(const char *line)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "telltale-profile 1\n%s\n", line);
	return tt_profile_parse("p", text, strlen(text), &profile, &msg);
}

static void a_profile_without_power_lines_has_the_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), TT_OK);
	assert_memory_equal(&profile.power, &TT_POWER_DEFAULT, sizeof(profile.power));
}

static void each_word_is_set_in_its_unit(void **state)
{
	(void)state;
	assert_int_equal(parse("power floor 11.85\npower change 0.5\npower running 13.4\npower sleep-after 120\npower deep-after 86400\n"
			       "power check-in 0\npower check-in-max 604800"),
			 TT_OK);
	assert_int_equal(profile.power.floor_mv, 11850);
	assert_int_equal(profile.power.delta_mv, 500);
	assert_int_equal(profile.power.running_mv, 13400);
	assert_int_equal(profile.power.sleep_us, TT_SEC(120));
	assert_int_equal(profile.power.deep_us, TT_SEC(86400));
	assert_int_equal(profile.power.check_in_us, 0);
	assert_int_equal(profile.power.check_in_max_us, TT_SEC(604800));
	assert_int_equal(profile.power.awake_us, TT_POWER_DEFAULT.awake_us);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"power", "p:2: usage: power WORD NUMBER"},
		{"power floor", "p:2: usage"},
		{"power ceiling 12", "check-in-max, not: ceiling"},
		{"power floor 13.01", "p:2: out of range: 13.01"},
		{"power floor -0.1", "out of range"},
		{"power floor low", "out of range: low"},
		{"power change 0.04", "out of range"},
		{"power running 16.1", "out of range"},
		{"power sleep-after 0.5", "out of range"},
		{"power deep-after 604801", "out of range"},
		{"power check-in 604801", "out of range"},
		{"power check-in-max 0", "out of range"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), TT_ECONFIG);
		if (!strstr(msg.text, cases[i].says))
			fail_msg("%s: %s", cases[i].line, msg.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_without_power_lines_has_the_defaults),
		cmocka_unit_test(each_word_is_set_in_its_unit),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests_name("profile: power", tests, NULL, NULL);
}
