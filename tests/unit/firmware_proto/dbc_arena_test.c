#include "dbc_parts.h"

#include "firmware/proto/dbc_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_counted_arena_is_enough_and_a_smaller_one_is_an_error(void **state)
{
	static const char *const names[] = {"schemas/dbc/telltale_demo.dbc", "tests/golden/dbc/layouts.dbc"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t len;
		const char *text = file_text(names[i], &len);
		const size_t need = tt_dbc_arena_size(text, len);
		struct tt_dbc_arena a = {.p = parts_memory, .cap = need};
		size_t used;

		assert_true(need < PARTS_MEMORY);
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, NULL), TT_OK);
		used = a.used;
		for (size_t cap = 0; cap < used; cap += cap < 256 ? 1 : 61) {
			struct tt_dbc_fault fault = {0};

			a = (struct tt_dbc_arena){.p = parts_memory, .cap = cap};
			assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, &fault), TT_ENOMEM);
		}
		a = (struct tt_dbc_arena){.p = parts_memory, .cap = used};
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, NULL), TT_OK);
		a.cap += tt_dbc_plan_bound(&dbc);
		assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
		a = (struct tt_dbc_arena){.p = parts_memory + used, .cap = 64};
		assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_ENOMEM);
	}
}

static const char everything[] =
	"VERSION \"\"\nBU_: X\n" MUXED
	"BO_ 2 Second: 8 X\n SG_ \xC4hnlich : 0|8@1+ (1,0) [0|0] \"\xB0\x43\" X\n SG_ Bad : 0|99@1+ (1,0) [0|0] \"\" X\n"
	"BO_ 5000 Worse: 8 X\nCM_ \"nothing\";\nVAL_TABLE_ Table 0 \"zero\" 1 \"one\" ;\nVAL_ 1 N 0 \"zero\" 1 \"\x80\x80\x80\" ;\nVAL_ 1 "
	"S Table ;\n"
	"SG_MUL_VAL_ 1 S M 0-3, 5-6;\n";

static void whatever_the_arena_lacks_is_told_as_such(void **state)
{
	char strict[sizeof(everything)];

	(void)state;
	memcpy(strict, everything, sizeof(everything));
	memset(strstr(strict, " SG_ Bad"), ' ', strlen(" SG_ Bad : 0|99@1+ (1,0) [0|0] \"\" X"));
	memset(strstr(strict, "BO_ 5000"), ' ', strlen("BO_ 5000 Worse: 8 X"));
	for (size_t offset = 0; offset < 16; offset += 5) {
		struct tt_dbc_arena a = {.p = parts_memory + offset, .cap = tt_dbc_arena_size(everything, sizeof(everything) - 1)};
		struct tt_dbc_fault fault;
		size_t used;

		nheard = 0;
		assert_int_equal(tt_dbc_read(everything, sizeof(everything) - 1, &a, hear, NULL, &dbc), TT_OK);
		assert_int_equal(nheard, 2);
		used = a.used;
		for (size_t cap = 0; cap < used; cap++) {
			a = (struct tt_dbc_arena){.p = parts_memory + offset, .cap = cap};
			nheard = 0;
			if (tt_dbc_read(everything, sizeof(everything) - 1, &a, hear, NULL, &dbc) == TT_OK) {
				/* only the name of something broken was lost */
				assert_int_equal(nheard, 2);
				assert_true(a.used <= cap);
			}
		}
		a = (struct tt_dbc_arena){.p = parts_memory + offset, .cap = tt_dbc_arena_size(strict, sizeof(strict) - 1)};
		assert_int_equal(tt_dbc_parse(strict, sizeof(strict) - 1, &a, &dbc, NULL), TT_OK);
		used = a.used;
		for (size_t cap = 0; cap < used; cap++) {
			a = (struct tt_dbc_arena){.p = parts_memory + offset, .cap = cap};
			assert_int_equal(tt_dbc_parse(strict, sizeof(strict) - 1, &a, &dbc, &fault), TT_ENOMEM);
			assert_string_equal(fault.why, "the arena is too small for this database");
			assert_true(a.used <= cap);
		}
	}
}

static void everything_in_the_text_pays_for_what_it_can_become(void **state)
{
	enum { PAD = 32, MESSAGE = sizeof(struct tt_dbc_message) + 4 + PAD, CHOICE = sizeof(struct tt_dbc_choice) + PAD };
	enum { SIGNAL = sizeof(struct tt_dbc_signal) + sizeof(struct tt_dbc_range) + 3 * PAD, TABLE = sizeof(struct tt_dbc_table) + PAD };
	/* one message, one signal without its name's and range's alignment and one string more than stand there, and 64 bytes */
	const size_t base = 4 + MESSAGE - PAD + SIGNAL - 2 * PAD + CHOICE + 64;
	static const struct {
		const char *text;
		size_t len, more;
	} cases[] = {
		{"", 0, 0},
		{"x", 1, 0},
		{",", 1, PAD},
		{",,", 1, PAD},
		{";", 1, TABLE},
		{"\"", 1, 0},
		{"\"\"", 2, CHOICE},
		{"\"\"\"", 3, CHOICE},
		{"BO_", 3, MESSAGE},
		{"BO_", 2, 0},
		{" BO_", 3, 0},
		{" BO_", 4, MESSAGE},
		{"\nBO_", 4, MESSAGE},
		{"SG_", 3, SIGNAL},
		{" SG_", 3, 0},
		{"x\nSG_", 5, SIGNAL},
		{"x SG_", 5, 0},
		{"!BO_", 4, 0},
		{"<BO_", 4, 0},
		{"x\n  BO_", 7, MESSAGE},
		{";BO_", 4, TABLE + MESSAGE},
	};

	(void)state;
	if (_Alignof(max_align_t) != 16)
		skip(); /* the numbers are those of 64-bit machines */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(tt_dbc_arena_size(cases[i].text, cases[i].len), base + 3 * cases[i].len + cases[i].more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counted_arena_is_enough_and_a_smaller_one_is_an_error),
		cmocka_unit_test(whatever_the_arena_lacks_is_told_as_such),
		cmocka_unit_test(everything_in_the_text_pays_for_what_it_can_become),
	};

	return cmocka_run_group_tests_name("dbc_arena", tests, NULL, NULL);
}
