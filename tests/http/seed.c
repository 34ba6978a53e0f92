/*
 * Fills a record for the tests of telltale-server, and plays the gateway: `seed DB world`, then `seed DB tickets DEALER VEHICLE COUNT
 * BATCH`, which commits BATCH tickets a transaction and prints for each the feed's number and the time of the commit (UTC microseconds).
 */
#include "tests/support/server_seed.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, enum tt_err err, struct tt_store *store)
{
	fprintf(stderr, "seed: %s: %s (%s)\n", what, tt_err_name(err), store ? tt_store_message(store) : "");
	tt_store_close(store);
	return 1;
}

static int seed_world(struct tt_store *store)
{
	char hash[crypto_pwhash_STRBYTES];
	struct tt_errmsg msg;
	struct tt_seed seed;
	enum tt_err err = tt_store_migrate(store, tt_utc_now(), &msg);

	/* The cheapest argon2id there is: tests log in often. */
	if (!err && crypto_pwhash_str(hash, TT_SEED_PASSWORD, strlen(TT_SEED_PASSWORD), crypto_pwhash_OPSLIMIT_MIN,
				      crypto_pwhash_MEMLIMIT_MIN) != 0)
		err = TT_ENOMEM;
	if (!err)
		err = tt_seed_world(store, tt_utc_now(), hash, &seed);
	if (err)
		return fail("world", err, store);
	printf("{\"dealer_a\":%lld,\"dealer_b\":%lld,\"vehicle_a\":%lld,\"vehicle_b\":%lld,\"consenting_a\":%lld,\"ticket_a\":%lld,"
	       "\"ticket_b\":%lld,"
	       "\"rescue_a\":%lld,\"reminder_a\":%lld,\"customer_a\":%lld,\"adviser_a\":%lld}\n",
	       (long long)seed.a.dealer, (long long)seed.b.dealer, (long long)seed.a.vehicle, (long long)seed.b.vehicle,
	       (long long)seed.a.consenting_vehicle, (long long)seed.a.ticket, (long long)seed.b.ticket, (long long)seed.a.rescue,
	       (long long)seed.a.reminder, (long long)seed.a.customer, (long long)seed.a.adviser);
	return 0;
}

static int seed_tickets(struct tt_store *store, int64_t dealer, int64_t vehicle, long count, long batch)
{
	for (long done = 0; done < count;) {
		long from = done;
		int64_t id, last = 0;
		enum tt_err err = tt_store_begin(store);

		for (; !err && done < count && done < from + batch; done++) {
			char subject[64];

			(void)snprintf(subject, sizeof(subject), "Ticket %ld", done);
			err = tt_seed_ticket(store, dealer, vehicle, tt_utc_now(), subject, &id);
		}
		if (!err)
			err = tt_store_change_last(store, &last);
		if (!err)
			err = tt_store_commit(store);
		if (err)
			return fail("ticket", err, store);
		for (long i = from; i < done; i++)
			printf("%lld %lld\n", (long long)(last - (done - 1 - i)), (long long)tt_utc_now());
		fflush(stdout);
	}
	return 0;
}

static int seed_message(struct tt_store *store, const char *channel, const char *recipient, const char *key)
{
	struct tt_outbox row = {.template_name = "fault_owner",
				.payload = "{\"name\":\"王小明\",\"language\":\"zh\",\"text\":\"P0301\"}",
				.created_at = tt_utc_now(),
				.next_at = tt_utc_now()};
	int64_t id;
	enum tt_err err = tt_store_begin(store);

	(void)snprintf(row.channel, sizeof(row.channel), "%s", channel);
	(void)snprintf(row.recipient, sizeof(row.recipient), "%s", recipient);
	(void)snprintf(row.idempotency_key, sizeof(row.idempotency_key), "%s", key);
	if (!err)
		err = tt_store_outbox_add(store, &row, &id);
	if (!err)
		err = tt_store_commit(store);
	return err ? fail("message", err, store) : 0;
}

int main(int argc, char **argv)
{
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	char url[600];
	int result;

	if (argc < 3 || sodium_init() < 0 || snprintf(url, sizeof(url), "sqlite:%s", argv[1]) >= (int)sizeof(url)) {
		fprintf(stderr, "usage: seed DB world | seed DB tickets DEALER VEHICLE COUNT BATCH\n");
		return 2;
	}
	if (tt_store_open(url, true, &store, &msg)) {
		fprintf(stderr, "seed: %s\n", msg.text);
		return 1;
	}
	if (argc == 7 && strcmp(argv[2], "tickets") == 0)
		result = seed_tickets(store, atoll(argv[3]), atoll(argv[4]), atol(argv[5]), atol(argv[6]));
	else if (argc == 6 && strcmp(argv[2], "message") == 0)
		result = seed_message(store, argv[3], argv[4], argv[5]);
	else
		result = seed_world(store);
	if (result == 0)
		tt_store_close(store);
	return result;
}
