/*
 * NMEA 0183 sentences of a receiver that has, or has not, a fix: GGA, GSA, GSV, GST, RMC with checksums. PURE.
 *
 * Minutes carry six decimals (2 mm). gpsd 3.22 reports GST as an object of its own and works out epx
 * and epy from the directions of GSV.
 * Source: NMEA 0183 as gpsd's manual page gpsd(8) and "NMEA Revealed" describe the fields.
 */
#ifndef TT_SIM_NMEA_H
#define TT_SIM_NMEA_H

#include "base/err.h"
#include "base/time.h"

enum { TT_NMEA_BURST = 1024 };

struct tt_nmea_fix {
	tt_utc_us at_us;
	bool valid; /* a 3D fix; otherwise only the time is known */
	int64_t latitude_e7, longitude_e7;
	int64_t height_mm; /* above the ellipsoid */
	int64_t geoid_mm;  /* geoid above the ellipsoid */
	int64_t speed_mm_s;
	int64_t heading_cdeg;
	unsigned satellites; /* 4..12 */
	unsigned hdop_centi;
	unsigned sigma_mm; /* standard deviation, north and east each */
};

/* The sentences of one second, each ended by CR LF; *len of them. TT_EFULL: cap below TT_NMEA_BURST. */
TT_MUSTCHECK enum tt_err tt_nmea_burst(const struct tt_nmea_fix *fix, char *out, size_t cap, size_t *len);

#endif
