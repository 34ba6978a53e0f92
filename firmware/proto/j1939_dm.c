#include "firmware/proto/j1939_dm.h"

#include "base/cursor.h"

enum { DM_MIN = 6, DM_MAX = 1785, LAMPS_LEN = 2, DTC_LEN = 4, CONTINUOUS = 3 };
enum { LAMP_OFF = 0, LAMP_ON = 1, FLASH_SLOW = 0, FLASH_FAST = 1 };

/* J1939-73 5.7.1.7 to 5.7.1.10: the third byte ends in the FMI; where the SPN's bits stand is what the versions differ in. */
static struct tt_j1939_dtc dtc_at(const uint8_t b[DTC_LEN], unsigned method)
{
	const uint32_t top = b[2] >> 5;
	struct tt_j1939_dtc d = {
		.spn = top << 16 | (uint32_t)b[1] << 8 | b[0], .fmi = b[2] & 31, .occurrences = b[3] & 127, .converted = b[3] >> 7};

	if (d.converted && method == 1) /* most significant byte first, the last three bits in the third byte */
		d.spn = (uint32_t)b[0] << 11 | (uint32_t)b[1] << 3 | top;
	if (d.converted && method == 2) /* the same with the first two bytes swapped */
		d.spn = (uint32_t)b[1] << 11 | (uint32_t)b[0] << 3 | top;
	return d;
}

enum tt_err tt_j1939_dm(const uint8_t *data, size_t len, unsigned method, struct tt_j1939_dm *out)
{
	struct tt_rd r;
	const uint8_t *b;

	if (len < DM_MIN || len > DM_MAX)
		return TT_EPROTO;
	r = tt_rd_init(data + LAMPS_LEN, len - LAMPS_LEN);
	out->lamps = (uint16_t)(data[0] << 8 | data[1]);
	out->n = 0;
	while (tt_rd_bytes(&r, DTC_LEN, &b) == TT_OK) {
		out->dtcs[out->n] = dtc_at(b, method);
		out->n += out->dtcs[out->n].spn != 0 && out->dtcs[out->n].spn != TT_J1939_SPN_NONE;
	}
	return TT_OK;
}

enum tt_j1939_lamp_state tt_j1939_lamp(uint16_t lamps, enum tt_j1939_lamp lamp)
{
	const unsigned shift = 6 - 2 * (unsigned)lamp;
	const unsigned state = (unsigned)lamps >> (8 + shift) & 3, flash = (unsigned)lamps >> shift & 3;

	if (state == LAMP_OFF)
		return TT_J1939_OFF;
	if (state != LAMP_ON)
		return TT_J1939_UNAVAILABLE;
	return flash == FLASH_SLOW ? TT_J1939_SLOW_FLASH : flash == FLASH_FAST ? TT_J1939_FAST_FLASH : TT_J1939_ON;
}

const char *tt_j1939_lamp_name(enum tt_j1939_lamp lamp)
{
	static const char *const names[TT_J1939_LAMPS] = {"mil", "rsl", "awl", "pl"};

	return names[lamp];
}

const char *tt_j1939_lamp_state_name(enum tt_j1939_lamp_state state)
{
	static const char *const names[TT_J1939_LAMP_STATES] = {"off", "on", "slow_flash", "fast_flash", "unavailable"};

	return names[state];
}

bool tt_j1939_lit(uint16_t lamps)
{
	bool lit = false;

	for (unsigned i = 0; i < TT_J1939_LAMPS; i++)
		lit = lit || (lamps >> (8 + 2 * i) & 3) == LAMP_ON;
	return lit;
}

const char *tt_j1939_monitor_name(unsigned monitor)
{
	static const char *const names[TT_J1939_MONITORS] = {
		"misfire",
		"fuel_system",
		"components",
		"catalyst",
		"heated_catalyst",
		"evaporative_system",
		"secondary_air",
		"ac_refrigerant",
		"exhaust_gas_sensor",
		"exhaust_gas_sensor_heater",
		"egr_vvt",
		"cold_start_aid",
		"boost_pressure",
		"particulate_filter",
		"nox_catalyst",
		"nmhc_catalyst",
	};

	return monitor < TT_J1939_MONITORS ? names[monitor] : "";
}

enum tt_err tt_j1939_dm5(const uint8_t *data, size_t len, struct tt_j1939_dm5 *out)
{
	const uint32_t known = (1U << TT_J1939_MONITORS) - 1;
	uint32_t supported, status;

	if (len < 8)
		return TT_EPROTO;
	/* byte 4: support in bits 1-3, status in bits 5-7; bytes 5, 6 support, 7, 8 status */
	supported = ((data[3] & 7U) | (uint32_t)data[4] << CONTINUOUS | (uint32_t)data[5] << (CONTINUOUS + 8)) & known;
	status = ((data[3] >> 4 & 7U) | (uint32_t)data[6] << CONTINUOUS | (uint32_t)data[7] << (CONTINUOUS + 8)) & known;
	*out = (struct tt_j1939_dm5){
		.active = data[0], .previous = data[1], .compliance = data[2], .supported = supported, .incomplete = supported & status};
	return TT_OK;
}
