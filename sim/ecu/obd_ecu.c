#include "sim/ecu/obd_ecu.h"

#include "sim/ecu/uds_answer.h"

enum {
	ENGINE_DELAY_US = 4000,
	TRANSMISSION_DELAY_US = 9000,
	PENDING_US = 400000, /* from "response pending" to the answer; P2* allows 5 s */
	SLOW_US = 3000000,
	PAD = 0xAA,
};

static const struct {
	uint32_t rx11, tx11, rx29, tx29;
	int64_t delay_us;
} ecus[TT_SIM_ECUS] = {
	[TT_SIM_ECU_ENGINE] = {0x7E0, 0x7E8, 0x18DA10F1, 0x18DAF110, ENGINE_DELAY_US},
	[TT_SIM_ECU_TRANSMISSION] = {0x7E1, 0x7E9, 0x18DA18F1, 0x18DAF118, TRANSMISSION_DELAY_US},
};

void tt_obd_ecu_init(struct tt_obd_ecu *e, struct tt_car *car, unsigned which, bool extended)
{
	const struct tt_isotp_config config = {
		.tx_id = extended ? ecus[which].tx29 : ecus[which].tx11,
		.rx_id = extended ? ecus[which].rx29 : ecus[which].rx11,
		.extended = extended,
		.pad = true,
		.pad_byte = PAD,
	};

	e->car = car;
	e->which = which;
	e->extended = extended;
	e->functional_id = extended ? 0x18DB33F1 : 0x7DF;
	e->answer_len = 0;
	e->due_us = TT_NEVER;
	e->pending_due_us = TT_NEVER;
	e->requests = 0;
	tt_isotp_init(&e->link, &config, e->rx, sizeof(e->rx));
}

static bool awake(const struct tt_obd_ecu *e)
{
	return (e->car->ignition == TT_CAR_ON || e->car->ignition == TT_CAR_START) && e->car->ecus[e->which].mode != TT_SIM_ECU_SILENT;
}

static void hear(struct tt_obd_ecu *e, tt_mono_us now_us, const uint8_t *request, size_t len, bool functional)
{
	const tt_mono_us at_us = now_us + ecus[e->which].delay_us;
	const unsigned mode = e->car->ecus[e->which].mode;

	if (e->answer_len != 0 || len == 0)
		return;
	e->requests++;
	if (!functional && tt_uds_asked(request, len))
		e->answer_len = tt_uds_answer(e->car, e->which, request, len, e->answer);
	else
		e->answer_len = tt_obd_answer(e->car, e->which, request, len, functional, e->answer);
	if (e->answer_len == 0)
		return;
	e->due_us = at_us;
	if (mode == TT_SIM_ECU_PENDING || mode == TT_SIM_ECU_SLOW) {
		e->pending[0] = 0x7F;
		e->pending[1] = request[0];
		e->pending[2] = 0x78;
		e->pending_due_us = at_us;
		e->due_us = at_us + (mode == TT_SIM_ECU_SLOW ? SLOW_US : PENDING_US);
	}
}

static void take_events(struct tt_obd_ecu *e, tt_mono_us now_us)
{
	struct tt_isotp_event event;

	while (tt_isotp_next_event(&e->link, &event)) {
		if (event.kind == TT_ISOTP_MESSAGE)
			hear(e, now_us, event.data, event.len, false);
		else if ((event.kind == TT_ISOTP_SENT || event.kind == TT_ISOTP_TX_FAILED) && e->due_us == TT_NEVER)
			e->answer_len = 0; /* the answer's bytes were lent to the link until now */
	}
}

void tt_obd_ecu_feed(struct tt_obd_ecu *e, tt_mono_us now_us, const struct tt_can_frame *in)
{
	if (!awake(e))
		return;
	if (in->id == e->functional_id && in->extended == e->extended && !in->rtr && !in->error) {
		/* Functional requests are single frames only (15765-2 10.2.2). */
		if (in->len > 1 && in->data[0] >= 1 && in->data[0] <= TT_ISOTP_SINGLE_MAX && in->data[0] < in->len)
			hear(e, now_us, in->data + 1, in->data[0], true);
		return;
	}
	(void)tt_isotp_feed(&e->link, now_us, in);
	take_events(e, now_us);
}

void tt_obd_ecu_tick(struct tt_obd_ecu *e, tt_mono_us now_us)
{
	if (!awake(e)) {
		tt_isotp_reset(&e->link);
		e->due_us = e->pending_due_us = TT_NEVER;
		e->answer_len = 0;
		return;
	}
	tt_isotp_tick(&e->link, now_us);
	take_events(e, now_us);
	if (e->pending_due_us <= now_us && tt_isotp_send(&e->link, e->pending, sizeof(e->pending)) == TT_OK)
		e->pending_due_us = TT_NEVER;
	else if (e->pending_due_us == TT_NEVER && e->due_us <= now_us && tt_isotp_send(&e->link, e->answer, e->answer_len) == TT_OK)
		e->due_us = TT_NEVER;
}

bool tt_obd_ecu_next_tx(struct tt_obd_ecu *e, tt_mono_us now_us, struct tt_can_frame *out)
{
	const bool any = awake(e) && tt_isotp_next_tx(&e->link, now_us, out);

	if (any)
		take_events(e, now_us);
	return any;
}

tt_mono_us tt_obd_ecu_wake_at(const struct tt_obd_ecu *e)
{
	return tt_min_i64(tt_isotp_wake_at(&e->link), tt_min_i64(e->due_us, e->pending_due_us));
}
