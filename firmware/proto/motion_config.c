#include "firmware/proto/motion_config.h"

#include <string.h>

enum {
	RADIUS_MIN_M = 20, /* below, no receiver tells inside from outside */
	RADIUS_MAX_M = 100000,
	DWELL_MAX_S = 30 * 86400,
	SPAN_MAX_E7 = 100000000,
	LATITUDE_MAX_E7 = 850000000, /* beyond, a degree of longitude is too short for the plane that distances are taken in */
	LONGITUDE_MAX_E7 = 1800000000,
	PLACARD_MIN_KPA = 100,
	PLACARD_MAX_KPA = 1200,
};

static const struct tt_motion_threshold_info thresholds[TT_MOTION_NTHRESHOLDS] = {
#define X(name, word, unit, def, lo, hi) [TT_MOTION_##name] = {word, unit, def, lo, hi},
	TT_MOTION_THRESHOLDS(X)
#undef X
};

const struct tt_motion_threshold_info *tt_motion_threshold_info(enum tt_motion_threshold which)
{
	return &thresholds[which];
}

void tt_motion_config_init(struct tt_motion_config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < TT_MOTION_NTHRESHOLDS; i++)
		c->milli[i] = thresholds[i].def;
}

enum tt_err tt_motion_config_set(struct tt_motion_config *c, const char *word, int64_t milli)
{
	for (size_t i = 0; i < TT_MOTION_NTHRESHOLDS; i++) {
		if (strcmp(thresholds[i].word, word) != 0)
			continue;
		if (milli < thresholds[i].lo || milli > thresholds[i].hi)
			return TT_ERANGE;
		c->milli[i] = milli;
		return TT_OK;
	}
	return TT_ENOTFOUND;
}

struct tt_fence *tt_motion_config_fence(struct tt_motion_config *c, const char *name)
{
	for (size_t i = 0; i < c->nfences; i++) {
		if (strcmp(c->fences[i].name, name) == 0)
			return &c->fences[i];
	}
	return NULL;
}

static bool name_good(const char *name)
{
	const size_t n = strnlen(name, TT_FENCE_NAME);

	return n > 0 && n < TT_FENCE_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
}

static bool points_good(const struct tt_fence *f)
{
	for (size_t i = 0; i < f->npoints; i++) {
		const struct tt_geo_point *p = &f->points[i];
		int64_t east = magnitude((int64_t)p->longitude_e7 - f->points[0].longitude_e7);

		if (magnitude(p->latitude_e7) > LATITUDE_MAX_E7 || magnitude(p->longitude_e7) > LONGITUDE_MAX_E7)
			return false;
		if (east > LONGITUDE_MAX_E7) /* the short way round */
			east = 2 * (int64_t)LONGITUDE_MAX_E7 - east;
		/* half each way from the first point, so that the whole stays within the span */
		if (east > SPAN_MAX_E7 / 2 || magnitude((int64_t)p->latitude_e7 - f->points[0].latitude_e7) > SPAN_MAX_E7 / 2)
			return false;
	}
	return true;
}

static bool shape_good(const struct tt_fence *f)
{
	if (f->shape == TT_FENCE_CIRCLE)
		return f->npoints == 1 && f->radius_m >= RADIUS_MIN_M && f->radius_m <= RADIUS_MAX_M;
	return f->shape == TT_FENCE_POLYGON && f->npoints >= 3 && f->npoints <= TT_FENCE_VERTICES;
}

static bool fence_good(const struct tt_motion_config *c, size_t which)
{
	const struct tt_fence *f = &c->fences[which];

	for (size_t i = 0; i < which; i++) {
		if (strcmp(c->fences[i].name, f->name) == 0)
			return false;
	}
	return shape_good(f) && points_good(f) && f->dwell_s <= DWELL_MAX_S;
}

enum tt_err tt_motion_config_check(const struct tt_motion_config *c, const char **what)
{
	for (size_t i = 0; i < TT_MOTION_NTHRESHOLDS; i++) {
		*what = thresholds[i].word;
		if (c->milli[i] < thresholds[i].lo || c->milli[i] > thresholds[i].hi)
			return TT_ERANGE;
	}
	*what = "tyre-placard";
	for (size_t i = 0; i < TT_WHEELS; i++) {
		if (c->placard_kpa[i] != 0 && (c->placard_kpa[i] < PLACARD_MIN_KPA || c->placard_kpa[i] > PLACARD_MAX_KPA))
			return TT_ERANGE;
	}
	*what = "geofence";
	if (c->nfences > TT_FENCES)
		return TT_ERANGE;
	for (size_t i = 0; i < c->nfences; i++) {
		if (!name_good(c->fences[i].name))
			return TT_ERANGE;
	}
	for (size_t i = 0; i < c->nfences; i++) {
		*what = c->fences[i].name;
		if (!fence_good(c, i))
			return TT_ERANGE;
	}
	return TT_OK;
}
