#include "base/text.h"
#include "firmware/proto/dbc_parser.h"

#include <string.h>

enum tt_err tt_dbc_fail(struct tt_dbc_parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why)
{
	const size_t n = at->n < sizeof(p->fault.detail) ? at->n : sizeof(p->fault.detail) - 1;

	p->fault.why = why;
	p->fault.line = at->line;
	p->fault.warning = false;
	memcpy(p->fault.detail, at->p, n);
	p->fault.detail[n] = '\0';
	return err;
}

enum tt_err tt_dbc_no_room(struct tt_dbc_parser *p)
{
	const struct tt_dbc_token here = {.p = "", .line = p->lex.line};

	return tt_dbc_fail(p, TT_ENOMEM, &here, "the arena is too small for this database");
}

enum tt_err tt_dbc_tell(struct tt_dbc_parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why)
{
	(void)tt_dbc_fail(p, err, at, why);
	if (!p->told)
		return err;
	p->told(p->ctx, &p->fault);
	return TT_OK;
}

void tt_dbc_warn(struct tt_dbc_parser *p, const struct tt_dbc_token *at, const char *why)
{
	(void)tt_dbc_fail(p, TT_OK, at, why);
	p->fault.warning = true;
	if (p->told)
		p->told(p->ctx, &p->fault);
}

enum tt_err tt_dbc_expect_mark(struct tt_dbc_parser *p, const char *what, const char *why)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	return tt_dbc_token_is(&t, what) ? TT_OK : tt_dbc_fail(p, TT_EINVAL, &t, why);
}

enum tt_err tt_dbc_expect_text(struct tt_dbc_parser *p, enum tt_dbc_token_kind kind, const char *why, const char **out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != kind)
		return tt_dbc_fail(p, TT_EINVAL, &t, why);
	*out = tt_dbc_text(p->arena, t.p, t.n);
	return *out ? TT_OK : tt_dbc_no_room(p);
}

enum tt_err tt_dbc_expect_integer(struct tt_dbc_parser *p, int64_t min, int64_t max, const char *why, int64_t *out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != TT_DBC_NUMBER || tt_parse_i64(t.p, t.n, out))
		return tt_dbc_fail(p, TT_EINVAL, &t, why);
	return *out >= min && *out <= max ? TT_OK : tt_dbc_fail(p, TT_ERANGE, &t, why);
}

enum tt_err tt_dbc_expect_number(struct tt_dbc_parser *p, const char *why, struct tt_dbc_number *out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != TT_DBC_NUMBER || tt_dbc_number_parse(t.p, t.n, out))
		return tt_dbc_fail(p, TT_EINVAL, &t, why);
	return TT_OK;
}

enum tt_err tt_dbc_skip_line(struct tt_dbc_parser *p)
{
	const uint32_t line = p->lex.line;

	for (;;) {
		const struct tt_dbc_token next = tt_dbc_lex_peek(&p->lex);

		if (next.kind == TT_DBC_END || next.line != line)
			return TT_OK;
		if (next.kind == TT_DBC_BROKEN)
			return tt_dbc_fail(p, TT_EINVAL, &next, "a string does not end");
		(void)tt_dbc_lex_next(&p->lex);
	}
}

enum tt_err tt_dbc_skip_statement(struct tt_dbc_parser *p)
{
	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

		if (t.kind == TT_DBC_END)
			return tt_dbc_fail(p, TT_EINVAL, &t, "';' is missing at the end of the statement");
		if (t.kind == TT_DBC_BROKEN)
			return tt_dbc_fail(p, TT_EINVAL, &t, "a string does not end");
		if (tt_dbc_token_is(&t, ";"))
			return TT_OK;
	}
}

enum tt_err tt_dbc_expect_id(struct tt_dbc_parser *p, uint32_t *out)
{
	int64_t id;
	enum tt_err err = tt_dbc_expect_integer(p, 0, UINT32_MAX, "the message's identifier is not a number of 32 bits", &id);

	if (!err)
		*out = (uint32_t)id;
	return err;
}

enum tt_err tt_dbc_skip_symbols(struct tt_dbc_parser *p)
{
	enum tt_err err = tt_dbc_skip_line(p);

	while (!err) {
		struct tt_dbc_lex ahead = p->lex;
		const struct tt_dbc_token t = tt_dbc_lex_next(&ahead), next = tt_dbc_lex_peek(&ahead);

		if (t.kind != TT_DBC_WORD || next.line == t.line)
			break;
		p->lex = ahead;
	}
	return err;
}

enum tt_err tt_dbc_read_nodes(struct tt_dbc_parser *p)
{
	enum tt_err err = tt_dbc_expect_mark(p, ":", "':' is missing after BU_");

	p->nnodes = 0;
	while (!err) {
		const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

		if (t.kind != TT_DBC_WORD || tt_dbc_is_keyword(&t))
			break;
		(void)tt_dbc_lex_next(&p->lex);
		p->nnodes++;
	}
	return err;
}
