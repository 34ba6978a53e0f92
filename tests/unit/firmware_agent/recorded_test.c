/*
 * Receivers' logs through the motion detectors, each with its list of events: what bad fixes say never becomes a harsh manoeuvre, an excess
 * of speed, a fence or a towed car. A car whose bus says no more than the ignition, which leaves everything to the receiver.
 *
 * tests/data/gps/README.md tells where the logs come from. Those of real receivers are not part of this repository: TT_GPS_LOGS names their
 * folder (default: shared/data/gps beside the repository), and without it their cases are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/proto/motion.h"
#include "tests/support/nmea_log.h"

enum { STEP_US = 100000, AFTER_S = 700, SAYS = 32, LIMIT_KMH = 70, SLOW_KMH = 30 };

static struct tt_nmea_log log_of;
static struct tt_motion_config config;
static struct tt_motion m;
static struct tt_trip trip;
static struct tt_odometer odometer;
static char says[SAYS][32];
static unsigned nsays;
static int64_t limit_kmh;
static size_t off_at; /* the fix before which the ignition goes off; 0 = after the last */

static int fresh(void **state)
{
	(void)state;
	limit_kmh = LIMIT_KMH;
	off_at = 0;
	return 0;
}

static void say(const char *what)
{
	assert_true(nsays < SAYS);
	(void)snprintf(says[nsays++], sizeof(says[0]), "%s", what);
}

static void listen(tt_mono_us now)
{
	static const char *const kinds[] = {"", "braking", "acceleration", "cornering", "overspeed", "towing", "geofence"};
	static const char *const phases[] = {"", "", " begin", " end"};
	struct tt_motion_event e;
	struct tt_trip_event t;
	char text[32];

	tt_motion_tick(&m, now);
	while (tt_motion_next(&m, &e)) {
		assert_in_range(e.kind, TT_MOTION_KIND_BRAKING, TT_MOTION_KIND_GEOFENCE);
		(void)snprintf(text, sizeof(text), "%s%s", kinds[e.kind], phases[e.phase]);
		say(text);
	}
	tt_trip_tick(&trip, now);
	while (tt_trip_next(&trip, &t)) {
		(void)snprintf(text, sizeof(text), t.change == TT_TRIP_START ? "trip start" : "trip end harsh=%u", t.harsh);
		say(text);
	}
}

static void pass(tt_mono_us *now, tt_mono_us until)
{
	for (; *now < until; *now += STEP_US)
		listen(*now);
}

static void ignition(tt_mono_us now, enum tt_ignition state)
{
	tt_motion_ignition(&m, now, state);
	tt_trip_ignition(&trip, now, state);
}

/* The log from its beginning with the ignition so; then it is off, and eleven minutes pass. False: there is no such log. */
static bool play(const char *name, enum tt_ignition state)
{
	tt_mono_us now = TT_SEC(1000);
	const tt_mono_us start = now + TT_SEC(120); /* of the log; towing is armed by then */
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR"), *logs = getenv("TT_GPS_LOGS");

	assert_non_null(root);
	(void)snprintf(path, sizeof(path), "%s/tests/data/gps/%s", root, name);
	if (strstr(name, ".log") && logs)
		(void)snprintf(path, sizeof(path), "%s/%s", logs, name);
	else if (strstr(name, ".log"))
		(void)snprintf(path, sizeof(path), "%s/../shared/data/gps/%s", root, name);
	if (tt_nmea_log_read(path, &log_of) != TT_OK)
		return false;
	assert_true(log_of.n > 0);
	tt_motion_config_init(&config);
	config.milli[TT_MOTION_SPEED_LIMIT] = limit_kmh * 1000;
	config.milli[TT_MOTION_SPEED_HOLD] = 0;
	/* the drive's own neighbourhood, which it never leaves: in once, and out only if a bad fix were believed */
	config.fences[0] = (struct tt_fence){
		.name = "town", .shape = TT_FENCE_CIRCLE, .radius_m = 5000, .npoints = 1, .points = {{312265000, 1214708000}}};
	config.nfences = 1;
	tt_trip_init(&trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&odometer, 1000);
	tt_motion_init(&m, &config, &trip, &odometer);
	nsays = 0;
	ignition(now, state);
	for (size_t i = 0; i < log_of.n; i++) {
		const struct tt_nmea_log_fix *f = &log_of.fixes[i];
		const struct tt_fix_sample fix = {
			.at_us = start + f->at_us,
			.place = {f->latitude_e7, f->longitude_e7},
			.accuracy_mm = f->accuracy_mm,
			.speed_mm_s = f->speed_mm_s,
			.heading_cdeg = f->heading_cdeg,
		};

		pass(&now, fix.at_us);
		if (off_at > 0 && i == off_at)
			ignition(now, TT_IGNITION_OFF);
		if (f->valid)
			tt_motion_fix(&m, &fix);
		listen(now);
	}
	ignition(now, TT_IGNITION_OFF);
	pass(&now, now + TT_SEC(AFTER_S));
	return true;
}

static void expect(const char *name, const char *const *expected)
{
	unsigned i = 0;

	for (; expected[i]; i++) {
		if (i >= nsays || strcmp(says[i], expected[i]) != 0)
			fail_msg("%s: event %u is \"%s\", not \"%s\"", name, i, i < nsays ? says[i] : "missing", expected[i]);
	}
	if (i < nsays)
		fail_msg("%s: \"%s\" comes on top", name, says[i]);
}

static void a_clean_drive_is_a_trip(void **state)
{
	static const char *const expected[] = {"geofence begin", "trip start", "trip end harsh=0", NULL};

	(void)state;
	assert_true(play("shanghai.nmea", TT_IGNITION_ON));
	expect("shanghai", expected);
	assert_int_equal(m.gate.counts[TT_FIX_GOOD], log_of.n);
}

static void the_bad_fixes_of_a_city_drive_make_no_event(void **state)
{
	static const char *const expected[] = {"geofence begin", "trip start", "trip end harsh=0", NULL};

	(void)state;
	assert_true(play("canyon.nmea", TT_IGNITION_ON));
	expect("canyon", expected);
	/* they are in it: leaps, places and dilutions that cannot be, the same second twice */
	assert_in_range(m.gate.counts[TT_FIX_JUMP], 10, 40);
	assert_in_range(m.gate.counts[TT_FIX_INACCURATE], 3, 3);
	assert_in_range(m.gate.counts[TT_FIX_IMPOSSIBLE], 2, 2);
	assert_in_range(m.gate.counts[TT_FIX_STALE], 1, 1);
	assert_true(m.gate.counts[TT_FIX_GOOD] > log_of.n * 2 / 3);
}

static void a_parked_car_between_high_buildings_is_not_towed(void **state)
{
	static const char *const expected[] = {"geofence begin", NULL};

	(void)state;
	assert_true(play("kerb.nmea", TT_IGNITION_OFF));
	expect("kerb", expected);
	assert_true(m.gate.counts[TT_FIX_JUMP] > 0);
	assert_true(m.towing.nfirst == TT_TOW_ANCHOR_FIXES); /* it did watch */
	assert_true(play("kerb.nmea", TT_IGNITION_ON));
	expect("kerb, ignition on", expected);
}

/* The control: the same drives with the ignition off are a car on a lorry, also when a third of the fixes is bad. */
static void a_car_on_a_lorry_is_towed_once(void **state)
{
	static const char *const expected[] = {"geofence begin", "towing begin", "towing end", NULL};

	(void)state;
	assert_true(play("shanghai.nmea", TT_IGNITION_OFF));
	expect("shanghai, ignition off", expected);
	assert_true(play("canyon.nmea", TT_IGNITION_OFF));
	expect("canyon, ignition off", expected);
}

/* The lorry's driver is not the car's: an excess of speed and harsh manoeuvres were told of a car with its ignition off. */
static void the_lorry_may_be_faster_than_the_car_is_allowed(void **state)
{
	static const char *const driven[] = {"geofence begin", "trip start", "overspeed begin", "overspeed end"};
	static const char *const towed[] = {"geofence begin", "towing begin", "towing end", NULL};

	(void)state;
	limit_kmh = SLOW_KMH;
	assert_true(play("shanghai.nmea", TT_IGNITION_ON));
	for (size_t i = 0; i < sizeof(driven) / sizeof(driven[0]); i++)
		assert_string_equal(says[i], driven[i]); /* the control */
	assert_true(play("shanghai.nmea", TT_IGNITION_OFF));
	expect("shanghai, slow limit", towed);
}

/* An engine that dies at speed: the excess is over, and that the speed counts as none from then on is no braking. */
static void an_ignition_that_goes_off_at_speed_ends_the_excess_and_brakes_nothing(void **state)
{
	static const char *const expected[] = {"geofence begin",   "trip start",    "overspeed begin",
					       "trip end harsh=0", "overspeed end", NULL};

	(void)state;
	limit_kmh = 20; /* above it from the first corner on */
	off_at = 120;
	assert_true(play("shanghai.nmea", TT_IGNITION_ON));
	assert_true(log_of.fixes[off_at].speed_mm_s > 12000 && log_of.fixes[off_at + 20].speed_mm_s > 12000);
	expect("shanghai, off at speed", expected);
}

/* Receivers on a table, at a window and on a short walk: nobody drives. */
static void real_receivers_that_stand_make_no_event(void **state)
{
	static const char *const logs[] = {"beidou-bd.log", "bt451.log", "haicom-305N.log"};
	static const char *const expected[] = {NULL};
	unsigned played = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		for (enum tt_ignition ign = TT_IGNITION_OFF; ign <= TT_IGNITION_ON; ign++) {
			if (!play(logs[i], ign))
				continue;
			expect(logs[i], expected);
			played++;
		}
	}
	if (played == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_clean_drive_is_a_trip, fresh),
		cmocka_unit_test_setup(the_bad_fixes_of_a_city_drive_make_no_event, fresh),
		cmocka_unit_test_setup(a_parked_car_between_high_buildings_is_not_towed, fresh),
		cmocka_unit_test_setup(a_car_on_a_lorry_is_towed_once, fresh),
		cmocka_unit_test_setup(the_lorry_may_be_faster_than_the_car_is_allowed, fresh),
		cmocka_unit_test_setup(an_ignition_that_goes_off_at_speed_ends_the_excess_and_brakes_nothing, fresh),
		cmocka_unit_test_setup(real_receivers_that_stand_make_no_event, fresh),
	};

	return cmocka_run_group_tests_name("recorded", tests, NULL, NULL);
}
