#include "gateway/turn.h"

#include "base/time.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sched.h>
#include <cmocka.h>

enum { HOGS = 3, URGENT_ROUNDS = 200 };

static struct {
	struct tt_turn *turn;
	atomic_int inside, ahead_of_urgent;
	atomic_bool urgent_waits, stop;
} shared;

static void *hog(void *ctx)
{
	(void)ctx;
	while (!atomic_load(&shared.stop)) {
		tt_turn_take(shared.turn, false);
		assert_int_equal(atomic_fetch_add(&shared.inside, 1), 0);
		if (atomic_load(&shared.urgent_waits))
			atomic_fetch_add(&shared.ahead_of_urgent, 1);
		sched_yield();
		atomic_fetch_sub(&shared.inside, 1);
		tt_turn_give(shared.turn);
	}
	return NULL;
}

/* urgent_waits is set a moment before the urgent one stands in the line: a hog that slipped in then is fair, two of them would not be. */
static void an_urgent_caller_waits_for_one_turn_at_most(void **state)
{
	pthread_t hogs[HOGS];

	(void)state;
	assert_int_equal(tt_turn_create(&shared.turn), TT_OK);
	for (int i = 0; i < HOGS; i++)
		assert_int_equal(pthread_create(&hogs[i], NULL, hog, NULL), 0);
	for (int i = 0, overtaken = 0; i < URGENT_ROUNDS; i++) {
		atomic_store(&shared.ahead_of_urgent, 0);
		atomic_store(&shared.urgent_waits, true);
		tt_turn_take(shared.turn, true);
		assert_int_equal(atomic_fetch_add(&shared.inside, 1), 0);
		atomic_store(&shared.urgent_waits, false);
		overtaken += atomic_load(&shared.ahead_of_urgent) > 2 ? 1 : 0;
		atomic_fetch_sub(&shared.inside, 1);
		tt_turn_give(shared.turn);
		/* The thread may be off the processor between setting the flag and standing in line; that must be rare. */
		assert_true(overtaken < URGENT_ROUNDS / 4);
	}
	atomic_store(&shared.stop, true);
	for (int i = 0; i < HOGS; i++)
		assert_int_equal(pthread_join(hogs[i], NULL), 0);
	tt_turn_destroy(shared.turn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(an_urgent_caller_waits_for_one_turn_at_most)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
