#include "firmware/proto/levels.h"

enum {
	READABLE_MIN_MILLI_C = -60000,
	READABLE_MAX_MILLI_C = 200000,
	COOLER_MILLI_C = 5000,
	COOLANT_GAP_US = 30000000,
	FULL = 100000,
	FUEL_GAP_US = 2000000,
	FUEL_SPAN_US = 60000000,
	MOVING_MM_S = 1000,
	STILL_US = 5000000,
	FORGET_US = 60000000, /* of driving */
};

void tt_coolant_init(struct tt_coolant *c, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*c = (struct tt_coolant){.cfg = cfg, .out = out};
}

void tt_coolant_temperature(struct tt_coolant *c, tt_mono_us now_us, int64_t milli_c)
{
	const int64_t limit = c->cfg->milli[TT_MOTION_COOLANT_HOT], hold_us = TT_MS(c->cfg->milli[TT_MOTION_COOLANT_HOLD]);
	struct tt_motion_event e = {.kind = TT_MOTION_KIND_COOLANT, .cause = TT_CAUSE_TEMPERATURE, .limit_milli = limit};
	enum tt_step step;

	if (milli_c < READABLE_MIN_MILLI_C || milli_c > READABLE_MAX_MILLI_C)
		return;
	e.value_milli = tt_median3_add(&c->median, milli_c);
	if (!c->hot.on && !c->hot.changing)
		c->hot.peak = e.value_milli;
	c->hot.peak = e.value_milli > c->hot.peak ? e.value_milli : c->hot.peak;
	step = tt_episode_feed(&c->hot, now_us,
			       e.value_milli > limit                     ? TT_LEVEL_ABOVE
			       : e.value_milli <= limit - COOLER_MILLI_C ? TT_LEVEL_CLEAR
									 : TT_LEVEL_BETWEEN,
			       hold_us, hold_us, COOLANT_GAP_US);
	if (step == TT_STEP_NONE)
		return;
	e.phase = step == TT_STEP_BEGIN ? TT_MOTION_BEGIN : TT_MOTION_END;
	e.at_us = c->hot.since_us;
	e.duration_us = (step == TT_STEP_BEGIN ? now_us : e.at_us) - c->hot.begin_us;
	e.peak_milli = c->hot.peak;
	tt_motion_queue_put(c->out, &e);
}

void tt_fuel_init(struct tt_fuel *f, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*f = (struct tt_fuel){.cfg = cfg, .out = out};
}

int64_t tt_fuel_now(const struct tt_fuel *f)
{
	return f->levels.n < TT_TREND_LEAST ? -1 : tt_median(f->levels.value, f->levels.n);
}

void tt_fuel_speed(struct tt_fuel *f, tt_mono_us now_us, int64_t mm_s)
{
	const bool moving = mm_s >= MOVING_MM_S;

	if (moving != f->moving) {
		f->moving = moving;
		f->still_since_us = now_us;             /* or moving since */
		f->levels.n = moving ? f->levels.n : 0; /* what sloshed does not count */
	}
	if (moving && now_us - f->still_since_us > FORGET_US)
		f->parked_known = false;
}

void tt_fuel_engine(struct tt_fuel *f, bool runs)
{
	f->runs = runs;
}

void tt_fuel_park(struct tt_fuel *f)
{
	const int64_t now = tt_fuel_now(f);

	if (f->parked_known || now < 0)
		return;
	f->parked_known = true;
	f->settled = false;
	f->parked = now;
}

static void compare(struct tt_fuel *f, tt_mono_us now_us, int64_t level)
{
	const int64_t drop = f->parked - level;
	const int64_t limit = f->cfg->milli[TT_MOTION_FUEL_DROP] * (f->settled ? 2 : 3) / 2;
	const struct tt_motion_event e = {.kind = TT_MOTION_KIND_FUEL_DROP,
					  .phase = TT_MOTION_INSTANT,
					  .cause = TT_CAUSE_LEVEL,
					  .at_us = now_us,
					  .value_milli = drop,
					  .limit_milli = limit,
					  .peak_milli = drop};

	if (drop >= limit)
		tt_motion_queue_put(f->out, &e);
	if (drop >= limit || drop < 0 || f->runs || !f->settled)
		f->parked = level;
	f->settled = true;
}

void tt_fuel_level(struct tt_fuel *f, tt_mono_us now_us, int64_t milli_percent)
{
	int64_t level;

	if (milli_percent < 0 || milli_percent > FULL || !tt_trend_add(&f->levels, now_us, milli_percent, FUEL_GAP_US, FUEL_SPAN_US))
		return;
	level = tt_fuel_now(f);
	if (level < 0 || f->moving || now_us - f->still_since_us < STILL_US)
		return;
	if (f->parked_known) {
		compare(f, now_us, level);
		return;
	}
	f->parked_known = f->settled = true;
	f->parked = level;
}

void tt_fuel_restore(struct tt_fuel *f, int64_t parked)
{
	f->parked_known = true;
	f->settled = false;
	f->parked = parked;
}
