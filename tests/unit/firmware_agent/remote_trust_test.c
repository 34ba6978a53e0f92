/*
 * Whose commands are taken, and each once: keys, roles, units, times, and the ledger over a restart.
 */
#include "remote_testcar.h"

static void a_restart_does_not_carry_it_out_again(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command done, interrupted, other;

	tt_testcar_run(c, 50, 0, 2, true);
	done = tt_testcar_command(c, TT_COMMAND_LOCK);
	tt_testcar_hand_in(c, &done);
	tt_testcar_run(c, 100, 0, 2, true);
	tt_testcar_expect(c, done.id, TT_OUTCOME_DONE, "");
	interrupted = tt_testcar_command(c, TT_COMMAND_UNLOCK);
	tt_testcar_hand_in(c, &interrupted);
	c->nseen = 0;
	tt_testcar_stop(c);
	tt_testcar_hear(c);
	c->nseen = 0;
	tt_testcar_start(c);
	tt_testcar_run(c, 50, 0, 2, true);
	tt_testcar_hand_in(c, &done);
	tt_testcar_hand_in(c, &interrupted);
	tt_testcar_run(c, 200, 0, 2, true);
	assert_int_equal(c->nseen, 0);
	tt_testcar_expect(c, done.id, TT_OUTCOME_DONE, "");
	tt_testcar_expect(c, interrupted.id, TT_OUTCOME_FAILED, "restart");
	other = tt_testcar_command(c, TT_COMMAND_PING); /* and the window goes on */
	tt_testcar_hand_in(c, &other);
	tt_testcar_expect(c, other.id, TT_OUTCOME_DONE, "");
}

static void a_lost_ledger_takes_nothing_that_was_signed_before(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command old, fresh;

	tt_testcar_run(c, 50, 0, 2, true);
	old = tt_testcar_command(c, TT_COMMAND_LOCK);
	tt_testcar_stop(c);
	tt_testcar_write(c->dir, "journal.commands", "telltale-commands 1 nonsense\n");
	tt_testcar_start(c);
	tt_testcar_run(c, 50, 0, 2, true);
	tt_testcar_hand_in(c, &old);
	tt_testcar_expect(c, old.id, TT_OUTCOME_REFUSED, "before this unit began");
	fresh = tt_testcar_command(c, TT_COMMAND_LOCK);
	tt_testcar_hand_in(c, &fresh);
	tt_testcar_run(c, 100, 0, 2, true);
	tt_testcar_expect(c, fresh.id, TT_OUTCOME_DONE, "");
}

static void a_flipped_bit_anywhere_is_refused(void **state)
{
	struct tt_testcar *c = *state;
	const Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_UNLOCK);
	uint8_t bytes[1024];
	const size_t len = tt_testcar_sign(c->secret, TT_SIGN_COMMAND, &m, bytes);

	tt_testcar_run(c, 50, 0, 2, true);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		tt_remote_message(c->agent, "cmd", bytes, len);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t n = 0; n < len; n++)
		tt_remote_message(c->agent, "cmd", bytes, n);
	tt_testcar_run(c, 100, 0, 2, true);
	assert_int_equal(c->nseen, 0);
	assert_null(tt_testcar_entry(c, m.id));
	assert_int_equal(c->agent->remote->ledger.windows[0].key_id, 0);
	assert_true(c->agent->remote->forged_us > 0);
	tt_remote_message(c->agent, "cmd", bytes, len); /* as it was: it still counts */
	assert_non_null(tt_testcar_entry(c, m.id));
}

static void only_the_right_key_in_the_right_role_for_the_right_unit(void **state)
{
	static char other[] = "CAR-8";
	struct tt_testcar *c = *state;
	Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_PING);
	const struct tt_command_ledger *l = &c->agent->remote->ledger;
	uint8_t bytes[1024];
	size_t len;

	len = tt_testcar_sign(c->stranger_secret, TT_SIGN_COMMAND, &m, bytes);
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = tt_testcar_sign(c->config_secret, TT_SIGN_COMMAND, &m, bytes); /* trusted, but not for commands */
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = tt_testcar_sign(c->secret, TT_SIGN_CONFIG, &m, bytes); /* signed as something else */
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = tt_testcar_sign(c->secret, TT_SIGN_COMMAND, &m, bytes); /* and the same as a configuration */
	tt_remote_message(c->agent, "cfg", bytes, len);
	m.unit = other;
	tt_testcar_hand_in(c, &m);
	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++)
		assert_int_equal(l->entries[i].outcome, TT_OUTCOME_NONE);
	for (size_t i = 0; i < TT_COMMAND_KEYS; i++)
		assert_int_equal(l->windows[i].key_id, 0);
	assert_int_equal(c->agent->remote->store.tell, TT_CONFIG_REJECTED);
	assert_string_equal(c->agent->remote->store.reason, "the signature does not hold");
}

static void expired_and_early_commands_are_refused(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m;

	tt_testcar_run(c, 50, 0, 2, true);
	m = tt_testcar_command(c, TT_COMMAND_LOCK);
	m.not_before_us -= TT_SEC(7200);
	m.expires_at_us = m.not_before_us + TT_SEC(60);
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_EXPIRED, "");
	m = tt_testcar_command(c, TT_COMMAND_LOCK);
	m.not_before_us += TT_SEC(7200);
	m.expires_at_us = m.not_before_us + TT_SEC(60);
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_REFUSED, "not valid yet");
	assert_int_equal(c->nseen, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(a_restart_does_not_carry_it_out_again),
		TT_TESTCAR_TEST(a_lost_ledger_takes_nothing_that_was_signed_before),
		TT_TESTCAR_TEST(a_flipped_bit_anywhere_is_refused),
		TT_TESTCAR_TEST(only_the_right_key_in_the_right_role_for_the_right_unit),
		TT_TESTCAR_TEST(expired_and_early_commands_are_refused),
	};

	return cmocka_run_group_tests_name("remote_trust", tests, NULL, NULL);
}
