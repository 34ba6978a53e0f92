#include "crm/domain/fault_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define T0 INT64_C(1790000000000000)

static const struct tt_fault_bits pending = {.pending = true};
static const struct tt_fault_bits stored = {.stored = true};
static const struct tt_fault_bits lamp = {.stored = true, .mil = true};
static const struct tt_fault_bits permanent = {.permanent = true};

/* The record of one fault, played forward: what a gateway does with each decision. */
struct record {
	struct tt_fault_known known;
	struct tt_fault_decision last;
	int tickets, entries, owners_told;
};

static void observe(struct record *r, enum tt_fault_change change, struct tt_fault_bits bits, tt_utc_us at)
{
	const struct tt_fault_seen seen = {.change = change, .code = "P0301", .bits = bits, .at = at};
	struct tt_fault_decision *d = &r->last;

	tt_fault_decide(&r->known, &seen, d);
	if (d->row != TT_FAULT_ROW_KEEP) {
		assert_int_equal(d->row, r->known.exists ? TT_FAULT_ROW_UPDATE : TT_FAULT_ROW_INSERT);
		r->known.exists = true;
		r->known.active = d->active;
		r->known.bits = d->bits;
		r->known.first_seen_at = d->first_seen_at;
		r->known.last_seen_at = d->last_seen_at;
		r->known.cleared_at = d->cleared_at;
		r->known.occurrences = d->occurrences;
	}
	if (d->ticket == TT_FAULT_TICKET_OPEN) {
		assert_false(r->known.ticket_open); /* the promise */
		r->tickets++;
		r->known.ticket_open = true;
	}
	if (d->ticket != TT_FAULT_TICKET_NONE) {
		r->known.ticket_priority = d->priority;
		r->known.ticket_occurrences = d->ticket_occurrences;
		r->entries++;
		assert_non_null(d->timeline_kind);
		assert_true(d->text[0] != 0);
	} else {
		assert_null(d->timeline_kind);
	}
	r->owners_told += d->notify_owner;
}

static void resolve(struct record *r)
{
	r->known.ticket_open = false;
	r->known.ticket_priority = 0;
	r->known.ticket_occurrences = 0;
}

static void a_stored_misfire_with_the_lamp_opens_one_ticket_of_priority_two(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, lamp, T0);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.last.priority, 2);
	assert_string_equal(r.last.subject, "P0301 Cylinder 1 misfire");
	assert_string_equal(r.last.timeline_kind, "opened");
	assert_string_equal(r.last.text, "stored, lamp on");
	assert_true(r.last.notify_owner);
	assert_int_equal(r.known.occurrences, 1);
	assert_int_equal(r.known.first_seen_at, T0);
}

static void repeats_and_returns_stay_in_the_one_open_ticket(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, lamp, T0);
	for (int i = 1; i <= 10; i++) {
		observe(&r, TT_FAULT_RAISED, lamp, T0 + i);
		assert_string_equal(r.last.timeline_kind, "fault_repeated");
	}
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0 + 20);
	assert_string_equal(r.last.timeline_kind, "fault_cleared");
	assert_int_equal(r.last.ticket, TT_FAULT_TICKET_UPDATE);
	assert_false(r.known.active);
	assert_int_equal(r.known.cleared_at, T0 + 20);
	assert_true(r.known.ticket_open);
	observe(&r, TT_FAULT_RAISED, stored, T0 + 30);
	assert_string_equal(r.last.timeline_kind, "fault_repeated");
	assert_int_equal(r.known.cleared_at, 0);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.owners_told, 1);
	assert_int_equal(r.known.occurrences, 12);
	assert_int_equal(r.known.ticket_occurrences, 12);
}

static void raised_again_after_the_ticket_was_resolved_opens_a_new_one(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, lamp, T0);
	resolve(&r);
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0 + 1);
	assert_int_equal(r.last.ticket, TT_FAULT_TICKET_NONE);
	observe(&r, TT_FAULT_RAISED, lamp, T0 + 2);
	assert_int_equal(r.tickets, 2);
	assert_int_equal(r.known.ticket_occurrences, 1);
	assert_int_equal(r.known.occurrences, 2);
}

static void a_change_of_a_resolved_fault_opens_nothing_unless_it_became_confirmed(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, stored, T0);
	resolve(&r);
	observe(&r, TT_FAULT_CHANGED, lamp, T0 + 1);
	assert_int_equal(r.tickets, 1);
	/* Codes cleared with a tester in the workshop: the permanent one stays until the car has checked itself. */
	observe(&r, TT_FAULT_CHANGED, permanent, T0 + 2);
	assert_int_equal(r.tickets, 1);
	observe(&r, TT_FAULT_CHANGED, stored, T0 + 3);
	assert_int_equal(r.tickets, 2);
}

static void a_pending_code_waits_for_its_confirmation(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, pending, T0);
	assert_int_equal(r.last.row, TT_FAULT_ROW_INSERT);
	assert_int_equal(r.tickets, 0);
	assert_int_equal(r.owners_told, 0);
	assert_int_equal(r.last.priority, 3); /* what it would be: below the confirmed one's */
	observe(&r, TT_FAULT_RAISED, pending, T0 + 1);
	assert_int_equal(r.tickets, 0);
	observe(&r, TT_FAULT_CHANGED, stored, T0 + 2);
	assert_int_equal(r.tickets, 1);
	observe(&r, TT_FAULT_CHANGED, lamp, T0 + 3);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.known.ticket_priority, 2); /* the lamp raised it */
	assert_string_equal(r.last.text, "lamp now on");
	observe(&r, TT_FAULT_CHANGED, stored, T0 + 4);
	assert_int_equal(r.known.ticket_priority, 2); /* and nothing lowers it */
}

static void a_pending_code_that_vanishes_leaves_no_ticket(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, pending, T0);
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0 + 1);
	assert_int_equal(r.tickets, 0);
	assert_int_equal(r.last.row, TT_FAULT_ROW_UPDATE);
	assert_false(r.known.active);
}

static void clearing_what_is_unknown_or_gone_does_nothing(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0);
	assert_int_equal(r.last.row, TT_FAULT_ROW_KEEP);
	assert_false(r.known.exists);
	observe(&r, TT_FAULT_RAISED, stored, T0 + 1);
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0 + 2);
	observe(&r, TT_FAULT_CLEARED, (struct tt_fault_bits){0}, T0 + 3);
	assert_int_equal(r.last.row, TT_FAULT_ROW_KEEP);
	assert_int_equal(r.known.cleared_at, T0 + 2);
	assert_int_equal(r.entries, 2);
}

static void a_change_whose_rise_was_lost_counts_as_the_rise(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_CHANGED, lamp, T0);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.known.occurrences, 1);
}

static void a_permanent_code_heard_first_opens_a_ticket(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, permanent, T0);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.last.priority, 3);
}

static void the_same_said_again_adds_no_line(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, lamp, T0);
	observe(&r, TT_FAULT_CHANGED, lamp, T0 + 5);
	assert_int_equal(r.last.ticket, TT_FAULT_TICKET_NONE);
	assert_int_equal(r.last.row, TT_FAULT_ROW_UPDATE);
	assert_int_equal(r.known.last_seen_at, T0 + 5);
	assert_int_equal(r.known.occurrences, 1);
}

static void an_observation_heard_late_never_moves_last_seen_back(void **state)
{
	struct record r = {0};

	(void)state;
	observe(&r, TT_FAULT_RAISED, stored, T0);
	observe(&r, TT_FAULT_RAISED, lamp, T0 - 1000);
	assert_int_equal(r.known.last_seen_at, T0);
	assert_int_equal(r.known.first_seen_at, T0 - 1000);
	assert_int_equal(r.tickets, 1);
	assert_int_equal(r.known.ticket_priority, 2);
}

static void a_freeze_frame_is_taken_and_mentioned(void **state)
{
	struct record r = {0};
	struct tt_fault_decision d;
	struct tt_fault_seen seen = {.change = TT_FAULT_CHANGED, .code = "P0301", .bits = lamp, .has_freeze_frame = true, .at = T0 + 1};

	(void)state;
	observe(&r, TT_FAULT_RAISED, lamp, T0);
	assert_false(r.last.take_freeze_frame);
	tt_fault_decide(&r.known, &seen, &d);
	assert_true(d.take_freeze_frame);
	assert_string_equal(d.text, "freeze frame taken");
}

static void priorities_follow_code_and_lamp(void **state)
{
	static const struct {
		const char *code;
		bool mil;
		int32_t priority;
	} cases[] = {
		{"P0300", true, 2},  {"P0300", false, 3}, {"P0308", true, 2},  {"P0524", false, 1}, {"P0217", true, 1},
		{"P0420", true, 3},  {"P0420", false, 4}, {"P0456", true, 4},  {"C0110", false, 1}, {"C0035", false, 2},
		{"c0035", false, 2}, {"B1000", false, 3}, {"U0151", false, 1}, {"P1999", true, 3},  {"SPN 100 FMI 1", true, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_fault_known nothing = {0};
		const struct tt_fault_seen seen = {
			.change = TT_FAULT_RAISED, .code = cases[i].code, .bits = {.stored = true, .mil = cases[i].mil}, .at = T0};
		struct tt_fault_decision d;

		tt_fault_decide(&nothing, &seen, &d);
		if (d.priority != cases[i].priority || d.ticket != TT_FAULT_TICKET_OPEN)
			fail_msg("%s lamp %d: priority %d", cases[i].code, cases[i].mil, d.priority);
		assert_memory_equal(d.subject, cases[i].code, strlen(cases[i].code));
	}
}

/* Exhaustive over 5 observations in a row from an alphabet of 8: never two open tickets, never a lower priority, never a lost count. */
static void no_sequence_of_observations_breaks_the_promise(void **state)
{
	static const struct {
		enum tt_fault_change change;
		struct tt_fault_bits bits;
		bool resolve;
	} alphabet[] = {
		{TT_FAULT_RAISED, {.pending = true}, false},
		{TT_FAULT_RAISED, {.stored = true}, false},
		{TT_FAULT_RAISED, {.stored = true, .mil = true}, false},
		{TT_FAULT_CHANGED, {.pending = true}, false},
		{TT_FAULT_CHANGED, {.stored = true, .mil = true}, false},
		{TT_FAULT_CHANGED, {.permanent = true}, false},
		{TT_FAULT_CLEARED, {0}, false},
		{TT_FAULT_CLEARED, {0}, true}, /* the last: somebody resolves the ticket */
	};
	enum { N = sizeof(alphabet) / sizeof(alphabet[0]), LENGTH = 5 };
	int opened_twice = 0;

	(void)state;
	for (unsigned word = 0; word < 1u << (3 * LENGTH); word++) {
		struct record r = {0};

		for (int i = 0; i < LENGTH; i++) {
			size_t letter = word >> (3 * i) & (N - 1);
			int32_t before = r.known.ticket_open ? r.known.ticket_priority : 4;
			int64_t count = r.known.occurrences;
			bool was_open = r.known.ticket_open;

			if (alphabet[letter].resolve) {
				resolve(&r);
				continue;
			}
			observe(&r, alphabet[letter].change, alphabet[letter].bits, T0 + i);
			if (was_open)
				assert_true(r.known.ticket_priority <= before);
			if (alphabet[letter].change == TT_FAULT_RAISED)
				assert_int_equal(r.known.occurrences, count + 1);
			assert_int_equal(r.known.ticket_open, was_open || r.last.ticket == TT_FAULT_TICKET_OPEN);
		}
		opened_twice += r.tickets > 1;
		assert_int_equal(r.tickets, r.owners_told);
	}
	assert_true(opened_twice > 0); /* the sequences did reach a second ticket after a resolution */
}

static void a_code_of_obd_or_uds_has_a_base_and_others_have_none(void **state)
{
	static const char *const none[] = {"", "P030", "100/1", "520192/31", "P0301A", "X0301"};
	char base[TT_FAULT_BASE + 1] = "";

	(void)state;
	assert_true(tt_fault_base("P0301", base));
	assert_string_equal(base, "P0301");
	assert_true(tt_fault_base("U0100-87", base));
	assert_string_equal(base, "U0100");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(tt_fault_base(none[i], base));
	assert_string_equal(base, "U0100");
}

/* The open ticket is of P0301; what a first P0301-13 does to it. */
static struct tt_fault_decision second_name(struct tt_fault_bits bits, bool twin_active)
{
	const struct tt_fault_known known = {.ticket_open = true,
					     .ticket_priority = 3,
					     .ticket_occurrences = 4,
					     .ticket_code = "P0301",
					     .twin_code = twin_active ? "P0301" : NULL,
					     .twin_confirmed = twin_active};
	const struct tt_fault_seen seen = {.change = TT_FAULT_RAISED, .code = "P0301-13", .bits = bits, .at = T0};
	struct tt_fault_decision d;

	tt_fault_decide(&known, &seen, &d);
	return d;
}

static void a_second_name_takes_the_ticket_raises_its_priority_and_counts_only_when_the_first_had_gone(void **state)
{
	struct tt_fault_decision d = second_name(lamp, true);

	(void)state;
	assert_int_equal(d.row, TT_FAULT_ROW_INSERT);
	assert_int_equal(d.ticket, TT_FAULT_TICKET_UPDATE);
	assert_true(d.take_ticket);
	assert_false(d.notify_owner);
	assert_int_equal(d.priority, 2);
	assert_int_equal(d.ticket_occurrences, 4);
	assert_string_equal(d.timeline_kind, "fault_changed");
	d = second_name(pending, true);
	assert_int_equal(d.priority, 3); /* never falls */
	d = second_name(lamp, false);
	assert_int_equal(d.ticket_occurrences, 5);
	assert_string_equal(d.timeline_kind, "fault_repeated");
	assert_string_equal(d.text, "reported as P0301-13, too: stored, lamp on");
}

static struct tt_fault_decision of_twin(const char *code, const char *ticket_code, const char *twin_code, bool confirmed)
{
	const struct tt_fault_known known = {.ticket_open = ticket_code != NULL,
					     .ticket_priority = ticket_code ? 2 : 0,
					     .ticket_occurrences = ticket_code ? 1 : 0,
					     .ticket_code = ticket_code,
					     .twin_code = twin_code,
					     .twin_confirmed = confirmed};
	const struct tt_fault_seen seen = {.change = TT_FAULT_RAISED, .code = code, .bits = lamp, .at = T0};
	struct tt_fault_decision d;

	tt_fault_decide(&known, &seen, &d);
	return d;
}

static void only_a_name_that_says_more_takes_the_ticket(void **state)
{
	(void)state;
	assert_true(of_twin("P0301-13", "P0301", "P0301", true).take_ticket);
	assert_false(of_twin("P0301", "P0301-13", "P0301-13", true).take_ticket);
	assert_false(of_twin("P0301-11", "P0301-13", "P0301-13", true).take_ticket);
	assert_false(of_twin("P0301-13", NULL, NULL, false).take_ticket);
}

static void without_an_open_ticket_the_other_name_of_what_is_confirmed_opens_none(void **state)
{
	(void)state;
	assert_int_equal(of_twin("P0301-13", NULL, "P0301", true).ticket, TT_FAULT_TICKET_NONE);
	assert_int_equal(of_twin("P0301", NULL, "P0301-13", true).ticket, TT_FAULT_TICKET_NONE);
	assert_int_equal(of_twin("P0301-13", NULL, "P0301", false).ticket, TT_FAULT_TICKET_OPEN);   /* suspected only */
	assert_int_equal(of_twin("P0301-11", NULL, "P0301-13", true).ticket, TT_FAULT_TICKET_OPEN); /* another finding */
	assert_int_equal(of_twin("P0301-13", NULL, NULL, true).ticket, TT_FAULT_TICKET_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stored_misfire_with_the_lamp_opens_one_ticket_of_priority_two),
		cmocka_unit_test(repeats_and_returns_stay_in_the_one_open_ticket),
		cmocka_unit_test(raised_again_after_the_ticket_was_resolved_opens_a_new_one),
		cmocka_unit_test(a_change_of_a_resolved_fault_opens_nothing_unless_it_became_confirmed),
		cmocka_unit_test(a_pending_code_waits_for_its_confirmation),
		cmocka_unit_test(a_pending_code_that_vanishes_leaves_no_ticket),
		cmocka_unit_test(clearing_what_is_unknown_or_gone_does_nothing),
		cmocka_unit_test(a_change_whose_rise_was_lost_counts_as_the_rise),
		cmocka_unit_test(a_permanent_code_heard_first_opens_a_ticket),
		cmocka_unit_test(the_same_said_again_adds_no_line),
		cmocka_unit_test(an_observation_heard_late_never_moves_last_seen_back),
		cmocka_unit_test(a_freeze_frame_is_taken_and_mentioned),
		cmocka_unit_test(priorities_follow_code_and_lamp),
		cmocka_unit_test(a_code_of_obd_or_uds_has_a_base_and_others_have_none),
		cmocka_unit_test(a_second_name_takes_the_ticket_raises_its_priority_and_counts_only_when_the_first_had_gone),
		cmocka_unit_test(only_a_name_that_says_more_takes_the_ticket),
		cmocka_unit_test(without_an_open_ticket_the_other_name_of_what_is_confirmed_opens_none),
		cmocka_unit_test(no_sequence_of_observations_breaks_the_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
