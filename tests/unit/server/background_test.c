/* Notifications and timers over a real record with a clock in the test's hand. */
#include "server/notify/mail.h"
#include "server/notify/notify.h"
#include "server/schedule/schedule.h"
#include "world.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
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

/* ---- notifications ---- */

static struct {
	enum tt_err answer;
	int sent;
	char key[96];
} wire;

static enum tt_err send_to_test(void *ctx, const struct tt_outbox *row, struct tt_errmsg *msg)
{
	(void)ctx;
	wire.sent++;
	memcpy(wire.key, row->idempotency_key, sizeof(wire.key));
	return wire.answer ? tt_errmsg_set(msg, wire.answer, "the other side says no") : TT_OK;
}

static const struct tt_notify_channel test_channel = {.name = "test", .send = send_to_test};

static void post(const char *channel, const char *key)
{
	struct tt_outbox row = {
		.recipient = "owner@example.com", .template_name = "fault_owner", .payload = "{}", .created_at = w.now, .next_at = w.now};
	int64_t id;

	(void)snprintf(row.channel, sizeof(row.channel), "%s", channel);
	(void)snprintf(row.idempotency_key, sizeof(row.idempotency_key), "%s", key);
	assert_int_equal(tt_store_begin(w.store), TT_OK);
	assert_int_equal(tt_store_outbox_add(w.store, &row, &id), TT_OK);
	assert_int_equal(tt_store_commit(w.store), TT_OK);
}

static struct tt_notify_counts step(enum tt_err answer, enum tt_err want)
{
	struct tt_notify_counts counts = {0};

	wire.answer = answer;
	wire.sent = 0;
	assert_int_equal(tt_notify_step(w.store, &test_channel, w.now, NULL, &counts), want);
	return counts;
}

static void message_is_sent_once(void **state)
{
	(void)state;
	post("email", "k1");
	assert_int_equal(step(TT_OK, TT_OK).sent, 1);
	assert_string_equal(wire.key, "k1");
	w.now += 30 * TT_DAY_US;
	step(TT_OK, TT_ENOTFOUND);
	assert_int_equal(wire.sent, 0);
}

static void failure_is_repeated_from_ten_seconds_to_a_day_and_then_given_up(void **state)
{
	static const int64_t waits_s[] = {10, 30, 120, 600, 3600, 6 * 3600, 24 * 3600};

	(void)state;
	post("email", "k1");
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		assert_int_equal(step(TT_EIO, TT_OK).retried, 1);
		w.now += TT_SEC(waits_s[i]) - 1;
		step(TT_OK, TT_ENOTFOUND);
		w.now += 1;
	}
	assert_int_equal(step(TT_EIO, TT_OK).failed, 1);
	w.now += 30 * TT_DAY_US;
	step(TT_OK, TT_ENOTFOUND);
}

static void refusal_that_will_not_change_is_given_up_at_once(void **state)
{
	(void)state;
	post("sms", "k1");
	assert_int_equal(step(TT_ENOTSUP, TT_OK).failed, 1);
	w.now += 30 * TT_DAY_US;
	step(TT_OK, TT_ENOTFOUND);
}

static void desk_messages_are_carried_by_the_feed_and_sent_nowhere(void **state)
{
	(void)state;
	post("desk", "k1");
	assert_int_equal(step(TT_EIO, TT_OK).sent, 1);
	assert_int_equal(wire.sent, 0);
}

/* The other server on the same record, asked while this one is in the middle of sending. */
static enum tt_err send_and_look_again(void *ctx, const struct tt_outbox *row, struct tt_errmsg *msg)
{
	struct tt_notify_counts counts = {0};

	(void)row;
	(void)msg;
	wire.sent++;
	assert_int_equal(tt_notify_step((struct tt_store *)ctx, &test_channel, w.now, NULL, &counts), TT_ENOTFOUND);
	return TT_OK;
}

static void two_servers_never_hold_the_same_message(void **state)
{
	struct tt_store *other;
	struct tt_errmsg msg;
	struct tt_notify_counts counts = {0};

	(void)state;
	assert_int_equal(tt_store_open(w.url, false, &other, &msg), TT_OK);
	post("email", "k1");
	wire.sent = 0;
	assert_int_equal(tt_notify_step(w.store, &(struct tt_notify_channel){.name = "x", .ctx = other, .send = send_and_look_again}, w.now,
					NULL, &counts),
			 TT_OK);
	assert_int_equal(wire.sent, 1);
	tt_store_close(other);
}

/* A server killed between sending and recording: what is left is the claim. */
static enum tt_err claim_only(void *ctx, const struct tt_outbox *row)
{
	*(struct tt_outbox *)ctx = *row;
	return TT_OK;
}

static void message_of_a_killed_server_goes_out_after_the_lease_with_the_same_key(void **state)
{
	struct tt_outbox row = {0};

	(void)state;
	post("email", "k1");
	assert_int_equal(tt_store_begin(w.store), TT_OK);
	assert_int_equal(tt_store_outbox_due(w.store, w.now, 1, claim_only, &row), TT_OK);
	row.next_at = w.now + TT_NOTIFY_LEASE_US;
	row.attempts = 1;
	assert_int_equal(tt_store_outbox_update(w.store, &row), TT_OK);
	assert_int_equal(tt_store_commit(w.store), TT_OK);
	step(TT_OK, TT_ENOTFOUND);
	w.now += TT_NOTIFY_LEASE_US;
	assert_int_equal(step(TT_OK, TT_OK).sent, 1);
	assert_string_equal(wire.key, "k1");
}

static void mail_is_well_formed_and_the_same_message_has_the_same_id(void **state)
{
	struct tt_outbox row = {.channel = "email",
				.recipient = "owner@example.com",
				.template_name = "fault_owner",
				.idempotency_key = "k1",
				.payload = "{\"name\":\"王小明\",\"language\":\"zh\",\"text\":\"P0301\",\"plate\":\"京A 12345\"}"};
	char *one, *two, body[1024];
	const char *id;
	size_t len;

	(void)state;
	assert_int_equal(tt_mail_compose(&row, "desk@telltale.example", WORLD_NOW, &one), TT_OK);
	assert_int_equal(tt_mail_compose(&row, "desk@telltale.example", WORLD_NOW + TT_DAY_US, &two), TT_OK);
	assert_non_null(strstr(one, "Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n"));
	assert_non_null(strstr(one, "To: <owner@example.com>\r\n"));
	assert_non_null(strstr(one, "Auto-Submitted: auto-generated\r\n"));
	id = strstr(one, "Message-ID: <");
	assert_non_null(id);
	assert_non_null(strstr(two, "Message-ID: <"));
	assert_memory_equal(id, strstr(two, "Message-ID: <"), strlen("Message-ID: <") + 32);
	for (const char *line = one; *line; line = strstr(line, "\r\n") + 2)
		assert_true(strcspn(line, "\r") <= 998);
	assert_int_equal(sodium_base642bin((uint8_t *)body, sizeof(body) - 1, strstr(one, "\r\n\r\n") + 4,
					   strlen(strstr(one, "\r\n\r\n") + 4), "\r\n", &len, NULL, sodium_base64_VARIANT_ORIGINAL),
			 0);
	body[len] = '\0';
	assert_non_null(strstr(body, "王小明，您好"));
	assert_non_null(strstr(body, "京A 12345"));
	free(one);
	free(two);
}

static void address_that_could_add_a_header_is_refused(void **state)
{
	static const char *const bad[] = {"", "owner", "@example.com", "a@", "a@b\r\nBcc: c@d", "a b@c.d", "<a@b.c>", "a@b,c@d", "a@b@c"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (tt_mail_address_ok(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_true(tt_mail_address_ok("first.last+tag@mail.example.com"));
}

static void webhook_must_be_https_unless_local_is_allowed(void **state)
{
	struct tt_webhook_config config = {.url = "http://127.0.0.1:1/", .secret = "s", .timeout_ms = 1000};
	struct tt_notify_channel channel;
	struct tt_errmsg msg;

	(void)state;
	assert_int_equal(tt_notify_webhook(&config, &channel, &msg), TT_ECONFIG);
	config.url = "https://127.0.0.1:1/";
	config.secret = "";
	assert_int_equal(tt_notify_webhook(&config, &channel, &msg), TT_ECONFIG);
	config.secret = "s";
	assert_int_equal(tt_notify_webhook(&config, &channel, &msg), TT_OK);
	channel.destroy(channel.ctx);
}

/* ---- timers ---- */

static enum tt_err last_line(void *ctx, const struct tt_timeline *row)
{
	*(struct tt_timeline *)ctx = *row;
	return TT_OK;
}

static unsigned run_tickets(void)
{
	unsigned n = 0;

	assert_int_equal(tt_schedule_tickets(w.store, w.now, &n), TT_OK);
	return n;
}

static unsigned run_rescues(void)
{
	unsigned n = 0;

	assert_int_equal(tt_schedule_rescues(w.store, w.now, &n), TT_OK);
	return n;
}

static void each_clock_of_a_ticket_is_told_of_once(void **state)
{
	struct tt_timeline line;
	int64_t before, after;

	(void)state;
	assert_int_equal(run_tickets(), 0);
	w.now += TT_SEC(3600);
	assert_int_equal(tt_store_change_last(w.store, &before), TT_OK);
	assert_int_equal(run_tickets(), 2); /* A's and B's */
	assert_int_equal(run_tickets(), 0);
	assert_int_equal(tt_store_change_last(w.store, &after), TT_OK);
	assert_int_equal(after - before, 2);
	assert_int_equal(tt_store_timeline(w.store, TT_SUBJECT_TICKET, w.seed.a.ticket, last_line, &line), TT_OK);
	assert_string_equal(line.kind, "escalated");
	assert_string_equal(line.text, "First response is overdue");
	assert_int_equal(line.actor_id, 0);
	w.now += TT_DAY_US;
	assert_int_equal(run_tickets(), 2);
	assert_int_equal(tt_store_timeline(w.store, TT_SUBJECT_TICKET, w.seed.a.ticket, last_line, &line), TT_OK);
	assert_string_equal(line.text, "Resolution is overdue");
	w.now += 30 * TT_DAY_US;
	assert_int_equal(run_tickets(), 0);
}

/* zammad 3140: escalated although the agent had answered. */
static void answered_ticket_is_not_escalated_for_its_answer(void **state)
{
	struct visitor a;
	char target[96];

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	(void)snprintf(target, sizeof(target), "/api/tickets/%lld/comment", (long long)w.seed.a.ticket);
	assert_int_equal(world_status(&w, &a, "POST", target, "{\"text\":\"on it\"}"), 200);
	w.now += TT_SEC(3600);
	assert_int_equal(run_tickets(), 1); /* B's alone */
}

static void rescue_nobody_takes_is_shouted_about_until_somebody_does(void **state)
{
	struct tt_rescue_row row;
	struct visitor a;
	char target[96];

	(void)state;
	w.now += TT_SEC(3600); /* the seed's first level, long after the real ones: one shout, at the level it is by then */
	assert_int_equal(run_rescues(), 2);
	assert_int_equal(run_rescues(), 0);
	assert_int_equal(tt_store_rescue_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.rescue, &row), TT_OK);
	assert_int_equal(row.rescue.escalate_at, 0);
	assert_int_equal(row.rescue.escalations, 4);
	/* the next case, in time */
	assert_int_equal(tt_store_begin(w.store), TT_OK);
	row.rescue.opened_at = w.now;
	row.rescue.escalations = 0;
	row.rescue.escalate_at = w.now + TT_SEC(30);
	row.rescue.incident = 4711;
	assert_int_equal(tt_store_rescue_insert(w.store, &row.rescue, &row.rescue.id), TT_OK);
	assert_int_equal(tt_store_commit(w.store), TT_OK);
	for (int level = 0; level < 2; level++) {
		w.now += TT_SEC(level == 0 ? 30 : 60);
		assert_int_equal(run_rescues(), 1);
		assert_int_equal(run_rescues(), 0);
	}
	world_log_in(&w, "adviser_a", &a);
	(void)snprintf(target, sizeof(target), "/api/rescues/%lld/status", (long long)row.rescue.id);
	assert_int_equal(tt_store_rescue_get(w.store, TT_SCOPE_SYSTEM, row.rescue.id, &row), TT_OK);
	{
		char body[64];

		(void)snprintf(body, sizeof(body), "{\"version\":%lld,\"action\":\"acknowledge\"}", (long long)row.rescue.version);
		assert_int_equal(world_status(&w, &a, "POST", target, body), 200);
	}
	w.now += TT_SEC(3600);
	assert_int_equal(run_rescues(), 0);
}

static void reminder_by_date_is_made_and_raised_once_a_state(void **state)
{
	struct tt_reminder_row row;
	unsigned n = 0;
	int64_t before, after;

	(void)state;
	/* base 350 days ago, every 365, warning 30 before: the seed's reminder is "soon", and right */
	assert_int_equal(tt_schedule_reminders(w.store, w.now, &n), TT_OK);
	assert_int_equal(n, 0);
	w.now += 16 * TT_DAY_US;
	assert_int_equal(tt_store_change_last(w.store, &before), TT_OK);
	assert_int_equal(tt_schedule_reminders(w.store, w.now, &n), TT_OK);
	assert_int_equal(n, 2);
	assert_int_equal(tt_schedule_reminders(w.store, w.now, &n), TT_OK);
	assert_int_equal(n, 0);
	assert_int_equal(tt_store_change_last(w.store, &after), TT_OK);
	assert_int_equal(after - before, 2);
	assert_int_equal(tt_store_reminder_get(w.store, TT_SCOPE_SYSTEM, w.seed.a.reminder, &row), TT_OK);
	assert_string_equal(row.reminder.status, "due");
	assert_int_equal(step(TT_OK, TT_OK).sent, 2); /* the owners' mails, once each */
	step(TT_OK, TT_ENOTFOUND);
}

static void expired_sessions_are_removed(void **state)
{
	struct visitor a;

	(void)state;
	world_log_in(&w, "adviser_a", &a);
	w.now += TT_SEC(13 * 3600);
	assert_int_equal(tt_schedule_sessions(w.store, w.now), TT_OK);
	w.now -= TT_SEC(13 * 3600); /* a clock set back does not bring it back */
	assert_int_equal(world_status(&w, &a, "GET", "/api/session", NULL), 401);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(message_is_sent_once),
		T(failure_is_repeated_from_ten_seconds_to_a_day_and_then_given_up),
		T(refusal_that_will_not_change_is_given_up_at_once),
		T(desk_messages_are_carried_by_the_feed_and_sent_nowhere),
		T(two_servers_never_hold_the_same_message),
		T(message_of_a_killed_server_goes_out_after_the_lease_with_the_same_key),
		cmocka_unit_test(mail_is_well_formed_and_the_same_message_has_the_same_id),
		cmocka_unit_test(address_that_could_add_a_header_is_refused),
		cmocka_unit_test(webhook_must_be_https_unless_local_is_allowed),
		T(each_clock_of_a_ticket_is_told_of_once),
		T(answered_ticket_is_not_escalated_for_its_answer),
		T(rescue_nobody_takes_is_shouted_about_until_somebody_does),
		T(reminder_by_date_is_made_and_raised_once_a_state),
		T(expired_sessions_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
