/* Tickets: one open per fault, versions, the queue's order and paging, counters. */
#include "store_contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_ticket_comes_back_as_it_was_written_with_what_stands_beside_it(void **state)
{
	struct world *w = *state;
	struct tt_ticket t = {.dealer_id = w->dealer[A],
			      .vehicle_id = w->vehicle[A],
			      .customer_id = w->customer[A],
			      .kind = "fault",
			      .subject = "P0301 Cylinder 1 misfire",
			      .priority = 2,
			      .status = "open",
			      .assignee_id = w->user[A],
			      .opened_at = NOW,
			      .updated_at = NOW + 1,
			      .first_response_due_at = NOW + 2,
			      .first_response_at = NOW + 3,
			      .resolution_due_at = NOW + 4,
			      .sla_paused_at = NOW + 5,
			      .escalate_at = NOW + 6,
			      .escalated_at = NOW + 7,
			      .event_at = NOW - 8,
			      .late = true,
			      .occurrences = 9,
			      .place = {.fix = 3, .latitude_e7 = 1, .longitude_e7 = -2, .accuracy_mm = 3, .fix_at = NOW},
			      .odometer_m = 10};
	struct tt_queue_row row;
	int64_t id = 0;

	tt_begin(w);
	t.fault_id = tt_new_fault(w, A, "P0301");
	OK(tt_store_ticket_insert(w->s, &t, &id));
	tt_commit(w);
	memset(&row, 0, sizeof(row));
	OK(tt_store_ticket_get(w->s, w->scope[A], id, &row));
	t.id = id;
	t.version = 1;
	tt_same_place(&row.ticket.place, &t.place);
	assert_int_equal(row.ticket.sla_paused_at, t.sla_paused_at);
	assert_int_equal(row.ticket.escalate_at, t.escalate_at);
	assert_int_equal(row.ticket.escalated_at, t.escalated_at);
	assert_int_equal(row.ticket.event_at, t.event_at);
	assert_int_equal(row.ticket.resolved_at, 0);
	assert_true(row.ticket.late);
	assert_int_equal(row.ticket.version, 1);
	assert_string_equal(row.ticket.subject, t.subject);
	assert_string_equal(row.vin, TT_CONTRACT_VIN_A);
	assert_string_equal(row.customer_name, "Ursula Ärmel");
	assert_string_equal(row.customer_tier, "gold");
	assert_string_equal(row.assignee_name, "Adviser A");
	assert_string_equal(row.dealer_name, "Dealer A");
	assert_string_equal(row.code, "P0301");
}

static void a_ticket_of_another_dealer_is_not_found(void **state)
{
	struct world *w = *state;
	struct tt_queue_row row;
	int64_t id;

	tt_begin(w);
	id = tt_new_ticket(w, A, 1, NOW, 0);
	tt_commit(w);
	assert_int_equal(tt_store_ticket_get(w->s, w->scope[B], id, &row), TT_ENOTFOUND);
	OK(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, id, &row));
	assert_int_equal(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, 999, &row), TT_ENOTFOUND);
}

static void a_fault_has_one_open_ticket_and_a_new_one_only_after_it_is_done(void **state)
{
	static const char *const open[] = {"new", "open", "pending"}, *const done[] = {"resolved", "closed"};
	struct world *w = *state;
	struct tt_ticket t, copy;
	int64_t fault, id, other;

	tt_begin(w);
	fault = tt_new_fault(w, A, "P0301");
	id = tt_new_ticket(w, A, 1, NOW, fault);
	for (size_t i = 0; i < 3; i++) {
		OK(tt_store_ticket_open_of_fault(w->s, fault, &t));
		assert_int_equal(t.id, id);
		(void)snprintf(t.status, sizeof(t.status), "%s", open[i]);
		OK(tt_store_ticket_update(w->s, &t));
		copy = t;
		assert_int_equal(tt_store_ticket_insert(w->s, &copy, &other), TT_EEXIST);
	}
	for (size_t i = 0; i < 2; i++) {
		OK(tt_store_ticket_open_of_fault(w->s, fault, &t));
		(void)snprintf(t.status, sizeof(t.status), "%s", done[i]);
		OK(tt_store_ticket_update(w->s, &t));
		assert_int_equal(tt_store_ticket_open_of_fault(w->s, fault, &t), TT_ENOTFOUND);
		(void)tt_new_ticket(w, A, 1, NOW, fault);
	}
	/* Reopening the old one beside the new one breaks the promise too. */
	t.id = id;
	t.version = 5;
	(void)snprintf(t.status, sizeof(t.status), "open");
	assert_int_equal(tt_store_ticket_update(w->s, &t), TT_EEXIST);
	tt_commit(w);
	OK(tt_store_check(w->s, NULL));
}

static void the_faster_of_two_writers_wins_and_the_other_is_told(void **state)
{
	struct world *w = *state;
	struct tt_queue_row mine, theirs;
	int64_t id;

	tt_begin(w);
	id = tt_new_ticket(w, A, 1, NOW, 0);
	tt_commit(w);
	OK(tt_store_ticket_get(w->s, w->scope[A], id, &mine));
	OK(tt_store_ticket_get(w->s, w->scope[A], id, &theirs));
	tt_begin(w);
	mine.ticket.priority = 3;
	OK(tt_store_ticket_update(w->s, &mine.ticket));
	theirs.ticket.priority = 4;
	assert_int_equal(tt_store_ticket_update(w->s, &theirs.ticket), TT_ECONFLICT);
	tt_commit(w);
	OK(tt_store_ticket_get(w->s, w->scope[A], id, &theirs));
	assert_int_equal(theirs.ticket.priority, 3);
	assert_int_equal(theirs.ticket.version, mine.ticket.version + 1);
	assert_int_equal(theirs.ticket.opened_at, NOW);
}

static void a_status_or_priority_that_does_not_exist_is_refused(void **state)
{
	struct world *w = *state;
	struct tt_ticket t = {.dealer_id = w->dealer[A],
			      .kind = "enquiry",
			      .subject = "s",
			      .priority = 5,
			      .status = "new",
			      .opened_at = NOW,
			      .updated_at = NOW,
			      .event_at = NOW};
	int64_t id;

	tt_begin(w);
	assert_int_equal(tt_store_ticket_insert(w->s, &t, &id), TT_EINVAL);
	t.priority = 4;
	(void)snprintf(t.status, sizeof(t.status), "odd");
	assert_int_equal(tt_store_ticket_insert(w->s, &t, &id), TT_EINVAL);
	(void)snprintf(t.status, sizeof(t.status), "new");
	OK(tt_store_ticket_insert(w->s, &t, &id));
	tt_commit(w);
}

/* ---- the queue ---- */

struct page {
	int n;
	struct tt_queue_row last;
	char order[512];
};

static enum tt_err take(void *ctx, const struct tt_queue_row *row)
{
	struct page *p = ctx;
	size_t len = strlen(p->order);

	p->n++;
	p->last = *row;
	(void)snprintf(p->order + len, sizeof(p->order) - len, "%lld;", (long long)row->ticket.id);
	return TT_OK;
}

static void the_queue_is_in_order_of_urgency_then_age_and_pages_without_gap_or_repeat(void **state)
{
	struct world *w = *state;
	struct page whole = {0}, paged = {0};
	struct tt_queue_query q = {.limit = 500};

	tt_begin(w);
	for (int i = 0; i < 60; i++) /* many with the same priority and time */
		(void)tt_new_ticket(w, i % 3 == 0 ? B : A, 1 + i * 7 % 4, NOW + i * 13 % 5, 0);
	tt_commit(w);
	OK(tt_store_queue(w->s, w->scope[A], &q, take, &whole));
	assert_int_equal(whole.n, 40);
	for (q.limit = 7;;) {
		int before = paged.n;

		OK(tt_store_queue(w->s, w->scope[A], &q, take, &paged));
		if (paged.n == before)
			break;
		assert_true(paged.last.ticket.priority >= q.after_priority);
		q.after_priority = paged.last.ticket.priority;
		q.after_opened_at = paged.last.ticket.opened_at;
		q.after_id = paged.last.ticket.id;
	}
	assert_string_equal(paged.order, whole.order);
}

static void done_tickets_are_listed_newest_first_and_page_the_same_way(void **state)
{
	struct world *w = *state;
	struct page whole = {0}, paged = {0}, open = {0};
	struct tt_queue_query q = {.closed = true, .limit = 500};
	struct tt_queue_row row;

	tt_begin(w);
	for (int i = 0; i < 20; i++) {
		int64_t id = tt_new_ticket(w, A, 1 + i % 4, NOW + i / 3, 0);

		OK(tt_store_ticket_get(w->s, w->scope[A], id, &row));
		(void)snprintf(row.ticket.status, sizeof(row.ticket.status), "%s", i % 2 ? "closed" : "resolved");
		OK(tt_store_ticket_update(w->s, &row.ticket));
	}
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	tt_commit(w);
	OK(tt_store_queue(w->s, w->scope[A], &q, take, &whole));
	assert_int_equal(whole.n, 20);
	for (q.limit = 6;;) {
		int before = paged.n;

		OK(tt_store_queue(w->s, w->scope[A], &q, take, &paged));
		if (paged.n == before)
			break;
		if (q.after_id != 0)
			assert_true(paged.last.ticket.opened_at <= q.after_opened_at);
		q.after_opened_at = paged.last.ticket.opened_at;
		q.after_id = paged.last.ticket.id;
	}
	assert_string_equal(paged.order, whole.order);
	OK(tt_store_queue(w->s, w->scope[A], &(struct tt_queue_query){.limit = 500}, take, &open));
	assert_int_equal(open.n, 1);
}

/* Every combination of filters against a plain reading of the same tickets. */
static void filters_and_scopes_select_exactly_what_they_say(void **state)
{
	struct world *w = *state;
	struct page all = {0};
	struct tt_queue_row rows[40];
	int64_t ids[40];

	tt_begin(w);
	for (int i = 0; i < 40; i++) {
		ids[i] = tt_new_ticket(w, i & 1, 1 + i % 4, NOW + i, 0);
		OK(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, ids[i], &rows[i]));
		rows[i].ticket.assignee_id = i % 3 == 0 ? 0 : w->user[i % 3 - 1];
		if (i % 5 == 0)
			rows[i].ticket.customer_id = 0;
		(void)snprintf(rows[i].ticket.status, sizeof(rows[i].ticket.status), "%s",
			       i % 4 == 0   ? "closed"
			       : i % 4 == 1 ? "pending"
					    : "open");
		OK(tt_store_ticket_update(w->s, &rows[i].ticket));
	}
	tt_commit(w);
	OK(tt_store_queue(w->s, TT_SCOPE_SYSTEM, &(struct tt_queue_query){.limit = 500}, take, &all));
	assert_int_equal(all.n, 30);
	for (int combination = 0; combination < 2 * 3 * 4 * 3 * 3; combination++) {
		const int64_t scopes[] = {0, w->dealer[A], w->dealer[B]}, assignees[] = {0, -1, w->user[A], w->user[B]};
		const int64_t vehicles[] = {0, w->vehicle[A], w->vehicle[B]}, customers[] = {0, w->customer[A], w->customer[B]};
		struct tt_queue_query q = {.closed = combination % 2, .limit = 500};
		struct tt_scope scope = {.dealer_id = scopes[combination / 2 % 3]};
		struct page got = {0};
		int want = 0;

		q.assignee_id = assignees[combination / 6 % 4];
		q.vehicle_id = vehicles[combination / 24 % 3];
		q.customer_id = customers[combination / 72 % 3];
		for (int i = 0; i < 40; i++) {
			const struct tt_ticket *t = &rows[i].ticket;

			want += (strcmp(t->status, "closed") == 0) == q.closed &&
				(scope.dealer_id == 0 || t->dealer_id == scope.dealer_id) &&
				(q.assignee_id == 0 || t->assignee_id == (q.assignee_id == -1 ? 0 : q.assignee_id)) &&
				(q.vehicle_id == 0 || t->vehicle_id == q.vehicle_id) &&
				(q.customer_id == 0 || t->customer_id == q.customer_id);
		}
		OK(tt_store_queue(w->s, scope, &q, take, &got));
		if (got.n != want)
			fail_msg("closed %d scope %lld assignee %lld vehicle %lld customer %lld: %d, not %d", q.closed,
				 (long long)scope.dealer_id, (long long)q.assignee_id, (long long)q.vehicle_id, (long long)q.customer_id,
				 got.n, want);
	}
}

static void a_limit_out_of_range_is_refused(void **state)
{
	struct world *w = *state;
	struct page p = {0};

	assert_int_equal(tt_store_queue(w->s, w->scope[A], &(struct tt_queue_query){.limit = 0}, take, &p), TT_ERANGE);
	assert_int_equal(tt_store_queue(w->s, w->scope[A], &(struct tt_queue_query){.limit = 501}, take, &p), TT_ERANGE);
	assert_int_equal(p.n, 0);
}

static void escalations_come_oldest_first_and_only_from_open_tickets(void **state)
{
	static const int64_t at[] = {30, 10, 20, 0, 99};
	struct world *w = *state;
	struct tt_queue_row row;
	struct page due = {0}, limited = {0};
	int64_t ids[5];
	char want[64];

	tt_begin(w);
	for (int i = 0; i < 5; i++) {
		ids[i] = tt_new_ticket(w, i & 1, 1, NOW, 0);
		OK(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, ids[i], &row));
		row.ticket.escalate_at = at[i] ? NOW + at[i] : 0;
		OK(tt_store_ticket_update(w->s, &row.ticket));
	}
	OK(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, ids[2], &row));
	(void)snprintf(row.ticket.status, sizeof(row.ticket.status), "closed");
	OK(tt_store_ticket_update(w->s, &row.ticket));
	tt_commit(w);
	OK(tt_store_ticket_escalations(w->s, NOW + 30, 10, take, &due));
	(void)snprintf(want, sizeof(want), "%lld;%lld;", (long long)ids[1], (long long)ids[0]);
	assert_string_equal(due.order, want);
	OK(tt_store_ticket_escalations(w->s, NOW + 30, 1, take, &limited));
	assert_int_equal(limited.n, 1);
}

/* ---- counters ---- */

struct tally {
	int64_t n[3];
};

static const char *const counted[] = {"ticket.new", "ticket.open", "ticket.pending"};

static enum tt_err take_counter(void *ctx, const char *name, int64_t value)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(name, counted[i]) == 0)
			((struct tally *)ctx)->n[i] = value;
	return TT_OK;
}

static enum tt_err tally_row(void *ctx, const struct tt_queue_row *row)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(row->ticket.status, counted[i] + 7) == 0)
			((struct tally *)ctx)->n[i]++;
	return TT_OK;
}

/* Property: whatever is inserted, moved, rolled back and undone, the kept counters are the count. Fixed seed. */
static void counters_are_what_a_count_would_say(void **state)
{
	static const char *const statuses[] = {"new", "open", "pending", "resolved", "closed"};
	struct world *w = *state;
	uint64_t seed = 7;
	int64_t ids[120];
	size_t n = 0;

	for (int round = 0; round < 400; round++) {
		struct tt_scope scopes[] = {TT_SCOPE_SYSTEM, w->scope[A], w->scope[B]};
		bool back;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		back = seed >> 60 == 0;
		tt_begin(w);
		if (n < 120 && (n == 0 || (seed >> 40) % 3 == 0)) {
			int64_t id = tt_new_ticket(w, (int)(seed >> 33 & 1), 1 + (int32_t)(seed >> 34 & 3), NOW + round, 0);

			if (!back)
				ids[n++] = id;
		} else {
			struct tt_queue_row row;

			OK(tt_store_ticket_get(w->s, TT_SCOPE_SYSTEM, ids[(seed >> 33) % n], &row));
			(void)snprintf(row.ticket.status, sizeof(row.ticket.status), "%s", statuses[(seed >> 50) % 5]);
			OK(tt_store_ticket_update(w->s, &row.ticket));
		}
		if (back)
			tt_store_rollback(w->s);
		else
			tt_commit(w);
		for (size_t i = 0; i < 3; i++) {
			struct tally kept = {0}, counted_now = {0};

			OK(tt_store_counters(w->s, scopes[i], take_counter, &kept));
			OK(tt_store_queue(w->s, scopes[i], &(struct tt_queue_query){.limit = 500}, tally_row, &counted_now));
			if (memcmp(&kept, &counted_now, sizeof(kept)) != 0)
				fail_msg("round %d scope %zu: kept %lld/%lld/%lld", round, i, (long long)kept.n[0], (long long)kept.n[1],
					 (long long)kept.n[2]);
		}
	}
	OK(tt_store_check(w->s, NULL));
}

const struct CMUnitTest tt_contract_ticket[] = {
	CONTRACT(a_ticket_comes_back_as_it_was_written_with_what_stands_beside_it),
	CONTRACT(a_ticket_of_another_dealer_is_not_found),
	CONTRACT(a_fault_has_one_open_ticket_and_a_new_one_only_after_it_is_done),
	CONTRACT(the_faster_of_two_writers_wins_and_the_other_is_told),
	CONTRACT(a_status_or_priority_that_does_not_exist_is_refused),
	CONTRACT(the_queue_is_in_order_of_urgency_then_age_and_pages_without_gap_or_repeat),
	CONTRACT(done_tickets_are_listed_newest_first_and_page_the_same_way),
	CONTRACT(filters_and_scopes_select_exactly_what_they_say),
	CONTRACT(a_limit_out_of_range_is_refused),
	CONTRACT(escalations_come_oldest_first_and_only_from_open_tickets),
	CONTRACT(counters_are_what_a_count_would_say),
};
const size_t tt_contract_nticket = sizeof(tt_contract_ticket) / sizeof(tt_contract_ticket[0]);
