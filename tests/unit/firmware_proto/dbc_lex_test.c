#include "firmware/proto/dbc_lex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN_MAX 24

struct want {
	enum tt_dbc_token_kind kind;
	const char *text;
	uint32_t line;
};

static void expect_tokens(const char *name, const char *text, size_t len, const struct want *want)
{
	struct tt_dbc_lex l = {.text = text, .len = len, .line = 1};

	for (size_t i = 0;; i++) {
		const struct tt_dbc_token ahead = tt_dbc_lex_peek(&l), t = tt_dbc_lex_next(&l);

		assert_int_equal(ahead.kind, t.kind);
		assert_ptr_equal(ahead.p, t.p);
		if (t.kind != want[i].kind || (want[i].text && (t.n != strlen(want[i].text) || memcmp(t.p, want[i].text, t.n) != 0)) ||
		    t.line != want[i].line)
			fail_msg("%s: token %zu: kind %d, line %u: %.*s", name, i, (int)t.kind, (unsigned)t.line, (int)t.n, t.p);
		if (t.kind == TT_DBC_END || t.kind == TT_DBC_BROKEN)
			return;
	}
}

static void tokens_end_where_they_should(void **state)
{
	static const struct {
		const char *name, *text;
		struct want want[TOKEN_MAX];
	} cases[] = {
		{"nothing", "", {{TT_DBC_END, "", 1}}},
		{"blanks", " \t\r\f\n\n ", {{TT_DBC_END, "", 3}}},
		{"letters",
		 "aAzZ_09 \xC3\xA4\x80 A@ Z[ a` z{ \x7F",
		 {{TT_DBC_WORD, "aAzZ_09", 1},
		  {TT_DBC_WORD, "\xC3\xA4\x80", 1},
		  {TT_DBC_WORD, "A", 1},
		  {TT_DBC_MARK, "@", 1},
		  {TT_DBC_WORD, "Z", 1},
		  {TT_DBC_MARK, "[", 1},
		  {TT_DBC_WORD, "a", 1},
		  {TT_DBC_MARK, "`", 1},
		  {TT_DBC_WORD, "z", 1},
		  {TT_DBC_MARK, "{", 1},
		  {TT_DBC_MARK, "\x7F", 1},
		  {TT_DBC_END, "", 1}}},
		{"first letters",
		 "a z A Z _ \x80 \xFF",
		 {{TT_DBC_WORD, "a", 1},
		  {TT_DBC_WORD, "z", 1},
		  {TT_DBC_WORD, "A", 1},
		  {TT_DBC_WORD, "Z", 1},
		  {TT_DBC_WORD, "_", 1},
		  {TT_DBC_WORD, "\x80", 1},
		  {TT_DBC_WORD, "\xFF", 1},
		  {TT_DBC_END, "", 1}}},
		{"digits",
		 "0 9 / : 0/9:",
		 {{TT_DBC_NUMBER, "0", 1},
		  {TT_DBC_NUMBER, "9", 1},
		  {TT_DBC_MARK, "/", 1},
		  {TT_DBC_MARK, ":", 1},
		  {TT_DBC_NUMBER, "0", 1},
		  {TT_DBC_MARK, "/", 1},
		  {TT_DBC_NUMBER, "9", 1},
		  {TT_DBC_MARK, ":", 1},
		  {TT_DBC_END, "", 1}}},
		{"signs",
		 "-5 +5 -.5 .5 --5 -x + 0-3",
		 {{TT_DBC_NUMBER, "-5", 1},
		  {TT_DBC_NUMBER, "+5", 1},
		  {TT_DBC_NUMBER, "-.5", 1},
		  {TT_DBC_NUMBER, ".5", 1},
		  {TT_DBC_MARK, "-", 1},
		  {TT_DBC_NUMBER, "-5", 1},
		  {TT_DBC_MARK, "-", 1},
		  {TT_DBC_WORD, "x", 1},
		  {TT_DBC_MARK, "+", 1},
		  {TT_DBC_NUMBER, "0", 1},
		  {TT_DBC_NUMBER, "-3", 1},
		  {TT_DBC_END, "", 1}}},
		{"exponents",
		 "1e5 1E-5 1e+5 1e+x 1a+5 1E- 1.5e3,0x1F.",
		 {{TT_DBC_NUMBER, "1e5", 1},
		  {TT_DBC_NUMBER, "1E-5", 1},
		  {TT_DBC_NUMBER, "1e+5", 1},
		  {TT_DBC_NUMBER, "1e", 1},
		  {TT_DBC_MARK, "+", 1},
		  {TT_DBC_WORD, "x", 1},
		  {TT_DBC_NUMBER, "1a", 1},
		  {TT_DBC_NUMBER, "+5", 1},
		  {TT_DBC_NUMBER, "1E", 1},
		  {TT_DBC_MARK, "-", 1},
		  {TT_DBC_NUMBER, "1.5e3", 1},
		  {TT_DBC_MARK, ",", 1},
		  {TT_DBC_NUMBER, "0x1F.", 1},
		  {TT_DBC_END, "", 1}}},
		{"lone points",
		 ". x .. -.",
		 {{TT_DBC_MARK, ".", 1}, {TT_DBC_WORD, "x", 1}, {TT_DBC_NUMBER, "..", 1}, {TT_DBC_NUMBER, "-.", 1}, {TT_DBC_END, "", 1}}},
		{"strings",
		 "\"\" \"a\nb\" x \"q\\\"q\\n\"\ny",
		 {{TT_DBC_STRING, "", 1},
		  {TT_DBC_STRING, "a\nb", 1},
		  {TT_DBC_WORD, "x", 2},
		  {TT_DBC_STRING, "q\\\"q\\n", 2},
		  {TT_DBC_WORD, "y", 3},
		  {TT_DBC_END, "", 3}}},
		{"a string without an end", "x\n\"abc", {{TT_DBC_WORD, "x", 1}, {TT_DBC_BROKEN, "abc", 2}}},
		{"a string that ends in its escape", "\"abc\\\"", {{TT_DBC_BROKEN, "abc\\\"", 1}}},
		{"a string that ends in a backslash", "\"abc\\", {{TT_DBC_BROKEN, "abc\\", 1}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_tokens(cases[i].name, cases[i].text, strlen(cases[i].text), cases[i].want);
	expect_tokens("a NUL is a blank", "a\0b", 3,
		      (const struct want[]){{TT_DBC_WORD, "a", 1}, {TT_DBC_WORD, "b", 1}, {TT_DBC_END, "", 1}});
	/* what stands behind the text does not count */
	expect_tokens("a word cut", "abc", 2, (const struct want[]){{TT_DBC_WORD, "ab", 1}, {TT_DBC_END, "", 1}});
	expect_tokens("a number cut", "-5", 1, (const struct want[]){{TT_DBC_MARK, "-", 1}, {TT_DBC_END, NULL, 1}});
	expect_tokens("an exponent cut", "1e+5", 3,
		      (const struct want[]){{TT_DBC_NUMBER, "1e", 1}, {TT_DBC_MARK, "+", 1}, {TT_DBC_END, NULL, 1}});
	expect_tokens("an escape cut", "\"a\\\"", 3, (const struct want[]){{TT_DBC_BROKEN, "a\\", 1}});
	expect_tokens("a string cut", "\"a\"", 2, (const struct want[]){{TT_DBC_BROKEN, "a", 1}});
}

static void a_token_is_its_text_unless_it_is_a_string(void **state)
{
	const struct tt_dbc_token word = {.kind = TT_DBC_WORD, .p = "BO_x", .n = 3}, string = {.kind = TT_DBC_STRING, .p = "BO_", .n = 3};

	(void)state;
	assert_true(tt_dbc_token_is(&word, "BO_"));
	assert_false(tt_dbc_token_is(&word, "BO_x"));
	assert_false(tt_dbc_token_is(&word, "BO"));
	assert_false(tt_dbc_token_is(&word, "SG_"));
	assert_false(tt_dbc_token_is(&string, "BO_"));
}

/* Numbers that people write are the nearest double; of longer ones the last bits may differ. */
static bool is_value(const struct tt_dbc_number *n, const char *text)
{
	const double want = strtod(text, NULL), off = n->value / want - 1;
	const bool rounded = n->mantissa > 1LL << 53 || n->mantissa < -(1LL << 53);

	return n->value == want || (rounded && off > -1e-15 && off < 1e-15);
}

static void numbers_are_read_to_the_last_digit(void **state)
{
	static const struct {
		const char *text;
		int64_t mantissa;
		int exponent;
		bool exact;
	} cases[] = {
		{"0", 0, 0, true},
		{"-0", 0, 0, true},
		{"0.000", 0, 0, true},
		{"0e5", 0, 0, true},
		{"5", 5, 0, true},
		{"+5", 5, 0, true},
		{"-5", -5, 0, true},
		{"109", 109, 0, true},
		{"1.", 1, 0, true},
		{".5", 5, -1, true},
		{"-.25", -25, -2, true},
		{"100", 100, 0, true},
		{"1.500", 15, -1, true},
		{"10.00", 10, 0, true}, /* zeros go as far as the point */
		{"1.01", 101, -2, true},
		{"1e3", 1, 3, true},
		{"1E-3", 1, -3, true},
		{"1e+3", 1, 3, true},
		{"12.5e-1", 125, -2, true},
		{"1.50e1", 15, 0, true},
		{"9223372036854775789", INT64_C(9223372036854775789), 0, true},
		{"-9223372036854775789", -INT64_C(9223372036854775789), 0, true},
		{"9223372036854775790", INT64_C(922337203685477579), 1, true},
		{"9223372036854775791", INT64_C(922337203685477579), 1, false},
		{"9223372036854775791.00", INT64_C(922337203685477579), 1, false},
		{"0.9223372036854775789", INT64_C(9223372036854775789), -19, true},
		{"0.9223372036854775791", INT64_C(922337203685477579), -18, false},
		{"9223372036854775790.0", INT64_C(922337203685477579), 1, true},
		{"1e22", 1, 22, true},
		{"1e-22", 1, -22, true},
		{"9007199254740991e22", INT64_C(9007199254740991), 22, true},
		{"9007199254740991e-22", INT64_C(9007199254740991), -22, true},
		{"1e399", 1, 399, true},
		{"1e3999", 1, 3999, true}, /* no further: */
		{"1e4000", 1, 400, true},
		{"1e39991", 1, 3999, true},
		{"1e-3999", 1, -3999, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *s = cases[i].text;
		struct tt_dbc_number n = {.value = -1};

		assert_int_equal(tt_dbc_number_parse(s, strlen(s), &n), TT_OK);
		if (n.mantissa != cases[i].mantissa || n.exponent != cases[i].exponent || n.exact != cases[i].exact || !is_value(&n, s))
			fail_msg("%s: %lld e %d, %d, %.17g", s, (long long)n.mantissa, n.exponent, n.exact, n.value);
	}
}

static void numbers_beyond_the_exact_powers_are_near(void **state)
{
	static const char *const texts[] = {"1e23", "1e-23", "1e44", "1e45", "3.7e-45", "123456789e100", "1.5e-300", "-2e300"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const double want = strtod(texts[i], NULL);
		struct tt_dbc_number n;
		double off;

		assert_int_equal(tt_dbc_number_parse(texts[i], strlen(texts[i]), &n), TT_OK);
		off = n.value / want - 1;
		if (off < -1e-14 || off > 1e-14)
			fail_msg("%s: %.17g", texts[i], n.value);
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const texts[] = {"",    "-",    "+",    ".",     "-.",   "x",  "e5",   "1e",    "1e+",
					    "1e-", "1ex",  "1e5x", "1e+-5", "1e5.", "1x", "1..2", "1.2.3", "--1",
					    "+-1", "0x1F", "1-2",  "1 ",    "1:",   "1/", "1e:",  "1e/"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tt_dbc_number n = {.value = 7};

		if (tt_dbc_number_parse(texts[i], strlen(texts[i]), &n) != TT_EINVAL || n.value != 7)
			fail_msg("'%s' was taken: %g", texts[i], n.value);
	}
	/* only the text counts */
	struct tt_dbc_number n;

	assert_int_equal(tt_dbc_number_parse("-5", 1, &n), TT_EINVAL);
	assert_int_equal(tt_dbc_number_parse("1e5", 2, &n), TT_EINVAL);
	assert_int_equal(tt_dbc_number_parse("1e-5", 2, &n), TT_EINVAL);
	assert_int_equal(tt_dbc_number_parse("5", 0, &n), TT_EINVAL);
	assert_int_equal(tt_dbc_number_parse("12", 1, &n), TT_OK);
	assert_int_equal(n.mantissa, 1);
	assert_int_equal(tt_dbc_number_parse("1ex", 1, &n), TT_OK);
}

static void numbers_of_hundreds_of_digits_have_a_limit(void **state)
{
	static char text[512];
	struct tt_dbc_number n;

	(void)state;
	/* 10^18 is held, and 400 zeros more are counted */
	memset(text, '0', sizeof(text));
	text[0] = '1';
	assert_int_equal(tt_dbc_number_parse(text, 1 + 18 + 400, &n), TT_OK);
	assert_int_equal(n.exponent, 400);
	assert_true(n.mantissa == INT64_C(1000000000000000000));
	assert_int_equal(tt_dbc_number_parse(text, 1 + 18 + 401, &n), TT_EINVAL);
	memcpy(text, "0.", 2);
	assert_int_equal(tt_dbc_number_parse(text, 2 + 400, &n), TT_OK);
	assert_int_equal(n.exponent, 0);
	assert_int_equal(tt_dbc_number_parse(text, 2 + 401, &n), TT_EINVAL);
}

static void powers_of_ten_are_exact(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= 22; i++) {
		char text[8];

		snprintf(text, sizeof(text), "1e%u", i);
		assert_true(tt_dbc_pow10(i) == strtod(text, NULL));
	}
}

static _Alignas(16) uint8_t memory[4096];

static void memory_comes_aligned_zeroed_and_to_the_last_byte(void **state)
{
	static const struct {
		size_t offset, cap, used, n, size, at, then; /* at == 0: refused */
	} cases[] = {
		{0, 64, 1, 1, 8, 16, 24},
		{0, 24, 1, 1, 8, 16, 24},
		{0, 23, 1, 1, 8, 0, 1},
		{0, 16, 1, 1, 8, 0, 1},
		{0, 15, 1, 1, 8, 0, 1},
		{0, 16, 1, 0, 8, 16, 16},
		{0, 15, 1, 0, 8, 0, 1},
		{0, 64, 16, 3, 16, 16, 64},
		{0, 64, 16, 4, 16, 0, 16},
		{3, 32, 0, 1, 16, 16, 29},
		{3, 28, 0, 1, 16, 0, 0},
		{3, 29, 0, 1, 16, 16, 29},
		{0, 64, 17, 2, 16, 32, 64},
		{0, 64, 16, SIZE_MAX / 8, 16, 0, 16},
		{0, 64, 16, SIZE_MAX / 16 + 2, 16, 0, 16},
	};

	(void)state;
	if (_Alignof(max_align_t) != 16)
		skip(); /* the numbers are those of 64-bit machines */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_dbc_arena a = {.p = memory + cases[i].offset, .cap = cases[i].cap, .used = cases[i].used};
		const uint8_t *p;

		memset(memory, 0xAA, sizeof(memory));
		p = tt_dbc_alloc(&a, cases[i].n, cases[i].size);
		if ((p ? (size_t)(p - memory) : 0) != cases[i].at || a.used != cases[i].then)
			fail_msg("case %zu: at %zd, used %zu", i, p ? p - memory : -1, a.used);
		for (size_t k = 0; p && k < cases[i].n * cases[i].size; k++)
			assert_int_equal(p[k], 0);
		if (p)
			assert_int_equal(p[cases[i].n * cases[i].size], 0xAA);
	}
}

static void texts_come_out_as_utf8(void **state)
{
	static const char *const high[32] = {"€", "\uFFFD", "‚",      "ƒ", "„",      "…",      "†", "‡",      "ˆ", "‰", "Š",
					     "‹", "Œ",      "\uFFFD", "Ž", "\uFFFD", "\uFFFD", "‘", "’",      "“", "”", "•",
					     "–", "—",      "˜",      "™", "š",      "›",      "œ", "\uFFFD", "ž", "Ÿ"};

	(void)state;
	for (unsigned c = 0x80; c <= 0xFF; c++) {
		const char text[2] = {'x', (char)c}, latin[3] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F)), '\0'};
		struct tt_dbc_arena a = {.p = memory, .cap = sizeof(memory)};
		const char *got = tt_dbc_text(&a, text, 2);

		assert_non_null(got);
		assert_int_equal(got[0], 'x');
		assert_string_equal(got + 1, c < 0xA0 ? high[c - 0x80] : latin);
		assert_int_equal(a.used, strlen(got) + 1);
	}
}

static void texts_lose_their_escapes_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *want;
		size_t cap; /* the least that is enough */
	} cases[] = {
		{"", "", 1},
		{"abc", "abc", 4},
		{"a\\\"b", "a\"b", 4},
		{"a\\", "a\\", 3},
		{"a\\nb", "a\\nb", 5},
		{"\xC3\xA4", "\xC3\xA4", 3},
		{"\\\"", "\"", 2},
		{"\x7F~", "\x7F~", 3},
		{"\x80", "€", 4},
		{"\xE4", "\xC3\xA4", 4}, /* as if it took three bytes */
		{"a\xE4", "a\xC3\xA4", 5},
		{"\xE4z\x7F", "\xC3\xA4z\x7F", 7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_dbc_arena a = {.p = memory, .cap = 5 + cases[i].cap, .used = 5};
		const char *got;

		memset(memory, 0xAA, sizeof(memory));
		got = tt_dbc_text(&a, cases[i].text, strlen(cases[i].text));
		assert_ptr_equal(got, memory + 5);
		assert_string_equal(got, cases[i].want);
		assert_int_equal(a.used, 5 + strlen(got) + 1);
		a = (struct tt_dbc_arena){.p = memory, .cap = 5 + cases[i].cap - 1, .used = 5};
		assert_null(tt_dbc_text(&a, cases[i].text, strlen(cases[i].text)));
		assert_int_equal(a.used, 5);
		assert_int_equal(memory[5 + cases[i].cap], 0xAA);
	}
	/* a backslash before what stands behind the text is no escape */
	struct tt_dbc_arena a = {.p = memory, .cap = 64};

	assert_string_equal(tt_dbc_text(&a, "a\\\"", 2), "a\\");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_end_where_they_should),
		cmocka_unit_test(a_token_is_its_text_unless_it_is_a_string),
		cmocka_unit_test(numbers_are_read_to_the_last_digit),
		cmocka_unit_test(numbers_beyond_the_exact_powers_are_near),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(numbers_of_hundreds_of_digits_have_a_limit),
		cmocka_unit_test(powers_of_ten_are_exact),
		cmocka_unit_test(memory_comes_aligned_zeroed_and_to_the_last_byte),
		cmocka_unit_test(texts_come_out_as_utf8),
		cmocka_unit_test(texts_lose_their_escapes_and_nothing_else),
	};

	return cmocka_run_group_tests_name("dbc_lex", tests, NULL, NULL);
}
