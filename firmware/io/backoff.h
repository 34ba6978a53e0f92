/*
 * Growing pauses between attempts, with jitter so that a fleet does not come back in one instant. The caller owns the struct.
 * Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_IO_BACKOFF_H
#define TT_FIRMWARE_IO_BACKOFF_H

#include <stdint.h>

struct tt_backoff {
	int64_t first_us, max_us;
	int64_t base_us; /* of the next pause; 0 = first_us */
};

/* The next pause: uniformly between half and one and a half times the base, which then doubles up to max_us. */
int64_t tt_backoff_next(struct tt_backoff *b);
/* An attempt succeeded. */
void tt_backoff_reset(struct tt_backoff *b);

/* 64 bits from the kernel. Aborts when the kernel has none, which is a broken machine. */
uint64_t tt_random_u64(void);

#endif
