#include "crm/domain/rescue.h"

#include <string.h>

#define BIT(n) (1u << (n))

static const char *const status_names[TT_NRESCUE_STATUSES] = {
	[TT_RESCUE_NEW] = "new",
	[TT_RESCUE_ACKNOWLEDGED] = "acknowledged",
	[TT_RESCUE_DISPATCHED] = "dispatched",
	[TT_RESCUE_ON_SITE] = "on_site",
	[TT_RESCUE_CLOSED] = "closed",
};

enum {
	FROM_NEW = BIT(TT_RESCUE_NEW),
	FROM_ACK = BIT(TT_RESCUE_ACKNOWLEDGED),
	FROM_DISPATCHED = BIT(TT_RESCUE_DISPATCHED),
	FROM_ON_SITE = BIT(TT_RESCUE_ON_SITE),
	FROM_CLOSED = BIT(TT_RESCUE_CLOSED),
	FROM_SEEN = FROM_ACK | FROM_DISPATCHED | FROM_ON_SITE,
};

/* The allowed moves. `lift`: from these statuses the action leads to `to`; from the others allowed it keeps the status. */
static const struct {
	const char *name;
	unsigned allowed, lift;
	enum tt_rescue_status to;
} actions[TT_NRESCUE_ACTIONS] = {
	[TT_RESCUE_ACKNOWLEDGE] = {"acknowledge", FROM_NEW | FROM_SEEN, FROM_NEW, TT_RESCUE_ACKNOWLEDGED},
	[TT_RESCUE_ASSIGN] = {"assign", FROM_NEW | FROM_SEEN, FROM_NEW, TT_RESCUE_ACKNOWLEDGED},
	[TT_RESCUE_COMMENT] = {"comment", FROM_NEW | FROM_SEEN | FROM_CLOSED, 0, TT_RESCUE_NEW},
	[TT_RESCUE_DISPATCH] = {"dispatch", FROM_NEW | FROM_ACK, FROM_NEW | FROM_ACK, TT_RESCUE_DISPATCHED},
	[TT_RESCUE_RECALL] = {"recall", FROM_DISPATCHED | FROM_ON_SITE, FROM_DISPATCHED | FROM_ON_SITE, TT_RESCUE_ACKNOWLEDGED},
	[TT_RESCUE_ARRIVE] = {"arrive", FROM_DISPATCHED, FROM_DISPATCHED, TT_RESCUE_ON_SITE},
	[TT_RESCUE_CLOSE] = {"close", FROM_SEEN, FROM_SEEN, TT_RESCUE_CLOSED},
	[TT_RESCUE_REOPEN] = {"reopen", FROM_CLOSED, FROM_CLOSED, TT_RESCUE_ACKNOWLEDGED},
};

const char *tt_rescue_status_name(enum tt_rescue_status status)
{
	TT_ASSERT((unsigned)status < TT_NRESCUE_STATUSES);
	return status_names[status];
}

const char *tt_rescue_action_name(enum tt_rescue_action action)
{
	TT_ASSERT((unsigned)action < TT_NRESCUE_ACTIONS);
	return actions[action].name;
}

const char *tt_rescue_kind_name(enum tt_rescue_kind kind)
{
	static const char *const names[] = {"", "crash", "sos", "theft", "breakdown"};

	return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "";
}

enum tt_err tt_rescue_status_parse(const char *name, enum tt_rescue_status *out)
{
	for (unsigned i = 0; i < TT_NRESCUE_STATUSES; i++)
		if (strcmp(name, status_names[i]) == 0) {
			*out = (enum tt_rescue_status)i;
			return TT_OK;
		}
	return TT_EINVAL;
}

enum tt_err tt_rescue_action_parse(const char *name, enum tt_rescue_action *out)
{
	for (unsigned i = 0; i < TT_NRESCUE_ACTIONS; i++)
		if (strcmp(name, actions[i].name) == 0) {
			*out = (enum tt_rescue_action)i;
			return TT_OK;
		}
	return TT_EINVAL;
}

enum tt_err tt_rescue_move(enum tt_rescue_status from, enum tt_rescue_action action, enum tt_rescue_status *to)
{
	TT_ASSERT((unsigned)from < TT_NRESCUE_STATUSES && (unsigned)action < TT_NRESCUE_ACTIONS);
	if (!(actions[action].allowed & BIT(from)))
		return TT_ECONFLICT;
	*to = actions[action].lift & BIT(from) ? actions[action].to : from;
	return TT_OK;
}

bool tt_rescue_needs_outcome(enum tt_rescue_action action)
{
	return action == TT_RESCUE_CLOSE;
}

tt_utc_us tt_rescue_escalate_at(tt_utc_us opened_at, unsigned level)
{
	/* Somebody may be bleeding: half a minute for the desk, then the shift's lead, then everybody. */
	static const int64_t after_s[] = {30, 90, 180, 300};

	return level < sizeof(after_s) / sizeof(after_s[0]) ? opened_at + TT_SEC(after_s[level]) : TT_NEVER;
}
