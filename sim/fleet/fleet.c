/*
 * telltale-sim fleet: load for a broker and what stands behind it.
 *
 * Few connections speak for many units (a plain listener without access rules), or with --connections 0 each unit has its own, as mutual
 * TLS and the broker's ACL demand. Each connection keeps at most --window messages without a PUBACK. With --wait-acks the run ends when the
 * gateway has acknowledged everything as stored; a hole it reports is sent again from there, as an agent would.
 */
#include "sim/commands.h"

#include "base/config.h"
#include "base/time.h"
#include "sim/fleet/units.h"
#include "wire/envelope.h"

#include <mosquitto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINKS = 2000, TURN_MS = 5, KEEPALIVE_S = 60 };

struct options {
	char broker[128], prefix[24], cls[8], ca[256], cert[256], key[256];
	int64_t port, units, events, connections, window, rate, samples, seed, max_seconds;
	bool wait_acks;
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct options, broker, "broker", "127.0.0.1", "host of the broker"),
	TT_CONFIG_NUM(struct options, port, "port", 1, 65535, "1883", "its port"),
	TT_CONFIG_STR(struct options, prefix, "prefix", "bench-", "units are called prefix00000, prefix00001, ..."),
	TT_CONFIG_STR(struct options, cls, "class", "bulk", "bulk (telemetry), event (odometer) or alert (SOS)"),
	TT_CONFIG_NUM(struct options, units, "units", 1, TT_FLEET_UNITS, "100", "units"),
	TT_CONFIG_NUM(struct options, events, "events", 1, 1000000000, "100", "messages of each unit"),
	TT_CONFIG_NUM(struct options, connections, "connections", 0, MOST_LINKS, "4", "connections that share the units; 0 = one each"),
	TT_CONFIG_NUM(struct options, window, "window", 1, 10000, "64", "messages a connection sends ahead of their PUBACKs"),
	TT_CONFIG_NUM(struct options, rate, "rate", 0, 1000000, "0", "messages a second in all; 0 = as fast as possible"),
	TT_CONFIG_NUM(struct options, samples, "samples", 1, TT_CHUNK_MAX_SAMPLES, "120", "samples in a telemetry chunk"),
	TT_CONFIG_NUM(struct options, seed, "seed", 1, INT32_MAX, "1", "another seed is another journal (epoch) of each unit"),
	TT_CONFIG_NUM(struct options, max_seconds, "max-seconds", 1, 86400, "300", "give up after so many seconds"),
	TT_CONFIG_STR(struct options, ca, "ca", "", "CA file; empty = no TLS"),
	TT_CONFIG_STR(struct options, cert, "cert", "", "certificate file; %u stands for the unit"),
	TT_CONFIG_STR(struct options, key, "key", "", "key file; %u stands for the unit"),
	TT_CONFIG_FLAG(struct options, wait_acks, "wait-acks", "false", "wait for the gateway's acknowledgement of everything"),
};
static const struct tt_config_spec spec = {
	.program = "telltale-sim fleet",
	.purpose = "a fleet's messages for a broker; prints counts and rates",
	.env_prefix = "TELLTALE_SIM_FLEET",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

struct fleet;

struct link {
	struct fleet *fleet;
	struct mosquitto *mosq;
	bool connected;
	unsigned first, step, at; /* units first, first + step, ...; at is the next in turn */
	int64_t in_flight;
};

struct fleet {
	struct options options;
	enum tt_class cls;
	struct tt_fleet_body body;
	struct tt_fleet_unit *units;
	struct link *links;
	struct pollfd *polls;
	unsigned nlinks;
	size_t prefix_len;
	uint64_t sent, pubacked, resent, done_units;
	tt_mono_us start_us;
};

static unsigned units_of(const struct fleet *f)
{
	return (unsigned)f->options.units;
}

static void on_connect(struct mosquitto *mosq, void *ctx, int rc)
{
	struct link *l = ctx;

	l->connected = rc == 0;
	if (rc != 0)
		fprintf(stderr, "telltale-sim fleet: refused: %s\n", mosquitto_connack_string(rc));
	for (unsigned u = l->first; l->connected && l->fleet->options.wait_acks && u < units_of(l->fleet); u += l->step) {
		char topic[TT_TOPIC_MAX];

		tt_topic_dn(l->fleet->units[u].name, TT_DN_ACK, topic);
		if (mosquitto_subscribe(mosq, NULL, topic, 1) != MOSQ_ERR_SUCCESS)
			l->connected = false;
	}
}

static void on_publish(struct mosquitto *mosq, void *ctx, int mid)
{
	struct link *l = ctx;

	(void)mosq;
	(void)mid;
	l->in_flight--;
	l->fleet->pubacked++;
}

/* tt/1/<shard>/<prefix><index>/dn/ack */
static struct tt_fleet_unit *unit_of_topic(struct fleet *f, const char *topic)
{
	const char *name = strstr(topic, f->options.prefix);
	const unsigned long index = name ? strtoul(name + f->prefix_len, NULL, 10) : units_of(f);

	return index < units_of(f) ? &f->units[index] : NULL;
}

static void on_message(struct mosquitto *mosq, void *ctx, const struct mosquitto_message *m)
{
	struct link *l = ctx;
	struct fleet *f = l->fleet;
	struct tt_fleet_unit *unit = unit_of_topic(f, m->topic);
	const uint64_t all = (uint64_t)f->options.events;
	struct tt_ack ack;

	(void)mosq;
	if (!unit || m->payloadlen <= 0 || tt_ack_decode(m->payload, (size_t)m->payloadlen, &ack) || ack.epoch != unit->epoch ||
	    ack.cls != f->cls)
		return;
	if (ack.up_to_seq > unit->acked && ack.up_to_seq <= all) {
		unit->acked = ack.up_to_seq;
		f->done_units += unit->acked == all;
	}
	if (ack.resend && unit->next_seq > unit->acked + 1) {
		f->resent += unit->next_seq - unit->acked - 1;
		unit->next_seq = unit->acked + 1;
	}
}

/* %u becomes the name. */
static enum tt_err file_of(const char *pattern, const char *name, char *out, size_t cap)
{
	const char *mark = strstr(pattern, "%u");
	const int n =
		mark ? snprintf(out, cap, "%.*s%s%s", (int)(mark - pattern), pattern, name, mark + 2) : snprintf(out, cap, "%s", pattern);

	return n >= 0 && (size_t)n < cap ? TT_OK : TT_ERANGE;
}

static enum tt_err open_link(struct fleet *f, struct link *l, const char *name, struct tt_errmsg *msg)
{
	const struct options *o = &f->options;
	char cert[320], key[320];
	int rc = MOSQ_ERR_SUCCESS;

	l->mosq = mosquitto_new(name, true, l);
	if (!l->mosq)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	mosquitto_connect_callback_set(l->mosq, on_connect);
	mosquitto_publish_callback_set(l->mosq, on_publish);
	mosquitto_message_callback_set(l->mosq, on_message);
	(void)mosquitto_max_inflight_messages_set(l->mosq, (unsigned)o->window);
	if (o->ca[0]) {
		if (file_of(o->cert, name, cert, sizeof(cert)) || file_of(o->key, name, key, sizeof(key)))
			return tt_errmsg_set(msg, TT_ECONFIG, "the path of certificate or key is too long");
		rc = mosquitto_tls_set(l->mosq, o->ca, NULL, cert, key, NULL);
	}
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_connect(l->mosq, o->broker, (int)o->port, KEEPALIVE_S);
	return rc == MOSQ_ERR_SUCCESS
		       ? TT_OK
		       : tt_errmsg_set(msg, TT_EIO, "%s: %s:%lld: %s", name, o->broker, (long long)o->port, mosquitto_strerror(rc));
}

static enum tt_err open_fleet(struct fleet *f, struct tt_errmsg *msg)
{
	const struct options *o = &f->options;
	enum tt_err err = TT_OK;

	f->nlinks = o->connections == 0 || o->connections > o->units ? units_of(f) : (unsigned)o->connections;
	if (f->nlinks > MOST_LINKS)
		return tt_errmsg_set(msg, TT_ECONFIG, "at most %d connections; share them with --connections", MOST_LINKS);
	f->prefix_len = strlen(o->prefix);
	f->units = calloc(units_of(f), sizeof(*f->units));
	f->links = calloc(f->nlinks, sizeof(*f->links));
	f->polls = calloc(f->nlinks, sizeof(*f->polls));
	if (!f->units || !f->links || !f->polls)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	for (unsigned u = 0; u < units_of(f); u++) {
		if (tt_fleet_unit_init(&f->units[u], o->prefix, u, (uint64_t)o->seed, f->cls))
			return tt_errmsg_set(msg, TT_ECONFIG, "prefix '%s' does not make a unit's name (letters, digits, '-')", o->prefix);
	}
	if (tt_fleet_body_init(&f->body, f->cls, (unsigned)o->samples))
		return tt_errmsg_set(msg, TT_ECONFIG, "%lld samples do not fit into a message", (long long)o->samples);
	for (unsigned i = 0; !err && i < f->nlinks; i++) {
		char name[64];

		f->links[i] = (struct link){.fleet = f, .first = i, .step = f->nlinks, .at = i};
		if (snprintf(name, sizeof(name), o->connections == 0 ? "%s%05u" : "%sload-%u", o->prefix, i) < (int)sizeof(name))
			err = open_link(f, &f->links[i], name, msg);
	}
	return err;
}

/* The next message of the next unit in turn that still has one. False: none, or the connection does not take it. */
static bool publish_one(struct fleet *f, struct link *l)
{
	static uint8_t buf[TT_FLEET_MESSAGE_MAX];

	for (unsigned tried = 0; tried < units_of(f); tried += l->step) {
		struct tt_fleet_unit *unit = &f->units[l->at];
		size_t len;

		l->at = l->at + l->step < units_of(f) ? l->at + l->step : l->first;
		if (unit->next_seq > (uint64_t)f->options.events)
			continue;
		if (tt_fleet_message(unit, &f->body, unit->next_seq, tt_utc_now(), buf, sizeof(buf), &len) ||
		    mosquitto_publish(l->mosq, NULL, unit->topic, (int)len, buf, 1, false) != MOSQ_ERR_SUCCESS)
			return false;
		unit->next_seq++;
		l->in_flight++;
		f->sent++;
		return true;
	}
	return false;
}

static bool rate_allows(const struct fleet *f)
{
	return f->options.rate == 0 || (int64_t)f->sent * 1000000 <= (tt_mono_now() - f->start_us) * f->options.rate;
}

static enum tt_err serve(struct fleet *f, struct tt_errmsg *msg)
{
	for (unsigned i = 0; i < f->nlinks; i++) {
		struct link *l = &f->links[i];

		while (l->connected && l->in_flight < f->options.window && rate_allows(f) && publish_one(f, l))
			;
		f->polls[i].fd = mosquitto_socket(l->mosq);
		f->polls[i].events = (short)(POLLIN | (mosquitto_want_write(l->mosq) ? POLLOUT : 0));
	}
	if (poll(f->polls, f->nlinks, TURN_MS) < 0)
		return TT_OK;
	for (unsigned i = 0; i < f->nlinks; i++) {
		struct link *l = &f->links[i];
		int rc = MOSQ_ERR_SUCCESS;

		/* A read takes one packet; take what is there, at most a window. */
		for (int64_t n = 0; rc == MOSQ_ERR_SUCCESS && n <= f->options.window && (f->polls[i].revents & (POLLIN | POLLHUP)); n++) {
			rc = mosquitto_loop_read(l->mosq, 1);
			(void)poll(&f->polls[i], 1, 0);
		}
		if (rc == MOSQ_ERR_SUCCESS && mosquitto_want_write(l->mosq))
			rc = mosquitto_loop_write(l->mosq, 1);
		if (rc == MOSQ_ERR_SUCCESS)
			rc = mosquitto_loop_misc(l->mosq);
		if (rc != MOSQ_ERR_SUCCESS)
			return tt_errmsg_set(msg, TT_EIO, "the broker closed connection %u: %s", i, mosquitto_strerror(rc));
	}
	return TT_OK;
}

static void report(const struct fleet *f, tt_mono_us pubacked_us, tt_mono_us end_us)
{
	const double took = (double)(pubacked_us - f->start_us) / 1e6, all = (double)(end_us - f->start_us) / 1e6;
	const uint64_t stored = f->done_units * (uint64_t)f->options.events;

	printf("published %llu pubacked %llu resent %llu seconds %.3f rate %.0f/s\n", (unsigned long long)f->sent,
	       (unsigned long long)f->pubacked, (unsigned long long)f->resent, took, (double)f->pubacked / took);
	if (f->options.wait_acks)
		printf("stored %llu of units complete %llu seconds %.3f rate %.0f/s\n", (unsigned long long)stored,
		       (unsigned long long)f->done_units, all, (double)stored / all);
}

static enum tt_err run_fleet(struct fleet *f, struct tt_errmsg *msg)
{
	const uint64_t total = (uint64_t)(f->options.units * f->options.events);
	tt_mono_us pubacked_us = 0;
	enum tt_err err = open_fleet(f, msg);

	f->start_us = tt_mono_now();
	while (!err) {
		const tt_mono_us now_us = tt_mono_now();

		if (pubacked_us == 0 && f->pubacked >= total)
			pubacked_us = now_us;
		if (f->pubacked >= total && f->pubacked == f->sent &&
		    (!f->options.wait_acks || f->done_units == (uint64_t)f->options.units))
			break;
		if (now_us - f->start_us > TT_SEC(f->options.max_seconds))
			err = tt_errmsg_set(msg, TT_ETIMEOUT, "not done after %lld s (--max-seconds)", (long long)f->options.max_seconds);
		else
			err = serve(f, msg);
	}
	if (f->sent > 0)
		report(f, pubacked_us ? pubacked_us : tt_mono_now(), tt_mono_now());
	return err;
}

static void close_fleet(struct fleet *f)
{
	for (unsigned i = 0; f->links && i < f->nlinks; i++) {
		if (f->links[i].mosq) {
			(void)mosquitto_disconnect(f->links[i].mosq);
			mosquitto_destroy(f->links[i].mosq);
		}
	}
	free(f->units);
	free(f->links);
	free(f->polls);
	free(f);
}

static enum tt_err read_class(struct fleet *f, struct tt_errmsg *msg)
{
	for (enum tt_class c = TT_CLASS_ALERT; c <= TT_CLASS_BULK; c++) {
		if (strcmp(f->options.cls, tt_class_name(c)) == 0)
			f->cls = c;
	}
	return f->cls ? TT_OK : tt_errmsg_set(msg, TT_ECONFIG, "class '%s': bulk, event or alert", f->options.cls);
}

int tt_sim_fleet(int argc, char *const argv[])
{
	struct fleet *f = calloc(1, sizeof(*f));
	struct tt_errmsg msg = {""};
	bool help = false;
	enum tt_err err;
	int status;

	if (!f)
		return 1;
	mosquitto_lib_init();
	err = tt_config_load(&spec, &f->options, argc, argv, &help, &msg);
	if (!err && !help)
		err = read_class(f, &msg);
	status = err ? 2 : 0;
	if (!err && !help && (err = run_fleet(f, &msg)))
		status = 1;
	if (err)
		fprintf(stderr, "telltale-sim fleet: %s\n", msg.text);
	close_fleet(f);
	mosquitto_lib_cleanup();
	return status;
}
