/*
 * Files that are there whole or not at all: written beside, synced, renamed, the folder synced.
 */
#ifndef TT_FIRMWARE_AGENT_ATOMIC_FILE_H
#define TT_FIRMWARE_AGENT_ATOMIC_FILE_H

#include "base/err.h"

/* TT_EIO with errno's text and the path in msg (may be NULL); TT_ERANGE: the path is too long. mode e.g. 0600. */
TT_MUSTCHECK enum tt_err tt_atomic_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct tt_errmsg *msg);
/* The whole file; the caller frees; a NUL follows. TT_ENOTFOUND; TT_ERANGE longer than max; TT_EIO; TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_atomic_file_read(const char *path, size_t max, char **out, size_t *len);

#endif
