#include "sim/car.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static void act(struct tt_car *car, const char *line)
{
	struct tt_sim_action action;
	struct tt_errmsg msg = {""};

	if (tt_sim_action_parse(line, strlen(line), &action, &msg))
		fail_msg("%s: %s", line, msg.text);
	assert_int_equal(tt_car_apply(car, &action), TT_OK);
}

static void a_car_reaches_its_speed_and_the_odometer_counts_the_way(void **state)
{
	struct tt_car car;
	int64_t before_um;

	(void)state;
	tt_car_init(&car);
	act(&car, "speed 72 km/h");
	tt_car_step(&car, TT_SEC(15));
	assert_int_equal(car.speed_mm_s, 20000);
	before_um = car.odometer_um;
	tt_car_step(&car, TT_SEC(10));
	assert_int_equal(car.odometer_um - before_um, INT64_C(200000000));
	act(&car, "stop");
	tt_car_step(&car, TT_SEC(10));
	assert_int_equal(car.speed_mm_s, 0);
	assert_int_equal(car.accel_mm_s2, 0);
	assert_true(tt_car_rpm(&car) >= 700);
}

static void a_crash_takes_its_delta_v_within_100_ms_and_stops_the_engine(void **state)
{
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	act(&car, "speed 50 km/h");
	tt_car_step(&car, TT_SEC(15));
	act(&car, "crash 40 km/h");
	tt_car_step(&car, TT_MS(50));
	assert_in_range(car.speed_mm_s, 13888 - 5556 - 20, 13888 - 5556 + 20);
	assert_in_range(-car.accel_mm_s2, 110000, 112000);
	tt_car_step(&car, TT_MS(50));
	assert_in_range(car.speed_mm_s, 13888 - 11111 - 20, 13888 - 11111 + 20);
	assert_int_equal(tt_car_rpm(&car), 0);
	tt_car_step(&car, TT_SEC(2));
	assert_int_equal(car.speed_mm_s, 0);
	assert_int_equal(car.bags, 0);
	act(&car, "crash driver"); /* into the standing car */
	assert_int_equal(car.bags, TT_SIM_FRONT_LEFT);
	act(&car, "airbag reset");
	assert_int_equal(car.bags, 0);
	act(&car, "drive");
	tt_car_step(&car, TT_SEC(5));
	assert_true(car.speed_mm_s > 5000); /* a repeating scenario goes on with a whole car */
}

static void a_stored_code_lights_the_lamp_and_freezes_the_moment(void **state)
{
	struct tt_car car;
	const struct tt_car_dtc *dtc = &car.ecus[TT_SIM_ECU_ENGINE].dtcs[0];

	(void)state;
	tt_car_init(&car);
	act(&car, "speed 72 km/h");
	tt_car_step(&car, TT_SEC(15));
	act(&car, "set dtc P0301 pending");
	assert_false(tt_car_lamp(&car));
	assert_false(dtc->frozen);
	act(&car, "set dtc P0301 stored freeze load=45");
	assert_true(tt_car_lamp(&car));
	assert_true(dtc->frozen);
	assert_int_equal(car.ecus[TT_SIM_ECU_ENGINE].ndtcs, 1);
	assert_int_equal(dtc->status, TT_SIM_DTC_STORED | TT_SIM_DTC_PENDING);
	assert_int_equal(dtc->freeze[TT_SIM_FREEZE_LOAD], 45000);
	assert_int_equal(dtc->freeze[TT_SIM_FREEZE_SPEED], 72000);
	act(&car, "stop");
	tt_car_step(&car, TT_SEC(10));
	act(&car, "set dtc P0301 permanent");
	assert_int_equal(dtc->freeze[TT_SIM_FREEZE_SPEED], 72000); /* the first moment stays */
}

static void a_tester_clears_all_but_permanent_codes_a_repair_clears_all(void **state)
{
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	act(&car, "set dtc P0301 stored permanent");
	act(&car, "set dtc P0420 pending");
	act(&car, "set dtc U0100 ecu transmission");
	tt_car_clear_by_tester(&car, TT_SIM_ECU_ENGINE);
	assert_int_equal(car.ecus[TT_SIM_ECU_ENGINE].ndtcs, 1);
	assert_int_equal(tt_car_count(&car.ecus[TT_SIM_ECU_ENGINE], TT_SIM_DTC_PERMANENT), 1);
	assert_int_equal(tt_car_count(&car.ecus[TT_SIM_ECU_ENGINE], TT_SIM_DTC_STORED), 0);
	assert_true(tt_car_lamp(&car)); /* the transmission's */
	act(&car, "clear dtc U0100");
	assert_false(tt_car_lamp(&car));
	act(&car, "clear dtc");
	assert_int_equal(car.ecus[TT_SIM_ECU_ENGINE].ndtcs, 0);
}

static void an_ecu_has_room_for_so_many_codes_and_no_more(void **state)
{
	struct tt_sim_action action = {.verb = TT_SIM_VERB_SET_DTC, .status = TT_SIM_DTC_STORED};
	struct tt_car car;

	(void)state;
	tt_car_init(&car);
	for (unsigned i = 0; i < TT_CAR_DTCS; i++) {
		action.code = (uint16_t)(0x0300 + i);
		assert_int_equal(tt_car_apply(&car, &action), TT_OK);
	}
	assert_int_equal(tt_car_apply(&car, &action), TT_OK);
	action.code = 0x0420;
	assert_int_equal(tt_car_apply(&car, &action), TT_EFULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_car_reaches_its_speed_and_the_odometer_counts_the_way),
		cmocka_unit_test(a_crash_takes_its_delta_v_within_100_ms_and_stops_the_engine),
		cmocka_unit_test(a_stored_code_lights_the_lamp_and_freezes_the_moment),
		cmocka_unit_test(a_tester_clears_all_but_permanent_codes_a_repair_clears_all),
		cmocka_unit_test(an_ecu_has_room_for_so_many_codes_and_no_more),
	};

	return cmocka_run_group_tests_name("sim car", tests, NULL, NULL);
}
