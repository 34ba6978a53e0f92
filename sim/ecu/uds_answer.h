/*
 * What an ECU says to a UDS request (ISO 14229-1): the car's trouble codes with failure type 00, and data by identifier. PURE.
 *
 * Services: 19 02 (mask), 19 0A (P0300 to P0304, P0420 and what the scenario gave it besides), 19 14 (a prefailed code that is neither
 * pending nor stored, with counter 64), 19 04 and 19 06 (all records of a code: a snapshot 01 of F40C and F40D, extended data 01 of one
 * byte), 22 (F190 the VIN, F40C engine speed in quarters of a revolution, F40D km/h; several in one request). A stored code has status 0x2F
 * and the warning indicator, a pending one 0x05.
 */
#ifndef TT_SIM_ECU_UDS_ANSWER_H
#define TT_SIM_ECU_UDS_ANSWER_H

#include "sim/ecu/obd_answer.h"

/* Is it a request of these services? */
bool tt_uds_asked(const uint8_t *request, size_t len);
/* Length of the answer in out. */
size_t tt_uds_answer(const struct tt_car *car, unsigned ecu, const uint8_t *request, size_t len, uint8_t out[TT_OBD_ANSWER_MAX]);

#endif
