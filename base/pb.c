#include "base/pb.h"

enum { TYPE_BITS = 3, TYPE_MASK = 7, NUMBER_MAX = 0x1FFFFFFF };

static enum tt_err read_fixed(struct tt_rd *r, size_t n, uint64_t *out)
{
	const uint8_t *b;

	if (tt_rd_bytes(r, n, &b))
		return TT_EPROTO;
	*out = 0;
	for (size_t i = n; i-- > 0;)
		*out = *out << 8 | b[i];
	return TT_OK;
}

static enum tt_err read_bytes(struct tt_rd *r, struct tt_pb_field *f)
{
	if (tt_rd_varint(r, &f->value) || f->value > r->left)
		return TT_EPROTO;
	return tt_rd_bytes(r, (size_t)f->value, &f->bytes);
}

enum tt_err tt_pb_next(struct tt_rd *r, struct tt_pb_field *out)
{
	struct tt_pb_field f = {.bytes = NULL};
	struct tt_rd at = *r;
	uint64_t tag;
	enum tt_err err;

	if (at.left == 0)
		return TT_EEOF;
	if (tt_rd_varint(&at, &tag) || tag >> TYPE_BITS == 0 || tag >> TYPE_BITS > NUMBER_MAX)
		return TT_EPROTO;
	f.number = (uint32_t)(tag >> TYPE_BITS);
	switch (tag & TYPE_MASK) {
	case TT_PB_VARINT:
		f.type = TT_PB_VARINT;
		err = tt_rd_varint(&at, &f.value);
		break;
	case TT_PB_FIXED64:
		f.type = TT_PB_FIXED64;
		err = read_fixed(&at, 8, &f.value);
		break;
	case TT_PB_BYTES:
		f.type = TT_PB_BYTES;
		err = read_bytes(&at, &f);
		break;
	case TT_PB_FIXED32:
		f.type = TT_PB_FIXED32;
		err = read_fixed(&at, 4, &f.value);
		break;
	default:
		err = TT_EPROTO;
	}
	if (err)
		return TT_EPROTO;
	*r = at;
	*out = f;
	return TT_OK;
}
