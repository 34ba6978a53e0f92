#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TRAVELS(message, format) "BA_ \"VFrameFormat\" BO_ " message " " format ";\n"
#define DEFAULT(format) "BA_DEF_DEF_ \"VFrameFormat\" \"" format "\";\n"

static void how_messages_travel_is_read_from_the_attributes(void **state)
{
	static const char sample[] =
		"BU_: One Two\n\tThree\nBO_ 1 A: 8 X\nBO_ 2 B: 64 X\nBO_ 2566834942 DM1: 8 X\n" S8 "BO_ 3 C: 8 X\n"
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"StandardCAN\",\"ExtendedCAN_FD\",\"J1939PG\";\n"
		"BA_DEF_ BO_ \"Other\" ENUM \"J1939PG\";\nBA_DEF_ SG_ \"VFrameFormat\" INT 0 1;\n"
		"BA_DEF_DEF_ \"VFrameFormat\" \"StandardCAN\";\nBA_DEF_DEF_ \"Other\" \"J1939PG\";\n"
		"BA_ \"VFrameFormat\" BO_ 2 1;\nBA_ \"VFrameFormat\" BO_ 2566834942 2;\nBA_ \"VFrameFormat\" BO_ 3 \"J1939PG\";\n"
		"BA_ \"VFrameFormat\" BO_ 1 99;\nBA_ \"VFrameFormat\" BO_ 77 1;\nBA_ \"VFrameFormat\" BO_ x 1;\nBA_ \"VFrameFormat\" SG_ 1 "
		"S 1;\n"
		"BA_ \"VFrameFormat\" BO_ 1 1x;\nBA_ \"Other\" BO_ 1 2;\n";
	struct tt_can_filter_set set = {.n = 0};
	const struct tt_can_frame other_source = {.id = 0x18FECA17, .extended = true, .len = 8};

	(void)state;
	read_text(sample);
	assert_int_equal(nheard, 0);
	assert_int_equal(dbc.nnodes, 3);
	assert_false(tt_dbc_message_by_name(&dbc, "A")->fd);
	assert_true(tt_dbc_message_by_name(&dbc, "B")->fd);
	assert_false(tt_dbc_message_by_name(&dbc, "B")->j1939);
	assert_true(tt_dbc_message_by_name(&dbc, "DM1")->j1939);
	assert_true(tt_dbc_message_by_name(&dbc, "C")->j1939); /* an 11-bit one has no group all the same */
	build(TT_DBC_PLAN_ALL);
	assert_string_equal(tt_dbc_plan_find(&plan, &other_source)->message->name, "DM1");
	tt_dbc_plan_filters(&plan, &set);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.items[3].mask, 0x03FFFF00);
}

static void formats_go_by_the_number_that_their_definition_gave_them(void **state)
{
	static const char six[] = "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",";

	(void)state;
	/* Vector's own numbers, where nothing is defined */
	for (unsigned i = 0; i <= 17; i++) {
		char text[128];

		snprintf(text, sizeof(text), BO "BA_ \"VFrameFormat\" BO_ 1 %u;\n", i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.messages[0].j1939, i == 3);
		assert_int_equal(dbc.messages[0].fd, i == 14 || i == 15);
	}
	/* sixteen are kept */
	for (unsigned i = 14; i <= 17; i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 BO "BA_DEF_ BO_ \"VFrameFormat\" ENUM %s%s\"m\",\"n\",\"StandardCAN_FD\",\"J1939PG\",\"J1939PG\";\n"
			    "BA_ \"VFrameFormat\" BO_ 1 %u;\n",
			 six, six, i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.messages[0].fd, i == 14);
		assert_int_equal(dbc.messages[0].j1939, i == 15);
	}
}

static void attributes_that_are_not_understood_change_nothing(void **state)
{
	static const char *const lines[] = {
		"BA_ \"VFrameFormat\" BO_ -1 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967296 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967297 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967295 3;",
		"BA_ \"VFrameFormat\" BO_ 1z 3;",
		"BA_ \"VFrameFormat\" BO_ 1.5 3;",
		"BA_ \"VFrameFormat\" BO_ 1 3.5;",
		"BA_ \"VFrameFormat\" BO_ \"1\" 3;",
		"BA_ \"VFrameFormat\" BO_ 1 -3;",
		"BA_ \"VFrameFormat\" BO_ 1 x;",
		"BA_ \"VFrameFormat\" BO_ 1 3z;",
		"BA_ \"VFrameFormat\" SG_ 1 3;",
		"BA_ \"VFrameFormaX\" BO_ 1 3;",
		"BA_ \"VFrameFormats\" BO_ 1 3;",
		"BA_ VFrameFormat BO_ 1 3;",
		"BA_ \"ProtocolType\" \"J1938\";",
		"BA_ \"ProtocolType\" J1939;",
		"BA_ \"VFrameFormat\" BO_ 1 \"J1939PX\";",
		"BA_ \"VFrameFormat\" BO_ 1 \"standardCAN_FD\";",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM ;",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"J1939PG\" \"J1939PG\";",
		"BA_DEF_ BO_ \"VFrameFormaX\" ENUM \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 0;",
		"BA_DEF_ SG_ \"VFrameFormat\" ENUM \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 0;",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"x\" \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 1;",
		"BA_DEF_DEF_ \"VFrameFormaX\" \"J1939PG\";",
		"BA_DEF_DEF_ VFrameFormat \"J1939PG\";",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), BO "%s\n", lines[i]);
		read_text(text);
		if (nheard != 0 || dbc.messages[0].j1939 || dbc.messages[0].fd)
			fail_msg("%s: %zu told, J1939 %d, FD %d", lines[i], nheard, dbc.messages[0].j1939, dbc.messages[0].fd);
	}
}

static void what_is_said_of_messages_holds_for_those_it_names(void **state)
{
	static const struct {
		const char *said;
		bool j1939[2], fd[2]; /* of message 1 and 2 */
	} cases[] = {
		{"", {false, false}, {false, false}},
		{TRAVELS("1", "3"), {true, false}, {false, false}},
		{TRAVELS("2", "3"), {false, true}, {false, false}},
		{TRAVELS("1", "3") TRAVELS("2", "\"StandardCAN_FD\""), {true, false}, {false, true}},
		{DEFAULT("J1939PG"), {true, true}, {false, false}},
		{DEFAULT("ExtendedCAN_FD"), {false, false}, {true, true}},
		/* what is said of the message comes behind the default */
		{DEFAULT("ExtendedCAN_FD") TRAVELS("1", "0"), {false, false}, {false, true}},
		{DEFAULT("J1939PG") TRAVELS("2", "\"StandardCAN\""), {true, false}, {false, false}},
		/* a number that no format has says nothing */
		{DEFAULT("J1939PG") TRAVELS("1", "16") TRAVELS("77", "\"x\""), {true, true}, {false, false}},
		{"BA_ \"ProtocolType\" \"J1939\";\n", {true, true}, {false, false}},
		{"BA_ \"ProtocolType\" \"CAN\";\n", {false, false}, {false, false}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), BO "BO_ 2 B: 8 X\n%s", cases[i].said);
		read_text(text);
		assert_int_equal(nheard, 0);
		for (size_t k = 0; k < 2; k++) {
			if (dbc.messages[k].j1939 != cases[i].j1939[k] || dbc.messages[k].fd != cases[i].fd[k])
				fail_msg("case %zu: %s is J1939 %d, FD %d", i, dbc.messages[k].name, dbc.messages[k].j1939,
					 dbc.messages[k].fd);
		}
	}
	/* an identifier of 0 is one like any other */
	read_text("BO_ 0 Z: 8 X\n" BO TRAVELS("0", "3") TRAVELS("1", "\"StandardCAN_FD\""));
	assert_true(dbc.messages[0].j1939);
	assert_false(dbc.messages[1].j1939);
	assert_true(dbc.messages[1].fd);
}

/* Bug: of two messages with one identifier only the first got its format. */
static void messages_of_one_identifier_travel_the_same_way(void **state)
{
	(void)state;
	read_text(LINE("BO_ 7 First: 8 X") LINE("BO_ 7 Second: 8 X") LINE("BO_ 8 Other: 8 X") TRAVELS("7", "3"));
	assert_int_equal(nheard, 1); /* that they are two */
	assert_true(tt_dbc_message_by_name(&dbc, "First")->j1939);
	assert_true(tt_dbc_message_by_name(&dbc, "Second")->j1939);
	assert_false(tt_dbc_message_by_name(&dbc, "Other")->j1939);
}

/* Bug: the ';' was taken for the missing word, and all up to the next one was skipped. */
static void an_attribute_that_says_nothing_swallows_nothing(void **state)
{
	static const char *const lines[] = {
		"BA_ \"VFrameFormat\";", "BA_ \"VFrameFormat\" BO_;",     "BA_ \"VFrameFormat\" BO_ 1;", "BA_DEF_ BO_ \"VFrameFormat\";",
		"BA_DEF_ BO_;",          "BA_DEF_DEF_ \"VFrameFormat\";", "BA_ \"ProtocolType\";",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), BO "%s\n" TRAVELS("1", "3"), lines[i]);
		read_text(text);
		if (nheard != 0 || !dbc.messages[0].j1939)
			fail_msg("%s: %zu told, J1939 %d", lines[i], nheard, dbc.messages[0].j1939);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_messages_travel_is_read_from_the_attributes),
		cmocka_unit_test(formats_go_by_the_number_that_their_definition_gave_them),
		cmocka_unit_test(attributes_that_are_not_understood_change_nothing),
		cmocka_unit_test(what_is_said_of_messages_holds_for_those_it_names),
		cmocka_unit_test(messages_of_one_identifier_travel_the_same_way),
		cmocka_unit_test(an_attribute_that_says_nothing_swallows_nothing),
	};

	return cmocka_run_group_tests_name("dbc_attributes", tests, NULL, NULL);
}
