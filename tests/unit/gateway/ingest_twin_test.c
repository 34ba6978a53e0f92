/* One defect that a car tells by OBD and by UDS is one open ticket, in whichever order it comes (ADR 18). */
#include "tests/unit/gateway/record.h"

#include <string.h>

#define RAISED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED
#define CHANGED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CHANGED
#define CLEARED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED
#define OPEN_TICKETS "SELECT count(*) FROM ticket WHERE status NOT IN ('resolved','closed')"

static void say(const struct car *car, uint64_t seq, Telltale__V1__FaultChange change, const char *code, bool stored)
{
	assert_int_equal(car_fault(car, seq, change, code, stored), TT_OK);
}

static int64_t entries(const char *kind, const char *text)
{
	return record_ask("SELECT count(*) FROM timeline WHERE subject = 'ticket' AND kind = '%s' AND text LIKE '%s'", kind, text);
}

static void obd_first_then_uds_is_one_ticket_of_the_name_that_says_more(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	say(&car, 1, RAISED, "P0301", true);
	say(&car, 2, RAISED, "P0301-13", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE active = 1"), 2);
	assert_string_equal(record_text("SELECT f.code FROM ticket t JOIN fault f ON f.id = t.fault_id"), "P0301-13");
	assert_string_equal(record_text("SELECT subject FROM ticket"), "P0301-13 Cylinder 1 misfire: open circuit");
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 1);
	assert_int_equal(entries("fault_changed", "reported as P0301-13, too: stored, lamp on"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'ticket.opened'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'ticket.updated' AND body ->> 'code' = 'P0301-13'"), 1);
	assert_int_equal(record_ask("SELECT count(DISTINCT ticket_id) FROM fault WHERE ticket_id IS NOT NULL"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE ticket_id IS NULL"), 0);

	/* the car's own change of name: the poorer one ends */
	say(&car, 3, CLEARED, "P0301", false);
	assert_int_equal(entries("fault_changed", "no longer reported as P0301, but as P0301-13"), 1);
	assert_int_equal(entries("fault_cleared", "%%"), 0);
	say(&car, 4, CLEARED, "P0301-13", false);
	assert_int_equal(entries("fault_cleared", "no longer reported by the car%%"), 1);
	assert_int_equal(record_ask(OPEN_TICKETS), 1);
}

static void uds_first_then_obd_is_one_ticket(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	say(&car, 1, RAISED, "P0301-13", true);
	say(&car, 2, RAISED, "P0301", true);
	say(&car, 3, CHANGED, "P0301", false);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_string_equal(record_text("SELECT subject FROM ticket"), "P0301-13 Cylinder 1 misfire: open circuit");
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 1);
	assert_int_equal(entries("fault_changed", "reported as P0301, too: stored, lamp on"), 1);
	assert_int_equal(entries("fault_changed", "P0301: lamp now off, no longer stored, now pending"), 1);
	/* the feed calls the ticket by its own name */
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind LIKE 'ticket.%%' AND body ->> 'code' = 'P0301-13'"), 3);
}

static void both_come_back_again_and_again_and_stay_one_ticket(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	uint64_t seq = 0;

	for (int round = 0; round < 10; round++) {
		const char *first = round % 2 ? "P0301" : "P0301-13", *second = round % 2 ? "P0301-13" : "P0301";

		say(&car, ++seq, RAISED, first, true);
		say(&car, ++seq, RAISED, second, true);
		say(&car, ++seq, CLEARED, round % 3 ? first : second, false);
		say(&car, ++seq, CLEARED, round % 3 ? second : first, false);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 10);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 1);
}

static void a_second_failure_type_of_the_code_attaches_and_counts(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	say(&car, 1, RAISED, "P0301-13", true);
	say(&car, 2, RAISED, "P0301-11", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_string_equal(record_text("SELECT subject FROM ticket"), "P0301-13 Cylinder 1 misfire: open circuit");
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 2);
	assert_int_equal(entries("fault_repeated", "reported as P0301-11, too: stored, lamp on"), 1);
	/* closed: another finding is a new matter, another name of the same one is not */
	record_exec("UPDATE ticket SET status = 'closed', closed_at = 1, version = version + 1");
	say(&car, 3, RAISED, "P0301", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	say(&car, 4, RAISED, "P0301-16", true);
	assert_int_equal(record_ask(OPEN_TICKETS), 0); /* P0301 speaks for it already */
	say(&car, 5, CLEARED, "P0301", false);
	say(&car, 6, RAISED, "P0301-17", true);
	assert_int_equal(record_ask(OPEN_TICKETS), 1);
}

static void a_defect_whose_ticket_was_closed_is_not_opened_anew_by_its_other_name(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	say(&car, 1, RAISED, "P0301", true);
	record_exec("UPDATE ticket SET status = 'resolved', resolved_at = 1, version = version + 1");
	say(&car, 2, RAISED, "P0301-13", true); /* UDS was slow */
	say(&car, 3, CLEARED, "P0301", false);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	/* gone, and back: that is a new one */
	say(&car, 4, CLEARED, "P0301-13", false);
	say(&car, 5, RAISED, "P0301-13", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 2);
	assert_int_equal(record_ask(OPEN_TICKETS), 1);
}

static void a_name_that_only_suspects_does_not_keep_the_confirmed_one_from_a_ticket(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	say(&car, 1, RAISED, "P0301", false);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	say(&car, 2, RAISED, "P0301-13", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	say(&car, 3, CHANGED, "P0301", true);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
}

static void another_ecu_another_car_and_another_code_have_their_own(void **state)
{
	struct record *r = *state;
	const struct car one = {.r = r, .unit = "CAR-1", .epoch = 7}, two = {.r = r, .unit = "CAR-2", .epoch = 7};

	say(&one, 1, RAISED, "P0301", true);
	say(&two, 1, RAISED, "P0301-13", true);
	say(&one, 2, RAISED, "P0302-13", true);
	record_exec("UPDATE fault SET ecu = 2025 WHERE code = 'P0301'"); /* 7E9 */
	say(&one, 3, RAISED, "P0301-13", true);
	assert_int_equal(record_ask(OPEN_TICKETS), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(obd_first_then_uds_is_one_ticket_of_the_name_that_says_more),
		TEST(uds_first_then_obd_is_one_ticket),
		TEST(both_come_back_again_and_again_and_stay_one_ticket),
		TEST(a_second_failure_type_of_the_code_attaches_and_counts),
		TEST(a_defect_whose_ticket_was_closed_is_not_opened_anew_by_its_other_name),
		TEST(a_name_that_only_suspects_does_not_keep_the_confirmed_one_from_a_ticket),
		TEST(another_ecu_another_car_and_another_code_have_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
