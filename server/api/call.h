/*
 * One request on its way through the API: what the dispatcher found out for the handlers, and how handlers answer. Internal to server/api.
 *
 * A handler answers exactly once, with one of the tt_call_* functions. Memory: json_t values given to a tt_call_* function are taken over,
 * also when it fails; `body` belongs to the dispatcher.
 */
#ifndef TT_SERVER_API_CALL_H
#define TT_SERVER_API_CALL_H

#include "server/api/api.h"
#include "server/api/target.h"

#include <jansson.h>

struct tt_call {
	struct tt_api *api;
	const struct tt_request *req;
	struct tt_response *out;
	struct tt_query query;
	int64_t id;   /* of the path, 0 = none */
	json_t *body; /* an object, for routes with a body */
	struct tt_session session;
	struct tt_user user;
	struct tt_scope scope;
};

typedef void (*tt_call_fn)(struct tt_call *call);

/* 200 with JSON. json NULL: 500, for a tree that could not be built. */
void tt_call_json(struct tt_call *call, json_t *json);
void tt_call_empty(struct tt_call *call, int status);
/* application/problem+json; detail says the way out. */
void tt_call_problem(struct tt_call *call, int status, const char *fmt, ...) TT_PRINTF(3, 4);
/* The problem that a failed call of the store means. `what` names the thing ("this ticket"). */
void tt_call_failed(struct tt_call *call, enum tt_err err, const char *what);

/* The dispatcher's: parse a body into an object. On failure the call is answered and the result is not TT_OK. */
TT_MUSTCHECK enum tt_err tt_call_read_body(struct tt_call *call);
/* Members of the body. Each answers 400 and returns TT_EINVAL when the member is missing (unless optional), of another type or out of
 * range. */
TT_MUSTCHECK enum tt_err tt_call_int(struct tt_call *call, const char *name, int64_t min, int64_t max, int64_t *out);
/* max_bytes without NUL. Borrowed from the body. Optional and absent or null: *out is "". */
TT_MUSTCHECK enum tt_err tt_call_text(struct tt_call *call, const char *name, bool required, size_t max_bytes, const char **out);

/* Copies into a row's array; false when it does not fit (nothing is cut). */
bool tt_call_copy(char *dst, size_t cap, const char *src);
#define TT_COPY(array, src) tt_call_copy((array), sizeof(array), (src))

/* An audit row of the caller, inside the open transaction. */
TT_MUSTCHECK enum tt_err tt_call_audit(struct tt_call *call, const char *action, const char *subject, int64_t subject_id,
				       const char *reason);

#endif
