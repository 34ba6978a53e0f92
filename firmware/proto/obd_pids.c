#include "firmware/proto/obd_pids.h"

#include "base/cursor.h"

/*
 * Rows are sorted by PID; several rows of one PID are its several values. A row without a name gives only the length. Newer revisions
 * disagree about the lengths of some PIDs above 67; those are left out, and an unknown PID takes the rest of its message.
 *
 * value_milli = raw * num / den + add, where raw is `width` bytes, big-endian, at `at`. null: this raw value means "not available"; 0 =
 * none.
 */
struct row {
	uint8_t pid, len, at, width;
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
	LEN(0x50, 4),
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
	LEN(0x55, 2),
	LEN(0x56, 2),
	LEN(0x57, 2),
	LEN(0x58, 2),
	VAL(0x59, 2, 0, 2, 10000, 1, 0, "FuelRailPressureAbsolute", "kPa"),
	PERCENT(0x5A, "RelativeAcceleratorPedalPosition"),
	PERCENT(0x5B, "HybridBatteryCharge"),
	CELSIUS(0x5C, "EngineOilTemperature"),
	VAL(0x5D, 2, 0, 2, 1000, 128, -210000, "FuelInjectionTiming", "degrees"),
	VAL(0x5E, 2, 0, 2, 50, 1, 0, "EngineFuelRate", "L/h"),
	LEN(0x5F, 1),
	LEN(0x60, 4),
	VAL(0x61, 1, 0, 1, 1000, 1, -125000, "DemandedTorque", "percent"),
	VAL(0x62, 1, 0, 1, 1000, 1, -125000, "ActualTorque", "percent"),
	COUNT16(0x63, "ReferenceTorque", "N.m"),
	LEN(0x64, 5),
	LEN(0x65, 2),
	LEN(0x66, 5),
	LEN(0x67, 3),
	LEN(0x7D, 1),
	LEN(0x7E, 1),
	VAL(0x7F, 13, 1, 4, 1000, 1, 0, "EngineRunTimeTotal", "s"),
	VAL(0x7F, 13, 5, 4, 1000, 1, 0, "EngineIdleTimeTotal", "s"),
	LEN(0x80, 4),
	VAL(0x9A, 6, 2, 2, 1000, 64, 0, "HybridBatteryVoltage", "V"),
	{.pid = 0x9A, .len = 6, .at = 4, .width = 2, .is_signed = true, .num = 100, .den = 1, .name = "HybridBatteryCurrent", .unit = "A"},
	VAL(0x9D, 4, 0, 2, 20, 1, 0, "EngineFuelRateMass", "g/s"),
	VAL(0x9D, 4, 2, 2, 20, 1, 0, "VehicleFuelRateMass", "g/s"),
	LEN(0xA0, 4),
	VAL(0xA6, 4, 0, 4, 100, 1, 0, "Odometer", "km"),
	PERCENT(0xB2, "TractionBatteryHealth"),
	LEN(0xC0, 4),
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
	if (row->null != 0 && raw == row->null)
		return TT_ERANGE;
	value = row->is_signed ? (int16_t)raw : (int64_t)raw;
	out->name = row->name;
	out->unit = row->unit;
	out->value_milli = divide_rounding(value * row->num, row->den) + row->add;
	return TT_OK;
}
