/*
 * The demo car's body controller: it takes the frames of schemas/profiles/demo.actuate, and only those. PURE.
 *
 *	3B1#0200  lock        3B1#0100  unlock        3B3#01  horn and lights, once
 */
#ifndef TT_SIM_BODY_H
#define TT_SIM_BODY_H

#include "firmware/proto/can_frame.h"
#include "sim/car.h"

/* What the frame makes the car do, and does it: "lock", "unlock", "horn"; NULL: it is not for the body. A sleeping bus wakes. Static. */
const char *tt_body_take(struct tt_car *car, const struct tt_can_frame *frame);

#endif
