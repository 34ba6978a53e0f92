/* Values of service 01, cyclically, up to six PIDs a request: the live PIDs, and slowly what the car counts. */
#include "firmware/proto/obd_scan_parts.h"

/* Odometer; distance, warm-ups and minutes since the codes were cleared; distance and minutes with the lamp on. */
static const uint8_t counts[] = {TT_OBD_PID_ODOMETER, 0x31, 0x30, 0x4E, 0x21, 0x4D};

struct sweep {
	const uint8_t *pids;
	uint8_t n;
	uint8_t *at; /* next of it, in the ECU */
};

static struct sweep sweep_of(const struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	if (s->request.task == TT_OBD_TASK_LIVE)
		return (struct sweep){s->config.live, s->config.nlive, &e->live_at};
	return (struct sweep){counts, sizeof(counts), &e->count_at};
}

/* Each PID is asked of the first ECU that has it: two ECUs repeating the speed would only cost bus load. */
static bool is_ours(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, uint8_t pid)
{
	for (const struct tt_obd_scan_ecu *first = s->ecus; first < e; first++) {
		if (!first->silent && tt_obd_pidset_has(&first->supported, pid))
			return false;
	}
	return tt_obd_pidset_has(&e->supported, pid);
}

/* Index of the next PID from `at` on, or n. */
static uint8_t from(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, const uint8_t *pids, uint8_t n, uint8_t at)
{
	while (at < n && !is_ours(s, e, pids[at]))
		at++;
	return at;
}

bool tt_obd_scan_sweep_wanted_live(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return from(s, e, s->config.live, s->config.nlive, 0) < s->config.nlive;
}

bool tt_obd_scan_sweep_wanted_counts(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return from(s, e, counts, sizeof(counts), 0) < sizeof(counts);
}

/* As many as the ECU takes. One whose length nobody knows can only stand at the end of an answer: it goes alone. */
void tt_obd_scan_sweep_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	const struct sweep w = sweep_of(s, e);
	uint8_t at = from(s, e, w.pids, w.n, *w.at);

	if (at == w.n)
		at = from(s, e, w.pids, w.n, 0);
	*w.at = at;
	do {
		s->request.pids[s->request.npids++] = w.pids[at];
		at = from(s, e, w.pids, w.n, (uint8_t)(at + 1));
	} while (at < w.n && s->request.npids < e->most && tt_obd_pid_len(w.pids[at]) > 0 && tt_obd_pid_len(s->request.pids[0]) > 0);
	s->request.next = at;
	s->request.bytes[0] = TT_OBD_CURRENT;
	memcpy(s->request.bytes + 1, s->request.pids, s->request.npids);
	s->request.len = s->request.npids + 1U;
}

static bool was_asked(const struct tt_obd_scan *s, uint8_t pid)
{
	return memchr(s->request.pids, pid, s->request.npids) != NULL;
}

/* Behind what was asked; false at the end of the sweep. */
static bool advance(const struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	const struct sweep w = sweep_of(s, e);

	*w.at = s->request.next < w.n ? s->request.next : 0;
	return *w.at > 0;
}

/* A value that the ECU marks as not available is no result; the question is answered all the same. */
static void tell(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_obd_item *item)
{
	struct tt_obd_value value;
	struct tt_obd_result *result;

	if (tt_obd_pid_value(item->pid, item->data, item->len, 0, &value))
		return;
	result = tt_obd_scan_push(s, TT_OBD_RESULT_PID, e->rx_id, now_us);
	result->u.pid.pid = item->pid;
	result->u.pid.value = value;
}

enum tt_obd_taken tt_obd_scan_sweep_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					 size_t len)
{
	struct tt_obd_item item;
	struct tt_rd r = tt_obd_scan_behind_service(msg, len);
	uint8_t n = 0;

	if (r.left > 0 && !was_asked(s, r.p[0]))
		return TT_OBD_TAKEN_ALIEN;
	while (n < s->request.npids && !tt_obd_items_next(&r, TT_OBD_CURRENT, &item) && was_asked(s, item.pid)) {
		tell(s, e, now_us, &item);
		n++;
	}
	if (n == 0)
		return TT_OBD_TAKEN_BAD;
	if (n < s->request.npids)
		e->most = s->request.npids / 2; /* the rest comes round again, in smaller requests */
	else if (n > e->proven)
		e->proven = n;
	return advance(s, e) ? TT_OBD_TAKEN_MORE : TT_OBD_TAKEN_DONE;
}

/*
 * Several PIDs and no answer: perhaps too many for this ECU, unless it has taken as many before. One PID that is refused or silent must not
 * hold up the others: the sweep goes on behind it, and without it if the ECU lacks it.
 */
bool tt_obd_scan_sweep_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];

	if (nrc == 0 && s->request.npids > 1 && s->request.npids > e->proven) {
		e->most = s->request.npids / 2;
		task->due_us = now_us;
		return true;
	}
	if (tt_obd_nrc(nrc)->action == TT_OBD_NRC_UNSUPPORTED)
		tt_obd_pidset_drop(&e->supported, s->request.pids[0]); /* alone, or it would have been asked for fewer */
	(void)advance(s, e);
	task->due_us = now_us + (s->request.task == TT_OBD_TASK_LIVE ? s->config.live_period_us : s->config.odometer_period_us);
	return nrc != 0;
}
