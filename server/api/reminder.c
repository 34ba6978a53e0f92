/* Maintenance reminders: the open ones, and their end. */
#include "server/api/handlers.h"
#include "server/api/render.h"

#include <string.h>

enum { LIMIT = 200 };

struct list {
	struct tt_call *call;
	json_t *json;
};

static enum tt_err add_row(void *ctx, const struct tt_reminder_row *row)
{
	struct list *l = (struct list *)ctx;

	return json_array_append_new(l->json, tt_render_reminder(l->call->api->store, row)) == 0 ? TT_OK : TT_ENOMEM;
}

void tt_handle_reminders(struct tt_call *call)
{
	struct list list = {.call = call, .json = json_array()};
	int64_t change_id = 0;
	enum tt_err err = tt_store_change_last(call->api->store, &change_id);

	if (!err)
		err = tt_store_reminder_list(call->api->store, call->scope, 0, LIMIT, add_row, &list);
	if (err) {
		json_decref(list.json);
		tt_call_failed(call, err, "the reminders");
		return;
	}
	tt_call_json(call, json_pack("{s:o, s:I}", "reminders", list.json, "change_id", (json_int_t)change_id));
}

static bool is_open(const char *status)
{
	return strcmp(status, "soon") == 0 || strcmp(status, "due") == 0 || strcmp(status, "overdue") == 0;
}

/* Where the item's next interval starts: the odometer given, else the newest known. */
static int64_t base_odometer(struct tt_call *call, const struct tt_reminder *r, int64_t given)
{
	struct tt_vehicle_state state;

	if (given > 0)
		return given;
	if (tt_store_vehicle_state_get(call->api->store, r->vehicle_id, &state) == TT_OK && state.odometer_m > 0)
		return state.odometer_m;
	return r->odometer_m;
}

static enum tt_err carry_out(struct tt_call *call, bool done, int64_t odometer_m)
{
	struct tt_store *store = call->api->store;
	struct tt_reminder_row row;
	struct tt_timeline line = {.subject = TT_SUBJECT_REMINDER,
				   .subject_id = call->id,
				   .at = call->req->now,
				   .actor_id = call->user.id,
				   .kind = "status",
				   .detail = "{}"};
	struct tt_change change = {.at = call->req->now, .kind = "reminder.updated", .subject_id = call->id, .body = "{}"};
	const char *status = done ? "done" : "dismissed";
	int64_t id;
	enum tt_err err = tt_store_reminder_get(store, call->scope, call->id, &row);

	if (err)
		return err;
	if (!is_open(row.reminder.status))
		return TT_EINVAL;
	change.dealer_id = row.reminder.dealer_id;
	change.vehicle_id = row.reminder.vehicle_id;
	row.reminder.updated_at = call->req->now;
	if (!TT_COPY(row.reminder.status, status) || !TT_COPY(line.text, status))
		return TT_ERANGE;
	if (done)
		err = tt_store_vehicle_item_done(store, row.reminder.vehicle_id, row.reminder.plan_item_id,
						 base_odometer(call, &row.reminder, odometer_m), call->req->now);
	if (!err)
		err = tt_store_reminder_update(store, &row.reminder);
	if (!err)
		err = tt_store_timeline_add(store, &line, &id);
	if (!err)
		err = tt_store_change_add(store, &change, &id);
	if (!err)
		err = tt_call_audit(call, done ? "reminder.done" : "reminder.dismiss", "reminder", call->id, "");
	return err;
}

void tt_handle_reminder_status(struct tt_call *call)
{
	struct tt_reminder_row row;
	const json_t *odometer = json_object_get(call->body, "odometer_m");
	const char *action;
	int64_t odometer_m = 0;
	bool done;
	enum tt_err err;

	if (tt_call_text(call, "action", true, 16, &action))
		return;
	done = strcmp(action, "done") == 0;
	if (!done && strcmp(action, "dismiss") != 0) {
		tt_call_problem(call, 400, "\"action\" must be done or dismiss");
		return;
	}
	if (odometer && !json_is_null(odometer) && tt_call_int(call, "odometer_m", 1, INT64_C(5000000000), &odometer_m))
		return;
	err = tt_store_begin(call->api->store);
	if (!err)
		err = carry_out(call, done, odometer_m);
	if (!err)
		err = tt_store_commit(call->api->store);
	if (err)
		tt_store_rollback(call->api->store);
	if (!err)
		err = tt_store_reminder_get(call->api->store, call->scope, call->id, &row);
	if (err == TT_EINVAL)
		tt_call_problem(call, 409, "this reminder is done or dismissed already");
	else if (err)
		tt_call_failed(call, err, "this reminder");
	else
		tt_call_json(call, tt_render_reminder(call->api->store, &row));
}
