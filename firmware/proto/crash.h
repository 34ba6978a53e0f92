/*
 * Crash detection: airbag, rollover and fuel cut-off signals, the speed lost in a short window, and acceleration where the car broadcasts
 * it, fused into one incident. PURE, sans-IO: the caller feeds what the bus says with its time and polls tt_crash_next.
 *
 * Triggers (OnStar's notification criterion: air bag deployment or a delta-v of at least 15 mph):
 *  - airbag: deployed in `airbag_frames` messages in a row, or in one message when something else agrees with it (a second airbag or
 *    an impact signal, or a third of the delta-v threshold within the window). A deployment that is already there when the agent first
 *    sees the signal needs `airbag_frames` + 2 messages.
 *  - rollover: as an airbag.
 *  - fuel cut-off: never alone, since cars also cut the fuel for other reasons; in one message when something else agrees with it.
 *  - delta-v by speed: at least `delta_v_mm_s` lost within `window_us`, still lost `confirm_us` and two samples later. One sample that
 *    falls faster than `max_decel_mm_s2` is a broken sensor, not a crash. Known acceleration that shows less than a quarter of it
 *    contradicts it (locked wheels on ice).
 *  - delta-v by acceleration: the horizontal integral over the window, at least three samples. What the sensor shows at standstill (its
 *    offset, or a slope; up to 1.5 m/s^2) is taken off.
 * A signal agrees with another one when it came within two seconds before it; one that has been there for longer says nothing.
 * An invalid value (tt_crash_speed_invalid, or a value outside the plausible range) empties the history instead of entering it.
 *
 *	WATCHING --trigger--> LATCHED --standstill, or no speed at all, for reset_us--> WATCHING
 *
 * A signal that stays on is used up: it cannot trigger again before it was seen off.
 *
 * While latched, what fires again counts as a further impact when it comes long enough after the one before: 0.5 s for delta-v,
 *acceleration and rollover, 1.5 s for airbags, whose messages come late. Stronger evidence (an airbag, rollover, fuel cut-off, a further
 *impact, a fifth more delta-v) gives a supplement of the same incident: one every `supplement_us`, at most TT_CRASH_SUPPLEMENTS.
 *
 * Units: mm/s, mm/s^2 (forward and left positive), monotonic microseconds. Memory: caller owned, fixed. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_CRASH_H
#define TT_FIRMWARE_PROTO_CRASH_H

#include "base/time.h"

#include <stdint.h>

enum {
	TT_CRASH_HISTORY = 64,
	TT_CRASH_AIRBAGS = 11,
	TT_CRASH_WITNESSES = TT_CRASH_AIRBAGS + 3, /* with the impact signal, rollover and fuel cut-off */
	TT_CRASH_SUPPLEMENTS = 4,
	TT_CRASH_EVENTS_MAX = 99,
};

struct tt_crash_config {
	int32_t delta_v_mm_s;    /* threshold */
	int64_t window_us;       /* at most 150 ms */
	int64_t confirm_us;      /* how long the speed must stay lost */
	int32_t max_decel_mm_s2; /* above: not physical for a whole car */
	unsigned airbag_frames;  /* 1.. */
	int64_t supplement_us;   /* shortest distance between two alerts of one incident */
	int64_t reset_us;        /* standstill before the next incident */
};

/* 15 mph = 6706 mm/s, 150 ms, 20 ms, 60 g, 2 frames, 500 ms, 60 s. */
extern const struct tt_crash_config TT_CRASH_DEFAULT;

/* Numbers of the wire's CrashTrigger. */
enum tt_crash_trigger {
	TT_CRASH_NONE = 0,
	TT_CRASH_AIRBAG = 1,
	TT_CRASH_DELTA_V = 2,
	TT_CRASH_ACCELERATION = 3,
	TT_CRASH_ROLLOVER = 4,
	TT_CRASH_FUEL_CUT_OFF = 5,
	TT_CRASH_TRIGGERS,
};

struct tt_crash_event {
	enum tt_crash_trigger trigger; /* what fired first */
	bool supplement;               /* further evidence of the incident reported before */
	tt_mono_us at_us;              /* of the frame that fired it */
	bool airbag_deployed;
	int32_t delta_v_mm_s;      /* largest seen; 0 = unknown */
	int32_t speed_before_mm_s; /* before the impact, valid with speed_known */
	bool speed_known;
	bool rollover;
	uint8_t belts_fastened; /* front seats, valid with belts_known */
	bool belts_known;
	bool fuel_cut_off;
	int32_t longitudinal_mm_s; /* signed delta-v, forward positive; 0 = unknown or none */
	int32_t lateral_mm_s;      /* left positive; valid with direction_known */
	bool direction_known;      /* both come from acceleration; otherwise longitudinal is the speed lost */
	unsigned events;           /* impacts, 1..TT_CRASH_EVENTS_MAX */
	tt_mono_us second_us;      /* from the first impact to the second; 0 = there was none */
	unsigned evidence;         /* 1 << enum tt_crash_trigger of everything that agrees */
};

struct tt_crash_sample {
	tt_mono_us at_us;
	int32_t value[2]; /* speed, or longitudinal and lateral acceleration */
};

/* A short history, newest last; embedded below. */
struct tt_crash_ring {
	struct tt_crash_sample samples[TT_CRASH_HISTORY];
	uint8_t head, count;
};

enum tt_crash_state { TT_CRASH_WATCHING, TT_CRASH_LATCHED };

struct tt_crash {
	struct tt_crash_config cfg;
	enum tt_crash_state state;
	struct tt_crash_ring speed, accel;
	int32_t accel_now[2];  /* last value of each axis, without the bias */
	int32_t accel_bias[2]; /* thirty-seconds of a mm/s^2 */
	struct {
		bool seen, on;
		uint8_t needed; /* further messages that must agree */
		tt_mono_us since_us;
	} witnesses[TT_CRASH_WITNESSES];
	struct {
		bool known, fastened;
	} belts[2];
	/* speed candidate under confirmation */
	bool candidate;
	tt_mono_us candidate_at_us;
	int32_t candidate_before, candidate_delta;
	unsigned candidate_samples;
	/* the incident */
	struct tt_crash_event event;
	struct tt_crash_event reported;
	bool pending;
	unsigned supplements;
	tt_mono_us reported_at_us;
	tt_mono_us impact_at_us;    /* last firing of the incident */
	tt_mono_us first_impact_us; /* what began the incident */
	int32_t pulse_mm_s;         /* largest that acceleration showed in it */
	tt_mono_us still_since_us;  /* standing, TT_NEVER while moving */
	tt_mono_us last_speed_us;
};

/* cfg is copied; its window is cut to 150 ms. */
void tt_crash_init(struct tt_crash *c, const struct tt_crash_config *cfg);

void tt_crash_speed(struct tt_crash *c, tt_mono_us now_us, int32_t speed_mm_s);
/* The car says "no valid speed", or the value was out of its range. */
void tt_crash_speed_invalid(struct tt_crash *c);
/* One axis: 0 longitudinal, 1 lateral. */
void tt_crash_accel(struct tt_crash *c, tt_mono_us now_us, unsigned axis, int32_t accel_mm_s2);
/* bag 0..TT_CRASH_AIRBAGS-1, any numbering; others are ignored. */
void tt_crash_airbag(struct tt_crash *c, tt_mono_us now_us, unsigned bag, bool deployed);
/* The restraint computer's own impact signal: evidence like an airbag's, twice in a row a trigger of its own. */
void tt_crash_impact(struct tt_crash *c, tt_mono_us now_us, bool impact);
void tt_crash_rollover(struct tt_crash *c, tt_mono_us now_us, bool rollover);
void tt_crash_fuel_cut_off(struct tt_crash *c, tt_mono_us now_us, bool cut_off);
/* seat 0 driver, 1 front passenger. */
void tt_crash_belt(struct tt_crash *c, unsigned seat, bool fastened);

/* Lets time pass: resets the latch, releases supplements. */
void tt_crash_tick(struct tt_crash *c, tt_mono_us now_us);
/* TT_NEVER when nothing is due. */
tt_mono_us tt_crash_wake_at(const struct tt_crash *c);
/* True and *out when an alert is due now; call until false. */
bool tt_crash_next(struct tt_crash *c, tt_mono_us now_us, struct tt_crash_event *out);

#endif
