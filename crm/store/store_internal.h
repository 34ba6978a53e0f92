/*
 * Inside the SQLite store: the handle, cached statements, and tables that tie a row's members to columns. Not for other rooms.
 *
 * A row type is written once, as an X-macro of (type, member, column); the SQL column lists and the tables for binding and reading come
 * from it, so their order cannot differ. Lists begin with a constant so that every column may carry its comma.
 */
#ifndef TT_CRM_STORE_STORE_INTERNAL_H
#define TT_CRM_STORE_STORE_INTERNAL_H

#include "crm/store/store.h"

#include <sqlite3.h>

#define TT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TT_STMT_MAX = 256 }; /* slots of the statement cache; a power of two, more than twice the statements there are */

struct tt_store {
	sqlite3 *db;
	struct {
		const char *sql; /* static text: the pointer is the key */
		sqlite3_stmt *stmt;
	} cache[TT_STMT_MAX];
	char message[320];
};

/* ---- rows and columns ---- */

enum tt_col_type {
	TT_COL_I64,
	TT_COL_OPT, /* int64_t, 0 is NULL */
	TT_COL_I32,
	TT_COL_U32,
	TT_COL_U64, /* kept as the signed number of the same bits */
	TT_COL_BOOL,
	TT_COL_STR,
	TT_COL_OPTSTR, /* "" is NULL */
};

struct tt_col {
	enum tt_col_type type;
	uint16_t offset, size;
};

#define TT_COL(st, type_, member) {.type = TT_COL_##type_, .offset = offsetof(struct st, member), .size = sizeof(((struct st *)0)->member)},
#define TT_SQL_NAME(type, member, column) ", " column
#define TT_SQL_MARK(type, member, column) ", ?"
#define TT_SQL_SET(type, member, column) ", " column " = ?"

/* A place is the same five columns everywhere. */
#define TT_PLACE_COLUMNS(X) \
	X(I32, place.fix, "fix") \
	X(I32, place.latitude_e7, "latitude_e7") \
	X(I32, place.longitude_e7, "longitude_e7") \
	X(I64, place.accuracy_mm, "accuracy_mm") \
	X(I64, place.fix_at, "fix_at")

/* ---- one use of a statement ---- */

struct tt_q {
	struct tt_store *store;
	sqlite3_stmt *stmt;
	int at;          /* next parameter (from 1), then next column (from 0) */
	enum tt_err err; /* the first failure; later calls do nothing */
};

/* sql must be a string literal (or live as long as the program). */
struct tt_q tt_q_read(struct tt_store *store, const char *sql);
/* The same for a statement that writes: refused with TT_EINVAL outside a transaction. */
struct tt_q tt_q_write(struct tt_store *store, const char *sql);
void tt_q_i64(struct tt_q *q, int64_t v);
void tt_q_opt(struct tt_q *q, int64_t v);
void tt_q_str(struct tt_q *q, const char *s);
void tt_q_blob(struct tt_q *q, const void *bytes, size_t len);
void tt_q_cols(struct tt_q *q, const struct tt_col *cols, size_t n, const void *row);

/* Run to the end of a statement that returns no row. */
TT_MUSTCHECK enum tt_err tt_q_run(struct tt_q *q);
/* The same; *changed = rows this statement changed. */
TT_MUSTCHECK enum tt_err tt_q_run_changed(struct tt_q *q, int *changed);
/* The same; *id (may be NULL) = the new row's id. */
TT_MUSTCHECK enum tt_err tt_q_run_insert(struct tt_q *q, int64_t *id);
/* The same for a change of one row; none changed: the error `none` with the text. */
TT_MUSTCHECK enum tt_err tt_q_run_one(struct tt_q *q, enum tt_err none, const char *text);
/* One row into *row. TT_ENOTFOUND: there is none. */
TT_MUSTCHECK enum tt_err tt_q_run_row(struct tt_q *q, const struct tt_col *cols, size_t n, void *row);
/* One row's first column, an id. TT_ENOTFOUND as above. */
TT_MUSTCHECK enum tt_err tt_q_run_id(struct tt_q *q, int64_t *id);
/* True: a row stands. False: no more, or an error in q->err. */
bool tt_q_step(struct tt_q *q);
int64_t tt_q_get_i64(struct tt_q *q);
void tt_q_get_str(struct tt_q *q, char *out, size_t size);
void tt_q_get_blob(struct tt_q *q, void *out, size_t size);
void tt_q_get_cols(struct tt_q *q, const struct tt_col *cols, size_t n, void *row);
/* Ends the use; the first error of all of it. Must follow tt_q_step. */
TT_MUSTCHECK enum tt_err tt_q_end(struct tt_q *q);
/* As tt_q_end; TT_ENOTFOUND where there was no row. */
TT_MUSTCHECK enum tt_err tt_q_end_found(struct tt_q *q, bool found);

/* ---- shared ---- */

TT_MUSTCHECK enum tt_err tt_store_err(struct tt_store *store, int rc); /* maps, and keeps SQLite's message */
TT_MUSTCHECK enum tt_err tt_store_fail(struct tt_store *store, enum tt_err err, const char *text);
/* Statements without parameters and rows, one or several. */
TT_MUSTCHECK enum tt_err tt_store_exec(struct tt_store *store, const char *sql);
TT_MUSTCHECK enum tt_err tt_store_pragma_i64(struct tt_store *store, const char *sql, int64_t *out);
void tt_store_forget_statements(struct tt_store *store);

struct tt_migration {
	int64_t number;
	const char *name;
	const char *sql;
};
extern const struct tt_migration tt_migrations[]; /* ascending, 1.. without holes */
extern const size_t tt_nmigrations;

/* Every text the queue may run, for the test that explains them. NULL after the last. */
const char *tt_store_queue_sql(size_t n);

#endif
