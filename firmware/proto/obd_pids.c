#include "firmware/proto/obd_pids.h"

#include "base/cursor.h"
#include "firmware/proto/obd_scaling.h"

#include <assert.h>

/*
 * Bytes of each PID, sixteen a line; 0: unknown. Left out, because revisions of the standard disagree about their length: 68, 6E, 70, 71,
 * 81 to 83, 85, 88 to 8A, 8C, 8F, 94, 9C, A1, A7, A8, C4. An unknown PID takes the rest of its message, so it can only stand alone or last.
 */
static const uint8_t lengths[] = {
	4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1,  1, 1,  /* 00 */
	2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1, 2,  /* 10 */
	4, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1,  1, 1,  /* 20 */
	1, 2, 2, 1, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2,  2, 2,  /* 30 */
	4, 4, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2,  2, 4,  /* 40 */
	4, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2,  2, 1,  /* 50 */
	4, 1, 1, 2, 5, 2, 5, 3, 0, 7, 5, 5, 5, 11, 0, 3,  /* 60 */
	0, 0, 5, 5, 5, 7, 7, 5, 9, 9, 7, 7, 9, 1,  1, 13, /* 70 */
	4, 0, 0, 0, 1, 0, 5, 5, 0, 0, 0, 7, 0, 1,  1, 0,  /* 80 */
	3, 5, 2, 3, 0, 0, 0, 0, 9, 9, 6, 4, 0, 4,  2, 9,  /* 90 */
	4, 0, 2, 9, 4, 4, 4, 0, 0, 4, 1, 0, 0, 0,  0, 0,  /* A0 */
	0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  /* B0 */
	4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  /* C0 */
	0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  /* D0 */
	4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  /* E0 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  /* F0 */
};
static_assert(sizeof(lengths) == UINT8_MAX + 1, "every PID has its place");

/*
 * Rows are sorted by PID; several rows of one PID are its several values.
 *
 * value_milli = raw * num / den + add, where raw is `width` bytes, big-endian, at `at`. null: this raw value means "not available"; 0 =
 * none. support: bits of the first byte that say that the value is there; 0 = always.
 */
struct row {
	uint8_t pid, at, width, support;
	bool is_signed;
	uint32_t null;
	int32_t num, den, add;
	const char *name, *unit;
};

#define VAL(pid_, at_, width_, num_, den_, add_, name_, unit_) \
	{ \
		.pid = (pid_), .at = (at_), .width = (width_), .num = (num_), .den = (den_), .add = (add_), .name = (name_), \
		.unit = (unit_) \
	}
#define PART(pid_, support_, at_, width_, num_, den_, add_, name_, unit_) \
	{ \
		.pid = (pid_), .at = (at_), .width = (width_), .support = (support_), .num = (num_), .den = (den_), .add = (add_), \
		.name = (name_), .unit = (unit_) \
	}
#define PART_PERCENT(pid_, support_, at_, name_) PART(pid_, support_, at_, 1, 100000, 255, 0, name_, "percent")
#define PART_TRIM(pid_, support_, at_, name_) PART(pid_, support_, at_, 1, 100000, 128, -100000, name_, "percent")
#define PART_CELSIUS(pid_, support_, at_, name_) PART(pid_, support_, at_, 1, 1000, 1, -40000, name_, "celsius")
#define TORQUE(pid_, at_, name_) VAL(pid_, at_, 1, 1000, 1, -125000, name_, "percent")
#define PERCENT(pid_, name_) VAL(pid_, 0, 1, 100000, 255, 0, name_, "percent")
#define TRIM(pid_, at_, name_) VAL(pid_, at_, 1, 100000, 128, -100000, name_, "percent")
#define CELSIUS(pid_, name_) VAL(pid_, 0, 1, 1000, 1, -40000, name_, "celsius")
#define COUNT16(pid_, name_, unit_) VAL(pid_, 0, 2, 1000, 1, 0, name_, unit_)
#define O2_NARROW(pid_, n) VAL(pid_, 0, 1, 5, 1, 0, "OxygenSensor" n "Voltage", "V"), TRIM(pid_, 1, "OxygenSensor" n "Trim")
#define O2_WIDE_VOLTAGE(pid_, n) \
	VAL(pid_, 0, 2, 2000, 65536, 0, "OxygenSensor" n "Lambda", "ratio"), \
		VAL(pid_, 2, 2, 8000, 65536, 0, "OxygenSensor" n "WideVoltage", "V")
#define O2_WIDE_CURRENT(pid_, n) \
	VAL(pid_, 0, 2, 2000, 65536, 0, "OxygenSensor" n "Lambda", "ratio"), \
		VAL(pid_, 2, 2, 1000, 256, -128000, "OxygenSensor" n "Current", "mA")
#define CATALYST(pid_, name_) VAL(pid_, 0, 2, 100, 1, -40000, name_, "celsius")

static const struct row rows[] = {
	PERCENT(0x04, "EngineLoad"),
	CELSIUS(0x05, "CoolantTemperature"),
	TRIM(0x06, 0, "ShortTermFuelTrimBank1"),
	TRIM(0x07, 0, "LongTermFuelTrimBank1"),
	TRIM(0x08, 0, "ShortTermFuelTrimBank2"),
	TRIM(0x09, 0, "LongTermFuelTrimBank2"),
	VAL(0x0A, 0, 1, 3000, 1, 0, "FuelPressure", "kPa"),
	VAL(0x0B, 0, 1, 1000, 1, 0, "IntakeManifoldPressure", "kPa"),
	VAL(0x0C, 0, 2, 250, 1, 0, "EngineSpeed", "rpm"),
	{.pid = 0x0D, .width = 1, .null = 0xFF, .num = 1000, .den = 1, .name = "VehicleSpeed", .unit = "km/h"},
	VAL(0x0E, 0, 1, 500, 1, -64000, "TimingAdvance", "degrees"),
	CELSIUS(0x0F, "IntakeAirTemperature"),
	VAL(0x10, 0, 2, 10, 1, 0, "MassAirFlow", "g/s"),
	PERCENT(0x11, "ThrottlePosition"),
	O2_NARROW(0x14, "1"),
	O2_NARROW(0x15, "2"),
	O2_NARROW(0x16, "3"),
	O2_NARROW(0x17, "4"),
	O2_NARROW(0x18, "5"),
	O2_NARROW(0x19, "6"),
	O2_NARROW(0x1A, "7"),
	O2_NARROW(0x1B, "8"),
	COUNT16(0x1F, "RunTimeSinceStart", "s"),
	COUNT16(0x21, "DistanceWithMil", "km"),
	VAL(0x22, 0, 2, 79, 1, 0, "FuelRailPressureRelative", "kPa"),
	VAL(0x23, 0, 2, 10000, 1, 0, "FuelRailPressure", "kPa"),
	O2_WIDE_VOLTAGE(0x24, "1"),
	O2_WIDE_VOLTAGE(0x25, "2"),
	O2_WIDE_VOLTAGE(0x26, "3"),
	O2_WIDE_VOLTAGE(0x27, "4"),
	O2_WIDE_VOLTAGE(0x28, "5"),
	O2_WIDE_VOLTAGE(0x29, "6"),
	O2_WIDE_VOLTAGE(0x2A, "7"),
	O2_WIDE_VOLTAGE(0x2B, "8"),
	PERCENT(0x2C, "CommandedEgr"),
	TRIM(0x2D, 0, "EgrError"),
	PERCENT(0x2E, "CommandedEvaporativePurge"),
	PERCENT(0x2F, "FuelLevel"),
	VAL(0x30, 0, 1, 1000, 1, 0, "WarmUpsSinceClear", ""),
	COUNT16(0x31, "DistanceSinceClear", "km"),
	{.pid = 0x32, .width = 2, .is_signed = true, .num = 250, .den = 1, .name = "EvaporativeVapourPressure", .unit = "Pa"},
	VAL(0x33, 0, 1, 1000, 1, 0, "BarometricPressure", "kPa"),
	O2_WIDE_CURRENT(0x34, "1"),
	O2_WIDE_CURRENT(0x35, "2"),
	O2_WIDE_CURRENT(0x36, "3"),
	O2_WIDE_CURRENT(0x37, "4"),
	O2_WIDE_CURRENT(0x38, "5"),
	O2_WIDE_CURRENT(0x39, "6"),
	O2_WIDE_CURRENT(0x3A, "7"),
	O2_WIDE_CURRENT(0x3B, "8"),
	CATALYST(0x3C, "CatalystTemperatureBank1Sensor1"),
	CATALYST(0x3D, "CatalystTemperatureBank2Sensor1"),
	CATALYST(0x3E, "CatalystTemperatureBank1Sensor2"),
	CATALYST(0x3F, "CatalystTemperatureBank2Sensor2"),
	VAL(0x42, 0, 2, 1, 1, 0, "ControlModuleVoltage", "V"),
	VAL(0x43, 0, 2, 100000, 255, 0, "AbsoluteLoad", "percent"),
	VAL(0x44, 0, 2, 2000, 65536, 0, "CommandedLambda", "ratio"),
	PERCENT(0x45, "RelativeThrottlePosition"),
	CELSIUS(0x46, "AmbientAirTemperature"),
	PERCENT(0x47, "AbsoluteThrottlePositionB"),
	PERCENT(0x48, "AbsoluteThrottlePositionC"),
	PERCENT(0x49, "AcceleratorPedalPositionD"),
	PERCENT(0x4A, "AcceleratorPedalPositionE"),
	PERCENT(0x4B, "AcceleratorPedalPositionF"),
	PERCENT(0x4C, "CommandedThrottle"),
	COUNT16(0x4D, "TimeWithMil", "min"),
	COUNT16(0x4E, "TimeSinceClear", "min"),
	VAL(0x50, 0, 1, 10000, 1, 0, "MassAirFlowMaximum", "g/s"),
	PERCENT(0x52, "EthanolContent"),
	VAL(0x53, 0, 2, 5, 1, 0, "EvaporativeVapourPressureAbsolute", "kPa"),
	{.pid = 0x54, .width = 2, .is_signed = true, .num = 1000, .den = 1, .name = "EvaporativeVapourPressureWide", .unit = "Pa"},
	TRIM(0x55, 0, "ShortTermSecondaryTrimBank1"),
	TRIM(0x55, 1, "ShortTermSecondaryTrimBank3"),
	TRIM(0x56, 0, "LongTermSecondaryTrimBank1"),
	TRIM(0x56, 1, "LongTermSecondaryTrimBank3"),
	TRIM(0x57, 0, "ShortTermSecondaryTrimBank2"),
	TRIM(0x57, 1, "ShortTermSecondaryTrimBank4"),
	TRIM(0x58, 0, "LongTermSecondaryTrimBank2"),
	TRIM(0x58, 1, "LongTermSecondaryTrimBank4"),
	VAL(0x59, 0, 2, 10000, 1, 0, "FuelRailPressureAbsolute", "kPa"),
	PERCENT(0x5A, "RelativeAcceleratorPedalPosition"),
	PERCENT(0x5B, "HybridBatteryCharge"),
	CELSIUS(0x5C, "EngineOilTemperature"),
	VAL(0x5D, 0, 2, 1000, 128, -210000, "FuelInjectionTiming", "degrees"),
	VAL(0x5E, 0, 2, 50, 1, 0, "EngineFuelRate", "L/h"),
	TORQUE(0x61, 0, "DemandedTorque"),
	TORQUE(0x62, 0, "ActualTorque"),
	COUNT16(0x63, "ReferenceTorque", "N.m"),
	TORQUE(0x64, 0, "TorqueAtIdle"),
	TORQUE(0x64, 1, "TorqueAtPoint2"),
	TORQUE(0x64, 2, "TorqueAtPoint3"),
	TORQUE(0x64, 3, "TorqueAtPoint4"),
	TORQUE(0x64, 4, "TorqueAtPoint5"),
	PART(0x66, 0x01, 1, 2, 1000, 32, 0, "MassAirFlowA", "g/s"),
	PART(0x66, 0x02, 3, 2, 1000, 32, 0, "MassAirFlowB", "g/s"),
	PART_CELSIUS(0x67, 0x01, 1, "CoolantTemperature1"),
	PART_CELSIUS(0x67, 0x02, 2, "CoolantTemperature2"),
	PART_PERCENT(0x69, 0x01, 1, "CommandedEgrA"),
	PART_PERCENT(0x69, 0x02, 2, "ActualEgrA"),
	PART_TRIM(0x69, 0x04, 3, "EgrErrorA"),
	PART_PERCENT(0x69, 0x08, 4, "CommandedEgrB"),
	PART_PERCENT(0x69, 0x10, 5, "ActualEgrB"),
	PART_TRIM(0x69, 0x20, 6, "EgrErrorB"),
	PART_PERCENT(0x6C, 0x01, 1, "CommandedThrottleA"),
	PART_PERCENT(0x6C, 0x02, 2, "RelativeThrottleA"),
	PART_PERCENT(0x6C, 0x04, 3, "CommandedThrottleB"),
	PART_PERCENT(0x6C, 0x08, 4, "RelativeThrottleB"),
	PART(0x6D, 0x01, 1, 2, 10000, 1, 0, "CommandedFuelRailPressureA", "kPa"),
	PART(0x6D, 0x02, 3, 2, 10000, 1, 0, "FuelRailPressureA", "kPa"),
	PART_CELSIUS(0x6D, 0x04, 5, "FuelRailTemperatureA"),
	PART(0x6D, 0x08, 6, 2, 10000, 1, 0, "CommandedFuelRailPressureB", "kPa"),
	PART(0x6D, 0x10, 8, 2, 10000, 1, 0, "FuelRailPressureB", "kPa"),
	PART_CELSIUS(0x6D, 0x20, 10, "FuelRailTemperatureB"),
	PART(0x7F, 0x01, 1, 4, 1000, 1, 0, "EngineRunTimeTotal", "s"),
	PART(0x7F, 0x02, 5, 4, 1000, 1, 0, "EngineIdleTimeTotal", "s"),
	PART(0x7F, 0x04, 9, 4, 1000, 1, 0, "PowerTakeOffTimeTotal", "s"),
	CELSIUS(0x84, "ManifoldSurfaceTemperature"),
	PERCENT(0x8D, "AbsoluteThrottlePositionG"),
	TORQUE(0x8E, 0, "FrictionTorque"),
	PART(0x9A, 0x02, 2, 2, 1000, 64, 0, "HybridBatteryVoltage", "V"),
	{.pid = 0x9A,
	 .at = 4,
	 .width = 2,
	 .support = 0x04,
	 .is_signed = true,
	 .num = 100,
	 .den = 1,
	 .name = "HybridBatteryCurrent",
	 .unit = "A"},
	VAL(0x9D, 0, 2, 20, 1, 0, "EngineFuelRateMass", "g/s"),
	VAL(0x9D, 2, 2, 20, 1, 0, "VehicleFuelRateMass", "g/s"),
	VAL(0x9E, 0, 2, 200, 1, 0, "ExhaustFlowRate", "kg/h"),
	VAL(0xA2, 0, 2, 1000, 32, 0, "CylinderFuelRate", "mg/stroke"),
	PART(0xA4, 0x02, 2, 2, 1, 1, 0, "TransmissionRatio", "ratio"),
	VAL(0xA6, 0, 4, 100, 1, 0, "Odometer", "km"),
	PERCENT(0xB2, "TractionBatteryHealth"),
	VAL(0xD3, 0, 4, 100, 1, 0, "EngineOdometer", "km"),
};

/* The index-th value of a PID, or NULL. */
static const struct row *row_of(uint8_t pid, size_t index)
{
	size_t low = 0, high = sizeof(rows) / sizeof(rows[0]);

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	low += index;
	return low < sizeof(rows) / sizeof(rows[0]) && rows[low].pid == pid ? &rows[low] : NULL;
}

uint8_t tt_obd_pid_len(uint8_t pid)
{
	return lengths[pid];
}

static enum tt_err read_raw(const struct row *row, const uint8_t *data, size_t len, uint32_t *out)
{
	struct tt_rd r = tt_rd_init(data, len);
	uint32_t raw = 0;

	if (tt_rd_skip(&r, row->at))
		return TT_EEOF;
	for (uint8_t i = 0; i < row->width; i++) {
		uint8_t b;

		if (tt_rd_u8(&r, &b))
			return TT_EEOF;
		raw = raw << 8 | b;
	}
	*out = raw;
	return TT_OK;
}

enum tt_err tt_obd_pid_value(uint8_t pid, const uint8_t *data, size_t len, unsigned index, struct tt_obd_value *out)
{
	const struct row *row = row_of(pid, index);
	uint32_t raw;
	int64_t value;

	if (!row)
		return TT_ENOTFOUND;
	if (read_raw(row, data, len, &raw))
		return TT_EEOF;
	if (row->support != 0 && !(data[0] & row->support))
		return TT_ERANGE;
	if (row->null != 0 && raw == row->null)
		return TT_ERANGE;
	value = row->is_signed ? (int16_t)raw : (int64_t)raw;
	out->name = row->name;
	out->unit = row->unit;
	out->value_milli = tt_obd_divide(value * row->num, row->den) + row->add;
	return TT_OK;
}

/* Core paths of VSS 6 first; the others are those of its OBD overlay. */
static const struct {
	uint8_t pid;
	const char *path;
} paths[] = {
	{0x04, "Vehicle.OBD.EngineLoad"},
	{0x05, "Vehicle.Powertrain.CombustionEngine.ECT"},
	{0x06, "Vehicle.OBD.ShortTermFuelTrim1"},
	{0x07, "Vehicle.OBD.LongTermFuelTrim1"},
	{0x08, "Vehicle.OBD.ShortTermFuelTrim2"},
	{0x09, "Vehicle.OBD.LongTermFuelTrim2"},
	{0x0A, "Vehicle.OBD.FuelPressure"},
	{0x0B, "Vehicle.OBD.MAP"},
	{0x0C, "Vehicle.Powertrain.CombustionEngine.Speed"},
	{0x0D, "Vehicle.Speed"},
	{0x0E, "Vehicle.OBD.TimingAdvance"},
	{0x0F, "Vehicle.OBD.IntakeTemp"},
	{0x10, "Vehicle.OBD.MAF"},
	{0x11, "Vehicle.OBD.ThrottlePosition"},
	{0x1F, "Vehicle.OBD.RunTime"},
	{0x21, "Vehicle.OBD.DistanceWithMIL"},
	{0x23, "Vehicle.OBD.FuelRailPressureDirect"},
	{0x2C, "Vehicle.OBD.CommandedEGR"},
	{0x2D, "Vehicle.OBD.EGRError"},
	{0x2E, "Vehicle.OBD.CommandedEVAP"},
	{0x2F, "Vehicle.Powertrain.FuelSystem.RelativeLevel"},
	{0x30, "Vehicle.OBD.WarmupsSinceDTCClear"},
	{0x31, "Vehicle.OBD.DistanceSinceDTCClear"},
	{0x33, "Vehicle.OBD.BarometricPressure"},
	{0x42, "Vehicle.OBD.ControlModuleVoltage"},
	{0x43, "Vehicle.OBD.AbsoluteLoad"},
	{0x44, "Vehicle.OBD.CommandedEquivalenceRatio"},
	{0x45, "Vehicle.OBD.RelativeThrottlePosition"},
	{0x46, "Vehicle.OBD.AmbientAirTemperature"},
	{0x49, "Vehicle.OBD.AcceleratorPositionD"},
	{0x4C, "Vehicle.OBD.ThrottleActuator"},
	{0x4D, "Vehicle.OBD.TimeWithMIL"},
	{0x4E, "Vehicle.OBD.TimeSinceDTCCleared"},
	{0x52, "Vehicle.OBD.EthanolPercent"},
	{0x59, "Vehicle.OBD.FuelRailPressureAbsolute"},
	{0x5A, "Vehicle.OBD.RelativeAcceleratorPosition"},
	{0x5B, "Vehicle.OBD.HybridBatteryRemaining"},
	{0x5C, "Vehicle.OBD.OilTemperature"},
	{0x5D, "Vehicle.OBD.FuelInjectionTiming"},
	{0x5E, "Vehicle.OBD.FuelRate"},
};

const char *tt_obd_pid_path(uint8_t pid)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].pid == pid)
			return paths[i].path;
	}
	return NULL;
}
