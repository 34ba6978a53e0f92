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

/*
 * Bits that frames of 11-bit identifiers and their data bytes take on the wire: 47 around the data, the pause after it included (ISO
 * 11898-1 10.4), and of the bits that are stuffed one for every 16: between none and the worst case of one in four. An estimate.
 */
static inline uint64_t tt_can_bits(uint64_t frames, uint64_t bytes)
{
	return 47 * frames + 8 * bytes + (34 * frames + 8 * bytes) / 16;
}

/* Of one frame; an identifier of 29 bits takes 20 more, 18 of them and 2 around. FD is counted as if it were as slow. */
static inline uint64_t tt_can_frame_bits(const struct tt_can_frame *f)
{
	return tt_can_bits(1, f->len) + (f->extended ? 20U : 0U);
}

#endif
