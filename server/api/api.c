#include "server/api/api.h"

#include "base/utf8.h"
#include "server/api/handlers.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum access { ACCESS_SESSION, ACCESS_ANYBODY, ACCESS_OPERATOR };

enum { ADVISER = 1, MANAGER = 2, RESCUE = 4, ADMIN = 8 };
enum { STAFF = ADVISER | MANAGER | RESCUE | ADMIN, DESK = ADVISER | MANAGER | ADMIN };

struct route {
	const char *method;
	const char *pattern;
	tt_call_fn handle;
	enum access access;
	unsigned roles;
	bool has_body;
};

/* GET reads; every other method is a write and needs the CSRF token, but for the log-in, which has no session yet. */
static const struct route routes[] = {
	{"GET", "/healthz", tt_handle_health, ACCESS_OPERATOR, 0, false},
	{"GET", "/metrics", tt_handle_metrics, ACCESS_OPERATOR, 0, false},
	{"POST", "/api/session", tt_handle_log_in, ACCESS_ANYBODY, 0, true},
	{"GET", "/api/session", tt_handle_who_am_i, ACCESS_SESSION, STAFF, false},
	{"DELETE", "/api/session", tt_handle_log_out, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/queue", tt_handle_queue, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/tickets/{id}", tt_handle_ticket, ACCESS_SESSION, STAFF, false},
	{"POST", "/api/tickets/{id}/acknowledge", tt_handle_ticket_acknowledge, ACCESS_SESSION, DESK, true},
	{"POST", "/api/tickets/{id}/assign", tt_handle_ticket_assign, ACCESS_SESSION, DESK, true},
	{"POST", "/api/tickets/{id}/comment", tt_handle_ticket_comment, ACCESS_SESSION, DESK, true},
	{"POST", "/api/tickets/{id}/status", tt_handle_ticket_status, ACCESS_SESSION, DESK, true},
	{"GET", "/api/rescues", tt_handle_rescues, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/rescues/{id}", tt_handle_rescue, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/rescues/{id}/capture", tt_handle_rescue_capture, ACCESS_SESSION, STAFF, false},
	{"POST", "/api/rescues/{id}/status", tt_handle_rescue_status, ACCESS_SESSION, STAFF, true},
	{"POST", "/api/rescues/{id}/comment", tt_handle_rescue_comment, ACCESS_SESSION, STAFF, true},
	{"GET", "/api/reminders", tt_handle_reminders, ACCESS_SESSION, STAFF, false},
	{"POST", "/api/reminders/{id}/status", tt_handle_reminder_status, ACCESS_SESSION, DESK, true},
	{"GET", "/api/customers", tt_handle_customers, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/customers/{id}", tt_handle_customer, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/vehicles/{id}", tt_handle_vehicle, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/vehicles/{id}/events", tt_handle_happenings, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/vehicles/{id}/captures", tt_handle_vehicle_captures, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/users", tt_handle_users, ACCESS_SESSION, STAFF, false},
	{"GET", "/api/events", tt_handle_events, ACCESS_SESSION, STAFF, false},
};
enum { NROUTES = sizeof(routes) / sizeof(routes[0]) };

size_t tt_api_route_count(void)
{
	return NROUTES;
}

static bool is_write(const struct route *route)
{
	return strcmp(route->method, "GET") != 0;
}

void tt_api_route_info(size_t index, struct tt_route_info *out)
{
	const struct route *r = &routes[index];

	TT_ASSERT(index < NROUTES);
	out->method = r->method;
	out->pattern = r->pattern;
	out->session = r->access == ACCESS_SESSION;
	out->write = is_write(r);
}

static unsigned role_bit(const char *role)
{
	static const struct {
		const char *name;
		unsigned bit;
	} rows[] = {{"adviser", ADVISER}, {"manager", MANAGER}, {"rescue", RESCUE}, {"admin", ADMIN}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, role) == 0)
			return rows[i].bit;
	}
	return 0;
}

static const char *allow_of(unsigned methods)
{
	static const char *const texts[] = {[1] = "GET", [2] = "POST", [3] = "GET, POST", [7] = "GET, POST, DELETE"};

	return methods < sizeof(texts) / sizeof(texts[0]) ? texts[methods] : NULL;
}

/* The route of method and path; NULL and an answer when there is none. */
static const struct route *find_route(struct tt_call *call)
{
	const char *target = call->req->target;
	size_t len = strcspn(target, "?");
	unsigned methods = 0;

	for (size_t i = 0; i < NROUTES; i++) {
		if (!tt_path_match(routes[i].pattern, target, len, &call->id))
			continue;
		if (strcmp(routes[i].method, call->req->method) == 0) {
			call->out->route = (int)i;
			return &routes[i];
		}
		methods |= routes[i].method[0] == 'G' ? 1U : routes[i].method[0] == 'P' ? 2U : 4U;
	}
	call->id = 0;
	if (methods == 0) {
		tt_call_problem(call, 404, "there is nothing at this address");
	} else {
		tt_call_problem(call, 405, "this address knows %s", allow_of(methods));
		call->out->allow = allow_of(methods);
	}
	return NULL;
}

static bool csrf_fits(const struct tt_call *call)
{
	size_t want = strlen(call->session.csrf);
	size_t have = call->req->csrf ? strlen(call->req->csrf) : 0;

	return want > 0 && have == want && sodium_memcmp(call->req->csrf, call->session.csrf, want) == 0;
}

/* Answers and returns false when the caller may not. */
static bool admitted(struct tt_call *call, const struct route *route)
{
	enum tt_err err;

	if (route->access == ACCESS_ANYBODY)
		return true;
	if (route->access == ACCESS_OPERATOR) {
		if (!call->req->operator_address)
			tt_call_problem(call, 403, "only for the addresses of metrics-allow");
		return call->req->operator_address;
	}
	err = tt_session_load(call);
	if (err == TT_EDENIED)
		tt_call_problem(call, 401, "POST /api/session opens a session");
	else if (err)
		tt_call_failed(call, err, "the session");
	else if (is_write(route) && !csrf_fits(call))
		tt_call_problem(call, 403, "send the header X-CSRF-Token with the session's csrf value");
	else if (!(route->roles & role_bit(call->user.role)))
		tt_call_problem(call, 403, "not for the role %s", call->user.role);
	else
		return true;
	return false;
}

/* Percent-decoding can make any bytes; the record holds UTF-8 only. */
static bool is_utf8(const struct tt_query *query)
{
	for (size_t i = 0; i < query->n; i++)
		if (!tt_utf8_valid(query->items[i].value, strlen(query->items[i].value)))
			return false;
	return true;
}

static bool understood(struct tt_call *call, const struct route *route)
{
	const char *query = strchr(call->req->target, '?');

	if (query && (tt_query_parse(query + 1, &call->query) || !is_utf8(&call->query))) {
		tt_call_problem(call, 400, "the query has a broken escape, bytes that are not UTF-8, a name twice, or is too long");
		return false;
	}
	return !route->has_body || tt_call_read_body(call) == TT_OK;
}

void tt_api_handle(struct tt_api *api, const struct tt_request *request, struct tt_response *out)
{
	struct tt_call call = {.api = api, .req = request, .out = out};
	const struct route *route;

	memset(out, 0, sizeof(*out));
	out->route = -1;
	out->status = 500;
	route = find_route(&call);
	if (route && admitted(&call, route) && understood(&call, route))
		route->handle(&call);
	json_decref(call.body);
}

void tt_response_clear(struct tt_response *response)
{
	free(response->body);
	response->body = NULL;
	response->body_len = 0;
}

bool tt_api_is_login(const char *method, const char *target)
{
	return strcmp(method, "POST") == 0 && strncmp(target, "/api/session", strcspn(target, "?")) == 0;
}
