/*
 * The contract of crm/store/store.h, as tests. Written against that header alone: a new implementation writes a factory and runs them.
 *
 * Every test gets a fresh record with two dealers, A and B, each with an adviser, a customer, a car, a unit in it, and a plan; most tests
 * are about what A may not see of B.
 */
#ifndef TT_TESTS_STORE_CONTRACT_H
#define TT_TESTS_STORE_CONTRACT_H

#include "crm/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct tt_store_factory {
	/* An empty record of the current schema; what was open before is closed and gone. */
	struct tt_store *(*open_fresh)(void);
	/* One more handle on the record opened last. */
	struct tt_store *(*open_again)(void);
	/* A path that a backup may be written to, and the URL to open it with. */
	const char *backup_path, *backup_url;
};

/* The number of failed tests. */
int tt_store_contract_run(const struct tt_store_factory *factory);

/* ---- for the tests themselves ---- */

enum { A, B };
#define NOW INT64_C(1790000000000000) /* 2026-09-21 */
#define OK(call) assert_int_equal((call), TT_OK)

struct world {
	const struct tt_store_factory *factory;
	struct tt_store *s;
	int64_t dealer[2], user[2], customer[2], vehicle[2], unit[2];
	int64_t plan, item;
	struct tt_scope scope[2]; /* the advisers' */
};

#define TT_CONTRACT_VIN_A "TTSTVNA0000000001"
#define TT_CONTRACT_VIN_B "TTSTVNB0000000002"

int tt_world_open(void **state);
int tt_world_close(void **state);
#define CONTRACT(test) cmocka_unit_test_setup_teardown(test, tt_world_open, tt_world_close)

void tt_begin(struct world *w);
void tt_commit(struct world *w);

/* A fault ticket, inserted and committed; its id. */
int64_t tt_new_ticket(struct world *w, int dealer, int32_t priority, tt_utc_us opened_at, int64_t fault_id);
/* Member by member: the struct has padding. */
void tt_same_place(const struct tt_place *a, const struct tt_place *b);
int64_t tt_new_fault(struct world *w, int dealer, const char *code);

extern const struct CMUnitTest tt_contract_life[], tt_contract_people[], tt_contract_vehicle[], tt_contract_ingest[], tt_contract_ticket[],
	tt_contract_rescue[], tt_contract_maintenance[], tt_contract_change[], tt_contract_car[];
extern const size_t tt_contract_nlife, tt_contract_npeople, tt_contract_nvehicle, tt_contract_ningest, tt_contract_nticket,
	tt_contract_nrescue, tt_contract_nmaintenance, tt_contract_nchange, tt_contract_ncar;

#endif
