/* The UDS section of the vehicle profile: what it says, what it implies for the gate, and each mistake with its line. */
#include "firmware/agent/profile.h"
#include "firmware/proto/uds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tt_profile p;
static struct tt_errmsg msg;

static enum tt_err parse(const char *lines)
{
	static char text[4096];

	snprintf(text, sizeof(text), "telltale-profile 1\n%.4000s", lines);
	return tt_profile_parse("car.profile", text, strlen(text), &p, &msg);
}

static void the_section_is_read(void **state)
{
	(void)state;
	if (parse("ecu engine 0x7E0 0x7E8\n"
		  "ecu body 0x6F1 0x640 extended 0x40 F1 session 03 bus 1\n"
		  "ecu brake 0x18DA28F1 0x18DAF128 counters 29bit\n"
		  "did engine F40C 2 Vehicle.Powertrain.CombustionEngine.Speed scale 0.25 every 1000\n"
		  "did body 0xD100 12:4:2 Vehicle.Powertrain.CombustionEngine.ECT signed scale 0.1 on-change\n"
		  "did body D100 12:11 Vehicle.Speed\n"
		  "snapshot engine F40D 1\n"
		  "extended-data body 01 3\n") != TT_OK)
		fail_msg("%s", msg.text);
	assert_int_equal(p.uds.necus, 3);
	assert_string_equal(p.uds.ecus[0].name, "engine");
	assert_int_equal(p.uds.ecus[0].request, 0x7E0);
	assert_int_equal(p.uds.ecus[0].response, 0x7E8);
	assert_false(p.uds.ecus[0].extended || p.uds.ecus[0].addressed);
	assert_int_equal(p.uds.ecus[0].session, 0);
	assert_true(p.uds.ecus[1].addressed);
	assert_int_equal(p.uds.ecus[1].target, 0x40);
	assert_int_equal(p.uds.ecus[1].source, 0xF1);
	assert_int_equal(p.uds.ecus[1].session, 3);
	assert_int_equal(p.uds.ecus[1].bus, 1);
	assert_true(p.uds.ecus[2].extended && p.uds.ecus[2].counters);
	assert_false(p.uds.ecus[0].counters || p.uds.ecus[1].counters);
	assert_int_equal(p.uds.ndids, 3);
	assert_int_equal(p.uds.dids[0].did, 0xF40C);
	assert_int_equal(p.uds.dids[0].len, 2);
	assert_int_equal(p.uds.dids[0].at, 0);
	assert_int_equal(p.uds.dids[0].bytes, 2);
	assert_true(p.uds.dids[0].rule.scale == 0.25);
	assert_int_equal(p.uds.dids[0].rule.every_us, 1000000);
	assert_false(p.uds.dids[0].is_signed);
	assert_int_equal(p.uds.dids[1].ecu, 1);
	assert_int_equal(p.uds.dids[1].at, 4);
	assert_int_equal(p.uds.dids[1].bytes, 2);
	assert_true(p.uds.dids[1].is_signed && p.uds.dids[1].rule.on_change);
	assert_int_equal(p.uds.dids[2].bytes, 1);
	assert_int_equal(p.uds.nrecords, 2);
	assert_false(p.uds.records[0].extended);
	assert_int_equal(p.uds.records[0].number, 0xF40D);
	assert_int_equal(p.uds.records[0].len, 1);
	assert_true(p.uds.records[1].extended);
	assert_int_equal(p.uds.records[1].ecu, 1);
	assert_int_equal(p.uds.records[1].number, 1);
	assert_int_equal(p.uds.records[1].len, 3);
}

static void an_ecu_implies_the_gates_rule(void **state)
{
	struct tt_gate_rule rule;

	(void)state;
	assert_int_equal(parse("ecu engine 0x7E0 0x7E8\necu body 0x18DA40F1 0x18DAF140 29bit extended 40 F1 session 40\n"), TT_OK);
	rule = tt_profile_ecu_rule(&p.uds.ecus[0]);
	assert_int_equal(rule.id, 0x7E0);
	assert_int_equal(rule.mask, 0x7FF);
	assert_true(rule.flow_control && !rule.segmented && !rule.addressed && !rule.extended);
	assert_memory_equal(rule.services, "\x19\x22\0\0\0\0\0\0", 8);
	assert_int_equal(rule.session, 0);
	rule = tt_profile_ecu_rule(&p.uds.ecus[1]);
	assert_int_equal(rule.mask, 0x1FFFFFFF);
	assert_true(rule.addressed && rule.extended);
	assert_int_equal(rule.address, 0x40);
	assert_memory_equal(rule.services, "\x19\x22\x10\x3E\0\0\0\0", 8);
	assert_int_equal(rule.session, 0x40);
}

/* Service 19 reads, whatever its sub-function; 14, 27, 2E, 2F, 31 and 3E do not get through. */
static void every_question_of_the_scan_passes_that_rule_and_nothing_else_does(void **state)
{
	static const uint8_t questions[][TT_UDS_REQUEST_MAX + 1] = {{3, 0x19, 0x02, 0x8F},
								    {6, 0x19, 0x04, 0x12, 0x34, 0x56, 0xFF},
								    {6, 0x19, 0x06, 0x12, 0x34, 0x56, 0xFF},
								    {2, 0x19, 0x0A},
								    {2, 0x19, 0x14},
								    {3, 0x22, 0xF1, 0x90}};
	static const uint8_t others[][TT_UDS_REQUEST_MAX + 1] = {{4, 0x14, 0xFF, 0xFF, 0xFF},
								 {2, 0x27, 0x01},
								 {4, 0x2E, 0xF1, 0x90, 0x00},
								 {4, 0x2F, 0xD1, 0x00, 0x03},
								 {4, 0x31, 0x01, 0x02, 0x03},
								 {2, 0x3E, 0x80},
								 {2, 0x10, 0x03},
								 {2, 0x10, 0x01}};
	struct tt_can_frame f = {.id = 0x7E0, .len = 8};
	struct tt_gate_rule rule;
	struct tt_gate_config config = {.rules = &rule, .nrules = 1, .bus_max_per_s = 40};
	struct tt_gate g;

	(void)state;
	assert_int_equal(parse("ecu engine 0x7E0 0x7E8 counters\n"), TT_OK);
	rule = tt_profile_ecu_rule(&p.uds.ecus[0]);
	assert_int_equal(tt_gate_init(&g, &config), TT_OK);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		memcpy(f.data, questions[i], sizeof(questions[i]));
		assert_int_equal(tt_gate_check(&g, TT_SEC((tt_mono_us)i), &f), TT_GATE_PASS);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		memcpy(f.data, others[i], sizeof(others[i]));
		assert_int_equal(tt_gate_check(&g, TT_SEC((tt_mono_us)i), &f), TT_GATE_SERVICE);
	}
}

static void an_ignition_may_come_from_a_did(void **state)
{
	(void)state;
	assert_int_equal(
		parse("ecu body 0x7E0 0x7E8\ndid body 1 1 Vehicle.LowVoltageSystemState\nignition Vehicle.LowVoltageSystemState on 4\n"),
		TT_OK);
}

static void each_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"ecu a 0x7E0", "usage: ecu"},
		{"ecu a x 0x7E8", "wants CAN identifiers"},
		{"ecu a 0x7E0 x", "wants CAN identifiers"},
		{"ecu a 0x800 0x7E8", "add 29bit"},
		{"ecu a 0x7E0 0x800", "add 29bit"},
		{"ecu a 0x7E0 0x7E0", "cannot share"},
		{"ecu a-name-of-16-byt 0x7E0 0x7E8", "too long"},
		{"ecu a 0x7E0 0x7E8 fast", "unknown option"},
		{"ecu a 0x7E0 0x7E8 session", "value missing after: session"},
		{"ecu a 0x7E0 0x7E8 extended 10", "value missing after: extended"},
		{"ecu a 0x7E0 0x7E8 extended 100 10", "address bytes"},
		{"ecu a 0x7E0 0x7E8 extended 10 xx", "address bytes"},
		{"ecu a 0x7E0 0x7E8 session 01", "03..7E"},
		{"ecu a 0x7E0 0x7E8 session 02", "03..7E"},
		{"ecu a 0x7E0 0x7E8 session 7F", "03..7E"},
		{"ecu a 0x7E0 0x7E8 bus 8", "neither a bus number"},
		{"ecu e 0x7E1 0x7E9", "ecu named twice: e"},
		{"ecu a 0x7E1 0x7E8", "two ecus answer"},
		{"did e F190", "usage: did"},
		{"did x F190 1 Vehicle.Speed", "no such ecu"},
		{"did e F19000 1 Vehicle.Speed", "data identifier in hexadecimal"},
		{"did e F190 0 Vehicle.Speed", "1..64"},
		{"did e F190 65 Vehicle.Speed", "1..64"},
		{"did e F190 2:2 Vehicle.Speed", "begin inside"},
		{"did e F190 2:1:2 Vehicle.Speed", "end inside"},
		{"did e F190 2:0:0 Vehicle.Speed", "end inside"},
		{"did e F190 9 Vehicle.Speed", "at most 8 bytes"},
		{"did e F190 2 Vehicle.Sped", "no such VSS path"},
		{"did e F190 2 Vehicle.Speed fast", "unknown option"},
		{"did e D000 3 Vehicle.Speed", "another length"},
		{"snapshot e F190", "usage: snapshot"},
		{"snapshot x F190 1", "no such ecu"},
		{"snapshot e 10000 1", "data identifier in hexadecimal"},
		{"snapshot e F190 65", "1..64"},
		{"extended-data e F0 1", "00..EF"},
		{"extended-data e 01", "usage: extended-data"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), "ecu e 0x7E0 0x7E8\ndid e D000 2 Vehicle.Speed\n%s\n", cases[i].line);
		assert_int_equal(parse(text), TT_ECONFIG);
		if (!strstr(msg.text, cases[i].says) || !strstr(msg.text, "car.profile:4"))
			fail_msg("'%s' gave '%s', not '%s'", cases[i].line, msg.text, cases[i].says);
	}
}

static void more_than_fits_is_refused(void **state)
{
	char text[4096];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < TT_PROFILE_ECUS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "ecu e%u 0x%X 0x%X\n", i, 0x700 + i, 0x710 + i);
	assert_int_equal(parse(text), TT_OK);
	snprintf(text + n, sizeof(text) - n, "ecu more 0x7E0 0x7E8\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 8 ecus"));
	n = (size_t)snprintf(text, sizeof(text), "ecu e 0x7E0 0x7E8\n");
	for (unsigned i = 0; i < TT_PROFILE_DIDS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "did e %X 1 Vehicle.Speed\n", i);
	assert_int_equal(parse(text), TT_OK);
	snprintf(text + n, sizeof(text) - n, "did e F190 1 Vehicle.Speed\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 24 dids"));
	n = (size_t)snprintf(text, sizeof(text), "ecu e 0x7E0 0x7E8\n");
	for (unsigned i = 0; i < TT_PROFILE_RECORDS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "snapshot e %X 1\n", i);
	assert_int_equal(parse(text), TT_OK);
	snprintf(text + n, sizeof(text) - n, "snapshot e F190 1\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 48 records"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_section_is_read),
		cmocka_unit_test(an_ecu_implies_the_gates_rule),
		cmocka_unit_test(every_question_of_the_scan_passes_that_rule_and_nothing_else_does),
		cmocka_unit_test(an_ignition_may_come_from_a_did),
		cmocka_unit_test(each_mistake_is_told_with_its_line),
		cmocka_unit_test(more_than_fits_is_refused),
	};

	return cmocka_run_group_tests_name("profile_uds", tests, NULL, NULL);
}
