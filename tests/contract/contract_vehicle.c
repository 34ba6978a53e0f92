/* Vehicles, who owned them when, which unit sat in them when, and their faults. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static enum tt_err collect_vehicle(void *ctx, const struct tt_vehicle *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s;", row->vin);
	return TT_OK;
}

static void a_vehicle_is_known_by_its_vin_and_keeps_what_an_import_leaves_out(void **state)
{
	struct world *w = *state;
	struct tt_vehicle v = {.dealer_id = w->dealer[A], .vin = TT_CONTRACT_VIN_A, .plate = "NEW 1"}, got;
	int64_t id = 0;
	bool created = true;

	tt_begin(w);
	OK(tt_store_vehicle_upsert(w->s, &v, NOW, &id, &created));
	assert_false(created);
	assert_int_equal(id, w->vehicle[A]);
	(void)snprintf(v.vin, sizeof(v.vin), "SHORT");
	assert_int_equal(tt_store_vehicle_upsert(w->s, &v, NOW, &id, &created), TT_EINVAL);
	tt_commit(w);
	OK(tt_store_vehicle_get(w->s, w->scope[A], w->vehicle[A], &got));
	assert_string_equal(got.plate, "NEW 1");
	assert_string_equal(got.make, "Make");
	assert_int_equal(got.model_year, 2024);
}

static void a_vehicle_of_another_dealer_is_not_found(void **state)
{
	struct world *w = *state;
	struct tt_vehicle v;
	char mine[256] = "", all[256] = "", limited[256] = "";

	OK(tt_store_vehicle_by_vin(w->s, w->scope[A], TT_CONTRACT_VIN_A, &v));
	assert_int_equal(v.id, w->vehicle[A]);
	assert_int_equal(tt_store_vehicle_by_vin(w->s, w->scope[A], TT_CONTRACT_VIN_B, &v), TT_ENOTFOUND);
	assert_int_equal(tt_store_vehicle_get(w->s, w->scope[B], w->vehicle[A], &v), TT_ENOTFOUND);
	OK(tt_store_vehicle_get(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], &v));
	OK(tt_store_vehicle_list(w->s, w->scope[A], 0, NOW, 10, collect_vehicle, mine));
	assert_string_equal(mine, TT_CONTRACT_VIN_A ";");
	OK(tt_store_vehicle_list(w->s, TT_SCOPE_SYSTEM, 0, NOW, 10, collect_vehicle, all));
	assert_string_equal(all, TT_CONTRACT_VIN_A ";" TT_CONTRACT_VIN_B ";");
	OK(tt_store_vehicle_list(w->s, TT_SCOPE_SYSTEM, 0, NOW, 1, collect_vehicle, limited));
	assert_string_equal(limited, TT_CONTRACT_VIN_A ";");
}

static void the_car_has_the_owner_of_each_time_and_moves_to_the_new_owners_dealer(void **state)
{
	struct world *w = *state;
	struct tt_customer c;
	struct tt_vehicle v;
	struct tt_link link;
	char list[256] = "";

	tt_begin(w);
	OK(tt_store_ownership_set(w->s, w->vehicle[A], w->customer[B], NOW + 100));
	OK(tt_store_ownership_set(w->s, w->vehicle[A], w->customer[B], NOW + 200)); /* the same owner: no change */
	assert_int_equal(tt_store_ownership_set(w->s, w->vehicle[A], w->customer[A], NOW + 99), TT_ERANGE);
	assert_int_equal(tt_store_ownership_set(w->s, w->vehicle[A], 4711, NOW + 300), TT_ENOTFOUND);
	tt_store_rollback(w->s);
	tt_begin(w);
	OK(tt_store_ownership_set(w->s, w->vehicle[A], w->customer[B], NOW + 100));
	tt_commit(w);
	assert_int_equal(tt_store_owner(w->s, w->vehicle[A], NOW - 2 * TT_DAY_US, &c), TT_ENOTFOUND);
	OK(tt_store_owner(w->s, w->vehicle[A], NOW + 99, &c));
	assert_int_equal(c.id, w->customer[A]);
	OK(tt_store_owner(w->s, w->vehicle[A], NOW + 100, &c));
	assert_int_equal(c.id, w->customer[B]);
	/* A late event goes to the owner and dealer of its own time. */
	OK(tt_store_link(w->s, "unit-a", NOW + 99, &link));
	assert_int_equal(link.customer_id, w->customer[A]);
	assert_int_equal(link.dealer_id, w->dealer[A]);
	OK(tt_store_link(w->s, "unit-a", NOW + 100, &link));
	assert_int_equal(link.customer_id, w->customer[B]);
	assert_int_equal(link.dealer_id, w->dealer[B]);
	assert_int_equal(tt_store_vehicle_get(w->s, w->scope[A], w->vehicle[A], &v), TT_ENOTFOUND);
	OK(tt_store_vehicle_get(w->s, w->scope[B], w->vehicle[A], &v));
	OK(tt_store_vehicle_list(w->s, w->scope[B], w->customer[B], NOW + 100, 10, collect_vehicle, list));
	assert_string_equal(list, TT_CONTRACT_VIN_A ";" TT_CONTRACT_VIN_B ";");
	list[0] = 0;
	OK(tt_store_vehicle_list(w->s, TT_SCOPE_SYSTEM, w->customer[A], NOW + 100, 10, collect_vehicle, list));
	assert_string_equal(list, "");
}

static void a_unit_links_to_vehicle_owner_and_dealer_or_as_far_as_the_chain_goes(void **state)
{
	struct world *w = *state;
	struct tt_unit loose = {.name = "unit-loose", .created_at = NOW};
	struct tt_vehicle v = {.dealer_id = w->dealer[A], .vin = "TTSTVNC0000000003"};
	struct tt_link link;
	int64_t id = 0;
	bool created;

	OK(tt_store_link(w->s, "unit-a", NOW, &link));
	assert_int_equal(link.unit_id, w->unit[A]);
	assert_int_equal(link.vehicle_id, w->vehicle[A]);
	assert_int_equal(link.customer_id, w->customer[A]);
	assert_int_equal(link.dealer_id, w->dealer[A]);
	assert_string_equal(link.vin, TT_CONTRACT_VIN_A);
	assert_false(link.revoked);
	assert_int_equal(tt_store_link(w->s, "unit-x", NOW, &link), TT_ENOTFOUND);
	OK(tt_store_link(w->s, "unit-a", NOW - 2 * TT_DAY_US, &link)); /* before it was fitted */
	assert_int_equal(link.vehicle_id, 0);
	assert_int_equal(link.dealer_id, 0);
	tt_begin(w);
	OK(tt_store_unit_insert(w->s, &loose, &id));
	assert_int_equal(tt_store_unit_insert(w->s, &loose, &id), TT_EEXIST);
	OK(tt_store_vehicle_upsert(w->s, &v, NOW, &id, &created));
	OK(tt_store_install(w->s, "unit-loose", id, NOW));
	tt_commit(w);
	OK(tt_store_link(w->s, "unit-loose", NOW, &link)); /* nobody owns it: the keeping dealer's */
	assert_int_equal(link.vehicle_id, id);
	assert_int_equal(link.customer_id, 0);
	assert_int_equal(link.dealer_id, w->dealer[A]);
}

static void a_unit_moves_between_cars_and_both_earlier_installations_end(void **state)
{
	struct world *w = *state;
	struct tt_link link;

	tt_begin(w);
	OK(tt_store_install(w->s, "unit-a", w->vehicle[B], NOW + 10));
	OK(tt_store_install(w->s, "unit-a", w->vehicle[B], NOW + 20)); /* there already */
	assert_int_equal(tt_store_install(w->s, "unit-x", w->vehicle[B], NOW + 10), TT_ENOTFOUND);
	assert_int_equal(tt_store_install(w->s, "unit-b", w->vehicle[A], NOW - 1), TT_ERANGE);
	tt_commit(w);
	OK(tt_store_link(w->s, "unit-a", NOW + 9, &link));
	assert_int_equal(link.vehicle_id, w->vehicle[A]);
	OK(tt_store_link(w->s, "unit-a", NOW + 10, &link));
	assert_int_equal(link.vehicle_id, w->vehicle[B]);
	OK(tt_store_link(w->s, "unit-b", NOW + 10, &link));
	assert_int_equal(link.vehicle_id, 0);
	OK(tt_store_check(w->s, NULL));
}

static enum tt_err collect_unit(void *ctx, const struct tt_unit *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s/%d/%s/%d;", row->name, row->shard, row->vin, row->revoked_at != 0);
	return TT_OK;
}

static void a_revoked_unit_is_revoked_from_then_on(void **state)
{
	struct world *w = *state;
	struct tt_link link;
	char list[256] = "";

	tt_begin(w);
	OK(tt_store_unit_revoke(w->s, "unit-b", NOW));
	OK(tt_store_unit_revoke(w->s, "unit-b", NOW + 50)); /* the first time stays */
	assert_int_equal(tt_store_unit_revoke(w->s, "unit-x", NOW), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_link(w->s, "unit-b", NOW - 1, &link));
	assert_false(link.revoked);
	OK(tt_store_link(w->s, "unit-b", NOW, &link));
	assert_true(link.revoked);
	OK(tt_store_unit_list(w->s, collect_unit, list));
	assert_string_equal(list, "unit-a/0/" TT_CONTRACT_VIN_A "/0;unit-b/1/" TT_CONTRACT_VIN_B "/1;");
}

static enum tt_err collect_fault(void *ctx, const struct tt_fault *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s;", row->code);
	return TT_OK;
}

static void a_fault_is_one_row_for_vehicle_protocol_ecu_and_code(void **state)
{
	struct world *w = *state;
	struct tt_fault f, again;
	int64_t id;

	tt_begin(w);
	id = tt_new_fault(w, A, "P0301");
	OK(tt_store_fault_get(w->s, id, &f));
	assert_int_equal(tt_store_fault_insert(w->s, &f, &id), TT_EEXIST);
	f.ecu = 0x18DAF110;
	OK(tt_store_fault_insert(w->s, &f, &id)); /* another ECU says the same: another fault */
	OK(tt_store_fault_find(w->s, w->vehicle[A], 1, 0x18DAF110, "P0301", &again));
	assert_int_equal(again.id, id);
	assert_int_equal(again.ecu, 0x18DAF110);
	again.mil = true;
	again.cleared_at = NOW + 5;
	again.active = false;
	again.occurrences = 3;
	(void)snprintf(again.freeze_frame, sizeof(again.freeze_frame), "[{\"pid\":12}]");
	OK(tt_store_fault_update(w->s, &again));
	again.id = 999;
	assert_int_equal(tt_store_fault_update(w->s, &again), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_fault_get(w->s, id, &f));
	assert_true(f.mil && f.stored && !f.active && !f.pending);
	assert_int_equal(f.cleared_at, NOW + 5);
	assert_int_equal(f.occurrences, 3);
	assert_string_equal(f.freeze_frame, "[{\"pid\":12}]");
	assert_int_equal(tt_store_fault_find(w->s, w->vehicle[B], 1, 0x7E8, "P0301", &f), TT_ENOTFOUND);
	assert_int_equal(tt_store_fault_get(w->s, 999, &f), TT_ENOTFOUND);
}

static void faults_are_listed_active_first_within_scope_and_not_from_before_the_owner(void **state)
{
	struct world *w = *state;
	struct tt_fault f;
	char mine[256] = "", other[256] = "", recent[256] = "";

	tt_begin(w);
	OK(tt_store_fault_get(w->s, tt_new_fault(w, A, "P0001"), &f));
	f.active = false;
	f.last_seen_at = NOW + 50;
	OK(tt_store_fault_update(w->s, &f));
	OK(tt_store_fault_get(w->s, tt_new_fault(w, A, "P0002"), &f));
	f.last_seen_at = NOW + 10;
	OK(tt_store_fault_update(w->s, &f));
	(void)tt_new_fault(w, A, "P0003");
	tt_commit(w);
	OK(tt_store_fault_list(w->s, w->scope[A], w->vehicle[A], 0, collect_fault, mine));
	assert_string_equal(mine, "P0002;P0003;P0001;");
	OK(tt_store_fault_list(w->s, w->scope[B], w->vehicle[A], 0, collect_fault, other));
	assert_string_equal(other, "");
	OK(tt_store_fault_list(w->s, w->scope[A], w->vehicle[A], NOW + 10, collect_fault, recent));
	assert_string_equal(recent, "P0002;P0001;");
}

static void the_twins_of_a_code_are_those_of_its_ecu_by_obd_and_uds(void **state)
{
	static const struct {
		const char *code;
		int32_t protocol;
		uint32_t ecu;
	} others[] = {{"P0301-13", 2, 0x7E8}, {"P0301-00", 2, 0x7E8}, {"P0301-13", 2, 0x7E9}, {"P0302-13", 2, 0x7E8}, {"P0301", 3, 0x7E8}};
	struct world *w = *state;
	struct tt_fault f;
	char list[256] = "", none[256] = "";
	int64_t id;

	tt_begin(w);
	OK(tt_store_fault_get(w->s, tt_new_fault(w, A, "P0301"), &f));
	f.active = false;
	OK(tt_store_fault_update(w->s, &f));
	f.active = true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(f.code, sizeof(f.code), "%s", others[i].code);
		f.protocol = others[i].protocol;
		f.ecu = others[i].ecu;
		OK(tt_store_fault_insert(w->s, &f, &id));
	}
	(void)tt_new_fault(w, A, "P0300");
	tt_commit(w);
	OK(tt_store_fault_twins(w->s, w->vehicle[A], 0x7E8, "P0301", collect_fault, list));
	assert_string_equal(list, "P0301-13;P0301-00;P0301;");
	OK(tt_store_fault_twins(w->s, w->vehicle[B], 0x7E8, "P0301", collect_fault, none));
	assert_string_equal(none, "");
}

const struct CMUnitTest tt_contract_vehicle[] = {
	CONTRACT(a_vehicle_is_known_by_its_vin_and_keeps_what_an_import_leaves_out),
	CONTRACT(a_vehicle_of_another_dealer_is_not_found),
	CONTRACT(the_car_has_the_owner_of_each_time_and_moves_to_the_new_owners_dealer),
	CONTRACT(a_unit_links_to_vehicle_owner_and_dealer_or_as_far_as_the_chain_goes),
	CONTRACT(a_unit_moves_between_cars_and_both_earlier_installations_end),
	CONTRACT(a_revoked_unit_is_revoked_from_then_on),
	CONTRACT(a_fault_is_one_row_for_vehicle_protocol_ecu_and_code),
	CONTRACT(the_twins_of_a_code_are_those_of_its_ecu_by_obd_and_uds),
	CONTRACT(faults_are_listed_active_first_within_scope_and_not_from_before_the_owner),
};
const size_t tt_contract_nvehicle = sizeof(tt_contract_vehicle) / sizeof(tt_contract_vehicle[0]);
