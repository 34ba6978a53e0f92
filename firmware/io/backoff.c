#include "firmware/io/backoff.h"

#include "base/err.h"

#include <sys/random.h>

uint64_t tt_random_u64(void)
{
	uint64_t v;

	TT_ASSERT(getrandom(&v, sizeof(v), 0) == (ssize_t)sizeof(v));
	return v;
}

int64_t tt_backoff_next(struct tt_backoff *b)
{
	const int64_t base = b->base_us > 0 ? b->base_us : b->first_us;

	b->base_us = base > b->max_us / 2 ? b->max_us : base * 2;
	return base / 2 + (int64_t)(tt_random_u64() % (uint64_t)(base + 1));
}

void tt_backoff_reset(struct tt_backoff *b)
{
	b->base_us = 0;
}
