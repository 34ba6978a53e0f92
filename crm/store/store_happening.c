/* What happened to a vehicle: one row for a vehicle, kind and occurrence. */
#include "crm/store/store_internal.h"

#define HAPPENING(X) \
	X(I64, vehicle_id, "vehicle_id") \
	X(I32, kind, "kind") \
	X(I32, cause, "cause") \
	X(U64, occurrence, "occurrence") \
	X(STR, subject, "subject") \
	X(BOOL, begun, "begun") \
	X(BOOL, dwelt, "dwelt") \
	X(I64, began_at, "began_at") \
	X(OPT, ended_at, "ended_at") \
	X(I64, duration_ms, "duration_ms") \
	X(I64, value_milli, "value_milli") \
	X(I64, limit_milli, "limit_milli") \
	X(I64, peak_milli, "peak_milli") \
	X(I64, odometer_m, "odometer_m") \
	X(BOOL, late, "late") \
	X(OPT, ticket_id, "ticket_id") \
	TT_PLACE_COLUMNS(X)
#define HAPPENING_COL(t, m, c) TT_COL(tt_vehicle_event, t, m)
static const struct tt_col cols[] = {TT_COL(tt_vehicle_event, I64, id) HAPPENING(HAPPENING_COL)};
#define HAPPENING_SELECT "SELECT id" HAPPENING(TT_SQL_NAME) " FROM vehicle_event "

enum { LIST_MAX = 200 };

enum tt_err tt_store_happening_find(struct tt_store *store, int64_t vehicle_id, int32_t kind, uint64_t occurrence,
				    struct tt_vehicle_event *out)
{
	struct tt_q q = tt_q_read(store, HAPPENING_SELECT "WHERE vehicle_id = ? AND kind = ? AND occurrence = ?");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, kind);
	tt_q_i64(&q, (int64_t)occurrence);
	return tt_q_run_row(&q, cols, TT_COUNT(cols), out);
}

enum tt_err tt_store_happening_insert(struct tt_store *store, const struct tt_vehicle_event *row, int64_t *id)
{
	struct tt_q q =
		tt_q_write(store, "INSERT INTO vehicle_event (id" HAPPENING(TT_SQL_NAME) ") VALUES (NULL" HAPPENING(TT_SQL_MARK) ")");

	tt_q_cols(&q, cols + 1, TT_COUNT(cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_happening_update(struct tt_store *store, const struct tt_vehicle_event *row)
{
	struct tt_q q = tt_q_write(store, "UPDATE vehicle_event SET id = id" HAPPENING(TT_SQL_SET) " WHERE id = ?");

	tt_q_cols(&q, cols + 1, TT_COUNT(cols) - 1, row);
	tt_q_i64(&q, row->id);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such event");
}

/* Each row that the query finds; what fn returns ends it. */
static enum tt_err each(struct tt_q *q, tt_happening_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_vehicle_event row;

		tt_q_get_cols(q, cols, TT_COUNT(cols), &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

enum tt_err tt_store_happenings(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_utc_us before_at, int64_t before_id,
				int limit, tt_happening_fn fn, void *ctx)
{
	const bool first = before_at == 0 && before_id == 0;
	struct tt_q q;

	if (limit < 1 || limit > LIST_MAX)
		return tt_store_fail(store, TT_ERANGE, "limit must be 1..200");
	q = tt_q_read(store, HAPPENING_SELECT "INDEXED BY vehicle_event_newest WHERE vehicle_id = ?1 AND (began_at, id) < (?2, ?3)"
					      " AND (?4 = 0 OR (SELECT dealer_id FROM vehicle WHERE id = ?1) = ?4)"
					      " ORDER BY began_at DESC, id DESC LIMIT ?5");
	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, first ? INT64_MAX : before_at);
	tt_q_i64(&q, first ? INT64_MAX : before_id);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	return each(&q, fn, ctx);
}

enum tt_err tt_store_happenings_open(struct tt_store *store, int64_t vehicle_id, int32_t kind, tt_happening_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, HAPPENING_SELECT "WHERE vehicle_id = ? AND kind = ? AND ended_at IS NULL ORDER BY began_at, id");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, kind);
	return each(&q, fn, ctx);
}
