/*
 * The parser of dbc.c in its parts: what it holds, what it expects next, and one reader a statement. Internal to dbc. PURE.
 *
 * Every function fills p->fault when it fails. Errors are those of tt_dbc_parse.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_PARSER_H
#define TT_FIRMWARE_PROTO_DBC_PARSER_H

#include "firmware/proto/dbc_lex.h"

#define TT_DBC_KEY_29 UINT32_C(0x80000000)
#define TT_DBC_INDEPENDENT UINT32_C(0x40000000) /* of VECTOR__INDEPENDENT_SIG_MSG */

/* VAL_TABLE_. */
struct tt_dbc_table {
	const struct tt_dbc_table *next;
	struct tt_dbc_token name;
	const struct tt_dbc_choice *choices;
	uint32_t nchoices;
};

/* What VFrameFormat says of a message. */
enum tt_dbc_format { TT_DBC_CLASSIC, TT_DBC_J1939, TT_DBC_FD };
enum { TT_DBC_FORMATS = 16 };

struct tt_dbc_parser {
	struct tt_dbc_lex lex;
	struct tt_dbc_arena *arena;
	struct tt_dbc_message *messages;
	struct tt_dbc_signal *signals;
	size_t nmessages, nsignals, max_messages, max_signals;
	struct tt_dbc_message *open; /* SG_ belongs to it; NULL: signals are checked and left out */
	bool in_message;             /* a BO_ came, if only a broken one */
	const struct tt_dbc_table *tables;
	uint32_t ntables, nnodes;
	enum tt_dbc_format formats[TT_DBC_FORMATS]; /* by the number that BA_DEF_ gave them */
	struct tt_dbc_signal *subject;              /* the statement is about its decoding; broken when the statement is */
	struct tt_dbc_fault fault;
	tt_dbc_told_fn told; /* NULL: the first fault ends it */
	void *ctx;
};

/* Hands err back. at is shown to the user, with its line. */
enum tt_err tt_dbc_fail(struct tt_dbc_parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why);
enum tt_err tt_dbc_no_room(struct tt_dbc_parser *p);
/* A fault that does not keep the statement from being read: told, and TT_OK; err when nobody listens. */
TT_MUSTCHECK enum tt_err tt_dbc_tell(struct tt_dbc_parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why);
/* Something that decoding does not suffer from: told when somebody listens. */
void tt_dbc_warn(struct tt_dbc_parser *p, const struct tt_dbc_token *at, const char *why);
bool tt_dbc_is_keyword(const struct tt_dbc_token *t);

/* Take the next token, which must be what is named. why is the text of the failure. */
TT_MUSTCHECK enum tt_err tt_dbc_expect_mark(struct tt_dbc_parser *p, const char *what, const char *why);
TT_MUSTCHECK enum tt_err tt_dbc_expect_text(struct tt_dbc_parser *p, enum tt_dbc_token_kind kind, const char *why, const char **out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_integer(struct tt_dbc_parser *p, int64_t min, int64_t max, const char *why, int64_t *out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_number(struct tt_dbc_parser *p, const char *why, struct tt_dbc_number *out);
TT_MUSTCHECK enum tt_err tt_dbc_expect_id(struct tt_dbc_parser *p, uint32_t *out);
TT_MUSTCHECK enum tt_err tt_dbc_skip_line(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_skip_statement(struct tt_dbc_parser *p);
/* The list behind NS_: words alone on their lines. */
TT_MUSTCHECK enum tt_err tt_dbc_skip_symbols(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_nodes(struct tt_dbc_parser *p);

/* First pass, behind the keyword: BO_, SG_; and the end of a message, wherever it shows. */
TT_MUSTCHECK enum tt_err tt_dbc_read_message(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_signal(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_close_message(struct tt_dbc_parser *p);

/* Second pass, with the messages sorted by key: VAL_, VAL_TABLE_, SIG_VALTYPE_, SG_MUL_VAL_, BA_ and what defines it. */
TT_MUSTCHECK enum tt_err tt_dbc_read_choices(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_table(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_attribute(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_attribute_type(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_attribute_default(struct tt_dbc_parser *p);
/* Where the messages of the key begin: the first of no lower key, or the end. */
struct tt_dbc_message *tt_dbc_first_of_key(struct tt_dbc_parser *p, uint32_t key);
TT_MUSTCHECK enum tt_err tt_dbc_read_value_type(struct tt_dbc_parser *p);
TT_MUSTCHECK enum tt_err tt_dbc_read_mux_values(struct tt_dbc_parser *p);

#endif
