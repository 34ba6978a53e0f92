/*
 * One CAN frame as everything of ours sees it, whatever brought it: SocketCAN, a candump log, the in-memory bus. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_CAN_FRAME_H
#define TT_FIRMWARE_PROTO_CAN_FRAME_H

#include "base/time.h"

#include <stdint.h>

enum { TT_CAN_MAX_DATA = 64, TT_CAN_SFF_MASK = 0x7FF, TT_CAN_EFF_MASK = 0x1FFFFFFF };

struct tt_can_frame {
	uint32_t id;   /* 11 or 29 bits, no flag bits */
	bool extended; /* 29-bit identifier */
	bool fd;       /* CAN FD frame (len up to 64) */
	bool brs;      /* FD bit rate switch */
	bool rtr;      /* remote request, no data */
	bool error;    /* error frame of the controller, id = error class bits of linux/can/error.h */
	uint8_t len;   /* data bytes, 0..8 or an FD length */
	uint8_t bus;   /* index of the bus in the configuration, 0.. */
	uint8_t data[TT_CAN_MAX_DATA];
};

/* Identifiers of both widths in one key, as a DBC writes them: bit 31 set for 29-bit identifiers. */
static inline uint32_t tt_can_key(const struct tt_can_frame *f)
{
	return f->id | (f->extended ? UINT32_C(0x80000000) : 0U);
}

#endif
