/*
 * How often a log-in may be tried, per account and per address: a token bucket for each, in a table of fixed size.
 *
 * Ten failures in a row lock an account's log-in, thirty an address's; each then earns one try a minute (account) or every 20 s (address).
 * A success fills the account's bucket again. A full table forgets the entry nearest to full, so that flooding it with names never frees
 * one that is empty. Keys are hashed with a random seed: memory holds no names and nobody chooses collisions.
 *
 * Threads: every call locks. Time is a parameter (UTC microseconds; a clock stepping back earns nothing).
 */
#ifndef TT_SERVER_API_LOGIN_LIMIT_H
#define TT_SERVER_API_LOGIN_LIMIT_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

struct tt_login_limits;

/* seed: random. TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_login_limits_create(const uint8_t seed[16], struct tt_login_limits **out);
void tt_login_limits_destroy(struct tt_login_limits *limits); /* NULL is fine */

/* May this log-in be tried? Takes a token of each. false: *wait_s is how long to wait, at least 1. The login is compared without case. */
bool tt_login_limits_take(struct tt_login_limits *limits, const char *login, const char *address, tt_utc_us now, int *wait_s);
/* The password was right: the try is given back to the address, and the account's bucket is full again. */
void tt_login_limits_success(struct tt_login_limits *limits, const char *login, const char *address, tt_utc_us now);

#endif
