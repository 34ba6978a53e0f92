#include "firmware/proto/candump.h"

#include "base/text.h"

#include <string.h>

enum {
	ID_DIGITS_11 = 3,
	ID_DIGITS_29 = 8,
	ID_ERROR_FLAG = 0x20000000, /* CAN_ERR_FLAG of linux/can.h */
	FD_BRS = 1,
	CLASSIC_MAX = 8,
};

/* A place in the line; all steps share it, so that a failure knows its column. */
struct scan {
	const char *s;
	size_t len, at;
	const char *why;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char peek(const struct scan *l)
{
	return l->at < l->len ? l->s[l->at] : '\0';
}

static size_t skip_blanks(struct scan *l)
{
	const size_t from = l->at;

	while (l->at < l->len && is_blank(l->s[l->at]))
		l->at++;
	return l->at - from;
}

static enum tt_err fail(struct scan *l, enum tt_err err, const char *why)
{
	l->why = why;
	return err;
}

static bool take(struct scan *l, char c)
{
	if (peek(l) != c || l->at >= l->len)
		return false;
	l->at++;
	return true;
}

static size_t run_of_digits(const struct scan *l, bool hex)
{
	size_t n = 0;

	while (l->at + n < l->len && tt_hex_digit(l->s[l->at + n]) >= 0 && (hex || tt_hex_digit(l->s[l->at + n]) <= 9))
		n++;
	return n;
}

static enum tt_err read_time(struct scan *l, tt_utc_us *out)
{
	int64_t seconds, micros = 0;
	size_t n;

	if (!take(l, '('))
		return fail(l, TT_EINVAL, "a log line begins with '(' and the time in seconds");
	n = run_of_digits(l, false);
	if (n == 0)
		return fail(l, TT_EINVAL, "the time is not a number");
	if (tt_parse_i64(l->s + l->at, n, &seconds) || seconds > INT64_MAX / 1000000 - 1)
		return fail(l, TT_ERANGE, "the time is out of range");
	l->at += n;
	if (take(l, '.')) {
		n = run_of_digits(l, false);
		if (n == 0)
			return fail(l, TT_EINVAL, "digits are missing after the time's point");
		for (size_t i = 0; i < 6; i++)
			micros = micros * 10 + (i < n ? l->s[l->at + i] - '0' : 0);
		l->at += n;
	}
	if (!take(l, ')'))
		return fail(l, TT_EINVAL, "')' is missing after the time");
	*out = seconds * 1000000 + micros;
	return TT_OK;
}

static enum tt_err read_bus(struct scan *l, char bus[TT_CANDUMP_BUS])
{
	size_t n = 0;

	if (skip_blanks(l) == 0)
		return fail(l, TT_EINVAL, "a space is missing after the time");
	while (l->at + n < l->len && !is_blank(l->s[l->at + n]))
		n++;
	if (n == 0)
		return fail(l, TT_EINVAL, "the interface name is missing");
	if (n >= TT_CANDUMP_BUS)
		return fail(l, TT_ERANGE, "the interface name is longer than 15 bytes");
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)l->s[l->at + i] < 0x20 || l->s[l->at + i] == 0x7F)
			return fail(l, TT_EINVAL, "a control character in the interface name");
	}
	memcpy(bus, l->s + l->at, n);
	bus[n] = '\0';
	l->at += n;
	if (skip_blanks(l) == 0)
		return fail(l, TT_EINVAL, "the frame is missing after the interface name");
	return TT_OK;
}

static enum tt_err read_id(struct scan *l, struct tt_can_frame *f)
{
	const size_t n = run_of_digits(l, true);
	uint64_t id;

	if (n != ID_DIGITS_11 && n != ID_DIGITS_29)
		return fail(l, TT_EINVAL, "the identifier needs 3 (11-bit) or 8 (29-bit) hexadecimal digits");
	if (tt_parse_hex(l->s + l->at, n, &id))
		return fail(l, TT_EINVAL, "the identifier is not hexadecimal");
	f->error = n == ID_DIGITS_29 && (id & ID_ERROR_FLAG);
	f->extended = n == ID_DIGITS_29 && !f->error;
	if (f->error)
		id &= ~(uint64_t)ID_ERROR_FLAG;
	if (id > (n == ID_DIGITS_11 ? TT_CAN_SFF_MASK : TT_CAN_EFF_MASK))
		return fail(l, TT_ERANGE, n == ID_DIGITS_11 ? "the identifier is above 7FF" : "the identifier is above 1FFFFFFF");
	f->id = (uint32_t)id;
	l->at += n;
	if (!take(l, '#'))
		return fail(l, TT_EINVAL, "'#' is missing after the identifier");
	return TT_OK;
}

static bool is_fd_length(size_t n)
{
	static const uint8_t above_8[] = {12, 16, 20, 24, 32, 48, 64};

	return n <= CLASSIC_MAX || memchr(above_8, (int)n, sizeof(above_8));
}

static enum tt_err read_data(struct scan *l, struct tt_can_frame *f)
{
	const size_t max = f->fd ? TT_CAN_MAX_DATA : CLASSIC_MAX;
	size_t n = 0;

	while (run_of_digits(l, true) > 0) {
		if (run_of_digits(l, true) < 2)
			return fail(l, TT_EINVAL, "a data byte has only one digit");
		if (n == max)
			return fail(l, TT_ERANGE, f->fd ? "more than 64 data bytes" : "more than 8 data bytes in a classic frame");
		f->data[n++] = (uint8_t)(tt_hex_digit(l->s[l->at]) << 4 | tt_hex_digit(l->s[l->at + 1]));
		l->at += 2;
		if (peek(l) == '.' && !take(l, '.'))
			break;
	}
	if (!is_fd_length(n))
		return fail(l, TT_ERANGE, "no CAN FD frame has this many data bytes");
	f->len = (uint8_t)n;
	return TT_OK;
}

static enum tt_err read_payload(struct scan *l, struct tt_can_frame *f)
{
	if (take(l, 'R')) {
		f->rtr = true;
		if (peek(l) >= '0' && peek(l) <= '8')
			f->len = (uint8_t)(l->s[l->at++] - '0');
		return TT_OK;
	}
	if (take(l, '#')) {
		const int flags = tt_hex_digit(peek(l));

		if (flags < 0)
			return fail(l, TT_EINVAL, "the flag digit of the CAN FD frame is missing");
		l->at++;
		f->fd = true;
		f->brs = flags & FD_BRS;
	}
	return read_data(l, f);
}

/* What may follow a frame: the raw length code of classic frames (_9.._F), then a direction word. */
static enum tt_err read_tail(struct scan *l, const struct tt_can_frame *f)
{
	if (peek(l) == '_' && !f->fd && f->len == CLASSIC_MAX) {
		l->at++;
		if (tt_hex_digit(peek(l)) <= CLASSIC_MAX)
			return fail(l, TT_EINVAL, "the raw length code is one digit of 9 to F");
		l->at++;
	}
	if (skip_blanks(l) > 0 && (peek(l) == 'R' || peek(l) == 'T'))
		l->at++;
	skip_blanks(l);
	return l->at == l->len ? TT_OK : fail(l, TT_EINVAL, "unexpected characters after the frame");
}

enum tt_err tt_candump_parse(const char *line, size_t len, struct tt_candump *out, struct tt_candump_fault *fault)
{
	struct scan l = {.s = line, .len = len};
	struct tt_candump d;
	enum tt_err err;

	memset(&d, 0, sizeof(d));
	skip_blanks(&l);
	err = read_time(&l, &d.at_us);
	if (!err)
		err = read_bus(&l, d.bus);
	if (!err)
		err = read_id(&l, &d.frame);
	if (!err)
		err = read_payload(&l, &d.frame);
	if (!err)
		err = read_tail(&l, &d.frame);
	if (err) {
		if (fault)
			*fault = (struct tt_candump_fault){.why = l.why, .column = l.at + 1};
		return err;
	}
	*out = d;
	return TT_OK;
}

enum tt_err tt_candump_format(const struct tt_candump *in, char *out, size_t cap, size_t *len)
{
	const struct tt_can_frame *f = &in->frame;
	struct tt_text t;

	if (cap == 0)
		return TT_EFULL;
	t = tt_text_init(out, cap);
	tt_text_char(&t, '(');
	tt_text_fixed(&t, in->at_us, 6);
	tt_text_str(&t, ") ");
	tt_text_str(&t, in->bus);
	tt_text_char(&t, ' ');
	tt_text_hex(&t, f->error ? f->id | ID_ERROR_FLAG : f->id, f->extended || f->error ? ID_DIGITS_29 : ID_DIGITS_11);
	tt_text_char(&t, '#');
	if (f->rtr) {
		tt_text_char(&t, 'R');
		if (f->len > 0)
			tt_text_u64(&t, f->len);
	} else {
		if (f->fd) {
			tt_text_char(&t, '#');
			tt_text_hex(&t, f->brs ? FD_BRS : 0, 1);
		}
		for (size_t i = 0; i < f->len; i++)
			tt_text_hex(&t, f->data[i], 2);
	}
	if (t.cut)
		return TT_EFULL;
	*len = t.len;
	return TT_OK;
}
