#include "operator/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* One case: the text, and the records as "line:field|field;" with E for an error. */
static const struct {
	const char *name, *text, *records;
} cases[] = {
	{"plain", "a,b\n1,2\n", "1:a|b;2:1|2;"},
	{"no line end at the end", "a,b\n1,2", "1:a|b;2:1|2;"},
	{"carriage returns and a byte-order mark", "\xEF\xBB\xBFname,vin\r\nLi,X\r\n", "1:name|vin;2:Li|X;"},
	{"semicolons", "a;b\n1,5;2\n", "1:a|b;2:1,5|2;"},
	{"tabs", "a\tb\n1\t\n", "1:a|b;2:1|;"},
	{"quotes hold separators, quotes and line breaks", "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nc,d\n",
	 "1:a|b;2:x, \"y\"|two\nlines;4:c|d;"},
	{"empty fields stay", "a,b,c\n,,\n", "1:a|b|c;2:||;"},
	{"blank lines are skipped and counted", "a\n\n\nb\n", "1:a;4:b;"},
	{"a quote in the middle is an error and the next line goes on", "a\nx\"y\nb\n", "1:a;2:E;3:b;"},
	{"text after a closing quote is an error", "a\n\"x\"y\nb\n", "1:a;2:E;3:b;"},
	{"a quote that never ends is an error", "a\n\"x\nb\n", "1:a;2:E;3:b;"},
	{"Chinese names", "name\n张伟\n", "1:name;2:张伟;"},
	{"nothing", "", ""},
};

static void records_come_out_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256], got[512] = "";
		struct tt_csv_record rec;
		struct tt_csv csv;
		enum tt_err err;

		strcpy(text, cases[i].text);
		csv = tt_csv_init(text, strlen(text));
		while ((err = tt_csv_next(&csv, &rec)) != TT_EEOF) {
			char line[200];

			(void)snprintf(line, sizeof(line), "%u:%s", csv.line, err ? "E" : "");
			strcat(got, line);
			for (size_t f = 0; !err && f < rec.n; f++) {
				strcat(got, f ? "|" : "");
				strcat(got, rec.fields[f]);
			}
			strcat(got, ";");
		}
		if (strcmp(got, cases[i].records) != 0)
			fail_msg("%s: got '%s'", cases[i].name, got);
	}
}

static void too_many_fields_are_refused(void **state)
{
	char text[TT_CSV_MAX_FIELDS * 2 + 2];
	struct tt_csv_record rec;
	struct tt_csv csv;

	(void)state;
	memset(text, ',', sizeof(text));
	csv = tt_csv_init(text, TT_CSV_MAX_FIELDS);
	assert_int_equal(tt_csv_next(&csv, &rec), TT_EFULL);
	assert_int_equal(tt_csv_next(&csv, &rec), TT_EEOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_as_written),
		cmocka_unit_test(too_many_fields_are_refused),
	};

	return cmocka_run_group_tests_name("operator csv", tests, NULL, NULL);
}
