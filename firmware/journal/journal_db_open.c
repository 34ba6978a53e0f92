#include "firmware/journal/journal_db_inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* "TTJ1", so that neither another program's database nor our record is taken for a journal. */
#define APPLICATION_ID 0x54544A31
#define USER_VERSION 2
#define SEAL_TABLE "CREATE TABLE seal(id INTEGER PRIMARY KEY CHECK(id = 1), proof BLOB NOT NULL);"
#define STR_(x) #x
#define STR(x) STR_(x)

/* A statement with the class's table between the two halves. */
static const struct {
	const char *before, *after;
} query_text[QUERIES] = {
	[Q_INSERT] = {"INSERT INTO ", "(seq, cost, at, body) VALUES(?1, ?2, ?3, ?4)"},
	[Q_READ] = {"SELECT seq, body FROM ", " WHERE seq > ?1 ORDER BY seq LIMIT 1"},
	[Q_COST] = {"SELECT COALESCE(SUM(cost), 0) FROM ", " WHERE seq <= ?1"},
	[Q_DELETE] = {"DELETE FROM ", " WHERE seq <= ?1"},
	[Q_OLDEST] = {"SELECT seq, cost FROM ", " ORDER BY seq"},
	[Q_AGES] = {"SELECT seq, at FROM ", " ORDER BY seq"},
	[Q_REPLACE] = {"UPDATE ", " SET seq = ?2, cost = ?3, body = ?4 WHERE seq = ?1"},
};

static const char *const step_text[STEPS] = {
	[S_BEGIN] = "BEGIN IMMEDIATE",
	[S_COMMIT] = "COMMIT",
	[S_ROLLBACK] = "ROLLBACK",
	[S_MARK] = "UPDATE mark SET next_seq = ?2, first_seq = ?3, bytes = ?4, evicted = ?5 WHERE class = ?1",
};

/* First column of the first row of a statement outside the hot path. */
static enum tt_err ask(struct tt_jdb *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL);
	enum tt_err err = TT_OK;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	else
		err = rc == SQLITE_DONE ? TT_ECORRUPT : tt_jdb_fail(db, rc);
	sqlite3_finalize(st);
	return err;
}

static enum tt_err quick_check(struct tt_jdb *db)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql, "PRAGMA quick_check(1)", -1, &st, NULL);
	enum tt_err err = TT_OK;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		err = tt_jdb_fail(db, rc);
	} else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0) {
		err = TT_ECORRUPT;
		if (snprintf(db->error, sizeof(db->error), "%s", (const char *)sqlite3_column_text(st, 0)) < 0)
			db->error[0] = '\0';
	}
	sqlite3_finalize(st);
	return err;
}

static enum tt_err make_tables(struct tt_jdb *db)
{
	uint64_t epoch = 0;
	char sql[1024];

	while (epoch == 0)
		if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
			return TT_EIO;
	if (snprintf(sql, sizeof(sql),
		     "BEGIN IMMEDIATE;"
		     "CREATE TABLE alert(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);"
		     "CREATE TABLE event(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);"
		     "CREATE TABLE bulk(seq INTEGER PRIMARY KEY, cost INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);"
		     "CREATE TABLE mark(class INTEGER PRIMARY KEY, next_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
		     " bytes INTEGER NOT NULL, evicted INTEGER NOT NULL);"
		     "INSERT INTO mark VALUES(1, 1, 1, 0, 0), (2, 1, 1, 0, 0), (3, 1, 1, 0, 0);"
		     "CREATE TABLE epoch(id INTEGER PRIMARY KEY CHECK(id = 1), epoch INTEGER NOT NULL);"
		     "INSERT INTO epoch VALUES(1, %" PRId64 ");" SEAL_TABLE
		     "PRAGMA application_id = %d; PRAGMA user_version = " STR(USER_VERSION) "; COMMIT",
		     (int64_t)epoch, APPLICATION_ID) >= (int)sizeof(sql))
		return TT_EINVAL;
	return tt_jdb_exec(db, sql);
}

/* Version 1 had rows without a date, and no seal. */
static enum tt_err bring_up_to_date(struct tt_jdb *db)
{
	enum tt_err err = tt_jdb_exec(db, "BEGIN IMMEDIATE;"
					  "ALTER TABLE alert ADD COLUMN at INTEGER NOT NULL DEFAULT 0;"
					  "ALTER TABLE event ADD COLUMN at INTEGER NOT NULL DEFAULT 0;"
					  "ALTER TABLE bulk ADD COLUMN at INTEGER NOT NULL DEFAULT 0;" SEAL_TABLE
					  "PRAGMA user_version = " STR(USER_VERSION) "; COMMIT");

	if (err)
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL); /* the error is known already */
	return err;
}

static enum tt_err check_or_make(struct tt_jdb *db)
{
	int64_t tables = 0, id = 0, version = 0;
	enum tt_err err = quick_check(db);

	if (!err)
		err = ask(db, "SELECT COUNT(*) FROM sqlite_schema", &tables);
	if (!err && tables == 0)
		return make_tables(db);
	if (!err)
		err = ask(db, "PRAGMA application_id", &id);
	if (!err)
		err = ask(db, "PRAGMA user_version", &version);
	if (!err && id != APPLICATION_ID)
		return TT_ECORRUPT;
	if (!err && version == 1)
		return bring_up_to_date(db);
	if (!err && version != USER_VERSION)
		return TT_EVERSION;
	return err;
}

static enum tt_err prepare(struct tt_jdb *db)
{
	for (int cls = TT_CLASS_ALERT; cls < TT_JDB_CLASSES; cls++)
		for (int q = 0; q < QUERIES; q++) {
			char sql[128];
			int rc;

			if (snprintf(sql, sizeof(sql), "%s%s%s", query_text[q].before, tt_class_name((enum tt_class)cls),
				     query_text[q].after) >= (int)sizeof(sql))
				return TT_EINVAL;
			rc = sqlite3_prepare_v3(db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, &db->query[cls][q], NULL);
			if (rc != SQLITE_OK)
				return tt_jdb_fail(db, rc);
		}
	for (int s = 0; s < STEPS; s++) {
		const int rc = sqlite3_prepare_v3(db->sql, step_text[s], -1, SQLITE_PREPARE_PERSISTENT, &db->step[s], NULL);

		if (rc != SQLITE_OK)
			return tt_jdb_fail(db, rc);
	}
	return TT_OK;
}

/*
 * Takes the file's whole room on the disk now, and keeps the log when the file is closed. A disk without the room is no error here:
 * the journal then works with what it gets, and says so when it is refused.
 */
static void take_room(struct tt_jdb *db, uint64_t max_bytes)
{
	int chunk = (int)max_bytes, keep = 1;
	sqlite3_int64 size = (sqlite3_int64)max_bytes;

	/* The chunk size also keeps a checkpoint from cutting the file to the pages in use. */
	sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
	sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_SIZE_HINT, &size);
	sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
}

/*
 * Writes a transaction larger than the page cache, so that it spills into the log, and undoes it: a log that has once been so long is
 * overwritten from then on, never cut. Leaves nothing in the file. Without room the log grows when it must.
 */
static void grow_log(struct tt_jdb *db)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 size = 0;
	char sql[128];

	if (sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log || !log->pMethods)
		return;
	if (log->pMethods->xFileSize(log, &size) != SQLITE_OK || size >= TT_JDB_LOG_PAGES * TT_JDB_PAGE)
		return;
	if (snprintf(sql, sizeof(sql), "BEGIN IMMEDIATE; CREATE TABLE grow(body BLOB); INSERT INTO grow VALUES(zeroblob(%d))",
		     (TT_JDB_LOG_PAGES + TT_JDB_CACHE_PAGES) * TT_JDB_PAGE) < (int)sizeof(sql))
		sqlite3_exec(db->sql, sql, NULL, NULL, NULL);
	sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

/* Copies the log into the file as SQLite's own hook would, and counts. A checkpoint that fails is tried again after the next commit. */
static int after_commit(void *ctx, sqlite3 *sql, const char *name, int pages)
{
	struct tt_jdb *db = ctx;
	int copied = 0;

	if (pages >= TT_JDB_CHECKPOINT_PAGES &&
	    sqlite3_wal_checkpoint_v2(sql, name, SQLITE_CHECKPOINT_PASSIVE, NULL, &copied) == SQLITE_OK && copied > 0)
		db->copied += (uint64_t)copied;
	return SQLITE_OK;
}

static enum tt_err set_up(struct tt_jdb *db, uint64_t max_bytes)
{
	int written = 0, high = 0;
	char sql[512];
	enum tt_err err;

	/*
	 * Exclusive before WAL: no shared memory file, and a second process is refused. EXTRA while the file is turned to WAL: that takes a
	 * rollback journal, whose deletion must be on the disk, or a power cut brings it back and it undoes the file.
	 */
	if (snprintf(sql, sizeof(sql),
		     "PRAGMA page_size = %d; PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL;"
		     "PRAGMA synchronous = FULL;"
		     "PRAGMA wal_autocheckpoint = %d; PRAGMA max_page_count = %" PRIu64 "; PRAGMA cache_size = %d;"
		     "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF",
		     TT_JDB_PAGE, TT_JDB_CHECKPOINT_PAGES, max_bytes / TT_JDB_PAGE, TT_JDB_CACHE_PAGES) >= (int)sizeof(sql))
		return TT_EINVAL;
	err = tt_jdb_exec(db, sql);
	if (err)
		return err;
	take_room(db, max_bytes);
	err = check_or_make(db);
	if (err)
		return err;
	grow_log(db);
	sqlite3_wal_hook(db->sql, after_commit, db);
	(void)sqlite3_db_status(db->sql, SQLITE_DBSTATUS_CACHE_WRITE, &written, &high, 1); /* what making the file took is not wear */
	return prepare(db);
}

static enum tt_err explain(const struct tt_jdb *db, enum tt_err err, const char *path, struct tt_errmsg *msg)
{
	static const char *const ways_out[TT_ERR_COUNT] = {
		[TT_ENOSPC] = "free space on its disk or move it (--journal)",
		[TT_ECONFLICT] = "another process uses it; stop that one or give each its own (--journal)",
		[TT_ECORRUPT] = "it is damaged",
		[TT_EVERSION] = "it was made by a newer program; start that one, or move the file away",
		[TT_EIO] = "check that the folder exists, may be written and that its disk is well",
	};
	const char *way_out = ways_out[err] ? ways_out[err] : tt_err_text(err);

	return tt_errmsg_set(msg, err, "journal %s: %s%s%s", path, db ? db->error : "", db && db->error[0] ? "; " : "", way_out);
}

enum tt_err tt_jdb_open(const char *path, uint64_t max_bytes, struct tt_jdb **out, struct tt_errmsg *msg)
{
	struct tt_jdb *db = calloc(1, sizeof(*db));
	enum tt_err err;
	int rc;

	if (!db)
		return explain(NULL, TT_ENOMEM, path, msg);
	rc = sqlite3_open_v2(path, &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	err = rc == SQLITE_OK ? TT_OK : tt_jdb_fail(db, rc);
	if (!err) {
		sqlite3_extended_result_codes(db->sql, 1);
		err = set_up(db, max_bytes);
	}
	if (err) {
		explain(db, err, path, msg);
		tt_jdb_close(db);
		return err;
	}
	*out = db;
	return TT_OK;
}

void tt_jdb_close(struct tt_jdb *db)
{
	if (!db)
		return;
	for (int cls = 0; cls < TT_JDB_CLASSES; cls++)
		for (int q = 0; q < QUERIES; q++)
			sqlite3_finalize(db->query[cls][q]);
	for (int s = 0; s < STEPS; s++)
		sqlite3_finalize(db->step[s]);
	sqlite3_close(db->sql);
	free(db);
}

static enum tt_err load_mark(struct tt_jdb *db, int cls, struct tt_jdb_mark *out)
{
	const char *table = tt_class_name((enum tt_class)cls);
	sqlite3_stmt *st = NULL;
	enum tt_err err = TT_OK;
	char sql[192];
	int rc;

	if (snprintf(sql, sizeof(sql),
		     "SELECT next_seq, first_seq, bytes, evicted, (SELECT MIN(seq) FROM %s), (SELECT MAX(seq) FROM %s) FROM mark WHERE "
		     "class = %d",
		     table, table, cls) >= (int)sizeof(sql))
		return TT_EINVAL;
	rc = sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const bool rows = sqlite3_column_type(st, 4) != SQLITE_NULL;
		const struct tt_jdb_mark m = {.next_seq = (uint64_t)sqlite3_column_int64(st, 0),
					      .first_seq = (uint64_t)sqlite3_column_int64(st, 1),
					      .bytes = (uint64_t)sqlite3_column_int64(st, 2),
					      .evicted = (uint64_t)sqlite3_column_int64(st, 3)};
		const uint64_t first = rows ? (uint64_t)sqlite3_column_int64(st, 4) : m.next_seq;
		const uint64_t end = rows ? (uint64_t)sqlite3_column_int64(st, 5) + 1 : m.next_seq;

		/* Marks and rows are written together; when they differ, the file is not what we wrote. */
		if (m.first_seq == 0 || m.first_seq != first || m.next_seq != end)
			err = TT_ECORRUPT;
		else
			*out = m;
	} else {
		err = rc == SQLITE_DONE ? TT_ECORRUPT : tt_jdb_fail(db, rc);
	}
	sqlite3_finalize(st);
	return err;
}

enum tt_err tt_jdb_load(struct tt_jdb *db, uint64_t *epoch, struct tt_jdb_mark marks[TT_JDB_CLASSES])
{
	int64_t v = 0;
	enum tt_err err = ask(db, "SELECT epoch FROM epoch", &v);

	for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++)
		err = load_mark(db, cls, &marks[cls]);
	if (!err && v == 0)
		err = TT_ECORRUPT;
	if (!err)
		*epoch = (uint64_t)v;
	return err;
}
