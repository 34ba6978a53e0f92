#include "firmware/proto/robust.h"

#include <string.h>

/* The value that has exactly `rank` smaller ones, ties counted by position. */
static int64_t select_rank(const int64_t *values, size_t n, size_t rank)
{
	for (size_t i = 0;; i++) {
		size_t before = 0;

		for (size_t j = 0; j < n; j++)
			before += values[j] < values[i] || (values[j] == values[i] && j < i);
		if (before == rank)
			return values[i];
	}
}

int64_t tt_median(const int64_t *values, size_t n)
{
	return select_rank(values, n, (n - 1) / 2);
}

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
}

int64_t tt_median3_add(struct tt_median3 *m, int64_t value)
{
	int64_t least = value;

	m->values[0] = m->values[1];
	m->values[1] = m->values[2];
	m->values[2] = value;
	m->n += m->n < 3;
	if (m->n == 3)
		return tt_median(m->values, 3);
	for (unsigned i = 3 - m->n; i < 3; i++)
		least = magnitude(m->values[i]) < magnitude(least) ? m->values[i] : least;
	return least;
}

static void drop_first(struct tt_trend *t)
{
	t->n--;
	memmove(t->at_us, t->at_us + 1, t->n * sizeof(t->at_us[0]));
	memmove(t->value, t->value + 1, t->n * sizeof(t->value[0]));
}

bool tt_trend_add(struct tt_trend *t, tt_mono_us at_us, int64_t value, int64_t gap_us, int64_t span_us)
{
	if (t->n > 0 && at_us < t->at_us[t->n - 1])
		t->n = 0;
	if (t->n > 0 && at_us - t->at_us[t->n - 1] < gap_us)
		return false;
	if (t->n == TT_TREND_SAMPLES)
		drop_first(t);
	while (t->n > 0 && at_us - t->at_us[0] > span_us)
		drop_first(t);
	t->at_us[t->n] = at_us;
	t->value[t->n] = value;
	t->n++;
	return true;
}

int64_t tt_trend_span(const struct tt_trend *t)
{
	return t->n > 0 ? t->at_us[t->n - 1] - t->at_us[0] : 0;
}

static int64_t around(int64_t d, int64_t wrap)
{
	if (wrap == 0)
		return d;
	if (2 * d > wrap)
		return d - wrap;
	return 2 * d < -wrap ? d + wrap : d;
}

int64_t tt_trend_slope(const struct tt_trend *t, bool rising, int64_t wrap)
{
	int64_t slopes[TT_TREND_SAMPLES * (TT_TREND_SAMPLES - 1) / 2];
	size_t n = 0;

	if (t->n < TT_TREND_LEAST)
		return 0;
	for (unsigned i = 0; i < t->n; i++) {
		for (unsigned j = i + 1; j < t->n; j++)
			slopes[n++] = around(t->value[j] - t->value[i], wrap) * 1000000 / (t->at_us[j] - t->at_us[i]);
	}
	return select_rank(slopes, n, rising ? (n - 1) / 2 : n / 2);
}

int64_t tt_trend_level(const struct tt_trend *t, bool rising)
{
	return t->n < TT_TREND_LEAST ? 0 : select_rank(t->value, t->n, rising ? (t->n - 1) / 2 : t->n / 2);
}

void tt_trend_range(const struct tt_trend *t, int64_t *lo, int64_t *hi)
{
	*lo = *hi = t->value[0];
	for (unsigned i = 1; i < t->n; i++) {
		*lo = t->value[i] < *lo ? t->value[i] : *lo;
		*hi = t->value[i] > *hi ? t->value[i] : *hi;
	}
}

enum tt_step tt_episode_feed(struct tt_episode *e, tt_mono_us now_us, enum tt_level level, int64_t hold_us, int64_t clear_us,
			     int64_t gap_us)
{
	const bool wants = level == (e->on ? TT_LEVEL_CLEAR : TT_LEVEL_ABOVE);

	if (!wants || now_us - e->seen_us > gap_us)
		e->changing = false;
	e->seen_us = now_us;
	if (!wants)
		return TT_STEP_NONE;
	if (!e->changing) {
		e->changing = true;
		e->since_us = now_us;
	}
	if (now_us - e->since_us < (e->on ? clear_us : hold_us))
		return TT_STEP_NONE;
	e->changing = false;
	e->on = !e->on;
	if (e->on)
		e->begin_us = e->since_us;
	return e->on ? TT_STEP_BEGIN : TT_STEP_END;
}
