/* Commands: reading them, and the sliding window with its published vectors. */
#include "firmware/proto/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BITS(...) bits((const unsigned[]){__VA_ARGS__, 64})
static uint64_t bits(const unsigned *list)
{
	uint64_t set = 0;

	for (; *list < 64; list++)
		set |= UINT64_C(1) << *list;
	return set;
}

/* window_test.go of Tesla's vehicle-command: counter 100, bits {0, 5}. */
static void the_published_window_vectors_hold(void **state)
{
	const struct {
		uint64_t counter;
		bool taken;
		uint64_t highest, used;
	} cases[] = {
		{101, true, 101, BITS(0, 1, 6)}, {103, true, 103, BITS(2, 3, 8)}, {500, true, 500, 0},
		{98, true, 100, BITS(0, 1, 5)},  {99, false, 100, BITS(0, 5)},    {3, false, 100, BITS(0, 5)},
		{100, false, 100, BITS(0, 5)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_command_window w = {.key_id = 1, .counter = 100, .used = BITS(0, 5)};

		if (tt_command_window_take(&w, cases[i].counter) != cases[i].taken || w.counter != cases[i].highest ||
		    w.used != cases[i].used)
			fail_msg("%llu: counter %llu, bits %llx", (unsigned long long)cases[i].counter, (unsigned long long)w.counter,
				 (unsigned long long)w.used);
	}
}

static void the_window_s_edges_are_where_they_should_be(void **state)
{
	struct tt_command_window w = {.key_id = 1, .counter = 100};

	(void)state;
	assert_false(tt_command_window_take(&w, 35)); /* 65 below */
	assert_true(tt_command_window_take(&w, 36));  /* 64 below: bit 63 */
	assert_true(w.used == UINT64_C(1) << 63);
	assert_false(tt_command_window_take(&w, 36));
	assert_true(tt_command_window_take(&w, 163)); /* 63 on: 100 becomes bit 62, 36 falls out */
	assert_true(w.used == UINT64_C(1) << 62);
	w = (struct tt_command_window){.key_id = 1, .counter = 100, .used = UINT64_MAX};
	assert_true(tt_command_window_take(&w, 164)); /* 64 on: only the old highest stays */
	assert_true(w.used == UINT64_C(1) << 63);
	w = (struct tt_command_window){.key_id = 1, .counter = 100, .used = UINT64_MAX};
	assert_true(tt_command_window_take(&w, 165));
	assert_true(w.used == 0);
	w = (struct tt_command_window){.key_id = 1};
	assert_false(tt_command_window_take(&w, 0));
	assert_true(tt_command_window_take(&w, 5));
	assert_true(w.used == BITS(4));
	for (uint64_t c = 4; c > 0; c--)
		assert_true(tt_command_window_take(&w, c)); /* reordered: each once */
	for (uint64_t c = 0; c <= 5; c++)
		assert_false(tt_command_window_take(&w, c));
}

/* ---- reading ---- */

static const uint8_t unlock[] = {
	0x0A, 5,    'C',  'A',  'R',  '-',  '7',              /* unit */
	0x11, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* id */
	0x18, 0xAC, 0x02,                                     /* counter 300 */
	0x20, 0x80, 0x89, 0x7A,                               /* not before 1000000 */
	0x28, 0x80, 0x92, 0xF4, 0x01,                         /* expires 2000000 */
	0x30, 8,                                              /* unlock */
};

static void a_command_is_read_as_it_was_sent(void **state)
{
	static const uint8_t more[] = {0x38, 0xF4, 0x03, 0x40, 0xE8, 0x07, 0x4A, 2, 'h', 'i', 0x50, 1, 0x58, 3, 0x60, 4};
	uint8_t bytes[sizeof(unlock) + sizeof(more)];
	struct tt_command c;

	(void)state;
	assert_int_equal(tt_command_decode(unlock, sizeof(unlock), &c), TT_OK);
	assert_string_equal(c.unit, "CAR-7");
	assert_true(c.id == UINT64_C(0x1122334455667788) && c.counter == 300);
	assert_true(c.not_before_us == 1000000 && c.expires_at_us == 2000000 && c.kind == TT_COMMAND_UNLOCK);
	assert_int_equal(c.fields, 0x7E);
	assert_false(c.unknown);
	memcpy(bytes, unlock, sizeof(unlock));
	memcpy(bytes + sizeof(unlock), more, sizeof(more));
	assert_int_equal(tt_command_decode(bytes, sizeof(bytes), &c), TT_OK);
	assert_true(c.duration_ms == 500 && c.interval_ms == 1000 && c.speak && c.latitude_e7 == -2 && c.longitude_e7 == 2);
	assert_string_equal(c.text, "hi");
	assert_int_equal(c.fields, 0x1FFE);
}

static void what_is_no_command_is_refused(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[16];
		size_t len;
		bool unknown;
	} cases[] = {
		{"a field that is not ours", {0x68, 1}, 2, true},
		{"a tag of field 0", {0x00, 1}, 2, false},
		{"a group", {0x0B}, 1, false},
		{"a cut varint", {0x38, 0x80}, 2, false},
		{"a string beyond the end", {0x4A, 9, 'x'}, 3, false},
		{"a control character", {0x4A, 1, '\n'}, 3, false},
		{"a text as a number", {0x48, 1}, 2, false},
		{"a number as a text", {0x3A, 1, '1'}, 3, false},
		{"a truth of 2", {0x50, 2}, 2, false},
		{"a negative time", {0x20, 1}, 2, false},
		{"a kind beyond 32 bits", {0x30, 0x80, 0x80, 0x80, 0x80, 0x10}, 6, false},
		{"a latitude beyond 32 bits", {0x58, 0x80, 0x80, 0x80, 0x80, 0x10}, 6, false},
		{"a counter beyond 63 bits", {0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, 11, false},
		{"counter 0", {0x18, 0}, 2, false},
		{"id 0", {0x11, 0, 0, 0, 0, 0, 0, 0, 0}, 9, false},
		{"no unit", {0x0A, 0}, 2, false},
		{"fixed32 for an id", {0x15, 0, 0, 0, 0}, 5, false},
		{"a cut fixed64", {0x11, 0, 0}, 3, false},
	};
	uint8_t bytes[TT_COMMAND_BYTES_MAX + 1];
	struct tt_command c = {.id = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum tt_err err;

		memcpy(bytes, unlock, sizeof(unlock));
		memcpy(bytes + sizeof(unlock), cases[i].bytes, cases[i].len);
		err = tt_command_decode(bytes, sizeof(unlock) + cases[i].len, &c);
		if (err != (cases[i].unknown ? TT_OK : TT_EPROTO) || (cases[i].unknown && !c.unknown))
			fail_msg("%s: %s", cases[i].what, tt_err_name(err));
	}
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(tt_command_decode(bytes, sizeof(bytes), &c), TT_EPROTO);
	assert_int_equal(tt_command_decode(bytes, 0, &c), TT_EPROTO);
	for (size_t n = 0; n < sizeof(unlock) - 2; n++) {
		const enum tt_err err = tt_command_decode(unlock, n, &c);

		/* without kind and times it is still a message; without unit, id or counter it is none */
		assert_int_equal(err, n == 19 || n == 23 || n == 28 ? TT_OK : TT_EPROTO);
	}
}

static void numbers_go_to_the_ends_of_their_types(void **state)
{
	static const uint8_t most[] = {
		0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, /* counter 2^63 - 1 */
		0x20, 0,                                                    /* not before 0 */
		0x38, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F,                         /* duration 2^32 - 1 */
		0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F,                         /* latitude -2^31 */
		0x60, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F,                         /* longitude 2^31 - 1 */
	};
	uint8_t bytes[sizeof(unlock) + sizeof(most)];
	struct tt_command c;

	(void)state;
	memcpy(bytes, unlock, sizeof(unlock));
	memcpy(bytes + sizeof(unlock), most, sizeof(most));
	assert_int_equal(tt_command_decode(bytes, sizeof(bytes), &c), TT_OK);
	assert_true(c.counter == INT64_MAX && c.not_before_us == 0 && c.duration_ms == UINT32_MAX);
	assert_true(c.latitude_e7 == INT32_MIN && c.longitude_e7 == INT32_MAX);
}

static void a_message_of_512_bytes_is_the_longest(void **state)
{
	uint8_t bytes[TT_COMMAND_BYTES_MAX + 1] = {0};
	const size_t more = TT_COMMAND_BYTES_MAX - sizeof(unlock) - 3;
	struct tt_command c;

	(void)state;
	memcpy(bytes, unlock, sizeof(unlock));
	bytes[sizeof(unlock)] = 0x6A; /* a field that is not ours, to the end */
	bytes[sizeof(unlock) + 1] = (uint8_t)(0x80 | (more & 0x7F));
	bytes[sizeof(unlock) + 2] = (uint8_t)(more >> 7);
	assert_int_equal(tt_command_decode(bytes, TT_COMMAND_BYTES_MAX, &c), TT_OK);
	assert_true(c.unknown && c.id == UINT64_C(0x1122334455667788));
	bytes[sizeof(unlock) + 1]++;
	assert_int_equal(tt_command_decode(bytes, TT_COMMAND_BYTES_MAX + 1, &c), TT_EPROTO);
}

static void a_text_of_240_bytes_is_the_longest(void **state)
{
	uint8_t bytes[TT_COMMAND_BYTES_MAX];
	struct tt_command c;

	(void)state;
	memcpy(bytes, unlock, sizeof(unlock));
	bytes[sizeof(unlock)] = 0x4A;
	bytes[sizeof(unlock) + 1] = 0xF0;
	bytes[sizeof(unlock) + 2] = 0x01;
	memset(bytes + sizeof(unlock) + 3, 'x', 241);
	assert_int_equal(tt_command_decode(bytes, sizeof(unlock) + 3 + 240, &c), TT_OK);
	assert_int_equal(strlen(c.text), 240);
	bytes[sizeof(unlock) + 1] = 0xF1;
	assert_int_equal(tt_command_decode(bytes, sizeof(unlock) + 3 + 241, &c), TT_EPROTO);
}

static void names_go_both_ways(void **state)
{
	(void)state;
	for (uint32_t kind = TT_COMMAND_PING; kind < TT_COMMAND_KINDS; kind++)
		assert_int_equal(tt_command_kind_by_name(tt_command_kind_name(kind)), kind);
	assert_int_equal(tt_command_kind_by_name("self-destruct"), TT_COMMAND_NONE);
	assert_string_equal(tt_command_kind_name(TT_COMMAND_KINDS), "none");
	assert_string_equal(tt_command_outcome_name(TT_OUTCOME_ARMED), "armed");
	assert_string_equal(tt_command_outcome_name(TT_OUTCOMES), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_window_vectors_hold),     cmocka_unit_test(the_window_s_edges_are_where_they_should_be),
		cmocka_unit_test(a_command_is_read_as_it_was_sent),      cmocka_unit_test(what_is_no_command_is_refused),
		cmocka_unit_test(numbers_go_to_the_ends_of_their_types), cmocka_unit_test(a_message_of_512_bytes_is_the_longest),
		cmocka_unit_test(a_text_of_240_bytes_is_the_longest),    cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
