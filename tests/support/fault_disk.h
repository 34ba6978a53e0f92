/*
 * The disk behind tests/support/fault_vfs.h: files with a current and a synced content, steps, faults. Internal to tests/support/.
 */
#ifndef TT_TESTS_FAULT_DISK_H
#define TT_TESTS_FAULT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TT_DISK_SHM_REGIONS = 64, TT_DISK_LOCKS = 8 };

struct tt_disk_change; /* a write or resize that was not synced */

struct tt_disk_content {
	uint8_t *bytes;
	size_t size, room;
};

struct tt_disk_file {
	char *name;
	struct tt_disk_content now, synced;
	bool exists, synced_exists;
	struct tt_disk_change *changes, **last_change;
	int opens;
	int locks[5]; /* handles at each SQLITE_LOCK_* level */
	void *shm[TT_DISK_SHM_REGIONS];
	int shm_shared[TT_DISK_LOCKS], shm_exclusive[TT_DISK_LOCKS];
	struct tt_disk_file *next;
};

void tt_disk_clear(void);
/* NULL when it does not exist and create is false. */
struct tt_disk_file *tt_disk_open(const char *name, bool create);
size_t tt_disk_read(const struct tt_disk_file *file, void *buf, size_t n, size_t at);
/* SQLite result codes. */
int tt_disk_write(struct tt_disk_file *file, const void *buf, size_t n, size_t at);
int tt_disk_resize(struct tt_disk_file *file, size_t size);
int tt_disk_sync(struct tt_disk_file *file);
int tt_disk_delete(const char *name, bool sync_folder);
void tt_disk_forget_shm(struct tt_disk_file *file);

#endif
