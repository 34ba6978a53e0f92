/*
 * The simulated car, its bus, its receiver and the agent's vehicle with the demo profile, on one simulated clock: a scenario with one of
 * everything makes exactly its list of events, and ordinary drives make trips and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/agent/vehicle.h"
#include "sim/broadcast.h"
#include "sim/track.h"

enum { STEP_US = 10000, SILENT_US = 5000000, SAYS = 64 };

struct world {
	struct tt_profile profile;
	struct tt_vehicle *vehicle;
	struct tt_scenario scenario;
	struct tt_track track;
	struct tt_car car;
	struct tt_broadcast broadcast;
	char scenario_text[8192];
	char says[SAYS][64];
	unsigned nsays;
	uint64_t noise;
};

static size_t slurp(const char *name, char *out, size_t cap)
{
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR");
	FILE *f;
	size_t n;

	assert_non_null(root);
	assert_true(snprintf(path, sizeof(path), "%s/%s", root, name) < (int)sizeof(path));
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	n = fread(out, 1, cap - 1, f);
	fclose(f);
	out[n] = '\0';
	return n;
}

static void on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	(void)ctx;
	(void)slot;
	(void)rule;
	(void)at_us;
	(void)value;
}

/* The demo profile with further lines; track: a file, or NULL for a straight road to the north. */
static struct world *build(const char *scenario, const char *track, const char *lines)
{
	static char text[65536], dbc[65536];
	struct world *w = calloc(1, sizeof(*w));
	struct tt_decoder_text decoder = {.name = "telltale_demo.dbc", .text = dbc};
	struct tt_errmsg msg;
	size_t n;

	assert_non_null(w);
	n = slurp("schemas/profiles/demo.profile", text, sizeof(text));
	assert_true(snprintf(text + n, sizeof(text) - n, "%s", lines) < (int)(sizeof(text) - n));
	if (tt_profile_parse("demo", text, strlen(text), &w->profile, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	decoder.len = slurp("schemas/dbc/telltale_demo.dbc", dbc, sizeof(dbc));
	if (tt_vehicle_create(&w->profile, &decoder, 1000000, on_value, w, &w->vehicle, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	n = slurp(scenario, w->scenario_text, sizeof(w->scenario_text));
	if (tt_scenario_parse(w->scenario_text, n, &w->scenario, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	n = 0;
	if (track)
		n = slurp(track, text, sizeof(text));
	for (int i = 0; !track && i < 20; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.4f 9.0000 300.0 200\n", 48.0 + i * 0.01);
	if (tt_track_parse(text, n, &w->track, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	tt_car_init(&w->car);
	w->noise = 7;
	return w;
}

static void say(struct world *w, tt_mono_us now, const char *what)
{
	if (getenv("TT_SAY"))
		print_message("%7.1f s %s\n", (double)(now - TT_SEC(1000)) / 1e6, what);
	assert_true(w->nsays < SAYS);
	(void)snprintf(w->says[w->nsays++], sizeof(w->says[0]), "%s", what);
}

static void listen(struct world *w, tt_mono_us now)
{
	static const char *const kinds[] = {"",         "braking",     "acceleration", "cornering", "overspeed", "towing",
					    "geofence", "low battery", "ageing",       "tyre",      "coolant",   "fuel drop"};
	static const char *const phases[] = {"", "", " begin", " end"};
	struct tt_motion *m = &w->vehicle->motion;
	struct tt_motion_event e;
	struct tt_trip_event t;
	char text[64];

	tt_motion_tick(m, now);
	while (tt_motion_next(m, &e)) {
		const bool named = e.kind == TT_MOTION_KIND_GEOFENCE || e.kind == TT_MOTION_KIND_TYRE;

		(void)snprintf(text, sizeof(text), "%s%s%s%s", kinds[e.kind], named ? " " : "",
			       named ? tt_motion_slot_name(m, tt_motion_slot(&e)) : "", phases[e.phase]);
		say(w, now, text);
	}
	tt_trip_tick(&w->vehicle->trip, now);
	while (tt_trip_next(&w->vehicle->trip, &t)) {
		(void)snprintf(text, sizeof(text), t.change == TT_TRIP_START ? "trip start" : "trip end harsh=%u", t.harsh);
		say(w, now, text);
	}
}

/* At most half a metre off, another way each time. */
static int64_t jitter(struct world *w)
{
	w->noise = w->noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)(w->noise >> 33) % 91 - 45;
}

static void receive(struct world *w, tt_mono_us now)
{
	const struct tt_track_place place = tt_track_at(&w->track, w->car.travelled_um);
	const struct tt_fix_sample sample = {
		.at_us = now,
		.place = {(int32_t)(place.latitude_e7 + jitter(w)), (int32_t)(place.longitude_e7 + jitter(w))},
		.accuracy_mm = 1800,
		.speed_mm_s = (uint32_t)(w->car.towed ? TT_CAR_TOW_MM_S : w->car.speed_mm_s),
		.heading_cdeg = (uint32_t)place.heading_cdeg,
	};

	tt_motion_fix(&w->vehicle->motion, &sample);
}

static void run(struct world *w, int64_t seconds)
{
	const tt_mono_us start = TT_SEC(1000);
	tt_mono_us heard = start;
	struct tt_can_frame frame;
	size_t step = 0;

	tt_broadcast_init(&w->broadcast, start);
	for (tt_mono_us now = start; now < start + TT_SEC(seconds); now += STEP_US) {
		const struct tt_track_place place = tt_track_at(&w->track, w->car.travelled_um);
		const int64_t v = w->car.speed_mm_s;

		for (; step < w->scenario.nsteps && start + w->scenario.steps[step].at_us <= now; step++)
			assert_int_equal(tt_car_apply(&w->car, &w->scenario.steps[step].action), TT_OK);
		w->car.limit_mm_s = place.limit_mm_s;
		w->car.lateral_mm_s2 = place.lateral_mm_s2_per_m2_s2 * (v * v / 1000) / 1000000;
		tt_car_step(&w->car, STEP_US);
		while (tt_broadcast_next(&w->broadcast, &w->car, now, &frame)) {
			tt_vehicle_frame(w->vehicle, now, &frame);
			heard = now;
		}
		if (now - heard == SILENT_US)
			tt_vehicle_silent(w->vehicle, now);
		if (now % TT_SEC(1) == 0)
			receive(w, now);
		if (now % TT_MS(100) == 0)
			listen(w, now);
	}
}

static void drop(struct world *w)
{
	tt_vehicle_destroy(w->vehicle);
	free(w);
}

static void one_of_everything_is_told_exactly(void **state)
{
	static const char *const expected[] = {
		"trip start",        "braking",           "acceleration",         "cornering",
		"overspeed begin",   "overspeed end",     "coolant begin",        "geofence yard begin",
		"coolant end",       "geofence yard end", "tyre row2.left begin", "tyre row2.left end",
		"trip end harsh=3",  "towing begin",      "towing end",           "fuel drop",
		"low battery begin", "low battery end",
	};
	struct world *w = build("sim/scenarios/happenings.scenario", NULL, "speed-limit 120\ngeofence yard circle 48.024 9 300\n");

	(void)state;
	run(w, 990);
	for (unsigned i = 0; i < w->nsays || i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (i >= sizeof(expected) / sizeof(expected[0]) || i >= w->nsays || strcmp(w->says[i], expected[i]) != 0)
			fail_msg("event %u is \"%s\"", i, i < w->nsays ? w->says[i] : "missing");
	}
	drop(w);
}

static void an_ordinary_drive_is_a_trip_and_nothing_else(void **state)
{
	static const char *const tracks[] = {"sim/tracks/stuttgart.track", "sim/tracks/shanghai.track"};

	(void)state;
	for (size_t i = 0; i < sizeof(tracks) / sizeof(tracks[0]); i++) {
		struct world *w = build("sim/scenarios/drive.scenario", tracks[i], "speed-limit 130\ngeofence far circle 10 10 1000\n");

		run(w, 320);
		assert_int_equal(w->nsays, 2);
		assert_string_equal(w->says[0], "trip start");
		assert_string_equal(w->says[1], "trip end harsh=0");
		drop(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_everything_is_told_exactly),
		cmocka_unit_test(an_ordinary_drive_is_a_trip_and_nothing_else),
	};

	return cmocka_run_group_tests_name("happenings", tests, NULL, NULL);
}
