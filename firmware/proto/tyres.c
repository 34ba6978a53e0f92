#include "firmware/proto/tyres.h"

enum {
	AIR_MILLI_KPA = 101325,
	ZERO_MILLI_K = 273150,
	NORMAL_MILLI_K = 293150,
	ALIVE_MILLI_KPA = 100000,
	READABLE_MILLI_KPA = 1600000,
	WARM_MIN_MILLI_C = -60000,
	WARM_MAX_MILLI_C = 150000,
	ALL = 100000, /* per cent in thousandths */
};

#define GAP_US TT_SEC(600)

void tt_tyres_init(struct tt_tyres *t, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*t = (struct tt_tyres){.cfg = cfg, .out = out};
}

const char *tt_tyres_name(unsigned wheel)
{
	static const char *const names[TT_WHEELS] = {"row1.left", "row1.right", "row2.left", "row2.right"};

	return names[wheel];
}

int64_t tt_tyres_at_20c(int64_t milli_kpa, int64_t milli_c)
{
	return (milli_kpa + AIR_MILLI_KPA) * NORMAL_MILLI_K / (milli_c + ZERO_MILLI_K) - AIR_MILLI_KPA;
}

static int64_t less(int64_t pressure, int64_t percent_milli)
{
	return pressure * (ALL - percent_milli) / ALL;
}

/* What a wheel is measured against: the stricter of placard and sibling. half: only half the margin, for the end. 0 = nothing known. */
static int64_t limit_of(const struct tt_tyres *t, tt_mono_us now_us, unsigned wheel, bool half, enum tt_motion_cause *cause)
{
	const struct tt_wheel *w = &t->wheels[wheel], *sibling = &t->wheels[wheel ^ 1];
	const int64_t share = half ? 2 : 1;
	const int64_t placard = less(t->cfg->placard_kpa[wheel] * 1000, t->cfg->milli[TT_MOTION_TYRE_LOW] / share);
	int64_t other = 0;

	if (sibling->alive && now_us - sibling->at_us <= GAP_US)
		other = less(w->warm_known && sibling->warm_known ? tt_tyres_at_20c(sibling->milli_kpa, sibling->milli_c)
								  : sibling->milli_kpa,
			     t->cfg->milli[TT_MOTION_TYRE_SIBLING] / share);
	*cause = other > placard ? TT_CAUSE_SIBLING : TT_CAUSE_PLACARD;
	return other > placard ? other : placard;
}

static int64_t compared(const struct tt_wheel *w, bool warm)
{
	return warm ? tt_tyres_at_20c(w->milli_kpa, w->milli_c) : w->milli_kpa;
}

static void look(struct tt_tyres *t, tt_mono_us now_us, unsigned wheel)
{
	struct tt_wheel *w = &t->wheels[wheel];
	const struct tt_wheel *sibling = &t->wheels[wheel ^ 1];
	const int64_t hold_us = TT_MS(t->cfg->milli[TT_MOTION_TYRE_HOLD]);
	enum tt_motion_cause cause, ignored;
	const int64_t limit = limit_of(t, now_us, wheel, false, &cause), clear = limit_of(t, now_us, wheel, true, &ignored);
	/* against a sibling without temperature only like can be compared with like */
	const bool warm = w->warm_known && (cause == TT_CAUSE_PLACARD || sibling->warm_known);
	const int64_t p = compared(w, warm);
	const bool low = w->warned || (w->alive && p < limit);
	struct tt_motion_event e = {.kind = TT_MOTION_KIND_TYRE, .which = wheel, .value_milli = p};
	enum tt_step step;

	if (!w->low.on && !w->low.changing)
		w->low.peak = p;
	w->low.peak = p < w->low.peak ? p : w->low.peak;
	step = tt_episode_feed(&w->low, now_us,
			       low          ? TT_LEVEL_ABOVE
			       : p >= clear ? TT_LEVEL_CLEAR
					    : TT_LEVEL_BETWEEN,
			       hold_us, hold_us, GAP_US);
	if (step == TT_STEP_NONE)
		return;
	if (step == TT_STEP_BEGIN) {
		w->cause = p < limit ? cause : TT_CAUSE_WARNING;
		w->limit = limit;
	}
	e.phase = step == TT_STEP_BEGIN ? TT_MOTION_BEGIN : TT_MOTION_END;
	e.cause = w->cause;
	e.at_us = w->low.since_us;
	e.duration_us = (step == TT_STEP_BEGIN ? now_us : e.at_us) - w->low.begin_us;
	e.limit_milli = w->limit;
	e.peak_milli = w->low.peak;
	tt_motion_queue_put(t->out, &e);
}

void tt_tyres_pressure(struct tt_tyres *t, tt_mono_us now_us, unsigned wheel, int64_t milli_kpa)
{
	struct tt_wheel *w = &t->wheels[wheel];

	if (milli_kpa < 0 || milli_kpa > READABLE_MILLI_KPA || (!w->alive && milli_kpa < ALIVE_MILLI_KPA))
		return;
	w->alive = true;
	w->at_us = now_us;
	w->milli_kpa = tt_median3_add(&w->median, milli_kpa);
	if (w->median.n == 3)
		look(t, now_us, wheel);
}

void tt_tyres_temperature(struct tt_tyres *t, unsigned wheel, int64_t milli_c)
{
	if (milli_c < WARM_MIN_MILLI_C || milli_c > WARM_MAX_MILLI_C)
		return;
	t->wheels[wheel].warm_known = true;
	t->wheels[wheel].milli_c = milli_c;
}

void tt_tyres_warning(struct tt_tyres *t, tt_mono_us now_us, unsigned wheel, bool low)
{
	t->wheels[wheel].warned = low;
	look(t, now_us, wheel);
}
