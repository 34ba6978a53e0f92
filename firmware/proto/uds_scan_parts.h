/*
 * The UDS tester's inside, shared by uds_scan.c and uds_scan_plan.c only. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_UDS_SCAN_PARTS_H
#define TT_FIRMWARE_PROTO_UDS_SCAN_PARTS_H

#include "firmware/proto/uds_scan.h"

struct tt_uds_next {
	enum tt_uds_question question;
	uint8_t ecu;
	tt_mono_us due_us; /* TT_NEVER: nothing to ask */
};
/* What is to be asked next, and when. */
struct tt_uds_next tt_uds_scan_plan(const struct tt_uds_scan *s, tt_mono_us now_us);
/* Writes that question as the request. */
void tt_uds_scan_build(struct tt_uds_scan *s, tt_mono_us now_us, const struct tt_uds_next *next);

/* What becomes of a question: answered (false: the answer cannot be read), refused, not answered. */
bool tt_uds_scan_answered(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len);
void tt_uds_scan_refused(struct tt_uds_scan *s, tt_mono_us now_us, bool unsupported);
void tt_uds_scan_unanswered(struct tt_uds_scan *s, tt_mono_us now_us);

/* A place in the queue for the ECU that is asked, zeroed. */
struct tt_uds_result *tt_uds_scan_push(struct tt_uds_scan *s, enum tt_uds_result_kind kind, tt_mono_us now_us);

#endif
