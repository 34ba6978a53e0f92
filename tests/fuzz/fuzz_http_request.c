/*
 * A request with everything a client decides: method, target, headers and body, line by line:
 *     METHOD TARGET LF content-type LF cookie LF csrf LF last-event-id LF body
 * A first byte of '!' makes it somebody logged in, so that the fuzzer gets behind the session. The record is in memory and keeps what was
 * written. Checked: an answer always comes, with a known status, JSON where it says JSON, and nothing of dealer B for adviser A.
 */
#include "server/api/api.h"
#include "tests/support/server_seed.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW (INT64_C(1790000000) * 1000000)

static struct tt_api api;
static char cookie[128], csrf[48];

static bool verify(void *ctx, const char *hash, const char *password, size_t len)
{
	(void)ctx;
	(void)len;
	return strcmp(hash, "plain") == 0 && strcmp(password, TT_SEED_PASSWORD) == 0;
}

static void same_bytes(void *ctx, uint8_t *out, size_t len)
{
	static uint8_t next;

	(void)ctx;
	memset(out, next++, len);
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_http_request: %s\n", what);
		abort();
	}
}

static void log_in(void)
{
	static const char body[] = "{\"login\":\"adviser_a\",\"password\":\"" TT_SEED_PASSWORD "\"}";
	const struct tt_request request = {.method = "POST",
					   .target = "/api/session",
					   .content_type = "application/json",
					   .body = body,
					   .body_len = sizeof(body) - 1,
					   .address = "::1",
					   .now = NOW};
	static const uint8_t seed[16];
	struct tt_response r;
	json_t *session;

	/* Time stands still here, so wrong guesses of earlier inputs would lock everybody out for ever. */
	tt_login_limits_destroy(api.limits);
	must(tt_login_limits_create(seed, &api.limits) == TT_OK, "no memory");
	tt_api_handle(&api, &request, &r);
	must(r.status == 200, "the log-in fails");
	session = json_loadb(r.body, r.body_len, 0, NULL);
	(void)snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(r.set_cookie, ";"), r.set_cookie);
	(void)snprintf(csrf, sizeof(csrf), "%s", json_string_value(json_object_get(session, "csrf")));
	json_decref(session);
	tt_response_clear(&r);
}

static void prepare(void)
{
	struct tt_errmsg msg;
	struct tt_seed world;

	if (api.store)
		return;
	must(tt_store_open("sqlite::memory:", true, &api.store, &msg) == TT_OK && tt_store_migrate(api.store, NOW, &msg) == TT_OK &&
		     tt_seed_world(api.store, NOW, "plain", &world) == TT_OK,
	     "no record");
	api.env = (struct tt_api_env){.verify = verify, .random = same_bytes};
	log_in();
}

/* The next line of the input, NULL when it is empty. Ends the line in place. */
static char *line(char **at)
{
	char *from = *at;
	size_t n = strcspn(from, "\n");

	*at = from[n] ? from + n + 1 : from + n;
	from[n] = '\0';
	return n > 0 ? from : NULL;
}

static void check(const struct tt_response *r)
{
	static const int known[] = {200, 204, 400, 401, 403, 404, 405, 409, 413, 415, 429, 503};
	bool found = false;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		found = found || known[i] == r->status;
	must(found, "a status nobody expects");
	must(r->status != 405 || r->allow, "405 without Allow");
	if (r->content_type && strstr(r->content_type, "json")) {
		json_t *json = json_loadb(r->body, r->body_len, 0, NULL);

		must(json != NULL, "an answer that is not JSON");
		json_decref(json);
		must(!strstr(r->body, "\"name\":\"Dealer b\""), "shows what is dealer B's");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy, *at, *first, *space;
	struct tt_request request = {.address = "::1", .now = NOW};
	struct tt_response r;
	bool insider = size > 0 && data[0] == '!';

	prepare();
	copy = malloc(size + 1);
	must(copy != NULL, "no memory");
	memcpy(copy, data, size);
	copy[size] = '\0';
	at = copy + insider;
	first = line(&at);
	space = first ? strchr(first, ' ') : NULL;
	if (space) {
		*space = '\0';
		request.method = first;
		request.target = space + 1;
		request.content_type = line(&at);
		request.cookie = line(&at);
		request.csrf = line(&at);
		request.last_event_id = line(&at);
		request.body = at;
		request.body_len = size - (size_t)(at - copy);
		if (insider) {
			request.cookie = cookie;
			request.csrf = csrf;
		}
		tt_api_handle(&api, &request, &r);
		check(&r);
		if (r.ended && insider)
			log_in();
		tt_response_clear(&r);
	}
	free(copy);
	return 0;
}
