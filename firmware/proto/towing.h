/*
 * Movement with the ignition off: towed, stolen, on a ferry. PURE.
 *
 * Armed after the ignition was off for `tow-arm`. Then the first five good fixes give the anchor, by median, and it begins when
 *  - four fixes in a row are further away than `tow-distance`, three times their own accuracy and three times the anchor's, or
 *  - ten fixes in a row say 2 m/s or more and are 30 m away, or
 *  - the car's own speed is 1.4 m/s or more for five seconds, or
 *  - its acceleration sensors show another direction of gravity (1.5 m/s^2, about 9 degrees) for ten seconds than when it was parked.
 * It ends with the ignition, or after five minutes without movement; then the new place is the anchor.
 *
 *	IGNITION ON --off for tow-arm--> ARMED --moves--> MOVING --stands--> ARMED;  ignition on ends both
 *
 * An unknown ignition changes nothing: a bus that falls asleep after ignition off leaves the car parked.
 * Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_TOWING_H
#define TT_FIRMWARE_PROTO_TOWING_H

#include "firmware/proto/fix_gate.h"
#include "firmware/proto/motion_event.h"
#include "firmware/proto/robust.h"
#include "firmware/proto/trip.h"

enum { TT_TOW_ANCHOR_FIXES = 5 };

struct tt_towing {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	bool off; /* the ignition, as last known */
	tt_mono_us off_since_us;
	struct tt_geo_point first[TT_TOW_ANCHOR_FIXES];
	unsigned nfirst;
	struct tt_geo_point anchor, place; /* valid when nfirst is TT_TOW_ANCHOR_FIXES; place: where it last moved to */
	int64_t anchor_accuracy_mm;
	unsigned far, fast; /* fixes in a row */
	struct tt_episode rolling, tilting;
	struct tt_trend gravity[2];
	bool level_known[2];
	int64_t level[2]; /* as parked */
	bool on;
	enum tt_motion_cause cause;
	tt_mono_us begin_us, moved_us;
	int64_t peak_mm;
};

void tt_towing_init(struct tt_towing *t, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
void tt_towing_ignition(struct tt_towing *t, tt_mono_us now_us, enum tt_ignition ignition);
void tt_towing_fix(struct tt_towing *t, const struct tt_fix_sample *fix);
void tt_towing_speed(struct tt_towing *t, tt_mono_us now_us, int64_t mm_s);
/* axis 0 longitudinal, 1 lateral; gravity included. */
void tt_towing_accel(struct tt_towing *t, tt_mono_us now_us, unsigned axis, int64_t mm_s2);
void tt_towing_tick(struct tt_towing *t, tt_mono_us now_us);
/* Parked with a known place when nobody watched any more, and whether it was moving. */
void tt_towing_restore(struct tt_towing *t, tt_mono_us now_us, struct tt_geo_point anchor, int64_t accuracy_mm, bool moving,
		       tt_mono_us begin_us);
/* Moving when nobody watched any more, and parked at no known place: a car without a fix. */
void tt_towing_reopen(struct tt_towing *t, tt_mono_us now_us, tt_mono_us begin_us);
/* True with the place when an anchor is set. */
bool tt_towing_anchor(const struct tt_towing *t, struct tt_geo_point *anchor, int64_t *accuracy_mm);

#endif
