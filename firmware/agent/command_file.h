/*
 * The ledger of used commands on disk: written whole, synced and renamed into place, before a command is carried out.
 *
 * Text, one line a window or entry, ended by a sum; a file that does not add up is TT_ECORRUPT, and the unit then takes no command that
 * acts on the car unless it was signed later (struct tt_command_ledger, floor_us).
 */
#ifndef TT_FIRMWARE_AGENT_COMMAND_FILE_H
#define TT_FIRMWARE_AGENT_COMMAND_FILE_H

#include "firmware/proto/command.h"

/* TT_ENOTFOUND: no such file. TT_ECORRUPT. TT_EIO. *out on TT_OK only. */
TT_MUSTCHECK enum tt_err tt_command_file_load(const char *path, struct tt_command_ledger *out);
/* TT_EIO; the old file then stays. */
TT_MUSTCHECK enum tt_err tt_command_file_save(const char *path, const struct tt_command_ledger *l);

#endif
