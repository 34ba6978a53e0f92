/*
 * TTC1 before compression, every number a varint:
 *
 *   signals                                       how many columns
 *   signals x (number - last number, count << 2 | order)
 *   signals x count x zigzag(time)                milliseconds since start: the first as it is, then the second difference
 *   signals x count x zigzag(value)               the order-th difference, 0..2, whichever is smallest for the column
 *
 * A sample that comes on a regular beat costs a zero in the time column, and equal stretches of zeros are what zstd folds best.
 * Differences wrap modulo 2^64, so every int64 survives.
 */
#include "wire/chunk.h"

#include "base/cursor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { LEVEL = 6, ORDERS = 3, ORDER_BITS = 2, HEADER_BYTES = 8 };

static_assert(ZSTD_COMPRESSBOUND(TT_CHUNK_MAX_RAW) <= TT_CHUNK_MAX_ENCODED, "what is added can always be encoded");

struct tt_chunk {
	ZSTD_CCtx *zstd;
	size_t count;
	int64_t min_ms, max_ms;
	uint64_t max_magnitude;
	struct tt_sample sample[TT_CHUNK_MAX_SAMPLES]; /* as they came; at_us floored to the millisecond */
	uint16_t by_column[TT_CHUNK_MAX_SAMPLES], scratch[TT_CHUNK_MAX_SAMPLES];
	uint8_t raw[TT_CHUNK_MAX_RAW];
};

enum tt_err tt_chunk_create(struct tt_chunk **out)
{
	struct tt_chunk *c = calloc(1, sizeof(*c));

	if (!c)
		return TT_ENOMEM;
	c->zstd = ZSTD_createCCtx();
	/* The message says how long the columns are, so the frame need not. */
	if (!c->zstd || ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_contentSizeFlag, 0)) ||
	    /* zstd takes its tables at first use; that use is here, not on the road. */
	    ZSTD_isError(ZSTD_compress2(c->zstd, c->sample, sizeof(c->sample), c->raw, sizeof(c->raw)))) {
		tt_chunk_destroy(c);
		return TT_ENOMEM;
	}
	*out = c;
	return TT_OK;
}

void tt_chunk_destroy(struct tt_chunk *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->zstd);
	free(c);
}

void tt_chunk_reset(struct tt_chunk *c)
{
	c->count = 0;
	c->max_magnitude = 0;
}

size_t tt_chunk_count(const struct tt_chunk *c)
{
	return c->count;
}

/* Bytes of the varint of a zigzagged second difference of numbers whose magnitude is at most m: |d| <= 4 m. */
static size_t worst_bytes(uint64_t m)
{
	size_t bits = 3;

	for (; m; m >>= 1)
		bits++;
	return bits > 63 ? 10 : (bits + 6) / 7;
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0U - (uint64_t)v : (uint64_t)v;
}

enum tt_err tt_chunk_add(struct tt_chunk *c, const struct tt_sample *s)
{
	const int64_t ms = s->at_us / 1000;
	const int64_t min_ms = c->count && c->min_ms < ms ? c->min_ms : ms;
	const int64_t max_ms = c->count && c->max_ms > ms ? c->max_ms : ms;
	const uint64_t m = magnitude(s->value) > c->max_magnitude ? magnitude(s->value) : c->max_magnitude;
	const size_t per_sample = worst_bytes((uint64_t)(max_ms - min_ms)) + worst_bytes(m) + HEADER_BYTES / 2;

	if (s->at_us < 0)
		return TT_EINVAL;
	/* A chunk that is not empty must stay encodable whatever its columns are; a single sample always is. */
	if (c->count == TT_CHUNK_MAX_SAMPLES || max_ms - min_ms > TT_CHUNK_MAX_SPAN_MS ||
	    (c->count + 1) * per_sample + HEADER_BYTES > TT_CHUNK_MAX_RAW)
		return TT_EFULL;
	c->sample[c->count++] = (struct tt_sample){.at_us = ms * 1000, .signal = s->signal, .value = s->value};
	c->min_ms = min_ms;
	c->max_ms = max_ms;
	c->max_magnitude = m;
	return TT_OK;
}

/* Signal, then time; equal ones stay in the order they came (a stable merge). */
static bool goes_before(const struct tt_chunk *c, uint16_t a, uint16_t b)
{
	const struct tt_sample *x = &c->sample[a], *y = &c->sample[b];

	return x->signal != y->signal ? x->signal < y->signal : x->at_us <= y->at_us;
}

static void merge(struct tt_chunk *c, size_t lo, size_t mid, size_t hi)
{
	size_t a = lo, b = mid;

	for (size_t i = lo; i < hi; i++) {
		const bool left = a < mid && (b == hi || goes_before(c, c->by_column[a], c->by_column[b]));

		c->scratch[i] = c->by_column[left ? a++ : b++];
	}
	memcpy(c->by_column + lo, c->scratch + lo, (hi - lo) * sizeof(c->scratch[0]));
}

static void sort_columns(struct tt_chunk *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->by_column[i] = (uint16_t)i;
	for (size_t width = 1; width < c->count; width *= 2)
		for (size_t lo = 0; lo + width < c->count; lo += 2 * width)
			merge(c, lo, lo + width, lo + 2 * width < c->count ? lo + 2 * width : c->count);
}

/* A column: by_column[from..to). */
static size_t column_end(const struct tt_chunk *c, size_t from)
{
	size_t to = from;

	while (to < c->count && c->sample[c->by_column[to]].signal == c->sample[c->by_column[from]].signal)
		to++;
	return to;
}

/* The order-th difference of a column's values, one by one; the first `order` values start from nothing. */
struct differ {
	unsigned order;
	uint64_t last, slope;
	bool started;
};

static int64_t differ_step(struct differ *d, int64_t value)
{
	const uint64_t v = (uint64_t)value;
	const uint64_t first = d->order == 0 ? v : v - d->last;
	const uint64_t out = d->order < 2 || !d->started ? first : first - d->slope;

	d->slope = d->started ? first : 0;
	d->last = v;
	d->started = true;
	return (int64_t)out;
}

/* The inverse of differ_step. */
static int64_t differ_undo(struct differ *d, int64_t difference)
{
	const uint64_t in = (uint64_t)difference;
	const uint64_t first = d->order < 2 || !d->started ? in : in + d->slope;
	const uint64_t v = d->order == 0 ? in : d->last + first;

	d->slope = d->started ? first : 0;
	d->last = v;
	d->started = true;
	return (int64_t)v;
}

static unsigned bits_of(uint64_t v)
{
	return v ? 64U - (unsigned)__builtin_clzll(v) : 0;
}

/* The difference whose numbers are shortest in all. */
static unsigned best_order(const struct tt_chunk *c, size_t from, size_t to)
{
	unsigned best = 0;
	uint64_t best_bits = UINT64_MAX;

	for (unsigned order = 0; order < ORDERS; order++) {
		struct differ d = {.order = order};
		uint64_t bits = 0;

		for (size_t i = from; i < to; i++)
			bits += bits_of(tt_zigzag(differ_step(&d, c->sample[c->by_column[i]].value)));
		if (bits < best_bits) {
			best_bits = bits;
			best = order;
		}
	}
	return best;
}

static enum tt_err write_directory(const struct tt_chunk *c, struct tt_wr *w)
{
	uint64_t columns = 0;
	uint16_t last = 0;
	enum tt_err err;

	for (size_t from = 0; from < c->count; from = column_end(c, from))
		columns++;
	err = tt_wr_varint(w, columns);
	for (size_t from = 0, to; !err && from < c->count; from = to) {
		const uint16_t number = c->sample[c->by_column[from]].signal;

		to = column_end(c, from);
		err = tt_wr_varint(w, (uint64_t)number - last);
		if (!err)
			err = tt_wr_varint(w, (uint64_t)(to - from) << ORDER_BITS | best_order(c, from, to));
		last = number;
	}
	return err;
}

static enum tt_err write_times(const struct tt_chunk *c, struct tt_wr *w)
{
	enum tt_err err = TT_OK;

	for (size_t from = 0, to; !err && from < c->count; from = to) {
		struct differ d = {.order = 2};

		to = column_end(c, from);
		for (size_t i = from; !err && i < to; i++)
			err = tt_wr_varint(w, tt_zigzag(differ_step(&d, c->sample[c->by_column[i]].at_us / 1000 - c->min_ms)));
	}
	return err;
}

static enum tt_err write_values(const struct tt_chunk *c, struct tt_wr *w)
{
	enum tt_err err = TT_OK;

	for (size_t from = 0, to; !err && from < c->count; from = to) {
		struct differ d;

		to = column_end(c, from);
		d = (struct differ){.order = best_order(c, from, to)};
		for (size_t i = from; !err && i < to; i++)
			err = tt_wr_varint(w, tt_zigzag(differ_step(&d, c->sample[c->by_column[i]].value)));
	}
	return err;
}

enum tt_err tt_chunk_encode(struct tt_chunk *c, uint8_t *buf, size_t cap, size_t *len, tt_utc_us *start_us, uint32_t *samples,
			    uint32_t *raw_bytes)
{
	struct tt_wr w = tt_wr_init(c->raw, sizeof(c->raw));
	enum tt_err err;
	size_t n;

	if (c->count == 0)
		return TT_EINVAL;
	sort_columns(c);
	err = write_directory(c, &w);
	if (!err)
		err = write_times(c, &w);
	if (!err)
		err = write_values(c, &w);
	TT_ASSERT(!err); /* tt_chunk_add took no more than fits */
	n = ZSTD_compress2(c->zstd, buf, cap, c->raw, w.used);
	if (ZSTD_isError(n))
		return TT_EFULL;
	*len = n;
	*start_us = c->min_ms * 1000;
	*samples = (uint32_t)c->count;
	*raw_bytes = (uint32_t)w.used;
	return TT_OK;
}

/* What a chunk holds while it is decoded. */
struct unpacked {
	uint16_t signal[TT_CHUNK_MAX_SAMPLES];
	uint8_t order[TT_CHUNK_MAX_SAMPLES];
	int64_t at_ms[TT_CHUNK_MAX_SAMPLES];
	int64_t value[TT_CHUNK_MAX_SAMPLES];
	uint8_t raw[TT_CHUNK_MAX_RAW];
};

static enum tt_err read_directory(struct unpacked *u, struct tt_rd *r, size_t samples)
{
	uint64_t columns, step, count;
	uint64_t number = 0;
	size_t at = 0;

	if (tt_rd_varint(r, &columns) || columns > samples)
		return TT_EPROTO;
	for (uint64_t i = 0; i < columns; i++) {
		if (tt_rd_varint(r, &step) || tt_rd_varint(r, &count) || step > UINT16_MAX || (step == 0 && i > 0))
			return TT_EPROTO;
		number += step;
		const uint64_t order = count & ((1U << ORDER_BITS) - 1);

		count >>= ORDER_BITS;
		if (number > UINT16_MAX || order >= ORDERS || count == 0 || count > samples - at)
			return TT_EPROTO;
		for (uint64_t k = 0; k < count; k++, at++) {
			u->signal[at] = (uint16_t)number;
			u->order[at] = (uint8_t)order;
		}
	}
	return at == samples ? TT_OK : TT_EPROTO;
}

/* One list of numbers, a differ for each column; times are of order 2 and never run backwards. */
static enum tt_err read_numbers(const struct unpacked *u, struct tt_rd *r, size_t samples, bool times, int64_t *out)
{
	struct differ d = {0};
	uint64_t v;

	for (size_t i = 0; i < samples; i++) {
		const bool first = i == 0 || u->signal[i] != u->signal[i - 1];

		if (first)
			d = (struct differ){.order = times ? 2 : u->order[i]};
		if (tt_rd_varint(r, &v))
			return TT_EPROTO;
		out[i] = differ_undo(&d, tt_unzigzag(v));
		if (times && (out[i] < 0 || out[i] > TT_CHUNK_MAX_SPAN_MS || (!first && out[i] < out[i - 1])))
			return TT_EPROTO;
	}
	return TT_OK;
}

static enum tt_err unpack(struct unpacked *u, const uint8_t *columns, size_t len, uint32_t samples, uint32_t raw_bytes)
{
	struct tt_rd r = tt_rd_init(u->raw, raw_bytes);
	enum tt_err err;

	if (ZSTD_decompress(u->raw, raw_bytes, columns, len) != raw_bytes)
		return TT_EPROTO; /* not zstd, or not as long as announced */
	err = read_directory(u, &r, samples);
	if (!err)
		err = read_numbers(u, &r, samples, true, u->at_ms);
	if (!err)
		err = read_numbers(u, &r, samples, false, u->value);
	return !err && r.left > 0 ? TT_EPROTO : err;
}

enum tt_err tt_chunk_decode(const uint8_t *columns, size_t len, tt_utc_us start_us, uint32_t samples, uint32_t raw_bytes, tt_sample_fn fn,
			    void *ctx)
{
	struct unpacked *u;
	enum tt_err err;

	if (samples == 0 || samples > TT_CHUNK_MAX_SAMPLES || raw_bytes == 0 || raw_bytes > TT_CHUNK_MAX_RAW || start_us < 0 ||
	    start_us > INT64_MAX - TT_MS(TT_CHUNK_MAX_SPAN_MS))
		return TT_EPROTO;
	u = malloc(sizeof(*u));
	if (!u)
		return TT_ENOMEM;
	err = unpack(u, columns, len, samples, raw_bytes);
	for (uint32_t i = 0; !err && i < samples; i++) {
		const struct tt_sample s = {.at_us = start_us + TT_MS(u->at_ms[i]), .signal = u->signal[i], .value = u->value[i]};

		err = fn(ctx, &s);
	}
	free(u);
	return err;
}
