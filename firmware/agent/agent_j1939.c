#include "firmware/agent/agent_j1939.h"

#include "base/log.h"
#include "firmware/agent/agent_parts.h"

#include <stdlib.h>
#include <string.h>

enum { FRAMES_PER_TURN = 16 };

/* FNV-1a, 64 bits: as good as any to spread unit names over identity numbers. */
static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}

enum tt_err tt_agent_j1939_init(struct tt_agent_j1939 *j, const struct tt_profile *profile, const char *unit)
{
	for (uint8_t i = 0; i < TT_PROFILE_BUSES; i++) {
		struct tt_j1939_node_config config = {.bus = i, .address = profile->j1939.buses[i].address};

		if (!profile->j1939.buses[i].on)
			continue;
		j->buses[i].tp = calloc(1, sizeof(*j->buses[i].tp));
		if (!j->buses[i].tp)
			return TT_ENOMEM;
		tt_j1939_tp_init(j->buses[i].tp, TT_J1939_NO_ADDRESS);
		j->buses[i].gate = (struct tt_gate_config){.rules = j->buses[i].rules, .bus_max_per_s = TT_GATE_J1939_PER_S};
		if (!profile->j1939.buses[i].talks)
			continue;
		j->buses[i].talks = true;
		config.nasks = profile->j1939.buses[i].nasks;
		memcpy(config.asks, profile->j1939.buses[i].asks, sizeof(config.asks));
		tt_j1939_name(hash(unit), config.name);
		tt_j1939_node_init(&j->buses[i].node, &config);
		j->buses[i].gate.nrules = tt_gate_j1939_rules(&config, j->buses[i].rules);
	}
	return TT_OK;
}

void tt_agent_j1939_free(struct tt_agent_j1939 *j)
{
	for (unsigned i = 0; i < TT_PROFILE_BUSES; i++)
		free(j->buses[i].tp);
}

const struct tt_gate_config *tt_agent_j1939_gate(const struct tt_agent_j1939 *j, uint8_t bus)
{
	return bus < TT_PROFILE_BUSES && j->buses[bus].tp ? &j->buses[bus].gate : NULL;
}

void tt_agent_j1939_frame(struct tt_agent *a, tt_mono_us at_us, const struct tt_can_frame *frame)
{
	struct tt_agent_j1939 *j = &a->j1939;
	struct tt_j1939_message m;

	if (frame->bus >= TT_PROFILE_BUSES || !j->buses[frame->bus].tp)
		return;
	if (j->buses[frame->bus].talks)
		tt_j1939_node_feed(&j->buses[frame->bus].node, at_us, frame);
	if (!tt_j1939_tp_feed(j->buses[frame->bus].tp, at_us, frame, &m))
		return;
	if (j->buses[frame->bus].talks)
		tt_j1939_node_message(&j->buses[frame->bus].node, &m);
	if (tt_vehicle_j1939(a->vehicle, at_us, &m))
		tt_log(TT_LOG_INFO, NULL, "vin", "read from J1939 source %02X", m.id.source);
}

static void transmit(struct tt_bus *bus, tt_mono_us now_us, const struct tt_can_frame *f)
{
	bus->sent += tt_bus_send(bus, now_us, f) != TT_EDENIED;
}

void tt_agent_j1939_turn(struct tt_agent *a, tt_mono_us now_us, bool may_ask)
{
	struct tt_can_frame f;

	for (size_t i = 0; i < a->nbuses && i < TT_PROFILE_BUSES; i++) {
		struct tt_j1939_node *node = &a->j1939.buses[i].node;
		struct tt_j1939_tp *tp = a->j1939.buses[i].tp;

		if (!tp)
			continue;
		if (a->j1939.buses[i].talks) {
			const bool pause = !may_ask || !tt_bus_can_send(a->buses[i]);

			if (pause != node->paused)
				tt_j1939_node_pause(node, pause);
			if (tt_j1939_node_address(node) != tp->address)
				tt_j1939_tp_address(tp, tt_j1939_node_address(node));
			for (unsigned n = 0; n < FRAMES_PER_TURN && tt_j1939_node_next_tx(node, now_us, &f); n++)
				transmit(a->buses[i], now_us, &f);
		}
		tt_j1939_tp_tick(tp, now_us);
		while (tt_j1939_tp_next_tx(tp, &f)) {
			f.bus = (uint8_t)i;
			transmit(a->buses[i], now_us, &f);
		}
	}
}

tt_mono_us tt_agent_j1939_wake_at(const struct tt_agent *a)
{
	tt_mono_us at = TT_NEVER;

	for (unsigned i = 0; i < TT_PROFILE_BUSES; i++) {
		if (!a->j1939.buses[i].tp)
			continue;
		at = tt_min_i64(at, tt_j1939_tp_wake_at(a->j1939.buses[i].tp));
		if (a->j1939.buses[i].talks)
			at = tt_min_i64(at, tt_j1939_node_wake_at(&a->j1939.buses[i].node));
	}
	return at;
}

bool tt_agent_j1939_yielded(const struct tt_agent_j1939 *j, uint8_t *bus)
{
	for (uint8_t i = 0; i < TT_PROFILE_BUSES; i++) {
		if (j->buses[i].talks && j->buses[i].node.state == TT_J1939_YIELDED) {
			*bus = i;
			return true;
		}
	}
	return false;
}
