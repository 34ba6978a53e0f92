/*
 * The life of a service ticket: statuses, the moves between them, the SLA clock of each status, and priority.
 *
 *                    acknowledge, assign, comment           pend
 *            new ------------------------------> open <-------------> pending      (acknowledge, assign, comment keep pending)
 *             |                                   |    acknowledge*      |         * pending ends by `resume`
 *             +-------------- resolve ------------+----------------------+--> resolved -- close --> closed
 *                                                 ^                              |                     |
 *                                                 +----------- reopen -----------+---------------------+
 *
 * PURE. Threads: no state. The names are the ones of schemas/sql (ticket.status) and of the HTTP API.
 */
#ifndef TT_CRM_DOMAIN_TICKET_H
#define TT_CRM_DOMAIN_TICKET_H

#include "base/err.h"

#include <stdint.h>

enum tt_ticket_status { TT_TICKET_NEW, TT_TICKET_OPEN, TT_TICKET_PENDING, TT_TICKET_RESOLVED, TT_TICKET_CLOSED, TT_NTICKET_STATUSES };

enum tt_ticket_action {
	TT_TICKET_ACKNOWLEDGE, /* somebody took notice */
	TT_TICKET_ASSIGN,      /* given to somebody; counts as acknowledged */
	TT_TICKET_COMMENT,     /* a note; never changes a resolved or closed ticket's status */
	TT_TICKET_PEND,        /* waiting for the customer or for parts: the clock pauses */
	TT_TICKET_RESUME,      /* the wait is over */
	TT_TICKET_RESOLVE,
	TT_TICKET_CLOSE,
	TT_TICKET_REOPEN,
	TT_NTICKET_ACTIONS
};

/* What the SLA clocks do while a ticket is in a status. */
enum tt_sla_clock { TT_SLA_RUN, TT_SLA_PAUSE, TT_SLA_STOP };

/* "new", "open", ... / "acknowledge", "assign", ... The value must be in range (programmer error otherwise). */
const char *tt_ticket_status_name(enum tt_ticket_status status);
const char *tt_ticket_action_name(enum tt_ticket_action action);
/* TT_EINVAL: no such name. */
TT_MUSTCHECK enum tt_err tt_ticket_status_parse(const char *name, enum tt_ticket_status *out);
TT_MUSTCHECK enum tt_err tt_ticket_action_parse(const char *name, enum tt_ticket_action *out);

/* new, open, pending: in the queue, and the fault's one open ticket. */
bool tt_ticket_is_open(enum tt_ticket_status status);
enum tt_sla_clock tt_ticket_sla(enum tt_ticket_status status);

/* The status an action leads to. TT_ECONFLICT: not allowed from here. */
TT_MUSTCHECK enum tt_err tt_ticket_move(enum tt_ticket_status from, enum tt_ticket_action action, enum tt_ticket_status *to);

/*
 * First response: the first act of a member of staff that the customer's matter cannot have without somebody looking at it. That is
 * every action but closing and reopening; what Telltale does by itself (by_staff false) never counts.
 */
bool tt_ticket_is_first_response(enum tt_ticket_action action, bool by_staff);

/* How bad the fault is (impact), from schemas/dtc/codes.def: 1 do not drive on, 2 damage or danger soon, 3 function or emissions, 4 note.
 */
enum { TT_IMPACT_STOP = 1, TT_IMPACT_SOON = 2, TT_IMPACT_SERVICE = 3, TT_IMPACT_NOTE = 4 };

enum tt_urgency {
	TT_URGENCY_WATCH, /* suspected only: a pending code */
	TT_URGENCY_SET,   /* confirmed */
	TT_URGENCY_LAMP,  /* confirmed and the driver is warned by a lamp */
	TT_NURGENCIES
};

/* Priority 1 (now) .. 4. An impact out of 1..4 counts as TT_IMPACT_SERVICE. */
int32_t tt_ticket_priority(int32_t impact, enum tt_urgency urgency);

#endif
