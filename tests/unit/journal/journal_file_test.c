#include "journal_fixture.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct tt_journal_key key = {.bytes = {1, 2, 3}};
static const struct tt_journal_limits sealed = {.max_bytes = TT_JOURNAL_MIN_BYTES, .key = &key};

static void a_file_that_is_no_journal_is_moved_aside_and_said_so(void **state)
{
	struct fixture *f = *state;
	char moved[128], log[128];
	struct tt_journal_health health;
	struct tt_errmsg msg;

	snprintf(log, sizeof(log), "%s-wal", f->path);
	journal_overwrite(f->path, 0,
			  "these are somebody's notes, not a database, and longer than a header of one hundred bytes is: ..........", 100);
	for (int n = 1; n <= 4; n++) {
		assert_int_equal(tt_journal_open(f->path, &journal_small, &f->journal, &msg), TT_OK);
		snprintf(moved, sizeof(moved), "%s.corrupt-%d", f->path, n < 3 ? n : 3); /* the last name is used again */
		assert_non_null(strstr(msg.text, moved));
		assert_int_equal(access(moved, F_OK), 0);
		tt_journal_health(f->journal, &health);
		assert_true(health.moved_aside);
		assert_int_equal(journal_append(f, TT_CLASS_ALERT, 1), 1);
		tt_journal_close(f->journal);
		f->journal = NULL;
		assert_int_equal(unlink(log), 0); /* or the log would mend the header */
		journal_overwrite(f->path, 0, "no header", 9);
	}
}

static void alerts_and_events_of_a_damaged_file_are_taken_over_under_a_new_epoch(void **state)
{
	struct fixture *f = *state;
	static char noise[4096];
	uint64_t epoch;

	journal_open(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 5; tag++) {
		journal_append(f, TT_CLASS_ALERT, tag);
		journal_append(f, TT_CLASS_EVENT, 10 + tag);
		assert_int_equal(journal_append_large(f, tag, 9000), TT_OK);
	}
	tt_journal_close(f->journal);
	f->journal = NULL;
	memset(noise, 0xA5, sizeof(noise));
	journal_overwrite(f->path, 3 * 4096, noise, sizeof(noise)); /* page 4: the table of bulk */
	char log[128];

	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0); /* or the log would mend the page */
	journal_open(f);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 5);
	journal_expect_held(f, TT_CLASS_EVENT, 11, 15);
	assert_int_equal(journal_depth(f, TT_CLASS_BULK).held, 0);
	journal_reopen(f);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 5);
}

static void a_file_of_a_newer_program_is_left_alone(void **state)
{
	struct fixture *f = *state;
	static const char newer[4] = {0, 0, 0, 99};
	struct tt_errmsg msg;
	char log[128];

	journal_open(f);
	journal_append(f, TT_CLASS_ALERT, 1);
	tt_journal_close(f->journal);
	f->journal = NULL;
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0);
	journal_overwrite(f->path, 60, newer, sizeof(newer)); /* user_version, SQLite file format 1.3 */
	assert_int_equal(tt_journal_open(f->path, &journal_small, &f->journal, &msg), TT_EVERSION);
	assert_non_null(strstr(msg.text, "newer program"));
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
	const size_t len = journal_envelope(buf, TT_CLASS_EVENT, 77, 0);
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
		assert_int_equal(journal_open_with(f, round ? &sealed : &journal_small, NULL), TT_OK);
		assert_int_equal(tt_journal_epoch(f->journal), 99);
		journal_expect_held(f, TT_CLASS_EVENT, 77, 77);
		assert_int_equal(journal_depth(f, TT_CLASS_EVENT).evicted, 6);
	}
	assert_int_equal(journal_append(f, TT_CLASS_EVENT, 78), 8);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_setup, journal_teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_that_is_no_journal_is_moved_aside_and_said_so),
		T(alerts_and_events_of_a_damaged_file_are_taken_over_under_a_new_epoch),
		T(a_file_of_a_newer_program_is_left_alone),
		T(a_file_of_version_1_is_brought_up_to_date),
	};

	return cmocka_run_group_tests_name("journal file", tests, NULL, NULL);
}
