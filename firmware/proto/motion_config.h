/*
 * What the motion detectors are told: thresholds, geofences, tyre pressures. PURE. Filled from the vehicle's profile
 * (firmware/agent/profile_motion.c) or from a signed configuration; either way tt_motion_config_check has the last word.
 *
 * Every threshold is a whole number of thousandths of its unit, as on the wire, and has a name, a unit, a default and a range: the table
 * below is all there is to know about it.
 * Memory: the caller's struct, about 18 KB. Threads: a filled one may be shared.
 */
#ifndef TT_FIRMWARE_PROTO_MOTION_CONFIG_H
#define TT_FIRMWARE_PROTO_MOTION_CONFIG_H

#include "base/err.h"

#include <stdint.h>

/*
 * X(NAME, "word", "unit", default, lowest, highest), the numbers in thousandths.
 *
 * harsh-hold: how long the acceleration must be above its threshold; from GPS at 1 Hz it is at least 3 s.
 * speed-limit 0: none. speed-margin: an excess ends below limit less margin. speed-hold: how long above before it is told.
 * tow-distance: drift from where the ignition went off; a poor fix needs three times its accuracy. tow-arm: how long the ignition is off
 * first. fix-accuracy: fixes that claim worse are not used (0 = unknown is). fence-gap, fence-fixes: hysteresis of geofences. battery-low:
 * at rest; battery-charging: with the engine running, 0 = do not look; battery-crank: lowest while the starter turns; battery-slope: fall
 * of the resting voltage a day. All for 12 V; a battery of 24 V is compared with twice the number. tyre-low: below the placard;
 * tyre-sibling: below the other wheel of the axle. fuel-drop: of the tank, at rest. fuel-tank 0: not known, no litres. odometer-start: of a
 * car whose bus gives none. park-timeout: a trip ends after standing that long when the ignition does not say it.
 */
#define TT_MOTION_THRESHOLDS(X) \
	X(HARSH_BRAKING, "harsh-braking", "m/s2", 4500, 1500, 12000) \
	X(HARSH_ACCELERATION, "harsh-acceleration", "m/s2", 3500, 1500, 12000) \
	X(HARSH_CORNERING, "harsh-cornering", "m/s2", 4500, 1500, 12000) \
	X(HARSH_HOLD, "harsh-hold", "s", 500, 300, 5000) \
	X(SPEED_LIMIT, "speed-limit", "km/h", 0, 0, 400000) \
	X(SPEED_MARGIN, "speed-margin", "km/h", 5000, 0, 50000) \
	X(SPEED_HOLD, "speed-hold", "s", 10000, 0, 600000) \
	X(TOW_DISTANCE, "tow-distance", "m", 80000, 30000, 5000000) \
	X(TOW_ARM, "tow-arm", "s", 60000, 0, 3600000) \
	X(FIX_ACCURACY, "fix-accuracy", "m", 50000, 5000, 500000) \
	X(FENCE_GAP, "fence-gap", "m", 30000, 0, 1000000) \
	X(FENCE_FIXES, "fence-fixes", "fixes", 3000, 1000, 60000) \
	X(BATTERY_LOW, "battery-low", "V", 11800, 8000, 13000) \
	X(BATTERY_CHARGING, "battery-charging", "V", 12600, 0, 14000) \
	X(BATTERY_CRANK, "battery-crank", "V", 8000, 5000, 11000) \
	X(BATTERY_SLOPE, "battery-slope", "V/day", 20, 5, 1000) \
	X(BATTERY_HOLD, "battery-hold", "s", 60000, 1000, 3600000) \
	X(TYRE_LOW, "tyre-low", "%", 20000, 5000, 50000) \
	X(TYRE_SIBLING, "tyre-sibling", "%", 15000, 5000, 50000) \
	X(TYRE_HOLD, "tyre-hold", "s", 60000, 0, 3600000) \
	X(COOLANT_HOT, "coolant-hot", "C", 112000, 80000, 150000) \
	X(COOLANT_HOLD, "coolant-hold", "s", 10000, 0, 600000) \
	X(FUEL_DROP, "fuel-drop", "%", 8000, 2000, 50000) \
	X(FUEL_TANK, "fuel-tank", "l", 0, 0, 3000000) \
	X(ODOMETER_START, "odometer-start", "km", 0, 0, 9999999000) \
	X(PARK_TIMEOUT, "park-timeout", "s", 600000, 60000, 7200000)

enum tt_motion_threshold {
#define X(name, word, unit, def, lo, hi) TT_MOTION_##name,
	TT_MOTION_THRESHOLDS(X)
#undef X
		TT_MOTION_NTHRESHOLDS
};

enum {
	TT_FENCES = 32,
	TT_FENCE_VERTICES = 64,
	TT_FENCE_NAME = 32, /* with the NUL: the wire's subject */
	TT_WHEELS = 4,      /* row1.left, row1.right, row2.left, row2.right */
};

struct tt_geo_point {
	int32_t latitude_e7, longitude_e7; /* degrees * 10^7, WGS 84 */
};

enum tt_fence_shape { TT_FENCE_CIRCLE, TT_FENCE_POLYGON };

/*
 * A polygon is closed by itself, its edges are straight in latitude and longitude (as on a Mercator map, to centimetres at its size), it
 * may lie across the antimeridian and is at most 10 degrees wide and high.
 */
struct tt_fence {
	char name[TT_FENCE_NAME]; /* 1..31 of letters, digits, '-', '_', '.' */
	enum tt_fence_shape shape;
	uint32_t radius_m; /* circle: 20..100000 */
	uint8_t npoints;   /* circle: 1, the centre; polygon: 3..64 */
	struct tt_geo_point points[TT_FENCE_VERTICES];
	uint32_t dwell_s; /* 0 = no event for staying; at most 30 days */
};

struct tt_motion_config {
	int64_t milli[TT_MOTION_NTHRESHOLDS];
	bool tow_alert;                 /* movement with the ignition off is also an alert of kind THEFT */
	bool battery_24v;               /* compare with twice the battery thresholds */
	int64_t placard_kpa[TT_WHEELS]; /* cold, gauge; 0 = not known; else 100..1200 */
	struct tt_fence fences[TT_FENCES];
	size_t nfences;
};

struct tt_motion_threshold_info {
	const char *word, *unit;
	int64_t def, lo, hi; /* thousandths */
};

/* Static. */
const struct tt_motion_threshold_info *tt_motion_threshold_info(enum tt_motion_threshold which);
/* Defaults: every threshold's, no fence, no placard, no alert. */
void tt_motion_config_init(struct tt_motion_config *c);
/* By its word. TT_ENOTFOUND no such threshold; TT_ERANGE; *c is changed on TT_OK only. */
TT_MUSTCHECK enum tt_err tt_motion_config_set(struct tt_motion_config *c, const char *word, int64_t milli);
/* The fence of that name, or NULL. */
struct tt_fence *tt_motion_config_fence(struct tt_motion_config *c, const char *name);
/* A whole configuration: TT_ERANGE with the name of what is wrong in *what (static, or pointing into *c). */
TT_MUSTCHECK enum tt_err tt_motion_config_check(const struct tt_motion_config *c, const char **what);

#endif
