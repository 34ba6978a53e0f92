/*
 * Envelopes: the bounded way in and out of protobuf.
 *
 * tt_envelope_decode is the gateway's first look at foreign bytes: it refuses what is too large, not protobuf, of an unknown schema,
 * without a body, of another class than its topic, or with a field outside its bounds, and says which. The result is owned by the
 * caller and freed with tt_envelope_free. Source of the bounds: schemas/proto/telltale.proto.
 *
 * A wrong clock is no broken bound: times from 1970 to 9999 pass, and the gateway judges them with the clock quality.
 * Threads: no shared state; safe anywhere.
 */
#ifndef TT_WIRE_ENVELOPE_H
#define TT_WIRE_ENVELOPE_H

#include "base/err.h"
#include "wire/ack.h"
#include "wire/topic.h"

#include "telltale.pb-c.h"

#include <assert.h>

enum {
	TT_ENVELOPE_MAX_BYTES = 65536,
	TT_ENVELOPE_STAMP_MAX = 31, /* bytes tt_envelope_stamp adds at most: fixed64 and two varints with their tags */
};

static_assert((int)TT_CLASS_ALERT == (int)TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_ALERT, "enum tt_class is the wire's EventClass");
static_assert((int)TT_CLASS_EVENT == (int)TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_EVENT, "enum tt_class is the wire's EventClass");
static_assert((int)TT_CLASS_BULK == (int)TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_BULK, "enum tt_class is the wire's EventClass");
static_assert((int)TT_CLASS_STATE == (int)TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_STATE, "enum tt_class is the wire's EventClass");

/*
 * topic_class: the class the topic names. *out is written only on TT_OK.
 * Errors: TT_ERANGE larger than TT_ENVELOPE_MAX_BYTES; TT_EPROTO not readable or a bound broken; TT_EVERSION unknown schema or unknown
 * telemetry encoding. `why` (may be NULL) names the field, its value and its bound.
 */
TT_MUSTCHECK enum tt_err tt_envelope_decode(const uint8_t *bytes, size_t len, enum tt_class topic_class, Telltale__V1__Envelope **out,
					    struct tt_errmsg *why);
void tt_envelope_free(Telltale__V1__Envelope *env); /* NULL is fine */

/* Serialise into buf. TT_EFULL when cap is too small; *len is written on TT_OK. */
TT_MUSTCHECK enum tt_err tt_envelope_encode(const Telltale__V1__Envelope *env, uint8_t *buf, size_t cap, size_t *len);

/*
 * The journal stores an envelope without what is known only when it is sent. This sets epoch, seq and first_seq_held on a serialised
 * envelope by appending the fields (protobuf: the last occurrence of a scalar wins), without decoding. *len is read and written.
 * TT_EFULL, with buf and *len as they were; TT_ENVELOPE_STAMP_MAX bytes of room always do.
 */
TT_MUSTCHECK enum tt_err tt_envelope_stamp(uint8_t *buf, size_t cap, size_t *len, uint64_t epoch, uint64_t seq, uint64_t first_seq_held);

/* The application ack, sent only after COMMIT. TT_EFULL; TT_ACK_MAX_BYTES always do. */
TT_MUSTCHECK enum tt_err tt_ack_encode(uint64_t epoch, enum tt_class cls, uint64_t up_to_seq, bool resend, uint8_t *buf, size_t cap,
				       size_t *len);

#endif
