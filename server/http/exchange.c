#include "server/http/http_internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum { DROPPED_MAX = 1 << 20 }; /* of a body too large: read and thrown away so that the client can hear 413 */

void *tt_exchange_begin(void *http, const char *uri, struct MHD_Connection *conn)
{
	struct tt_exchange *x = calloc(1, sizeof(*x));
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!x)
		return NULL;
	x->http = (struct tt_http *)http;
	x->conn = conn;
	x->begun = tt_mono_now();
	x->guarded = info ? (struct tt_guarded *)info->socket_context : NULL;
	x->target = strdup(uri);
	if (!x->target) {
		free(x);
		return NULL;
	}
	return x;
}

void tt_exchange_end(void *http, struct MHD_Connection *conn, void **exchange, enum MHD_RequestTerminationCode how)
{
	struct tt_exchange *x = (struct tt_exchange *)*exchange;

	(void)http;
	(void)conn;
	(void)how;
	*exchange = NULL;
	if (!x)
		return;
	tt_guard_waiting(x->http->guard, x->guarded, tt_mono_now());
	if (x->stream)
		tt_hub_close(x->stream);
	tt_response_clear(&x->response);
	free(x->body);
	free(x->target);
	free(x);
}

static bool is_api(const char *target)
{
	size_t n = strcspn(target, "?");
	static const char *const exact[] = {"/healthz", "/metrics", "/api"};

	for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
		if (strlen(exact[i]) == n && strncmp(target, exact[i], n) == 0)
			return true;
	}
	return strncmp(target, "/api/", 5) == 0;
}

static void collect(struct tt_exchange *x, const char *data, size_t n)
{
	if (x->dropped > 0 || n > TT_API_BODY_MAX - x->body_len) {
		x->dropped += n;
		return;
	}
	if (x->body_len + n > x->body_cap) {
		size_t cap = x->body_len + n < 1024 ? 1024 : (x->body_len + n) * 2;
		char *grown = realloc(x->body, cap);

		if (!grown) {
			x->dropped += n;
			return;
		}
		x->body = grown;
		x->body_cap = cap;
	}
	memcpy(x->body + x->body_len, data, n);
	x->body_len += n;
}

/* Parked before it is handed over: the worker may be done before this returns. */
static enum MHD_Result hand_over(struct tt_exchange *x)
{
	enum tt_job_class cls = tt_api_is_login(x->method, x->target) ? TT_JOB_LOGIN : TT_JOB_REQUEST;

	x->state = TT_EXCHANGE_WORKING;
	MHD_suspend_connection(x->conn);
	if (tt_jobs_add(x->http->jobs, cls, x) == TT_OK)
		return MHD_YES;
	x->response = (struct tt_response){.route = -1, .status = 503, .retry_after_s = 1};
	x->state = TT_EXCHANGE_DONE;
	MHD_resume_connection(x->conn);
	return MHD_YES;
}

static enum MHD_Result dispatch(struct tt_exchange *x)
{
	tt_guard_served(x->http->guard, x->guarded);
	if (x->dropped > 0)
		return tt_reply_status(x, 413, "The request is too large: at most 64 KiB\n");
	if (is_api(x->target)) {
		tt_exchange_address(x);
		return hand_over(x);
	}
	if (strcmp(x->method, "GET") != 0 && strcmp(x->method, "HEAD") != 0)
		return tt_reply_status(x, 405, "GET only\n");
	return tt_reply_asset(x);
}

/* A body announced too large is refused before it is sent. */
static bool too_large(struct MHD_Connection *conn)
{
	const char *text = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return text && strtoull(text, NULL, 10) > TT_API_BODY_MAX;
}

enum MHD_Result tt_exchange_handle(void *http, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
				   const char *upload, size_t *upload_len, void **exchange)
{
	struct tt_exchange *x = (struct tt_exchange *)*exchange;

	(void)http;
	(void)url;
	(void)version;
	if (!x)
		return MHD_NO;
	if (x->state == TT_EXCHANGE_NEW) {
		x->method = method;
		x->state = TT_EXCHANGE_READING;
		if (too_large(conn)) {
			tt_guard_served(x->http->guard, x->guarded);
			return tt_reply_status(x, 413, "The request is too large: at most 64 KiB\n");
		}
		return MHD_YES;
	}
	if (x->state == TT_EXCHANGE_READING) {
		if (*upload_len == 0)
			return dispatch(x);
		collect(x, upload, *upload_len);
		*upload_len = 0;
		return x->dropped > DROPPED_MAX ? MHD_NO : MHD_YES;
	}
	return x->state == TT_EXCHANGE_DONE ? tt_reply_response(x) : MHD_YES;
}

/* ---- in the worker ---- */

static const char *header(const struct tt_exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, name);
}

static void open_stream(struct tt_worker *w, struct tt_exchange *x)
{
	struct tt_response *r = &x->response;
	int64_t last = 0;
	enum tt_err err = tt_store_change_last(w->api.store, &last);

	if (!err)
		err = tt_hub_open(x->http->hub, r->scope.dealer_id, r->after > last ? TT_HUB_RESYNC : r->after, r->token_hash,
				  tt_watch_fill, w->api.store, &x->stream);
	if (err) {
		r->kind = TT_RESPONSE_BODY;
		r->status = 503;
		r->retry_after_s = 5;
	}
}

static void write_metrics(struct tt_exchange *x, tt_utc_us now)
{
	struct tt_response *r = &x->response;

	if (tt_metrics_text(x->http->metrics, x->http->config.gateway_metrics, now, TT_SEC(30), &r->body)) {
		r->status = 500;
		return;
	}
	r->body_len = strlen(r->body);
	r->content_type = "text/plain; version=0.0.4; charset=utf-8";
}

void tt_exchange_run(void *worker, void *exchange)
{
	struct tt_worker *w = (struct tt_worker *)worker;
	struct tt_exchange *x = (struct tt_exchange *)exchange;
	struct tt_response *r = &x->response;
	const struct tt_request request = {.method = x->method,
					   .target = x->target,
					   .content_type = header(x, MHD_HTTP_HEADER_CONTENT_TYPE),
					   .cookie = header(x, MHD_HTTP_HEADER_COOKIE),
					   .csrf = header(x, "X-CSRF-Token"),
					   .last_event_id = header(x, "Last-Event-ID"),
					   .body = x->body,
					   .body_len = x->body_len,
					   .address = x->address,
					   .operator_address = x->operator_address,
					   .now = tt_utc_now()};
	int64_t took;

	tt_api_handle(&w->api, &request, r);
	if (r->kind == TT_RESPONSE_STREAM)
		open_stream(w, x);
	else if (r->kind == TT_RESPONSE_METRICS)
		write_metrics(x, request.now);
	if (r->ended)
		tt_hub_end_session(x->http->hub, r->token_hash);
	took = tt_mono_now() - x->begun;
	tt_metrics_request(x->http->metrics, r->route, r->status, took);
	if (r->status >= 500)
		tt_log(TT_LOG_WARN, NULL, "http.failed", "route=\"%s\" status=%d detail=\"%s\"",
		       r->route >= 0 ? x->http->route_names[r->route] : "none", r->status, tt_store_message(w->api.store));
	else
		tt_log(TT_LOG_DEBUG, NULL, "http.request", "route=\"%s\" status=%d took_us=%lld",
		       r->route >= 0 ? x->http->route_names[r->route] : "none", r->status, (long long)took);
	x->state = TT_EXCHANGE_DONE;
	MHD_resume_connection(x->conn);
}
