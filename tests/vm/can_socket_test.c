/*
 * The CAN port on the real kernel (tests/vm/init.sh runs it in the virtual machine, as root). Each test makes an interface of its own with
 * busybox's ip and removes it; the peer is a plain CAN_RAW socket, so that a mistake of ours cannot answer itself.
 */
#include "firmware/io/can_port.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* wants the headers above it */

#define IFACE "ttvcan"

enum { PATIENCE_MS = 5000 };

struct bench {
	int peer;
};

static void ip(const char *command)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "ip link %s", command);
	if (system(line) != 0)
		fail_msg("%s", line);
}

static int peer_open(void)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	const int on = 1, fd = socket(PF_CAN, SOCK_RAW, CAN_RAW);
	const struct sockaddr_can a = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(IFACE)};

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int setup(void **state)
{
	static struct bench b;

	ip("add dev " IFACE " type vcan");
	ip("set " IFACE " up");
	b.peer = peer_open();
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	const struct bench *b = *state;

	close(b->peer);
	if (if_nametoindex(IFACE) != 0)
		ip("del dev " IFACE);
	return 0;
}

static struct tt_can_port *open_port(const struct tt_can_filter *filters, size_t n)
{
	struct tt_can_port *port;
	struct tt_errmsg msg = {""};

	if (tt_can_port_open("socketcan:" IFACE, filters, n, &port, &msg))
		fail_msg("%s", msg.text);
	return port;
}

static void peer_sends(const struct bench *b, uint32_t can_id, const char *data)
{
	struct can_frame f = {.can_id = can_id, .len = (uint8_t)strlen(data)};

	memcpy(f.data, data, f.len);
	assert_int_equal(write(b->peer, &f, sizeof(f)), sizeof(f));
}

/* vcan hands frames over in a softirq of the same machine, yet not always before write returns: wait, with an end. */
static enum tt_err receive(struct tt_can_port *port, struct tt_can_frame *f, tt_mono_us *at_us)
{
	struct pollfd p = {.fd = tt_can_port_fd(port), .events = POLLIN};

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return tt_can_port_recv(port, f, at_us);
}

static void expect_frame(struct tt_can_port *port, uint32_t id, bool extended)
{
	struct tt_can_frame f;
	tt_mono_us at;

	assert_int_equal(receive(port, &f, &at), TT_OK);
	if (f.id != id || f.extended != extended)
		fail_msg("got %X (extended %d), not %X", f.id, f.extended, id);
}

static void unwanted_frames_never_leave_the_kernel(void **state)
{
	static const struct tt_can_filter filters[] = {
		{.id = 0x1F0, .mask = 0x7FF}, {.id = 0x7E8, .mask = 0x7F8}, {.id = 0x18DAF100, .mask = 0x1FFFFF00, .extended = true}};
	static const struct {
		uint32_t can_id;
		bool wanted;
	} cases[] = {
		{0x1F0, true},
		{0x1F1, false},
		{0x555, false},
		{0x1F0 | CAN_EFF_FLAG, false}, /* the same number, the other width */
		{0x7E7, false},
		{0x7E8, true},
		{0x7EF, true},
		{0x7F0, false},
		{0x18DAF110 | CAN_EFF_FLAG, true},
		{0x18DBF110 | CAN_EFF_FLAG, false},
		{0x100, false}, /* the low bits of 18DAF100 */
		{0x7EC, true},  /* the last one: what was before it has been through */
	};
	struct tt_can_port *port = open_port(filters, 3);
	const struct bench *b = *state;
	struct tt_can_frame f;
	uint64_t wanted = 0;
	tt_mono_us at;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		peer_sends(b, cases[i].can_id, "abc");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!cases[i].wanted)
			continue;
		expect_frame(port, cases[i].can_id & CAN_EFF_MASK, cases[i].can_id & CAN_EFF_FLAG);
		wanted++;
	}
	assert_int_equal(tt_can_port_recv(port, &f, &at), TT_EAGAIN);
	assert_int_equal(tt_can_port_stats(port).received, wanted);
	tt_can_port_close(port);
}

static void error_frames_pass_every_filter_and_bus_off_is_counted(void **state)
{
	static const struct tt_can_filter filter = {.id = 0x1F0, .mask = 0x7FF};
	struct tt_can_port *port = open_port(&filter, 1);
	struct tt_can_frame f;
	tt_mono_us at;

	peer_sends(*state, CAN_ERR_FLAG | CAN_ERR_CRTL, "\0\4\0\0\0\0\0");
	peer_sends(*state, CAN_ERR_FLAG | CAN_ERR_BUSOFF, "");
	assert_int_equal(receive(port, &f, &at), TT_OK);
	assert_true(f.error);
	assert_int_equal(f.id, CAN_ERR_CRTL);
	assert_int_equal(receive(port, &f, &at), TT_OK);
	assert_true(f.error);
	assert_int_equal(f.id, CAN_ERR_BUSOFF);
	assert_int_equal(tt_can_port_stats(port).errors, 2);
	assert_int_equal(tt_can_port_stats(port).bus_off, 1);
	tt_can_port_close(port);
}

/* One frame that is read late. True: its time is the bus's. False: it is the reader's. Anything else fails. */
static bool stamped_on_arrival(const struct bench *b, struct tt_can_port *port)
{
	enum { LATE_MS = 300 };
	const struct timespec late = {.tv_nsec = LATE_MS * 1000000L};
	struct pollfd p = {.fd = tt_can_port_fd(port), .events = POLLIN};
	const tt_mono_us before = tt_mono_now();
	tt_mono_us arrived, at;
	struct tt_can_frame f;

	peer_sends(b, 0x123, "x");
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	arrived = tt_mono_now();
	(void)nanosleep(&late, NULL); /* the reader is busy elsewhere: that is the case under test */
	assert_int_equal(tt_can_port_recv(port, &f, &at), TT_OK);
	assert_true(at <= tt_mono_now());
	/* the two clocks are read one after the other: allow for a scheduling gap in between, less than the lateness */
	assert_true(at >= before - TT_MS(LATE_MS / 3));
	return at <= arrived + TT_MS(LATE_MS / 3);
}

static void the_time_is_when_the_frame_was_on_the_bus_not_when_it_was_read(void **state)
{
	enum { TRIES = 10 };
	struct tt_can_port *port = open_port(NULL, 0);
	unsigned tries = 1;

	/* The kernel switches its time stamps on in a worker, some time after the first socket asked for them. */
	while (!stamped_on_arrival(*state, port))
		assert_in_range(++tries, 1, TRIES);
	for (unsigned i = 0; i < 3; i++)
		assert_true(stamped_on_arrival(*state, port));
	tt_can_port_close(port);
}

static void can_fd_frames_pass_in_both_directions(void **state)
{
	const struct bench *b = *state;
	struct tt_can_port *port = open_port(NULL, 0);
	struct tt_can_frame f, out = {.id = 0x18DA10F1, .extended = true, .fd = true, .brs = true, .len = 64};
	struct canfd_frame k = {.can_id = 0x321, .len = 48, .flags = CANFD_BRS};
	tt_mono_us at;

	for (unsigned i = 0; i < 64; i++)
		k.data[i] = out.data[i] = (uint8_t)(i * 3 + 1);
	assert_int_equal(write(b->peer, &k, CANFD_MTU), CANFD_MTU);
	assert_int_equal(receive(port, &f, &at), TT_OK);
	assert_int_equal(f.id, 0x321);
	assert_int_equal(f.len, 48);
	assert_true(f.fd && f.brs && !f.extended);
	assert_memory_equal(f.data, k.data, 48);

	assert_int_equal(tt_can_port_send(port, &out), TT_OK);
	memset(&k, 0, sizeof(k));
	assert_int_equal(read(b->peer, &k, sizeof(k)), CANFD_MTU);
	assert_int_equal(k.can_id, 0x18DA10F1 | CAN_EFF_FLAG);
	assert_int_equal(k.len, 64);
	assert_true(k.flags & CANFD_BRS);
	assert_memory_equal(k.data, out.data, 64);

	/* and a classic frame after it is a classic frame */
	out = (struct tt_can_frame){.id = 0x7DF, .len = 8, .data = {2, 1, 0}};
	assert_int_equal(tt_can_port_send(port, &out), TT_OK);
	assert_int_equal(read(b->peer, &k, sizeof(k)), CAN_MTU);
	assert_int_equal(k.can_id, 0x7DF);
	tt_can_port_close(port);
}

static void a_can_fd_frame_on_a_classic_interface_is_refused_and_nothing_breaks(void **state)
{
	struct tt_can_frame fd = {.id = 0x123, .fd = true, .len = 12}, classic = {.id = 0x123, .len = 2};
	struct tt_can_port *port;
	struct can_frame k;

	ip("set " IFACE " down");
	ip("set " IFACE " mtu 16");
	ip("set " IFACE " up");
	port = open_port(NULL, 0);
	assert_int_equal(tt_can_port_send(port, &fd), TT_EINVAL);
	assert_int_equal(tt_can_port_send(port, &classic), TT_OK);
	while (read(((struct bench *)*state)->peer, &k, sizeof(k)) != CAN_MTU)
		assert_int_equal(errno, ENETDOWN); /* the peer is told once that the interface had been down */
	assert_int_equal(k.can_id, 0x123);
	assert_int_equal(tt_can_port_stats(port).sent, 1);
	tt_can_port_close(port);
}

static void a_port_hears_its_neighbours_but_not_itself(void **state)
{
	struct tt_can_port *a = open_port(NULL, 0), *b = open_port(NULL, 0);
	const struct tt_can_frame out = {.id = 0x7E0, .len = 3, .data = {0x30}};
	struct tt_can_frame f;
	tt_mono_us at;

	(void)state;
	assert_int_equal(tt_can_port_send(a, &out), TT_OK);
	expect_frame(b, 0x7E0, false);
	assert_int_equal(tt_can_port_recv(a, &f, &at), TT_EAGAIN);
	tt_can_port_close(a);
	tt_can_port_close(b);
}

static void an_interface_that_goes_down_is_told_and_works_again_when_it_is_up(void **state)
{
	static const struct tt_can_filter filter = {.id = 0x7E8, .mask = 0x7F8};
	const struct tt_can_frame out = {.id = 0x7DF, .len = 8};
	struct tt_can_port *port = open_port(&filter, 1);
	const struct bench *b = *state;
	struct tt_can_frame f;
	struct can_frame k;
	tt_mono_us at;

	ip("set " IFACE " down");
	assert_int_equal(receive(port, &f, &at), TT_EIO); /* the descriptor wakes the loop */
	assert_non_null(strstr(tt_can_port_problem(port), "ip link set " IFACE " up"));
	assert_int_equal(tt_can_port_send(port, &out), TT_EIO);
	assert_int_equal(tt_can_port_recv(port, &f, &at), TT_EAGAIN);
	ip("set " IFACE " up");
	assert_int_equal(read(b->peer, &k, sizeof(k)), -1); /* ENETDOWN, told once */
	peer_sends(b, 0x555, "unwanted");
	peer_sends(b, 0x7E9, "wanted");
	expect_frame(port, 0x7E9, false);
	assert_int_equal(tt_can_port_send(port, &out), TT_OK);
	assert_int_equal(read(b->peer, &k, sizeof(k)), CAN_MTU);
	tt_can_port_close(port);
}

static void a_port_on_an_interface_that_is_still_down_says_so(void **state)
{
	struct tt_can_port *port;
	struct tt_can_frame f;
	tt_mono_us at;

	ip("set " IFACE " down");
	port = open_port(NULL, 0);
	assert_int_equal(receive(port, &f, &at), TT_EIO);
	assert_non_null(strstr(tt_can_port_problem(port), "is down"));
	ip("set " IFACE " up");
	close(((struct bench *)*state)->peer);
	((struct bench *)*state)->peer = peer_open();
	peer_sends(*state, 0x111, "");
	expect_frame(port, 0x111, false);
	tt_can_port_close(port);
}

static void an_interface_that_is_removed_is_gone_for_good(void **state)
{
	const struct tt_can_frame out = {.id = 0x7DF, .len = 8};
	struct tt_can_port *port = open_port(NULL, 0);
	struct tt_can_frame f;
	tt_mono_us at;

	(void)state;
	ip("del dev " IFACE);
	while (!strstr(tt_can_port_problem(port), "gone")) /* perhaps "down" first */
		assert_int_equal(receive(port, &f, &at), TT_EIO);
	assert_int_equal(tt_can_port_send(port, &out), TT_EIO);
	assert_int_equal(tt_can_port_recv(port, &f, &at), TT_EIO);
	tt_can_port_close(port);
}

static void an_interface_that_is_no_can_is_refused(void **state)
{
	struct tt_can_port *port = NULL;
	struct tt_errmsg msg = {""};

	(void)state;
	assert_int_equal(tt_can_port_open("socketcan:lo", NULL, 0, &port, &msg), TT_EIO);
	assert_non_null(strstr(msg.text, "CAN interface"));
	assert_null(port);
}

static void frames_that_came_while_nobody_read_are_received_or_counted_as_lost(void **state)
{
	enum { BURST = 20000 };
	struct tt_can_port *port = open_port(NULL, 0);
	struct tt_can_frame f;
	struct tt_can_stats stats;
	tt_mono_us at;

	for (unsigned i = 0; i < BURST; i++)
		peer_sends(*state, 0x100, "12345678");
	while (tt_can_port_recv(port, &f, &at) == TT_OK)
		assert_int_equal(f.id, 0x100);
	/* the kernel tells its count with the next frame that it queues */
	peer_sends(*state, 0x101, "");
	expect_frame(port, 0x101, false);
	stats = tt_can_port_stats(port);
	print_message("%llu of a burst of %d received, %llu lost\n", (unsigned long long)stats.received - 1, BURST,
		      (unsigned long long)stats.lost);
	assert_int_equal(stats.received + stats.lost, BURST + 1);
	assert_true(stats.lost > 0); /* otherwise the burst was too short to test anything */
	tt_can_port_close(port);
}

#define ON_A_BENCH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_A_BENCH(unwanted_frames_never_leave_the_kernel),
		ON_A_BENCH(error_frames_pass_every_filter_and_bus_off_is_counted),
		ON_A_BENCH(the_time_is_when_the_frame_was_on_the_bus_not_when_it_was_read),
		ON_A_BENCH(can_fd_frames_pass_in_both_directions),
		ON_A_BENCH(a_can_fd_frame_on_a_classic_interface_is_refused_and_nothing_breaks),
		ON_A_BENCH(a_port_hears_its_neighbours_but_not_itself),
		ON_A_BENCH(an_interface_that_goes_down_is_told_and_works_again_when_it_is_up),
		ON_A_BENCH(a_port_on_an_interface_that_is_still_down_says_so),
		ON_A_BENCH(an_interface_that_is_removed_is_gone_for_good),
		ON_A_BENCH(frames_that_came_while_nobody_read_are_received_or_counted_as_lost),
		cmocka_unit_test(an_interface_that_is_no_can_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
