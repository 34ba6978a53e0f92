/* A full state against the record: what is raised, changed and gone by it, what it may not touch, and the fences. */
#include "tests/unit/gateway/record.h"

#include <string.h>

#define RAISED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED
#define CLEARED TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED
#define OBD TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2

enum { FAULTS = 4, FENCES = 4 };

/* What a unit says it knows. */
struct says {
	Telltale__V1__FullState full;
	Telltale__V1__State state;
	Telltale__V1__KnownFault faults[FAULTS], *fault_list[FAULTS];
	Telltale__V1__ReadEcu read, *read_list[1];
	Telltale__V1__FenceState fences[FENCES], *fence_list[FENCES];
};

/* Nothing but the time and that the stored and pending codes of 7E8 were read. */
static void nothing(struct says *s, tt_utc_us at)
{
	memset(s, 0, sizeof(*s));
	s->full = (Telltale__V1__FullState)TELLTALE__V1__FULL_STATE__INIT;
	s->state = (Telltale__V1__State)TELLTALE__V1__STATE__INIT;
	s->state.online = true;
	s->state.at_us = at;
	s->full.state = &s->state;
	s->full.faults = s->fault_list;
	s->read = (Telltale__V1__ReadEcu)TELLTALE__V1__READ_ECU__INIT;
	s->read.protocol = OBD;
	s->read.ecu = 0x7E8;
	s->read.stored = s->read.pending = true;
	s->read_list[0] = &s->read;
	s->full.n_read = 1;
	s->full.read = s->read_list;
	s->full.fences = s->fence_list;
}

static void knows(struct says *s, const char *code, bool stored)
{
	Telltale__V1__KnownFault *f = &s->faults[s->full.n_faults];

	telltale__v1__known_fault__init(f);
	f->code = (char *)(uintptr_t)code;
	f->ecu = 0x7E8;
	f->protocol = OBD;
	f->stored = f->mil = stored;
	f->pending = !stored;
	s->fault_list[s->full.n_faults++] = f;
}

static void has_fence(struct says *s, const char *name, uint64_t occurrence, tt_utc_us since, bool dwelt)
{
	Telltale__V1__FenceState *f = &s->fences[s->full.n_fences];

	telltale__v1__fence_state__init(f);
	f->name = (char *)(uintptr_t)name;
	f->inside = occurrence != 0;
	f->occurrence = occurrence;
	f->since_us = since;
	f->dwelt = dwelt;
	s->fence_list[s->full.n_fences++] = f;
}

static void say(const struct car *car, uint64_t seq, struct says *s)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FULL_STATE;
	env.full_state = &s->full;
	assert_int_equal(car_say(car, TT_CLASS_EVENT, seq, &env), TT_OK);
}

static int64_t active(const char *code)
{
	return record_ask("SELECT count(*) FROM fault WHERE code = '%s' AND active", code);
}

static void a_fault_that_the_record_lacks_is_raised_as_if_its_event_had_come(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	struct says s;

	nothing(&s, T0 - TT_SEC(10));
	knows(&s, "P0301", true);
	knows(&s, "P0171", false);
	say(&car, 1, &s);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE code = 'P0301' AND active AND stored AND mil AND NOT pending"
				    " AND first_seen_at = %lld",
				    (long long)(T0 - TT_SEC(10))),
			 1);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1); /* the pending one opens none */
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE subject LIKE 'P0301%%' AND status = 'new'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM outbox WHERE template = 'fault_owner'"), 1);
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'opened'"), "stored, lamp on (full state)");
	/* Told again, by a later full state and by its own event at last: the same fault. */
	r->now += TT_SEC(60);
	s.state.at_us += TT_SEC(60);
	say(&car, 2, &s);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline"), 1);
	assert_int_equal(record_ask("SELECT occurrences FROM fault WHERE code = 'P0301'"), 1);
	assert_int_equal(car_fault(&car, 3, CLEARED, "P0301", false), TT_OK);
	assert_int_equal(active("P0301"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
}

static void a_fault_that_is_not_in_it_is_gone_with_time_and_reason(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(100)};
	struct says s;

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&car, 2, RAISED, "P0420", true), TT_OK);
	nothing(&s, T0 - TT_SEC(10));
	knows(&s, "P0420", true);
	say(&car, 3, &s);
	assert_int_equal(active("P0301"), 0);
	assert_int_equal(record_ask("SELECT cleared_at FROM fault WHERE code = 'P0301'"), T0 - TT_SEC(10));
	assert_int_equal(active("P0420"), 1);
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'fault_cleared'"),
			    "no longer reported by the car (full state); the ticket stays open until somebody resolves it");
	assert_int_equal(record_ask("SELECT count(*) FROM ticket WHERE status = 'new'"), 2);
	/* And back again by a later one. */
	knows(&s, "P0301", true);
	s.state.at_us += TT_SEC(1);
	say(&car, 4, &s);
	assert_int_equal(active("P0301"), 1);
	assert_int_equal(record_ask("SELECT occurrences FROM fault WHERE code = 'P0301'"), 2);
	assert_string_equal(record_text("SELECT text FROM timeline WHERE kind = 'fault_repeated'"),
			    "raised again, stored, lamp on (full state)");
}

/* A list that is cut, an ECU that was not read, one whose pending codes were not: none of it says that anything is gone. */
static void what_was_not_read_is_not_gone(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(100)};
	struct says s;

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&car, 2, RAISED, "P0171", false), TT_OK);
	nothing(&s, T0 - TT_SEC(10));
	s.full.faults_cut = true;
	say(&car, 3, &s);
	s.full.faults_cut = false;
	s.full.n_read = 0;
	say(&car, 4, &s);
	s.full.n_read = 1;
	s.read.ecu = 0x7E9;
	say(&car, 5, &s);
	s.read.ecu = 0x7E8;
	s.read.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS;
	say(&car, 6, &s);
	assert_int_equal(active("P0301") + active("P0171"), 2);
	s.read.protocol = OBD;
	s.read.pending = false;
	say(&car, 7, &s);
	assert_int_equal(active("P0301"), 0);
	assert_int_equal(active("P0171"), 1);
	s.read.pending = true;
	s.read.stored = false;
	s.state.at_us += TT_SEC(1);
	say(&car, 8, &s);
	assert_int_equal(active("P0171"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 0);
}

/* J1939's previously active codes stand in no list of a full state. */
static void a_fault_without_a_list_is_left_to_its_events(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(100)};
	struct says s;

	assert_int_equal(car_fault(&car, 1, RAISED, "P0301", true), TT_OK);
	record_exec("UPDATE fault SET stored = 0, mil = 0");
	nothing(&s, T0 - TT_SEC(10));
	say(&car, 2, &s);
	assert_int_equal(active("P0301"), 1);
}

static void a_newer_event_wins(void **state)
{
	struct record *r = *state;
	const struct car old = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(100)};
	const struct car fresh = {.r = r, .unit = "CAR-1", .epoch = 8, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(50)};
	struct says s;

	/* The new journal's events came before the old journal's full state did. */
	assert_int_equal(car_fault(&fresh, 1, RAISED, "P0301", true), TT_OK);
	assert_int_equal(car_fault(&fresh, 2, RAISED, "P0420", true), TT_OK);
	assert_int_equal(car_fault(&fresh, 3, CLEARED, "P0420", false), TT_OK);
	nothing(&s, T0 - TT_SEC(90));
	knows(&s, "P0420", true);
	say(&old, 1, &s);
	assert_int_equal(active("P0301"), 1);
	assert_int_equal(active("P0420"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM timeline WHERE text LIKE '%%full state%%'"), 0);
}

static void bits_that_differ_are_a_change_and_keep_what_it_does_not_tell(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS, .stamp = T0 - TT_SEC(100)};
	struct says s;

	assert_int_equal(car_fault(&car, 1, RAISED, "P0171", false), TT_OK);
	record_exec("UPDATE fault SET status_byte = 47, lamps = 12");
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	nothing(&s, T0 - TT_SEC(10));
	knows(&s, "P0171", true);
	say(&car, 2, &s);
	assert_int_equal(record_ask("SELECT count(*) FROM fault WHERE stored AND NOT pending AND status_byte = 47 AND lamps = 12"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 1);
	assert_int_equal(record_ask("SELECT occurrences FROM fault"), 1);
}

/* ---- fences ---- */

static void fence_event(const struct car *car, uint64_t seq, Telltale__V1__VehicleEventPhase phase, const char *name, uint64_t occurrence,
			tt_utc_us at)
{
	Telltale__V1__VehicleEvent event = TELLTALE__V1__VEHICLE_EVENT__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	event.kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_GEOFENCE;
	event.phase = phase;
	event.subject = (char *)(uintptr_t)name;
	event.occurrence = occurrence;
	event.at_us = at;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	env.vehicle_event = &event;
	assert_int_equal(car_say(car, TT_CLASS_EVENT, seq, &env), TT_OK);
}

static int64_t stays(const char *where)
{
	return record_ask("SELECT count(*) FROM vehicle_event WHERE kind = 6 AND %s", where);
}

static void a_fence_that_the_car_is_in_was_entered_and_one_that_it_is_not_in_was_left(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	const Telltale__V1__VehicleEventPhase begin = TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN;
	struct says s;

	fence_event(&car, 1, begin, "depot", 11, T0 - TT_SEC(500));
	fence_event(&car, 2, begin, "school", 12, T0 - TT_SEC(400));
	fence_event(&car, 3, begin, "quarry", 13, T0 - TT_SEC(300));
	fence_event(&car, 4, begin, "harbour", 14, T0 - TT_SEC(200));
	nothing(&s, T0 - TT_SEC(10));
	has_fence(&s, "depot", 0, 0, false);                  /* left since */
	has_fence(&s, "school", 22, T0 - TT_SEC(100), true);  /* left, and entered again */
	has_fence(&s, "quarry", 13, T0 - TT_SEC(300), false); /* as the record says */
	/* harbour: the profile has it no more, or the unit is an older one: nothing is said */
	say(&car, 5, &s);
	assert_int_equal(stays("occurrence = 11 AND ended_at = began_at + 490000000 AND duration_ms = 490000"), 1);
	assert_int_equal(record_ask("SELECT ended_at FROM vehicle_event WHERE occurrence = 12"), T0 - TT_SEC(100));
	assert_int_equal(record_ask("SELECT began_at FROM vehicle_event WHERE occurrence = 22 AND subject = 'school' AND begun AND dwelt"
				    " AND ended_at IS NULL"),
			 T0 - TT_SEC(100));
	assert_int_equal(stays("occurrence IN (13, 14) AND ended_at IS NULL"), 2);
	assert_int_equal(stays("1"), 5);
	say(&car, 6, &s); /* the same once more: nothing new */
	assert_int_equal(stays("1"), 5);
	assert_int_equal(stays("ended_at IS NULL"), 3);
}

static void an_end_that_came_is_not_undone(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	struct says s;

	fence_event(&car, 1, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN, "depot", 11, T0 - TT_SEC(500));
	fence_event(&car, 2, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_END, "depot", 11, T0 - TT_SEC(5));
	fence_event(&car, 3, TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN, "school", 12, T0 - TT_SEC(4));
	nothing(&s, T0 - TT_SEC(10));
	has_fence(&s, "depot", 11, T0 - TT_SEC(500), true);
	has_fence(&s, "school", 0, 0, false); /* it was not in there yet */
	say(&car, 4, &s);
	assert_int_equal(record_ask("SELECT ended_at FROM vehicle_event WHERE occurrence = 11"), T0 - TT_SEC(5));
	assert_int_equal(stays("occurrence = 12 AND ended_at IS NULL"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fault_that_the_record_lacks_is_raised_as_if_its_event_had_come),
		TEST(a_fault_that_is_not_in_it_is_gone_with_time_and_reason),
		TEST(what_was_not_read_is_not_gone),
		TEST(a_fault_without_a_list_is_left_to_its_events),
		TEST(a_newer_event_wins),
		TEST(bits_that_differ_are_a_change_and_keep_what_it_does_not_tell),
		TEST(a_fence_that_the_car_is_in_was_entered_and_one_that_it_is_not_in_was_left),
		TEST(an_end_that_came_is_not_undone),
	};

	return cmocka_run_group_tests_name("ingest full state", tests, NULL, NULL);
}
