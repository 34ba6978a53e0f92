/*
 * The motion detectors under any sequence of inputs: bytes choose what the car or its receiver says next and how much time passes. What
 * lasts begins before it ends and ends before it begins again, nothing happens in the future, and the odometer never goes backwards.
 */
#include "firmware/proto/geo.h"
#include "firmware/proto/motion.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct tt_motion_config config;
	struct tt_motion m;
	struct tt_trip trip;
	struct tt_odometer odometer;
	bool open[TT_MOTION_SLOTS];
	int64_t metres;
	struct tt_geo_point place;
};

static void set_up(struct world *w)
{
	memset(w, 0, sizeof(*w));
	tt_motion_config_init(&w->config);
	w->config.milli[TT_MOTION_SPEED_LIMIT] = 50000;
	w->config.milli[TT_MOTION_TOW_ARM] = 0;
	w->config.placard_kpa[0] = 230;
	w->config.fences[0] = (struct tt_fence){
		.name = "c", .shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1, .points = {{0, 1799999000}}, .dwell_s = 5};
	w->config.fences[1] = (struct tt_fence){.name = "p",
						.shape = TT_FENCE_POLYGON,
						.npoints = 3,
						.points = {{0, 1799990000}, {20000, -1799990000}, {-20000, -1799990000}}};
	w->config.nfences = 2;
	w->place = (struct tt_geo_point){100, 1799999000};
	tt_trip_init(&w->trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&w->odometer, 1000);
	tt_odometer_begin(&w->odometer, 0, 100);
	tt_motion_init(&w->m, &w->config, &w->trip, &w->odometer);
}

static void say_fix(struct world *w, tt_mono_us now, uint8_t a, uint8_t b)
{
	const struct tt_fix_sample f = {
		.at_us = now, .place = w->place, .accuracy_mm = (b & 15) * 4000U, .speed_mm_s = a * 400U, .heading_cdeg = b * 141U};

	w->place.latitude_e7 += (a - 128) * (b >> 6 ? 100 : 100000);
	w->place.latitude_e7 = w->place.latitude_e7 > 890000000 || w->place.latitude_e7 < -890000000 ? 0 : w->place.latitude_e7;
	w->place.longitude_e7 = (int32_t)tt_geo_east_e7(0, w->place.longitude_e7 + (int64_t)(b - 128) * 50);
	tt_motion_fix(&w->m, &f);
}

static void say(struct world *w, tt_mono_us now, uint8_t what, uint8_t a, uint8_t b)
{
	struct tt_motion *m = &w->m;

	switch (what % 12) {
	case 0:
		tt_motion_speed(m, now, a * 300);
		break;
	case 1:
		tt_motion_accel(m, now, b & 1, (a - 128) * 200);
		break;
	case 2:
		tt_motion_yaw(m, now, (a - 128) * 1000);
		break;
	case 3:
		tt_motion_ignition(m, now, (enum tt_ignition)(a % 3));
		tt_trip_ignition(&w->trip, now, (enum tt_ignition)(a % 3));
		break;
	case 4:
		tt_motion_engine(m, now, a & 1);
		break;
	case 5:
		tt_motion_voltage(m, now, b & 1 ? now + 20000 * TT_DAY_US : 0, a * 100);
		break;
	case 6:
		tt_motion_coolant(m, now, a * 1000 - 70000);
		break;
	case 7:
		tt_motion_fuel_level(m, now, a * 500 - 5000);
		break;
	case 8:
		tt_motion_fuel_rate(m, now, a * 200 - 100);
		break;
	case 9:
		tt_motion_tyre_pressure(m, now, b % TT_WHEELS, a * 2000);
		break;
	case 10:
		tt_motion_tyre_temperature(m, b % TT_WHEELS, a * 1000 - 70000);
		tt_motion_tyre_warning(m, now, b % TT_WHEELS, b >> 7);
		break;
	default:
		say_fix(w, now, a, b);
		break;
	}
}

static void listen(struct world *w, tt_mono_us now)
{
	struct tt_motion_event e;

	tt_motion_tick(&w->m, now);
	while (tt_motion_next(&w->m, &e)) {
		const unsigned slot = tt_motion_slot(&e);

		TT_ASSERT(e.kind >= TT_MOTION_KIND_BRAKING && e.kind <= TT_MOTION_KIND_FUEL_DROP && e.cause != TT_CAUSE_NONE);
		TT_ASSERT(e.at_us <= now && e.duration_us >= 0);
		TT_ASSERT((slot >= TT_SLOT_NONE) <= (e.phase == TT_MOTION_INSTANT));
		if (slot >= TT_SLOT_NONE)
			continue;
		TT_ASSERT(w->open[slot] == (e.phase != TT_MOTION_BEGIN));
		w->open[slot] = e.phase != TT_MOTION_END;
	}
	TT_ASSERT(tt_odometer_value(&w->odometer) >= w->metres);
	w->metres = tt_odometer_value(&w->odometer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	tt_mono_us now = TT_SEC(1000);

	set_up(&w);
	for (size_t i = 0; i + 3 < size; i += 4) {
		now += data[i] < 200 ? data[i] * TT_MS(10) : (data[i] - 199) * TT_SEC(120);
		say(&w, now, data[i + 1], data[i + 2], data[i + 3]);
		listen(&w, now);
	}
	return 0;
}
