/*
 * A small world for tests of the server: two dealers, A and B, each with staff, a customer, vehicles, and one of everything the desk shows,
 * plus the rescue centre and an admin. The ids are handed back, so that tests need not look for them.
 */
#ifndef TT_TESTS_SUPPORT_SERVER_SEED_H
#define TT_TESTS_SUPPORT_SERVER_SEED_H

#include "crm/store/store.h"

#define TT_SEED_PASSWORD "correct horse"

struct tt_seed_dealer {
	int64_t dealer, adviser, customer, vehicle, consenting_vehicle, fault, ticket, rescue, reminder, plan_item;
};

struct tt_seed {
	struct tt_seed_dealer a, b;
	int64_t manager_a, rescuer, admin;
};

/*
 * store: migrated and empty. hash: stored as everybody's password hash. Log-ins: adviser_a, adviser_b, manager_a, rescuer, admin.
 * Of each dealer, `vehicle` has a fault with a ticket, and its owner gave no consent to show positions; the owner of `consenting_vehicle`
 * did; the open rescue case is on a third vehicle.
 */
TT_MUSTCHECK enum tt_err tt_seed_world(struct tt_store *store, tt_utc_us now, const char *hash, struct tt_seed *out);

/* One more ticket with its change, as the gateway would commit it. */
TT_MUSTCHECK enum tt_err tt_seed_ticket(struct tt_store *store, int64_t dealer, int64_t vehicle, tt_utc_us now, const char *subject,
					int64_t *id);

#endif
