/* Every character at every place of a VIN, and its check digit. */
#include "firmware/proto/vin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Beside the digits and letters stand other characters; I, O and Q are no characters of a VIN either. */
static void each_character_of_a_vin_counts(void **state)
{
	static const char bad[] = "/:@[IOQ` a\0\x7F\xFF";

	(void)state;
	for (size_t at = 0; at < TT_VIN_LEN; at++) {
		for (size_t i = 0; i < sizeof(bad); i++) {
			char vin[] = "3FADP4FJ2BM113913";

			vin[at] = bad[i];
			assert_false(tt_vin_valid(vin, TT_VIN_LEN));
		}
		for (const char *good = "09ABCDEFGHJKLMNPRSTUVWXYZ"; *good; good++) {
			char vin[] = "11111111111111111";

			vin[at] = *good;
			assert_true(tt_vin_valid(vin, TT_VIN_LEN));
		}
	}
}

/* Values and weights of 49 CFR 565.15, tables III and IV: each character at each place, among zeros. */
static void the_check_digit_is_that_of_the_regulation(void **state)
{
	static const char *const by_value[] = {"0", "1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ"};
	static const char weights[] = "8765432X098765432";
	unsigned seen = 0;

	(void)state;
	for (unsigned value = 0; value < 10; value++) {
		for (const char *c = by_value[value]; *c; c++) {
			for (size_t at = 0; at < TT_VIN_LEN; at++) {
				const unsigned weight = weights[at] == 'X' ? 10 : (unsigned)(weights[at] - '0');
				char vin[] = "00000000000000000";

				vin[at] = *c;
				for (const char *digit = "0123456789X"; at != 8 && *digit; digit++) {
					vin[8] = *digit;
					assert_int_equal(tt_vin_check_digit_ok(vin, TT_VIN_LEN),
							 *digit == "0123456789X"[value * weight % 11]);
				}
			}
			seen++;
		}
	}
	assert_int_equal(seen, 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_of_a_vin_counts),
		cmocka_unit_test(the_check_digit_is_that_of_the_regulation),
	};

	return cmocka_run_group_tests_name("vin", tests, NULL, NULL);
}
