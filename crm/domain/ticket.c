#include "crm/domain/ticket.h"

#include <string.h>

#define BIT(n) (1u << (n))

static const struct {
	const char *name;
	enum tt_sla_clock sla;
	bool open;
} statuses[TT_NTICKET_STATUSES] = {
	[TT_TICKET_NEW] = {"new", TT_SLA_RUN, true},           [TT_TICKET_OPEN] = {"open", TT_SLA_RUN, true},
	[TT_TICKET_PENDING] = {"pending", TT_SLA_PAUSE, true}, [TT_TICKET_RESOLVED] = {"resolved", TT_SLA_STOP, false},
	[TT_TICKET_CLOSED] = {"closed", TT_SLA_STOP, false},
};

enum {
	FROM_NEW = BIT(TT_TICKET_NEW),
	FROM_OPEN = BIT(TT_TICKET_OPEN),
	FROM_PENDING = BIT(TT_TICKET_PENDING),
	FROM_RESOLVED = BIT(TT_TICKET_RESOLVED),
	FROM_CLOSED = BIT(TT_TICKET_CLOSED),
	FROM_QUEUE = FROM_NEW | FROM_OPEN | FROM_PENDING,
};

/* The allowed moves. `lift`: from these statuses the action leads to `to`; from the others allowed it keeps the status. */
static const struct {
	const char *name;
	unsigned allowed, lift;
	enum tt_ticket_status to;
	bool response;
} actions[TT_NTICKET_ACTIONS] = {
	[TT_TICKET_ACKNOWLEDGE] = {"acknowledge", FROM_QUEUE, FROM_NEW, TT_TICKET_OPEN, true},
	[TT_TICKET_ASSIGN] = {"assign", FROM_QUEUE, FROM_NEW, TT_TICKET_OPEN, true},
	[TT_TICKET_COMMENT] = {"comment", FROM_QUEUE | FROM_RESOLVED | FROM_CLOSED, FROM_NEW, TT_TICKET_OPEN, true},
	[TT_TICKET_PEND] = {"pend", FROM_NEW | FROM_OPEN, FROM_NEW | FROM_OPEN, TT_TICKET_PENDING, true},
	[TT_TICKET_RESUME] = {"resume", FROM_PENDING, FROM_PENDING, TT_TICKET_OPEN, true},
	[TT_TICKET_RESOLVE] = {"resolve", FROM_QUEUE, FROM_QUEUE, TT_TICKET_RESOLVED, true},
	[TT_TICKET_CLOSE] = {"close", FROM_QUEUE | FROM_RESOLVED, FROM_QUEUE | FROM_RESOLVED, TT_TICKET_CLOSED, false},
	[TT_TICKET_REOPEN] = {"reopen", FROM_RESOLVED | FROM_CLOSED, FROM_RESOLVED | FROM_CLOSED, TT_TICKET_OPEN, false},
};

const char *tt_ticket_status_name(enum tt_ticket_status status)
{
	TT_ASSERT((unsigned)status < TT_NTICKET_STATUSES);
	return statuses[status].name;
}

const char *tt_ticket_action_name(enum tt_ticket_action action)
{
	TT_ASSERT((unsigned)action < TT_NTICKET_ACTIONS);
	return actions[action].name;
}

enum tt_err tt_ticket_status_parse(const char *name, enum tt_ticket_status *out)
{
	for (unsigned i = 0; i < TT_NTICKET_STATUSES; i++)
		if (strcmp(name, statuses[i].name) == 0) {
			*out = (enum tt_ticket_status)i;
			return TT_OK;
		}
	return TT_EINVAL;
}

enum tt_err tt_ticket_action_parse(const char *name, enum tt_ticket_action *out)
{
	for (unsigned i = 0; i < TT_NTICKET_ACTIONS; i++)
		if (strcmp(name, actions[i].name) == 0) {
			*out = (enum tt_ticket_action)i;
			return TT_OK;
		}
	return TT_EINVAL;
}

bool tt_ticket_is_open(enum tt_ticket_status status)
{
	TT_ASSERT((unsigned)status < TT_NTICKET_STATUSES);
	return statuses[status].open;
}

enum tt_sla_clock tt_ticket_sla(enum tt_ticket_status status)
{
	TT_ASSERT((unsigned)status < TT_NTICKET_STATUSES);
	return statuses[status].sla;
}

enum tt_err tt_ticket_move(enum tt_ticket_status from, enum tt_ticket_action action, enum tt_ticket_status *to)
{
	TT_ASSERT((unsigned)from < TT_NTICKET_STATUSES && (unsigned)action < TT_NTICKET_ACTIONS);
	if (!(actions[action].allowed & BIT(from)))
		return TT_ECONFLICT;
	*to = actions[action].lift & BIT(from) ? actions[action].to : from;
	return TT_OK;
}

bool tt_ticket_is_first_response(enum tt_ticket_action action, bool by_staff)
{
	TT_ASSERT((unsigned)action < TT_NTICKET_ACTIONS);
	return by_staff && actions[action].response;
}

int32_t tt_ticket_priority(int32_t impact, enum tt_urgency urgency)
{
	static const int8_t priority[5][TT_NURGENCIES] = {
		[TT_IMPACT_STOP] = {2, 1, 1},
		[TT_IMPACT_SOON] = {3, 3, 2},
		[TT_IMPACT_SERVICE] = {4, 4, 3},
		[TT_IMPACT_NOTE] = {4, 4, 4},
	};

	TT_ASSERT((unsigned)urgency < TT_NURGENCIES);
	if (impact < TT_IMPACT_STOP || impact > TT_IMPACT_NOTE)
		impact = TT_IMPACT_SERVICE;
	return priority[impact][urgency];
}
