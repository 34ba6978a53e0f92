/* What happened to a car becomes its history; a hot engine, a low battery, a soft tyre and lost fuel also a ticket. */
#include "tests/unit/gateway/record.h"

#include <string.h>

#define KIND(name) TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_##name
#define PHASE(name) TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_##name

static enum tt_err say(const struct car *car, uint64_t seq, Telltale__V1__VehicleEventKind kind, Telltale__V1__VehicleEventPhase phase,
		       uint64_t occurrence, const char *subject)
{
	Telltale__V1__VehicleEvent e = TELLTALE__V1__VEHICLE_EVENT__INIT;
	Telltale__V1__Position position = TELLTALE__V1__POSITION__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	const bool end = phase == PHASE(END);

	position.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D;
	position.latitude_e7 = end ? 1 : 487758460;
	position.longitude_e7 = 91829320;
	position.fix_at_us = car->r->now - TT_SEC(1);
	e.kind = kind;
	e.phase = phase;
	e.occurrence = occurrence;
	e.at_us = car->r->now - TT_SEC(1);
	e.position = &position;
	e.odometer_m = end ? 0 : 50000000;
	e.value_milli = end ? 104000 : 118500;
	e.limit_milli = 115000;
	e.peak_milli = end ? 121000 : 118500;
	e.duration_ms = end ? 60000 : 3000;
	e.subject = (char *)(uintptr_t)subject;
	e.cause = TELLTALE__V1__VEHICLE_EVENT_CAUSE__VEHICLE_EVENT_CAUSE_TEMPERATURE;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	env.vehicle_event = &e;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

/* The gateway ends and starts anew: nothing is remembered but the record. */
static void restart(struct record *r)
{
	const struct tt_ingest_config config = {.late_limit_us = TT_SEC(15 * 60), .batch_max = 64, .units_max = 16};

	tt_ingest_destroy(r->ingest);
	assert_int_equal(tt_ingest_create(r->store, &config, &r->ingest), TT_OK);
}

static void harsh_events_are_history_and_no_ticket(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(say(&car, 1, KIND(HARSH_BRAKING), PHASE(INSTANT), 1, ""), TT_OK);
	assert_int_equal(say(&car, 2, KIND(TOWING), PHASE(BEGIN), 2, ""), TT_OK);
	assert_int_equal(say(&car, 3, KIND(GEOFENCE), PHASE(BEGIN), 3, "Depot"), TT_OK);
	assert_int_equal(say(&car, 4, KIND(GEOFENCE), PHASE(INSTANT), 3, "Depot"), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event WHERE vehicle_id = %d", (int)r->vehicle[0]), 3);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event WHERE kind = 1 AND value_milli = 118500 AND limit_milli = 115000"
				    " AND cause = 13 AND began_at = %lld AND ended_at = began_at + 3000000 AND latitude_e7 = 487758460"
				    " AND odometer_m = 50000000 AND ticket_id IS NULL",
				    (long long)(T0 - TT_SEC(1))),
			 1);
	assert_int_equal(record_ask("SELECT dwelt FROM vehicle_event WHERE subject = 'Depot' AND ended_at IS NULL"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'vehicle.updated' AND body ->> 'event' = 'harsh_braking'"),
			 1);
	assert_int_equal(record_ask("SELECT odometer_m FROM vehicle_state"), 50000000);
}

static void a_hot_engine_has_one_ticket_that_hears_of_its_end(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};

	assert_int_equal(say(&car, 1, KIND(COOLANT_HOT), PHASE(BEGIN), 1, ""), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE kind = 'coolant_hot' AND subject = 'Engine too hot' AND priority = 1"
				    " AND status = 'new' AND fault_id IS NULL AND dealer_id = %d AND customer_id = %d"
				    " AND resolution_due_at > opened_at AND latitude_e7 = 487758460",
				    (int)r->dealer[0], (int)r->owner[0]),
			 1);
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'opened'"), "118.5 degC, limit 115.0 degC");
	assert_int_equal(record_ask("SELECT count(*) FROM change WHERE kind = 'ticket.opened' AND body ->> 'kind' = 'coolant_hot'"), 1);
	restart(r);
	r->now += TT_SEC(60);
	assert_int_equal(say(&car, 2, KIND(COOLANT_HOT), PHASE(END), 1, ""), TT_OK);
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'event_ended'"), "104.0 degC, limit 115.0 degC");
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event WHERE begun AND ended_at = %lld AND peak_milli = 121000"
				    " AND value_milli = 118500 AND latitude_e7 = 487758460 AND ticket_id = (SELECT id FROM ticket)",
				    (long long)(r->now - TT_SEC(1))),
			 1);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE status = 'new'"), 1);
	/* Once more: the same ticket. After it is closed: a new one. Another kind: its own. */
	assert_int_equal(say(&car, 3, KIND(COOLANT_HOT), PHASE(BEGIN), 2, ""), TT_OK);
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE kind = 'event_repeated'"), 1);
	record_exec("UPDATE ticket SET status = 'closed'");
	assert_int_equal(say(&car, 4, KIND(COOLANT_HOT), PHASE(BEGIN), 3, ""), TT_OK);
	assert_int_equal(say(&car, 5, KIND(FUEL_DROP), PHASE(INSTANT), 4, ""), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE kind = 'coolant_hot'"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE kind = 'fuel_drop' AND priority = 3"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE kind = 'event_ended'"), 1);
	/* The end of the first, closed ticket's second occurrence goes to that ticket, and opens nothing. */
	assert_int_equal(say(&car, 6, KIND(COOLANT_HOT), PHASE(END), 2, ""), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE kind = 'event_ended' AND subject_id = 1"), 2);
	assert_int_equal(record_ask("SELECT status = 'closed' FROM ticket WHERE id = 1"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
}

static void an_end_before_its_begin_is_joined_with_it_across_a_restart(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	const struct car anew = {.r = r, .unit = "CAR-1", .epoch = 8, .clock = TT_CLOCK_GNSS};

	assert_int_equal(say(&car, 1, KIND(TYRE_PRESSURE), PHASE(END), 5, "row1.left"), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event WHERE NOT begun AND ended_at - began_at = 60000000"
				    " AND value_milli = 104000 AND latitude_e7 = 1"),
			 1);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	restart(r);
	assert_int_equal(say(&anew, 1, KIND(TYRE_PRESSURE), PHASE(BEGIN), 5, "row1.left"), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event WHERE begun AND ended_at IS NOT NULL AND value_milli = 118500"
				    " AND peak_milli = 121000 AND latitude_e7 = 487758460"),
			 1);
	assert_string_equal(record_text("SELECT group_concat(kind) FROM (SELECT kind FROM timeline ORDER BY id)"), "opened,event_ended");
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'opened'"), "row1.left: 118 kPa, limit 115 kPa");
	assert_int_equal(record_ask("SELECT priority FROM ticket"), 2);
}

static void what_is_told_twice_changes_nothing(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	int64_t changes;

	assert_int_equal(say(&car, 1, KIND(LOW_BATTERY), PHASE(BEGIN), 1, ""), TT_OK);
	changes = record_ask("SELECT count(*) FROM change");
	assert_int_equal(say(&car, 1, KIND(LOW_BATTERY), PHASE(BEGIN), 1, ""), TT_OK); /* the same message */
	assert_int_equal(say(&car, 2, KIND(LOW_BATTERY), PHASE(BEGIN), 1, ""), TT_OK); /* the same occurrence */
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event"), 1);
	assert_int_equal(record_ask("SELECT occurrences FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM change"), changes);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 2);
}

static void cars_do_not_share_occurrences(void **state)
{
	struct record *r = *state;
	const struct car one = {.r = r, .unit = "CAR-1", .epoch = 7}, two = {.r = r, .unit = "CAR-2", .epoch = 7},
			 spare = {.r = r, .unit = "SPARE", .epoch = 7};

	assert_int_equal(say(&one, 1, KIND(COOLANT_HOT), PHASE(BEGIN), 1, ""), TT_OK);
	assert_int_equal(say(&two, 1, KIND(COOLANT_HOT), PHASE(BEGIN), 1, ""), TT_OK);
	assert_int_equal(say(&spare, 1, KIND(COOLANT_HOT), PHASE(BEGIN), 1, ""), TT_OK);
	assert_int_equal(record_ask("SELECT count(DISTINCT dealer_id) FROM ticket"), 2);
	assert_int_equal(record_ask("SELECT count(*) FROM vehicle_event"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(harsh_events_are_history_and_no_ticket),
		TEST(a_hot_engine_has_one_ticket_that_hears_of_its_end),
		TEST(an_end_before_its_begin_is_joined_with_it_across_a_restart),
		TEST(what_is_told_twice_changes_nothing),
		TEST(cars_do_not_share_occurrences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
