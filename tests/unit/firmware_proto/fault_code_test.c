#include "firmware/proto/fault_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum tt_fault_protocol protocol;
	uint32_t code;
	const char *text;
} cases[] = {
	{TT_FAULT_OBD, 0x0301, "P0301"},
	{TT_FAULT_OBD, 0xFFFF, "U3FFF"},
	{TT_FAULT_UDS, 0x03011A, "P0301-1A"},
	{TT_FAULT_UDS, 0xC10000, "U0100-00"},
	{TT_FAULT_J1939, 609 << 5 | 19, "609/19"},
	{TT_FAULT_J1939, 1 << 5, "1/0"},
	{TT_FAULT_J1939, 19, "0/19"},
	{TT_FAULT_J1939, 524287 << 5 | 31, "524287/31"},
};

static void every_protocol_has_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[TT_FAULT_CODE_TEXT];
		enum tt_fault_protocol protocol;
		uint32_t code;

		tt_fault_code_text(cases[i].protocol, cases[i].code, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(tt_fault_code_parse(text, strlen(text), &protocol, &code), TT_OK);
		assert_int_equal(protocol, cases[i].protocol);
		assert_int_equal(code, cases[i].code);
	}
}

static void what_is_no_code_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum tt_err err;
	} bad[] = {
		{"", TT_EINVAL},         {"X0301", TT_EINVAL}, {"P0301-1", TT_EINVAL}, {"P0301-1G", TT_EINVAL}, {"X0301-1A", TT_EINVAL},
		{"P0301:1A", TT_EINVAL}, {"/19", TT_EINVAL},   {"609/", TT_EINVAL},    {"609/x", TT_EINVAL},    {"524288/0", TT_ERANGE},
		{"/", TT_EINVAL},        {"0/32", TT_ERANGE},  {"-1/0", TT_ERANGE},    {"0/-1", TT_ERANGE},
	};
	enum tt_fault_protocol protocol = TT_FAULT_UDS;
	uint32_t code = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (tt_fault_code_parse(bad[i].text, strlen(bad[i].text), &protocol, &code) != bad[i].err)
			fail_msg("%s", bad[i].text);
	}
	assert_int_equal(tt_fault_code_parse(NULL, 0, &protocol, &code), TT_EINVAL);
	assert_int_equal(protocol, TT_FAULT_UDS);
	assert_int_equal(code, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_protocol_has_its_form),
		cmocka_unit_test(what_is_no_code_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
