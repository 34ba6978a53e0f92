#include "firmware/agent/agent_parts.h"
#include "firmware/agent/remote.h"

#include "base/log.h"
#include "firmware/io/resident.h"

#include <stdio.h>
#include <string.h>

enum { CHANGE_HOLD_US = 1000000, STATE_BYTES = 8192 };

static_assert((int)TT_CONDITIONS <= 32, "a state carries at most 32 conditions");

/* What a bus did in the last minute is worth telling; afterwards it is history. */
static bool lately(tt_mono_us now_us, tt_mono_us at_us)
{
	return at_us > 0 && now_us - at_us < TT_SEC(60);
}

/* One condition over all buses: on while any bus has the trouble, with the first such bus in the text. */
static void over_buses(struct tt_agent *a, tt_mono_us now_us, enum tt_condition c, bool (*has)(const struct tt_bus *, tt_mono_us),
		       const char *(*text)(const struct tt_bus *))
{
	for (size_t i = 0; i < a->nbuses; i++) {
		if (has(a->buses[i], now_us)) {
			tt_condition_set(&a->conditions, c, true, now_us, text(a->buses[i]));
			return;
		}
	}
	tt_condition_set(&a->conditions, c, false, now_us, NULL);
}

static const char *address_of(const struct tt_bus *b)
{
	return b->address;
}

static const char *problem_of(const struct tt_bus *b)
{
	return b->problem;
}

static bool is_down(const struct tt_bus *b, tt_mono_us now_us)
{
	(void)now_us;
	return b->down;
}

static bool is_off(const struct tt_bus *b, tt_mono_us now_us)
{
	(void)now_us;
	return b->off;
}

static bool loses(const struct tt_bus *b, tt_mono_us now_us)
{
	return lately(now_us, b->lost_us);
}

static bool refuses(const struct tt_bus *b, tt_mono_us now_us)
{
	return lately(now_us, b->refused_us);
}

static void bus_conditions(struct tt_agent *a, tt_mono_us now_us)
{
	char detail[TT_CONDITION_DETAIL] = "";
	bool silent = true, on;
	uint8_t bus = 0;

	over_buses(a, now_us, TT_COND_BUS_SILENT, tt_bus_silent, address_of);
	over_buses(a, now_us, TT_COND_BUS_DOWN, is_down, problem_of);
	over_buses(a, now_us, TT_COND_BUS_OFF, is_off, address_of);
	over_buses(a, now_us, TT_COND_BUS_LOSS, loses, address_of);
	over_buses(a, now_us, TT_COND_TX_REFUSED, refuses, address_of);
	on = tt_agent_j1939_yielded(&a->j1939, &bus);
	if (on)
		(void)snprintf(detail, sizeof(detail), "bus %u: address %02X is in use; nothing is asked there", bus,
			       a->profile.j1939.buses[bus].address);
	tt_condition_set(&a->conditions, TT_COND_J1939_ADDRESS, on, now_us, detail);
	for (size_t i = 0; i < a->nbuses; i++)
		silent = silent && tt_bus_silent(a->buses[i], now_us);
	if (silent && !a->silent)
		tt_vehicle_silent(a->vehicle, now_us);
	a->silent = silent;
}

static void ecu_conditions(struct tt_agent *a, tt_mono_us now_us)
{
	char detail[TT_CONDITION_DETAIL] = "";
	uint8_t service = 0, nrc = 0;
	uint32_t ecu = 0;
	bool on = tt_ecus_silent(&a->ecus, &ecu);

	if (on && ecu == 0)
		(void)snprintf(detail, sizeof(detail), "nobody answers discovery");
	else if (on)
		(void)snprintf(detail, sizeof(detail), "%X does not answer", ecu);
	tt_condition_set(&a->conditions, TT_COND_ECU_SILENT, on, now_us, detail);
	on = tt_ecus_refusing(&a->ecus, &ecu, &service, &nrc);
	if (on)
		(void)snprintf(detail, sizeof(detail), "%X refuses service %02X: %.60s", ecu, service, tt_obd_nrc(nrc)->text);
	tt_condition_set(&a->conditions, TT_COND_ECU_REFUSING, on, now_us, detail);
}

void tt_agent_conditions(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_conditions *set = &a->conditions;
	struct tt_journal_health health;
	char text[TT_FIX_TIME_TEXT];
	bool on;

	if (a->gps && !tt_power_asleep(&a->power.core)) { /* a sleeper has let it go */
		const enum tt_gps_state gps = tt_gps_state(a->gps, now_us, NULL);

		tt_condition_set(set, TT_COND_GPS_LOST, gps == TT_GPS_LOST, now_us, NULL);
		tt_condition_set(set, TT_COND_GPS_NO_FIX, gps == TT_GPS_NO_FIX, now_us, NULL);
		on = tt_fix_time_doubtful(&a->fix_time, now_us, text);
		tt_condition_set(set, TT_COND_GPS_TIME, on, now_us, text);
	}
	bus_conditions(a, now_us);
	ecu_conditions(a, now_us);
	tt_journal_health(a->journal, &health);
	tt_condition_set(set, TT_COND_JOURNAL_FULL, health.full, now_us, health.full ? health.last_error.text : NULL);
	tt_condition_set(set, TT_COND_JOURNAL_KEY, health.locked, now_us, health.locked ? a->journal_locked : NULL);
	tt_condition_set(set, TT_COND_JOURNAL_FAILING, health.failing, now_us, health.failing ? health.last_error.text : NULL);
	tt_condition_set(set, TT_COND_CLOCK_UNKNOWN, tt_agent_stamp(a, now_us).quality == TT_CLOCK_UNKNOWN, now_us, NULL);
	tt_condition_set(set, TT_COND_BOOT_MINIMAL, a->watch.starts.minimal, now_us, NULL);
	tt_condition_set(set, TT_COND_POWER_FLOOR, a->power.core.below_floor, now_us, NULL);
	tt_condition_set(set, TT_COND_POWER_SUSPEND, a->power.suspend_fails, now_us, NULL);
	tt_condition_set(set, TT_COND_SOS_STUCK, tt_sos_stuck(&a->vehicle->sos, now_us), now_us, NULL);
	tt_remote_conditions(a, now_us);
}

static struct tt_agent_told present(const struct tt_agent *a)
{
	struct tt_journal_health health;

	tt_journal_health(a->journal, &health);
	return (struct tt_agent_told){
		.conditions = a->conditions.changes,
		.ignition_on = a->vehicle->ignition == TT_IGNITION_ON,
		.mil = tt_fault_watch_mil(&a->vehicle->faults),
		.vin = a->vehicle->vin[0] != '\0',
		.faults = tt_fault_watch_count(&a->vehicle->faults),
		.journal_ok = !health.full && !health.failing,
		.power = a->power.core.state,
	};
}

static bool differs(const struct tt_agent_told *x, const struct tt_agent_told *y)
{
	return x->conditions != y->conditions || x->ignition_on != y->ignition_on || x->mil != y->mil || x->vin != y->vin ||
	       x->faults != y->faults || x->journal_ok != y->journal_ok || x->power != y->power;
}

tt_mono_us tt_agent_state_at(const struct tt_agent *a)
{
	const struct tt_agent_told now = present(a);

	if (!tt_mqtt_is_up(a->mqtt))
		return TT_NEVER;
	if (a->told.at_us == 0)
		return 0;
	return a->told.at_us + (differs(&now, &a->told) ? CHANGE_HOLD_US : TT_MS(a->settings->state_interval_ms));
}

struct parts {
	Telltale__V1__Condition conditions[TT_CONDITIONS], *condition_list[TT_CONDITIONS];
	Telltale__V1__JournalDepth depths[TT_CLASS_BULK], *depth_list[TT_CLASS_BULK];
	Telltale__V1__Position position;
	struct tt_agent_health_parts health;
	Telltale__V1__SinceClear since;
};

static void add_conditions(const struct tt_agent *a, tt_mono_us now_us, struct parts *p, Telltale__V1__State *state)
{
	size_t n = 0;

	for (unsigned c = 0; c < TT_CONDITIONS; c++) {
		if (!a->conditions.items[c].on)
			continue;
		telltale__v1__condition__init(&p->conditions[n]);
		/* protobuf-c has no const strings; encoding does not write */
		p->conditions[n].name = (char *)(uintptr_t)tt_condition_name((enum tt_condition)c);
		p->conditions[n].detail = (char *)(uintptr_t)a->conditions.items[c].detail;
		p->conditions[n].since_us = tt_agent_utc_of(a, now_us, a->conditions.items[c].since_us);
		p->condition_list[n] = &p->conditions[n];
		n++;
	}
	state->n_conditions = n;
	state->conditions = n > 0 ? p->condition_list : NULL;
}

static void add_since(const struct tt_agent *a, struct parts *p, Telltale__V1__State *state)
{
	const struct tt_vehicle_since *since = &a->vehicle->since;

	telltale__v1__since_clear__init(&p->since);
	p->since.known = since->known;
	p->since.distance_km = since->counts[TT_SINCE_KM];
	p->since.warm_ups = since->counts[TT_SINCE_WARM_UPS];
	p->since.minutes = since->counts[TT_SINCE_MINUTES];
	p->since.mil_distance_km = since->counts[TT_SINCE_MIL_KM];
	p->since.mil_minutes = since->counts[TT_SINCE_MIL_MINUTES];
	state->since_clear = since->known != 0 ? &p->since : NULL;
}

static void add_depths(const struct tt_agent *a, struct parts *p, Telltale__V1__State *state)
{
	for (unsigned cls = TT_CLASS_ALERT; cls <= TT_CLASS_BULK; cls++) {
		struct tt_journal_depth depth;
		Telltale__V1__JournalDepth *out = &p->depths[cls - 1];

		tt_journal_depth(a->journal, (enum tt_class)cls, &depth);
		telltale__v1__journal_depth__init(out);
		out->class_ = (Telltale__V1__EventClass)cls;
		out->held = depth.held;
		out->evicted = depth.evicted;
		p->depth_list[cls - 1] = out;
	}
	/* What never got into the journal counts as well. */
	p->depths[TT_CLASS_ALERT - 1].held += tt_lane_held(&a->outbox.lane);
	p->depths[TT_CLASS_ALERT - 1].evicted += a->outbox.lane.evicted;
	p->depths[TT_CLASS_EVENT - 1].evicted += a->refusal.events;
	state->n_journal = TT_CLASS_BULK;
	state->journal = p->depth_list;
}

static enum tt_err encode(const struct tt_agent *a, tt_mono_us now_us, Telltale__V1__State *state, uint8_t *buf, size_t cap, size_t *len)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	const struct tt_stamp stamp = tt_agent_stamp(a, now_us);

	state->agent_version = (char *)(uintptr_t)TT_AGENT_VERSION;
	if (a->update.dir[0]) {
		static const char *const names[TT_SLOTS][2] = {{"packaged", "packaged*"}, {"a", "a*"}, {"b", "b*"}};

		state->slot = (char *)(uintptr_t)names[a->update.slot][a->update.trial.on_trial];
		state->update_refused = a->update.refused;
	}
	state->at_us = stamp.utc_us;
	env.schema = TT_SCHEMA;
	env.epoch = tt_journal_epoch(a->journal);
	env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_STATE;
	env.created_at_us = stamp.utc_us;
	env.clock = (Telltale__V1__ClockQuality)stamp.quality;
	env.uptime_us = now_us;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_STATE;
	env.state = state;
	return tt_envelope_encode(&env, buf, cap, len);
}

enum tt_err tt_agent_will(const struct tt_agent *a, uint8_t *buf, size_t cap, size_t *len)
{
	Telltale__V1__State state = TELLTALE__V1__STATE__INIT;

	return encode(a, tt_mono_now(), &state, buf, cap, len);
}

enum tt_err tt_agent_with_state(struct tt_agent *a, tt_mono_us now_us, enum tt_err (*fn)(void *ctx, Telltale__V1__State *state), void *ctx)
{
	Telltale__V1__State state = TELLTALE__V1__STATE__INIT;
	struct parts parts;

	state.online = true;
	state.vin = a->vehicle->vin;
	state.ignition_on = a->vehicle->ignition == TT_IGNITION_ON;
	state.mil = tt_fault_watch_mil(&a->vehicle->faults);
	state.dtc_count = tt_fault_watch_count(&a->vehicle->faults);
	state.odometer_m = tt_odometer_value(&a->vehicle->odometer);
	state.readiness_supported = a->vehicle->readiness_supported;
	state.readiness_incomplete = a->vehicle->readiness_incomplete;
	add_since(a, &parts, &state);
	tt_agent_position(a, now_us, now_us, &parts.position);
	state.position = &parts.position;
	add_conditions(a, now_us, &parts, &state);
	add_depths(a, &parts, &state);
	tt_agent_health_add(a, now_us, &parts.health, &state);
	tt_remote_state(a, &state);
	state.agent_version = (char *)(uintptr_t)TT_AGENT_VERSION;
	state.at_us = tt_agent_stamp(a, now_us).utc_us;
	return fn(ctx, &state);
}

struct publishing {
	struct tt_agent *a;
	tt_mono_us now_us;
	bool online;
};

static enum tt_err publish_state(void *ctx, Telltale__V1__State *state)
{
	const struct publishing *p = ctx;
	uint8_t buf[STATE_BYTES];
	size_t len;
	enum tt_err err;

	state->online = p->online;
	err = encode(p->a, p->now_us, state, buf, sizeof(buf), &len);
	return err ? err : tt_mqtt_publish(p->a->mqtt, p->a->topics[TT_CLASS_STATE], buf, len, 1, true);
}

static enum tt_err publish(struct tt_agent *a, tt_mono_us now_us, bool online)
{
	struct publishing p = {a, now_us, online};

	return tt_agent_with_state(a, now_us, publish_state, &p);
}

void tt_agent_farewell(struct tt_agent *a)
{
	/* An orderly DISCONNECT makes the broker drop the last will, so we say it ourselves. */
	if (tt_mqtt_is_up(a->mqtt) && publish(a, tt_mono_now(), false) != TT_OK)
		tt_log(TT_LOG_DEBUG, NULL, "state.unsent", "leaving without a word");
}

void tt_agent_state(struct tt_agent *a, tt_mono_us now_us)
{
	enum tt_err err;

	if (now_us < tt_agent_state_at(a))
		return;
	err = publish(a, now_us, true);
	if (err)
		tt_log(TT_LOG_WARN, NULL, "state.unsent", "%s", tt_err_text(err));
	a->told = present(a);
	a->told.at_us = now_us;
	if (a->power.woke_us > 0 && !err) {
		tt_log(TT_LOG_INFO, NULL, "agent.back", "wake_to_publish_us=%lld", (long long)(tt_mono_now() - a->power.woke_us));
		a->power.woke_us = 0;
	}
	if (!a->published && !err) {
		a->published = true;
		tt_log(TT_LOG_INFO, NULL, "agent.published", "first_publish_us=%lld", (long long)(tt_mono_now() - a->started_us));
		tt_resident_trim();
	}
}
