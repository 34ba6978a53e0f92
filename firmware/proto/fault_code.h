/*
 * The text of a trouble code of any protocol, as the wire carries it, and back. PURE, no state.
 *
 *	OBD    16 bits, SAE J2012                        "P0301"
 *	UDS    24 bits, ISO 14229-1 with failure type    "P0301-1A"
 *	J1939  SPN << 5 | FMI, SAE J1939-73 5.7.1        "520192/31"
 */
#ifndef TT_FIRMWARE_PROTO_FAULT_CODE_H
#define TT_FIRMWARE_PROTO_FAULT_CODE_H

#include "firmware/proto/fault_watch.h"

enum { TT_FAULT_CODE_TEXT = 16 };

/* Bits of the code above its protocol's width are left out. */
void tt_fault_code_text(enum tt_fault_protocol protocol, uint32_t code, char out[TT_FAULT_CODE_TEXT]);
/* The form tells the protocol. TT_EINVAL: none of the three; TT_ERANGE: an SPN above 524287 or an FMI above 31. */
TT_MUSTCHECK enum tt_err tt_fault_code_parse(const char *s, size_t n, enum tt_fault_protocol *protocol, uint32_t *code);

#endif
