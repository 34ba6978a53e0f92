#include "firmware/proto/j1939_spn.h"

#include "firmware/proto/j1939.h"

enum { VALID_MAX = 0xFA, ERROR_BYTE = 0xFE };

/* SPN, PGN, byte, bytes, scale in thousandths, offset in thousandths. */
static const struct tt_j1939_spn table[] = {
	{84, TT_PGN_SPEED, 1, 2, 1000, 256, 0, "vehicle_speed", "km/h"},
	{96, TT_PGN_DASH, 1, 1, 400, 1, 0, "fuel_level", "percent"},
	{100, TT_PGN_ENGINE_FLUIDS, 3, 1, 4000, 1, 0, "oil_pressure", "kPa"},
	{110, TT_PGN_ENGINE_TEMPERATURE, 0, 1, 1000, 1, -40000, "coolant_temperature", "celsius"},
	{158, TT_PGN_ELECTRICAL, 6, 2, 50, 1, 0, "key_switch_voltage", "V"},
	{168, TT_PGN_ELECTRICAL, 4, 2, 50, 1, 0, "battery_voltage", "V"},
	{190, TT_PGN_ENGINE_1, 3, 2, 125, 1, 0, "engine_speed", "rpm"},
	{245, TT_PGN_DISTANCE, 4, 4, 125000, 1, 0, "total_distance", "m"},
	{247, TT_PGN_HOURS, 0, 4, 50, 1, 0, "engine_hours", "h"},
	{917, TT_PGN_DISTANCE_FINE, 0, 4, 5000, 1, 0, "total_distance_fine", "m"},
};

const struct tt_j1939_spn *tt_j1939_spn_at(size_t index)
{
	return index < sizeof(table) / sizeof(table[0]) ? &table[index] : NULL;
}

const struct tt_j1939_spn *tt_j1939_spn(uint32_t spn)
{
	for (size_t i = 0; tt_j1939_spn_at(i); i++) {
		if (table[i].spn == spn)
			return &table[i];
	}
	return NULL;
}

enum tt_j1939_value tt_j1939_spn_value(const struct tt_j1939_spn *spn, const uint8_t *data, size_t len, int64_t *milli)
{
	const size_t last = spn->start + spn->bytes - 1U;
	int64_t raw = 0;

	if (len <= last || data[last] > ERROR_BYTE)
		return TT_J1939_NOT_AVAILABLE;
	if (data[last] > VALID_MAX)
		return data[last] == ERROR_BYTE ? TT_J1939_ERROR : TT_J1939_RESERVED;
	for (size_t i = last + 1; i-- > spn->start;)
		raw = raw << 8 | data[i];
	*milli = raw * spn->mul / spn->div + spn->offset;
	return TT_J1939_VALID;
}
