#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "firmware/proto/capture.h"

enum { SLOW = 3, FAST = 5, MAX = 2000 };

static struct tt_capture c;
static struct tt_capture_sample got[MAX];
static unsigned ngot;

static int fresh(void **state)
{
	(void)state;
	tt_capture_init(&c);
	assert_int_equal(tt_capture_slot(&c, SLOW, false), TT_OK);
	assert_int_equal(tt_capture_slot(&c, FAST, true), TT_OK);
	return 0;
}

static unsigned take(tt_mono_us until)
{
	ngot = 0;
	while (ngot < MAX && tt_capture_take(&c, until, &got[ngot]))
		ngot++;
	return ngot;
}

static void expect(unsigned i, unsigned slot, tt_mono_us at, int32_t value)
{
	assert_in_range(i, 0, ngot - 1);
	assert_int_equal(got[i].slot, slot);
	assert_int_equal(got[i].at_us, at);
	assert_int_equal(got[i].value, value);
}

static void a_steady_value_is_told_ten_times_a_second_from_5_s_before_on(void **state)
{
	const tt_mono_us t = TT_SEC(100);

	(void)state;
	for (int i = 0; i <= 1000; i++) /* 10 s in steps of 10 ms */
		tt_capture_value(&c, SLOW, t + TT_MS(10) * i, 7);
	tt_capture_begin(&c, t + TT_SEC(10));
	assert_int_equal(take(t + TT_SEC(10)), 51);
	for (unsigned i = 0; i < 51; i++)
		expect(i, SLOW, t + TT_SEC(5) + TT_MS(100) * i, 7);
	assert_int_equal(take(t + TT_SEC(10)), 0);
	tt_capture_value(&c, SLOW, t + TT_SEC(10) + TT_MS(100), 7);
	tt_capture_value(&c, SLOW, t + TT_SEC(10) + TT_MS(200), 8);
	assert_int_equal(take(t + TT_SEC(10) + TT_MS(199)), 1);
	expect(0, SLOW, t + TT_SEC(10) + TT_MS(100), 7);
	assert_int_equal(take(t + TT_SEC(10) + TT_MS(200)), 1);
	expect(0, SLOW, t + TT_SEC(10) + TT_MS(200), 8);
}

static void a_value_that_held_before_is_told_with_its_own_time(void **state)
{
	const tt_mono_us t = TT_SEC(4000);

	(void)state;
	tt_capture_value(&c, SLOW, t - TT_SEC(70), 1);
	tt_capture_value(&c, SLOW, t - TT_SEC(60), 2);
	tt_capture_value(&c, SLOW, t - TT_SEC(2), 3);
	tt_capture_begin(&c, t);
	assert_int_equal(take(t), 2);
	expect(0, SLOW, t - TT_SEC(60), 2);
	expect(1, SLOW, t - TT_SEC(2), 3);
	tt_capture_begin(&c, t + TT_SEC(5) + TT_SEC(1798)); /* half an hour after the newest: still the value that held */
	assert_int_equal(take(t + TT_SEC(2000)), 1);
	expect(0, SLOW, t - TT_SEC(2), 3);
	tt_capture_begin(&c, t + TT_SEC(5) + TT_SEC(1798) + TT_MS(1));
	assert_int_equal(take(t + TT_SEC(2000)), 0);
}

static void a_flag_that_toggles_keeps_its_exact_times(void **state)
{
	const tt_mono_us t = TT_SEC(50);

	(void)state;
	for (int i = 0; i < 16; i++)
		tt_capture_value(&c, SLOW, t + TT_MS(3) * i, i & 1);
	tt_capture_begin(&c, t);
	assert_int_equal(take(t + TT_SEC(1)), 16);
	for (unsigned i = 0; i < 16; i++)
		expect(i, SLOW, t + TT_MS(3) * i, i & 1);
}

/* Sixteen at once and one for each interval that passed; the last value is not lost for lack of credit. */
static void what_changes_too_often_is_thinned_and_its_last_value_is_told(void **state)
{
	static const struct {
		unsigned slot;
		int64_t step_us;
		int changes;
		unsigned told;
	} cases[] = {
		{SLOW, TT_MS(10), 100, 16 + 19 + 1},
		{FAST, TT_MS(1), 100, 16 + 11},
		{FAST, TT_MS(10), 100, 100},
		{SLOW, TT_MS(50), 100, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const tt_mono_us t = TT_SEC(500);

		fresh(NULL);
		for (int k = 0; k < cases[i].changes; k++)
			tt_capture_value(&c, cases[i].slot, t + cases[i].step_us * k, k);
		tt_capture_begin(&c, t + TT_SEC(5));
		if (take(t + TT_SEC(10)) != cases[i].told)
			fail_msg("case %zu: %u told", i, ngot);
		expect(ngot - 1, cases[i].slot, t + cases[i].step_us * (cases[i].changes - 1), cases[i].changes - 1);
	}
}

static void a_held_value_that_comes_back_is_not_told(void **state)
{
	const tt_mono_us t = TT_SEC(50);

	(void)state;
	for (int i = 0; i < 16; i++)
		tt_capture_value(&c, SLOW, t, i);
	tt_capture_value(&c, SLOW, t + TT_MS(1), 99);
	tt_capture_value(&c, SLOW, t + TT_MS(2), 15);
	tt_capture_begin(&c, t + TT_SEC(5));
	assert_int_equal(take(t + TT_SEC(6)), 1); /* the newest at the stretch's beginning */
	expect(0, SLOW, t, 15);
	tt_capture_value(&c, SLOW, t + TT_MS(3), 99);
	assert_int_equal(take(t + TT_MS(2)), 0);
	assert_int_equal(take(t + TT_MS(3)), 1);
	expect(0, SLOW, t + TT_MS(3), 99);
}

/* The busiest signal there can be still reaches back five seconds. */
static void a_ring_always_reaches_back_five_seconds(void **state)
{
	const tt_mono_us t = TT_SEC(1000);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		tt_capture_value(&c, SLOW, t + TT_MS(1) * i, i);
		tt_capture_value(&c, FAST, t + TT_MS(1) * i, i);
	}
	for (unsigned slot = SLOW; slot <= FAST; slot += 2) {
		unsigned first = 0;

		tt_capture_begin(&c, t + TT_SEC(20));
		take(t + TT_SEC(20));
		while (got[first].slot != slot)
			first++;
		assert_true(got[first].at_us <= t + TT_SEC(15));
		for (unsigned i = first + 1; i < ngot && got[i].slot == slot; i++)
			assert_in_range(got[i].at_us - got[i - 1].at_us, 1, slot == SLOW ? TT_MS(51) : TT_MS(10));
	}
	assert_int_equal(c.lost, 0);
}

static void what_is_overwritten_before_it_is_told_is_counted(void **state)
{
	const tt_mono_us t = TT_SEC(1000);

	(void)state;
	tt_capture_begin(&c, t);
	for (int i = 0; i < TT_CAPTURE_SLOW_RING + 9; i++)
		tt_capture_value(&c, SLOW, t + TT_MS(100) * i, 1);
	assert_int_equal(take(t + TT_SEC(60)), TT_CAPTURE_SLOW_RING);
	expect(0, SLOW, t + TT_MS(900), 1);
	assert_int_equal(c.lost, 9);
}

static void values_beyond_32_bits_are_counted_and_unknown_slots_ignored(void **state)
{
	(void)state;
	tt_capture_value(&c, SLOW, TT_SEC(1), INT64_C(2147483648));
	tt_capture_value(&c, SLOW, TT_SEC(1), INT64_C(-2147483649));
	assert_int_equal(c.lost, 2);
	tt_capture_value(&c, SLOW, TT_SEC(1), INT32_MAX);
	tt_capture_value(&c, SLOW, TT_SEC(1), INT32_MIN);
	tt_capture_value(&c, SLOW + 1, TT_SEC(1), 1);
	tt_capture_value(&c, TT_CAPTURE_SLOTS, TT_SEC(1), 1);
	tt_capture_begin(&c, TT_SEC(2));
	assert_int_equal(take(TT_SEC(2)), 2);
	expect(0, SLOW, TT_SEC(1), INT32_MAX);
	expect(1, SLOW, TT_SEC(1), INT32_MIN);
	assert_int_equal(c.lost, 2);
}

static void a_long_silence_empties_the_ring(void **state)
{
	const tt_mono_us t = TT_SEC(10), later = t + TT_CAPTURE_STALE_US + 1;

	(void)state;
	tt_capture_value(&c, SLOW, t, 1);
	tt_capture_value(&c, SLOW, later, 2);
	tt_capture_begin(&c, later + TT_SEC(1));
	assert_int_equal(take(later + TT_SEC(1)), 1);
	expect(0, SLOW, later / 1000 * 1000, 2);
	/* the ring's clock wraps after 49 days; times do not */
	tt_capture_value(&c, SLOW, TT_SEC(4294967), 3);
	tt_capture_value(&c, SLOW, TT_SEC(4294968), 4);
	tt_capture_begin(&c, TT_SEC(4294969));
	assert_int_equal(take(TT_SEC(4294969)), 2);
	expect(0, SLOW, TT_SEC(4294967), 3);
	expect(1, SLOW, TT_SEC(4294968), 4);
}

static void slots_are_given_once_and_fast_ones_are_few(void **state)
{
	(void)state;
	assert_int_equal(tt_capture_slot(&c, SLOW, true), TT_EINVAL);
	assert_int_equal(tt_capture_slot(&c, TT_CAPTURE_SLOTS, false), TT_ERANGE);
	for (unsigned i = 0; i < TT_CAPTURE_FAST_SLOTS - 1; i++)
		assert_int_equal(tt_capture_slot(&c, 10 + i, true), TT_OK);
	assert_int_equal(tt_capture_slot(&c, 60, true), TT_EFULL);
	for (unsigned i = 0; i < TT_CAPTURE_SLOTS; i++) {
		const bool given = c.slots[i].size > 0;

		assert_int_equal(tt_capture_slot(&c, i, false), given ? TT_EINVAL : TT_OK);
	}
	assert_int_equal(c.used, TT_CAPTURE_SAMPLES);
	assert_in_range(sizeof(c), 1, 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_steady_value_is_told_ten_times_a_second_from_5_s_before_on, fresh),
		cmocka_unit_test_setup(a_value_that_held_before_is_told_with_its_own_time, fresh),
		cmocka_unit_test_setup(a_flag_that_toggles_keeps_its_exact_times, fresh),
		cmocka_unit_test_setup(what_changes_too_often_is_thinned_and_its_last_value_is_told, fresh),
		cmocka_unit_test_setup(a_held_value_that_comes_back_is_not_told, fresh),
		cmocka_unit_test_setup(a_ring_always_reaches_back_five_seconds, fresh),
		cmocka_unit_test_setup(what_is_overwritten_before_it_is_told_is_counted, fresh),
		cmocka_unit_test_setup(values_beyond_32_bits_are_counted_and_unknown_slots_ignored, fresh),
		cmocka_unit_test_setup(a_long_silence_empties_the_ring, fresh),
		cmocka_unit_test_setup(slots_are_given_once_and_fast_ones_are_few, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
