#include "firmware/agent/stamp.h"

enum { AGREE_US = 2000000, FRESH_US = 10000000 };

/* 2024-01-01, the same bound as tt_utc_quality's. */
#define PLAUSIBLE_US (INT64_C(1704067200) * 1000000)

struct tt_stamp tt_stamp_now(const struct tt_stamp_sources *s)
{
	struct tt_stamp out = {.utc_us = s->system_us < 0 ? 0 : s->system_us, .quality = s->system_quality};
	const bool known = s->fix_at_us >= PLAUSIBLE_US;
	const bool fresh = known && s->now_us - s->fix_received_us <= FRESH_US;
	const tt_utc_us by_fix = known ? s->fix_at_us + (s->now_us - s->fix_received_us) : 0;

	if (s->system_quality == TT_CLOCK_UNKNOWN) {
		if (known) {
			out.utc_us = by_fix;
			out.quality = fresh ? TT_CLOCK_GNSS : TT_CLOCK_FREE;
		}
	} else if (fresh && by_fix - out.utc_us <= AGREE_US && out.utc_us - by_fix <= AGREE_US) {
		out.quality = TT_CLOCK_GNSS;
	}
	return out;
}
