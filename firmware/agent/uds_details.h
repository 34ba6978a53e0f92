/*
 * What ECUs told of their trouble codes beyond the status bits: the status byte, snapshots (19 04) and extended data (19 06), kept until
 * the fault is told. PURE.
 *
 * Memory: the caller's, about 40 KB. Bounded: more codes than TT_UDS_DETAILS push out the one heard of longest ago; items and bytes beyond
 * the room of an entry are left out. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_UDS_DETAILS_H
#define TT_FIRMWARE_AGENT_UDS_DETAILS_H

#include "firmware/proto/uds.h"

enum { TT_UDS_DETAILS = 64, TT_UDS_DETAIL_ITEMS = 40, TT_UDS_DETAIL_EXTENDED = 16, TT_UDS_DETAIL_RAW = 64, TT_UDS_DETAIL_BYTES = 256 };

struct tt_uds_detail {
	uint32_t ecu, code; /* code 0 = free */
	uint64_t heard;     /* order of the last word */
	uint8_t status;
	uint8_t nsnapshots, nextended;
	struct {
		uint8_t record, len;
		uint16_t did, at; /* at: in bytes */
	} snapshots[TT_UDS_DETAIL_ITEMS], extended[TT_UDS_DETAIL_EXTENDED];
	uint16_t used;
	uint8_t bytes[TT_UDS_DETAIL_BYTES];
};

struct tt_uds_details {
	struct tt_uds_detail items[TT_UDS_DETAILS];
	uint64_t heard;
};

void tt_uds_details_status(struct tt_uds_details *d, uint32_t ecu, uint32_t code, uint8_t status);
/* A whole 59 04 or 59 06 replaces what was known of that kind. */
void tt_uds_details_records(struct tt_uds_details *d, uint32_t ecu, enum tt_uds_report report, const uint8_t *msg, size_t len,
			    const struct tt_uds_length *lengths, size_t nlengths);
/* NULL when nothing is known. */
const struct tt_uds_detail *tt_uds_details_find(const struct tt_uds_details *d, uint32_t ecu, uint32_t code);

#endif
