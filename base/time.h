/*
 * Time types. Intervals and deadlines are monotonic and absolute; UTC is only ever a stamped field with a quality.
 *
 * The first half is PURE (arithmetic and calendar). tt_mono_now, tt_utc_now and tt_utc_quality touch the system's clocks and live in
 * the I/O half of base; cores take `now_us` as a parameter instead.
 */
#ifndef TT_BASE_TIME_H
#define TT_BASE_TIME_H

#include "base/err.h"

#include <stdint.h>

typedef int64_t tt_mono_us; /* microseconds of CLOCK_BOOTTIME: a suspended machine's time counts; 0 = boot */
typedef int64_t tt_utc_us;  /* microseconds since 1970-01-01T00:00:00Z, no leap seconds */

#define TT_NEVER INT64_MAX
#define TT_MS(ms) ((int64_t)(ms)*1000)
#define TT_SEC(s) ((int64_t)(s)*1000000)
#define TT_DAY_US (INT64_C(86400) * 1000000)

/* How far a stamped UTC may be trusted. The numbers are the wire's (schemas/proto/telltale.proto, ClockQuality). */
enum tt_clock_quality {
	TT_CLOCK_UNKNOWN = 0, /* never set since power-on: order within the epoch only */
	TT_CLOCK_FREE = 1,    /* was set once, runs free */
	TT_CLOCK_NTP = 2,     /* disciplined by NTP */
	TT_CLOCK_GNSS = 3,    /* disciplined by, or checked against, a satellite fix */
};

static inline int64_t tt_min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* "2026-11-22T03:40:00.123Z" for years 1..9999; out needs TT_UTC_TEXT bytes. Out of range years clamp to the range's ends. */
#define TT_UTC_TEXT 25
void tt_utc_format(tt_utc_us at, char out[TT_UTC_TEXT]);

/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12, day 1..31. */
int64_t tt_days_from_civil(int64_t year, unsigned month, unsigned day);
void tt_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* I/O half. */
tt_mono_us tt_mono_now(void);
tt_utc_us tt_utc_now(void);
/* What the kernel says of its clock's discipline (adjtimex): TT_CLOCK_NTP when synchronised; TT_CLOCK_UNKNOWN before 2024; else FREE. */
enum tt_clock_quality tt_utc_quality(void);
/* For tests on simulated time: both clocks stand here, until the next call; mono_us 0 = the system's again. Not thread-safe. */
void tt_clock_stand(tt_mono_us mono_us, tt_utc_us utc_us);

#endif
