#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/agent/profile.h"

static struct tt_profile p;
static struct tt_errmsg msg;

static enum tt_err parse(const char *lines)
{
	static char text[8192];

	msg.text[0] = '\0';
	(void)snprintf(text, sizeof(text), "telltale-profile 1\n%.4000s", lines);
	return tt_profile_parse("car.profile", text, strlen(text), &p, &msg);
}

static void every_directive_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("threshold harsh-braking 5.25\n"
			       "threshold fence-fixes 5\n"
			       "speed-limit 130\n"
			       "tow-alert yes\n"
			       "battery-system 24\n"
			       "tyre-placard 230 250\n"
			       "geofence home circle 48.7758 -9.1829001 150 dwell 30\n"
			       "geofence area polygon 1,179.5 1.5,-179.5\n"
			       "geofence area polygon -1,180 dwell 1\n"),
			 TT_OK);
	assert_int_equal(p.motion.milli[TT_MOTION_HARSH_BRAKING], 5250);
	assert_int_equal(p.motion.milli[TT_MOTION_FENCE_FIXES], 5000);
	assert_int_equal(p.motion.milli[TT_MOTION_SPEED_LIMIT], 130000);
	assert_int_equal(p.motion.milli[TT_MOTION_HARSH_CORNERING], 4500);
	assert_true(p.motion.tow_alert && p.motion.battery_24v);
	assert_int_equal(p.motion.placard_kpa[1], 230);
	assert_int_equal(p.motion.placard_kpa[2], 250);
	assert_int_equal(p.motion.nfences, 2);
	assert_string_equal(p.motion.fences[0].name, "home");
	assert_int_equal(p.motion.fences[0].shape, TT_FENCE_CIRCLE);
	assert_int_equal(p.motion.fences[0].radius_m, 150);
	assert_int_equal(p.motion.fences[0].dwell_s, 1800);
	assert_int_equal(p.motion.fences[0].points[0].latitude_e7, 487758000);
	assert_int_equal(p.motion.fences[0].points[0].longitude_e7, -91829001);
	assert_int_equal(p.motion.fences[1].npoints, 3);
	assert_int_equal(p.motion.fences[1].points[1].longitude_e7, -1795000000);
	assert_int_equal(p.motion.fences[1].dwell_s, 60);
}

static void without_directives_the_defaults_hold(void **state)
{
	(void)state;
	assert_int_equal(parse("tyre-placard 210\nbattery-system 12\ntow-alert no\n"), TT_OK);
	assert_int_equal(p.motion.milli[TT_MOTION_SPEED_LIMIT], 0);
	assert_int_equal(p.motion.milli[TT_MOTION_COOLANT_HOT], 112000);
	assert_int_equal(p.motion.placard_kpa[0], 210);
	assert_int_equal(p.motion.placard_kpa[3], 210);
	assert_false(p.motion.tow_alert || p.motion.battery_24v);
}

static void each_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *lines, *says;
	} cases[] = {
		{"threshold harsh-braking", ":2: usage: threshold"},
		{"threshold harsh-braking hard", "wants a number: hard"},
		{"threshold harsh-braking 1e13", "wants a number"},
		{"threshold harsh 4", "no such threshold"},
		{"threshold harsh-braking 1.4", "out of range"},
		{"speed-limit", "usage: speed-limit"},
		{"speed-limit 401", "out of range"},
		{"tow-alert", "usage: tow-alert"},
		{"tow-alert maybe", "yes or no: maybe"},
		{"battery-system", "usage: battery-system"},
		{"battery-system 48", "12 or 24: 48"},
		{"tyre-placard", "usage: tyre-placard"},
		{"tyre-placard 99", "100..1200: 99"},
		{"tyre-placard 230 1201", "100..1200: 1201"},
		{"geofence home circle", "usage: geofence"},
		{"geofence home square 1,2", "circle or polygon: square"},
		{"geofence home circle 1 2", "usage: geofence NAME circle"},
		{"geofence home circle 85.1 2 100", "latitude"},
		{"geofence home circle 85 181 100", "latitude"},
		{"geofence home circle x 18 100", "latitude"},
		{"geofence home circle 1 2 19", "20..100000"},
		{"geofence home circle 1 2 100 twice", "only `dwell MINUTES`"},
		{"geofence home circle 1 2 100 dwell", "only `dwell MINUTES`"},
		{"geofence home circle 1 2 100 dwell 0", "1..43200"},
		{"geofence home circle 1 2 100\ngeofence home circle 1 2 100", ":3: geofence named twice: home"},
		{"geofence home circle 1 2 100\ngeofence home polygon 1,2", ":3: geofence named twice: home"},
		{"geofence a polygon 1,2\ngeofence a circle 1 2 100", ":3: geofence named twice: a"},
		{"geofence a polygon 1,x", "LAT,LON in degrees"},
		{"geofence a polygon 1,2 2,3 3", "only `dwell MINUTES`"},
		{"geofence a polygon 1,2 2,3", "'a': out of range"},
		{"geofence a polygon 1,2 2,3 20,3", "'a': out of range"},
		{"geofence b/c circle 1 2 100", "'geofence': out of range"},
		{"geofence a-name-of-more-than-thirty-one-bytes circle 1 2 100", "too long"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].lines) != TT_ECONFIG || !strstr(msg.text, cases[i].says))
			fail_msg("%s: %s", cases[i].lines, msg.text);
	}
}

static void there_is_room_for_32_fences_and_64_points(void **state)
{
	char text[8192];
	int n = 0;

	(void)state;
	for (int i = 0; i < 32; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "geofence f%d circle 1 2 100\n", i);
	assert_int_equal(parse(text), TT_OK);
	assert_int_equal(p.motion.nfences, 32);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "geofence f32 circle 1 2 100\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 32 geofences: f32"));
	n = 0;
	for (int i = 0; i < 64; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "geofence a polygon %d,%d\n", i % 2, i % 3);
	assert_int_equal(parse(text), TT_OK);
	assert_int_equal(p.motion.fences[0].npoints, 64);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "geofence a polygon 1,1\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 64 points"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_directive_is_read),
		cmocka_unit_test(without_directives_the_defaults_hold),
		cmocka_unit_test(each_mistake_is_told_with_its_line),
		cmocka_unit_test(there_is_room_for_32_fences_and_64_points),
	};

	return cmocka_run_group_tests_name("profile motion", tests, NULL, NULL);
}
