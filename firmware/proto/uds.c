#include "firmware/proto/uds.h"

enum { PADDING_MAX = 5, CODE_BYTES = 3, TIMING_BYTES = 4 };

/* ---- requests ---- */

void tt_uds_request_by_mask(uint8_t mask, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	out[0] = TT_UDS_READ_CODES;
	out[1] = TT_UDS_BY_MASK;
	out[2] = mask;
	*len = 3;
}

void tt_uds_request_report(enum tt_uds_report report, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	out[0] = TT_UDS_READ_CODES;
	out[1] = (uint8_t)report;
	*len = 2;
}

void tt_uds_request_records(enum tt_uds_report report, uint32_t code, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	out[0] = TT_UDS_READ_CODES;
	out[1] = (uint8_t)report;
	out[2] = (uint8_t)(code >> 16);
	out[3] = (uint8_t)(code >> 8);
	out[4] = (uint8_t)code;
	out[5] = TT_UDS_ALL_RECORDS;
	*len = 6;
}

enum tt_err tt_uds_request_data(const uint16_t *dids, size_t n, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	if (n == 0 || n > TT_UDS_REQUEST_DIDS)
		return TT_ERANGE;
	out[0] = TT_UDS_READ_DATA;
	for (size_t i = 0; i < n; i++) {
		out[1 + 2 * i] = (uint8_t)(dids[i] >> 8);
		out[2 + 2 * i] = (uint8_t)dids[i];
	}
	*len = 1 + 2 * n;
	return TT_OK;
}

void tt_uds_request_session(uint8_t session, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	out[0] = TT_UDS_SESSION;
	out[1] = session;
	*len = 2;
}

void tt_uds_request_tester_present(uint8_t out[TT_UDS_REQUEST_MAX], size_t *len)
{
	out[0] = TT_UDS_TESTER_PRESENT;
	out[1] = TT_UDS_SUPPRESS;
	*len = 2;
}

/* ---- negative answers ---- */

static const struct tt_uds_nrc nrcs[] = {
	{0x10, TT_UDS_NRC_REFUSED, "generalReject"},
	{0x11, TT_UDS_NRC_UNSUPPORTED, "serviceNotSupported"},
	{0x12, TT_UDS_NRC_UNSUPPORTED, "subFunctionNotSupported"},
	{0x13, TT_UDS_NRC_UNSUPPORTED, "incorrectMessageLengthOrInvalidFormat"},
	{0x14, TT_UDS_NRC_REFUSED, "responseTooLong"},
	{0x21, TT_UDS_NRC_RETRY, "busyRepeatRequest"},
	{0x22, TT_UDS_NRC_REFUSED, "conditionsNotCorrect"},
	{0x24, TT_UDS_NRC_REFUSED, "requestSequenceError"},
	{0x25, TT_UDS_NRC_REFUSED, "noResponseFromSubnetComponent"},
	{0x26, TT_UDS_NRC_REFUSED, "failurePreventsExecutionOfRequestedAction"},
	{0x31, TT_UDS_NRC_UNSUPPORTED, "requestOutOfRange"},
	{0x33, TT_UDS_NRC_UNSUPPORTED, "securityAccessDenied"},
	{0x34, TT_UDS_NRC_UNSUPPORTED, "authenticationRequired"},
	{0x35, TT_UDS_NRC_REFUSED, "invalidKey"},
	{0x36, TT_UDS_NRC_REFUSED, "exceedNumberOfAttempts"},
	{0x37, TT_UDS_NRC_REFUSED, "requiredTimeDelayNotExpired"},
	{0x38, TT_UDS_NRC_REFUSED, "secureDataTransmissionRequired"},
	{0x39, TT_UDS_NRC_REFUSED, "secureDataTransmissionNotAllowed"},
	{0x3A, TT_UDS_NRC_REFUSED, "secureDataVerificationFailed"},
	{0x50, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidTimePeriod"},
	{0x51, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidSignature"},
	{0x52, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidChainOfTrust"},
	{0x53, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidType"},
	{0x54, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidFormat"},
	{0x55, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidContent"},
	{0x56, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidScope"},
	{0x57, TT_UDS_NRC_REFUSED, "certificateVerificationFailedInvalidCertificate"},
	{0x58, TT_UDS_NRC_REFUSED, "ownershipVerificationFailed"},
	{0x59, TT_UDS_NRC_REFUSED, "challengeCalculationFailed"},
	{0x5A, TT_UDS_NRC_REFUSED, "settingAccessRightsFailed"},
	{0x5B, TT_UDS_NRC_REFUSED, "sessionKeyCreationDerivationFailed"},
	{0x5C, TT_UDS_NRC_REFUSED, "configurationDataUsageFailed"},
	{0x5D, TT_UDS_NRC_REFUSED, "deAuthenticationFailed"},
	{0x70, TT_UDS_NRC_REFUSED, "uploadDownloadNotAccepted"},
	{0x71, TT_UDS_NRC_REFUSED, "transferDataSuspended"},
	{0x72, TT_UDS_NRC_REFUSED, "generalProgrammingFailure"},
	{0x73, TT_UDS_NRC_REFUSED, "wrongBlockSequenceCounter"},
	{0x78, TT_UDS_NRC_PENDING, "requestCorrectlyReceivedResponsePending"},
	{0x7E, TT_UDS_NRC_REFUSED, "subFunctionNotSupportedInActiveSession"},
	{0x7F, TT_UDS_NRC_REFUSED, "serviceNotSupportedInActiveSession"},
	{0x81, TT_UDS_NRC_REFUSED, "rpmTooHigh"},
	{0x82, TT_UDS_NRC_REFUSED, "rpmTooLow"},
	{0x83, TT_UDS_NRC_REFUSED, "engineIsRunning"},
	{0x84, TT_UDS_NRC_REFUSED, "engineIsNotRunning"},
	{0x85, TT_UDS_NRC_REFUSED, "engineRunTimeTooLow"},
	{0x86, TT_UDS_NRC_REFUSED, "temperatureTooHigh"},
	{0x87, TT_UDS_NRC_REFUSED, "temperatureTooLow"},
	{0x88, TT_UDS_NRC_REFUSED, "vehicleSpeedTooHigh"},
	{0x89, TT_UDS_NRC_REFUSED, "vehicleSpeedTooLow"},
	{0x8A, TT_UDS_NRC_REFUSED, "throttlePedalTooHigh"},
	{0x8B, TT_UDS_NRC_REFUSED, "throttlePedalTooLow"},
	{0x8C, TT_UDS_NRC_REFUSED, "transmissionRangeNotInNeutral"},
	{0x8D, TT_UDS_NRC_REFUSED, "transmissionRangeNotInGear"},
	{0x8F, TT_UDS_NRC_REFUSED, "brakeSwitchNotClosed"},
	{0x90, TT_UDS_NRC_REFUSED, "shifterLeverNotInPark"},
	{0x91, TT_UDS_NRC_REFUSED, "torqueConverterClutchLocked"},
	{0x92, TT_UDS_NRC_REFUSED, "voltageTooHigh"},
	{0x93, TT_UDS_NRC_REFUSED, "voltageTooLow"},
	{0x94, TT_UDS_NRC_REFUSED, "resourceTemporarilyNotAvailable"},
	{0, TT_UDS_NRC_REFUSED, "reserved"}, /* the end */
};

const struct tt_uds_nrc *tt_uds_nrc(uint8_t code)
{
	size_t i = 0;

	while (nrcs[i].code != code && nrcs[i].code != 0)
		i++;
	return &nrcs[i];
}

bool tt_uds_is_negative(const uint8_t *msg, size_t len, uint8_t *service, uint8_t *code)
{
	if (len < 3 || msg[0] != TT_UDS_NEGATIVE)
		return false;
	*service = msg[1];
	*code = msg[2];
	return true;
}

/* ---- session ---- */

/* sessionParameterRecord of DiagnosticSessionControl (ISO 14229-1): P2 in ms, P2* in 10 ms. */
enum tt_err tt_uds_session_read(const uint8_t *msg, size_t len, struct tt_uds_session *out)
{
	struct tt_rd r = tt_rd_init(msg, len);
	uint16_t p2 = 0, p2_star = 0;
	uint8_t service, session;

	if (tt_rd_u8(&r, &service) || tt_rd_u8(&r, &session) || service != TT_UDS_SESSION + TT_UDS_RESPONSE)
		return TT_EPROTO;
	if (r.left >= TIMING_BYTES) {
		(void)!tt_rd_u16be(&r, &p2); /* there are four */
		(void)!tt_rd_u16be(&r, &p2_star);
	}
	*out = (struct tt_uds_session){.session = session, .p2_us = TT_MS(p2), .p2_star_us = TT_MS(10) * p2_star};
	return TT_OK;
}

/* ---- status ---- */

const char *tt_uds_status_name(unsigned bit)
{
	static const char *const names[] = {
		"testFailed",
		"testFailedThisOperationCycle",
		"pendingDTC",
		"confirmedDTC",
		"testNotCompletedSinceLastClear",
		"testFailedSinceLastClear",
		"testNotCompletedThisOperationCycle",
		"warningIndicatorRequested",
	};

	return names[bit & 7];
}

/* ---- reading ---- */

bool tt_uds_only_padding(const struct tt_rd *r)
{
	if (r->left > PADDING_MAX)
		return false;
	for (size_t i = 0; i < r->left; i++) {
		if (r->p[i] != 0)
			return false;
	}
	return true;
}

static enum tt_err begin(const uint8_t *msg, size_t len, enum tt_uds_report report, struct tt_rd *r)
{
	uint8_t service, echo;

	*r = tt_rd_init(msg, len);
	if (tt_rd_u8(r, &service) || tt_rd_u8(r, &echo) || service != TT_UDS_READ_CODES + TT_UDS_RESPONSE || echo != report)
		return TT_EPROTO;
	return TT_OK;
}

static enum tt_err read_code(struct tt_rd *r, struct tt_uds_code *out)
{
	const uint8_t *b;

	if (tt_rd_bytes(r, CODE_BYTES + 1, &b))
		return TT_EPROTO;
	out->code = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
	out->status = b[3];
	return TT_OK;
}

enum tt_err tt_uds_codes_begin(const uint8_t *msg, size_t len, enum tt_uds_report report, struct tt_rd *r, uint8_t *available)
{
	uint8_t mask = 0;

	if (begin(msg, len, report, r) || (report != TT_UDS_COUNTERS && tt_rd_u8(r, &mask)))
		return TT_EPROTO;
	*available = mask;
	return TT_OK;
}

enum tt_err tt_uds_codes_next(struct tt_rd *r, struct tt_uds_code *out)
{
	if (tt_uds_only_padding(r)) /* also when nothing is left */
		return TT_EEOF;
	return read_code(r, out);
}

enum tt_err tt_uds_records_begin(const uint8_t *msg, size_t len, enum tt_uds_report report, struct tt_uds_code *out,
				 const struct tt_uds_length *lengths, size_t nlengths, struct tt_uds_records *it)
{
	*it = (struct tt_uds_records){.extended = report == TT_UDS_EXTENDED, .lengths = lengths, .nlengths = nlengths};
	return begin(msg, len, report, &it->r) || read_code(&it->r, out) ? TT_EPROTO : TT_OK;
}

/* What the caller knows of the length, else all that is left. */
static size_t length_of(const struct tt_uds_records *it, uint16_t number, bool *rest)
{
	*rest = false;
	for (size_t i = 0; i < it->nlengths; i++) {
		if (it->lengths[i].extended == it->extended && it->lengths[i].number == number)
			return it->lengths[i].len;
	}
	*rest = true;
	return it->r.left;
}

/* A snapshot record begins with its number and how many identifiers it has. */
static enum tt_err next_snapshot(struct tt_uds_records *it)
{
	uint16_t head;

	while (it->left == 0) {
		if (tt_uds_only_padding(&it->r))
			return TT_EEOF;
		if (tt_rd_u16be(&it->r, &head))
			return TT_EPROTO;
		it->record = (uint8_t)(head >> 8);
		it->left = (uint8_t)head;
	}
	return TT_OK;
}

static enum tt_err take_data(struct tt_uds_records *it, uint16_t number, struct tt_uds_record *out)
{
	out->record = it->record;
	out->len = length_of(it, number, &out->rest);
	return tt_rd_bytes(&it->r, out->len, &out->data) ? TT_EPROTO : TT_OK;
}

enum tt_err tt_uds_records_next(struct tt_uds_records *it, struct tt_uds_record *out)
{
	enum tt_err err;

	out->did = 0;
	if (it->extended) {
		if (tt_uds_only_padding(&it->r))
			return TT_EEOF;
		(void)!tt_rd_u8(&it->r, &it->record); /* there is a byte */
		return take_data(it, it->record, out);
	}
	err = next_snapshot(it);
	if (err)
		return err;
	if (tt_rd_u16be(&it->r, &out->did))
		return TT_EPROTO;
	err = take_data(it, out->did, out);
	it->left = out->rest ? 0 : (uint8_t)(it->left - 1);
	return err;
}

enum tt_err tt_uds_data_begin(const uint8_t *msg, size_t len, struct tt_rd *r)
{
	uint8_t service;

	*r = tt_rd_init(msg, len);
	return tt_rd_u8(r, &service) || service != TT_UDS_READ_DATA + TT_UDS_RESPONSE ? TT_EPROTO : TT_OK;
}

enum tt_err tt_uds_data_next(struct tt_rd *r, uint16_t did, size_t len, const uint8_t **data)
{
	uint16_t echo;

	return tt_rd_u16be(r, &echo) || echo != did || tt_rd_bytes(r, len, data) ? TT_EPROTO : TT_OK;
}
