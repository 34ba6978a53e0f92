#include "crm/domain/rescue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NO TT_NRESCUE_STATUSES

/* Rows are actions, columns new, acknowledged, dispatched, on_site, closed. */
static const enum tt_rescue_status expected[TT_NRESCUE_ACTIONS][TT_NRESCUE_STATUSES] = {
	[TT_RESCUE_ACKNOWLEDGE] = {TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_DISPATCHED, TT_RESCUE_ON_SITE, NO},
	[TT_RESCUE_ASSIGN] = {TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_DISPATCHED, TT_RESCUE_ON_SITE, NO},
	[TT_RESCUE_COMMENT] = {TT_RESCUE_NEW, TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_DISPATCHED, TT_RESCUE_ON_SITE, TT_RESCUE_CLOSED},
	[TT_RESCUE_DISPATCH] = {TT_RESCUE_DISPATCHED, TT_RESCUE_DISPATCHED, NO, NO, NO},
	[TT_RESCUE_RECALL] = {NO, NO, TT_RESCUE_ACKNOWLEDGED, TT_RESCUE_ACKNOWLEDGED, NO},
	[TT_RESCUE_ARRIVE] = {NO, NO, TT_RESCUE_ON_SITE, NO, NO},
	[TT_RESCUE_CLOSE] = {NO, TT_RESCUE_CLOSED, TT_RESCUE_CLOSED, TT_RESCUE_CLOSED, NO},
	[TT_RESCUE_REOPEN] = {NO, NO, NO, NO, TT_RESCUE_ACKNOWLEDGED},
};

static void every_move_is_as_the_table_says(void **state)
{
	(void)state;
	for (unsigned a = 0; a < TT_NRESCUE_ACTIONS; a++)
		for (unsigned s = 0; s < TT_NRESCUE_STATUSES; s++) {
			enum tt_rescue_status to = TT_NRESCUE_STATUSES;
			enum tt_err err = tt_rescue_move((enum tt_rescue_status)s, (enum tt_rescue_action)a, &to);

			if (err != (expected[a][s] == NO ? TT_ECONFLICT : TT_OK) || to != expected[a][s])
				fail_msg("%s from %s: %s, status %u", tt_rescue_action_name((enum tt_rescue_action)a),
					 tt_rescue_status_name((enum tt_rescue_status)s), tt_err_name(err), to);
		}
}

static void a_case_nobody_saw_cannot_be_closed_and_closing_says_how_it_ended(void **state)
{
	enum tt_rescue_status to;

	(void)state;
	assert_int_equal(tt_rescue_move(TT_RESCUE_NEW, TT_RESCUE_CLOSE, &to), TT_ECONFLICT);
	for (unsigned a = 0; a < TT_NRESCUE_ACTIONS; a++)
		assert_int_equal(tt_rescue_needs_outcome((enum tt_rescue_action)a), a == TT_RESCUE_CLOSE);
}

static void names_parse_back_and_others_do_not(void **state)
{
	enum tt_rescue_status status;
	enum tt_rescue_action action;

	(void)state;
	for (unsigned s = 0; s < TT_NRESCUE_STATUSES; s++) {
		assert_int_equal(tt_rescue_status_parse(tt_rescue_status_name((enum tt_rescue_status)s), &status), TT_OK);
		assert_int_equal(status, s);
	}
	for (unsigned a = 0; a < TT_NRESCUE_ACTIONS; a++) {
		assert_int_equal(tt_rescue_action_parse(tt_rescue_action_name((enum tt_rescue_action)a), &action), TT_OK);
		assert_int_equal(action, a);
	}
	assert_int_equal(tt_rescue_status_parse("done", &status), TT_EINVAL);
	assert_int_equal(tt_rescue_action_parse("", &action), TT_EINVAL);
	assert_string_equal(tt_rescue_kind_name(TT_RESCUE_CRASH), "crash");
	assert_string_equal(tt_rescue_kind_name(TT_RESCUE_BREAKDOWN), "breakdown");
	assert_string_equal(tt_rescue_kind_name((enum tt_rescue_kind)5), "");
	assert_string_equal(tt_rescue_kind_name((enum tt_rescue_kind)0), "");
}

static void the_ladder_of_escalations_rises_and_ends(void **state)
{
	tt_utc_us opened = TT_SEC(1000), last = opened;
	unsigned level = 0;

	(void)state;
	assert_int_equal(tt_rescue_escalate_at(opened, 0), opened + TT_SEC(30));
	for (; tt_rescue_escalate_at(opened, level) != TT_NEVER; level++) {
		assert_true(tt_rescue_escalate_at(opened, level) > last);
		last = tt_rescue_escalate_at(opened, level);
	}
	assert_int_equal(level, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move_is_as_the_table_says),
		cmocka_unit_test(a_case_nobody_saw_cannot_be_closed_and_closing_says_how_it_ended),
		cmocka_unit_test(names_parse_back_and_others_do_not),
		cmocka_unit_test(the_ladder_of_escalations_rises_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
