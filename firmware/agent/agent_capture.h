/*
 * Captures in the agent: which signals are recorded, what triggers one, and its parts on their way into the journal.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_CAPTURE_H
#define TT_FIRMWARE_AGENT_AGENT_CAPTURE_H

#include "firmware/agent/profile.h"
#include "firmware/proto/crash.h"

struct tt_agent;

/* After the vehicle and gps are loaded and the journal is open: makes the recorder, and closes what the last process left. TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_agent_capture_load(struct tt_agent *a, struct tt_errmsg *msg);
void tt_agent_capture_value(struct tt_agent *a, unsigned slot, tt_mono_us at_us, double value);
/* The alert has gone; the capture follows with the next tt_agent_capture. A supplement of the incident only counts on. */
void tt_agent_capture_crash(struct tt_agent *a, tt_mono_us now_us, const struct tt_crash_event *e);
/* The command "capture now": 5 s back and 5 s on from now_us. *capture is its number. TT_EAGAIN: one is under way. */
TT_MUSTCHECK enum tt_err tt_capture_trigger(struct tt_agent *a, tt_mono_us now_us, uint64_t *capture);
/* Tells what is due. */
void tt_agent_capture(struct tt_agent *a, tt_mono_us now_us);
/* TT_NEVER when no capture is under way. */
tt_mono_us tt_agent_capture_wake_at(const struct tt_agent *a);

#endif
