/*
 * Unit-and-scaling identifiers of service 06 (SAE J1979-DA): what the two bytes of a monitor's test are. PURE, tables only.
 *
 * Identifiers from 80 to FE are signed. What revisions disagree about is left out: such a number is shown raw.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_SCALING_H
#define TT_FIRMWARE_PROTO_OBD_SCALING_H

#include "firmware/proto/obd_info.h"

struct tt_obd_scaled {
	const char *unit;    /* "V", "kPa", ..; "" for bare numbers: static */
	int64_t value_milli; /* * 1000 in the unit; raw, as the sign of the identifier says, when it is unknown */
	bool known;          /* the identifier is in the table */
};
void tt_obd_scale(uint8_t scaling, uint16_t raw, struct tt_obd_scaled *out);

/* a / b to the nearest whole number, halves away from zero. b > 0. */
int64_t tt_obd_divide(int64_t a, int64_t b);

/* min <= value <= max, compared as the identifier's sign says. */
bool tt_obd_test_passed(const struct tt_obd_test *test);

#endif
