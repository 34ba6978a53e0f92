/* The change feed as the desk hears it, and the two routes for operators. */
#include "server/api/handlers.h"
#include "server/api/render.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void tt_handle_health(struct tt_call *call)
{
	int64_t have, want;

	if (tt_store_version(call->api->store, &have, &want)) {
		tt_call_problem(call, 503, "the record cannot be read: %s", tt_store_message(call->api->store));
		return;
	}
	tt_call_json(call, json_pack("{s:s, s:I}", "status", "ok", "schema", (json_int_t)have));
}

void tt_handle_metrics(struct tt_call *call)
{
	call->out->kind = TT_RESPONSE_METRICS;
	call->out->status = 200;
}

/* The header wins: a browser that reconnects sends it along with the address it first used. */
void tt_handle_events(struct tt_call *call)
{
	const char *text = call->req->last_event_id;
	int64_t after = -1;

	if (!text)
		text = tt_query_get(&call->query, "after");
	if (text && (tt_parse_i64(text, strlen(text), &after) || after < 0)) {
		tt_call_problem(call, 400, "after and Last-Event-ID must be numbers the feed gave");
		return;
	}
	call->out->kind = TT_RESPONSE_STREAM;
	call->out->status = 200;
	call->out->scope = call->scope;
	call->out->after = after;
	memcpy(call->out->token_hash, call->session.token_hash, sizeof(call->out->token_hash));
}

/* The subject as it is now: the list that hears of the change shows the newest, and hearing it twice does no harm. */
static json_t *subject_of(struct tt_store *store, const struct tt_change *change)
{
	union {
		struct tt_queue_row ticket;
		struct tt_rescue_row rescue;
		struct tt_reminder_row reminder;
	} row;

	if (strncmp(change->kind, "ticket.", 7) == 0 &&
	    tt_store_ticket_get(store, TT_SCOPE_SYSTEM, change->subject_id, &row.ticket) == TT_OK)
		return tt_render_ticket_row(&row.ticket);
	if (strncmp(change->kind, "rescue.", 7) == 0 &&
	    tt_store_rescue_get(store, TT_SCOPE_SYSTEM, change->subject_id, &row.rescue) == TT_OK)
		return tt_render_rescue(store, &row.rescue, false);
	if (strncmp(change->kind, "reminder.", 9) == 0 &&
	    tt_store_reminder_get(store, TT_SCOPE_SYSTEM, change->subject_id, &row.reminder) == TT_OK)
		return tt_render_reminder(store, &row.reminder);
	return json_loads(change->body, 0, NULL);
}

enum tt_err tt_api_change_json(struct tt_store *store, const struct tt_change *change, char **out)
{
	json_t *o =
		json_pack("{s:I, s:s, s:I, s:o, s:o}", "id", (json_int_t)change->id, "kind", change->kind, "subject_id",
			  (json_int_t)change->subject_id, "vehicle_id", tt_render_id(change->vehicle_id), "at", tt_render_time(change->at));
	json_t *body = subject_of(store, change);
	char *text;
	size_t n;

	json_object_set_new(o, "body", json_is_object(body) ? body : json_object());
	if (body && !json_is_object(body))
		json_decref(body);
	text = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
	json_decref(o);
	if (!text)
		return TT_ENOMEM;
	n = strlen(text);
	text[n - 1] = '\0'; /* the closing brace, which comes with the counters */
	*out = text;
	return TT_OK;
}

enum tt_err tt_api_counters_json(struct tt_store *store, struct tt_scope scope, char **out)
{
	json_t *counters = NULL, *o;
	char *text;
	enum tt_err err = tt_render_counters(store, scope, &counters);

	if (err)
		return err;
	o = json_pack("{s:o}", "counters", counters);
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!text)
		return TT_ENOMEM;
	text[0] = ','; /* continues the change's object */
	*out = text;
	return TT_OK;
}
