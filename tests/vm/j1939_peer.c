/*
 * Our J1939 transport protocol on a real SocketCAN interface, opposite the kernel's can-j1939: random messages in both directions, by
 * RTS/CTS and by BAM, compared byte by byte. One process holds both ends: our cores on a CAN port, the kernel's on J1939 sockets. usage:
 * vm_j1939_peer INTERFACE SECONDS (for each of the four ways). A line a way: "WAY: SAME of N same, BYTES bytes".
 */
#include "firmware/io/can_port.h"
#include "firmware/proto/j1939_send.h"
#include "firmware/proto/j1939_tp.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/j1939.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { US = 0xF9, KERNEL = 0x30, SOURCES = 24, PGN_TO_US = 0xEF00, PGN_TO_ALL = 0xFF12, PATIENCE_S = 15, AGAIN_MAX = 20 };

struct bench {
	struct tt_can_port *port;
	struct tt_j1939_tp tp;
	struct tt_j1939_send send;
	int sockets[SOURCES]; /* the kernel's ends, addresses KERNEL on */
	uint8_t payload[SOURCES][TT_J1939_MAX];
	size_t len[SOURCES];
	bool waiting[SOURCES];
	unsigned n, same, again; /* again: sent once more, as the kernel was not ready */
	unsigned long bytes;
	uint64_t random;
};

static uint64_t draw(struct bench *b)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 7;
	b->random ^= b->random << 17;
	return b->random;
}

static void fail(const char *what)
{
	fprintf(stdout, "vm_j1939_peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int kernel_end(const char *interface, uint8_t address)
{
	struct sockaddr_can a = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(interface)};
	const int on = 1, fd = socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_J1939);

	if (fd < 0)
		fail("J1939 socket");
	a.can_addr.j1939.addr = address;
	a.can_addr.j1939.name = J1939_NO_NAME;
	a.can_addr.j1939.pgn = J1939_NO_PGN;
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) != 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0)
		fail("J1939 bind");
	return fd;
}

/* most: of the lengths; small ones are as frequent as large ones. */
static void make(struct bench *b, unsigned who, size_t most)
{
	const size_t cap = (draw(b) & 1) && most > 64 ? 64 : most;

	b->len[who] = 1 + draw(b) % cap;
	for (size_t i = 0; i < b->len[who]; i++)
		b->payload[who][i] = (uint8_t)draw(b);
	b->n++;
	b->waiting[who] = true;
}

static void compare(struct bench *b, unsigned who, const uint8_t *data, size_t len)
{
	if (!b->waiting[who] || len != b->len[who] || memcmp(data, b->payload[who], len) != 0)
		return;
	b->waiting[who] = false;
	b->same++;
	b->bytes += len;
}

static void kernel_sends(struct bench *b, unsigned who, uint8_t to)
{
	struct sockaddr_can a = {.can_family = AF_CAN};

	a.can_addr.j1939.addr = to;
	a.can_addr.j1939.name = J1939_NO_NAME;
	a.can_addr.j1939.pgn = to == US ? PGN_TO_US : PGN_TO_ALL;
	if (sendto(b->sockets[who], b->payload[who], b->len[who], 0, (const struct sockaddr *)&a, sizeof(a)) != (ssize_t)b->len[who])
		fail("J1939 sendto");
}

static void hear(struct bench *b)
{
	struct tt_j1939_message m;
	struct tt_can_frame f;
	tt_mono_us at;
	enum tt_err err;

	while ((err = tt_can_port_recv(b->port, &f, &at)) == TT_OK) {
		tt_j1939_send_feed(&b->send, tt_mono_now(), &f);
		if (tt_j1939_tp_feed(&b->tp, tt_mono_now(), &f, &m) && m.id.source >= KERNEL && m.id.source < KERNEL + SOURCES &&
		    (m.id.pgn == PGN_TO_US || m.id.pgn == PGN_TO_ALL))
			compare(b, m.id.source - KERNEL, m.data, m.len);
	}
	if (err != TT_EAGAIN)
		fail(tt_can_port_problem(b->port));
	tt_j1939_tp_tick(&b->tp, tt_mono_now());
}

static void speak(struct bench *b)
{
	struct tt_can_frame f;

	while (tt_j1939_tp_next_tx(&b->tp, &f) || tt_j1939_send_next_tx(&b->send, tt_mono_now(), &f)) {
		while (tt_can_port_send(b->port, &f) == TT_EAGAIN)
			(void)poll(NULL, 0, 1);
	}
}

/* The kernel's first end hears what we send, and what its other ends send to all: that must not fill its queue. */
static void kernel_hears(struct bench *b, bool compares)
{
	uint8_t data[TT_J1939_MAX];
	ssize_t n;

	while ((n = recv(b->sockets[0], data, sizeof(data), 0)) > 0) {
		if (compares)
			compare(b, 0, data, (size_t)n);
	}
}

static void turn(struct bench *b, bool kernel_listens)
{
	struct pollfd ready[2] = {{.fd = tt_can_port_fd(b->port), .events = POLLIN}, {.fd = b->sockets[0], .events = POLLIN}};

	hear(b);
	speak(b);
	kernel_hears(b, kernel_listens);
	(void)poll(ready, 2, tt_j1939_send_wake_at(&b->send) < tt_mono_now() + TT_MS(1) ? 0 : 1);
}

static bool any_waits(const struct bench *b)
{
	bool waits = false;

	for (unsigned i = 0; i < SOURCES; i++)
		waits = waits || b->waiting[i];
	return waits;
}

static void drain(struct bench *b, bool kernel_listens)
{
	const tt_mono_us end = tt_mono_now() + TT_SEC(PATIENCE_S);

	while (any_waits(b) && tt_mono_now() < end)
		turn(b, kernel_listens);
}

static void report(struct bench *b, const char *way)
{
	printf("%s: %u of %u same, %lu bytes\n", way, b->same, b->n, b->bytes);
	(void)fflush(stdout);
	b->n = b->same = 0;
	b->bytes = 0;
	memset(b->waiting, 0, sizeof(b->waiting));
}

/* One source for connections; all sources at once for BAM, whose packets the kernel sends 50 ms apart. */
static void from_kernel(struct bench *b, const char *way, uint8_t to, tt_mono_us end)
{
	const unsigned sources = to == US ? 1 : SOURCES;

	while (tt_mono_now() < end) {
		for (unsigned i = 0; i < sources; i++) {
			if (b->waiting[i])
				continue;
			make(b, i, to == US ? TT_J1939_MAX : 210);
			kernel_sends(b, i, to);
		}
		turn(b, false);
	}
	drain(b, false);
	report(b, way);
}

static void to_kernel(struct bench *b, const char *way, uint8_t to, tt_mono_us end)
{
	const struct tt_j1939_id id = {.pgn = to == KERNEL ? PGN_TO_US : PGN_TO_ALL, .priority = 6, .source = US, .dest = to};

	while (tt_mono_now() < end) {
		if (!b->waiting[0] && tt_j1939_send_result(&b->send) != TT_J1939_SEND_BUSY) {
			make(b, 0, to == KERNEL ? TT_J1939_MAX : 700);
			if (tt_j1939_send(&b->send, &id, b->payload[0], b->len[0]))
				fail("our message");
		}
		turn(b, true);
		if (b->waiting[0] && tt_j1939_send_result(&b->send) == TT_J1939_SEND_FAILED) {
			/* The kernel ends a session a moment after its acknowledgement; on two processors we are back too early now and
			 * then. */
			if (b->send.why != TT_J1939_ABORT_BUSY || ++b->again > AGAIN_MAX) {
				printf("%s: %u bytes aborted: %s\n", way, (unsigned)b->len[0], tt_j1939_abort_text(b->send.why));
				exit(1);
			}
			(void)poll(NULL, 0, 1);
			if (tt_j1939_send(&b->send, &id, b->payload[0], b->len[0]))
				fail("our message again");
		}
	}
	drain(b, true);
	report(b, way);
}

int main(int argc, char *argv[])
{
	static struct bench b = {.random = UINT64_C(0x9E3779B97F4A7C15)};
	static const struct tt_j1939_send_config config = {.bam_gap_us = 200};
	const int64_t each_us = argc == 3 ? TT_SEC(strtol(argv[2], NULL, 10)) : 0;
	struct tt_errmsg msg = {""};
	char address[64];

	if (each_us == 0) {
		fprintf(stderr, "usage: vm_j1939_peer INTERFACE SECONDS\n");
		return 2;
	}
	for (unsigned i = 0; i < SOURCES; i++)
		b.sockets[i] = kernel_end(argv[1], (uint8_t)(KERNEL + i));
	(void)snprintf(address, sizeof(address), "socketcan:%.32s", argv[1]);
	if (tt_can_port_open(address, NULL, 0, &b.port, &msg)) {
		printf("%s\n", msg.text);
		return 1;
	}
	tt_j1939_tp_init(&b.tp, US);
	tt_j1939_send_init(&b.send, &config);
	from_kernel(&b, "kernel RTS/CTS to us", US, tt_mono_now() + each_us);
	from_kernel(&b, "kernel BAM to us", TT_J1939_GLOBAL, tt_mono_now() + each_us);
	for (unsigned i = 1; i < SOURCES; i++) /* one end of the kernel's hears enough */
		(void)close(b.sockets[i]);
	to_kernel(&b, "our RTS/CTS to the kernel", KERNEL, tt_mono_now() + each_us);
	to_kernel(&b, "our BAM to the kernel", TT_J1939_GLOBAL, tt_mono_now() + each_us);
	printf("sent again %u\n", b.again);
	printf("broken %llu, timeouts %llu, aborted %llu, malformed %llu\n", (unsigned long long)b.tp.count.broken,
	       (unsigned long long)b.tp.count.timeouts, (unsigned long long)b.tp.count.aborted, (unsigned long long)b.tp.count.malformed);
	tt_can_port_close(b.port);
	return 0;
}
