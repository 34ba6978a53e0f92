#include "crm/domain/lateness.h"

static bool believable(tt_utc_us stamp, enum tt_clock_quality clock, tt_utc_us received_at)
{
	if (clock == TT_CLOCK_UNKNOWN || stamp < TT_UTC_FLOOR_US)
		return false;
	/* Both are at or above the floor or received_at is the smaller: the difference cannot overflow. */
	return stamp <= received_at || stamp - received_at <= TT_FUTURE_TOLERANCE_US;
}

void tt_lateness_judge(tt_utc_us stamp, enum tt_clock_quality clock, tt_utc_us received_at, int64_t late_limit_us,
		       struct tt_event_time *out)
{
	TT_ASSERT(late_limit_us > 0 && received_at >= 0);
	if (!believable(stamp, clock, received_at)) {
		*out = (struct tt_event_time){.event_at = received_at, .clock = TT_CLOCK_UNKNOWN};
		return;
	}
	*out = (struct tt_event_time){
		.event_at = tt_min_i64(stamp, received_at),
		.late = received_at - stamp > late_limit_us,
		.believed = true,
		.clock = clock,
	};
}
