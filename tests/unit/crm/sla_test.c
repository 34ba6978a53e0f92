#include "crm/domain/sla.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIN TT_SEC(60)
#define HOUR TT_SEC(3600)
#define T0 (tt_days_from_civil(2026, 3, 2) * TT_DAY_US) /* a Monday, 00:00 UTC */

/* One ticket of priority 2 (answer in 1 h, solution in 24 h), and what is done to it, minute by minute. */
struct step {
	int64_t minute;
	enum tt_ticket_action action;
	bool by_staff;
};

struct run {
	struct tt_sla sla;
	enum tt_ticket_status status;
};

static struct run run_steps(const struct step *steps, size_t n)
{
	struct run r = {.status = TT_TICKET_NEW};

	tt_sla_open(&tt_sla_default, 2, T0, &r.sla);
	for (size_t i = 0; i < n; i++) {
		enum tt_ticket_status to;

		assert_int_equal(tt_ticket_move(r.status, steps[i].action, &to), TT_OK);
		tt_sla_move(&tt_sla_default, 2, r.status, steps[i].action, to, steps[i].by_staff, T0 + steps[i].minute * MIN, &r.sla);
		r.status = to;
	}
	return r;
}

#define RUN(...) run_steps((const struct step[]){__VA_ARGS__}, sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

static void a_ticket_opens_with_both_due_times(void **state)
{
	struct tt_sla s;

	(void)state;
	for (int32_t p = 1; p <= 4; p++) {
		tt_sla_open(&tt_sla_default, p, T0, &s);
		assert_int_equal(s.first_response_due_at, T0 + tt_sla_default.first_response_us[p]);
		assert_int_equal(s.resolution_due_at, T0 + tt_sla_default.resolution_us[p]);
		assert_int_equal(tt_sla_escalate_at(&s, TT_TICKET_NEW, 0), s.first_response_due_at);
		if (p > 1) {
			assert_true(tt_sla_default.first_response_us[p] > tt_sla_default.first_response_us[p - 1]);
			assert_true(tt_sla_default.resolution_us[p] > tt_sla_default.resolution_us[p - 1]);
		}
	}
}

/* zammad#3140: a ticket escalated although an agent had answered. */
static void an_answered_ticket_does_not_escalate_for_the_answer(void **state)
{
	struct run r = RUN({30, TT_TICKET_COMMENT, true});

	(void)state;
	assert_int_equal(tt_sla_escalate_at(&r.sla, r.status, 0), T0 + 24 * HOUR);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + 2 * HOUR, 10 * MIN), TT_SLA_FINE);
}

/* zammad#2082: the first answer was not taken into the clocks at once. And only the first one counts. */
static void the_first_answer_is_kept_from_its_own_minute_and_later_ones_do_not_move_it(void **state)
{
	struct run r = RUN({5, TT_TICKET_COMMENT, false}, {20, TT_TICKET_ACKNOWLEDGE, true}, {90, TT_TICKET_COMMENT, true});

	(void)state;
	assert_int_equal(r.sla.first_response_at, T0 + 20 * MIN);
	assert_int_equal(r.sla.first_response_due_at, T0 + HOUR);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + 91 * MIN, 10 * MIN), TT_SLA_FINE);
}

/* zammad#5177: another clock's time stood where the first response's should. */
static void neither_clock_overrides_the_other(void **state)
{
	struct tt_sla s = {.opened_at = T0, .first_response_due_at = T0 + 10 * HOUR, .resolution_due_at = T0 + 4 * HOUR};
	struct run r = RUN({10, TT_TICKET_ASSIGN, true}, {20, TT_TICKET_COMMENT, true}, {30, TT_TICKET_COMMENT, true});

	(void)state;
	assert_int_equal(tt_sla_escalate_at(&s, TT_TICKET_NEW, 0), T0 + 4 * HOUR);
	s.first_response_due_at = T0 + HOUR;
	assert_int_equal(tt_sla_escalate_at(&s, TT_TICKET_NEW, 0), T0 + HOUR);
	assert_int_equal(r.sla.first_response_due_at, T0 + HOUR);
	assert_int_equal(r.sla.resolution_due_at, T0 + 24 * HOUR);
}

/* zammad#904: a merged ticket, which is a closed one, went on escalating. */
static void a_closed_ticket_never_escalates(void **state)
{
	struct run r = RUN({10, TT_TICKET_CLOSE, false});

	(void)state;
	assert_int_equal(tt_sla_escalate_at(&r.sla, r.status, 0), TT_NEVER);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + 999 * HOUR, MIN), TT_SLA_MET);
}

/* zammad#4777: closing times were missing in the history. */
static void closing_keeps_when_it_was_resolved_and_when_it_was_closed(void **state)
{
	struct run r = RUN({30, TT_TICKET_RESOLVE, true}, {50, TT_TICKET_CLOSE, true});
	struct run straight = RUN({40, TT_TICKET_CLOSE, true});

	(void)state;
	assert_int_equal(r.sla.resolved_at, T0 + 30 * MIN);
	assert_int_equal(r.sla.closed_at, T0 + 50 * MIN);
	assert_int_equal(r.sla.first_response_at, T0 + 30 * MIN);
	assert_int_equal(straight.sla.resolved_at, T0 + 40 * MIN);
	assert_int_equal(straight.sla.closed_at, T0 + 40 * MIN);
}

static void a_pause_moves_what_was_left_and_nothing_more(void **state)
{
	struct run paused = RUN({30, TT_TICKET_ACKNOWLEDGE, true}, {60, TT_TICKET_PEND, true});
	struct run resumed = RUN({30, TT_TICKET_ACKNOWLEDGE, true}, {60, TT_TICKET_PEND, true}, {360, TT_TICKET_RESUME, true});
	struct run resolved = RUN({60, TT_TICKET_PEND, true}, {360, TT_TICKET_RESOLVE, true});

	(void)state;
	assert_int_equal(tt_sla_escalate_at(&paused.sla, paused.status, 0), TT_NEVER);
	assert_int_equal(tt_sla_state(&paused.sla, paused.status, T0 + 99 * HOUR, MIN), TT_SLA_PAUSED);
	assert_int_equal(resumed.sla.resolution_due_at, T0 + 24 * HOUR + 5 * HOUR);
	assert_int_equal(resumed.sla.paused_at, 0);
	assert_int_equal(resolved.sla.paused_at, 0);
	assert_int_equal(tt_sla_state(&resolved.sla, resolved.status, T0 + 99 * HOUR, MIN), TT_SLA_MET);
}

static void a_clock_that_ran_out_is_not_healed_by_a_pause_or_a_late_answer(void **state)
{
	struct run late = RUN({61, TT_TICKET_COMMENT, true});
	struct run paused = RUN({25 * 60, TT_TICKET_PEND, true}, {30 * 60, TT_TICKET_RESUME, true});

	(void)state;
	assert_int_equal(tt_sla_state(&late.sla, late.status, T0 + 62 * MIN, MIN), TT_SLA_BREACHED);
	assert_int_equal(paused.sla.resolution_due_at, T0 + 24 * HOUR);
	assert_int_equal(tt_sla_state(&paused.sla, paused.status, T0 + 31 * HOUR, MIN), TT_SLA_BREACHED);
}

static void reopening_starts_the_solution_clock_anew_and_leaves_the_answer(void **state)
{
	struct run r = RUN({30, TT_TICKET_RESOLVE, true}, {600, TT_TICKET_REOPEN, true});

	(void)state;
	assert_int_equal(r.sla.resolved_at, 0);
	assert_int_equal(r.sla.closed_at, 0);
	assert_int_equal(r.sla.first_response_at, T0 + 30 * MIN);
	assert_int_equal(r.sla.resolution_due_at, T0 + 600 * MIN + 24 * HOUR);
	assert_int_equal(tt_sla_escalate_at(&r.sla, r.status, 0), T0 + 600 * MIN + 24 * HOUR);
}

static void near_begins_at_the_given_distance(void **state)
{
	struct run r = RUN({0, TT_TICKET_COMMENT, false});

	(void)state;
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + 50 * MIN - 1, 10 * MIN), TT_SLA_FINE);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + 50 * MIN, 10 * MIN), TT_SLA_NEAR);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + HOUR, 10 * MIN), TT_SLA_NEAR);
	assert_int_equal(tt_sla_state(&r.sla, r.status, T0 + HOUR + 1, 10 * MIN), TT_SLA_BREACHED);
}

static void a_new_priority_moves_open_clocks_and_keeps_pauses(void **state)
{
	struct run r = RUN({30, TT_TICKET_ACKNOWLEDGE, true}, {60, TT_TICKET_PEND, true}, {360, TT_TICKET_RESUME, true});
	struct tt_sla fresh;

	(void)state;
	tt_sla_priority(&tt_sla_default, 2, 1, &r.sla);
	assert_int_equal(r.sla.first_response_due_at, T0 + HOUR); /* answered: stays as it was */
	assert_int_equal(r.sla.resolution_due_at, T0 + 4 * HOUR + 5 * HOUR);
	tt_sla_open(&tt_sla_default, 4, T0, &fresh);
	tt_sla_priority(&tt_sla_default, 4, 1, &fresh);
	assert_int_equal(fresh.first_response_due_at, T0 + 15 * MIN);
	assert_int_equal(fresh.resolution_due_at, T0 + 4 * HOUR);
}

/* ---- calendars ---- */

/* Shanghai, UTC+8, Monday to Friday 9 to 18, Saturday 10 to 14. 2026-03-04 (Wednesday) is off. */
static int32_t off[1];
static const struct tt_calendar shop = {
	.utc_offset_min = 480,
	.day = {{540, 1080}, {540, 1080}, {540, 1080}, {540, 1080}, {540, 1080}, {600, 840}, {0, 0}},
	.holidays = off,
	.nholidays = 1,
};

static tt_utc_us shanghai(unsigned day, int hour, int minute)
{
	return tt_days_from_civil(2026, 3, day) * TT_DAY_US + hour * HOUR + minute * MIN - 8 * HOUR;
}

static void working_time_is_added_over_nights_weekends_and_holidays(void **state)
{
	const struct {
		const char *name;
		tt_utc_us at;
		int64_t work;
		tt_utc_us due;
	} cases[] = {
		{"within the day", shanghai(2, 9, 0), HOUR, shanghai(2, 10, 0)},
		{"to the last minute", shanghai(2, 9, 0), 9 * HOUR, shanghai(2, 18, 0)},
		{"over night", shanghai(2, 17, 30), HOUR, shanghai(3, 9, 30)},
		{"before opening", shanghai(2, 3, 0), HOUR, shanghai(2, 10, 0)},
		{"after closing, and the day after is off", shanghai(3, 20, 0), HOUR, shanghai(5, 10, 0)},
		{"over the holiday", shanghai(3, 17, 0), 2 * HOUR, shanghai(5, 10, 0)},
		{"Friday evening to Saturday", shanghai(6, 18, 0), HOUR, shanghai(7, 11, 0)},
		{"over Sunday", shanghai(7, 13, 0), 2 * HOUR, shanghai(9, 10, 0)},
		{"nothing to do, closed", shanghai(8, 12, 0), 0, shanghai(9, 9, 0)},
	};

	(void)state;
	off[0] = (int32_t)tt_days_from_civil(2026, 3, 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_utc_us due = tt_calendar_add(&shop, cases[i].at, cases[i].work);

		if (due != cases[i].due)
			fail_msg("%s: off by %lld min", cases[i].name, (long long)((due - cases[i].due) / MIN));
	}
}

/* Property: adding work and measuring it again gives the same work, from any minute of two weeks. */
static void between_is_the_inverse_of_add(void **state)
{
	(void)state;
	off[0] = (int32_t)tt_days_from_civil(2026, 3, 4);
	for (int64_t from = 0; from < 14 * 1440; from += 37)
		for (int64_t work = 1; work < 40 * 60; work += 311) {
			tt_utc_us at = shanghai(1, 0, 0) + from * MIN, due = tt_calendar_add(&shop, at, work * MIN);

			if (tt_calendar_between(&shop, at, due) != work * MIN)
				fail_msg("from minute %lld, %lld minutes of work", (long long)from, (long long)work);
		}
}

static void a_shop_that_never_opens_never_falls_due_and_the_search_ends(void **state)
{
	static const struct tt_calendar shut = {0};

	(void)state;
	assert_int_equal(tt_calendar_add(&shut, T0, HOUR), TT_NEVER);
	assert_int_equal(tt_calendar_between(&shut, T0, T0 + 30 * TT_DAY_US), 0);
	assert_int_equal(tt_calendar_between(NULL, T0 + HOUR, T0), 0);
	assert_int_equal(tt_calendar_add(NULL, T0, HOUR), T0 + HOUR);
}

static void a_pause_over_the_weekend_costs_only_working_time(void **state)
{
	const struct tt_sla_policy policy = {.calendar = &shop,
					     .first_response_us = {0, HOUR, HOUR, HOUR, HOUR},
					     .resolution_us = {0, 9 * HOUR, 9 * HOUR, 9 * HOUR, 9 * HOUR}};
	struct tt_sla s;

	(void)state;
	off[0] = (int32_t)tt_days_from_civil(2026, 3, 4);
	tt_sla_open(&policy, 3, shanghai(6, 9, 0), &s); /* Friday morning, due Friday 18:00 */
	assert_int_equal(s.resolution_due_at, shanghai(6, 18, 0));
	tt_sla_move(&policy, 3, TT_TICKET_NEW, TT_TICKET_PEND, TT_TICKET_PENDING, true, shanghai(6, 17, 0), &s);
	tt_sla_move(&policy, 3, TT_TICKET_PENDING, TT_TICKET_RESUME, TT_TICKET_OPEN, true, shanghai(8, 12, 0), &s); /* on Sunday */
	assert_int_equal(s.resolution_due_at, shanghai(9, 10, 0)); /* the hour that was left, on Monday */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_opens_with_both_due_times),
		cmocka_unit_test(an_answered_ticket_does_not_escalate_for_the_answer),
		cmocka_unit_test(the_first_answer_is_kept_from_its_own_minute_and_later_ones_do_not_move_it),
		cmocka_unit_test(neither_clock_overrides_the_other),
		cmocka_unit_test(a_closed_ticket_never_escalates),
		cmocka_unit_test(closing_keeps_when_it_was_resolved_and_when_it_was_closed),
		cmocka_unit_test(a_pause_moves_what_was_left_and_nothing_more),
		cmocka_unit_test(a_clock_that_ran_out_is_not_healed_by_a_pause_or_a_late_answer),
		cmocka_unit_test(reopening_starts_the_solution_clock_anew_and_leaves_the_answer),
		cmocka_unit_test(near_begins_at_the_given_distance),
		cmocka_unit_test(a_new_priority_moves_open_clocks_and_keeps_pauses),
		cmocka_unit_test(working_time_is_added_over_nights_weekends_and_holidays),
		cmocka_unit_test(between_is_the_inverse_of_add),
		cmocka_unit_test(a_shop_that_never_opens_never_falls_due_and_the_search_ends),
		cmocka_unit_test(a_pause_over_the_weekend_costs_only_working_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
