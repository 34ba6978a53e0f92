/*
 * The table of PIDs of services 01 and 02: length on the wire and scaled values with units (SAE J1979-DA). PURE.
 *
 * Values are scaled integers: value * 1000 in the unit. A PID may carry several values (oxygen sensors: voltage and trim).
 */
#ifndef TT_FIRMWARE_PROTO_OBD_PIDS_H
#define TT_FIRMWARE_PROTO_OBD_PIDS_H

#include "base/err.h"

#include <stdint.h>

struct tt_obd_value {
	const char *name; /* "EngineSpeed": static */
	const char *unit; /* "rpm", "km/h", "celsius", "percent", ...; "" without one: static */
	int64_t value_milli;
};

/* Data bytes of a PID on the wire, 0 when the table does not know it. Bitmaps are 4. */
uint8_t tt_obd_pid_len(uint8_t pid);

/*
 * The index-th value (0..) of a PID from its data bytes.
 * TT_ENOTFOUND: no such value in the table (bitmaps, readiness and bit fields have none). TT_EEOF: data too short. TT_ERANGE: the ECU says
 * "not available".
 */
TT_MUSTCHECK enum tt_err tt_obd_pid_value(uint8_t pid, const uint8_t *data, size_t len, unsigned index, struct tt_obd_value *out);

/* VSS path of the PID's first value (core, or the OBD overlay), NULL when it has none. */
const char *tt_obd_pid_path(uint8_t pid);

#endif
