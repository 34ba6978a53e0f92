#include "base/pb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void each_type_is_read(void **state)
{
	static const uint8_t bytes[] = {0x08, 0x96, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1A, 2, 'h', 'i', 0x25, 1, 2, 3, 4, 0x2A, 0};
	struct tt_rd r = tt_rd_init(bytes, sizeof(bytes));
	struct tt_pb_field f;

	(void)state;
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_true(f.number == 1 && f.type == TT_PB_VARINT && f.value == 150 && f.bytes == NULL);
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_true(f.number == 2 && f.type == TT_PB_FIXED64 && f.value == UINT64_C(0x0807060504030201));
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_true(f.number == 3 && f.type == TT_PB_BYTES && f.value == 2 && f.bytes == bytes + 14);
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_true(f.number == 4 && f.type == TT_PB_FIXED32 && f.value == UINT32_C(0x04030201));
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_true(f.number == 5 && f.type == TT_PB_BYTES && f.value == 0);
	assert_int_equal(tt_pb_next(&r, &f), TT_EEOF);
}

static void what_is_broken_is_refused_and_nothing_moves(void **state)
{
	static const struct {
		uint8_t bytes[12];
		size_t len;
	} cases[] = {
		{{0x00, 1}, 2},                                                           /* field 0 */
		{{0x0B}, 1},                                                              /* group */
		{{0x0C}, 1},                                                              /* its end */
		{{0x0E}, 1},                                                              /* no such type */
		{{0x08}, 1},                                                              /* no value */
		{{0x80}, 1},                                                              /* a cut tag */
		{{0x11, 1, 2, 3, 4, 5, 6, 7}, 8},                                         /* a cut fixed64 */
		{{0x25, 1, 2, 3}, 4},                                                     /* a cut fixed32 */
		{{0x1A, 3, 'h', 'i'}, 4},                                                 /* longer than what is left */
		{{0x1A, 0x80}, 2},                                                        /* a cut length */
		{{0x80, 0x80, 0x80, 0x80, 0x10, 0}, 6},                                   /* field 2^29 */
		{{0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}, 11}, /* above 64 bits */
	};
	static const uint8_t largest[] = {0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 7};
	struct tt_rd r = tt_rd_init(largest, sizeof(largest));
	struct tt_pb_field f = {.number = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_rd at = tt_rd_init(cases[i].bytes, cases[i].len);

		if (tt_pb_next(&at, &f) != TT_EPROTO || at.left != cases[i].len || f.number != 77)
			fail_msg("case %zu", i);
	}
	assert_int_equal(tt_pb_next(&r, &f), TT_OK);
	assert_int_equal(f.number, 536870911);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_read),
		cmocka_unit_test(what_is_broken_is_refused_and_nothing_moves),
	};

	return cmocka_run_group_tests_name("base pb", tests, NULL, NULL);
}
