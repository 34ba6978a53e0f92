/*
 * SAE J1939 identifiers: the 29 bits of a frame as priority, parameter group, source and destination. PURE, no state.
 *
 *	bits 28..26 priority | 25 EDP, 24 DP, 23..16 PF, 15..8 PS | 7..0 source address
 *
 * PF below 240 (PDU1): PS is the destination and no part of the parameter group number (PGN); from 240 on (PDU2) PS belongs to the PGN and
 *the message goes to everybody. Source: J1939-21 5.2, 5.3. Extended transport (ETP) and CAN FD are not J1939-21's and are not read here.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_H
#define TT_FIRMWARE_PROTO_J1939_H

#include "base/err.h"
#include "firmware/proto/can_frame.h"
#include "firmware/proto/vin.h"

enum {
	TT_J1939_MAX = 1785, /* bytes of a message: 255 packets of 7 */
	TT_J1939_SINGLE = 8,
	TT_J1939_ADDRESS_MAX = 253, /* the highest address a device may claim */
	TT_J1939_NO_ADDRESS = 0xFE,
	TT_J1939_GLOBAL = 0xFF,
	TT_J1939_NAME = 8, /* bytes of a NAME, J1939-81 4.1.1 */
};

enum tt_pgn {
	TT_PGN_ACKNOWLEDGE = 59392,
	TT_PGN_REQUEST = 59904,
	TT_PGN_TP_DT = 60160,
	TT_PGN_TP_CM = 60416,
	TT_PGN_ADDRESS_CLAIMED = 60928,
	TT_PGN_ENGINE_1 = 61444,      /* EEC1 */
	TT_PGN_ECU_ID = 64965,        /* ECUID */
	TT_PGN_DISTANCE_FINE = 65217, /* VDHR */
	TT_PGN_DM1 = 65226,
	TT_PGN_DM2 = 65227,
	TT_PGN_DM5 = 65230,
	TT_PGN_SOFTWARE = 65242, /* SOFT */
	TT_PGN_DISTANCE = 65248, /* VD */
	TT_PGN_HOURS = 65253,
	TT_PGN_VIN = 65260,                /* VI */
	TT_PGN_ENGINE_TEMPERATURE = 65262, /* ET1 */
	TT_PGN_ENGINE_FLUIDS = 65263,      /* EFL/P1 */
	TT_PGN_SPEED = 65265,              /* CCVS1 */
	TT_PGN_ELECTRICAL = 65271,         /* VEP1 */
	TT_PGN_DASH = 65276,               /* DD1 */
	TT_PGN_MAX = 0x3FFFF,
};

struct tt_j1939_id {
	uint32_t pgn;
	uint8_t priority; /* 0..7, 0 first */
	uint8_t source;
	uint8_t dest; /* TT_J1939_GLOBAL for PDU2 */
};

/* One whole message, from one frame or put together from many. */
struct tt_j1939_message {
	struct tt_j1939_id id;
	uint8_t bus;
	const uint8_t *data;
	size_t len;
	bool transported; /* by the transport protocol, priority being that of its announcement */
};

/* False for what is no J1939 frame: 11 bits, remote, error, CAN FD, more than 8 bytes. */
bool tt_j1939_split(const struct tt_can_frame *f, struct tt_j1939_id *out);
/* The identifier, 29 bits; dest is left out of PDU2. */
uint32_t tt_j1939_join(const struct tt_j1939_id *id);
/* A frame to send: len at most 8. */
void tt_j1939_frame(const struct tt_j1939_id *id, uint8_t bus, const uint8_t *data, uint8_t len, struct tt_can_frame *out);
/* The request for a PGN, J1939-21 5.4.2. */
void tt_j1939_request(uint32_t pgn, uint8_t source, uint8_t dest, uint8_t bus, struct tt_can_frame *out);

static inline bool tt_j1939_is_pdu1(uint32_t pgn)
{
	return (pgn >> 8 & 0xFF) < 240;
}

/* Three bytes, low one first, as messages name a PGN. */
static inline uint32_t tt_j1939_pgn_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

/* Vehicle identification (PGN 65260): the text up to '*'. TT_EPROTO: not 17 characters that a VIN may hold. */
TT_MUSTCHECK enum tt_err tt_j1939_vin(const uint8_t *data, size_t len, char out[TT_VIN_TEXT]);

#endif
