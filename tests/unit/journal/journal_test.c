#include "firmware/journal/journal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Every test has a folder of its own, removed with everything in it. */
struct fixture {
	char folder[64];
	char path[96];
	struct tt_journal *journal;
};

static const struct tt_journal_limits small = {.max_bytes = TT_JOURNAL_MIN_BYTES};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	/* In memory where there is such a place: thousands of commits would wait for the build machine's disk. */
	strcpy(f->folder, "/dev/shm/tt-journal-XXXXXX");
	if (!mkdtemp(f->folder)) {
		strcpy(f->folder, "/tmp/tt-journal-XXXXXX");
		if (!mkdtemp(f->folder))
			return -1;
	}
	snprintf(f->path, sizeof(f->path), "%s/journal.db", f->folder);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[96];

	tt_journal_close(f->journal);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	if (system(command) != 0)
		return -1;
	free(f);
	return 0;
}

static enum tt_err open_with(struct fixture *f, const struct tt_journal_limits *limits, struct tt_errmsg *msg)
{
	tt_journal_close(f->journal);
	f->journal = NULL;
	return tt_journal_open(f->path, limits, &f->journal, msg);
}

static void open_journal(struct fixture *f)
{
	struct tt_errmsg msg;

	if (tt_journal_open(f->path, &small, &f->journal, &msg))
		fail_msg("%s", msg.text);
}

static void reopen(struct fixture *f)
{
	tt_journal_close(f->journal);
	f->journal = NULL;
	open_journal(f);
}

/* An envelope whose created_at_us is the tag and whose epoch, seq and first_seq_held are still unknown. */
static size_t envelope(uint8_t *buf, enum tt_class cls, int64_t tag, size_t padding)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TelemetryChunk chunk = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__Odometer odometer = TELLTALE__V1__ODOMETER__INIT;
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	static uint8_t columns[TT_JOURNAL_EVENT_MAX];
	size_t len = 0;

	env.schema = TT_SCHEMA;
	env.class_ = (Telltale__V1__EventClass)cls;
	env.created_at_us = tag;
	if (cls == TT_CLASS_BULK) {
		chunk.samples = 1;
		chunk.encoding = 1;
		chunk.raw_bytes = 1;
		chunk.columns.data = columns;
		chunk.columns.len = padding ? padding : 1;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
		env.telemetry = &chunk;
	} else if (cls == TT_CLASS_EVENT) {
		odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_PID_A6;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
		env.odometer = &odometer;
	} else {
		alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS;
		alert.incident = 7;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
		env.alert = &alert;
	}
	assert_int_equal(tt_envelope_encode(&env, buf, TT_ENVELOPE_MAX_BYTES, &len), TT_OK);
	return len;
}

static uint64_t append(struct fixture *f, enum tt_class cls, int64_t tag)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = envelope(buf, cls, tag, 0);
	uint64_t seq = 0;

	assert_int_equal(tt_journal_append(f->journal, cls, buf, len, &seq), TT_OK);
	return seq;
}

static enum tt_err append_large(struct fixture *f, int64_t tag, size_t padding)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = envelope(buf, TT_CLASS_BULK, tag, padding);

	return tt_journal_append_bulk(f->journal, buf, len);
}

/* Reads the next event, checks that a gateway would take it, and returns its tag; -1 when there is none. */
static int64_t next(struct fixture *f, enum tt_class cls, uint64_t after, uint64_t *seq, uint64_t *first_held)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why = {{0}};
	size_t len = 0;
	int64_t tag;
	enum tt_err err = tt_journal_next(f->journal, cls, after, buf, sizeof(buf), &len, seq);

	if (err == TT_ENOTFOUND)
		return -1;
	assert_int_equal(err, TT_OK);
	if (tt_envelope_decode(buf, len, cls, &env, &why))
		fail_msg("%s", why.text);
	assert_int_equal(env->epoch, tt_journal_epoch(f->journal));
	assert_int_equal(env->seq, *seq);
	*first_held = env->first_seq_held;
	tag = env->created_at_us;
	tt_envelope_free(env);
	return tag;
}

static void expect_held(struct fixture *f, enum tt_class cls, int64_t first_tag, int64_t last_tag)
{
	uint64_t seq = 0, held = 0;

	for (int64_t tag = first_tag; tag <= last_tag; tag++)
		assert_int_equal(next(f, cls, seq, &seq, &held), tag);
	assert_int_equal(next(f, cls, seq, &seq, &held), -1);
}

static struct tt_journal_depth depth(struct fixture *f, enum tt_class cls)
{
	struct tt_journal_depth d;

	tt_journal_depth(f->journal, cls, &d);
	return d;
}

static void each_class_counts_from_one_without_holes(void **state)
{
	struct fixture *f = *state;

	open_journal(f);
	for (uint64_t i = 1; i <= 20; i++) {
		assert_int_equal(append(f, TT_CLASS_EVENT, (int64_t)i), i);
		assert_int_equal(append(f, TT_CLASS_ALERT, (int64_t)(100 + i)), i);
	}
	expect_held(f, TT_CLASS_EVENT, 1, 20);
	expect_held(f, TT_CLASS_ALERT, 101, 120);
	expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_not_equal(tt_journal_epoch(f->journal), 0);
}

static void an_ack_deletes_up_to_its_seq_and_moves_first_seq_held(void **state)
{
	struct fixture *f = *state;
	const uint64_t epoch = (open_journal(f), tt_journal_epoch(f->journal));
	uint64_t seq = 0, held = 0;

	for (int64_t tag = 1; tag <= 5; tag++)
		append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 3), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 2), TT_OK); /* late and older: nothing */
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	assert_int_equal(next(f, TT_CLASS_EVENT, 0, &seq, &held), 4);
	assert_int_equal(seq, 4);
	assert_int_equal(held, 4);
	assert_int_equal(depth(f, TT_CLASS_EVENT).held, 2);
}

static void an_ack_of_a_foreign_epoch_deletes_nothing(void **state)
{
	struct fixture *f = *state;

	open_journal(f);
	append(f, TT_CLASS_ALERT, 1);
	assert_int_equal(tt_journal_ack(f->journal, tt_journal_epoch(f->journal) + 1, TT_CLASS_ALERT, 1), TT_OK);
	expect_held(f, TT_CLASS_ALERT, 1, 1);
}

static void a_seq_is_never_given_twice_even_after_all_rows_went_and_a_restart(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch;

	open_journal(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 4; tag++)
		append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	reopen(f);
	assert_int_equal(tt_journal_epoch(f->journal), epoch);
	assert_int_equal(depth(f, TT_CLASS_EVENT).held, 0);
	assert_int_equal(append(f, TT_CLASS_EVENT, 5), 5);
}

static void bulk_is_sent_only_after_it_is_committed(void **state)
{
	struct fixture *f = *state;

	open_journal(f);
	assert_int_equal(append_large(f, 1, 10), TT_OK);
	expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	expect_held(f, TT_CLASS_BULK, 1, 1);
	assert_int_equal(append_large(f, 2, 10), TT_OK);
	append(f, TT_CLASS_ALERT, 9); /* its commit takes the bulk along */
	expect_held(f, TT_CLASS_BULK, 1, 2);
}

static void much_pending_bulk_commits_by_itself(void **state)
{
	struct fixture *f = *state;
	uint64_t seq = 0, held = 0;

	open_journal(f);
	for (int64_t tag = 1; tag <= 40; tag++)
		assert_int_equal(append_large(f, tag, 5000), TT_OK);
	assert_int_equal(next(f, TT_CLASS_BULK, 0, &seq, &held), 1);
}

static void the_oldest_bulk_goes_first_and_is_counted(void **state)
{
	struct fixture *f = *state;
	struct tt_journal_health health;
	uint64_t seq = 0, held = 0;
	struct stat st;

	open_journal(f);
	append(f, TT_CLASS_ALERT, 1);
	append(f, TT_CLASS_EVENT, 2);
	for (int64_t tag = 1; tag <= 400; tag++)
		assert_int_equal(append_large(f, tag, 6000), TT_OK);
	assert_int_equal(tt_journal_flush(f->journal), TT_OK);
	const struct tt_journal_depth d = depth(f, TT_CLASS_BULK);

	assert_true(d.evicted > 200 && d.held > 80);
	assert_int_equal(d.held + d.evicted, 400);
	assert_int_equal(next(f, TT_CLASS_BULK, 0, &seq, &held), (int64_t)d.evicted + 1);
	assert_int_equal(held, d.evicted + 1);
	expect_held(f, TT_CLASS_ALERT, 1, 1);
	expect_held(f, TT_CLASS_EVENT, 2, 2);
	tt_journal_health(f->journal, &health);
	assert_true(health.full && !health.failing);
	reopen(f);
	assert_int_equal(depth(f, TT_CLASS_BULK).evicted, d.evicted);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(st.st_size <= TT_JOURNAL_MIN_BYTES);
}

static void an_alert_evicts_bulk_then_events_then_the_oldest_alert(void **state)
{
	struct fixture *f = *state;
	uint64_t seq = 0, held = 0;

	open_journal(f);
	assert_int_equal(append_large(f, 1, 60000), TT_OK);
	for (int64_t tag = 1; tag <= 2000; tag++)
		append(f, TT_CLASS_EVENT, tag);
	for (int64_t tag = 1; depth(f, TT_CLASS_ALERT).evicted == 0; tag++) {
		if (depth(f, TT_CLASS_EVENT).evicted > 0)
			assert_int_equal(depth(f, TT_CLASS_BULK).held, 0);
		append(f, TT_CLASS_ALERT, tag);
	}
	assert_int_equal(depth(f, TT_CLASS_BULK).evicted, 1);
	assert_int_equal(depth(f, TT_CLASS_EVENT).held, 0);
	assert_int_equal(depth(f, TT_CLASS_EVENT).evicted, 2000);
	assert_int_equal(next(f, TT_CLASS_ALERT, 0, &seq, &held), (int64_t)depth(f, TT_CLASS_ALERT).evicted + 1);
	/* Nothing lower may push an alert out; what was refused is counted. */
	assert_int_equal(append_large(f, 2, 60000), TT_EFULL);
	assert_int_equal(depth(f, TT_CLASS_BULK).evicted, 2);
	assert_int_equal(depth(f, TT_CLASS_ALERT).evicted, 1);
	reopen(f);
	assert_int_equal(depth(f, TT_CLASS_BULK).evicted, 2);
}

static void the_file_takes_its_whole_room_when_it_is_made(void **state)
{
	struct fixture *f = *state;
	char log[128];
	struct stat st;

	open_journal(f);
	snprintf(log, sizeof(log), "%s-wal", f->path);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(stat(f->path, &st), 0);
		assert_int_equal(st.st_size, TT_JOURNAL_MIN_BYTES);
		assert_true(st.st_blocks * 512 >= TT_JOURNAL_MIN_BYTES);
		assert_int_equal(stat(log, &st), 0);
		assert_true(st.st_size >= 160 * 4096);
		append(f, TT_CLASS_EVENT, 1);
		reopen(f);
	}
}

static void a_second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	struct tt_journal *second = NULL;
	struct tt_errmsg msg;

	open_journal(f);
	assert_int_equal(tt_journal_open(f->path, &small, &second, &msg), TT_ECONFLICT);
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
	assert_int_equal(tt_journal_open("/nonexistent/folder/journal.db", &small, &j, &msg), TT_EIO);
	assert_non_null(strstr(msg.text, "check that the folder exists"));
	assert_null(j);
}

static void input_outside_its_bounds_is_refused(void **state)
{
	struct fixture *f = *state;
	static uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	uint64_t seq = 0;
	size_t len = 0;

	open_journal(f);
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

	open_journal(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 6; tag++)
		append(f, TT_CLASS_EVENT, tag);
	append(f, TT_CLASS_ALERT, 77);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 9), TT_ECONFLICT);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	reopen(f);
	assert_int_equal(next(f, TT_CLASS_EVENT, 0, &seq, &held), 5);
	assert_int_equal(seq, 1);
	assert_int_equal(next(f, TT_CLASS_EVENT, 1, &seq, &held), 6);
	expect_held(f, TT_CLASS_ALERT, 77, 77);
	assert_int_equal(append(f, TT_CLASS_EVENT, 7), 3);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void a_file_that_is_no_journal_is_moved_aside_and_said_so(void **state)
{
	struct fixture *f = *state;
	char moved[128], log[128];
	struct tt_journal_health health;
	struct tt_errmsg msg;

	snprintf(log, sizeof(log), "%s-wal", f->path);
	overwrite(f->path, 0, "these are somebody's notes, not a database, and longer than a header of one hundred bytes is: ..........",
		  100);
	for (int n = 1; n <= 4; n++) {
		assert_int_equal(tt_journal_open(f->path, &small, &f->journal, &msg), TT_OK);
		snprintf(moved, sizeof(moved), "%s.corrupt-%d", f->path, n < 3 ? n : 3); /* the last name is used again */
		assert_non_null(strstr(msg.text, moved));
		assert_int_equal(access(moved, F_OK), 0);
		tt_journal_health(f->journal, &health);
		assert_true(health.moved_aside);
		assert_int_equal(append(f, TT_CLASS_ALERT, 1), 1);
		tt_journal_close(f->journal);
		f->journal = NULL;
		assert_int_equal(unlink(log), 0); /* or the log would mend the header */
		overwrite(f->path, 0, "no header", 9);
	}
}

static void alerts_and_events_of_a_damaged_file_are_taken_over_under_a_new_epoch(void **state)
{
	struct fixture *f = *state;
	static char noise[4096];
	uint64_t epoch;

	open_journal(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 5; tag++) {
		append(f, TT_CLASS_ALERT, tag);
		append(f, TT_CLASS_EVENT, 10 + tag);
		assert_int_equal(append_large(f, tag, 9000), TT_OK);
	}
	tt_journal_close(f->journal);
	f->journal = NULL;
	memset(noise, 0xA5, sizeof(noise));
	overwrite(f->path, 3 * 4096, noise, sizeof(noise)); /* page 4: the table of bulk */
	char log[128];

	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0); /* or the log would mend the page */
	open_journal(f);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	expect_held(f, TT_CLASS_ALERT, 1, 5);
	expect_held(f, TT_CLASS_EVENT, 11, 15);
	assert_int_equal(depth(f, TT_CLASS_BULK).held, 0);
	reopen(f);
	expect_held(f, TT_CLASS_ALERT, 1, 5);
}

static void a_file_of_a_newer_program_is_left_alone(void **state)
{
	struct fixture *f = *state;
	static const char newer[4] = {0, 0, 0, 99};
	struct tt_errmsg msg;
	char log[128];

	open_journal(f);
	append(f, TT_CLASS_ALERT, 1);
	tt_journal_close(f->journal);
	f->journal = NULL;
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0);
	overwrite(f->path, 60, newer, sizeof(newer)); /* user_version, SQLite file format 1.3 */
	assert_int_equal(tt_journal_open(f->path, &small, &f->journal, &msg), TT_EVERSION);
	assert_non_null(strstr(msg.text, "newer program"));
}

static void a_class_stays_within_its_quota_and_lets_its_own_oldest_go(void **state)
{
	struct fixture *f = *state;
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES, .event_percent = 5, .bulk_percent = 20};
	struct tt_journal_depth d;

	assert_int_equal(open_with(f, &limits, NULL), TT_OK);
	for (int64_t tag = 1; tag <= 50; tag++)
		append(f, TT_CLASS_ALERT, tag);
	for (int64_t tag = 1; tag <= 100; tag++)
		assert_int_equal(append_large(f, tag, 6000), TT_OK);
	for (int64_t tag = 1; tag <= 2000; tag++)
		append(f, TT_CLASS_EVENT, tag);
	d = depth(f, TT_CLASS_BULK);
	assert_int_equal(d.held + d.evicted, 100);
	assert_in_range(d.bytes, 150000, 190000); /* a fifth of the 942080 bytes that rows may take */
	d = depth(f, TT_CLASS_EVENT);
	assert_int_equal(d.held + d.evicted, 2000);
	assert_in_range(d.bytes, 46800, 47104);
	expect_held(f, TT_CLASS_EVENT, (int64_t)d.evicted + 1, 2000);
	assert_int_equal(depth(f, TT_CLASS_ALERT).held, 50);
	assert_int_equal(depth(f, TT_CLASS_ALERT).evicted, 0);
	assert_int_equal(append_large(f, 1, TT_JOURNAL_EVENT_MAX - 100), TT_OK);
	const struct tt_journal_limits tiny = {.max_bytes = TT_JOURNAL_MIN_BYTES, .bulk_percent = 5};

	assert_int_equal(open_with(f, &tiny, NULL), TT_OK);
	assert_int_equal(append_large(f, 2, TT_JOURNAL_EVENT_MAX - 100),
			 TT_EFULL); /* more than the quota ever is: counted, nothing else goes */
}

#define DAY TT_SEC(86400)
#define NOON (INT64_C(1795312800) * 1000000)
static void what_is_too_old_goes_and_is_counted_and_alerts_stay(void **state)
{
	struct fixture *f = *state;
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES, .event_age_us = 30 * DAY, .bulk_age_us = DAY};
	struct tt_journal_health health;
	tt_mono_us now = TT_SEC(1000);

	assert_int_equal(open_with(f, &limits, NULL), TT_OK);
	append(f, TT_CLASS_EVENT, 1); /* not dated: it goes with those that follow it */
	assert_int_equal(tt_journal_tick(f->journal, now, NOON, true), TT_OK);
	append(f, TT_CLASS_ALERT, 1);
	append(f, TT_CLASS_EVENT, 2);
	assert_int_equal(append_large(f, 1, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), NOON + DAY, true), TT_OK);
	append(f, TT_CLASS_EVENT, 3);
	assert_int_equal(append_large(f, 2, 10), TT_OK);
	assert_int_equal(depth(f, TT_CLASS_BULK).held, 2); /* exactly a day is not too old */
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), NOON + DAY + 1, true), TT_OK);
	assert_int_equal(depth(f, TT_CLASS_BULK).held, 1);
	assert_int_equal(depth(f, TT_CLASS_BULK).evicted, 1);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(60) - 1, NOON + 40 * DAY, true), TT_OK); /* once a minute */
	assert_int_equal(tt_journal_tick(f->journal, now += TT_SEC(60), 0, true), TT_OK); /* a clock that is not known judges nothing */
	assert_int_equal(tt_journal_tick(f->journal, now, NOON + 30 * DAY + 1, true), TT_OK);
	assert_int_equal(depth(f, TT_CLASS_BULK).held, 0);
	assert_int_equal(depth(f, TT_CLASS_EVENT).held, 1);
	assert_int_equal(depth(f, TT_CLASS_EVENT).evicted, 2);
	expect_held(f, TT_CLASS_ALERT, 1, 1);
	tt_journal_health(f->journal, &health);
	assert_false(health.full);
	reopen(f);
	assert_int_equal(depth(f, TT_CLASS_EVENT).evicted, 2);
}

static void bulk_and_deletions_wait_and_one_commit_takes_them_together(void **state)
{
	struct fixture *f = *state;
	struct tt_journal_wear before, after;
	tt_mono_us now = TT_SEC(10);

	open_journal(f);
	tt_journal_wear(f->journal, &before);
	for (int64_t tag = 1; tag <= 5; tag++)
		assert_int_equal(append_large(f, tag, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now, 0, true), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(2) - 1, 0, true), TT_OK);
	expect_held(f, TT_CLASS_BULK, 1, 0);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(2), 0, true), TT_OK);
	expect_held(f, TT_CLASS_BULK, 1, 5);
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
	assert_int_equal(append_large(f, 6, 10), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now, 0, false), TT_OK);
	assert_int_equal(tt_journal_tick(f->journal, now + TT_SEC(60) - 1, 0, false), TT_OK);
	expect_held(f, TT_CLASS_BULK, 1, 0);
	append(f, TT_CLASS_ALERT, 1); /* at once, and takes the bulk along */
	expect_held(f, TT_CLASS_BULK, 6, 6);
	for (int64_t tag = 1; tag <= 100; tag++)
		append(f, TT_CLASS_ALERT, tag);
	tt_journal_wear(f->journal, &after);
	assert_in_range(after.file_bytes, 4096, after.log_bytes);
}

/* ---- sealed ---- */

static const struct tt_journal_key key_a = {.bytes = {1, 2, 3}}, key_b = {.bytes = {3, 2, 1}};
static const struct tt_journal_limits sealed_a = {.max_bytes = TT_JOURNAL_MIN_BYTES, .key = &key_a};
static const struct tt_journal_limits sealed_b = {.max_bytes = TT_JOURNAL_MIN_BYTES, .key = &key_b};

/* Whether the file or its log holds these bytes. */
static bool on_disk(const struct fixture *f, const char *suffix, const uint8_t *bytes, size_t n)
{
	static uint8_t all[4 << 20];
	char path[128];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", f->path, suffix);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(all, 1, sizeof(all), file);
	fclose(file);
	for (size_t i = 0; i + n <= len; i++) {
		if (memcmp(all + i, bytes, n) == 0)
			return true;
	}
	return false;
}

static void a_sealed_journal_reads_back_and_its_disk_shows_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = envelope(buf, TT_CLASS_EVENT, 987654321, 0);

	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	append(f, TT_CLASS_EVENT, 987654321);
	append(f, TT_CLASS_ALERT, 5);
	assert_int_equal(append_large(f, 6, 30000), TT_OK);
	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	expect_held(f, TT_CLASS_EVENT, 987654321, 987654321);
	expect_held(f, TT_CLASS_ALERT, 5, 5);
	expect_held(f, TT_CLASS_BULK, 6, 6);
	assert_false(on_disk(f, "", buf, len) || on_disk(f, "-wal", buf, len));
	assert_int_equal(open_with(f, &small, NULL), TT_OK); /* the same without a key is there to be found */
	append(f, TT_CLASS_EVENT, 987654321);
	assert_true(on_disk(f, "", buf, len) || on_disk(f, "-wal", buf, len));
}

static void another_key_or_none_puts_the_file_aside_whole(void **state)
{
	static const struct tt_journal_limits *const others[] = {&sealed_b, &small};
	struct fixture *f = *state;
	struct tt_journal_health health;
	struct tt_errmsg msg;
	char moved[128], log[128], back_log[160];
	uint64_t epoch;

	assert_int_equal(open_with(f, &sealed_a, &msg), TT_OK);
	assert_string_equal(msg.text, "");
	append(f, TT_CLASS_ALERT, 5);
	epoch = tt_journal_epoch(f->journal);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(open_with(f, others[i], &msg), TT_OK);
		assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
		snprintf(moved, sizeof(moved), "%s.locked-%u", f->path, i + 1);
		assert_non_null(strstr(msg.text, moved));
		tt_journal_health(f->journal, &health);
		assert_true(health.locked && !health.moved_aside);
		expect_held(f, TT_CLASS_ALERT, 1, 0);
		append(f, TT_CLASS_ALERT, 9);
		/* the key comes back, and so does the file */
		tt_journal_close(f->journal);
		f->journal = NULL;
		snprintf(log, sizeof(log), "%s-wal", f->path);
		assert_int_equal(unlink(f->path), 0);
		assert_int_equal(unlink(log), 0);
		snprintf(back_log, sizeof(back_log), "%s-wal", moved);
		assert_int_equal(rename(back_log, log), 0);
		assert_int_equal(rename(moved, f->path), 0);
		assert_int_equal(open_with(f, &sealed_a, &msg), TT_OK);
		assert_int_equal(tt_journal_epoch(f->journal), epoch);
		expect_held(f, TT_CLASS_ALERT, 5, 5);
		overwrite(moved, 0, "taken", 5); /* a name that is taken is not used again */
	}
}

static void a_plain_file_that_meets_a_key_is_sealed_in_place(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch, before;

	open_journal(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 20; tag++)
		append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(append_large(f, 7, 20000), TT_OK);
	before = depth(f, TT_CLASS_EVENT).bytes;
	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	assert_int_equal(tt_journal_epoch(f->journal), epoch);
	expect_held(f, TT_CLASS_EVENT, 5, 20);
	expect_held(f, TT_CLASS_BULK, 7, 7);
	assert_true(depth(f, TT_CLASS_EVENT).bytes > before);
	assert_int_equal(append(f, TT_CLASS_EVENT, 21), 21);
	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	expect_held(f, TT_CLASS_EVENT, 5, 21);
}

static void a_sealed_journal_renumbers_and_seals_anew(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch, seq = 0, held = 0;

	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 6; tag++)
		append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 9), TT_ECONFLICT);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	assert_int_equal(next(f, TT_CLASS_EVENT, 0, &seq, &held), 5);
	assert_int_equal(seq, 1);
	expect_held(f, TT_CLASS_EVENT, 5, 6);
	assert_int_equal(append(f, TT_CLASS_EVENT, 7), 3);
}

static void damage_of_a_sealed_journal_leaves_what_can_be_unsealed(void **state)
{
	struct fixture *f = *state;
	static char noise[4096];
	char log[128];

	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	for (int64_t tag = 1; tag <= 5; tag++) {
		append(f, TT_CLASS_ALERT, tag);
		append(f, TT_CLASS_EVENT, 10 + tag);
		assert_int_equal(append_large(f, tag, 9000), TT_OK);
	}
	tt_journal_close(f->journal);
	f->journal = NULL;
	memset(noise, 0xA5, sizeof(noise));
	overwrite(f->path, 3 * 4096, noise, sizeof(noise)); /* page 4: the table of bulk */
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0);
	assert_int_equal(open_with(f, &sealed_a, NULL), TT_OK);
	expect_held(f, TT_CLASS_ALERT, 1, 5);
	expect_held(f, TT_CLASS_EVENT, 11, 15);
}

static void a_file_of_version_1_is_brought_up_to_date(void **state)
{
	static const char sql[] =
		"PRAGMA journal_mode = WAL; CREATE TABLE alert(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, body BLOB NOT NULL);"
		"CREATE TABLE event(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, body BLOB NOT NULL);"
		"CREATE TABLE bulk(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, body BLOB NOT NULL);"
		"CREATE TABLE mark(class INTEGER PRIMARY KEY, next_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
		" bytes INTEGER NOT NULL, evicted INTEGER NOT NULL);"
		"INSERT INTO mark VALUES(1, 1, 1, 0, 0), (2, 8, 7, 100, 6), (3, 1, 1, 0, 0);"
		"CREATE TABLE epoch(id INTEGER PRIMARY KEY CHECK(id = 1), epoch INTEGER NOT NULL);"
		"INSERT INTO epoch VALUES(1, 99);"
		"PRAGMA application_id = 1414810161; PRAGMA user_version = 1;";
	struct fixture *f = *state;
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = envelope(buf, TT_CLASS_EVENT, 77, 0);
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO event VALUES(7, 100, ?1)", -1, &st, NULL), SQLITE_OK);
	sqlite3_bind_blob(st, 1, buf, (int)len, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(open_with(f, round ? &sealed_a : &small, NULL), TT_OK);
		assert_int_equal(tt_journal_epoch(f->journal), 99);
		expect_held(f, TT_CLASS_EVENT, 77, 77);
		assert_int_equal(depth(f, TT_CLASS_EVENT).evicted, 6);
	}
	assert_int_equal(append(f, TT_CLASS_EVENT, 78), 8);
}

static void a_key_file_must_be_private_and_whole(void **state)
{
	static const char digits[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n";
	struct fixture *f = *state;
	struct tt_journal_key key;
	struct tt_errmsg msg;

	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	overwrite(f->path, 0, digits, 65);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_OK);
	assert_int_equal(key.bytes[1], 0x11);
	assert_int_equal(key.bytes[31], 0xFF);
	for (unsigned bit = 1; bit < 0100; bit <<= 1) {
		assert_int_equal(chmod(f->path, 0600 | bit), 0);
		assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
		assert_non_null(strstr(msg.text, "chmod 600"));
	}
	assert_int_equal(chmod(f->path, 0400), 0);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_OK);
	assert_int_equal(chmod(f->path, 0600), 0);
	assert_int_equal(truncate(f->path, 63), 0);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "64 hexadecimal digits"));
	overwrite(f->path, 0, digits, 65);
	overwrite(f->path, 30, "g", 1);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	assert_int_equal(tt_journal_key_load(f->folder, &key, &msg), TT_ECONFIG); /* a folder */
	tt_journal_key_forget(&key);
	assert_int_equal(key.bytes[31], 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_class_counts_from_one_without_holes),
		T(an_ack_deletes_up_to_its_seq_and_moves_first_seq_held),
		T(an_ack_of_a_foreign_epoch_deletes_nothing),
		T(a_seq_is_never_given_twice_even_after_all_rows_went_and_a_restart),
		T(bulk_is_sent_only_after_it_is_committed),
		T(much_pending_bulk_commits_by_itself),
		T(the_oldest_bulk_goes_first_and_is_counted),
		T(an_alert_evicts_bulk_then_events_then_the_oldest_alert),
		T(the_file_takes_its_whole_room_when_it_is_made),
		T(a_second_process_is_refused),
		T(open_says_what_is_wrong_and_the_way_out),
		T(input_outside_its_bounds_is_refused),
		T(an_ack_from_the_future_renumbers_under_a_new_epoch),
		T(a_file_that_is_no_journal_is_moved_aside_and_said_so),
		T(alerts_and_events_of_a_damaged_file_are_taken_over_under_a_new_epoch),
		T(a_file_of_a_newer_program_is_left_alone),
		T(a_class_stays_within_its_quota_and_lets_its_own_oldest_go),
		T(what_is_too_old_goes_and_is_counted_and_alerts_stay),
		T(bulk_and_deletions_wait_and_one_commit_takes_them_together),
		T(a_sealed_journal_reads_back_and_its_disk_shows_nothing),
		T(another_key_or_none_puts_the_file_aside_whole),
		T(a_plain_file_that_meets_a_key_is_sealed_in_place),
		T(a_sealed_journal_renumbers_and_seals_anew),
		T(damage_of_a_sealed_journal_leaves_what_can_be_unsealed),
		T(a_file_of_version_1_is_brought_up_to_date),
		T(a_key_file_must_be_private_and_whole),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
