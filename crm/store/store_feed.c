/* What goes out of the record: timelines, the change feed, the outbox; and the audit of who looked. */
#include "crm/store/store_internal.h"

static const char *const subject_names[] = {
	[TT_SUBJECT_TICKET] = "ticket", [TT_SUBJECT_RESCUE] = "rescue", [TT_SUBJECT_REMINDER] = "reminder"};

#define TIMELINE(X) \
	X(I64, subject_id, "subject_id") \
	X(I64, at, "at") X(OPT, actor_id, "actor_id") X(STR, kind, "kind") X(STR, text, "text") X(STR, detail, "detail")
#define TIMELINE_COL(t, m, c) TT_COL(tt_timeline, t, m)
#define TIMELINE_NAME(t, m, c) ", t." c
static const struct tt_col timeline_cols[] = {TT_COL(tt_timeline, I64, id) TIMELINE(TIMELINE_COL)};

enum tt_err tt_store_timeline_add(struct tt_store *store, const struct tt_timeline *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO timeline (subject" TIMELINE(TT_SQL_NAME) ") VALUES (?" TIMELINE(TT_SQL_MARK) ")");

	TT_ASSERT((size_t)row->subject < TT_COUNT(subject_names));
	tt_q_str(&q, subject_names[row->subject]);
	tt_q_cols(&q, timeline_cols + 1, TT_COUNT(timeline_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_timeline(struct tt_store *store, enum tt_subject subject, int64_t subject_id, tt_timeline_fn fn, void *ctx)
{
	struct tt_q q =
		tt_q_read(store, "SELECT t.id" TIMELINE(TIMELINE_NAME) ", u.name FROM timeline t LEFT JOIN user u ON u.id = t.actor_id"
								       " WHERE t.subject = ? AND t.subject_id = ? ORDER BY t.id");

	TT_ASSERT((size_t)subject < TT_COUNT(subject_names));
	tt_q_str(&q, subject_names[subject]);
	tt_q_i64(&q, subject_id);
	while (!q.err && tt_q_step(&q)) {
		struct tt_timeline row = {.subject = subject};

		tt_q_get_cols(&q, timeline_cols, TT_COUNT(timeline_cols), &row);
		tt_q_get_str(&q, row.actor_name, sizeof(row.actor_name));
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

#define CHANGE(X) \
	X(OPT, dealer_id, "dealer_id") \
	X(I64, at, "at") \
	X(STR, kind, "kind") \
	X(I64, subject_id, "subject_id") \
	X(OPT, vehicle_id, "vehicle_id") \
	X(STR, body, "body")
#define CHANGE_COL(t, m, c) TT_COL(tt_change, t, m)
static const struct tt_col change_cols[] = {TT_COL(tt_change, I64, id) CHANGE(CHANGE_COL)};

enum tt_err tt_store_change_add(struct tt_store *store, const struct tt_change *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO change (id" CHANGE(TT_SQL_NAME) ") VALUES (NULL" CHANGE(TT_SQL_MARK) ")");

	tt_q_cols(&q, change_cols + 1, TT_COUNT(change_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_changes(struct tt_store *store, struct tt_scope scope, int64_t after, int limit, tt_change_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(
		store, "SELECT id" CHANGE(TT_SQL_NAME) " FROM change WHERE id > ?1 AND (?2 = 0 OR dealer_id IS NULL OR dealer_id = ?2)"
						       " ORDER BY id LIMIT ?3");

	tt_q_i64(&q, after);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_change row;

		tt_q_get_cols(&q, change_cols, TT_COUNT(change_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

enum tt_err tt_store_change_last(struct tt_store *store, int64_t *id)
{
	return tt_store_pragma_i64(store, "SELECT coalesce(max(id), 0) FROM change", id);
}

#define OUTBOX(X) \
	X(OPT, dealer_id, "dealer_id") \
	X(STR, channel, "channel") \
	X(STR, recipient, "recipient") \
	X(STR, template_name, "template") \
	X(STR, payload, "payload") \
	X(STR, idempotency_key, "idempotency_key") \
	X(I64, created_at, "created_at") \
	X(I64, next_at, "next_at") \
	X(OPT, sent_at, "sent_at") \
	X(OPT, failed_at, "failed_at") \
	X(I64, attempts, "attempts") \
	X(STR, last_error, "last_error")
#define OUTBOX_COL(t, m, c) TT_COL(tt_outbox, t, m)
static const struct tt_col outbox_cols[] = {TT_COL(tt_outbox, I64, id) OUTBOX(OUTBOX_COL)};

enum tt_err tt_store_outbox_add(struct tt_store *store, const struct tt_outbox *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO outbox (id" OUTBOX(TT_SQL_NAME) ") VALUES (NULL" OUTBOX(
						  TT_SQL_MARK) ")"
							       " ON CONFLICT (idempotency_key) DO NOTHING");
	int changed = 0;
	enum tt_err err;

	tt_q_cols(&q, outbox_cols + 1, TT_COUNT(outbox_cols) - 1, row);
	err = tt_q_run_changed(&q, &changed);
	if (err)
		return err;
	if (changed == 0)
		return tt_store_fail(store, TT_EEXIST, "this notification is in the outbox already");
	if (id != NULL)
		*id = sqlite3_last_insert_rowid(store->db);
	return TT_OK;
}

enum tt_err tt_store_outbox_due(struct tt_store *store, tt_utc_us now, int limit, tt_outbox_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT id" OUTBOX(TT_SQL_NAME) " FROM outbox INDEXED BY outbox_due"
									 " WHERE sent_at IS NULL AND failed_at IS NULL AND next_at <= ?"
									 " ORDER BY next_at, id LIMIT ?");

	tt_q_i64(&q, now);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_outbox row;

		tt_q_get_cols(&q, outbox_cols, TT_COUNT(outbox_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

enum tt_err tt_store_outbox_update(struct tt_store *store, const struct tt_outbox *row)
{
	struct tt_q q =
		tt_q_write(store, "UPDATE outbox SET attempts = ?, next_at = ?, sent_at = ?, failed_at = ?, last_error = ? WHERE id = ?");
	static const struct tt_col cols[] = {OUTBOX_COL(I64, attempts, ) OUTBOX_COL(I64, next_at, ) OUTBOX_COL(OPT, sent_at, )
						     OUTBOX_COL(OPT, failed_at, ) OUTBOX_COL(STR, last_error, ) OUTBOX_COL(I64, id, )};

	tt_q_cols(&q, cols, TT_COUNT(cols), row);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such notification");
}

#define AUDIT(X) \
	X(I64, at, "at") \
	X(OPT, user_id, "user_id") \
	X(OPT, dealer_id, "dealer_id") \
	X(STR, action, "action") \
	X(STR, subject, "subject") \
	X(STR, reason, "reason") \
	X(STR, address, "address")
#define AUDIT_COL(t, m, c) TT_COL(tt_audit, t, m)
static const struct tt_col audit_cols[] = {AUDIT(AUDIT_COL)};

enum tt_err tt_store_audit_add(struct tt_store *store, const struct tt_audit *row)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO audit (id" AUDIT(TT_SQL_NAME) ") VALUES (NULL" AUDIT(TT_SQL_MARK) ")");

	tt_q_cols(&q, audit_cols, TT_COUNT(audit_cols), row);
	return tt_q_run(&q);
}

enum tt_err tt_store_audit_list(struct tt_store *store, struct tt_scope scope, const char *subject, int limit, tt_audit_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT at, user_id, dealer_id, action, subject, reason, address FROM audit"
					 " WHERE subject = ?1 AND (?2 = 0 OR dealer_id = ?2) ORDER BY id DESC LIMIT ?3");

	tt_q_str(&q, subject);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_audit row;

		tt_q_get_cols(&q, audit_cols, TT_COUNT(audit_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}
