/*
 * Updates of the agent itself, seen from within (firmware/update): which slot it runs in, its health while on trial, and making way for a
 * staged update when the car is parked. The launcher tells by the environment: TELLTALE_SLOT and TELLTALE_SLOTS; without them nothing
 * happens here.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_UPDATE_H
#define TT_FIRMWARE_AGENT_AGENT_UPDATE_H

#include "firmware/update/slots_file.h"
#include "firmware/update/trial.h"

struct tt_agent;

struct tt_agent_update {
	char dir[TT_SLOTS_PATH]; /* "" = not started by the launcher */
	enum tt_slot slot;
	struct tt_trial trial;
	bool staged;      /* an update waits */
	bool failed;      /* ended because of the trial: exit status 1 */
	uint64_t refused; /* highest sequence that was rolled back */
	tt_mono_us looked_us, stepped_us;
};

void tt_agent_update_init(struct tt_agent *a, tt_mono_us now_us);
/* In each turn. May stop the loop. */
void tt_agent_update(struct tt_agent *a, tt_mono_us now_us);

#endif
