/* State, odometer and reminders. */
#include "tests/unit/gateway/record.h"

#include <string.h>

static void follow_a_plan(struct record *r)
{
	struct tt_plan_item item = {.name = "Oil", .interval_m = 15000000, .warn_m = 1000000};
	int64_t id;

	assert_int_equal(tt_store_begin(r->store), TT_OK);
	assert_int_equal(tt_store_plan_insert(r->store, "Standard", "", "", T0, &item.plan_id), TT_OK);
	assert_int_equal(tt_store_plan_item_insert(r->store, &item, &id), TT_OK);
	assert_int_equal(tt_store_vehicle_follow(r->store, r->vehicle[0], item.plan_id, 0, T0 - TT_SEC(86400 * 100)), TT_OK);
	assert_int_equal(tt_store_commit(r->store), TT_OK);
}

static void a_reminder_comes_once_and_is_only_upgraded(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	static const struct {
		int64_t km;
		const char *status;
		int reminders, notices;
	} steps[] = {
		{13900, "", 0, 0},     {14000, "soon", 1, 1}, {14001, "soon", 1, 1},
		{14500, "soon", 1, 1}, {15000, "due", 1, 2},  {15001, "due", 1, 2},
	};

	follow_a_plan(r);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		r->now += TT_SEC(3600 * 12);
		assert_int_equal(car_odometer(&car, i + 1, steps[i].km * 1000), TT_OK);
		assert_int_equal(car_odometer(&car, i + 1, steps[i].km * 1000), TT_OK); /* delivered again */
		assert_int_equal(record_ask("SELECT count(*) FROM reminder"), steps[i].reminders);
		assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE template = 'maintenance_owner'"), steps[i].notices);
		assert_string_equal(record_text("SELECT status FROM reminder"), steps[i].status);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'reminder.opened' AND body ->> 'item' = 'Oil'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'reminder.updated'"), 1);
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state WHERE vehicle_id = %d", (int)r->vehicle[0]), 15001000);
}

/* One bad reading made a false "maintenance due" elsewhere; here it goes to quarantine, and the next true one counts. */
static void an_odometer_that_jumps_is_not_believed(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	follow_a_plan(r);
	assert_int_equal(car_odometer(&car, 1, 5000000), TT_OK);
	r->now += TT_SEC(60);
	assert_int_equal(car_odometer(&car, 2, 50000000), TT_OK);
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state"), 5000000);
	assert_int_equal(record_ask("SELECT count(*) FROM reminder"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'odometer:%%50000000%%'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 2);
	r->now += TT_SEC(60);
	assert_int_equal(car_odometer(&car, 3, 5001000), TT_OK);
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state"), 5001000);
}

static void a_vehicle_event_is_stored_once_and_has_no_consequence_but_the_odometer(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	const struct car spare = {.r = r, .unit = "SPARE", .epoch = 7, .clock = TT_CLOCK_GNSS};

	for (int kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_HARSH_BRAKING;
	     kind <= TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_FUEL_DROP; kind++) {
		assert_int_equal(car_event(&car, (uint64_t)kind, (Telltale__V1__VehicleEventKind)kind, 5000000), TT_OK);
		assert_int_equal(car_event(&car, (uint64_t)kind, (Telltale__V1__VehicleEventKind)kind, 5000000), TT_OK);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE kind = 7 AND vehicle_id = %d", (int)r->vehicle[0]), 11);
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state"), 5000000);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 0);
	assert_int_equal(car_event(&spare, 1, TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_TOWING, 0), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE kind = 7"), 12);
}

static void a_heartbeat_is_no_news_but_going_offline_is(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	for (int i = 0; i < 5; i++) {
		r->now += TT_SEC(60);
		assert_int_equal(car_state(&car, true, VIN_1), TT_OK);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'vehicle.updated'"), 1);
	assert_int_equal(record_ask("SELECT online FROM vehicle_state"), 1);
	assert_int_equal(record_ask("SELECT last_seen_at FROM vehicle_state"), r->now);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_state WHERE conditions ->> '$[0].name' = 'gps.no_fix'"), 1);
	assert_int_equal(car_state(&car, false, ""), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'vehicle.updated' AND body ->> 'online' = 0"), 1);
	assert_int_equal(record_ask("SELECT ignition_on FROM vehicle_state"), 1); /* the will knows nothing but the silence */
	assert_string_equal(record_text("SELECT reported_vin FROM vehicle_state"), VIN_1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM mark"), 0);
}

static void a_unit_that_answers_from_another_car_is_flagged_once(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	for (int i = 0; i < 3; i++) {
		r->now += TT_SEC(60);
		assert_int_equal(car_state(&car, true, VIN_2), TT_OK);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE body ->> 'vin_mismatch' = 1"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_state WHERE conditions ->> '$[1].name' = 'vin.mismatch'"
				    " AND conditions ->> '$[1].detail' = '" VIN_2 "'"),
			 1);
	assert_int_equal(car_state(&car, true, VIN_1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_state WHERE conditions LIKE '%%mismatch%%'"), 0);
}

/* Buffered old points came after live ones, and moved the car back, elsewhere. */
static void an_old_position_never_moves_the_car_back(void **state)
{
	struct record *r = *state;
	const struct car live = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	const struct car old = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(5000)};

	assert_int_equal(car_fault(&live, 1, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&old, 2, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED, "P0420", true), TT_OK);
	assert_int_equal(record_ask("SELECT fix_at FROM vehicle_state"), T0 - TT_SEC(1));
}

/* A fix without a date took the time of the message that carried it, so a fix of an hour ago was shown as live. */
static void bug_an_undated_fix_is_as_old_as_the_unit_says(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(10)};
	Telltale__V1__Odometer odometer = TELLTALE__V1__ODOMETER__INIT;
	Telltale__V1__Position position = TELLTALE__V1__POSITION__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	position.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D;
	position.latitude_e7 = 487758460;
	position.longitude_e7 = 91829320;
	position.age_ms = 3600000;
	odometer.odometer_m = 5000000;
	odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_PID_A6;
	odometer.position = &position;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
	env.odometer = &odometer;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	assert_int_equal(record_ask("SELECT fix_at FROM vehicle_state"), T0 - TT_SEC(10) - TT_SEC(3600));
}

/* Bodies without consequences are rows all the same, each of its kind, and the sequence goes on. */
static void a_part_of_a_capture_is_kept_as_it_came(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__CapturePart part = TELLTALE__V1__CAPTURE_PART__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	part.capture = 99;
	part.reason = TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND;
	part.trigger_at_us = T0;
	part.part = 1;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CAPTURE;
	env.capture = &part;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	assert_int_equal(car_odometer(&car, 2, 5000000), TT_OK);
	assert_int_equal(record_ask("SELECT kind FROM event WHERE seq = 1"), TT_KIND_CAPTURE);
	assert_int_equal(record_ask("SELECT kind FROM event WHERE seq = 2"), TT_KIND_ODOMETER);
	assert_int_equal(record_ask("SELECT COUNT(*) FROM quarantine"), 0);
}

/* Kept as it came, without consequences. */
static void an_ecu_report_is_kept(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	Telltale__V1__EcuReport report = TELLTALE__V1__ECU_REPORT__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	report.ecu = 0x7E8;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT;
	env.ecu_report = &report;
	assert_int_equal(car_say(&car, TT_CLASS_EVENT, 1, &env), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE kind = 10 AND vehicle_id = %d", (int)r->vehicle[0]), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
	assert_int_equal(record_ack(r).up_to_seq, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reminder_comes_once_and_is_only_upgraded),
		TEST(an_odometer_that_jumps_is_not_believed),
		TEST(a_vehicle_event_is_stored_once_and_has_no_consequence_but_the_odometer),
		TEST(a_heartbeat_is_no_news_but_going_offline_is),
		TEST(a_unit_that_answers_from_another_car_is_flagged_once),
		TEST(an_old_position_never_moves_the_car_back),
		TEST(bug_an_undated_fix_is_as_old_as_the_unit_says),
		TEST(a_part_of_a_capture_is_kept_as_it_came),
		TEST(an_ecu_report_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
