/*
 * The broker: libmosquitto on our loop, without its threads. MQTT 3.1.1, persistent session (client id = unit), last will, mutual TLS.
 *
 * Connecting never waits: the socket is non-blocking from the start. A name is resolved by libc, which may take up to a second when the
 * resolver is dead (tt_mqtt_create bounds it); an address never does. After a loss it connects again with growing pauses and jitter, for
 * ever. PUBACK is flow control only: whoever must know that a message is safe waits for the gateway's own ack. Memory: libmosquitto's own;
 * it allocates per message. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_IO_MQTT_H
#define TT_FIRMWARE_IO_MQTT_H

#include "base/loop.h"

struct tt_mqtt;

struct tt_mqtt_config {
	const char *client_id;
	const char *host;
	uint16_t port;
	bool tls;
	const char *ca, *cert, *key; /* PEM files, with tls */
	uint16_t keepalive_s;        /* 0 = 30 */
	const char *will_topic;      /* NULL = none; retained, QoS 1 */
	const void *will;            /* copied */
	size_t will_len;
	const char *subscribe; /* filter, QoS 1, after each connect; NULL = none */
};

struct tt_mqtt_handler {
	void (*up)(void *ctx);                    /* connected and subscribed */
	void (*down)(void *ctx, const char *why); /* after up only */
	void (*message)(void *ctx, const char *topic, const uint8_t *payload, size_t len);
	void *ctx;
};

/* Strings must outlive the object. An absent broker is no error. TT_ECONFIG: a certificate or key cannot be used; TT_ENOMEM; TT_EFULL loop.
 */
TT_MUSTCHECK enum tt_err tt_mqtt_create(struct tt_loop *loop, const struct tt_mqtt_config *config, const struct tt_mqtt_handler *handler,
					struct tt_mqtt **out, struct tt_errmsg *msg);
/* Sends nothing more; the broker publishes the last will unless tt_mqtt_goodbye came first. NULL is fine. */
void tt_mqtt_destroy(struct tt_mqtt *mqtt);

bool tt_mqtt_is_up(const struct tt_mqtt *mqtt);
/* Why the last attempt failed; "" when it did not. */
const char *tt_mqtt_problem(const struct tt_mqtt *mqtt);

/* Hands a message to the socket in this call when it has room. TT_EAGAIN not connected; TT_ERANGE too large; TT_ENOMEM, TT_EIO. */
TT_MUSTCHECK enum tt_err tt_mqtt_publish(struct tt_mqtt *mqtt, const char *topic, const void *payload, size_t len, int qos, bool retain);
/* Messages published with QoS 1 that the broker has not acknowledged yet. */
unsigned tt_mqtt_unacknowledged(const struct tt_mqtt *mqtt);
/* Lets the broker go in good order (no last will, handler.down) and stays away; nothing of it wakes the loop until tt_mqtt_return. */
void tt_mqtt_leave(struct tt_mqtt *mqtt);
/* Connects at once. Without a tt_mqtt_leave before: makes the next attempt now, if there is no connection. */
void tt_mqtt_return(struct tt_mqtt *mqtt);
/* An orderly DISCONNECT: no last will. */
void tt_mqtt_goodbye(struct tt_mqtt *mqtt);

#endif
