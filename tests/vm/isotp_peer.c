/*
 * Our ISO-TP on a real SocketCAN interface, opposite the kernel's can-isotp: receives messages on 7E0 and sends each back on 7E9.
 *
 *     isotpsend -s 7E0 -d 7E8   ->  7E0 messages  ->  7E8 our flow control
 *     isotprecv -s 7E1 -d 7E9   <-  7E9 messages  <-  7E1 the kernel's flow control
 *
 * Two pairs of identifiers, because isotpsend and isotprecv are two processes and each would answer a first frame of the other's pair.
 * usage: vm_isotp_peer INTERFACE BLOCK_SIZE ST_MIN (both hex, of our flow control). Says "ready" on stdout; ends after LIFE_S or a signal.
 */
#include "firmware/io/can_port.h"
#include "firmware/proto/isotp.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIFE_S = 120 };

struct peer {
	struct tt_can_port *port;
	struct tt_isotp in, out;
	uint8_t received[TT_ISOTP_MAX], echo[TT_ISOTP_MAX], unused[TT_ISOTP_SINGLE_MAX];
};

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "vm_isotp_peer: %s: %s\n", what, why);
	return 1;
}

static int take_events(struct peer *p)
{
	struct tt_isotp_event e;

	while (tt_isotp_next_event(&p->in, &e)) {
		if (e.kind != TT_ISOTP_MESSAGE) {
			(void)failed("receiving", tt_isotp_failure_text(e.why)); /* the next message is welcome */
			continue;
		}
		memcpy(p->echo, e.data, e.len);
		if (tt_isotp_send(&p->out, p->echo, e.len))
			return failed("echo", "the last message is still under way");
	}
	while (tt_isotp_next_event(&p->out, &e)) {
		if (e.kind == TT_ISOTP_TX_FAILED)
			(void)failed("sending", tt_isotp_failure_text(e.why));
	}
	return 0;
}

static int transmit(struct peer *p)
{
	struct tt_can_frame f;

	while (tt_isotp_next_tx(&p->in, tt_mono_now(), &f) || tt_isotp_next_tx(&p->out, tt_mono_now(), &f)) {
		if (tt_can_port_send(p->port, &f))
			return failed("send", tt_can_port_problem(p->port));
	}
	return 0;
}

static void wait(const struct peer *p)
{
	struct pollfd ready = {.fd = tt_can_port_fd(p->port), .events = POLLIN};
	const tt_mono_us at = tt_min_i64(tt_isotp_wake_at(&p->in), tt_isotp_wake_at(&p->out));
	const int64_t left_us = at - tt_mono_now();

	/* whole milliseconds would be too coarse for STmin F1..F9 */
	const struct timespec t = {.tv_sec = left_us > 0 ? left_us / 1000000 : 0, .tv_nsec = left_us > 0 ? left_us % 1000000 * 1000 : 0};

	(void)ppoll(&ready, 1, at == TT_NEVER ? NULL : &t, NULL);
}

static int turn(struct peer *p)
{
	struct tt_can_frame f;
	tt_mono_us at;
	enum tt_err err;

	while ((err = tt_can_port_recv(p->port, &f, &at)) == TT_OK) {
		if (!tt_isotp_feed(&p->in, at, &f))
			(void)tt_isotp_feed(&p->out, at, &f);
		if (take_events(p) || transmit(p))
			return 1;
	}
	if (err != TT_EAGAIN)
		return failed("receive", tt_can_port_problem(p->port));
	tt_isotp_tick(&p->in, tt_mono_now());
	tt_isotp_tick(&p->out, tt_mono_now());
	return take_events(p) || transmit(p);
}

int main(int argc, char *argv[])
{
	static struct peer p;
	static const struct tt_can_filter filters[] = {{.id = 0x7E0, .mask = 0x7FF}, {.id = 0x7E1, .mask = 0x7FF}};
	struct tt_isotp_config in = {.tx_id = 0x7E8, .rx_id = 0x7E0, .pad = true, .pad_byte = 0xCC};
	const struct tt_isotp_config out = {.tx_id = 0x7E9, .rx_id = 0x7E1, .pad = true, .pad_byte = 0xCC};
	struct tt_errmsg msg = {""};
	char address[64];

	if (argc != 4) {
		fprintf(stderr, "usage: vm_isotp_peer INTERFACE BLOCK_SIZE ST_MIN\n");
		return 2;
	}
	in.block_size = (uint8_t)strtoul(argv[2], NULL, 16);
	in.st_min = (uint8_t)strtoul(argv[3], NULL, 16);
	tt_isotp_init(&p.in, &in, p.received, sizeof(p.received));
	tt_isotp_init(&p.out, &out, p.unused, sizeof(p.unused));
	(void)snprintf(address, sizeof(address), "socketcan:%.32s", argv[1]);
	if (tt_can_port_open(address, filters, sizeof(filters) / sizeof(filters[0]), &p.port, &msg))
		return failed("open", msg.text);
	printf("ready\n");
	(void)fflush(stdout);
	(void)alarm(LIFE_S);
	while (turn(&p) == 0)
		wait(&p);
	tt_can_port_close(p.port);
	return 1;
}
