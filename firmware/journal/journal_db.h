/*
 * The journal's file: one SQLite database in WAL mode, held exclusively, with a table per class and a mark per class. Internal to
 * firmware/journal/; journal.c decides what goes in and out.
 *
 * Every function that touches the disk answers TT_ENOSPC (disk or file full), TT_ECORRUPT (the file is damaged), TT_ECONFLICT (another
 * process holds it), TT_ENOMEM or TT_EIO, and leaves a text in the file's message (tt_jdb_error).
 * Memory: all of it is taken at open. Threads: one file, one thread.
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_DB_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_DB_H

#include "base/err.h"
#include "wire/topic.h"

#include <assert.h>
#include <stdint.h>

enum {
	TT_JDB_PAGE = 4096,
	TT_JDB_CACHE_PAGES = 64,
	TT_JDB_LOG_PAGES = 160,       /* size the write-ahead log is grown to when it is made */
	TT_JDB_CHECKPOINT_PAGES = 64, /* a commit that leaves more in the log copies it into the file */
	TT_JDB_CLASSES = TT_CLASS_BULK + 1,
};
/* What one transaction may write on top of an unfinished checkpoint without the log having to grow. */
static_assert(TT_JDB_LOG_PAGES >= 2 * TT_JDB_CHECKPOINT_PAGES, "the log holds a checkpoint's worth and a transaction");

/* Where a class stands. Rows are first_seq..next_seq-1, without holes. */
struct tt_jdb_mark {
	uint64_t next_seq;
	uint64_t first_seq;
	uint64_t bytes; /* sum of the rows' cost */
	uint64_t evicted;
};

struct tt_jdb;

/* Opens or makes the file and checks it. TT_EVERSION: made by a newer program. msg (may be NULL) tells the way out. */
TT_MUSTCHECK enum tt_err tt_jdb_open(const char *path, uint64_t max_bytes, struct tt_jdb **out, struct tt_errmsg *msg);
void tt_jdb_close(struct tt_jdb *db); /* NULL is fine; rolls back what is open */
/* Text of the last failure. */
const char *tt_jdb_error(const struct tt_jdb *db);

TT_MUSTCHECK enum tt_err tt_jdb_load(struct tt_jdb *db, uint64_t *epoch, struct tt_jdb_mark marks[TT_JDB_CLASSES]);
/* Writes a new epoch and moves each class's rows down so that they begin with 1. Inside a transaction. */
TT_MUSTCHECK enum tt_err tt_jdb_renumber(struct tt_jdb *db, uint64_t epoch, const struct tt_jdb_mark marks[TT_JDB_CLASSES]);

TT_MUSTCHECK enum tt_err tt_jdb_begin(struct tt_jdb *db);
TT_MUSTCHECK enum tt_err tt_jdb_commit(struct tt_jdb *db);
void tt_jdb_rollback(struct tt_jdb *db);
bool tt_jdb_in_transaction(const struct tt_jdb *db);
/* Copies the log into the file so that the log begins anew: the way out when the log cannot grow. */
TT_MUSTCHECK enum tt_err tt_jdb_checkpoint(struct tt_jdb *db);

TT_MUSTCHECK enum tt_err tt_jdb_insert(struct tt_jdb *db, enum tt_class cls, uint64_t seq, uint64_t cost, int64_t at, const uint8_t *body,
				       size_t len);
TT_MUSTCHECK enum tt_err tt_jdb_put_mark(struct tt_jdb *db, enum tt_class cls, const struct tt_jdb_mark *mark);
/* First row above after_seq. TT_ENOTFOUND; TT_EFULL when it is longer than cap. */
TT_MUSTCHECK enum tt_err tt_jdb_read(struct tt_jdb *db, enum tt_class cls, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len,
				     uint64_t *seq);
/* Deletes everything up to up_to_seq; *freed is the cost of what went. */
TT_MUSTCHECK enum tt_err tt_jdb_delete(struct tt_jdb *db, enum tt_class cls, uint64_t up_to_seq, uint64_t *freed);
/* The oldest rows that together cost at least `need`, or all there are: *up_to_seq is the last of them. TT_ENOTFOUND when there is none. */
TT_MUSTCHECK enum tt_err tt_jdb_oldest(struct tt_jdb *db, enum tt_class cls, uint64_t need, uint64_t *up_to_seq);

/* The last of the oldest rows that are dated before `before`; undated ones among them go along. TT_ENOTFOUND when there is none. */
TT_MUSTCHECK enum tt_err tt_jdb_older(struct tt_jdb *db, enum tt_class cls, int64_t before, uint64_t *up_to_seq);
/* Gives a row another seq, cost and body. */
TT_MUSTCHECK enum tt_err tt_jdb_replace(struct tt_jdb *db, enum tt_class cls, uint64_t seq, uint64_t new_seq, uint64_t cost,
					const uint8_t *body, size_t len);
TT_MUSTCHECK enum tt_err tt_jdb_put_epoch(struct tt_jdb *db, uint64_t epoch);

/* What a sealed journal knows its key by; *len 0 when it is not sealed. TT_ECORRUPT: longer than cap. */
TT_MUSTCHECK enum tt_err tt_jdb_proof(struct tt_jdb *db, uint8_t *buf, size_t cap, size_t *len);
TT_MUSTCHECK enum tt_err tt_jdb_put_proof(struct tt_jdb *db, const uint8_t *proof, size_t len);

/* Pages written since it was opened: into the log, and from there into the file. */
void tt_jdb_written(const struct tt_jdb *db, uint64_t *log_pages, uint64_t *file_pages);

#endif
