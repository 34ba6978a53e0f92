#include "firmware/proto/motion.h"

#include <string.h>

enum {
	WAY_GAP_US = 2500000, /* an OBD answer a second is no gap */
	GPS_REST_MM_S = 800,  /* a standing receiver's noise */
};

void tt_motion_init(struct tt_motion *m, const struct tt_motion_config *cfg, struct tt_trip *trip, struct tt_odometer *odometer)
{
	memset(m, 0, sizeof(*m));
	m->cfg = cfg;
	m->trip = trip;
	m->odometer = odometer;
	m->way_at_us = TT_NEVER;
	tt_fix_gate_init(&m->gate, cfg->milli[TT_MOTION_FIX_ACCURACY]);
	tt_driving_init(&m->driving, cfg, &m->queue);
	tt_geofences_init(&m->fences, cfg, &m->queue);
	tt_towing_init(&m->towing, cfg, &m->queue);
	tt_battery_init(&m->battery, cfg, &m->queue);
	tt_tyres_init(&m->tyres, cfg, &m->queue);
	tt_coolant_init(&m->coolant, cfg, &m->queue);
	tt_fuel_init(&m->fuel, cfg, &m->queue);
}

/* The way since the last speed, for the odometer. */
static void count_way(struct tt_motion *m, tt_mono_us now_us, int64_t mm_s)
{
	const int64_t dt_us = now_us - m->way_at_us;

	if (dt_us > 0 && dt_us <= WAY_GAP_US)
		tt_odometer_moved(m->odometer, now_us, (m->way_mm_s + mm_s) / 2 * dt_us / 1000);
	m->way_at_us = now_us;
	m->way_mm_s = mm_s;
}

static void told_harsh(struct tt_motion *m)
{
	for (; m->harsh != m->driving.harsh; m->harsh++)
		tt_trip_harsh(m->trip);
}

void tt_motion_speed(struct tt_motion *m, tt_mono_us now_us, int64_t mm_s)
{
	tt_trip_by_gps(m->trip, false);
	tt_trip_speed(m->trip, now_us, (int32_t)mm_s);
	count_way(m, now_us, mm_s);
	tt_driving_speed(&m->driving, now_us, mm_s);
	tt_towing_speed(&m->towing, now_us, mm_s);
	tt_fuel_speed(&m->fuel, now_us, mm_s);
}

void tt_motion_accel(struct tt_motion *m, tt_mono_us now_us, unsigned axis, int64_t mm_s2)
{
	if (m->ignition != TT_IGNITION_OFF)
		tt_driving_accel(&m->driving, now_us, axis, mm_s2);
	tt_towing_accel(&m->towing, now_us, axis, mm_s2);
}

void tt_motion_yaw(struct tt_motion *m, tt_mono_us now_us, int64_t mdeg_s)
{
	tt_driving_yaw(&m->driving, now_us, mdeg_s);
}

/* A car whose bus gives no speed moves as its receiver says. */
static void move_by_gps(struct tt_motion *m, const struct tt_fix_sample *fix)
{
	const int64_t median = tt_median3_add(&m->gps_speed, fix->speed_mm_s);
	const int64_t mm_s = median < GPS_REST_MM_S ? 0 : median;

	if (tt_driving_bus_speed(&m->driving, fix->at_us) || m->ignition == TT_IGNITION_OFF)
		return;
	tt_trip_by_gps(m->trip, true);
	tt_trip_speed(m->trip, fix->at_us, (int32_t)mm_s);
	count_way(m, fix->at_us, mm_s);
	tt_fuel_speed(&m->fuel, fix->at_us, mm_s);
}

/* With the ignition off nobody drives: what moves the car then is for towing to judge, and an excess under way is over. */
static void drive_by_fix(struct tt_motion *m)
{
	struct tt_fix_sample fix = m->gate.last;
	const bool off = m->ignition == TT_IGNITION_OFF;

	fix.speed_mm_s = off ? 0 : fix.speed_mm_s;
	tt_driving_fix(&m->driving, &fix, m->gate.restarted || off);
}

void tt_motion_fix(struct tt_motion *m, const struct tt_fix_sample *fix)
{
	if (tt_fix_gate_take(&m->gate, fix) != TT_FIX_GOOD)
		return;
	if (m->gate.restarted)
		m->gps_speed.n = 0;
	move_by_gps(m, &m->gate.last);
	drive_by_fix(m);
	tt_geofences_fix(&m->fences, &m->gate.last);
	tt_towing_fix(&m->towing, &m->gate.last);
}

void tt_motion_ignition(struct tt_motion *m, tt_mono_us now_us, enum tt_ignition ignition)
{
	tt_towing_ignition(&m->towing, now_us, ignition);
	if (ignition == TT_IGNITION_UNKNOWN || ignition == m->ignition)
		return;
	m->ignition = ignition;
	if (ignition != TT_IGNITION_OFF)
		return;
	tt_motion_engine(m, now_us, false);
	tt_fuel_park(&m->fuel);
}

void tt_motion_engine(struct tt_motion *m, tt_mono_us now_us, bool runs)
{
	tt_battery_engine(&m->battery, now_us, runs ? TT_ENGINE_RUNS : TT_ENGINE_OFF);
	tt_fuel_engine(&m->fuel, runs);
}

void tt_motion_voltage(struct tt_motion *m, tt_mono_us now_us, tt_utc_us utc_us, int64_t mv)
{
	tt_battery_voltage(&m->battery, now_us, utc_us, mv);
}

void tt_motion_coolant(struct tt_motion *m, tt_mono_us now_us, int64_t milli_c)
{
	tt_coolant_temperature(&m->coolant, now_us, milli_c);
}

void tt_motion_fuel_level(struct tt_motion *m, tt_mono_us now_us, int64_t milli_percent)
{
	tt_fuel_level(&m->fuel, now_us, milli_percent);
	if (tt_fuel_now(&m->fuel) >= 0)
		tt_trip_fuel_level(m->trip, tt_fuel_now(&m->fuel));
}

void tt_motion_fuel_rate(struct tt_motion *m, tt_mono_us now_us, int64_t ml_h)
{
	if (ml_h >= 0)
		tt_trip_fuel_rate(m->trip, now_us, ml_h);
}

void tt_motion_tyre_pressure(struct tt_motion *m, tt_mono_us now_us, unsigned wheel, int64_t milli_kpa)
{
	tt_tyres_pressure(&m->tyres, now_us, wheel, milli_kpa);
}

void tt_motion_tyre_temperature(struct tt_motion *m, unsigned wheel, int64_t milli_c)
{
	tt_tyres_temperature(&m->tyres, wheel, milli_c);
}

void tt_motion_tyre_warning(struct tt_motion *m, tt_mono_us now_us, unsigned wheel, bool low)
{
	tt_tyres_warning(&m->tyres, now_us, wheel, low);
}

void tt_motion_tick(struct tt_motion *m, tt_mono_us now_us)
{
	tt_driving_tick(&m->driving, now_us);
	tt_geofences_tick(&m->fences, now_us);
	tt_towing_tick(&m->towing, now_us);
	told_harsh(m);
}

bool tt_motion_next(struct tt_motion *m, struct tt_motion_event *out)
{
	return tt_motion_queue_take(&m->queue, out);
}

/* ---- what lasts ---- */

unsigned tt_motion_slot(const struct tt_motion_event *e)
{
	static const unsigned slots[] = {
		[TT_MOTION_KIND_BRAKING] = TT_SLOT_NONE,        [TT_MOTION_KIND_ACCELERATION] = TT_SLOT_NONE,
		[TT_MOTION_KIND_CORNERING] = TT_SLOT_NONE,      [TT_MOTION_KIND_OVERSPEED] = TT_SLOT_OVERSPEED,
		[TT_MOTION_KIND_TOWING] = TT_SLOT_TOWING,       [TT_MOTION_KIND_GEOFENCE] = TT_SLOT_FENCES,
		[TT_MOTION_KIND_LOW_BATTERY] = TT_SLOT_BATTERY, [TT_MOTION_KIND_BATTERY_AGEING] = TT_SLOT_NONE,
		[TT_MOTION_KIND_TYRE] = TT_SLOT_TYRES,          [TT_MOTION_KIND_COOLANT] = TT_SLOT_COOLANT,
		[TT_MOTION_KIND_FUEL_DROP] = TT_SLOT_NONE,
	};

	return slots[e->kind] + e->which;
}

const char *tt_motion_slot_name(const struct tt_motion *m, unsigned slot)
{
	static const char *const names[] = {"overspeed", "towing", "battery", "coolant"};

	if (slot < TT_SLOT_TYRES)
		return names[slot];
	if (slot < TT_SLOT_FENCES)
		return tt_tyres_name(slot - TT_SLOT_TYRES);
	return slot - TT_SLOT_FENCES < m->cfg->nfences ? m->cfg->fences[slot - TT_SLOT_FENCES].name : NULL;
}

static const struct tt_episode *episode(const struct tt_motion *m, unsigned slot)
{
	if (slot >= TT_SLOT_TYRES)
		return &m->tyres.wheels[slot - TT_SLOT_TYRES].low;
	return slot == TT_SLOT_OVERSPEED ? &m->driving.over : slot == TT_SLOT_BATTERY ? &m->battery.low : &m->coolant.hot;
}

bool tt_motion_open(const struct tt_motion *m, unsigned slot, tt_mono_us *begin_us, int64_t *peak, bool *dwelt)
{
	const struct tt_episode *e;

	*dwelt = false;
	*peak = 0;
	if (slot >= TT_SLOT_FENCES) {
		*begin_us = m->fences.fences[slot - TT_SLOT_FENCES].entered_us;
		*dwelt = m->fences.fences[slot - TT_SLOT_FENCES].dwelt;
		return m->fences.fences[slot - TT_SLOT_FENCES].inside;
	}
	if (slot == TT_SLOT_TOWING) {
		*begin_us = m->towing.begin_us;
		*peak = m->towing.peak_mm;
		return m->towing.on;
	}
	e = episode(m, slot);
	*begin_us = e->begin_us;
	*peak = e->peak;
	return e->on;
}

void tt_motion_reopen(struct tt_motion *m, unsigned slot, tt_mono_us begin_us, int64_t peak, bool dwelt)
{
	const struct tt_episode e = {.on = true, .begin_us = begin_us, .peak = peak};

	if (slot >= TT_SLOT_FENCES) {
		tt_geofences_restore(&m->fences, slot - TT_SLOT_FENCES, begin_us, dwelt);
	} else if (slot >= TT_SLOT_TYRES) {
		m->tyres.wheels[slot - TT_SLOT_TYRES].low = e;
		m->tyres.wheels[slot - TT_SLOT_TYRES].cause = TT_CAUSE_PLACARD;
	} else if (slot == TT_SLOT_OVERSPEED) {
		m->driving.over = e;
	} else if (slot == TT_SLOT_BATTERY) {
		m->battery.low = e;
		m->battery.low_cause = TT_CAUSE_RESTING_VOLTAGE;
		m->battery.limit_mv = (m->cfg->battery_24v ? 2 : 1) * m->cfg->milli[TT_MOTION_BATTERY_LOW];
	} else if (slot == TT_SLOT_COOLANT) {
		m->coolant.hot = e;
	}
}
