/*
 * J1939-73 diagnostic messages: DM1 (active), DM2 (previously active) and DM5 (counts and readiness). PURE, no state.
 *
 * A trouble code is a suspect parameter (SPN, 19 bits), a failure mode (FMI) and an occurrence count. Where the conversion bit is 0 its
 * layout is version 4's; where it is 1 only the maker knows whether it is 1, 2 or 3 (J1939-73 5.7.1.7), so the caller says.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_DM_H
#define TT_FIRMWARE_PROTO_J1939_DM_H

#include "base/err.h"

#include <stdint.h>

enum {
	TT_J1939_DTCS = 445, /* that 1785 bytes hold */
	TT_J1939_SPN_NONE = 524287,
	TT_J1939_OC_UNKNOWN = 127,
	TT_J1939_METHOD_DEFAULT = 4,
};

enum tt_j1939_lamp { TT_J1939_MIL, TT_J1939_RSL, TT_J1939_AWL, TT_J1939_PL, TT_J1939_LAMPS };
enum tt_j1939_lamp_state {
	TT_J1939_OFF,
	TT_J1939_ON,
	TT_J1939_SLOW_FLASH,
	TT_J1939_FAST_FLASH,
	TT_J1939_UNAVAILABLE,
	TT_J1939_LAMP_STATES
};

struct tt_j1939_dtc {
	uint32_t spn;        /* 1..524286 */
	uint8_t fmi;         /* 0..31 */
	uint8_t occurrences; /* 0..126, 127 = not available */
	bool converted;      /* the conversion bit was 1 */
};

struct tt_j1939_dm {
	uint16_t lamps; /* the first two bytes, first one high */
	size_t n;
	struct tt_j1939_dtc dtcs[TT_J1939_DTCS];
};

/*
 * DM1, DM2 and the others of this shape. method: 1..4, for codes whose conversion bit is 1. SPN 0 and 524287 are fillers ("no code",
 * padding), wherever they stand; up to three odd bytes at the end are dropped. Errors: TT_EPROTO below 6 or above 1785 bytes.
 */
TT_MUSTCHECK enum tt_err tt_j1939_dm(const uint8_t *data, size_t len, unsigned method, struct tt_j1939_dm *out);

/* Lamp bits 00 off, 01 on, else unavailable; a lamp that is on flashes at 1 Hz (00) or 2 Hz (01), or not (J1939-73 5.7.1.1). */
enum tt_j1939_lamp_state tt_j1939_lamp(uint16_t lamps, enum tt_j1939_lamp lamp);
/* "mil", "rsl", "awl", "pl"; "off", "on", "slow_flash", "fast_flash", "unavailable". */
const char *tt_j1939_lamp_name(enum tt_j1939_lamp lamp);
const char *tt_j1939_lamp_state_name(enum tt_j1939_lamp_state state);
/* Is any of the four on? */
bool tt_j1939_lit(uint16_t lamps);

/* In the order of DM5's bits: three continuous ones, then bytes 5 and 6. */
enum { TT_J1939_MONITORS = 16 };
/* Static text like "misfire"; "" for a reserved bit. */
const char *tt_j1939_monitor_name(unsigned monitor);

struct tt_j1939_dm5 {
	uint8_t active, previous;       /* codes; 255 = not available */
	uint8_t compliance;             /* OBD compliance, SPN 1220 */
	uint32_t supported, incomplete; /* bit sets of monitors; what is not supported is not incomplete */
};
/* TT_EPROTO: below 8 bytes. */
TT_MUSTCHECK enum tt_err tt_j1939_dm5(const uint8_t *data, size_t len, struct tt_j1939_dm5 *out);

#endif
