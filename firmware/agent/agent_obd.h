/*
 * What the agent does with OBD beyond faults: clearing codes when told, and the ECUs' reports.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_OBD_H
#define TT_FIRMWARE_AGENT_AGENT_OBD_H

#include "base/err.h"
#include "firmware/proto/ecu_report.h"
#include "firmware/proto/gate.h"

struct tt_agent;

/* Lets service 04 through the rules of physical identifiers (those that may carry flow control), for a profile with `clear-codes allowed`.
 */
void tt_agent_allow_clear(struct tt_gate_rule *rules, size_t n);

/* What came of the last tt_agent_clear_codes so far; each ECU answers once or not at all, within P2* times the patience of obd_scan.h. */
enum { TT_AGENT_CLEARED_ECUS = 16 };
struct tt_agent_cleared {
	unsigned done, failed;
	uint8_t nrc; /* of the last failure; 0 = no answer */
	struct {
		uint32_t ecu;
		bool over, done;
		uint8_t nrc;
	} ecus[TT_AGENT_CLEARED_ECUS]; /* those that were asked */
	unsigned necus;
};
/*
 * Asks every ECU of every bus to clear its codes (service 04). Interlocks are the caller's. TT_EDENIED: the profile does not allow it.
 * TT_EAGAIN: the car may not be asked now. TT_ENOTFOUND: no ECU answers.
 */
TT_MUSTCHECK enum tt_err tt_agent_clear_codes(struct tt_agent *a, tt_mono_us now_us);

/* Reports told before this start, beside the journal. */
void tt_agent_ecu_load(struct tt_agent *a);
void tt_agent_ecu_take(struct tt_agent *a, const struct tt_obd_result *r);
/* Puts reports that are due into the journal. */
void tt_agent_ecu_tell(struct tt_agent *a, tt_mono_us now_us);

/* The file: TT_ENOTFOUND none, or of another epoch; TT_ECORRUPT; TT_EIO, TT_ENOSPC. */
TT_MUSTCHECK enum tt_err tt_ecu_reports_load(const char *path, uint64_t epoch, struct tt_ecu_reports *r);
TT_MUSTCHECK enum tt_err tt_ecu_reports_save(const char *path, uint64_t epoch, const struct tt_ecu_reports *r);

#endif
