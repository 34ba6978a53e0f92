#include "base/text.h"
#include "firmware/proto/can_frame.h"
#include "firmware/proto/dbc_bits.h"
#include "firmware/proto/dbc_parser.h"

#include <string.h>

enum { SIGNALS_MAX = 1024 };

/* A multiplexed signal without a multiplexor of its own (SG_MUL_VAL_) hangs on the message's plain one. */
enum tt_err tt_dbc_close_message(struct tt_dbc_parser *p)
{
	static const char why[] = "a multiplexed signal in a message without a multiplexor; mark the selector with M";
	struct tt_dbc_message *m = p->open;
	int16_t mux = TT_DBC_NO_MUX;
	enum tt_err err = TT_OK;

	p->open = NULL;
	if (!m)
		return TT_OK;
	for (uint16_t i = 0; i < m->nsignals; i++) {
		if (m->signals[i].is_mux && m->signals[i].nranges == 0)
			mux = (int16_t)i;
	}
	for (uint16_t i = 0; i < m->nsignals && !err; i++) {
		struct tt_dbc_signal *s = &m->signals[i];
		const struct tt_dbc_token at = {.p = s->name, .n = strlen(s->name), .line = s->line};

		if (s->nranges == 0)
			continue;
		s->mux = mux;
		if (mux == TT_DBC_NO_MUX) {
			s->broken = why;
			err = tt_dbc_tell(p, TT_EINVAL, &at, why);
		}
	}
	return err;
}

struct head {
	struct tt_dbc_token name;
	uint32_t id;
	int64_t bytes;
};

static enum tt_err parse_head(struct tt_dbc_parser *p, struct tt_dbc_message *m, struct head *h)
{
	enum tt_err err = tt_dbc_expect_id(p, &h->id);

	h->name = tt_dbc_lex_peek(&p->lex);
	if (!err)
		err = tt_dbc_expect_text(p, TT_DBC_WORD, "the message's name is missing", &m->name);
	if (!err)
		err = tt_dbc_expect_mark(p, ":", "':' is missing after the message's name");
	if (!err)
		err = tt_dbc_expect_integer(p, 0, UINT16_MAX, "the message's length is not a number of bytes", &h->bytes);
	if (!err)
		err = tt_dbc_skip_line(p);
	if (!err && !(h->id & TT_DBC_INDEPENDENT) && h->id > (h->id & TT_DBC_KEY_29 ? TT_DBC_KEY_29 | TT_CAN_EFF_MASK : TT_CAN_SFF_MASK))
		return tt_dbc_fail(p, TT_ERANGE, &h->name,
				   "the message's identifier has more bits than its width; 29-bit ones have bit 31 set");
	return err;
}

/* So that whoever looks for it by name learns what is wrong with it. The name is copied once more: the statement's own copy is given back.
 */
static void keep_broken_message(struct tt_dbc_parser *p, size_t mark, const struct head *h)
{
	struct tt_dbc_message *m = &p->messages[p->nmessages];

	p->arena->used = mark;
	if (!p->told || h->name.kind != TT_DBC_WORD || h->name.line != p->fault.line)
		return;
	*m = (struct tt_dbc_message){.key = TT_DBC_NO_KEY, .line = p->fault.line, .broken = p->fault.why};
	m->name = tt_dbc_text(p->arena, h->name.p, h->name.n);
	p->nmessages += m->name != NULL;
}

enum tt_err tt_dbc_read_message(struct tt_dbc_parser *p)
{
	const uint32_t line = p->lex.line;
	const size_t mark = p->arena->used;
	struct tt_dbc_message *m = &p->messages[p->nmessages];
	struct head h = {.id = 0};
	enum tt_err err = tt_dbc_close_message(p);

	if (err)
		return err;
	if (p->nmessages == p->max_messages) {
		const struct tt_dbc_token at = {.p = "BO_", .n = 3, .line = line};

		return tt_dbc_fail(p, TT_EINVAL, &at, "a message begins in the middle of a line");
	}
	p->in_message = true;
	err = parse_head(p, m, &h);
	if (err) {
		keep_broken_message(p, mark, &h);
		return err;
	}
	if (h.id & TT_DBC_INDEPENDENT) /* VECTOR__INDEPENDENT_SIG_MSG: a bin for unused signals */
		return TT_OK;
	*m = (struct tt_dbc_message){
		.name = m->name, .key = h.id, .bytes = (uint16_t)h.bytes, .line = line, .signals = &p->signals[p->nsignals]};
	p->open = m;
	p->nmessages++;
	return TT_OK;
}

/* M, m<value> or m<value>M between name and colon. */
static enum tt_err parse_mux(struct tt_dbc_parser *p, struct tt_dbc_signal *s)
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
	if (t.kind != TT_DBC_WORD || t.p[0] != 'm' || tt_parse_i64(t.p + 1, n - 1, &value) || value > UINT32_MAX)
		return tt_dbc_fail(p, TT_EINVAL, &t, "neither ':' nor a multiplexing mark (M, m0, m1 ..)");
	range = tt_dbc_alloc(p->arena, 1, sizeof(*range));
	if (!range)
		return tt_dbc_no_room(p);
	range->low = range->high = (uint32_t)value;
	s->ranges = range;
	s->nranges = 1;
	return TT_OK;
}

static enum tt_err parse_layout(struct tt_dbc_parser *p, struct tt_dbc_signal *s)
{
	static const char why[] = "a signal's place is written start|size@order and sign, as 0|16@1+";
	int64_t start = 0, size = 0, order = 0;
	struct tt_dbc_token t;
	enum tt_err err = tt_dbc_expect_integer(p, 0, INT16_MAX, why, &start);

	if (!err)
		err = tt_dbc_expect_mark(p, "|", why);
	if (!err)
		err = tt_dbc_expect_integer(p, 1, 64, "a signal has 1 to 64 bits", &size);
	if (!err)
		err = tt_dbc_expect_mark(p, "@", why);
	if (!err)
		err = tt_dbc_expect_integer(p, 0, 1, "the byte order is 0 (big-endian) or 1 (little-endian)", &order);
	if (err)
		return err;
	t = tt_dbc_lex_next(&p->lex);
	if (!tt_dbc_token_is(&t, "+") && !tt_dbc_token_is(&t, "-"))
		return tt_dbc_fail(p, TT_EINVAL, &t, "the sign is '+' (unsigned) or '-' (signed)");
	s->start = (uint16_t)start;
	s->size = (uint8_t)size;
	s->big_endian = order == 0;
	s->is_signed = t.p[0] == '-';
	return TT_OK;
}

static enum tt_err parse_scaling(struct tt_dbc_parser *p, struct tt_dbc_signal *s)
{
	static const char factor[] = "factor and offset are written (factor,offset)", range[] = "the range is written [min|max]";
	struct tt_dbc_number min = {0}, max = {0};
	enum tt_err err = tt_dbc_expect_mark(p, "(", factor);

	if (!err)
		err = tt_dbc_expect_number(p, factor, &s->factor);
	if (!err)
		err = tt_dbc_expect_mark(p, ",", factor);
	if (!err)
		err = tt_dbc_expect_number(p, factor, &s->offset);
	if (!err)
		err = tt_dbc_expect_mark(p, ")", factor);
	if (!err)
		err = tt_dbc_expect_mark(p, "[", range);
	if (!err)
		err = tt_dbc_expect_number(p, range, &min);
	if (!err)
		err = tt_dbc_expect_mark(p, "|", range);
	if (!err)
		err = tt_dbc_expect_number(p, range, &max);
	if (!err)
		err = tt_dbc_expect_mark(p, "]", range);
	s->min = min.value;
	s->max = max.value;
	return err ? err : tt_dbc_expect_text(p, TT_DBC_STRING, "the unit is missing (\"\" when there is none)", &s->unit);
}

static enum tt_err check_signal(struct tt_dbc_parser *p, const struct tt_dbc_signal *s, const struct tt_dbc_token *at)
{
	struct tt_dbc_message *m = p->open;

	if (!m)
		return TT_OK;
	if (tt_dbc_last_byte(s) >= m->bytes)
		return tt_dbc_fail(p, TT_ERANGE, at, "the signal lies outside its message; correct its place or the message's length");
	if (m->nsignals == SIGNALS_MAX)
		return tt_dbc_fail(p, TT_EFULL, at, "more than 1024 signals in one message");
	p->subject = tt_dbc_signal_by_name(m, s->name);
	if (p->subject)
		return tt_dbc_fail(p, TT_EEXIST, at, "the message has a signal of this name already; rename one of them");
	return TT_OK;
}

static enum tt_err parse_signal(struct tt_dbc_parser *p, struct tt_dbc_signal *s, const struct tt_dbc_token *name)
{
	enum tt_err err = tt_dbc_expect_text(p, TT_DBC_WORD, "the signal's name is missing", &s->name);
	const struct tt_dbc_token next = tt_dbc_lex_peek(&p->lex);

	if (!err && !tt_dbc_token_is(&next, ":"))
		err = parse_mux(p, s);
	if (!err)
		err = tt_dbc_expect_mark(p, ":", "':' is missing after the signal's name");
	if (!err)
		err = parse_layout(p, s);
	if (!err)
		err = parse_scaling(p, s);
	if (!err)
		err = tt_dbc_skip_line(p); /* the receivers */
	return err ? err : check_signal(p, s, name);
}

static void signal_add(struct tt_dbc_parser *p, const struct tt_dbc_signal *s)
{
	p->signals[p->nsignals++] = *s;
	p->open->nsignals++;
}

/* As keep_broken_message. A second signal of a name breaks the first (the subject), since nobody knows which is meant. */
static void keep_broken_signal(struct tt_dbc_parser *p, size_t mark, const struct tt_dbc_token *name)
{
	struct tt_dbc_signal s = {
		.factor = {.exact = true}, .mux = TT_DBC_NO_MUX, .unit = "", .line = p->fault.line, .broken = p->fault.why};

	p->arena->used = mark;
	if (!p->told || !p->open || p->subject || name->kind != TT_DBC_WORD || name->line != p->fault.line ||
	    p->open->nsignals == SIGNALS_MAX)
		return;
	s.name = tt_dbc_text(p->arena, name->p, name->n);
	if (s.name)
		signal_add(p, &s);
}

enum tt_err tt_dbc_read_signal(struct tt_dbc_parser *p)
{
	const struct tt_dbc_token name = tt_dbc_lex_peek(&p->lex);
	struct tt_dbc_signal s = {.mux = TT_DBC_NO_MUX, .line = p->lex.line};
	const size_t mark = p->arena->used;
	enum tt_err err;

	if (!p->in_message)
		return tt_dbc_fail(p, TT_EINVAL, &name, "a signal outside any message");
	if (p->nsignals == p->max_signals)
		return tt_dbc_fail(p, TT_EINVAL, &name, "a signal begins in the middle of a line");
	err = parse_signal(p, &s, &name);
	if (err)
		keep_broken_signal(p, mark, &name);
	else if (p->open)
		signal_add(p, &s);
	return err;
}
