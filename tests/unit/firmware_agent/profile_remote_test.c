/*
 * `actuate`: what a profile may say of it, and what is refused by line.
 */
#include "firmware/agent/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tt_profile profile;

static enum tt_err parse(const char *line, struct tt_errmsg *msg)
{
	char text[2048];
	const int n = snprintf(text, sizeof(text), "telltale-profile 1\n%s\n", line);

	assert_true(n > 0 && (size_t)n < sizeof(text));
	return tt_profile_parse("p", text, (size_t)n, &profile, msg);
}

static void a_plan_is_read_frame_by_frame(void **state)
{
	const struct tt_actuate_plan *plan = &profile.remote.plans[TT_COMMAND_UNLOCK];
	struct tt_errmsg msg;

	(void)state;
	assert_int_equal(parse("actuate unlock frame 3B1:01FF\n"
			       "actuate unlock frame 18FF0102:00.11 bus 2 repeat 100 every 5000 "
			       "confirm Vehicle.Cabin.Door.Row1.DriverSide.IsLocked 0 within 60000\n"
			       "actuate-parked-limit 2160",
			       &msg),
			 TT_OK);
	assert_int_equal(plan->nframes, 2);
	assert_true(plan->frames[0].id == 0x3B1 && !plan->frames[0].extended && plan->frames[0].len == 2 && plan->frames[0].bus == 0);
	assert_true(plan->frames[0].data[0] == 1 && plan->frames[0].data[1] == 0xFF);
	assert_true(plan->pace[0].times == 1 && plan->pace[0].every_ms == 50);
	assert_true(plan->frames[1].id == 0x18FF0102 && plan->frames[1].extended && plan->frames[1].bus == 2);
	assert_true(plan->pace[1].times == 100 && plan->pace[1].every_ms == 5000);
	assert_true(plan->confirm == 34 && plan->within_ms == 60000);
	assert_true(profile.remote.off_limit_us == TT_SEC(2160 * 3600));
	for (unsigned k = 0; k < TT_COMMAND_KINDS; k++)
		assert_int_equal(profile.remote.plans[k].nframes, k == TT_COMMAND_UNLOCK ? 2 : 0);
	assert_int_equal(parse("name nothing", &msg), TT_OK);
	assert_int_equal(plan->nframes, 0);
	assert_true(profile.remote.off_limit_us == TT_SEC(120 * 3600));
}

static void mistakes_are_told_by_line(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"actuate unlock frame", "p:2: usage"},
		{"actuate unlock send 3B1:00", "p:2: usage"},
		{"actuate ping frame 3B1:00", "actuate knows"},
		{"actuate clear-codes frame 3B1:00", "actuate knows"},
		{"actuate explode frame 3B1:00", "actuate knows"},
		{"actuate unlock frame 3B100", "wants a classic data frame"},
		{"actuate unlock frame 3B1:", "wants a classic data frame"},
		{"actuate unlock frame 3B1:R", "wants a classic data frame"},
		{"actuate unlock frame 8B1:00", "wants a classic data frame"},
		{"actuate unlock frame 3B1:000102030405060708", "wants a classic data frame"},
		{"actuate unlock frame 3B1:00 bus 8", "bus wants"},
		{"actuate unlock frame 3B1:00 bus", "its values are missing"},
		{"actuate unlock frame 3B1:00 twice", "unknown option"},
		{"actuate unlock frame 3B1:00 repeat 0 every 50", "repeat wants"},
		{"actuate unlock frame 3B1:00 repeat 101 every 50", "repeat wants"},
		{"actuate unlock frame 3B1:00 repeat 2 every 49", "repeat wants"},
		{"actuate unlock frame 3B1:00 repeat 2 every 5001", "repeat wants"},
		{"actuate unlock frame 3B1:00 repeat 2 each 50", "repeat wants"},
		{"actuate unlock frame 3B1:00 repeat 2 every", "its values are missing"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Sped 0 within 5", "no such VSS path"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Speed x within 5", "confirm wants"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Speed 0 before 5", "confirm wants"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Speed 0 within 0", "confirm wants"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Speed 0 within 60001", "confirm wants"},
		{"actuate unlock frame 3B1:00 confirm Vehicle.Speed 0 within 5\nactuate unlock frame 3B1:01 confirm Vehicle.Speed 0 within "
		 "5",
		 "p:3: this kind has its confirmation"},
		{"actuate lock frame 1:00\nactuate lock frame 001:00", "wants a classic data frame"},
		{"actuate lock frame 001:00\nactuate lock frame 001:00\nactuate lock frame 001:00\nactuate lock frame 001:00\nactuate lock "
		 "frame 001:00",
		 "p:6: more than 4 frames"},
		{"actuate-parked-limit", "usage"},
		{"actuate-parked-limit 0", "wants hours"},
		{"actuate-parked-limit 2161", "wants hours"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg msg = {.text = ""};
		const enum tt_err err = parse(cases[i].line, &msg);

		if (err != TT_ECONFIG || !strstr(msg.text, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].line, tt_err_name(err), msg.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_is_read_frame_by_frame),
		cmocka_unit_test(mistakes_are_told_by_line),
	};

	return cmocka_run_group_tests_name("profile remote", tests, NULL, NULL);
}
