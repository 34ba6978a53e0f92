#include "firmware/proto/can_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define EXT UINT32_C(0x80000000)

/* what lies before the set must not matter */
static struct {
	uint8_t before[64];
	struct tt_can_filter_set set;
} box;
#define set box.set

static int empty(void **state)
{
	(void)state;
	memset(&box, 0xFF, sizeof(box));
	set.n = 0;
	return 0;
}

static bool passes(uint32_t key)
{
	const struct tt_can_frame f = {.id = key & TT_CAN_EFF_MASK, .extended = (key & EXT) != 0};

	for (size_t i = 0; i < set.n; i++) {
		if (tt_can_filter_passes(&set.items[i], &f))
			return true;
	}
	return false;
}

static void a_key_passes_and_its_neighbours_do_not(void **state)
{
	(void)state;
	tt_can_filter_put_key(&set, 0x1F0);
	tt_can_filter_put_key(&set, EXT | 0x18FECA00);
	assert_int_equal(set.n, 2);
	for (uint32_t id = 0; id <= TT_CAN_SFF_MASK; id++)
		assert_int_equal(passes(id), id == 0x1F0);
	assert_false(passes(EXT | 0x1F0));
	assert_false(tt_can_filter_passes(&set.items[0], &(struct tt_can_frame){.id = 0x1F0, .rtr = true}));
	assert_true(passes(EXT | 0x18FECA00));
	for (uint32_t bit = 1; bit <= TT_CAN_EFF_MASK; bit <<= 1)
		assert_false(passes(EXT | (0x18FECA00 ^ bit)));
}

static void a_group_passes_from_any_source_with_any_priority(void **state)
{
	(void)state;
	tt_can_filter_put_pgn(&set, 0xFECA); /* PDU2 */
	tt_can_filter_put_pgn(&set, 0xEB00); /* PDU1: the destination is open */
	assert_int_equal(set.n, 2);
	for (uint32_t source = 0; source < 256; source++) {
		assert_true(passes(EXT | 0x18FECA00 | source));
		assert_true(passes(EXT | 0x0CFECA00 | source));
		assert_true(passes(EXT | 0x1CEB0000 | source << 8 | 0x17));
	}
	assert_false(passes(EXT | 0x18FECB00));
	assert_false(passes(EXT | 0x19FECA00)); /* the other data page */
	assert_false(passes(EXT | 0x1AFECA00)); /* extended data page */
	assert_false(passes(EXT | 0x18EA0000));
	assert_false(passes(0x2CA));
	set.n = 0;
	tt_can_filter_put_pgn(&set, 0xF000); /* the first PDU2 format */
	assert_false(passes(EXT | 0x18F00100));
	set.n = 0;
	tt_can_filter_put_pgn(&set, 0xEF00); /* the last PDU1 format */
	assert_true(passes(EXT | 0x18EF0100));
}

static void what_is_covered_already_adds_nothing(void **state)
{
	(void)state;
	tt_can_filter_put_key(&set, 0x7E9);
	tt_can_filter_put_key(&set, 0x7E8);
	tt_can_filter_put_key(&set, 0x7E9);
	assert_int_equal(set.n, 2);
	tt_can_filter_put(&set, (struct tt_can_filter){.id = 0x7EF, .mask = 0xFFFFFFF8}); /* stray bits are cut off */
	assert_int_equal(set.n, 1);
	assert_int_equal(set.items[0].id, 0x7E8);
	assert_int_equal(set.items[0].mask, 0x7F8);
	tt_can_filter_put_key(&set, 0x7EA);
	assert_int_equal(set.n, 1);
	tt_can_filter_put_key(&set, EXT | 0x7EA);
	assert_int_equal(set.n, 2);
}

static void the_limit_is_the_kernels(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < TT_CAN_FILTERS_MAX; id++)
		tt_can_filter_put_key(&set, EXT | id * 0x10001);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	/* a full set takes what it covers without a merge */
	tt_can_filter_put_key(&set, EXT | 0x10001);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	for (uint32_t id = 0; id < TT_CAN_FILTERS_MAX; id++)
		assert_false(passes(EXT | (id * 0x10001 + 1)));
}

static void beyond_the_limit_every_wanted_identifier_still_passes(void **state)
{
	enum { WANTED = 1500 };
	unsigned unwanted = 0;

	(void)state;
	for (uint32_t i = 0; i < WANTED; i++)
		tt_can_filter_put_key(&set, i % 3 ? EXT | i * 7919 : i);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	for (uint32_t i = 0; i < WANTED; i++)
		assert_true(passes(i % 3 ? EXT | i * 7919 : i));
	/* the price: some of the others, not most of them */
	for (uint32_t i = 0; i < 20000; i++)
		unwanted += passes(EXT | (0x1F000000 + i * 101));
	assert_int_equal(unwanted, 0);
}

static void the_cheapest_pair_is_the_one_that_is_merged(void **state)
{
	(void)state;
	/* far apart, but for two that differ in one bit */
	for (uint32_t i = 0; i < TT_CAN_FILTERS_MAX - 2; i++)
		tt_can_filter_put_key(&set, EXT | (i << 20 | (i * 2654435761U & 0xFFFFE)));
	tt_can_filter_put_key(&set, 0x100);
	tt_can_filter_put_key(&set, EXT | 0x1FFFFFFE);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	tt_can_filter_put_key(&set, EXT | 0x1FFFFFFF);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	tt_can_filter_put_key(&set, 0x7FF);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	assert_true(passes(EXT | 0x1FFFFFFE));
	assert_true(passes(EXT | 0x1FFFFFFF));
	assert_true(passes(0x100));
	assert_true(passes(0x7FF));
	assert_false(passes(0x7FE)); /* 11-bit identifiers were left alone: a pair there costs far more of its width */
}

static void filters_stand_in_order_and_of_equals_the_first_stays_first(void **state)
{
	static const struct tt_can_filter want[] = {
		{0x001, 0x7FF, false},     {0x100, 0x7F0, false},     {0x100, 0x70F, false},          {0x7FF, 0x7FF, false},
		{0x000, 0x1FFFFFFF, true}, {0x100, 0x1FFFFFFF, true}, {0x1FFFFFFF, 0x1FFFFFFF, true},
	};
	static const size_t order[] = {5, 1, 6, 3, 4, 2, 0};

	(void)state;
	for (size_t i = 0; i < 7; i++)
		tt_can_filter_put(&set, want[order[i]]);
	assert_int_equal(set.n, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(set.items[i].id, want[i].id);
		assert_int_equal(set.items[i].mask, want[i].mask);
		assert_int_equal(set.items[i].extended, want[i].extended);
	}
}

/* Filters of which no two cost less than 2^9 - 1 to merge, at places 1 to n of 512. */
static uint32_t place(uint32_t i)
{
	return i << 19 | (i & 1 ? 0xFF00 : 0);
}

static void fill(uint32_t from, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++)
		tt_can_filter_put_key(&set, EXT | place(i));
	assert_true(set.n <= TT_CAN_FILTERS_MAX);
}

/* A filter of 2^open identifiers. */
static void put_wide(uint32_t id, unsigned open)
{
	tt_can_filter_put(&set, (struct tt_can_filter){.id = id, .mask = TT_CAN_EFF_MASK & ~((1U << open) - 1), .extended = true});
}

static bool holds(uint32_t id, unsigned open)
{
	for (size_t i = 0; i < set.n; i++) {
		if (set.items[i].id == id && set.items[i].mask == (TT_CAN_EFF_MASK & ~((1U << open) - 1)))
			return true;
	}
	return false;
}

static void the_cost_of_a_pair_is_what_it_lets_through_beyond_the_wider_one(void **state)
{
	/* two pairs, each in a place of its own; both unions let 16 through */
	static const struct {
		uint32_t a, b;
		unsigned open_a, open_b;
	} pairs[] = {
		{0, 8, 3, 3},  /* costs 8 */
		{0, 15, 0, 0}, /* costs 15 */
		{0, 8, 3, 0},  /* costs 8 too */
		{8, 0, 0, 3},  /* and the other way round */
		{0, 12, 2, 2}, /* costs 12 */
	};
	static const struct {
		size_t first, second, merged;
	} cases[] = {{0, 1, 0}, {1, 0, 1}, {2, 4, 0}, {4, 2, 1}, {3, 4, 0}, {4, 3, 1}, {0, 2, 0}, {2, 0, 0}, {1, 1, 0}, {4, 1, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t which[] = {cases[i].first, cases[i].second};
		const uint32_t at[] = {place(2), place(500)};

		set.n = 0;
		fill(3, 497);
		for (size_t k = 0; k < 2; k++) {
			put_wide(at[k] | pairs[which[k]].a, pairs[which[k]].open_a);
			put_wide(at[k] | pairs[which[k]].b, pairs[which[k]].open_b);
		}
		fill(501, 11);
		assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
		tt_can_filter_put_key(&set, EXT | place(1));
		assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
		if (!holds(at[cases[i].merged], 4) || holds(at[!cases[i].merged], 4))
			fail_msg("case %zu: the other pair was merged", i);
	}
}

static void the_cheapest_pair_may_be_the_first_or_the_last(void **state)
{
	(void)state;
	put_wide(place(1), 0);
	put_wide(place(1) | 1, 0);
	fill(2, 510);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	tt_can_filter_put_key(&set, EXT | 0x1FFFFFFF);
	assert_true(holds(place(1), 1));
	assert_true(holds(0x1FFFFFFF, 0));
	set.n = 0;
	fill(1, 510);
	put_wide(place(511), 0);
	put_wide(place(511) | 1, 0);
	assert_int_equal(set.n, TT_CAN_FILTERS_MAX);
	tt_can_filter_put_key(&set, EXT | 1);
	assert_true(holds(place(511), 1));
	assert_true(holds(1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_key_passes_and_its_neighbours_do_not, empty),
		cmocka_unit_test_setup(a_group_passes_from_any_source_with_any_priority, empty),
		cmocka_unit_test_setup(what_is_covered_already_adds_nothing, empty),
		cmocka_unit_test_setup(the_limit_is_the_kernels, empty),
		cmocka_unit_test_setup(beyond_the_limit_every_wanted_identifier_still_passes, empty),
		cmocka_unit_test_setup(the_cheapest_pair_is_the_one_that_is_merged, empty),
		cmocka_unit_test_setup(filters_stand_in_order_and_of_equals_the_first_stays_first, empty),
		cmocka_unit_test_setup(the_cost_of_a_pair_is_what_it_lets_through_beyond_the_wider_one, empty),
		cmocka_unit_test_setup(the_cheapest_pair_may_be_the_first_or_the_last, empty),
	};

	return cmocka_run_group_tests_name("can_filter", tests, NULL, NULL);
}
