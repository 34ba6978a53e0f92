/*
 * The record: one interface; SQLite is the default implementation, PostgreSQL the one for growth (design.md section 5).
 *
 * Rules of every call:
 * - A store handle belongs to one thread. Open as many as there are threads; the database does the rest (SQLite: WAL, busy timeout).
 * - Reads may stand alone. Writes need tt_store_begin and count only after tt_store_commit returned TT_OK, which means durable
 *   (SQLite: WAL, synchronous=EXTRA). Any TT_EIO/TT_ENOSPC inside a transaction: roll back, nothing of it happened.
 * - Calls that serve a person take the caller's scope and see nothing outside it: a row of another dealer is TT_ENOTFOUND.
 * - A callback may read through the same handle, but not run the list that is calling it, and not commit or roll back.
 * - get functions fill the caller's struct. list functions call `fn` once a row; the row is valid during the call; fn returning
 *   anything but TT_OK ends the list and becomes the result.
 * - insert functions write the new id to *id. Times are parameters: the store never reads a clock.
 *
 * Errors beyond those named: TT_EIO (database), TT_ENOSPC (disk full), TT_ECORRUPT, TT_ENOMEM; tt_store_message tells more.
 */
#ifndef TT_CRM_STORE_STORE_H
#define TT_CRM_STORE_STORE_H

#include "base/err.h"
#include "crm/store/rows.h"

struct tt_store;

/* Whose eyes: dealer_id 0 sees every dealer (rescue centre, admin, gateway). */
struct tt_scope {
	int64_t dealer_id;
	int64_t user_id; /* 0: Telltale itself */
};
#define TT_SCOPE_SYSTEM ((struct tt_scope){0, 0})

/* ---- life ---- */

/* url: "sqlite:PATH". create: make the file when it is missing. Does not migrate; TT_EVERSION when the schema is newer than the program. */
TT_MUSTCHECK enum tt_err tt_store_open(const char *url, bool create, struct tt_store **out, struct tt_errmsg *msg);
void tt_store_close(struct tt_store *store); /* NULL is fine; an open transaction is rolled back */
/* Apply the numbered migrations that are missing, each in its transaction. TT_EVERSION: the database is newer than the program. */
TT_MUSTCHECK enum tt_err tt_store_migrate(struct tt_store *store, tt_utc_us now, struct tt_errmsg *msg);
TT_MUSTCHECK enum tt_err tt_store_version(struct tt_store *store, int64_t *have, int64_t *want);
/* Integrity and foreign keys. TT_ECORRUPT with the first finding. */
TT_MUSTCHECK enum tt_err tt_store_check(struct tt_store *store, struct tt_errmsg *msg);
/* Online copy to a new file, checked after writing. TT_EEXIST when path exists. */
TT_MUSTCHECK enum tt_err tt_store_backup(struct tt_store *store, const char *path, struct tt_errmsg *msg);
/* What the last failed call on this handle said. Valid until the next call. */
const char *tt_store_message(const struct tt_store *store);

TT_MUSTCHECK enum tt_err tt_store_begin(struct tt_store *store);
TT_MUSTCHECK enum tt_err tt_store_commit(struct tt_store *store);
void tt_store_rollback(struct tt_store *store); /* no transaction open: does nothing */
/* Inside a transaction, one level: undo a single event of a batch without losing the batch. Keep or undo ends the savepoint. */
TT_MUSTCHECK enum tt_err tt_store_savepoint(struct tt_store *store);
TT_MUSTCHECK enum tt_err tt_store_savepoint_keep(struct tt_store *store);
TT_MUSTCHECK enum tt_err tt_store_savepoint_undo(struct tt_store *store);
/* Changes whenever another connection committed: a cache filled before is then stale (SQLite: PRAGMA data_version). */
TT_MUSTCHECK enum tt_err tt_store_data_version(struct tt_store *store, int64_t *out);

/* ---- ingest (gateway) ---- */

/* TT_ENOTFOUND: no such unit. A unit without installation, vehicle without owner: TT_OK with those ids 0. */
TT_MUSTCHECK enum tt_err tt_store_link(struct tt_store *store, const char *unit, tt_utc_us at, struct tt_link *out);
/* No row yet: TT_OK with zeroes. */
TT_MUSTCHECK enum tt_err tt_store_mark_get(struct tt_store *store, int64_t unit_id, int32_t cls, uint64_t epoch, struct tt_mark *out);
TT_MUSTCHECK enum tt_err tt_store_mark_set(struct tt_store *store, int64_t unit_id, int32_t cls, uint64_t epoch,
					   const struct tt_mark *mark);
TT_MUSTCHECK enum tt_err tt_store_event_append(struct tt_store *store, const struct tt_event *event, int64_t *id);
TT_MUSTCHECK enum tt_err tt_store_event_count(struct tt_store *store, int64_t unit_id, int64_t *out);
/* payload beyond 64 KiB is cut, size keeps the true length. */
TT_MUSTCHECK enum tt_err tt_store_quarantine_add(struct tt_store *store, const struct tt_quarantine *row, const uint8_t *payload,
						 size_t len);
TT_MUSTCHECK enum tt_err tt_store_quarantine_count(struct tt_store *store, int64_t *out);

typedef enum tt_err (*tt_quarantine_fn)(void *ctx, const struct tt_quarantine *row);
TT_MUSTCHECK enum tt_err tt_store_quarantine_list(struct tt_store *store, int limit, tt_quarantine_fn fn, void *ctx);

/* TT_ENOTFOUND: nothing was ever reported. Put writes the whole row. */
TT_MUSTCHECK enum tt_err tt_store_vehicle_state_get(struct tt_store *store, int64_t vehicle_id, struct tt_vehicle_state *out);
TT_MUSTCHECK enum tt_err tt_store_vehicle_state_put(struct tt_store *store, const struct tt_vehicle_state *row);

TT_MUSTCHECK enum tt_err tt_store_fault_find(struct tt_store *store, int64_t vehicle_id, int32_t protocol, uint32_t ecu, const char *code,
					     struct tt_fault *out);
TT_MUSTCHECK enum tt_err tt_store_fault_insert(struct tt_store *store, const struct tt_fault *row, int64_t *id);
TT_MUSTCHECK enum tt_err tt_store_fault_update(struct tt_store *store, const struct tt_fault *row);
typedef enum tt_err (*tt_fault_fn)(void *ctx, const struct tt_fault *row);
/* The faults that one ECU tells of one five-character code, by OBD and by UDS with any failure type ("P0301", "P0301-13"); active ones
 * first, then the oldest. */
TT_MUSTCHECK enum tt_err tt_store_fault_twins(struct tt_store *store, int64_t vehicle_id, uint32_t ecu, const char *base, tt_fault_fn fn,
					      void *ctx);

/* ---- tickets ---- */

/* The open ticket (new, open, pending) of a fault. TT_ENOTFOUND. */
TT_MUSTCHECK enum tt_err tt_store_ticket_open_of_fault(struct tt_store *store, int64_t fault_id, struct tt_ticket *out);
/* TT_EEXIST: the fault has an open ticket already. */
TT_MUSTCHECK enum tt_err tt_store_ticket_insert(struct tt_store *store, const struct tt_ticket *row, int64_t *id);
/* Writes every field but id, dealer, vehicle and opened_at where the row's version is still row->version, and raises it by one.
 * TT_ECONFLICT: somebody was faster. */
TT_MUSTCHECK enum tt_err tt_store_ticket_update(struct tt_store *store, const struct tt_ticket *row);
TT_MUSTCHECK enum tt_err tt_store_ticket_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_queue_row *out);

/* The queue, most urgent first: priority, opened_at, id. Keyset paging: after_* of the last row seen, all 0 for the first page. */
struct tt_queue_query {
	bool closed;         /* false: new, open, pending; true: resolved and closed, newest first */
	int64_t assignee_id; /* 0 = any, -1 = nobody */
	int64_t vehicle_id;  /* 0 = any */
	int64_t customer_id; /* 0 = any */
	int32_t after_priority;
	tt_utc_us after_opened_at;
	int64_t after_id;
	int limit; /* 1..500 */
};
typedef enum tt_err (*tt_queue_fn)(void *ctx, const struct tt_queue_row *row);
TT_MUSTCHECK enum tt_err tt_store_queue(struct tt_store *store, struct tt_scope scope, const struct tt_queue_query *query, tt_queue_fn fn,
					void *ctx);

/* Open tickets whose escalate_at lies at or before now, the oldest first. The caller sets the next escalate_at with tt_store_ticket_update.
 */
TT_MUSTCHECK enum tt_err tt_store_ticket_escalations(struct tt_store *store, tt_utc_us now, int limit, tt_queue_fn fn, void *ctx);

typedef enum tt_err (*tt_counter_fn)(void *ctx, const char *name, int64_t value);
/* Kept counters within the scope, added up over dealers for scope 0: "ticket.new", "ticket.open", "rescue.open", "reminder.open" ... */
TT_MUSTCHECK enum tt_err tt_store_counters(struct tt_store *store, struct tt_scope scope, tt_counter_fn fn, void *ctx);

TT_MUSTCHECK enum tt_err tt_store_timeline_add(struct tt_store *store, const struct tt_timeline *row, int64_t *id);
typedef enum tt_err (*tt_timeline_fn)(void *ctx, const struct tt_timeline *row);
TT_MUSTCHECK enum tt_err tt_store_timeline(struct tt_store *store, enum tt_subject subject, int64_t subject_id, tt_timeline_fn fn,
					   void *ctx);

/* ---- what else the car says ---- */

/* TT_ENOTFOUND: this occurrence was never heard of. */
TT_MUSTCHECK enum tt_err tt_store_happening_find(struct tt_store *store, int64_t vehicle_id, int32_t kind, uint64_t occurrence,
						 struct tt_vehicle_event *out);
TT_MUSTCHECK enum tt_err tt_store_happening_insert(struct tt_store *store, const struct tt_vehicle_event *row, int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_happening_update(struct tt_store *store, const struct tt_vehicle_event *row); /* TT_ENOTFOUND */
typedef enum tt_err (*tt_happening_fn)(void *ctx, const struct tt_vehicle_event *row);
/* Newest beginning first. Keyset paging: before_* of the last row seen, both 0 for the first page. limit 1..200, else TT_ERANGE. */
TT_MUSTCHECK enum tt_err tt_store_happenings(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_utc_us before_at,
					     int64_t before_id, int limit, tt_happening_fn fn, void *ctx);
/* Those that have begun and not ended, of one kind: oldest first. */
TT_MUSTCHECK enum tt_err tt_store_happenings_open(struct tt_store *store, int64_t vehicle_id, int32_t kind, tt_happening_fn fn, void *ctx);
/* The open ticket of a vehicle and a kind of happening ("coolant_hot"). TT_ENOTFOUND. */
TT_MUSTCHECK enum tt_err tt_store_ticket_open_of_kind(struct tt_store *store, int64_t vehicle_id, const char *kind, struct tt_ticket *out);

/*
 * One part of a capture: makes the capture on the first, and counts. head tells vehicle, number, reason, incident, trigger and time; its
 * id, parts and bytes are not read. *added false: this part is there already, and nothing changed. TT_EFULL: more than
 * TT_CAPTURE_BYTES_MAX; nothing changed.
 */
TT_MUSTCHECK enum tt_err tt_store_capture_add(struct tt_store *store, const struct tt_capture *head, int32_t part, const uint8_t *body,
					      size_t len, bool *added);
typedef enum tt_err (*tt_capture_fn)(void *ctx, const struct tt_capture *row);
/* Of an incident of the vehicle, the one with the latest trigger first. */
TT_MUSTCHECK enum tt_err tt_store_captures(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, uint64_t incident,
					   tt_capture_fn fn, void *ctx);
typedef enum tt_err (*tt_capture_part_fn)(void *ctx, const uint8_t *body, size_t len);
/* In the order of their numbers. */
/* The vehicle's captures that a command asked for, latest trigger first, at most limit. */
TT_MUSTCHECK enum tt_err tt_store_captures_asked(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit,
						 tt_capture_fn fn, void *ctx);
TT_MUSTCHECK enum tt_err tt_store_capture_parts(struct tt_store *store, struct tt_scope scope, int64_t capture_id, tt_capture_part_fn fn,
						void *ctx);

TT_MUSTCHECK enum tt_err tt_store_told_add(struct tt_store *store, const struct tt_told *row, int64_t *id);
typedef enum tt_err (*tt_told_fn)(void *ctx, const struct tt_told *row);
TT_MUSTCHECK enum tt_err tt_store_told_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit, tt_told_fn fn,
					    void *ctx); /* newest first */

TT_MUSTCHECK enum tt_err tt_store_ecu_find(struct tt_store *store, int64_t vehicle_id, uint32_t ecu, struct tt_ecu *out); /* TT_ENOTFOUND */
/* Writes the whole row of (vehicle, ecu). */
TT_MUSTCHECK enum tt_err tt_store_ecu_put(struct tt_store *store, const struct tt_ecu *row);
typedef enum tt_err (*tt_ecu_fn)(void *ctx, const struct tt_ecu *row);
TT_MUSTCHECK enum tt_err tt_store_ecu_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_ecu_fn fn, void *ctx);

/* TT_ENOTFOUND: no unit of the vehicle ever said how it is. Put writes the whole row. */
TT_MUSTCHECK enum tt_err tt_store_unit_state_get(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id,
						 struct tt_unit_state *out);
TT_MUSTCHECK enum tt_err tt_store_unit_state_put(struct tt_store *store, const struct tt_unit_state *row);

/* ---- rescue ---- */

TT_MUSTCHECK enum tt_err tt_store_rescue_find(struct tt_store *store, int64_t vehicle_id, uint64_t incident, struct tt_rescue *out);
/* TT_EEXIST: this incident has a case. */
TT_MUSTCHECK enum tt_err tt_store_rescue_insert(struct tt_store *store, const struct tt_rescue *row, int64_t *id);
TT_MUSTCHECK enum tt_err tt_store_rescue_update(struct tt_store *store, const struct tt_rescue *row); /* TT_ECONFLICT as for tickets */
TT_MUSTCHECK enum tt_err tt_store_rescue_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_rescue_row *out);
typedef enum tt_err (*tt_rescue_fn)(void *ctx, const struct tt_rescue_row *row);
/* Open cases, newest first; or the last `limit` closed ones. */
TT_MUSTCHECK enum tt_err tt_store_rescue_list(struct tt_store *store, struct tt_scope scope, bool closed, int limit, tt_rescue_fn fn,
					      void *ctx);
/* The newest open case of a vehicle. TT_ENOTFOUND: none. */
TT_MUSTCHECK enum tt_err tt_store_rescue_open_of_vehicle(struct tt_store *store, int64_t vehicle_id, struct tt_rescue *out);
/* Cases whose escalate_at lies at or before now, the oldest first. */
TT_MUSTCHECK enum tt_err tt_store_rescue_escalations(struct tt_store *store, tt_utc_us now, int limit, tt_rescue_fn fn, void *ctx);

/* ---- maintenance ---- */

typedef enum tt_err (*tt_vehicle_item_fn)(void *ctx, const struct tt_vehicle_item *row);
TT_MUSTCHECK enum tt_err tt_store_vehicle_items(struct tt_store *store, int64_t vehicle_id, tt_vehicle_item_fn fn, void *ctx);
TT_MUSTCHECK enum tt_err tt_store_reminder_find(struct tt_store *store, int64_t vehicle_id, int64_t plan_item_id, int64_t cycle,
						struct tt_reminder *out);
TT_MUSTCHECK enum tt_err tt_store_reminder_insert(struct tt_store *store, const struct tt_reminder *row, int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_reminder_update(struct tt_store *store, const struct tt_reminder *row);
TT_MUSTCHECK enum tt_err tt_store_reminder_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_reminder_row *out);
typedef enum tt_err (*tt_reminder_fn)(void *ctx, const struct tt_reminder_row *row);
TT_MUSTCHECK enum tt_err tt_store_reminder_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, int limit,
						tt_reminder_fn fn, void *ctx); /* open ones; vehicle_id 0 = any */
/* Record an item as done: base moves to (odometer, at), cycle + 1. */
TT_MUSTCHECK enum tt_err tt_store_vehicle_item_done(struct tt_store *store, int64_t vehicle_id, int64_t plan_item_id, int64_t odometer_m,
						    tt_utc_us at);

/* ---- feed, outbox, audit ---- */

TT_MUSTCHECK enum tt_err tt_store_change_add(struct tt_store *store, const struct tt_change *row, int64_t *id);
typedef enum tt_err (*tt_change_fn)(void *ctx, const struct tt_change *row);
/* Rows with id > after, ascending, within the scope. */
TT_MUSTCHECK enum tt_err tt_store_changes(struct tt_store *store, struct tt_scope scope, int64_t after, int limit, tt_change_fn fn,
					  void *ctx);
TT_MUSTCHECK enum tt_err tt_store_change_last(struct tt_store *store, int64_t *id); /* 0 = none yet */

/* TT_EEXIST: the idempotency key is there already; nothing was added, and that is fine. */
TT_MUSTCHECK enum tt_err tt_store_outbox_add(struct tt_store *store, const struct tt_outbox *row, int64_t *id);
typedef enum tt_err (*tt_outbox_fn)(void *ctx, const struct tt_outbox *row);
TT_MUSTCHECK enum tt_err tt_store_outbox_due(struct tt_store *store, tt_utc_us now, int limit, tt_outbox_fn fn, void *ctx);
TT_MUSTCHECK enum tt_err tt_store_outbox_update(struct tt_store *store,
						const struct tt_outbox *row); /* attempts, next/sent/failed, error */
TT_MUSTCHECK enum tt_err tt_store_audit_add(struct tt_store *store, const struct tt_audit *row);
typedef enum tt_err (*tt_audit_fn)(void *ctx, const struct tt_audit *row);
/* What was done to a subject ("vehicle:17"), newest first: who looked, and why. */
TT_MUSTCHECK enum tt_err tt_store_audit_list(struct tt_store *store, struct tt_scope scope, const char *subject, int limit, tt_audit_fn fn,
					     void *ctx);

/* ---- people, vehicles, units ---- */

TT_MUSTCHECK enum tt_err tt_store_dealer_insert(struct tt_store *store, const struct tt_dealer *row, tt_utc_us now,
						int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_dealer_find(struct tt_store *store, const char *name, struct tt_dealer *out);
typedef enum tt_err (*tt_dealer_fn)(void *ctx, const struct tt_dealer *row);
TT_MUSTCHECK enum tt_err tt_store_dealer_list(struct tt_store *store, struct tt_scope scope, tt_dealer_fn fn, void *ctx);

TT_MUSTCHECK enum tt_err tt_store_user_insert(struct tt_store *store, const struct tt_user *row, tt_utc_us now,
					      int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_user_by_login(struct tt_store *store, const char *login, struct tt_user *out);
TT_MUSTCHECK enum tt_err tt_store_user_get(struct tt_store *store, int64_t id, struct tt_user *out);
TT_MUSTCHECK enum tt_err tt_store_user_set_password(struct tt_store *store, int64_t id, const char *password_hash);
/* From `at` on: no log-in, and sessions count no more. TT_ENOTFOUND. */
TT_MUSTCHECK enum tt_err tt_store_user_disable(struct tt_store *store, int64_t id, tt_utc_us at);
typedef enum tt_err (*tt_user_fn)(void *ctx, const struct tt_user *row);
TT_MUSTCHECK enum tt_err tt_store_user_list(struct tt_store *store, struct tt_scope scope, tt_user_fn fn, void *ctx); /* not disabled */
TT_MUSTCHECK enum tt_err tt_store_session_insert(struct tt_store *store, const struct tt_session *row);
/* TT_ENOTFOUND: unknown, expired at now, or the user is disabled. */
TT_MUSTCHECK enum tt_err tt_store_session_get(struct tt_store *store, const uint8_t token_hash[32], tt_utc_us now, struct tt_session *out);
TT_MUSTCHECK enum tt_err tt_store_session_delete(struct tt_store *store, const uint8_t token_hash[32]);
TT_MUSTCHECK enum tt_err tt_store_session_expire(struct tt_store *store, tt_utc_us now);

/* Insert, or update where (dealer, external_id) or (dealer, phone, name) is known; *created tells which. "" keeps the text that is there.
 */
TT_MUSTCHECK enum tt_err tt_store_customer_upsert(struct tt_store *store, const struct tt_customer *row, tt_utc_us now, int64_t *id,
						  bool *created);
TT_MUSTCHECK enum tt_err tt_store_customer_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_customer *out);
typedef enum tt_err (*tt_customer_fn)(void *ctx, const struct tt_customer *row);
/* Plain search over name, phone, email; "" lists. */
TT_MUSTCHECK enum tt_err tt_store_customer_search(struct tt_store *store, struct tt_scope scope, const char *text, int limit,
						  tt_customer_fn fn, void *ctx);

TT_MUSTCHECK enum tt_err tt_store_vehicle_upsert(struct tt_store *store, const struct tt_vehicle *row, tt_utc_us now, int64_t *id,
						 bool *created);
TT_MUSTCHECK enum tt_err tt_store_vehicle_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_vehicle *out);
TT_MUSTCHECK enum tt_err tt_store_vehicle_by_vin(struct tt_store *store, struct tt_scope scope, const char *vin, struct tt_vehicle *out);
typedef enum tt_err (*tt_vehicle_fn)(void *ctx, const struct tt_vehicle *row);
/* The vehicles a customer owns at `at`; customer_id 0: all within the scope, up to limit. */
TT_MUSTCHECK enum tt_err tt_store_vehicle_list(struct tt_store *store, struct tt_scope scope, int64_t customer_id, tt_utc_us at, int limit,
					       tt_vehicle_fn fn, void *ctx);
/* Vehicles with an id above `after` that follow a maintenance plan, by id: for timers that walk through all of them. */
TT_MUSTCHECK enum tt_err tt_store_vehicle_followers(struct tt_store *store, int64_t after, int limit, tt_vehicle_fn fn, void *ctx);
/* The owner at `at`. TT_ENOTFOUND: nobody. */
TT_MUSTCHECK enum tt_err tt_store_owner(struct tt_store *store, int64_t vehicle_id, tt_utc_us at, struct tt_customer *out);
/* From `at` on the vehicle belongs to the customer; the earlier ownership ends then. TT_ERANGE: `at` lies before the last change. Same
 * owner: no change. */
TT_MUSTCHECK enum tt_err tt_store_ownership_set(struct tt_store *store, int64_t vehicle_id, int64_t customer_id, tt_utc_us at);
/* Active ones first, then by last seen. since: faults last seen before are left out (a new owner does not see the old owner's). */
TT_MUSTCHECK enum tt_err tt_store_fault_list(struct tt_store *store, struct tt_scope scope, int64_t vehicle_id, tt_utc_us since,
					     tt_fault_fn fn, void *ctx);
TT_MUSTCHECK enum tt_err tt_store_fault_get(struct tt_store *store, int64_t id, struct tt_fault *out);

TT_MUSTCHECK enum tt_err tt_store_unit_insert(struct tt_store *store, const struct tt_unit *row, int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_unit_revoke(struct tt_store *store, const char *name, tt_utc_us at);         /* TT_ENOTFOUND */
typedef enum tt_err (*tt_unit_fn)(void *ctx, const struct tt_unit *row);
TT_MUSTCHECK enum tt_err tt_store_unit_list(struct tt_store *store, tt_unit_fn fn, void *ctx);
/* From `at` on the unit sits in the vehicle; both earlier installations end. TT_ENOTFOUND: no such unit. */
TT_MUSTCHECK enum tt_err tt_store_install(struct tt_store *store, const char *unit, int64_t vehicle_id, tt_utc_us at);

TT_MUSTCHECK enum tt_err tt_store_plan_insert(struct tt_store *store, const char *name, const char *make, const char *model, tt_utc_us now,
					      int64_t *id); /* TT_EEXIST */
TT_MUSTCHECK enum tt_err tt_store_plan_find(struct tt_store *store, const char *name, int64_t *id);
TT_MUSTCHECK enum tt_err tt_store_plan_item_insert(struct tt_store *store, const struct tt_plan_item *row, int64_t *id); /* TT_EEXIST */
/* The vehicle follows every item of the plan from this base on; items it follows already keep their base. */
TT_MUSTCHECK enum tt_err tt_store_vehicle_follow(struct tt_store *store, int64_t vehicle_id, int64_t plan_id, int64_t base_odometer_m,
						 tt_utc_us base_at);

#endif
