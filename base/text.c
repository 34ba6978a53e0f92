#include "base/text.h"

#include <string.h>

struct tt_text tt_text_init(char *buf, size_t cap)
{
	TT_ASSERT(cap > 0);
	buf[0] = '\0';
	return (struct tt_text){.buf = buf, .cap = cap, .len = 0, .cut = false};
}

void tt_text_bytes(struct tt_text *t, const char *s, size_t n)
{
	if (t->cut || n > t->cap - 1 - t->len) {
		t->cut = true;
		return;
	}
	if (n > 0)
		memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void tt_text_str(struct tt_text *t, const char *s)
{
	tt_text_bytes(t, s, strlen(s));
}

void tt_text_char(struct tt_text *t, char c)
{
	tt_text_bytes(t, &c, 1);
}

void tt_text_u64(struct tt_text *t, uint64_t v)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	tt_text_bytes(t, digits + sizeof(digits) - n, n);
}

void tt_text_i64(struct tt_text *t, int64_t v)
{
	if (v < 0)
		tt_text_char(t, '-');
	tt_text_u64(t, v < 0 ? 0U - (uint64_t)v : (uint64_t)v);
}

void tt_text_hex(struct tt_text *t, uint64_t v, unsigned digits)
{
	char out[16];
	size_t n = 0;

	do {
		out[sizeof(out) - ++n] = "0123456789ABCDEF"[v & 0xF];
		v >>= 4;
	} while ((v || n < digits) && n < sizeof(out));
	tt_text_bytes(t, out + sizeof(out) - n, n);
}

void tt_text_fixed(struct tt_text *t, int64_t v, unsigned decimals)
{
	uint64_t mag = v < 0 ? 0U - (uint64_t)v : (uint64_t)v;
	uint64_t unit = 1;

	TT_ASSERT(decimals <= 9);
	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	if (v < 0)
		tt_text_char(t, '-');
	tt_text_u64(t, mag / unit);
	if (decimals == 0)
		return;
	tt_text_char(t, '.');
	for (uint64_t rest = mag % unit; unit > 1; rest %= unit) {
		unit /= 10;
		tt_text_char(t, (char)('0' + rest / unit));
	}
}

enum tt_err tt_parse_i64(const char *s, size_t n, int64_t *out)
{
	const bool negative = n > 0 && s[0] == '-';
	const uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	size_t i = n > 0 && (s[0] == '-' || s[0] == '+') ? 1 : 0;
	uint64_t v = 0;

	if (i == n)
		return TT_EINVAL;
	for (; i < n; i++) {
		const unsigned digit = (unsigned)(unsigned char)s[i] - '0';

		if (digit > 9)
			return TT_EINVAL;
		if (v > (limit - digit) / 10)
			return TT_ERANGE;
		v = v * 10 + digit;
	}
	*out = negative ? (int64_t)(0U - v) : (int64_t)v;
	return TT_OK;
}

int tt_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum tt_err tt_parse_hex(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	if (n == 0 || n > 16)
		return TT_EINVAL;
	for (size_t i = 0; i < n; i++) {
		const int d = tt_hex_digit(s[i]);

		if (d < 0)
			return TT_EINVAL;
		v = v << 4 | (unsigned)d;
	}
	*out = v;
	return TT_OK;
}
