/*
 * Carrying out a command: which frames, how often, how fast, and how the car confirms it. PURE.
 *
 * A plan comes from the profile and says everything; nothing here makes a frame. While it runs the caller opens the gate for exactly the
 * plan's frames (gate.h, tt_gate_open) and closes it when tt_actuate_done is true.
 *
 *	idle -> sending -> (confirming) -> done | failed
 *
 * Memory: the caller's; the plan must outlive the run. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_ACTUATE_H
#define TT_FIRMWARE_PROTO_ACTUATE_H

#include "base/time.h"
#include "firmware/proto/can_frame.h"

enum { TT_ACTUATE_FRAMES = 4, TT_ACTUATE_TIMES_MAX = 100, TT_ACTUATE_EVERY_MIN_MS = 50, TT_ACTUATE_EVERY_MAX_MS = 5000 };

/* Frames go out in order: all repetitions of the first, then the second ... */
struct tt_actuate_plan {
	struct tt_can_frame frames[TT_ACTUATE_FRAMES];
	struct {
		uint32_t times;    /* 1..TT_ACTUATE_TIMES_MAX */
		uint32_t every_ms; /* between two of them */
	} pace[TT_ACTUATE_FRAMES];
	size_t nframes;
	uint16_t confirm; /* number of the signal that must come to have the value; 0 = nothing confirms */
	double confirm_value;
	uint32_t within_ms; /* after the last frame */
};

enum tt_actuate_state { TT_ACTUATE_IDLE, TT_ACTUATE_SENDING, TT_ACTUATE_CONFIRMING, TT_ACTUATE_DONE, TT_ACTUATE_FAILED };

struct tt_actuate {
	const struct tt_actuate_plan *plan;
	enum tt_actuate_state state;
	size_t frame;  /* the one being sent */
	uint32_t sent; /* of its repetitions */
	tt_mono_us next_us;
	tt_mono_us stop_us; /* no frame from here on; TT_NEVER = the plan's own end */
	tt_mono_us confirm_by_us;
	const char *why; /* of a failure; static */
	uint64_t frames; /* sent in all */
};

/* for_ms: stop sending after so long, and count that as the end; 0 = the plan's own end. */
void tt_actuate_start(struct tt_actuate *a, const struct tt_actuate_plan *plan, tt_mono_us now_us, uint32_t for_ms);
/* Fails at once with that reason; nothing when it is not under way. */
void tt_actuate_abort(struct tt_actuate *a, const char *why);
void tt_actuate_tick(struct tt_actuate *a, tt_mono_us now_us);
/* The frame that is due, once. */
bool tt_actuate_next_tx(struct tt_actuate *a, tt_mono_us now_us, struct tt_can_frame *out);
/* A signal of the car's came. */
void tt_actuate_value(struct tt_actuate *a, uint16_t number, double value);
bool tt_actuate_running(const struct tt_actuate *a);
/* TT_NEVER when nothing is under way. */
tt_mono_us tt_actuate_wake_at(const struct tt_actuate *a);

#endif
