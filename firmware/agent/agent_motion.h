/*
 * Motion in the agent: fixes into the detectors, their events into the journal, and what must outlive the process into a file.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_MOTION_H
#define TT_FIRMWARE_AGENT_AGENT_MOTION_H

#include "base/log.h"
#include "firmware/agent/motion_keep.h"
#include "firmware/agent/settings.h"
#include "firmware/io/gps.h"

struct tt_agent;

struct tt_agent_motion {
	char path[TT_SETTING_PATH + 16];
	struct tt_occurrences open;
	uint64_t mark; /* of what the file holds */
	tt_mono_us looked_us;
	struct tt_log_limit log;
};

/* After the vehicle is loaded and the journal is open. */
void tt_agent_motion_load(struct tt_agent *a);
/* A new fix. */
void tt_agent_motion_fix(struct tt_agent *a, const struct tt_gps_fix *fix);
/* Tells what is due, and keeps what must be kept. */
void tt_agent_motion(struct tt_agent *a, tt_mono_us now_us);
/* Keeps it now: the process ends. */
void tt_agent_motion_keep(struct tt_agent *a, tt_mono_us now_us);

#endif
