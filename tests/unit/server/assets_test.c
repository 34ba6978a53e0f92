/* What cmake/embed_assets.cmake makes of a folder (tests/unit/server/dist), and how paths find it. */
#include "server/http/assets.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tt_asset *find(const char *path)
{
	return tt_asset_find(path, strlen(path));
}

static void files_are_embedded_byte_by_byte_with_type_and_tag(void **state)
{
	const struct tt_asset *a = find("/index.html");
	char path[600], buf[256];
	size_t n;
	FILE *f;

	(void)state;
	assert_int_equal(tt_nassets, 2);
	assert_non_null(a);
	(void)snprintf(path, sizeof(path), "%s/tests/unit/server/dist/index.html", getenv("TT_SOURCE_DIR"));
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	assert_int_equal(a->end - a->begin, n);
	assert_memory_equal(a->begin, buf, n);
	assert_string_equal(a->content_type, "text/html; charset=utf-8");
	assert_int_equal(strlen(a->etag), 34);
	assert_true(tt_asset_fresh(a, a->etag));
	assert_false(tt_asset_fresh(a, "\"another\""));
	assert_false(tt_asset_fresh(a, NULL));
}

static void gzip_is_kept_where_it_is_smaller(void **state)
{
	const struct tt_asset *a = find("/sub/app.ABCD1234.js");

	(void)state;
	assert_non_null(a);
	assert_string_equal(a->content_type, "text/javascript; charset=utf-8");
	assert_true(a->gz_end - a->gz_begin > 0 && a->gz_end - a->gz_begin < a->end - a->begin);
	assert_int_equal(a->gz_begin[0], 0x1F); /* RFC 1952 section 2.3.1 */
	assert_int_equal(a->gz_begin[1], 0x8B);
}

static void pages_of_the_desk_are_its_index_and_other_paths_are_not(void **state)
{
	static const struct {
		const char *path;
		bool index;
	} cases[] = {{"/", true}, {"/tickets/12", true}, {"/missing.js", false}, {"/a/b.css", false}, {"/api/nothing", false},
		     {"", false}, {"x", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_asset *a = find(cases[i].path);

		if ((a == find("/index.html")) != cases[i].index)
			fail_msg("%s", cases[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_embedded_byte_by_byte_with_type_and_tag),
		cmocka_unit_test(gzip_is_kept_where_it_is_smaller),
		cmocka_unit_test(pages_of_the_desk_are_its_index_and_other_paths_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
