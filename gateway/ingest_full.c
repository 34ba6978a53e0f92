/*
 * A full state against the record: what the unit knows now, for what was lost on the way here or told to nobody.
 *
 * A fault that it lists and the record lacks is raised as if its event had come; one whose bits differ is changed. A fault that the record
 * has and it does not list is gone, if its list is not cut and it says that it read the lists in which that fault stood. A fence that the
 * unit is in was entered; one that it says it is not in was left. Whatever is newer in the record than the full state stays as it is.
 */
#include "crm/domain/happened.h"
#include "gateway/ingest_internal.h"

#include <string.h>

enum { ACTIVE_MAX = 256, FENCES_MAX = 64 };

/* A full state, and the time of which it is true. */
struct full {
	const struct tt_ingest_arrival *a;
	const Telltale__V1__FullState *seen;
	tt_utc_us at;
};

/* ---- faults ---- */

static Telltale__V1__FaultEvent event_of(const struct full *f, Telltale__V1__FaultChange change, int32_t protocol, uint32_t ecu,
					 const char *code)
{
	Telltale__V1__FaultEvent e = TELLTALE__V1__FAULT_EVENT__INIT;

	e.change = change;
	e.protocol = (Telltale__V1__DtcProtocol)protocol;
	e.ecu = ecu;
	e.code = (char *)(uintptr_t)code; /* protobuf-c has no const strings; nobody writes */
	e.observed_at_us = f->seen->state->at_us;
	return e;
}

static bool same_bits(const struct tt_fault *row, const Telltale__V1__KnownFault *k)
{
	return row->stored == k->stored && row->pending == k->pending && row->permanent == k->permanent && row->mil == k->mil;
}

static enum tt_err take_listed(const struct full *f, const Telltale__V1__KnownFault *k)
{
	Telltale__V1__FaultEvent e = event_of(f, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED, (int32_t)k->protocol, k->ecu, k->code);
	struct tt_fault row;
	const enum tt_err err =
		tt_store_fault_find(f->a->ingest->store, f->a->link->vehicle_id, (int32_t)k->protocol, k->ecu, k->code, &row);

	if (err && err != TT_ENOTFOUND)
		return err;
	if (!err && (row.last_seen_at > f->at || row.cleared_at > f->at || (row.active && same_bits(&row, k))))
		return TT_OK;
	if (!err) {
		e.status = (uint32_t)row.status_byte; /* not part of a full state: what is known stays */
		e.lamps = (uint32_t)row.lamps;
		if (row.active)
			e.change = TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CHANGED;
	}
	e.stored = k->stored;
	e.pending = k->pending;
	e.permanent = k->permanent;
	e.mil = k->mil;
	e.position = f->seen->state->position;
	e.odometer_m = f->seen->state->odometer_m;
	return tt_ingest_fault_seen(f->a, &e, "full state");
}

struct active {
	int64_t ids[ACTIVE_MAX];
	int n;
};

static enum tt_err collect_active(void *ctx, const struct tt_fault *row)
{
	struct active *active = ctx;

	if (row->active && active->n < ACTIVE_MAX)
		active->ids[active->n++] = row->id;
	return TT_OK;
}

static bool listed(const Telltale__V1__FullState *s, const struct tt_fault *row)
{
	for (size_t i = 0; i < s->n_faults; i++) {
		if ((int32_t)s->faults[i]->protocol == row->protocol && s->faults[i]->ecu == row->ecu &&
		    strcmp(s->faults[i]->code, row->code) == 0)
			return true;
	}
	return false;
}

/* Every list in which the record says that it stands. One that stands in none, J1939's previously active, is told by its events alone. */
static bool its_lists_were_read(const Telltale__V1__FullState *s, const struct tt_fault *row)
{
	for (size_t i = 0; i < s->n_read; i++) {
		const Telltale__V1__ReadEcu *r = s->read[i];

		if ((int32_t)r->protocol == row->protocol && r->ecu == row->ecu)
			return (row->stored || row->pending || row->permanent) && (!row->stored || r->stored) &&
			       (!row->pending || r->pending) && (!row->permanent || r->permanent);
	}
	return false;
}

static enum tt_err take_missing(const struct full *f, int64_t id)
{
	Telltale__V1__FaultEvent e;
	struct tt_fault row;
	const enum tt_err err = tt_store_fault_get(f->a->ingest->store, id, &row);

	if (err || listed(f->seen, &row) || row.last_seen_at > f->at || !its_lists_were_read(f->seen, &row))
		return err;
	e = event_of(f, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED, row.protocol, row.ecu, row.code);
	e.status = (uint32_t)row.status_byte;
	e.lamps = (uint32_t)row.lamps;
	return tt_ingest_fault_seen(f->a, &e, "full state");
}

static enum tt_err faults(const struct full *f)
{
	struct active active = {.n = 0};
	enum tt_err err = TT_OK;

	for (size_t i = 0; !err && i < f->seen->n_faults; i++)
		err = take_listed(f, f->seen->faults[i]);
	if (err || f->seen->faults_cut || f->seen->n_read == 0)
		return err;
	err = tt_store_fault_list(f->a->ingest->store, TT_SCOPE_SYSTEM, f->a->link->vehicle_id, 0, collect_active, &active);
	for (int i = 0; !err && i < active.n; i++)
		err = take_missing(f, active.ids[i]);
	return err;
}

/* ---- fences ---- */

static enum tt_err tell_fence(const struct full *f, Telltale__V1__VehicleEventPhase phase, uint64_t occurrence, const char *name,
			      tt_utc_us at, int64_t duration_us)
{
	Telltale__V1__VehicleEvent e = TELLTALE__V1__VEHICLE_EVENT__INIT;

	e.kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_GEOFENCE;
	e.phase = phase;
	e.cause = TELLTALE__V1__VEHICLE_EVENT_CAUSE__VEHICLE_EVENT_CAUSE_GPS_POSITION;
	e.occurrence = occurrence;
	e.at_us = at;
	e.duration_ms = duration_us > 0 ? (uint64_t)(duration_us / 1000) : 0;
	e.subject = (char *)(uintptr_t)name;
	return tt_ingest_happened_seen(f->a, &e);
}

static tt_utc_us entered_at(const struct full *f, const Telltale__V1__FenceState *fence)
{
	return fence->since_us > 0 && fence->since_us < f->at ? fence->since_us : f->at;
}

static enum tt_err take_inside(const struct full *f, const Telltale__V1__FenceState *fence)
{
	const tt_utc_us since = entered_at(f, fence);
	struct tt_vehicle_event row;
	enum tt_err err =
		tt_store_happening_find(f->a->ingest->store, f->a->link->vehicle_id, TT_HAPPENED_GEOFENCE, fence->occurrence, &row);

	if (err && err != TT_ENOTFOUND)
		return err;
	if (!err && row.ended_at != 0)
		return TT_OK; /* left meanwhile: that event is the newer one */
	if (err) {
		row.dwelt = false;
		err = tell_fence(f, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN, fence->occurrence, fence->name, since, 0);
	}
	if (!err && fence->dwelt && !row.dwelt)
		err = tell_fence(f, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_INSTANT, fence->occurrence, fence->name, since,
				 f->at - since);
	return err;
}

struct stays {
	struct tt_vehicle_event rows[FENCES_MAX];
	int n;
};

static enum tt_err collect_stay(void *ctx, const struct tt_vehicle_event *row)
{
	struct stays *stays = ctx;

	if (stays->n < FENCES_MAX)
		stays->rows[stays->n++] = *row;
	return TT_OK;
}

/* The fence is in the list, and the unit is not in it, or in it again: when the stay was over. 0 = it is not, or the list does not say. */
static tt_utc_us over_at(const struct full *f, const struct tt_vehicle_event *row)
{
	for (size_t i = 0; i < f->seen->n_fences; i++) {
		const Telltale__V1__FenceState *fence = f->seen->fences[i];

		if (strcmp(fence->name, row->subject) != 0)
			continue;
		if (!fence->inside)
			return f->at;
		return fence->occurrence == 0 || fence->occurrence == row->occurrence ? 0 : entered_at(f, fence);
	}
	return 0;
}

static enum tt_err fences(const struct full *f)
{
	struct stays stays = {.n = 0};
	enum tt_err err = TT_OK;

	if (f->seen->n_fences == 0)
		return TT_OK;
	for (size_t i = 0; !err && i < f->seen->n_fences; i++) {
		if (f->seen->fences[i]->inside && f->seen->fences[i]->occurrence != 0)
			err = take_inside(f, f->seen->fences[i]);
	}
	if (!err)
		err = tt_store_happenings_open(f->a->ingest->store, f->a->link->vehicle_id, TT_HAPPENED_GEOFENCE, collect_stay, &stays);
	for (int i = 0; !err && i < stays.n; i++) {
		const struct tt_vehicle_event *row = &stays.rows[i];
		const tt_utc_us at = over_at(f, row);

		if (at != 0 && row->began_at <= at)
			err = tell_fence(f, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_END, row->occurrence, row->subject, at,
					 at - row->began_at);
	}
	return err;
}

enum tt_err tt_ingest_apply_full_state(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__State *s = a->env->full_state->state;
	struct full f = {.a = a, .seen = a->env->full_state};
	struct tt_event_time time;
	enum tt_err err;

	tt_ingest_time(a, s->at_us, &time);
	f.at = time.event_at;
	err = tt_ingest_vehicle_seen(a, s->position, s->odometer_m, time.event_at);
	if (!err)
		err = tt_ingest_unit_state(a, s, time.event_at);
	if (!err)
		err = faults(&f);
	return err ? err : fences(&f);
}
