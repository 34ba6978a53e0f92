/*
 * The trip under way, in a small text file beside the journal, so that an agent that is killed while driving leaves no START without an
 * END: the next one goes on with the trip, or ends it where it was last seen moving (tt_trip_restore).
 *
 * Written whole (atomic_file.h). A file that cannot be read is as none.
 */
#ifndef TT_FIRMWARE_AGENT_OPEN_TRIP_H
#define TT_FIRMWARE_AGENT_OPEN_TRIP_H

#include "firmware/proto/trip.h"

struct tt_open_trip {
	uint64_t trip;          /* the wire's number, not 0 */
	tt_utc_us saved_at_us;  /* monotonic time does not survive a reboot */
	struct tt_trip_open at; /* as of saved_at_us */
};

/* TT_ENOTFOUND none; TT_ECORRUPT; TT_EIO. *out is written on TT_OK. */
TT_MUSTCHECK enum tt_err tt_open_trip_load(const char *path, struct tt_open_trip *out);
/* TT_EIO, TT_ENOSPC. */
TT_MUSTCHECK enum tt_err tt_open_trip_save(const char *path, const struct tt_open_trip *trip);
/* The trip has ended. TT_EIO: the file is still there. */
TT_MUSTCHECK enum tt_err tt_open_trip_forget(const char *path);

#endif
