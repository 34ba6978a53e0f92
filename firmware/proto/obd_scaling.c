#include "firmware/proto/obd_scaling.h"

enum { SIGNED = 0x80 };

/* Sorted by identifier. value_milli = raw * num / den + add; steps of 1/32768 and the like stand as what they are rounded from. */
static const struct row {
	uint8_t id;
	int32_t num, den, add;
	const char *unit;
} rows[] = {
	{0x01, 1000, 1, 0, ""},
	{0x02, 100, 1, 0, ""},
	{0x03, 10, 1, 0, ""},
	{0x04, 1, 1, 0, ""},
	{0x05, 1000, 32768, 0, ""},
	{0x06, 10000, 32768, 0, ""},
	{0x07, 250, 1, 0, "rpm"},
	{0x08, 10, 1, 0, "km/h"},
	{0x09, 1000, 1, 0, "km/h"},
	{0x0A, 122, 1, 0, "mV"},
	{0x0B, 1, 1, 0, "V"},
	{0x0C, 10, 1, 0, "V"},
	{0x0D, 1000, 256, 0, "mA"},
	{0x0E, 1, 1, 0, "A"},
	{0x0F, 10, 1, 0, "A"},
	{0x10, 1000, 1, 0, "ms"},
	{0x11, 100000, 1, 0, "ms"},
	{0x12, 1000, 1, 0, "s"},
	{0x13, 1000, 1, 0, "mOhm"},
	{0x14, 1000, 1, 0, "Ohm"},
	{0x15, 1000, 1, 0, "kOhm"},
	{0x16, 100, 1, -40000, "celsius"},
	{0x17, 10, 1, 0, "kPa"},
	{0x18, 117, 10, 0, "kPa"},
	{0x19, 79, 1, 0, "kPa"},
	{0x1A, 1000, 1, 0, "kPa"},
	{0x1B, 10000, 1, 0, "kPa"},
	{0x1C, 10, 1, 0, "degrees"},
	{0x1D, 500, 1, 0, "degrees"},
	{0x1E, 1000, 32768, 0, "ratio"},
	{0x1F, 50, 1, 0, "ratio"},
	{0x20, 1000, 256, 0, "ratio"},
	{0x21, 1000, 1, 0, "mHz"},
	{0x22, 1000, 1, 0, "Hz"},
	{0x23, 1000, 1, 0, "kHz"},
	{0x24, 1000, 1, 0, "counts"},
	{0x25, 1000, 1, 0, "km"},
	{0x26, 100, 1, 0, "mV/ms"},
	{0x27, 10, 1, 0, "g/s"},
	{0x28, 1000, 1, 0, "g/s"},
	{0x29, 250, 1, 0, "Pa/s"},
	{0x2A, 1, 1, 0, "kg/h"},
	{0x2B, 1000, 1, 0, "switches"},
	{0x2C, 10, 1, 0, "g/cyl"},
	{0x2D, 10, 1, 0, "mg/stroke"},
	{0x2E, 1000, 1, 0, ""}, /* true or false */
	{0x2F, 10, 1, 0, "percent"},
	{0x30, 100000, 65536, 0, "percent"},
	{0x31, 1, 1, 0, "L"},
	{0x32, 1000, 32768, 0, "inch"},
	{0x33, 1000, 4096, 0, "ratio"},
	{0x34, 1000, 1, 0, "min"},
	{0x35, 10000, 1, 0, "ms"},
	{0x36, 10, 1, 0, "g"},
	{0x37, 100, 1, 0, "g"},
	{0x38, 1000, 1, 0, "g"},
	{0x81, 1000, 1, 0, ""},
	{0x82, 100, 1, 0, ""},
	{0x83, 10, 1, 0, ""},
	{0x84, 1, 1, 0, ""},
	{0x85, 1000, 32768, 0, ""},
	{0x86, 10000, 32768, 0, ""},
	{0x8A, 122, 1, 0, "mV"},
	{0x8B, 1, 1, 0, "V"},
	{0x8C, 10, 1, 0, "V"},
	{0x8D, 1000, 256, 0, "mA"},
	{0x8E, 1, 1, 0, "A"},
	{0x90, 1000, 1, 0, "ms"},
	{0x96, 100, 1, 0, "celsius"},
	{0x9C, 10, 1, 0, "degrees"},
	{0x9D, 500, 1, 0, "degrees"},
	{0xA8, 1000, 1, 0, "g/s"},
	{0xA9, 250, 1, 0, "Pa/s"},
	{0xAF, 10, 1, 0, "percent"},
	{0xB0, 200000, 65536, 0, "percent"},
	{0xFD, 1, 1, 0, "kPa"},
	{0xFE, 250, 1, 0, "Pa"},
};

static int32_t number(uint8_t scaling, uint16_t raw)
{
	return scaling & SIGNED ? (int16_t)raw : raw;
}

int64_t tt_obd_divide(int64_t a, int64_t b)
{
	return a / b + a % b * 2 / b;
}

void tt_obd_scale(uint8_t scaling, uint16_t raw, struct tt_obd_scaled *out)
{
	const int64_t v = number(scaling, raw);

	*out = (struct tt_obd_scaled){.unit = "", .value_milli = v};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].id == scaling)
			*out = (struct tt_obd_scaled){.unit = rows[i].unit,
						      .value_milli = tt_obd_divide(v * rows[i].num, rows[i].den) + rows[i].add,
						      .known = true};
	}
}

bool tt_obd_test_passed(const struct tt_obd_test *test)
{
	const int32_t v = number(test->scaling, test->value);

	return number(test->scaling, test->min) <= v && v <= number(test->scaling, test->max);
}
