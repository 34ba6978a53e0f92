/*
 * Every reader of UDS on whatever an ECU may answer: the first byte chooses the reader, the rest is the message. With first byte FF the
 * tester itself: the rest are the frames that come back to its questions.
 */
#include "firmware/proto/uds_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_codes(const uint8_t *msg, size_t len, enum tt_uds_report report)
{
	struct tt_uds_code c;
	uint8_t available;
	struct tt_rd r;
	size_t n = 0;

	if (tt_uds_codes_begin(msg, len, report, &r, &available))
		return;
	while (tt_uds_codes_next(&r, &c) == TT_OK)
		n++;
	TT_ASSERT(n <= len / 4);
}

static void read_records(const uint8_t *msg, size_t len, enum tt_uds_report report)
{
	static const struct tt_uds_length lengths[] = {{.number = 0xF40C, .len = 2}, {.extended = true, .number = 1, .len = 3}};
	struct tt_uds_records it;
	struct tt_uds_record record;
	struct tt_uds_code c;

	if (tt_uds_records_begin(msg, len, report, &c, lengths, 2, &it))
		return;
	while (tt_uds_records_next(&it, &record) == TT_OK)
		TT_ASSERT(record.data >= msg && record.data + record.len <= msg + len);
}

static void read_data(const uint8_t *msg, size_t len)
{
	const uint8_t *bytes;
	struct tt_rd r;

	if (tt_uds_data_begin(msg, len, &r) || tt_uds_data_next(&r, 0xF40C, 2, &bytes))
		return;
	TT_ASSERT(bytes + 2 <= msg + len);
	(void)tt_uds_only_padding(&r);
}

static void read_session(const uint8_t *msg, size_t len)
{
	struct tt_uds_session session;

	if (tt_uds_session_read(msg, len, &session) == TT_OK)
		TT_ASSERT(session.p2_us >= 0 && session.p2_star_us >= 0);
}

static void check_result(const struct tt_uds_result *r)
{
	TT_ASSERT(r->ecu < 2 && r->len <= TT_ISOTP_MAX);
	TT_ASSERT(r->msg || r->len == 0);
	TT_ASSERT(r->kind != TT_UDS_RESULT_REFUSING || r->service != 0);
}

/*
 * 10 bytes a step: how long it takes, in 50 ms (the last values jump, pause or forbid new questions); which ECU and how many bytes; then
 * the bytes. Whatever comes, a question that is out has its end in time.
 */
static void scan(const uint8_t *data, size_t size)
{
	static const struct tt_uds_ecu ecus[] = {{.request = 0x7E0, .response = 0x7E8, .session = 3, .supported = true, .counters = true},
						 {.request = 0x6F1,
						  .response = 0x640,
						  .addressed = true,
						  .target = 0x40,
						  .source = 0xF1,
						  .supported = true,
						  .counters = true}};
	static const struct tt_uds_did dids[] = {{.did = 0xF40C, .len = 2}, {.did = 0xF40D, .len = 1}, {.ecu = 1, .did = 0xD100, .len = 4}};
	static const struct tt_uds_scan_config config = {.ecus = ecus, .necus = 2, .dids = dids, .ndids = 3, .codes_period_us = TT_SEC(1)};
	static struct tt_uds_scan s;
	enum { STEP = 10, PAUSE = 0xF0, HOLD = 0xF8 };
	tt_mono_us now = TT_SEC(1);
	struct tt_uds_result r;
	struct tt_can_frame f;

	tt_uds_scan_init(&s, &config, now);
	for (; size >= STEP; data += STEP, size -= STEP) {
		struct tt_can_frame in = {.id = data[1] & 0x80 ? 0x640 : 0x7E8, .len = data[1] & 7 ? data[1] & 7 : 8};

		memcpy(in.data, data + 2, 8);
		now += TT_MS(50) * (data[0] & 0x3F);
		tt_uds_scan_pause(&s, now, data[0] >= PAUSE && data[0] < HOLD);
		tt_uds_scan_tick(&s, now);
		while (tt_uds_scan_next(&s, &r))
			check_result(&r);
		while (tt_uds_scan_next_tx(&s, now, data[0] < HOLD, &f))
			TT_ASSERT(f.id == 0x7E0 || f.id == 0x6F1);
		(void)tt_uds_scan_feed(&s, now, &in);
		while (tt_uds_scan_next(&s, &r))
			check_result(&r);
		TT_ASSERT(!tt_uds_scan_busy(&s) || tt_uds_scan_wake_at(&s) != TT_NEVER);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t service, nrc;

	if (size == 0)
		return 0;
	if (data[0] == 0xFF) {
		scan(data + 1, size - 1);
		return 0;
	}
	read_session(data + 1, size - 1);
	read_codes(data + 1, size - 1, (enum tt_uds_report)data[0]);
	read_records(data + 1, size - 1, data[0] & 1 ? TT_UDS_SNAPSHOTS : TT_UDS_EXTENDED);
	read_data(data + 1, size - 1);
	if (tt_uds_is_negative(data + 1, size - 1, &service, &nrc))
		TT_ASSERT(tt_uds_nrc(nrc)->name[0] != '\0');
	return 0;
}
