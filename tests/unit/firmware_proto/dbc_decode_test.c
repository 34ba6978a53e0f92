#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct tt_dbc_value *value(const struct tt_dbc_value *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].signal->name, name) == 0)
			return &v[i];
	}
	return NULL;
}

static void layouts_of_every_kind_decode_to_their_values(void **state)
{
	static const struct {
		uint32_t key;
		const char *hex, *signal;
		int64_t raw;
		double value;
	} cases[] = {
		{256, "FF 00 00 00 00 00 00 00", "Byte0", 255, 255},
		{256, "00 F0 00 00 00 00 00 00", "Nibble", -1, -1},
		{256, "00 70 00 00 00 00 00 00", "Nibble", 7, 7},
		{256, "00 00 03 00 00 00 00 00", "Twelve", 3, -4.7}, /* exactly, not -4.7000000000000002 */
		{256, "00 00 FF 0F 00 00 00 00", "Twelve", -1, -5.1},
		{256, "00 00 00 10 00 00 00 00", "Rest", 1, 0.001},
		{256, "00 00 00 F0 FF FF FF FF", "Rest", 0xFFFFFFFFF, 68719476.735},
		{257, "12 34 00 00 00 00 00 00", "Word", 0x1234, 0x1234},
		{257, "00 00 08 00 00 00 00 00", "Twelve", -2048, -2048},
		{257, "00 00 07 FF 00 00 00 00", "Twelve", 2047, 2047},
		{257, "00 00 00 00 07 FE 00 00", "Odd", 0x1FF8, 4093},
		{258, "F0 FF FF FF FF FF FF FF 0F 00 00 00 00 00 00 00", "NineBytesIntel", -1, 18446744073709551615.0},
		{258, "10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "NineBytesIntel", 1, 1},
		{258, "00 00 00 00 00 00 00 00 00 FF FF FF FF FF FE 00", "SignedMotorola", -2, -2},
		{260, "00 00 C0 3F 00 00 00 00 00 00 F8 3F", "Single", 0x3FC00000, 1.5},
		{260, "00 00 C0 3F 00 00 00 00 00 00 F8 3F", "Double", 0x3FF8000000000000, 4},
	};

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	assert_int_equal(dbc.nmessages, 6);
	build(TT_DBC_PLAN_ALL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_can_frame f = frame(cases[i].key, cases[i].hex);
		struct tt_dbc_value v[8];
		const size_t n = tt_dbc_plan_decode(&plan, &f, v, 8);
		const struct tt_dbc_value *got = value(v, n, cases[i].signal);

		assert_non_null(got);
		if (got->raw != cases[i].raw || got->value != cases[i].value)
			fail_msg("%s of %s: raw %lld, value %.17g", cases[i].signal, cases[i].hex, (long long)got->raw, got->value);
	}
}

static void multiplexed_signals_are_there_only_with_their_selector(void **state)
{
	static const struct {
		const char *hex, *present, *absent;
	} cases[] = {
		{"00 11 22 33 00 00 00 00", "Selector Always WithZero", "WithOne Nested"},
		{"01 11 05 33 00 00 00 00", "Selector Always WithOne Nested", "WithZero"},
		{"04 11 07 33 00 00 00 00", "WithOne Nested", "WithZero"},
		{"04 11 08 33 00 00 00 00", "WithOne", "WithZero Nested"},
		{"02 11 05 33 00 00 00 00", "Selector Always", "WithZero WithOne Nested"},
	};

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	build(TT_DBC_PLAN_ALL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_can_frame f = frame(259, cases[i].hex);
		struct tt_dbc_value v[8];
		const size_t n = tt_dbc_plan_decode(&plan, &f, v, 8);

		for (unsigned wanted = 0; wanted < 2; wanted++) {
			char names[64];

			snprintf(names, sizeof(names), "%s", wanted ? cases[i].present : cases[i].absent);
			for (char *save = NULL, *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
				if (!value(v, n, name) == (wanted == 1))
					fail_msg("case %zu: %s is %s", i, name, wanted ? "missing" : "there");
			}
		}
	}
}

static void only_mapped_signals_are_decoded_even_behind_an_unmapped_selector(void **state)
{
	struct tt_dbc_value v[8];
	struct tt_can_frame f = frame(259, "00 11 22 33 00 00 00 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	tt_dbc_signal_by_name(tt_dbc_message_by_name(&dbc, "Multiplexed"), "WithZero")->user = 7;
	build(0);
	assert_int_equal(plan.nmessages, 1);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 1);
	assert_int_equal(v[0].user, 7);
	assert_int_equal(v[0].raw, 0x3322);
	f.data[0] = 1;
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 0);
	f = frame(256, "00 11 22 33 00 00 00 00");
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 0);
	assert_null(tt_dbc_plan_find(&plan, &f));
}

static void short_frames_give_the_signals_they_hold(void **state)
{
	struct tt_dbc_value v[8];
	struct tt_can_frame f = frame(256, "01 10 03 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	build(TT_DBC_PLAN_ALL);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 3);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 2), 2);
	f.len = 1;
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 1);
	f.len = 0;
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 0);
	f = frame(256, "01 10 03 00");
	f.rtr = true;
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 0);
	f.rtr = false;
	f.error = true;
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 0);
}

static void j1939_messages_match_by_group_from_any_source(void **state)
{
	struct tt_dbc_value v[8];
	const struct tt_can_frame other = frame(0x80000000U | 0x0CF00431, "00 00 00 40 1F 00 00 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc");
	build(TT_DBC_PLAN_ALL);
	assert_int_equal(tt_dbc_plan_decode(&plan, &other, v, 8), 0);
	build(TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939);
	assert_int_equal(tt_dbc_plan_decode(&plan, &other, v, 8), 1);
	assert_true(v[0].value == 1000.0);
	assert_int_equal(tt_dbc_pgn(0x18EA17F9), 0xEA00); /* PDU1: destination left out */
	assert_int_equal(tt_dbc_pgn(0x18FECA00), 0xFECA);
}

static void messages_longer_than_any_frame_decode_from_their_bytes(void **state)
{
	static const char sample[] = "BO_ 2566834942 Long: 100 X\n" SG("Near", "", "504|8@1+") SG("Across", "", "508|16@1+")
		SG("Last", "", "799|7@0+") SG("Nine", "", "724|64@1+") "BO_ 1 Short: 8 X\n" S8;
	struct tt_dbc_value v[8];
	const struct tt_dbc_plan_message *m;
	uint8_t *data = malloc(100); /* of its own, so that a read behind it is seen */

	(void)state;
	assert_non_null(data);
	for (unsigned i = 0; i < 100; i++)
		data[i] = (uint8_t)(i + 1);
	read_text(sample);
	build(TT_DBC_PLAN_ALL);
	assert_null(tt_dbc_plan_find_key(&plan, 2));
	m = tt_dbc_plan_find_key(&plan, 2566834942);
	assert_int_equal(tt_dbc_plan_decode_data(m, data, 100, v, 8), 4);
	assert_int_equal(v[0].raw, 64);
	assert_int_equal(v[1].raw, (65 << 4 | 64 >> 4) + (66 << 12 & 0xF000));
	assert_int_equal(v[2].raw, 50); /* the upper seven bits of the last byte */
	assert_true(v[3].raw == (int64_t)(UINT64_C(0x6261605F5E5D5C5B) >> 4 | (uint64_t)0x63 << 60));
	assert_int_equal(tt_dbc_plan_decode_data(m, data, 65, v, 8), 1);
	assert_int_equal(tt_dbc_plan_decode_data(m, data, 66, v, 8), 2);
	assert_int_equal(tt_dbc_plan_decode_data(m, data, 63, v, 8), 0);
	free(data);
}

/* Every layout: put bits by the independent writer, and read them through the plan. */
static void every_start_and_size_of_both_byte_orders_reads_back(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 64; size++) {
		for (unsigned start = 0; start < 512; start += size < 9 || start > 400 ? 1 : 5) {
			for (unsigned kind = 0; kind < 4; kind++) {
				struct tt_dbc_signal s = {.name = "S",
							  .unit = "",
							  .start = (uint16_t)start,
							  .size = (uint8_t)size,
							  .big_endian = kind & 1,
							  .is_signed = kind & 2,
							  .mux = TT_DBC_NO_MUX,
							  .user = 1,
							  .factor = {.value = 1, .mantissa = 1, .exact = true},
							  .offset = {.exact = true}};
				struct tt_dbc_message m = {.name = "M", .key = 5, .bytes = 64, .nsignals = 1, .signals = &s};
				const uint64_t pattern = UINT64_C(0xA5C3F00F9669E817) >> (64 - size);
				struct tt_dbc_value v;
				struct tt_can_frame f = {.id = 5, .len = 64, .fd = true};
				int64_t want = (int64_t)pattern;

				memset(f.data, start & 1 ? 0xFF : 0x00, sizeof(f.data));
				if (tt_dbc_put_raw(&s, (int64_t)pattern, f.data, sizeof(f.data)))
					continue;
				if (s.is_signed && size < 64 && (pattern >> (size - 1) & 1))
					want = (int64_t)(pattern - (UINT64_C(1) << size));
				dbc = (struct tt_dbc){.messages = &m, .nmessages = 1};
				build(0);
				assert_int_equal(tt_dbc_plan_decode(&plan, &f, &v, 1), 1);
				if (v.raw != want)
					fail_msg("start %u size %u kind %u: %llx", start, size, kind, (unsigned long long)v.raw);
			}
		}
	}
}

/* ---- what is written can be read: random layouts ---- */

static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* A message of signals that do not overlap, in random order, size, byte order and sign. Returns how many. */
static uint16_t random_layout(struct tt_dbc_signal *s, uint16_t cap, unsigned bytes)
{
	uint8_t taken[TT_CAN_MAX_DATA * 8] = {0};
	uint16_t n = 0;

	for (unsigned tries = 0; tries < 200 && n < cap; tries++) {
		struct tt_dbc_signal one = {
			.name = "S", .unit = "", .mux = TT_DBC_NO_MUX, .factor = {1, 1, 0, true}, .offset = {0, 0, 0, true}};
		uint8_t probe[TT_CAN_MAX_DATA] = {0};
		bool clash = false;

		one.start = (uint16_t)(next_random() % (bytes * 8));
		one.size = (uint8_t)(1 + next_random() % 64);
		one.big_endian = next_random() & 1;
		one.is_signed = next_random() & 1;
		one.user = n + 1U;
		if (tt_dbc_put_raw(&one, -1, probe, bytes))
			continue;
		for (unsigned i = 0; i < bytes * 8; i++)
			clash = clash || ((probe[i / 8] >> i % 8 & 1) && taken[i]);
		if (clash)
			continue;
		for (unsigned i = 0; i < bytes * 8; i++)
			taken[i] = taken[i] || (probe[i / 8] >> i % 8 & 1);
		s[n++] = one;
	}
	return n;
}

static void every_value_of_every_random_layout_reads_back(void **state)
{
	(void)state;
	random_state = UINT64_C(0x9E3779B97F4A7C15);
	for (unsigned round = 0; round < 2000; round++) {
		struct tt_dbc_signal signals[32];
		struct tt_dbc_message m = {
			.name = "M", .key = 5, .bytes = (uint16_t)(1 + next_random() % TT_CAN_MAX_DATA), .signals = signals};
		struct tt_can_frame f = {.id = 5, .len = (uint8_t)m.bytes, .fd = true}, again = f;
		struct tt_dbc_value v[32];
		int64_t want[32];

		m.nsignals = random_layout(signals, 32, m.bytes);
		for (uint16_t i = 0; i < m.nsignals; i++) {
			const uint64_t bits = next_random() >> (64 - signals[i].size);

			want[i] = signals[i].is_signed && signals[i].size < 64 && bits >> (signals[i].size - 1) & 1
					  ? (int64_t)(bits | UINT64_MAX << signals[i].size)
					  : (int64_t)bits;
			assert_int_equal(tt_dbc_put_raw(&signals[i], want[i], f.data, f.len), TT_OK);
		}
		dbc = (struct tt_dbc){.messages = &m, .nmessages = 1};
		build(0);
		assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 32), m.nsignals);
		for (uint16_t i = 0; i < m.nsignals; i++) {
			assert_true(v[i].raw == want[i]);
			assert_int_equal(tt_dbc_put_raw(v[i].signal, v[i].raw, again.data, again.len), TT_OK);
		}
		assert_memory_equal(again.data, f.data, sizeof(f.data));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_of_every_kind_decode_to_their_values),
		cmocka_unit_test(multiplexed_signals_are_there_only_with_their_selector),
		cmocka_unit_test(only_mapped_signals_are_decoded_even_behind_an_unmapped_selector),
		cmocka_unit_test(short_frames_give_the_signals_they_hold),
		cmocka_unit_test(j1939_messages_match_by_group_from_any_source),
		cmocka_unit_test(messages_longer_than_any_frame_decode_from_their_bytes),
		cmocka_unit_test(every_start_and_size_of_both_byte_orders_reads_back),
		cmocka_unit_test(every_value_of_every_random_layout_reads_back),
	};

	return cmocka_run_group_tests_name("dbc_decode", tests, NULL, NULL);
}
