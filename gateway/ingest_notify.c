#include "gateway/ingest_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum tt_err tt_ingest_timeline(const struct tt_ingest_arrival *a, enum tt_subject subject, int64_t subject_id, const char *kind,
			       const char *text, const char *detail)
{
	struct tt_timeline row = {.subject = subject, .subject_id = subject_id, .at = a->in->received_at};
	int64_t id;

	tt_ingest_copy(row.kind, sizeof(row.kind), kind);
	tt_ingest_copy(row.text, sizeof(row.text), text);
	tt_ingest_copy(row.detail, sizeof(row.detail), detail);
	return tt_store_timeline_add(a->ingest->store, &row, &id);
}

enum tt_err tt_ingest_change(const struct tt_ingest_arrival *a, const char *kind, int64_t subject_id, const char *body)
{
	struct tt_change row = {
		.dealer_id = a->link->dealer_id, .at = a->in->received_at, .subject_id = subject_id, .vehicle_id = a->link->vehicle_id};
	int64_t id;

	tt_ingest_copy(row.kind, sizeof(row.kind), kind);
	tt_ingest_copy(row.body, sizeof(row.body), body);
	return tt_store_change_add(a->ingest->store, &row, &id);
}

enum tt_err tt_ingest_vehicle_news(const struct tt_ingest_arrival *a, const char *about, const char *which)
{
	char body[256];
	struct tt_json j = tt_json_init(body, sizeof(body));
	enum tt_err err;

	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "vin", a->link->vin);
	tt_json_str(&j, about, which);
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	return err ? err : tt_ingest_change(a, "vehicle.updated", a->link->vehicle_id, body);
}

/* What a template needs; the customer may be NULL (a notice to the dealer). No position: messages travel in the clear. */
static enum tt_err payload(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice, const struct tt_customer *customer,
			   struct tt_outbox *row)
{
	static const char *const subjects[] = {
		[TT_SUBJECT_TICKET] = "ticket", [TT_SUBJECT_RESCUE] = "rescue", [TT_SUBJECT_REMINDER] = "reminder"};
	struct tt_json j = tt_json_init(row->payload, sizeof(row->payload));
	char at[TT_UTC_TEXT];
	struct tt_vehicle vehicle;
	enum tt_err err = tt_store_vehicle_get(a->ingest->store, TT_SCOPE_SYSTEM, a->link->vehicle_id, &vehicle);

	if (err)
		return err;
	tt_utc_format(notice->event_at, at);
	tt_json_open(&j, NULL, '{');
	if (customer) {
		tt_json_str(&j, "name", customer->name);
		tt_json_str(&j, "language", customer->language);
	}
	tt_json_str(&j, "text", notice->text);
	tt_json_str(&j, "plate", vehicle.plate);
	tt_json_str(&j, "make", vehicle.make);
	tt_json_str(&j, "model", vehicle.model);
	tt_json_str(&j, "at", at);
	tt_json_bool(&j, "late", notice->late);
	tt_json_str(&j, "subject", subjects[notice->subject]);
	tt_json_int(&j, "subject_id", notice->subject_id);
	tt_json_close(&j, '}');
	return tt_json_end(&j);
}

static enum tt_err post(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice, const struct tt_customer *customer,
			struct tt_outbox *row)
{
	int64_t id;
	enum tt_err err;
	int n;

	if (notice->key)
		n = snprintf(row->idempotency_key, sizeof(row->idempotency_key), "%s", notice->key);
	else
		n = snprintf(row->idempotency_key, sizeof(row->idempotency_key), "%s:%016" PRIx64 ":%d:%" PRIu64 ":%s", a->unit->name,
			     a->env->epoch, (int)a->env->class_, a->env->seq, notice->template_name);
	if (n < 0 || (size_t)n >= sizeof(row->idempotency_key))
		return TT_ERANGE;
	row->dealer_id = a->link->dealer_id;
	row->created_at = row->next_at = a->in->received_at;
	err = payload(a, notice, customer, row);
	if (!err)
		err = tt_store_outbox_add(a->ingest->store, row, &id);
	return err == TT_EEXIST ? TT_OK : err; /* told already */
}

enum tt_err tt_ingest_tell_owner(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice)
{
	struct tt_outbox row = {.id = 0};
	struct tt_customer customer;
	const char *phone, *email;
	bool text_message;
	enum tt_err err;

	if (a->link->customer_id == 0)
		return tt_ingest_timeline(a, notice->subject, notice->subject_id, "not_notified", "The vehicle had no owner then", "{}");
	err = tt_store_customer_get(a->ingest->store, TT_SCOPE_SYSTEM, a->link->customer_id, &customer);
	if (err)
		return err;
	phone = customer.phone;
	email = customer.email;
	if (!*phone && !*email)
		return tt_ingest_timeline(a, notice->subject, notice->subject_id, "not_notified", "The owner has neither phone nor e-mail",
					  "{}");
	text_message = *phone && (notice->urgent || !*email);
	tt_ingest_copy(row.channel, sizeof(row.channel), text_message ? "sms" : "email");
	tt_ingest_copy(row.recipient, sizeof(row.recipient), text_message ? phone : email);
	tt_ingest_copy(row.template_name, sizeof(row.template_name), notice->template_name);
	return post(a, notice, &customer, &row);
}

enum tt_err tt_ingest_tell_dealer(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice)
{
	struct tt_outbox row = {.channel = "desk"};
	int n = snprintf(row.recipient, sizeof(row.recipient), "dealer:%" PRId64, a->link->dealer_id);

	TT_ASSERT(n > 0 && (size_t)n < sizeof(row.recipient));
	tt_ingest_copy(row.template_name, sizeof(row.template_name), notice->template_name);
	return post(a, notice, NULL, &row);
}
