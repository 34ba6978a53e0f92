/*
 * The faults told before this start: a small text file beside the journal, so that a restart neither raises them again nor forgets to
 * clear them. It belongs to the journal's epoch: with a new journal the told events are gone, and everything is told again.
 *
 * Written whole (atomic_file.h). A file that cannot be read is as none.
 */
#ifndef TT_FIRMWARE_AGENT_KNOWN_H
#define TT_FIRMWARE_AGENT_KNOWN_H

#include "firmware/proto/fault_watch.h"

/* Restores into w. TT_ENOTFOUND none, or of another epoch; TT_ECORRUPT; TT_EIO. After an error w is as before, or holds the readable part.
 */
TT_MUSTCHECK enum tt_err tt_known_load(const char *path, uint64_t epoch, struct tt_fault_watch *w);
/* TT_EIO, TT_ENOSPC. */
TT_MUSTCHECK enum tt_err tt_known_save(const char *path, uint64_t epoch, const struct tt_fault_watch *w);

#endif
