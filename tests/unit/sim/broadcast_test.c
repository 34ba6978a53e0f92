#include "firmware/proto/dbc_plan.h"
#include "sim/broadcast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static bool next_of(struct tt_broadcast *b, const struct tt_car *car, tt_mono_us now_us, uint32_t id, struct tt_can_frame *out)
{
	struct tt_can_frame frame;
	bool found = false;

	while (tt_broadcast_next(b, car, now_us, &frame)) {
		if (frame.id == id) {
			*out = frame;
			found = true;
		}
	}
	return found;
}

static void messages_come_at_their_periods(void **state)
{
	static const struct {
		uint32_t id;
		unsigned in_10_s;
	} cases[] = {{80, 100}, {96, 100}, {112, 100}, {176, 1000}, {180, 1000}, {496, 500}, {768, 100}, {800, 10}, {1024, 10}};
	unsigned seen[2048] = {0};
	struct tt_broadcast b;
	struct tt_car car;
	struct tt_can_frame frame;

	(void)state;
	tt_car_init(&car);
	tt_broadcast_init(&b, TT_SEC(7));
	for (tt_mono_us t = TT_SEC(7); t < TT_SEC(17); t = tt_broadcast_wake_at(&b)) {
		while (tt_broadcast_next(&b, &car, t, &frame))
			seen[frame.id]++;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(seen[cases[i].id], cases[i].in_10_s);
}

static void a_late_caller_gets_each_message_once(void **state)
{
	struct tt_broadcast b;
	struct tt_car car;
	struct tt_can_frame frame;
	unsigned n = 0;

	(void)state;
	tt_car_init(&car);
	tt_broadcast_init(&b, 0);
	while (tt_broadcast_next(&b, &car, TT_SEC(60), &frame))
		n++;
	assert_int_equal(n, TT_BROADCAST_MESSAGES);
	assert_true(tt_broadcast_wake_at(&b) > TT_SEC(60));
}

static void a_fired_bag_is_told_at_once(void **state)
{
	struct tt_broadcast b;
	struct tt_car car;
	struct tt_can_frame frame;

	(void)state;
	tt_car_init(&car);
	tt_broadcast_init(&b, 0);
	assert_true(next_of(&b, &car, 50000, 80, &frame));
	assert_int_equal(frame.data[0], 0x30); /* enabled, none fired */
	assert_int_equal(frame.data[7], 1);    /* the counter */
	car.bags = TT_SIM_FRONT_LEFT | TT_SIM_REAR_RIGHT;
	assert_true(next_of(&b, &car, 50001, 80, &frame));
	assert_int_equal(frame.data[0], 0x39);
	assert_int_equal(frame.data[7], 2);
	assert_false(next_of(&b, &car, 50002, 80, &frame));
}

/* Bytes worked out by hand from schemas/dbc/telltale_demo.dbc. */
static void values_lie_where_the_database_says(void **state)
{
	static const struct {
		uint32_t id;
		uint8_t len, data[8];
	} cases[] = {
		{80, 8, {0x72, 0, 0, 0, 0, 0, 0, 1}},                       /* passenger bag, enabled, rollover, counter 1 */
		{96, 2, {0x07}},                                            /* both belted, seat taken */
		{112, 1, {0x01}},                                           /* SOS */
		{176, 8, {0x20, 0x1C, 0x20, 0x1C, 0x20, 0x1C, 0x20, 0x1C}}, /* 72.00 km/h */
		{180, 8, {0x20, 0x1C, 0xA2, 0xFE, 0x78, 0x00, 0x00, 0x00}}, /* -3.50, 1.20 m/s^2 */
		{496, 8, {0x23, 0x50, 0x01, 0x80, 0x7C}},                   /* 2260 rpm, big endian; 88 C; 62 % */
		{768, 8, {0x04, 0x4C, 0x36, 0x11}},                         /* ON, 13.900 V, front left open and locked */
		{800, 8, {0x73, 0x73, 0x32, 0x73, 60, 60, 60, 60}},         /* 230 kPa, rear left 100; 20 C */
		{1024, 8, {0x15, 0xCD, 0x5B, 0x07, 0x01}},                  /* 123456789 * 100 m; lamp */
	};
	struct tt_broadcast b;
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	car.bags = TT_SIM_FRONT_RIGHT;
	car.rollover = car.sos = car.locked = true;
	car.belts = TT_SIM_FRONT_LEFT | TT_SIM_FRONT_RIGHT;
	car.doors = TT_SIM_FRONT_LEFT;
	car.speed_mm_s = 20000;
	car.accel_mm_s2 = -3500;
	car.lateral_mm_s2 = 1200;
	car.odometer_um = INT64_C(12345678900) * 1000000;
	car.tyres_milli_kpa[2] = 100000;
	car.ecus[TT_SIM_ECU_TRANSMISSION].dtcs[0] = (struct tt_car_dtc){.code = 1, .status = TT_SIM_DTC_STORED};
	car.ecus[TT_SIM_ECU_TRANSMISSION].ndtcs = 1;
	assert_int_equal(tt_car_rpm(&car), 2260);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_can_frame frame;

		tt_broadcast_init(&b, 0);
		assert_true(next_of(&b, &car, TT_SEC(1), cases[i].id, &frame));
		assert_int_equal(frame.len, cases[i].len);
		if (memcmp(frame.data, cases[i].data, frame.len) != 0)
			fail_msg("message %u: %02X %02X %02X %02X %02X ...", cases[i].id, frame.data[0], frame.data[1], frame.data[2],
				 frame.data[3], frame.data[4]);
	}
}

/* The same through the agent's DBC reader: message, signal and physical value. */
static void the_agents_decoder_reads_what_the_car_says(void **state)
{
	static const struct {
		const char *message, *signal;
		double value;
	} cases[] = {
		{"AirbagStatus", "DriverAirbagDeployed", 1},
		{"AirbagStatus", "PassengerAirbagDeployed", 0},
		{"BeltStatus", "DriverBelted", 1},
		{"VehicleDynamics", "VehicleSpeed", 72},
		{"VehicleDynamics", "LongitudinalAcceleration", -111.11},
		{"WheelSpeeds", "WheelSpeedRearRight", 72},
		{"EngineData", "EngineSpeed", 2260},
		{"EngineData", "CoolantTemperature", 88},
		{"EngineData", "FuelLevel", 62},
		{"BodyStatus", "LowVoltageState", 4},
		{"BodyStatus", "BatteryVoltage", 13.9},
		{"ClusterData", "Odometer", 10000000},
		{"ClusterData", "MalfunctionLamp", 0},
	};
	static char text[65536];
	struct tt_dbc_arena arena = {.used = 0};
	struct tt_dbc_plan plan;
	struct tt_dbc dbc;
	struct tt_dbc_fault fault;
	struct tt_car car;
	char path[512];
	size_t len;
	FILE *f;

	(void)state;
	assert_true(snprintf(path, sizeof(path), "%s/schemas/dbc/telltale_demo.dbc", getenv("TT_SOURCE_DIR")) < (int)sizeof(path));
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	arena.cap = 1 << 20;
	arena.p = malloc(arena.cap);
	if (tt_dbc_parse(text, len, &arena, &dbc, &fault))
		fail_msg("line %u: %s", fault.line, fault.why);
	assert_int_equal(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &arena, &plan), TT_OK);
	tt_car_init(&car);
	car.bags = TT_SIM_FRONT_LEFT;
	car.speed_mm_s = 20000;
	car.accel_mm_s2 = -111110;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_dbc_message *message = tt_dbc_message_by_name(&dbc, cases[i].message);
		struct tt_dbc_value values[16];
		struct tt_can_frame frame;
		struct tt_broadcast b;
		bool found = false;
		size_t n;

		assert_non_null(message);
		tt_broadcast_init(&b, 0);
		assert_true(next_of(&b, &car, TT_SEC(1), message->key, &frame));
		assert_int_equal(frame.len, message->bytes);
		n = tt_dbc_plan_decode(&plan, &frame, values, sizeof(values) / sizeof(values[0]));
		for (size_t v = 0; v < n; v++) {
			if (strcmp(values[v].signal->name, cases[i].signal) != 0)
				continue;
			found = true;
			if (values[v].value < cases[i].value - 1e-9 || values[v].value > cases[i].value + 1e-9)
				fail_msg("%s is %f", cases[i].signal, values[v].value);
		}
		assert_true(found);
	}
	free(arena.p);
}

static void the_bus_sleeps_two_seconds_after_the_ignition_went_off(void **state)
{
	struct tt_broadcast b;
	struct tt_car car;
	struct tt_can_frame frame;

	(void)state;
	tt_car_init(&car);
	tt_broadcast_init(&b, 0);
	car.ignition = TT_CAR_OFF;
	tt_car_step(&car, TT_SEC(1));
	assert_true(next_of(&b, &car, TT_SEC(1), 768, &frame));
	assert_int_equal(frame.data[0] & 7, TT_CAR_OFF);
	tt_car_step(&car, TT_SEC(2));
	assert_false(tt_broadcast_next(&b, &car, TT_SEC(3), &frame));
	car.ignition = TT_CAR_ON;
	assert_true(tt_broadcast_next(&b, &car, TT_SEC(3) + 100000, &frame));
	car.bus_silent = true;
	assert_false(tt_broadcast_next(&b, &car, TT_SEC(4), &frame));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_at_their_periods),
		cmocka_unit_test(a_late_caller_gets_each_message_once),
		cmocka_unit_test(a_fired_bag_is_told_at_once),
		cmocka_unit_test(values_lie_where_the_database_says),
		cmocka_unit_test(the_agents_decoder_reads_what_the_car_says),
		cmocka_unit_test(the_bus_sleeps_two_seconds_after_the_ignition_went_off),
	};

	return cmocka_run_group_tests_name("sim broadcast", tests, NULL, NULL);
}
