#include "crm/domain/maintenance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define KM INT64_C(1000)
#define DAY TT_DAY_US
#define BASE (20000 * DAY)

/* Oil: 10,000 km or 365 days, warned 1,000 km or 30 days ahead, last done at 50,000 km. */
static const struct tt_maintenance_item oil = {.interval_m = 10000 * KM,
					       .interval_days = 365,
					       .warn_m = 1000 * KM,
					       .warn_days = 30,
					       .base_odometer_m = 50000 * KM,
					       .base_at = BASE};

static void an_item_is_judged_at_each_edge_of_each_axis(void **state)
{
	static const struct {
		const char *name;
		int64_t odometer_m, days;
		enum tt_maintenance_state state;
		enum tt_maintenance_axis axis;
	} cases[] = {
		{"just done", 50000 * KM, 0, TT_MAINTENANCE_OK, TT_MAINTENANCE_BY_DISTANCE},
		{"one metre before the warning", 59000 * KM - 1, 0, TT_MAINTENANCE_OK, TT_MAINTENANCE_BY_DISTANCE},
		{"at the warning", 59000 * KM, 0, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_DISTANCE},
		{"one metre before due", 60000 * KM - 1, 0, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_DISTANCE},
		{"due", 60000 * KM, 0, TT_MAINTENANCE_DUE, TT_MAINTENANCE_BY_DISTANCE},
		{"one metre before overdue", 61000 * KM - 1, 0, TT_MAINTENANCE_DUE, TT_MAINTENANCE_BY_DISTANCE},
		{"overdue", 61000 * KM, 0, TT_MAINTENANCE_OVERDUE, TT_MAINTENANCE_BY_DISTANCE},
		{"parked, day before the warning", 50001 * KM, 334, TT_MAINTENANCE_OK, TT_MAINTENANCE_BY_TIME},
		{"parked, warning", 50001 * KM, 335, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_TIME},
		{"parked, due", 50001 * KM, 365, TT_MAINTENANCE_DUE, TT_MAINTENANCE_BY_TIME},
		{"parked, overdue", 50001 * KM, 395, TT_MAINTENANCE_OVERDUE, TT_MAINTENANCE_BY_TIME},
		{"odometer unknown, by time", 0, 340, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_TIME},
		{"odometer unknown, new", 0, 0, TT_MAINTENANCE_OK, TT_MAINTENANCE_BY_TIME},
		{"both soon, time nearer", 59100 * KM, 364, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_TIME},
		{"both soon, distance nearer", 59990 * KM, 336, TT_MAINTENANCE_SOON, TT_MAINTENANCE_BY_DISTANCE},
		{"distance due beats time soon", 60000 * KM, 364, TT_MAINTENANCE_DUE, TT_MAINTENANCE_BY_DISTANCE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_maintenance_verdict v;

		tt_maintenance_judge(&oil, cases[i].odometer_m, BASE + cases[i].days * DAY, &v);
		if (v.state != cases[i].state || v.axis != cases[i].axis || v.due_odometer_m != 60000 * KM || v.due_at != BASE + 365 * DAY)
			fail_msg("%s: %s axis %d", cases[i].name, tt_maintenance_state_name(v.state), v.axis);
	}
}

static void an_item_without_axes_never_falls_due(void **state)
{
	const struct tt_maintenance_item none = {.base_at = BASE};
	struct tt_maintenance_verdict v;

	(void)state;
	tt_maintenance_judge(&none, 900000 * KM, BASE + 9000 * DAY, &v);
	assert_int_equal(v.state, TT_MAINTENANCE_OK);
	assert_int_equal(v.axis, TT_MAINTENANCE_NO_AXIS);
	assert_int_equal(v.due_odometer_m, 0);
	assert_int_equal(v.due_at, 0);
}

static void without_a_warning_there_is_no_soon_and_overdue_comes_after_a_twentieth(void **state)
{
	const struct tt_maintenance_item item = {.interval_m = 20000 * KM, .base_at = BASE};
	static const struct {
		int64_t odometer_m;
		enum tt_maintenance_state state;
	} cases[] = {{20000 * KM - 1, TT_MAINTENANCE_OK},
		     {20000 * KM, TT_MAINTENANCE_DUE},
		     {21000 * KM - 1, TT_MAINTENANCE_DUE},
		     {21000 * KM, TT_MAINTENANCE_OVERDUE}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_maintenance_verdict v;

		tt_maintenance_judge(&item, cases[i].odometer_m, BASE, &v);
		assert_int_equal(v.state, cases[i].state);
		assert_int_equal(v.due_at, 0);
	}
}

/* Property: driving on and waiting longer never makes an item less due; random plans, fixed seed. */
static void more_distance_and_more_time_never_lower_the_state(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct tt_maintenance_item item;
		struct tt_maintenance_verdict a, b;
		int64_t r[6];

		for (size_t k = 0; k < 6; k++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			r[k] = (int64_t)(seed >> 33);
		}
		item = (struct tt_maintenance_item){.interval_m = r[0] % 50000 * KM,
						    .interval_days = r[1] % 900,
						    .warn_m = r[2] % 2000 * KM,
						    .warn_days = r[3] % 60,
						    .base_odometer_m = r[4] % 300000 * KM,
						    .base_at = BASE};
		tt_maintenance_judge(&item, item.base_odometer_m + 1 + r[5] % (60000 * KM), BASE + r[4] % 1000 * DAY, &a);
		tt_maintenance_judge(&item, item.base_odometer_m + 1 + r[5] % (60000 * KM) + r[2] % 100000,
				     BASE + (r[4] % 1000 + r[3] % 50) * DAY, &b);
		if (b.state < a.state)
			fail_msg("round %d: %s became %s", i, tt_maintenance_state_name(a.state), tt_maintenance_state_name(b.state));
	}
}

static void a_reminder_is_made_once_and_only_upgraded(void **state)
{
	static const char *const existing[] = {NULL, "soon", "due", "overdue", "done", "dismissed"};
	static const enum tt_reminder_act expected[][4] = {
		{TT_REMINDER_NOTHING, TT_REMINDER_INSERT, TT_REMINDER_INSERT, TT_REMINDER_INSERT},
		{TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_UPGRADE, TT_REMINDER_UPGRADE},
		{TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_UPGRADE},
		{TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING},
		{TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING},
		{TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING, TT_REMINDER_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(existing) / sizeof(existing[0]); i++)
		for (int s = TT_MAINTENANCE_OK; s <= TT_MAINTENANCE_OVERDUE; s++)
			if (tt_maintenance_remind(existing[i], (enum tt_maintenance_state)s) != expected[i][s])
				fail_msg("%s and %s", existing[i] ? existing[i] : "none",
					 tt_maintenance_state_name((enum tt_maintenance_state)s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_judged_at_each_edge_of_each_axis),
		cmocka_unit_test(an_item_without_axes_never_falls_due),
		cmocka_unit_test(without_a_warning_there_is_no_soon_and_overdue_comes_after_a_twentieth),
		cmocka_unit_test(more_distance_and_more_time_never_lower_the_state),
		cmocka_unit_test(a_reminder_is_made_once_and_only_upgraded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
