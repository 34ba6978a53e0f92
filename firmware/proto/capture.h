/*
 * The capture ring: what every signal of the car was in the last seconds, kept so that a trigger finds it. PURE.
 *
 * Each slot (a signal) has a ring of its own, so that a busy one takes nothing from the others. A value is recorded when it differs from
 * the last one recorded, with its own time, and every 100 ms while it comes unchanged. How often is bounded by a credit: a slow slot may
 *record 16 changes at once and 20 a second, a fast one (speed, acceleration) 16 at once and 111 a second; so a ring always reaches back the
 * 5 s it must, at 10 Hz or better, and a flag that toggles keeps its exact times. What finds no credit is held, and recorded when there is
 * some; a capture asks for the held value of every slot too.
 *
 *	tt_capture_begin at the trigger; tt_capture_take until it says no, for what was before; the same each second for what came since
 *
 * The first samples of a slot are its newest one from before the stretch (the value that held then, with its old time) and what follows.
 *
 * Times are kept to 1 ms, values to 32 bits; what does not fit is counted as lost. Memory: the caller's struct, about 180 KB, fixed.
 * Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_CAPTURE_H
#define TT_FIRMWARE_PROTO_CAPTURE_H

#include "base/time.h"

#include <assert.h>
#include <stdint.h>

enum {
	TT_CAPTURE_SLOTS = 144,
	TT_CAPTURE_FAST_SLOTS = 8,
	TT_CAPTURE_SLOW_RING = 120,
	TT_CAPTURE_FAST_RING = 580,
	TT_CAPTURE_SAMPLES =
		TT_CAPTURE_SLOTS * TT_CAPTURE_SLOW_RING + TT_CAPTURE_FAST_SLOTS * (TT_CAPTURE_FAST_RING - TT_CAPTURE_SLOW_RING),
	TT_CAPTURE_BURST = 16,
	TT_CAPTURE_BEAT_US = 100000,
	TT_CAPTURE_SLOW_US = 50000,
	TT_CAPTURE_FAST_US = 9000,
	TT_CAPTURE_BEFORE_US = 5000000,
	TT_CAPTURE_AFTER_US = 5000000,
	TT_CAPTURE_STALE_US = 1800000000, /* half an hour: an older value is not told as one that held */
};
static_assert(TT_CAPTURE_BEFORE_US / TT_CAPTURE_SLOW_US + TT_CAPTURE_BURST < TT_CAPTURE_SLOW_RING, "a slow ring reaches back 5 s");
static_assert(TT_CAPTURE_BEFORE_US / TT_CAPTURE_FAST_US + TT_CAPTURE_BURST < TT_CAPTURE_FAST_RING, "a fast ring reaches back 5 s");

struct tt_capture_sample {
	unsigned slot;
	tt_mono_us at_us; /* whole milliseconds */
	int32_t value;
};

struct tt_capture_slot {
	uint16_t start, size;    /* of its ring in samples[]; size 0 = not used */
	uint32_t recorded, told; /* samples ever; samples given out or passed over */
	int64_t interval_us;     /* that a credit takes to come back */
	int64_t credit_us;       /* up to TT_CAPTURE_BURST * interval_us */
	tt_mono_us credited_us;  /* when credit_us was true */
	tt_mono_us last_us;      /* of the newest recorded sample */
	int32_t last;
	bool held; /* a newer value waits for credit */
	tt_mono_us held_us;
	int32_t held_value;
};

struct tt_capture {
	struct tt_capture_slot slots[TT_CAPTURE_SLOTS];
	unsigned used; /* samples[] given to slots */
	unsigned at;   /* slot that tt_capture_take goes on with */
	uint64_t lost; /* values that could not be kept */
	struct {
		uint32_t at_ms; /* low 32 bits of the monotonic milliseconds */
		int32_t value;
	} samples[TT_CAPTURE_SAMPLES];
};

void tt_capture_init(struct tt_capture *c);
/* Gives a slot its ring. TT_ERANGE: no such slot; TT_EINVAL: it has one; TT_EFULL: more than TT_CAPTURE_FAST_SLOTS fast ones. */
TT_MUSTCHECK enum tt_err tt_capture_slot(struct tt_capture *c, unsigned slot, bool fast);
/* A value of a slot that has a ring; others are ignored. at_us does not go back. */
void tt_capture_value(struct tt_capture *c, unsigned slot, tt_mono_us at_us, int64_t value);

/* A trigger: tt_capture_take begins 5 s before it. */
void tt_capture_begin(struct tt_capture *c, tt_mono_us trigger_us);
/*
 * The next sample up to and with until_us that was not given yet, slot by slot, in order of time within each. False: none; the next call
 * begins with the first slot again.
 */
bool tt_capture_take(struct tt_capture *c, tt_mono_us until_us, struct tt_capture_sample *out);

#endif
