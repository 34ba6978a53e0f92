/*
 * Configurations told from afar: tried, confirmed, given back, rejected.
 */
#include "remote_testcar.h"

#include <unistd.h>

static void a_configuration_is_tried_confirmed_and_kept(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT};

	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_APPLIED, 5, "on trial");
	tt_testcar_restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
	assert_non_null(strstr(c->agent->settings->profile, "/config/v5/profile"));
	tt_testcar_run(c, 50, 0, 2, true); /* the result goes into the journal */
	assert_true(c->agent->remote->trial_seq > 0);
	ack.epoch = tt_journal_epoch(c->agent->journal);
	ack.up_to_seq = c->agent->remote->trial_seq - 1;
	tt_remote_acked(c->agent, &ack); /* of something before it: no proof */
	assert_true(c->agent->remote->store.trial);
	ack.up_to_seq++;
	tt_remote_acked(c->agent, &ack);
	tt_testcar_expect_config(c, TT_CONFIG_CONFIRMED, 5, "");
	assert_false(c->agent->remote->store.trial);
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_int_equal(c->agent->remote->store.active, 5);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "8000"); /* of a version that was */
	tt_testcar_expect_config(c, TT_CONFIG_CONFIRMED, 5, "in use already");
	tt_testcar_configure(c, 4, tt_testcar_profile, "state-interval-ms", "8000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 4, "not above");
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
}

static void a_configuration_without_the_gateway_is_given_back(void **state)
{
	struct tt_testcar *c = *state;

	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_restart(c);
	tt_testcar_run(c, 20, 0, 2, true);
	tt_remote_tick(c->agent, tt_mono_now() + TT_SEC(601));
	tt_testcar_restart(c);
	tt_testcar_expect_config(c, TT_CONFIG_ROLLED_BACK, 5, "not reached");
	assert_int_equal(c->agent->remote->store.active, 0);
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 5, "not above");
}

static void a_configuration_that_kills_the_agent_is_given_back(void **state)
{
	struct tt_testcar *c = *state;

	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	for (int i = 0; i < TT_CONFIG_STORE_TRIES; i++) {
		tt_testcar_stop(c);
		tt_testcar_start(c);
		assert_int_equal(c->agent->remote->store.active, 5);
	}
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_int_equal(c->agent->remote->store.active, 0);
	tt_testcar_expect_config(c, TT_CONFIG_ROLLED_BACK, 5, "again and again");
}

static void what_is_wrong_is_rejected_with_the_reason_and_changes_nothing(void **state)
{
	struct tt_testcar *c = *state;
	char path[160];

	tt_testcar_configure(c, 5, "telltale-profile 1\nsignal Nonsense.Signal Vehicle.Speed\ndbc demo.dbc\n", "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 5, "Nonsense");
	tt_testcar_configure(c, 6, tt_testcar_profile, "broker-host", "evil");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 6, "may not be told from afar");
	tt_testcar_configure(c, 7, tt_testcar_profile, "state-interval-ms", "1");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 7, "must be");
	tt_testcar_configure(c, 8, "telltale-profile 1\ndbc other.dbc\nsignal A.B Vehicle.Speed\n", "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 8, "other.dbc");
	assert_int_equal(c->agent->remote->store.seen, 0);
	assert_false(tt_agent_wants_restart(c->agent));
	(void)snprintf(path, sizeof(path), "%s/config/v5", c->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
}

static void a_stored_configuration_that_rots_gives_way(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT, .up_to_seq = UINT32_MAX};

	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_restart(c);
	tt_testcar_run(c, 50, 0, 2, true);
	ack.epoch = tt_journal_epoch(c->agent->journal);
	tt_remote_acked(c->agent, &ack);
	tt_testcar_configure(c, 6, tt_testcar_profile, "state-interval-ms", "8000");
	tt_testcar_restart(c);
	tt_testcar_run(c, 50, 0, 2, true);
	tt_remote_acked(c->agent, &ack);
	assert_int_equal(c->agent->remote->store.good, 6);
	tt_testcar_stop(c);
	tt_testcar_write(c->dir, "config/v6/demo.dbc", "VERSION \"rotten\"\n");
	tt_testcar_start(c);
	assert_int_equal(c->agent->remote->store.active, 0); /* version 5 was tidied away when 6 was confirmed */
	tt_testcar_expect_config(c, TT_CONFIG_ROLLED_BACK, 6, "data is corrupt");
	tt_testcar_stop(c);
	tt_testcar_write(c->dir, "config/pointer", "rubbish");
	tt_testcar_start(c);
	assert_int_equal(c->agent->remote->store.active, 0);
	tt_testcar_expect_config(c, TT_CONFIG_ROLLED_BACK, 0, "pointer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(a_configuration_is_tried_confirmed_and_kept),
		TT_TESTCAR_TEST(a_configuration_without_the_gateway_is_given_back),
		TT_TESTCAR_TEST(a_configuration_that_kills_the_agent_is_given_back),
		TT_TESTCAR_TEST(what_is_wrong_is_rejected_with_the_reason_and_changes_nothing),
		TT_TESTCAR_TEST(a_stored_configuration_that_rots_gives_way),
	};

	return cmocka_run_group_tests_name("remote_config", tests, NULL, NULL);
}
