#include "firmware/proto/uds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && sscanf(text, "%2x", &v) == 1; text += text[2] ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

static void requests_are_written_as_the_standard_says(void **state)
{
	uint8_t out[TT_UDS_REQUEST_MAX];
	const uint16_t dids[] = {0xF190, 0xD100, 0x0102, 0x0304};
	size_t len = 0;

	(void)state;
	tt_uds_request_by_mask(0xFF, out, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "\x19\x02\xFF", 3);
	memset(out, 0xEE, sizeof(out));
	tt_uds_request_report(TT_UDS_SUPPORTED, out, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\x19\x0A", 2);
	tt_uds_request_report(TT_UDS_COUNTERS, out, &len);
	assert_memory_equal(out, "\x19\x14", 2);
	tt_uds_request_records(TT_UDS_SNAPSHOTS, 0x123456, out, &len);
	assert_int_equal(len, 6);
	assert_memory_equal(out, "\x19\x04\x12\x34\x56\xFF", 6);
	tt_uds_request_records(TT_UDS_EXTENDED, 0x123456, out, &len);
	assert_memory_equal(out, "\x19\x06\x12\x34\x56\xFF", 6);
	for (size_t n = 1; n <= 3; n++) {
		assert_int_equal(tt_uds_request_data(dids, n, out, &len), TT_OK);
		assert_int_equal(len, 1 + 2 * n);
		assert_memory_equal(out, "\x22\xF1\x90\xD1\x00\x01\x02", len);
	}
	assert_int_equal(tt_uds_request_data(dids, 0, out, &len), TT_ERANGE);
	assert_int_equal(tt_uds_request_data(dids, 4, out, &len), TT_ERANGE);
	tt_uds_request_session(3, out, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\x10\x03", 2);
	tt_uds_request_tester_present(out, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\x3E\x80", 2);
}

/* ISO 14229-1:2020 annex A. */
static void every_refusal_of_annex_a_has_its_name_and_consequence(void **state)
{
	static const struct {
		uint8_t code;
		enum tt_uds_nrc_action action;
		const char *name;
	} cases[] = {
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
	};
	size_t named = 0;

	(void)state;
	for (unsigned code = 0; code <= 0xFF; code++) {
		const struct tt_uds_nrc *nrc = tt_uds_nrc((uint8_t)code);

		if (named < sizeof(cases) / sizeof(cases[0]) && cases[named].code == code) {
			assert_int_equal(nrc->code, code);
			assert_int_equal(nrc->action, cases[named].action);
			assert_string_equal(nrc->name, cases[named].name);
			named++;
			continue;
		}
		assert_int_equal(nrc->code, 0);
		assert_int_equal(nrc->action, TT_UDS_NRC_REFUSED);
		assert_string_equal(nrc->name, "reserved");
	}
	assert_int_equal(named, 59);
}

static void negative_answers_are_told_from_others(void **state)
{
	uint8_t service = 0, code = 0;

	(void)state;
	assert_true(tt_uds_is_negative((const uint8_t *)"\x7F\x19\x31", 3, &service, &code));
	assert_int_equal(service, 0x19);
	assert_int_equal(code, 0x31);
	assert_true(tt_uds_is_negative((const uint8_t *)"\x7F\x22\x78\0\0\0\0", 7, &service, &code));
	assert_false(tt_uds_is_negative((const uint8_t *)"\x7F\x19", 2, &service, &code));
	assert_false(tt_uds_is_negative((const uint8_t *)"\x59\x02\xFF", 3, &service, &code));
}

static void status_bits_have_the_standards_names(void **state)
{
	static const char *const names[] = {"testFailed",
					    "testFailedThisOperationCycle",
					    "pendingDTC",
					    "confirmedDTC",
					    "testNotCompletedSinceLastClear",
					    "testFailedSinceLastClear",
					    "testNotCompletedThisOperationCycle",
					    "warningIndicatorRequested"};

	(void)state;
	for (unsigned bit = 0; bit < 8; bit++)
		assert_string_equal(tt_uds_status_name(bit), names[bit]);
	assert_int_equal(TT_UDS_CONFIRMED, 1 << 3);
	assert_int_equal(TT_UDS_WARNING_INDICATOR, 1 << 7);
}

static const struct tt_uds_length lengths[] = {{.number = 0xF40C, .len = 2},
					       {.number = 0xF40D, .len = 1},
					       {.extended = true, .number = 1, .len = 1},
					       {.extended = true, .number = 2, .len = 3}};

static char text[512];
static size_t text_len;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_len += (size_t)vsnprintf(text + text_len, sizeof(text) - text_len, format, args);
	va_end(args);
	assert_true(text_len < sizeof(text));
}

/* "AVAILABLE CODE/STATUS ..." */
static enum tt_err read_codes(const uint8_t *msg, size_t len, enum tt_uds_report report)
{
	uint8_t available = 0x55;
	struct tt_uds_code c;
	struct tt_rd r;
	enum tt_err err = tt_uds_codes_begin(msg, len, report, &r, &available);

	if (err) {
		assert_int_equal(available, 0x55);
		return err;
	}
	put("%02X", available);
	while ((err = tt_uds_codes_next(&r, &c)) == TT_OK)
		put(" %06X/%02X", c.code, c.status);
	return err;
}

/* "CODE/STATUS RECORD:DID=HEX ...", with * behind what took all the rest. */
static enum tt_err read_records(const uint8_t *msg, size_t len, enum tt_uds_report report)
{
	struct tt_uds_records it;
	struct tt_uds_record r;
	struct tt_uds_code c;
	enum tt_err err = tt_uds_records_begin(msg, len, report, &c, lengths, sizeof(lengths) / sizeof(lengths[0]), &it);

	if (err)
		return err;
	put("%06X/%02X", c.code, c.status);
	while ((err = tt_uds_records_next(&it, &r)) == TT_OK) {
		put(" %u:%04X=", r.record, r.did);
		for (size_t i = 0; i < r.len; i++)
			put("%02X", r.data[i]);
		put("%s", r.rest ? "*" : "");
	}
	return err;
}

struct answer {
	const char *hex;
	enum tt_uds_report report;
	const char *want; /* what was read, and how it ended when not at the end of the answer */
};

static void read_all(const struct answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct answer *a = &answers[i];
		const bool records = a->report == TT_UDS_SNAPSHOTS || a->report == TT_UDS_EXTENDED;
		uint8_t msg[64];
		const size_t len = unhex(a->hex, msg);
		enum tt_err err;

		text[text_len = 0] = '\0';
		err = records ? read_records(msg, len, a->report) : read_codes(msg, len, a->report);
		assert_true(err == TT_EEOF || err == TT_EPROTO);
		if (err == TT_EPROTO)
			put("%s", text_len > 0 ? " cut short" : "not such an answer");
		if (strcmp(text, a->want) != 0)
			fail_msg("%s: %s, not %s", a->hex, text, a->want);
	}
}

static void lists_of_codes_are_read(void **state)
{
	static const struct answer answers[] = {
		{"59 02 FF", TT_UDS_BY_MASK, "FF"},
		{"59 02 FF 12 34 56 20", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 7F 12 34 56 20 D6 00 87 0A", TT_UDS_BY_MASK, "7F 123456/20 D60087/0A"},
		{"59 0A FF 12 34 56 00", TT_UDS_SUPPORTED, "FF 123456/00"},
		{"59 14 12 34 56 7F 23 45 67 80", TT_UDS_COUNTERS, "00 123456/7F 234567/80"},
		{"59 14", TT_UDS_COUNTERS, "00"},
		/* one to five bytes of padding */
		{"59 02 FF 12 34 56 20 00", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 FF 12 34 56 20 00 00", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 FF 12 34 56 20 00 00 00", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 FF 12 34 56 20 00 00 00 00", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 FF 12 34 56 20 00 00 00 00 00", TT_UDS_BY_MASK, "FF 123456/20"},
		{"59 02 FF 00 00 00 00 00", TT_UDS_BY_MASK, "FF"},
		{"59 02 FF 12 34 56 20 00 00 00 00 00 00", TT_UDS_BY_MASK, "FF 123456/20 000000/00"}, /* six are a code and two */
		{"59 02 FF 12 34 56 20 00 00 01", TT_UDS_BY_MASK, "FF 123456/20 cut short"},
		{"59 02 FF 12 34", TT_UDS_BY_MASK, "FF cut short"},
		{"59 02 FF 12 34 56", TT_UDS_BY_MASK, "FF cut short"},
		{"59 02", TT_UDS_BY_MASK, "not such an answer"},
		{"59", TT_UDS_BY_MASK, "not such an answer"},
		{"", TT_UDS_BY_MASK, "not such an answer"},
		{"59 0A FF", TT_UDS_BY_MASK, "not such an answer"}, /* wrong echo */
		{"58 02 FF", TT_UDS_BY_MASK, "not such an answer"},
		{"7F 19 31", TT_UDS_BY_MASK, "not such an answer"},
	};

	(void)state;
	read_all(answers, sizeof(answers) / sizeof(answers[0]));
}

static void records_of_a_code_are_read_as_far_as_their_lengths_are_known(void **state)
{
	static const struct answer answers[] = {
		{"59 04 12 34 56 2F", TT_UDS_SNAPSHOTS, "123456/2F"},
		{"59 04 12 34 56 2F 01 01 F4 0D 3E", TT_UDS_SNAPSHOTS, "123456/2F 1:F40D=3E"},
		{"59 04 12 34 56 2F 01 02 F4 0C 0B B8 F4 0D 3E", TT_UDS_SNAPSHOTS, "123456/2F 1:F40C=0BB8 1:F40D=3E"},
		{"59 04 12 34 56 2F 01 01 F4 0D 3E 02 01 F4 0D 3F", TT_UDS_SNAPSHOTS, "123456/2F 1:F40D=3E 2:F40D=3F"},
		{"59 04 12 34 56 2F 01 01 F4 0D 3E 00 00 00", TT_UDS_SNAPSHOTS, "123456/2F 1:F40D=3E"},
		{"59 04 12 34 56 2F 01 00 02 01 F4 0D 3E", TT_UDS_SNAPSHOTS, "123456/2F 2:F40D=3E"}, /* an empty record */
		{"59 04 12 34 56 2F 01 02 D1 00 01 02 03 F4 0D 3E", TT_UDS_SNAPSHOTS, "123456/2F 1:D100=010203F40D3E*"},
		{"59 04 12 34 56 2F 01 02 F4 0C 0B", TT_UDS_SNAPSHOTS, "123456/2F cut short"},
		{"59 04 12 34 56 2F 01 02 F4", TT_UDS_SNAPSHOTS, "123456/2F cut short"},
		{"59 04 12 34 56 2F 01", TT_UDS_SNAPSHOTS, "123456/2F cut short"},
		{"59 06 12 34 56 2F", TT_UDS_EXTENDED, "123456/2F"},
		{"59 06 12 34 56 2F 01 05 02 0A 0B 0C", TT_UDS_EXTENDED, "123456/2F 1:0000=05 2:0000=0A0B0C"},
		{"59 06 12 34 56 2F 01 05 00 00", TT_UDS_EXTENDED, "123456/2F 1:0000=05"},
		{"59 06 12 34 56 2F 10 05 06", TT_UDS_EXTENDED, "123456/2F 16:0000=0506*"},
		{"59 06 12 34 56 2F 02 05 06", TT_UDS_EXTENDED, "123456/2F cut short"},
		{"59 06 12 34 56", TT_UDS_EXTENDED, "not such an answer"},
		{"59 04 12 34 56 2F", TT_UDS_EXTENDED, "not such an answer"},
	};

	(void)state;
	read_all(answers, sizeof(answers) / sizeof(answers[0]));
}

static void a_session_s_answer_tells_its_times(void **state)
{
	static const struct {
		const char *hex;
		uint8_t session;
		int64_t p2_us, p2_star_us;
	} cases[] = {
		{"50 03 00 32 01 F4", 3, 50000, 5000000},
		{"50 01 12 34 00 01 00", 1, 4660000, 10000},
		{"50 7E FF FF FF FF", 0x7E, 65535000, 655350000},
		{"50 03", 3, 0, 0},
		{"50 03 00 32 01", 3, 0, 0},
	};
	static const char *const bad[] = {"", "50", "51 03 00 32 01 F4", "7F 10 22"};
	struct tt_uds_session s = {.session = 0x55};
	uint8_t msg[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(tt_uds_session_read(msg, unhex(bad[i], msg), &s), TT_EPROTO);
		assert_int_equal(s.session, 0x55);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tt_uds_session_read(msg, unhex(cases[i].hex, msg), &s), TT_OK);
		assert_int_equal(s.session, cases[i].session);
		assert_int_equal(s.p2_us, cases[i].p2_us);
		assert_int_equal(s.p2_star_us, cases[i].p2_star_us);
	}
}

static void data_is_read_identifier_by_identifier(void **state)
{
	const uint8_t msg[] = {0x62, 0xF4, 0x0C, 0x0B, 0xB8, 0xF4, 0x0D, 0x3E, 0, 0};
	const uint8_t *data;
	struct tt_rd r;

	(void)state;
	assert_int_equal(tt_uds_data_begin(msg, sizeof(msg), &r), TT_OK);
	assert_int_equal(tt_uds_data_next(&r, 0xF40C, 2, &data), TT_OK);
	assert_memory_equal(data, "\x0B\xB8", 2);
	assert_false(tt_uds_only_padding(&r));
	assert_int_equal(tt_uds_data_next(&r, 0xF40D, 1, &data), TT_OK);
	assert_int_equal(data[0], 0x3E);
	assert_true(tt_uds_only_padding(&r));
	assert_int_equal(tt_uds_data_begin(msg, sizeof(msg), &r), TT_OK);
	assert_int_equal(tt_uds_data_next(&r, 0xF40D, 2, &data), TT_EPROTO); /* wrong echo */
	assert_int_equal(tt_uds_data_begin(msg, 4, &r), TT_OK);
	assert_int_equal(tt_uds_data_next(&r, 0xF40C, 2, &data), TT_EPROTO);
	assert_int_equal(tt_uds_data_begin(msg, 2, &r), TT_OK);
	assert_int_equal(tt_uds_data_next(&r, 0xF40C, 0, &data), TT_EPROTO);
	assert_int_equal(tt_uds_data_begin(msg, 0, &r), TT_EPROTO);
	assert_int_equal(tt_uds_data_begin(msg + 1, 4, &r), TT_EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_written_as_the_standard_says),
		cmocka_unit_test(every_refusal_of_annex_a_has_its_name_and_consequence),
		cmocka_unit_test(negative_answers_are_told_from_others),
		cmocka_unit_test(status_bits_have_the_standards_names),
		cmocka_unit_test(lists_of_codes_are_read),
		cmocka_unit_test(records_of_a_code_are_read_as_far_as_their_lengths_are_known),
		cmocka_unit_test(a_session_s_answer_tells_its_times),
		cmocka_unit_test(data_is_read_identifier_by_identifier),
	};

	return cmocka_run_group_tests_name("uds", tests, NULL, NULL);
}
