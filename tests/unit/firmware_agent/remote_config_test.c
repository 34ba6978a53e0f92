/*
 * Configurations told from afar: tried, confirmed, given back, rejected.
 */
#include "remote_testcar.h"

#include "firmware/agent/agent_capture.h"

#include <sys/stat.h>
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

/* How many results of configurations the journal holds. */
static unsigned results(struct tt_testcar *c)
{
	static uint8_t bytes[TT_ENVELOPE_MAX_BYTES];
	uint64_t after = 0, seq;
	unsigned n = 0;
	size_t len;

	for (; tt_journal_next(c->agent->journal, TT_CLASS_EVENT, after, bytes, sizeof(bytes), &len, &seq) == TT_OK; after = seq) {
		Telltale__V1__Envelope *env = telltale__v1__envelope__unpack(NULL, len, bytes);

		assert_non_null(env);
		n += env->body_case == TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT;
		telltale__v1__envelope__free_unpacked(env, NULL);
	}
	return n;
}

/* The bug: what the broker retains came with every connection, and every time a result went into the journal. */
static void bug_a_rejected_configuration_was_reported_at_every_connection(void **state)
{
	struct tt_testcar *c = *state;

	for (int connections = 0; connections < 20; connections++) {
		tt_testcar_configure(c, 5, tt_testcar_profile, "broker-host", "evil");
		tt_testcar_run(c, 10, 0, 2, true);
	}
	assert_int_equal(results(c), 1);
	assert_non_null(strstr(c->agent->remote->rejected, "broker-host"));
	tt_testcar_configure(c, 5, tt_testcar_profile, "broker-port", "evil"); /* another document, though of the same version */
	tt_testcar_run(c, 10, 0, 2, true);
	assert_int_equal(results(c), 2);
	assert_non_null(strstr(c->agent->remote->rejected, "broker-port"));
	tt_testcar_configure(c, 5, tt_testcar_profile, "broker-host", "evil"); /* the first once more */
	tt_testcar_run(c, 10, 0, 2, true);
	assert_int_equal(results(c), 2);
	assert_non_null(strstr(c->agent->remote->rejected, "broker-host"));
	tt_testcar_stop(c);
	tt_testcar_start(c);
	tt_testcar_configure(c, 5, tt_testcar_profile, "broker-host", "evil"); /* a new start tells it again */
	tt_testcar_run(c, 10, 0, 2, true);
	assert_int_equal(results(c), 3);
}

/* The same document is judged anew: what was wrong may be right by now. */
static void what_was_rejected_once_may_be_taken_later(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT, .up_to_seq = UINT32_MAX};

	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_restart(c);
	tt_testcar_configure(c, 6, tt_testcar_profile, "state-interval-ms", "8000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 6, "another one is on trial");
	tt_testcar_run(c, 20, 0, 2, true);
	tt_testcar_configure(c, 6, tt_testcar_profile, "state-interval-ms", "8000");
	assert_int_equal(c->agent->remote->store.tell, TT_CONFIG_NONE);
	c->agent->remote->trial_seq = 1;
	ack.epoch = tt_journal_epoch(c->agent->journal);
	tt_remote_acked(c->agent, &ack);
	tt_testcar_configure(c, 6, tt_testcar_profile, "state-interval-ms", "8000");
	tt_testcar_expect_config(c, TT_CONFIG_APPLIED, 6, "on trial");
}

static void noise_without_a_signature_is_reported_a_few_times_a_minute(void **state)
{
	struct tt_testcar *c = *state;

	for (uint8_t i = 0; i < 50; i++) {
		tt_remote_message(c->agent, "cfg", &i, 1);
		tt_remote_config_tick(c->agent, tt_mono_now());
	}
	assert_int_equal(results(c), 6);
}

/* ---- it waits ---- */

static void a_configuration_waits_while_the_car_drives(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__State said = TELLTALE__V1__STATE__INIT;
	Telltale__V1__Envelope *env;

	tt_testcar_run(c, 50, 5000, 4, true);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_ACCEPTED, 5, "waits until the car stands");
	tt_testcar_run(c, 200, 5000, 4, true);
	assert_false(tt_agent_wants_restart(c->agent));
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
	tt_remote_state(c->agent, &said);
	assert_true(said.config_waiting == 5 && said.config_version == 0);
	env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT);
	assert_non_null(env);
	assert_int_equal(env->config_result->outcome, TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_ACCEPTED);
	telltale__v1__envelope__free_unpacked(env, NULL);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000"); /* the operator asks again */
	tt_testcar_expect_config(c, TT_CONFIG_ACCEPTED, 5, "accepted already");
	tt_testcar_run(c, 50, 0, 4, true); /* a red light */
	tt_testcar_expect_config(c, TT_CONFIG_APPLIED, 5, "on trial");
	tt_testcar_restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
	assert_int_equal(c->agent->remote->store.waiting, 0);
}

static void a_configuration_waits_for_the_end_of_a_capture(void **state)
{
	struct tt_testcar *c = *state;
	uint64_t capture;

	tt_testcar_run(c, 50, 0, 4, true);
	assert_int_equal(tt_capture_trigger(c->agent, tt_mono_now(), &capture), TT_OK);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_expect_config(c, TT_CONFIG_ACCEPTED, 5, "end of a capture");
	tt_testcar_run(c, 50, 0, 4, true);
	assert_false(tt_agent_wants_restart(c->agent));
	for (int s = 0; s < 10 && tt_agent_capture_wake_at(c->agent) != TT_NEVER; s++)
		tt_agent_capture(c->agent, tt_mono_now() + TT_SEC(s)); /* its time passes */
	assert_true(tt_agent_capture_wake_at(c->agent) == TT_NEVER);
	tt_testcar_run(c, 20, 0, 4, true);
	tt_testcar_restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
}

static void a_configuration_waits_four_hours_at_most(void **state)
{
	struct tt_testcar *c = *state;

	tt_testcar_run(c, 50, 5000, 4, true);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	c->agent->remote->car.speed_us = tt_mono_now() + TT_REMOTE_WAIT_US; /* a speed that never stops */
	tt_remote_config_tick(c->agent, tt_mono_now() + TT_REMOTE_WAIT_US - TT_SEC(1));
	assert_false(tt_agent_wants_restart(c->agent));
	assert_true(tt_remote_wake_at(c->agent, tt_mono_now()) <= tt_mono_now() + TT_REMOTE_WAIT_US);
	tt_remote_config_tick(c->agent, tt_mono_now() + TT_REMOTE_WAIT_US);
	tt_testcar_restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
}

static void a_configuration_that_waits_is_used_by_the_next_start(void **state)
{
	struct tt_testcar *c = *state;

	tt_testcar_run(c, 50, 5000, 4, true);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_stop(c);
	tt_testcar_start(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
	assert_true(c->agent->remote->store.trial && c->agent->remote->store.active == 5 && c->agent->remote->store.waiting == 0);
	tt_testcar_expect_config(c, TT_CONFIG_APPLIED, 5, "on trial");
	tt_testcar_stop(c);
	tt_testcar_start(c); /* once: the next start is the trial's second */
	assert_int_equal(c->agent->remote->store.tries, 2);
}

static void a_newer_configuration_takes_the_place_of_the_one_that_waits(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Envelope *env;
	char path[160];

	tt_testcar_run(c, 50, 5000, 4, true);
	tt_testcar_configure(c, 5, tt_testcar_profile, "state-interval-ms", "7000");
	tt_testcar_run(c, 20, 5000, 4, true);
	tt_testcar_configure(c, 4, tt_testcar_profile, "state-interval-ms", "6000");
	tt_testcar_expect_config(c, TT_CONFIG_REJECTED, 4, "not above that of the one which waits");
	tt_testcar_configure(c, 6, tt_testcar_profile, "state-interval-ms", "8000");
	env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT);
	assert_non_null(env);
	assert_true(env->config_result->version == 5);
	assert_int_equal(env->config_result->outcome, TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_REJECTED);
	assert_string_equal(env->config_result->reason, "a newer one took its place before the car stood");
	telltale__v1__envelope__free_unpacked(env, NULL);
	tt_testcar_expect_config(c, TT_CONFIG_ACCEPTED, 6, "waits");
	(void)snprintf(path, sizeof(path), "%s/config/v5", c->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	tt_testcar_run(c, 50, 0, 4, true);
	tt_testcar_restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 8000);
}

/* Torn, or of something that was: as if there were none. */
static void a_note_of_waiting_that_cannot_be_read_is_none(void **state)
{
	static const char *const notes[] = {"", "telltale-waiting 1 ", "telltale-waiting 1 0\n", "telltale-waiting 1 9",
					    "telltale-waiting 2 9\n"};
	struct tt_testcar *c = *state;

	tt_testcar_stop(c);
	assert_int_equal(mkdir(c->settings.config_dir, 0700), 0);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		tt_testcar_write(c->dir, "config/waiting", notes[i]);
		tt_testcar_start(c);
		assert_int_equal(c->agent->remote->store.waiting, 0);
		assert_int_equal(c->agent->remote->store.active, 0);
		tt_testcar_stop(c);
	}
	tt_testcar_write(c->dir, "config/waiting", "telltale-waiting 1 9\n"); /* whose folder is gone */
	tt_testcar_start(c);
	assert_int_equal(c->agent->remote->store.active, 0);
	tt_testcar_expect_config(c, TT_CONFIG_ROLLED_BACK, 9, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(a_configuration_is_tried_confirmed_and_kept),
		TT_TESTCAR_TEST(a_configuration_without_the_gateway_is_given_back),
		TT_TESTCAR_TEST(a_configuration_that_kills_the_agent_is_given_back),
		TT_TESTCAR_TEST(what_is_wrong_is_rejected_with_the_reason_and_changes_nothing),
		TT_TESTCAR_TEST(a_stored_configuration_that_rots_gives_way),
		TT_TESTCAR_TEST(bug_a_rejected_configuration_was_reported_at_every_connection),
		TT_TESTCAR_TEST(what_was_rejected_once_may_be_taken_later),
		TT_TESTCAR_TEST(noise_without_a_signature_is_reported_a_few_times_a_minute),
		TT_TESTCAR_TEST(a_configuration_waits_while_the_car_drives),
		TT_TESTCAR_TEST(a_configuration_waits_for_the_end_of_a_capture),
		TT_TESTCAR_TEST(a_configuration_waits_four_hours_at_most),
		TT_TESTCAR_TEST(a_configuration_that_waits_is_used_by_the_next_start),
		TT_TESTCAR_TEST(a_newer_configuration_takes_the_place_of_the_one_that_waits),
		TT_TESTCAR_TEST(a_note_of_waiting_that_cannot_be_read_is_none),
	};

	return cmocka_run_group_tests_name("remote_config", tests, NULL, NULL);
}
