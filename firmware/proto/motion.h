/*
 * All motion detectors of a car behind one door: what the bus and the receiver say goes in with its time, events come out. PURE.
 *
 * It also feeds what lives beside it: the trip (with GPS speed when the bus gives none; never while the ignition is known to be off) and
 * the odometer (the way between readings). Each detector's rules stand in its own header. Memory: caller owned, about 12 KB; config, trip
 * and odometer must outlive it. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_MOTION_H
#define TT_FIRMWARE_PROTO_MOTION_H

#include "firmware/proto/battery.h"
#include "firmware/proto/driving.h"
#include "firmware/proto/geofence.h"
#include "firmware/proto/levels.h"
#include "firmware/proto/odometer.h"
#include "firmware/proto/towing.h"
#include "firmware/proto/tyres.h"

struct tt_motion {
	const struct tt_motion_config *cfg;
	struct tt_trip *trip;
	struct tt_odometer *odometer;
	struct tt_motion_queue queue;
	struct tt_fix_gate gate;
	struct tt_driving driving;
	struct tt_geofences fences;
	struct tt_towing towing;
	struct tt_battery battery;
	struct tt_tyres tyres;
	struct tt_coolant coolant;
	struct tt_fuel fuel;
	struct tt_median3 gps_speed;
	enum tt_ignition ignition; /* the last that was known */
	uint32_t harsh;            /* already told to the trip */
	tt_mono_us way_at_us;      /* last speed that counted for the odometer */
	int64_t way_mm_s;
};

void tt_motion_init(struct tt_motion *m, const struct tt_motion_config *cfg, struct tt_trip *trip, struct tt_odometer *odometer);

/* Everything below: values as the bus gives them; what is not plausible is ignored. */
void tt_motion_speed(struct tt_motion *m, tt_mono_us now_us, int64_t mm_s);
void tt_motion_accel(struct tt_motion *m, tt_mono_us now_us, unsigned axis, int64_t mm_s2); /* 0 along, 1 across */
void tt_motion_yaw(struct tt_motion *m, tt_mono_us now_us, int64_t mdeg_s);
void tt_motion_fix(struct tt_motion *m, const struct tt_fix_sample *fix);
void tt_motion_ignition(struct tt_motion *m, tt_mono_us now_us, enum tt_ignition ignition);
void tt_motion_engine(struct tt_motion *m, tt_mono_us now_us, bool runs);
void tt_motion_voltage(struct tt_motion *m, tt_mono_us now_us, tt_utc_us utc_us, int64_t mv); /* utc_us 0 = unknown */
void tt_motion_coolant(struct tt_motion *m, tt_mono_us now_us, int64_t milli_c);
void tt_motion_fuel_level(struct tt_motion *m, tt_mono_us now_us, int64_t milli_percent);
void tt_motion_fuel_rate(struct tt_motion *m, tt_mono_us now_us, int64_t ml_h);
void tt_motion_tyre_pressure(struct tt_motion *m, tt_mono_us now_us, unsigned wheel, int64_t milli_kpa);
void tt_motion_tyre_temperature(struct tt_motion *m, unsigned wheel, int64_t milli_c);
void tt_motion_tyre_warning(struct tt_motion *m, tt_mono_us now_us, unsigned wheel, bool low);

/* Lets time pass; at least every second or so while something may end. */
void tt_motion_tick(struct tt_motion *m, tt_mono_us now_us);
bool tt_motion_next(struct tt_motion *m, struct tt_motion_event *out);

/*
 * What lasts, by number, for whoever keeps it over a restart: slots 0..TT_MOTION_SLOTS-1. A fence's slot is TT_SLOT_FENCES + its number.
 */
enum { TT_SLOT_OVERSPEED, TT_SLOT_TOWING, TT_SLOT_BATTERY, TT_SLOT_COOLANT, TT_SLOT_TYRES, TT_SLOT_FENCES = TT_SLOT_TYRES + TT_WHEELS };
enum { TT_MOTION_SLOTS = TT_SLOT_FENCES + TT_FENCES, TT_SLOT_NONE = TT_MOTION_SLOTS };

/* TT_SLOT_NONE for what does not last. */
unsigned tt_motion_slot(const struct tt_motion_event *e);
/* "overspeed", "towing", "battery", "coolant", "row1.left"; of a fence its name. NULL: no such fence. */
const char *tt_motion_slot_name(const struct tt_motion *m, unsigned slot);
/* True when it is open; since when, its worst value, and of a fence whether staying was told. */
bool tt_motion_open(const struct tt_motion *m, unsigned slot, tt_mono_us *begin_us, int64_t *peak, bool *dwelt);
/* Right after init: it was open when nobody watched any more (TT_SLOT_TOWING: tt_towing_restore instead). */
void tt_motion_reopen(struct tt_motion *m, unsigned slot, tt_mono_us begin_us, int64_t peak, bool dwelt);

#endif
