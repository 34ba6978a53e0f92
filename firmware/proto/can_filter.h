/*
 * Which identifiers are wanted: the list that goes to the kernel (CAN_RAW_FILTER), so that other traffic never wakes the process. PURE.
 *
 * A set never refuses: what one of its filters covers already adds nothing, and when it is full the two filters whose union lets the fewest
 * unwanted identifiers through become one. A set may let more through than was asked for, never less.
 *
 * Memory: the caller's struct. Source: Documentation/networking/can.rst 4.1.1; the kernel takes 512 filters a socket (CAN_RAW_FILTER_MAX).
 */
#ifndef TT_FIRMWARE_PROTO_CAN_FILTER_H
#define TT_FIRMWARE_PROTO_CAN_FILTER_H

#include "firmware/proto/can_frame.h"

#include <stddef.h>

enum { TT_CAN_FILTERS_MAX = 512 };

/* A frame passes when (frame id & mask) == (id & mask) and the identifier width is the same. Remote requests never pass. */
struct tt_can_filter {
	uint32_t id;
	uint32_t mask;
	bool extended;
};

struct tt_can_filter_set {
	struct tt_can_filter items[TT_CAN_FILTERS_MAX];
	size_t n;
};

void tt_can_filter_put(struct tt_can_filter_set *set, struct tt_can_filter filter);
/* The whole identifier, width by TT_CAN key (bit 31: 29 bits). */
void tt_can_filter_put_key(struct tt_can_filter_set *set, uint32_t key);
/* A J1939 parameter group from any source, with any priority and, below PDU2, to any destination. */
void tt_can_filter_put_pgn(struct tt_can_filter_set *set, uint32_t pgn);

bool tt_can_filter_passes(const struct tt_can_filter *filter, const struct tt_can_frame *frame);

#endif
