/* An ECU that speaks OBD and UDS tells one defect once, by the name that says more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/fault_watch.h"

enum { ENGINE = 0x7E8, GEARBOX = 0x7E9, P0301 = 0x0301, P0420 = 0x0420, OPEN = 0x030113, SHORT = 0x030111 };

static struct tt_fault_watch w;
static tt_mono_us now;
static struct tt_fault_event events[16], *last;
static const struct tt_obd_freeze_item frame[1] = {{.pid = 0x0D, .len = 1, .decoded = true, .raw = {50}, .value_milli = 50000}};

static int fresh(void **state)
{
	(void)state;
	now = TT_SEC(10);
	tt_fault_watch_init(&w, &TT_FAULT_DEFAULT);
	tt_fault_watch_twin(&w, ENGINE);
	return 0;
}

static unsigned told(void)
{
	unsigned n = 0;

	while (n < 16 && tt_fault_watch_next(&w, now, &events[n]))
		n++;
	last = n > 0 ? &events[n - 1] : NULL;
	return n;
}

static void obd(uint32_t ecu, enum tt_fault_status status, uint16_t code)
{
	now += TT_SEC(1);
	tt_fault_watch_codes(&w, now, ecu, status, &code, code ? 1 : 0);
}

/* One answer to 19 02: both lists. */
static void uds(uint32_t stored, uint32_t pending)
{
	const struct tt_fault_item items[2] = {{.code = stored}, {.code = pending}};
	struct tt_fault_list l = {
		.protocol = TT_FAULT_UDS, .ecu = ENGINE, .status = TT_FAULT_STORED, .items = &items[0], .n = stored ? 1 : 0};

	now += TT_SEC(1);
	tt_fault_watch_list(&w, now, &l);
	l.status = TT_FAULT_PENDING;
	l.items = &items[1];
	l.n = pending ? 1 : 0;
	tt_fault_watch_list(&w, now, &l);
}

static void expect(const struct tt_fault_event *e, enum tt_fault_change change, enum tt_fault_protocol protocol, uint32_t code,
		   uint8_t status)
{
	assert_non_null(e);
	assert_int_equal(e->change, change);
	assert_int_equal(e->protocol, protocol);
	assert_int_equal(e->code, code);
	assert_int_equal(e->status, status);
}

static void obd_first_waits_until_uds_names_the_defect(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(5); /* longer than a freeze frame takes */
	assert_int_equal(told(), 0);
	uds(OPEN, 0);
	tt_fault_watch_detail(&w, now, ENGINE, OPEN);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED);
	now += TT_SEC(3600);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 1);
	assert_int_equal(tt_fault_watch_wake_at(&w), TT_NEVER);
}

static void uds_first_is_told_and_obd_adds_its_bits_and_lamp(void **state)
{
	(void)state;
	uds(OPEN, 0);
	tt_fault_watch_detail(&w, now, ENGINE, OPEN);
	assert_int_equal(told(), 1);
	assert_false(last->mil);
	obd(ENGINE, TT_FAULT_STORED, P0301);
	assert_int_equal(told(), 0); /* nothing new */
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	tt_fault_watch_lamp(&w, now, ENGINE, true);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	assert_true(last->mil);
	assert_int_equal(tt_fault_watch_count(&w), 1);
}

static void a_code_that_uds_lacks_is_told_after_its_next_list(void **state)
{
	(void)state;
	uds(0, 0); /* of before: says nothing of a code that comes later */
	obd(ENGINE, TT_FAULT_PENDING, P0420);
	assert_int_equal(told(), 0);
	uds(OPEN, 0);
	tt_fault_watch_detail(&w, now, ENGINE, OPEN);
	assert_int_equal(told(), 2);
	expect(&events[0], TT_FAULT_RAISED, TT_FAULT_OBD, P0420, TT_FAULT_PENDING);
	expect(&events[1], TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED);
	assert_int_equal(tt_fault_watch_count(&w), 2);
}

static void a_code_that_uds_has_as_pending_only_is_not_let_go_between_its_two_lists(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_PENDING, P0301);
	uds(0, OPEN);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_PENDING);
}

static void silence_by_uds_holds_a_code_for_fifteen_seconds_and_its_time_stays_that_of_the_first_sight(void **state)
{
	tt_mono_us seen;

	(void)state;
	obd(ENGINE, TT_FAULT_STORED, P0301);
	seen = now;
	tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 1);
	assert_int_equal(tt_fault_watch_wake_at(&w), seen + TT_SEC(15));
	now = seen + TT_SEC(15) - 1;
	assert_int_equal(told(), 0);
	now++;
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_OBD, P0301, TT_FAULT_STORED);
	assert_int_equal(last->at_us, seen);
	assert_int_equal(last->nfreeze, 1);
}

static void the_freeze_frame_of_obd_comes_along(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_STORED, P0301);
	tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 1);
	uds(OPEN, 0);
	assert_int_equal(told(), 0); /* the frame does not stand for the details of UDS */
	tt_fault_watch_detail(&w, now, ENGINE, OPEN);
	assert_int_equal(told(), 1);
	assert_true(last->detailed);
	assert_int_equal(last->nfreeze, 1);
}

static void a_code_told_by_obd_gets_its_other_name_and_only_then_ends(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(15);
	assert_int_equal(told(), 1);
	uds(OPEN, 0);
	assert_int_equal(told(), 0); /* not its end before the beginning of the other */
	assert_int_equal(tt_fault_watch_wake_at(&w), now + TT_SEC(2));
	tt_fault_watch_detail(&w, now, ENGINE, OPEN);
	assert_int_equal(told(), 2);
	expect(&events[0], TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED);
	expect(&events[1], TT_FAULT_CLEARED, TT_FAULT_OBD, P0301, 0);
	assert_false(events[1].mil);
	for (unsigned i = 0; i < 5; i++) {
		obd(ENGINE, TT_FAULT_STORED, P0301);
		uds(OPEN, 0);
	}
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 1);
}

/* What OBD said goes on under the new name, also while OBD says nothing more. */
static void the_bits_of_a_code_that_changed_its_name_stay(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	now += TT_SEC(15);
	assert_int_equal(told(), 1);
	uds(0, OPEN);
	assert_int_equal(told(), 2);
	expect(&events[0], TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_PENDING | TT_FAULT_PERMANENT);
	for (unsigned i = 0; i < 5; i++)
		uds(0, OPEN);
	assert_int_equal(told(), 0);
	uds(0, 0);
	uds(0, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, OPEN, TT_FAULT_PERMANENT);
}

static void it_is_cleared_once_when_both_are_without_it(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_STORED, P0301);
	uds(OPEN, 0);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	uds(0, 0);
	uds(0, 0);
	uds(0, 0);
	assert_int_equal(told(), 0); /* OBD has it still */
	obd(ENGINE, TT_FAULT_STORED, 0);
	assert_int_equal(told(), 0);
	obd(ENGINE, TT_FAULT_STORED, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CLEARED, TT_FAULT_UDS, OPEN, 0);
	assert_int_equal(tt_fault_watch_count(&w), 0);
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
}

static void a_permanent_code_keeps_its_name_when_uds_forgets_it(void **state)
{
	(void)state;
	uds(OPEN, 0);
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	uds(0, 0);
	uds(0, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, OPEN, TT_FAULT_PERMANENT);
}

static void of_two_failure_types_the_one_that_uds_still_names_carries_what_obd_says(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	uds(OPEN, 0);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	uds(SHORT, 0);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_UDS, SHORT, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	uds(SHORT, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CLEARED, TT_FAULT_UDS, OPEN, 0);
	uds(0, 0);
	uds(0, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, SHORT, TT_FAULT_PERMANENT);
}

/* The other way round: the one that goes is not the one that was known first. */
static void the_failure_type_that_uds_stops_naming_goes_whichever_came_first(void **state)
{
	(void)state;
	uds(OPEN, 0);
	uds(OPEN, SHORT);
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 2);
	expect(&events[1], TT_FAULT_RAISED, TT_FAULT_UDS, SHORT, TT_FAULT_PENDING | TT_FAULT_PERMANENT);
	uds(OPEN, 0);
	uds(OPEN, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CLEARED, TT_FAULT_UDS, SHORT, 0);
}

static void a_code_that_went_before_it_was_told_leaves_no_trace(void **state)
{
	(void)state;
	obd(ENGINE, TT_FAULT_PENDING, P0301);
	obd(ENGINE, TT_FAULT_PENDING, 0);
	obd(ENGINE, TT_FAULT_PENDING, 0);
	assert_int_equal(tt_fault_watch_wake_at(&w), TT_NEVER);
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 0);
}

/* Named once by UDS, and gone before its details came. */
static void a_uds_code_that_went_untold_does_not_keep_the_name_of_obds(void **state)
{
	const struct tt_fault_config patient = {.clear_lists = 1, .clear_dm1 = 5, .freeze_wait_us = TT_SEC(60), .twin_wait_us = TT_SEC(15)};

	(void)state;
	tt_fault_watch_init(&w, &patient);
	tt_fault_watch_twin(&w, ENGINE);
	uds(OPEN, 0);
	uds(0, 0);
	assert_int_equal(tt_fault_watch_count(&w), 0);
	obd(ENGINE, TT_FAULT_PENDING, P0301);
	assert_int_equal(told(), 0);
	uds(0, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_OBD, P0301, TT_FAULT_PENDING);
}

static void an_ecu_that_is_not_named_a_twin_tells_both(void **state)
{
	const struct tt_fault_item item = {.code = OPEN};
	const struct tt_fault_list l = {.protocol = TT_FAULT_UDS, .ecu = GEARBOX, .status = TT_FAULT_PENDING, .items = &item, .n = 1};

	(void)state;
	obd(GEARBOX, TT_FAULT_PERMANENT, P0301);
	assert_int_equal(told(), 1);
	tt_fault_watch_list(&w, now, &l);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_UDS, OPEN, TT_FAULT_PENDING);
	assert_int_equal(tt_fault_watch_count(&w), 2);
	obd(ENGINE, TT_FAULT_PENDING, P0301); /* and another ECU's UDS code shadows nothing */
	now += TT_SEC(15);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_RAISED, TT_FAULT_OBD, P0301, TT_FAULT_PENDING);
}

static void restore(enum tt_fault_protocol protocol, uint32_t code, uint8_t status)
{
	const struct tt_fault_before before = {protocol, ENGINE, code, status, false, 0};

	tt_fault_watch_restore(&w, &before);
}

static void a_restart_tells_nothing_again_and_can_take_back_what_only_obd_said(void **state)
{
	(void)state;
	restore(TT_FAULT_UDS, OPEN, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	uds(OPEN, 0);
	assert_int_equal(told(), 0); /* permanent still, though OBD was not heard yet */
	obd(ENGINE, TT_FAULT_STORED, P0301);
	obd(ENGINE, TT_FAULT_PERMANENT, P0301);
	uds(OPEN, 0);
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 1);
	obd(ENGINE, TT_FAULT_PERMANENT, 0);
	obd(ENGINE, TT_FAULT_PERMANENT, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CHANGED, TT_FAULT_UDS, OPEN, TT_FAULT_STORED);
}

/* Killed between the two words of a change of name; or an agent before twins were known. */
static void a_restart_with_both_names_told_ends_the_poorer_one(void **state)
{
	(void)state;
	restore(TT_FAULT_OBD, P0301, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	restore(TT_FAULT_UDS, OPEN, TT_FAULT_STORED | TT_FAULT_PERMANENT);
	obd(ENGINE, TT_FAULT_STORED, P0301);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CLEARED, TT_FAULT_OBD, P0301, 0);
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 1);
}

static void whichever_of_the_two_names_was_known_first(void **state)
{
	(void)state;
	restore(TT_FAULT_UDS, OPEN, TT_FAULT_STORED);
	restore(TT_FAULT_OBD, P0301, TT_FAULT_STORED);
	uds(OPEN, 0);
	assert_int_equal(told(), 1);
	expect(last, TT_FAULT_CLEARED, TT_FAULT_OBD, P0301, 0);
}

static void a_full_table_cannot_keep_a_permanent_bit_apart_and_counts_it(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < TT_FAULTS; i++)
		restore(TT_FAULT_UDS, i << 8, TT_FAULT_STORED);
	restore(TT_FAULT_UDS, 0xFFFF00, TT_FAULT_PERMANENT);
	assert_int_equal(tt_fault_watch_count(&w), TT_FAULTS);
	assert_int_equal(w.dropped, 1);
}

static void twins_beyond_eight_are_counted_and_one_named_twice_is_one(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < TT_FAULT_ECUS; i++)
		tt_fault_watch_twin(&w, ENGINE + i);
	assert_int_equal(w.ntwins, TT_FAULT_ECUS);
	assert_int_equal(w.dropped, 0);
	tt_fault_watch_twin(&w, 0x18DAF110);
	assert_int_equal(w.ntwins, TT_FAULT_ECUS);
	assert_int_equal(w.dropped, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(obd_first_waits_until_uds_names_the_defect),
		TEST(uds_first_is_told_and_obd_adds_its_bits_and_lamp),
		TEST(a_code_that_uds_lacks_is_told_after_its_next_list),
		TEST(a_code_that_uds_has_as_pending_only_is_not_let_go_between_its_two_lists),
		TEST(silence_by_uds_holds_a_code_for_fifteen_seconds_and_its_time_stays_that_of_the_first_sight),
		TEST(the_freeze_frame_of_obd_comes_along),
		TEST(a_code_told_by_obd_gets_its_other_name_and_only_then_ends),
		TEST(the_bits_of_a_code_that_changed_its_name_stay),
		TEST(the_failure_type_that_uds_stops_naming_goes_whichever_came_first),
		TEST(whichever_of_the_two_names_was_known_first),
		TEST(it_is_cleared_once_when_both_are_without_it),
		TEST(a_permanent_code_keeps_its_name_when_uds_forgets_it),
		TEST(of_two_failure_types_the_one_that_uds_still_names_carries_what_obd_says),
		TEST(a_code_that_went_before_it_was_told_leaves_no_trace),
		TEST(a_uds_code_that_went_untold_does_not_keep_the_name_of_obds),
		TEST(an_ecu_that_is_not_named_a_twin_tells_both),
		TEST(a_restart_tells_nothing_again_and_can_take_back_what_only_obd_said),
		TEST(a_restart_with_both_names_told_ends_the_poorer_one),
		TEST(a_full_table_cannot_keep_a_permanent_bit_apart_and_counts_it),
		TEST(twins_beyond_eight_are_counted_and_one_named_twice_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
