#include "firmware/proto/obd_scan_parts.h"

uint8_t tt_obd_scan_bitmap_after(const struct tt_obd_pidset *set, uint8_t base)
{
	const uint8_t next = (uint8_t)(base + 0x20); /* 0 behind E0 */

	return tt_obd_pidset_has(set, next) ? next : 0;
}

static void ask_current(struct tt_obd_scan *s, uint8_t pid)
{
	s->request.npids = 1;
	s->request.pids[0] = pid;
	s->request.bytes[0] = TT_OBD_CURRENT;
	s->request.bytes[1] = pid;
	s->request.len = 2;
}

enum tt_obd_taken tt_obd_scan_item(const struct tt_obd_scan *s, const uint8_t *msg, size_t len, struct tt_obd_item *out)
{
	struct tt_rd r = tt_obd_scan_behind_service(msg, len);

	if (r.left > 0 && r.p[0] != s->request.pids[0])
		return TT_OBD_TAKEN_ALIEN;
	return tt_obd_items_next(&r, s->request.service, out) ? TT_OBD_TAKEN_BAD : TT_OBD_TAKEN_DONE;
}

void tt_obd_scan_bitmap(struct tt_obd_pidset *set, const struct tt_obd_item *item)
{
	const uint8_t *p = item->data;

	tt_obd_pidset_take(set, item->pid, (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

/* ---- what service 01 supports ---- */

static void bitmaps_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	ask_current(s, e->next_bitmap);
}

static enum tt_obd_taken bitmaps_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	const enum tt_obd_taken taken = tt_obd_scan_item(s, msg, len, &item);

	if (taken != TT_OBD_TAKEN_DONE)
		return taken;
	if (item.pid == 0)
		memset(&e->supported, 0, sizeof(e->supported)); /* an ECU may have been reprogrammed since the last drive */
	tt_obd_scan_bitmap(&e->supported, &item);
	e->next_bitmap = tt_obd_scan_bitmap_after(&e->supported, item.pid);
	if (e->next_bitmap)
		return TT_OBD_TAKEN_MORE;
	tt_obd_scan_push(s, TT_OBD_RESULT_PIDS, e->rx_id, now_us)->u.pids = e->supported;
	return TT_OBD_TAKEN_LAST;
}

/* ---- lamp, codes, VIN ---- */

static void readiness_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	ask_current(s, TT_OBD_PID_READINESS);
}

static enum tt_obd_taken readiness_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_item item;
	const enum tt_obd_taken taken = tt_obd_scan_item(s, msg, len, &item);

	if (taken == TT_OBD_TAKEN_DONE)
		tt_obd_readiness(item.data, &tt_obd_scan_push(s, TT_OBD_RESULT_READINESS, e->rx_id, now_us)->u.readiness);
	return taken;
}

static void bare_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
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
	if (dtcs.service == TT_OBD_STORED)
		tt_obd_scan_take_stored(s, e, now_us, &dtcs);
	return TT_OBD_TAKEN_DONE;
}

static void vin_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	(void)e;
	s->request.npids = 1;
	s->request.pids[0] = TT_OBD_INFO_VIN;
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

/* ---- clearing codes: once, told, never repeated ---- */

static enum tt_obd_taken clear_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	tt_obd_scan_push(s, TT_OBD_RESULT_CLEARED, e->rx_id, now_us)->u.cleared.done = true;
	tt_obd_scan_hurry(s, now_us);
	return TT_OBD_TAKEN_LAST;
}

static bool clear_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	tt_obd_scan_push(s, TT_OBD_RESULT_CLEARED, e->rx_id, now_us)->u.cleared.nrc = nrc;
	e->tasks[TT_OBD_TASK_CLEAR].due_us = TT_NEVER;
	return true;
}

const struct tt_obd_scan_task_def tt_obd_scan_task_defs[TT_OBD_TASKS] = {
	[TT_OBD_TASK_BITMAPS] = {.service = TT_OBD_CURRENT, .build = bitmaps_build, .take = bitmaps_take},
	[TT_OBD_TASK_CLEAR] = {.service = TT_OBD_CLEAR, .quiet = true, .build = bare_build, .take = clear_take, .skip = clear_skip},
	[TT_OBD_TASK_READINESS] = {.service = TT_OBD_CURRENT, .build = readiness_build, .take = readiness_take},
	[TT_OBD_TASK_STORED] = {.service = TT_OBD_STORED, .build = bare_build, .take = dtcs_take},
	[TT_OBD_TASK_PENDING] = {.service = TT_OBD_PENDING, .build = bare_build, .take = dtcs_take},
	[TT_OBD_TASK_PERMANENT] = {.service = TT_OBD_PERMANENT, .build = bare_build, .take = dtcs_take},
	[TT_OBD_TASK_FREEZE] = {.service = TT_OBD_FREEZE,
				.wanted = tt_obd_scan_freeze_wanted,
				.build = tt_obd_scan_freeze_build,
				.take = tt_obd_scan_freeze_take,
				.skip = tt_obd_scan_freeze_skip},
	[TT_OBD_TASK_COUNTS] = {.service = TT_OBD_CURRENT,
				.wanted = tt_obd_scan_sweep_wanted_counts,
				.build = tt_obd_scan_sweep_build,
				.take = tt_obd_scan_sweep_take,
				.skip = tt_obd_scan_sweep_skip},
	[TT_OBD_TASK_VIN] = {.service = TT_OBD_INFO, .build = vin_build, .take = vin_take},
	[TT_OBD_TASK_LIVE] = {.service = TT_OBD_CURRENT,
			      .wanted = tt_obd_scan_sweep_wanted_live,
			      .build = tt_obd_scan_sweep_build,
			      .take = tt_obd_scan_sweep_take,
			      .skip = tt_obd_scan_sweep_skip},
	[TT_OBD_TASK_INFO] = {.service = TT_OBD_INFO,
			      .slow = true,
			      .build = tt_obd_scan_info_build,
			      .take = tt_obd_scan_info_take,
			      .skip = tt_obd_scan_info_skip},
	[TT_OBD_TASK_MONITORS] = {.service = TT_OBD_MONITOR,
				  .slow = true,
				  .build = tt_obd_scan_monitors_build,
				  .take = tt_obd_scan_monitors_take,
				  .skip = tt_obd_scan_monitors_skip},
};
