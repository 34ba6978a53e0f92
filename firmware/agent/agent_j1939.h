/*
 * The J1939 buses of the agent: transport protocol and, where the profile gives an address, our node, one each a bus. Wiring only.
 *
 * Memory: taken in create; nothing for a profile without `j1939`. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_J1939_H
#define TT_FIRMWARE_AGENT_AGENT_J1939_H

#include "firmware/agent/bus.h"
#include "firmware/proto/gate_j1939.h"
#include "firmware/proto/j1939_tp.h"

struct tt_agent;

struct tt_agent_j1939 {
	struct {
		struct tt_j1939_tp *tp; /* NULL: no J1939 bus */
		bool talks;
		struct tt_j1939_node node;
		struct tt_gate_rule rules[TT_GATE_J1939_RULES];
		struct tt_gate_config gate;
	} buses[TT_PROFILE_BUSES];
};

/* unit: the NAME is made of it. TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_agent_j1939_init(struct tt_agent_j1939 *j, const struct tt_profile *profile, const char *unit);
void tt_agent_j1939_free(struct tt_agent_j1939 *j);

/* The gate of a bus, which lets pass what its node may say; NULL when it is no J1939 bus. */
const struct tt_gate_config *tt_agent_j1939_gate(const struct tt_agent_j1939 *j, uint8_t bus);

void tt_agent_j1939_frame(struct tt_agent *a, tt_mono_us at_us, const struct tt_can_frame *frame);
void tt_agent_j1939_turn(struct tt_agent *a, tt_mono_us now_us, bool may_ask);
tt_mono_us tt_agent_j1939_wake_at(const struct tt_agent *a);
/* A bus where somebody else uses the address that the profile gives us; false when there is none. */
bool tt_agent_j1939_yielded(const struct tt_agent_j1939 *j, uint8_t *bus);

#endif
