/* Captures, answers to commands, control units and the unit's own state. */
#include "tests/unit/gateway/record.h"

#include <string.h>

static char none[] = "";

static enum tt_err say_part(const struct car *car, uint64_t seq, uint64_t capture, uint64_t incident, uint32_t part, bool last)
{
	Telltale__V1__CapturePart p = TELLTALE__V1__CAPTURE_PART__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	p.capture = capture;
	p.reason = TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH;
	p.incident = incident;
	p.trigger_at_us = car->r->now - TT_SEC(2);
	p.part = part;
	p.last = last;
	p.from_ms = -5000;
	p.to_ms = 0;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CAPTURE;
	env.capture = &p;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

static void a_capture_with_a_part_missing_is_kept_and_its_case_hears_of_it(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(car_alert(&car, 1, TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH, 9), TT_OK);
	assert_int_equal(say_part(&car, 1, 5, 9, 3, true), TT_OK);
	assert_int_equal(say_part(&car, 2, 5, 9, 1, false), TT_OK);
	assert_int_equal(say_part(&car, 3, 5, 9, 1, false), TT_OK);
	assert_int_equal(say_part(&car, 4, 5, 9, 3, true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM capture WHERE number = 5 AND incident = 9 AND parts = 2 AND reason = 1"
				    " AND trigger_at = %lld AND vehicle_id = %d",
				    (long long)(T0 - TT_SEC(2)), (int)r->vehicle[0]),
			 1);
	assert_string_equal(record_text("SELECT group_concat(part) FROM (SELECT part FROM capture_part ORDER BY part)"), "1,3");
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE subject = 'rescue' AND kind = 'capture'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'rescue.updated'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE kind = 6"), 4);
	assert_int_equal(record_ask("SELECT bytes = (SELECT sum(length(body)) FROM capture_part) FROM capture"), 1);
}

static void a_capture_before_its_alert_or_without_one_is_kept_all_the_same(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(say_part(&car, 1, 5, 9, 1, true), TT_OK);
	assert_int_equal(say_part(&car, 2, 6, 0, 1, true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM capture"), 2);
	/* nobody's case; but the vehicle's page shows what a command asked for */
	assert_int_equal(record_ask("SELECT count(*) FROM change"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'vehicle.updated' AND body ->> 'capture' = 'command'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
}

static void a_capture_larger_than_the_record_keeps_stays_an_event(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(say_part(&car, 1, 5, 9, 1, false), TT_OK);
	record_exec("UPDATE capture SET bytes = 8 << 20");
	assert_int_equal(say_part(&car, 2, 5, 9, 2, true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM capture_part"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE '%%larger%%'"), 1);
	assert_int_equal(record_ask("SELECT seq FROM mark"), 2);
}

static void a_crash_tells_what_fired_and_where_from(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	static const char *const triggers[] = {"unknown", "airbag", "delta_v", "acceleration", "rollover", "fuel_cut_off"};
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	Telltale__V1__CrashDetail crash = TELLTALE__V1__CRASH_DETAIL__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH;
	alert.crash = &crash;
	crash.fuel_cut_off = crash.direction_known = true;
	crash.delta_v_longitudinal_mm_s = -10000;
	crash.delta_v_lateral_mm_s = 5000;
	crash.events = 2;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	env.alert = &alert;
	for (int i = 0; i <= 5; i++) {
		alert.incident = (uint64_t)i + 1;
		crash.trigger = (Telltale__V1__CrashTrigger)i;
		assert_int_equal(car_say(&car, TT_CLASS_ALERT, (uint64_t)i + 1, &env), TT_OK);
		assert_int_equal(record_ask("SELECT count(*) FROM rescue WHERE incident = %d AND detail ->> 'trigger' = '%s'"
					    " AND detail ->> 'fuel_cut_off' = 1 AND detail ->> 'delta_v_longitudinal_km_h' = -36.0"
					    " AND detail ->> 'delta_v_lateral_km_h' = 18.0 AND detail ->> 'impacts' = 2",
					    i + 1, triggers[i]),
				 1);
	}
}

static enum tt_err say_ecu(const struct car *car, uint64_t seq, const char *calibration, size_t ntests)
{
	Telltale__V1__EcuReport e = TELLTALE__V1__ECU_REPORT__INIT;
	Telltale__V1__MonitorTest passed = TELLTALE__V1__MONITOR_TEST__INIT, failed = TELLTALE__V1__MONITOR_TEST__INIT;
	Telltale__V1__MonitorTest *tests[] = {&passed, &failed};
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	char *calibrations[] = {(char *)(uintptr_t)calibration};
	char name[] = "ECM-Engine";
	uint32_t cvn = 0x0A7B3C1D;

	passed.mid = failed.mid = 1;
	passed.passed = true;
	passed.unit = failed.unit = none;
	e.ecu = 0x7E8;
	e.observed_at_us = car->r->now - TT_SEC(1);
	e.name = name;
	e.n_calibrations = 1;
	e.calibrations = calibrations;
	e.n_cvns = 1;
	e.cvns = &cvn;
	e.n_tests = ntests;
	e.tests = tests;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT;
	env.ecu_report = &e;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

static void a_control_unit_keeps_its_row_and_the_time_of_its_change(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(say_ecu(&car, 1, "37805-\"RAA\"", 2), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ecu WHERE ecu = 2024 AND name = 'ECM-Engine' AND cvns = '[\"0A7B3C1D\"]'"
				    " AND calibrations ->> 0 = '37805-\"RAA\"' AND tests = 2 AND tests_failed = 1"
				    " AND changed_at = first_seen_at"),
			 1);
	r->now += TT_SEC(100);
	assert_int_equal(say_ecu(&car, 2, "37805-\"RAA\"", 0), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ecu WHERE reported_at > first_seen_at AND changed_at = first_seen_at"
				    " AND tests = 2 AND tests_failed = 1"),
			 1);
	assert_int_equal(say_ecu(&car, 3, "NEW", 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ecu WHERE changed_at > first_seen_at AND calibrations = '[\"NEW\"]'"
				    " AND tests = 1 AND tests_failed = 0"),
			 1);
	r->now -= TT_SEC(50); /* from a journal that came late */
	assert_int_equal(say_ecu(&car, 4, "OLD", 0), TT_OK);
	assert_string_equal(record_text("SELECT calibrations FROM ecu"), "[\"NEW\"]");
}

static void fill_state(Telltale__V1__State *st, Telltale__V1__Power *power, Telltale__V1__Metric **metrics, tt_utc_us at)
{
	static char starts[] = "starts", version[] = "1.4", slot[] = "a*";

	power->state = TELLTALE__V1__POWER_STATE__POWER_STATE_DRIVE;
	power->wake = TELLTALE__V1__WAKE_REASON__WAKE_REASON_IGNITION;
	power->since_us = T0 - 5;
	power->battery_mv = 12400;
	metrics[0]->name = starts;
	metrics[0]->value = -3;
	st->online = true;
	st->vin = none;
	st->at_us = at;
	st->agent_version = version;
	st->slot = slot;
	st->power = power;
	st->n_metrics = 1;
	st->metrics = metrics;
	st->config_version = 7;
	st->config_trial = true;
}

static enum tt_err say_state(const struct car *car, Telltale__V1__State *st)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	env.body_case = TELLTALE__V1__ENVELOPE__BODY_STATE;
	env.state = st;
	return car_say(car, TT_CLASS_STATE, 0, &env);
}

static enum tt_err say_full(const struct car *car, uint64_t seq, Telltale__V1__State *st)
{
	Telltale__V1__FullState full = TELLTALE__V1__FULL_STATE__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	full.state = st;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FULL_STATE;
	env.full_state = &full;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

static void the_units_last_state_is_kept_and_told_when_it_says_something_new(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__State st = TELLTALE__V1__STATE__INIT, will = TELLTALE__V1__STATE__INIT;
	Telltale__V1__Power power = TELLTALE__V1__POWER__INIT;
	Telltale__V1__Metric metric = TELLTALE__V1__METRIC__INIT, *metrics[] = {&metric};
	int64_t news;

	fill_state(&st, &power, metrics, T0 - TT_SEC(1));
	assert_int_equal(say_state(&car, &st), TT_OK);
	assert_int_equal(
		record_ask("SELECT count(*) FROM unit_state WHERE vehicle_id = %d AND version = '1.4' AND slot = 'a*' AND power = 1"
			   " AND wake = 2 AND battery_mv = 12400 AND config_version = 7 AND config_trial AND NOT ignition_block"
			   " AND metrics = '{\"starts\":-3}' AND reported_at = %lld",
			   (int)r->vehicle[0], (long long)T0),
		1);
	news = record_ask("SELECT count(*) FROM change WHERE body ->> 'unit' = 'a*'");
	assert_int_equal(news, 1);
	r->now += TT_SEC(10);
	power.battery_mv = 12500;
	assert_int_equal(say_state(&car, &st), TT_OK);
	assert_int_equal(record_ask("SELECT battery_mv FROM unit_state"), 12500);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE body ->> 'unit' = 'a*'"), news);
	/* It goes to sleep and says so; the last will afterwards says nothing. */
	power.state = TELLTALE__V1__POWER_STATE__POWER_STATE_SLEEP;
	power.next_contact_us = T0 + TT_SEC(3600);
	st.online = false;
	assert_int_equal(say_state(&car, &st), TT_OK);
	will.vin = will.agent_version = will.slot = none;
	assert_int_equal(say_state(&car, &will), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM unit_state WHERE power = 3 AND next_contact_at = %lld AND slot = 'a*'",
				    (long long)(T0 + TT_SEC(3600))),
			 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE body ->> 'unit' = 'a*'"), news + 1);
}

static void a_full_state_counts_unless_the_last_state_is_newer(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__State st = TELLTALE__V1__STATE__INIT;
	Telltale__V1__Power power = TELLTALE__V1__POWER__INIT;
	Telltale__V1__Metric metric = TELLTALE__V1__METRIC__INIT, *metrics[] = {&metric};

	fill_state(&st, &power, metrics, T0 - TT_SEC(100));
	st.odometer_m = 7000;
	assert_int_equal(say_full(&car, 1, &st), TT_OK);
	assert_int_equal(record_ask("SELECT reported_at FROM unit_state WHERE config_version = 7"), T0 - TT_SEC(100));
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state"), 7000);
	st.config_version = 8;
	st.n_metrics = 0; /* at their slow rate: what was told stands */
	assert_int_equal(say_state(&car, &st), TT_OK);
	st.config_version = 6;
	assert_int_equal(say_full(&car, 2, &st), TT_OK);
	assert_int_equal(record_ask("SELECT config_version FROM unit_state"), 8);
	assert_string_equal(record_text("SELECT metrics FROM unit_state"), "{\"starts\":-3}");
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE kind = 11"), 2);
}

static void what_uds_and_j1939_tell_of_a_fault_is_kept(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__FaultEvent fault = TELLTALE__V1__FAULT_EVENT__INIT;
	Telltale__V1__SnapshotItem item = TELLTALE__V1__SNAPSHOT_ITEM__INIT, *items[] = {&item};
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	char uds[] = "P0301-13", j1939[] = "100/1";
	uint8_t raw[] = {0x12, 0xAB};

	item.record = 1;
	item.did = 0xF40D;
	item.raw = (ProtobufCBinaryData){.data = raw, .len = sizeof(raw)};
	fault.change = TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED;
	fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS;
	fault.code = uds;
	fault.ecu = 0x7E8;
	fault.stored = fault.mil = true;
	fault.status = 0xA9;
	fault.n_snapshot = 1;
	fault.snapshot = items;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FAULT;
	env.fault = &fault;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	assert_int_equal(record_ask("SELECT status_byte FROM fault"), 0xA9);
	assert_string_equal(record_text("SELECT snapshot FROM fault"), "[{\"record\":1,\"did\":\"F40D\",\"raw\":\"12AB\"}]");
	assert_string_equal(record_text("SELECT subject FROM ticket"), "P0301-13 Cylinder 1 misfire: open circuit");
	fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939;
	fault.code = j1939;
	fault.ecu = 0;
	fault.n_snapshot = 0;
	fault.status = 0;
	fault.lamps = 0x4C00;
	fault.occurrences = 4;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 2, &env), TT_OK);
	fault.change = TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CHANGED;
	fault.occurrences = 0;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 3, &env), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE code = '100/1' AND lamps = 19456 AND car_count = 4"), 1);
	assert_int_equal(
		record_ask("SELECT count(*) FROM ticket WHERE subject = '100/1 Engine oil pressure: far too low' AND priority = 1"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_with_a_part_missing_is_kept_and_its_case_hears_of_it),
		TEST(a_capture_before_its_alert_or_without_one_is_kept_all_the_same),
		TEST(a_capture_larger_than_the_record_keeps_stays_an_event),
		TEST(a_crash_tells_what_fired_and_where_from),
		TEST(a_control_unit_keeps_its_row_and_the_time_of_its_change),
		TEST(the_units_last_state_is_kept_and_told_when_it_says_something_new),
		TEST(a_full_state_counts_unless_the_last_state_is_newer),
		TEST(what_uds_and_j1939_tell_of_a_fault_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
