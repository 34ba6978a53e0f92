#include "firmware/proto/dbc_parser.h"

#include <string.h>

struct tt_dbc_message *tt_dbc_first_of_key(struct tt_dbc_parser *p, uint32_t key)
{
	size_t low = 0, high = p->nmessages;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (p->messages[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return &p->messages[low];
}

static struct tt_dbc_signal *signal_by_token(const struct tt_dbc_message *m, const struct tt_dbc_token *name)
{
	for (uint16_t i = 0; i < m->nsignals; i++) {
		if (tt_dbc_token_is(name, m->signals[i].name))
			return &m->signals[i];
	}
	return NULL;
}

/* Of several messages with the key, the one that has the signal. */
static struct tt_dbc_signal *find_signal(struct tt_dbc_parser *p, uint32_t key, const struct tt_dbc_token *name,
					 struct tt_dbc_message **message)
{
	const struct tt_dbc_message *end = p->messages + p->nmessages;

	for (struct tt_dbc_message *m = tt_dbc_first_of_key(p, key); m < end && m->key == key; m++) {
		struct tt_dbc_signal *s = signal_by_token(m, name);

		if (s) {
			*message = m;
			return s;
		}
	}
	return NULL;
}

/*
 * "<id> <signal>" of a statement about a signal. *out is NULL when the file speaks of something it does not define (left-overs of edited
 * files, environment variables) or that is broken: such statements are skipped.
 */
static enum tt_err about_signal(struct tt_dbc_parser *p, struct tt_dbc_message **message, struct tt_dbc_signal **out)
{
	const struct tt_dbc_token first = tt_dbc_lex_peek(&p->lex);
	struct tt_dbc_token name;
	uint32_t id;
	enum tt_err err;

	*out = NULL;
	if (first.kind == TT_DBC_WORD)
		return TT_OK;
	err = tt_dbc_expect_id(p, &id);
	if (err)
		return err;
	name = tt_dbc_lex_next(&p->lex);
	if (name.kind != TT_DBC_WORD)
		return tt_dbc_fail(p, TT_EINVAL, &name, "the signal's name is missing");
	*out = find_signal(p, id, &name, message);
	if (!*out && !(id & TT_DBC_INDEPENDENT))
		tt_dbc_warn(p, &name, "about a signal that the file does not define; remove the statement or correct its name");
	if (*out && (*out)->broken)
		*out = NULL;
	return TT_OK;
}

/* Pairs of a number and a text up to ';': how many. */
static enum tt_err count_choices(struct tt_dbc_parser *p, uint32_t *out)
{
	struct tt_dbc_lex ahead = p->lex;
	uint32_t n = 0;

	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&ahead);

		if (tt_dbc_token_is(&t, ";"))
			break;
		if (t.kind != TT_DBC_NUMBER || tt_dbc_lex_next(&ahead).kind != TT_DBC_STRING)
			return tt_dbc_fail(p, TT_EINVAL, &t, "VAL_ lists pairs of a number and a text, and ends in ';'");
		n++;
	}
	*out = n;
	return TT_OK;
}

static enum tt_err parse_choices(struct tt_dbc_parser *p, const struct tt_dbc_choice **out, uint32_t *nout)
{
	struct tt_dbc_choice *choices;
	uint32_t n = 0;
	enum tt_err err = count_choices(p, &n);

	if (err)
		return err;
	choices = tt_dbc_alloc(p->arena, n, sizeof(*choices));
	if (!choices)
		return tt_dbc_no_room(p);
	for (uint32_t i = 0; i < n && !err; i++) {
		err = tt_dbc_expect_integer(p, INT64_MIN, INT64_MAX, "the value is not a whole number", &choices[i].raw);
		if (!err)
			err = tt_dbc_expect_text(p, TT_DBC_STRING, "the value's text is missing", &choices[i].text);
	}
	if (err)
		return err;
	*out = choices;
	*nout = n;
	return tt_dbc_skip_statement(p);
}

enum tt_err tt_dbc_read_table(struct tt_dbc_parser *p)
{
	struct tt_dbc_table *table = tt_dbc_alloc(p->arena, 1, sizeof(*table));
	enum tt_err err;

	if (!table)
		return tt_dbc_no_room(p);
	table->name = tt_dbc_lex_next(&p->lex);
	if (table->name.kind != TT_DBC_WORD)
		return tt_dbc_fail(p, TT_EINVAL, &table->name, "the table's name is missing");
	err = parse_choices(p, &table->choices, &table->nchoices);
	if (err)
		return err;
	table->next = p->tables;
	p->tables = table;
	p->ntables++;
	return TT_OK;
}

/* A word in place of the pairs names a table. */
static enum tt_err take_table(struct tt_dbc_parser *p, struct tt_dbc_signal *s)
{
	const struct tt_dbc_token name = tt_dbc_lex_next(&p->lex);
	const struct tt_dbc_table *t = p->tables;

	while (t && !(t->name.n == name.n && memcmp(t->name.p, name.p, name.n) == 0))
		t = t->next;
	if (t) {
		s->choices = t->choices;
		s->nchoices = t->nchoices;
	} else {
		tt_dbc_warn(p, &name, "no VAL_TABLE_ of this name above; the values have no texts");
	}
	return tt_dbc_skip_statement(p);
}

enum tt_err tt_dbc_read_choices(struct tt_dbc_parser *p)
{
	const struct tt_dbc_choice *choices;
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;
	struct tt_dbc_token next;
	uint32_t n = 0;
	enum tt_err err = about_signal(p, &m, &s);

	if (err || !s)
		return err ? err : tt_dbc_skip_statement(p);
	next = tt_dbc_lex_peek(&p->lex);
	if (next.kind == TT_DBC_WORD)
		return take_table(p, s);
	err = parse_choices(p, &choices, &n);
	if (err)
		return err;
	s->choices = choices;
	s->nchoices = n;
	return TT_OK;
}

enum tt_err tt_dbc_read_value_type(struct tt_dbc_parser *p)
{
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;
	struct tt_dbc_token t;
	int64_t type = 0;
	enum tt_err err = about_signal(p, &m, &s);

	if (err || !s)
		return err ? err : tt_dbc_skip_statement(p);
	p->subject = s;
	t = tt_dbc_lex_peek(&p->lex);
	if (tt_dbc_token_is(&t, ":"))
		(void)tt_dbc_lex_next(&p->lex);
	err = tt_dbc_expect_integer(p, 0, 2, "the type is 0 (integer), 1 (32-bit float) or 2 (64-bit float)", &type);
	if (!err && type != TT_DBC_INT && s->size != 32 * type)
		err = tt_dbc_fail(p, TT_ERANGE, &t, "a float signal has 32 or 64 bits, as its type says");
	if (!err)
		err = tt_dbc_skip_statement(p);
	if (!err)
		s->type = (enum tt_dbc_type)type;
	return err;
}

static uint16_t count_ranges(struct tt_dbc_lex ahead)
{
	uint16_t n = 1;

	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&ahead);

		if (t.kind == TT_DBC_END || t.kind == TT_DBC_BROKEN || tt_dbc_token_is(&t, ";") || n == UINT16_MAX)
			return n;
		n = (uint16_t)(n + tt_dbc_token_is(&t, ","));
	}
}

/* "0-3, 5-5 ;" behind the multiplexor's name. The lexer reads "0-3" as 0 and -3. */
static enum tt_err parse_ranges(struct tt_dbc_parser *p, struct tt_dbc_signal *s)
{
	static const char why[] = "multiplexor values are written low-high, comma between, ';' at the end";
	const uint16_t n = count_ranges(p->lex);
	struct tt_dbc_range *ranges = tt_dbc_alloc(p->arena, n, sizeof(*ranges));

	if (!ranges)
		return tt_dbc_no_room(p);
	for (uint16_t i = 0; i < n; i++) {
		int64_t low = 0, high = 0;
		enum tt_err err = tt_dbc_expect_integer(p, 0, UINT32_MAX, why, &low);

		if (!err)
			err = tt_dbc_expect_integer(p, -(int64_t)UINT32_MAX, 0, why, &high);
		if (!err)
			err = tt_dbc_expect_mark(p, i + 1 < n ? "," : ";", why);
		if (err)
			return err;
		ranges[i] = (struct tt_dbc_range){.low = (uint32_t)low, .high = (uint32_t)-high};
	}
	s->ranges = ranges;
	s->nranges = n;
	return TT_OK;
}

enum tt_err tt_dbc_read_mux_values(struct tt_dbc_parser *p)
{
	struct tt_dbc_message *m = NULL;
	struct tt_dbc_signal *s, *mux;
	struct tt_dbc_token name;
	enum tt_err err = about_signal(p, &m, &s);

	if (err || !s)
		return err ? err : tt_dbc_skip_statement(p);
	p->subject = s;
	name = tt_dbc_lex_next(&p->lex);
	mux = signal_by_token(m, &name);
	if (!mux || !mux->is_mux || mux == s)
		return tt_dbc_fail(p, TT_EINVAL, &name, "not a multiplexor of this message");
	err = parse_ranges(p, s);
	if (!err)
		s->mux = (int16_t)(mux - m->signals);
	return err;
}
