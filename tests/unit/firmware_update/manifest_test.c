/* An update's manifest: what is read, what is refused, for whom it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/update/manifest.h"

struct text {
	uint8_t bytes[8192];
	size_t len;
};

static void varint(struct text *t, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		t->bytes[t->len++] = (uint8_t)(v | 0x80);
	t->bytes[t->len++] = (uint8_t)v;
}

static void bytes(struct text *t, unsigned number, const void *data, size_t len)
{
	varint(t, number << 3 | 2);
	varint(t, len);
	memcpy(t->bytes + t->len, data, len);
	t->len += len;
}

static void string(struct text *t, unsigned number, const char *s)
{
	bytes(t, number, s, strlen(s));
}

static void number(struct text *t, unsigned field, uint64_t v)
{
	varint(t, field << 3);
	varint(t, v);
}

static const uint8_t SUM[TT_MANIFEST_SUM] = {9, 8, 7};

/* A good one without the fields of the bit set. */
static struct text manifest(unsigned without)
{
	struct text t = {.len = 0};

	if (!(without & 1U << 1))
		string(&t, 1, "CAR-0001");
	if (!(without & 1U << 2))
		string(&t, 2, "arm64");
	if (!(without & 1U << 3))
		number(&t, 3, 12);
	if (!(without & 1U << 4))
		string(&t, 4, "1.4.0");
	if (!(without & 1U << 5))
		bytes(&t, 5, SUM, sizeof(SUM));
	if (!(without & 1U << 6))
		number(&t, 6, 350000);
	if (!(without & 1U << 7))
		string(&t, 7, "https://updates.example.org/agent");
	if (!(without & 1U << 8))
		number(&t, 8, 2 * 1000000); /* zigzag of 1 s */
	return t;
}

static enum tt_err decode(const struct text *t, struct tt_manifest *m)
{
	return tt_manifest_decode(t->bytes, t->len, m);
}

static void every_field_is_read(void **state)
{
	const struct text t = manifest(0);
	struct tt_manifest m;

	(void)state;
	assert_int_equal(decode(&t, &m), TT_OK);
	assert_string_equal(m.unit, "CAR-0001");
	assert_string_equal(m.arch, "arm64");
	assert_int_equal(m.sequence, 12);
	assert_string_equal(m.version, "1.4.0");
	assert_memory_equal(m.sha256, SUM, sizeof(SUM));
	assert_int_equal(m.size, 350000);
	assert_string_equal(m.url, "https://updates.example.org/agent");
	assert_int_equal(m.expires_at_us, 1000000);
}

static void what_must_be_there_must_be_there(void **state)
{
	struct tt_manifest m;

	(void)state;
	for (unsigned field = 1; field <= 8; field++) {
		const struct text t = manifest(1U << field);
		const bool may_be_missing = field == 1 || field == 8; /* for every unit; expired in 1970 */

		if (decode(&t, &m) != (may_be_missing ? TT_OK : TT_EPROTO))
			fail_msg("field %u", field);
	}
}

static void bounds_are_kept(void **state)
{

	char url[TT_MANIFEST_URL + 1];
	struct tt_manifest m;
	struct text t = manifest(1U << 6);

	(void)state;
	number(&t, 6, TT_MANIFEST_PROGRAM_MAX);
	assert_int_equal(decode(&t, &m), TT_OK);
	t = manifest(1U << 6);
	number(&t, 6, TT_MANIFEST_PROGRAM_MAX + 1);
	assert_int_equal(decode(&t, &m), TT_EPROTO);
	memset(url, 0, sizeof(url));
	memset(url, 'u', TT_MANIFEST_URL - 1);
	t = manifest(1U << 7);
	string(&t, 7, url);
	assert_int_equal(decode(&t, &m), TT_OK);
	url[TT_MANIFEST_URL - 1] = 'u';
	t = manifest(1U << 7);
	string(&t, 7, url);
	assert_int_equal(decode(&t, &m), TT_EPROTO);
	for (unsigned len = TT_MANIFEST_SUM - 1; len <= TT_MANIFEST_SUM + 1; len += 2) {
		const uint8_t sum[TT_MANIFEST_SUM + 1] = {0};

		t = manifest(1U << 5);
		bytes(&t, 5, sum, len);
		assert_int_equal(decode(&t, &m), TT_EPROTO);
	}
	t = manifest(0);
	while (t.len <= TT_MANIFEST_MAX_BYTES)
		number(&t, 3, 12);
	assert_int_equal(decode(&t, &m), TT_EPROTO);
	t.len = TT_MANIFEST_MAX_BYTES - (TT_MANIFEST_MAX_BYTES - manifest(0).len) % 2;
	assert_int_equal(decode(&t, &m), TT_OK);
}

static void words_are_printable_ascii(void **state)
{
	static const char *const bad[] = {"1 4", "1\n4", "\x7f", "caf\xc3\xa9", "tab\t"};
	struct tt_manifest m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct text t = manifest(1U << 4);

		string(&t, 4, bad[i]);
		assert_int_equal(decode(&t, &m), TT_EPROTO);
	}
	{
		struct text t = manifest(1U << 4);

		string(&t, 4, "!~");
		assert_int_equal(decode(&t, &m), TT_OK);
		assert_string_equal(m.version, "!~");
	}
}

static void half_understood_is_not_understood(void **state)
{
	struct text t = manifest(0);
	struct tt_manifest m;

	(void)state;
	number(&t, 9, 1);
	assert_int_equal(decode(&t, &m), TT_ENOTSUP);
	t = manifest(0);
	number(&t, 4, 1); /* another type than the field's */
	assert_int_equal(decode(&t, &m), TT_EPROTO);
	t = manifest(0);
	for (size_t len = 0; len < t.len; len++)
		assert_int_not_equal(tt_manifest_decode(t.bytes, len, &m), TT_ENOTSUP);
	assert_int_equal(tt_manifest_decode(t.bytes, t.len - 1, &m), TT_EPROTO);
}

static void it_says_for_whom_it_is(void **state)
{
	const struct text t = manifest(0), all = manifest(1U << 1);
	struct tt_manifest m;

	(void)state;
	assert_int_equal(decode(&t, &m), TT_OK);
	assert_null(tt_manifest_refusal(&m, "CAR-0001", "arm64", 999999));
	assert_string_equal(tt_manifest_refusal(&m, "CAR-0001", "arm64", 1000000), "it has expired");
	assert_string_equal(tt_manifest_refusal(&m, "CAR-0002", "arm64", 0), "it is for another unit");
	assert_string_equal(tt_manifest_refusal(&m, "CAR-0001", "armhf", 0), "it is for another architecture");
	memcpy(m.url, "http://", 8);
	assert_string_equal(tt_manifest_refusal(&m, "CAR-0001", "arm64", 0), "its address is neither https: nor file:");
	memcpy(m.url, "file:///x", 10);
	assert_null(tt_manifest_refusal(&m, "CAR-0001", "arm64", 0));
	assert_int_equal(decode(&all, &m), TT_OK);
	assert_null(tt_manifest_refusal(&m, "CAR-0002", "arm64", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(what_must_be_there_must_be_there),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(words_are_printable_ascii),
		cmocka_unit_test(half_understood_is_not_understood),
		cmocka_unit_test(it_says_for_whom_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
