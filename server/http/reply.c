#include "server/http/assets.h"
#include "server/http/http_internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *value;
} security_headers[] = {
	{"Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
				    "frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"X-Frame-Options", "DENY"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

/* Takes the response. A header that could not be added (no memory) drops the connection rather than send the answer without it. */
static enum MHD_Result send_off(struct tt_exchange *x, int status, struct MHD_Response *response, bool complete)
{
	enum MHD_Result ok = response && complete ? MHD_YES : MHD_NO;

	for (size_t i = 0; ok == MHD_YES && i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		ok = MHD_add_response_header(response, security_headers[i].name, security_headers[i].value);
	if (ok == MHD_YES && x->http->config.secure_cookie)
		ok = MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (ok == MHD_YES)
		ok = MHD_queue_response(x->conn, (unsigned)status, response);
	if (response)
		MHD_destroy_response(response);
	return ok;
}

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
	return response && MHD_add_response_header(response, name, value) == MHD_YES;
}

enum MHD_Result tt_reply_status(struct tt_exchange *x, int status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	bool ok = add(response, "Content-Type", "text/plain; charset=utf-8") && add(response, "Cache-Control", "no-store");

	if (status == 405)
		ok = ok && add(response, "Allow", "GET, HEAD");
	tt_metrics_request(x->http->metrics, -1, status, tt_mono_now() - x->begun);
	return send_off(x, status, response, ok);
}

/* ---- event streams ---- */

static ssize_t read_stream(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct tt_exchange *x = (struct tt_exchange *)cls;
	ssize_t n = tt_hub_read(x->stream, x->conn, buf, max);

	(void)pos;
	return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static enum MHD_Result reply_stream(struct tt_exchange *x)
{
	/* The exchange outlives its response: libmicrohttpd ends the request first. No block of it is used with chunked encoding. */
	struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, read_stream, x, NULL);
	bool ok = add(response, "Content-Type", "text/event-stream") && add(response, "Cache-Control", "no-cache, no-transform") &&
		  add(response, "X-Accel-Buffering", "no");

	return send_off(x, 200, response, ok);
}

/* ---- answers of the API ---- */

static bool add_api_headers(struct MHD_Response *response, const struct tt_response *r)
{
	char retry[16];
	bool ok = add(response, "Cache-Control", "no-store");

	if (r->content_type)
		ok = ok && add(response, "Content-Type", r->content_type);
	if (r->set_cookie[0])
		ok = ok && add(response, "Set-Cookie", r->set_cookie);
	if (r->allow)
		ok = ok && add(response, "Allow", r->allow);
	if (r->retry_after_s > 0)
		ok = ok && snprintf(retry, sizeof(retry), "%d", r->retry_after_s) > 0 && add(response, "Retry-After", retry);
	return ok;
}

enum MHD_Result tt_reply_response(struct tt_exchange *x)
{
	struct tt_response *r = &x->response;
	struct MHD_Response *response;

	if (x->stream)
		return reply_stream(x);
	response = MHD_create_response_from_buffer(r->body_len, r->body, MHD_RESPMEM_MUST_FREE);
	if (response)
		r->body = NULL; /* the response's now */
	return send_off(x, r->status, response, add_api_headers(response, r));
}

/* ---- the desk's files ---- */

enum MHD_Result tt_reply_asset(struct tt_exchange *x)
{
	const struct tt_asset *asset = tt_asset_find(x->target, strcspn(x->target, "?"));
	struct MHD_Response *response;
	const uint8_t *begin, *end;
	bool gzip, fresh, ok;

	if (!asset && tt_nassets == 0)
		return tt_reply_status(x, 503,
				       "This telltale-server was built without the desk: run npm ci && npm run build in server/web, "
				       "then build again. The API works.\n");
	if (!asset)
		return tt_reply_status(x, 404, "Not found\n");
	fresh = tt_asset_fresh(asset, MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH));
	gzip = asset->gz_begin != asset->gz_end &&
	       tt_accepts_gzip(MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING));
	begin = gzip ? asset->gz_begin : asset->begin;
	end = gzip ? asset->gz_end : asset->end;
	response = MHD_create_response_from_buffer(fresh ? 0 : (size_t)(end - begin), (void *)(uintptr_t)begin, MHD_RESPMEM_PERSISTENT);
	ok = add(response, "ETag", asset->etag) && add(response, "Vary", "Accept-Encoding") &&
	     add(response, "Cache-Control", tt_asset_cache_control(asset));
	if (!fresh)
		ok = ok && add(response, "Content-Type", asset->content_type);
	if (gzip && !fresh)
		ok = ok && add(response, "Content-Encoding", "gzip");
	tt_metrics_request(x->http->metrics, -1, fresh ? 304 : 200, tt_mono_now() - x->begun);
	return send_off(x, fresh ? 304 : 200, response, ok);
}
