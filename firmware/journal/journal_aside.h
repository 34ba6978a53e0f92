/*
 * A damaged journal: put it aside, and read from it what can still be read. Internal to firmware/journal/.
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_ASIDE_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_ASIDE_H

#include "firmware/journal/journal_seal.h"

#include <stdint.h>

enum {
	TT_JOURNAL_ASIDE_KEPT = 3, /* damaged files kept; the last name is used again, since the car's flash is small */
	TT_JOURNAL_LOCKED_MAX = 99,
	TT_JOURNAL_PATH_MAX = 512, /* with the suffix and NUL */
};

/* Renames the file and its log to PATH.corrupt-<n>, which goes into moved. TT_EIO, TT_ERANGE when the path is too long. */
TT_MUSTCHECK enum tt_err tt_journal_move_aside(const char *path, char moved[TT_JOURNAL_PATH_MAX]);

/* The same to the first free PATH.locked-<n>, at most TT_JOURNAL_LOCKED_MAX: no name is used twice. TT_EFULL: none is free. */
TT_MUSTCHECK enum tt_err tt_journal_move_locked(const char *path, char moved[TT_JOURNAL_PATH_MAX]);

/* sealed: the file has a seal. */
typedef enum tt_err (*tt_journal_salvage_fn)(void *ctx, const struct tt_journal_row *row, bool sealed, const uint8_t *stored, size_t len);
/* Calls fn for every readable row of alerts, then events, in order, until fn fails; bulk is not worth the time. What is unreadable is
 * skipped. */
void tt_journal_salvage(const char *path, tt_journal_salvage_fn fn, void *ctx);

#endif
