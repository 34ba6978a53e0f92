/*
 * Telemetry: thins values by the profile's rules and collects them into chunks. No I/O; memory is taken in create.
 * Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_TELEMETRY_H
#define TT_FIRMWARE_AGENT_TELEMETRY_H

#include "firmware/agent/vehicle.h"
#include "wire/chunk.h"

enum { TT_TELEMETRY_GPS = 5, TT_TELEMETRY_SLOTS = TT_VEHICLE_SLOTS + TT_TELEMETRY_GPS };

struct tt_telemetry {
	struct tt_chunk *chunk;
	struct {
		bool known;
		tt_mono_us sent_us;
		int64_t value;
	} last[TT_TELEMETRY_SLOTS];
	uint64_t dropped; /* samples that found the chunk full */
};

TT_MUSTCHECK enum tt_err tt_telemetry_create(struct tt_telemetry **out);
void tt_telemetry_destroy(struct tt_telemetry *t); /* NULL is fine */

/* True when the rule lets the value through at this time; it is then noted as sent. *scaled is the wire integer. */
bool tt_telemetry_pass(struct tt_telemetry *t, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value,
		       int64_t *scaled);

#endif
