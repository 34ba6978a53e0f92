/*
 * What journal_db_open.c and journal_db.c share: the open file with its prepared statements. Internal to firmware/journal/.
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_DB_INNER_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_DB_INNER_H

#include "firmware/journal/journal_db.h"

#include <sqlite3.h>

enum query { Q_INSERT, Q_READ, Q_COST, Q_DELETE, Q_OLDEST, Q_AGES, Q_REPLACE, QUERIES };

enum step { S_BEGIN, S_COMMIT, S_ROLLBACK, S_MARK, STEPS };

struct tt_jdb {
	sqlite3 *sql;
	sqlite3_stmt *query[TT_JDB_CLASSES][QUERIES];
	sqlite3_stmt *step[STEPS];
	uint64_t copied; /* pages, from the log into the file */
	char error[160];
};

/* Which error of ours an SQLite result is; its text is kept for tt_jdb_error. */
enum tt_err tt_jdb_fail(struct tt_jdb *db, int rc);
/* Statements outside the hot path. */
TT_MUSTCHECK enum tt_err tt_jdb_exec(struct tt_jdb *db, const char *sql);

#endif
