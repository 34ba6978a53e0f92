/*
 * The keys that sign commands and configurations: in the home folder, never in the record.
 *
 *   keys/NAME.key           the secret seed, mode 0600
 *   keys/NAME.pub           its line of a trusted-keys file (wire/sign.h): key HEX ROLE[,ROLE] NAME
 *   keys/trusted            what units are to trust, written by `telltale key trust` and `telltale unit add`
 *   keys/counters/NAME.UNIT the last counter or version used
 *
 * A counter is on disk before it is used, so that a cut skips one and never gives one twice. Threads: one.
 */
#ifndef TT_OPERATOR_KEYS_H
#define TT_OPERATOR_KEYS_H

#include "operator/home.h"
#include "wire/sign.h"

struct tt_operator_key {
	char name[TT_TRUST_NAME];
	unsigned roles;
	uint8_t public_key[TT_SIGN_PUBLIC], secret[TT_SIGN_SECRET];
};

/* TT_EEXIST: there is one of that name. Errors are told in msg. */
TT_MUSTCHECK enum tt_err tt_keys_new(const struct tt_home *home, const char *name, const char *roles, struct tt_errmsg *msg);
/* TT_EDENIED: it may not sign that. The caller wipes it. */
TT_MUSTCHECK enum tt_err tt_keys_open(const struct tt_home *home, const char *name, enum tt_sign_role role, struct tt_operator_key *out,
				      struct tt_errmsg *msg);
/* Every public key of the home into home/relative; n: how many. */
TT_MUSTCHECK enum tt_err tt_keys_write_trusted(const struct tt_home *home, const char *relative, size_t *n, struct tt_errmsg *msg);
/* Calls fn for each public key's line. */
TT_MUSTCHECK enum tt_err tt_keys_each(const struct tt_home *home, void (*fn)(void *ctx, const char *line), void *ctx,
				      struct tt_errmsg *msg);
/* The next counter: above every one given before, and at least `least`. */
TT_MUSTCHECK enum tt_err tt_keys_count(const struct tt_home *home, const char *what, const char *unit, uint64_t least, uint64_t *out,
				       struct tt_errmsg *msg);

#endif
