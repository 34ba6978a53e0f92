/* Opening, transactions, savepoints, visibility, backup. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum tt_err take_new(void *ctx, const char *name, int64_t value)
{
	if (strcmp(name, "ticket.new") == 0)
		*(int64_t *)ctx = value;
	return TT_OK;
}

static int64_t tickets_new(struct tt_store *s)
{
	int64_t n = 0;

	OK(tt_store_counters(s, TT_SCOPE_SYSTEM, take_new, &n));
	return n;
}

static void migrating_again_changes_nothing(void **state)
{
	struct world *w = *state;
	int64_t have = 0, want = 0;

	OK(tt_store_version(w->s, &have, &want));
	assert_true(have > 0);
	assert_int_equal(have, want);
	OK(tt_store_migrate(w->s, NOW + 1, NULL));
	OK(tt_store_version(w->s, &have, &want));
	assert_int_equal(have, want);
	OK(tt_store_check(w->s, NULL));
}

static void what_is_rolled_back_never_was(void **state)
{
	struct world *w = *state;

	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	assert_int_equal(tickets_new(w->s), 1);
	tt_store_rollback(w->s);
	assert_int_equal(tickets_new(w->s), 0);
	tt_store_rollback(w->s); /* none open: nothing */
	OK(tt_store_check(w->s, NULL));
}

static void closing_rolls_back(void **state)
{
	struct world *w = *state;
	struct tt_store *other = w->factory->open_again();

	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	tt_store_close(w->s);
	w->s = other;
	assert_int_equal(tickets_new(w->s), 0);
	tt_store_close(NULL);
}

static void a_write_outside_a_transaction_is_refused(void **state)
{
	struct world *w = *state;
	const struct tt_mark mark = {.seq = 1};
	struct tt_mark got;

	assert_int_equal(tt_store_mark_set(w->s, w->unit[A], 1, 7, &mark), TT_EINVAL);
	assert_true(tt_store_message(w->s)[0] != 0);
	OK(tt_store_mark_get(w->s, w->unit[A], 1, 7, &got));
	assert_int_equal(got.seq, 0);
	assert_int_equal(tt_store_savepoint(w->s), TT_EINVAL);
	assert_int_not_equal(tt_store_commit(w->s), TT_OK);
}

static void others_see_nothing_before_commit_and_all_of_it_after(void **state)
{
	struct world *w = *state;
	struct tt_store *other = w->factory->open_again();
	int64_t before = 0, during = 0, after = 0;

	OK(tt_store_data_version(other, &before));
	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	assert_int_equal(tickets_new(other), 0);
	OK(tt_store_data_version(other, &during));
	assert_int_equal(during, before);
	tt_commit(w);
	assert_int_equal(tickets_new(other), 1);
	OK(tt_store_data_version(other, &after));
	assert_int_not_equal(after, before);
	tt_store_close(other);
}

static void a_savepoint_undoes_one_event_and_keeps_the_batch(void **state)
{
	struct world *w = *state;

	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	OK(tt_store_savepoint(w->s));
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	OK(tt_store_savepoint_undo(w->s));
	OK(tt_store_savepoint(w->s));
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	OK(tt_store_savepoint_keep(w->s));
	tt_commit(w);
	assert_int_equal(tickets_new(w->s), 2);
	OK(tt_store_check(w->s, NULL));
}

static void a_backup_is_a_record_of_its_own_and_never_overwrites(void **state)
{
	struct world *w = *state;
	struct tt_store *copy = NULL;
	struct tt_errmsg msg = {{0}};

	(void)unlink(w->factory->backup_path);
	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	tt_commit(w);
	OK(tt_store_backup(w->s, w->factory->backup_path, &msg));
	assert_int_equal(tt_store_backup(w->s, w->factory->backup_path, &msg), TT_EEXIST);
	assert_true(msg.text[0] != 0);
	tt_begin(w);
	(void)tt_new_ticket(w, A, 1, NOW, 0);
	tt_commit(w);
	OK(tt_store_open(w->factory->backup_url, false, &copy, &msg));
	OK(tt_store_check(copy, &msg));
	assert_int_equal(tickets_new(copy), 1);
	assert_int_equal(tickets_new(w->s), 2);
	tt_store_close(copy);
	(void)unlink(w->factory->backup_path);
}

static void text_that_is_not_utf8_or_has_no_end_is_refused(void **state)
{
	static const char *const bad[] = {"\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\x80", "\xe7\x8e"};
	struct world *w = *state;
	struct tt_dealer dealer = {.timezone = "UTC"};
	int64_t id = 0;

	tt_begin(w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(dealer.name, sizeof(dealer.name), "%s", bad[i]);
		if (tt_store_dealer_insert(w->s, &dealer, NOW, &id) != TT_EINVAL)
			fail_msg("bad text %zu was taken", i);
	}
	memset(dealer.name, 'x', sizeof(dealer.name));
	assert_int_equal(tt_store_dealer_insert(w->s, &dealer, NOW, &id), TT_ERANGE);
	dealer.name[sizeof(dealer.name) - 1] = 0;
	OK(tt_store_dealer_insert(w->s, &dealer, NOW, &id));
	tt_commit(w);
}

const struct CMUnitTest tt_contract_life[] = {
	CONTRACT(migrating_again_changes_nothing),
	CONTRACT(what_is_rolled_back_never_was),
	CONTRACT(closing_rolls_back),
	CONTRACT(a_write_outside_a_transaction_is_refused),
	CONTRACT(others_see_nothing_before_commit_and_all_of_it_after),
	CONTRACT(a_savepoint_undoes_one_event_and_keeps_the_batch),
	CONTRACT(a_backup_is_a_record_of_its_own_and_never_overwrites),
	CONTRACT(text_that_is_not_utf8_or_has_no_end_is_refused),
};
const size_t tt_contract_nlife = sizeof(tt_contract_life) / sizeof(tt_contract_life[0]);
