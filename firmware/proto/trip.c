#include "firmware/proto/trip.h"

enum { MOVING_MM_S = 300, GAP_US = 2000000, ODOMETER_GOOD_M = 2000, RESUME_US = 300000000 };

const struct tt_trip_config TT_TRIP_DEFAULT = {.start_mm_s = 1389, .start_us = TT_SEC(1), .off_us = TT_SEC(3), .idle_us = TT_SEC(600)};

void tt_trip_init(struct tt_trip *t, const struct tt_trip_config *cfg)
{
	*t = (struct tt_trip){.cfg = *cfg, .fast_since_us = TT_NEVER};
}

static void start(struct tt_trip *t, tt_mono_us now_us)
{
	t->driving = true;
	t->start_us = t->fast_since_us;
	t->moved_at_us = now_us;
	t->odometer_start_m = t->odometer_m;
	t->integral_um = 0;
	t->gap_us = 0;
	t->event = (struct tt_trip_event){.change = TT_TRIP_START, .at_us = t->start_us};
	t->due = true;
}

static uint64_t distance(const struct tt_trip *t)
{
	const int64_t by_odometer =
		t->odometer_start_m > 0 && t->odometer_m >= t->odometer_start_m ? t->odometer_m - t->odometer_start_m : -1;
	const int64_t by_speed = t->integral_um / 1000000;

	if (by_odometer >= ODOMETER_GOOD_M || (by_odometer >= 0 && t->gap_us > 0))
		return (uint64_t)by_odometer;
	return (uint64_t)by_speed;
}

static void end(struct tt_trip *t, tt_mono_us at_us)
{
	t->driving = false;
	t->fast_since_us = TT_NEVER;
	t->event = (struct tt_trip_event){.change = TT_TRIP_END,
					  .at_us = at_us,
					  .distance_m = distance(t),
					  .duration_s = (uint64_t)((at_us - t->start_us) / 1000000)};
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
}

void tt_trip_speed(struct tt_trip *t, tt_mono_us now_us, int32_t speed_mm_s)
{
	integrate(t, now_us);
	if (t->speed_known && now_us - t->speed_at_us > GAP_US)
		t->fast_since_us = TT_NEVER; /* nobody watched in between */
	t->speed_known = true;
	t->speed_mm_s = speed_mm_s;
	t->speed_at_us = now_us;
	if (speed_mm_s > MOVING_MM_S)
		t->moved_at_us = now_us;
	if (speed_mm_s < t->cfg.start_mm_s)
		t->fast_since_us = TT_NEVER;
	else if (t->fast_since_us == TT_NEVER)
		t->fast_since_us = now_us;
	if (!t->driving && !t->due && t->ignition != TT_IGNITION_OFF && t->fast_since_us != TT_NEVER &&
	    now_us - t->fast_since_us >= t->cfg.start_us)
		start(t, now_us);
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
	if (t->ignition == TT_IGNITION_OFF && now_us - t->ignition_since_us >= t->cfg.off_us)
		end(t, t->ignition_since_us > t->start_us ? t->ignition_since_us : t->start_us);
	else if (now_us - t->moved_at_us >= t->cfg.idle_us)
		end(t, t->moved_at_us);
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
				     .gap_us = t->gap_us};
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
	if (now_us - then > RESUME_US)
		end(t, t->moved_at_us);
	else
		t->gap_us += now_us - then;
}
