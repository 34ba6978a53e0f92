#include "firmware/proto/gate_j1939.h"
#include "firmware/proto/j1939_node.h"
#include "firmware/proto/j1939_tp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { US = 0xF9, ENGINE = 0 };

static struct tt_j1939_node node;
static tt_mono_us now;
static struct tt_can_frame sent;

static int setup(void **state)
{
	struct tt_j1939_node_config config = {
		.bus = 1,
		.address = US,
		.asks = {{.pgn = TT_PGN_VIN, .dest = TT_J1939_GLOBAL}, {.pgn = TT_PGN_DM2, .dest = ENGINE, .every_us = TT_SEC(60)}},
		.nasks = 2};

	(void)state;
	now = TT_SEC(50);
	tt_j1939_name(0x123456789, config.name);
	tt_j1939_node_init(&node, &config);
	return 0;
}

static void hear(uint32_t id, const char *data, uint8_t len)
{
	struct tt_can_frame f = {.id = id, .extended = true, .len = len};

	memcpy(f.data, data, len);
	tt_j1939_node_feed(&node, now, &f);
}

static bool sends(void)
{
	return tt_j1939_node_next_tx(&node, now, &sent);
}

static void claimed(void)
{
	hear(0x18FECA00, "\0\0\0\0\0\0\0\0", 8);
	now += TT_MS(1500);
	assert_true(sends());
	assert_false(sends());
}

static void the_name_is_the_units_own(void **state)
{
	uint8_t name[TT_J1939_NAME + 1] = {0, 0, 0, 0, 0, 0, 0, 0, 0x5A};

	(void)state;
	tt_j1939_name(0x1FFFFF, name);
	assert_memory_equal(name, "\xFF\xFF\xFF\xFF\x00\xFF\xFE\x00", 8);
	tt_j1939_name(UINT64_C(0xFFFFFFFFFFE00000), name); /* only 21 bits of it */
	assert_memory_equal(name, "\x00\x00\xE0\xFF\x00\xFF\xFE\x00", 8);
	assert_int_equal(name[TT_J1939_NAME], 0x5A);
}

static void nothing_is_sent_before_the_bus_was_heard_without_our_address(void **state)
{
	struct tt_can_frame standard = {.id = 0x7E8, .len = 8};

	(void)state;
	now += TT_SEC(1000);
	assert_false(sends()); /* a silent bus */
	assert_int_equal(tt_j1939_node_wake_at(&node), TT_NEVER);
	tt_j1939_node_feed(&node, now, &standard);
	assert_int_equal(tt_j1939_node_wake_at(&node), TT_NEVER);
	hear(0x18FECA00, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(tt_j1939_node_wake_at(&node), now + TT_MS(1500));
	now += TT_MS(1000);
	hear(0x18FECA03, "\0\0\0\0\0\0\0\0", 8); /* does not begin anew */
	now += TT_MS(500) - 1;
	assert_false(sends());
	assert_int_equal(tt_j1939_node_address(&node), TT_J1939_NO_ADDRESS);
	now++;
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EEFFF9);
	assert_int_equal(sent.bus, 1);
	assert_int_equal(sent.len, 8);
	assert_memory_equal(sent.data, node.config.name, 8);
	assert_int_equal(tt_j1939_node_address(&node), US);
}

static void requests_come_one_by_one_after_the_time_to_object(void **state)
{
	const tt_mono_us start = now;

	(void)state;
	claimed();
	assert_int_equal(tt_j1939_node_wake_at(&node), now + TT_MS(250));
	now += TT_MS(250) - 1;
	assert_false(sends());
	now++;
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EAFFF9);
	assert_memory_equal(sent.data, "\xEC\xFE\x00", 3);
	assert_int_equal(tt_j1939_node_wake_at(&node), now + TT_MS(500));
	now += TT_MS(500) - 1;
	assert_false(sends());
	now++;
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EA00F9);
	assert_memory_equal(sent.data, "\xCB\xFE\x00", 3);
	assert_int_equal(tt_j1939_node_wake_at(&node), start + TT_MS(1500 + 250) + TT_SEC(10));
	now = tt_j1939_node_wake_at(&node);
	assert_true(sends()); /* the VIN a second time */
	assert_int_equal(sent.id, 0x18EAFFF9);
	now += TT_SEC(10);
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EAFFF9);
	now += TT_SEC(20);
	assert_false(sends()); /* three times is enough */
	assert_int_equal(tt_j1939_node_wake_at(&node), start + TT_MS(1500 + 250 + 500) + TT_SEC(60));
	now = tt_j1939_node_wake_at(&node);
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EA00F9);
}

static void an_answer_or_a_refusal_ends_the_asking(void **state)
{
	static const uint8_t nack[8] = {1, 0xFF, 0xFF, 0xFF, 0xFF, 0xCB, 0xFE, 0}, busy[8] = {3, 0xFF, 0xFF, 0xFF, 0xFF, 0xCB, 0xFE, 0};
	struct tt_j1939_message m = {.id = {.pgn = TT_PGN_VIN}, .data = nack, .len = 8};

	(void)state;
	claimed();
	tt_j1939_node_message(&node, &m); /* the VIN */
	assert_true(node.asks[0].done);
	m.id = (struct tt_j1939_id){.pgn = TT_PGN_DM2, .source = ENGINE};
	tt_j1939_node_message(&node, &m); /* DM2 goes on being asked for */
	m.id.pgn = TT_PGN_ACKNOWLEDGE;
	m.len = 7;
	tt_j1939_node_message(&node, &m);
	m.len = 8;
	m.id.source = 3;
	tt_j1939_node_message(&node, &m); /* somebody else has no DM2 */
	m.id.source = ENGINE;
	m.data = busy;
	tt_j1939_node_message(&node, &m);
	assert_false(node.asks[1].done);
	m.data = nack;
	tt_j1939_node_message(&node, &m);
	assert_true(node.asks[1].done);
	now += TT_SEC(100);
	assert_false(sends());
	assert_int_equal(tt_j1939_node_wake_at(&node), TT_NEVER);
	(void)setup(state);
	m.data = (const uint8_t *)"\x02\xFF\xFF\xFF\xFF\xCB\xFE\x00"; /* access denied */
	tt_j1939_node_message(&node, &m);
	assert_true(node.asks[1].done);
	m.data = (const uint8_t *)"\x01\xFF\xFF\xFF\xFF\xCA\xFE\x00"; /* of another group */
	(void)setup(state);
	tt_j1939_node_message(&node, &m);
	assert_false(node.asks[1].done);
}

/* Bug: the global address was taken for the refusing ECU of a request that had gone to everybody. */
static void what_comes_from_no_devices_address_is_neither_answer_nor_refusal(void **state)
{
	static const uint8_t nack[8] = {1, 0xFF, 0xFF, 0xFF, 0xFF, 0xEC, 0xFE, 0}, sources[] = {TT_J1939_NO_ADDRESS, TT_J1939_GLOBAL};
	struct tt_j1939_message m = {.data = nack, .len = 8};

	(void)state;
	claimed();
	for (size_t i = 0; i < sizeof(sources); i++) {
		m.id = (struct tt_j1939_id){.pgn = TT_PGN_ACKNOWLEDGE, .source = sources[i], .dest = TT_J1939_GLOBAL};
		tt_j1939_node_message(&node, &m);
		m.id.pgn = TT_PGN_VIN;
		tt_j1939_node_message(&node, &m);
		assert_false(node.asks[0].done);
	}
	m.id = (struct tt_j1939_id){.pgn = TT_PGN_ACKNOWLEDGE, .source = TT_J1939_ADDRESS_MAX, .dest = TT_J1939_GLOBAL};
	tt_j1939_node_message(&node, &m); /* one device of many */
	assert_false(node.asks[0].done);
	m.id.pgn = TT_PGN_VIN;
	tt_j1939_node_message(&node, &m);
	assert_true(node.asks[0].done);
}

static void groups_that_are_not_asked_for_are_not_answered(void **state)
{
	struct tt_j1939_message m = {.id = {.pgn = 0}, .data = (const uint8_t *)"", .len = 0};

	(void)state;
	tt_j1939_node_message(&node, &m);
	for (unsigned i = 0; i < TT_J1939_ASKS; i++)
		assert_false(node.asks[i].done);
}

static void a_group_is_asked_for_as_often_as_its_period_says(void **state)
{
	(void)state;
	node.config.nasks = 1;
	node.config.asks[0] = (struct tt_j1939_ask){.pgn = TT_PGN_DM2, .dest = ENGINE, .every_us = 1};
	claimed();
	now += TT_MS(250);
	for (unsigned i = 0; i < 5; i++) { /* no limit of tries, but never faster than one in half a second */
		assert_true(sends());
		assert_int_equal(tt_j1939_node_wake_at(&node), now + TT_MS(500));
		now += TT_MS(500);
	}
}

/* After a pause a request may be overdue: others may object to the new claim first all the same. */
static void a_new_claim_waits_for_objections_although_a_request_is_due(void **state)
{
	tt_mono_us due;

	(void)state;
	node.config.nasks = 1;
	claimed();
	now += TT_MS(250);
	assert_true(sends());
	due = now + TT_SEC(10);
	tt_j1939_node_pause(&node, true);
	tt_j1939_node_pause(&node, false);
	now = due + TT_MS(100) - TT_MS(1500);
	claimed();
	assert_int_equal(now, due + TT_MS(100));
	assert_int_equal(tt_j1939_node_wake_at(&node), now + TT_MS(250));
	now += TT_MS(250) - 1;
	assert_false(sends());
	now++;
	assert_true(sends());
}

static void we_yield_to_everybody_and_say_so_once(void **state)
{
	(void)state;
	claimed();
	hear(0x18EEFFF9, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8); /* its NAME would lose */
	assert_int_equal(tt_j1939_node_wake_at(&node), 0);
	assert_int_equal(tt_j1939_node_address(&node), TT_J1939_NO_ADDRESS);
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EEFFFE);
	assert_memory_equal(sent.data, node.config.name, 8);
	now += TT_SEC(1000);
	assert_false(sends());
	hear(0x18EAFF21, "\x00\xEE\x00", 3);
	assert_false(sends());
	assert_int_equal(tt_j1939_node_wake_at(&node), TT_NEVER);
	tt_j1939_node_pause(&node, true);
	tt_j1939_node_pause(&node, false);
	assert_int_equal(node.state, TT_J1939_YIELDED);
}

static void an_address_in_use_is_never_claimed(void **state)
{
	(void)state;
	hear(0x18FECA00, "\0\0\0\0\0\0\0\0", 8);
	hear(0x18FEF1F9, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(node.state, TT_J1939_YIELDED);
	now += TT_SEC(10);
	assert_false(sends());
}

static void asked_for_our_address_we_claim_again(void **state)
{
	(void)state;
	hear(0x18EAFF21, "\x00\xEE\x00", 3); /* before we have one: nothing to say */
	now += TT_MS(1499);
	assert_false(sends());
	now += TT_MS(1);
	assert_true(sends());
	assert_false(sends());
	hear(0x18EAFF21, "\xEC\xFE\x00", 3); /* another group */
	hear(0x18EA2221, "\x00\xEE\x00", 3); /* somebody else */
	hear(0x18EAFF21, "\x00\xEE", 2);
	assert_false(sends());
	hear(0x18EAFF21, "\x00\xEE\x00", 3);
	assert_int_equal(tt_j1939_node_wake_at(&node), 0);
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EEFFF9);
	hear(0x18EAF921, "\x00\xEE\x00", 3);
	assert_true(sends());
	assert_int_equal(sent.id, 0x18EEFFF9);
	assert_false(sends());
}

static void paused_it_is_silent_and_listens_first_afterwards(void **state)
{
	(void)state;
	claimed();
	tt_j1939_node_pause(&node, true);
	assert_int_equal(tt_j1939_node_address(&node), TT_J1939_NO_ADDRESS);
	hear(0x18FECA00, "\0\0\0\0\0\0\0\0", 8);
	now += TT_SEC(100);
	assert_false(sends());
	assert_int_equal(tt_j1939_node_wake_at(&node), TT_NEVER);
	tt_j1939_node_pause(&node, false);
	assert_false(sends());
	claimed();
	assert_int_equal(sent.id, 0x18EEFFF9);
}

/* ---- the gate of the bus ---- */

static void only_our_requests_answers_and_claims_pass(void **state)
{
	static const struct {
		uint32_t id;
		uint8_t len;
		uint8_t data[8];
		enum tt_gate_verdict verdict;
	} cases[] = {
		{0x18EAFFF9, 3, {0xEC, 0xFE, 0x00}, TT_GATE_PASS},
		{0x18EA00F9, 3, {0xCB, 0xFE, 0x00}, TT_GATE_PASS},
		{0x18EA00F9, 3, {0xEC, 0xFE, 0x00}, TT_GATE_SERVICE}, /* the VIN is asked of everybody only */
		{0x18EAFFF9, 3, {0xD3, 0xFE, 0x00}, TT_GATE_SERVICE}, /* DM11: clears the codes */
		{0x18EAFFF9, 3, {0x00, 0x00, 0x00}, TT_GATE_SERVICE},
		{0x18EAFFF9, 2, {0xEC, 0xFE}, TT_GATE_CONTROL},
		{0x18EAFFF9, 8, {0xEC, 0xFE, 0x00}, TT_GATE_CONTROL},
		{0x18EA21F9, 3, {0xCB, 0xFE, 0x00}, TT_GATE_IDENTIFIER},
		{0x18EAFFF8, 3, {0xEC, 0xFE, 0x00}, TT_GATE_IDENTIFIER}, /* another's address */
		{0x1CEC03F9, 8, {TT_J1939_CTS, 1, 1}, TT_GATE_PASS},
		{0x1CEC03F9, 8, {TT_J1939_END}, TT_GATE_PASS},
		{0x1CECFFF9, 8, {TT_J1939_ABORT}, TT_GATE_PASS},
		{0x1CEC03F9, 8, {TT_J1939_RTS, 9}, TT_GATE_CONTROL},
		{0x1CECFFF9, 8, {TT_J1939_BAM, 9}, TT_GATE_CONTROL},
		{0x1CEC03F9, 7, {TT_J1939_CTS}, TT_GATE_CONTROL},
		{0x1CEB03F9, 8, {1}, TT_GATE_IDENTIFIER},
		{0x18FECAF9, 8, {0}, TT_GATE_IDENTIFIER},
		{0x0C0003F9, 8, {0}, TT_GATE_IDENTIFIER}, /* TSC1: torque */
		{0x18EEFFF9, 8, {1, 2, 3, 4, 5, 6, 7, 8}, TT_GATE_PASS},
		{0x18EEFFFE, 8, {1, 2, 3, 4, 5, 6, 7, 8}, TT_GATE_PASS},
		{0x18EEFFF9, 8, {1, 2, 3, 4, 5, 6, 7, 9}, TT_GATE_SERVICE},
		{0x18EEFFF9, 7, {1, 2, 3, 4, 5, 6, 7}, TT_GATE_CONTROL},
		{0x18DB33F1, 8, {2, 1, 0}, TT_GATE_IDENTIFIER}, /* OBD is not this bus's */
	};
	struct tt_j1939_node_config config = node.config;
	struct tt_gate_rule rules[TT_GATE_J1939_RULES];
	struct tt_gate_config gate_config = {.rules = rules, .bus_max_per_s = TT_GATE_J1939_PER_S};
	static struct tt_gate gate;

	(void)state;
	memcpy(config.name, "\1\2\3\4\5\6\7\10", 8);
	config.asks[config.nasks++] = (struct tt_j1939_ask){.pgn = TT_PGN_DM5, .dest = TT_J1939_GLOBAL};
	gate_config.nrules = tt_gate_j1939_rules(&config, rules);
	assert_int_equal(gate_config.nrules, 5); /* two destinations, transport, two claims */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_can_frame f = {.id = cases[i].id, .extended = true, .len = cases[i].len};

		assert_int_equal(tt_gate_init(&gate, &gate_config), TT_OK);
		memcpy(f.data, cases[i].data, 8);
		if (tt_gate_check(&gate, now, &f) != cases[i].verdict)
			fail_msg("case %zu", i);
	}
	assert_int_equal(tt_gate_init(&gate, &gate_config), TT_OK);
	for (unsigned i = 0; i < 3; i++) {
		tt_j1939_request(TT_PGN_DM5, US, TT_J1939_GLOBAL, 0, &sent);
		assert_int_equal(tt_gate_check(&gate, now, &sent), i < 2 ? TT_GATE_PASS : TT_GATE_RATE);
	}
	for (unsigned i = 0; i < 3; i++) {
		struct tt_can_frame claim = {.id = 0x18EEFFF9, .extended = true, .len = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}};

		assert_int_equal(tt_gate_check(&gate, now, &claim), i < 2 ? TT_GATE_PASS : TT_GATE_RATE);
	}
	config.nasks = 0;
	assert_int_equal(tt_gate_j1939_rules(&config, rules), 3);
}

static void each_destination_has_one_rule_whatever_the_memory_held(void **state)
{
	static const uint32_t dm2_and_dm5[TT_GATE_PGNS] = {TT_PGN_DM2, TT_PGN_DM5};
	struct tt_j1939_node_config config = node.config;
	struct tt_gate_rule rules[TT_GATE_J1939_RULES];

	(void)state;
	config.asks[config.nasks++] = (struct tt_j1939_ask){.pgn = TT_PGN_DM5, .dest = ENGINE};
	for (unsigned i = 0; i < 2; i++) { /* the second time over the first one's rules */
		assert_int_equal(tt_gate_j1939_rules(&config, rules), 5);
		assert_int_equal(rules[0].id, 0x18EAFFF9);
		assert_int_equal(rules[0].mask, 0x1FFFFFFF);
		assert_int_equal(rules[0].pgns[0], TT_PGN_VIN);
		assert_int_equal(rules[0].pgns[1], 0);
		assert_int_equal(rules[1].id, 0x18EA00F9);
		assert_memory_equal(rules[1].pgns, dm2_and_dm5, sizeof(dm2_and_dm5));
		assert_int_equal(rules[2].id, 0x1CEC00F9);
		assert_int_equal(rules[2].mask, 0x1FFF00FF);
		assert_int_equal(rules[2].max_per_s, TT_GATE_J1939_PER_S);
		assert_int_equal(rules[3].id, 0x18EEFFF9);
		assert_int_equal(rules[3].mask, 0x1FFFFFFF);
		assert_int_equal(rules[4].id, 0x18EEFFFE);
		assert_memory_equal(rules[4].name, config.name, TT_GATE_NAME);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_is_the_units_own),
		cmocka_unit_test_setup(nothing_is_sent_before_the_bus_was_heard_without_our_address, setup),
		cmocka_unit_test_setup(requests_come_one_by_one_after_the_time_to_object, setup),
		cmocka_unit_test_setup(an_answer_or_a_refusal_ends_the_asking, setup),
		cmocka_unit_test_setup(what_comes_from_no_devices_address_is_neither_answer_nor_refusal, setup),
		cmocka_unit_test_setup(groups_that_are_not_asked_for_are_not_answered, setup),
		cmocka_unit_test_setup(a_group_is_asked_for_as_often_as_its_period_says, setup),
		cmocka_unit_test_setup(a_new_claim_waits_for_objections_although_a_request_is_due, setup),
		cmocka_unit_test_setup(we_yield_to_everybody_and_say_so_once, setup),
		cmocka_unit_test_setup(an_address_in_use_is_never_claimed, setup),
		cmocka_unit_test_setup(asked_for_our_address_we_claim_again, setup),
		cmocka_unit_test_setup(only_our_requests_answers_and_claims_pass, setup),
		cmocka_unit_test_setup(each_destination_has_one_rule_whatever_the_memory_held, setup),
		cmocka_unit_test_setup(paused_it_is_silent_and_listens_first_afterwards, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
