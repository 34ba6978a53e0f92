/* The body controller does what the demo's frames say, to the byte, and nothing else. */
#include "sim/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct tt_can_frame lock = {.id = 0x3B1, .len = 2, .data = {2, 0}}, unlock = {.id = 0x3B1, .len = 2, .data = {1, 0}},
				 horn = {.id = 0x3B3, .len = 1, .data = {1}};

static void doors_lock_and_unlock_and_the_bus_wakes(void **state)
{
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	car.off_for_us = 5;
	assert_string_equal(tt_body_take(&car, &lock), "lock");
	assert_true(car.locked);
	assert_int_equal(car.off_for_us, 0);
	assert_string_equal(tt_body_take(&car, &horn), "horn");
	assert_true(car.locked);
	assert_string_equal(tt_body_take(&car, &unlock), "unlock");
	assert_false(car.locked);
}

static void a_frame_that_differs_is_not_taken(void **state)
{
	struct tt_can_frame frames[] = {lock, lock, lock, lock, lock, lock, lock};
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	frames[0].id++;
	frames[1].len = 3;
	frames[2].len = 1;
	frames[3].data[0] = 3;
	frames[4].data[1] = 1;
	frames[5].extended = true;
	frames[6].rtr = true;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		assert_null(tt_body_take(&car, &frames[i]));
	assert_false(car.locked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doors_lock_and_unlock_and_the_bus_wakes),
		cmocka_unit_test(a_frame_that_differs_is_not_taken),
	};

	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
