/*
 * Command lines of the operator's tool: `telltale COMMAND [WORD...] [--option VALUE] [--switch]`, from one table a command.
 *
 * Values point into argv. A mistake is told on stderr with the command's usage, and the caller exits with TT_EXIT_USAGE.
 */
#ifndef TT_OPERATOR_OPTIONS_H
#define TT_OPERATOR_OPTIONS_H

#include "base/err.h"

enum { TT_EXIT_OK = 0, TT_EXIT_FAILED = 1, TT_EXIT_USAGE = 2 };

struct tt_option {
	const char *name;   /* "dealer", without the dashes */
	const char **value; /* option with a value; NULL for a switch */
	bool *on;           /* switch */
	bool required;
	const char *help;
};

struct tt_usage {
	const char *command; /* "unit add NAME" */
	const char *purpose;
	const struct tt_option *options;
	size_t noptions;
	int words; /* how many plain words the command takes after its name */
};

/* argv[0..argc): what follows the command's name. words receives exactly usage->words entries. TT_EINVAL after telling why; `--help`
 * prints the usage on stdout and answers TT_EEOF (exit 0). */
TT_MUSTCHECK enum tt_err tt_options_read(const struct tt_usage *usage, int argc, char *const argv[], const char *words[]);

#endif
