#include "firmware/agent/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SPEED "BO_ 100 Dynamics: 8 X\n SG_ Speed : 0|16@1+ (0.01,0) [0|300] \"km/h\" X\n SG_ Other : 16|16@1+ (1,0) [0|0] \"\" X\n"
#define DOORS "BO_ 100 Doors: 8 X\n SG_ Open : 8|1@1+ (1,0) [0|1] \"\" X\nBO_ 200 Locks: 8 X\n SG_ Locked : 0|1@1+ (1,0) [0|1] \"\" X\n"
#define ENGINE "BO_ 2364540158 EEC1: 8 X\n SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] \"rpm\" X\n"

#define SIGNAL_SPEED "signal Dynamics.Speed Vehicle.Speed\n"
#define SIGNAL_DOOR "signal Doors.Open Vehicle.Cabin.Door.Row1.DriverSide.IsOpen"

static struct tt_profile profile;
static struct tt_decoder decoder;
static struct tt_errmsg msg;

/* Texts in the order of the profile's dbc lines. */
static enum tt_err make(const char *lines, const char *first, const char *second)
{
	const struct tt_decoder_text texts[] = {{.name = "first.dbc", .text = first, .len = strlen(first)},
						{.name = "second.dbc", .text = second, .len = strlen(second)}};
	char text[1024];

	snprintf(text, sizeof(text), "telltale-profile 1\n%s", lines);
	if (tt_profile_parse("test", text, strlen(text), &profile, &msg))
		fail_msg("%s", msg.text);
	return tt_decoder_init(&decoder, &profile, texts, &msg);
}

static int away(void **state)
{
	(void)state;
	tt_decoder_free(&decoder);
	return 0;
}

/* The one value of a frame, as user; 0 = none. */
static uint32_t decoded(uint8_t bus, uint32_t id, bool extended)
{
	const struct tt_can_frame f = {.id = id, .extended = extended, .len = 8, .bus = bus, .data = {1, 2, 3, 4, 5, 6, 7, 8}};
	struct tt_dbc_value v[4];
	const size_t n = tt_decoder_frame(&decoder, &f, v, 4);

	assert_in_range(n, 0, 1);
	return n == 0 ? 0 : v[0].user;
}

static bool heard(uint8_t bus, uint32_t id, bool extended)
{
	const struct tt_can_frame f = {.id = id, .extended = extended};
	struct tt_can_filter_set set = {.n = 0};

	tt_decoder_filters(&decoder, bus, &set);
	for (size_t i = 0; i < set.n; i++) {
		if (tt_can_filter_passes(&set.items[i], &f))
			return true;
	}
	return false;
}

static void one_database_describes_every_bus(void **state)
{
	(void)state;
	assert_int_equal(make("dbc a\n" SIGNAL_SPEED, SPEED, ""), TT_OK);
	for (uint8_t bus = 0; bus < TT_PROFILE_BUSES; bus++) {
		assert_int_equal(decoded(bus, 100, false), 1);
		assert_true(heard(bus, 100, false));
		assert_false(heard(bus, 101, false));
		assert_int_equal(decoder.plan_of[bus], 0); /* compiled once */
	}
	assert_int_equal(decoded(TT_PROFILE_BUSES, 100, false), 0);
	assert_false(heard(TT_PROFILE_BUSES, 100, false));
}

static void each_bus_has_its_own_and_the_same_identifier_means_two_things(void **state)
{
	(void)state;
	assert_int_equal(make("bus 1 body\ndbc a bus 0\ndbc b bus body\n" SIGNAL_SPEED SIGNAL_DOOR "\n", SPEED, DOORS), TT_OK);
	assert_int_equal(decoded(0, 100, false), 1);
	assert_int_equal(decoded(1, 100, false), 2);
	assert_int_equal(decoded(2, 100, false), 0);
	assert_false(heard(1, 200, false)); /* in the database, not in the profile */
	assert_false(heard(2, 100, false));
}

static void a_signal_with_a_bus_comes_from_there_only(void **state)
{
	(void)state;
	assert_int_equal(make("dbc a\nsignal Dynamics.Speed Vehicle.Speed bus 1\n", SPEED, ""), TT_OK);
	assert_int_equal(decoded(0, 100, false), 0);
	assert_int_equal(decoded(1, 100, false), 1);
	assert_int_equal(decoded(2, 100, false), 0);
	assert_int_equal(decoder.plan_of[2], 0);
	assert_false(heard(0, 100, false));
	assert_true(heard(1, 100, false));
}

static void j1939_databases_hear_a_group_from_any_source(void **state)
{
	(void)state;
	assert_int_equal(make("dbc a j1939\nsignal EEC1.EngineSpeed Vehicle.Powertrain.CombustionEngine.Speed\n", ENGINE, ""), TT_OK);
	assert_int_equal(decoded(0, 0x0CF00417, true), 1);
	assert_true(heard(0, 0x18F00431, true));
	assert_false(heard(0, 0x18F00531, true));
	tt_decoder_free(&decoder);
	assert_int_equal(make("dbc a\nsignal EEC1.EngineSpeed Vehicle.Powertrain.CombustionEngine.Speed\n", ENGINE, ""), TT_OK);
	assert_int_equal(decoded(0, 0x0CF00417, true), 0);
	assert_int_equal(decoded(0, 0x0CF004FE, true), 1);
}

static void what_is_broken_counts_only_where_the_profile_names_it(void **state)
{
	static const char database[] =
		"BO_ 100 Dynamics: 8 X\n SG_ Speed : 0|16@1+ (0.01,0) [0|300] \"km/h\" X\n SG_ Bad : 60|16@1+ (1,0) [0|0] \"\" X\n"
		"BO_ 100 Twin: 8 X\n SG_ Twisted : 0|8@1+ (1,0) [0|0] \"\" X\n"
		"BO_ 5000 Wide: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n"
		"BO_ 101 Same: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n"
		"BO_ 102 Same: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n";
	static const struct {
		const char *signal, *says;
	} cases[] = {
		{"Dynamics.Bad", "first.dbc:3: Bad: the signal lies outside its message; correct its place or the message's length "
				 "(profile line 4 wants it)"},
		{"Wide.S", "first.dbc:6: Wide: the message's identifier has more bits"},
		{"Same.S", "first.dbc:10: another message is called Same, too (profile line 4 wants it)"},
		{"Twin.Twisted", "first.dbc:4: Twin has the identifier of Dynamics, and the profile wants both"},
		{"Wide.None", "first.dbc:6: Wide: the message's identifier"},
	};

	(void)state;
	assert_int_equal(make("dbc a\n" SIGNAL_SPEED, database, ""), TT_OK);
	assert_int_equal(decoded(0, 100, false), 1);
	assert_int_equal(decoder.left_out, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char lines[256];

		tt_decoder_free(&decoder);
		snprintf(lines, sizeof(lines), "dbc a\n" SIGNAL_SPEED "signal %s Vehicle.TraveledDistance\n", cases[i].signal);
		assert_int_equal(make(lines, database, ""), TT_ECONFIG);
		if (!strstr(msg.text, cases[i].says))
			fail_msg("case %zu: '%s'", i, msg.text);
	}
}

static void what_the_profile_names_must_be_there_once(void **state)
{
	static const struct {
		const char *lines, *first, *second, *says;
	} cases[] = {
		{"dbc a\nsignal None.Speed Vehicle.Speed\n", SPEED, "", "profile line 3: first.dbc has no message None"},
		{"dbc a\nsignal Dynamics.Sped Vehicle.Speed\n", SPEED, "", "profile line 3: first.dbc has no signal Dynamics.Sped"},
		{"dbc a\ndbc b bus 1\nsignal Dynamics.Speed Vehicle.Speed\n", SPEED, SPEED,
		 "line 4: Dynamics.Speed is in 2 databases; say which bus"},
		{"dbc a\ndbc b bus 1\nsignal Dynamics.Speed Vehicle.Speed bus 1\n", SPEED, DOORS,
		 "line 4: second.dbc has no message Dynamics"},
		{"dbc a\ndbc b bus 1\nsignal Dynamics.None Vehicle.Speed\n", SPEED, DOORS, "line 4: no dbc has Dynamics.None"},
		{"dbc a bus 0\nsignal Dynamics.Speed Vehicle.Speed bus 1\n", SPEED, "",
		 "line 3: no dbc describes the bus of Dynamics.Speed"},
		{"dbc a\n" SIGNAL_SPEED "signal Dynamics.Speed Vehicle.TraveledDistance\n", SPEED, "",
		 "line 4: Dynamics.Speed is mapped twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(make(cases[i].lines, cases[i].first, cases[i].second), TT_ECONFIG);
		if (!strstr(msg.text, cases[i].says))
			fail_msg("case %zu: '%s'", i, msg.text);
		tt_decoder_free(&decoder);
	}
	assert_int_equal(make("dbc a\nname ends_whole\n", SPEED, ""), TT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_database_describes_every_bus, away),
		cmocka_unit_test_teardown(each_bus_has_its_own_and_the_same_identifier_means_two_things, away),
		cmocka_unit_test_teardown(a_signal_with_a_bus_comes_from_there_only, away),
		cmocka_unit_test_teardown(j1939_databases_hear_a_group_from_any_source, away),
		cmocka_unit_test_teardown(what_is_broken_counts_only_where_the_profile_names_it, away),
		cmocka_unit_test_teardown(what_the_profile_names_must_be_there_once, away),
	};

	return cmocka_run_group_tests_name("decoder", tests, NULL, NULL);
}
