#include "firmware/proto/obd_scan_parts.h"

#include <assert.h>

enum { BACKOFF_STUBBORN = 2 }; /* an ECU that falls silent is given up before any question fails more often */

static_assert((int)TT_OBD_SCAN_ROOM + 2 <= (int)TT_OBD_SCAN_QUEUE, "the queue must hold what one request brings");
static_assert(sizeof(struct tt_obd_scan) < 24 * 1024, "the agent holds one a bus, and wants to stay under 8 MB in all");

static void set_default(int64_t *field, int64_t value)
{
	if (*field == 0)
		*field = value;
}

struct tt_obd_result *tt_obd_scan_push(struct tt_obd_scan *s, enum tt_obd_result_kind kind, uint32_t ecu, tt_mono_us now_us)
{
	struct tt_obd_result *result;

	/* No request is made without room in the queue, so this holds whatever the bus brings. */
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
	if (out->kind == TT_OBD_RESULT_FREEZE)
		s->freeze.unread = false;
	return true;
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
	set_default(&c->info_after_us, TT_SEC(5));
	set_default(&c->monitors_after_us, TT_SEC(30));
	set_default(&c->slow_gap_us, TT_MS(300));
	if (c->pad_byte == 0)
		c->pad_byte = 0xCC;
	if (c->pending_max == 0)
		c->pending_max = 12;
	s->discovery.extended = c->only_29bit;
	s->discovery.due_us = now_us;
	s->quiet_until_us = now_us;
}

void tt_obd_scan_drive(const struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	const int64_t after_us[TT_OBD_TASKS] = {
		[TT_OBD_TASK_CLEAR] = TT_NEVER,
		[TT_OBD_TASK_FREEZE] = TT_NEVER,
		[TT_OBD_TASK_INFO] = s->config.info_after_us,
		[TT_OBD_TASK_MONITORS] = s->config.monitors_after_us,
	};

	for (unsigned i = 0; i < TT_OBD_TASKS; i++) {
		e->tasks[i].backoff = 0;
		if (!e->tasks[i].unsupported)
			e->tasks[i].due_us = after_us[i] == TT_NEVER ? TT_NEVER : now_us + after_us[i];
	}
	e->next_bitmap = e->live_at = e->count_at = 0;
	e->info = e->monitors = (struct tt_obd_scan_round){.mapped = false};
	e->stored_n = 0;
}

void tt_obd_scan_pause(struct tt_obd_scan *s, tt_mono_us now_us, bool on)
{
	if (on == s->paused)
		return;
	s->paused = on;
	s->request.active = false;
	s->freeze.taken = false;
	s->discovery.active = s->discovery.owed = false;
	s->discovery.failures = 0;
	s->discovery.told_nobody = s->discovery.told_too_many = false;
	s->discovery.due_us = now_us; /* behind the gap: however short the pause was */
	for (unsigned i = 0; i < s->necus; i++) {
		struct tt_obd_scan_ecu *e = &s->ecus[i];

		tt_obd_scan_drive(s, e, now_us);
		e->tasks[TT_OBD_TASK_BITMAPS].due_us = now_us; /* the probe, even of one that refused it */
		e->unsure = e->unsure || !e->silent;
		e->silent = true;
	}
}

/*
 * An ECU is back: ask everything again. Questions that failed again and again keep their pause, or an ECU that answers some questions and
 * never others would be asked without end, back and forth between silent and heard.
 */
static void ecu_due(struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	for (unsigned i = 0; i < TT_OBD_TASKS; i++) {
		struct tt_obd_scan_task *t = &e->tasks[i];

		if (!tt_obd_scan_task_defs[i].slow && t->due_us != TT_NEVER && t->backoff <= BACKOFF_STUBBORN)
			t->due_us = now_us;
	}
}

/* The patience that the ECU asked for is over. */
static void not_busy(struct tt_obd_scan_ecu *e)
{
	e->busy = 0;
	e->busy_until_us = 0;
}

void tt_obd_scan_heard(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	e->silences = 0;
	not_busy(e);
	if (!e->silent)
		return;
	e->silent = false;
	e->tasks[TT_OBD_TASK_BITMAPS].backoff = 0;
	ecu_due(e, now_us);
	if (!e->unsure)
		tt_obd_scan_push(s, TT_OBD_RESULT_ECU, e->rx_id, now_us);
	e->unsure = false;
}

void tt_obd_scan_hurry(struct tt_obd_scan *s, tt_mono_us now_us)
{
	for (unsigned i = 0; i < s->necus; i++) {
		for (unsigned t = 0; t < TT_OBD_TASKS; t++) {
			struct tt_obd_scan_task *task = &s->ecus[i].tasks[t];

			if (task->backoff == 0 && task->due_us != TT_NEVER && !tt_obd_scan_task_defs[t].slow)
				task->due_us = tt_min_i64(task->due_us, now_us);
		}
	}
}

enum tt_err tt_obd_scan_clear(struct tt_obd_scan *s, tt_mono_us now_us)
{
	enum tt_err err = TT_ENOTFOUND;

	if (s->paused)
		return TT_EAGAIN;
	for (unsigned i = 0; i < s->necus; i++) {
		if (s->ecus[i].silent)
			continue;
		s->ecus[i].tasks[TT_OBD_TASK_CLEAR] = (struct tt_obd_scan_task){.due_us = now_us};
		err = TT_OK;
	}
	return err;
}

static struct tt_obd_scan_ecu *ecu_by_id(struct tt_obd_scan *s, uint32_t rx_id)
{
	for (unsigned i = 0; i < s->necus; i++) {
		if (s->ecus[i].rx_id == rx_id)
			return &s->ecus[i];
	}
	return NULL;
}

/*
 * An answer to nobody's question of ours: to another tester's, or too late. It is not fed to the link, since a flow control of ours would
 * disturb the other. An ECU that asks for patience gets it: more questions now would only be lost.
 */
static void stray(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_can_frame *in)
{
	static const uint8_t pending[] = {3, TT_OBD_NEGATIVE};

	s->strays++;
	if (!e)
		return;
	if (in->len < 4 || memcmp(in->data, pending, sizeof(pending)) != 0 || in->data[3] != TT_OBD_NRC_PENDING_CODE) {
		not_busy(e);
	} else if (e->busy < s->config.pending_max) {
		e->busy++;
		e->busy_until_us = now_us + s->config.p2_star_us;
	}
}

bool tt_obd_scan_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in)
{
	struct tt_obd_scan_ecu *e;

	if (in->bus != s->config.bus || in->rtr || in->error || !tt_obd_is_response_id(in->id, in->extended))
		return false;
	if (s->paused)
		return true;
	e = ecu_by_id(s, in->id);
	if (tt_obd_scan_find_feed(s, e, now_us, in))
		return true;
	if (e && tt_obd_scan_ask_is(s, e))
		tt_obd_scan_ask_feed(s, now_us, in);
	else
		stray(s, e, now_us, in);
	return true;
}

/* Begin the next question when nothing is under way, the gap has passed and the queue has room. */
static void schedule(struct tt_obd_scan *s, tt_mono_us now_us)
{
	unsigned ecu, task;
	tt_mono_us due_us;

	if (s->request.active || s->discovery.active || now_us < s->quiet_until_us || !tt_obd_scan_has_room(s))
		return;
	if (s->discovery.due_us <= now_us)
		tt_obd_scan_find_start(s);
	else if (tt_obd_scan_ask_next(s, now_us, &ecu, &task, &due_us))
		tt_obd_scan_ask_start(s, ecu, task);
}

void tt_obd_scan_tick(struct tt_obd_scan *s, tt_mono_us now_us)
{
	if (s->paused)
		return;
	tt_obd_scan_ask_tick(s, now_us);
	tt_obd_scan_find_tick(s, now_us);
	schedule(s, now_us);
}

bool tt_obd_scan_next_tx(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (s->paused)
		return false;
	schedule(s, now_us);
	if (s->discovery.owed) {
		tt_obd_scan_find_frame(s, now_us, out);
		return true;
	}
	return s->request.active && tt_obd_scan_ask_frame(s, now_us, out);
}

tt_mono_us tt_obd_scan_wake_at(const struct tt_obd_scan *s)
{
	unsigned ecu, task;
	tt_mono_us due_us;

	if (s->paused)
		return TT_NEVER;
	if (s->request.active)
		return s->request.sent ? tt_min_i64(s->request.deadline_us, tt_isotp_wake_at(&s->link)) : INT64_MIN;
	if (s->discovery.active)
		return s->discovery.owed ? INT64_MIN : s->discovery.deadline_us;
	if (!tt_obd_scan_has_room(s))
		return TT_NEVER;
	(void)tt_obd_scan_ask_next(s, INT64_MIN, &ecu, &task, &due_us);
	due_us = tt_min_i64(due_us, s->discovery.due_us);
	return due_us > s->quiet_until_us ? due_us : s->quiet_until_us;
}

bool tt_obd_scan_busy(const struct tt_obd_scan *s)
{
	return (s->request.active && s->request.sent) || (s->discovery.active && !s->discovery.owed);
}
