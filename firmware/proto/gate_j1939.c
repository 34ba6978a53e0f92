#include "firmware/proto/gate_j1939.h"

#include <assert.h>
#include <string.h>

enum { REQUESTS_PER_S = 2, CLAIMS_PER_S = 2 };

static_assert((int)TT_GATE_PGNS >= (int)TT_J1939_ASKS, "one destination may be asked for every group");
static_assert((int)TT_GATE_NAME == (int)TT_J1939_NAME, "a claim is a NAME");

static struct tt_gate_rule exact(uint32_t pgn, uint8_t priority, uint8_t source, uint8_t dest)
{
	const struct tt_j1939_id id = {.pgn = pgn, .priority = priority, .source = source, .dest = dest};

	return (struct tt_gate_rule){.id = tt_j1939_join(&id), .mask = TT_CAN_EFF_MASK, .extended = true};
}

/* The rule of this identifier among the first n, made when absent. */
static struct tt_gate_rule *request_rule(struct tt_gate_rule *rules, size_t *n, const struct tt_gate_rule *rule)
{
	for (size_t i = 0; i < *n; i++) {
		if (rules[i].id == rule->id)
			return &rules[i];
	}
	rules[*n] = *rule;
	return &rules[(*n)++];
}

size_t tt_gate_j1939_rules(const struct tt_j1939_node_config *node, struct tt_gate_rule out[TT_GATE_J1939_RULES])
{
	size_t n = 0;

	for (size_t i = 0; i < node->nasks; i++) {
		struct tt_gate_rule rule = exact(TT_PGN_REQUEST, 6, node->address, node->asks[i].dest), *into;
		size_t at = 0;

		rule.kind = TT_GATE_J1939_REQUEST;
		rule.max_per_s = REQUESTS_PER_S;
		into = request_rule(out, &n, &rule);
		while (into->pgns[at] != 0)
			at++;
		into->pgns[at] = node->asks[i].pgn;
	}
	out[n] = exact(TT_PGN_TP_CM, 7, node->address, 0);
	out[n].mask = 0x1FFF00FF; /* whoever sends to us */
	out[n].kind = TT_GATE_J1939_TP;
	out[n++].max_per_s = TT_GATE_J1939_PER_S;
	for (unsigned i = 0; i < 2; i++) {
		out[n] = exact(TT_PGN_ADDRESS_CLAIMED, 6, i == 0 ? node->address : TT_J1939_NO_ADDRESS, TT_J1939_GLOBAL);
		out[n].kind = TT_GATE_J1939_CLAIM;
		memcpy(out[n].name, node->name, TT_GATE_NAME);
		out[n++].max_per_s = CLAIMS_PER_S;
	}
	return n;
}
