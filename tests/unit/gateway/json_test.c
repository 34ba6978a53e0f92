#include "gateway/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void members_get_their_commas(void **state)
{
	const uint8_t raw[] = {0x1A, 0xF8};
	char buf[256];
	struct tt_json j = tt_json_init(buf, sizeof(buf));

	(void)state;
	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "a", "x");
	tt_json_int(&j, "b", INT64_MIN);
	tt_json_open(&j, "c", '[');
	tt_json_open(&j, NULL, '{');
	tt_json_close(&j, '}');
	tt_json_bool(&j, NULL, true);
	tt_json_close(&j, ']');
	tt_json_fixed(&j, "d", -1726005, 3);
	tt_json_hex(&j, "e", raw, sizeof(raw));
	tt_json_close(&j, '}');
	assert_int_equal(tt_json_end(&j), TT_OK);
	assert_string_equal(buf, "{\"a\":\"x\",\"b\":-9223372036854775808,\"c\":[{},true],\"d\":-1726.005,\"e\":\"1AF8\"}");
}

static void foreign_text_cannot_break_out(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"\"},{\\", "\"\\\"},{\\\\\""},
		{"a\nb\x01", "\"a\\u000Ab\\u0001\""},
		{"\xE5\xBC\xA0\xE4\xBC\x9F", "\"\xE5\xBC\xA0\xE4\xBC\x9F\""},
		{"\xF0\x9F\x9A\x97", "\"\xF0\x9F\x9A\x97\""},
		{"\xFF", "\"\xEF\xBF\xBD\""},
		{"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                 /* overlong '/' */
		{"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},                 /* a surrogate */
		{"\xE5\xBC", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                 /* cut */
		{"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* beyond U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[64];
		struct tt_json j = tt_json_init(buf, sizeof(buf));

		tt_json_str(&j, NULL, cases[i].in);
		assert_int_equal(tt_json_end(&j), TT_OK);
		assert_string_equal(buf, cases[i].out);
	}
}

static void what_does_not_fit_is_told_and_can_be_taken_back(void **state)
{
	char buf[16];
	struct tt_json j = tt_json_init(buf, sizeof(buf));
	struct tt_json whole;

	(void)state;
	tt_json_open(&j, NULL, '[');
	tt_json_str(&j, NULL, "short");
	whole = tt_json_mark(&j);
	tt_json_str(&j, NULL, "much too long");
	assert_int_equal(tt_json_end(&j), TT_EFULL);
	tt_json_back(&j, &whole);
	tt_json_close(&j, ']');
	assert_int_equal(tt_json_end(&j), TT_OK);
	assert_string_equal(buf, "[\"short\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_get_their_commas),
		cmocka_unit_test(foreign_text_cannot_break_out),
		cmocka_unit_test(what_does_not_fit_is_told_and_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
