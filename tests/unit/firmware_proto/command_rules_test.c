/* The interlocks of commands, every one for every kind. */
#include "command_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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
	c.expires_at_us = c.not_before_us; /* a single moment is some time */
	s.utc_us = c.not_before_us;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
}

static void the_ledgers_floor_is_the_first_moment_that_counts(void **state)
{
	struct tt_command_situation s = parked();
	struct tt_command c = good(TT_COMMAND_UNLOCK);

	(void)state;
	s.floor_us = c.not_before_us;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	s.floor_us = 0;
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	c.not_before_us = 0;
	s.utc_us = c.expires_at_us = TT_SEC(60);
	assert_int_equal(tt_command_judge(&c, &s).outcome, TT_OUTCOME_ACCEPTED);
	s.floor_us = 1;
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

static void each_kind_takes_its_own_arguments_and_no_others(void **state)
{
	/* duration, interval, text, speak, latitude, longitude: fields 7 to 12 of schemas/proto/telltale.proto, Command */
	static const char *const takes[TT_COMMAND_KINDS] = {
		[TT_COMMAND_PING] = "......",           [TT_COMMAND_FULL_STATE] = "......",       [TT_COMMAND_REPORT_RATE] = "di....",
		[TT_COMMAND_CAPTURE] = "......",        [TT_COMMAND_READ_CODES] = "......",       [TT_COMMAND_CLEAR_CODES] = "......",
		[TT_COMMAND_LOCK] = "......",           [TT_COMMAND_UNLOCK] = "......",           [TT_COMMAND_HORN_LIGHTS] = "d.....",
		[TT_COMMAND_IGNITION_BLOCK] = "......", [TT_COMMAND_IGNITION_RELEASE] = "......", [TT_COMMAND_DRIVER_MESSAGE] = "..ts..",
		[TT_COMMAND_DESTINATION] = "..t.lo",
	};
	const struct tt_command_situation s = parked();

	(void)state;
	for (uint32_t kind = TT_COMMAND_PING; kind < TT_COMMAND_KINDS; kind++) {
		for (unsigned field = 0; field < 16; field++) {
			const bool taken = (field >= 1 && field <= 6) || (field >= 7 && field <= 12 && takes[kind][field - 7] != '.');
			struct tt_command c = good(kind);

			c.fields |= 1U << field;
			if ((tt_command_judge(&c, &s).outcome == TT_OUTCOME_ACCEPTED) != taken)
				fail_msg("%s, field %u", tt_command_kind_name(kind), field);
		}
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_interlock_holds_for_the_kinds_that_need_it),
		cmocka_unit_test(an_unknown_clock_does_not_expire_what_is_harmless),
		cmocka_unit_test(nothing_lives_longer_than_a_day),
		cmocka_unit_test(the_ledgers_floor_is_the_first_moment_that_counts),
		cmocka_unit_test(half_understood_is_not_understood),
		cmocka_unit_test(each_kind_takes_its_own_arguments_and_no_others),
		cmocka_unit_test(arguments_have_their_ranges),
		cmocka_unit_test(what_is_under_way_stops_when_the_car_does_not_allow_it_any_more),
	};

	return cmocka_run_group_tests_name("command rules", tests, NULL, NULL);
}
