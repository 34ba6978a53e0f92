#include "server/http/guard.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct tt_guarded {
	struct tt_guarded *prev, *next;
	int fd;
	tt_mono_us until; /* TT_NEVER = not timed */
};

struct tt_guard {
	pthread_mutex_t lock;
	int64_t limit_us;
	struct tt_guarded *first;
	unsigned count;
};

enum tt_err tt_guard_create(int64_t limit_us, struct tt_guard **out)
{
	struct tt_guard *g = calloc(1, sizeof(*g));

	if (!g)
		return TT_ENOMEM;
	pthread_mutex_init(&g->lock, NULL);
	g->limit_us = limit_us;
	*out = g;
	return TT_OK;
}

void tt_guard_destroy(struct tt_guard *guard)
{
	if (!guard)
		return;
	TT_ASSERT(!guard->first);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

struct tt_guarded *tt_guard_add(struct tt_guard *guard, int fd, tt_mono_us now)
{
	struct tt_guarded *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->until = now + guard->limit_us;
	pthread_mutex_lock(&guard->lock);
	c->next = guard->first;
	if (c->next)
		c->next->prev = c;
	guard->first = c;
	guard->count++;
	pthread_mutex_unlock(&guard->lock);
	return c;
}

void tt_guard_remove(struct tt_guard *guard, struct tt_guarded *conn)
{
	if (!conn)
		return;
	pthread_mutex_lock(&guard->lock);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		guard->first = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	guard->count--;
	pthread_mutex_unlock(&guard->lock);
	free(conn);
}

static void set_until(struct tt_guard *guard, struct tt_guarded *conn, tt_mono_us until)
{
	if (!conn)
		return;
	pthread_mutex_lock(&guard->lock);
	conn->until = until;
	pthread_mutex_unlock(&guard->lock);
}

void tt_guard_served(struct tt_guard *guard, struct tt_guarded *conn)
{
	set_until(guard, conn, TT_NEVER);
}

void tt_guard_waiting(struct tt_guard *guard, struct tt_guarded *conn, tt_mono_us now)
{
	set_until(guard, conn, now + guard->limit_us);
}

unsigned tt_guard_sweep(struct tt_guard *guard, tt_mono_us now, unsigned *open)
{
	unsigned closed = 0;

	pthread_mutex_lock(&guard->lock);
	*open = guard->count;
	for (struct tt_guarded *c = guard->first; c; c = c->next) {
		if (c->until > now)
			continue;
		/* Not close: the descriptor is libmicrohttpd's, which sees the end of it and closes. */
		(void)shutdown(c->fd, SHUT_RDWR);
		c->until = TT_NEVER;
		closed++;
	}
	pthread_mutex_unlock(&guard->lock);
	return closed;
}
