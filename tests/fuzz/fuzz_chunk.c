/*
 * Chunks: how it is read, samples (u16), announced raw bytes (u16), then the columns. An even first byte: the columns as they stand before
 * compression, so that the fuzzer need not find zstd frames; an odd one: the compressed columns themselves. What is accepted
 * has as many samples as announced, in order.
 */
#include "base/cursor.h"
#include "wire/chunk.h"

#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint32_t count;
	struct tt_sample last;
};

static enum tt_err see(void *ctx, const struct tt_sample *s)
{
	struct seen *seen = ctx;

	TT_ASSERT(seen->count == 0 || s->signal > seen->last.signal || (s->signal == seen->last.signal && s->at_us >= seen->last.at_us));
	seen->last = *s;
	seen->count++;
	return TT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t packed[1 << 17];
	struct tt_rd r = tt_rd_init(data, size);
	struct seen seen = {.count = 0};
	uint8_t how;
	uint16_t samples, raw;
	enum tt_err err;

	if (tt_rd_u8(&r, &how) || tt_rd_u16be(&r, &samples) || tt_rd_u16be(&r, &raw) || r.left > 65536)
		return 0;
	if (how % 2) {
		err = tt_chunk_decode(r.p, r.left, 1000, samples, raw, see, &seen);
	} else {
		const size_t len = ZSTD_compress(packed, sizeof(packed), r.p, r.left, 1);

		TT_ASSERT(!ZSTD_isError(len));
		err = tt_chunk_decode(packed, len, 1000, samples, (uint32_t)r.left, see, &seen);
	}
	TT_ASSERT(seen.count == (err ? 0 : samples));
	return 0;
}
