/*
 * The HTTP API as a function: a request in, a response out, the record behind store.h. No sockets, no clock, no threads: the time and
 * the caller's address are part of the request, so that every route can be tested and fuzzed without a server.
 *
 * The routes are those of schemas/openapi.yaml, and a test compares the two. What every route shares is done here, in this order:
 *   404/405 (route), 403 (address, for /healthz and /metrics), 401 (session), 403 (CSRF token of a write), 403 (role), 415/413/400 (body).
 *
 * Memory: a tt_api borrows its store and its shared parts. The response's body belongs to the caller: tt_response_clear.
 * Threads: one tt_api a thread, as its store handle; `limits` may be shared by many.
 */
#ifndef TT_SERVER_API_API_H
#define TT_SERVER_API_API_H

#include "base/err.h"
#include "base/time.h"
#include "crm/store/store.h"
#include "server/api/login_limit.h"

#include <stdint.h>

enum {
	TT_API_BODY_MAX = 65536, /* bytes; a larger body is 413 */
	TT_API_DEPTH_MAX = 16,   /* nesting of a JSON body */
	TT_API_SESSION_HOURS = 12,
	TT_API_TOKEN_BYTES = 32,
};

/* What the API cannot do by itself without losing its purity. */
struct tt_api_env {
	void *ctx;
	/* Constant work for every input, including hash "" (then false). hash: argon2id as crypto_pwhash_str writes it. */
	bool (*verify)(void *ctx, const char *hash, const char *password, size_t len);
	void (*random)(void *ctx, uint8_t *out, size_t len); /* for tokens: cryptographic */
};

struct tt_api {
	struct tt_store *store;
	struct tt_login_limits *limits;
	struct tt_api_env env;
	bool secure_cookie; /* the Secure attribute: on behind TLS */
};

struct tt_request {
	const char *method;        /* "GET" */
	const char *target;        /* path and query as sent, still percent-encoded */
	const char *content_type;  /* NULL = none */
	const char *cookie;        /* the Cookie header, NULL = none */
	const char *csrf;          /* the X-CSRF-Token header, NULL = none */
	const char *last_event_id; /* NULL = none */
	const char *body;          /* not NUL-terminated */
	size_t body_len;
	const char *address;   /* of the client, for limits and audit */
	bool operator_address; /* may see /healthz and /metrics */
	tt_utc_us now;
};

enum tt_response_kind {
	TT_RESPONSE_BODY,
	TT_RESPONSE_STREAM,  /* server-sent events from `after` on, within `scope`, until the session ends */
	TT_RESPONSE_METRICS, /* the caller writes the metrics */
};

struct tt_response {
	enum tt_response_kind kind;
	int status;
	int route;                /* index for tt_api_route_name; -1 = none matched */
	const char *content_type; /* static; NULL = no body */
	char *body;               /* heap */
	size_t body_len;
	char set_cookie[160]; /* "" = none */
	const char *allow;    /* static; 405 only */
	int retry_after_s;    /* 0 = none */

	/* TT_RESPONSE_STREAM */
	struct tt_scope scope;
	int64_t after; /* -1: from now on */
	/* The caller's session, of a stream or of one that just logged out (`ended`): streams with this hash end. */
	uint8_t token_hash[32];
	bool ended;
};

/* Always fills the response; nothing can fail beyond it (no memory: 500 without body). */
void tt_api_handle(struct tt_api *api, const struct tt_request *request, struct tt_response *out);
void tt_response_clear(struct tt_response *response);

/* Is it a password check, which takes long and much memory? The caller bounds how many run at once. */
bool tt_api_is_login(const char *method, const char *target);

/* Does a session still stand (not expired, not logged out, user not disabled)? TT_EDENIED when not. For streams that live long. */
TT_MUSTCHECK enum tt_err tt_api_session_stands(struct tt_store *store, const uint8_t token_hash[32], tt_utc_us now);

/* One change of the feed as JSON (schema Change) without its closing brace and counters; and the counters of a scope as
 * `,"counters":{...}}`. Both are heap strings that the caller frees. A subject that is gone: the stored body. */
TT_MUSTCHECK enum tt_err tt_api_change_json(struct tt_store *store, const struct tt_change *change, char **out);
TT_MUSTCHECK enum tt_err tt_api_counters_json(struct tt_store *store, struct tt_scope scope, char **out);

/* The route table, for metrics and for the test that compares it with schemas/openapi.yaml. */
struct tt_route_info {
	const char *method;  /* "GET" */
	const char *pattern; /* "/api/tickets/{id}" */
	bool session, write;
};
size_t tt_api_route_count(void);
void tt_api_route_info(size_t index, struct tt_route_info *out);

#endif
