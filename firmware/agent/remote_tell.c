#include "firmware/agent/remote.h"

#include "firmware/proto/fault_code.h"

#include <math.h>

enum { FAULTS_MAX = 64, VALUES_MAX = 160 };

static char *text(const char *s)
{
	return (char *)(uintptr_t)s; /* protobuf-c has no const strings; encoding does not write */
}

bool tt_remote_tell_command(struct tt_agent *a, tt_mono_us now_us, const struct tt_command_entry *e)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__CommandResult result = TELLTALE__V1__COMMAND_RESULT__INIT;

	result.id = e->id;
	result.counter = e->counter;
	result.key_id = e->key_id;
	result.kind = (Telltale__V1__CommandKind)e->kind;
	result.outcome = (Telltale__V1__CommandOutcome)e->outcome;
	result.reason = text(e->reason);
	result.at_us = e->at_us;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT;
	env.command_result = &result;
	return tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env) != TT_EAGAIN; /* what cannot be encoded would not be later either */
}

bool tt_remote_tell_config(struct tt_agent *a, tt_mono_us now_us, uint64_t *seq)
{
	const struct tt_config_store *s = &a->remote->store;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__ConfigResult result = TELLTALE__V1__CONFIG_RESULT__INIT;
	struct tt_journal_depth depth;

	result.version = s->tell_version;
	result.outcome = (Telltale__V1__ConfigOutcome)s->tell;
	result.reason = text(s->reason);
	result.at_us = tt_agent_stamp(a, now_us).utc_us;
	result.active_version = s->active;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT;
	env.config_result = &result;
	if (tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env) != TT_OK)
		return false;
	tt_journal_depth(a->journal, TT_CLASS_EVENT, &depth);
	*seq = depth.next_seq - 1;
	return true;
}

struct full {
	struct tt_agent *a;
	tt_mono_us now_us;
	Telltale__V1__FullState full;
	Telltale__V1__KnownFault faults[FAULTS_MAX], *fault_list[FAULTS_MAX];
	char codes[FAULTS_MAX][TT_FAULT_CODE_TEXT];
	Telltale__V1__LatestValue values[VALUES_MAX], *value_list[VALUES_MAX];
	Telltale__V1__OpenTrip trip;
};

static void add_faults(struct full *f)
{
	const struct tt_fault_watch *w = &f->a->vehicle->faults;
	size_t n = 0;

	for (size_t i = 0; i < TT_FAULTS && n < FAULTS_MAX; i++) {
		const struct tt_fault *fault = &w->faults[i];
		const uint8_t status = fault->used ? tt_fault_watch_status(w, fault) : 0;
		Telltale__V1__KnownFault *out = &f->faults[n];

		if (status == 0)
			continue;
		telltale__v1__known_fault__init(out);
		tt_fault_code_text(fault->protocol, fault->code, f->codes[n]);
		out->code = f->codes[n];
		out->ecu = fault->ecu;
		out->stored = status & TT_FAULT_STORED;
		out->pending = status & TT_FAULT_PENDING;
		out->permanent = status & TT_FAULT_PERMANENT;
		out->mil = fault->told_mil;
		out->protocol = (Telltale__V1__DtcProtocol)fault->protocol;
		f->fault_list[n++] = out;
	}
	f->full.n_faults = n;
	f->full.faults = f->fault_list;
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
	add_values(&f);
	add_trip(&f);
	return tt_agent_with_state(a, now_us, emit_full, &f) != TT_EAGAIN;
}
