#include "isotp_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

void start(struct bench *b, struct tt_isotp_config config, size_t cap)
{
	config.tx_id = 0x7E0;
	config.rx_id = 0x7E8;
	config.pad = true;
	config.pad_byte = 0xCC;
	b->now = 1000000;
	tt_isotp_init(&b->link, &config, b->buf, cap);
}

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && sscanf(text, "%2x", &v) == 1; text += text[2] ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

void peer(struct bench *b, const char *hex)
{
	struct tt_can_frame f = {.id = 0x7E8};

	f.len = (uint8_t)unhex(hex, f.data);
	assert_true(tt_isotp_feed(&b->link, b->now, &f));
}

void expect_frame(struct bench *b, const char *hex)
{
	struct tt_can_frame f;
	uint8_t want[8];
	const size_t n = unhex(hex, want);

	if (!tt_isotp_next_tx(&b->link, b->now, &f))
		fail_msg("no frame, wanted %s", hex);
	assert_int_equal(f.id, 0x7E0);
	assert_int_equal(f.len, 8);
	assert_memory_equal(f.data, want, n);
	for (size_t i = n; i < 8; i++)
		assert_int_equal(f.data[i], 0xCC);
}

void expect_no_frame(struct bench *b)
{
	struct tt_can_frame f;

	assert_false(tt_isotp_next_tx(&b->link, b->now, &f));
}

struct tt_isotp_event expect_event(struct bench *b, enum tt_isotp_event_kind kind)
{
	struct tt_isotp_event e;

	assert_true(tt_isotp_next_event(&b->link, &e));
	assert_int_equal(e.kind, kind);
	return e;
}

void expect_failure(struct bench *b, enum tt_isotp_event_kind kind, enum tt_isotp_failure why)
{
	const struct tt_isotp_event e = expect_event(b, kind);

	if (e.why != why)
		fail_msg("failed with: %s", tt_isotp_failure_text(e.why));
}

void expect_quiet(struct bench *b)
{
	struct tt_isotp_event e;

	assert_false(tt_isotp_next_event(&b->link, &e));
}

void pass(struct bench *b, int64_t us)
{
	b->now += us;
	tt_isotp_tick(&b->link, b->now);
}
