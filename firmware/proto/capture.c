#include "firmware/proto/capture.h"

#include <string.h>

void tt_capture_init(struct tt_capture *c)
{
	memset(c, 0, sizeof(*c));
}

enum tt_err tt_capture_slot(struct tt_capture *c, unsigned slot, bool fast)
{
	const unsigned size = fast ? TT_CAPTURE_FAST_RING : TT_CAPTURE_SLOW_RING;
	struct tt_capture_slot *s;
	unsigned fasts = fast;

	if (slot >= TT_CAPTURE_SLOTS)
		return TT_ERANGE;
	s = &c->slots[slot];
	if (s->size > 0)
		return TT_EINVAL;
	for (unsigned i = 0; i < TT_CAPTURE_SLOTS; i++)
		fasts += c->slots[i].size == TT_CAPTURE_FAST_RING;
	if (fasts > TT_CAPTURE_FAST_SLOTS)
		return TT_EFULL;
	*s = (struct tt_capture_slot){
		.start = (uint16_t)c->used, .size = (uint16_t)size, .interval_us = fast ? TT_CAPTURE_FAST_US : TT_CAPTURE_SLOW_US};
	s->credit_us = TT_CAPTURE_BURST * s->interval_us;
	c->used += size;
	return TT_OK;
}

static uint32_t kept(const struct tt_capture_slot *s)
{
	return s->recorded < s->size ? s->recorded : s->size;
}

static unsigned place(const struct tt_capture_slot *s, uint32_t number)
{
	return s->start + number % s->size;
}

/* The time of a recorded sample, of which the ring keeps the low bits; none is more than a day from the slot's newest. */
static tt_mono_us time_of(const struct tt_capture *c, const struct tt_capture_slot *s, uint32_t number)
{
	const int64_t newest_ms = s->last_us / 1000;
	const uint32_t age_ms = (uint32_t)newest_ms - c->samples[place(s, number)].at_ms;

	return (newest_ms - age_ms) * 1000;
}

static void record(struct tt_capture *c, struct tt_capture_slot *s, tt_mono_us at_us, int32_t value)
{
	unsigned at;

	/* After a long silence what is in the ring says nothing, and its low bits could be mistaken. */
	if (at_us - s->last_us > TT_CAPTURE_STALE_US)
		s->recorded = s->told = 0;
	at = place(s, s->recorded);
	c->samples[at].at_ms = (uint32_t)(at_us / 1000);
	c->samples[at].value = value;
	s->recorded++;
	s->last_us = at_us;
	s->last = value;
	s->held = false;
}

void tt_capture_value(struct tt_capture *c, unsigned slot, tt_mono_us at_us, int64_t value)
{
	struct tt_capture_slot *s;

	if (slot >= TT_CAPTURE_SLOTS || c->slots[slot].size == 0)
		return;
	s = &c->slots[slot];
	if (value < INT32_MIN || value > INT32_MAX) {
		c->lost++;
		return;
	}
	if (s->recorded > 0 && value == s->last && at_us - s->last_us < TT_CAPTURE_BEAT_US) {
		s->held = false; /* it came back to what is recorded */
		return;
	}
	s->credit_us = tt_min_i64(s->credit_us + (at_us - s->credited_us), TT_CAPTURE_BURST * s->interval_us);
	s->credited_us = at_us;
	if (s->credit_us < s->interval_us) {
		s->held = true;
		s->held_us = at_us;
		s->held_value = (int32_t)value;
		return;
	}
	s->credit_us -= s->interval_us;
	record(c, s, at_us, (int32_t)value);
}

/* The newest sample at or before `from`, or the oldest there is. */
static uint32_t first_to_tell(const struct tt_capture *c, const struct tt_capture_slot *s, tt_mono_us from_us)
{
	uint32_t number = s->recorded;

	while (number > s->recorded - kept(s)) {
		number--;
		if (time_of(c, s, number) <= from_us)
			return from_us - time_of(c, s, number) > TT_CAPTURE_STALE_US ? number + 1 : number;
	}
	return number;
}

void tt_capture_begin(struct tt_capture *c, tt_mono_us trigger_us)
{
	for (unsigned i = 0; i < TT_CAPTURE_SLOTS; i++) {
		if (c->slots[i].size > 0)
			c->slots[i].told = first_to_tell(c, &c->slots[i], trigger_us - TT_CAPTURE_BEFORE_US);
	}
	c->at = 0;
}

static bool take_from(struct tt_capture *c, struct tt_capture_slot *s, tt_mono_us until_us, struct tt_capture_sample *out)
{
	if (s->held && s->held_us <= until_us)
		record(c, s, s->held_us, s->held_value);
	if (s->recorded - s->told > kept(s)) {
		c->lost += s->recorded - s->told - kept(s);
		s->told = s->recorded - kept(s);
	}
	if (s->told == s->recorded || time_of(c, s, s->told) > until_us)
		return false;
	out->at_us = time_of(c, s, s->told);
	out->value = c->samples[place(s, s->told)].value;
	s->told++;
	return true;
}

bool tt_capture_take(struct tt_capture *c, tt_mono_us until_us, struct tt_capture_sample *out)
{
	for (; c->at < TT_CAPTURE_SLOTS; c->at++) {
		if (c->slots[c->at].size > 0 && take_from(c, &c->slots[c->at], until_us, out)) {
			out->slot = c->at;
			return true;
		}
	}
	c->at = 0;
	return false;
}
