#include "wire/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#define START INT64_C(1767225600123456) /* 2026-01-01T00:00:00.123456Z */

static uint8_t encoded[TT_CHUNK_MAX_ENCODED];

struct gathered {
	struct tt_sample sample[TT_CHUNK_MAX_SAMPLES];
	size_t count, stop_after;
};

static enum tt_err gather(void *ctx, const struct tt_sample *s)
{
	struct gathered *g = ctx;

	if (g->stop_after && g->count == g->stop_after)
		return TT_EAGAIN;
	g->sample[g->count++] = *s;
	return TT_OK;
}

static int setup(void **state)
{
	struct tt_chunk *c = NULL;

	if (tt_chunk_create(&c))
		return -1;
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	tt_chunk_destroy(*state);
	return 0;
}

/* splitmix64: the same numbers on every run. */
static uint64_t draw(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static int by_signal_then_time(const void *a, const void *b)
{
	const struct tt_sample *x = a, *y = b;

	if (x->signal != y->signal)
		return x->signal < y->signal ? -1 : 1;
	return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

/* What the chunk says after a round trip, against what went in. Times are distinct within a signal, so the order is known. */
static void expect_round_trip(struct tt_chunk *c, struct tt_sample *in, size_t n)
{
	struct gathered *out = calloc(1, sizeof(*out));
	tt_utc_us start = 0;
	uint32_t samples = 0, raw = 0;
	size_t len = 0;

	assert_non_null(out);
	assert_int_equal(tt_chunk_count(c), n);
	assert_int_equal(tt_chunk_encode(c, encoded, sizeof(encoded), &len, &start, &samples, &raw), TT_OK);
	assert_int_equal(tt_chunk_decode(encoded, len, start, samples, raw, gather, out), TT_OK);
	assert_int_equal(out->count, n);
	qsort(in, n, sizeof(*in), by_signal_then_time);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(out->sample[i].signal, in[i].signal);
		assert_int_equal(out->sample[i].at_us, in[i].at_us / 1000 * 1000);
		assert_true(out->sample[i].value == in[i].value);
	}
	free(out);
}

static void random_samples_survive_the_round_trip(void **state)
{
	static struct tt_sample in[TT_CHUNK_MAX_SAMPLES];
	struct tt_chunk *c = *state;

	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t s = seed;
		const unsigned signals = 1 + (unsigned)(draw(&s) % 60), value_bits = (unsigned)(draw(&s) % 64);
		const size_t want = 1 + draw(&s) % TT_CHUNK_MAX_SAMPLES;
		size_t n = 0;

		tt_chunk_reset(c);
		for (int64_t at = START; n < want; at += 1000 + (int64_t)(draw(&s) % 50000)) {
			in[n] = (struct tt_sample){.at_us = at,
						   .signal = (uint16_t)(draw(&s) % signals * 977),
						   .value = (int64_t)(draw(&s) >> (63 - value_bits))};
			if (draw(&s) % 2)
				in[n].value = -in[n].value;
			if (tt_chunk_add(c, &in[n]) == TT_EFULL)
				break;
			n++;
		}
		assert_true(n > 2000 || n == want);
		expect_round_trip(c, in, n);
	}
}

static void the_ends_of_every_type_survive(void **state)
{
	static const int64_t values[] = {INT64_MIN, INT64_MAX, INT64_MIN, 0, -1, INT64_MAX, 1, INT64_MIN + 1};
	struct tt_sample in[sizeof(values) / sizeof(values[0]) * 2];
	struct tt_chunk *c = *state;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (unsigned signal = 0; signal <= UINT16_MAX; signal += UINT16_MAX, n++) {
			in[n] = (struct tt_sample){.at_us = START + TT_MS(TT_CHUNK_MAX_SPAN_MS / 10) * (int64_t)i,
						   .signal = (uint16_t)signal,
						   .value = values[i]};
			assert_int_equal(tt_chunk_add(c, &in[n]), TT_OK);
		}
	expect_round_trip(c, in, n);
}

static void samples_may_come_in_any_order_of_time(void **state)
{
	struct tt_sample in[] = {
		{START + 5000, 3, 50}, {START + 1000, 3, 10}, {START, 1, 7}, {START + 9000, 2, 1}, {START + 3000, 3, 30},
	};
	struct tt_chunk *c = *state;

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		assert_int_equal(tt_chunk_add(c, &in[i]), TT_OK);
	expect_round_trip(c, in, sizeof(in) / sizeof(in[0]));
}

static void whatever_was_added_can_be_encoded(void **state)
{
	struct tt_chunk *c = *state;
	uint64_t seed = 3;
	size_t len = 0;
	tt_utc_us start;
	uint32_t samples, raw = 0;

	/* The worst: huge numbers that do not compress, each of another signal, all over the day. */
	for (uint16_t i = 0;; i = (uint16_t)(i + 13)) {
		const struct tt_sample s = {START + TT_MS(draw(&seed) % (TT_CHUNK_MAX_SPAN_MS / 2)), i, (int64_t)draw(&seed)};
		enum tt_err err = tt_chunk_add(c, &s);

		if (err == TT_EFULL)
			break;
		assert_int_equal(err, TT_OK);
	}
	assert_true(tt_chunk_count(c) > 2000);
	assert_int_equal(tt_chunk_encode(c, encoded, sizeof(encoded), &len, &start, &samples, &raw), TT_OK);
	assert_true(raw <= TT_CHUNK_MAX_RAW);
}

static void a_full_chunk_says_so_and_takes_more_after_a_reset(void **state)
{
	struct tt_chunk *c = *state;
	struct tt_sample s = {START, 1, 1};
	size_t n = 0;

	for (; tt_chunk_add(c, &s) == TT_OK; n++)
		s.at_us += 100000;
	assert_int_equal(n, TT_CHUNK_MAX_SAMPLES);
	tt_chunk_reset(c);
	assert_int_equal(tt_chunk_count(c), 0);
	assert_int_equal(tt_chunk_add(c, &s), TT_OK);
	s.at_us += TT_MS(TT_CHUNK_MAX_SPAN_MS) + 1000;
	assert_int_equal(tt_chunk_add(c, &s), TT_EFULL);
	s.at_us = -1;
	assert_int_equal(tt_chunk_add(c, &s), TT_EINVAL);
}

static void an_empty_chunk_and_a_small_buffer_are_refused(void **state)
{
	struct tt_chunk *c = *state;
	const struct tt_sample s = {START, 1, 1};
	tt_utc_us start = 5;
	uint32_t samples = 5, raw = 5;
	size_t len = 5;

	assert_int_equal(tt_chunk_encode(c, encoded, sizeof(encoded), &len, &start, &samples, &raw), TT_EINVAL);
	assert_int_equal(tt_chunk_add(c, &s), TT_OK);
	assert_int_equal(tt_chunk_encode(c, encoded, 4, &len, &start, &samples, &raw), TT_EFULL);
	assert_true(len == 5 && start == 5 && samples == 5 && raw == 5);
}

static void the_reader_may_stop_the_decoder(void **state)
{
	struct gathered g = {.stop_after = 2};
	struct tt_chunk *c = *state;
	tt_utc_us start;
	uint32_t samples, raw;
	size_t len;

	for (int64_t i = 0; i < 5; i++)
		assert_int_equal(tt_chunk_add(c, &(struct tt_sample){START + i * 1000, 1, i}), TT_OK);
	assert_int_equal(tt_chunk_encode(c, encoded, sizeof(encoded), &len, &start, &samples, &raw), TT_OK);
	assert_int_equal(tt_chunk_decode(encoded, len, start, samples, raw, gather, &g), TT_EAGAIN);
	assert_int_equal(g.count, 2);
}

/* Columns as they stand before compression, by hand: the layout is a contract, and each broken one is refused before fn is called. */
static void malformed_columns_are_refused_whole(void **state)
{
	static const struct {
		const char *what;
		uint8_t raw[16];
		uint8_t len, samples;
		enum tt_err expected;
	} cases[] = {
		{"one column of two samples", {1, 1, 2 << 2 | 1, 0, 20, 14, 2}, 7, 2, TT_OK},
		{"fewer samples than announced", {1, 1, 2 << 2 | 1, 0, 20, 14, 2}, 7, 3, TT_EPROTO},
		{"more samples than announced", {1, 1, 2 << 2 | 1, 0, 20, 14, 2}, 7, 1, TT_EPROTO},
		{"a value is missing", {1, 1, 2 << 2 | 1, 0, 20, 14}, 6, 2, TT_EPROTO},
		{"something is left over", {1, 1, 2 << 2 | 1, 0, 20, 14, 2, 0}, 8, 2, TT_EPROTO},
		{"unknown order", {1, 1, 2 << 2 | 3, 0, 20, 14, 2}, 7, 2, TT_EPROTO},
		{"an empty column", {2, 1, 2 << 2, 1, 0, 0, 20, 14, 2}, 9, 2, TT_EPROTO},
		{"the same signal twice", {2, 1, 1 << 2, 0, 1 << 2, 0, 0, 1, 1}, 9, 2, TT_EPROTO},
		{"time runs backwards", {1, 1, 2 << 2, 20, 19, 14, 2}, 7, 2, TT_EPROTO},
		{"time before the start", {1, 1, 1 << 2, 1, 14}, 5, 1, TT_EPROTO},
		{"a varint without end",
		 {1, 1, 1 << 2, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1},
		 15,
		 1,
		 TT_EPROTO},
		{"no column", {0}, 1, 1, TT_EPROTO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gathered g = {.count = 0};
		const size_t len = ZSTD_compress(encoded, sizeof(encoded), cases[i].raw, cases[i].len, 1);

		assert_false(ZSTD_isError(len));
		if (tt_chunk_decode(encoded, len, START, cases[i].samples, cases[i].len, gather, &g) != cases[i].expected)
			fail_msg("%s", cases[i].what);
		assert_int_equal(g.count, cases[i].expected ? 0 : cases[i].samples);
		if (!cases[i].expected)
			assert_true(g.sample[0].value == 7 && g.sample[1].value == 8 && g.sample[1].at_us == g.sample[0].at_us + 10000);
	}
}

static void a_bomb_stays_within_what_was_announced(void **state)
{
	static uint8_t zeros[1 << 20];
	static uint8_t bomb[4096];
	struct gathered g = {.count = 0};
	const size_t len = ZSTD_compress(bomb, sizeof(bomb), zeros, sizeof(zeros), 1);

	(void)state;
	assert_false(ZSTD_isError(len));
	assert_int_equal(tt_chunk_decode(bomb, len, START, 100, TT_CHUNK_MAX_RAW, gather, &g), TT_EPROTO);
	assert_int_equal(tt_chunk_decode(bomb, len, START, 100, 1 << 20, gather, &g), TT_EPROTO);
	assert_int_equal(tt_chunk_decode((const uint8_t *)"not zstd", 8, START, 1, 100, gather, &g), TT_EPROTO);
	assert_int_equal(g.count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(random_samples_survive_the_round_trip),
		T(the_ends_of_every_type_survive),
		T(samples_may_come_in_any_order_of_time),
		T(whatever_was_added_can_be_encoded),
		T(a_full_chunk_says_so_and_takes_more_after_a_reset),
		T(an_empty_chunk_and_a_small_buffer_are_refused),
		T(the_reader_may_stop_the_decoder),
		T(malformed_columns_are_refused_whole),
		T(a_bomb_stays_within_what_was_announced),
	};

	return cmocka_run_group_tests_name("wire chunk", tests, NULL, NULL);
}
