#include "base/utf8.h"

size_t tt_utf8_next(const char *s, size_t n, uint32_t *rune)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length */
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;
	size_t len;

	if (n == 0)
		return 0;
	len = p[0] < 0x80 ? 1 : p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF8 ? 4 : 0;
	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? p[0] : p[0] & (0x7FU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3FU);
	}
	if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*rune = c;
	return len;
}

bool tt_utf8_valid(const char *s, size_t n)
{
	uint32_t rune;

	for (size_t i = 0, len; i < n; i += len) {
		len = tt_utf8_next(s + i, n - i, &rune);
		if (len == 0)
			return false;
	}
	return true;
}

bool tt_utf8_printable(const char *s, size_t n)
{
	uint32_t rune;

	for (size_t i = 0, len; i < n; i += len) {
		len = tt_utf8_next(s + i, n - i, &rune);
		if (len == 0 || rune < 0x20 || (rune >= 0x7F && rune < 0xA0))
			return false;
	}
	return true;
}
