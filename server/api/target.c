#include "server/api/target.h"

#include "base/text.h"

#include <string.h>

bool tt_path_match(const char *pattern, const char *path, size_t len, int64_t *id)
{
	const char *end = path + len;

	while (*pattern) {
		if (*pattern == '{') {
			const char *from = path;
			int64_t value;

			while (path < end && *path != '/')
				path++;
			if (path == from || *from < '1' || *from > '9' || tt_parse_i64(from, (size_t)(path - from), &value))
				return false;
			*id = value;
			pattern = strchr(pattern, '}') + 1;
		} else if (path < end && *path == *pattern) {
			path++;
			pattern++;
		} else {
			return false;
		}
	}
	return path == end;
}

static enum tt_err decode(const char *s, size_t n, char *out, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int hi, lo;

			if (n - i < 3)
				return TT_EINVAL;
			hi = tt_hex_digit(s[i + 1]);
			lo = tt_hex_digit(s[i + 2]);
			if (hi < 0 || lo < 0)
				return TT_EINVAL;
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		if (c == '\0')
			return TT_EINVAL;
		if (used + 1 >= cap)
			return TT_EFULL;
		out[used++] = c;
	}
	out[used] = '\0';
	return TT_OK;
}

static enum tt_err add_item(struct tt_query *q, const char *item, size_t n)
{
	const char *eq = memchr(item, '=', n);
	size_t name_len = eq ? (size_t)(eq - item) : n;
	enum tt_err err;

	if (n == 0)
		return TT_OK;
	if (q->n == TT_QUERY_MAX)
		return TT_EFULL;
	err = decode(item, name_len, q->items[q->n].name, sizeof(q->items[q->n].name));
	if (!err)
		err = decode(eq ? eq + 1 : "", eq ? n - name_len - 1 : 0, q->items[q->n].value, sizeof(q->items[q->n].value));
	if (err)
		return err;
	if (tt_query_get(q, q->items[q->n].name))
		return TT_EINVAL;
	q->n++;
	return TT_OK;
}

enum tt_err tt_query_parse(const char *query, struct tt_query *out)
{
	out->n = 0;
	for (;;) {
		const char *amp = strchr(query, '&');
		enum tt_err err = add_item(out, query, amp ? (size_t)(amp - query) : strlen(query));

		if (err || !amp)
			return err;
		query = amp + 1;
	}
}

const char *tt_query_get(const struct tt_query *query, const char *name)
{
	for (size_t i = 0; i < query->n; i++) {
		if (strcmp(query->items[i].name, name) == 0)
			return query->items[i].value;
	}
	return NULL;
}

enum tt_err tt_cookie_get(const char *header, const char *name, char *out, size_t cap)
{
	size_t name_len = strlen(name);

	while (*header) {
		size_t n;

		header += strspn(header, " ;");
		n = strcspn(header, ";");
		if (n > name_len && header[name_len] == '=' && strncmp(header, name, name_len) == 0) {
			size_t len = n - name_len - 1;

			if (len >= cap)
				return TT_EFULL;
			memcpy(out, header + name_len + 1, len);
			out[len] = '\0';
			return TT_OK;
		}
		header += n;
	}
	return TT_ENOTFOUND;
}
