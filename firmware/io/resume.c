#include "firmware/io/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct tt_resume {
	struct tt_loop *loop;
	tt_resume_fn fn;
	void *ctx;
	int fd;
	int64_t offset_us;
};

int64_t tt_resume_slept(int64_t *offset_us, int64_t boottime_us, int64_t monotonic_us)
{
	const int64_t slept_us = boottime_us - monotonic_us - *offset_us;

	*offset_us = boottime_us - monotonic_us;
	return slept_us >= TT_SEC(1) ? slept_us : 0;
}

static int64_t read_us(clockid_t id)
{
	struct timespec ts = {.tv_sec = 0};

	TT_ASSERT(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static bool arm(const struct tt_resume *r)
{
	/* far away: only its cancellation is of interest */
	const struct itimerspec at = {.it_value = {.tv_sec = INT64_C(253402300799)}};

	return timerfd_settime(r->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL) == 0;
}

static void on_ready(void *ctx, int fd, unsigned ready)
{
	struct tt_resume *r = ctx;
	uint64_t expired;

	(void)ready;
	if (read(fd, &expired, sizeof(expired)) >= 0 || errno != ECANCELED || !arm(r))
		return;
	r->fn(r->ctx, tt_resume_slept(&r->offset_us, read_us(CLOCK_BOOTTIME), read_us(CLOCK_MONOTONIC)));
}

enum tt_err tt_resume_create(struct tt_loop *loop, tt_resume_fn fn, void *ctx, struct tt_resume **out)
{
	struct tt_resume *r = calloc(1, sizeof(*r));
	enum tt_err err = TT_EIO;

	if (!r)
		return TT_ENOMEM;
	r->loop = loop;
	r->fn = fn;
	r->ctx = ctx;
	(void)tt_resume_slept(&r->offset_us, read_us(CLOCK_BOOTTIME), read_us(CLOCK_MONOTONIC));
	r->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (r->fd >= 0 && arm(r))
		err = tt_loop_add(loop, r->fd, TT_LOOP_READ, on_ready, r);
	if (err) {
		if (r->fd >= 0)
			close(r->fd);
		free(r);
		return err;
	}
	*out = r;
	return TT_OK;
}

void tt_resume_destroy(struct tt_resume *r)
{
	if (!r)
		return;
	tt_loop_remove(r->loop, r->fd);
	close(r->fd);
	free(r);
}
