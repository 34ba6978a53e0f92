#include "firmware/proto/obd.h"

#include "firmware/proto/obd_pids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void requests_are_encoded_as_the_standard_says(void **state)
{
	uint8_t out[TT_OBD_REQUEST_MAX];
	size_t len = 0;

	(void)state;
	assert_int_equal(tt_obd_request_current((const uint8_t[]){1, 2, 3, 4, 5, 6}, 6, out, &len), TT_OK);
	assert_int_equal(len, 7);
	assert_memory_equal(out, "\x01\x01\x02\x03\x04\x05\x06", 7);
	assert_int_equal(tt_obd_request_current(out, 0, out, &len), TT_ERANGE);
	assert_int_equal(tt_obd_request_current(out, 7, out, &len), TT_ERANGE);
	tt_obd_request_freeze(0x0C, 1, out, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "\x02\x0C\x01", 3);
	tt_obd_request_info(2, out, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\x09\x02", 2);
	tt_obd_request_dtcs(TT_OBD_PERMANENT, out, &len);
	assert_int_equal(len, 1);
	assert_int_equal(out[0], 0x0A);
}

static void several_pids_in_one_response_are_told_apart(void **state)
{
	struct tt_rd r;
	uint8_t service = 0;
	struct tt_obd_item item = {0};

	(void)state;
	assert_int_equal(tt_obd_items_begin(BYTES(0x41, 0x0C, 0x1A, 0xF8, 0x0D, 0x32, 0x05, 0x7B), &r, &service), TT_OK);
	assert_int_equal(service, 1);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(item.pid, 0x0C);
	assert_int_equal(item.len, 2);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(item.pid, 0x0D);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(item.pid, 0x05);
	assert_int_equal(item.data[0], 0x7B);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_EEOF);
	assert_int_equal(r.left, 0);
}

static void freeze_items_carry_their_frame_and_cut_items_are_seen(void **state)
{
	struct tt_rd r;
	uint8_t service = 0;
	struct tt_obd_item item = {0};

	(void)state;
	assert_int_equal(tt_obd_items_begin(BYTES(0x42, 0x02, 0x01, 0x03, 0x01, 0x0C, 0x01, 0x1A), &r, &service), TT_OK);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(item.frame, 1);
	assert_memory_equal(item.data, "\x03\x01", 2);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_EEOF);
	assert_true(r.left > 0);
	assert_int_equal(tt_obd_items_begin(BYTES(0x42, 0x0C), &r, &service), TT_OK);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_EEOF); /* no frame number */
	assert_int_equal(tt_obd_items_begin(BYTES(0x43, 0x00), &r, &service), TT_EPROTO);
	assert_int_equal(tt_obd_items_begin((const uint8_t *)"", 0, &r, &service), TT_EEOF);
	/* an unknown PID takes the rest, padding ends the walk */
	assert_int_equal(tt_obd_items_begin(BYTES(0x41, 0xF3, 1, 2, 3), &r, &service), TT_OK);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(item.len, 3);
	assert_int_equal(tt_obd_items_begin(BYTES(0x41, 0x0D, 0x32, 0, 0, 0), &r, &service), TT_OK);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_OK);
	assert_int_equal(tt_obd_items_next(&r, service, &item), TT_EEOF);
	assert_int_equal(r.left, 0);
}

static void supported_pids_are_read_from_bitmaps(void **state)
{
	struct tt_obd_pidset set = {0};

	(void)state;
	tt_obd_pidset_take(&set, 0x00, 0xBE1FA813); /* the usual example of the field */
	static const uint8_t present[] = {0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0C, 0x0D, 0x0E,
					  0x0F, 0x10, 0x11, 0x13, 0x15, 0x1C, 0x1F, 0x20};
	size_t n = 0;

	for (unsigned pid = 1; pid <= 0xFF; pid++) {
		if (!tt_obd_pidset_has(&set, (uint8_t)pid))
			continue;
		assert_true(n < sizeof(present));
		assert_int_equal(pid, present[n++]);
	}
	assert_int_equal(n, sizeof(present));
	assert_true(tt_obd_pidset_has(&set, 0));
	tt_obd_pidset_put(&set, 0xA6);
	assert_true(tt_obd_pidset_has(&set, 0xA6));
	tt_obd_pidset_take(&set, 0x41, 0xFFFFFFFF);
	assert_false(tt_obd_pidset_has(&set, 0x42));
}

/* Every PID alone: put, seen, nothing else touched, taken out again. PID 00 is always there and changes nothing. */
static void one_pid_is_put_and_dropped_without_touching_another(void **state)
{
	const struct tt_obd_pidset none = {0};

	(void)state;
	for (unsigned pid = 0; pid <= 0xFF; pid++) {
		struct tt_obd_pidset set = {0}, all;

		memset(&all, 0xFF, sizeof(all));
		tt_obd_pidset_put(&set, (uint8_t)pid);
		tt_obd_pidset_drop(&all, (uint8_t)pid);
		for (unsigned other = 1; other <= 0xFF; other++) {
			assert_int_equal(tt_obd_pidset_has(&set, (uint8_t)other), other == pid);
			assert_int_equal(tt_obd_pidset_has(&all, (uint8_t)other), other != pid);
		}
		assert_true(tt_obd_pidset_has(&set, 0) && tt_obd_pidset_has(&all, 0));
		if (pid == 0)
			assert_memory_equal(&set, &none, sizeof(set));
		tt_obd_pidset_drop(&set, (uint8_t)pid);
		assert_memory_equal(&set, &none, sizeof(set));
	}
}

static void lamp_count_and_monitors_are_read(void **state)
{
	struct tt_obd_readiness r;

	(void)state;
	/* MIL on, 1 code, spark, continuous ones supported, misfire incomplete; catalyst, O2, O2 heater, EGR supported, catalyst incomplete
	 */
	tt_obd_readiness((const uint8_t[]){0x81, 0x17, 0xE1, 0x01}, &r);
	assert_true(r.mil);
	assert_int_equal(r.dtc_count, 1);
	assert_false(r.compression);
	assert_int_equal(r.supported, 1U << TT_OBD_MON_MISFIRE | 1U << TT_OBD_MON_FUEL | 1U << TT_OBD_MON_COMPONENT |
					      1U << TT_OBD_MON_CATALYST | 1U << TT_OBD_MON_OXYGEN_SENSOR | 1U << TT_OBD_MON_OXYGEN_HEATER |
					      1U << TT_OBD_MON_EGR_VVT);
	assert_int_equal(r.incomplete, 1U << TT_OBD_MON_MISFIRE | 1U << TT_OBD_MON_CATALYST);
	/* diesel, reserved bits set, incomplete bits of unsupported monitors */
	tt_obd_readiness((const uint8_t[]){0x00, 0x0A, 0x5F, 0xFF}, &r);
	assert_false(r.mil);
	assert_true(r.compression);
	assert_int_equal(r.supported, 1U << TT_OBD_MON_FUEL | 1U << TT_OBD_MON_NMHC_CATALYST | 1U << TT_OBD_MON_NOX_SCR |
					      1U << TT_OBD_MON_BOOST | 1U << TT_OBD_MON_PM_FILTER);
	assert_int_equal(r.incomplete, r.supported & ~(1U << TT_OBD_MON_FUEL));
	tt_obd_readiness((const uint8_t[]){0x7F, 0x80, 0x00, 0x00}, &r);
	assert_false(r.mil);
	assert_int_equal(r.dtc_count, 127);
	assert_int_equal(r.supported | r.incomplete, 0);
	for (unsigned i = 0; i < TT_OBD_MONITORS; i++)
		assert_string_not_equal(tt_obd_monitor_name((enum tt_obd_monitor)i), "unknown");
	assert_string_equal(tt_obd_monitor_name(TT_OBD_MONITORS), "unknown");
}

static void trouble_codes_are_listed_without_padding(void **state)
{
	static const struct {
		uint8_t msg[12];
		size_t len;
		enum tt_err err;
		uint8_t service, n;
		bool cut;
		uint16_t codes[3];
	} cases[] = {
		{{0x43, 0x01, 0x03, 0x01}, 4, TT_OK, 3, 1, false, {0x0301}},
		{{0x47, 0x02, 0x03, 0x01, 0xC1, 0x00}, 6, TT_OK, 7, 2, false, {0x0301, 0xC100}},
		{{0x4A, 0x00}, 2, TT_OK, 0x0A, 0, false, {0}},
		{{0x43, 0x02, 0x03, 0x01, 0x00, 0x00}, 6, TT_OK, 3, 1, false, {0x0301}},
		{{0x43, 0x01, 0x03, 0x01, 0x04}, 5, TT_OK, 3, 1, false, {0x0301}},       /* odd tail */
		{{0x43, 0x03, 0x03, 0x01, 0x04}, 5, TT_OK, 3, 1, true, {0x0301}},        /* fewer than promised */
		{{0x43, 0x01, 0x03, 0x01, 0x04, 0x20}, 6, TT_OK, 3, 1, false, {0x0301}}, /* more than promised */
		{{0x43, 0x02, 0x03, 0x01, 0x04, 0x20}, 6, TT_OK, 3, 2, false, {0x0301, 0x0420}},
		{{0x43}, 1, TT_EEOF, 0, 0, false, {0}},
		{{0x43}, 0, TT_EEOF, 0, 0, false, {0}},
		{{0x41, 0x00}, 2, TT_EPROTO, 0, 0, false, {0}},
		{{0x02, 0x00}, 2, TT_EPROTO, 0, 0, false, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_obd_dtcs got = {0};

		assert_int_equal(tt_obd_dtcs(cases[i].msg, cases[i].len, &got), cases[i].err);
		assert_int_equal(got.service, cases[i].service);
		assert_int_equal(got.n, cases[i].n);
		assert_int_equal(got.cut, cases[i].cut);
		assert_memory_equal(got.codes, cases[i].codes, 2U * cases[i].n);
	}
}

static void more_codes_than_we_hold_are_flagged(void **state)
{
	uint8_t msg[2 + 510] = {0x43, 0xFF};
	struct tt_obd_dtcs got;

	(void)state;
	memset(msg + 2, 0x11, sizeof(msg) - 2);
	assert_int_equal(tt_obd_dtcs(msg, sizeof(msg), &got), TT_OK);
	assert_int_equal(got.n, TT_OBD_MAX_DTCS);
	assert_true(got.cut);
}

static void the_vin_is_read_and_its_check_digit_only_judged(void **state)
{
	char vin[TT_VIN_TEXT] = "";

	(void)state;
	assert_int_equal(tt_obd_vin((const uint8_t *)"\x49\x02\x01"
						     "3FADP4FJ2BM113913",
				    20, vin),
			 TT_OK);
	assert_string_equal(vin, "3FADP4FJ2BM113913");
	assert_true(tt_vin_check_digit_ok(vin, 17));
	assert_true(tt_vin_check_digit_ok("11111111111111111", 17));
	assert_true(tt_vin_check_digit_ok("1M8GDM9AXKP042788", 17)); /* the X of the standard's own example */
	assert_false(tt_vin_check_digit_ok("3FADP4FJ3BM113913", 17));
	assert_true(tt_vin_valid("WVWZZZ1KZAW000001", 17));
	assert_false(tt_vin_check_digit_ok("WVWZZZ1KZAW000001", 17));
	assert_int_equal(tt_obd_vin((const uint8_t *)"\x49\x02\x01\0\0\0"
						     "WVWZZZ1KZAW000001",
				    23, vin),
			 TT_OK);
	assert_string_equal(vin, "WVWZZZ1KZAW000001");
	assert_int_equal(tt_obd_vin((const uint8_t *)"\x49\x02\x01"
						     "3FADP4FJ2BM11391",
				    19, vin),
			 TT_EEOF);
	assert_int_equal(tt_obd_vin((const uint8_t *)"\x49\x02\x01"
						     "3FADP4FJ2BM11391?",
				    20, vin),
			 TT_EPROTO);
	assert_int_equal(tt_obd_vin((const uint8_t *)"\x49\x04\x01", 3, vin), TT_EPROTO);
	assert_string_equal(vin, "WVWZZZ1KZAW000001");
	assert_false(tt_vin_valid("3FADP4FJ2BM11391I", 17));
	assert_false(tt_vin_valid("3FADP4FJ2BM11391", 16));
	assert_false(tt_vin_check_digit_ok("3FADP4FJ2BM11391I", 17));
	assert_false(tt_vin_check_digit_ok("3FADP4FJ2BM1139130", 18));
}

static void only_whole_vins_of_the_right_answer_are_taken(void **state)
{
	static const uint8_t good[] = "\x49\x02\x01\0"
				      "3FADP4FJ2BM113913";
	/* what stands behind the end of a message belongs to nobody */
	static const uint8_t cut[] = "\x49\x02\x01\0\0"
				     "3FADP4FJ2BM113913";
	static const uint8_t behind[] = "\x49\x02\x01"
					"WVWZZZ1KZAW000001\0\0";
	char vin[TT_VIN_TEXT] = "unchanged";

	(void)state;
	for (size_t n = 0; n < 20; n++)
		assert_int_equal(tt_obd_vin(good, n, vin), TT_EEOF);
	assert_int_equal(tt_obd_vin(good, 20, vin), TT_EPROTO); /* the padding counts as a character when nothing is left to skip */
	assert_string_equal(vin, "unchanged");
	assert_int_equal(tt_obd_vin(good, 21, vin), TT_OK);
	assert_string_equal(vin, "3FADP4FJ2BM113913");
	assert_int_equal(tt_obd_vin(behind, 22, vin), TT_OK);
	assert_string_equal(vin, "WVWZZZ1KZAW000001");
	assert_int_equal(tt_obd_vin(cut, 21, vin), TT_EPROTO);
	assert_int_equal(tt_obd_vin(BYTES(0x49, 0x04, 0x01), vin), TT_EPROTO);
	assert_int_equal(tt_obd_vin(BYTES(0x41, 0x02, 0x01), vin), TT_EPROTO);
}

static void negative_responses_are_recognised_and_ranked(void **state)
{
	uint8_t service = 0, code = 0;

	(void)state;
	assert_true(tt_obd_is_negative(BYTES(0x7F, 0x09, 0x78), &service, &code));
	assert_int_equal(service, 9);
	assert_int_equal(code, 0x78);
	assert_false(tt_obd_is_negative(BYTES(0x7F, 0x09), NULL, NULL));
	assert_false(tt_obd_is_negative(BYTES(0x41, 0x00, 0x78), NULL, NULL));
	assert_true(tt_obd_is_negative(BYTES(0x7F, 0x01, 0x12), NULL, NULL));
	assert_true(tt_obd_is_negative(BYTES(0x7F, 0x01, 0x12), &service, NULL));
	assert_int_equal(service, 1);
	assert_int_equal(code, 0x78);
}

static void every_negative_code_has_a_consequence_and_a_text(void **state)
{
	static const struct {
		uint8_t code;
		enum tt_obd_nrc_action action;
		const char *text;
	} cases[] = {
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
		{0x99, TT_OBD_NRC_REFUSED, "refused for a reason of the maker's"},
		{0x00, TT_OBD_NRC_REFUSED, "refused for a reason of the maker's"},
	};
	unsigned known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tt_obd_nrc(cases[i].code)->action, cases[i].action);
		assert_string_equal(tt_obd_nrc(cases[i].code)->text, cases[i].text);
	}
	for (unsigned code = 1; code <= 0xFF; code++)
		known += tt_obd_nrc((uint8_t)code)->code == code;
	assert_int_equal(known, 11);
}

static void diagnostic_identifiers_are_known(void **state)
{
	(void)state;
	assert_true(tt_obd_is_response_id(0x7E8, false));
	assert_true(tt_obd_is_response_id(0x7EF, false));
	assert_false(tt_obd_is_response_id(0x7E7, false));
	assert_false(tt_obd_is_response_id(0x7F0, false));
	assert_false(tt_obd_is_response_id(0x7E8, true));
	assert_true(tt_obd_is_response_id(0x18DAF110, true));
	assert_false(tt_obd_is_response_id(0x18DA10F1, true));
	assert_true(tt_obd_is_request_id(0x7DF, false));
	assert_true(tt_obd_is_request_id(0x7E0, false));
	assert_true(tt_obd_is_request_id(0x7E7, false));
	assert_false(tt_obd_is_request_id(0x7E8, false));
	assert_false(tt_obd_is_request_id(0x7DE, false));
	assert_false(tt_obd_is_request_id(0x123, false));
	assert_false(tt_obd_is_request_id(0x7DF, true));
	assert_true(tt_obd_is_request_id(0x18DB33F1, true));
	assert_true(tt_obd_is_request_id(0x18DA10F1, true));
	assert_false(tt_obd_is_request_id(0x18DA10F2, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_encoded_as_the_standard_says),
		cmocka_unit_test(several_pids_in_one_response_are_told_apart),
		cmocka_unit_test(freeze_items_carry_their_frame_and_cut_items_are_seen),
		cmocka_unit_test(supported_pids_are_read_from_bitmaps),
		cmocka_unit_test(one_pid_is_put_and_dropped_without_touching_another),
		cmocka_unit_test(lamp_count_and_monitors_are_read),
		cmocka_unit_test(trouble_codes_are_listed_without_padding),
		cmocka_unit_test(more_codes_than_we_hold_are_flagged),
		cmocka_unit_test(the_vin_is_read_and_its_check_digit_only_judged),
		cmocka_unit_test(only_whole_vins_of_the_right_answer_are_taken),
		cmocka_unit_test(negative_responses_are_recognised_and_ranked),
		cmocka_unit_test(every_negative_code_has_a_consequence_and_a_text),
		cmocka_unit_test(diagnostic_identifiers_are_known),
	};

	return cmocka_run_group_tests_name("obd", tests, NULL, NULL);
}
