/*
 * Trouble codes of two bytes (SAE J2012, ISO 15031-6) to text and back. PURE, no state.
 *
 * Bits 15..14 are the letter P C B U, 13..12 the first digit, then three hexadecimal digits: 0x0301 is P0301, 0xC100 is U0100.
 * 0x0000 is padding, not a code.
 */
#ifndef TT_FIRMWARE_PROTO_DTC_H
#define TT_FIRMWARE_PROTO_DTC_H

#include "base/err.h"

#include <stdint.h>

enum { TT_DTC_TEXT = 6 };

void tt_dtc_text(uint16_t code, char out[TT_DTC_TEXT]);
/* Exactly five characters, lower case allowed. TT_EINVAL otherwise. */
TT_MUSTCHECK enum tt_err tt_dtc_parse(const char *s, size_t n, uint16_t *out);

#endif
