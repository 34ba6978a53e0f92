/* Marks, events, quarantine, vehicle state. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static void a_mark_is_kept_per_unit_class_and_epoch_over_all_64_bits(void **state)
{
	struct world *w = *state;
	const struct tt_mark mark = {.seq = UINT64_MAX, .evicted = 3};
	struct tt_mark got = {.seq = 99};

	OK(tt_store_mark_get(w->s, w->unit[A], 2, 1, &got));
	assert_int_equal(got.seq, 0);
	tt_begin(w);
	OK(tt_store_mark_set(w->s, w->unit[A], 2, UINT64_MAX, &mark));
	OK(tt_store_mark_set(w->s, w->unit[A], 3, UINT64_MAX, &(struct tt_mark){.seq = 5}));
	OK(tt_store_mark_set(w->s, w->unit[A], 3, UINT64_MAX, &(struct tt_mark){.seq = 6}));
	assert_int_equal(tt_store_mark_set(w->s, 4711, 3, 1, &mark), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_mark_get(w->s, w->unit[A], 2, UINT64_MAX, &got));
	assert_true(got.seq == UINT64_MAX && got.evicted == 3);
	OK(tt_store_mark_get(w->s, w->unit[A], 3, UINT64_MAX, &got));
	assert_int_equal(got.seq, 6);
	OK(tt_store_mark_get(w->s, w->unit[B], 2, UINT64_MAX, &got));
	assert_int_equal(got.seq, 0);
	OK(tt_store_mark_get(w->s, w->unit[A], 2, 1, &got));
	assert_int_equal(got.seq, 0);
}

static void events_are_appended_with_rising_ids_and_counted_per_unit(void **state)
{
	struct world *w = *state;
	const uint8_t body[3] = {1, 2, 3};
	struct tt_event e = {.unit_id = w->unit[A],
			     .vehicle_id = w->vehicle[A],
			     .cls = 2,
			     .epoch = UINT64_MAX,
			     .seq = 1,
			     .kind = TT_KIND_FAULT,
			     .created_at = 0,
			     .received_at = NOW,
			     .clock = TT_CLOCK_UNKNOWN,
			     .late = true,
			     .body = body,
			     .body_len = sizeof(body)};
	int64_t first = 0, second = 0, n = -1;

	tt_begin(w);
	OK(tt_store_event_append(w->s, &e, &first));
	e.vehicle_id = 0; /* installed nowhere */
	e.body_len = 0;
	OK(tt_store_event_append(w->s, &e, &second));
	tt_commit(w);
	assert_true(second > first && first > 0);
	OK(tt_store_event_count(w->s, w->unit[A], &n));
	assert_int_equal(n, 2);
	OK(tt_store_event_count(w->s, w->unit[B], &n));
	assert_int_equal(n, 0);
}

struct quarantined {
	int n;
	struct tt_quarantine last;
};

static enum tt_err keep_last(void *ctx, const struct tt_quarantine *row)
{
	struct quarantined *q = ctx;

	q->n++;
	q->last = *row;
	return TT_OK;
}

static void quarantine_keeps_64_kib_and_the_true_size_newest_first(void **state)
{
	struct world *w = *state;
	static uint8_t big[100000];
	struct tt_quarantine row = {
		.received_at = NOW, .topic = "tt/1/0/unit-a/up/event", .unit = "unit-a", .reason = "not protobuf", .size = sizeof(big)};
	struct quarantined all = {0}, newest = {0};
	int64_t n = 0;

	tt_begin(w);
	OK(tt_store_quarantine_add(w->s, &row, big, sizeof(big)));
	row.size = 0;
	row.reason[0] = 0;
	OK(tt_store_quarantine_add(w->s, &row, NULL, 0));
	tt_commit(w);
	OK(tt_store_quarantine_count(w->s, &n));
	assert_int_equal(n, 2);
	OK(tt_store_quarantine_list(w->s, 10, keep_last, &all));
	assert_int_equal(all.n, 2);
	assert_int_equal(all.last.size, sizeof(big));
	assert_string_equal(all.last.reason, "not protobuf");
	assert_string_equal(all.last.topic, row.topic);
	OK(tt_store_quarantine_list(w->s, 1, keep_last, &newest));
	assert_int_equal(newest.n, 1);
	assert_int_equal(newest.last.size, 0);
}

static void vehicle_state_is_one_row_written_whole(void **state)
{
	struct world *w = *state;
	struct tt_vehicle_state
		s = {.vehicle_id = w->vehicle[A],
		     .online = true,
		     .last_seen_at = NOW,
		     .place = {.fix = 3, .latitude_e7 = 312304000, .longitude_e7 = -1214737000, .accuracy_mm = 2500, .fix_at = NOW - 1},
		     .speed_mm_s = 13000,
		     .heading_cdeg = 35999,
		     .odometer_m = 59500000,
		     .odometer_at = NOW,
		     .ignition_on = true,
		     .mil = true,
		     .reported_vin = TT_CONTRACT_VIN_A,
		     .conditions = "[]"},
		got;

	assert_int_equal(tt_store_vehicle_state_get(w->s, w->vehicle[A], &got), TT_ENOTFOUND);
	tt_begin(w);
	OK(tt_store_vehicle_state_put(w->s, &s));
	s.online = false;
	OK(tt_store_vehicle_state_put(w->s, &s));
	tt_commit(w);
	memset(&got, 0, sizeof(got));
	OK(tt_store_vehicle_state_get(w->s, w->vehicle[A], &got));
	assert_false(got.online);
	assert_true(got.ignition_on && got.mil);
	tt_same_place(&got.place, &s.place);
	assert_int_equal(got.heading_cdeg, 35999);
	assert_int_equal(got.odometer_m, 59500000);
	assert_string_equal(got.reported_vin, TT_CONTRACT_VIN_A);
	assert_string_equal(got.conditions, "[]");
	assert_int_equal(tt_store_vehicle_state_get(w->s, w->vehicle[B], &got), TT_ENOTFOUND);
}

static enum tt_err stop_early(void *ctx, const struct tt_quarantine *row)
{
	(void)row;
	++*(int *)ctx;
	return TT_ETIMEOUT;
}

static void a_callback_that_fails_ends_the_list_and_is_its_result(void **state)
{
	struct world *w = *state;
	const struct tt_quarantine row = {.received_at = NOW, .topic = "t"};
	int calls = 0;
	struct quarantined all = {0};

	tt_begin(w);
	OK(tt_store_quarantine_add(w->s, &row, NULL, 0));
	OK(tt_store_quarantine_add(w->s, &row, NULL, 0));
	tt_commit(w);
	assert_int_equal(tt_store_quarantine_list(w->s, 10, stop_early, &calls), TT_ETIMEOUT);
	assert_int_equal(calls, 1);
	OK(tt_store_quarantine_list(w->s, 10, keep_last, &all)); /* and the list may be run again */
	assert_int_equal(all.n, 2);
}

const struct CMUnitTest tt_contract_ingest[] = {
	CONTRACT(a_mark_is_kept_per_unit_class_and_epoch_over_all_64_bits),
	CONTRACT(events_are_appended_with_rising_ids_and_counted_per_unit),
	CONTRACT(quarantine_keeps_64_kib_and_the_true_size_newest_first),
	CONTRACT(vehicle_state_is_one_row_written_whole),
	CONTRACT(a_callback_that_fails_ends_the_list_and_is_its_result),
};
const size_t tt_contract_ningest = sizeof(tt_contract_ingest) / sizeof(tt_contract_ingest[0]);
