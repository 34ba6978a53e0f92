/*
 * The parameters of J1939-71 that a workshop asks for: engine hours, distance, speeds, levels, temperatures. PURE, no state.
 *
 * All of them are unsigned, little-endian and whole bytes. The highest byte tells what is no value (J1939-71 table 1): FB..FD reserved,
 * FE error, FF not available.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_SPN_H
#define TT_FIRMWARE_PROTO_J1939_SPN_H

#include "base/err.h"

#include <stdint.h>

struct tt_j1939_spn {
	uint32_t spn, pgn;
	uint8_t start, bytes; /* first byte, from 0; 1, 2 or 4 of them */
	uint32_t mul, div;    /* thousandths of the unit = raw * mul / div + offset */
	int32_t offset;
	const char *name, *unit; /* static */
};

enum tt_j1939_value { TT_J1939_VALID, TT_J1939_RESERVED, TT_J1939_ERROR, TT_J1939_NOT_AVAILABLE };

/* NULL: not in the table. */
const struct tt_j1939_spn *tt_j1939_spn(uint32_t spn);
/* The table by index; NULL behind its end. */
const struct tt_j1939_spn *tt_j1939_spn_at(size_t index);
/* *milli is written when the value is valid. A message that is too short for the parameter does not have it. */
enum tt_j1939_value tt_j1939_spn_value(const struct tt_j1939_spn *spn, const uint8_t *data, size_t len, int64_t *milli);

#endif
