#include "firmware/journal/journal_aside.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

/* SQLite finds the log by the file's name, so the two move together. A file without a log is an ordinary case. */
static enum tt_err move_both(const char *path, const char *moved)
{
	char log[TT_JOURNAL_PATH_MAX], moved_log[TT_JOURNAL_PATH_MAX];

	if (snprintf(log, sizeof(log), "%s-wal", path) >= (int)sizeof(log) ||
	    snprintf(moved_log, sizeof(moved_log), "%s-wal", moved) >= (int)sizeof(moved_log))
		return TT_ERANGE;
	if (rename(log, moved_log) != 0 && errno != ENOENT)
		return TT_EIO;
	return rename(path, moved) == 0 ? TT_OK : TT_EIO;
}

enum tt_err tt_journal_move_aside(const char *path, char moved[TT_JOURNAL_PATH_MAX])
{
	for (int n = 1; n <= TT_JOURNAL_ASIDE_KEPT; n++) {
		if (snprintf(moved, TT_JOURNAL_PATH_MAX, "%s.corrupt-%d", path, n) >= TT_JOURNAL_PATH_MAX)
			return TT_ERANGE;
		if (access(moved, F_OK) != 0)
			break;
	}
	return move_both(path, moved);
}

enum tt_err tt_journal_move_locked(const char *path, char moved[TT_JOURNAL_PATH_MAX])
{
	for (int n = 1; n <= TT_JOURNAL_LOCKED_MAX; n++) {
		if (snprintf(moved, TT_JOURNAL_PATH_MAX, "%s.locked-%d", path, n) >= TT_JOURNAL_PATH_MAX)
			return TT_ERANGE;
		if (access(moved, F_OK) != 0)
			return move_both(path, moved);
	}
	return TT_EFULL;
}

/* First number of a query; 0 when it cannot be asked. */
static int64_t ask(sqlite3 *sql, const char *query)
{
	sqlite3_stmt *st = NULL;
	int64_t out = 0;

	if (sqlite3_prepare_v2(sql, query, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return out;
}

static enum tt_err salvage_table(sqlite3 *sql, enum tt_class cls, tt_journal_salvage_fn fn, void *ctx)
{
	struct tt_journal_row row = {.epoch = (uint64_t)ask(sql, "SELECT epoch FROM epoch"), .cls = cls};
	const bool sealed = ask(sql, "SELECT COUNT(*) FROM seal") > 0;
	sqlite3_stmt *st = NULL;
	enum tt_err err = TT_OK;
	char query[64];

	if (snprintf(query, sizeof(query), "SELECT seq, body FROM %s ORDER BY seq", tt_class_name(cls)) >= (int)sizeof(query))
		return TT_ERANGE;
	if (sqlite3_prepare_v2(sql, query, -1, &st, NULL) == SQLITE_OK)
		while (!err && sqlite3_step(st) == SQLITE_ROW) {
			const void *body = sqlite3_column_blob(st, 1);

			row.seq = (uint64_t)sqlite3_column_int64(st, 0);
			if (body)
				err = fn(ctx, &row, sealed, body, (size_t)sqlite3_column_bytes(st, 1));
		}
	sqlite3_finalize(st);
	return err;
}

void tt_journal_salvage(const char *path, tt_journal_salvage_fn fn, void *ctx)
{
	sqlite3 *sql = NULL;

	if (sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
	    sqlite3_exec(sql, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK &&
	    !salvage_table(sql, TT_CLASS_ALERT, fn, ctx))
		(void)!salvage_table(sql, TT_CLASS_EVENT, fn, ctx);
	sqlite3_close(sql);
}
