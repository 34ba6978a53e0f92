/*
 * The journal on a disk that loses its power, refuses, or fills up, at every single step (tests/support/fault_vfs.h).
 *
 * A run plays a fixed script of appends and acks against a model that knows what was promised: an append that returned TT_OK is there,
 * an ack that was flushed stays. Then the power goes, and the journal that is found afterwards is compared with the model.
 */
#include "firmware/journal/journal.h"
#include "tests/support/fault_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/disk/journal.db"
enum { SCRIPT = 60, EVENT_BYTES = 600, CLASSES = TT_CLASS_BULK + 1 };

static const struct tt_journal_limits small = {.max_bytes = TT_JOURNAL_MIN_BYTES};

/* What must hold after a power cut. Tags count 1, 2, 3 ... within a class, as seqs do, as long as no append fails. */
struct model {
	uint64_t epoch;
	uint64_t promised[CLASSES]; /* appends that returned TT_OK and were committed */
	uint64_t taken[CLASSES];    /* appends that were begun: the cut may have come after the commit and before the return */
	uint64_t acked[CLASSES];    /* asked to be deleted */
	uint64_t sent[CLASSES];     /* highest seq read */
};

static int setup(void **state)
{
	(void)state;
	tt_fault_disk_install();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tt_fault_disk_remove();
	return 0;
}

/* Content that tells class and seq, so that a mixed-up row is seen. */
static void content(uint8_t *out, enum tt_class cls, uint64_t seq)
{
	for (size_t i = 0; i < EVENT_BYTES; i++)
		out[i] = (uint8_t)(seq * 31 + (uint64_t)cls * 7 + i);
}

/* Plays until the power goes. Every class is used; bulk is flushed now and then; acks follow what was read. */
static void play(struct tt_journal *j, struct model *m)
{
	uint8_t body[EVENT_BYTES], out[TT_ENVELOPE_MAX_BYTES];
	size_t len;
	uint64_t seq;

	for (unsigned i = 0; i < SCRIPT && !tt_fault_disk_is_cut(); i++) {
		const enum tt_class cls = (enum tt_class)(1 + i % 3);
		enum tt_err err;

		content(body, cls, m->taken[cls] + 1);
		m->taken[cls]++;
		err = cls == TT_CLASS_BULK ? tt_journal_append_bulk(j, body, sizeof(body))
					   : tt_journal_append(j, cls, body, sizeof(body), &seq);
		if (err)
			return;
		if (cls != TT_CLASS_BULK) {
			assert_int_equal(seq, m->taken[cls]);
			memcpy(m->promised, m->taken, sizeof(m->promised)); /* one commit takes everything along */
		}
		while (tt_journal_next(j, cls, m->sent[cls], out, sizeof(out), &len, &seq) == TT_OK) {
			assert_int_equal(seq, m->sent[cls] + 1);
			m->sent[cls] = seq;
		}
		if (i % 5 == 4 && m->sent[cls] > 2) {
			if (tt_journal_ack(j, m->epoch, cls, m->sent[cls] - 2) == TT_OK)
				m->acked[cls] = m->sent[cls] - 2;
		}
		if (i % 7 == 6 && tt_journal_flush(j) == TT_OK)
			memcpy(m->promised, m->taken, sizeof(m->promised));
	}
}

/* Nothing promised is missing, nothing is mixed up, what was sent under a seq keeps that seq. */
static void verify(struct tt_journal *j, const struct model *m)
{
	uint8_t body[EVENT_BYTES], out[TT_ENVELOPE_MAX_BYTES];

	assert_int_equal(tt_journal_epoch(j), m->epoch);
	for (int cls = TT_CLASS_ALERT; cls < CLASSES; cls++) {
		struct tt_journal_depth d;
		uint64_t seq = 0, after = 0;
		size_t len = 0;

		tt_journal_depth(j, (enum tt_class)cls, &d);
		assert_int_equal(d.evicted, 0);
		assert_true(d.first_seq <= m->acked[cls] + 1);
		assert_true(d.next_seq > m->promised[cls]);
		assert_true(d.next_seq <= m->taken[cls] + 1);
		assert_true(d.next_seq > m->sent[cls]); /* or a seq the gateway knows would be given again */
		for (uint64_t want = d.first_seq; want < d.next_seq; want++) {
			assert_int_equal(tt_journal_next(j, (enum tt_class)cls, after, out, sizeof(out), &len, &seq), TT_OK);
			assert_int_equal(seq, want);
			content(body, (enum tt_class)cls, seq);
			assert_memory_equal(out, body, sizeof(body));
			after = seq;
		}
		assert_int_equal(tt_journal_next(j, (enum tt_class)cls, after, out, sizeof(out), &len, &seq), TT_ENOTFOUND);
	}
}

static struct tt_journal *open_or_fail(void)
{
	struct tt_journal *j = NULL;
	struct tt_errmsg msg;

	if (tt_journal_open(PATH, &small, &j, &msg))
		fail_msg("%s", msg.text);
	return j;
}

static uint64_t steps_of_whole_script(void)
{
	struct model m = {0};
	struct tt_journal *j = open_or_fail();
	const uint64_t before = tt_fault_disk_steps();
	uint64_t steps;

	m.epoch = tt_journal_epoch(j);
	play(j, &m);
	assert_int_equal(m.taken[TT_CLASS_ALERT], SCRIPT / 3);
	assert_int_equal(tt_journal_flush(j), TT_OK);
	verify(j, &m);
	steps = tt_fault_disk_steps() - before;
	tt_journal_close(j);
	return steps;
}

static void a_power_cut_at_any_step_loses_nothing_committed_and_keeps_the_order(void **state)
{
	const uint64_t steps = steps_of_whole_script();
	uint64_t cuts = 0;

	(void)state;
	assert_true(steps > 100);
	for (uint64_t step = 1; step <= steps; step++)
		for (uint64_t seed = 0; seed < 2; seed++, cuts++) {
			struct model m = {0};
			struct tt_journal *j;

			tt_fault_disk_remove();
			tt_fault_disk_install();
			j = open_or_fail();
			m.epoch = tt_journal_epoch(j);
			tt_fault_disk_cut_at(step);
			play(j, &m);
			tt_journal_close(j);
			assert_true(tt_fault_disk_is_cut());
			tt_fault_disk_reboot(seed * 1000003 + (seed ? step : 0));
			j = open_or_fail();
			verify(j, &m);
			tt_journal_close(j);
		}
	print_message("%llu power cuts at %llu steps\n", (unsigned long long)cuts, (unsigned long long)steps);
}

/* A cut while the file is being made leaves either no journal or a whole one; never one that cannot be opened. */
static void a_power_cut_while_the_file_is_made_leaves_one_that_opens(void **state)
{
	struct tt_journal *j = NULL;
	bool made = false;

	(void)state;
	for (uint64_t step = 1; !made; step++) {
		tt_fault_disk_remove();
		tt_fault_disk_install();
		tt_fault_disk_cut_at(step);
		made = tt_journal_open(PATH, &small, &j, NULL) == TT_OK && !tt_fault_disk_is_cut();
		tt_journal_close(j);
		tt_fault_disk_reboot(step % 3 * 7919); /* every third time nothing unsynced survives */
		j = open_or_fail();
		assert_int_not_equal(tt_journal_epoch(j), 0);
		tt_journal_close(j);
		j = NULL;
	}
}

static void one_failed_write_or_sync_anywhere_fails_no_alert(void **state)
{
	static const int codes[] = {SQLITE_IOERR_WRITE, SQLITE_FULL};
	const uint64_t steps = steps_of_whole_script();

	(void)state;
	for (uint64_t step = 1; step <= steps; step++) {
		uint8_t body[EVENT_BYTES];
		struct tt_journal_depth d;
		struct tt_journal *j;

		tt_fault_disk_remove();
		tt_fault_disk_install();
		j = open_or_fail();
		tt_fault_disk_fail_at(step, codes[step % 2]);
		for (uint64_t seq = 1; seq <= SCRIPT; seq++) {
			uint64_t given = 0;

			content(body, TT_CLASS_ALERT, seq);
			assert_int_equal(tt_journal_append(j, TT_CLASS_ALERT, body, sizeof(body), &given), TT_OK);
			assert_int_equal(given, seq);
		}
		tt_journal_close(j);
		tt_fault_disk_reboot(0);
		j = open_or_fail();
		tt_journal_depth(j, TT_CLASS_ALERT, &d);
		assert_int_equal(d.held, SCRIPT);
		assert_int_equal(d.evicted, 0);
		tt_journal_close(j);
	}
}

static void a_disk_that_another_program_fills_does_not_stop_the_journal(void **state)
{
	struct tt_journal *j = open_or_fail();
	struct tt_journal_health health;
	struct tt_journal_depth bulk, alert;
	static uint8_t body[8000];

	(void)state;
	tt_fault_disk_capacity(tt_fault_disk_used());
	for (int i = 0; i < 400; i++) {
		assert_int_equal(tt_journal_append_bulk(j, body, sizeof(body)), TT_OK);
		if (i % 10 == 0)
			assert_int_equal(tt_journal_append(j, TT_CLASS_ALERT, body, 300, NULL), TT_OK);
	}
	assert_int_equal(tt_journal_flush(j), TT_OK);
	tt_journal_depth(j, TT_CLASS_BULK, &bulk);
	tt_journal_depth(j, TT_CLASS_ALERT, &alert);
	assert_int_equal(bulk.held + bulk.evicted, 400);
	assert_true(bulk.held > 70);
	assert_int_equal(alert.held, 40);
	tt_journal_health(j, &health);
	assert_true(health.full);
	assert_false(health.failing);
	tt_journal_close(j);
}

static void a_disk_that_refuses_everything_is_told_and_what_was_held_is_still_sent(void **state)
{
	struct tt_journal *j = open_or_fail();
	uint8_t body[EVENT_BYTES], out[TT_ENVELOPE_MAX_BYTES];
	struct tt_journal_health health;
	struct tt_journal_depth d;
	uint64_t seq = 0;
	size_t len;

	(void)state;
	content(body, TT_CLASS_ALERT, 1);
	assert_int_equal(tt_journal_append(j, TT_CLASS_ALERT, body, sizeof(body), NULL), TT_OK);
	assert_int_equal(tt_journal_append_bulk(j, body, sizeof(body)), TT_OK);
	tt_fault_disk_fail_from(1, SQLITE_FULL);
	assert_int_equal(tt_journal_append(j, TT_CLASS_ALERT, body, sizeof(body), NULL), TT_ENOSPC);
	tt_journal_health(j, &health);
	assert_true(health.full);
	assert_non_null(strstr(health.last_error.text, PATH));
	assert_int_equal(tt_journal_next(j, TT_CLASS_ALERT, 0, out, sizeof(out), &len, &seq), TT_OK);
	assert_int_equal(seq, 1);
	tt_journal_depth(j, TT_CLASS_BULK, &d); /* the pending bulk went with the transaction, and is counted */
	assert_int_equal(d.held, 0);
	assert_int_equal(d.evicted, 1);
	tt_fault_disk_fail_from(1, SQLITE_IOERR_FSYNC);
	assert_int_equal(tt_journal_append(j, TT_CLASS_EVENT, body, sizeof(body), NULL), TT_EIO);
	tt_journal_health(j, &health);
	assert_true(health.failing);
	tt_fault_disk_fail_from(0, 0);
	assert_int_equal(tt_journal_append(j, TT_CLASS_ALERT, body, sizeof(body), &seq), TT_OK);
	assert_int_equal(seq, 2);
	tt_journal_health(j, &health);
	assert_false(health.full || health.failing);
	tt_journal_close(j);
	j = open_or_fail();
	tt_journal_depth(j, TT_CLASS_BULK, &d);
	assert_int_equal(d.evicted, 1);
	tt_journal_close(j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_power_cut_at_any_step_loses_nothing_committed_and_keeps_the_order),
		T(a_power_cut_while_the_file_is_made_leaves_one_that_opens),
		T(one_failed_write_or_sync_anywhere_fails_no_alert),
		T(a_disk_that_another_program_fills_does_not_stop_the_journal),
		T(a_disk_that_refuses_everything_is_told_and_what_was_held_is_still_sent),
	};

	return cmocka_run_group_tests_name("journal power", tests, NULL, NULL);
}
