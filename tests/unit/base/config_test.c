#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct sample {
	char store[16];
	int64_t window;
	bool verbose;
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct sample, store, "store", NULL, "where the record lives"),
	TT_CONFIG_NUM(struct sample, window, "ack-window", 1, 100, "8", "events in flight"),
	TT_CONFIG_FLAG(struct sample, verbose, "verbose", "false", "say more"),
};
static const struct tt_config_spec spec = {"sample", "a test", "TT_SAMPLE", keys, 3};

static char path[] = "/tmp/tt_config_XXXXXX";

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static enum tt_err load(struct sample *s, struct tt_errmsg *msg, char *a, char *b)
{
	char program[] = "sample", option[] = "--config";
	char *argv[] = {program, option, path, a, b, NULL};
	bool help;

	return tt_config_load(&spec, s, 3 + (a ? 1 : 0) + (b ? 1 : 0), argv, &help, msg);
}

static void later_sources_win(void **state)
{
	struct sample s;
	struct tt_errmsg msg;
	char option[] = "--ack-window=12", flag[] = "--verbose";

	(void)state;
	write_file("# comment\nstore = a.db\nack_window = 10\n");
	assert_int_equal(load(&s, &msg, NULL, NULL), TT_OK);
	assert_string_equal(s.store, "a.db");
	assert_int_equal(s.window, 10);
	assert_int_equal(setenv("TT_SAMPLE_ACK_WINDOW", "11", 1), 0);
	assert_int_equal(load(&s, &msg, NULL, NULL), TT_OK);
	assert_int_equal(s.window, 11);
	assert_int_equal(load(&s, &msg, option, flag), TT_OK);
	assert_int_equal(s.window, 12);
	assert_true(s.verbose);
	unsetenv("TT_SAMPLE_ACK_WINDOW");
}

static void a_mistake_is_named_with_its_line(void **state)
{
	static const struct {
		const char *file, *says;
	} cases[] = {
		{"store = a\nack_window = 101\n", ":2: ack-window = 101 is outside 1..100"},
		{"store = a\nack_window = ten\n", ":2: ack-window must be a whole number"},
		{"stor = a\n", ":1: unknown key 'stor'"},
		{"store = a\nstore = b\n", ":2: key 'store' stands twice"},
		{"store = 0123456789abcdef\n", ":1: store is longer than 15 bytes"},
		{"garbage\n", ":1: expected 'key = value'"},
		{"verbose = maybe\n", ":1: verbose must be true or false"},
		{"\n", "'store' is not set"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample s;
		struct tt_errmsg msg = {""};

		write_file(cases[i].file);
		if (load(&s, &msg, NULL, NULL) != TT_ECONFIG || !strstr(msg.text, cases[i].says))
			fail_msg("case %zu said: %s", i, msg.text);
	}
}

static void options_that_are_wrong_are_named(void **state)
{
	struct sample s;
	struct tt_errmsg msg;
	char unknown[] = "--colour", word[] = "colour", needs[] = "--ack-window";

	(void)state;
	write_file("store = a\n");
	assert_int_equal(load(&s, &msg, unknown, NULL), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "--colour"));
	assert_int_equal(load(&s, &msg, word, NULL), TT_ECONFIG);
	assert_int_equal(load(&s, &msg, needs, NULL), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "needs a value"));
}

static int make_path(void **state)
{
	const int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int drop_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_sources_win),
		cmocka_unit_test(a_mistake_is_named_with_its_line),
		cmocka_unit_test(options_that_are_wrong_are_named),
	};

	return cmocka_run_group_tests_name("base config", tests, make_path, drop_path);
}
