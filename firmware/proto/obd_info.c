#include "firmware/proto/obd_info.h"

enum { ID_BYTES = 16, NAME_BYTES = 20 };

/* The head of a 49 response: type checked (0 = any), the count byte read. */
static enum tt_err info_begin(const uint8_t *msg, size_t len, uint8_t type, struct tt_rd *r, uint8_t *got, uint8_t *items)
{
	struct tt_rd in = tt_rd_init(msg, len);
	uint8_t service;

	if (tt_rd_u8(&in, &service) || tt_rd_u8(&in, got) || tt_rd_u8(&in, items))
		return TT_EEOF;
	if (service != TT_OBD_INFO + TT_OBD_RESPONSE || (type != 0 && *got != type))
		return TT_EPROTO;
	*r = in;
	return TT_OK;
}

enum tt_err tt_obd_info_bitmap(const uint8_t *msg, size_t len, uint32_t *out)
{
	struct tt_rd r = tt_rd_init(msg, len);
	uint8_t service, type;
	uint32_t bits;

	if (tt_rd_u8(&r, &service) || tt_rd_u8(&r, &type) || tt_rd_u32be(&r, &bits))
		return TT_EEOF;
	if (service != TT_OBD_INFO + TT_OBD_RESPONSE || type != 0)
		return TT_EPROTO;
	*out = bits;
	return TT_OK;
}

bool tt_obd_info_has(uint32_t bitmap, uint8_t type)
{
	return bitmap >> (32 - type) & 1;
}

/* Printable ASCII without NULs and without blanks at the end. */
static void put_text(const uint8_t *bytes, size_t n, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != 0)
			out[used++] = bytes[i] >= ' ' && bytes[i] < 0x7F ? (char)bytes[i] : '?';
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

enum tt_err tt_obd_calibrations(const uint8_t *msg, size_t len, struct tt_obd_calibrations *out)
{
	struct tt_rd r;
	uint8_t type, items;
	enum tt_err err = info_begin(msg, len, TT_OBD_INFO_CALIBRATIONS, &r, &type, &items);

	if (err)
		return err;
	if (r.left < (size_t)items * ID_BYTES)
		return TT_EEOF;
	out->cut = items > TT_OBD_CALIBRATIONS;
	out->n = out->cut ? TT_OBD_CALIBRATIONS : items;
	for (unsigned i = 0; i < out->n; i++)
		put_text(r.p + (size_t)i * ID_BYTES, ID_BYTES, out->ids[i]);
	return TT_OK;
}

enum tt_err tt_obd_cvns(const uint8_t *msg, size_t len, struct tt_obd_cvns *out)
{
	struct tt_rd r;
	uint8_t type, items;
	const uint8_t *numbers;
	uint32_t cvn;
	enum tt_err err = info_begin(msg, len, TT_OBD_INFO_CVNS, &r, &type, &items);

	if (err)
		return err;
	if (tt_rd_bytes(&r, items * sizeof(cvn), &numbers))
		return TT_EEOF;
	r = tt_rd_init(numbers, items * sizeof(cvn));
	out->cut = items > TT_OBD_CALIBRATIONS;
	out->n = 0;
	while (out->n < TT_OBD_CALIBRATIONS && !tt_rd_u32be(&r, &cvn))
		out->cvns[out->n++] = cvn;
	return TT_OK;
}

enum tt_err tt_obd_ecu_name(const uint8_t *msg, size_t len, char out[TT_OBD_NAME_TEXT])
{
	struct tt_rd r;
	uint8_t type, items;
	const uint8_t *name;
	enum tt_err err = info_begin(msg, len, TT_OBD_INFO_NAME, &r, &type, &items);

	if (err)
		return err;
	if (tt_rd_bytes(&r, NAME_BYTES, &name))
		return TT_EEOF;
	put_text(name, NAME_BYTES, out);
	return TT_OK;
}

enum tt_err tt_obd_counters(const uint8_t *msg, size_t len, struct tt_obd_counters *out)
{
	struct tt_rd r;
	uint8_t type, items;
	const uint8_t *counts;
	uint16_t count;
	enum tt_err err = info_begin(msg, len, 0, &r, &type, &items);

	if (err)
		return err;
	if (type != TT_OBD_INFO_COUNTERS_SPARK && type != TT_OBD_INFO_COUNTERS_COMPRESSION)
		return TT_EPROTO;
	if (items > TT_OBD_COUNTERS)
		return TT_EPROTO;
	if (tt_rd_bytes(&r, items * sizeof(count), &counts))
		return TT_EEOF;
	r = tt_rd_init(counts, items * sizeof(count));
	out->compression = type == TT_OBD_INFO_COUNTERS_COMPRESSION;
	out->n = 0;
	while (!tt_rd_u16be(&r, &count))
		out->counts[out->n++] = count;
	return TT_OK;
}

void tt_obd_request_monitor(uint8_t mid, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len)
{
	out[0] = TT_OBD_MONITOR;
	out[1] = mid;
	*len = 2;
}

enum tt_err tt_obd_monitor_bitmap(const uint8_t *msg, size_t len, uint8_t *mid, uint32_t *out)
{
	struct tt_rd r = tt_rd_init(msg, len);
	uint8_t service, base;
	uint32_t bits;

	if (tt_rd_u8(&r, &service) || tt_rd_u8(&r, &base) || tt_rd_u32be(&r, &bits))
		return TT_EEOF;
	if (service != TT_OBD_MONITOR + TT_OBD_RESPONSE || !tt_obd_is_bitmap(base))
		return TT_EPROTO;
	*mid = base;
	*out = bits;
	return TT_OK;
}

enum tt_err tt_obd_tests_begin(const uint8_t *msg, size_t len, struct tt_rd *r)
{
	struct tt_rd in = tt_rd_init(msg, len);
	uint8_t service;

	if (tt_rd_u8(&in, &service) || in.left == 0)
		return TT_EEOF;
	if (service != TT_OBD_MONITOR + TT_OBD_RESPONSE || tt_obd_is_bitmap(in.p[0]))
		return TT_EPROTO;
	*r = in;
	return TT_OK;
}

enum tt_err tt_obd_tests_next(struct tt_rd *r, struct tt_obd_test *out)
{
	struct tt_rd in = *r;
	struct tt_obd_test test;

	if (tt_rd_u8(&in, &test.mid) || tt_rd_u8(&in, &test.tid) || tt_rd_u8(&in, &test.scaling) || tt_rd_u16be(&in, &test.value) ||
	    tt_rd_u16be(&in, &test.min) || tt_rd_u16be(&in, &test.max))
		return TT_EEOF;
	*r = in;
	*out = test;
	return TT_OK;
}
