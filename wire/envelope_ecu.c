#include "wire/envelope_bounds.h"

#include "base/utf8.h"

#include <string.h>

enum {
	CALIBRATIONS_MAX = 8,
	CALIBRATION_MAX = 16,
	NAME_MAX_BYTES = 20,
	TESTS_MAX = 256,
	UNIT_MAX = 15,
	BITMAPS_BYTES = 32,
	SERVICES_MAX = 0x7FE, /* bits 1..10 */
	KNOWN_MAX = 0x1F,
	CAN_MAX = 0x1FFFFFFF,
	BYTE_MAX = 0xFF,
	WORD_MAX = 0xFFFF,
};

#define CHECK(numbers, prefix, why) tt_envelope_check_numbers(numbers, sizeof(numbers) / sizeof((numbers)[0]), prefix, why)

static enum tt_err check_text(const char *s, size_t max, const char *name, struct tt_errmsg *why)
{
	const size_t n = strlen(s);

	if (n <= max && tt_utf8_printable(s, n))
		return TT_OK;
	return tt_errmsg_set(why, TT_EPROTO, "ecu_report.%s must be printable UTF-8 of at most %zu bytes", name, max);
}

static enum tt_err check_test(const Telltale__V1__MonitorTest *t, struct tt_errmsg *why)
{
	const struct tt_envelope_number numbers[] = {
		{"mid", t->mid, 1, BYTE_MAX},
		{"tid", t->tid, 0, BYTE_MAX},
		{"scaling", t->scaling, 0, BYTE_MAX},
	};
	enum tt_err err = CHECK(numbers, "ecu_report.tests.", why);

	return err ? err : check_text(t->unit, UNIT_MAX, "tests.unit", why);
}

enum tt_err tt_envelope_check_ecu_report(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__EcuReport *r = body;
	const struct tt_envelope_number numbers[] = {
		{"ecu", r->ecu, 1, CAN_MAX},
		{"observed_at_us", (uint64_t)r->observed_at_us, 0, TT_ENVELOPE_UTC_MAX},
		{"services", r->services, 0, SERVICES_MAX},
		{"n_calibrations", r->n_calibrations, 0, CALIBRATIONS_MAX},
		{"n_cvns", r->n_cvns, 0, CALIBRATIONS_MAX},
		{"n_tests", r->n_tests, 0, TESTS_MAX},
	};
	enum tt_err err = CHECK(numbers, "ecu_report.", why);

	if (!err && !tt_envelope_vin_valid(r->vin))
		err = tt_errmsg_set(why, TT_EPROTO, "ecu_report.vin must be empty or 17 letters and digits without I, O, Q");
	if (!err && r->supported_pids.len != 0 && r->supported_pids.len != BITMAPS_BYTES)
		err = tt_errmsg_set(why, TT_EPROTO, "ecu_report.supported_pids has %zu bytes, must be 0 or %d", r->supported_pids.len,
				    BITMAPS_BYTES);
	if (!err)
		err = check_text(r->name, NAME_MAX_BYTES, "name", why);
	for (size_t i = 0; !err && i < r->n_calibrations; i++)
		err = check_text(r->calibrations[i], CALIBRATION_MAX, "calibrations", why);
	for (size_t i = 0; !err && i < r->n_tests; i++)
		err = check_test(r->tests[i], why);
	return err;
}

enum tt_err tt_envelope_check_since_clear(const Telltale__V1__SinceClear *s, struct tt_errmsg *why)
{
	const struct tt_envelope_number numbers[] = {
		{"known", s->known, 0, KNOWN_MAX},
		{"distance_km", s->distance_km, 0, WORD_MAX},
		{"warm_ups", s->warm_ups, 0, WORD_MAX},
		{"minutes", s->minutes, 0, WORD_MAX},
		{"mil_distance_km", s->mil_distance_km, 0, WORD_MAX},
		{"mil_minutes", s->mil_minutes, 0, WORD_MAX},
	};

	return CHECK(numbers, "state.since_clear.", why);
}
