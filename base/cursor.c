#include "base/cursor.h"

enum { VARINT_MAX_BYTES = 10 };

enum tt_err tt_rd_varint(struct tt_rd *r, uint64_t *out)
{
	struct tt_rd probe = *r;
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX_BYTES; i++) {
		uint8_t b;
		enum tt_err err = tt_rd_u8(&probe, &b);

		if (err)
			return err;
		if (i == VARINT_MAX_BYTES - 1 && b > 1)
			return TT_EPROTO;
		v |= (uint64_t)(b & 0x7FU) << (7 * i);
		if (!(b & 0x80U)) {
			*r = probe;
			*out = v;
			return TT_OK;
		}
	}
	return TT_EPROTO;
}

enum tt_err tt_wr_varint(struct tt_wr *w, uint64_t v)
{
	uint8_t b[VARINT_MAX_BYTES];
	size_t n = 0;

	do {
		b[n] = (uint8_t)(v & 0x7FU);
		v >>= 7;
		if (v)
			b[n] |= 0x80U;
		n++;
	} while (v);
	return tt_wr_bytes(w, b, n);
}
