/* Healthy for long enough, given up in time, and never a restart in the midst of a drive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/update/trial.h"

enum { BAD, GOOD };

static void health_is_confirmed_after_half_a_minute_without_a_break(void **state)
{
	struct tt_trial t;

	(void)state;
	tt_trial_init(&t, TT_SEC(5), true);
	assert_int_equal(tt_trial_step(&t, TT_SEC(10), GOOD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(40) - 1, GOOD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(40) - 1, BAD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(41), GOOD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(71) - 1, GOOD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(71), GOOD, false, false), TT_TRIAL_CONFIRM);
	assert_int_equal(tt_trial_step(&t, TT_SEC(72), GOOD, false, false), TT_TRIAL_CONFIRM); /* until it could be written */
	tt_trial_confirmed(&t);
	assert_int_equal(tt_trial_step(&t, TT_SEC(73), GOOD, false, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(9999), BAD, false, false), TT_TRIAL_NOTHING);
}

static void a_trial_without_health_fails_at_its_limit(void **state)
{
	struct tt_trial t;

	(void)state;
	tt_trial_init(&t, TT_SEC(5), true);
	assert_int_equal(tt_trial_step(&t, TT_SEC(5) + TT_TRIAL_LIMIT_US - 1, BAD, true, true), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(5) + TT_TRIAL_LIMIT_US, BAD, true, true), TT_TRIAL_FAIL);
}

static void a_staged_update_waits_for_a_minute_of_parking(void **state)
{
	struct tt_trial t;

	(void)state;
	tt_trial_init(&t, 0, false);
	assert_int_equal(tt_trial_step(&t, TT_SEC(1), GOOD, true, true), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(50), GOOD, false, true), TT_TRIAL_NOTHING); /* drives again */
	assert_int_equal(tt_trial_step(&t, TT_SEC(61), GOOD, true, true), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(121) - 1, GOOD, true, true), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(121), GOOD, true, false), TT_TRIAL_NOTHING);
	assert_int_equal(tt_trial_step(&t, TT_SEC(121), BAD, true, true), TT_TRIAL_RESTART);
	assert_int_equal(tt_trial_step(&t, TT_SEC(122), BAD, false, true), TT_TRIAL_NOTHING);
}

static void a_program_on_trial_does_not_make_way(void **state)
{
	struct tt_trial t;

	(void)state;
	tt_trial_init(&t, 0, true);
	(void)tt_trial_step(&t, 0, BAD, true, true);
	assert_int_equal(tt_trial_step(&t, TT_SEC(600), BAD, true, true), TT_TRIAL_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_is_confirmed_after_half_a_minute_without_a_break),
		cmocka_unit_test(a_trial_without_health_fails_at_its_limit),
		cmocka_unit_test(a_staged_update_waits_for_a_minute_of_parking),
		cmocka_unit_test(a_program_on_trial_does_not_make_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
