/* Maintenance plans, what a vehicle follows, and reminders: one for a vehicle, item and cycle. */
#include "crm/store/store_internal.h"

enum tt_err tt_store_plan_insert(struct tt_store *store, const char *name, const char *make, const char *model, tt_utc_us now, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO plan (name, make, model, created_at) VALUES (?, ?, ?, ?)");

	tt_q_str(&q, name);
	tt_q_str(&q, make);
	tt_q_str(&q, model);
	tt_q_i64(&q, now);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_plan_find(struct tt_store *store, const char *name, int64_t *id)
{
	struct tt_q q = tt_q_read(store, "SELECT id FROM plan WHERE name = ?");

	tt_q_str(&q, name);
	return tt_q_run_id(&q, id);
}

#define ITEM(X) \
	X(I64, plan_id, "plan_id") \
	X(STR, name, "name") \
	X(I64, interval_m, "interval_m") \
	X(I64, interval_days, "interval_days") \
	X(I64, warn_m, "warn_m") \
	X(I64, warn_days, "warn_days")
#define ITEM_COL(t, m, c) TT_COL(tt_plan_item, t, m)
#define ITEM_NAME(t, m, c) ", i." c
static const struct tt_col item_cols[] = {TT_COL(tt_plan_item, I64, id) ITEM(ITEM_COL)};

enum tt_err tt_store_plan_item_insert(struct tt_store *store, const struct tt_plan_item *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO plan_item (id" ITEM(TT_SQL_NAME) ") VALUES (NULL" ITEM(TT_SQL_MARK) ")");

	tt_q_cols(&q, item_cols + 1, TT_COUNT(item_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_vehicle_follow(struct tt_store *store, int64_t vehicle_id, int64_t plan_id, int64_t base_odometer_m, tt_utc_us base_at)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO vehicle_plan (vehicle_id, plan_item_id, base_odometer_m, base_at)"
					  " SELECT ?1, id, ?3, ?4 FROM plan_item WHERE plan_id = ?2"
					  " ON CONFLICT DO NOTHING");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, plan_id);
	tt_q_i64(&q, base_odometer_m);
	tt_q_i64(&q, base_at);
	return tt_q_run(&q);
}

#define VITEM_COL(t, m) TT_COL(tt_vehicle_item, t, m)
static const struct tt_col vehicle_item_cols[] = {VITEM_COL(I64, vehicle_id) VITEM_COL(I64, base_odometer_m) VITEM_COL(I64, base_at)
							  VITEM_COL(I64, cycle)};

enum tt_err tt_store_vehicle_items(struct tt_store *store, int64_t vehicle_id, tt_vehicle_item_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT p.vehicle_id, p.base_odometer_m, p.base_at, p.cycle, i.id" ITEM(
						 ITEM_NAME) " FROM vehicle_plan p JOIN plan_item i ON i.id = p.plan_item_id"
							    " WHERE p.vehicle_id = ? ORDER BY p.plan_item_id");

	tt_q_i64(&q, vehicle_id);
	while (!q.err && tt_q_step(&q)) {
		struct tt_vehicle_item row;

		tt_q_get_cols(&q, vehicle_item_cols, TT_COUNT(vehicle_item_cols), &row);
		tt_q_get_cols(&q, item_cols, TT_COUNT(item_cols), &row.item);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

enum tt_err tt_store_vehicle_item_done(struct tt_store *store, int64_t vehicle_id, int64_t plan_item_id, int64_t odometer_m, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE vehicle_plan SET base_odometer_m = ?3, base_at = ?4, cycle = cycle + 1"
					  " WHERE vehicle_id = ?1 AND plan_item_id = ?2");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, plan_item_id);
	tt_q_i64(&q, odometer_m);
	tt_q_i64(&q, at);
	return tt_q_run_one(&q, TT_ENOTFOUND, "the vehicle does not follow this item");
}

#define REMINDER(X) \
	X(I64, dealer_id, "dealer_id") \
	X(I64, vehicle_id, "vehicle_id") \
	X(OPT, customer_id, "customer_id") \
	X(I64, plan_item_id, "plan_item_id") \
	X(I64, cycle, "cycle") \
	X(STR, status, "status") \
	X(I64, due_odometer_m, "due_odometer_m") \
	X(I64, due_at, "due_at") \
	X(I64, odometer_m, "odometer_m") \
	X(I64, created_at, "created_at") \
	X(I64, updated_at, "updated_at")
#define REMINDER_COL(t, m, c) TT_COL(tt_reminder, t, m)
#define REMINDER_NAME(t, m, c) ", r." c
static const struct tt_col reminder_cols[] = {TT_COL(tt_reminder, I64, id) REMINDER(REMINDER_COL)};
#define REMINDER_SELECT "SELECT r.id" REMINDER(REMINDER_NAME)

#define ROW_COL(t, m) TT_COL(tt_reminder_row, t, m)
static const struct tt_col beside_cols[] = {ROW_COL(STR, item_name) ROW_COL(STR, vin) ROW_COL(STR, plate) ROW_COL(STR, make) ROW_COL(
	STR, model) ROW_COL(STR, customer_name) ROW_COL(STR, customer_phone) ROW_COL(STR, dealer_name)};
#define BESIDE ", i.name, v.vin, v.plate, v.make, v.model, c.name, c.phone, d.name"
#define BESIDE_JOIN \
	" JOIN plan_item i ON i.id = r.plan_item_id JOIN vehicle v ON v.id = r.vehicle_id" \
	" LEFT JOIN customer c ON c.id = r.customer_id JOIN dealer d ON d.id = r.dealer_id"

enum tt_err tt_store_reminder_find(struct tt_store *store, int64_t vehicle_id, int64_t plan_item_id, int64_t cycle, struct tt_reminder *out)
{
	struct tt_q q = tt_q_read(store, REMINDER_SELECT " FROM reminder r WHERE r.vehicle_id = ? AND r.plan_item_id = ? AND r.cycle = ?");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, plan_item_id);
	tt_q_i64(&q, cycle);
	return tt_q_run_row(&q, reminder_cols, TT_COUNT(reminder_cols), out);
}

enum tt_err tt_store_reminder_insert(struct tt_store *store, const struct tt_reminder *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO reminder (id" REMINDER(TT_SQL_NAME) ") VALUES (NULL" REMINDER(TT_SQL_MARK) ")");

	tt_q_cols(&q, reminder_cols + 1, TT_COUNT(reminder_cols) - 1, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_reminder_update(struct tt_store *store, const struct tt_reminder *row)
{
	struct tt_q q = tt_q_write(
		store, "UPDATE reminder SET status = ?, due_odometer_m = ?, due_at = ?, odometer_m = ?, updated_at = ? WHERE id = ?");
	static const struct tt_col cols[] = {REMINDER_COL(STR, status, ) REMINDER_COL(I64, due_odometer_m, ) REMINDER_COL(
		I64, due_at, ) REMINDER_COL(I64, odometer_m, ) REMINDER_COL(I64, updated_at, ) REMINDER_COL(I64, id, )};

	tt_q_cols(&q, cols, TT_COUNT(cols), row);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such reminder");
}

static void get_row(struct tt_q *q, struct tt_reminder_row *out)
{
	tt_q_get_cols(q, reminder_cols, TT_COUNT(reminder_cols), &out->reminder);
	tt_q_get_cols(q, beside_cols, TT_COUNT(beside_cols), out);
}

enum tt_err tt_store_reminder_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_reminder_row *out)
{
	struct tt_q q =
		tt_q_read(store, REMINDER_SELECT BESIDE " FROM reminder r" BESIDE_JOIN " WHERE r.id = ?1 AND (?2 = 0 OR r.dealer_id = ?2)");
	bool found;

	tt_q_i64(&q, id);
	tt_q_i64(&q, scope.dealer_id);
	found = tt_q_step(&q);
	if (found)
		get_row(&q, out);
	return tt_q_end_found(&q, found);
}

#define LIST(index, where) \
	REMINDER_SELECT BESIDE " FROM reminder r INDEXED BY reminder_" index BESIDE_JOIN \
			       " WHERE r.status IN ('soon','due','overdue') AND " where " ORDER BY r.created_at DESC, r.id DESC LIMIT ?3"

enum tt_err tt_store_reminder_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit, tt_reminder_fn fn,
				   void *ctx)
{
	static const char of_vehicle[] = LIST("by_vehicle", "r.vehicle_id = ?2 AND (?1 = 0 OR r.dealer_id = ?1)");
	static const char of_dealer[] = LIST("open", "r.dealer_id = ?1 AND ?2 = 0");
	static const char of_all[] = LIST("open_all", "?1 = 0 AND ?2 = 0");
	struct tt_q q = tt_q_read(store, vehicle_id != 0 ? of_vehicle : scope.dealer_id != 0 ? of_dealer : of_all);

	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_reminder_row row;

		get_row(&q, &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}
