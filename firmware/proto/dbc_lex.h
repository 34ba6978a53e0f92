/*
 * Words, numbers, strings and marks of a DBC text, and memory from its arena. Internal to dbc. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_LEX_H
#define TT_FIRMWARE_PROTO_DBC_LEX_H

#include "firmware/proto/dbc.h"

enum tt_dbc_token_kind { TT_DBC_END, TT_DBC_WORD, TT_DBC_NUMBER, TT_DBC_STRING, TT_DBC_MARK, TT_DBC_BROKEN };

/* p, n: the text of the token, of strings without their quotes. */
struct tt_dbc_token {
	enum tt_dbc_token_kind kind;
	const char *p;
	size_t n;
	uint32_t line;
};

struct tt_dbc_lex {
	const char *text;
	size_t len, at;
	uint32_t line;
};

struct tt_dbc_token tt_dbc_lex_next(struct tt_dbc_lex *l);
/* Up to the next token. */
void tt_dbc_lex_skip_blanks(struct tt_dbc_lex *l);
/* The next token without taking it. */
struct tt_dbc_token tt_dbc_lex_peek(const struct tt_dbc_lex *l);
bool tt_dbc_token_is(const struct tt_dbc_token *t, const char *text);

/* Whole text as a decimal number; TT_EINVAL when it is none. */
TT_MUSTCHECK enum tt_err tt_dbc_number_parse(const char *p, size_t n, struct tt_dbc_number *out);
/* 10^n as double; n 0..22, where it is exact. */
double tt_dbc_pow10(unsigned n);

/* Aligned and zeroed; NULL when the arena is used up. */
void *tt_dbc_alloc(struct tt_dbc_arena *arena, size_t n, size_t size);
/* Copy as UTF-8 with NUL, escaped quotes made plain: kept when it is UTF-8, else read as Windows-1252. NULL when the arena is used up. */
const char *tt_dbc_text(struct tt_dbc_arena *arena, const char *p, size_t n);

#endif
