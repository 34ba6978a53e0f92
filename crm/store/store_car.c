/* What answered commands and configurations, control units, and how the unit itself is. */
#include "crm/store/store_internal.h"

#define OF_VEHICLE(id, scope) " AND (" scope " = 0 OR (SELECT dealer_id FROM vehicle WHERE id = " id ") = " scope ")"

#define TOLD(X) \
	X(I64, vehicle_id, "vehicle_id") \
	X(STR, what, "what") \
	X(U64, number, "number") \
	X(I32, kind, "kind") \
	X(I32, outcome, "outcome") \
	X(STR, reason, "reason") \
	X(STR, detail, "detail") \
	X(I64, at, "at")
#define TOLD_COL(t, m, c) TT_COL(tt_told, t, m)
static const struct tt_col told_cols[] = {TT_COL(tt_told, I64, id) TOLD(TOLD_COL)};

enum tt_err tt_store_told_add(struct tt_store *store, const struct tt_told *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO told (id" TOLD(TT_SQL_NAME) ") VALUES (NULL" TOLD(TT_SQL_MARK) ")");

	tt_q_cols(&q, told_cols + 1, TT_COUNT(told_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_told_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit, tt_told_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT id" TOLD(TT_SQL_NAME) " FROM told WHERE vehicle_id = ?1" OF_VEHICLE(
						 "?1", "?2") " ORDER BY at DESC, id DESC LIMIT ?3");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_told row;

		tt_q_get_cols(&q, told_cols, TT_COUNT(told_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

#define ECU(X) \
	X(I64, vehicle_id, "vehicle_id") \
	X(U32, ecu, "ecu") \
	X(STR, name, "name") \
	X(STR, vin, "vin") \
	X(STR, calibrations, "calibrations") \
	X(STR, cvns, "cvns") \
	X(I64, tests, "tests") \
	X(I64, tests_failed, "tests_failed") \
	X(I64, first_seen_at, "first_seen_at") \
	X(I64, changed_at, "changed_at") \
	X(I64, reported_at, "reported_at")
#define ECU_COL(t, m, c) TT_COL(tt_ecu, t, m)
static const struct tt_col ecu_cols[] = {TT_COL(tt_ecu, I64, id) ECU(ECU_COL)};
#define ECU_SELECT "SELECT id" ECU(TT_SQL_NAME) " FROM ecu "

enum tt_err tt_store_ecu_find(struct tt_store *store, int64_t vehicle_id, uint32_t ecu, struct tt_ecu *out)
{
	struct tt_q q = tt_q_read(store, ECU_SELECT "WHERE vehicle_id = ? AND ecu = ?");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, ecu);
	return tt_q_run_row(&q, ecu_cols, TT_COUNT(ecu_cols), out);
}

enum tt_err tt_store_ecu_put(struct tt_store *store, const struct tt_ecu *row)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO ecu (id" ECU(TT_SQL_NAME) ") VALUES (NULL" ECU(
						  TT_SQL_MARK) ") ON CONFLICT (vehicle_id, ecu) DO UPDATE SET name = excluded.name,"
							       " vin = excluded.vin, calibrations = excluded.calibrations,"
							       " cvns = excluded.cvns, tests = excluded.tests,"
							       " tests_failed = excluded.tests_failed,"
							       " first_seen_at = excluded.first_seen_at,"
							       " changed_at = excluded.changed_at, reported_at = excluded.reported_at");

	tt_q_cols(&q, ecu_cols + 1, TT_COUNT(ecu_cols) - 1, row);
	return tt_q_run(&q);
}

enum tt_err tt_store_ecu_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_ecu_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, ECU_SELECT "WHERE vehicle_id = ?1" OF_VEHICLE("?1", "?2") " ORDER BY ecu LIMIT 100");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, scope.dealer_id);
	while (!q.err && tt_q_step(&q)) {
		struct tt_ecu row;

		tt_q_get_cols(&q, ecu_cols, TT_COUNT(ecu_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

#define UNIT_STATE(X) \
	X(I64, unit_id, "unit_id") \
	X(I64, reported_at, "reported_at") \
	X(STR, version, "version") \
	X(I32, power, "power") \
	X(I32, wake, "wake") \
	X(I64, power_since, "power_since") \
	X(I64, next_contact_at, "next_contact_at") \
	X(I64, heard_at, "heard_at") \
	X(I64, battery_mv, "battery_mv") \
	X(BOOL, below_floor, "below_floor") \
	X(I64, config_version, "config_version") \
	X(BOOL, config_trial, "config_trial") \
	X(BOOL, ignition_block, "ignition_block") \
	X(STR, slot, "slot") \
	X(I64, update_refused, "update_refused") \
	X(STR, metrics, "metrics")
#define UNIT_STATE_COL(t, m, c) TT_COL(tt_unit_state, t, m)
#define UNIT_STATE_NAME(t, m, c) ", s." c
static const struct tt_col state_cols[] = {TT_COL(tt_unit_state, I64, vehicle_id) UNIT_STATE(UNIT_STATE_COL)
						   TT_COL(tt_unit_state, STR, unit)};

enum tt_err tt_store_unit_state_get(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, struct tt_unit_state *out)
{
	struct tt_q q = tt_q_read(
		store, "SELECT s.vehicle_id" UNIT_STATE(UNIT_STATE_NAME) ", u.name FROM unit_state s JOIN unit u ON u.id = s.unit_id"
									 " WHERE s.vehicle_id = ?1" OF_VEHICLE("?1", "?2"));

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, scope.dealer_id);
	return tt_q_run_row(&q, state_cols, TT_COUNT(state_cols), out);
}

enum tt_err tt_store_unit_state_put(struct tt_store *store, const struct tt_unit_state *row)
{
	struct tt_q q = tt_q_write(
		store, "INSERT OR REPLACE INTO unit_state (vehicle_id" UNIT_STATE(TT_SQL_NAME) ") VALUES (?" UNIT_STATE(TT_SQL_MARK) ")");

	tt_q_cols(&q, state_cols, TT_COUNT(state_cols) - 1, row);
	return tt_q_run(&q);
}
