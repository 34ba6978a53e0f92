#include "firmware/proto/obd_pids.h"

#include "base/cursor.h"

/*
 * Rows are sorted by PID; several rows of one PID are its several values. A row without a name gives only the length.
 *
 * Left out, because revisions of the standard disagree about their length: 68, 6E, 70, 71, 81 to 83, 85, 88 to 8A, 8C, 8F, 94, 9C, A1, A7,
 * A8, C4. An unknown PID takes the rest of its message, so it can only stand alone or last.
 *
 * value_milli = raw * num / den + add, where raw is `width` bytes, big-endian, at `at`. null: this raw value means "not available"; 0 =
 * none. support: bits of the first byte that say that the value is there; 0 = always.
 */
struct row {
	uint8_t pid, len, at, width, support;
	bool is_signed;
	uint32_t null;
	int32_t num, den, add;
	const char *name, *unit;
};

#define LEN(pid_, len_) \
	{ \
		.pid = (pid_), .len = (len_) \
	}
#define VAL(pid_, len_, at_, width_, num_, den_, add_, name_, unit_) \
	{ \
		.pid = (pid_), .len = (len_), .at = (at_), .width = (width_), .num = (num_), .den = (den_), .add = (add_), \
		.name = (name_), .unit = (unit_) \
	}
#define PART(pid_, len_, support_, at_, width_, num_, den_, add_, name_, unit_) \
	{ \
		.pid = (pid_), .len = (len_), .at = (at_), .width = (width_), .support = (support_), .num = (num_), .den = (den_), \
		.add = (add_), .name = (name_), .unit = (unit_) \
	}
#define PART_PERCENT(pid_, len_, support_, at_, name_) PART(pid_, len_, support_, at_, 1, 100000, 255, 0, name_, "percent")
#define PART_TRIM(pid_, len_, support_, at_, name_) PART(pid_, len_, support_, at_, 1, 100000, 128, -100000, name_, "percent")
#define PART_CELSIUS(pid_, len_, support_, at_, name_) PART(pid_, len_, support_, at_, 1, 1000, 1, -40000, name_, "celsius")
#define TORQUE(pid_, len_, at_, name_) VAL(pid_, len_, at_, 1, 1000, 1, -125000, name_, "percent")
#define PERCENT(pid_, name_) VAL(pid_, 1, 0, 1, 100000, 255, 0, name_, "percent")
#define TRIM(pid_, len_, at_, name_) VAL(pid_, len_, at_, 1, 100000, 128, -100000, name_, "percent")
#define CELSIUS(pid_, name_) VAL(pid_, 1, 0, 1, 1000, 1, -40000, name_, "celsius")
#define COUNT16(pid_, name_, unit_) VAL(pid_, 2, 0, 2, 1000, 1, 0, name_, unit_)
#define O2_NARROW(pid_, n) VAL(pid_, 2, 0, 1, 5, 1, 0, "OxygenSensor" n "Voltage", "V"), TRIM(pid_, 2, 1, "OxygenSensor" n "Trim")
#define O2_WIDE_VOLTAGE(pid_, n) \
	VAL(pid_, 4, 0, 2, 2000, 65536, 0, "OxygenSensor" n "Lambda", "ratio"), \
		VAL(pid_, 4, 2, 2, 8000, 65536, 0, "OxygenSensor" n "WideVoltage", "V")
#define O2_WIDE_CURRENT(pid_, n) \
	VAL(pid_, 4, 0, 2, 2000, 65536, 0, "OxygenSensor" n "Lambda", "ratio"), \
		VAL(pid_, 4, 2, 2, 1000, 256, -128000, "OxygenSensor" n "Current", "mA")
#define CATALYST(pid_, name_) VAL(pid_, 2, 0, 2, 100, 1, -40000, name_, "celsius")

static const struct row rows[] = {
	LEN(0x00, 4),
	LEN(0x01, 4),
	LEN(0x02, 2),
	LEN(0x03, 2),
	PERCENT(0x04, "EngineLoad"),
	CELSIUS(0x05, "CoolantTemperature"),
	TRIM(0x06, 1, 0, "ShortTermFuelTrimBank1"),
	TRIM(0x07, 1, 0, "LongTermFuelTrimBank1"),
	TRIM(0x08, 1, 0, "ShortTermFuelTrimBank2"),
	TRIM(0x09, 1, 0, "LongTermFuelTrimBank2"),
	VAL(0x0A, 1, 0, 1, 3000, 1, 0, "FuelPressure", "kPa"),
	VAL(0x0B, 1, 0, 1, 1000, 1, 0, "IntakeManifoldPressure", "kPa"),
	VAL(0x0C, 2, 0, 2, 250, 1, 0, "EngineSpeed", "rpm"),
	{.pid = 0x0D, .len = 1, .width = 1, .null = 0xFF, .num = 1000, .den = 1, .name = "VehicleSpeed", .unit = "km/h"},
	VAL(0x0E, 1, 0, 1, 500, 1, -64000, "TimingAdvance", "degrees"),
	CELSIUS(0x0F, "IntakeAirTemperature"),
	VAL(0x10, 2, 0, 2, 10, 1, 0, "MassAirFlow", "g/s"),
	PERCENT(0x11, "ThrottlePosition"),
	LEN(0x12, 1),
	LEN(0x13, 1),
	O2_NARROW(0x14, "1"),
	O2_NARROW(0x15, "2"),
	O2_NARROW(0x16, "3"),
	O2_NARROW(0x17, "4"),
	O2_NARROW(0x18, "5"),
	O2_NARROW(0x19, "6"),
	O2_NARROW(0x1A, "7"),
	O2_NARROW(0x1B, "8"),
	LEN(0x1C, 1),
	LEN(0x1D, 1),
	LEN(0x1E, 1),
	COUNT16(0x1F, "RunTimeSinceStart", "s"),
	LEN(0x20, 4),
	COUNT16(0x21, "DistanceWithMil", "km"),
	VAL(0x22, 2, 0, 2, 79, 1, 0, "FuelRailPressureRelative", "kPa"),
	VAL(0x23, 2, 0, 2, 10000, 1, 0, "FuelRailPressure", "kPa"),
	O2_WIDE_VOLTAGE(0x24, "1"),
	O2_WIDE_VOLTAGE(0x25, "2"),
	O2_WIDE_VOLTAGE(0x26, "3"),
	O2_WIDE_VOLTAGE(0x27, "4"),
	O2_WIDE_VOLTAGE(0x28, "5"),
	O2_WIDE_VOLTAGE(0x29, "6"),
	O2_WIDE_VOLTAGE(0x2A, "7"),
	O2_WIDE_VOLTAGE(0x2B, "8"),
	PERCENT(0x2C, "CommandedEgr"),
	TRIM(0x2D, 1, 0, "EgrError"),
	PERCENT(0x2E, "CommandedEvaporativePurge"),
	PERCENT(0x2F, "FuelLevel"),
	VAL(0x30, 1, 0, 1, 1000, 1, 0, "WarmUpsSinceClear", ""),
	COUNT16(0x31, "DistanceSinceClear", "km"),
	{.pid = 0x32, .len = 2, .width = 2, .is_signed = true, .num = 250, .den = 1, .name = "EvaporativeVapourPressure", .unit = "Pa"},
	VAL(0x33, 1, 0, 1, 1000, 1, 0, "BarometricPressure", "kPa"),
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
	LEN(0x40, 4),
	LEN(0x41, 4),
	VAL(0x42, 2, 0, 2, 1, 1, 0, "ControlModuleVoltage", "V"),
	VAL(0x43, 2, 0, 2, 100000, 255, 0, "AbsoluteLoad", "percent"),
	VAL(0x44, 2, 0, 2, 2000, 65536, 0, "CommandedLambda", "ratio"),
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
	LEN(0x4F, 4),
	VAL(0x50, 4, 0, 1, 10000, 1, 0, "MassAirFlowMaximum", "g/s"),
	LEN(0x51, 1),
	PERCENT(0x52, "EthanolContent"),
	VAL(0x53, 2, 0, 2, 5, 1, 0, "EvaporativeVapourPressureAbsolute", "kPa"),
	{.pid = 0x54,
	 .len = 2,
	 .width = 2,
	 .is_signed = true,
	 .num = 1000,
	 .den = 1,
	 .name = "EvaporativeVapourPressureWide",
	 .unit = "Pa"},
	TRIM(0x55, 2, 0, "ShortTermSecondaryTrimBank1"),
	TRIM(0x55, 2, 1, "ShortTermSecondaryTrimBank3"),
	TRIM(0x56, 2, 0, "LongTermSecondaryTrimBank1"),
	TRIM(0x56, 2, 1, "LongTermSecondaryTrimBank3"),
	TRIM(0x57, 2, 0, "ShortTermSecondaryTrimBank2"),
	TRIM(0x57, 2, 1, "ShortTermSecondaryTrimBank4"),
	TRIM(0x58, 2, 0, "LongTermSecondaryTrimBank2"),
	TRIM(0x58, 2, 1, "LongTermSecondaryTrimBank4"),
	VAL(0x59, 2, 0, 2, 10000, 1, 0, "FuelRailPressureAbsolute", "kPa"),
	PERCENT(0x5A, "RelativeAcceleratorPedalPosition"),
	PERCENT(0x5B, "HybridBatteryCharge"),
	CELSIUS(0x5C, "EngineOilTemperature"),
	VAL(0x5D, 2, 0, 2, 1000, 128, -210000, "FuelInjectionTiming", "degrees"),
	VAL(0x5E, 2, 0, 2, 50, 1, 0, "EngineFuelRate", "L/h"),
	LEN(0x5F, 1),
	LEN(0x60, 4),
	TORQUE(0x61, 1, 0, "DemandedTorque"),
	TORQUE(0x62, 1, 0, "ActualTorque"),
	COUNT16(0x63, "ReferenceTorque", "N.m"),
	TORQUE(0x64, 5, 0, "TorqueAtIdle"),
	TORQUE(0x64, 5, 1, "TorqueAtPoint2"),
	TORQUE(0x64, 5, 2, "TorqueAtPoint3"),
	TORQUE(0x64, 5, 3, "TorqueAtPoint4"),
	TORQUE(0x64, 5, 4, "TorqueAtPoint5"),
	LEN(0x65, 2),
	PART(0x66, 5, 0x01, 1, 2, 1000, 32, 0, "MassAirFlowA", "g/s"),
	PART(0x66, 5, 0x02, 3, 2, 1000, 32, 0, "MassAirFlowB", "g/s"),
	PART_CELSIUS(0x67, 3, 0x01, 1, "CoolantTemperature1"),
	PART_CELSIUS(0x67, 3, 0x02, 2, "CoolantTemperature2"),
	PART_PERCENT(0x69, 7, 0x01, 1, "CommandedEgrA"),
	PART_PERCENT(0x69, 7, 0x02, 2, "ActualEgrA"),
	PART_TRIM(0x69, 7, 0x04, 3, "EgrErrorA"),
	PART_PERCENT(0x69, 7, 0x08, 4, "CommandedEgrB"),
	PART_PERCENT(0x69, 7, 0x10, 5, "ActualEgrB"),
	PART_TRIM(0x69, 7, 0x20, 6, "EgrErrorB"),
	LEN(0x6A, 5),
	LEN(0x6B, 5),
	PART_PERCENT(0x6C, 5, 0x01, 1, "CommandedThrottleA"),
	PART_PERCENT(0x6C, 5, 0x02, 2, "RelativeThrottleA"),
	PART_PERCENT(0x6C, 5, 0x04, 3, "CommandedThrottleB"),
	PART_PERCENT(0x6C, 5, 0x08, 4, "RelativeThrottleB"),
	PART(0x6D, 11, 0x01, 1, 2, 10000, 1, 0, "CommandedFuelRailPressureA", "kPa"),
	PART(0x6D, 11, 0x02, 3, 2, 10000, 1, 0, "FuelRailPressureA", "kPa"),
	PART_CELSIUS(0x6D, 11, 0x04, 5, "FuelRailTemperatureA"),
	PART(0x6D, 11, 0x08, 6, 2, 10000, 1, 0, "CommandedFuelRailPressureB", "kPa"),
	PART(0x6D, 11, 0x10, 8, 2, 10000, 1, 0, "FuelRailPressureB", "kPa"),
	PART_CELSIUS(0x6D, 11, 0x20, 10, "FuelRailTemperatureB"),
	LEN(0x6F, 3),
	LEN(0x72, 5),
	LEN(0x73, 5),
	LEN(0x74, 5),
	LEN(0x75, 7),
	LEN(0x76, 7),
	LEN(0x77, 5),
	LEN(0x78, 9),
	LEN(0x79, 9),
	LEN(0x7A, 7),
	LEN(0x7B, 7),
	LEN(0x7C, 9),
	LEN(0x7D, 1),
	LEN(0x7E, 1),
	PART(0x7F, 13, 0x01, 1, 4, 1000, 1, 0, "EngineRunTimeTotal", "s"),
	PART(0x7F, 13, 0x02, 5, 4, 1000, 1, 0, "EngineIdleTimeTotal", "s"),
	PART(0x7F, 13, 0x04, 9, 4, 1000, 1, 0, "PowerTakeOffTimeTotal", "s"),
	LEN(0x80, 4),
	CELSIUS(0x84, "ManifoldSurfaceTemperature"),
	LEN(0x86, 5),
	LEN(0x87, 5),
	LEN(0x8B, 7),
	PERCENT(0x8D, "AbsoluteThrottlePositionG"),
	TORQUE(0x8E, 1, 0, "FrictionTorque"),
	LEN(0x90, 3),
	LEN(0x91, 5),
	LEN(0x92, 2),
	LEN(0x93, 3),
	LEN(0x98, 9),
	LEN(0x99, 9),
	PART(0x9A, 6, 0x02, 2, 2, 1000, 64, 0, "HybridBatteryVoltage", "V"),
	{.pid = 0x9A,
	 .len = 6,
	 .at = 4,
	 .width = 2,
	 .support = 0x04,
	 .is_signed = true,
	 .num = 100,
	 .den = 1,
	 .name = "HybridBatteryCurrent",
	 .unit = "A"},
	LEN(0x9B, 4),
	VAL(0x9D, 4, 0, 2, 20, 1, 0, "EngineFuelRateMass", "g/s"),
	VAL(0x9D, 4, 2, 2, 20, 1, 0, "VehicleFuelRateMass", "g/s"),
	VAL(0x9E, 2, 0, 2, 200, 1, 0, "ExhaustFlowRate", "kg/h"),
	LEN(0x9F, 9),
	LEN(0xA0, 4),
	VAL(0xA2, 2, 0, 2, 1000, 32, 0, "CylinderFuelRate", "mg/stroke"),
	LEN(0xA3, 9),
	PART(0xA4, 4, 0x02, 2, 2, 1, 1, 0, "TransmissionRatio", "ratio"),
	LEN(0xA5, 4),
	VAL(0xA6, 4, 0, 4, 100, 1, 0, "Odometer", "km"),
	LEN(0xA9, 4),
	LEN(0xAA, 1),
	PERCENT(0xB2, "TractionBatteryHealth"),
	LEN(0xC0, 4),
	LEN(0xC3, 2),
	VAL(0xD3, 4, 0, 4, 100, 1, 0, "EngineOdometer", "km"),
	LEN(0xE0, 4),
};

/* First row of a PID, or NULL. */
static const struct row *row_of(uint8_t pid)
{
	size_t low = 0, high = sizeof(rows) / sizeof(rows[0]);

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < sizeof(rows) / sizeof(rows[0]) && rows[low].pid == pid ? &rows[low] : NULL;
}

uint8_t tt_obd_pid_len(uint8_t pid)
{
	const struct row *row = row_of(pid);

	return row ? row->len : 0;
}

static int64_t divide_rounding(int64_t a, int64_t b)
{
	return a >= 0 ? (a + b / 2) / b : -((-a + b / 2) / b);
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
	const struct row *row = row_of(pid);
	const struct row *end = rows + sizeof(rows) / sizeof(rows[0]);
	uint32_t raw;
	int64_t value;

	if (!row || index >= (size_t)(end - row) || row[index].pid != pid || !row[index].name)
		return TT_ENOTFOUND;
	row += index;
	if (read_raw(row, data, len, &raw))
		return TT_EEOF;
	if (row->support != 0 && !(data[0] & row->support))
		return TT_ERANGE;
	if (row->null != 0 && raw == row->null)
		return TT_ERANGE;
	value = row->is_signed ? (int16_t)raw : (int64_t)raw;
	out->name = row->name;
	out->unit = row->unit;
	out->value_milli = divide_rounding(value * row->num, row->den) + row->add;
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
