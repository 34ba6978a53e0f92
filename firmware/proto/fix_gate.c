#include "firmware/proto/fix_gate.h"

#include "firmware/proto/geo.h"

enum {
	SPEED_MAX_MM_S = 100000,
	ACCEL_MAX_MM_S2 = 15000, /* beyond what tyres hold */
	SPEED_SLACK_MM_S = 3000, /* noise of two speeds */
	PLACE_SLACK_MM = 15000,  /* receivers claim too much */
	FRESH_US = 120000000,    /* what is older says nothing about where the car may be now */
	FOLLOW_US = 3000000,     /* so close that a moving car must have moved */
	AGREE = 3,
	QUARTER_TURN_E7 = 900000000,
	HALF_TURN_E7 = 1800000000,
	CDEG = 36000,
};

void tt_fix_gate_init(struct tt_fix_gate *g, int64_t accuracy_mm)
{
	*g = (struct tt_fix_gate){.accuracy_mm = accuracy_mm};
}

static bool possible(const struct tt_fix_sample *f)
{
	const int64_t lat = f->place.latitude_e7, lon = f->place.longitude_e7;

	return lat >= -QUARTER_TURN_E7 && lat <= QUARTER_TURN_E7 && lon >= -(int64_t)HALF_TURN_E7 && lon <= HALF_TURN_E7 &&
	       (lat != 0 || lon != 0) && f->speed_mm_s <= SPEED_MAX_MM_S && f->heading_cdeg < CDEG;
}

/* May b, dt_us later, be the same car as a? */
static bool follows(const struct tt_fix_sample *a, const struct tt_fix_sample *b)
{
	const int64_t dt_us = b->at_us - a->at_us, dt_ms = dt_us / 1000;
	const int64_t moved = tt_geo_distance_mm(a->place, b->place);
	const int64_t slow = a->speed_mm_s < b->speed_mm_s ? a->speed_mm_s : b->speed_mm_s;
	const int64_t fast = a->speed_mm_s < b->speed_mm_s ? b->speed_mm_s : a->speed_mm_s;
	const int64_t slack = PLACE_SLACK_MM + 2 * ((int64_t)a->accuracy_mm + b->accuracy_mm);

	if (dt_us > FRESH_US)
		return true;
	if (fast - slow > SPEED_SLACK_MM_S + ACCEL_MAX_MM_S2 * dt_ms / 1000)
		return false;
	if (moved > (fast + SPEED_SLACK_MM_S) * dt_ms / 1000 * 5 / 4 + slack)
		return false;
	return dt_us > FOLLOW_US || moved + slack >= slow * dt_ms / 1000 / 2;
}

static enum tt_fix_verdict accept(struct tt_fix_gate *g, const struct tt_fix_sample *fix, bool restarted)
{
	g->known = true;
	g->last = *fix;
	g->others = 0;
	g->restarted = restarted;
	return TT_FIX_GOOD;
}

static enum tt_fix_verdict judge(struct tt_fix_gate *g, const struct tt_fix_sample *fix)
{
	struct tt_fix_sample f = *fix;

	if (g->known && f.at_us <= g->last.at_us)
		return TT_FIX_STALE;
	if (f.accuracy_mm > g->accuracy_mm)
		return TT_FIX_INACCURATE;
	if (!possible(&f))
		return TT_FIX_IMPOSSIBLE;
	if (f.accuracy_mm == 0)
		f.accuracy_mm = (uint32_t)g->accuracy_mm;
	if (!g->known || f.at_us - g->last.at_us > FRESH_US)
		return accept(g, &f, true);
	if (follows(&g->last, &f))
		return accept(g, &f, false);
	g->others = g->others > 0 && f.at_us > g->other.at_us && follows(&g->other, &f) ? g->others + 1 : 1;
	g->other = f;
	return g->others == AGREE ? accept(g, &f, true) : TT_FIX_JUMP;
}

enum tt_fix_verdict tt_fix_gate_take(struct tt_fix_gate *g, const struct tt_fix_sample *fix)
{
	const enum tt_fix_verdict verdict = judge(g, fix);

	g->counts[verdict]++;
	return verdict;
}
