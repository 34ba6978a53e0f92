#include "crm/domain/severity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t mph(double v)
{
	return (uint32_t)(v * 447.04 + 0.5);
}

/* The fitted model's published vectors: frontal, under 55, male; belted and unbelted. */
static void the_model_gives_its_published_probabilities(void **state)
{
	static const struct {
		double mph, belted, unbelted;
	} vectors[] = {
		{10, .0315, .0874}, {15, .0523, .1397}, {20, .0857, .2159}, {25, .1371, .3184},
		{30, .2123, .4421}, {35, .3137, .5734}, {40, .4368, .6951}, {50, .6905, .8677},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		for (int belted = 0; belted <= 1; belted++) {
			struct tt_crash c = {
				.delta_v_mm_s = mph(vectors[i].mph), .frontal = TT_TRI_YES, .age_55 = TT_TRI_NO, .female = TT_TRI_NO};
			struct tt_severity_result r;
			int32_t want = (int32_t)lround(1000 * (belted ? vectors[i].belted : vectors[i].unbelted));

			c.belted = belted ? TT_TRI_YES : TT_TRI_NO;
			tt_severity_judge(&tt_severity_ka6, &c, &r);
			/* Given to 4 places, shown in per mille: at most one off by rounding. */
			if (abs(r.worst_per_mille - want) > 1 || r.worst_per_mille != r.best_per_mille)
				fail_msg("%.0f mph belted %d: %d, not %d", vectors[i].mph, belted, r.worst_per_mille, want);
			assert_int_equal(r.severity, r.worst_per_mille >= 200 ? TT_SEVERITY_HIGH : TT_SEVERITY_NORMAL);
			assert_string_equal(r.rule, "model");
		}
}

/* Against libm, over every combination of inputs and all delta-v up to 250 km/h. */
static void probabilities_agree_with_the_logistic_function_of_libm(void **state)
{
	const struct tt_severity_model *m = &tt_severity_ka6;

	(void)state;
	for (int bits = 0; bits < 16; bits++)
		for (uint32_t dv = 1; dv <= 70000; dv += 97) {
			struct tt_crash c = {.delta_v_mm_s = dv,
					     .belted = bits & 1 ? TT_TRI_YES : TT_TRI_NO,
					     .frontal = bits & 2 ? TT_TRI_YES : TT_TRI_NO};
			struct tt_severity_result r;
			double eta = m->intercept + m->delta_v_mph * dv / 447.04 + (bits & 1 ? m->belted : 0) +
				     (bits & 2 ? m->frontal : 0) + (bits & 4 ? m->age_55 : 0) + (bits & 8 ? m->female : 0);
			double exact = 1000 / (1 + exp(-eta));

			c.age_55 = bits & 4 ? TT_TRI_YES : TT_TRI_NO;
			c.female = bits & 8 ? TT_TRI_YES : TT_TRI_NO;
			tt_severity_judge(m, &c, &r);
			if (fabs(r.worst_per_mille - exact) > 0.5000001)
				fail_msg("dv %u bits %d: %d, exactly %f", dv, bits, r.worst_per_mille, exact);
		}
}

static void the_unknown_is_taken_at_its_worst_and_never_beats_the_known(void **state)
{
	(void)state;
	for (uint32_t dv = 1000; dv <= 40000; dv += 1000) {
		struct tt_crash unknown = {.delta_v_mm_s = dv};
		struct tt_severity_result u, r;

		tt_severity_judge(&tt_severity_ka6, &unknown, &u);
		assert_true(u.best_per_mille < u.worst_per_mille);
		for (int bits = 0; bits < 16; bits++) {
			struct tt_crash c = {.delta_v_mm_s = dv,
					     .belted = bits & 1 ? TT_TRI_YES : TT_TRI_NO,
					     .frontal = bits & 2 ? TT_TRI_YES : TT_TRI_NO,
					     .age_55 = bits & 4 ? TT_TRI_YES : TT_TRI_NO,
					     .female = bits & 8 ? TT_TRI_YES : TT_TRI_NO};

			tt_severity_judge(&tt_severity_ka6, &c, &r);
			assert_in_range(r.worst_per_mille, u.best_per_mille, u.worst_per_mille);
		}
	}
}

static void rules_speak_where_the_model_cannot(void **state)
{
	static const struct {
		const char *name;
		struct tt_crash crash;
		enum tt_severity severity;
		const char *rule;
		bool has_probability;
	} cases[] = {
		{"nothing known", {0}, TT_SEVERITY_UNKNOWN, "no crash data", false},
		{"airbag, speed unknown", {.airbag_deployed = true}, TT_SEVERITY_HIGH, "airbag without delta-v", false},
		{"airbag at walking pace, all known",
		 {.airbag_deployed = true,
		  .delta_v_mm_s = 1500,
		  .belted = TT_TRI_YES,
		  .frontal = TT_TRI_YES,
		  .age_55 = TT_TRI_NO,
		  .female = TT_TRI_NO},
		 TT_SEVERITY_NORMAL,
		 "model",
		 true},
		{"rollover alone", {.rollover = true}, TT_SEVERITY_HIGH, "rollover", false},
		{"rollover beats a mild model",
		 {.rollover = true, .delta_v_mm_s = 500, .belted = TT_TRI_YES},
		 TT_SEVERITY_HIGH,
		 "rollover",
		 true},
		{"absurd delta-v", {.delta_v_mm_s = UINT32_MAX}, TT_SEVERITY_HIGH, "model", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_severity_result r;

		tt_severity_judge(&tt_severity_ka6, &cases[i].crash, &r);
		if (r.severity != cases[i].severity || strcmp(r.rule, cases[i].rule) != 0 ||
		    (r.worst_per_mille >= 0) != cases[i].has_probability || r.worst_per_mille > 1000)
			fail_msg("%s: %s by %s, %d", cases[i].name, tt_severity_name(r.severity), r.rule, r.worst_per_mille);
	}
}

static void belts_are_known_only_when_the_count_of_people_is(void **state)
{
	(void)state;
	assert_int_equal(tt_severity_belts(false, 2, 2), TT_TRI_UNKNOWN);
	assert_int_equal(tt_severity_belts(true, 0, 0), TT_TRI_NO);
	assert_int_equal(tt_severity_belts(true, 1, 0), TT_TRI_UNKNOWN);
	assert_int_equal(tt_severity_belts(true, 1, 2), TT_TRI_NO);
	assert_int_equal(tt_severity_belts(true, 2, 2), TT_TRI_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_gives_its_published_probabilities),
		cmocka_unit_test(probabilities_agree_with_the_logistic_function_of_libm),
		cmocka_unit_test(the_unknown_is_taken_at_its_worst_and_never_beats_the_known),
		cmocka_unit_test(rules_speak_where_the_model_cannot),
		cmocka_unit_test(belts_are_known_only_when_the_count_of_people_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
