/*
 * Tracks: where a simulated car drives, as points in WGS 84 with the speed allowed from each on.
 *
 *     # comment
 *     geoid 48.2                 height of the geoid above the ellipsoid, m (default 0)
 *     loop                       the last point leads to the first; otherwise the car turns round at the ends
 *     48.7758000 9.1829000 300.0 50      latitude, longitude (degrees), height above the ellipsoid (m), km/h
 *
 * Between two points the way is straight in the local plane, which at the 2 km two points may be apart is exact to centimetres.
 * Uses the mathematics library; no I/O. Memory: the caller's.
 */
#ifndef TT_SIM_TRACK_H
#define TT_SIM_TRACK_H

#include "base/err.h"

#include <stdint.h>

enum { TT_TRACK_POINTS = 2048 };

struct tt_track_point {
	int64_t latitude_e7, longitude_e7;
	int64_t height_mm;
	int64_t limit_mm_s;
	double from_start_m; /* along the track */
};

struct tt_track {
	struct tt_track_point points[TT_TRACK_POINTS];
	size_t npoints;
	bool loop;
	int64_t geoid_mm;
	double length_m; /* with the way back to the start when it is a loop */
};

struct tt_track_place {
	int64_t latitude_e7, longitude_e7;
	int64_t height_mm;
	int64_t heading_cdeg;            /* 0..35999, clockwise from north */
	int64_t limit_mm_s;              /* braking for slower points ahead is in it */
	int64_t lateral_mm_s2_per_m2_s2; /* curvature * 1000 * 1000: times speed squared in (m/s)^2 / 1000 gives mm/s^2; left is positive */
};

/* Errors: TT_EINVAL, TT_ERANGE, TT_EFULL with the line and what is allowed; fewer than two points is TT_EINVAL. */
TT_MUSTCHECK enum tt_err tt_track_parse(const char *text, size_t len, struct tt_track *out, struct tt_errmsg *msg);
/* Where a car is that has driven travelled_um from the start. */
struct tt_track_place tt_track_at(const struct tt_track *track, int64_t travelled_um);
/* Metres between two places of at most some kilometres apart (haversine on the mean earth radius). */
double tt_track_distance_m(int64_t lat1_e7, int64_t lon1_e7, int64_t lat2_e7, int64_t lon2_e7);

#endif
