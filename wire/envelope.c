#include "wire/envelope.h"

#include "base/cursor.h"
#include "wire/envelope_bounds.h"

#include <inttypes.h>

/* Field numbers and wire types of schemas/proto/telltale.proto that are written without the library: number << 3 | type. */
enum {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	TAG_ENVELOPE_EPOCH = 2 << 3 | WIRE_FIXED64,
	TAG_ENVELOPE_SEQ = 4 << 3 | WIRE_VARINT,
	TAG_ENVELOPE_FIRST_SEQ_HELD = 5 << 3 | WIRE_VARINT,
};

static_assert(TT_ENVELOPE_STAMP_MAX == (1 + 8) + 2 * (1 + 10), "fixed64 and two varints, each with a one-byte tag");

enum tt_err tt_envelope_decode(const uint8_t *bytes, size_t len, enum tt_class topic_class, Telltale__V1__Envelope **out,
			       struct tt_errmsg *why)
{
	Telltale__V1__Envelope *env;
	enum tt_err err;

	if (len > TT_ENVELOPE_MAX_BYTES)
		return tt_errmsg_set(why, TT_ERANGE, "envelope has %zu bytes, at most %d", len, TT_ENVELOPE_MAX_BYTES);
	env = telltale__v1__envelope__unpack(NULL, len, bytes);
	if (!env)
		return tt_errmsg_set(why, TT_EPROTO, "not a protobuf envelope (%zu bytes)", len);
	if (env->schema != TT_SCHEMA)
		err = tt_errmsg_set(why, TT_EVERSION, "schema is %" PRIu32 ", known is %d", env->schema, TT_SCHEMA);
	else
		err = tt_envelope_check(env, topic_class, why);
	if (err) {
		tt_envelope_free(env);
		return err;
	}
	*out = env; /* the caller's from here */
	return TT_OK;
}

void tt_envelope_free(Telltale__V1__Envelope *env)
{
	if (env)
		telltale__v1__envelope__free_unpacked(env, NULL);
}

enum tt_err tt_envelope_encode(const Telltale__V1__Envelope *env, uint8_t *buf, size_t cap, size_t *len)
{
	if (telltale__v1__envelope__get_packed_size(env) > cap)
		return TT_EFULL;
	*len = telltale__v1__envelope__pack(env, buf);
	return TT_OK;
}

static enum tt_err write_fixed64(struct tt_wr *w, uint64_t v)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(v >> (8 * i)); /* little-endian, protobuf encoding "64-bit" */
	return tt_wr_bytes(w, bytes, sizeof(bytes));
}

enum tt_err tt_envelope_stamp(uint8_t *buf, size_t cap, size_t *len, uint64_t epoch, uint64_t seq, uint64_t first_seq_held)
{
	uint8_t stamp[TT_ENVELOPE_STAMP_MAX];
	struct tt_wr s = tt_wr_init(stamp, sizeof(stamp));
	struct tt_wr w;

	TT_ASSERT(*len <= cap);
	TT_ASSERT(!tt_wr_u8(&s, TAG_ENVELOPE_EPOCH) && !write_fixed64(&s, epoch) && !tt_wr_u8(&s, TAG_ENVELOPE_SEQ) &&
		  !tt_wr_varint(&s, seq) && !tt_wr_u8(&s, TAG_ENVELOPE_FIRST_SEQ_HELD) && !tt_wr_varint(&s, first_seq_held));
	w = tt_wr_init(buf + *len, cap - *len);
	if (tt_wr_bytes(&w, stamp, s.used))
		return TT_EFULL;
	*len += s.used;
	return TT_OK;
}

enum tt_err tt_ack_encode(uint64_t epoch, enum tt_class cls, uint64_t up_to_seq, bool resend, uint8_t *buf, size_t cap, size_t *len)
{
	Telltale__V1__Ack ack = TELLTALE__V1__ACK__INIT;

	TT_ASSERT(epoch != 0 && tt_ack_of_class((int)cls));
	ack.schema = TT_SCHEMA;
	ack.epoch = epoch;
	ack.class_ = (Telltale__V1__EventClass)cls;
	ack.up_to_seq = up_to_seq;
	ack.resend = resend;
	if (telltale__v1__ack__get_packed_size(&ack) > cap)
		return TT_EFULL;
	*len = telltale__v1__ack__pack(&ack, buf);
	return TT_OK;
}
