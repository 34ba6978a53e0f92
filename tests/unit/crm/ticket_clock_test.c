#include "crm/store/ticket_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define MIN TT_SEC(60)
#define HOUR TT_SEC(3600)
#define T0 INT64_C(1790000000000000)

static struct tt_ticket fresh(int32_t priority)
{
	struct tt_ticket t = {.priority = priority, .status = "new", .opened_at = T0, .updated_at = T0};

	tt_ticket_clock_open(&t, &tt_sla_default);
	return t;
}

static void a_new_ticket_escalates_at_its_first_response(void **state)
{
	struct tt_ticket t = fresh(1);

	(void)state;
	assert_int_equal(t.first_response_due_at, T0 + 15 * MIN);
	assert_int_equal(t.resolution_due_at, T0 + 4 * HOUR);
	assert_int_equal(t.escalate_at, T0 + 15 * MIN);
}

static void actions_move_status_and_clocks_together(void **state)
{
	struct tt_ticket t = fresh(1);

	(void)state;
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_ASSIGN, true, T0 + 5 * MIN), TT_OK);
	assert_string_equal(t.status, "open");
	assert_int_equal(t.first_response_at, T0 + 5 * MIN);
	assert_int_equal(t.updated_at, T0 + 5 * MIN);
	assert_int_equal(t.escalate_at, T0 + 4 * HOUR);
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_PEND, true, T0 + HOUR), TT_OK);
	assert_string_equal(t.status, "pending");
	assert_int_equal(t.escalate_at, 0);
	assert_int_equal(t.sla_paused_at, T0 + HOUR);
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_RESUME, true, T0 + 3 * HOUR), TT_OK);
	assert_int_equal(t.escalate_at, T0 + 6 * HOUR);
	assert_int_equal(t.sla_paused_at, 0);
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_RESOLVE, true, T0 + 4 * HOUR), TT_OK);
	assert_string_equal(t.status, "resolved");
	assert_int_equal(t.resolved_at, T0 + 4 * HOUR);
	assert_int_equal(t.escalate_at, 0);
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_REOPEN, true, T0 + 5 * HOUR), TT_OK);
	assert_int_equal(t.escalate_at, T0 + 9 * HOUR);
}

static void a_refused_action_changes_nothing(void **state)
{
	struct tt_ticket t = fresh(2), before;

	(void)state;
	before = t;
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_REOPEN, true, T0 + 1), TT_ECONFLICT);
	assert_memory_equal(&t, &before, sizeof(t));
	memcpy(t.status, "odd", 4);
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_CLOSE, true, T0 + 1), TT_ECORRUPT);
	assert_int_equal(tt_ticket_clock_priority(&t, &tt_sla_default, 1, T0), TT_ECORRUPT);
	assert_int_equal(tt_ticket_clock_priority(&before, &tt_sla_default, 5, T0), TT_ERANGE);
	assert_int_equal(before.priority, 2);
}

static void each_clock_escalates_once(void **state)
{
	struct tt_ticket t = fresh(1), late = t;
	enum tt_ticket_overdue overdue;

	(void)state;
	assert_int_equal(tt_ticket_clock_escalate(&t, t.escalate_at - 1, &overdue), TT_OK);
	assert_int_equal(overdue, TT_OVERDUE_NOTHING);
	assert_int_equal(t.escalated_at, 0);
	assert_int_equal(tt_ticket_clock_escalate(&t, t.escalate_at, &overdue), TT_OK);
	assert_int_equal(overdue, TT_OVERDUE_FIRST_RESPONSE);
	assert_int_equal(t.escalated_at, T0 + 15 * MIN);
	assert_int_equal(t.escalate_at, T0 + 4 * HOUR);
	assert_int_equal(tt_ticket_clock_escalate(&t, T0 + 5 * HOUR, &overdue), TT_OK);
	assert_int_equal(overdue, TT_OVERDUE_RESOLUTION);
	assert_int_equal(t.escalate_at, 0);
	assert_int_equal(tt_ticket_clock_escalate(&t, T0 + 6 * HOUR, &overdue), TT_OK);
	assert_int_equal(overdue, TT_OVERDUE_NOTHING);
	assert_int_equal(t.escalated_at, T0 + 5 * HOUR);
	/* Looked at after both ran out: told of both at once. */
	assert_int_equal(tt_ticket_clock_escalate(&late, T0 + 5 * HOUR, &overdue), TT_OK);
	assert_int_equal(overdue, TT_OVERDUE_RESOLUTION);
	assert_int_equal(late.escalate_at, 0);
	/* A late answer does not bring the told ones back. */
	assert_int_equal(tt_ticket_clock_act(&t, &tt_sla_default, TT_TICKET_COMMENT, true, T0 + 6 * HOUR), TT_OK);
	assert_int_equal(t.escalate_at, 0);
}

static void a_higher_priority_brings_the_escalation_forward(void **state)
{
	struct tt_ticket t = fresh(4);

	(void)state;
	assert_int_equal(tt_ticket_clock_priority(&t, &tt_sla_default, 1, T0 + MIN), TT_OK);
	assert_int_equal(t.priority, 1);
	assert_int_equal(t.escalate_at, T0 + 15 * MIN);
	assert_int_equal(t.updated_at, T0 + MIN);
}

static void what_was_told_is_not_told_again_for_a_higher_priority(void **state)
{
	struct tt_ticket t = fresh(3);
	enum tt_ticket_overdue overdue;

	(void)state;
	assert_int_equal(tt_ticket_clock_escalate(&t, T0 + 4 * HOUR, &overdue), TT_OK);
	assert_int_equal(tt_ticket_clock_priority(&t, &tt_sla_default, 2, T0 + 5 * HOUR), TT_OK);
	assert_int_equal(t.first_response_due_at, T0 + HOUR);
	assert_int_equal(t.escalate_at, T0 + 24 * HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ticket_escalates_at_its_first_response),
		cmocka_unit_test(actions_move_status_and_clocks_together),
		cmocka_unit_test(a_refused_action_changes_nothing),
		cmocka_unit_test(each_clock_escalates_once),
		cmocka_unit_test(a_higher_priority_brings_the_escalation_forward),
		cmocka_unit_test(what_was_told_is_not_told_again_for_a_higher_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
