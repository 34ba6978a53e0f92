#include "gateway/ingest_internal.h"

#include <string.h>

enum { CHANGE_BODY_MAX = 512 };

static bool vin_differs(const struct tt_ingest_arrival *a, const char *reported)
{
	return *reported && strcmp(reported, a->link->vin) != 0;
}

/* What is not as it should be, each with its time; last, if so, that the unit answers from another car than the record says. */
static enum tt_err conditions(const struct tt_ingest_arrival *a, const Telltale__V1__State *state, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap - 1);
	struct tt_json whole;

	tt_json_open(&j, NULL, '[');
	for (size_t i = 0; i < state->n_conditions + (vin_differs(a, state->vin) ? 1 : 0); i++) {
		const Telltale__V1__Condition *c = i < state->n_conditions ? state->conditions[i] : NULL;

		whole = tt_json_mark(&j);
		tt_json_open(&j, NULL, '{');
		tt_json_str(&j, "name", c ? c->name : "vin.mismatch");
		tt_json_int(&j, "since_us", c ? c->since_us : a->link->since);
		tt_json_str(&j, "detail", c ? c->detail : state->vin);
		tt_json_close(&j, '}');
		if (tt_json_end(&j)) {
			tt_json_back(&j, &whole);
			break;
		}
	}
	j.text.cap++; /* the closing bracket's room */
	tt_json_close(&j, ']');
	return tt_json_end(&j);
}

/* A heartbeat is no news: the feed carries only what a desk would show differently. */
static bool is_news(const struct tt_vehicle_state *was, const struct tt_vehicle_state *is)
{
	return was->online != is->online || was->ignition_on != is->ignition_on || was->mil != is->mil ||
	       strcmp(was->reported_vin, is->reported_vin) != 0 || strcmp(was->conditions, is->conditions) != 0;
}

static enum tt_err tell_desk(const struct tt_ingest_arrival *a, const struct tt_vehicle_state *row)
{
	char body[CHANGE_BODY_MAX];
	struct tt_json j = tt_json_init(body, sizeof(body));
	enum tt_err err;

	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "vin", a->link->vin);
	tt_json_bool(&j, "online", row->online);
	tt_json_bool(&j, "ignition_on", row->ignition_on);
	tt_json_bool(&j, "mil", row->mil);
	tt_json_bool(&j, "vin_mismatch", vin_differs(a, row->reported_vin));
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	return err ? err : tt_ingest_change(a, "vehicle.updated", a->link->vehicle_id, body);
}

enum tt_err tt_ingest_apply_state(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__State *state = a->env->state;
	struct tt_vehicle_state was, row;
	struct tt_event_time time;
	bool new_odometer = false;
	enum tt_err err = tt_ingest_vehicle_row(a, &row);

	if (err)
		return err;
	was = row;
	tt_ingest_time(a, state->at_us, &time);
	row.online = state->online;
	/* The last will knows of nothing but the silence: what the unit said before stands. */
	if (state->online) {
		row.ignition_on = state->ignition_on;
		row.mil = state->mil;
		tt_ingest_copy(row.reported_vin, sizeof(row.reported_vin), state->vin);
		err = conditions(a, state, row.conditions, sizeof(row.conditions));
		if (!err)
			err = tt_ingest_vehicle_merge(a, state->position, state->odometer_m, time.event_at, &row, &new_odometer);
	}
	if (!err)
		err = tt_store_vehicle_state_put(a->ingest->store, &row);
	if (!err && is_news(&was, &row))
		err = tell_desk(a, &row);
	if (!err)
		err = tt_ingest_unit_state(a, state, a->in->received_at); /* the last state of a topic is the newest there is */
	if (!err && new_odometer)
		err = tt_ingest_maintenance(a, state->odometer_m, time.event_at);
	return err;
}
