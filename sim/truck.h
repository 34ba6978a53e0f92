/*
 * A lorry's J1939 bus: the engine (address 00) broadcasts speeds, levels, distance, hours and DM1 at their periods, and answers requests
 * for the VIN, DM2 and DM5, by BAM or, asked alone, by RTS/CTS. PURE, sans-IO.
 *
 * One message at a time by transport protocol; two seconds after the ignition went off the bus falls asleep. The caller owns the struct;
 * the car must outlive it.
 */
#ifndef TT_SIM_TRUCK_H
#define TT_SIM_TRUCK_H

#include "firmware/proto/j1939_send.h"
#include "sim/car.h"

enum { TT_TRUCK_PERIODIC = 9, TT_TRUCK_ANSWERS = 4, TT_TRUCK_PAYLOAD = 2 + 4 * TT_CAR_SPNS };

struct tt_truck {
	const struct tt_car *car;
	struct tt_j1939_send send;
	uint8_t payload[TT_TRUCK_PAYLOAD];
	tt_mono_us due_us[TT_TRUCK_PERIODIC];
	struct {
		uint32_t pgn;
		uint8_t dest;
	} owed[TT_TRUCK_ANSWERS];
	unsigned nowed;
	uint64_t requests;
};

void tt_truck_init(struct tt_truck *t, const struct tt_car *car, tt_mono_us now_us);
void tt_truck_feed(struct tt_truck *t, tt_mono_us now_us, const struct tt_can_frame *in);
bool tt_truck_next_tx(struct tt_truck *t, tt_mono_us now_us, struct tt_can_frame *out);
tt_mono_us tt_truck_wake_at(const struct tt_truck *t);

#endif
