/* A fault becomes one ticket, at the right dealer, told once. */
#include "tests/unit/gateway/record.h"

#include <string.h>

#define RAISED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED
#define CHANGED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CHANGED
#define CLEARED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED

static void a_stored_code_opens_a_ticket_with_all_that_belongs_to_it(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_int_equal(
		record_ask("SELECT t.dealer_id FROM ticket t JOIN fault f ON f.id = t.fault_id AND f.ticket_id = t.id"
			   " WHERE f.code = 'P0301' AND t.vehicle_id = %d AND t.customer_id = %d AND t.status = 'new' AND t.late = 0",
			   (int)r->vehicle[0], (int)r->owner[0]),
		r->dealer[0]);
	assert_int_equal(record_ask("SELECT latitude_e7 FROM ticket"), 487758460);
	assert_int_equal(record_ask("SELECT opened_at = %lld AND first_response_due_at > opened_at AND resolution_due_at > opened_at"
				    " AND escalate_at = first_response_due_at FROM ticket",
				    (long long)T0),
			 1);
	assert_string_equal(record_text("SELECT freeze_frame FROM fault"),
			    "[{\"pid\":\"0x0C\",\"name\":\"EngineSpeed\",\"value\":1726.000,\"unit\":\"rpm\",\"raw\":\"1AF8\"}]");
	assert_int_equal(
		record_ask("SELECT count(*) FROM change WHERE kind = 'ticket.opened' AND dealer_id = %d AND body ->> 'code' = 'P0301'"
			   " AND body ->> 'vin' = '" VIN_1 "'",
			   (int)r->dealer[0]),
		1);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE subject = 'ticket' AND kind = 'opened'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE channel = 'email' AND recipient = 'owner@example.org'"
				    " AND template = 'fault_owner' AND payload ->> 'name' = 'Owner 1'"
				    " AND idempotency_key = 'CAR-1:0000000000000007:2:1:fault_owner'"),
			 1);
	/* A position has no place in the feed or in a message without a reason (design.md section 7). */
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE body LIKE '%%latitude%%'"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE payload LIKE '%%48.77%%'"), 0);
}

static void repeats_and_redeliveries_never_open_a_second_one(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	const struct car renewed = {.r = r, .unit = "CAR-1", .epoch = 8, .clock = TT_CLOCK_GNSS};

	for (uint64_t seq = 1; seq <= 50; seq++) {
		r->now += TT_SEC(60);
		for (int copy = 0; copy < 3; copy++)
			assert_int_equal(car_fault(&car, seq,
						   seq % 3 == 2 ? CLEARED
						   : seq % 3    ? RAISED
								: CHANGED,
						   "P0301", seq % 3 != 2),
					 TT_OK);
		assert_int_equal(car_fault(&car, seq > 1 ? seq - 1 : 1, RAISED, "P0301", true), TT_OK);
	}
	/* A journal that was lost begins a new epoch and reports everything again. */
	assert_int_equal(car_fault(&renewed, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 51);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM fault"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE kind = 'opened'"), 1);
	assert_true(record_ask("SELECT count(*) FROM timeline WHERE kind = 'fault_cleared'") > 0);
}

static void two_codes_and_two_cars_are_apart(void **state)
{
	struct record *r = *state;
	const struct car one = {.r = r, .unit = "CAR-1", .epoch = 7}, two = {.r = r, .unit = "CAR-2", .epoch = 7};

	record_begin(r);
	assert_int_equal(car_fault(&one, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&two, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&one, 2, RAISED, "P0420", true), TT_OK);
	assert_int_equal(record_commit(r), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 3);
	assert_int_equal(
		record_ask("SELECT count(*) FROM ticket WHERE dealer_id = %d AND vehicle_id = %d", (int)r->dealer[1], (int)r->vehicle[1]),
		1);
}

static void a_pending_code_opens_its_ticket_when_it_is_confirmed(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_fault(&car, 1, RAISED, "P0171", false), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE pending = 1"), 1);
	assert_int_equal(car_fault(&car, 2, CHANGED, "P0171", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
}

static void a_fault_that_comes_back_after_its_ticket_was_closed_opens_a_new_one(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	record_exec("UPDATE ticket SET status = 'closed', closed_at = 1, version = version + 1");
	assert_int_equal(car_fault(&car, 2, CLEARED, "P0301", false), TT_OK);
	assert_int_equal(car_fault(&car, 3, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE status = 'new'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 2);
}

/* Never dropped for its age or its clock (Traccar goes silent after 15 minutes). */
static void an_old_event_is_told_and_marked_late(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(22 * 60)};

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT late FROM event"), 1);
	assert_int_equal(record_ask("SELECT late FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT event_at FROM ticket"), T0 - TT_SEC(22 * 60));
	assert_int_equal(record_ask("SELECT opened_at FROM ticket"), T0);
	assert_int_equal(record_ask("SELECT payload ->> 'late' FROM outbox"), 1);
}

static void a_clock_of_1970_or_2099_is_replaced_by_the_time_of_receipt(void **state)
{
	struct record *r = *state;
	static const tt_utc_us stamps[] = {INT64_C(5) * 1000000, INT64_C(4070908800) * 1000000};

	for (uint64_t i = 0; i < 2; i++) {
		const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_FREE, .stamp = stamps[i]};

		assert_int_equal(car_fault(&car, i + 1, RAISED, i ? "P0420" : "P0301", true), TT_OK);
		assert_int_equal(record_ask("SELECT created_at FROM event WHERE seq = %d", (int)i + 1), T0);
		assert_int_equal(record_ask("SELECT clock FROM event WHERE seq = %d", (int)i + 1), TT_CLOCK_UNKNOWN);
		assert_int_equal(record_ask("SELECT event_at FROM ticket WHERE subject LIKE '%s%%'", i ? "P0420" : "P0301"), T0);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 2);
}

/* A car is sold while it is out of coverage: what happened before belongs to the one who owned it then. */
static void a_late_event_goes_to_the_owner_of_its_time(void **state)
{
	struct record *r = *state;
	const struct car before = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(3600)};
	const struct car after = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(tt_store_begin(r->store), TT_OK);
	assert_int_equal(tt_store_ownership_set(r->store, r->vehicle[0], r->owner[1], T0 - TT_SEC(1800)), TT_OK);
	assert_int_equal(tt_store_commit(r->store), TT_OK);
	record_begin(r); /* the new owner's event first: the link is remembered, and must not be used for the older one */
	assert_int_equal(car_fault(&after, 1, RAISED, "P0420", true), TT_OK);
	assert_int_equal(car_fault(&before, 2, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_commit(r), TT_OK);
	assert_int_equal(record_ask("SELECT customer_id FROM ticket WHERE subject LIKE 'P0301%%'"), r->owner[0]);
	assert_int_equal(record_ask("SELECT dealer_id FROM ticket WHERE subject LIKE 'P0301%%'"), r->dealer[0]);
	assert_int_equal(record_ask("SELECT customer_id FROM ticket WHERE subject LIKE 'P0420%%'"), r->owner[1]);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE payload ->> 'name' = 'Owner 1'"), 1);
}

static void an_owner_without_address_is_not_forgotten_in_silence(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	record_exec("UPDATE customer SET phone = '', email = ''");
	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE kind = 'not_notified'"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stored_code_opens_a_ticket_with_all_that_belongs_to_it),
		TEST(repeats_and_redeliveries_never_open_a_second_one),
		TEST(two_codes_and_two_cars_are_apart),
		TEST(a_pending_code_opens_its_ticket_when_it_is_confirmed),
		TEST(a_fault_that_comes_back_after_its_ticket_was_closed_opens_a_new_one),
		TEST(an_old_event_is_told_and_marked_late),
		TEST(a_clock_of_1970_or_2099_is_replaced_by_the_time_of_receipt),
		TEST(a_late_event_goes_to_the_owner_of_its_time),
		TEST(an_owner_without_address_is_not_forgotten_in_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
