/* Motion in the whole agent: a tow that is a theft, and which number each event carries. */
#include "tests/unit/firmware_power/parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THEFT = TELLTALE__V1__ALERT_KIND__ALERT_KIND_THEFT };

static struct parked_world w;

static void open_with(const char *lines)
{
	char text[1200];

	assert_true(snprintf(text, sizeof(text),
			     "telltale-profile 1\nname motion\ndbc %s/schemas/dbc/telltale_demo.dbc\n"
			     "signal VehicleDynamics.VehicleSpeed Vehicle.Speed\n"
			     "signal BodyStatus.LowVoltageState Vehicle.LowVoltageSystemState\n"
			     "ignition Vehicle.LowVoltageSystemState on 4..5\n%s",
			     getenv("TT_SOURCE_DIR"), lines) < (int)sizeof(text));
	parked_open(&w, text, NULL);
	parked_keep();
	w.talks = true;
	w.talk_us = w.now_us;
	w.ignition = 4;
	parked_run(&w, TT_SEC(3));
}

static int guarded(void **state)
{
	(void)state;
	open_with("tow-alert yes\ngeofence yard circle 48.0 9.0 300\n");
	return 0;
}

static int unguarded(void **state)
{
	(void)state;
	open_with("");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	parked_close(&w);
	return 0;
}

/* The ignition goes off, and the time passes after which the car counts as parked. */
static void park(void)
{
	w.ignition = 2;
	parked_run(&w, TT_SEC(70));
}

/* 7.2 km/h on the bus with the ignition off. */
static void tow(int seconds)
{
	const uint8_t dynamics[8] = {720 & 0xFF, 720 >> 8};

	for (int i = 0; i < seconds * 10; i++) {
		parked_say(&w, 0xB4, dynamics);
		parked_run(&w, TT_MS(100));
	}
}

static void ignition_on(void)
{
	w.ignition = 4;
	parked_run(&w, TT_SEC(5));
}

static const Telltale__V1__Alert *alert(size_t n)
{
	for (size_t i = 0; i < parked_nevents; i++) {
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_ALERT && n-- == 0)
			return parked_events[i]->alert;
	}
	return NULL;
}

static const Telltale__V1__VehicleEvent *event(int kind, size_t n)
{
	for (size_t i = 0; i < parked_nevents; i++) {
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT &&
		    (int)parked_events[i]->vehicle_event->kind == kind && n-- == 0)
			return parked_events[i]->vehicle_event;
	}
	return NULL;
}

static void a_tow_is_a_theft_alert_with_the_number_of_its_event(void **state)
{
	tt_utc_us began;

	(void)state;
	park();
	began = w.utc_us;
	tow(10);
	assert_non_null(alert(0));
	assert_int_equal(alert(0)->kind, THEFT);
	assert_null(alert(0)->crash);
	assert_in_range(alert(0)->detected_at_us, began, began + TT_SEC(6));
	assert_non_null(event(TT_MOTION_KIND_TOWING, 0));
	assert_int_equal(event(TT_MOTION_KIND_TOWING, 0)->phase, TT_MOTION_BEGIN);
	assert_int_equal(event(TT_MOTION_KIND_TOWING, 0)->cause, TT_CAUSE_BUS_SPEED);
	assert_int_equal(event(TT_MOTION_KIND_TOWING, 0)->at_us, alert(0)->detected_at_us);
	assert_true(alert(0)->incident != 0);
	assert_true(event(TT_MOTION_KIND_TOWING, 0)->occurrence == alert(0)->incident);
	ignition_on();
	assert_non_null(event(TT_MOTION_KIND_TOWING, 1));
	assert_int_equal(event(TT_MOTION_KIND_TOWING, 1)->phase, TT_MOTION_END);
	assert_true(event(TT_MOTION_KIND_TOWING, 1)->occurrence == alert(0)->incident);
	assert_null(alert(1)); /* its end is no alert */
	assert_null(event(TT_MOTION_KIND_TOWING, 2));
}

static void the_alert_leaves_before_the_event(void **state)
{
	size_t first_alert = SIZE_MAX, first_event = SIZE_MAX;

	(void)state;
	park();
	tow(10);
	for (size_t i = parked_nevents; i-- > 0;) {
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_ALERT)
			first_alert = i;
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT)
			first_event = i;
	}
	assert_true(first_alert < first_event && first_event != SIZE_MAX);
}

static void each_tow_is_a_case_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		park();
		tow(10);
		ignition_on();
	}
	assert_non_null(alert(1));
	assert_null(alert(2));
	assert_true(alert(0)->incident != alert(1)->incident);
	assert_true(event(TT_MOTION_KIND_TOWING, 3)->occurrence == alert(1)->incident);
}

static void without_the_profiles_word_a_tow_is_an_event_only(void **state)
{
	(void)state;
	park();
	tow(10);
	ignition_on();
	assert_null(alert(0));
	assert_non_null(event(TT_MOTION_KIND_TOWING, 1));
	assert_true(event(TT_MOTION_KIND_TOWING, 0)->occurrence == event(TT_MOTION_KIND_TOWING, 1)->occurrence);
}

static void a_moving_car_with_its_ignition_on_is_no_theft(void **state)
{
	(void)state;
	tow(20);
	assert_null(alert(0));
	assert_null(event(TT_MOTION_KIND_TOWING, 0));
}

/* No fix, so no place in the file: the tow was forgotten, never ended, and alerted again a minute later. */
static void bug_a_restart_in_a_tow_alerts_no_second_time_and_ends_the_same_one(void **state)
{
	(void)state;
	park();
	tow(10);
	assert_non_null(alert(0));
	parked_restart(&w);
	tow(80);
	assert_null(alert(1));
	assert_null(event(TT_MOTION_KIND_TOWING, 1));
	ignition_on();
	assert_non_null(event(TT_MOTION_KIND_TOWING, 1));
	assert_int_equal(event(TT_MOTION_KIND_TOWING, 1)->phase, TT_MOTION_END);
	assert_true(event(TT_MOTION_KIND_TOWING, 1)->occurrence == alert(0)->incident);
	assert_null(alert(1));
}

/* ---- numbers, of events as the detectors make them ---- */

static void put(enum tt_motion_kind kind, enum tt_motion_phase phase, unsigned which)
{
	const struct tt_motion_event e = {.kind = kind, .phase = phase, .which = which, .at_us = w.now_us, .value_milli = 5000};

	tt_motion_queue_put(&w.agent->vehicle->motion.queue, &e);
	parked_run(&w, TT_SEC(2));
}

static void what_lasts_has_one_number_from_begin_to_end_and_the_next_has_another(void **state)
{
	const int kind = TT_MOTION_KIND_OVERSPEED;

	(void)state;
	put(TT_MOTION_KIND_OVERSPEED, TT_MOTION_BEGIN, 0);
	put(TT_MOTION_KIND_OVERSPEED, TT_MOTION_END, 0);
	put(TT_MOTION_KIND_OVERSPEED, TT_MOTION_BEGIN, 0);
	assert_true(event(kind, 0)->occurrence != 0);
	assert_true(event(kind, 0)->occurrence == event(kind, 1)->occurrence);
	assert_true(event(kind, 2)->occurrence != event(kind, 0)->occurrence);
	/* an END whose BEGIN nobody kept has a number all the same, and not that of another kind */
	put(TT_MOTION_KIND_COOLANT, TT_MOTION_END, 0);
	assert_true(event(TT_MOTION_KIND_COOLANT, 0)->occurrence != 0);
	assert_true(event(TT_MOTION_KIND_COOLANT, 0)->occurrence != event(kind, 2)->occurrence);
	put(TT_MOTION_KIND_OVERSPEED, TT_MOTION_END, 0);
	assert_true(event(kind, 3)->occurrence == event(kind, 2)->occurrence);
}

static void an_instant_has_a_number_of_its_own(void **state)
{
	(void)state;
	put(TT_MOTION_KIND_BRAKING, TT_MOTION_INSTANT, 0);
	put(TT_MOTION_KIND_BRAKING, TT_MOTION_INSTANT, 0);
	assert_true(event(TT_MOTION_KIND_BRAKING, 0)->occurrence != 0);
	assert_true(event(TT_MOTION_KIND_BRAKING, 0)->occurrence != event(TT_MOTION_KIND_BRAKING, 1)->occurrence);
	assert_string_equal(event(TT_MOTION_KIND_BRAKING, 0)->subject, "");
	assert_int_equal(event(TT_MOTION_KIND_BRAKING, 0)->value_milli, 5000);
}

static void a_fences_dwell_carries_the_number_of_its_visit_and_its_name(void **state)
{
	const int kind = TT_MOTION_KIND_GEOFENCE;

	(void)state;
	put(TT_MOTION_KIND_GEOFENCE, TT_MOTION_BEGIN, 0);
	put(TT_MOTION_KIND_GEOFENCE, TT_MOTION_INSTANT, 0);
	put(TT_MOTION_KIND_GEOFENCE, TT_MOTION_END, 0);
	assert_string_equal(event(kind, 0)->subject, "yard");
	assert_true(event(kind, 1)->occurrence == event(kind, 0)->occurrence);
	assert_true(event(kind, 2)->occurrence == event(kind, 0)->occurrence);
	put(TT_MOTION_KIND_GEOFENCE, TT_MOTION_BEGIN, 0);
	assert_true(event(kind, 3)->occurrence != event(kind, 0)->occurrence);
}

static void each_wheel_is_a_matter_of_its_own(void **state)
{
	const int kind = TT_MOTION_KIND_TYRE;

	(void)state;
	put(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, 0);
	put(TT_MOTION_KIND_TYRE, TT_MOTION_BEGIN, 3);
	put(TT_MOTION_KIND_TYRE, TT_MOTION_END, 0);
	assert_string_equal(event(kind, 0)->subject, "row1.left");
	assert_string_equal(event(kind, 1)->subject, "row2.right");
	assert_true(event(kind, 0)->occurrence != event(kind, 1)->occurrence);
	assert_true(event(kind, 2)->occurrence == event(kind, 0)->occurrence);
	assert_null(alert(0)); /* only a tow is one */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, guarded, leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tow_is_a_theft_alert_with_the_number_of_its_event),
		TEST(the_alert_leaves_before_the_event),
		TEST(each_tow_is_a_case_of_its_own),
		cmocka_unit_test_setup_teardown(without_the_profiles_word_a_tow_is_an_event_only, unguarded, leave),
		TEST(a_moving_car_with_its_ignition_on_is_no_theft),
		TEST(bug_a_restart_in_a_tow_alerts_no_second_time_and_ends_the_same_one),
		TEST(what_lasts_has_one_number_from_begin_to_end_and_the_next_has_another),
		TEST(an_instant_has_a_number_of_its_own),
		TEST(a_fences_dwell_carries_the_number_of_its_visit_and_its_name),
		TEST(each_wheel_is_a_matter_of_its_own),
	};

	return cmocka_run_group_tests_name("agent motion", tests, NULL, NULL);
}
