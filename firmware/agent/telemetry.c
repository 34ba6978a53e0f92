#include "firmware/agent/telemetry.h"

#include <math.h>
#include <stdlib.h>

enum tt_err tt_telemetry_create(struct tt_telemetry **out)
{
	struct tt_telemetry *t = calloc(1, sizeof(*t));
	enum tt_err err = t ? tt_chunk_create(&t->chunk) : TT_ENOMEM;

	if (err) {
		free(t);
		return err;
	}
	*out = t;
	return TT_OK;
}

void tt_telemetry_destroy(struct tt_telemetry *t)
{
	if (!t)
		return;
	tt_chunk_destroy(t->chunk);
	free(t);
}

bool tt_telemetry_pass(struct tt_telemetry *t, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value,
		       int64_t *scaled)
{
	const double wire = value * rule->vss->scale;
	int64_t v;

	if (rule->local || !(fabs(wire) < 9e15)) /* also NaN; beyond, a double is no whole number any more */
		return false;
	v = llround(wire);
	if (t->last[slot].known && ((rule->on_change && v == t->last[slot].value) || at_us - t->last[slot].sent_us < rule->every_us))
		return false;
	t->last[slot].known = true;
	t->last[slot].sent_us = at_us;
	t->last[slot].value = v;
	*scaled = v;
	return true;
}
