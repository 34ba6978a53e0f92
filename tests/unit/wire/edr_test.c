#include "wire/edr.h"

#include "wire/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UTC0 (INT64_C(1795312800) * 1000000)

static struct tt_captured *c;
static struct tt_chunk *chunk;
static uint32_t mapped[64];
static size_t nmapped;

static int setup(void **state)
{
	(void)state;
	nmapped = 0;
	return tt_captured_create(&c) == TT_OK && tt_chunk_create(&chunk) == TT_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	tt_captured_destroy(c);
	tt_chunk_destroy(chunk);
	return 0;
}

static const struct tt_signal *signal_at(const char *path)
{
	const struct tt_signal *s = tt_signal_by_path(path, strlen(path));

	assert_non_null(s);
	return s;
}

static void map(const char *path)
{
	mapped[nmapped++] = signal_at(path)->number;
}

static void sample(const char *path, int32_t at_ms, double value)
{
	const struct tt_signal *s = signal_at(path);
	const double wire = value * s->scale;
	const struct tt_sample sample = {
		.at_us = UTC0 + TT_MS(at_ms), .signal = s->number, .value = (int64_t)(wire < 0 ? wire - 0.5 : wire + 0.5)};

	assert_int_equal(tt_chunk_add(chunk, &sample), TT_OK);
}

/* Everything in one part. */
static void finish(bool last)
{
	static uint8_t columns[TT_CHUNK_MAX_ENCODED];
	Telltale__V1__TelemetryChunk samples = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__CapturePart part = TELLTALE__V1__CAPTURE_PART__INIT;
	size_t len;

	assert_int_equal(tt_chunk_encode(chunk, columns, sizeof(columns), &len, &samples.start_us, &samples.samples, &samples.raw_bytes),
			 TT_OK);
	samples.columns = (ProtobufCBinaryData){.len = len, .data = columns};
	part.capture = 9;
	part.trigger_at_us = UTC0;
	part.part = 1;
	part.last = last;
	part.mapped = mapped;
	part.n_mapped = nmapped;
	part.events = last ? 2 : 0;
	part.second_event_ms = last ? 1300 : 0;
	part.samples = &samples;
	assert_int_equal(tt_captured_add(c, &part), TT_OK);
}

static struct tt_edr_value value_of(enum tt_edr_element e)
{
	struct tt_edr_value v;

	tt_edr_read(c, e, &v);
	return v;
}

static void speed_is_read_at_eleven_times_as_it_held(void **state)
{
	struct tt_edr_value v;

	(void)state;
	map("Vehicle.Speed");
	sample("Vehicle.Speed", -4700, 50);
	sample("Vehicle.Speed", -4500, 51.25);
	sample("Vehicle.Speed", -4001, 52);
	sample("Vehicle.Speed", 0, 10);
	finish(true);
	v = value_of(TT_EDR_SPEED);
	assert_int_equal(v.status, TT_EDR_OK);
	assert_int_equal(v.n, 11);
	assert_int_equal(v.from_ms, -5000);
	assert_int_equal(v.step_ms, 500);
	assert_false(v.known[0]);
	assert_int_equal(v.value[1], 51250);
	assert_int_equal(v.value[2], 52000);
	assert_int_equal(v.value[9], 52000);
	assert_int_equal(v.value[10], 10000);
	assert_int_equal(value_of(TT_EDR_MULTI_EVENT).value[0], 2);
	assert_int_equal(value_of(TT_EDR_SECOND_EVENT).value[0], 1300);
	assert_int_equal(value_of(TT_EDR_COMPLETE).value[0], 1);
}

static void what_the_car_has_not_and_what_was_not_heard_are_told_apart(void **state)
{
	(void)state;
	map("Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted");
	map("Vehicle.Telltale.AirbagWarningLamp");
	map("Vehicle.Powertrain.CombustionEngine.Speed");
	map("Vehicle.Acceleration.Lateral");
	map("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed");
	sample("Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted", -60000, 1);
	sample("Vehicle.Telltale.AirbagWarningLamp", -999, 1); /* a millisecond too late to say what was a second before */
	sample("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", -5000, 0);
	finish(false);
	assert_int_equal(value_of(TT_EDR_BELT_DRIVER).status, TT_EDR_OK);
	assert_int_equal(value_of(TT_EDR_BELT_DRIVER).value[0], 1);
	assert_int_equal(value_of(TT_EDR_AIRBAG_LAMP).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_ENGINE_RPM).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_ENGINE_RPM).n, 0);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LATERAL).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_AIRBAG_DRIVER).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_BELT_PASSENGER).status, TT_EDR_NOT_MAPPED);
	assert_int_equal(value_of(TT_EDR_SPEED).status, TT_EDR_NOT_MAPPED);
	assert_int_equal(value_of(TT_EDR_SECOND_EVENT).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_AIRBAG_PASSENGER).status, TT_EDR_NOT_MAPPED);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LONGITUDINAL).status, TT_EDR_NOT_MAPPED);
	assert_int_equal(value_of(TT_EDR_MULTI_EVENT).status, TT_EDR_NOT_HEARD);
	assert_int_equal(value_of(TT_EDR_COMPLETE).value[0], 0);
}

static void bags_tell_when_they_fired(void **state)
{
	(void)state;
	map("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed");
	sample("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", -100, 0);
	sample("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", -12, 1);
	sample("Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", 88, 1);
	finish(true);
	assert_int_equal(value_of(TT_EDR_AIRBAG_DRIVER).value[0], -12);
	assert_int_equal(value_of(TT_EDR_AIRBAG_DRIVER).n, 1);
}

/* 10 g for 100 ms from -100 ms on, sampled every 10 ms. */
static void delta_v_is_what_acceleration_adds_up_to(void **state)
{
	struct tt_edr_value v;

	(void)state;
	map("Vehicle.Acceleration.Longitudinal");
	map("Vehicle.Acceleration.Lateral");
	map("Vehicle.Speed");
	for (int32_t ms = -1000; ms < 300; ms += 10) {
		sample("Vehicle.Acceleration.Longitudinal", ms, ms >= -100 && ms < 0 ? -98 : 0);
		sample("Vehicle.Acceleration.Lateral", ms, ms >= 100 && ms < 200 ? 9.8 : 0);
	}
	finish(true);
	v = value_of(TT_EDR_DELTA_V_LONGITUDINAL);
	assert_int_equal(v.n, 41);
	assert_int_equal(v.value[0], 0);
	assert_int_equal(v.value[5], 0);
	assert_int_equal(v.value[6], -980);
	assert_int_equal(v.value[15], -9800);
	assert_int_equal(v.value[40], -9800);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LONGITUDINAL).value[0], -9800);
	assert_int_equal(value_of(TT_EDR_TIME_MAX_DELTA_V_LONGITUDINAL).value[0], 0);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LATERAL).value[0], 980);
	assert_int_equal(value_of(TT_EDR_TIME_MAX_DELTA_V_LATERAL).value[0], 200);
}

static void an_acceleration_that_falls_silent_stands_for_a_tenth_of_a_second(void **state)
{
	(void)state;
	map("Vehicle.Acceleration.Longitudinal");
	sample("Vehicle.Acceleration.Longitudinal", -50, -10);
	finish(true);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LONGITUDINAL).value[0], -1000);
	assert_int_equal(value_of(TT_EDR_TIME_MAX_DELTA_V_LONGITUDINAL).value[0], 50);
}

static void without_acceleration_delta_v_is_the_speed_lost(void **state)
{
	struct tt_edr_value v;

	(void)state;
	map("Vehicle.Speed");
	for (int32_t ms = -140; ms <= 250; ms += 10)
		sample("Vehicle.Speed", ms, ms <= 0 ? 72 : ms <= 100 ? 72 - 0.36 * ms : 36);
	finish(true);
	v = value_of(TT_EDR_DELTA_V_LONGITUDINAL);
	assert_int_equal(v.status, TT_EDR_NOT_HEARD); /* nothing held when the pulse began */
	teardown(NULL);
	setup(NULL);
	map("Vehicle.Speed");
	for (int32_t ms = -200; ms <= 250; ms += 10)
		sample("Vehicle.Speed", ms, ms <= 0 ? 72 : ms <= 100 ? 72 - 0.36 * ms : 36);
	finish(true);
	assert_int_equal(value_of(TT_EDR_MAX_DELTA_V_LONGITUDINAL).value[0], -10000);
	assert_int_equal(value_of(TT_EDR_TIME_MAX_DELTA_V_LONGITUDINAL).value[0], 100);
	assert_int_equal(value_of(TT_EDR_DELTA_V_LONGITUDINAL).value[20], -5000);
}

static void a_pedal_counts_where_there_is_no_brake_switch(void **state)
{
	(void)state;
	map("Vehicle.Chassis.Brake.PedalPosition");
	sample("Vehicle.Chassis.Brake.PedalPosition", -2000, 12.5);
	finish(true);
	assert_int_equal(value_of(TT_EDR_SERVICE_BRAKE).value[6], 12500);
	assert_false(value_of(TT_EDR_SERVICE_BRAKE).known[5]);
}

static void every_element_has_a_name_and_reads_an_empty_capture(void **state)
{
	(void)state;
	for (int e = 0; e < TT_EDR_COUNT; e++) {
		const struct tt_edr_value v = value_of((enum tt_edr_element)e);

		assert_true(strlen(tt_edr_name((enum tt_edr_element)e)) > 3);
		assert_non_null(tt_edr_unit((enum tt_edr_element)e));
		assert_int_equal(v.status, e == TT_EDR_COMPLETE                                  ? TT_EDR_OK
					   : e == TT_EDR_MULTI_EVENT || e == TT_EDR_SECOND_EVENT ? TT_EDR_NOT_HEARD
												 : TT_EDR_NOT_MAPPED);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(speed_is_read_at_eleven_times_as_it_held),
		T(what_the_car_has_not_and_what_was_not_heard_are_told_apart),
		T(bags_tell_when_they_fired),
		T(delta_v_is_what_acceleration_adds_up_to),
		T(an_acceleration_that_falls_silent_stands_for_a_tenth_of_a_second),
		T(without_acceleration_delta_v_is_the_speed_lost),
		T(a_pedal_counts_where_there_is_no_brake_switch),
		T(every_element_has_a_name_and_reads_an_empty_capture),
	};

	return cmocka_run_group_tests_name("edr", tests, NULL, NULL);
}
