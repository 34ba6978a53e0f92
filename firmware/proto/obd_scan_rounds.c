/* Once a drive, in their own time: what an ECU tells of itself (09) and what its monitors found (06). */
#include "firmware/proto/obd_scan_parts.h"

/* ---- the way of both: bitmaps first, then everything they name ---- */

static void ask(struct tt_obd_scan *s, uint8_t what)
{
	s->request.npids = 1;
	s->request.pids[0] = what;
	s->request.bytes[0] = s->request.service;
	s->request.bytes[1] = what;
	s->request.len = 2;
}

/* The next question behind `at` that the ECU has and we want, or the end. */
static enum tt_obd_taken onward(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, struct tt_obd_scan_round *round, tt_mono_us now_us,
				bool (*want)(uint8_t))
{
	round->tries = 0;
	round->mapped = true;
	while (round->at < UINT8_MAX) {
		round->at++;
		if (want(round->at) && tt_obd_pidset_has(&round->has, round->at))
			return TT_OBD_TAKEN_MORE;
	}
	tt_obd_scan_push(s, TT_OBD_RESULT_ROUND, e->rx_id, now_us)->u.round.service = s->request.service;
	return TT_OBD_TAKEN_LAST;
}

/* Refused, unreadable, or silent too often: on without it. An ECU that does not tell what it has is not asked for it. */
static bool go_on(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, struct tt_obd_scan_round *round, tt_mono_us now_us, uint8_t nrc,
		  bool (*want)(uint8_t))
{
	struct tt_obd_scan_task *task = &e->tasks[s->request.task];

	if (nrc == 0 && ++round->tries < TT_OBD_SCAN_TRIES)
		return false;
	if (!round->mapped)
		round->at = 0; /* a bitmap that does not come leaves what the ones before it named */
	task->due_us = onward(s, e, round, now_us, want) == TT_OBD_TAKEN_MORE ? now_us + s->config.slow_gap_us : TT_NEVER;
	return true;
}

/* ---- service 09 ---- */

static bool is_info(uint8_t type)
{
	return type == TT_OBD_INFO_CALIBRATIONS || type == TT_OBD_INFO_CVNS || type == TT_OBD_INFO_NAME;
}

void tt_obd_scan_info_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	ask(s, e->info.at);
}

static bool take_info(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_result r = {.kind = TT_OBD_RESULT_CALIBRATIONS};
	bool good;

	if (e->info.at == TT_OBD_INFO_CALIBRATIONS) {
		good = !tt_obd_calibrations(msg, len, &r.u.calibrations);
	} else if (e->info.at == TT_OBD_INFO_CVNS) {
		good = !tt_obd_cvns(msg, len, &r.u.cvns);
		r.kind = TT_OBD_RESULT_CVNS;
	} else {
		good = !tt_obd_ecu_name(msg, len, r.u.name);
		r.kind = TT_OBD_RESULT_NAME;
	}
	if (good)
		tt_obd_scan_push(s, r.kind, e->rx_id, now_us)->u = r.u;
	return good;
}

enum tt_obd_taken tt_obd_scan_info_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	uint32_t bits;

	if (len >= 2 && msg[1] != s->request.pids[0])
		return TT_OBD_TAKEN_ALIEN;
	if (!e->info.mapped) {
		if (tt_obd_info_bitmap(msg, len, &bits))
			return TT_OBD_TAKEN_BAD;
		tt_obd_pidset_take(&e->info.has, 0, bits);
	} else if (!take_info(s, e, now_us, msg, len)) {
		return TT_OBD_TAKEN_BAD;
	}
	return onward(s, e, &e->info, now_us, is_info);
}

bool tt_obd_scan_info_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	return go_on(s, e, &e->info, now_us, nrc, is_info);
}

/* ---- service 06 ---- */

static bool is_monitor(uint8_t mid)
{
	return !tt_obd_is_bitmap(mid);
}

void tt_obd_scan_monitors_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e)
{
	ask(s, e->monitors.at);
}

static bool take_tests(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_obd_result *result;
	struct tt_obd_test test;
	struct tt_rd r;

	if (tt_obd_tests_begin(msg, len, &r))
		return false;
	result = tt_obd_scan_push(s, TT_OBD_RESULT_MONITOR, e->rx_id, now_us);
	result->u.monitor.mid = e->monitors.at;
	while (!tt_obd_tests_next(&r, &test)) {
		if (test.mid != e->monitors.at || result->u.monitor.n == TT_OBD_TESTS)
			result->u.monitor.cut = true;
		else
			result->u.monitor.tests[result->u.monitor.n++] = test;
	}
	result->u.monitor.cut |= r.left > 0;
	return true;
}

enum tt_obd_taken tt_obd_scan_monitors_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					    size_t len)
{
	struct tt_obd_scan_round *round = &e->monitors;
	uint32_t bits;
	uint8_t base;

	if (len >= 2 && msg[1] != s->request.pids[0])
		return TT_OBD_TAKEN_ALIEN;
	if (round->mapped) {
		if (!take_tests(s, e, now_us, msg, len))
			return TT_OBD_TAKEN_BAD;
		return onward(s, e, round, now_us, is_monitor);
	}
	if (tt_obd_monitor_bitmap(msg, len, &base, &bits))
		return TT_OBD_TAKEN_BAD;
	tt_obd_pidset_take(&round->has, base, bits);
	round->tries = 0;
	round->at = tt_obd_scan_bitmap_after(&round->has, base);
	return round->at ? TT_OBD_TAKEN_MORE : onward(s, e, round, now_us, is_monitor);
}

bool tt_obd_scan_monitors_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc)
{
	return go_on(s, e, &e->monitors, now_us, nrc, is_monitor);
}
