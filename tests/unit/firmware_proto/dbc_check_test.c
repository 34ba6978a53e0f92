#include "firmware/proto/dbc_check.h"

#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))
#define FAULT(line_, at, why_) \
	{ \
		.why = (why_), .line = (line_), .detail = at \
	}
#define DOUBT(line_, at, why_) \
	{ \
		.why = (why_), .line = (line_), .detail = at, .warning = true \
	}
#define NOTHING \
	{ \
		.why = NULL \
	}

#define M8 BO SG("M", "M", "0|8@1+")
#define VAL(pairs) "VAL_ 1 S " pairs " ;\n"

/* A text, and the one thing that is told of it; why is how the words begin. */
struct finding {
	const char *text;
	struct tt_dbc_fault told;
};

/* What the reader tells is not heard: it is not the check's. */
static void check(const char *text)
{
	read_text(text);
	nheard = 0;
	tt_dbc_check(&dbc, text, strlen(text), hear, NULL);
}

static void expect(const char *text, const struct tt_dbc_fault *want)
{
	const struct tt_dbc_fault *got = &heard[0];

	check(text);
	if (nheard != (want->why ? 1 : 0))
		fail_msg("%zu findings, first %s: in %s", nheard, nheard ? got->why : "none", text);
	if (want->why && (strncmp(got->why, want->why, strlen(want->why)) != 0 || got->line != want->line ||
			  got->warning != want->warning || strcmp(got->detail, want->detail) != 0))
		fail_msg("line %u: %s (%s): in %s", (unsigned)got->line, got->why, got->detail, text);
}

static void expect_each(const struct finding *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(cases[i].text, &cases[i].told);
}

static void a_range_may_go_one_step_beyond_the_bits(void **state)
{
	static const struct tt_dbc_fault beyond = DOUBT(2, "S", "the range goes beyond"), nothing = NOTHING;
	static const struct {
		const char *sign, *scaling, *range;
		bool beyond;
	} cases[] = {
		{"+", "(1,0)", "[0|256]", false}, /* one step more is rounding */
		{"+", "(1,0)", "[0|257]", true},      {"+", "(1,0)", "[-1|255]", false},     {"+", "(1,0)", "[-2|255]", true},
		{"+", "(1,0)", "[5|5]", false},       {"-", "(1,0)", "[-129|128]", false},   {"-", "(1,0)", "[-130|0]", true},
		{"-", "(1,0)", "[0|129]", true},      {"-", "(2,0)", "[-258|256]", false},   {"-", "(2,0)", "[-259|0]", true},
		{"-", "(2,0)", "[0|257]", true},      {"+", "(0.5,0)", "[-0.5|128]", false}, {"+", "(0.5,0)", "[-0.75|128]", true},
		{"+", "(0.5,0)", "[0|128.25]", true}, {"+", "(1,10)", "[9|266]", false},     {"+", "(1,10)", "[8|266]", true},
		{"+", "(1,10)", "[9|267]", true},     {"+", "(-2,10)", "[-500|10]", false},  {"+", "(-2,10)", "[-500|13]", true},
		{"+", "(-2,10)", "[-502|12]", false}, /* downwards, the largest raw value is the least */
		{"+", "(-2,10)", "[-503|12]", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[128];

		snprintf(text, sizeof(text), BO " SG_ S : 0|8@1%s %s %s \"\" X\n", cases[i].sign, cases[i].scaling, cases[i].range);
		expect(text, cases[i].beyond ? &beyond : &nothing);
	}
}

static void scales_sizes_and_texts_of_a_signal_are_judged(void **state)
{
	static const struct finding cases[] = {
		{BO SG_OF("S", "", "0|8@1+", "(1,0)", "[6|5]"), FAULT(2, "S", "the minimum is above")},
		{BO SG_OF("S", "", "0|8@1+", "(0,5)", "[0|0]"), FAULT(2, "S", "the scale is 0")},
		{BO SG("S", "", "0|53@1+"), NOTHING},
		{BO SG("S", "", "0|54@1+"), DOUBT(2, "S", "more than 53 bits")},
		{BO SG_OF("S", "", "0|64@1+", "(1,0)", "[0|18446744073709551615]") VAL("9223372036854775807 \"most\""),
		 DOUBT(2, "S", "more than 53 bits")},
		{BO SG("S", "", "0|64@1-") "SIG_VALTYPE_ 1 S : 2;\n", NOTHING},
		{BO SG_OF("S", "", "0|32@1-", "(1,0)", "[-1E30|1E30]") "SIG_VALTYPE_ 1 S : 1;\n", NOTHING},
		{BO SG("S", "", "0|2@1+") VAL("3 \"most\""), NOTHING},
		{BO SG("S", "", "0|2@1+") VAL("4 \"more\""), DOUBT(2, "S", "VAL_ names a value")},
		{BO SG("S", "", "0|2@1-") VAL("-2 \"least\""), NOTHING},
		{BO SG("S", "", "0|2@1-") VAL("-3 \"less\""), DOUBT(2, "S", "VAL_ names a value")},
		{BO SG("S", "", "0|2@1+") VAL("0 \"a\" 1 \"b\" 2 \"c\""), NOTHING},
		{BO SG("S", "", "0|2@1+") VAL("1 \"a\" 2 \"b\" 1 \"c\""), DOUBT(2, "S", "VAL_ has two texts")},
		{BO SG("S", "", "0|2@1+") VAL("0 \"a\" 2 \"b\" 2 \"c\""), DOUBT(2, "S", "VAL_ has two texts")},
		{BO SG("S", "", "0|99@1+") SG_OF("T", "", "0|8@1+", "(0,0)", "[0|0]"), FAULT(3, "T", "the scale is 0")},
		{BO S8 SG_OF("T", "", "0|99@1+", "(0,0)", "[5|1]"), NOTHING}, /* broken: told by the reader */
	};

	(void)state;
	expect_each(cases, COUNT(cases));
}

static void two_signals_share_bits_or_stand_side_by_side(void **state)
{
	static const struct tt_dbc_fault shares = DOUBT(3, "T", "shares bits"), nothing = NOTHING;
	static const struct {
		const char *s, *t;
		bool share;
	} cases[] = {
		{"0|8@1+", "8|8@1+", false},
		{"8|8@1+", "0|8@1+", false},
		{"32|8@1+", "0|8@1+", false},
		{"0|8@1+", "7|1@1+", true},
		{"7|1@1+", "0|8@1+", true},
		{"0|8@1+", "0|8@1+", true},
		{"0|9@1+", "9|8@1+", false},
		{"0|9@1+", "8|8@1+", true},
		{"8|8@1+", "0|9@1+", true},
		{"0|24@1+", "9|2@1+", true}, /* one inside the other */
		{"9|2@1+", "0|24@1+", true},
		/* big-endian ones end at the lower bits of their last byte: 3|8@0 has bits 3 to 0 and 15 to 12 */
		{"3|8@0+", "4|4@1+", false},
		{"3|8@0+", "3|1@1+", true},
		{"3|8@0+", "0|1@1+", true},
		{"3|8@0+", "12|4@1+", true},
		{"3|8@0+", "8|4@1+", false},
		{"4|4@1+", "3|8@0+", false},
		{"3|1@1+", "3|8@0+", true},
		{"12|1@1+", "3|8@0+", true},
		{"11|1@1+", "3|8@0+", false},
		{"7|16@0+", "8|1@1+", true},
		{"6|16@0+", "22|7@0+", false},
		{"6|16@0+", "23|1@0+", true},
		{"23|1@0+", "6|16@0+", true},
		{"48|8@0+", "48|1@1+", true}, /* bit 48 and 63 to 57 */
		{"48|8@0+", "49|7@1+", false},
		{"48|8@0+", "57|7@1+", true},
		{"48|8@0+", "56|1@1+", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[128];

		snprintf(text, sizeof(text), BO " SG_ S : %s (1,0) [0|0] \"\" X\n SG_ T : %s (1,0) [0|0] \"\" X\n", cases[i].s, cases[i].t);
		expect(text, cases[i].share ? &shares : &nothing);
	}
}

/* S and T in one place, each there with values of M. */
static void signals_of_different_selector_values_may_share_bits(void **state)
{
	static const struct tt_dbc_fault shares = DOUBT(4, "T", "shares bits"), nothing = NOTHING;
	static const struct {
		const char *s, *t;
		bool share;
	} cases[] = {
		{"0-0", "1-1", false},           {"0-0", "0-0", true},           {"0-2", "3-5", false},
		{"3-5", "0-2", false},           {"0-3", "3-5", true},           {"3-5", "0-3", true},
		{"9-9, 0-0", "5-5, 7-8", false}, {"9-9, 0-0", "5-5, 0-0", true}, {"0-0, 9-9", "9-9, 5-5", true},
	};
	static const char fields[] = M8 SG("S", "m0", "8|8@1+") SG("T", "m1", "8|8@1+");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%sSG_MUL_VAL_ 1 S M %s;\nSG_MUL_VAL_ 1 T M %s;\n", fields, cases[i].s, cases[i].t);
		expect(text, cases[i].share ? &shares : &nothing);
	}
}

static void multiplexors_are_judged(void **state)
{
	static const struct finding cases[] = {
		{M8 SG("S", "m0", "8|8@1+") SG("T", "m1", "8|8@1+"), NOTHING},
		{M8 SG("S", "m0", "8|8@1+") SG("T", "m0", "8|8@1+"), DOUBT(4, "T", "shares bits")},
		/* U stands beside S, above T */
		{M8 SG("S", "m0M", "8|8@1+") SG("T", "m1", "16|8@1+") SG("U", "m2", "16|8@1+") MUL_VAL("T", "S", "1-1"), NOTHING},
		{BO SG("M", "M", "0|2@1+") SG("S", "m3", "8|8@1+"), NOTHING},
		{BO SG("M", "M", "0|2@1+") SG("S", "m4", "8|8@1+"), DOUBT(3, "S", "waits for a value")},
		{BO SG("M", "M", "0|2@1+") SG("S", "m0", "8|8@1+") MUL_VAL("S", "M", "0-0, 4-4"), DOUBT(3, "S", "waits for a value")},
		{M8 SG("S", "m0", "8|8@1+") MUL_VAL("S", "M", "2-1"), FAULT(3, "S", "a range of multiplexor values is empty")},
		{M8 SG("S", "m0", "8|8@1+") MUL_VAL("S", "M", "0-1, 2-1"), FAULT(3, "S", "a range of multiplexor values is empty")},
		{M8 SG("S", "m0", "8|8@1+") MUL_VAL("S", "M", "1-1, 3-3"), NOTHING},
		/* four deep */
		{M8 SG("S", "m0M", "8|8@1+") SG("T", "m0M", "16|8@1+") SG("U", "m0M", "24|8@1+") SG("V", "m0", "32|8@1+")
			 MUL_VAL("T", "S", "0-0") MUL_VAL("U", "T", "0-0") MUL_VAL("V", "U", "0-0"),
		 NOTHING},
	};

	(void)state;
	expect_each(cases, COUNT(cases));
}

static void messages_are_judged(void **state)
{
	static const struct finding cases[] = {
		{"BO_ 1 A: 8 X\nBO_ 2 B: 9 X\n", DOUBT(2, "B", "no CAN FD frame has this length")},
		{"BO_ 1 A: 12 X\nBO_ 2 B: 64 X\nBO_ 3 C: 0 X\n", NOTHING},
		{"BO_ 1 A: 65 X\n", DOUBT(1, "A", "longer than any frame")},
		{"BO_ 1 A: 65 X\nBA_ \"VFrameFormat\" BO_ 1 3;\n", NOTHING},
		{"BO_ 2 A: 8 X\nBO_ 1 B: 8 X\nBO_ 0 A: 8 X\n", FAULT(3, "A", "another message has this name")},
		{"BO_ 0 A: 8 X\nBO_ 1 A: 8 X\n", FAULT(2, "A", "another message has this name")},
		{"BO_ 1 B: 8 X\nBO_ 2 A: 8 X\n", NOTHING},
		{"BO_ 5000 A: 99 X\n", NOTHING}, /* broken: told by the reader */
	};

	(void)state;
	expect_each(cases, COUNT(cases));
}

/* ISO 11898-1: 0 to 8 bytes, and seven lengths of CAN FD. */
static void lengths_that_no_frame_has_are_told(void **state)
{
	static const char lengths[] = " 0 1 2 3 4 5 6 7 8 12 16 20 24 32 48 64 ";
	static const struct tt_dbc_fault none = DOUBT(1, "A", "no CAN FD frame has this length"), nothing = NOTHING;

	(void)state;
	for (unsigned n = 0; n <= 64; n++) {
		char text[32], length[8];

		snprintf(length, sizeof(length), " %u ", n);
		snprintf(text, sizeof(text), "BO_ 1 A: %u X\n", n);
		expect(text, strstr(lengths, length) ? &nothing : &none);
	}
}

static void the_first_line_that_is_not_utf8_is_told(void **state)
{
	static const struct finding cases[] = {
		{"VERSION \"\"\nCM_ \"\xB0\";\nCM_ \"\xB0\";\n", DOUBT(2, "", "text that is not UTF-8")},
		{"\xB0", DOUBT(1, "", "text that is not UTF-8")},
		{"\xB0\n", DOUBT(1, "", "text that is not UTF-8")},
		{"\n\xB0", DOUBT(2, "", "text that is not UTF-8")},
		{"\n\n\n\xB0", DOUBT(4, "", "text that is not UTF-8")},
		{"CM_ \"\xC2\xB0\";", NOTHING},
		{"CM_ \"\xC2\n\xB0\";", DOUBT(1, "", "text that is not UTF-8")},
		{"", NOTHING},
	};

	(void)state;
	expect_each(cases, COUNT(cases));
	/* what stands behind the text does not count */
	nheard = 0;
	tt_dbc_check(&dbc, "\n\xB0", 1, hear, NULL);
	assert_int_equal(nheard, 0);
}

static void only_the_database_s_messages_are_judged(void **state)
{
	(void)state;
	check("BO_ 1 A: 8 X\nBO_ 2 B: 9 X\n");
	assert_int_equal(nheard, 1);
	nheard = 0;
	dbc.nmessages = 1;
	tt_dbc_check(&dbc, "", 0, hear, NULL);
	assert_int_equal(nheard, 0);
}

/* Each on the one before: E is as deep as the plan follows. */
#define CHAIN SG("A", "M", "0|1@1+") SG("B", "m0M", "1|1@1+") SG("C", "m0M", "2|1@1+") SG("D", "m0M", "3|1@1+") SG("E", "m0M", "4|1@1+")
#define CHAIN_VALUES MUL_VAL("C", "B", "0-0") MUL_VAL("D", "C", "0-0") MUL_VAL("E", "D", "0-0")

static void multiplexors_deeper_than_the_plan_follows_are_told(void **state)
{
	(void)state;
	check(BO CHAIN SG("F", "m0M", "5|1@1+") SG("G", "m0", "6|1@1+") CHAIN_VALUES MUL_VAL("F", "E", "0-0") MUL_VAL("G", "F", "0-0"));
	assert_int_equal(nheard, 2); /* those that hang on five and six of them */
	assert_string_equal(heard[0].detail, "F");
	assert_string_equal(heard[1].detail, "G");
	assert_false(heard[0].warning);
	/* in a circle, with what hangs on it */
	check(BO SG("A", "M", "0|8@1+") SG("B", "m0M", "8|8@1+") SG("C", "m0M", "16|8@1+") SG("D", "m0", "24|8@1+") MUL_VAL("B", "C", "0-0")
		      MUL_VAL("C", "B", "0-0") MUL_VAL("D", "C", "0-0"));
	assert_int_equal(nheard, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(heard[i].detail[0], 'B' + (int)i);
		assert_non_null(strstr(heard[i].why, "circle"));
	}
}

static void signals_that_are_never_there_share_no_bits(void **state)
{
	static const struct {
		const char *text;
		size_t told; /* of other things */
	} cases[] = {
		/* broken when their type was read */
		{BO S8 SG("T", "", "0|8@1+") LINE("SIG_VALTYPE_ 1 S : 1;"), 0},
		{BO S8 SG("T", "", "0|8@1+") LINE("SIG_VALTYPE_ 1 T : 1;"), 0},
		/* F, too deep, in the bits of A; below it and above it */
		{BO CHAIN SG("F", "m0", "0|1@1+") CHAIN_VALUES MUL_VAL("F", "E", "0-0"), 1},
		{BO SG("F", "m0", "0|1@1+") CHAIN CHAIN_VALUES MUL_VAL("F", "E", "0-0"), 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(cases[i].text);
		assert_int_equal(nheard, cases[i].told);
		assert_true(nheard == 0 || strstr(heard[0].why, "circle"));
	}
}

static void nested_signals_exclude_each_other_by_what_they_hang_on(void **state)
{
	(void)state;
	/* D hangs on C, on B, on A; E and F on A */
	check(BO SG("A", "M", "0|2@1+") SG("B", "m0M", "2|2@1+") SG("C", "m0M", "4|2@1+") SG("D", "m0", "8|8@1+") SG("E", "m1", "8|8@1+")
		      SG("F", "m0", "8|8@1+") MUL_VAL("C", "B", "0-0") MUL_VAL("D", "C", "0-0"));
	assert_int_equal(nheard, 1); /* E is never there with D; F may be */
	assert_string_equal(heard[0].detail, "F");
}

/* Two chains of as many multiplexors as the plan follows, of which the highest say different things. */
static void chains_exclude_each_other_by_their_highest_selector(void **state)
{
	static const char chains[] = BO SG("A", "M", "0|1@1+") SG("B", "m0M", "1|1@1+") SG("C", "m0M", "2|1@1+") SG("D", "m0M", "3|1@1+")
		SG("E", "m0", "8|8@1+") SG("Q", "m1M", "4|1@1+") SG("R", "m0M", "5|1@1+") SG("S", "m0M", "6|1@1+") SG("T", "m0", "8|8@1+")
			MUL_VAL("C", "B", "0-0") MUL_VAL("D", "C", "0-0") MUL_VAL("E", "D", "0-0") MUL_VAL("R", "Q", "0-0")
				MUL_VAL("S", "R", "0-0") MUL_VAL("T", "S", "0-0");
	char text[sizeof(chains)];

	(void)state;
	check(chains);
	assert_int_equal(nheard, 0);
	/* Q there with the same as B: E and T come together */
	memcpy(text, chains, sizeof(text));
	memcpy(strstr(text, "m1M"), "m0M", 3);
	check(text);
	assert_int_equal(nheard, 1);
	assert_string_equal(heard[0].detail, "T");
}

static void what_a_file_holds_is_counted(void **state)
{
	struct tt_dbc_census c;

	(void)state;
	read_text(M8 SG("S", "m0", "8|8@1+") SG("T", "m1", "8|99@1+") "BO_ 2 B: 9 X\nBO_ 3 C: 8 X\nBO_ 4 D: 100 X\nBO_ 5000 E: 64 X\n"
								      "BA_ \"VFrameFormat\" BO_ 3 14;\nBA_ \"VFrameFormat\" BO_ 4 3;\n"
								      "VAL_ 1 S 0 \"a\" ;\n");
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 4);
	assert_int_equal(c.signals, 2);
	assert_int_equal(c.multiplexed, 1);
	assert_int_equal(c.fd, 2);
	assert_int_equal(c.j1939, 1);
	assert_int_equal(c.value_tables, 1);
}

static void the_census_leaves_out_what_is_broken(void **state)
{
	struct tt_dbc_census c;

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 6);
	assert_int_equal(c.signals, 17);
	assert_int_equal(c.multiplexed, 3);
	assert_int_equal(c.fd, 2);
	assert_int_equal(c.j1939, 0);
	assert_int_equal(c.value_tables, 1);
	dbc.messages[0].broken = "";
	dbc.messages[1].signals[0].broken = "";
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 5);
	assert_int_equal(c.signals, 12);
}

static void a_long_name_is_cut_to_fit(void **state)
{
	static const char name[] = "A123456789012345678901234567890123456789012345678901234567890123456789";
	const size_t room = sizeof(heard[0].detail) - 1;

	(void)state;
	for (size_t n = room - 1; n < sizeof(name); n++) {
		char text[128];

		snprintf(text, sizeof(text), "BO_ 1 %.*s: 9 X\n", (int)n, name);
		check(text);
		assert_int_equal(nheard, 1);
		assert_int_equal(strlen(heard[0].detail), n < room ? n : room);
		assert_memory_equal(heard[0].detail, name, strlen(heard[0].detail));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_may_go_one_step_beyond_the_bits),
		cmocka_unit_test(scales_sizes_and_texts_of_a_signal_are_judged),
		cmocka_unit_test(two_signals_share_bits_or_stand_side_by_side),
		cmocka_unit_test(signals_of_different_selector_values_may_share_bits),
		cmocka_unit_test(multiplexors_are_judged),
		cmocka_unit_test(messages_are_judged),
		cmocka_unit_test(lengths_that_no_frame_has_are_told),
		cmocka_unit_test(the_first_line_that_is_not_utf8_is_told),
		cmocka_unit_test(only_the_database_s_messages_are_judged),
		cmocka_unit_test(multiplexors_deeper_than_the_plan_follows_are_told),
		cmocka_unit_test(signals_that_are_never_there_share_no_bits),
		cmocka_unit_test(nested_signals_exclude_each_other_by_what_they_hang_on),
		cmocka_unit_test(chains_exclude_each_other_by_their_highest_selector),
		cmocka_unit_test(what_a_file_holds_is_counted),
		cmocka_unit_test(the_census_leaves_out_what_is_broken),
		cmocka_unit_test(a_long_name_is_cut_to_fit),
	};

	return cmocka_run_group_tests_name("dbc_check", tests, NULL, NULL);
}
