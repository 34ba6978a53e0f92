/* Captures of what the signals were around a trigger, in parts as they came. */
#include "crm/store/store_internal.h"

#define CAPTURE(X) \
	X(I64, vehicle_id, "vehicle_id") \
	X(U64, number, "number") \
	X(I32, reason, "reason") \
	X(U64, incident, "incident") \
	X(I64, trigger_at, "trigger_at") \
	X(I64, parts, "parts") \
	X(I64, bytes, "bytes") \
	X(I64, updated_at, "updated_at")
#define CAPTURE_COL(t, m, c) TT_COL(tt_capture, t, m)
static const struct tt_col cols[] = {TT_COL(tt_capture, I64, id) CAPTURE(CAPTURE_COL)};
#define CAPTURE_SELECT "SELECT id" CAPTURE(TT_SQL_NAME) " FROM capture "

static enum tt_err find(struct tt_store *store, const struct tt_capture *head, struct tt_capture *out)
{
	struct tt_q q = tt_q_read(store, CAPTURE_SELECT "WHERE vehicle_id = ? AND number = ?");

	tt_q_i64(&q, head->vehicle_id);
	tt_q_i64(&q, (int64_t)head->number);
	return tt_q_run_row(&q, cols, TT_COUNT(cols), out);
}

static enum tt_err insert(struct tt_store *store, const struct tt_capture *head, struct tt_capture *out)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO capture (id" CAPTURE(TT_SQL_NAME) ") VALUES (NULL" CAPTURE(TT_SQL_MARK) ")");

	*out = *head;
	out->parts = out->bytes = 0;
	tt_q_cols(&q, cols + 1, TT_COUNT(cols) - 1, out);
	return tt_q_run_insert(&q, &out->id);
}

static enum tt_err insert_part(struct tt_store *store, int64_t capture_id, int32_t part, const uint8_t *body, size_t len, int *changed)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO capture_part (capture_id, part, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

	tt_q_i64(&q, capture_id);
	tt_q_i64(&q, part);
	tt_q_blob(&q, body, len);
	return tt_q_run_changed(&q, changed);
}

static enum tt_err count(struct tt_store *store, int64_t capture_id, size_t len, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE capture SET parts = parts + 1, bytes = bytes + ?2, updated_at = ?3 WHERE id = ?1");

	tt_q_i64(&q, capture_id);
	tt_q_i64(&q, (int64_t)len);
	tt_q_i64(&q, at);
	return tt_q_run(&q);
}

enum tt_err tt_store_capture_add(struct tt_store *store, const struct tt_capture *head, int32_t part, const uint8_t *body, size_t len,
				 bool *added)
{
	struct tt_capture row;
	int changed = 0;
	enum tt_err err = find(store, head, &row);

	if (err == TT_ENOTFOUND && len <= TT_CAPTURE_BYTES_MAX)
		err = insert(store, head, &row);
	if (err && err != TT_ENOTFOUND)
		return err;
	if (err || len > (size_t)(TT_CAPTURE_BYTES_MAX - row.bytes))
		return tt_store_fail(store, TT_EFULL, "the capture is larger than the record keeps");
	err = insert_part(store, row.id, part, body, len, &changed);
	if (!err && changed > 0)
		err = count(store, row.id, len, head->updated_at);
	if (!err)
		*added = changed > 0;
	return err;
}

/* Each row that the query finds; what fn returns ends it. */
static enum tt_err each(struct tt_q *q, tt_capture_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_capture row;

		tt_q_get_cols(q, cols, TT_COUNT(cols), &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

enum tt_err tt_store_captures(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, uint64_t incident, tt_capture_fn fn,
			      void *ctx)
{
	struct tt_q q = tt_q_read(store, CAPTURE_SELECT "WHERE vehicle_id = ?1 AND incident = ?2 AND incident <> 0"
							" AND (?3 = 0 OR (SELECT dealer_id FROM vehicle WHERE id = ?1) = ?3)"
							" ORDER BY trigger_at DESC, id DESC LIMIT 20");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, (int64_t)incident);
	tt_q_i64(&q, scope.dealer_id);
	return each(&q, fn, ctx);
}

enum tt_err tt_store_captures_asked(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit, tt_capture_fn fn,
				    void *ctx)
{
	struct tt_q q = tt_q_read(store, CAPTURE_SELECT "WHERE vehicle_id = ?1 AND incident = 0 AND reason = 2"
							" AND (?2 = 0 OR (SELECT dealer_id FROM vehicle WHERE id = ?1) = ?2)"
							" ORDER BY trigger_at DESC, id DESC LIMIT ?3");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	return each(&q, fn, ctx);
}

enum tt_err tt_store_capture_parts(struct tt_store *store, struct tt_scope scope, int64_t capture_id, tt_capture_part_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT p.body FROM capture_part p JOIN capture c ON c.id = p.capture_id"
					 " JOIN vehicle v ON v.id = c.vehicle_id"
					 " WHERE p.capture_id = ?1 AND (?2 = 0 OR v.dealer_id = ?2) ORDER BY p.part");

	tt_q_i64(&q, capture_id);
	tt_q_i64(&q, scope.dealer_id);
	while (!q.err && tt_q_step(&q)) {
		const uint8_t *body = sqlite3_column_blob(q.stmt, 0);

		q.err = fn(ctx, body, (size_t)sqlite3_column_bytes(q.stmt, 0));
	}
	return tt_q_end(&q);
}
