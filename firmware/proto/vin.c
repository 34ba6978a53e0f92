#include "firmware/proto/vin.h"

enum { NONE = -1 };

/* Value of a character in the check sum of 49 CFR 565.15; NONE: not allowed in a VIN. */
static int vin_value(char c)
{
	static const signed char letters[] = {
		1, 2, 3, 4, 5, 6, 7, 8, NONE, 1, 2, 3, 4, 5, NONE, 7, NONE, 9, 2, 3, 4, 5, 6, 7, 8, 9, /* A..Z without I, O, Q */
	};

	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'Z' ? letters[c - 'A'] : NONE;
}

bool tt_vin_valid(const char *vin, size_t n)
{
	if (n != TT_VIN_LEN)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (vin_value(vin[i]) == NONE)
			return false;
	}
	return true;
}

bool tt_vin_check_digit_ok(const char *vin, size_t n)
{
	static const unsigned weights[TT_VIN_LEN] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
	unsigned sum = 0;

	if (!tt_vin_valid(vin, n))
		return false;
	for (size_t i = 0; i < n; i++)
		sum += (unsigned)vin_value(vin[i]) * weights[i];
	return vin[8] == "0123456789X"[sum % 11];
}
