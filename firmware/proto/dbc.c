#include "firmware/proto/dbc.h"

#include "firmware/proto/dbc_parser.h"

#include <stdalign.h>
#include <string.h>

enum { MARKS_PER_TEXT = 4 };

struct keyword {
	const char *name;
	enum tt_err (*first)(struct tt_dbc_parser *p);  /* pass 1: messages and signals */
	enum tt_err (*second)(struct tt_dbc_parser *p); /* pass 2: what refers to them */
};

static const struct keyword keywords[] = {
	{"BO_", tt_dbc_read_message, tt_dbc_skip_line},
	{"SG_", tt_dbc_read_signal, tt_dbc_skip_line},
	{"VAL_", tt_dbc_skip_statement, tt_dbc_read_choices},
	{"SIG_VALTYPE_", tt_dbc_skip_statement, tt_dbc_read_value_type},
	{"SG_MUL_VAL_", tt_dbc_skip_statement, tt_dbc_read_mux_values},
	{"VERSION", tt_dbc_skip_line, tt_dbc_skip_line},
	{"NS_", tt_dbc_skip_line, tt_dbc_skip_line},
	{"BS_", tt_dbc_skip_line, tt_dbc_skip_line},
	{"BU_", tt_dbc_skip_line, tt_dbc_skip_line},
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
	static const struct keyword skip = {"", tt_dbc_skip_statement, tt_dbc_skip_statement};

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

static enum tt_err walk(struct tt_dbc_parser *p, bool second)
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
			return tt_dbc_fail(p, TT_EINVAL, &t, "not a statement of a DBC file");
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

static enum tt_err check_keys(struct tt_dbc_parser *p)
{
	for (size_t i = 1; i < p->nmessages; i++) {
		const struct tt_dbc_message *m = &p->messages[i];
		struct tt_dbc_token at;

		if (m[-1].key != m->key)
			continue;
		m = m[-1].line > m->line ? m - 1 : m; /* the later one in the file */
		at = (struct tt_dbc_token){.p = m->name, .n = strlen(m->name), .line = m->line};
		return tt_dbc_fail(p, TT_EEXIST, &at, "another message has this identifier");
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
	struct tt_dbc_parser p = {.lex = {.text = bytes, .len = len, .line = 1}, .arena = arena};
	enum tt_err err;

	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		p.lex.at = 3;                                                  /* byte order mark */
	p.messages = tt_dbc_alloc(arena, c.messages + 1, sizeof(*p.messages)); /* one more: parse_message fills it before it knows */
	p.signals = tt_dbc_alloc(arena, c.signals, sizeof(*p.signals));
	err = p.messages && p.signals ? walk(&p, false) : tt_dbc_no_room(&p);
	if (!err)
		err = tt_dbc_close_message(&p);
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
