#include "journal_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DAY TT_SEC(86400)
#define NOON (INT64_C(1795312800) * 1000000)

static void the_file_takes_its_whole_room_when_it_is_made(void **state)
{
	struct fixture *f = *state;
	char log[128];
	struct stat st;

	journal_open(f);
	snprintf(log, sizeof(log), "%s-wal", f->path);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(stat(f->path, &st), 0);
		assert_int_equal(st.st_size, TT_JOURNAL_MIN_BYTES);
		assert_true(st.st_blocks * 512 >= TT_JOURNAL_MIN_BYTES);
		assert_int_equal(stat(log, &st), 0);
		assert_true(st.st_size >= 160 * 4096);
		journal_append(f, TT_CLASS_EVENT, 1);
		journal_reopen(f);
	}
}

static void the_oldest_bulk_goes_first_and_is_counted(void **state)
{
	struct fixture *f = *state;
	struct tt_journal_health health;
	uint64_t seq = 0, held = 0;
	struct stat st;

	journal_open(f);
	journal_append(f, TT_CLASS_ALERT, 1);
	journal_append(f, TT_CLASS_EVENT, 2);
	for (int64_t tag = 1; tag <= 400; tag++)
		assert_int_equal(journal_append_large(f, tag, 6000), TT_OK);
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	const struct tt_journal_depth d = journal_depth(f, TT_CLASS_BULK);

	assert_true(d.evicted > 200 && d.held > 80);
	assert_int_equal(d.held + d.evicted, 400);
	assert_int_equal(journal_next(f, TT_CLASS_BULK, 0, &seq, &held), (int64_t)d.evicted + 1);
	assert_int_equal(held, d.evicted + 1);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 1);
	journal_expect_held(f, TT_CLASS_EVENT, 2, 2);
	tt_journal_health(f->journal, &health);
	assert_true(health.full && !health.failing);
	journal_reopen(f);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).evicted, d.evicted);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(st.st_size <= TT_JOURNAL_MIN_BYTES);
}

static void an_alert_evicts_bulk_then_events_then_the_oldest_alert(void **state)
{
	struct fixture *f = *state;
	uint64_t seq = 0, held = 0;

	journal_open(f);
	assert_int_equal(journal_append_large(f, 1, 60000), TT_OK);
	for (int64_t tag = 1; tag <= 2000; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	for (int64_t tag = 1; journal_depth(f, TT_CLASS_ALERT).evicted == 0; tag++) {
		if (journal_depth(f, TT_CLASS_EVENT).evicted > 0)
			assert_int_equal(journal_depth(f, TT_CLASS_BULK).held, 0);
		journal_append(f, TT_CLASS_ALERT, tag);
	}
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).evicted, 1);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).held, 0);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).evicted, 2000);
	assert_int_equal(journal_next(f, TT_CLASS_ALERT, 0, &seq, &held), (int64_t)journal_depth(f, TT_CLASS_ALERT).evicted + 1);
	/* Nothing lower may push an alert out; what was refused is counted. */
	assert_int_equal(journal_append_large(f, 2, 60000), TT_EFULL);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).evicted, 2);
	assert_int_equal(journal_depth(f, TT_CLASS_ALERT).evicted, 1);
	journal_reopen(f);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).evicted, 2);
}

static void a_class_stays_within_its_quota_and_lets_its_own_oldest_go(void **state)
{
	struct fixture *f = *state;
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES, .event_percent = 5, .bulk_percent = 20};
	struct tt_journal_depth d;

	assert_int_equal(journal_open_with(f, &limits, NULL), TT_OK);
	for (int64_t tag = 1; tag <= 50; tag++)
		journal_append(f, TT_CLASS_ALERT, tag);
	for (int64_t tag = 1; tag <= 100; tag++)
		assert_int_equal(journal_append_large(f, tag, 6000), TT_OK);
	for (int64_t tag = 1; tag <= 2000; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	d = journal_depth(f, TT_CLASS_BULK);
	assert_int_equal(d.held + d.evicted, 100);
	assert_in_range(d.bytes, 150000, 190000); /* a fifth of the 942080 bytes that rows may take */
	d = journal_depth(f, TT_CLASS_EVENT);
	assert_int_equal(d.held + d.evicted, 2000);
	assert_in_range(d.bytes, 46800, 47104);
	journal_expect_held(f, TT_CLASS_EVENT, (int64_t)d.evicted + 1, 2000);
	assert_int_equal(journal_depth(f, TT_CLASS_ALERT).held, 50);
	assert_int_equal(journal_depth(f, TT_CLASS_ALERT).evicted, 0);
	assert_int_equal(journal_append_large(f, 1, TT_JOURNAL_EVENT_MAX - 100), TT_OK);
	const struct tt_journal_limits tiny = {.max_bytes = TT_JOURNAL_MIN_BYTES, .bulk_percent = 5};

	assert_int_equal(journal_open_with(f, &tiny, NULL), TT_OK);
	assert_int_equal(journal_append_large(f, 2, TT_JOURNAL_EVENT_MAX - 100),
			 TT_EFULL); /* more than the quota ever is: counted, nothing else goes */
}

static void what_is_too_old_goes_and_is_counted_and_alerts_stay(void **state)
{
	struct fixture *f = *state;
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES, .event_age_us = 30 * DAY, .bulk_age_us = DAY};
	struct tt_journal_health health;
	tt_mono_us now = TT_SEC(1000);

	assert_int_equal(journal_open_with(f, &limits, NULL), TT_OK);
	journal_append(f, TT_CLASS_EVENT, 1); /* not dated: it goes with those that follow it */
	assert_int_equal(tt_journal_tick(f->journal, now, NOON, true), TT_OK);
	journal_append(f, TT_CLASS_ALERT, 1);
	journal_append(f, TT_CLASS_EVENT, 2);
	assert_int_equal(journal_append_large(f, 1, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), NOON + DAY, true), TT_OK);
	journal_append(f, TT_CLASS_EVENT, 3);
	assert_int_equal(journal_append_large(f, 2, 10), TT_OK);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).held, 2); /* exactly a day is not too old */
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), NOON + DAY + 1, true), TT_OK);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).held, 1);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).evicted, 1);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(60) - 1, NOON + 40 * DAY, true), TT_OK); /* once a minute */
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), 0, true), TT_OK); /* a clock that is not known judges nothing */
	assert_int_equal(tt_journal_tick(f->journal, now, NOON + 30 * DAY + 1, true), TT_OK);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).held, 0);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).held, 1);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).evicted, 2);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 1);
	tt_journal_health(f->journal, &health);
	assert_false(health.full);
	journal_reopen(f);
	assert_int_equal(journal_depth(f, TT_CLASS_EVENT).evicted, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_setup, journal_teardown)
	const struct CMUnitTest tests[] = {
		T(the_file_takes_its_whole_room_when_it_is_made),          T(the_oldest_bulk_goes_first_and_is_counted),
		T(an_alert_evicts_bulk_then_events_then_the_oldest_alert), T(a_class_stays_within_its_quota_and_lets_its_own_oldest_go),
		T(what_is_too_old_goes_and_is_counted_and_alerts_stay),
	};

	return cmocka_run_group_tests_name("journal room", tests, NULL, NULL);
}
