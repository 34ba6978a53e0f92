#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PLACE "a signal's place is written"
#define FACTOR "factor and offset are written"
#define RANGE "the range is written"
#define VALUES "multiplexor values are written"

struct fault_case {
	const char *text;
	enum tt_err err;
	uint32_t line;
	const char *why, *detail; /* why: how it begins */
};

/* The strict reader ends with the fault; the reader that goes on tells the same, and nothing else before it. */
static void expect_faults(const struct fault_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct fault_case *c = &cases[i];
		struct tt_dbc_fault fault = {.why = "nothing"};
		const enum tt_err err = parse_text(c->text, &fault);

		if (err != c->err || fault.line != c->line || strncmp(fault.why, c->why, strlen(c->why)) != 0 ||
		    strcmp(fault.detail, c->detail) != 0 || fault.warning)
			fail_msg("%s: %s, line %u: %s: '%s'", c->text, tt_err_name(err), (unsigned)fault.line, fault.why, fault.detail);
		assert_int_equal(parse_text(c->text, NULL), c->err);
		read_text(c->text);
		assert_true(nheard >= 1);
		assert_int_equal(heard[0].line, fault.line);
		assert_string_equal(heard[0].why, fault.why);
	}
}

static void faults_of_messages_and_of_what_stands_between_them(void **state)
{
	static const struct fault_case cases[] = {
		{"BO_ x A: 8 X\n", TT_EINVAL, 1, "the message's identifier is not", "x"},
		{"BO_ 1.5 A: 8 X\n", TT_EINVAL, 1, "the message's identifier is not", "1.5"},
		{"BO_ -1 A: 8 X\n", TT_ERANGE, 1, "the message's identifier is not", "-1"},
		{"BO_ 2684354560 A: 8 X\n", TT_ERANGE, 1, "the message's identifier has more", "A"},
		{"BO_ 1 5: 8 X\n", TT_EINVAL, 1, "the message's name is missing", "5"},
		{"BO_ 1 A: x X\n", TT_EINVAL, 1, "the message's length is not", "x"},
		{"BO_ 1 A: -1 X\n", TT_ERANGE, 1, "the message's length is not", "-1"},
		{"BO_ 1 A: 65536 X\n", TT_ERANGE, 1, "the message's length is not", "65536"},
		{"BO_ 4294967296 A: 8 X\n", TT_ERANGE, 1, "the message's identifier", "4294967296"},
		{"BO_ 2048 A: 8 X\n", TT_ERANGE, 1, "the message's identifier has more bits", "A"},
		{"\nBO_ 1 A: 8 \"x", TT_EINVAL, 2, "a string does not end", "x"},
		{"VERSION \"x", TT_EINVAL, 1, "a string does not end", "x"},
		{"NS_ : \"x", TT_EINVAL, 1, "a string does not end", "x"},
		{"CM_ \"never\nended", TT_EINVAL, 1, "a string does not end", "never\nended"},
		{"BU_ One\n", TT_EINVAL, 1, "':' is missing after BU_", "One"},
		{"BO_ 1 A 8 X\n", TT_EINVAL, 1, "':' is missing", "8"},
		{"CM_ x\n\n", TT_EINVAL, 3, "';' is missing", ""},
		{"BA_ \"x\" 1", TT_EINVAL, 1, "';' is missing", ""},
		{"(\n", TT_EINVAL, 1, "not a statement", "("},
		{"hello world", TT_EINVAL, 1, "not a statement", "hello"},
		{BO "BO_ 2 B: 8 X\nBO_ 1 C: 8 X\nBO_ 1 D: 8 X\n", TT_EEXIST, 3, "another message has this identifier", "C"},
		{BO BO, TT_EEXIST, 2, "another message", "A"},
	};

	(void)state;
	expect_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

static void faults_of_signals(void **state)
{
	static const struct fault_case cases[] = {
		{S8, TT_EINVAL, 1, "a signal outside any message", "S"},
		{"VERSION \"\"\n\n" S8, TT_EINVAL, 3, "a signal outside", "S"},
		{BO SG("S", "m0 ", "0|8@1+") SG("T", "m0 ", "0|8@1+") "BO_ 2 B: 8 X\n", TT_EINVAL, 2, "a multiplexed signal in a message",
		 "S"},
		{BO SG("S", "m0 ", "0|8@1+") SG("T", "m0 ", "0|8@1+"), TT_EINVAL, 2, "a multiplexed signal in a message", "S"},
		{BO SG("S", "m0", "0|8@1+"), TT_EINVAL, 2, "a multiplexed signal", "S"},
		{BO SG("5", "", "0|8@1+"), TT_EINVAL, 2, "the signal's name is missing", "5"},
		{BO SG("S", "M M ", "0|8@1+"), TT_EINVAL, 2, "':' is missing after the signal's name", "M"},
		{BO SG("S", "m ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m"},
		{BO SG("S", "mM ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "mM"},
		{BO SG("S", "n0 ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "n0"},
		{BO SG("S", "m0MM ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m0MM"},
		{BO SG("S", "m4294967296 ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m4294967296"},
		{BO SG("S", "\"m0\" ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m0"},
		{BO SG("S", "\"M\" ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "M"},
		{BO " SG_ S", TT_EINVAL, 2, "neither ':'", ""},
		{BO " SG_ S 0|8@1+ (1,0) [0|0] \"\" X\n", TT_EINVAL, 2, "neither ':'", "0"},
		{BO SG("S", "", "x|8@1+"), TT_EINVAL, 2, PLACE, "x"},
		{BO SG("S", "", "-1|8@1+"), TT_ERANGE, 2, PLACE, "-1"},
		{BO SG("S", "", "32768|8@1+"), TT_ERANGE, 2, PLACE, "32768"},
		{BO SG("S", "", "32767|8@1+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO SG("S", "", "0 8@1+"), TT_EINVAL, 2, PLACE, "8"},
		{BO SG("S", "", "0|x@1+"), TT_EINVAL, 2, "a signal has 1 to 64 bits", "x"},
		{BO SG("S", "", "0|65@1+"), TT_ERANGE, 2, "a signal has 1", "65"},
		{BO SG("S", "", "0|0@1+"), TT_ERANGE, 2, "a signal has 1", "0"},
		{BO SG("S", "", "0|8 1+"), TT_EINVAL, 2, PLACE, "1"},
		{BO SG("S", "", "0|8@-1+"), TT_ERANGE, 2, "the byte order", "-1"},
		{BO SG("S", "", "0|8@2+"), TT_ERANGE, 2, "the byte order", "2"},
		{BO SG("S", "", "0|8@1*"), TT_EINVAL, 2, "the sign is", "*"},
		{BO SG("S", "", "57|8@1+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO SG("S", "", "62|8@0+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO SG("S", "", "60|8@1+"), TT_ERANGE, 2, "the signal lies", "S"},
		{BO SG("S", "", "56|9@0+"), TT_ERANGE, 2, "the signal lies", "S"},
		{BO " SG_ S : 0|8@1+ 1,0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "1"},
		{BO " SG_ S : 0|8@1+ (1 0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "0"},
		{BO " SG_ S : 0|8@1+ (0x1,0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "0x1"},
		{BO " SG_ S : 0|8@1+ (1,x) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "x"},
		{BO " SG_ S : 0|8@1+ (1,0 [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "["},
		{BO " SG_ S : 0|8@1+ (x,0) [0|0] \"\" X\n", TT_EINVAL, 2, "factor and offset", "x"},
		{BO " SG_ S : 0|8@1+ (1,0) 0|0] \"\" X\n", TT_EINVAL, 2, RANGE, "0"},
		{BO " SG_ S : 0|8@1+ (1,0) [x|0] \"\" X\n", TT_EINVAL, 2, RANGE, "x"},
		{BO " SG_ S : 0|8@1+ (1,0) [0 5] \"\" X\n", TT_EINVAL, 2, RANGE, "5"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|x] \"\" X\n", TT_EINVAL, 2, RANGE, "x"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0 \"\" X\n", TT_EINVAL, 2, RANGE, ""},
		{BO " SG_ S : 0|8@1+ (1,0) [0] \"\" X\n", TT_EINVAL, 2, "the range", "]"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] X\n", TT_EINVAL, 2, "the unit is missing", "X"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] \"km", TT_EINVAL, 2, "the unit", "km"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] \"\" \"X\n", TT_EINVAL, 2, "a string does not end", "X\n"},
		{BO S8 S8, TT_EEXIST, 3, "the message has a signal", "S"},
	};

	(void)state;
	expect_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

static void faults_of_statements_about_signals(void **state)
{
	static const struct fault_case cases[] = {
		{BO S8 "VAL_ 4294967296 S 0 \"a\" ;", TT_ERANGE, 3, "the message's identifier is not", "4294967296"},
		{BO S8 "VAL_ 1 5 0 \"a\" ;", TT_EINVAL, 3, "the signal's name is missing", "5"},
		{BO S8 "VAL_ 1 S 1.5 \"a\" ;", TT_EINVAL, 3, "the value is not a whole number", "1.5"},
		{BO S8 "VAL_ 1 S 9223372036854775808 \"a\" ;", TT_EINVAL, 3, "the value is not a whole number", "9223372036854775808"},
		{BO S8 "VAL_ 1 S 0 5 ;", TT_EINVAL, 3, "VAL_ lists", "0"},
		{BO S8 "VAL_ 1 S 0 \"a\"", TT_EINVAL, 3, "VAL_ lists", ""},
		{BO S8 "VAL_ 1 S \"a\" 0 ;", TT_EINVAL, 3, "VAL_ lists", "a"},
		{BO S8 "VAL_TABLE_ T 0 \"a\" ;\nVAL_ 1 S T", TT_EINVAL, 4, "';' is missing", ""},
		{BO S8 "VAL_ Env 0 \"a\"", TT_EINVAL, 3, "';' is missing", ""},
		{"VAL_TABLE_ 5 0 \"a\" ;", TT_EINVAL, 1, "the table's name is missing", "5"},
		{"VAL_TABLE_ T 0 ;", TT_EINVAL, 1, "VAL_ lists", "0"},
		{BO S8 "VAL_ 1 S 0 1 ;", TT_EINVAL, 3, "VAL_ lists", "0"},
		{"VAL_TABLE_ T 1.5 \"a\" ;", TT_EINVAL, 1, "the value is not a whole number", "1.5"},
		{BO S8 "SIG_VALTYPE_ 1 5 : 1;", TT_EINVAL, 3, "the signal's name is missing", "5"},
		{BO S8 "SIG_VALTYPE_ 1 S : x;", TT_EINVAL, 3, "the type is", "x"},
		{BO S8 "SIG_VALTYPE_ 1 S : 3;", TT_ERANGE, 3, "the type is", "3"},
		{BO S8 "SIG_VALTYPE_ 1 S : -1;", TT_ERANGE, 3, "the type is", "-1"},
		{BO S8 "SIG_VALTYPE_ 1 S : 0", TT_EINVAL, 3, "';' is missing", ""},
		{BO SG("S", "", "0|32@1+") "SIG_VALTYPE_ 1 S 2;", TT_ERANGE, 3, "a float signal has", "2"},
		{BO SG("S", "", "0|64@1+") "SIG_VALTYPE_ 1 S : 1;", TT_ERANGE, 3, "a float signal has", ":"},
		{BO S8 "SIG_VALTYPE_ 1 S : 1;", TT_ERANGE, 3, "a float signal", ":"},
		{MUXED "SG_MUL_VAL_ 1 5 M 0-0;", TT_EINVAL, 5, "the signal's name is missing", "5"},
		{MUXED "SG_MUL_VAL_ 1 S X 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "X"},
		{MUXED "SG_MUL_VAL_ 1 S N 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "N"},
		{MUXED "SG_MUL_VAL_ 1 M M 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "M"},
		{BO S8 "SG_MUL_VAL_ 1 S S 0-0;", TT_EINVAL, 3, "not a multiplexor", "S"},
		{MUXED "SG_MUL_VAL_ 1 S M x;", TT_EINVAL, 5, VALUES, "x"},
		{MUXED "SG_MUL_VAL_ 1 S M -1-0;", TT_ERANGE, 5, VALUES, "-1"},
		{MUXED "SG_MUL_VAL_ 1 S M 4294967296-0;", TT_ERANGE, 5, VALUES, "4294967296"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-4294967296;", TT_ERANGE, 5, VALUES, "-4294967296"},
		{MUXED "SG_MUL_VAL_ 1 S M 0 1;", TT_ERANGE, 5, VALUES, "1"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-x;", TT_EINVAL, 5, VALUES, "-"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0 1-1;", TT_EINVAL, 5, VALUES, "1"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0,", TT_EINVAL, 5, VALUES, ""},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0", TT_EINVAL, 5, VALUES, ""},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0 \"x", TT_EINVAL, 5, VALUES, "x"},
		{MUXED "SG_MUL_VAL_ Env M 0-0", TT_EINVAL, 5, "';' is missing", ""},
	};

	(void)state;
	expect_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

static void statements_in_the_middle_of_a_line_are_faults(void **state)
{
	static const char *const samples[] = {"BO_ 1 A: 8 \"x\n\" BO_ 2 B: 8 X\n",
					      BO " SG_ S : 0|8@1+ (1,0) [0|0] \"\" \"x\n\"" SG("T", "", "0|8@1+")};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		read_text(samples[i]);
		assert_int_equal(nheard, 1);
		assert_non_null(strstr(heard[0].why, "begins in the middle of a line"));
		assert_int_equal(dbc.nmessages, 1);
	}
}

static void words_are_cut_to_fit_the_fault(void **state)
{
	char text[128];
	struct tt_dbc_fault fault;

	(void)state;
	for (int n = 62; n <= 65; n++) {
		snprintf(text, sizeof(text), "%.*s", n, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		assert_int_equal(parse_text(text, &fault), TT_EINVAL);
		assert_int_equal(strlen(fault.detail), n < 63 ? n : 63);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_of_messages_and_of_what_stands_between_them),
		cmocka_unit_test(faults_of_signals),
		cmocka_unit_test(faults_of_statements_about_signals),
		cmocka_unit_test(statements_in_the_middle_of_a_line_are_faults),
		cmocka_unit_test(words_are_cut_to_fit_the_fault),
	};

	return cmocka_run_group_tests_name("dbc_faults", tests, NULL, NULL);
}
