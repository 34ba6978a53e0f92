/*
 * One persistent MQTT 5 session whose PUBACKs leave only when the caller says so.
 *
 * libmosquitto queues a PUBACK before it hands the message over and has no manual acknowledgement. In threaded mode it only queues, and
 * nothing but mosquitto_loop_write sends; so this module never calls mosquitto_loop, loop_forever or loop_start, and tt_session_flush is
 * the one place that sends. Everything read since the last flush is acknowledged to the broker by the next: commit first. tt_session_drop
 * throws the connection away with all acknowledgements that wait, and the broker delivers again.
 *
 * Fence: the client id is fixed, so a second gateway that serves the same shard takes the session over and the broker drops this one, which
 * keeps away for half a minute if the broker gives the reason, and else comes back more and more rarely. Threads: one session, one thread.
 */
#ifndef TT_GATEWAY_SESSION_H
#define TT_GATEWAY_SESSION_H

#include "base/err.h"
#include "base/time.h"
#include "gateway/settings.h"

struct tt_session;

enum { TT_SESSION_FILTERS_MAX = 3, TT_SESSION_RECEIVE_MAX = 5000 };

/* Called from tt_session_read. topic and payload are borrowed. */
typedef void (*tt_session_message_fn)(void *ctx, const char *topic, const uint8_t *payload, size_t len);

struct tt_session_config {
	const struct tt_settings *settings; /* broker and certificates; must outlive the session */
	char client_id[24];
	char filters[TT_SESSION_FILTERS_MAX][TT_TOPIC_MAX]; /* plain subscriptions, QoS 1 */
	size_t nfilters;
	tt_session_message_fn on_message;
	void *ctx;
};

TT_MUSTCHECK enum tt_err tt_session_create(const struct tt_session_config *config, struct tt_session **out);
void tt_session_destroy(struct tt_session *session); /* NULL is fine; drops the connection */

/* Connects when it is time to, and keeps the connection alive. */
void tt_session_tick(struct tt_session *session, tt_mono_us now_us);
/* When tick has something to do at the latest. */
tt_mono_us tt_session_wake_at(const struct tt_session *session);
/* -1 while there is no connection. */
int tt_session_fd(const struct tt_session *session);
bool tt_session_wants_write(const struct tt_session *session);
/* Subscribed and served. */
bool tt_session_up(const struct tt_session *session);
uint64_t tt_session_reconnects(const struct tt_session *session);

/* Reads a packet (with TLS: what is decrypted already). TT_EAGAIN: nothing there, or the connection is gone. */
TT_MUSTCHECK enum tt_err tt_session_read(struct tt_session *session, tt_mono_us now_us);
/* Queues a QoS 0 message; lost when the connection is. */
void tt_session_publish(struct tt_session *session, const char *topic, const uint8_t *payload, size_t len);
/* Sends what is queued: PUBACKs of everything read, then publications. */
void tt_session_flush(struct tt_session *session, tt_mono_us now_us);
/* Away with the connection and its unsent PUBACKs; connects again not before retry_at. */
void tt_session_drop(struct tt_session *session, tt_mono_us retry_at);
/* Says goodbye; everything read must be committed. */
void tt_session_close(struct tt_session *session);

#endif
