/*
 * Commands: reading them, the sliding window with its published vectors, the ledger, and every interlock.
 */
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

/* ---- the ledger ---- */

static struct tt_command command(uint32_t kind, uint64_t id, uint64_t counter)
{
	struct tt_command c;

	memset(&c, 0, sizeof(c));
	strcpy(c.unit, "CAR-7");
	c.id = id;
	c.counter = counter;
	c.kind = kind;
	c.not_before_us = TT_SEC(1000);
	c.expires_at_us = TT_SEC(1300);
	c.fields = 0x7E;
	return c;
}

static void a_counter_is_used_once_and_a_duplicate_finds_the_first_result(void **state)
{
	const uint64_t keep[] = {1, 2};
	struct tt_command c = command(TT_COMMAND_UNLOCK, 50, 10);
	struct tt_command_ledger l;
	struct tt_command_entry *e, *again;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW);
	assert_int_equal(e->outcome, TT_OUTCOME_ACCEPTED);
	assert_true(e->told);
	tt_command_note(e, TT_OUTCOME_REFUSED, "the car is moving", 5);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &again), TT_COMMAND_DUPLICATE);
	assert_ptr_equal(e, again);
	assert_string_equal(again->reason, "the car is moving");
	assert_int_equal(again->outcome, TT_OUTCOME_REFUSED);
	c.id = 51; /* the same counter under another id */
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &again), TT_COMMAND_REPLAYED);
	assert_null(again);
	c.id = 50;
	assert_int_equal(tt_command_admit(&l, 2, &c, keep, 2, &again), TT_COMMAND_NEW); /* each key counts for itself */
	c = command(TT_COMMAND_PING, 52, 9);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW); /* reordered inside the window */
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_DUPLICATE);
	assert_null(tt_command_entry_by_id(&l, 3, 50));
	/* Fifteen more, and the oldest is forgotten: then its counter alone speaks. */
	for (uint64_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		c = command(99, 100 + i, 20 + i);
		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_NEW);
		assert_int_equal(e->kind, TT_COMMAND_NONE);
	}
	c = command(TT_COMMAND_UNLOCK, 50, 10);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 2, &e), TT_COMMAND_REPLAYED);
}

static void an_armed_block_keeps_its_place(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command c = command(TT_COMMAND_IGNITION_BLOCK, 1, 1);
	struct tt_command_ledger l;
	struct tt_command_entry *armed, *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &armed), TT_COMMAND_NEW);
	tt_command_note(armed, TT_OUTCOME_ARMED, "", 1);
	for (uint64_t i = 2; i < 60; i++) {
		c = command(TT_COMMAND_PING, i, i);
		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		tt_command_note(e, TT_OUTCOME_DONE, "", 1);
	}
	assert_ptr_equal(tt_command_entry_by_id(&l, 1, 1), armed);
	assert_int_equal(armed->outcome, TT_OUTCOME_ARMED);
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES; i++)
		l.entries[i].outcome = TT_OUTCOME_ARMED;
	c = command(TT_COMMAND_PING, 100, 100);
	assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
}

static void retired_keys_give_way_and_trusted_ones_do_not(void **state)
{
	uint64_t keep[TT_COMMAND_KEYS];
	struct tt_command c = command(TT_COMMAND_PING, 1, 5);
	struct tt_command_ledger l;
	struct tt_command_entry *e;

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (uint64_t k = 1; k <= TT_COMMAND_KEYS; k++) {
		keep[k - 1] = k;
		assert_int_equal(tt_command_admit(&l, k, &c, keep, (size_t)k, &e), TT_COMMAND_NEW);
	}
	assert_int_equal(tt_command_admit(&l, 99, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NO_ROOM);
	assert_null(e);
	keep[2] = 99; /* key 3 is retired */
	assert_int_equal(tt_command_admit(&l, 99, &c, keep, TT_COMMAND_KEYS, &e), TT_COMMAND_NEW);
	assert_int_equal(l.windows[2].key_id, 99);
	assert_int_equal(l.windows[2].counter, 5);
}

static void a_restart_ends_what_was_under_way(void **state)
{
	const uint64_t keep[] = {1};
	struct tt_command_ledger l;
	struct tt_command_entry *e;
	char reason[200];

	(void)state;
	tt_command_ledger_init(&l, 0);
	for (uint64_t i = 1; i <= 3; i++) {
		struct tt_command c = command(TT_COMMAND_LOCK, i, i);

		assert_int_equal(tt_command_admit(&l, 1, &c, keep, 1, &e), TT_COMMAND_NEW);
		if (i == 2)
			tt_command_note(e, TT_OUTCOME_DONE, "", 1);
	}
	assert_int_equal(tt_command_interrupted(&l, 77), 2);
	e = tt_command_entry_by_id(&l, 1, 3);
	assert_int_equal(e->outcome, TT_OUTCOME_FAILED);
	assert_true(e->at_us == 77 && !e->told && strstr(e->reason, "restart"));
	assert_int_equal(tt_command_entry_by_id(&l, 1, 2)->outcome, TT_OUTCOME_DONE);
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	tt_command_note(e, TT_OUTCOME_FAILED, reason, 1);
	assert_int_equal(strlen(e->reason), TT_COMMAND_REASON - 1);
}

/* ---- interlocks ---- */

static struct tt_command_situation parked(void)
{
	return (struct tt_command_situation){
		.unit = "CAR-7",
		.utc_us = TT_SEC(1100),
		.clock = TT_CLOCK_FREE,
		.floor_us = TT_SEC(900),
		.speed_known = true,
		.ignition = TT_COMMAND_IGNITION_OFF,
		.off_for_us = TT_SEC(60),
		.may_ask = true,
		.may_clear = true,
		.head_unit = true,
		.actuates = UINT32_MAX,
		.supports = UINT32_MAX,
		.off_limit_us = TT_SEC(3600),
	};
}

static struct tt_command good(uint32_t kind)
{
	struct tt_command c = command(kind, 1, 1);

	if (kind == TT_COMMAND_REPORT_RATE) {
		c.interval_ms = 1000;
		c.duration_ms = 10000;
		c.fields |= 1U << 7 | 1U << 8;
	} else if (kind == TT_COMMAND_HORN_LIGHTS) {
		c.duration_ms = 500;
		c.fields |= 1U << 7;
	} else if (kind == TT_COMMAND_DRIVER_MESSAGE) {
		strcpy(c.text, "hello");
		c.fields |= 1U << 9;
	}
	return c;
}

/* What changes the situation, and what each kind then answers: '.' accepted, R refused, A armed, U unsupported, E expired, F failed. */
static void each_interlock_holds_for_the_kinds_that_need_it(void **state)
{
	enum {
		UNIT,
		EXPIRED,
		EARLY,
		CLOCK,
		LEDGER,
		LEDGER_PENDING,
		NO_FRAMES,
		NO_SUPPORT,
		NO_ASK,
		NO_CLEAR,
		BUSY,
		NO_SPEED,
		MOVING,
		ROLLING_BACK,
		IGNITION_ON,
		IGNITION_UNKNOWN,
		ENGINE,
		OFF_LONG,
		HORN,
		NO_HEAD,
		NOTHING,
		CHANGES
	};
	/* ping full rate capture read clear lock unlock horn block release message destination */
	static const char *const want[CHANGES] = {
		[UNIT] = "RRRRRRRRRRRRR",        [EXPIRED] = "EEEEEEEEEEEEE",
		[EARLY] = "RRRRRRRRRRRRR",       [CLOCK] = ".....RRRRRRRR",
		[LEDGER] = ".....RRRRRRRR",      [LEDGER_PENDING] = ".....RRRRRRRR",
		[NO_FRAMES] = "......UUUUU..",   [NO_SUPPORT] = "UUUUUUUUUUUUU",
		[NO_ASK] = "....RR.......",      [NO_CLEAR] = ".....U.......",
		[BUSY] = "......RRRRR..",        [NO_SPEED] = ".....RRRRA...",
		[MOVING] = ".....RRRRA...",      [ROLLING_BACK] = ".....RRRRA...",
		[IGNITION_ON] = "......R..A...", [IGNITION_UNKNOWN] = "......RR.A...",
		[ENGINE] = ".....R...A...",      [OFF_LONG] = ".......R.....",
		[HORN] = "........R....",        [NO_HEAD] = "...........FF",
		[NOTHING] = ".............",
	};

	(void)state;
	for (int change = 0; change < CHANGES; change++) {
		for (uint32_t kind = TT_COMMAND_PING; kind < TT_COMMAND_KINDS; kind++) {
			struct tt_command_situation s = parked();
			struct tt_command c = good(kind);
			struct tt_command_verdict v;
			char got;

			s.unit = change == UNIT ? "CAR-8" : s.unit;
			s.utc_us = change == EXPIRED ? TT_SEC(1300) + 1 : change == EARLY ? TT_SEC(880) - 1 : s.utc_us;
			s.clock = change == CLOCK ? TT_CLOCK_UNKNOWN : s.clock;
			s.floor_us = change == LEDGER ? TT_SEC(1000) + 1 : change == LEDGER_PENDING ? -1 : s.floor_us;
			s.actuates = change == NO_FRAMES ? 0 : s.actuates;
			s.supports = change == NO_SUPPORT ? 0 : s.supports;
			s.may_ask = change != NO_ASK;
			s.may_clear = change != NO_CLEAR;
			s.acting = change == BUSY;
			s.speed_known = change != NO_SPEED;
			s.speed_mm_s = change == MOVING ? 281 : change == ROLLING_BACK ? -281 : change == NOTHING ? 280 : -280;
			s.ignition = change == IGNITION_ON        ? TT_COMMAND_IGNITION_ON
				     : change == IGNITION_UNKNOWN ? TT_COMMAND_IGNITION_UNKNOWN
								  : s.ignition;
			s.engine_running = change == ENGINE;
			s.off_for_us = change == OFF_LONG ? TT_SEC(3600) + 1 : TT_SEC(3600);
			s.horn_resting = change == HORN;
			s.head_unit = change != NO_HEAD;
			v = tt_command_judge(&c, &s);
			got = "?.ADRFE?XU"[v.outcome];
			if (got != want[change][kind - 1] || (v.reason[0] == '\0') != (v.outcome == TT_OUTCOME_ACCEPTED))
				fail_msg("change %d, %s: %c (%s), wanted %c", change, tt_command_kind_name(kind), got, v.reason,
					 want[change][kind - 1]);
		}
	}
}

static void an_unknown_clock_does_not_expire_what_is_harmless(void **state)
{
	struct tt_command_situation s = parked();
	struct tt_command c = good(TT_COMMAND_PING);

	(void)state;
	s.clock = TT_CLOCK_UNKNOWN;
	s.utc_us = TT_SEC(999999);
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	s.utc_us = 0;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	s = parked();
	s.utc_us = c.expires_at_us;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	s.utc_us = c.not_before_us - TT_COMMAND_SKEW_US;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
}

static void nothing_lives_longer_than_a_day(void **state)
{
	struct tt_command_situation s = parked();
	struct tt_command c = good(TT_COMMAND_PING);

	(void)state;
	c.expires_at_us = c.not_before_us + TT_DAY_US;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	c.expires_at_us++;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_REFUSED);
	c.expires_at_us = c.not_before_us - 1;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_REFUSED);
}

static void half_understood_is_not_understood(void **state)
{
	struct tt_command_situation s = parked();
	struct tt_command c = good(TT_COMMAND_UNLOCK);

	(void)state;
	c.unknown = true;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_UNSUPPORTED);
	for (unsigned field = 7; field <= 12; field++) {
		c = good(TT_COMMAND_UNLOCK);
		c.fields |= 1U << field;
		assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_REFUSED);
	}
	for (uint32_t kind = TT_COMMAND_KINDS; kind < 40; kind++) {
		c = good(kind);
		assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_UNSUPPORTED);
	}
	c = good(TT_COMMAND_NONE);
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_UNSUPPORTED);
}

static void arguments_have_their_ranges(void **state)
{
	static const struct {
		uint32_t kind, interval, duration;
		const char *text;
		int32_t lat, lon;
		bool good;
	} cases[] = {
		{TT_COMMAND_REPORT_RATE, 1000, 10000, "", 0, 0, true},
		{TT_COMMAND_REPORT_RATE, 3600000, 86400000, "", 0, 0, true},
		{TT_COMMAND_REPORT_RATE, 999, 10000, "", 0, 0, false},
		{TT_COMMAND_REPORT_RATE, 3600001, 10000, "", 0, 0, false},
		{TT_COMMAND_REPORT_RATE, 1000, 9999, "", 0, 0, false},
		{TT_COMMAND_REPORT_RATE, 1000, 86400001, "", 0, 0, false},
		{TT_COMMAND_HORN_LIGHTS, 0, 500, "", 0, 0, true},
		{TT_COMMAND_HORN_LIGHTS, 0, 30000, "", 0, 0, true},
		{TT_COMMAND_HORN_LIGHTS, 0, 499, "", 0, 0, false},
		{TT_COMMAND_HORN_LIGHTS, 0, 30001, "", 0, 0, false},
		{TT_COMMAND_DRIVER_MESSAGE, 0, 0, "x", 0, 0, true},
		{TT_COMMAND_DRIVER_MESSAGE, 0, 0, "", 0, 0, false},
		{TT_COMMAND_DESTINATION, 0, 0, "", 900000000, 1800000000, true},
		{TT_COMMAND_DESTINATION, 0, 0, "x", -900000000, -1800000000, true},
		{TT_COMMAND_DESTINATION, 0, 0, "", 900000001, 0, false},
		{TT_COMMAND_DESTINATION, 0, 0, "", -900000001, 0, false},
		{TT_COMMAND_DESTINATION, 0, 0, "", 0, 1800000001, false},
		{TT_COMMAND_DESTINATION, 0, 0, "", 0, -1800000001, false},
	};
	struct tt_command_situation s = parked();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_command c = command(cases[i].kind, 1, 1);

		c.interval_ms = cases[i].interval;
		c.duration_ms = cases[i].duration;
		strcpy(c.text, cases[i].text);
		c.latitude_e7 = cases[i].lat;
		c.longitude_e7 = cases[i].lon;
		if ((tt_command_judge(&c, &s).outcome == TT_OUTCOME_ACCEPTED) != cases[i].good)
			fail_msg("case %zu: %s", i, tt_command_judge(&c, &s).reason);
	}
}

static void what_is_under_way_stops_when_the_car_does_not_allow_it_any_more(void **state)
{
	struct tt_command_situation s = parked();

	(void)state;
	for (uint32_t kind = TT_COMMAND_PING; kind < TT_COMMAND_KINDS; kind++)
		assert_int_equal(tt_command_still(kind, &s).outcome, TT_OUTCOME_ACCEPTED);
	s.speed_mm_s = 300;
	assert_int_equal(tt_command_still(TT_COMMAND_UNLOCK, &s).outcome, TT_OUTCOME_REFUSED);
	assert_int_equal(tt_command_still(TT_COMMAND_HORN_LIGHTS, &s).outcome, TT_OUTCOME_REFUSED);
	assert_int_equal(tt_command_still(TT_COMMAND_LOCK, &s).outcome, TT_OUTCOME_REFUSED);
	assert_int_equal(tt_command_still(TT_COMMAND_IGNITION_BLOCK, &s).outcome, TT_OUTCOME_REFUSED);
	assert_int_equal(tt_command_still(TT_COMMAND_IGNITION_RELEASE, &s).outcome, TT_OUTCOME_ACCEPTED);
	s = parked();
	s.ignition = TT_COMMAND_IGNITION_ON;
	assert_int_equal(tt_command_still(TT_COMMAND_IGNITION_BLOCK, &s).outcome, TT_OUTCOME_REFUSED);
	assert_int_equal(tt_command_still(TT_COMMAND_UNLOCK, &s).outcome, TT_OUTCOME_ACCEPTED);
	for (uint32_t kind = 0; kind < TT_COMMAND_KINDS; kind++)
		assert_int_equal(tt_command_actuates(kind), kind >= TT_COMMAND_LOCK && kind <= TT_COMMAND_IGNITION_RELEASE);
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
		cmocka_unit_test(the_published_window_vectors_hold),
		cmocka_unit_test(the_window_s_edges_are_where_they_should_be),
		cmocka_unit_test(a_command_is_read_as_it_was_sent),
		cmocka_unit_test(what_is_no_command_is_refused),
		cmocka_unit_test(a_text_of_240_bytes_is_the_longest),
		cmocka_unit_test(a_counter_is_used_once_and_a_duplicate_finds_the_first_result),
		cmocka_unit_test(an_armed_block_keeps_its_place),
		cmocka_unit_test(retired_keys_give_way_and_trusted_ones_do_not),
		cmocka_unit_test(a_restart_ends_what_was_under_way),
		cmocka_unit_test(each_interlock_holds_for_the_kinds_that_need_it),
		cmocka_unit_test(an_unknown_clock_does_not_expire_what_is_harmless),
		cmocka_unit_test(nothing_lives_longer_than_a_day),
		cmocka_unit_test(half_understood_is_not_understood),
		cmocka_unit_test(arguments_have_their_ranges),
		cmocka_unit_test(what_is_under_way_stops_when_the_car_does_not_allow_it_any_more),
		cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
