#include "gateway/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void shards_are_numbers_and_ranges(void **state)
{
	static const struct {
		const char *text;
		enum tt_err err;
		uint64_t set;
	} cases[] = {
		{"0-63", TT_OK, UINT64_MAX}, {"0", TT_OK, 1},        {"63", TT_OK, UINT64_C(1) << 63},
		{"0,2,4-5", TT_OK, 0x35},    {"5,5", TT_OK, 0x20},   {"64", TT_ECONFIG, 0},
		{"-1", TT_ECONFIG, 0},       {"5-4", TT_ECONFIG, 0}, {"", TT_ECONFIG, 0},
		{"1,", TT_ECONFIG, 0},       {"1-", TT_ECONFIG, 0},  {"1-2-3", TT_ECONFIG, 0},
		{"all", TT_ECONFIG, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg msg;
		uint64_t set = 0;

		if (tt_settings_shards(cases[i].text, &set, &msg) != cases[i].err || set != cases[i].set)
			fail_msg("\"%s\"", cases[i].text);
	}
}

static void tls_without_its_files_names_the_way_out(void **state)
{
	struct tt_settings s = {.tls = true, .shards = "0-63", .ca = "ca.crt"};
	struct tt_errmsg msg;
	uint64_t shards;

	(void)state;
	assert_int_equal(tt_settings_check(&s, &shards, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "telltale init"));
	s.tls = false;
	assert_int_equal(tt_settings_check(&s, &shards, &msg), TT_OK);
}

static void the_presets_are_valid(void **state)
{
	char *argv[] = {"telltale-gateway", "--tls=false"};
	struct tt_settings s;
	struct tt_errmsg msg;
	uint64_t shards;
	bool help;

	(void)state;
	assert_int_equal(tt_config_load(&tt_settings_spec, &s, 2, argv, &help, &msg), TT_OK);
	assert_int_equal(tt_settings_check(&s, &shards, &msg), TT_OK);
	assert_true(shards == UINT64_MAX);
	assert_int_equal(s.late_minutes, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shards_are_numbers_and_ranges),
		cmocka_unit_test(tls_without_its_files_names_the_way_out),
		cmocka_unit_test(the_presets_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
