#include "firmware/agent/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STRETCH_US = 1000000, LINE_BYTES = 128 };

/* What the pulse of an impact is read from: at the bus's own pace. */
static const char *const fast_paths[] = {
	"Vehicle.Speed",
	"Vehicle.Acceleration.Longitudinal",
	"Vehicle.Acceleration.Lateral",
	"Vehicle.Acceleration.Vertical",
	"Vehicle.AngularVelocity.Roll",
	"Vehicle.AngularVelocity.Yaw",
};

void tt_recorder_init(struct tt_recorder *r, const struct tt_recorder_config *cfg)
{
	memset(r->signals, 0, sizeof(r->signals));
	tt_capture_init(&r->ring);
	r->cfg = *cfg;
	r->active = false;
	if (snprintf(r->path, sizeof(r->path), "%s", cfg->path) >= (int)sizeof(r->path))
		r->path[0] = '\0'; /* without the file a capture that was cut off is not closed; it is told all the same */
}

enum tt_err tt_recorder_signal(struct tt_recorder *r, unsigned slot, const struct tt_signal *vss)
{
	bool fast = false;
	enum tt_err err;

	for (size_t i = 0; i < sizeof(fast_paths) / sizeof(fast_paths[0]); i++)
		fast = fast || strcmp(fast_paths[i], vss->path) == 0;
	err = tt_capture_slot(&r->ring, slot, fast);
	if (err == TT_EFULL)
		err = tt_capture_slot(&r->ring, slot, false);
	if (!err)
		r->signals[slot] = vss->number;
	return err;
}

void tt_recorder_value(struct tt_recorder *r, unsigned slot, tt_mono_us at_us, double value)
{
	const struct tt_signal *vss = slot < TT_CAPTURE_SLOTS && r->signals[slot] ? tt_signal_by_number(r->signals[slot]) : NULL;
	const double wire = vss ? value * vss->scale : NAN;

	if (fabs(wire) < 9e15) /* also not NaN */
		tt_capture_value(&r->ring, slot, at_us, llround(wire));
}

/* ---- the file that stands while a capture is under way ---- */

static void save(const struct tt_recorder *r)
{
	FILE *f = r->path[0] ? fopen(r->path, "we") : NULL;

	if (!f)
		return; /* only the closing word after a power cut depends on it */
	fprintf(f, "telltale-capture 1 %016" PRIx64 " %d %016" PRIx64 " %" PRId64 " end\n", r->capture, (int)r->reason, r->incident,
		r->trigger_utc_us);
	(void)!fflush(f);
	(void)!fdatasync(fileno(f));
	fclose(f);
}

static enum tt_err load(struct tt_recorder *r)
{
	FILE *f = r->path[0] ? fopen(r->path, "re") : NULL;
	char line[LINE_BYTES];
	int reason = 0, end = 0;
	bool good;

	if (!f)
		return !r->path[0] || errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	good = fgets(line, sizeof(line), f) &&
	       sscanf(line, "telltale-capture 1 %16" SCNx64 " %1d %16" SCNx64 " %18" SCNd64 " end%n", &r->capture, &reason, &r->incident,
		      &r->trigger_utc_us, &end) == 4 &&
	       end > 0 && r->capture != 0 && r->trigger_utc_us >= 0 && reason >= TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH &&
	       reason <= TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND;
	fclose(f);
	r->reason = (Telltale__V1__CaptureReason)reason;
	return good ? TT_OK : TT_ECORRUPT;
}

/* ---- parts ---- */

static int32_t against_trigger(const struct tt_recorder *r, tt_mono_us at_us)
{
	return (int32_t)((at_us - r->trigger_us) / 1000);
}

static void fill(const struct tt_recorder *r, Telltale__V1__CapturePart *part)
{
	telltale__v1__capture_part__init(part);
	part->capture = r->capture;
	part->reason = r->reason;
	part->incident = r->incident;
	part->trigger_at_us = r->trigger_utc_us;
	part->events = r->events;
	part->second_event_ms = r->second_event_ms;
	part->lost = r->ring.lost > UINT32_MAX ? UINT32_MAX : (uint32_t)r->ring.lost;
}

/* Hands out what the chunk holds, and empties it. */
static void tell(struct tt_recorder *r, bool last)
{
	Telltale__V1__TelemetryChunk samples = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__CapturePart part;
	uint32_t mapped[TT_CAPTURE_SLOTS];
	size_t len = 0;

	fill(r, &part);
	part.part = ++r->part;
	part.last = last;
	part.from_ms = against_trigger(r, r->from_us);
	part.to_ms = against_trigger(r, r->until_us);
	if (r->part == 1) {
		for (size_t i = 0; i < TT_CAPTURE_SLOTS; i++) {
			if (r->signals[i])
				mapped[part.n_mapped++] = r->signals[i];
		}
		part.mapped = mapped;
	}
	if (tt_chunk_encode(r->cfg.chunk, r->cfg.columns, r->cfg.columns_cap, &len, &samples.start_us, &samples.samples,
			    &samples.raw_bytes) == TT_OK) {
		samples.encoding = TT_CHUNK_ENCODING;
		samples.columns = (ProtobufCBinaryData){.len = len, .data = r->cfg.columns};
		part.samples = &samples;
	}
	if (r->cfg.emit(r->cfg.ctx, &part) != TT_OK)
		r->ring.lost += tt_chunk_count(r->cfg.chunk);
	tt_chunk_reset(r->cfg.chunk);
}

static void add(struct tt_recorder *r, const struct tt_capture_sample *s)
{
	const struct tt_sample sample = {
		.at_us = r->trigger_utc_us + (s->at_us - r->trigger_us), .signal = r->signals[s->slot], .value = s->value};

	/* A clock that was never set cannot date what held long before. */
	if (sample.at_us >= 0)
		r->ring.lost += tt_chunk_add(r->cfg.chunk, &sample) != TT_OK;
}

static void stretch(struct tt_recorder *r, bool last)
{
	struct tt_capture_sample s;

	while (tt_capture_take(&r->ring, r->until_us, &s)) {
		if (tt_chunk_count(r->cfg.chunk) == TT_RECORDER_SAMPLES)
			tell(r, false);
		add(r, &s);
	}
	if (last || r->part == 0 || tt_chunk_count(r->cfg.chunk) > 0)
		tell(r, last);
}

enum tt_err tt_recorder_trigger(struct tt_recorder *r, tt_mono_us at_us, tt_utc_us at_utc_us, uint64_t capture,
				Telltale__V1__CaptureReason reason, uint64_t incident)
{
	if (r->active)
		return TT_EAGAIN;
	r->active = true;
	r->capture = capture;
	r->incident = incident;
	r->reason = reason;
	r->trigger_us = at_us;
	r->trigger_utc_us = at_utc_us;
	r->from_us = at_us - TT_CAPTURE_BEFORE_US;
	r->until_us = at_us;
	r->part = 0;
	r->events = r->second_event_ms = 0;
	r->ring.lost = 0;
	tt_capture_begin(&r->ring, at_us);
	return TT_OK;
}

void tt_recorder_events(struct tt_recorder *r, unsigned events, tt_mono_us second_us)
{
	r->events = events;
	r->second_event_ms = second_us < TT_CAPTURE_AFTER_US ? (uint32_t)(second_us / 1000) : 0;
}

void tt_recorder_advance(struct tt_recorder *r, tt_mono_us now_us)
{
	while (r->active && now_us >= r->until_us) {
		const bool first = r->part == 0, last = r->until_us >= r->trigger_us + TT_CAPTURE_AFTER_US;

		stretch(r, last);
		if (first)
			save(r);
		r->from_us = r->until_us;
		r->until_us += STRETCH_US;
		if (last) {
			r->active = false;
			(void)!unlink(r->path);
		}
	}
}

tt_mono_us tt_recorder_wake_at(const struct tt_recorder *r)
{
	return r->active ? r->until_us : TT_NEVER;
}

enum tt_err tt_recorder_resume(struct tt_recorder *r)
{
	Telltale__V1__CapturePart part;
	enum tt_err err = load(r);

	if (err == TT_ENOTFOUND || err == TT_EIO)
		return err;
	if (!err) {
		r->events = r->second_event_ms = 0;
		fill(r, &part);
		part.part = TT_RECORDER_CUT;
		part.last = part.incomplete = true;
		err = r->cfg.emit(r->cfg.ctx, &part);
		if (err)
			return err; /* the file stays: the next start tries again */
	}
	(void)!unlink(r->path);
	return err;
}
