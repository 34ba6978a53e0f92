#include "sim/nmea.h"
#include "sim/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static struct tt_track track;

static void load(const char *name)
{
	static char text[65536];
	struct tt_errmsg msg = {""};
	char path[512];
	size_t len;
	FILE *f;

	assert_true(snprintf(path, sizeof(path), "%s/sim/tracks/%s.track", getenv("TT_SOURCE_DIR"), name) < (int)sizeof(path));
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (tt_track_parse(text, len, &track, &msg))
		fail_msg("%s: %s", path, msg.text);
}

static void each_line_that_cannot_be_read_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "two points"},
		{"48.1 9.1 300 50\n", "two points"},
		{"48.1 9.1 300 50\nnorth\n", "line 2: a point is"},
		{"91 9.1 300 50\n", "line 1: a point is"},
		{"48.12345678 9.1 300 50\n", "line 1: a point is"},
		{"48.1 9.1 300 0\n", "line 1: the speed"},
		{"48.1 9.1 300 50\n48.1 9.1 300 50\n", "line 2: points must be"},
		{"48.1 9.1 300 50\n48.2 9.1 300 50\n", "line 2: points must be"},
		{"geoid high\n", "line 1: geoid"},
		{"loop loop\n", "line 1: a point is"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg msg = {""};

		if (!tt_track_parse(cases[i].text, strlen(cases[i].text), &track, &msg) || !strstr(msg.text, cases[i].says))
			fail_msg("'%s': '%s'", cases[i].text, msg.text);
	}
}

static void distances_are_those_of_the_earth(void **state)
{
	(void)state;
	/* One minute of latitude of the mean sphere is 1853.2 m; of longitude at 60 degrees half of it. */
	assert_in_range((int64_t)(tt_track_distance_m(0, 0, 166667, 0) * 10), 18530, 18535);
	assert_in_range((int64_t)(tt_track_distance_m(600000000, 0, 600000000, 166667) * 10), 9263, 9269);
}

static void a_car_moves_along_the_track_as_far_as_it_drives(void **state)
{
	static const char *const names[] = {"stuttgart", "shanghai"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct tt_track_place before;
		double way = 0;

		load(names[i]);
		before = tt_track_at(&track, 0);
		for (int64_t m = 5; m <= (int64_t)track.length_m; m += 5) {
			const struct tt_track_place here = tt_track_at(&track, m * 1000000);
			const double step =
				tt_track_distance_m(before.latitude_e7, before.longitude_e7, here.latitude_e7, here.longitude_e7);

			assert_true(step > 4.0 && step < 5.1); /* corners are cut a little */
			assert_true(here.limit_mm_s > 5000 && here.limit_mm_s < 25000);
			way += step;
			before = here;
		}
		assert_true(way > track.length_m * 0.99 && way < track.length_m * 1.001);
	}
}

static void a_way_that_is_no_loop_is_driven_there_and_back(void **state)
{
	static const char text[] = "48.0 9.0 300 50\n48.001 9.0 310 50\n";
	struct tt_track_place place;

	(void)state;
	assert_int_equal(tt_track_parse(text, strlen(text), &track, NULL), TT_OK);
	assert_int_equal(tt_track_at(&track, 10000000).heading_cdeg, 0);
	place = tt_track_at(&track, (int64_t)(track.length_m * 1e6) + 10000000);
	assert_int_equal(place.heading_cdeg, 18000);
	assert_true(place.latitude_e7 < 480010000 && place.latitude_e7 > 480008000);
	place = tt_track_at(&track, (int64_t)(track.length_m * 2e6));
	assert_in_range(place.latitude_e7, 480000000, 480000001);
}

static unsigned check_sum(const char *s, const char *star)
{
	unsigned sum = 0;

	while (++s < star)
		sum ^= (unsigned char)*s;
	return sum;
}

/* ddmm.mmmmmm of a sentence's field, independently of what wrote it. */
static int64_t angle_e7(const char *sentence, unsigned field)
{
	double degrees;

	while (field-- > 0)
		sentence = strchr(sentence, ',') + 1;
	degrees = atof(sentence);
	degrees = (int)(degrees / 100) + (degrees - 100 * (int)(degrees / 100)) / 60;
	sentence = strchr(sentence, ',') + 1;
	return (int64_t)(degrees * 1e7 + 0.5) * (*sentence == 'S' || *sentence == 'W' ? -1 : 1);
}

static void sentences_have_right_sums_and_say_where_the_car_is_to_a_metre(void **state)
{
	static const struct {
		int64_t latitude_e7, longitude_e7;
	} places[] = {{487758000, 91829000}, {312300000, 1214700000}, {-338567844, -1512152967}, {1, -1}, {0, 1799999999}};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct tt_nmea_fix fix = {.at_us = INT64_C(1609459261250000),
						.valid = true,
						.latitude_e7 = places[i].latitude_e7,
						.longitude_e7 = places[i].longitude_e7,
						.height_mm = 300000,
						.geoid_mm = 48200,
						.speed_mm_s = 13889,
						.heading_cdeg = 9050,
						.satellites = 10,
						.hdop_centi = 85,
						.sigma_mm = 900};
		char burst[TT_NMEA_BURST + 1];
		unsigned sentences = 0;
		size_t len;

		assert_int_equal(tt_nmea_burst(&fix, burst, TT_NMEA_BURST, &len), TT_OK);
		burst[len] = '\0';
		for (const char *s = burst; *s; s = strstr(s, "\r\n") + 2, sentences++) {
			const char *star = strchr(s, '*');

			assert_int_equal(*s, '$');
			assert_int_equal(strtoul(star + 1, NULL, 16), check_sum(s, star));
			assert_true(star - s < 80); /* NMEA's 82 with CR LF */
		}
		assert_int_equal(sentences, 7);
		for (const char *const *id = (const char *const[]){"$GPGGA", "$GPRMC", NULL}; *id; id++) {
			const unsigned field = strcmp(*id, "$GPGGA") == 0 ? 2 : 3;
			const char *s = strstr(burst, *id);

			assert_true(tt_track_distance_m(angle_e7(s, field), angle_e7(s, field + 2), fix.latitude_e7, fix.longitude_e7) < 1);
		}
		assert_non_null(strstr(burst, "$GPRMC,000101.25,A,"));
		assert_non_null(strstr(burst, ",26.998,90.50,010121,,,A*")); /* 50 km/h in knots; the date */
		assert_non_null(strstr(burst, ",251.80,M,48.20,M,,*"));
	}
}

static void without_a_fix_only_the_time_is_told(void **state)
{
	const struct tt_nmea_fix fix = {.at_us = INT64_C(1609459261000000), .latitude_e7 = 487758000, .satellites = 10};
	char burst[TT_NMEA_BURST + 1];
	size_t len;

	(void)state;
	assert_int_equal(tt_nmea_burst(&fix, burst, TT_NMEA_BURST, &len), TT_OK);
	burst[len] = '\0';
	assert_non_null(strstr(burst, "$GPRMC,000101.00,V,,,,,,,010121,,,N*"));
	assert_non_null(strstr(burst, "$GPGSA,A,1,"));
	assert_null(strstr(burst, "4846"));
	assert_int_equal(tt_nmea_burst(&fix, burst, 100, &len), TT_EFULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_that_cannot_be_read_is_named),
		cmocka_unit_test(distances_are_those_of_the_earth),
		cmocka_unit_test(a_car_moves_along_the_track_as_far_as_it_drives),
		cmocka_unit_test(a_way_that_is_no_loop_is_driven_there_and_back),
		cmocka_unit_test(sentences_have_right_sums_and_say_where_the_car_is_to_a_metre),
		cmocka_unit_test(without_a_fix_only_the_time_is_told),
	};

	return cmocka_run_group_tests_name("sim track", tests, NULL, NULL);
}
