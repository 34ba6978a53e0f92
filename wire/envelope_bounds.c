#include "wire/envelope_bounds.h"

#include "base/utf8.h"
#include "wire/chunk.h"

#include <inttypes.h>
#include <string.h>

/* 9999-12-31T23:59:59.999999Z: the last time that base/time.h writes. */
#define UTC_MAX TT_ENVELOPE_UTC_MAX
/* Ten million kilometres: nobody drives further, and sums stay far from overflow. */
#define METRES_MAX INT64_C(10000000000)
/* A thousand million of whatever unit. */
#define MILLI_MAX INT64_C(1000000000000)

enum {
	FREEZE_ITEMS_MAX = 64,
	FREEZE_RAW_MAX = 32,
	SNAPSHOT_MAX = 64,
	EXTENDED_MAX = 16,
	RECORD_RAW_MAX = 64,
	CODE_MAX = 15,
	VERSION_MAX = 31,
	SLOT_MAX = 15,
	VIN_LEN = 17,
	CONDITIONS_MAX = 32,
	CONDITION_NAME_MAX = 31,
	CONDITION_DETAIL_MAX = 119,
	JOURNALS_MAX = 4,
	SUBJECT_MAX = 31,
	CAPTURE_PARTS_MAX = 999,
	CAPTURE_SPAN_MS = 60000,
	CAPTURE_MAPPED_MAX = 512,
	METRICS_MAX = 48,
	BATTERY_MV_MAX = 65000,
};

enum kind { KIND_I32, KIND_U32, KIND_I64, KIND_U64 };

/* One number of one message: where it stands and between what it must be. */
struct bound {
	const char *name;
	size_t offset;
	enum kind kind; /* enumerations are int-sized; a negative one reads as a large U32, which no bound admits */
	int64_t lo, hi;
};

#define KIND_OF(type, field) \
	_Generic(((const type *)0)->field, int32_t \
		 : KIND_I32, uint32_t \
		 : KIND_U32, int64_t \
		 : KIND_I64, uint64_t \
		 : KIND_U64, default \
		 : KIND_U32)
#define BOUND(type, field, lo, hi) \
	{ \
#field, offsetof(type, field), KIND_OF(type, field), lo, hi \
	}

#define M(field, lo, hi) BOUND(Telltale__V1__Envelope, field, lo, hi)
static const struct bound envelope_bounds[] = {
	M(clock, 0, TELLTALE__V1__CLOCK_QUALITY__CLOCK_QUALITY_GNSS),
	M(created_at_us, 0, UTC_MAX),
	M(uptime_us, 0, UTC_MAX),
	M(seq, 0, INT64_MAX),
	M(first_seq_held, 0, INT64_MAX),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__Position, field, lo, hi)
static const struct bound position_bounds[] = {
	M(fix, 0, TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D),
	M(latitude_e7, -900000000, 900000000),
	M(longitude_e7, -1800000000, 1800000000),
	M(heading_cdeg, 0, 35999),
	M(fix_at_us, 0, UTC_MAX),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__Alert, field, lo, hi)
static const struct bound alert_bounds[] = {
	M(kind, 1, TELLTALE__V1__ALERT_KIND__ALERT_KIND_BREAKDOWN),
	M(detected_at_us, 0, UTC_MAX),
	M(odometer_m, 0, METRES_MAX),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__CrashDetail, field, lo, hi)
static const struct bound crash_bounds[] = {
	M(trigger, 0, TELLTALE__V1__CRASH_TRIGGER__CRASH_TRIGGER_FUEL_CUT_OFF),
	M(delta_v_mm_s, 0, 200000),
	M(speed_before_mm_s, 0, 200000),
	M(belts_fastened, 0, 9),
	M(delta_v_longitudinal_mm_s, -200000, 200000),
	M(delta_v_lateral_mm_s, -200000, 200000),
	M(events, 0, 99),
	M(evidence, 0, 0xFF),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__FaultEvent, field, lo, hi)
static const struct bound fault_bounds[] = {
	M(change, 1, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED),
	M(protocol, 1, TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939),
	M(ecu, 0, 0x1FFFFFFF),
	M(odometer_m, 0, METRES_MAX),
	M(observed_at_us, 0, UTC_MAX),
	M(status, 0, 0xFF),
	M(n_snapshot, 0, SNAPSHOT_MAX),
	M(n_extended, 0, EXTENDED_MAX),
	M(lamps, 0, 0xFFFF),
	M(occurrences, 0, 127),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__FreezeItem, field, lo, hi)
static const struct bound freeze_bounds[] = {M(pid, 0, 0xFFFF)};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__SnapshotItem, field, lo, hi)
static const struct bound snapshot_bounds[] = {M(record, 0, 0xFF), M(did, 0, 0xFFFF), M(raw.len, 0, RECORD_RAW_MAX)};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__ExtendedRecord, field, lo, hi)
static const struct bound extended_bounds[] = {M(record, 0, 0xFF), M(raw.len, 0, RECORD_RAW_MAX)};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__TripEvent, field, lo, hi)
static const struct bound trip_bounds[] = {
	M(change, 1, TELLTALE__V1__TRIP_CHANGE__TRIP_CHANGE_END),
	M(at_us, 0, UTC_MAX),
	M(odometer_m, 0, METRES_MAX),
	M(distance_m, 0, METRES_MAX),
	M(duration_s, 0, UTC_MAX / 1000000),
	M(idle_s, 0, UTC_MAX / 1000000),
	M(max_speed_mm_s, 0, 200000),
	M(harsh_events, 0, 0xFFFF),
	M(fuel_used_ml, 0, METRES_MAX),
	M(fuel_source, 0, TELLTALE__V1__FUEL_SOURCE__FUEL_SOURCE_LEVEL),
	M(distance_source, 0, TELLTALE__V1__DISTANCE_SOURCE__DISTANCE_SOURCE_GPS),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__Odometer, field, lo, hi)
static const struct bound odometer_bounds[] = {
	M(odometer_m, 0, METRES_MAX),  M(source, 1, TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_FUSED),
	M(at_us, 0, UTC_MAX),          M(uncertainty_m, 0, METRES_MAX),
	M(estimated_m, 0, METRES_MAX),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__VehicleEvent, field, lo, hi)
static const struct bound vehicle_event_bounds[] = {
	M(kind, 1, TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_FUEL_DROP),
	M(phase, 1, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_END),
	M(at_us, 0, UTC_MAX),
	M(odometer_m, 0, METRES_MAX),
	M(value_milli, -MILLI_MAX, MILLI_MAX),
	M(limit_milli, -MILLI_MAX, MILLI_MAX),
	M(peak_milli, -MILLI_MAX, MILLI_MAX),
	M(duration_ms, 0, UTC_MAX / 1000),
	M(cause, 0, TELLTALE__V1__VEHICLE_EVENT_CAUSE__VEHICLE_EVENT_CAUSE_LEVEL),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__State, field, lo, hi)
static const struct bound state_bounds[] = {
	M(dtc_count, 0, 0xFFFF),
	M(odometer_m, 0, METRES_MAX),
	M(n_conditions, 0, CONDITIONS_MAX),
	M(n_journal, 0, JOURNALS_MAX),
	M(at_us, 0, UTC_MAX),
	M(n_metrics, 0, METRICS_MAX),
	M(config_version, 0, INT64_MAX),
	M(update_refused, 0, INT64_MAX),
	M(config_waiting, 0, INT64_MAX),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__Power, field, lo, hi)
static const struct bound power_bounds[] = {
	M(state, 1, TELLTALE__V1__POWER_STATE__POWER_STATE_DEEP_SLEEP),
	M(since_us, 0, UTC_MAX),
	M(wake, 0, TELLTALE__V1__WAKE_REASON__WAKE_REASON_RESUME),
	M(next_contact_us, 0, UTC_MAX),
	M(heard_at_us, 0, UTC_MAX),
	M(battery_mv, 0, BATTERY_MV_MAX),
};
#undef M

static const struct bound condition_bounds[] = {BOUND(Telltale__V1__Condition, since_us, 0, UTC_MAX)};
static const struct bound depth_bounds[] = {
	BOUND(Telltale__V1__JournalDepth, class_, 1, TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_STATE),
	BOUND(Telltale__V1__JournalDepth, held, 0, INT64_MAX),
	BOUND(Telltale__V1__JournalDepth, evicted, 0, INT64_MAX),
};

#define M(field, lo, hi) BOUND(Telltale__V1__TelemetryChunk, field, lo, hi)
static const struct bound telemetry_bounds[] = {
	M(start_us, 0, UTC_MAX),
	M(samples, 1, TT_CHUNK_MAX_SAMPLES),
	M(raw_bytes, 1, TT_CHUNK_MAX_RAW),
};
#undef M

#define M(field, lo, hi) BOUND(Telltale__V1__CapturePart, field, lo, hi)
static const struct bound capture_bounds[] = {
	M(reason, 1, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND),
	M(trigger_at_us, 0, UTC_MAX),
	M(part, 1, CAPTURE_PARTS_MAX),
	M(from_ms, -CAPTURE_SPAN_MS, CAPTURE_SPAN_MS),
	M(to_ms, -CAPTURE_SPAN_MS, CAPTURE_SPAN_MS),
	M(n_mapped, 0, CAPTURE_MAPPED_MAX),
	M(events, 0, 99),
	M(second_event_ms, 0, CAPTURE_SPAN_MS),
};
#undef M

/* False, with *shown cut to the int64 range for the message, when the field lies outside. */
static bool within(const struct bound *b, const void *msg, int64_t *shown)
{
	const char *at = (const char *)msg + b->offset;
	uint64_t u64;
	uint32_t u32;
	int32_t i32;

	switch (b->kind) {
	case KIND_I32:
		memcpy(&i32, at, sizeof(i32));
		*shown = i32;
		break;
	case KIND_U32:
		memcpy(&u32, at, sizeof(u32));
		*shown = u32;
		break;
	case KIND_I64:
		memcpy(shown, at, sizeof(*shown));
		break;
	case KIND_U64:
		memcpy(&u64, at, sizeof(u64));
		*shown = u64 > INT64_MAX ? INT64_MAX : (int64_t)u64;
		if (u64 > INT64_MAX)
			return false;
		break;
	}
	return *shown >= b->lo && *shown <= b->hi;
}

static enum tt_err check(const struct bound *bounds, size_t n, const void *msg, const char *prefix, struct tt_errmsg *why)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v = 0;

		if (!within(&bounds[i], msg, &v))
			return tt_errmsg_set(why, TT_EPROTO, "%s%s is %" PRId64 ", must be %" PRId64 "..%" PRId64, prefix, bounds[i].name,
					     v, bounds[i].lo, bounds[i].hi);
	}
	return TT_OK;
}
#define CHECK(table, msg, prefix, why) check(table, sizeof(table) / sizeof((table)[0]), msg, prefix, why)

static enum tt_err check_position(const Telltale__V1__Position *p, const char *prefix, struct tt_errmsg *why)
{
	return p ? CHECK(position_bounds, p, prefix, why) : TT_OK;
}

static bool digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

static bool upper_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] >= 'A' && s[i] <= 'F'))
			return false;
	return true;
}

/* "P0301" (SAE J2012), with UDS also "P0301-1A", the failure type byte (ISO 14229-1 annex D); J1939 "520192/31" is SPN/FMI (J1939-73). */
bool tt_envelope_code_valid(const char *code, Telltale__V1__DtcProtocol protocol)
{
	const size_t n = strlen(code);
	const char *slash = strchr(code, '/');

	if (n > CODE_MAX)
		return false;
	if (protocol == TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939) {
		const size_t spn = slash ? (size_t)(slash - code) : 0;

		return slash && spn <= 6 && n - spn - 1 <= 2 && digits(code, spn) && digits(slash + 1, n - spn - 1);
	}
	if (n < 5 || !strchr("PCBU", code[0]) || code[1] < '0' || code[1] > '3' || !upper_hex(code + 2, 3))
		return false;
	return n == 5 || (protocol == TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS && n == 8 && code[5] == '-' && upper_hex(code + 6, 2));
}

bool tt_envelope_vin_valid(const char *vin)
{
	static const char vin_chars[] = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";

	return vin[0] == '\0' || (strlen(vin) == VIN_LEN && strspn(vin, vin_chars) == VIN_LEN);
}

enum tt_err tt_envelope_check_numbers(const struct tt_envelope_number *numbers, size_t n, const char *prefix, struct tt_errmsg *why)
{
	for (size_t i = 0; i < n; i++) {
		if (numbers[i].value < numbers[i].lo || numbers[i].value > numbers[i].hi)
			return tt_errmsg_set(why, TT_EPROTO, "%s%s is %" PRIu64 ", must be %" PRIu64 "..%" PRIu64, prefix, numbers[i].name,
					     numbers[i].value, numbers[i].lo, numbers[i].hi);
	}
	return TT_OK;
}

/* It goes into a database and onto screens. */
bool tt_envelope_text_valid(const char *s, size_t max)
{
	const size_t n = strlen(s);

	return n <= max && tt_utf8_printable(s, n);
}

static enum tt_err check_alert(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__Alert *a = body;
	enum tt_err err = CHECK(alert_bounds, a, "alert.", why);

	if (!err && a->incident == 0)
		err = tt_errmsg_set(why, TT_EPROTO, "alert.incident is 0, must be random");
	if (!err && a->crash && a->kind != TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH)
		err = tt_errmsg_set(why, TT_EPROTO, "alert.crash is set, must not be for kind %d", (int)a->kind);
	if (!err && a->crash)
		err = CHECK(crash_bounds, a->crash, "alert.crash.", why);
	return err ? err : check_position(a->position, "alert.position.", why);
}

static enum tt_err check_fault(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__FaultEvent *f = body;
	enum tt_err err = CHECK(fault_bounds, f, "fault.", why);

	if (!err && (!tt_envelope_code_valid(f->code, f->protocol)))
		err = tt_errmsg_set(why, TT_EPROTO, "fault.code is no code of protocol %d", (int)f->protocol);
	if (!err && f->n_freeze_frame > FREEZE_ITEMS_MAX)
		err = tt_errmsg_set(why, TT_EPROTO, "fault.freeze_frame has %zu items, at most %d", f->n_freeze_frame, FREEZE_ITEMS_MAX);
	for (size_t i = 0; !err && i < f->n_freeze_frame; i++) {
		const Telltale__V1__FreezeItem *item = f->freeze_frame[i];

		err = CHECK(freeze_bounds, item, "fault.freeze_frame.", why);
		if (!err && item->raw.len > FREEZE_RAW_MAX)
			err = tt_errmsg_set(why, TT_EPROTO, "fault.freeze_frame.raw has %zu bytes, at most %d", item->raw.len,
					    FREEZE_RAW_MAX);
	}
	for (size_t i = 0; !err && i < f->n_snapshot; i++)
		err = CHECK(snapshot_bounds, f->snapshot[i], "fault.snapshot.", why);
	for (size_t i = 0; !err && i < f->n_extended; i++)
		err = CHECK(extended_bounds, f->extended[i], "fault.extended.", why);
	return err ? err : check_position(f->position, "fault.position.", why);
}

static enum tt_err check_trip(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__TripEvent *t = body;
	enum tt_err err = CHECK(trip_bounds, t, "trip.", why);

	if (!err && t->trip == 0)
		err = tt_errmsg_set(why, TT_EPROTO, "trip.trip is 0, must be random");
	return err ? err : check_position(t->position, "trip.position.", why);
}

static enum tt_err check_odometer(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__Odometer *o = body;
	enum tt_err err = CHECK(odometer_bounds, o, "odometer.", why);

	return err ? err : check_position(o->position, "odometer.position.", why);
}

static enum tt_err check_vehicle_event(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__VehicleEvent *e = body;
	enum tt_err err = CHECK(vehicle_event_bounds, e, "vehicle_event.", why);

	if (!err && e->occurrence == 0)
		err = tt_errmsg_set(why, TT_EPROTO, "vehicle_event.occurrence is 0, must be random");
	if (!err && !tt_envelope_text_valid(e->subject, SUBJECT_MAX))
		err = tt_errmsg_set(why, TT_EPROTO, "vehicle_event.subject must be printable UTF-8 of at most %d bytes", SUBJECT_MAX);
	return err ? err : check_position(e->position, "vehicle_event.position.", why);
}

static bool name_valid(const char *name)
{
	const size_t n = strlen(name);

	return n > 0 && n <= CONDITION_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._") == n;
}

static enum tt_err check_condition(const Telltale__V1__Condition *c, struct tt_errmsg *why)
{
	if (!name_valid(c->name))
		return tt_errmsg_set(why, TT_EPROTO, "state.conditions.name must be 1..%d of a-z 0-9 . _", CONDITION_NAME_MAX);
	if (!tt_envelope_text_valid(c->detail, CONDITION_DETAIL_MAX))
		return tt_errmsg_set(why, TT_EPROTO, "state.conditions.detail must be printable UTF-8 of at most %d bytes",
				     CONDITION_DETAIL_MAX);
	return CHECK(condition_bounds, c, "state.conditions.", why);
}

enum tt_err tt_envelope_check_state(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__State *s = body;
	enum tt_err err = CHECK(state_bounds, s, "state.", why);

	if (!err && !tt_envelope_text_valid(s->agent_version, VERSION_MAX))
		err = tt_errmsg_set(why, TT_EPROTO, "state.agent_version must be printable UTF-8 of at most %d bytes", VERSION_MAX);
	if (!err && !tt_envelope_text_valid(s->slot, SLOT_MAX))
		err = tt_errmsg_set(why, TT_EPROTO, "state.slot must be printable UTF-8 of at most %d bytes", SLOT_MAX);
	if (!err && !tt_envelope_vin_valid(s->vin))
		err = tt_errmsg_set(why, TT_EPROTO, "state.vin must be empty or 17 letters and digits without I, O, Q");
	for (size_t i = 0; !err && i < s->n_conditions; i++)
		err = check_condition(s->conditions[i], why);
	for (size_t i = 0; !err && i < s->n_journal; i++)
		err = CHECK(depth_bounds, s->journal[i], "state.journal.", why);
	if (!err && s->power)
		err = CHECK(power_bounds, s->power, "state.power.", why);
	for (size_t i = 0; !err && i < s->n_metrics; i++) {
		if (!name_valid(s->metrics[i]->name))
			err = tt_errmsg_set(why, TT_EPROTO, "state.metrics.name must be 1..%d of a-z 0-9 . _", CONDITION_NAME_MAX);
	}
	if (!err && s->since_clear)
		err = tt_envelope_check_since_clear(s->since_clear, why);
	return err ? err : check_position(s->position, "state.position.", why);
}

static enum tt_err check_chunk(const Telltale__V1__TelemetryChunk *t, const char *prefix, struct tt_errmsg *why)
{
	if (t->encoding != TT_CHUNK_ENCODING)
		return tt_errmsg_set(why, TT_EVERSION, "%sencoding is %" PRIu32 ", known is %d", prefix, t->encoding, TT_CHUNK_ENCODING);
	if (t->columns.len == 0)
		return tt_errmsg_set(why, TT_EPROTO, "%scolumns is empty", prefix);
	return CHECK(telemetry_bounds, t, prefix, why);
}

static enum tt_err check_telemetry(const void *body, struct tt_errmsg *why)
{
	return check_chunk(body, "telemetry.", why);
}

static enum tt_err check_capture(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__CapturePart *c = body;
	enum tt_err err = CHECK(capture_bounds, c, "capture.", why);

	if (!err && c->capture == 0)
		err = tt_errmsg_set(why, TT_EPROTO, "capture.capture is 0, must be random");
	if (!err && c->from_ms > c->to_ms)
		err = tt_errmsg_set(why, TT_EPROTO, "capture.from_ms is %" PRId32 ", after to_ms", c->from_ms);
	return err || !c->samples ? err : check_chunk(c->samples, "capture.samples.", why);
}

/* Each body: its class (schemas/proto/telltale.proto, EventClass) and its bounds. */
static const struct body {
	Telltale__V1__Envelope__BodyCase which;
	enum tt_class cls;
	enum tt_err (*check)(const void *body, struct tt_errmsg *why);
} bodies[] = {
	{TELLTALE__V1__ENVELOPE__BODY_ALERT, TT_CLASS_ALERT, check_alert},
	{TELLTALE__V1__ENVELOPE__BODY_FAULT, TT_CLASS_EVENT, check_fault},
	{TELLTALE__V1__ENVELOPE__BODY_TRIP, TT_CLASS_EVENT, check_trip},
	{TELLTALE__V1__ENVELOPE__BODY_ODOMETER, TT_CLASS_EVENT, check_odometer},
	{TELLTALE__V1__ENVELOPE__BODY_STATE, TT_CLASS_STATE, tt_envelope_check_state},
	{TELLTALE__V1__ENVELOPE__BODY_TELEMETRY, TT_CLASS_BULK, check_telemetry},
	{TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT, TT_CLASS_EVENT, check_vehicle_event},
	{TELLTALE__V1__ENVELOPE__BODY_CAPTURE, TT_CLASS_EVENT, check_capture},
	{TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT, TT_CLASS_EVENT, tt_envelope_check_command_result},
	{TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT, TT_CLASS_EVENT, tt_envelope_check_config_result},
	{TELLTALE__V1__ENVELOPE__BODY_FULL_STATE, TT_CLASS_EVENT, tt_envelope_check_full_state},
	{TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT, TT_CLASS_EVENT, tt_envelope_check_ecu_report},
};

/* NULL when the envelope has none. */
static const struct body *body_of(const Telltale__V1__Envelope *env)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (bodies[i].which == env->body_case)
			return &bodies[i];
	return NULL;
}

static enum tt_err check_identity(const Telltale__V1__Envelope *env, enum tt_class body_class, enum tt_class topic_class,
				  struct tt_errmsg *why)
{
	if ((int)env->class_ != (int)topic_class)
		return tt_errmsg_set(why, TT_EPROTO, "class is %d, the topic's is %s", (int)env->class_, tt_class_name(topic_class));
	if (body_class != topic_class)
		return tt_errmsg_set(why, TT_EPROTO, "body %d does not belong to class %s", (int)env->body_case,
				     tt_class_name(topic_class));
	if (topic_class == TT_CLASS_STATE) {
		if (env->seq != 0 || env->first_seq_held != 0)
			return tt_errmsg_set(why, TT_EPROTO, "seq and first_seq_held must be 0 in a state");
		return TT_OK;
	}
	if (env->epoch == 0)
		return tt_errmsg_set(why, TT_EPROTO, "epoch is 0, must be random");
	if (env->seq == 0)
		return tt_errmsg_set(why, TT_EPROTO, "seq is 0, must be 1 or more");
	if (env->first_seq_held == 0 || env->first_seq_held > env->seq)
		return tt_errmsg_set(why, TT_EPROTO, "first_seq_held is %" PRIu64 ", must be 1..%" PRIu64, env->first_seq_held, env->seq);
	return TT_OK;
}

enum tt_err tt_envelope_check(const Telltale__V1__Envelope *env, enum tt_class topic_class, struct tt_errmsg *why)
{
	const struct body *body = body_of(env);
	enum tt_err err;

	if (!body)
		return tt_errmsg_set(why, TT_EPROTO, "body is missing");
	err = CHECK(envelope_bounds, env, "", why);
	if (!err)
		err = check_identity(env, body->cls, topic_class, why);
	return err ? err : body->check(env->alert, why); /* all members of the union are pointers to a message */
}
