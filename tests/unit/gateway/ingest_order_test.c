/* Exactly once, in order, or counted: duplicates, holes, evictions, epochs. */
#include "tests/unit/gateway/record.h"

#include <string.h>

static void a_duplicate_stores_nothing_and_is_acknowledged_again(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	assert_int_equal(car_telemetry(&car, 2), TT_OK);
	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, 2);
	assert_false(record_ack(r).resend);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 2);
	assert_int_equal(tt_ingest_stats(r->ingest)->duplicates, 1);
}

static void a_hole_is_not_stored_and_asked_for_once_a_while(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};
	const struct tt_ingest_ack *acks;

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	assert_int_equal(car_telemetry(&car, 3), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, 1);
	assert_true(record_ack(r).resend);
	assert_int_equal(car_telemetry(&car, 4), TT_OK);
	assert_int_equal(tt_ingest_acks(r->ingest, &acks), 0);
	r->now += TT_SEC(3);
	assert_int_equal(car_telemetry(&car, 5), TT_OK);
	assert_true(record_ack(r).resend);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 1);
	assert_int_equal(tt_ingest_stats(r->ingest)->holes, 3);
	assert_int_equal(tt_ingest_stats(r->ingest)->resends, 2);
}

static void evictions_are_counted_never_guessed(void **state)
{
	struct record *r = *state;
	struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	car.first = 5;
	assert_int_equal(car_telemetry(&car, 6), TT_OK); /* 5 is still held: a hole */
	assert_int_equal(record_ask("SELECT seq FROM mark"), 1);
	assert_int_equal(car_telemetry(&car, 5), TT_OK);
	assert_int_equal(car_telemetry(&car, 6), TT_OK);
	assert_int_equal(record_ask("SELECT seq FROM mark"), 6);
	assert_int_equal(record_ask("SELECT evicted FROM mark"), 3);
	assert_int_equal(tt_ingest_stats(r->ingest)->evicted, 3);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 3);
}

static void classes_and_epochs_are_numbered_apart(void **state)
{
	struct record *r = *state;
	const struct car old = {.r = r, .unit = "CAR-1", .epoch = 7}, renewed = {.r = r, .unit = "CAR-1", .epoch = UINT64_MAX};
	const struct tt_ingest_ack *acks;

	record_begin(r);
	assert_int_equal(car_telemetry(&old, 1), TT_OK);
	assert_int_equal(car_telemetry(&old, 2), TT_OK);
	assert_int_equal(car_odometer(&old, 1, 1000000), TT_OK);
	assert_int_equal(car_telemetry(&renewed, 1), TT_OK);
	assert_int_equal(car_telemetry(&old, 3), TT_OK);
	assert_int_equal(car_telemetry(&renewed, 1), TT_OK); /* duplicate */
	assert_int_equal(record_commit(r), TT_OK);
	assert_true(tt_ingest_acks(r->ingest, &acks) >= 3);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 5);
	assert_int_equal(record_ask("SELECT seq FROM mark WHERE class = 3 AND epoch = 7"), 3);
	assert_int_equal(record_ask("SELECT seq FROM mark WHERE class = 3 AND epoch = -1"), 1);
	assert_int_equal(record_ask("SELECT seq FROM mark WHERE class = 2 AND epoch = 7"), 1);
}

static void a_gateway_that_starts_again_knows_its_marks(void **state)
{
	struct record *r = *state;
	const struct tt_ingest_config config = {.late_limit_us = TT_SEC(900), .batch_max = 4, .units_max = 16};
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	tt_ingest_destroy(r->ingest);
	assert_int_equal(tt_ingest_create(r->store, &config, &r->ingest), TT_OK);
	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 1);
	assert_int_equal(record_ack(r).up_to_seq, 1);
}

/* Two gateways by mistake, or a takeover in mid-stream: the second batch sees what the first stored, though it remembers otherwise. */
static void two_gateways_on_one_record_store_each_event_once(void **state)
{
	struct record *r = *state;
	const struct tt_ingest_config config = {.late_limit_us = TT_SEC(900), .batch_max = 4, .units_max = 16};
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};
	struct tt_ingest *first = r->ingest, *second;
	struct tt_store *first_store = r->store, *store;
	struct tt_errmsg msg;

	assert_int_equal(tt_store_open(record_url(), false, &store, &msg), TT_OK);
	assert_int_equal(tt_ingest_create(store, &config, &second), TT_OK);
	for (uint64_t seq = 1; seq <= 20; seq++) {
		r->ingest = seq & 1 ? first : second;
		r->store = seq & 1 ? first_store : store;
		assert_int_equal(car_telemetry(&car, seq), TT_OK);
		r->ingest = seq & 1 ? second : first;
		r->store = seq & 1 ? store : first_store;
		assert_int_equal(car_telemetry(&car, seq), TT_OK);
	}
	r->ingest = first;
	r->store = first_store;
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 20);
	assert_int_equal(record_ask("SELECT count(DISTINCT seq) FROM event"), 20);
	tt_ingest_destroy(second);
	tt_store_close(store);
}

static void more_units_than_are_remembered_are_served(void **state)
{
	struct record *r = *state;

	assert_int_equal(tt_store_begin(r->store), TT_OK);
	for (int i = 0; i < 300; i++) {
		struct tt_unit unit = {.created_at = T0};
		int64_t id;

		snprintf(unit.name, sizeof(unit.name), "FLEET-%d", i);
		assert_int_equal(tt_store_unit_insert(r->store, &unit, &id), TT_OK);
	}
	assert_int_equal(tt_store_commit(r->store), TT_OK);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		for (int i = 0; i < 300; i++) {
			char name[16];
			const struct car car = {.r = r, .unit = name, .epoch = 7};

			snprintf(name, sizeof(name), "FLEET-%d", i);
			assert_int_equal(car_telemetry(&car, seq), TT_OK);
		}
	}
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 600);
	assert_int_equal(record_ask("SELECT count(*) FROM mark WHERE seq = 2"), 300);
}

static void a_full_batch_says_so(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	record_begin(r);
	for (uint64_t seq = 1; seq <= 64; seq++)
		assert_int_equal(car_telemetry(&car, seq), TT_OK);
	assert_int_equal(car_telemetry(&car, 65), TT_EFULL);
	assert_int_equal(record_commit(r), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, 64);
}

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33);
}

enum { EVENTS = 120, WINDOW = 16 };

/*
 * A go-back-N sender over a bad line: messages are lost, doubled and come after their time, batches fail, the sender starts again from its
 * first held number, the journal evicts. Whatever happens, each number is stored once, in order, or counted.
 */
static void any_line_and_any_go_back_n_end_with_each_event_once(void **state)
{
	struct record *r = *state;

	for (uint64_t run = 1; run <= 40; run++) {
		struct car car = {.r = r, .unit = "CAR-1", .epoch = run};
		uint64_t seed = run * 77, acked = 0, next = 1, held = 1;

		for (int step = 0; step < 20000 && acked < EVENTS; step++) {
			uint32_t dice = next_random(&seed);
			const struct tt_ingest_ack *acks;
			size_t n;

			if (dice % 37 == 0 || next > EVENTS || next > acked + WINDOW)
				next = acked + 1; /* timeout, reconnect: from the first not acknowledged */
			if (dice % 97 == 0 && held <= EVENTS - 20)
				held = acked + 1 + dice / 97 % 3; /* the journal evicts its oldest */
			if (next < held)
				next = held;
			car.first = held;
			r->now += TT_MS(100 + dice % 900);
			if (dice % 5 == 0) {
				next++; /* lost on the way */
				continue;
			}
			if (dice % 11 == 0) { /* the database fails after it was taken */
				record_begin(r);
				assert_int_equal(car_telemetry(&car, next), TT_OK);
				r->batch = false;
				tt_ingest_abort(r->ingest);
				continue;
			}
			if (dice % 7 == 0 && next > held + 3)
				assert_int_equal(car_telemetry(&car, next - 3), TT_OK); /* an old copy */
			assert_int_equal(car_telemetry(&car, next), TT_OK);
			next++;
			n = tt_ingest_acks(r->ingest, &acks);
			if (n == 0 || dice % 3 == 0)
				continue; /* the ack is lost */
			assert_true(acks[0].up_to_seq >= acked);
			acked = acks[0].up_to_seq;
			held = held > acked + 1 ? held : acked + 1;
			if (acks[0].resend)
				next = acked + 1;
		}
		assert_int_equal(acked, EVENTS);
		assert_int_equal(record_ask("SELECT count(*) + (SELECT evicted FROM mark WHERE epoch = %d) FROM event WHERE epoch = %d",
					    (int)run, (int)run),
				 EVENTS);
		assert_int_equal(record_ask("SELECT count(*) - count(DISTINCT seq) FROM event WHERE epoch = %d", (int)run), 0);
		assert_int_equal(
			record_ask("SELECT count(*) FROM event a JOIN event b ON b.epoch = a.epoch AND b.id > a.id AND b.seq <= a.seq"
				   " WHERE a.epoch = %d",
				   (int)run),
			0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_duplicate_stores_nothing_and_is_acknowledged_again),
		TEST(a_hole_is_not_stored_and_asked_for_once_a_while),
		TEST(evictions_are_counted_never_guessed),
		TEST(classes_and_epochs_are_numbered_apart),
		TEST(a_gateway_that_starts_again_knows_its_marks),
		TEST(two_gateways_on_one_record_store_each_event_once),
		TEST(more_units_than_are_remembered_are_served),
		TEST(a_full_batch_says_so),
		TEST(any_line_and_any_go_back_n_end_with_each_event_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
