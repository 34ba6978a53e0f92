/* What happens when the record refuses one event, or the disk refuses everything. */
#include "tests/support/fault_vfs.h"
#include "tests/unit/gateway/record.h"

#include <sqlite3.h>
#include <string.h>

#define RAISED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED

static void one_refused_event_costs_its_neighbours_nothing(void **state)
{
	struct record *r = *state;
	const struct car one = {.r = r, .unit = "CAR-1", .epoch = 7}, two = {.r = r, .unit = "CAR-2", .epoch = 7};

	record_exec("CREATE TRIGGER boom BEFORE INSERT ON ticket WHEN new.subject LIKE 'P0420%' BEGIN SELECT raise(ABORT, 'boom'); END");
	record_begin(r);
	assert_int_equal(car_fault(&one, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&one, 2, RAISED, "P0420", true), TT_OK);
	assert_int_equal(car_fault(&one, 3, RAISED, "P0171", true), TT_OK);
	assert_int_equal(car_fault(&two, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_commit(r), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 3);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 4); /* the refused one too, without consequences */
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE code = 'P0420'"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE unit = 'CAR-1' AND reason LIKE 'refused:%%boom%%'"), 1);
	assert_int_equal(record_ask("SELECT seq FROM mark m JOIN unit u ON u.id = m.unit_id WHERE u.name = 'CAR-1'"), 3);
	assert_int_equal(tt_ingest_stats(r->ingest)->tickets_opened, 3);
}

static void an_event_that_cannot_even_be_appended_is_kept_raw(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	record_exec("CREATE TRIGGER boom BEFORE INSERT ON event WHEN new.seq = 2 BEGIN SELECT raise(ABORT, 'boom'); END");
	for (uint64_t seq = 1; seq <= 3; seq++) {
		assert_int_equal(car_telemetry(&car, seq), TT_OK);
		assert_int_equal(car_fault(&car, seq, RAISED, "P0301", true), TT_OK);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 4);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'refused:%%'"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM mark WHERE seq = 3"), 2);
}

static void a_full_disk_acknowledges_nothing_and_loses_nothing(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};
	uint64_t seq = 1;
	enum tt_err err = TT_OK;
	const struct tt_ingest_ack *acks;
	int64_t stored;

	tt_fault_disk_capacity(tt_fault_disk_used() + 200000);
	while (!err && seq < 100000)
		err = car_telemetry(&car, seq++);
	assert_int_equal(err, TT_ENOSPC);
	assert_int_equal(tt_ingest_acks(r->ingest, &acks), 0);
	stored = (int64_t)seq - 2;
	assert_int_equal(record_ask("SELECT count(*) FROM event"), stored);
	assert_int_equal(record_ask("SELECT seq FROM mark"), stored);
	for (int i = 0; i < 3; i++)
		assert_int_equal(car_telemetry(&car, seq - 1), TT_ENOSPC);
	tt_fault_disk_capacity(0);
	assert_int_equal(car_telemetry(&car, seq - 1), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, seq - 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), (int64_t)seq - 1);
}

/* Every single write and sync of a batch fails once: either the batch is whole, or it never was; delivered again it is there once. */
static void a_batch_is_whole_or_never_was_at_every_step_of_the_disk(void **state)
{
	struct record *r = *state;
	uint64_t epoch = 100;
	bool failed = true;

	for (uint64_t nth = 1; failed && nth < 200; nth++, epoch++) {
		const struct car car = {.r = r, .unit = "CAR-1", .epoch = epoch}, other = {.r = r, .unit = "CAR-2", .epoch = epoch};
		enum tt_err err;
		int64_t events, tickets = record_ask("SELECT count(*) FROM ticket");

		tt_fault_disk_fail_at(nth, SQLITE_IOERR_WRITE);
		record_begin(r);
		err = car_telemetry(&car, 1);
		if (!err)
			err = car_alert(&other, 1, TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS, epoch);
		if (!err)
			err = car_telemetry(&car, 2);
		r->batch = false;
		if (!err)
			err = tt_ingest_commit(r->ingest, NULL);
		if (err)
			tt_ingest_abort(r->ingest);
		failed = err != TT_OK;
		tt_fault_disk_fail_at(0, 0);
		events = record_ask("SELECT count(*) FROM event WHERE epoch = %d", (int)epoch);
		assert_int_equal(events, failed ? 0 : 3);
		assert_int_equal(record_ask("SELECT count(*) FROM ticket"), tickets);
		assert_int_equal(car_telemetry(&car, 1), TT_OK);
		assert_int_equal(car_telemetry(&car, 2), TT_OK);
		assert_int_equal(car_alert(&other, 1, TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS, epoch), TT_OK);
		assert_int_equal(record_ask("SELECT count(*) FROM event WHERE epoch = %d", (int)epoch), 3);
		assert_int_equal(record_ask("SELECT count(*) FROM rescue WHERE incident = %d", (int)epoch), 1);
		assert_int_equal(
			record_ask("SELECT count(*) FROM outbox o JOIN rescue c ON c.id = o.payload ->> 'subject_id' WHERE c.incident = %d",
				   (int)epoch),
			2);
	}
	assert_false(failed); /* the last round met no fault: every step was tried */
	assert_true(epoch > 103);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_refused_event_costs_its_neighbours_nothing),
		TEST(an_event_that_cannot_even_be_appended_is_kept_raw),
		TEST(a_full_disk_acknowledges_nothing_and_loses_nothing),
		TEST(a_batch_is_whole_or_never_was_at_every_step_of_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
