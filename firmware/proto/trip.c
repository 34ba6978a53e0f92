#include "firmware/proto/trip.h"

enum {
	MOVING_MM_S = 300,
	GAP_US = 2000000,
	ODOMETER_GOOD_M = 2000,
	RESUME_US = 300000000,
	RATE_GAP_US = 10000000,
	REFUEL_MILLI = 3000, /* more than slosh */
	FULL_MILLI = 100000,
};

const struct tt_trip_config TT_TRIP_DEFAULT = {.start_mm_s = 1389, .start_us = TT_SEC(1), .off_us = TT_SEC(3), .idle_us = TT_SEC(600)};

void tt_trip_init(struct tt_trip *t, const struct tt_trip_config *cfg)
{
	*t = (struct tt_trip){.cfg = *cfg, .fast_since_us = TT_NEVER, .rate_ml_h = -1};
}

static void start(struct tt_trip *t, tt_mono_us now_us)
{
	t->driving = true;
	t->start_us = t->fast_since_us;
	t->moved_at_us = now_us;
	t->odometer_start_m = t->odometer_m;
	t->integral_um = 0;
	t->gap_us = 0;
	t->stood_us = 0;
	t->sums = (struct tt_trip_sums){
		.by_gps = t->gps, .level_known = t->sums.level_known, .level_start = t->sums.level_now, .level_now = t->sums.level_now};
	t->event = (struct tt_trip_event){.change = TT_TRIP_START, .at_us = t->start_us};
	t->due = true;
}

static uint64_t distance(const struct tt_trip *t, enum tt_trip_way *way)
{
	const int64_t by_odometer =
		t->odometer_start_m > 0 && t->odometer_m >= t->odometer_start_m ? t->odometer_m - t->odometer_start_m : -1;
	const int64_t by_speed = t->integral_um / 1000000;

	if (by_odometer >= ODOMETER_GOOD_M || (by_odometer >= 0 && t->gap_us > 0)) {
		*way = TT_TRIP_WAY_ODOMETER;
		return (uint64_t)by_odometer;
	}
	*way = t->sums.by_gps ? TT_TRIP_WAY_GPS : TT_TRIP_WAY_SPEED;
	return (uint64_t)by_speed;
}

static uint64_t fuel(const struct tt_trip *t, enum tt_trip_fuel *source)
{
	const struct tt_trip_sums *s = &t->sums;

	*source = TT_TRIP_FUEL_RATE;
	if (s->rate_known)
		return (uint64_t)s->fuel_ul / 1000;
	*source = TT_TRIP_FUEL_NONE;
	if (!s->level_known || s->refuelled || t->cfg.tank_ml == 0)
		return 0;
	*source = TT_TRIP_FUEL_LEVEL;
	return s->level_start > s->level_now ? (uint64_t)((s->level_start - s->level_now) * t->cfg.tank_ml / FULL_MILLI) : 0;
}

static void end(struct tt_trip *t, tt_mono_us at_us)
{
	t->driving = false;
	t->fast_since_us = TT_NEVER;
	t->event = (struct tt_trip_event){.change = TT_TRIP_END,
					  .at_us = at_us,
					  .duration_s = (uint64_t)((at_us - t->start_us) / 1000000),
					  .idle_s = (uint64_t)(t->sums.idle_us / 1000000),
					  .max_mm_s = (uint32_t)t->sums.max_mm_s,
					  .harsh = (uint32_t)t->sums.harsh};
	t->event.distance_m = distance(t, &t->event.way);
	t->event.fuel_ml = fuel(t, &t->event.fuel);
	t->due = true;
}

void tt_trip_ignition(struct tt_trip *t, tt_mono_us now_us, enum tt_ignition ignition)
{
	if (ignition == t->ignition)
		return;
	t->ignition = ignition;
	t->ignition_since_us = now_us;
}

static void integrate(struct tt_trip *t, tt_mono_us now_us)
{
	const int64_t dt = now_us - t->speed_at_us;

	if (!t->driving || !t->speed_known)
		return;
	if (dt > GAP_US)
		t->gap_us += dt;
	else
		t->integral_um += t->speed_mm_s * dt / 1000;
	if (dt <= GAP_US && t->speed_mm_s <= MOVING_MM_S && t->ignition != TT_IGNITION_OFF)
		t->stood_us += dt;
}

/* A stop counts when it is over: the one that a trip ends with may not be part of it. */
static void count_idle(struct tt_trip *t)
{
	t->sums.idle_us += t->stood_us;
	t->stood_us = 0;
}

void tt_trip_speed(struct tt_trip *t, tt_mono_us now_us, int32_t speed_mm_s)
{
	int64_t median;

	integrate(t, now_us);
	median = tt_median3_add(&t->median, speed_mm_s);
	if (t->driving && median > t->sums.max_mm_s)
		t->sums.max_mm_s = median;
	if (t->speed_known && now_us - t->speed_at_us > GAP_US)
		t->fast_since_us = TT_NEVER; /* nobody watched in between */
	t->speed_known = true;
	t->speed_mm_s = speed_mm_s;
	t->speed_at_us = now_us;
	if (speed_mm_s > MOVING_MM_S) {
		t->moved_at_us = now_us;
		count_idle(t);
	}
	if (speed_mm_s < t->cfg.start_mm_s)
		t->fast_since_us = TT_NEVER;
	else if (t->fast_since_us == TT_NEVER)
		t->fast_since_us = now_us;
	if (!t->driving && !t->due && t->ignition != TT_IGNITION_OFF && t->fast_since_us != TT_NEVER &&
	    now_us - t->fast_since_us >= t->cfg.start_us)
		start(t, now_us);
}

void tt_trip_by_gps(struct tt_trip *t, bool gps)
{
	t->gps = gps;
	if (gps && t->driving)
		t->sums.by_gps = 1;
}

void tt_trip_fuel_rate(struct tt_trip *t, tt_mono_us now_us, int64_t ml_h)
{
	const int64_t dt = now_us - t->rate_at_us;

	if (t->driving && t->rate_ml_h >= 0 && dt <= RATE_GAP_US) {
		t->sums.rate_known = 1;
		t->sums.fuel_ul += t->rate_ml_h * (dt / 1000) / 3600;
	}
	t->rate_ml_h = ml_h;
	t->rate_at_us = now_us;
}

void tt_trip_fuel_level(struct tt_trip *t, int64_t milli_percent)
{
	struct tt_trip_sums *s = &t->sums;

	if (!s->level_known)
		s->level_start = milli_percent;
	else if (milli_percent > s->level_now + REFUEL_MILLI)
		s->refuelled = 1;
	s->level_known = 1;
	s->level_now = milli_percent;
}

void tt_trip_harsh(struct tt_trip *t)
{
	t->sums.harsh += t->driving;
}

void tt_trip_odometer(struct tt_trip *t, int64_t odometer_m)
{
	t->odometer_m = odometer_m;
	if (t->driving && t->odometer_start_m == 0)
		t->odometer_start_m = odometer_m;
}

void tt_trip_tick(struct tt_trip *t, tt_mono_us now_us)
{
	if (!t->driving || t->due)
		return;
	if (t->ignition == TT_IGNITION_OFF && now_us - t->ignition_since_us >= t->cfg.off_us) {
		count_idle(t);
		end(t, t->ignition_since_us > t->start_us ? t->ignition_since_us : t->start_us);
	} else if (now_us - t->moved_at_us >= t->cfg.idle_us) {
		end(t, t->moved_at_us);
	}
}

tt_mono_us tt_trip_wake_at(const struct tt_trip *t)
{
	tt_mono_us at;

	if (t->due)
		return 0;
	if (!t->driving)
		return TT_NEVER;
	at = t->moved_at_us + t->cfg.idle_us;
	return t->ignition == TT_IGNITION_OFF ? tt_min_i64(at, t->ignition_since_us + t->cfg.off_us) : at;
}

bool tt_trip_next(struct tt_trip *t, struct tt_trip_event *out)
{
	if (!t->due)
		return false;
	t->due = false;
	*out = t->event;
	return true;
}

bool tt_trip_open(const struct tt_trip *t, tt_mono_us now_us, struct tt_trip_open *out)
{
	if (!t->driving)
		return false;
	*out = (struct tt_trip_open){.started_ago_us = now_us - t->start_us,
				     .moved_ago_us = now_us - t->moved_at_us,
				     .odometer_start_m = t->odometer_start_m,
				     .odometer_m = t->odometer_m,
				     .integral_um = t->integral_um,
				     .gap_us = t->gap_us,
				     .sums = t->sums};
	return true;
}

void tt_trip_restore(struct tt_trip *t, tt_mono_us now_us, const struct tt_trip_open *open, int64_t elapsed_us)
{
	const tt_mono_us then = now_us - (elapsed_us > 0 ? elapsed_us : 0);

	t->driving = true;
	t->start_us = then - open->started_ago_us;
	t->moved_at_us = then - open->moved_ago_us;
	t->odometer_start_m = open->odometer_start_m;
	t->odometer_m = open->odometer_m;
	t->integral_um = open->integral_um;
	t->gap_us = open->gap_us;
	t->sums = open->sums;
	if (now_us - then > RESUME_US)
		end(t, t->moved_at_us);
	else
		t->gap_us += now_us - then;
}
