#include "firmware/agent/agent_obd.h"

#include "firmware/agent/agent_parts.h"

void tt_agent_allow_clear(struct tt_gate_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rules[i].flow_control)
			TT_ASSERT(tt_gate_rule_allow(&rules[i], TT_OBD_CLEAR) == TT_OK);
	}
}
