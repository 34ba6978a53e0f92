#include "firmware/io/can_port.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants the headers above it */

enum { DEADLINE_MS = 20000, SENDERS = 3, EACH = 500 };

struct bus {
	char dir[64];
	char address[80];
};

static int make_bus(void **state)
{
	struct bus *bus = calloc(1, sizeof(*bus));

	assert_non_null(bus);
	strcpy(bus->dir, "/tmp/tt-shared-XXXXXX");
	assert_non_null(mkdtemp(bus->dir));
	assert_true(snprintf(bus->address, sizeof(bus->address), "shared:%s", bus->dir) < (int)sizeof(bus->address));
	*state = bus;
	return 0;
}

/* Bells that are left in the folder. */
static unsigned bells(const struct bus *bus)
{
	DIR *dir = opendir(bus->dir);
	unsigned n = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] == 'm';
	closedir(dir);
	return n;
}

static int remove_bus(void **state)
{
	struct bus *bus = *state;
	DIR *dir = opendir(bus->dir);

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(bus->dir);
	free(bus);
	return 0;
}

static struct tt_can_port *join(const struct bus *bus)
{
	struct tt_can_port *port;
	struct tt_errmsg msg = {""};

	if (tt_can_port_open(bus->address, NULL, 0, &port, &msg))
		fail_msg("%s", msg.text);
	return port;
}

/* A frame whose eight bytes all tell the same number: a torn one shows. */
static struct tt_can_frame numbered(uint32_t id, uint32_t number)
{
	struct tt_can_frame frame = {.id = id, .len = 8};

	memcpy(frame.data, &number, 4);
	memcpy(frame.data + 4, &number, 4);
	return frame;
}

static uint32_t number_of(const struct tt_can_frame *frame)
{
	uint32_t a, b;

	memcpy(&a, frame->data, 4);
	memcpy(&b, frame->data + 4, 4);
	assert_int_equal(frame->len, 8);
	assert_int_equal(a, b);
	return a;
}

/* Waits on the descriptor, as a loop does, before each frame. */
static struct tt_can_frame wait_frame(struct tt_can_port *port)
{
	struct tt_can_frame frame;
	tt_mono_us at_us;
	enum tt_err err;

	do {
		struct pollfd p = {.fd = tt_can_port_fd(port), .events = POLLIN};

		if (poll(&p, 1, DEADLINE_MS) != 1)
			fail_msg("no frame within %d ms", DEADLINE_MS);
		err = tt_can_port_recv(port, &frame, &at_us);
	} while (err == TT_EAGAIN);
	assert_int_equal(err, TT_OK);
	assert_true(at_us <= tt_mono_now());
	return frame;
}

static void send_until_taken(struct tt_can_port *port, const struct tt_can_frame *frame)
{
	enum tt_err err;

	do
		err = tt_can_port_send(port, frame);
	while (err == TT_EAGAIN);
	if (err)
		_exit(2);
}

static void sender(const struct bus *bus, uint32_t id, unsigned count)
{
	struct tt_can_port *port;

	if (tt_can_port_open(bus->address, NULL, 0, &port, NULL))
		_exit(1);
	for (uint32_t i = 0; i < count; i++) {
		const struct tt_can_frame frame = numbered(id, i);

		send_until_taken(port, &frame);
	}
	tt_can_port_close(port);
	_exit(0);
}

static void frames_of_several_processes_arrive_whole_in_order_and_all(void **state)
{
	const struct bus *bus = *state;
	struct tt_can_port *port = join(bus);
	uint32_t next[SENDERS] = {0};
	pid_t pids[SENDERS];

	for (unsigned i = 0; i < SENDERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			sender(bus, 0x100 + i, EACH);
	}
	for (unsigned i = 0; i < SENDERS * EACH; i++) {
		const struct tt_can_frame frame = wait_frame(port);
		const unsigned from = frame.id - 0x100;

		assert_in_range(from, 0, SENDERS - 1);
		assert_int_equal(number_of(&frame), next[from]++);
	}
	for (unsigned i = 0; i < SENDERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(tt_can_port_stats(port).lost, 0);
	assert_int_equal(bells(bus), 1); /* who left took the bell along */
	tt_can_port_close(port);
}

static void a_killed_member_harms_nobody_and_its_bell_is_removed(void **state)
{
	const struct bus *bus = *state;
	struct tt_can_port *a = join(bus), *b = join(bus);

	for (unsigned round = 0; round < 20; round++) {
		const struct tt_can_frame hello = numbered(0x200, round);
		uint32_t next = 0;
		pid_t pid = fork();
		struct tt_can_frame frame;
		tt_mono_us at_us;

		if (pid == 0)
			sender(bus, 0x300 + round, UINT32_MAX);
		while (next < 50 + round * 7) { /* it dies at another moment each time */
			frame = wait_frame(b);
			assert_int_equal(frame.id, 0x300 + round);
			assert_true(number_of(&frame) >= next);
			next = number_of(&frame) + 1;
		}
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (tt_can_port_recv(b, &frame, &at_us) == TT_OK) {
			assert_true(number_of(&frame) >= next);
			next = number_of(&frame) + 1;
		}
		send_until_taken(a, &hello);
		frame = wait_frame(b);
		assert_int_equal(frame.id, 0x200);
		assert_int_equal(number_of(&frame), round);
		assert_int_equal(bells(bus), 2);
	}
	assert_int_equal(tt_can_port_stats(b).errors, 0);
	tt_can_port_close(a);
	tt_can_port_close(b);
	assert_int_equal(bells(bus), 0);
}

static void a_slow_member_loses_its_oldest_frames_alone_and_knows_how_many(void **state)
{
	enum { SENT = 10000 };
	struct tt_can_port *a = join(*state), *slow = join(*state), *quick = join(*state);
	uint32_t last = 0;
	unsigned received = 0;
	struct tt_can_frame frame;
	tt_mono_us at_us;

	for (uint32_t i = 0; i < SENT; i++) {
		const struct tt_can_frame out = numbered(0x10, i);

		send_until_taken(a, &out);
		frame = wait_frame(quick);
		assert_int_equal(number_of(&frame), i);
	}
	while (tt_can_port_recv(slow, &frame, &at_us) == TT_OK) {
		assert_true(received == 0 || number_of(&frame) == last + 1);
		last = number_of(&frame);
		received++;
	}
	assert_int_equal(last, SENT - 1);
	assert_true(tt_can_port_stats(slow).lost > 0);
	assert_int_equal(tt_can_port_stats(slow).lost + received, SENT);
	assert_int_equal(tt_can_port_stats(quick).lost, 0);
	tt_can_port_close(a);
	tt_can_port_close(slow);
	tt_can_port_close(quick);
}

static void all_kinds_of_frames_keep_their_shape(void **state)
{
	static const struct tt_can_frame frames[] = {
		{.id = 0x7FF, .len = 0},
		{.id = 0x1FFFFFFF, .extended = true, .len = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}},
		{.id = 0x123, .rtr = true, .len = 4},
		{.id = 0x321, .fd = true, .brs = true, .len = 64, .data = {[0] = 0xAA, [63] = 0x55}},
	};
	struct tt_can_port *a = join(*state), *b = join(*state);

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct tt_can_frame got;

		send_until_taken(a, &frames[i]);
		got = wait_frame(b);
		assert_memory_equal(&got, &frames[i], offsetof(struct tt_can_frame, data) + sizeof(got.data));
	}
	tt_can_port_close(a);
	tt_can_port_close(b);
}

static void a_folder_with_something_else_in_it_is_refused(void **state)
{
	const struct bus *bus = *state;
	struct tt_can_port *port = NULL;
	struct tt_errmsg msg = {""};
	char path[96];
	FILE *f;

	assert_true(snprintf(path, sizeof(path), "%s/bus", bus->dir) < (int)sizeof(path));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs("groceries", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(tt_can_port_open(bus->address, NULL, 0, &port, &msg), TT_ECORRUPT);
	assert_non_null(strstr(msg.text, "remove the folder"));
	assert_null(port);
}

static void a_bus_has_room_for_32_members(void **state)
{
	const struct bus *bus = *state;
	struct tt_can_port *ports[32], *more = NULL;
	struct tt_errmsg msg = {""};

	for (unsigned i = 0; i < 32; i++)
		ports[i] = join(bus);
	assert_int_equal(tt_can_port_open(bus->address, NULL, 0, &more, &msg), TT_EFULL);
	tt_can_port_close(ports[7]);
	ports[7] = join(bus);
	for (unsigned i = 0; i < 32; i++)
		tt_can_port_close(ports[i]);
	assert_int_equal(bells(bus), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_of_several_processes_arrive_whole_in_order_and_all, make_bus, remove_bus),
		cmocka_unit_test_setup_teardown(a_killed_member_harms_nobody_and_its_bell_is_removed, make_bus, remove_bus),
		cmocka_unit_test_setup_teardown(a_slow_member_loses_its_oldest_frames_alone_and_knows_how_many, make_bus, remove_bus),
		cmocka_unit_test_setup_teardown(all_kinds_of_frames_keep_their_shape, make_bus, remove_bus),
		cmocka_unit_test_setup_teardown(a_folder_with_something_else_in_it_is_refused, make_bus, remove_bus),
		cmocka_unit_test_setup_teardown(a_bus_has_room_for_32_members, make_bus, remove_bus),
	};

	return cmocka_run_group_tests_name("can shared", tests, NULL, NULL);
}
