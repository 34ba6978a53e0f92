#include "base/text.h"
#include "firmware/proto/can_frame.h"
#include "firmware/proto/dbc_parser.h"

#include <string.h>

enum { SIGNALS_MAX = 1024, INDEPENDENT_FLAG = 0x40000000 };

/* A multiplexed signal without a multiplexor of its own (SG_MUL_VAL_) hangs on the message's plain one. */
enum tt_err tt_dbc_close_message(struct tt_dbc_parser *p)
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
			return tt_dbc_fail(p, TT_EINVAL, &at, "a multiplexed signal in a message without a multiplexor");
		if (m->signals[i].nranges > 0)
			m->signals[i].mux = mux;
	}
	return TT_OK;
}

enum tt_err tt_dbc_read_message(struct tt_dbc_parser *p)
{
	struct tt_dbc_message *m = &p->messages[p->nmessages];
	uint32_t id;
	int64_t bytes;
	enum tt_err err = tt_dbc_close_message(p);

	m->line = p->lex.line;
	if (!err)
		err = tt_dbc_expect_id(p, &id);
	if (!err)
		err = tt_dbc_expect_text(p, TT_DBC_WORD, "the message's name is missing", &m->name);
	if (!err)
		err = tt_dbc_expect_mark(p, ":", "':' is missing after the message's name");
	if (!err)
		err = tt_dbc_expect_integer(p, 0, UINT16_MAX, "the message's length is not a number of bytes", &bytes);
	if (err)
		return err;
	p->in_message = true;
	if (id & INDEPENDENT_FLAG) /* VECTOR__INDEPENDENT_SIG_MSG: a bin for unused signals */
		return tt_dbc_skip_line(p);
	if (id > (id & TT_DBC_KEY_29 ? TT_DBC_KEY_29 | TT_CAN_EFF_MASK : TT_CAN_SFF_MASK)) {
		const struct tt_dbc_token at = {.p = m->name, .n = strlen(m->name), .line = m->line};

		return tt_dbc_fail(p, TT_ERANGE, &at, "the message's identifier has more bits than its width");
	}
	m->key = id;
	m->bytes = (uint16_t)bytes;
	m->signals = &p->signals[p->nsignals];
	p->open = m;
	p->nmessages++;
	return tt_dbc_skip_line(p);
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
	if (n < 2 || t.p[0] != 'm' || tt_parse_i64(t.p + 1, n - 1, &value) || value < 0 || value > UINT32_MAX)
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

/* Last bit of the signal in the order of the bytes on the wire. */
static unsigned last_byte(const struct tt_dbc_signal *s)
{
	const unsigned first = s->big_endian ? s->start / 8U * 8U + (7U - s->start % 8U) : s->start;

	return (first + s->size - 1U) / 8U;
}

static enum tt_err signal_add(struct tt_dbc_parser *p, const struct tt_dbc_signal *s, const struct tt_dbc_token *at)
{
	struct tt_dbc_message *m = p->open;

	if (!m)
		return TT_OK;
	if (last_byte(s) >= m->bytes)
		return tt_dbc_fail(p, TT_ERANGE, at, "the signal lies outside its message");
	if (m->nsignals == SIGNALS_MAX)
		return tt_dbc_fail(p, TT_EFULL, at, "more than 1024 signals in one message");
	if (tt_dbc_signal_by_name(m, s->name))
		return tt_dbc_fail(p, TT_EEXIST, at, "the message has a signal of this name already");
	p->signals[p->nsignals++] = *s;
	m->nsignals++;
	return TT_OK;
}

enum tt_err tt_dbc_read_signal(struct tt_dbc_parser *p)
{
	struct tt_dbc_signal s = {.mux = TT_DBC_NO_MUX};
	struct tt_dbc_token name = tt_dbc_lex_peek(&p->lex), next;
	enum tt_err err;

	if (!p->in_message)
		return tt_dbc_fail(p, TT_EINVAL, &name, "a signal outside any message");
	err = tt_dbc_expect_text(p, TT_DBC_WORD, "the signal's name is missing", &s.name);
	next = tt_dbc_lex_peek(&p->lex);
	if (!err && !tt_dbc_token_is(&next, ":"))
		err = parse_mux(p, &s);
	if (!err)
		err = tt_dbc_expect_mark(p, ":", "':' is missing after the signal's name");
	if (!err)
		err = parse_layout(p, &s);
	if (!err)
		err = parse_scaling(p, &s);
	if (!err)
		err = signal_add(p, &s, &name);
	return err ? err : tt_dbc_skip_line(p);
}
