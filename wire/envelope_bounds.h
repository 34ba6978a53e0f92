/*
 * The bounds of every field of an envelope as a table, and the walk that checks a decoded message against it. Internal to wire/.
 */
#ifndef TT_WIRE_ENVELOPE_BOUNDS_H
#define TT_WIRE_ENVELOPE_BOUNDS_H

#include "wire/envelope.h"

/* TT_OK, or TT_EPROTO (TT_EVERSION for an unknown telemetry encoding) with the field, its value and its bound in why. */
TT_MUSTCHECK enum tt_err tt_envelope_check(const Telltale__V1__Envelope *env, enum tt_class topic_class, struct tt_errmsg *why);

#endif
