#include "scratch.h"

#include "crm/store/store_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1790000000000000)

void scratch_open(struct scratch *s)
{
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/tt-record-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(s->path, sizeof(s->path), "%s/record.db", s->folder);
	(void)snprintf(s->url, sizeof(s->url), "sqlite:%s", s->path);
	(void)snprintf(s->copy, sizeof(s->copy), "%s/copy.db", s->folder);
}

void scratch_clear(const struct scratch *s)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < TT_COUNT(suffixes); i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%s%s", s->path, suffixes[i]);
		(void)unlink(name);
	}
	(void)unlink(s->copy);
}

void scratch_close(const struct scratch *s)
{
	scratch_clear(s);
	(void)rmdir(s->folder);
}

struct tt_store *scratch_store(const struct scratch *s)
{
	struct tt_store *store = NULL;
	struct tt_errmsg msg = {{0}};

	if (tt_store_open(s->url, true, &store, &msg) || tt_store_migrate(store, NOW, &msg))
		fail_msg("%s", msg.text);
	return store;
}

struct scratch_world scratch_world(struct tt_store *store)
{
	const struct tt_dealer dealer = {.name = "Dealer", .timezone = "UTC"};
	struct tt_vehicle vehicle = {.vin = "TTSTVNA0000000001"};
	struct scratch_world w = {0};
	bool created;

	assert_int_equal(tt_store_begin(store), TT_OK);
	assert_int_equal(tt_store_dealer_insert(store, &dealer, NOW, &w.dealer), TT_OK);
	vehicle.dealer_id = w.dealer;
	assert_int_equal(tt_store_vehicle_upsert(store, &vehicle, NOW, &w.vehicle, &created), TT_OK);
	assert_int_equal(tt_store_commit(store), TT_OK);
	return w;
}

enum tt_err scratch_event(struct tt_store *store, const struct scratch_world *w, int64_t n)
{
	const struct tt_ticket ticket = {.dealer_id = w->dealer,
					 .vehicle_id = w->vehicle,
					 .kind = "fault",
					 .subject = "P0301 Cylinder 1 misfire",
					 .priority = 2,
					 .status = "new",
					 .opened_at = NOW + n,
					 .updated_at = NOW + n,
					 .event_at = NOW + n,
					 .occurrences = n};
	struct tt_timeline entry = {.subject = TT_SUBJECT_TICKET, .at = NOW, .kind = "opened", .text = "stored, lamp on", .detail = "{}"};
	struct tt_change change = {.dealer_id = w->dealer, .at = NOW, .kind = "ticket.opened", .body = "{}"};
	int64_t id;
	enum tt_err err = tt_store_ticket_insert(store, &ticket, &entry.subject_id);

	if (!err)
		err = tt_store_timeline_add(store, &entry, &id);
	change.subject_id = entry.subject_id;
	return err ? err : tt_store_change_add(store, &change, &id);
}

struct scratch_tally scratch_count(struct tt_store *store)
{
	/* One statement, so one snapshot. */
	struct tt_q q = tt_q_read(store, "SELECT (SELECT count(*) FROM ticket), (SELECT coalesce(max(occurrences), 0) FROM ticket),"
					 " (SELECT count(*) FROM change), (SELECT count(*) FROM timeline)");
	struct scratch_tally t = {0};

	if (tt_q_step(&q)) {
		t.tickets = tt_q_get_i64(&q);
		t.highest = tt_q_get_i64(&q);
		t.changes = tt_q_get_i64(&q);
		t.entries = tt_q_get_i64(&q);
	}
	if (tt_q_end(&q))
		fail_msg("%s", tt_store_message(store));
	return t;
}

bool scratch_whole(const struct scratch_tally *t)
{
	return t->tickets == t->highest && t->tickets == t->changes && t->tickets == t->entries;
}
