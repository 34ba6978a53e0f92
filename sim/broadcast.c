#include "sim/broadcast.h"

#include <string.h>

enum { ASLEEP_AFTER_US = 2000000 };

enum signal {
	BAG_DRIVER,
	BAG_PASSENGER,
	BAG_REAR_LEFT,
	BAG_REAR_RIGHT,
	BAGS_ENABLED,
	ROLLOVER,
	COUNTER,
	BELT_DRIVER,
	BELT_PASSENGER,
	SEAT_TAKEN,
	SOS,
	SPEED,
	ACCEL_LONG,
	ACCEL_LATERAL,
	ACCEL_VERTICAL,
	RPM,
	RUNNING,
	COOLANT,
	FUEL,
	STATE_12V,
	VOLTS,
	DOOR_FL,
	DOOR_FR,
	DOOR_RL,
	DOOR_RR,
	LOCKED,
	ODOMETER,
	LAMP,
	TYRE_FL,
	TYRE_FR,
	TYRE_RL,
	TYRE_RR,
	TYRE_WARMTH,
	SIGNALS
};

enum message {
	AIRBAG_STATUS,
	BELT_STATUS,
	SOS_STATUS,
	WHEEL_SPEEDS,
	VEHICLE_DYNAMICS,
	ENGINE_DATA,
	BODY_STATUS,
	TYRE_STATUS,
	CLUSTER_DATA
};

/* phase: when after the start the first one goes out, so that not all fall on the same millisecond. */
static const struct {
	uint32_t id;
	uint8_t len;
	bool on_change;
	int64_t period_us, phase_us;
} messages[TT_BROADCAST_MESSAGES] = {
	[AIRBAG_STATUS] = {80, 8, true, 100000, 0},        [BELT_STATUS] = {96, 2, true, 100000, 13000},
	[SOS_STATUS] = {112, 1, true, 100000, 23000},      [WHEEL_SPEEDS] = {176, 8, false, 10000, 1000},
	[VEHICLE_DYNAMICS] = {180, 8, false, 10000, 2000}, [ENGINE_DATA] = {496, 8, false, 20000, 4000},
	[BODY_STATUS] = {768, 8, true, 100000, 37000},     [TYRE_STATUS] = {800, 8, false, 1000000, 43000},
	[CLUSTER_DATA] = {1024, 8, false, 1000000, 6000},
};

/* Where each raw value goes; start is the DBC's bit number. Motorola signals here are byte aligned. */
static const struct {
	enum message message;
	enum signal signal;
	uint8_t start, bits;
	bool motorola;
} places[] = {
	{AIRBAG_STATUS, BAG_DRIVER, 0, 1, false},
	{AIRBAG_STATUS, BAG_PASSENGER, 1, 1, false},
	{AIRBAG_STATUS, BAG_REAR_LEFT, 2, 1, false},
	{AIRBAG_STATUS, BAG_REAR_RIGHT, 3, 1, false},
	{AIRBAG_STATUS, BAGS_ENABLED, 4, 2, false},
	{AIRBAG_STATUS, ROLLOVER, 6, 1, false},
	{AIRBAG_STATUS, COUNTER, 56, 4, false},
	{BELT_STATUS, BELT_DRIVER, 0, 1, false},
	{BELT_STATUS, BELT_PASSENGER, 1, 1, false},
	{BELT_STATUS, SEAT_TAKEN, 2, 1, false},
	{SOS_STATUS, SOS, 0, 1, false},
	{WHEEL_SPEEDS, SPEED, 0, 16, false},
	{WHEEL_SPEEDS, SPEED, 16, 16, false},
	{WHEEL_SPEEDS, SPEED, 32, 16, false},
	{WHEEL_SPEEDS, SPEED, 48, 16, false},
	{VEHICLE_DYNAMICS, SPEED, 0, 16, false},
	{VEHICLE_DYNAMICS, ACCEL_LONG, 16, 16, false},
	{VEHICLE_DYNAMICS, ACCEL_LATERAL, 32, 16, false},
	{VEHICLE_DYNAMICS, ACCEL_VERTICAL, 48, 16, false},
	{ENGINE_DATA, RPM, 7, 16, true},
	{ENGINE_DATA, RUNNING, 16, 1, false},
	{ENGINE_DATA, COOLANT, 24, 8, false},
	{ENGINE_DATA, FUEL, 32, 8, false},
	{BODY_STATUS, STATE_12V, 0, 3, false},
	{BODY_STATUS, VOLTS, 8, 16, false},
	{BODY_STATUS, DOOR_FL, 24, 1, false},
	{BODY_STATUS, DOOR_FR, 25, 1, false},
	{BODY_STATUS, DOOR_RL, 26, 1, false},
	{BODY_STATUS, DOOR_RR, 27, 1, false},
	{BODY_STATUS, LOCKED, 28, 1, false},
	{TYRE_STATUS, TYRE_FL, 0, 8, false},
	{TYRE_STATUS, TYRE_FR, 8, 8, false},
	{TYRE_STATUS, TYRE_RL, 16, 8, false},
	{TYRE_STATUS, TYRE_RR, 24, 8, false},
	{TYRE_STATUS, TYRE_WARMTH, 32, 8, false},
	{TYRE_STATUS, TYRE_WARMTH, 40, 8, false},
	{TYRE_STATUS, TYRE_WARMTH, 48, 8, false},
	{TYRE_STATUS, TYRE_WARMTH, 56, 8, false},
	{CLUSTER_DATA, ODOMETER, 0, 32, false},
	{CLUSTER_DATA, LAMP, 32, 1, false},
};

static int64_t clamp16(int64_t v)
{
	return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
}

static bool has(unsigned bits, unsigned bit)
{
	return (bits & bit) != 0;
}

/* Raw values, scaled as the DBC says. */
static void take_values(const struct tt_car *car, uint8_t counter, int64_t v[SIGNALS])
{
	v[BAG_DRIVER] = has(car->bags, TT_SIM_FRONT_LEFT);
	v[BAG_PASSENGER] = has(car->bags, TT_SIM_FRONT_RIGHT);
	v[BAG_REAR_LEFT] = has(car->bags, TT_SIM_REAR_LEFT);
	v[BAG_REAR_RIGHT] = has(car->bags, TT_SIM_REAR_RIGHT);
	v[BAGS_ENABLED] = 3;
	v[ROLLOVER] = car->rollover;
	v[COUNTER] = counter;
	v[BELT_DRIVER] = has(car->belts, TT_SIM_FRONT_LEFT);
	v[BELT_PASSENGER] = has(car->belts, TT_SIM_FRONT_RIGHT);
	v[SEAT_TAKEN] = has(car->belts, TT_SIM_FRONT_RIGHT);
	v[SOS] = car->sos;
	v[SPEED] = car->speed_mm_s * 36 / 100;
	v[ACCEL_LONG] = clamp16(car->accel_mm_s2 / 10);
	v[ACCEL_LATERAL] = clamp16(car->lateral_mm_s2 / 10);
	v[ACCEL_VERTICAL] = 0;
	v[RPM] = tt_car_rpm(car) * 4;
	v[RUNNING] = tt_car_engine_running(car);
	v[COOLANT] = car->coolant_milli / 1000 + 40;
	v[FUEL] = car->fuel_milli / 500;
	v[STATE_12V] = car->ignition;
	v[VOLTS] = car->battery_mv;
	v[DOOR_FL] = has(car->doors, TT_SIM_FRONT_LEFT);
	v[DOOR_FR] = has(car->doors, TT_SIM_FRONT_RIGHT);
	v[DOOR_RL] = has(car->doors, TT_SIM_REAR_LEFT);
	v[DOOR_RR] = has(car->doors, TT_SIM_REAR_RIGHT);
	v[LOCKED] = car->locked;
	v[ODOMETER] = car->odometer_um / 100000000;
	v[LAMP] = tt_car_lamp(car);
	for (unsigned i = 0; i < TT_CAR_TYRES; i++)
		v[TYRE_FL + i] = car->tyres_milli_kpa[i] / 2000;
	v[TYRE_WARMTH] = 20 + 40;
}

static void put_bits(uint8_t data[8], unsigned start, unsigned bits, bool motorola, uint64_t value)
{
	for (unsigned i = 0; i < bits; i++) {
		/* Intel counts up from the lowest bit; Motorola's start is the highest bit, and bytes go on to the right. */
		const unsigned bit = motorola ? bits - 1 - i : i;
		const unsigned at = motorola ? (start / 8 + i / 8) * 8 + start % 8 - i % 8 : start + i;

		data[at / 8] = (uint8_t)(data[at / 8] | (value >> bit & 1) << at % 8);
	}
}

static void compose(enum message m, const struct tt_car *car, uint8_t counter, uint8_t data[8])
{
	int64_t values[SIGNALS];

	memset(data, 0, 8);
	take_values(car, counter, values);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].message == m)
			put_bits(data, places[i].start, places[i].bits, places[i].motorola, (uint64_t)values[places[i].signal]);
	}
}

void tt_broadcast_init(struct tt_broadcast *b, tt_mono_us now_us)
{
	*b = (struct tt_broadcast){.counter = 0};
	for (unsigned m = 0; m < TT_BROADCAST_MESSAGES; m++)
		b->due_us[m] = now_us + messages[m].phase_us;
}

static bool changed(const struct tt_broadcast *b, enum message m, const struct tt_car *car)
{
	uint8_t data[8];

	if (!messages[m].on_change || !(b->told & 1U << m))
		return false;
	compose(m, car, b->counter, data);
	return memcmp(data, b->sent[m], sizeof(data)) != 0;
}

bool tt_broadcast_next(struct tt_broadcast *b, const struct tt_car *car, tt_mono_us now_us, struct tt_can_frame *out)
{
	const bool quiet = car->bus_silent || (car->ignition == TT_CAR_OFF && car->off_for_us > ASLEEP_AFTER_US);

	for (unsigned m = 0; m < TT_BROADCAST_MESSAGES; m++) {
		const bool due = b->due_us[m] <= now_us;

		if (!due && (quiet || !changed(b, (enum message)m, car)))
			continue;
		if (due)
			b->due_us[m] += messages[m].period_us * ((now_us - b->due_us[m]) / messages[m].period_us + 1);
		if (quiet)
			continue;
		if (m == AIRBAG_STATUS)
			b->counter = (b->counter + 1) & 15;
		*out = (struct tt_can_frame){.id = messages[m].id, .len = messages[m].len};
		compose((enum message)m, car, b->counter, b->sent[m]);
		memcpy(out->data, b->sent[m], out->len);
		b->told |= 1U << m;
		return true;
	}
	return false;
}

tt_mono_us tt_broadcast_wake_at(const struct tt_broadcast *b)
{
	tt_mono_us at_us = TT_NEVER;

	for (unsigned m = 0; m < TT_BROADCAST_MESSAGES; m++)
		at_us = tt_min_i64(at_us, b->due_us[m]);
	return at_us;
}
