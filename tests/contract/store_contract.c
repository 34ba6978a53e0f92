#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static const struct tt_store_factory *the_factory;
static struct world the_world;

void tt_begin(struct world *w)
{
	OK(tt_store_begin(w->s));
}

void tt_commit(struct world *w)
{
	OK(tt_store_commit(w->s));
}

static void add_side(struct world *w, int i)
{
	static const char *const names[] = {"Dealer A", "Dealer B"}, *const logins[] = {"anna", "ben"},
				 *const phones[] = {"+4930111", "+8621222"};
	static const char *const people[] = {"Ursula Ärmel", "王小明"}, *const vins[] = {TT_CONTRACT_VIN_A, TT_CONTRACT_VIN_B},
				 *const units[] = {"unit-a", "unit-b"};
	struct tt_dealer dealer = {.timezone = "UTC"};
	struct tt_user user = {.role = "adviser", .password_hash = "hash", .locale = "en"};
	struct tt_customer customer = {.language = "en", .tier = "gold"};
	struct tt_vehicle vehicle = {.plate = "P 1", .make = "Make", .model = "Model", .model_year = 2024};
	struct tt_unit unit = {.shard = i, .created_at = NOW};
	bool created;

	(void)snprintf(dealer.name, sizeof(dealer.name), "%s", names[i]);
	OK(tt_store_dealer_insert(w->s, &dealer, NOW, &w->dealer[i]));
	user.dealer_id = customer.dealer_id = vehicle.dealer_id = w->dealer[i];
	(void)snprintf(user.login, sizeof(user.login), "%s", logins[i]);
	(void)snprintf(user.name, sizeof(user.name), "Adviser %c", 'A' + i);
	OK(tt_store_user_insert(w->s, &user, NOW, &w->user[i]));
	(void)snprintf(customer.name, sizeof(customer.name), "%s", people[i]);
	(void)snprintf(customer.phone, sizeof(customer.phone), "%s", phones[i]);
	OK(tt_store_customer_upsert(w->s, &customer, NOW, &w->customer[i], &created));
	(void)snprintf(vehicle.vin, sizeof(vehicle.vin), "%s", vins[i]);
	OK(tt_store_vehicle_upsert(w->s, &vehicle, NOW, &w->vehicle[i], &created));
	OK(tt_store_ownership_set(w->s, w->vehicle[i], w->customer[i], NOW - TT_DAY_US));
	(void)snprintf(unit.name, sizeof(unit.name), "%s", units[i]);
	OK(tt_store_unit_insert(w->s, &unit, &w->unit[i]));
	OK(tt_store_install(w->s, units[i], w->vehicle[i], NOW - TT_DAY_US));
	w->scope[i] = (struct tt_scope){.dealer_id = w->dealer[i], .user_id = w->user[i]};
}

int tt_world_open(void **state)
{
	struct world *w = &the_world;
	struct tt_plan_item item = {.name = "Oil", .interval_m = 10000000, .interval_days = 365, .warn_m = 1000000, .warn_days = 30};

	*w = (struct world){.factory = the_factory, .s = the_factory->open_fresh()};
	if (w->s == NULL)
		return -1;
	tt_begin(w);
	add_side(w, A);
	add_side(w, B);
	OK(tt_store_plan_insert(w->s, "Standard", "", "", NOW, &w->plan));
	item.plan_id = w->plan;
	OK(tt_store_plan_item_insert(w->s, &item, &w->item));
	tt_commit(w);
	*state = w;
	return 0;
}

int tt_world_close(void **state)
{
	struct world *w = *state;

	tt_store_close(w->s);
	w->s = NULL;
	return 0;
}

void tt_same_place(const struct tt_place *a, const struct tt_place *b)
{
	assert_int_equal(a->fix, b->fix);
	assert_int_equal(a->latitude_e7, b->latitude_e7);
	assert_int_equal(a->longitude_e7, b->longitude_e7);
	assert_int_equal(a->accuracy_mm, b->accuracy_mm);
	assert_int_equal(a->fix_at, b->fix_at);
}

int64_t tt_new_fault(struct world *w, int dealer, const char *code)
{
	struct tt_fault f = {.vehicle_id = w->vehicle[dealer],
			     .protocol = 1,
			     .ecu = 0x7E8,
			     .active = true,
			     .stored = true,
			     .first_seen_at = NOW,
			     .last_seen_at = NOW,
			     .occurrences = 1,
			     .freeze_frame = "[]"};
	int64_t id = 0;

	(void)snprintf(f.code, sizeof(f.code), "%s", code);
	OK(tt_store_fault_insert(w->s, &f, &id));
	return id;
}

int64_t tt_new_ticket(struct world *w, int dealer, int32_t priority, tt_utc_us opened_at, int64_t fault_id)
{
	struct tt_ticket t = {.dealer_id = w->dealer[dealer],
			      .vehicle_id = w->vehicle[dealer],
			      .customer_id = w->customer[dealer],
			      .fault_id = fault_id,
			      .kind = "fault",
			      .subject = "P0301 Cylinder 1 misfire",
			      .priority = priority,
			      .status = "new",
			      .opened_at = opened_at,
			      .updated_at = opened_at,
			      .event_at = opened_at,
			      .occurrences = 1};
	int64_t id = 0;

	OK(tt_store_ticket_insert(w->s, &t, &id));
	return id;
}

int tt_store_contract_run(const struct tt_store_factory *factory)
{
	const struct {
		const char *name;
		const struct CMUnitTest *tests;
		size_t n;
	} groups[] = {
		{"life", tt_contract_life, tt_contract_nlife},
		{"people", tt_contract_people, tt_contract_npeople},
		{"vehicles", tt_contract_vehicle, tt_contract_nvehicle},
		{"ingest", tt_contract_ingest, tt_contract_ningest},
		{"tickets", tt_contract_ticket, tt_contract_nticket},
		{"rescue", tt_contract_rescue, tt_contract_nrescue},
		{"maintenance", tt_contract_maintenance, tt_contract_nmaintenance},
		{"feed", tt_contract_change, tt_contract_nchange},
		{"car", tt_contract_car, tt_contract_ncar},
	};
	int failed = 0;

	the_factory = factory;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += _cmocka_run_group_tests(groups[i].name, groups[i].tests, groups[i].n, NULL, NULL);
	return failed;
}
