/* May an odometer reading be believed? One bad reading must not make every service of the plan fall due. */
#include "crm/domain/maintenance.h"

#define ODOMETER_MAX_M (INT64_C(5000000) * 1000)
#define JUMP_SLACK_M (INT64_C(10) * 1000)
#define BACK_SLACK_M (INT64_C(2) * 1000)
#define MM_PER_S_MAX INT64_C(69444) /* 250 km/h */

const char *tt_odometer_verdict_name(enum tt_odometer_verdict verdict)
{
	static const char *const names[] = {[TT_ODOMETER_ACCEPT] = "accepted",
					    [TT_ODOMETER_STALE] = "stale",
					    [TT_ODOMETER_BACKWARD] = "odometer went backward",
					    [TT_ODOMETER_JUMP] = "odometer jumped",
					    [TT_ODOMETER_ABSURD] = "odometer out of range"};

	TT_ASSERT((size_t)verdict < sizeof(names) / sizeof(names[0]));
	return names[verdict];
}

enum tt_odometer_verdict tt_odometer_check(int64_t known_m, tt_utc_us known_at, int64_t new_m, tt_utc_us new_at)
{
	int64_t seconds, reach_m;

	if (new_m <= 0 || new_m > ODOMETER_MAX_M)
		return TT_ODOMETER_ABSURD;
	if (known_m == 0)
		return TT_ODOMETER_ACCEPT;
	/* An older reading, heard late, may well be lower; it tells nothing new. */
	if (new_m < known_m)
		return new_at < known_at || known_m - new_m <= BACK_SLACK_M ? TT_ODOMETER_STALE : TT_ODOMETER_BACKWARD;
	seconds = new_at > known_at ? (new_at - known_at) / 1000000 : 0;
	/* Beyond a century of driving the product would pass 63 bits, and any believable distance is in reach. */
	if (seconds > INT64_C(100) * 366 * 86400)
		return TT_ODOMETER_ACCEPT;
	reach_m = seconds * MM_PER_S_MAX / 1000 + JUMP_SLACK_M;
	return new_m - known_m > reach_m ? TT_ODOMETER_JUMP : TT_ODOMETER_ACCEPT;
}
