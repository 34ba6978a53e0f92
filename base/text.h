/*
 * A bounded text builder for PURE code, which may not call printf.
 *
 * Appends into a caller-owned buffer, always keeps it NUL-terminated, and never overruns: when a piece does not fit, `cut` is
 * set and nothing more is written, so one check at the end is enough. No allocation, no locale.
 */
#ifndef TT_BASE_TEXT_H
#define TT_BASE_TEXT_H

#include "base/err.h"

#include <stdint.h>

struct tt_text {
	char *buf;
	size_t cap; /* bytes of buf, at least 1 */
	size_t len; /* without the NUL */
	bool cut;   /* something did not fit */
};

struct tt_text tt_text_init(char *buf, size_t cap);
void tt_text_str(struct tt_text *t, const char *s);
void tt_text_bytes(struct tt_text *t, const char *s, size_t n);
void tt_text_char(struct tt_text *t, char c);
void tt_text_u64(struct tt_text *t, uint64_t v);
void tt_text_i64(struct tt_text *t, int64_t v);
/* Upper-case hexadecimal without prefix, at least `digits` digits, zero padded. */
void tt_text_hex(struct tt_text *t, uint64_t v, unsigned digits);
/* v/10^decimals in plain notation, e.g. (-12345, 3) -> "-12.345". decimals 0..9. */
void tt_text_fixed(struct tt_text *t, int64_t v, unsigned decimals);

/* Whole decimal number, optional sign, nothing else around it. TT_EINVAL: not a number. TT_ERANGE: does not fit. */
TT_MUSTCHECK enum tt_err tt_parse_i64(const char *s, size_t n, int64_t *out);
/* Hexadecimal digits only, 1..16 of them. TT_EINVAL otherwise. */
TT_MUSTCHECK enum tt_err tt_parse_hex(const char *s, size_t n, uint64_t *out);
/* Value of one hexadecimal digit, or -1. */
int tt_hex_digit(char c);

#endif
