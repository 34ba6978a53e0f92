/*
 * The gate of a J1939 bus: exactly the requests, answers and claims of one node configuration. PURE, no state.
 *
 * Without a node (the default) there are no rules, so nothing passes, OBD neither.
 */
#ifndef TT_FIRMWARE_PROTO_GATE_J1939_H
#define TT_FIRMWARE_PROTO_GATE_J1939_H

#include "firmware/proto/gate.h"
#include "firmware/proto/j1939_node.h"

enum { TT_GATE_J1939_RULES = TT_J1939_ASKS + 3, TT_GATE_J1939_PER_S = 20 };

/* Requests by destination, transport answers, the claim and "cannot claim". Returns how many. */
size_t tt_gate_j1939_rules(const struct tt_j1939_node_config *node, struct tt_gate_rule out[TT_GATE_J1939_RULES]);

#endif
