/*
 * OBD response parsers on one message (first byte 0), or a whole scan fed with responses (first byte odd: 11 bits, even: 29).
 */
#include "firmware/proto/obd_pids.h"
#include "firmware/proto/obd_scan.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parsers(const uint8_t *msg, size_t len)
{
	struct tt_obd_dtcs dtcs;
	struct tt_obd_item item;
	struct tt_obd_value value;
	char vin[TT_VIN_TEXT];
	struct tt_rd r;
	uint8_t service, nrc;

	if (!tt_obd_dtcs(msg, len, &dtcs))
		TT_ASSERT(dtcs.n <= TT_OBD_MAX_DTCS);
	if (!tt_obd_vin(msg, len, vin))
		TT_ASSERT(strlen(vin) == TT_VIN_LEN);
	(void)tt_obd_is_negative(msg, len, &service, &nrc);
	if (tt_obd_items_begin(msg, len, &r, &service))
		return;
	while (!tt_obd_items_next(&r, service, &item)) {
		for (unsigned i = 0; tt_obd_pid_value(item.pid, item.data, item.len, i, &value) != TT_ENOTFOUND; i++)
			TT_ASSERT(i < 8);
	}
}

/* 9 bytes a step: ECU and length, then data; between the steps the scan runs for 20 ms. */
static void scan(const uint8_t *data, size_t size, bool extended)
{
	static struct tt_obd_scan s;
	static struct tt_obd_result result;
	tt_mono_us now = 0;
	struct tt_can_frame f;

	tt_obd_scan_init(
		&s,
		&(struct tt_obd_scan_config){
			.only_11bit = !extended, .only_29bit = extended, .live = {0x0C, 0x0D, 0x7F}, .nlive = 3, .live_period_us = 1},
		now);
	for (; size >= 9; data += 9, size -= 9) {
		tt_obd_scan_tick(&s, now);
		while (tt_obd_scan_next_tx(&s, now, &f))
			TT_ASSERT(f.len == 8 && f.extended == extended);
		f = (struct tt_can_frame){
			.id = (extended ? 0x18DAF110U : 0x7E8U) + (data[0] >> 4 & 7), .extended = extended, .len = data[0] & 0xF};
		if (f.len > 8)
			f.len = 8;
		memcpy(f.data, data + 1, 8);
		(void)tt_obd_scan_feed(&s, now, &f);
		if (data[0] & 0x80)
			while (tt_obd_scan_next(&s, &result))
				TT_ASSERT(result.kind <= TT_OBD_RESULT_TOO_MANY);
		now += TT_MS(20);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 0)
		parsers(data + 1, size - 1);
	else
		scan(data + 1, size - 1, data[0] % 2 == 0);
	return 0;
}
