#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/agent/profile.h"

static struct tt_profile p;
static struct tt_errmsg msg;

static enum tt_err parse(const char *text)
{
	msg.text[0] = '\0';
	return tt_profile_parse("car.profile", text, strlen(text), &p, &msg);
}

static void the_demo_profile_is_valid(void **state)
{
	static char text[1 << 16];
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR");
	FILE *f;
	size_t n;

	(void)state;
	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/schemas/profiles/demo.profile", root);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (tt_profile_parse("demo.profile", text, n, &p, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	assert_string_equal(p.name, "demo");
	assert_true(p.nsignals > 15);
	assert_string_equal(p.ignition->path, "Vehicle.LowVoltageSystemState");
	assert_int_equal(p.ntransmit, 0); /* read-only */
	assert_false(p.obd.clear_codes);
}

static void every_directive_and_option_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("# a car\r\n"
			       "telltale-profile 1\r\n"
			       "name  test\n"
			       "bus 1 body\n"
			       "dbc a/b.dbc\n"
			       "dbc body.dbc bus body j1939\n"
			       "dbc three.dbc bus 3\n"
			       "signal Body.Ign Vehicle.LowVoltageSystemState map 0=2,1=4 on-change # comment\n"
			       "signal Body.Closed Vehicle.Cabin.Door.Row1.DriverSide.IsOpen invert local bus body\n"
			       "poll 0x42 Vehicle.LowVoltageBattery.CurrentVoltage scale 2 offset -1.5 every 5000\n"
			       "ignition Vehicle.LowVoltageSystemState on 4..5\n"
			       "ignition-grace 2500\n"
			       "clear-codes allowed\n"
			       "transmit 0x7E0 services 22,19 rate 5\n"
			       "transmit 0x18DA00F1 mask 0x1FFF00FF 29bit services 22"),
			 TT_OK);
	assert_int_equal(p.buses.ndbcs, 3);
	assert_string_equal(p.buses.dbcs[0].path, "a/b.dbc");
	assert_int_equal(p.buses.dbcs[0].bus, TT_PROFILE_ANY_BUS);
	assert_false(p.buses.dbcs[0].j1939);
	assert_string_equal(p.buses.dbcs[1].path, "body.dbc");
	assert_int_equal(p.buses.dbcs[1].bus, 1);
	assert_true(p.buses.dbcs[1].j1939);
	assert_int_equal(p.buses.dbcs[2].bus, 3);
	assert_int_equal(p.buses.dbcs[2].line, 7);
	assert_int_equal(p.signals[0].rule.bus, TT_PROFILE_ANY_BUS);
	assert_int_equal(p.signals[1].rule.bus, 1);
	assert_int_equal(p.nsignals, 2);
	assert_string_equal(p.signals[0].message, "Body");
	assert_string_equal(p.signals[0].signal, "Ign");
	assert_int_equal(p.signals[0].rule.nmap, 2);
	assert_true(p.signals[0].rule.on_change);
	assert_int_equal(p.signals[0].rule.line, 8);
	assert_true(p.signals[1].rule.invert && p.signals[1].rule.local);
	assert_int_equal(p.polls[0].pid, 0x42);
	assert_int_equal(p.polls[0].rule.every_us, 5000000);
	assert_int_equal(p.ignition_grace_us, 2500000);
	assert_int_equal(p.ntransmit, 2);
	assert_int_equal(p.transmit[0].mask, 0x7FF);
	assert_int_equal(p.transmit[0].services[1], 0x19);
	assert_int_equal(p.transmit[0].services[2], 0);
	assert_int_equal(p.transmit[1].mask, 0x1FFF00FF);
	assert_true(p.transmit[1].extended);
	assert_true(p.obd.clear_codes);
}

static void each_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"nonsense 1", "unknown directive: nonsense"},
		{"dbc", "usage: dbc PATH"},
		{"dbc a.dbc\ndbc b.dbc", ":3: a second dbc; say of which bus"},
		{"dbc a.dbc bus 2\ndbc b.dbc bus 2", ":3: this bus has a dbc: b.dbc"},
		{"dbc a.dbc bus", "unknown option, or its value is missing (bus, j1939): bus"},
		{"dbc a.dbc can0", "unknown option, or its value is missing (bus, j1939): can0"},
		{"dbc a.dbc bus body", "neither a bus number 0..3 nor a name"},
		{"dbc a.dbc bus 4", "neither a bus number 0..3 nor a name"},
		{"bus 0", "usage: bus NUMBER NAME"},
		{"bus 4 body", "wants a bus number, 0..3: 4"},
		{"bus 1 2nd", "does not begin with a digit: 2nd"},
		{"bus 1 body\nbus 1 engine", ":3: this bus has a name: body"},
		{"bus 1 body\nbus 2 body", ":3: another bus has this name: body"},
		{"bus 1 a_bus_with_a_name_of_32_characters", "too long"},
		{"signal Body.X Vehicle.Speed bus 9", "neither a bus number"},
		{"poll 0x0D Vehicle.Speed bus 0", "only a signal has a bus"},
		{"signal Body.X", "usage: signal"},
		{"signal BodyX Vehicle.Speed", "wants MESSAGE.SIGNAL"},
		{"signal Body. Vehicle.Speed", "wants MESSAGE.SIGNAL"},
		{"signal Body.X Vehicle.Sped", "no such VSS path in schemas/signals/signals.def: Vehicle.Sped"},
		{"signal Body.X Vehicle.Speed faster", "unknown option"},
		{"signal Body.X Vehicle.Speed scale", "value missing after: scale"},
		{"signal Body.X Vehicle.Speed scale 0", "other than 0"},
		{"signal Body.X Vehicle.Speed scale 1e999", "scale wants a number"},
		{"signal Body.X Vehicle.Speed offset nan", "offset wants a number"},
		{"signal Body.X Vehicle.Speed every -1", "every wants milliseconds"},
		{"signal Body.X Vehicle.Speed map 1", "RAW=VALUE"},
		{"signal Body.X Vehicle.Speed map 1=x", "whole numbers"},
		{"signal Body.X Vehicle.Speed map 1=2 invert", "exclude each other"},
		{"dbc a\nsignal A.X Vehicle.Speed\nsignal A.Y Vehicle.Speed", ":4: mapped twice"},
		{"poll 0x00 Vehicle.Speed", "wants a PID"},
		{"poll 256 Vehicle.Speed", "wants a PID"},
		{"ignition Vehicle.Speed off 1", "usage: ignition"},
		{"dbc a\nsignal A.X Vehicle.Speed\nignition Vehicle.Speed on 5..4", "wants LOW or LOW..HIGH"},
		{"ignition-grace 600001", "0..600000"},
		{"clear-codes", "usage: clear-codes allowed"},
		{"clear-codes denied", "usage: clear-codes allowed"},
		{"clear-codes allowed always", "usage: clear-codes allowed"},
		{"transmit 0x7E0 22", "usage: transmit"},
		{"transmit 0x7E0 rate 5 mask 0x7FF", "names no services"},
		{"transmit 0x7E0 services 40", "01..3E"},
		{"transmit 0x18DA00F1 services 22", "add 29bit"},
		{"transmit 0x7E0 services 22 rate 1000", "1..100"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), "telltale-profile 1\n%s\n", cases[i].line);
		assert_int_equal(parse(text), TT_ECONFIG);
		if (!strstr(msg.text, cases[i].says) || strncmp(msg.text, "car.profile:", 12) != 0)
			fail_msg("'%s' gave '%s', not '%s'", cases[i].line, msg.text, cases[i].says);
	}
}

static void what_is_wrong_as_a_whole_is_told_too(void **state)
{
	(void)state;
	assert_int_equal(parse(""), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "telltale-profile 1"));
	assert_int_equal(parse("name x\n"), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "the first line must be"));
	assert_int_equal(parse("telltale-profile 2\n"), TT_ECONFIG);
	assert_int_equal(parse("telltale-profile 1\nsignal A.X Vehicle.Speed\n"), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "no dbc"));
	assert_int_equal(parse("telltale-profile 1\nignition Vehicle.Speed on 1\n"), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "which no signal, poll or did gives"));
	assert_int_equal(tt_profile_parse("bin", "telltale-profile 1\n\0\1\2", 22, &p, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "not a text file"));
}

static void values_are_inverted_mapped_and_scaled(void **state)
{
	double v;

	(void)state;
	assert_int_equal(parse("telltale-profile 1\ndbc a\n"
			       "signal A.X Vehicle.Cabin.Door.Row1.DriverSide.IsOpen invert\n"
			       "signal A.Y Vehicle.LowVoltageSystemState map 0=2,3=4\n"
			       "signal A.Z Vehicle.Speed scale 3.6 offset 1\n"),
			 TT_OK);
	assert_true(tt_profile_transform(&p.signals[0].rule, 0, &v) && v == 1);
	assert_true(tt_profile_transform(&p.signals[0].rule, 1, &v) && v == 0);
	assert_true(tt_profile_transform(&p.signals[1].rule, 3, &v) && v == 4);
	assert_false(tt_profile_transform(&p.signals[1].rule, 7, &v));
	assert_true(tt_profile_transform(&p.signals[2].rule, 10, &v) && v == 37);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demo_profile_is_valid),
		cmocka_unit_test(every_directive_and_option_is_read),
		cmocka_unit_test(each_mistake_is_told_with_its_line),
		cmocka_unit_test(what_is_wrong_as_a_whole_is_told_too),
		cmocka_unit_test(values_are_inverted_mapped_and_scaled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
