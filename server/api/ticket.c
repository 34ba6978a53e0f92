/* The ticket's page and what staff do to a ticket. */
#include "server/api/handlers.h"
#include "server/api/privacy.h"
#include "server/api/render.h"

#include "crm/store/ticket_clock.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1900 }; /* bytes: TT_TEXT_MAX with room for what Telltale may put before it */

/* ---- the page ---- */

static enum tt_err fault_json(struct tt_call *call, int64_t fault_id, json_t **out)
{
	struct tt_fault fault;
	enum tt_err err;

	if (fault_id == 0) {
		*out = json_null();
		return TT_OK;
	}
	err = tt_store_fault_get(call->api->store, fault_id, &fault);
	if (!err)
		*out = tt_render_fault(&fault);
	return err;
}

static enum tt_err place_json(struct tt_call *call, const struct tt_ticket *t, json_t **out)
{
	const char *reason;
	enum tt_err err = tt_place_reason(call, t->vehicle_id, &t->place, &reason);

	if (!err)
		*out = reason && tt_place_look(call, "ticket", t->id, reason) ? tt_render_place(&t->place) : json_null();
	return err;
}

/* The queue's row names the customer; whoever opens the ticket is about to call them. */
static void add_contact(struct tt_call *call, int64_t customer_id, json_t *page)
{
	struct tt_customer customer;

	if (customer_id != 0 && tt_store_customer_get(call->api->store, call->scope, customer_id, &customer) == TT_OK)
		json_object_set_new(page, "customer", tt_render_customer_ref(&customer));
}

void tt_handle_ticket(struct tt_call *call)
{
	struct tt_queue_row row;
	json_t *fault = NULL, *place = NULL, *timeline = NULL, *page;
	enum tt_err err = tt_store_ticket_get(call->api->store, call->scope, call->id, &row);

	if (!err)
		err = fault_json(call, row.ticket.fault_id, &fault);
	if (!err)
		err = place_json(call, &row.ticket, &place);
	if (!err)
		err = tt_render_timeline(call->api->store, TT_SUBJECT_TICKET, call->id, &timeline);
	if (err) {
		json_decref(fault);
		json_decref(place);
		tt_call_failed(call, err, "this ticket");
		return;
	}
	page = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "fault", fault, "place", place, "odometer_m",
			 tt_render_id(row.ticket.odometer_m), "resolved_at", tt_render_time(row.ticket.resolved_at), "closed_at",
			 tt_render_time(row.ticket.closed_at), "timeline", timeline, "actions",
			 tt_render_ticket_actions(row.ticket.status));
	json_object_update_new(page, tt_render_ticket_row(&row));
	add_contact(call, row.ticket.customer_id, page);
	tt_call_json(call, page);
}

/* ---- what staff do ---- */

struct act {
	enum tt_ticket_action action;
	int64_t version; /* that the caller saw; 0 = whichever (a comment hurts nobody's change) */
	const char *text;
	bool reassign;
	struct tt_user assignee; /* id 0: nobody */
};

/* The ticket after the act, and the line of its timeline. TT_ECONFLICT: the act is impossible from here. */
static enum tt_err apply(const struct tt_call *call, const struct act *act, struct tt_ticket *t, struct tt_timeline *line)
{
	static const char *const kinds[TT_NTICKET_ACTIONS] = {[TT_TICKET_ACKNOWLEDGE] = "acknowledged",
							      [TT_TICKET_ASSIGN] = "assigned",
							      [TT_TICKET_COMMENT] = "comment",
							      [TT_TICKET_PEND] = "status",
							      [TT_TICKET_RESUME] = "status",
							      [TT_TICKET_RESOLVE] = "status",
							      [TT_TICKET_CLOSE] = "status",
							      [TT_TICKET_REOPEN] = "status"};
	enum tt_err err = TT_OK;
	json_t *detail;
	char *text;
	bool fits;

	detail = json_pack("{s:s}", "from", t->status);
	/* Taking a ticket from somebody is no answer to the customer: the status and the clocks stay. */
	if (!act->reassign || act->assignee.id != 0)
		err = tt_ticket_clock_act(t, &tt_sla_default, act->action, true, call->req->now);
	if (err) {
		json_decref(detail);
		return err;
	}
	json_object_set_new(detail, "to", json_string(t->status));
	if (act->reassign) {
		json_object_set_new(detail, "assignee_id", act->assignee.id ? json_integer(act->assignee.id) : json_null());
		json_object_set_new(detail, "assignee", act->assignee.id ? json_string(act->assignee.name) : json_null());
		t->assignee_id = act->assignee.id;
	}
	t->updated_at = call->req->now;
	*line = (struct tt_timeline){.subject = TT_SUBJECT_TICKET, .subject_id = t->id, .at = call->req->now, .actor_id = call->user.id};
	text = json_dumps(detail, JSON_COMPACT);
	fits = TT_COPY(line->kind, kinds[act->action]) && TT_COPY(line->text, act->text) && text && TT_COPY(line->detail, text);
	free(text);
	json_decref(detail);
	return fits ? TT_OK : TT_ERANGE;
}

/* Everything of one act in one transaction: ticket, timeline, feed, audit. *seen is the version found. */
static enum tt_err carry_out(struct tt_call *call, const struct act *act, int64_t *seen)
{
	struct tt_store *store = call->api->store;
	struct tt_queue_row row;
	struct tt_timeline line;
	struct tt_change change = {.at = call->req->now, .kind = "ticket.updated", .subject_id = call->id, .body = "{}"};
	char action[32] = "ticket.";
	int64_t id;
	enum tt_err err = tt_store_ticket_get(store, call->scope, call->id, &row);

	if (err)
		return err;
	*seen = row.ticket.version;
	if (act->version != 0 && act->version != row.ticket.version)
		return TT_ECONFLICT;
	/* Whom it may be given to: this dealer's staff, and those who see every dealer. */
	if (act->assignee.id != 0 && act->assignee.dealer_id != 0 && act->assignee.dealer_id != row.ticket.dealer_id)
		return TT_EDENIED;
	err = apply(call, act, &row.ticket, &line);
	if (err)
		return err == TT_ECONFLICT ? TT_EINVAL : err;
	change.dealer_id = row.ticket.dealer_id;
	change.vehicle_id = row.ticket.vehicle_id;
	strncat(action, tt_ticket_action_name(act->action), sizeof(action) - sizeof("ticket."));
	err = tt_store_ticket_update(store, &row.ticket);
	if (!err)
		err = tt_store_timeline_add(store, &line, &id);
	if (!err)
		err = tt_store_change_add(store, &change, &id);
	if (!err)
		err = tt_call_audit(call, action, "ticket", call->id, "");
	return err;
}

static void act_on(struct tt_call *call, const struct act *act)
{
	int64_t seen = 0;
	enum tt_err err = tt_store_begin(call->api->store);

	if (!err)
		err = carry_out(call, act, &seen);
	if (!err)
		err = tt_store_commit(call->api->store);
	if (!err) {
		tt_handle_ticket(call);
		return;
	}
	tt_store_rollback(call->api->store);
	if (err == TT_EINVAL)
		tt_call_problem(call, 409, "this ticket's status does not allow to %s; its actions say what it does",
				tt_ticket_action_name(act->action));
	else if (err == TT_EDENIED)
		tt_call_problem(call, 400, "\"assignee_id\" must be somebody of this ticket's dealer");
	else if (err == TT_ECONFLICT && act->version != seen)
		tt_call_problem(call, 409, "you saw version %lld of this ticket, it is at %lld: read it again", (long long)act->version,
				(long long)seen);
	else
		tt_call_failed(call, err, "this ticket");
}

static enum tt_err version_of(struct tt_call *call, struct act *act)
{
	return tt_call_int(call, "version", 1, INT64_MAX, &act->version);
}

void tt_handle_ticket_acknowledge(struct tt_call *call)
{
	struct act act = {.action = TT_TICKET_ACKNOWLEDGE, .text = ""};

	if (!version_of(call, &act))
		act_on(call, &act);
}

void tt_handle_ticket_comment(struct tt_call *call)
{
	struct act act = {.action = TT_TICKET_COMMENT};

	if (!tt_call_text(call, "text", true, TEXT_MAX, &act.text))
		act_on(call, &act);
}

void tt_handle_ticket_assign(struct tt_call *call)
{
	struct act act = {.action = TT_TICKET_ASSIGN, .text = "", .reassign = true};
	const json_t *assignee = json_object_get(call->body, "assignee_id");
	int64_t id;
	enum tt_err err;

	if (version_of(call, &act))
		return;
	if (!json_is_null(assignee)) {
		if (tt_call_int(call, "assignee_id", 1, INT64_MAX, &id))
			return;
		err = tt_store_user_get(call->api->store, id, &act.assignee);
		/* A colleague of another dealer is as unknown as one who does not exist. */
		if (err == TT_ENOTFOUND || (!err && act.assignee.disabled)) {
			tt_call_problem(call, 400, "\"assignee_id\" must be somebody of this ticket's dealer");
			return;
		}
		if (err) {
			tt_call_failed(call, err, "the colleague");
			return;
		}
	}
	act_on(call, &act);
}

void tt_handle_ticket_status(struct tt_call *call)
{
	static const enum tt_ticket_action known[] = {TT_TICKET_PEND, TT_TICKET_RESUME, TT_TICKET_RESOLVE, TT_TICKET_CLOSE,
						      TT_TICKET_REOPEN};
	struct act act = {0};
	const char *name;

	if (version_of(call, &act) || tt_call_text(call, "action", true, 16, &name) ||
	    tt_call_text(call, "text", false, TEXT_MAX, &act.text))
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(tt_ticket_action_name(known[i]), name) == 0) {
			act.action = known[i];
			act_on(call, &act);
			return;
		}
	}
	tt_call_problem(call, 400, "\"action\" must be pend, resume, resolve, close or reopen");
}
