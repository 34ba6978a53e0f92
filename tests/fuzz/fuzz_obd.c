/*
 * OBD response parsers on one message (first byte 0), or a whole scan fed with responses (first byte odd: 11 bits, even: 29).
 */
#include "firmware/proto/ecu_report.h"
#include "firmware/proto/obd_pids.h"
#include "firmware/proto/obd_scaling.h"
#include "firmware/proto/obd_scan.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Services 06 and 09. */
static void info_parsers(const uint8_t *msg, size_t len)
{
	struct tt_obd_calibrations calibrations;
	struct tt_obd_cvns cvns;
	struct tt_obd_counters counters;
	struct tt_obd_test test;
	struct tt_obd_scaled scaled;
	char name[TT_OBD_NAME_TEXT];
	struct tt_rd r;
	uint32_t bits;
	uint8_t mid;

	if (!tt_obd_calibrations(msg, len, &calibrations)) {
		for (unsigned i = 0; i < calibrations.n; i++)
			TT_ASSERT(strlen(calibrations.ids[i]) < TT_OBD_CALIBRATION_TEXT);
	}
	if (!tt_obd_cvns(msg, len, &cvns))
		TT_ASSERT(cvns.n <= TT_OBD_CALIBRATIONS);
	if (!tt_obd_counters(msg, len, &counters))
		TT_ASSERT(counters.n <= TT_OBD_COUNTERS);
	if (!tt_obd_ecu_name(msg, len, name))
		TT_ASSERT(strlen(name) < TT_OBD_NAME_TEXT);
	(void)!tt_obd_info_bitmap(msg, len, &bits);
	if (!tt_obd_monitor_bitmap(msg, len, &mid, &bits))
		TT_ASSERT(tt_obd_is_bitmap(mid));
	if (tt_obd_tests_begin(msg, len, &r))
		return;
	while (!tt_obd_tests_next(&r, &test)) {
		tt_obd_scale(test.scaling, test.value, &scaled);
		TT_ASSERT(scaled.unit != NULL);
		(void)tt_obd_test_passed(&test);
	}
	TT_ASSERT(r.left < 9);
}

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
	info_parsers(msg, len);
	if (tt_obd_items_begin(msg, len, &r, &service))
		return;
	while (!tt_obd_items_next(&r, service, &item)) {
		for (unsigned i = 0; tt_obd_pid_value(item.pid, item.data, item.len, i, &value) != TT_ENOTFOUND; i++)
			TT_ASSERT(i < 8);
	}
}

/* 9 bytes a step: ECU and length, then data; between the steps the scan runs for 20 ms. Some bytes pause it, or clear codes. */
static void scan(const uint8_t *data, size_t size, bool extended)
{
	static struct tt_obd_scan s;
	static struct tt_obd_result result;
	static struct tt_ecu_reports reports;
	const struct tt_obd_test *tests[TT_ECU_REPORT_MAX];
	const struct tt_ecu_report *report;
	size_t ntests;
	tt_mono_us now = 0;
	struct tt_can_frame f;

	tt_obd_scan_init(&s,
			 &(struct tt_obd_scan_config){.only_11bit = !extended,
						      .only_29bit = extended,
						      .live = {0x0C, 0x0D, 0x7F},
						      .nlive = 3,
						      .live_period_us = 1,
						      .info_after_us = 1,
						      .monitors_after_us = 1,
						      .slow_gap_us = 1},
			 now);
	tt_ecu_reports_init(&reports);
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
			while (tt_obd_scan_next(&s, &result)) {
				TT_ASSERT(result.kind <= TT_OBD_RESULT_TOO_MANY);
				tt_ecu_reports_take(&reports, &result);
			}
		while ((report = tt_ecu_reports_peek(&reports, tests, &ntests)))
			tt_ecu_reports_told(&reports, report);
		if (data[1] == 0xE0)
			tt_obd_scan_pause(&s, now, data[2] % 2);
		if (data[1] == 0xE1)
			(void)!tt_obd_scan_clear(&s, now);
		if (data[1] == 0xE2)
			now += TT_SEC(data[2]);
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
