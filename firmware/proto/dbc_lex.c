#include "firmware/proto/dbc_lex.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

enum { EXACT_POW10 = 22, EXPONENT_MAX = 400 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes above 127 count as letters: some files have names with umlauts. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static char char_at(const struct tt_dbc_lex *l, size_t at)
{
	return at < l->len ? l->text[at] : '\0';
}

void tt_dbc_lex_skip_blanks(struct tt_dbc_lex *l)
{
	while (l->at < l->len) {
		const char c = l->text[l->at];

		if (c == '\n')
			l->line++;
		else if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\0')
			return;
		l->at++;
	}
}

static struct tt_dbc_token string_token(struct tt_dbc_lex *l, struct tt_dbc_token t)
{
	t.kind = TT_DBC_STRING;
	t.p++;
	for (l->at++; l->at < l->len; l->at++) {
		const char c = l->text[l->at];

		if (c == '"') {
			l->at++;
			return t;
		}
		l->line += c == '\n';
		if (c == '\\' && char_at(l, l->at + 1) == '"') {
			l->at++;
			t.n++;
		}
		t.n++;
	}
	t.kind = TT_DBC_BROKEN;
	return t;
}

static bool continues_number(const struct tt_dbc_lex *l, size_t at)
{
	const char c = char_at(l, at);

	if (is_digit(c) || is_letter(c) || c == '.')
		return true;
	return (c == '+' || c == '-') && (char_at(l, at - 1) == 'e' || char_at(l, at - 1) == 'E') && is_digit(char_at(l, at + 1));
}

struct tt_dbc_token tt_dbc_lex_next(struct tt_dbc_lex *l)
{
	struct tt_dbc_token t;
	char c, next;

	tt_dbc_lex_skip_blanks(l);
	t = (struct tt_dbc_token){.kind = TT_DBC_END, .p = l->text + l->at, .line = l->line};
	if (l->at == l->len)
		return t;
	c = l->text[l->at];
	next = char_at(l, l->at + 1);
	if (c == '"')
		return string_token(l, t);
	if (is_letter(c)) {
		t.kind = TT_DBC_WORD;
		while (is_letter(char_at(l, l->at + t.n)) || is_digit(char_at(l, l->at + t.n)))
			t.n++;
	} else if (is_digit(c) || ((c == '-' || c == '+' || c == '.') && (is_digit(next) || next == '.'))) {
		t.kind = TT_DBC_NUMBER;
		t.n = 1;
		while (continues_number(l, l->at + t.n))
			t.n++;
	} else {
		t.kind = TT_DBC_MARK;
		t.n = 1;
	}
	l->at += t.n;
	return t;
}

struct tt_dbc_token tt_dbc_lex_peek(const struct tt_dbc_lex *l)
{
	struct tt_dbc_lex copy = *l;

	return tt_dbc_lex_next(&copy);
}

bool tt_dbc_token_is(const struct tt_dbc_token *t, const char *text)
{
	return t->kind != TT_DBC_STRING && strlen(text) == t->n && memcmp(t->p, text, t->n) == 0;
}

double tt_dbc_pow10(unsigned n)
{
	static const double table[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
				       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

	static_assert(sizeof(table) / sizeof(table[0]) == EXACT_POW10 + 1, "one for each power");
	TT_ASSERT(n <= EXACT_POW10);
	return table[n];
}

/* Correctly rounded for up to 2^53 and 10^+-22, which is every number people write; near enough beyond. */
static double value_of(uint64_t mantissa, int exponent)
{
	double v = (double)mantissa;

	while (exponent > 0) {
		const unsigned step = exponent > EXACT_POW10 ? EXACT_POW10 : (unsigned)exponent;

		v *= tt_dbc_pow10(step);
		exponent -= (int)step;
	}
	while (exponent < 0) {
		const unsigned step = -exponent > EXACT_POW10 ? EXACT_POW10 : (unsigned)-exponent;

		v /= tt_dbc_pow10(step);
		exponent += (int)step;
	}
	return v;
}

/* The part behind 'e'; at points behind it. */
static enum tt_err exponent_parse(const char *p, size_t n, size_t at, int *exponent)
{
	const bool sign = at < n && (p[at] == '-' || p[at] == '+'), negative = sign && p[at] == '-';
	int e = 0;

	at += sign;
	if (at == n)
		return TT_EINVAL;
	for (; at < n; at++) {
		if (!is_digit(p[at]))
			return TT_EINVAL;
		if (e < EXPONENT_MAX)
			e = e * 10 + (p[at] - '0');
	}
	*exponent += negative ? -e : e;
	return TT_OK;
}

enum tt_err tt_dbc_number_parse(const char *p, size_t n, struct tt_dbc_number *out)
{
	uint64_t mantissa = 0;
	int exponent = 0;
	bool negative, point = false, digits = false, exact = true;
	size_t at;

	if (n == 0)
		return TT_EINVAL;
	negative = p[0] == '-';
	for (at = negative || p[0] == '+'; at < n && (is_digit(p[at]) || (p[at] == '.' && !point)); at++) {
		if (p[at] == '.') {
			point = true;
			continue;
		}
		digits = true;
		if (mantissa < INT64_MAX / 10 - 1) {
			mantissa = mantissa * 10 + (uint64_t)(p[at] - '0');
			exponent -= point;
		} else {
			exact = exact && p[at] == '0';
			exponent += !point;
		}
		if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
			return TT_EINVAL;
	}
	if (!digits || (at < n && ((p[at] != 'e' && p[at] != 'E') || exponent_parse(p, n, at + 1, &exponent))))
		return TT_EINVAL;
	/* 1.500 is 15 / 10: the fewer digits, the more signals are exact. */
	while (mantissa % 10 == 0 && exponent < 0) {
		mantissa /= 10;
		exponent++;
	}
	if (mantissa == 0)
		exponent = 0;
	out->mantissa = negative ? -(int64_t)mantissa : (int64_t)mantissa;
	out->exponent = (int16_t)exponent;
	out->exact = exact;
	out->value = negative ? -value_of(mantissa, exponent) : value_of(mantissa, exponent);
	return TT_OK;
}

void *tt_dbc_alloc(struct tt_dbc_arena *arena, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	const size_t pad = (align - ((uintptr_t)arena->p + arena->used) % align) % align;
	void *p;

	if (arena->cap - arena->used < pad || (arena->cap - arena->used - pad) / size < n)
		return NULL;
	p = arena->p + arena->used + pad;
	arena->used += pad + n * size;
	memset(p, 0, n * size);
	return p;
}

/* Windows-1252: 80-9F have a table, the rest is Latin-1. Holes become U+FFFD. */
static unsigned cp1252(unsigned char c)
{
	static const uint16_t high[] = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
					0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
					0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

	static_assert(sizeof(high) / sizeof(high[0]) == 0x9F - 0x80 + 1, "one for each code");
	return c >= 0x80 && c <= 0x9F ? high[c - 0x80] : c;
}

static size_t put_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	out[0] = (char)(0xE0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3F));
	out[2] = (char)(0x80 | (code & 0x3F));
	return 3;
}

const char *tt_dbc_text(struct tt_dbc_arena *arena, const char *p, size_t n)
{
	const bool utf8 = tt_utf8_valid(p, n);
	char *out = (char *)arena->p + arena->used;
	size_t room = arena->cap - arena->used, len = 0;

	if (room == 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 1 < n && p[i + 1] == '"')
			continue;                  /* an escaped quote, in a string */
		if (room - len < (utf8 ? 2U : 4U)) /* the bytes of this character and the NUL */
			return NULL;
		if (utf8)
			out[len++] = p[i];
		else
			len += put_utf8(out + len, cp1252((unsigned char)p[i]));
	}
	out[len] = '\0';
	arena->used += len + 1;
	return out;
}
