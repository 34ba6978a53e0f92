/*
 * One ECU on the diagnostic bus (OBD, and UDS when asked physically): hears functional and physical requests, answers through ISO-TP after
 * a realistic delay. PURE, sans-IO.
 *
 * 11 bits: 7DF and 7E0+n in, 7E8+n out. 29 bits: 18DB33F1 and 18DAxxF1 in, 18DAF1xx out, xx = 10 for the engine, 18 for the transmission
 * (ISO 15765-4). With the ignition off it sleeps. While an answer is under way further requests are not heard, as in many real ones.
 * The caller owns the struct; the car must outlive it.
 */
#ifndef TT_SIM_ECU_OBD_ECU_H
#define TT_SIM_ECU_OBD_ECU_H

#include "firmware/proto/isotp.h"
#include "sim/car.h"
#include "sim/ecu/obd_answer.h"

struct tt_obd_ecu {
	struct tt_car *car;
	unsigned which; /* TT_SIM_ECU_... */
	uint32_t functional_id;
	bool extended;
	struct tt_isotp link;
	uint8_t rx[TT_ISOTP_MAX];
	uint8_t answer[TT_OBD_ANSWER_MAX];
	size_t answer_len;  /* 0 = none waits */
	tt_mono_us due_us;  /* of the answer; TT_NEVER = none */
	uint8_t pending[3]; /* 7F xx 78, sent before the answer in that mode */
	tt_mono_us pending_due_us;
	uint64_t requests;
};

void tt_obd_ecu_init(struct tt_obd_ecu *e, struct tt_car *car, unsigned which, bool extended);
void tt_obd_ecu_feed(struct tt_obd_ecu *e, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_obd_ecu_tick(struct tt_obd_ecu *e, tt_mono_us now_us);
bool tt_obd_ecu_next_tx(struct tt_obd_ecu *e, tt_mono_us now_us, struct tt_can_frame *out);
tt_mono_us tt_obd_ecu_wake_at(const struct tt_obd_ecu *e);

#endif
