#include "firmware/proto/dbc_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BO "BO_ 1 A: 8 X\n"
#define REST " (1,0) [0|0] \"\" X\n"
#define SG(name, mux, place) " SG_ " name " " mux ": " place REST
#define S8 SG("S", "", "0|8@1+")

static _Alignas(16) uint8_t memory[1 << 20];
static struct tt_dbc dbc;
static struct tt_dbc_fault heard[64];
static size_t nheard;

static void told(void *ctx, const struct tt_dbc_fault *fault)
{
	(void)ctx;
	assert_true(nheard < 64);
	heard[nheard++] = *fault;
}

static void read_text(const char *text)
{
	struct tt_dbc_arena a = {.p = memory, .cap = tt_dbc_arena_size(text, strlen(text))};

	nheard = 0;
	assert_true(a.cap <= sizeof(memory));
	assert_int_equal(tt_dbc_read(text, strlen(text), &a, told, NULL, &dbc), TT_OK);
}

static enum tt_err parse(const char *text, struct tt_dbc_fault *fault)
{
	struct tt_dbc_arena a = {.p = memory, .cap = sizeof(memory)};

	return tt_dbc_parse(text, strlen(text), &a, &dbc, fault);
}

static const struct tt_dbc_signal *signal_of(uint32_t message, const char *name)
{
	return tt_dbc_signal_by_name(&dbc.messages[message], name);
}

#define PLACE "a signal's place is written"
#define FACTOR "factor and offset are written"
#define RANGE "the range is written"
#define MUXED BO SG("M", "M", "0|8@1+") SG("N", "", "8|8@1+") SG("S", "m0", "16|8@1+")
#define VALUES "multiplexor values are written"

static void each_fault_has_its_error_line_reason_and_word(void **state)
{
	static const struct {
		const char *text;
		enum tt_err err;
		uint32_t line;
		const char *why, *detail;
	} cases[] = {
		{"BO_ x A: 8 X\n", TT_EINVAL, 1, "the message's identifier is not", "x"},
		{"BO_ 1.5 A: 8 X\n", TT_EINVAL, 1, "the message's identifier is not", "1.5"},
		{"BO_ -1 A: 8 X\n", TT_ERANGE, 1, "the message's identifier is not", "-1"},
		{"BO_ 2684354560 A: 8 X\n", TT_ERANGE, 1, "the message's identifier has more", "A"},
		{"BO_ 1 5: 8 X\n", TT_EINVAL, 1, "the message's name is missing", "5"},
		{"BO_ 1 A: x X\n", TT_EINVAL, 1, "the message's length is not", "x"},
		{"BO_ 1 A: -1 X\n", TT_ERANGE, 1, "the message's length is not", "-1"},
		{"BO_ 1 A: 65536 X\n", TT_ERANGE, 1, "the message's length is not", "65536"},
		{"\nBO_ 1 A: 8 \"x", TT_EINVAL, 2, "a string does not end", "x"},
		{"VERSION \"x", TT_EINVAL, 1, "a string does not end", "x"},
		{"NS_ : \"x", TT_EINVAL, 1, "a string does not end", "x"},
		{"BU_ One\n", TT_EINVAL, 1, "':' is missing after BU_", "One"},
		{"CM_ x\n\n", TT_EINVAL, 3, "';' is missing", ""},
		{"(\n", TT_EINVAL, 1, "not a statement", "("},
		{S8, TT_EINVAL, 1, "a signal outside any message", "S"},
		{BO "BO_ 2 B: 8 X\nBO_ 1 C: 8 X\nBO_ 1 D: 8 X\n", TT_EEXIST, 3, "another message has this identifier", "C"},
		{BO SG("S", "m0 ", "0|8@1+") SG("T", "m0 ", "0|8@1+") "BO_ 2 B: 8 X\n", TT_EINVAL, 2, "a multiplexed signal in a message",
		 "S"},
		{BO SG("S", "m0 ", "0|8@1+") SG("T", "m0 ", "0|8@1+"), TT_EINVAL, 2, "a multiplexed signal in a message", "S"},
		{BO SG("5", "", "0|8@1+"), TT_EINVAL, 2, "the signal's name is missing", "5"},
		{BO SG("S", "M M ", "0|8@1+"), TT_EINVAL, 2, "':' is missing after the signal's name", "M"},
		{BO SG("S", "m ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m"},
		{BO SG("S", "mM ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "mM"},
		{BO SG("S", "n0 ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "n0"},
		{BO SG("S", "m0MM ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m0MM"},
		{BO SG("S", "m4294967296 ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m4294967296"},
		{BO SG("S", "\"m0\" ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "m0"},
		{BO SG("S", "\"M\" ", "0|8@1+"), TT_EINVAL, 2, "neither ':'", "M"},
		{BO " SG_ S", TT_EINVAL, 2, "neither ':'", ""},
		{BO SG("S", "", "x|8@1+"), TT_EINVAL, 2, PLACE, "x"},
		{BO SG("S", "", "-1|8@1+"), TT_ERANGE, 2, PLACE, "-1"},
		{BO SG("S", "", "32768|8@1+"), TT_ERANGE, 2, PLACE, "32768"},
		{BO SG("S", "", "32767|8@1+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO SG("S", "", "0 8@1+"), TT_EINVAL, 2, PLACE, "8"},
		{BO SG("S", "", "0|x@1+"), TT_EINVAL, 2, "a signal has 1 to 64 bits", "x"},
		{BO SG("S", "", "0|8 1+"), TT_EINVAL, 2, PLACE, "1"},
		{BO SG("S", "", "0|8@-1+"), TT_ERANGE, 2, "the byte order", "-1"},
		{BO SG("S", "", "0|8@2+"), TT_ERANGE, 2, "the byte order", "2"},
		{BO SG("S", "", "0|8@1*"), TT_EINVAL, 2, "the sign is", "*"},
		{BO SG("S", "", "57|8@1+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO SG("S", "", "62|8@0+"), TT_ERANGE, 2, "the signal lies outside", "S"},
		{BO " SG_ S : 0|8@1+ 1,0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "1"},
		{BO " SG_ S : 0|8@1+ (1 0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "0"},
		{BO " SG_ S : 0|8@1+ (0x1,0) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "0x1"},
		{BO " SG_ S : 0|8@1+ (1,x) [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "x"},
		{BO " SG_ S : 0|8@1+ (1,0 [0|0] \"\" X\n", TT_EINVAL, 2, FACTOR, "["},
		{BO " SG_ S : 0|8@1+ (1,0) 0|0] \"\" X\n", TT_EINVAL, 2, RANGE, "0"},
		{BO " SG_ S : 0|8@1+ (1,0) [x|0] \"\" X\n", TT_EINVAL, 2, RANGE, "x"},
		{BO " SG_ S : 0|8@1+ (1,0) [0 5] \"\" X\n", TT_EINVAL, 2, RANGE, "5"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|x] \"\" X\n", TT_EINVAL, 2, RANGE, "x"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0 \"\" X\n", TT_EINVAL, 2, RANGE, ""},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] X\n", TT_EINVAL, 2, "the unit is missing", "X"},
		{BO " SG_ S : 0|8@1+ (1,0) [0|0] \"\" \"X\n", TT_EINVAL, 2, "a string does not end", "X\n"},
		{BO S8 "VAL_ 4294967296 S 0 \"a\" ;", TT_ERANGE, 3, "the message's identifier is not", "4294967296"},
		{BO S8 "VAL_ 1 5 0 \"a\" ;", TT_EINVAL, 3, "the signal's name is missing", "5"},
		{BO S8 "VAL_ 1 S 1.5 \"a\" ;", TT_EINVAL, 3, "the value is not a whole number", "1.5"},
		{BO S8 "VAL_ 1 S 9223372036854775808 \"a\" ;", TT_EINVAL, 3, "the value is not a whole number", "9223372036854775808"},
		{BO S8 "VAL_ 1 S 0 5 ;", TT_EINVAL, 3, "VAL_ lists", "0"},
		{BO S8 "VAL_ 1 S 0 \"a\"", TT_EINVAL, 3, "VAL_ lists", ""},
		{BO S8 "VAL_ 1 S \"a\" 0 ;", TT_EINVAL, 3, "VAL_ lists", "a"},
		{BO S8 "VAL_TABLE_ T 0 \"a\" ;\nVAL_ 1 S T", TT_EINVAL, 4, "';' is missing", ""},
		{BO S8 "VAL_ Env 0 \"a\"", TT_EINVAL, 3, "';' is missing", ""},
		{"VAL_TABLE_ 5 0 \"a\" ;", TT_EINVAL, 1, "the table's name is missing", "5"},
		{"VAL_TABLE_ T 0 ;", TT_EINVAL, 1, "VAL_ lists", "0"},
		{"VAL_TABLE_ T 1.5 \"a\" ;", TT_EINVAL, 1, "the value is not a whole number", "1.5"},
		{BO S8 "SIG_VALTYPE_ 1 5 : 1;", TT_EINVAL, 3, "the signal's name is missing", "5"},
		{BO S8 "SIG_VALTYPE_ 1 S : x;", TT_EINVAL, 3, "the type is", "x"},
		{BO S8 "SIG_VALTYPE_ 1 S : 3;", TT_ERANGE, 3, "the type is", "3"},
		{BO S8 "SIG_VALTYPE_ 1 S : -1;", TT_ERANGE, 3, "the type is", "-1"},
		{BO S8 "SIG_VALTYPE_ 1 S : 0", TT_EINVAL, 3, "';' is missing", ""},
		{BO SG("S", "", "0|32@1+") "SIG_VALTYPE_ 1 S 2;", TT_ERANGE, 3, "a float signal has", "2"},
		{BO SG("S", "", "0|64@1+") "SIG_VALTYPE_ 1 S : 1;", TT_ERANGE, 3, "a float signal has", ":"},
		{MUXED "SG_MUL_VAL_ 1 5 M 0-0;", TT_EINVAL, 5, "the signal's name is missing", "5"},
		{MUXED "SG_MUL_VAL_ 1 S X 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "X"},
		{MUXED "SG_MUL_VAL_ 1 S N 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "N"},
		{MUXED "SG_MUL_VAL_ 1 M M 0-0;", TT_EINVAL, 5, "not a multiplexor of this message", "M"},
		{MUXED "SG_MUL_VAL_ 1 S M x;", TT_EINVAL, 5, VALUES, "x"},
		{MUXED "SG_MUL_VAL_ 1 S M -1-0;", TT_ERANGE, 5, VALUES, "-1"},
		{MUXED "SG_MUL_VAL_ 1 S M 4294967296-0;", TT_ERANGE, 5, VALUES, "4294967296"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-4294967296;", TT_ERANGE, 5, VALUES, "-4294967296"},
		{MUXED "SG_MUL_VAL_ 1 S M 0 1;", TT_ERANGE, 5, VALUES, "1"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-x;", TT_EINVAL, 5, VALUES, "-"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0 1-1;", TT_EINVAL, 5, VALUES, "1"},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0,", TT_EINVAL, 5, VALUES, ""},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0", TT_EINVAL, 5, VALUES, ""},
		{MUXED "SG_MUL_VAL_ 1 S M 0-0 \"x", TT_EINVAL, 5, VALUES, "x"},
		{MUXED "SG_MUL_VAL_ Env M 0-0", TT_EINVAL, 5, "';' is missing", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_dbc_fault fault = {.why = "nothing"};
		const enum tt_err err = parse(cases[i].text, &fault);

		if (err != cases[i].err || fault.line != cases[i].line || strncmp(fault.why, cases[i].why, strlen(cases[i].why)) != 0 ||
		    strcmp(fault.detail, cases[i].detail) != 0 || fault.warning)
			fail_msg("case %zu: %s: %s, line %u: %s: '%s'", i, cases[i].text, tt_err_name(err), (unsigned)fault.line, fault.why,
				 fault.detail);
		assert_int_equal(parse(cases[i].text, NULL), cases[i].err);
		/* the reader that goes on tells the same, and nothing else but what follows from it */
		read_text(cases[i].text);
		assert_true(nheard >= 1);
		assert_int_equal(heard[0].line, fault.line);
		assert_string_equal(heard[0].why, fault.why);
	}
}

static void what_is_just_right_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("BO_ 2684354559 A: 65535 X\n", NULL), TT_OK);
	assert_int_equal(dbc.messages[0].key, 0x9FFFFFFF);
	assert_int_equal(dbc.messages[0].bytes, 65535);
	assert_int_equal(parse("BO_ 2047 A: 0 X\n", NULL), TT_OK);
	assert_int_equal(dbc.messages[0].key, 0x7FF);
	assert_int_equal(dbc.messages[0].line, 1);
	assert_false(dbc.messages[0].fd);
	assert_false(dbc.messages[0].j1939);
	assert_int_equal(parse("\nBO_ 0 A: 4097 X\n" SG("S", "m4294967295M ", "32767|1@1-") SG("T", "m10 ", "0|64@0+")
				       SG("M", "M ", "0|1@1+"),
			       NULL),
			 TT_OK);
	assert_int_equal(dbc.messages[0].line, 2);
	assert_int_equal(signal_of(0, "S")->line, 3);
	assert_int_equal(signal_of(0, "S")->start, 32767);
	assert_int_equal(signal_of(0, "S")->ranges[0].low, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[0].high, UINT32_MAX);
	assert_true(signal_of(0, "S")->is_mux);
	assert_true(signal_of(0, "S")->is_signed);
	assert_false(signal_of(0, "S")->big_endian);
	assert_int_equal(signal_of(0, "S")->mux, 2);
	assert_int_equal(signal_of(0, "T")->ranges[0].low, 10);
	assert_false(signal_of(0, "T")->is_mux);
	assert_false(signal_of(0, "T")->is_signed);
	assert_true(signal_of(0, "T")->big_endian);
	assert_int_equal(signal_of(0, "T")->size, 64);
	assert_int_equal(signal_of(0, "M")->mux, TT_DBC_NO_MUX);
	assert_int_equal(signal_of(0, "M")->nranges, 0);
	/* signals that end with their message's last bit */
	assert_int_equal(parse(BO SG("S", "", "56|8@1+") SG("T", "", "63|8@0+") SG("U", "", "56|1@0+"), NULL), TT_OK);
	assert_int_equal(parse(BO " SG_ S : 0|8@1+ (-0.5,1e2) [-7|.5] \"km\" X\n", NULL), TT_OK);
	assert_true(signal_of(0, "S")->factor.value == -0.5);
	assert_true(signal_of(0, "S")->offset.value == 100);
	assert_true(signal_of(0, "S")->min == -7);
	assert_true(signal_of(0, "S")->max == 0.5);
	assert_string_equal(signal_of(0, "S")->unit, "km");
	/* extremes of values */
	assert_int_equal(parse(BO S8 "VAL_ 1 S -9223372036854775808 \"a\" 9223372036854775807 \"b\" ;", NULL), TT_OK);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), INT64_MIN), "a");
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), INT64_MAX), "b");
	assert_int_equal(parse(MUXED "SG_MUL_VAL_ 1 S M 0-4294967295, 4294967295-0, 7-7;", NULL), TT_OK);
	assert_int_equal(signal_of(0, "S")->nranges, 3);
	assert_int_equal(signal_of(0, "S")->ranges[0].high, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[1].low, UINT32_MAX);
	assert_int_equal(signal_of(0, "S")->ranges[2].low, 7);
	assert_int_equal(signal_of(0, "S")->ranges[2].high, 7);
}

static void floats_have_the_size_of_their_type(void **state)
{
	(void)state;
	assert_int_equal(parse(BO SG("S", "", "0|32@1+") SG("T", "", "0|64@1+")
				       SG("U", "", "0|8@1+") "SIG_VALTYPE_ 1 S : 1;\n"
							     "SIG_VALTYPE_ 1 T 2;\nSIG_VALTYPE_ 1 U : 0;\nSIG_VALTYPE_ Env : 9;\n",
			       NULL),
			 TT_OK);
	assert_int_equal(signal_of(0, "S")->type, TT_DBC_FLOAT);
	assert_int_equal(signal_of(0, "T")->type, TT_DBC_DOUBLE);
	assert_int_equal(signal_of(0, "U")->type, TT_DBC_INT);
	read_text(BO SG("S", "", "0|32@1+") "SIG_VALTYPE_ 1 S : 1\n");
	assert_int_equal(nheard, 1);
	assert_int_equal(signal_of(0, "S")->type, TT_DBC_INT);
	assert_non_null(signal_of(0, "S")->broken);
}

/* Bug: a message right behind the byte order mark was refused as if it began in the middle of a line. */
static void a_message_may_stand_right_behind_the_byte_order_mark(void **state)
{
	(void)state;
	assert_int_equal(parse("\xEF\xBB\xBF" BO, NULL), TT_OK);
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(parse("\xEF\xBB\xBF", NULL), TT_OK);
	assert_int_equal(parse("\xEF\xBB" BO, NULL), TT_EINVAL);
}

static void lists_of_words_are_passed(void **state)
{
	(void)state;
	assert_int_equal(parse("NS_ :\n\tCM_\n\tBA_\n\tSG_\n\nBS_: 1\nBU_: One Two BO_ 1 A: 8 X\n", NULL),
			 TT_EINVAL); /* BO_ begins no line */
	assert_int_equal(parse("NS_ :\n\tCM_\n\tBA_\n\tSG_\n\nBS_: 1\nBU_: One Two\n\tThree\nBO_ 1 A: 8 X\n", NULL), TT_OK);
	assert_int_equal(dbc.nnodes, 3);
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(parse("NS_ :\n\tCM_\n\tLAST", NULL), TT_EINVAL); /* END is on the line of the last word: it is no list's */
	assert_int_equal(parse("NS_ :\n\tCM_\n\tLAST\n", NULL), TT_OK);
	assert_int_equal(parse("NS_ :\n\tCM_ \"x\";\n", NULL), TT_OK); /* the list ends where more than a word stands */
	assert_int_equal(parse("BU_:", NULL), TT_OK);
	assert_int_equal(dbc.nnodes, 0);
}

static void messages_are_sorted_by_identifier_whatever_their_order(void **state)
{
	static char text[4096];

	(void)state;
	for (unsigned n = 0; n <= 40; n++) {
		text[0] = '\0';
		for (unsigned i = 0; i < n; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "BO_ %u A: 8 X\n SG_ S%u : 0|8@1+ (1,0) [0|0] \"\" X\n",
				 i * 29 % 41, i);
		for (unsigned i = 0; i < n; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "VAL_ %u S%u %u \"\";\n", i * 29 % 41, i, i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.nmessages, n);
		for (unsigned i = 0; i < n; i++) {
			const struct tt_dbc_message *m = &dbc.messages[i];

			assert_true(i == 0 || m[-1].key < m->key);
			assert_int_equal((m->line - 1) / 2 * 29 % 41, m->key);
			assert_int_equal(m->signals[0].choices[0].raw, (m->line - 1) / 2); /* each statement found its message */
		}
	}
}

static void of_one_identifier_the_file_s_order_stays(void **state)
{
	static char text[4096];

	(void)state;
	text[0] = '\0';
	for (unsigned i = 0; i < 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "BO_ %u A: 8 X\n", i % 2 ? 7 : 5);
	read_text(text);
	assert_int_equal(nheard, 18);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(dbc.messages[i].key, i < 10 ? 5 : 7);
		assert_int_equal(dbc.messages[i].line, i < 10 ? 1 + 2 * i : 2 + 2 * (i - 10));
	}
	/* messages without a usable identifier are not told as twins */
	read_text("BO_ 5000 A: 8 X\nBO_ 5001 B: 8 X\n");
	assert_int_equal(nheard, 2);
	assert_int_equal(dbc.nmessages, 2);
	assert_int_equal(heard[1].line, 2);
}

static void a_thousand_and_twenty_four_signals_are_a_message_s_most(void **state)
{
	static char text[1 << 16];
	size_t n = (size_t)snprintf(text, sizeof(text), BO);
	struct tt_dbc_fault fault;

	(void)state;
	for (unsigned i = 0; i < 1024; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "SG_ S%u:0|1@1+(1,0)[0|0]\"\"X\n", i);
	assert_int_equal(parse(text, NULL), TT_OK);
	assert_int_equal(dbc.messages[0].nsignals, 1024);
	snprintf(text + n, sizeof(text) - n, "SG_ T:0|1@1+(1,0)[0|0]\"\"X\nSG_ U:0|99@1+(1,0)[0|0]\"\"X\n");
	assert_int_equal(parse(text, &fault), TT_EFULL);
	assert_int_equal(fault.line, 1026);
	assert_string_equal(fault.detail, "T");
	read_text(text);
	assert_int_equal(nheard, 2);
	assert_int_equal(dbc.messages[0].nsignals, 1024);
}

static void ranges_of_a_multiplexor_have_a_limit(void **state)
{
	const size_t cap = 1 << 20, room = 16 << 20;
	char *text = malloc(cap);
	uint8_t *room_p = malloc(room);
	struct tt_dbc_fault fault;

	(void)state;
	assert_non_null(text);
	assert_non_null(room_p);
	for (unsigned n = UINT16_MAX; n <= UINT16_MAX + 1; n++) {
		struct tt_dbc_arena a = {.p = room_p, .cap = room};
		size_t len = (size_t)snprintf(text, cap, "%sSG_MUL_VAL_ 1 S M 0-0", MUXED);

		for (unsigned i = 1; i < n; i++)
			len += (size_t)snprintf(text + len, cap - len, ",1-1");
		text[len++] = ';';
		assert_true(tt_dbc_arena_size(text, len) <= room);
		assert_int_equal(tt_dbc_parse(text, len, &a, &dbc, &fault), n == UINT16_MAX ? TT_OK : TT_EINVAL);
		if (n == UINT16_MAX)
			assert_int_equal(signal_of(0, "S")->nranges, UINT16_MAX);
	}
	assert_string_equal(fault.detail, ",");
	free(text);
	free(room_p);
}

static void what_is_broken_is_kept_by_name_where_its_name_is_known(void **state)
{
	(void)state;
	read_text("BO_ 1 A\n: x X\nBO_ 2 5: 8 X\nBO_ 3 C: x X\n SG_ S : 0|99@1+" REST "BO_ 4 D: 8 X\n SG_ T\n : x|8@1+" REST
		  " SG_ 5 : x" REST " SG_ V : x|8@1+" REST);
	assert_int_equal(nheard, 7);
	/* A's and T's faults stand on other lines than their names, and would be looked for in vain */
	assert_int_equal(dbc.nmessages, 2);
	assert_string_equal(dbc.messages[0].name, "D");
	assert_int_equal(dbc.messages[0].nsignals, 1);
	assert_string_equal(dbc.messages[0].signals[0].name, "V");
	assert_ptr_equal(dbc.messages[0].signals[0].broken, heard[6].why);
	assert_int_equal(dbc.messages[0].signals[0].line, heard[6].line);
	assert_string_equal(dbc.messages[0].signals[0].unit, "");
	assert_int_equal(dbc.messages[0].signals[0].size, 0);
	assert_int_equal(dbc.messages[0].signals[0].mux, TT_DBC_NO_MUX);
	assert_true(dbc.messages[0].signals[0].factor.exact);
	assert_string_equal(dbc.messages[1].name, "C");
	assert_int_equal(dbc.messages[1].key, TT_DBC_NO_KEY);
	assert_string_equal(dbc.messages[1].broken, "the message's length is not a number of bytes");
}

static void statements_about_what_is_not_there_are_told_as_doubts(void **state)
{
	(void)state;
	read_text(BO S8 SG("W", "", "0|99@1+") "BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 X\n" SG(
		"Z", "",
		"0|8@1+") "VAL_ 1 T 0 \"a\" ;\nVAL_ 3221225472 Z 0 \"a\" ;\nVAL_ 1 W 0 \"a\" ;\nVAL_ 2 S 0 \"a\" ;\nVAL_ 0 S 0 \"a\" ;\n"
			  "SG_MUL_VAL_ 1 T M 0-0;\nSG_MUL_VAL_ Env M 0-0;\nVAL_ Env 0 \"a\" ;\n");
	assert_int_equal(dbc.nmessages, 1);
	assert_int_equal(nheard, 5);
	assert_int_equal(heard[0].line, 3);
	for (size_t i = 1; i < 5; i++) {
		static const uint32_t lines[] = {6, 9, 10, 11};

		assert_int_equal(heard[i].line, lines[i - 1]);
		assert_true(heard[i].warning);
		assert_string_equal(heard[i].why, "about a signal that the file does not define; remove the statement or correct its name");
	}
	assert_string_equal(heard[1].detail, "T");
	assert_int_equal(signal_of(0, "S")->nchoices, 0);
	assert_int_equal(signal_of(0, "W")->nchoices, 0);
	/* the strict reader passes over doubts */
	assert_int_equal(parse(BO S8 "VAL_ 1 T 0 \"a\" ;\n", NULL), TT_OK);
}

static void tables_are_found_by_their_whole_name(void **state)
{
	(void)state;
	read_text(BO S8 "VAL_TABLE_ On 1 \"short\" ;\nVAL_TABLE_ OnOff 1 \"right\" ;\nVAL_TABLE_ OnOfX 1 \"wrong\" ;\nVAL_ 1 S OnOff ;\n");
	assert_int_equal(nheard, 0);
	assert_int_equal(dbc.ntables, 3);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), 1), "right");
	read_text(BO S8 "VAL_TABLE_ OnOff 1 \"right\" ;\nVAL_ 1 S On ;\nVAL_ 1 S OnOff;\nVAL_ 1 S Of;\n");
	assert_int_equal(nheard, 2);
	assert_string_equal(tt_dbc_choice_text(signal_of(0, "S"), 1), "right");
}

static void formats_go_by_the_number_that_their_definition_gave_them(void **state)
{
	static const char six[] = "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",";

	(void)state;
	/* Vector's own numbers, where nothing is defined */
	for (unsigned i = 0; i <= 17; i++) {
		char text[128];

		snprintf(text, sizeof(text), BO "BA_ \"VFrameFormat\" BO_ 1 %u;\n", i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.messages[0].j1939, i == 3);
		assert_int_equal(dbc.messages[0].fd, i == 14 || i == 15);
	}
	/* sixteen are kept */
	for (unsigned i = 14; i <= 17; i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 BO "BA_DEF_ BO_ \"VFrameFormat\" ENUM %s%s\"m\",\"n\",\"StandardCAN_FD\",\"J1939PG\",\"J1939PG\";\n"
			    "BA_ \"VFrameFormat\" BO_ 1 %u;\n",
			 six, six, i);
		read_text(text);
		assert_int_equal(nheard, 0);
		assert_int_equal(dbc.messages[0].fd, i == 14);
		assert_int_equal(dbc.messages[0].j1939, i == 15);
	}
}

static void attributes_that_are_not_understood_change_nothing(void **state)
{
	static const char *const lines[] = {
		"BA_ \"VFrameFormat\" BO_ -1 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967296 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967297 3;",
		"BA_ \"VFrameFormat\" BO_ 4294967295 3;",
		"BA_ \"VFrameFormat\" BO_ 1z 3;",
		"BA_ \"VFrameFormat\" BO_ \"1\" 3;",
		"BA_ \"VFrameFormat\" BO_ 1 -3;",
		"BA_ \"VFrameFormat\" BO_ 1 x;",
		"BA_ \"VFrameFormat\" BO_ 1 3z;",
		"BA_ \"VFrameFormat\" SG_ 1 3;",
		"BA_ \"VFrameFormaX\" BO_ 1 3;",
		"BA_ \"VFrameFormats\" BO_ 1 3;",
		"BA_ VFrameFormat BO_ 1 3;",
		"BA_ \"ProtocolType\" \"J1938\";",
		"BA_ \"ProtocolType\" J1939;",
		"BA_ \"VFrameFormat\" BO_ 1 \"J1939PX\";",
		"BA_ \"VFrameFormat\" BO_ 1 \"standardCAN_FD\";",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM ;",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"J1939PG\" \"J1939PG\";",
		"BA_DEF_ BO_ \"VFrameFormaX\" ENUM \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 0;",
		"BA_DEF_ SG_ \"VFrameFormat\" ENUM \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 0;",
		"BA_DEF_ BO_ \"VFrameFormat\" ENUM \"x\" \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 1;",
		"BA_DEF_DEF_ \"VFrameFormaX\" \"J1939PG\";",
		"BA_DEF_DEF_ VFrameFormat \"J1939PG\";",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), BO "%s\n", lines[i]);
		read_text(text);
		if (nheard != 0 || dbc.messages[0].j1939 || dbc.messages[0].fd)
			fail_msg("%s: %zu told, J1939 %d, FD %d", lines[i], nheard, dbc.messages[0].j1939, dbc.messages[0].fd);
	}
	read_text("BO_ 0 Z: 8 X\n" BO "BA_ \"VFrameFormat\" BO_ 0 3;\nBA_ \"VFrameFormat\" BO_ 1 \"StandardCAN_FD\";\n");
	assert_true(dbc.messages[0].j1939);
	assert_false(dbc.messages[1].j1939);
	assert_true(dbc.messages[1].fd);
	read_text(BO "BA_DEF_DEF_ \"VFrameFormat\" \"ExtendedCAN_FD\";\nBA_ \"VFrameFormat\" BO_ 1 0;\n");
	read_text(BO "BA_DEF_DEF_ \"VFrameFormat\" \"J1939PG\";\nBA_ \"VFrameFormat\" BO_ 1 16;\nBA_ \"VFrameFormat\" BO_ 77 \"x\";\n");
	assert_true(dbc.messages[0].j1939); /* a number that no format has says nothing */
	read_text(BO "BO_ 2 B: 8 X\nBA_ \"ProtocolType\" \"J1939\";\n");
	assert_true(dbc.messages[0].j1939 && dbc.messages[1].j1939);
	read_text(BO "BA_DEF_DEF_ \"VFrameFormat\" \"ExtendedCAN_FD\";\nBA_ \"VFrameFormat\" BO_ 1 0;\n");
	assert_false(dbc.messages[0].fd); /* what is said of the message comes behind the default */
}

static const char everything[] =
	"VERSION \"\"\nBU_: X\n" MUXED
	"BO_ 2 Second: 8 X\n SG_ \xC4hnlich : 0|8@1+ (1,0) [0|0] \"\xB0\x43\" X\n SG_ Bad : 0|99@1+ (1,0) [0|0] \"\" X\n"
	"BO_ 5000 Worse: 8 X\nCM_ \"nothing\";\nVAL_TABLE_ Table 0 \"zero\" 1 \"one\" ;\nVAL_ 1 N 0 \"zero\" 1 \"\x80\x80\x80\" ;\nVAL_ 1 "
	"S Table ;\n"
	"SG_MUL_VAL_ 1 S M 0-3, 5-6;\n";

static void whatever_the_arena_lacks_is_told_as_such(void **state)
{
	char strict[sizeof(everything)];

	(void)state;
	memcpy(strict, everything, sizeof(everything));
	memset(strstr(strict, " SG_ Bad"), ' ', strlen(" SG_ Bad : 0|99@1+ (1,0) [0|0] \"\" X"));
	memset(strstr(strict, "BO_ 5000"), ' ', strlen("BO_ 5000 Worse: 8 X"));
	for (size_t offset = 0; offset < 16; offset += 5) {
		struct tt_dbc_arena a = {.p = memory + offset, .cap = tt_dbc_arena_size(everything, sizeof(everything) - 1)};
		struct tt_dbc_fault fault;
		size_t used;

		nheard = 0;
		assert_int_equal(tt_dbc_read(everything, sizeof(everything) - 1, &a, told, NULL, &dbc), TT_OK);
		assert_int_equal(nheard, 2);
		used = a.used;
		for (size_t cap = 0; cap < used; cap++) {
			a = (struct tt_dbc_arena){.p = memory + offset, .cap = cap};
			nheard = 0;
			if (tt_dbc_read(everything, sizeof(everything) - 1, &a, told, NULL, &dbc) == TT_OK) {
				/* only the name of something broken was lost */
				assert_int_equal(nheard, 2);
				assert_true(a.used <= cap);
			}
		}
		a = (struct tt_dbc_arena){.p = memory + offset, .cap = tt_dbc_arena_size(strict, sizeof(strict) - 1)};
		assert_int_equal(tt_dbc_parse(strict, sizeof(strict) - 1, &a, &dbc, NULL), TT_OK);
		used = a.used;
		for (size_t cap = 0; cap < used; cap++) {
			a = (struct tt_dbc_arena){.p = memory + offset, .cap = cap};
			assert_int_equal(tt_dbc_parse(strict, sizeof(strict) - 1, &a, &dbc, &fault), TT_ENOMEM);
			assert_string_equal(fault.why, "the arena is too small for this database");
			assert_true(a.used <= cap);
		}
	}
}

static void everything_in_the_text_pays_for_what_it_can_become(void **state)
{
	enum { PAD = 32, MESSAGE = sizeof(struct tt_dbc_message) + 4 + PAD, CHOICE = sizeof(struct tt_dbc_choice) + PAD };
	enum { SIGNAL = sizeof(struct tt_dbc_signal) + sizeof(struct tt_dbc_range) + 3 * PAD, TABLE = sizeof(struct tt_dbc_table) + PAD };
	/* one message, one signal without its name's and range's alignment and one string more than stand there, and 64 bytes */
	const size_t base = 4 + MESSAGE - PAD + SIGNAL - 2 * PAD + CHOICE + 64;
	static const struct {
		const char *text;
		size_t len, more;
	} cases[] = {
		{"", 0, 0},
		{"x", 1, 0},
		{",", 1, PAD},
		{",,", 1, PAD},
		{";", 1, TABLE},
		{"\"", 1, 0},
		{"\"\"", 2, CHOICE},
		{"\"\"\"", 3, CHOICE},
		{"BO_", 3, MESSAGE},
		{"BO_", 2, 0},
		{" BO_", 3, 0},
		{" BO_", 4, MESSAGE},
		{"\nBO_", 4, MESSAGE},
		{"SG_", 3, SIGNAL},
		{" SG_", 3, 0},
		{"x\nSG_", 5, SIGNAL},
		{"x SG_", 5, 0},
		{"!BO_", 4, 0},
		{"<BO_", 4, 0},
		{"x\n  BO_", 7, MESSAGE},
		{";BO_", 4, TABLE + MESSAGE},
	};

	(void)state;
	if (_Alignof(max_align_t) != 16)
		skip(); /* the numbers are those of 64-bit machines */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(tt_dbc_arena_size(cases[i].text, cases[i].len), base + 3 * cases[i].len + cases[i].more);
}

static void only_a_signal_s_own_texts_are_its_texts(void **state)
{
	static const struct tt_dbc_choice two[] = {{1, "one"}, {2, "two"}};
	const struct tt_dbc_signal s = {.choices = two, .nchoices = 1};

	(void)state;
	assert_string_equal(tt_dbc_choice_text(&s, 1), "one");
	assert_null(tt_dbc_choice_text(&s, 2));
}

static void words_are_cut_to_fit_the_fault(void **state)
{
	char text[128];
	struct tt_dbc_fault fault;

	(void)state;
	for (int n = 62; n <= 65; n++) {
		snprintf(text, sizeof(text), "%.*s", n, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		assert_int_equal(parse(text, &fault), TT_EINVAL);
		assert_int_equal(strlen(fault.detail), n < 63 ? n : 63);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_error_line_reason_and_word),
		cmocka_unit_test(what_is_just_right_is_read),
		cmocka_unit_test(floats_have_the_size_of_their_type),
		cmocka_unit_test(a_message_may_stand_right_behind_the_byte_order_mark),
		cmocka_unit_test(lists_of_words_are_passed),
		cmocka_unit_test(messages_are_sorted_by_identifier_whatever_their_order),
		cmocka_unit_test(of_one_identifier_the_file_s_order_stays),
		cmocka_unit_test(a_thousand_and_twenty_four_signals_are_a_message_s_most),
		cmocka_unit_test(ranges_of_a_multiplexor_have_a_limit),
		cmocka_unit_test(what_is_broken_is_kept_by_name_where_its_name_is_known),
		cmocka_unit_test(statements_about_what_is_not_there_are_told_as_doubts),
		cmocka_unit_test(tables_are_found_by_their_whole_name),
		cmocka_unit_test(formats_go_by_the_number_that_their_definition_gave_them),
		cmocka_unit_test(attributes_that_are_not_understood_change_nothing),
		cmocka_unit_test(whatever_the_arena_lacks_is_told_as_such),
		cmocka_unit_test(everything_in_the_text_pays_for_what_it_can_become),
		cmocka_unit_test(only_a_signal_s_own_texts_are_its_texts),
		cmocka_unit_test(words_are_cut_to_fit_the_fault),
	};

	return cmocka_run_group_tests_name("dbc_parse", tests, NULL, NULL);
}
