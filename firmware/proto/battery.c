#include "firmware/proto/battery.h"

#include <assert.h>
#include <string.h>

enum {
	READABLE_MIN_MV = 3000, /* what is outside is not a battery */
	READABLE_MAX_MV = 36000,
	CLEAR_MV = 300,
	GAP_US = 900000000, /* a sleeping car is asked now and then */
	DIP_US = 5000000,
	DIP_MV = 1000, /* less is no starter */
	WEAK_STARTS = 2,
	RATIO_24V = 2,
	LEAST_DAYS = 5,
	LEAST_SPAN = 7,
	TELL_DAYS = 7,
};

#define SETTLED_US TT_SEC(7200)

void tt_battery_init(struct tt_battery *b, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*b = (struct tt_battery){.cfg = cfg, .out = out};
}

static int64_t scale(const struct tt_battery *b, int64_t mv)
{
	return b->cfg->battery_24v ? RATIO_24V * mv : mv;
}

static void put_ageing(struct tt_battery *b, tt_mono_us now_us, int64_t day, enum tt_motion_cause cause, int64_t value, int64_t limit)
{
	const struct tt_motion_event e = {.kind = TT_MOTION_KIND_BATTERY_AGEING,
					  .phase = TT_MOTION_INSTANT,
					  .cause = cause,
					  .at_us = now_us,
					  .value_milli = value,
					  .limit_milli = limit,
					  .peak_milli = value};

	if (b->told_day > 0 && day < b->told_day + TELL_DAYS)
		return;
	b->told_day = day;
	tt_motion_queue_put(b->out, &e);
}

void tt_battery_engine(struct tt_battery *b, tt_mono_us now_us, enum tt_engine engine)
{
	const bool starts = engine == TT_ENGINE_RUNS && b->engine != TT_ENGINE_RUNS;

	if (engine == b->engine)
		return;
	b->engine = engine;
	b->engine_since_us = now_us;
	if (!b->low.on)
		b->low.changing = false; /* what it is compared with has changed */
	if (!starts || !b->known || b->dip_at_us == 0 || now_us - b->dip_at_us > DIP_US || b->mv - b->dip_mv < scale(b, DIP_MV))
		return;
	b->weak_starts = b->dip_mv < scale(b, b->cfg->milli[TT_MOTION_BATTERY_CRANK]) ? b->weak_starts + 1 : 0;
}

static void look_for_low(struct tt_battery *b, tt_mono_us now_us)
{
	const bool runs = b->engine == TT_ENGINE_RUNS && b->cfg->milli[TT_MOTION_BATTERY_CHARGING] > 0;
	const int64_t limit = scale(b, b->cfg->milli[runs ? TT_MOTION_BATTERY_CHARGING : TT_MOTION_BATTERY_LOW]);
	const int64_t compared = b->low.on ? b->limit_mv : limit, hold_us = TT_MS(b->cfg->milli[TT_MOTION_BATTERY_HOLD]);
	const enum tt_level level = b->mv < compared                         ? TT_LEVEL_ABOVE
				    : b->mv >= compared + scale(b, CLEAR_MV) ? TT_LEVEL_CLEAR
									     : TT_LEVEL_BETWEEN;
	struct tt_motion_event e = {.kind = TT_MOTION_KIND_LOW_BATTERY, .value_milli = b->mv};
	enum tt_step step;

	if (!b->low.on && !b->low.changing)
		b->low.peak = b->mv;
	b->low.peak = b->mv < b->low.peak ? b->mv : b->low.peak;
	step = tt_episode_feed(&b->low, now_us, level, hold_us, hold_us, GAP_US);
	if (step == TT_STEP_NONE)
		return;
	if (step == TT_STEP_BEGIN) {
		b->low_cause = runs ? TT_CAUSE_CHARGING_VOLTAGE : TT_CAUSE_RESTING_VOLTAGE;
		b->limit_mv = limit;
	}
	e.phase = step == TT_STEP_BEGIN ? TT_MOTION_BEGIN : TT_MOTION_END;
	e.cause = b->low_cause;
	e.at_us = b->low.since_us;
	e.duration_us = (step == TT_STEP_BEGIN ? now_us : e.at_us) - b->low.begin_us;
	e.limit_milli = b->limit_mv;
	e.peak_milli = b->low.peak;
	tt_motion_queue_put(b->out, &e);
}

void tt_battery_learn(struct tt_battery *b, int64_t day, int64_t mv)
{
	if (b->ndays > 0 && day < b->days[b->ndays - 1].day)
		return;
	if (b->ndays > 0 && day == b->days[b->ndays - 1].day) {
		b->days[b->ndays - 1].mv = mv; /* the longer it rested, the truer */
		return;
	}
	if (b->ndays == TT_BATTERY_DAYS) {
		b->ndays--;
		memmove(b->days, b->days + 1, b->ndays * sizeof(b->days[0]));
	}
	b->days[b->ndays].day = day;
	b->days[b->ndays].mv = mv;
	b->ndays++;
}

static void look_for_ageing(struct tt_battery *b, tt_mono_us now_us, int64_t day)
{
	const int64_t limit = b->cfg->milli[TT_MOTION_BATTERY_SLOPE];
	int64_t slopes[TT_BATTERY_DAYS * (TT_BATTERY_DAYS - 1) / 2];
	size_t n = 0;
	int64_t fall;

	static_assert(sizeof(slopes) / sizeof(slopes[0]) <= TT_MEDIAN_MAX, "a pair of days each");
	if (b->ndays < LEAST_DAYS || b->days[b->ndays - 1].day - b->days[0].day < LEAST_SPAN)
		return;
	for (unsigned i = 0; i < b->ndays; i++) {
		for (unsigned j = i + 1; j < b->ndays; j++)
			slopes[n++] = (b->days[i].mv - b->days[j].mv) / (b->days[j].day - b->days[i].day);
	}
	fall = tt_median(slopes, n);
	if (fall >= scale(b, limit))
		put_ageing(b, now_us, day, TT_CAUSE_RESTING_VOLTAGE, fall, scale(b, limit));
}

void tt_battery_voltage(struct tt_battery *b, tt_mono_us now_us, tt_utc_us utc_us, int64_t mv)
{
	const int64_t day = utc_us / TT_DAY_US;

	if (mv < READABLE_MIN_MV || mv > READABLE_MAX_MV)
		return;
	b->mv = tt_median3_add(&b->median, mv);
	b->known = true;
	if (b->engine != TT_ENGINE_RUNS && (b->dip_at_us == 0 || mv < b->dip_mv || now_us - b->dip_at_us > DIP_US)) {
		b->dip_mv = mv;
		b->dip_at_us = now_us;
	}
	look_for_low(b, now_us);
	if (day <= 0)
		return;
	if (b->weak_starts >= WEAK_STARTS) {
		b->weak_starts = 0;
		put_ageing(b, now_us, day, TT_CAUSE_CRANKING, b->dip_mv, scale(b, b->cfg->milli[TT_MOTION_BATTERY_CRANK]));
	}
	if (b->engine != TT_ENGINE_OFF || now_us - b->engine_since_us < SETTLED_US)
		return;
	if (b->ndays == 0 || b->days[b->ndays - 1].day < day) {
		tt_battery_learn(b, day, b->mv);
		look_for_ageing(b, now_us, day);
	} else {
		tt_battery_learn(b, day, b->mv);
	}
}
