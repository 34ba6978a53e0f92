#include "firmware/proto/dbc.h"

#include "base/text.h"
#include "firmware/proto/can_frame.h"
#include "firmware/proto/dbc_lex.h"

#include <stdalign.h>
#include <string.h>

enum { SIGNALS_MAX = 1024, INDEPENDENT_FLAG = 0x40000000, MARKS_PER_TEXT = 4 };
#define KEY_29 UINT32_C(0x80000000)

struct parser {
	struct tt_dbc_lex lex;
	struct tt_dbc_arena *arena;
	struct tt_dbc_message *messages;
	struct tt_dbc_signal *signals;
	size_t nmessages, nsignals;
	struct tt_dbc_message *open; /* SG_ belongs to it; NULL: signals are checked and left out */
	bool in_message;
	struct tt_dbc_fault fault;
};

static enum tt_err fail(struct parser *p, enum tt_err err, const struct tt_dbc_token *at, const char *why)
{
	const size_t n = at->n < sizeof(p->fault.detail) ? at->n : sizeof(p->fault.detail) - 1;

	p->fault.why = why;
	p->fault.line = at->line;
	memcpy(p->fault.detail, at->p, n);
	p->fault.detail[n] = '\0';
	return err;
}

static enum tt_err no_room(struct parser *p)
{
	const struct tt_dbc_token here = {.p = "", .line = p->lex.line};

	return fail(p, TT_ENOMEM, &here, "the arena is too small for this database");
}

static enum tt_err mark(struct parser *p, const char *what, const char *why)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	return tt_dbc_token_is(&t, what) ? TT_OK : fail(p, TT_EINVAL, &t, why);
}

static enum tt_err text(struct parser *p, enum tt_dbc_token_kind kind, const char *why, const char **out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != kind)
		return fail(p, TT_EINVAL, &t, why);
	*out = tt_dbc_text(p->arena, t.p, t.n);
	return *out ? TT_OK : no_room(p);
}

static enum tt_err integer(struct parser *p, int64_t min, int64_t max, const char *why, int64_t *out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != TT_DBC_NUMBER || tt_parse_i64(t.p, t.n, out))
		return fail(p, TT_EINVAL, &t, why);
	return *out >= min && *out <= max ? TT_OK : fail(p, TT_ERANGE, &t, why);
}

static enum tt_err number(struct parser *p, const char *why, struct tt_dbc_number *out)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

	if (t.kind != TT_DBC_NUMBER || tt_dbc_number_parse(t.p, t.n, out))
		return fail(p, TT_EINVAL, &t, why);
	return TT_OK;
}

static enum tt_err skip_line(struct parser *p)
{
	const uint32_t line = p->lex.line;

	for (;;) {
		const struct tt_dbc_token next = tt_dbc_lex_peek(&p->lex);

		if (next.kind == TT_DBC_END || next.line != line)
			return TT_OK;
		if (next.kind == TT_DBC_BROKEN)
			return fail(p, TT_EINVAL, &next, "a string does not end");
		(void)tt_dbc_lex_next(&p->lex);
	}
}

static enum tt_err skip_statement(struct parser *p)
{
	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);

		if (t.kind == TT_DBC_END)
			return fail(p, TT_EINVAL, &t, "';' is missing at the end of the statement");
		if (t.kind == TT_DBC_BROKEN)
			return fail(p, TT_EINVAL, &t, "a string does not end");
		if (tt_dbc_token_is(&t, ";"))
			return TT_OK;
	}
}

static enum tt_err message_id(struct parser *p, uint32_t *out)
{
	int64_t id;
	enum tt_err err = integer(p, 0, UINT32_MAX, "the message's identifier is not a number of 32 bits", &id);

	if (!err)
		*out = (uint32_t)id;
	return err;
}

/* A multiplexed signal without a multiplexor of its own (SG_MUL_VAL_) hangs on the message's plain one. */
static enum tt_err message_close(struct parser *p)
{
	struct tt_dbc_message *m = p->open;
	int16_t mux = TT_DBC_NO_MUX;

	p->open = NULL;
	p->in_message = false;
	if (!m)
		return TT_OK;
	for (uint16_t i = 0; i < m->nsignals; i++) {
		if (m->signals[i].is_mux && m->signals[i].nranges == 0)
			mux = (int16_t)i;
	}
	for (uint16_t i = 0; i < m->nsignals; i++) {
		const struct tt_dbc_token at = {.p = m->signals[i].name, .n = strlen(m->signals[i].name), .line = m->line};

		if (m->signals[i].nranges > 0 && mux == TT_DBC_NO_MUX)
			return fail(p, TT_EINVAL, &at, "a multiplexed signal in a message without a multiplexor");
		if (m->signals[i].nranges > 0)
			m->signals[i].mux = mux;
	}
	return TT_OK;
}

static enum tt_err parse_message(struct parser *p)
{
	struct tt_dbc_message *m = &p->messages[p->nmessages];
	uint32_t id;
	int64_t bytes;
	enum tt_err err = message_close(p);

	m->line = p->lex.line;
	if (!err)
		err = message_id(p, &id);
	if (!err)
		err = text(p, TT_DBC_WORD, "the message's name is missing", &m->name);
	if (!err)
		err = mark(p, ":", "':' is missing after the message's name");
	if (!err)
		err = integer(p, 0, UINT16_MAX, "the message's length is not a number of bytes", &bytes);
	if (err)
		return err;
	p->in_message = true;
	if (id & INDEPENDENT_FLAG) /* VECTOR__INDEPENDENT_SIG_MSG: a bin for unused signals */
		return skip_line(p);
	if (id > (id & KEY_29 ? KEY_29 | TT_CAN_EFF_MASK : TT_CAN_SFF_MASK)) {
		const struct tt_dbc_token at = {.p = m->name, .n = strlen(m->name), .line = m->line};

		return fail(p, TT_ERANGE, &at, "the message's identifier has more bits than its width");
	}
	m->key = id;
	m->bytes = (uint16_t)bytes;
	m->signals = &p->signals[p->nsignals];
	p->open = m;
	p->nmessages++;
	return skip_line(p);
}

/* M, m<value> or m<value>M between name and colon. */
static enum tt_err parse_mux(struct parser *p, struct tt_dbc_signal *s)
{
	const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);
	struct tt_dbc_range *range;
	size_t n = t.n;
	int64_t value;

	if (tt_dbc_token_is(&t, "M")) {
		s->is_mux = true;
		return TT_OK;
	}
	if (n > 2 && t.p[n - 1] == 'M') {
		s->is_mux = true;
		n--;
	}
	if (n < 2 || t.p[0] != 'm' || tt_parse_i64(t.p + 1, n - 1, &value) || value < 0 || value > UINT32_MAX)
		return fail(p, TT_EINVAL, &t, "neither ':' nor a multiplexing mark (M, m0, m1 ..)");
	range = tt_dbc_alloc(p->arena, 1, sizeof(*range));
	if (!range)
		return no_room(p);
	range->low = range->high = (uint32_t)value;
	s->ranges = range;
	s->nranges = 1;
	return TT_OK;
}

static enum tt_err parse_layout(struct parser *p, struct tt_dbc_signal *s)
{
	static const char why[] = "a signal's place is written start|size@order and sign, as 0|16@1+";
	int64_t start = 0, size = 0, order = 0;
	struct tt_dbc_token t;
	enum tt_err err = integer(p, 0, INT16_MAX, why, &start);

	if (!err)
		err = mark(p, "|", why);
	if (!err)
		err = integer(p, 1, 64, "a signal has 1 to 64 bits", &size);
	if (!err)
		err = mark(p, "@", why);
	if (!err)
		err = integer(p, 0, 1, "the byte order is 0 (big-endian) or 1 (little-endian)", &order);
	if (err)
		return err;
	t = tt_dbc_lex_next(&p->lex);
	if (!tt_dbc_token_is(&t, "+") && !tt_dbc_token_is(&t, "-"))
		return fail(p, TT_EINVAL, &t, "the sign is '+' (unsigned) or '-' (signed)");
	s->start = (uint16_t)start;
	s->size = (uint8_t)size;
	s->big_endian = order == 0;
	s->is_signed = t.p[0] == '-';
	return TT_OK;
}

static enum tt_err parse_scaling(struct parser *p, struct tt_dbc_signal *s)
{
	static const char factor[] = "factor and offset are written (factor,offset)", range[] = "the range is written [min|max]";
	struct tt_dbc_number min = {0}, max = {0};
	enum tt_err err = mark(p, "(", factor);

	if (!err)
		err = number(p, factor, &s->factor);
	if (!err)
		err = mark(p, ",", factor);
	if (!err)
		err = number(p, factor, &s->offset);
	if (!err)
		err = mark(p, ")", factor);
	if (!err)
		err = mark(p, "[", range);
	if (!err)
		err = number(p, range, &min);
	if (!err)
		err = mark(p, "|", range);
	if (!err)
		err = number(p, range, &max);
	if (!err)
		err = mark(p, "]", range);
	s->min = min.value;
	s->max = max.value;
	return err ? err : text(p, TT_DBC_STRING, "the unit is missing (\"\" when there is none)", &s->unit);
}

/* Last bit of the signal in the order of the bytes on the wire. */
static unsigned last_byte(const struct tt_dbc_signal *s)
{
	const unsigned first = s->big_endian ? s->start / 8U * 8U + (7U - s->start % 8U) : s->start;

	return (first + s->size - 1U) / 8U;
}

static enum tt_err signal_add(struct parser *p, const struct tt_dbc_signal *s, const struct tt_dbc_token *at)
{
	struct tt_dbc_message *m = p->open;

	if (!m)
		return TT_OK;
	if (last_byte(s) >= m->bytes)
		return fail(p, TT_ERANGE, at, "the signal lies outside its message");
	if (m->nsignals == SIGNALS_MAX)
		return fail(p, TT_EFULL, at, "more than 1024 signals in one message");
	if (tt_dbc_signal_by_name(m, s->name))
		return fail(p, TT_EEXIST, at, "the message has a signal of this name already");
	p->signals[p->nsignals++] = *s;
	m->nsignals++;
	return TT_OK;
}

static enum tt_err parse_signal(struct parser *p)
{
	struct tt_dbc_signal s = {.mux = TT_DBC_NO_MUX};
	struct tt_dbc_token name = tt_dbc_lex_peek(&p->lex), next;
	enum tt_err err;

	if (!p->in_message)
		return fail(p, TT_EINVAL, &name, "a signal outside any message");
	err = text(p, TT_DBC_WORD, "the signal's name is missing", &s.name);
	next = tt_dbc_lex_peek(&p->lex);
	if (!err && !tt_dbc_token_is(&next, ":"))
		err = parse_mux(p, &s);
	if (!err)
		err = mark(p, ":", "':' is missing after the signal's name");
	if (!err)
		err = parse_layout(p, &s);
	if (!err)
		err = parse_scaling(p, &s);
	if (!err)
		err = signal_add(p, &s, &name);
	return err ? err : skip_line(p);
}

static struct tt_dbc_message *message_by_key(struct tt_dbc_message *messages, size_t n, uint32_t key)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (messages[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && messages[low].key == key ? &messages[low] : NULL;
}

static struct tt_dbc_signal *signal_by_token(const struct tt_dbc_message *m, const struct tt_dbc_token *name)
{
	for (uint16_t i = 0; i < m->nsignals; i++) {
		if (tt_dbc_token_is(name, m->signals[i].name))
			return &m->signals[i];
	}
	return NULL;
}

/*
 * "<id> <signal>" of a statement about a signal. *out is NULL when the file speaks of something it does not define (left-overs of edited
 * files, environment variables): such statements are skipped.
 */
static enum tt_err about_signal(struct parser *p, struct tt_dbc_message **message, struct tt_dbc_signal **out)
{
	const struct tt_dbc_token first = tt_dbc_lex_peek(&p->lex);
	struct tt_dbc_token name;
	uint32_t id;
	enum tt_err err;

	*out = NULL;
	if (first.kind == TT_DBC_WORD)
		return TT_OK;
	err = message_id(p, &id);
	if (err)
		return err;
	name = tt_dbc_lex_next(&p->lex);
	if (name.kind != TT_DBC_WORD)
		return fail(p, TT_EINVAL, &name, "the signal's name is missing");
	*message = message_by_key(p->messages, p->nmessages, id);
	if (*message)
		*out = signal_by_token(*message, &name);
	return TT_OK;
}

/* Pairs of a number and a text up to ';': how many. */
static enum tt_err count_choices(struct parser p, uint32_t *out, struct tt_dbc_fault *fault)
{
	uint32_t n = 0;

	for (;;) {
		struct tt_dbc_token t = tt_dbc_lex_next(&p.lex);

		if (tt_dbc_token_is(&t, ";"))
			break;
		if (t.kind == TT_DBC_NUMBER && tt_dbc_lex_next(&p.lex).kind == TT_DBC_STRING) {
			n++;
			continue;
		}
		(void)fail(&p, TT_EINVAL, &t, "VAL_ lists pairs of a number and a text, and ends in ';'");
		*fault = p.fault;
		return TT_EINVAL;
	}
	*out = n;
	return TT_OK;
}

static enum tt_err parse_choices(struct parser *p)
{
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;
	struct tt_dbc_choice *choices;
	struct tt_dbc_token next;
	uint32_t n = 0;
	enum tt_err err = about_signal(p, &m, &s);

	next = tt_dbc_lex_peek(&p->lex);
	/* a word in place of the pairs names a table of VAL_TABLE_, which is not kept */
	if (err || !s || next.kind == TT_DBC_WORD)
		return err ? err : skip_statement(p);
	err = count_choices(*p, &n, &p->fault);
	if (err)
		return err;
	choices = tt_dbc_alloc(p->arena, n, sizeof(*choices));
	if (!choices)
		return no_room(p);
	for (uint32_t i = 0; i < n && !err; i++) {
		err = integer(p, INT64_MIN, INT64_MAX, "the value is not a whole number", &choices[i].raw);
		if (!err)
			err = text(p, TT_DBC_STRING, "the value's text is missing", &choices[i].text);
	}
	if (err)
		return err;
	s->choices = choices;
	s->nchoices = n;
	return skip_statement(p);
}

static enum tt_err parse_value_type(struct parser *p)
{
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;
	struct tt_dbc_token t;
	int64_t type = 0;
	enum tt_err err = about_signal(p, &m, &s);

	t = tt_dbc_lex_peek(&p->lex);
	if (!err && tt_dbc_token_is(&t, ":"))
		(void)tt_dbc_lex_next(&p->lex);
	if (!err && s)
		err = integer(p, 0, 2, "the type is 0 (integer), 1 (32-bit float) or 2 (64-bit float)", &type);
	if (err)
		return err;
	if (s && type != TT_DBC_INT && s->size != 32 * type)
		return fail(p, TT_ERANGE, &t, "a float signal has 32 or 64 bits, as its type says");
	if (s)
		s->type = (enum tt_dbc_type)type;
	return skip_statement(p);
}

static uint16_t count_ranges(struct parser p)
{
	uint16_t n = 1;

	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&p.lex);

		if (t.kind == TT_DBC_END || t.kind == TT_DBC_BROKEN || tt_dbc_token_is(&t, ";") || n == UINT16_MAX)
			return n;
		n = (uint16_t)(n + tt_dbc_token_is(&t, ","));
	}
}

/* "0-3, 5-5 ;" behind the multiplexor's name. The lexer reads "0-3" as 0 and -3. */
static enum tt_err parse_ranges(struct parser *p, struct tt_dbc_signal *s)
{
	static const char why[] = "multiplexor values are written low-high, comma between, ';' at the end";
	const uint16_t n = count_ranges(*p);
	struct tt_dbc_range *ranges = tt_dbc_alloc(p->arena, n, sizeof(*ranges));

	if (!ranges)
		return no_room(p);
	for (uint16_t i = 0; i < n; i++) {
		int64_t low = 0, high = 0;
		enum tt_err err = integer(p, 0, UINT32_MAX, why, &low);

		if (!err)
			err = integer(p, -(int64_t)UINT32_MAX, 0, why, &high);
		if (!err)
			err = mark(p, i + 1 < n ? "," : ";", why);
		if (err)
			return err;
		ranges[i] = (struct tt_dbc_range){.low = (uint32_t)low, .high = (uint32_t)-high};
	}
	s->ranges = ranges;
	s->nranges = n;
	return TT_OK;
}

static enum tt_err parse_mux_values(struct parser *p)
{
	struct tt_dbc_message *m = NULL;
	struct tt_dbc_signal *s, *mux;
	struct tt_dbc_token name;
	enum tt_err err = about_signal(p, &m, &s);

	if (err || !s)
		return err ? err : skip_statement(p);
	name = tt_dbc_lex_next(&p->lex);
	mux = signal_by_token(m, &name);
	if (!mux || !mux->is_mux)
		return fail(p, TT_EINVAL, &name, "not a multiplexor of this message");
	s->mux = (int16_t)(mux - m->signals);
	return parse_ranges(p, s);
}

struct keyword {
	const char *name;
	enum tt_err (*first)(struct parser *p);  /* pass 1: messages and signals */
	enum tt_err (*second)(struct parser *p); /* pass 2: what refers to them */
};

static const struct keyword keywords[] = {
	{"BO_", parse_message, skip_line},
	{"SG_", parse_signal, skip_line},
	{"VAL_", skip_statement, parse_choices},
	{"SIG_VALTYPE_", skip_statement, parse_value_type},
	{"SG_MUL_VAL_", skip_statement, parse_mux_values},
	{"VERSION", skip_line, skip_line},
	{"NS_", skip_line, skip_line},
	{"BS_", skip_line, skip_line},
	{"BU_", skip_line, skip_line},
};

/* Statements that end in ';' and say nothing about decoding. */
static const char *const skipped[] = {
	"CM_",           "BA_",        "BA_DEF_",      "BA_DEF_DEF_",      "VAL_TABLE_",  "BO_TX_BU_",      "SIG_GROUP_",
	"EV_",           "EV_DATA_",   "ENVVAR_DATA_", "SGTYPE_",          "SGTYPE_VAL_", "BA_DEF_SGTYPE_", "BA_SGTYPE_",
	"SIG_TYPE_REF_", "CAT_DEF_",   "CAT_",         "FILTER",           "BA_DEF_REL_", "BA_REL_",        "BA_DEF_DEF_REL_",
	"BU_SG_REL_",    "BU_EV_REL_", "BU_BO_REL_",   "SIGTYPE_VALTYPE_", "NS_DESC_",
};

static const struct keyword *keyword_of(const struct tt_dbc_token *t)
{
	static const struct keyword skip = {"", skip_statement, skip_statement};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (tt_dbc_token_is(t, keywords[i].name))
			return &keywords[i];
	}
	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
		if (tt_dbc_token_is(t, skipped[i]))
			return &skip;
	}
	return NULL;
}

static enum tt_err walk(struct parser *p, bool second)
{
	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);
		const struct tt_dbc_token next = tt_dbc_lex_peek(&p->lex);
		const struct keyword *k;
		enum tt_err err;

		if (t.kind == TT_DBC_END)
			return TT_OK;
		k = keyword_of(&t);
		if (!k)
			return fail(p, TT_EINVAL, &t, "not a statement of a DBC file");
		if (next.line != t.line && next.kind != TT_DBC_MARK)
			continue; /* a keyword alone on its line stands in the list of NS_ */
		err = second ? k->second(p) : k->first(p);
		if (err)
			return err;
	}
}

static void sift(struct tt_dbc_message *m, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		struct tt_dbc_message swap;

		if (child + 1 < n && m[child].key < m[child + 1].key)
			child++;
		if (m[root].key >= m[child].key)
			return;
		swap = m[root];
		m[root] = m[child];
		m[child] = swap;
	}
}

/* Heap sort: no recursion and no bad case, whatever the file's order. */
static void sort_by_key(struct tt_dbc_message *m, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(m, i, n);
	for (size_t i = n; i-- > 1;) {
		const struct tt_dbc_message top = m[0];

		m[0] = m[i];
		m[i] = top;
		sift(m, 0, i);
	}
}

static enum tt_err check_keys(struct parser *p)
{
	for (size_t i = 1; i < p->nmessages; i++) {
		const struct tt_dbc_message *m = &p->messages[i];
		struct tt_dbc_token at;

		if (m[-1].key != m->key)
			continue;
		m = m[-1].line > m->line ? m - 1 : m; /* the later one in the file */
		at = (struct tt_dbc_token){.p = m->name, .n = strlen(m->name), .line = m->line};
		return fail(p, TT_EEXIST, &at, "another message has this identifier");
	}
	return TT_OK;
}

struct counts {
	size_t messages, signals, strings, marks;
};

static struct counts count(const char *bytes, size_t len)
{
	struct tt_dbc_lex l = {.text = bytes, .len = len, .line = 1};
	struct counts c = {0};
	struct tt_dbc_token t;

	while ((t = tt_dbc_lex_next(&l)).kind != TT_DBC_END && t.kind != TT_DBC_BROKEN) {
		c.messages += tt_dbc_token_is(&t, "BO_");
		c.signals += tt_dbc_token_is(&t, "SG_");
		c.strings += t.kind == TT_DBC_STRING;
		c.marks += tt_dbc_token_is(&t, ",");
	}
	return c;
}

size_t tt_dbc_arena_size(const char *bytes, size_t len)
{
	const struct counts c = count(bytes, len);
	const size_t aligned = alignof(max_align_t);

	/* every text at most three times as long as in the file, with NUL and the alignment of what follows */
	return 3 * len + 4 + c.messages * (sizeof(struct tt_dbc_message) + MARKS_PER_TEXT) +
	       (c.messages + c.signals + c.strings) * 2 * aligned +
	       (c.signals + 1) * (sizeof(struct tt_dbc_signal) + 2 * aligned + sizeof(struct tt_dbc_range)) +
	       c.strings * sizeof(struct tt_dbc_choice) + (c.marks + c.signals) * 2 * aligned + 4 * aligned;
}

enum tt_err tt_dbc_parse(const char *bytes, size_t len, struct tt_dbc_arena *arena, struct tt_dbc *out, struct tt_dbc_fault *fault)
{
	const struct counts c = count(bytes, len);
	struct parser p = {.lex = {.text = bytes, .len = len, .line = 1}, .arena = arena};
	enum tt_err err;

	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		p.lex.at = 3;                                                  /* byte order mark */
	p.messages = tt_dbc_alloc(arena, c.messages + 1, sizeof(*p.messages)); /* one more: parse_message fills it before it knows */
	p.signals = tt_dbc_alloc(arena, c.signals, sizeof(*p.signals));
	err = p.messages && p.signals ? walk(&p, false) : no_room(&p);
	if (!err)
		err = message_close(&p);
	if (!err) {
		sort_by_key(p.messages, p.nmessages);
		err = check_keys(&p);
	}
	if (!err) {
		p.lex.at = 0;
		if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
			p.lex.at = 3;
		p.lex.line = 1;
		err = walk(&p, true);
	}
	if (err) {
		if (fault)
			*fault = p.fault;
		return err;
	}
	*out = (struct tt_dbc){.messages = p.messages, .nmessages = (uint32_t)p.nmessages};
	return TT_OK;
}

struct tt_dbc_message *tt_dbc_message_by_name(const struct tt_dbc *dbc, const char *name)
{
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		if (strcmp(dbc->messages[i].name, name) == 0)
			return &dbc->messages[i];
	}
	return NULL;
}

struct tt_dbc_signal *tt_dbc_signal_by_name(const struct tt_dbc_message *message, const char *name)
{
	for (uint16_t i = 0; i < message->nsignals; i++) {
		if (strcmp(message->signals[i].name, name) == 0)
			return &message->signals[i];
	}
	return NULL;
}

const char *tt_dbc_choice_text(const struct tt_dbc_signal *signal, int64_t raw)
{
	for (uint32_t i = 0; i < signal->nchoices; i++) {
		if (signal->choices[i].raw == raw)
			return signal->choices[i].text;
	}
	return NULL;
}
