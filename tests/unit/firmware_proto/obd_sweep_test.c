/* The two sweeps of service 01: how many PIDs go into a request, and what becomes of those that do not come. */
#include "obd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_pid_of_unknown_length_goes_alone_and_one_that_is_not_available_is_no_result(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 80 18 00 01"}, {"01 20", "41 20 00 00 00 01"}, {"01 40", "41 40 00 00 00 01"},
					    {"01 60", "41 60 01 00 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"},
					    {"07", "47 00"}, {"0A", "4A 00"}, {"09 02", VIN_ANSWER}, {"01 68", "41 68 01 02 03"},
					    {"01 0D", "41 0D FF"}, {"01 0C", "41 0C 1A F8"}, {"01 0D 0C", "41 0D FF 0C 1A F8"});

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.live = {0x0C, 0x68, 0x0D}, .nlive = 3});
	world_run(TT_SEC(4));
	assert_true(world_requests("01 0C") >= 2);
	assert_true(world_requests("01 68") >= 2);
	assert_int_equal(world_requests("01 0C 68") + world_requests("01 68 0D") + world_requests("01 0C 68 0D"), 0);
	assert_true(world_requests("01 0D") >= 2);
	for (size_t i = 0; i < w.nresults; i++)
		assert_true(w.results[i].kind != TT_OBD_RESULT_PID || w.results[i].u.pid.pid == 0x0C);
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
}

static void a_live_pid_that_is_refused_is_dropped_and_one_under_conditions_is_not(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 80 18 00 00"}, {"01 01", "41 01 00 00 00 00"}, {"03", "43 00"}, {"07", "47 00"}, {"0A", "4A 00"},
		      {"09 02", VIN_ANSWER}, {"01 0C 0D", "7F 01 12"}, {"01 0C", "7F 01 22"}, {"01 0D", "7F 01 12"});

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = 2});
	world_run(TT_SEC(4));
	assert_int_equal(world_requests("01 0D"), 1);
	assert_true(world_requests("01 0C") >= 2);
}

/* Six that are refused or not answered: three at a time at once, behind the gap or the end of waiting. */
static void too_many_pids_are_halved_at_once(void **state)
{
	static const struct {
		const char *response;
		int64_t after_us;
	} cases[] = {{"7F 01 31", TT_MS(50)}, {"", TT_MS(100)}};
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 1F F8 00 00"}, {"01 01", "7F 01 11"}, {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"},
		      {"09 02", "7F 09 11"}, {"01 04 05 06", "41 04 00 05 00 06 00"}, {"01 07 08 09", "41 07 00 08 00 09 00"});
	static const struct tt_obd_scan_config config = {.live = {4, 5, 6, 7, 8, 9}, .nlive = 6, CALM};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		tt_mono_us six = 0, three = 0;

		world_small(&ecu, &config);
		world_set_answer(0, "01 04 05 06 07 08 09", cases[c].response);
		world_run(TT_MS(900));
		for (size_t i = 0; i < w.nlog; i++) {
			if (w.log[i].frame.data[0] == 7)
				six = w.log[i].at;
			else if (w.log[i].frame.data[0] == 4 && three == 0)
				three = w.log[i].at;
		}
		assert_true(six > 0);
		assert_int_equal(three - six, cases[c].after_us);
		assert_int_equal(w.scan.ecus[0].most, 3);
		assert_int_equal(w.scan.ecus[0].proven, 3);
		assert_int_equal(world_requests("01 07 08 09"), 1);
	}
}

static void two_pids_that_cannot_be_read_together_are_asked_alone(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A"}, {"01 0C", "41 0C 1A F8"}, {"01 0D", "41 0D 32"},
		      {"01 01", "7F 01 11"}, {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_BAD, 0x7E8), 0);
	assert_int_equal(world_requests("01 0C 0D"), 1);
	assert_true(world_requests("01 0C") > 1 && world_requests("01 0D") > 1);
}

static void values_that_nobody_asked_for_are_left_out(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A F8 05 7B"},
					    {"01 0C", "41 0C 1A F8 0D 32"}, {"01 0D", "41 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(world_requests("01 0C 0D"), 1);
	assert_int_equal(w.scan.ecus[0].most, 1);
	assert_int_equal(world_find(TT_OBD_RESULT_PID, 0x7E8, 0)->u.pid.value.value_milli, 1726000);
	for (size_t i = 0; i < w.nresults; i++)
		assert_true(w.results[i].kind != TT_OBD_RESULT_PID || w.results[i].u.pid.pid != 0x05);
	/* of an answer to one PID only that one is taken */
	assert_int_equal(world_count(TT_OBD_RESULT_PID, 0x7E8), world_requests("01 0C") + world_requests("01 0D") + 1);
}

static void a_list_that_once_was_taken_is_not_halved_for_a_silence(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C 0D", "41 0C 1A F8 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D}, .nlive = 2, CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(5));
	assert_int_equal(w.scan.ecus[0].proven, 2);
	world_set_answer(0, "01 0C 0D", "");
	world_run(TT_SEC(2));
	assert_int_equal(w.scan.ecus[0].most, 6);
	assert_int_equal(world_requests("01 0C"), 0);
	/* and once silent it is taken for able to do what it did before, if not more */
	w.ecus[0].dead = true;
	w.scan.ecus[0].most = 1;
	world_run(TT_SEC(60));
	assert_true(w.scan.ecus[0].silent);
	assert_int_equal(w.scan.ecus[0].most, 2);
	w.ecus[0].dead = false;
	world_run(TT_SEC(70));
	assert_false(w.scan.ecus[0].silent);
	w.scan.ecus[0].most = 5;
	w.ecus[0].dead = true;
	world_run(TT_SEC(100));
	assert_true(w.scan.ecus[0].silent);
	assert_int_equal(w.scan.ecus[0].most, 5);
}

static void a_sweep_whose_rest_is_gone_begins_again(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 18 00 00"}, {"01 0C", "41 0C 1A F8"}, {"01 0D", "41 0D 32"});
	static const struct tt_obd_scan_config config = {.live = {0x0C, 0x0D, 0x99}, .nlive = 2, CALM};

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(1));
	w.scan.ecus[0].most = 1;
	while (w.scan.ecus[0].live_at != 1)
		world_run(TT_MS(10));
	tt_obd_pidset_drop(&w.scan.ecus[0].supported, 0x0D);
	w.nlog = 0;
	world_run(TT_SEC(5));
	assert_true(world_requests("01 0C") >= 3);
	assert_int_equal(world_requests("01 0D"), 0);
	for (size_t i = 0; i < w.nlog; i++) /* and nothing that stands behind the list */
		assert_true(w.log[i].frame.data[1] != 1 || w.log[i].frame.data[2] == 0x0C || w.log[i].frame.data[2] == 0x01);
}

static void a_value_that_comes_twice_in_an_answer_is_told_once(void **state)
{
	static const struct ecu ecu = SMALL({"01 00", "41 00 00 10 00 00"}, {"01 0C", "41 0C 1A F8 0C 00 00"});

	(void)state;
	world_small(&ecu, &(struct tt_obd_scan_config){.live = {0x0C}, .nlive = 1, CALM});
	world_run(TT_SEC(5));
	assert_int_equal(world_count(TT_OBD_RESULT_PID, 0x7E8), world_requests("01 0C"));
	for (size_t i = 0; i < world_requests("01 0C"); i++)
		assert_int_equal(world_find(TT_OBD_RESULT_PID, 0x7E8, i)->u.pid.value.value_milli, 1726000);
	assert_int_equal(w.scan.ecus[0].proven, 1);
}

static size_t told(uint32_t ecu, uint8_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < w.nresults; i++)
		n += w.results[i].kind == TT_OBD_RESULT_PID && w.results[i].ecu == ecu && w.results[i].u.pid.pid == pid;
	return n;
}

static void a_value_is_asked_of_the_first_ecu_that_has_it_and_is_not_silent(void **state)
{
	static const struct ecu ecus[] = {
		{.rx_id = 0x7E0, .answers = {{"01 00", "41 00 00 10 00 00"}, {"01 0C", "41 0C 1A F8"}, LACKS_ALL}},
		{.rx_id = 0x7E1,
		 .answers = {{"01 00", "41 00 00 18 00 00"},
			     {"01 0C", "41 0C 1A F8"},
			     {"01 0D", "41 0D 32"},
			     {"01 0C 0D", "41 0C 1A F8 0D 32"},
			     LACKS_ALL}},
	};

	(void)state;
	world_begin(ecus, 2, &(struct tt_obd_scan_config){.live = {0x0C, 0x0D}, .nlive = 2, CALM});
	world_run(TT_SEC(5));
	assert_true(told(0x7E8, 0x0C) >= 3 && told(0x7E9, 0x0D) >= 3);
	assert_int_equal(told(0x7E9, 0x0C), 0);
	w.ecus[0].dead = true;
	world_run(TT_SEC(60));
	assert_true(w.scan.ecus[0].silent);
	assert_true(told(0x7E9, 0x0C) >= 3);
}

static void a_count_that_is_refused_waits_for_the_period_of_counts(void **state)
{
	static const struct ecu ecu =
		SMALL({"01 00", "41 00 00 00 00 01"}, {"01 20", "41 20 80 00 00 00"}, {"01 21", "7F 01 22"}, {"01 01", "7F 01 11"},
		      {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"});
	static const struct tt_obd_scan_config config = {.odometer_period_us = TT_SEC(20), .live_period_us = TT_SEC(3), CALM};
	tt_mono_us at[4];
	size_t n = 0;

	(void)state;
	world_small(&ecu, &config);
	world_run(TT_SEC(50));
	for (size_t i = 0; i < w.nlog && n < 4; i++) {
		if (w.log[i].frame.data[2] == 0x21)
			at[n++] = w.log[i].at;
	}
	assert_int_equal(n, 3);
	assert_int_equal(at[2] - at[1], TT_SEC(20));
	assert_int_equal(at[1] - at[0], TT_SEC(20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pid_of_unknown_length_goes_alone_and_one_that_is_not_available_is_no_result),
		cmocka_unit_test(a_live_pid_that_is_refused_is_dropped_and_one_under_conditions_is_not),
		cmocka_unit_test(too_many_pids_are_halved_at_once),
		cmocka_unit_test(two_pids_that_cannot_be_read_together_are_asked_alone),
		cmocka_unit_test(values_that_nobody_asked_for_are_left_out),
		cmocka_unit_test(a_list_that_once_was_taken_is_not_halved_for_a_silence),
		cmocka_unit_test(a_sweep_whose_rest_is_gone_begins_again),
		cmocka_unit_test(a_value_that_comes_twice_in_an_answer_is_told_once),
		cmocka_unit_test(a_value_is_asked_of_the_first_ecu_that_has_it_and_is_not_silent),
		cmocka_unit_test(a_count_that_is_refused_waits_for_the_period_of_counts),
	};

	return cmocka_run_group_tests_name("obd sweep", tests, NULL, NULL);
}
