/* What happened to a vehicle: its history, and for some kinds one open ticket per vehicle and kind. */
#include "crm/domain/happened.h"
#include "crm/domain/ticket.h"
#include "crm/store/ticket_clock.h"
#include "gateway/ingest_internal.h"

#include <string.h>

/* One report with what the record knows of its occurrence. */
struct happening {
	const struct tt_ingest_arrival *a;
	const Telltale__V1__VehicleEvent *seen;
	const struct tt_happened_kind *kind;
	struct tt_event_time time;
	struct tt_vehicle_event row;
	bool exists, opened;
	enum tt_happened_news news;
	struct tt_ticket ticket;
	char words[TT_NAME_MAX];
};

static enum tt_err read_row(struct happening *h)
{
	const enum tt_err err =
		tt_store_happening_find(h->a->ingest->store, h->a->link->vehicle_id, (int32_t)h->seen->kind, h->seen->occurrence, &h->row);

	h->exists = !err;
	if (err == TT_ENOTFOUND)
		h->row = (struct tt_vehicle_event){
			.vehicle_id = h->a->link->vehicle_id, .kind = (int32_t)h->seen->kind, .occurrence = h->seen->occurrence};
	return err == TT_ENOTFOUND ? TT_OK : err;
}

static void merge(struct happening *h)
{
	struct tt_vehicle_event *row = &h->row;
	struct tt_happened known = {.begun = row->begun,
				    .dwelt = row->dwelt,
				    .began_at = row->began_at,
				    .ended_at = row->ended_at,
				    .duration_ms = row->duration_ms,
				    .value_milli = row->value_milli,
				    .limit_milli = row->limit_milli,
				    .peak_milli = row->peak_milli};
	const struct tt_happened_seen seen = {.kind = row->kind,
					      .phase = (enum tt_happened_phase)h->seen->phase,
					      .at = h->time.event_at,
					      .duration_ms = (int64_t)h->seen->duration_ms,
					      .value_milli = h->seen->value_milli,
					      .limit_milli = h->seen->limit_milli,
					      .peak_milli = h->seen->peak_milli};

	h->news = tt_happened_merge(&known, &seen);
	row->begun = known.begun;
	row->dwelt = known.dwelt;
	row->began_at = known.began_at;
	row->ended_at = known.ended_at;
	row->duration_ms = known.duration_ms;
	row->value_milli = known.value_milli;
	row->limit_milli = known.limit_milli;
	row->peak_milli = known.peak_milli;
	/* Where it began is where it happened; the end's place stands in only while nothing else is known. */
	if (!h->exists || h->news == TT_HAPPENED_BEGAN) {
		row->cause = (int32_t)h->seen->cause;
		row->place = tt_ingest_place(h->seen->position, h->time.event_at);
		row->odometer_m = h->seen->odometer_m;
		row->late = h->time.late;
		tt_ingest_copy(row->subject, sizeof(row->subject), h->seen->subject);
	}
}

static enum tt_err tell_desk(const struct happening *h)
{
	const struct tt_ticket *t = &h->ticket;
	char body[1024];
	struct tt_json j = tt_json_init(body, sizeof(body));
	enum tt_err err;

	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "kind", t->kind);
	tt_json_str(&j, "subject", t->subject);
	tt_json_str(&j, "vin", h->a->link->vin);
	tt_json_int(&j, "priority", t->priority);
	tt_json_str(&j, "status", t->status);
	tt_json_int(&j, "occurrences", t->occurrences);
	tt_json_bool(&j, "late", t->late);
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	return err ? err : tt_ingest_change(h->a, h->opened ? "ticket.opened" : "ticket.updated", t->id, body);
}

static enum tt_err open_ticket(struct happening *h)
{
	const struct tt_link *link = h->a->link;
	enum tt_err err;

	h->ticket = (struct tt_ticket){
		.dealer_id = link->dealer_id,
		.vehicle_id = link->vehicle_id,
		.customer_id = link->customer_id,
		.priority = tt_ticket_priority(h->kind->impact, TT_URGENCY_LAMP),
		.status = "new",
		.opened_at = h->a->in->received_at,
		.updated_at = h->a->in->received_at,
		.event_at = h->row.began_at,
		.late = h->time.late,
		.occurrences = 1,
		.place = h->row.place,
		.odometer_m = h->row.odometer_m,
		.version = 1,
	};
	tt_ingest_copy(h->ticket.kind, sizeof(h->ticket.kind), h->kind->name);
	tt_ingest_copy(h->ticket.subject, sizeof(h->ticket.subject), h->kind->title_en);
	tt_ticket_clock_open(&h->ticket, &tt_sla_default);
	err = tt_store_ticket_insert(h->a->ingest->store, &h->ticket, &h->ticket.id);
	h->opened = !err;
	h->a->ingest->pending.tickets_opened += err ? 0 : 1;
	return err ? err : tt_ingest_timeline(h->a, TT_SUBJECT_TICKET, h->ticket.id, "opened", h->words, "{}");
}

static enum tt_err repeat_ticket(struct happening *h)
{
	enum tt_err err;

	h->ticket.occurrences++;
	h->ticket.updated_at = h->a->in->received_at;
	err = tt_store_ticket_update(h->a->ingest->store, &h->ticket);
	return err ? err : tt_ingest_timeline(h->a, TT_SUBJECT_TICKET, h->ticket.id, "event_repeated", h->words, "{}");
}

static enum tt_err ended_line(const struct happening *h)
{
	return tt_ingest_timeline(h->a, TT_SUBJECT_TICKET, h->row.ticket_id, "event_ended", h->words, "{}");
}

/* A begin: the open ticket of this kind, or a new one. What had ended before its begin came is over at once. */
static enum tt_err ticket_of_begin(struct happening *h)
{
	enum tt_err err = tt_store_ticket_open_of_kind(h->a->ingest->store, h->row.vehicle_id, h->kind->name, &h->ticket);

	if (err && err != TT_ENOTFOUND)
		return err;
	err = err ? open_ticket(h) : repeat_ticket(h);
	if (err)
		return err;
	h->row.ticket_id = h->ticket.id;
	err = h->row.ended_at != 0 && h->seen->phase == TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN ? ended_line(h)
														     : TT_OK;
	return err ? err : tell_desk(h);
}

static enum tt_err ticket_of_end(struct happening *h)
{
	struct tt_queue_row row;
	enum tt_err err = tt_store_ticket_get(h->a->ingest->store, TT_SCOPE_SYSTEM, h->row.ticket_id, &row);

	if (err)
		return err;
	h->ticket = row.ticket;
	err = ended_line(h);
	return err ? err : tell_desk(h);
}

static enum tt_err tickets(struct happening *h)
{
	if (h->kind->impact == 0)
		return TT_OK;
	tt_happened_say(h->kind, h->row.subject, h->seen->value_milli, h->seen->limit_milli, h->words, sizeof(h->words));
	if (h->news == TT_HAPPENED_BEGAN)
		return ticket_of_begin(h);
	return h->row.ticket_id != 0 ? ticket_of_end(h) : TT_OK;
}

static enum tt_err write_row(struct happening *h)
{
	struct tt_store *store = h->a->ingest->store;

	return h->exists ? tt_store_happening_update(store, &h->row) : tt_store_happening_insert(store, &h->row, &h->row.id);
}

enum tt_err tt_ingest_happened_seen(const struct tt_ingest_arrival *a, const Telltale__V1__VehicleEvent *seen)
{
	struct happening h = {.a = a, .seen = seen, .kind = tt_happened_kind((int32_t)seen->kind)};
	enum tt_err err;

	TT_ASSERT(h.kind); /* the decoder lets only the known kinds through */
	tt_ingest_time(a, seen->at_us, &h.time);
	err = tt_ingest_vehicle_seen(a, seen->position, seen->odometer_m, h.time.event_at);
	if (!err)
		err = read_row(&h);
	if (err)
		return err;
	merge(&h);
	if (h.news == TT_HAPPENED_NOTHING_NEW)
		return TT_OK;
	err = tickets(&h);
	if (!err)
		err = write_row(&h);
	return err ? err : tt_ingest_vehicle_news(a, "event", h.kind->name);
}

enum tt_err tt_ingest_apply_happened(const struct tt_ingest_arrival *a)
{
	return tt_ingest_happened_seen(a, a->env->vehicle_event);
}
