#include "base/config.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64, LINE_CAP = 1024, ENV_CAP = 128 };

struct source {
	const struct tt_config_spec *spec;
	void *config;
	const char *where; /* "agent.conf:12", "TELLTALE_AGENT_X", "--x" */
	struct tt_errmsg *msg;
	bool given[MAX_KEYS];
};

static bool same_key(const char *a, size_t n, const char *key)
{
	if (strlen(key) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((a[i] == '_' ? '-' : a[i]) != key[i])
			return false;
	}
	return true;
}

static enum tt_err find_key(const struct tt_config_spec *spec, const char *name, size_t n, size_t *out)
{
	for (size_t i = 0; i < spec->nkeys; i++) {
		if (same_key(name, n, spec->keys[i].name)) {
			*out = i;
			return TT_OK;
		}
	}
	return TT_ENOTFOUND;
}

static enum tt_err set_bool(struct source *src, const struct tt_config_key *key, const char *value)
{
	static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};

	for (unsigned truth = 0; truth < 2; truth++) {
		for (unsigned i = 0; i < 4; i++) {
			if (strcmp(value, words[truth][i]) == 0) {
				*(bool *)((char *)src->config + key->offset) = truth == 1;
				return TT_OK;
			}
		}
	}
	return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: %s must be true or false, not '%.60s'", src->where, key->name, value);
}

static enum tt_err set_int(struct source *src, const struct tt_config_key *key, const char *value)
{
	int64_t v;

	if (tt_parse_i64(value, strlen(value), &v))
		return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: %s must be a whole number, not '%.60s'", src->where, key->name, value);
	if ((key->min || key->max) && (v < key->min || v > key->max))
		return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: %s = %lld is outside %lld..%lld", src->where, key->name, (long long)v,
				     (long long)key->min, (long long)key->max);
	memcpy((char *)src->config + key->offset, &v, sizeof(v));
	return TT_OK;
}

static enum tt_err set_value(struct source *src, size_t index, const char *value)
{
	const struct tt_config_key *key = &src->spec->keys[index];

	switch (key->type) {
	case TT_CONFIG_BOOL:
		return set_bool(src, key, value);
	case TT_CONFIG_INT:
		return set_int(src, key, value);
	case TT_CONFIG_STRING:
		if (strlen(value) >= key->size)
			return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: %s is longer than %zu bytes", src->where, key->name, key->size - 1);
		strcpy((char *)src->config + key->offset, value);
		return TT_OK;
	}
	return TT_EINVAL;
}

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

static enum tt_err read_line(struct source *src, char *line, bool in_file[MAX_KEYS])
{
	char *equals, *name;
	size_t index;

	line = trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return TT_OK;
	equals = strchr(line, '=');
	if (!equals)
		return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: expected 'key = value', found '%.60s'", src->where, line);
	*equals = '\0';
	name = trim(line);
	if (find_key(src->spec, name, strlen(name), &index))
		return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: unknown key '%.60s'; %s --help lists the keys", src->where, name,
				     src->spec->program);
	if (in_file[index])
		return tt_errmsg_set(src->msg, TT_ECONFIG, "%s: key '%s' stands twice; keep one line", src->where, name);
	in_file[index] = true;
	src->given[index] = true;
	return set_value(src, index, trim(equals + 1));
}

static enum tt_err read_file(struct source *src, const char *path)
{
	bool in_file[MAX_KEYS] = {false};
	char line[LINE_CAP], where[ENV_CAP + 320];
	enum tt_err err = TT_OK;
	FILE *f = fopen(path, "re");

	if (!f)
		return tt_errmsg_set(src->msg, TT_ECONFIG, "--config %s: %s", path, strerror(errno));
	for (unsigned n = 1; !err && fgets(line, sizeof(line), f); n++) {
		(void)snprintf(where, sizeof(where), "%s:%u", path, n);
		src->where = where;
		if (!strchr(line, '\n') && !feof(f))
			err = tt_errmsg_set(src->msg, TT_ECONFIG, "%s: line longer than %d bytes", where, LINE_CAP - 2);
		else
			err = read_line(src, line, in_file);
	}
	if (!err && ferror(f))
		err = tt_errmsg_set(src->msg, TT_ECONFIG, "%s: cannot be read: %s", path, strerror(errno));
	fclose(f);
	return err;
}

static enum tt_err read_environment(struct source *src)
{
	for (size_t i = 0; i < src->spec->nkeys; i++) {
		char name[ENV_CAP];
		const char *value;
		const int n = snprintf(name, sizeof(name), "%s_%s", src->spec->env_prefix, src->spec->keys[i].name);

		TT_ASSERT(n > 0 && (size_t)n < sizeof(name));
		for (char *p = name; *p; p++)
			*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
		value = getenv(name);
		if (value) {
			enum tt_err err;

			src->where = name;
			src->given[i] = true;
			err = set_value(src, i, value);
			if (err)
				return err;
		}
	}
	return TT_OK;
}

static bool is_switch(const struct source *src, size_t index, const char *next)
{
	return src->spec->keys[index].type == TT_CONFIG_BOOL && (!next || strncmp(next, "--", 2) == 0);
}

static enum tt_err read_arguments(struct source *src, int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i] + 2, *equals, *value;
		size_t index, n;
		enum tt_err err;

		src->where = argv[i];
		if (strncmp(argv[i], "--", 2) != 0)
			return tt_errmsg_set(src->msg, TT_ECONFIG, "'%.60s' is not an option; %s --help lists them", argv[i],
					     src->spec->program);
		equals = strchr(name, '=');
		n = equals ? (size_t)(equals - name) : strlen(name);
		value = equals ? equals + 1 : i + 1 < argc ? argv[i + 1] : NULL;
		if (n == strlen("config") && strncmp(name, "config", n) == 0) {
			i += equals ? 0 : 1; /* read before, see tt_config_load */
			continue;
		}
		if (find_key(src->spec, name, n, &index))
			return tt_errmsg_set(src->msg, TT_ECONFIG, "unknown option '%.60s'; %s --help lists them", argv[i],
					     src->spec->program);
		if (!equals && is_switch(src, index, value))
			value = "true";
		else if (!equals)
			i++;
		if (!value)
			return tt_errmsg_set(src->msg, TT_ECONFIG, "option '%.60s' needs a value", argv[i - 1]);
		src->given[index] = true;
		err = set_value(src, index, value);
		if (err)
			return err;
	}
	return TT_OK;
}

static enum tt_err config_path(int argc, char *const argv[], const char **out, struct tt_errmsg *msg)
{
	*out = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0) {
			if (i + 1 >= argc)
				return tt_errmsg_set(msg, TT_ECONFIG, "option '--config' needs a file");
			*out = argv[i + 1];
		} else if (strncmp(argv[i], "--config=", strlen("--config=")) == 0) {
			*out = argv[i] + strlen("--config=");
		}
	}
	return TT_OK;
}

enum tt_err tt_config_load(const struct tt_config_spec *spec, void *config, int argc, char *const argv[], bool *help, struct tt_errmsg *msg)
{
	struct source src = {.spec = spec, .config = config, .where = "default", .msg = msg, .given = {false}};
	const char *path;
	enum tt_err err;

	TT_ASSERT(spec->nkeys <= MAX_KEYS);
	*help = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			tt_config_help(spec, stdout);
			*help = true;
			return TT_OK;
		}
	}
	for (size_t i = 0; i < spec->nkeys; i++) {
		if (spec->keys[i].preset) {
			err = set_value(&src, i, spec->keys[i].preset);
			TT_ASSERT(err == TT_OK); /* a table with a bad default is our own error */
			src.given[i] = true;
		}
	}
	err = config_path(argc, argv, &path, msg);
	if (!err && path)
		err = read_file(&src, path);
	if (!err)
		err = read_environment(&src);
	if (!err)
		err = read_arguments(&src, argc, argv);
	for (size_t i = 0; !err && i < spec->nkeys; i++) {
		if (!src.given[i])
			err = tt_errmsg_set(msg, TT_ECONFIG, "'%s' is not set (%s); give --%s, or set it in the file named by --config",
					    spec->keys[i].name, spec->keys[i].help, spec->keys[i].name);
	}
	return err;
}

void tt_config_help(const struct tt_config_spec *spec, FILE *out)
{
	fprintf(out, "%s: %s\n\nusage: %s [--config FILE] [--key value ...]\n\n", spec->program, spec->purpose, spec->program);
	for (size_t i = 0; i < spec->nkeys; i++) {
		const struct tt_config_key *key = &spec->keys[i];

		fprintf(out, "  --%-22s %s", key->name, key->help);
		if (key->type == TT_CONFIG_INT && (key->min || key->max))
			fprintf(out, " (%lld..%lld)", (long long)key->min, (long long)key->max);
		if (key->preset && key->preset[0])
			fprintf(out, " [%s]", key->preset);
		fprintf(out, "%s\n", key->preset ? "" : " (required)");
	}
	fprintf(out,
		"\nEach key may also stand in the file as 'key = value' or in the environment as %s_KEY. Later wins: default, file,\n"
		"environment, command line.\n",
		spec->env_prefix);
}
