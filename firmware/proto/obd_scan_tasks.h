/*
 * The questions of the polling plan, one table row each. Internal to obd_scan. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_SCAN_TASKS_H
#define TT_FIRMWARE_PROTO_OBD_SCAN_TASKS_H

#include "firmware/proto/obd_scan.h"

/* What a task made of a positive response. */
enum tt_obd_taken {
	TT_OBD_TAKEN_DONE,  /* answered; ask again after the period */
	TT_OBD_TAKEN_MORE,  /* answered in part; the next part is due at once */
	TT_OBD_TAKEN_LAST,  /* answered for good */
	TT_OBD_TAKEN_BAD,   /* answers the question, but cannot be read */
	TT_OBD_TAKEN_ALIEN, /* answers some other question: keep waiting */
};

struct tt_obd_scan_task_def {
	uint8_t service;
	/* Is there something to ask? May be NULL: always. */
	bool (*wanted)(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
	/* Fills request.bytes, len and pid. */
	void (*build)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
	enum tt_obd_taken (*take)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len);
	/* The question failed (nrc, or 0 for silence); true when the task goes on with its next part. May be NULL. */
	bool (*skip)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);
};

extern const struct tt_obd_scan_task_def tt_obd_scan_task_defs[TT_OBD_TASKS];

/* A place in the result queue for this ECU, zeroed; the caller fills u. */
struct tt_obd_result *tt_obd_scan_push(struct tt_obd_scan *s, enum tt_obd_result_kind kind, uint32_t ecu, tt_mono_us now_us);

#endif
