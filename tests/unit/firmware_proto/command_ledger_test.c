/* The ledger of commands: each counter once, and the first result for who asks again. */
#include "command_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_counter_is_used_once_and_a_duplicate_finds_the_first_result(void **state)
{
	const uint64_t keep[] = {1, 2};
	struct tt_command c = command(TT_COMMAND_UNLOCK, 50, 10);
	struct tt_command_ledger l;
	struct tt_command_entry *e, *again;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW);
	assert_int_equal(e->outcome, TT_OUTCOME_ACCEPTED);
	assert_true(e->told);
	tt_command_note(e, TT_OUTCOME_REFUSED, "the car is moving", 5);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &again), TT_COMMAND_DUPLICATE);
	assert_ptr_equal(e, again);
	assert_string_equal(again->reason, "the car is moving");
	assert_int_equal(again->outcome, TT_OUTCOME_REFUSED);
	c.id = 51; /* the same counter under another id */
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &again), TT_COMMAND_REPLAYED);
	assert_null(again);
	c.id = 50;
	assert_int_equal(tt_command_admit(&l, 2, &c, keep, 2, &again), TT_COMMAND_NEW); /* each key counts for itself */
	c = command(TT_COMMAND_PING, 52, 9);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW); /* reordered inside the window */
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_DUPLICATE);
	assert_null(tt_command_entry_by_id(&l, 3, 50));
	/* Fifteen more, and the oldest is forgotten: then its counter alone speaks. */
	for (uint64_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		c = command(99, 100 + i, 20 + i);
		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW);
		assert_int_equal(e->kind, TT_COMMAND_NONE);
	}
	c = command(TT_COMMAND_UNLOCK, 50, 10);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_REPLAYED);
}

static void an_armed_block_keeps_its_place(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command c = command(TT_COMMAND_IGNITION_BLOCK, 1, 1);
	struct tt_command_ledger l;
	struct tt_command_entry *armed, *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &armed), TT_COMMAND_NEW);
	tt_command_note(armed, TT_OUTCOME_ARMED, "", 1);
	for (uint64_t i = 2; i < 60; i++) {
		c = command(TT_COMMAND_PING, i, i);
		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		tt_command_note(e, TT_OUTCOME_DONE, "", 1);
	}
	assert_ptr_equal(tt_command_entry_by_id(&l, 1, 1), armed);
	assert_int_equal(armed->outcome, TT_OUTCOME_ARMED);
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES; i++)
		l.entries[i].outcome = TT_OUTCOME_ARMED;
	c = command(TT_COMMAND_PING, 100, 100);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
}

static void the_oldest_entry_gives_way(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command_ledger l;
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (uint64_t i = 1; i <= 2 * TT_COMMAND_ENTRIES; i++) {
		const struct tt_command c = command(TT_COMMAND_PING, i, i);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		assert_ptr_equal(e, &l.entries[(i - 1) % TT_COMMAND_ENTRIES]);
		assert_int_equal(e->id, i);
		if (i > TT_COMMAND_ENTRIES) {
			assert_null(tt_command_entry_by_id(&l, 1, i - TT_COMMAND_ENTRIES));
			assert_ptr_equal(tt_command_entry_by_id(&l, 1, i - TT_COMMAND_ENTRIES + 1), &l.entries[i % TT_COMMAND_ENTRIES]);
		}
	}
}

static void the_armed_ones_are_stepped_over_one_by_one(void **state)
{
	static const unsigned armed[] = {3, 4, 5}, order[] = {1, 2, 6, 7};
	const uint64_t keep[] = {1};
	struct tt_command_ledger l;
	struct tt_command_entry *e;
	uint64_t n = 1;

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (; n <= TT_COMMAND_ENTRIES + 1; n++) {
		const struct tt_command c = command(TT_COMMAND_PING, n, n);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
	}
	for (size_t i = 0; i < sizeof(armed) / sizeof(armed[0]); i++)
		l.entries[armed[i]].outcome = TT_OUTCOME_ARMED;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++, n++) {
		const struct tt_command c = command(TT_COMMAND_PING, n, n);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		assert_ptr_equal(e, &l.entries[order[i]]);
	}
	/* when all are armed, the oldest goes all the same */
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES; i++)
		l.entries[i].outcome = TT_OUTCOME_ARMED;
	{
		const struct tt_command c = command(TT_COMMAND_PING, n, n);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		assert_ptr_equal(e, &l.entries[8]);
	}
}

/* The first kind that this unit does not know is kept as none, like any other. */
static void the_kind_behind_the_last_is_none(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command c = command(TT_COMMAND_KINDS - 1, 1, 1);
	struct tt_command_ledger l;
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
	assert_int_equal(e->kind, TT_COMMAND_KINDS - 1);
	c = command(TT_COMMAND_KINDS, 2, 2);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
	assert_int_equal(e->kind, TT_COMMAND_NONE);
}

static void nothing_behind_the_tables_is_a_window_or_an_entry(void **state)
{
	/* behind the list of trusted keys stands 3, behind the ledger what could be the rest of an entry */
	uint64_t keep[TT_COMMAND_KEYS + 1] = {1, 2, 0x999, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 3};
	static struct {
		struct tt_command_ledger l;
		uint8_t behind[sizeof(struct tt_command_entry)];
	} w;
	struct tt_command c = command(TT_COMMAND_PING, 1, 5);
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&w.l, 0);
	for (uint64_t k = 1; k <= TT_COMMAND_KEYS; k++)
		assert_int_equal(tt_command_admit(&w.l, k, &c, &k, 1, &e), TT_COMMAND_NEW);
	w.l.entries[0].key_id = 77; /* right behind the windows */
	keep[2] = 3;
	assert_int_equal(tt_command_admit(&w.l, 77, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NO_ROOM);
	keep[2] = 0x999;
	assert_int_equal(tt_command_admit(&w.l, 77, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NEW);
	assert_int_equal(w.l.windows[2].key_id, 77);
	memset(w.behind, 1, sizeof(w.behind));
	w.l.next = 9;
	w.l.floor_us = 4711;
	assert_null(tt_command_entry_by_id(&w.l, 9, 4711));
}

static void a_free_window_is_taken_before_a_retired_one(void **state)
{
	const uint64_t keep[] = {5};
	struct tt_command c = command(TT_COMMAND_PING, 1, 5);
	struct tt_command_ledger l;
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 4, &c, (const uint64_t[]){4}, 1, &e), TT_COMMAND_NEW);
	assert_int_equal(tt_command_admit(&l, 5, &c, keep, 1, &e), TT_COMMAND_NEW);
	assert_int_equal(l.windows[0].key_id, 4); /* not trusted any more, but there is room: what it used stays used */
	assert_int_equal(l.windows[1].key_id, 5);
	assert_int_equal(l.windows[2].key_id, 0);
	assert_int_equal(tt_command_admit(&l, 4, &c, keep, 1, &e), TT_COMMAND_DUPLICATE);
}

static void retired_keys_give_way_and_trusted_ones_do_not(void **state)
{
	uint64_t keep[TT_COMMAND_KEYS];
	struct tt_command c = command(TT_COMMAND_PING, 1, 5);
	struct tt_command_ledger l;
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (uint64_t k = 1; k <= TT_COMMAND_KEYS; k++) {
		keep[k - 1] = k;
		assert_int_equal(tt_command_admit(&l, k, &c, keep, (size_t)k, &e), TT_COMMAND_NEW);
	}
	assert_int_equal(tt_command_admit(&l, 99, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NO_ROOM);
	assert_null(e);
	keep[2] = 99; /* key 3 is retired */
	assert_int_equal(tt_command_admit(&l, 99, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NEW);
	assert_int_equal(l.windows[2].key_id, 99);
	assert_int_equal(l.windows[2].counter, 5);
}

static void a_restart_ends_what_was_under_way(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command_ledger l;
	struct tt_command_entry *e;
	char reason[200];

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (uint64_t i = 1; i <= 3; i++) {
		struct tt_command c = command(TT_COMMAND_LOCK, i, i);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		if (i == 2)
			tt_command_note(e, TT_OUTCOME_DONE, "", 1);
	}
	assert_int_equal(tt_command_interrupted(&l, 77), 2);
	e = tt_command_entry_by_id(&l, 1, 3);
	assert_int_equal(e->outcome, TT_OUTCOME_FAILED);
	assert_true(e->at_us == 77 && !e->told && strstr(e->reason, "restart"));
	assert_int_equal(tt_command_entry_by_id(&l, 1, 2)->outcome, TT_OUTCOME_DONE);
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	tt_command_note(e, TT_OUTCOME_FAILED, reason, 1);
	assert_int_equal(strlen(e->reason), TT_COMMAND_REASON - 1);
	for (size_t n = TT_COMMAND_REASON - 1; n <= TT_COMMAND_REASON; n++) { /* just fits, is just too long */
		memset(reason, 'q', n);
		reason[n] = '\0';
		tt_command_note(e, TT_OUTCOME_FAILED, reason, 1);
		assert_int_equal(strlen(e->reason), TT_COMMAND_REASON - 1);
		assert_int_equal(e->reason[TT_COMMAND_REASON - 2], 'q');
		reason[0] = 'r';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_is_used_once_and_a_duplicate_finds_the_first_result),
		cmocka_unit_test(an_armed_block_keeps_its_place),
		cmocka_unit_test(the_oldest_entry_gives_way),
		cmocka_unit_test(the_armed_ones_are_stepped_over_one_by_one),
		cmocka_unit_test(the_kind_behind_the_last_is_none),
		cmocka_unit_test(nothing_behind_the_tables_is_a_window_or_an_entry),
		cmocka_unit_test(a_free_window_is_taken_before_a_retired_one),
		cmocka_unit_test(retired_keys_give_way_and_trusted_ones_do_not),
		cmocka_unit_test(a_restart_ends_what_was_under_way),
	};

	return cmocka_run_group_tests_name("command ledger", tests, NULL, NULL);
}
