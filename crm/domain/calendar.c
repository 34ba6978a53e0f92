/* Working time: walking the open intervals of a calendar, a day at a time. */
#include "crm/domain/sla.h"

#define MINUTE_US TT_SEC(60)

enum { LOOKAHEAD_DAYS = 732 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static bool is_holiday(const struct tt_calendar *c, int64_t day)
{
	size_t low = 0, high = c->nholidays;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->holidays[mid] == day)
			return true;
		if (c->holidays[mid] < day)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* The open interval of a local day (days since 1970-01-01), in UTC; empty when closed. */
static void open_hours(const struct tt_calendar *c, int64_t day, tt_utc_us *from, tt_utc_us *to)
{
	/* 1970-01-01 was a Thursday: Monday first makes it 3. */
	unsigned weekday = (unsigned)(day + 3 - 7 * floor_div(day + 3, 7));
	tt_utc_us midnight = day * TT_DAY_US - (int64_t)c->utc_offset_min * MINUTE_US;

	*from = midnight + c->day[weekday].from_min * MINUTE_US;
	*to = midnight + c->day[weekday].to_min * MINUTE_US;
	if (*to < *from || is_holiday(c, day))
		*to = *from;
}

static int64_t local_day(const struct tt_calendar *c, tt_utc_us at)
{
	return floor_div(at + (int64_t)c->utc_offset_min * MINUTE_US, TT_DAY_US);
}

tt_utc_us tt_calendar_add(const struct tt_calendar *calendar, tt_utc_us at, int64_t working_us)
{
	int64_t day;

	TT_ASSERT(working_us >= 0);
	if (calendar == NULL)
		return at + working_us;
	day = local_day(calendar, at);
	for (int64_t end = day + LOOKAHEAD_DAYS; day < end; day++) {
		tt_utc_us from, to;

		open_hours(calendar, day, &from, &to);
		if (from < at)
			from = at;
		if (from >= to)
			continue;
		if (working_us <= to - from)
			return from + working_us;
		working_us -= to - from;
	}
	return TT_NEVER;
}

int64_t tt_calendar_between(const struct tt_calendar *calendar, tt_utc_us from, tt_utc_us to)
{
	int64_t sum = 0;

	if (from >= to)
		return 0;
	if (calendar == NULL)
		return to - from;
	for (int64_t day = local_day(calendar, from), last = local_day(calendar, to); day <= last; day++) {
		tt_utc_us a, b;

		open_hours(calendar, day, &a, &b);
		if (a < from)
			a = from;
		if (b > to)
			b = to;
		if (a < b)
			sum += b - a;
	}
	return sum;
}
