/* The handle's life: open with the settings durability needs, transactions, savepoints. */
#include "crm/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * synchronous=EXTRA: a commit in WAL mode is on the disk when it returns, as with FULL (NORMAL survives kill -9, not a power cut). EXTRA
 * adds that the switch to WAL itself, which uses a rollback journal, is final: with FULL that journal's deletion may be undone by a power
 * cut, and a journal come back takes the record back to before the switch and all commits in the WAL with it (found by sqlite_fault_test).
 * So it comes before journal_mode. trusted_schema off: a doctored file must not run functions. The checkpoint at 4000 pages (16 MB) keeps
 * bulk ingest from copying the WAL back at every second batch. busy_timeout covers another process's transaction, which is short by design.
 */
static const char settings[] = "PRAGMA busy_timeout = 5000;"
			       "PRAGMA synchronous = EXTRA;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cache_size = -16384;"
			       "PRAGMA wal_autocheckpoint = 4000;"
			       "PRAGMA journal_size_limit = 67108864;"
			       "PRAGMA temp_store = MEMORY;";

static enum tt_err path_of(const char *url, const char **path, struct tt_errmsg *msg)
{
	static const char scheme[] = "sqlite:";

	if (strncmp(url, "postgresql:", 11) == 0)
		return tt_errmsg_set(msg, TT_ENOTSUP, "store %s: this program is built without PostgreSQL; use sqlite:PATH", url);
	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || url[sizeof(scheme) - 1] == 0)
		return tt_errmsg_set(msg, TT_EINVAL, "store %s: not understood; write sqlite:PATH", url);
	*path = url + sizeof(scheme) - 1;
	return TT_OK;
}

/* The file holds personal data: made for its owner alone, and SQLite gives -wal and -shm the same mode. */
static enum tt_err make_file(const char *path, struct tt_errmsg *msg)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return tt_errmsg_set(msg,
				     errno == ENOSPC   ? TT_ENOSPC
				     : errno == EACCES ? TT_EDENIED
						       : TT_EIO,
				     "store %s: %s", path, strerror(errno));
	(void)close(fd);
	return TT_OK;
}

static enum tt_err open_failed(struct tt_store *store, const char *path, enum tt_err err, struct tt_errmsg *msg)
{
	(void)tt_errmsg_set(msg, err, "store %s: %s", path, store->message);
	tt_store_close(store);
	return err;
}

static enum tt_err check_version(struct tt_store *store, const char *path, struct tt_errmsg *msg)
{
	int64_t have, want;
	enum tt_err err = tt_store_version(store, &have, &want);

	if (err)
		return tt_errmsg_set(msg, err, "store %s: %s", path, store->message);
	if (have > want)
		return tt_errmsg_set(msg, TT_EVERSION, "store %s: its schema %lld is newer than this program's %lld; use the newer program",
				     path, (long long)have, (long long)want);
	return TT_OK;
}

enum tt_err tt_store_open(const char *url, bool create, struct tt_store **out, struct tt_errmsg *msg)
{
	const char *path = url;
	struct tt_store *store;
	bool memory;
	enum tt_err err = path_of(url, &path, msg);

	if (err)
		return err;
	memory = strcmp(path, ":memory:") == 0;
	if (!create && !memory && access(path, F_OK) != 0)
		return tt_errmsg_set(msg, TT_ENOTFOUND, "store %s: no such file; `telltale init` makes one", path);
	if (create && !memory) {
		err = make_file(path, msg);
		if (err)
			return err;
	}
	store = calloc(1, sizeof(*store));
	if (store == NULL)
		return tt_errmsg_set(msg, TT_ENOMEM, "store %s: out of memory", path);
	err = tt_store_err(store, sqlite3_open_v2(path, &store->db,
						  SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX |
							  SQLITE_OPEN_EXRESCODE,
						  NULL));
	if (!err)
		err = tt_store_err(store, sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL));
	if (!err)
		err = tt_store_exec(store, settings);
	if (err)
		return open_failed(store, path, err, msg);
	err = check_version(store, path, msg);
	if (err) {
		tt_store_close(store);
		return err;
	}
	*out = store;
	return TT_OK;
}

void tt_store_close(struct tt_store *store)
{
	if (store == NULL)
		return;
	tt_store_forget_statements(store);
	(void)sqlite3_close(store->db);
	free(store);
}

const char *tt_store_message(const struct tt_store *store)
{
	return store->message;
}

enum tt_err tt_store_exec(struct tt_store *store, const char *sql)
{
	return tt_store_err(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

enum tt_err tt_store_pragma_i64(struct tt_store *store, const char *sql, int64_t *out)
{
	struct tt_q q = tt_q_read(store, sql);
	int64_t v = 0;

	if (tt_q_step(&q))
		v = tt_q_get_i64(&q);
	TT_ASSERT(q.err || q.stmt != NULL);
	if (tt_q_end(&q))
		return q.err;
	*out = v;
	return TT_OK;
}

static enum tt_err simple(struct tt_store *store, const char *sql)
{
	struct tt_q q = tt_q_read(store, sql);

	return tt_q_run(&q);
}

enum tt_err tt_store_begin(struct tt_store *store)
{
	return simple(store, "BEGIN IMMEDIATE");
}

enum tt_err tt_store_commit(struct tt_store *store)
{
	enum tt_err err;

	if (sqlite3_get_autocommit(store->db))
		return tt_store_fail(store, TT_EIO, "commit without a transaction: it was rolled back earlier");
	err = simple(store, "COMMIT");
	if (err)
		tt_store_rollback(store);
	return err;
}

void tt_store_rollback(struct tt_store *store)
{
	char message[sizeof(store->message)];

	if (sqlite3_get_autocommit(store->db))
		return;
	memcpy(message, store->message, sizeof(message)); /* what went wrong matters more than how the rollback went */
	/* A rollback cannot fail in a way that leaves the changes in: SQLite drops them at the latest when the file is opened again. */
	if (simple(store, "ROLLBACK") == TT_OK)
		memcpy(store->message, message, sizeof(message));
}

enum tt_err tt_store_savepoint(struct tt_store *store)
{
	if (sqlite3_get_autocommit(store->db))
		return tt_store_fail(store, TT_EINVAL, "savepoint outside a transaction");
	return simple(store, "SAVEPOINT event");
}

enum tt_err tt_store_savepoint_keep(struct tt_store *store)
{
	return simple(store, "RELEASE event");
}

enum tt_err tt_store_savepoint_undo(struct tt_store *store)
{
	enum tt_err err = simple(store, "ROLLBACK TO event");

	return err ? err : simple(store, "RELEASE event");
}

enum tt_err tt_store_data_version(struct tt_store *store, int64_t *out)
{
	return tt_store_pragma_i64(store, "PRAGMA data_version", out);
}
