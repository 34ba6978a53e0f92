#include "gateway/ingest_internal.h"
#include "gateway/sequence.h"

/* The link at the time of the event: the remembered one when nothing changed since, else asked for. */
static enum tt_err link_at(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, tt_utc_us at, struct tt_link *room,
			   const struct tt_link **out)
{
	enum tt_err err = TT_OK;

	*out = &unit->link;
	if (at < unit->link.since) {
		err = tt_store_link(ingest->store, unit->name, at, room);
		*out = room;
	}
	return err;
}

static enum tt_err append(const struct tt_ingest_arrival *a)
{
	static const enum tt_event_kind kinds[] = {
		[TELLTALE__V1__ENVELOPE__BODY_ALERT] = TT_KIND_ALERT,
		[TELLTALE__V1__ENVELOPE__BODY_FAULT] = TT_KIND_FAULT,
		[TELLTALE__V1__ENVELOPE__BODY_TRIP] = TT_KIND_TRIP,
		[TELLTALE__V1__ENVELOPE__BODY_ODOMETER] = TT_KIND_ODOMETER,
		[TELLTALE__V1__ENVELOPE__BODY_TELEMETRY] = TT_KIND_TELEMETRY,
		[TELLTALE__V1__ENVELOPE__BODY_CAPTURE] = TT_KIND_CAPTURE,
		[TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT] = TT_KIND_VEHICLE_EVENT,
		[TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT] = TT_KIND_COMMAND_RESULT,
		[TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT] = TT_KIND_CONFIG_RESULT,
		[TELLTALE__V1__ENVELOPE__BODY_FULL_STATE] = TT_KIND_FULL_STATE,
		[TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT] = TT_KIND_ECU_REPORT,
	};
	const struct tt_event event = {
		.unit_id = a->link->unit_id,
		.vehicle_id = a->link->vehicle_id,
		.cls = (int32_t)a->env->class_,
		.epoch = a->env->epoch,
		.seq = a->env->seq,
		.kind = kinds[a->env->body_case],
		.created_at = a->time.event_at,
		.received_at = a->in->received_at,
		.clock = a->time.clock,
		.late = a->time.late,
		.body = a->in->payload,
		.body_len = a->in->len,
	};
	int64_t id;

	return tt_store_event_append(a->ingest->store, &event, &id);
}

static enum tt_err apply_trip(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__TripEvent *trip = a->env->trip;
	struct tt_event_time time;

	tt_ingest_time(a, trip->at_us, &time);
	return tt_ingest_vehicle_seen(a, trip->position, trip->odometer_m, time.event_at);
}

static enum tt_err apply_odometer(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__Odometer *odometer = a->env->odometer;
	struct tt_event_time time;

	tt_ingest_time(a, odometer->at_us, &time);
	return tt_ingest_vehicle_seen(a, odometer->position, odometer->odometer_m, time.event_at);
}

static enum tt_err consequences(const struct tt_ingest_arrival *a)
{
	static enum tt_err (*const apply[])(const struct tt_ingest_arrival *) = {
		[TELLTALE__V1__ENVELOPE__BODY_ALERT] = tt_ingest_apply_alert,
		[TELLTALE__V1__ENVELOPE__BODY_FAULT] = tt_ingest_apply_fault,
		[TELLTALE__V1__ENVELOPE__BODY_TRIP] = apply_trip,
		[TELLTALE__V1__ENVELOPE__BODY_ODOMETER] = apply_odometer,
		[TELLTALE__V1__ENVELOPE__BODY_STATE] = tt_ingest_apply_state,
		[TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT] = tt_ingest_apply_happened,
		[TELLTALE__V1__ENVELOPE__BODY_CAPTURE] = tt_ingest_apply_capture,
		[TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT] = tt_ingest_apply_command_result,
		[TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT] = tt_ingest_apply_config_result,
		[TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT] = tt_ingest_apply_ecu,
		[TELLTALE__V1__ENVELOPE__BODY_FULL_STATE] = tt_ingest_apply_full_state,
	};
	const size_t body = (size_t)a->env->body_case;
	const bool known = body < sizeof(apply) / sizeof(apply[0]) && apply[body];

	/* Without a vehicle there is nothing to apply it to; some bodies are kept and nothing else; telemetry does not come here. */
	return a->link->vehicle_id == 0 || !known ? TT_OK : apply[body](a);
}

/* The record refused: keep the event itself if that can be kept, and say why there is nothing more. */
static enum tt_err keep_without_consequences(const struct tt_ingest_arrival *a, struct tt_ingest_unit *unit, enum tt_err refusal)
{
	struct tt_errmsg why;
	enum tt_err err;

	(void)tt_errmsg_set(&why, refusal, "%s (%s)", tt_err_text(refusal), tt_store_message(a->ingest->store));
	err = tt_store_savepoint_undo(a->ingest->store);
	if (!err && a->env->class_ != TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_STATE)
		err = append(a);
	if (err && tt_ingest_is_database(err))
		return err;
	return tt_ingest_quarantine(a->ingest, a->in, unit, unit->name, TT_REASON_REFUSED, why.text, NULL);
}

/* Store one event with everything that follows from it, or, when the record refuses that, as much as can be kept. */
static enum tt_err settle(const struct tt_ingest_arrival *a, struct tt_ingest_unit *unit)
{
	struct tt_ingest_stats before = a->ingest->pending;
	enum tt_err err = tt_store_savepoint(a->ingest->store);

	if (err)
		return err;
	if (a->env->class_ != TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_STATE)
		err = append(a);
	if (!err)
		err = consequences(a);
	if (!err)
		return tt_store_savepoint_keep(a->ingest->store);
	if (tt_ingest_is_database(err))
		return err;
	a->ingest->pending = before;
	return keep_without_consequences(a, unit, err);
}

/* Once a run, and again when the unit was moved: enough to be found, too little to fill the quarantine. */
static enum tt_err note_uninstalled(const struct tt_ingest_arrival *a, struct tt_ingest_unit *unit)
{
	if (a->link->vehicle_id != 0 || unit->uninstalled_told)
		return TT_OK;
	unit->uninstalled_told = true;
	return tt_ingest_quarantine(a->ingest, a->in, unit, unit->name, TT_REASON_UNINSTALLED,
				    "the unit sat in no vehicle then; its events are stored without one. Install it: telltale vehicle add",
				    NULL);
}

static enum tt_err arrive(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit,
			  const Telltale__V1__Envelope *env)
{
	struct tt_ingest_arrival a = {.ingest = ingest, .in = in, .unit = unit, .env = env};
	struct tt_link room;
	enum tt_err err;

	tt_lateness_judge(env->created_at_us, (enum tt_clock_quality)env->clock, in->received_at, ingest->config.late_limit_us, &a.time);
	err = link_at(ingest, unit, a.time.event_at, &room, &a.link);
	if (!err)
		err = note_uninstalled(&a, unit);
	if (err)
		return err;
	/* Telemetry is one row: nothing to undo, so no savepoint on the path that carries the load. */
	if (env->body_case == TELLTALE__V1__ENVELOPE__BODY_TELEMETRY) {
		err = append(&a);
		if (err && !tt_ingest_is_database(err))
			err = tt_ingest_quarantine(ingest, in, unit, unit->name, TT_REASON_REFUSED, tt_store_message(ingest->store), NULL);
	} else {
		err = settle(&a, unit);
	}
	if (err)
		return err;
	ingest->pending.accepted[env->class_]++;
	ingest->pending.late += a.time.late ? 1 : 0;
	return TT_OK;
}

/*
 * Numbers first, then the event. A hole that is no larger than the count of unreadable messages since the mark moved, and that stayed
 * after asking, is what those messages were: they are in quarantine, will not get better, and must not stop the unit for ever.
 */
static enum tt_err sequenced(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit, enum tt_class cls,
			     const Telltale__V1__Envelope *env)
{
	struct tt_ingest_lane *lane = &unit->lanes[cls - 1];
	enum tt_sequence_verdict verdict;
	uint64_t gap;
	enum tt_err err = tt_ingest_lane_load(ingest, unit, lane, cls, env->epoch);

	if (err)
		return err;
	verdict = tt_sequence_judge(lane->mark.seq, env->seq, env->first_seq_held, &gap);
	if (verdict == TT_SEQUENCE_HOLE && gap <= lane->unreadable && lane->asked > 0)
		verdict = TT_SEQUENCE_GAP;
	if (verdict == TT_SEQUENCE_DUPLICATE) {
		ingest->pending.duplicates++;
		(void)tt_ingest_lane_slot(ingest, unit, lane, cls);
		return TT_OK;
	}
	if (verdict == TT_SEQUENCE_HOLE) {
		tt_ingest_lane_ask(ingest, unit, lane, cls, in->received_at);
		return TT_OK;
	}
	err = arrive(ingest, in, unit, env);
	if (!err)
		tt_ingest_lane_advance(ingest, unit, lane, cls, env->seq, gap);
	return err;
}

/* What an envelope that broke a bound still tells of its number; false when it tells nothing that can be used. */
static bool identity_of(const struct tt_inbound *in, enum tt_class cls, uint64_t *epoch, uint64_t *seq, uint64_t *first)
{
	Telltale__V1__Envelope *env = in->size == in->len ? telltale__v1__envelope__unpack(NULL, in->len, in->payload) : NULL;
	bool usable = env && (int)env->class_ == (int)cls && env->epoch != 0 && env->seq != 0 && env->seq <= INT64_MAX &&
		      env->first_seq_held != 0 && env->first_seq_held <= env->seq;

	if (usable) {
		*epoch = env->epoch;
		*seq = env->seq;
		*first = env->first_seq_held;
	}
	tt_envelope_free(env);
	return usable;
}

/* Poison. When its number can be read, the sequence goes on over it; without that its unit would send it again for ever. */
static enum tt_err unreadable(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit, enum tt_class cls,
			      enum tt_ingest_reason reason, const char *why)
{
	struct tt_ingest_lane *lane = cls == TT_CLASS_STATE ? NULL : &unit->lanes[cls - 1];
	uint64_t epoch, seq, first, gap;
	enum tt_sequence_verdict verdict;
	bool kept;
	enum tt_err err;

	if (!lane || !identity_of(in, cls, &epoch, &seq, &first)) {
		if (lane)
			lane->unreadable++;
		return tt_ingest_quarantine(ingest, in, unit, unit->name, reason, why, NULL);
	}
	err = tt_ingest_lane_load(ingest, unit, lane, cls, epoch);
	if (err)
		return err;
	verdict = tt_sequence_judge(lane->mark.seq, seq, first, &gap);
	if (verdict == TT_SEQUENCE_HOLE) {
		tt_ingest_lane_ask(ingest, unit, lane, cls, in->received_at);
		return TT_OK;
	}
	if (verdict == TT_SEQUENCE_DUPLICATE) {
		ingest->pending.duplicates++;
		(void)tt_ingest_lane_slot(ingest, unit, lane, cls);
		return TT_OK;
	}
	err = tt_ingest_quarantine(ingest, in, unit, unit->name, reason, why, &kept);
	if (!err)
		tt_ingest_lane_advance(ingest, unit, lane, cls, seq, gap + (kept ? 0 : 1));
	return err;
}

static enum tt_err read_envelope(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit, enum tt_class cls)
{
	Telltale__V1__Envelope *env;
	struct tt_errmsg why;
	enum tt_err err;

	if (in->size > TT_ENVELOPE_MAX_BYTES) {
		(void)tt_errmsg_set(&why, TT_ERANGE, "%zu bytes, at most %d", in->size, TT_ENVELOPE_MAX_BYTES);
		return unreadable(ingest, in, unit, cls, TT_REASON_SIZE, why.text);
	}
	err = tt_envelope_decode(in->payload, in->len, cls, &env, &why);
	if (err)
		return unreadable(ingest, in, unit, cls, err == TT_EVERSION ? TT_REASON_SCHEMA : TT_REASON_MALFORMED, why.text);
	err = cls == TT_CLASS_STATE ? arrive(ingest, in, unit, env) : sequenced(ingest, in, unit, cls, env);
	tt_envelope_free(env);
	return err;
}

enum tt_err tt_ingest_settle(struct tt_ingest *ingest, const struct tt_inbound *in)
{
	struct tt_ingest_unit *unit;
	struct tt_topic topic;
	enum tt_err err;

	if (tt_topic_parse(in->topic, &topic))
		return tt_ingest_quarantine(ingest, in, NULL, "", TT_REASON_TOPIC, "not a topic of a unit, or not its shard", NULL);
	err = tt_ingest_unit_get(ingest, topic.unit, in->received_at, &unit);
	if (err == TT_ENOTFOUND)
		return tt_ingest_quarantine(ingest, in, NULL, topic.unit, TT_REASON_UNKNOWN_UNIT,
					    "the record has no such unit; telltale unit add makes one", NULL);
	if (err)
		return err;
	if (unit->link.revoked)
		return tt_ingest_quarantine(ingest, in, unit, unit->name, TT_REASON_REVOKED, "the unit's certificate was revoked", NULL);
	return read_envelope(ingest, in, unit, topic.cls);
}
