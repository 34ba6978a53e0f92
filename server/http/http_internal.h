/* What http.c (life), exchange.c (a request's way) and reply.c (answers) share. Not for others. */
#ifndef TT_SERVER_HTTP_HTTP_INTERNAL_H
#define TT_SERVER_HTTP_HTTP_INTERNAL_H

#include "server/api/api.h"
#include "server/http/guard.h"
#include "server/http/http.h"
#include "server/http/hub.h"
#include "server/http/jobs.h"
#include "server/http/watch.h"

#include <microhttpd.h>

struct tt_http {
	struct tt_http_config config;
	struct MHD_Daemon *daemon;
	struct tt_jobs *jobs;
	struct tt_hub *hub;
	struct tt_watch *watch;
	struct tt_guard *guard;
	struct tt_metrics *metrics;
	struct tt_login_limits *limits;
	char **route_names;
	char dummy_hash[128]; /* a password nobody has: an unknown log-in costs what a known one does */
	uint16_t port;
};

/* A thread that calls the API. */
struct tt_worker {
	struct tt_http *http;
	struct tt_api api;
};

enum tt_exchange_state {
	TT_EXCHANGE_NEW,
	TT_EXCHANGE_READING, /* the body */
	TT_EXCHANGE_WORKING, /* parked, a worker has it */
	TT_EXCHANGE_DONE,    /* woken with an answer */
};

/* One request on its way. Born with its first line, freed when libmicrohttpd has finished with it. */
struct tt_exchange {
	struct tt_http *http;
	struct MHD_Connection *conn;
	struct tt_guarded *guarded; /* the connection's, NULL = not timed */
	enum tt_exchange_state state;
	tt_mono_us begun;
	char *target; /* as sent: libmicrohttpd decodes its own copy in place */
	const char *method;
	char *body;
	size_t body_len, body_cap;
	size_t dropped; /* bytes beyond the limit */
	char address[64];
	bool operator_address;
	struct tt_response response;
	struct tt_hub_stream *stream; /* until the streaming response owns it */
};

/* exchange.c: libmicrohttpd's callbacks, and the job. */
void *tt_exchange_begin(void *http, const char *uri, struct MHD_Connection *conn);
enum MHD_Result tt_exchange_handle(void *http, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
				   const char *upload, size_t *upload_len, void **exchange);
void tt_exchange_end(void *http, struct MHD_Connection *conn, void **exchange, enum MHD_RequestTerminationCode how);
void tt_exchange_run(void *worker, void *exchange);

/* reply.c */
enum MHD_Result tt_reply_response(struct tt_exchange *x); /* x->response or x->stream */
enum MHD_Result tt_reply_status(struct tt_exchange *x, int status, const char *text);
enum MHD_Result tt_reply_asset(struct tt_exchange *x);

/* exchange_address.c: who asks; X-Forwarded-For of the trusted proxy only. */
void tt_exchange_address(struct tt_exchange *x);

#endif
