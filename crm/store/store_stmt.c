/* Cached statements, binding and reading by column tables, and the mapping of SQLite's errors. */
#include "crm/store/store_internal.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static const struct {
	int code;
	enum tt_err err;
} error_map[] = {
	{SQLITE_CONSTRAINT_UNIQUE, TT_EEXIST},
	{SQLITE_CONSTRAINT_PRIMARYKEY, TT_EEXIST},
	{SQLITE_CONSTRAINT_ROWID, TT_EEXIST},
	{SQLITE_CONSTRAINT_FOREIGNKEY, TT_ENOTFOUND},
	{SQLITE_CONSTRAINT, TT_EINVAL},
	{SQLITE_FULL, TT_ENOSPC},
	{SQLITE_CORRUPT, TT_ECORRUPT},
	{SQLITE_NOTADB, TT_ECORRUPT},
	{SQLITE_BUSY, TT_EAGAIN},
	{SQLITE_LOCKED, TT_EAGAIN},
	{SQLITE_NOMEM, TT_ENOMEM},
	{SQLITE_TOOBIG, TT_ERANGE},
	{SQLITE_READONLY, TT_EDENIED},
	{SQLITE_PERM, TT_EDENIED},
};

enum tt_err tt_store_fail(struct tt_store *store, enum tt_err err, const char *text)
{
	(void)snprintf(store->message, sizeof(store->message), "%s", text);
	return err;
}

enum tt_err tt_store_err(struct tt_store *store, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return TT_OK;
	(void)snprintf(store->message, sizeof(store->message), "%s (sqlite %d)", sqlite3_errmsg(store->db), rc);
	/* Writing to a full disk shows as an I/O error of the write where the file system tells late. */
	for (size_t i = 0; i < TT_COUNT(error_map); i++)
		if (rc == error_map[i].code)
			return error_map[i].err;
	for (size_t i = 0; i < TT_COUNT(error_map); i++)
		if ((rc & 0xff) == error_map[i].code)
			return error_map[i].err;
	return TT_EIO;
}

static size_t slot_of(const struct tt_store *store, const char *sql)
{
	size_t i = (size_t)(((uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 40) & (TT_STMT_MAX - 1);
	size_t tries = 0;

	while (store->cache[i].sql != NULL && store->cache[i].sql != sql) {
		TT_ASSERT(++tries < TT_STMT_MAX);
		i = (i + 1) & (TT_STMT_MAX - 1);
	}
	return i;
}

void tt_store_forget_statements(struct tt_store *store)
{
	for (size_t i = 0; i < TT_STMT_MAX; i++) {
		sqlite3_finalize(store->cache[i].stmt);
		store->cache[i].stmt = NULL;
		store->cache[i].sql = NULL;
	}
}

struct tt_q tt_q_read(struct tt_store *store, const char *sql)
{
	struct tt_q q = {.store = store, .at = 1};
	size_t slot = slot_of(store, sql);

	if (store->cache[slot].stmt == NULL) {
		int rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->cache[slot].stmt, NULL);

		q.err = tt_store_err(store, rc);
		if (q.err)
			return q;
		store->cache[slot].sql = sql;
	}
	q.stmt = store->cache[slot].stmt;
	TT_ASSERT(!sqlite3_stmt_busy(q.stmt)); /* a list called itself from its callback */
	return q;
}

struct tt_q tt_q_write(struct tt_store *store, const char *sql)
{
	/* Without a transaction there is no commit to wait for. Also catches a transaction SQLite ended by itself (disk full). */
	if (sqlite3_get_autocommit(store->db))
		return (struct tt_q){.store = store, .err = tt_store_fail(store, TT_EINVAL, "write outside a transaction")};
	return tt_q_read(store, sql);
}

static void bound(struct tt_q *q, int rc)
{
	if (!q->err)
		q->err = tt_store_err(q->store, rc);
}

void tt_q_i64(struct tt_q *q, int64_t v)
{
	if (!q->err)
		bound(q, sqlite3_bind_int64(q->stmt, q->at++, v));
}

void tt_q_opt(struct tt_q *q, int64_t v)
{
	if (v != 0)
		tt_q_i64(q, v);
	else if (!q->err)
		bound(q, sqlite3_bind_null(q->stmt, q->at++));
}

static void bind_text(struct tt_q *q, const char *s, size_t len)
{
	if (q->err)
		return;
	/* What reads the record writes JSON, so nothing else may get in. */
	if (!tt_utf8_valid(s, len)) {
		q->err = tt_store_fail(q->store, TT_EINVAL, "text is not UTF-8");
		return;
	}
	bound(q, sqlite3_bind_text64(q->stmt, q->at++, s, len, SQLITE_STATIC, SQLITE_UTF8));
}

void tt_q_str(struct tt_q *q, const char *s)
{
	bind_text(q, s, strlen(s));
}

void tt_q_blob(struct tt_q *q, const void *bytes, size_t len)
{
	if (!q->err)
		bound(q, sqlite3_bind_blob64(q->stmt, q->at++, len > 0 ? bytes : "", len, SQLITE_STATIC));
}

static void bind_field(struct tt_q *q, const char *s, size_t size, bool opt)
{
	const char *end = memchr(s, 0, size);

	if (q->err)
		return;
	if (end == NULL)
		q->err = tt_store_fail(q->store, TT_ERANGE, "text does not fit its field");
	else if (opt && end == s)
		bound(q, sqlite3_bind_null(q->stmt, q->at++));
	else
		bind_text(q, s, (size_t)(end - s));
}

void tt_q_cols(struct tt_q *q, const struct tt_col *cols, size_t n, const void *row)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)row + cols[i].offset;
		int64_t i64;
		int32_t i32;
		uint32_t u32;

		switch (cols[i].type) {
		case TT_COL_I64:
		case TT_COL_U64:
		case TT_COL_OPT:
			memcpy(&i64, p, sizeof(i64));
			(cols[i].type == TT_COL_OPT ? tt_q_opt : tt_q_i64)(q, i64);
			break;
		case TT_COL_I32:
			memcpy(&i32, p, sizeof(i32));
			tt_q_i64(q, i32);
			break;
		case TT_COL_U32:
			memcpy(&u32, p, sizeof(u32));
			tt_q_i64(q, u32);
			break;
		case TT_COL_BOOL:
			tt_q_i64(q, *(const bool *)p);
			break;
		case TT_COL_STR:
		case TT_COL_OPTSTR:
			bind_field(q, (const char *)p, cols[i].size, cols[i].type == TT_COL_OPTSTR);
			break;
		}
	}
}

bool tt_q_step(struct tt_q *q)
{
	int rc;

	if (q->err)
		return false;
	rc = sqlite3_step(q->stmt);
	q->at = 0;
	if (rc == SQLITE_ROW)
		return true;
	q->err = tt_store_err(q->store, rc);
	return false;
}

int64_t tt_q_get_i64(struct tt_q *q)
{
	return sqlite3_column_int64(q->stmt, q->at++);
}

void tt_q_get_str(struct tt_q *q, char *out, size_t size)
{
	const unsigned char *s = sqlite3_column_text(q->stmt, q->at);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, q->at);

	q->at++;
	if (s == NULL)
		len = 0;
	if (len >= size) {
		/* Not through this interface: somebody else wrote the file. */
		if (!q->err)
			q->err = tt_store_fail(q->store, TT_ECORRUPT, "stored text is longer than its field");
		len = 0;
	}
	if (len > 0)
		memcpy(out, s, len);
	out[len] = 0;
}

void tt_q_get_blob(struct tt_q *q, void *out, size_t size)
{
	const void *b = sqlite3_column_blob(q->stmt, q->at);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, q->at);

	q->at++;
	if (len != size) {
		if (!q->err)
			q->err = tt_store_fail(q->store, TT_ECORRUPT, "stored bytes have another length than their field");
		return;
	}
	memcpy(out, b, size);
}

void tt_q_get_cols(struct tt_q *q, const struct tt_col *cols, size_t n, void *row)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char *p = (unsigned char *)row + cols[i].offset;
		int64_t i64;
		int32_t i32;
		uint32_t u32;

		switch (cols[i].type) {
		case TT_COL_I64:
		case TT_COL_U64:
		case TT_COL_OPT:
			i64 = tt_q_get_i64(q);
			memcpy(p, &i64, sizeof(i64));
			break;
		case TT_COL_I32:
			i32 = (int32_t)tt_q_get_i64(q);
			memcpy(p, &i32, sizeof(i32));
			break;
		case TT_COL_U32:
			u32 = (uint32_t)tt_q_get_i64(q);
			memcpy(p, &u32, sizeof(u32));
			break;
		case TT_COL_BOOL:
			*(bool *)p = tt_q_get_i64(q) != 0;
			break;
		case TT_COL_STR:
		case TT_COL_OPTSTR:
			tt_q_get_str(q, (char *)p, cols[i].size);
			break;
		}
	}
}

enum tt_err tt_q_end(struct tt_q *q)
{
	if (q->stmt != NULL) {
		(void)sqlite3_reset(q->stmt); /* repeats the step's error, which q->err has */
		(void)sqlite3_clear_bindings(q->stmt);
	}
	return q->err;
}

enum tt_err tt_q_end_found(struct tt_q *q, bool found)
{
	enum tt_err err = tt_q_end(q);

	if (!err && !found)
		return tt_store_fail(q->store, TT_ENOTFOUND, "no such row");
	return err;
}

enum tt_err tt_q_run(struct tt_q *q)
{
	TT_ASSERT(!tt_q_step(q));
	return tt_q_end(q);
}

enum tt_err tt_q_run_changed(struct tt_q *q, int *changed)
{
	enum tt_err err = tt_q_run(q);

	if (!err)
		*changed = sqlite3_changes(q->store->db);
	return err;
}

enum tt_err tt_q_run_one(struct tt_q *q, enum tt_err none, const char *text)
{
	int changed = 0;
	enum tt_err err = tt_q_run_changed(q, &changed);

	if (!err && changed == 0)
		return tt_store_fail(q->store, none, text);
	return err;
}

enum tt_err tt_q_run_row(struct tt_q *q, const struct tt_col *cols, size_t n, void *row)
{
	bool found = tt_q_step(q);

	if (found)
		tt_q_get_cols(q, cols, n, row);
	return tt_q_end_found(q, found);
}

enum tt_err tt_q_run_id(struct tt_q *q, int64_t *id)
{
	bool found = tt_q_step(q);

	if (found)
		*id = tt_q_get_i64(q);
	return tt_q_end_found(q, found);
}

enum tt_err tt_q_run_insert(struct tt_q *q, int64_t *id)
{
	enum tt_err err = tt_q_run(q);

	if (!err && id != NULL)
		*id = sqlite3_last_insert_rowid(q->store->db);
	return err;
}
