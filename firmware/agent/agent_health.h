/*
 * How the unit itself is doing: the numbers that every state message carries (State.metrics; names and units: docs/protocol.md) and its
 * power (State.power). What cannot be had is left out.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_HEALTH_H
#define TT_FIRMWARE_AGENT_AGENT_HEALTH_H

#include "base/time.h"
#include "telltale.pb-c.h"

struct tt_agent;

enum { TT_AGENT_METRICS = 24, TT_HEALTH_BUSES = 4 };

/* Where the messages of one state live while it is encoded. */
struct tt_agent_health_parts {
	Telltale__V1__Power power;
	Telltale__V1__Metric metrics[TT_AGENT_METRICS], *list[TT_AGENT_METRICS];
	size_t n;
};

/* Between two states. */
struct tt_agent_health {
	tt_mono_us looked_us;
	uint64_t bits[TT_HEALTH_BUSES]; /* of the buses, at the last look */
	int64_t load_permille;          /* -1 = not known yet */
	int64_t turn_max_us;
	unsigned starts; /* of the program, as its file counts them */
};

/* A turn took so long. */
void tt_agent_health_turn(struct tt_agent *a, int64_t took_us);
/* Looks around, and hangs power and metrics into the state. parts must live as long as the state. */
void tt_agent_health_add(struct tt_agent *a, tt_mono_us now_us, struct tt_agent_health_parts *parts, Telltale__V1__State *state);

#endif
