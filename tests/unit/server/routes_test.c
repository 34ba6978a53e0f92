/* The route table against the contract, and what every route must do alike: loops over the table, so a new route without a case fails here.
 */
#include "world.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_open(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

/* ---- the contract ---- */

enum { OPERATIONS_MAX = 64 };

/* Paths stand at two blanks, methods at four: all this test needs of YAML. "GET /healthz" and so on. */
static size_t read_contract(char out[OPERATIONS_MAX][96])
{
	static const char *const methods[][2] = {
		{"get:", "GET"}, {"post:", "POST"}, {"delete:", "DELETE"}, {"put:", "PUT"}, {"patch:", "PATCH"}};
	char path[600], line[4096], pattern[80] = "";
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/schemas/openapi.yaml", getenv("TT_SOURCE_DIR"));
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "  /", 3) == 0) {
			(void)snprintf(pattern, sizeof(pattern), "%.*s", (int)strcspn(line + 2, ":\n"), line + 2);
		} else if (strncmp(line, "    ", 4) == 0 && pattern[0]) {
			for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
				if (strncmp(line + 4, methods[i][0], strlen(methods[i][0])) == 0) {
					assert_true(n < OPERATIONS_MAX);
					(void)snprintf(out[n++], 96, "%s %s", methods[i][1], pattern);
				}
			}
		} else if (line[0] != ' ') {
			pattern[0] = '\0';
		}
	}
	fclose(f);
	return n;
}

static void route_table_is_the_contracts(void **state)
{
	static char operations[OPERATIONS_MAX][96];
	size_t n = read_contract(operations);

	(void)state;
	assert_int_equal(n, tt_api_route_count());
	for (size_t i = 0; i < n; i++) {
		char name[96];
		struct tt_route_info r;
		bool found = false;

		tt_api_route_info(i, &r);
		(void)snprintf(name, sizeof(name), "%s %s", r.method, r.pattern);
		for (size_t k = 0; k < n; k++)
			found = found || strcmp(operations[k], name) == 0;
		if (!found)
			fail_msg("%s is not in schemas/openapi.yaml", name);
	}
}

/* ---- isolation ---- */

/* For each route: the target of dealer B's row, and a body that would work for B. Lists: ids of B that must not be in the answer. */
struct probe {
	const char *method, *pattern;
	const char *body; /* NULL = none */
	int64_t id;       /* of dealer B; 0 = the route has none */
};

static size_t probes(struct probe *out)
{
	const struct tt_seed_dealer *b = &w.seed.b;
	const struct probe all[] = {
		{"GET", "/healthz", NULL, 0},
		{"GET", "/metrics", NULL, 0},
		{"POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}", 0},
		{"GET", "/api/session", NULL, 0},
		{"GET", "/api/queue", NULL, 0},
		{"GET", "/api/tickets/{id}", NULL, b->ticket},
		{"POST", "/api/tickets/{id}/acknowledge", "{\"version\":2}", b->ticket},
		{"POST", "/api/tickets/{id}/assign", "{\"version\":2,\"assignee_id\":null}", b->ticket},
		{"POST", "/api/tickets/{id}/comment", "{\"text\":\"mine now\"}", b->ticket},
		{"POST", "/api/tickets/{id}/status", "{\"version\":2,\"action\":\"close\"}", b->ticket},
		{"GET", "/api/rescues", NULL, 0},
		{"GET", "/api/rescues/{id}", NULL, b->rescue},
		{"GET", "/api/rescues/{id}/capture", NULL, b->rescue},
		{"POST", "/api/rescues/{id}/status", "{\"version\":1,\"action\":\"acknowledge\"}", b->rescue},
		{"POST", "/api/rescues/{id}/comment", "{\"text\":\"mine now\"}", b->rescue},
		{"GET", "/api/reminders", NULL, 0},
		{"POST", "/api/reminders/{id}/status", "{\"action\":\"dismiss\"}", b->reminder},
		{"GET", "/api/customers", NULL, 0},
		{"GET", "/api/customers/{id}", NULL, b->customer},
		{"GET", "/api/vehicles/{id}", NULL, b->vehicle},
		{"GET", "/api/vehicles/{id}/events", NULL, b->vehicle},
		{"GET", "/api/vehicles/{id}/captures", NULL, b->vehicle},
		{"GET", "/api/users", NULL, 0},
		{"GET", "/api/events", NULL, 0},
		{"DELETE", "/api/session", NULL, 0}, /* last: it ends the visitor's session */
	};

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static void target_of(const struct probe *p, char *out, size_t cap)
{
	const char *brace = strchr(p->pattern, '{');

	if (!brace)
		(void)snprintf(out, cap, "%s", p->pattern);
	else
		(void)snprintf(out, cap, "%.*s%lld%s", (int)(brace - p->pattern), p->pattern, (long long)p->id, strchr(brace, '}') + 1);
}

static void every_route_has_a_probe(void **state)
{
	struct probe all[OPERATIONS_MAX];
	size_t n = probes(all);

	(void)state;
	for (size_t i = 0; i < tt_api_route_count(); i++) {
		struct tt_route_info r;
		bool found = false;

		tt_api_route_info(i, &r);
		for (size_t k = 0; k < n; k++)
			found = found || (strcmp(all[k].method, r.method) == 0 && strcmp(all[k].pattern, r.pattern) == 0);
		if (!found)
			fail_msg("no case for %s %s", r.method, r.pattern);
	}
}

static void dealer_a_neither_reads_nor_writes_what_is_dealer_bs(void **state)
{
	struct probe all[OPERATIONS_MAX];
	size_t n = probes(all);
	struct visitor a, b;
	struct tt_queue_row ticket;
	struct tt_rescue_row rescue;
	struct tt_reminder_row reminder;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	world_log_in(&w, "adviser_b", &b);
	for (size_t i = 0; i < n; i++) {
		char target[128];
		struct tt_response r;

		target_of(&all[i], target, sizeof(target));
		world_call(&w, &a, all[i].method, target, all[i].body, &r);
		if (all[i].id != 0 && r.status != 404)
			fail_msg("%s %s of dealer B answered %d", all[i].method, target, r.status);
		/* Everything of B says so: names, plates, dealer. */
		if (r.body &&
		    (strstr(r.body, "Dealer b") || strstr(r.body, "adviser_b") || strstr(r.body, "王小明 b") || strstr(r.body, "B-TT 2")))
			fail_msg("%s %s shows what is dealer B's: %s", all[i].method, target, r.body);
		if (r.kind == TT_RESPONSE_STREAM)
			assert_int_equal(r.scope.dealer_id, w.seed.a.dealer);
		tt_response_clear(&r);
	}
	assert_int_equal(tt_store_ticket_get(w.store, TT_SCOPE_SYSTEM, w.seed.b.ticket, &ticket), TT_OK);
	assert_int_equal(tt_store_rescue_get(w.store, TT_SCOPE_SYSTEM, w.seed.b.rescue, &rescue), TT_OK);
	assert_int_equal(tt_store_reminder_get(w.store, TT_SCOPE_SYSTEM, w.seed.b.reminder, &reminder), TT_OK);
	assert_int_equal(ticket.ticket.version, 2);
	assert_int_equal(rescue.rescue.version, 1);
	assert_string_equal(reminder.reminder.status, "soon");
	/* The cases are real: B may do each. */
	for (size_t i = 0; i < n; i++) {
		char target[128];
		int status;

		if (all[i].id == 0)
			continue;
		target_of(&all[i], target, sizeof(target));
		status = world_status(&w, &b, all[i].method, target, all[i].body);
		if (status != 200 && status != 409)
			fail_msg("%s %s by dealer B himself answered %d", all[i].method, target, status);
	}
}

/* ---- what all share ---- */

static void without_a_session_every_route_but_the_open_ones_is_401(void **state)
{
	struct probe all[OPERATIONS_MAX];
	size_t n = probes(all);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char target[128];
		int status;
		bool open = strcmp(all[i].pattern, "/healthz") == 0 || strcmp(all[i].pattern, "/metrics") == 0 ||
			    (strcmp(all[i].pattern, "/api/session") == 0 && strcmp(all[i].method, "POST") == 0);

		target_of(&all[i], target, sizeof(target));
		status = world_status(&w, NULL, all[i].method, target, all[i].body);
		if (!open && status != 401)
			fail_msg("%s %s answered %d without a session", all[i].method, target, status);
	}
}

static void every_write_needs_the_csrf_token(void **state)
{
	struct visitor a, thief;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	for (size_t i = 0; i < tt_api_route_count(); i++) {
		struct tt_route_info r;
		struct probe p = {.id = w.seed.a.ticket};
		char target[128];

		tt_api_route_info(i, &r);
		if (!r.session || !r.write)
			continue;
		p.pattern = r.pattern;
		target_of(&p, target, sizeof(target));
		thief = a;
		thief.csrf[0] = '\0';
		assert_int_equal(world_status(&w, &thief, r.method, target, "{}"), 403);
		(void)snprintf(thief.csrf, sizeof(thief.csrf), "%032d", 0);
		assert_int_equal(world_status(&w, &thief, r.method, target, "{}"), 403);
	}
}

static void every_body_is_checked(void **state)
{
	static const struct {
		const char *name, *body;
	} cases[] = {
		{"empty", ""},
		{"cut", "{\"version\":1"},
		{"array", "[]"},
		{"number", "1"},
		{"nothing asked", "{}"},
		{"twice", "{\"a\":1,\"a\":1}"},
		{"not UTF-8", "{\"text\":\"\xC3\x28\"}"},
		{"NUL", "{\"text\":\"a\\u0000b\"}"},
		{"types", "{\"version\":\"1\",\"action\":1,\"text\":1,\"assignee_id\":\"x\",\"login\":[],\"password\":{}}"},
		{"huge number", "{\"version\":1e400,\"action\":\"pend\"}"},
		{"negative", "{\"version\":-1,\"action\":\"pend\",\"odometer_m\":-5}"},
	};
	struct visitor a;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	for (size_t i = 0; i < tt_api_route_count(); i++) {
		struct tt_route_info r;
		struct probe p = {.id = w.seed.a.ticket};
		char target[128];

		tt_api_route_info(i, &r);
		if (strcmp(r.method, "POST") != 0)
			continue;
		p.pattern = r.pattern;
		target_of(&p, target, sizeof(target));
		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			int status = world_status(&w, &a, "POST", target, cases[k].body);

			if (status != 400)
				fail_msg("POST %s with a body that is %s answered %d", target, cases[k].name, status);
		}
		assert_int_equal(world_status(&w, &a, "POST", target, NULL), 415);
	}
}

static void large_and_deep_bodies_are_refused(void **state)
{
	static char large[TT_API_BODY_MAX + 2];
	char deep[64];
	struct visitor a;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	memset(large, ' ', sizeof(large) - 1);
	assert_int_equal(world_status(&w, &a, "POST", "/api/session", large), 413);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(world_status(&w, &a, "POST", "/api/session", deep), 400);
}

static void addresses_and_queries_are_checked(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
	} cases[] = {
		{"GET", "/api/tickets/0", 404},
		{"GET", "/api/tickets/-1", 404},
		{"GET", "/api/tickets/01", 404},
		{"GET", "/api/tickets/1x", 404},
		{"GET", "/api/tickets/99999999999999999999", 404},
		{"GET", "/api/tickets/", 404},
		{"GET", "/api/tickets/999", 404},
		{"GET", "/api/queue/", 404},
		{"GET", "/api/queue?state=lost", 400},
		{"GET", "/api/queue?limit=0", 400},
		{"GET", "/api/queue?limit=201", 400},
		{"GET", "/api/queue?limit=x", 400},
		{"GET", "/api/queue?cursor=1.2", 400},
		{"GET", "/api/queue?cursor=9.1.1", 400},
		{"GET", "/api/queue?assignee=you", 400},
		{"GET", "/api/queue?state=%zz", 400},
		{"GET", "/api/queue?state=open&state=open", 400},
		{"GET", "/api/queue?state=%6Fpen", 200},
		{"GET", "/api/rescues?state=x", 400},
		{"GET", "/api/events?after=-1", 400},
		{"GET", "/api/customers?q=%00", 400},
		{"GET", "/api/customers?q=%fa", 400},
		{"PUT", "/api/queue", 405},
		{"POST", "/api/queue", 405},
		{"DELETE", "/api/queue", 405},
		{"HEAD", "/api/queue", 405},
		{"GET", "", 404},
		{"GET", "/api/queue?cursor=2.1790000000000000.5", 200},
	};
	struct visitor a;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = world_status(&w, &a, cases[i].method, cases[i].target, NULL);

		if (status != cases[i].status)
			fail_msg("%s %s answered %d, not %d", cases[i].method, cases[i].target, status, cases[i].status);
	}
}

static void roles_do_what_they_may(void **state)
{
	struct visitor rescuer, manager;
	char target[64];

	(void)state;
	world_log_in(&w, "rescuer", &rescuer);
	world_log_in(&w, "manager_a", &manager);
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/comment", (long long)w.seed.b.ticket);
	assert_int_equal(world_status(&w, &rescuer, "POST", target, "{\"text\":\"x\"}"), 403);
	(void)snprintf(target, sizeof(target), "/api/rescues/%lld/comment", (long long)w.seed.b.rescue);
	assert_int_equal(world_status(&w, &rescuer, "POST", target, "{\"text\":\"x\"}"), 200);
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/comment", (long long)w.seed.a.ticket);
	assert_int_equal(world_status(&w, &manager, "POST", target, "{\"text\":\"x\"}"), 200);
}

static void operators_routes_are_for_operators(void **state)
{
	static const char *const targets[] = {"/healthz", "/metrics"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct tt_request request = {.method = "GET", .target = targets[i], .address = "192.0.2.1", .now = w.now};
		struct tt_response r;

		tt_api_handle(&w.api, &request, &r);
		assert_int_equal(r.status, 403);
		tt_response_clear(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_table_is_the_contracts),
		cmocka_unit_test_setup_teardown(every_route_has_a_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(dealer_a_neither_reads_nor_writes_what_is_dealer_bs, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_session_every_route_but_the_open_ones_is_401, setup, teardown),
		cmocka_unit_test_setup_teardown(every_write_needs_the_csrf_token, setup, teardown),
		cmocka_unit_test_setup_teardown(every_body_is_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(large_and_deep_bodies_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_and_queries_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(roles_do_what_they_may, setup, teardown),
		cmocka_unit_test_setup_teardown(operators_routes_are_for_operators, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
