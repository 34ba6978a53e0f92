/*
 * The J1939 part of decode (--j1939): messages put together from the transport protocol, whoever sends them to whom, then DM1, DM2, DM5 and
 * the vehicle identification as lines of their own, and what the databases know of messages longer than a frame. Internal to decode.
 */
#ifndef TT_OPERATOR_DECODE_J1939_H
#define TT_OPERATOR_DECODE_J1939_H

#include "operator/decode/decode_line.h"

/* method: 1..4, of SPN conversion where the bit is set. */
void tt_decode_j1939_init(struct tt_decode *d, unsigned method);
void tt_decode_j1939(struct tt_decode *d, const struct tt_candump *line, FILE *out);

#endif
