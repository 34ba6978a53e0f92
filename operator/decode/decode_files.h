/*
 * Reading DBC files into memory that lasts. Internal to decode.
 */
#ifndef TT_OPERATOR_DECODE_FILES_H
#define TT_OPERATOR_DECODE_FILES_H

#include "operator/decode/decode_line.h"

/* A whole file; the caller frees. Errors with message: TT_EIO (with the system's reason), TT_ERANGE (above 64 MB), TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_decode_file_read(const char *path, char **text, size_t *len, struct tt_errmsg *msg);

/* Read and compile a DBC file; what is broken in it is left out and counted. Errors as above. tt_decode_dbc_free after success. */
TT_MUSTCHECK enum tt_err tt_decode_dbc_read(const char *path, bool j1939, struct tt_decode_dbc *out, struct tt_errmsg *msg);
void tt_decode_dbc_free(struct tt_decode_dbc *dbc); /* zeroed is fine */

#endif
