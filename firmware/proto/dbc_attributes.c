#include "base/text.h"
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

static bool takes_word(struct tt_dbc_parser *p, const char *text)
{
	const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

	if (!tt_dbc_token_is(&t, text))
		return false;
	(void)tt_dbc_lex_next(&p->lex);
	return true;
}

/* A whole number, 0 to most. */
static bool takes_number(struct tt_dbc_parser *p, int64_t most, int64_t *out)
{
	const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

	if (t.kind != TT_DBC_NUMBER || tt_parse_i64(t.p, t.n, out) || *out < 0 || *out > most)
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

static void read_formats(struct tt_dbc_parser *p)
{
	for (size_t i = 0; i < TT_DBC_FORMATS; i++) {
		const struct tt_dbc_token t = tt_dbc_lex_peek(&p->lex);

		if (t.kind != TT_DBC_STRING)
			return;
		p->formats[i] = format_of(&t);
		(void)tt_dbc_lex_next(&p->lex);
		if (!takes_word(p, ","))
			return;
	}
}

/* BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN",...; */
enum tt_err tt_dbc_read_attribute_type(struct tt_dbc_parser *p)
{
	if (takes_word(p, "BO_") && takes_string(p, "VFrameFormat") && takes_word(p, "ENUM"))
		read_formats(p);
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

/* What is said of an identifier holds for every message that has it. */
static void apply_to_key(struct tt_dbc_parser *p, uint32_t key, enum tt_dbc_format format)
{
	const struct tt_dbc_message *end = p->messages + p->nmessages;

	for (struct tt_dbc_message *m = tt_dbc_first_of_key(p, key); m < end && m->key == key; m++)
		apply(m, format);
}

/* BO_ 1234 14; by number, or by the word itself. */
static void read_format(struct tt_dbc_parser *p)
{
	struct tt_dbc_token t;
	int64_t id, format;

	if (!takes_word(p, "BO_") || !takes_number(p, UINT32_MAX, &id))
		return;
	t = tt_dbc_lex_peek(&p->lex);
	if (t.kind == TT_DBC_STRING)
		apply_to_key(p, (uint32_t)id, format_of(&t));
	else if (takes_number(p, TT_DBC_FORMATS - 1, &format))
		apply_to_key(p, (uint32_t)id, p->formats[format]);
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
