/* People, vehicles, timelines and counters as JSON; the second half of render.h. */
#include "server/api/render.h"

#include <string.h>

json_t *tt_render_customer(const struct tt_customer *row)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b}", "id", (json_int_t)row->id, "name", row->name, "phone", row->phone, "email",
			 row->email, "language", row->language, "tier", row->tier, "position_consent", row->position_consent);
}

json_t *tt_render_customer_ref(const struct tt_customer *row)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id, "name", row->name, "tier", row->tier, "phone", row->phone,
			 "language", row->language);
}

json_t *tt_render_vehicle_ref(const struct tt_vehicle *row)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id, "vin", row->vin, "plate", row->plate, "make",
			      row->make, "model", row->model);

	if (row->model_year > 0)
		json_object_set_new(o, "model_year", json_integer(row->model_year));
	return o;
}

json_t *tt_render_user(const struct tt_user *row)
{
	return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)row->id, "name", row->name, "login", row->login, "role", row->role);
}

static enum tt_err only_dealer(void *ctx, const struct tt_dealer *row)
{
	*(json_t **)ctx = tt_render_dealer(row->id, row->name);
	return TT_OK;
}

enum tt_err tt_render_dealer_of(struct tt_store *store, int64_t dealer_id, json_t **out)
{
	json_t *dealer = NULL;
	enum tt_err err = tt_store_dealer_list(store, (struct tt_scope){.dealer_id = dealer_id, .user_id = 0}, only_dealer, &dealer);

	if (!err && !dealer)
		err = TT_ENOTFOUND;
	if (!err)
		*out = dealer;
	return err;
}

/* The record keeps [{name, since_us, detail}]. */
static json_t *conditions(const char *text)
{
	json_t *kept = json_loads(text, 0, NULL);
	json_t *list = json_array();
	const json_t *item;
	size_t i;

	json_array_foreach(kept, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *detail = json_string_value(json_object_get(item, "detail"));
		tt_utc_us since = json_integer_value(json_object_get(item, "since_us"));

		if (!name || since == 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:o, s:s*}", "name", name, "since", tt_render_time(since), "detail", detail));
	}
	json_decref(kept);
	return list;
}

json_t *tt_render_vehicle_state(const struct tt_vehicle_state *row)
{
	return json_pack("{s:b, s:o, s:o, s:b, s:b, s:o}", "online", row->online, "last_seen_at", tt_render_time(row->last_seen_at),
			 "odometer_m", tt_render_id(row->odometer_m), "ignition_on", row->ignition_on, "mil", row->mil, "conditions",
			 conditions(row->conditions));
}

static enum tt_err add_entry(void *ctx, const struct tt_timeline *row)
{
	json_t *list = (json_t *)ctx;
	json_t *detail = json_loads(row->detail, 0, NULL);
	json_t *o = json_pack("{s:I, s:o, s:o, s:s, s:s}", "id", (json_int_t)row->id, "at", tt_render_time(row->at), "actor",
			      row->actor_id ? json_string(row->actor_name) : json_null(), "kind", row->kind, "text", row->text);

	if (json_is_object(detail))
		json_object_set(o, "detail", detail);
	json_decref(detail);
	return json_array_append_new(list, o) == 0 ? TT_OK : TT_ENOMEM;
}

enum tt_err tt_render_timeline(struct tt_store *store, enum tt_subject subject, int64_t id, json_t **out)
{
	json_t *list = json_array();
	enum tt_err err = tt_store_timeline(store, subject, id, add_entry, list);

	if (err)
		json_decref(list);
	else
		*out = list;
	return err;
}

static enum tt_err add_counter(void *ctx, const char *name, int64_t value)
{
	static const char *const names[][2] = {
		{"ticket.new", "new"},
		{"ticket.open", "open"},
		{"ticket.pending", "pending"},
		{"rescue.open", "rescue_open"},
		{"reminder.open", "reminder_open"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i][0], name) == 0)
			return json_object_set_new((json_t *)ctx, names[i][1], json_integer(value)) == 0 ? TT_OK : TT_ENOMEM;
	}
	return TT_OK; /* counters nobody shows (resolved, closed) */
}

enum tt_err tt_render_counters(struct tt_store *store, struct tt_scope scope, json_t **out)
{
	json_t *o = json_pack("{s:i, s:i, s:i, s:i, s:i}", "new", 0, "open", 0, "pending", 0, "rescue_open", 0, "reminder_open", 0);
	enum tt_err err = o ? tt_store_counters(store, scope, add_counter, o) : TT_ENOMEM;

	if (err)
		json_decref(o);
	else
		*out = o;
	return err;
}
