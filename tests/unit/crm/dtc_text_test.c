#include "crm/domain/dtc_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void the_table_is_sorted_complete_and_found_entry_by_entry(void **state)
{
	char before[8] = "";

	(void)state;
	assert_true(tt_dtc_text_count() >= 150);
	for (size_t i = 0; i < tt_dtc_text_count(); i++) {
		struct tt_dtc_text t, found;

		tt_dtc_text_at(i, &t);
		if (strcmp(before, t.code) >= 0 || strlen(t.code) != 5 || t.severity < 1 || t.severity > 4 || t.text_en[0] == 0 ||
		    t.text_zh[0] == 0 || t.system[0] == 0)
			fail_msg("entry %zu, %s after %s", i, t.code, before);
		if ((unsigned char)t.text_zh[0] < 0x80 && (unsigned char)t.text_zh[3] < 0x80)
			fail_msg("%s: Chinese text is not Chinese: %s", t.code, t.text_zh);
		/* A subject is the code, a space and the text. */
		if (strlen(t.text_en) > 100)
			fail_msg("%s: text too long for a subject", t.code);
		tt_dtc_describe(t.code, &found);
		assert_true(found.exact);
		assert_string_equal(found.code, t.code);
		assert_string_equal(found.text_en, t.text_en);
		(void)snprintf(before, sizeof(before), "%s", t.code);
	}
}

static void codes_are_described_by_themselves_or_by_their_group(void **state)
{
	static const struct {
		const char *code, *found, *system;
		bool exact;
	} cases[] = {
		{"P0301", "P0301", "ignition", true},
		{"p0301", "P0301", "ignition", true},
		{"P0301-1C", "P0301", "ignition", true}, /* UDS with failure type */
		{"P0a80", "P0A80", "hybrid", true},
		{"P0399", "P03", "ignition", false},
		{"P03011", "P03", "ignition", false}, /* one character too many is another code */
		{"P030", "P03", "ignition", false},
		{"P1234", "P", "powertrain", false},
		{"P0999", "P09", "transmission", false},
		{"C1234", "C", "chassis", false},
		{"B2AAA", "B", "body", false},
		{"U3000", "U", "network", false},
		{"SPN 190 FMI 2", "", "unknown", false},
		{"", "", "unknown", false},
		{"\xff\xff\xff\xff\xff", "", "unknown", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_dtc_text t;

		tt_dtc_describe(cases[i].code, &t);
		if (strcmp(t.code, cases[i].found) != 0 || strcmp(t.system, cases[i].system) != 0 || t.exact != cases[i].exact)
			fail_msg("\"%s\": %s %s %d", cases[i].code, t.code, t.system, t.exact);
	}
}

static void every_misfire_is_an_impact_that_damages_soon(void **state)
{
	(void)state;
	for (int i = 0; i <= 8; i++) {
		char code[8];
		struct tt_dtc_text t;

		(void)snprintf(code, sizeof(code), "P030%d", i);
		tt_dtc_describe(code, &t);
		assert_true(t.exact);
		assert_int_equal(t.severity, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_complete_and_found_entry_by_entry),
		cmocka_unit_test(codes_are_described_by_themselves_or_by_their_group),
		cmocka_unit_test(every_misfire_is_an_impact_that_damages_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
