/*
 * The slots' state on disk, STATE/slots, and the programs beside it, STATE/a/telltale-agent and STATE/b/telltale-agent.
 *
 * The state is replaced as a whole: written beside, synced, renamed, folder synced; a power cut leaves the old or the new one. Text, one
 * line each: `telltale-slots 1`, `good SLOT SEQUENCE VERSION SHA256`, `trial ... TRIES`, `refused SEQUENCE`.
 * Processes: launcher, agent and updater change the state, each holding STATE/lock from reading to writing, which takes milliseconds; the
 * updater's STATE/update.lock keeps a second updater away while one downloads.
 */
#ifndef TT_FIRMWARE_UPDATE_SLOTS_FILE_H
#define TT_FIRMWARE_UPDATE_SLOTS_FILE_H

#include "firmware/update/slots.h"

enum { TT_SLOTS_PATH = 256, TT_SLOTS_PROGRAM_MAX = 64 << 20 };

/* No file yet: a fresh installation. TT_ECORRUPT: not a state of ours; TT_EIO with errno's text in msg. */
TT_MUSTCHECK enum tt_err tt_slots_load(const char *dir, struct tt_slots *out, struct tt_errmsg *msg);
TT_MUSTCHECK enum tt_err tt_slots_save(const char *dir, const struct tt_slots *s, struct tt_errmsg *msg);

/* Path of a slot's program; never of the packaged one. TT_ERANGE: dir is too long. */
TT_MUSTCHECK enum tt_err tt_slots_program_path(const char *dir, enum tt_slot slot, char *out, size_t cap);

/* SHA-256 of a file of at most TT_SLOTS_PROGRAM_MAX bytes. TT_EIO, TT_ENOTFOUND, TT_ERANGE. */
TT_MUSTCHECK enum tt_err tt_slots_sum(const char *path, uint8_t out[TT_SLOT_SUM]);

#define TT_SLOTS_STATE_LOCK "lock"
#define TT_SLOTS_UPDATE_LOCK "update.lock"
/* Waits for nobody: TT_EAGAIN when another process holds it. *fd is closed by the caller, which gives the lock back. */
TT_MUSTCHECK enum tt_err tt_slots_lock(const char *dir, const char *name, int *fd);

/* Makes what was written in the folder last across a power cut. */
TT_MUSTCHECK enum tt_err tt_slots_sync_folder(const char *dir);

#endif
