/* What happened, captures, what was told, control units, units: one row for each identity, and only for the eyes of its dealer. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

static struct tt_vehicle_event hot(const struct world *w, int dealer, uint64_t occurrence, tt_utc_us began_at)
{
	return (struct tt_vehicle_event){.vehicle_id = w->vehicle[dealer],
					 .kind = 10,
					 .cause = 13,
					 .occurrence = occurrence,
					 .subject = "row1.left",
					 .begun = true,
					 .began_at = began_at,
					 .duration_ms = 4000,
					 .value_milli = 118500,
					 .limit_milli = 115000,
					 .peak_milli = -121000,
					 .odometer_m = 123456,
					 .late = true,
					 .place = {.fix = 3, .latitude_e7 = 5, .longitude_e7 = 6, .accuracy_mm = 7, .fix_at = NOW}};
}

static void an_occurrence_has_one_row_that_changes(void **state)
{
	struct world *w = *state;
	struct tt_vehicle_event e = hot(w, A, UINT64_MAX, NOW), got;
	int64_t id = 0, other = 0;

	tt_begin(w);
	OK(tt_store_happening_insert(w->s, &e, &id));
	assert_int_equal(tt_store_happening_insert(w->s, &e, &other), TT_EEXIST);
	e.kind = 9;
	OK(tt_store_happening_insert(w->s, &e, &other));
	OK(tt_store_happening_find(w->s, w->vehicle[A], 10, UINT64_MAX, &got));
	assert_int_equal(got.id, id);
	assert_true(got.occurrence == UINT64_MAX);
	assert_int_equal(got.cause, 13);
	assert_string_equal(got.subject, "row1.left");
	assert_true(got.begun && !got.dwelt && got.late);
	assert_int_equal(got.began_at, NOW);
	assert_int_equal(got.ended_at, 0);
	assert_int_equal(got.duration_ms, 4000);
	assert_int_equal(got.value_milli, 118500);
	assert_int_equal(got.limit_milli, 115000);
	assert_int_equal(got.peak_milli, -121000);
	assert_int_equal(got.odometer_m, 123456);
	assert_int_equal(got.ticket_id, 0);
	tt_same_place(&got.place, &e.place);
	got.ended_at = NOW + 9;
	got.dwelt = true;
	got.ticket_id = tt_new_ticket(w, A, 1, NOW, 0);
	OK(tt_store_happening_update(w->s, &got));
	OK(tt_store_happening_find(w->s, w->vehicle[A], 10, UINT64_MAX, &e));
	assert_int_equal(e.ended_at, NOW + 9);
	assert_true(e.dwelt);
	assert_int_equal(e.ticket_id, got.ticket_id);
	got.id = 999;
	assert_int_equal(tt_store_happening_update(w->s, &got), TT_ENOTFOUND);
	assert_int_equal(tt_store_happening_find(w->s, w->vehicle[B], 10, UINT64_MAX, &e), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_check(w->s, NULL));
}

struct text {
	char s[256];
	struct tt_vehicle_event last;
};

static enum tt_err take(void *ctx, const struct tt_vehicle_event *row)
{
	struct text *t = ctx;
	size_t len = strlen(t->s);

	(void)snprintf(t->s + len, sizeof(t->s) - len, "%d;", (int)row->occurrence);
	t->last = *row;
	return TT_OK;
}

static void the_history_is_read_in_pages_newest_first_within_the_scope(void **state)
{
	struct world *w = *state;
	struct text first = {.s = ""}, second = {.s = ""}, other = {.s = ""}, of_b = {.s = ""}, all = {.s = ""};
	int64_t id;

	tt_begin(w);
	for (int i = 1; i <= 5; i++) {
		/* Two begin at the same instant: the id decides, and no page loses one. */
		struct tt_vehicle_event e = hot(w, A, (uint64_t)i, NOW + (i == 3 ? 2 : i));

		OK(tt_store_happening_insert(w->s, &e, &id));
	}
	of_b.last = hot(w, B, 9, NOW);
	OK(tt_store_happening_insert(w->s, &of_b.last, &id));
	tt_commit(w);
	OK(tt_store_happenings(w->s, w->scope[A], w->vehicle[A], 0, 0, 3, take, &first));
	assert_string_equal(first.s, "5;4;3;");
	OK(tt_store_happenings(w->s, w->scope[A], w->vehicle[A], first.last.began_at, first.last.id, 3, take, &second));
	assert_string_equal(second.s, "2;1;");
	OK(tt_store_happenings(w->s, w->scope[A], w->vehicle[B], 0, 0, 3, take, &other));
	assert_string_equal(other.s, "");
	OK(tt_store_happenings(w->s, w->scope[B], w->vehicle[B], 0, 0, 3, take, &of_b));
	assert_string_equal(of_b.s, "9;");
	OK(tt_store_happenings(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 0, 0, 200, take, &all));
	assert_string_equal(all.s, "5;4;3;2;1;");
	assert_int_equal(tt_store_happenings(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 0, 0, 0, take, &all), TT_ERANGE);
	assert_int_equal(tt_store_happenings(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 0, 0, 201, take, &all), TT_ERANGE);
}

static int64_t happening_ticket(struct world *w, const char *kind, const char *status, enum tt_err want)
{
	struct tt_ticket t = {.dealer_id = w->dealer[A],
			      .vehicle_id = w->vehicle[A],
			      .subject = "Engine too hot",
			      .priority = 1,
			      .opened_at = NOW,
			      .updated_at = NOW,
			      .event_at = NOW,
			      .occurrences = 1};
	int64_t id = 0;

	(void)snprintf(t.kind, sizeof(t.kind), "%s", kind);
	(void)snprintf(t.status, sizeof(t.status), "%s", status);
	assert_int_equal(tt_store_ticket_insert(w->s, &t, &id), want);
	return id;
}

static void a_vehicle_has_one_open_ticket_for_a_kind_of_happening(void **state)
{
	struct world *w = *state;
	struct tt_ticket got;
	int64_t id;

	tt_begin(w);
	assert_int_equal(tt_store_ticket_open_of_kind(w->s, w->vehicle[A], "coolant_hot", &got), TT_ENOTFOUND);
	(void)happening_ticket(w, "coolant_hot", "closed", TT_OK);
	assert_int_equal(tt_store_ticket_open_of_kind(w->s, w->vehicle[A], "coolant_hot", &got), TT_ENOTFOUND);
	id = happening_ticket(w, "coolant_hot", "pending", TT_OK);
	(void)happening_ticket(w, "coolant_hot", "new", TT_EEXIST);
	(void)happening_ticket(w, "fuel_drop", "new", TT_OK);
	OK(tt_store_ticket_open_of_kind(w->s, w->vehicle[A], "coolant_hot", &got));
	assert_int_equal(got.id, id);
	assert_int_equal(tt_store_ticket_open_of_kind(w->s, w->vehicle[B], "coolant_hot", &got), TT_ENOTFOUND);
	/* What is no happening may come as often as it likes. */
	(void)happening_ticket(w, "enquiry", "new", TT_OK);
	(void)happening_ticket(w, "enquiry", "new", TT_OK);
	assert_int_equal(tt_store_ticket_open_of_kind(w->s, w->vehicle[A], "enquiry", &got), TT_ENOTFOUND);
	tt_commit(w);
}

static struct tt_capture head(const struct world *w, int dealer, uint64_t number, uint64_t incident)
{
	return (struct tt_capture){.vehicle_id = w->vehicle[dealer],
				   .number = number,
				   .reason = 1,
				   .incident = incident,
				   .trigger_at = NOW - 5,
				   .parts = 77,
				   .bytes = 77,
				   .updated_at = NOW};
}

static enum tt_err take_capture(void *ctx, const struct tt_capture *row)
{
	*(struct tt_capture *)ctx = *row;
	return TT_OK;
}

static enum tt_err take_part(void *ctx, const uint8_t *body, size_t len)
{
	char *s = ctx;
	size_t at = strlen(s);

	(void)snprintf(s + at, 64 - at, "%.*s;", (int)len, (const char *)body);
	return TT_OK;
}

static void add_part(struct world *w, const struct tt_capture *h, int32_t part, const char *body, bool want)
{
	bool added = !want;

	OK(tt_store_capture_add(w->s, h, part, (const uint8_t *)body, strlen(body), &added));
	assert_int_equal(added, want);
}

static void parts_of_a_capture_are_kept_once_and_read_in_their_order(void **state)
{
	struct world *w = *state;
	struct tt_capture h = head(w, A, UINT64_MAX, 9), got = {0}, none = {0};
	char parts[64] = "", hidden[64] = "";

	tt_begin(w);
	add_part(w, &h, 3, "three", true);
	h.updated_at = NOW + 1;
	add_part(w, &h, 1, "one", true);
	add_part(w, &h, 3, "again", false);
	h = head(w, B, 5, 9);
	add_part(w, &h, 1, "of b", true);
	h = head(w, A, 6, 0);
	add_part(w, &h, 1, "of no incident", true);
	tt_commit(w);
	OK(tt_store_captures(w->s, w->scope[A], w->vehicle[A], 9, take_capture, &got));
	assert_true(got.number == UINT64_MAX && got.incident == 9);
	assert_int_equal(got.parts, 2);
	assert_int_equal(got.bytes, 8);
	assert_int_equal(got.trigger_at, NOW - 5);
	assert_int_equal(got.updated_at, NOW + 1);
	OK(tt_store_capture_parts(w->s, w->scope[A], got.id, take_part, parts));
	assert_string_equal(parts, "one;three;");
	OK(tt_store_capture_parts(w->s, w->scope[B], got.id, take_part, hidden));
	assert_string_equal(hidden, "");
	OK(tt_store_captures(w->s, w->scope[B], w->vehicle[A], 9, take_capture, &none));
	OK(tt_store_captures(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 0, take_capture, &none));
	OK(tt_store_captures(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 10, take_capture, &none));
	assert_int_equal(none.id, 0);
}

static void a_capture_beyond_its_size_is_refused(void **state)
{
	struct world *w = *state;
	static uint8_t half[TT_CAPTURE_BYTES_MAX / 2];
	struct tt_capture h = head(w, A, 1, 9), got = {0};
	bool added = false;

	tt_begin(w);
	OK(tt_store_capture_add(w->s, &h, 1, half, sizeof(half), &added));
	OK(tt_store_capture_add(w->s, &h, 2, half, sizeof(half), &added));
	assert_int_equal(tt_store_capture_add(w->s, &h, 3, half, 1, &added), TT_EFULL);
	OK(tt_store_captures(w->s, w->scope[A], w->vehicle[A], 9, take_capture, &got));
	assert_int_equal(got.parts, 2);
	assert_int_equal(got.bytes, TT_CAPTURE_BYTES_MAX);
	tt_commit(w);
}

static enum tt_err count_number(void *ctx, const struct tt_capture *row)
{
	char *s = ctx;
	size_t at = strlen(s);

	(void)snprintf(s + at, 64 - at, "%d;", (int)row->number);
	return TT_OK;
}

static void captures_that_were_asked_for_belong_to_the_vehicle(void **state)
{
	struct world *w = *state;
	struct tt_capture h = {.vehicle_id = w->vehicle[A], .number = 21, .reason = 2, .trigger_at = NOW, .updated_at = NOW};
	struct tt_capture crash = {
		.vehicle_id = w->vehicle[A], .number = 22, .reason = 1, .incident = 9, .trigger_at = NOW, .updated_at = NOW};
	char mine[64] = "", one[64] = "", theirs[64] = "";
	bool added;

	tt_begin(w);
	OK(tt_store_capture_add(w->s, &h, 1, (const uint8_t *)"x", 1, &added));
	h.number = 23;
	h.trigger_at = NOW + 5;
	OK(tt_store_capture_add(w->s, &h, 1, (const uint8_t *)"x", 1, &added));
	OK(tt_store_capture_add(w->s, &crash, 1, (const uint8_t *)"x", 1, &added));
	h.number = 24;
	h.vehicle_id = w->vehicle[B];
	OK(tt_store_capture_add(w->s, &h, 1, (const uint8_t *)"x", 1, &added));
	tt_commit(w);
	OK(tt_store_captures_asked(w->s, w->scope[A], w->vehicle[A], 10, count_number, mine));
	assert_string_equal(mine, "23;21;");
	OK(tt_store_captures_asked(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 1, count_number, one));
	assert_string_equal(one, "23;");
	OK(tt_store_captures_asked(w->s, w->scope[B], w->vehicle[A], 10, count_number, theirs));
	assert_string_equal(theirs, "");
}

static enum tt_err count_stay(void *ctx, const struct tt_vehicle_event *row)
{
	char *s = ctx;
	size_t at = strlen(s);

	(void)snprintf(s + at, 64 - at, "%d;", (int)row->occurrence);
	return TT_OK;
}

static void what_goes_on_is_found_by_its_kind(void **state)
{
	struct world *w = *state;
	struct tt_vehicle_event e = {.vehicle_id = w->vehicle[A], .kind = 6, .began_at = NOW};
	const struct {
		int32_t kind;
		uint64_t occurrence;
		tt_utc_us began_at, ended_at;
	} rows[] = {{6, 31, NOW, 0}, {6, 32, NOW - 5, 0}, {6, 33, NOW, NOW + 1}, {4, 34, NOW, 0}};
	char found[64] = "";
	int64_t id;

	tt_begin(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.kind = rows[i].kind;
		e.occurrence = rows[i].occurrence;
		e.began_at = rows[i].began_at;
		e.ended_at = rows[i].ended_at;
		OK(tt_store_happening_insert(w->s, &e, &id));
	}
	tt_commit(w);
	OK(tt_store_happenings_open(w->s, w->vehicle[A], 6, count_stay, found));
	assert_string_equal(found, "32;31;");
}

static enum tt_err take_told(void *ctx, const struct tt_told *row)
{
	char *s = ctx;
	size_t at = strlen(s);

	(void)snprintf(s + at, 128 - at, "%s %d %d %d %s%s;", row->what, (int)row->number, row->kind, row->outcome, row->reason,
		       strcmp(row->detail, "{}") == 0 ? "" : row->detail);
	return TT_OK;
}

static void what_was_told_is_kept_newest_first(void **state)
{
	struct world *w = *state;
	struct tt_told t = {.vehicle_id = w->vehicle[A],
			    .what = "command",
			    .number = 4,
			    .kind = 7,
			    .outcome = 2,
			    .reason = "drives",
			    .detail = "{}",
			    .at = NOW};
	char mine[128] = "", one[128] = "", theirs[128] = "";
	int64_t id;

	tt_begin(w);
	OK(tt_store_told_add(w->s, &t, &id));
	t.outcome = 3;
	t.at = NOW + 1;
	(void)snprintf(t.detail, sizeof(t.detail), "{\"ecus\":[]}");
	OK(tt_store_told_add(w->s, &t, &id));
	(void)snprintf(t.detail, sizeof(t.detail), "{}");
	(void)snprintf(t.what, sizeof(t.what), "config");
	t.kind = 0;
	t.at = NOW - 1;
	OK(tt_store_told_add(w->s, &t, &id));
	(void)snprintf(t.what, sizeof(t.what), "rumour");
	assert_int_equal(tt_store_told_add(w->s, &t, &id), TT_EINVAL);
	tt_commit(w);
	OK(tt_store_told_list(w->s, w->scope[A], w->vehicle[A], 10, take_told, mine));
	assert_string_equal(mine, "command 4 7 3 drives{\"ecus\":[]};command 4 7 2 drives;config 4 0 3 drives;");
	OK(tt_store_told_list(w->s, TT_SCOPE_SYSTEM, w->vehicle[A], 1, take_told, one));
	assert_string_equal(one, "command 4 7 3 drives{\"ecus\":[]};");
	OK(tt_store_told_list(w->s, w->scope[B], w->vehicle[A], 10, take_told, theirs));
	assert_string_equal(theirs, "");
}

static enum tt_err take_ecu(void *ctx, const struct tt_ecu *row)
{
	char *s = ctx;
	size_t at = strlen(s);

	(void)snprintf(s + at, 128 - at, "%X %s %s %s %s %d/%d %d;", (unsigned)row->ecu, row->name, row->vin, row->calibrations, row->cvns,
		       (int)row->tests_failed, (int)row->tests, (int)(row->reported_at - row->first_seen_at));
	return TT_OK;
}

static void a_control_unit_has_one_row(void **state)
{
	struct world *w = *state;
	struct tt_ecu e = {.vehicle_id = w->vehicle[A],
			   .ecu = 0x18DAF110,
			   .name = "ECM",
			   .vin = TT_CONTRACT_VIN_A,
			   .calibrations = "[\"A\"]",
			   .cvns = "[\"1\"]",
			   .tests = 3,
			   .tests_failed = 1,
			   .first_seen_at = NOW,
			   .changed_at = NOW,
			   .reported_at = NOW};
	struct tt_ecu got;
	char mine[128] = "", theirs[128] = "";

	tt_begin(w);
	OK(tt_store_ecu_put(w->s, &e));
	e.ecu = 0x7E8;
	OK(tt_store_ecu_put(w->s, &e));
	e.reported_at = e.changed_at = NOW + 2;
	e.tests_failed = 0;
	(void)snprintf(e.calibrations, sizeof(e.calibrations), "[\"B\"]");
	OK(tt_store_ecu_put(w->s, &e));
	tt_commit(w);
	OK(tt_store_ecu_find(w->s, w->vehicle[A], 0x7E8, &got));
	assert_int_equal(got.changed_at, NOW + 2);
	assert_int_equal(tt_store_ecu_find(w->s, w->vehicle[B], 0x7E8, &got), TT_ENOTFOUND);
	OK(tt_store_ecu_list(w->s, w->scope[A], w->vehicle[A], take_ecu, mine));
	assert_string_equal(mine, "7E8 ECM " TT_CONTRACT_VIN_A " [\"B\"] [\"1\"] 0/3 2;18DAF110 ECM " TT_CONTRACT_VIN_A
				  " [\"A\"] [\"1\"] 1/3 0;");
	OK(tt_store_ecu_list(w->s, w->scope[B], w->vehicle[A], take_ecu, theirs));
	assert_string_equal(theirs, "");
}

static void the_last_state_of_a_unit_replaces_the_one_before(void **state)
{
	struct world *w = *state;
	struct tt_unit_state s = {.vehicle_id = w->vehicle[A],
				  .unit_id = w->unit[A],
				  .reported_at = NOW,
				  .version = "1.2",
				  .power = 1,
				  .wake = 2,
				  .power_since = 11,
				  .next_contact_at = 12,
				  .heard_at = 13,
				  .battery_mv = 12400,
				  .below_floor = true,
				  .config_version = 7,
				  .config_trial = true,
				  .ignition_block = true,
				  .slot = "a*",
				  .update_refused = 5,
				  .metrics = "{\"starts\":3}"};
	struct tt_unit_state got;

	assert_int_equal(tt_store_unit_state_get(w->s, w->scope[A], w->vehicle[A], &got), TT_ENOTFOUND);
	tt_begin(w);
	OK(tt_store_unit_state_put(w->s, &s));
	s.power = 3;
	OK(tt_store_unit_state_put(w->s, &s));
	tt_commit(w);
	OK(tt_store_unit_state_get(w->s, w->scope[A], w->vehicle[A], &got));
	assert_string_equal(got.unit, "unit-a");
	assert_string_equal(got.version, "1.2");
	assert_string_equal(got.slot, "a*");
	assert_string_equal(got.metrics, "{\"starts\":3}");
	assert_int_equal(got.power, 3);
	assert_int_equal(got.wake, 2);
	assert_int_equal(got.power_since, 11);
	assert_int_equal(got.next_contact_at, 12);
	assert_int_equal(got.heard_at, 13);
	assert_int_equal(got.battery_mv, 12400);
	assert_true(got.below_floor && got.config_trial && got.ignition_block);
	assert_int_equal(got.config_version, 7);
	assert_int_equal(got.update_refused, 5);
	assert_int_equal(got.reported_at, NOW);
	assert_int_equal(tt_store_unit_state_get(w->s, w->scope[B], w->vehicle[A], &got), TT_ENOTFOUND);
}

const struct CMUnitTest tt_contract_car[] = {
	CONTRACT(an_occurrence_has_one_row_that_changes),
	CONTRACT(the_history_is_read_in_pages_newest_first_within_the_scope),
	CONTRACT(a_vehicle_has_one_open_ticket_for_a_kind_of_happening),
	CONTRACT(parts_of_a_capture_are_kept_once_and_read_in_their_order),
	CONTRACT(a_capture_beyond_its_size_is_refused),
	CONTRACT(captures_that_were_asked_for_belong_to_the_vehicle),
	CONTRACT(what_goes_on_is_found_by_its_kind),
	CONTRACT(what_was_told_is_kept_newest_first),
	CONTRACT(a_control_unit_has_one_row),
	CONTRACT(the_last_state_of_a_unit_replaces_the_one_before),
};
const size_t tt_contract_ncar = sizeof(tt_contract_car) / sizeof(tt_contract_car[0]);
