#include "firmware/proto/towing.h"

#include "firmware/proto/geo.h"

enum {
	FAR_FIXES = 4,
	FAST_FIXES = 10,
	FAST_MM_S = 2000,
	FAST_AWAY_MM = 30000,
	ROLLING_MM_S = 1400,
	ROLLING_US = 5000000,
	TILT_MM_S2 = 1500,
	TILT_US = 10000000,
	GAP_US = 10000000,
	STANDS_US = 300000000,
	STEP_MM = 20000, /* moved, for a car that is under way */
	STEP_MM_S = 1000,
	GRAVITY_GAP_US = 200000,
	GRAVITY_SPAN_US = 5000000,
};

void tt_towing_init(struct tt_towing *t, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*t = (struct tt_towing){.cfg = cfg, .out = out};
}

static void put(struct tt_towing *t, enum tt_motion_phase phase, tt_mono_us at_us, int64_t duration_us, int64_t value, int64_t limit)
{
	const struct tt_motion_event e = {.kind = TT_MOTION_KIND_TOWING,
					  .phase = phase,
					  .cause = t->cause,
					  .at_us = at_us,
					  .duration_us = duration_us,
					  .value_milli = value,
					  .limit_milli = limit,
					  .peak_milli = t->peak_mm};

	tt_motion_queue_put(t->out, &e);
}

static void begin(struct tt_towing *t, tt_mono_us now_us, enum tt_motion_cause cause, int64_t value, int64_t limit)
{
	t->on = true;
	t->cause = cause;
	t->begin_us = t->moved_us = now_us;
	t->peak_mm = value;
	put(t, TT_MOTION_BEGIN, now_us, 0, value, limit);
}

static void rearm(struct tt_towing *t)
{
	t->nfirst = t->far = t->fast = 0;
	t->level_known[0] = t->level_known[1] = false;
	t->gravity[0].n = t->gravity[1].n = 0;
	t->rolling = t->tilting = (struct tt_episode){.on = false};
}

static void end(struct tt_towing *t, tt_mono_us at_us)
{
	t->on = false;
	put(t, TT_MOTION_END, at_us, at_us - t->begin_us, t->peak_mm, 0);
	rearm(t);
}

void tt_towing_ignition(struct tt_towing *t, tt_mono_us now_us, enum tt_ignition ignition)
{
	if (ignition == TT_IGNITION_OFF && !t->off) {
		t->off = true;
		t->off_since_us = now_us;
		rearm(t);
	}
	if (ignition != TT_IGNITION_ON)
		return;
	t->off = false;
	if (t->on)
		end(t, now_us);
}

static bool armed(const struct tt_towing *t, tt_mono_us now_us)
{
	return t->off && now_us - t->off_since_us >= TT_MS(t->cfg->milli[TT_MOTION_TOW_ARM]);
}

/* Each coordinate by its median: one fix far off does not move it. */
static void set_anchor(struct tt_towing *t)
{
	int64_t latitude[TT_TOW_ANCHOR_FIXES], east[TT_TOW_ANCHOR_FIXES], longitude;

	for (unsigned i = 0; i < TT_TOW_ANCHOR_FIXES; i++) {
		latitude[i] = t->first[i].latitude_e7;
		east[i] = tt_geo_east_e7(t->first[0].longitude_e7, t->first[i].longitude_e7);
	}
	longitude = t->first[0].longitude_e7 + tt_median(east, TT_TOW_ANCHOR_FIXES);
	t->anchor.latitude_e7 = (int32_t)tt_median(latitude, TT_TOW_ANCHOR_FIXES);
	t->anchor.longitude_e7 = (int32_t)tt_geo_east_e7(0, longitude);
	t->place = t->anchor;
}

static void collect(struct tt_towing *t, const struct tt_fix_sample *fix)
{
	t->anchor_accuracy_mm = t->nfirst > 0 && t->anchor_accuracy_mm > fix->accuracy_mm ? t->anchor_accuracy_mm : fix->accuracy_mm;
	t->first[t->nfirst++] = fix->place;
	if (t->nfirst == TT_TOW_ANCHOR_FIXES)
		set_anchor(t);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void follow(struct tt_towing *t, const struct tt_fix_sample *fix, int64_t away_mm)
{
	t->peak_mm = t->cause == TT_CAUSE_TILT ? t->peak_mm : larger(t->peak_mm, away_mm);
	if (fix->speed_mm_s >= STEP_MM_S || tt_geo_distance_mm(t->place, fix->place) >= larger(STEP_MM, 3 * (int64_t)fix->accuracy_mm)) {
		t->place = fix->place;
		t->moved_us = fix->at_us;
	}
}

void tt_towing_fix(struct tt_towing *t, const struct tt_fix_sample *fix)
{
	const int64_t doubt = 3 * larger(fix->accuracy_mm, t->anchor_accuracy_mm);
	const int64_t limit = larger(t->cfg->milli[TT_MOTION_TOW_DISTANCE], doubt);
	int64_t away;

	if (!armed(t, fix->at_us))
		return;
	if (t->nfirst < TT_TOW_ANCHOR_FIXES) {
		collect(t, fix);
		return;
	}
	away = tt_geo_distance_mm(t->anchor, fix->place);
	if (t->on) {
		follow(t, fix, away);
		return;
	}
	t->far = away > limit ? t->far + 1 : 0;
	t->fast = fix->speed_mm_s >= FAST_MM_S && away >= FAST_AWAY_MM ? t->fast + 1 : 0;
	if (t->far == FAR_FIXES)
		begin(t, fix->at_us, TT_CAUSE_GPS_POSITION, away, limit);
	else if (t->fast == FAST_FIXES)
		begin(t, fix->at_us, TT_CAUSE_GPS_SPEED, away, FAST_AWAY_MM);
}

void tt_towing_speed(struct tt_towing *t, tt_mono_us now_us, int64_t mm_s)
{
	const bool rolls = mm_s >= ROLLING_MM_S;

	if (!armed(t, now_us))
		return;
	if (t->on) {
		t->moved_us = rolls ? now_us : t->moved_us;
		return;
	}
	if (tt_episode_feed(&t->rolling, now_us, rolls ? TT_LEVEL_ABOVE : TT_LEVEL_BETWEEN, ROLLING_US, 0, GAP_US) == TT_STEP_BEGIN)
		begin(t, now_us, TT_CAUSE_BUS_SPEED, 0, 0);
}

void tt_towing_accel(struct tt_towing *t, tt_mono_us now_us, unsigned axis, int64_t mm_s2)
{
	int64_t off;

	if (!armed(t, now_us) || !tt_trend_add(&t->gravity[axis], now_us, mm_s2, GRAVITY_GAP_US, GRAVITY_SPAN_US) ||
	    t->gravity[axis].n < TT_TREND_SAMPLES)
		return;
	if (!t->level_known[axis]) {
		t->level_known[axis] = true;
		t->level[axis] = tt_median(t->gravity[axis].value, TT_TREND_SAMPLES);
	}
	off = tt_median(t->gravity[axis].value, TT_TREND_SAMPLES) - t->level[axis];
	off = off < 0 ? -off : off;
	/* one axis is enough: the other neither confirms nor denies */
	if (t->on || (t->tilting.changing && off < TILT_MM_S2 && axis != (unsigned)t->tilting.peak))
		return;
	if (off >= TILT_MM_S2)
		t->tilting.peak = axis;
	if (tt_episode_feed(&t->tilting, now_us, off >= TILT_MM_S2 ? TT_LEVEL_ABOVE : TT_LEVEL_BETWEEN, TILT_US, 0, GAP_US) ==
	    TT_STEP_BEGIN)
		begin(t, now_us, TT_CAUSE_TILT, off, TILT_MM_S2);
}

void tt_towing_tick(struct tt_towing *t, tt_mono_us now_us)
{
	if (t->on && now_us - t->moved_us >= STANDS_US)
		end(t, t->moved_us);
}

void tt_towing_restore(struct tt_towing *t, tt_mono_us now_us, struct tt_geo_point anchor, int64_t accuracy_mm, bool moving,
		       tt_mono_us begin_us)
{
	t->off = true;
	t->off_since_us = now_us - TT_MS(t->cfg->milli[TT_MOTION_TOW_ARM]);
	t->nfirst = TT_TOW_ANCHOR_FIXES;
	t->anchor = t->place = anchor;
	t->anchor_accuracy_mm = accuracy_mm;
	t->on = moving;
	t->cause = TT_CAUSE_GPS_POSITION;
	t->begin_us = begin_us;
	t->moved_us = now_us;
}

void tt_towing_reopen(struct tt_towing *t, tt_mono_us now_us, tt_mono_us begin_us)
{
	t->off = true;
	t->off_since_us = now_us - TT_MS(t->cfg->milli[TT_MOTION_TOW_ARM]);
	t->on = true;
	t->cause = TT_CAUSE_NONE;
	t->begin_us = begin_us;
	t->moved_us = now_us;
}

bool tt_towing_anchor(const struct tt_towing *t, struct tt_geo_point *anchor, int64_t *accuracy_mm)
{
	if (!t->off || t->nfirst < TT_TOW_ANCHOR_FIXES)
		return false;
	*anchor = t->anchor;
	*accuracy_mm = t->anchor_accuracy_mm;
	return true;
}
