#include "firmware/proto/candump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum tt_err parse(const char *line, struct tt_candump *out, struct tt_candump_fault *fault)
{
	return tt_candump_parse(line, strlen(line), out, fault);
}

static void lines_of_every_kind_are_read_and_written_back(void **state)
{
	static const struct {
		const char *line;
		struct tt_candump want;
	} cases[] = {
		{"(1609459200.100000) can0 1F0#0102", {1609459200100000, "can0", {.id = 0x1F0, .len = 2, .data = {1, 2}}}},
		{"(0.000001) vcan0 18FECA00#00FF0000000000FF",
		 {1, "vcan0", {.id = 0x18FECA00, .extended = true, .len = 8, .data = {0, 0xFF, 0, 0, 0, 0, 0, 0xFF}}}},
		{"(1.000000) can0 7DF#", {1000000, "can0", {.id = 0x7DF}}},
		{"(1.000000) can0 7DF#R", {1000000, "can0", {.id = 0x7DF, .rtr = true}}},
		{"(1.000000) can0 7DF#R8", {1000000, "can0", {.id = 0x7DF, .rtr = true, .len = 8}}},
		{"(1.000000) can0 1F0##1AABB", {1000000, "can0", {.id = 0x1F0, .fd = true, .brs = true, .len = 2, .data = {0xAA, 0xBB}}}},
		{"(1.000000) can0 20000040#0000000000000000", {1000000, "can0", {.id = 0x40, .error = true, .len = 8}}},
		{"(1.000000) can0 00000001#", {1000000, "can0", {.id = 1, .extended = true}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_candump got, want = cases[i].want;
		char back[TT_CANDUMP_LINE];
		size_t len = 0;

		if (parse(cases[i].line, &got, NULL))
			fail_msg("refused %s", cases[i].line);
		assert_int_equal(got.at_us, want.at_us);
		assert_string_equal(got.bus, want.bus);
		assert_int_equal(got.frame.id, want.frame.id);
		assert_int_equal(got.frame.len, want.frame.len);
		assert_int_equal(got.frame.extended, want.frame.extended);
		assert_int_equal(got.frame.rtr, want.frame.rtr);
		assert_int_equal(got.frame.fd, want.frame.fd);
		assert_int_equal(got.frame.brs, want.frame.brs);
		assert_int_equal(got.frame.error, want.frame.error);
		assert_memory_equal(got.frame.data, want.frame.data, TT_CAN_MAX_DATA);
		assert_int_equal(tt_candump_format(&got, back, sizeof(back), &len), TT_OK);
		assert_string_equal(back, cases[i].line);
		assert_int_equal(len, strlen(cases[i].line));
	}
}

static void variants_found_in_logs_are_tolerated(void **state)
{
	static const struct {
		const char *line;
		int64_t at_us;
		uint8_t len;
	} cases[] = {
		{"(1.5) can0 1f0#ff.00.aa\r\n", 1500000, 3},
		{"(1.123456789) can0 1F0#01", 1123456, 1},
		{"(7) can0 1F0#01", 7000000, 1},
		{"  (1.0)  can0   1F0#01 R", 1000000, 1},
		{"(1.0) can0 1F0#01 T\r", 1000000, 1},
		{"(1.0) can0 1F0#1122334455667788_F", 1000000, 8},
		{"(1.0) can0 1F0##000112233445566778899AABB", 1000000, 12},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_candump got;

		if (parse(cases[i].line, &got, NULL))
			fail_msg("refused %s", cases[i].line);
		assert_int_equal(got.at_us, cases[i].at_us);
		assert_int_equal(got.frame.len, cases[i].len);
	}
}

static void what_is_wrong_is_told_with_its_column(void **state)
{
	static const struct {
		const char *line;
		enum tt_err err;
		size_t column;
		const char *why;
	} cases[] = {
		{"", TT_EINVAL, 1, "a log line begins with"},
		{"garbage", TT_EINVAL, 1, "a log line begins with"},
		{"(x) can0 1F0#", TT_EINVAL, 2, "the time is not"},
		{"(99999999999999999999.0) can0 1F0#", TT_ERANGE, 2, "the time is out"},
		{"(1.) can0 1F0#", TT_EINVAL, 4, "digits are missing"},
		{"(1.0 can0 1F0#", TT_EINVAL, 5, "')' is missing"},
		{"(1.0)can0 1F0#", TT_EINVAL, 6, "a space"},
		{"(1.0) ", TT_EINVAL, 7, "the interface name is missing"},
		{"(1.0) abcdefghijklmnop 1F0#", TT_ERANGE, 7, "the interface name is longer"},
		{"(1.0) c\x01n 1F0#", TT_EINVAL, 7, "a control character"},
		{"(1.0) can0", TT_EINVAL, 11, "the frame is missing"},
		{"(1.0) can0 1F#00", TT_EINVAL, 12, "the identifier needs"},
		{"(1.0) can0 800#00", TT_ERANGE, 12, "the identifier is above 7FF"},
		{"(1.0) can0 40000000#00", TT_ERANGE, 12, "the identifier is above 1FF"},
		{"(1.0) can0 1F0 00", TT_EINVAL, 15, "'#' is missing"},
		{"(1.0) can0 1F0#0", TT_EINVAL, 16, "a data byte"},
		{"(1.0) can0 1F0#001122334455667788", TT_ERANGE, 32, "more than 8"},
		{"(1.0) can0 1F0##", TT_EINVAL, 17, "the flag digit"},
		{"(1.0) can0 1F0##0001122334455667788", TT_ERANGE, 36, "no CAN FD"},
		{"(1.0) can0 1F0#00 hello", TT_EINVAL, 19, "unexpected"},
		{"(1.0) can0 1F0#00Z", TT_EINVAL, 18, "unexpected"},
		{"(1.0) can0 1F0#1122334455667788_8", TT_EINVAL, 33, "the raw length"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_candump got;
		struct tt_candump_fault fault = {0};

		if (parse(cases[i].line, &got, &fault) != cases[i].err)
			fail_msg("wrong answer to %s", cases[i].line);
		if (fault.column != cases[i].column || strncmp(fault.why, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("%s: column %zu, %s", cases[i].line, fault.column, fault.why);
	}
}

static void a_line_that_does_not_fit_is_not_written_in_part(void **state)
{
	struct tt_candump in = {.at_us = 1, .bus = "can0", .frame = {.id = 1, .fd = true, .len = 64}};
	char out[TT_CANDUMP_LINE];
	size_t len = 99;

	(void)state;
	assert_int_equal(tt_candump_format(&in, out, 20, &len), TT_EFULL);
	assert_int_equal(tt_candump_format(&in, out, 0, &len), TT_EFULL);
	assert_int_equal(len, 99);
	assert_int_equal(tt_candump_format(&in, out, sizeof(out), &len), TT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_every_kind_are_read_and_written_back),
		cmocka_unit_test(variants_found_in_logs_are_tolerated),
		cmocka_unit_test(what_is_wrong_is_told_with_its_column),
		cmocka_unit_test(a_line_that_does_not_fit_is_not_written_in_part),
	};

	return cmocka_run_group_tests_name("candump", tests, NULL, NULL);
}
