/* Is the record whole, and a copy of it while everybody goes on working. */
#include "crm/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum tt_err first_text(struct tt_store *store, const char *sql, char *out, size_t size, bool *found)
{
	struct tt_q q = tt_q_read(store, sql);

	*found = tt_q_step(&q);
	if (*found)
		tt_q_get_str(&q, out, size);
	return tt_q_end(&q);
}

/* Each finder returns a row with a text for the first thing that is wrong, and none when all is well. */
static const struct {
	const char *what, *sql;
} findings[] = {
	{"integrity", "SELECT substr(integrity_check, 1, 200) FROM pragma_integrity_check(1) WHERE integrity_check <> 'ok'"},
	{"foreign key",
	 "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' points to a missing ' || parent FROM pragma_foreign_key_check LIMIT 1"},
	{"counter",
	 "SELECT 'dealer ' || dealer_id || ' ' || name || ' off by ' || sum(value) FROM ("
	 "SELECT dealer_id, name, value FROM counter"
	 " UNION ALL SELECT dealer_id, 'ticket.' || status, -count(*) FROM ticket GROUP BY dealer_id, status"
	 " UNION ALL SELECT dealer_id, 'rescue.open', -count(*) FROM rescue WHERE status <> 'closed' GROUP BY dealer_id"
	 " UNION ALL SELECT dealer_id, 'reminder.open', -count(*) FROM reminder WHERE status IN ('soon','due','overdue') GROUP BY dealer_id"
	 ") GROUP BY dealer_id, name HAVING sum(value) <> 0 LIMIT 1"},
};

enum tt_err tt_store_check(struct tt_store *store, struct tt_errmsg *msg)
{
	for (size_t i = 0; i < TT_COUNT(findings); i++) {
		char text[256];
		bool found;
		enum tt_err err = first_text(store, findings[i].sql, text, sizeof(text), &found);

		if (err)
			return tt_errmsg_set(msg, err, "record: %s check failed: %s", findings[i].what, store->message);
		if (found)
			return tt_errmsg_set(msg, TT_ECORRUPT, "record: %s: %s; restore the last backup", findings[i].what, text);
	}
	return TT_OK;
}

static enum tt_err sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	enum tt_err err;

	if (fd < 0)
		return TT_EIO;
	err = fsync(fd) == 0 ? TT_OK : TT_EIO;
	(void)close(fd);
	return err;
}

static enum tt_err copy_pages(struct tt_store *store, const char *path, struct tt_errmsg *msg)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup = NULL;
	enum tt_err err = TT_EIO;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(to, "main", store->db, "main");
	if (backup != NULL) {
		/* One step: the reader's snapshot stands still, and in WAL mode it holds up no writer. */
		rc = sqlite3_backup_step(backup, -1);
		(void)sqlite3_backup_finish(backup);
	}
	/* A copy is one file: no -wal beside it that could be forgotten. */
	if (backup != NULL && rc == SQLITE_DONE)
		rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (backup != NULL && rc == SQLITE_OK)
		err = TT_OK;
	else
		err = tt_errmsg_set(msg, (rc & 0xff) == SQLITE_FULL ? TT_ENOSPC : TT_EIO, "backup %s: %s", path, sqlite3_errmsg(to));
	(void)sqlite3_close(to);
	return err;
}

static enum tt_err verify_copy(const char *path, struct tt_errmsg *msg)
{
	struct tt_store copy = {0};
	enum tt_err err = tt_store_err(&copy, sqlite3_open_v2(path, &copy.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));

	if (err)
		(void)tt_errmsg_set(msg, err, "backup %s: %s", path, copy.message);
	else
		err = tt_store_check(&copy, msg);
	tt_store_forget_statements(&copy);
	(void)sqlite3_close(copy.db);
	return err;
}

enum tt_err tt_store_backup(struct tt_store *store, const char *path, struct tt_errmsg *msg)
{
	char folder[4096];
	enum tt_err err;
	int fd;

	if ((size_t)snprintf(folder, sizeof(folder), "%s", path) >= sizeof(folder))
		return tt_errmsg_set(msg, TT_ERANGE, "backup: the path is longer than %zu bytes", sizeof(folder));
	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return tt_errmsg_set(msg,
				     errno == EEXIST   ? TT_EEXIST
				     : errno == ENOSPC ? TT_ENOSPC
						       : TT_EIO,
				     "backup %s: %s", path, strerror(errno));
	(void)close(fd);
	err = copy_pages(store, path, msg);
	if (!err)
		err = verify_copy(path, msg);
	if (!err && (sync_path(path, O_RDWR) || sync_path(dirname(folder), O_RDONLY | O_DIRECTORY)))
		err = tt_errmsg_set(msg, TT_EIO, "backup %s: cannot sync: %s", path, strerror(errno));
	if (err)
		(void)unlink(path);
	return err;
}
