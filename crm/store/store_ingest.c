/* The gateway's hot path: links, marks, events, quarantine, and the last known state of a vehicle. */
#include "crm/store/store_internal.h"

#include <string.h>

enum { QUARANTINE_KEEP_BYTES = 65536 };

static const struct tt_col link_cols[] = {TT_COL(tt_link, I64, unit_id) TT_COL(tt_link, BOOL, revoked) TT_COL(tt_link, I64, vehicle_id)
						  TT_COL(tt_link, I64, customer_id) TT_COL(tt_link, I64, dealer_id)
							  TT_COL(tt_link, STR, vin) TT_COL(tt_link, I64, since)};

enum tt_err tt_store_link(struct tt_store *store, const char *unit, tt_utc_us at, struct tt_link *out)
{
	/* The home dealer is the owner's of that time; a vehicle nobody owns counts for the dealer that keeps it. */
	struct tt_q q =
		tt_q_read(store, "SELECT u.id, u.revoked_at IS NOT NULL AND u.revoked_at <= ?2, coalesce(v.id, 0), coalesce(c.id, 0),"
				 " coalesce(c.dealer_id, v.dealer_id, 0), coalesce(v.vin, ''),"
				 " max(coalesce(i.from_at, 0), coalesce(o.from_at, 0),"
				 "  coalesce((SELECT max(to_at) FROM installation WHERE unit_id = u.id AND to_at <= ?2), 0),"
				 "  coalesce((SELECT max(to_at) FROM ownership WHERE vehicle_id = v.id AND to_at <= ?2), 0))"
				 " FROM unit u"
				 " LEFT JOIN installation i ON i.unit_id = u.id AND i.from_at <= ?2 AND (i.to_at IS NULL OR ?2 < i.to_at)"
				 " LEFT JOIN vehicle v ON v.id = i.vehicle_id"
				 " LEFT JOIN ownership o ON o.vehicle_id = v.id AND o.from_at <= ?2 AND (o.to_at IS NULL OR ?2 < o.to_at)"
				 " LEFT JOIN customer c ON c.id = o.customer_id"
				 " WHERE u.name = ?1 LIMIT 1");

	tt_q_str(&q, unit);
	tt_q_i64(&q, at);
	return tt_q_run_row(&q, link_cols, TT_COUNT(link_cols), out);
}

enum tt_err tt_store_mark_get(struct tt_store *store, int64_t unit_id, int32_t cls, uint64_t epoch, struct tt_mark *out)
{
	struct tt_q q = tt_q_read(store, "SELECT seq, evicted FROM mark WHERE unit_id = ? AND class = ? AND epoch = ?");
	struct tt_mark mark = {0};
	enum tt_err err;

	tt_q_i64(&q, unit_id);
	tt_q_i64(&q, cls);
	tt_q_i64(&q, (int64_t)epoch);
	if (tt_q_step(&q)) {
		mark.seq = (uint64_t)tt_q_get_i64(&q);
		mark.evicted = (uint64_t)tt_q_get_i64(&q);
	}
	err = tt_q_end(&q);
	if (!err)
		*out = mark;
	return err;
}

enum tt_err tt_store_mark_set(struct tt_store *store, int64_t unit_id, int32_t cls, uint64_t epoch, const struct tt_mark *mark)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO mark (unit_id, class, epoch, seq, evicted) VALUES (?, ?, ?, ?, ?)"
					  " ON CONFLICT DO UPDATE SET seq = excluded.seq, evicted = excluded.evicted");

	tt_q_i64(&q, unit_id);
	tt_q_i64(&q, cls);
	tt_q_i64(&q, (int64_t)epoch);
	tt_q_i64(&q, (int64_t)mark->seq);
	tt_q_i64(&q, (int64_t)mark->evicted);
	return tt_q_run(&q);
}

enum tt_err tt_store_event_append(struct tt_store *store, const struct tt_event *event, int64_t *id)
{
	struct tt_q q = tt_q_write(
		store, "INSERT INTO event (unit_id, vehicle_id, class, epoch, seq, kind, created_at, clock, received_at, late, body)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	tt_q_i64(&q, event->unit_id);
	tt_q_opt(&q, event->vehicle_id);
	tt_q_i64(&q, event->cls);
	tt_q_i64(&q, (int64_t)event->epoch);
	tt_q_i64(&q, (int64_t)event->seq);
	tt_q_i64(&q, event->kind);
	tt_q_i64(&q, event->created_at);
	tt_q_i64(&q, event->clock);
	tt_q_i64(&q, event->received_at);
	tt_q_i64(&q, event->late);
	tt_q_blob(&q, event->body, event->body_len);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_event_count(struct tt_store *store, int64_t unit_id, int64_t *out)
{
	struct tt_q q = tt_q_read(store, "SELECT count(*) FROM event WHERE unit_id = ?");
	int64_t n = 0;
	enum tt_err err;

	tt_q_i64(&q, unit_id);
	if (tt_q_step(&q))
		n = tt_q_get_i64(&q);
	err = tt_q_end(&q);
	if (!err)
		*out = n;
	return err;
}

#define QUARANTINE(X) \
	X(I64, received_at, "received_at") X(STR, topic, "topic") X(STR, unit, "unit") X(STR, reason, "reason") X(I64, size, "size")
#define QUARANTINE_COL(t, m, c) TT_COL(tt_quarantine, t, m)
static const struct tt_col quarantine_cols[] = {TT_COL(tt_quarantine, I64, id) QUARANTINE(QUARANTINE_COL)};

enum tt_err tt_store_quarantine_add(struct tt_store *store, const struct tt_quarantine *row, const uint8_t *payload, size_t len)
{
	struct tt_q q =
		tt_q_write(store, "INSERT INTO quarantine (id" QUARANTINE(TT_SQL_NAME) ", payload)"
										       " VALUES (NULL" QUARANTINE(TT_SQL_MARK) ", ?)");

	tt_q_cols(&q, quarantine_cols + 1, TT_COUNT(quarantine_cols) - 1, row);
	tt_q_blob(&q, payload, len < QUARANTINE_KEEP_BYTES ? len : QUARANTINE_KEEP_BYTES);
	return tt_q_run(&q);
}

enum tt_err tt_store_quarantine_count(struct tt_store *store, int64_t *out)
{
	return tt_store_pragma_i64(store, "SELECT count(*) FROM quarantine", out);
}

enum tt_err tt_store_quarantine_list(struct tt_store *store, int limit, tt_quarantine_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT id" QUARANTINE(TT_SQL_NAME) " FROM quarantine ORDER BY id DESC LIMIT ?");

	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_quarantine row;

		tt_q_get_cols(&q, quarantine_cols, TT_COUNT(quarantine_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

#define VEHICLE_STATE(X) \
	X(BOOL, online, "online") \
	X(I64, last_seen_at, "last_seen_at") \
	TT_PLACE_COLUMNS(X) \
	X(I64, speed_mm_s, "speed_mm_s") \
	X(I64, heading_cdeg, "heading_cdeg") \
	X(I64, odometer_m, "odometer_m") \
	X(I64, odometer_at, "odometer_at") \
	X(BOOL, ignition_on, "ignition_on") \
	X(BOOL, mil, "mil") \
	X(STR, reported_vin, "reported_vin") \
	X(STR, conditions, "conditions")
#define VEHICLE_STATE_COL(t, m, c) TT_COL(tt_vehicle_state, t, m)
static const struct tt_col vehicle_state_cols[] = {TT_COL(tt_vehicle_state, I64, vehicle_id) VEHICLE_STATE(VEHICLE_STATE_COL)};

enum tt_err tt_store_vehicle_state_get(struct tt_store *store, int64_t vehicle_id, struct tt_vehicle_state *out)
{
	struct tt_q q = tt_q_read(store, "SELECT vehicle_id" VEHICLE_STATE(TT_SQL_NAME) " FROM vehicle_state WHERE vehicle_id = ?");

	tt_q_i64(&q, vehicle_id);
	return tt_q_run_row(&q, vehicle_state_cols, TT_COUNT(vehicle_state_cols), out);
}

enum tt_err tt_store_vehicle_state_put(struct tt_store *store, const struct tt_vehicle_state *row)
{
	struct tt_q q = tt_q_write(store, "INSERT OR REPLACE INTO vehicle_state (vehicle_id" VEHICLE_STATE(
						  TT_SQL_NAME) ")"
							       " VALUES (?" VEHICLE_STATE(TT_SQL_MARK) ")");

	tt_q_cols(&q, vehicle_state_cols, TT_COUNT(vehicle_state_cols), row);
	return tt_q_run(&q);
}
