#include "motion_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct motion_rig rig;

void motion_fresh(void)
{
	tt_trip_init(&rig.trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&rig.odometer, 1000);
	tt_motion_init(&rig.m, &rig.config, &rig.trip, &rig.odometer);
	rig.now = TT_SEC(100000);
}

int motion_setup(void **state)
{
	(void)state;
	tt_motion_config_init(&rig.config);
	motion_fresh();
	return 0;
}

bool motion_next(void)
{
	tt_motion_tick(&rig.m, rig.now);
	return tt_motion_next(&rig.m, &rig.e);
}

void motion_expect(enum tt_motion_kind kind, enum tt_motion_phase phase, enum tt_motion_cause cause)
{
	if (!motion_next())
		fail_msg("no event of kind %d", (int)kind);
	assert_int_equal(rig.e.kind, kind);
	assert_int_equal(rig.e.phase, phase);
	assert_int_equal(rig.e.cause, cause);
}
