/*
 * The full state: what the unit knows now, in one event. It is told through the journal, so that it stands in order with the events it may
 * replace.
 */
#include "firmware/agent/remote.h"

#include "firmware/proto/fault_code.h"

#include <math.h>

enum { FAULTS_MAX = 64, VALUES_MAX = 160 };

struct full {
	struct tt_agent *a;
	tt_mono_us now_us;
	Telltale__V1__FullState full;
	Telltale__V1__ReadEcu reads[TT_FAULT_READS], *read_list[TT_FAULT_READS];
	Telltale__V1__FenceState fences[TT_FENCES], *fence_list[TT_FENCES];
	Telltale__V1__KnownFault faults[FAULTS_MAX], *fault_list[FAULTS_MAX];
	char codes[FAULTS_MAX][TT_FAULT_CODE_TEXT];
	Telltale__V1__LatestValue values[VALUES_MAX], *value_list[VALUES_MAX];
	Telltale__V1__OpenTrip trip;
};

/*
 * As they were told: an event that is still to come says the rest, after this one in the journal. What was never told is not listed, or the
 * gateway would take it for told, and its event for a second time.
 */
static void add_faults(struct full *f)
{
	const struct tt_fault_watch *w = &f->a->vehicle->faults;
	size_t n = 0;

	f->full.faults_cut = w->dropped > 0;
	for (size_t i = 0; i < TT_FAULTS; i++) {
		const struct tt_fault *fault = &w->faults[i];
		Telltale__V1__KnownFault *out = &f->faults[n];

		if (!fault->used || !fault->told || fault->told_status == 0)
			continue;
		if (n == FAULTS_MAX) {
			f->full.faults_cut = true;
			break;
		}
		telltale__v1__known_fault__init(out);
		tt_fault_code_text(fault->protocol, fault->code, f->codes[n]);
		out->code = f->codes[n];
		out->ecu = fault->ecu;
		out->stored = fault->told_status & TT_FAULT_STORED;
		out->pending = fault->told_status & TT_FAULT_PENDING;
		out->permanent = fault->told_status & TT_FAULT_PERMANENT;
		out->mil = fault->told_mil;
		out->protocol = (Telltale__V1__DtcProtocol)fault->protocol;
		f->fault_list[n++] = out;
	}
	f->full.n_faults = n;
	f->full.faults = f->fault_list;
}

static void add_reads(struct full *f)
{
	const struct tt_vehicle *v = f->a->vehicle;
	size_t n = 0;

	for (size_t i = 0; i < v->reads.n; i++) {
		const uint8_t lists = tt_fault_reads_lists(&v->reads.ecus[i], &v->faults.cfg);
		Telltale__V1__ReadEcu *out = &f->reads[n];

		if (lists == 0)
			continue;
		telltale__v1__read_ecu__init(out);
		out->protocol = (Telltale__V1__DtcProtocol)v->reads.ecus[i].protocol;
		out->ecu = v->reads.ecus[i].ecu;
		out->stored = lists & TT_FAULT_STORED;
		out->pending = lists & TT_FAULT_PENDING;
		out->permanent = lists & TT_FAULT_PERMANENT;
		f->read_list[n++] = out;
	}
	f->full.n_read = n;
	f->full.read = f->read_list;
}

static void add_fences(struct full *f)
{
	const struct tt_agent *a = f->a;

	for (size_t i = 0; i < a->profile.motion.nfences; i++) {
		const unsigned slot = TT_SLOT_FENCES + (unsigned)i;
		Telltale__V1__FenceState *out = &f->fences[i];
		tt_mono_us since;
		int64_t peak;
		bool dwelt = false;

		telltale__v1__fence_state__init(out);
		out->name = (char *)(uintptr_t)tt_motion_slot_name(&a->vehicle->motion, slot); /* encoding does not write */
		out->inside = tt_motion_open(&a->vehicle->motion, slot, &since, &peak, &dwelt);
		if (out->inside) {
			out->since_us = tt_agent_utc_of(a, f->now_us, since);
			out->occurrence = a->motion.open.of[slot];
			out->dwelt = dwelt;
		}
		f->fence_list[i] = out;
	}
	f->full.n_fences = a->profile.motion.nfences;
	f->full.fences = f->fence_list;
}

static void add_values(struct full *f)
{
	const struct tt_remote *r = f->a->remote;
	size_t n = 0;

	for (size_t i = 0; i < TT_TELEMETRY_SLOTS && n < VALUES_MAX; i++) {
		Telltale__V1__LatestValue *out = &f->values[n];
		const int64_t age_ms = (f->now_us - r->values[i].at_us) / 1000;
		const double wire = r->values[i].value * r->values[i].scale;

		if (!r->values[i].known || !(fabs(wire) < 9e15))
			continue;
		telltale__v1__latest_value__init(out);
		out->signal = r->values[i].number;
		out->value = llround(wire);
		out->age_ms = age_ms < 0 ? 0 : age_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)age_ms;
		f->value_list[n++] = out;
	}
	f->full.n_values = n;
	f->full.values = f->value_list;
}

static void add_trip(struct full *f)
{
	struct tt_trip_open open;

	if (f->a->trip == 0 || !tt_trip_open(&f->a->vehicle->trip, f->now_us, &open))
		return;
	telltale__v1__open_trip__init(&f->trip);
	f->trip.trip = f->a->trip;
	f->trip.duration_s = (uint64_t)(open.started_ago_us / 1000000);
	f->trip.distance_m = open.odometer_start_m > 0 && open.odometer_m >= open.odometer_start_m
				     ? (uint64_t)(open.odometer_m - open.odometer_start_m)
				     : (uint64_t)(open.integral_um / 1000000);
	f->full.trip = &f->trip;
}

static enum tt_err emit_full(void *ctx, Telltale__V1__State *state)
{
	struct full *f = ctx;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	f->full.state = state;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FULL_STATE;
	env.full_state = &f->full;
	return tt_agent_emit(f->a, f->now_us, TT_CLASS_EVENT, &env);
}

bool tt_remote_tell_full(struct tt_agent *a, tt_mono_us now_us)
{
	struct full f = {.a = a, .now_us = now_us, .full = TELLTALE__V1__FULL_STATE__INIT};

	add_faults(&f);
	add_reads(&f);
	add_fences(&f);
	add_values(&f);
	add_trip(&f);
	return tt_agent_with_state(a, now_us, emit_full, &f) != TT_EAGAIN;
}
