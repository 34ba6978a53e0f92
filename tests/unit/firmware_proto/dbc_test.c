#include "firmware/proto/dbc.h"

#include "firmware/proto/dbc_check.h"
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
	assert_int_equal(dbc.nmessages, 9);
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
		{BO " SG_ S m0" SG_TAIL, TT_EINVAL, 2, "a multiplexed signal"},
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

/* ---- the reader that goes on ---- */

static struct tt_dbc_fault heard[64];
static size_t nheard;

static void told(void *ctx, const struct tt_dbc_fault *fault)
{
	(void)ctx;
	assert_true(nheard < 64);
	heard[nheard++] = *fault;
}

static void read_text(const char *sample, size_t len, struct tt_dbc *dbc)
{
	static struct tt_dbc_arena a;

	nheard = 0;
	a = (struct tt_dbc_arena){.p = memory, .cap = tt_dbc_arena_size(sample, len)};
	assert_true(a.cap <= sizeof(memory));
	assert_int_equal(tt_dbc_read(sample, len, &a, told, NULL, dbc), TT_OK);
}

static void read_string(const char *sample, struct tt_dbc *dbc)
{
	read_text(sample, strlen(sample), dbc);
}

static void what_is_broken_is_left_out_and_the_rest_is_read(void **state)
{
	static const char sample[] =
		BO " SG_ S" SG_TAIL " SG_ Wide : 0|65@1+ (1,0) [0|0] \"\" X\n SG_ T : 8|8@1+ (1,0) [0|0] \"\" X\n"
		   "BO_ 5000 Bad: 8 X\n SG_ U" SG_TAIL "garbage\nmore garbage\nBO_ 2 B: 8 X\n SG_ V" SG_TAIL "CM_ \"no end\n";
	struct tt_dbc dbc;
	struct tt_dbc_arena a = {.p = memory + sizeof(memory) / 2, .cap = sizeof(memory) / 2};
	struct tt_dbc_plan plan;
	struct tt_dbc_value v[8];
	struct tt_dbc_message *m;
	const struct tt_can_frame f = {.id = 1, .len = 8, .data = {1, 2, 3}};

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(nheard, 4);
	assert_int_equal(heard[0].line, 3);
	assert_int_equal(heard[1].line, 5);
	assert_int_equal(heard[2].line, 7); /* once for both lines */
	assert_string_equal(heard[2].why, "not a statement of a DBC file");
	assert_int_equal(heard[3].line, 11);
	assert_int_equal(dbc.nmessages, 3);
	m = tt_dbc_message_by_name(&dbc, "A");
	assert_int_equal(m->nsignals, 3);
	assert_non_null(tt_dbc_signal_by_name(m, "Wide")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "Wide")->line, 3);
	assert_null(tt_dbc_signal_by_name(m, "T")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->line, 4);
	m = tt_dbc_message_by_name(&dbc, "Bad");
	assert_non_null(m->broken);
	assert_int_equal(m->key, TT_DBC_NO_KEY);
	assert_int_equal(m->line, 5);
	assert_int_equal(m->nsignals, 0);
	assert_int_equal(tt_dbc_message_by_name(&dbc, "B")->nsignals, 1);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
	assert_int_equal(plan.nmessages, 2);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 8), 2);
	assert_string_equal(v[1].signal->name, "T");
	assert_int_equal(v[1].raw, 2);
}

static void a_second_signal_of_a_name_breaks_both(void **state)
{
	struct tt_dbc dbc;
	static const char sample[] = BO " SG_ S" SG_TAIL " SG_ S : 8|8@1+ (1,0) [0|0] \"\" X\n";

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(nheard, 1);
	assert_int_equal(dbc.messages[0].nsignals, 1);
	assert_non_null(dbc.messages[0].signals[0].broken);
	assert_int_equal(dbc.messages[0].signals[0].line, 3);
}

static void two_messages_of_one_identifier_both_stay_in_the_order_of_the_file(void **state)
{
	static const char sample[] = "BO_ 7 First: 8 X\n SG_ A" SG_TAIL "BO_ 3 Other: 8 X\nBO_ 7 Second: 8 X\n SG_ B" SG_TAIL
				     "VAL_ 7 B 1 \"one\" ;\nVAL_ 7 A 2 \"two\" ;\n";
	struct tt_dbc_arena a = {.p = memory + sizeof(memory) / 2, .cap = sizeof(memory) / 2};
	struct tt_dbc dbc;
	struct tt_dbc_plan plan;
	struct tt_dbc_value v[4];
	const struct tt_can_frame f = {.id = 7, .len = 8, .data = {1}};

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(nheard, 1);
	assert_int_equal(heard[0].line, 4);
	assert_string_equal(dbc.messages[0].name, "Other");
	assert_string_equal(dbc.messages[1].name, "First");
	assert_string_equal(dbc.messages[2].name, "Second");
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[2].signals[0], 1), "one");
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[1].signals[0], 2), "two");
	/* the plan has the one that somebody wants */
	dbc.messages[2].signals[0].user = 9;
	assert_int_equal(tt_dbc_plan_build(&dbc, 0, &a, &plan), TT_OK);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 4), 1);
	assert_int_equal(v[0].user, 9);
}

static void statements_about_a_signal_that_break_its_decoding_break_it(void **state)
{
	static const char sample[] =
		BO " SG_ M1 M" SG_TAIL " SG_ S m0 : 8|8@1+ (1,0) [0|0] \"\" X\n SG_ T m0 : 16|8@1+ (1,0) [0|0] \"\" X\n"
		   " SG_ U : 24|8@1+ (1,0) [0|0] \"\" X\n SG_ V : 32|8@1+ (1,0) [0|0] \"\" X\n"
		   "SG_MUL_VAL_ 1 S T 0-0;\nSG_MUL_VAL_ 1 T M1 0-1;\nSIG_VALTYPE_ 1 U : 2;\nVAL_ 1 V 0 ;\n";
	struct tt_dbc dbc;
	const struct tt_dbc_message *m;

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(nheard, 3);
	m = &dbc.messages[0];
	assert_non_null(tt_dbc_signal_by_name(m, "S")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "S")->line, 7);
	assert_null(tt_dbc_signal_by_name(m, "T")->broken);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->nranges, 1);
	assert_int_equal(tt_dbc_signal_by_name(m, "T")->ranges[0].high, 1);
	assert_non_null(tt_dbc_signal_by_name(m, "U")->broken);
	assert_null(tt_dbc_signal_by_name(m, "V")->broken); /* texts do not matter to decoding */
	assert_int_equal(tt_dbc_signal_by_name(m, "V")->nchoices, 0);
}

static void statements_in_the_middle_of_a_line_are_faults(void **state)
{
	static const char *const samples[] = {"BO_ 1 A: 8 \"x\n\" BO_ 2 B: 8 X\n",
					      BO " SG_ S : 0|8@1+ (1,0) [0|0] \"\" \"x\n\" SG_ T" SG_TAIL};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tt_dbc dbc;

		read_text(samples[i], strlen(samples[i]), &dbc);
		assert_int_equal(nheard, 1);
		assert_non_null(strstr(heard[0].why, "begins in the middle of a line"));
		assert_int_equal(dbc.nmessages, 1);
	}
}

static void how_messages_travel_is_read_from_the_attributes(void **state)
{
	static const char sample[] =
		"BU_: One Two\n\tThree\nBO_ 1 A: 8 X\nBO_ 2 B: 64 X\nBO_ 2566834942 DM1: 8 X\n SG_ S" SG_TAIL "BO_ 3 C: 8 X\n"
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"StandardCAN\",\"ExtendedCAN_FD\",\"J1939PG\";\n"
		"BA_DEF_ BO_ \"Other\" ENUM \"J1939PG\";\nBA_DEF_ SG_ \"VFrameFormat\" INT 0 1;\n"
		"BA_DEF_DEF_ \"VFrameFormat\" \"StandardCAN\";\nBA_DEF_DEF_ \"Other\" \"J1939PG\";\n"
		"BA_ \"VFrameFormat\" BO_ 2 1;\nBA_ \"VFrameFormat\" BO_ 2566834942 2;\nBA_ \"VFrameFormat\" BO_ 3 \"J1939PG\";\n"
		"BA_ \"VFrameFormat\" BO_ 1 99;\nBA_ \"VFrameFormat\" BO_ 77 1;\nBA_ \"VFrameFormat\" BO_ x 1;\nBA_ \"VFrameFormat\" SG_ 1 "
		"S 1;\n"
		"BA_ \"VFrameFormat\" BO_ 1 1x;\nBA_ \"Other\" BO_ 1 2;\n";
	struct tt_dbc_arena a = {.p = memory + sizeof(memory) / 2, .cap = sizeof(memory) / 2};
	struct tt_can_filter_set set = {.n = 0};
	struct tt_dbc_plan plan;
	struct tt_dbc dbc;
	const struct tt_can_frame other_source = {.id = 0x18FECA17, .extended = true, .len = 8};

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(nheard, 0);
	assert_int_equal(dbc.nnodes, 3);
	assert_false(tt_dbc_message_by_name(&dbc, "A")->fd);
	assert_true(tt_dbc_message_by_name(&dbc, "B")->fd);
	assert_false(tt_dbc_message_by_name(&dbc, "B")->j1939);
	assert_true(tt_dbc_message_by_name(&dbc, "DM1")->j1939);
	assert_true(tt_dbc_message_by_name(&dbc, "C")->j1939); /* an 11-bit one has no group all the same */
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
	assert_string_equal(tt_dbc_plan_find(&plan, &other_source)->message->name, "DM1");
	tt_dbc_plan_filters(&plan, &set);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.items[3].mask, 0x03FFFF00);
	read_string("BO_ 1 A: 8 X\nBA_DEF_DEF_ \"VFrameFormat\" \"J1939PG\";\n", &dbc);
	assert_true(dbc.messages[0].j1939);
	read_string("BO_ 1 A: 8 X\nBA_ \"ProtocolType\" \"J1939\";\n", &dbc);
	assert_true(dbc.messages[0].j1939);
	read_string("BO_ 1 A: 8 X\nBA_ \"ProtocolType\" \"CAN\";\n", &dbc);
	assert_false(dbc.messages[0].j1939);
}

static void value_tables_are_taken_by_name(void **state)
{
	static const char sample[] =
		BO " SG_ S" SG_TAIL " SG_ T : 8|8@1+ (1,0) [0|0] \"\" X\n"
		   "VAL_TABLE_ Other 0 \"no\" ;\nVAL_TABLE_ OnOff 1 \"On\" 0 \"Off\" ;\nVAL_ 1 S OnOff ;\nVAL_ 1 T None ;\n"
		   "VAL_TABLE_ 5 0 \"no\" ;\n";
	struct tt_dbc dbc;

	(void)state;
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(dbc.ntables, 2);
	assert_string_equal(tt_dbc_choice_text(&dbc.messages[0].signals[0], 1), "On");
	assert_int_equal(dbc.messages[0].signals[1].nchoices, 0);
	assert_int_equal(nheard, 2);
	assert_true(heard[0].warning);
	assert_int_equal(heard[0].line, 7);
	assert_false(heard[1].warning);
	assert_int_equal(heard[1].line, 8);
}

static void messages_longer_than_any_frame_decode_from_their_bytes(void **state)
{
	static const char sample[] =
		"BO_ 2566834942 Long: 100 X\n SG_ Near : 504|8@1+ (1,0) [0|0] \"\" X\n SG_ Across : 508|16@1+ (1,0) [0|0] \"\" X\n"
		" SG_ Last : 799|7@0+ (1,0) [0|0] \"\" X\n SG_ Nine : 724|64@1+ (1,0) [0|0] \"\" X\n"
		"BO_ 1 Short: 8 X\n SG_ S" SG_TAIL;
	struct tt_dbc_arena a = {.p = memory + sizeof(memory) / 2, .cap = sizeof(memory) / 2};
	struct tt_dbc dbc;
	struct tt_dbc_plan plan;
	struct tt_dbc_value v[8];
	const struct tt_dbc_plan_message *m;
	uint8_t *data = malloc(100); /* of its own, so that a read behind it is seen */

	(void)state;
	assert_non_null(data);
	for (unsigned i = 0; i < 100; i++)
		data[i] = (uint8_t)(i + 1);
	read_text(sample, sizeof(sample) - 1, &dbc);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
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
		const struct tt_dbc dbc = {.messages = &m, .nmessages = 1};
		struct tt_dbc_arena a = arena();
		struct tt_can_frame f = {.id = 5, .len = (uint8_t)m.bytes, .fd = true}, again = f;
		struct tt_dbc_plan plan;
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
		assert_int_equal(tt_dbc_plan_build(&dbc, 0, &a, &plan), TT_OK);
		assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 32), m.nsignals);
		for (uint16_t i = 0; i < m.nsignals; i++) {
			assert_true(v[i].raw == want[i]);
			assert_int_equal(tt_dbc_put_raw(v[i].signal, v[i].raw, again.data, again.len), TT_OK);
		}
		assert_memory_equal(again.data, f.data, sizeof(f.data));
	}
}

static void the_census_leaves_out_what_is_broken(void **state)
{
	struct tt_dbc_census c;
	struct tt_dbc_arena a;
	struct tt_dbc dbc;

	(void)state;
	load("tests/golden/dbc/layouts.dbc", &dbc, &a);
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 6);
	assert_int_equal(c.signals, 17);
	assert_int_equal(c.multiplexed, 3);
	assert_int_equal(c.fd, 2);
	assert_int_equal(c.j1939, 0);
	assert_int_equal(c.value_tables, 1);
	dbc.messages[0].broken = "";
	dbc.messages[1].signals[0].broken = "";
	tt_dbc_count(&dbc, &c);
	assert_int_equal(c.messages, 5);
	assert_int_equal(c.signals, 12);
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
		cmocka_unit_test(what_is_broken_is_left_out_and_the_rest_is_read),
		cmocka_unit_test(a_second_signal_of_a_name_breaks_both),
		cmocka_unit_test(two_messages_of_one_identifier_both_stay_in_the_order_of_the_file),
		cmocka_unit_test(statements_about_a_signal_that_break_its_decoding_break_it),
		cmocka_unit_test(statements_in_the_middle_of_a_line_are_faults),
		cmocka_unit_test(how_messages_travel_is_read_from_the_attributes),
		cmocka_unit_test(value_tables_are_taken_by_name),
		cmocka_unit_test(messages_longer_than_any_frame_decode_from_their_bytes),
		cmocka_unit_test(every_value_of_every_random_layout_reads_back),
		cmocka_unit_test(the_census_leaves_out_what_is_broken),
	};

	return cmocka_run_group_tests_name("dbc", tests, NULL, NULL);
}
