#include "base/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

struct probe {
	struct tt_loop *loop;
	unsigned fired, read;
};

static void on_timer(void *ctx, tt_mono_us now_us)
{
	struct probe *p = ctx;

	if (++p->fired == 3)
		tt_loop_stop(p->loop);
	else
		assert_int_equal(tt_loop_timer(p->loop, now_us + 1000, on_timer, p), TT_OK);
}

static void on_read(void *ctx, int fd, unsigned ready)
{
	struct probe *p = ctx;
	char c;

	assert_true(ready & TT_LOOP_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	p->read++;
	tt_loop_remove(p->loop, fd);
	assert_int_equal(raise(SIGTERM), 0);
}

static void a_timer_may_set_itself_again(void **state)
{
	struct probe p = {.fired = 0};

	(void)state;
	assert_int_equal(tt_loop_create(4, &p.loop), TT_OK);
	assert_int_equal(tt_loop_timer(p.loop, tt_mono_now(), on_timer, &p), TT_OK);
	assert_int_equal(tt_loop_run(p.loop), TT_OK);
	assert_int_equal(p.fired, 3);
	tt_loop_destroy(p.loop);
}

static void a_descriptor_is_served_and_a_signal_ends_the_loop(void **state)
{
	struct probe p = {.read = 0};
	int fds[2];

	(void)state;
	assert_int_equal(tt_loop_create(4, &p.loop), TT_OK);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(tt_loop_add(p.loop, fds[0], TT_LOOP_READ, on_read, &p), TT_OK);
	assert_int_equal(tt_loop_add(p.loop, fds[0], TT_LOOP_READ, on_read, &p), TT_EEXIST);
	assert_int_equal(write(fds[1], "ab", 2), 2);
	assert_int_equal(tt_loop_run(p.loop), TT_OK);
	assert_int_equal(p.read, 1);
	tt_loop_destroy(p.loop);
	close(fds[0]);
	close(fds[1]);
}

static void the_table_has_an_end(void **state)
{
	struct tt_loop *loop;
	struct probe a, b, c;

	(void)state;
	assert_int_equal(tt_loop_create(1, &loop), TT_OK);
	assert_int_equal(tt_loop_timer(loop, TT_SEC(1), on_timer, &a), TT_OK);
	assert_int_equal(tt_loop_timer(loop, TT_SEC(1), on_timer, &b), TT_OK);
	assert_int_equal(tt_loop_timer(loop, TT_SEC(1), on_timer, &c), TT_EFULL);
	assert_int_equal(tt_loop_timer(loop, TT_NEVER, on_timer, &a), TT_OK);
	assert_int_equal(tt_loop_timer(loop, TT_SEC(1), on_timer, &c), TT_OK);
	tt_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_may_set_itself_again),
		cmocka_unit_test(a_descriptor_is_served_and_a_signal_ends_the_loop),
		cmocka_unit_test(the_table_has_an_end),
	};

	return cmocka_run_group_tests_name("base loop", tests, NULL, NULL);
}
