/*
 * UDS in the agent: a scan for each bus on which the profile lists ECUs, and what it brings: trouble codes into the fault watch, data
 * identifiers as values, refusals and silences as conditions. Details of codes (snapshots, extended data) are kept here until their fault
 * is told.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_UDS_H
#define TT_FIRMWARE_AGENT_AGENT_UDS_H

#include "firmware/agent/profile.h"
#include "firmware/proto/fault_watch.h"
#include "wire/envelope.h"

struct tt_agent;
struct tt_agent_uds;

/* After the buses are made. *out stays NULL when the profile lists no ECU. TT_ECONFIG: an ECU on a bus that is not there; TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_agent_uds_load(struct tt_agent *a, struct tt_errmsg *msg);
void tt_agent_uds_destroy(struct tt_agent_uds *u); /* NULL is fine */
/* Takes what the scans have found. */
void tt_agent_uds(struct tt_agent *a, tt_mono_us now_us);

/* Status byte, snapshots and extended data of a UDS fault into its event; what it points to stays until the next call. */
void tt_agent_uds_details(struct tt_agent_uds *u, const struct tt_fault_event *e, Telltale__V1__FaultEvent *out);

#endif
