#include "firmware/agent/agent_capture.h"
#include "firmware/agent/agent_parts.h"
#include "firmware/agent/agent_uds.h"
#include "firmware/agent/known.h"
#include "firmware/agent/open_trip.h"

#include "base/log.h"
#include "firmware/proto/fault_code.h"

#include <string.h>

/* How much of a trip a kill may take; the flash bears one small write a minute. */
enum { TRIP_SAVE_US = 60000000 };

struct tt_stamp tt_agent_stamp(const struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_gps_fix *fix = a->gps ? tt_gps_fix(a->gps) : NULL;
	const struct tt_stamp_sources sources = {
		.now_us = now_us,
		.system_us = tt_utc_now(),
		.system_quality = tt_utc_quality(),
		.fix_at_us = fix && fix->known ? fix->fix_at_us : 0,
		.fix_received_us = fix && fix->known ? fix->received_us : 0,
	};

	return tt_stamp_now(&sources);
}

tt_utc_us tt_agent_utc_of(const struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us)
{
	const tt_utc_us utc = tt_agent_stamp(a, now_us).utc_us - (now_us - at_us);

	return utc < 0 ? 0 : utc;
}

void tt_agent_position(struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us, Telltale__V1__Position *p)
{
	const struct tt_gps_fix *fix = a->gps ? tt_gps_fix(a->gps) : NULL;
	const enum tt_gps_state state = a->gps ? tt_gps_state(a->gps, now_us, NULL) : TT_GPS_LOST;
	tt_utc_us fix_at_us;
	int64_t age_us;

	telltale__v1__position__init(p);
	if (!fix || !fix->known) {
		p->fix = state == TT_GPS_LOST ? TELLTALE__V1__FIX_TYPE__FIX_TYPE_UNKNOWN : TELLTALE__V1__FIX_TYPE__FIX_TYPE_NONE;
		return;
	}
	/* The last known position stays useful to a rescuer, however old: its age says what it is worth. */
	age_us = at_us > fix->received_us ? at_us - fix->received_us : 0;
	/* A receiver's own date counts, also when it makes the fix years old; one that gives none leaves it to our clock. */
	if (a->fix_time.wrong && a->fix_time.behind_us > 0)
		age_us += a->fix_time.behind_us;
	fix_at_us = fix->fix_at_us;
	if (fix_at_us == 0 && tt_agent_stamp(a, now_us).quality != TT_CLOCK_UNKNOWN)
		fix_at_us = tt_agent_utc_of(a, now_us, fix->received_us);
	p->fix = fix->three_d ? TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D : TELLTALE__V1__FIX_TYPE__FIX_TYPE_TWO_D;
	p->latitude_e7 = fix->latitude_e7;
	p->longitude_e7 = fix->longitude_e7;
	p->altitude_mm = fix->altitude_mm;
	p->accuracy_mm = fix->accuracy_mm;
	p->speed_mm_s = fix->speed_mm_s;
	p->heading_cdeg = fix->heading_cdeg;
	p->fix_at_us = fix_at_us;
	p->age_ms = age_us / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(age_us / 1000);
}

/* ---- into the journal ---- */

void tt_agent_pump(struct tt_agent *a, tt_mono_us now_us)
{
	const enum tt_err err = tt_outbox_pump(&a->outbox, now_us);
	uint64_t missed;

	if (err && tt_log_allow(&a->refusal.read_log, now_us, &missed))
		tt_log(TT_LOG_ERROR, NULL, "journal.read", "%s: %s; not told before: %llu", a->settings->journal, tt_err_text(err),
		       (unsigned long long)missed);
}

/* An alert that the journal does not take leaves from memory. */
static void emergency(struct tt_agent *a, size_t len)
{
	const uint64_t evicted = a->outbox.lane.evicted;

	if (tt_outbox_emergency(&a->outbox, a->buf, len) != TT_OK)
		tt_log(TT_LOG_ERROR, NULL, "alert.lost", "an alert of %zu bytes fits neither the journal nor memory", len);
	else if (a->outbox.lane.evicted != evicted)
		tt_log(TT_LOG_ERROR, NULL, "alert.lost", "the oldest of %d alerts kept in memory gave way", TT_LANE_ALERTS);
}

/* The journal did not take an event: what can be told later waits longer and longer, and the log is not filled with it. */
static void refused(struct tt_agent *a, tt_mono_us now_us, enum tt_class cls, enum tt_err err, size_t len)
{
	uint64_t missed;

	if (tt_log_allow(&a->refusal.log, now_us, &missed))
		tt_log(TT_LOG_ERROR, NULL, "journal.refused", "%s: %s event not kept: %s; not told before: %llu", a->settings->journal,
		       tt_class_name(cls), tt_err_text(err), (unsigned long long)missed);
	if (cls == TT_CLASS_ALERT)
		emergency(a, len);
	if (cls != TT_CLASS_BULK && now_us >= a->refusal.retry_at_us)
		a->refusal.retry_at_us = now_us + tt_backoff_next(&a->refusal.backoff);
}

static void accepted(struct tt_agent *a)
{
	if (a->refusal.retry_at_us > 0)
		tt_log(TT_LOG_INFO, NULL, "journal.back", "%s: takes events again", a->settings->journal);
	a->refusal.retry_at_us = 0;
	tt_backoff_reset(&a->refusal.backoff);
}

enum emitted {
	KEPT,
	REFUSED, /* by the journal, now; an alert is in memory instead */
	LOST,    /* it would not fit later either */
};

/* Encodes and commits one event; the caller has filled the body. */
static enum emitted emit(struct tt_agent *a, tt_mono_us now_us, enum tt_class cls, Telltale__V1__Envelope *env)
{
	const struct tt_stamp stamp = tt_agent_stamp(a, now_us);
	uint64_t seq = 0;
	size_t len;
	enum tt_err err;

	env->schema = TT_SCHEMA;
	env->class_ = (Telltale__V1__EventClass)cls;
	env->created_at_us = stamp.utc_us;
	env->clock = (Telltale__V1__ClockQuality)stamp.quality;
	env->uptime_us = now_us;
	err = tt_envelope_encode(env, a->buf, sizeof(a->buf) - TT_ENVELOPE_STAMP_MAX, &len);
	if (err) {
		tt_log(TT_LOG_ERROR, NULL, "event.lost", "%s event cannot be encoded: %s", tt_class_name(cls), tt_err_text(err));
		return LOST;
	}
	err = cls == TT_CLASS_BULK ? tt_journal_append_bulk(a->journal, a->buf, len)
				   : tt_journal_append(a->journal, cls, a->buf, len, &seq);
	if (err) {
		refused(a, now_us, cls, err, len);
		return REFUSED;
	}
	if (cls != TT_CLASS_BULK) /* bulk is only pending yet and says nothing about the disk */
		accepted(a);
	tt_log(TT_LOG_DEBUG, NULL, "event.kept", "class=%s seq=%llu body=%d bytes=%zu", tt_class_name(cls), (unsigned long long)seq,
	       (int)env->body_case, len);
	return KEPT;
}

enum tt_err tt_agent_emit(struct tt_agent *a, tt_mono_us now_us, enum tt_class cls, Telltale__V1__Envelope *env)
{
	static const enum tt_err errors[] = {[KEPT] = TT_OK, [REFUSED] = TT_EAGAIN, [LOST] = TT_ERANGE};

	return errors[emit(a, now_us, cls, env)];
}

/* ---- bodies ---- */

void tt_agent_alert(struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us, Telltale__V1__Alert *alert)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__Position position;

	tt_agent_power_alert(a, now_us);
	tt_agent_position(a, now_us, at_us, &position);
	alert->position = &position;
	alert->detected_at_us = tt_agent_utc_of(a, now_us, at_us);
	alert->odometer_m = tt_odometer_value(&a->vehicle->odometer);
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	env.alert = alert;
	(void)emit(a, now_us, TT_CLASS_ALERT, &env); /* told, and kept in memory, inside */
	tt_agent_pump(a, now_us);
	tt_log(TT_LOG_WARN, NULL, "alert", "kind=%d incident=%016llx frame_to_publish_us=%lld up=%d", (int)alert->kind,
	       (unsigned long long)alert->incident, (long long)(tt_mono_now() - at_us), tt_mqtt_is_up(a->mqtt));
}

static void take_crash(struct tt_agent *a, tt_mono_us now_us, const struct tt_crash_event *e)
{
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	Telltale__V1__CrashDetail detail = TELLTALE__V1__CRASH_DETAIL__INIT;

	if (!e->supplement || a->crash_incident == 0)
		a->crash_incident = tt_random_u64() | 1;
	detail.trigger = (Telltale__V1__CrashTrigger)e->trigger;
	detail.airbag_deployed = e->airbag_deployed;
	detail.delta_v_mm_s = (uint32_t)e->delta_v_mm_s;
	detail.speed_before_mm_s = (uint32_t)e->speed_before_mm_s;
	detail.speed_known = e->speed_known;
	detail.rollover = e->rollover;
	detail.belts_fastened = e->belts_fastened;
	detail.belts_known = e->belts_known;
	detail.fuel_cut_off = e->fuel_cut_off;
	detail.delta_v_longitudinal_mm_s = e->longitudinal_mm_s;
	detail.delta_v_lateral_mm_s = e->lateral_mm_s;
	detail.direction_known = e->direction_known;
	detail.events = e->events;
	detail.evidence = e->evidence;
	alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH;
	alert.incident = a->crash_incident;
	alert.crash = &detail;
	tt_agent_alert(a, now_us, e->at_us, &alert);
	tt_agent_capture_crash(a, now_us, e);
}

static void take_sos(struct tt_agent *a, tt_mono_us now_us, bool repeat)
{
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;

	if (!repeat || a->sos_incident == 0)
		a->sos_incident = tt_random_u64() | 1;
	alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS;
	alert.incident = a->sos_incident;
	tt_agent_alert(a, now_us, now_us, &alert);
}

/* True when it need not be tried again. */
static bool take_fault(struct tt_agent *a, tt_mono_us now_us, const struct tt_fault_event *e)
{
	Telltale__V1__FreezeItem items[TT_OBD_SCAN_FREEZE_ITEMS], *list[TT_OBD_SCAN_FREEZE_ITEMS];
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__FaultEvent fault = TELLTALE__V1__FAULT_EVENT__INIT;
	Telltale__V1__Position position;
	char code[TT_FAULT_CODE_TEXT];

	tt_fault_code_text(e->protocol, e->code, code);
	tt_agent_position(a, now_us, e->at_us, &position);
	for (size_t i = 0; i < e->nfreeze; i++) {
		telltale__v1__freeze_item__init(&items[i]);
		items[i].pid = e->freeze[i].pid;
		items[i].raw = (ProtobufCBinaryData){.len = e->freeze[i].len, .data = (uint8_t *)(uintptr_t)e->freeze[i].raw};
		items[i].decoded = e->freeze[i].decoded;
		items[i].value_milli = e->freeze[i].decoded ? e->freeze[i].value_milli : 0;
		list[i] = &items[i];
	}
	fault.change = (Telltale__V1__FaultChange)e->change;
	fault.protocol = (Telltale__V1__DtcProtocol)e->protocol;
	fault.code = code;
	fault.ecu = e->ecu;
	fault.stored = e->status & TT_FAULT_STORED;
	fault.pending = e->status & TT_FAULT_PENDING;
	fault.permanent = e->status & TT_FAULT_PERMANENT;
	fault.mil = e->mil;
	fault.lamps = e->lamps;
	fault.occurrences = e->protocol == TT_FAULT_J1939 && e->occurrences != TT_FAULT_OC_UNKNOWN ? e->occurrences + 1U : 0;
	fault.previously_active = e->status & TT_FAULT_PREVIOUS;
	tt_agent_uds_details(a->uds, e, &fault);
	fault.n_freeze_frame = e->nfreeze;
	fault.freeze_frame = e->nfreeze > 0 ? list : NULL;
	fault.position = &position;
	fault.odometer_m = tt_odometer_value(&a->vehicle->odometer);
	fault.observed_at_us = tt_agent_utc_of(a, now_us, e->at_us);
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FAULT;
	env.fault = &fault;
	if (emit(a, now_us, TT_CLASS_EVENT, &env) == REFUSED)
		return false;
	tt_log(TT_LOG_INFO, NULL, "fault", "change=%d code=%s ecu=%X status=%u mil=%d freeze=%zu", (int)e->change, code, e->ecu, e->status,
	       e->mil, e->nfreeze);
	return true;
}

static void take_odometer(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_odometer *o = &a->vehicle->odometer;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__Odometer body = TELLTALE__V1__ODOMETER__INIT;
	const tt_mono_us at = tt_odometer_estimated(o) > 0 ? now_us : o->at_us; /* of what was counted, now */
	Telltale__V1__Position position;

	tt_agent_position(a, now_us, at, &position);
	body.odometer_m = tt_odometer_value(o);
	body.source = (Telltale__V1__OdometerSource)tt_odometer_source(o);
	body.uncertainty_m = (uint32_t)tt_odometer_uncertainty(o);
	body.estimated_m = (uint64_t)tt_odometer_estimated(o);
	body.at_us = tt_agent_utc_of(a, now_us, at);
	body.position = &position;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
	env.odometer = &body;
	if (emit(a, now_us, TT_CLASS_EVENT, &env) == KEPT)
		tt_odometer_reported(o);
}

static void take_trip(struct tt_agent *a, tt_mono_us now_us, const struct tt_trip_event *e)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TripEvent body = TELLTALE__V1__TRIP_EVENT__INIT;
	Telltale__V1__Position position;

	if (e->change == TT_TRIP_START || a->trip == 0)
		a->trip = tt_random_u64() | 1;
	tt_agent_position(a, now_us, e->at_us, &position);
	body.change = (Telltale__V1__TripChange)e->change;
	body.trip = a->trip;
	body.at_us = tt_agent_utc_of(a, now_us, e->at_us);
	body.position = &position;
	body.odometer_m = tt_odometer_value(&a->vehicle->odometer);
	body.distance_m = e->distance_m;
	body.duration_s = e->duration_s;
	body.idle_s = e->idle_s;
	body.max_speed_mm_s = e->max_mm_s;
	body.harsh_events = e->harsh;
	body.fuel_used_ml = e->fuel_ml;
	body.fuel_source = (Telltale__V1__FuelSource)e->fuel;
	body.distance_source = (Telltale__V1__DistanceSource)e->way;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_TRIP;
	env.trip = &body;
	/* A trip has its place and time and cannot be told later. */
	a->refusal.events += emit(a, now_us, TT_CLASS_EVENT, &env) != KEPT;
	tt_log(TT_LOG_INFO, NULL, "trip", "change=%d distance_m=%llu", (int)e->change, (unsigned long long)e->distance_m);
	if (e->change == TT_TRIP_END && tt_odometer_changed(&a->vehicle->odometer))
		take_odometer(a, now_us);
}

void tt_agent_keep_trip(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_open_trip open = {.trip = a->trip, .saved_at_us = tt_agent_stamp(a, now_us).utc_us};
	uint64_t missed;
	enum tt_err err;

	a->trip_saved_us = now_us;
	if (tt_trip_open(&a->vehicle->trip, now_us, &open.at))
		err = tt_open_trip_save(a->trip_path, &open);
	else
		err = tt_open_trip_forget(a->trip_path);
	if (err && tt_log_allow(&a->refusal.trip_log, now_us, &missed))
		tt_log(TT_LOG_WARN, NULL, "trip.save", "%s cannot be written; a restart may leave the trip open, or end it twice",
		       a->trip_path);
}

void tt_agent_chunk(struct tt_agent *a, tt_mono_us now_us)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TelemetryChunk body = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	size_t len;

	a->chunk_at_us = TT_NEVER;
	if (tt_chunk_count(a->telemetry->chunk) == 0)
		return;
	if (tt_chunk_encode(a->telemetry->chunk, a->columns, sizeof(a->columns), &len, &body.start_us, &body.samples, &body.raw_bytes) ==
	    TT_OK) {
		body.start_us = body.start_us < 0 ? 0 : body.start_us;
		body.encoding = TT_CHUNK_ENCODING;
		body.columns = (ProtobufCBinaryData){.len = len, .data = a->columns};
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
		env.telemetry = &body;
		(void)emit(a, now_us, TT_CLASS_BULK, &env); /* told inside, counted by the journal */
	} else {
		a->telemetry->dropped += tt_chunk_count(a->telemetry->chunk);
		tt_log(TT_LOG_ERROR, NULL, "telemetry.lost", "%zu samples do not fit one chunk", tt_chunk_count(a->telemetry->chunk));
	}
	tt_chunk_reset(a->telemetry->chunk);
}

/* ---- polling the cores ---- */

static void detect_alerts(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_crash_event crash;
	bool repeat;

	tt_crash_tick(&a->vehicle->crash, now_us);
	while (tt_crash_next(&a->vehicle->crash, now_us, &crash))
		take_crash(a, now_us, &crash);
	while (tt_sos_next(&a->vehicle->sos, now_us, &repeat))
		take_sos(a, now_us, repeat);
}

/* Faults and the odometer stay due until the journal has them, so they wait for it. */
static void detect_lasting(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_fault_event fault;
	bool told = false;

	while (now_us >= a->refusal.retry_at_us && tt_fault_watch_peek(&a->vehicle->faults, now_us, &fault) &&
	       take_fault(a, now_us, &fault)) {
		tt_fault_watch_told(&a->vehicle->faults, &fault);
		told = true;
	}
	if (told && tt_known_save(a->known_path, tt_journal_epoch(a->journal), &a->vehicle->faults) != TT_OK)
		tt_log(TT_LOG_WARN, NULL, "known.save", "%s cannot be written; after a restart faults are told again", a->known_path);
	if (now_us >= a->refusal.retry_at_us && tt_odometer_due(&a->vehicle->odometer))
		take_odometer(a, now_us);
}

void tt_agent_detect(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_trip_event trip;

	detect_alerts(a, now_us);
	tt_agent_motion(a, now_us);
	tt_trip_tick(&a->vehicle->trip, now_us);
	while (tt_trip_next(&a->vehicle->trip, &trip)) {
		take_trip(a, now_us, &trip);
		tt_agent_keep_trip(a, now_us);
	}
	if (a->vehicle->trip.driving && now_us - a->trip_saved_us >= TRIP_SAVE_US)
		tt_agent_keep_trip(a, now_us);
	detect_lasting(a, now_us);
}
