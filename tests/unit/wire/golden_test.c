/*
 * The wire does not change unnoticed: the bytes of one envelope of each body and of an ack, as published in tests/golden/wire/.
 * tests/unit/wire/golden_check.py reads the same files with another protobuf implementation.
 */
#include "samples.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t golden[4096], bytes[4096];

static size_t read_golden(const char *name)
{
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR");
	size_t n = 0;
	FILE *f;

	assert_non_null(root);
	assert_true(snprintf(path, sizeof(path), "%s/tests/golden/wire/%s.hex", root, name) < (int)sizeof(path));
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	for (int hi, lo; (hi = fgetc(f)) != EOF;) {
		if (hi == '\n')
			continue;
		lo = fgetc(f);
		assert_true(tt_hex_digit((char)hi) >= 0 && tt_hex_digit((char)lo) >= 0 && n < sizeof(golden));
		golden[n++] = (uint8_t)(tt_hex_digit((char)hi) << 4 | tt_hex_digit((char)lo));
	}
	fclose(f);
	return n;
}

static void expect_golden(const char *name, size_t len)
{
	const size_t n = read_golden(name);

	if (n != len || memcmp(golden, bytes, n) != 0) {
		print_error("%s: %zu bytes are now:\n", name, len);
		for (size_t i = 0; i < len; i++)
			print_error("%02x%s", bytes[i], i % 32 == 31 || i + 1 == len ? "\n" : "");
		fail_msg("the bytes of %s differ from tests/golden/wire/%s.hex", name, name);
	}
}

static void each_body_has_its_published_bytes(void **state)
{
	struct sample_set *s = calloc(1, sizeof(*s));

	(void)state;
	assert_non_null(s);
	for (int i = 0; i < SAMPLES; i++) {
		size_t len = 0;

		sample_fill(s, (enum sample)i);
		assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
		expect_golden(sample_name((enum sample)i), len);
	}
	free(s);
}

static void the_published_bytes_decode_to_what_was_meant(void **state)
{
	(void)state;
	for (int i = 0; i < SAMPLES; i++) {
		Telltale__V1__Envelope *env = NULL;
		struct tt_errmsg why;
		const size_t n = read_golden(sample_name((enum sample)i));
		size_t len = 0;

		if (tt_envelope_decode(golden, n, sample_class((enum sample)i), &env, &why))
			fail_msg("%s: %s", sample_name((enum sample)i), why.text);
		assert_int_equal(env->epoch, UINT64_C(0x0123456789ABCDEF));
		assert_int_equal(env->created_at_us, INT64_C(1795312800000123));
		assert_int_equal(tt_envelope_encode(env, bytes, sizeof(bytes), &len), TT_OK);
		assert_int_equal(len, n);
		assert_memory_equal(bytes, golden, n);
		tt_envelope_free(env);
	}
}

static void an_ack_has_its_published_bytes(void **state)
{
	struct tt_ack ack;
	size_t len = 0;

	(void)state;
	assert_int_equal(tt_ack_encode(UINT64_C(0x0123456789ABCDEF), TT_CLASS_EVENT, 300, true, bytes, sizeof(bytes), &len), TT_OK);
	expect_golden("ack", len);
	assert_int_equal(tt_ack_decode(golden, read_golden("ack"), &ack), TT_OK);
	assert_true(ack.epoch == UINT64_C(0x0123456789ABCDEF) && ack.cls == TT_CLASS_EVENT && ack.up_to_seq == 300 && ack.resend);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_body_has_its_published_bytes),
		cmocka_unit_test(the_published_bytes_decode_to_what_was_meant),
		cmocka_unit_test(an_ack_has_its_published_bytes),
	};

	return cmocka_run_group_tests_name("wire golden", tests, NULL, NULL);
}
