/* The rescue board, a case's page and what staff do to a case. */
#include "server/api/handlers.h"
#include "server/api/privacy.h"
#include "server/api/render.h"

#include "crm/domain/rescue.h"

#include <stdlib.h>
#include <string.h>

enum { OPEN_MAX = 500, CLOSED_MAX = 100, TEXT_MAX = 1900, OUTCOME_MAX = 110 };

/* ---- board and page ---- */

struct board {
	struct tt_call *call;
	json_t *list;
};

static enum tt_err add_case(void *ctx, const struct tt_rescue_row *row)
{
	struct board *b = (struct board *)ctx;

	return json_array_append_new(b->list, tt_render_rescue(b->call->api->store, row, true)) == 0 ? TT_OK : TT_ENOMEM;
}

/* One audit row for each case whose place the board showed, in one transaction. A board is always shown: it is a rescue. */
static void audit_board(struct tt_call *call, const json_t *list)
{
	const json_t *o;
	size_t i;
	enum tt_err err = json_array_size(list) > 0 ? tt_store_begin(call->api->store) : TT_EEOF;

	if (err)
		return;
	json_array_foreach(list, i, o)
	{
		if (!err && !json_is_null(json_object_get(o, "place")))
			err = tt_call_audit(call, "position.view", "rescue", json_integer_value(json_object_get(o, "id")), "rescue");
	}
	if (err || tt_store_commit(call->api->store))
		tt_store_rollback(call->api->store);
}

void tt_handle_rescues(struct tt_call *call)
{
	const char *state = tt_query_get(&call->query, "state");
	bool closed = state && strcmp(state, "closed") == 0;
	struct board board = {.call = call};
	int64_t change_id = 0;
	enum tt_err err;

	if (state && !closed && strcmp(state, "open") != 0) {
		tt_call_problem(call, 400, "state must be open or closed");
		return;
	}
	board.list = json_array();
	err = tt_store_change_last(call->api->store, &change_id);
	if (!err)
		err = tt_store_rescue_list(call->api->store, call->scope, closed, closed ? CLOSED_MAX : OPEN_MAX, add_case, &board);
	if (err) {
		json_decref(board.list);
		tt_call_failed(call, err, "the rescue board");
		return;
	}
	audit_board(call, board.list);
	tt_call_json(call, json_pack("{s:o, s:I}", "rescues", board.list, "change_id", (json_int_t)change_id));
}

void tt_handle_rescue(struct tt_call *call)
{
	struct tt_rescue_row row;
	json_t *timeline = NULL, *page;
	enum tt_err err = tt_store_rescue_get(call->api->store, call->scope, call->id, &row);

	if (!err)
		err = tt_render_timeline(call->api->store, TT_SUBJECT_RESCUE, call->id, &timeline);
	if (err) {
		tt_call_failed(call, err, "this rescue case");
		return;
	}
	if (row.rescue.place.fix_at != 0)
		(void)tt_place_look(call, "rescue", call->id, "rescue");
	page = tt_render_rescue(call->api->store, &row, true);
	json_object_set_new(page, "timeline", timeline);
	tt_call_json(call, page);
}

/* ---- what staff do ---- */

struct act {
	enum tt_rescue_action action;
	int64_t version; /* 0 = whichever */
	const char *text, *outcome;
};

static void stamp(const struct tt_call *call, const struct act *act, enum tt_rescue_status from, struct tt_rescue *r)
{
	r->updated_at = call->req->now;
	if (from == TT_RESCUE_NEW && r->acknowledged_at == 0) {
		r->acknowledged_at = call->req->now;
		r->escalate_at = 0; /* somebody has it: nobody needs to be shouted at any more */
	}
	if (act->action == TT_RESCUE_ACKNOWLEDGE && r->assignee_id == 0)
		r->assignee_id = call->user.id;
	if (act->action == TT_RESCUE_CLOSE)
		r->closed_at = call->req->now;
	if (act->action == TT_RESCUE_REOPEN)
		r->closed_at = 0;
}

static enum tt_err apply(const struct tt_call *call, const struct act *act, struct tt_rescue *r, struct tt_timeline *line)
{
	enum tt_rescue_status from, to;
	json_t *detail;
	char *text;
	bool fits;

	if (tt_rescue_status_parse(r->status, &from))
		return TT_ECORRUPT;
	if (tt_rescue_move(from, act->action, &to))
		return TT_ECONFLICT;
	if (to != TT_RESCUE_NEW)
		stamp(call, act, from, r);
	r->updated_at = call->req->now;
	detail = json_pack("{s:s, s:s}", "from", r->status, "to", tt_rescue_status_name(to));
	if (act->outcome[0])
		json_object_set_new(detail, "outcome", json_string(act->outcome));
	*line = (struct tt_timeline){.subject = TT_SUBJECT_RESCUE, .subject_id = r->id, .at = call->req->now, .actor_id = call->user.id};
	text = json_dumps(detail, JSON_COMPACT);
	fits = TT_COPY(r->status, tt_rescue_status_name(to)) && TT_COPY(line->text, act->text) && text && TT_COPY(line->detail, text) &&
	       TT_COPY(line->kind, act->action == TT_RESCUE_COMMENT       ? "comment"
				   : act->action == TT_RESCUE_ACKNOWLEDGE ? "acknowledged"
									  : "status") &&
	       (!act->outcome[0] || TT_COPY(r->outcome, act->outcome));
	free(text);
	json_decref(detail);
	return fits ? TT_OK : TT_ERANGE;
}

static enum tt_err carry_out(struct tt_call *call, const struct act *act, int64_t *seen)
{
	struct tt_store *store = call->api->store;
	struct tt_rescue_row row;
	struct tt_timeline line;
	struct tt_change change = {.at = call->req->now, .kind = "rescue.updated", .subject_id = call->id, .body = "{}"};
	char action[32] = "rescue.";
	int64_t id;
	enum tt_err err = tt_store_rescue_get(store, call->scope, call->id, &row);

	if (err)
		return err;
	*seen = row.rescue.version;
	if (act->version != 0 && act->version != row.rescue.version)
		return TT_ECONFLICT;
	err = apply(call, act, &row.rescue, &line);
	if (err)
		return err == TT_ECONFLICT ? TT_EINVAL : err;
	change.dealer_id = row.rescue.dealer_id;
	change.vehicle_id = row.rescue.vehicle_id;
	strncat(action, tt_rescue_action_name(act->action), sizeof(action) - sizeof("rescue."));
	err = tt_store_rescue_update(store, &row.rescue);
	if (!err)
		err = tt_store_timeline_add(store, &line, &id);
	if (!err)
		err = tt_store_change_add(store, &change, &id);
	if (!err)
		err = tt_call_audit(call, action, "rescue", call->id, act->outcome);
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
		tt_handle_rescue(call);
		return;
	}
	tt_store_rollback(call->api->store);
	if (err == TT_EINVAL)
		tt_call_problem(call, 409, "this case's status does not allow to %s; its actions say what it does",
				tt_rescue_action_name(act->action));
	else if (err == TT_ECONFLICT && act->version != seen)
		tt_call_problem(call, 409, "you saw version %lld of this case, it is at %lld: read it again", (long long)act->version,
				(long long)seen);
	else
		tt_call_failed(call, err, "this rescue case");
}

void tt_handle_rescue_comment(struct tt_call *call)
{
	struct act act = {.action = TT_RESCUE_COMMENT, .outcome = ""};

	if (!tt_call_text(call, "text", true, TEXT_MAX, &act.text))
		act_on(call, &act);
}

void tt_handle_rescue_status(struct tt_call *call)
{
	struct act act = {0};
	const char *name;

	if (tt_call_int(call, "version", 1, INT64_MAX, &act.version) || tt_call_text(call, "action", true, 16, &name) ||
	    tt_call_text(call, "text", false, TEXT_MAX, &act.text) || tt_call_text(call, "outcome", false, OUTCOME_MAX, &act.outcome))
		return;
	if (tt_rescue_action_parse(name, &act.action) || act.action == TT_RESCUE_ASSIGN || act.action == TT_RESCUE_COMMENT) {
		tt_call_problem(call, 400, "\"action\" must be acknowledge, dispatch, recall, arrive, close or reopen");
		return;
	}
	if (tt_rescue_needs_outcome(act.action) && !act.outcome[0]) {
		tt_call_problem(call, 400, "\"outcome\" must say how the case ended");
		return;
	}
	act_on(call, &act);
}
