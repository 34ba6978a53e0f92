#include "operator/decode/decode_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20 };

static enum tt_err read_whole(const char *path, char **text, size_t *len, struct tt_errmsg *msg)
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

static enum tt_err compile(const char *path, const char *text, size_t len, bool j1939, struct tt_dbc_plan *plan, void **block,
			   struct tt_errmsg *msg)
{
	/* the plan is smaller than the database it is made of */
	const size_t cap = 2 * tt_dbc_arena_size(text, len);
	struct tt_dbc_arena arena = {.p = malloc(cap), .cap = cap};
	struct tt_dbc_fault fault;
	struct tt_dbc dbc;
	enum tt_err err;

	if (!arena.p)
		return tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory", path);
	err = tt_dbc_parse(text, len, &arena, &dbc, &fault);
	if (err) {
		free(arena.p);
		return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: %s%s%s%s", path, fault.line, fault.why, fault.detail[0] ? " (at \"" : "",
				     fault.detail, fault.detail[0] ? "\")" : "");
	}
	err = tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL | (j1939 ? TT_DBC_PLAN_J1939 : 0U), &arena, plan);
	if (err) {
		free(arena.p);
		return tt_errmsg_set(msg, err, "%s: no room for the decode plan", path);
	}
	*block = arena.p;
	return TT_OK;
}

enum tt_err tt_decode_dbc_read(const char *path, bool j1939, struct tt_dbc_plan *plan, void **block, struct tt_errmsg *msg)
{
	char *text = NULL;
	size_t len = 0;
	enum tt_err err = read_whole(path, &text, &len, msg);

	if (err)
		return err;
	err = compile(path, text, len, j1939, plan, block, msg);
	free(text);
	return err;
}
