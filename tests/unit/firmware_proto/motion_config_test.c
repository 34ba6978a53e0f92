#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/proto/motion_config.h"

#include <string.h>

static struct tt_motion_config c;
static const char *what;

static int fresh(void **state)
{
	(void)state;
	tt_motion_config_init(&c);
	what = NULL;
	return 0;
}

static struct tt_fence *circle(const char *name)
{
	struct tt_fence *f = &c.fences[c.nfences++];

	*f = (struct tt_fence){.shape = TT_FENCE_CIRCLE, .radius_m = 100, .npoints = 1, .points = {{487758000, 91829000}}};
	(void)strcpy(f->name, name);
	return f;
}

static struct tt_fence *polygon(const char *name, int32_t longitude_e7)
{
	struct tt_fence *f = &c.fences[c.nfences++];

	*f = (struct tt_fence){
		.shape = TT_FENCE_POLYGON, .npoints = 3, .points = {{0, longitude_e7}, {50000000, longitude_e7}, {0, longitude_e7}}};
	(void)strcpy(f->name, name);
	return f;
}

static enum tt_err check(void)
{
	return tt_motion_config_check(&c, &what);
}

static void every_threshold_has_a_default_within_its_range_and_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TT_MOTION_NTHRESHOLDS; i++) {
		const struct tt_motion_threshold_info *t = tt_motion_threshold_info((enum tt_motion_threshold)i);

		assert_true(t->lo <= t->def && t->def <= t->hi && t->lo < t->hi && t->unit[0]);
		assert_int_equal(c.milli[i], t->def);
		assert_int_equal(tt_motion_config_set(&c, t->word, t->lo), TT_OK);
		assert_int_equal(c.milli[i], t->lo); /* and of no other of the same name */
		assert_int_equal(tt_motion_config_set(&c, t->word, t->lo - 1), TT_ERANGE);
		assert_int_equal(c.milli[i], t->lo);
		assert_int_equal(tt_motion_config_set(&c, t->word, t->hi), TT_OK);
		assert_int_equal(tt_motion_config_set(&c, t->word, t->hi + 1), TT_ERANGE);
		assert_int_equal(c.milli[i], t->hi);
		assert_int_equal(check(), TT_OK);
		c.milli[i] = t->hi + 1;
		assert_int_equal(check(), TT_ERANGE);
		assert_string_equal(what, t->word);
		c.milli[i] = t->lo - 1;
		assert_int_equal(check(), TT_ERANGE);
		c.milli[i] = t->def;
	}
	assert_int_equal(tt_motion_config_set(&c, "harsh", 1), TT_ENOTFOUND);
	assert_string_equal(tt_motion_threshold_info(TT_MOTION_SPEED_LIMIT)->word, "speed-limit");
}

static void placards_are_kilopascals_of_a_road_vehicle_or_unknown(void **state)
{
	static const struct {
		int64_t kpa;
		enum tt_err expected;
	} cases[] = {{0, TT_OK}, {99, TT_ERANGE}, {100, TT_OK}, {1200, TT_OK}, {1201, TT_ERANGE}, {-1, TT_ERANGE}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c.placard_kpa[3] = cases[i].kpa;
		assert_int_equal(check(), cases[i].expected);
		assert_true(cases[i].expected == TT_OK || strcmp(what, "tyre-placard") == 0);
	}
}

static void a_fence_needs_a_name_of_its_own(void **state)
{
	(void)state;
	circle("home");
	circle("Work_2.x-y");
	assert_int_equal(check(), TT_OK);
	assert_ptr_equal(tt_motion_config_fence(&c, "Work_2.x-y"), &c.fences[1]);
	assert_null(tt_motion_config_fence(&c, "Work"));
	(void)strcpy(c.fences[1].name, "home");
	assert_int_equal(check(), TT_ERANGE);
	assert_string_equal(what, "home");
	(void)strcpy(c.fences[1].name, "");
	assert_int_equal(check(), TT_ERANGE);
	assert_string_equal(what, "geofence");
	(void)strcpy(c.fences[1].name, "a b");
	assert_int_equal(check(), TT_ERANGE);
	memset(c.fences[1].name, 'n', sizeof(c.fences[1].name)); /* not ended */
	assert_int_equal(check(), TT_ERANGE);
	c.fences[1].name[TT_FENCE_NAME - 1] = '\0';
	assert_int_equal(check(), TT_OK);
	c.nfences = TT_FENCES + 1;
	assert_int_equal(check(), TT_ERANGE);
}

static void a_circle_has_a_centre_and_a_radius_that_a_receiver_can_tell(void **state)
{
	struct tt_fence *f = circle("home");

	(void)state;
	f->radius_m = 19;
	assert_int_equal(check(), TT_ERANGE);
	assert_string_equal(what, "home");
	f->radius_m = 20;
	assert_int_equal(check(), TT_OK);
	f->radius_m = 100000;
	assert_int_equal(check(), TT_OK);
	f->radius_m = 100001;
	assert_int_equal(check(), TT_ERANGE);
	f->radius_m = 100;
	f->npoints = 2;
	assert_int_equal(check(), TT_ERANGE);
	f->npoints = 1;
	f->dwell_s = 30 * 86400;
	assert_int_equal(check(), TT_OK);
	f->dwell_s++;
	assert_int_equal(check(), TT_ERANGE);
	f->dwell_s = 0;
	f->points[0].latitude_e7 = -850000000;
	assert_int_equal(check(), TT_OK);
	f->points[0].latitude_e7--;
	assert_int_equal(check(), TT_ERANGE);
	f->points[0] = (struct tt_geo_point){0, 1800000001};
	assert_int_equal(check(), TT_ERANGE);
	f->points[0].longitude_e7 = -1800000000;
	assert_int_equal(check(), TT_OK);
	f->shape = (enum tt_fence_shape)2;
	assert_int_equal(check(), TT_ERANGE);
}

static void a_polygon_has_3_to_64_points_within_ten_degrees_also_across_the_antimeridian(void **state)
{
	struct tt_fence *f = polygon("area", 1780000000);

	(void)state;
	assert_int_equal(check(), TT_OK);
	f->points[1].longitude_e7 = -1770000000; /* 5 degrees on, the short way */
	assert_int_equal(check(), TT_OK);
	f->points[1].longitude_e7++;
	assert_int_equal(check(), TT_ERANGE);
	f->points[1].longitude_e7 = 1730000000;
	assert_int_equal(check(), TT_OK);
	f->points[1].longitude_e7--;
	assert_int_equal(check(), TT_ERANGE);
	f->points[1] = (struct tt_geo_point){50000001, 1780000000};
	assert_int_equal(check(), TT_ERANGE);
	f->points[1].latitude_e7 = -50000000;
	assert_int_equal(check(), TT_OK);
	f->npoints = 2;
	assert_int_equal(check(), TT_ERANGE);
	f->npoints = 64;
	memcpy(&f->points[3], &f->points[0], sizeof(f->points[0]));
	for (int i = 4; i < 64; i++)
		f->points[i] = f->points[0];
	assert_int_equal(check(), TT_OK);
	f->npoints = 65;
	assert_int_equal(check(), TT_ERANGE);
}

#define T(name) cmocka_unit_test_setup(name, fresh)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_threshold_has_a_default_within_its_range_and_a_name_of_its_own),
		T(placards_are_kilopascals_of_a_road_vehicle_or_unknown),
		T(a_fence_needs_a_name_of_its_own),
		T(a_circle_has_a_centre_and_a_radius_that_a_receiver_can_tell),
		T(a_polygon_has_3_to_64_points_within_ten_degrees_also_across_the_antimeridian),
	};

	return cmocka_run_group_tests_name("motion config", tests, NULL, NULL);
}
