#include "tests/support/fault_vfs.h"

#include "tests/support/fault_disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 4096, NAME_MAX_BYTES = 512, LOCKS = SQLITE_SHM_NLOCK };

struct handle {
	sqlite3_file base;
	struct tt_disk_file *file;
	unsigned shared, exclusive; /* shared-memory locks this handle holds, a bit each */
	int level;                  /* SQLITE_LOCK_* this handle holds on its file */
	int chunk, keep_log;
	bool delete_on_close;
};

static sqlite3_vfs *real; /* clock and randomness come from the system's */

static struct tt_disk_file *file_of(sqlite3_file *f)
{
	return ((struct handle *)f)->file;
}

static int h_close(sqlite3_file *f)
{
	struct handle *h = (struct handle *)f;

	h->file->opens--;
	h->file->locks[h->level]--;
	if (h->delete_on_close)
		tt_disk_delete(h->file->name, true);
	return SQLITE_OK;
}

static int h_read(sqlite3_file *f, void *buf, int n, sqlite3_int64 at)
{
	const size_t got = tt_disk_read(file_of(f), buf, (size_t)n, (size_t)at);

	memset((char *)buf + got, 0, (size_t)n - got); /* SQLite wants the rest of a short read zeroed */
	if (tt_fault_disk_is_cut())
		return SQLITE_IOERR_READ;
	return got == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int h_write(sqlite3_file *f, const void *buf, int n, sqlite3_int64 at)
{
	return tt_disk_write(file_of(f), buf, (size_t)n, (size_t)at);
}

static int h_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	const struct handle *h = (struct handle *)f;

	if (h->chunk > 0)
		size = (size + h->chunk - 1) / h->chunk * h->chunk;
	return tt_disk_resize(h->file, (size_t)size);
}

static int h_sync(sqlite3_file *f, int flags)
{
	(void)flags;
	return tt_disk_sync(file_of(f));
}

static int h_size(sqlite3_file *f, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)file_of(f)->now.size;
	return SQLITE_OK;
}

/* Handles other than h that hold at least this level. */
static int others_at(const struct handle *h, int level)
{
	int n = 0;

	for (int i = level; i <= SQLITE_LOCK_EXCLUSIVE; i++)
		n += h->file->locks[i] - (i == h->level ? 1 : 0);
	return n;
}

static void move_lock(struct handle *h, int level)
{
	h->file->locks[h->level]--;
	h->level = level;
	h->file->locks[h->level]++;
}

/* Without these a connection that closes takes itself for the last one, and tears the WAL from under the others. */
static int h_lock(sqlite3_file *f, int level)
{
	struct handle *h = (struct handle *)f;
	/* What another handle may hold at most: beside a reader no writer that writes, beside a writer no second, beside an exclusive
	 * nobody. */
	static const int bar[] = {[SQLITE_LOCK_SHARED] = SQLITE_LOCK_PENDING,
				  [SQLITE_LOCK_RESERVED] = SQLITE_LOCK_RESERVED,
				  [SQLITE_LOCK_PENDING] = SQLITE_LOCK_PENDING,
				  [SQLITE_LOCK_EXCLUSIVE] = SQLITE_LOCK_SHARED};

	if (level <= h->level)
		return SQLITE_OK;
	if (others_at(h, bar[level]) > 0)
		return SQLITE_BUSY;
	move_lock(h, level);
	return SQLITE_OK;
}

static int h_unlock(sqlite3_file *f, int level)
{
	struct handle *h = (struct handle *)f;

	if (level < h->level)
		move_lock(h, level);
	return SQLITE_OK;
}

static int h_reserved(sqlite3_file *f, int *out)
{
	*out = others_at((struct handle *)f, SQLITE_LOCK_RESERVED) > 0;
	return SQLITE_OK;
}

static int h_control(sqlite3_file *f, int op, void *arg)
{
	struct handle *h = (struct handle *)f;

	if (op == SQLITE_FCNTL_CHUNK_SIZE) {
		h->chunk = *(int *)arg;
		return SQLITE_OK;
	}
	if (op == SQLITE_FCNTL_SIZE_HINT) {
		const sqlite3_int64 size = *(sqlite3_int64 *)arg;

		return h->chunk > 0 && size > (sqlite3_int64)h->file->now.size ? h_truncate(f, size) : SQLITE_OK;
	}
	if (op == SQLITE_FCNTL_PERSIST_WAL) {
		int *keep = arg;

		if (*keep >= 0)
			h->keep_log = *keep;
		*keep = h->keep_log;
		return SQLITE_OK;
	}
	return SQLITE_NOTFOUND;
}

static int h_sector(sqlite3_file *f)
{
	(void)f;
	return SECTOR;
}

static int h_traits(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite assumes of every disk by default */
}

static int h_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	struct tt_disk_file *file = file_of(f);

	*out = NULL;
	if (region >= TT_DISK_SHM_REGIONS)
		return SQLITE_NOMEM;
	if (!file->shm[region] && extend && !(file->shm[region] = calloc(1, (size_t)size)))
		return SQLITE_NOMEM;
	*out = file->shm[region];
	return SQLITE_OK;
}

static int h_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	struct handle *h = (struct handle *)f;
	const unsigned mask = ((1U << n) - 1) << at;
	const bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;

	for (int i = at; i < at + n; i++) {
		const bool mine = (exclusive ? h->exclusive : h->shared) & 1U << i;
		const int others = h->file->shm_shared[i] - ((h->shared >> i) & 1U ? 1 : 0);

		if (flags & SQLITE_SHM_UNLOCK) {
			int *count = exclusive ? &h->file->shm_exclusive[i] : &h->file->shm_shared[i];

			*count -= mine ? 1 : 0;
		} else if (!mine && (h->file->shm_exclusive[i] > 0 || (exclusive && others > 0))) {
			return SQLITE_BUSY;
		}
	}
	if (flags & SQLITE_SHM_UNLOCK) {
		*(exclusive ? &h->exclusive : &h->shared) &= ~mask;
		return SQLITE_OK;
	}
	for (int i = at; i < at + n; i++)
		if (!((exclusive ? h->exclusive : h->shared) & 1U << i))
			(*(exclusive ? &h->file->shm_exclusive[i] : &h->file->shm_shared[i]))++;
	*(exclusive ? &h->exclusive : &h->shared) |= mask;
	return SQLITE_OK;
}

static void h_shm_barrier(sqlite3_file *f)
{
	(void)f;
}

static int h_shm_unmap(sqlite3_file *f, int remove)
{
	struct handle *h = (struct handle *)f;

	h_shm_lock(f, 0, LOCKS, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
	h_shm_lock(f, 0, LOCKS, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	if (remove)
		tt_disk_forget_shm(h->file);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = h_close,
	.xRead = h_read,
	.xWrite = h_write,
	.xTruncate = h_truncate,
	.xSync = h_sync,
	.xFileSize = h_size,
	.xLock = h_lock,
	.xUnlock = h_unlock,
	.xCheckReservedLock = h_reserved,
	.xFileControl = h_control,
	.xSectorSize = h_sector,
	.xDeviceCharacteristics = h_traits,
	.xShmMap = h_shm_map,
	.xShmLock = h_shm_lock,
	.xShmBarrier = h_shm_barrier,
	.xShmUnmap = h_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	static unsigned temporaries;
	struct handle *h = (struct handle *)f;
	char temporary[32];

	(void)vfs;
	memset(h, 0, sizeof(*h));
	if (!name) {
		if (snprintf(temporary, sizeof(temporary), "temporary-%u", temporaries++) >= (int)sizeof(temporary))
			return SQLITE_CANTOPEN;
		name = temporary;
	}
	h->file = tt_disk_open(name, flags & SQLITE_OPEN_CREATE);
	if (!h->file)
		return SQLITE_CANTOPEN;
	h->base.pMethods = &methods;
	h->file->opens++;
	h->file->locks[SQLITE_LOCK_NONE]++;
	h->delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	(void)vfs;
	return tt_disk_delete(name, sync_folder);
}

static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)flags;
	*out = tt_fault_disk_size(name) >= 0;
	return SQLITE_OK;
}

static int v_full_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	(void)vfs;
	return snprintf(out, (size_t)n, "%s", name) < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int v_random(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	return real->xRandomness(real, n, out);
}

static int v_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us; /* nothing to wait for: one thread */
}

static int v_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	return real->xCurrentTime(real, out);
}

static int v_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	(void)n;
	(void)out;
	return 0;
}

static sqlite3_vfs fault_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct handle),
	.mxPathname = NAME_MAX_BYTES,
	.zName = "tt-fault",
	.xOpen = v_open,
	.xDelete = v_delete,
	.xAccess = v_access,
	.xFullPathname = v_full_path,
	.xRandomness = v_random,
	.xSleep = v_sleep,
	.xCurrentTime = v_time,
	.xGetLastError = v_last_error,
};

void tt_fault_disk_install(void)
{
	real = sqlite3_vfs_find(NULL);
	tt_disk_clear();
	sqlite3_vfs_register(&fault_vfs, 1);
}

void tt_fault_disk_remove(void)
{
	sqlite3_vfs_unregister(&fault_vfs);
	sqlite3_vfs_register(real, 1);
	tt_disk_clear();
}
