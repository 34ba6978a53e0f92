/* What the server's unit tests share: a seeded record in a temporary folder, an API with a fixed clock and cheap passwords, and one call.
 */
#ifndef TT_TESTS_UNIT_SERVER_WORLD_H
#define TT_TESTS_UNIT_SERVER_WORLD_H

#include "server/api/api.h"
#include "tests/support/server_seed.h"

#include <jansson.h>

#define WORLD_NOW (INT64_C(1790000000) * 1000000)

struct world {
	char folder[64];
	char url[128];
	struct tt_store *store;
	struct tt_login_limits *limits;
	struct tt_api api;
	struct tt_seed seed;
	tt_utc_us now;
	uint8_t next_random;
};

/* Everybody's password is their log-in. Asserts on failure. */
void world_open(struct world *w);
void world_close(struct world *w);

/* Somebody logged in. */
struct visitor {
	char cookie[128];
	char csrf[48];
};
void world_log_in(struct world *w, const char *login, struct visitor *out);

/* One request; visitor NULL = nobody; body NULL = none. The caller clears the response. */
void world_call(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body,
		struct tt_response *out);
/* The same, for the status alone. */
int world_status(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body);
/* The same, for the JSON of a 200, which it must be. The caller frees. */
json_t *world_json(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body);

#endif
