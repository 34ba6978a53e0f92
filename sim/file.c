#include "sim/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum tt_err tt_sim_file_read(const char *path, char **text, size_t *len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "rb");
	enum tt_err err = TT_OK;
	char *bytes = NULL;
	size_t n = 0;

	if (!f)
		return tt_errmsg_set(msg, errno == ENOENT ? TT_ENOTFOUND : TT_EIO, "%s: %s", path, strerror(errno));
	bytes = malloc(TT_SIM_FILE_MAX + 1);
	if (!bytes)
		err = tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory", path);
	else
		n = fread(bytes, 1, TT_SIM_FILE_MAX + 1, f);
	if (!err && ferror(f))
		err = tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	else if (!err && n > TT_SIM_FILE_MAX)
		err = tt_errmsg_set(msg, TT_ERANGE, "%s: larger than a megabyte; is it the right file?", path);
	fclose(f);
	if (err) {
		free(bytes);
		return err;
	}
	*text = bytes;
	*len = n;
	return TT_OK;
}
