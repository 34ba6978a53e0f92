/*
 * Where the bits of a DBC signal lie. Internal to dbc. PURE.
 *
 * A file numbers bits as byte * 8 + bit, bit 0 the lowest of its byte. Little-endian signals run upwards in these numbers; big-endian ones
 * run from the highest bit of a byte to its lowest and on to the next byte, which is upwards too once each byte's bits are turned round.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_BITS_H
#define TT_FIRMWARE_PROTO_DBC_BITS_H

#include "firmware/proto/dbc.h"

/* The number of a bit in the order in which the signal runs; and back. */
static inline unsigned tt_dbc_turned(const struct tt_dbc_signal *s, unsigned bit)
{
	return s->big_endian ? bit ^ 7U : bit;
}

/* In running order; the signal has this one and the size - 1 behind it. */
static inline unsigned tt_dbc_first_bit(const struct tt_dbc_signal *s)
{
	return tt_dbc_turned(s, s->start);
}

/* Of the data; size at least 1. */
static inline unsigned tt_dbc_last_byte(const struct tt_dbc_signal *s)
{
	return (tt_dbc_first_bit(s) + s->size - 1U) / 8U;
}

#endif
