#include "firmware/proto/crash.h"

#include <assert.h>
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
	AGREE_US = 2000000,       /* between two witnesses of one impact */
	BIAS_SETTLE_US = 1000000, /* at standstill before the sensor's rest is learnt */
	BIAS_MAX_MM_S2 = 1500,
	BIAS_PARTS = 32,
	IMPACT = TT_CRASH_AIRBAGS,
	ROLLOVER,
	FUEL_CUT_OFF,
};

static_assert(FUEL_CUT_OFF + 1 == TT_CRASH_WITNESSES, "one slot a witness");

/* How long after the firing before it one of this kind is a further impact. */
static const int64_t event_gap_us[TT_CRASH_TRIGGERS] = {
	[TT_CRASH_AIRBAG] = TT_MS(1500),  [TT_CRASH_DELTA_V] = TT_MS(500),    [TT_CRASH_ACCELERATION] = TT_MS(500),
	[TT_CRASH_ROLLOVER] = TT_MS(500), [TT_CRASH_FUEL_CUT_OFF] = TT_NEVER,
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

/* The horizontal acceleration's integral over the window, and its magnitude; n is how many samples were in it. */
struct pulse {
	int64_t sum[2];
	int32_t delta;
	unsigned n;
};

static struct pulse accel_delta_v(const struct tt_crash *c, tt_mono_us now_us)
{
	const struct tt_crash_ring *r = &c->accel;
	struct pulse p = {.n = 0};
	tt_mono_us until = now_us;

	for (unsigned i = 0; i < r->count && now_us - ring_at(r, i)->at_us <= c->cfg.window_us; i++) {
		const struct tt_crash_sample *s = ring_at(r, i);
		const int64_t hold = tt_min_i64(until - s->at_us, ACCEL_HOLD_US);

		p.sum[0] += s->value[0] * hold;
		p.sum[1] += s->value[1] * hold;
		until = s->at_us;
		p.n++;
	}
	p.sum[0] /= 1000000;
	p.sum[1] /= 1000000;
	p.delta = (int32_t)isqrt(p.sum[0] * p.sum[0] + p.sum[1] * p.sum[1]);
	return p;
}

static bool airbag_deployed(const struct tt_crash *c)
{
	for (unsigned i = 0; i < TT_CRASH_AIRBAGS; i++) {
		if (c->witnesses[i].on && c->witnesses[i].needed == 0)
			return true;
	}
	return false;
}

/* On, and not for so long that it says nothing about what happens now. */
static bool fresh(const struct tt_crash *c, unsigned witness, tt_mono_us now_us)
{
	return c->witnesses[witness].on && now_us - c->witnesses[witness].since_us <= AGREE_US;
}

static void fill_evidence(struct tt_crash *c)
{
	struct tt_crash_event *e = &c->event;

	e->airbag_deployed = e->airbag_deployed || airbag_deployed(c);
	e->rollover = e->rollover || c->witnesses[ROLLOVER].on;
	e->fuel_cut_off = e->fuel_cut_off || fresh(c, FUEL_CUT_OFF, e->at_us);
	e->evidence |= (e->airbag_deployed ? 1U << TT_CRASH_AIRBAG : 0U) | (e->rollover ? 1U << TT_CRASH_ROLLOVER : 0U) |
		       (e->fuel_cut_off ? 1U << TT_CRASH_FUEL_CUT_OFF : 0U);
	e->belts_known = c->belts[0].known || c->belts[1].known;
	e->belts_fastened = (uint8_t)((c->belts[0].known && c->belts[0].fastened) + (c->belts[1].known && c->belts[1].fastened));
}

/* The largest seen counts. The direction comes from the largest pulse that acceleration showed; without one, speed is lost forwards. */
static void raise_delta_v(struct tt_crash *c, tt_mono_us now_us, int32_t lost)
{
	struct tt_crash_event *e = &c->event;
	const struct pulse p = accel_delta_v(c, now_us);

	if (p.n >= ACCEL_SAMPLES && p.delta > c->pulse_mm_s) {
		c->pulse_mm_s = p.delta;
		e->direction_known = true;
		e->longitudinal_mm_s = (int32_t)p.sum[0];
		e->lateral_mm_s = (int32_t)p.sum[1];
		if (p.delta > e->delta_v_mm_s)
			e->delta_v_mm_s = p.delta;
	}
	if (lost > e->delta_v_mm_s)
		e->delta_v_mm_s = lost;
	if (!e->direction_known && -lost < e->longitudinal_mm_s)
		e->longitudinal_mm_s = -lost;
}

static void count_impact(struct tt_crash *c, tt_mono_us now_us, enum tt_crash_trigger what)
{
	if (now_us - c->impact_at_us >= event_gap_us[what] && c->event.events < TT_CRASH_EVENTS_MAX) {
		c->event.events++;
		if (c->event.events == 2)
			c->event.second_us = now_us - c->first_impact_us;
	}
	if (event_gap_us[what] != TT_NEVER)
		c->impact_at_us = now_us;
}

static void trigger(struct tt_crash *c, tt_mono_us now_us, enum tt_crash_trigger what, int32_t lost, int32_t before)
{
	if (c->state == TT_CRASH_WATCHING) {
		c->state = TT_CRASH_LATCHED;
		c->event = (struct tt_crash_event){.trigger = what, .events = 1};
		c->impact_at_us = c->first_impact_us = now_us;
		c->pulse_mm_s = 0;
		c->event.speed_known = c->speed.count > 0;
		c->event.speed_before_mm_s = c->event.speed_known ? before : 0;
		c->supplements = 0;
		c->pending = true;
		c->still_since_us = TT_NEVER;
	}
	c->event.at_us = now_us;
	c->event.evidence |= 1U << what;
	count_impact(c, now_us, what);
	raise_delta_v(c, now_us, lost);
	fill_evidence(c);
}

/* ---- delta-v ---- */

static void check_candidate(struct tt_crash *c, tt_mono_us now_us, int32_t speed)
{
	struct pulse shown;

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
	shown = accel_delta_v(c, now_us);
	if (shown.n >= ACCEL_SAMPLES && shown.delta < c->candidate_delta / 4)
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

/* What a standing car's sensor shows is its offset, or the slope. */
static void learn_bias(struct tt_crash *c, tt_mono_us now_us, unsigned axis, int32_t accel_mm_s2)
{
	if (c->state == TT_CRASH_WATCHING && c->still_since_us != TT_NEVER && now_us - c->still_since_us >= BIAS_SETTLE_US &&
	    abs_i32(accel_mm_s2) <= BIAS_MAX_MM_S2)
		c->accel_bias[axis] += accel_mm_s2 - c->accel_bias[axis] / BIAS_PARTS;
}

void tt_crash_accel(struct tt_crash *c, tt_mono_us now_us, unsigned axis, int32_t accel_mm_s2)
{
	int32_t before = 0;
	struct pulse p;

	if (axis > 1)
		return;
	if (abs_i32(accel_mm_s2 == INT32_MIN ? INT32_MAX : accel_mm_s2) > MAX_ACCEL_MM_S2) {
		c->accel.count = 0;
		return;
	}
	learn_bias(c, now_us, axis, accel_mm_s2);
	c->accel_now[axis] = accel_mm_s2 - c->accel_bias[axis] / BIAS_PARTS;
	ring_push(&c->accel, &(struct tt_crash_sample){.at_us = now_us, .value = {c->accel_now[0], c->accel_now[1]}});
	p = accel_delta_v(c, now_us);
	if (p.n >= ACCEL_SAMPLES && p.delta >= c->cfg.delta_v_mm_s) {
		const int32_t lost = speed_lost(c, now_us, &before);

		trigger(c, now_us, TT_CRASH_ACCELERATION, lost, before);
	}
}

/* ---- witnesses: signals that say what happened ---- */

static bool corroborated(const struct tt_crash *c, tt_mono_us now_us, unsigned witness)
{
	const struct pulse p = accel_delta_v(c, now_us);
	int32_t before;

	for (unsigned i = 0; i < TT_CRASH_WITNESSES; i++) {
		if (i != witness && fresh(c, i, now_us))
			return true;
	}
	return speed_lost(c, now_us, &before) >= c->cfg.delta_v_mm_s / 3 || (p.n >= ACCEL_SAMPLES && p.delta >= c->cfg.delta_v_mm_s / 3);
}

static void testify(struct tt_crash *c, tt_mono_us now_us, unsigned witness, enum tt_crash_trigger what, bool on)
{
	const bool first = !c->witnesses[witness].seen, alone = what != TT_CRASH_FUEL_CUT_OFF;
	uint8_t *needed = &c->witnesses[witness].needed;
	int32_t before = 0, lost;

	c->witnesses[witness].seen = true;
	if (!on) {
		c->witnesses[witness].on = false;
		return;
	}
	if (!c->witnesses[witness].on) {
		c->witnesses[witness].on = true;
		c->witnesses[witness].since_us = now_us;
		*needed = (uint8_t)(c->cfg.airbag_frames + (first ? FIRST_SIGHT_EXTRA : 0U));
	}
	if (*needed == 0)
		return; /* used up: what stays on is one incident only */
	if (alone)
		--*needed;
	if (!first && corroborated(c, now_us, witness))
		*needed = 0;
	if (*needed > 0)
		return;
	lost = speed_lost(c, now_us, &before);
	trigger(c, now_us, what, lost, before);
}

void tt_crash_airbag(struct tt_crash *c, tt_mono_us now_us, unsigned bag, bool deployed)
{
	if (bag < TT_CRASH_AIRBAGS)
		testify(c, now_us, bag, TT_CRASH_AIRBAG, deployed);
}

void tt_crash_impact(struct tt_crash *c, tt_mono_us now_us, bool impact)
{
	testify(c, now_us, IMPACT, TT_CRASH_AIRBAG, impact);
}

void tt_crash_rollover(struct tt_crash *c, tt_mono_us now_us, bool rollover)
{
	testify(c, now_us, ROLLOVER, TT_CRASH_ROLLOVER, rollover);
	if (c->state == TT_CRASH_LATCHED)
		fill_evidence(c);
}

void tt_crash_fuel_cut_off(struct tt_crash *c, tt_mono_us now_us, bool cut_off)
{
	testify(c, now_us, FUEL_CUT_OFF, TT_CRASH_FUEL_CUT_OFF, cut_off);
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
	       (now->fuel_cut_off && !told->fuel_cut_off) || now->events > told->events ||
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
