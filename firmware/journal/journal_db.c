#include "firmware/journal/journal_db_inner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum tt_err tt_jdb_fail(struct tt_jdb *db, int rc)
{
	const int sys = sqlite3_system_errno(db->sql);

	if (snprintf(db->error, sizeof(db->error), "%s", sqlite3_errmsg(db->sql)) < 0)
		db->error[0] = '\0';
	switch (rc & 0xFF) {
	case SQLITE_FULL:
		return TT_ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return TT_ECORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return TT_ECONFLICT;
	case SQLITE_NOMEM:
		return TT_ENOMEM;
	default:
		return sys == ENOSPC || sys == EDQUOT ? TT_ENOSPC : TT_EIO;
	}
}

enum tt_err tt_jdb_exec(struct tt_jdb *db, const char *sql)
{
	const int rc = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? TT_OK : tt_jdb_fail(db, rc);
}

const char *tt_jdb_error(const struct tt_jdb *db)
{
	return db->error;
}

/* Runs a statement that gives no rows, and readies it for the next time. */
static enum tt_err run(struct tt_jdb *db, sqlite3_stmt *st)
{
	const int rc = sqlite3_step(st);
	enum tt_err err = rc == SQLITE_DONE ? TT_OK : tt_jdb_fail(db, rc);

	sqlite3_reset(st); /* repeats the step's error, which is known */
	return err;
}

enum tt_err tt_jdb_renumber(struct tt_jdb *db, uint64_t epoch, const struct tt_jdb_mark marks[TT_JDB_CLASSES])
{
	char sql[128];
	enum tt_err err = TT_OK;

	/* In ascending order, as SQLite walks a table, a row's new place is always free. */
	for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++) {
		if (snprintf(sql, sizeof(sql), "UPDATE %s SET seq = seq - %" PRIu64, tt_class_name((enum tt_class)cls),
			     marks[cls].first_seq - 1) >= (int)sizeof(sql))
			return TT_EINVAL;
		err = tt_jdb_exec(db, sql);
	}
	return err ? err : tt_jdb_put_epoch(db, epoch);
}

enum tt_err tt_jdb_put_epoch(struct tt_jdb *db, uint64_t epoch)
{
	char sql[64];

	if (snprintf(sql, sizeof(sql), "UPDATE epoch SET epoch = %" PRId64, (int64_t)epoch) >= (int)sizeof(sql))
		return TT_EINVAL;
	return tt_jdb_exec(db, sql);
}

enum tt_err tt_jdb_proof(struct tt_jdb *db, uint8_t *buf, size_t cap, size_t *len)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql, "SELECT proof FROM seal", -1, &st, NULL);
	enum tt_err err = TT_OK;

	*len = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const void *proof = sqlite3_column_blob(st, 0);
		const size_t n = (size_t)sqlite3_column_bytes(st, 0);

		if (!proof || n > cap) {
			err = TT_ECORRUPT;
		} else {
			memcpy(buf, proof, n);
			*len = n;
		}
	} else if (rc != SQLITE_DONE) {
		err = tt_jdb_fail(db, rc);
	}
	sqlite3_finalize(st);
	return err;
}

enum tt_err tt_jdb_put_proof(struct tt_jdb *db, const uint8_t *proof, size_t len)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql, "INSERT OR REPLACE INTO seal(id, proof) VALUES(1, ?1)", -1, &st, NULL);
	enum tt_err err;

	if (rc != SQLITE_OK)
		return tt_jdb_fail(db, rc);
	sqlite3_bind_blob(st, 1, proof, (int)len, SQLITE_STATIC);
	err = run(db, st);
	sqlite3_finalize(st);
	return err;
}

void tt_jdb_written(const struct tt_jdb *db, uint64_t *log_pages, uint64_t *file_pages)
{
	int written = 0, high = 0;

	(void)sqlite3_db_status(db->sql, SQLITE_DBSTATUS_CACHE_WRITE, &written, &high, 0);
	*log_pages = (uint64_t)written;
	*file_pages = db->copied;
}

enum tt_err tt_jdb_begin(struct tt_jdb *db)
{
	return run(db, db->step[S_BEGIN]);
}

enum tt_err tt_jdb_commit(struct tt_jdb *db)
{
	return run(db, db->step[S_COMMIT]);
}

void tt_jdb_rollback(struct tt_jdb *db)
{
	/* SQLite has rolled back by itself after some errors. A rollback's own failure changes nothing: the next begin tells. */
	if (tt_jdb_in_transaction(db))
		(void)run(db, db->step[S_ROLLBACK]);
}

bool tt_jdb_in_transaction(const struct tt_jdb *db)
{
	return !sqlite3_get_autocommit(db->sql);
}

enum tt_err tt_jdb_checkpoint(struct tt_jdb *db)
{
	const int rc = sqlite3_wal_checkpoint_v2(db->sql, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);

	return rc == SQLITE_OK ? TT_OK : tt_jdb_fail(db, rc);
}

enum tt_err tt_jdb_insert(struct tt_jdb *db, enum tt_class cls, uint64_t seq, uint64_t cost, int64_t at, const uint8_t *body, size_t len)
{
	sqlite3_stmt *st = db->query[cls][Q_INSERT];
	enum tt_err err;

	sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)cost);
	sqlite3_bind_int64(st, 3, at);
	sqlite3_bind_blob(st, 4, body, (int)len, SQLITE_STATIC);
	err = run(db, st);
	sqlite3_bind_null(st, 4); /* the bytes are the caller's */
	return err;
}

enum tt_err tt_jdb_replace(struct tt_jdb *db, enum tt_class cls, uint64_t seq, uint64_t new_seq, uint64_t cost, const uint8_t *body,
			   size_t len)
{
	sqlite3_stmt *st = db->query[cls][Q_REPLACE];
	enum tt_err err;

	sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)new_seq);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)cost);
	sqlite3_bind_blob(st, 4, body, (int)len, SQLITE_STATIC);
	err = run(db, st);
	sqlite3_bind_null(st, 4);
	return err;
}

enum tt_err tt_jdb_put_mark(struct tt_jdb *db, enum tt_class cls, const struct tt_jdb_mark *mark)
{
	sqlite3_stmt *st = db->step[S_MARK];

	sqlite3_bind_int64(st, 1, cls);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)mark->next_seq);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)mark->first_seq);
	sqlite3_bind_int64(st, 4, (sqlite3_int64)mark->bytes);
	sqlite3_bind_int64(st, 5, (sqlite3_int64)mark->evicted);
	return run(db, st);
}

enum tt_err tt_jdb_read(struct tt_jdb *db, enum tt_class cls, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len, uint64_t *seq)
{
	sqlite3_stmt *st = db->query[cls][Q_READ];
	enum tt_err err = TT_OK;
	int rc;

	sqlite3_bind_int64(st, 1, (sqlite3_int64)after_seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const void *body = sqlite3_column_blob(st, 1);
		const size_t n = (size_t)sqlite3_column_bytes(st, 1);

		if (!body && n == 0) {
			err = tt_jdb_fail(db, sqlite3_errcode(db->sql)); /* rows are never empty: the read failed */
		} else if (n > cap) {
			err = TT_EFULL;
		} else {
			memcpy(buf, body, n);
			*len = n;
			*seq = (uint64_t)sqlite3_column_int64(st, 0);
		}
	} else {
		err = rc == SQLITE_DONE ? TT_ENOTFOUND : tt_jdb_fail(db, rc);
	}
	sqlite3_reset(st);
	return err;
}

enum tt_err tt_jdb_delete(struct tt_jdb *db, enum tt_class cls, uint64_t up_to_seq, uint64_t *freed)
{
	sqlite3_stmt *st = db->query[cls][Q_COST];
	enum tt_err err = TT_OK;
	uint64_t cost = 0;
	int rc;

	sqlite3_bind_int64(st, 1, (sqlite3_int64)up_to_seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		cost = (uint64_t)sqlite3_column_int64(st, 0);
	else
		err = tt_jdb_fail(db, rc);
	sqlite3_reset(st);
	if (err)
		return err;
	st = db->query[cls][Q_DELETE];
	sqlite3_bind_int64(st, 1, (sqlite3_int64)up_to_seq);
	err = run(db, st);
	if (!err)
		*freed = cost;
	return err;
}

enum tt_err tt_jdb_oldest(struct tt_jdb *db, enum tt_class cls, uint64_t need, uint64_t *up_to_seq)
{
	sqlite3_stmt *st = db->query[cls][Q_OLDEST];
	uint64_t sum = 0, last = 0;
	int rc = SQLITE_DONE;

	while (sum < need && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		last = (uint64_t)sqlite3_column_int64(st, 0);
		sum += (uint64_t)sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return tt_jdb_fail(db, rc);
	if (last == 0)
		return TT_ENOTFOUND;
	*up_to_seq = last;
	return TT_OK;
}

enum tt_err tt_jdb_older(struct tt_jdb *db, enum tt_class cls, int64_t before, uint64_t *up_to_seq)
{
	sqlite3_stmt *st = db->query[cls][Q_AGES];
	uint64_t last = 0;
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const int64_t at = sqlite3_column_int64(st, 1);

		if (at >= before)
			break;
		if (at > 0)
			last = (uint64_t)sqlite3_column_int64(st, 0);
	}
	sqlite3_reset(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return tt_jdb_fail(db, rc);
	if (last == 0)
		return TT_ENOTFOUND;
	*up_to_seq = last;
	return TT_OK;
}
