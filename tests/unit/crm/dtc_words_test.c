#include "crm/domain/dtc_words.h"

#include "crm/domain/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_protocol_reads_well(void **state)
{
	static const struct {
		const char *code, *en, *zh;
		int32_t severity, failure_type;
		int64_t spn;
		int32_t fmi;
	} cases[] = {
		{"P0301", "Cylinder 1 misfire", NULL, TT_IMPACT_SOON, -1, -1, -1},
		{"P0301-13", "Cylinder 1 misfire: open circuit", NULL, TT_IMPACT_SOON, 0x13, -1, -1},
		{"p0301-1a", "Cylinder 1 misfire: resistance too low", NULL, TT_IMPACT_SOON, 0x1A, -1, -1},
		{"P0301-F1", "Cylinder 1 misfire: 0xF1", NULL, TT_IMPACT_SOON, 0xF1, -1, -1},
		{"P0301-00", "Cylinder 1 misfire", NULL, TT_IMPACT_SOON, -1, -1, -1},
		{"P0301-0G", "Cylinder 1 misfire", NULL, TT_IMPACT_SOON, -1, -1, -1},
		{"P0301-G0", "Cylinder 1 misfire", NULL, TT_IMPACT_SOON, -1, -1, -1},
		{"P0301-1", "Cylinder 1 misfire", NULL, TT_IMPACT_SOON, -1, -1, -1},
		{"100/1", "Engine oil pressure: far too low", "机油压力：严重过低", TT_IMPACT_STOP, -1, 100, 1},
		{"520192/31", "SPN 520192: condition exists", "SPN 520192：状态存在", TT_IMPACT_SERVICE, -1, 520192, 31},
		{"110/22", "Engine coolant temperature: FMI 22", NULL, TT_IMPACT_STOP, -1, 110, 22},
		{"524287/0", "SPN 524287: far too high", NULL, TT_IMPACT_SERVICE, -1, 524287, 0},
		{"0/0", "SPN 0: far too high", NULL, TT_IMPACT_SERVICE, -1, 0, 0},
		{"524288/0", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"100/32", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"-1/1", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"1/-1", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"/1", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"1/", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
		{"", "Trouble code", NULL, TT_IMPACT_SERVICE, -1, -1, -1},
	};
	struct tt_dtc_words w;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_dtc_words(cases[i].code, &w);
		print_message("%s\n", cases[i].code);
		assert_string_equal(w.en, cases[i].en);
		assert_true(w.zh[0] != '\0');
		if (cases[i].zh)
			assert_string_equal(w.zh, cases[i].zh);
		assert_int_equal(w.severity, cases[i].severity);
		assert_int_equal(w.failure_type, cases[i].failure_type);
		assert_int_equal(w.spn, cases[i].spn);
		assert_int_equal(w.fmi, cases[i].fmi);
		assert_true(w.system[0] != '\0');
	}
}

static void the_system_is_that_of_parameter_or_code(void **state)
{
	struct tt_dtc_words w;

	(void)state;
	tt_dtc_words("117/1", &w);
	assert_string_equal(w.system, "brakes");
	tt_dtc_words("518/1", &w);
	assert_string_equal(w.system, "unknown");
	tt_dtc_words("P0301-13", &w);
	assert_string_equal(w.system, "ignition");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_protocol_reads_well),
		cmocka_unit_test(the_system_is_that_of_parameter_or_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
