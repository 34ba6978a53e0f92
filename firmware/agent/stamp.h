/*
 * What time it is, and how far that may be trusted. PURE: the caller brings the clocks.
 *
 * The system clock counts when it was ever set. A satellite fix that agrees with it within two seconds lifts its quality to GNSS; when the
 * clock was never set, the fix's time is used instead. A receiver that claims a time before 2024 (week rollover) is not believed.
 * Threads: no shared state.
 */
#ifndef TT_FIRMWARE_AGENT_STAMP_H
#define TT_FIRMWARE_AGENT_STAMP_H

#include "base/time.h"

struct tt_stamp_sources {
	tt_mono_us now_us;
	tt_utc_us system_us;                  /* the system clock now */
	enum tt_clock_quality system_quality; /* what the kernel says of it */
	tt_utc_us fix_at_us;                  /* receiver's time of the last fix, 0 = none */
	tt_mono_us fix_received_us;
};

struct tt_stamp {
	tt_utc_us utc_us; /* never negative */
	enum tt_clock_quality quality;
};

struct tt_stamp tt_stamp_now(const struct tt_stamp_sources *s);

#endif
