/*
 * The in-car agent: buses, gpsd and the broker on one event loop; detection turns what they bring into events; the journal keeps each event
 * until the gateway has stored it.
 *
 * Nothing absent at the start is an error: without bus, gpsd or broker the agent runs, says so, and keeps its events.
 * Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_H
#define TT_FIRMWARE_AGENT_AGENT_H

#include "base/loop.h"
#include "firmware/agent/settings.h"

struct tt_agent;

/* settings must outlive the agent and be checked. TT_ECONFIG (the caller exits 2), TT_ENOMEM, TT_EIO and the journal's errors, told in msg.
 */
TT_MUSTCHECK enum tt_err tt_agent_create(struct tt_loop *loop, const struct tt_settings *settings, struct tt_agent **out,
					 struct tt_errmsg *msg);
/* The loop was stopped because another configuration is to be taken in use: destroy the agent and make it again. */
bool tt_agent_wants_restart(const struct tt_agent *agent);
/* It ended because it was on trial and not healthy: the caller exits 1. */
bool tt_agent_update_failed(const struct tt_agent *agent);
/* Takes leave of the broker, commits and closes. NULL is fine. */
void tt_agent_destroy(struct tt_agent *agent);

#endif
