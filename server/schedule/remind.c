#include "crm/domain/maintenance.h"
#include "server/schedule/schedule.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VEHICLES = 128, ITEMS = 64 };

struct vehicles {
	struct tt_vehicle rows[VEHICLES];
	int n;
};

struct items {
	struct tt_vehicle_item rows[ITEMS];
	int n;
};

static enum tt_err keep_vehicle(void *ctx, const struct tt_vehicle *row)
{
	struct vehicles *v = (struct vehicles *)ctx;

	v->rows[v->n++] = *row;
	return TT_OK;
}

static enum tt_err keep_item(void *ctx, const struct tt_vehicle_item *row)
{
	struct items *items = (struct items *)ctx;

	/* A plan of more items than this is refused where plans are made; by distance the rest is judged by the gateway all the same. */
	if (items->n < ITEMS)
		items->rows[items->n++] = *row;
	return TT_OK;
}

struct visit {
	struct tt_store *store;
	const struct tt_vehicle *vehicle;
	struct tt_customer owner; /* id 0: nobody */
	int64_t odometer_m;
	tt_utc_us now;
	bool writing; /* a transaction is open */
	unsigned count;
};

/* JSON into a row's array; false: memory or length. */
static bool dump(json_t *o, char *out, size_t cap)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	bool ok = text && strlen(text) < cap;

	if (ok)
		memcpy(out, text, strlen(text) + 1);
	free(text);
	json_decref(o);
	return ok;
}

/* The owner's message: e-mail where there is one (nothing here is urgent), else a text message. The same key as the gateway's. */
static enum tt_err message(const struct visit *v, const struct tt_reminder *r, const char *text)
{
	const struct tt_customer *c = &v->owner;
	struct tt_outbox row = {.dealer_id = r->dealer_id, .template_name = "maintenance_owner", .created_at = v->now, .next_at = v->now};
	char at[TT_UTC_TEXT];
	int64_t id;
	enum tt_err err;

	if (c->id == 0 || (!c->email[0] && !c->phone[0]))
		return TT_OK;
	tt_utc_format(v->now, at);
	(void)snprintf(row.channel, sizeof(row.channel), "%s", c->email[0] ? "email" : "sms");
	(void)snprintf(row.recipient, sizeof(row.recipient), "%s", c->email[0] ? c->email : c->phone);
	(void)snprintf(row.idempotency_key, sizeof(row.idempotency_key), "reminder:%lld:%s", (long long)r->id, r->status);
	if (!dump(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:I}", "name", c->name, "language", c->language, "text", text,
			    "plate", v->vehicle->plate, "make", v->vehicle->make, "model", v->vehicle->model, "at", at, "late", 0,
			    "subject", "reminder", "subject_id", (json_int_t)r->id),
		  row.payload, sizeof(row.payload)))
		return TT_ERANGE;
	err = tt_store_outbox_add(v->store, &row, &id);
	return err == TT_EEXIST ? TT_OK : err;
}

static enum tt_err tell(struct visit *v, const struct tt_vehicle_item *item, const struct tt_reminder *r, bool opened)
{
	struct tt_timeline line = {.subject = TT_SUBJECT_REMINDER, .subject_id = r->id, .at = v->now, .detail = "{}"};
	struct tt_change change = {.dealer_id = r->dealer_id, .at = v->now, .subject_id = r->id, .vehicle_id = r->vehicle_id, .body = "{}"};
	int64_t id;
	enum tt_err err;

	(void)snprintf(line.kind, sizeof(line.kind), "%s", opened ? "opened" : "status");
	(void)snprintf(line.text, sizeof(line.text), "%s: %s", item->item.name, r->status);
	(void)snprintf(change.kind, sizeof(change.kind), "%s", opened ? "reminder.opened" : "reminder.updated");
	err = tt_store_timeline_add(v->store, &line, &id);
	if (!err)
		err = tt_store_change_add(v->store, &change, &id);
	if (!err)
		err = message(v, r, line.text);
	if (!err)
		v->count++;
	return err;
}

/* Nothing to do for most items of most vehicles: that is found out without a transaction; what is to be done is decided again inside one.
 */
static enum tt_err visit_item(struct visit *v, const struct tt_vehicle_item *item)
{
	const struct tt_maintenance_item known = {.interval_m = item->item.interval_m,
						  .interval_days = item->item.interval_days,
						  .warn_m = item->item.warn_m,
						  .warn_days = item->item.warn_days,
						  .base_odometer_m = item->base_odometer_m,
						  .base_at = item->base_at};
	struct tt_maintenance_verdict verdict;
	struct tt_reminder row;
	enum tt_reminder_act act;
	enum tt_err err = tt_store_reminder_find(v->store, item->vehicle_id, item->item.id, item->cycle, &row);
	bool exists = err == TT_OK;

	if (err && err != TT_ENOTFOUND)
		return err;
	tt_maintenance_judge(&known, v->odometer_m, v->now, &verdict);
	act = tt_maintenance_remind(exists ? row.status : NULL, verdict.state);
	if (act == TT_REMINDER_NOTHING)
		return TT_OK;
	if (!v->writing)
		return TT_EAGAIN;
	if (act == TT_REMINDER_INSERT)
		row = (struct tt_reminder){.dealer_id = v->vehicle->dealer_id,
					   .vehicle_id = item->vehicle_id,
					   .customer_id = v->owner.id,
					   .plan_item_id = item->item.id,
					   .cycle = item->cycle,
					   .due_odometer_m = verdict.due_odometer_m,
					   .due_at = verdict.due_at,
					   .odometer_m = v->odometer_m,
					   .created_at = v->now};
	row.updated_at = v->now;
	(void)snprintf(row.status, sizeof(row.status), "%s", tt_maintenance_state_name(verdict.state));
	err = act == TT_REMINDER_INSERT ? tt_store_reminder_insert(v->store, &row, &row.id) : tt_store_reminder_update(v->store, &row);
	return err ? err : tell(v, item, &row, act == TT_REMINDER_INSERT);
}

static enum tt_err visit_items(struct visit *v)
{
	struct items items = {.n = 0};
	struct tt_vehicle_state state;
	enum tt_err err = tt_store_vehicle_items(v->store, v->vehicle->id, keep_item, &items);

	if (!err)
		err = tt_store_owner(v->store, v->vehicle->id, v->now, &v->owner);
	if (err == TT_ENOTFOUND) {
		memset(&v->owner, 0, sizeof(v->owner));
		err = TT_OK;
	}
	if (!err)
		err = tt_store_vehicle_state_get(v->store, v->vehicle->id, &state);
	if (!err)
		v->odometer_m = state.odometer_m;
	if (err == TT_ENOTFOUND)
		err = TT_OK;
	for (int i = 0; !err && i < items.n; i++)
		err = visit_item(v, &items.rows[i]);
	return err;
}

static enum tt_err visit_vehicle(struct tt_store *store, const struct tt_vehicle *vehicle, tt_utc_us now, unsigned *count)
{
	struct visit v = {.store = store, .vehicle = vehicle, .now = now};
	enum tt_err err = visit_items(&v);

	if (err != TT_EAGAIN)
		return err;
	v = (struct visit){.store = store, .vehicle = vehicle, .now = now, .writing = true};
	err = tt_store_begin(store);
	if (!err)
		err = visit_items(&v);
	if (!err)
		err = tt_store_commit(store);
	if (err)
		tt_store_rollback(store);
	else
		*count += v.count;
	return err;
}

enum tt_err tt_schedule_reminders(struct tt_store *store, tt_utc_us now, unsigned *n)
{
	struct vehicles *page = malloc(sizeof(*page));
	int64_t after = 0;
	unsigned count = 0;
	enum tt_err err = page ? TT_OK : TT_ENOMEM;

	do {
		if (err)
			break;
		page->n = 0;
		err = tt_store_vehicle_followers(store, after, VEHICLES, keep_vehicle, page);
		for (int i = 0; !err && i < page->n; i++) {
			err = visit_vehicle(store, &page->rows[i], now, &count);
			after = page->rows[i].id;
		}
	} while (!err && page->n == VEHICLES);
	free(page);
	if (!err)
		*n = count;
	return err;
}
