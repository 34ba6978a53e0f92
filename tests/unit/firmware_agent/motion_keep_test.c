#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/agent/motion_keep.h"

#define UTC (INT64_C(1795312800) * 1000000)

static struct tt_motion_config config;
static struct tt_motion m;
static struct tt_trip trip;
static struct tt_odometer odometer;
static struct tt_occurrences open;
static char path[64];

static void fresh(void)
{
	tt_trip_init(&trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&odometer, 1000);
	tt_motion_init(&m, &config, &trip, &odometer);
	memset(&open, 0, sizeof(open));
}

static int setup(void **state)
{
	int fd;

	(void)state;
	(void)strcpy(path, "/tmp/tt_motion_XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	tt_motion_config_init(&config);
	for (unsigned i = 0; i < 2; i++)
		config.fences[i] = (struct tt_fence){.shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1, .points = {{1, 1}}};
	(void)strcpy(config.fences[0].name, "towing"); /* also the name of something else that lasts */
	(void)strcpy(config.fences[1].name, "home");
	config.nfences = 2;
	fresh();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void what_has_begun_goes_on_after_a_restart(void **state)
{
	const tt_mono_us now = TT_SEC(5000);
	tt_mono_us begin;
	int64_t peak, accuracy;
	struct tt_geo_point place;
	bool dwelt;

	(void)state;
	tt_towing_restore(&m.towing, now, (struct tt_geo_point){-333, 1800000000}, 7000, true, TT_SEC(4500));
	for (unsigned slot = 0; slot < TT_SLOT_FENCES + 2; slot++) {
		open.of[slot] = 100 + slot;
		tt_motion_reopen(&m, slot, TT_SEC(4000), -5, slot == TT_SLOT_FENCES + 1);
	}
	tt_fuel_restore(&m.fuel, 61500);
	tt_battery_learn(&m.battery, 20000, 12600);
	tt_battery_learn(&m.battery, 20001, 12580);
	m.battery.told_day = 19999;
	tt_odometer_begin(&odometer, now, 77777);
	assert_int_equal(tt_motion_keep_save(path, &m, &open, now, UTC), TT_OK);
	fresh();
	/* a machine that was started anew, a minute later by UTC */
	assert_int_equal(tt_motion_keep_load(path, &m, &open, TT_SEC(10), UTC + TT_SEC(60)), TT_OK);
	for (unsigned slot = 0; slot < TT_SLOT_FENCES + 2; slot++) {
		assert_int_equal(open.of[slot], 100 + slot);
		assert_true(tt_motion_open(&m, slot, &begin, &peak, &dwelt));
		assert_int_equal(begin, TT_SEC(10 - 60) - (slot == TT_SLOT_TOWING ? TT_SEC(500) : TT_SEC(1000)));
		assert_int_equal(dwelt, slot == TT_SLOT_FENCES + 1);
		assert_true(slot >= TT_SLOT_FENCES || slot == TT_SLOT_TOWING || peak == -5);
	}
	assert_true(tt_towing_anchor(&m.towing, &place, &accuracy));
	assert_int_equal(place.latitude_e7, -333);
	assert_int_equal(place.longitude_e7, 1800000000);
	assert_int_equal(accuracy, 7000);
	assert_int_equal(m.fuel.parked, 61500);
	assert_int_equal(m.battery.ndays, 2);
	assert_int_equal(m.battery.days[1].mv, 12580);
	assert_int_equal(m.battery.told_day, 19999);
	assert_int_equal(tt_odometer_value(&odometer), 77777);
}

static void a_fence_that_is_no_more_is_left_out(void **state)
{
	(void)state;
	open.of[TT_SLOT_FENCES + 1] = 5;
	tt_motion_reopen(&m, TT_SLOT_FENCES + 1, 1, 0, false);
	assert_int_equal(tt_motion_keep_save(path, &m, &open, 1, UTC), TT_OK);
	config.nfences = 1;
	fresh();
	assert_int_equal(tt_motion_keep_load(path, &m, &open, 1, UTC), TT_OK);
	for (unsigned slot = 0; slot < TT_MOTION_SLOTS; slot++)
		assert_int_equal(open.of[slot], 0);
}

static void a_damaged_file_gives_what_stood_before_the_damage(void **state)
{
	static const struct {
		const char *text;
		enum tt_err expected;
	} cases[] = {
		{"", TT_ECORRUPT},
		{"telltale-motion 2 5\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 -5\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5 6\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nend\n", TT_OK},
		{"telltale-motion 1 5\nnonsense 1 2 3\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nday 1 2\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nday 0 12000 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nday 5 100000 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\naged 0 0 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nfuel 100001 0 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nfuel -1 0 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nodometer 0 0 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nparked 900000001 0 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nparked 0 1800000001 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nparked 0 0 1000001\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nopen coolant 0 1 1 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nopen coolant 5 -1 1 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nopen coolant 5 9223372036854775807 1 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nopen coolant 5 1 9223372036854775807 0\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nopen coolant 5 1 1\nend\n", TT_ECORRUPT},
		{"telltale-motion 1 5\nfence coolant 5 1 1 0\nopen coolant 5 1 1 0\nend\n", TT_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(cases[i].text, f);
		fclose(f);
		fresh();
		if (tt_motion_keep_load(path, &m, &open, TT_SEC(1), UTC) != cases[i].expected)
			fail_msg("%s", cases[i].text);
		assert_int_equal(open.of[TT_SLOT_COOLANT], i + 1 == sizeof(cases) / sizeof(cases[0]) ? 5 : 0);
	}
	assert_int_equal(tt_motion_keep_load("/nonexistent/x", &m, &open, 0, 0), TT_ENOTFOUND);
	assert_int_equal(tt_motion_keep_load("/proc/self/mem/x", &m, &open, 0, 0), TT_EIO);
	assert_int_equal(tt_motion_keep_save("/nonexistent/x", &m, &open, 0, 0), TT_EIO);
}

static void the_mark_changes_with_what_is_kept(void **state)
{
	uint64_t mark = tt_motion_keep_mark(&m), next;

	(void)state;
#define CHANGES(statement) \
	statement; \
	next = tt_motion_keep_mark(&m); \
	assert_true(next != mark); \
	mark = next
	CHANGES(tt_motion_reopen(&m, TT_SLOT_COOLANT, 1, 1, false));
	CHANGES(tt_motion_reopen(&m, TT_SLOT_FENCES, 1, 1, false));
	CHANGES(tt_motion_reopen(&m, TT_SLOT_FENCES, 1, 1, true));
	CHANGES(tt_towing_restore(&m.towing, TT_SEC(1), (struct tt_geo_point){1, 1}, 1, false, 0));
	CHANGES(tt_fuel_restore(&m.fuel, 50000));
	CHANGES(tt_battery_learn(&m.battery, 5, 12000));
	CHANGES(m.battery.told_day = 7);
	CHANGES(tt_odometer_begin(&odometer, 1, 5000));
	assert_true(tt_motion_keep_mark(&m) == mark);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_has_begun_goes_on_after_a_restart),
		T(a_fence_that_is_no_more_is_left_out),
		T(a_damaged_file_gives_what_stood_before_the_damage),
		T(the_mark_changes_with_what_is_kept),
	};

	return cmocka_run_group_tests_name("motion keep", tests, NULL, NULL);
}
