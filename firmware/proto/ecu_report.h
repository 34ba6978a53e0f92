/*
 * What each ECU says of itself and of its monitors, and whether that is news. PURE.
 *
 * The scan's results go in; a report is due when a round of service 09 ends with another identification than was told last (VIN, name,
 * calibrations, verification numbers, supported PIDs), or a round of service 06 with another set of verdicts (which tests there are, and
 * which passed). Measured values that moved inside their limits are no news. Fingerprints of what was told come from and go to whoever
 * keeps them over a restart.
 *
 * Memory: the caller's, about 12 KB. ECUs beyond TT_ECU_REPORTS are left out, tests beyond TT_ECU_REPORT_TESTS of all ECUs flagged as cut.
 * Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_ECU_REPORT_H
#define TT_FIRMWARE_PROTO_ECU_REPORT_H

#include "firmware/proto/obd_scaling.h"
#include "firmware/proto/obd_scan.h"

enum { TT_ECU_REPORTS = 8, TT_ECU_REPORT_TESTS = 512, TT_ECU_REPORT_MAX = 256, TT_ECU_REPORT_PIDS = 32 };

struct tt_ecu_report {
	uint32_t ecu;     /* identifier of its responses; 0 = this place is free */
	tt_mono_us at_us; /* of the last answer that is in here */
	char vin[TT_VIN_TEXT];
	char name[TT_OBD_NAME_TEXT];
	struct tt_obd_calibrations calibrations;
	struct tt_obd_cvns cvns;
	struct tt_obd_pidset pids;
	bool has_pids;
	uint32_t services; /* bit n: service n was answered */
	bool cut;          /* tests found no room */
	bool tell_identity, tell_verdicts;
	uint32_t told_identity, told_verdicts; /* fingerprints; 0 = never told */
};

struct tt_ecu_reports {
	struct tt_ecu_report ecus[TT_ECU_REPORTS];
	struct {
		uint8_t ecu; /* index + 1; 0 = free */
		struct tt_obd_test test;
	} tests[TT_ECU_REPORT_TESTS];
};

void tt_ecu_reports_init(struct tt_ecu_reports *r);
void tt_ecu_reports_take(struct tt_ecu_reports *r, const struct tt_obd_result *result);
/* What was told of this ECU before this start. */
void tt_ecu_reports_restore(struct tt_ecu_reports *r, uint32_t ecu, uint32_t identity, uint32_t verdicts);

/*
 * The next ECU whose report is due, NULL when none is; the same one until it was told. tests: its tests when they are news, else *ntests is
 * 0; at most TT_ECU_REPORT_MAX.
 */
const struct tt_ecu_report *tt_ecu_reports_peek(const struct tt_ecu_reports *r, const struct tt_obd_test *tests[TT_ECU_REPORT_MAX],
						size_t *ntests);
void tt_ecu_reports_told(struct tt_ecu_reports *r, const struct tt_ecu_report *report);

#endif
