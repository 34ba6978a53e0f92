/*
 * telltale: the operator's tool. A table of commands; each stands in its own file.
 */
#include "operator/commands.h"
#include "operator/decode/check.h"
#include "operator/decode/decode.h"
#include "operator/options.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *words[2]; /* second NULL: the command is one word */
	int (*run)(int argc, char *argv[]);
	const char *help;
} commands[] = {
	{{"init", NULL}, tt_cmd_init, "make certificates, the record and the broker's configuration"},
	{{"unit", "add"}, tt_cmd_unit_add, "provision a unit"},
	{{"unit", "revoke"}, tt_cmd_unit_revoke, "never listen to a unit again"},
	{{"unit", "list"}, tt_cmd_unit_list, "list the units"},
	{{"dealer", "add"}, tt_cmd_dealer_add, "add a dealer"},
	{{"user", "add"}, tt_cmd_user_add, "add somebody who may log in"},
	{{"vehicle", "add"}, tt_cmd_vehicle_add, "add or update a vehicle, its owner, its plan"},
	{{"plan", "add"}, tt_cmd_plan_add, "add an item to a maintenance plan"},
	{{"key", "new"}, tt_cmd_key_new, "make a key that signs commands and configurations"},
	{{"key", "list"}, tt_cmd_key_list, "list the keys"},
	{{"key", "trust"}, tt_cmd_key_trust, "write the file of keys that units are to trust"},
	{{"command", "send"}, tt_cmd_command_send, "sign a command and send it to a unit"},
	{{"config", "send"}, tt_cmd_config_send, "sign a configuration and send it to a unit"},
	{{"update", "sign"}, tt_cmd_update_sign, "sign an update of the in-car agent"},
	{{"import", NULL}, tt_cmd_import, "customers and vehicles from CSV, dry run first"},
	{{"decode", NULL}, tt_operator_decode, "candump log lines to JSON"},
	{{"dbc", "check"}, tt_operator_dbc_check, "what DBC files hold, and what is wrong in them, by line"},
	{{"doctor", NULL}, tt_cmd_doctor, "check configuration, certificates, broker, record and clock"},
	{{"backup", NULL}, tt_cmd_backup, "copy the record online, verified"},
};

static void print_commands(FILE *out)
{
	fprintf(out, "telltale: the operator's tool\n\nusage: telltale COMMAND [options]; telltale COMMAND --help\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-7s %-7s %s\n", commands[i].words[0], commands[i].words[1] ? commands[i].words[1] : "", commands[i].help);
}

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		const int words = commands[i].words[1] ? 2 : 1;

		if (argc > words && strcmp(argv[1], commands[i].words[0]) == 0 &&
		    (words == 1 || strcmp(argv[2], commands[i].words[1]) == 0))
			return commands[i].run(argc - 1 - words, argv + 1 + words);
	}
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_commands(stdout);
		return TT_EXIT_OK;
	}
	if (argc > 1)
		fprintf(stderr, "telltale: unknown command '%s'\n\n", argv[1]);
	print_commands(stderr);
	return TT_EXIT_USAGE;
}
