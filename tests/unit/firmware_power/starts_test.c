#include "firmware/agent/starts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/tt-starts-XXXXXX", path[64];

static int fresh(void **state)
{
	(void)state;
	memcpy(folder, "/tmp/tt-starts-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/starts", folder);
	return 0;
}

static int away(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static struct tt_starts start(const char *boot)
{
	struct tt_starts s;

	assert_int_equal(tt_starts_note(path, boot, 5, &s), TT_OK);
	return s;
}

static void the_sixth_start_in_a_row_that_did_not_last_is_minimal(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 5; i++) {
		const struct tt_starts s = start("b1");

		assert_int_equal(s.count, i);
		assert_int_equal(s.recent, i);
		assert_false(s.minimal);
	}
	assert_true(start("b1").minimal);
	assert_true(start("b1").minimal);  /* and so are those after it */
	assert_false(start("b2").minimal); /* but a new boot begins anew */
	assert_int_equal(start("b2").count, 9);
}

static void a_start_that_lasted_is_forgiven(void **state)
{
	struct tt_starts s = {.count = 0};

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		s = start("b1");
		assert_false(s.minimal);
		if (i % 5 == 4)
			assert_int_equal(tt_starts_settled(path, "b1", &s), TT_OK);
	}
	assert_int_equal(start("b1").count, 21);
}

static void without_a_limit_nothing_is_minimal(void **state)
{
	struct tt_starts s;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(tt_starts_note(path, "b1", 0, &s), TT_OK);
		assert_false(s.minimal);
	}
}

static void a_damaged_file_is_a_first_start(void **state)
{
	static const char *const texts[] = {"",
					    "telltale-starts 2 3 3 b1 end\n",
					    "telltale-starts 1 3 3 b1\n",
					    "telltale-starts 1 3 4 b1 end\n",
					    "telltale-starts 1 4000000000 9 b1 end\n",
					    "telltale-starts 1 x 9 b1 end\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *f = fopen(path, "we");

		assert_non_null(f);
		assert_true(fputs(texts[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(start("b1").count, 1);
	}
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
	struct tt_starts s;

	(void)state;
	assert_int_equal(tt_starts_note("/nonexistent/starts", "b1", 5, &s), TT_EIO);
	assert_int_equal(s.count, 1);
	assert_int_equal(tt_starts_settled("/nonexistent/starts", "b1", &s), TT_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_sixth_start_in_a_row_that_did_not_last_is_minimal, fresh, away),
		cmocka_unit_test_setup_teardown(a_start_that_lasted_is_forgiven, fresh, away),
		cmocka_unit_test_setup_teardown(without_a_limit_nothing_is_minimal, fresh, away),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_a_first_start, fresh, away),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_is_told, fresh, away),
	};

	return cmocka_run_group_tests_name("starts", tests, NULL, NULL);
}
