#include "firmware/proto/obd_scan_tasks.h"

enum { FREEZE_CODE, FREEZE_BITMAP, FREEZE_ITEM };
enum { FREEZE_FRAMES = 8, FREEZE_TRIES = 3 };

/* The bitmap after this one, or 0 when the ECU has no more: each bitmap's last bit names the next. */
static uint8_t bitmap_after(const struct tt_obd_pidset *set, uint8_t base)
{
	return base < 0xE0 && tt_obd_pidset_has(set, (uint8_t)(base + 0x20)) ? (uint8_t)(base + 0x20) : 0;
}

static void ask_current(struct tt_obd_scan *s, uint8_t pid)
{
	s->request.pid = pid;
	s->request.bytes[0] = TT_OBD_CURRENT;
	s->request.bytes[1] = pid;
	s->request.len = 2;
}

/* The one item of a 41 or 42 response to our question for one PID. */
static enum tt_obd_taken take_item(const struct tt_obd_scan *s, const uint8_t *msg, size_t len, struct tt_obd_item *out)
{
	struct tt_rd r;
	uint8_t service;

	if (len >= 2 && msg[1] != s->request.pid)
		return TT_OBD_TAKEN_ALIEN;
	if (tt_obd_items_begin(msg, len, &r, &service) || tt_obd_items_next(&r, service, out))
		return TT_OBD_TAKEN_BAD;
	return TT_OBD_TAKEN_DONE;
}

static enum tt_obd_taken take_bitmap(struct tt_obd_pidset *set, const struct tt_obd_item *item)
{
	struct tt_rd r = tt_rd_init(item->data, item->len);
	uint32_t bits;

	if (tt_rd_u32be(&r, &bits))
		return TT_OBD_TAKEN_BAD;
	tt_obd_pidset_take(set, item->pid, bits);
	return TT_OBD_TAKEN_DONE;
}

static void bitmaps_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	ask_current(s, e->next_bitmap);
}

static enum tt_obd_taken bitmaps_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	enum tt_obd_taken taken = take_item(s, msg, len, &item);

	(void)now_us;
	if (taken == TT_OBD_TAKEN_DONE)
		taken = take_bitmap(&e->supported, &item);
	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	e->next_bitmap = bitmap_after(&e->supported, item.pid);
	return e->next_bitmap ? TT_OBD_TAKEN_MORE : TT_OBD_TAKEN_LAST;
}

static void readiness_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	ask_current(s, TT_OBD_PID_READINESS);
}

static enum tt_obd_taken readiness_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	const enum tt_obd_taken taken = take_item(s, msg, len, &item);

	if (taken == TT_OBD_TAKEN_DONE)
		tt_obd_readiness(item.data, &tt_obd_scan_push(s, TT_OBD_RESULT_READINESS, e->rx_id, now_us)->u.readiness);
	return taken;
}

static void dtcs_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	s->request.bytes[0] = s->request.service;
	s->request.len = 1;
}

static enum tt_obd_taken dtcs_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_dtcs dtcs;

	if (tt_obd_dtcs(msg, len, &dtcs))
		return TT_OBD_TAKEN_BAD;
	tt_obd_scan_push(s, TT_OBD_RESULT_DTCS, e->rx_id, now_us)->u.dtcs = dtcs;
	return TT_OBD_TAKEN_DONE;
}

/* FNV-1a over the codes in their order: only "is it the same list" is asked. */
static uint32_t hash_of(const struct tt_obd_dtcs *dtcs)
{
	uint32_t hash = 2166136261U;

	for (unsigned i = 0; i < dtcs->n; i++) {
		hash = (hash ^ (dtcs->codes[i] >> 8)) * 16777619U;
		hash = (hash ^ (dtcs->codes[i] & 0xFFU)) * 16777619U;
	}
	return hash;
}

static void freeze_begin(struct tt_obd_scan_ecu *e, uint8_t frame)
{
	e->freeze.step = FREEZE_CODE;
	e->freeze.frame = frame;
	e->freeze.pid = TT_OBD_PID_FREEZE_DTC;
	e->freeze.tries = 0;
	memset(&e->freeze_supported, 0, sizeof(e->freeze_supported));
	memset(&e->freeze.result, 0, sizeof(e->freeze.result));
	e->freeze.result.u.freeze.frame = frame;
}

static enum tt_obd_taken stored_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_dtcs dtcs;
	struct tt_obd_scan_task *freeze = &e->tasks[TT_OBD_TASK_FREEZE];

	if (dtcs_take(s, e, now_us, msg, len) || tt_obd_dtcs(msg, len, &dtcs))
		return TT_OBD_TAKEN_BAD;
	if (dtcs.n != e->stored_n || hash_of(&dtcs) != e->stored_hash) {
		freeze_begin(e, 0);
		freeze->due_us = dtcs.n > 0 ? now_us : TT_NEVER;
		freeze->backoff = 0;
		freeze->told_nrc = 0;
	}
	e->stored_n = dtcs.n;
	e->stored_hash = hash_of(&dtcs);
	return TT_OBD_TAKEN_DONE;
}

static void freeze_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	s->request.pid = e->freeze.pid;
	tt_obd_request_freeze(e->freeze.pid, e->freeze.frame, s->request.bytes, &s->request.len);
}

/* Hand the frame out as far as it was read, and turn to the next one. */
static enum tt_obd_taken freeze_finish(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	const bool given = e->freeze.result.u.freeze.dtc != 0;

	if (given || e->freeze.frame == 0)
		tt_obd_scan_push(s, TT_OBD_RESULT_FREEZE, e->rx_id, now_us)->u.freeze = e->freeze.result.u.freeze;
	if (!given || e->freeze.frame + 1 >= e->stored_n || e->freeze.frame + 1 >= FREEZE_FRAMES)
		return TT_OBD_TAKEN_LAST;
	freeze_begin(e, (uint8_t)(e->freeze.frame + 1));
	return TT_OBD_TAKEN_MORE;
}

static enum tt_obd_taken freeze_next_item(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us)
{
	e->freeze.step = FREEZE_ITEM;
	while (e->freeze.pid < 0xFF) {
		const uint8_t pid = ++e->freeze.pid;

		if (pid != TT_OBD_PID_FREEZE_DTC && !tt_obd_is_bitmap(pid) && tt_obd_pidset_has(&e->freeze_supported, pid))
			return TT_OBD_TAKEN_MORE;
	}
	return freeze_finish(s, e, now_us);
}

static void freeze_keep(struct tt_obd_scan_ecu *e, const struct tt_obd_item *item)
{
	struct tt_obd_value value;
	struct tt_obd_freeze_item *keep;

	if (e->freeze.result.u.freeze.n == TT_OBD_SCAN_FREEZE_ITEMS)
		return;
	keep = &e->freeze.result.u.freeze.items[e->freeze.result.u.freeze.n++];
	keep->pid = item->pid;
	keep->len = (uint8_t)(item->len < TT_OBD_SCAN_RAW ? item->len : TT_OBD_SCAN_RAW);
	memcpy(keep->raw, item->data, keep->len);
	keep->decoded = !tt_obd_pid_value(item->pid, item->data, item->len, 0, &value);
	keep->value_milli = keep->decoded ? value.value_milli : 0;
}

static enum tt_obd_taken freeze_code(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_obd_item *item)
{
	struct tt_rd r = tt_rd_init(item->data, item->len);
	uint16_t code;

	if (tt_rd_u16be(&r, &code))
		return TT_OBD_TAKEN_BAD;
	if (code == 0)
		return freeze_finish(s, e, now_us);
	e->freeze.result.u.freeze.dtc = code;
	e->freeze.step = FREEZE_BITMAP;
	e->freeze.pid = 0;
	return TT_OBD_TAKEN_MORE;
}

static enum tt_obd_taken freeze_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	enum tt_obd_taken taken = take_item(s, msg, len, &item);

	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	if (item.frame != e->freeze.frame)
		return TT_OBD_TAKEN_ALIEN;
	e->freeze.tries = 0;
	if (e->freeze.step == FREEZE_CODE)
		return freeze_code(s, e, now_us, &item);
	if (e->freeze.step == FREEZE_ITEM) {
		freeze_keep(e, &item);
		return freeze_next_item(s, e, now_us);
	}
	taken = take_bitmap(&e->freeze_supported, &item);
	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	e->freeze.pid = bitmap_after(&e->freeze_supported, item.pid);
	return e->freeze.pid ? TT_OBD_TAKEN_MORE : freeze_next_item(s, e, now_us);
}

/* A parameter that is refused is left out; silence is tried again a few times first, since the ECU may only be busy. */
static bool freeze_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	if (nrc == 0 && ++e->freeze.tries < FREEZE_TRIES)
		return false;
	e->freeze.tries = 0;
	if (e->freeze.step == FREEZE_CODE)
		e->tasks[TT_OBD_TASK_FREEZE].due_us = freeze_finish(s, e, now_us) == TT_OBD_TAKEN_MORE ? now_us : TT_NEVER;
	else
		e->tasks[TT_OBD_TASK_FREEZE].due_us = freeze_next_item(s, e, now_us) == TT_OBD_TAKEN_MORE ? now_us : TT_NEVER;
	return true;
}

static bool odometer_wanted(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	(void)s;
	return tt_obd_pidset_has(&e->supported, TT_OBD_PID_ODOMETER);
}

static void odometer_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	ask_current(s, TT_OBD_PID_ODOMETER);
}

/* Values that the ECU marks as not available are no result; the question is answered all the same. */
static enum tt_obd_taken value_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	struct tt_obd_value value;
	const enum tt_obd_taken taken = take_item(s, msg, len, &item);

	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	for (unsigned i = 0; i < 4; i++) {
		struct tt_obd_result *result;

		if (tt_obd_pid_value(item.pid, item.data, item.len, i, &value))
			continue;
		result = tt_obd_scan_push(s, TT_OBD_RESULT_PID, e->rx_id, now_us);
		result->u.pid.pid = item.pid;
		result->u.pid.value = value;
	}
	return TT_OBD_TAKEN_DONE;
}

static void vin_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	s->request.pid = TT_OBD_INFO_VIN;
	tt_obd_request_info(TT_OBD_INFO_VIN, s->request.bytes, &s->request.len);
}

static enum tt_obd_taken vin_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	char vin[TT_VIN_TEXT];

	if (len >= 2 && msg[1] != TT_OBD_INFO_VIN)
		return TT_OBD_TAKEN_ALIEN;
	if (tt_obd_vin(msg, len, vin))
		return TT_OBD_TAKEN_BAD;
	memcpy(tt_obd_scan_push(s, TT_OBD_RESULT_VIN, e->rx_id, now_us)->u.vin, vin, sizeof(vin));
	return TT_OBD_TAKEN_LAST;
}

/* Each live PID is asked of the first ECU that has it: two ECUs repeating the speed would only cost bus load. */
static bool live_is_ours(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, uint8_t pid)
{
	for (const struct tt_obd_scan_ecu *first = s->ecus; first < e; first++) {
		if (!first->silent && tt_obd_pidset_has(&first->supported, pid))
			return false;
	}
	return tt_obd_pidset_has(&e->supported, pid);
}

/* Index of the next live PID from `at` on, or nlive. */
static uint8_t live_from(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, uint8_t at)
{
	while (at < s->config.nlive && !live_is_ours(s, e, s->config.live[at]))
		at++;
	return at;
}

static bool live_wanted(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e)
{
	return live_from(s, e, e->live_at) < s->config.nlive || live_from(s, e, 0) < s->config.nlive;
}

static void live_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	e->live_at = live_from(s, e, e->live_at);
	if (e->live_at == s->config.nlive)
		e->live_at = live_from(s, e, 0);
	ask_current(s, s->config.live[e->live_at]);
}

static enum tt_obd_taken live_advance(const struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	e->live_at = live_from(s, e, (uint8_t)(e->live_at + 1));
	if (e->live_at < s->config.nlive)
		return TT_OBD_TAKEN_MORE;
	e->live_at = 0;
	return TT_OBD_TAKEN_DONE;
}

static enum tt_obd_taken live_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	const enum tt_obd_taken taken = value_take(s, e, now_us, msg, len);

	return taken == TT_OBD_TAKEN_DONE ? live_advance(s, e) : taken;
}

/* One PID that is refused or silent must not hold up the others: the sweep goes on behind it, and without it if the ECU lacks it. */
static bool live_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	if (nrc != 0 && tt_obd_nrc(nrc)->action == TT_OBD_NRC_UNSUPPORTED)
		tt_obd_pidset_drop(&e->supported, s->request.pid);
	(void)live_advance(s, e);
	if (nrc == 0)
		return false;
	e->tasks[TT_OBD_TASK_LIVE].due_us = now_us + s->config.live_period_us;
	return true;
}

const struct tt_obd_scan_task_def tt_obd_scan_task_defs[TT_OBD_TASKS] = {
	[TT_OBD_TASK_BITMAPS] = {TT_OBD_CURRENT, NULL, bitmaps_build, bitmaps_take, NULL},
	[TT_OBD_TASK_READINESS] = {TT_OBD_CURRENT, NULL, readiness_build, readiness_take, NULL},
	[TT_OBD_TASK_STORED] = {TT_OBD_STORED, NULL, dtcs_build, stored_take, NULL},
	[TT_OBD_TASK_PENDING] = {TT_OBD_PENDING, NULL, dtcs_build, dtcs_take, NULL},
	[TT_OBD_TASK_PERMANENT] = {TT_OBD_PERMANENT, NULL, dtcs_build, dtcs_take, NULL},
	[TT_OBD_TASK_FREEZE] = {TT_OBD_FREEZE, NULL, freeze_build, freeze_take, freeze_skip},
	[TT_OBD_TASK_ODOMETER] = {TT_OBD_CURRENT, odometer_wanted, odometer_build, value_take, NULL},
	[TT_OBD_TASK_VIN] = {TT_OBD_INFO, NULL, vin_build, vin_take, NULL},
	[TT_OBD_TASK_LIVE] = {TT_OBD_CURRENT, live_wanted, live_build, live_take, live_skip},
};
