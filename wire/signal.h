/*
 * The numbered map of signals: wire number <-> COVESA VSS 6 path, unit and scale, from schemas/signals/signals.def. PURE.
 */
#ifndef TT_WIRE_SIGNAL_H
#define TT_WIRE_SIGNAL_H

#include "base/err.h"

#include <stdint.h>

struct tt_signal {
	uint16_t number;
	const char *path; /* "Vehicle.Speed" */
	const char *unit; /* "km/h", "" */
	int32_t scale;    /* wire integer = value * scale */
};

/* Each NULL when unknown, or index out of range. Static storage. The order is that of the number. */
const struct tt_signal *tt_signal_by_number(uint16_t number);
const struct tt_signal *tt_signal_by_path(const char *path, size_t len);
size_t tt_signal_count(void);
const struct tt_signal *tt_signal_at(size_t index);

#endif
