#include "gateway/json.h"

#include "base/utf8.h"

#include <string.h>

struct tt_json tt_json_init(char *buf, size_t cap)
{
	return (struct tt_json){.text = tt_text_init(buf, cap), .comma = false};
}

static void escaped(struct tt_text *t, const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		uint32_t rune;
		size_t n = tt_utf8_next(s, (size_t)(end - s), &rune);

		if (n == 0) {
			tt_text_str(t, "\xEF\xBF\xBD");
			s++;
			continue;
		}
		if (*s == '"' || *s == '\\') {
			tt_text_char(t, '\\');
			tt_text_char(t, *s);
		} else if ((unsigned char)*s < 0x20) {
			tt_text_str(t, "\\u");
			tt_text_hex(t, (unsigned char)*s, 4);
		} else {
			tt_text_bytes(t, s, n);
		}
		s += n;
	}
}

static void quoted(struct tt_text *t, const char *s)
{
	tt_text_char(t, '"');
	escaped(t, s);
	tt_text_char(t, '"');
}

static void member(struct tt_json *j, const char *key)
{
	if (j->comma)
		tt_text_char(&j->text, ',');
	j->comma = true;
	if (key) {
		quoted(&j->text, key);
		tt_text_char(&j->text, ':');
	}
}

void tt_json_open(struct tt_json *j, const char *key, char bracket)
{
	member(j, key);
	tt_text_char(&j->text, bracket);
	j->comma = false;
}

void tt_json_close(struct tt_json *j, char bracket)
{
	tt_text_char(&j->text, bracket);
	j->comma = true;
}

void tt_json_str(struct tt_json *j, const char *key, const char *value)
{
	member(j, key);
	quoted(&j->text, value);
}

void tt_json_int(struct tt_json *j, const char *key, int64_t value)
{
	member(j, key);
	tt_text_i64(&j->text, value);
}

void tt_json_fixed(struct tt_json *j, const char *key, int64_t value, unsigned decimals)
{
	member(j, key);
	tt_text_fixed(&j->text, value, decimals);
}

void tt_json_bool(struct tt_json *j, const char *key, bool value)
{
	member(j, key);
	tt_text_str(&j->text, value ? "true" : "false");
}

void tt_json_hex(struct tt_json *j, const char *key, const uint8_t *bytes, size_t len)
{
	member(j, key);
	tt_text_char(&j->text, '"');
	for (size_t i = 0; i < len; i++)
		tt_text_hex(&j->text, bytes[i], 2);
	tt_text_char(&j->text, '"');
}

struct tt_json tt_json_mark(const struct tt_json *j)
{
	return *j;
}

void tt_json_back(struct tt_json *j, const struct tt_json *mark)
{
	*j = *mark;
	j->text.buf[j->text.len] = '\0';
}

enum tt_err tt_json_end(const struct tt_json *j)
{
	return j->text.cut ? TT_EFULL : TT_OK;
}
