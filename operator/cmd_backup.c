#include "operator/commands.h"

#include "operator/home.h"
#include "operator/options.h"

#include <stdio.h>

int tt_cmd_backup(int argc, char *argv[])
{
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {
		"backup FILE", "Copy the record while everything runs, then check the copy. Certificates are not in it: keep pki/ too.",
		options, 1, 1};
	struct tt_home home;
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_open(&home, &store, &msg);
	if (!err)
		err = tt_store_backup(store, words[0], &msg);
	tt_store_close(store);
	if (err)
		return tt_home_failed(&msg);
	printf("%s: written and checked\n", words[0]);
	return TT_EXIT_OK;
}
