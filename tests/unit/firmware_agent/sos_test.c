#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/sos.h"

static struct tt_sos s;
static tt_mono_us now;

static int fresh(void **state)
{
	(void)state;
	now = TT_SEC(10);
	tt_sos_init(&s, &TT_SOS_DEFAULT);
	return 0;
}

static bool held_for(bool pressed, int64_t us)
{
	bool repeat;

	tt_sos_level(&s, now, pressed);
	now += us;
	tt_sos_level(&s, now, pressed);
	return tt_sos_next(&s, now, &repeat);
}

static void a_press_of_50_ms_is_one_alert_however_long_it_is_held(void **state)
{
	(void)state;
	assert_false(held_for(false, TT_MS(100)));
	assert_false(held_for(true, TT_MS(49)));
	assert_int_equal(tt_sos_wake_at(&s), now + TT_MS(1));
	assert_true(held_for(true, TT_MS(1)));
	assert_false(held_for(true, TT_SEC(30)));
	assert_int_equal(tt_sos_wake_at(&s), TT_NEVER);
}

static void contact_bounce_is_not_a_press(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_false(held_for(i & 1, TT_MS(20)));
}

static void a_button_pressed_at_first_sight_is_stuck_not_a_call(void **state)
{
	(void)state;
	assert_false(held_for(true, TT_SEC(50)));
	assert_false(tt_sos_stuck(&s, now));
	assert_false(held_for(true, TT_SEC(11)));
	assert_true(tt_sos_stuck(&s, now));
	assert_false(held_for(false, TT_SEC(1)));
	assert_true(held_for(true, TT_SEC(1)));
}

static void nervous_presses_are_swallowed_and_later_ones_repeat_the_incident(void **state)
{
	bool repeat = true;

	(void)state;
	tt_sos_pulse(&s, now);
	assert_true(tt_sos_next(&s, now, &repeat));
	assert_false(repeat);
	for (unsigned i = 0; i < 9; i++) {
		tt_sos_pulse(&s, now += TT_MS(500));
		assert_false(tt_sos_next(&s, now, &repeat));
	}
	tt_sos_pulse(&s, now += TT_SEC(60));
	assert_true(tt_sos_next(&s, now, &repeat));
	assert_true(repeat);
	tt_sos_pulse(&s, now += TT_SEC(601));
	assert_true(tt_sos_next(&s, now, &repeat));
	assert_false(repeat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_press_of_50_ms_is_one_alert_however_long_it_is_held, fresh),
		cmocka_unit_test_setup(contact_bounce_is_not_a_press, fresh),
		cmocka_unit_test_setup(a_button_pressed_at_first_sight_is_stuck_not_a_call, fresh),
		cmocka_unit_test_setup(nervous_presses_are_swallowed_and_later_ones_repeat_the_incident, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
