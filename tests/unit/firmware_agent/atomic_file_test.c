/* A file is there whole or not at all. */
#include "firmware/agent/atomic_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128], neighbour[128];

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/tt_atomic_XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)snprintf(neighbour, sizeof(neighbour), "%s/file.new", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder); /* nothing else was left */
}

static void expect(const char *text)
{
	char *got;
	size_t len;

	assert_int_equal(tt_atomic_file_read(path, 1000, &got, &len), TT_OK);
	assert_string_equal(got, text);
	assert_int_equal(len, strlen(text));
	free(got);
}

static void lines_are_there_after_the_end_and_the_old_ones_until_then(void **state)
{
	struct tt_atomic_file out;
	struct stat st;

	(void)state;
	assert_int_equal(tt_atomic_file_begin(&out, path, 0600), TT_OK);
	fprintf(out.f, "first\n");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(tt_atomic_file_end(&out), TT_OK);
	expect("first\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(tt_atomic_file_begin(&out, path, 0600), TT_OK);
	fprintf(out.f, "second, which is longer\n");
	expect("first\n");
	assert_int_equal(tt_atomic_file_end(&out), TT_OK);
	expect("second, which is longer\n");
	assert_int_equal(tt_atomic_file_write(path, "3", 1, 0600, NULL), TT_OK); /* and shorter again */
	expect("3");
}

/* The disk is full half-way: here the process may not write more than 4 KiB. */
static void what_could_not_be_written_leaves_the_old_file_and_nothing_beside_it(void **state)
{
	struct rlimit was, few;
	struct tt_atomic_file out;
	struct tt_errmsg msg = {.text = ""};
	char *much = calloc(1, 100000);
	enum tt_err by_lines, whole;

	(void)state;
	assert_non_null(much);
	assert_int_equal(tt_atomic_file_write(path, "old", 3, 0600, NULL), TT_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	few = (struct rlimit){.rlim_cur = 4096, .rlim_max = was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_int_equal(tt_atomic_file_begin(&out, path, 0600), TT_OK);
	for (int i = 0; i < 1000; i++) /* buffers fill and fail long before the end */
		fprintf(out.f, "a line of some length, number %d\n", i);
	by_lines = tt_atomic_file_end(&out);
	whole = tt_atomic_file_write(path, much, 100000, 0600, &msg);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	free(much);
	assert_int_equal(by_lines, TT_EIO);
	assert_int_equal(whole, TT_EIO);
	assert_non_null(strstr(msg.text, "too large"));
	expect("old");
	assert_int_equal(access(neighbour, F_OK), -1);
}

static void a_folder_that_is_not_there_and_a_path_too_long_are_told(void **state)
{
	struct tt_atomic_file out;
	struct tt_errmsg msg = {.text = ""};
	char long_path[TT_ATOMIC_FILE_PATH];

	(void)state;
	assert_int_equal(tt_atomic_file_begin(&out, "/nonexistent/folder/x", 0600), TT_EIO);
	assert_int_equal(tt_atomic_file_write("/nonexistent/folder/x", "1", 1, 0600, &msg), TT_EIO);
	assert_non_null(strstr(msg.text, "/nonexistent/folder/x"));
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(tt_atomic_file_begin(&out, long_path, 0600), TT_ERANGE);
	assert_int_equal(tt_atomic_file_write(long_path, "1", 1, 0600, &msg), TT_ERANGE);
	long_path[sizeof(long_path) - 4] = '\0'; /* its neighbour's name would have no room */
	assert_int_equal(tt_atomic_file_begin(&out, long_path, 0600), TT_ERANGE);
	assert_int_equal(mkdir(path, 0700), 0); /* a folder in its place */
	assert_int_equal(tt_atomic_file_write(path, "1", 1, 0600, NULL), TT_EIO);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(access(neighbour, F_OK), -1);
}

static void reading_tells_absent_and_too_long_apart(void **state)
{
	char *text, line[16];
	size_t len;
	FILE *f;

	(void)state;
	assert_int_equal(tt_atomic_file_read(path, 10, &text, &len), TT_ENOTFOUND);
	assert_int_equal(tt_atomic_file_open(path, &f), TT_ENOTFOUND);
	assert_int_equal(tt_atomic_file_write(path, "one\ntwo\n", 8, 0600, NULL), TT_OK);
	assert_int_equal(tt_atomic_file_read(path, 7, &text, &len), TT_ERANGE);
	assert_int_equal(tt_atomic_file_read(folder, 10, &text, &len), TT_EIO);
	assert_int_equal(tt_atomic_file_open(path, &f), TT_OK);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, "one\n");
	assert_int_equal(fclose(f), 0);
	assert_int_equal(tt_atomic_file_open("/proc/self/mem/x", &f), TT_EIO); /* ENOTDIR */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_there_after_the_end_and_the_old_ones_until_then),
		TEST(what_could_not_be_written_leaves_the_old_file_and_nothing_beside_it),
		TEST(a_folder_that_is_not_there_and_a_path_too_long_are_told),
		TEST(reading_tells_absent_and_too_long_apart),
	};

	return cmocka_run_group_tests_name("atomic file", tests, NULL, NULL);
}
