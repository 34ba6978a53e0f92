/* What only the SQLite store promises: its file, its settings, its plans, and several processes on one record. */
#include "crm/store/store_internal.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1790000000000000)

static struct scratch dir;

static int setup(void **state)
{
	(void)state;
	scratch_open(&dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_close(&dir);
	return 0;
}

static void refused(enum tt_err err, const char *url, bool create, const char *says)
{
	struct tt_store *s = NULL;
	struct tt_errmsg msg = {{0}};

	assert_int_equal(tt_store_open(url, create, &s, &msg), err);
	assert_null(s);
	if (strstr(msg.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", msg.text, says);
}

static void addresses_that_cannot_be_opened_say_what_to_do(void **state)
{
	FILE *f;

	(void)state;
	refused(TT_ENOTFOUND, dir.url, false, "telltale init");
	refused(TT_EINVAL, "record.db", true, "sqlite:PATH");
	refused(TT_EINVAL, "sqlite:", true, "sqlite:PATH");
	refused(TT_ENOTSUP, "postgresql://localhost/x", true, "PostgreSQL");
	refused(TT_EIO, "sqlite:/nonexistent/folder/record.db", true, "/nonexistent/folder/record.db");
	f = fopen(dir.path, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is no database\n", f);
	(void)fclose(f);
	refused(TT_ECORRUPT, dir.url, false, dir.path);
}

static void the_file_is_its_owners_alone(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	struct stat st;
	char wal[128];

	(void)state;
	(void)scratch_world(s);
	assert_int_equal(stat(dir.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(wal, sizeof(wal), "%s-wal", dir.path);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	tt_store_close(s);
}

static void every_handle_has_the_settings_durability_needs(void **state)
{
	static const struct {
		const char *sql;
		int64_t want;
	} cases[] = {
		{"PRAGMA synchronous", 3},
		{"PRAGMA foreign_keys", 1},
		{"PRAGMA trusted_schema", 0},
		{"PRAGMA busy_timeout", 5000},
		{"SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1},
	};
	struct tt_store *s = scratch_store(&dir);

	(void)state;
	for (size_t i = 0; i < TT_COUNT(cases); i++) {
		int64_t v = -1;

		assert_int_equal(tt_store_pragma_i64(s, cases[i].sql, &v), TT_OK);
		if (v != cases[i].want)
			fail_msg("%s: %lld", cases[i].sql, (long long)v);
	}
	tt_store_close(s);
}

static void a_record_of_a_newer_program_is_left_alone(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	struct tt_errmsg msg = {{0}};

	(void)state;
	assert_int_equal(tt_store_exec(s, "PRAGMA user_version = 9999"), TT_OK);
	assert_int_equal(tt_store_migrate(s, NOW, &msg), TT_EVERSION);
	assert_non_null(strstr(msg.text, "newer"));
	tt_store_close(s);
	refused(TT_EVERSION, dir.url, false, "newer");
	refused(TT_EVERSION, dir.url, true, "newer");
}

static void another_programs_database_is_not_taken_over(void **state)
{
	struct tt_store *s = NULL;
	struct tt_errmsg msg = {{0}};

	(void)state;
	assert_int_equal(tt_store_open(dir.url, true, &s, &msg), TT_OK);
	assert_int_equal(tt_store_exec(s, "CREATE TABLE bookmarks (url TEXT)"), TT_OK);
	assert_int_equal(tt_store_migrate(s, NOW, &msg), TT_EINVAL);
	assert_non_null(strstr(msg.text, "another program"));
	tt_store_close(s);
}

/* The record of the first release, with a row in what 0002 touches, as that release left it. */
static struct tt_store *record_of_0001(void)
{
	static const char rows[] =
		"INSERT INTO dealer (id, name, timezone, created_at) VALUES (1, 'Dealer', 'UTC', 1);"
		"INSERT INTO vehicle (id, dealer_id, vin, created_at) VALUES (1, 1, 'TTSTVNA0000000001', 1);"
		"INSERT INTO fault (vehicle_id, protocol, ecu, code, active, stored, pending, permanent, mil, first_seen_at,"
		" last_seen_at, occurrences) VALUES (1, 2, 2024, 'P0301-1A', 1, 1, 0, 0, 1, 5, 6, 7);"
		"INSERT INTO ticket (dealer_id, vehicle_id, fault_id, kind, subject, priority, status, opened_at, updated_at,"
		" event_at) VALUES (1, 1, 1, 'fault', 'P0301-1A', 2, 'new', 5, 5, 5);";
	struct tt_store *s = NULL;

	assert_int_equal(tt_store_open(dir.url, true, &s, NULL), TT_OK);
	assert_int_equal(tt_store_exec(s, "CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
					  " applied_at INTEGER NOT NULL) STRICT"),
			 TT_OK);
	assert_int_equal(tt_store_exec(s, tt_migrations[0].sql), TT_OK);
	assert_int_equal(tt_store_exec(s, "INSERT INTO migration VALUES (1, '0001_record', 1); PRAGMA user_version = 1;"
					  " PRAGMA application_id = 0x54544c31"),
			 TT_OK);
	assert_int_equal(tt_store_exec(s, rows), TT_OK);
	return s;
}

static void a_record_of_the_first_release_keeps_its_rows(void **state)
{
	struct tt_store *s = record_of_0001();
	struct tt_vehicle_event e = {.vehicle_id = 1, .kind = 10, .occurrence = 1, .began_at = NOW};
	struct tt_fault fault;
	struct tt_ticket ticket;
	int64_t have = 0, want = 0, id;

	(void)state;
	assert_int_equal(tt_store_migrate(s, NOW, NULL), TT_OK);
	assert_int_equal(tt_store_version(s, &have, &want), TT_OK);
	assert_int_equal(have, want);
	assert_int_equal(tt_store_fault_get(s, 1, &fault), TT_OK);
	assert_string_equal(fault.code, "P0301-1A");
	assert_int_equal(fault.occurrences, 7);
	assert_int_equal(fault.status_byte, 0);
	assert_int_equal(fault.car_count, 0);
	assert_string_equal(fault.snapshot, "[]");
	assert_int_equal(tt_store_ticket_open_of_fault(s, 1, &ticket), TT_OK);
	assert_string_equal(ticket.subject, "P0301-1A");
	assert_int_equal(tt_store_begin(s), TT_OK);
	assert_int_equal(tt_store_happening_insert(s, &e, &id), TT_OK);
	assert_int_equal(tt_store_commit(s), TT_OK);
	assert_int_equal(tt_store_check(s, NULL), TT_OK);
	tt_store_close(s);
}

static void migrations_are_numbered_without_holes_and_written_down(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	int64_t n = 0;

	(void)state;
	for (size_t i = 0; i < tt_nmigrations; i++)
		assert_int_equal(tt_migrations[i].number, i + 1);
	assert_int_equal(tt_store_pragma_i64(s, "SELECT count(*) FROM migration WHERE applied_at = 1790000000000000", &n), TT_OK);
	assert_int_equal(n, tt_nmigrations);
	tt_store_close(s);
}

static void check_finds_a_counter_that_drifted_and_a_row_that_points_nowhere(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	struct scratch_world w = scratch_world(s);
	struct tt_errmsg msg = {{0}};

	(void)state;
	assert_int_equal(tt_store_begin(s), TT_OK);
	assert_int_equal(scratch_event(s, &w, 1), TT_OK);
	assert_int_equal(tt_store_commit(s), TT_OK);
	assert_int_equal(tt_store_check(s, &msg), TT_OK);
	assert_int_equal(tt_store_exec(s, "UPDATE counter SET value = value + 1"), TT_OK);
	assert_int_equal(tt_store_check(s, &msg), TT_ECORRUPT);
	assert_non_null(strstr(msg.text, "ticket.new off by 1"));
	assert_int_equal(
		tt_store_exec(s, "UPDATE counter SET value = value - 1; PRAGMA foreign_keys = OFF; UPDATE ticket SET vehicle_id = 77"),
		TT_OK);
	assert_int_equal(tt_store_check(s, &msg), TT_ECORRUPT);
	assert_non_null(strstr(msg.text, "missing vehicle"));
	tt_store_close(s);
}

/* design.md section 8: no page of the queue may depend on how many tickets there are. */
static void no_queue_page_sorts_or_scans(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	size_t n = 0;

	(void)state;
	for (; tt_store_queue_sql(n) != NULL; n++) {
		static char sql[16384];
		sqlite3_stmt *stmt = NULL;

		(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", tt_store_queue_sql(n));
		assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL), SQLITE_OK);
		for (int row = 0; sqlite3_step(stmt) == SQLITE_ROW; row++) {
			const char *plan = (const char *)sqlite3_column_text(stmt, 3);

			if (strstr(plan, "SCAN") != NULL || strstr(plan, "TEMP B-TREE") != NULL || strstr(plan, "AUTOMATIC") != NULL)
				fail_msg("queue %zu: %s", n, plan);
			/* The ticket table is entered through the keyset's own columns. */
			if (row == 0 && (strstr(plan, "USING INDEX ticket_") == NULL || strstr(plan, "opened_at") == NULL))
				fail_msg("queue %zu does not start at its last row: %s", n, plan);
		}
		(void)sqlite3_finalize(stmt);
	}
	assert_int_equal(n, 12);
	tt_store_close(s);
}

/* ---- several processes ---- */

/* Writes batches of 3 events, and one byte into `ack` after each commit, until killed or `batches` are done. */
static _Noreturn void writer(int ack, const struct scratch_world *w, int64_t batches)
{
	struct tt_store *s = NULL;

	if (tt_store_open(dir.url, false, &s, NULL))
		_exit(2);
	for (int64_t n = scratch_count(s).tickets, end = n + 3 * batches; n < end;) {
		if (tt_store_begin(s))
			_exit(3);
		for (int i = 0; i < 3; i++)
			if (scratch_event(s, w, ++n))
				_exit(4);
		if (tt_store_commit(s) || write(ack, "", 1) != 1)
			_exit(5);
	}
	tt_store_close(s);
	_exit(0);
}

static pid_t start_writer(const struct scratch_world *w, int64_t batches, int *ack)
{
	int pipe_fd[2];
	pid_t pid;

	assert_int_equal(pipe(pipe_fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(pipe_fd[0]);
		writer(pipe_fd[1], w, batches);
	}
	(void)close(pipe_fd[1]);
	*ack = pipe_fd[0];
	return pid;
}

static void a_reader_in_another_process_sees_whole_commits_only(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	struct scratch_world w = scratch_world(s);
	struct scratch_tally t = {0};
	int64_t version = 0, before = 0, changes_seen = 0;
	int ack = -1, status = -1;
	pid_t pid = start_writer(&w, 150, &ack);

	(void)state;
	assert_int_equal(tt_store_data_version(s, &before), TT_OK);
	while (t.tickets < 450) {
		int64_t last = t.tickets;

		t = scratch_count(s);
		if (!scratch_whole(&t) || t.tickets % 3 != 0 || t.tickets < last)
			fail_msg("torn: %lld tickets, %lld changes, %lld entries", (long long)t.tickets, (long long)t.changes,
				 (long long)t.entries);
		assert_int_equal(tt_store_data_version(s, &version), TT_OK);
		changes_seen += version != before;
		before = version;
		/* The writer's end, should it die early, ends this loop: it cannot reach 450. */
		if (t.tickets < 450 && waitpid(pid, &status, WNOHANG) == pid) {
			pid = 0;
			t = scratch_count(s);
			assert_int_equal(t.tickets, 450);
		}
	}
	assert_true(changes_seen > 0);
	if (pid > 0)
		assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(ack);
	tt_store_close(s);
}

static void what_was_acknowledged_survives_kill_9_of_the_writer_and_nothing_is_half(void **state)
{
	struct tt_store *s = scratch_store(&dir);
	struct scratch_world w = scratch_world(s);
	struct tt_errmsg msg = {{0}};
	int64_t acknowledged = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct scratch_tally t;
		int ack = -1, status;
		char byte[256];
		ssize_t got;
		pid_t pid = start_writer(&w, 1000000, &ack);

		/* After a different number of commits each time, and then somewhere inside the next. */
		for (int i = 0; i <= round % 5; i++) {
			assert_int_equal(read(ack, byte, 1), 1);
			acknowledged += 3;
		}
		(void)usleep((useconds_t)(round * 137 % 1000));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		while ((got = read(ack, byte, sizeof(byte))) > 0)
			acknowledged += 3 * got;
		(void)close(ack);
		t = scratch_count(s);
		if (!scratch_whole(&t) || t.tickets % 3 != 0 || t.tickets < acknowledged || t.tickets > acknowledged + 3)
			fail_msg("round %d: %lld stored, %lld acknowledged", round, (long long)t.tickets, (long long)acknowledged);
		acknowledged = t.tickets; /* one commit may have been done but not told */
	}
	if (tt_store_check(s, &msg))
		fail_msg("%s", msg.text);
	tt_store_close(s);
}

static void a_writer_that_finds_the_record_locked_waits_and_then_says_try_again(void **state)
{
	struct tt_store *s = scratch_store(&dir), *other = scratch_store(&dir);

	(void)state;
	assert_int_equal(tt_store_exec(other, "PRAGMA busy_timeout = 20"), TT_OK);
	assert_int_equal(tt_store_begin(s), TT_OK);
	assert_int_equal(tt_store_begin(other), TT_EAGAIN);
	tt_store_rollback(s);
	assert_int_equal(tt_store_begin(other), TT_OK);
	tt_store_rollback(other);
	tt_store_close(other);
	tt_store_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_that_cannot_be_opened_say_what_to_do),
		TEST(the_file_is_its_owners_alone),
		TEST(every_handle_has_the_settings_durability_needs),
		TEST(a_record_of_a_newer_program_is_left_alone),
		TEST(another_programs_database_is_not_taken_over),
		TEST(migrations_are_numbered_without_holes_and_written_down),
		TEST(a_record_of_the_first_release_keeps_its_rows),
		TEST(check_finds_a_counter_that_drifted_and_a_row_that_points_nowhere),
		TEST(no_queue_page_sorts_or_scans),
		TEST(a_reader_in_another_process_sees_whole_commits_only),
		TEST(what_was_acknowledged_survives_kill_9_of_the_writer_and_nothing_is_half),
		TEST(a_writer_that_finds_the_record_locked_waits_and_then_says_try_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
