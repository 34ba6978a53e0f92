#include "firmware/proto/geofence.h"

#include "firmware/proto/geo.h"

enum side { OUTSIDE = -1, BETWEEN = 0, INSIDE = 1 };

void tt_geofences_init(struct tt_geofences *g, const struct tt_motion_config *cfg, struct tt_motion_queue *out)
{
	*g = (struct tt_geofences){.cfg = cfg, .out = out};
}

static enum side side_of(const struct tt_geofences *g, const struct tt_fence *f, const struct tt_fix_sample *fix)
{
	const int64_t gap = g->cfg->milli[TT_MOTION_FENCE_GAP], accuracy = fix->accuracy_mm;
	int64_t beyond;

	if (f->shape == TT_FENCE_CIRCLE)
		beyond = tt_geo_distance_mm(f->points[0], fix->place) - (int64_t)f->radius_m * 1000;
	else
		beyond = tt_geo_inside(f->points, f->npoints, fix->place) ? 0 : tt_geo_edge_mm(f->points, f->npoints, fix->place) + 1;
	if (beyond <= 0)
		return INSIDE;
	return beyond >= (gap > accuracy ? gap : accuracy) ? OUTSIDE : BETWEEN;
}

static void put(struct tt_geofences *g, unsigned which, enum tt_motion_phase phase, tt_mono_us at_us, int64_t duration_us)
{
	const struct tt_motion_event e = {.kind = TT_MOTION_KIND_GEOFENCE,
					  .phase = phase,
					  .cause = TT_CAUSE_GPS_POSITION,
					  .which = which,
					  .at_us = at_us,
					  .duration_us = duration_us};

	tt_motion_queue_put(g->out, &e);
}

static void turn(struct tt_geofences *g, unsigned which, tt_mono_us now_us)
{
	const tt_mono_us at = g->fences[which].turned_us;

	g->fences[which].contrary = 0;
	g->fences[which].inside = !g->fences[which].inside;
	if (g->fences[which].inside) {
		g->fences[which].entered_us = at;
		g->fences[which].dwelt = false;
		put(g, which, TT_MOTION_BEGIN, at, now_us - at);
	} else {
		put(g, which, TT_MOTION_END, at, at - g->fences[which].entered_us);
	}
}

void tt_geofences_fix(struct tt_geofences *g, const struct tt_fix_sample *fix)
{
	for (unsigned i = 0; i < g->cfg->nfences; i++) {
		const enum side side = side_of(g, &g->cfg->fences[i], fix);

		if (side != (g->fences[i].inside ? OUTSIDE : INSIDE)) {
			g->fences[i].contrary = 0;
			continue;
		}
		if (g->fences[i].contrary++ == 0)
			g->fences[i].turned_us = fix->at_us;
		if (g->fences[i].contrary * INT64_C(1000) >= g->cfg->milli[TT_MOTION_FENCE_FIXES])
			turn(g, i, fix->at_us);
	}
}

void tt_geofences_tick(struct tt_geofences *g, tt_mono_us now_us)
{
	for (unsigned i = 0; i < g->cfg->nfences; i++) {
		const int64_t dwell_us = TT_SEC(g->cfg->fences[i].dwell_s), stayed_us = now_us - g->fences[i].entered_us;

		if (!g->fences[i].inside || g->fences[i].dwelt || dwell_us == 0 || stayed_us < dwell_us)
			continue;
		g->fences[i].dwelt = true;
		put(g, i, TT_MOTION_INSTANT, g->fences[i].entered_us, stayed_us);
	}
}

void tt_geofences_restore(struct tt_geofences *g, unsigned which, tt_mono_us entered_us, bool dwelt)
{
	g->fences[which].inside = true;
	g->fences[which].entered_us = entered_us;
	g->fences[which].dwelt = dwelt;
}
