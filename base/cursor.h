/*
 * Bounded cursors: the only place where bytes of foreign input are read by position, and of output written by position.
 *
 * A reader checks what is left before it moves, never adds to a pointer that might wrap, and leaves itself and the output
 * untouched when it fails. The caller owns the bytes, which must outlive the cursor. No allocation, no I/O.
 * Errors: TT_EEOF when fewer bytes are left than asked for; TT_EFULL when a writer has no room.
 */
#ifndef TT_BASE_CURSOR_H
#define TT_BASE_CURSOR_H

#include "base/err.h"

#include <stdint.h>
#include <string.h>

struct tt_rd {
	const uint8_t *p;
	size_t left;
};

static inline struct tt_rd tt_rd_init(const void *bytes, size_t len)
{
	return (struct tt_rd){.p = bytes, .left = len};
}

/* Points *out at n bytes inside the input and moves on. */
TT_MUSTCHECK static inline enum tt_err tt_rd_bytes(struct tt_rd *r, size_t n, const uint8_t **out)
{
	if (r->left < n)
		return TT_EEOF;
	*out = r->p;
	if (n > 0) {
		r->p += n;
		r->left -= n;
	}
	return TT_OK;
}

TT_MUSTCHECK static inline enum tt_err tt_rd_skip(struct tt_rd *r, size_t n)
{
	const uint8_t *ignored;

	return tt_rd_bytes(r, n, &ignored);
}

TT_MUSTCHECK static inline enum tt_err tt_rd_u8(struct tt_rd *r, uint8_t *out)
{
	const uint8_t *b;
	enum tt_err err = tt_rd_bytes(r, 1, &b);

	if (!err)
		*out = b[0];
	return err;
}

TT_MUSTCHECK static inline enum tt_err tt_rd_u16be(struct tt_rd *r, uint16_t *out)
{
	const uint8_t *b;
	enum tt_err err = tt_rd_bytes(r, 2, &b);

	if (!err)
		*out = (uint16_t)((unsigned)b[0] << 8 | b[1]);
	return err;
}

TT_MUSTCHECK static inline enum tt_err tt_rd_u32be(struct tt_rd *r, uint32_t *out)
{
	const uint8_t *b;
	enum tt_err err = tt_rd_bytes(r, 4, &b);

	if (!err)
		*out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return err;
}

TT_MUSTCHECK static inline enum tt_err tt_rd_u16le(struct tt_rd *r, uint16_t *out)
{
	const uint8_t *b;
	enum tt_err err = tt_rd_bytes(r, 2, &b);

	if (!err)
		*out = (uint16_t)((unsigned)b[1] << 8 | b[0]);
	return err;
}

TT_MUSTCHECK static inline enum tt_err tt_rd_u32le(struct tt_rd *r, uint32_t *out)
{
	const uint8_t *b;
	enum tt_err err = tt_rd_bytes(r, 4, &b);

	if (!err)
		*out = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
	return err;
}

/* Unsigned LEB128 as protobuf writes it; at most 10 bytes. TT_EPROTO when longer or above 64 bits. */
TT_MUSTCHECK enum tt_err tt_rd_varint(struct tt_rd *r, uint64_t *out);

struct tt_wr {
	uint8_t *p;
	size_t left;
	size_t used;
};

static inline struct tt_wr tt_wr_init(void *bytes, size_t len)
{
	return (struct tt_wr){.p = bytes, .left = len, .used = 0};
}

TT_MUSTCHECK static inline enum tt_err tt_wr_bytes(struct tt_wr *w, const void *bytes, size_t n)
{
	if (w->left < n)
		return TT_EFULL;
	if (n > 0) {
		memcpy(w->p, bytes, n);
		w->p += n;
		w->left -= n;
		w->used += n;
	}
	return TT_OK;
}

TT_MUSTCHECK static inline enum tt_err tt_wr_u8(struct tt_wr *w, uint8_t v)
{
	return tt_wr_bytes(w, &v, 1);
}

TT_MUSTCHECK static inline enum tt_err tt_wr_u16be(struct tt_wr *w, uint16_t v)
{
	const uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	return tt_wr_bytes(w, b, sizeof(b));
}

TT_MUSTCHECK static inline enum tt_err tt_wr_u32be(struct tt_wr *w, uint32_t v)
{
	const uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	return tt_wr_bytes(w, b, sizeof(b));
}

TT_MUSTCHECK enum tt_err tt_wr_varint(struct tt_wr *w, uint64_t v);

/* ZigZag: small magnitudes of either sign become small unsigned numbers (protobuf sint64). */
static inline uint64_t tt_zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static inline int64_t tt_unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#endif
