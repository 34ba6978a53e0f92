#include "server/api/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json_media[] = "application/json";
static const char problem_media[] = "application/problem+json";

/* Ten digits hold a position to 1e-7 degrees, and keep 52.52 from becoming 52.520000000000003. */
enum { DUMP_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(10) };

static void answer(struct tt_call *c, int status, const char *type, json_t *json)
{
	char *text = json ? json_dumps(json, DUMP_FLAGS) : NULL;

	json_decref(json);
	free(c->out->body);
	c->out->kind = TT_RESPONSE_BODY;
	c->out->body = text;
	c->out->body_len = text ? strlen(text) : 0;
	c->out->content_type = text ? type : NULL;
	c->out->status = text ? status : 500;
}

void tt_call_json(struct tt_call *call, json_t *json)
{
	answer(call, 200, json_media, json);
}

void tt_call_empty(struct tt_call *call, int status)
{
	call->out->status = status;
}

static const char *title_of(int status)
{
	static const struct {
		int status;
		const char *title;
	} rows[] = {
		{400, "The request cannot be understood"},
		{401, "Log in first"},
		{403, "Not allowed"},
		{404, "Not found"},
		{405, "This address does not know that method"},
		{409, "Conflict with the present state"},
		{413, "The request is too large"},
		{415, "The body must be application/json"},
		{429, "Too many tries"},
		{503, "Not available now"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == status)
			return rows[i].title;
	}
	return "The server failed";
}

void tt_call_problem(struct tt_call *call, int status, const char *fmt, ...)
{
	char detail[400];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(detail, sizeof(detail), fmt, ap) < 0)
		detail[0] = '\0';
	va_end(ap);
	answer(call, status, problem_media, json_pack("{s:s, s:i, s:s}", "title", title_of(status), "status", status, "detail", detail));
}

void tt_call_failed(struct tt_call *call, enum tt_err err, const char *what)
{
	static const struct {
		enum tt_err err;
		int status, retry_after_s;
		const char *say;
	} rows[] = {
		{TT_ENOTFOUND, 404, 0, "there is none, or it belongs to another dealer"},
		{TT_ECONFLICT, 409, 0, "somebody changed it meanwhile; read it again and repeat"},
		{TT_EEXIST, 409, 0, "it exists already"},
		{TT_ERANGE, 400, 0, "a value is too long or out of range"},
		{TT_EAGAIN, 503, 1, "the record is busy; try again"},
		{TT_ETIMEOUT, 503, 1, "the record is busy; try again"},
		{TT_ENOSPC, 503, 30, "the record's disk is full; free space"},
		{TT_EIO, 503, 5, "the record cannot be read or written; see the server's log"},
		{TT_ECORRUPT, 503, 30, "the record is damaged; see the server's log and restore a backup"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].err != err)
			continue;
		tt_call_problem(call, rows[i].status, "%s: %s", what, rows[i].say);
		call->out->retry_after_s = rows[i].retry_after_s;
		return;
	}
	tt_call_problem(call, 500, "%s: %s", what, tt_err_text(err));
}

/* Deepest nesting of brackets outside strings. jansson recurses, so this is looked at before it. */
static unsigned depth_of(const char *s, size_t n)
{
	unsigned depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

static bool is_json(const char *content_type)
{
	size_t n;

	if (!content_type)
		return false;
	n = strcspn(content_type, "; ");
	return n == sizeof(json_media) - 1 && strncasecmp(content_type, json_media, n) == 0;
}

enum tt_err tt_call_read_body(struct tt_call *call)
{
	const struct tt_request *r = call->req;
	json_error_t error;

	if (!is_json(r->content_type)) {
		tt_call_problem(call, 415, "send Content-Type: application/json");
		return TT_EINVAL;
	}
	if (r->body_len > TT_API_BODY_MAX) {
		tt_call_problem(call, 413, "at most %d bytes", TT_API_BODY_MAX);
		return TT_EINVAL;
	}
	if (depth_of(r->body, r->body_len) > TT_API_DEPTH_MAX) {
		tt_call_problem(call, 400, "the body nests deeper than %d levels", TT_API_DEPTH_MAX);
		return TT_EINVAL;
	}
	call->body = json_loadb(r->body_len > 0 ? r->body : "", r->body_len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(call->body)) {
		/* Where, not what: the parser's own text quotes the body, which may hold a password. */
		tt_call_problem(call, 400, "the body must be one JSON object (line %d, column %d)", call->body ? 1 : error.line,
				call->body ? 1 : error.column);
		return TT_EINVAL;
	}
	return TT_OK;
}

enum tt_err tt_call_int(struct tt_call *call, const char *name, int64_t min, int64_t max, int64_t *out)
{
	const json_t *v = json_object_get(call->body, name);

	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
		tt_call_problem(call, 400, "\"%s\" must be a whole number from %lld to %lld", name, (long long)min, (long long)max);
		return TT_EINVAL;
	}
	*out = json_integer_value(v);
	return TT_OK;
}

enum tt_err tt_call_text(struct tt_call *call, const char *name, bool required, size_t max_bytes, const char **out)
{
	const json_t *v = json_object_get(call->body, name);

	if (!required && (!v || json_is_null(v))) {
		*out = "";
		return TT_OK;
	}
	if (!json_is_string(v) || json_string_length(v) > max_bytes || (required && json_string_length(v) == 0)) {
		tt_call_problem(call, 400, "\"%s\" must be a text of %s%zu bytes of UTF-8", name, required ? "1 to " : "at most ",
				max_bytes);
		return TT_EINVAL;
	}
	*out = json_string_value(v);
	return TT_OK;
}

bool tt_call_copy(char *dst, size_t cap, const char *src)
{
	size_t n = strlen(src);

	if (n >= cap)
		return false;
	memcpy(dst, src, n + 1);
	return true;
}

enum tt_err tt_call_audit(struct tt_call *call, const char *action, const char *subject, int64_t subject_id, const char *reason)
{
	struct tt_audit row = {.at = call->req->now, .user_id = call->user.id, .dealer_id = call->user.dealer_id};
	int n = subject_id > 0 ? snprintf(row.subject, sizeof(row.subject), "%s:%lld", subject, (long long)subject_id)
			       : snprintf(row.subject, sizeof(row.subject), "%s", subject);

	if (n < 0 || (size_t)n >= sizeof(row.subject) || !TT_COPY(row.action, action) || !TT_COPY(row.reason, reason) ||
	    !TT_COPY(row.address, call->req->address))
		return TT_ERANGE;
	return tt_store_audit_add(call->api->store, &row);
}
