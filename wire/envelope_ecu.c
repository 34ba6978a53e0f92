#include "wire/envelope_bounds.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

#define UTC_MAX INT64_C(253402300799999999) /* as in envelope_bounds.c */

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

/* One number and what it must be. */
struct number {
	const char *name;
	int64_t value, lo, hi;
};

static enum tt_err check(const struct number *numbers, size_t n, const char *prefix, struct tt_errmsg *why)
{
	for (size_t i = 0; i < n; i++) {
		if (numbers[i].value < numbers[i].lo || numbers[i].value > numbers[i].hi)
			return tt_errmsg_set(why, TT_EPROTO, "%s%s is %" PRId64 ", must be %" PRId64 "..%" PRId64, prefix, numbers[i].name,
					     numbers[i].value, numbers[i].lo, numbers[i].hi);
	}
	return TT_OK;
}
#define CHECK(numbers, prefix, why) check(numbers, sizeof(numbers) / sizeof((numbers)[0]), prefix, why)

static enum tt_err check_text(const char *s, size_t max, const char *name, struct tt_errmsg *why)
{
	const size_t n = strlen(s);

	if (n <= max && tt_utf8_printable(s, n))
		return TT_OK;
	return tt_errmsg_set(why, TT_EPROTO, "ecu_report.%s must be printable UTF-8 of at most %zu bytes", name, max);
}

static enum tt_err check_test(const Telltale__V1__MonitorTest *t, struct tt_errmsg *why)
{
	const struct number numbers[] = {
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
	const struct number numbers[] = {
		{"ecu", r->ecu, 1, CAN_MAX},
		{"observed_at_us", r->observed_at_us, 0, UTC_MAX},
		{"services", r->services, 0, SERVICES_MAX},
		{"n_calibrations", (int64_t)r->n_calibrations, 0, CALIBRATIONS_MAX},
		{"n_cvns", (int64_t)r->n_cvns, 0, CALIBRATIONS_MAX},
		{"n_tests", (int64_t)r->n_tests, 0, TESTS_MAX},
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
	const struct number numbers[] = {
		{"known", s->known, 0, KNOWN_MAX},
		{"distance_km", s->distance_km, 0, WORD_MAX},
		{"warm_ups", s->warm_ups, 0, WORD_MAX},
		{"minutes", s->minutes, 0, WORD_MAX},
		{"mil_distance_km", s->mil_distance_km, 0, WORD_MAX},
		{"mil_minutes", s->mil_minutes, 0, WORD_MAX},
	};

	return CHECK(numbers, "state.since_clear.", why);
}
