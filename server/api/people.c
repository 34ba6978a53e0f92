/* Customers, vehicles and colleagues. */
#include "server/api/handlers.h"
#include "server/api/privacy.h"
#include "server/api/render.h"

#include <string.h>

enum { CUSTOMERS_MAX = 50, TICKETS_MAX = 50, VEHICLES_MAX = 50, REMINDERS_MAX = 50, SEARCH_MAX = 80 };

static enum tt_err add_user(void *ctx, const struct tt_user *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_user(row)) == 0 ? TT_OK : TT_ENOMEM;
}

static enum tt_err add_customer(void *ctx, const struct tt_customer *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_customer(row)) == 0 ? TT_OK : TT_ENOMEM;
}

static enum tt_err add_vehicle(void *ctx, const struct tt_vehicle *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_vehicle_ref(row)) == 0 ? TT_OK : TT_ENOMEM;
}

static enum tt_err add_ticket(void *ctx, const struct tt_queue_row *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_ticket_row(row)) == 0 ? TT_OK : TT_ENOMEM;
}

static enum tt_err add_fault(void *ctx, const struct tt_fault *row)
{
	return json_array_append_new((json_t *)ctx, tt_render_fault(row)) == 0 ? TT_OK : TT_ENOMEM;
}

struct reminders {
	struct tt_store *store;
	json_t *list;
};

static enum tt_err add_reminder(void *ctx, const struct tt_reminder_row *row)
{
	struct reminders *r = (struct reminders *)ctx;

	return json_array_append_new(r->list, tt_render_reminder(r->store, row)) == 0 ? TT_OK : TT_ENOMEM;
}

void tt_handle_users(struct tt_call *call)
{
	json_t *list = json_array();
	enum tt_err err = tt_store_user_list(call->api->store, call->scope, add_user, list);

	if (err) {
		json_decref(list);
		tt_call_failed(call, err, "your colleagues");
		return;
	}
	tt_call_json(call, json_pack("{s:o}", "users", list));
}

void tt_handle_customers(struct tt_call *call)
{
	const char *text = tt_query_get(&call->query, "q");
	json_t *list;
	enum tt_err err;

	if (text && strlen(text) > SEARCH_MAX) {
		tt_call_problem(call, 400, "q must be at most %d bytes of UTF-8", SEARCH_MAX);
		return;
	}
	list = json_array();
	err = tt_store_customer_search(call->api->store, call->scope, text ? text : "", CUSTOMERS_MAX, add_customer, list);
	if (err) {
		json_decref(list);
		tt_call_failed(call, err, "the customers");
		return;
	}
	tt_call_json(call, json_pack("{s:o}", "customers", list));
}

/* Open tickets first, then the last ones done. */
static enum tt_err tickets_of(struct tt_call *call, int64_t vehicle_id, int64_t customer_id, bool done_too, json_t *list)
{
	struct tt_queue_query q = {.vehicle_id = vehicle_id, .customer_id = customer_id, .limit = TICKETS_MAX};
	enum tt_err err = tt_store_queue(call->api->store, call->scope, &q, add_ticket, list);

	q.closed = true;
	return err || !done_too ? err : tt_store_queue(call->api->store, call->scope, &q, add_ticket, list);
}

void tt_handle_customer(struct tt_call *call)
{
	struct tt_customer customer;
	json_t *vehicles, *tickets, *page;
	enum tt_err err = tt_store_customer_get(call->api->store, call->scope, call->id, &customer);

	if (err) {
		tt_call_failed(call, err, "this customer");
		return;
	}
	vehicles = json_array();
	tickets = json_array();
	err = tt_store_vehicle_list(call->api->store, call->scope, customer.id, call->req->now, VEHICLES_MAX, add_vehicle, vehicles);
	if (!err)
		err = tickets_of(call, 0, customer.id, true, tickets);
	if (err) {
		json_decref(vehicles);
		json_decref(tickets);
		tt_call_failed(call, err, "this customer");
		return;
	}
	page = tt_render_customer(&customer);
	json_object_set_new(page, "vehicles", vehicles);
	json_object_set_new(page, "tickets", tickets);
	tt_call_json(call, page);
}

/* State, place and its reason. */
static enum tt_err add_state(struct tt_call *call, int64_t vehicle_id, json_t *page)
{
	struct tt_vehicle_state state;
	const char *reason = NULL;
	enum tt_err err = tt_store_vehicle_state_get(call->api->store, vehicle_id, &state);

	if (err == TT_ENOTFOUND) {
		json_object_set_new(page, "state", json_null());
		json_object_set_new(page, "place", json_null());
		json_object_set_new(page, "place_reason", json_null());
		return TT_OK;
	}
	if (!err)
		err = tt_place_reason(call, vehicle_id, &state.place, &reason);
	if (err)
		return err;
	if (reason && !tt_place_look(call, "vehicle", vehicle_id, reason))
		reason = NULL;
	json_object_set_new(page, "state", tt_render_vehicle_state(&state));
	json_object_set_new(page, "place", reason ? tt_render_place(&state.place) : json_null());
	json_object_set_new(page, "place_reason", reason ? json_string(reason) : json_null());
	return TT_OK;
}

static enum tt_err add_people(struct tt_call *call, const struct tt_vehicle *vehicle, json_t *page)
{
	struct tt_customer owner;
	json_t *dealer;
	enum tt_err err = tt_store_owner(call->api->store, vehicle->id, call->req->now, &owner);

	if (err && err != TT_ENOTFOUND)
		return err;
	json_object_set_new(page, "owner", err ? json_null() : tt_render_customer_ref(&owner));
	err = tt_render_dealer_of(call->api->store, vehicle->dealer_id, &dealer);
	if (!err)
		json_object_set_new(page, "dealer", dealer);
	return err;
}

void tt_handle_vehicle(struct tt_call *call)
{
	struct tt_store *store = call->api->store;
	struct tt_vehicle vehicle;
	json_t *faults = json_array(), *tickets = json_array();
	struct reminders reminders = {.store = store, .list = json_array()};
	json_t *page = json_pack("{s:o, s:o, s:o}", "faults", faults, "tickets", tickets, "reminders", reminders.list);
	enum tt_err err = tt_store_vehicle_get(store, call->scope, call->id, &vehicle);

	if (!err)
		err = tt_store_fault_list(store, call->scope, vehicle.id, 0, add_fault, faults);
	if (!err)
		err = tickets_of(call, vehicle.id, 0, false, tickets);
	if (!err)
		err = tt_store_reminder_list(store, call->scope, vehicle.id, REMINDERS_MAX, add_reminder, &reminders);
	if (!err)
		err = add_people(call, &vehicle, page);
	if (!err)
		err = add_state(call, vehicle.id, page);
	if (!err)
		err = tt_vehicle_car(call, vehicle.id, page);
	if (err) {
		json_decref(page);
		tt_call_failed(call, err, "this vehicle");
		return;
	}
	json_object_set_new(page, "vehicle", tt_render_vehicle_ref(&vehicle));
	tt_call_json(call, page);
}
