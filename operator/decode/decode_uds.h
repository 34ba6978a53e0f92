/*
 * UDS answers (ISO 14229-1) as JSON lines. Internal to decode.
 *
 *     59 02, 59 0A   {"kind":"uds_dtc","t":..,"ecu":"0x7E8","codes":[{"code":"P1234-56","status":"0x20"}]}
 *     59 04          {"kind":"uds_snapshot",..,"code":"P1234-56","status":"0x2F","data":"0101F40D3E"}     data: as the ECU sent it
 *     59 06          {"kind":"uds_extended",..,"code":"P1234-56","status":"0x2F","data":"0105"}
 *     59 14          {"kind":"uds_counter",..,"codes":[{"code":"P1234-56","counter":-5}]}
 *     7F SS NN       {"kind":"nrc",..,"service":"0x19","nrc":"0x31","name":"requestOutOfRange"}           SS 10 and above
 *
 * A refused OBD service (below 10) says nothing that a reader of codes wants, and prints nothing.
 */
#ifndef TT_OPERATOR_DECODE_UDS_H
#define TT_OPERATOR_DECODE_UDS_H

#include "firmware/proto/candump.h"

#include <stdio.h>

/* Prints nothing for what is none of these, or cannot be read. */
void tt_decode_uds(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out);

#endif
