/* The profile's J1939 section, what the vehicle makes of J1939 messages, and what such a bus may send. */
#include "firmware/agent/agent_j1939.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tt_profile p;
static struct tt_errmsg msg;
static struct tt_vehicle *v;
static struct tt_j1939_tp tp;
static tt_mono_us now;
static double values[TT_VEHICLE_SLOTS];

static enum tt_err parse(const char *text)
{
	msg.text[0] = '\0';
	return tt_profile_parse("truck.profile", text, strlen(text), &p, &msg);
}

static void every_directive_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("telltale-profile 1\n"
			       "bus 1 drive\n"
			       "j1939 0\n"
			       "j1939 drive address 0xF9\n"
			       "j1939-request drive vin\n"
			       "j1939-request 1 dm2 to 0 every 60\n"
			       "j1939-request 1 dm5 every 10\n"
			       "j1939-request 1 ecu-id\n"
			       "j1939-request 1 software to 0x21\n"
			       "j1939-conversion 0x21 2\n"
			       "spn 190 Vehicle.Powertrain.CombustionEngine.Speed bus drive every 1000 on-change\n"
			       "ignition Vehicle.Powertrain.CombustionEngine.Speed on 300..9000\n"),
			 TT_OK);
	assert_true(p.j1939.buses[0].on && !p.j1939.buses[0].talks);
	assert_true(p.j1939.buses[1].on && p.j1939.buses[1].talks);
	assert_int_equal(p.j1939.buses[1].address, 0xF9);
	assert_int_equal(p.j1939.buses[1].nasks, 5);
	assert_int_equal(p.j1939.buses[1].asks[0].pgn, TT_PGN_VIN);
	assert_int_equal(p.j1939.buses[1].asks[0].dest, TT_J1939_GLOBAL);
	assert_int_equal(p.j1939.buses[1].asks[0].every_us, 0);
	assert_int_equal(p.j1939.buses[1].asks[1].pgn, TT_PGN_DM2);
	assert_int_equal(p.j1939.buses[1].asks[1].dest, 0);
	assert_int_equal(p.j1939.buses[1].asks[1].every_us, TT_SEC(60));
	assert_int_equal(p.j1939.buses[1].asks[4].pgn, TT_PGN_SOFTWARE);
	assert_int_equal(p.j1939.method[0x21], 2);
	assert_int_equal(p.j1939.method[0], 0);
	assert_int_equal(p.j1939.nspns, 1);
	assert_int_equal(p.j1939.spns[0].spn->spn, 190);
	assert_int_equal(p.j1939.spns[0].rule.bus, 1);
}

static void what_is_wrong_is_told_by_line(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"j1939\n", "usage: j1939 BUS"},
		{"j1939 4\n", "bus"},
		{"j1939 0\nj1939 0\n", "truck.profile:3: this bus is J1939 already"},
		{"j1939 0 adress 0xF9\n", "usage"},
		{"j1939 0 address\n", "usage"},
		{"j1939 0 address 0x7F\n", "no ECU's"},
		{"j1939 0 address 0xFA\n", "no ECU's"},
		{"j1939-request 0 vin\n", "no J1939 bus"},
		{"j1939-request 9 vin\n", "bus"},
		{"j1939-request 0\n", "usage"},
		{"j1939 0\nj1939-request 0 vin\n", "only listens"},
		{"j1939 0 address 0xF9\nj1939-request 0 dm11\n", "wants dm2"},
		{"j1939 0 address 0xF9\nj1939-request 0 vin to\n", "value is missing"},
		{"j1939 0 address 0xF9\nj1939-request 0 vin to 254\n", "0..253"},
		{"j1939 0 address 0xF9\nj1939-request 0 vin every 9\n", "bad value"},
		{"j1939 0 address 0xF9\nj1939-request 0 vin often 60\n", "bad value"},
		{"j1939-conversion 254 1\n", "0..253"},
		{"j1939-conversion 0 4\n", "1, 2 or 3"},
		{"j1939-conversion 0\n", "usage"},
		{"spn 246 Vehicle.Speed\n", "no parameter"},
		{"spn x Vehicle.Speed\n", "no parameter"},
		{"spn 84\n", "usage"},
		{"spn 84 Vehicle.Sped\n", "no such VSS path"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), "telltale-profile 1\n%s", bad[i].text);
		if (parse(text) != TT_ECONFIG || !strstr(msg.text, bad[i].says))
			fail_msg("%s -> %s", bad[i].text, msg.text);
	}
}

static void tables_are_bounded(void **state)
{
	char text[1024] = "telltale-profile 1\nj1939 0 address 0xF9\n";

	(void)state;
	for (unsigned i = 0; i <= TT_J1939_ASKS; i++)
		strcat(text, "j1939-request 0 dm2\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 8"));
	(void)snprintf(text, sizeof(text), "telltale-profile 1\n");
	for (unsigned i = 0; i <= TT_PROFILE_SPNS; i++)
		strcat(text, "spn 84 Vehicle.Speed\n");
	assert_int_equal(parse(text), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "more than 16"));
}

/* ---- the vehicle ---- */

static void on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	(void)ctx;
	(void)rule;
	(void)at_us;
	values[slot] = value;
}

static void read_truck(void)
{
	static char text[1 << 14];
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR");
	size_t n;
	FILE *f;

	assert_non_null(root);
	(void)snprintf(path, sizeof(path), "%s/schemas/profiles/truck.profile", root);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	if (parse(text) != TT_OK)
		fail_msg("%s", msg.text);
}

static int truck(void **state)
{
	(void)state;
	now = TT_SEC(100);
	memset(values, 0, sizeof(values));
	tt_j1939_tp_init(&tp, TT_J1939_NO_ADDRESS);
	read_truck();
	return tt_vehicle_create(&p, NULL, 1000, on_value, NULL, &v, &msg) == TT_OK ? 0 : -1;
}

static int scrap(void **state)
{
	(void)state;
	tt_vehicle_destroy(v);
	return 0;
}

/* True: the VIN came. */
static bool hear(uint32_t id, const char *hex)
{
	struct tt_can_frame f = {.id = id, .extended = true};
	struct tt_j1939_message m;

	for (unsigned b; *hex && sscanf(hex, "%2x", &b) == 1; hex += hex[2] ? 3 : 2)
		f.data[f.len++] = (uint8_t)b;
	now += TT_MS(50);
	return tt_j1939_tp_feed(&tp, now, &f, &m) && tt_vehicle_j1939(v, now, &m);
}

static uint32_t monitors(unsigned n, ...)
{
	uint32_t set = 0;
	va_list list;

	va_start(list, n);
	while (n-- > 0)
		set |= 1U << va_arg(list, unsigned);
	va_end(list);
	return set;
}

/* DM5 tells monitors in its own order; the state carries OBD's. */
static void a_dm5_is_readiness_in_the_numbers_of_obd(void **state)
{
	(void)state;
	assert_int_equal(v->readiness_supported, 0);
	hear(0x18FECE00, "01 00 14 37 00 00 00 00"); /* continuous ones; misfire and fuel incomplete */
	assert_int_equal(v->readiness_supported, monitors(3, TT_OBD_MON_MISFIRE, TT_OBD_MON_FUEL, TT_OBD_MON_COMPONENT));
	assert_int_equal(v->readiness_incomplete, monitors(2, TT_OBD_MON_MISFIRE, TT_OBD_MON_FUEL));
	assert_int_equal(v->readiness_ecu, 0);
	hear(0x18FECE00, "00 00 14 07 FF 1F A4 15"); /* all of them */
	assert_int_equal(v->readiness_supported,
			 monitors(16, TT_OBD_MON_MISFIRE, TT_OBD_MON_FUEL, TT_OBD_MON_COMPONENT, TT_OBD_MON_CATALYST,
				  TT_OBD_MON_HEATED_CATALYST, TT_OBD_MON_EVAPORATIVE, TT_OBD_MON_SECONDARY_AIR, TT_OBD_MON_AC_OR_GPF,
				  TT_OBD_MON_EXHAUST_SENSOR, TT_OBD_MON_OXYGEN_HEATER, TT_OBD_MON_EGR_VVT, TT_OBD_MON_COLD_START,
				  TT_OBD_MON_BOOST, TT_OBD_MON_PM_FILTER, TT_OBD_MON_NOX_SCR, TT_OBD_MON_NMHC_CATALYST));
	assert_int_equal(v->readiness_incomplete, monitors(6, TT_OBD_MON_EVAPORATIVE, TT_OBD_MON_EXHAUST_SENSOR, TT_OBD_MON_EGR_VVT,
							   TT_OBD_MON_COLD_START, TT_OBD_MON_PM_FILTER, TT_OBD_MON_NMHC_CATALYST));
}

static void of_several_sources_the_one_with_the_most_monitors_counts(void **state)
{
	(void)state;
	hear(0x18FECE3D, "00 00 14 17 03 00 01 00"); /* after-treatment: five */
	hear(0x18FECE00, "00 00 14 77 00 00 00 00"); /* engine: three, all incomplete */
	assert_int_equal(v->readiness_ecu, 0x3D);
	assert_int_equal(v->readiness_incomplete, monitors(2, TT_OBD_MON_MISFIRE, TT_OBD_MON_CATALYST));
	hear(0x18FECE3D, "00 00 14 07 03 00 00 00"); /* its own later word, also when it is no more than before */
	assert_int_equal(v->readiness_incomplete, 0);
	assert_int_equal(v->invalid, 0);
}

static void a_dm5_that_is_cut_is_counted_and_changes_nothing(void **state)
{
	(void)state;
	hear(0x18FECE00, "01 00 14 37 00 00 00 00");
	hear(0x18FECE00, "01 00 14 07 00 00 00");
	assert_int_equal(v->invalid, 1);
	assert_int_equal(v->readiness_incomplete, monitors(2, TT_OBD_MON_MISFIRE, TT_OBD_MON_FUEL));
}

static void a_dm1_by_bam_becomes_faults_with_lamps_and_counts(void **state)
{
	struct tt_fault_event e;

	(void)state;
	hear(0x1CECFF03, "20 0A 00 02 FF CA FE 00");
	hear(0x1CEBFF03, "01 10 FF 61 02 13 01 64");
	assert_false(tt_fault_watch_next(&v->faults, now, &e));
	hear(0x1CEBFF03, "02 00 01 7F FF FF FF FF");
	assert_true(tt_fault_watch_next(&v->faults, now, &e));
	assert_int_equal(e.change, TT_FAULT_RAISED);
	assert_int_equal(e.protocol, TT_FAULT_J1939);
	assert_int_equal(e.ecu, 3);
	assert_int_equal(e.code, 609 << 5 | 19);
	assert_int_equal(e.status, TT_FAULT_STORED);
	assert_int_equal(e.lamps, 0x10FF);
	assert_int_equal(e.occurrences, 1);
	assert_true(e.mil); /* the red stop lamp */
	assert_true(tt_fault_watch_next(&v->faults, now, &e));
	assert_int_equal(e.code, 100 << 5 | 1);
	assert_int_equal(e.occurrences, TT_FAULT_OC_UNKNOWN);
	assert_false(tt_fault_watch_next(&v->faults, now, &e));
	hear(0x18FECB03, "00 FF 6E 00 00 02 FF FF"); /* DM2: 110/0 */
	assert_true(tt_fault_watch_next(&v->faults, now, &e));
	assert_int_equal(e.status, TT_FAULT_PREVIOUS);
	assert_int_equal(e.code, 110 << 5);
	hear(0x18FECA03, "00 FF 00 00 00"); /* cut: says nothing */
	assert_int_equal(v->invalid, 1);
	for (unsigned i = 0; i < 5; i++)
		hear(0x18FECA03, "00 FF 00 00 00 00 FF FF");
	for (unsigned i = 0; i < 2; i++) {
		assert_true(tt_fault_watch_next(&v->faults, now, &e));
		assert_int_equal(e.change, TT_FAULT_CLEARED);
	}
	assert_int_equal(tt_fault_watch_count(&v->faults), 1);
}

static void the_conversion_method_is_the_sources(void **state)
{
	struct tt_fault_event e;

	(void)state;
	p.j1939.method[3] = 1;
	hear(0x18FECA03, "00 FF 24 68 A5 83 FF FF");
	assert_true(tt_fault_watch_next(&v->faults, now, &e));
	assert_int_equal(e.code, 0x12345 << 5 | 5);
	hear(0x18FECA04, "00 FF 45 23 25 83 FF FF");
	assert_true(tt_fault_watch_next(&v->faults, now, &e));
	assert_int_equal(e.ecu, 4);
	assert_int_equal(e.code, 0x12345 << 5 | 5);
}

static void parameters_and_vin_feed_what_is_there(void **state)
{
	(void)state;
	assert_string_equal(p.name, "truck");
	hear(0x18FEF100, "FF 00 50 FF FF FF FF FF");
	assert_true(values[TT_VEHICLE_SPNS] == 80);
	hear(0x18FEC117, "C8 00 00 00 FF FF FF FF");
	hear(0x18FEC117, "C8 00 00 00 FF FF FF FF"); /* a broadcast odometer is believed the second time */
	assert_int_equal(tt_odometer_value(&v->odometer), 1000);
	hear(0x0CF00400, "FF FF FF 68 13 FF FF FF");
	assert_int_equal(v->ignition, TT_IGNITION_ON);
	hear(0x0CF00400, "FF FF FF 00 00 FF FF FF");
	assert_int_equal(v->ignition, TT_IGNITION_OFF);
	hear(0x18FEE500, "14 00 00 00 FF FF FF FF");
	assert_true(values[TT_VEHICLE_SPNS + 5] == 1);
	assert_int_equal(v->invalid, 0);
	hear(0x18FEF100, "FF FF FE FF FF FF FF FF");
	assert_int_equal(v->invalid, 1);
	hear(0x18FEF100, "FF FF FF FF FF FF FF FF"); /* not available is no error */
	assert_int_equal(v->invalid, 1);
	hear(0x1CECFF00, "20 12 00 03 FF EC FE 00");
	hear(0x1CEBFF00, "01 33 46 41 44 50 34 46");
	hear(0x1CEBFF00, "02 4A 32 42 4D 31 31 33");
	assert_true(hear(0x1CEBFF00, "03 39 31 33 2A FF FF FF"));
	assert_string_equal(v->vin, "3FADP4FJ2BM113913");
	assert_false(hear(0x18FEEC00, "33 46 41 44"));
	assert_int_equal(v->invalid, 2);
	assert_string_equal(v->vin, "3FADP4FJ2BM113913");
	p.j1939.spns[0].rule.bus = 1; /* of the other bus only */
	hear(0x18FEF100, "FF 00 10 FF FF FF FF FF");
	assert_true(values[TT_VEHICLE_SPNS] == 80);
}

static bool lets(const struct tt_can_filter_set *set, uint32_t id)
{
	const struct tt_can_frame f = {.id = id, .extended = true, .len = 8};
	bool passes = false;

	for (size_t i = 0; i < set->n; i++)
		passes = passes || tt_can_filter_passes(&set->items[i], &f);
	return passes;
}

static void the_kernel_lets_through_what_is_wanted(void **state)
{
	static const uint32_t wanted[] = {0x18FECA03, 0x18FECB03, 0x1CECFF03, 0x1CEBF903, 0x18FEEC00, 0x0CF00427, 0x18FEE500};
	static struct tt_can_filter_set set;

	(void)state;
	tt_vehicle_filters(v, 0, &set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_true(lets(&set, wanted[i]));
	assert_false(lets(&set, 0x18EAFF03));
	assert_false(lets(&set, 0x18FEF5F9));
	assert_false(lets(&set, 0x18DAF110)); /* no OBD on this bus */
	set.n = 0;
	p.j1939.buses[0].talks = true;
	p.j1939.buses[0].address = 0xF9;
	p.j1939.buses[0].nasks = 1;
	p.j1939.buses[0].asks[0].pgn = TT_PGN_ECU_ID;
	tt_vehicle_filters(v, 0, &set);
	assert_true(lets(&set, 0x18EAFF03));
	assert_true(lets(&set, 0x18E8F903));
	assert_true(lets(&set, 0x18EEFF03));
	assert_true(lets(&set, 0x18FDC500));
	assert_true(lets(&set, 0x18FEF5F9)); /* whoever speaks as us */
}

static void without_an_address_the_gate_of_the_bus_is_shut(void **state)
{
	const struct tt_can_frame obd = {.id = 0x7DF, .len = 8, .data = {2, 1, 0}};
	static struct tt_agent_j1939 j;
	static struct tt_gate gate;
	struct tt_can_frame f;
	uint8_t bus;

	(void)state;
	assert_int_equal(tt_agent_j1939_init(&j, &p, "CAR-1"), TT_OK);
	assert_null(tt_agent_j1939_gate(&j, 1));
	assert_null(tt_agent_j1939_gate(&j, TT_PROFILE_BUSES));
	assert_int_equal(tt_gate_init(&gate, tt_agent_j1939_gate(&j, 0)), TT_OK);
	assert_int_equal(tt_gate_check(&gate, now, &obd), TT_GATE_IDENTIFIER);
	tt_j1939_request(TT_PGN_VIN, 0xF9, TT_J1939_GLOBAL, 0, &f);
	assert_int_equal(tt_gate_check(&gate, now, &f), TT_GATE_IDENTIFIER);
	assert_false(tt_agent_j1939_yielded(&j, &bus));
	tt_agent_j1939_free(&j);
	memset(&j, 0, sizeof(j));
	p.j1939.buses[0].talks = true;
	p.j1939.buses[0].address = 0xF9;
	p.j1939.buses[0].nasks = 1;
	p.j1939.buses[0].asks[0] = (struct tt_j1939_ask){.pgn = TT_PGN_VIN, .dest = TT_J1939_GLOBAL};
	assert_int_equal(tt_agent_j1939_init(&j, &p, "CAR-1"), TT_OK);
	assert_int_equal(tt_gate_init(&gate, tt_agent_j1939_gate(&j, 0)), TT_OK);
	assert_int_equal(tt_gate_check(&gate, now, &f), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&gate, now, &obd), TT_GATE_IDENTIFIER);
	f = (struct tt_can_frame){.id = 0x18FEF1F9, .extended = true, .len = 8};
	tt_j1939_node_feed(&j.buses[0].node, now, &f);
	assert_true(tt_agent_j1939_yielded(&j, &bus));
	assert_int_equal(bus, 0);
	tt_agent_j1939_free(&j);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_directive_is_read),
		cmocka_unit_test(what_is_wrong_is_told_by_line),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test_setup_teardown(a_dm5_is_readiness_in_the_numbers_of_obd, truck, scrap),
		cmocka_unit_test_setup_teardown(of_several_sources_the_one_with_the_most_monitors_counts, truck, scrap),
		cmocka_unit_test_setup_teardown(a_dm5_that_is_cut_is_counted_and_changes_nothing, truck, scrap),
		cmocka_unit_test_setup_teardown(a_dm1_by_bam_becomes_faults_with_lamps_and_counts, truck, scrap),
		cmocka_unit_test_setup_teardown(the_conversion_method_is_the_sources, truck, scrap),
		cmocka_unit_test_setup_teardown(parameters_and_vin_feed_what_is_there, truck, scrap),
		cmocka_unit_test_setup_teardown(the_kernel_lets_through_what_is_wanted, truck, scrap),
		cmocka_unit_test_setup_teardown(without_an_address_the_gate_of_the_bus_is_shut, truck, scrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
