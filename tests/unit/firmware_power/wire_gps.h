/* The receiver of a car in one process: what it says comes from the test, not from gpsd. */
#ifndef TT_TESTS_WIRE_GPS_H
#define TT_TESTS_WIRE_GPS_H

#include "firmware/io/gps.h"

/* Heard by the agent at once, unless it lets its receiver rest. */
void wire_gps_say(const struct tt_gps_fix *fix);

#endif
