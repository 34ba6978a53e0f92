/*
 * shared:DIR, a bus for the processes of one machine where the kernel has no CAN (docs/adr/0005-shared-bus.md).
 *
 * The frames go through one ring in DIR/bus, mapped by all members; a Unix datagram socket per member, DIR/m<serial>, is only its bell.
 * Datagrams alone would not do: a socket queues net.unix.max_dgram_qlen of them, 10 in a fresh network namespace. With the ring a bell
 * that is full is a bell that rings, and a member that is more than RING frames behind loses its oldest, alone, and knows how many.
 *
 * Order and atomicity: a writer holds flock(DIR/bus), which the kernel takes back from a killed process; a frame exists once `head` has
 * moved, so a writer killed halfway leaves nothing behind. Readers take no lock: each slot carries its number before and after its data.
 * The folder belongs to one user (mode 0700) and its members trust each other; lengths read from the ring are checked all the same.
 */
#include "firmware/io/can_backend.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	RING = 4096, /* frames; a second of a full bus */
	MARGIN = 64, /* of the ring's oldest frames, given up when catching up: the writer is at them now */
	MEMBERS_MAX = 32,
	WORDS = 2 + TT_CAN_MAX_DATA / 8,
	LOCK_TRIES = 64,        /* of a send; the holder needs about a microsecond */
	OPEN_LOCK_TRIES = 1000, /* of an open, 1 ms apart */
};

#define BUS_MAGIC UINT64_C(0x3130737562747400) /* "\0ttbus01" */

struct slot {
	_Atomic uint64_t number; /* of the frame + 1; 0 while it is written */
	_Atomic uint64_t from;   /* serial of the sender */
	_Atomic uint64_t words[WORDS];
};

struct bus {
	uint64_t magic;
	uint64_t bytes; /* sizeof(struct bus): another layout is another bus */
	_Atomic uint64_t head;
	_Atomic uint64_t last_serial;
	_Atomic uint64_t members[MEMBERS_MAX]; /* serials, 0 = free */
	struct slot slots[RING];
};

static_assert(sizeof(_Atomic uint64_t) == 8, "the ring is shared between processes");

struct shared_port {
	struct tt_can_port port;
	int dir_fd, bus_fd;
	uint64_t serial, tail;
	struct bus *bus;
};

/* Through /proc the folder's path may be longer than the 108 bytes of a socket address. */
static struct sockaddr_un bell_address(const struct shared_port *sp, uint64_t serial)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int n =
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/m%llu", sp->dir_fd, (unsigned long long)serial);

	TT_ASSERT(n > 0 && (size_t)n < sizeof(address.sun_path));
	return address;
}

/* False: nobody is there any more. */
static bool ring_bell(const struct shared_port *sp, uint64_t serial)
{
	const struct sockaddr_un address = bell_address(sp, serial);

	return sendto(sp->port.fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof(address)) >= 0 ||
	       (errno != ECONNREFUSED && errno != ENOENT);
}

static bool lock_bus(const struct shared_port *sp)
{
	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (flock(sp->bus_fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		sched_yield();
	}
	return false;
}

static void unlock_bus(const struct shared_port *sp)
{
	flock(sp->bus_fd, LOCK_UN);
}

/* With the lock held. Serials are never used again, so the name cannot be somebody else's by now. */
static void forget_member(struct shared_port *sp, unsigned index, uint64_t serial)
{
	char name[32];

	if (atomic_load(&sp->bus->members[index]) != serial)
		return;
	atomic_store(&sp->bus->members[index], 0);
	if (snprintf(name, sizeof(name), "m%llu", (unsigned long long)serial) < (int)sizeof(name))
		unlinkat(sp->dir_fd, name, 0);
}

static void ring_others(struct shared_port *sp)
{
	for (unsigned i = 0; i < MEMBERS_MAX; i++) {
		const uint64_t serial = atomic_load_explicit(&sp->bus->members[i], memory_order_relaxed);

		if (serial == 0 || serial == sp->serial || ring_bell(sp, serial))
			continue;
		if (lock_bus(sp)) { /* a killed member; the next sender tries again otherwise */
			forget_member(sp, i, serial);
			unlock_bus(sp);
		}
	}
}

static enum tt_err map_bus(struct shared_port *sp, const char *where, struct tt_errmsg *msg)
{
	struct stat st;

	if (fstat(sp->bus_fd, &st) != 0 || (st.st_size == 0 && ftruncate(sp->bus_fd, (off_t)sizeof(struct bus)) != 0))
		return tt_errmsg_set(msg, TT_EIO, "shared:%s: %s", where, strerror(errno));
	if (st.st_size != 0 && st.st_size != (off_t)sizeof(struct bus))
		return tt_errmsg_set(msg, TT_ECORRUPT, "shared:%s: the file 'bus' is not of this version; remove the folder", where);
	sp->bus = mmap(NULL, sizeof(struct bus), PROT_READ | PROT_WRITE, MAP_SHARED, sp->bus_fd, 0);
	if (sp->bus == MAP_FAILED) {
		sp->bus = NULL;
		return tt_errmsg_set(msg, TT_EIO, "shared:%s: %s", where, strerror(errno));
	}
	if (sp->bus->magic == 0 && sp->bus->bytes == 0) {
		sp->bus->magic = BUS_MAGIC;
		sp->bus->bytes = sizeof(struct bus);
	}
	if (sp->bus->magic != BUS_MAGIC || sp->bus->bytes != sizeof(struct bus))
		return tt_errmsg_set(msg, TT_ECORRUPT, "shared:%s: the file 'bus' is not a bus of ours; remove the folder", where);
	return TT_OK;
}

/* With the lock held. */
static enum tt_err join(struct shared_port *sp, const char *where, struct tt_errmsg *msg)
{
	struct sockaddr_un address;
	unsigned index = 0;

	sp->serial = atomic_load(&sp->bus->last_serial) + 1;
	address = bell_address(sp, sp->serial);
	for (unsigned i = 0; i < MEMBERS_MAX; i++) {
		const uint64_t serial = atomic_load(&sp->bus->members[i]);

		if (serial != 0 && !ring_bell(sp, serial))
			forget_member(sp, i, serial);
	}
	while (index < MEMBERS_MAX && atomic_load(&sp->bus->members[index]) != 0)
		index++;
	if (index == MEMBERS_MAX)
		return tt_errmsg_set(msg, TT_EFULL, "shared:%s: %d members already; end one", where, MEMBERS_MAX);
	if (bind(sp->port.fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return tt_errmsg_set(msg, TT_EIO, "shared:%s: cannot bind m%llu: %s", where, (unsigned long long)sp->serial,
				     strerror(errno));
	atomic_store(&sp->bus->last_serial, sp->serial);
	sp->tail = atomic_load(&sp->bus->head);
	atomic_store(&sp->bus->members[index], sp->serial);
	return TT_OK;
}

static enum tt_err lock_patiently(const struct shared_port *sp, const char *where, struct tt_errmsg *msg)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < OPEN_LOCK_TRIES; i++) {
		if (flock(sp->bus_fd, LOCK_EX | LOCK_NB) == 0)
			return TT_OK;
		nanosleep(&pause, NULL);
	}
	return tt_errmsg_set(msg, TT_EIO, "shared:%s: a stopped process holds the bus; continue or end it", where);
}

static enum tt_err open_folder(struct shared_port *sp, const char *where, struct tt_errmsg *msg)
{
	if (mkdir(where, 0700) != 0 && errno != EEXIST)
		return tt_errmsg_set(msg, errno == ENOENT ? TT_ENOTFOUND : TT_EDENIED, "shared:%s: cannot make the folder: %s", where,
				     strerror(errno));
	sp->dir_fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sp->dir_fd >= 0)
		sp->bus_fd = openat(sp->dir_fd, "bus", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (sp->bus_fd < 0)
		return tt_errmsg_set(msg, TT_EDENIED, "shared:%s: %s; give a folder of your own", where, strerror(errno));
	sp->port.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sp->port.fd < 0)
		return tt_errmsg_set(msg, TT_EIO, "shared:%s: %s", where, strerror(errno));
	return TT_OK;
}

static void shared_close(struct tt_can_port *port)
{
	struct shared_port *sp = (struct shared_port *)port;

	for (unsigned i = 0; sp->bus && i < MEMBERS_MAX; i++) {
		if (sp->serial != 0 && atomic_load(&sp->bus->members[i]) == sp->serial && lock_bus(sp)) {
			forget_member(sp, i, sp->serial);
			unlock_bus(sp);
		}
	}
	if (sp->bus)
		munmap(sp->bus, sizeof(struct bus));
	if (sp->port.fd >= 0)
		close(sp->port.fd);
	if (sp->bus_fd >= 0)
		close(sp->bus_fd);
	if (sp->dir_fd >= 0)
		close(sp->dir_fd);
	free(sp);
}

static enum tt_err shared_open(const char *where, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			       struct tt_errmsg *msg)
{
	struct shared_port *sp = calloc(1, sizeof(*sp));
	enum tt_err err;

	(void)filters;
	(void)nfilters;
	if (!sp)
		return tt_errmsg_set(msg, TT_ENOMEM, "shared:%s: out of memory", where);
	sp->dir_fd = sp->bus_fd = sp->port.fd = -1;
	err = open_folder(sp, where, msg);
	if (!err)
		err = lock_patiently(sp, where, msg);
	if (!err) {
		err = map_bus(sp, where, msg);
		if (!err)
			err = join(sp, where, msg);
		unlock_bus(sp);
	}
	if (err)
		shared_close(&sp->port);
	else
		*out = &sp->port;
	return err;
}

static void write_slot(struct slot *slot, uint64_t number, uint64_t from, const struct tt_can_frame *frame)
{
	uint64_t words[WORDS] = {(uint64_t)tt_mono_now(), frame->id | (uint64_t)frame->extended << 32 | (uint64_t)frame->fd << 33 |
								  (uint64_t)frame->brs << 34 | (uint64_t)frame->rtr << 35 |
								  (uint64_t)frame->len << 40};

	memcpy(&words[2], frame->data, frame->len);
	atomic_store_explicit(&slot->number, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&slot->from, from, memory_order_relaxed);
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store_explicit(&slot->words[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&slot->number, number, memory_order_release);
}

/* False: the slot holds another frame than number, or is being written. */
static bool read_slot(struct slot *slot, uint64_t number, uint64_t *from, uint64_t words[WORDS])
{
	if (atomic_load_explicit(&slot->number, memory_order_acquire) != number)
		return false;
	*from = atomic_load_explicit(&slot->from, memory_order_relaxed);
	for (unsigned i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&slot->number, memory_order_relaxed) == number;
}

static bool unpack(const uint64_t words[WORDS], struct tt_can_frame *frame, tt_mono_us *at_us)
{
	*frame = (struct tt_can_frame){
		.id = (uint32_t)words[1] & TT_CAN_EFF_MASK,
		.extended = words[1] >> 32 & 1,
		.fd = words[1] >> 33 & 1,
		.brs = words[1] >> 34 & 1,
		.rtr = words[1] >> 35 & 1,
		.len = (uint8_t)(words[1] >> 40),
	};
	if (!tt_can_length_valid(frame))
		return false;
	memcpy(frame->data, &words[2], frame->len);
	*at_us = tt_min_i64((tt_mono_us)words[0], tt_mono_now());
	return true;
}

/* The bell is emptied only when the ring is, and rung again when a frame came in between: one that is left over is always heard of. */
static bool ring_is_empty(struct shared_port *sp)
{
	char none;

	if (sp->tail != atomic_load_explicit(&sp->bus->head, memory_order_acquire))
		return false;
	while (recv(sp->port.fd, &none, sizeof(none), MSG_DONTWAIT) >= 0)
		;
	if (sp->tail == atomic_load_explicit(&sp->bus->head, memory_order_acquire))
		return true;
	(void)ring_bell(sp, sp->serial);
	return false;
}

/* The slot at tail was overwritten: go on at the oldest frame that is safe for a while. In a sound ring that is always forward. */
static void skip_lost(struct shared_port *sp)
{
	const uint64_t oldest = atomic_load_explicit(&sp->bus->head, memory_order_acquire) - (RING - MARGIN);
	const uint64_t skip = (int64_t)(oldest - sp->tail) > 0 ? oldest - sp->tail : 1;

	sp->port.stats.lost += skip;
	sp->tail += skip;
}

static enum tt_err shared_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us)
{
	struct shared_port *sp = (struct shared_port *)port;
	uint64_t words[WORDS], from;

	while (!ring_is_empty(sp)) {
		if (!read_slot(&sp->bus->slots[sp->tail % RING], sp->tail + 1, &from, words)) {
			skip_lost(sp);
			continue;
		}
		sp->tail++;
		if (from == sp->serial)
			continue;
		if (unpack(words, frame, at_us))
			return TT_OK;
		port->stats.errors++;
	}
	return TT_EAGAIN;
}

static enum tt_err shared_send(struct tt_can_port *port, const struct tt_can_frame *frame)
{
	struct shared_port *sp = (struct shared_port *)port;
	uint64_t head;

	if (!lock_bus(sp))
		return TT_EAGAIN;
	head = atomic_load_explicit(&sp->bus->head, memory_order_relaxed);
	write_slot(&sp->bus->slots[head % RING], head + 1, sp->serial, frame);
	atomic_store_explicit(&sp->bus->head, head + 1, memory_order_release);
	unlock_bus(sp);
	ring_others(sp);
	return TT_OK;
}

const struct tt_can_ops tt_can_shared_ops = {
	.scheme = "shared:",
	.open = shared_open,
	.close = shared_close,
	.recv = shared_recv,
	.send = shared_send,
};
