/*
 * Reading a configuration: its shape, its bounds, and that what is not understood is refused.
 */
#include "firmware/proto/config_doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct doc {
	uint8_t bytes[4096];
	size_t len;
};

static void put(struct doc *d, const void *bytes, size_t n)
{
	memcpy(d->bytes + d->len, bytes, n);
	d->len += n;
}

static void put_bytes(struct doc *d, unsigned field, const void *bytes, size_t n)
{
	const uint8_t head[3] = {(uint8_t)(field << 3 | 2), (uint8_t)((n & 0x7F) | 0x80), (uint8_t)(n >> 7)};

	put(d, head, 3);
	put(d, bytes, n);
}

static void put_number(struct doc *d, unsigned field, uint8_t n)
{
	const uint8_t bytes[2] = {(uint8_t)(field << 3), n};

	put(d, bytes, 2);
}

static void put_file(struct doc *d, const char *name, size_t sum)
{
	static const uint8_t zeros[64];
	struct doc file = {.len = 0};

	put_bytes(&file, 1, name, strlen(name));
	put_bytes(&file, 2, zeros, sum);
	put_bytes(&file, 3, "content", 7);
	put_bytes(d, 5, file.bytes, file.len);
}

static void put_setting(struct doc *d, const char *key, const char *value)
{
	struct doc setting = {.len = 0};

	put_bytes(&setting, 1, key, strlen(key));
	put_bytes(&setting, 2, value, strlen(value));
	put_bytes(d, 6, setting.bytes, setting.len);
}

static struct doc good(void)
{
	struct doc d = {.len = 0};

	put_bytes(&d, 1, "CAR-7", 5);
	put_number(&d, 2, 5);
	put_number(&d, 3, 8);
	put_bytes(&d, 4, "telltale-profile 1\n", 19);
	put_file(&d, "demo.dbc", 32);
	put_setting(&d, "state-interval-ms", "7000");
	return d;
}

static void a_document_is_read_as_it_was_sent(void **state)
{
	const struct doc d = good();
	struct tt_config_doc out;
	const char *why = NULL;

	(void)state;
	assert_int_equal(tt_config_doc_decode(d.bytes, d.len, &out, &why), TT_OK);
	assert_string_equal(out.unit, "CAR-7");
	assert_true(out.version == 5 && out.issued_at_us == 4 && out.profile_len == 19);
	assert_memory_equal(out.profile, "telltale-profile 1\n", 19);
	assert_int_equal(out.nfiles, 1);
	assert_string_equal(out.files[0].name, "demo.dbc");
	assert_int_equal(out.files[0].len, 7);
	assert_memory_equal(out.files[0].content, "content", 7);
	assert_int_equal(out.nsettings, 1);
	assert_string_equal(out.settings[0].key, "state-interval-ms");
	assert_string_equal(out.settings[0].value, "7000");
}

static void expect(const struct doc *d, enum tt_err want, const char *what)
{
	struct tt_config_doc out;
	const char *why = "";
	const enum tt_err err = tt_config_doc_decode(d->bytes, d->len, &out, &why);

	if (err != want || (err && !strstr(why, what)))
		fail_msg("%s: %s, wanted %s", tt_err_name(err), why, what);
}

static void each_broken_bound_is_named(void **state)
{
	static const char long_name[] = "a-name-of-sixty-four-bytes-which-is-one-more-than-a-name-may-hav";
	static const uint8_t negative[] = {3 << 3, 1}, cut[] = {0x22, 0x7F};
	static const uint8_t huge[] = {2 << 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01};
	struct doc d;

	(void)state;
	assert_int_equal(strlen(long_name), 64);
	d = good(), put_number(&d, 7, 1), expect(&d, TT_ENOTSUP, "does not know");
	d = good(), put_number(&d, 1, 1), expect(&d, TT_EPROTO, "unit");
	d = good(), put_bytes(&d, 1, "A-NAME-OF-THIRTY-THREE-BYTES-XXXX", 33), expect(&d, TT_EPROTO, "unit");
	d = good(), put_bytes(&d, 1, "A-NAME-OF-THIRTY-TWO-BYTES-XXXXX", 32), expect(&d, TT_OK, "");
	d = good(), put_bytes(&d, 1, "A\nB", 3), expect(&d, TT_EPROTO, "unit");
	d = good(), put_number(&d, 2, 0), expect(&d, TT_EPROTO, "version");
	d = good(), put_bytes(&d, 2, "x", 1), expect(&d, TT_EPROTO, "version");
	d = good(), put(&d, huge, sizeof(huge)), expect(&d, TT_EPROTO, "version");
	d = good(), put(&d, negative, 2), expect(&d, TT_EPROTO, "issue");
	d = good(), put_bytes(&d, 3, "x", 1), expect(&d, TT_EPROTO, "issue");
	d = good(), put_number(&d, 4, 1), expect(&d, TT_EPROTO, "profile");
	d = good(), put_bytes(&d, 4, "", 0), expect(&d, TT_EPROTO, "no profile");
	d = good(), put(&d, cut, 2), expect(&d, TT_EPROTO, "protobuf");
	d = good(), put_number(&d, 5, 1), expect(&d, TT_EPROTO, "files");
	d = good(), put_number(&d, 6, 1), expect(&d, TT_EPROTO, "settings");
	d = good(), put_file(&d, "demo.dbc", 32), expect(&d, TT_EPROTO, "twice");
	d = good(), put_file(&d, "other.dbc", 31), expect(&d, TT_EPROTO, "sum");
	d = good(), put_file(&d, "../evil", 32), expect(&d, TT_EPROTO, "name");
	d = good(), put_file(&d, ".hidden", 32), expect(&d, TT_EPROTO, "name");
	d = good(), put_file(&d, "", 32), expect(&d, TT_EPROTO, "name");
	d = good(), put_file(&d, long_name, 32), expect(&d, TT_EPROTO, "no name");
	d = good(), put_file(&d, long_name + 1, 32), expect(&d, TT_OK, "");
	d = good(), put_setting(&d, "", "x"), expect(&d, TT_EPROTO, "no key");
	d = good(), put_setting(&d, long_name, "x"), expect(&d, TT_EPROTO, "key is too long");
	d = good(), put_setting(&d, "x", long_name), expect(&d, TT_EPROTO, "value is too long");
	d = good(), put_bytes(&d, 5, "\x20\x01", 2), expect(&d, TT_ENOTSUP, "does not know");
	d = good(), put_bytes(&d, 5, "\x10\x01", 2), expect(&d, TT_EPROTO, "no file");
	d = good(), put_bytes(&d, 5, "\x80", 1), expect(&d, TT_EPROTO, "protobuf");
	d = good(), put_bytes(&d, 6, "\x18\x01", 2), expect(&d, TT_ENOTSUP, "does not know");
	d = (struct doc){.len = 0}, put_bytes(&d, 4, "x", 1), expect(&d, TT_EPROTO, "no version");
}

static void lists_have_an_end(void **state)
{
	struct doc d = good();
	char name[3] = "f0";

	(void)state;
	for (int i = 1; i < TT_CONFIG_DOC_FILES; i++, name[1]++)
		put_file(&d, name, 32);
	for (int i = 1; i < TT_CONFIG_DOC_SETTINGS; i++)
		put_setting(&d, "k", "v");
	expect(&d, TT_OK, "");
	put_setting(&d, "k", "v");
	expect(&d, TT_EPROTO, "16 settings");
	d = good();
	name[1] = '0';
	for (int i = 0; i < TT_CONFIG_DOC_FILES; i++, name[1]++)
		put_file(&d, name, 32);
	expect(&d, TT_EPROTO, "8 files");
}

static void the_longest_document_has_its_bound(void **state)
{
	static uint8_t bytes[TT_CONFIG_DOC_MAX_BYTES + 1];
	struct tt_config_doc out;
	const char *why = "";

	(void)state;
	assert_int_equal(tt_config_doc_decode(bytes, sizeof(bytes), &out, &why), TT_ERANGE);
	assert_int_equal(tt_config_doc_decode(bytes, sizeof(bytes) - 1, &out, &why), TT_EPROTO);
	assert_string_equal(why, "is not protobuf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read_as_it_was_sent),
		cmocka_unit_test(each_broken_bound_is_named),
		cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(the_longest_document_has_its_bound),
	};

	return cmocka_run_group_tests_name("config doc", tests, NULL, NULL);
}
