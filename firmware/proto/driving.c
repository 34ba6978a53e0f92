#include "firmware/proto/driving.h"

enum {
	BUS_FRESH_US = 2500000, /* an OBD answer a second is fresh */
	GPS_FRESH_US = 3000000,
	SPAN_US = 3500000, /* four samples a second apart */
	SLOW_SPAN_US = 5000000,
	MUTE_US = 4000000,
	GPS_GAP_US = 200000,
	SLOW_GAP_US = 400000,
	HELD_MM_S2 = 13000, /* by tyres; more is a sensor, or a crash */
	CORNER_MM_S = 3000,
	GPS_CORNER_MM_S = 5000, /* below, the direction over ground is noise */
	AGREE_MM_S = 3000,
	DISPUTES = 2,
	OVER_GAP_US = 5000000,
	OVER_CLEAR_US = 3000000,
	LASTS_US = 10000000, /* a manoeuvre that goes on longer is told */
	CDEG = 36000,
};

void tt_driving_init(struct tt_driving *d, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*d = (struct tt_driving){.cfg = cfg, .out = out};
}

static int64_t hold_us(const struct tt_driving *d)
{
	return TT_MS(d->cfg->milli[TT_MOTION_HARSH_HOLD]);
}

/* Samples over the hold time and no more: eight make seven steps. */
static int64_t step_us(const struct tt_driving *d)
{
	return hold_us(d) / 6;
}

static bool fresh(const struct tt_trend *t, tt_mono_us now_us, int64_t limit_us)
{
	return t->n > 0 && now_us - t->at_us[t->n - 1] <= limit_us;
}

/* Enough of it to say something over the hold time. */
static bool speaks(const struct tt_driving *d, const struct tt_trend *t, tt_mono_us now_us, int64_t limit_us)
{
	return fresh(t, now_us, limit_us) && t->n >= TT_TREND_LEAST && tt_trend_span(t) >= hold_us(d);
}

bool tt_driving_bus_speed(const struct tt_driving *d, tt_mono_us now_us)
{
	return fresh(&d->speed, now_us, BUS_FRESH_US);
}

static void finish(struct tt_driving *d, unsigned which)
{
	struct tt_manoeuvre *m = &d->manoeuvres[which];
	const struct tt_motion_event e = {.kind = (enum tt_motion_kind)(TT_MOTION_KIND_BRAKING + which),
					  .phase = TT_MOTION_INSTANT,
					  .cause = m->cause,
					  .at_us = m->begin_us,
					  .duration_us = m->seen_us - m->begin_us,
					  .value_milli = m->value,
					  .limit_milli = d->cfg->milli[TT_MOTION_HARSH_BRAKING + which],
					  .peak_milli = m->peak};

	m->on = false;
	d->harsh++;
	tt_motion_queue_put(d->out, &e);
}

/* strength: how hard in this manoeuvre's direction, as of t's samples. */
static void judge(struct tt_driving *d, tt_mono_us now_us, unsigned which, enum tt_motion_cause cause, const struct tt_trend *t,
		  int64_t strength)
{
	struct tt_manoeuvre *m = &d->manoeuvres[which];
	const int64_t limit = d->cfg->milli[TT_MOTION_HARSH_BRAKING + which];

	if (strength > HELD_MM_S2)
		m->mute_until_us = now_us + MUTE_US;
	if (now_us < m->mute_until_us || d->disputes >= DISPUTES) {
		m->on = false; /* nothing of it is told: what began like a manoeuvre was a sensor */
		return;
	}
	if (!m->on && strength >= limit)
		*m = (struct tt_manoeuvre){.on = true,
					   .cause = cause,
					   .begin_us = t->at_us[0],
					   .seen_us = now_us,
					   .mute_until_us = m->mute_until_us,
					   .value = strength,
					   .peak = strength};
	if (!m->on)
		return;
	if (strength * 5 < limit * 3 || now_us - m->begin_us > LASTS_US) {
		finish(d, which);
		return;
	}
	m->seen_us = now_us;
	m->peak = strength > m->peak ? strength : m->peak;
}

static void judge_along(struct tt_driving *d, tt_mono_us now_us, enum tt_motion_cause cause, const struct tt_trend *t, int64_t braking,
			int64_t accelerating)
{
	judge(d, now_us, 0, cause, t, braking);
	judge(d, now_us, 1, cause, t, accelerating);
}

static void along_by_speed(struct tt_driving *d, tt_mono_us now_us, enum tt_motion_cause cause, const struct tt_trend *t)
{
	judge_along(d, now_us, cause, t, -tt_trend_slope(t, false, 0), tt_trend_slope(t, true, 0));
}

/* What an accelerometer shows on a slope or with a bad zero is not a third of a manoeuvre in the speed. */
static bool borne_out(const struct tt_driving *d, tt_mono_us now_us, int64_t along)
{
	const int64_t slope = tt_trend_slope(&d->speed, along > 0, 0);

	if (!speaks(d, &d->speed, now_us, BUS_FRESH_US))
		return true; /* nobody contradicts */
	return along > 0 ? slope * 3 >= along : slope * 3 <= along;
}

static void along_by_accel(struct tt_driving *d, tt_mono_us now_us)
{
	const int64_t down = tt_trend_level(&d->accel, false), up = tt_trend_level(&d->accel, true);

	judge_along(d, now_us, TT_CAUSE_BUS_ACCELERATION, &d->accel, borne_out(d, now_us, down) ? -down : 0,
		    borne_out(d, now_us, up) ? up : 0);
}

/* The slowest the car can be going, from whoever knows; -1 = nobody does. */
static int64_t slowest(const struct tt_driving *d, tt_mono_us now_us)
{
	int64_t lo, hi;

	if (fresh(&d->speed, now_us, BUS_FRESH_US))
		return tt_trend_level(&d->speed, true);
	if (!fresh(&d->gps_speed, now_us, GPS_FRESH_US))
		return -1;
	tt_trend_range(&d->gps_speed, &lo, &hi);
	return lo;
}

static int64_t either_side(int64_t left, int64_t right)
{
	return left > -right ? left : -right;
}

static void across_by_accel(struct tt_driving *d, tt_mono_us now_us)
{
	const int64_t speed = slowest(d, now_us);

	if (speed >= 0 && speed < CORNER_MM_S)
		judge(d, now_us, 2, TT_CAUSE_BUS_ACCELERATION, &d->lateral, 0);
	else
		judge(d, now_us, 2, TT_CAUSE_BUS_ACCELERATION, &d->lateral,
		      either_side(tt_trend_level(&d->lateral, true), tt_trend_level(&d->lateral, false)));
}

static void overspeed(struct tt_driving *d, tt_mono_us now_us, enum tt_motion_cause cause, int64_t mm_s)
{
	const int64_t speed = tt_median3_add(&d->median_speed, mm_s) * 36 / 10; /* thousandths of km/h */
	const int64_t limit = d->cfg->milli[TT_MOTION_SPEED_LIMIT], clear = limit - d->cfg->milli[TT_MOTION_SPEED_MARGIN];
	struct tt_motion_event e = {.kind = TT_MOTION_KIND_OVERSPEED, .cause = cause, .value_milli = speed, .limit_milli = limit};
	enum tt_step step;

	if (limit == 0)
		return;
	if (!d->over.on && !d->over.changing)
		d->over.peak = 0;
	if (speed > limit && speed > d->over.peak)
		d->over.peak = speed;
	step = tt_episode_feed(&d->over, now_us,
			       speed > limit    ? TT_LEVEL_ABOVE
			       : speed <= clear ? TT_LEVEL_CLEAR
						: TT_LEVEL_BETWEEN,
			       TT_MS(d->cfg->milli[TT_MOTION_SPEED_HOLD]), OVER_CLEAR_US, OVER_GAP_US);
	if (step == TT_STEP_NONE)
		return;
	e.phase = step == TT_STEP_BEGIN ? TT_MOTION_BEGIN : TT_MOTION_END;
	e.at_us = d->over.since_us;
	e.duration_us = (step == TT_STEP_BEGIN ? now_us : e.at_us) - d->over.begin_us;
	e.peak_milli = d->over.peak;
	tt_motion_queue_put(d->out, &e);
}

void tt_driving_speed(struct tt_driving *d, tt_mono_us now_us, int64_t mm_s)
{
	d->fed_us = now_us;
	overspeed(d, now_us, TT_CAUSE_BUS_SPEED, mm_s);
	(void)tt_trend_add(&d->speed_slow, now_us, mm_s, SLOW_GAP_US, SLOW_SPAN_US);
	if (tt_trend_add(&d->speed, now_us, mm_s, step_us(d), SPAN_US) && speaks(d, &d->speed, now_us, BUS_FRESH_US) &&
	    !speaks(d, &d->accel, now_us, BUS_FRESH_US))
		along_by_speed(d, now_us, TT_CAUSE_BUS_SPEED, &d->speed);
}

void tt_driving_accel(struct tt_driving *d, tt_mono_us now_us, unsigned axis, int64_t mm_s2)
{
	struct tt_trend *t = axis == 0 ? &d->accel : &d->lateral;

	d->fed_us = now_us;
	if (!tt_trend_add(t, now_us, mm_s2, step_us(d), SPAN_US) || !speaks(d, t, now_us, BUS_FRESH_US))
		return;
	if (axis == 0)
		along_by_accel(d, now_us);
	else
		across_by_accel(d, now_us);
}

void tt_driving_yaw(struct tt_driving *d, tt_mono_us now_us, int64_t mdeg_s)
{
	const int64_t speed = tt_driving_bus_speed(d, now_us) ? slowest(d, now_us) : 0;

	tt_driving_accel(d, now_us, 1, speed * mdeg_s / 57296); /* 180000 / pi */
}

static void dispute(struct tt_driving *d, tt_mono_us now_us, int64_t gps_mm_s)
{
	int64_t lo, hi;

	if (!fresh(&d->speed_slow, now_us, BUS_FRESH_US)) {
		d->disputes = 0;
		return;
	}
	tt_trend_range(&d->speed_slow, &lo, &hi);
	if (gps_mm_s > hi + hi / 10 + AGREE_MM_S || gps_mm_s < lo - lo / 10 - AGREE_MM_S)
		d->disputes += d->disputes < DISPUTES;
	else
		d->disputes = 0;
}

static void across_by_heading(struct tt_driving *d, tt_mono_us now_us)
{
	const int64_t left = -tt_trend_slope(&d->heading, false, CDEG), right = tt_trend_slope(&d->heading, true, CDEG);
	int64_t lo, hi;

	tt_trend_range(&d->gps_speed, &lo, &hi);
	/* hundredths of a degree a second times mm/s: by 18000 / pi */
	judge(d, now_us, 2, TT_CAUSE_GPS_HEADING, &d->heading,
	      lo < GPS_CORNER_MM_S ? 0 : (left > right ? left : right) * tt_trend_level(&d->gps_speed, true) / 5730);
}

void tt_driving_fix(struct tt_driving *d, const struct tt_fix_sample *fix, bool restarted)
{
	const tt_mono_us now = fix->at_us;

	d->fed_us = now;
	if (restarted)
		d->gps_speed.n = d->heading.n = 0;
	dispute(d, now, fix->speed_mm_s);
	if (!tt_driving_bus_speed(d, now))
		overspeed(d, now, TT_CAUSE_GPS_SPEED, fix->speed_mm_s);
	if (!tt_trend_add(&d->gps_speed, now, fix->speed_mm_s, GPS_GAP_US, SPAN_US))
		return;
	(void)tt_trend_add(&d->heading, now, fix->heading_cdeg, GPS_GAP_US, SPAN_US);
	if (!speaks(d, &d->gps_speed, now, GPS_FRESH_US))
		return;
	if (!speaks(d, &d->accel, now, BUS_FRESH_US) && !speaks(d, &d->speed, now, BUS_FRESH_US))
		along_by_speed(d, now, TT_CAUSE_GPS_SPEED, &d->gps_speed);
	if (!speaks(d, &d->lateral, now, BUS_FRESH_US))
		across_by_heading(d, now);
}

void tt_driving_tick(struct tt_driving *d, tt_mono_us now_us)
{
	if (d->fed_us != d->ticked_us) {
		d->ticked_us = d->fed_us;
		d->behind_us = now_us - d->fed_us;
	}
	now_us -= d->behind_us;
	for (unsigned i = 0; i < 3; i++) {
		if (d->manoeuvres[i].on && now_us - d->manoeuvres[i].seen_us > GPS_FRESH_US)
			finish(d, i);
	}
}
