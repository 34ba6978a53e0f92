/*
 * Load for the gateway's bench and its kill -9 test: a publisher of real telemetry envelopes with QoS 1, and the subscriber that does
 * nothing, which says how much the broker can give.
 *
 *   mqtt_load --mode publish: count messages in all, spread over `units` units LOAD-0 .., each numbered 1 ..; prints "published N seconds
 * S" after the last PUBACK of the broker. mqtt_load --mode drain: subscribes what a gateway would, in the ordinary way of libmosquitto;
 * prints "ready", then, after count messages, "drained N seconds S" from the first to the last.
 */
#include "base/config.h"
#include "base/time.h"
#include "wire/envelope.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW = 1000, RECEIVE_MAX = 5000 };

struct load {
	char mode[16], ca[512], cert[512], key[512], client_id[64];
	int64_t port, units, count, columns, first;
	int64_t acked, got;
	tt_mono_us first_at;
	bool connected;
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct load, mode, "mode", NULL, "publish, subscribe or drain."),
	TT_CONFIG_NUM(struct load, port, "port", 1, 65535, NULL, "Broker's port on 127.0.0.1."),
	TT_CONFIG_STR(struct load, ca, "ca", "", "Authority of the broker; empty = no TLS."),
	TT_CONFIG_STR(struct load, cert, "cert", "", "Certificate."),
	TT_CONFIG_STR(struct load, key, "key", "", "Private key."),
	TT_CONFIG_STR(struct load, client_id, "client-id", "mqtt-load", "Client id."),
	TT_CONFIG_NUM(struct load, units, "units", 1, 100000, "100", "Units to speak for."),
	TT_CONFIG_NUM(struct load, count, "count", 1, 100000000, "100000", "Messages in all."),
	TT_CONFIG_NUM(struct load, columns, "columns", 1, 60000, "150", "Bytes of telemetry a message."),
	TT_CONFIG_NUM(struct load, first, "first", 1, 100000000, "1", "First number of each unit."),
};

static const struct tt_config_spec spec = {.program = "mqtt_load",
					   .purpose = "Load for the gateway's bench.",
					   .env_prefix = "MQTT_LOAD",
					   .keys = keys,
					   .nkeys = sizeof(keys) / sizeof(keys[0])};

static void die(const char *what, int rc)
{
	fprintf(stderr, "mqtt_load: %s: %s\n", what, mosquitto_strerror(rc));
	exit(EXIT_FAILURE);
}

static bool mode_is(const struct load *l, const char *mode)
{
	return strcmp(l->mode, mode) == 0;
}

static void on_connect(struct mosquitto *mosq, void *obj, int rc, int flags, const mosquitto_property *props)
{
	struct load *l = obj;

	(void)flags;
	(void)props;
	if (rc != 0) {
		fprintf(stderr, "mqtt_load: refused: %s\n", mosquitto_reason_string(rc));
		exit(EXIT_FAILURE);
	}
	l->connected = true;
	if (mode_is(l, "subscribe"))
		rc = mosquitto_subscribe(mosq, NULL, "tt/1/+/+/up/bulk", 1);
	if (rc)
		die("subscribe", rc);
}

static void on_subscribe(struct mosquitto *mosq, void *obj, int mid, int n, const int *granted)
{
	(void)obj;
	(void)mid;
	if (n != 1 || granted[0] != 1) {
		fputs("mqtt_load: the broker refuses the subscription\n", stderr);
		exit(EXIT_FAILURE);
	}
	mosquitto_disconnect(mosq);
}

static void on_publish(struct mosquitto *mosq, void *obj, int mid)
{
	struct load *l = obj;

	(void)mosq;
	(void)mid;
	l->acked++;
}

static void on_message(struct mosquitto *mosq, void *obj, const struct mosquitto_message *m)
{
	struct load *l = obj;

	(void)m;
	if (l->got++ == 0)
		l->first_at = tt_mono_now();
	if (l->got == l->count) {
		printf("drained %lld seconds %.6f cpu %.6f\n", (long long)l->got, (double)(tt_mono_now() - l->first_at) / 1e6,
		       (double)clock() / CLOCKS_PER_SEC);
		mosquitto_disconnect(mosq);
	}
}

static struct mosquitto *connect_broker(struct load *l)
{
	struct mosquitto *mosq = mosquitto_new(l->client_id, mode_is(l, "publish"), l);
	mosquitto_property *props = NULL;
	int rc;

	if (!mosq)
		die("new", MOSQ_ERR_NOMEM);
	mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_int_option(mosq, MOSQ_OPT_RECEIVE_MAXIMUM, RECEIVE_MAX);
	mosquitto_connect_v5_callback_set(mosq, on_connect);
	mosquitto_subscribe_callback_set(mosq, on_subscribe);
	mosquitto_publish_callback_set(mosq, on_publish);
	mosquitto_message_callback_set(mosq, on_message);
	if (*l->ca && (rc = mosquitto_tls_set(mosq, l->ca, NULL, l->cert, l->key, NULL)) != 0)
		die("tls", rc);
	rc = mosquitto_property_add_int32(&props, MQTT_PROP_SESSION_EXPIRY_INTERVAL, mode_is(l, "publish") ? 0 : 3600);
	if (!rc)
		rc = mosquitto_connect_bind_v5(mosq, "127.0.0.1", (int)l->port, 60, NULL, props);
	mosquitto_property_free_all(&props);
	if (rc)
		die("connect", rc);
	return mosq;
}

static void turn(struct mosquitto *mosq, int timeout_ms)
{
	int rc = mosquitto_loop(mosq, timeout_ms, 1);

	if (rc)
		die("connection", rc);
}

static size_t envelope(const struct load *l, uint8_t *buf, size_t cap)
{
	static uint8_t columns[60000];
	Telltale__V1__TelemetryChunk chunk = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	size_t len;

	chunk.start_us = tt_utc_now();
	chunk.samples = 100;
	chunk.encoding = 1;
	chunk.raw_bytes = 400;
	chunk.columns = (ProtobufCBinaryData){.data = columns, .len = (size_t)l->columns};
	env.schema = TT_SCHEMA;
	env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_BULK;
	env.created_at_us = tt_utc_now();
	env.clock = TELLTALE__V1__CLOCK_QUALITY__CLOCK_QUALITY_NTP;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	env.telemetry = &chunk;
	if (tt_envelope_encode(&env, buf, cap, &len))
		die("encode", MOSQ_ERR_PAYLOAD_SIZE);
	return len;
}

static void publish_all(struct load *l, struct mosquitto *mosq)
{
	static uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	size_t plain = envelope(l, buf, sizeof(buf) - TT_ENVELOPE_STAMP_MAX);
	tt_mono_us started = tt_mono_now();

	while (!l->connected)
		turn(mosq, 100);
	for (int64_t i = 0; i < l->count; i++) {
		char unit[TT_UNIT_MAX + 1], topic[TT_TOPIC_MAX];
		size_t len = plain;
		int rc;

		snprintf(unit, sizeof(unit), "LOAD-%lld", (long long)(i % l->units));
		tt_topic_up(unit, TT_CLASS_BULK, topic);
		if (tt_envelope_stamp(buf, sizeof(buf), &len, 7, (uint64_t)(l->first + i / l->units), 1))
			die("stamp", MOSQ_ERR_PAYLOAD_SIZE);
		rc = mosquitto_publish(mosq, NULL, topic, (int)len, buf, 1, false);
		if (rc)
			die("publish", rc);
		while (i - l->acked >= WINDOW)
			turn(mosq, 100);
	}
	while (l->acked < l->count)
		turn(mosq, 100);
	printf("published %lld seconds %.6f bytes %zu\n", (long long)l->count, (double)(tt_mono_now() - started) / 1e6, plain);
}

int main(int argc, char *argv[])
{
	static struct load l;
	struct mosquitto *mosq;
	struct tt_errmsg msg;
	bool help = false;

	if (tt_config_load(&spec, &l, argc, argv, &help, &msg)) {
		fprintf(stderr, "mqtt_load: %s\n", msg.text);
		return EXIT_FAILURE;
	}
	if (help)
		return EXIT_SUCCESS;
	mosquitto_lib_init();
	mosq = connect_broker(&l);
	if (mode_is(&l, "publish"))
		publish_all(&l, mosq);
	else
		(void)mosquitto_loop_forever(mosq, -1, 1);
	mosquitto_destroy(mosq);
	mosquitto_lib_cleanup();
	return mode_is(&l, "drain") && l.got < l.count ? EXIT_FAILURE : EXIT_SUCCESS;
}
