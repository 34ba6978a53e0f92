/* Identifiers, diagnostic messages and parameters. Vectors: docs and public sources named beside them. */
#include "firmware/proto/j1939.h"
#include "firmware/proto/j1939_dm.h"
#include "firmware/proto/j1939_spn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct tt_can_frame extended(uint32_t id)
{
	return (struct tt_can_frame){.id = id, .extended = true, .len = 8};
}

static void identifiers_split_and_join(void **state)
{
	static const struct {
		uint32_t id;
		struct tt_j1939_id parts;
	} cases[] = {
		{0x18FECA00, {65226, 6, 0x00, 0xFF}},                                         /* DM1 of the engine */
		{0x0CF00427, {61444, 3, 0x27, 0xFF}},   {0x18EAFFF9, {59904, 6, 0xF9, 0xFF}}, /* a request to everybody */
		{0x18EA00F9, {59904, 6, 0xF9, 0x00}},   {0x1CECF903, {60416, 7, 0x03, 0xF9}},   {0x00000000, {0, 0, 0x00, 0x00}},
		{0x03EF1234, {0x3EF00, 0, 0x34, 0x12}}, /* PF 239 is the last of PDU1; data page and extended data page are PGN */
		{0x03F01234, {0x3F012, 0, 0x34, 0xFF}}, {0x1FFFFFFF, {0x3FFFF, 7, 0xFF, 0xFF}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_can_frame f = extended(cases[i].id);
		struct tt_j1939_id id;

		assert_true(tt_j1939_split(&f, &id));
		assert_int_equal(id.pgn, cases[i].parts.pgn);
		assert_int_equal(id.priority, cases[i].parts.priority);
		assert_int_equal(id.source, cases[i].parts.source);
		assert_int_equal(id.dest, cases[i].parts.dest);
		assert_int_equal(tt_j1939_join(&id), cases[i].id);
	}
}

static void the_destination_stands_in_the_low_byte_of_a_pdu1_group(void **state)
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_REQUEST | 0xFF, .priority = 6, .source = 0xF9, .dest = 0};

	(void)state;
	assert_int_equal(tt_j1939_join(&id), 0x18EA00F9);
}

static void what_is_no_j1939_frame_is_left_alone(void **state)
{
	struct tt_can_frame f[5];
	struct tt_j1939_id id;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		f[i] = extended(0x18FECA00);
	f[0].extended = false;
	f[1].rtr = true;
	f[2].error = true;
	f[3].fd = true;
	f[4].len = 9;
	for (size_t i = 0; i < 5; i++)
		assert_false(tt_j1939_split(&f[i], &id));
}

static void a_request_names_its_group_low_byte_first(void **state)
{
	struct tt_can_frame f;

	(void)state;
	tt_j1939_request(TT_PGN_VIN, 0xF9, TT_J1939_GLOBAL, 2, &f);
	assert_int_equal(f.id, 0x18EAFFF9);
	assert_true(f.extended);
	assert_int_equal(f.bus, 2);
	assert_int_equal(f.len, 3);
	assert_memory_equal(f.data, "\xEC\xFE\x00", 3);
	tt_j1939_request(0x3FFFF, 0xF9, 0x21, 0, &f);
	assert_int_equal(f.id, 0x18EA21F9);
	assert_memory_equal(f.data, "\xFF\xFF\x03", 3);
}

static void the_vin_ends_at_the_asterisk(void **state)
{
	static const char whole[] = "3FADP4FJ2BM113913*", plain[] = "3FADP4FJ2BM113913", more[] = "3FADP4FJ2BM1139134",
			  bad[] = "3FADP4FJ2BM11391O*", cut[] = "3FADP4FJ2BM11391*";
	char vin[TT_VIN_TEXT] = "";

	(void)state;
	assert_int_equal(tt_j1939_vin((const uint8_t *)whole, 18, vin), TT_OK);
	assert_string_equal(vin, plain);
	vin[0] = '\0';
	assert_int_equal(tt_j1939_vin((const uint8_t *)plain, 17, vin), TT_OK);
	assert_string_equal(vin, plain);
	vin[0] = '\0';
	assert_int_equal(tt_j1939_vin((const uint8_t *)more, 18, vin), TT_EPROTO);
	assert_int_equal(tt_j1939_vin((const uint8_t *)bad, 18, vin), TT_EPROTO);
	assert_int_equal(tt_j1939_vin((const uint8_t *)cut, 17, vin), TT_EPROTO);
	assert_int_equal(tt_j1939_vin((const uint8_t *)plain, 16, vin), TT_EPROTO);
	assert_string_equal(vin, "");
}

/* ---- diagnostic messages ---- */

/* python-can-j1939's test of the conversion methods: SPN 0x12345, FMI 5, OC 3. */
static void the_four_conversion_methods(void **state)
{
	static const struct {
		unsigned method;
		uint8_t dtc[4];
		uint32_t spn;
		bool converted;
	} cases[] = {
		{1, {0x24, 0x68, 0xA5, 0x83}, 0x12345, true},  {2, {0x68, 0x24, 0xA5, 0x83}, 0x12345, true},
		{3, {0x45, 0x23, 0x25, 0x83}, 0x12345, true},  {4, {0x45, 0x23, 0x25, 0x03}, 0x12345, false},
		{1, {0x45, 0x23, 0x25, 0x03}, 0x12345, false}, /* the bit is 0: version 4, whatever is configured */
		{2, {0x45, 0x23, 0x25, 0x03}, 0x12345, false}, {4, {0x45, 0x23, 0x25, 0x83}, 0x12345, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t data[8] = {0x40, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF};
		struct tt_j1939_dm dm;

		memcpy(data + 2, cases[i].dtc, 4);
		assert_int_equal(tt_j1939_dm(data, 8, cases[i].method, &dm), TT_OK);
		assert_int_equal(dm.lamps, 0x40FF);
		assert_int_equal(dm.n, 1);
		assert_int_equal(dm.dtcs[0].spn, cases[i].spn);
		assert_int_equal(dm.dtcs[0].fmi, 5);
		assert_int_equal(dm.dtcs[0].occurrences, 3);
		assert_int_equal(dm.dtcs[0].converted, cases[i].converted);
	}
}

static void fillers_are_no_codes(void **state)
{
	static const struct {
		const char *data;
		size_t len, n;
	} cases[] = {
		{"\x00\xFF\x00\x00\x00\x00\xFF\xFF", 8, 0},          {"\x00\x00\x00\x00\x00\x00\x00\x00", 8, 0},
		{"\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 0},          {"\x00\xFF\x61\x02\x13\x00", 6, 1},
		{"\x00\xFF\x61\x02\x13\x00\x64\x00\x01\x02", 10, 2}, {"\x00\xFF\x00\x00\x00\x00\x64\x00\x01\x02\xFF\xFF\xFF\xFF", 14, 1},
		{"\x00\xFF\x61\x02\x13\x00\x64\x00\x01", 9, 1}, /* an odd tail */
	};
	struct tt_j1939_dm dm = {.lamps = 7, .n = 9};
	static uint8_t longest[TT_J1939_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tt_j1939_dm((const uint8_t *)cases[i].data, cases[i].len, 4, &dm), TT_OK);
		assert_int_equal(dm.n, cases[i].n);
	}
	memset(longest, 1, sizeof(longest));
	assert_int_equal(tt_j1939_dm(longest, TT_J1939_MAX, 4, &dm), TT_OK);
	assert_int_equal(dm.n, TT_J1939_DTCS);
	assert_int_equal(dm.lamps, 0x0101);
	assert_int_equal(tt_j1939_dm(longest, TT_J1939_MAX + 1, 4, &dm), TT_EPROTO);
	assert_int_equal(tt_j1939_dm(longest, 5, 4, &dm), TT_EPROTO);
	assert_int_equal(dm.n, TT_J1939_DTCS);
}

static void lamps_flash_or_do_not(void **state)
{
	static const struct {
		uint16_t lamps;
		enum tt_j1939_lamp_state mil, rsl, awl, pl;
		bool lit;
	} cases[] = {
		{0x0000, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, false},
		{0x00FF, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, false},
		{0x55FF, TT_J1939_ON, TT_J1939_ON, TT_J1939_ON, TT_J1939_ON, true},
		{0x5500, TT_J1939_SLOW_FLASH, TT_J1939_SLOW_FLASH, TT_J1939_SLOW_FLASH, TT_J1939_SLOW_FLASH, true},
		{0x5555, TT_J1939_FAST_FLASH, TT_J1939_FAST_FLASH, TT_J1939_FAST_FLASH, TT_J1939_FAST_FLASH, true},
		{0x55AA, TT_J1939_ON, TT_J1939_ON, TT_J1939_ON, TT_J1939_ON, true}, /* flash 10 is reserved */
		{0xFFFF, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, false},
		{0xAA00, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, TT_J1939_UNAVAILABLE, false},
		{0x11CF, TT_J1939_OFF, TT_J1939_SLOW_FLASH, TT_J1939_OFF, TT_J1939_ON, true},
		{0x407F, TT_J1939_FAST_FLASH, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, true},
		{0x04FF, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_ON, TT_J1939_OFF, true},
		{0x01FC, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_OFF, TT_J1939_SLOW_FLASH, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tt_j1939_lamp(cases[i].lamps, TT_J1939_MIL), cases[i].mil);
		assert_int_equal(tt_j1939_lamp(cases[i].lamps, TT_J1939_RSL), cases[i].rsl);
		assert_int_equal(tt_j1939_lamp(cases[i].lamps, TT_J1939_AWL), cases[i].awl);
		assert_int_equal(tt_j1939_lamp(cases[i].lamps, TT_J1939_PL), cases[i].pl);
		assert_int_equal(tt_j1939_lit(cases[i].lamps), cases[i].lit);
	}
	assert_string_equal(tt_j1939_lamp_name(TT_J1939_MIL), "mil");
	assert_string_equal(tt_j1939_lamp_name(TT_J1939_PL), "pl");
	assert_string_equal(tt_j1939_lamp_state_name(TT_J1939_OFF), "off");
	assert_string_equal(tt_j1939_lamp_state_name(TT_J1939_SLOW_FLASH), "slow_flash");
	assert_string_equal(tt_j1939_lamp_state_name(TT_J1939_UNAVAILABLE), "unavailable");
}

static void dm5_counts_codes_and_monitors(void **state)
{
	/* misfire and components supported, components not complete; catalyst and NMHC catalyst supported, NMHC not complete */
	static const uint8_t data[8] = {2, 0xFF, 20, 0x45, 0x01, 0x10, 0xFE, 0xFF};
	struct tt_j1939_dm5 dm5 = {.active = 9};

	(void)state;
	assert_int_equal(tt_j1939_dm5(data, 7, &dm5), TT_EPROTO);
	assert_int_equal(dm5.active, 9);
	assert_int_equal(tt_j1939_dm5(data, 8, &dm5), TT_OK);
	assert_int_equal(dm5.active, 2);
	assert_int_equal(dm5.previous, 255);
	assert_int_equal(dm5.compliance, 20);
	assert_int_equal(dm5.supported, 1U << 0 | 1U << 2 | 1U << 3 | 1U << 15);
	assert_int_equal(dm5.incomplete, 1U << 2 | 1U << 15);
	assert_string_equal(tt_j1939_monitor_name(0), "misfire");
	assert_string_equal(tt_j1939_monitor_name(3), "catalyst");
	assert_string_equal(tt_j1939_monitor_name(15), "nmhc_catalyst");
	assert_string_equal(tt_j1939_monitor_name(16), "");
}

static void each_monitor_of_dm5_has_its_bits(void **state)
{
	struct tt_j1939_dm5 dm5;

	(void)state;
	for (unsigned i = 0; i < TT_J1939_MONITORS; i++) {
		uint8_t data[8] = {0, 0, 0, 0x07, 0xFF, 0xFF, 0, 0}; /* all supported, three reserved bits set too */

		data[i < 3 ? 3 : i < 11 ? 6 : 7] |= (uint8_t)(i < 3 ? 0x10U << i : 1U << (i - 3) % 8);
		assert_int_equal(tt_j1939_dm5(data, 8, &dm5), TT_OK);
		assert_int_equal(dm5.supported, 0xFFFF);
		assert_int_equal(dm5.incomplete, 1U << i);
		memset(data, 0, sizeof(data));
		data[i < 3 ? 3 : i < 11 ? 4 : 5] = (uint8_t)(i < 3 ? 1U << i : 1U << (i - 3) % 8);
		data[3] |= 0x70;
		data[6] = data[7] = 0xFF;
		assert_int_equal(tt_j1939_dm5(data, 8, &dm5), TT_OK);
		assert_int_equal(dm5.supported, 1U << i);
		assert_int_equal(dm5.incomplete, 1U << i);
	}
}

/* ---- parameters ---- */

static void parameters_are_scaled(void **state)
{
	static const struct {
		uint32_t spn, pgn;
		const char *data;
		int64_t milli;
	} cases[] = {
		{84, 65265, "\xFF\x00\x50\xFF\xFF\xFF\xFF\xFF", 80000},
		{84, 65265, "\xFF\xFF\xFA\xFF\xFF\xFF\xFF\xFF", 250996},
		{96, 65276, "\xFF\x7D\xFF\xFF\xFF\xFF\xFF\xFF", 50000},
		{100, 65263, "\xFF\xFF\xFF\x64\xFF\xFF\xFF\xFF", 400000},
		{110, 65262, "\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF", -40000},
		{110, 65262, "\xFA\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 210000},
		{158, 65271, "\xFF\xFF\xFF\xFF\xFF\xFF\x18\x01", 14000},
		{168, 65271, "\xFF\xFF\xFF\xFF\x18\x01\xFF\xFF", 14000},
		{190, 61444, "\xFF\xFF\xFF\x68\x13\xFF\xFF\xFF", 621000},
		{245, 65248, "\xFF\xFF\xFF\xFF\x08\x00\x00\x00", 1000000},
		{245, 65248, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFA", INT64_C(526385151875000)},
		{247, 65253, "\x14\x00\x00\x00\xFF\xFF\xFF\xFF", 1000},
		{917, 65217, "\xC8\x00\x00\x00\xFF\xFF\xFF\xFF", 1000000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_j1939_spn *spn = tt_j1939_spn(cases[i].spn);
		int64_t milli = 0;

		assert_non_null(spn);
		assert_int_equal(spn->pgn, cases[i].pgn);
		assert_int_equal(tt_j1939_spn_value(spn, (const uint8_t *)cases[i].data, 8, &milli), TT_J1939_VALID);
		assert_int_equal(milli, cases[i].milli);
	}
	assert_null(tt_j1939_spn(246));
	assert_int_equal(tt_j1939_spn_at(0)->spn, 84);
	assert_int_equal(tt_j1939_spn_at(9)->spn, 917);
	assert_null(tt_j1939_spn_at(10));
}

static void the_highest_byte_tells_what_is_no_value(void **state)
{
	const struct tt_j1939_spn *rpm = tt_j1939_spn(190);
	uint8_t data[8] = {0};
	int64_t milli = 7;

	(void)state;
	data[4] = 0xFB;
	assert_int_equal(tt_j1939_spn_value(rpm, data, 8, &milli), TT_J1939_RESERVED);
	data[4] = 0xFD;
	assert_int_equal(tt_j1939_spn_value(rpm, data, 8, &milli), TT_J1939_RESERVED);
	data[4] = 0xFE;
	assert_int_equal(tt_j1939_spn_value(rpm, data, 8, &milli), TT_J1939_ERROR);
	data[4] = 0xFF;
	assert_int_equal(tt_j1939_spn_value(rpm, data, 8, &milli), TT_J1939_NOT_AVAILABLE);
	data[4] = 0;
	assert_int_equal(tt_j1939_spn_value(rpm, data, 4, &milli), TT_J1939_NOT_AVAILABLE);
	assert_int_equal(milli, 7);
	assert_int_equal(tt_j1939_spn_value(rpm, data, 5, &milli), TT_J1939_VALID);
	assert_int_equal(milli, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers_split_and_join),
		cmocka_unit_test(the_destination_stands_in_the_low_byte_of_a_pdu1_group),
		cmocka_unit_test(what_is_no_j1939_frame_is_left_alone),
		cmocka_unit_test(a_request_names_its_group_low_byte_first),
		cmocka_unit_test(the_vin_ends_at_the_asterisk),
		cmocka_unit_test(the_four_conversion_methods),
		cmocka_unit_test(fillers_are_no_codes),
		cmocka_unit_test(lamps_flash_or_do_not),
		cmocka_unit_test(dm5_counts_codes_and_monitors),
		cmocka_unit_test(each_monitor_of_dm5_has_its_bits),
		cmocka_unit_test(parameters_are_scaled),
		cmocka_unit_test(the_highest_byte_tells_what_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
