/* What happened to a vehicle, its control units, its unit, and what was recorded around a crash. */
#include "server/api/handlers.h"
#include "server/api/privacy.h"
#include "server/api/render.h"
#include "server/api/render_car.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_PRESET = 50, LIMIT_MAX = 100, CURSOR_MAX = 48, TOLD_MAX = 20, CAPTURES_MAX = 5 };

/* ---- what happened ---- */

struct history {
	struct tt_call *call;
	const char *reason; /* the first that let a place be seen: what the audit is told */
	struct tt_vehicle_event *rows;
	const char **reasons;
	int limit, seen;
};

static enum tt_err collect(void *ctx, const struct tt_vehicle_event *row)
{
	struct history *h = ctx;

	if (h->seen++ == h->limit)
		return TT_OK; /* the one more that tells there is a next page */
	h->rows[h->seen - 1] = *row;
	return TT_OK;
}

/* Who may see where each of them was; then the look goes on record, and without that only a rescue is shown. */
static enum tt_err judge_places(struct history *h, int n)
{
	enum tt_err err = TT_OK;

	for (int i = 0; !err && i < n; i++) {
		err = tt_place_reason(h->call, h->rows[i].vehicle_id, &h->rows[i].place, &h->reasons[i]);
		if (!h->reason)
			h->reason = h->reasons[i];
	}
	if (!err && h->reason && !tt_place_look(h->call, "vehicle", h->call->id, h->reason)) {
		memset(h->reasons, 0, (size_t)n * sizeof(h->reasons[0]));
		h->reason = NULL;
	}
	return err;
}

/* "began_at.id": opaque to the client, checked like any input. */
static json_t *write_cursor(const struct tt_vehicle_event *last)
{
	char buf[CURSOR_MAX];
	struct tt_text text = tt_text_init(buf, sizeof(buf));

	tt_text_i64(&text, last->began_at);
	tt_text_char(&text, '.');
	tt_text_i64(&text, last->id);
	return json_string(buf);
}

static bool read_query(struct tt_call *call, tt_utc_us *before_at, int64_t *before_id, int *limit)
{
	const char *cursor = tt_query_get(&call->query, "cursor");
	const char *limit_text = tt_query_get(&call->query, "limit");
	int64_t n = LIMIT_PRESET;

	*before_at = *before_id = 0;
	if (cursor) {
		size_t dot = strcspn(cursor, ".");

		if (cursor[dot] != '.' || tt_parse_i64(cursor, dot, before_at) ||
		    tt_parse_i64(cursor + dot + 1, strlen(cursor + dot + 1), before_id) || *before_id < 1) {
			tt_call_problem(call, 400, "cursor must be the next_cursor of an earlier page");
			return false;
		}
	}
	if (limit_text && (tt_parse_i64(limit_text, strlen(limit_text), &n) || n < 1 || n > LIMIT_MAX)) {
		tt_call_problem(call, 400, "limit must be from 1 to %d", LIMIT_MAX);
		return false;
	}
	*limit = (int)n;
	return true;
}

static json_t *render_history(const struct history *h, int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, tt_render_happening(&h->rows[i], h->reasons[i]));
	return json_pack("{s:o, s:o, s:o}", "events", list, "next_cursor", h->seen > h->limit ? write_cursor(&h->rows[n - 1]) : json_null(),
			 "place_reason", h->reason ? json_string(h->reason) : json_null());
}

static enum tt_err read_history(struct history *h, tt_utc_us before_at, int64_t before_id, json_t **page)
{
	struct tt_store *store = h->call->api->store;
	struct tt_vehicle vehicle;
	int n;
	enum tt_err err = tt_store_vehicle_get(store, h->call->scope, h->call->id, &vehicle);

	if (!err)
		err = tt_store_happenings(store, h->call->scope, vehicle.id, before_at, before_id, h->limit + 1, collect, h);
	n = h->seen < h->limit ? h->seen : h->limit;
	if (!err)
		err = judge_places(h, n);
	if (!err)
		*page = render_history(h, n);
	return err;
}

void tt_handle_happenings(struct tt_call *call)
{
	struct history h = {.call = call};
	tt_utc_us before_at;
	int64_t before_id;
	json_t *page = NULL;
	enum tt_err err;

	if (!read_query(call, &before_at, &before_id, &h.limit))
		return;
	h.rows = calloc((size_t)h.limit, sizeof(*h.rows));
	h.reasons = calloc((size_t)h.limit, sizeof(*h.reasons));
	err = h.rows && h.reasons ? read_history(&h, before_at, before_id, &page) : TT_ENOMEM;
	free(h.rows);
	free(h.reasons);
	if (err)
		tt_call_failed(call, err, "this vehicle");
	else
		tt_call_json(call, page);
}

/* ---- on the vehicle's page ---- */

static enum tt_err add_ecu(void *ctx, const struct tt_ecu *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_ecu(row)) == 0 ? TT_OK : TT_ENOMEM;
}

static enum tt_err add_told(void *ctx, const struct tt_told *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_told(row)) == 0 ? TT_OK : TT_ENOMEM;
}

enum tt_err tt_vehicle_car(struct tt_call *call, int64_t vehicle_id, json_t *page)
{
	struct tt_store *store = call->api->store;
	struct tt_unit_state unit;
	json_t *ecus = json_array(), *told = json_array();
	enum tt_err err;

	json_object_set_new(page, "ecus", ecus);
	json_object_set_new(page, "told", told);
	err = tt_store_ecu_list(store, call->scope, vehicle_id, add_ecu, ecus);
	if (!err)
		err = tt_store_told_list(store, call->scope, vehicle_id, TOLD_MAX, add_told, told);
	if (err)
		return err;
	err = tt_store_unit_state_get(store, call->scope, vehicle_id, &unit);
	if (err && err != TT_ENOTFOUND)
		return err;
	json_object_set_new(page, "unit", err ? json_null() : tt_render_unit(&unit));
	return TT_OK;
}

/* ---- captures ---- */

struct found {
	int64_t ids[CAPTURES_MAX];
	int n;
};

static enum tt_err find_capture(void *ctx, const struct tt_capture *row)
{
	struct found *f = ctx;

	if (f->n < CAPTURES_MAX)
		f->ids[f->n++] = row->id;
	return TT_OK;
}

/* A part that cannot be read is a part that is missing, and is told as such. */
static enum tt_err add_part(void *ctx, const uint8_t *body, size_t len)
{
	Telltale__V1__CapturePart *part = telltale__v1__capture_part__unpack(NULL, len, body);
	enum tt_err err = TT_OK;

	if (part)
		err = tt_captured_add(ctx, part);
	telltale__v1__capture_part__free_unpacked(part, NULL);
	return err == TT_ENOMEM ? err : TT_OK;
}

static enum tt_err add_capture(struct tt_call *call, int64_t id, json_t *list)
{
	struct tt_captured *captured;
	enum tt_err err = tt_captured_create(&captured);

	if (err)
		return err;
	err = tt_store_capture_parts(call->api->store, call->scope, id, add_part, captured);
	if (!err)
		json_array_append_new(list, tt_render_captured(captured));
	tt_captured_destroy(captured);
	return err;
}

static void answer_captures(struct tt_call *call, enum tt_err err, const struct found *found, const char *what)
{
	json_t *list = json_array();

	for (int i = 0; !err && i < found->n; i++)
		err = add_capture(call, found->ids[i], list);
	if (err) {
		json_decref(list);
		tt_call_failed(call, err, what);
		return;
	}
	tt_call_json(call, json_pack("{s:o}", "captures", list));
}

void tt_handle_rescue_capture(struct tt_call *call)
{
	struct tt_rescue_row row;
	struct found found = {.n = 0};
	enum tt_err err = tt_store_rescue_get(call->api->store, call->scope, call->id, &row);

	if (!err)
		err = tt_store_captures(call->api->store, call->scope, row.rescue.vehicle_id, row.rescue.incident, find_capture, &found);
	answer_captures(call, err, &found, "this rescue case");
}

void tt_handle_vehicle_captures(struct tt_call *call)
{
	struct tt_vehicle vehicle;
	struct found found = {.n = 0};
	enum tt_err err = tt_store_vehicle_get(call->api->store, call->scope, call->id, &vehicle);

	if (!err)
		err = tt_store_captures_asked(call->api->store, call->scope, call->id, CAPTURES_MAX, find_capture, &found);
	answer_captures(call, err, &found, "this vehicle");
}
