/*
 * What ECUs told of codes that are no faults: how many they could report (19 0A), and which tests are on their way to fail (19 14, fault
 * detection counters from 1 to 126, ISO 14229-1 annex D). PURE.
 *
 * Memory: the caller's, about 2 KB. Bounded: ECUs beyond TT_UDS_LIST_ECUS and prefailed codes beyond TT_UDS_PREFAILED of an ECU are left
 * out. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_UDS_LISTS_H
#define TT_FIRMWARE_AGENT_UDS_LISTS_H

#include "firmware/proto/uds.h"

enum { TT_UDS_LIST_ECUS = 8, TT_UDS_PREFAILED = 32 };

struct tt_uds_list {
	uint32_t ecu;       /* identifier of its responses; 0 = this place is free */
	uint16_t supported; /* codes; 0 = not told */
	uint8_t nprefailed;
	struct tt_uds_code prefailed[TT_UDS_PREFAILED]; /* status: the counter */
};

struct tt_uds_lists {
	struct tt_uds_list ecus[TT_UDS_LIST_ECUS];
};

/* A whole 59 0A. How many codes are in it; padding and code 0 are none. */
unsigned tt_uds_lists_supported(struct tt_uds_lists *l, uint32_t ecu, const uint8_t *msg, size_t len);
/* A whole 59 14 takes the place of the last one. Returns how many codes were not prefailed in that; begun: them, until the next call. */
size_t tt_uds_lists_prefailed(struct tt_uds_lists *l, uint32_t ecu, const uint8_t *msg, size_t len,
			      const struct tt_uds_code *begun[TT_UDS_PREFAILED]);
/* NULL when nothing was told. */
const struct tt_uds_list *tt_uds_lists_find(const struct tt_uds_lists *l, uint32_t ecu);

#endif
