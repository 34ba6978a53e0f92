/* The car's side of the agent on an in-memory bus: what is decoded, and above all when it transmits and when it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/agent/bus.h"

#include "base/log.h"

enum { IGNITION_OFF = 2, IGNITION_ON = 4 };

static struct tt_loop *loop;
static struct tt_profile profile;
static struct tt_vehicle *vehicle;
static struct tt_bus *bus;
static struct tt_can_port *car;
static struct tt_gate_config gate;
static struct tt_power power;
static unsigned values, batches;
static tt_mono_us now;

static void on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	(void)ctx;
	(void)slot;
	(void)rule;
	(void)at_us;
	(void)value;
	values++;
}

static void on_frame(void *ctx, tt_mono_us at_us, const struct tt_can_frame *f)
{
	(void)ctx;
	(void)at_us;
	tt_vehicle_frame(vehicle, now, f); /* the test's own time */
}

static void on_batch(void *ctx, tt_mono_us now_us)
{
	(void)ctx;
	(void)now_us;
	batches++;
}

static size_t read_file(const char *name, char *buf, size_t cap)
{
	char path[512];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", getenv("TT_SOURCE_DIR"), name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(buf, 1, cap, f);
	fclose(f);
	return n;
}

static void create_bus(const char *address)
{
	const struct tt_bus_handler handler = {.frame = on_frame, .batch = on_batch};
	struct tt_can_filter_set filters = {.n = 0};
	struct tt_obd_scan_config scan = {.dtc_period_us = TT_SEC(1)};
	struct tt_bus_config config = {.address = address, .filters = filters.items, .gate = &gate, .scan = &scan};
	struct tt_errmsg msg;

	tt_vehicle_filters(vehicle, 0, &filters);
	config.nfilters = filters.n;
	assert_true(config.nfilters > 2);
	if (tt_bus_create(loop, &config, &handler, &bus, &msg) != TT_OK)
		fail_msg("%s", msg.text);
}

static int fresh(void **state)
{
	static char text[1 << 16];
	struct tt_errmsg msg;
	size_t n;

	(void)state;
	values = batches = 0;
	gate = tt_gate_read_only;
	assert_int_equal(tt_loop_create(8, &loop), TT_OK);
	n = read_file("schemas/profiles/demo.profile", text, sizeof(text));
	assert_int_equal(tt_profile_parse("demo", text, n, &profile, &msg), TT_OK);
	n = read_file("schemas/dbc/telltale_demo.dbc", text, sizeof(text));
	const struct tt_decoder_text dbc = {.name = "demo.dbc", .text = text, .len = n};

	if (tt_vehicle_create(&profile, &dbc, 1000, on_value, NULL, &vehicle, &msg) != TT_OK)
		fail_msg("%s", msg.text);
	assert_int_equal(tt_can_port_open("memory:bus_test", NULL, 0, &car, &msg), TT_OK);
	create_bus("memory:bus_test");
	now = tt_mono_now();
	tt_power_init(&power, &profile.power, now);
	power.cfg.grace_us = profile.ignition_grace_us;
	return 0;
}

static int away(void **state)
{
	(void)state;
	tt_bus_destroy(bus);
	tt_can_port_close(car);
	tt_vehicle_destroy(vehicle);
	tt_loop_destroy(loop);
	return 0;
}

/* Lets `us` pass in the test's time and counts what the agent transmits meanwhile. */
static unsigned transmitted(int64_t us)
{
	const tt_mono_us end = now + us;
	struct tt_can_frame f;
	tt_mono_us at;
	unsigned n = 0;

	for (; now < end; now += TT_MS(10)) {
		assert_int_equal(tt_loop_turn(loop, 0), TT_OK);
		tt_power_ignition(&power, now, vehicle->ignition);
		tt_bus_tick(bus, now, tt_power_may_ask(&power, now));
		while (tt_can_port_recv(car, &f, &at) == TT_OK)
			n++;
	}
	return n;
}

static void broadcast(uint32_t id, uint8_t first)
{
	const struct tt_can_frame f = {.id = id, .len = 8, .data = {first}};

	assert_int_equal(tt_can_port_send(car, &f), TT_OK);
	assert_int_equal(tt_loop_turn(loop, tt_mono_now() + TT_MS(50)), TT_OK);
}

static void nothing_is_sent_before_the_ignition_is_known_to_be_on(void **state)
{
	(void)state;
	assert_int_equal(transmitted(TT_SEC(30)), 0);
	broadcast(0x300, IGNITION_OFF);
	now += profile.ignition_grace_us;
	assert_int_equal(transmitted(TT_SEC(30)), 0);
}

static void asking_starts_with_the_ignition_and_stops_after_the_grace_so_that_the_car_can_sleep(void **state)
{
	(void)state;
	assert_int_equal(transmitted(TT_MS(50)), 0); /* opens the port */
	broadcast(0x300, IGNITION_ON);
	assert_true(values > 0);
	assert_true(transmitted(TT_SEC(5)) > 0);
	broadcast(0x300, IGNITION_OFF);
	(void)transmitted(profile.ignition_grace_us);
	assert_int_equal(transmitted(TT_SEC(600)), 0);
	broadcast(0x300, IGNITION_ON);
	assert_true(transmitted(TT_SEC(5)) > 0);
}

static void a_silent_car_is_not_asked_even_if_its_last_word_was_ignition_on(void **state)
{
	(void)state;
	assert_int_equal(transmitted(TT_MS(50)), 0);
	broadcast(0x300, IGNITION_ON);
	assert_true(transmitted(TT_SEC(2)) > 0);
	assert_false(tt_bus_silent(bus, bus->heard_us + TT_BUS_SILENT_US));
	assert_true(tt_bus_silent(bus, bus->heard_us + TT_BUS_SILENT_US + 1));
	tt_vehicle_silent(vehicle, now);
	assert_int_equal(transmitted(TT_SEC(60)), 0);
}

static void the_gate_stands_between_the_scan_and_the_bus(void **state)
{
	static const struct tt_gate_rule nothing = {.id = 0x123, .mask = 0x7FF, .services = {0x22}, .max_per_s = 1};

	(void)state;
	tt_bus_destroy(bus);
	gate.rules = &nothing;
	gate.nrules = 1;
	create_bus("memory:bus_test");
	assert_int_equal(transmitted(TT_MS(50)), 0);
	broadcast(0x300, IGNITION_ON);
	assert_int_equal(transmitted(TT_SEC(20)), 0);
	assert_true(bus->refused_us > 0);
	assert_non_null(strstr(bus->refused, "held back: identifier not on the allow-list"));
	assert_true(bus->gate.count[TT_GATE_IDENTIFIER] > 1);
}

static void values_out_of_their_dbc_range_feed_nothing(void **state)
{
	const struct tt_can_frame bad = {.id = 0xB4, .len = 8, .data = {0xFF, 0xFF}}; /* 655.35 km/h: above the signal's maximum */

	(void)state;
	assert_int_equal(transmitted(TT_MS(50)), 0);
	tt_vehicle_frame(vehicle, now, &bad);
	assert_int_equal(vehicle->invalid, 1);
	assert_int_equal(values, 2); /* the accelerations of the same frame are good */
	assert_false(vehicle->trip.speed_known);
}

static void a_bus_that_is_not_there_is_reported_and_looked_for_again(void **state)
{
	tt_mono_us first;

	(void)state;
	tt_bus_destroy(bus);
	create_bus("shared:/nonexistent/folder/for/a/bus");
	tt_bus_tick(bus, now, true);
	assert_true(bus->down);
	assert_non_null(strstr(bus->problem, "/nonexistent/folder"));
	assert_true(tt_bus_silent(bus, now));
	first = tt_bus_wake_at(bus);
	assert_in_range(first - now, TT_MS(250), TT_MS(751));
	tt_bus_tick(bus, first, true);
	assert_true(tt_bus_wake_at(bus) > first);
}

static void a_bus_that_comes_up_without_a_frame_is_not_down_any_more(void **state)
{
	char folder[] = "/tmp/tt_bus_test_XXXXXX", file[64], address[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address, sizeof(address), "shared:%s/bus", folder); /* the port makes the last folder, not the one above */
	assert_int_equal(rmdir(folder), 0);
	tt_bus_destroy(bus);
	create_bus(address);
	tt_bus_tick(bus, now, true);
	assert_true(bus->down);
	assert_int_equal(mkdir(folder, 0700), 0);
	now = tt_bus_wake_at(bus);
	tt_bus_tick(bus, now, true);
	assert_non_null(bus->port);
	assert_true(bus->down); /* an open alone proves nothing: the kernel opens interfaces that are down */
	now += TT_MS(200);
	tt_bus_tick(bus, now, true);
	assert_false(bus->down);
	assert_int_equal(bus->frames, 0);
	tt_bus_destroy(bus);
	bus = NULL;
	snprintf(file, sizeof(file), "%s/bus/bus", folder);
	(void)unlink(file);
	snprintf(file, sizeof(file), "%s/bus", folder);
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_sent_before_the_ignition_is_known_to_be_on, fresh, away),
		cmocka_unit_test_setup_teardown(asking_starts_with_the_ignition_and_stops_after_the_grace_so_that_the_car_can_sleep, fresh,
						away),
		cmocka_unit_test_setup_teardown(a_silent_car_is_not_asked_even_if_its_last_word_was_ignition_on, fresh, away),
		cmocka_unit_test_setup_teardown(the_gate_stands_between_the_scan_and_the_bus, fresh, away),
		cmocka_unit_test_setup_teardown(values_out_of_their_dbc_range_feed_nothing, fresh, away),
		cmocka_unit_test_setup_teardown(a_bus_that_is_not_there_is_reported_and_looked_for_again, fresh, away),
		cmocka_unit_test_setup_teardown(a_bus_that_comes_up_without_a_frame_is_not_down_any_more, fresh, away),
	};

	tt_log_init("bus_test", TT_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
