/*
 * How often the program has started, kept beside the journal: a program that keeps ending soon after its start runs in a minimal way, so
 * that alerts and updates still work. Only starts since this boot of the machine count for that, so that a machine whose power is cut after
 * each short drive does not look like a program that fails.
 *
 * Threads: one.
 */
#ifndef TT_FIRMWARE_AGENT_STARTS_H
#define TT_FIRMWARE_AGENT_STARTS_H

#include "base/time.h"

/* A start that lasted so long was a good one. */
#define TT_STARTS_SETTLED_US TT_SEC(600)

struct tt_starts {
	unsigned count;  /* of all, this one included */
	unsigned recent; /* that did not settle, this one included */
	bool minimal;
};

/* Notes this start. limit: so many starts that did not settle make the next one minimal; 0 = never. boot: of this boot, 1..40 characters
 * without blanks, e.g. the kernel's boot_id. A file that is absent or unreadable counts as empty. TT_EIO, TT_ENOSPC: it cannot be written;
 * *out holds. */
TT_MUSTCHECK enum tt_err tt_starts_note(const char *path, const char *boot, unsigned limit, struct tt_starts *out);
/* This one has lasted, or ends as it should. TT_EIO, TT_ENOSPC. */
TT_MUSTCHECK enum tt_err tt_starts_settled(const char *path, const char *boot, struct tt_starts *starts);

#endif
