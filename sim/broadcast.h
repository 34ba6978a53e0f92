/*
 * The car's broadcast messages as schemas/dbc/telltale_demo.dbc describes them, at their periods. PURE, sans-IO.
 *
 * Messages that report a state (bags, belts, SOS, body) also go out at once when it changes. Two seconds after the ignition went off the
 * bus falls asleep. A late caller gets one frame of each message, not those it missed.
 */
#ifndef TT_SIM_BROADCAST_H
#define TT_SIM_BROADCAST_H

#include "firmware/proto/can_frame.h"
#include "sim/car.h"

enum { TT_BROADCAST_MESSAGES = 9 };

struct tt_broadcast {
	tt_mono_us due_us[TT_BROADCAST_MESSAGES];
	uint8_t sent[TT_BROADCAST_MESSAGES][8]; /* data of the last one */
	unsigned told;                          /* bits of messages that went out once; only then can they change */
	uint8_t counter;
};

void tt_broadcast_init(struct tt_broadcast *b, tt_mono_us now_us);
/* One frame that is due; false when there is none. */
bool tt_broadcast_next(struct tt_broadcast *b, const struct tt_car *car, tt_mono_us now_us, struct tt_can_frame *out);
tt_mono_us tt_broadcast_wake_at(const struct tt_broadcast *b);

#endif
