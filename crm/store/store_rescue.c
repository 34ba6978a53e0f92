/* Rescue cases: one for a vehicle and an incident. */
#include "crm/store/store_internal.h"

#define RESCUE_UPDATE(X) \
	X(OPT, customer_id, "customer_id") \
	X(STR, kind, "kind") \
	X(STR, status, "status") \
	X(STR, severity, "severity") \
	X(STR, detail, "detail") \
	X(OPT, assignee_id, "assignee_id") \
	X(I64, event_at, "event_at") \
	X(OPT, acknowledged_at, "acknowledged_at") \
	X(OPT, closed_at, "closed_at") \
	X(OPT, escalate_at, "escalate_at") \
	X(I64, escalations, "escalations") \
	X(STR, outcome, "outcome") \
	X(BOOL, late, "late") \
	TT_PLACE_COLUMNS(X) \
	X(I64, updated_at, "updated_at")
#define RESCUE_FIXED(X) \
	X(I64, dealer_id, "dealer_id") X(I64, vehicle_id, "vehicle_id") X(U64, incident, "incident") X(I64, opened_at, "opened_at")
#define RESCUE_COL(t, m, c) TT_COL(tt_rescue, t, m)
#define RESCUE_NAME(t, m, c) ", r." c

static const struct tt_col update_cols[] = {RESCUE_UPDATE(RESCUE_COL)};
static const struct tt_col insert_cols[] = {RESCUE_UPDATE(RESCUE_COL) RESCUE_FIXED(RESCUE_COL)};
static const struct tt_col rescue_cols[] = {TT_COL(tt_rescue, I64, id) TT_COL(tt_rescue, I64, version) RESCUE_UPDATE(RESCUE_COL)
						    RESCUE_FIXED(RESCUE_COL)};
#define RESCUE_SELECT "SELECT r.id, r.version" RESCUE_UPDATE(RESCUE_NAME) RESCUE_FIXED(RESCUE_NAME)

#define ROW_COL(t, m) TT_COL(tt_rescue_row, t, m)
static const struct tt_col beside_cols[] = {ROW_COL(STR, vin) ROW_COL(STR, plate) ROW_COL(STR, make) ROW_COL(STR, model)
						    ROW_COL(STR, customer_name) ROW_COL(STR, customer_phone) ROW_COL(STR, customer_language)
							    ROW_COL(STR, assignee_name) ROW_COL(STR, dealer_name)};
#define BESIDE ", v.vin, v.plate, v.make, v.model, c.name, c.phone, c.language, u.name, d.name"
#define BESIDE_JOIN \
	" LEFT JOIN vehicle v ON v.id = r.vehicle_id LEFT JOIN customer c ON c.id = r.customer_id" \
	" LEFT JOIN user u ON u.id = r.assignee_id LEFT JOIN dealer d ON d.id = r.dealer_id"

enum tt_err tt_store_rescue_find(struct tt_store *store, int64_t vehicle_id, uint64_t incident, struct tt_rescue *out)
{
	struct tt_q q = tt_q_read(store, RESCUE_SELECT " FROM rescue r WHERE r.vehicle_id = ? AND r.incident = ?");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, (int64_t)incident);
	return tt_q_run_row(&q, rescue_cols, TT_COUNT(rescue_cols), out);
}

enum tt_err tt_store_rescue_open_of_vehicle(struct tt_store *store, int64_t vehicle_id, struct tt_rescue *out)
{
	struct tt_q q = tt_q_read(store, RESCUE_SELECT " FROM rescue r WHERE r.vehicle_id = ? AND r.status <> 'closed'"
						       " ORDER BY r.opened_at DESC LIMIT 1");

	tt_q_i64(&q, vehicle_id);
	return tt_q_run_row(&q, rescue_cols, TT_COUNT(rescue_cols), out);
}

enum tt_err tt_store_rescue_insert(struct tt_store *store, const struct tt_rescue *row, int64_t *id)
{
	struct tt_q q =
		tt_q_write(store, "INSERT INTO rescue (version" RESCUE_UPDATE(TT_SQL_NAME)
					  RESCUE_FIXED(TT_SQL_NAME) ")"
								    " VALUES (1" RESCUE_UPDATE(TT_SQL_MARK) RESCUE_FIXED(TT_SQL_MARK) ")");

	tt_q_cols(&q, insert_cols, TT_COUNT(insert_cols), row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_rescue_update(struct tt_store *store, const struct tt_rescue *row)
{
	struct tt_q q =
		tt_q_write(store, "UPDATE rescue SET version = version + 1" RESCUE_UPDATE(TT_SQL_SET) " WHERE id = ? AND version = ?");

	tt_q_cols(&q, update_cols, TT_COUNT(update_cols), row);
	tt_q_i64(&q, row->id);
	tt_q_i64(&q, row->version);
	return tt_q_run_one(&q, TT_ECONFLICT, "the case was changed by somebody else in the meantime, or is not there");
}

static void get_row(struct tt_q *q, struct tt_rescue_row *out)
{
	tt_q_get_cols(q, rescue_cols, TT_COUNT(rescue_cols), &out->rescue);
	tt_q_get_cols(q, beside_cols, TT_COUNT(beside_cols), out);
}

enum tt_err tt_store_rescue_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_rescue_row *out)
{
	struct tt_q q =
		tt_q_read(store, RESCUE_SELECT BESIDE " FROM rescue r" BESIDE_JOIN " WHERE r.id = ?1 AND (?2 = 0 OR r.dealer_id = ?2)");
	bool found;

	tt_q_i64(&q, id);
	tt_q_i64(&q, scope.dealer_id);
	found = tt_q_step(&q);
	if (found)
		get_row(&q, out);
	return tt_q_end_found(&q, found);
}

static enum tt_err each_row(struct tt_q *q, tt_rescue_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_rescue_row row;

		get_row(q, &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

#define LIST(index, where, order) \
	RESCUE_SELECT BESIDE " FROM rescue r INDEXED BY rescue_" index BESIDE_JOIN " WHERE " where " ORDER BY " order " DESC LIMIT ?2"

/* [closed][scoped] */
static const char *const list_sql[2][2] = {
	{LIST("open_all", "r.status <> 'closed' AND ?1 = 0", "r.opened_at"),
	 LIST("open", "r.status <> 'closed' AND r.dealer_id = ?1", "r.opened_at")},
	{LIST("closed_all", "r.status = 'closed' AND ?1 = 0", "r.closed_at"),
	 LIST("closed", "r.status = 'closed' AND r.dealer_id = ?1", "r.closed_at")},
};

enum tt_err tt_store_rescue_list(struct tt_store *store, struct tt_scope scope, bool closed, int limit, tt_rescue_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, list_sql[closed][scope.dealer_id != 0]);

	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	return each_row(&q, fn, ctx);
}

enum tt_err tt_store_rescue_escalations(struct tt_store *store, tt_utc_us now, int limit, tt_rescue_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, RESCUE_SELECT BESIDE " FROM rescue r INDEXED BY rescue_escalate" BESIDE_JOIN
							      " WHERE r.escalate_at IS NOT NULL AND r.escalate_at <= ?1"
							      " AND r.status <> 'closed' ORDER BY r.escalate_at LIMIT ?2");

	tt_q_i64(&q, now);
	tt_q_i64(&q, limit);
	return each_row(&q, fn, ctx);
}
