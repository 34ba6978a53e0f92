#include "firmware/proto/geo.h"

enum { HALF_TURN_E7 = 1800000000 };

/* Length of 10^-7 degree of latitude, in 1/10000 mm. */
#define MM_PER_E7_X10000 INT64_C(111195)
/* Beyond, a square would not fit. */
#define PLANE_MAX_MM INT64_C(2000000000)

int64_t tt_geo_east_e7(int64_t a_e7, int64_t b_e7)
{
	const int64_t d = b_e7 - a_e7;

	if (d > HALF_TURN_E7)
		return d - 2 * (int64_t)HALF_TURN_E7;
	return d < -(int64_t)HALF_TURN_E7 ? d + 2 * (int64_t)HALF_TURN_E7 : d;
}

/* Taylor series to x^10; within 5e-7 up to the poles. The mathematics library is not part of a pure room. */
static double cosine(int64_t latitude_e7)
{
	const double x = (double)latitude_e7 * (3.14159265358979323846 / 1.8e9);
	const double q = x * x;

	return 1 - q / 2 * (1 - q / 12 * (1 - q / 30 * (1 - q / 56 * (1 - q / 90))));
}

struct tt_geo_offset tt_geo_offset(struct tt_geo_point a, struct tt_geo_point b)
{
	const int64_t mid_e7 = ((int64_t)a.latitude_e7 + b.latitude_e7) / 2;
	const int64_t east = tt_geo_east_e7(a.longitude_e7, b.longitude_e7) * MM_PER_E7_X10000 / 10000;
	const int64_t north = ((int64_t)b.latitude_e7 - a.latitude_e7) * MM_PER_E7_X10000 / 10000;

	return (struct tt_geo_offset){.east_mm = (int64_t)((double)east * cosine(mid_e7)), .north_mm = north};
}

uint64_t tt_isqrt(uint64_t v)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
		if ((root | bit) * (root | bit) <= v)
			root |= bit;
	}
	return root;
}

static int64_t length_mm(int64_t east_mm, int64_t north_mm)
{
	const int64_t e = east_mm < 0 ? -east_mm : east_mm, n = north_mm < 0 ? -north_mm : north_mm;

	if (e > PLANE_MAX_MM || n > PLANE_MAX_MM)
		return e > n ? e : n;
	return (int64_t)tt_isqrt((uint64_t)(e * e + n * n));
}

int64_t tt_geo_distance_mm(struct tt_geo_point a, struct tt_geo_point b)
{
	const struct tt_geo_offset d = tt_geo_offset(a, b);

	return length_mm(d.east_mm, d.north_mm);
}

bool tt_geo_inside(const struct tt_geo_point *polygon, size_t n, struct tt_geo_point p)
{
	/* all from one corner: a point on the other side of the earth must not see the polygon torn apart */
	const int64_t x = tt_geo_east_e7(polygon[0].longitude_e7, p.longitude_e7);
	bool inside = false;

	for (size_t i = 0, j = n - 1; i < n; j = i++) {
		const int64_t yi = (int64_t)polygon[i].latitude_e7 - p.latitude_e7, yj = (int64_t)polygon[j].latitude_e7 - p.latitude_e7;
		const int64_t xi = tt_geo_east_e7(polygon[0].longitude_e7, polygon[i].longitude_e7) - x;
		const int64_t xj = tt_geo_east_e7(polygon[0].longitude_e7, polygon[j].longitude_e7) - x;

		/* Does the edge cross the parallel of p to its east? A cross product, so that nothing is divided. */
		if ((yi > 0) != (yj > 0) && ((double)xi * (double)yj - (double)xj * (double)yi > 0) == (yj > yi))
			inside = !inside;
	}
	return inside;
}

/* From the origin to the segment a b. */
static int64_t segment_mm(struct tt_geo_offset a, struct tt_geo_offset b)
{
	const double dx = (double)(b.east_mm - a.east_mm), dy = (double)(b.north_mm - a.north_mm);
	const double square = dx * dx + dy * dy;
	double t = square > 0 ? -((double)a.east_mm * dx + (double)a.north_mm * dy) / square : 0;

	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return length_mm(a.east_mm + (int64_t)(t * dx), a.north_mm + (int64_t)(t * dy));
}

int64_t tt_geo_edge_mm(const struct tt_geo_point *polygon, size_t n, struct tt_geo_point p)
{
	int64_t best = INT64_MAX;

	for (size_t i = 0, j = n - 1; i < n; j = i++) {
		const int64_t d = segment_mm(tt_geo_offset(p, polygon[j]), tt_geo_offset(p, polygon[i]));

		best = d < best ? d : best;
	}
	return best;
}
