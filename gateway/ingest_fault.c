#include "crm/domain/fault_case.h"
#include "crm/store/ticket_clock.h"
#include "gateway/ingest_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TWINS_MAX = 16 };

/* Another name, or failure type, of the same ECU's same code. */
struct twin {
	int64_t fault_id;
	char code[16];
	bool active, confirmed;
};

/* One observation with what the record knows of its fault. */
struct fault_case {
	const struct tt_ingest_arrival *a;
	const Telltale__V1__FaultEvent *seen;
	const char *told_by; /* NULL = its own event */
	struct tt_event_time time;
	struct tt_fault row;
	struct tt_ticket ticket; /* the open one */
	bool exists, ticket_open;
	struct twin twins[TWINS_MAX];
	size_t ntwins;
	const struct twin *ticket_twin; /* the one the open ticket is of; NULL = its own */
	const struct twin *twin;        /* one that the car reports now */
	struct tt_fault_decision decision;
};

static enum tt_err add_twin(void *ctx, const struct tt_fault *row)
{
	struct fault_case *c = ctx;
	struct twin *t = &c->twins[c->ntwins];

	if (strcmp(row->code, c->seen->code) == 0 || c->ntwins == TWINS_MAX)
		return TT_OK;
	*t = (struct twin){.fault_id = row->id, .active = row->active, .confirmed = row->stored || row->mil};
	tt_ingest_copy(t->code, sizeof(t->code), row->code);
	c->ntwins++;
	return TT_OK;
}

/* Twins, the open ticket of one when the fault has none of its own, and the twin that speaks for the defect now: one of another name first.
 */
static enum tt_err read_twins(struct fault_case *c)
{
	struct tt_store *store = c->a->ingest->store;
	char base[TT_FAULT_BASE + 1];
	enum tt_err err;

	if (!tt_fault_base(c->seen->code, base))
		return TT_OK;
	err = tt_store_fault_twins(store, c->a->link->vehicle_id, c->seen->ecu, base, add_twin, c);
	for (size_t i = 0; !err && i < c->ntwins; i++) {
		const struct twin *t = &c->twins[i];

		if (t->active && (!c->twin || (strlen(c->twin->code) == strlen(c->seen->code) && strlen(t->code) != strlen(c->seen->code))))
			c->twin = t;
		if (c->ticket_open)
			continue;
		err = tt_store_ticket_open_of_fault(store, t->fault_id, &c->ticket);
		c->ticket_open = !err;
		c->ticket_twin = err ? NULL : t;
		err = err == TT_ENOTFOUND ? TT_OK : err;
	}
	return err;
}

static enum tt_err read_case(struct fault_case *c)
{
	struct tt_store *store = c->a->ingest->store;
	enum tt_err err =
		tt_store_fault_find(store, c->a->link->vehicle_id, (int32_t)c->seen->protocol, c->seen->ecu, c->seen->code, &c->row);

	c->exists = !err;
	if (!err) {
		err = tt_store_ticket_open_of_fault(store, c->row.id, &c->ticket);
		c->ticket_open = !err;
	}
	return err && err != TT_ENOTFOUND ? err : read_twins(c);
}

static void decide(struct fault_case *c)
{
	const struct tt_fault *row = &c->row;
	struct tt_fault_known known = {.exists = c->exists};
	const struct tt_fault_seen seen = {
		.change = (enum tt_fault_change)c->seen->change,
		.code = c->seen->code,
		.bits = {.stored = c->seen->stored, .pending = c->seen->pending, .permanent = c->seen->permanent, .mil = c->seen->mil},
		.has_freeze_frame = c->seen->n_freeze_frame > 0,
		.at = c->time.event_at,
		.told_by = c->told_by,
	};

	if (c->exists) {
		known.active = row->active;
		known.bits = (struct tt_fault_bits){
			.stored = row->stored, .pending = row->pending, .permanent = row->permanent, .mil = row->mil};
		known.first_seen_at = row->first_seen_at;
		known.last_seen_at = row->last_seen_at;
		known.cleared_at = row->cleared_at;
		known.occurrences = row->occurrences;
	}
	if (c->ticket_open) {
		known.ticket_open = true;
		known.ticket_priority = c->ticket.priority;
		known.ticket_occurrences = c->ticket.occurrences;
		known.ticket_code = c->ticket_twin ? c->ticket_twin->code : NULL;
	}
	if (c->twin) {
		known.twin_code = c->twin->code;
		known.twin_confirmed = c->twin->confirmed;
	}
	tt_fault_decide(&known, &seen, &c->decision);
}

static enum tt_err write_row(struct fault_case *c)
{
	const struct tt_fault_decision *d = &c->decision;
	struct tt_fault *row = &c->row;
	struct tt_store *store = c->a->ingest->store;
	enum tt_err err = TT_OK;

	if (d->row == TT_FAULT_ROW_KEEP)
		return TT_OK;
	if (d->row == TT_FAULT_ROW_INSERT) {
		*row = (struct tt_fault){.vehicle_id = c->a->link->vehicle_id,
					 .protocol = (int32_t)c->seen->protocol,
					 .ecu = c->seen->ecu,
					 .freeze_frame = "[]"};
		tt_ingest_copy(row->code, sizeof(row->code), c->seen->code);
	}
	row->active = d->active;
	row->stored = d->bits.stored;
	row->pending = d->bits.pending;
	row->permanent = d->bits.permanent;
	row->mil = d->bits.mil;
	row->first_seen_at = d->first_seen_at;
	row->last_seen_at = d->last_seen_at;
	row->cleared_at = d->cleared_at;
	row->occurrences = d->occurrences;
	row->ticket_id = c->ticket_open ? c->ticket.id : row->ticket_id;
	row->status_byte = (int32_t)c->seen->status;
	row->lamps = (int32_t)c->seen->lamps;
	row->car_count = c->seen->occurrences != 0 ? c->seen->occurrences : row->car_count;
	if (d->take_freeze_frame)
		err = tt_ingest_freeze_json(c->seen, row->freeze_frame, sizeof(row->freeze_frame));
	if (!err && c->seen->n_snapshot > 0)
		err = tt_ingest_snapshot_json(c->seen, row->snapshot, sizeof(row->snapshot));
	if (err)
		return err;
	return d->row == TT_FAULT_ROW_INSERT ? tt_store_fault_insert(store, row, &row->id) : tt_store_fault_update(store, row);
}

static enum tt_err tell_desk(const struct fault_case *c)
{
	const struct tt_fault_decision *d = &c->decision;
	bool opened = d->ticket == TT_FAULT_TICKET_OPEN;
	char body[1024];
	struct tt_json j = tt_json_init(body, sizeof(body));
	enum tt_err err;

	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "kind", "fault");
	tt_json_str(&j, "subject", c->ticket.subject);
	tt_json_str(&j, "code", c->ticket_twin ? c->ticket_twin->code : c->row.code);
	tt_json_str(&j, "vin", c->a->link->vin);
	tt_json_int(&j, "priority", c->ticket.priority);
	tt_json_str(&j, "status", c->ticket.status);
	tt_json_int(&j, "occurrences", c->ticket.occurrences);
	tt_json_bool(&j, "late", c->ticket.late);
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	if (!err && d->timeline_kind)
		err = tt_ingest_timeline(c->a, TT_SUBJECT_TICKET, c->ticket.id, d->timeline_kind, d->text, "{}");
	return err ? err : tt_ingest_change(c->a, opened ? "ticket.opened" : "ticket.updated", c->ticket.id, body);
}

static enum tt_err open_ticket(struct fault_case *c)
{
	const struct tt_link *link = c->a->link;
	enum tt_err err;

	c->ticket = (struct tt_ticket){
		.dealer_id = link->dealer_id,
		.vehicle_id = link->vehicle_id,
		.customer_id = link->customer_id,
		.fault_id = c->row.id,
		.kind = "fault",
		.priority = c->decision.priority,
		.status = "new",
		.opened_at = c->a->in->received_at,
		.updated_at = c->a->in->received_at,
		.event_at = c->time.event_at,
		.late = c->time.late,
		.occurrences = c->decision.ticket_occurrences,
		.place = tt_ingest_place(c->seen->position, c->time.event_at),
		.odometer_m = c->seen->odometer_m,
		.version = 1,
	};
	tt_ticket_clock_open(&c->ticket, &tt_sla_default);
	tt_ingest_copy(c->ticket.subject, sizeof(c->ticket.subject), c->decision.subject);
	err = tt_store_ticket_insert(c->a->ingest->store, &c->ticket, &c->ticket.id);
	if (err)
		return err;
	c->row.ticket_id = c->ticket.id;
	c->a->ingest->pending.tickets_opened++;
	return tt_store_fault_update(c->a->ingest->store, &c->row);
}

static enum tt_err update_ticket(struct fault_case *c)
{
	struct tt_ticket *t = &c->ticket;
	enum tt_err err = TT_OK;

	if (c->decision.priority != t->priority)
		err = tt_ticket_clock_priority(t, &tt_sla_default, c->decision.priority, c->a->in->received_at);
	if (err)
		return err;
	if (c->decision.take_ticket) {
		t->fault_id = c->row.id;
		tt_ingest_copy(t->subject, sizeof(t->subject), c->decision.subject);
		c->ticket_twin = NULL;
	}
	t->occurrences = c->decision.ticket_occurrences;
	t->updated_at = c->a->in->received_at;
	return tt_store_ticket_update(c->a->ingest->store, t);
}

static enum tt_err tell_owner(const struct fault_case *c)
{
	const struct tt_ingest_notice notice = {.template_name = "fault_owner",
						.subject = TT_SUBJECT_TICKET,
						.subject_id = c->ticket.id,
						.text = c->ticket.subject,
						.event_at = c->ticket.event_at,
						.late = c->ticket.late};

	return c->decision.notify_owner ? tt_ingest_tell_owner(c->a, &notice) : TT_OK;
}

enum tt_err tt_ingest_fault_seen(const struct tt_ingest_arrival *a, const Telltale__V1__FaultEvent *fault, const char *told_by)
{
	struct fault_case c = {.a = a, .seen = fault, .told_by = told_by};
	enum tt_err err;

	tt_ingest_time(a, fault->observed_at_us, &c.time);
	err = tt_ingest_vehicle_seen(a, fault->position, fault->odometer_m, c.time.event_at);
	if (!err)
		err = read_case(&c);
	if (err)
		return err;
	decide(&c);
	err = write_row(&c);
	if (err || c.decision.ticket == TT_FAULT_TICKET_NONE)
		return err;
	err = c.decision.ticket == TT_FAULT_TICKET_OPEN ? open_ticket(&c) : update_ticket(&c);
	if (!err)
		err = tell_desk(&c);
	return err ? err : tell_owner(&c);
}

enum tt_err tt_ingest_apply_fault(const struct tt_ingest_arrival *a)
{
	return tt_ingest_fault_seen(a, a->env->fault, NULL);
}
