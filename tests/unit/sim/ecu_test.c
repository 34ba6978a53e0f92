#include "sim/ecu/obd_ecu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static struct tt_car car;
static struct tt_obd_ecu ecus[TT_SIM_ECUS];
static tt_mono_us now_us;

static void set_up(bool extended)
{
	tt_car_init(&car);
	now_us = TT_SEC(1);
	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		tt_obd_ecu_init(&ecus[i], &car, i, extended);
}

static void act(const char *line)
{
	struct tt_sim_action action;

	assert_int_equal(tt_sim_action_parse(line, strlen(line), &action, NULL), TT_OK);
	assert_int_equal(tt_car_apply(&car, &action), TT_OK);
}

static struct tt_can_frame from_hex(uint32_t id, const char *hex)
{
	struct tt_can_frame frame = {.id = id, .extended = id > TT_CAN_SFF_MASK, .len = 8};

	for (unsigned i = 0; i < 8 && *hex; i++) {
		frame.data[i] = (uint8_t)strtoul(hex, NULL, 16);
		hex += hex[2] ? 3 : 2;
	}
	return frame;
}

static void say(uint32_t id, const char *hex)
{
	const struct tt_can_frame frame = from_hex(id, hex);

	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		tt_obd_ecu_feed(&ecus[i], now_us, &frame);
}

/* The next frame of any ECU within a second of simulated time; false: silence. */
static bool hear(struct tt_can_frame *out)
{
	const tt_mono_us until_us = now_us + TT_SEC(1);

	for (; now_us < until_us; now_us += TT_MS(1)) {
		for (unsigned i = 0; i < TT_SIM_ECUS; i++) {
			tt_obd_ecu_tick(&ecus[i], now_us);
			if (tt_obd_ecu_next_tx(&ecus[i], now_us, out))
				return true;
		}
	}
	return false;
}

static void expect(uint32_t id, const char *hex)
{
	const struct tt_can_frame want = from_hex(id, hex);
	const size_t bytes = (strlen(hex) + 1) / 3;
	struct tt_can_frame got;

	if (!hear(&got))
		fail_msg("silence, not %X %s", (unsigned)id, hex);
	if (got.id != id || got.len != 8 || memcmp(got.data, want.data, bytes) != 0)
		fail_msg("not %X %s: %X %02X %02X %02X %02X %02X %02X %02X %02X", (unsigned)id, hex, (unsigned)got.id, got.data[0],
			 got.data[1], got.data[2], got.data[3], got.data[4], got.data[5], got.data[6], got.data[7]);
}

static void expect_silence(void)
{
	struct tt_can_frame got;

	if (hear(&got))
		fail_msg("not silence: %X %02X %02X %02X", (unsigned)got.id, got.data[0], got.data[1], got.data[2]);
}

/* As recorded on a real car, community.carloop.io/t/153; ISO 3779's check digit passes too. */
static void the_published_vin_exchange_happens_as_recorded(void **state)
{
	(void)state;
	set_up(false);
	say(0x7DF, "02 09 02");
	expect(0x7E8, "10 14 49 02 01 33 46 41");
	expect_silence(); /* nothing more without flow control */
	set_up(false);
	say(0x7DF, "02 09 02");
	expect(0x7E8, "10 14 49 02 01 33 46 41");
	say(0x7E0, "30 00 00");
	expect(0x7E8, "21 44 50 34 46 4A 32 42");
	expect(0x7E8, "22 4D 31 31 33 39 31 33");
	expect_silence();
}

static void flow_control_sets_block_and_pace(void **state)
{
	tt_mono_us before_us;

	(void)state;
	set_up(false);
	say(0x7E0, "02 09 02");
	expect(0x7E8, "10 14 49 02 01");
	say(0x7E0, "30 01 14"); /* one frame, 20 ms */
	expect(0x7E8, "21 44 50");
	before_us = now_us;
	say(0x7E0, "30 00 14");
	expect(0x7E8, "22 4D 31");
	assert_true(now_us - before_us >= TT_MS(20) || now_us - before_us == 0); /* a new block may begin at once */
	expect_silence();
}

static void single_frame_answers(void **state)
{
	static const struct {
		const char *about, *before;
		uint32_t to;
		const char *request;
		uint32_t from;
		const char *answer;
	} cases[] = {
		{"supported PIDs", "stop", 0x7E0, "02 01 00", 0x7E8, "06 41 00 98 1A 80 03"},
		{"supported PIDs of the transmission", "stop", 0x7E1, "02 01 00", 0x7E9, "06 41 00 80 18 00 00"},
		{"A0 bitmap: A6", "stop", 0x7E0, "02 01 A0", 0x7E8, "06 41 A0 04 00 00 00"},
		{"no lamp, all ready", "stop", 0x7E0, "02 01 01", 0x7E8, "06 41 01 00 07 65 00"},
		{"lamp and one code", "set dtc P0301", 0x7E0, "02 01 01", 0x7E8, "06 41 01 81 07 65 00"},
		{"cleared: not ready", "clear dtc", 0x7E0, "02 01 01", 0x7E8, "06 41 01 00 77 65 65"},
		{"coolant 88 C", "stop", 0x7E0, "02 01 05", 0x7E8, "03 41 05 80"},
		{"idle", "stop", 0x7E0, "02 01 0C", 0x7E8, "04 41 0C 0C 80"},
		{"two PIDs", "stop", 0x7E0, "03 01 05 0D", 0x7E8, "05 41 05 80 0D 00"},
		{"fuel 62 %", "stop", 0x7E0, "02 01 2F", 0x7E8, "03 41 2F 9E"},
		{"12 V", "battery 12.345 V", 0x7E0, "02 01 42", 0x7E8, "04 41 42 30 39"},
		{"odometer in 100 m", "odometer 14999.7 km", 0x7E0, "02 01 A6", 0x7E8, "06 41 A6 00 02 49 ED"},
		{"no codes", "stop", 0x7DF, "01 03", 0x7E8, "02 43 00"},
		{"a stored code", "set dtc P0301", 0x7DF, "01 03", 0x7E8, "04 43 01 03 01"},
		{"a pending code", "set dtc U0100 pending", 0x7DF, "01 07", 0x7E8, "04 47 01 C1 00"},
		{"a permanent code", "set dtc C0123 permanent", 0x7DF, "01 0A", 0x7E8, "04 4A 01 41 23"},
		{"freeze frame: which code", "set dtc P0301", 0x7E0, "03 02 02 00", 0x7E8, "05 42 02 00 03 01"},
		{"freeze frame: no code", "stop", 0x7E0, "03 02 02 00", 0x7E8, "05 42 02 00 00 00"},
		{"freeze frame: supported", "set dtc P0301", 0x7E0, "03 02 00 00", 0x7E8, "07 42 00 00 58 1A 80 00"},
		{"freeze frame: rpm", "set dtc P0301 freeze rpm=2150", 0x7E0, "03 02 0C 00", 0x7E8, "05 42 0C 00 21 98"},
		{"freeze frame: load", "set dtc P0301 freeze load=45", 0x7E0, "03 02 04 00", 0x7E8, "04 42 04 00 72"},
		{"freeze frame: there is none", "stop", 0x7E0, "03 02 0C 00", 0x7E8, "03 7F 02 31"},
		{"freeze frame 1", "set dtc P0301", 0x7E0, "03 02 0C 01", 0x7E8, "03 7F 02 31"},
		{"unknown service", "stop", 0x7E0, "01 3E", 0x7E8, "03 7F 3E 11"},
		{"unknown PID", "stop", 0x7E0, "02 01 5C", 0x7E8, "03 7F 01 12"},
		{"warm-ups since the clearing", "stop", 0x7E0, "02 01 30", 0x7E8, "03 41 30 14"},
		{"minutes since the clearing", "stop", 0x7E0, "02 01 4E", 0x7E8, "04 41 4E 02 58"},
		{"verification number", "stop", 0x7E0, "02 09 06", 0x7E8, "07 49 06 01 CA FE 00 01"},
		{"monitors", "stop", 0x7E0, "02 06 00", 0x7E8, "06 46 00 80 00 00 01"},
		{"monitors: the last bitmap", "stop", 0x7E0, "02 06 A0", 0x7E8, "06 46 A0 40 00 00 00"},
		{"unknown monitor", "stop", 0x7E0, "02 06 02", 0x7E8, "03 7F 06 31"},
		{"monitors of the transmission", "stop", 0x7E1, "02 06 00", 0x7E9, "03 7F 06 11"},
		{"an old ECU: one PID", "ecu engine old", 0x7E0, "02 01 05", 0x7E8, "03 41 05 80"},
		{"an old ECU: two PIDs", "ecu engine old", 0x7E0, "03 01 05 0D", 0x7E8, "03 7F 01 12"},
		{"seven PIDs", "stop", 0x7E1, "01 01", 0x7E9, "03 7F 01 12"},
		{"codes cleared by a tester", "set dtc P0301", 0x7E0, "01 04", 0x7E8, "01 44"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		printf("%s\n", cases[i].about);
		set_up(false);
		act(cases[i].before);
		say(cases[i].to, cases[i].request);
		expect(cases[i].from, cases[i].answer);
	}
}

static void both_ecus_answer_a_functional_request_one_after_the_other(void **state)
{
	(void)state;
	set_up(false);
	act("set dtc P0700 ecu transmission");
	say(0x7DF, "01 03");
	expect(0x7E8, "02 43 00");
	expect(0x7E9, "04 43 01 07 00");
	expect_silence();
}

static void what_a_functional_request_cannot_have_is_met_with_silence(void **state)
{
	static const char *const requests[] = {"01 3E",      "02 01 5C", "03 02 0C 00", "02 09 0B", "00", "08 01 00 00 00 00 00 00",
					       "10 14 09 02"};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		set_up(false);
		say(0x7DF, requests[i]);
		expect_silence();
	}
}

static void five_codes_need_several_frames(void **state)
{
	(void)state;
	set_up(false);
	act("set dtc P0301");
	act("set dtc P0302");
	act("set dtc P0303");
	say(0x7DF, "01 03");
	expect(0x7E8, "10 08 43 03 03 01 03 02");
	expect(0x7E9, "02 43 00"); /* meanwhile */
	say(0x7E0, "30 00 00");
	expect(0x7E8, "21 03 03");
}

static void response_pending_comes_before_the_answer(void **state)
{
	tt_mono_us at_us;

	(void)state;
	set_up(false);
	act("ecu engine pending");
	say(0x7E0, "01 03");
	expect(0x7E8, "03 7F 03 78");
	at_us = now_us;
	expect(0x7E8, "02 43 00");
	assert_true(now_us - at_us > TT_MS(50)); /* P2 is over, P2* is not */
	assert_true(now_us - at_us < TT_SEC(5));
	expect_silence();
}

static void a_silent_or_sleeping_ecu_says_nothing(void **state)
{
	(void)state;
	set_up(false);
	act("ecu engine silent");
	say(0x7DF, "01 03");
	expect(0x7E9, "02 43 00");
	expect_silence();
	set_up(false);
	act("ignition off");
	say(0x7DF, "01 03");
	expect_silence();
	act("ignition on");
	say(0x7E0, "01 03");
	expect(0x7E8, "02 43 00");
}

static void diagnostics_with_29_bit_identifiers(void **state)
{
	(void)state;
	set_up(true);
	say(0x18DB33F1, "02 09 02");
	expect(0x18DAF110, "10 14 49 02 01 33 46 41");
	say(0x18DA10F1, "30 00 00");
	expect(0x18DAF110, "21 44 50 34 46 4A 32 42");
	expect(0x18DAF110, "22 4D 31 31 33 39 31 33");
	say(0x7DF, "02 09 02");
	expect_silence();
	say(0x18DA18F1, "02 01 0D");
	expect(0x18DAF118, "03 41 0D 00");
}

static void the_next_request_is_answered_after_an_abandoned_one(void **state)
{
	(void)state;
	set_up(false);
	say(0x7DF, "02 09 02");
	expect(0x7E8, "10 14 49 02 01");
	expect_silence();
	now_us += TT_SEC(2); /* N_Bs is over */
	expect_silence();
	say(0x7DF, "01 03");
	expect(0x7E8, "02 43 00");
}

static void uds_lists_of_codes(void **state)
{
	(void)state;
	set_up(false);
	say(0x7E0, "03 19 02 8F");
	expect(0x7E8, "03 59 02 AF");
	say(0x7E0, "02 19 14");
	expect(0x7E8, "02 59 14");
	act("set dtc P0302 prefailed");
	say(0x7E0, "03 19 02 8F"); /* no code yet */
	expect(0x7E8, "03 59 02 AF");
	say(0x7E0, "02 19 14");
	expect(0x7E8, "06 59 14 03 02 00 40");
	say(0x7E0, "01 03");
	expect(0x7E8, "02 43 00");
	act("set dtc P0302 pending"); /* the test has failed */
	say(0x7E0, "02 19 14");
	expect(0x7E8, "02 59 14");
	say(0x7E0, "03 19 02 8F");
	expect(0x7E8, "07 59 02 AF 03 02 00 05");
	act("set dtc P0420 stored");
	act("set dtc P1234 stored");
	say(0x7E0, "02 19 0A"); /* seven codes in all */
	expect(0x7E8, "10 1F 59 0A AF 03 00 00");
	say(0x7E0, "30 00 00");
	expect(0x7E8, "21 00 03 01 00 00 03 03");
	expect(0x7E8, "22 00 00 03 04 00 00 03");
	expect(0x7E8, "23 02 00 05 04 20 00 AF");
	expect(0x7E8, "24 12 34 00 AF");
	say(0x7E0, "03 19 0A FF");
	expect(0x7E8, "03 7F 19 13");
	say(0x7E0, "03 19 14 FF");
	expect(0x7E8, "03 7F 19 13");
	say(0x7E0, "02 19 15");
	expect(0x7E8, "03 7F 19 12");
	act("set dtc P0303 prefailed");
	say(0x7E0, "01 04");
	expect(0x7E8, "01 44");
	say(0x7E0, "02 19 14");
	expect(0x7E8, "02 59 14");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vin_exchange_happens_as_recorded),
		cmocka_unit_test(flow_control_sets_block_and_pace),
		cmocka_unit_test(single_frame_answers),
		cmocka_unit_test(both_ecus_answer_a_functional_request_one_after_the_other),
		cmocka_unit_test(what_a_functional_request_cannot_have_is_met_with_silence),
		cmocka_unit_test(five_codes_need_several_frames),
		cmocka_unit_test(response_pending_comes_before_the_answer),
		cmocka_unit_test(a_silent_or_sleeping_ecu_says_nothing),
		cmocka_unit_test(diagnostics_with_29_bit_identifiers),
		cmocka_unit_test(uds_lists_of_codes),
		cmocka_unit_test(the_next_request_is_answered_after_an_abandoned_one),
	};

	return cmocka_run_group_tests_name("sim ecu", tests, NULL, NULL);
}
