#include "gateway/ingest_internal.h"

/* Names and units of the PIDs that freeze frames carry in practice (SAE J1979 table of PIDs); others keep their number and bytes. */
static const struct {
	uint32_t pid;
	const char *name, *unit;
} pids[] = {
	{0x02, "FreezeDTC", ""},
	{0x03, "FuelSystemStatus", ""},
	{0x04, "EngineLoad", "%"},
	{0x05, "CoolantTemperature", "degC"},
	{0x06, "ShortFuelTrim1", "%"},
	{0x07, "LongFuelTrim1", "%"},
	{0x08, "ShortFuelTrim2", "%"},
	{0x09, "LongFuelTrim2", "%"},
	{0x0A, "FuelPressure", "kPa"},
	{0x0B, "ManifoldPressure", "kPa"},
	{0x0C, "EngineSpeed", "rpm"},
	{0x0D, "VehicleSpeed", "km/h"},
	{0x0E, "TimingAdvance", "deg"},
	{0x0F, "IntakeTemperature", "degC"},
	{0x10, "MassAirFlow", "g/s"},
	{0x11, "ThrottlePosition", "%"},
	{0x1F, "RunTime", "s"},
	{0x21, "DistanceWithMil", "km"},
	{0x2F, "FuelLevel", "%"},
	{0x33, "BarometricPressure", "kPa"},
	{0x42, "ModuleVoltage", "V"},
	{0x43, "AbsoluteLoad", "%"},
	{0x46, "AmbientTemperature", "degC"},
	{0x5C, "OilTemperature", "degC"},
};

static void describe(uint32_t pid, const char **name, const char **unit)
{
	*name = *unit = "";
	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		if (pids[i].pid == pid) {
			*name = pids[i].name;
			*unit = pids[i].unit;
		}
	}
}

static void write_item(struct tt_json *j, const Telltale__V1__FreezeItem *item)
{
	char number[8];
	struct tt_text t = tt_text_init(number, sizeof(number));
	const char *name, *unit;

	tt_text_str(&t, "0x");
	tt_text_hex(&t, item->pid & 0xFFFF, 2);
	describe(item->pid, &name, &unit);
	tt_json_open(j, NULL, '{');
	tt_json_str(j, "pid", number);
	tt_json_str(j, "name", name);
	if (item->decoded)
		tt_json_fixed(j, "value", item->value_milli, 3);
	tt_json_str(j, "unit", unit);
	tt_json_hex(j, "raw", item->raw.data, item->raw.len);
	tt_json_close(j, '}');
}

static void write_snapshot(struct tt_json *j, const Telltale__V1__SnapshotItem *item)
{
	const uint8_t did[] = {(uint8_t)(item->did >> 8), (uint8_t)item->did};

	tt_json_open(j, NULL, '{');
	tt_json_int(j, "record", item->record);
	tt_json_hex(j, "did", did, sizeof(did));
	tt_json_hex(j, "raw", item->raw.data, item->raw.len);
	tt_json_close(j, '}');
}

enum tt_err tt_ingest_snapshot_json(const Telltale__V1__FaultEvent *fault, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap - 1);
	struct tt_json whole;

	tt_json_open(&j, NULL, '[');
	for (size_t i = 0; i < fault->n_snapshot; i++) {
		whole = tt_json_mark(&j);
		write_snapshot(&j, fault->snapshot[i]);
		if (tt_json_end(&j)) {
			tt_json_back(&j, &whole);
			break;
		}
	}
	j.text.cap++;
	tt_json_close(&j, ']');
	return tt_json_end(&j);
}

enum tt_err tt_ingest_freeze_json(const Telltale__V1__FaultEvent *fault, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap - 1); /* room for the closing bracket after the last item that fits */
	struct tt_json whole;

	tt_json_open(&j, NULL, '[');
	for (size_t i = 0; i < fault->n_freeze_frame; i++) {
		whole = tt_json_mark(&j);
		write_item(&j, fault->freeze_frame[i]);
		if (tt_json_end(&j)) {
			tt_json_back(&j, &whole);
			break;
		}
	}
	j.text.cap++;
	tt_json_close(&j, ']');
	return tt_json_end(&j);
}
