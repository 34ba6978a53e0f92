/* What the API does with sessions, tickets, rescues, reminders and positions, over a real record with a fixed clock. */
#include "world.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct world w;
static struct visitor a;

static int setup(void **state)
{
	(void)state;
	world_open(&w);
	world_log_in(&w, "adviser_a", &a);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static const char *text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "(null)";
}

static json_t *on_ticket(int64_t id, const char *verb, const char *body)
{
	char target[96];

	(void)snprintf(target, sizeof(target), "/api/tickets/%lld%s%s", (long long)id, verb[0] ? "/" : "", verb);
	return world_json(&w, &a, verb[0] ? "POST" : "GET", target, body);
}

/* ---- audit ---- */

struct audit {
	const char *action;
	int n;
	char reason[240];
};

static enum tt_err count_audit(void *ctx, const struct tt_audit *row)
{
	struct audit *audit = (struct audit *)ctx;

	if (strcmp(row->action, audit->action) == 0) {
		audit->n++;
		memcpy(audit->reason, row->reason, sizeof(audit->reason));
	}
	return TT_OK;
}

static struct audit audits(const char *action, const char *subject, int64_t id)
{
	struct audit audit = {.action = action};
	char name[64];

	(void)snprintf(name, sizeof(name), id ? "%s:%lld" : "%s", subject, (long long)id);
	assert_int_equal(tt_store_audit_list(w.store, TT_SCOPE_SYSTEM, name, 100, count_audit, &audit), TT_OK);
	return audit;
}

/* ---- sessions ---- */

static void session_ends_after_twelve_hours(void **state)
{
	(void)state;
	w.now += TT_SEC(12 * 3600) - 1;
	assert_int_equal(world_status(&w, &a, "GET", "/api/session", NULL), 200);
	w.now += 2;
	assert_int_equal(world_status(&w, &a, "GET", "/api/session", NULL), 401);
}

static void record_does_not_hold_the_token(void **state)
{
	struct tt_session session;
	uint8_t token[32];

	(void)state;
	for (size_t i = 0; i < sizeof(token); i++)
		(void)sscanf(a.cookie + strcspn(a.cookie, "=") + 1 + i * 2, "%2hhx", &token[i]);
	assert_int_equal(tt_store_session_get(w.store, token, w.now, &session), TT_ENOTFOUND);
}

static void every_log_in_gets_its_own_token(void **state)
{
	struct visitor again;

	(void)state;
	world_log_in(&w, "adviser_a", &again);
	assert_string_not_equal(a.cookie, again.cookie);
	assert_string_not_equal(a.csrf, again.csrf);
	assert_int_equal(world_status(&w, &again, "DELETE", "/api/session", NULL), 204);
	assert_int_equal(world_status(&w, &a, "GET", "/api/session", NULL), 200);
}

static void unknown_and_wrong_log_ins_are_answered_alike_and_audited(void **state)
{
	struct tt_response unknown, wrong;

	(void)state;
	world_call(&w, NULL, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}", &unknown);
	world_call(&w, NULL, "POST", "/api/session", "{\"login\":\"adviser_a\",\"password\":\"x\"}", &wrong);
	assert_int_equal(unknown.status, 401);
	assert_int_equal(wrong.status, 401);
	assert_string_equal(unknown.body, wrong.body);
	assert_string_equal(wrong.set_cookie, "");
	assert_int_equal(audits("login.failed", "user", w.seed.a.adviser).n, 1);
	assert_int_equal(audits("login.failed", "unknown login", 0).n, 1);
	assert_int_equal(audits("login", "user", w.seed.a.adviser).n, 1);
	tt_response_clear(&unknown);
	tt_response_clear(&wrong);
}

static void dealers_role_without_a_dealer_is_refused(void **state)
{
	struct tt_user user = {.login = "stray", .name = "Stray", .role = "adviser", .password_hash = "plain", .locale = "en"};
	int64_t id;

	(void)state;
	assert_int_equal(tt_store_begin(w.store), TT_OK);
	assert_int_equal(tt_store_user_insert(w.store, &user, w.now, &id), TT_OK);
	assert_int_equal(tt_store_commit(w.store), TT_OK);
	assert_int_equal(world_status(&w, NULL, "POST", "/api/session", "{\"login\":\"stray\",\"password\":\"" TT_SEED_PASSWORD "\"}"),
			 401);
}

static void ten_failures_lock_the_account_until_time_passes(void **state)
{
	static const char guess[] = "{\"login\":\"adviser_b\",\"password\":\"x\"}";
	struct tt_response r;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(world_status(&w, NULL, "POST", "/api/session", guess), 401);
	world_call(&w, NULL, "POST", "/api/session", guess, &r);
	assert_int_equal(r.status, 429);
	assert_int_equal(r.retry_after_s, 60);
	tt_response_clear(&r);
	w.now += TT_SEC(60);
	assert_int_equal(world_status(&w, NULL, "POST", "/api/session", guess), 401);
	assert_int_equal(world_status(&w, NULL, "POST", "/api/session", guess), 429);
}

/* ---- tickets ---- */

static void acknowledging_answers_the_customer_once(void **state)
{
	json_t *t;

	(void)state;
	w.now += TT_SEC(100);
	t = on_ticket(w.seed.a.ticket, "acknowledge", "{\"version\":2}");
	assert_string_equal(text(t, "status"), "open");
	assert_string_equal(text(t, "first_response_at"), "2026-09-21T14:15:00.000Z");
	json_decref(t);
	w.now += TT_SEC(100);
	t = on_ticket(w.seed.a.ticket, "comment", "{\"text\":\"later\"}");
	assert_string_equal(text(t, "first_response_at"), "2026-09-21T14:15:00.000Z");
	json_decref(t);
}

static void waiting_moves_the_deadline(void **state)
{
	struct tt_queue_row before, after;

	(void)state;
	assert_int_equal(tt_store_ticket_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.ticket, &before), TT_OK);
	json_decref(on_ticket(w.seed.a.ticket, "status", "{\"version\":2,\"action\":\"pend\",\"text\":\"parts ordered\"}"));
	assert_int_equal(tt_store_ticket_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.ticket, &after), TT_OK);
	assert_int_equal(after.ticket.escalate_at, 0);
	w.now += 2 * TT_DAY_US;
	world_log_in(&w, "adviser_a", &a);
	json_decref(on_ticket(w.seed.a.ticket, "status", "{\"version\":3,\"action\":\"resume\"}"));
	assert_int_equal(tt_store_ticket_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.ticket, &after), TT_OK);
	assert_int_equal(after.ticket.resolution_due_at - before.ticket.resolution_due_at, 2 * TT_DAY_US);
	assert_int_equal(after.ticket.escalate_at, after.ticket.resolution_due_at);
}

static void two_desks_cannot_overwrite_each_other(void **state)
{
	char target[96];

	(void)state;
	json_decref(on_ticket(w.seed.a.ticket, "acknowledge", "{\"version\":2}"));
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/status", (long long)w.seed.a.ticket);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":2,\"action\":\"close\"}"), 409);
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/comment", (long long)w.seed.a.ticket);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"text\":\"a comment hurts nobody\"}"), 200);
}

static void ticket_is_given_only_to_its_dealers_staff(void **state)
{
	char target[96], body[96];

	(void)state;
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/assign", (long long)w.seed.a.ticket);
	(void)snprintf(body, sizeof(body), "{\"version\":2,\"assignee_id\":%lld}", (long long)w.seed.b.adviser);
	assert_int_equal(world_status(&w, &a, "POST", target, body), 400);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":2,\"assignee_id\":424242}"), 400);
	(void)snprintf(body, sizeof(body), "{\"version\":2,\"assignee_id\":%lld}", (long long)w.seed.manager_a);
	assert_int_equal(world_status(&w, &a, "POST", target, body), 200);
}

static void taking_a_ticket_away_is_no_answer_to_the_customer(void **state)
{
	json_t *t = on_ticket(w.seed.a.ticket, "assign", "{\"version\":2,\"assignee_id\":null}");

	(void)state;
	assert_string_equal(text(t, "status"), "new");
	assert_true(json_is_null(json_object_get(t, "first_response_at")));
	json_decref(t);
}

static enum tt_err last_change(void *ctx, const struct tt_change *row)
{
	*(struct tt_change *)ctx = *row;
	return TT_OK;
}

static void each_write_leaves_timeline_change_and_audit(void **state)
{
	struct tt_change change;
	int64_t last;
	json_t *t;
	const json_t *line;

	(void)state;
	assert_int_equal(tt_store_change_last(w.store, &last), TT_OK);
	t = on_ticket(w.seed.a.ticket, "comment", "{\"text\":\"called the owner\"}");
	line = json_array_get(json_object_get(t, "timeline"), json_array_size(json_object_get(t, "timeline")) - 1);
	assert_string_equal(text(line, "kind"), "comment");
	assert_string_equal(text(line, "text"), "called the owner");
	assert_string_equal(text(line, "actor"), "Name of adviser_a");
	assert_int_equal(tt_store_changes(w.store, TT_SCOPE_SYSTEM, last, 10, last_change, &change), TT_OK);
	assert_int_equal(change.id, last + 1);
	assert_string_equal(change.kind, "ticket.updated");
	assert_int_equal(change.dealer_id, w.seed.a.dealer);
	assert_int_equal(audits("ticket.comment", "ticket", w.seed.a.ticket).n, 1);
	json_decref(t);
}

static void refused_write_leaves_nothing(void **state)
{
	char target[96];
	int64_t before, after;

	(void)state;
	assert_int_equal(tt_store_change_last(w.store, &before), TT_OK);
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/status", (long long)w.seed.a.ticket);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":2,\"action\":\"reopen\"}"), 409);
	assert_int_equal(tt_store_change_last(w.store, &after), TT_OK);
	assert_int_equal(before, after);
	assert_int_equal(audits("ticket.reopen", "ticket", w.seed.a.ticket).n, 0);
	/* and the store is free again */
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":2,\"action\":\"pend\"}"), 200);
}

/* ---- positions ---- */

static json_t *vehicle_page(int64_t id)
{
	char target[64];

	(void)snprintf(target, sizeof(target), "/api/vehicles/%lld", (long long)id);
	return world_json(&w, &a, "GET", target, NULL);
}

static void position_without_a_reason_is_not_shown(void **state)
{
	json_t *page = vehicle_page(w.seed.a.vehicle), *ticket = on_ticket(w.seed.a.ticket, "", NULL);

	(void)state;
	assert_true(json_is_null(json_object_get(page, "place")));
	assert_true(json_is_null(json_object_get(page, "place_reason")));
	assert_true(json_is_null(json_object_get(ticket, "place")));
	assert_int_equal(audits("position.view", "vehicle", w.seed.a.vehicle).n, 0);
	json_decref(page);
	json_decref(ticket);
}

static void each_look_at_a_position_is_audited_with_its_reason(void **state)
{
	struct audit audit;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		json_t *page = vehicle_page(w.seed.a.consenting_vehicle);

		assert_string_equal(text(page, "place_reason"), "consent");
		assert_string_equal(text(json_object_get(page, "place"), "map_url"), "geo:52.5200066,13.4049540;u=5");
		json_decref(page);
		audit = audits("position.view", "vehicle", w.seed.a.consenting_vehicle);
		assert_int_equal(audit.n, i);
		assert_string_equal(audit.reason, "consent");
	}
}

static void new_owners_consent_does_not_show_the_old_owners_position(void **state)
{
	json_t *page;

	(void)state;
	assert_int_equal(tt_store_begin(w.store), TT_OK);
	/* The position is a minute old; the consenting owner sold to the one who did not consent, and bought back just now. */
	assert_int_equal(tt_store_ownership_set(w.store, w.seed.a.consenting_vehicle, w.seed.a.customer, w.now - TT_SEC(120)), TT_OK);
	assert_int_equal(tt_store_commit(w.store), TT_OK);
	page = vehicle_page(w.seed.a.consenting_vehicle);
	assert_true(json_is_null(json_object_get(page, "place")));
	json_decref(page);
}

static void open_rescue_shows_the_position_and_closing_it_ends_that(void **state)
{
	struct tt_rescue_row rescue;
	json_t *page;
	char target[64];

	(void)state;
	assert_int_equal(tt_store_rescue_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.rescue, &rescue), TT_OK);
	page = vehicle_page(rescue.rescue.vehicle_id);
	assert_string_equal(text(page, "place_reason"), "rescue");
	json_decref(page);
	(void)snprintf(target, sizeof(target), "/api/rescues/%lld/status", (long long)w.seed.a.rescue);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":1,\"action\":\"acknowledge\"}"), 200);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"version\":2,\"action\":\"close\",\"outcome\":\"well\"}"), 200);
	page = vehicle_page(rescue.rescue.vehicle_id);
	assert_true(json_is_null(json_object_get(page, "place")));
	json_decref(page);
}

static void board_audits_every_position_it_shows(void **state)
{
	json_t *board = world_json(&w, &a, "GET", "/api/rescues", NULL);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(board, "rescues")), 1);
	assert_int_equal(audits("position.view", "rescue", w.seed.a.rescue).n, 1);
	assert_int_equal(audits("position.view", "rescue", w.seed.b.rescue).n, 0);
	json_decref(board);
}

static void feed_never_carries_a_position(void **state)
{
	struct tt_change change = {.id = 7, .at = w.now, .kind = "rescue.opened", .subject_id = w.seed.a.rescue, .body = "{}"};
	char *json;

	(void)state;
	assert_int_equal(tt_api_change_json(w.store, &change, &json), TT_OK);
	assert_non_null(strstr(json, "\"severity\":\"high\""));
	assert_null(strstr(json, "latitude"));
	free(json);
}

/* ---- reminders ---- */

static enum tt_err keep_item(void *ctx, const struct tt_vehicle_item *row)
{
	*(struct tt_vehicle_item *)ctx = *row;
	return TT_OK;
}

static void done_moves_the_base_to_the_odometer_given_and_dismissed_does_not(void **state)
{
	struct tt_vehicle_item item;
	char target[64];
	json_t *r;

	(void)state;
	(void)snprintf(target, sizeof(target), "/api/reminders/%lld/status", (long long)w.seed.a.reminder);
	r = world_json(&w, &a, "POST", target, "{\"action\":\"done\",\"odometer_m\":81500000}");
	assert_string_equal(text(r, "status"), "done");
	json_decref(r);
	assert_int_equal(tt_store_vehicle_items(w.store, w.seed.a.vehicle, keep_item, &item), TT_OK);
	assert_int_equal(item.base_odometer_m, 81500000);
	assert_int_equal(item.cycle, 1);
	world_log_in(&w, "adviser_b", &a);
	(void)snprintf(target, sizeof(target), "/api/reminders/%lld/status", (long long)w.seed.b.reminder);
	json_decref(world_json(&w, &a, "POST", target, "{\"action\":\"dismiss\"}"));
	assert_int_equal(tt_store_vehicle_items(w.store, w.seed.b.vehicle, keep_item, &item), TT_OK);
	assert_int_equal(item.cycle, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(session_ends_after_twelve_hours),
		T(record_does_not_hold_the_token),
		T(every_log_in_gets_its_own_token),
		T(unknown_and_wrong_log_ins_are_answered_alike_and_audited),
		T(dealers_role_without_a_dealer_is_refused),
		T(ten_failures_lock_the_account_until_time_passes),
		T(acknowledging_answers_the_customer_once),
		T(waiting_moves_the_deadline),
		T(two_desks_cannot_overwrite_each_other),
		T(ticket_is_given_only_to_its_dealers_staff),
		T(taking_a_ticket_away_is_no_answer_to_the_customer),
		T(each_write_leaves_timeline_change_and_audit),
		T(refused_write_leaves_nothing),
		T(position_without_a_reason_is_not_shown),
		T(each_look_at_a_position_is_audited_with_its_reason),
		T(new_owners_consent_does_not_show_the_old_owners_position),
		T(open_rescue_shows_the_position_and_closing_it_ends_that),
		T(board_audits_every_position_it_shows),
		T(feed_never_carries_a_position),
		T(done_moves_the_base_to_the_odometer_given_and_dismissed_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
