/*
 * The application ack, as the unit reads it: one class of one epoch is stored up to a number. PURE, and without memory, because it lies on
 * the unit's path of reception. tt_ack_encode stands with the envelopes.
 * Threads: no shared state.
 */
#ifndef TT_WIRE_ACK_H
#define TT_WIRE_ACK_H

#include "wire/topic.h"

enum { TT_SCHEMA = 1, /* of every message of the wire */ TT_ACK_MAX_BYTES = 32 };

struct tt_ack {
	uint64_t epoch;
	enum tt_class cls;
	uint64_t up_to_seq;
	bool resend;
};

/* Alerts, events and bulk are acknowledged. */
bool tt_ack_of_class(int cls);
/*
 * Fields that a later gateway may add are passed over. TT_EPROTO: unreadable, too long, epoch 0, a class that has no ack, a seq above
 * INT64_MAX. TT_EVERSION: unknown schema. *out is written on TT_OK.
 */
TT_MUSTCHECK enum tt_err tt_ack_decode(const uint8_t *bytes, size_t len, struct tt_ack *out);

#endif
