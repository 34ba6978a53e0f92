/*
 * Telemetry chunks (encoding TTC1): samples of many signals as columns of time deltas and delta-coded scaled integers, compressed with
 * zstd. The goal is under 2 bytes a sample on real drives (design.md section 4); tests/bench/bench_chunk.c measures it.
 *
 * A sample is (time, signal number, scaled integer value); the number and its scale come from schemas/signals/signals.def. The layout
 * before compression is described in docs/protocol.md and wire/chunk.c.
 * Memory: an encoder takes all of its own at create time, zstd's included, about 1 MB. Threads: one chunk, one thread.
 */
#ifndef TT_WIRE_CHUNK_H
#define TT_WIRE_CHUNK_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

enum {
	TT_CHUNK_ENCODING = 1,           /* TelemetryChunk.encoding */
	TT_CHUNK_MAX_SAMPLES = 4096,     /* in one chunk */
	TT_CHUNK_MAX_RAW = 61440,        /* bytes before compression */
	TT_CHUNK_MAX_ENCODED = 62464,    /* bytes after it, at worst; leaves room for the envelope around it */
	TT_CHUNK_MAX_SPAN_MS = 86400000, /* between the first and the last sample */
};

struct tt_sample {
	tt_utc_us at_us; /* 0.. ; kept to 1 ms, rounded down */
	uint16_t signal; /* number in signals.def */
	int64_t value;   /* scaled by the signal's factor */
};

struct tt_chunk; /* encoder */

/* TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_chunk_create(struct tt_chunk **out);
void tt_chunk_destroy(struct tt_chunk *chunk); /* NULL is fine */
/* In any order of time. TT_EFULL: the sample does not fit; encode, reset and add it again. TT_EINVAL: at_us below 0. */
TT_MUSTCHECK enum tt_err tt_chunk_add(struct tt_chunk *chunk, const struct tt_sample *sample);
size_t tt_chunk_count(const struct tt_chunk *chunk);
/*
 * Columns, compressed, into buf; *start_us, *samples and *raw_bytes are for the message. Leaves the chunk as it is.
 * TT_EINVAL when empty; TT_EFULL when cap is too small (TT_CHUNK_MAX_ENCODED always does).
 */
TT_MUSTCHECK enum tt_err tt_chunk_encode(struct tt_chunk *chunk, uint8_t *buf, size_t cap, size_t *len, tt_utc_us *start_us,
					 uint32_t *samples, uint32_t *raw_bytes);
void tt_chunk_reset(struct tt_chunk *chunk);

typedef enum tt_err (*tt_sample_fn)(void *ctx, const struct tt_sample *sample);
/*
 * Calls fn for every sample, ordered by signal, then time, once the whole chunk has proved well-formed. Stops at fn's first error and
 * returns it. TT_EPROTO on anything malformed or beyond TT_CHUNK_MAX_*; TT_ENOMEM.
 */
TT_MUSTCHECK enum tt_err tt_chunk_decode(const uint8_t *columns, size_t len, tt_utc_us start_us, uint32_t samples, uint32_t raw_bytes,
					 tt_sample_fn fn, void *ctx);

#endif
