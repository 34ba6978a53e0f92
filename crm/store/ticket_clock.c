#include "crm/store/ticket_clock.h"

#include <string.h>

static struct tt_sla clocks_of(const struct tt_ticket *t)
{
	return (struct tt_sla){
		.opened_at = t->opened_at,
		.first_response_due_at = t->first_response_due_at,
		.first_response_at = t->first_response_at,
		.resolution_due_at = t->resolution_due_at,
		.resolved_at = t->resolved_at,
		.closed_at = t->closed_at,
		.paused_at = t->sla_paused_at,
	};
}

static void write_back(struct tt_ticket *t, const struct tt_sla *sla, enum tt_ticket_status status)
{
	tt_utc_us next = tt_sla_escalate_at(sla, status, t->escalated_at);

	t->first_response_due_at = sla->first_response_due_at;
	t->first_response_at = sla->first_response_at;
	t->resolution_due_at = sla->resolution_due_at;
	t->resolved_at = sla->resolved_at;
	t->closed_at = sla->closed_at;
	t->sla_paused_at = sla->paused_at;
	t->escalate_at = next == TT_NEVER ? 0 : next; /* the record writes 0 for never */
}

void tt_ticket_clock_open(struct tt_ticket *ticket, const struct tt_sla_policy *policy)
{
	struct tt_sla sla;

	tt_sla_open(policy, ticket->priority, ticket->opened_at, &sla);
	write_back(ticket, &sla, TT_TICKET_NEW);
}

enum tt_err tt_ticket_clock_act(struct tt_ticket *ticket, const struct tt_sla_policy *policy, enum tt_ticket_action action, bool by_staff,
				tt_utc_us at)
{
	struct tt_sla sla = clocks_of(ticket);
	enum tt_ticket_status from, to;
	const char *name;
	enum tt_err err;

	if (tt_ticket_status_parse(ticket->status, &from))
		return TT_ECORRUPT;
	err = tt_ticket_move(from, action, &to);
	if (err)
		return err;
	tt_sla_move(policy, ticket->priority, from, action, to, by_staff, at, &sla);
	name = tt_ticket_status_name(to);
	memcpy(ticket->status, name, strlen(name) + 1);
	ticket->updated_at = at;
	write_back(ticket, &sla, to);
	return TT_OK;
}

enum tt_err tt_ticket_clock_priority(struct tt_ticket *ticket, const struct tt_sla_policy *policy, int32_t priority, tt_utc_us at)
{
	struct tt_sla sla = clocks_of(ticket);
	enum tt_ticket_status status;

	if (priority < 1 || priority > 4)
		return TT_ERANGE;
	if (tt_ticket_status_parse(ticket->status, &status))
		return TT_ECORRUPT;
	tt_sla_priority(policy, ticket->priority, priority, &sla);
	ticket->priority = priority;
	ticket->updated_at = at;
	write_back(ticket, &sla, status);
	return TT_OK;
}

enum tt_err tt_ticket_clock_escalate(struct tt_ticket *ticket, tt_utc_us at, enum tt_ticket_overdue *overdue)
{
	const tt_utc_us told = ticket->escalated_at;
	struct tt_sla sla = clocks_of(ticket);
	enum tt_ticket_status status;

	if (tt_ticket_status_parse(ticket->status, &status))
		return TT_ECORRUPT;
	if (sla.resolved_at == 0 && sla.resolution_due_at > told && sla.resolution_due_at <= at)
		*overdue = TT_OVERDUE_RESOLUTION;
	else if (sla.first_response_at == 0 && sla.first_response_due_at > told && sla.first_response_due_at <= at)
		*overdue = TT_OVERDUE_FIRST_RESPONSE;
	else
		*overdue = TT_OVERDUE_NOTHING;
	if (*overdue != TT_OVERDUE_NOTHING)
		ticket->escalated_at = at;
	write_back(ticket, &sla, status);
	return TT_OK;
}
