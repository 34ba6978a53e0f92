/*
 * The life of a rescue case.
 *
 *      new -- acknowledge --> acknowledged -- dispatch --> dispatched -- arrive --> on_site
 *                              ^   |    ^------ recall -------+   |                   |
 *                              |   +------------ close -----------+--- close ---------+--> closed
 *                              +------------------------- reopen -----------------------------+
 *
 * A case is never closed unseen: `close` asks for an acknowledgement first and for an outcome in words. assign and comment keep the status,
 * but assigning a new case acknowledges it. PURE.
 */
#ifndef TT_CRM_DOMAIN_RESCUE_H
#define TT_CRM_DOMAIN_RESCUE_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

enum tt_rescue_status {
	TT_RESCUE_NEW,
	TT_RESCUE_ACKNOWLEDGED,
	TT_RESCUE_DISPATCHED,
	TT_RESCUE_ON_SITE,
	TT_RESCUE_CLOSED,
	TT_NRESCUE_STATUSES
};

enum tt_rescue_action {
	TT_RESCUE_ACKNOWLEDGE,
	TT_RESCUE_ASSIGN,
	TT_RESCUE_COMMENT,
	TT_RESCUE_DISPATCH, /* help is on its way; allowed from new too */
	TT_RESCUE_RECALL,   /* help turned back or another one is needed */
	TT_RESCUE_ARRIVE,
	TT_RESCUE_CLOSE,
	TT_RESCUE_REOPEN,
	TT_NRESCUE_ACTIONS
};

/* The wire's AlertKind, same numbers; names as in schemas/sql (rescue.kind). */
enum tt_rescue_kind { TT_RESCUE_CRASH = 1, TT_RESCUE_SOS = 2, TT_RESCUE_THEFT = 3, TT_RESCUE_BREAKDOWN = 4 };

const char *tt_rescue_status_name(enum tt_rescue_status status);
const char *tt_rescue_action_name(enum tt_rescue_action action);
const char *tt_rescue_kind_name(enum tt_rescue_kind kind); /* "crash"; "" for a number that is none */
/* TT_EINVAL: no such name. */
TT_MUSTCHECK enum tt_err tt_rescue_status_parse(const char *name, enum tt_rescue_status *out);
TT_MUSTCHECK enum tt_err tt_rescue_action_parse(const char *name, enum tt_rescue_action *out);

/* TT_ECONFLICT: not allowed from here. */
TT_MUSTCHECK enum tt_err tt_rescue_move(enum tt_rescue_status from, enum tt_rescue_action action, enum tt_rescue_status *to);
/* Closing needs an outcome ("driver well, towed to dealer", "false alarm"). */
bool tt_rescue_needs_outcome(enum tt_rescue_action action);

/* When an unacknowledged case must be shouted about again; level 0 is the first time. TT_NEVER after the last level. */
tt_utc_us tt_rescue_escalate_at(tt_utc_us opened_at, unsigned level);

#endif
