#include "firmware/proto/obd.h"

#include "firmware/proto/obd_pids.h"

enum tt_err tt_obd_request_current(const uint8_t *pids, size_t n, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len)
{
	if (n == 0 || n > TT_OBD_MAX_PIDS)
		return TT_ERANGE;
	out[0] = TT_OBD_CURRENT;
	memcpy(out + 1, pids, n);
	*len = n + 1;
	return TT_OK;
}

void tt_obd_request_freeze(uint8_t pid, uint8_t frame, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len)
{
	out[0] = TT_OBD_FREEZE;
	out[1] = pid;
	out[2] = frame;
	*len = 3;
}

void tt_obd_request_info(uint8_t info, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len)
{
	out[0] = TT_OBD_INFO;
	out[1] = info;
	*len = 2;
}

void tt_obd_request_dtcs(enum tt_obd_service service, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len)
{
	out[0] = (uint8_t)service;
	*len = 1;
}

const struct tt_obd_nrc *tt_obd_nrc(uint8_t code)
{
	static const struct tt_obd_nrc table[] = {
		{0x10, TT_OBD_NRC_REFUSED, "general reject"},
		{0x11, TT_OBD_NRC_UNSUPPORTED, "service not supported"},
		{0x12, TT_OBD_NRC_UNSUPPORTED, "parameter not supported"},
		{0x13, TT_OBD_NRC_UNSUPPORTED, "incorrect message length"},
		{0x21, TT_OBD_NRC_RETRY, "busy, repeat the request"},
		{0x22, TT_OBD_NRC_CONDITIONS, "conditions not correct"},
		{0x31, TT_OBD_NRC_UNSUPPORTED, "request out of range"},
		{0x33, TT_OBD_NRC_REFUSED, "security access denied"},
		{0x78, TT_OBD_NRC_PENDING, "response pending"},
		{0x7E, TT_OBD_NRC_CONDITIONS, "not supported in this session"},
		{0x7F, TT_OBD_NRC_CONDITIONS, "service not supported in this session"},
	};
	static const struct tt_obd_nrc unknown = {0, TT_OBD_NRC_REFUSED, "refused for a reason of the maker's"};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].code == code)
			return &table[i];
	}
	return &unknown;
}

bool tt_obd_is_negative(const uint8_t *msg, size_t len, uint8_t *service, uint8_t *code)
{
	if (len < 3 || msg[0] != TT_OBD_NEGATIVE)
		return false;
	if (service)
		*service = msg[1];
	if (code)
		*code = msg[2];
	return true;
}

/* PID p of 01..FF is bit 31 - (p - 1) % 32 of word (p - 1) / 32; PID 00 is always there. */
bool tt_obd_pidset_has(const struct tt_obd_pidset *set, uint8_t pid)
{
	const unsigned bit = pid - 1U;

	return pid == 0 || (set->bits[bit / 32] >> (31 - bit % 32) & 1);
}

void tt_obd_pidset_put(struct tt_obd_pidset *set, uint8_t pid)
{
	const unsigned bit = pid - 1U;

	if (pid != 0)
		set->bits[bit / 32] |= UINT32_C(1) << (31 - bit % 32);
}

void tt_obd_pidset_drop(struct tt_obd_pidset *set, uint8_t pid)
{
	const unsigned bit = pid - 1U;

	if (pid != 0)
		set->bits[bit / 32] &= ~(UINT32_C(1) << (31 - bit % 32));
}

void tt_obd_pidset_take(struct tt_obd_pidset *set, uint8_t base, uint32_t bitmap)
{
	if (tt_obd_is_bitmap(base))
		set->bits[base / 0x20] = bitmap;
}

enum tt_err tt_obd_items_begin(const uint8_t *msg, size_t len, struct tt_rd *r, uint8_t *service)
{
	struct tt_rd in = tt_rd_init(msg, len);
	uint8_t first;

	if (tt_rd_u8(&in, &first))
		return TT_EEOF;
	if (first != TT_OBD_CURRENT + TT_OBD_RESPONSE && first != TT_OBD_FREEZE + TT_OBD_RESPONSE)
		return TT_EPROTO;
	*r = in;
	*service = (uint8_t)(first - TT_OBD_RESPONSE);
	return TT_OK;
}

enum tt_err tt_obd_items_next(struct tt_rd *r, uint8_t service, struct tt_obd_item *out)
{
	struct tt_rd in = *r;
	struct tt_obd_item item = {0};

	if (tt_rd_u8(&in, &item.pid) || (service == TT_OBD_FREEZE && tt_rd_u8(&in, &item.frame)))
		return TT_EEOF;
	item.len = tt_obd_pid_len(item.pid);
	if (item.pid == 0 && in.left < item.len) {
		*r = tt_rd_init(NULL, 0);
		return TT_EEOF;
	}
	if (item.len == 0)
		item.len = in.left;
	if (tt_rd_bytes(&in, item.len, &item.data))
		return TT_EEOF;
	*r = in;
	*out = item;
	return TT_OK;
}

const char *tt_obd_monitor_name(enum tt_obd_monitor monitor)
{
	static const char *const names[TT_OBD_MONITORS] = {
		[TT_OBD_MON_MISFIRE] = "misfire",
		[TT_OBD_MON_FUEL] = "fuel",
		[TT_OBD_MON_COMPONENT] = "component",
		[TT_OBD_MON_CATALYST] = "catalyst",
		[TT_OBD_MON_HEATED_CATALYST] = "heated_catalyst",
		[TT_OBD_MON_EVAPORATIVE] = "evaporative",
		[TT_OBD_MON_SECONDARY_AIR] = "secondary_air",
		[TT_OBD_MON_AC_OR_GPF] = "ac_or_gpf",
		[TT_OBD_MON_OXYGEN_SENSOR] = "oxygen_sensor",
		[TT_OBD_MON_OXYGEN_HEATER] = "oxygen_heater",
		[TT_OBD_MON_EGR_VVT] = "egr_vvt",
		[TT_OBD_MON_NMHC_CATALYST] = "nmhc_catalyst",
		[TT_OBD_MON_NOX_SCR] = "nox_scr",
		[TT_OBD_MON_BOOST] = "boost",
		[TT_OBD_MON_EXHAUST_SENSOR] = "exhaust_sensor",
		[TT_OBD_MON_PM_FILTER] = "pm_filter",
		[TT_OBD_MON_EGR_DIESEL] = "egr",
		[TT_OBD_MON_COLD_START] = "cold_start_aid",
	};

	return (unsigned)monitor < TT_OBD_MONITORS ? names[monitor] : "unknown";
}

void tt_obd_readiness(const uint8_t data[4], struct tt_obd_readiness *out)
{
	enum { RESERVED = TT_OBD_MONITORS };
	static const uint8_t spark[] = {
		TT_OBD_MON_CATALYST,  TT_OBD_MON_HEATED_CATALYST, TT_OBD_MON_EVAPORATIVE,   TT_OBD_MON_SECONDARY_AIR,
		TT_OBD_MON_AC_OR_GPF, TT_OBD_MON_OXYGEN_SENSOR,   TT_OBD_MON_OXYGEN_HEATER, TT_OBD_MON_EGR_VVT,
	};
	static const uint8_t compression[sizeof(spark)] = {
		TT_OBD_MON_NMHC_CATALYST, TT_OBD_MON_NOX_SCR,    RESERVED, TT_OBD_MON_BOOST, RESERVED, TT_OBD_MON_EXHAUST_SENSOR,
		TT_OBD_MON_PM_FILTER,     TT_OBD_MON_EGR_DIESEL,
	};
	const unsigned continuous = data[1];

	out->mil = data[0] & 0x80;
	out->dtc_count = data[0] & 0x7F;
	out->compression = continuous & 0x08;
	out->supported = continuous & 0x07;
	out->incomplete = continuous >> 4 & 0x07;
	for (unsigned bit = 0; bit < sizeof(spark); bit++) {
		const unsigned monitor = out->compression ? compression[bit] : spark[bit];

		if (monitor == RESERVED)
			continue;
		out->supported |= (data[2] >> bit & UINT32_C(1)) << monitor;
		out->incomplete |= (data[3] >> bit & UINT32_C(1)) << monitor;
	}
	out->incomplete &= out->supported;
}

enum tt_err tt_obd_dtcs(const uint8_t *msg, size_t len, struct tt_obd_dtcs *out)
{
	struct tt_rd r = tt_rd_init(msg, len);
	uint8_t first, count;
	uint16_t code;

	if (tt_rd_u8(&r, &first) || tt_rd_u8(&r, &count))
		return TT_EEOF;
	first = (uint8_t)(first - TT_OBD_RESPONSE);
	if (first != TT_OBD_STORED && first != TT_OBD_PENDING && first != TT_OBD_PERMANENT)
		return TT_EPROTO;
	out->service = first;
	out->n = 0;
	out->cut = r.left / 2 < count;
	for (unsigned i = 0; i < count && !tt_rd_u16be(&r, &code); i++) {
		if (code == 0)
			continue;
		if (out->n == TT_OBD_MAX_DTCS) {
			out->cut = true;
			break;
		}
		out->codes[out->n++] = code;
	}
	return TT_OK;
}

enum tt_err tt_obd_vin(const uint8_t *msg, size_t len, char out[TT_VIN_TEXT])
{
	struct tt_rd r = tt_rd_init(msg, len);
	const uint8_t *vin;
	uint8_t service, info, items;

	if (tt_rd_u8(&r, &service) || tt_rd_u8(&r, &info) || tt_rd_u8(&r, &items))
		return TT_EEOF;
	if (service != TT_OBD_INFO + TT_OBD_RESPONSE || info != TT_OBD_INFO_VIN)
		return TT_EPROTO;
	while (r.left > TT_VIN_LEN && r.p[0] == 0) /* padding in front, of cars that count the bytes of a longer message */
		r = tt_rd_init(r.p + 1, r.left - 1);
	if (tt_rd_bytes(&r, TT_VIN_LEN, &vin))
		return TT_EEOF;
	if (!tt_vin_valid((const char *)vin, TT_VIN_LEN))
		return TT_EPROTO;
	memcpy(out, vin, TT_VIN_LEN);
	out[TT_VIN_LEN] = '\0';
	return TT_OK;
}

bool tt_obd_is_response_id(uint32_t id, bool extended)
{
	return extended ? (id & 0x1FFFFF00) == 0x18DAF100 : id >= 0x7E8 && id <= 0x7EF;
}

bool tt_obd_is_request_id(uint32_t id, bool extended)
{
	if (extended)
		return id == 0x18DB33F1 || (id & 0x1FFF00FF) == 0x18DA00F1;
	return id == 0x7DF || (id >= 0x7E0 && id <= 0x7E7);
}
