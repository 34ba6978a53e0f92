#include "crm/domain/sla.h"

#define HOUR TT_SEC(3600)

const struct tt_sla_policy tt_sla_default = {
	.name = "24x7",
	.calendar = NULL,
	.first_response_us = {0, TT_SEC(900), HOUR, 4 * HOUR, 24 * HOUR},
	.resolution_us = {0, 4 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR},
};

void tt_sla_open(const struct tt_sla_policy *policy, int32_t priority, tt_utc_us opened_at, struct tt_sla *out)
{
	TT_ASSERT(priority >= 1 && priority <= 4);
	*out = (struct tt_sla){
		.opened_at = opened_at,
		.first_response_due_at = tt_calendar_add(policy->calendar, opened_at, policy->first_response_us[priority]),
		.resolution_due_at = tt_calendar_add(policy->calendar, opened_at, policy->resolution_us[priority]),
	};
}

/* Move a due time by as much working time as the limit changed. */
static tt_utc_us moved(const struct tt_calendar *calendar, tt_utc_us due, tt_utc_us opened_at, int64_t old_limit, int64_t new_limit)
{
	/* Working time from the opening to the due time is the old limit and all pauses. */
	int64_t span = tt_calendar_between(calendar, opened_at, due) - old_limit + new_limit;

	return tt_calendar_add(calendar, opened_at, span > 0 ? span : 0);
}

void tt_sla_priority(const struct tt_sla_policy *policy, int32_t old_priority, int32_t new_priority, struct tt_sla *sla)
{
	TT_ASSERT(old_priority >= 1 && old_priority <= 4 && new_priority >= 1 && new_priority <= 4);
	if (sla->first_response_due_at != 0 && sla->first_response_due_at != TT_NEVER && sla->first_response_at == 0)
		sla->first_response_due_at = moved(policy->calendar, sla->first_response_due_at, sla->opened_at,
						   policy->first_response_us[old_priority], policy->first_response_us[new_priority]);
	if (sla->resolution_due_at != 0 && sla->resolution_due_at != TT_NEVER && sla->resolved_at == 0)
		sla->resolution_due_at = moved(policy->calendar, sla->resolution_due_at, sla->opened_at,
					       policy->resolution_us[old_priority], policy->resolution_us[new_priority]);
}

/* The pause ends: what was still left when it began is left now. A clock that had run out stays run out. */
static void resume(const struct tt_sla_policy *policy, tt_utc_us at, struct tt_sla *sla)
{
	tt_utc_us *due[] = {sla->first_response_at == 0 ? &sla->first_response_due_at : NULL, &sla->resolution_due_at};

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		if (due[i] != NULL && *due[i] > sla->paused_at && *due[i] != TT_NEVER)
			*due[i] = tt_calendar_add(policy->calendar, at, tt_calendar_between(policy->calendar, sla->paused_at, *due[i]));
	sla->paused_at = 0;
}

void tt_sla_move(const struct tt_sla_policy *policy, int32_t priority, enum tt_ticket_status from, enum tt_ticket_action action,
		 enum tt_ticket_status to, bool by_staff, tt_utc_us at, struct tt_sla *sla)
{
	enum tt_sla_clock was = tt_ticket_sla(from), is = tt_ticket_sla(to);

	TT_ASSERT(priority >= 1 && priority <= 4);
	if (sla->first_response_at == 0 && tt_ticket_is_open(from) && tt_ticket_is_first_response(action, by_staff))
		sla->first_response_at = at;
	if (was == TT_SLA_PAUSE && is != TT_SLA_PAUSE && sla->paused_at != 0)
		resume(policy, at, sla);
	if (was == TT_SLA_RUN && is == TT_SLA_PAUSE)
		sla->paused_at = at;
	if (was != TT_SLA_STOP && is == TT_SLA_STOP)
		sla->resolved_at = at;
	if (to == TT_TICKET_CLOSED && from != TT_TICKET_CLOSED)
		sla->closed_at = at;
	if (action == TT_TICKET_REOPEN) {
		sla->resolved_at = 0;
		sla->closed_at = 0;
		sla->resolution_due_at = tt_calendar_add(policy->calendar, at, policy->resolution_us[priority]);
	}
}

tt_utc_us tt_sla_escalate_at(const struct tt_sla *sla, enum tt_ticket_status status, tt_utc_us told_at)
{
	tt_utc_us at = TT_NEVER;

	if (tt_ticket_sla(status) != TT_SLA_RUN)
		return TT_NEVER;
	if (sla->first_response_at == 0 && sla->first_response_due_at > told_at)
		at = sla->first_response_due_at;
	if (sla->resolved_at == 0 && sla->resolution_due_at > told_at)
		at = tt_min_i64(at, sla->resolution_due_at);
	return at;
}

static bool breached(tt_utc_us due, tt_utc_us met, tt_utc_us now)
{
	return due != 0 && (met != 0 ? met : now) > due;
}

enum tt_sla_state tt_sla_state(const struct tt_sla *sla, enum tt_ticket_status status, tt_utc_us now, int64_t near_us)
{
	enum tt_sla_clock clock = tt_ticket_sla(status);
	/* While paused, time stood still when the pause began. */
	tt_utc_us then = clock == TT_SLA_PAUSE && sla->paused_at != 0 ? sla->paused_at : now;
	tt_utc_us next;

	if (breached(sla->first_response_due_at, sla->first_response_at != 0 ? sla->first_response_at : sla->resolved_at, then) ||
	    breached(sla->resolution_due_at, sla->resolved_at, then))
		return TT_SLA_BREACHED;
	if (clock == TT_SLA_STOP)
		return TT_SLA_MET;
	if (clock == TT_SLA_PAUSE)
		return TT_SLA_PAUSED;
	next = tt_sla_escalate_at(sla, status, 0);
	return next != TT_NEVER && next - now <= near_us ? TT_SLA_NEAR : TT_SLA_FINE;
}
