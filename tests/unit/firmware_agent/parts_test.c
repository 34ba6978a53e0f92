/* The small parts of the agent: time stamps, conditions, known faults, telemetry rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/agent/condition.h"
#include "firmware/agent/ecus.h"
#include "firmware/agent/fix_time.h"
#include "firmware/agent/known.h"
#include "firmware/agent/open_trip.h"
#include "firmware/agent/stamp.h"
#include "firmware/agent/telemetry.h"

#define Y2026 (INT64_C(1795318800) * 1000000)
#define Y2007 (INT64_C(1180000000) * 1000000) /* a receiver after a week rollover */

static void the_clock_quality_follows_kernel_and_fix(void **state)
{
	static const struct {
		const char *what;
		struct tt_stamp_sources in;
		struct tt_stamp out;
	} cases[] = {
		{"system clock alone", {TT_SEC(50), Y2026, TT_CLOCK_FREE, 0, 0}, {Y2026, TT_CLOCK_FREE}},
		{"NTP", {TT_SEC(50), Y2026, TT_CLOCK_NTP, 0, 0}, {Y2026, TT_CLOCK_NTP}},
		{"a fix agrees", {TT_SEC(50), Y2026, TT_CLOCK_FREE, Y2026 - TT_SEC(2), TT_SEC(49)}, {Y2026, TT_CLOCK_GNSS}},
		{"a fix disagrees by more than 2 s",
		 {TT_SEC(50), Y2026, TT_CLOCK_FREE, Y2026 - TT_SEC(4), TT_SEC(49)},
		 {Y2026, TT_CLOCK_FREE}},
		{"an old fix agrees no more", {TT_SEC(50), Y2026, TT_CLOCK_FREE, Y2026 - TT_SEC(20), TT_SEC(30)}, {Y2026, TT_CLOCK_FREE}},
		{"1970 and no fix", {TT_SEC(50), TT_SEC(50), TT_CLOCK_UNKNOWN, 0, 0}, {TT_SEC(50), TT_CLOCK_UNKNOWN}},
		{"1970 and a fix", {TT_SEC(50), TT_SEC(50), TT_CLOCK_UNKNOWN, Y2026, TT_SEC(48)}, {Y2026 + TT_SEC(2), TT_CLOCK_GNSS}},
		{"1970 and a fix of a minute ago",
		 {TT_SEC(150), TT_SEC(150), TT_CLOCK_UNKNOWN, Y2026, TT_SEC(90)},
		 {Y2026 + TT_SEC(60), TT_CLOCK_FREE}},
		{"1970 and a receiver from 2007",
		 {TT_SEC(50), TT_SEC(50), TT_CLOCK_UNKNOWN, Y2007, TT_SEC(49)},
		 {TT_SEC(50), TT_CLOCK_UNKNOWN}},
		{"before 1970", {TT_SEC(50), -TT_SEC(1), TT_CLOCK_UNKNOWN, 0, 0}, {0, TT_CLOCK_UNKNOWN}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_stamp got = tt_stamp_now(&cases[i].in);

		if (got.utc_us != cases[i].out.utc_us || got.quality != cases[i].out.quality)
			fail_msg("%s: %lld quality %d", cases[i].what, (long long)got.utc_us, (int)got.quality);
	}
}

static void a_receivers_time_is_doubted_by_the_clock_and_by_its_own_past(void **state)
{
	static const struct {
		const char *what;
		tt_utc_us at_us;
		tt_mono_us received_us;
		tt_utc_us clock_us;
		enum tt_clock_quality quality;
		bool jumped, doubtful;
		const char *text;
	} steps[] = {
		{"undated", 0, TT_SEC(50), Y2026, TT_CLOCK_NTP, false, false, ""},
		{"agrees", Y2026, TT_SEC(51), Y2026 + TT_SEC(1), TT_CLOCK_NTP, false, false, ""},
		{"18 s of leap seconds", Y2026 + TT_SEC(19), TT_SEC(52), Y2026 + TT_SEC(2), TT_CLOCK_NTP, false, false, ""},
		{"rolled over", Y2007, TT_SEC(53), Y2007 + TT_SEC(1000), TT_CLOCK_NTP, true, true,
		 "the receiver says 2007-05-24T09:46:40.000Z, 1000 s behind the clock; jumped by -615318820 s"},
		{"a little more: not told anew", Y2007 + TT_SEC(1), TT_SEC(54), Y2007 + TT_SEC(1029), TT_CLOCK_FREE, false, true,
		 "the receiver says 2007-05-24T09:46:40.000Z, 1000 s behind the clock; jumped by -615318820 s"},
		{"much more: told anew", Y2007 + TT_SEC(61), TT_SEC(114), Y2007 + TT_SEC(2061), TT_CLOCK_FREE, false, true,
		 "the receiver says 2007-05-24T09:47:41.000Z, 2000 s behind the clock"},
		{"ahead", Y2007 + TT_SEC(62), TT_SEC(115), Y2007, TT_CLOCK_FREE, false, true,
		 "the receiver says 2007-05-24T09:47:42.000Z, 62 s ahead of the clock"},
		{"no clock to judge by", Y2007 + TT_SEC(63), TT_SEC(116), TT_SEC(116), TT_CLOCK_UNKNOWN, false, false, ""},
		{"a jump without a clock", Y2007 + TT_SEC(3), TT_SEC(117), TT_SEC(117), TT_CLOCK_UNKNOWN, true, true,
		 "the receiver's time jumped by -61 s"},
		{"a minute later", Y2007 + TT_SEC(64), TT_SEC(178), TT_SEC(178), TT_CLOCK_UNKNOWN, false, false, ""},
	};
	struct tt_fix_time t = {0};
	char text[TT_FIX_TIME_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const bool jumped = tt_fix_time_take(&t, steps[i].at_us, steps[i].received_us, steps[i].clock_us, steps[i].quality);
		const bool doubtful = tt_fix_time_doubtful(&t, steps[i].received_us, text);

		if (jumped != steps[i].jumped || doubtful != steps[i].doubtful || strcmp(text, steps[i].text) != 0)
			fail_msg("%s: jumped %d doubtful %d: %s", steps[i].what, jumped, doubtful, text);
	}
}

static void a_condition_keeps_its_time_while_its_detail_changes(void **state)
{
	struct tt_conditions set = {0};

	(void)state;
	tt_condition_set(&set, TT_COND_GPS_LOST, false, 1, NULL);
	assert_int_equal(set.changes, 0);
	tt_condition_set(&set, TT_COND_ECU_REFUSING, true, 10, "7E8\n\xff");
	assert_string_equal(set.items[TT_COND_ECU_REFUSING].detail, "7E8??");
	tt_condition_set(&set, TT_COND_ECU_REFUSING, true, 20, "7E9");
	assert_int_equal(set.items[TT_COND_ECU_REFUSING].since_us, 10);
	assert_int_equal(set.changes, 2);
	tt_condition_set(&set, TT_COND_ECU_REFUSING, true, 30, "7E9");
	assert_int_equal(set.changes, 2);
	tt_condition_set(&set, TT_COND_ECU_REFUSING, false, 40, "ignored");
	assert_int_equal(set.changes, 3);
	assert_string_equal(set.items[TT_COND_ECU_REFUSING].detail, "");
	for (unsigned c = 0; c < TT_CONDITIONS; c++)
		assert_non_null(tt_condition_name((enum tt_condition)c));
}

static void known_faults_survive_a_restart_but_not_a_new_journal(void **state)
{
	static struct tt_fault_watch w, again;
	char path[] = "/tmp/tt_known_XXXXXX";
	const int fd = mkstemp(path);
	const uint16_t codes[2] = {0x0301, 0xC100};
	struct tt_fault_event e;
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	tt_fault_watch_init(&w, &TT_FAULT_DEFAULT);
	tt_fault_watch_codes(&w, 1, 0x7E8, TT_FAULT_PENDING, codes, 2);
	assert_true(tt_fault_watch_next(&w, 2, &e));
	assert_int_equal(tt_known_save(path, 77, &w), TT_OK); /* one of the two was told */
	tt_fault_watch_init(&again, &TT_FAULT_DEFAULT);
	assert_int_equal(tt_known_load(path, 78, &again), TT_ENOTFOUND);
	assert_int_equal(tt_known_load(path, 77, &again), TT_OK);
	assert_int_equal(tt_fault_watch_count(&again), 1);
	tt_fault_watch_codes(&again, 1, 0x7E8, TT_FAULT_PENDING, codes, 2);
	assert_true(tt_fault_watch_next(&again, 2, &e));
	assert_int_equal(e.code, 0xC100);
	assert_false(tt_fault_watch_next(&again, 2, &e));
	f = fopen(path, "w");
	fputs("telltale-faults 1 4d\n7E8 P0301 3 1\n0 609/19 1 1 40FF\n", f); /* the first line as before lamps were kept */
	fclose(f);
	tt_fault_watch_init(&again, &TT_FAULT_DEFAULT);
	assert_int_equal(tt_known_load(path, 77, &again), TT_OK);
	assert_int_equal(tt_fault_watch_count(&again), 2);
	assert_int_equal(again.faults[1].told_lamps, 0x40FF);
	assert_int_equal(tt_known_save(path, 77, &again), TT_OK);
	tt_fault_watch_init(&w, &TT_FAULT_DEFAULT);
	assert_int_equal(tt_known_load(path, 77, &w), TT_OK);
	assert_memory_equal(w.faults, again.faults, sizeof(w.faults));
	f = fopen(path, "w");
	fputs("telltale-faults 1 4d\n7E8 P0301 16 1\n", f);
	fclose(f);
	assert_int_equal(tt_known_load(path, 77, &again), TT_ECORRUPT);
	unlink(path);
	assert_int_equal(tt_known_load(path, 77, &again), TT_ENOTFOUND);
	assert_int_equal(tt_known_save("/nonexistent/folder/x", 77, &w), TT_EIO);
}

static void the_open_trip_is_kept_beside_the_journal_and_a_damaged_file_is_none(void **state)
{
	static const char *const bad[] = {"",
					  "telltale-trip 3 5 1 1 1 1 1 1 1 end\n",
					  "telltale-trip 0 5 1 1 1 1 1 1 1 end\n",
					  "telltale-trip 2 5 1 1 1 1 1 1 1 end\n",
					  "telltale-trip 1 0 1 1 1 1 1 1 1 end\n",
					  "telltale-trip 1 5 1 1 1 1 1 1 1\n",
					  "telltale-trip 1 5 1 -1 1 1 1 1 1 end\n",
					  "telltale-trip 1 5 1 9223372036854775807 1 1 1 1 1 end\n"};
	const struct tt_open_trip trip = {
		.trip = UINT64_MAX, .saved_at_us = Y2026, .at = {TT_SEC(90), TT_SEC(1), 5000, 7100, 2000000, 0, {0}}};
	struct tt_open_trip got = {0};
	char path[] = "/tmp/tt_trip_XXXXXX";
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(tt_open_trip_save(path, &trip), TT_OK);
	assert_int_equal(tt_open_trip_load(path, &got), TT_OK);
	assert_memory_equal(&got, &trip, sizeof(trip));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FILE *f = fopen(path, "w");

		fputs(bad[i], f);
		fclose(f);
		if (tt_open_trip_load(path, &got) != TT_ECORRUPT)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(tt_open_trip_forget(path), TT_OK);
	assert_int_equal(tt_open_trip_load(path, &got), TT_ENOTFOUND);
	assert_int_equal(tt_open_trip_forget(path), TT_OK);
	assert_int_equal(tt_open_trip_save("/nonexistent/folder/x", &trip), TT_EIO);
}

static void telemetry_is_thinned_by_time_and_change(void **state)
{
	const struct tt_signal speed = {.number = 1, .path = "Vehicle.Speed", .unit = "km/h", .scale = 100};
	struct tt_profile_rule rule = {.vss = &speed, .every_us = TT_MS(500), .on_change = true};
	struct tt_telemetry *t;
	int64_t v = 0;

	(void)state;
	assert_int_equal(tt_telemetry_create(&t), TT_OK);
	assert_true(tt_telemetry_pass(t, 0, &rule, TT_SEC(1), 50.004, &v));
	assert_int_equal(v, 5000);
	assert_false(tt_telemetry_pass(t, 0, &rule, TT_SEC(1) + TT_MS(499), 60, &v)); /* too soon */
	assert_false(tt_telemetry_pass(t, 0, &rule, TT_SEC(3), 50, &v));              /* the same */
	assert_true(tt_telemetry_pass(t, 0, &rule, TT_SEC(3), 60, &v));
	assert_int_equal(v, 6000);
	rule.local = true;
	assert_false(tt_telemetry_pass(t, 0, &rule, TT_SEC(9), 70, &v));
	rule.local = false;
	assert_false(tt_telemetry_pass(t, 1, &rule, TT_SEC(9), 1e300, &v));
	tt_telemetry_destroy(t);
}

static void a_silence_or_refusal_lasts_until_the_same_ecu_answers(void **state)
{
	static struct tt_obd_result silent = {.kind = TT_OBD_RESULT_SILENT, .ecu = 0x7E9};
	static struct tt_obd_result refusing = {.kind = TT_OBD_RESULT_REFUSING, .ecu = 0x7E8, .u.refused = {.service = 0x0A, .nrc = 0x22}};
	static struct tt_obd_result stored = {.kind = TT_OBD_RESULT_DTCS, .ecu = 0x7E8, .u.dtcs = {.service = 0x03}};
	struct tt_ecus e = {0};
	uint8_t service, nrc;
	uint32_t ecu;

	(void)state;
	tt_ecus_take(&e, &silent);
	tt_ecus_take(&e, &refusing);
	tt_ecus_take(&e, &stored); /* another ECU, another service */
	assert_true(tt_ecus_silent(&e, &ecu));
	assert_int_equal(ecu, 0x7E9);
	assert_true(tt_ecus_refusing(&e, &ecu, &service, &nrc));
	assert_int_equal(ecu, 0x7E8);
	assert_int_equal(service, 0x0A);
	stored.u.dtcs.service = 0x0A;
	tt_ecus_take(&e, &stored);
	assert_false(tt_ecus_refusing(&e, &ecu, &service, &nrc));
	stored.ecu = 0x7E9;
	tt_ecus_take(&e, &stored);
	assert_false(tt_ecus_silent(&e, &ecu));
	silent.ecu = 0; /* nobody answers discovery */
	tt_ecus_take(&e, &silent);
	assert_true(tt_ecus_silent(&e, &ecu));
	tt_ecus_take(&e, &stored);
	assert_false(tt_ecus_silent(&e, &ecu));
	refusing.u.refused.unsupported = true;
	tt_ecus_take(&e, &refusing);
	assert_false(tt_ecus_refusing(&e, &ecu, &service, &nrc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_quality_follows_kernel_and_fix),
		cmocka_unit_test(a_receivers_time_is_doubted_by_the_clock_and_by_its_own_past),
		cmocka_unit_test(a_condition_keeps_its_time_while_its_detail_changes),
		cmocka_unit_test(a_silence_or_refusal_lasts_until_the_same_ecu_answers),
		cmocka_unit_test(known_faults_survive_a_restart_but_not_a_new_journal),
		cmocka_unit_test(the_open_trip_is_kept_beside_the_journal_and_a_damaged_file_is_none),
		cmocka_unit_test(telemetry_is_thinned_by_time_and_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
