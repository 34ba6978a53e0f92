#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <cmocka.h>

static void the_calendar_agrees_with_libc_over_400_years(void **state)
{
	(void)state;
	for (int64_t day = -80000; day < 80000; day += 13) {
		const time_t t = (time_t)(day * 86400);
		struct tm tm;
		int64_t y;
		unsigned m, d;

		assert_non_null(gmtime_r(&t, &tm));
		tt_civil_from_days(day, &y, &m, &d);
		assert_int_equal(y, tm.tm_year + 1900);
		assert_int_equal(m, tm.tm_mon + 1);
		assert_int_equal(d, tm.tm_mday);
		assert_int_equal(tt_days_from_civil(y, m, d), day);
	}
}

static void utc_text_covers_before_1970_and_clamps_the_absurd(void **state)
{
	char out[TT_UTC_TEXT];

	(void)state;
	tt_utc_format(INT64_C(1609459200100000), out);
	assert_string_equal(out, "2021-01-01T00:00:00.100Z");
	tt_utc_format(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	tt_utc_format(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	tt_utc_format(INT64_MIN, out);
	assert_string_equal(out, "0001-01-01T00:00:00.000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_calendar_agrees_with_libc_over_400_years),
		cmocka_unit_test(utc_text_covers_before_1970_and_clamps_the_absurd),
	};

	return cmocka_run_group_tests_name("base time", tests, NULL, NULL);
}
