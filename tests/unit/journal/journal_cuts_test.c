/*
 * Ten thousand power cuts: random work on a journal, on a disk that keeps of what was not synced what it likes, sector by sector
 * (tests/support/fault_vfs.h), sealed and plain.
 *
 * A life is one disk. The power goes at step 1, 2, 3 ... counted from where the journal was opened, so that every write, sync, resize and
 * deletion of working, checkpointing and closing has its turn, on top of whatever the cuts before left behind; and sometimes again while
 * what that left is opened. After each the journal is read whole and compared with what was promised.
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
#define UTC0 (INT64_C(1795312800) * 1000000)
enum { CUTS = 10000, CUTS_A_LIFE = 250, STEPS_MAX = 90, CLASSES = TT_CLASS_BULK + 1, BODY_MAX = 6000, OPENINGS_CUT = 3 };

/* What holds of a class. */
struct promise {
	uint64_t first_seq, next_seq, evicted; /* as of the last commit that returned */
	uint64_t taken;                        /* highest seq that an append was begun for: the cut may come between commit and return */
	uint64_t acked;                        /* highest seq that was asked to be deleted */
	uint64_t sent;                         /* highest seq that was read: the gateway may know it */
};

static struct {
	uint64_t rng;
	struct tt_journal *journal;
	struct tt_journal_key key;
	bool sealed;
	uint64_t epoch;
	struct promise promise[CLASSES];
	tt_mono_us now;
	tt_utc_us utc;
	uint64_t appends, acks, flushes, expiries, reopenings, cut_openings, evicted, held;
} w;

static uint64_t draw(uint64_t below)
{
	uint64_t z = w.rng += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % below;
}

/* A body that tells its class and seq, of a length of its own, so that a mixed-up row is seen. */
static size_t content(uint8_t *out, enum tt_class cls, uint64_t seq)
{
	const uint64_t h = (seq * 31 + (uint64_t)cls) * UINT64_C(0xBF58476D1CE4E5B9) >> 33;
	const size_t len = 16 + h % (cls == TT_CLASS_BULK ? BODY_MAX - 16 : 500);

	memset(out, (int)(h & 0xFF), len);
	memcpy(out, &seq, sizeof(seq));
	return len;
}

static struct tt_journal_depth depth(enum tt_class cls)
{
	struct tt_journal_depth d;

	tt_journal_depth(w.journal, cls, &d);
	return d;
}

/* Everything that was pending is on the disk. */
static void promised(void)
{
	for (int cls = TT_CLASS_ALERT; cls < CLASSES; cls++) {
		const struct tt_journal_depth d = depth((enum tt_class)cls);

		w.promise[cls].first_seq = d.first_seq;
		w.promise[cls].next_seq = d.next_seq;
		w.promise[cls].evicted = d.evicted;
	}
}

static enum tt_err open_journal(void)
{
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES,
						 .bulk_percent = 40,
						 .event_percent = 10,
						 .event_age_us = TT_SEC(20000),
						 .bulk_age_us = TT_SEC(5000),
						 .key = w.sealed ? &w.key : NULL};
	struct tt_errmsg msg = {{0}};
	const enum tt_err err = tt_journal_open(PATH, &limits, &w.journal, &msg);

	if (err && !tt_fault_disk_is_cut())
		fail_msg("%s", msg.text);
	return err;
}

static void op_append(void)
{
	const enum tt_class cls = (enum tt_class)(1 + draw(3));
	static uint8_t body[BODY_MAX];
	const uint64_t want = depth(cls).next_seq;
	const size_t len = content(body, cls, want);
	uint64_t seq = 0;

	w.promise[cls].taken = want;
	if (cls == TT_CLASS_BULK) {
		(void)!tt_journal_append_bulk(w.journal, body, len); /* pending; told by the next commit */
	} else if (tt_journal_append(w.journal, cls, body, len, &seq) == TT_OK) {
		assert_int_equal(seq, want);
		promised();
	}
	w.appends++;
}

static void op_read(void)
{
	const enum tt_class cls = (enum tt_class)(1 + draw(3));
	static uint8_t out[TT_ENVELOPE_MAX_BYTES];
	uint64_t seq;
	size_t len;

	for (uint64_t n = draw(20); n > 0 && tt_journal_next(w.journal, cls, w.promise[cls].sent, out, sizeof(out), &len, &seq) == TT_OK;
	     n--) {
		assert_true(seq > w.promise[cls].sent);
		w.promise[cls].sent = seq;
	}
}

static void op_ack(void)
{
	const enum tt_class cls = (enum tt_class)(1 + draw(3));
	struct promise *p = &w.promise[cls];

	if (p->sent <= p->acked)
		return;
	p->acked += 1 + draw(p->sent - p->acked);
	(void)!tt_journal_ack(w.journal, w.epoch, cls, p->acked); /* pending */
	w.acks++;
}

static void op_flush(void)
{
	if (tt_journal_flush(w.journal) == TT_OK)
		promised();
	w.flushes++;
}

/* The clock goes on; what is old enough goes. */
static void op_tick(void)
{
	w.now += TT_SEC(61);
	w.utc += TT_SEC(61 + draw(120));
	(void)!tt_journal_tick(w.journal, w.now, w.utc, draw(2));
	w.expiries++;
}

static void op_reopen(void)
{
	tt_journal_close(w.journal);
	w.journal = NULL;
	w.reopenings++;
	if (open_journal() == TT_OK && !tt_fault_disk_is_cut())
		promised();
}

static void work(void)
{
	static void (*const ops[])(void) = {op_append, op_append, op_append, op_append, op_append, op_read, op_ack, op_flush};

	while (w.journal && !tt_fault_disk_is_cut()) {
		const uint64_t which = draw(200);

		if (which < 3)
			op_reopen();
		else if (which < 20)
			op_tick();
		else
			ops[draw(sizeof(ops) / sizeof(ops[0]))]();
	}
}

static void verify_class(enum tt_class cls)
{
	static uint8_t body[BODY_MAX], out[TT_ENVELOPE_MAX_BYTES];
	const struct tt_journal_depth d = depth(cls);
	struct promise *p = &w.promise[cls];
	uint64_t after = 0, seq = 0;
	size_t len = 0;

	assert_true(d.next_seq >= p->next_seq); /* nothing promised is lost at the end */
	assert_true(d.next_seq <= p->taken + 1 || d.next_seq == p->next_seq);
	assert_true(d.next_seq > p->sent);        /* a seq the gateway may know is never given again */
	assert_true(d.first_seq >= p->first_seq); /* what was deleted stays deleted: nothing comes twice after its ack was kept */
	assert_true(d.evicted >= p->evicted);
	assert_true(d.first_seq - 1 <= p->acked + d.evicted); /* what is gone was acknowledged, or is counted */
	if (cls == TT_CLASS_ALERT)
		assert_int_equal(d.evicted, 0);
	for (uint64_t want = d.first_seq; want < d.next_seq; want++) {
		const size_t n = content(body, cls, want);

		assert_int_equal(tt_journal_next(w.journal, cls, after, out, sizeof(out), &len, &seq), TT_OK);
		assert_int_equal(seq, want);
		assert_in_range(len, n, n + TT_ENVELOPE_STAMP_MAX);
		assert_memory_equal(out, body, n);
		after = seq;
	}
	assert_int_equal(tt_journal_next(w.journal, cls, after, out, sizeof(out), &len, &seq), TT_ENOTFOUND);
	p->sent = d.next_seq - 1;
	p->taken = p->sent;
	w.held += d.held;
}

static void cut(uint64_t step, uint64_t seed)
{
	tt_fault_disk_cut_at(step);
	work();
	tt_journal_close(w.journal);
	w.journal = NULL;
	assert_true(tt_fault_disk_is_cut());
	tt_fault_disk_reboot(seed);
}

/* The power may go again while the journal that was left is opened; what that leaves must open too. */
static void open_after_cut(uint64_t step, uint64_t seed)
{
	if (step > 0) {
		tt_fault_disk_cut_at(step);
		(void)!open_journal();
		if (!tt_fault_disk_is_cut()) {
			tt_fault_disk_cut_at(0);
			return;
		}
		tt_journal_close(w.journal);
		w.journal = NULL;
		tt_fault_disk_reboot(seed);
		w.cut_openings++;
	}
	assert_int_equal(open_journal(), TT_OK);
}

static void life(uint64_t seed, unsigned cuts)
{
	memset(w.promise, 0, sizeof(w.promise));
	w.rng = seed;
	w.sealed = seed % 2;
	w.utc = UTC0;
	tt_fault_disk_install();
	assert_int_equal(open_journal(), TT_OK);
	w.epoch = tt_journal_epoch(w.journal);
	promised();
	for (unsigned i = 0; i < cuts; i++) {
		cut(1 + i % STEPS_MAX, i % 5 == 0 ? 0 : seed * 1000003 + i);
		open_after_cut(i % OPENINGS_CUT == 0 ? 1 + draw(4) : 0, seed * 1000033 + i);
		assert_int_equal(tt_journal_epoch(w.journal), w.epoch);
		for (int cls = TT_CLASS_ALERT; cls < CLASSES; cls++)
			verify_class((enum tt_class)cls);
		promised();
	}
	for (int cls = TT_CLASS_ALERT; cls < CLASSES; cls++)
		w.evicted += depth((enum tt_class)cls).evicted;
	tt_journal_close(w.journal);
	w.journal = NULL;
	tt_fault_disk_remove();
}

static void ten_thousand_power_cuts_lose_nothing_promised(void **state)
{
	(void)state;
	memset(w.key.bytes, 0x5A, sizeof(w.key.bytes));
	for (unsigned cuts = 0; cuts < CUTS; cuts += CUTS_A_LIFE)
		life(1 + cuts / CUTS_A_LIFE, CUTS_A_LIFE);
	print_message("%d power cuts, half of them sealed: %llu appends, %llu acks, %llu flushes, %llu ticks, %llu reopenings, %llu "
		      "openings cut, "
		      "%llu evicted or expired, %llu rows compared\n",
		      CUTS, (unsigned long long)w.appends, (unsigned long long)w.acks, (unsigned long long)w.flushes,
		      (unsigned long long)w.expiries, (unsigned long long)w.reopenings, (unsigned long long)w.cut_openings,
		      (unsigned long long)w.evicted, (unsigned long long)w.held);
	assert_true(w.evicted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ten_thousand_power_cuts_lose_nothing_promised)};

	return cmocka_run_group_tests_name("journal cuts", tests, NULL, NULL);
}
