/*
 * Whether the satellite receiver's time can be true: measured against the system clock, and against its own last fix. PURE.
 *
 * A receiver that rolled its week over, a spoofed one and a recording played into gpsd all give good positions with a wrong date. The
 * position is kept and keeps the receiver's date, so that it is nowhere shown as newer than it claims to be; the unit reports "gps.time".
 * Memory: the caller's; start from zero. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_FIX_TIME_H
#define TT_FIRMWARE_AGENT_FIX_TIME_H

#include "base/time.h"

enum {
	TT_FIX_TIME_TOLERANCE_S = 30, /* a receiver that has no leap seconds yet is 18 s ahead; gpsd takes up to a second */
	TT_FIX_TIME_JUMP_SHOWN_S = 60,
	TT_FIX_TIME_TEXT = 120,
};

struct tt_fix_time {
	tt_utc_us at_us; /* the last dated fix; 0 = none yet */
	tt_mono_us received_us;
	bool wrong;        /* it disagrees with the system clock */
	int64_t behind_us; /* the clock minus the receiver, when wrong */
	int64_t shown_us;  /* the same as told: it follows only when it moved by more than the tolerance */
	tt_utc_us shown_at_us;
	tt_mono_us jumped_us; /* when the receiver's time last jumped; 0 = never */
	int64_t jump_us;      /* by how much; negative = back */
};

/*
 * A fix came: dated at_us by the receiver (0 = undated, ignored), received at received_us, when the system clock said clock_us.
 * A clock of unknown quality judges nobody. True when the receiver's time jumped.
 */
bool tt_fix_time_take(struct tt_fix_time *t, tt_utc_us at_us, tt_mono_us received_us, tt_utc_us clock_us, enum tt_clock_quality quality);
/* True while the last fix's date is not believable or jumped within the last minute; then the text says how, else it is empty. */
bool tt_fix_time_doubtful(const struct tt_fix_time *t, tt_mono_us now_us, char text[TT_FIX_TIME_TEXT]);

#endif
