/* memory:NAME, a bus inside this process. Each member has a ring of its own, so a slow one loses only its own frames. */
#include "firmware/io/can_backend.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RING = 4096 };

struct member {
	struct tt_can_port port;
	struct member *next; /* of all members of all busses */
	char bus[TT_CAN_ADDRESS_MAX];
	uint64_t head, tail; /* written, read; both count for ever */
	struct {
		struct tt_can_frame frame;
		tt_mono_us at_us;
	} ring[RING];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct member *members;

static void ring_bell(int fd)
{
	const uint64_t one = 1;
	const ssize_t n = write(fd, &one, sizeof(one));

	(void)n; /* EAGAIN: the counter is at its end, so the bell rings already */
}

static enum tt_err memory_open(const char *where, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			       struct tt_errmsg *msg)
{
	struct member *m = calloc(1, sizeof(*m));

	(void)filters;
	(void)nfilters;
	if (!m)
		return tt_errmsg_set(msg, TT_ENOMEM, "memory:%s: out of memory", where);
	m->port.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->port.fd < 0) {
		free(m);
		return tt_errmsg_set(msg, TT_EIO, "memory:%s: no descriptor left; raise the limit (ulimit -n)", where);
	}
	memcpy(m->bus, where, strlen(where) + 1);
	pthread_mutex_lock(&lock);
	m->next = members;
	members = m;
	pthread_mutex_unlock(&lock);
	*out = &m->port;
	return TT_OK;
}

static void memory_close(struct tt_can_port *port)
{
	struct member *m = (struct member *)port, **at = &members;

	pthread_mutex_lock(&lock);
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	pthread_mutex_unlock(&lock);
	close(port->fd);
	free(m);
}

static enum tt_err memory_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us)
{
	struct member *m = (struct member *)port;
	enum tt_err err = TT_OK;

	pthread_mutex_lock(&lock);
	if (m->tail == m->head) {
		uint64_t rung;
		const ssize_t n = read(port->fd, &rung, sizeof(rung));

		(void)n; /* EAGAIN: it did not ring */
		err = TT_EAGAIN;
	} else {
		*frame = m->ring[m->tail % RING].frame;
		*at_us = m->ring[m->tail % RING].at_us;
		m->tail++;
	}
	pthread_mutex_unlock(&lock);
	return err;
}

static enum tt_err memory_send(struct tt_can_port *port, const struct tt_can_frame *frame)
{
	const struct member *self = (const struct member *)port;
	const tt_mono_us now_us = tt_mono_now();

	pthread_mutex_lock(&lock);
	for (struct member *m = members; m; m = m->next) {
		if (m == self || strcmp(m->bus, self->bus) != 0)
			continue;
		if (m->head - m->tail == RING) {
			m->port.stats.lost++;
			continue;
		}
		m->ring[m->head % RING].frame = *frame;
		m->ring[m->head % RING].frame.bus = 0;
		m->ring[m->head % RING].at_us = now_us;
		m->head++;
		ring_bell(m->port.fd);
	}
	pthread_mutex_unlock(&lock);
	return TT_OK;
}

const struct tt_can_ops tt_can_memory_ops = {
	.scheme = "memory:",
	.open = memory_open,
	.close = memory_close,
	.recv = memory_recv,
	.send = memory_send,
};
