#include "firmware/proto/dbc_parser.h"

#include <string.h>

/* The two attributes that say how a message travels. Whatever else stands there is skipped, however it is written. */

static bool is_string(const struct tt_dbc_token *t, const char *text)
{
	return t->kind == TT_DBC_STRING && strlen(text) == t->n && memcmp(t->p, text, t->n) == 0;
}

static bool takes_string(struct tt_dbc_parser *p, const char *text)
{
	const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

	if (!is_string(&t, text))
		return false;
	(void)tt_dbc_lex_next(&p->lex);
	return true;
}

static bool takes_comma(struct tt_dbc_parser *p)
{
	const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

	if (!tt_dbc_token_is(&t, ","))
		return false;
	(void)tt_dbc_lex_next(&p->lex);
	return true;
}

static enum tt_dbc_format format_of(const struct tt_dbc_token *t)
{
	if (is_string(t, "J1939PG"))
		return TT_DBC_J1939;
	return is_string(t, "StandardCAN_FD") || is_string(t, "ExtendedCAN_FD") ? TT_DBC_FD : TT_DBC_CLASSIC;
}

static void apply(struct tt_dbc_message *m, enum tt_dbc_format format)
{
	m->fd = format == TT_DBC_FD;
	m->j1939 = format == TT_DBC_J1939;
}

/* BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN",...; */
enum tt_err tt_dbc_read_attribute_type(struct tt_dbc_parser *p)
{
	const struct tt_dbc_token what = tt_dbc_lex_peek(&p->lex);

	if (tt_dbc_token_is(&what, "BO_")) {
		(void)tt_dbc_lex_next(&p->lex);
		if (takes_string(p, "VFrameFormat")) {
			(void)tt_dbc_lex_next(&p->lex); /* ENUM */
			for (size_t i = 0; i < TT_DBC_FORMATS; i++) {
				const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

				if (t.kind != TT_DBC_STRING)
					break;
				p->formats[i] = format_of(&t);
				(void)tt_dbc_lex_next(&p->lex);
				if (!takes_comma(p))
					break;
			}
		}
	}
	return tt_dbc_skip_statement(p);
}

/* BA_DEF_DEF_ "VFrameFormat" "J1939PG"; what BA_ says of a message comes behind it. */
enum tt_err tt_dbc_read_attribute_default(struct tt_dbc_parser *p)
{
	if (takes_string(p, "VFrameFormat")) {
		const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

		for (size_t i = 0; i < p->nmessages; i++)
			apply(&p->messages[i], format_of(&t));
	}
	return tt_dbc_skip_statement(p);
}

/* BO_ 1234 14; by number, or by the word itself. */
static void read_format(struct tt_dbc_parser *p)
{
	struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);
	struct tt_dbc_number id, value = {.value = -1};
	struct tt_dbc_message *m;

	if (!tt_dbc_token_is(&t, "BO_"))
		return;
	t = tt_dbc_lex_peek(&p->lex);
	if (t.kind != TT_DBC_NUMBER || tt_dbc_number_parse(t.p, t.n, &id) || !(id.value >= 0 && id.value <= UINT32_MAX))
		return;
	(void)tt_dbc_lex_next(&p->lex);
	m = tt_dbc_message_by_key(p, (uint32_t)id.value);
	t = tt_dbc_lex_peek(&p->lex);
	if (t.kind == TT_DBC_NUMBER && tt_dbc_number_parse(t.p, t.n, &value))
		return;
	if (m && t.kind == TT_DBC_STRING)
		apply(m, format_of(&t));
	if (m && value.value >= 0 && value.value < TT_DBC_FORMATS)
		apply(m, p->formats[(size_t)value.value]);
}

enum tt_err tt_dbc_read_attribute(struct tt_dbc_parser *p)
{
	if (takes_string(p, "VFrameFormat")) {
		read_format(p);
	} else if (takes_string(p, "ProtocolType") && takes_string(p, "J1939")) {
		for (size_t i = 0; i < p->nmessages; i++)
			p->messages[i].j1939 = true;
	}
	return tt_dbc_skip_statement(p);
}
