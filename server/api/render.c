#include "server/api/render.h"

#include "base/text.h"
#include "crm/domain/dtc_words.h"
#include "crm/domain/happened.h"
#include "crm/domain/rescue.h"
#include "crm/domain/ticket.h"
#include "server/api/render_car.h"

#include <string.h>

json_t *tt_render_time(tt_utc_us at)
{
	char text[TT_UTC_TEXT];

	if (at == 0)
		return json_null();
	tt_utc_format(at, text);
	return json_string(text);
}

json_t *tt_render_id(int64_t id)
{
	return id == 0 ? json_null() : json_integer(id);
}

json_t *tt_render_place(const struct tt_place *place)
{
	static const char *const fixes[] = {"unknown", "none", "2d", "3d"};
	char url[80];
	struct tt_text t = tt_text_init(url, sizeof(url));

	if (place->fix_at == 0)
		return json_null();
	tt_text_str(&t, "geo:");
	tt_text_fixed(&t, place->latitude_e7, 7);
	tt_text_char(&t, ',');
	tt_text_fixed(&t, place->longitude_e7, 7);
	if (place->accuracy_mm > 0) {
		tt_text_str(&t, ";u=");
		tt_text_i64(&t, (place->accuracy_mm + 999) / 1000);
	}
	return json_pack("{s:f, s:f, s:o, s:s, s:o, s:s}", "latitude", place->latitude_e7 / 1e7, "longitude", place->longitude_e7 / 1e7,
			 "accuracy_m", place->accuracy_mm > 0 ? json_real((double)place->accuracy_mm / 1000) : json_null(), "fix",
			 fixes[place->fix >= 0 && place->fix < 4 ? place->fix : 0], "fix_at", tt_render_time(place->fix_at), "map_url",
			 url);
}

json_t *tt_render_dealer(int64_t id, const char *name)
{
	return json_pack("{s:I, s:s}", "id", (json_int_t)id, "name", name);
}

static json_t *vehicle_ref(int64_t id, const char *vin, const char *plate, const char *make, const char *model)
{
	if (id == 0)
		return json_null();
	return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)id, "vin", vin, "plate", plate, "make", make, "model", model);
}

static json_t *customer_ref(int64_t id, const char *name, const char *tier)
{
	return id == 0 ? json_null() : json_pack("{s:I, s:s, s:s}", "id", (json_int_t)id, "name", name, "tier", tier);
}

static json_t *user_ref(int64_t id, const char *name)
{
	return id == 0 ? json_null() : json_pack("{s:I, s:s}", "id", (json_int_t)id, "name", name);
}

/* The queue speaks the reader's language: the subject was written in one. */
static json_t *code_text(const char *code, const char *kind)
{
	const struct tt_happened_kind *happened = tt_happened_by_name(kind);
	struct tt_dtc_words words;

	if (happened)
		return json_pack("{s:s, s:s}", "en", happened->title_en, "zh", happened->title_zh);
	if (!code[0])
		return json_null();
	tt_dtc_words(code, &words);
	return json_pack("{s:s, s:s}", "en", words.en, "zh", words.zh);
}

json_t *tt_render_ticket_row(const struct tt_queue_row *row)
{
	const struct tt_ticket *t = &row->ticket;

	return json_pack("{s:I, s:I, s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o, s:o}", /* */
			 "id", (json_int_t)t->id, "version", (json_int_t)t->version, "kind", t->kind, "subject", t->subject, "priority",
			 (int)t->priority, "status", t->status, "code", row->code[0] ? json_string(row->code) : json_null(), "code_text",
			 code_text(row->code, t->kind), "vehicle", vehicle_ref(t->vehicle_id, row->vin, row->plate, row->make, row->model),
			 "customer", customer_ref(t->customer_id, row->customer_name, row->customer_tier), "dealer",
			 tt_render_dealer(t->dealer_id, row->dealer_name), "assignee", user_ref(t->assignee_id, row->assignee_name),
			 "opened_at", tt_render_time(t->opened_at), "updated_at", tt_render_time(t->updated_at), "event_at",
			 tt_render_time(t->event_at), "late", t->late, "occurrences", (json_int_t)t->occurrences, "first_response_due_at",
			 tt_render_time(t->first_response_due_at), "first_response_at", tt_render_time(t->first_response_at),
			 "resolution_due_at", tt_render_time(t->resolution_due_at));
}

static json_t *fault_status(const struct tt_fault *f)
{
	const struct {
		bool on;
		const char *name;
	} bits[] = {{f->stored, "stored"}, {f->pending, "pending"}, {f->permanent, "permanent"}};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (bits[i].on)
			json_array_append_new(list, json_string(bits[i].name));
	}
	return list;
}

/* "0x2F"; null for nothing. */
static json_t *byte_text(int32_t value, bool known)
{
	char text[24];
	struct tt_text t = tt_text_init(text, sizeof(text));

	if (!known)
		return json_null();
	tt_text_str(&t, "0x");
	tt_text_hex(&t, (uint64_t)value, 2);
	return json_string(text);
}

/* SAE J1939-73, DM1: two bits a lamp, and two for how it flashes. */
static const char *lamp(int32_t lamps, unsigned shift)
{
	static const char *const on[] = {"slow_flash", "fast_flash", "on", "on"};
	const unsigned state = (unsigned)lamps >> (8 + shift) & 3, flash = (unsigned)lamps >> shift & 3;

	return state == 0 ? "off" : state == 1 ? on[flash] : "unknown";
}

json_t *tt_render_fault(const struct tt_fault *f)
{
	static const char *const protocols[] = {"obd2", "obd2", "uds", "j1939"}; /* DtcProtocol; unspecified is read as OBD-II */
	const bool j1939 = f->protocol == 3;
	struct tt_dtc_words words;
	char ecu[24];
	struct tt_text t = tt_text_init(ecu, sizeof(ecu));
	json_t *o;

	tt_dtc_words(f->code, &words);
	tt_text_str(&t, "0x");
	tt_text_hex(&t, f->ecu, j1939 ? 2 : 3);
	o = json_pack("{s:I, s:s, s:{s:s, s:s}, s:i, s:s, s:s, s:b, s:o, s:b, s:o, s:o, s:o, s:I, s:o, s:o}", /* */
		      "id", (json_int_t)f->id, "code", f->code, "text", "en", words.en, "zh", words.zh, "severity", (int)words.severity,
		      "ecu", ecu, "protocol", protocols[f->protocol >= 0 && f->protocol < 4 ? f->protocol : 0], "active", f->active,
		      "status", fault_status(f), "mil", f->mil, "first_seen_at", tt_render_time(f->first_seen_at), "last_seen_at",
		      tt_render_time(f->last_seen_at), "cleared_at", tt_render_time(f->cleared_at), "occurrences",
		      (json_int_t)f->occurrences, "freeze_frame", tt_render_stored(f->freeze_frame, json_array()), "ticket_id",
		      tt_render_id(f->ticket_id));
	json_object_set_new(o, "failure_type", byte_text(words.failure_type, words.failure_type >= 0));
	json_object_set_new(o, "spn", words.spn >= 0 ? json_integer(words.spn) : json_null());
	json_object_set_new(o, "fmi", words.fmi >= 0 ? json_integer(words.fmi) : json_null());
	json_object_set_new(o, "status_byte", byte_text(f->status_byte, f->protocol == 2));
	json_object_set_new(o, "lamps",
			    j1939 ? json_pack("{s:s, s:s, s:s, s:s}", "mil", lamp(f->lamps, 6), "stop", lamp(f->lamps, 4), "warning",
					      lamp(f->lamps, 2), "protect", lamp(f->lamps, 0))
				  : json_null());
	json_object_set_new(o, "car_count", tt_render_id(f->car_count));
	json_object_set_new(o, "snapshot", tt_render_stored(f->snapshot, json_array()));
	return o;
}

json_t *tt_render_ticket_actions(const char *status)
{
	json_t *list = json_array();
	enum tt_ticket_status from, to;

	if (tt_ticket_status_parse(status, &from))
		return list;
	for (unsigned a = 0; a < TT_NTICKET_ACTIONS; a++) {
		/* To acknowledge what is acknowledged is allowed and does nothing: not worth a button. */
		if (tt_ticket_move(from, (enum tt_ticket_action)a, &to) == TT_OK && (a != TT_TICKET_ACKNOWLEDGE || to != from))
			json_array_append_new(list, json_string(tt_ticket_action_name((enum tt_ticket_action)a)));
	}
	return list;
}

json_t *tt_render_rescue_actions(const char *status)
{
	json_t *list = json_array();
	enum tt_rescue_status from, to;

	if (tt_rescue_status_parse(status, &from))
		return list;
	for (unsigned a = 0; a < TT_NRESCUE_ACTIONS; a++) {
		/* A case is given to whoever acknowledges it; there is no route to assign one. */
		if (a != TT_RESCUE_ASSIGN && tt_rescue_move(from, (enum tt_rescue_action)a, &to) == TT_OK &&
		    (a != TT_RESCUE_ACKNOWLEDGE || to != from))
			json_array_append_new(list, json_string(tt_rescue_action_name((enum tt_rescue_action)a)));
	}
	return list;
}

/* Rows of the boards carry the customer's name and phone but not the tier. */
static json_t *customer_of(struct tt_store *store, int64_t id, const char *name, const char *phone)
{
	struct tt_customer c;
	json_t *ref;

	if (id == 0)
		return json_null();
	if (tt_store_customer_get(store, TT_SCOPE_SYSTEM, id, &c) != TT_OK || !c.tier[0])
		return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "name", name, "tier", "standard", "phone", phone);
	ref = customer_ref(id, name, c.tier);
	json_object_set_new(ref, "phone", json_string(phone));
	json_object_set_new(ref, "language", json_string(c.language));
	return ref;
}

json_t *tt_render_rescue(struct tt_store *store, const struct tt_rescue_row *row, bool with_place)
{
	const struct tt_rescue *r = &row->rescue;
	json_t *o = json_pack("{s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b}", /* */
			      "id", (json_int_t)r->id, "version", (json_int_t)r->version, "kind", r->kind, "status", r->status, "severity",
			      r->severity, "detail", tt_render_stored(r->detail, json_object()), "vehicle",
			      vehicle_ref(r->vehicle_id, row->vin, row->plate, row->make, row->model), "customer",
			      customer_of(store, r->customer_id, row->customer_name, row->customer_phone), "dealer",
			      tt_render_dealer(r->dealer_id, row->dealer_name), "assignee", user_ref(r->assignee_id, row->assignee_name),
			      "opened_at", tt_render_time(r->opened_at), "event_at", tt_render_time(r->event_at), "acknowledged_at",
			      tt_render_time(r->acknowledged_at), "closed_at", tt_render_time(r->closed_at), "outcome", r->outcome, "late",
			      r->late);

	if (with_place) {
		json_object_set_new(o, "place", tt_render_place(&r->place));
		json_object_set_new(o, "actions", tt_render_rescue_actions(r->status));
	}
	return o;
}

json_t *tt_render_reminder(struct tt_store *store, const struct tt_reminder_row *row)
{
	const struct tt_reminder *r = &row->reminder;

	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", /* */
			 "id", (json_int_t)r->id, "status", r->status, "item", row->item_name, "vehicle",
			 vehicle_ref(r->vehicle_id, row->vin, row->plate, row->make, row->model), "customer",
			 customer_of(store, r->customer_id, row->customer_name, row->customer_phone), "dealer",
			 tt_render_dealer(r->dealer_id, row->dealer_name), "due_odometer_m", tt_render_id(r->due_odometer_m), "due_at",
			 tt_render_time(r->due_at), "odometer_m", tt_render_id(r->odometer_m), "created_at", tt_render_time(r->created_at));
}
