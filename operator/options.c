#include "operator/options.h"

#include <stdio.h>
#include <string.h>

static void print_usage(const struct tt_usage *usage, FILE *out)
{
	fprintf(out, "usage: telltale %s%s\n%s\n", usage->command, usage->noptions ? " [options]" : "", usage->purpose);
	for (size_t i = 0; i < usage->noptions; i++) {
		const struct tt_option *o = &usage->options[i];

		fprintf(out, "  --%-18s %s%s\n", o->name, o->help, o->required ? " (required)" : "");
	}
}

static const struct tt_option *find(const struct tt_usage *usage, const char *name, size_t n)
{
	for (size_t i = 0; i < usage->noptions; i++) {
		if (strlen(usage->options[i].name) == n && strncmp(usage->options[i].name, name, n) == 0)
			return &usage->options[i];
	}
	return NULL;
}

static enum tt_err wrong(const struct tt_usage *usage, const char *what, const char *which)
{
	fprintf(stderr, "telltale: %s%s\n", what, which);
	print_usage(usage, stderr);
	return TT_EINVAL;
}

static enum tt_err read_option(const struct tt_usage *usage, int argc, char *const argv[], int *i)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	const struct tt_option *o = find(usage, name, equals ? (size_t)(equals - name) : strlen(name));

	if (!o)
		return wrong(usage, "unknown option ", argv[*i]);
	if (o->on) {
		*o->on = true;
		return TT_OK;
	}
	if (equals) {
		*o->value = equals + 1;
		return TT_OK;
	}
	if (*i + 1 >= argc)
		return wrong(usage, "no value after ", argv[*i]);
	*o->value = argv[++*i];
	return TT_OK;
}

enum tt_err tt_options_read(const struct tt_usage *usage, int argc, char *const argv[], const char *words[])
{
	int nwords = 0;

	for (int i = 0; i < argc; i++) {
		enum tt_err err = TT_OK;

		if (strcmp(argv[i], "--help") == 0) {
			print_usage(usage, stdout);
			return TT_EEOF;
		}
		if (strncmp(argv[i], "--", 2) == 0)
			err = read_option(usage, argc, argv, &i);
		else if (nwords < usage->words)
			words[nwords++] = argv[i];
		else
			err = wrong(usage, "one word too many: ", argv[i]);
		if (err)
			return err;
	}
	if (nwords < usage->words)
		return wrong(usage, "too few words for: ", usage->command);
	for (size_t i = 0; i < usage->noptions; i++) {
		const struct tt_option *o = &usage->options[i];

		if (o->required && o->value && !*o->value)
			return wrong(usage, "missing option --", o->name);
	}
	return TT_OK;
}
