/*
 * Who watches the agent: the service manager's watchdog, and the count of its own starts.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_WATCH_H
#define TT_FIRMWARE_AGENT_AGENT_WATCH_H

#include "firmware/agent/settings.h"
#include "firmware/agent/starts.h"
#include "firmware/io/notify.h"

struct tt_agent;

struct tt_agent_watch {
	struct tt_notify notify;
	int64_t period_us; /* of the watchdog, as it is set now; 0 = none */
	tt_mono_us fed_us; /* last WATCHDOG=1 */
	tt_mono_us started_us;
	char starts_path[TT_SETTING_PATH + 16], boot[41];
	struct tt_starts starts;
	bool settled;
	char status[80]; /* last told */
};

/* First of all steps: whether this is a minimal start is known afterwards (a->watch.starts.minimal). Never an error that stops the start.
 */
TT_MUSTCHECK enum tt_err tt_agent_watch_load(struct tt_agent *a, struct tt_errmsg *msg);
/* Everything is up: READY=1. */
void tt_agent_watch_ready(struct tt_agent *a);
/* Once a turn, last. Feeds the watchdog when every bus is where it should be. */
void tt_agent_watch_turn(struct tt_agent *a, tt_mono_us now_us);
tt_mono_us tt_agent_watch_wake_at(const struct tt_agent *a);
/* An end in good order settles; a start that failed does not. */
void tt_agent_watch_unload(struct tt_agent *a);

#endif
