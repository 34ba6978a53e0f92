#include "firmware/agent/agent_capture.h"

#include "firmware/agent/agent_parts.h"
#include "firmware/agent/recorder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static_assert((int)TT_TELEMETRY_SLOTS <= (int)TT_CAPTURE_SLOTS, "every signal has a slot in the capture");

static enum tt_err keep_part(void *ctx, const Telltale__V1__CapturePart *part)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CAPTURE;
	env.capture = (Telltale__V1__CapturePart *)(uintptr_t)part; /* protobuf-c has no const; encoding does not write */
	return tt_agent_emit(ctx, tt_mono_now(), TT_CLASS_EVENT, &env);
}

static enum tt_err map_slots(struct tt_agent *a)
{
	enum tt_err err = TT_OK;

	for (size_t i = 0; !err && i < a->profile.nsignals; i++)
		err = tt_recorder_signal(a->recorder, (unsigned)i, a->profile.signals[i].rule.vss);
	for (size_t i = 0; !err && i < a->profile.npolls; i++)
		err = tt_recorder_signal(a->recorder, (unsigned)(TT_PROFILE_SIGNALS + i), a->profile.polls[i].rule.vss);
	for (unsigned i = 0; !err && a->gps && i < TT_TELEMETRY_GPS; i++)
		err = tt_recorder_signal(a->recorder, TT_VEHICLE_SLOTS + i, a->gps_rules[i].vss);
	return err;
}

enum tt_err tt_agent_capture_load(struct tt_agent *a, struct tt_errmsg *msg)
{
	struct tt_recorder_config cfg = {
		.chunk = a->telemetry->chunk, .columns = a->columns, .columns_cap = sizeof(a->columns), .emit = keep_part, .ctx = a};
	char path[TT_RECORDER_PATH];
	enum tt_err err;

	(void)snprintf(path, sizeof(path), "%s.capture", a->settings->journal);
	cfg.path = path;
	a->recorder = malloc(sizeof(*a->recorder));
	if (!a->recorder)
		return tt_errmsg_set(msg, TT_ENOMEM, "capture: out of memory");
	tt_recorder_init(a->recorder, &cfg);
	err = map_slots(a);
	if (err)
		return tt_errmsg_set(msg, err, "capture: a signal of the profile has no place: %s", tt_err_text(err));
	err = tt_recorder_resume(a->recorder);
	if (!err)
		tt_log(TT_LOG_WARN, NULL, "capture.cut", "the last process ended during a capture; told as incomplete");
	else if (err != TT_ENOTFOUND)
		tt_log(TT_LOG_WARN, NULL, "capture.corrupt", "%s: %s; a capture that was under way stays open", path, tt_err_text(err));
	return TT_OK;
}

void tt_agent_capture_value(struct tt_agent *a, unsigned slot, tt_mono_us at_us, double value)
{
	tt_recorder_value(a->recorder, slot, at_us, value);
}

static enum tt_err trigger(struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us, Telltale__V1__CaptureReason reason, uint64_t incident,
			   uint64_t *capture)
{
	const uint64_t id = tt_random_u64() | 1;
	enum tt_err err = tt_recorder_trigger(a->recorder, at_us, tt_agent_utc_of(a, now_us, at_us), id, reason, incident);

	if (err)
		return err;
	*capture = id;
	tt_log(TT_LOG_INFO, NULL, "capture", "capture=%016llx reason=%d", (unsigned long long)id, (int)reason);
	return TT_OK;
}

void tt_agent_capture_crash(struct tt_agent *a, tt_mono_us now_us, const struct tt_crash_event *e)
{
	uint64_t capture;

	if (!e->supplement && trigger(a, now_us, e->at_us, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, a->crash_incident, &capture))
		tt_log(TT_LOG_WARN, NULL, "capture.busy", "one is under way and holds these seconds");
	tt_recorder_events(a->recorder, e->events, e->second_us);
}

enum tt_err tt_capture_trigger(struct tt_agent *a, tt_mono_us now_us, uint64_t *capture)
{
	return trigger(a, now_us, now_us, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND, 0, capture);
}

void tt_agent_capture(struct tt_agent *a, tt_mono_us now_us)
{
	if (now_us < tt_agent_capture_wake_at(a))
		return;
	tt_agent_chunk(a, now_us); /* the chunk is lent to the recorder, so it must be empty */
	tt_recorder_advance(a->recorder, now_us);
}

tt_mono_us tt_agent_capture_wake_at(const struct tt_agent *a)
{
	return tt_recorder_wake_at(a->recorder);
}
