#include "gateway/session.h"

#include "base/log.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

enum { KEEPALIVE_S = 30, SESSION_EXPIRY_S = 14 * 86400, BACKOFF_STEPS = 6 };
#define BACKOFF_FIRST_US TT_MS(250)
#define TAKEN_OVER_US TT_SEC(30)
#define MISC_US TT_SEC(1)
#define STABLE_US TT_SEC(30)

struct tt_session {
	struct tt_session_config config;
	struct mosquitto *mosq; /* NULL: no connection; a new one each time, so that nothing of the old can be sent on it */
	tt_mono_us tick_at;     /* connect, or look after the connection */
	unsigned attempts;      /* since it was last up for STABLE_US */
	tt_mono_us up_at;       /* while up */
	bool up;
	bool refused;    /* by the broker, in a callback: drop after the call */
	bool taken_over; /* the fence */
	uint64_t connects;
};

/* base_us .. 1.5 base_us: gateways that lost the same broker do not come back in the same instant. */
static tt_mono_us jittered(tt_mono_us base_us)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = (uint32_t)tt_mono_now();
	return base_us + base_us / 2 * (r % 1024) / 1024;
}

static void log_session(const struct tt_session *s, enum tt_log_level level, const char *event, const char *what)
{
	const struct tt_log_ctx ctx = {.key = "session", .value = s->config.client_id, .up = NULL};

	tt_log(level, &ctx, event, "%s", what);
}

static void on_connect(struct mosquitto *mosq, void *obj, int rc, int flags, const mosquitto_property *props)
{
	struct tt_session *s = obj;
	char *filters[TT_SESSION_FILTERS_MAX];

	(void)flags;
	(void)props;
	if (rc != 0) {
		log_session(s, TT_LOG_ERROR, "mqtt.refused", mosquitto_reason_string(rc));
		s->refused = true;
		return;
	}
	for (size_t i = 0; i < s->config.nfilters; i++)
		filters[i] = s->config.filters[i];
	/* Every time: a broker that lost its memory has lost the subscriptions too. Retained states come only with a new subscription. */
	if (mosquitto_subscribe_multiple(mosq, NULL, (int)s->config.nfilters, filters, 1, MQTT_SUB_OPT_SEND_RETAIN_NEW, NULL) !=
	    MOSQ_ERR_SUCCESS)
		s->refused = true;
}

static void on_subscribe(struct mosquitto *mosq, void *obj, int mid, int n, const int *granted, const mosquitto_property *props)
{
	struct tt_session *s = obj;

	(void)mosq;
	(void)mid;
	(void)props;
	for (int i = 0; i < n; i++) {
		if (granted[i] != 1) {
			log_session(s, TT_LOG_ERROR, "mqtt.not_subscribed",
				    "the broker refuses the subscription; its ACL must let this certificate read tt/1/+/+/up/#");
			s->refused = true;
			return;
		}
	}
	s->up = true;
	s->up_at = tt_mono_now();
	log_session(s, TT_LOG_DEBUG, "mqtt.up", "subscribed");
}

static void on_message(struct mosquitto *mosq, void *obj, const struct mosquitto_message *m, const mosquitto_property *props)
{
	struct tt_session *s = obj;

	(void)mosq;
	(void)props;
	s->config.on_message(s->config.ctx, m->topic, m->payload, m->payloadlen > 0 ? (size_t)m->payloadlen : 0);
}

static void on_disconnect(struct mosquitto *mosq, void *obj, int rc, const mosquitto_property *props)
{
	struct tt_session *s = obj;

	(void)mosq;
	(void)props;
	s->taken_over = rc == MQTT_RC_SESSION_TAKEN_OVER;
}

enum tt_err tt_session_create(const struct tt_session_config *config, struct tt_session **out)
{
	struct tt_session *s;

	if (config->nfilters == 0 || config->nfilters > TT_SESSION_FILTERS_MAX)
		return TT_EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return TT_ENOMEM;
	s->config = *config;
	*out = s;
	return TT_OK;
}

void tt_session_drop(struct tt_session *s, tt_mono_us retry_at)
{
	mosquitto_destroy(s->mosq); /* closes without sending what is queued */
	s->mosq = NULL;
	s->up = s->refused = s->taken_over = false;
	s->tick_at = retry_at;
}

void tt_session_destroy(struct tt_session *s)
{
	if (!s)
		return;
	mosquitto_destroy(s->mosq);
	free(s);
}

static tt_mono_us backoff(struct tt_session *s)
{
	unsigned step = s->attempts < BACKOFF_STEPS ? s->attempts : BACKOFF_STEPS;

	s->attempts++;
	return jittered(BACKOFF_FIRST_US << step);
}

/*
 * The connection is gone, or should be: why, and when to come back. Not every broker says that a session was taken over (Mosquitto 2.0.11
 * just closes), so a session that is lost soon after it was up backs off as if it had never been: two gateways on one shard calm down by
 * themselves.
 */
static void lost(struct tt_session *s, const char *why, tt_mono_us now_us)
{
	bool brief = s->up && now_us - s->up_at < STABLE_US;

	if (s->up && !brief)
		s->attempts = 0;
	if (s->taken_over) {
		log_session(s, TT_LOG_ERROR, "mqtt.taken_over",
			    "another gateway serves this shard; give each gateway its own --shards. Keeping away for 30 s");
		tt_session_drop(s, now_us + jittered(TAKEN_OVER_US));
		return;
	}
	if (brief)
		log_session(s, TT_LOG_WARN, "mqtt.down", "lost soon after it was up; when this repeats, another gateway serves this shard");
	else /* one line when it breaks, not one for each vain attempt */
		log_session(s, s->up || s->attempts == 0 ? TT_LOG_WARN : TT_LOG_DEBUG, "mqtt.down", why);
	tt_session_drop(s, now_us + backoff(s));
}

static int set_up(struct tt_session *s)
{
	const struct tt_settings *c = s->config.settings;
	int rc = MOSQ_ERR_SUCCESS;

	mosquitto_connect_v5_callback_set(s->mosq, on_connect);
	mosquitto_subscribe_v5_callback_set(s->mosq, on_subscribe);
	mosquitto_message_v5_callback_set(s->mosq, on_message);
	mosquitto_disconnect_v5_callback_set(s->mosq, on_disconnect);
	if (mosquitto_threaded_set(s->mosq, true) != MOSQ_ERR_SUCCESS ||
	    mosquitto_int_option(s->mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != MOSQ_ERR_SUCCESS ||
	    mosquitto_int_option(s->mosq, MOSQ_OPT_RECEIVE_MAXIMUM, TT_SESSION_RECEIVE_MAX) != MOSQ_ERR_SUCCESS ||
	    mosquitto_int_option(s->mosq, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS)
		return MOSQ_ERR_NOT_SUPPORTED;
	if (c->tls)
		rc = mosquitto_tls_set(s->mosq, c->ca, NULL, c->cert, c->key, NULL);
	return rc;
}

static void connect_now(struct tt_session *s, tt_mono_us now_us)
{
	const struct tt_settings *c = s->config.settings;
	mosquitto_property *props = NULL;
	int rc = MOSQ_ERR_NOMEM;

	s->mosq = mosquitto_new(s->config.client_id, false, s);
	if (s->mosq)
		rc = set_up(s);
	if (!rc)
		rc = mosquitto_property_add_int32(&props, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_EXPIRY_S);
	if (!rc)
		rc = mosquitto_connect_bind_v5(s->mosq, c->broker_host, (int)c->broker_port, KEEPALIVE_S, NULL, props);
	mosquitto_property_free_all(&props);
	s->connects++;
	if (rc) {
		lost(s, mosquitto_strerror(rc), now_us);
		return;
	}
	s->tick_at = now_us + MISC_US;
	tt_session_flush(s, now_us); /* the CONNECT packet */
}

void tt_session_tick(struct tt_session *s, tt_mono_us now_us)
{
	int rc;

	if (now_us < s->tick_at)
		return;
	if (!s->mosq) {
		connect_now(s, now_us);
		return;
	}
	s->tick_at = now_us + MISC_US;
	rc = mosquitto_loop_misc(s->mosq);
	if (rc || s->refused)
		lost(s, rc ? mosquitto_strerror(rc) : "refused", now_us);
}

tt_mono_us tt_session_wake_at(const struct tt_session *s)
{
	return s->tick_at;
}

int tt_session_fd(const struct tt_session *s)
{
	return s->mosq ? mosquitto_socket(s->mosq) : -1;
}

bool tt_session_wants_write(const struct tt_session *s)
{
	return s->mosq && mosquitto_want_write(s->mosq);
}

bool tt_session_up(const struct tt_session *s)
{
	return s->up;
}

uint64_t tt_session_reconnects(const struct tt_session *s)
{
	return s->connects > 0 ? s->connects - 1 : 0;
}

enum tt_err tt_session_read(struct tt_session *s, tt_mono_us now_us)
{
	int rc;

	if (!s->mosq)
		return TT_EAGAIN;
	rc = mosquitto_loop_read(s->mosq, 1);
	if (rc || s->refused) {
		lost(s, rc ? mosquitto_strerror(rc) : "refused", now_us);
		return TT_EAGAIN;
	}
	return TT_OK;
}

void tt_session_publish(struct tt_session *s, const char *topic, const uint8_t *payload, size_t len)
{
	/* QoS 0: the unit asks again when it hears nothing, so a loss here costs a repeat. */
	if (s->up && mosquitto_publish(s->mosq, NULL, topic, (int)len, payload, 0, false) != MOSQ_ERR_SUCCESS)
		log_session(s, TT_LOG_DEBUG, "mqtt.ack_lost", topic);
}

static void cork(const struct tt_session *s, int on)
{
	int fd = mosquitto_socket(s->mosq);

	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)); /* only speed is lost when it fails */
}

void tt_session_flush(struct tt_session *s, tt_mono_us now_us)
{
	int rc;

	if (!s->mosq || !mosquitto_want_write(s->mosq))
		return;
	/* libmosquitto writes packet by packet: without the cork a batch of PUBACKs is as many segments of 4 bytes. */
	cork(s, 1);
	rc = mosquitto_loop_write(s->mosq, 1);
	cork(s, 0);
	if (rc)
		lost(s, mosquitto_strerror(rc), now_us);
}

void tt_session_close(struct tt_session *s)
{
	if (!s->mosq)
		return;
	/* Queued behind the last PUBACKs. What the socket does not take now, the broker makes good by delivering again. */
	if (mosquitto_disconnect(s->mosq) == MOSQ_ERR_SUCCESS)
		(void)mosquitto_loop_write(s->mosq, 1);
	tt_session_drop(s, TT_NEVER);
}
