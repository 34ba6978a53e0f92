/*
 * What a motion detector has to say, in the wire's numbers (VehicleEvent). Each detector hands its events to a queue of its owner. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_MOTION_EVENT_H
#define TT_FIRMWARE_PROTO_MOTION_EVENT_H

#include "base/time.h"

#include <stdint.h>

enum tt_motion_kind {
	TT_MOTION_KIND_BRAKING = 1,
	TT_MOTION_KIND_ACCELERATION = 2,
	TT_MOTION_KIND_CORNERING = 3,
	TT_MOTION_KIND_OVERSPEED = 4,
	TT_MOTION_KIND_TOWING = 5,
	TT_MOTION_KIND_GEOFENCE = 6,
	TT_MOTION_KIND_LOW_BATTERY = 7,
	TT_MOTION_KIND_BATTERY_AGEING = 8,
	TT_MOTION_KIND_TYRE = 9,
	TT_MOTION_KIND_COOLANT = 10,
	TT_MOTION_KIND_FUEL_DROP = 11,
};

enum tt_motion_phase { TT_MOTION_INSTANT = 1, TT_MOTION_BEGIN = 2, TT_MOTION_END = 3 };

enum tt_motion_cause {
	TT_CAUSE_NONE = 0,
	TT_CAUSE_BUS_ACCELERATION = 1,
	TT_CAUSE_BUS_SPEED = 2,
	TT_CAUSE_GPS_SPEED = 3,
	TT_CAUSE_GPS_POSITION = 4,
	TT_CAUSE_GPS_HEADING = 5,
	TT_CAUSE_TILT = 6,
	TT_CAUSE_RESTING_VOLTAGE = 7,
	TT_CAUSE_CHARGING_VOLTAGE = 8,
	TT_CAUSE_CRANKING = 9,
	TT_CAUSE_PLACARD = 10,
	TT_CAUSE_SIBLING = 11,
	TT_CAUSE_WARNING = 12,
	TT_CAUSE_TEMPERATURE = 13,
	TT_CAUSE_LEVEL = 14,
};

struct tt_motion_event {
	enum tt_motion_kind kind;
	enum tt_motion_phase phase;
	enum tt_motion_cause cause;
	unsigned which;                               /* fence or wheel */
	tt_mono_us at_us;                             /* INSTANT and BEGIN: when it began; END: when it ended */
	int64_t duration_us;                          /* INSTANT, END: how long it lasted; BEGIN: when told */
	int64_t value_milli, limit_milli, peak_milli; /* of the kind's unit */
};

/* Room for what a moment can bring; what finds it full is counted. */
enum { TT_MOTION_QUEUE = 48 };

struct tt_motion_queue {
	struct tt_motion_event events[TT_MOTION_QUEUE];
	unsigned head, n;
	uint32_t lost;
};

void tt_motion_queue_put(struct tt_motion_queue *q, const struct tt_motion_event *e);
bool tt_motion_queue_take(struct tt_motion_queue *q, struct tt_motion_event *out);

#endif
