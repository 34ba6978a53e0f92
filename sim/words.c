#include "sim/words.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

enum tt_err tt_words_error(const struct tt_words *w, enum tt_err err, ...)
{
	struct tt_text t;
	va_list pieces;

	if (!w->msg)
		return err;
	t = tt_text_init(w->msg->text, sizeof(w->msg->text));
	va_start(pieces, err);
	for (const char *piece; (piece = va_arg(pieces, const char *));)
		tt_text_str(&t, piece);
	va_end(pieces);
	return err;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

enum tt_err tt_words_split(const char *line, size_t len, struct tt_words *out, struct tt_errmsg *msg)
{
	struct tt_words w = {.n = 0, .at = 0, .end = line, .msg = msg};

	for (size_t i = 0; i < len && line[i] != '#';) {
		size_t start = i;

		if (blank(line[i])) {
			i++;
			continue;
		}
		while (i < len && !blank(line[i]) && line[i] != '#') {
			if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
				return tt_words_error(&w, TT_EINVAL, "a control character; write plain text", (char *)NULL);
			i++;
		}
		if (w.n == TT_WORDS_MAX)
			return tt_words_error(&w, TT_EINVAL, "too many words for one line", (char *)NULL);
		w.word[w.n].s = line + start;
		w.word[w.n++].n = i - start;
		w.end = line + i;
	}
	*out = w;
	return TT_OK;
}

bool tt_words_left(const struct tt_words *w)
{
	return w->at < w->n;
}

static bool is(const struct tt_words *w, size_t at, const char *word)
{
	return at < w->n && strlen(word) == w->word[at].n && memcmp(word, w->word[at].s, w->word[at].n) == 0;
}

bool tt_words_take(struct tt_words *w, const char *word)
{
	const bool taken = is(w, w->at, word);

	w->at += taken;
	return taken;
}

enum tt_err tt_words_choice(struct tt_words *w, const char *what, const struct tt_choice *choices, unsigned *out)
{
	struct tt_text t;

	for (const struct tt_choice *c = choices; c->word; c++) {
		if (tt_words_take(w, c->word)) {
			*out = c->value;
			return TT_OK;
		}
	}
	if (!w->msg)
		return TT_EINVAL;
	t = tt_text_init(w->msg->text, sizeof(w->msg->text));
	tt_text_str(&t, what);
	tt_text_str(&t, " wants one of");
	for (const struct tt_choice *c = choices; c->word; c++) {
		tt_text_char(&t, ' ');
		tt_text_str(&t, c->word);
	}
	return TT_EINVAL;
}

enum tt_err tt_words_milli(const char *s, size_t n, int64_t *out)
{
	const char *dot = n > 0 ? memchr(s, '.', n) : NULL;
	const size_t whole = dot ? (size_t)(dot - s) : n, decimals = dot ? n - whole - 1 : 0;
	int64_t value, part = 0;

	if (tt_parse_i64(s, whole, &value) || value > INT32_MAX || value < -INT32_MAX)
		return TT_EINVAL;
	if (dot && (decimals == 0 || decimals > 3 || dot[1] == '-' || dot[1] == '+' || tt_parse_i64(dot + 1, decimals, &part)))
		return TT_EINVAL;
	for (size_t i = decimals; i < 3; i++)
		part *= 10;
	*out = value * 1000 + (s[0] == '-' ? -part : part);
	return TT_OK;
}

static enum tt_err bad_quantity(struct tt_words *w, const char *what, const struct tt_unit *units)
{
	return tt_words_error(w, TT_EINVAL, what, " wants a number with its unit, e.g. '1.5 ", units->word, "'", (char *)NULL);
}

enum tt_err tt_words_quantity(struct tt_words *w, const char *what, const struct tt_unit *units, int64_t min, int64_t max, int64_t *out)
{
	size_t digits = 0;
	const char *s, *unit;
	size_t n, unit_n;
	int64_t milli;

	if (!tt_words_left(w))
		return bad_quantity(w, what, units);
	s = w->word[w->at].s;
	n = w->word[w->at++].n;
	while (digits < n && ((s[digits] >= '0' && s[digits] <= '9') || s[digits] == '.' || s[digits] == '-'))
		digits++;
	unit = s + digits;
	unit_n = n - digits;
	if (unit_n == 0 && tt_words_left(w)) {
		unit = w->word[w->at].s;
		unit_n = w->word[w->at++].n;
	}
	for (; units->word; units++) {
		int64_t value;

		if (strlen(units->word) != unit_n || memcmp(units->word, unit, unit_n) != 0)
			continue;
		if (tt_words_milli(s, digits, &milli))
			break;
		value = milli * units->mul / units->div;
		if (value < min || value > max)
			return tt_words_error(w, TT_ERANGE, what, " is out of range", (char *)NULL);
		*out = value;
		return TT_OK;
	}
	return tt_words_error(w, TT_EINVAL, what, " wants a number (up to three decimals) with its unit", (char *)NULL);
}
