/*
 * What an ECU says to an OBD request: service in, answer out (SAE J1979, ISO 15031-5). PURE, no transport, no time.
 *
 * Services: 01 (up to six PIDs; one of an ECU that is old), 02 frame 0, 03, 04, 06 (three monitors of the engine), 07, 0A, 09 (00, 02, 04,
 * 06, 08, 0A on the engine ECU; 0A on the other). What cannot be
 * answered is silence on a functional request (15031-5: no negative response 11, 12 or 31 there) and a negative response on a physical one:
 * 11 service not supported, 12 PID not supported or bad length, 31 freeze frame out of range.
 */
#ifndef TT_SIM_ECU_OBD_ANSWER_H
#define TT_SIM_ECU_OBD_ANSWER_H

#include "sim/car.h"

enum { TT_OBD_ANSWER_MAX = 128 };

/* Length of the answer in out, 0 = silence. Service 04 changes the car. */
size_t tt_obd_answer(struct tt_car *car, unsigned ecu, const uint8_t *request, size_t len, bool functional, uint8_t out[TT_OBD_ANSWER_MAX]);

#endif
