#include "operator/commands.h"

#include "operator/keys.h"
#include "operator/options.h"

#include <stdio.h>
#include <string.h>

static int opened(const char *dir, struct tt_home *home)
{
	struct tt_errmsg msg = {""};
	enum tt_err err = tt_home_find(dir, home, &msg);

	if (!err && tt_sign_init() != TT_OK)
		err = tt_errmsg_set(&msg, TT_EIO, "no source of randomness");
	return err ? tt_home_failed(&msg) : TT_EXIT_OK;
}

int tt_cmd_key_new(int argc, char *argv[])
{
	const char *dir = NULL, *roles = "command,config", *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"roles", &roles, NULL, false, "what it may sign: command, config, update [command,config]"},
	};
	const struct tt_usage usage = {"key new NAME", "A key that signs commands and configurations; it stays in the home folder.",
				       options, sizeof(options) / sizeof(options[0]), 1};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);
	struct tt_errmsg msg = {""};
	struct tt_home home;
	int status;

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	status = opened(dir, &home);
	if (status)
		return status;
	if (tt_keys_new(&home, words[0], roles, &msg) != TT_OK)
		return tt_home_failed(&msg);
	printf("key %s: %s/keys/%s.key (secret), .pub; `telltale key trust` writes what units are to trust\n", words[0], home.dir,
	       words[0]);
	return TT_EXIT_OK;
}

static void print_line(void *ctx, const char *line)
{
	char hex[65], roles[64], name[32];

	(void)ctx;
	if (sscanf(line, "key %64s %63s %31s", hex, roles, name) == 3)
		printf("%-31s  %.16s  %s\n", name, hex, roles);
}

int tt_cmd_key_list(int argc, char *argv[])
{
	const char *dir = NULL;
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"key list", "Every key: name, id, what it may sign.", options, 1, 0};
	const enum tt_err err = tt_options_read(&usage, argc, argv, NULL);
	struct tt_errmsg msg = {""};
	struct tt_home home;
	int status;

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	status = opened(dir, &home);
	if (!status && tt_keys_each(&home, print_line, NULL, &msg) != TT_OK)
		status = tt_home_failed(&msg);
	return status;
}

int tt_cmd_key_trust(int argc, char *argv[])
{
	const char *dir = NULL;
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"key trust", "Write the file of trusted keys for units: every .pub of keys/.", options, 1, 0};
	const enum tt_err err = tt_options_read(&usage, argc, argv, NULL);
	struct tt_errmsg msg = {""};
	struct tt_home home;
	size_t n = 0;
	int status;

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	status = opened(dir, &home);
	if (status)
		return status;
	if (tt_home_mkdir(&home, "keys", &msg) != TT_OK || tt_keys_write_trusted(&home, "keys/trusted", &n, &msg) != TT_OK)
		return tt_home_failed(&msg);
	printf("%s/keys/trusted: %zu keys; install it in the unit and name it there as trusted-keys\n", home.dir, n);
	return TT_EXIT_OK;
}
