#include "base/time.h"

#include <sys/timex.h>
#include <time.h>

/* A system clock that reads earlier than this was never set: no build of ours is older. */
#define EARLIEST_PLAUSIBLE_US (INT64_C(1704067200) * 1000000) /* 2024-01-01 */

/* 0 = the system's clocks. */
static tt_mono_us standing_mono_us;
static tt_utc_us standing_utc_us;

void tt_clock_stand(tt_mono_us mono_us, tt_utc_us utc_us)
{
	standing_mono_us = mono_us;
	standing_utc_us = utc_us;
}

static int64_t read_us(clockid_t id)
{
	struct timespec ts;

	TT_ASSERT(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

tt_mono_us tt_mono_now(void)
{
	return standing_mono_us ? standing_mono_us : read_us(CLOCK_BOOTTIME);
}

tt_utc_us tt_utc_now(void)
{
	return standing_mono_us ? standing_utc_us : read_us(CLOCK_REALTIME);
}

enum tt_clock_quality tt_utc_quality(void)
{
	struct timex tx = {.modes = 0};
	const int state = adjtimex(&tx);

	if (tt_utc_now() < EARLIEST_PLAUSIBLE_US)
		return TT_CLOCK_UNKNOWN;
	return state >= 0 && state != TIME_ERROR ? TT_CLOCK_NTP : TT_CLOCK_FREE;
}
