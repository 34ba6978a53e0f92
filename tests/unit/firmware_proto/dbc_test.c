#include "firmware/proto/dbc.h"

#include "firmware/proto/dbc_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static _Alignas(16) uint8_t memory[1 << 20];
static char text[1 << 16];

static struct tt_dbc_arena arena(void)
{
	return (struct tt_dbc_arena){.p = memory, .cap = sizeof(memory)};
}

static size_t read_file(const char *name)
{
	const char *root = getenv("TT_SOURCE_DIR");
	char path[512];
	FILE *f;
	size_t n;

	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return n;
}

static void load(const char *name, struct tt_dbc *dbc, struct tt_dbc_arena *a)
{
	struct tt_dbc_fault fault = {0};

	*a = arena();
	if (tt_dbc_parse(text, read_file(name), a, dbc, &fault))
		fail_msg("%s:%u: %s: %s", name, fault.line, fault.why, fault.detail);
}

static struct tt_can_frame frame(uint32_t key, const char *hex)
{
	struct tt_can_frame f = {.id = key & TT_CAN_EFF_MASK, .extended = key >> 31};

	memset(f.data, 0xA5, sizeof(f.data)); /* what lies behind the frame must not matter */
	for (unsigned v; *hex && sscanf(hex, "%2x", &v) == 1; hex += hex[2] ? 3 : 2)
		f.data[f.len++] = (uint8_t)v;
	return f;
}

static const struct tt_dbc_value *value(const struct tt_dbc_value *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].signal->name, name) == 0)
			return &v[i];
	}
	return NULL;
}

static void the_demo_car_is_read_whole(void **state)
{
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_message *m;
	struct tt_dbc_signal *s;

	(void)state;
	load("schemas/dbc/telltale_demo.dbc", &dbc, &a);
	assert_int_equal(dbc.nmessages, 8);
	m = tt_dbc_message_by_name(&dbc, "EngineData");
	assert_non_null(m);
	assert_int_equal(m->key, 0x1F0);
	s = tt_dbc_signal_by_name(m, "EngineSpeed");
	assert_true(s->big_endian);
	assert_string_equal(s->unit, "rpm");
	assert_true(s->factor.value == 0.25);
	assert_true(s->max == 16383.75);
	s = tt_dbc_signal_by_name(tt_dbc_message_by_name(&dbc, "BodyStatus"), "LowVoltageState");
	assert_string_equal(tt_dbc_choice_text(s, 4), "ON");
	assert_null(tt_dbc_choice_text(s, 9));
	assert_null(tt_dbc_message_by_name(&dbc, "Nothing"));
	assert_null(tt_dbc_signal_by_name(m, "Nothing"));
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
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_plan plan;

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	assert_int_equal(dbc.nmessages, 6);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
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

static void units_come_out_as_utf8_from_either_encoding(void **state)
{
	static const char *const degrees[] = {"\xC2\xB0"
					      "C",
					      "\xB0"
					      "C",
					      "\x80 \x81"};
	static const char *const want[] = {"\xC2\xB0"
					   "C",
					   "\xC2\xB0"
					   "C",
					   "\xE2\x82\xAC \xEF\xBF\xBD"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tt_dbc_arena a = arena();
		struct tt_dbc dbc;

		snprintf(text, sizeof(text), "BO_ 1 A: 8 X\r\n SG_ S : 0|8@1+ (1,0) [0|0] \"%s\" X\r\n", degrees[i]);
		assert_int_equal(tt_dbc_parse(text, strlen(text), &a, &dbc, NULL), TT_OK);
		assert_string_equal(dbc.messages[0].signals[0].unit, want[i]);
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
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_plan plan;

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
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
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_plan plan;
	struct tt_dbc_value v[8];
	struct tt_can_frame f = frame(259, "00 11 22 33 00 00 00 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	tt_dbc_signal_by_name(tt_dbc_message_by_name(&dbc, "Multiplexed"), "WithZero")->user = 7;
	assert_int_equal(tt_dbc_plan_build(&dbc, 0, &a, &plan), TT_OK);
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
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_plan plan;
	struct tt_dbc_value v[8];
	struct tt_can_frame f = frame(256, "01 10 03 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
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
	struct tt_dbc dbc;
	struct tt_dbc_arena a;
	struct tt_dbc_plan plan, exact;
	struct tt_dbc_value v[8];
	const struct tt_can_frame other = frame(0x80000000U | 0x0CF00431, "00 00 00 40 1F 00 00 00");

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939, &a, &plan), TT_OK);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &exact), TT_OK);
	assert_int_equal(tt_dbc_plan_decode(&exact, &other, v, 8), 0);
	assert_int_equal(tt_dbc_plan_decode(&plan, &other, v, 8), 1);
	assert_true(v[0].value == 1000.0);
	assert_int_equal(tt_dbc_pgn(0x18EA17F9), 0xEA00); /* PDU1: destination left out */
	assert_int_equal(tt_dbc_pgn(0x18FECA00), 0xFECA);
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
				const struct tt_dbc dbc = {.messages = &m, .nmessages = 1};
				const uint64_t pattern = UINT64_C(0xA5C3F00F9669E817) >> (64 - size);
				struct tt_dbc_arena a = arena();
				struct tt_dbc_plan plan;
				struct tt_dbc_value v;
				struct tt_can_frame f = {.id = 5, .len = 64, .fd = true};
				int64_t want = (int64_t)pattern;

				memset(f.data, start & 1 ? 0xFF : 0x00, sizeof(f.data));
				if (tt_dbc_put_raw(&s, (int64_t)pattern, f.data, sizeof(f.data)))
					continue;
				if (s.is_signed && size < 64 && (pattern >> (size - 1) & 1))
					want = (int64_t)(pattern - (UINT64_C(1) << size));
				assert_int_equal(tt_dbc_plan_build(&dbc, 0, &a, &plan), TT_OK);
				assert_int_equal(tt_dbc_plan_decode(&plan, &f, &v, 1), 1);
				if (v.raw != want)
					fail_msg("start %u size %u kind %u: %llx", start, size, kind, (unsigned long long)v.raw);
			}
		}
	}
}

#define BO "BO_ 1 A: 8 X\n"
#define SG_TAIL " : 0|8@1+ (1,0) [0|0] \"\" X\n"

static void faults_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text;
		enum tt_err err;
		uint32_t line;
		const char *why;
	} cases[] = {
		{"hello world", TT_EINVAL, 1, "not a statement"},
		{"VERSION \"\"\n\nSG_ S" SG_TAIL, TT_EINVAL, 3, "a signal outside"},
		{BO " SG_ S 0|8@1+ (1,0) [0|0] \"\" X\n", TT_EINVAL, 2, "neither ':'"},
		{BO " SG_ S : 0|8@2+ (1,0) [0|0] \"\" X\n", TT_ERANGE, 2, "the byte order"},
		{BO " SG_ S : 0|65@1+ (1,0) [0|0] \"\" X\n", TT_ERANGE, 2, "a signal has 1"},
		{BO " SG_ S : 0|0@1+ (1,0) [0|0] \"\" X\n", TT_ERANGE, 2, "a signal has 1"},
		{BO " SG_ S : 60|8@1+ (1,0) [0|0] \"\" X\n", TT_ERANGE, 2, "the signal lies"},
		{BO " SG_ S : 56|9@0+ (1,0) [0|0] \"\" X\n", TT_ERANGE, 2, "the signal lies"},
		{BO " SG_ S : 0|8@1+ (x,0) [0|0] \"\" X\n", TT_EINVAL, 2, "factor and offset"},
		{BO " SG_ S : 0|8@1+ (1,0) [0] \"\" X\n", TT_EINVAL, 2, "the range"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] X\n", TT_EINVAL, 2, "the unit"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] \"km", TT_EINVAL, 2, "the unit"},
		{BO " SG_ S" SG_TAIL " SG_ S" SG_TAIL, TT_EEXIST, 3, "the message has a signal"},
		{BO BO, TT_EEXIST, 2, "another message"},
		{"BO_ 4294967296 A: 8 X\n", TT_ERANGE, 1, "the message's identifier"},
		{"BO_ 2048 A: 8 X\n", TT_ERANGE, 1, "the message's identifier has more bits"},
		{"BO_ 1 A 8 X\n", TT_EINVAL, 1, "':' is missing"},
		{BO " SG_ S m0" SG_TAIL, TT_EINVAL, 1, "a multiplexed signal"},
		{"CM_ \"never\nended", TT_EINVAL, 1, "a string does not end"},
		{"BA_ \"x\" 1", TT_EINVAL, 1, "';' is missing"},
		{BO " SG_ S" SG_TAIL "VAL_ 1 S 0 1 ;", TT_EINVAL, 3, "VAL_ lists"},
		{BO " SG_ S" SG_TAIL "SIG_VALTYPE_ 1 S : 1;", TT_ERANGE, 3, "a float signal"},
		{BO " SG_ S" SG_TAIL "SG_MUL_VAL_ 1 S S 0-0;", TT_EINVAL, 3, "not a multiplexor"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_dbc_arena a = arena();
		struct tt_dbc dbc;
		struct tt_dbc_fault fault = {0};
		const enum tt_err err = tt_dbc_parse(cases[i].text, strlen(cases[i].text), &a, &dbc, &fault);

		if (err != cases[i].err || fault.line != cases[i].line || strncmp(fault.why, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("case %zu: %s, line %u: %s: %s", i, tt_err_name(err), fault.line, fault.why ? fault.why : "",
				 fault.detail);
	}
}

static void the_counted_arena_is_enough_and_a_smaller_one_is_an_error(void **state)
{
	static const char *const names[] = {"schemas/dbc/telltale_demo.dbc", "tests/golden/dbc/layouts.dbc"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const size_t len = read_file(names[i]), need = tt_dbc_arena_size(text, len);
		struct tt_dbc_arena a = {.p = memory, .cap = need};
		struct tt_dbc dbc;
		struct tt_dbc_plan plan;
		size_t used;

		assert_true(need < sizeof(memory));
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, NULL), TT_OK);
		used = a.used;
		for (size_t cap = 0; cap < used; cap += cap < 256 ? 1 : 61) {
			struct tt_dbc_fault fault = {0};

			a = (struct tt_dbc_arena){.p = memory, .cap = cap};
			assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, &fault), TT_ENOMEM);
		}
		a = (struct tt_dbc_arena){.p = memory, .cap = used};
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, NULL), TT_OK);
		a.cap += tt_dbc_plan_bound(&dbc);
		assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
		a = (struct tt_dbc_arena){.p = memory + used, .cap = 64};
		assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_ENOMEM);
	}
}

static void statements_about_unknown_things_are_skipped(void **state)
{
	static const char sample[] =
		BO " SG_ S" SG_TAIL "VAL_ 9 S 0 \"a\" ;\nVAL_ 1 Other 0 \"a\" ;\nVAL_ EnvVar 0 \"a\" ;\nVAL_ 1 S OnOff ;\n"
		   "SIG_VALTYPE_ 9 S : 1;\nEV_ Name: 0 [0|1] \"\" 0 1 DUMMY_NODE_VECTOR0 X;\nBO_TX_BU_ 1 : X,Y;\n";
	struct tt_dbc_arena a = arena();
	struct tt_dbc dbc;

	(void)state;
	assert_int_equal(tt_dbc_parse(sample, sizeof(sample) - 1, &a, &dbc, NULL), TT_OK);
	assert_int_equal(dbc.messages[0].signals[0].nchoices, 0);
	assert_int_equal(tt_dbc_parse("", 0, &a, &dbc, NULL), TT_OK);
	assert_int_equal(dbc.nmessages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demo_car_is_read_whole),
		cmocka_unit_test(layouts_of_every_kind_decode_to_their_values),
		cmocka_unit_test(units_come_out_as_utf8_from_either_encoding),
		cmocka_unit_test(multiplexed_signals_are_there_only_with_their_selector),
		cmocka_unit_test(only_mapped_signals_are_decoded_even_behind_an_unmapped_selector),
		cmocka_unit_test(short_frames_give_the_signals_they_hold),
		cmocka_unit_test(j1939_messages_match_by_group_from_any_source),
		cmocka_unit_test(every_start_and_size_of_both_byte_orders_reads_back),
		cmocka_unit_test(faults_are_told_with_their_line),
		cmocka_unit_test(the_counted_arena_is_enough_and_a_smaller_one_is_an_error),
		cmocka_unit_test(statements_about_unknown_things_are_skipped),
	};

	return cmocka_run_group_tests_name("dbc", tests, NULL, NULL);
}
