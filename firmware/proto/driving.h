/*
 * Harsh braking, acceleration and cornering, and over-speed, from what survives validation. PURE.
 *
 * Longitudinal: the bus's acceleration where mapped (its level over the hold time, and speed, when known, must agree with a third of it),
 *else the slope of the bus's speed, else of GPS speed. Lateral: the bus's acceleration, or yaw rate times speed, else GPS heading times
 *speed; never below 3 m/s. All by firmware/proto/robust.h, so that one bad sample of any source makes no event. What no tyre can hold (13
 *m/s^2) is no manoeuvre. While bus and GPS speed disagree for two fixes and more, nothing of either is believed.
 *
 *	QUIET --above the threshold over the hold time--> ON --below 60 % of it, or no data--> QUIET, one INSTANT with peak and duration
 *
 * Units: mm/s, mm/s^2 (forward and left positive). Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_DRIVING_H
#define TT_FIRMWARE_PROTO_DRIVING_H

#include "firmware/proto/fix_gate.h"
#include "firmware/proto/motion_event.h"
#include "firmware/proto/robust.h"

struct tt_manoeuvre {
	bool on;
	enum tt_motion_cause cause;
	tt_mono_us begin_us, seen_us;
	tt_mono_us mute_until_us; /* the source has just claimed what cannot be */
	int64_t value, peak;
};

struct tt_driving {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct tt_trend accel, lateral;     /* bus */
	struct tt_trend speed, speed_slow;  /* bus: over the hold time, and over three seconds */
	struct tt_trend gps_speed, heading; /* good fixes */
	unsigned disputes;                  /* fixes in a row whose speed the bus denies */
	struct tt_manoeuvre manoeuvres[3];  /* braking, acceleration, cornering */
	struct tt_episode over;
	struct tt_median3 median_speed;
	uint32_t harsh;               /* events so far */
	tt_mono_us fed_us, ticked_us; /* newest sample, and that of the last tick */
	int64_t behind_us;            /* how old it was then: a burst or a replayed log lags */
};

/* cfg and out must outlive it. */
void tt_driving_init(struct tt_driving *d, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
/* Validated by the car: of the bus or an OBD answer. */
void tt_driving_speed(struct tt_driving *d, tt_mono_us now_us, int64_t mm_s);
/* axis 0 longitudinal, 1 lateral. */
void tt_driving_accel(struct tt_driving *d, tt_mono_us now_us, unsigned axis, int64_t mm_s2);
/* Thousandths of a degree a second, left positive. Used while there is no lateral acceleration. */
void tt_driving_yaw(struct tt_driving *d, tt_mono_us now_us, int64_t mdeg_s);
/* A fix that the gate let through; restarted: it does not follow from the one before. */
void tt_driving_fix(struct tt_driving *d, const struct tt_fix_sample *fix, bool restarted);
/* Ends what has no data any more, counted from when the newest sample came. */
void tt_driving_tick(struct tt_driving *d, tt_mono_us now_us);
/* The bus has told a speed lately. */
bool tt_driving_bus_speed(const struct tt_driving *d, tt_mono_us now_us);

#endif
