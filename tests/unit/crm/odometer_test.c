#include "crm/domain/maintenance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KM INT64_C(1000)
#define T0 (20000 * TT_DAY_US)
#define HOUR TT_SEC(3600)

static void readings_are_accepted_ignored_or_quarantined(void **state)
{
	static const struct {
		const char *name;
		int64_t known_m;
		tt_utc_us known_at;
		int64_t new_m;
		tt_utc_us new_at;
		enum tt_odometer_verdict verdict;
	} cases[] = {
		{"first reading", 0, 0, 161600 * KM, T0, TT_ODOMETER_ACCEPT},
		{"first reading, nothing", 0, 0, 0, T0, TT_ODOMETER_ABSURD},
		{"negative", 100 * KM, T0, -1, T0, TT_ODOMETER_ABSURD},
		{"above five million km", 0, 0, 5000000 * KM + 1, T0, TT_ODOMETER_ABSURD},
		{"all bits set", 0, 0, INT64_MAX, T0, TT_ODOMETER_ABSURD},
		{"the same again", 100 * KM, T0, 100 * KM, T0 + HOUR, TT_ODOMETER_ACCEPT},
		{"an hour at 120 km/h", 100 * KM, T0, 220 * KM, T0 + HOUR, TT_ODOMETER_ACCEPT},
		{"an hour at the limit and the slack", 100 * KM, T0, 100 * KM + 3600 * 69444 / 1000 + 10 * KM, T0 + HOUR,
		 TT_ODOMETER_ACCEPT},
		{"one metre more than a car can", 100 * KM, T0, 100 * KM + 3600 * 69444 / 1000 + 10 * KM + 1, T0 + HOUR, TT_ODOMETER_JUMP},
		/* The false service of a tracking server: 161,600 km became 205,629 km with one bad reading. */
		{"a jump of 44,000 km in a minute", 161600 * KM, T0, 205629 * KM, T0 + TT_SEC(60), TT_ODOMETER_JUMP},
		{"the same after four months of driving", 161600 * KM, T0, 205629 * KM, T0 + 120 * TT_DAY_US, TT_ODOMETER_ACCEPT},
		{"rounding back", 100 * KM, T0, 98 * KM, T0 + HOUR, TT_ODOMETER_STALE},
		{"further back", 100 * KM, T0, 98 * KM - 1, T0 + HOUR, TT_ODOMETER_BACKWARD},
		{"heard late", 100 * KM, T0, 50 * KM, T0 - 9 * HOUR, TT_ODOMETER_STALE},
		{"older and higher within the slack", 100 * KM, T0, 105 * KM, T0 - HOUR, TT_ODOMETER_ACCEPT},
		{"older and much higher", 100 * KM, T0, 500 * KM, T0 - HOUR, TT_ODOMETER_JUMP},
		{"two centuries later", 1, 1, 4999999 * KM, INT64_C(200) * 366 * TT_DAY_US, TT_ODOMETER_ACCEPT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum tt_odometer_verdict v = tt_odometer_check(cases[i].known_m, cases[i].known_at, cases[i].new_m, cases[i].new_at);

		if (v != cases[i].verdict)
			fail_msg("%s: %s", cases[i].name, tt_odometer_verdict_name(v));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(readings_are_accepted_ignored_or_quarantined)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
