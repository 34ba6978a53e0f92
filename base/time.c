#include "base/time.h"

#include "base/text.h"

/* Calendar arithmetic on a year that starts in March, so that the leap day comes last (400-year eras). */
enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

int64_t tt_days_from_civil(int64_t year, unsigned month, unsigned day)
{
	const int64_t y = month <= 2 ? year - 1 : year;
	const int64_t era = (y >= 0 ? y : y - 399) / 400;
	const int64_t yoe = y - era * 400;
	const int64_t doy = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int64_t)day - 1;

	return era * DAYS_PER_ERA + yoe * 365 + yoe / 4 - yoe / 100 + doy - DAYS_TO_1970;
}

void tt_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	const int64_t z = days + DAYS_TO_1970;
	const int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	const int64_t doe = z - era * DAYS_PER_ERA;
	const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / (DAYS_PER_ERA - 1)) / 365;
	const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

static void pad(struct tt_text *t, int64_t v, unsigned width)
{
	int64_t unit = 1;

	for (unsigned i = 1; i < width; i++)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		tt_text_char(t, (char)('0' + v / unit % 10));
}

void tt_utc_format(tt_utc_us at, char out[TT_UTC_TEXT])
{
	const int64_t lowest = tt_days_from_civil(1, 1, 1) * TT_DAY_US;
	const int64_t highest = tt_days_from_civil(9999, 12, 31) * TT_DAY_US + TT_DAY_US - 1;
	const int64_t us = at < lowest ? lowest : at > highest ? highest : at;
	int64_t days = us / TT_DAY_US, rest = us % TT_DAY_US, year;
	unsigned month, day;
	struct tt_text t = tt_text_init(out, TT_UTC_TEXT);

	if (rest < 0) {
		days--;
		rest += TT_DAY_US;
	}
	tt_civil_from_days(days, &year, &month, &day);
	pad(&t, year, 4);
	tt_text_char(&t, '-');
	pad(&t, month, 2);
	tt_text_char(&t, '-');
	pad(&t, day, 2);
	tt_text_char(&t, 'T');
	pad(&t, rest / TT_SEC(3600), 2);
	tt_text_char(&t, ':');
	pad(&t, rest / TT_SEC(60) % 60, 2);
	tt_text_char(&t, ':');
	pad(&t, rest / TT_SEC(1) % 60, 2);
	tt_text_char(&t, '.');
	pad(&t, rest / 1000 % 1000, 3);
	tt_text_char(&t, 'Z');
}
