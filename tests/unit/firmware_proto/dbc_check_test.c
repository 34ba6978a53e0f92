#include "firmware/proto/dbc_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BO "BO_ 1 A: 8 X\n"
#define SG(name, mux, place, scale, range) " SG_ " name " " mux ": " place " " scale " " range " \"\" X\n"

/* S and T in one place, each there with values of M. */
#define TWO_RANGES(s, t) \
	BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0", "8|8@1+", "(1,0)", "[0|0]") \
		SG("T", "m1", "8|8@1+", "(1,0)", "[0|0]") "SG_MUL_VAL_ 1 S M " s ";\nSG_MUL_VAL_ 1 T M " t ";\n"

static _Alignas(16) uint8_t memory[1 << 20];
static struct tt_dbc_fault heard[32];
static size_t nheard;

static void told(void *ctx, const struct tt_dbc_fault *fault)
{
	(void)ctx;
	assert_true(nheard < 32);
	heard[nheard++] = *fault;
}

static void nobody(void *ctx, const struct tt_dbc_fault *fault)
{
	(void)ctx;
	(void)fault;
}

static void check(const char *text)
{
	struct tt_dbc_arena a = {.p = memory, .cap = sizeof(memory)};
	struct tt_dbc dbc;

	nheard = 0;
	assert_int_equal(tt_dbc_read(text, strlen(text), &a, nobody, NULL, &dbc), TT_OK);
	tt_dbc_check(&dbc, text, strlen(text), told, NULL);
}

static void each_doubt_has_its_line_word_and_severity_and_its_boundary(void **state)
{
	static const struct {
		const char *text, *says, *at;
		uint32_t line;
		bool warning;
	} cases[] = {
		{BO SG("S", "", "0|8@1+", "(1,0)", "[0|256]"), NULL, "", 0, false}, /* one step more is rounding */
		{BO SG("S", "", "0|8@1+", "(1,0)", "[0|257]"), "the range goes beyond", "S", 2, true},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[-1|255]"), NULL, "", 0, false},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[-2|255]"), "the range goes beyond", "S", 2, true},
		{BO SG("S", "", "0|8@1-", "(1,0)", "[-129|128]"), NULL, "", 0, false},
		{BO SG("S", "", "0|8@1-", "(1,0)", "[-130|0]"), "the range goes beyond", "S", 2, true},
		{BO SG("S", "", "0|8@1+", "(-2,10)", "[-500|10]"), NULL, "", 0, false},
		{BO SG("S", "", "0|8@1+", "(-2,10)", "[-500|13]"), "the range goes beyond", "S", 2, true},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[6|5]"), "the minimum is above", "S", 2, false},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[5|5]"), NULL, "", 0, false},
		{BO SG("S", "", "0|8@1+", "(0,5)", "[0|0]"), "the scale is 0", "S", 2, false},
		{BO SG("S", "", "0|53@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "0|54@1+", "(1,0)", "[0|0]"), "more than 53 bits", "S", 2, true},
		{BO SG("S", "", "0|64@1+", "(1,0)", "[0|18446744073709551615]") "VAL_ 1 S 9223372036854775807 \"most\" ;",
		 "more than 53 bits", "S", 2, true},
		{BO SG("S", "", "0|64@1-", "(1,0)", "[0|0]") "SIG_VALTYPE_ 1 S : 2;\n", NULL, "", 0, false},
		{BO SG("S", "", "0|32@1-", "(1,0)", "[-1E30|1E30]") "SIG_VALTYPE_ 1 S : 1;\n", NULL, "", 0, false},
		{BO SG("S", "", "0|2@1+", "(1,0)", "[0|0]") "VAL_ 1 S 3 \"most\" ;\n", NULL, "", 0, false},
		{BO SG("S", "", "0|2@1+", "(1,0)", "[0|0]") "VAL_ 1 S 4 \"more\" ;\n", "VAL_ names a value", "S", 2, true},
		{BO SG("S", "", "0|2@1-", "(1,0)", "[0|0]") "VAL_ 1 S -2 \"least\" ;\n", NULL, "", 0, false},
		{BO SG("S", "", "0|2@1-", "(1,0)", "[0|0]") "VAL_ 1 S -3 \"less\" ;\n", "VAL_ names a value", "S", 2, true},
		{BO SG("S", "", "0|2@1+", "(1,0)", "[0|0]") "VAL_ 1 S 1 \"a\" 2 \"b\" 1 \"c\" ;\n", "VAL_ has two texts", "S", 2, true},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[0|0]") SG("T", "", "8|8@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[0|0]") SG("T", "", "7|1@1+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "3|8@0+", "(1,0)", "[0|0]") SG("T", "", "4|4@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "3|8@0+", "(1,0)", "[0|0]") SG("T", "", "12|4@1+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "32|8@1+", "(1,0)", "[0|0]") SG("T", "", "0|8@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "0|9@1+", "(1,0)", "[0|0]") SG("T", "", "9|8@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "0|9@1+", "(1,0)", "[0|0]") SG("T", "", "8|8@1+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "8|8@1+", "(1,0)", "[0|0]") SG("T", "", "0|9@1+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "7|16@0+", "(1,0)", "[0|0]") SG("T", "", "8|1@1+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "6|16@0+", "(1,0)", "[0|0]") SG("T", "", "22|7@0+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("S", "", "6|16@0+", "(1,0)", "[0|0]") SG("T", "", "23|1@0+", "(1,0)", "[0|0]"), "shares bits", "T", 3, true},
		{BO SG("S", "", "0|99@1+", "(1,0)", "[0|0]") SG("T", "", "0|8@1+", "(0,0)", "[0|0]"), "the scale is 0", "T", 3, false},
		{BO SG("S", "", "0|8@1+", "(1,0)", "[0|0]") SG("T", "", "0|99@1+", "(0,0)", "[5|1]"), NULL, "", 0, false},
		{TWO_RANGES("0-2", "3-5"), NULL, "", 0, false},
		{TWO_RANGES("3-5", "0-2"), NULL, "", 0, false},
		{TWO_RANGES("0-3", "3-5"), "shares bits", "T", 4, true},
		{TWO_RANGES("3-5", "0-3"), "shares bits", "T", 4, true},
		{TWO_RANGES("9-9, 0-0", "5-5, 7-8"), NULL, "", 0, false},
		{TWO_RANGES("9-9, 0-0", "5-5, 0-0"), "shares bits", "T", 4, true},
		{TWO_RANGES("0-0, 9-9", "9-9, 5-5"), "shares bits", "T", 4, true},
		{BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0", "8|8@1+", "(1,0)", "[0|0]")
			 SG("T", "m1", "8|8@1+", "(1,0)", "[0|0]"),
		 NULL, "", 0, false},
		{BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0", "8|8@1+", "(1,0)", "[0|0]")
			 SG("T", "m0", "8|8@1+", "(1,0)", "[0|0]"),
		 "shares bits", "T", 4, true},
		{BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0M", "8|8@1+", "(1,0)", "[0|0]")
			 SG("T", "m1", "16|8@1+", "(1,0)", "[0|0]") SG("U", "m2", "16|8@1+", "(1,0)", "[0|0]") "SG_MUL_VAL_ 1 T S 1-1;\n",
		 NULL, "", 0, false}, /* U stands beside S, above T */
		{BO SG("M", "M", "0|2@1+", "(1,0)", "[0|0]") SG("S", "m3", "8|8@1+", "(1,0)", "[0|0]"), NULL, "", 0, false},
		{BO SG("M", "M", "0|2@1+", "(1,0)", "[0|0]") SG("S", "m4", "8|8@1+", "(1,0)", "[0|0]"), "waits for a value", "S", 3, true},
		{BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0", "8|8@1+", "(1,0)", "[0|0]") "SG_MUL_VAL_ 1 S M 2-1;\n",
		 "a range of multiplexor values is empty", "S", 3, false},
		{BO SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0M", "8|8@1+", "(1,0)", "[0|0]")
			 SG("T", "m0M", "16|8@1+", "(1,0)", "[0|0]") SG("U", "m0M", "24|8@1+", "(1,0)", "[0|0]")
				 SG("V", "m0", "32|8@1+", "(1,0)",
				    "[0|0]") "SG_MUL_VAL_ 1 T S 0-0;\nSG_MUL_VAL_ 1 U T 0-0;\nSG_MUL_VAL_ 1 V U 0-0;\n",
		 NULL, "", 0, false}, /* four deep */
		{"BO_ 1 A: 8 X\nBO_ 2 B: 9 X\n", "no CAN FD frame has this length", "B", 2, true},
		{"BO_ 1 A: 12 X\nBO_ 2 B: 64 X\nBO_ 3 C: 0 X\n", NULL, "", 0, false},
		{"BO_ 1 A: 65 X\n", "longer than any frame", "A", 1, true},
		{"BO_ 1 A: 65 X\nBA_ \"VFrameFormat\" BO_ 1 3;\n", NULL, "", 0, false},
		{"BO_ 2 A: 8 X\nBO_ 1 B: 8 X\nBO_ 0 A: 8 X\n", "another message has this name", "A", 3, false},
		{"VERSION \"\"\nCM_ \"\xB0\";\nCM_ \"\xB0\";\n", "text that is not UTF-8", "", 2, true},
		{"CM_ \"\xC2\xB0\";", NULL, "", 0, false},
		{"BO_ 5000 A: 99 X\n", NULL, "", 0, false}, /* broken: told by the reader */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check(cases[i].text);
		if (nheard != (cases[i].says ? 1 : 0))
			fail_msg("case %zu: %zu findings, first %s", i, nheard, nheard ? heard[0].why : "none");
		if (nheard && (strncmp(heard[0].why, cases[i].says, strlen(cases[i].says)) != 0 || heard[0].line != cases[i].line ||
			       heard[0].warning != cases[i].warning || strcmp(heard[0].detail, cases[i].at) != 0))
			fail_msg("case %zu: line %u: %s (%s)", i, (unsigned)heard[0].line, heard[0].why, heard[0].detail);
	}
}

static void multiplexors_deeper_than_the_plan_follows_are_told(void **state)
{
	(void)state;
	check(BO SG("A", "M", "0|1@1+", "(1,0)", "[0|0]") SG("B", "m0M", "1|1@1+", "(1,0)", "[0|0]")
		      SG("C", "m0M", "2|1@1+", "(1,0)", "[0|0]") SG("D", "m0M", "3|1@1+", "(1,0)", "[0|0]")
			      SG("E", "m0M", "4|1@1+", "(1,0)", "[0|0]") SG("F", "m0M", "5|1@1+", "(1,0)", "[0|0]")
				      SG("G", "m0", "6|1@1+", "(1,0)",
					 "[0|0]") "SG_MUL_VAL_ 1 C B 0-0;\nSG_MUL_VAL_ 1 D C 0-0;\nSG_MUL_VAL_ 1 E D 0-0;\n"
						  "SG_MUL_VAL_ 1 F E 0-0;\nSG_MUL_VAL_ 1 G F 0-0;\n");
	assert_int_equal(nheard, 2); /* those that hang on five and six of them */
	assert_string_equal(heard[0].detail, "F");
	assert_string_equal(heard[1].detail, "G");
	assert_false(heard[0].warning);
}

static void nested_signals_exclude_each_other_by_what_they_hang_on(void **state)
{
	/* D hangs on C, on B, on A; E and F on A */
	static const char chain[] = BO SG("A", "M", "0|2@1+", "(1,0)", "[0|0]") SG("B", "m0M", "2|2@1+", "(1,0)", "[0|0]")
		SG("C", "m0M", "4|2@1+", "(1,0)", "[0|0]") SG("D", "m0", "8|8@1+", "(1,0)", "[0|0]")
			SG("E", "m1", "8|8@1+", "(1,0)", "[0|0]")
				SG("F", "m0", "8|8@1+", "(1,0)", "[0|0]") "SG_MUL_VAL_ 1 C B 0-0;\nSG_MUL_VAL_ 1 D C 0-0;\n";

	(void)state;
	check(chain);
	assert_int_equal(nheard, 1); /* E is never there with D; F may be */
	assert_string_equal(heard[0].detail, "F");
}

static void what_a_file_holds_is_counted(void **state)
{
	static const char text[] = "BO_ 1 A: 8 X\n" SG("M", "M", "0|8@1+", "(1,0)", "[0|0]") SG("S", "m0", "8|8@1+", "(1,0)", "[0|0]")
		SG("T", "m1", "8|99@1+", "(1,0)",
		   "[0|0]") "BO_ 2 B: 9 X\nBO_ 3 C: 8 X\nBO_ 4 D: 100 X\nBO_ 5000 E: 64 X\n"
			    "BA_ \"VFrameFormat\" BO_ 3 14;\nBA_ \"VFrameFormat\" BO_ 4 3;\nVAL_ 1 S 0 \"a\" ;\n";
	struct tt_dbc_arena a = {.p = memory, .cap = sizeof(memory)};
	struct tt_dbc_census c;
	struct tt_dbc dbc;

	(void)state;
	assert_int_equal(tt_dbc_read(text, sizeof(text) - 1, &a, nobody, NULL, &dbc), TT_OK);
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 4);
	assert_int_equal(c.signals, 2);
	assert_int_equal(c.multiplexed, 1);
	assert_int_equal(c.fd, 2);
	assert_int_equal(c.j1939, 1);
	assert_int_equal(c.value_tables, 1);
}

static void a_long_name_is_cut_to_fit(void **state)
{
	(void)state;
	check("BO_ 1 A123456789012345678901234567890123456789012345678901234567890123456789: 9 X\n");
	assert_int_equal(nheard, 1);
	assert_int_equal(strlen(heard[0].detail), sizeof(heard[0].detail) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_doubt_has_its_line_word_and_severity_and_its_boundary),
		cmocka_unit_test(multiplexors_deeper_than_the_plan_follows_are_told),
		cmocka_unit_test(nested_signals_exclude_each_other_by_what_they_hang_on),
		cmocka_unit_test(what_a_file_holds_is_counted),
		cmocka_unit_test(a_long_name_is_cut_to_fit),
	};

	return cmocka_run_group_tests_name("dbc_check", tests, NULL, NULL);
}
