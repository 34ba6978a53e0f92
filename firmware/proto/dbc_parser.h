/*
 * The parser of dbc.c in its parts: what it holds, what it expects next, and one reader a statement. Internal to dbc. PURE.
 *
 * Every function fills p->fault when it fails. Errors are those of tt_dbc_parse.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_PARSER_H
#define TT_FIRMWARE_PROTO_DBC_PARSER_H

#include "firmware/proto/dbc_lex.h"

#define TT_DBC_KEY_29 UINT32_C(0x80000000)

struct tt_dbc_parser {
	struct tt_dbc_lex lex;
	struct tt_dbc_arena *arena;
	struct tt_dbc_message *messages;
	struct tt_dbc_signal *signals;
	size_t nmessages, nsignals;
	struct tt_dbc_message *open; /* SG_ belongs to it; NULL: signals are checked and left out */
	bool in_message;
	struct tt_dbc_fault fault;
};

/* Hands err back. at is shown to the user, with its line. */
enum tt_err tt_dbc_fail(struct tt_dbc_parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why);
enum tt_err tt_dbc_no_room(struct tt_dbc_parser *p);

/* Take the next token, which must be what is named. why is the text of the failure. */
TT_MUSTCHECK enum tt_err tt_dbc_expect_mark(struct tt_dbc_parser *p, const char *what, const char *why);
TT_MUSTCHECK enum tt_err tt_dbc_expect_text(struct tt_dbc_parser *p, enum tt_dbc_token_kind kind, const char *why, const char **out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_integer(struct tt_dbc_parser *p, int64_t min, int64_t max, const char *why, int64_t *out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_number(struct tt_dbc_parser *p, const char *why, struct tt_dbc_number *out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_id(struct tt_dbc_parser *p, uint32_t *out);
TT_MUSTCHECK enum tt_err tt_dbc_skip_line(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_skip_statement(struct tt_dbc_parser *p);

/* First pass, behind the keyword: BO_, SG_; and the end of a message, wherever it shows. */
TT_MUSTCHECK enum tt_err tt_dbc_read_message(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_signal(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_close_message(struct tt_dbc_parser *p);

/* Second pass, with the messages sorted by key: VAL_, SIG_VALTYPE_, SG_MUL_VAL_. */
TT_MUSTCHECK enum tt_err tt_dbc_read_choices(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_value_type(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_mux_values(struct tt_dbc_parser *p);

#endif
