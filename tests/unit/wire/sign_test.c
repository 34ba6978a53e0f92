/*
 * Signatures: Ed25519 as RFC 8032 publishes it, the contexts that keep one kind of message from passing as another, and the trusted keys.
 */
#include "wire/sign.h"

#include "base/pb.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t public_key[TT_SIGN_PUBLIC], secret[TT_SIGN_SECRET];

/* RFC 8032 7.1, test 1: the seed and its public key. */
static const uint8_t rfc_seed[TT_SIGN_SEED] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
					       0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
					       0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
#define RFC_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static int setup(void **state)
{
	(void)state;
	if (tt_sign_init() != TT_OK)
		return -1;
	tt_sign_from_seed(rfc_seed, public_key, secret);
	return 0;
}

static void the_published_key_comes_of_the_published_seed(void **state)
{
	char hex[2 * TT_SIGN_PUBLIC + 1];

	(void)state;
	sodium_bin2hex(hex, sizeof(hex), public_key, sizeof(public_key));
	assert_string_equal(hex, RFC_PUBLIC);
	assert_true(tt_sign_key_id(public_key) == UINT64_C(0xd75a980182b10ab7));
}

/* The layout in docs/protocol.md, put together by hand. */
static void what_is_signed_is_context_zero_and_sum(void **state)
{
	const uint8_t body[] = {1, 2, 3};
	uint8_t message[256], text[128] = "telltale/1/config";
	struct tt_signed m;
	size_t len = 0;

	(void)state;
	assert_int_equal(tt_signed_make(TT_SIGN_CONFIG, secret, body, sizeof(body), message, sizeof(message), &len), TT_OK);
	assert_true(len <= sizeof(body) + TT_SIGN_OVERHEAD);
	assert_int_equal(tt_signed_decode(message, len, &m), TT_OK);
	assert_int_equal(m.body_len, 3);
	assert_memory_equal(m.body, body, 3);
	assert_true(m.key_id == tt_sign_key_id(public_key));
	crypto_hash_sha512(text + 18, body, sizeof(body));
	assert_int_equal(crypto_sign_verify_detached(m.signature, text, 18 + 64, public_key), 0);
}

static void a_role_is_a_context(void **state)
{
	const uint8_t body[] = {1, 2, 3};
	uint8_t message[256];
	struct tt_signed m;
	size_t len = 0;

	(void)state;
	for (int signed_as = 0; signed_as < TT_SIGN_ROLES; signed_as++) {
		assert_int_equal(tt_signed_make((enum tt_sign_role)signed_as, secret, body, 3, message, sizeof(message), &len), TT_OK);
		assert_int_equal(tt_signed_decode(message, len, &m), TT_OK);
		for (int taken_as = 0; taken_as < TT_SIGN_ROLES; taken_as++)
			assert_int_equal(tt_signed_verify(&m, (enum tt_sign_role)taken_as, public_key), signed_as == taken_as);
	}
}

static void a_small_buffer_is_refused(void **state)
{
	uint8_t message[256], body[100] = {0};
	size_t len = 0, small = 7;

	(void)state;
	assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, secret, body, sizeof(body), message, sizeof(message), &len), TT_OK);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, secret, body, sizeof(body), message, cap, &small), TT_EFULL);
	assert_int_equal(small, 7);
	assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, secret, body, sizeof(body), message, len, &small), TT_OK);
}

static void what_is_no_signed_message_is_refused(void **state)
{
	uint8_t message[256], body[] = {9};
	struct tt_signed m;
	size_t len = 0;

	(void)state;
	assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, secret, body, 1, message, sizeof(message), &len), TT_OK);
	for (size_t n = 0; n < len; n++)
		assert_int_not_equal(tt_signed_decode(message, n, &m), TT_OK);
	message[1] = 2;
	assert_int_equal(tt_signed_decode(message, len, &m), TT_EVERSION);
	message[1] = 1;
	memcpy(message + len, "\x28\x01", 2); /* a field that is not ours */
	assert_int_equal(tt_signed_decode(message, len + 2, &m), TT_EPROTO);
	memset(message + 3, 0, 8); /* key id 0 */
	assert_int_equal(tt_signed_decode(message, len, &m), TT_EPROTO);
}

static void trusted_keys_are_read_and_mistakes_are_told(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"key " RFC_PUBLIC " command a\n", ":1: the first line"},
		{"telltale-keys 2\n", ":1: the first line"},
		{"telltale-keys\n", ":1: the first line"},
		{"telltale-keys 1\nlock me\n", ":2: wants `key"},
		{"telltale-keys 1\nkey\n", ":2: wants a public key"},
		{"telltale-keys 1\nkey d75a\n", ":2: wants a public key"},
		{"telltale-keys 1\nkey x" RFC_PUBLIC " command a\n", ":2: wants a public key"},
		{"telltale-keys 1\nkey " RFC_PUBLIC "\n", ":2: wants roles"},
		{"telltale-keys 1\nkey " RFC_PUBLIC " drive a\n", ":2: wants roles"},
		{"telltale-keys 1\nkey " RFC_PUBLIC " command, a\n", ":2: wants roles"},
		{"telltale-keys 1\nkey " RFC_PUBLIC " command\n", ":2: wants a name"},
		{"telltale-keys 1\nkey " RFC_PUBLIC " command a-name-of-thirty-two-bytes-too-long\n", ":2: wants a name"},
		{"telltale-keys 1\nkey " RFC_PUBLIC " command a\n\nkey " RFC_PUBLIC " config b", ":4: the key stands here twice"},
		{"telltale-keys 1\nkey 0000000000000000b7d54bfed3c964073a0ee172f3daa62325af021a68f707511aaaaaaa command a", ":2: "},
	};
	static const char good[] = "# keys\ntelltale-keys 1\n\n key " RFC_PUBLIC "\tcommand,update operator # retired in May\r\n";
	struct tt_errmsg msg;
	struct tt_trust t;

	(void)state;
	assert_int_equal(tt_trust_parse("keys", good, strlen(good), &t, &msg), TT_OK);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.keys[0].roles, 1U << TT_SIGN_COMMAND | 1U << TT_SIGN_UPDATE);
	assert_string_equal(t.keys[0].name, "operator");
	assert_memory_equal(t.keys[0].public_key, public_key, TT_SIGN_PUBLIC);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const enum tt_err err = tt_trust_parse("keys", cases[i].text, strlen(cases[i].text), &t, &msg);

		if (err != TT_ECONFIG || !strstr(msg.text, cases[i].says))
			fail_msg("case %zu: %s: %s", i, tt_err_name(err), err ? msg.text : "");
	}
	assert_int_equal(tt_trust_parse("keys", "", 0, &t, &msg), TT_OK);
	assert_int_equal(t.n, 0);
}

static void the_verdict_says_what_is_wrong(void **state)
{
	static const char text[] = "telltale-keys 1\nkey " RFC_PUBLIC " command operator\n";
	uint8_t message[256], body[] = {9}, seed[TT_SIGN_SEED] = {1}, other_public[TT_SIGN_PUBLIC], other[TT_SIGN_SECRET];
	struct tt_signed m;
	struct tt_trust t;
	size_t len = 0;

	(void)state;
	assert_int_equal(tt_trust_parse("keys", text, strlen(text), &t, NULL), TT_OK);
	assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, secret, body, 1, message, sizeof(message), &len), TT_OK);
	assert_int_equal(tt_signed_decode(message, len, &m), TT_OK);
	assert_int_equal(tt_trust_check(&t, &m, TT_SIGN_COMMAND), TT_TRUST_GOOD);
	assert_int_equal(tt_trust_check(&t, &m, TT_SIGN_CONFIG), TT_TRUST_ROLE);
	t.keys[0].roles |= 1U << TT_SIGN_CONFIG;
	assert_int_equal(tt_trust_check(&t, &m, TT_SIGN_CONFIG), TT_TRUST_FORGED);
	tt_sign_from_seed(seed, other_public, other);
	assert_int_equal(tt_signed_make(TT_SIGN_COMMAND, other, body, 1, message, sizeof(message), &len), TT_OK);
	assert_int_equal(tt_signed_decode(message, len, &m), TT_OK);
	assert_int_equal(tt_trust_check(&t, &m, TT_SIGN_COMMAND), TT_TRUST_UNKNOWN_KEY);
	m.key_id = t.keys[0].id; /* claims to be the trusted one */
	assert_int_equal(tt_trust_check(&t, &m, TT_SIGN_COMMAND), TT_TRUST_FORGED);
	assert_string_equal(tt_trust_verdict_text(TT_TRUST_GOOD), "");
	assert_string_equal(tt_trust_verdict_text(TT_TRUST_FORGED), "the signature does not hold");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(the_published_key_comes_of_the_published_seed),
		T(what_is_signed_is_context_zero_and_sum),
		T(a_role_is_a_context),
		T(a_small_buffer_is_refused),
		T(what_is_no_signed_message_is_refused),
		T(trusted_keys_are_read_and_mistakes_are_told),
		T(the_verdict_says_what_is_wrong),
	};

	return cmocka_run_group_tests_name("wire sign", tests, NULL, NULL);
}
