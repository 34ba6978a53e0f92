#include "wire/ack.h"

#include "base/pb.h"

/* Field numbers of schemas/proto/telltale.proto, message Ack. */
enum { ACK_SCHEMA = 1, ACK_EPOCH = 2, ACK_CLASS = 3, ACK_UP_TO_SEQ = 4, ACK_RESEND = 5 };

bool tt_ack_of_class(int cls)
{
	return cls == TT_CLASS_ALERT || cls == TT_CLASS_EVENT || cls == TT_CLASS_BULK;
}

/* One field of an ack; what a later gateway adds is passed over. The last of several counts, as in protobuf. */
static enum tt_err take_ack_field(const struct tt_pb_field *f, uint32_t *schema, int32_t *cls, struct tt_ack *ack)
{
	static const enum tt_pb_type types[] = {[ACK_SCHEMA] = TT_PB_VARINT,
						[ACK_EPOCH] = TT_PB_FIXED64,
						[ACK_CLASS] = TT_PB_VARINT,
						[ACK_UP_TO_SEQ] = TT_PB_VARINT,
						[ACK_RESEND] = TT_PB_VARINT};

	if (f->number > ACK_RESEND)
		return TT_OK;
	if (f->type != types[f->number])
		return TT_EPROTO;
	if (f->number == ACK_SCHEMA)
		*schema = (uint32_t)f->value;
	else if (f->number == ACK_EPOCH)
		ack->epoch = f->value;
	else if (f->number == ACK_CLASS)
		*cls = (int32_t)(uint32_t)f->value;
	else if (f->number == ACK_UP_TO_SEQ)
		ack->up_to_seq = f->value;
	else
		ack->resend = f->value != 0;
	return TT_OK;
}

enum tt_err tt_ack_decode(const uint8_t *bytes, size_t len, struct tt_ack *out)
{
	struct tt_rd r = tt_rd_init(bytes, len);
	struct tt_ack ack = {.epoch = 0};
	struct tt_pb_field f;
	uint32_t schema = 0;
	int32_t cls = 0;
	enum tt_err err;

	/* Room for fields a later gateway may add, and no more. */
	if (len > 8 * (size_t)TT_ACK_MAX_BYTES)
		return TT_EPROTO;
	while ((err = tt_pb_next(&r, &f)) == TT_OK) {
		err = take_ack_field(&f, &schema, &cls, &ack);
		if (err)
			return err;
	}
	if (err != TT_EEOF)
		return TT_EPROTO;
	if (schema != TT_SCHEMA)
		return TT_EVERSION;
	if (ack.epoch == 0 || !tt_ack_of_class(cls) || ack.up_to_seq > INT64_MAX)
		return TT_EPROTO;
	ack.cls = (enum tt_class)cls;
	*out = ack;
	return TT_OK;
}
