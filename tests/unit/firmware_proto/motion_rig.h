/*
 * One car's motion core on a clock of its own: what the tests of its parts share.
 */
#ifndef TT_TEST_MOTION_RIG_H
#define TT_TEST_MOTION_RIG_H

#include "firmware/proto/motion.h"

struct motion_rig {
	struct tt_motion_config config;
	struct tt_motion m;
	struct tt_trip trip;
	struct tt_odometer odometer;
	struct tt_motion_event e; /* the last that motion_next() or motion_expect() took */
	tt_mono_us now;
};

extern struct motion_rig rig;

/* As after a start of the agent; the configuration stays. */
void motion_fresh(void);
/* The same with the default configuration. For cmocka. */
int motion_setup(void **state);
/* Judges the present and takes the next event; false when there is none. */
bool motion_next(void);
/* The next event is this one, or the test fails. */
void motion_expect(enum tt_motion_kind kind, enum tt_motion_phase phase, enum tt_motion_cause cause);

#endif
