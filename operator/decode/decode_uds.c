#include "operator/decode/decode_uds.h"

#include "firmware/proto/fault_code.h"
#include "firmware/proto/uds.h"
#include "operator/decode/decode_put.h"

static void put_code(FILE *out, uint32_t code)
{
	char text[TT_FAULT_CODE_TEXT];

	tt_fault_code_text(TT_FAULT_UDS, code, text);
	fprintf(out, "\"code\":\"%s\"", text);
}

/* The whole list is read before the first word of it is printed. */
static bool readable(struct tt_rd r)
{
	struct tt_uds_code c;
	enum tt_err err;

	while ((err = tt_uds_codes_next(&r, &c)) == TT_OK)
		;
	return err == TT_EEOF;
}

static void put_list(const struct tt_candump *line, const uint8_t *msg, size_t len, enum tt_uds_report report, FILE *out)
{
	const char *comma = "";
	struct tt_uds_code c;
	uint8_t available;
	struct tt_rd r;

	if (tt_uds_codes_begin(msg, len, report, &r, &available) || !readable(r))
		return;
	tt_decode_put_ecu(out, report == TT_UDS_COUNTERS ? "uds_counter" : "uds_dtc", line);
	fputs(",\"codes\":[", out);
	while (tt_uds_codes_next(&r, &c) == TT_OK) {
		if (c.code == 0)
			continue; /* padding */
		fprintf(out, "%s{", comma);
		put_code(out, c.code);
		if (report == TT_UDS_COUNTERS)
			fprintf(out, ",\"counter\":%d}", (int)(int8_t)c.status);
		else
			fprintf(out, ",\"status\":\"0x%02X\"}", c.status);
		comma = ",";
	}
	fputs("]}\n", out);
}

static void put_records(const struct tt_candump *line, const uint8_t *msg, size_t len, enum tt_uds_report report, FILE *out)
{
	struct tt_uds_records it;
	struct tt_uds_code c;

	if (tt_uds_records_begin(msg, len, report, &c, NULL, 0, &it))
		return;
	tt_decode_put_ecu(out, report == TT_UDS_SNAPSHOTS ? "uds_snapshot" : "uds_extended", line);
	fputc(',', out);
	put_code(out, c.code);
	fprintf(out, ",\"status\":\"0x%02X\",\"data\":\"", c.status);
	for (size_t i = 0; i < it.r.left; i++)
		fprintf(out, "%02X", it.r.p[i]);
	fputs("\"}\n", out);
}

static void put_refusal(const struct tt_candump *line, uint8_t service, uint8_t nrc, FILE *out)
{
	tt_decode_put_ecu(out, "nrc", line);
	fprintf(out, ",\"service\":\"0x%02X\",\"nrc\":\"0x%02X\",\"name\":\"%s\"}\n", service, nrc, tt_uds_nrc(nrc)->name);
}

void tt_decode_uds(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	static const struct {
		enum tt_uds_report report;
		void (*put)(const struct tt_candump *line, const uint8_t *msg, size_t len, enum tt_uds_report report, FILE *out);
	} reports[] = {{TT_UDS_BY_MASK, put_list},
		       {TT_UDS_SUPPORTED, put_list},
		       {TT_UDS_COUNTERS, put_list},
		       {TT_UDS_SNAPSHOTS, put_records},
		       {TT_UDS_EXTENDED, put_records}};
	uint8_t service, nrc;

	if (tt_uds_is_negative(msg, len, &service, &nrc) && service >= TT_UDS_SESSION)
		put_refusal(line, service, nrc, out);
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (len > 1 && msg[0] == TT_UDS_READ_CODES + TT_UDS_RESPONSE && msg[1] == reports[i].report)
			reports[i].put(line, msg, len, reports[i].report, out);
	}
}
