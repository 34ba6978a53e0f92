/* When an ECU's report is news, and when it is not. */
#include "firmware/proto/ecu_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What lies behind the reports looks like a test of the first ECU's. */
static struct {
	struct tt_ecu_reports reports;
	uint8_t behind[64];
} world = {.behind = {1, 1, 1, 1}};
#define r (world.reports)
static const struct tt_obd_test *tests[TT_ECU_REPORT_MAX];
static size_t ntests;

static struct tt_obd_result result(enum tt_obd_result_kind kind, uint32_t ecu)
{
	return (struct tt_obd_result){.kind = kind, .ecu = ecu, .at_us = 5};
}

static void round_over(uint32_t ecu, uint8_t service)
{
	struct tt_obd_result x = result(TT_OBD_RESULT_ROUND, ecu);

	x.u.round.service = service;
	tt_ecu_reports_take(&r, &x);
}

static void identify(uint32_t ecu, const char *calibration, uint32_t cvn)
{
	struct tt_obd_result x = result(TT_OBD_RESULT_CALIBRATIONS, ecu);

	x.u.calibrations.n = 1;
	memcpy(x.u.calibrations.ids[0], calibration, strlen(calibration) + 1);
	tt_ecu_reports_take(&r, &x);
	x = result(TT_OBD_RESULT_CVNS, ecu);
	x.u.cvns.n = 1;
	x.u.cvns.cvns[0] = cvn;
	tt_ecu_reports_take(&r, &x);
}

/* One monitor of n tests, the first of which has this value; limits 0..100. */
static void monitor(uint32_t ecu, uint8_t mid, unsigned n, uint16_t value)
{
	struct tt_obd_result x = result(TT_OBD_RESULT_MONITOR, ecu);

	x.u.monitor.mid = mid;
	x.u.monitor.n = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		x.u.monitor.tests[i] =
			(struct tt_obd_test){.mid = mid, .tid = (uint8_t)i, .scaling = 0x10, .value = i ? 1 : value, .max = 100};
	tt_ecu_reports_take(&r, &x);
}

static const struct tt_ecu_report *peek(void)
{
	return tt_ecu_reports_peek(&r, tests, &ntests);
}

static void tell(void)
{
	const struct tt_ecu_report *e = peek();

	assert_non_null(e);
	tt_ecu_reports_told(&r, e);
}

static void an_identification_is_told_once_until_it_changes(void **state)
{
	struct tt_obd_result vin = result(TT_OBD_RESULT_VIN, 0x7E8), name = result(TT_OBD_RESULT_NAME, 0x7E8),
			     pids = result(TT_OBD_RESULT_PIDS, 0x7E8);

	(void)state;
	tt_ecu_reports_init(&r);
	identify(0x7E8, "A", 1);
	assert_null(peek()); /* the round is not over */
	round_over(0x7E8, 0x09);
	assert_non_null(peek());
	assert_ptr_equal(peek(), peek());
	assert_int_equal(ntests, 0);
	assert_int_equal(peek()->services, 1U << 9);
	assert_int_equal(peek()->at_us, 5);
	assert_false(peek()->has_pids);
	tell();
	assert_null(peek());
	identify(0x7E8, "A", 1);
	round_over(0x7E8, 0x09);
	assert_null(peek());
	identify(0x7E8, "A", 2); /* reprogrammed */
	round_over(0x7E8, 0x09);
	tell();
	identify(0x7E8, "B", 2);
	round_over(0x7E8, 0x09);
	tell();
	memcpy(vin.u.vin, "3FADP4FJ2BM113913", TT_VIN_TEXT);
	tt_ecu_reports_take(&r, &vin);
	round_over(0x7E8, 0x09);
	assert_string_equal(peek()->vin, "3FADP4FJ2BM113913");
	tell();
	memcpy(name.u.name, "ECM", 4);
	tt_ecu_reports_take(&r, &name);
	round_over(0x7E8, 0x09);
	assert_string_equal(peek()->name, "ECM");
	tell();
	pids.u.pids.bits[5] = 1;
	tt_ecu_reports_take(&r, &pids);
	round_over(0x7E8, 0x09);
	assert_true(peek()->has_pids && peek()->pids.bits[5] == 1);
	assert_int_equal(peek()->services, 1U << 9 | 1U << 1);
	tell();
	round_over(0x7E8, 0x09);
	assert_null(peek());
}

static void an_ecu_that_answers_nothing_of_a_round_is_no_news(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	round_over(0x7E8, 0x09);
	round_over(0x7E8, 0x06);
	assert_null(peek());
}

static void verdicts_are_news_and_values_are_not(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	monitor(0x7E8, 1, 2, 50);
	monitor(0x7E8, 0x21, 1, 50);
	assert_null(peek());
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, 3);
	assert_true(tests[0]->mid == 1 && tests[1]->tid == 1 && tests[2]->mid == 0x21);
	tell();
	monitor(0x7E8, 1, 2, 60);
	monitor(0x7E8, 0x21, 1, 100);
	round_over(0x7E8, 0x06);
	assert_null(peek());
	monitor(0x7E8, 1, 2, 60);
	monitor(0x7E8, 0x21, 1, 101);
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, 3);
	tell();
	monitor(0x7E8, 1, 2, 60); /* one monitor fewer */
	round_over(0x7E8, 0x06);
	tell();
}

static void a_monitor_that_is_read_again_counts_once(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	monitor(0x7E8, 1, 3, 50);
	monitor(0x7E9, 1, 1, 50);
	monitor(0x7E8, 1, 2, 50);
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, 2);
	tell();
	round_over(0x7E9, 0x06);
	assert_non_null(peek());
	assert_int_equal(peek()->ecu, 0x7E9);
	assert_int_equal(ntests, 1);
}

static void what_was_told_before_a_restart_is_not_told_again(void **state)
{
	uint32_t identity, verdicts;

	(void)state;
	tt_ecu_reports_init(&r);
	identify(0x7E8, "A", 1);
	round_over(0x7E8, 0x09);
	monitor(0x7E8, 1, 2, 50);
	round_over(0x7E8, 0x06);
	tell();
	identity = r.ecus[0].told_identity;
	verdicts = r.ecus[0].told_verdicts;
	assert_true(identity != 0 && verdicts != 0);
	tt_ecu_reports_init(&r);
	tt_ecu_reports_restore(&r, 0x7E8, identity, verdicts);
	identify(0x7E8, "A", 1);
	round_over(0x7E8, 0x09);
	monitor(0x7E8, 1, 2, 51);
	round_over(0x7E8, 0x06);
	assert_null(peek());
}

static void what_finds_no_room_is_left_out(void **state)
{
	struct tt_obd_result cut = result(TT_OBD_RESULT_MONITOR, 0x7E8);

	(void)state;
	tt_ecu_reports_init(&r);
	for (unsigned mid = 1; mid <= 19; mid++)
		monitor(0x7E8, (uint8_t)mid, 28, 1);
	assert_true(r.ecus[0].cut); /* 532 of 512 */
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, TT_ECU_REPORT_MAX);
	tell();
	assert_false(r.ecus[0].cut);
	cut.u.monitor.cut = true;
	tt_ecu_reports_take(&r, &cut);
	assert_true(r.ecus[0].cut);
	for (uint32_t ecu = 1; ecu <= TT_ECU_REPORTS; ecu++)
		identify(0x100 + ecu, "A", 1);
	tt_ecu_reports_restore(&r, 0x999, 1, 1);
	for (unsigned i = 0; i < TT_ECU_REPORTS; i++)
		assert_true(r.ecus[i].ecu != 0 && r.ecus[i].ecu != 0x108 && r.ecus[i].ecu != 0x999);
}

static unsigned tests_kept(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TT_ECU_REPORT_TESTS; i++)
		n += r.tests[i].ecu != 0;
	return n;
}

static void as_many_tests_fit_as_are_promised(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	for (unsigned mid = 1; mid <= 18; mid++)
		monitor(0x7E8, (uint8_t)mid, 28, 1);
	monitor(0x7E8, 19, 8, 1);
	assert_int_equal(tests_kept(), TT_ECU_REPORT_TESTS);
	assert_false(r.ecus[0].cut);
	monitor(0x7E8, 20, 1, 1);
	assert_true(r.ecus[0].cut);
	monitor(0x7E8, 19, 8, 2); /* the same again takes its own room */
	assert_int_equal(tests_kept(), TT_ECU_REPORT_TESTS);
	assert_int_equal(world.behind[0], 1);
}

static void monitors_may_come_in_any_order_and_leave_the_others_alone(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	monitor(0x7E8, 0x21, 2, 50);
	monitor(0x7E8, 1, 3, 50);
	assert_int_equal(tests_kept(), 5);
	monitor(0x7E8, 0x21, 1, 50);
	assert_int_equal(tests_kept(), 4);
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, 4);
	tell();
	assert_int_equal(tests_kept(), 0);
	monitor(0x7E8, 0x21, 1, 50);
	monitor(0x7E8, 1, 3, 50);
	round_over(0x7E8, 0x06);
	assert_null(peek());
	assert_int_equal(tests_kept(), 0); /* no news is not kept */
	assert_int_equal(world.behind[0], 1);
}

/* They are kept over restarts and updates: with others every unit would tell every ECU once more. FNV-1a, 32 bits, odd: VIN and name with
 * their NULs, each calibration with one, verification numbers and PIDs as they lie in memory; of each test monitor, test, passed or not. */
static void fingerprints_stay_what_they_are(void **state)
{
	struct tt_obd_result vin = result(TT_OBD_RESULT_VIN, 0x7E8), name = result(TT_OBD_RESULT_NAME, 0x7E8),
			     pids = result(TT_OBD_RESULT_PIDS, 0x7E8), ids = result(TT_OBD_RESULT_CALIBRATIONS, 0x7E8),
			     cvns = result(TT_OBD_RESULT_CVNS, 0x7E8), tests_of_1 = result(TT_OBD_RESULT_MONITOR, 0x7E8),
			     tests_of_21 = result(TT_OBD_RESULT_MONITOR, 0x7E8);

	(void)state;
	tt_ecu_reports_init(&r);
	memcpy(vin.u.vin, "3FADP4FJ2BM113913", TT_VIN_TEXT);
	memcpy(name.u.name, "ECM-EngineControl", sizeof("ECM-EngineControl"));
	pids.u.pids.bits[0] = 0x1FB00003;
	pids.u.pids.bits[5] = 1;
	ids.u.calibrations = (struct tt_obd_calibrations){.n = 2, .ids = {"A12", "B3456"}};
	cvns.u.cvns = (struct tt_obd_cvns){.n = 2, .cvns = {0x01020304, 0xA0B0C0D2}};
	tests_of_1.u.monitor.mid = 1;
	tests_of_1.u.monitor.n = 2;
	tests_of_1.u.monitor.tests[0] = (struct tt_obd_test){.mid = 1, .tid = 0x81, .value = 5, .max = 5};
	tests_of_1.u.monitor.tests[1] = (struct tt_obd_test){.mid = 1, .tid = 2, .value = 5, .min = 5, .max = 9};
	tests_of_21.u.monitor.mid = 0x21;
	tests_of_21.u.monitor.n = 1;
	tests_of_21.u.monitor.tests[0] = (struct tt_obd_test){.mid = 0x21, .tid = 3, .value = 6, .max = 5};
	tt_ecu_reports_take(&r, &vin);
	tt_ecu_reports_take(&r, &name);
	tt_ecu_reports_take(&r, &ids);
	tt_ecu_reports_take(&r, &cvns);
	tt_ecu_reports_take(&r, &pids);
	tt_ecu_reports_take(&r, &tests_of_1);
	tt_ecu_reports_take(&r, &tests_of_21);
	round_over(0x7E8, 0x09);
	round_over(0x7E8, 0x06);
	tell();
	assert_int_equal(r.ecus[0].told_identity, 0xF3C1B9E5);
	assert_int_equal(r.ecus[0].told_verdicts, 0x497A55D1);
}

static void a_full_table_has_nothing_behind_it(void **state)
{
	(void)state;
	tt_ecu_reports_init(&r);
	monitor(0x7E8, 1, 2, 50);
	round_over(0x7E8, 0x06);
	assert_non_null(peek());
	assert_int_equal(ntests, 2);
	tell();
	assert_int_equal(world.behind[0], 1);
}

static void services_are_those_that_were_answered(void **state)
{
	static const struct {
		enum tt_obd_result_kind kind;
		unsigned service;
	} cases[] = {
		{TT_OBD_RESULT_READINESS, 1}, {TT_OBD_RESULT_PID, 1},  {TT_OBD_RESULT_FREEZE, 2},
		{TT_OBD_RESULT_VIN, 9},       {TT_OBD_RESULT_NAME, 9}, {TT_OBD_RESULT_MONITOR, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_obd_result x = result(cases[i].kind, 0x7E8);

		tt_ecu_reports_init(&r);
		tt_ecu_reports_take(&r, &x);
		assert_int_equal(r.ecus[0].services, 1U << cases[i].service);
	}
	for (uint8_t service = 3; service <= 0x0A; service++) {
		struct tt_obd_result x = result(TT_OBD_RESULT_DTCS, 0x7E8);

		x.u.dtcs.service = service;
		tt_ecu_reports_init(&r);
		tt_ecu_reports_take(&r, &x);
		assert_int_equal(r.ecus[0].services, 1U << service);
	}
	for (unsigned kind = TT_OBD_RESULT_CLEARED; kind <= TT_OBD_RESULT_TOO_MANY; kind++) {
		struct tt_obd_result x = result((enum tt_obd_result_kind)kind, 0x7E8);

		tt_ecu_reports_init(&r);
		tt_ecu_reports_take(&r, &x);
		assert_int_equal(r.ecus[0].ecu, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests_[] = {
		cmocka_unit_test(an_identification_is_told_once_until_it_changes),
		cmocka_unit_test(an_ecu_that_answers_nothing_of_a_round_is_no_news),
		cmocka_unit_test(verdicts_are_news_and_values_are_not),
		cmocka_unit_test(a_monitor_that_is_read_again_counts_once),
		cmocka_unit_test(what_was_told_before_a_restart_is_not_told_again),
		cmocka_unit_test(what_finds_no_room_is_left_out),
		cmocka_unit_test(as_many_tests_fit_as_are_promised),
		cmocka_unit_test(monitors_may_come_in_any_order_and_leave_the_others_alone),
		cmocka_unit_test(fingerprints_stay_what_they_are),
		cmocka_unit_test(a_full_table_has_nothing_behind_it),
		cmocka_unit_test(services_are_those_that_were_answered),
	};

	return cmocka_run_group_tests_name("ecu report", tests_, NULL, NULL);
}
