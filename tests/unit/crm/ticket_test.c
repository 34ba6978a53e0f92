#include "crm/domain/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define NO TT_NTICKET_STATUSES

/* The whole table, written a second time by hand: rows are actions, columns new, open, pending, resolved, closed. */
static const enum tt_ticket_status expected[TT_NTICKET_ACTIONS][TT_NTICKET_STATUSES] = {
	[TT_TICKET_ACKNOWLEDGE] = {TT_TICKET_OPEN, TT_TICKET_OPEN, TT_TICKET_PENDING, NO, NO},
	[TT_TICKET_ASSIGN] = {TT_TICKET_OPEN, TT_TICKET_OPEN, TT_TICKET_PENDING, NO, NO},
	[TT_TICKET_COMMENT] = {TT_TICKET_OPEN, TT_TICKET_OPEN, TT_TICKET_PENDING, TT_TICKET_RESOLVED, TT_TICKET_CLOSED},
	[TT_TICKET_PEND] = {TT_TICKET_PENDING, TT_TICKET_PENDING, NO, NO, NO},
	[TT_TICKET_RESUME] = {NO, NO, TT_TICKET_OPEN, NO, NO},
	[TT_TICKET_RESOLVE] = {TT_TICKET_RESOLVED, TT_TICKET_RESOLVED, TT_TICKET_RESOLVED, NO, NO},
	[TT_TICKET_CLOSE] = {TT_TICKET_CLOSED, TT_TICKET_CLOSED, TT_TICKET_CLOSED, TT_TICKET_CLOSED, NO},
	[TT_TICKET_REOPEN] = {NO, NO, NO, TT_TICKET_OPEN, TT_TICKET_OPEN},
};

static void every_move_is_as_the_table_says(void **state)
{
	(void)state;
	for (unsigned a = 0; a < TT_NTICKET_ACTIONS; a++)
		for (unsigned s = 0; s < TT_NTICKET_STATUSES; s++) {
			enum tt_ticket_status to = TT_NTICKET_STATUSES;
			enum tt_err err = tt_ticket_move((enum tt_ticket_status)s, (enum tt_ticket_action)a, &to);

			if (err != (expected[a][s] == NO ? TT_ECONFLICT : TT_OK) || to != expected[a][s])
				fail_msg("%s from %s: %s, status %u", tt_ticket_action_name((enum tt_ticket_action)a),
					 tt_ticket_status_name((enum tt_ticket_status)s), tt_err_name(err), to);
		}
}

static void names_parse_back_and_others_do_not(void **state)
{
	enum tt_ticket_status status = TT_TICKET_PENDING;
	enum tt_ticket_action action = TT_TICKET_PEND;

	(void)state;
	for (unsigned s = 0; s < TT_NTICKET_STATUSES; s++) {
		assert_int_equal(tt_ticket_status_parse(tt_ticket_status_name((enum tt_ticket_status)s), &status), TT_OK);
		assert_int_equal(status, s);
	}
	for (unsigned a = 0; a < TT_NTICKET_ACTIONS; a++) {
		assert_int_equal(tt_ticket_action_parse(tt_ticket_action_name((enum tt_ticket_action)a), &action), TT_OK);
		assert_int_equal(action, a);
	}
	assert_int_equal(tt_ticket_status_parse("Open", &status), TT_EINVAL);
	assert_int_equal(tt_ticket_status_parse("", &status), TT_EINVAL);
	assert_int_equal(tt_ticket_action_parse("delete", &action), TT_EINVAL);
	assert_int_equal(status, TT_NTICKET_STATUSES - 1);
}

static void the_clock_runs_pauses_and_stops_by_status(void **state)
{
	static const enum tt_sla_clock clock[] = {TT_SLA_RUN, TT_SLA_RUN, TT_SLA_PAUSE, TT_SLA_STOP, TT_SLA_STOP};

	(void)state;
	for (unsigned s = 0; s < TT_NTICKET_STATUSES; s++) {
		assert_int_equal(tt_ticket_sla((enum tt_ticket_status)s), clock[s]);
		assert_int_equal(tt_ticket_is_open((enum tt_ticket_status)s), clock[s] != TT_SLA_STOP);
	}
}

static void only_staff_answers_and_closing_is_no_answer(void **state)
{
	(void)state;
	for (unsigned a = 0; a < TT_NTICKET_ACTIONS; a++) {
		assert_false(tt_ticket_is_first_response((enum tt_ticket_action)a, false));
		assert_int_equal(tt_ticket_is_first_response((enum tt_ticket_action)a, true),
				 a != TT_TICKET_CLOSE && a != TT_TICKET_REOPEN);
	}
}

static void priority_rises_with_impact_and_with_urgency(void **state)
{
	(void)state;
	for (int impact = 1; impact <= 4; impact++)
		for (int u = 0; u < TT_NURGENCIES; u++) {
			int32_t p = tt_ticket_priority(impact, (enum tt_urgency)u);

			assert_in_range(p, 1, 4);
			if (impact < 4)
				assert_true(p <= tt_ticket_priority(impact + 1, (enum tt_urgency)u));
			if (u + 1 < TT_NURGENCIES)
				assert_true(p >= tt_ticket_priority(impact, (enum tt_urgency)(u + 1)));
		}
	assert_int_equal(tt_ticket_priority(TT_IMPACT_STOP, TT_URGENCY_LAMP), 1);
	assert_int_equal(tt_ticket_priority(TT_IMPACT_SOON, TT_URGENCY_LAMP), 2);
	assert_int_equal(tt_ticket_priority(TT_IMPACT_NOTE, TT_URGENCY_LAMP), 4);
	assert_int_equal(tt_ticket_priority(0, TT_URGENCY_LAMP), tt_ticket_priority(TT_IMPACT_SERVICE, TT_URGENCY_LAMP));
	assert_int_equal(tt_ticket_priority(9, TT_URGENCY_SET), tt_ticket_priority(TT_IMPACT_SERVICE, TT_URGENCY_SET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move_is_as_the_table_says),
		cmocka_unit_test(names_parse_back_and_others_do_not),
		cmocka_unit_test(the_clock_runs_pauses_and_stops_by_status),
		cmocka_unit_test(only_staff_answers_and_closing_is_no_answer),
		cmocka_unit_test(priority_rises_with_impact_and_with_urgency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
