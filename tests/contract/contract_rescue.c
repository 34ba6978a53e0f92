/* Rescue cases: one for a vehicle and incident, on the boards of their dealer and of the rescue centre. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static struct tt_rescue crash(const struct world *w, int dealer, uint64_t incident)
{
	return (struct tt_rescue){.dealer_id = w->dealer[dealer],
				  .vehicle_id = w->vehicle[dealer],
				  .customer_id = w->customer[dealer],
				  .incident = incident,
				  .kind = "crash",
				  .status = "new",
				  .severity = "high",
				  .detail = "{\"airbag\":true}",
				  .opened_at = NOW,
				  .event_at = NOW - 5,
				  .updated_at = NOW,
				  .escalate_at = NOW + 30,
				  .late = true,
				  .place = {.fix = 3, .latitude_e7 = 5, .longitude_e7 = 6, .accuracy_mm = 7, .fix_at = NOW}};
}

static void an_incident_has_one_case(void **state)
{
	struct world *w = *state;
	struct tt_rescue r = crash(w, A, UINT64_MAX), got;
	int64_t id = 0, other = 0;

	tt_begin(w);
	OK(tt_store_rescue_insert(w->s, &r, &id));
	assert_int_equal(tt_store_rescue_insert(w->s, &r, &other), TT_EEXIST);
	r.incident = 1;
	OK(tt_store_rescue_insert(w->s, &r, &other));
	tt_commit(w);
	OK(tt_store_rescue_find(w->s, w->vehicle[A], UINT64_MAX, &got));
	assert_int_equal(got.id, id);
	assert_true(got.incident == UINT64_MAX);
	assert_int_equal(tt_store_rescue_find(w->s, w->vehicle[B], 1, &got), TT_ENOTFOUND);
	OK(tt_store_rescue_open_of_vehicle(w->s, w->vehicle[A], &got));
	assert_int_equal(tt_store_rescue_open_of_vehicle(w->s, w->vehicle[B], &got), TT_ENOTFOUND);
}

static void a_case_comes_back_as_written_within_its_scope(void **state)
{
	struct world *w = *state;
	struct tt_rescue r = crash(w, B, 9);
	struct tt_rescue_row row;
	int64_t id = 0;

	tt_begin(w);
	OK(tt_store_rescue_insert(w->s, &r, &id));
	tt_commit(w);
	assert_int_equal(tt_store_rescue_get(w->s, w->scope[A], id, &row), TT_ENOTFOUND);
	OK(tt_store_rescue_get(w->s, w->scope[B], id, &row));
	OK(tt_store_rescue_get(w->s, TT_SCOPE_SYSTEM, id, &row));
	assert_string_equal(row.customer_name, "王小明");
	assert_string_equal(row.customer_phone, "+8621222");
	assert_string_equal(row.vin, TT_CONTRACT_VIN_B);
	assert_string_equal(row.dealer_name, "Dealer B");
	assert_string_equal(row.assignee_name, "");
	assert_string_equal(row.rescue.detail, "{\"airbag\":true}");
	assert_int_equal(row.rescue.event_at, NOW - 5);
	assert_true(row.rescue.late);
	assert_int_equal(row.rescue.escalate_at, NOW + 30);
	tt_same_place(&row.rescue.place, &r.place);
	assert_int_equal(row.rescue.version, 1);
}

static void the_faster_of_two_writers_wins(void **state)
{
	struct world *w = *state;
	struct tt_rescue r = crash(w, A, 1), mine, theirs;
	int64_t id = 0;

	tt_begin(w);
	OK(tt_store_rescue_insert(w->s, &r, &id));
	OK(tt_store_rescue_find(w->s, w->vehicle[A], 1, &mine));
	theirs = mine;
	(void)snprintf(mine.status, sizeof(mine.status), "acknowledged");
	mine.assignee_id = w->user[A];
	mine.escalations = 2;
	OK(tt_store_rescue_update(w->s, &mine));
	assert_int_equal(tt_store_rescue_update(w->s, &theirs), TT_ECONFLICT);
	tt_commit(w);
	OK(tt_store_rescue_find(w->s, w->vehicle[A], 1, &theirs));
	assert_string_equal(theirs.status, "acknowledged");
	assert_int_equal(theirs.assignee_id, w->user[A]);
	assert_int_equal(theirs.escalations, 2);
	assert_int_equal(theirs.version, 2);
}

struct board {
	char ids[256];
};

static enum tt_err take(void *ctx, const struct tt_rescue_row *row)
{
	struct board *b = ctx;
	size_t len = strlen(b->ids);

	(void)snprintf(b->ids + len, sizeof(b->ids) - len, "%d;", (int)row->rescue.incident);
	return TT_OK;
}

static enum tt_err take_open(void *ctx, const char *name, int64_t value)
{
	if (strcmp(name, "rescue.open") == 0)
		*(int64_t *)ctx = value;
	return TT_OK;
}

static void boards_show_open_cases_newest_first_and_closed_ones_apart(void **state)
{
	struct world *w = *state;
	struct board mine = {""}, all = {""}, closed = {""}, closed_b = {""}, limited = {""};
	int64_t id = 0, open_a = -1, open_all = -1;

	tt_begin(w);
	for (int i = 1; i <= 6; i++) {
		struct tt_rescue r = crash(w, i & 1 ? A : B, (uint64_t)i), back;

		r.opened_at = NOW + i;
		OK(tt_store_rescue_insert(w->s, &r, &id));
		if (i <= 2) {
			OK(tt_store_rescue_find(w->s, r.vehicle_id, (uint64_t)i, &back));
			(void)snprintf(back.status, sizeof(back.status), "closed");
			back.closed_at = NOW + 10 - i;
			OK(tt_store_rescue_update(w->s, &back));
		}
	}
	tt_commit(w);
	OK(tt_store_rescue_list(w->s, w->scope[A], false, 10, take, &mine));
	assert_string_equal(mine.ids, "5;3;");
	OK(tt_store_rescue_list(w->s, TT_SCOPE_SYSTEM, false, 10, take, &all));
	assert_string_equal(all.ids, "6;5;4;3;");
	OK(tt_store_rescue_list(w->s, TT_SCOPE_SYSTEM, true, 10, take, &closed));
	assert_string_equal(closed.ids, "1;2;");
	OK(tt_store_rescue_list(w->s, w->scope[B], true, 10, take, &closed_b));
	assert_string_equal(closed_b.ids, "2;");
	OK(tt_store_rescue_list(w->s, TT_SCOPE_SYSTEM, false, 1, take, &limited));
	assert_string_equal(limited.ids, "6;");
	OK(tt_store_counters(w->s, w->scope[A], take_open, &open_a));
	OK(tt_store_counters(w->s, TT_SCOPE_SYSTEM, take_open, &open_all));
	assert_int_equal(open_a, 2);
	assert_int_equal(open_all, 4);
	OK(tt_store_check(w->s, NULL));
}

static void escalations_are_due_cases_that_are_not_closed(void **state)
{
	struct world *w = *state;
	struct board due = {""};
	struct tt_rescue r = crash(w, A, 1);
	int64_t id;

	tt_begin(w);
	OK(tt_store_rescue_insert(w->s, &r, &id));
	r.incident = 2;
	r.escalate_at = NOW + 31;
	OK(tt_store_rescue_insert(w->s, &r, &id));
	r.incident = 3;
	r.escalate_at = 0;
	OK(tt_store_rescue_insert(w->s, &r, &id));
	r.incident = 4;
	r.escalate_at = NOW;
	(void)snprintf(r.status, sizeof(r.status), "closed");
	OK(tt_store_rescue_insert(w->s, &r, &id));
	tt_commit(w);
	OK(tt_store_rescue_escalations(w->s, NOW + 30, 10, take, &due));
	assert_string_equal(due.ids, "1;");
}

const struct CMUnitTest tt_contract_rescue[] = {
	CONTRACT(an_incident_has_one_case),
	CONTRACT(a_case_comes_back_as_written_within_its_scope),
	CONTRACT(the_faster_of_two_writers_wins),
	CONTRACT(boards_show_open_cases_newest_first_and_closed_ones_apart),
	CONTRACT(escalations_are_due_cases_that_are_not_closed),
};
const size_t tt_contract_nrescue = sizeof(tt_contract_rescue) / sizeof(tt_contract_rescue[0]);
