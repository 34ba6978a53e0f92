/*
 * Reading DBC files into memory that lasts. Internal to decode.
 */
#ifndef TT_OPERATOR_DECODE_FILES_H
#define TT_OPERATOR_DECODE_FILES_H

#include "operator/decode/decode_line.h"

/*
 * Read, parse and compile a DBC file. *block holds everything the plan points to; the caller frees it.
 * Errors with message: TT_EIO (cannot be read, with the system's reason), TT_ERANGE (above 64 MB), TT_ENOMEM, TT_ECONFIG (not a DBC: file,
 * line, reason).
 */
TT_MUSTCHECK enum tt_err tt_decode_dbc_read(const char *path, bool j1939, struct tt_dbc_plan *plan, void **block, struct tt_errmsg *msg);

#endif
