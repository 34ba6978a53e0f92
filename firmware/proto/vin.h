/*
 * Vehicle identification numbers (ISO 3779). PURE.
 */
#ifndef TT_FIRMWARE_PROTO_VIN_H
#define TT_FIRMWARE_PROTO_VIN_H

#include "base/err.h"

enum { TT_VIN_LEN = 17, TT_VIN_TEXT = 18 };

/* 17 digits and upper-case letters without I, O, Q. */
bool tt_vin_valid(const char *vin, size_t n);
/* Position 9 is the check digit of 49 CFR 565. Warn only: European numbers carry filler there. False for invalid numbers too. */
bool tt_vin_check_digit_ok(const char *vin, size_t n);

#endif
