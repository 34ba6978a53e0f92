#include "tests/support/fault_disk.h"

#include "tests/support/fault_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TORN_BYTES = 512 };

struct tt_disk_change {
	struct tt_disk_change *next;
	size_t at; /* of a write; the new size of a resize */
	size_t n;  /* bytes of a write */
	bool resize;
	uint8_t bytes[];
};

static struct {
	struct tt_disk_file *files;
	uint64_t steps, fail_at, fail_from, cut_at, capacity;
	int fail_rc, fail_from_rc;
	bool cut;
} disk;

static void *must(void *p)
{
	if (!p) {
		fputs("fault disk: out of memory\n", stderr);
		abort();
	}
	return p;
}

/* Counts a step; not SQLITE_OK when it shall fail. *cut_now: this is the step at which the power goes, it may be done in part. */
static int step(int cut_rc, bool *cut_now)
{
	*cut_now = false;
	if (disk.cut)
		return cut_rc;
	disk.steps++;
	if (disk.steps == disk.fail_at)
		return disk.fail_rc;
	if (disk.fail_from && disk.steps >= disk.fail_from)
		return disk.fail_from_rc;
	if (disk.steps == disk.cut_at)
		disk.cut = *cut_now = true;
	return SQLITE_OK;
}

static void drop_changes(struct tt_disk_file *f)
{
	for (struct tt_disk_change *c = f->changes, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	f->changes = NULL;
	f->last_change = &f->changes;
}

void tt_disk_forget_shm(struct tt_disk_file *f)
{
	for (int i = 0; i < TT_DISK_SHM_REGIONS; i++) {
		free(f->shm[i]);
		f->shm[i] = NULL;
	}
	memset(f->shm_shared, 0, sizeof(f->shm_shared));
	memset(f->shm_exclusive, 0, sizeof(f->shm_exclusive));
}

static void free_file(struct tt_disk_file *f)
{
	drop_changes(f);
	tt_disk_forget_shm(f);
	free(f->now.bytes);
	free(f->synced.bytes);
	free(f->name);
	free(f);
}

void tt_disk_clear(void)
{
	for (struct tt_disk_file *f = disk.files, *next; f; f = next) {
		next = f->next;
		free_file(f);
	}
	memset(&disk, 0, sizeof(disk));
}

static struct tt_disk_file *find(const char *name)
{
	struct tt_disk_file *f = disk.files;

	while (f && strcmp(f->name, name) != 0)
		f = f->next;
	return f;
}

/* Room grows by doubling: a log grows a page at a time. */
static void resize(struct tt_disk_content *c, size_t to)
{
	if (to > c->room) {
		c->room = to > 2 * c->room ? to : 2 * c->room;
		c->bytes = must(realloc(c->bytes, c->room));
	}
	if (to > c->size)
		memset(c->bytes + c->size, 0, to - c->size);
	c->size = to;
}

static struct tt_disk_change *remember(struct tt_disk_file *f, const void *buf, size_t n, size_t at, bool resize)
{
	struct tt_disk_change *c = must(malloc(sizeof(*c) + n));

	*c = (struct tt_disk_change){.at = at, .n = n, .resize = resize};
	if (n > 0)
		memcpy(c->bytes, buf, n);
	*f->last_change = c;
	f->last_change = &c->next;
	return c;
}

struct tt_disk_file *tt_disk_open(const char *name, bool create)
{
	struct tt_disk_file *f = find(name);

	if (f && f->exists)
		return f;
	if (!create || disk.cut)
		return NULL;
	if (!f) {
		f = must(calloc(1, sizeof(*f)));
		f->name = must(strdup(name));
		f->last_change = &f->changes;
		f->next = disk.files;
		disk.files = f;
	}
	f->exists = true;
	resize(&f->now, 0);
	remember(f, NULL, 0, 0, true); /* what a deleted file of this name held is gone with the next sync */
	return f;
}

size_t tt_disk_read(const struct tt_disk_file *f, void *buf, size_t n, size_t at)
{
	const size_t got = at >= f->now.size ? 0 : n < f->now.size - at ? n : f->now.size - at;

	if (got > 0)
		memcpy(buf, f->now.bytes + at, got);
	return got;
}

static bool too_full(const struct tt_disk_file *f, size_t size)
{
	return disk.capacity && size > f->now.size && tt_fault_disk_used() + (size - f->now.size) > disk.capacity;
}

int tt_disk_write(struct tt_disk_file *f, const void *buf, size_t n, size_t at)
{
	bool cut_now;
	int rc = step(SQLITE_IOERR_WRITE, &cut_now);

	if (rc != SQLITE_OK)
		return rc;
	if (too_full(f, at + n))
		return SQLITE_FULL;
	if (at + n > f->now.size)
		resize(&f->now, at + n);
	memcpy(f->now.bytes + at, buf, n);
	remember(f, buf, n, at, false);
	return cut_now ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int tt_disk_resize(struct tt_disk_file *f, size_t size)
{
	bool cut_now;
	int rc = step(SQLITE_IOERR_TRUNCATE, &cut_now);

	if (rc != SQLITE_OK)
		return rc;
	if (too_full(f, size))
		return SQLITE_FULL;
	resize(&f->now, size);
	remember(f, NULL, 0, size, true);
	return cut_now ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static void apply(struct tt_disk_file *f, const struct tt_disk_change *c, size_t n)
{
	if (c->resize) {
		resize(&f->synced, c->at);
	} else if (n > 0) {
		if (c->at + n > f->synced.size)
			resize(&f->synced, c->at + n);
		memcpy(f->synced.bytes + c->at, c->bytes, n);
	}
}

int tt_disk_sync(struct tt_disk_file *f)
{
	bool cut_now;
	int rc = step(SQLITE_IOERR_FSYNC, &cut_now);

	if (rc != SQLITE_OK)
		return rc;
	if (cut_now)
		return SQLITE_IOERR_FSYNC;
	for (const struct tt_disk_change *c = f->changes; c; c = c->next)
		apply(f, c, c->n);
	drop_changes(f);
	f->synced_exists = true;
	return SQLITE_OK;
}

int tt_disk_delete(const char *name, bool sync_folder)
{
	struct tt_disk_file *f = find(name);
	bool cut_now;
	int rc = step(SQLITE_IOERR_DELETE, &cut_now);

	if (rc != SQLITE_OK || cut_now)
		return rc != SQLITE_OK ? rc : SQLITE_IOERR_DELETE;
	if (!f || !f->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	f->exists = false;
	if (sync_folder)
		f->synced_exists = false;
	return SQLITE_OK;
}

uint64_t tt_fault_disk_steps(void)
{
	return disk.steps;
}

void tt_fault_disk_fail_at(uint64_t nth, int rc)
{
	disk.fail_at = nth ? disk.steps + nth : 0;
	disk.fail_rc = rc;
}

void tt_fault_disk_fail_from(uint64_t nth, int rc)
{
	disk.fail_from = nth ? disk.steps + nth : 0;
	disk.fail_from_rc = rc;
}

void tt_fault_disk_cut_at(uint64_t nth)
{
	disk.cut_at = nth ? disk.steps + nth : 0;
}

bool tt_fault_disk_is_cut(void)
{
	return disk.cut;
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* A write of which each sector came onto the disk, or not. */
static void apply_torn(struct tt_disk_file *f, const struct tt_disk_change *c, uint64_t luck)
{
	for (size_t from = 0, sector = 0; from < c->n; sector++) {
		const size_t to = (c->at + from) / TORN_BYTES * TORN_BYTES + TORN_BYTES - c->at;
		const size_t end = to < c->n ? to : c->n;

		if (luck >> sector % 56 & 1) {
			if (c->at + end > f->synced.size)
				resize(&f->synced, c->at + end);
			memcpy(f->synced.bytes + c->at + from, c->bytes + from, end - from);
		}
		from = end;
	}
}

/* Of what was not synced, each change by itself, so in any order: gone, there, or (a write) there in part. */
static void settle(struct tt_disk_file *f, uint64_t *state)
{
	for (const struct tt_disk_change *c = f->changes; c; c = c->next) {
		const uint64_t luck = draw(state);

		if (luck % 4 == 0)
			apply(f, c, c->n);
		else if (luck % 4 == 1)
			apply_torn(f, c, luck >> 8);
		if (luck % 4 <= 1)
			f->synced_exists = true;
	}
}

void tt_fault_disk_reboot(uint64_t seed)
{
	uint64_t state = seed;

	for (struct tt_disk_file **at = &disk.files; *at;) {
		struct tt_disk_file *f = *at;

		if (f->opens > 0) {
			fprintf(stderr, "fault disk: %s is still open at reboot\n", f->name);
			abort();
		}
		if (seed)
			settle(f, &state);
		drop_changes(f);
		tt_disk_forget_shm(f);
		f->exists = f->synced_exists;
		if (!f->exists) {
			*at = f->next;
			free_file(f);
			continue;
		}
		resize(&f->now, f->synced.size);
		if (f->now.size > 0)
			memcpy(f->now.bytes, f->synced.bytes, f->now.size);
		at = &f->next;
	}
	disk.cut = false;
	disk.cut_at = disk.fail_at = disk.fail_from = 0;
}

void tt_fault_disk_capacity(uint64_t bytes)
{
	disk.capacity = bytes;
}

uint64_t tt_fault_disk_used(void)
{
	uint64_t sum = 0;

	for (const struct tt_disk_file *f = disk.files; f; f = f->next)
		sum += f->exists ? f->now.size : 0;
	return sum;
}

int64_t tt_fault_disk_size(const char *name)
{
	const struct tt_disk_file *f = find(name);

	return f && f->exists ? (int64_t)f->now.size : -1;
}
