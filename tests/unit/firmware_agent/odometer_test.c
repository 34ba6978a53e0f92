#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/odometer.h"

static struct tt_odometer o;

static int fresh(void **state)
{
	(void)state;
	tt_odometer_init(&o, 1000);
	return 0;
}

static void the_first_a6_value_counts_at_once_a_broadcast_one_when_repeated(void **state)
{
	(void)state;
	tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_A6, 14990000);
	assert_int_equal(tt_odometer_value(&o), 14990000);
	assert_true(tt_odometer_due(&o));
	fresh(NULL);
	tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_BROADCAST, 14990000);
	assert_int_equal(tt_odometer_value(&o), 0);
	assert_false(tt_odometer_due(&o));
	tt_odometer_reading(&o, TT_SEC(2), TT_ODOMETER_BROADCAST, 14990000);
	assert_int_equal(tt_odometer_value(&o), 14990000);
	assert_int_equal(o.source, TT_ODOMETER_BROADCAST);
}

static void it_never_goes_down(void **state)
{
	(void)state;
	tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_A6, 500000);
	tt_odometer_reading(&o, TT_SEC(2), TT_ODOMETER_BROADCAST, 499900); /* rounding of the other source */
	assert_int_equal(tt_odometer_value(&o), 500000);
	assert_int_equal(o.refused, 0);
	for (unsigned i = 0; i < 20; i++)
		tt_odometer_reading(&o, TT_SEC(3 + i), TT_ODOMETER_BROADCAST, 100);
	assert_int_equal(tt_odometer_value(&o), 500000);
	assert_int_equal(o.refused, 20);
}

static void impossible_values_are_refused(void **state)
{
	static const int64_t bad[] = {0, -1, INT64_C(9999999001), INT64_MAX, INT64_C(429496729500)};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_A6, bad[i]);
	assert_int_equal(tt_odometer_value(&o), 0);
	assert_int_equal(o.refused, sizeof(bad) / sizeof(bad[0]));
}

static void one_wild_jump_is_ignored_a_repeated_one_is_believed(void **state)
{
	(void)state;
	tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_A6, 500000);
	tt_odometer_reading(&o, TT_SEC(2), TT_ODOMETER_BROADCAST, 800000);
	tt_odometer_reading(&o, TT_SEC(3), TT_ODOMETER_BROADCAST, 500000);
	assert_int_equal(tt_odometer_value(&o), 500000);
	for (unsigned i = 0; i < 2; i++)
		tt_odometer_reading(&o, TT_SEC(4 + i), TT_ODOMETER_BROADCAST, 800000);
	tt_odometer_reading(&o, TT_SEC(6), TT_ODOMETER_BROADCAST, 800100);
	assert_int_equal(tt_odometer_value(&o), 800100); /* driven while the agent was off */
}

static void it_reports_every_kilometre_and_a_trip_end_may_report_less(void **state)
{
	(void)state;
	tt_odometer_reading(&o, TT_SEC(1), TT_ODOMETER_A6, 500000);
	tt_odometer_reported(&o);
	assert_false(tt_odometer_changed(&o));
	tt_odometer_reading(&o, TT_SEC(40), TT_ODOMETER_BROADCAST, 500999);
	assert_false(tt_odometer_due(&o));
	assert_true(tt_odometer_changed(&o));
	tt_odometer_reading(&o, TT_SEC(41), TT_ODOMETER_BROADCAST, 501000);
	assert_true(tt_odometer_due(&o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_a6_value_counts_at_once_a_broadcast_one_when_repeated, fresh),
		cmocka_unit_test_setup(it_never_goes_down, fresh),
		cmocka_unit_test_setup(impossible_values_are_refused, fresh),
		cmocka_unit_test_setup(one_wild_jump_is_ignored_a_repeated_one_is_believed, fresh),
		cmocka_unit_test_setup(it_reports_every_kilometre_and_a_trip_end_may_report_less, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
