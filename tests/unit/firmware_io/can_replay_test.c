#include "firmware/io/can_port.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants the headers above it */

struct log {
	char path[64];
};

static void write_log(struct log *log, const char *text)
{
	int fd;

	strcpy(log->path, "/tmp/tt-replay-XXXXXX");
	fd = mkstemp(log->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static struct tt_can_port *open_log(const struct log *log, const char *options)
{
	char address[128];
	struct tt_can_port *port;
	struct tt_errmsg msg = {""};

	assert_true(snprintf(address, sizeof(address), "replay:%s%s", log->path, options) < (int)sizeof(address));
	if (tt_can_port_open(address, NULL, 0, &port, &msg))
		fail_msg("%s", msg.text);
	return port;
}

static const char drive[] = "(1609459200.000000) can0 100#0102\n"
			    "(1609459200.030000) can1 18FECA00#FF\n"
			    "\n"
			    "this is not a line\n"
			    "(1609459200.080000) can0 101#03\n";

static void as_fast_as_possible_keeps_the_recorded_distances_and_ends(void **state)
{
	struct log log;
	struct tt_can_port *port;
	struct tt_can_frame frame;
	tt_mono_us at[3];
	tt_mono_us opened_us;

	(void)state;
	write_log(&log, drive);
	port = open_log(&log, "?speed=max");
	opened_us = tt_mono_now();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(tt_can_port_recv(port, &frame, &at[i]), TT_OK);
	assert_int_equal(frame.id, 0x101);
	assert_int_equal(at[1] - at[0], 30000);
	assert_int_equal(at[2] - at[0], 80000);
	assert_true(at[2] <= opened_us);
	assert_int_equal(tt_can_port_recv(port, &frame, &at[0]), TT_EEOF);
	assert_int_equal(tt_can_port_recv(port, &frame, &at[0]), TT_EEOF);
	assert_int_equal(tt_can_port_stats(port).received, 3);
	assert_int_equal(tt_can_port_stats(port).errors, 1);
	assert_non_null(strstr(tt_can_port_problem(port), ":4:"));
	tt_can_port_close(port);
	unlink(log.path);
}

static void the_recorded_pace_is_kept(void **state)
{
	struct log log;
	struct tt_can_port *port;
	struct tt_can_frame frame;
	tt_mono_us at_us, first_us = 0;
	unsigned got = 0;
	enum tt_err err;

	(void)state;
	write_log(&log, drive);
	port = open_log(&log, "");
	do {
		struct pollfd p = {.fd = tt_can_port_fd(port), .events = POLLIN};

		assert_int_equal(poll(&p, 1, 5000), 1);
		err = tt_can_port_recv(port, &frame, &at_us);
		if (err == TT_OK) {
			assert_true(tt_mono_now() >= at_us); /* never before its time */
			first_us = got++ == 0 ? at_us : first_us;
		}
	} while (err != TT_EEOF);
	assert_int_equal(got, 3);
	assert_int_equal(at_us - first_us, 80000);
	tt_can_port_close(port);
	unlink(log.path);
}

static void one_interface_can_be_picked(void **state)
{
	struct log log;
	struct tt_can_port *port;
	struct tt_can_frame frame;
	tt_mono_us at_us;

	(void)state;
	write_log(&log, drive);
	port = open_log(&log, "?bus=can1&speed=max");
	assert_int_equal(tt_can_port_recv(port, &frame, &at_us), TT_OK);
	assert_int_equal(frame.id, 0x18FECA00);
	assert_int_equal(tt_can_port_recv(port, &frame, &at_us), TT_EEOF);
	tt_can_port_close(port);
	unlink(log.path);
}

static void a_recorders_clock_set_back_does_not_turn_time_back(void **state)
{
	struct log log;
	struct tt_can_port *port;
	struct tt_can_frame frame;
	tt_mono_us at_us, before_us = 0;

	(void)state;
	write_log(&log, "(1609459200.5) can0 1F0#01\n(1609459200.1) can0 1F0#02\n(1609459200.6) can0 1F0#03\n");
	port = open_log(&log, "?speed=max");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(tt_can_port_recv(port, &frame, &at_us), TT_OK);
		assert_true(i == 0 || at_us >= before_us);
		before_us = at_us;
	}
	tt_can_port_close(port);
	unlink(log.path);
}

static void a_replay_only_listens(void **state)
{
	const struct tt_can_frame frame = {.id = 0x7DF, .len = 8};
	struct log log;
	struct tt_can_port *port;

	(void)state;
	write_log(&log, drive);
	port = open_log(&log, "");
	assert_true(tt_can_port_listen_only(port));
	assert_int_equal(tt_can_port_send(port, &frame), TT_ENOTSUP);
	assert_int_equal(tt_can_port_stats(port).sent, 0);
	tt_can_port_close(port);
	unlink(log.path);
}

static void a_file_without_a_frame_is_refused(void **state)
{
	struct tt_can_port *port = NULL;
	struct tt_errmsg msg = {""};
	struct log log;
	char address[128];

	(void)state;
	write_log(&log, "hello\n\nworld");
	assert_true(snprintf(address, sizeof(address), "replay:%s", log.path) < (int)sizeof(address));
	assert_int_equal(tt_can_port_open(address, NULL, 0, &port, &msg), TT_EINVAL);
	assert_non_null(strstr(msg.text, "candump -L"));
	assert_null(port);
	unlink(log.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_fast_as_possible_keeps_the_recorded_distances_and_ends),
		cmocka_unit_test(the_recorded_pace_is_kept),
		cmocka_unit_test(one_interface_can_be_picked),
		cmocka_unit_test(a_recorders_clock_set_back_does_not_turn_time_back),
		cmocka_unit_test(a_replay_only_listens),
		cmocka_unit_test(a_file_without_a_frame_is_refused),
	};

	return cmocka_run_group_tests_name("can replay", tests, NULL, NULL);
}
