#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void value_tables_are_taken_by_name(void **state)
{
	static const char sample[] =
		BO S8 SG("T", "", "8|8@1+") LINE("VAL_TABLE_ Other 0 \"no\" ;") LINE("VAL_TABLE_ OnOff 1 \"On\" 0 \"Off\" ;")
			LINE("VAL_ 1 S OnOff ;") LINE("VAL_ 1 T None ;") LINE("VAL_TABLE_ 5 0 \"no\" ;");
	(void)state;
	read_text(sample);
	assert_int_equal(dbc.ntables, 2);
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[0].signals[0], 1), "On");
	assert_int_equal(dbc.messages[0].signals[1].nchoices, 0);
	assert_int_equal(nheard, 2);
	assert_true(heard[0].warning);
	assert_int_equal(heard[0].line, 7);
	assert_false(heard[1].warning);
	assert_int_equal(heard[1].line, 8);
}

static void tables_are_found_by_their_whole_name(void **state)
{
	(void)state;
	read_text(BO S8 "VAL_TABLE_ On 1 \"short\" ;\nVAL_TABLE_ OnOff 1 \"right\" ;\nVAL_TABLE_ OnOfX 1 \"wrong\" ;\nVAL_ 1 S OnOff ;\n");
	assert_int_equal(nheard, 0);
	assert_int_equal(dbc.ntables, 3);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), 1), "right");
	read_text(BO S8 "VAL_TABLE_ OnOff 1 \"right\" ;\nVAL_ 1 S On ;\nVAL_ 1 S OnOff;\nVAL_ 1 S Of;\n");
	assert_int_equal(nheard, 2);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), 1), "right");
}

static void only_a_signal_s_own_texts_are_its_texts(void **state)
{
	static const struct tt_dbc_choice two[] = {{1, "one"}, {2, "two"}};
	const struct tt_dbc_signal s = {.choices = two, .nchoices = 1};

	(void)state;
	assert_string_equal(tt_dbc_choice_text(&s, 1), "one");
	assert_null(tt_dbc_choice_text(&s, 2));
}

static void floats_have_the_size_of_their_type(void **state)
{
	(void)state;
	assert_int_equal(parse_text(BO SG("S", "", "0|32@1+") SG("T", "", "0|64@1+") SG("U", "", "0|8@1+") LINE("SIG_VALTYPE_ 1 S : 1;")
					    LINE("SIG_VALTYPE_ 1 T 2;") LINE("SIG_VALTYPE_ 1 U : 0;") LINE("SIG_VALTYPE_ Env : 9;"),
				    NULL),
			 TT_OK);
	assert_int_equal(signal_of(0, "S")->type, TT_DBC_FLOAT);
	assert_int_equal(signal_of(0, "T")->type, TT_DBC_DOUBLE);
	assert_int_equal(signal_of(0, "U")->type, TT_DBC_INT);
	read_text(BO SG("S", "", "0|32@1+") "SIG_VALTYPE_ 1 S : 1\n");
	assert_int_equal(nheard, 1);
	assert_int_equal(signal_of(0, "S")->type, TT_DBC_INT);
	assert_non_null(signal_of(0, "S")->broken);
}

static void ranges_of_a_multiplexor_have_a_limit(void **state)
{
	const size_t cap = 1 << 20, room = 16 << 20;
	char *text = malloc(cap);
	uint8_t *room_p = malloc(room);
	struct tt_dbc_fault fault;

	(void)state;
	assert_non_null(text);
	assert_non_null(room_p);
	for (unsigned n = UINT16_MAX; n <= UINT16_MAX + 1; n++) {
		struct tt_dbc_arena a = {.p = room_p, .cap = room};
		size_t len = (size_t)snprintf(text, cap, "%sSG_MUL_VAL_ 1 S M 0-0", MUXED);

		for (unsigned i = 1; i < n; i++)
			len += (size_t)snprintf(text + len, cap - len, ",1-1");
		text[len++] = ';';
		assert_true(tt_dbc_arena_size(text, len) <= room);
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, &fault), n == UINT16_MAX ? TT_OK : TT_EINVAL);
		if (n == UINT16_MAX)
			assert_int_equal(signal_of(0, "S")->nranges, UINT16_MAX);
	}
	assert_string_equal(fault.detail, ",");
	free(text);
	free(room_p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_tables_are_taken_by_name),          cmocka_unit_test(tables_are_found_by_their_whole_name),
		cmocka_unit_test(only_a_signal_s_own_texts_are_its_texts), cmocka_unit_test(floats_have_the_size_of_their_type),
		cmocka_unit_test(ranges_of_a_multiplexor_have_a_limit),
	};

	return cmocka_run_group_tests_name("dbc_extras", tests, NULL, NULL);
}
