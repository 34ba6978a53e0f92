#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_is_broken_is_left_out_and_the_rest_is_read(void **state)
{
	static const char sample[] = BO S8 SG("Wide", "", "0|65@1+") SG("T", "", "8|8@1+") LINE("BO_ 5000 Bad: 8 X") SG("U", "", "0|8@1+")
		LINE("garbage") LINE("more garbage") LINE("BO_ 2 B: 8 X") SG("V", "", "0|8@1+") LINE("CM_ \"no end");
	struct tt_dbc_value v[8];
	struct tt_dbc_message *m;
	const struct tt_can_frame f = {.id = 1, .len = 8, .data = {1, 2, 3}};

	(void)state;
	read_text(sample);
	assert_int_equal(nheard, 4);
	assert_int_equal(heard[0].line, 3);
	assert_int_equal(heard[1].line, 5);
	assert_int_equal(heard[2].line, 7); /* once for both lines */
	assert_string_equal(heard[2].why, "not a statement of a DBC file");
	assert_int_equal(heard[3].line, 11);
	assert_int_equal(dbc.nmessages, 3);
	m = tt_dbc_message_by_name(&dbc, "A");
	assert_int_equal(m->nsignals, 3);
	assert_non_null(tt_dbc_signal_by_name(m, "Wide")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "Wide")->line, 3);
	assert_null(tt_dbc_signal_by_name(m, "T")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->line, 4);
	m = tt_dbc_message_by_name(&dbc, "Bad");
	assert_non_null(m->broken);
	assert_int_equal(m->key, TT_DBC_NO_KEY);
	assert_int_equal(m->line, 5);
	assert_int_equal(m->nsignals, 0);
	assert_int_equal(tt_dbc_message_by_name(&dbc, "B")->nsignals, 1);
	build(TT_DBC_PLAN_ALL);
	assert_int_equal(plan.nmessages, 2);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 2);
	assert_string_equal(v[1].signal->name, "T");
	assert_int_equal(v[1].raw, 2);
}

static void what_is_broken_is_kept_by_name_where_its_name_is_known(void **state)
{
	(void)state;
	read_text(LINE("BO_ 1 A") LINE(": x X") LINE("BO_ 2 5: 8 X") LINE("BO_ 3 C: x X") SG("S", "", "0|99@1+") LINE("BO_ 4 D: 8 X")
			  LINE(" SG_ T") LINE(" : x|8@1+ (1,0) [0|0] \"\" X") LINE(" SG_ 5 : x (1,0) [0|0] \"\" X") SG("V", "", "x|8@1+"));
	assert_int_equal(nheard, 7);
	/* A's and T's faults stand on other lines than their names, and would be looked for in vain */
	assert_int_equal(dbc.nmessages, 2);
	assert_string_equal(dbc.messages[0].name, "D");
	assert_int_equal(dbc.messages[0].nsignals, 1);
	assert_string_equal(dbc.messages[0].signals[0].name, "V");
	assert_ptr_equal(dbc.messages[0].signals[0].broken, heard[6].why);
	assert_int_equal(dbc.messages[0].signals[0].line, heard[6].line);
	assert_string_equal(dbc.messages[0].signals[0].unit, "");
	assert_int_equal(dbc.messages[0].signals[0].size, 0);
	assert_int_equal(dbc.messages[0].signals[0].mux, TT_DBC_NO_MUX);
	assert_true(dbc.messages[0].signals[0].factor.exact);
	assert_string_equal(dbc.messages[1].name, "C");
	assert_int_equal(dbc.messages[1].key, TT_DBC_NO_KEY);
	assert_string_equal(dbc.messages[1].broken, "the message's length is not a number of bytes");
}

static void a_second_signal_of_a_name_breaks_both(void **state)
{
	(void)state;
	read_text(BO S8 SG("S", "", "8|8@1+"));
	assert_int_equal(nheard, 1);
	assert_int_equal(dbc.messages[0].nsignals, 1);
	assert_non_null(dbc.messages[0].signals[0].broken);
	assert_int_equal(dbc.messages[0].signals[0].line, 3);
}

static void two_messages_of_one_identifier_both_stay_in_the_order_of_the_file(void **state)
{
	static const char sample[] = LINE("BO_ 7 First: 8 X") SG("A", "", "0|8@1+") LINE("BO_ 3 Other: 8 X") LINE("BO_ 7 Second: 8 X")
		SG("B", "", "0|8@1+") LINE("VAL_ 7 B 1 \"one\" ;") LINE("VAL_ 7 A 2 \"two\" ;");
	struct tt_dbc_value v[4];
	const struct tt_can_frame f = {.id = 7, .len = 8, .data = {1}};

	(void)state;
	read_text(sample);
	assert_int_equal(nheard, 1);
	assert_int_equal(heard[0].line, 4);
	assert_string_equal(dbc.messages[0].name, "Other");
	assert_string_equal(dbc.messages[1].name, "First");
	assert_string_equal(dbc.messages[2].name, "Second");
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[2].signals[0], 1), "one");
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[1].signals[0], 2), "two");
	/* the plan has the one that somebody wants */
	dbc.messages[2].signals[0].user = 9;
	build(0);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 4), 1);
	assert_int_equal(v[0].user, 9);
}

static void statements_about_a_signal_that_break_its_decoding_break_it(void **state)
{
	static const char sample[] =
		BO SG("M1", "M", "0|8@1+") SG("S", "m0", "8|8@1+") SG("T", "m0", "16|8@1+") SG("U", "", "24|8@1+") SG("V", "", "32|8@1+")
			LINE("SG_MUL_VAL_ 1 S T 0-0;") LINE("SG_MUL_VAL_ 1 T M1 0-1;") LINE("SIG_VALTYPE_ 1 U : 2;") LINE("VAL_ 1 V 0 ;");
	const struct tt_dbc_message *m;

	(void)state;
	read_text(sample);
	assert_int_equal(nheard, 3);
	m = &dbc.messages[0];
	assert_non_null(tt_dbc_signal_by_name(m, "S")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "S")->line, 7);
	assert_null(tt_dbc_signal_by_name(m, "T")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->nranges, 1);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->ranges[0].high, 1);
	assert_non_null(tt_dbc_signal_by_name(m, "U")->broken);
	assert_null(tt_dbc_signal_by_name(m, "V")->broken); /* texts do not matter to decoding */
	assert_int_equal(tt_dbc_signal_by_name(m, "V")->nchoices, 0);
}

static void statements_about_what_is_not_there_are_told_as_doubts(void **state)
{
	(void)state;
	read_text(BO S8 SG("W", "", "0|99@1+") LINE("BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 X") SG("Z", "", "0|8@1+")
			  LINE("VAL_ 1 T 0 \"a\" ;") LINE("VAL_ 3221225472 Z 0 \"a\" ;") LINE("VAL_ 1 W 0 \"a\" ;")
				  LINE("VAL_ 2 S 0 \"a\" ;") LINE("VAL_ 0 S 0 \"a\" ;") LINE("SG_MUL_VAL_ 1 T M 0-0;")
					  LINE("SG_MUL_VAL_ Env M 0-0;") LINE("VAL_ Env 0 \"a\" ;"));
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(nheard, 5);
	assert_int_equal(heard[0].line, 3);
	for (size_t i = 1; i < 5; i++) {
		static const uint32_t lines[] = {6, 9, 10, 11};

		assert_int_equal(heard[i].line, lines[i - 1]);
		assert_true(heard[i].warning);
		assert_string_equal(heard[i].why, "about a signal that the file does not define; remove the statement or correct its name");
	}
	assert_string_equal(heard[1].detail, "T");
	assert_int_equal(signal_of(0, "S")->nchoices, 0);
	assert_int_equal(signal_of(0, "W")->nchoices, 0);
	/* the strict reader passes over doubts */
	assert_int_equal(parse_text(BO S8 "VAL_ 1 T 0 \"a\" ;\n", NULL), TT_OK);
}

static void statements_about_unknown_things_are_skipped(void **state)
{
	static const char sample[] = BO S8 "VAL_ 9 S 0 \"a\" ;\nVAL_ 1 Other 0 \"a\" ;\nVAL_ EnvVar 0 \"a\" ;\nVAL_ 1 S OnOff ;\n"
					   "SIG_VALTYPE_ 9 S : 1;\nEV_ Name: 0 [0|1] \"\" 0 1 DUMMY_NODE_VECTOR0 X;\nBO_TX_BU_ 1 : X,Y;\n";

	(void)state;
	assert_int_equal(parse_text(sample, NULL), TT_OK);
	assert_int_equal(dbc.messages[0].signals[0].nchoices, 0);
	assert_int_equal(parse_text("", NULL), TT_OK);
	assert_int_equal(dbc.nmessages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_broken_is_left_out_and_the_rest_is_read),
		cmocka_unit_test(what_is_broken_is_kept_by_name_where_its_name_is_known),
		cmocka_unit_test(a_second_signal_of_a_name_breaks_both),
		cmocka_unit_test(two_messages_of_one_identifier_both_stay_in_the_order_of_the_file),
		cmocka_unit_test(statements_about_a_signal_that_break_its_decoding_break_it),
		cmocka_unit_test(statements_about_what_is_not_there_are_told_as_doubts),
		cmocka_unit_test(statements_about_unknown_things_are_skipped),
	};

	return cmocka_run_group_tests_name("dbc_read", tests, NULL, NULL);
}
