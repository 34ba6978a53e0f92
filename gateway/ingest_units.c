#include "gateway/ingest_internal.h"

#include <stdlib.h>
#include <string.h>

/* 32-bit FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return h;
}

enum tt_err tt_ingest_units_init(struct tt_ingest_units *units, size_t max)
{
	size_t capacity = 64;

	while (capacity < 2 * max)
		capacity *= 2;
	units->table = calloc(capacity, sizeof(struct tt_ingest_unit *));
	if (!units->table)
		return TT_ENOMEM;
	units->mask = capacity - 1;
	units->count = 0;
	units->max = max;
	return TT_OK;
}

void tt_ingest_units_clear(struct tt_ingest_units *units)
{
	for (size_t i = 0; i <= units->mask; i++) {
		free(units->table[i]);
		units->table[i] = NULL;
	}
	units->count = 0;
}

void tt_ingest_units_free(struct tt_ingest_units *units)
{
	if (!units->table)
		return;
	tt_ingest_units_clear(units);
	free(units->table);
	units->table = NULL;
}

static struct tt_ingest_unit **find(const struct tt_ingest_units *units, const char *name)
{
	size_t i = hash(name) & units->mask;

	while (units->table[i] && strcmp(units->table[i]->name, name) != 0)
		i = (i + 1) & units->mask;
	return &units->table[i];
}

/* Link and marks anew; what is known of the unit's manners (allowance, what was asked for) stays. */
static enum tt_err refresh(struct tt_ingest *ingest, struct tt_ingest_unit *unit, tt_utc_us at)
{
	struct tt_link link;
	enum tt_err err = tt_store_link(ingest->store, unit->name, at, &link);

	if (err)
		return err;
	if (link.vehicle_id != unit->link.vehicle_id)
		unit->uninstalled_told = false;
	unit->link = link;
	for (size_t i = 0; i < TT_INGEST_NLANES; i++)
		unit->lanes[i].epoch = 0;
	unit->generation = ingest->generation;
	return TT_OK;
}

enum tt_err tt_ingest_unit_get(struct tt_ingest *ingest, const char *name, tt_utc_us at, struct tt_ingest_unit **out)
{
	struct tt_ingest_unit **place = find(&ingest->units, name);
	struct tt_ingest_unit *unit = *place;
	const bool fresh = unit == NULL;
	enum tt_err err;

	if (unit && unit->generation == ingest->generation) {
		*out = unit;
		return TT_OK;
	}
	if (fresh) {
		/* tt_ingest_begin left room for a whole batch of new units. */
		TT_ASSERT(ingest->units.count < ingest->units.max);
		unit = calloc(1, sizeof(*unit));
		if (!unit)
			return TT_ENOMEM;
		memcpy(unit->name, name, strlen(name) + 1);
	}
	err = refresh(ingest, unit, at);
	if (err) {
		if (fresh)
			free(unit);
		return err;
	}
	if (fresh) {
		*place = unit; /* the table's from here */
		ingest->units.count++;
	}
	*out = unit;
	return TT_OK;
}
