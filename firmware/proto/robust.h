/*
 * What the motion detectors share: statistics that one bad sample cannot move, and the beginning and end of what lasts. PURE.
 *
 * Memory: caller owned, fixed. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_ROBUST_H
#define TT_FIRMWARE_PROTO_ROBUST_H

#include "base/time.h"

#include <stddef.h>
#include <stdint.h>

enum { TT_TREND_SAMPLES = 8, TT_TREND_LEAST = 4, TT_MEDIAN_MAX = 120 };

/* Of 1..TT_MEDIAN_MAX values; of an even number the lower of the two in the middle. */
int64_t tt_median(const int64_t *values, size_t n);

/* The median of the last three values: one bad value never comes out, a true step comes out one value later. */
struct tt_median3 {
	int64_t values[3];
	unsigned n; /* how many there were, at most 3 */
};

/* Adds one; returns the median of the last three, or, before there were three, the one nearest to zero: nothing is claimed early. */
int64_t tt_median3_add(struct tt_median3 *m, int64_t value);

/* The last few samples of something, at least gap_us apart and at most span_us old. */
struct tt_trend {
	tt_mono_us at_us[TT_TREND_SAMPLES];
	int64_t value[TT_TREND_SAMPLES];
	unsigned n; /* oldest first */
};

/* True when it was taken: at least gap_us after the last one. What is older than span_us goes. A clock that runs backwards empties it. */
bool tt_trend_add(struct tt_trend *t, tt_mono_us at_us, int64_t value, int64_t gap_us, int64_t span_us);
/* From the first sample to the last; 0 when there is none. */
int64_t tt_trend_span(const struct tt_trend *t);
/*
 * The slope a second: the median of the slopes between all pairs of samples (Theil and Sen), of an even number the one in the middle that
 * claims less of a change in the direction asked for (positive: rising). With TT_TREND_LEAST samples or more, one bad sample cannot
 * make it claim more than the steepest pair of the others; with fewer it is 0. wrap: full circle of an angle, 0 = none.
 */
int64_t tt_trend_slope(const struct tt_trend *t, bool rising, int64_t wrap);
/* Median of the values, in the middle of an even number the one that claims less in the direction asked for. 0 with fewer than
 * TT_TREND_LEAST. */
int64_t tt_trend_level(const struct tt_trend *t, bool rising);
/* Smallest and largest value. n > 0. */
void tt_trend_range(const struct tt_trend *t, int64_t *lo, int64_t *hi);

/*
 * Something that lasts: it begins when its condition held for hold_us without a gap, and ends when its opposite did for clear_us.
 *
 *	OFF --above for hold_us--> ON --clear for clear_us--> OFF
 */
enum tt_level { TT_LEVEL_CLEAR = -1, TT_LEVEL_BETWEEN = 0, TT_LEVEL_ABOVE = 1 };
enum tt_step { TT_STEP_NONE, TT_STEP_BEGIN, TT_STEP_END };

struct tt_episode {
	bool on, changing;
	tt_mono_us since_us; /* when it began to change */
	tt_mono_us begin_us; /* valid while on */
	tt_mono_us seen_us;  /* last sample */
	int64_t peak;        /* for the owner's use */
};

/* gap_us: after so long without a sample nothing is known about in between, and what was about to change starts over. */
enum tt_step tt_episode_feed(struct tt_episode *e, tt_mono_us now_us, enum tt_level level, int64_t hold_us, int64_t clear_us,
			     int64_t gap_us);

#endif
