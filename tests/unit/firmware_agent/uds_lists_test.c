/* What ECUs told of codes that are no faults. */
#include "firmware/agent/uds_lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct tt_uds_lists l;
static const struct tt_uds_code *begun[TT_UDS_PREFAILED];

static int empty(void **state)
{
	(void)state;
	memset(&l, 0, sizeof(l));
	return 0;
}

#define SUPPORTED(ecu, bytes) tt_uds_lists_supported(&l, ecu, (const uint8_t *)(bytes), sizeof(bytes) - 1)
#define PREFAILED(ecu, bytes) tt_uds_lists_prefailed(&l, ecu, (const uint8_t *)(bytes), sizeof(bytes) - 1, begun)

static void supported_codes_are_counted_without_padding(void **state)
{
	(void)state;
	assert_null(tt_uds_lists_find(&l, 0x7E8));
	assert_int_equal(SUPPORTED(0x7E8, "\x59\x0A\xFF"), 0);
	assert_int_equal(SUPPORTED(0x7E8, "\x59\x0A\xFF\x12\x34\x56\0\x12\x34\x57\x08\0\0"), 2);
	assert_int_equal(SUPPORTED(0x7E9, "\x59\x0A\xFF\x12\x34\x56\0\0\0\0\0\0\0\0\0"), 1);
	assert_int_equal(tt_uds_lists_find(&l, 0x7E8)->supported, 2);
	assert_int_equal(tt_uds_lists_find(&l, 0x7E9)->supported, 1);
	assert_int_equal(SUPPORTED(0x7E8, "\x59\x02\xFF\x12\x34\x56\0"), 0); /* another list */
	assert_int_equal(tt_uds_lists_find(&l, 0x7E8)->supported, 2);
	assert_null(tt_uds_lists_find(&l, 0));
}

static void only_counters_from_1_to_126_are_prefailed(void **state)
{
	const struct tt_uds_list *e;

	(void)state;
	assert_int_equal(PREFAILED(0x7E8, "\x59\x14\0\0\1\x7F\0\0\2\x7E\0\0\3\0\0\0\4\1\0\0\5\x80\0\0\6\xFF"), 2);
	assert_int_equal(begun[0]->code, 2);
	assert_int_equal(begun[0]->status, 126);
	assert_int_equal(begun[1]->code, 4);
	assert_int_equal(begun[1]->status, 1);
	e = tt_uds_lists_find(&l, 0x7E8);
	assert_int_equal(e->nprefailed, 2);
	assert_int_equal(e->supported, 0);
}

static void a_code_is_news_when_it_begins_and_begins_again(void **state)
{
	(void)state;
	assert_int_equal(PREFAILED(0x7E8, "\x59\x14\0\0\1\x10"), 1);
	assert_int_equal(PREFAILED(0x7E8, "\x59\x14\0\0\2\x10\0\0\1\x20"), 1);
	assert_int_equal(begun[0]->code, 2);
	assert_int_equal(tt_uds_lists_find(&l, 0x7E8)->prefailed[1].status, 0x20);
	assert_int_equal(PREFAILED(0x7E9, "\x59\x14\0\0\1\x10"), 1); /* another ECU's */
	assert_int_equal(PREFAILED(0x7E8, "\x59\x14"), 0);
	assert_int_equal(tt_uds_lists_find(&l, 0x7E8)->nprefailed, 0);
	assert_int_equal(PREFAILED(0x7E8, "\x59\x14\0\0\1\x10"), 1);
	assert_int_equal(PREFAILED(0x7E8, "\x59\x0A\xFF"), 0); /* another list changes nothing */
	assert_int_equal(tt_uds_lists_find(&l, 0x7E8)->nprefailed, 1);
}

static void what_does_not_fit_is_left_out(void **state)
{
	uint8_t many[2 + 4 * (TT_UDS_PREFAILED + 1)] = {0x59, 0x14};

	(void)state;
	for (unsigned i = 0; i <= TT_UDS_PREFAILED; i++) {
		many[2 + 4 * i + 2] = (uint8_t)(i + 1);
		many[2 + 4 * i + 3] = 1;
	}
	assert_int_equal(tt_uds_lists_prefailed(&l, 1, many, sizeof(many), begun), TT_UDS_PREFAILED);
	assert_int_equal(begun[TT_UDS_PREFAILED - 1]->code, TT_UDS_PREFAILED);
	for (uint32_t ecu = 2; ecu <= TT_UDS_LIST_ECUS; ecu++)
		assert_int_equal(PREFAILED(ecu, "\x59\x14\0\0\1\x10"), 1);
	assert_int_equal(PREFAILED(TT_UDS_LIST_ECUS + 1, "\x59\x14\0\0\1\x10"), 0);
	assert_int_equal(SUPPORTED(TT_UDS_LIST_ECUS + 1, "\x59\x0A\xFF\0\0\1\0"), 1);
	assert_null(tt_uds_lists_find(&l, TT_UDS_LIST_ECUS + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(supported_codes_are_counted_without_padding, empty),
		cmocka_unit_test_setup(only_counters_from_1_to_126_are_prefailed, empty),
		cmocka_unit_test_setup(a_code_is_news_when_it_begins_and_begins_again, empty),
		cmocka_unit_test_setup(what_does_not_fit_is_left_out, empty),
	};

	return cmocka_run_group_tests_name("uds_lists", tests, NULL, NULL);
}
