/*
 * J1939 with frames in any order and time. Input: the first byte says whether we hold an address; then 13 bytes a step: a selector of the
 * identifier and the length, a time step, three bytes of identifier, eight of data. What comes out whole goes through the diagnostic
 * messages, parameters and the vehicle identification; a sender and a node hear the same bus.
 */
#include "firmware/proto/gate_j1939.h"
#include "firmware/proto/j1939_dm.h"
#include "firmware/proto/j1939_send.h"
#include "firmware/proto/j1939_spn.h"
#include "firmware/proto/j1939_tp.h"

#include <string.h>

enum { STEP = 13, US = 0xF9 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_message(const struct tt_j1939_message *m, struct tt_j1939_node *node)
{
	static struct tt_j1939_dm dm;
	struct tt_j1939_dm5 dm5;
	char vin[TT_VIN_TEXT];
	const struct tt_j1939_spn *spn;
	int64_t milli;

	TT_ASSERT(m->len <= TT_J1939_MAX && m->id.pgn <= TT_PGN_MAX);
	for (unsigned method = 1; method <= 4; method++) {
		if (tt_j1939_dm(m->data, m->len, method, &dm) != TT_OK)
			continue;
		TT_ASSERT(dm.n <= TT_J1939_DTCS);
		for (size_t i = 0; i < dm.n; i++)
			TT_ASSERT(dm.dtcs[i].spn > 0 && dm.dtcs[i].spn < TT_J1939_SPN_NONE && dm.dtcs[i].fmi < 32);
	}
	if (tt_j1939_dm5(m->data, m->len, &dm5) == TT_OK)
		TT_ASSERT((dm5.incomplete & ~dm5.supported) == 0);
	(void)!tt_j1939_vin(m->data, m->len, vin);
	for (size_t i = 0; (spn = tt_j1939_spn_at(i)); i++)
		(void)tt_j1939_spn_value(spn, m->data, m->len, &milli);
	tt_j1939_node_message(node, m);
}

/* What we say on our own passes the gate of our own configuration. */
static void drain(struct tt_j1939_tp *tp, struct tt_j1939_node *node, struct tt_gate *gate, tt_mono_us now)
{
	struct tt_can_frame f;
	enum tt_gate_verdict verdict;

	for (unsigned n = 0; n < 100 && (tt_j1939_node_next_tx(node, now, &f) || tt_j1939_tp_next_tx(tp, &f)); n++) {
		verdict = tt_gate_check(gate, now, &f);
		TT_ASSERT(verdict == TT_GATE_PASS || verdict == TT_GATE_RATE || verdict == TT_GATE_BUDGET);
	}
	TT_ASSERT(tt_j1939_tp_wake_at(tp) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tt_j1939_node_config config = {
		.address = US,
		.name = {1, 2, 3},
		.asks = {{.pgn = TT_PGN_VIN, .dest = TT_J1939_GLOBAL}, {.pgn = TT_PGN_DM2, .dest = 3, .every_us = TT_SEC(10)}},
		.nasks = 2};
	static const struct tt_j1939_id id = {.pgn = TT_PGN_VIN, .priority = 6, .source = 0x21, .dest = 3};
	static const uint8_t payload[200];
	static struct tt_j1939_tp tp;
	struct tt_gate_rule rules[TT_GATE_J1939_RULES];
	struct tt_gate_config gate_config = {.rules = rules, .bus_max_per_s = TT_GATE_J1939_PER_S};
	static struct tt_gate gate;
	struct tt_j1939_node node;
	struct tt_j1939_send send;
	tt_mono_us now = 1;

	if (size == 0)
		return 0;
	gate_config.nrules = tt_gate_j1939_rules(&config, rules);
	TT_ASSERT(tt_gate_init(&gate, &gate_config) == TT_OK);
	tt_j1939_tp_init(&tp, data[0] & 1 ? US : TT_J1939_NO_ADDRESS);
	tt_j1939_node_init(&node, &config);
	tt_j1939_send_init(&send, &(struct tt_j1939_send_config){.bam_gap_us = TT_MS(1)});
	for (data++, size--; size >= STEP; data += STEP, size -= STEP) {
		static const uint32_t ids[] = {0x1CECFF00, 0x1CEBFF00, 0x1CECF900, 0x1CEBF900,
					       0x1CEC2103, 0x1CEB2103, 0x1CEC0321, 0x18FECA00};
		struct tt_can_frame f = {.extended = true, .len = data[0] & 0xF}, out;
		struct tt_j1939_message m;

		f.id = data[0] & 0x80 ? ((uint32_t)data[2] << 16 | (uint32_t)data[3] << 8 | data[4]) | 0x18000000
				      : ids[data[0] >> 4] + data[4] % 40U;
		memcpy(f.data, data + 5, 8);
		now += data[1] * 10000;
		tt_j1939_node_feed(&node, now, &f);
		tt_j1939_send_feed(&send, now, &f);
		if (tt_j1939_tp_feed(&tp, now, &f, &m))
			read_message(&m, &node);
		drain(&tp, &node, &gate, now);
		(void)!tt_j1939_send(&send, &id, payload, 1 + data[1] % sizeof(payload));
		for (unsigned n = 0; n < 40 && tt_j1939_send_next_tx(&send, now, &out); n++)
			TT_ASSERT(out.len <= 8 && (out.id & 0xFF) == 0x21);
		tt_j1939_tp_tick(&tp, now + 1);
		drain(&tp, &node, &gate, now + 1);
	}
	return 0;
}
