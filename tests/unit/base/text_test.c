#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void numbers_are_written_as_people_write_them(void **state)
{
	char buf[64];
	struct tt_text t = tt_text_init(buf, sizeof(buf));

	(void)state;
	tt_text_i64(&t, INT64_MIN);
	tt_text_char(&t, ' ');
	tt_text_fixed(&t, -12345, 3);
	tt_text_char(&t, ' ');
	tt_text_fixed(&t, -5, 2);
	tt_text_char(&t, ' ');
	tt_text_hex(&t, 0x7E8, 4);
	assert_string_equal(buf, "-9223372036854775808 -12.345 -0.05 07E8");
	assert_false(t.cut);
}

static void a_piece_that_does_not_fit_is_left_out_whole(void **state)
{
	char buf[8];
	struct tt_text t = tt_text_init(buf, sizeof(buf));

	(void)state;
	tt_text_str(&t, "abcd");
	tt_text_str(&t, "efgh");
	assert_true(t.cut);
	assert_string_equal(buf, "abcd");
	tt_text_char(&t, 'x');
	assert_string_equal(buf, "abcd");
}

static void integers_are_parsed_to_the_last_value_and_not_beyond(void **state)
{
	static const struct {
		const char *text;
		enum tt_err err;
		int64_t value;
	} cases[] = {
		{"0", TT_OK, 0},
		{"-9223372036854775808", TT_OK, INT64_MIN},
		{"9223372036854775807", TT_OK, INT64_MAX},
		{"9223372036854775808", TT_ERANGE, 0},
		{"-9223372036854775809", TT_ERANGE, 0},
		{"+7", TT_OK, 7},
		{"", TT_EINVAL, 0},
		{"-", TT_EINVAL, 0},
		{"1 ", TT_EINVAL, 0},
		{"0x1", TT_EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t v = 0;

		if (tt_parse_i64(cases[i].text, strlen(cases[i].text), &v) != cases[i].err || v != cases[i].value)
			fail_msg("case '%s'", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written_as_people_write_them),
		cmocka_unit_test(a_piece_that_does_not_fit_is_left_out_whole),
		cmocka_unit_test(integers_are_parsed_to_the_last_value_and_not_beyond),
	};

	return cmocka_run_group_tests_name("base text", tests, NULL, NULL);
}
