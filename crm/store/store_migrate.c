/* Numbered migrations, built into the program from schemas/sql/sqlite. The number stands in user_version, inside the same transaction. */
#include "crm/store/store_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TT_APPLICATION_ID = 0x54544c31 }; /* "TTL1": tells `file` and us that this is a Telltale record */

enum tt_err tt_store_version(struct tt_store *store, int64_t *have, int64_t *want)
{
	int64_t version;
	enum tt_err err = tt_store_pragma_i64(store, "PRAGMA user_version", &version);

	if (err)
		return err;
	*have = version;
	*want = (int64_t)tt_nmigrations;
	return TT_OK;
}

/* A file of somebody else's must not be taken over. */
static enum tt_err check_ours(struct tt_store *store, struct tt_errmsg *msg)
{
	int64_t id, tables;
	enum tt_err err = tt_store_pragma_i64(store, "PRAGMA application_id", &id);

	if (!err)
		err = tt_store_pragma_i64(store, "SELECT count(*) FROM sqlite_schema", &tables);
	if (err)
		return tt_errmsg_set(msg, err, "record: %s", store->message);
	if (tables > 0 && id != TT_APPLICATION_ID)
		return tt_errmsg_set(msg, TT_EINVAL, "record: the file is another program's database; name a new file");
	return TT_OK;
}

static enum tt_err note(struct tt_store *store, const struct tt_migration *m, tt_utc_us now)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO migration (number, name, applied_at) VALUES (?, ?, ?)");

	tt_q_i64(&q, m->number);
	tt_q_str(&q, m->name);
	tt_q_i64(&q, now);
	return tt_q_run(&q);
}

static enum tt_err apply(struct tt_store *store, const struct tt_migration *m, tt_utc_us now)
{
	char pragma[96];
	enum tt_err err = tt_store_exec(store, "CREATE TABLE IF NOT EXISTS migration ("
					       "number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");

	if (!err)
		err = tt_store_exec(store, m->sql);
	if (!err)
		err = note(store, m, now);
	if (err)
		return err;
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d", m->number,
		       TT_APPLICATION_ID);
	return tt_store_exec(store, pragma);
}

/* Applies the next migration if it is still missing once the write lock is ours: two programs may start at the same time. */
static enum tt_err apply_next(struct tt_store *store, tt_utc_us now, bool *done, struct tt_errmsg *msg)
{
	int64_t have = 0, want = 0;
	enum tt_err err = tt_store_begin(store);

	if (!err)
		err = tt_store_version(store, &have, &want);
	if (!err && have > want) {
		tt_store_rollback(store);
		return tt_errmsg_set(msg, TT_EVERSION,
				     "record: its schema %" PRId64 " is newer than this program's %" PRId64 "; use the newer program", have,
				     want);
	}
	if (!err && have < want)
		err = apply(store, &tt_migrations[have], now);
	if (!err)
		err = tt_store_commit(store);
	if (err) {
		char why[sizeof(store->message)];

		memcpy(why, store->message, sizeof(why));
		tt_store_rollback(store);
		return tt_errmsg_set(msg, err, "record: migration %" PRId64 " failed and was undone: %s", have + 1, why);
	}
	*done = have >= want;
	return TT_OK;
}

enum tt_err tt_store_migrate(struct tt_store *store, tt_utc_us now, struct tt_errmsg *msg)
{
	int64_t have = 0, want = 0;
	bool done = false;
	enum tt_err err = check_ours(store, msg);

	/* The ordinary case needs no write lock: a backup or a reader starts while somebody writes. */
	if (!err && !tt_store_version(store, &have, &want) && have == want)
		return TT_OK;
	while (!err && !done)
		err = apply_next(store, now, &done, msg);
	tt_store_forget_statements(store);
	return err;
}
