#include "firmware/proto/dtc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void published_codes_are_written_and_read_back(void **state)
{
	static const struct {
		uint16_t code;
		const char *text;
	} cases[] = {{0x0104, "P0104"}, {0x4123, "C0123"}, {0x8003, "B0003"}, {0xC100, "U0100"},
		     {0xD600, "U1600"}, {0xA245, "B2245"}, {0x0301, "P0301"}, {0x3FFF, "P3FFF"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[TT_DTC_TEXT];
		uint16_t code = 0;

		tt_dtc_text(cases[i].code, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(tt_dtc_parse(cases[i].text, 5, &code), TT_OK);
		assert_int_equal(code, cases[i].code);
	}
}

static void every_code_survives_the_round_trip(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= 0xFFFF; code++) {
		char text[TT_DTC_TEXT];
		uint16_t back = 0;

		tt_dtc_text((uint16_t)code, text);
		assert_int_equal(tt_dtc_parse(text, strlen(text), &back), TT_OK);
		assert_int_equal(back, code);
	}
}

static void text_that_is_no_code_is_refused(void **state)
{
	static const char *const cases[] = {"", "P030", "P03011", "X0301", "P4301", "P03G1", "0301P", "P 301", "P-301"};
	uint16_t code = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (tt_dtc_parse(cases[i], strlen(cases[i]), &code) != TT_EINVAL)
			fail_msg("accepted \"%s\"", cases[i]);
	}
	assert_int_equal(code, 7);
	assert_int_equal(tt_dtc_parse("u0100", 5, &code), TT_OK);
	assert_int_equal(code, 0xC100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_codes_are_written_and_read_back),
		cmocka_unit_test(every_code_survives_the_round_trip),
		cmocka_unit_test(text_that_is_no_code_is_refused),
	};

	return cmocka_run_group_tests_name("dtc", tests, NULL, NULL);
}
