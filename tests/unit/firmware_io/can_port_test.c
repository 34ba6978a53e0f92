#include "firmware/io/can_port.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static struct tt_can_port *open_port(const char *address, const struct tt_can_filter *filters, size_t n)
{
	struct tt_can_port *port;
	struct tt_errmsg msg = {""};

	if (tt_can_port_open(address, filters, n, &port, &msg))
		fail_msg("%s: %s", address, msg.text);
	return port;
}

static bool readable(const struct tt_can_port *port)
{
	struct pollfd p = {.fd = tt_can_port_fd(port), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void a_bad_address_is_refused_with_the_way_out(void **state)
{
	static const struct {
		const char *address;
		enum tt_err err;
		const char *says;
	} cases[] = {
		{"can0", TT_EINVAL, "socketcan:IF"},
		{"", TT_EINVAL, "socketcan:IF"},
		{"memory:", TT_EINVAL, "1 to"},
		{"socketcan:averyveryverylongname", TT_EINVAL, "at most 15"},
		{"replay:/nonexistent/x.log", TT_ENOTFOUND, "/nonexistent/x.log"},
		{"replay:/tmp", TT_EINVAL, "not a file"},
		{"replay:x.log?speed=fast", TT_EINVAL, "speed=max"},
		{"shared:/nonexistent/folder/bus", TT_ENOTFOUND, "folder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_can_port *port = NULL;
		struct tt_errmsg msg = {""};
		const enum tt_err err = tt_can_port_open(cases[i].address, NULL, 0, &port, &msg);

		if (err != cases[i].err || port || !strstr(msg.text, cases[i].says))
			fail_msg("'%s': %s, '%s'", cases[i].address, tt_err_name(err), msg.text);
	}
}

static void a_missing_interface_is_told_apart_from_a_kernel_without_can(void **state)
{
	struct tt_can_port *port = NULL;
	struct tt_errmsg msg = {""};
	const enum tt_err err = tt_can_port_open("socketcan:tt-none0", NULL, 0, &port, &msg);

	(void)state;
	assert_null(port);
	if (err == TT_ENOTFOUND)
		assert_non_null(strstr(msg.text, "no such interface"));
	else if (err == TT_ENOTSUP)
		assert_non_null(strstr(msg.text, "can-raw"));
	else
		assert_int_equal(err, TT_EDENIED);
}

static void a_frame_reaches_every_other_member_of_its_bus_only(void **state)
{
	struct tt_can_port *a = open_port("memory:one", NULL, 0), *b = open_port("memory:one", NULL, 0);
	struct tt_can_port *c = open_port("memory:one", NULL, 0), *other = open_port("memory:two", NULL, 0);
	const struct tt_can_frame sent = {.id = 0x18DAF110, .extended = true, .len = 3, .bus = 5, .data = {1, 2, 3}};
	struct tt_can_frame got;
	tt_mono_us at_us;

	(void)state;
	assert_int_equal(tt_can_port_send(a, &sent), TT_OK);
	for (struct tt_can_port **p = (struct tt_can_port *[]){b, c, NULL}; *p; p++) {
		assert_true(readable(*p));
		assert_int_equal(tt_can_port_recv(*p, &got, &at_us), TT_OK);
		assert_int_equal(got.id, sent.id);
		assert_true(got.extended);
		assert_int_equal(got.bus, 0);
		assert_memory_equal(got.data, sent.data, 3);
		assert_true(at_us <= tt_mono_now() && at_us > tt_mono_now() - TT_SEC(5));
		assert_int_equal(tt_can_port_recv(*p, &got, &at_us), TT_EAGAIN);
		assert_false(readable(*p));
	}
	assert_int_equal(tt_can_port_recv(a, &got, &at_us), TT_EAGAIN);
	assert_int_equal(tt_can_port_recv(other, &got, &at_us), TT_EAGAIN);
	assert_int_equal(tt_can_port_stats(a).sent, 1);
	assert_int_equal(tt_can_port_stats(b).received, 1);
	tt_can_port_close(a);
	tt_can_port_close(b);
	tt_can_port_close(c);
	tt_can_port_close(other);
}

static void a_full_member_loses_its_own_frames_and_counts_them(void **state)
{
	enum { SENT = 5000, RING = 4096 };
	struct tt_can_port *a = open_port("memory:full", NULL, 0), *slow = open_port("memory:full", NULL, 0);
	struct tt_can_port *quick = open_port("memory:full", NULL, 0);
	struct tt_can_frame frame = {.id = 1}, got;
	unsigned received = 0;
	tt_mono_us at_us;

	(void)state;
	for (unsigned i = 0; i < SENT; i++) {
		assert_int_equal(tt_can_port_send(a, &frame), TT_OK);
		assert_int_equal(tt_can_port_recv(quick, &got, &at_us), TT_OK);
	}
	while (tt_can_port_recv(slow, &got, &at_us) == TT_OK)
		received++;
	assert_int_equal(received, RING);
	assert_int_equal(tt_can_port_stats(slow).lost, SENT - RING);
	assert_int_equal(tt_can_port_stats(quick).lost, 0);
	tt_can_port_close(a);
	tt_can_port_close(slow);
	tt_can_port_close(quick);
}

static void filters_compare_identifier_and_width(void **state)
{
	static const struct tt_can_filter filters[] = {{.id = 0x7E8, .mask = 0x7F8},
						       {.id = 0x18DAF100, .mask = 0x1FFFFF00, .extended = true}};
	static const struct {
		uint32_t id;
		bool extended, passes;
	} cases[] = {{0x7E8, false, true},  {0x7EF, false, true},     {0x7E0, false, false},    {0x7E8, true, false},
		     {0x100, false, false}, {0x18DAF110, true, true}, {0x18DB33F1, true, false}};
	struct tt_can_port *a = open_port("memory:filter", NULL, 0), *b = open_port("memory:filter", filters, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_can_frame frame = {.id = cases[i].id, .extended = cases[i].extended};
		struct tt_can_frame got;
		tt_mono_us at_us;

		assert_int_equal(tt_can_port_send(a, &frame), TT_OK);
		if ((tt_can_port_recv(b, &got, &at_us) == TT_OK) != cases[i].passes)
			fail_msg("filter and %X", (unsigned)cases[i].id);
	}
	assert_int_equal(tt_can_port_stats(b).received, 3);
	tt_can_port_close(a);
	tt_can_port_close(b);
}

static void what_is_no_frame_is_not_sent(void **state)
{
	static const struct tt_can_frame bad[] = {
		{.id = 0x800},
		{.id = 0x20000000, .extended = true},
		{.id = 1, .len = 9},
		{.id = 1, .fd = true, .len = 9},
		{.id = 1, .fd = true, .len = 65},
		{.id = 1, .fd = true, .rtr = true},
		{.id = 0x40, .error = true},
	};
	static const struct tt_can_frame good[] = {
		{.id = 0x7FF, .len = 8}, {.id = 1, .fd = true, .len = 64}, {.id = 1, .rtr = true, .len = 8}};
	struct tt_can_port *port = open_port("memory:bad", NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tt_can_port_send(port, &bad[i]), TT_EINVAL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(tt_can_port_send(port, &good[i]), TT_OK);
	assert_int_equal(tt_can_port_stats(port).sent, 3);
	tt_can_port_close(port);
	tt_can_port_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_address_is_refused_with_the_way_out),
		cmocka_unit_test(a_missing_interface_is_told_apart_from_a_kernel_without_can),
		cmocka_unit_test(a_frame_reaches_every_other_member_of_its_bus_only),
		cmocka_unit_test(a_full_member_loses_its_own_frames_and_counts_them),
		cmocka_unit_test(filters_compare_identifier_and_width),
		cmocka_unit_test(what_is_no_frame_is_not_sent),
	};

	return cmocka_run_group_tests_name("can port", tests, NULL, NULL);
}
