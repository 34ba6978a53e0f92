#include "tests/support/server_seed.h"

#include "tests/support/server_seed_car.h"

#include <stdio.h>
#include <string.h>

#define TRY(call) \
	do { \
		enum tt_err err_ = (call); \
		if (err_) \
			return err_; \
	} while (0)

static const struct tt_place place = {
	.fix = 3, .latitude_e7 = 525200066, .longitude_e7 = 134049540, .accuracy_mm = 4200, .fix_at = INT64_C(1790000000000000)};

static enum tt_err add_user(struct tt_store *store, int64_t dealer, const char *login, const char *role, const char *hash, tt_utc_us now,
			    int64_t *id)
{
	struct tt_user u = {.dealer_id = dealer, .locale = "en"};

	(void)snprintf(u.login, sizeof(u.login), "%s", login);
	(void)snprintf(u.name, sizeof(u.name), "Name of %s", login);
	(void)snprintf(u.role, sizeof(u.role), "%s", role);
	(void)snprintf(u.password_hash, sizeof(u.password_hash), "%s", hash);
	return tt_store_user_insert(store, &u, now, id);
}

static enum tt_err add_vehicle(struct tt_store *store, int64_t dealer, int64_t owner, char serial, tt_utc_us now, int64_t *id)
{
	struct tt_vehicle v = {.dealer_id = dealer, .make = "Ford", .model = "Focus", .model_year = 2011};
	struct tt_vehicle_state state = {.online = true,
					 .last_seen_at = now - TT_SEC(5),
					 .place = place,
					 .odometer_m = 81234000,
					 .odometer_at = now,
					 .ignition_on = true,
					 .mil = true,
					 .conditions =
						 "[{\"name\":\"gps.no_fix\",\"since_us\":1790000000000000,\"detail\":\"no satellites\"}]"};
	bool created;

	(void)snprintf(v.vin, sizeof(v.vin), "3FADP4FJ2BM1%03lld%c%c", (long long)dealer, serial, 'X');
	(void)snprintf(v.plate, sizeof(v.plate), "B-TT %lld%c", (long long)dealer, serial);
	TRY(tt_store_vehicle_upsert(store, &v, now, id, &created));
	TRY(tt_store_ownership_set(store, *id, owner, now - 400 * TT_DAY_US));
	state.vehicle_id = *id;
	state.place.fix_at = now - TT_SEC(60);
	return tt_store_vehicle_state_put(store, &state);
}

static enum tt_err add_customer(struct tt_store *store, int64_t dealer, const char *name, bool consent, tt_utc_us now, int64_t *id)
{
	struct tt_customer c = {.dealer_id = dealer, .phone = "+4930123456", .language = "zh", .tier = "gold", .position_consent = consent};
	bool created;

	(void)snprintf(c.name, sizeof(c.name), "%s", name);
	(void)snprintf(c.email, sizeof(c.email), "owner%lld@example.com", (long long)dealer);
	return tt_store_customer_upsert(store, &c, now, id, &created);
}

static enum tt_err add_fault(struct tt_store *store, int64_t vehicle, tt_utc_us now, int64_t *id)
{
	struct tt_fault f = {.vehicle_id = vehicle,
			     .protocol = 1,
			     .ecu = 0x7E8,
			     .code = "P0301",
			     .active = true,
			     .stored = true,
			     .mil = true,
			     .first_seen_at = now - TT_SEC(600),
			     .last_seen_at = now - TT_SEC(60),
			     .occurrences = 2,
			     .freeze_frame =
				     "[{\"pid\":\"0C\",\"name\":\"EngineSpeed\",\"unit\":\"rpm\",\"value\":1726.0,\"raw\":\"1AF8\"}]"};

	return tt_store_fault_insert(store, &f, id);
}

enum tt_err tt_seed_ticket(struct tt_store *store, int64_t dealer, int64_t vehicle, tt_utc_us now, const char *subject, int64_t *id)
{
	struct tt_ticket t = {.dealer_id = dealer,
			      .vehicle_id = vehicle,
			      .kind = "fault",
			      .priority = 2,
			      .status = "new",
			      .opened_at = now,
			      .updated_at = now,
			      .first_response_due_at = now + TT_SEC(3600),
			      .resolution_due_at = now + TT_DAY_US,
			      .escalate_at = now + TT_SEC(3600),
			      .event_at = now - TT_SEC(1),
			      .occurrences = 1,
			      .place = place,
			      .odometer_m = 81234000,
			      .version = 1};
	struct tt_timeline line = {.subject = TT_SUBJECT_TICKET, .at = now, .kind = "opened", .detail = "{\"code\":\"P0301\"}"};
	struct tt_change change = {.dealer_id = dealer, .at = now, .kind = "ticket.opened", .vehicle_id = vehicle, .body = "{}"};
	struct tt_customer owner;
	int64_t ignored;

	(void)snprintf(t.subject, sizeof(t.subject), "%s", subject);
	(void)snprintf(line.text, sizeof(line.text), "%s", subject);
	t.place.fix_at = now - TT_SEC(30);
	TRY(tt_store_owner(store, vehicle, now, &owner));
	t.customer_id = owner.id;
	TRY(tt_store_ticket_insert(store, &t, id));
	line.subject_id = change.subject_id = *id;
	TRY(tt_store_timeline_add(store, &line, &ignored));
	return tt_store_change_add(store, &change, &ignored);
}

/* The fault's own ticket; tt_seed_ticket makes one without a fault. */
static enum tt_err link_fault(struct tt_store *store, int64_t ticket, int64_t fault)
{
	struct tt_queue_row row;
	struct tt_fault f;

	TRY(tt_store_ticket_get(store, TT_SCOPE_SYSTEM, ticket, &row));
	row.ticket.fault_id = fault;
	TRY(tt_store_ticket_update(store, &row.ticket));
	TRY(tt_store_fault_get(store, fault, &f));
	f.ticket_id = ticket;
	return tt_store_fault_update(store, &f);
}

static enum tt_err add_rescue(struct tt_store *store, int64_t dealer, int64_t vehicle, int64_t customer, tt_utc_us now, int64_t *id)
{
	struct tt_rescue r = {.dealer_id = dealer,
			      .vehicle_id = vehicle,
			      .customer_id = customer,
			      .incident = UINT64_C(0xFEEDFACE),
			      .kind = "crash",
			      .status = "new",
			      .severity = "high",
			      .detail = "{\"trigger\":\"airbag\",\"airbag\":true,\"delta_v_km_h\":42.5}",
			      .opened_at = now,
			      .event_at = now - TT_SEC(2),
			      .updated_at = now,
			      .place = place,
			      .version = 1,
			      .escalate_at = now + TT_SEC(3600)};
	struct tt_timeline line = {.subject = TT_SUBJECT_RESCUE, .at = now, .kind = "opened", .text = "Airbag deployed", .detail = "{}"};
	struct tt_change change = {.dealer_id = dealer, .at = now, .kind = "rescue.opened", .vehicle_id = vehicle, .body = "{}"};
	int64_t ignored;

	TRY(tt_store_rescue_insert(store, &r, id));
	line.subject_id = change.subject_id = *id;
	TRY(tt_store_timeline_add(store, &line, &ignored));
	return tt_store_change_add(store, &change, &ignored);
}

static enum tt_err add_reminder(struct tt_store *store, struct tt_seed_dealer *d, int64_t item, tt_utc_us now)
{
	struct tt_reminder r = {.dealer_id = d->dealer,
				.vehicle_id = d->vehicle,
				.customer_id = d->customer,
				.plan_item_id = item,
				.cycle = 0,
				.status = "soon",
				.due_odometer_m = 82000000,
				.due_at = now + 10 * TT_DAY_US,
				.odometer_m = 81234000,
				.created_at = now,
				.updated_at = now};
	struct tt_change change = {.dealer_id = d->dealer, .at = now, .kind = "reminder.opened", .vehicle_id = d->vehicle, .body = "{}"};
	int64_t ignored;

	TRY(tt_store_reminder_insert(store, &r, &d->reminder));
	change.subject_id = d->reminder;
	d->plan_item = item;
	return tt_store_change_add(store, &change, &ignored);
}

static enum tt_err add_dealer(struct tt_store *store, const char *letter, int64_t plan, int64_t item, const char *hash, tt_utc_us now,
			      struct tt_seed_dealer *d)
{
	struct tt_dealer dealer = {.timezone = "Europe/Berlin"};
	char login[32], name[64];
	int64_t consenting, third;

	(void)snprintf(dealer.name, sizeof(dealer.name), "Dealer %s", letter);
	(void)snprintf(login, sizeof(login), "adviser_%s", letter);
	TRY(tt_store_dealer_insert(store, &dealer, now, &d->dealer));
	TRY(add_user(store, d->dealer, login, "adviser", hash, now, &d->adviser));
	(void)snprintf(name, sizeof(name), "王小明 %s", letter);
	TRY(add_customer(store, d->dealer, name, false, now, &d->customer));
	(void)snprintf(name, sizeof(name), "Consenting %s", letter);
	TRY(add_customer(store, d->dealer, name, true, now, &consenting));
	TRY(add_vehicle(store, d->dealer, d->customer, '1', now, &d->vehicle));
	TRY(add_vehicle(store, d->dealer, consenting, '2', now, &d->consenting_vehicle));
	TRY(add_vehicle(store, d->dealer, d->customer, '3', now, &third));
	TRY(tt_store_vehicle_follow(store, d->vehicle, plan, 70000000, now - 350 * TT_DAY_US));
	TRY(add_fault(store, d->vehicle, now, &d->fault));
	TRY(tt_seed_ticket(store, d->dealer, d->vehicle, now - TT_SEC(60), "P0301 Cylinder 1 misfire", &d->ticket));
	TRY(link_fault(store, d->ticket, d->fault));
	TRY(add_rescue(store, d->dealer, third, d->customer, now, &d->rescue));
	TRY(tt_seed_car(store, d->vehicle, now));
	TRY(tt_seed_car(store, d->consenting_vehicle, now));
	TRY(tt_seed_capture(store, third, UINT64_C(0xFEEDFACE), now - TT_SEC(2)));
	TRY(tt_seed_capture(store, d->vehicle, 0, now - TT_SEC(50))); /* asked for by a command */
	return add_reminder(store, d, item, now);
}

static enum tt_err fill(struct tt_store *store, tt_utc_us now, const char *hash, struct tt_seed *out)
{
	struct tt_plan_item item = {.name = "Oil change", .interval_m = 12000000, .interval_days = 365, .warn_m = 1000000, .warn_days = 30};
	int64_t plan, item_id;

	TRY(tt_store_plan_insert(store, "Seed plan", "", "", now, &plan));
	item.plan_id = plan;
	TRY(tt_store_plan_item_insert(store, &item, &item_id));
	TRY(add_dealer(store, "a", plan, item_id, hash, now, &out->a));
	TRY(add_dealer(store, "b", plan, item_id, hash, now, &out->b));
	TRY(add_user(store, out->a.dealer, "manager_a", "manager", hash, now, &out->manager_a));
	TRY(add_user(store, 0, "rescuer", "rescue", hash, now, &out->rescuer));
	return add_user(store, 0, "admin", "admin", hash, now, &out->admin);
}

enum tt_err tt_seed_world(struct tt_store *store, tt_utc_us now, const char *hash, struct tt_seed *out)
{
	TRY(tt_store_begin(store));
	TRY(fill(store, now, hash, out));
	return tt_store_commit(store);
}
