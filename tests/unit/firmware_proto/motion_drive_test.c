/*
 * Whole drives through the motion detectors: an ordinary one makes no event, not even with any one sample of any source replaced by
 * anything; a harsh one makes exactly its events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/motion.h"

#include <string.h>

enum stream { BUS_SPEED = 1, BUS_ACCEL = 2, GPS = 4, OBD_SPEED = 8, YAW = 16 };
enum { STEP_MS = 100 };

/* So many ms with that acceleration along and across, mm/s^2. */
struct leg {
	int64_t ms, along, across;
};

static struct tt_motion_config config;
static struct tt_motion m;
static struct tt_trip trip;
static struct tt_odometer odometer;
static struct tt_motion_event events[64];
static unsigned nevents;
static uint64_t seed;

static uint64_t random_u64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(0x2545F4914F6CDD1D);
}

static void fresh(void)
{
	tt_trip_init(&trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&odometer, 1000);
	tt_motion_init(&m, &config, &trip, &odometer);
	nevents = 0;
}

static int setup(void **state)
{
	(void)state;
	tt_motion_config_init(&config);
	config.milli[TT_MOTION_SPEED_LIMIT] = 130000;
	config.fences[0] = (struct tt_fence){
		.name = "far", .shape = TT_FENCE_CIRCLE, .radius_m = 500, .npoints = 1, .points = {{490000000, 90000000}}};
	config.nfences = 1;
	fresh();
	return 0;
}

static void pump(tt_mono_us now)
{
	struct tt_motion_event e;

	tt_motion_tick(&m, now);
	while (tt_motion_next(&m, &e)) {
		if (nevents < 64)
			events[nevents] = e;
		nevents++;
	}
}

/* One sample to replace: which of all that are fed, and by what. */
static int64_t corrupt_at, fed;

static int64_t maybe(int64_t value, int64_t range)
{
	if (fed++ != corrupt_at)
		return value;
	switch (random_u64() % 4) {
	case 0:
		return 0;
	case 1:
		return range;
	case 2:
		return -value;
	default:
		return (int64_t)(random_u64() % (uint64_t)(2 * range + 1)) - range;
	}
}

struct car {
	tt_mono_us now;
	int64_t speed, north_mm, heading; /* mm/s, mm, thousandths of a degree */
	int64_t east_mm;
};

static void feed_fix(const struct car *c)
{
	const int64_t speed = maybe(c->speed, 120000), heading = maybe(c->heading / 10, 40000);
	const struct tt_fix_sample f = {
		.at_us = c->now,
		.place = {(int32_t)(480000000 + maybe(c->north_mm * 10000 / 111195, 1300000000)),
			  (int32_t)(90000000 + maybe(c->east_mm * 10000 / 74403, 1800000000 - 90000000))},
		.accuracy_mm = (uint32_t)maybe(4000, 900000),
		.speed_mm_s = (uint32_t)(speed < 0 ? -speed : speed),
		.heading_cdeg = (uint32_t)(heading < 0 ? -heading : heading),
	};

	tt_motion_fix(&m, &f);
}

static void drive(struct car *c, unsigned streams, const struct leg *legs, size_t n)
{
	static const int8_t sines[] = {0, 50, 87, 100, 87, 50, 0, -50, -87, -100, -87, -50}; /* every 30 degrees */

	for (size_t i = 0; i < n; i++) {
		for (int64_t ms = 0; ms < legs[i].ms; ms += STEP_MS) {
			const int64_t rate = c->speed > 0 ? legs[i].across * 57296 / c->speed : 0; /* mdeg/s, left positive */
			const size_t h = (size_t)(c->heading / 30000);

			c->now += TT_MS(STEP_MS);
			c->speed += legs[i].along * STEP_MS / 1000;
			c->speed = c->speed < 0 ? 0 : c->speed;
			c->heading = ((c->heading - rate * STEP_MS / 1000) % 360000 + 360000) % 360000;
			c->north_mm += c->speed * STEP_MS / 1000 * sines[(h + 3) % 12] / 100;
			c->east_mm += c->speed * STEP_MS / 1000 * sines[h % 12] / 100;
			if (streams & BUS_SPEED)
				tt_motion_speed(&m, c->now, maybe(c->speed, 90000));
			if (streams & OBD_SPEED && c->now % TT_SEC(1) == 0)
				tt_motion_speed(&m, c->now, maybe(c->speed * 36 / 10000 * 10000 / 36, 71000));
			if (streams & BUS_ACCEL) {
				tt_motion_accel(&m, c->now, 0, maybe(c->speed > 0 ? legs[i].along : 0, 40000));
				tt_motion_accel(&m, c->now, 1, maybe(c->speed > 0 ? legs[i].across : 0, 40000));
			}
			if (streams & YAW)
				tt_motion_yaw(&m, c->now, maybe(rate, 200000));
			if (streams & GPS && c->now % TT_SEC(1) == 0)
				feed_fix(c);
			pump(c->now);
		}
	}
}

static const struct leg ordinary[] = {
	{2000, 0, 0},    {8000, 2500, 0},  {4000, 0, 0},   {6000, 0, 2500},  {4000, 0, 0},     {5000, -3500, 0}, {3000, 0, 0},
	{5000, 1500, 0}, {4000, 0, -2800}, {3000, 800, 0}, {3000, -2000, 0}, {9000, -3000, 0}, {6000, 0, 0},
};
enum { LEGS = sizeof(ordinary) / sizeof(ordinary[0]) };
static const unsigned mixes[] = {BUS_SPEED,      BUS_SPEED | BUS_ACCEL, BUS_SPEED | BUS_ACCEL | GPS, GPS,
				 OBD_SPEED,      OBD_SPEED | GPS,       BUS_SPEED | YAW | GPS,       BUS_ACCEL,
				 BUS_ACCEL | GPS};
enum { MIXES = sizeof(mixes) / sizeof(mixes[0]) };

static void an_ordinary_drive_makes_no_event(void **state)
{
	(void)state;
	corrupt_at = -1;
	for (size_t i = 0; i < MIXES; i++) {
		struct car c = {.now = TT_SEC(1000)};

		fresh();
		drive(&c, mixes[i], ordinary, LEGS);
		if (nevents != 0)
			fail_msg("mix %zu: kind %d cause %d at %lld ms value %lld", i, (int)events[0].kind, (int)events[0].cause,
				 (long long)((events[0].at_us - TT_SEC(1000)) / 1000), (long long)events[0].value_milli);
		assert_true(mixes[i] == BUS_ACCEL || trip.driving);
	}
}

/* The property: one bad sample, of any source, of any value, anywhere, makes no event and no trip of its own. */
static void no_single_bad_sample_makes_an_event(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 270; round++) {
		const unsigned mix = mixes[round % MIXES];
		struct car c = {.now = TT_SEC(1000)};

		seed = UINT64_C(0x9E3779B97F4A7C15) * (round + 1);
		corrupt_at = (int64_t)(random_u64() % 700);
		fed = 0;
		fresh();
		drive(&c, mix, ordinary, LEGS);
		if (nevents != 0)
			fail_msg("round %u (mix %u, sample %lld): kind %d cause %d value %lld", round, mix, (long long)corrupt_at,
				 (int)events[0].kind, (int)events[0].cause, (long long)events[0].value_milli);
		assert_in_range(trip.sums.max_mm_s, 0, 21500);
		assert_int_equal(trip.sums.harsh, 0);
	}
}

static void expect_one(enum tt_motion_kind kind, enum tt_motion_cause cause, int64_t lo, int64_t hi)
{
	if (nevents != 1)
		fail_msg("%u events, kind %d cause %d", nevents, (int)events[0].kind, (int)events[0].cause);
	assert_int_equal(events[0].kind, kind);
	assert_int_equal(events[0].cause, cause);
	assert_int_equal(events[0].phase, TT_MOTION_INSTANT);
	assert_in_range(events[0].peak_milli, lo, hi);
	assert_in_range(events[0].value_milli, events[0].limit_milli, events[0].peak_milli);
	assert_in_range(events[0].duration_us, TT_MS(100), TT_SEC(6));
	assert_int_equal(trip.sums.harsh, trip.driving ? 1 : 0);
}

static void each_harsh_manoeuvre_is_told_once_by_the_best_source(void **state)
{
	static const struct leg brake[] = {{10000, 2400, 0}, {5000, 0, 0}, {2500, -7000, 0}, {8000, 0, 0}},
				go[] = {{10000, 1000, 0}, {3000, 4500, 0}, {8000, 0, 0}},
				left[] = {{8000, 2000, 0}, {3000, 0, 0}, {4000, 0, 6000}, {6000, 0, 0}},
				right[] = {{8000, 2000, 0}, {3000, 0, 0}, {4000, 0, -6000}, {6000, 0, 0}};
	static const struct {
		const struct leg *legs;
		size_t n;
		unsigned streams;
		enum tt_motion_kind kind;
		enum tt_motion_cause cause;
		int64_t lo, hi;
	} cases[] = {
		{brake, 4, BUS_SPEED, TT_MOTION_KIND_BRAKING, TT_CAUSE_BUS_SPEED, 6900, 7100},
		{brake, 4, BUS_SPEED | BUS_ACCEL | GPS, TT_MOTION_KIND_BRAKING, TT_CAUSE_BUS_ACCELERATION, 7000, 7000},
		{brake, 4, GPS, TT_MOTION_KIND_BRAKING, TT_CAUSE_GPS_SPEED, 4500, 7100},
		{brake, 4, BUS_ACCEL, TT_MOTION_KIND_BRAKING, TT_CAUSE_BUS_ACCELERATION, 7000, 7000},
		{go, 3, BUS_SPEED | GPS, TT_MOTION_KIND_ACCELERATION, TT_CAUSE_BUS_SPEED, 4400, 4600},
		{go, 3, BUS_SPEED | BUS_ACCEL, TT_MOTION_KIND_ACCELERATION, TT_CAUSE_BUS_ACCELERATION, 4500, 4500},
		{go, 3, GPS, TT_MOTION_KIND_ACCELERATION, TT_CAUSE_GPS_SPEED, 3500, 4600},
		{left, 4, BUS_SPEED | BUS_ACCEL, TT_MOTION_KIND_CORNERING, TT_CAUSE_BUS_ACCELERATION, 6000, 6000},
		{right, 4, BUS_SPEED | BUS_ACCEL | GPS, TT_MOTION_KIND_CORNERING, TT_CAUSE_BUS_ACCELERATION, 6000, 6000},
		{right, 4, BUS_SPEED | YAW, TT_MOTION_KIND_CORNERING, TT_CAUSE_BUS_ACCELERATION, 5900, 6100},
		{left, 4, GPS, TT_MOTION_KIND_CORNERING, TT_CAUSE_GPS_HEADING, 4500, 6100},
		{right, 4, BUS_SPEED | GPS, TT_MOTION_KIND_CORNERING, TT_CAUSE_GPS_HEADING, 4500, 6100},
	};

	(void)state;
	corrupt_at = -1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct car c = {.now = TT_SEC(1000)};

		fresh();
		drive(&c, cases[i].streams, cases[i].legs, cases[i].n);
		if (nevents != 1)
			print_message("case %zu\n", i);
		expect_one(cases[i].kind, cases[i].cause, cases[i].lo, cases[i].hi);
	}
}

static void an_accelerometer_that_the_speed_denies_makes_no_event(void **state)
{
	struct car c = {.now = TT_SEC(1000)};
	static const struct leg go[] = {{8000, 2000, 0}};

	(void)state;
	corrupt_at = -1;
	drive(&c, BUS_SPEED | BUS_ACCEL, go, 1);
	for (int i = 0; i < 100; i++) { /* a bad zero: both axes, while the speed stays */
		c.now += TT_MS(100);
		tt_motion_speed(&m, c.now, 16000);
		tt_motion_accel(&m, c.now, 0, i < 50 ? -6000 : 6000);
		pump(c.now);
	}
	assert_int_equal(nevents, 0);
	for (int i = 0; i < 100; i++) { /* standing on a slope sideways */
		c.now += TT_MS(100);
		tt_motion_speed(&m, c.now, 0);
		tt_motion_accel(&m, c.now, 1, -6000);
		pump(c.now);
	}
	assert_int_equal(nevents, 0);
}

static void what_no_tyre_holds_is_no_manoeuvre(void **state)
{
	static const struct leg wall[] = {{10000, 2500, 0}, {3000, 0, 0}, {1700, -14000, 0}, {5000, 0, 0}};
	struct car c = {.now = TT_SEC(1000)};

	(void)state;
	corrupt_at = -1;
	drive(&c, BUS_SPEED | BUS_ACCEL, wall, 4);
	assert_int_equal(nevents, 0);
}

static void while_bus_and_receiver_disagree_neither_is_believed(void **state)
{
	static const struct leg brake[] = {{2500, -7000, 0}, {8000, 0, 0}};
	struct car c = {.now = TT_SEC(1000), .speed = 24000};
	struct tt_fix_sample f = {.place = {480000000, 90000000}, .accuracy_mm = 4000};

	(void)state;
	corrupt_at = -1;
	for (int i = 0; i < 50; i++) {
		c.now += TT_MS(100);
		tt_motion_speed(&m, c.now, 24000);
		f.at_us = c.now;
		if (i % 10 == 0)
			tt_motion_fix(&m, &f); /* stands still, it says */
		pump(c.now);
	}
	drive(&c, BUS_SPEED, brake, 2);
	assert_int_equal(nevents, 0);
}

static void a_manoeuvre_whose_data_stop_is_told(void **state)
{
	static const struct leg brake[] = {{5000, 0, 0}, {1500, -7000, 0}};
	struct car c = {.now = TT_SEC(1000), .speed = 24000};

	(void)state;
	corrupt_at = -1;
	drive(&c, BUS_SPEED, brake, 2);
	assert_int_equal(nevents, 0);
	c.now += 1;
	tt_motion_speed(&m, c.now, c.speed); /* a burst that comes ten seconds late is not ten seconds without data */
	pump(c.now + TT_SEC(10));
	assert_int_equal(nevents, 0);
	pump(c.now + TT_SEC(12));
	assert_int_equal(nevents, 0);
	pump(c.now + TT_SEC(13));
	assert_int_equal(nevents, 1);
	assert_int_equal(events[0].kind, TT_MOTION_KIND_BRAKING);
}

static void over_speed_has_hold_margin_and_peak(void **state)
{
	tt_mono_us now = TT_SEC(1000);
	int64_t speed = 20000;

	(void)state;
	config.milli[TT_MOTION_SPEED_LIMIT] = 100000;
	fresh();
	for (int i = 0; i < 600; i++) { /* to 110 km/h at 10 s, 120 at 20, then 97, then 94 from 40 s on */
		const int64_t wanted = i < 100 ? 20000 : i < 200 ? 30556 : i < 300 ? 33333 : i < 400 ? 26944 : 26111;

		now += TT_MS(100);
		speed += wanted - speed > 250 ? 250 : wanted - speed < -250 ? -250 : wanted - speed;
		tt_motion_speed(&m, now, speed);
		pump(now);
	}
	assert_int_equal(nevents, 2);
	assert_int_equal(events[0].kind, TT_MOTION_KIND_OVERSPEED);
	assert_int_equal(events[0].phase, TT_MOTION_BEGIN);
	assert_int_equal(events[0].cause, TT_CAUSE_BUS_SPEED);
	assert_in_range(events[0].at_us, TT_SEC(1013), TT_SEC(1014));
	assert_int_equal(events[0].duration_us, TT_SEC(10));
	assert_int_equal(events[0].limit_milli, 100000);
	assert_int_equal(events[1].phase, TT_MOTION_END);
	assert_in_range(events[1].at_us, TT_SEC(1040), TT_SEC(1041));
	assert_in_range(events[1].duration_us, TT_SEC(26), TT_SEC(28));
	assert_int_equal(events[1].peak_milli, 33333 * 36 / 10);
}

static void no_limit_is_no_over_speed_and_a_receiver_will_do(void **state)
{
	struct tt_fix_sample f = {.accuracy_mm = 4000, .speed_mm_s = 40000};

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		config.milli[TT_MOTION_SPEED_LIMIT] = round == 0 ? 0 : 100000;
		fresh();
		for (int i = 0; i < 30; i++) {
			f.at_us = TT_SEC(1000 + i);
			f.place = (struct tt_geo_point){480000000 + i * 3597, 90000000};
			tt_motion_fix(&m, &f);
			pump(f.at_us);
		}
		assert_int_equal(nevents, round);
	}
	assert_int_equal(events[0].cause, TT_CAUSE_GPS_SPEED);
}

static void a_trip_by_gps_alone_counts_way_idle_and_the_odometer(void **state)
{
	static const struct leg out_and_stop[] = {{10000, 2000, 0}, {100000, 0, 0},    {10000, -2000, 0}, {60000, 0, 0},
						  {10000, 2000, 0}, {10000, -2000, 0}, {700000, 0, 0}};
	struct car c = {.now = TT_SEC(1000)};
	struct tt_trip_event e;

	(void)state;
	corrupt_at = -1;
	tt_odometer_begin(&odometer, c.now, 50000);
	drive(&c, GPS, out_and_stop, 7);
	assert_true(trip.driving);
	tt_trip_tick(&trip, c.now);
	assert_true(tt_trip_next(&trip, &e));
	assert_int_equal(e.change, TT_TRIP_START);
	tt_trip_tick(&trip, c.now);
	assert_true(tt_trip_next(&trip, &e));
	assert_int_equal(e.change, TT_TRIP_END);
	assert_int_equal(e.way, TT_TRIP_WAY_GPS);
	assert_in_range(e.distance_m, 2350, 2450);
	assert_in_range(e.idle_s, 55, 65);
	assert_in_range(e.max_mm_s, 19900, 20100);
	assert_int_equal(tt_odometer_source(&odometer), TT_ODOMETER_GPS);
	assert_in_range(tt_odometer_value(&odometer), 52350, 52450);
	assert_in_range(tt_odometer_uncertainty(&odometer), 70, 74);
}

static void a_towed_car_makes_no_trip_but_a_towing_event(void **state)
{
	static const struct leg stand[] = {{120000, 0, 0}}, tow[] = {{8000, 1500, 0}, {60000, 0, 0}, {8000, -1500, 0}, {400000, 0, 0}};
	struct car c = {.now = TT_SEC(1000)};

	(void)state;
	corrupt_at = -1;
	tt_motion_ignition(&m, c.now, TT_IGNITION_ON);
	tt_motion_ignition(&m, c.now, TT_IGNITION_OFF);
	tt_motion_ignition(&m, c.now, TT_IGNITION_UNKNOWN); /* the bus fell asleep */
	drive(&c, GPS, stand, 1);
	assert_int_equal(nevents, 0);
	drive(&c, GPS, tow, 4);
	assert_false(trip.driving);
	assert_int_equal(nevents, 2);
	assert_int_equal(events[0].kind, TT_MOTION_KIND_TOWING);
	assert_int_equal(events[0].phase, TT_MOTION_BEGIN);
	assert_int_equal(events[0].cause, TT_CAUSE_GPS_POSITION);
	assert_in_range(events[0].value_milli, 80000, 200000);
	assert_int_equal(events[0].limit_milli, 80000);
	assert_int_equal(events[1].phase, TT_MOTION_END);
	assert_in_range(events[1].peak_milli, 780000, 830000);
	assert_in_range(events[1].duration_us, TT_SEC(60), TT_SEC(80));
}

static void a_parked_car_that_drifts_in_a_street_is_not_towed(void **state)
{
	(void)state;
	seed = 42;
	for (unsigned round = 0; round < 50; round++) {
		fresh();
		tt_motion_ignition(&m, TT_SEC(1000), TT_IGNITION_OFF);
		for (int i = 0; i < 900; i++) {
			struct tt_fix_sample f = {
				.at_us = TT_SEC(1000 + i),
				.place = {480000000 + (int32_t)(random_u64() % 5001) - 2500,
					  90000000 + (int32_t)(random_u64() % 5001) - 2500},
				.accuracy_mm = 5000 + (uint32_t)(random_u64() % 40000),
				.speed_mm_s = (uint32_t)(random_u64() % 1500),
			};

			if (i % 100 == 50) /* and now and then a fix from elsewhere */
				f.place.latitude_e7 += 100000;
			tt_motion_fix(&m, &f);
			pump(f.at_us);
		}
		assert_int_equal(nevents, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_ordinary_drive_makes_no_event, setup),
		cmocka_unit_test_setup(no_single_bad_sample_makes_an_event, setup),
		cmocka_unit_test_setup(each_harsh_manoeuvre_is_told_once_by_the_best_source, setup),
		cmocka_unit_test_setup(an_accelerometer_that_the_speed_denies_makes_no_event, setup),
		cmocka_unit_test_setup(what_no_tyre_holds_is_no_manoeuvre, setup),
		cmocka_unit_test_setup(while_bus_and_receiver_disagree_neither_is_believed, setup),
		cmocka_unit_test_setup(a_manoeuvre_whose_data_stop_is_told, setup),
		cmocka_unit_test_setup(over_speed_has_hold_margin_and_peak, setup),
		cmocka_unit_test_setup(no_limit_is_no_over_speed_and_a_receiver_will_do, setup),
		cmocka_unit_test_setup(a_trip_by_gps_alone_counts_way_idle_and_the_odometer, setup),
		cmocka_unit_test_setup(a_towed_car_makes_no_trip_but_a_towing_event, setup),
		cmocka_unit_test_setup(a_parked_car_that_drifts_in_a_street_is_not_towed, setup),
	};

	return cmocka_run_group_tests_name("motion drive", tests, NULL, NULL);
}
