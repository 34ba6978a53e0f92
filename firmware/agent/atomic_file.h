/*
 * Files that are there whole or not at all: written beside, synced, renamed, the folder synced. A power cut leaves the old or the new one.
 */
#ifndef TT_FIRMWARE_AGENT_ATOMIC_FILE_H
#define TT_FIRMWARE_AGENT_ATOMIC_FILE_H

#include "base/err.h"

#include <stdio.h>

enum { TT_ATOMIC_FILE_PATH = 1100 };

/*
 * Writing line by line: begin, print into `f`, end. What went wrong in between is told by end, and the old file stays.
 *
 *	struct tt_atomic_file out;
 *	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);
 *
 *	if (err)
 *		return err;
 *	fprintf(out.f, ...);
 *	return tt_atomic_file_end(&out);
 */
struct tt_atomic_file {
	FILE *f; /* this struct's until end */
	char path[TT_ATOMIC_FILE_PATH], tmp[TT_ATOMIC_FILE_PATH];
};
/* mode e.g. 0600. TT_EIO; TT_ENOSPC; TT_ERANGE: the path is too long. errno holds. */
TT_MUSTCHECK enum tt_err tt_atomic_file_begin(struct tt_atomic_file *out, const char *path, unsigned mode);
/* TT_EIO, TT_ENOSPC; errno holds. Nothing is left to be closed or removed. */
TT_MUSTCHECK enum tt_err tt_atomic_file_end(struct tt_atomic_file *out);

/* TT_EIO with errno's text and the path in msg (may be NULL); TT_ERANGE: the path is too long. mode e.g. 0600. */
TT_MUSTCHECK enum tt_err tt_atomic_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct tt_errmsg *msg);

/* To read line by line; the caller closes. TT_ENOTFOUND, TT_EIO. */
TT_MUSTCHECK enum tt_err tt_atomic_file_open(const char *path, FILE **out);
/* The whole file; the caller frees; a NUL follows. TT_ENOTFOUND; TT_ERANGE longer than max; TT_EIO; TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_atomic_file_read(const char *path, size_t max, char **out, size_t *len);

#endif
