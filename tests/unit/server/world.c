#include "world.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "plain:LOGIN" stands for an argon2id hash: the tests of the API need to know that it is asked, not how it works. */
static bool verify(void *ctx, const char *hash, const char *password, size_t len)
{
	(void)ctx;
	(void)len;
	return strcmp(hash, "plain") == 0 && strcmp(password, TT_SEED_PASSWORD) == 0;
}

static void count_up(void *ctx, uint8_t *out, size_t len)
{
	struct world *w = (struct world *)ctx;

	for (size_t i = 0; i < len; i++)
		out[i] = w->next_random++;
}

void world_open(struct world *w)
{
	static const uint8_t seed[16] = {1};
	struct tt_errmsg msg;

	memset(w, 0, sizeof(*w));
	w->now = WORLD_NOW;
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/tt-server-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	(void)snprintf(w->url, sizeof(w->url), "sqlite:%s/record.db", w->folder);
	assert_int_equal(tt_store_open(w->url, true, &w->store, &msg), TT_OK);
	assert_int_equal(tt_store_migrate(w->store, w->now, &msg), TT_OK);
	assert_int_equal(tt_seed_world(w->store, w->now, "plain", &w->seed), TT_OK);
	assert_int_equal(tt_login_limits_create(seed, &w->limits), TT_OK);
	w->api = (struct tt_api){.store = w->store, .limits = w->limits, .env = {.ctx = w, .verify = verify, .random = count_up}};
}

void world_close(struct world *w)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	tt_store_close(w->store);
	tt_login_limits_destroy(w->limits);
	for (size_t i = 0; i < 3; i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), "%s/record.db%s", w->folder, suffixes[i]);
		unlink(path);
	}
	rmdir(w->folder);
}

void world_log_in(struct world *w, const char *login, struct visitor *out)
{
	char body[160];
	struct tt_response r;
	json_t *session;

	(void)snprintf(body, sizeof(body), "{\"login\":\"%s\",\"password\":\"%s\"}", login, TT_SEED_PASSWORD);
	world_call(w, NULL, "POST", "/api/session", body, &r);
	assert_int_equal(r.status, 200);
	session = json_loadb(r.body, r.body_len, 0, NULL);
	(void)snprintf(out->cookie, sizeof(out->cookie), "%.*s", (int)strcspn(r.set_cookie, ";"), r.set_cookie);
	(void)snprintf(out->csrf, sizeof(out->csrf), "%s", json_string_value(json_object_get(session, "csrf")));
	json_decref(session);
	tt_response_clear(&r);
}

void world_call(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body,
		struct tt_response *out)
{
	const struct tt_request request = {.method = method,
					   .target = target,
					   .content_type = body ? "application/json" : NULL,
					   .cookie = visitor ? visitor->cookie : NULL,
					   .csrf = visitor ? visitor->csrf : NULL,
					   .body = body,
					   .body_len = body ? strlen(body) : 0,
					   .address = "127.0.0.1",
					   .operator_address = true,
					   .now = w->now};

	tt_api_handle(&w->api, &request, out);
}

int world_status(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body)
{
	struct tt_response r;

	world_call(w, visitor, method, target, body, &r);
	tt_response_clear(&r);
	return r.status;
}

json_t *world_json(struct world *w, const struct visitor *visitor, const char *method, const char *target, const char *body)
{
	struct tt_response r;
	json_t *json;

	world_call(w, visitor, method, target, body, &r);
	if (r.status != 200)
		print_error("%s %s: %d %s\n", method, target, r.status, r.body ? r.body : "");
	assert_int_equal(r.status, 200);
	json = json_loadb(r.body, r.body_len, 0, NULL);
	assert_non_null(json);
	tt_response_clear(&r);
	return json;
}
