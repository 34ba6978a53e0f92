/*
 * The table of PIDs row by row: length, name, unit, and the ends of each value's range. The numbers were made from the formulas of SAE
 * J1979-DA by other means than the table.
 */
#include "firmware/proto/obd_pids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The first byte says which values are there. */
static bool has_support_byte(uint8_t pid)
{
	static const uint8_t pids[] = {0x66, 0x67, 0x69, 0x6C, 0x6D, 0x7F, 0x9A, 0xA4};

	return memchr(pids, pid, sizeof(pids)) != NULL;
}

static struct tt_obd_value value_of(uint8_t pid, unsigned index, const uint8_t *data)
{
	struct tt_obd_value v = {0};
	const enum tt_err err = tt_obd_pid_value(pid, data, tt_obd_pid_len(pid), index, &v);

	if (err)
		fail_msg("PID %02X value %u: %s", pid, index, tt_err_name(err));
	return v;
}

static void each_value_at_the_ends_of_its_range(void **state)
{
	static const struct {
		uint8_t pid, len, index;
		int64_t lowest, highest; /* raw all 0; all 1 (0D: FE; signed values: -1) */
		const char *name, *unit;
	} rows[] = {
		{0x04, 1, 0, 0, 100000, "EngineLoad", "percent"},
		{0x05, 1, 0, -40000, 215000, "CoolantTemperature", "celsius"},
		{0x06, 1, 0, -100000, 99219, "ShortTermFuelTrimBank1", "percent"},
		{0x07, 1, 0, -100000, 99219, "LongTermFuelTrimBank1", "percent"},
		{0x08, 1, 0, -100000, 99219, "ShortTermFuelTrimBank2", "percent"},
		{0x09, 1, 0, -100000, 99219, "LongTermFuelTrimBank2", "percent"},
		{0x0A, 1, 0, 0, 765000, "FuelPressure", "kPa"},
		{0x0B, 1, 0, 0, 255000, "IntakeManifoldPressure", "kPa"},
		{0x0C, 2, 0, 0, 16383750, "EngineSpeed", "rpm"},
		{0x0D, 1, 0, 0, 254000, "VehicleSpeed", "km/h"},
		{0x0E, 1, 0, -64000, 63500, "TimingAdvance", "degrees"},
		{0x0F, 1, 0, -40000, 215000, "IntakeAirTemperature", "celsius"},
		{0x10, 2, 0, 0, 655350, "MassAirFlow", "g/s"},
		{0x11, 1, 0, 0, 100000, "ThrottlePosition", "percent"},
		{0x14, 2, 0, 0, 1275, "OxygenSensor1Voltage", "V"},
		{0x14, 2, 1, -100000, 99219, "OxygenSensor1Trim", "percent"},
		{0x15, 2, 0, 0, 1275, "OxygenSensor2Voltage", "V"},
		{0x15, 2, 1, -100000, 99219, "OxygenSensor2Trim", "percent"},
		{0x16, 2, 0, 0, 1275, "OxygenSensor3Voltage", "V"},
		{0x16, 2, 1, -100000, 99219, "OxygenSensor3Trim", "percent"},
		{0x17, 2, 0, 0, 1275, "OxygenSensor4Voltage", "V"},
		{0x17, 2, 1, -100000, 99219, "OxygenSensor4Trim", "percent"},
		{0x18, 2, 0, 0, 1275, "OxygenSensor5Voltage", "V"},
		{0x18, 2, 1, -100000, 99219, "OxygenSensor5Trim", "percent"},
		{0x19, 2, 0, 0, 1275, "OxygenSensor6Voltage", "V"},
		{0x19, 2, 1, -100000, 99219, "OxygenSensor6Trim", "percent"},
		{0x1A, 2, 0, 0, 1275, "OxygenSensor7Voltage", "V"},
		{0x1A, 2, 1, -100000, 99219, "OxygenSensor7Trim", "percent"},
		{0x1B, 2, 0, 0, 1275, "OxygenSensor8Voltage", "V"},
		{0x1B, 2, 1, -100000, 99219, "OxygenSensor8Trim", "percent"},
		{0x1F, 2, 0, 0, 65535000, "RunTimeSinceStart", "s"},
		{0x21, 2, 0, 0, 65535000, "DistanceWithMil", "km"},
		{0x22, 2, 0, 0, 5177265, "FuelRailPressureRelative", "kPa"},
		{0x23, 2, 0, 0, 655350000, "FuelRailPressure", "kPa"},
		{0x24, 4, 0, 0, 2000, "OxygenSensor1Lambda", "ratio"},
		{0x24, 4, 1, 0, 8000, "OxygenSensor1WideVoltage", "V"},
		{0x25, 4, 0, 0, 2000, "OxygenSensor2Lambda", "ratio"},
		{0x25, 4, 1, 0, 8000, "OxygenSensor2WideVoltage", "V"},
		{0x26, 4, 0, 0, 2000, "OxygenSensor3Lambda", "ratio"},
		{0x26, 4, 1, 0, 8000, "OxygenSensor3WideVoltage", "V"},
		{0x27, 4, 0, 0, 2000, "OxygenSensor4Lambda", "ratio"},
		{0x27, 4, 1, 0, 8000, "OxygenSensor4WideVoltage", "V"},
		{0x28, 4, 0, 0, 2000, "OxygenSensor5Lambda", "ratio"},
		{0x28, 4, 1, 0, 8000, "OxygenSensor5WideVoltage", "V"},
		{0x29, 4, 0, 0, 2000, "OxygenSensor6Lambda", "ratio"},
		{0x29, 4, 1, 0, 8000, "OxygenSensor6WideVoltage", "V"},
		{0x2A, 4, 0, 0, 2000, "OxygenSensor7Lambda", "ratio"},
		{0x2A, 4, 1, 0, 8000, "OxygenSensor7WideVoltage", "V"},
		{0x2B, 4, 0, 0, 2000, "OxygenSensor8Lambda", "ratio"},
		{0x2B, 4, 1, 0, 8000, "OxygenSensor8WideVoltage", "V"},
		{0x2C, 1, 0, 0, 100000, "CommandedEgr", "percent"},
		{0x2D, 1, 0, -100000, 99219, "EgrError", "percent"},
		{0x2E, 1, 0, 0, 100000, "CommandedEvaporativePurge", "percent"},
		{0x2F, 1, 0, 0, 100000, "FuelLevel", "percent"},
		{0x30, 1, 0, 0, 255000, "WarmUpsSinceClear", ""},
		{0x31, 2, 0, 0, 65535000, "DistanceSinceClear", "km"},
		{0x32, 2, 0, 0, -250, "EvaporativeVapourPressure", "Pa"},
		{0x33, 1, 0, 0, 255000, "BarometricPressure", "kPa"},
		{0x34, 4, 0, 0, 2000, "OxygenSensor1Lambda", "ratio"},
		{0x34, 4, 1, -128000, 127996, "OxygenSensor1Current", "mA"},
		{0x35, 4, 0, 0, 2000, "OxygenSensor2Lambda", "ratio"},
		{0x35, 4, 1, -128000, 127996, "OxygenSensor2Current", "mA"},
		{0x36, 4, 0, 0, 2000, "OxygenSensor3Lambda", "ratio"},
		{0x36, 4, 1, -128000, 127996, "OxygenSensor3Current", "mA"},
		{0x37, 4, 0, 0, 2000, "OxygenSensor4Lambda", "ratio"},
		{0x37, 4, 1, -128000, 127996, "OxygenSensor4Current", "mA"},
		{0x38, 4, 0, 0, 2000, "OxygenSensor5Lambda", "ratio"},
		{0x38, 4, 1, -128000, 127996, "OxygenSensor5Current", "mA"},
		{0x39, 4, 0, 0, 2000, "OxygenSensor6Lambda", "ratio"},
		{0x39, 4, 1, -128000, 127996, "OxygenSensor6Current", "mA"},
		{0x3A, 4, 0, 0, 2000, "OxygenSensor7Lambda", "ratio"},
		{0x3A, 4, 1, -128000, 127996, "OxygenSensor7Current", "mA"},
		{0x3B, 4, 0, 0, 2000, "OxygenSensor8Lambda", "ratio"},
		{0x3B, 4, 1, -128000, 127996, "OxygenSensor8Current", "mA"},
		{0x3C, 2, 0, -40000, 6513500, "CatalystTemperatureBank1Sensor1", "celsius"},
		{0x3D, 2, 0, -40000, 6513500, "CatalystTemperatureBank2Sensor1", "celsius"},
		{0x3E, 2, 0, -40000, 6513500, "CatalystTemperatureBank1Sensor2", "celsius"},
		{0x3F, 2, 0, -40000, 6513500, "CatalystTemperatureBank2Sensor2", "celsius"},
		{0x42, 2, 0, 0, 65535, "ControlModuleVoltage", "V"},
		{0x43, 2, 0, 0, 25700000, "AbsoluteLoad", "percent"},
		{0x44, 2, 0, 0, 2000, "CommandedLambda", "ratio"},
		{0x45, 1, 0, 0, 100000, "RelativeThrottlePosition", "percent"},
		{0x46, 1, 0, -40000, 215000, "AmbientAirTemperature", "celsius"},
		{0x47, 1, 0, 0, 100000, "AbsoluteThrottlePositionB", "percent"},
		{0x48, 1, 0, 0, 100000, "AbsoluteThrottlePositionC", "percent"},
		{0x49, 1, 0, 0, 100000, "AcceleratorPedalPositionD", "percent"},
		{0x4A, 1, 0, 0, 100000, "AcceleratorPedalPositionE", "percent"},
		{0x4B, 1, 0, 0, 100000, "AcceleratorPedalPositionF", "percent"},
		{0x4C, 1, 0, 0, 100000, "CommandedThrottle", "percent"},
		{0x4D, 2, 0, 0, 65535000, "TimeWithMil", "min"},
		{0x4E, 2, 0, 0, 65535000, "TimeSinceClear", "min"},
		{0x50, 4, 0, 0, 2550000, "MassAirFlowMaximum", "g/s"},
		{0x52, 1, 0, 0, 100000, "EthanolContent", "percent"},
		{0x53, 2, 0, 0, 327675, "EvaporativeVapourPressureAbsolute", "kPa"},
		{0x54, 2, 0, 0, -1000, "EvaporativeVapourPressureWide", "Pa"},
		{0x55, 2, 0, -100000, 99219, "ShortTermSecondaryTrimBank1", "percent"},
		{0x55, 2, 1, -100000, 99219, "ShortTermSecondaryTrimBank3", "percent"},
		{0x56, 2, 0, -100000, 99219, "LongTermSecondaryTrimBank1", "percent"},
		{0x56, 2, 1, -100000, 99219, "LongTermSecondaryTrimBank3", "percent"},
		{0x57, 2, 0, -100000, 99219, "ShortTermSecondaryTrimBank2", "percent"},
		{0x57, 2, 1, -100000, 99219, "ShortTermSecondaryTrimBank4", "percent"},
		{0x58, 2, 0, -100000, 99219, "LongTermSecondaryTrimBank2", "percent"},
		{0x58, 2, 1, -100000, 99219, "LongTermSecondaryTrimBank4", "percent"},
		{0x59, 2, 0, 0, 655350000, "FuelRailPressureAbsolute", "kPa"},
		{0x5A, 1, 0, 0, 100000, "RelativeAcceleratorPedalPosition", "percent"},
		{0x5B, 1, 0, 0, 100000, "HybridBatteryCharge", "percent"},
		{0x5C, 1, 0, -40000, 215000, "EngineOilTemperature", "celsius"},
		{0x5D, 2, 0, -210000, 301992, "FuelInjectionTiming", "degrees"},
		{0x5E, 2, 0, 0, 3276750, "EngineFuelRate", "L/h"},
		{0x61, 1, 0, -125000, 130000, "DemandedTorque", "percent"},
		{0x62, 1, 0, -125000, 130000, "ActualTorque", "percent"},
		{0x63, 2, 0, 0, 65535000, "ReferenceTorque", "N.m"},
		{0x64, 5, 0, -125000, 130000, "TorqueAtIdle", "percent"},
		{0x64, 5, 1, -125000, 130000, "TorqueAtPoint2", "percent"},
		{0x64, 5, 2, -125000, 130000, "TorqueAtPoint3", "percent"},
		{0x64, 5, 3, -125000, 130000, "TorqueAtPoint4", "percent"},
		{0x64, 5, 4, -125000, 130000, "TorqueAtPoint5", "percent"},
		{0x66, 5, 0, 0, 2047969, "MassAirFlowA", "g/s"},
		{0x66, 5, 1, 0, 2047969, "MassAirFlowB", "g/s"},
		{0x67, 3, 0, -40000, 215000, "CoolantTemperature1", "celsius"},
		{0x67, 3, 1, -40000, 215000, "CoolantTemperature2", "celsius"},
		{0x69, 7, 0, 0, 100000, "CommandedEgrA", "percent"},
		{0x69, 7, 1, 0, 100000, "ActualEgrA", "percent"},
		{0x69, 7, 2, -100000, 99219, "EgrErrorA", "percent"},
		{0x69, 7, 3, 0, 100000, "CommandedEgrB", "percent"},
		{0x69, 7, 4, 0, 100000, "ActualEgrB", "percent"},
		{0x69, 7, 5, -100000, 99219, "EgrErrorB", "percent"},
		{0x6C, 5, 0, 0, 100000, "CommandedThrottleA", "percent"},
		{0x6C, 5, 1, 0, 100000, "RelativeThrottleA", "percent"},
		{0x6C, 5, 2, 0, 100000, "CommandedThrottleB", "percent"},
		{0x6C, 5, 3, 0, 100000, "RelativeThrottleB", "percent"},
		{0x6D, 11, 0, 0, 655350000, "CommandedFuelRailPressureA", "kPa"},
		{0x6D, 11, 1, 0, 655350000, "FuelRailPressureA", "kPa"},
		{0x6D, 11, 2, -40000, 215000, "FuelRailTemperatureA", "celsius"},
		{0x6D, 11, 3, 0, 655350000, "CommandedFuelRailPressureB", "kPa"},
		{0x6D, 11, 4, 0, 655350000, "FuelRailPressureB", "kPa"},
		{0x6D, 11, 5, -40000, 215000, "FuelRailTemperatureB", "celsius"},
		{0x7F, 13, 0, 0, 4294967295000, "EngineRunTimeTotal", "s"},
		{0x7F, 13, 1, 0, 4294967295000, "EngineIdleTimeTotal", "s"},
		{0x7F, 13, 2, 0, 4294967295000, "PowerTakeOffTimeTotal", "s"},
		{0x84, 1, 0, -40000, 215000, "ManifoldSurfaceTemperature", "celsius"},
		{0x8D, 1, 0, 0, 100000, "AbsoluteThrottlePositionG", "percent"},
		{0x8E, 1, 0, -125000, 130000, "FrictionTorque", "percent"},
		{0x9A, 6, 0, 0, 1023984, "HybridBatteryVoltage", "V"},
		{0x9A, 6, 1, 0, -100, "HybridBatteryCurrent", "A"},
		{0x9D, 4, 0, 0, 1310700, "EngineFuelRateMass", "g/s"},
		{0x9D, 4, 1, 0, 1310700, "VehicleFuelRateMass", "g/s"},
		{0x9E, 2, 0, 0, 13107000, "ExhaustFlowRate", "kg/h"},
		{0xA2, 2, 0, 0, 2047969, "CylinderFuelRate", "mg/stroke"},
		{0xA4, 4, 0, 0, 65535, "TransmissionRatio", "ratio"},
		{0xA6, 4, 0, 0, 429496729500, "Odometer", "km"},
		{0xB2, 1, 0, 0, 100000, "TractionBatteryHealth", "percent"},
		{0xD3, 4, 0, 0, 429496729500, "EngineOdometer", "km"},
	};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t low[16] = {0}, high[16];
		struct tt_obd_value at_low, at_high;

		memset(high, 0xFF, sizeof(high));
		if (has_support_byte(rows[i].pid))
			low[0] = 0xFF;
		if (rows[i].pid == 0x0D)
			high[0] = 0xFE;
		at_low = value_of(rows[i].pid, rows[i].index, low);
		at_high = value_of(rows[i].pid, rows[i].index, high);
		if (at_low.value_milli != rows[i].lowest || at_high.value_milli != rows[i].highest)
			fail_msg("PID %02X value %u: %lld .. %lld", rows[i].pid, rows[i].index, (long long)at_low.value_milli,
				 (long long)at_high.value_milli);
		assert_int_equal(tt_obd_pid_len(rows[i].pid), rows[i].len);
		assert_string_equal(at_high.name, rows[i].name);
		assert_string_equal(at_high.unit, rows[i].unit);
	}
	/* no value of the table is missing here */
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		static const uint8_t data[16] = {0xFF};
		struct tt_obd_value v;

		for (unsigned n = 0; tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v) != TT_ENOTFOUND; n++)
			seen++;
	}
	assert_int_equal(seen, sizeof(rows) / sizeof(rows[0]));
}

/* A byte of its own for each value: exactly these bytes count, one value's behind the other's, from the first on or behind the support
 * byte. */
static void each_value_takes_its_own_bytes(void **state)
{
	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		const uint8_t len = tt_obd_pid_len((uint8_t)pid);
		const unsigned support = has_support_byte((uint8_t)pid);
		const unsigned first = pid == 0x9A || pid == 0xA4 ? 2 : support; /* their second byte is a state, no number */
		struct tt_obd_value v;
		uint8_t owner[16] = {0}, last = 0;

		for (unsigned n = 0;; n++) {
			uint8_t data[16] = {0};
			int64_t zero;

			if (support)
				data[0] = 0xFF;
			if (tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v))
				break;
			zero = v.value_milli;
			for (unsigned b = support; b < len; b++) {
				data[b] = 0x40;
				assert_int_equal(tt_obd_pid_value((uint8_t)pid, data, len, n, &v), TT_OK);
				if (v.value_milli != zero) {
					assert_int_equal(owner[b], 0);
					owner[b] = (uint8_t)(n + 1);
				}
				data[b] = 0;
			}
			last = (uint8_t)(n + 1);
		}
		for (unsigned b = first; b < len && last > 0 && (b == first || owner[b - 1] != last); b++)
			assert_in_range(owner[b], b == first ? 1 : owner[b - 1], b == first ? 1 : owner[b - 1] + 1U);
	}
}

/* The bits stand in the order of the values; the first bit of 9A and of A4 is for what is no number. */
static void what_the_support_byte_denies_is_not_available(void **state)
{
	size_t seen = 0;

	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		for (unsigned n = 0; has_support_byte((uint8_t)pid); n++) {
			const uint8_t support = (uint8_t)(1U << (n + (pid == 0x9A || pid == 0xA4)));
			uint8_t data[16] = {(uint8_t)~support};
			struct tt_obd_value v;
			const enum tt_err err = tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v);

			if (err == TT_ENOTFOUND)
				break;
			assert_int_equal(err, TT_ERANGE);
			data[0] = support;
			assert_int_equal(tt_obd_pid_value((uint8_t)pid, data, sizeof(data), n, &v), TT_OK);
			seen++;
		}
	}
	assert_int_equal(seen, 26);
}

/* Bitmaps, what has a length and no value, and of what no revision agrees on: none. */
static void lengths_are_known_where_revisions_agree(void **state)
{
	static const struct {
		uint8_t pid, len;
	} cases[] = {
		{0x01, 4}, {0x02, 2}, {0x03, 2}, {0x12, 1}, {0x13, 1}, {0x1C, 1}, {0x1D, 1}, {0x1E, 1}, {0x41, 4}, {0x4F, 4}, {0x51, 1},
		{0x5F, 1}, {0x65, 2}, {0x6A, 5}, {0x6B, 5}, {0x6F, 3}, {0x72, 5}, {0x73, 5}, {0x74, 5}, {0x75, 7}, {0x76, 7}, {0x77, 5},
		{0x78, 9}, {0x79, 9}, {0x7A, 7}, {0x7B, 7}, {0x7C, 9}, {0x7D, 1}, {0x7E, 1}, {0x86, 5}, {0x87, 5}, {0x8B, 7}, {0x90, 3},
		{0x91, 5}, {0x92, 2}, {0x93, 3}, {0x98, 9}, {0x99, 9}, {0x9B, 4}, {0x9F, 9}, {0xA3, 9}, {0xA5, 4}, {0xA9, 4}, {0xAA, 1},
		{0xC3, 2}, {0x68, 0}, {0x6E, 0}, {0x70, 0}, {0x71, 0}, {0x81, 0}, {0x82, 0}, {0x83, 0}, {0x85, 0}, {0x88, 0}, {0x89, 0},
		{0x8A, 0}, {0x8C, 0}, {0x8F, 0}, {0x94, 0}, {0x9C, 0}, {0xA1, 0}, {0xA7, 0}, {0xA8, 0}, {0xC4, 0}, {0xFF, 0},
	};

	unsigned known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (tt_obd_pid_len(cases[i].pid) != cases[i].len)
			fail_msg("PID %02X has %u bytes", cases[i].pid, tt_obd_pid_len(cases[i].pid));
	}
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		if (pid % 0x20 == 0)
			assert_int_equal(tt_obd_pid_len((uint8_t)pid), 4);
		known += tt_obd_pid_len((uint8_t)pid) > 0;
	}
	assert_int_equal(known, 155); /* 8 bitmaps, 45 of the table above, and what has a value */
}

static void paths_are_those_of_vss(void **state)
{
	static const char *const paths[0x100] = {
		[0x04] = "Vehicle.OBD.EngineLoad",
		[0x05] = "Vehicle.Powertrain.CombustionEngine.ECT",
		[0x06] = "Vehicle.OBD.ShortTermFuelTrim1",
		[0x07] = "Vehicle.OBD.LongTermFuelTrim1",
		[0x08] = "Vehicle.OBD.ShortTermFuelTrim2",
		[0x09] = "Vehicle.OBD.LongTermFuelTrim2",
		[0x0A] = "Vehicle.OBD.FuelPressure",
		[0x0B] = "Vehicle.OBD.MAP",
		[0x0C] = "Vehicle.Powertrain.CombustionEngine.Speed",
		[0x0D] = "Vehicle.Speed",
		[0x0E] = "Vehicle.OBD.TimingAdvance",
		[0x0F] = "Vehicle.OBD.IntakeTemp",
		[0x10] = "Vehicle.OBD.MAF",
		[0x11] = "Vehicle.OBD.ThrottlePosition",
		[0x1F] = "Vehicle.OBD.RunTime",
		[0x21] = "Vehicle.OBD.DistanceWithMIL",
		[0x23] = "Vehicle.OBD.FuelRailPressureDirect",
		[0x2C] = "Vehicle.OBD.CommandedEGR",
		[0x2D] = "Vehicle.OBD.EGRError",
		[0x2E] = "Vehicle.OBD.CommandedEVAP",
		[0x2F] = "Vehicle.Powertrain.FuelSystem.RelativeLevel",
		[0x30] = "Vehicle.OBD.WarmupsSinceDTCClear",
		[0x31] = "Vehicle.OBD.DistanceSinceDTCClear",
		[0x33] = "Vehicle.OBD.BarometricPressure",
		[0x42] = "Vehicle.OBD.ControlModuleVoltage",
		[0x43] = "Vehicle.OBD.AbsoluteLoad",
		[0x44] = "Vehicle.OBD.CommandedEquivalenceRatio",
		[0x45] = "Vehicle.OBD.RelativeThrottlePosition",
		[0x46] = "Vehicle.OBD.AmbientAirTemperature",
		[0x49] = "Vehicle.OBD.AcceleratorPositionD",
		[0x4C] = "Vehicle.OBD.ThrottleActuator",
		[0x4D] = "Vehicle.OBD.TimeWithMIL",
		[0x4E] = "Vehicle.OBD.TimeSinceDTCCleared",
		[0x52] = "Vehicle.OBD.EthanolPercent",
		[0x59] = "Vehicle.OBD.FuelRailPressureAbsolute",
		[0x5A] = "Vehicle.OBD.RelativeAcceleratorPosition",
		[0x5B] = "Vehicle.OBD.HybridBatteryRemaining",
		[0x5C] = "Vehicle.OBD.OilTemperature",
		[0x5D] = "Vehicle.OBD.FuelInjectionTiming",
		[0x5E] = "Vehicle.OBD.FuelRate",
	};

	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		const char *path = tt_obd_pid_path((uint8_t)pid);

		if (paths[pid])
			assert_string_equal(path, paths[pid]);
		else
			assert_null(path);
	}
}

static void values_follow_the_published_formulas(void **state)
{
	static const struct {
		uint8_t pid;
		unsigned index;
		uint8_t data[13];
		int64_t milli;
		const char *name, *unit;
	} cases[] = {
		{0x04, 0, {0xFF}, 100000, "EngineLoad", "percent"},
		{0x04, 0, {0x80}, 50196, "EngineLoad", "percent"},
		{0x05, 0, {0x00}, -40000, "CoolantTemperature", "celsius"},
		{0x06, 0, {0x80}, 0, "ShortTermFuelTrimBank1", "percent"},
		{0x06, 0, {0x00}, -100000, "ShortTermFuelTrimBank1", "percent"},
		{0x0A, 0, {0xFF}, 765000, "FuelPressure", "kPa"},
		{0x0C, 0, {0x1A, 0xF8}, 1726000, "EngineSpeed", "rpm"},
		{0x0C, 0, {0xFF, 0xFF}, 16383750, "EngineSpeed", "rpm"},
		{0x0D, 0, {0x32}, 50000, "VehicleSpeed", "km/h"},
		{0x0E, 0, {0x00}, -64000, "TimingAdvance", "degrees"},
		{0x10, 0, {0x01, 0x00}, 2560, "MassAirFlow", "g/s"},
		{0x14, 0, {0x5A, 0x80}, 450, "OxygenSensor1Voltage", "V"},
		{0x14, 1, {0x5A, 0x80}, 0, "OxygenSensor1Trim", "percent"},
		{0x1F, 0, {0x01, 0x00}, 256000, "RunTimeSinceStart", "s"},
		{0x24, 0, {0x80, 0x00, 0x80, 0x00}, 1000, "OxygenSensor1Lambda", "ratio"},
		{0x24, 1, {0x80, 0x00, 0x80, 0x00}, 4000, "OxygenSensor1WideVoltage", "V"},
		{0x32, 0, {0xFF, 0xFC}, -1000, "EvaporativeVapourPressure", "Pa"},
		{0x34, 1, {0x80, 0x00, 0x80, 0x00}, 0, "OxygenSensor1Current", "mA"},
		{0x24, 0, {0x08, 0x00, 0x04, 0x00}, 63, "OxygenSensor1Lambda", "ratio"}, /* 0.0625: a half is rounded up */
		{0x44, 0, {0x08, 0x00}, 63, "CommandedLambda", "ratio"},
		{0x3C, 0, {0x11, 0x30}, 400000, "CatalystTemperatureBank1Sensor1", "celsius"},
		{0x42, 0, {0x31, 0x9C}, 12700, "ControlModuleVoltage", "V"},
		{0x5E, 0, {0x00, 0x14}, 1000, "EngineFuelRate", "L/h"},
		{0x7F, 0, {0x03, 0x00, 0x00, 0x0E, 0x10, 0x00, 0x00, 0x00, 0x3C}, 3600000, "EngineRunTimeTotal", "s"},
		{0x7F, 1, {0x03, 0x00, 0x00, 0x0E, 0x10, 0x00, 0x00, 0x00, 0x3C}, 60000, "EngineIdleTimeTotal", "s"},
		{0x9A, 1, {0x06, 0x00, 0x64, 0x00, 0xFF, 0xF6}, -1000, "HybridBatteryCurrent", "A"},
		{0xA6, 0, {0x00, 0x02, 0x49, 0xF0}, 15000000, "Odometer", "km"},
		{0xA6, 0, {0xFF, 0xFF, 0xFF, 0xFF}, 429496729500, "Odometer", "km"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_obd_value v = {0};
		const size_t len = tt_obd_pid_len(cases[i].pid);

		assert_true(len > 0);
		assert_int_equal(tt_obd_pid_value(cases[i].pid, cases[i].data, len, cases[i].index, &v), TT_OK);
		assert_string_equal(v.name, cases[i].name);
		assert_string_equal(v.unit, cases[i].unit);
		if (v.value_milli != cases[i].milli)
			fail_msg("%s: %lld", v.name, (long long)v.value_milli);
	}
}

static void pids_without_a_value_say_why(void **state)
{
	struct tt_obd_value v;

	(void)state;
	assert_int_equal(tt_obd_pid_value(0x00, (const uint8_t[]){1, 2, 3, 4}, 4, 0, &v), TT_ENOTFOUND);
	assert_int_equal(tt_obd_pid_value(0x01, (const uint8_t[]){1, 2, 3, 4}, 4, 0, &v), TT_ENOTFOUND);
	assert_int_equal(tt_obd_pid_value(0xF0, (const uint8_t[]){1, 2, 3, 4}, 4, 0, &v), TT_ENOTFOUND);
	assert_int_equal(tt_obd_pid_value(0x0C, (const uint8_t[]){1, 2}, 2, 1, &v), TT_ENOTFOUND);
	assert_int_equal(tt_obd_pid_value(0xE0, (const uint8_t[]){1, 2}, 2, 1000, &v), TT_ENOTFOUND);
	assert_int_equal(tt_obd_pid_value(0x0C, (const uint8_t[]){1}, 1, 0, &v), TT_EEOF);
	assert_int_equal(tt_obd_pid_value(0x24, (const uint8_t[]){1, 2, 3}, 1, 1, &v), TT_EEOF); /* ends before the value begins */
	assert_int_equal(tt_obd_pid_value(0x0D, (const uint8_t[]){0xFF}, 1, 0, &v), TT_ERANGE);
}

static void the_pid_table_is_sorted_and_its_values_fit_their_lengths(void **state)
{
	static const uint8_t data[16] = {0xFF};

	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		const size_t len = tt_obd_pid_len((uint8_t)pid);
		struct tt_obd_value v;

		for (unsigned i = 0; len > 0 && tt_obd_pid_value((uint8_t)pid, data, sizeof(data), i, &v) != TT_ENOTFOUND; i++) {
			if (tt_obd_pid_value((uint8_t)pid, data, len, i, &v) == TT_EEOF)
				fail_msg("PID %02X value %u reads beyond its %zu bytes", pid, i, len);
		}
		if (pid % 0x20 == 0)
			assert_int_equal(len, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_at_the_ends_of_its_range),
		cmocka_unit_test(each_value_takes_its_own_bytes),
		cmocka_unit_test(what_the_support_byte_denies_is_not_available),
		cmocka_unit_test(lengths_are_known_where_revisions_agree),
		cmocka_unit_test(paths_are_those_of_vss),
		cmocka_unit_test(values_follow_the_published_formulas),
		cmocka_unit_test(pids_without_a_value_say_why),
		cmocka_unit_test(the_pid_table_is_sorted_and_its_values_fit_their_lengths),
	};

	return cmocka_run_group_tests_name("obd pids", tests, NULL, NULL);
}
