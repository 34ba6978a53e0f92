#include "firmware/proto/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FRAME(id_, ...) \
	((struct tt_can_frame){ \
		.id = (id_), .extended = (id_) > 0x7FF, .len = sizeof((const uint8_t[]){__VA_ARGS__}), .data = {__VA_ARGS__}})

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

static void only_classic_data_frames_pass(void **state)
{
	struct tt_gate g;
	struct tt_can_frame f = FRAME(0x7DF, 1, 3), bad[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		bad[i] = f;
	bad[0].rtr = true;
	bad[1].error = true;
	bad[2].fd = true;
	bad[3].len = 9;
	bad[4].bus = TT_GATE_BUSES;
	assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(tt_gate_check(&g, 0, &bad[i]), TT_GATE_BAD_FRAME);
	f.len = 0;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_CONTROL);
}

static void rates_hold_over_any_second(void **state)
{
	struct tt_gate g;
	const struct tt_can_frame f = FRAME(0x7DF, 1, 3);
	unsigned passed = 0;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
	for (tt_mono_us t = 0; t < TT_SEC(10); t += TT_MS(1))
		passed += tt_gate_check(&g, t, &f) == TT_GATE_PASS;
	assert_in_range(passed, 50, 55); /* 5 a second and the first burst */
	assert_int_equal(g.count[TT_GATE_RATE], 10000 - passed);
	/* a clock that stands still or steps back earns nothing */
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_RATE);
}

static void the_bus_budget_holds_over_all_identifiers_and_each_bus_alone(void **state)
{
	struct tt_gate g;
	unsigned passed = 0;
	struct tt_can_frame other = FRAME(0x7E0, 1, 3);

	(void)state;
	assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
	for (tt_mono_us t = 0; t < TT_SEC(10); t += TT_MS(1)) {
		const struct tt_can_frame a = FRAME(0x7E0, 1, 3), b = FRAME(0x18DA10F1, 1, 3);

		passed += tt_gate_check(&g, t, t / 1000 % 2 ? &a : &b) == TT_GATE_PASS;
	}
	assert_in_range(passed, 400, 440);
	assert_true(g.count[TT_GATE_BUDGET] > 0);
	other.bus = 1;
	assert_int_equal(tt_gate_check(&g, TT_SEC(11), &other), TT_GATE_PASS);
}

static void segmented_messages_pass_only_where_a_rule_says_so_and_only_whole(void **state)
{
	static const struct tt_gate_rule rules[] = {{.id = 0x7E0, .mask = 0x7FF, .segmented = true, .services = {0x22}, .max_per_s = 100}};
	static const struct tt_gate_config config = {.rules = rules, .nrules = 1, .bus_max_per_s = 100};
	const struct tt_can_frame first = FRAME(0x7E0, 0x10, 0x0E, 0x22, 1, 2, 3, 4, 5), next = FRAME(0x7E0, 0x21, 1, 2, 3, 4, 5, 6, 7);
	const struct tt_can_frame bad = FRAME(0x7E0, 0x10, 0x0E, 0x2E, 1, 2, 3, 4, 5);
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &next), TT_GATE_CONTROL);
	assert_int_equal(tt_gate_check(&g, 0, &bad), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &next), TT_GATE_CONTROL);
	assert_int_equal(tt_gate_check(&g, 0, &first), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &next), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &next), TT_GATE_PASS); /* 14 bytes: 6, 7 and 1 */
	assert_int_equal(tt_gate_check(&g, 0, &next), TT_GATE_CONTROL);
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

static void with_an_address_byte_the_contents_are_judged_behind_it(void **state)
{
	const struct tt_gate_rule rules[] = {{.id = 0x6F1,
					      .mask = 0x7FF,
					      .flow_control = true,
					      .segmented = true,
					      .addressed = true,
					      .address = 0x12,
					      .services = {0x22},
					      .max_per_s = 40}};
	const struct tt_gate_config config = {.rules = rules, .nrules = 1, .bus_max_per_s = 400};
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 3, 0x22, 0xF1, 0x90)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x30, 0, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x13, 3, 0x22, 0xF1, 0x90)), TT_GATE_CONTROL);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 3, 0x2E, 0xF1, 0x90)), TT_GATE_SERVICE);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12)), TT_GATE_CONTROL);
	assert_int_equal(tt_gate_check(&g, 0, &((struct tt_can_frame){.id = 0x6F1})), TT_GATE_CONTROL);
	/* 5 bytes in the first frame and 6 in each that follows: 18 bytes are three more */
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x10, 18, 0x22, 0, 0, 0, 0)), TT_GATE_PASS);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, (uint8_t)(0x20 + i), 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x24, 0)), TT_GATE_CONTROL);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x10, 17, 0x22, 0, 0, 0, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x21, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x22, 0)), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &FRAME(0x6F1, 0x12, 0x23, 0)), TT_GATE_CONTROL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_read_only_default_lets_only_reading_through),
		cmocka_unit_test(every_identifier_and_service_outside_the_list_is_refused),
		cmocka_unit_test(only_classic_data_frames_pass),
		cmocka_unit_test(rates_hold_over_any_second),
		cmocka_unit_test(the_bus_budget_holds_over_all_identifiers_and_each_bus_alone),
		cmocka_unit_test(segmented_messages_pass_only_where_a_rule_says_so_and_only_whole),
		cmocka_unit_test(a_service_is_added_to_a_rule_while_it_has_room),
		cmocka_unit_test(configurations_that_cannot_be_kept_are_refused),
		cmocka_unit_test(several_rules_of_one_identifier_each_allow_their_own),
		cmocka_unit_test(a_session_is_opened_only_where_the_rule_names_it),
		cmocka_unit_test(with_an_address_byte_the_contents_are_judged_behind_it),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
