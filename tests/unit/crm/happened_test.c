#include "crm/domain/happened.h"

#include "crm/domain/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define T0 (INT64_C(1790000000) * 1000000)

static struct tt_happened_seen hot(enum tt_happened_phase phase, tt_utc_us at, int64_t duration_ms)
{
	return (struct tt_happened_seen){.kind = 10,
					 .phase = phase,
					 .at = at,
					 .duration_ms = duration_ms,
					 .value_milli = phase == TT_HAPPENED_END ? 100 : 200,
					 .limit_milli = 50,
					 .peak_milli = phase == TT_HAPPENED_END ? 900 : 300};
}

static void kinds_have_their_wire_numbers(void **state)
{
	(void)state;
	assert_null(tt_happened_kind(0));
	assert_null(tt_happened_kind(-1));
	assert_null(tt_happened_kind(12));
	assert_string_equal(tt_happened_kind(1)->name, "harsh_braking");
	assert_string_equal(tt_happened_kind(TT_HAPPENED_GEOFENCE)->name, "geofence");
	assert_string_equal(tt_happened_kind(11)->name, "fuel_drop");
	assert_ptr_equal(tt_happened_by_name("coolant_hot"), tt_happened_kind(10));
	assert_null(tt_happened_by_name("fault"));
}

/* Exactly the four kinds of schemas/sql/sqlite/0002_car.sql, ticket_open_happening. */
static void four_kinds_are_work_for_the_desk(void **state)
{
	(void)state;
	for (int32_t k = 1; k <= TT_HAPPENED_KINDS; k++)
		assert_int_equal(tt_happened_kind(k)->impact, k == 7    ? TT_IMPACT_SERVICE
							      : k == 9  ? TT_IMPACT_SOON
							      : k == 10 ? TT_IMPACT_STOP
							      : k == 11 ? TT_IMPACT_SERVICE
									: 0);
}

static void what_lasts_has_a_begin_and_an_end(void **state)
{
	struct tt_happened h = {0};
	struct tt_happened_seen begin = hot(TT_HAPPENED_BEGIN, T0, 5), end = hot(TT_HAPPENED_END, T0 + TT_MS(70), 70);

	(void)state;
	assert_int_equal(tt_happened_merge(&h, &begin), TT_HAPPENED_BEGAN);
	assert_true(h.begun);
	assert_int_equal(h.began_at, T0);
	assert_int_equal(h.ended_at, 0);
	assert_int_equal(h.duration_ms, 5);
	assert_int_equal(h.peak_milli, 300);
	assert_int_equal(tt_happened_merge(&h, &begin), TT_HAPPENED_NOTHING_NEW);
	assert_int_equal(tt_happened_merge(&h, &end), TT_HAPPENED_ENDED);
	assert_int_equal(h.ended_at, T0 + TT_MS(70));
	assert_int_equal(h.duration_ms, 70);
	assert_int_equal(h.value_milli, 200);
	assert_int_equal(h.limit_milli, 50);
	assert_int_equal(h.peak_milli, 900);
	end.at++;
	assert_int_equal(tt_happened_merge(&h, &end), TT_HAPPENED_NOTHING_NEW);
	assert_int_equal(h.ended_at, T0 + TT_MS(70));
}

static void an_end_that_comes_first_stands_until_its_begin_comes(void **state)
{
	struct tt_happened h = {0};
	struct tt_happened_seen begin = hot(TT_HAPPENED_BEGIN, T0, 5), end = hot(TT_HAPPENED_END, T0 + TT_MS(70), 60);

	(void)state;
	assert_int_equal(tt_happened_merge(&h, &end), TT_HAPPENED_ENDED);
	assert_false(h.begun);
	assert_int_equal(h.began_at, T0 + TT_MS(10));
	assert_int_equal(h.value_milli, 100);
	assert_int_equal(tt_happened_merge(&h, &begin), TT_HAPPENED_BEGAN);
	assert_true(h.begun);
	assert_int_equal(h.began_at, T0);
	assert_int_equal(h.value_milli, 200);
	assert_int_equal(h.peak_milli, 900);
	assert_int_equal(h.duration_ms, 60);
	assert_int_equal(h.ended_at, T0 + TT_MS(70));
}

static void nothing_ends_before_it_began(void **state)
{
	struct tt_happened h = {0}, other = {0};
	struct tt_happened_seen begin = hot(TT_HAPPENED_BEGIN, T0, 5), end = hot(TT_HAPPENED_END, T0 - 1, 0);

	(void)state;
	(void)tt_happened_merge(&h, &begin);
	(void)tt_happened_merge(&h, &end);
	assert_int_equal(h.ended_at, T0);
	(void)tt_happened_merge(&other, &end);
	(void)tt_happened_merge(&other, &begin);
	assert_int_equal(other.began_at, T0 - 1);
	assert_int_equal(other.ended_at, T0 - 1);
}

static void an_instant_is_over_when_it_is_told(void **state)
{
	struct tt_happened h = {0};
	struct tt_happened_seen seen = {.kind = 1, .phase = TT_HAPPENED_INSTANT, .at = T0, .duration_ms = 700, .peak_milli = 8};

	(void)state;
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_BEGAN);
	assert_int_equal(h.began_at, T0);
	assert_int_equal(h.ended_at, T0 + TT_MS(700));
	assert_int_equal(h.peak_milli, 8);
	seen.at++;
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_NOTHING_NEW);
	assert_int_equal(h.began_at, T0);
	/* Its number was used for an end before: that stands. */
	h = (struct tt_happened){.began_at = T0 - 5, .ended_at = T0 - 4};
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_BEGAN);
	assert_int_equal(h.ended_at, T0 - 4);
}

static void a_fence_is_entered_stayed_in_and_left(void **state)
{
	struct tt_happened h = {0}, alone = {0};
	struct tt_happened_seen seen = {.kind = TT_HAPPENED_GEOFENCE, .phase = TT_HAPPENED_BEGIN, .at = T0};

	(void)state;
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_BEGAN);
	seen.phase = TT_HAPPENED_INSTANT;
	seen.duration_ms = 600;
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_DWELT);
	assert_true(h.dwelt);
	assert_int_equal(h.ended_at, 0);
	assert_int_equal(tt_happened_merge(&h, &seen), TT_HAPPENED_NOTHING_NEW);
	assert_int_equal(tt_happened_merge(&alone, &seen), TT_HAPPENED_DWELT);
	assert_true(alone.begun && alone.dwelt);
	assert_int_equal(alone.began_at, T0);
	assert_int_equal(alone.ended_at, 0);
	seen.phase = TT_HAPPENED_END;
	seen.at = T0 + TT_SEC(9);
	assert_int_equal(tt_happened_merge(&alone, &seen), TT_HAPPENED_ENDED);
	assert_int_equal(alone.ended_at, T0 + TT_SEC(9));
}

static void a_nonsense_duration_is_cut_to_ten_years(void **state)
{
	const int64_t most = INT64_C(3650) * 86400 * 1000;
	struct tt_happened h = {0}, b = {0};
	struct tt_happened_seen end = hot(TT_HAPPENED_END, T0, INT64_MAX), begin = hot(TT_HAPPENED_BEGIN, T0, most + 1);

	(void)state;
	(void)tt_happened_merge(&h, &end);
	assert_int_equal(h.duration_ms, most);
	assert_int_equal(h.began_at, T0 - TT_MS(most));
	(void)tt_happened_merge(&b, &begin);
	assert_int_equal(b.duration_ms, most);
}

static void what_was_measured_is_said_in_words(void **state)
{
	static const struct {
		int32_t kind;
		const char *subject;
		int64_t value, limit;
		const char *want;
	} cases[] = {
		{10, "", 118540, 115000, "118.5 degC, limit 115.0 degC"},
		{9, "row1.left", 168900, 190000, "row1.left: 168 kPa, limit 190 kPa"},
		{7, "", 11460, 0, "11.46 V"},
		{11, "", -500, 0, "-0.5 %"},
		{6, "home", 0, 0, "home"},
	};
	char out[64], small[6];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_happened_say(tt_happened_kind(cases[i].kind), cases[i].subject, cases[i].value, cases[i].limit, out, sizeof(out));
		assert_string_equal(out, cases[i].want);
	}
	tt_happened_say(tt_happened_kind(10), "", 118540, 0, small, sizeof(small));
	assert_int_equal(strlen(small), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_their_wire_numbers),
		cmocka_unit_test(four_kinds_are_work_for_the_desk),
		cmocka_unit_test(what_lasts_has_a_begin_and_an_end),
		cmocka_unit_test(an_end_that_comes_first_stands_until_its_begin_comes),
		cmocka_unit_test(nothing_ends_before_it_began),
		cmocka_unit_test(an_instant_is_over_when_it_is_told),
		cmocka_unit_test(a_fence_is_entered_stayed_in_and_left),
		cmocka_unit_test(a_nonsense_duration_is_cut_to_ten_years),
		cmocka_unit_test(what_was_measured_is_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
