#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void reader_stops_at_the_end_and_changes_nothing(void **state)
{
	const uint8_t bytes[] = {0x12, 0x34, 0x56};
	struct tt_rd r = tt_rd_init(bytes, sizeof(bytes));
	uint16_t v16 = 7;
	uint32_t v32 = 9;

	(void)state;
	assert_int_equal(tt_rd_u32be(&r, &v32), TT_EEOF);
	assert_int_equal(v32, 9);
	assert_int_equal(r.left, 3);
	assert_int_equal(tt_rd_u16be(&r, &v16), TT_OK);
	assert_int_equal(v16, 0x1234);
	assert_int_equal(tt_rd_skip(&r, SIZE_MAX), TT_EEOF);
	assert_int_equal(tt_rd_skip(&r, 1), TT_OK);
	assert_int_equal(tt_rd_skip(&r, 1), TT_EEOF);
}

static void varint_round_trips_at_every_width(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (int delta = -1; delta <= 1; delta++) {
			const uint64_t v = (UINT64_C(1) << bit) + (uint64_t)(int64_t)delta;
			uint8_t buf[10];
			struct tt_wr w = tt_wr_init(buf, sizeof(buf));
			struct tt_rd r;
			uint64_t back;

			assert_int_equal(tt_wr_varint(&w, v), TT_OK);
			r = tt_rd_init(buf, w.used);
			assert_int_equal(tt_rd_varint(&r, &back), TT_OK);
			assert_true(back == v);
			assert_int_equal(r.left, 0);
			r = tt_rd_init(buf, w.used - 1);
			assert_int_equal(tt_rd_varint(&r, &back), TT_EEOF);
		}
	}
}

static void varint_refuses_more_than_64_bits(void **state)
{
	const uint8_t too_long[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01};
	const uint8_t too_big[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
	struct tt_rd r = tt_rd_init(too_long, sizeof(too_long));
	uint64_t v;

	(void)state;
	assert_int_equal(tt_rd_varint(&r, &v), TT_EPROTO);
	r = tt_rd_init(too_big, sizeof(too_big));
	assert_int_equal(tt_rd_varint(&r, &v), TT_EPROTO);
}

static void zigzag_is_its_own_inverse(void **state)
{
	const int64_t values[] = {0, -1, 1, INT64_MIN, INT64_MAX, -64, 63};

	(void)state;
	assert_true(tt_zigzag(-1) == 1);
	assert_true(tt_zigzag(1) == 2);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_true(tt_unzigzag(tt_zigzag(values[i])) == values[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_stops_at_the_end_and_changes_nothing),
		cmocka_unit_test(varint_round_trips_at_every_width),
		cmocka_unit_test(varint_refuses_more_than_64_bits),
		cmocka_unit_test(zigzag_is_its_own_inverse),
	};

	return cmocka_run_group_tests_name("base cursor", tests, NULL, NULL);
}
