/*
 * What the motion detectors must not forget, in a small text file beside the journal: what has begun and not ended (a fence entered before
 * a restart is not entered again, and leaves under the same occurrence), where the car is parked, with how much fuel, the battery's resting
 * voltages, and the odometer of a car whose bus gives none.
 *
 * Written whole (atomic_file.h). A file that cannot be read is as none.
 */
#ifndef TT_FIRMWARE_AGENT_MOTION_KEEP_H
#define TT_FIRMWARE_AGENT_MOTION_KEEP_H

#include "base/err.h"
#include "firmware/proto/motion.h"

/* The wire's number of each thing that lasts; 0 = not open. */
struct tt_occurrences {
	uint64_t of[TT_MOTION_SLOTS];
};

/* utc_us: the time that now_us is. TT_EIO, TT_ENOSPC. */
TT_MUSTCHECK enum tt_err tt_motion_keep_save(const char *path, const struct tt_motion *m, const struct tt_occurrences *o, tt_mono_us now_us,
					     tt_utc_us utc_us);
/*
 * Right after tt_motion_init. What the file names and the configuration does not know any more is left out. TT_ENOTFOUND none;
 * TT_ECORRUPT: what stood before the damage is taken; TT_EIO.
 */
TT_MUSTCHECK enum tt_err tt_motion_keep_load(const char *path, struct tt_motion *m, struct tt_occurrences *o, tt_mono_us now_us,
					     tt_utc_us utc_us);
/* Changes whenever the file should. */
uint64_t tt_motion_keep_mark(const struct tt_motion *m);

#endif
