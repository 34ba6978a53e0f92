/*
 * How awake the unit is: from ignition, bus traffic, the 12 V battery, movement and time. PURE.
 *
 *	                 ignition on, or it is seen to run
 *	        .------------------------------------------------.
 *	        v                                                |
 *	      DRIVE --ignition off, or nothing runs--> PARKED --no sign of life for sleep_us--> SLEEP --for deep_us, or floor--> DEEP
 *	                                                 ^                                        |                              |
 *	                                                 '---------- a reason to wake ------------+------------------------------'
 *
 * Only in DRIVE, and for grace_us after the ignition went off, may the car be asked anything (tt_power_may_ask).
 *
 * Without an ignition in the profile DRIVE means that the car is seen to run: it moves, its engine turns, or, while the engine is not
 *known, the voltage is that of a generator. Traffic that begins after quiet_us of silence, and a voltage that changes, give it probe_us to
 *show it. Traffic that goes on while we ask proves nothing, because asking keeps a bus awake: DRIVE then ends after probe_us all the same.
 *
 * A sleeper wakes on traffic after silence, on a change of the voltage by delta_mv (smart alternators make the level meaningless; slow
 *sagging moves the reference along), on movement, on a schedule, and for an alert. A wake by bus, voltage or movement that did not end in
 *DRIVE holds that reason back for hold_us, then twice as long each time, so that a chattering bus cannot flatten the battery through us.
 *
 * The time between check-ins doubles with each one since the last drive, and again as the voltage nears the floor. Below floor_mv for
 * floor_hold_us, except in DRIVE, only an alert, the ignition and a voltage back at floor_mv + delta_mv wake it, and only alerts leave.
 *
 * Memory: caller owned. Threads: one instance, one thread. Voltages are millivolts, 0 = not used.
 */
#ifndef TT_FIRMWARE_PROTO_POWER_H
#define TT_FIRMWARE_PROTO_POWER_H

#include "firmware/proto/trip.h"

/* Numbers of the wire's PowerState and WakeReason. */
enum tt_power_state { TT_POWER_DRIVE = 1, TT_POWER_PARKED, TT_POWER_SLEEP, TT_POWER_DEEP };
enum tt_wake {
	TT_WAKE_NONE,
	TT_WAKE_BOOT,
	TT_WAKE_IGNITION,
	TT_WAKE_BUS,
	TT_WAKE_VOLTAGE,
	TT_WAKE_MOVEMENT,
	TT_WAKE_CHECK_IN,
	TT_WAKE_ALERT,
	TT_WAKE_RESUME,
	TT_WAKES
};

struct tt_power_config {
	bool ignition;                        /* the car tells it */
	int64_t grace_us;                     /* may be asked so long after the ignition went off */
	int64_t probe_us;                     /* without ignition: may be asked so long without being seen to run */
	int64_t sleep_us;                     /* PARKED lasts so long without a sign of life */
	int64_t awake_us;                     /* but never longer than this: traffic may go on for ever */
	int64_t stay_us;                      /* instead, woken by bus, voltage or movement */
	int64_t linger_us;                    /* instead, after a check-in, an alert or a resume, and below the floor */
	int64_t deep_us;                      /* from the last sign of life; at least sleep_us */
	int64_t check_in_us, check_in_max_us; /* 0 = none */
	int64_t sample_us, sample_deep_us;    /* between two looks at the voltage; 0 = nothing to look at */
	int64_t quiet_us;                     /* silence before traffic is a beginning */
	int64_t hold_us, hold_max_us;
	int64_t floor_hold_us;
	int32_t floor_mv, running_mv, delta_mv;
};

/* Ignition known; grace 10 s, probe 3 min, sleep 10 min, at most 2 h, stay 2 min, linger 30 s, deep 1 h, check-ins 1 h to 24 h, sample 1
 * and 5 min (off until the caller sets sample_us), quiet 1 min, hold 5 min to 6 h, floor 11.6 V for 5 min, running 13.2 V, delta 0.3 V. */
extern const struct tt_power_config TT_POWER_DEFAULT;

struct tt_power {
	struct tt_power_config cfg;
	enum tt_power_state state;
	tt_mono_us since_us; /* of the state */
	enum tt_wake wake;   /* the last reason */
	uint32_t wakes[TT_WAKES];
	enum tt_ignition ignition;
	tt_mono_us driven_us;  /* end of the last DRIVE; TT_NEVER = none yet */
	tt_mono_us life_us;    /* last sign of life */
	tt_mono_us alert_us;   /* last alert */
	tt_mono_us traffic_us; /* last frame that we did not cause; TT_NEVER = none */
	tt_mono_us runs_us;    /* last seen to run */
	tt_mono_us engine_us;  /* engine speed last known; TT_NEVER = never */
	tt_mono_us asleep_us;  /* SLEEP began */
	tt_mono_us sampled_us; /* last look at the voltage */
	tt_mono_us under_us;   /* below the floor since; TT_NEVER = not */
	int32_t mv, base_mv;   /* last voltage, and what a change is measured from; 0 = unknown */
	unsigned check_ins;    /* since the last DRIVE */
	bool woken;            /* since it was last driven; wake says why */
	bool below_floor;
	struct {
		int64_t pause_us; /* 0 = not held yet */
		tt_mono_us until_us;
	} holds[TT_WAKES];
};

void tt_power_init(struct tt_power *p, const struct tt_power_config *cfg, tt_mono_us now_us);

/* What happens. now_us never goes back. */
void tt_power_ignition(struct tt_power *p, tt_mono_us now_us, enum tt_ignition ignition);
/* A frame that is no answer to us. */
void tt_power_traffic(struct tt_power *p, tt_mono_us now_us);
/* Millivolts, above 0. */
void tt_power_voltage(struct tt_power *p, tt_mono_us now_us, int32_t mv);
/* The look at the voltage gave nothing; the next one comes in its time. */
void tt_power_no_voltage(struct tt_power *p, tt_mono_us now_us);
void tt_power_engine(struct tt_power *p, tt_mono_us now_us, bool turning);
void tt_power_moving(struct tt_power *p, tt_mono_us now_us);
/* An alert must leave now. */
void tt_power_alert(struct tt_power *p, tt_mono_us now_us);
/* The platform was suspended and is back. */
void tt_power_resumed(struct tt_power *p, tt_mono_us now_us);
void tt_power_tick(struct tt_power *p, tt_mono_us now_us);

/* When tick or a look at the voltage is due; TT_NEVER. */
tt_mono_us tt_power_wake_at(const struct tt_power *p);
bool tt_power_sample_due(const struct tt_power *p, tt_mono_us now_us);
bool tt_power_may_ask(const struct tt_power *p, tt_mono_us now_us);
static inline bool tt_power_asleep(const struct tt_power *p)
{
	return p->state >= TT_POWER_SLEEP;
}
/* The next scheduled check-in of a sleeper; TT_NEVER when awake, and below the floor. */
tt_mono_us tt_power_check_in_at(const struct tt_power *p);
/* Static: "drive", "parked", "sleep", "deep_sleep"; "boot", "ignition", ... */
const char *tt_power_state_name(enum tt_power_state state);
const char *tt_wake_name(enum tt_wake wake);

#endif
