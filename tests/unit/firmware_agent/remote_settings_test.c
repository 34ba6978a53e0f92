/*
 * What a configuration can set, and that it takes effect in the agent: polling plan, geofences, thresholds, the battery's floor, reporting
 * rates. Times are handed to the detectors, so nothing waits.
 */
#include "remote_testcar.h"

#include "firmware/proto/power.h"

/* A configuration of the test's profile and these lines is taken and in use. */
static void apply(struct tt_testcar *c, uint64_t version, const char *lines, const char *key, const char *value)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "%s%s", tt_testcar_profile, lines);
	tt_testcar_configure(c, version, text, key, value);
	tt_testcar_expect_config(c, TT_CONFIG_APPLIED, version, "on trial");
	tt_testcar_restart(c);
	assert_int_equal(c->agent->remote->store.active, version);
}

/* ---- thresholds ---- */

static void too_fast(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 5; i++)
		tt_motion_speed(m, at + TT_MS(20 * i), 16000); /* 57.6 km/h */
}

static void brakes(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 60; i++)
		tt_motion_accel(m, at + TT_MS(50 * i), 0, i < 30 ? -7000 : 0);
}

static void goes(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 60; i++)
		tt_motion_accel(m, at + TT_MS(50 * i), 0, i < 30 ? 7000 : 0);
}

static void corners(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 60; i++)
		tt_motion_accel(m, at + TT_MS(50 * i), 1, i < 30 ? 7000 : 0);
}

static void battery_sags(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 6; i++)
		tt_motion_voltage(m, at + TT_SEC(i), 0, 12000);
}

static void tyre_loses(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 6; i++)
		tt_motion_tyre_pressure(m, at + TT_SEC(i), 0, 250000);
}

static void engine_boils(struct tt_motion *m, tt_mono_us at)
{
	for (int i = 0; i < 6; i++)
		tt_motion_coolant(m, at + TT_SEC(i), 105000);
}

/* Each would say nothing by the thresholds that it has without. */
static void thresholds_of_a_configuration_decide_what_is_told(void **state)
{
	static const struct {
		const char *lines;
		void (*happens)(struct tt_motion *m, tt_mono_us at);
		int kind;
		int64_t limit_milli;
	} cases[] = {
		{"speed-limit 50\nthreshold speed-hold 0\n", too_fast, TT_MOTION_KIND_OVERSPEED, 50000},
		{"threshold harsh-braking 6.5\nthreshold harsh-hold 0.3\n", brakes, TT_MOTION_KIND_BRAKING, 6500},
		{"threshold harsh-acceleration 6\nthreshold harsh-hold 0.3\n", goes, TT_MOTION_KIND_ACCELERATION, 6000},
		{"threshold harsh-cornering 6.2\nthreshold harsh-hold 0.3\n", corners, TT_MOTION_KIND_CORNERING, 6200},
		{"threshold battery-low 12.2\nthreshold battery-hold 1\n", battery_sags, TT_MOTION_KIND_LOW_BATTERY, 12200},
		{"tyre-placard 300\nthreshold tyre-low 10\nthreshold tyre-hold 0\n", tyre_loses, TT_MOTION_KIND_TYRE, 270000},
		{"threshold coolant-hot 100\nthreshold coolant-hold 0\n", engine_boils, TT_MOTION_KIND_COOLANT, 100000},
	};
	struct tt_testcar *c = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Telltale__V1__Envelope *env;
		struct tt_ack ack = {.cls = TT_CLASS_EVENT, .up_to_seq = UINT32_MAX};

		apply(c, i + 1, cases[i].lines, "state-interval-ms", "60000");
		cases[i].happens(&c->agent->vehicle->motion, tt_mono_now() - TT_SEC(10));
		for (int turns = 0; turns < 4; turns++)
			assert_int_equal(tt_loop_turn(c->loop, tt_mono_now() + TT_MS(5)), TT_OK);
		env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT);
		if (!env)
			fail_msg("%s: nothing was told", cases[i].lines);
		assert_int_equal(env->vehicle_event->kind, cases[i].kind);
		assert_int_equal(env->vehicle_event->limit_milli, cases[i].limit_milli);
		telltale__v1__envelope__free_unpacked(env, NULL);
		ack.epoch = tt_journal_epoch(c->agent->journal);
		tt_remote_acked(c->agent, &ack); /* the trial is over, and the next may come */
		assert_false(c->agent->remote->store.trial);
	}
}

static void the_battery_s_floor_is_set(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_power *p;
	const tt_mono_us now = tt_mono_now();

	assert_int_equal(c->agent->power.core.cfg.floor_mv, 11600);
	apply(c, 1, "power floor 12.1\n", "state-interval-ms", "60000");
	p = &c->agent->power.core;
	assert_int_equal(p->cfg.floor_mv, 12100);
	tt_power_ignition(p, now, TT_IGNITION_OFF);
	for (int s = 0; s <= 400; s += 10)
		tt_power_voltage(p, now + TT_SEC(s), 12000); /* well above the floor that it has without */
	assert_true(p->below_floor);
}

/* ---- geofences ---- */

static void a_geofence_of_a_configuration_is_entered(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_gps_fix fix = {.latitude_e7 = 487758460, .longitude_e7 = 91829320, .accuracy_mm = 3000};
	Telltale__V1__Envelope *env;

	apply(c, 1, "geofence depot circle 48.7758460 9.1829320 200\nthreshold fence-fixes 2\n", "state-interval-ms", "60000");
	for (int i = 0; i < 2; i++) {
		fix.received_us = tt_mono_now() - TT_SEC(2 - i);
		tt_agent_motion_fix(c->agent, &fix);
	}
	tt_testcar_run(c, 20, 0, 2, true);
	env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT);
	assert_non_null(env);
	assert_int_equal(env->vehicle_event->kind, TT_MOTION_KIND_GEOFENCE);
	assert_string_equal(env->vehicle_event->subject, "depot");
	telltale__v1__envelope__free_unpacked(env, NULL);
}

/* ---- polling plan ---- */

/* The engine's ECU: it has PID 05 and nothing else. True when it was asked for it. */
static bool asked_for_05(struct tt_testcar *c, size_t *heard)
{
	bool asked = false;

	for (; *heard < c->nseen; ++*heard) {
		const struct tt_can_frame *f = &c->seen[*heard];
		const uint8_t bitmap[8] = {6, 0x41, 0x00, 0x08}, value[8] = {3, 0x41, 0x05, 0x7B}, no[8] = {3, 0x7F, f->data[1], 0x11};

		if (f->id != 0x7DF && f->id != 0x7E0)
			continue;
		asked = asked || (f->data[1] == 0x01 && memchr(f->data + 2, 0x05, (size_t)(f->data[0] - 1)));
		tt_testcar_say(c, 0x7E8,
			       f->data[1] == 0x01 && f->data[2] == 0x00   ? bitmap
			       : f->data[1] == 0x01 && f->data[2] == 0x05 ? value
									  : no,
			       8);
	}
	if (c->nseen > 200)
		*heard = c->nseen = 0;
	return asked;
}

static void a_polling_plan_is_set(void **state)
{
	struct tt_testcar *c = *state;
	const tt_mono_us until = tt_mono_now() + TT_SEC(60);
	size_t heard = 0;
	bool asked = false;

	assert_int_equal(c->agent->buses[0]->scan.config.nlive, 0);
	c->nseen = 0;
	apply(c, 1, "poll 0x05 Vehicle.Powertrain.CombustionEngine.ECT\n", "scan-interval-ms", "2000");
	while (!asked && tt_mono_now() < until) {
		tt_testcar_run(c, 5, 0, 4, true);
		asked = asked_for_05(c, &heard);
	}
	assert_true(asked);
	assert_int_equal(c->agent->buses[0]->scan.config.dtc_period_us, TT_SEC(2));
}

/* ---- reporting rates ---- */

static void reporting_rates_are_set(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT, .up_to_seq = UINT32_MAX};
	static const struct {
		const char *key, *value;
	} rates[] = {{"telemetry-interval-ms", "4000"},
		     {"state-interval-ms", "9000"},
		     {"scan-interval-ms", "3000"},
		     {"odometer-report-m", "500"},
		     {"window", "3"},
		     {"resend-ms", "20000"},
		     {"journal-event-days", "20"},
		     {"journal-bulk-days", "10"}};

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct tt_settings *s;

		apply(c, i + 1, "", rates[i].key, rates[i].value);
		s = c->agent->settings;
		/* each alone: what the others said went with their configuration */
		assert_int_equal(s->telemetry_interval_ms, i == 0 ? 4000 : 10000);
		assert_int_equal(s->state_interval_ms, i == 1 ? 9000 : 60000);
		assert_int_equal(c->agent->buses[0]->scan.config.dtc_period_us, i == 2 ? TT_SEC(3) : TT_SEC(10));
		assert_int_equal(c->agent->vehicle->odometer.report_every_m, i == 3 ? 500 : 1000);
		assert_int_equal(c->agent->outbox.cfg.window, i == 4 ? 3 : 8);
		assert_int_equal(c->agent->outbox.cfg.resend_us, i == 5 ? TT_SEC(20) : TT_SEC(15));
		assert_int_equal(s->journal_event_days, i == 6 ? 20 : 0);
		assert_int_equal(s->journal_bulk_days, i == 7 ? 10 : 0);
		tt_testcar_run(c, 20, 0, 2, true);
		ack.epoch = tt_journal_epoch(c->agent->journal);
		tt_remote_acked(c->agent, &ack);
	}
}

static void the_rate_of_one_signal_is_set(void **state)
{
	struct tt_testcar *c = *state;

	assert_int_equal(c->agent->profile.nsignals, 3);
	apply(c, 1, "signal BodyStatus.BatteryVoltage Vehicle.LowVoltageBattery.CurrentVoltage every 30000 on-change\n",
	      "state-interval-ms", "60000");
	assert_int_equal(c->agent->profile.nsignals, 4);
	assert_int_equal(c->agent->profile.signals[3].rule.every_us, TT_SEC(30));
	assert_true(c->agent->profile.signals[3].rule.on_change);
}

/* ---- and what is not taken ---- */

static void what_is_unknown_or_out_of_range_is_named(void **state)
{
	static const struct {
		const char *key, *value;
	} refused[] = {{"telemetry-interval-ms", "3600001"},
		       {"state-interval-ms", "999"},
		       {"scan-interval-ms", "499"},
		       {"odometer-report-m", "0"},
		       {"window", "65"},
		       {"resend-ms", "99"},
		       {"journal-event-days", "3651"},
		       {"journal-bulk-days", "-1"},
		       {"state-interval-ms", "soon"},
		       {"state-interval-ms", ""},
		       {"unit", "CAR-8"},
		       {"trusted-keys", "/tmp/mine"},
		       {"journal-key", ""},
		       {"can", "socketcan:can1"},
		       {"gear", "5"}};
	static const char *const lines[] = {"threshold battery-low 99\n", "threshold warp-speed 9\n", "power floor 14\n",
					    "speed-limit 401\n", "geofence depot circle 48 9 10\n"};
	static const char *const names[] = {"99", "warp-speed", "14", "401", "10"};
	struct tt_testcar *c = *state;
	uint64_t version = 1;
	char text[4096];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++, version++) {
		tt_testcar_configure(c, version, tt_testcar_profile, refused[i].key, refused[i].value);
		tt_testcar_expect_config(c, TT_CONFIG_REJECTED, version, refused[i].key);
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++, version++) {
		(void)snprintf(text, sizeof(text), "%s%s", tt_testcar_profile, lines[i]);
		tt_testcar_configure(c, version, text, "state-interval-ms", "7000");
		tt_testcar_expect_config(c, TT_CONFIG_REJECTED, version, names[i]);
	}
	assert_int_equal(c->agent->remote->store.active, 0);
	assert_false(tt_agent_wants_restart(c->agent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(thresholds_of_a_configuration_decide_what_is_told),
		TT_TESTCAR_TEST(the_battery_s_floor_is_set),
		TT_TESTCAR_TEST(a_geofence_of_a_configuration_is_entered),
		TT_TESTCAR_TEST(a_polling_plan_is_set),
		TT_TESTCAR_TEST(reporting_rates_are_set),
		TT_TESTCAR_TEST(the_rate_of_one_signal_is_set),
		TT_TESTCAR_TEST(what_is_unknown_or_out_of_range_is_named),
	};

	return cmocka_run_group_tests_name("remote_settings", tests, NULL, NULL);
}
