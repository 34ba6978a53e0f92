/* Timeline, change feed, outbox, audit. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static enum tt_err take_entry(void *ctx, const struct tt_timeline *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s/%s/%s;", row->kind, row->actor_name, row->text);
	return TT_OK;
}

static void a_timeline_is_in_order_and_its_own_subjects_alone(void **state)
{
	struct world *w = *state;
	struct tt_timeline t = {
		.subject = TT_SUBJECT_TICKET, .subject_id = 5, .at = NOW, .kind = "opened", .text = "first", .detail = "{}"};
	char ticket[256] = "", rescue[256] = "", other[256] = "";
	int64_t id = 0;

	tt_begin(w);
	OK(tt_store_timeline_add(w->s, &t, &id));
	t.actor_id = w->user[A];
	t.at = NOW - 100; /* order is of writing, not of clocks */
	(void)snprintf(t.kind, sizeof(t.kind), "comment");
	(void)snprintf(t.text, sizeof(t.text), "已联系车主");
	OK(tt_store_timeline_add(w->s, &t, &id));
	t.subject = TT_SUBJECT_RESCUE;
	OK(tt_store_timeline_add(w->s, &t, &id));
	t.actor_id = 4711;
	assert_int_equal(tt_store_timeline_add(w->s, &t, &id), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_timeline(w->s, TT_SUBJECT_TICKET, 5, take_entry, ticket));
	assert_string_equal(ticket, "opened//first;comment/Adviser A/已联系车主;");
	OK(tt_store_timeline(w->s, TT_SUBJECT_RESCUE, 5, take_entry, rescue));
	assert_string_equal(rescue, "comment/Adviser A/已联系车主;");
	OK(tt_store_timeline(w->s, TT_SUBJECT_REMINDER, 5, take_entry, other));
	assert_string_equal(other, "");
}

struct feed {
	int n;
	int64_t last;
	char kinds[256];
};

static enum tt_err take_change(void *ctx, const struct tt_change *row)
{
	struct feed *f = ctx;
	size_t len = strlen(f->kinds);

	assert_true(row->id > f->last);
	f->n++;
	f->last = row->id;
	(void)snprintf(f->kinds + len, sizeof(f->kinds) - len, "%s;", row->kind);
	return TT_OK;
}

static void the_feed_rises_resumes_and_keeps_to_the_scope(void **state)
{
	struct world *w = *state;
	const struct {
		int64_t dealer;
		const char *kind;
	} rows[] = {{w->dealer[A], "a1"}, {w->dealer[B], "b1"}, {0, "all"}, {w->dealer[A], "a2"}};
	struct feed mine = {0}, all = {0}, rest = {0}, limited = {0};
	int64_t last = -1, ids[4];

	OK(tt_store_change_last(w->s, &last));
	assert_int_equal(last, 0);
	tt_begin(w);
	for (size_t i = 0; i < 4; i++) {
		struct tt_change c = {.dealer_id = rows[i].dealer, .at = NOW, .subject_id = 1, .body = "{}"};

		(void)snprintf(c.kind, sizeof(c.kind), "%s", rows[i].kind);
		OK(tt_store_change_add(w->s, &c, &ids[i]));
	}
	tt_commit(w);
	OK(tt_store_changes(w->s, w->scope[A], 0, 10, take_change, &mine));
	assert_string_equal(mine.kinds, "a1;all;a2;");
	OK(tt_store_changes(w->s, TT_SCOPE_SYSTEM, 0, 10, take_change, &all));
	assert_string_equal(all.kinds, "a1;b1;all;a2;");
	OK(tt_store_changes(w->s, w->scope[A], ids[0], 10, take_change, &rest));
	assert_string_equal(rest.kinds, "all;a2;");
	OK(tt_store_changes(w->s, TT_SCOPE_SYSTEM, 0, 2, take_change, &limited));
	assert_string_equal(limited.kinds, "a1;b1;");
	OK(tt_store_change_last(w->s, &last));
	assert_int_equal(last, ids[3]);
}

/* A number given out twice would make a desk that resumes miss a change. */
static void a_rolled_back_change_leaves_no_number_that_a_reader_could_have_seen(void **state)
{
	struct world *w = *state;
	const struct tt_change c = {.at = NOW, .kind = "x", .subject_id = 1, .body = "{}"};
	struct tt_store *reader = w->factory->open_again();
	struct feed seen = {0};
	int64_t id = 0;

	tt_begin(w);
	OK(tt_store_change_add(w->s, &c, &id));
	OK(tt_store_changes(reader, TT_SCOPE_SYSTEM, 0, 10, take_change, &seen));
	tt_store_rollback(w->s);
	assert_int_equal(seen.n, 0);
	tt_begin(w);
	OK(tt_store_change_add(w->s, &c, &id));
	tt_commit(w);
	OK(tt_store_changes(reader, TT_SCOPE_SYSTEM, seen.last, 10, take_change, &seen));
	assert_int_equal(seen.n, 1);
	tt_store_close(reader);
}

static struct tt_outbox message(const struct world *w, const char *key, tt_utc_us next_at)
{
	struct tt_outbox o = {.dealer_id = w->dealer[A],
			      .channel = "sms",
			      .recipient = "+4930111",
			      .template_name = "fault_owner",
			      .payload = "{\"code\":\"P0301\"}",
			      .created_at = NOW,
			      .next_at = next_at};

	(void)snprintf(o.idempotency_key, sizeof(o.idempotency_key), "%s", key);
	return o;
}

struct outbox {
	int n;
	struct tt_outbox first;
	char keys[128];
};

static enum tt_err take_message(void *ctx, const struct tt_outbox *row)
{
	struct outbox *o = ctx;
	size_t len = strlen(o->keys);

	if (o->n++ == 0)
		o->first = *row;
	(void)snprintf(o->keys + len, sizeof(o->keys) - len, "%s;", row->idempotency_key);
	return TT_OK;
}

static void a_notification_is_in_the_outbox_once_however_often_it_is_put_there(void **state)
{
	struct world *w = *state;
	struct tt_outbox o = message(w, "k1", NOW);
	struct outbox due = {0};
	int64_t id = 0, untouched = -1;

	tt_begin(w);
	OK(tt_store_outbox_add(w->s, &o, &id));
	assert_int_equal(tt_store_outbox_add(w->s, &o, &untouched), TT_EEXIST);
	assert_int_equal(untouched, -1);
	tt_commit(w); /* and the transaction goes on */
	OK(tt_store_outbox_due(w->s, NOW, 10, take_message, &due));
	assert_int_equal(due.n, 1);
	assert_int_equal(due.first.id, id);
	assert_string_equal(due.first.template_name, "fault_owner");
	assert_string_equal(due.first.payload, "{\"code\":\"P0301\"}");
	assert_int_equal(due.first.attempts, 0);
}

static void due_notifications_come_in_order_and_go_when_sent_failed_or_put_off(void **state)
{
	struct world *w = *state;
	struct tt_outbox rows[] = {message(w, "later", NOW + 50), message(w, "second", NOW + 2), message(w, "first", NOW + 1),
				   message(w, "third", NOW + 3)};
	struct outbox due = {0}, after = {0}, put_off = {0};
	int64_t id;

	tt_begin(w);
	for (size_t i = 0; i < 4; i++) {
		OK(tt_store_outbox_add(w->s, &rows[i], &id));
		rows[i].id = id;
	}
	tt_commit(w);
	OK(tt_store_outbox_due(w->s, NOW + 3, 10, take_message, &due));
	assert_string_equal(due.keys, "first;second;third;");
	tt_begin(w);
	rows[2].sent_at = NOW + 4;
	rows[2].attempts = 1;
	OK(tt_store_outbox_update(w->s, &rows[2]));
	rows[1].failed_at = NOW + 4;
	OK(tt_store_outbox_update(w->s, &rows[1]));
	rows[3].next_at = NOW + 100;
	rows[3].attempts = 4;
	(void)snprintf(rows[3].last_error, sizeof(rows[3].last_error), "451 busy");
	OK(tt_store_outbox_update(w->s, &rows[3]));
	rows[0].id = 999;
	assert_int_equal(tt_store_outbox_update(w->s, &rows[0]), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_outbox_due(w->s, NOW + 3, 10, take_message, &after));
	assert_int_equal(after.n, 0);
	OK(tt_store_outbox_due(w->s, NOW + 100, 10, take_message, &put_off));
	assert_string_equal(put_off.keys, "later;third;");
}

static enum tt_err take_audit(void *ctx, const struct tt_audit *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s/%s;", row->action, row->reason);
	return TT_OK;
}

static void every_look_is_on_record_newest_first_within_scope(void **state)
{
	struct world *w = *state;
	struct tt_audit a = {.at = NOW,
			     .user_id = w->user[A],
			     .dealer_id = w->dealer[A],
			     .action = "position.view",
			     .subject = "vehicle:1",
			     .reason = "rescue 7"};
	char mine[256] = "", theirs[256] = "", all[256] = "";

	tt_begin(w);
	OK(tt_store_audit_add(w->s, &a));
	(void)snprintf(a.reason, sizeof(a.reason), "consent");
	OK(tt_store_audit_add(w->s, &a));
	a.dealer_id = 0;
	a.user_id = 0;
	(void)snprintf(a.action, sizeof(a.action), "login.failed");
	OK(tt_store_audit_add(w->s, &a));
	tt_commit(w);
	OK(tt_store_audit_list(w->s, w->scope[A], "vehicle:1", 10, take_audit, mine));
	assert_string_equal(mine, "position.view/consent;position.view/rescue 7;");
	OK(tt_store_audit_list(w->s, w->scope[B], "vehicle:1", 10, take_audit, theirs));
	assert_string_equal(theirs, "");
	OK(tt_store_audit_list(w->s, TT_SCOPE_SYSTEM, "vehicle:1", 1, take_audit, all));
	assert_string_equal(all, "login.failed/consent;");
}

const struct CMUnitTest tt_contract_change[] = {
	CONTRACT(a_timeline_is_in_order_and_its_own_subjects_alone),
	CONTRACT(the_feed_rises_resumes_and_keeps_to_the_scope),
	CONTRACT(a_rolled_back_change_leaves_no_number_that_a_reader_could_have_seen),
	CONTRACT(a_notification_is_in_the_outbox_once_however_often_it_is_put_there),
	CONTRACT(due_notifications_come_in_order_and_go_when_sent_failed_or_put_off),
	CONTRACT(every_look_is_on_record_newest_first_within_scope),
};
const size_t tt_contract_nchange = sizeof(tt_contract_change) / sizeof(tt_contract_change[0]);
