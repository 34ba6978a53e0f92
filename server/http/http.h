/*
 * The HTTP server: libmicrohttpd (epoll, a pool of threads) in front of server/api, the desk's files, and the event streams.
 *
 * Threads: `threads` serve connections and never touch the record; `workers` call the API, each with a store handle of its own; two more
 * check passwords; one watches the feed. Sizes and times are bounded: header 8 KiB, body 64 KiB, a request within 20 s, idle 60 s.
 */
#ifndef TT_SERVER_HTTP_HTTP_H
#define TT_SERVER_HTTP_HTTP_H

#include "base/err.h"
#include "base/time.h"
#include "server/http/metrics.h"

struct tt_http;

struct tt_http_config {
	const char *address; /* to listen on, IPv4 or IPv6 in numbers */
	uint16_t port;       /* 0: any free one, see tt_http_port */
	const char *store;   /* url of the record */
	unsigned threads, workers;
	unsigned connections; /* at most, streams included */
	unsigned connections_per_address;
	int64_t heartbeat_us, feed_poll_us;
	int64_t request_limit_us; /* for a whole request to come in */
	bool secure_cookie;
	const char *operators;       /* addresses that may see /metrics and /healthz: "127.0.0.1,::1" */
	const char *trusted_proxy;   /* address whose X-Forwarded-For is believed; "" = none */
	const char *gateway_metrics; /* file; "" = none */
};

/* Strings of config must outlive the server. A message names what failed and the way out: address in use, record missing or too new. */
TT_MUSTCHECK enum tt_err tt_http_start(const struct tt_http_config *config, struct tt_http **out, struct tt_errmsg *msg);
uint16_t tt_http_port(const struct tt_http *http);
struct tt_metrics *tt_http_metrics(struct tt_http *http);
/* Once a second: closes slow requests, brings the gauges up to date. */
void tt_http_tick(struct tt_http *http, tt_mono_us now);
/* Ends every stream, answers what is under way, closes. NULL is fine. */
void tt_http_stop(struct tt_http *http);

#endif
