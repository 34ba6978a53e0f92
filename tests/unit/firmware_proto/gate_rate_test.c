/* The transmit gate: rates and the budget of a bus. */
#include "gate_bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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

static void a_rate_is_paid_back_to_the_microsecond(void **state)
{
	static const struct tt_gate_rule rules[] = {{.id = 0x100, .mask = 0x7FF, .services = {3}, .max_per_s = 4}};
	static const struct tt_gate_config config = {.rules = rules, .nrules = 1, .bus_max_per_s = 8};
	const struct tt_can_frame f = FRAME(0x100, 1, 3);
	const tt_mono_us start = TT_SEC(1000);
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(burst(&g, start, &f, TT_GATE_RATE), 4);
	assert_int_equal(tt_gate_check(&g, start + 249999, &f), TT_GATE_RATE);
	assert_int_equal(tt_gate_check(&g, start + 250000, &f), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, start + 250001, &f), TT_GATE_RATE);
	/* what is saved up in bits adds up, to a whole second of it at most */
	assert_int_equal(burst(&g, start + 750000, &f, TT_GATE_RATE), 2);
	assert_int_equal(burst(&g, start + 1500000, &f, TT_GATE_RATE), 3);
	assert_int_equal(burst(&g, start + 2500000, &f, TT_GATE_RATE), 4);
	assert_int_equal(burst(&g, start + 9500000, &f, TT_GATE_RATE), 4);
	/* a clock that steps back earns nothing and owes nothing */
	assert_int_equal(burst(&g, start, &f, TT_GATE_RATE), 0);
	assert_int_equal(burst(&g, start + 250000, &f, TT_GATE_RATE), 1);
	assert_int_equal(burst(&g, start + 740000, &f, TT_GATE_RATE), 1);
	assert_int_equal(burst(&g, start + 730000, &f, TT_GATE_RATE), 0);
	assert_int_equal(burst(&g, start + 740000, &f, TT_GATE_RATE), 1);
	assert_int_equal(tt_gate_check(&g, INT64_MAX, &f), TT_GATE_PASS);
}

static void what_is_held_back_costs_nothing(void **state)
{
	static const struct tt_gate_rule rules[] = {
		{.id = 0x100, .mask = 0x7FF, .services = {3}, .max_per_s = 2},
		{.id = 0x101, .mask = 0x7FF, .services = {3}, .max_per_s = 2},
	};
	static const struct tt_gate_config config = {.rules = rules, .nrules = 2, .bus_max_per_s = 3};
	const struct tt_can_frame a = FRAME(0x100, 1, 3), b = FRAME(0x101, 1, 3);
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	assert_int_equal(burst(&g, 0, &a, TT_GATE_RATE), 2);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(tt_gate_check(&g, 0, &a), TT_GATE_RATE);
	assert_int_equal(burst(&g, 0, &b, TT_GATE_BUDGET), 1);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(tt_gate_check(&g, 0, &b), TT_GATE_BUDGET);
	/* the rule of b still holds the frame that the bus had no room for; three frames take 999 999 us of the bus */
	assert_int_equal(tt_gate_check(&g, 333331, &b), TT_GATE_BUDGET);
	assert_int_equal(tt_gate_check(&g, 333332, &b), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 333332, &b), TT_GATE_RATE);
}

static void a_full_table_of_rules_has_a_rate_each(void **state)
{
	static struct tt_gate_rule rules[TT_GATE_RULES];
	const struct tt_gate_config config = {.rules = rules, .nrules = TT_GATE_RULES, .bus_max_per_s = 1000};
	struct tt_gate g;

	(void)state;
	for (uint16_t i = 0; i < TT_GATE_RULES; i++)
		rules[i] = (struct tt_gate_rule){.id = 0x100U + i, .mask = 0x7FF, .services = {3}, .max_per_s = (uint16_t)(i + 1)};
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	for (uint16_t i = 0; i < TT_GATE_RULES; i++)
		assert_int_equal(burst(&g, 0, &FRAME(0x100U + i, 1, 3), TT_GATE_RATE), i + 1);
	for (uint8_t bus = 1; bus < TT_GATE_BUSES; bus++) {
		struct tt_can_frame f = FRAME(0x100, 1, 3);

		f.bus = bus;
		assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_RATE); /* one rate for all buses */
		assert_int_equal(g.buses[bus].owed_us, 0);
		f = (struct tt_can_frame){.id = 0x700, .len = 1, .bus = bus};
		tt_gate_open(&g, &f, 1);
		assert_int_equal(burst(&g, 0, &f, TT_GATE_BUDGET), 1000);
		tt_gate_close(&g);
	}
	rules[TT_GATE_RULES - 1].max_per_s = 0;
	assert_int_equal(tt_gate_init(&g, &config), TT_ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_hold_over_any_second),
		cmocka_unit_test(the_bus_budget_holds_over_all_identifiers_and_each_bus_alone),
		cmocka_unit_test(a_rate_is_paid_back_to_the_microsecond),
		cmocka_unit_test(what_is_held_back_costs_nothing),
		cmocka_unit_test(a_full_table_of_rules_has_a_rate_each),
	};

	return cmocka_run_group_tests_name("gate rates", tests, NULL, NULL);
}
