#include "firmware/io/mqtt.h"

#include "base/log.h"
#include "firmware/io/backoff.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MISC_US = 1000000, ATTEMPT_MAX_US = 15000000 };

struct tt_mqtt {
	struct tt_loop *loop;
	struct tt_mqtt_config cfg;
	struct tt_mqtt_handler handler;
	struct mosquitto *mosq;
	int fd; /* watched; -1 = none */
	bool up, leaving;
	bool away;      /* tt_mqtt_leave */
	bool abandoned; /* the attempt is over although libmosquitto still holds its socket; the next attempt closes it */
	bool refused;   /* the broker answered CONNECT with a refusal; problem says which */
	tt_mono_us attempt_at_us;
	struct tt_backoff backoff;
	unsigned unacknowledged;
	char problem[160];
	struct tt_log_limit limit;
};

static void on_timer(void *ctx, tt_mono_us now_us);
static void on_ready(void *ctx, int fd, unsigned ready);

static void set_timer(struct tt_mqtt *m, tt_mono_us at_us)
{
	TT_ASSERT(tt_loop_timer(m->loop, at_us, on_timer, m) == TT_OK); /* our entry was taken in create */
}

static void note_problem(struct tt_mqtt *m, const char *what)
{
	uint64_t missed;

	if (what != m->problem)
		(void)snprintf(m->problem, sizeof(m->problem), "%s", what);
	if (tt_log_allow(&m->limit, tt_mono_now(), &missed))
		tt_log(TT_LOG_WARN, NULL, "mqtt.down", "broker %s:%u: %s; trying again", m->cfg.host, m->cfg.port, what);
}

static void gone(struct tt_mqtt *m, const char *why)
{
	const bool was_up = m->up;

	note_problem(m, why);
	m->up = false;
	m->unacknowledged = 0;
	if (!m->leaving && !m->away)
		set_timer(m, tt_mono_now() + tt_backoff_next(&m->backoff));
	if (was_up)
		m->handler.down(m->handler.ctx, m->problem);
}

/* After every call into libmosquitto: its socket may have come, gone, or want to write. */
static void follow(struct tt_mqtt *m)
{
	const int fd = m->abandoned ? -1 : mosquitto_socket(m->mosq);
	const unsigned interest = TT_LOOP_READ | (mosquitto_want_write(m->mosq) ? (unsigned)TT_LOOP_WRITE : 0U);

	if (m->fd >= 0 && (m->fd != fd || tt_loop_interest(m->loop, fd, interest) != TT_OK)) {
		tt_loop_remove(m->loop, m->fd);
		m->fd = -1;
	}
	if (fd >= 0 && m->fd < 0) {
		TT_ASSERT(tt_loop_add(m->loop, fd, interest, on_ready, m) == TT_OK);
		m->fd = fd;
	}
}

static const char *failure(int rc)
{
	static const struct {
		int rc;
		const char *text;
	} texts[] = {
		{MOSQ_ERR_CONN_LOST, "connection lost"},
		{MOSQ_ERR_KEEPALIVE, "the broker does not answer any more"},
		{MOSQ_ERR_TLS, "TLS refused: the broker's certificate is not of our ca, or it does not take ours"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].rc == rc)
			return texts[i].text;
	}
	return rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc);
}

static void check(struct tt_mqtt *m, int rc)
{
	const char *why = failure(rc);

	/* on_disconnect has told when the connection was open; a failed attempt ends here */
	if (rc != MOSQ_ERR_SUCCESS && mosquitto_socket(m->mosq) < 0 && !m->up && m->attempt_at_us > 0) {
		m->attempt_at_us = 0;
		gone(m, why);
	}
	follow(m);
}

static void abandon(struct tt_mqtt *m, const char *why)
{
	m->attempt_at_us = 0;
	m->abandoned = true;
	gone(m, why);
	follow(m);
}

static void attempt(struct tt_mqtt *m, tt_mono_us now_us)
{
	int rc;

	m->abandoned = false;
	m->attempt_at_us = now_us;
	m->refused = false;
	set_timer(m, now_us + MISC_US);
	rc = mosquitto_connect_async(m->mosq, m->cfg.host, m->cfg.port, m->cfg.keepalive_s);
	if (rc != MOSQ_ERR_SUCCESS && mosquitto_socket(m->mosq) < 0) {
		m->attempt_at_us = 0;
		gone(m, failure(rc));
	}
	follow(m);
}

static void on_timer(void *ctx, tt_mono_us now_us)
{
	struct tt_mqtt *m = ctx;

	if (m->leaving || m->away)
		return;
	if (m->abandoned || mosquitto_socket(m->mosq) < 0) {
		attempt(m, now_us);
		return;
	}
	set_timer(m, now_us + MISC_US);
	if (!m->up && now_us - m->attempt_at_us > ATTEMPT_MAX_US) {
		abandon(m, "no answer to CONNECT"); /* a peer that accepts and says nothing */
		return;
	}
	check(m, mosquitto_loop_misc(m->mosq));
}

static void on_ready(void *ctx, int fd, unsigned ready)
{
	struct tt_mqtt *m = ctx;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int rc = MOSQ_ERR_SUCCESS;

	/* libmosquitto 2.0.11 takes a refused TCP connection under TLS for one that is still being made, for ever (SSL_ERROR_SYSCALL in
	 * net__socket_connect_tls), and has taken the socket's error by then: a hang-up without a peer is what is left to see. */
	if (!m->up && ready & TT_LOOP_HANGUP && getpeername(fd, (struct sockaddr *)&peer, &len) != 0) {
		abandon(m, "connection refused");
		return;
	}
	if (ready & (TT_LOOP_READ | TT_LOOP_HANGUP))
		rc = mosquitto_loop_read(m->mosq, 1);
	if (rc == MOSQ_ERR_SUCCESS && mosquitto_socket(m->mosq) >= 0 && (ready & TT_LOOP_WRITE || mosquitto_want_write(m->mosq)))
		rc = mosquitto_loop_write(m->mosq, 1);
	check(m, rc);
}

/* ---- libmosquitto's callbacks ---- */

static void on_connect(struct mosquitto *mosq, void *ctx, int code)
{
	struct tt_mqtt *m = ctx;
	int rc;

	if (code != 0) {
		m->refused = true; /* the broker closes; on_disconnect follows */
		(void)snprintf(m->problem, sizeof(m->problem), "%s", mosquitto_connack_string(code));
		return;
	}
	rc = m->cfg.subscribe ? mosquitto_subscribe(mosq, NULL, m->cfg.subscribe, 1) : MOSQ_ERR_SUCCESS;
	if (rc != MOSQ_ERR_SUCCESS) {
		note_problem(m, failure(rc));
		return;
	}
	m->up = true;
	m->problem[0] = '\0';
	tt_backoff_reset(&m->backoff);
	tt_log(TT_LOG_INFO, NULL, "mqtt.connected", "broker %s:%u", m->cfg.host, m->cfg.port);
	m->handler.up(m->handler.ctx);
}

static void on_disconnect(struct mosquitto *mosq, void *ctx, int code)
{
	struct tt_mqtt *m = ctx;

	(void)mosq;
	if (m->attempt_at_us == 0)
		return; /* told already */
	m->attempt_at_us = 0;
	gone(m, m->refused ? m->problem : failure(code));
}

static void on_publish(struct mosquitto *mosq, void *ctx, int mid)
{
	struct tt_mqtt *m = ctx;

	(void)mosq;
	(void)mid;
	if (m->unacknowledged > 0)
		m->unacknowledged--;
}

static void on_message(struct mosquitto *mosq, void *ctx, const struct mosquitto_message *msg)
{
	struct tt_mqtt *m = ctx;

	(void)mosq;
	m->handler.message(m->handler.ctx, msg->topic, msg->payload, (size_t)msg->payloadlen);
}

/* ---- life ---- */

static enum tt_err readable(const char *what, const char *path, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s %s: %s; `telltale unit add` makes it", what, path, strerror(errno));
	fclose(f);
	return TT_OK;
}

static enum tt_err set_up_tls(struct tt_mqtt *m, struct tt_errmsg *msg)
{
	enum tt_err err = readable("ca", m->cfg.ca, msg);
	int rc;

	if (!err)
		err = readable("cert", m->cfg.cert, msg);
	if (!err)
		err = readable("key", m->cfg.key, msg);
	if (err)
		return err;
	rc = mosquitto_tls_set(m->mosq, m->cfg.ca, NULL, m->cfg.cert, m->cfg.key, NULL);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_tls_opts_set(m->mosq, 1, "tlsv1.2", NULL);
	return rc == MOSQ_ERR_SUCCESS ? TT_OK : tt_errmsg_set(msg, TT_ECONFIG, "TLS with ca %s: %s", m->cfg.ca, failure(rc));
}

static enum tt_err set_up(struct tt_mqtt *m, struct tt_errmsg *msg)
{
	int rc = MOSQ_ERR_SUCCESS;

	m->mosq = mosquitto_new(m->cfg.client_id, false, m);
	if (!m->mosq)
		return tt_errmsg_set(msg, TT_ENOMEM, "mqtt: out of memory");
	mosquitto_connect_callback_set(m->mosq, on_connect);
	mosquitto_disconnect_callback_set(m->mosq, on_disconnect);
	mosquitto_publish_callback_set(m->mosq, on_publish);
	mosquitto_message_callback_set(m->mosq, on_message);
	if (m->cfg.will_topic)
		rc = mosquitto_will_set(m->mosq, m->cfg.will_topic, (int)m->cfg.will_len, m->cfg.will, 1, true);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_int_option(m->mosq, MOSQ_OPT_TCP_NODELAY, 1);
	/* The outbox bounds what is under way; a bound here would let bulk hold back an alert. */
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_max_inflight_messages_set(m->mosq, 0);
	if (rc != MOSQ_ERR_SUCCESS)
		return tt_errmsg_set(msg, TT_EINVAL, "mqtt: %s", failure(rc));
	return m->cfg.tls ? set_up_tls(m, msg) : TT_OK;
}

enum tt_err tt_mqtt_create(struct tt_loop *loop, const struct tt_mqtt_config *config, const struct tt_mqtt_handler *handler,
			   struct tt_mqtt **out, struct tt_errmsg *msg)
{
	struct tt_mqtt *m = calloc(1, sizeof(*m));
	enum tt_err err;

	if (!m)
		return tt_errmsg_set(msg, TT_ENOMEM, "mqtt: out of memory");
	(void)setenv("RES_OPTIONS", "timeout:1 attempts:1", 0); /* a dead resolver must not hold the loop for long */
	(void)mosquitto_lib_init();
	m->loop = loop;
	m->cfg = *config;
	m->handler = *handler;
	m->fd = -1;
	m->backoff = (struct tt_backoff){.first_us = TT_MS(300), .max_us = TT_SEC(60)};
	m->limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 5};
	if (m->cfg.keepalive_s == 0)
		m->cfg.keepalive_s = 30;
	err = set_up(m, msg);
	if (!err) {
		err = tt_loop_timer(loop, 0, on_timer, m);
		if (err)
			(void)tt_errmsg_set(msg, err, "mqtt: the event loop is full");
	}
	if (err) {
		if (m->mosq)
			mosquitto_destroy(m->mosq);
		free(m);
		return err;
	}
	*out = m;
	return TT_OK;
}

void tt_mqtt_destroy(struct tt_mqtt *mqtt)
{
	if (!mqtt)
		return;
	mqtt->leaving = true;
	set_timer(mqtt, TT_NEVER);
	if (mqtt->fd >= 0)
		tt_loop_remove(mqtt->loop, mqtt->fd);
	mosquitto_destroy(mqtt->mosq);
	free(mqtt);
	(void)mosquitto_lib_cleanup();
}

bool tt_mqtt_is_up(const struct tt_mqtt *mqtt)
{
	return mqtt->up;
}

const char *tt_mqtt_problem(const struct tt_mqtt *mqtt)
{
	return mqtt->problem;
}

enum tt_err tt_mqtt_publish(struct tt_mqtt *mqtt, const char *topic, const void *payload, size_t len, int qos, bool retain)
{
	int rc;

	if (!mqtt->up)
		return TT_EAGAIN;
	if (len > INT32_MAX)
		return TT_ERANGE;
	rc = mosquitto_publish(mqtt->mosq, NULL, topic, (int)len, payload, qos, retain);
	if (rc == MOSQ_ERR_SUCCESS && qos > 0)
		mqtt->unacknowledged++;
	follow(mqtt);
	switch (rc) {
	case MOSQ_ERR_SUCCESS:
		return TT_OK;
	case MOSQ_ERR_NOMEM:
		return TT_ENOMEM;
	case MOSQ_ERR_PAYLOAD_SIZE:
	case MOSQ_ERR_OVERSIZE_PACKET:
		return TT_ERANGE;
	case MOSQ_ERR_NO_CONN:
	case MOSQ_ERR_CONN_LOST:
		return TT_EAGAIN; /* the loop notices and connects again */
	default:
		return TT_EIO;
	}
}

unsigned tt_mqtt_unacknowledged(const struct tt_mqtt *mqtt)
{
	return mqtt->unacknowledged;
}

void tt_mqtt_leave(struct tt_mqtt *mqtt)
{
	const bool was_up = mqtt->up;

	mqtt->away = true;
	mqtt->attempt_at_us = 0;
	mqtt->up = false;
	mqtt->unacknowledged = 0;
	set_timer(mqtt, TT_NEVER);
	if (was_up) {
		(void)mosquitto_disconnect(mqtt->mosq);
		(void)mosquitto_loop_write(mqtt->mosq, 1);
	}
	mqtt->abandoned = true; /* what the disconnect did not close, the next attempt does */
	follow(mqtt);
	if (was_up)
		mqtt->handler.down(mqtt->handler.ctx, "left");
}

void tt_mqtt_return(struct tt_mqtt *mqtt)
{
	if (mqtt->leaving || mqtt->up || (mqtt->attempt_at_us > 0 && !mqtt->away))
		return;
	mqtt->away = false;
	tt_backoff_reset(&mqtt->backoff);
	set_timer(mqtt, tt_mono_now());
}

void tt_mqtt_goodbye(struct tt_mqtt *mqtt)
{
	mqtt->leaving = true;
	mqtt->attempt_at_us = 0;
	(void)mosquitto_disconnect(mqtt->mosq);
	(void)mosquitto_loop_write(mqtt->mosq, 1);
	follow(mqtt);
	mqtt->up = false;
}
