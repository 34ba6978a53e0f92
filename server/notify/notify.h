/*
 * Sends what the outbox holds. A row is claimed in a transaction (its next_at moves a lease away), sent, and its outcome recorded; several
 * servers on one record never hold the same row. Sent once and recorded, it is never sent again. Between the sending and its record a
 * crash can make it go out a second time, after the lease, with the same idempotency key: that edge is inherent, and the key is what
 * the other side tells repeats by (a webhook's header, a mail's Message-ID).
 *
 * A channel says TT_OK (taken over), TT_EDENIED, TT_EINVAL or TT_ENOTSUP (never: given up at once), anything else: again, after 10 s to 24
 * h, eight times in all. The desk's own messages (channel "desk") count as sent at once: the change feed carries them.
 *
 * Threads: tt_notify_step in one thread, with that thread's store.
 */
#ifndef TT_SERVER_NOTIFY_NOTIFY_H
#define TT_SERVER_NOTIFY_NOTIFY_H

#include "crm/store/store.h"

#define TT_NOTIFY_LEASE_US TT_SEC(300)
enum { TT_NOTIFY_BATCH = 16, TT_NOTIFY_ATTEMPTS = 8 };

/* The way out into the world. */
struct tt_notify_channel {
	const char *name;
	void *ctx;
	TT_MUSTCHECK enum tt_err (*send)(void *ctx, const struct tt_outbox *row, struct tt_errmsg *msg); /* takes at most 15 s */
	void (*destroy)(void *ctx);                                                                      /* NULL = nothing to free */
};

struct tt_notify_counts {
	unsigned sent, retried, failed;
};

/* How long after the attempt-th failed attempt (from 1) the next one is made; 0 = no more. */
int64_t tt_notify_backoff_us(int64_t attempt);

/*
 * One batch of due rows; counts are added to. clock: the time after each sending (NULL: `now` stays). TT_ENOTFOUND: nothing was due.
 * Errors of the store; what was sent until then is recorded.
 */
TT_MUSTCHECK enum tt_err tt_notify_step(struct tt_store *store, const struct tt_notify_channel *channel, tt_utc_us now,
					tt_utc_us (*clock)(void), struct tt_notify_counts *counts);

/* ---- channels ---- */

/* A log line each; the recipient's last characters only. For development. */
void tt_notify_log(struct tt_notify_channel *out);

struct tt_webhook_config {
	const char *url;    /* https://...; http:// only with allow_local */
	const char *secret; /* for the signature; not empty */
	bool allow_local;   /* loopback and private addresses */
	int64_t timeout_ms;
};
/*
 * POST of {id, channel, recipient, template, created_at, payload} with Idempotency-Key, X-Telltale-Timestamp and X-Telltale-Signature:
 * sha256=HMAC-SHA256(secret, timestamp "." body) in hexadecimal. 2xx: taken. 4xx but 408, 425 and 429: never. No redirects.
 * TT_ECONFIG with a message; TT_ENOMEM.
 */
TT_MUSTCHECK enum tt_err tt_notify_webhook(const struct tt_webhook_config *config, struct tt_notify_channel *out, struct tt_errmsg *msg);

struct tt_smtp_config {
	const char *url;             /* smtp://host:587 or smtps://host */
	const char *user, *password; /* "" = none */
	const char *from;            /* address */
	bool require_tls;
	int64_t timeout_ms;
};
/* Mail for rows of channel "email"; other channels are TT_ENOTSUP. 5xx answers: never. TT_ECONFIG, TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_notify_smtp(const struct tt_smtp_config *config, struct tt_notify_channel *out, struct tt_errmsg *msg);

#endif
