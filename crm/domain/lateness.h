/*
 * When did it happen, and did we hear of it late? An event is never dropped for its clock or its age: it is marked.
 *
 * A unit's stamp is believed when its clock was ever set, it does not lie before 2024 (a clock of 1970, or of the firmware's build) and
 * not more than 5 minutes after we received it (2099). Otherwise the time of receipt stands for it, with quality unknown; whether such an
 * event is late cannot be told from its stamp, so `late` is false and `clock` says why. PURE.
 */
#ifndef TT_CRM_DOMAIN_LATENESS_H
#define TT_CRM_DOMAIN_LATENESS_H

#include "base/time.h"

#define TT_LATE_DEFAULT_US TT_SEC(15 * 60)
#define TT_FUTURE_TOLERANCE_US TT_SEC(5 * 60)
#define TT_UTC_FLOOR_US (INT64_C(1704067200) * 1000000) /* 2024-01-01T00:00:00Z */

struct tt_event_time {
	tt_utc_us event_at;          /* to store and to order by: the stamp, at most received_at; or received_at */
	bool late;                   /* older than the limit when it came */
	bool believed;               /* the stamp was */
	enum tt_clock_quality clock; /* the unit's, or TT_CLOCK_UNKNOWN when the stamp was not believed */
};

/* stamp: created_at, detected_at or observed_at of the event. late_limit_us > 0. */
void tt_lateness_judge(tt_utc_us stamp, enum tt_clock_quality clock, tt_utc_us received_at, int64_t late_limit_us,
		       struct tt_event_time *out);

#endif
