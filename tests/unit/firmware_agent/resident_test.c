#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/io/resident.h"

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	}
	fclose(f);
	return kb;
}

static void what_the_start_needed_is_given_back_and_everything_still_works(void **state)
{
	static char written[1 << 16];
	const long before = resident_kb();

	(void)state;
	memset(written, 7, sizeof(written));
	tt_resident_trim();
	assert_true(resident_kb() < before);
	for (size_t i = 0; i < sizeof(written); i++)
		assert_int_equal(written[i], 7);
	assert_true(fabs(sin(1.0) - 0.8414709848) < 1e-9);
	tt_resident_trim();
	assert_true(atoi("42") == 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_start_needed_is_given_back_and_everything_still_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
