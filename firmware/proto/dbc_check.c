#include "firmware/proto/dbc_check.h"

#include "firmware/proto/can_frame.h"
#include "firmware/proto/dbc_bits.h"

#include "base/utf8.h"

#include <string.h>

enum { DOUBLE_BITS = 53, MUX_DEPTH = 4, CLASSIC_BYTES = 8, BITS_64 = 64 };

struct check {
	tt_dbc_told_fn told;
	void *ctx;
};

static void tell(const struct check *c, bool warning, uint32_t line, const char *detail, const char *why)
{
	struct tt_dbc_fault f = {.why = why, .line = line, .warning = warning};
	const size_t n = strlen(detail);

	memcpy(f.detail, detail, n < sizeof(f.detail) ? n : sizeof(f.detail) - 1);
	c->told(c->ctx, &f);
}

static void bad(const struct check *c, const struct tt_dbc_signal *s, const char *why)
{
	tell(c, false, s->line, s->name, why);
}

static void doubtful(const struct check *c, const struct tt_dbc_signal *s, const char *why)
{
	tell(c, true, s->line, s->name, why);
}

/* ---- places ---- */

static bool share_a_bit(const struct tt_dbc_signal *a, const struct tt_dbc_signal *b)
{
	for (unsigned i = 0; i < a->size; i++) {
		const unsigned bit = tt_dbc_turned(a, tt_dbc_first_bit(a) + i);

		/* unsigned: what lies before b's first bit is far behind its last */
		if (tt_dbc_turned(b, bit) - tt_dbc_first_bit(b) < b->size)
			return true;
	}
	return false;
}

static bool ranges_meet(const struct tt_dbc_signal *a, const struct tt_dbc_signal *b)
{
	for (uint16_t i = 0; i < a->nranges; i++) {
		for (uint16_t k = 0; k < b->nranges; k++) {
			if (a->ranges[i].low <= b->ranges[k].high && b->ranges[k].low <= a->ranges[i].high)
				return true;
		}
	}
	return false;
}

static const struct tt_dbc_signal *selector(const struct tt_dbc_message *m, const struct tt_dbc_signal *s)
{
	return s->mux == TT_DBC_NO_MUX ? NULL : &m->signals[s->mux];
}

/* In a circle too. */
static bool is_too_deep(const struct tt_dbc_message *m, const struct tt_dbc_signal *s)
{
	unsigned depth = 0;

	for (s = selector(m, s); s && depth < MUX_DEPTH; s = selector(m, s))
		depth++;
	return s != NULL;
}

/* Do two signals, or those they hang on, want different values of one multiplexor? Neither is too deep. */
static bool exclude_each_other(const struct tt_dbc_message *m, const struct tt_dbc_signal *a, const struct tt_dbc_signal *b)
{
	for (; a->mux != TT_DBC_NO_MUX; a = selector(m, a)) {
		for (const struct tt_dbc_signal *other = b; other->mux != TT_DBC_NO_MUX; other = selector(m, other)) {
			if (a->mux == other->mux && !ranges_meet(a, other))
				return true;
		}
	}
	return false;
}

static bool can_be_there(const struct tt_dbc_message *m, const struct tt_dbc_signal *s)
{
	return !s->broken && !is_too_deep(m, s);
}

static void check_overlaps(const struct check *c, const struct tt_dbc_message *m)
{
	for (uint16_t i = 1; i < m->nsignals; i++) {
		const struct tt_dbc_signal *s = &m->signals[i];

		for (uint16_t k = 0; k < i && can_be_there(m, s); k++) {
			const struct tt_dbc_signal *above = &m->signals[k];

			if (can_be_there(m, above) && share_a_bit(s, above) && !exclude_each_other(m, s, above)) {
				doubtful(c, s, "shares bits with a signal above; correct one place, or multiplex them");
				break;
			}
		}
	}
}

/* ---- values ---- */

static double raw_low(const struct tt_dbc_signal *s)
{
	return s->is_signed ? -(double)(UINT64_C(1) << (s->size - 1)) : 0;
}

static double raw_high(const struct tt_dbc_signal *s)
{
	const unsigned bits = s->is_signed ? s->size - 1U : s->size;

	return bits == BITS_64 ? (double)UINT64_MAX : (double)((UINT64_C(1) << bits) - 1);
}

/* Files round their ranges: one step more is nothing. A negative factor makes a the upper end. */
static void check_range(const struct check *c, const struct tt_dbc_signal *s)
{
	const double a = (raw_low(s) - 1) * s->factor.value + s->offset.value, b = (raw_high(s) + 1) * s->factor.value + s->offset.value;

	if (s->min == 0 && s->max == 0)
		return;
	if (s->min > s->max)
		bad(c, s, "the minimum is above the maximum, so every value is out of range; exchange them, or write [0|0]");
	else if (s->type == TT_DBC_INT && ((s->min < a && s->min < b) || (s->max > a && s->max > b)))
		doubtful(c, s, "the range goes beyond what the bits can say; correct it, or the signal's size, sign or factor");
}

static void check_choices(const struct check *c, const struct tt_dbc_signal *s)
{
	for (uint32_t i = 0; i < s->nchoices; i++) {
		const double raw = (double)s->choices[i].raw;

		if (raw < raw_low(s) || raw > raw_high(s)) {
			doubtful(c, s, "VAL_ names a value that the bits cannot hold; remove it, or correct the signal's size or sign");
			return;
		}
		for (uint32_t k = 0; k < i; k++) {
			if (s->choices[k].raw == s->choices[i].raw) {
				doubtful(c, s, "VAL_ has two texts for one value; the first counts");
				return;
			}
		}
	}
}

static void check_mux(const struct check *c, const struct tt_dbc_message *m, const struct tt_dbc_signal *s)
{
	const struct tt_dbc_signal *up = selector(m, s);

	if (!up)
		return;
	for (uint16_t i = 0; i < s->nranges; i++) {
		if (s->ranges[i].low > s->ranges[i].high) {
			bad(c, s, "a range of multiplexor values is empty; write low-high");
			return;
		}
		if ((double)s->ranges[i].low > raw_high(up)) {
			doubtful(c, s, "waits for a value that its multiplexor's bits cannot hold; it is never there");
			return;
		}
	}
	if (is_too_deep(m, s))
		bad(c, s, "multiplexors that hang on each other in a circle, or deeper than four; it is never there");
}

static void check_signal(const struct check *c, const struct tt_dbc_message *m, const struct tt_dbc_signal *s)
{
	if (s->broken)
		return; /* told when it was read */
	if (s->factor.value == 0)
		bad(c, s, "the scale is 0, so every value is the offset; write (1,0) for none");
	check_range(c, s);
	check_choices(c, s);
	check_mux(c, m, s);
	if (s->type == TT_DBC_INT && s->size > DOUBLE_BITS)
		doubtful(c, s, "more than 53 bits: the physical value of large numbers is rounded to a double");
}

/* ---- messages ---- */

static bool frame_length(uint16_t bytes)
{
	static const uint8_t fd[] = {12, 16, 20, 24, 32, 48, 64};

	if (bytes <= CLASSIC_BYTES)
		return true;
	for (size_t i = 0; i < sizeof(fd); i++) {
		if (bytes == fd[i])
			return true;
	}
	return false;
}

static void check_message(const struct check *c, const struct tt_dbc *dbc, uint32_t at)
{
	const struct tt_dbc_message *m = &dbc->messages[at];

	if (m->broken)
		return;
	if (!m->j1939 && m->bytes > TT_CAN_MAX_DATA)
		tell(c, true, m->line, m->name,
		     "longer than any frame, and not J1939 (attribute VFrameFormat); what lies beyond 64 bytes never comes");
	else if (!m->j1939 && !frame_length(m->bytes))
		tell(c, true, m->line, m->name, "no CAN FD frame has this length: 12, 16, 20, 24, 32, 48 or 64 bytes");
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		const struct tt_dbc_message *other = &dbc->messages[i];

		if (other->line < m->line && strcmp(other->name, m->name) == 0) {
			tell(c, false, m->line, m->name, "another message has this name; rename one of them");
			break;
		}
	}
	for (uint16_t i = 0; i < m->nsignals; i++)
		check_signal(c, m, &m->signals[i]);
	check_overlaps(c, m);
}

/* ---- text ---- */

/* The first line that is not UTF-8; once a file is enough. */
static void check_text(const struct check *c, const char *text, size_t len)
{
	for (uint32_t line = 1; len > 0; line++) {
		const char *newline = memchr(text, '\n', len);
		const size_t n = newline ? (size_t)(newline - text) + 1 : len;

		if (!tt_utf8_valid(text, n)) {
			tell(c, true, line, "", "text that is not UTF-8 is taken as Windows-1252, here and below; save the file as UTF-8");
			return;
		}
		text += n;
		len -= n;
	}
}

void tt_dbc_check(const struct tt_dbc *dbc, const char *text, size_t len, tt_dbc_told_fn told, void *ctx)
{
	const struct check c = {.told = told, .ctx = ctx};

	check_text(&c, text, len);
	for (uint32_t i = 0; i < dbc->nmessages; i++)
		check_message(&c, dbc, i);
}

void tt_dbc_count(const struct tt_dbc *dbc, struct tt_dbc_census *out)
{
	*out = (struct tt_dbc_census){0};
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		const struct tt_dbc_message *m = &dbc->messages[i];

		if (m->broken)
			continue;
		out->messages++;
		out->fd += m->fd || (!m->j1939 && m->bytes > CLASSIC_BYTES);
		out->j1939 += m->j1939;
		for (uint16_t k = 0; k < m->nsignals; k++) {
			const struct tt_dbc_signal *s = &m->signals[k];

			out->signals += !s->broken;
			out->multiplexed += !s->broken && s->mux != TT_DBC_NO_MUX;
			out->value_tables += s->nchoices > 0;
		}
	}
}
