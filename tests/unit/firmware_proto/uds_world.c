#include "uds_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world w;

static const char *const kinds[] = {
	[TT_UDS_RESULT_ECU] = "ecu",           [TT_UDS_RESULT_CODES] = "codes",         [TT_UDS_RESULT_SUPPORTED] = "supported",
	[TT_UDS_RESULT_COUNTERS] = "counters", [TT_UDS_RESULT_SNAPSHOTS] = "snapshots", [TT_UDS_RESULT_EXTENDED] = "extended",
	[TT_UDS_RESULT_DATA] = "data",         [TT_UDS_RESULT_REFUSING] = "refusing",   [TT_UDS_RESULT_BAD] = "bad",
	[TT_UDS_RESULT_SILENT] = "silent",
};

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && *text != '|' && sscanf(text, "%2x", &v) == 1; text += text[2] && text[2] != '|' ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

int world_fresh(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	return 0;
}

static void make_ecu(unsigned i)
{
	struct tt_uds_ecu *ecu = &w.ecus[i];

	if (ecu->request == 0) {
		ecu->request = 0x7E0 + i;
		ecu->response = 0x7E8 + i;
	}
	tt_isotp_init(&w.car[i].link,
		      &(struct tt_isotp_config){.tx_id = ecu->response,
						.rx_id = ecu->request,
						.addressed = ecu->addressed,
						.tx_address = ecu->source,
						.rx_address = ecu->target,
						.pad = true},
		      w.car[i].buf, sizeof(w.car[i].buf));
}

void world_begin(size_t necus, size_t ndids)
{
	w.now = TT_SEC(100);
	w.may_begin = true;
	w.config.ecus = w.ecus;
	w.config.necus = necus;
	w.config.dids = w.dids;
	w.config.ndids = ndids;
	for (unsigned i = 0; i < necus; i++)
		make_ecu(i);
	tt_uds_scan_init(&w.scan, &w.config, w.now);
}

void world_says(unsigned ecu, const char *request, const char *response)
{
	for (unsigned i = 0; i < ANSWERS; i++) {
		struct answer *a = &w.car[ecu].answers[i];

		if (a->request && strcmp(a->request, request) != 0)
			continue;
		*a = (struct answer){request, response};
		w.car[ecu].asked[i] = 0;
		return;
	}
	fail_msg("too many answers");
}

/* ---- the ECUs answer by themselves ---- */

static void log_request(unsigned ecu, const uint8_t *msg, size_t len)
{
	char *log = w.asked[w.nasked];

	assert_true(w.nasked < LOG);
	w.asked_at[w.nasked++] = w.now;
	log += snprintf(log, LOG_TEXT, "%u:", ecu);
	for (size_t i = 0; i < len; i++)
		log += snprintf(log, 4, "%02X", msg[i]);
}

static void send(unsigned ecu, size_t len)
{
	if (len > 0)
		assert_int_equal(tt_isotp_send(&w.car[ecu].link, w.car[ecu].out, len), TT_OK);
}

static void answer(unsigned ecu, const uint8_t *msg, size_t len)
{
	log_request(ecu, msg, len);
	for (unsigned i = 0; i < ANSWERS && w.car[ecu].answers[i].request; i++) {
		uint8_t want[16];
		const size_t n = unhex(w.car[ecu].answers[i].request, want);
		const char *response = w.car[ecu].answers[i].response;

		if (n != len || memcmp(want, msg, n) != 0)
			continue;
		for (unsigned k = 0; k < w.car[ecu].asked[i] && strchr(response, '|'); k++)
			response = strchr(response, '|') + 1;
		w.car[ecu].asked[i]++;
		send(ecu, unhex(response, w.car[ecu].out));
		return;
	}
	if (w.car[ecu].refuses) {
		memcpy(w.car[ecu].out, (uint8_t[]){0x7F, msg[0], 0x31}, 3);
		send(ecu, 3);
	}
}

void world_collect(void)
{
	struct tt_uds_result r;

	while (tt_uds_scan_next(&w.scan, &r)) {
		assert_true(w.nresults < RESULTS);
		w.results[w.nresults] = r;
		if (r.msg)
			memcpy(w.bytes[w.nresults], r.msg, r.len > KEPT ? KEPT : r.len);
		w.nresults++;
	}
}

static void hear(unsigned ecu, const struct tt_can_frame *f)
{
	struct tt_isotp_event e;

	if (!w.car[ecu].dead)
		(void)tt_isotp_feed(&w.car[ecu].link, w.now, f);
	while (tt_isotp_next_event(&w.car[ecu].link, &e)) {
		if (e.kind == TT_ISOTP_MESSAGE)
			answer(ecu, e.data, e.len);
	}
}

/* All that can be said now is said. */
static void exchange(void)
{
	struct tt_can_frame f;
	bool busy = true;

	tt_uds_scan_tick(&w.scan, w.now);
	world_collect();
	while (busy) {
		busy = false;
		while (tt_uds_scan_next_tx(&w.scan, w.now, w.may_begin, &f)) {
			busy = true;
			for (unsigned i = 0; i < w.config.necus; i++)
				hear(i, &f);
		}
		for (unsigned i = 0; i < w.config.necus; i++) {
			tt_isotp_tick(&w.car[i].link, w.now);
			while (tt_isotp_next_tx(&w.car[i].link, w.now, &f)) {
				busy = true;
				(void)tt_uds_scan_feed(&w.scan, w.now, &f);
			}
		}
		world_collect();
	}
}

void world_run(int64_t us)
{
	for (const tt_mono_us end = w.now + us; w.now < end; w.now += STEP_US)
		exchange();
}

unsigned world_asked(const char *request)
{
	unsigned n = 0;

	for (size_t i = 0; i < w.nasked; i++)
		n += strcmp(w.asked[i], request) == 0;
	return n;
}

const struct tt_uds_result *world_result(enum tt_uds_result_kind kind, unsigned which)
{
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind == kind && which-- == 0)
			return &w.results[i];
	}
	return NULL;
}

unsigned world_results(enum tt_uds_result_kind kind)
{
	unsigned n = 0;

	while (world_result(kind, n))
		n++;
	return n;
}

const uint8_t *world_bytes(const struct tt_uds_result *result)
{
	assert_non_null(result);
	return w.bytes[result - w.results];
}

/* ---- one frame at a time, at exact times ---- */

void world_asks_at(tt_mono_us at, unsigned ecu, const char *hex)
{
	struct tt_can_frame f;
	uint8_t want[8];
	const size_t n = unhex(hex, want);
	const tt_mono_us wake = tt_uds_scan_wake_at(&w.scan);

	assert_int_equal(wake > w.now ? wake : w.now, at);
	if (wake == at) {
		tt_uds_scan_tick(&w.scan, at - 1);
		assert_false(tt_uds_scan_next_tx(&w.scan, at - 1, true, &f));
	}
	w.now = at;
	tt_uds_scan_tick(&w.scan, w.now);
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now, true, &f));
	assert_int_equal(f.id, w.ecus[ecu].request);
	assert_int_equal(f.len, 8);
	assert_int_equal(f.data[0], n);
	assert_memory_equal(f.data + 1, want, n);
}

bool world_replies(int64_t after_us, const char *hex)
{
	struct tt_can_frame f = {.id = w.ecus[w.scan.request.ecu].response, .len = 8};

	w.now += after_us;
	f.data[0] = (uint8_t)unhex(hex, f.data + 1);
	return tt_uds_scan_feed(&w.scan, w.now, &f);
}

void world_is_silent_for(int64_t us)
{
	struct tt_can_frame f;

	assert_true(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now, true, &f));
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + us);
	tt_uds_scan_tick(&w.scan, w.now + us - 1);
	assert_true(tt_uds_scan_busy(&w.scan));
	w.now += us;
	tt_uds_scan_tick(&w.scan, w.now);
	assert_false(tt_uds_scan_busy(&w.scan));
}

void world_told(const char *names)
{
	char told[128] = "";
	size_t n = 0;
	struct tt_uds_result r;

	while (tt_uds_scan_next(&w.scan, &r)) {
		assert_int_equal(r.at_us, w.now);
		n += (size_t)snprintf(told + n, sizeof(told) - n, "%s%s", n > 0 ? " " : "", kinds[r.kind]);
	}
	assert_string_equal(told, names);
}

void world_talk(tt_mono_us at, unsigned ecu, const char *request, const char *reply, const char *tells)
{
	world_asks_at(at, ecu, request);
	if (*reply)
		assert_true(world_replies(0, reply));
	else
		world_is_silent_for(w.config.p2_us > 0 ? w.config.p2_us : TT_MS(150));
	world_told(tells);
}
