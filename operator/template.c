#include "operator/template.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *value_of(const struct tt_template_value *values, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
			return values[i].value;
	}
	return NULL;
}

static enum tt_err fill(const char *text, const struct tt_template_value *values, size_t n, FILE *out, struct tt_errmsg *msg)
{
	while (*text) {
		const size_t plain = strcspn(text, "@");
		const char *end, *value;

		(void)fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			break;
		end = strchr(text + 1, '@');
		value = end ? value_of(values, n, text + 1, (size_t)(end - text - 1)) : NULL;
		if (!value)
			return tt_errmsg_set(msg, TT_EINVAL, "template: no value for '%.30s'", text);
		(void)fputs(value, out);
		text = end + 1;
	}
	return TT_OK;
}

enum tt_err tt_template_write(const char *text, const struct tt_template_value *values, size_t n, const char *path, struct tt_errmsg *msg)
{
	char temp[1100];
	enum tt_err err;
	FILE *f;
	bool ok;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", path);
	f = fopen(temp, "we");
	if (!f)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", temp, strerror(errno));
	err = fill(text, values, n, f, msg);
	ok = !ferror(f);
	ok = fclose(f) == 0 && ok;
	if (err)
		return err;
	if (!ok || chmod(temp, 0600) != 0 || rename(temp, path) != 0)
		return tt_errmsg_set(msg, TT_EIO, "%s: cannot be written: %s", path, strerror(errno));
	return TT_OK;
}
