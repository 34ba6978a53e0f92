#include "operator/commands.h"

#include "operator/home.h"
#include "operator/options.h"

#include <stdio.h>

static enum tt_err backup(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	const char *path = ctx;
	const enum tt_err err = tt_store_backup(store, path, msg);

	(void)home;
	if (!err)
		printf("%s: written and checked\n", path);
	return err;
}

int tt_cmd_backup(int argc, char *argv[])
{
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {
		"backup FILE", "Copy the record while everything runs, then check the copy. Certificates are not in it: keep pki/ too.",
		options, 1, 1};
	char path[TT_PATH_MAX];
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	if (snprintf(path, sizeof(path), "%s", words[0]) >= (int)sizeof(path)) {
		fprintf(stderr, "telltale: backup file: the path is too long\n");
		return TT_EXIT_USAGE;
	}
	return tt_home_read(dir, backup, path);
}
