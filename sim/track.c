#include "sim/track.h"

#include "sim/words.h"

#include <math.h>
#include <string.h>

#define EARTH_RADIUS_M 6371008.8
#define E7_TO_RADIANS (M_PI / 180.0 / 1e7)
#define FARTHEST_M 2000.0 /* between two points; the local plane is good to centimetres there */
#define BRAKING_M_S2 2.0
#define LOOK_AHEAD_M 120.0 /* enough to brake from 80 km/h at that rate */

double tt_track_distance_m(int64_t lat1_e7, int64_t lon1_e7, int64_t lat2_e7, int64_t lon2_e7)
{
	const double lat1 = (double)lat1_e7 * E7_TO_RADIANS, lat2 = (double)lat2_e7 * E7_TO_RADIANS;
	const double dlat = sin((lat2 - lat1) / 2), dlon = sin((double)(lon2_e7 - lon1_e7) * E7_TO_RADIANS / 2);

	return 2 * EARTH_RADIUS_M * asin(sqrt(dlat * dlat + cos(lat1) * cos(lat2) * dlon * dlon));
}

/* Degrees with up to seven decimals, times 10^7. */
static enum tt_err read_degrees(const char *s, size_t n, int64_t limit, int64_t *out)
{
	const bool negative = n > 0 && s[0] == '-';
	int64_t value = 0;
	int decimals = -1;

	for (size_t i = negative; i < n; i++) {
		if (s[i] == '.' && decimals < 0 && i + 1 < n) {
			decimals = 0;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || decimals >= 7 || value > 10000000000)
			return TT_EINVAL;
		value = value * 10 + (s[i] - '0');
		decimals += decimals >= 0;
	}
	if (n == negative)
		return TT_EINVAL;
	for (int i = decimals < 0 ? 0 : decimals; i < 7; i++)
		value *= 10;
	if (value > limit * 10000000)
		return TT_ERANGE;
	*out = negative ? -value : value;
	return TT_OK;
}

static enum tt_err read_point(struct tt_track *t, struct tt_words *w)
{
	struct tt_track_point *p = &t->points[t->npoints];
	int64_t kmh_milli;

	if (t->npoints == TT_TRACK_POINTS)
		return tt_words_error(w, TT_EFULL, "more than 2048 points; thin the track out", (char *)NULL);
	if (w->n != 4 || read_degrees(w->word[0].s, w->word[0].n, 90, &p->latitude_e7) ||
	    read_degrees(w->word[1].s, w->word[1].n, 180, &p->longitude_e7) || tt_words_milli(w->word[2].s, w->word[2].n, &p->height_mm) ||
	    tt_words_milli(w->word[3].s, w->word[3].n, &kmh_milli))
		return tt_words_error(w, TT_EINVAL, "a point is 'latitude longitude height km/h', decimal, e.g. 48.7758 9.1829 300 50",
				      (char *)NULL);
	if (kmh_milli < 5000 || kmh_milli > 250000)
		return tt_words_error(w, TT_ERANGE, "the speed must be 5 to 250 km/h", (char *)NULL);
	p->limit_mm_s = kmh_milli * 10 / 36;
	p->from_start_m = 0;
	if (t->npoints > 0) {
		const double way = tt_track_distance_m(p[-1].latitude_e7, p[-1].longitude_e7, p->latitude_e7, p->longitude_e7);

		if (way < 0.1 || way > FARTHEST_M)
			return tt_words_error(w, TT_ERANGE, "points must be 0.1 m to 2 km apart", (char *)NULL);
		p->from_start_m = p[-1].from_start_m + way;
	}
	t->npoints++;
	return TT_OK;
}

static enum tt_err read_line(struct tt_track *t, struct tt_words *w)
{
	if (!tt_words_left(w))
		return TT_OK;
	if (tt_words_take(w, "loop") && w->n == 1) {
		t->loop = true;
		return TT_OK;
	}
	if (tt_words_take(w, "geoid"))
		return w->n == 2 && tt_words_milli(w->word[1].s, w->word[1].n, &t->geoid_mm) == TT_OK
			       ? TT_OK
			       : tt_words_error(w, TT_EINVAL, "geoid wants metres, e.g. 'geoid 48.2'", (char *)NULL);
	return read_point(t, w);
}

static enum tt_err close_track(struct tt_track *t, struct tt_errmsg *msg)
{
	const struct tt_track_point *first = t->points, *last = t->points + t->npoints - 1;
	double way;

	if (t->npoints < 2)
		return tt_errmsg_set(msg, TT_EINVAL, "a track needs two points at least");
	way = t->loop ? tt_track_distance_m(last->latitude_e7, last->longitude_e7, first->latitude_e7, first->longitude_e7) : 0;
	if (way > FARTHEST_M || (t->loop && way < 0.1))
		return tt_errmsg_set(msg, TT_ERANGE, "the loop's last point must be 0.1 m to 2 km from its first");
	t->length_m = last->from_start_m + way;
	return TT_OK;
}

enum tt_err tt_track_parse(const char *text, size_t len, struct tt_track *out, struct tt_errmsg *msg)
{
	unsigned line = 0;

	out->npoints = 0;
	out->loop = false;
	out->geoid_mm = 0;
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		const size_t n = end ? (size_t)(end - text) - at : len - at;
		struct tt_errmsg why = {""};
		struct tt_words w;
		enum tt_err err = tt_words_split(text + at, n, &w, &why);

		line++;
		if (!err)
			err = read_line(out, &w);
		if (err)
			return tt_errmsg_set(msg, err, "line %u: %.250s", line, why.text);
		at += n + 1;
	}
	return close_track(out, msg);
}

/* Index of the point at or before a distance. */
static size_t find_point(const struct tt_track *t, double at_m)
{
	size_t low = 0, high = t->npoints;

	while (high - low > 1) {
		const size_t middle = (low + high) / 2;

		if (t->points[middle].from_start_m <= at_m)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static size_t after(const struct tt_track *t, size_t i)
{
	if (i + 1 < t->npoints)
		return i + 1;
	return t->loop ? 0 : t->npoints - 1;
}

/* Local plane: metres east and north from a to b. */
static void vector(const struct tt_track_point *a, const struct tt_track_point *b, double *east, double *north)
{
	*north = (double)(b->latitude_e7 - a->latitude_e7) * E7_TO_RADIANS * EARTH_RADIUS_M;
	*east = (double)(b->longitude_e7 - a->longitude_e7) * E7_TO_RADIANS * EARTH_RADIUS_M * cos((double)a->latitude_e7 * E7_TO_RADIANS);
}

static double heading(const struct tt_track_point *a, const struct tt_track_point *b)
{
	double east, north;

	vector(a, b, &east, &north);
	return atan2(east, north);
}

/* The speed from which a car can still come down to each slower point ahead. */
static int64_t limit_here(const struct tt_track *t, size_t i, double at_m)
{
	double limit = (double)t->points[i].limit_mm_s / 1000;
	double ahead = 0;

	for (size_t steps = 0; ahead < LOOK_AHEAD_M && steps < t->npoints; steps++) {
		const size_t next = after(t, i);
		const double from = steps == 0 ? at_m : t->points[i].from_start_m;
		const double to = next == 0 ? t->length_m : t->points[next].from_start_m;
		double v;

		if (next == i)
			break;
		ahead += to - from;
		v = (double)t->points[next].limit_mm_s / 1000;
		limit = fmin(limit, sqrt(v * v + 2 * BRAKING_M_S2 * ahead));
		i = next;
	}
	return (int64_t)(limit * 1000);
}

struct tt_track_place tt_track_at(const struct tt_track *t, int64_t travelled_um)
{
	const double cycle = t->loop ? t->length_m : 2 * t->length_m;
	double at_m = fmod((double)travelled_um / 1e6, cycle), part, turn, way;
	const bool back = at_m > t->length_m;
	const struct tt_track_point *a, *b, *c;
	size_t i;

	if (back)
		at_m = cycle - at_m;
	i = find_point(t, at_m);
	if (i + 1 == t->npoints && !t->loop)
		i--;
	a = &t->points[i];
	b = &t->points[after(t, i)];
	c = &t->points[after(t, after(t, i))];
	way = (b == t->points ? t->length_m : b->from_start_m) - a->from_start_m;
	part = (at_m - a->from_start_m) / way;
	turn = b == c ? 0 : remainder(heading(a, b) - heading(b, c), 2 * M_PI);
	return (struct tt_track_place){
		.latitude_e7 = a->latitude_e7 + llround(part * (double)(b->latitude_e7 - a->latitude_e7)),
		.longitude_e7 = a->longitude_e7 + llround(part * (double)(b->longitude_e7 - a->longitude_e7)),
		.height_mm = a->height_mm + llround(part * (double)(b->height_mm - a->height_mm)),
		.heading_cdeg = (llround((heading(a, b) + (back ? M_PI : 0)) * 18000 / M_PI) % 36000 + 36000) % 36000,
		.limit_mm_s = back ? a->limit_mm_s : limit_here(t, i, at_m),
		.lateral_mm_s2_per_m2_s2 = llround((back ? -turn : turn) / way * 1e6),
	};
}
