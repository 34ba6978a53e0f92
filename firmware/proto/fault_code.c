#include "firmware/proto/fault_code.h"

#include "base/text.h"
#include "firmware/proto/dtc.h"

#include <string.h>

enum { FMI_BITS = 5, FMI_MAX = 31, SPN_MAX = 524287, DTC_LEN = TT_DTC_TEXT - 1, UDS_LEN = DTC_LEN + 3 };

void tt_fault_code_text(enum tt_fault_protocol protocol, uint32_t code, char out[TT_FAULT_CODE_TEXT])
{
	struct tt_text t = tt_text_init(out, TT_FAULT_CODE_TEXT);
	char dtc[TT_DTC_TEXT];

	if (protocol == TT_FAULT_J1939) {
		tt_text_u64(&t, code >> FMI_BITS & SPN_MAX);
		tt_text_char(&t, '/');
		tt_text_u64(&t, code & FMI_MAX);
		return;
	}
	tt_dtc_text((uint16_t)(protocol == TT_FAULT_UDS ? code >> 8 : code), dtc);
	tt_text_str(&t, dtc);
	if (protocol == TT_FAULT_UDS) {
		tt_text_char(&t, '-');
		tt_text_hex(&t, code & 0xFFU, 2);
	}
}

static enum tt_err parse_j1939(const char *s, size_t n, const char *slash, uint32_t *code)
{
	const size_t spn_len = (size_t)(slash - s);
	int64_t spn, fmi;
	enum tt_err err = tt_parse_i64(s, spn_len, &spn);

	if (!err)
		err = tt_parse_i64(slash + 1, n - spn_len - 1, &fmi);
	if (err)
		return err;
	if (spn < 0 || spn > SPN_MAX || fmi < 0 || fmi > FMI_MAX)
		return TT_ERANGE;
	*code = (uint32_t)spn << FMI_BITS | (uint32_t)fmi;
	return TT_OK;
}

static enum tt_err parse_uds(const char *s, uint32_t *code)
{
	uint64_t type;
	uint16_t dtc;
	enum tt_err err = tt_dtc_parse(s, DTC_LEN, &dtc);

	if (!err)
		err = tt_parse_hex(s + DTC_LEN + 1, 2, &type);
	if (!err)
		*code = (uint32_t)dtc << 8 | (uint32_t)type;
	return err;
}

static enum tt_err parse_obd(const char *s, size_t n, uint32_t *code)
{
	uint16_t dtc;
	const enum tt_err err = tt_dtc_parse(s, n, &dtc);

	if (!err)
		*code = dtc;
	return err;
}

enum tt_err tt_fault_code_parse(const char *s, size_t n, enum tt_fault_protocol *protocol, uint32_t *code)
{
	const char *slash = n > 0 ? memchr(s, '/', n) : NULL;
	const bool uds = n == UDS_LEN && s[DTC_LEN] == '-';
	enum tt_err err;

	if (slash)
		err = parse_j1939(s, n, slash, code);
	else
		err = uds ? parse_uds(s, code) : parse_obd(s, n, code);
	if (err)
		return err;
	*protocol = slash ? TT_FAULT_J1939 : uds ? TT_FAULT_UDS : TT_FAULT_OBD;
	return TT_OK;
}
