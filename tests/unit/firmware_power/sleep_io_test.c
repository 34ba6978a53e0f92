/* What sleeping means to the machine: the service manager's datagrams, the program that suspends, and noticing a resume. */
#include "firmware/io/notify.h"
#include "firmware/io/resume.h"
#include "firmware/io/suspend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/tt-sleep-XXXXXX", path[64];
static struct tt_loop *loop;
static struct tt_suspend s;
static unsigned done, good_ones;

static int fresh(void **state)
{
	(void)state;
	memcpy(folder, "/tmp/tt-sleep-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/it", folder);
	assert_int_equal(tt_loop_create(4, &loop), TT_OK);
	done = good_ones = 0;
	return 0;
}

static int away(void **state)
{
	(void)state;
	tt_suspend_stop(&s);
	tt_loop_destroy(loop);
	(void)unlink(path);
	return rmdir(folder);
}

static int listen_at(const char *name, socklen_t len)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	memcpy(at.sun_path, name, len);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	return fd;
}

static void expect(int fd, const char *text)
{
	char got[128];
	const ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_int_equal(n, strlen(text));
	got[n] = '\0';
	assert_string_equal(got, text);
}

static void the_manager_hears_what_it_is_told(void **state)
{
	struct tt_notify n;
	char pid[24];
	int fd;

	(void)state;
	fd = listen_at(path, (socklen_t)strlen(path));
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	tt_notify_open(&n, path, "30000000", pid);
	assert_int_equal(n.watchdog_us, 30000000);
	tt_notify_send(&n, "READY=1");
	expect(fd, "READY=1");
	tt_notify_send(&n, "WATCHDOG_USEC=900000000\nWATCHDOG=1");
	expect(fd, "WATCHDOG_USEC=900000000\nWATCHDOG=1");
	for (unsigned i = 0; i < 2000; i++) /* one that does not listen is not waited for */
		tt_notify_send(&n, "WATCHDOG=1");
	tt_notify_close(&n);
	tt_notify_send(&n, "READY=1");
	close(fd);
}

static void an_abstract_socket_works_too(void **state)
{
	struct tt_notify n;
	char name[64];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@tt-notify-%d", (int)getpid());
	name[0] = '\0';
	fd = listen_at(name, (socklen_t)(1 + strlen(name + 1)));
	name[0] = '@';
	tt_notify_open(&n, name, NULL, NULL);
	tt_notify_send(&n, "STOPPING=1");
	expect(fd, "STOPPING=1");
	assert_int_equal(n.watchdog_us, 0);
	tt_notify_close(&n);
	close(fd);
}

static void a_manager_that_is_not_there_or_means_another_is_no_trouble(void **state)
{
	static const char *const sockets[] = {NULL, "", "/", "relative", "vsock:2:1"};
	struct tt_notify n;
	char longer[200];

	(void)state;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		tt_notify_open(&n, sockets[i], "1000000", NULL);
		assert_int_equal(n.fd, -1);
		assert_int_equal(n.watchdog_us, 0);
		tt_notify_send(&n, "READY=1");
		tt_notify_close(&n);
	}
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	tt_notify_open(&n, longer, NULL, NULL);
	assert_int_equal(n.fd, -1);
	tt_notify_open(&n, path, "30000000", "1"); /* the watchdog of another process */
	assert_int_equal(n.watchdog_us, 0);
	tt_notify_send(&n, "READY=1"); /* nobody is bound there */
	tt_notify_close(&n);
	tt_notify_open(&n, path, "soon", NULL);
	assert_int_equal(n.watchdog_us, 0);
	tt_notify_close(&n);
}

static void on_done(void *ctx, bool good)
{
	(void)ctx;
	done++;
	good_ones += good;
}

static void turn_until_done(void)
{
	const tt_mono_us end = tt_mono_now() + TT_SEC(60);

	while (done == 0 && tt_mono_now() < end)
		assert_int_equal(tt_loop_turn(loop, tt_mono_now() + TT_MS(100)), TT_OK);
	assert_int_equal(done, 1);
}

static void the_program_gets_the_seconds_and_its_return_is_told(void **state)
{
	char command[128], got[8] = "";
	FILE *f;

	(void)state;
	tt_suspend_init(&s, loop, on_done, NULL);
	(void)snprintf(command, sizeof(command), "cp --no-such-option %s", path);
	assert_int_equal(tt_suspend_start(&s, command, 3), TT_OK);
	assert_int_equal(tt_suspend_start(&s, command, 3), TT_EEXIST);
	turn_until_done();
	assert_int_equal(good_ones, 0);
	done = 0;
	(void)snprintf(command, sizeof(command), "ln -s -T -f %s", path); /* ln: from path, to the last argument */
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(tt_suspend_start(&s, command, 3600), TT_OK);
	turn_until_done();
	assert_int_equal(good_ones, 1);
	assert_int_equal(readlink("3600", got, sizeof(got) - 1), sizeof(got) - 1);
	assert_int_equal(unlink("3600"), 0);
	assert_int_equal(chdir("/"), 0);
	f = fopen(path, "re");
	assert_null(f);
}

static void a_command_that_cannot_run_is_refused(void **state)
{
	static const char many[] = "a b c d e f g h i j k l m n o p q";

	(void)state;
	tt_suspend_init(&s, loop, on_done, NULL);
	assert_int_equal(tt_suspend_start(&s, "", 1), TT_EINVAL);
	assert_int_equal(tt_suspend_start(&s, "   ", 1), TT_EINVAL);
	assert_int_equal(tt_suspend_start(&s, many, 1), TT_EINVAL);
	assert_int_equal(tt_suspend_start(&s, "/nonexistent/program", 1), TT_EIO);
	assert_int_equal(s.pid, 0);
	assert_int_equal(tt_suspend_start(&s, "sleep", 600), TT_OK);
	tt_suspend_stop(&s); /* the car woke first */
	assert_int_equal(s.pid, 0);
	assert_int_equal(tt_loop_turn(loop, 0), TT_OK);
	assert_int_equal(done, 0);
}

static void suspended_time_is_what_boottime_gained(void **state)
{
	int64_t offset = 0;

	(void)state;
	assert_int_equal(tt_resume_slept(&offset, TT_SEC(100), TT_SEC(90)), TT_SEC(10));
	assert_int_equal(tt_resume_slept(&offset, TT_SEC(200), TT_SEC(190)), 0);
	assert_int_equal(tt_resume_slept(&offset, TT_SEC(201) - 1, TT_SEC(190)), 0); /* between the two readings */
	assert_int_equal(tt_resume_slept(&offset, TT_SEC(301) - 1, TT_SEC(289)), TT_SEC(1));
	assert_int_equal(offset, TT_SEC(12) - 1);
}

static void on_resume(void *ctx, int64_t slept_us)
{
	(void)ctx;
	(void)slept_us;
	done++;
}

static void without_a_resume_nothing_is_told(void **state)
{
	struct tt_resume *r;

	(void)state;
	assert_int_equal(tt_resume_create(loop, on_resume, NULL, &r), TT_OK);
	assert_int_equal(tt_loop_turn(loop, 0), TT_OK);
	assert_int_equal(done, 0);
	tt_resume_destroy(r);
	tt_resume_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_manager_hears_what_it_is_told, fresh, away),
		cmocka_unit_test_setup_teardown(an_abstract_socket_works_too, fresh, away),
		cmocka_unit_test_setup_teardown(a_manager_that_is_not_there_or_means_another_is_no_trouble, fresh, away),
		cmocka_unit_test_setup_teardown(the_program_gets_the_seconds_and_its_return_is_told, fresh, away),
		cmocka_unit_test_setup_teardown(a_command_that_cannot_run_is_refused, fresh, away),
		cmocka_unit_test_setup_teardown(suspended_time_is_what_boottime_gained, fresh, away),
		cmocka_unit_test_setup_teardown(without_a_resume_nothing_is_told, fresh, away),
	};

	return cmocka_run_group_tests_name("sleep and wake of the machine", tests, NULL, NULL);
}
