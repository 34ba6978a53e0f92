#include "operator/decode/decode_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20 };

enum tt_err tt_decode_file_read(const char *path, char **text, size_t *len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "rb");
	enum tt_err err = TT_OK;
	char *buf = NULL;
	size_t cap = 0, n = 0;

	if (!f)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	while (!err && !feof(f)) {
		if (n == cap) {
			char *more = realloc(buf, cap ? cap * 2 : 1 << 16);

			if (!more) {
				err = tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory", path);
				break;
			}
			buf = more;
			cap = cap ? cap * 2 : 1 << 16;
		}
		n += fread(buf + n, 1, cap - n, f);
		if (ferror(f))
			err = tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
		else if (n > FILE_MAX)
			err = tt_errmsg_set(msg, TT_ERANGE, "%s: above 64 MB; is this a DBC file?", path);
	}
	(void)fclose(f);
	if (err) {
		free(buf);
		return err;
	}
	*text = buf;
	*len = n;
	return TT_OK;
}

static void count_fault(void *ctx, const struct tt_dbc_fault *fault)
{
	struct tt_decode_dbc *d = ctx;

	d->left_out += !fault->warning;
}

static enum tt_err compile(const char *text, size_t len, bool j1939, struct tt_decode_dbc *out)
{
	struct tt_dbc_arena database = {.cap = tt_dbc_arena_size(text, len)}, decoder;
	struct tt_dbc dbc;
	enum tt_err err;

	out->database = database.p = malloc(database.cap);
	if (!database.p)
		return TT_ENOMEM;
	err = tt_dbc_read(text, len, &database, count_fault, out, &dbc);
	if (err)
		return err;
	decoder = (struct tt_dbc_arena){.cap = tt_dbc_plan_bound(&dbc)};
	out->decoder = decoder.p = malloc(decoder.cap);
	if (!decoder.p)
		return TT_ENOMEM;
	return tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL | (j1939 ? TT_DBC_PLAN_J1939 : 0U), &decoder, &out->plan);
}

enum tt_err tt_decode_dbc_read(const char *path, bool j1939, struct tt_decode_dbc *out, struct tt_errmsg *msg)
{
	char *text = NULL;
	size_t len = 0;
	enum tt_err err = tt_decode_file_read(path, &text, &len, msg);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	err = compile(text, len, j1939, out);
	free(text);
	if (!err)
		return TT_OK;
	tt_decode_dbc_free(out);
	return tt_errmsg_set(msg, err, "%s: out of memory", path);
}

void tt_decode_dbc_free(struct tt_decode_dbc *dbc)
{
	free(dbc->decoder);
	free(dbc->database);
	memset(dbc, 0, sizeof(*dbc));
}
