/*
 * Signed messages (schemas/proto/telltale.proto, Signed): Ed25519 by libsodium (RFC 8032), and the keys that a unit trusts.
 *
 * What is signed is context || 0x00 || SHA-512(body): the context keeps a command from passing as a configuration or an update, and the
 * sum keeps the memory for checking small, whatever the body's size. A key's id is its first eight bytes, big-endian: a hint which of the
 * trusted keys to check with, worth nothing without the signature.
 *
 * Memory: the caller's; nothing is allocated. Threads: no shared state after tt_sign_init.
 */
#ifndef TT_WIRE_SIGN_H
#define TT_WIRE_SIGN_H

#include "base/err.h"

#include <stdint.h>

enum { TT_SIGN_PUBLIC = 32, TT_SIGN_SECRET = 64, TT_SIGN_SEED = 32, TT_SIGN_BYTES = 64, TT_SIGN_OVERHEAD = 96 };

/* A role is a context: what a key may sign. Bits of struct tt_trust_key's roles are 1 << role. */
enum tt_sign_role { TT_SIGN_COMMAND, TT_SIGN_CONFIG, TT_SIGN_UPDATE, TT_SIGN_ROLES };
/* "command", "config", "update". */
const char *tt_sign_role_name(enum tt_sign_role role);

/* Once a process, before anything else here. TT_EIO: libsodium has no source of randomness. */
TT_MUSTCHECK enum tt_err tt_sign_init(void);

uint64_t tt_sign_key_id(const uint8_t public_key[TT_SIGN_PUBLIC]);
/* A key from its seed; a random seed makes a new one (tt_sign_new). */
void tt_sign_from_seed(const uint8_t seed[TT_SIGN_SEED], uint8_t public_key[TT_SIGN_PUBLIC], uint8_t secret[TT_SIGN_SECRET]);
void tt_sign_new(uint8_t seed[TT_SIGN_SEED]);
void tt_sign_wipe(void *secret, size_t len);

struct tt_signed {
	uint64_t key_id;
	const uint8_t *body; /* into the message */
	size_t body_len;
	const uint8_t *signature; /* TT_SIGN_BYTES */
};

/* Shape only. TT_EPROTO: unreadable, a field missing. TT_EVERSION: unknown schema. */
TT_MUSTCHECK enum tt_err tt_signed_decode(const uint8_t *bytes, size_t len, struct tt_signed *out);
/* True when that key signed that body in that role. */
bool tt_signed_verify(const struct tt_signed *m, enum tt_sign_role role, const uint8_t public_key[TT_SIGN_PUBLIC]);
/* The whole message into buf; body_len + TT_SIGN_OVERHEAD bytes always do. TT_EFULL. */
TT_MUSTCHECK enum tt_err tt_signed_make(enum tt_sign_role role, const uint8_t secret[TT_SIGN_SECRET], const uint8_t *body, size_t body_len,
					uint8_t *buf, size_t cap, size_t *len);

/* ---- the keys that a unit trusts ---- */

enum { TT_TRUST_KEYS = 8, TT_TRUST_NAME = 32 };

struct tt_trust_key {
	uint64_t id;
	uint8_t public_key[TT_SIGN_PUBLIC];
	unsigned roles; /* bits 1 << enum tt_sign_role */
	char name[TT_TRUST_NAME];
};

struct tt_trust {
	struct tt_trust_key keys[TT_TRUST_KEYS];
	size_t n;
};

/*
 * The trusted keys file: `telltale-keys 1`, then one key a line: `key HEX ROLE[,ROLE] NAME`; `#` starts a comment.
 * TT_ECONFIG with "what:line: reason" in msg.
 */
TT_MUSTCHECK enum tt_err tt_trust_parse(const char *what, const char *text, size_t len, struct tt_trust *out, struct tt_errmsg *msg);
/* "command,update" to bits. TT_EINVAL: an unknown role, or none. */
TT_MUSTCHECK enum tt_err tt_trust_roles(const char *text, size_t len, unsigned *out);

enum tt_trust_verdict { TT_TRUST_GOOD, TT_TRUST_UNKNOWN_KEY, TT_TRUST_ROLE, TT_TRUST_FORGED };
/* "" for good; static. */
const char *tt_trust_verdict_text(enum tt_trust_verdict verdict);
/* Is this what a trusted key signed in that role? */
enum tt_trust_verdict tt_trust_check(const struct tt_trust *trust, const struct tt_signed *m, enum tt_sign_role role);

#endif
