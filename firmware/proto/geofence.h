/*
 * Geofences, evaluated in the car. PURE. A fence is entered after `fence-fixes` good fixes in a row inside, and left after as many outside
 * by more than `fence-gap` or the fix's own accuracy; in between nothing changes. A fence that the car is in at first sight is entered.
 *
 * Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_GEOFENCE_H
#define TT_FIRMWARE_PROTO_GEOFENCE_H

#include "firmware/proto/fix_gate.h"
#include "firmware/proto/motion_event.h"

struct tt_geofences {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct {
		bool inside, dwelt;
		uint8_t contrary;     /* fixes in a row that say otherwise */
		tt_mono_us turned_us; /* the first of them */
		tt_mono_us entered_us;
	} fences[TT_FENCES];
};

void tt_geofences_init(struct tt_geofences *g, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
/* A fix that the gate let through. */
void tt_geofences_fix(struct tt_geofences *g, const struct tt_fix_sample *fix);
/* Whether the car has stayed long enough. */
void tt_geofences_tick(struct tt_geofences *g, tt_mono_us now_us);
/* The car was inside when nobody watched any more. */
void tt_geofences_restore(struct tt_geofences *g, unsigned which, tt_mono_us entered_us, bool dwelt);

#endif
