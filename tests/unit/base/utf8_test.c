#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void utf8_is_checked_by_the_table_of_the_standard(void **state)
{
	static const char *const good[] = {"", "abc", "\xC3\xA9", "\xE5\xBC\xA0\xE4\xBC\x9F", "\xF0\x9F\x9A\x97", "\xEF\xBF\xBD"};
	static const char *const bad[] = {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE5\xBC", "\x80", "\xD5\xC5\xCE\xB0"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(tt_utf8_valid(good[i], strlen(good[i])));
		assert_true(tt_utf8_printable(good[i], strlen(good[i])));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(tt_utf8_valid(bad[i], strlen(bad[i])));
		assert_false(tt_utf8_printable(bad[i], strlen(bad[i])));
	}
}

static void control_characters_are_valid_and_not_printable(void **state)
{
	static const char *const control[] = {"a\tb", "\x1F", "\x7F", "\xC2\x80", "\xC2\x85", "\xC2\x9F"};

	(void)state;
	for (size_t i = 0; i < sizeof(control) / sizeof(control[0]); i++) {
		assert_true(tt_utf8_valid(control[i], strlen(control[i])));
		assert_false(tt_utf8_printable(control[i], strlen(control[i])));
	}
	assert_true(tt_utf8_valid("a\0b", 3));
	assert_false(tt_utf8_printable("a\0b", 3));
	assert_true(tt_utf8_printable("\xC2\xA0", 2));
}

/* Table 3-7 of the Unicode Standard, written here again from the table. */
static size_t table_3_7(const unsigned char b[4])
{
	static const struct {
		unsigned char lo, hi, second_lo, second_hi;
		size_t len;
	} rows[] = {
		{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
		{0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
		{0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (b[0] < rows[i].lo || b[0] > rows[i].hi)
			continue;
		for (size_t k = 1; k < rows[i].len; k++)
			if (k == 1 ? b[1] < rows[i].second_lo || b[1] > rows[i].second_hi : b[k] < 0x80 || b[k] > 0xBF)
				return 0;
		return rows[i].len;
	}
	return 0;
}

/* Every first and second byte, with last bytes at the edges of what may continue. */
static void every_beginning_agrees_with_the_table(void **state)
{
	static const unsigned char last[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};

	(void)state;
	for (unsigned i = 0; i < 0x10000 * sizeof(last) * sizeof(last); i++) {
		const unsigned pair = i / (unsigned)(sizeof(last) * sizeof(last));
		const unsigned char b[4] = {(unsigned char)(pair >> 8), (unsigned char)pair, last[i / sizeof(last) % sizeof(last)],
					    last[i % sizeof(last)]};
		const size_t want = table_3_7(b);
		uint32_t rune;

		for (size_t n = 0; n <= sizeof(b); n++)
			if (tt_utf8_next((const char *)b, n, &rune) != (n >= want ? want : 0))
				fail_msg("%02x %02x %02x %02x in %zu bytes", b[0], b[1], b[2], b[3], n);
	}
}

static void the_code_point_comes_out(void **state)
{
	static const struct {
		const char *text;
		uint32_t rune;
	} cases[] = {{"A", 'A'},
		     {"\xC2\x80", 0x80},
		     {"\xDF\xBF", 0x7FF},
		     {"\xE0\xA0\x80", 0x800},
		     {"\xEF\xBF\xBF", 0xFFFF},
		     {"\xF0\x90\x80\x80", 0x10000},
		     {"\xF4\x8F\xBF\xBF", 0x10FFFF}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t rune = 0;

		assert_int_equal(tt_utf8_next(cases[i].text, strlen(cases[i].text), &rune), strlen(cases[i].text));
		assert_int_equal(rune, cases[i].rune);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_checked_by_the_table_of_the_standard),
		cmocka_unit_test(control_characters_are_valid_and_not_printable),
		cmocka_unit_test(every_beginning_agrees_with_the_table),
		cmocka_unit_test(the_code_point_comes_out),
	};

	return cmocka_run_group_tests_name("base utf8", tests, NULL, NULL);
}
