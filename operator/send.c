#include "operator/send.h"

#include "base/time.h"

#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECT_S = 10, PACKET_MS = 200 };

struct sending {
	const struct tt_send *s;
	char topic[TT_TOPIC_MAX], results[TT_TOPIC_MAX];
	bool published, ended;
	int failed; /* libmosquitto's code, or the broker's refusal */
};

static void on_connect(struct mosquitto *m, void *ctx, int rc)
{
	struct sending *c = ctx;

	c->failed = rc;
	if (rc == 0)
		c->failed = mosquitto_subscribe(m, NULL, c->results, 1);
}

/* Subscribed first, so that no answer is missed. */
static void on_subscribe(struct mosquitto *m, void *ctx, int mid, int n, const int *granted)
{
	struct sending *c = ctx;

	(void)mid;
	(void)n;
	(void)granted;
	c->failed = mosquitto_publish(m, NULL, c->topic, (int)c->s->len, c->s->message, 1, false);
}

static void on_publish(struct mosquitto *m, void *ctx, int mid)
{
	struct sending *c = ctx;

	(void)m;
	(void)mid;
	c->published = true;
}

static void on_message(struct mosquitto *m, void *ctx, const struct mosquitto_message *msg)
{
	struct sending *c = ctx;
	Telltale__V1__Envelope *env;

	(void)m;
	if (msg->payloadlen < 0 || tt_envelope_decode(msg->payload, (size_t)msg->payloadlen, TT_CLASS_EVENT, &env, NULL) != TT_OK)
		return;
	if (c->s->take && c->s->take(c->s->ctx, env))
		c->ended = true;
	tt_envelope_free(env);
}

static enum tt_err set_up(struct mosquitto *m, const struct tt_send *s, struct tt_errmsg *msg)
{
	char ca[TT_PATH_MAX], cert[TT_PATH_MAX], key[TT_PATH_MAX];
	int rc = MOSQ_ERR_SUCCESS;

	if (tt_home_path(s->home, "pki/fleet-ca.crt", ca) || tt_home_path(s->home, "pki/operator.crt", cert) ||
	    tt_home_path(s->home, "pki/operator.key", key))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", s->home->dir);
	if (!s->plain && access(cert, R_OK) != 0)
		return tt_errmsg_set(msg, TT_ENOTFOUND, "%s: not there; `telltale init` makes it", cert);
	if (!s->plain)
		rc = mosquitto_tls_set(m, ca, NULL, cert, key, NULL);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_connect(m, s->host ? s->host : "localhost", s->port ? atoi(s->port) : 8884, 30);
	return rc == MOSQ_ERR_SUCCESS ? TT_OK : tt_errmsg_set(msg, TT_EIO, "broker: %s", mosquitto_strerror(rc));
}

static enum tt_err turn(struct mosquitto *m, struct sending *c, struct tt_errmsg *msg)
{
	const tt_mono_us begun = tt_mono_now();
	const tt_mono_us until = begun + TT_SEC(c->s->wait_s > CONNECT_S ? c->s->wait_s : CONNECT_S);

	while (!c->ended && !(c->published && c->s->wait_s == 0)) {
		const int rc = mosquitto_loop(m, PACKET_MS, 1);

		if (c->failed || rc != MOSQ_ERR_SUCCESS)
			return tt_errmsg_set(msg, TT_EIO, "broker: %s", c->failed ? mosquitto_strerror(c->failed) : mosquitto_strerror(rc));
		if (c->published && c->s->wait_s > 0 && tt_mono_now() - begun >= TT_SEC(c->s->wait_s))
			return tt_errmsg_set(msg, TT_ETIMEOUT, "%s: no answer within %d s; it may still come", c->s->unit, c->s->wait_s);
		if (!c->published && tt_mono_now() >= until)
			return tt_errmsg_set(msg, TT_EIO, "broker: did not take it within %d s", CONNECT_S);
	}
	return TT_OK;
}

enum tt_err tt_send(const struct tt_send *s, struct tt_errmsg *msg)
{
	struct sending c = {.s = s};
	struct mosquitto *m;
	char id[64];
	enum tt_err err;

	(void)mosquitto_lib_init();
	(void)snprintf(id, sizeof(id), "operator-%ld", (long)getpid());
	tt_topic_dn(s->unit, s->where, c.topic);
	tt_topic_up(s->unit, TT_CLASS_EVENT, c.results);
	m = mosquitto_new(id, true, &c);
	if (!m)
		return tt_errmsg_set(msg, TT_ENOMEM, "broker: out of memory");
	mosquitto_connect_callback_set(m, on_connect);
	mosquitto_subscribe_callback_set(m, on_subscribe);
	mosquitto_publish_callback_set(m, on_publish);
	mosquitto_message_callback_set(m, on_message);
	err = set_up(m, s, msg);
	if (!err)
		err = turn(m, &c, msg);
	(void)mosquitto_disconnect(m);
	mosquitto_destroy(m);
	(void)mosquitto_lib_cleanup();
	return err;
}
