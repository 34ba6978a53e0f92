#include "wire/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_table_stands_in_order_of_number_with_unique_paths_and_a_scale(void **state)
{
	(void)state;
	assert_true(tt_signal_count() > 20);
	for (size_t i = 0; i < tt_signal_count(); i++) {
		const struct tt_signal *s = tt_signal_at(i);

		assert_true(s->scale > 0 && s->unit);
		assert_int_equal(strncmp(s->path, "Vehicle.", 8), 0);
		assert_true(i == 0 || tt_signal_at(i - 1)->number < s->number);
		assert_ptr_equal(tt_signal_by_number(s->number), s);
		assert_ptr_equal(tt_signal_by_path(s->path, strlen(s->path)), s); /* a path twice would give the first */
	}
}

static void unknown_numbers_and_paths_have_no_signal(void **state)
{
	(void)state;
	assert_null(tt_signal_by_number(0));
	assert_null(tt_signal_by_number(19));
	assert_null(tt_signal_by_number(UINT16_MAX));
	assert_null(tt_signal_by_path("Vehicle.Spee", 12));
	assert_null(tt_signal_by_path("Vehicle.Speedy", 14));
	assert_null(tt_signal_by_path("", 0));
	assert_null(tt_signal_at(tt_signal_count()));
}

static void speed_is_number_1_in_hundredths_of_km_h(void **state)
{
	const struct tt_signal *s = tt_signal_by_path("Vehicle.Speed and more", 13);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->number, 1);
	assert_int_equal(s->scale, 100);
	assert_string_equal(s->unit, "km/h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_stands_in_order_of_number_with_unique_paths_and_a_scale),
		cmocka_unit_test(unknown_numbers_and_paths_have_no_signal),
		cmocka_unit_test(speed_is_number_1_in_hundredths_of_km_h),
	};

	return cmocka_run_group_tests_name("wire signal", tests, NULL, NULL);
}
