/*
 * A disk for tests: a SQLite VFS in memory that knows what has been synced, so that power cuts, failing writes and a full disk can be
 * played at every single step.
 *
 * tt_fault_disk_install makes it the default VFS; every database opened afterwards lives on it, and the code under test needs no change.
 * Steps are what changes the disk: write, truncate, sync, delete. A power cut at step n lets that step and all later ones fail; after
 * everything is closed tt_fault_disk_reboot keeps what was synced, and of the rest what the seed says: writes not synced may be gone,
 * there, in another order, or torn at 512 bytes.
 *
 * One process-wide disk, since SQLite's registry is process-wide; one thread. Several connections to one file work in WAL mode.
 */
#ifndef TT_TESTS_FAULT_VFS_H
#define TT_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* An empty disk, without faults and of unbounded size. */
void tt_fault_disk_install(void);
/* Forgets the disk, restores the former default. All databases must be closed. */
void tt_fault_disk_remove(void);

/* Steps since install. */
uint64_t tt_fault_disk_steps(void);
/* The n-th step from now (1 = the next) fails once with rc (SQLITE_IOERR_WRITE, SQLITE_FULL ...), without effect. 0: none. */
void tt_fault_disk_fail_at(uint64_t nth, int rc);
/* The same for every step from the n-th on, until called with 0. */
void tt_fault_disk_fail_from(uint64_t nth, int rc);
/* The power goes at the n-th step from now; 0: not at all. */
void tt_fault_disk_cut_at(uint64_t nth);
bool tt_fault_disk_is_cut(void);
/* After a cut, or at any time that all files are closed. seed 0: nothing that was not synced survives. */
void tt_fault_disk_reboot(uint64_t seed);
/* Bytes all files together may have; what would grow beyond fails with SQLITE_FULL. 0: unbounded. */
void tt_fault_disk_capacity(uint64_t bytes);
/* Bytes all files have together. */
uint64_t tt_fault_disk_used(void);
/* Size of one file, or -1. */
int64_t tt_fault_disk_size(const char *name);

#endif
