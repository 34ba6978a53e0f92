/* The power machine and its time for its tests. */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_POWER_BENCH_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_POWER_BENCH_H

#include "firmware/proto/power.h"

extern struct tt_power p;
extern struct tt_power_config cfg;
extern tt_mono_us now;

/* The defaults, at second 100, with a look at the voltage every minute. */
void start(bool ignition);
/* Fixtures: where the car tells its ignition, and where it does not. */
int fresh(void **state);
int fresh_without_ignition(void **state);

/* Lets time pass as the agent does: a tick whenever one is due, voltage looks answered with what was last measured. */
void pass(int64_t us);
void expect(enum tt_power_state state, enum tt_wake wake);
/* Driven and parked, and asleep. mv: 0 = no voltage is known. */
void sleeping(int32_t mv);

#endif
