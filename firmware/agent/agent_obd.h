/*
 * What the agent does with OBD beyond faults: clearing codes when told, and the ECUs' reports.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_OBD_H
#define TT_FIRMWARE_AGENT_AGENT_OBD_H

#include "firmware/proto/gate.h"

/* Lets service 04 through the rules of physical identifiers (those that may carry flow control), for a profile with `clear-codes allowed`.
 */
void tt_agent_allow_clear(struct tt_gate_rule *rules, size_t n);

#endif
