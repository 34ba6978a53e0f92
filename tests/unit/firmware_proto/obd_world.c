#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world w;

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && sscanf(text, "%2x", &v) == 1; text += text[2] ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

void world_car(const struct ecu *ecus, size_t n, bool extended)
{
	memset(&w, 0, sizeof(w));
	w.now = TT_SEC(100);
	w.extended = extended;
	w.necus = n;
	for (size_t i = 0; i < n; i++) {
		w.ecus[i] = ecus[i];
		tt_isotp_init(&w.ecus[i].link,
			      &(struct tt_isotp_config){.tx_id = extended ? 0x18DAF100 | (ecus[i].rx_id >> 8 & 0xFF) : ecus[i].rx_id + 8,
							.rx_id = ecus[i].rx_id,
							.extended = extended,
							.pad = true},
			      w.ecus[i].buf, sizeof(w.ecus[i].buf));
	}
}

void world_begin(const struct ecu *ecus, size_t n, const struct tt_obd_scan_config *config)
{
	world_car(ecus, n, false);
	tt_obd_scan_init(&w.scan, config, w.now);
}

void world_set_answer(size_t ecu, const char *request, const char *response)
{
	for (size_t i = 0; i < ANSWERS; i++) {
		struct answer *a = &w.ecus[ecu].answers[i];

		if (!a->request || strcmp(a->request, request) == 0) {
			*a = (struct answer){request, response};
			return;
		}
	}
	fail_msg("no room for an answer to %s", request);
}

static void ecu_answer(struct ecu *e, const uint8_t *msg, size_t len)
{
	for (size_t i = 0; i < ANSWERS && e->answers[i].request; i++) {
		uint8_t want[16];
		const size_t n = unhex(e->answers[i].request, want);
		size_t out_len;

		if (n != len || memcmp(want, msg, n) != 0)
			continue;
		out_len = unhex(e->answers[i].response, e->out);
		if (out_len > 0)
			assert_int_equal(tt_isotp_send(&e->link, e->out, out_len), TT_OK);
		return;
	}
}

void world_ecu_hear(struct ecu *e, const struct tt_can_frame *f)
{
	struct tt_can_frame in = *f;
	struct tt_isotp_event event;

	if (e->dead || in.extended != w.extended)
		return;
	if (in.id == (w.extended ? 0x18DB33F1U : 0x7DFU))
		in.id = e->rx_id;
	(void)tt_isotp_feed(&e->link, w.now, &in);
	while (tt_isotp_next_event(&e->link, &event)) {
		if (event.kind == TT_ISOTP_MESSAGE)
			ecu_answer(e, event.data, event.len);
	}
}

void world_drain_results(void)
{
	while (tt_obd_scan_next(&w.scan, &w.results[w.nresults]))
		assert_true(++w.nresults < RESULTS);
}

/* One round: everything that can be said now is said. */
void world_exchange(void)
{
	struct tt_can_frame f;
	bool busy = true;

	tt_obd_scan_tick(&w.scan, w.now);
	while (busy) {
		busy = false;
		while (tt_obd_scan_next_tx(&w.scan, w.now, &f)) {
			assert_true(w.nlog < LOG);
			w.log[w.nlog].at = w.now;
			w.log[w.nlog++].frame = f;
			busy = true;
			for (size_t i = 0; i < w.necus; i++)
				world_ecu_hear(&w.ecus[i], &f);
		}
		for (size_t i = 0; i < w.necus; i++) {
			while (!w.ecus[i].dead && tt_isotp_next_tx(&w.ecus[i].link, w.now, &f)) {
				busy = true;
				assert_true(tt_obd_scan_feed(&w.scan, w.now, &f));
			}
		}
		world_drain_results();
	}
}

/* Jumps from wake-up to wake-up, so that a missing wake_at shows. */
void world_run(int64_t for_us)
{
	const tt_mono_us end = w.now + for_us;

	for (unsigned turns = 0; turns < 200000; turns++) {
		tt_mono_us at;

		world_exchange();
		at = tt_obd_scan_wake_at(&w.scan);
		for (size_t i = 0; i < w.necus; i++)
			at = tt_min_i64(at, tt_isotp_wake_at(&w.ecus[i].link));
		if (at >= end) {
			w.now = end;
			return;
		}
		if (at <= w.now)
			at = w.now + 1; /* more to do at once; anything but progress ends in the turn limit */
		w.now = at;
	}
	fail_msg("the scan spins without progress");
}

size_t world_count(enum tt_obd_result_kind kind, uint32_t ecu)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nresults; i++)
		n += w.results[i].kind == kind && w.results[i].ecu == ecu;
	return n;
}

const struct tt_obd_result *world_find(enum tt_obd_result_kind kind, uint32_t ecu, size_t index)
{
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind == kind && w.results[i].ecu == ecu && index-- == 0)
			return &w.results[i];
	}
	fail_msg("no result %d of ECU %X", (int)kind, ecu);
	return NULL;
}

const struct tt_obd_result *world_find_dtcs(uint32_t ecu, uint8_t service)
{
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind == TT_OBD_RESULT_DTCS && w.results[i].ecu == ecu && w.results[i].u.dtcs.service == service)
			return &w.results[i];
	}
	fail_msg("no list %02X of ECU %X", service, ecu);
	return NULL;
}

size_t world_requests(const char *hex)
{
	uint8_t want[8];
	const size_t len = unhex(hex, want);
	size_t n = 0;

	for (size_t i = 0; i < w.nlog; i++)
		n += w.log[i].frame.data[0] == len && memcmp(w.log[i].frame.data + 1, want, len) == 0;
	return n;
}
