/* How the unit itself is: power, configuration, program and metrics of its last state. */
#include "gateway/ingest_internal.h"

#include <string.h>

static enum tt_err metrics(const Telltale__V1__State *s, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap);

	tt_json_open(&j, NULL, '{');
	for (size_t i = 0; i < s->n_metrics; i++)
		tt_json_int(&j, s->metrics[i]->name, s->metrics[i]->value);
	tt_json_close(&j, '}');
	return tt_json_end(&j);
}

static void take_power(const Telltale__V1__Power *p, struct tt_unit_state *row)
{
	row->power = (int32_t)p->state;
	row->wake = (int32_t)p->wake;
	row->power_since = p->since_us;
	row->next_contact_at = p->next_contact_us;
	row->heard_at = p->heard_at_us;
	row->battery_mv = p->battery_mv;
	row->below_floor = p->below_floor;
}

/* Numbers move with every state; a desk shows something else only when one of these does. */
static bool is_news(const struct tt_unit_state *was, const struct tt_unit_state *is)
{
	return was->power != is->power || was->below_floor != is->below_floor || was->config_version != is->config_version ||
	       was->config_trial != is->config_trial || was->ignition_block != is->ignition_block || strcmp(was->slot, is->slot) != 0 ||
	       strcmp(was->version, is->version) != 0;
}

enum tt_err tt_ingest_unit_state(const struct tt_ingest_arrival *a, const Telltale__V1__State *s, tt_utc_us at)
{
	struct tt_unit_state was = {.reported_at = 0}, is;
	enum tt_err err;

	/* The last will knows of nothing; a unit that goes to sleep says so itself, offline but with its power state. */
	if (!s->online && !s->power)
		return TT_OK;
	err = tt_store_unit_state_get(a->ingest->store, TT_SCOPE_SYSTEM, a->link->vehicle_id, &was);
	if ((err && err != TT_ENOTFOUND) || at < was.reported_at)
		return err;
	is = was;
	is.vehicle_id = a->link->vehicle_id;
	is.unit_id = a->link->unit_id;
	is.reported_at = at;
	tt_ingest_copy(is.version, sizeof(is.version), s->agent_version);
	if (s->power)
		take_power(s->power, &is);
	is.config_version = (int64_t)s->config_version;
	is.config_trial = s->config_trial;
	is.ignition_block = s->ignition_block;
	tt_ingest_copy(is.slot, sizeof(is.slot), s->slot);
	is.update_refused = (int64_t)s->update_refused;
	err = s->n_metrics > 0 || was.reported_at == 0 ? metrics(s, is.metrics, sizeof(is.metrics)) : TT_OK;
	if (!err)
		err = tt_store_unit_state_put(a->ingest->store, &is);
	return err || !is_news(&was, &is) ? err : tt_ingest_vehicle_news(a, "unit", is.slot);
}

/* A full state came through the journal, so it may be older than the last state. */
