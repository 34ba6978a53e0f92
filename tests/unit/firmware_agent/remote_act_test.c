/*
 * Commands that act on the car: what reaches the bus, when, and when not.
 */
#include "remote_testcar.h"

#include <unistd.h>

static void unlock_is_refused_on_a_moving_car_and_nothing_is_sent(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m;

	tt_testcar_run(c, 50, 3000, 2, true);
	m = tt_testcar_command(c, TT_COMMAND_UNLOCK);
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 200, 3000, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_REFUSED, "moving");
	assert_int_equal(c->nseen, 0);
	/* Kept and sent again when the car stands: it was used up. */
	tt_testcar_run(c, 50, 0, 2, true);
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 200, 0, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_REFUSED, "moving");
	assert_int_equal(c->nseen, 0);
}

static void unlock_is_refused_when_nothing_is_known(void **state)
{
	struct tt_testcar *c = *state;
	const Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_UNLOCK);

	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_REFUSED, "not known");
	assert_int_equal(c->nseen, 0);
}

static void unlock_at_standstill_is_exactly_the_profile_s_frames(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m;

	tt_testcar_run(c, 50, 0, 2, true);
	m = tt_testcar_command(c, TT_COMMAND_UNLOCK);
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 400, 0, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_ACCEPTED, "");
	assert_int_equal(c->nseen, 4);
	for (size_t i = 0; i < 3; i++)
		tt_testcar_expect_frame(&c->seen[i], 0x3B1, 2, 1);
	tt_testcar_expect_frame(&c->seen[3], 0x3B2, 1, 2);
	tt_testcar_run(c, 50, 0, 2, false); /* the door says that it is open */
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "confirmed");
	/* the gate is closed again for the very same frame */
	assert_int_equal(tt_bus_send(c->agent->buses[0], tt_mono_now(), &c->seen[0]), TT_EDENIED);
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 100, 0, 2, false);
	assert_int_equal(c->nseen, 4);
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "confirmed");
}

static void a_car_that_begins_to_move_ends_it(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m;
	size_t before;

	tt_testcar_run(c, 50, 0, 2, true);
	m = tt_testcar_command(c, TT_COMMAND_HORN_LIGHTS);
	m.duration_ms = 5000;
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 300, 0, 2, true);
	assert_true(c->nseen > 0);
	tt_testcar_expect_frame(&c->seen[0], 0x18FF0102, 1, 1);
	tt_testcar_run(c, 50, 1000, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_FAILED, "moving");
	before = c->nseen;
	tt_testcar_run(c, 200, 1000, 2, true);
	assert_int_equal(c->nseen, before);
}

static void the_block_waits_for_the_ignition_and_the_release_lifts_it(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command block, again, release;

	tt_testcar_run(c, 50, 5000, 4, true);
	block = tt_testcar_command(c, TT_COMMAND_IGNITION_BLOCK);
	tt_testcar_hand_in(c, &block);
	tt_testcar_expect(c, block.id, TT_OUTCOME_ARMED, "");
	tt_testcar_stop(c); /* armed also over a restart */
	c->nseen = 0;
	tt_testcar_start(c);
	tt_testcar_run(c, 100, 5000, 4, true);
	for (size_t i = 0; i < c->nseen; i++)
		assert_int_not_equal(c->seen[i].id, 0x3C0);
	tt_testcar_run(c, 100, 0, 4, true); /* standing, but still on */
	tt_testcar_expect(c, block.id, TT_OUTCOME_ARMED, "");
	again = tt_testcar_command(c, TT_COMMAND_IGNITION_BLOCK); /* a newer one takes its place */
	tt_testcar_hand_in(c, &again);
	tt_testcar_expect(c, block.id, TT_OUTCOME_REFUSED, "took its place");
	tt_testcar_expect(c, again.id, TT_OUTCOME_ARMED, "");
	c->nseen = 0;
	tt_testcar_run(c, 200, 0, 2, true);
	tt_testcar_expect(c, again.id, TT_OUTCOME_DONE, "");
	assert_int_equal(c->nseen, 1);
	tt_testcar_expect_frame(&c->seen[0], 0x3C0, 2, 0xAA);
	assert_true(c->agent->remote->block_in_force);
	release = tt_testcar_command(c, TT_COMMAND_IGNITION_RELEASE);
	tt_testcar_hand_in(c, &release);
	tt_testcar_run(c, 100, 0, 2, true);
	tt_testcar_expect(c, release.id, TT_OUTCOME_DONE, "");
	assert_false(c->agent->remote->block_in_force);
}

static void a_profile_without_frames_does_nothing(void **state)
{
	struct tt_testcar *c = *state;
	const char *line = strstr(tt_testcar_profile, "actuate");
	char text[2048];
	Telltale__V1__Command m;

	tt_testcar_stop(c);
	memcpy(text, tt_testcar_profile, (size_t)(line - tt_testcar_profile));
	text[line - tt_testcar_profile] = '\0';
	tt_testcar_write(c->dir, "profile", text);
	tt_testcar_start(c);
	tt_testcar_run(c, 50, 0, 2, true);
	for (uint32_t kind = TT_COMMAND_LOCK; kind <= TT_COMMAND_IGNITION_RELEASE; kind++) {
		m = tt_testcar_command(c, kind);
		m.duration_ms = kind == TT_COMMAND_HORN_LIGHTS ? 1000 : 0;
		tt_testcar_hand_in(c, &m);
		tt_testcar_expect(c, m.id, TT_OUTCOME_UNSUPPORTED, "no frames");
	}
	tt_testcar_run(c, 100, 0, 2, true);
	assert_int_equal(c->nseen, 0);
}

static void block_now(struct tt_testcar *c, uint32_t kind)
{
	Telltale__V1__Command m;

	tt_testcar_run(c, 50, 0, 2, true);
	m = tt_testcar_command(c, kind);
	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 100, 0, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "");
}

static void forget_results(struct tt_testcar *c)
{
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES; i++) {
		const Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_PING);

		tt_testcar_hand_in(c, &m);
		tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "");
	}
}

/* The bug: it was worked out from the ledger's sixteen results, and forgotten at a restart after the sixteenth. */
static void bug_the_block_in_force_was_forgotten_after_sixteen_results_and_a_restart(void **state)
{
	struct tt_testcar *c = *state;

	block_now(c, TT_COMMAND_IGNITION_BLOCK);
	for (int restarts = 0; restarts < 2; restarts++) {
		forget_results(c);
		tt_testcar_stop(c);
		tt_testcar_start(c);
		assert_true(c->agent->remote->block_in_force);
	}
	block_now(c, TT_COMMAND_IGNITION_RELEASE);
	forget_results(c);
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_false(c->agent->remote->block_in_force);
}

static void a_block_of_an_agent_without_the_file_is_taken_from_the_results(void **state)
{
	struct tt_testcar *c = *state;
	char path[128];

	block_now(c, TT_COMMAND_IGNITION_BLOCK);
	tt_testcar_stop(c);
	(void)snprintf(path, sizeof(path), "%s/journal.block", c->dir);
	assert_int_equal(unlink(path), 0);
	tt_testcar_start(c);
	assert_true(c->agent->remote->block_in_force);
	forget_results(c); /* and written down at once */
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_true(c->agent->remote->block_in_force);
	tt_testcar_stop(c);
	tt_testcar_write(c->dir, "journal.block", "telltale-block 1 7\n");
	tt_testcar_start(c);
	assert_false(c->agent->remote->block_in_force); /* neither file nor results know of one */
}

static void a_block_that_cannot_be_written_is_told_and_tried_again(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_remote *r = c->agent->remote;
	char good[sizeof(r->block_path)];

	memcpy(good, r->block_path, sizeof(good));
	strcpy(r->block_path, "/nowhere/block");
	block_now(c, TT_COMMAND_IGNITION_BLOCK);
	assert_true(r->block_unsaved);
	tt_remote_conditions(c->agent, tt_mono_now());
	assert_true(c->agent->conditions.items[TT_COND_COMMAND_UNSAVED].on);
	memcpy(r->block_path, good, sizeof(good));
	tt_remote_tick(c->agent, tt_mono_now() + TT_SEC(2));
	assert_false(r->block_unsaved);
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_true(c->agent->remote->block_in_force);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(unlock_is_refused_on_a_moving_car_and_nothing_is_sent),
		TT_TESTCAR_TEST(unlock_is_refused_when_nothing_is_known),
		TT_TESTCAR_TEST(unlock_at_standstill_is_exactly_the_profile_s_frames),
		TT_TESTCAR_TEST(a_car_that_begins_to_move_ends_it),
		TT_TESTCAR_TEST(the_block_waits_for_the_ignition_and_the_release_lifts_it),
		TT_TESTCAR_TEST(a_profile_without_frames_does_nothing),
		TT_TESTCAR_TEST(bug_the_block_in_force_was_forgotten_after_sixteen_results_and_a_restart),
		TT_TESTCAR_TEST(a_block_of_an_agent_without_the_file_is_taken_from_the_results),
		TT_TESTCAR_TEST(a_block_that_cannot_be_written_is_told_and_tried_again),
	};

	return cmocka_run_group_tests_name("remote_act", tests, NULL, NULL);
}
