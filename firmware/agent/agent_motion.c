#include "firmware/agent/agent_motion.h"
#include "firmware/agent/agent_parts.h"

#include <stdio.h>

void tt_agent_motion_load(struct tt_agent *a)
{
	const tt_mono_us now = tt_mono_now();
	struct tt_agent_motion *own = &a->motion;
	struct tt_motion *m = &a->vehicle->motion;
	enum tt_err err;

	own->log = (struct tt_log_limit){.interval_us = TT_SEC(3600), .burst = 1};
	(void)snprintf(own->path, sizeof(own->path), "%s.motion", a->settings->journal);
	err = tt_motion_keep_load(own->path, m, &own->open, now, tt_agent_stamp(a, now).utc_us);
	if (err && err != TT_ENOTFOUND)
		tt_log(TT_LOG_WARN, NULL, "motion.corrupt", "%s: unreadable; what has begun may be told again", own->path);
	if (a->profile.motion.milli[TT_MOTION_ODOMETER_START] > 0)
		tt_odometer_begin(&a->vehicle->odometer, now, a->profile.motion.milli[TT_MOTION_ODOMETER_START]);
	own->mark = tt_motion_keep_mark(m);
}

void tt_agent_motion_fix(struct tt_agent *a, const struct tt_gps_fix *fix)
{
	const struct tt_fix_sample sample = {
		.at_us = fix->received_us,
		.place = {fix->latitude_e7, fix->longitude_e7},
		.accuracy_mm = fix->accuracy_mm,
		.speed_mm_s = fix->speed_mm_s,
		.heading_cdeg = fix->heading_cdeg,
	};

	tt_motion_fix(&a->vehicle->motion, &sample);
}

/* Movement with the ignition off is a theft when whoever runs the car says that it would be. */
static void alert(struct tt_agent *a, tt_mono_us now_us, const struct tt_motion_event *e, uint64_t occurrence)
{
	Telltale__V1__Alert body = TELLTALE__V1__ALERT__INIT;

	if (e->kind != TT_MOTION_KIND_TOWING || e->phase != TT_MOTION_BEGIN || !a->profile.motion.tow_alert)
		return;
	body.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_THEFT;
	body.incident = occurrence;
	tt_agent_alert(a, now_us, e->at_us, &body);
}

/* END and a fence's INSTANT carry the number of their BEGIN. */
static uint64_t occurrence_of(struct tt_agent *a, const struct tt_motion_event *e)
{
	const unsigned slot = tt_motion_slot(e);
	uint64_t number;

	if (slot >= TT_SLOT_NONE)
		return tt_random_u64() | 1;
	if (e->phase == TT_MOTION_BEGIN || a->motion.open.of[slot] == 0)
		a->motion.open.of[slot] = tt_random_u64() | 1;
	number = a->motion.open.of[slot];
	if (e->phase == TT_MOTION_END)
		a->motion.open.of[slot] = 0;
	return number;
}

static const char *subject(const struct tt_agent *a, const struct tt_motion_event *e)
{
	if (e->kind != TT_MOTION_KIND_GEOFENCE && e->kind != TT_MOTION_KIND_TYRE)
		return "";
	return tt_motion_slot_name(&a->vehicle->motion, tt_motion_slot(e));
}

static void take_event(struct tt_agent *a, tt_mono_us now_us, const struct tt_motion_event *e)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__VehicleEvent body = TELLTALE__V1__VEHICLE_EVENT__INIT;
	Telltale__V1__Position position;

	body.kind = (Telltale__V1__VehicleEventKind)e->kind;
	body.phase = (Telltale__V1__VehicleEventPhase)e->phase;
	body.cause = (Telltale__V1__VehicleEventCause)e->cause;
	body.occurrence = occurrence_of(a, e);
	alert(a, now_us, e, body.occurrence);
	tt_agent_position(a, now_us, e->at_us, &position);
	body.position = &position;
	body.at_us = tt_agent_utc_of(a, now_us, e->at_us);
	body.odometer_m = tt_odometer_value(&a->vehicle->odometer);
	body.value_milli = e->value_milli;
	body.limit_milli = e->limit_milli;
	body.peak_milli = e->peak_milli;
	body.duration_ms = e->duration_us > 0 ? (uint64_t)(e->duration_us / 1000) : 0;
	body.subject = (char *)(uintptr_t)subject(a, e); /* protobuf-c has no const strings; encoding does not write */
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	env.vehicle_event = &body;
	/* It has its place and time and cannot be told later. */
	a->refusal.events += tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env) != TT_OK;
	tt_log(TT_LOG_INFO, NULL, "vehicle.event", "kind=%d phase=%d cause=%d subject=%s value_milli=%lld limit_milli=%lld", (int)e->kind,
	       (int)e->phase, (int)e->cause, body.subject, (long long)e->value_milli, (long long)e->limit_milli);
}

void tt_agent_motion_keep(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_agent_motion *own = &a->motion;
	uint64_t missed;

	own->mark = tt_motion_keep_mark(&a->vehicle->motion);
	if (tt_motion_keep_save(own->path, &a->vehicle->motion, &own->open, now_us, tt_agent_stamp(a, now_us).utc_us) != TT_OK &&
	    tt_log_allow(&own->log, now_us, &missed))
		tt_log(TT_LOG_WARN, NULL, "motion.save", "%s cannot be written; after a restart what has begun may be told again",
		       own->path);
}

void tt_agent_motion(struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_stamp stamp = tt_agent_stamp(a, now_us);
	struct tt_motion *m = &a->vehicle->motion;
	struct tt_motion_event e;
	bool told = false;

	a->vehicle->utc_of_zero_us = stamp.quality == TT_CLOCK_UNKNOWN ? 0 : stamp.utc_us - now_us;
	tt_motion_tick(m, now_us);
	while (tt_motion_next(m, &e)) {
		take_event(a, now_us, &e);
		told = true;
	}
	if (!told && now_us - a->motion.looked_us < TT_SEC(1))
		return;
	a->motion.looked_us = now_us;
	if (tt_motion_keep_mark(m) != a->motion.mark)
		tt_agent_motion_keep(a, now_us);
}
