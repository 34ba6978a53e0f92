#include "firmware/agent/profile_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE_S = 60 };

/* A decimal number of units into thousandths. */
static bool thousandths(const char *word, int64_t *out)
{
	double v;

	if (!tt_profile_number(word, &v) || !(fabs(v) < 1e12))
		return false;
	*out = llround(v * 1000);
	return true;
}

static enum tt_err set(struct tt_profile_parser *p, const char *word, const char *number)
{
	int64_t milli;
	enum tt_err err;

	if (!thousandths(number, &milli))
		return tt_profile_bad(p, "wants a number", number);
	err = tt_motion_config_set(&p->out->motion, word, milli);
	if (err == TT_ENOTFOUND)
		return tt_profile_bad(p, "no such threshold; firmware/proto/motion_config.h lists them", word);
	return err ? tt_profile_bad(p, "threshold out of range; firmware/proto/motion_config.h gives it", number) : TT_OK;
}

static enum tt_err on_threshold(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 3, "threshold NAME NUMBER");

	return err ? err : set(p, p->words[1], p->words[2]);
}

static enum tt_err on_speed_limit(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "speed-limit KMH");

	return err ? err : set(p, "speed-limit", p->words[1]);
}

static enum tt_err on_tow_alert(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "tow-alert yes|no");

	if (!err && strcmp(p->words[1], "yes") != 0 && strcmp(p->words[1], "no") != 0)
		err = tt_profile_bad(p, "tow-alert wants yes or no", p->words[1]);
	if (!err)
		p->out->motion.tow_alert = strcmp(p->words[1], "yes") == 0;
	return err;
}

static enum tt_err on_battery_system(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "battery-system 12|24");

	if (!err && strcmp(p->words[1], "12") != 0 && strcmp(p->words[1], "24") != 0)
		err = tt_profile_bad(p, "battery-system wants 12 or 24", p->words[1]);
	if (!err)
		p->out->motion.battery_24v = strcmp(p->words[1], "24") == 0;
	return err;
}

/* One number for both wheels of a row; one row for all. */
static enum tt_err on_placard(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "tyre-placard FRONT_KPA [REAR_KPA]");

	for (size_t wheel = 0; !err && wheel < TT_WHEELS; wheel++) {
		const char *word = p->words[wheel >= 2 && p->nwords > 2 ? 2 : 1];

		if (!tt_profile_integer(word, 100, 1200, &p->out->motion.placard_kpa[wheel]))
			err = tt_profile_bad(p, "tyre-placard wants kPa, 100..1200", word);
	}
	return err;
}

static bool degrees(const char *word, double limit, int32_t *out_e7)
{
	double v;

	if (!tt_profile_number(word, &v) || !(fabs(v) <= limit))
		return false;
	*out_e7 = (int32_t)lround(v * 1e7);
	return true;
}

static bool point(const char *latitude, const char *longitude, struct tt_geo_point *out)
{
	return degrees(latitude, 85, &out->latitude_e7) && degrees(longitude, 180, &out->longitude_e7);
}

static enum tt_err read_dwell(struct tt_profile_parser *p, size_t at, struct tt_fence *fence)
{
	int64_t minutes;

	if (strcmp(p->words[at], "dwell") != 0 || at + 2 != p->nwords)
		return tt_profile_bad(p, "unknown word; only `dwell MINUTES` may stand at the end", p->words[at]);
	if (!tt_profile_integer(p->words[at + 1], 1, 43200, &minutes))
		return tt_profile_bad(p, "dwell wants minutes, 1..43200", p->words[at + 1]);
	fence->dwell_s = (uint32_t)minutes * MINUTE_S;
	return TT_OK;
}

static enum tt_err read_circle(struct tt_profile_parser *p, struct tt_fence *fence)
{
	enum tt_err err = tt_profile_need(p, 6, "geofence NAME circle LAT LON RADIUS_M [dwell MINUTES]");
	int64_t radius;

	if (err)
		return err;
	if (!point(p->words[3], p->words[4], &fence->points[0]))
		return tt_profile_bad(p, "wants latitude (85 south to 85 north) and longitude in degrees", p->words[3]);
	if (!tt_profile_integer(p->words[5], 20, 100000, &radius))
		return tt_profile_bad(p, "radius wants metres, 20..100000", p->words[5]);
	fence->shape = TT_FENCE_CIRCLE;
	fence->npoints = 1;
	fence->radius_m = (uint32_t)radius;
	return p->nwords > 6 ? read_dwell(p, 6, fence) : TT_OK;
}

/* Further lines of the same name go on with the polygon: a line is too short for 64 points. */
static enum tt_err read_polygon(struct tt_profile_parser *p, struct tt_fence *fence)
{
	size_t at = 3;

	fence->shape = TT_FENCE_POLYGON;
	for (char *comma; at < p->nwords && (comma = strchr(p->words[at], ',')) != NULL; at++) {
		if (fence->npoints == TT_FENCE_VERTICES)
			return tt_profile_bad(p, "polygon has more than 64 points", p->words[at]);
		*comma = '\0';
		if (!point(p->words[at], comma + 1, &fence->points[fence->npoints]))
			return tt_profile_bad(p, "polygon wants LAT,LON in degrees", p->words[at]);
		fence->npoints++;
	}
	return at < p->nwords ? read_dwell(p, at, fence) : TT_OK;
}

static enum tt_err on_geofence(struct tt_profile_parser *p)
{
	struct tt_motion_config *c = &p->out->motion;
	enum tt_err err = tt_profile_need(p, 4, "geofence NAME circle LAT LON RADIUS_M | geofence NAME polygon LAT,LON ...");
	const bool circle = !err && strcmp(p->words[2], "circle") == 0;
	struct tt_fence *fence = err ? NULL : tt_motion_config_fence(c, p->words[1]);

	if (err)
		return err;
	if (!circle && strcmp(p->words[2], "polygon") != 0)
		return tt_profile_bad(p, "geofence wants circle or polygon", p->words[2]);
	if (fence && (circle || fence->shape == TT_FENCE_CIRCLE))
		return tt_profile_bad(p, "geofence named twice", p->words[1]);
	if (!fence) {
		if (c->nfences == TT_FENCES)
			return tt_profile_bad(p, "more than 32 geofences", p->words[1]);
		fence = &c->fences[c->nfences];
		err = tt_profile_copy(p, p->words[1], fence->name, sizeof(fence->name));
		if (err)
			return err;
		c->nfences++;
	}
	return circle ? read_circle(p, fence) : read_polygon(p, fence);
}

const struct tt_profile_directive tt_profile_motion_directives[] = {
	{"threshold", on_threshold},
	{"speed-limit", on_speed_limit},
	{"tow-alert", on_tow_alert},
	{"battery-system", on_battery_system},
	{"tyre-placard", on_placard},
	{"geofence", on_geofence},
	{NULL, NULL},
};

enum tt_err tt_profile_motion_whole(const struct tt_profile_parser *p)
{
	const char *what;
	enum tt_err err = tt_motion_config_check(&p->out->motion, &what);

	return err ? tt_errmsg_set(
			     p->msg, TT_ECONFIG,
			     "%s: geofence or threshold '%s': out of range, a name with other than letters, digits, '-', '_', '.', or a "
			     "polygon of fewer than 3 points or more than 10 degrees",
			     p->what, what)
		   : TT_OK;
}
