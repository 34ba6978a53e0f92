/*
 * Telemetry chunks (encoding TTC1): samples of many signals as columns of time deltas and delta-coded scaled integers, compressed with
 * zstd. The goal is under 2 bytes a sample on real drives (design.md section 4).
 *
 * A sample is (time, signal number, scaled integer value); the number and its scale come from schemas/signals/signals.def. The
 * encoder collects into caller-owned memory of fixed size and never allocates; zstd works in a context made at create time.
 * Threads: one chunk, one thread.
 */
#ifndef TT_WIRE_CHUNK_H
#define TT_WIRE_CHUNK_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

enum { TT_CHUNK_ENCODING = 1, TT_CHUNK_MAX_SAMPLES = 4096, TT_CHUNK_MAX_RAW = 65536 };

struct tt_sample {
	tt_utc_us at_us; /* resolution kept: 1 ms */
	uint16_t signal; /* number in signals.def */
	int64_t value;   /* scaled by the signal's factor */
};

struct tt_chunk; /* encoder */

TT_MUSTCHECK enum tt_err tt_chunk_create(struct tt_chunk **out);
void tt_chunk_destroy(struct tt_chunk *chunk);
/* TT_EFULL: encode and reset first. */
TT_MUSTCHECK enum tt_err tt_chunk_add(struct tt_chunk *chunk, const struct tt_sample *sample);
size_t tt_chunk_count(const struct tt_chunk *chunk);
/* Columns, compressed, into buf. Sets *start_us, *samples, *raw_bytes for the message. TT_EFULL, TT_EINVAL when empty. */
TT_MUSTCHECK enum tt_err tt_chunk_encode(struct tt_chunk *chunk, uint8_t *buf, size_t cap, size_t *len, tt_utc_us *start_us,
					 uint32_t *samples, uint32_t *raw_bytes);
void tt_chunk_reset(struct tt_chunk *chunk);

typedef enum tt_err (*tt_sample_fn)(void *ctx, const struct tt_sample *sample);
/* Calls fn for every sample, ordered by signal, then time. TT_EPROTO on anything malformed; bounded by TT_CHUNK_MAX_*. */
TT_MUSTCHECK enum tt_err tt_chunk_decode(const uint8_t *columns, size_t len, tt_utc_us start_us, uint32_t samples, uint32_t raw_bytes,
					 tt_sample_fn fn, void *ctx);

#endif
