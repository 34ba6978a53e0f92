/* A crash or a call for help becomes one rescue case. */
#include "tests/unit/gateway/record.h"

#include <string.h>

#define CRASH TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH
#define SOS TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS

static void a_crash_opens_a_case_and_tells_owner_and_dealer(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(car_alert(&car, 1, CRASH, 0xFEDCBA9876543210), TT_OK);
	assert_int_equal(
		record_ask("SELECT count(*) FROM rescue WHERE kind = 'crash' AND status = 'new' AND severity = 'high' AND dealer_id = %d"
			   " AND customer_id = %d AND latitude_e7 = 487758460 AND escalate_at > opened_at",
			   (int)r->dealer[0], (int)r->owner[0]),
		1);
	assert_int_equal(
		record_ask("SELECT detail ->> 'trigger' = 'airbag' AND detail ->> 'delta_v_km_h' = 43.2 AND detail ->> 'airbag' = 1"
			   " AND detail ->> 'speed_before_km_h' = 50.0 FROM rescue"),
		1);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'rescue.opened' AND body ->> 'severity' = 'high'"
				    " AND body ->> 'latitude' = 48.775846"),
			 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE template = 'crash_owner' AND channel = 'sms'"
				    " AND recipient = '+4971100112'"),
			 1);
	assert_int_equal(
		record_ask("SELECT count(*) FROM outbox WHERE template = 'rescue_dealer' AND recipient = 'dealer:%d'", (int)r->dealer[0]),
		1);
	assert_int_equal(record_ack(r).cls, TT_CLASS_ALERT);
}

static void further_alerts_of_an_incident_update_its_case(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_alert(&car, 1, SOS, 5), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM rescue WHERE severity = 'unknown'"), 1);
	r->now += TT_SEC(10);
	assert_int_equal(car_alert(&car, 2, CRASH, 5), TT_OK);
	assert_int_equal(car_alert(&car, 2, CRASH, 5), TT_OK);
	assert_int_equal(car_alert(&car, 3, SOS, 5), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM rescue WHERE severity = 'high' AND updated_at > opened_at"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM rescue"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE subject = 'rescue' AND kind = 'alert_repeated'"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'rescue.updated'"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox"), 2);
	assert_int_equal(car_alert(&car, 4, SOS, 6), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM rescue"), 2);
}

static void a_supplement_of_a_high_case_brings_its_final_delta_v(void **state)
{
	struct car car = {.r = *state, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_alert(&car, 1, CRASH, 5), TT_OK);
	assert_int_equal(record_ask("SELECT severity = 'high' AND detail ->> 'delta_v_km_h' = 43.2 FROM rescue"), 1);
	car.delta_v_mm_s = 16000;
	assert_int_equal(car_alert(&car, 2, CRASH, 5), TT_OK);
	assert_int_equal(record_ask("SELECT severity = 'high' AND detail ->> 'delta_v_km_h' = 57.6 FROM rescue"), 1);
	assert_int_equal(car_alert(&car, 3, SOS, 5), TT_OK); /* knows nothing of the crash, and takes nothing away */
	assert_int_equal(record_ask("SELECT severity = 'high' AND detail ->> 'delta_v_km_h' = 57.6 FROM rescue"), 1);
}

static void a_case_without_a_fix_shows_the_last_known_place_with_its_time(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	Telltale__V1__Position nowhere = TELLTALE__V1__POSITION__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	assert_int_equal(car_fault(&car, 1, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED, "P0301", true), TT_OK);
	r->now += TT_SEC(600);
	nowhere.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_NONE;
	alert.kind = SOS;
	alert.incident = 9;
	alert.position = &nowhere;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	env.alert = &alert;
	assert_int_equal(car_say(&car, TT_CLASS_ALERT, 1, &env), TT_OK);
	assert_int_equal(record_ask("SELECT latitude_e7 FROM rescue"), 487758460);
	assert_int_equal(record_ask("SELECT fix FROM rescue"), 1);
	assert_int_equal(record_ask("SELECT fix_at FROM rescue"), T0 - TT_SEC(1));
}

static void a_case_that_somebody_works_on_at_the_same_moment_is_still_updated(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_alert(&car, 1, SOS, 5), TT_OK);
	record_exec("UPDATE rescue SET status = 'acknowledged', acknowledged_at = 1, version = version + 1");
	assert_int_equal(car_alert(&car, 2, SOS, 5), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM rescue WHERE status = 'acknowledged'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_crash_opens_a_case_and_tells_owner_and_dealer),
		TEST(further_alerts_of_an_incident_update_its_case),
		TEST(a_supplement_of_a_high_case_brings_its_final_delta_v),
		TEST(a_case_without_a_fix_shows_the_last_known_place_with_its_time),
		TEST(a_case_that_somebody_works_on_at_the_same_moment_is_still_updated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
