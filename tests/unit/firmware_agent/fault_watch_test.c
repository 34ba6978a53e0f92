#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/fault_watch.h"

enum { ENGINE = 0x7E8, GEARBOX = 0x7E9, P0301 = 0x0301, P0420 = 0x0420 };

static struct tt_fault_watch w;
static tt_mono_us now;
static struct tt_fault_event last;
static const struct tt_obd_freeze_item frame[2] = {
	{.pid = 0x0C, .len = 2, .decoded = true, .raw = {0x1A, 0xF8}, .value_milli = 1726000},
	{.pid = 0x0D, .len = 1, .decoded = true, .raw = {50}, .value_milli = 50000},
};

static int fresh(void **state)
{
	(void)state;
	now = TT_SEC(10);
	tt_fault_watch_init(&w, &TT_FAULT_DEFAULT);
	return 0;
}

static unsigned told(void)
{
	unsigned n = 0;

	while (tt_fault_watch_next(&w, now, &last))
		n++;
	return n;
}

static void restore(enum tt_fault_protocol protocol, uint32_t ecu, uint32_t code, bool mil, uint16_t lamps)
{
	const struct tt_fault_before before = {protocol, ecu, code, TT_FAULT_STORED, mil, lamps};

	tt_fault_watch_restore(&w, &before);
}

static void list(uint32_t ecu, enum tt_fault_status status, uint16_t code)
{
	now += TT_SEC(1);
	tt_fault_watch_codes(&w, now, ecu, status, &code, code ? 1 : 0);
}

static void a_stored_code_is_raised_once_with_lamp_and_freeze_frame(void **state)
{
	(void)state;
	tt_fault_watch_lamp(&w, now, ENGINE, true);
	list(ENGINE, TT_FAULT_STORED, P0301);
	assert_int_equal(told(), 0); /* waits for its frame */
	tt_fault_watch_freeze(&w, now + TT_MS(300), ENGINE, P0301, frame, 2);
	now += TT_MS(300);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.ecu, ENGINE);
	assert_int_equal(last.code, P0301);
	assert_int_equal(last.status, TT_FAULT_STORED);
	assert_true(last.mil);
	assert_int_equal(last.nfreeze, 2);
	assert_int_equal(last.freeze[0].value_milli, 1726000);
	for (unsigned i = 0; i < 10; i++) {
		list(ENGINE, TT_FAULT_STORED, P0301);
		tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 2);
		tt_fault_watch_lamp(&w, now, ENGINE, true);
	}
	now += TT_SEC(60);
	assert_int_equal(told(), 0);
}

static void a_raise_does_not_wait_for_its_freeze_frame_for_ever(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_STORED, P0301);
	assert_int_equal(tt_fault_watch_wake_at(&w), now + TT_SEC(2));
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	assert_int_equal(last.nfreeze, 0);
	tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 2);
	assert_int_equal(told(), 1); /* the late frame is a change */
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_int_equal(last.nfreeze, 2);
}

static void another_codes_freeze_frame_is_not_shown(void **state)
{
	(void)state;
	tt_fault_watch_freeze(&w, now, ENGINE, P0420, frame, 2);
	list(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	assert_null(last.freeze);
}

static void pending_then_stored_is_raised_then_changed(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_PENDING, P0301);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.status, TT_FAULT_PENDING);
	list(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_int_equal(last.status, TT_FAULT_PENDING | TT_FAULT_STORED);
}

static void it_is_cleared_by_two_lists_in_a_row_without_it_and_not_by_one(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	list(ENGINE, TT_FAULT_STORED, 0);
	list(ENGINE, TT_FAULT_STORED, P0301);
	list(ENGINE, TT_FAULT_STORED, 0);
	assert_int_equal(told(), 0);
	list(ENGINE, TT_FAULT_STORED, 0);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
	assert_int_equal(last.status, 0);
	assert_int_equal(tt_fault_watch_count(&w), 0);
	list(ENGINE, TT_FAULT_PENDING, P0301);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED); /* comes back: raised again */
}

static void neither_silence_nor_other_ecus_nor_other_lists_clear_it(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_STORED, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	for (unsigned i = 0; i < 10; i++) {
		list(GEARBOX, TT_FAULT_STORED, 0);
		list(ENGINE, TT_FAULT_PENDING, 0);
		list(ENGINE, TT_FAULT_PERMANENT, 0);
	}
	now += TT_SEC(86400);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_count(&w), 1);
}

static void a_permanent_code_stays_when_the_stored_one_is_erased(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_STORED, P0301);
	list(ENGINE, TT_FAULT_PERMANENT, P0301);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	list(ENGINE, TT_FAULT_STORED, 0);
	list(ENGINE, TT_FAULT_STORED, 0);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_int_equal(last.status, TT_FAULT_PERMANENT);
}

static void the_same_code_in_two_ecus_is_two_faults(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_PENDING, P0301);
	list(GEARBOX, TT_FAULT_PENDING, P0301);
	assert_int_equal(told(), 2);
	assert_int_equal(tt_fault_watch_count(&w), 2);
}

static void the_lamp_going_on_changes_stored_faults_only(void **state)
{
	(void)state;
	list(ENGINE, TT_FAULT_STORED, P0301);
	list(ENGINE, TT_FAULT_PENDING, P0420);
	now += TT_SEC(2);
	assert_int_equal(told(), 2);
	tt_fault_watch_lamp(&w, now, ENGINE, true);
	assert_int_equal(told(), 1);
	assert_int_equal(last.code, P0301);
	assert_true(last.mil);
	assert_true(tt_fault_watch_mil(&w));
}

static void a_fault_known_before_the_restart_is_not_raised_again_but_can_be_cleared(void **state)
{
	(void)state;
	restore(TT_FAULT_OBD, ENGINE, P0301, true, 0);
	restore(TT_FAULT_OBD, ENGINE, P0420, true, 0);
	tt_fault_watch_lamp(&w, now, ENGINE, true);
	list(ENGINE, TT_FAULT_STORED, P0301);
	tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 2);
	now += TT_SEC(5);
	assert_int_equal(told(), 0);
	list(ENGINE, TT_FAULT_STORED, P0301);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
	assert_int_equal(last.code, P0420);
}

static void more_codes_than_fit_are_counted_and_the_rest_is_kept(void **state)
{
	uint16_t codes[TT_OBD_MAX_DTCS];

	(void)state;
	for (unsigned i = 0; i < TT_OBD_MAX_DTCS; i++)
		codes[i] = (uint16_t)(i + 1);
	tt_fault_watch_codes(&w, now, ENGINE, TT_FAULT_PENDING, codes, TT_OBD_MAX_DTCS);
	tt_fault_watch_codes(&w, now, GEARBOX, TT_FAULT_PENDING, codes, TT_OBD_MAX_DTCS);
	assert_int_equal(told(), TT_FAULTS);
	assert_int_equal(w.dropped, 2 * TT_OBD_MAX_DTCS - TT_FAULTS);
}

static void what_the_journal_refused_is_not_told_and_comes_again(void **state)
{
	struct tt_fault_event e;

	(void)state;
	list(ENGINE, TT_FAULT_PENDING, P0301);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(tt_fault_watch_peek(&w, now, &e));
		assert_int_equal(e.change, TT_FAULT_RAISED);
		assert_false(w.faults[0].told);
	}
	/* as it is when the journal works again */
	list(ENGINE, TT_FAULT_PERMANENT, P0301);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.status, TT_FAULT_PENDING | TT_FAULT_PERMANENT);
	assert_false(tt_fault_watch_peek(&w, now, &e));
	assert_int_equal(tt_fault_watch_wake_at(&w), TT_NEVER);
}

/* ---- J1939 ---- */

enum { TRUCK_ENGINE = 0, SPN_609_19 = 609 << 5 | 19, SPN_100_1 = 100 << 5 | 1, STOP_LAMP = 0x10FF };

static void dm(enum tt_fault_status status, uint16_t lamps, const struct tt_fault_item *items, size_t n)
{
	const struct tt_fault_list l = {
		.protocol = TT_FAULT_J1939, .ecu = TRUCK_ENGINE, .status = status, .lamps = lamps, .items = items, .n = n};

	now += TT_SEC(1);
	tt_fault_watch_list(&w, now, &l);
}

static void an_active_j1939_code_is_told_at_once_with_lamps_and_count(void **state)
{
	const struct tt_fault_item item = {.code = SPN_609_19, .mil = true, .occurrences = 3};

	(void)state;
	dm(TT_FAULT_STORED, STOP_LAMP, &item, 1);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.protocol, TT_FAULT_J1939);
	assert_int_equal(last.code, SPN_609_19);
	assert_int_equal(last.status, TT_FAULT_STORED);
	assert_int_equal(last.lamps, STOP_LAMP);
	assert_int_equal(last.occurrences, 3);
	assert_true(last.mil);
	assert_int_equal(last.at_us, now);
	assert_true(tt_fault_watch_mil(&w));
	assert_int_equal(tt_fault_watch_wake_at(&w), TT_NEVER);
	dm(TT_FAULT_STORED, STOP_LAMP, &item, 1);
	assert_int_equal(told(), 0);
	dm(TT_FAULT_STORED, 0x40FF, &item, 1); /* another lamp */
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_int_equal(last.lamps, 0x40FF);
}

static void a_j1939_code_goes_after_five_messages_without_it(void **state)
{
	const struct tt_fault_item items[2] = {{.code = SPN_609_19}, {.code = SPN_100_1}};

	(void)state;
	dm(TT_FAULT_STORED, 0, items, 2);
	assert_int_equal(told(), 2);
	for (unsigned i = 0; i < 4; i++)
		dm(TT_FAULT_STORED, 0, items, 1);
	assert_int_equal(told(), 0);
	dm(TT_FAULT_STORED, 0, items, 2); /* back: the count begins anew */
	for (unsigned i = 0; i < 4; i++)
		dm(TT_FAULT_STORED, 0, items, 1);
	assert_int_equal(told(), 0);
	dm(TT_FAULT_STORED, 0, items, 1);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
	assert_int_equal(last.code, SPN_100_1);
	assert_int_equal(tt_fault_watch_count(&w), 1);
	assert_false(tt_fault_watch_mil(&w));
}

static void a_previously_active_code_lights_nothing_and_leaves_the_lamps_alone(void **state)
{
	const struct tt_fault_item item = {.code = SPN_609_19, .mil = true, .occurrences = TT_FAULT_OC_UNKNOWN};

	(void)state;
	dm(TT_FAULT_PREVIOUS, STOP_LAMP, &item, 1);
	assert_int_equal(told(), 1);
	assert_int_equal(last.status, TT_FAULT_PREVIOUS);
	assert_int_equal(last.lamps, 0);
	assert_int_equal(last.occurrences, TT_FAULT_OC_UNKNOWN);
	assert_false(last.mil);
	assert_false(tt_fault_watch_mil(&w));
	dm(TT_FAULT_STORED, STOP_LAMP, &item, 1);
	assert_int_equal(told(), 1);
	assert_int_equal(last.status, TT_FAULT_STORED | TT_FAULT_PREVIOUS);
	assert_true(last.mil);
	dm(TT_FAULT_PREVIOUS, 0, NULL, 0);
	assert_int_equal(told(), 0);
	dm(TT_FAULT_PREVIOUS, 0, NULL, 0); /* two lists, like OBD's */
	assert_int_equal(told(), 1);
	assert_int_equal(last.status, TT_FAULT_STORED);
}

static void the_same_number_of_another_protocol_is_another_fault(void **state)
{
	const struct tt_fault_item item = {.code = P0301};
	const struct tt_fault_list uds = {.protocol = TT_FAULT_UDS, .ecu = ENGINE, .status = TT_FAULT_STORED, .items = &item, .n = 1};

	(void)state;
	list(ENGINE, TT_FAULT_PENDING, P0301);
	tt_fault_watch_lamp(&w, now, ENGINE, true);
	tt_fault_watch_freeze(&w, now, ENGINE, P0301, frame, 2);
	(void)told();
	tt_fault_watch_list(&w, now, &uds);
	now += TT_SEC(2); /* no details come */
	assert_int_equal(told(), 1);
	assert_int_equal(last.protocol, TT_FAULT_UDS);
	assert_false(last.mil); /* the ECU's lamp is OBD's */
	assert_int_equal(last.nfreeze, 0);
	assert_int_equal(tt_fault_watch_count(&w), 2);
	list(ENGINE, TT_FAULT_PENDING, 0);
	list(ENGINE, TT_FAULT_PENDING, 0);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
	assert_int_equal(last.protocol, TT_FAULT_OBD);
	assert_int_equal(tt_fault_watch_count(&w), 1);
}

static void a_restored_j1939_code_is_not_told_again_and_needs_no_ecu_slot(void **state)
{
	const struct tt_fault_item item = {.code = SPN_609_19, .mil = true};

	(void)state;
	for (uint32_t source = 1; source <= TT_FAULT_ECUS; source++)
		restore(TT_FAULT_J1939, source, SPN_100_1, false, 0);
	restore(TT_FAULT_J1939, TRUCK_ENGINE, SPN_609_19, true, STOP_LAMP);
	assert_int_equal(tt_fault_watch_count(&w), TT_FAULT_ECUS + 1);
	assert_int_equal(w.dropped, 0);
	assert_true(tt_fault_watch_mil(&w));
	dm(TT_FAULT_STORED, STOP_LAMP, &item, 1);
	assert_int_equal(told(), 0);
	for (unsigned i = 0; i < 5; i++)
		dm(TT_FAULT_STORED, 0, NULL, 0);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
	assert_int_equal(last.code, SPN_609_19);
}

static void code_zero_and_a_full_table_add_nothing(void **state)
{
	struct tt_fault_item items[TT_FAULTS + 2] = {{.code = 0}};
	const struct tt_fault_config hasty = {.clear_lists = 0, .clear_dm1 = 0};

	(void)state;
	for (uint32_t i = 1; i < TT_FAULTS + 2; i++)
		items[i].code = i;
	dm(TT_FAULT_STORED, 0, items, TT_FAULTS + 2);
	assert_int_equal(tt_fault_watch_count(&w), TT_FAULTS);
	assert_int_equal(w.dropped, 1);
	restore(TT_FAULT_J1939, TRUCK_ENGINE, 999, false, 0);
	assert_int_equal(w.dropped, 2);
	tt_fault_watch_init(&w, &hasty); /* 0 lists means 1 */
	dm(TT_FAULT_STORED, 0, items + 1, 1);
	assert_int_equal(told(), 1);
	dm(TT_FAULT_STORED, 0, NULL, 0);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CLEARED);
}

static void uds(enum tt_fault_status status, uint32_t code, bool mil)
{
	const struct tt_fault_item item = {.code = code, .mil = mil};
	const struct tt_fault_list l = {.protocol = TT_FAULT_UDS, .ecu = ENGINE, .status = status, .items = &item, .n = code ? 1 : 0};

	now += TT_SEC(1);
	tt_fault_watch_list(&w, now, &l);
}

static void a_uds_code_waits_for_its_details_and_carries_its_own_lamp(void **state)
{
	(void)state;
	uds(TT_FAULT_STORED, 0x03011A, true);
	assert_int_equal(told(), 0);
	assert_int_equal(tt_fault_watch_wake_at(&w), now + TT_SEC(2));
	tt_fault_watch_detail(&w, now, GEARBOX, 0x03011A); /* another one's */
	tt_fault_watch_detail(&w, now, ENGINE, 0x03011B);
	assert_int_equal(told(), 0);
	now += TT_MS(300);
	tt_fault_watch_detail(&w, now, ENGINE, 0x03011A);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.code, 0x03011A);
	assert_int_equal(last.at_us, now - TT_MS(300));
	assert_true(last.mil && last.detailed);
	assert_true(tt_fault_watch_mil(&w));
	tt_fault_watch_detail(&w, now, ENGINE, 0x03011A);
	assert_int_equal(told(), 0);
	uds(TT_FAULT_STORED, 0x03011A, false);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_false(last.mil);
}

static void details_that_come_late_are_one_change(void **state)
{
	(void)state;
	uds(TT_FAULT_STORED, 0x03011A, false);
	now += TT_SEC(2);
	assert_int_equal(told(), 1);
	assert_false(last.detailed);
	tt_fault_watch_detail(&w, now, ENGINE, 0x03011A);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_CHANGED);
	assert_true(last.detailed);
}

static void a_pending_uds_code_waits_for_nothing(void **state)
{
	(void)state;
	uds(TT_FAULT_PENDING, 0x03011A, false);
	assert_int_equal(told(), 1);
	assert_int_equal(last.change, TT_FAULT_RAISED);
	assert_int_equal(last.status, TT_FAULT_PENDING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_stored_code_is_raised_once_with_lamp_and_freeze_frame, fresh),
		cmocka_unit_test_setup(a_raise_does_not_wait_for_its_freeze_frame_for_ever, fresh),
		cmocka_unit_test_setup(another_codes_freeze_frame_is_not_shown, fresh),
		cmocka_unit_test_setup(pending_then_stored_is_raised_then_changed, fresh),
		cmocka_unit_test_setup(it_is_cleared_by_two_lists_in_a_row_without_it_and_not_by_one, fresh),
		cmocka_unit_test_setup(neither_silence_nor_other_ecus_nor_other_lists_clear_it, fresh),
		cmocka_unit_test_setup(a_permanent_code_stays_when_the_stored_one_is_erased, fresh),
		cmocka_unit_test_setup(the_same_code_in_two_ecus_is_two_faults, fresh),
		cmocka_unit_test_setup(the_lamp_going_on_changes_stored_faults_only, fresh),
		cmocka_unit_test_setup(a_fault_known_before_the_restart_is_not_raised_again_but_can_be_cleared, fresh),
		cmocka_unit_test_setup(more_codes_than_fit_are_counted_and_the_rest_is_kept, fresh),
		cmocka_unit_test_setup(what_the_journal_refused_is_not_told_and_comes_again, fresh),
		cmocka_unit_test_setup(an_active_j1939_code_is_told_at_once_with_lamps_and_count, fresh),
		cmocka_unit_test_setup(a_j1939_code_goes_after_five_messages_without_it, fresh),
		cmocka_unit_test_setup(a_previously_active_code_lights_nothing_and_leaves_the_lamps_alone, fresh),
		cmocka_unit_test_setup(the_same_number_of_another_protocol_is_another_fault, fresh),
		cmocka_unit_test_setup(a_restored_j1939_code_is_not_told_again_and_needs_no_ecu_slot, fresh),
		cmocka_unit_test_setup(code_zero_and_a_full_table_add_nothing, fresh),
		cmocka_unit_test_setup(a_pending_uds_code_waits_for_nothing, fresh),
		cmocka_unit_test_setup(details_that_come_late_are_one_change, fresh),
		cmocka_unit_test_setup(a_uds_code_waits_for_its_details_and_carries_its_own_lamp, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
