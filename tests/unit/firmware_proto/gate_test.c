/* The transmit gate: identifiers, services and rules. */
#include "gate_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_read_only_default_lets_only_reading_through(void **state)
{
	const struct {
		struct tt_can_frame frame;
		enum tt_gate_verdict want;
	} cases[] = {
		{FRAME(0x7DF, 2, 0x01, 0x00), TT_GATE_PASS},
		{FRAME(0x7E0, 1, 0x03), TT_GATE_PASS},
		{FRAME(0x7E7, 2, 0x09, 0x02), TT_GATE_PASS},
		{FRAME(0x7E0, 0x30, 0, 0), TT_GATE_PASS},
		{FRAME(0x18DB33F1, 1, 0x07), TT_GATE_PASS},
		{FRAME(0x18DA10F1, 1, 0x0A), TT_GATE_PASS},
		{FRAME(0x18DA10F1, 0x30, 0, 0), TT_GATE_PASS},
		{FRAME(0x7E0, 1, 0x04), TT_GATE_SERVICE},                   /* clears codes */
		{FRAME(0x7E0, 7, 0x08, 1, 0, 0, 0, 0, 0), TT_GATE_SERVICE}, /* actuates */
		{FRAME(0x7E0, 2, 0x10, 0x03), TT_GATE_SERVICE},             /* UDS session */
		{FRAME(0x7E0, 2, 0x2E, 0x01), TT_GATE_SERVICE},
		{FRAME(0x7E0, 2, 0x31, 0x01), TT_GATE_SERVICE},
		{FRAME(0x7E0, 1, 0x00), TT_GATE_SERVICE},
		{FRAME(0x7DF, 0x30, 0, 0), TT_GATE_CONTROL}, /* flow control goes to one ECU */
		{FRAME(0x7E0, 0x30, 0), TT_GATE_CONTROL},
		{FRAME(0x7E0, 0x10, 0x14, 0x01), TT_GATE_CONTROL},
		{FRAME(0x7E0, 0x21, 0x04), TT_GATE_CONTROL},
		{FRAME(0x7E0, 0x40, 0x01), TT_GATE_CONTROL},
		{FRAME(0x7E0, 0x00, 0x01), TT_GATE_CONTROL},
		{FRAME(0x7E0, 0x03, 0x01), TT_GATE_CONTROL}, /* says three bytes, has one */
		{FRAME(0x7E8, 1, 0x03), TT_GATE_IDENTIFIER},
		{FRAME(0x1F0, 1, 0x03), TT_GATE_IDENTIFIER},
		{FRAME(0x18DAF110, 1, 0x03), TT_GATE_IDENTIFIER},
		{FRAME(0x18DA10F2, 1, 0x03), TT_GATE_IDENTIFIER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_gate g;
		enum tt_gate_verdict got;

		assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
		got = tt_gate_check(&g, 0, &cases[i].frame);
		if (got != cases[i].want)
			fail_msg("case %zu: %s", i, tt_gate_verdict_text(got));
		assert_int_equal(g.count[got], 1);
	}
}

static void every_identifier_and_service_outside_the_list_is_refused(void **state)
{
	unsigned passed = 0;

	(void)state;
	for (uint32_t id = 0; id <= TT_CAN_SFF_MASK; id++) {
		for (unsigned service = 0; service <= 0xFF; service++) {
			struct tt_can_frame f = {.id = id, .len = 2, .data = {1, (uint8_t)service}};
			struct tt_gate g;

			assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
			passed += tt_gate_check(&g, 0, &f) == TT_GATE_PASS;
		}
	}
	assert_int_equal(passed, 9 * 7); /* 7DF, 7E0-7E7; 01 02 03 06 07 09 0A */
}

static void configurations_that_cannot_be_kept_are_refused(void **state)
{
	static struct tt_gate_rule rules[TT_GATE_RULES + 1];
	struct tt_gate_config config = {.rules = rules, .nrules = 1, .bus_max_per_s = 1};
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_ERANGE);
	rules[0].max_per_s = 1;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	config.bus_max_per_s = 0;
	assert_int_equal(tt_gate_init(&g, &config), TT_ERANGE);
	config = (struct tt_gate_config){.rules = rules, .nrules = TT_GATE_RULES + 1, .bus_max_per_s = 1};
	assert_int_equal(tt_gate_init(&g, &config), TT_ERANGE);
}

static void a_service_is_added_to_a_rule_while_it_has_room(void **state)
{
	struct tt_gate_rule rule = {.services = {0x01}};

	(void)state;
	for (uint8_t service = 0x02; service <= TT_GATE_SERVICES; service++)
		assert_int_equal(tt_gate_rule_allow(&rule, service), TT_OK);
	assert_int_equal(tt_gate_rule_allow(&rule, 0x01), TT_OK);
	assert_int_equal(tt_gate_rule_allow(&rule, 0x0A), TT_EFULL);
	for (uint8_t i = 0; i < TT_GATE_SERVICES; i++)
		assert_int_equal(rule.services[i], i + 1);
}

static void several_rules_of_one_identifier_each_allow_their_own(void **state)
{
	const struct tt_gate_rule rules[] = {
		{.id = 0x7E0, .mask = 0x7F8, .flow_control = true, .services = {0x01}, .max_per_s = 10},
		{.id = 0x7E0, .mask = 0x7FF, .services = {0x19, 0x22}, .max_per_s = 1},
	};
	const struct tt_gate_config config = {.rules = rules, .nrules = 2, .bus_max_per_s = 40};
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 2, 0x01, 0x00)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 3, 0x19, 0x02, 0xFF)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 3, 0x19, 0x02, 0xFF)), TT_GATE_RATE); /* of the rule that let it through */
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 0x30, 0, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 1, 0x04)), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E1, 3, 0x19, 0x02, 0xFF)), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7D0, 3, 0x19, 0x02, 0xFF)), TT_GATE_IDENTIFIER);
}

/* As the agent puts them together: the read-only default first, then what the profile's `transmit` lines add on the same identifiers. */
static void a_rule_of_the_profile_is_not_hidden_by_the_read_only_default(void **state)
{
	struct tt_gate_rule rules[TT_GATE_RULES];
	struct tt_gate_config config = {.rules = rules, .nrules = tt_gate_read_only.nrules + 1, .bus_max_per_s = 40};
	struct tt_gate g;

	(void)state;
	memcpy(rules, tt_gate_read_only.rules, tt_gate_read_only.nrules * sizeof(rules[0]));
	rules[tt_gate_read_only.nrules] =
		(struct tt_gate_rule){.id = 0x7E2, .mask = 0x7FF, .segmented = true, .services = {0x22, 0x2F}, .max_per_s = 2};
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E2, 4, 0x2F, 0x01, 0x02, 0x03)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E2, 0x10, 0x0A, 0x22, 1, 2, 3, 4, 5)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E2, 2, 0x01, 0x00)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E2, 0x30, 0, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E2, 1, 0x04)), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E1, 4, 0x2F, 0x01, 0x02, 0x03)), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E3, 4, 0x2F, 0x01, 0x02, 0x03)), TT_GATE_SERVICE);
}

static void a_session_is_opened_only_where_the_rule_names_it(void **state)
{
	const struct tt_gate_rule rules[] = {
		{.id = 0x7E0, .mask = 0x7FF, .services = {0x10}, .session = 0x03, .max_per_s = 40},
		{.id = 0x7E1, .mask = 0x7FF, .services = {0x10}, .max_per_s = 40},
	};
	const struct tt_gate_config config = {.rules = rules, .nrules = 2, .bus_max_per_s = 400};
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	for (unsigned session = 0; session <= 0xFF; session++) {
		const enum tt_gate_verdict named = tt_gate_check(&g, TT_SEC(session), &FRAME(0x7E0, 2, 0x10, (uint8_t)session));
		const enum tt_gate_verdict none = tt_gate_check(&g, TT_SEC(session), &FRAME(0x7E1, 2, 0x10, (uint8_t)session));

		assert_int_equal(named, (session & 0x7F) == 1 || (session & 0x7F) == 3 ? TT_GATE_PASS : TT_GATE_SERVICE);
		assert_int_equal(none, (session & 0x7F) == 1 ? TT_GATE_PASS : TT_GATE_SERVICE);
	}
	assert_int_equal(tt_gate_check(&g, TT_SEC(999), &FRAME(0x7E0, 1, 0x10)), TT_GATE_SERVICE); /* no session named */
}

static void the_read_only_default_names_every_bit_and_rate(void **state)
{
	static const struct {
		uint32_t id, open; /* open: bits in which it may differ */
		unsigned burst;
		enum tt_gate_verdict then, flow;
	} rules[] = {
		{0x7DF, 0, 5, TT_GATE_RATE, TT_GATE_CONTROL},
		{0x7E0, 0x7, 40, TT_GATE_RATE, TT_GATE_PASS},
		{0x18DB33F1, 0x10000, 5, TT_GATE_RATE, TT_GATE_CONTROL}, /* 18DA33F1 is one of the next */
		{0x18DA00F1, 0xFF00, 40, TT_GATE_RATE, TT_GATE_PASS},
	};
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_read_only.nrules, 4);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct tt_can_frame f = FRAME(rules[i].id, 1, 0x03);

		for (uint32_t bit = 1; bit <= (f.extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK); bit <<= 1) {
			assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
			f.id = rules[i].id ^ bit;
			assert_int_equal(tt_gate_check(&g, 0, &f), bit & rules[i].open ? TT_GATE_PASS : TT_GATE_IDENTIFIER);
		}
		f.id = rules[i].id;
		assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
		assert_int_equal(burst(&g, 0, &f, rules[i].then), rules[i].burst);
		assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
		assert_int_equal(tt_gate_check(&g, 0, &FRAME(rules[i].id, 0x30, 0, 0)), rules[i].flow);
		for (unsigned service = 0; service <= 0xFF; service++) {
			const bool reads = service != 0 && memchr("\x01\x02\x03\x06\x07\x09\x0A", (int)service, 7) != NULL;

			assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
			assert_int_equal(tt_gate_check(&g, 0, &FRAME(rules[i].id, 1, (uint8_t)service)),
					 reads ? TT_GATE_PASS : TT_GATE_SERVICE);
		}
	}
	/* the bus's own budget: both widths together */
	assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(tt_gate_check(&g, 0, i % 2 ? &FRAME(0x7E0, 1, 3) : &FRAME(0x18DA10F1, 1, 3)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x7E0, 1, 3)), TT_GATE_BUDGET);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x18DB33F1, 1, 3)), TT_GATE_BUDGET);
}

static void every_verdict_has_its_text(void **state)
{
	static const char *const texts[] = {
		"allowed",
		"only classic data frames may be sent",
		"identifier not on the allow-list",
		"kind of frame not allowed on this identifier",
		"service not allowed on this identifier",
		"rate of this identifier used up",
		"budget of this bus used up",
		"unknown verdict",
	};

	(void)state;
	assert_int_equal(sizeof(texts) / sizeof(texts[0]), TT_GATE_VERDICTS + 1);
	for (unsigned i = 0; i <= TT_GATE_VERDICTS; i++)
		assert_string_equal(tt_gate_verdict_text((enum tt_gate_verdict)i), texts[i]);
}

static void a_command_opens_the_gate_for_its_very_frames(void **state)
{
	const struct tt_can_frame frames[] = {FRAME(0x7E0, 3, 0x2F, 0x12), FRAME(0x18DA10F1, 0x12, 0x34)};
	const struct tt_gate_config config = {.rules = NULL, .nrules = 0, .bus_max_per_s = 4};
	struct tt_can_frame f;
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &frames[0]), TT_GATE_IDENTIFIER);
	tt_gate_open(&g, frames, 2);
	f = frames[0];
	f.data[3] = 1; /* behind the frame's end */
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_PASS);
	f = frames[0];
	f.bus = 1;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = frames[0];
	f.id = 0x7E1;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = frames[0];
	f.extended = true;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	for (unsigned i = 0; i < 3; i++) {
		f = frames[0];
		f.data[i] ^= 0x80;
		assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	}
	f = frames[0];
	f.len = 2;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f.len = 4;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	/* within the bus's budget: one of four is spent */
	assert_int_equal(burst(&g, 0, &frames[1], TT_GATE_BUDGET), 3);
	assert_int_equal(tt_gate_check(&g, 249999, &frames[1]), TT_GATE_BUDGET);
	assert_int_equal(tt_gate_check(&g, 250000, &frames[1]), TT_GATE_PASS);
	tt_gate_close(&g);
	assert_int_equal(tt_gate_check(&g, TT_SEC(9), &frames[1]), TT_GATE_IDENTIFIER);
	assert_int_equal(g.count[TT_GATE_PASS], 5);
	assert_int_equal(g.count[TT_GATE_BUDGET], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_read_only_default_lets_only_reading_through),
		cmocka_unit_test(every_identifier_and_service_outside_the_list_is_refused),
		cmocka_unit_test(configurations_that_cannot_be_kept_are_refused),
		cmocka_unit_test(a_service_is_added_to_a_rule_while_it_has_room),
		cmocka_unit_test(several_rules_of_one_identifier_each_allow_their_own),
		cmocka_unit_test(a_rule_of_the_profile_is_not_hidden_by_the_read_only_default),
		cmocka_unit_test(a_session_is_opened_only_where_the_rule_names_it),
		cmocka_unit_test(the_read_only_default_names_every_bit_and_rate),
		cmocka_unit_test(every_verdict_has_its_text),
		cmocka_unit_test(a_command_opens_the_gate_for_its_very_frames),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
