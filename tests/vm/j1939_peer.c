/*
 * Our J1939 transport protocol on a real SocketCAN interface, opposite the kernel's can-j1939: random messages four ways at once, by
 * RTS/CTS and by BAM, to it and from it, compared byte by byte. One process holds both ends: our cores on a CAN port, at several addresses,
 * and the kernel's J1939 sockets. J1939-21 allows one session a pair of addresses and one BAM a source; those of different pairs run at
 * once.
 *
 * A message has a source, a destination, a parameter group and a length of its own: mostly short, and by RTS/CTS each length from 9 to 1785
 * comes up in both directions. The kernel sends the packets of a BAM 50 ms apart, so few of those are long.
 *
 * A timeout is the machine's fault, not the protocol's: that message is sent once more and counted as late (tests/vm/check.py bounds that).
 * Every other difference is an error, and so is a message that comes to nothing again and again.
 *
 * usage: vm_j1939_peer INTERFACE MESSAGES. A line an error, a line a way: "WAY: SAME of N same, ...", a line of counts; exits 1 after
 * errors.
 */
#include "firmware/io/can_port.h"
#include "firmware/proto/j1939_send.h"
#include "firmware/proto/j1939_tp.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/j1939.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FROM_KERNEL, BAM_FROM_KERNEL, TO_KERNEL, BAM_TO_KERNEL, WAYS };
enum {
	KERNEL = 0x10,     /* the kernel's ends of connections, from here on */
	KERNEL_BAM = 0x30, /* and its sources of BAMs */
	OUR = 0xC0,        /* our addresses, which the kernel's filter knows by the upper four bits */
	PEERS = 8,
	BAMS = 60,
	LISTENERS = 2, /* each has a slot for every BAM at once, TT_J1939_SESSIONS */
	TALKS = PEERS + BAMS + PEERS + PEERS,
	PATIENCE_S = 200,
	SILENCE_S = 8,
	TRIES_MAX = 5,
	BAM_GAP_US = 200,
	HEARD_A_TURN = 256,
	ROUNDS_A_TURN = 8,
	ERRORS_MAX = 20,
};

/* One sender, and the message that it has under way. */
struct talk {
	unsigned way;
	struct tt_j1939_id id;
	uint8_t data[TT_J1939_MAX];
	size_t len; /* 0 = nothing under way */
	unsigned tries;
	tt_mono_us give_up_us;
	int fd;                     /* the kernel's end */
	struct tt_j1939_send *send; /* or ours */
};

struct way {
	const char *name;
	unsigned parts;                               /* of all messages, in twentieths */
	unsigned left, dealt, same, packed, nlengths; /* packed: in several packets */
	unsigned long bytes;
	uint16_t lengths[TT_J1939_MAX]; /* those that are still to come up, in any order */
	bool met[TT_J1939_MAX + 1];
};

static struct {
	struct tt_can_port *port;
	int ifindex, bam_fd;
	struct tt_j1939_tp tp[PEERS], listener[LISTENERS];
	struct tt_j1939_send send[PEERS], bam[PEERS];
	struct talk talks[TALKS];
	struct way ways[WAYS];
	unsigned at_once, again, late, errors;
	uint64_t dice;
} all = {.ways = {{.name = "kernel RTS/CTS to us", .parts = 7},
		  {.name = "kernel BAM to us", .parts = 3},
		  {.name = "our RTS/CTS to the kernel", .parts = 7},
		  {.name = "our BAM to the kernel", .parts = 3}},
	 .dice = UINT64_C(0x9E3779B97F4A7C15)};

static uint32_t dice(uint32_t n) /* 0..n-1 */
{
	all.dice ^= all.dice << 13;
	all.dice ^= all.dice >> 7;
	all.dice ^= all.dice << 17;
	return (uint32_t)(all.dice >> 32) % n;
}

_Noreturn static void die(const char *what, const char *why)
{
	printf("vm_j1939_peer: %s: %s\n", what, why);
	exit(1);
}

static void must(int result, const char *what)
{
	if (result < 0)
		die(what, strerror(errno));
}

static void error(const struct talk *t, const char *what)
{
	printf("error: %s, %s: PGN %05X from %02X to %02X, %zu bytes\n", all.ways[t->way].name, what, t->id.pgn, t->id.source, t->id.dest,
	       t->len);
	all.errors++;
}

/* ---- the kernel's ends ---- */

/* hears: what comes to everybody, from our addresses. The kernel hands a message to its own sockets too. */
static int kernel_end(uint8_t address, bool broadcasts, bool hears)
{
	const struct j1939_filter from = {.addr = hears ? OUR : TT_J1939_GLOBAL, .addr_mask = hears ? 0xF0 : 0xFF};
	struct sockaddr_can a = {.can_family = AF_CAN, .can_ifindex = all.ifindex};
	const int on = 1, fd = socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_J1939);

	must(fd, "J1939 socket");
	a.can_addr.j1939.addr = address;
	a.can_addr.j1939.name = J1939_NO_NAME;
	a.can_addr.j1939.pgn = J1939_NO_PGN;
	if (broadcasts) {
		must(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), "SO_BROADCAST");
		must(setsockopt(fd, SOL_CAN_J1939, SO_J1939_FILTER, &from, sizeof(from)), "SO_J1939_FILTER");
	}
	must(bind(fd, (const struct sockaddr *)&a, sizeof(a)), "J1939 bind");
	return fd;
}

static bool kernel_sends(const struct talk *t)
{
	struct sockaddr_can a = {.can_family = AF_CAN};

	a.can_addr.j1939.addr = t->id.dest;
	a.can_addr.j1939.name = J1939_NO_NAME;
	a.can_addr.j1939.pgn = t->id.pgn;
	return sendto(t->fd, t->data, t->len, 0, (const struct sockaddr *)&a, sizeof(a)) == (ssize_t)t->len;
}

/* ---- messages ---- */

static size_t any_length(unsigned way)
{
	struct way *w = &all.ways[way];
	const uint32_t kind = dice(32);
	size_t len;

	if (w->nlengths > 0 && dice(w->left) < w->nlengths) {
		const uint32_t i = dice(w->nlengths);

		len = w->lengths[i];
		w->lengths[i] = w->lengths[--w->nlengths];
		return len;
	}
	if (kind < 28)
		return 1 + dice(70);
	/* no BAM of ten seconds at the end, for which all would wait */
	return 1 + dice(kind == 31 && w->left > w->dealt ? TT_J1939_MAX : 210);
}

/* Any group that stands for nothing in the protocol itself. A single frame to one address has no room for a PDU2 group. */
static uint32_t any_pgn(bool pdu1)
{
	return dice(2) << 16 | (pdu1 || dice(2) ? dice(0xC0) << 8 : 0xF000 + dice(0x1000));
}

static void begin(struct talk *t, tt_mono_us now)
{
	if (t->send) {
		const struct tt_j1939_send_config config = {.bam_gap_us = BAM_GAP_US, .at_once = (uint8_t)(t->len > 300 ? 0 : dice(32))};

		tt_j1939_send_init(t->send, &config);
		if (tt_j1939_send(t->send, &t->id, t->data, t->len))
			error(t, "our end does not take it");
	} else if (!kernel_sends(t) && !kernel_sends(t)) { /* once: why the last one ended */
		error(t, strerror(errno));
	}
	t->give_up_us = now + TT_SEC(SILENCE_S) + (t->way == BAM_FROM_KERNEL ? (tt_mono_us)t->len / 7 * TT_MS(50) : 0);
}

static void deal(struct talk *t, tt_mono_us now)
{
	struct way *w = &all.ways[t->way];
	const uint32_t last_pgn = t->id.pgn;

	t->len = any_length(t->way);
	/* a new group each time: what comes again, late, is not taken for the next message */
	do {
		t->id.pgn = any_pgn(t->len <= TT_J1939_SINGLE);
	} while (t->id.pgn == last_pgn);
	if (t->id.dest != TT_J1939_GLOBAL)
		t->id.dest = (uint8_t)((t->way == FROM_KERNEL ? OUR : KERNEL) + dice(PEERS));
	for (size_t i = 0; i < t->len; i++)
		t->data[i] = (uint8_t)dice(256);
	t->tries = 1;
	w->left--;
	w->dealt++;
	begin(t, now);
}

static void arrived(unsigned way, const struct tt_j1939_id *id, const uint8_t *data, size_t len)
{
	struct way *w = &all.ways[way];
	struct talk *t = NULL;

	for (size_t i = 0; i < TALKS; i++) {
		if (all.talks[i].way == way && all.talks[i].id.source == id->source)
			t = &all.talks[i];
	}
	if (!t)
		die("a message", "from an address that nobody has");
	if (t->len == 0 || id->pgn != t->id.pgn) {
		if (all.late == 0) /* a repeated one may come twice */
			error(t, "nobody has sent what came");
		return;
	}
	if (id->dest != t->id.dest || len != t->len || memcmp(data, t->data, len) != 0)
		error(t, "what came is not what was sent");
	else
		w->same++;
	w->bytes += len;
	w->packed += len > TT_J1939_SINGLE;
	w->met[len] = true;
	t->len = 0;
}

/* ---- the bus ---- */

/* True when nothing waits any more. */
static bool hear(void)
{
	struct tt_j1939_message m;
	struct tt_j1939_id id;
	struct tt_can_frame f;
	tt_mono_us at;
	enum tt_err err = TT_OK;

	for (unsigned n = 0; n < HEARD_A_TURN && (err = tt_can_port_recv(all.port, &f, &at)) == TT_OK; n++) {
		struct tt_j1939_tp *tp;

		if (!tt_j1939_split(&f, &id))
			continue;
		if (id.dest == TT_J1939_GLOBAL) {
			tp = &all.listener[id.source % LISTENERS];
		} else if (id.dest < OUR || id.dest >= OUR + PEERS) {
			die("a frame", "to an address that nobody has");
		} else {
			tp = &all.tp[id.dest - OUR];
			tt_j1939_send_feed(&all.send[id.dest - OUR], at, &f);
		}
		if (tt_j1939_tp_feed(tp, at, &f, &m))
			arrived(m.id.dest == TT_J1939_GLOBAL ? BAM_FROM_KERNEL : FROM_KERNEL, &m.id, m.data, m.len);
	}
	if (err != TT_OK && err != TT_EAGAIN)
		die("bus", tt_can_port_problem(all.port));
	return err == TT_EAGAIN;
}

static bool put(const struct tt_can_frame *f)
{
	while (tt_can_port_send(all.port, f) == TT_EAGAIN)
		(void)poll(NULL, 0, 1);
	return true;
}

/* A frame of each in turn, so that sessions lie between each other on the bus. True when there is more: nobody's timer has to wait for a
 * long burst of another. */
static bool speak(tt_mono_us now)
{
	struct tt_can_frame f;
	bool some = true;

	for (unsigned n = 0; n < ROUNDS_A_TURN && some; n++) {
		some = false;
		for (size_t i = 0; i < PEERS; i++) {
			some |= tt_j1939_tp_next_tx(&all.tp[i], &f) && put(&f);
			some |= tt_j1939_send_next_tx(&all.send[i], now, &f) && put(&f);
			some |= tt_j1939_send_next_tx(&all.bam[i], now, &f) && put(&f);
		}
	}
	return some;
}

static void kernel_hears(int fd, bool bam, uint8_t address)
{
	static uint8_t data[TT_J1939_MAX + 1];
	struct sockaddr_can from;
	socklen_t size = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &size)) >= 0) {
		const struct tt_j1939_id id = {.pgn = from.can_addr.j1939.pgn, .source = from.can_addr.j1939.addr, .dest = address};

		arrived(bam ? BAM_TO_KERNEL : TO_KERNEL, &id, data, (size_t)n);
		size = sizeof(from);
	}
	if (errno != EAGAIN) /* of what this end sends: noticed when nothing arrives */
		printf("late: the kernel's end %02X: %s\n", address, strerror(errno));
}

/* ---- the turns ---- */

static void once_more(struct talk *t, tt_mono_us now, const char *why)
{
	if (t->tries++ == TRIES_MAX) {
		error(t, why);
		t->len = 0;
		return;
	}
	printf("late: %s, %s: %zu bytes from %02X to %02X\n", all.ways[t->way].name, why, t->len, t->id.source, t->id.dest);
	all.late++;
	begin(t, now);
}

static void look_after_ours(struct talk *t, tt_mono_us now)
{
	const enum tt_j1939_send_result result = tt_j1939_send_result(t->send);

	if (result == TT_J1939_SEND_BUSY) {
		t->give_up_us = now + TT_SEC(SILENCE_S);
	} else if (t->len && result == TT_J1939_SEND_FAILED && t->send->why == TT_J1939_ABORT_BUSY) {
		all.again++; /* the kernel ends a session a moment after its acknowledgement */
		begin(t, now);
	} else if (t->len && result == TT_J1939_SEND_FAILED && t->send->why == TT_J1939_ABORT_TIMEOUT) {
		once_more(t, now, "timeout");
	} else if (t->len && result == TT_J1939_SEND_FAILED) {
		error(t, tt_j1939_abort_text(t->send->why));
		t->len = 0;
	}
}

static void look_after(struct talk *t, tt_mono_us now)
{
	if (t->send)
		look_after_ours(t, now);
	if (t->len && now > t->give_up_us)
		once_more(t, now, "nothing came");
	else if (t->len == 0 && all.ways[t->way].left > 0 && (!t->send || tt_j1939_send_result(t->send) != TT_J1939_SEND_BUSY))
		deal(t, now);
}

/* True while a message is under way or still to come. */
static bool turn(void)
{
	struct pollfd ready[PEERS + 2] = {{.fd = tt_can_port_fd(all.port), .events = POLLIN}, {.fd = all.bam_fd, .events = POLLIN}};
	const tt_mono_us now = tt_mono_now();
	unsigned under_way = 0;
	bool at_work = false, heard_all = true, more;

	for (size_t i = 0; i < TALKS; i++) {
		look_after(&all.talks[i], now);
		under_way += all.talks[i].len != 0;
		at_work = at_work || all.talks[i].len != 0 || all.ways[all.talks[i].way].left > 0;
	}
	all.at_once = under_way > all.at_once ? under_way : all.at_once;
	more = speak(now);
	for (size_t i = 0; i < PEERS; i++)
		ready[i + 2] = (struct pollfd){.fd = all.talks[i].fd, .events = POLLIN};
	if (poll(ready, PEERS + 2, more ? 0 : 1) > 0) {
		if (ready[0].revents)
			heard_all = hear();
		if (ready[1].revents)
			kernel_hears(all.bam_fd, true, TT_J1939_GLOBAL);
		for (size_t i = 0; i < PEERS; i++) {
			if (ready[i + 2].revents)
				kernel_hears(all.talks[i].fd, false, (uint8_t)(KERNEL + i));
		}
	}
	/* a frame that waits is not late, we are */
	for (size_t i = 0; i < PEERS && heard_all; i++)
		tt_j1939_tp_tick(&all.tp[i], now);
	for (size_t i = 0; i < LISTENERS && heard_all; i++)
		tt_j1939_tp_tick(&all.listener[i], now);
	return at_work;
}

/* ---- begin and end ---- */

static void open_all(const char *interface, unsigned messages)
{
	struct tt_errmsg msg = {""};
	struct talk *t = all.talks;
	char address[64];

	(void)snprintf(address, sizeof(address), "socketcan:%.32s", interface);
	if (tt_can_port_open(address, NULL, 0, &all.port, &msg))
		die("open", msg.text);
	all.ifindex = (int)if_nametoindex(interface);
	for (unsigned w = 0; w < WAYS; w++)
		all.ways[w].left = messages * all.ways[w].parts / 20;
	for (uint16_t n = TT_J1939_SINGLE + 1; n <= TT_J1939_MAX; n++) {
		all.ways[FROM_KERNEL].lengths[all.ways[FROM_KERNEL].nlengths++] = n;
		all.ways[TO_KERNEL].lengths[all.ways[TO_KERNEL].nlengths++] = n;
	}
	for (unsigned i = 0; i < PEERS; i++, t++)
		*t = (struct talk){
			.way = FROM_KERNEL, .id.source = (uint8_t)(KERNEL + i), .fd = kernel_end((uint8_t)(KERNEL + i), false, false)};
	for (unsigned i = 0; i < BAMS; i++, t++)
		*t = (struct talk){.way = BAM_FROM_KERNEL,
				   .id = {.source = (uint8_t)(KERNEL_BAM + i), .dest = TT_J1939_GLOBAL},
				   .fd = kernel_end((uint8_t)(KERNEL_BAM + i), true, false)};
	for (unsigned i = 0; i < PEERS; i++, t++) {
		const struct tt_j1939_id id = {.priority = 6, .source = (uint8_t)(OUR + i), .dest = TT_J1939_GLOBAL};
		const struct tt_j1939_send_config config = {.at_once = 0};

		tt_j1939_tp_init(&all.tp[i], id.source);
		tt_j1939_send_init(&all.send[i], &config);
		tt_j1939_send_init(&all.bam[i], &config);
		*t = (struct talk){.way = TO_KERNEL, .id.priority = 6, .id.source = id.source, .send = &all.send[i]};
		t[PEERS] = (struct talk){.way = BAM_TO_KERNEL, .id = id, .send = &all.bam[i]};
	}
	for (size_t i = 0; i < LISTENERS; i++)
		tt_j1939_tp_init(&all.listener[i], TT_J1939_NO_ADDRESS);
	all.bam_fd = kernel_end(KERNEL - 1, true, true);
}

static void report(tt_mono_us begun)
{
	unsigned long long unclean = 0;
	const struct tt_can_stats bus = tt_can_port_stats(all.port);

	for (unsigned w = 0; w < WAYS; w++) {
		const struct way *of = &all.ways[w];
		unsigned lengths = 0;

		for (size_t n = TT_J1939_SINGLE + 1; n <= TT_J1939_MAX; n++)
			lengths += of->met[n];
		printf("%s: %u of %u same, %u in packets, %u lengths, %lu bytes\n", of->name, of->same, of->dealt + of->left, of->packed,
		       lengths, of->bytes);
	}
	for (size_t i = 0; i < PEERS + LISTENERS; i++) {
		const struct tt_j1939_tp *tp = i < PEERS ? &all.tp[i] : &all.listener[i - PEERS];

		unclean += tp->count.broken + tp->count.timeouts + tp->count.aborted + tp->count.evicted + tp->count.malformed +
			   tp->count.ignored;
	}
	printf("at_once %u again %u late %u errors %u unclean %llu frames %llu lost %llu seconds %.1f\n", all.at_once, all.again, all.late,
	       all.errors, unclean, (unsigned long long)(bus.received + bus.sent), (unsigned long long)bus.lost,
	       (double)(tt_mono_now() - begun) / 1e6);
}

int main(int argc, char *argv[])
{
	const tt_mono_us begun = tt_mono_now();
	/* vcan queues a frame where its sender runs: who moves to the other processor overtakes himself. */
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (argc != 3) {
		fprintf(stderr, "usage: vm_j1939_peer INTERFACE MESSAGES\n");
		return 2;
	}
	must(sched_setaffinity(0, sizeof(cpu), &cpu), "sched_setaffinity");
	must(setpriority(PRIO_PROCESS, 0, 19), "setpriority"); /* the kernel's timers run in a thread of this processor, before us */
	open_all(argv[1], (unsigned)strtoul(argv[2], NULL, 10));
	while (turn() && all.errors < ERRORS_MAX && tt_mono_now() < begun + TT_SEC(PATIENCE_S))
		;
	report(begun);
	tt_can_port_close(all.port);
	return all.errors != 0;
}
