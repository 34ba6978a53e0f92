/* The table of PIDs row by row, at the ends of each value's range. The numbers were made from the formulas by other means than the table.
 */
#include "firmware/proto/obd_pids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The first byte says which values are there. */
static bool has_support_byte(uint8_t pid)
{
	static const uint8_t pids[] = {0x66, 0x67, 0x69, 0x6C, 0x6D, 0x7F, 0x9A, 0xA4};

	return memchr(pids, pid, sizeof(pids)) != NULL;
}

static int64_t value_of(uint8_t pid, unsigned index, const uint8_t *data)
{
	struct tt_obd_value v = {0};
	const enum tt_err err = tt_obd_pid_value(pid, data, tt_obd_pid_len(pid), index, &v);

	if (err)
		fail_msg("PID %02X value %u: %s", pid, index, tt_err_name(err));
	return v.value_milli;
}

static void each_value_at_the_ends_of_its_range(void **state)
{
	static const struct {
		uint8_t pid, index;
		int64_t lowest, highest; /* raw all 0; all 1 (0D: FE; signed values: -1) */
	} rows[] = {
		{0x04, 0, 0, 100000},       {0x05, 0, -40000, 215000},   {0x06, 0, -100000, 99219},   {0x07, 0, -100000, 99219},
		{0x08, 0, -100000, 99219},  {0x09, 0, -100000, 99219},   {0x0A, 0, 0, 765000},        {0x0B, 0, 0, 255000},
		{0x0C, 0, 0, 16383750},     {0x0D, 0, 0, 254000},        {0x0E, 0, -64000, 63500},    {0x0F, 0, -40000, 215000},
		{0x10, 0, 0, 655350},       {0x11, 0, 0, 100000},        {0x14, 0, 0, 1275},          {0x14, 1, -100000, 99219},
		{0x15, 0, 0, 1275},         {0x15, 1, -100000, 99219},   {0x16, 0, 0, 1275},          {0x16, 1, -100000, 99219},
		{0x17, 0, 0, 1275},         {0x17, 1, -100000, 99219},   {0x18, 0, 0, 1275},          {0x18, 1, -100000, 99219},
		{0x19, 0, 0, 1275},         {0x19, 1, -100000, 99219},   {0x1A, 0, 0, 1275},          {0x1A, 1, -100000, 99219},
		{0x1B, 0, 0, 1275},         {0x1B, 1, -100000, 99219},   {0x1F, 0, 0, 65535000},      {0x21, 0, 0, 65535000},
		{0x22, 0, 0, 5177265},      {0x23, 0, 0, 655350000},     {0x24, 0, 0, 2000},          {0x24, 1, 0, 8000},
		{0x25, 0, 0, 2000},         {0x25, 1, 0, 8000},          {0x26, 0, 0, 2000},          {0x26, 1, 0, 8000},
		{0x27, 0, 0, 2000},         {0x27, 1, 0, 8000},          {0x28, 0, 0, 2000},          {0x28, 1, 0, 8000},
		{0x29, 0, 0, 2000},         {0x29, 1, 0, 8000},          {0x2A, 0, 0, 2000},          {0x2A, 1, 0, 8000},
		{0x2B, 0, 0, 2000},         {0x2B, 1, 0, 8000},          {0x2C, 0, 0, 100000},        {0x2D, 0, -100000, 99219},
		{0x2E, 0, 0, 100000},       {0x2F, 0, 0, 100000},        {0x30, 0, 0, 255000},        {0x31, 0, 0, 65535000},
		{0x32, 0, 0, -250},         {0x33, 0, 0, 255000},        {0x34, 0, 0, 2000},          {0x34, 1, -128000, 127996},
		{0x35, 0, 0, 2000},         {0x35, 1, -128000, 127996},  {0x36, 0, 0, 2000},          {0x36, 1, -128000, 127996},
		{0x37, 0, 0, 2000},         {0x37, 1, -128000, 127996},  {0x38, 0, 0, 2000},          {0x38, 1, -128000, 127996},
		{0x39, 0, 0, 2000},         {0x39, 1, -128000, 127996},  {0x3A, 0, 0, 2000},          {0x3A, 1, -128000, 127996},
		{0x3B, 0, 0, 2000},         {0x3B, 1, -128000, 127996},  {0x3C, 0, -40000, 6513500},  {0x3D, 0, -40000, 6513500},
		{0x3E, 0, -40000, 6513500}, {0x3F, 0, -40000, 6513500},  {0x42, 0, 0, 65535},         {0x43, 0, 0, 25700000},
		{0x44, 0, 0, 2000},         {0x45, 0, 0, 100000},        {0x46, 0, -40000, 215000},   {0x47, 0, 0, 100000},
		{0x48, 0, 0, 100000},       {0x49, 0, 0, 100000},        {0x4A, 0, 0, 100000},        {0x4B, 0, 0, 100000},
		{0x4C, 0, 0, 100000},       {0x4D, 0, 0, 65535000},      {0x4E, 0, 0, 65535000},      {0x50, 0, 0, 2550000},
		{0x52, 0, 0, 100000},       {0x53, 0, 0, 327675},        {0x54, 0, 0, -1000},         {0x55, 0, -100000, 99219},
		{0x55, 1, -100000, 99219},  {0x56, 0, -100000, 99219},   {0x56, 1, -100000, 99219},   {0x57, 0, -100000, 99219},
		{0x57, 1, -100000, 99219},  {0x58, 0, -100000, 99219},   {0x58, 1, -100000, 99219},   {0x59, 0, 0, 655350000},
		{0x5A, 0, 0, 100000},       {0x5B, 0, 0, 100000},        {0x5C, 0, -40000, 215000},   {0x5D, 0, -210000, 301992},
		{0x5E, 0, 0, 3276750},      {0x61, 0, -125000, 130000},  {0x62, 0, -125000, 130000},  {0x63, 0, 0, 65535000},
		{0x64, 0, -125000, 130000}, {0x64, 1, -125000, 130000},  {0x64, 2, -125000, 130000},  {0x64, 3, -125000, 130000},
		{0x64, 4, -125000, 130000}, {0x66, 0, 0, 2047969},       {0x66, 1, 0, 2047969},       {0x67, 0, -40000, 215000},
		{0x67, 1, -40000, 215000},  {0x69, 0, 0, 100000},        {0x69, 1, 0, 100000},        {0x69, 2, -100000, 99219},
		{0x69, 3, 0, 100000},       {0x69, 4, 0, 100000},        {0x69, 5, -100000, 99219},   {0x6C, 0, 0, 100000},
		{0x6C, 1, 0, 100000},       {0x6C, 2, 0, 100000},        {0x6C, 3, 0, 100000},        {0x6D, 0, 0, 655350000},
		{0x6D, 1, 0, 655350000},    {0x6D, 2, -40000, 215000},   {0x6D, 3, 0, 655350000},     {0x6D, 4, 0, 655350000},
		{0x6D, 5, -40000, 215000},  {0x7F, 0, 0, 4294967295000}, {0x7F, 1, 0, 4294967295000}, {0x7F, 2, 0, 4294967295000},
		{0x84, 0, -40000, 215000},  {0x8D, 0, 0, 100000},        {0x8E, 0, -125000, 130000},  {0x9A, 0, 0, 1023984},
		{0x9A, 1, 0, -100},         {0x9D, 0, 0, 1310700},       {0x9D, 1, 0, 1310700},       {0x9E, 0, 0, 13107000},
		{0xA2, 0, 0, 2047969},      {0xA4, 0, 0, 65535},         {0xA6, 0, 0, 429496729500},  {0xB2, 0, 0, 100000},
		{0xD3, 0, 0, 429496729500},
	};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t low[16] = {0}, high[16];

		memset(high, 0xFF, sizeof(high));
		if (has_support_byte(rows[i].pid))
			low[0] = 0xFF;
		if (rows[i].pid == 0x0D)
			high[0] = 0xFE;
		if (value_of(rows[i].pid, rows[i].index, low) != rows[i].lowest ||
		    value_of(rows[i].pid, rows[i].index, high) != rows[i].highest)
			fail_msg("PID %02X value %u: %lld .. %lld", rows[i].pid, rows[i].index,
				 (long long)value_of(rows[i].pid, rows[i].index, low),
				 (long long)value_of(rows[i].pid, rows[i].index, high));
	}
	/* no value of the table is missing here */
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		static const uint8_t data[16] = {0xFF};
		struct tt_obd_value v;

		for (unsigned n = 0; tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v) != TT_ENOTFOUND; n++)
			seen++;
	}
	assert_int_equal(seen, sizeof(rows) / sizeof(rows[0]));
}

/* A byte of its own for each value: exactly these bytes count, in this order. */
static void each_value_takes_its_own_bytes(void **state)
{
	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		const uint8_t len = tt_obd_pid_len((uint8_t)pid);
		struct tt_obd_value v;
		uint8_t owner[16] = {0};

		for (unsigned n = 0;; n++) {
			uint8_t data[16] = {0};
			int64_t zero;

			if (has_support_byte((uint8_t)pid))
				data[0] = 0xFF;
			if (tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v))
				break;
			zero = v.value_milli;
			for (unsigned b = has_support_byte((uint8_t)pid); b < len; b++) {
				data[b] = 0x40;
				assert_int_equal(tt_obd_pid_value((uint8_t)pid, data, len, n, &v), TT_OK);
				if (v.value_milli != zero) {
					assert_int_equal(owner[b], 0);
					owner[b] = (uint8_t)(n + 1);
				}
				data[b] = 0;
			}
		}
	}
}

static void what_the_support_byte_denies_is_not_available(void **state)
{
	static const struct {
		uint8_t pid, index, support;
	} cases[] = {
		{0x66, 0, 0x01}, {0x66, 1, 0x02}, {0x67, 0, 0x01}, {0x67, 1, 0x02}, {0x69, 0, 0x01},
		{0x69, 5, 0x20}, {0x6C, 3, 0x08}, {0x6D, 2, 0x04}, {0x6D, 5, 0x20}, {0x7F, 0, 0x01},
		{0x7F, 1, 0x02}, {0x7F, 2, 0x04}, {0x9A, 0, 0x02}, {0x9A, 1, 0x04}, {0xA4, 0, 0x02},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t data[16] = {0};
		struct tt_obd_value v;

		data[0] = (uint8_t)~cases[i].support;
		assert_int_equal(tt_obd_pid_value(cases[i].pid, data, sizeof(data), cases[i].index, &v), TT_ERANGE);
		data[0] = cases[i].support;
		assert_int_equal(tt_obd_pid_value(cases[i].pid, data, sizeof(data), cases[i].index, &v), TT_OK);
	}
}

/* Lengths of what has no value, and of what no revision agrees on: none. */
static void lengths_are_known_where_revisions_agree(void **state)
{
	static const struct {
		uint8_t pid, len;
	} cases[] = {
		{0x01, 4}, {0x02, 2}, {0x03, 2}, {0x12, 1}, {0x13, 1}, {0x1C, 1}, {0x1D, 1}, {0x1E, 1}, {0x41, 4}, {0x4F, 4}, {0x51, 1},
		{0x5F, 1}, {0x65, 2}, {0x6A, 5}, {0x6B, 5}, {0x6F, 3}, {0x72, 5}, {0x73, 5}, {0x74, 5}, {0x75, 7}, {0x76, 7}, {0x77, 5},
		{0x78, 9}, {0x79, 9}, {0x7A, 7}, {0x7B, 7}, {0x7C, 9}, {0x7D, 1}, {0x7E, 1}, {0x86, 5}, {0x87, 5}, {0x8B, 7}, {0x90, 3},
		{0x91, 5}, {0x92, 2}, {0x93, 3}, {0x98, 9}, {0x99, 9}, {0x9B, 4}, {0x9F, 9}, {0xA3, 9}, {0xA5, 4}, {0xA9, 4}, {0xAA, 1},
		{0xC3, 2}, {0x68, 0}, {0x6E, 0}, {0x70, 0}, {0x71, 0}, {0x81, 0}, {0x82, 0}, {0x83, 0}, {0x85, 0}, {0x88, 0}, {0x89, 0},
		{0x8A, 0}, {0x8C, 0}, {0x8F, 0}, {0x94, 0}, {0x9C, 0}, {0xA1, 0}, {0xA7, 0}, {0xA8, 0}, {0xC4, 0}, {0xFF, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (tt_obd_pid_len(cases[i].pid) != cases[i].len)
			fail_msg("PID %02X has %u bytes", cases[i].pid, tt_obd_pid_len(cases[i].pid));
	}
}

static void paths_are_those_of_vss(void **state)
{
	(void)state;
	assert_string_equal(tt_obd_pid_path(0x0C), "Vehicle.Powertrain.CombustionEngine.Speed");
	assert_string_equal(tt_obd_pid_path(0x04), "Vehicle.OBD.EngineLoad");
	assert_string_equal(tt_obd_pid_path(0x5E), "Vehicle.OBD.FuelRate");
	assert_null(tt_obd_pid_path(0x01));
	assert_null(tt_obd_pid_path(0xFF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_at_the_ends_of_its_range),
		cmocka_unit_test(each_value_takes_its_own_bytes),
		cmocka_unit_test(what_the_support_byte_denies_is_not_available),
		cmocka_unit_test(lengths_are_known_where_revisions_agree),
		cmocka_unit_test(paths_are_those_of_vss),
	};

	return cmocka_run_group_tests_name("obd pids", tests, NULL, NULL);
}
