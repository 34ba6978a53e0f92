/* A whole text file in memory: scenarios and tracks. */
#ifndef TT_SIM_FILE_H
#define TT_SIM_FILE_H

#include "base/err.h"

enum { TT_SIM_FILE_MAX = 1 << 20 };

/* *text is the caller's to free. TT_ENOTFOUND, TT_ERANGE above TT_SIM_FILE_MAX, TT_EIO, TT_ENOMEM; the message names the file. */
TT_MUSTCHECK enum tt_err tt_sim_file_read(const char *path, char **text, size_t *len, struct tt_errmsg *msg);

#endif
