#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 64, WAIT_MAX_MS = 3600000 };

struct watch {
	int fd;              /* -1 = free */
	uint32_t generation; /* an event of an earlier user of this slot is dropped */
	tt_loop_fd_fn fn;
	void *ctx;
};

struct timer {
	tt_mono_us at_us; /* TT_NEVER = free */
	tt_loop_timer_fn fn;
	void *ctx;
};

struct tt_loop {
	int epoll_fd;
	int signal_fd;
	bool stopped;
	uint64_t turns;
	unsigned capacity;
	struct watch *watches;
	struct timer *timers;
};

static uint32_t epoll_bits(unsigned interest)
{
	return (interest & TT_LOOP_READ ? (uint32_t)EPOLLIN : 0U) | (interest & TT_LOOP_WRITE ? (uint32_t)EPOLLOUT : 0U);
}

static struct watch *find_watch(struct tt_loop *loop, int fd)
{
	for (unsigned i = 0; i < loop->capacity; i++) {
		if (loop->watches[i].fd == fd)
			return &loop->watches[i];
	}
	return NULL;
}

static enum tt_err control(struct tt_loop *loop, int op, struct watch *w, unsigned interest)
{
	struct epoll_event ev = {.events = epoll_bits(interest)};

	ev.data.u64 = (uint64_t)w->generation << 32 | (uint64_t)(w - loop->watches);
	return epoll_ctl(loop->epoll_fd, op, w->fd, &ev) == 0 ? TT_OK : TT_EIO;
}

static void on_signal(void *ctx, int fd, unsigned ready)
{
	struct signalfd_siginfo info;

	(void)ready;
	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		tt_loop_stop(ctx);
}

static enum tt_err take_signals(struct tt_loop *loop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* A peer that left and a file that may not grow are errors of a call, not the end of the program. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return TT_EIO;
	loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return loop->signal_fd >= 0 ? tt_loop_add(loop, loop->signal_fd, TT_LOOP_READ, on_signal, loop) : TT_EIO;
}

enum tt_err tt_loop_create(unsigned capacity, struct tt_loop **out)
{
	struct tt_loop *loop = calloc(1, sizeof(*loop));
	enum tt_err err = TT_ENOMEM;

	if (!loop)
		return err;
	loop->capacity = capacity + 1; /* the signal descriptor */
	loop->epoll_fd = loop->signal_fd = -1;
	loop->watches = calloc(loop->capacity, sizeof(*loop->watches));
	loop->timers = calloc(loop->capacity, sizeof(*loop->timers));
	if (!loop->watches || !loop->timers)
		goto fail;
	for (unsigned i = 0; i < loop->capacity; i++) {
		loop->watches[i].fd = -1;
		loop->timers[i].at_us = TT_NEVER;
	}
	err = TT_EIO;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		goto fail;
	err = take_signals(loop);
	if (err)
		goto fail;
	*out = loop;
	return TT_OK;
fail:
	tt_loop_destroy(loop);
	return err;
}

void tt_loop_destroy(struct tt_loop *loop)
{
	if (!loop)
		return;
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop->watches);
	free(loop->timers);
	free(loop);
}

enum tt_err tt_loop_add(struct tt_loop *loop, int fd, unsigned interest, tt_loop_fd_fn fn, void *ctx)
{
	struct watch *w;
	enum tt_err err;

	if (fd < 0)
		return TT_EINVAL;
	if (find_watch(loop, fd))
		return TT_EEXIST;
	w = find_watch(loop, -1);
	if (!w)
		return TT_EFULL;
	w->fd = fd;
	w->fn = fn;
	w->ctx = ctx;
	w->generation++;
	err = control(loop, EPOLL_CTL_ADD, w, interest);
	if (err)
		w->fd = -1;
	return err;
}

enum tt_err tt_loop_interest(struct tt_loop *loop, int fd, unsigned interest)
{
	struct watch *w = fd >= 0 ? find_watch(loop, fd) : NULL;

	return w ? control(loop, EPOLL_CTL_MOD, w, interest) : TT_ENOTFOUND;
}

void tt_loop_remove(struct tt_loop *loop, int fd)
{
	struct watch *w = fd >= 0 ? find_watch(loop, fd) : NULL;

	if (!w)
		return;
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	w->fd = -1;
}

enum tt_err tt_loop_timer(struct tt_loop *loop, tt_mono_us at_us, tt_loop_timer_fn fn, void *ctx)
{
	struct timer *free_slot = NULL;

	for (unsigned i = 0; i < loop->capacity; i++) {
		struct timer *t = &loop->timers[i];

		if (t->at_us != TT_NEVER && t->fn == fn && t->ctx == ctx) {
			t->at_us = at_us;
			return TT_OK;
		}
		if (t->at_us == TT_NEVER && !free_slot)
			free_slot = t;
	}
	if (at_us == TT_NEVER)
		return TT_OK;
	if (!free_slot)
		return TT_EFULL;
	*free_slot = (struct timer){.at_us = at_us, .fn = fn, .ctx = ctx};
	return TT_OK;
}

tt_mono_us tt_loop_wake_at(const struct tt_loop *loop)
{
	tt_mono_us at = TT_NEVER;

	for (unsigned i = 0; i < loop->capacity; i++)
		at = tt_min_i64(at, loop->timers[i].at_us);
	return at;
}

uint64_t tt_loop_turns(const struct tt_loop *loop)
{
	return loop->turns;
}

static int wait_ms(const struct tt_loop *loop, tt_mono_us until_us)
{
	const tt_mono_us at = tt_min_i64(until_us, tt_loop_wake_at(loop));
	int64_t left_ms;

	if (at == TT_NEVER)
		return -1;
	left_ms = (at - tt_mono_now() + 999) / 1000;
	return left_ms <= 0 ? 0 : left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left_ms;
}

static void fire_timers(struct tt_loop *loop)
{
	const tt_mono_us now = tt_mono_now();

	for (unsigned i = 0; i < loop->capacity && !loop->stopped; i++) {
		struct timer *t = &loop->timers[i];

		if (t->at_us <= now) {
			t->at_us = TT_NEVER; /* before the call, which may set it again */
			t->fn(t->ctx, now);
		}
	}
}

enum tt_err tt_loop_turn(struct tt_loop *loop, tt_mono_us until_us)
{
	struct epoll_event events[EVENTS_PER_TURN];
	const int n = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, wait_ms(loop, until_us));

	loop->turns++;
	if (n < 0)
		return errno == EINTR ? TT_OK : TT_EIO;
	for (int i = 0; i < n && !loop->stopped; i++) {
		struct watch *w = &loop->watches[events[i].data.u64 & 0xFFFFFFFFU];
		unsigned ready = 0;

		if (w->fd < 0 || w->generation != (uint32_t)(events[i].data.u64 >> 32))
			continue;
		ready |= events[i].events & (uint32_t)EPOLLIN ? (unsigned)TT_LOOP_READ : 0U;
		ready |= events[i].events & (uint32_t)EPOLLOUT ? (unsigned)TT_LOOP_WRITE : 0U;
		ready |= events[i].events & (uint32_t)(EPOLLHUP | EPOLLERR) ? (unsigned)TT_LOOP_HANGUP : 0U;
		w->fn(w->ctx, w->fd, ready);
	}
	if (!loop->stopped)
		fire_timers(loop);
	return TT_OK;
}

enum tt_err tt_loop_run(struct tt_loop *loop)
{
	while (!loop->stopped) {
		const enum tt_err err = tt_loop_turn(loop, TT_NEVER);

		if (err)
			return err;
	}
	return TT_OK;
}

void tt_loop_stop(struct tt_loop *loop)
{
	loop->stopped = true;
}

bool tt_loop_stopped(const struct tt_loop *loop)
{
	return loop->stopped;
}
