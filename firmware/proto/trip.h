/*
 * Trips: from the first real movement to ignition off, or to a long standstill where ignition is not known. PURE.
 *
 *	PARKED --speed above start_mm_s for start_us, ignition not off--> DRIVING
 *	DRIVING --ignition off for off_us, or standing (or no speed at all) for idle_us--> PARKED
 *
 * A trip that ends by standing still ended when it stopped: its end time, duration and distance are those of the last movement.
 * Distance: odometer at the end less odometer at the start when that is 2 km or more (it then is the better one), else the integral
 * of speed; gaps of more than 2 s in the speed are not integrated, and then the odometer counts when it is known.
 * Idle time is standing within the trip with the ignition not off. The highest speed is that of a median of three. Fuel: the integral of
 *the engine's rate when it came, else the difference of two levels times the tank when that is known and nobody refuelled. A trip survives
 *the process: tt_trip_open is what to keep, tt_trip_restore takes it up again. Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_TRIP_H
#define TT_FIRMWARE_PROTO_TRIP_H

#include "base/time.h"
#include "firmware/proto/robust.h"

#include <stdint.h>

enum tt_ignition { TT_IGNITION_UNKNOWN, TT_IGNITION_OFF, TT_IGNITION_ON };

struct tt_trip_config {
	int32_t start_mm_s;
	int64_t start_us;
	int64_t off_us;
	int64_t idle_us;
	int64_t tank_ml; /* 0 = not known */
};

/* 5 km/h for 1 s; ignition off for 3 s; standing for 10 min. */
extern const struct tt_trip_config TT_TRIP_DEFAULT;

enum tt_trip_fuel { TT_TRIP_FUEL_NONE = 0, TT_TRIP_FUEL_RATE = 1, TT_TRIP_FUEL_LEVEL = 2 };                      /* the wire's FuelSource */
enum tt_trip_way { TT_TRIP_WAY_NONE = 0, TT_TRIP_WAY_ODOMETER = 1, TT_TRIP_WAY_SPEED = 2, TT_TRIP_WAY_GPS = 3 }; /* DistanceSource */
enum tt_trip_change { TT_TRIP_START = 1, TT_TRIP_END = 2 }; /* numbers of the wire's TripChange */

struct tt_trip_event {
	enum tt_trip_change change;
	tt_mono_us at_us;
	uint64_t distance_m; /* END */
	uint64_t duration_s; /* END */
	/* END: */
	enum tt_trip_way way; /* source of distance_m */
	uint64_t idle_s;
	uint32_t max_mm_s; /* 0 = not known */
	uint32_t harsh;
	enum tt_trip_fuel fuel;
	uint64_t fuel_ml;
};

/* What adds up on the way; all values >= 0. */
struct tt_trip_sums {
	int64_t idle_us;
	int64_t max_mm_s;
	int64_t harsh;
	int64_t by_gps;                              /* 1: some of the speed was a receiver's */
	int64_t rate_known, fuel_ul;                 /* 1: there was a rate; what it summed up to */
	int64_t level_known, level_start, level_now; /* thousandths of a per cent */
	int64_t refuelled;                           /* 1 */
};

struct tt_trip {
	struct tt_trip_config cfg;
	bool driving;
	enum tt_ignition ignition;
	tt_mono_us ignition_since_us;
	tt_mono_us fast_since_us; /* above the start threshold, TT_NEVER otherwise */
	bool speed_known;
	int32_t speed_mm_s;
	tt_mono_us speed_at_us;
	tt_mono_us moved_at_us; /* last time the car moved */
	tt_mono_us start_us;
	int64_t odometer_start_m, odometer_m; /* 0 = unknown */
	int64_t integral_um;                  /* micrometres: mm/s * us / 1000 */
	int64_t gap_us;                       /* driving time without speed */
	int64_t stood_us;                     /* of the present stop */
	struct tt_trip_sums sums;
	struct tt_median3 median;
	bool gps; /* the speed that comes is a receiver's */
	tt_mono_us rate_at_us;
	int64_t rate_ml_h; /* -1 = none yet */
	bool due;
	struct tt_trip_event event;
};

/* A trip under way, in a form that outlives the process; all values >= 0. */
struct tt_trip_open {
	int64_t started_ago_us, moved_ago_us;
	int64_t odometer_start_m, odometer_m; /* 0 = unknown */
	int64_t integral_um, gap_us;
	struct tt_trip_sums sums;
};

void tt_trip_init(struct tt_trip *t, const struct tt_trip_config *cfg);
void tt_trip_ignition(struct tt_trip *t, tt_mono_us now_us, enum tt_ignition ignition);
void tt_trip_speed(struct tt_trip *t, tt_mono_us now_us, int32_t speed_mm_s);
/* Whose speed comes next: the car's own, or that of a receiver. */
void tt_trip_by_gps(struct tt_trip *t, bool gps);
/* The engine's fuel rate; at least every 10 s, or the time between is not counted. */
void tt_trip_fuel_rate(struct tt_trip *t, tt_mono_us now_us, int64_t ml_h);
/* Settled as well as it goes: a median of some seconds. Thousandths of a per cent. */
void tt_trip_fuel_level(struct tt_trip *t, int64_t milli_percent);
/* A harsh manoeuvre. */
void tt_trip_harsh(struct tt_trip *t);
void tt_trip_odometer(struct tt_trip *t, int64_t odometer_m);
void tt_trip_tick(struct tt_trip *t, tt_mono_us now_us);
tt_mono_us tt_trip_wake_at(const struct tt_trip *t);
bool tt_trip_next(struct tt_trip *t, struct tt_trip_event *out);

/* False when no trip is under way. */
bool tt_trip_open(const struct tt_trip *t, tt_mono_us now_us, struct tt_trip_open *out);
/*
 * Right after init: the trip that was open when nobody watched any more, elapsed_us ago. Within 5 minutes it goes on, with the time in
 * between as a gap; later it ends where the car was last seen moving.
 */
void tt_trip_restore(struct tt_trip *t, tt_mono_us now_us, const struct tt_trip_open *open, int64_t elapsed_us);

#endif
