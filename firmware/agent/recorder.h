/*
 * The recorder: keeps what the car's signals were, and when something triggers it, tells the 5 s before and the 5 s after as capture parts.
 *
 *	trigger --> what was before, at once --> a stretch each second --> the last one, 5 s after
 *
 * Each part is handed to `emit` when it is ready, so that a car that loses its power half-way has told what it knew. A small text file
 * stands while a capture is under way; a start that finds it tells that the capture it names ends there (part TT_RECORDER_CUT).
 * A trigger while one is under way is not taken: the one under way holds its seconds too.
 *
 * No clock: time is a parameter. Memory: the caller's struct, about 190 KB; the chunk is borrowed for the length of a call and must be
 * empty then. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_RECORDER_H
#define TT_FIRMWARE_AGENT_RECORDER_H

#include "firmware/proto/capture.h"
#include "wire/chunk.h"
#include "wire/envelope.h"
#include "wire/signal.h"

enum {
	TT_RECORDER_SAMPLES = 900, /* in one part: at most about 8 KB */
	TT_RECORDER_PATH = 280,
	TT_RECORDER_CUT = 999, /* number of the part that closes a capture after a restart */
};

/* Takes one part for good. An error: the part is lost; its number stays used, so that the hole is seen. */
typedef enum tt_err (*tt_recorder_emit_fn)(void *ctx, const Telltale__V1__CapturePart *part);

struct tt_recorder_config {
	struct tt_chunk *chunk;
	uint8_t *columns; /* for an encoded chunk */
	size_t columns_cap;
	const char *path; /* of the file that stands while a capture is under way; "" = none */
	tt_recorder_emit_fn emit;
	void *ctx;
};

struct tt_recorder {
	struct tt_recorder_config cfg;
	char path[TT_RECORDER_PATH];
	struct tt_capture ring;
	uint16_t signals[TT_CAPTURE_SLOTS]; /* wire number of each slot, 0 = none */
	bool active;
	uint64_t capture, incident;
	Telltale__V1__CaptureReason reason;
	tt_mono_us trigger_us;
	tt_utc_us trigger_utc_us;
	tt_mono_us from_us, until_us; /* of the next stretch */
	uint32_t part;                /* last one told */
	uint32_t events, second_event_ms;
};

void tt_recorder_init(struct tt_recorder *r, const struct tt_recorder_config *cfg);
/* A slot's signal. Errors as tt_capture_slot; a fast signal beyond the fast ones is recorded as a slow one. */
TT_MUSTCHECK enum tt_err tt_recorder_signal(struct tt_recorder *r, unsigned slot, const struct tt_signal *vss);
/* value: in the signal's unit. */
void tt_recorder_value(struct tt_recorder *r, unsigned slot, tt_mono_us at_us, double value);

/* capture: random, not 0; incident: 0 = none. TT_EAGAIN: one is under way, and goes on. */
TT_MUSTCHECK enum tt_err tt_recorder_trigger(struct tt_recorder *r, tt_mono_us at_us, tt_utc_us at_utc_us, uint64_t capture,
					     Telltale__V1__CaptureReason reason, uint64_t incident);
/* The number of impacts so far and the time from the first to the second (0: there was none), for the parts that follow. */
void tt_recorder_events(struct tt_recorder *r, unsigned events, tt_mono_us second_us);
/* Tells what is due. */
void tt_recorder_advance(struct tt_recorder *r, tt_mono_us now_us);
/* TT_NEVER when no capture is under way. */
tt_mono_us tt_recorder_wake_at(const struct tt_recorder *r);
/* At the start: closes what the last process left. TT_ENOTFOUND nothing; TT_ECORRUPT the file says nothing and is removed; TT_EIO. */
TT_MUSTCHECK enum tt_err tt_recorder_resume(struct tt_recorder *r);

#endif
