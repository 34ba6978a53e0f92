/*
 * Our ISO-TP against the kernel's can-isotp, message by message: random payloads both ways at once over LINKS pairs of identifiers, ours on
 * the CAN port, the kernel's behind a CAN_ISOTP socket. Each link takes a new setting after EACH messages a way: 11 or 29 bit, an address
 * byte or none, CAN FD or classic, frame lengths, padding (which the kernel checks), block size and STmin of both receivers; now and then
 * ours puts the kernel off by WAIT. Every payload is compared byte for byte.
 *
 * Lengths are mostly short so that many settings are met, a share reaches 4095 and a few go beyond (the kernel ends at 8200). A timeout is
 * the machine's fault, not the protocol's: such a message is dealt again and counted as late (tests/vm/check.py bounds that); anything else
 * that is not the payload is an error.
 *
 * usage: vm_isotp_against INTERFACE MESSAGES. Prints one line of counts, before it a line an error; exits 1 after errors.
 */
#include "firmware/io/can_port.h"
#include "firmware/proto/isotp.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/isotp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LINKS = 8,
	EACH = 24,
	LONGEST = 8200,
	GENERATIONS = 64,
	ERRORS_MAX = 20,
	GAPS_US = 40000,
	SILENCE_S = 20,
	PATIENCE_S = 150,
	RETRY_US = 200
};

struct way {
	uint8_t data[LONGEST];
	size_t len; /* 0 = nothing under way */
	unsigned left;
};

struct link {
	int fd; /* the kernel's end; -1 = closed */
	struct tt_isotp ours;
	uint8_t received[LONGEST];
	struct way to_kernel, to_us;
	bool unsent; /* the kernel has not taken to_us yet: it still ends its last one */
	bool turn;   /* something has happened to it */
	tt_mono_us hold_until, moved_us;
	char text[128];
};

static struct {
	struct tt_can_port *port;
	int ifindex;
	struct link links[LINKS];
	unsigned generation;
	unsigned remaining, to_kernel, to_us, fd, above, held, settings, errors, late;
	bool lengths[LONGEST + 1];
	uint64_t dice;
} all = {.dice = 15765};

static uint32_t dice(uint32_t n) /* 0..n-1 */
{
	all.dice ^= all.dice << 13;
	all.dice ^= all.dice >> 7;
	all.dice ^= all.dice << 17;
	return (uint32_t)(all.dice >> 32) % n;
}

static uint8_t any_byte(void)
{
	return (uint8_t)dice(256);
}

static uint8_t any_block_size(void)
{
	static const uint8_t usual[] = {0, 0, 1, 2, 8, 255};

	return dice(3) ? usual[dice(sizeof(usual))] : any_byte();
}

static uint8_t any_st_min(void)
{
	const uint32_t kind = dice(16);

	return kind < 11 ? 0 : kind < 15 ? (uint8_t)(0xF1 + dice(9)) : (uint8_t)(1 + dice(10));
}

static int64_t gap_us(uint8_t st_min)
{
	return st_min < 0x80 ? st_min * 1000 : (st_min - 0xF0) * 100;
}

static size_t any_length(uint8_t st_min)
{
	const uint32_t kind = dice(1000);
	const size_t len = kind < 600   ? 1 + dice(70)
			   : kind < 940 ? 1 + dice(250)
			   : kind < 992 ? 1 + dice(1000)
			   : kind < 998 ? 1000 + dice(3096)
					: 4096 + dice(LONGEST - 4095);
	const int64_t gap = gap_us(st_min);

	return gap && (int64_t)len > 7 * GAPS_US / gap ? 1 + dice((uint32_t)(7 * GAPS_US / gap)) : len;
}

_Noreturn static void die(const char *what, const char *why)
{
	fprintf(stderr, "vm_isotp_against: %s: %s\n", what, why);
	exit(1);
}

static void must(int result, const char *what)
{
	if (result < 0)
		die(what, strerror(errno));
}

static void kernel_open(struct link *l, const struct tt_isotp_config *ours, uint8_t kernel_dl, bool unhurried)
{
	const uint32_t wide = ours->extended ? CAN_EFF_FLAG : 0;
	const struct can_isotp_options options = {
		.flags = CAN_ISOTP_CHK_PAD_LEN | CAN_ISOTP_CHK_PAD_DATA |
			 (ours->addressed ? CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR : 0U) |
			 (ours->pad ? CAN_ISOTP_TX_PADDING | CAN_ISOTP_RX_PADDING : 0U),
		.frame_txtime = unhurried ? 0 : CAN_ISOTP_FRAME_TXTIME_ZERO,
		.ext_address = ours->rx_address,
		.rx_ext_address = ours->tx_address,
		.txpad_content = 0x55,
		.rxpad_content = ours->pad_byte,
	};
	const struct can_isotp_fc_options flow = {.bs = any_block_size(), .stmin = any_st_min()};
	const struct can_isotp_ll_options layer = {.mtu = ours->fd ? CANFD_MTU : CAN_MTU, .tx_dl = kernel_dl};
	struct sockaddr_can at = {.can_family = AF_CAN, .can_ifindex = all.ifindex};

	at.can_addr.tp.tx_id = ours->rx_id | wide;
	at.can_addr.tp.rx_id = ours->tx_id | wide;
	must(l->fd = socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_ISOTP), "socket");
	must(setsockopt(l->fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &options, sizeof(options)), "CAN_ISOTP_OPTS");
	must(setsockopt(l->fd, SOL_CAN_ISOTP, CAN_ISOTP_RECV_FC, &flow, sizeof(flow)), "CAN_ISOTP_RECV_FC");
	must(setsockopt(l->fd, SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, &layer, sizeof(layer)), "CAN_ISOTP_LL_OPTS");
	must(bind(l->fd, (const struct sockaddr *)&at, sizeof(at)), "bind");
	(void)snprintf(l->text, sizeof(l->text), "%s%s%s frames of %u and %u, ours %02X %02X, kernel's %02X %02X%s",
		       ours->extended ? "29 bit " : "", ours->addressed ? "addressed " : "", ours->fd ? "fd" : "classic", ours->tx_dl,
		       kernel_dl, ours->block_size, ours->st_min, flow.bs, flow.stmin, ours->pad ? " padded" : "");
}

/* Identifiers repeat only after GENERATIONS settings, so that a straggler of an abandoned one is nobody's. */
static void link_open(struct link *l, size_t number)
{
	static const uint8_t dls[] = {8, 12, 16, 20, 24, 32, 48, 64};
	const uint32_t pair = (uint32_t)(number + LINKS * (all.generation++ % GENERATIONS)) * 2;
	struct tt_isotp_config c = {
		.fd = dice(3) == 0, .extended = dice(2), .addressed = dice(3) == 0, .pad = dice(2), .pad_byte = any_byte()};

	c.tx_id = c.extended ? 0x18DA0000 + pair : 0x100 + pair;
	c.rx_id = c.tx_id + 1;
	c.tx_address = any_byte();
	c.rx_address = any_byte();
	c.tx_dl = c.fd ? dls[dice(sizeof(dls))] : 8;
	c.brs = c.fd && dice(2);
	c.block_size = any_block_size();
	c.st_min = any_st_min();
	c.wait_max = 255;
	tt_isotp_init(&l->ours, &c, l->received, sizeof(l->received));
	kernel_open(l, &c, c.fd ? dls[dice(sizeof(dls))] : 8, dice(4) == 0);
	l->to_kernel.left = l->to_us.left = EACH;
	l->to_kernel.len = l->to_us.len = 0;
	l->unsent = false;
	l->hold_until = TT_NEVER;
	l->turn = true;
	all.settings++;
}

/* What was under way is dealt again, with another setting. */
static void link_close(struct link *l)
{
	all.remaining += (l->to_kernel.len != 0 ? 1U : 0U) + (l->to_us.len != 0 ? 1U : 0U);
	l->to_kernel.len = l->to_us.len = 0;
	(void)close(l->fd);
	l->fd = -1;
	l->turn = l->unsent = false;
}

static void failed(struct link *l, bool timeout, const char *what)
{
	fprintf(stderr, "%s: %s after %u messages (%s; %zu to the kernel, %zu to us)\n", timeout ? "late" : "error", what,
		all.to_kernel + all.to_us, l->text, l->to_kernel.len, l->to_us.len);
	*(timeout ? &all.late : &all.errors) += 1;
	link_close(l);
}

static bool deal(struct way *w, uint8_t st_min)
{
	if (w->len != 0 || w->left == 0 || all.remaining == 0)
		return false;
	w->left--;
	all.remaining--;
	w->len = any_length(st_min);
	for (size_t i = 0; i < w->len; i++)
		w->data[i] = any_byte();
	return true;
}

static void arrived(struct link *l, struct way *w, const uint8_t *data, size_t len, unsigned *count)
{
	if (len != w->len || memcmp(data, w->data, len) != 0) {
		failed(l, false,
		       w == &l->to_us ? "what we received is not what the kernel was given"
				      : "what the kernel received is not what we were given");
		return;
	}
	++*count;
	all.fd += l->ours.config.fd;
	all.above += len > TT_ISOTP_MAX;
	all.lengths[len] = true;
	w->len = 0;
	l->turn = true;
}

static void take_events(struct link *l)
{
	struct tt_isotp_event e;

	while (l->fd >= 0 && tt_isotp_next_event(&l->ours, &e)) {
		if (e.kind == TT_ISOTP_MESSAGE)
			arrived(l, &l->to_us, e.data, e.len, &all.to_us);
		else if (e.kind != TT_ISOTP_SENT)
			failed(l,
			       e.why == TT_ISOTP_TIMEOUT_CR || e.why == TT_ISOTP_TIMEOUT_BS || e.why == TT_ISOTP_TIMEOUT_CS ||
				       e.why == TT_ISOTP_TIMEOUT_BR,
			       tt_isotp_failure_text(e.why));
	}
}

static void take_kernels(struct link *l)
{
	static uint8_t message[LONGEST + 1];
	const ssize_t n = recv(l->fd, message, sizeof(message), 0);

	if (n >= 0)
		arrived(l, &l->to_kernel, message, (size_t)n, &all.to_kernel);
	else if (errno != EAGAIN)
		failed(l, errno == ETIMEDOUT || errno == ECOMM, strerror(errno)); /* its N_Cr, its N_Bs */
}

static void transmit(struct link *l, tt_mono_us now)
{
	struct tt_can_frame f;

	while (tt_isotp_next_tx(&l->ours, now, &f)) {
		if (tt_can_port_send(all.port, &f) != TT_OK)
			die("bus", tt_can_port_problem(all.port));
	}
}

static void begin(struct link *l, tt_mono_us now)
{
	if (deal(&l->to_kernel, 0) && tt_isotp_send(&l->ours, l->to_kernel.data, l->to_kernel.len))
		failed(l, false, "we do not take the next message");
	if (deal(&l->to_us, l->ours.config.st_min)) {
		l->unsent = true;
		if (dice(32) == 0) {
			all.held++;
			l->hold_until = now + 1000 + dice(3000);
			tt_isotp_hold(&l->ours, now, true);
		}
	}
	if (l->unsent && l->fd >= 0) {
		l->unsent = send(l->fd, l->to_us.data, l->to_us.len, 0) < 0;
		if (l->unsent && errno != EAGAIN)
			failed(l, false, strerror(errno));
	}
}

static void turn(struct link *l, size_t number, tt_mono_us now)
{
	if (l->fd >= 0 && l->to_kernel.len == 0 && l->to_us.len == 0 && (l->to_kernel.left + l->to_us.left == 0 || all.remaining == 0))
		link_close(l);
	if (l->fd < 0 && all.remaining > 0)
		link_open(l, number);
	if (l->fd < 0)
		return;
	if (l->turn)
		l->moved_us = now;
	l->turn = false;
	begin(l, now);
	if (now >= l->hold_until) {
		l->hold_until = TT_NEVER;
		tt_isotp_hold(&l->ours, now, false);
	}
	tt_isotp_tick(&l->ours, now);
	take_events(l);
	if (l->fd >= 0 && now > l->moved_us + TT_SEC(SILENCE_S))
		failed(l, false, "nothing arrives and nobody says why");
	if (l->fd >= 0)
		transmit(l, now);
}

static void take_frames(tt_mono_us now)
{
	struct tt_can_frame f;
	tt_mono_us at;
	enum tt_err err;

	while ((err = tt_can_port_recv(all.port, &f, &at)) == TT_OK) {
		struct link *l = &all.links[(f.id - 0x100) / 2 % LINKS];

		if (l->fd < 0 || !tt_isotp_feed(&l->ours, at, &f))
			continue;
		take_events(l);
		if (l->fd >= 0)
			transmit(l, now);
	}
	if (err != TT_EAGAIN)
		die("bus", tt_can_port_problem(all.port));
}

static bool at_work(void)
{
	for (size_t i = 0; i < LINKS; i++) {
		if (all.links[i].fd >= 0)
			return true;
	}
	return all.remaining > 0;
}

static void wait(tt_mono_us now)
{
	struct pollfd ready[LINKS + 1] = {{.fd = tt_can_port_fd(all.port), .events = POLLIN}};
	int64_t left_us = TT_SEC(1);
	struct timespec t;

	for (size_t i = 0; i < LINKS; i++) {
		const struct link *l = &all.links[i];

		ready[i + 1] = (struct pollfd){.fd = l->fd, .events = POLLIN};
		if (l->fd >= 0)
			left_us = tt_min_i64(left_us, tt_min_i64(l->hold_until, tt_isotp_wake_at(&l->ours)) - now);
		if (l->turn || (l->fd < 0 && all.remaining > 0))
			left_us = 0;
		else if (l->unsent)
			left_us = tt_min_i64(left_us, RETRY_US);
	}
	left_us = left_us > 0 ? left_us : 0;
	t = (struct timespec){.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
	if (ppoll(ready, LINKS + 1, &t, NULL) <= 0)
		return;
	for (size_t i = 0; i < LINKS; i++) {
		if (all.links[i].fd >= 0 && ready[i + 1].revents)
			take_kernels(&all.links[i]);
	}
	if (ready[0].revents)
		take_frames(tt_mono_now());
}

int main(int argc, char *argv[])
{
	struct tt_errmsg msg = {""};
	char address[64];
	tt_mono_us begun;
	unsigned lengths = 0;
	/* vcan queues a frame where its sender runs: who moves to the other processor overtakes himself. */
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (argc != 3) {
		fprintf(stderr, "usage: vm_isotp_against INTERFACE MESSAGES\n");
		return 2;
	}
	all.remaining = (unsigned)strtoul(argv[2], NULL, 10);
	all.ifindex = (int)if_nametoindex(argv[1]);
	(void)snprintf(address, sizeof(address), "socketcan:%.32s", argv[1]);
	if (tt_can_port_open(address, NULL, 0, &all.port, &msg))
		die("open", msg.text);
	for (size_t i = 0; i < LINKS; i++)
		all.links[i].fd = -1;
	must(sched_setaffinity(0, sizeof(cpu), &cpu), "sched_setaffinity");
	begun = tt_mono_now();
	while (at_work() && all.errors < ERRORS_MAX) {
		const tt_mono_us now = tt_mono_now();

		if (now > begun + TT_SEC(PATIENCE_S))
			all.remaining = 0; /* the count tells */
		for (size_t i = 0; i < LINKS; i++)
			turn(&all.links[i], i, now);
		wait(now);
	}
	for (size_t n = 0; n <= LONGEST; n++)
		lengths += all.lengths[n];
	printf("unchanged %u to_kernel %u to_us %u fd %u above_4095 %u put_off %u lengths %u settings %u late %u errors %u",
	       all.to_kernel + all.to_us, all.to_kernel, all.to_us, all.fd, all.above, all.held, lengths, all.settings, all.late,
	       all.errors);
	printf(" frames %llu lost %llu seconds %.1f\n",
	       (unsigned long long)(tt_can_port_stats(all.port).received + tt_can_port_stats(all.port).sent),
	       (unsigned long long)tt_can_port_stats(all.port).lost, (double)(tt_mono_now() - begun) / 1e6);
	tt_can_port_close(all.port);
	return all.errors != 0;
}
