/*
 * Suspends this computer through a program that the owner of the device names, e.g. `rtcwake -m mem -s`: it gets the seconds until the
 * computer must be back as its last argument, and returns when it is back.
 *
 * Memory: the caller's struct. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_IO_SUSPEND_H
#define TT_FIRMWARE_IO_SUSPEND_H

#include "base/loop.h"

#include <sys/types.h>

/* done: it has returned; good when it exited with 0. */
struct tt_suspend {
	struct tt_loop *loop;
	void (*done)(void *ctx, bool good);
	void *ctx;
	pid_t pid; /* 0 = not running */
	int fd;
};

void tt_suspend_init(struct tt_suspend *s, struct tt_loop *loop, void (*done)(void *ctx, bool good), void *ctx);
/* Starts it. TT_EEXIST it runs; TT_EINVAL the command has no or too many words; TT_EIO it cannot be started; TT_EFULL loop. */
TT_MUSTCHECK enum tt_err tt_suspend_start(struct tt_suspend *s, const char *command, int64_t seconds);
/* Ends a running one and forgets it. */
void tt_suspend_stop(struct tt_suspend *s);

#endif
