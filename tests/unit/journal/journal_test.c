#include "journal_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void each_class_counts_from_one_without_holes(void **state)
{
	struct fixture *f = *state;

	journal_open(f);
	for (uint64_t i = 1; i <= 20; i++) {
		assert_int_equal(journal_append(f, TT_CLASS_EVENT, (int64_t)i), i);
		assert_int_equal(journal_append(f, TT_CLASS_ALERT, (int64_t)(100 + i)), i);
	}
	journal_expect_held(f, TT_CLASS_EVENT, 1, 20);
	journal_expect_held(f, TT_CLASS_ALERT, 101, 120);
	journal_expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_not_equal(tt_journal_epoch(f->journal), 0);
}

static void an_ack_deletes_up_to_its_seq_and_moves_first_seq_held(void **state)
{
	struct fixture *f = *state;
	const uint64_t epoch = (journal_open(f), tt_journal_epoch(f->journal));
	uint64_t seq = 0, held = 0;

	for (int64_t tag = 1; tag <= 5; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 3), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 2), TT_OK); /* late and older: nothing */
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	assert_int_equal(journal_next(f, TT_CLASS_EVENT, 0, &seq, &held), 4);
	assert_int_equal(seq, 4);
	assert_int_equal(held, 4);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).held, 2);
}

static void an_ack_of_a_foreign_epoch_deletes_nothing(void **state)
{
	struct fixture *f = *state;

	journal_open(f);
	journal_append(f, TT_CLASS_ALERT, 1);
	assert_int_equal(tt_journal_ack(f->journal, tt_journal_epoch(f->journal) + 1, TT_CLASS_ALERT, 1), TT_OK);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 1);
}

static void a_seq_is_never_given_twice_even_after_all_rows_went_and_a_restart(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch;

	journal_open(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 4; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	journal_reopen(f);
	assert_int_equal(tt_journal_epoch(f->journal), epoch);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).held, 0);
	assert_int_equal(journal_append(f, TT_CLASS_EVENT, 5), 5);
}

static void bulk_is_sent_only_after_it_is_committed(void **state)
{
	struct fixture *f = *state;

	journal_open(f);
	assert_int_equal(journal_append_large(f, 1, 10), TT_OK);
	journal_expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	journal_expect_held(f, TT_CLASS_BULK, 1, 1);
	assert_int_equal(journal_append_large(f, 2, 10), TT_OK);
	journal_append(f, TT_CLASS_ALERT, 9); /* its commit takes the bulk along */
	journal_expect_held(f, TT_CLASS_BULK, 1, 2);
}

static void much_pending_bulk_commits_by_itself(void **state)
{
	struct fixture *f = *state;
	uint64_t seq = 0, held = 0;

	journal_open(f);
	for (int64_t tag = 1; tag <= 40; tag++)
		assert_int_equal(journal_append_large(f, tag, 5000), TT_OK);
	assert_int_equal(journal_next(f, TT_CLASS_BULK, 0, &seq, &held), 1);
}

static void bulk_and_deletions_wait_and_one_commit_takes_them_together(void **state)
{
	struct fixture *f = *state;
	struct tt_journal_wear before, after;
	tt_mono_us now = TT_SEC(10);

	journal_open(f);
	tt_journal_wear(f->journal, &before);
	for (int64_t tag = 1; tag <= 5; tag++)
		assert_int_equal(journal_append_large(f, tag, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now, 0, true), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(2) - 1, 0, true), TT_OK);
	journal_expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(2), 0, true), TT_OK);
	journal_expect_held(f, TT_CLASS_BULK, 1, 5);
	tt_journal_wear(f->journal, &after);
	assert_int_equal(after.commits - before.commits, 1);
	assert_in_range(after.log_bytes - before.log_bytes, 4096, 5 * 4096);
	/* an ack waits longer */
	now += TT_SEC(100);
	assert_int_equal(tt_journal_ack(f->journal, tt_journal_epoch(f->journal), TT_CLASS_BULK, 5), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now, 0, true), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(30) - 1, 0, true), TT_OK);
	tt_journal_wear(f->journal, &before);
	assert_int_equal(before.commits, after.commits);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(30), 0, true), TT_OK);
	tt_journal_wear(f->journal, &after);
	assert_int_equal(after.commits - before.commits, 1);
	/* nobody listens: bulk waits a minute */
	now += TT_SEC(100);
	assert_int_equal(journal_append_large(f, 6, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now, 0, false), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(60) - 1, 0, false), TT_OK);
	journal_expect_held(f, TT_CLASS_BULK, 1, 0);
	journal_append(f, TT_CLASS_ALERT, 1); /* at once, and takes the bulk along */
	journal_expect_held(f, TT_CLASS_BULK, 6, 6);
	for (int64_t tag = 1; tag <= 100; tag++)
		journal_append(f, TT_CLASS_ALERT, tag);
	tt_journal_wear(f->journal, &after);
	assert_in_range(after.file_bytes, 4096, after.log_bytes);
}

static void a_second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	struct tt_journal *second = NULL;
	struct tt_errmsg msg;

	journal_open(f);
	assert_int_equal(tt_journal_open(f->path, &journal_small, &second, &msg), TT_ECONFLICT);
	assert_non_null(strstr(msg.text, "another process uses it"));
	assert_null(second);
}

static void open_says_what_is_wrong_and_the_way_out(void **state)
{
	struct fixture *f = *state;
	const struct tt_journal_limits tiny = {.max_bytes = 4096};
	struct tt_journal *j = NULL;
	struct tt_errmsg msg;

	assert_int_equal(tt_journal_open(f->path, &tiny, &j, &msg), TT_ERANGE);
	assert_non_null(strstr(msg.text, "--journal-max-bytes"));
	assert_int_equal(tt_journal_open("/nonexistent/folder/journal.db", &journal_small, &j, &msg), TT_EIO);
	assert_non_null(strstr(msg.text, "check that the folder exists"));
	assert_null(j);
}

static void input_outside_its_bounds_is_refused(void **state)
{
	struct fixture *f = *state;
	static uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	uint64_t seq = 0;
	size_t len = 0;

	journal_open(f);
	assert_int_equal(tt_journal_append(f->journal, TT_CLASS_STATE, buf, 10, &seq), TT_EINVAL);
	assert_int_equal(tt_journal_append(f->journal, TT_CLASS_EVENT, buf, 0, &seq), TT_EINVAL);
	assert_int_equal(tt_journal_append(f->journal, TT_CLASS_EVENT, buf, TT_JOURNAL_EVENT_MAX + 1, &seq), TT_ERANGE);
	assert_int_equal(tt_journal_append(f->journal, TT_CLASS_EVENT, buf, TT_JOURNAL_EVENT_MAX, &seq), TT_OK);
	assert_int_equal(tt_journal_next(f->journal, TT_CLASS_EVENT, 0, buf, 100, &len, &seq), TT_EFULL);
	assert_int_equal(tt_journal_next(f->journal, TT_CLASS_EVENT, 0, buf, sizeof(buf), &len, &seq), TT_OK);
	assert_true(len <= TT_ENVELOPE_MAX_BYTES);
}

static void an_ack_from_the_future_renumbers_under_a_new_epoch(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch, seq = 0, held = 0;

	journal_open(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 6; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	journal_append(f, TT_CLASS_ALERT, 77);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 9), TT_ECONFLICT);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	journal_reopen(f);
	assert_int_equal(journal_next(f, TT_CLASS_EVENT, 0, &seq, &held), 5);
	assert_int_equal(seq, 1);
	assert_int_equal(journal_next(f, TT_CLASS_EVENT, 1, &seq, &held), 6);
	journal_expect_held(f, TT_CLASS_ALERT, 77, 77);
	assert_int_equal(journal_append(f, TT_CLASS_EVENT, 7), 3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_setup, journal_teardown)
	const struct CMUnitTest tests[] = {
		T(each_class_counts_from_one_without_holes),
		T(an_ack_deletes_up_to_its_seq_and_moves_first_seq_held),
		T(an_ack_of_a_foreign_epoch_deletes_nothing),
		T(a_seq_is_never_given_twice_even_after_all_rows_went_and_a_restart),
		T(bulk_is_sent_only_after_it_is_committed),
		T(much_pending_bulk_commits_by_itself),
		T(bulk_and_deletions_wait_and_one_commit_takes_them_together),
		T(a_second_process_is_refused),
		T(open_says_what_is_wrong_and_the_way_out),
		T(input_outside_its_bounds_is_refused),
		T(an_ack_from_the_future_renumbers_under_a_new_epoch),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
