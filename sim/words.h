/* A line cut into words, and the readers of words: numbers with units, choices from a table. PURE; private to the simulator's parsers. */
#ifndef TT_SIM_WORDS_H
#define TT_SIM_WORDS_H

#include "base/err.h"

#include <stdint.h>

enum { TT_WORDS_MAX = 24 };

struct tt_words {
	struct {
		const char *s;
		size_t n;
	} word[TT_WORDS_MAX];
	size_t n, at;    /* words, and the next to read */
	const char *end; /* of the line without trailing blanks */
	struct tt_errmsg *msg;
};

/* Up to '#' or the end. TT_EINVAL: a control character or too many words. */
TT_MUSTCHECK enum tt_err tt_words_split(const char *line, size_t len, struct tt_words *out, struct tt_errmsg *msg);
bool tt_words_left(const struct tt_words *w);
/* Reads the next word when it is this one. */
bool tt_words_take(struct tt_words *w, const char *word);

struct tt_choice {
	const char *word;
	unsigned value;
};
/* One of a NULL-ended table; the message lists them. */
TT_MUSTCHECK enum tt_err tt_words_choice(struct tt_words *w, const char *what, const struct tt_choice *choices, unsigned *out);

/* result = number * mul / div, the number with up to three decimals; "3 km" or "3km". */
struct tt_unit {
	const char *word;
	int64_t mul, div; /* of thousandths */
};
/* A number with one of a NULL-ended table of units. TT_EINVAL; TT_ERANGE outside min..max of the result. */
TT_MUSTCHECK enum tt_err tt_words_quantity(struct tt_words *w, const char *what, const struct tt_unit *units, int64_t min, int64_t max,
					   int64_t *out);
/* Thousandths of a plain decimal number. */
TT_MUSTCHECK enum tt_err tt_words_milli(const char *s, size_t n, int64_t *out);
/* Fill the message with its pieces, NULL-ended, and hand err back. */
enum tt_err tt_words_error(const struct tt_words *w, enum tt_err err, ...);

#endif
