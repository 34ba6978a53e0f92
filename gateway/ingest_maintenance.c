#include "crm/domain/maintenance.h"
#include "gateway/ingest_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS_MAX = 64 };

struct items {
	struct tt_vehicle_item row[ITEMS_MAX];
	size_t n;
};

/* Collected first, so that rows are not written to while they are being read. A plan of more items than this is refused by its import. */
static enum tt_err collect(void *ctx, const struct tt_vehicle_item *row)
{
	struct items *items = ctx;

	if (items->n == ITEMS_MAX)
		return TT_EFULL;
	items->row[items->n++] = *row;
	return TT_OK;
}

static enum tt_err tell(const struct tt_ingest_arrival *a, const struct tt_vehicle_item *item, const struct tt_reminder *reminder,
			bool opened)
{
	char body[512], key[sizeof(((struct tt_outbox *)0)->idempotency_key)], text[TT_NAME_MAX + 64];
	struct tt_json j = tt_json_init(body, sizeof(body));
	struct tt_ingest_notice notice = {.template_name = "maintenance_owner",
					  .key = key,
					  .subject = TT_SUBJECT_REMINDER,
					  .subject_id = reminder->id,
					  .text = text,
					  .event_at = a->time.event_at,
					  .late = a->time.late};
	enum tt_err err;
	int n;

	n = snprintf(text, sizeof(text), "%s: %s at %" PRId64 " km", item->item.name, reminder->status, reminder->odometer_m / 1000);
	TT_ASSERT(n > 0 && (size_t)n < sizeof(text));
	n = snprintf(key, sizeof(key), "reminder:%" PRId64 ":%s", reminder->id, reminder->status);
	TT_ASSERT(n > 0 && (size_t)n < sizeof(key));
	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "item", item->item.name);
	tt_json_str(&j, "status", reminder->status);
	tt_json_str(&j, "vin", a->link->vin);
	tt_json_int(&j, "due_odometer_m", reminder->due_odometer_m);
	tt_json_int(&j, "odometer_m", reminder->odometer_m);
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	if (!err)
		err = tt_ingest_timeline(a, TT_SUBJECT_REMINDER, reminder->id, opened ? "opened" : "status", text, body);
	if (!err)
		err = tt_ingest_change(a, opened ? "reminder.opened" : "reminder.updated", reminder->id, body);
	return err ? err : tt_ingest_tell_owner(a, &notice);
}

static enum tt_err remind(const struct tt_ingest_arrival *a, const struct tt_vehicle_item *item,
			  const struct tt_maintenance_verdict *verdict, int64_t odometer_m)
{
	struct tt_reminder row;
	enum tt_err err = tt_store_reminder_find(a->ingest->store, item->vehicle_id, item->item.id, item->cycle, &row);
	bool exists = !err;
	enum tt_reminder_act act;

	if (err && err != TT_ENOTFOUND)
		return err;
	act = tt_maintenance_remind(exists ? row.status : NULL, verdict->state);
	if (act == TT_REMINDER_NOTHING)
		return TT_OK;
	if (act == TT_REMINDER_INSERT)
		row = (struct tt_reminder){.dealer_id = a->link->dealer_id,
					   .vehicle_id = item->vehicle_id,
					   .customer_id = a->link->customer_id,
					   .plan_item_id = item->item.id,
					   .cycle = item->cycle,
					   .due_odometer_m = verdict->due_odometer_m,
					   .due_at = verdict->due_at,
					   .odometer_m = odometer_m,
					   .created_at = a->in->received_at};
	tt_ingest_copy(row.status, sizeof(row.status), tt_maintenance_state_name(verdict->state));
	row.updated_at = a->in->received_at;
	if (act == TT_REMINDER_INSERT) {
		err = tt_store_reminder_insert(a->ingest->store, &row, &row.id);
		a->ingest->pending.reminders_opened++;
	} else {
		err = tt_store_reminder_update(a->ingest->store, &row);
	}
	return err ? err : tell(a, item, &row, act == TT_REMINDER_INSERT);
}

enum tt_err tt_ingest_maintenance(const struct tt_ingest_arrival *a, int64_t odometer_m, tt_utc_us at)
{
	struct items items = {.n = 0};
	enum tt_err err = tt_store_vehicle_items(a->ingest->store, a->link->vehicle_id, collect, &items);

	for (size_t i = 0; i < items.n && !err; i++) {
		const struct tt_vehicle_item *v = &items.row[i];
		const struct tt_maintenance_item item = {.interval_m = v->item.interval_m,
							 .interval_days = v->item.interval_days,
							 .warn_m = v->item.warn_m,
							 .warn_days = v->item.warn_days,
							 .base_odometer_m = v->base_odometer_m,
							 .base_at = v->base_at};
		struct tt_maintenance_verdict verdict;

		tt_maintenance_judge(&item, odometer_m, at, &verdict);
		err = remind(a, v, &verdict, odometer_m);
	}
	return err;
}
