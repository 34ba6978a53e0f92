/* Every reader of UDS on whatever an ECU may answer. Input: the first byte chooses the reader, the rest is the message. */
#include "firmware/proto/uds.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t service, nrc;

	if (size == 0)
		return 0;
	read_codes(data + 1, size - 1, (enum tt_uds_report)data[0]);
	read_records(data + 1, size - 1, data[0] & 1 ? TT_UDS_SNAPSHOTS : TT_UDS_EXTENDED);
	read_data(data + 1, size - 1);
	if (tt_uds_is_negative(data + 1, size - 1, &service, &nrc))
		TT_ASSERT(tt_uds_nrc(nrc)->name[0] != '\0');
	return 0;
}
