/*
 * Carrying out a command: which frames leave when, and what ends it.
 */
#include "firmware/proto/actuate.h"

#include "firmware/proto/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct tt_actuate_plan two_frames(void)
{
	return (struct tt_actuate_plan){
		.frames = {{.id = 0x3B1, .len = 2, .data = {1, 0}}, {.id = 0x3B2, .len = 1, .data = {2}}},
		.pace = {{2, 100}, {1, 50}},
		.nframes = 2,
	};
}

static void frames_leave_in_order_and_at_their_pace(void **state)
{
	const struct tt_actuate_plan plan = two_frames();
	struct tt_actuate a = {.state = TT_ACTUATE_IDLE};
	struct tt_can_frame f;

	(void)state;
	assert_false(tt_actuate_next_tx(&a, 0, &f));
	assert_true(tt_actuate_wake_at(&a) == TT_NEVER);
	tt_actuate_start(&a, &plan, 1000, 0);
	assert_true(tt_actuate_wake_at(&a) == 1000);
	assert_true(tt_actuate_next_tx(&a, 1000, &f));
	assert_int_equal(f.id, 0x3B1);
	assert_false(tt_actuate_next_tx(&a, 1000 + TT_MS(100) - 1, &f));
	assert_true(tt_actuate_wake_at(&a) == 1000 + TT_MS(100));
	assert_true(tt_actuate_next_tx(&a, 1000 + TT_MS(100), &f));
	assert_int_equal(f.id, 0x3B1);
	assert_false(tt_actuate_next_tx(&a, 1000 + TT_MS(200) - 1, &f));
	assert_true(tt_actuate_next_tx(&a, 1000 + TT_MS(200), &f));
	assert_int_equal(f.id, 0x3B2);
	assert_int_equal(a.state, TT_ACTUATE_DONE);
	assert_false(tt_actuate_running(&a));
	assert_int_equal(a.frames, 3);
	assert_false(tt_actuate_next_tx(&a, TT_SEC(9), &f));
	tt_actuate_abort(&a, "too late");
	assert_int_equal(a.state, TT_ACTUATE_DONE);
}

static void the_car_confirms_what_was_sent_and_not_what_was_so_before(void **state)
{
	struct tt_actuate_plan plan = two_frames();
	struct tt_actuate a;
	struct tt_can_frame f;

	(void)state;
	plan.nframes = 1;
	plan.pace[0].times = 1;
	plan.confirm = 34;
	plan.confirm_value = 0;
	plan.within_ms = 500;
	tt_actuate_start(&a, &plan, 0, 0);
	tt_actuate_value(&a, 34, 0); /* before anything was sent */
	assert_int_equal(a.state, TT_ACTUATE_SENDING);
	assert_true(tt_actuate_next_tx(&a, 0, &f));
	assert_int_equal(a.state, TT_ACTUATE_CONFIRMING);
	assert_true(tt_actuate_wake_at(&a) == TT_MS(500));
	tt_actuate_value(&a, 33, 0);
	tt_actuate_value(&a, 34, 1);
	tt_actuate_value(&a, 34, -1);
	tt_actuate_tick(&a, TT_MS(500) - 1);
	assert_int_equal(a.state, TT_ACTUATE_CONFIRMING);
	tt_actuate_value(&a, 34, 0);
	assert_int_equal(a.state, TT_ACTUATE_DONE);
	tt_actuate_start(&a, &plan, 0, 0);
	assert_true(tt_actuate_next_tx(&a, 0, &f));
	tt_actuate_tick(&a, TT_MS(500));
	assert_int_equal(a.state, TT_ACTUATE_FAILED);
	assert_string_equal(a.why, "sent, but the car did not confirm it in time");
	assert_true(tt_actuate_wake_at(&a) == TT_NEVER);
	tt_actuate_value(&a, 34, 0);
	assert_int_equal(a.state, TT_ACTUATE_FAILED);
}

static void a_duration_ends_it_before_the_plan_does(void **state)
{
	struct tt_actuate_plan plan = two_frames();
	struct tt_actuate a;
	struct tt_can_frame f;

	(void)state;
	plan.pace[0].times = 100;
	tt_actuate_start(&a, &plan, 0, 150);
	assert_true(tt_actuate_next_tx(&a, 0, &f));
	assert_true(tt_actuate_next_tx(&a, TT_MS(100), &f));
	assert_true(tt_actuate_wake_at(&a) == TT_MS(150));
	assert_false(tt_actuate_next_tx(&a, TT_MS(200), &f));
	assert_int_equal(a.state, TT_ACTUATE_DONE);
	assert_int_equal(a.frames, 2);
}

static void no_frame_leaves_at_the_end_of_the_duration_or_later(void **state)
{
	const struct tt_actuate_plan plan = two_frames();
	struct tt_actuate a;
	struct tt_can_frame f;

	(void)state;
	tt_actuate_start(&a, &plan, 0, 100);
	assert_true(tt_actuate_next_tx(&a, 0, &f));
	assert_false(tt_actuate_next_tx(&a, TT_MS(100), &f)); /* the second is due just then */
	assert_int_equal(a.state, TT_ACTUATE_DONE);
	tt_actuate_start(&a, &plan, 0, 1); /* the shortest there is */
	assert_true(tt_actuate_next_tx(&a, 0, &f));
	assert_true(tt_actuate_wake_at(&a) == TT_MS(1));
	tt_actuate_tick(&a, TT_MS(1));
	assert_int_equal(a.state, TT_ACTUATE_DONE);
	assert_int_equal(a.frames, 1);
}

static void a_plan_may_have_four_frames(void **state)
{
	struct tt_actuate_plan plan = {.nframes = TT_ACTUATE_FRAMES};
	struct tt_actuate a;
	struct tt_can_frame f;

	(void)state;
	for (unsigned i = 0; i < TT_ACTUATE_FRAMES; i++) {
		plan.frames[i].id = 0x100 + i;
		plan.pace[i].times = 1;
		plan.pace[i].every_ms = TT_ACTUATE_EVERY_MIN_MS;
	}
	tt_actuate_start(&a, &plan, 0, 0);
	for (unsigned i = 0; i < TT_ACTUATE_FRAMES; i++) {
		assert_int_equal(a.state, TT_ACTUATE_SENDING);
		assert_true(tt_actuate_next_tx(&a, TT_MS(50) * (int64_t)i, &f));
		assert_int_equal(f.id, 0x100 + i);
	}
	assert_int_equal(a.state, TT_ACTUATE_DONE);
}

static void an_abort_says_why(void **state)
{
	const struct tt_actuate_plan plan = two_frames();
	struct tt_actuate a;
	struct tt_can_frame f;

	(void)state;
	tt_actuate_start(&a, &plan, 0, 0);
	tt_actuate_abort(&a, "the car is moving");
	assert_int_equal(a.state, TT_ACTUATE_FAILED);
	assert_string_equal(a.why, "the car is moving");
	assert_false(tt_actuate_next_tx(&a, 0, &f));
}

/* The gate lets exactly the opened frames through, for as long as they are opened. */
static void the_gate_opens_for_those_frames_alone(void **state)
{
	const struct tt_actuate_plan plan = two_frames();
	struct tt_can_frame f = plan.frames[0];
	struct tt_gate g;

	(void)state;
	assert_int_equal(tt_gate_init(&g, &tt_gate_read_only), TT_OK);
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	tt_gate_open(&g, plan.frames, plan.nframes);
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &plan.frames[1]), TT_GATE_PASS);
	for (unsigned bit = 0; bit < 16; bit++) {
		f = plan.frames[0];
		f.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	}
	f = plan.frames[0];
	f.len = 3;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f.len = 1;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = plan.frames[0];
	f.extended = true;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = plan.frames[0];
	f.bus = 1;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = plan.frames[0];
	f.id = 0x3B3;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_IDENTIFIER);
	f = plan.frames[0];
	f.rtr = true;
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_BAD_FRAME);
	f = plan.frames[0];
	for (unsigned i = 2; i < tt_gate_read_only.bus_max_per_s; i++) /* two have gone */
		assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_PASS);
	assert_int_equal(tt_gate_check(&g, 0, &f), TT_GATE_BUDGET);
	assert_int_equal(tt_gate_check(&g, TT_SEC(1), &f), TT_GATE_PASS);
	tt_gate_close(&g);
	assert_int_equal(tt_gate_check(&g, TT_SEC(2), &f), TT_GATE_IDENTIFIER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_in_order_and_at_their_pace),
		cmocka_unit_test(the_car_confirms_what_was_sent_and_not_what_was_so_before),
		cmocka_unit_test(a_duration_ends_it_before_the_plan_does),
		cmocka_unit_test(no_frame_leaves_at_the_end_of_the_duration_or_later),
		cmocka_unit_test(a_plan_may_have_four_frames),
		cmocka_unit_test(an_abort_says_why),
		cmocka_unit_test(the_gate_opens_for_those_frames_alone),
	};

	return cmocka_run_group_tests_name("actuate", tests, NULL, NULL);
}
