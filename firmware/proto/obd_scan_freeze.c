/* Freeze frames (service 02): after a change of stored codes, frame by frame, one ECU at a time. */
#include "firmware/proto/obd_scan_parts.h"

enum { CODE, BITMAP, ITEM };
enum { FRAMES = 8 };

static bool is_mine(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return s->freeze.taken && e == &s->ecus[s->freeze.ecu];
}

void tt_obd_scan_freeze_release(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	if (is_mine(s, e))
		s->freeze.taken = false;
}

void tt_obd_scan_take_stored(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_obd_dtcs *dtcs)
{
	struct tt_obd_scan_task *task = &e->tasks[TT_OBD_TASK_FREEZE];
	const size_t bytes = dtcs->n * sizeof(dtcs->codes[0]);

	if (dtcs->n == e->stored_n && memcmp(dtcs->codes, e->stored, bytes) == 0)
		return;
	tt_obd_scan_freeze_release(s, e);
	task->due_us = dtcs->n > 0 ? now_us : TT_NEVER;
	task->backoff = 0;
	task->told_nrc = 0;
	e->freeze_tries = 0;
	e->stored_n = dtcs->n;
	memcpy(e->stored, dtcs->codes, bytes);
}

/* The frame that was handed out stands in the same place until it is fetched. */
bool tt_obd_scan_freeze_wanted(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return !s->freeze.unread && (!s->freeze.taken || is_mine(s, e));
}

static void begin(struct tt_obd_scan *s, uint8_t frame)
{
	s->freeze.step = CODE;
	s->freeze.frame = frame;
	s->freeze.pid = TT_OBD_PID_FREEZE_DTC;
}

void tt_obd_scan_freeze_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	if (!s->freeze.taken) {
		s->freeze.taken = true;
		s->freeze.ecu = s->request.ecu;
		begin(s, 0);
	}
	if (s->freeze.step == CODE) {
		s->freeze.dtc = 0;
		s->freeze.n = 0;
		memset(&s->freeze.has, 0, sizeof(s->freeze.has));
	}
	(void)e;
	s->request.npids = 1;
	s->request.pids[0] = s->freeze.pid;
	tt_obd_request_freeze(s->freeze.pid, s->freeze.frame, s->request.bytes, &s->request.len);
}

/* Hand the frame out as far as it was read, and turn to the next one. */
static enum tt_obd_taken finish(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	const bool given = s->freeze.dtc != 0;

	if (given || s->freeze.frame == 0) {
		struct tt_obd_result *r = tt_obd_scan_push(s, TT_OBD_RESULT_FREEZE, e->rx_id, now_us);

		r->u.freeze.dtc = s->freeze.dtc;
		r->u.freeze.frame = s->freeze.frame;
		r->u.freeze.n = s->freeze.n;
		r->u.freeze.items = s->freeze.items;
		s->freeze.unread = true;
	}
	if (!given || s->freeze.frame + 1 >= e->stored_n || s->freeze.frame + 1 >= FRAMES) {
		s->freeze.taken = false;
		return TT_OBD_TAKEN_LAST;
	}
	begin(s, (uint8_t)(s->freeze.frame + 1));
	return TT_OBD_TAKEN_MORE;
}

static enum tt_obd_taken next_item(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	s->freeze.step = ITEM;
	while (s->freeze.pid < 0xFF) {
		const uint8_t pid = ++s->freeze.pid;

		if (pid != TT_OBD_PID_FREEZE_DTC && !tt_obd_is_bitmap(pid) && tt_obd_pidset_has(&s->freeze.has, pid))
			return TT_OBD_TAKEN_MORE;
	}
	return finish(s, e, now_us);
}

static void keep(struct tt_obd_scan *s, const struct tt_obd_item *item)
{
	struct tt_obd_value value;
	struct tt_obd_freeze_item *kept;

	if (s->freeze.n == TT_OBD_SCAN_FREEZE_ITEMS)
		return;
	kept = &s->freeze.items[s->freeze.n++];
	kept->pid = item->pid;
	kept->len = (uint8_t)(item->len < TT_OBD_SCAN_RAW ? item->len : TT_OBD_SCAN_RAW);
	memcpy(kept->raw, item->data, kept->len);
	kept->decoded = !tt_obd_pid_value(item->pid, item->data, item->len, 0, &value);
	kept->value_milli = kept->decoded ? value.value_milli : 0;
}

static enum tt_obd_taken take_code(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us,
				   const struct tt_obd_item *item)
{
	const uint16_t code = (uint16_t)(item->data[0] << 8 | item->data[1]); /* the PID's length is 2 */

	if (code == 0)
		return finish(s, e, now_us);
	s->freeze.dtc = code;
	s->freeze.step = BITMAP;
	s->freeze.pid = 0;
	return TT_OBD_TAKEN_MORE;
}

enum tt_obd_taken tt_obd_scan_freeze_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					  size_t len)
{
	struct tt_obd_item item;
	const enum tt_obd_taken taken = tt_obd_scan_item(s, msg, len, &item);

	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	if (item.frame != s->freeze.frame)
		return TT_OBD_TAKEN_ALIEN;
	e->freeze_tries = 0;
	if (s->freeze.step == CODE)
		return take_code(s, e, now_us, &item);
	if (s->freeze.step == ITEM) {
		keep(s, &item);
		return next_item(s, e, now_us);
	}
	tt_obd_scan_bitmap(&s->freeze.has, &item);
	s->freeze.pid = tt_obd_scan_bitmap_after(&s->freeze.has, item.pid);
	return s->freeze.pid ? TT_OBD_TAKEN_MORE : next_item(s, e, now_us);
}

/* A parameter that is refused is left out; silence is tried again a few times first, since the ECU may only be busy. */
bool tt_obd_scan_freeze_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	enum tt_obd_taken next;

	if (nrc == 0 && ++e->freeze_tries < TT_OBD_SCAN_TRIES)
		return false;
	e->freeze_tries = 0;
	next = s->freeze.step == CODE ? finish(s, e, now_us) : next_item(s, e, now_us);
	e->tasks[TT_OBD_TASK_FREEZE].due_us = next == TT_OBD_TAKEN_MORE ? now_us : TT_NEVER;
	return true;
}
