/*
 * Position from gpsd: our own non-blocking connection on the loop, gpsd's JSON read by libgps (gps_unpack). gps_open and gps_read are
 * not used, because both may block.
 *
 * gpsd must be on this machine: the host is 127.0.0.1, ::1 or localhost. A lost connection is tried again with growing pauses, for ever.
 * Memory: about 50 KB, taken in create; nothing later. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_IO_GPS_H
#define TT_FIRMWARE_IO_GPS_H

#include "base/loop.h"

struct tt_gps;

enum tt_gps_state {
	TT_GPS_LOST,   /* gpsd cannot be reached */
	TT_GPS_NO_FIX, /* gpsd answers, the receiver has no fix, is gone, or its last fix is stale */
	TT_GPS_2D,
	TT_GPS_3D,
};

/* The last fix there was. */
struct tt_gps_fix {
	bool known; /* there was one since the start; all other fields are meaningless otherwise */
	bool three_d;
	int32_t latitude_e7; /* degrees * 10^7, WGS 84 */
	int32_t longitude_e7;
	int32_t altitude_mm;  /* above the ellipsoid; 0 unless three_d and given */
	uint32_t accuracy_mm; /* horizontal, as gpsd estimates it (eph, else from epx and epy); 0 = unknown */
	uint32_t speed_mm_s;
	uint32_t heading_cdeg;  /* 0..35999 */
	tt_utc_us fix_at_us;    /* receiver's time; 0 = the receiver gives none: only after stale_us / 2 without */
	tt_mono_us received_us; /* when it came */
};

struct tt_gps_config {
	const char *host;   /* see above */
	uint16_t port;      /* 2947 */
	const char *device; /* only fixes of this gpsd device; NULL or "" = any */
	int64_t stale_us;   /* a fix older than this is none; 0 = 5 s */
};

/* Called from the loop when the state changed or a fix came. */
typedef void (*tt_gps_fn)(void *ctx);

/* Strings of config must outlive the object. Connects from the loop, so an absent gpsd is no error. TT_ECONFIG host, TT_ENOMEM, TT_EFULL
 * loop. */
TT_MUSTCHECK enum tt_err tt_gps_create(struct tt_loop *loop, const struct tt_gps_config *config, tt_gps_fn on_change, void *ctx,
				       struct tt_gps **out, struct tt_errmsg *msg);
void tt_gps_destroy(struct tt_gps *gps); /* NULL is fine */

/* Hangs up and stays away: the receiver may sleep, and nothing of it wakes the loop. False: connects again. The last fix stays known. */
void tt_gps_rest(struct tt_gps *gps, bool rest);

/* State now, and since when. */
enum tt_gps_state tt_gps_state(struct tt_gps *gps, tt_mono_us now_us, tt_mono_us *since_us);
const struct tt_gps_fix *tt_gps_fix(const struct tt_gps *gps);

#endif
