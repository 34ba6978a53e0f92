/*
 * The bounds of every field of an envelope as a table, and the walk that checks a decoded message against it. Internal to wire/.
 */
#ifndef TT_WIRE_ENVELOPE_BOUNDS_H
#define TT_WIRE_ENVELOPE_BOUNDS_H

#include "wire/envelope.h"

/* TT_OK, or TT_EPROTO (TT_EVERSION for an unknown telemetry encoding) with the field, its value and its bound in why. */
TT_MUSTCHECK enum tt_err tt_envelope_check(const Telltale__V1__Envelope *env, enum tt_class topic_class, struct tt_errmsg *why);

/* What the parts in other files share. code: as FaultEvent's of that protocol; detail: printable UTF-8 of at most max bytes. */
bool tt_envelope_code_valid(const char *code, Telltale__V1__DtcProtocol protocol);
bool tt_envelope_text_valid(const char *s, size_t max);
TT_MUSTCHECK enum tt_err tt_envelope_check_state(const void *body, struct tt_errmsg *why);

#define TT_ENVELOPE_UTC_MAX INT64_C(253402300799999999) /* the end of the year 9999, microseconds */

/* One number and what it must lie between; a negative one counts as far too large. */
struct tt_envelope_number {
	const char *name;
	uint64_t value, lo, hi;
};
TT_MUSTCHECK enum tt_err tt_envelope_check_numbers(const struct tt_envelope_number *numbers, size_t n, const char *prefix,
						   struct tt_errmsg *why);

/* envelope_remote.c: what answers commands and configurations. Errors as above. */
TT_MUSTCHECK enum tt_err tt_envelope_check_command_result(const void *body, struct tt_errmsg *why);
TT_MUSTCHECK enum tt_err tt_envelope_check_config_result(const void *body, struct tt_errmsg *why);
TT_MUSTCHECK enum tt_err tt_envelope_check_full_state(const void *body, struct tt_errmsg *why);
/* Empty, or 17 letters and digits without I, O and Q (ISO 3779). */
bool tt_envelope_vin_valid(const char *vin);

/* envelope_ecu.c: what comes of asking the ECUs. Errors as above. */
TT_MUSTCHECK enum tt_err tt_envelope_check_ecu_report(const void *body, struct tt_errmsg *why);
TT_MUSTCHECK enum tt_err tt_envelope_check_since_clear(const Telltale__V1__SinceClear *since, struct tt_errmsg *why);

#endif
