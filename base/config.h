/*
 * One configuration table a program: key, type, default, range, help. The file, the environment, the command line and `--help` are
 * all read from it; nothing else parses settings.
 *
 * Order, later wins: default < file (`key = value`, `#` starts a comment) < environment (PREFIX_KEY, e.g. TELLTALE_GATEWAY_STORE) < command
 * line (`--key value` or `--key=value`; a bool may stand alone). Keys are written with '-' on the command line and '_' elsewhere; both are
 * read everywhere. An unknown key, a value out of range or a duplicate in the file is TT_ECONFIG with file, line and way out.
 *
 * Memory: string values live in the struct's own char arrays. Nothing is allocated.
 */
#ifndef TT_BASE_CONFIG_H
#define TT_BASE_CONFIG_H

#include "base/err.h"

#include <stdint.h>
#include <stdio.h>

enum tt_config_type {
	TT_CONFIG_STRING, /* char[size] */
	TT_CONFIG_INT,    /* int64_t, min..max */
	TT_CONFIG_BOOL,   /* bool: true/false, yes/no, on/off, 1/0 */
};

struct tt_config_key {
	const char *name; /* "store", "ack-window": lower case, '-' between words */
	enum tt_config_type type;
	size_t offset;      /* offsetof in the configuration struct */
	size_t size;        /* of the member; for strings the array with its NUL */
	int64_t min, max;   /* TT_CONFIG_INT only; both 0 = any */
	const char *preset; /* default, as text; NULL = must be given */
	const char *help;   /* one sentence with the unit */
};

#define TT_CONFIG_STR(st, member, key, preset_, help_) \
	{ \
		.name = (key), .type = TT_CONFIG_STRING, .offset = offsetof(st, member), .size = sizeof(((st *)0)->member), \
		.preset = (preset_), .help = (help_) \
	}
#define TT_CONFIG_NUM(st, member, key, min_, max_, preset_, help_) \
	{ \
		.name = (key), .type = TT_CONFIG_INT, .offset = offsetof(st, member), .size = sizeof(((st *)0)->member), .min = (min_), \
		.max = (max_), .preset = (preset_), .help = (help_) \
	}
#define TT_CONFIG_FLAG(st, member, key, preset_, help_) \
	{ \
		.name = (key), .type = TT_CONFIG_BOOL, .offset = offsetof(st, member), .size = sizeof(((st *)0)->member), \
		.preset = (preset_), .help = (help_) \
	}

struct tt_config_spec {
	const char *program;    /* "telltale-gateway" */
	const char *purpose;    /* first line of --help */
	const char *env_prefix; /* "TELLTALE_GATEWAY" */
	const struct tt_config_key *keys;
	size_t nkeys;
};

/*
 * Fill *config (the struct the offsets point into). `--config FILE` names the file; none is read without it. `--help` prints and sets
 * *help, in which case the caller exits 0. Positional arguments are an error.
 * Errors: TT_ECONFIG with a message naming file:line, variable or option, what is wrong and what is allowed.
 */
TT_MUSTCHECK enum tt_err tt_config_load(const struct tt_config_spec *spec, void *config, int argc, char *const argv[], bool *help,
					struct tt_errmsg *msg);

/* The same help text, for documentation and tests. */
void tt_config_help(const struct tt_config_spec *spec, FILE *out);

#endif
