/*
 * The queue at a million tickets, and the store's share of bulk ingest.
 *
 *   bench_queue [tickets] [folder]     default 1000000 /tmp
 *
 * Fills a record of 20 dealers with tickets, then prints p50, p99 and maximum of: the first page of a dealer and of the network, a page
 * deep in the middle, one adviser's page, the done list, the counters, an escalation sweep; and the rate of durable event appends in
 * batches of 500. Exit 1 when a page's p99 is not under 20 ms (design.md section 8).
 */
#include "crm/store/store_internal.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEALERS = 20, ADVISERS = 5, ROUNDS = 400, PAGE = 50, FILL_BATCH = 20000, EVENT_BATCH = 500, EVENTS = 250000 };

#define NOW INT64_C(1790000000000000)

static int64_t dealers[DEALERS], advisers[DEALERS][ADVISERS], customers[DEALERS], vehicles[DEALERS];
static uint64_t seed = 1;

static uint64_t draw(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % n;
}

static void must(struct tt_store *s, enum tt_err err, const char *what)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench_queue: %s: %s: %s\n", what, tt_err_text(err), tt_store_message(s));
	exit(2);
}

static void people(struct tt_store *s)
{
	must(s, tt_store_begin(s), "begin");
	for (int d = 0; d < DEALERS; d++) {
		struct tt_dealer dealer = {.timezone = "UTC"};
		struct tt_customer customer = {.phone = "+4930", .language = "en", .tier = "standard"};
		struct tt_vehicle vehicle = {.make = "Make", .model = "Model"};
		bool created;

		(void)snprintf(dealer.name, sizeof(dealer.name), "Dealer %02d", d);
		must(s, tt_store_dealer_insert(s, &dealer, NOW, &dealers[d]), "dealer");
		customer.dealer_id = vehicle.dealer_id = dealers[d];
		(void)snprintf(customer.name, sizeof(customer.name), "Customer %02d", d);
		must(s, tt_store_customer_upsert(s, &customer, NOW, &customers[d], &created), "customer");
		(void)snprintf(vehicle.vin, sizeof(vehicle.vin), "TTBENCH%010d", d);
		must(s, tt_store_vehicle_upsert(s, &vehicle, NOW, &vehicles[d], &created), "vehicle");
		for (int a = 0; a < ADVISERS; a++) {
			struct tt_user user = {.dealer_id = dealers[d], .role = "adviser", .password_hash = "x", .locale = "en"};

			(void)snprintf(user.login, sizeof(user.login), "adviser-%d-%d", d, a);
			(void)snprintf(user.name, sizeof(user.name), "Adviser %d", a);
			must(s, tt_store_user_insert(s, &user, NOW, &advisers[d][a]), "user");
		}
	}
	must(s, tt_store_commit(s), "commit");
}

static void fill(struct tt_store *s, int64_t n)
{
	static const char *const statuses[] = {"new", "open", "open", "pending", "closed"};

	for (int64_t i = 0; i < n; i++) {
		size_t d = draw(DEALERS);
		struct tt_ticket t = {.dealer_id = dealers[d],
				      .vehicle_id = vehicles[d],
				      .customer_id = customers[d],
				      .kind = "fault",
				      .subject = "P0301 Cylinder 1 misfire",
				      .priority = 1 + (int32_t)draw(4),
				      .opened_at = NOW + i * 1000,
				      .updated_at = NOW + i * 1000,
				      .event_at = NOW + i * 1000,
				      .escalate_at = draw(10) == 0 ? NOW + i * 1000 + TT_SEC(900) : 0,
				      .occurrences = 1};
		int64_t id;

		(void)snprintf(t.status, sizeof(t.status), "%s", statuses[draw(5)]);
		t.assignee_id = draw(3) == 0 ? 0 : advisers[d][draw(ADVISERS)];
		if (i % FILL_BATCH == 0)
			must(s, tt_store_begin(s), "begin");
		must(s, tt_store_ticket_insert(s, &t, &id), "ticket");
		if (i % FILL_BATCH == FILL_BATCH - 1 || i == n - 1)
			must(s, tt_store_commit(s), "commit");
	}
}

static enum tt_err take_row(void *ctx, const struct tt_queue_row *row)
{
	*(struct tt_ticket *)ctx = row->ticket;
	return TT_OK;
}

static enum tt_err take_counter(void *ctx, const char *name, int64_t value)
{
	(void)name;
	*(int64_t *)ctx += value;
	return TT_OK;
}

static int by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One look at the desk, of dealer d. */
typedef void (*look_fn)(struct tt_store *s, size_t d);

static void page(struct tt_store *s, struct tt_scope scope, struct tt_queue_query q)
{
	struct tt_ticket last;

	q.limit = PAGE;
	must(s, tt_store_queue(s, scope, &q, take_row, &last), "queue");
}

static void first_page(struct tt_store *s, size_t d)
{
	page(s, (struct tt_scope){.dealer_id = dealers[d]}, (struct tt_queue_query){0});
}

static void network_page(struct tt_store *s, size_t d)
{
	(void)d;
	page(s, TT_SCOPE_SYSTEM, (struct tt_queue_query){0});
}

static void deep_page(struct tt_store *s, size_t d)
{
	page(s, (struct tt_scope){.dealer_id = dealers[d]},
	     (struct tt_queue_query){.after_priority = 3, .after_opened_at = NOW + (int64_t)draw(1000000) * 1000, .after_id = 1});
}

static void my_page(struct tt_store *s, size_t d)
{
	page(s, (struct tt_scope){.dealer_id = dealers[d]}, (struct tt_queue_query){.assignee_id = advisers[d][draw(ADVISERS)]});
}

static void nobodys_page(struct tt_store *s, size_t d)
{
	page(s, (struct tt_scope){.dealer_id = dealers[d]}, (struct tt_queue_query){.assignee_id = -1});
}

static void done_page(struct tt_store *s, size_t d)
{
	page(s, (struct tt_scope){.dealer_id = dealers[d]}, (struct tt_queue_query){.closed = true});
}

static void counters(struct tt_store *s, size_t d)
{
	int64_t sum = 0;

	must(s, tt_store_counters(s, (struct tt_scope){.dealer_id = d % 2 ? dealers[d] : 0}, take_counter, &sum), "counters");
}

static void escalations(struct tt_store *s, size_t d)
{
	struct tt_ticket last;

	(void)d;
	must(s, tt_store_ticket_escalations(s, INT64_MAX, PAGE, take_row, &last), "escalations");
}

static const struct {
	const char *name;
	look_fn look;
} looks[] = {
	{"first page, dealer", first_page},
	{"first page, network", network_page},
	{"deep page, dealer", deep_page},
	{"one adviser's page", my_page},
	{"unassigned page", nobodys_page},
	{"done page, dealer", done_page},
	{"counters", counters},
	{"escalation sweep", escalations},
};

static int measure(struct tt_store *s)
{
	int slow = 0;

	for (size_t i = 0; i < TT_COUNT(looks); i++) {
		static int64_t us[ROUNDS];

		for (size_t r = 0; r < ROUNDS; r++) {
			tt_mono_us start = tt_mono_now();

			looks[i].look(s, draw(DEALERS));
			us[r] = tt_mono_now() - start;
		}
		qsort(us, ROUNDS, sizeof(us[0]), by_size);
		(void)printf("%-22s p50 %7.3f ms   p99 %7.3f ms   max %7.3f ms\n", looks[i].name, (double)us[ROUNDS / 2] / 1000,
			     (double)us[ROUNDS * 99 / 100] / 1000, (double)us[ROUNDS - 1] / 1000);
		slow += us[ROUNDS * 99 / 100] >= 20000;
	}
	return slow;
}

static void append(struct tt_store *s)
{
	static const uint8_t body[200] = {1};
	struct tt_unit unit = {.name = "bench", .created_at = NOW};
	int64_t unit_id, id;
	tt_mono_us start, took;

	must(s, tt_store_begin(s), "begin");
	must(s, tt_store_unit_insert(s, &unit, &unit_id), "unit");
	must(s, tt_store_commit(s), "commit");
	start = tt_mono_now();
	for (uint64_t seq = 1; seq <= EVENTS;) {
		must(s, tt_store_begin(s), "begin");
		for (int i = 0; i < EVENT_BATCH; i++, seq++) {
			struct tt_event e = {.unit_id = unit_id,
					     .vehicle_id = vehicles[0],
					     .cls = 3,
					     .epoch = 1,
					     .seq = seq,
					     .kind = TT_KIND_TELEMETRY,
					     .created_at = NOW,
					     .received_at = NOW,
					     .clock = TT_CLOCK_GNSS,
					     .body = body,
					     .body_len = sizeof(body)};

			must(s, tt_store_event_append(s, &e, &id), "event");
		}
		/* As the gateway does: one mark a unit and batch; here ten units' worth. */
		for (int32_t u = 0; u < 10; u++)
			must(s, tt_store_mark_set(s, unit_id, 3, (uint64_t)u + 1, &(struct tt_mark){.seq = seq}), "mark");
		must(s, tt_store_commit(s), "commit");
	}
	took = tt_mono_now() - start;
	(void)printf("event append           %d events of %zu bytes, batches of %d, each committed durably: %.0f events/s\n", EVENTS,
		     sizeof(body), EVENT_BATCH, (double)EVENTS * 1e6 / (double)took);
}

int main(int argc, char **argv)
{
	int64_t tickets = argc > 1 ? atoll(argv[1]) : 1000000;
	char folder[256], path[300], url[320], companion[320];
	struct tt_store *s = NULL;
	struct tt_errmsg msg = {{0}};
	tt_mono_us start;
	int slow;

	(void)snprintf(folder, sizeof(folder), "%s/tt-queue-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	if (tickets < 1 || tickets > 100000000 || mkdtemp(folder) == NULL) {
		(void)fprintf(stderr, "usage: bench_queue [tickets] [folder]\n");
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/record.db", folder);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	if (tt_store_open(url, true, &s, &msg) || tt_store_migrate(s, NOW, &msg)) {
		(void)fprintf(stderr, "bench_queue: %s\n", msg.text);
		return 2;
	}
	people(s);
	/* Only the filling may have a large cache; what is measured has the settings of the programs. */
	must(s, tt_store_exec(s, "PRAGMA cache_size = -524288"), "cache");
	start = tt_mono_now();
	fill(s, tickets);
	must(s, tt_store_exec(s, "PRAGMA cache_size = -16384"), "cache");
	(void)printf("filled                 %lld tickets in %.1f s\n", (long long)tickets, (double)(tt_mono_now() - start) / 1e6);
	slow = measure(s);
	append(s);
	tt_store_close(s);
	(void)unlink(path);
	(void)snprintf(companion, sizeof(companion), "%s-wal", path);
	(void)unlink(companion);
	(void)snprintf(companion, sizeof(companion), "%s-shm", path);
	(void)unlink(companion);
	(void)rmdir(folder);
	return slow > 0;
}
