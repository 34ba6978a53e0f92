/*
 * Places on the earth: offsets and distances in the local plane, as detection needs them. PURE; integers at the boundary.
 *
 * A sphere of the mean earth radius (6371008.8 m): within 0.6 % of WGS 84, far below a receiver's error at the distances compared here. The
 * antimeridian is no border. No state.
 */
#ifndef TT_FIRMWARE_PROTO_GEO_H
#define TT_FIRMWARE_PROTO_GEO_H

#include "firmware/proto/motion_config.h"

struct tt_geo_offset {
	int64_t east_mm, north_mm;
};

/* b - a in longitude by the short way, degrees * 10^7, within +-180 degrees. */
int64_t tt_geo_east_e7(int64_t a_e7, int64_t b_e7);
/* The way from a to b; east is measured at the mean of both latitudes. */
struct tt_geo_offset tt_geo_offset(struct tt_geo_point a, struct tt_geo_point b);
/* Exact to the plane's error up to 2,000 km; beyond, the larger of the two offsets. */
int64_t tt_geo_distance_mm(struct tt_geo_point a, struct tt_geo_point b);
/* Largest whole number whose square is at most v. */
uint64_t tt_isqrt(uint64_t v);

/* The point is inside the polygon (even-odd rule; a point on an edge may fall to either side). n: 3.. */
bool tt_geo_inside(const struct tt_geo_point *polygon, size_t n, struct tt_geo_point p);
/* Distance from p to the nearest edge of the closed polygon. n: 3.. */
int64_t tt_geo_edge_mm(const struct tt_geo_point *polygon, size_t n, struct tt_geo_point p);

#endif
