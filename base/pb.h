/*
 * Protobuf without memory: one field after the other out of a bounded cursor. PURE.
 *
 * For messages that a small device reads before it trusts them: nothing is allocated, and the caller sees every field, also those that it
 * does not know. Groups (wire types 3 and 4) are refused. Source: protobuf encoding, "Message Structure".
 * Memory: the fields point into the caller's bytes. Threads: no shared state.
 */
#ifndef TT_BASE_PB_H
#define TT_BASE_PB_H

#include "base/cursor.h"

enum tt_pb_type { TT_PB_VARINT = 0, TT_PB_FIXED64 = 1, TT_PB_BYTES = 2, TT_PB_FIXED32 = 5 };

struct tt_pb_field {
	uint32_t number; /* 1..536870911 */
	enum tt_pb_type type;
	uint64_t value;       /* varint and fixed; the length for bytes */
	const uint8_t *bytes; /* TT_PB_BYTES only, else NULL */
};

/* TT_EEOF: the message ended before a field. TT_EPROTO: not protobuf. *out is written on TT_OK only. */
TT_MUSTCHECK enum tt_err tt_pb_next(struct tt_rd *r, struct tt_pb_field *out);

#endif
