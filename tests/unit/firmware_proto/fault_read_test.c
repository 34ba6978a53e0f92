/* Which lists of codes were read: what may be said to be gone. */
#include "firmware/proto/fault_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_list_counts_when_it_came_often_enough(void **state)
{
	struct tt_fault_reads r = {.n = 0};

	(void)state;
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	assert_int_equal(r.n, 1);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), 0);
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), TT_FAULT_STORED);
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_PERMANENT);
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_PERMANENT);
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_PENDING);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), TT_FAULT_STORED | TT_FAULT_PERMANENT);
}

/* DM1 comes every second whatever happens, and needs more of them; DM2 is asked for. */
static void dm1_needs_more_than_the_rest(void **state)
{
	struct tt_fault_reads r = {.n = 0};

	(void)state;
	for (int i = 0; i < 4; i++) {
		tt_fault_reads_note(&r, TT_FAULT_J1939, 0, TT_FAULT_STORED);
		tt_fault_reads_note(&r, TT_FAULT_J1939, 0, TT_FAULT_PREVIOUS);
	}
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), TT_FAULT_PREVIOUS);
	tt_fault_reads_note(&r, TT_FAULT_J1939, 0, TT_FAULT_STORED);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), TT_FAULT_STORED | TT_FAULT_PREVIOUS);
}

static void a_list_that_never_came_was_not_read_even_when_none_is_needed(void **state)
{
	const struct tt_fault_config none = {.clear_lists = 0, .clear_dm1 = 0};
	struct tt_fault_reads r = {.n = 0};

	(void)state;
	tt_fault_reads_note(&r, TT_FAULT_UDS, 0x7E8, TT_FAULT_PENDING);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &none), TT_FAULT_PENDING);
}

static void ecus_and_protocols_are_apart_and_bounded(void **state)
{
	struct tt_fault_reads r = {.n = 0};

	(void)state;
	tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	tt_fault_reads_note(&r, TT_FAULT_UDS, 0x7E8, TT_FAULT_STORED);
	assert_int_equal(r.n, 2);
	for (uint32_t ecu = 0; ecu < 100; ecu++)
		tt_fault_reads_note(&r, TT_FAULT_J1939, ecu, TT_FAULT_STORED);
	assert_int_equal(r.n, TT_FAULT_READS);
	assert_int_equal(r.ecus[TT_FAULT_READS - 1].ecu, TT_FAULT_READS - 3);
}

static void the_count_does_not_run_over(void **state)
{
	struct tt_fault_reads r = {.n = 0};

	(void)state;
	for (int i = 0; i < 256 + 1; i++)
		tt_fault_reads_note(&r, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	assert_int_equal(r.ecus[0].lists[0], 255);
	assert_int_equal(tt_fault_reads_lists(&r.ecus[0], &TT_FAULT_DEFAULT), TT_FAULT_STORED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_counts_when_it_came_often_enough),
		cmocka_unit_test(dm1_needs_more_than_the_rest),
		cmocka_unit_test(a_list_that_never_came_was_not_read_even_when_none_is_needed),
		cmocka_unit_test(ecus_and_protocols_are_apart_and_bounded),
		cmocka_unit_test(the_count_does_not_run_over),
	};

	return cmocka_run_group_tests_name("fault_read", tests, NULL, NULL);
}
