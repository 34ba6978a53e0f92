/*
 * When the running agent says that it is healthy, and when it makes way for an update. PURE.
 *
 * A program on trial is confirmed when it was healthy (the caller's judgement: connected, state published, journal writable, buses open)
 * for TT_TRIAL_HEALTHY_US without a break, and given up when that has not happened within the limit. A program that is not on trial ends
 * itself for a staged update when the car has been parked for TT_TRIAL_PARKED_US without a break: never in the midst of a drive.
 * Memory: the caller's struct. Threads: no shared state.
 */
#ifndef TT_FIRMWARE_UPDATE_TRIAL_H
#define TT_FIRMWARE_UPDATE_TRIAL_H

#include "base/time.h"

#include <stdbool.h>

#define TT_TRIAL_HEALTHY_US TT_SEC(30)
#define TT_TRIAL_PARKED_US TT_SEC(60)
#define TT_TRIAL_LIMIT_US TT_SEC(1800)

enum tt_trial_act {
	TT_TRIAL_NOTHING,
	TT_TRIAL_CONFIRM, /* write it down; said again until tt_trial_confirmed */
	TT_TRIAL_FAIL,    /* end with an error: the launcher counts it */
	TT_TRIAL_RESTART, /* end in good order: the launcher starts the update */
};

struct tt_trial {
	bool on_trial;
	tt_mono_us started_us;
	tt_mono_us healthy_us; /* since when; TT_NEVER = not */
	tt_mono_us parked_us;
};

void tt_trial_init(struct tt_trial *t, tt_mono_us now_us, bool on_trial);
/* staged: an update waits in a slot. Call once a second or so. */
enum tt_trial_act tt_trial_step(struct tt_trial *t, tt_mono_us now_us, bool healthy, bool parked, bool staged);
static inline void tt_trial_confirmed(struct tt_trial *t)
{
	t->on_trial = false;
}

#endif
