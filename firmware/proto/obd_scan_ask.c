#include "firmware/proto/obd_scan_parts.h"

enum { PHYSICAL_29 = 0x18DA00F1, SILENCES_MAX = 3, RETRIES_MAX = 3 };
#define RETRY_US TT_MS(200) /* after NRC 21 */

static int64_t period_of(const struct tt_obd_scan *s, unsigned task)
{
	if (task == TT_OBD_TASK_BITMAPS)
		return TT_OBD_SCAN_PROBE_US;
	if (task == TT_OBD_TASK_COUNTS)
		return s->config.odometer_period_us;
	return task == TT_OBD_TASK_LIVE ? s->config.live_period_us : s->config.dtc_period_us;
}

static tt_mono_us latest(tt_mono_us a, tt_mono_us b)
{
	return -tt_min_i64(-a, -b);
}

bool tt_obd_scan_ask_next(const struct tt_obd_scan *s, tt_mono_us now_us, unsigned *ecu, unsigned *task, tt_mono_us *due_us)
{
	*due_us = TT_NEVER;
	for (unsigned i = 0; i < s->necus; i++) {
		const struct tt_obd_scan_ecu *e = &s->ecus[i];

		for (unsigned t = 0; t < TT_OBD_TASKS; t++) {
			const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[t];
			const tt_mono_us at_us = latest(e->tasks[t].due_us, e->busy_until_us);

			if (at_us >= *due_us || (e->silent && t != TT_OBD_TASK_BITMAPS))
				continue;
			/* Until the bitmaps are there nobody knows whether the ECU has it. */
			if (def->wanted && (e->tasks[TT_OBD_TASK_BITMAPS].due_us != TT_NEVER || !def->wanted(s, e)))
				continue;
			*due_us = at_us;
			*ecu = i;
			*task = t;
		}
	}
	return *due_us <= now_us;
}

/* Physical request identifier of an ECU (ISO 15765-4 6.3.2): response - 8, or source and target swapped. */
static uint32_t request_id(const struct tt_obd_scan_ecu *e)
{
	return e->extended ? PHYSICAL_29 | (e->rx_id & 0xFF) << 8 : e->rx_id - 8;
}

void tt_obd_scan_ask_start(struct tt_obd_scan *s, unsigned ecu, unsigned task)
{
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[task];
	struct tt_obd_scan_ecu *e = &s->ecus[ecu];
	const struct tt_isotp_config link = {.tx_id = request_id(e),
					     .rx_id = e->rx_id,
					     .extended = e->extended,
					     .bus = s->config.bus,
					     .pad = true,
					     .pad_byte = s->config.pad_byte};

	memset(&s->request, 0, sizeof(s->request));
	s->request.active = true;
	s->request.ecu = (uint8_t)ecu;
	s->request.task = (uint8_t)task;
	s->request.service = def->service;
	s->request.deadline_us = TT_NEVER;
	tt_isotp_init(&s->link, &link, s->rx_buf, sizeof(s->rx_buf));
	def->build(s, e);
}

static void back_off(const struct tt_obd_scan *s, struct tt_obd_scan_task *task, tt_mono_us now_us)
{
	if (task->backoff < TT_OBD_SCAN_BACKOFF_MAX)
		task->backoff++;
	task->due_us = now_us + tt_obd_scan_doubled(period_of(s, s->request.task), task->backoff);
}

static struct tt_obd_result *push_refused(struct tt_obd_scan *s, enum tt_obd_result_kind kind, const struct tt_obd_scan_ecu *e,
					  tt_mono_us now_us, uint8_t nrc)
{
	struct tt_obd_result *result = tt_obd_scan_push(s, kind, e->rx_id, now_us);

	result->u.refused.service = s->request.service;
	result->u.refused.pid = s->request.pids[0];
	result->u.refused.nrc = nrc;
	return result;
}

static void request_silent(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[s->request.task];

	s->request.active = false;
	if (!def->skip || !def->skip(s, e, now_us, 0))
		back_off(s, task, now_us);
	if (e->silent && e->unsure) {
		/* The first question of this drive: the car is awake, this ECU is not. */
		e->unsure = false;
		tt_obd_scan_push(s, TT_OBD_RESULT_SILENT, e->rx_id, now_us);
		return;
	}
	if (e->silent || ++e->silences < SILENCES_MAX)
		return;
	e->silent = true;
	e->next_bitmap = 0;
	e->most = e->most > e->proven ? e->most : e->proven; /* it was not the number of PIDs */
	e->tasks[TT_OBD_TASK_BITMAPS].backoff = 0;
	e->tasks[TT_OBD_TASK_BITMAPS].due_us = now_us + TT_OBD_SCAN_PROBE_US;
	tt_obd_scan_freeze_release(s, e);
	tt_obd_scan_push(s, TT_OBD_RESULT_SILENT, e->rx_id, now_us);
}

/* Fewer PIDs at a time, and the same ones again at once. */
static void ask_for_fewer(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	s->request.active = false;
	e->most = s->request.npids / 2;
	e->tasks[s->request.task].due_us = now_us;
}

static void request_refused(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[s->request.task];
	const bool unsupported = tt_obd_nrc(nrc)->action == TT_OBD_NRC_UNSUPPORTED;

	if (unsupported && s->request.npids > 1) {
		ask_for_fewer(s, e, now_us);
		return;
	}
	s->request.active = false;
	if (task->told_nrc != nrc && !def->quiet)
		push_refused(s, TT_OBD_RESULT_REFUSING, e, now_us, nrc)->u.refused.unsupported = unsupported;
	task->told_nrc = nrc;
	if (def->skip) {
		(void)def->skip(s, e, now_us, nrc);
	} else if (unsupported) {
		task->unsupported = true;
		task->due_us = TT_NEVER;
	} else {
		back_off(s, task, now_us);
	}
}

static void request_negative(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	const enum tt_obd_nrc_action action = tt_obd_nrc(nrc)->action;

	if (action == TT_OBD_NRC_PENDING && s->request.pendings < s->config.pending_max) {
		s->request.pendings++;
		s->request.deadline_us = now_us + s->config.p2_star_us;
	} else if (action == TT_OBD_NRC_RETRY && s->request.retries < RETRIES_MAX) {
		s->request.retries++;
		s->request.again = true;
		s->request.deadline_us = now_us + RETRY_US;
	} else {
		request_refused(s, e, now_us, nrc);
	}
}

static void request_bad(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[s->request.task];

	if (s->request.npids > 1) {
		ask_for_fewer(s, e, now_us);
		return;
	}
	s->request.active = false;
	if (!task->told_bad)
		push_refused(s, TT_OBD_RESULT_BAD, e, now_us, 0);
	task->told_bad = true;
	if (def->slow)
		(void)def->skip(s, e, now_us, UINT8_MAX); /* one of many that cannot be read is left out, as a refused one is */
	else
		back_off(s, task, now_us);
}

static void request_positive(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	const unsigned id = s->request.task;
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[id];
	struct tt_obd_scan_task *task = &e->tasks[id];
	const enum tt_obd_taken taken = def->take(s, e, now_us, msg, len);

	if (taken == TT_OBD_TAKEN_ALIEN) {
		s->strays++;
		return;
	}
	if (taken == TT_OBD_TAKEN_BAD) {
		request_bad(s, e, now_us);
		return;
	}
	s->request.active = false;
	task->told_bad = false;
	if (!def->skip)
		task->told_nrc = 0; /* a task of many parts tells one refusal a round, not one after each part that went well */
	task->backoff = 0;
	if (taken == TT_OBD_TAKEN_LAST)
		task->due_us = TT_NEVER;
	else if (taken == TT_OBD_TAKEN_MORE)
		task->due_us = def->slow ? now_us + s->config.slow_gap_us : now_us;
	else
		task->due_us = now_us + period_of(s, id);
}

bool tt_obd_scan_ask_is(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return s->request.active && s->request.sent && !s->request.again && &s->ecus[s->request.ecu] == e;
}

static void message(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	uint8_t service, nrc;

	tt_obd_scan_heard(s, e, now_us);
	if (tt_obd_is_negative(msg, len, &service, &nrc) && service == s->request.service)
		request_negative(s, e, now_us, nrc != 0 ? nrc : TT_OBD_NRC_GENERAL_CODE);
	else if (msg[0] == s->request.service + TT_OBD_RESPONSE)
		request_positive(s, e, now_us, msg, len);
	else
		s->strays++;
}

static void link_events(struct tt_obd_scan *s, tt_mono_us now_us)
{
	struct tt_obd_scan_ecu *e = &s->ecus[s->request.ecu];
	struct tt_isotp_event event;

	while (tt_isotp_next_event(&s->link, &event)) {
		if (!tt_obd_scan_ask_is(s, e))
			continue; /* the question was settled by the event before */
		if (event.kind == TT_ISOTP_MESSAGE)
			message(s, e, now_us, event.data, event.len);
		else if (event.kind == TT_ISOTP_RX_FAILED)
			request_silent(s, e, now_us);
	}
}

void tt_obd_scan_ask_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in)
{
	(void)tt_isotp_feed(&s->link, now_us, in);
	link_events(s, now_us);
}

void tt_obd_scan_ask_tick(struct tt_obd_scan *s, tt_mono_us now_us)
{
	struct tt_obd_scan_ecu *e = &s->ecus[s->request.ecu];

	if (!s->request.active)
		return;
	tt_isotp_tick(&s->link, now_us);
	link_events(s, now_us);
	if (!s->request.active || now_us < s->request.deadline_us)
		return;
	if (s->request.again) {
		s->request.again = false;
		s->request.sent = false;
		s->request.deadline_us = TT_NEVER;
	} else if (tt_isotp_receiving(&s->link)) {
		s->request.deadline_us = tt_isotp_wake_at(&s->link); /* the first frame came in time; N_Cr counts now */
	} else if (s->request.pendings >= s->config.pending_max) {
		request_refused(s, e, now_us, TT_OBD_NRC_PENDING_CODE);
	} else {
		request_silent(s, e, now_us);
	}
}

bool tt_obd_scan_ask_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (s->request.sent)
		return tt_isotp_next_tx(&s->link, now_us, out); /* flow control: the ECU's timer runs */
	/* A single frame on a link that does nothing else: neither can fail. */
	TT_ASSERT(tt_isotp_send(&s->link, s->request.bytes, s->request.len) == TT_OK && tt_isotp_next_tx(&s->link, now_us, out));
	s->request.sent = true;
	link_events(s, now_us);
	s->request.deadline_us = now_us + s->config.p2_us;
	s->quiet_until_us = now_us + s->config.min_gap_us;
	return true;
}
