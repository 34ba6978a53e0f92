/*
 * Between a ticket's row and its clocks (crm/domain/sla.h), so that gateway, server and timers all keep the same columns in step. PURE.
 */
#ifndef TT_CRM_STORE_TICKET_CLOCK_H
#define TT_CRM_STORE_TICKET_CLOCK_H

#include "crm/domain/sla.h"
#include "crm/store/rows.h"

/* Clocks of a new ticket about to be inserted, from its priority and opened_at: the due times and escalate_at. */
void tt_ticket_clock_open(struct tt_ticket *ticket, const struct tt_sla_policy *policy);
/*
 * Carry out an action: status, clocks, updated_at and escalate_at change, the rest does not. by_staff: a person of the desk did it.
 * TT_ECONFLICT: not allowed from the ticket's status (nothing changed). TT_ECORRUPT: the row's status is no status.
 */
TT_MUSTCHECK enum tt_err tt_ticket_clock_act(struct tt_ticket *ticket, const struct tt_sla_policy *policy, enum tt_ticket_action action,
					     bool by_staff, tt_utc_us at);
/* A new priority, 1..4: due times and escalate_at follow. */
TT_MUSTCHECK enum tt_err tt_ticket_clock_priority(struct tt_ticket *ticket, const struct tt_sla_policy *policy, int32_t priority,
						  tt_utc_us at);

enum tt_ticket_overdue { TT_OVERDUE_NOTHING, TT_OVERDUE_FIRST_RESPONSE, TT_OVERDUE_RESOLUTION };
/*
 * What ran out by `at` and was not told of yet; of both the resolution. Then escalated_at = at, and escalate_at the next end after it
 * (0 = none): a clock is told of once. TT_OVERDUE_NOTHING sets escalate_at right and leaves escalated_at. TT_ECORRUPT as above.
 */
TT_MUSTCHECK enum tt_err tt_ticket_clock_escalate(struct tt_ticket *ticket, tt_utc_us at, enum tt_ticket_overdue *overdue);

#endif
