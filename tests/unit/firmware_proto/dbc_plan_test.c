#include "firmware/proto/dbc_lex.h"

#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PGN_KEY(id) (UINT32_C(0x80000000) | (id))

static void scaling_is_exact_wherever_a_double_holds_all_of_it(void **state)
{
	static const struct {
		const char *place, *scaling;
		bool exact;
		double scale, offset, divisor, of_three; /* the value of raw 3 */
	} cases[] = {
		{"0|8@1+", "(1,0)", true, 1, 0, 1, 3},
		{"0|8@1+", "(0.1,0)", true, 1, 0, 10, 0.3},
		{"0|8@1-", "(-0.1,0)", true, -1, 0, 10, -0.3},
		{"0|8@1+", "(0.1,-0.05)", true, 10, -5, 100, 0.25},
		{"0|8@1+", "(0.01,0.1)", true, 1, 10, 100, 0.13},
		{"0|8@1+", "(10,1e3)", true, 10, 1000, 1, 1030},
		{"0|8@1+", "(1e1,1e3)", true, 10, 1000, 1, 1030},
		{"0|8@1+", "(10,0.5)", true, 100, 5, 10, 30.5},
		{"0|8@1+", "(0.5,1e2)", true, 5, 1000, 10, 101.5},
		{"0|8@1+", "(1e-22,0)", true, 1, 0, 1e22, 3e-22},
		{"0|8@1+", "(0,1e-22)", true, 0, 1, 1e22, 1e-22},
		{"0|8@1+", "(1e-23,0)", false, 1 / 1e22 / 10, 0, 1, 3 * (1 / 1e22 / 10)},
		{"0|8@1+", "(1,1e-23)", false, 1, 1 / 1e22 / 10, 1, 3},
		{"0|8@1+", "(1e23,0)", false, 1e22 * 10, 0, 1, 3 * (1e22 * 10)},
		{"0|8@1+", "(0,1e23)", false, 0, 1e22 * 10, 1, 1e22 * 10},
		{"0|8@1+", "(1e12,1e-11)", false, 1e12, 1e-11, 1, 3 * 1e12 + 1e-11},
		{"0|8@1+", "(1e-11,1e12)", false, 1e-11, 1e12, 1, 3 * 1e-11 + 1e12},
		{"0|52@1+", "(0.1,0)", true, 1, 0, 10, 0.3},
		{"0|52@1+", "(0.2,0)", false, 0.2, 0, 1, 3 * 0.2},
		{"0|52@1+", "(-0.2,0)", false, -0.2, 0, 1, 3 * -0.2},
		{"0|53@1+", "(0.1,0)", false, 0.1, 0, 1, 3 * 0.1},
		{"0|64@1+", "(0.1,0)", false, 0.1, 0, 1, 3 * 0.1},
		{"0|8@1+", "(0.1,900719925474073.5)", true, 1, 9007199254740735, 10, 900719925474073.8},
		{"0|8@1+", "(0.1,900719925474073.6)", false, 0.1, 900719925474073.6, 1, 900719925474073.6 + 3 * 0.1},
		{"0|8@1+", "(0.1,-900719925474073.6)", false, 0.1, -900719925474073.6, 1, -900719925474073.6 + 3 * 0.1},
		{"0|8@1+", "(0.1000000000000000000001,0)", false, 0.1, 0, 1, 3 * 0.1}, /* more digits than are held */
		{"0|8@1+", "(1,0.1000000000000000000001)", false, 1, 0.1, 1, 3.1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_dbc_plan_signal *s;
		struct tt_dbc_value v;
		char text[128];

		snprintf(text, sizeof(text), "BO_ 1 A: 8 X\n SG_ S : %s %s [0|0] \"\" X\n", cases[i].place, cases[i].scaling);
		compile(text, TT_DBC_PLAN_ALL);
		s = &plan.messages[0].signals[0];
		assert_int_equal(tt_dbc_plan_decode(&plan, &(struct tt_can_frame){.id = 1, .len = 8, .data = {3}}, &v, 1), 1);
		if (s->exact != cases[i].exact || s->scale != cases[i].scale || s->offset != cases[i].offset ||
		    s->divisor != cases[i].divisor || v.value != cases[i].of_three || v.raw != 3)
			fail_msg("%s %s: %d, %.17g %.17g %.17g: %.17g", cases[i].place, cases[i].scaling, s->exact, s->scale, s->offset,
				 s->divisor, v.value);
	}
}

static void floats_are_scaled_but_never_as_integers(void **state)
{
	static const char text[] = "BO_ 1 A: 8 X\n SG_ F : 0|32@1- (0.5,1) [0|0] \"\" X\n SG_ G : 32|32@1+ (1,0) [0|0] \"\" X\n"
				   "BO_ 2 B: 8 X\n SG_ D : 0|64@1- (2,1) [0|0] \"\" X\n"
				   "SIG_VALTYPE_ 1 F : 1;\nSIG_VALTYPE_ 1 G : 1;\nSIG_VALTYPE_ 2 D : 2;\n";
	static const uint8_t floats[] = {0, 0, 0xC0, 0xBF, 0, 0, 0x80, 0x7F}, fraction[] = {0, 0, 0, 0, 0, 0, 0xF8, 0xBF};
	struct tt_can_frame f = {.id = 1, .len = 8};
	struct tt_dbc_value v[2];

	(void)state;
	compile(text, TT_DBC_PLAN_ALL);
	memcpy(f.data, floats, 8);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 2), 2);
	assert_true(v[0].value == 0.25); /* -1.5 */
	assert_true(v[0].raw == 0xBFC00000);
	assert_true(v[1].value > 1.7e308); /* infinite */
	f.id = 2;
	memcpy(f.data, fraction, 8);
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, v, 2), 1);
	assert_true(v[0].value == -2); /* -1.5 */
}

static void a_signal_knows_its_window(void **state)
{
	static const struct {
		unsigned start, size, big;
		unsigned bytes, byte, shift, wide;
	} cases[] = {
		{0, 8, 0, 1, 0, 0, 0},      {7, 8, 1, 1, 0, 56, 0},     {4, 64, 0, 9, 0, 0, 1},     {448, 64, 0, 64, 56, 0, 0},
		{504, 8, 0, 64, 56, 56, 0}, {511, 8, 1, 64, 56, 0, 0},  {449, 63, 0, 64, 56, 1, 0}, {440, 64, 0, 63, 55, 0, 0},
		{444, 64, 0, 64, 55, 0, 1}, {443, 61, 0, 63, 55, 3, 0}, {443, 62, 0, 64, 55, 0, 1}, {60, 5, 1, 8, 7, 56, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		const struct tt_dbc_plan_signal *s;

		snprintf(text, sizeof(text), "BO_ 1 A: 64 X\n SG_ S : %u|%u@%u+ (1,0) [0|0] \"\" X\n", cases[i].start, cases[i].size,
			 cases[i].big ? 0 : 1);
		compile(text, TT_DBC_PLAN_ALL);
		s = &plan.messages[0].signals[0];
		if (s->bytes != cases[i].bytes || s->byte != cases[i].byte || s->shift != cases[i].shift || s->wide != cases[i].wide ||
		    s->swap != cases[i].big)
			fail_msg("case %zu: bytes %u, byte %u, shift %u, wide %d", i, s->bytes, s->byte, s->shift, s->wide);
	}
	/* what lies beyond any frame is read within the message */
	compile("BO_ 1 A: 70 X\n SG_ S : 512|8@1+ (1,0) [0|0] \"\" X\n SG_ T : 552|8@1+ (1,0) [0|0] \"\" X\n"
		" SG_ U : 504|8@1+ (1,0) [0|0] \"\" X\n SG_ V : 505|8@1+ (1,0) [0|0] \"\" X\n",
		TT_DBC_PLAN_ALL);
	assert_int_equal(plan.messages[0].signals[0].byte, 62);
	assert_int_equal(plan.messages[0].signals[0].shift, 16);
	assert_int_equal(plan.messages[0].signals[1].byte, 62);
	assert_int_equal(plan.messages[0].signals[1].shift, 56);
	assert_int_equal(plan.messages[0].signals[2].byte, 56);
	assert_int_equal(plan.messages[0].signals[3].byte, 62);
	assert_int_equal(plan.messages[0].signals[3].shift, 9);
}

static size_t decode(uint32_t id, const uint8_t *data, uint8_t len, struct tt_dbc_value *v, size_t cap)
{
	struct tt_can_frame f = {.id = id, .len = len};

	memcpy(f.data, data, len);
	return tt_dbc_plan_decode(&plan, &f, v, cap);
}

static void a_multiplexor_that_the_frame_does_not_hold_hides_its_signals(void **state)
{
	struct tt_dbc_value v[8];

	(void)state;
	compile("BO_ 1 A: 8 X\n" SG("S", "m0", "0|8@1+") SG("M", "M", "8|8@1+") SG("T", "m0", "0|4@1+"), TT_DBC_PLAN_ALL);
	assert_int_equal(decode(1, (const uint8_t[]){5, 0}, 2, v, 8), 3);
	assert_int_equal(v[0].raw, 5);
	assert_string_equal(v[2].signal->name, "T");
	assert_int_equal(decode(1, (const uint8_t[]){5, 1}, 2, v, 8), 1);
	assert_int_equal(decode(1, (const uint8_t[]){5}, 1, v, 8), 0);
	assert_int_equal(decode(1, (const uint8_t[]){5, 0}, 2, v, 0), 0);
}

static void nested_multiplexors_are_asked_four_deep(void **state)
{
	/* each hangs on the one before: A, B with A 1, C with B 1, D with C 1, E with D 1, F with E 1 */
	static const char text[] = "BO_ 1 X: 8 X\n" SG("F", "m1", "40|8@1+") SG("A", "M", "0|8@1+") SG("B", "m1M", "8|8@1+")
		SG("C", "m1M", "16|8@1+") SG("D", "m1M", "24|8@1+") SG("E", "m1M", "32|8@1+") MUL_VAL("C", "B", "1-1")
			MUL_VAL("D", "C", "1-1") MUL_VAL("E", "D", "1-1") MUL_VAL("F", "E", "1-1");
	static const uint8_t all[] = {1, 1, 1, 1, 1, 1};
	struct tt_dbc_value v[8];

	(void)state;
	compile(text, TT_DBC_PLAN_ALL);
	assert_int_equal(decode(1, all, 6, v, 8), 5); /* F would be the fifth level */
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(v[i].signal->name[0], 'A' + (int)i);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t some[6];

		memcpy(some, all, 6);
		some[i] = 2;
		/* what hangs on it is gone, and all that hangs on that */
		assert_int_equal(decode(1, some, 6, v, 8), i + 1);
		some[i] = 0;
		assert_int_equal(decode(1, some, 6, v, 8), i + 1);
		assert_int_equal(decode(1, all, (uint8_t)(i + 1), v, 8), i + 1);
	}
	/* a selector above that the frame does not hold hides what is below it */
	compile("BO_ 1 X: 8 X\n" SG("A", "M", "16|8@1+") SG("B", "m1M", "8|8@1+") SG("C", "m1", "0|8@1+") MUL_VAL("C", "B", "1-1"),
		TT_DBC_PLAN_ALL);
	assert_int_equal(decode(1, all, 3, v, 8), 3);
	assert_int_equal(decode(1, all, 2, v, 8), 0);
	/* two that hang on each other are never there */
	compile("BO_ 1 X: 8 X\n" SG("Z", "M", "16|8@1+") SG("A", "m1M", "0|8@1+") SG("B", "m1M", "8|8@1+") MUL_VAL("A", "B", "1-1")
			MUL_VAL("B", "A", "1-1"),
		TT_DBC_PLAN_ALL);
	assert_int_equal(decode(1, all, 3, v, 8), 1);
}

static void ranges_of_multiplexor_values_include_their_ends(void **state)
{
	struct tt_dbc_value v[8];

	(void)state;
	compile("BO_ 1 X: 8 X\n" SG("M", "M", "0|8@1+") SG("S", "m0", "8|8@1+") MUL_VAL("S", "M", "3-5, 9-9"), TT_DBC_PLAN_ALL);
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(decode(1, (const uint8_t[]){(uint8_t)i, 0}, 2, v, 8), (i >= 3 && i <= 5) || i == 9 ? 2 : 1);
}

static void what_hangs_on_a_broken_multiplexor_is_left_out(void **state)
{
	struct tt_dbc_value v[8];

	(void)state;
	compile("BO_ 1 X: 8 X\n" SG("T", "", "0|8@1+") SG("M", "M", "8|8@1+") SG("S", "m0", "16|8@1+") SG("U", "", "24|8@1+"),
		TT_DBC_PLAN_ALL);
	assert_int_equal(plan.messages[0].nsignals, 4);
	assert_int_equal(plan.messages[0].signals[0].mux, -1);
	assert_int_equal(plan.messages[0].signals[2].mux, 1);
	dbc.messages[0].signals[1].broken = "";
	build(TT_DBC_PLAN_ALL);
	assert_int_equal(plan.messages[0].nsignals, 3);
	assert_int_equal(plan.messages[0].signals[1].mux, -1);
	assert_int_equal(decode(1, (const uint8_t[]){1, 0, 3, 4}, 4, v, 8), 2);
	assert_string_equal(v[0].signal->name, "T");
	assert_string_equal(v[1].signal->name, "U");
}

static void the_table_of_messages_stays_half_empty(void **state)
{
	static const uint32_t masks[] = {3, 3, 7, 15, 15, 31, 31, 31, 31, 63};
	char text[512] = "";

	(void)state;
	for (uint32_t n = 0; n < sizeof(masks) / sizeof(masks[0]); n++) {
		compile(text, TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939);
		assert_int_equal(plan.nmessages, n);
		assert_int_equal(plan.mask, masks[n]);
		for (uint32_t id = 0; id < 64; id++) {
			const struct tt_dbc_plan_message *m = tt_dbc_plan_find_key(&plan, PGN_KEY(0x18FE0000 + (id << 8)));

			assert_int_equal(m != NULL, id < n);
			assert_true(!m || m->message->key == PGN_KEY(0x18FE0000 + (id << 8)));
			assert_null(tt_dbc_plan_find_key(&plan, id));
		}
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "BO_ %u A: 8 X\n", PGN_KEY(0x18FE0000 + (n << 8)));
	}
}

static void an_empty_plan_finds_nothing(void **state)
{
	const struct tt_can_frame f = {.id = 0, .len = 8};
	struct tt_can_filter_set set = {.n = 0};
	struct tt_dbc_value v;

	(void)state;
	plan = (struct tt_dbc_plan){.nmessages = 0};
	assert_null(tt_dbc_plan_find_key(&plan, 0));
	assert_null(tt_dbc_plan_find(&plan, &f));
	assert_int_equal(tt_dbc_plan_decode(&plan, &f, &v, 1), 0);
	tt_dbc_plan_filters(&plan, &set);
	assert_int_equal(set.n, 0);
	compile("", 0);
	assert_null(tt_dbc_plan_find_key(&plan, 0));
	/* and a message with identifier 0 is found where there is one */
	compile("BO_ 0 A: 8 X\n", TT_DBC_PLAN_ALL);
	assert_non_null(tt_dbc_plan_find(&plan, &f));
	compile("BO_ 0 A: 8 X\n", 0); /* nobody wants anything of it */
	assert_null(tt_dbc_plan_find(&plan, &f));
}

static void of_a_group_the_very_identifier_comes_first_then_the_first_message(void **state)
{
	static const char text[] = "BO_ 2566834711 Second: 8 X\nBO_ 2566834688 First: 8 X\nBO_ 1 Narrow: 8 X\n"; /* 18FEB717, 18FEB700... */
	const struct tt_dbc_plan_message *m;
	struct tt_can_filter_set set = {.n = 0};
	struct tt_dbc_arena a = {.p = plan_memory, .cap = PARTS_MEMORY};
	uint32_t low, high;

	(void)state;
	read_text(text);
	low = dbc.messages[1].key;
	high = dbc.messages[2].key;
	assert_int_equal(tt_dbc_pgn(low & TT_CAN_EFF_MASK), tt_dbc_pgn(high & TT_CAN_EFF_MASK));
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939, &a, &plan), TT_OK);
	assert_false(plan.messages[0].by_group); /* an 11-bit identifier has no group */
	assert_true(plan.messages[1].by_group);
	assert_string_equal(tt_dbc_plan_find_key(&plan, low)->message->name, "First");
	assert_string_equal(tt_dbc_plan_find_key(&plan, high)->message->name, "Second");
	m = tt_dbc_plan_find_key(&plan, high ^ 0x4000001);
	assert_string_equal(m->message->name, "First");
	assert_null(tt_dbc_plan_find_key(&plan, (high ^ 0x4000001) & TT_CAN_EFF_MASK)); /* no group without its width */
	assert_null(tt_dbc_plan_find_key(&plan, high ^ 0x100));
	tt_dbc_plan_filters(&plan, &set);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.items[0].mask, 0x7FF);
	assert_int_equal(set.items[1].mask, 0x03FFFF00);
	assert_int_equal(set.items[1].id, high & 0x03FFFF00);
	/* by number, each is its own */
	a.used = 0;
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
	assert_false(plan.by_group);
	assert_null(tt_dbc_plan_find_key(&plan, high ^ 0x4000001));
	set.n = 0;
	tt_dbc_plan_filters(&plan, &set);
	assert_int_equal(set.n, 3);
	assert_int_equal(set.items[2].mask, TT_CAN_EFF_MASK);
}

static void the_bound_is_enough_wherever_the_arena_begins_and_less_is_an_error(void **state)
{
	static const char text[] = LINE("BO_ 1 A: 8 X") SG("S", "", "0|8@1+") SG("T", "", "8|8@1+") SG("U", "", "16|8@1+")
		LINE("BO_ 2 B: 8 X") SG("S", "", "0|8@1+") LINE("BO_ 3 C: 8 X") LINE("BO_ 5000 Bad: 8 X") LINE("BO_ 4 D: 8 X")
			SG("S", "", "0|8@1+") LINE("BO_ 5 E: 8 X") SG("S", "", "0|8@1+");
	static const char *const texts[] = {"", "BO_ 1 A: 8 X\n", "BO_ 5000 Bad: 8 X\n", text};

	(void)state;
	for (size_t t = 0; t < 4; t++) {
		for (size_t offset = 0; offset < 16; offset++) {
			struct tt_dbc_arena a = {.p = plan_memory + offset};
			size_t used;

			read_text(texts[t]);
			a.cap = tt_dbc_plan_bound(&dbc);
			assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_OK);
			used = a.used;
			/* not lavish: of alignment alone, and of broken messages */
			assert_true(a.cap - used <= 16 * (dbc.nmessages + 4));
			for (size_t cap = 0; cap < used; cap++) {
				a = (struct tt_dbc_arena){.p = plan_memory + offset, .cap = cap};
				assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &a, &plan), TT_ENOMEM);
			}
		}
	}
}

static void only_the_database_s_messages_count(void **state)
{
	struct tt_dbc_message two[2] = {{.name = "A", .nsignals = 1}, {.name = "B", .nsignals = 0}};
	const struct tt_dbc one = {.messages = two, .nmessages = 1};
	const size_t bound = tt_dbc_plan_bound(&one);

	(void)state;
	two[1].nsignals = 1000;
	assert_int_equal(tt_dbc_plan_bound(&one), bound);
	/* a selector alone, that nobody wants, is not worth a message */
	compile("BO_ 1 A: 8 X\n" SG("M", "M", "0|8@1+") SG("S", "m0", "8|8@1+"), 0);
	assert_int_equal(plan.nmessages, 0);
}

/* A group may have the number of an 11-bit identifier. */
static void groups_and_identifiers_never_mix(void **state)
{
	(void)state;
	compile("BO_ 256 Narrow: 8 X\nBO_ 2550202368 Group: 8 X\n", TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939);
	assert_int_equal(plan.nmessages, 2);
	assert_int_equal(dbc.messages[1].key, PGN_KEY(0x18010000));
	assert_string_equal(tt_dbc_plan_find_key(&plan, PGN_KEY(0x18010017))->message->name, "Group");
	assert_string_equal(tt_dbc_plan_find_key(&plan, 256)->message->name, "Narrow");
	assert_null(tt_dbc_plan_find_key(&plan, PGN_KEY(0x100)));
}

static void raw_values_are_put_only_inside_the_data(void **state)
{
	static const struct {
		uint16_t start;
		uint8_t size;
		bool big;
		size_t least;
	} cases[] = {{0, 8, false, 1}, {0, 9, false, 2},  {7, 8, true, 1},  {7, 9, true, 2},
		     {6, 8, true, 2},  {63, 1, false, 8}, {56, 1, true, 8}, {4, 64, false, 9}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_dbc_signal s = {.start = cases[i].start, .size = cases[i].size, .big_endian = cases[i].big};
		uint8_t data[16];

		memset(data, 0, sizeof(data));
		assert_int_equal(tt_dbc_put_raw(&s, -1, data, cases[i].least - 1), TT_ERANGE);
		for (size_t k = 0; k < sizeof(data); k++)
			assert_int_equal(data[k], 0);
		assert_int_equal(tt_dbc_put_raw(&s, -1, data, cases[i].least), TT_OK);
		assert_int_not_equal(data[cases[i].least - 1], 0);
		assert_int_equal(data[cases[i].least], 0);
		assert_int_equal(tt_dbc_put_raw(&s, 0, data, cases[i].least), TT_OK);
		for (size_t k = 0; k < sizeof(data); k++)
			assert_int_equal(data[k], 0);
	}
}

static void groups_leave_out_what_their_format_leaves_open(void **state)
{
	(void)state;
	assert_int_equal(tt_dbc_pgn(0x18EFFF00), 0xEF00); /* the last PDU1 format */
	assert_int_equal(tt_dbc_pgn(0x18F0FF00), 0xF0FF); /* the first PDU2 format */
	assert_int_equal(tt_dbc_pgn(0x1FFFFFFF), 0x3FFFF);
	assert_int_equal(tt_dbc_pgn(0x03EFFFFF), 0x3EF00);
	assert_int_equal(tt_dbc_pgn(0xFF), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scaling_is_exact_wherever_a_double_holds_all_of_it),
		cmocka_unit_test(floats_are_scaled_but_never_as_integers),
		cmocka_unit_test(a_signal_knows_its_window),
		cmocka_unit_test(a_multiplexor_that_the_frame_does_not_hold_hides_its_signals),
		cmocka_unit_test(nested_multiplexors_are_asked_four_deep),
		cmocka_unit_test(ranges_of_multiplexor_values_include_their_ends),
		cmocka_unit_test(what_hangs_on_a_broken_multiplexor_is_left_out),
		cmocka_unit_test(the_table_of_messages_stays_half_empty),
		cmocka_unit_test(an_empty_plan_finds_nothing),
		cmocka_unit_test(of_a_group_the_very_identifier_comes_first_then_the_first_message),
		cmocka_unit_test(the_bound_is_enough_wherever_the_arena_begins_and_less_is_an_error),
		cmocka_unit_test(only_the_database_s_messages_count),
		cmocka_unit_test(groups_and_identifiers_never_mix),
		cmocka_unit_test(raw_values_are_put_only_inside_the_data),
		cmocka_unit_test(groups_leave_out_what_their_format_leaves_open),
	};

	return cmocka_run_group_tests_name("dbc_plan", tests, NULL, NULL);
}
