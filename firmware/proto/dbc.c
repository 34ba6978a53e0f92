#include "firmware/proto/dbc.h"

#include "firmware/proto/dbc_parser.h"

#include <stdalign.h>
#include <string.h>

enum { MARKS_PER_TEXT = 4 };

typedef enum tt_err (*reader_fn)(struct tt_dbc_parser *p);

struct keyword {
	const char *name;
	reader_fn first;  /* pass 1: messages and signals; NULL: read in the other pass */
	reader_fn second; /* pass 2: what refers to them */
	reader_fn skip;
};

static const struct keyword keywords[] = {
	{"BO_", tt_dbc_read_message, NULL, tt_dbc_skip_line},
	{"SG_", tt_dbc_read_signal, NULL, tt_dbc_skip_line},
	{"VAL_", NULL, tt_dbc_read_choices, tt_dbc_skip_statement},
	{"VAL_TABLE_", NULL, tt_dbc_read_table, tt_dbc_skip_statement},
	{"SIG_VALTYPE_", NULL, tt_dbc_read_value_type, tt_dbc_skip_statement},
	{"SG_MUL_VAL_", NULL, tt_dbc_read_mux_values, tt_dbc_skip_statement},
	{"BA_", NULL, tt_dbc_read_attribute, tt_dbc_skip_statement},
	{"BA_DEF_", NULL, tt_dbc_read_attribute_type, tt_dbc_skip_statement},
	{"BA_DEF_DEF_", NULL, tt_dbc_read_attribute_default, tt_dbc_skip_statement},
	{"VERSION", NULL, tt_dbc_skip_line, tt_dbc_skip_line},
	{"NS_", NULL, tt_dbc_skip_symbols, tt_dbc_skip_symbols},
	{"BS_", NULL, tt_dbc_skip_line, tt_dbc_skip_line},
	{"BU_", NULL, tt_dbc_read_nodes, tt_dbc_read_nodes},
};

/* Statements that end in ';' and say nothing about decoding. */
static const char *const skipped[] = {
	"CM_",         "BO_TX_BU_",  "SIG_GROUP_",      "EV_",           "EV_DATA_",   "ENVVAR_DATA_", "SGTYPE_",
	"SGTYPE_VAL_", "BA_SGTYPE_", "BA_DEF_SGTYPE_",  "SIG_TYPE_REF_", "CAT_DEF_",   "CAT_",         "FILTER",
	"BA_DEF_REL_", "BA_REL_",    "BA_DEF_DEF_REL_", "BU_SG_REL_",    "BU_EV_REL_", "BU_BO_REL_",   "SIGTYPE_VALTYPE_",
	"NS_DESC_",
};

static const struct keyword *keyword_of(const struct tt_dbc_token *t)
{
	static const struct keyword skip = {"", NULL, tt_dbc_skip_statement, tt_dbc_skip_statement};

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

bool tt_dbc_is_keyword(const struct tt_dbc_token *t)
{
	return keyword_of(t) != NULL;
}

/* *silent: what is wrong with it is told in the other pass. */
static enum tt_err statement(struct tt_dbc_parser *p, const struct tt_dbc_token *t, bool second, bool *silent)
{
	const struct keyword *k = keyword_of(t);
	const reader_fn read = !k ? NULL : second ? k->second : k->first;

	p->subject = NULL;
	*silent = k ? !read : second;
	if (!k)
		return tt_dbc_fail(p, TT_EINVAL, t, "not a statement of a DBC file");
	return read ? read(p) : k->skip(p);
}

static bool is_end_of_line(const struct tt_dbc_lex *l)
{
	return l->at == l->len || l->text[l->at] == '\n';
}

/* Behind a fault on line: on to the next line that begins with a keyword, whatever strings seem to be open. */
static void recover(struct tt_dbc_lex *l, size_t at, uint32_t line)
{
	l->at = at;
	l->line = line;
	for (;;) {
		struct tt_dbc_token t;

		while (!is_end_of_line(l))
			l->at++;
		tt_dbc_lex_skip_blanks(l);
		t = tt_dbc_lex_peek(l);
		if (t.kind == TT_DBC_END || tt_dbc_is_keyword(&t))
			return;
	}
}

static enum tt_err walk(struct tt_dbc_parser *p, bool second)
{
	for (;;) {
		const struct tt_dbc_token t = tt_dbc_lex_next(&p->lex);
		const size_t at = p->lex.at, mark = p->arena->used;
		const uint32_t line = p->lex.line;
		bool silent;
		enum tt_err err;

		if (t.kind == TT_DBC_END)
			return TT_OK;
		err = statement(p, &t, second, &silent);
		if (!err)
			continue;
		if (!silent) {
			if (!p->told || err == TT_ENOMEM)
				return err;
			if (p->subject) {
				p->subject->broken = p->fault.why;
				p->subject->line = p->fault.line;
			}
			p->told(p->ctx, &p->fault);
		}
		if (second)
			p->arena->used = mark; /* in the first pass the broken thing's name was kept */
		recover(&p->lex, at, line);
	}
}

static bool before(const struct tt_dbc_message *a, const struct tt_dbc_message *b)
{
	return a->key != b->key ? a->key < b->key : a->line < b->line;
}

static void sift(struct tt_dbc_message *m, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		struct tt_dbc_message swap;

		if (child + 1 < n && before(&m[child], &m[child + 1]))
			child++;
		if (!before(&m[root], &m[child]))
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
	enum tt_err err = TT_OK;

	for (size_t i = 1; i < p->nmessages && !err; i++) {
		const struct tt_dbc_message *m = &p->messages[i];
		const struct tt_dbc_token at = {.p = m->name, .n = strlen(m->name), .line = m->line};

		if (m[-1].key == m->key && m->key != TT_DBC_NO_KEY)
			err = tt_dbc_tell(p, TT_EEXIST, &at,
					  "another message has this identifier; keep one of them, or give each its own bus's file");
	}
	return err;
}

struct counts {
	size_t messages, signals, strings, commas, ends;
};

static bool stands_there(const char *bytes, size_t len, const char *keyword)
{
	return len >= strlen(keyword) && memcmp(bytes, keyword, strlen(keyword)) == 0;
}

/* Of the byte order mark that some editors put before the text. */
static size_t mark_len(const char *bytes, size_t len)
{
	return stands_there(bytes, len, "\xEF\xBB\xBF") ? 3 : 0;
}

/* At most what the parser can take: BO_ and SG_ that begin a line or follow a ';', whatever strings and comments they stand in. */
static struct counts count(const char *bytes, size_t len)
{
	struct counts c = {0};
	bool begins = true;

	for (size_t i = mark_len(bytes, len); i < len; i++) {
		const char b = bytes[i];

		c.messages += begins && stands_there(bytes + i, len - i, "BO_");
		c.signals += begins && stands_there(bytes + i, len - i, "SG_");
		c.strings += b == '"';
		c.commas += b == ',';
		c.ends += b == ';';
		begins = b == '\n' || b == ';' || (begins && (unsigned char)b <= ' ');
	}
	c.strings = c.strings / 2 + 1;
	return c;
}

size_t tt_dbc_arena_size(const char *bytes, size_t len)
{
	const struct counts c = count(bytes, len);
	const size_t aligned = alignof(max_align_t);

	/* every text at most three times as long as in the file, with NUL and the alignment of what follows */
	return 3 * len + 4 + (c.messages + 1) * (sizeof(struct tt_dbc_message) + MARKS_PER_TEXT) +
	       (c.messages + c.signals + c.strings) * 2 * aligned +
	       (c.signals + 1) * (sizeof(struct tt_dbc_signal) + 2 * aligned + sizeof(struct tt_dbc_range)) +
	       c.strings * sizeof(struct tt_dbc_choice) + (c.commas + c.signals) * 2 * aligned +
	       c.ends * (sizeof(struct tt_dbc_table) + 2 * aligned) + 4 * aligned;
}

static void rewind_to(struct tt_dbc_parser *p)
{
	p->lex.at = mark_len(p->lex.text, p->lex.len);
	p->lex.line = 1;
}

static enum tt_err read_all(struct tt_dbc_parser *p, struct tt_dbc *out)
{
	const struct counts c = count(p->lex.text, p->lex.len);
	enum tt_err err;

	p->max_messages = c.messages;
	p->max_signals = c.signals;
	p->messages = tt_dbc_alloc(p->arena, c.messages + 1, sizeof(*p->messages)); /* one more: it is filled before it counts */
	p->signals = tt_dbc_alloc(p->arena, c.signals, sizeof(*p->signals));
	rewind_to(p);
	err = p->messages && p->signals ? walk(p, false) : tt_dbc_no_room(p);
	if (!err)
		err = tt_dbc_close_message(p);
	if (!err) {
		sort_by_key(p->messages, p->nmessages);
		err = check_keys(p);
	}
	if (!err) {
		rewind_to(p);
		err = walk(p, true);
	}
	if (err)
		return err;
	*out = (struct tt_dbc){.messages = p->messages, .nmessages = (uint32_t)p->nmessages, .nnodes = p->nnodes, .ntables = p->ntables};
	return TT_OK;
}

/* Vector's own order; a file's BA_DEF_ may give another. */
#define FORMATS_OF_VECTOR \
	{ \
		[3] = TT_DBC_J1939, [14] = TT_DBC_FD, [15] = TT_DBC_FD \
	}

enum tt_err tt_dbc_parse(const char *bytes, size_t len, struct tt_dbc_arena *arena, struct tt_dbc *out, struct tt_dbc_fault *fault)
{
	struct tt_dbc_parser p = {.lex = {.text = bytes, .len = len}, .arena = arena, .formats = FORMATS_OF_VECTOR};
	const enum tt_err err = read_all(&p, out);

	if (err && fault)
		*fault = p.fault;
	return err;
}

enum tt_err tt_dbc_read(const char *bytes, size_t len, struct tt_dbc_arena *arena, tt_dbc_told_fn told, void *ctx, struct tt_dbc *out)
{
	struct tt_dbc_parser p = {
		.lex = {.text = bytes, .len = len}, .arena = arena, .formats = FORMATS_OF_VECTOR, .told = told, .ctx = ctx};

	return read_all(&p, out);
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
