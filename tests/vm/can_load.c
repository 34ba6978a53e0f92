/*
 * A full bus: sends the demo car's messages on each bus named, RATE frames a second for SECONDS, in bursts of 10 ms: on interfaces from
 * plain CAN_RAW sockets, so that a mistake of ours cannot answer itself; on shared:DIR, for the bench where the kernel has no CAN, through
 * our port. Three of four frames are messages that schemas/profiles/demo.profile maps, the others carry identifiers that nobody asked for.
 * What the signals say changes all the time and means nothing: a parked car. Prints a line a bus: name, frames sent, those of them that are
 * mapped, seconds it took, and the longest that it was behind in ms. usage: vm_can_load SECONDS RATE IFACE|shared:DIR...
 */
#include "base/text.h"
#include "base/time.h"
#include "firmware/io/can_port.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUSES = 4, BURST_US = 10000, BATCH = 128, PATIENCE_MS = 5000 };

struct bus {
	const char *name;
	int fd;
	struct tt_can_port *port; /* instead of fd */
	uint64_t sent, mapped;
};

/* identifier, and data in which nothing happens; the byte at `moving` is free to change. */
static const struct {
	uint32_t id;
	uint8_t len, moving, data[8];
} messages[] = {
	{0x050, 8, 7, {0}},                         /* AirbagStatus: its counter */
	{0x555, 8, 3, {0}},                         /* nobody's */
	{0x0B4, 8, 6, {0}},                         /* VehicleDynamics: vertical acceleration */
	{0x1F0, 8, 1, {0x00, 0x00, 0, 0x7D, 0x50}}, /* EngineData: engine speed */
	{0x060, 2, 1, {0x03, 0}},                   /* BeltStatus: an unused byte */
	{0x12345678 | CAN_EFF_FLAG, 8, 0, {0}},     /* nobody's */
	{0x300, 8, 1, {0x02, 0x80, 0x31, 0x10}},    /* BodyStatus: off, voltage */
	{0x400, 8, 7, {0}},                         /* ClusterData: odometer */
};

enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

static bool is_mapped(size_t message)
{
	return messages[message].id != 0x555 && !(messages[message].id & CAN_EFF_FLAG);
}

static bool open_bus(struct bus *b)
{
	static const struct tt_can_filter nothing = {.id = 0x7FF, .mask = 0x7FF};
	struct tt_errmsg msg;
	const struct sockaddr_can at = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(b->name)};

	if (strchr(b->name, ':'))
		return tt_can_port_open(b->name, &nothing, 1, &b->port, &msg) == TT_OK;
	b->fd = socket(PF_CAN, SOCK_RAW, CAN_RAW);
	/* it only sends: an empty filter list receives nothing */
	return b->fd >= 0 && at.can_ifindex > 0 && setsockopt(b->fd, SOL_CAN_RAW, CAN_RAW_FILTER, NULL, 0) == 0 &&
	       bind(b->fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
}

static bool send_one(struct bus *b)
{
	const size_t m = b->sent % MESSAGES;
	struct tt_can_frame f = {
		.id = messages[m].id & CAN_EFF_MASK, .extended = (messages[m].id & CAN_EFF_FLAG) != 0, .len = messages[m].len};

	memcpy(f.data, messages[m].data, sizeof(messages[m].data));
	f.data[messages[m].moving] = (uint8_t)(f.data[messages[m].moving] + b->sent / MESSAGES % 16);
	b->mapped += is_mapped(m);
	b->sent++;
	return tt_can_port_send(b->port, &f) == TT_OK;
}

/* At most BATCH of them in one call. */
static bool send_some(struct bus *b, uint64_t until)
{
	static struct can_frame frames[BATCH];
	static struct iovec parts[BATCH];
	static struct mmsghdr headers[BATCH];
	unsigned n = 0;
	int sent;

	if (b->port)
		return send_one(b);
	for (; n < BATCH && b->sent + n < until; n++) {
		const uint64_t i = b->sent + n;
		const size_t m = i % MESSAGES;

		frames[n] = (struct can_frame){.can_id = messages[m].id, .len = messages[m].len};
		memcpy(frames[n].data, messages[m].data, sizeof(messages[m].data));
		frames[n].data[messages[m].moving] = (uint8_t)(messages[m].data[messages[m].moving] + i / MESSAGES % 16);
		parts[n] = (struct iovec){.iov_base = &frames[n], .iov_len = sizeof(frames[n])};
		headers[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[n], .msg_iovlen = 1}};
	}
	sent = sendmmsg(b->fd, headers, n, 0);
	if (sent < 0 && errno == ENOBUFS) {
		struct pollfd p = {.fd = b->fd, .events = POLLOUT};

		return poll(&p, 1, PATIENCE_MS) > 0;
	}
	for (int i = 0; i < sent; i++)
		b->mapped += is_mapped(b->sent++ % MESSAGES);
	return sent > 0;
}

static tt_mono_us run(struct bus *buses, size_t nbuses, uint64_t total, uint64_t rate, tt_mono_us *behind_us)
{
	const tt_mono_us start = tt_mono_now();

	for (uint64_t done = 0; done < total;) {
		const tt_mono_us now = tt_mono_now() - start;
		const uint64_t due = (uint64_t)now * rate / 1000000 + rate * BURST_US / 1000000;
		const uint64_t until = due < total ? due : total;
		const tt_mono_us next = (tt_mono_us)(until * 1000000 / rate);

		for (size_t i = 0; i < nbuses; i++) {
			while (buses[i].sent < until) {
				if (!send_some(&buses[i], until))
					return -1;
			}
		}
		done = until;
		const tt_mono_us after = tt_mono_now() - start;

		if (after - next > *behind_us)
			*behind_us = after - next;
		if (after < next) {
			const struct timespec pause = {.tv_nsec = (next - after) * 1000};

			(void)nanosleep(&pause, NULL);
		}
	}
	return tt_mono_now() - start;
}

int main(int argc, char *argv[])
{
	struct bus buses[BUSES] = {{.name = NULL}};
	const size_t nbuses = argc > 3 ? (size_t)argc - 3 : 0;
	int64_t seconds, rate;
	tt_mono_us behind_us = 0, took_us;

	if (nbuses == 0 || nbuses > BUSES || tt_parse_i64(argv[1], strlen(argv[1]), &seconds) ||
	    tt_parse_i64(argv[2], strlen(argv[2]), &rate) || seconds < 1 || rate < 100) {
		fprintf(stderr, "usage: vm_can_load SECONDS RATE IFACE|shared:DIR...\n");
		return 2;
	}
	for (size_t i = 0; i < nbuses; i++) {
		buses[i].name = argv[i + 3];
		if (!open_bus(&buses[i])) {
			perror(buses[i].name);
			return 1;
		}
	}
	took_us = run(buses, nbuses, (uint64_t)(seconds * rate), (uint64_t)rate, &behind_us);
	if (took_us < 0) {
		perror("send");
		return 1;
	}
	for (size_t i = 0; i < nbuses; i++)
		printf("%s sent %llu mapped %llu seconds %.2f behind_ms %lld\n", buses[i].name, (unsigned long long)buses[i].sent,
		       (unsigned long long)buses[i].mapped, (double)took_us / 1e6, (long long)(behind_us / 1000));
	return 0;
}
