#include "server/api/login_limit.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, PROBES = 8 };

struct rule {
	int64_t burst;     /* tokens of a full bucket */
	int64_t refill_us; /* time that earns one */
};
enum kind { BY_ACCOUNT, BY_ADDRESS, NKINDS };
static const struct rule rules[NKINDS] = {
	[BY_ACCOUNT] = {10, TT_SEC(60)},
	[BY_ADDRESS] = {30, TT_SEC(20)},
};

/* A bucket is the instant at which it is full again: nothing to update while time passes, and 0 is a full one. */
struct slot {
	uint64_t key;
	tt_utc_us full_at;
};

struct tt_login_limits {
	pthread_mutex_t lock;
	uint8_t seed[crypto_shorthash_KEYBYTES];
	struct slot slots[NKINDS][SLOTS];
};

static_assert(crypto_shorthash_KEYBYTES == 16, "the seed's size is part of the interface");

enum tt_err tt_login_limits_create(const uint8_t seed[16], struct tt_login_limits **out)
{
	struct tt_login_limits *l = calloc(1, sizeof(*l));

	if (!l)
		return TT_ENOMEM;
	if (pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		return TT_ENOMEM;
	}
	memcpy(l->seed, seed, sizeof(l->seed));
	*out = l;
	return TT_OK;
}

void tt_login_limits_destroy(struct tt_login_limits *limits)
{
	if (!limits)
		return;
	pthread_mutex_destroy(&limits->lock);
	free(limits);
}

static uint64_t key_of(const struct tt_login_limits *l, const char *text)
{
	uint8_t lower[256];
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t key;
	size_t n = strnlen(text, sizeof(lower));

	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)text[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
	}
	crypto_shorthash(hash, lower, n, l->seed);
	memcpy(&key, hash, sizeof(key));
	return key;
}

/* The slot of a key: its own, else a full bucket's (which holds nothing), else the one nearest to full. */
static struct slot *slot_of(struct tt_login_limits *l, enum kind kind, uint64_t key)
{
	struct slot *best = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct slot *s = &l->slots[kind][(key + i) % SLOTS];

		if (s->key == key)
			return s;
		if (!best || s->full_at < best->full_at)
			best = s;
	}
	best->key = key;
	best->full_at = 0;
	return best;
}

/* Time until the bucket holds one token; 0 = it does. */
static int64_t wait_of(const struct rule *r, const struct slot *s, tt_utc_us now)
{
	int64_t latest = now + (r->burst - 1) * r->refill_us; /* full_at of a bucket with exactly one token */

	return s->full_at > latest ? s->full_at - latest : 0;
}

static void take(const struct rule *r, struct slot *s, tt_utc_us now)
{
	s->full_at = (s->full_at > now ? s->full_at : now) + r->refill_us;
}

bool tt_login_limits_take(struct tt_login_limits *limits, const char *login, const char *address, tt_utc_us now, int *wait_s)
{
	const char *names[NKINDS] = {[BY_ACCOUNT] = login, [BY_ADDRESS] = address};
	struct slot *slots[NKINDS];
	int64_t wait_us = 0;

	pthread_mutex_lock(&limits->lock);
	for (unsigned k = 0; k < NKINDS; k++) {
		int64_t w;

		slots[k] = slot_of(limits, (enum kind)k, key_of(limits, names[k]));
		w = wait_of(&rules[k], slots[k], now);
		wait_us = w > wait_us ? w : wait_us;
	}
	for (unsigned k = 0; k < NKINDS && wait_us == 0; k++)
		take(&rules[k], slots[k], now);
	pthread_mutex_unlock(&limits->lock);
	if (wait_us == 0)
		return true;
	*wait_s = (int)((wait_us + 999999) / 1000000);
	return false;
}

void tt_login_limits_success(struct tt_login_limits *limits, const char *login, const char *address, tt_utc_us now)
{
	struct slot *s;

	pthread_mutex_lock(&limits->lock);
	slot_of(limits, BY_ACCOUNT, key_of(limits, login))->full_at = 0;
	s = slot_of(limits, BY_ADDRESS, key_of(limits, address));
	if (s->full_at > now)
		s->full_at -= rules[BY_ADDRESS].refill_us;
	pthread_mutex_unlock(&limits->lock);
}
