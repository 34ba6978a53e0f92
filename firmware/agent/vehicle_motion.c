#include "firmware/agent/vehicle_motion.h"

#include <math.h>
#include <string.h>

/* Nothing of a car is beyond a thousand million thousandths. */
static int64_t milli(double v)
{
	return fabs(v) < 1e9 ? llround(v * 1000) : INT64_MAX / 1000000;
}

static void role_yaw(struct tt_vehicle *v, tt_mono_us at_us, double degrees_s)
{
	if (fabs(degrees_s) < 1000)
		tt_motion_yaw(&v->motion, at_us, milli(degrees_s));
}

static void role_voltage(struct tt_vehicle *v, tt_mono_us at_us, double volts)
{
	tt_motion_voltage(&v->motion, at_us, v->utc_of_zero_us > 0 ? v->utc_of_zero_us + at_us : 0, milli(volts));
}

static void role_engine(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	v->engine_told = true;
	tt_motion_engine(&v->motion, at_us, value != 0);
}

/* Only while no signal says it outright. */
static void role_rpm(struct tt_vehicle *v, tt_mono_us at_us, double rpm)
{
	enum { TURNS = 400 };

	if (!v->engine_told)
		tt_motion_engine(&v->motion, at_us, rpm >= TURNS);
}

static void role_coolant(struct tt_vehicle *v, tt_mono_us at_us, double celsius)
{
	tt_motion_coolant(&v->motion, at_us, milli(celsius));
}

static void role_fuel_level(struct tt_vehicle *v, tt_mono_us at_us, double percent)
{
	tt_motion_fuel_level(&v->motion, at_us, milli(percent));
}

/* Litres into per cent of the tank that the profile gives. */
static void role_fuel_litres(struct tt_vehicle *v, tt_mono_us at_us, double litres)
{
	const int64_t tank = v->profile->motion.milli[TT_MOTION_FUEL_TANK];

	if (tank > 0)
		tt_motion_fuel_level(&v->motion, at_us, milli(litres / (double)tank * 1e5));
}

static void role_fuel_rate(struct tt_vehicle *v, tt_mono_us at_us, double litres_h)
{
	tt_motion_fuel_rate(&v->motion, at_us, milli(litres_h));
}

/* A role has no argument of its own, so each wheel has its functions. */
#define WHEEL(n) \
	static void role_pressure_##n(struct tt_vehicle *v, tt_mono_us at_us, double kpa) \
	{ \
		tt_motion_tyre_pressure(&v->motion, at_us, n, milli(kpa)); \
	} \
	static void role_warmth_##n(struct tt_vehicle *v, tt_mono_us at_us, double celsius) \
	{ \
		(void)at_us; \
		tt_motion_tyre_temperature(&v->motion, n, milli(celsius)); \
	} \
	static void role_warning_##n(struct tt_vehicle *v, tt_mono_us at_us, double value) \
	{ \
		tt_motion_tyre_warning(&v->motion, at_us, n, value != 0); \
	}
WHEEL(0)
WHEEL(1)
WHEEL(2)
WHEEL(3)
#undef WHEEL

static const struct {
	const char *path;
	tt_vehicle_role_fn fn;
} roles[] = {
	{"Vehicle.AngularVelocity.Yaw", role_yaw},
	{"Vehicle.LowVoltageBattery.CurrentVoltage", role_voltage},
	{"Vehicle.Powertrain.CombustionEngine.IsRunning", role_engine},
	{"Vehicle.Powertrain.CombustionEngine.Speed", role_rpm},
	{"Vehicle.Powertrain.CombustionEngine.ECT", role_coolant},
	{"Vehicle.Powertrain.FuelSystem.RelativeLevel", role_fuel_level},
	{"Vehicle.Powertrain.FuelSystem.AbsoluteLevel", role_fuel_litres},
	{"Vehicle.Telltale.FuelRate", role_fuel_rate},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure", role_pressure_0},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Pressure", role_pressure_1},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Pressure", role_pressure_2},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Pressure", role_pressure_3},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.AirTemperature", role_warmth_0},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.AirTemperature", role_warmth_1},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.AirTemperature", role_warmth_2},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.AirTemperature", role_warmth_3},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.IsPressureLow", role_warning_0},
	{"Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.IsPressureLow", role_warning_1},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.IsPressureLow", role_warning_2},
	{"Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.IsPressureLow", role_warning_3},
};

tt_vehicle_role_fn tt_vehicle_motion_role(const char *path)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(roles[i].path, path) == 0)
			return roles[i].fn;
	}
	return NULL;
}
