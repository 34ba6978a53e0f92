#include "crm/domain/lateness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW (INT64_C(1790000000) * 1000000) /* 2026-09-21 */
#define LIMIT TT_LATE_DEFAULT_US

static void stamps_are_believed_marked_late_or_replaced(void **state)
{
	static const struct {
		const char *name;
		tt_utc_us stamp;
		enum tt_clock_quality clock;
		tt_utc_us event_at;
		bool late, believed;
	} cases[] = {
		{"a second ago", NOW - TT_SEC(1), TT_CLOCK_GNSS, NOW - TT_SEC(1), false, true},
		{"exactly the limit is not late", NOW - LIMIT, TT_CLOCK_NTP, NOW - LIMIT, false, true},
		{"a microsecond past the limit is", NOW - LIMIT - 1, TT_CLOCK_NTP, NOW - LIMIT - 1, true, true},
		{"three weeks in a garage", NOW - 21 * TT_DAY_US, TT_CLOCK_FREE, NOW - 21 * TT_DAY_US, true, true},
		{"a little ahead is cut to now", NOW + TT_SEC(60), TT_CLOCK_FREE, NOW, false, true},
		{"as far ahead as allowed", NOW + TT_FUTURE_TOLERANCE_US, TT_CLOCK_FREE, NOW, false, true},
		{"further ahead than allowed", NOW + TT_FUTURE_TOLERANCE_US + 1, TT_CLOCK_GNSS, NOW, false, false},
		{"1970", 0, TT_CLOCK_GNSS, NOW, false, false},
		{"before 1970", -1, TT_CLOCK_NTP, NOW, false, false},
		{"the smallest number", INT64_MIN, TT_CLOCK_NTP, NOW, false, false},
		{"the floor", TT_UTC_FLOOR_US, TT_CLOCK_NTP, TT_UTC_FLOOR_US, true, true},
		{"below the floor", TT_UTC_FLOOR_US - 1, TT_CLOCK_NTP, NOW, false, false},
		{"2099", INT64_C(4070908800) * 1000000, TT_CLOCK_GNSS, NOW, false, false},
		{"the largest number", INT64_MAX, TT_CLOCK_GNSS, NOW, false, false},
		{"a clock that was never set", NOW - TT_SEC(1), TT_CLOCK_UNKNOWN, NOW, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_event_time t;

		tt_lateness_judge(cases[i].stamp, cases[i].clock, NOW, LIMIT, &t);
		if (t.event_at != cases[i].event_at || t.late != cases[i].late || t.believed != cases[i].believed ||
		    t.clock != (cases[i].believed ? cases[i].clock : TT_CLOCK_UNKNOWN))
			fail_msg("%s: at %lld late %d believed %d clock %d", cases[i].name, (long long)t.event_at, t.late, t.believed,
				 t.clock);
	}
}

static void a_server_whose_own_clock_is_in_1970_does_not_lose_events(void **state)
{
	struct tt_event_time t;

	(void)state;
	tt_lateness_judge(NOW, TT_CLOCK_GNSS, TT_SEC(100), LIMIT, &t);
	assert_false(t.believed);
	assert_int_equal(t.event_at, TT_SEC(100));
	assert_false(t.late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_are_believed_marked_late_or_replaced),
		cmocka_unit_test(a_server_whose_own_clock_is_in_1970_does_not_lose_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
