#include "crm/domain/rescue.h"
#include "crm/store/ticket_clock.h"
#include "server/schedule/schedule.h"

#include <stdio.h>
#include <string.h>

enum { BATCH = 64 };

/* Rows are collected first: they are not written to while the list is read. */
struct tickets {
	struct tt_ticket rows[BATCH];
	int n;
};

static enum tt_err keep_ticket(void *ctx, const struct tt_queue_row *row)
{
	struct tickets *t = (struct tickets *)ctx;

	t->rows[t->n++] = row->ticket;
	return TT_OK;
}

static enum tt_err tell(struct tt_store *store, enum tt_subject subject, int64_t id, int64_t dealer_id, int64_t vehicle_id, tt_utc_us now,
			const char *text, const char *detail)
{
	struct tt_timeline line = {.subject = subject, .subject_id = id, .at = now, .kind = "escalated"};
	struct tt_change change = {.dealer_id = dealer_id, .at = now, .subject_id = id, .vehicle_id = vehicle_id};
	int64_t ignored;
	enum tt_err err;
	int n = snprintf(line.text, sizeof(line.text), "%s", text);
	int m = snprintf(line.detail, sizeof(line.detail), "%s", detail);

	TT_ASSERT(n >= 0 && (size_t)n < sizeof(line.text) && m >= 0 && (size_t)m < sizeof(line.detail));
	(void)snprintf(change.kind, sizeof(change.kind), "%s", subject == TT_SUBJECT_TICKET ? "ticket.updated" : "rescue.updated");
	(void)snprintf(change.body, sizeof(change.body), "{\"escalated\":true}");
	err = tt_store_timeline_add(store, &line, &ignored);
	return err ? err : tt_store_change_add(store, &change, &ignored);
}

static enum tt_err escalate_ticket(struct tt_store *store, struct tt_ticket *t, tt_utc_us now, unsigned *count)
{
	static const char *const texts[] = {
		[TT_OVERDUE_FIRST_RESPONSE] = "First response is overdue", [TT_OVERDUE_RESOLUTION] = "Resolution is overdue"};
	enum tt_ticket_overdue overdue;
	enum tt_err err = tt_ticket_clock_escalate(t, now, &overdue);

	if (!err)
		err = tt_store_ticket_update(store, t);
	if (err || overdue == TT_OVERDUE_NOTHING)
		return err;
	err = tell(store, TT_SUBJECT_TICKET, t->id, t->dealer_id, t->vehicle_id, now, texts[overdue], "{}");
	if (!err)
		(*count)++;
	return err;
}

/* One transaction from read to commit, so nobody changes a ticket between the two. */
enum tt_err tt_schedule_tickets(struct tt_store *store, tt_utc_us now, unsigned *n)
{
	struct tickets due = {.n = 0};
	unsigned count = 0;
	enum tt_err err = tt_store_begin(store);

	if (!err)
		err = tt_store_ticket_escalations(store, now, BATCH, keep_ticket, &due);
	for (int i = 0; !err && i < due.n; i++)
		err = escalate_ticket(store, &due.rows[i], now, &count);
	if (!err && due.n > 0)
		err = tt_store_commit(store);
	else
		tt_store_rollback(store);
	if (!err)
		*n = count;
	return err;
}

struct rescues {
	struct tt_rescue rows[BATCH / 4];
	int n;
};

static enum tt_err keep_rescue(void *ctx, const struct tt_rescue_row *row)
{
	struct rescues *r = (struct rescues *)ctx;

	r->rows[r->n++] = row->rescue;
	return TT_OK;
}

/* One message a level, whoever runs the timer: the key says which. */
static enum tt_err notice(struct tt_store *store, const struct tt_rescue *r, tt_utc_us now)
{
	struct tt_outbox row = {
		.dealer_id = r->dealer_id, .channel = "desk", .template_name = "rescue_escalated", .created_at = now, .next_at = now};
	int64_t id;
	enum tt_err err;

	(void)snprintf(row.recipient, sizeof(row.recipient), "dealer:%lld", (long long)r->dealer_id);
	(void)snprintf(row.payload, sizeof(row.payload), "{\"subject\":\"rescue\",\"subject_id\":%lld,\"level\":%lld}", (long long)r->id,
		       (long long)r->escalations);
	(void)snprintf(row.idempotency_key, sizeof(row.idempotency_key), "rescue:%lld:escalated:%lld", (long long)r->id,
		       (long long)r->escalations);
	err = tt_store_outbox_add(store, &row, &id);
	return err == TT_EEXIST ? TT_OK : err;
}

static enum tt_err escalate_rescue(struct tt_store *store, struct tt_rescue *r, tt_utc_us now, unsigned *count)
{
	char detail[48];
	tt_utc_us next;
	enum tt_err err;
	bool taken = strcmp(r->status, "new") != 0;

	/* A server that was down shouts once, at the level it would be by now. */
	if (!taken) {
		do {
			r->escalations++;
			next = tt_rescue_escalate_at(r->opened_at, (unsigned)r->escalations);
		} while (next != TT_NEVER && next <= now);
	} else {
		next = TT_NEVER;
	}
	r->escalate_at = next == TT_NEVER ? 0 : next;
	err = tt_store_rescue_update(store, r);
	if (err || taken)
		return err;
	(void)snprintf(detail, sizeof(detail), "{\"level\":%lld}", (long long)r->escalations); /* 20 digits at most */
	err = tell(store, TT_SUBJECT_RESCUE, r->id, r->dealer_id, r->vehicle_id, now, "Nobody has acknowledged this case", detail);
	if (!err)
		err = notice(store, r, now);
	if (!err)
		(*count)++;
	return err;
}

enum tt_err tt_schedule_rescues(struct tt_store *store, tt_utc_us now, unsigned *n)
{
	struct rescues due = {.n = 0};
	unsigned count = 0;
	enum tt_err err = tt_store_begin(store);

	if (!err)
		err = tt_store_rescue_escalations(store, now, (int)(sizeof(due.rows) / sizeof(due.rows[0])), keep_rescue, &due);
	for (int i = 0; !err && i < due.n; i++)
		err = escalate_rescue(store, &due.rows[i], now, &count);
	if (!err && due.n > 0)
		err = tt_store_commit(store);
	else
		tt_store_rollback(store);
	if (!err)
		*n = count;
	return err;
}

enum tt_err tt_schedule_sessions(struct tt_store *store, tt_utc_us now)
{
	enum tt_err err = tt_store_begin(store);

	if (!err)
		err = tt_store_session_expire(store, now);
	if (!err)
		err = tt_store_commit(store);
	if (err)
		tt_store_rollback(store);
	return err;
}
