/* Which program runs: staging, trials, roll-back, and that nothing refused or older comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/update/slots.h"

static const uint8_t SUM[TT_SLOT_SUM] = {1, 2, 3};

static void stage(struct tt_slots *s, uint64_t sequence, const char *version)
{
	assert_int_equal(tt_slots_stage(s, sequence, version, SUM), TT_OK);
}

static void a_fresh_installation_runs_the_packaged_program(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_PACKAGED);
	assert_int_equal(tt_slots_start(&s)->sequence, 0);
	assert_false(tt_slots_confirm(&s, TT_SLOT_PACKAGED));
}

static void an_update_is_tried_and_confirmed(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	assert_int_equal(tt_slots_target(&s), TT_SLOT_A);
	stage(&s, 7, "1.2.0");
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_A);
	assert_int_equal(s.tries, TT_SLOT_TRIES - 1);
	assert_false(tt_slots_confirm(&s, TT_SLOT_B));
	assert_false(tt_slots_confirm(&s, TT_SLOT_PACKAGED));
	assert_true(tt_slots_confirm(&s, TT_SLOT_A));
	assert_int_equal(s.good.slot, TT_SLOT_A);
	assert_int_equal(s.good.sequence, 7);
	assert_string_equal(s.good.version, "1.2.0");
	assert_memory_equal(s.good.sha256, SUM, TT_SLOT_SUM);
	assert_int_equal(s.trial.slot, TT_SLOT_PACKAGED);
	assert_int_equal(s.tries, 0);
	assert_false(tt_slots_confirm(&s, TT_SLOT_A)); /* said once */
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_A);
	assert_int_equal(tt_slots_target(&s), TT_SLOT_B);
	stage(&s, 8, "1.3.0");
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_B);
	assert_true(tt_slots_confirm(&s, TT_SLOT_B));
	assert_int_equal(tt_slots_target(&s), TT_SLOT_A);
}

static void a_trial_that_never_becomes_healthy_is_rolled_back(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	stage(&s, 7, "1.2.0");
	for (unsigned i = 0; i < TT_SLOT_TRIES; i++)
		assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_A);
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_PACKAGED);
	assert_int_equal(s.refused, 7);
	assert_int_equal(tt_slots_stage(&s, 7, "1.2.0", SUM), TT_ECONFLICT);
	assert_int_equal(tt_slots_stage(&s, 6, "1.1.0", SUM), TT_ECONFLICT);
	stage(&s, 8, "1.2.1");
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_A);
}

static void the_good_slot_is_what_a_failed_trial_leads_back_to(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	stage(&s, 1, "1");
	(void)tt_slots_start(&s);
	assert_true(tt_slots_confirm(&s, TT_SLOT_A));
	stage(&s, 2, "2");
	(void)tt_slots_start(&s);
	tt_slots_give_up(&s);
	assert_int_equal(s.refused, 2);
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_A);
	tt_slots_give_up(&s); /* nothing on trial: nothing changes */
	assert_int_equal(s.refused, 2);
	assert_int_equal(s.good.slot, TT_SLOT_A);
}

static void older_and_equal_sequences_are_refused(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	assert_int_equal(tt_slots_stage(&s, 0, "0", SUM), TT_ECONFLICT);
	stage(&s, 5, "5");
	assert_int_equal(tt_slots_stage(&s, 5, "5", SUM), TT_ECONFLICT);
	assert_int_equal(tt_slots_stage(&s, 4, "4", SUM), TT_ECONFLICT);
	stage(&s, 6, "6"); /* replaces the trial, with all its tries */
	assert_int_equal(s.trial.sequence, 6);
	assert_int_equal(s.tries, TT_SLOT_TRIES);
	assert_true(tt_slots_confirm(&s, TT_SLOT_A));
	assert_int_equal(tt_slots_stage(&s, 6, "6", SUM), TT_ECONFLICT);
}

static void a_broken_good_slot_falls_back_to_the_packaged_program(void **state)
{
	struct tt_slots s = tt_slots_init();

	(void)state;
	stage(&s, 5, "5");
	assert_true(tt_slots_confirm(&s, TT_SLOT_A));
	tt_slots_fall_back(&s);
	assert_int_equal(tt_slots_start(&s)->slot, TT_SLOT_PACKAGED);
	assert_int_equal(s.refused, 5);
	s.refused = 9;
	s.good = (struct tt_slot_program){.slot = TT_SLOT_B, .sequence = 8};
	tt_slots_fall_back(&s);
	assert_int_equal(s.refused, 9);
}

static void a_long_version_is_cut(void **state)
{
	struct tt_slots s = tt_slots_init();
	char longest[TT_SLOT_VERSION];

	(void)state;
	memset(longest, 'v', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	stage(&s, 1, longest);
	assert_string_equal(s.trial.version, longest);
	stage(&s, 2, "1234567890123456789012345678901234567890");
	assert_string_equal(s.trial.version, "1234567890123456789012345678901");
}

static void slots_have_names(void **state)
{
	(void)state;
	assert_string_equal(tt_slot_name(TT_SLOT_PACKAGED), "packaged");
	assert_string_equal(tt_slot_name(TT_SLOT_A), "a");
	assert_string_equal(tt_slot_name(TT_SLOT_B), "b");
	assert_string_equal(tt_slot_name(TT_SLOTS), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_installation_runs_the_packaged_program),
		cmocka_unit_test(an_update_is_tried_and_confirmed),
		cmocka_unit_test(a_trial_that_never_becomes_healthy_is_rolled_back),
		cmocka_unit_test(the_good_slot_is_what_a_failed_trial_leads_back_to),
		cmocka_unit_test(older_and_equal_sequences_are_refused),
		cmocka_unit_test(a_broken_good_slot_falls_back_to_the_packaged_program),
		cmocka_unit_test(a_long_version_is_cut),
		cmocka_unit_test(slots_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
