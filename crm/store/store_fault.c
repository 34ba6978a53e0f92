/* Faults: one row for a vehicle, protocol, ECU and code, however often it comes. */
#include "crm/store/store_internal.h"

#define FAULT(X) \
	X(I64, vehicle_id, "vehicle_id") \
	X(I32, protocol, "protocol") \
	X(U32, ecu, "ecu") \
	X(STR, code, "code") \
	X(BOOL, active, "active") \
	X(BOOL, stored, "stored") \
	X(BOOL, pending, "pending") \
	X(BOOL, permanent, "permanent") \
	X(BOOL, mil, "mil") \
	X(I64, first_seen_at, "first_seen_at") \
	X(I64, last_seen_at, "last_seen_at") \
	X(OPT, cleared_at, "cleared_at") \
	X(I64, occurrences, "occurrences") \
	X(STR, freeze_frame, "freeze_frame") \
	X(OPT, ticket_id, "ticket_id") \
	X(I32, status_byte, "status_byte") \
	X(I32, lamps, "lamps") \
	X(I64, car_count, "car_count") \
	X(STR, snapshot, "snapshot")
#define FAULT_COL(t, m, c) TT_COL(tt_fault, t, m)
static const struct tt_col fault_cols[] = {TT_COL(tt_fault, I64, id) FAULT(FAULT_COL)};
#define FAULT_SELECT "SELECT id" FAULT(TT_SQL_NAME) " FROM fault "

static enum tt_err one(struct tt_q *q, struct tt_fault *out)
{
	return tt_q_run_row(q, fault_cols, TT_COUNT(fault_cols), out);
}

enum tt_err tt_store_fault_find(struct tt_store *store, int64_t vehicle_id, int32_t protocol, uint32_t ecu, const char *code,
				struct tt_fault *out)
{
	struct tt_q q = tt_q_read(store, FAULT_SELECT "WHERE vehicle_id = ? AND protocol = ? AND ecu = ? AND code = ?");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, protocol);
	tt_q_i64(&q, ecu);
	tt_q_str(&q, code);
	return one(&q, out);
}

enum tt_err tt_store_fault_get(struct tt_store *store, int64_t id, struct tt_fault *out)
{
	struct tt_q q = tt_q_read(store, FAULT_SELECT "WHERE id = ?");

	tt_q_i64(&q, id);
	return one(&q, out);
}

enum tt_err tt_store_fault_insert(struct tt_store *store, const struct tt_fault *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO fault (id" FAULT(TT_SQL_NAME) ") VALUES (NULL" FAULT(TT_SQL_MARK) ")");

	tt_q_cols(&q, fault_cols + 1, TT_COUNT(fault_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_fault_update(struct tt_store *store, const struct tt_fault *row)
{
	struct tt_q q = tt_q_write(store, "UPDATE fault SET id = id" FAULT(TT_SQL_SET) " WHERE id = ?");

	tt_q_cols(&q, fault_cols + 1, TT_COUNT(fault_cols) - 1, row);
	tt_q_i64(&q, row->id);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such fault");
}

static enum tt_err each(struct tt_q *q, tt_fault_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_fault row;

		tt_q_get_cols(q, fault_cols, TT_COUNT(fault_cols), &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

enum tt_err tt_store_fault_twins(struct tt_store *store, int64_t vehicle_id, uint32_t ecu, const char *base, tt_fault_fn fn, void *ctx)
{
	/* OBD-II and UDS; '.' is what follows '-', so the range is "P0301" and all of "P0301-..". */
	struct tt_q q = tt_q_read(store, FAULT_SELECT "WHERE vehicle_id = ?1 AND protocol IN (1, 2) AND ecu = ?2"
						      " AND code >= ?3 AND code < ?3 || '.' ORDER BY active DESC, id");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, ecu);
	tt_q_str(&q, base);
	return each(&q, fn, ctx);
}

enum tt_err tt_store_fault_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_utc_us since, tt_fault_fn fn,
				void *ctx)
{
	struct tt_q q = tt_q_read(store, FAULT_SELECT "WHERE vehicle_id = ?1 AND last_seen_at >= ?2"
						      " AND (?3 = 0 OR (SELECT dealer_id FROM vehicle WHERE id = ?1) = ?3)"
						      " ORDER BY active DESC, last_seen_at DESC, id DESC");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, since);
	tt_q_i64(&q, scope.dealer_id);
	return each(&q, fn, ctx);
}
