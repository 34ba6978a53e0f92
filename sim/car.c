#include "sim/car.h"

#include <string.h>

enum {
	ACCELERATE_MM_S2 = 2000,
	BRAKE_MM_S2 = 3500,
	CRASH_US = 100000,
	SCRAPE_MM_S2 = 8000, /* what is left of the speed after an impact */
	STEP_US = 1000,
	HARD_BRAKE_MM_S2 = 8000,
	HARD_GO_MM_S2 = 5000,
	SWERVE_MM_S2 = 6000,
	SWERVE_US = 3000000,
	TRACKLESS_MM_S = 13889, /* 50 km/h */
	READY_AFTER_KM = 1,
	WARM_MILLI = 90000,
};

#define UM_PER_KM INT64_C(1000000000)

void tt_car_init(struct tt_car *car)
{
	*car = (struct tt_car){
		.vin = "3FADP4FJ2BM113913",
		.ignition = TT_CAR_ON,
		.limit_mm_s = TRACKLESS_MM_S,
		.odometer_um = 10000 * UM_PER_KM,
		.coolant_milli = 88000,
		.fuel_milli = 62000,
		.battery_mv = 13900,
		.clear_um = 500 * UM_PER_KM,
		.engine_hours_us = INT64_C(1234) * 3600 * 1000000,
		.belts = TT_SIM_FRONT_LEFT,
		.tyres_milli_kpa = {230000, 230000, 230000, 230000},
	};
}

bool tt_car_engine_running(const struct tt_car *car)
{
	return car->ignition == TT_CAR_ON && !car->wrecked;
}

/* Six gears, each from 1,500 to about 2,600 revolutions. */
int64_t tt_car_rpm(const struct tt_car *car)
{
	static const struct {
		int64_t up_to_mm_s, rpm_per_m_s;
	} gears[] = {{4500, 570}, {8000, 320}, {12000, 215}, {17000, 152}, {23000, 113}, {INT64_MAX, 88}};
	size_t g = 0;
	int64_t rpm;

	if (!tt_car_engine_running(car))
		return 0;
	while (car->speed_mm_s >= gears[g].up_to_mm_s)
		g++;
	rpm = car->speed_mm_s * gears[g].rpm_per_m_s / 1000;
	return rpm < 800 ? 800 : rpm;
}

int32_t tt_car_value(const struct tt_car *car, enum tt_sim_freeze what)
{
	const bool running = tt_car_engine_running(car);
	const int64_t push = car->accel_mm_s2 > 0 ? car->accel_mm_s2 : 0;
	const int64_t values[TT_SIM_FREEZE_ITEMS] = {
		[TT_SIM_FREEZE_LOAD] = running ? 20000 + push * 25 + car->speed_mm_s * 3 / 4 : 0,
		[TT_SIM_FREEZE_COOLANT] = car->coolant_milli,
		[TT_SIM_FREEZE_RPM] = tt_car_rpm(car) * 1000,
		[TT_SIM_FREEZE_SPEED] = car->speed_mm_s * 36 / 10,
		[TT_SIM_FREEZE_INTAKE] = 24000,
		[TT_SIM_FREEZE_THROTTLE] = running ? 12000 + push * 20 + car->speed_mm_s / 2 : 0,
	};
	const int64_t percent = what == TT_SIM_FREEZE_LOAD || what == TT_SIM_FREEZE_THROTTLE;

	return (int32_t)(percent && values[what] > 100000 ? 100000 : values[what]);
}

unsigned tt_car_count(const struct tt_car_ecu *ecu, unsigned status)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ecu->ndtcs; i++)
		n += (ecu->dtcs[i].status & status) != 0;
	return n;
}

bool tt_car_lamp(const struct tt_car *car)
{
	for (unsigned i = 0; i < TT_SIM_ECUS; i++) {
		if (tt_car_count(&car->ecus[i], TT_SIM_DTC_STORED) > 0)
			return true;
	}
	return false;
}

static enum tt_err set_dtc(struct tt_car *car, const struct tt_sim_action *a)
{
	struct tt_car_ecu *ecu = &car->ecus[a->which];
	struct tt_car_dtc *dtc = ecu->dtcs;

	while (dtc < ecu->dtcs + ecu->ndtcs && dtc->code != a->code)
		dtc++;
	if (dtc == ecu->dtcs + TT_CAR_DTCS)
		return TT_EFULL;
	if (dtc == ecu->dtcs + ecu->ndtcs) {
		*dtc = (struct tt_car_dtc){.code = a->code};
		ecu->ndtcs++;
	}
	dtc->status |= a->status;
	for (unsigned i = 0; (a->status & TT_SIM_DTC_STORED) && i < TT_SIM_FREEZE_ITEMS; i++) {
		if (!dtc->frozen || a->frozen & 1U << i)
			dtc->freeze[i] = a->frozen & 1U << i ? a->freeze[i] : tt_car_value(car, (enum tt_sim_freeze)i);
	}
	dtc->frozen |= (a->status & TT_SIM_DTC_STORED) != 0;
	return TT_OK;
}

/* Drop the given status bits of one code (0: of all), and codes that have none left. */
static void drop(struct tt_car_ecu *ecu, uint16_t code, unsigned status)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		struct tt_car_dtc dtc = ecu->dtcs[i];

		if (code == 0 || dtc.code == code) {
			dtc.status &= ~status;
			dtc.frozen = false;
		}
		if (dtc.status != 0)
			ecu->dtcs[kept++] = dtc;
	}
	ecu->ndtcs = kept;
}

static void forget_distances(struct tt_car *car)
{
	car->clear_um = 0;
	car->lamp_um = 0;
	car->cleared = true;
}

void tt_car_clear_by_tester(struct tt_car *car, unsigned ecu)
{
	drop(&car->ecus[ecu], 0, TT_SIM_DTC_STORED | TT_SIM_DTC_PENDING | TT_SIM_DTC_PREFAILED);
	forget_distances(car);
}

static void clear_dtc(struct tt_car *car, uint16_t code)
{
	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		drop(&car->ecus[i], code, TT_SIM_DTC_STORED | TT_SIM_DTC_PENDING | TT_SIM_DTC_PERMANENT | TT_SIM_DTC_PREFAILED);
	if (code == 0)
		forget_distances(car);
}

static enum tt_err set_spn(struct tt_car *car, const struct tt_sim_action *a)
{
	struct tt_car_spn *spn = car->spns;

	while (spn < car->spns + car->nspns && spn->code != (uint32_t)a->value)
		spn++;
	if (spn == car->spns + TT_CAR_SPNS)
		return TT_EFULL;
	car->nspns += spn == car->spns + car->nspns;
	spn->code = (uint32_t)a->value;
	spn->lamps = (uint8_t)a->which;
	spn->count = (uint8_t)(spn->active || spn->count == 126 ? spn->count : spn->count + 1);
	spn->active = true;
	return TT_OK;
}

static void clear_spn(struct tt_car *car, uint32_t code)
{
	for (unsigned i = 0; i < car->nspns; i++)
		car->spns[i].active = car->spns[i].active && code != 0 && car->spns[i].code != code;
}

static void set_bits(unsigned *bits, unsigned which, bool on)
{
	*bits = on ? *bits | which : *bits & ~which;
}

static void crash(struct tt_car *car, int64_t lost_mm_s)
{
	const int64_t lost = tt_min_i64(lost_mm_s, car->speed_mm_s);

	car->crash_left_us = CRASH_US;
	car->crash_mm_s2 = lost * (1000000 / CRASH_US);
	car->target_mm_s = 0;
	car->follow = false;
	car->wrecked = true;
}

static void set_motion(struct tt_car *car, bool follow, int64_t target_mm_s)
{
	car->follow = follow;
	car->target_mm_s = target_mm_s;
	car->hard_mm_s2 = 0;
	car->wrecked = false; /* it was repaired: a repeating scenario drives on */
}

static void set_ignition(struct tt_car *car, enum tt_car_ignition ignition)
{
	car->ignition = ignition;
	car->off_for_us = 0;
	if (ignition != TT_CAR_OFF)
		return;
	car->run_us = 0;
	set_motion(car, false, 0);
}

static void set_hard(struct tt_car *car, int64_t target_mm_s, int64_t mm_s2)
{
	set_motion(car, false, target_mm_s);
	car->hard_mm_s2 = mm_s2;
}

static void apply_harsh(struct tt_car *car, const struct tt_sim_action *a)
{
	if (a->verb == TT_SIM_VERB_BRAKE)
		set_hard(car, a->value, HARD_BRAKE_MM_S2);
	if (a->verb == TT_SIM_VERB_FLOOR)
		set_hard(car, a->value, HARD_GO_MM_S2);
	if (a->verb == TT_SIM_VERB_TOW)
		car->towed = a->on;
	if (a->verb == TT_SIM_VERB_SWERVE) {
		car->swerve_left_us = SWERVE_US;
		car->swerve_mm_s2 = a->on ? SWERVE_MM_S2 : -SWERVE_MM_S2;
	}
	for (unsigned i = 0; a->verb == TT_SIM_VERB_TYRE && i < TT_CAR_TYRES; i++) {
		if (a->which & 1U << i)
			car->tyres_milli_kpa[i] = a->value;
	}
}

/* Lamps, bags, doors: what is set and has no consequences in here. */
static void apply_body(struct tt_car *car, const struct tt_sim_action *a)
{
	const struct {
		enum tt_sim_verb verb;
		bool *flag;
		bool value;
	} flags[] = {
		{TT_SIM_VERB_ROLLOVER, &car->rollover, a->on}, {TT_SIM_VERB_LOCK, &car->locked, a->on},
		{TT_SIM_VERB_SOS, &car->sos, a->on},           {TT_SIM_VERB_BUS, &car->bus_silent, !a->on},
		{TT_SIM_VERB_GPS, &car->gps_lost, !a->on},     {TT_SIM_VERB_BATTERY, &car->battery_fixed, true},
	};
	const struct {
		enum tt_sim_verb verb;
		int64_t *number;
		int64_t value;
	} numbers[] = {
		{TT_SIM_VERB_BATTERY, &car->battery_mv, a->value},
		{TT_SIM_VERB_FUEL, &car->fuel_milli, a->value},
		{TT_SIM_VERB_COOLANT, &car->coolant_milli, a->value},
		{TT_SIM_VERB_ODOMETER, &car->odometer_um, a->value * 1000000},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].verb == a->verb)
			*flags[i].flag = flags[i].value;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].verb == a->verb)
			*numbers[i].number = numbers[i].value;
	}
	if (a->verb == TT_SIM_VERB_AIRBAG && a->which == 0)
		car->bags = 0;
	if (a->verb == TT_SIM_VERB_AIRBAG || a->verb == TT_SIM_VERB_CRASH)
		car->bags |= a->which;
	if (a->verb == TT_SIM_VERB_BELT)
		set_bits(&car->belts, a->which, a->on);
	if (a->verb == TT_SIM_VERB_DOOR)
		set_bits(&car->doors, a->which, a->on);
}

enum tt_err tt_car_apply(struct tt_car *car, const struct tt_sim_action *a)
{
	apply_body(car, a);
	apply_harsh(car, a);
	if (a->verb == TT_SIM_VERB_VIN)
		memcpy(car->vin, a->vin, sizeof(car->vin));
	if (a->verb == TT_SIM_VERB_IGNITION)
		set_ignition(car, (enum tt_car_ignition)a->which);
	if (a->verb == TT_SIM_VERB_DRIVE || a->verb == TT_SIM_VERB_SPEED || a->verb == TT_SIM_VERB_STOP)
		set_motion(car, a->verb == TT_SIM_VERB_DRIVE, a->value);
	if (a->verb == TT_SIM_VERB_CRASH)
		crash(car, a->value);
	if (a->verb == TT_SIM_VERB_ECU)
		car->ecus[a->which].mode = a->mode;
	if (a->verb == TT_SIM_VERB_CLEAR_DTC)
		clear_dtc(car, a->code);
	if (a->verb == TT_SIM_VERB_CLEAR_SPN)
		clear_spn(car, (uint32_t)a->value);
	if (a->verb == TT_SIM_VERB_SET_SPN)
		return set_spn(car, a);
	return a->verb == TT_SIM_VERB_SET_DTC ? set_dtc(car, a) : TT_OK;
}

static int64_t wanted_mm_s(const struct tt_car *car)
{
	if (!car->follow)
		return car->target_mm_s;
	return car->target_mm_s == 0 ? car->limit_mm_s : tt_min_i64(car->target_mm_s, car->limit_mm_s);
}

/* Acceleration of the next dt, so that neither the wanted speed nor standstill is overshot. */
static int64_t acceleration(const struct tt_car *car, int64_t dt_us)
{
	const int64_t missing = (wanted_mm_s(car) - car->speed_mm_s) * 1000000 / dt_us;
	const int64_t go = car->hard_mm_s2 ? car->hard_mm_s2 : ACCELERATE_MM_S2, brake = car->hard_mm_s2 ? car->hard_mm_s2 : BRAKE_MM_S2;

	if (car->crash_left_us > 0)
		return -car->crash_mm_s2;
	if (car->wrecked)
		return missing < -SCRAPE_MM_S2 ? -SCRAPE_MM_S2 : missing;
	return missing > go ? go : missing < -brake ? -brake : missing;
}

static void small_step(struct tt_car *car, int64_t dt_us)
{
	const int64_t a = acceleration(car, dt_us), before = car->speed_mm_s;
	const int64_t change = a * dt_us + car->crash_rest_um_s; /* 1/1000000 mm/s */
	int64_t way_um;

	car->speed_mm_s += change / 1000000;
	car->crash_rest_um_s = change % 1000000;
	if (car->speed_mm_s <= 0) {
		car->speed_mm_s = 0;
		car->crash_rest_um_s = 0;
	}
	car->accel_mm_s2 = before == 0 && car->speed_mm_s == 0 && a < 0 ? 0 : a;
	if (car->crash_left_us > 0)
		car->crash_left_us -= tt_min_i64(dt_us, car->crash_left_us);
	way_um = (before + car->speed_mm_s) / 2 * dt_us / 1000;
	car->odometer_um += way_um;
	car->travelled_um += car->towed ? TT_CAR_TOW_MM_S * dt_us / 1000 : way_um;
	car->clear_um += way_um;
	if (tt_car_lamp(car))
		car->lamp_um += way_um;
}

/* On top of the track's curve, which the caller sets anew before each step. */
static void swerve(struct tt_car *car, int64_t dt_us)
{
	if (car->swerve_left_us <= 0)
		return;
	car->swerve_left_us -= tt_min_i64(dt_us, car->swerve_left_us);
	car->lateral_mm_s2 = car->swerve_left_us > 0 ? car->swerve_mm_s2 : 0;
}

void tt_car_step(struct tt_car *car, int64_t dt_us)
{
	const bool running = tt_car_engine_running(car);

	swerve(car, dt_us);
	for (int64_t left = dt_us; left > 0; left -= STEP_US)
		small_step(car, tt_min_i64(left, STEP_US));
	if (running) {
		car->run_us += dt_us;
		car->engine_hours_us += dt_us;
	}
	if (car->ignition == TT_CAR_OFF)
		car->off_for_us += dt_us;
	if (running && car->coolant_milli < WARM_MILLI)
		car->coolant_milli += tt_min_i64(dt_us / 5000, WARM_MILLI - car->coolant_milli); /* a degree in 5 s */
	if (!car->battery_fixed)
		car->battery_mv = running ? 13900 : 12500;
	if (car->clear_um > READY_AFTER_KM * UM_PER_KM)
		car->cleared = false;
}
