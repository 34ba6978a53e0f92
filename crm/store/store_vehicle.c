/* Vehicles and the units in them, and who owns which from when to when. */
#include "crm/store/store_internal.h"

#include <string.h>

#define VEHICLE(X) \
	X(I64, dealer_id, "dealer_id") \
	X(STR, vin, "vin") \
	X(STR, plate, "plate") \
	X(STR, make, "make") \
	X(STR, model, "model") \
	X(I32, model_year, "model_year")
#define VEHICLE_COL(t, m, c) TT_COL(tt_vehicle, t, m)
#define VEHICLE_NAME(t, m, c) ", v." c
static const struct tt_col vehicle_cols[] = {TT_COL(tt_vehicle, I64, id) VEHICLE(VEHICLE_COL)};
#define VEHICLE_SELECT "SELECT v.id" VEHICLE(VEHICLE_NAME) " FROM vehicle v "

static enum tt_err one_vehicle(struct tt_q *q, struct tt_vehicle *out)
{
	return tt_q_run_row(q, vehicle_cols, TT_COUNT(vehicle_cols), out);
}

enum tt_err tt_store_vehicle_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_vehicle *out)
{
	struct tt_q q = tt_q_read(store, VEHICLE_SELECT "WHERE v.id = ?1 AND (?2 = 0 OR v.dealer_id = ?2)");

	tt_q_i64(&q, id);
	tt_q_i64(&q, scope.dealer_id);
	return one_vehicle(&q, out);
}

enum tt_err tt_store_vehicle_by_vin(struct tt_store *store, struct tt_scope scope, const char *vin, struct tt_vehicle *out)
{
	struct tt_q q = tt_q_read(store, VEHICLE_SELECT "WHERE v.vin = ?1 AND (?2 = 0 OR v.dealer_id = ?2)");

	tt_q_str(&q, vin);
	tt_q_i64(&q, scope.dealer_id);
	return one_vehicle(&q, out);
}

enum tt_err tt_store_vehicle_upsert(struct tt_store *store, const struct tt_vehicle *row, tt_utc_us now, int64_t *id, bool *created)
{
	struct tt_vehicle known = {.id = 0};
	enum tt_err err = tt_store_vehicle_by_vin(store, TT_SCOPE_SYSTEM, row->vin, &known);
	struct tt_q q;

	if (err && err != TT_ENOTFOUND)
		return err;
	/* As for customers, "" and 0 keep what is known. */
	q = tt_q_write(store, "INSERT INTO vehicle (id" VEHICLE(TT_SQL_NAME) ", created_at) VALUES (NULL" VEHICLE(
				      TT_SQL_MARK) ", ?)"
						   " ON CONFLICT (vin) DO UPDATE SET dealer_id = excluded.dealer_id,"
						   " plate = coalesce(nullif(excluded.plate, ''), plate), make = "
						   "coalesce(nullif(excluded.make, ''), make),"
						   " model = coalesce(nullif(excluded.model, ''), model),"
						   " model_year = coalesce(nullif(excluded.model_year, 0), model_year)");
	tt_q_cols(&q, vehicle_cols + 1, TT_COUNT(vehicle_cols) - 1, row);
	tt_q_i64(&q, now);
	if (err == TT_ENOTFOUND) {
		err = tt_q_run_insert(&q, id);
		if (!err)
			*created = true;
		return err;
	}
	err = tt_q_run(&q);
	if (!err) {
		*id = known.id;
		*created = false;
	}
	return err;
}

static enum tt_err each_vehicle(struct tt_q *q, tt_vehicle_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_vehicle row;

		tt_q_get_cols(q, vehicle_cols, TT_COUNT(vehicle_cols), &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

enum tt_err tt_store_vehicle_list(struct tt_store *store, struct tt_scope scope, int64_t customer_id, tt_utc_us at, int limit,
				  tt_vehicle_fn fn, void *ctx)
{
	static const char of_customer[] =
		VEHICLE_SELECT "JOIN ownership o ON o.vehicle_id = v.id WHERE o.customer_id = ?2 AND o.from_at <= ?3"
			       " AND (o.to_at IS NULL OR ?3 < o.to_at) AND (?1 = 0 OR v.dealer_id = ?1)"
			       " ORDER BY v.id LIMIT ?4";
	static const char of_dealer[] = VEHICLE_SELECT "WHERE v.dealer_id = ?1 ORDER BY v.id LIMIT ?4";
	static const char of_all[] = VEHICLE_SELECT "ORDER BY v.id LIMIT ?4";
	struct tt_q q = tt_q_read(store, customer_id != 0 ? of_customer : scope.dealer_id != 0 ? of_dealer : of_all);

	tt_q_i64(&q, scope.dealer_id);
	tt_q_i64(&q, customer_id);
	tt_q_i64(&q, at);
	tt_q_i64(&q, limit);
	return each_vehicle(&q, fn, ctx);
}

enum tt_err tt_store_vehicle_followers(struct tt_store *store, int64_t after, int limit, tt_vehicle_fn fn, void *ctx)
{
	struct tt_q q =
		tt_q_read(store, VEHICLE_SELECT "WHERE v.id > ?1 AND EXISTS (SELECT 1 FROM vehicle_plan p WHERE p.vehicle_id = v.id)"
						" ORDER BY v.id LIMIT ?2");

	tt_q_i64(&q, after);
	tt_q_i64(&q, limit);
	return each_vehicle(&q, fn, ctx);
}

/* ---- ownership ---- */

struct interval {
	int64_t id, other_id; /* other_id: whom or what the vehicle belonged to */
	tt_utc_us from_at, to_at;
};

/* The last interval by start. All 0 when there is none. */
static enum tt_err last_interval(struct tt_q *q, struct interval *out)
{
	*out = (struct interval){0};
	if (tt_q_step(q)) {
		out->id = tt_q_get_i64(q);
		out->other_id = tt_q_get_i64(q);
		out->from_at = tt_q_get_i64(q);
		out->to_at = tt_q_get_i64(q);
	}
	return tt_q_end(q);
}

static enum tt_err close_ownership(struct tt_store *store, int64_t vehicle_id, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE ownership SET to_at = ?2 WHERE vehicle_id = ?1 AND to_at IS NULL");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, at);
	return tt_q_run(&q);
}

static enum tt_err open_ownership(struct tt_store *store, int64_t vehicle_id, int64_t customer_id, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO ownership (vehicle_id, customer_id, from_at) VALUES (?, ?, ?)");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, customer_id);
	tt_q_i64(&q, at);
	return tt_q_run(&q);
}

/* The home dealer of a vehicle is its owner's, so that scopes of vehicle and customer never disagree. */
static enum tt_err move_home(struct tt_store *store, int64_t vehicle_id, int64_t customer_id)
{
	struct tt_q q = tt_q_write(store, "UPDATE vehicle SET dealer_id = (SELECT dealer_id FROM customer WHERE id = ?2) WHERE id = ?1");

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, customer_id);
	return tt_q_run(&q);
}

enum tt_err tt_store_ownership_set(struct tt_store *store, int64_t vehicle_id, int64_t customer_id, tt_utc_us at)
{
	struct tt_q q = tt_q_read(
		store, "SELECT id, customer_id, from_at, to_at FROM ownership WHERE vehicle_id = ? ORDER BY from_at DESC, id DESC LIMIT 1");
	struct interval last;
	enum tt_err err;

	tt_q_i64(&q, vehicle_id);
	err = last_interval(&q, &last);
	if (err)
		return err;
	if (last.id != 0 && last.to_at == 0 && last.other_id == customer_id)
		return TT_OK;
	if (last.id != 0 && (at < last.from_at || at < last.to_at))
		return tt_store_fail(store, TT_ERANGE, "the vehicle changed hands later than that already");
	err = close_ownership(store, vehicle_id, at);
	if (!err)
		err = open_ownership(store, vehicle_id, customer_id, at);
	return err ? err : move_home(store, vehicle_id, customer_id);
}

/* ---- units ---- */

#define UNIT(X) \
	X(STR, name, "name") \
	X(I32, shard, "shard") \
	X(STR, certificate_serial, "certificate_serial") \
	X(I64, created_at, "created_at") \
	X(OPT, revoked_at, "revoked_at")
#define UNIT_COL(t, m, c) TT_COL(tt_unit, t, m)
#define UNIT_NAME(t, m, c) ", u." c
static const struct tt_col unit_cols[] = {TT_COL(tt_unit, I64, id) UNIT(UNIT_COL) TT_COL(tt_unit, STR, vin)};

enum tt_err tt_store_unit_insert(struct tt_store *store, const struct tt_unit *row, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO unit (id" UNIT(TT_SQL_NAME) ") VALUES (NULL" UNIT(TT_SQL_MARK) ")");

	tt_q_cols(&q, unit_cols + 1, TT_COUNT(unit_cols) - 2, row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_unit_revoke(struct tt_store *store, const char *name, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE unit SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1");

	tt_q_str(&q, name);
	tt_q_i64(&q, at);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such unit");
}

enum tt_err tt_store_unit_list(struct tt_store *store, tt_unit_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT u.id" UNIT(UNIT_NAME) ", v.vin FROM unit u"
								       " LEFT JOIN installation i ON i.unit_id = u.id AND i.to_at IS NULL"
								       " LEFT JOIN vehicle v ON v.id = i.vehicle_id ORDER BY u.name");

	while (!q.err && tt_q_step(&q)) {
		struct tt_unit row;

		tt_q_get_cols(&q, unit_cols, TT_COUNT(unit_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

static enum tt_err unit_id_of(struct tt_store *store, const char *name, int64_t *id)
{
	struct tt_q q = tt_q_read(store, "SELECT id FROM unit WHERE name = ?");

	tt_q_str(&q, name);
	return tt_q_run_id(&q, id);
}

static enum tt_err close_installations(struct tt_store *store, int64_t unit_id, int64_t vehicle_id, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE installation SET to_at = ?3 WHERE to_at IS NULL AND (unit_id = ?1 OR vehicle_id = ?2)");

	tt_q_i64(&q, unit_id);
	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, at);
	return tt_q_run(&q);
}

static enum tt_err open_installation(struct tt_store *store, int64_t unit_id, int64_t vehicle_id, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO installation (unit_id, vehicle_id, from_at) VALUES (?, ?, ?)");

	tt_q_i64(&q, unit_id);
	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, at);
	return tt_q_run(&q);
}

enum tt_err tt_store_install(struct tt_store *store, const char *unit, int64_t vehicle_id, tt_utc_us at)
{
	struct tt_q q;
	struct interval last;
	int64_t unit_id = 0;
	enum tt_err err = unit_id_of(store, unit, &unit_id);

	if (err)
		return err;
	q = tt_q_read(store, "SELECT id, CASE WHEN unit_id = ?1 THEN vehicle_id ELSE 0 END, from_at, to_at FROM installation"
			     " WHERE unit_id = ?1 OR vehicle_id = ?2 ORDER BY coalesce(to_at, from_at) DESC, id DESC LIMIT 1");
	tt_q_i64(&q, unit_id);
	tt_q_i64(&q, vehicle_id);
	err = last_interval(&q, &last);
	if (err)
		return err;
	if (last.id != 0 && last.to_at == 0 && last.other_id == vehicle_id)
		return TT_OK;
	if (last.id != 0 && (at < last.from_at || at < last.to_at))
		return tt_store_fail(store, TT_ERANGE, "the unit or the vehicle was fitted anew later than that already");
	err = close_installations(store, unit_id, vehicle_id, at);
	return err ? err : open_installation(store, unit_id, vehicle_id, at);
}
