/* Services 06 and 09: what is read, what is refused, and what the numbers mean. */
#include "firmware/proto/obd_scaling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MSG(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/* Every cut of a good message is TT_EEOF, another service or type TT_EPROTO. */
#define CUTS(parse, out, msg, n) \
	do { \
		for (size_t len_ = 0; len_ < (n); len_++) \
			assert_int_equal(parse(msg, len_, out), TT_EEOF); \
		assert_int_equal(parse(msg, n, out), TT_OK); \
	} while (0)

static void info_types_are_read_from_the_bitmap(void **state)
{
	static const uint8_t msg[] = {0x49, 0x00, 0x55, 0x40, 0x00, 0x01};
	uint32_t bits = 0;

	(void)state;
	CUTS(tt_obd_info_bitmap, &bits, msg, sizeof(msg));
	assert_int_equal(bits, 0x55400001);
	assert_true(tt_obd_info_has(bits, 2) && tt_obd_info_has(bits, 4) && tt_obd_info_has(bits, 0x0A) && tt_obd_info_has(bits, 32));
	assert_false(tt_obd_info_has(bits, 1) || tt_obd_info_has(bits, 3) || tt_obd_info_has(bits, 31));
	assert_int_equal(tt_obd_info_bitmap(MSG(0x49, 2, 0, 0, 0, 0), &bits), TT_EPROTO);
	assert_int_equal(tt_obd_info_bitmap(MSG(0x41, 0, 0, 0, 0, 0), &bits), TT_EPROTO);
}

static void calibrations_are_texts_of_sixteen_bytes(void **state)
{
	uint8_t msg[3 + 9 * 16] = {0x49, 0x04, 2};
	struct tt_obd_calibrations c;

	(void)state;
	memcpy(msg + 3, "JMB*36761500\0\0\0\0JMB*4787  11\x1F\x7F \0", 32);
	CUTS(tt_obd_calibrations, &c, msg, 35);
	assert_int_equal(c.n, 2);
	assert_false(c.cut);
	assert_string_equal(c.ids[0], "JMB*36761500");
	assert_string_equal(c.ids[1], "JMB*4787  11??");
	msg[2] = 8;
	assert_int_equal(tt_obd_calibrations(msg, sizeof(msg), &c), TT_OK);
	assert_true(c.n == 8 && !c.cut);
	msg[2] = 9;
	assert_int_equal(tt_obd_calibrations(msg, sizeof(msg), &c), TT_OK);
	assert_true(c.n == 8 && c.cut);
	/* texts of blanks only end at their own beginning, and what is not told is not touched */
	memset(msg + 3, 0, 48);
	memcpy(msg + 3, "AB", 2);
	memset(msg + 19, ' ', 16);
	msg[35] = ' ';
	msg[2] = 3;
	memset(&c, ' ', sizeof(c));
	assert_int_equal(tt_obd_calibrations(msg, sizeof(msg), &c), TT_OK);
	assert_int_equal(c.n, 3);
	assert_memory_equal(c.ids[0], "AB\0              ", 17);
	assert_string_equal(c.ids[1], "");
	assert_string_equal(c.ids[2], "");
	for (size_t i = 0; i < sizeof(c.ids[3]); i++)
		assert_int_equal(c.ids[3][i], ' ');
	assert_int_equal(tt_obd_calibrations(MSG(0x49, 6, 0), &c), TT_EPROTO);
	assert_int_equal(tt_obd_calibrations(MSG(0x46, 4, 0), &c), TT_EPROTO);
	assert_int_equal(tt_obd_calibrations(MSG(0x49, 4, 0), &c), TT_OK);
	assert_int_equal(c.n, 0);
}

static void verification_numbers_are_four_bytes(void **state)
{
	uint8_t msg[3 + 9 * 4] = {0x49, 0x06, 2, 0x17, 0x91, 0xBC, 0x82, 0x16, 0xE0, 0x62, 0xBE};
	struct tt_obd_cvns c;

	(void)state;
	CUTS(tt_obd_cvns, &c, msg, 11);
	assert_true(c.n == 2 && !c.cut && c.cvns[0] == 0x1791BC82 && c.cvns[1] == 0x16E062BE);
	msg[2] = 8;
	assert_int_equal(tt_obd_cvns(msg, sizeof(msg), &c), TT_OK);
	assert_true(c.n == 8 && !c.cut);
	msg[2] = 9;
	assert_int_equal(tt_obd_cvns(msg, sizeof(msg), &c), TT_OK);
	assert_true(c.n == 8 && c.cut);
	assert_int_equal(tt_obd_cvns(MSG(0x49, 4, 0), &c), TT_EPROTO);
}

static void the_name_is_abbreviation_and_text(void **state)
{
	static const uint8_t msg[] = "\x49\x0A\x01"
				     "ECM\0-EngineControl\0\0";
	char name[TT_OBD_NAME_TEXT];

	(void)state;
	CUTS(tt_obd_ecu_name, name, msg, 23);
	assert_string_equal(name, "ECM-EngineControl");
	assert_int_equal(tt_obd_ecu_name(MSG(0x49, 4, 1), name), TT_EPROTO);
}

static void counters_are_of_one_kind_of_engine(void **state)
{
	static const uint8_t msg[] = {0x49, 0x08, 3, 0x01, 0x00, 0x02, 0x00, 0xFF, 0xFF};
	uint8_t many[3 + 2 * 41] = {0x49, 0x0B, 40};
	struct tt_obd_counters c;

	(void)state;
	CUTS(tt_obd_counters, &c, msg, sizeof(msg));
	assert_true(!c.compression && c.n == 3 && c.counts[0] == 256 && c.counts[2] == 0xFFFF);
	assert_int_equal(tt_obd_counters(many, sizeof(many), &c), TT_OK);
	assert_true(c.compression && c.n == 40);
	many[2] = 41;
	assert_int_equal(tt_obd_counters(many, sizeof(many), &c), TT_EPROTO);
	assert_int_equal(tt_obd_counters(MSG(0x49, 0x0A, 0), &c), TT_EPROTO);
	assert_int_equal(tt_obd_counters(MSG(0x46, 0x08, 0), &c), TT_EPROTO);
}

static void monitors_are_asked_and_mapped(void **state)
{
	static const uint8_t msg[] = {0x46, 0x20, 0x80, 0x00, 0x00, 0x01};
	uint8_t request[TT_OBD_REQUEST_MAX], mid = 0;
	uint32_t bits = 0;
	size_t len = 0;

	(void)state;
	tt_obd_request_monitor(0x21, request, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(request, "\x06\x21", 2);
	for (size_t n = 0; n < sizeof(msg); n++)
		assert_int_equal(tt_obd_monitor_bitmap(msg, n, &mid, &bits), TT_EEOF);
	assert_int_equal(tt_obd_monitor_bitmap(msg, sizeof(msg), &mid, &bits), TT_OK);
	assert_true(mid == 0x20 && bits == 0x80000001);
	assert_int_equal(tt_obd_monitor_bitmap(MSG(0x46, 0x21, 0, 0, 0, 0), &mid, &bits), TT_EPROTO);
	assert_int_equal(tt_obd_monitor_bitmap(MSG(0x41, 0x20, 0, 0, 0, 0), &mid, &bits), TT_EPROTO);
}

static void tests_are_walked_nine_bytes_at_a_time(void **state)
{
	static const uint8_t msg[] = {0x46, 0x01, 0x01, 0x0A, 0x0B, 0xB8, 0x0A, 0x00, 0xFF, 0xFF,
				      0x01, 0x85, 0x90, 0xFF, 0xFE, 0x80, 0x00, 0x00, 0x05};
	struct tt_obd_test t = {0};
	struct tt_rd r;

	(void)state;
	assert_int_equal(tt_obd_tests_begin(msg, sizeof(msg), &r), TT_OK);
	assert_int_equal(tt_obd_tests_next(&r, &t), TT_OK);
	assert_true(t.mid == 1 && t.tid == 1 && t.scaling == 0x0A && t.value == 0x0BB8 && t.min == 0x0A00 && t.max == 0xFFFF);
	assert_int_equal(tt_obd_tests_next(&r, &t), TT_OK);
	assert_true(t.tid == 0x85 && t.scaling == 0x90 && t.value == 0xFFFE);
	assert_int_equal(tt_obd_tests_next(&r, &t), TT_EEOF);
	assert_int_equal(r.left, 0);
	for (size_t n = 2; n < 10; n++) {
		assert_int_equal(tt_obd_tests_begin(msg, n, &r), TT_OK);
		assert_int_equal(tt_obd_tests_next(&r, &t), TT_EEOF);
		assert_int_equal(r.left, n - 1);
	}
	assert_int_equal(tt_obd_tests_begin(msg, 0, &r), TT_EEOF);
	assert_int_equal(tt_obd_tests_begin(msg, 1, &r), TT_EEOF);
	assert_int_equal(tt_obd_tests_begin(MSG(0x46, 0x20, 0, 0, 0, 0), &r), TT_EPROTO);
	assert_int_equal(tt_obd_tests_begin(MSG(0x41, 0x01), &r), TT_EPROTO);
}

static void numbers_are_scaled_by_their_identifier(void **state)
{
	static const struct {
		uint8_t scaling;
		uint16_t raw;
		int64_t milli;
		const char *unit;
	} cases[] = {
		{0x01, 0xFFFF, 65535000, ""},
		{0x02, 1, 100, ""},
		{0x03, 1, 10, ""},
		{0x04, 5, 5, ""},
		{0x05, 0xFFFF, 2000, ""},
		{0x06, 0xFFFF, 20000, ""},
		{0x07, 0xFFFF, 16383750, "rpm"},
		{0x08, 1, 10, "km/h"},
		{0x09, 0xFFFF, 65535000, "km/h"},
		{0x0A, 3690, 450180, "mV"},
		{0x0B, 12000, 12000, "V"},
		{0x0C, 100, 1000, "V"},
		{0x0D, 256, 1000, "mA"},
		{0x0E, 5, 5, "A"},
		{0x0F, 5, 50, "A"},
		{0x10, 72, 72000, "ms"},
		{0x11, 1, 100000, "ms"},
		{0x12, 1, 1000, "s"},
		{0x13, 1, 1000, "mOhm"},
		{0x14, 1, 1000, "Ohm"},
		{0x15, 1, 1000, "kOhm"},
		{0x16, 0, -40000, "celsius"},
		{0x16, 0xFFFF, 6513500, "celsius"},
		{0x17, 1, 10, "kPa"},
		{0x18, 0xFFFF, 766760, "kPa"},
		{0x19, 1, 79, "kPa"},
		{0x1A, 1, 1000, "kPa"},
		{0x1B, 1, 10000, "kPa"},
		{0x1C, 1, 10, "degrees"},
		{0x1D, 1, 500, "degrees"},
		{0x1E, 0x8000, 1000, "ratio"},
		{0x1F, 1, 50, "ratio"},
		{0x20, 256, 1000, "ratio"},
		{0x21, 1, 1000, "mHz"},
		{0x22, 1, 1000, "Hz"},
		{0x23, 1, 1000, "kHz"},
		{0x24, 7, 7000, "counts"},
		{0x25, 1, 1000, "km"},
		{0x26, 1, 100, "mV/ms"},
		{0x27, 1, 10, "g/s"},
		{0x28, 1, 1000, "g/s"},
		{0x29, 1, 250, "Pa/s"},
		{0x2A, 5, 5, "kg/h"},
		{0x2B, 1, 1000, "switches"},
		{0x2C, 1, 10, "g/cyl"},
		{0x2D, 1, 10, "mg/stroke"},
		{0x2E, 1, 1000, ""},
		{0x2F, 10000, 100000, "percent"},
		{0x30, 0xFFFF, 99998, "percent"},
		{0x31, 5, 5, "L"},
		{0x32, 0x8000, 1000, "inch"},
		{0x33, 4096, 1000, "ratio"},
		{0x34, 1, 1000, "min"},
		{0x35, 1, 10000, "ms"},
		{0x36, 1, 10, "g"},
		{0x37, 1, 100, "g"},
		{0x38, 1, 1000, "g"},
		{0x81, 0x8000, -32768000, ""},
		{0x82, 0xFFFF, -100, ""},
		{0x83, 0xFFFF, -10, ""},
		{0x84, 0xFFFB, -5, ""},
		{0x85, 0x8000, -1000, ""},
		{0x86, 0x8000, -10000, ""},
		{0x8A, 0xFFFF, -122, "mV"},
		{0x8B, 0xFFFB, -5, "V"},
		{0x8C, 0xFFFF, -10, "V"},
		{0x8D, 0xFF00, -1000, "mA"},
		{0x8E, 0xFFFB, -5, "A"},
		{0x90, 0xFFFF, -1000, "ms"},
		{0x96, 0xFFFF, -100, "celsius"},
		{0x9C, 0x8000, -327680, "degrees"},
		{0x9D, 0xFFFF, -500, "degrees"},
		{0xA8, 0xFFFF, -1000, "g/s"},
		{0xA9, 0xFFFF, -250, "Pa/s"},
		{0xAF, 0xFFFF, -10, "percent"},
		{0xB0, 0x8000, -100000, "percent"},
		{0xFD, 0xFFFB, -5, "kPa"},
		{0xFE, 0xFFFF, -250, "Pa"},
	};
	struct tt_obd_scaled v;
	unsigned known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_obd_scale(cases[i].scaling, cases[i].raw, &v);
		assert_true(v.known);
		if (v.value_milli != cases[i].milli || strcmp(v.unit, cases[i].unit) != 0)
			fail_msg("%02X of %04X: %lld %s", cases[i].scaling, cases[i].raw, (long long)v.value_milli, v.unit);
	}
	for (unsigned id = 0; id <= 0xFF; id++) {
		tt_obd_scale((uint8_t)id, 1, &v);
		known += v.known;
	}
	assert_int_equal(known, sizeof(cases) / sizeof(cases[0]) - 1); /* 16 stands twice */
	tt_obd_scale(0x7F, 0xFFFF, &v);
	assert_true(!v.known && v.value_milli == 65535 && v.unit[0] == '\0');
	tt_obd_scale(0xC0, 0xFFFF, &v);
	assert_true(!v.known && v.value_milli == -1);
}

/* Raw values whose last digit is exactly a half: a divisor that is off by one shows here, not at the ends of the range. */
static void halves_are_rounded_away_from_zero(void **state)
{
	static const struct {
		uint8_t scaling;
		uint16_t raw;
		int64_t milli;
	} cases[] = {
		{0x05, 2048, 63},    {0x06, 1024, 313},    {0x0D, 16, 63},      {0x18, 5, 59},        {0x1E, 2048, 63},
		{0x20, 16, 63},      {0x30, 1024, 1563},   {0x32, 2048, 63},    {0x33, 256, 63},      {0x85, 2048, 63},
		{0x85, 0xF800, -63}, {0x86, 0xFC00, -313}, {0x8D, 0xFFF0, -63}, {0xB0, 0x0200, 1563}, {0xB0, 0xFE00, -1563},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_obd_scaled v;

		tt_obd_scale(cases[i].scaling, cases[i].raw, &v);
		if (v.value_milli != cases[i].milli)
			fail_msg("%02X of %04X: %lld", cases[i].scaling, cases[i].raw, (long long)v.value_milli);
	}
}

static void a_test_passes_between_its_limits(void **state)
{
	static const struct {
		struct tt_obd_test test;
		bool passed;
	} cases[] = {
		{{1, 1, 0x0A, 5, 5, 5}, true},
		{{1, 1, 0x0A, 4, 5, 6}, false},
		{{1, 1, 0x0A, 7, 5, 6}, false},
		{{1, 1, 0x0A, 0xFFFF, 0, 1}, false},
		{{1, 1, 0x8A, 0xFFFF, 0xFFFE, 1}, true},
		{{1, 1, 0x8A, 0x8000, 0xFFFE, 1}, false},
		{{1, 1, 0x7F, 0x8000, 0x7FFF, 0xFFFF}, true},
		{{1, 1, 0x80, 0x8000, 0x7FFF, 0xFFFF}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(tt_obd_test_passed(&cases[i].test), cases[i].passed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_types_are_read_from_the_bitmap),   cmocka_unit_test(calibrations_are_texts_of_sixteen_bytes),
		cmocka_unit_test(verification_numbers_are_four_bytes),   cmocka_unit_test(the_name_is_abbreviation_and_text),
		cmocka_unit_test(counters_are_of_one_kind_of_engine),    cmocka_unit_test(monitors_are_asked_and_mapped),
		cmocka_unit_test(tests_are_walked_nine_bytes_at_a_time), cmocka_unit_test(numbers_are_scaled_by_their_identifier),
		cmocka_unit_test(halves_are_rounded_away_from_zero),     cmocka_unit_test(a_test_passes_between_its_limits),
	};

	return cmocka_run_group_tests_name("obd info", tests, NULL, NULL);
}
