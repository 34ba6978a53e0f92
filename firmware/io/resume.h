/*
 * Notices that this computer was suspended and is back, whoever suspended it: CLOCK_BOOTTIME counts a suspend, CLOCK_MONOTONIC does not,
 * and the kernel tells a timer that is cancelled by a change of the wall clock, which a resume is. Also notices that the wall clock was
 * set.
 *
 * Memory: taken in create. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_IO_RESUME_H
#define TT_FIRMWARE_IO_RESUME_H

#include "base/loop.h"

struct tt_resume;

/* slept_us: how long it was suspended; 0 = it was not, the wall clock was set. */
typedef void (*tt_resume_fn)(void *ctx, int64_t slept_us);

/* TT_ENOMEM; TT_EFULL loop; TT_EIO no timerfd. */
TT_MUSTCHECK enum tt_err tt_resume_create(struct tt_loop *loop, tt_resume_fn fn, void *ctx, struct tt_resume **out);
void tt_resume_destroy(struct tt_resume *r); /* NULL is fine */

/* Suspended time between two looks at both clocks, the earlier one's difference in *offset_us, which becomes the later one's. Less than a
 * second is the time between the two readings. PURE. */
int64_t tt_resume_slept(int64_t *offset_us, int64_t boottime_us, int64_t monotonic_us);

#endif
