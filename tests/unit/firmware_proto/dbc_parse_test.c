#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void the_demo_car_is_read_whole(void **state)
{
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;

	(void)state;
	load("schemas/dbc/telltale_demo.dbc");
	assert_int_equal(dbc.nmessages, 9);
	m = tt_dbc_message_by_name(&dbc, "EngineData");
	assert_non_null(m);
	assert_int_equal(m->key, 0x1F0);
	s = tt_dbc_signal_by_name(m, "EngineSpeed");
	assert_true(s->big_endian);
	assert_string_equal(s->unit, "rpm");
	assert_true(s->factor.value == 0.25);
	assert_true(s->max == 16383.75);
	s = tt_dbc_signal_by_name(tt_dbc_message_by_name(&dbc, "BodyStatus"), "LowVoltageState");
	assert_string_equal(tt_dbc_choice_text(s, 4), "ON");
	assert_null(tt_dbc_choice_text(s, 9));
	assert_null(tt_dbc_message_by_name(&dbc, "Nothing"));
	assert_null(tt_dbc_signal_by_name(m, "Nothing"));
}

static void what_is_just_right_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse_text("BO_ 2684354559 A: 65535 X\n", NULL), TT_OK);
	assert_int_equal(dbc.messages[0].key, 0x9FFFFFFF);
	assert_int_equal(dbc.messages[0].bytes, 65535);
	assert_int_equal(parse_text("BO_ 2047 A: 0 X\n", NULL), TT_OK);
	assert_int_equal(dbc.messages[0].key, 0x7FF);
	assert_int_equal(dbc.messages[0].line, 1);
	assert_false(dbc.messages[0].fd);
	assert_false(dbc.messages[0].j1939);
	assert_int_equal(parse_text("\nBO_ 0 A: 4097 X\n" SG("S", "m4294967295M ", "32767|1@1-") SG("T", "m10 ", "0|64@0+")
					    SG("M", "M ", "0|1@1+"),
				    NULL),
			 TT_OK);
	assert_int_equal(dbc.messages[0].line, 2);
	assert_int_equal(signal_of(0, "S")->line, 3);
	assert_int_equal(signal_of(0, "S")->start, 32767);
	assert_int_equal(signal_of(0, "S")->ranges[0].low, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[0].high, UINT32_MAX);
	assert_true(signal_of(0, "S")->is_mux);
	assert_true(signal_of(0, "S")->is_signed);
	assert_false(signal_of(0, "S")->big_endian);
	assert_int_equal(signal_of(0, "S")->mux, 2);
	assert_int_equal(signal_of(0, "T")->ranges[0].low, 10);
	assert_false(signal_of(0, "T")->is_mux);
	assert_false(signal_of(0, "T")->is_signed);
	assert_true(signal_of(0, "T")->big_endian);
	assert_int_equal(signal_of(0, "T")->size, 64);
	assert_int_equal(signal_of(0, "M")->mux, TT_DBC_NO_MUX);
	assert_int_equal(signal_of(0, "M")->nranges, 0);
	/* signals that end with their message's last bit */
	assert_int_equal(parse_text(BO SG("S", "", "56|8@1+") SG("T", "", "63|8@0+") SG("U", "", "56|1@0+"), NULL), TT_OK);
	assert_int_equal(parse_text(BO " SG_ S : 0|8@1+ (-0.5,1e2) [-7|.5] \"km\" X\n", NULL), TT_OK);
	assert_true(signal_of(0, "S")->factor.value == -0.5);
	assert_true(signal_of(0, "S")->offset.value == 100);
	assert_true(signal_of(0, "S")->min == -7);
	assert_true(signal_of(0, "S")->max == 0.5);
	assert_string_equal(signal_of(0, "S")->unit, "km");
	/* extremes of values */
	assert_int_equal(parse_text(BO S8 "VAL_ 1 S -9223372036854775808 \"a\" 9223372036854775807 \"b\" ;", NULL), TT_OK);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), INT64_MIN), "a");
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), INT64_MAX), "b");
	assert_int_equal(parse_text(MUXED "SG_MUL_VAL_ 1 S M 0-4294967295, 4294967295-0, 7-7;", NULL), TT_OK);
	assert_int_equal(signal_of(0, "S")->nranges, 3);
	assert_int_equal(signal_of(0, "S")->ranges[0].high, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[1].low, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[2].low, 7);
	assert_int_equal(signal_of(0, "S")->ranges[2].high, 7);
}

static void units_come_out_as_utf8_from_either_encoding(void **state)
{
	static const struct {
		const char *written, *unit;
	} cases[] = {{"\xC2\xB0"
		      "C",
		      "\xC2\xB0"
		      "C"},
		     {"\xB0"
		      "C",
		      "\xC2\xB0"
		      "C"},
		     {"\x80 \x81", "\xE2\x82\xAC \xEF\xBF\xBD"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "BO_ 1 A: 8 X\r\n SG_ S : 0|8@1+ (1,0) [0|0] \"%s\" X\r\n", cases[i].written);
		assert_int_equal(parse_text(text, NULL), TT_OK);
		assert_string_equal(dbc.messages[0].signals[0].unit, cases[i].unit);
	}
}

/* Bug: a message right behind the byte order mark was refused as if it began in the middle of a line. */
static void a_message_may_stand_right_behind_the_byte_order_mark(void **state)
{
	(void)state;
	assert_int_equal(parse_text("\xEF\xBB\xBF" BO, NULL), TT_OK);
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(parse_text("\xEF\xBB\xBF", NULL), TT_OK);
	assert_int_equal(parse_text("\xEF\xBB" BO, NULL), TT_EINVAL);
}

static void lists_of_words_are_passed(void **state)
{
	(void)state;
	assert_int_equal(parse_text("NS_ :\n\tCM_\n\tBA_\n\tSG_\n\nBS_: 1\nBU_: One Two BO_ 1 A: 8 X\n", NULL),
			 TT_EINVAL); /* BO_ begins no line */
	assert_int_equal(parse_text("NS_ :\n\tCM_\n\tBA_\n\tSG_\n\nBS_: 1\nBU_: One Two\n\tThree\nBO_ 1 A: 8 X\n", NULL), TT_OK);
	assert_int_equal(dbc.nnodes, 3);
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(parse_text("NS_ :\n\tCM_\n\tLAST", NULL), TT_EINVAL); /* END is on the line of the last word: it is no list's */
	assert_int_equal(parse_text("NS_ :\n\tCM_\n\tLAST\n", NULL), TT_OK);
	assert_int_equal(parse_text("NS_ :\n\tCM_ \"x\";\n", NULL), TT_OK); /* the list ends where more than a word stands */
	assert_int_equal(parse_text("BU_:", NULL), TT_OK);
	assert_int_equal(dbc.nnodes, 0);
}

static void messages_are_sorted_by_identifier_whatever_their_order(void **state)
{
	static char text[4096];

	(void)state;
	for (unsigned n = 0; n <= 40; n++) {
		text[0] = '\0';
		for (unsigned i = 0; i < n; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "BO_ %u A: 8 X\n SG_ S%u : 0|8@1+ (1,0) [0|0] \"\" X\n",
				 i * 29 % 41, i);
		for (unsigned i = 0; i < n; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "VAL_ %u S%u %u \"\";\n", i * 29 % 41, i, i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.nmessages, n);
		for (unsigned i = 0; i < n; i++) {
			const struct tt_dbc_message *m = &dbc.messages[i];

			assert_true(i == 0 || m[-1].key < m->key);
			assert_int_equal((m->line - 1) / 2 * 29 % 41, m->key);
			assert_int_equal(m->signals[0].choices[0].raw, (m->line - 1) / 2); /* each statement found its message */
		}
	}
}

static void of_one_identifier_the_file_s_order_stays(void **state)
{
	static char text[4096];

	(void)state;
	text[0] = '\0';
	for (unsigned i = 0; i < 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "BO_ %u A: 8 X\n", i % 2 ? 7 : 5);
	read_text(text);
	assert_int_equal(nheard, 18);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(dbc.messages[i].key, i < 10 ? 5 : 7);
		assert_int_equal(dbc.messages[i].line, i < 10 ? 1 + 2 * i : 2 + 2 * (i - 10));
	}
	/* messages without a usable identifier are not told as twins */
	read_text("BO_ 5000 A: 8 X\nBO_ 5001 B: 8 X\n");
	assert_int_equal(nheard, 2);
	assert_int_equal(dbc.nmessages, 2);
	assert_int_equal(heard[1].line, 2);
}

static void a_thousand_and_twenty_four_signals_are_a_message_s_most(void **state)
{
	static char text[1 << 16];
	size_t n = (size_t)snprintf(text, sizeof(text), BO);
	struct tt_dbc_fault fault;

	(void)state;
	for (unsigned i = 0; i < 1024; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "SG_ S%u:0|1@1+(1,0)[0|0]\"\"X\n", i);
	assert_int_equal(parse_text(text, NULL), TT_OK);
	assert_int_equal(dbc.messages[0].nsignals, 1024);
	snprintf(text + n, sizeof(text) - n, "SG_ T:0|1@1+(1,0)[0|0]\"\"X\nSG_ U:0|99@1+(1,0)[0|0]\"\"X\n");
	assert_int_equal(parse_text(text, &fault), TT_EFULL);
	assert_int_equal(fault.line, 1026);
	assert_string_equal(fault.detail, "T");
	read_text(text);
	assert_int_equal(nheard, 2);
	assert_int_equal(dbc.messages[0].nsignals, 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demo_car_is_read_whole),
		cmocka_unit_test(what_is_just_right_is_read),
		cmocka_unit_test(units_come_out_as_utf8_from_either_encoding),
		cmocka_unit_test(a_message_may_stand_right_behind_the_byte_order_mark),
		cmocka_unit_test(lists_of_words_are_passed),
		cmocka_unit_test(messages_are_sorted_by_identifier_whatever_their_order),
		cmocka_unit_test(of_one_identifier_the_file_s_order_stays),
		cmocka_unit_test(a_thousand_and_twenty_four_signals_are_a_message_s_most),
	};

	return cmocka_run_group_tests_name("dbc_parse", tests, NULL, NULL);
}
