/*
 * Coolant over-temperature, and fuel that goes while the car stands. PURE.
 *
 * Coolant: the median of three above `coolant-hot` for `coolant-hold`; over when 5 degrees below for as long.
 *
 * Fuel: the level with the car at rest is the median of the last few readings (two seconds apart, all since it stands). When that is lower
 * than the level it was parked with by `fuel-drop`, fuel went. A bus that falls asleep with the ignition leaves a level that may still
 * slosh: then it takes half as much again. What an idling engine burns moves the reference with it, and so does refuelling; driving forgets
 * it. Units: thousandths of degree C and of per cent. Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_LEVELS_H
#define TT_FIRMWARE_PROTO_LEVELS_H

#include "firmware/proto/motion_config.h"
#include "firmware/proto/motion_event.h"
#include "firmware/proto/robust.h"

struct tt_coolant {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct tt_median3 median;
	struct tt_episode hot;
};

struct tt_fuel {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct tt_trend levels;
	bool moving;
	tt_mono_us still_since_us;
	bool runs; /* the engine */
	bool parked_known, settled;
	int64_t parked; /* level */
};

void tt_coolant_init(struct tt_coolant *c, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
void tt_coolant_temperature(struct tt_coolant *c, tt_mono_us now_us, int64_t milli_c);

void tt_fuel_init(struct tt_fuel *f, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
void tt_fuel_speed(struct tt_fuel *f, tt_mono_us now_us, int64_t mm_s);
void tt_fuel_engine(struct tt_fuel *f, bool runs);
void tt_fuel_level(struct tt_fuel *f, tt_mono_us now_us, int64_t milli_percent);
/* The car was parked with that level when nobody watched any more. */
void tt_fuel_restore(struct tt_fuel *f, int64_t parked);
/* The ignition went off: what the gauge said last is what the car is parked with. */
void tt_fuel_park(struct tt_fuel *f);
/* The median of what the gauge said in the last seconds; -1 = not known. */
int64_t tt_fuel_now(const struct tt_fuel *f);

#endif
