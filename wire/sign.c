#include "wire/sign.h"

#include "base/pb.h"
#include "base/text.h"

#include <ctype.h>
#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(TT_SIGN_PUBLIC == crypto_sign_PUBLICKEYBYTES && TT_SIGN_SECRET == crypto_sign_SECRETKEYBYTES &&
		      TT_SIGN_SEED == crypto_sign_SEEDBYTES && TT_SIGN_BYTES == crypto_sign_BYTES,
	      "the sizes of RFC 8032");

static const char *const roles[TT_SIGN_ROLES] = {"command", "config", "update"};
#define CONTEXT "telltale/1/"

enum { CONTEXT_BYTES = 32, SIGNED_BYTES = CONTEXT_BYTES + crypto_hash_sha512_BYTES, SCHEMA = 1 };

const char *tt_sign_role_name(enum tt_sign_role role)
{
	return roles[role];
}

enum tt_err tt_sign_init(void)
{
	return sodium_init() >= 0 ? TT_OK : TT_EIO;
}

uint64_t tt_sign_key_id(const uint8_t public_key[TT_SIGN_PUBLIC])
{
	uint64_t id = 0;

	for (unsigned i = 0; i < 8; i++)
		id = id << 8 | public_key[i];
	return id;
}

void tt_sign_from_seed(const uint8_t seed[TT_SIGN_SEED], uint8_t public_key[TT_SIGN_PUBLIC], uint8_t secret[TT_SIGN_SECRET])
{
	(void)crypto_sign_seed_keypair(public_key, secret, seed); /* always 0 */
}

void tt_sign_new(uint8_t seed[TT_SIGN_SEED])
{
	randombytes_buf(seed, TT_SIGN_SEED);
}

void tt_sign_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

/* What is signed; how many bytes. */
static size_t to_sign(enum tt_sign_role role, const uint8_t *body, size_t len, uint8_t out[SIGNED_BYTES])
{
	struct tt_wr w = tt_wr_init(out, SIGNED_BYTES);
	uint8_t sum[crypto_hash_sha512_BYTES];

	(void)crypto_hash_sha512(sum, body, len); /* always 0 */
	TT_ASSERT(!tt_wr_bytes(&w, CONTEXT, strlen(CONTEXT)) && !tt_wr_bytes(&w, roles[role], strlen(roles[role]) + 1) &&
		  !tt_wr_bytes(&w, sum, sizeof(sum)));
	return w.used;
}

enum tt_err tt_signed_decode(const uint8_t *bytes, size_t len, struct tt_signed *out)
{
	struct tt_rd r = tt_rd_init(bytes, len);
	struct tt_signed m = {.body = NULL};
	uint64_t schema = 0;
	struct tt_pb_field f;
	enum tt_err err;

	while ((err = tt_pb_next(&r, &f)) == TT_OK) {
		if (f.number == 1 && f.type == TT_PB_VARINT) {
			schema = f.value;
		} else if (f.number == 2 && f.type == TT_PB_FIXED64) {
			m.key_id = f.value;
		} else if (f.number == 3 && f.type == TT_PB_BYTES) {
			m.body = f.bytes;
			m.body_len = (size_t)f.value;
		} else if (f.number == 4 && f.type == TT_PB_BYTES && f.value == TT_SIGN_BYTES) {
			m.signature = f.bytes;
		} else {
			return TT_EPROTO;
		}
	}
	if (err != TT_EEOF)
		return TT_EPROTO;
	if (schema != SCHEMA)
		return TT_EVERSION;
	if (!m.body || !m.signature || m.key_id == 0)
		return TT_EPROTO;
	*out = m;
	return TT_OK;
}

bool tt_signed_verify(const struct tt_signed *m, enum tt_sign_role role, const uint8_t public_key[TT_SIGN_PUBLIC])
{
	uint8_t text[SIGNED_BYTES];
	const size_t n = to_sign(role, m->body, m->body_len, text);

	return crypto_sign_verify_detached(m->signature, text, n, public_key) == 0;
}

static enum tt_err write_message(struct tt_wr *w, uint64_t key_id, const uint8_t *body, size_t body_len, const uint8_t *signature)
{
	uint8_t id[8];

	for (unsigned i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)(key_id >> (8 * i)); /* little-endian, protobuf encoding "64-bit" */
	return tt_wr_u8(w, 1 << 3 | TT_PB_VARINT) || tt_wr_u8(w, SCHEMA) || tt_wr_u8(w, 2 << 3 | TT_PB_FIXED64) ||
			       tt_wr_bytes(w, id, sizeof(id)) || tt_wr_u8(w, 3 << 3 | TT_PB_BYTES) || tt_wr_varint(w, body_len) ||
			       tt_wr_bytes(w, body, body_len) || tt_wr_u8(w, 4 << 3 | TT_PB_BYTES) || tt_wr_u8(w, TT_SIGN_BYTES) ||
			       tt_wr_bytes(w, signature, TT_SIGN_BYTES)
		       ? TT_EFULL
		       : TT_OK;
}

enum tt_err tt_signed_make(enum tt_sign_role role, const uint8_t secret[TT_SIGN_SECRET], const uint8_t *body, size_t body_len, uint8_t *buf,
			   size_t cap, size_t *len)
{
	const uint8_t *public_key = secret + TT_SIGN_SEED; /* libsodium keeps it behind the seed */
	uint8_t text[SIGNED_BYTES], signature[TT_SIGN_BYTES];
	const size_t n = to_sign(role, body, body_len, text);
	struct tt_wr w = tt_wr_init(buf, cap);
	enum tt_err err;

	(void)crypto_sign_detached(signature, NULL, text, n, secret); /* always 0 */
	err = write_message(&w, tt_sign_key_id(public_key), body, body_len, signature);
	if (!err)
		*len = w.used;
	return err;
}

/* ---- trust ---- */

static enum tt_err role_bit(const char *word, size_t n, unsigned *out)
{
	for (unsigned r = 0; r < TT_SIGN_ROLES; r++) {
		if (strlen(roles[r]) == n && memcmp(roles[r], word, n) == 0) {
			*out |= 1U << r;
			return TT_OK;
		}
	}
	return TT_EINVAL;
}

enum tt_err tt_trust_roles(const char *text, size_t len, unsigned *out)
{
	unsigned bits = 0;
	enum tt_err err = TT_OK;

	for (size_t at = 0, end; !err && at <= len; at = end + 1) {
		for (end = at; end < len && text[end] != ',';)
			end++;
		err = role_bit(text + at, end - at, &bits);
	}
	if (!err)
		*out = bits;
	return err;
}

/* The next word of a line; false at its end. */
static bool next_word(const char **at, const char *end, const char **word, size_t *n)
{
	while (*at < end && isspace((unsigned char)**at))
		++*at;
	*word = *at;
	while (*at < end && !isspace((unsigned char)**at))
		++*at;
	*n = (size_t)(*at - *word);
	return *n > 0;
}

static bool is(const char *word, size_t n, const char *want)
{
	return strlen(want) == n && memcmp(word, want, n) == 0;
}

/* NULL, or what is wrong with the line. */
static const char *trust_line(const char *line, const char *end, bool *versioned, struct tt_trust *t)
{
	struct tt_trust_key *k = &t->keys[t->n];
	const char *word;
	size_t n;

	if (!next_word(&line, end, &word, &n))
		return NULL;
	if (!*versioned) {
		*versioned = is(word, n, "telltale-keys") && next_word(&line, end, &word, &n) && is(word, n, "1");
		return *versioned ? NULL : "the first line must be `telltale-keys 1`";
	}
	if (!is(word, n, "key"))
		return "wants `key HEX ROLE[,ROLE] NAME`";
	if (t->n == TT_TRUST_KEYS)
		return "more than 8 keys";
	if (!next_word(&line, end, &word, &n) || n != (size_t)2 * TT_SIGN_PUBLIC ||
	    sodium_hex2bin(k->public_key, sizeof(k->public_key), word, n, NULL, NULL, NULL) != 0)
		return "wants a public key of 64 hexadecimal digits";
	if (!next_word(&line, end, &word, &n) || tt_trust_roles(word, n, &k->roles) != TT_OK)
		return "wants roles: command, config, update";
	if (!next_word(&line, end, &word, &n) || n >= sizeof(k->name))
		return "wants a name of at most 31 bytes";
	memcpy(k->name, word, n);
	k->id = tt_sign_key_id(k->public_key);
	for (size_t i = 0; i < t->n; i++) {
		if (t->keys[i].id == k->id)
			return "the key stands here twice";
	}
	if (k->id == 0)
		return "this key cannot be used";
	t->n++;
	return NULL;
}

enum tt_err tt_trust_parse(const char *what, const char *text, size_t len, struct tt_trust *out, struct tt_errmsg *msg)
{
	struct tt_trust t;
	bool versioned = false;
	unsigned line = 1;

	memset(&t, 0, sizeof(t));
	for (size_t at = 0; at < len; line++) {
		const char *nl = memchr(text + at, '\n', len - at);
		const size_t n = nl ? (size_t)(nl - text) - at : len - at;
		const char *hash = memchr(text + at, '#', n);
		const char *why = trust_line(text + at, hash ? hash : text + at + n, &versioned, &t);

		if (why)
			return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: %s", what, line, why);
		at += n + 1;
	}
	*out = t;
	return TT_OK;
}

const char *tt_trust_verdict_text(enum tt_trust_verdict verdict)
{
	static const char *const texts[] = {"", "signed with a key that is not trusted", "signed with a key that may not sign this",
					    "the signature does not hold"};

	return texts[verdict];
}

enum tt_trust_verdict tt_trust_check(const struct tt_trust *trust, const struct tt_signed *m, enum tt_sign_role role)
{
	for (size_t i = 0; i < trust->n; i++) {
		const struct tt_trust_key *k = &trust->keys[i];

		if (k->id != m->key_id)
			continue;
		if (!(k->roles & 1U << role))
			return TT_TRUST_ROLE;
		return tt_signed_verify(m, role, k->public_key) ? TT_TRUST_GOOD : TT_TRUST_FORGED;
	}
	return TT_TRUST_UNKNOWN_KEY;
}
