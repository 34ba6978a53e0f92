/* The record on a disk that fills up, fails, or loses power, at every single step. */
#include "scratch.h"
#include "tests/support/fault_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { EVENTS = 6 };

static struct scratch dir;

static int setup(void **state)
{
	(void)state;
	scratch_open(&dir);
	tt_fault_disk_install();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tt_fault_disk_remove();
	scratch_close(&dir);
	return 0;
}

static void new_disk(void)
{
	tt_fault_disk_remove();
	tt_fault_disk_install();
}

static struct scratch_world world;

static struct tt_store *fresh(void)
{
	struct tt_store *s = scratch_store(&dir);

	world = scratch_world(s);
	return s;
}

/* One event in a transaction of its own, as a gateway would: anything but TT_OK is rolled back. */
static enum tt_err one(struct tt_store *s, int64_t n)
{
	enum tt_err err = tt_store_begin(s);

	if (!err)
		err = scratch_event(s, &world, n);
	if (!err)
		err = tt_store_commit(s);
	if (err)
		tt_store_rollback(s);
	return err;
}

static void a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room(void **state)
{
	struct tt_store *s = fresh();
	struct scratch_tally t;
	struct tt_errmsg msg = {{0}};
	int64_t stored = 0;
	enum tt_err err = TT_OK;

	(void)state;
	tt_fault_disk_capacity(tt_fault_disk_used() + 200000);
	while (!err && stored < 100000) {
		err = one(s, stored + 1);
		stored += err == TT_OK;
	}
	assert_int_equal(err, TT_ENOSPC);
	assert_true(stored > 0);
	assert_true(tt_store_message(s)[0] != 0);
	for (int again = 0; again < 5; again++)
		assert_int_equal(one(s, stored + 1), TT_ENOSPC);
	t = scratch_count(s);
	assert_true(scratch_whole(&t));
	assert_int_equal(t.tickets, stored);
	tt_fault_disk_capacity(0);
	assert_int_equal(one(s, stored + 1), TT_OK);
	t = scratch_count(s);
	assert_int_equal(t.tickets, stored + 1);
	assert_int_equal(tt_store_check(s, &msg), TT_OK);
	tt_store_close(s);
}

/* Each step of six commits fails once, as a full disk and as an I/O error: what was refused never was, what was committed stays. */
static void any_single_failing_step_fails_one_event_cleanly(void **state)
{
	static const struct {
		int rc;
		enum tt_err err;
	} faults[] = {{SQLITE_FULL, TT_ENOSPC}, {SQLITE_IOERR_WRITE, TT_EIO}, {SQLITE_IOERR_FSYNC, TT_EIO}};
	uint64_t steps = 1;
	int failures = 0;

	(void)state;
	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
		for (uint64_t at = 1; at <= steps; at++) {
			struct tt_store *s;
			struct scratch_tally t;
			struct tt_errmsg msg = {{0}};
			uint64_t start;
			int64_t stored = 0;

			new_disk();
			scratch_clear(&dir);
			s = fresh();
			start = tt_fault_disk_steps();
			tt_fault_disk_fail_at(at, faults[f].rc);
			for (int i = 0; i < EVENTS; i++) {
				enum tt_err err = one(s, stored + 1);

				if (err != TT_OK && err != faults[f].err)
					fail_msg("step %llu, rc %d: %s %s", (unsigned long long)at, faults[f].rc, tt_err_name(err),
						 tt_store_message(s));
				failures += err != TT_OK;
				stored += err == TT_OK;
			}
			tt_fault_disk_fail_at(0, 0);
			steps = tt_fault_disk_steps() - start;
			t = scratch_count(s);
			if (!scratch_whole(&t) || t.tickets != stored)
				fail_msg("step %llu, rc %d: %lld stored, %lld acknowledged", (unsigned long long)at, faults[f].rc,
					 (long long)t.tickets, (long long)stored);
			if (tt_store_check(s, &msg))
				fail_msg("step %llu: %s", (unsigned long long)at, msg.text);
			tt_store_close(s);
		}
	assert_true(failures > EVENTS); /* the faults were met */
}

static void after_a_power_cut_at_any_step_every_acknowledged_event_is_there_and_none_is_half(void **state)
{
	static const uint64_t seeds[] = {0, 1, 2, 3};
	bool cut = true;
	uint64_t at = 1;

	(void)state;
	for (; cut; at++)
		for (size_t k = 0; k < sizeof(seeds) / sizeof(seeds[0]); k++) {
			struct tt_store *s;
			struct scratch_tally t;
			struct tt_errmsg msg = {{0}};
			int64_t stored = 0;

			new_disk();
			scratch_clear(&dir);
			s = fresh();
			tt_fault_disk_cut_at(at);
			while (stored < EVENTS && one(s, stored + 1) == TT_OK)
				stored++;
			cut = tt_fault_disk_is_cut();
			tt_store_close(s);
			tt_fault_disk_reboot(seeds[k]);
			if (tt_store_open(dir.url, false, &s, &msg))
				fail_msg("cut at step %llu, seed %llu: %s", (unsigned long long)at, (unsigned long long)seeds[k], msg.text);
			t = scratch_count(s);
			/* The commit the power went in may have reached the disk before anybody could be told. */
			if (!scratch_whole(&t) || t.tickets < stored || t.tickets > stored + 1)
				fail_msg("cut at step %llu, seed %llu: %lld stored, %lld acknowledged", (unsigned long long)at,
					 (unsigned long long)seeds[k], (long long)t.tickets, (long long)stored);
			if (tt_store_check(s, &msg))
				fail_msg("cut at step %llu: %s", (unsigned long long)at, msg.text);
			tt_store_close(s);
		}
	assert_true(at > EVENTS); /* at least a sync for each commit was cut */
}

static void a_migration_cut_by_a_power_failure_is_done_again_from_the_start(void **state)
{
	bool cut = true;

	(void)state;
	for (uint64_t at = 1; cut; at++) {
		struct tt_store *s = NULL;
		struct tt_errmsg msg = {{0}};
		int64_t have = -1, want = -2;

		new_disk();
		scratch_clear(&dir);
		tt_fault_disk_cut_at(at);
		if (tt_store_open(dir.url, true, &s, &msg) == TT_OK) {
			(void)!tt_store_migrate(s, 1, &msg);
			tt_store_close(s);
			s = NULL;
		}
		cut = tt_fault_disk_is_cut();
		tt_fault_disk_reboot(0);
		s = scratch_store(&dir);
		assert_int_equal(tt_store_version(s, &have, &want), TT_OK);
		assert_int_equal(have, want);
		if (tt_store_check(s, &msg))
			fail_msg("cut at step %llu: %s", (unsigned long long)at, msg.text);
		tt_store_close(s);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room),
		TEST(any_single_failing_step_fails_one_event_cleanly),
		TEST(after_a_power_cut_at_any_step_every_acknowledged_event_is_there_and_none_is_half),
		TEST(a_migration_cut_by_a_power_failure_is_done_again_from_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
