#include "firmware/proto/obd_scan.h"

#include "firmware/proto/obd_scan_tasks.h"

#include <assert.h>

enum {
	FUNCTIONAL_11 = 0x7DF,
	FUNCTIONAL_29 = 0x18DB33F1,
	PHYSICAL_29 = 0x18DA00F1,
	SILENCES_MAX = 3,
	BACKOFF_MAX = 6,
	BACKOFF_STUBBORN = 2, /* an ECU that falls silent is given up before any question fails more often */
	RETRIES_MAX = 3,
	ROOM = 10, /* results that one request may bring: eight ECUs answering discovery, a ninth, and nobody */
	PENDING_NRC = 0x78,
};
#define RETRY_US TT_MS(200) /* after NRC 21 */
#define PROBE_US TT_SEC(1)  /* first pause before a silent ECU or an empty bus is asked again */
#define PROBE_MAX_US TT_SEC(60)

static_assert(ROOM + 2 <= TT_OBD_SCAN_QUEUE, "the queue must hold what one request brings");

static void set_default(int64_t *field, int64_t value)
{
	if (*field == 0)
		*field = value;
}

static tt_mono_us doubled(int64_t period_us, unsigned times)
{
	return period_us << (times < BACKOFF_MAX ? times : BACKOFF_MAX);
}

struct tt_obd_result *tt_obd_scan_push(struct tt_obd_scan *s, enum tt_obd_result_kind kind, uint32_t ecu, tt_mono_us now_us)
{
	struct tt_obd_result *result;

	/* No request is made without ROOM in the queue, so this holds whatever the bus brings. */
	TT_ASSERT(s->q_len < TT_OBD_SCAN_QUEUE);
	result = &s->queue[(s->q_head + s->q_len++) % TT_OBD_SCAN_QUEUE];
	memset(result, 0, sizeof(*result));
	result->kind = kind;
	result->ecu = ecu;
	result->at_us = now_us;
	return result;
}

bool tt_obd_scan_next(struct tt_obd_scan *s, struct tt_obd_result *out)
{
	if (s->q_len == 0)
		return false;
	*out = s->queue[s->q_head];
	s->q_head = (uint8_t)((s->q_head + 1) % TT_OBD_SCAN_QUEUE);
	s->q_len--;
	return true;
}

static void start_over(struct tt_obd_scan *s, tt_mono_us now_us)
{
	s->necus = 0;
	s->request.active = false;
	s->discovery.active = s->discovery.owed = false;
	s->discovery.extended = s->config.only_29bit;
	s->discovery.failures = 0;
	s->discovery.told_nobody = false;
	s->discovery.told_too_many = false;
	s->discovery.due_us = now_us;
	s->quiet_until_us = now_us;
}

void tt_obd_scan_init(struct tt_obd_scan *s, const struct tt_obd_scan_config *config, tt_mono_us now_us)
{
	struct tt_obd_scan_config *c = &s->config;

	TT_ASSERT(config->nlive <= TT_OBD_SCAN_LIVE);
	memset(s, 0, sizeof(*s));
	*c = *config;
	set_default(&c->min_gap_us, TT_MS(50));
	set_default(&c->p2_us, TT_MS(100));
	set_default(&c->p2_star_us, TT_SEC(5));
	set_default(&c->dtc_period_us, TT_SEC(10));
	set_default(&c->odometer_period_us, TT_SEC(60));
	set_default(&c->live_period_us, TT_SEC(1));
	set_default(&c->rediscover_period_us, TT_SEC(300));
	if (c->pad_byte == 0)
		c->pad_byte = 0xCC;
	if (c->pending_max == 0)
		c->pending_max = 12;
	start_over(s, now_us);
}

void tt_obd_scan_pause(struct tt_obd_scan *s, tt_mono_us now_us, bool on)
{
	if (on == s->paused)
		return;
	s->paused = on;
	start_over(s, now_us);
}

/*
 * An ECU is back: ask everything again. Questions that failed again and again keep their pause, or an ECU that answers some questions and
 * never others would be asked without end, back and forth between silent and heard.
 */
static void ecu_due(struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	for (unsigned i = 0; i < TT_OBD_TASKS; i++) {
		if (i != TT_OBD_TASK_BITMAPS && e->tasks[i].due_us != TT_NEVER && e->tasks[i].backoff <= BACKOFF_STUBBORN)
			e->tasks[i].due_us = now_us;
	}
}

void tt_obd_scan_hurry(struct tt_obd_scan *s, tt_mono_us now_us)
{
	for (unsigned i = 0; i < s->necus; i++) {
		for (unsigned t = 0; t < TT_OBD_TASKS; t++) {
			if (s->ecus[i].tasks[t].backoff == 0 && s->ecus[i].tasks[t].due_us != TT_NEVER)
				s->ecus[i].tasks[t].due_us = tt_min_i64(s->ecus[i].tasks[t].due_us, now_us);
		}
	}
}

static struct tt_obd_scan_ecu *ecu_by_id(struct tt_obd_scan *s, uint32_t rx_id)
{
	for (unsigned i = 0; i < s->necus; i++) {
		if (s->ecus[i].rx_id == rx_id)
			return &s->ecus[i];
	}
	return NULL;
}

/* Physical request identifier of an ECU (ISO 15765-4 6.3.2): response - 8, or source and target swapped. */
static uint32_t request_id(uint32_t rx_id, bool extended)
{
	return extended ? PHYSICAL_29 | (rx_id & 0xFF) << 8 : rx_id - 8;
}

static struct tt_obd_scan_ecu *ecu_add(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *f)
{
	struct tt_obd_scan_ecu *e;

	if (s->necus == TT_OBD_SCAN_ECUS) {
		if (!s->discovery.told_too_many)
			tt_obd_scan_push(s, TT_OBD_RESULT_TOO_MANY, f->id, now_us);
		s->discovery.told_too_many = true;
		return NULL;
	}
	e = &s->ecus[s->necus++];
	memset(e, 0, sizeof(*e));
	e->rx_id = f->id;
	tt_isotp_init(&e->link,
		      &(struct tt_isotp_config){.tx_id = request_id(f->id, f->extended),
						.rx_id = f->id,
						.extended = f->extended,
						.bus = s->config.bus,
						.pad = true,
						.pad_byte = s->config.pad_byte},
		      e->rx_buf, sizeof(e->rx_buf));
	for (unsigned i = 0; i < TT_OBD_TASKS; i++)
		e->tasks[i].due_us = i == TT_OBD_TASK_FREEZE ? TT_NEVER : now_us;
	if (s->config.nlive == 0)
		e->tasks[TT_OBD_TASK_LIVE].due_us = TT_NEVER;
	tt_obd_scan_push(s, TT_OBD_RESULT_ECU, e->rx_id, now_us);
	return e;
}

/* Any answer at all proves that the ECU is there. */
static void ecu_heard(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	e->silences = 0;
	if (!e->silent)
		return;
	e->silent = false;
	e->tasks[TT_OBD_TASK_BITMAPS].backoff = 0;
	ecu_due(e, now_us);
	tt_obd_scan_push(s, TT_OBD_RESULT_ECU, e->rx_id, now_us);
}

static int64_t period_of(const struct tt_obd_scan *s, unsigned task)
{
	if (task == TT_OBD_TASK_BITMAPS)
		return PROBE_US;
	if (task == TT_OBD_TASK_ODOMETER)
		return s->config.odometer_period_us;
	return task == TT_OBD_TASK_LIVE ? s->config.live_period_us : s->config.dtc_period_us;
}

static void back_off(const struct tt_obd_scan *s, struct tt_obd_scan_task *task, tt_mono_us now_us)
{
	if (task->backoff < BACKOFF_MAX)
		task->backoff++;
	task->due_us = now_us + doubled(period_of(s, s->request.task), task->backoff);
}

static struct tt_obd_result *push_refused(struct tt_obd_scan *s, enum tt_obd_result_kind kind, const struct tt_obd_scan_ecu *e,
					  tt_mono_us now_us, uint8_t nrc)
{
	struct tt_obd_result *result = tt_obd_scan_push(s, kind, e->rx_id, now_us);

	result->u.refused.service = s->request.service;
	result->u.refused.pid = s->request.pid;
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
	if (e->silent || ++e->silences < SILENCES_MAX)
		return;
	e->silent = true;
	e->next_bitmap = 0;
	e->tasks[TT_OBD_TASK_BITMAPS].backoff = 0;
	e->tasks[TT_OBD_TASK_BITMAPS].due_us = now_us + PROBE_US;
	tt_obd_scan_push(s, TT_OBD_RESULT_SILENT, e->rx_id, now_us);
}

static void request_refused(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[s->request.task];
	const bool unsupported = tt_obd_nrc(nrc)->action == TT_OBD_NRC_UNSUPPORTED;

	s->request.active = false;
	if (task->told_nrc != nrc)
		push_refused(s, TT_OBD_RESULT_REFUSING, e, now_us, nrc)->u.refused.unsupported = unsupported;
	task->told_nrc = nrc;
	if (def->skip && def->skip(s, e, now_us, nrc))
		return;
	if (unsupported) {
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

static void request_positive(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	const unsigned id = s->request.task;
	struct tt_obd_scan_task *task = &e->tasks[id];
	const enum tt_obd_taken taken = tt_obd_scan_task_defs[id].take(s, e, now_us, msg, len);

	if (taken == TT_OBD_TAKEN_ALIEN) {
		s->strays++;
		return;
	}
	s->request.active = false;
	if (taken == TT_OBD_TAKEN_BAD) {
		if (!task->told_bad)
			push_refused(s, TT_OBD_RESULT_BAD, e, now_us, 0);
		task->told_bad = true;
		back_off(s, task, now_us);
		return;
	}
	task->told_bad = false;
	if (!tt_obd_scan_task_defs[id].skip)
		task->told_nrc = 0; /* a task of many parts tells one refusal a round, not one after each part that went well */
	task->backoff = 0;
	if (taken == TT_OBD_TAKEN_LAST)
		task->due_us = TT_NEVER;
	else
		task->due_us = taken == TT_OBD_TAKEN_MORE ? now_us : now_us + period_of(s, id);
}

static bool is_current_request(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return s->request.active && s->request.sent && !s->request.again && &s->ecus[s->request.ecu] == e;
}

static void message(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	uint8_t service, nrc;
	bool ours;

	ecu_heard(s, e, now_us);
	if (!is_current_request(s, e)) {
		/* An answer to discovery. The bitmap is asked for again physically, which keeps one way of reading it. */
		if (!s->discovery.active)
			s->strays++;
		return;
	}
	if (tt_obd_is_negative(msg, len, &service, &nrc)) {
		ours = service == s->request.service;
		if (ours)
			request_negative(s, e, now_us, nrc);
	} else {
		ours = len > 0 && msg[0] == s->request.service + TT_OBD_RESPONSE;
		if (ours)
			request_positive(s, e, now_us, msg, len);
	}
	if (!ours)
		s->strays++;
}

static void link_events(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	struct tt_isotp_event event;

	while (tt_isotp_next_event(&e->link, &event)) {
		if (event.kind == TT_ISOTP_MESSAGE)
			message(s, e, now_us, event.data, event.len);
		else if (event.kind == TT_ISOTP_RX_FAILED && is_current_request(s, e))
			request_silent(s, e, now_us);
	}
}

/* 41 00 .. or 7F 01 .. in a single frame: what discovery asked for, and nothing that another tester may have asked. */
static bool is_discovery_answer(const struct tt_obd_scan *s, const struct tt_can_frame *f)
{
	struct tt_rd r = tt_rd_init(f->data, f->len);
	uint8_t pci, first, second;

	if (!s->discovery.active || s->discovery.owed || f->extended != s->discovery.extended)
		return false;
	if (tt_rd_u8(&r, &pci) || pci < 2 || pci > TT_ISOTP_SINGLE_MAX || tt_rd_u8(&r, &first) || tt_rd_u8(&r, &second))
		return false;
	return first == TT_OBD_NEGATIVE ? second == TT_OBD_CURRENT : first == TT_OBD_CURRENT + TT_OBD_RESPONSE && second == 0;
}

bool tt_obd_scan_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in)
{
	struct tt_obd_scan_ecu *e;

	if (in->bus != s->config.bus || in->rtr || in->error || !tt_obd_is_response_id(in->id, in->extended))
		return false;
	if (s->paused)
		return true;
	e = ecu_by_id(s, in->id);
	if (!e && is_discovery_answer(s, in))
		e = ecu_add(s, now_us, in);
	/* Frames that answer nobody's question of ours may answer another tester's: a flow control of ours would disturb them. */
	if (e && (is_current_request(s, e) || is_discovery_answer(s, in))) {
		(void)tt_isotp_feed(&e->link, now_us, in);
		link_events(s, e, now_us);
	} else {
		s->strays++;
	}
	return true;
}

static void discovery_start(struct tt_obd_scan *s)
{
	s->discovery.active = true;
	s->discovery.owed = true;
	s->discovery.deadline_us = TT_NEVER;
	if (s->necus > 0)
		s->discovery.extended = s->ecus[0].link.config.extended;
}

static void discovery_end(struct tt_obd_scan *s, tt_mono_us now_us)
{
	const bool both = !s->config.only_11bit && !s->config.only_29bit;

	s->discovery.active = false;
	if (s->necus > 0) {
		s->discovery.failures = 0;
		s->discovery.told_nobody = false;
		s->discovery.due_us = now_us + s->config.rediscover_period_us;
		return;
	}
	if (both)
		s->discovery.extended = !s->discovery.extended;
	if (both && s->discovery.extended) {
		s->discovery.due_us = now_us; /* the other width at once */
		return;
	}
	if (!s->discovery.told_nobody)
		tt_obd_scan_push(s, TT_OBD_RESULT_SILENT, 0, now_us);
	s->discovery.told_nobody = true;
	s->discovery.due_us = now_us + tt_min_i64(doubled(PROBE_US, s->discovery.failures), PROBE_MAX_US);
	if (s->discovery.failures < BACKOFF_MAX)
		s->discovery.failures++;
}

/* The task that is longest overdue; false when none is. *due_us: when the next one will be. */
static bool next_task(const struct tt_obd_scan *s, tt_mono_us now_us, unsigned *ecu, unsigned *task, tt_mono_us *due_us)
{
	*due_us = TT_NEVER;
	for (unsigned i = 0; i < s->necus; i++) {
		const struct tt_obd_scan_ecu *e = &s->ecus[i];

		for (unsigned t = 0; t < TT_OBD_TASKS; t++) {
			const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[t];

			if (e->tasks[t].due_us >= *due_us || (e->silent && t != TT_OBD_TASK_BITMAPS))
				continue;
			/* Until the bitmaps are there nobody knows whether the ECU has it. */
			if (def->wanted && (e->tasks[TT_OBD_TASK_BITMAPS].due_us != TT_NEVER || !def->wanted(s, e)))
				continue;
			*due_us = e->tasks[t].due_us;
			*ecu = i;
			*task = t;
		}
	}
	return *due_us <= now_us;
}

static void request_start(struct tt_obd_scan *s, unsigned ecu, unsigned task)
{
	const struct tt_obd_scan_task_def *def = &tt_obd_scan_task_defs[task];

	memset(&s->request, 0, sizeof(s->request));
	s->request.active = true;
	s->request.ecu = (uint8_t)ecu;
	s->request.task = (uint8_t)task;
	s->request.service = def->service;
	s->request.deadline_us = TT_NEVER;
	def->build(s, &s->ecus[ecu]);
}

static void request_deadline(struct tt_obd_scan *s, tt_mono_us now_us)
{
	struct tt_obd_scan_ecu *e = &s->ecus[s->request.ecu];

	if (s->request.again) {
		s->request.again = false;
		s->request.sent = false;
		s->request.deadline_us = TT_NEVER;
	} else if (tt_isotp_receiving(&e->link)) {
		s->request.deadline_us = tt_isotp_wake_at(&e->link); /* the first frame came in time; N_Cr counts now */
	} else if (s->request.pendings >= s->config.pending_max) {
		request_refused(s, e, now_us, PENDING_NRC);
	} else {
		request_silent(s, e, now_us);
	}
}

/* Begin the next question when nothing is under way, the gap has passed and the queue has room. */
static void schedule(struct tt_obd_scan *s, tt_mono_us now_us)
{
	unsigned ecu, task;
	tt_mono_us due_us;

	if (s->request.active || s->discovery.active || now_us < s->quiet_until_us || s->q_len + ROOM > TT_OBD_SCAN_QUEUE)
		return;
	if (s->discovery.due_us <= now_us)
		discovery_start(s);
	else if (next_task(s, now_us, &ecu, &task, &due_us))
		request_start(s, ecu, task);
}

void tt_obd_scan_tick(struct tt_obd_scan *s, tt_mono_us now_us)
{
	if (s->paused)
		return;
	for (unsigned i = 0; i < s->necus; i++) {
		tt_isotp_tick(&s->ecus[i].link, now_us);
		link_events(s, &s->ecus[i], now_us);
	}
	if (s->request.active && now_us >= s->request.deadline_us)
		request_deadline(s, now_us);
	if (s->discovery.active && now_us >= s->discovery.deadline_us)
		discovery_end(s, now_us);
	schedule(s, now_us);
}

static void discovery_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	*out = (struct tt_can_frame){.id = s->discovery.extended ? FUNCTIONAL_29 : FUNCTIONAL_11,
				     .extended = s->discovery.extended,
				     .bus = s->config.bus,
				     .len = 8};
	memset(out->data, s->config.pad_byte, out->len);
	memcpy(out->data, "\x02\x01\x00", 3);
	s->discovery.owed = false;
	s->discovery.deadline_us = now_us + s->config.p2_us;
	s->quiet_until_us = now_us + s->config.min_gap_us;
}

static bool request_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	struct tt_isotp *link = &s->ecus[s->request.ecu].link;

	if (tt_isotp_send(link, s->request.bytes, s->request.len) || !tt_isotp_next_tx(link, now_us, out))
		return false;
	link_events(s, &s->ecus[s->request.ecu], now_us);
	s->request.sent = true;
	s->request.deadline_us = now_us + s->config.p2_us;
	s->quiet_until_us = now_us + s->config.min_gap_us;
	return true;
}

bool tt_obd_scan_next_tx(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (s->paused)
		return false;
	schedule(s, now_us);
	for (unsigned i = 0; i < s->necus; i++) {
		if (tt_isotp_next_tx(&s->ecus[i].link, now_us, out))
			return true; /* flow control: the ECU's timer runs */
	}
	if (s->discovery.active && s->discovery.owed) {
		discovery_frame(s, now_us, out);
		return true;
	}
	return s->request.active && !s->request.sent && request_frame(s, now_us, out);
}

tt_mono_us tt_obd_scan_wake_at(const struct tt_obd_scan *s)
{
	tt_mono_us at = TT_NEVER;
	unsigned ecu, task;

	if (s->paused)
		return TT_NEVER;
	for (unsigned i = 0; i < s->necus; i++)
		at = tt_min_i64(at, tt_isotp_wake_at(&s->ecus[i].link));
	if (s->request.active)
		return tt_min_i64(at, s->request.sent ? s->request.deadline_us : INT64_MIN);
	if (s->discovery.active)
		return tt_min_i64(at, s->discovery.owed ? INT64_MIN : s->discovery.deadline_us);
	if (s->q_len + ROOM <= TT_OBD_SCAN_QUEUE) {
		tt_mono_us due_us;

		(void)next_task(s, INT64_MIN, &ecu, &task, &due_us);
		due_us = tt_min_i64(due_us, s->discovery.due_us);
		at = tt_min_i64(at, due_us > s->quiet_until_us ? due_us : s->quiet_until_us);
	}
	return at;
}
