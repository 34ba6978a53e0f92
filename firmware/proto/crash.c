#include "firmware/proto/crash.h"

#include <string.h>

enum {
	MAX_SPEED_MM_S = 140000,   /* 504 km/h; above is a "not available" pattern */
	MAX_ACCEL_MM_S2 = 1962000, /* 200 g */
	STANDSTILL_MM_S = 300,     /* wheel sensors rest below 1 km/h */
	STEP_FLOOR_US = 10000,     /* frames read in one burst carry nearly the same time */
	ACCEL_HOLD_US = 20000,     /* an acceleration sample stands for at most this long */
	CONFIRM_SAMPLES = 2,
	ACCEL_SAMPLES = 3,
	FIRST_SIGHT_EXTRA = 2,
	IMPACT_SEAT = TT_CRASH_SEATS - 1, /* the impact signal is counted as one more airbag */
};

const struct tt_crash_config TT_CRASH_DEFAULT = {
	.delta_v_mm_s = 6706,
	.window_us = TT_MS(150),
	.confirm_us = TT_MS(20),
	.max_decel_mm_s2 = 60 * 9807,
	.airbag_frames = 2,
	.supplement_us = TT_MS(500),
	.reset_us = TT_SEC(60),
};

static void ring_push(struct tt_crash_ring *r, const struct tt_crash_sample *s)
{
	r->samples[r->head] = *s;
	r->head = (uint8_t)((r->head + 1U) % TT_CRASH_HISTORY);
	if (r->count < TT_CRASH_HISTORY)
		r->count++;
}

/* back 0 = newest */
static const struct tt_crash_sample *ring_at(const struct tt_crash_ring *r, unsigned back)
{
	return &r->samples[(r->head + TT_CRASH_HISTORY - 1U - back) % TT_CRASH_HISTORY];
}

static int32_t abs_i32(int32_t v)
{
	return v < 0 ? -v : v;
}

static int64_t isqrt(int64_t v)
{
	int64_t root = 0;

	for (int64_t bit = INT64_C(1) << 31; bit > 0; bit >>= 1) {
		if ((root + bit) <= v / (root + bit))
			root += bit;
	}
	return root;
}

/* Speed lost within the window up to now: from its highest sample to the newest. */
static int32_t speed_lost(const struct tt_crash *c, tt_mono_us now_us, int32_t *before)
{
	const struct tt_crash_ring *r = &c->speed;
	int32_t highest;

	if (r->count == 0)
		return 0;
	highest = ring_at(r, 0)->value[0];
	for (unsigned i = 1; i < r->count && now_us - ring_at(r, i)->at_us <= c->cfg.window_us; i++) {
		if (ring_at(r, i)->value[0] > highest)
			highest = ring_at(r, i)->value[0];
	}
	*before = highest;
	return highest - ring_at(r, 0)->value[0];
}

/* Magnitude of the horizontal acceleration's integral over the window; *samples is how many were in it. */
static int32_t accel_delta_v(const struct tt_crash *c, tt_mono_us now_us, unsigned *samples)
{
	const struct tt_crash_ring *r = &c->accel;
	int64_t sum[2] = {0, 0};
	tt_mono_us until = now_us;
	unsigned n = 0;

	for (unsigned i = 0; i < r->count && now_us - ring_at(r, i)->at_us <= c->cfg.window_us; i++) {
		const struct tt_crash_sample *s = ring_at(r, i);
		const int64_t hold = tt_min_i64(until - s->at_us, ACCEL_HOLD_US);

		sum[0] += s->value[0] * hold;
		sum[1] += s->value[1] * hold;
		until = s->at_us;
		n++;
	}
	sum[0] /= 1000000;
	sum[1] /= 1000000;
	*samples = n;
	return (int32_t)isqrt(sum[0] * sum[0] + sum[1] * sum[1]);
}

static bool airbag_deployed(const struct tt_crash *c)
{
	for (unsigned i = 0; i < IMPACT_SEAT; i++) {
		if (c->airbags[i].deployed && c->airbags[i].needed == 0)
			return true;
	}
	return false;
}

static void fill_evidence(struct tt_crash *c)
{
	struct tt_crash_event *e = &c->event;

	e->airbag_deployed = e->airbag_deployed || airbag_deployed(c);
	e->rollover = c->rollover;
	e->belts_known = c->belts[0].known || c->belts[1].known;
	e->belts_fastened = (uint8_t)((c->belts[0].known && c->belts[0].fastened) + (c->belts[1].known && c->belts[1].fastened));
}

static void raise_delta_v(struct tt_crash *c, int32_t delta)
{
	if (delta > c->event.delta_v_mm_s)
		c->event.delta_v_mm_s = delta;
}

static void trigger(struct tt_crash *c, tt_mono_us now_us, enum tt_crash_trigger what, int32_t delta, int32_t before)
{
	if (c->state == TT_CRASH_WATCHING) {
		c->state = TT_CRASH_LATCHED;
		c->event = (struct tt_crash_event){.trigger = what, .at_us = now_us};
		c->event.speed_known = c->speed.count > 0;
		c->event.speed_before_mm_s = c->event.speed_known ? before : 0;
		c->supplements = 0;
		c->pending = true;
		c->still_since_us = TT_NEVER;
	}
	c->event.at_us = now_us;
	raise_delta_v(c, delta);
	fill_evidence(c);
}

/* ---- delta-v ---- */

static void check_candidate(struct tt_crash *c, tt_mono_us now_us, int32_t speed)
{
	unsigned samples;
	int32_t shown;

	if (c->candidate_before - speed < c->cfg.delta_v_mm_s) {
		c->candidate = false; /* the speed came back: a glitch */
		return;
	}
	if (c->candidate_before - speed > c->candidate_delta)
		c->candidate_delta = c->candidate_before - speed;
	c->candidate_samples++;
	if (c->candidate_samples < CONFIRM_SAMPLES || now_us - c->candidate_at_us < c->cfg.confirm_us)
		return;
	c->candidate = false;
	shown = accel_delta_v(c, now_us, &samples);
	if (samples >= ACCEL_SAMPLES && shown < c->candidate_delta / 4)
		return; /* the body did not slow down: locked or lifted wheels */
	trigger(c, now_us, TT_CRASH_DELTA_V, c->candidate_delta, c->candidate_before);
}

static void track_standstill(struct tt_crash *c, tt_mono_us now_us, int32_t speed)
{
	if (speed > STANDSTILL_MM_S)
		c->still_since_us = TT_NEVER;
	else if (c->still_since_us == TT_NEVER)
		c->still_since_us = now_us;
}

void tt_crash_speed(struct tt_crash *c, tt_mono_us now_us, int32_t speed_mm_s)
{
	int32_t before = 0, lost;

	if (speed_mm_s < 0 || speed_mm_s > MAX_SPEED_MM_S) {
		tt_crash_speed_invalid(c);
		return;
	}
	if (c->speed.count > 0) {
		const struct tt_crash_sample *last = ring_at(&c->speed, 0);
		const int64_t dt = now_us - last->at_us < STEP_FLOOR_US ? STEP_FLOOR_US : now_us - last->at_us;

		if ((int64_t)abs_i32(speed_mm_s - last->value[0]) * 1000000 > c->cfg.max_decel_mm_s2 * dt)
			tt_crash_speed_invalid(c); /* the step is not physical: what came before says nothing about what comes now */
	}
	ring_push(&c->speed, &(struct tt_crash_sample){.at_us = now_us, .value = {speed_mm_s, 0}});
	c->last_speed_us = now_us;
	track_standstill(c, now_us, speed_mm_s);
	if (c->candidate) {
		check_candidate(c, now_us, speed_mm_s);
		return;
	}
	lost = speed_lost(c, now_us, &before);
	if (lost >= c->cfg.delta_v_mm_s) {
		c->candidate = true;
		c->candidate_at_us = now_us;
		c->candidate_before = before;
		c->candidate_delta = lost;
		c->candidate_samples = 0;
	}
}

void tt_crash_speed_invalid(struct tt_crash *c)
{
	c->speed.count = 0;
	c->candidate = false;
}

void tt_crash_accel(struct tt_crash *c, tt_mono_us now_us, unsigned axis, int32_t accel_mm_s2)
{
	unsigned samples;
	int32_t delta, before = 0;

	if (axis > 1)
		return;
	if (abs_i32(accel_mm_s2 == INT32_MIN ? INT32_MAX : accel_mm_s2) > MAX_ACCEL_MM_S2) {
		c->accel.count = 0;
		return;
	}
	c->accel_now[axis] = accel_mm_s2;
	ring_push(&c->accel, &(struct tt_crash_sample){.at_us = now_us, .value = {c->accel_now[0], c->accel_now[1]}});
	delta = accel_delta_v(c, now_us, &samples);
	if (samples < ACCEL_SAMPLES || delta < c->cfg.delta_v_mm_s)
		return;
	(void)speed_lost(c, now_us, &before);
	trigger(c, now_us, TT_CRASH_DELTA_V, delta, before);
}

/* ---- airbags ---- */

static bool corroborated(const struct tt_crash *c, tt_mono_us now_us, unsigned seat)
{
	unsigned samples;
	int32_t before;

	for (unsigned i = 0; i < TT_CRASH_SEATS; i++) {
		if (i != seat && c->airbags[i].deployed)
			return true;
	}
	return speed_lost(c, now_us, &before) >= c->cfg.delta_v_mm_s / 3 ||
	       (accel_delta_v(c, now_us, &samples) >= c->cfg.delta_v_mm_s / 3 && samples >= ACCEL_SAMPLES);
}

static void restraint(struct tt_crash *c, tt_mono_us now_us, unsigned seat, bool deployed)
{
	const bool first = !c->airbags[seat].seen;
	int32_t before = 0, lost;

	c->airbags[seat].seen = true;
	if (!deployed) {
		c->airbags[seat].deployed = false;
		return;
	}
	if (!c->airbags[seat].deployed) {
		c->airbags[seat].deployed = true;
		c->airbags[seat].needed = (uint8_t)(c->cfg.airbag_frames + (first ? FIRST_SIGHT_EXTRA : 0U));
	}
	if (c->airbags[seat].needed == 0)
		return; /* used up: a deployed airbag stays deployed and is one incident only */
	c->airbags[seat].needed--;
	if (!first && corroborated(c, now_us, seat))
		c->airbags[seat].needed = 0;
	if (c->airbags[seat].needed > 0)
		return;
	lost = speed_lost(c, now_us, &before);
	trigger(c, now_us, TT_CRASH_AIRBAG, lost, before);
}

void tt_crash_airbag(struct tt_crash *c, tt_mono_us now_us, unsigned seat, bool deployed)
{
	if (seat < IMPACT_SEAT)
		restraint(c, now_us, seat, deployed);
}

void tt_crash_impact(struct tt_crash *c, tt_mono_us now_us, bool impact)
{
	restraint(c, now_us, IMPACT_SEAT, impact);
}

void tt_crash_rollover(struct tt_crash *c, bool rollover)
{
	c->rollover = rollover;
	if (c->state == TT_CRASH_LATCHED && rollover)
		c->event.rollover = true;
}

void tt_crash_belt(struct tt_crash *c, unsigned seat, bool fastened)
{
	if (seat > 1 || c->state == TT_CRASH_LATCHED)
		return; /* after the impact people unbuckle: what counts is how they sat before */
	c->belts[seat].known = true;
	c->belts[seat].fastened = fastened;
}

/* ---- the incident ---- */

void tt_crash_init(struct tt_crash *c, const struct tt_crash_config *cfg)
{
	memset(c, 0, sizeof(*c));
	c->cfg = *cfg;
	c->cfg.window_us = tt_min_i64(c->cfg.window_us, TT_MS(150));
	if (c->cfg.airbag_frames == 0)
		c->cfg.airbag_frames = 1;
	c->still_since_us = TT_NEVER;
}

static bool grew(const struct tt_crash *c)
{
	const struct tt_crash_event *now = &c->event, *told = &c->reported;

	return (now->airbag_deployed && !told->airbag_deployed) || (now->rollover && !told->rollover) ||
	       now->delta_v_mm_s > told->delta_v_mm_s + told->delta_v_mm_s / 5;
}

static bool supplement_wanted(const struct tt_crash *c)
{
	return c->state == TT_CRASH_LATCHED && !c->pending && c->supplements < TT_CRASH_SUPPLEMENTS && grew(c);
}

static tt_mono_us reset_at(const struct tt_crash *c)
{
	tt_mono_us since;

	if (c->state != TT_CRASH_LATCHED || c->pending)
		return TT_NEVER;
	since = c->still_since_us != TT_NEVER ? c->still_since_us : c->last_speed_us + TT_SEC(2);
	/* A car that went silent counts as standing, from its last word on. */
	if (c->reported_at_us > since)
		since = c->reported_at_us;
	return since + c->cfg.reset_us;
}

void tt_crash_tick(struct tt_crash *c, tt_mono_us now_us)
{
	if (now_us >= reset_at(c))
		c->state = TT_CRASH_WATCHING;
}

tt_mono_us tt_crash_wake_at(const struct tt_crash *c)
{
	if (c->pending)
		return 0;
	return tt_min_i64(supplement_wanted(c) ? c->reported_at_us + c->cfg.supplement_us : TT_NEVER, reset_at(c));
}

bool tt_crash_next(struct tt_crash *c, tt_mono_us now_us, struct tt_crash_event *out)
{
	if (supplement_wanted(c) && now_us - c->reported_at_us >= c->cfg.supplement_us) {
		c->pending = true;
		c->supplements++;
		c->event.supplement = true;
	}
	if (!c->pending)
		return false;
	c->pending = false;
	c->reported_at_us = now_us;
	c->reported = c->event;
	*out = c->event;
	return true;
}
