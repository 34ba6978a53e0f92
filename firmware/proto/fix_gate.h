/*
 * Which fixes of a receiver are believed: accuracy, date, and whether position and speed of one fix can follow from those of the one
 * before. PURE.
 *
 * A fix that jumps is not used; when three in a row agree with each other and not with what was believed before, they are right and it was
 * wrong (a receiver that comes out of a tunnel or a garage), and everything that is derived from neighbours starts over.
 * Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_FIX_GATE_H
#define TT_FIRMWARE_PROTO_FIX_GATE_H

#include "base/time.h"
#include "firmware/proto/motion_config.h"

struct tt_fix_sample {
	tt_mono_us at_us;
	struct tt_geo_point place;
	uint32_t accuracy_mm; /* 0 = unknown: as bad as the gate lets through */
	uint32_t speed_mm_s;
	uint32_t heading_cdeg; /* 0..35999 */
};

enum tt_fix_verdict {
	TT_FIX_GOOD,
	TT_FIX_STALE,      /* not newer than the last one */
	TT_FIX_INACCURATE, /* says so itself */
	TT_FIX_IMPOSSIBLE, /* no place, or no speed, of a car */
	TT_FIX_JUMP,       /* does not follow from the one before */
	TT_FIX_VERDICTS
};

struct tt_fix_gate {
	int64_t accuracy_mm; /* worse is refused */
	bool known;
	struct tt_fix_sample last;  /* good; accuracy_mm is filled */
	struct tt_fix_sample other; /* the last one that jumped */
	unsigned others;            /* how many of them agree */
	bool restarted;             /* the last good fix does not follow from the one before it */
	uint32_t counts[TT_FIX_VERDICTS];
};

void tt_fix_gate_init(struct tt_fix_gate *g, int64_t accuracy_mm);
/* TT_FIX_GOOD: the fix is now g->last. */
enum tt_fix_verdict tt_fix_gate_take(struct tt_fix_gate *g, const struct tt_fix_sample *fix);

#endif
