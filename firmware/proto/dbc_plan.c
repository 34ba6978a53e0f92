#include "firmware/proto/dbc_plan.h"

#include "firmware/proto/dbc_bits.h"
#include "firmware/proto/dbc_lex.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

enum { WINDOW = 8, WINDOW_BITS = 64, LAST_WINDOW = TT_CAN_MAX_DATA - WINDOW, EXACT_EXPONENT = 22, MUX_DEPTH = 4 };
#define KEY_29 UINT32_C(0x80000000)
#define KEY_GROUP UINT32_C(0x40000000) /* a PGN in place of the identifier */

static_assert(sizeof(((struct tt_can_frame *)0)->data) == TT_CAN_MAX_DATA, "windows are clamped to the frame's array");

static uint64_t load_le(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static uint64_t load_be(const uint8_t *p)
{
	return (uint64_t)p[7] | (uint64_t)p[6] << 8 | (uint64_t)p[5] << 16 | (uint64_t)p[4] << 24 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[2] << 40 | (uint64_t)p[1] << 48 | (uint64_t)p[0] << 56;
}

/* Is (raw * factor + offset) a quotient of integers that double holds exactly? Then one division rounds correctly. */
static void compile_scaling(const struct tt_dbc_signal *s, struct tt_dbc_plan_signal *out)
{
	const int fe = s->factor.exponent, oe = s->offset.exponent;
	const int e = (int)tt_min_i64(tt_min_i64(fe, oe), 0);
	const double limit = 9007199254740992.0; /* 2^53 */

	out->scale = s->factor.value;
	out->offset = s->offset.value;
	out->divisor = 1;
	if (s->type != TT_DBC_INT || !s->factor.exact || !s->offset.exact || s->size == WINDOW_BITS || e < -EXACT_EXPONENT ||
	    fe - e > EXACT_EXPONENT || oe - e > EXACT_EXPONENT)
		return;
	const double scale = (double)s->factor.mantissa * tt_dbc_pow10((unsigned)(fe - e));
	const double offset = (double)s->offset.mantissa * tt_dbc_pow10((unsigned)(oe - e));
	const double most = (double)(UINT64_C(1) << s->size);

	if ((scale < 0 ? -scale : scale) * most + (offset < 0 ? -offset : offset) >= limit)
		return;
	out->exact = true;
	out->scale = scale;
	out->offset = offset;
	out->divisor = tt_dbc_pow10((unsigned)-e);
}

/* Windows are read whole: within a frame's array, or for what no frame holds, within the message. */
static unsigned last_window(const struct tt_dbc_message *m, unsigned end_bit)
{
	return end_bit <= TT_CAN_MAX_DATA * 8 ? LAST_WINDOW : m->bytes - (unsigned)WINDOW;
}

static void compile_signal(const struct tt_dbc_message *m, const struct tt_dbc_signal *s, struct tt_dbc_plan_signal *out)
{
	const unsigned first = tt_dbc_first_bit(s);
	const unsigned last = last_window(m, first + s->size);
	unsigned window = first / 8, within;

	memset(out, 0, sizeof(*out));
	out->signal = s;
	out->user = s->user;
	out->mask = s->size == 64 ? UINT64_MAX : (UINT64_C(1) << s->size) - 1;
	out->sign = s->is_signed && s->type == TT_DBC_INT ? UINT64_C(1) << (s->size - 1) : 0;
	out->bytes = (uint16_t)(tt_dbc_last_byte(s) + 1);
	out->swap = s->big_endian;
	out->mux = -1;
	if (window > last)
		window = last;
	within = first - window * 8;
	out->byte = (uint16_t)window;
	out->wide = within + s->size > WINDOW_BITS;
	if (!out->wide)
		out->shift = (uint8_t)(s->big_endian ? WINDOW_BITS - within - s->size : within);
	compile_scaling(s, out);
}

/* Nine bytes are touched: rare enough to go bit by bit, most significant one first. */
static uint64_t extract_wide(const struct tt_dbc_signal *s, const uint8_t *data)
{
	const unsigned first = tt_dbc_first_bit(s);
	uint64_t v = 0;

	for (unsigned i = 0; i < s->size; i++) {
		const unsigned bit = s->big_endian ? first + i : first + s->size - 1 - i;

		v = v << 1 | (data[bit / 8] >> tt_dbc_turned(s, bit) % 8 & 1U);
	}
	return v;
}

static inline uint64_t extract(const struct tt_dbc_plan_signal *s, const uint8_t *data)
{
	uint64_t v;

	if (s->wide)
		v = extract_wide(s->signal, data);
	else
		v = (s->swap ? load_be(data + s->byte) : load_le(data + s->byte)) >> s->shift & s->mask;
	return (v ^ s->sign) - s->sign;
}

static double from_ieee(const struct tt_dbc_signal *s, uint64_t raw)
{
	const uint32_t low = (uint32_t)raw;
	double d;
	float f;

	if (s->type == TT_DBC_DOUBLE) {
		memcpy(&d, &raw, sizeof(d));
		return d;
	}
	memcpy(&f, &low, sizeof(f));
	return (double)f;
}

static inline double physical(const struct tt_dbc_plan_signal *s, uint64_t raw)
{
	const double v = s->sign ? (double)(int64_t)raw : (double)raw;

	if (s->exact)
		return (v * s->scale + s->offset) / s->divisor;
	return (s->signal->type == TT_DBC_INT ? v : from_ieee(s->signal, raw)) * s->scale + s->offset;
}

static inline bool in_ranges(const struct tt_dbc_signal *s, uint64_t raw)
{
	for (uint16_t i = 0; i < s->nranges; i++) {
		if (raw >= s->ranges[i].low && raw <= s->ranges[i].high)
			return true;
	}
	return false;
}

/* What a multiplexor says in these data. Signals that hang on one mostly stand together, so the last one is kept. */
struct selection {
	int16_t mux; /* index in the plan message, -1 = none yet */
	bool there;  /* it is present itself */
	uint64_t raw;
};

/* Nested multiplexors are asked up the chain, bounded against files that go in circles. */
static void look_at(const struct tt_dbc_plan_message *m, int16_t index, const uint8_t *data, size_t len, struct selection *out)
{
	const struct tt_dbc_plan_signal *s = &m->signals[index];

	out->mux = index;
	out->there = s->bytes <= len;
	if (!out->there)
		return;
	out->raw = extract(s, data);
	for (unsigned depth = 1; s->mux >= 0 && out->there; depth++) {
		const struct tt_dbc_plan_signal *up = &m->signals[s->mux];

		out->there = depth < MUX_DEPTH && up->bytes <= len && in_ranges(s->signal, extract(up, data));
		s = up;
	}
}

/* For J1939 only the PGN counts: priority, source and PDU1 destination are masked out on both sides. */
static uint32_t group_key(uint32_t key)
{
	return KEY_29 | KEY_GROUP | tt_dbc_pgn(key & TT_CAN_EFF_MASK);
}

static uint32_t hash(uint32_t key)
{
	return (key * UINT32_C(2654435769)) >> 7;
}

static const struct tt_dbc_plan_message *probe(const struct tt_dbc_plan *plan, uint32_t key)
{
	for (uint32_t i = hash(key) & plan->mask; plan->slots[i]; i = (i + 1) & plan->mask) {
		if (plan->keys[i] == key)
			return &plan->messages[plan->slots[i] - 1];
	}
	return NULL;
}

const struct tt_dbc_plan_message *tt_dbc_plan_find_key(const struct tt_dbc_plan *plan, uint32_t key)
{
	const struct tt_dbc_plan_message *m;

	if (plan->nmessages == 0)
		return NULL;
	m = probe(plan, key);
	return !m && plan->by_group && key & KEY_29 ? probe(plan, group_key(key)) : m;
}

const struct tt_dbc_plan_message *tt_dbc_plan_find(const struct tt_dbc_plan *plan, const struct tt_can_frame *f)
{
	return f->rtr || f->error ? NULL : tt_dbc_plan_find_key(plan, tt_can_key(f));
}

size_t tt_dbc_plan_decode_data(const struct tt_dbc_plan_message *m, const uint8_t *data, size_t len, struct tt_dbc_value *out, size_t cap)
{
	struct selection at = {.mux = -1};
	size_t n = 0;

	for (uint16_t i = 0; i < m->nsignals && n < cap; i++) {
		const struct tt_dbc_plan_signal *s = &m->signals[i];
		uint64_t raw;

		if (!s->emit || s->bytes > len)
			continue;
		if (s->mux >= 0) {
			if (s->mux != at.mux)
				look_at(m, s->mux, data, len, &at);
			if (!at.there || !in_ranges(s->signal, at.raw))
				continue;
		}
		raw = extract(s, data);
		out[n].user = s->user;
		out[n].signal = s->signal;
		out[n].raw = (int64_t)raw;
		out[n].value = physical(s, raw);
		n++;
	}
	return n;
}

size_t tt_dbc_plan_decode(const struct tt_dbc_plan *plan, const struct tt_can_frame *f, struct tt_dbc_value *out, size_t cap)
{
	const struct tt_dbc_plan_message *m = tt_dbc_plan_find(plan, f);

	return m ? tt_dbc_plan_decode_data(m, f->data, f->len, out, cap) : 0;
}

static bool is_kept(const struct tt_dbc_signal *s, unsigned flags)
{
	return (flags & TT_DBC_PLAN_ALL) || s->user != 0;
}

/* Kept signals and every multiplexor, in the file's order. A broken multiplexor takes what hangs on it along. */
static uint16_t compile_message(const struct tt_dbc_message *m, unsigned flags, struct tt_dbc_plan_signal *out)
{
	uint16_t n = 0;
	bool kept = false;

	for (uint16_t i = 0; i < m->nsignals; i++) {
		const struct tt_dbc_signal *s = &m->signals[i];

		if (s->broken || (!is_kept(s, flags) && !s->is_mux))
			continue;
		compile_signal(m, s, &out[n]);
		out[n].emit = is_kept(s, flags);
		kept = kept || out[n].emit;
		n++;
	}
	for (uint16_t i = 0; i < n; i++) {
		if (out[i].signal->mux == TT_DBC_NO_MUX)
			continue;
		for (uint16_t k = 0; k < n && out[i].mux < 0; k++)
			out[i].mux = out[k].signal == &m->signals[out[i].signal->mux] ? (int16_t)k : (int16_t)-1;
		out[i].emit = out[i].emit && out[i].mux >= 0;
	}
	return kept ? n : 0;
}

/* Each message may stand there twice, by identifier and by group, and half of the table stays empty. */
static uint32_t slots_for(uint32_t nmessages)
{
	uint32_t n = 4;

	while (n < 4 * nmessages)
		n *= 2;
	return n;
}

size_t tt_dbc_plan_bound(const struct tt_dbc *dbc)
{
	size_t nsignals = 0;

	for (uint32_t i = 0; i < dbc->nmessages; i++)
		nsignals += dbc->messages[i].nsignals;
	return nsignals * sizeof(struct tt_dbc_plan_signal) + dbc->nmessages * (sizeof(struct tt_dbc_plan_message) + alignof(max_align_t)) +
	       (size_t)slots_for(dbc->nmessages) * 2 * sizeof(uint32_t) + 4 * alignof(max_align_t);
}

/* The first message of a key stays: with J1939 several identifiers may share a PGN. */
static void slot_put(uint32_t *slots, uint32_t *keys, uint32_t mask, uint32_t key, uint32_t message)
{
	uint32_t i = hash(key) & mask;

	while (slots[i] && keys[i] != key)
		i = (i + 1) & mask;
	if (slots[i])
		return;
	slots[i] = message + 1;
	keys[i] = key;
}

enum tt_err tt_dbc_plan_build(const struct tt_dbc *dbc, unsigned flags, struct tt_dbc_arena *arena, struct tt_dbc_plan *out)
{
	const uint32_t nslots = slots_for(dbc->nmessages);
	struct tt_dbc_plan_message *messages = tt_dbc_alloc(arena, dbc->nmessages, sizeof(*messages));
	uint32_t *slots = tt_dbc_alloc(arena, nslots, sizeof(*slots));
	uint32_t *keys = tt_dbc_alloc(arena, nslots, sizeof(*keys));
	bool any_group = false;
	uint32_t n = 0;

	if (!messages || !slots || !keys)
		return TT_ENOMEM;
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		const struct tt_dbc_message *m = &dbc->messages[i];
		struct tt_dbc_plan_signal *signals = m->broken ? NULL : tt_dbc_alloc(arena, m->nsignals, sizeof(*signals));

		if (m->broken)
			continue;
		if (!signals)
			return TT_ENOMEM;
		messages[n] = (struct tt_dbc_plan_message){
			.message = m,
			.signals = signals,
			.nsignals = compile_message(m, flags, signals),
			.by_group = (m->key & KEY_29) && (m->j1939 || (flags & TT_DBC_PLAN_J1939)),
		};
		/* a message without signals is still a message; only an unmapped one is left out */
		if (messages[n].nsignals == 0 && !(flags & TT_DBC_PLAN_ALL))
			continue;
		slot_put(slots, keys, nslots - 1, m->key, n);
		if (messages[n].by_group) {
			slot_put(slots, keys, nslots - 1, group_key(m->key), n);
			any_group = true;
		}
		n++;
	}
	*out = (struct tt_dbc_plan){
		.messages = messages, .slots = slots, .keys = keys, .mask = nslots - 1, .nmessages = n, .by_group = any_group};
	return TT_OK;
}

void tt_dbc_plan_filters(const struct tt_dbc_plan *plan, struct tt_can_filter_set *out)
{
	for (uint32_t i = 0; i < plan->nmessages; i++) {
		const uint32_t key = plan->messages[i].message->key;

		if (plan->messages[i].by_group)
			tt_can_filter_put_pgn(out, tt_dbc_pgn(key & TT_CAN_EFF_MASK));
		else
			tt_can_filter_put_key(out, key);
	}
}

enum tt_err tt_dbc_put_raw(const struct tt_dbc_signal *signal, int64_t raw, uint8_t *data, size_t len)
{
	const unsigned first = tt_dbc_first_bit(signal);

	if (tt_dbc_last_byte(signal) >= len)
		return TT_ERANGE;
	for (unsigned i = 0; i < signal->size; i++) {
		const unsigned bit = signal->big_endian ? first + signal->size - 1 - i : first + i;
		const uint8_t at = (uint8_t)(1U << tt_dbc_turned(signal, bit) % 8);

		if ((uint64_t)raw >> i & 1)
			data[bit / 8] |= at;
		else
			data[bit / 8] &= (uint8_t)~at;
	}
	return TT_OK;
}
