/*
 * The simulated receiver: the fix of a car on its track, and the way to gpsd (UDP to 127.0.0.1, `gpsd udp://127.0.0.1:PORT`).
 */
#ifndef TT_SIM_GPS_H
#define TT_SIM_GPS_H

#include "sim/car.h"
#include "sim/nmea.h"
#include "sim/track.h"

/* Deterministic noise: a receiver is never quite right. xorshift64*, the caller owns the state, which must not be 0. */
uint64_t tt_sim_random(uint64_t *state);

/* The fix of this moment, at most 0.7 m off; noise NULL for none. */
struct tt_nmea_fix tt_gps_fix(const struct tt_car *car, const struct tt_track *track, tt_utc_us at_us, uint64_t *noise);

/* A UDP socket to the loopback port. TT_EIO. */
TT_MUSTCHECK enum tt_err tt_gps_open(uint16_t port, int *fd, struct tt_errmsg *msg);
/* Nobody listening is no error: a receiver talks into the air too. */
void tt_gps_send(int fd, const struct tt_nmea_fix *fix);

#endif
