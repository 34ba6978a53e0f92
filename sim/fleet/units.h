/*
 * The units of a simulated fleet: names, sequence numbers and the envelopes they publish, all alike but for their identity.
 *
 * A unit's name is the prefix and five digits; its epoch comes from the seed, so that two runs with one seed are the same journal told
 * again, and with another a new one. Bulk messages carry a telemetry chunk of a short drive, events an odometer reading, alerts an SOS.
 */
#ifndef TT_SIM_FLEET_UNITS_H
#define TT_SIM_FLEET_UNITS_H

#include "wire/chunk.h"
#include "wire/topic.h"

enum { TT_FLEET_UNITS = 20000, TT_FLEET_MESSAGE_MAX = 16384 };

struct tt_fleet_unit {
	char name[TT_UNIT_MAX + 1];
	char topic[TT_TOPIC_MAX];
	uint64_t epoch;
	uint64_t next_seq; /* to publish, from 1 */
	uint64_t acked;    /* by the gateway, up to and with */
};

/* What all messages of a run share. */
struct tt_fleet_body {
	enum tt_class cls;
	uint8_t columns[TT_FLEET_MESSAGE_MAX / 2];
	size_t columns_len;
	uint32_t samples, raw_bytes;
	tt_utc_us start_us;
};

/* TT_EINVAL: the name would not be a unit's. */
TT_MUSTCHECK enum tt_err tt_fleet_unit_init(struct tt_fleet_unit *unit, const char *prefix, unsigned index, uint64_t seed,
					    enum tt_class cls);
/* samples: of the telemetry chunk, ignored for other classes. TT_ENOMEM, TT_EFULL when they do not fit. */
TT_MUSTCHECK enum tt_err tt_fleet_body_init(struct tt_fleet_body *body, enum tt_class cls, unsigned samples);
/* The unit's message seq, as a journal of that age would hold it. */
TT_MUSTCHECK enum tt_err tt_fleet_message(const struct tt_fleet_unit *unit, const struct tt_fleet_body *body, uint64_t seq,
					  tt_utc_us now_us, uint8_t *buf, size_t cap, size_t *len);

#endif
