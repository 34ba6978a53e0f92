#include "sim/fleet/units.h"
#include "wire/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants the headers above it */

static enum tt_err count(void *ctx, const struct tt_sample *sample)
{
	(void)sample;
	(*(unsigned *)ctx)++;
	return TT_OK;
}

static void every_class_passes_the_gateways_bounds(void **state)
{
	static const enum tt_class classes[] = {TT_CLASS_ALERT, TT_CLASS_EVENT, TT_CLASS_BULK};

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		static struct tt_fleet_body body;
		struct tt_fleet_unit unit;
		uint8_t buf[TT_FLEET_MESSAGE_MAX];
		Telltale__V1__Envelope *env;
		struct tt_errmsg why = {""};
		struct tt_topic topic;
		unsigned samples = 0;
		size_t len;

		assert_int_equal(tt_fleet_unit_init(&unit, "bench-", 7, 1, classes[i]), TT_OK);
		assert_string_equal(unit.name, "bench-00007");
		assert_int_equal(tt_topic_parse(unit.topic, &topic), TT_OK);
		assert_int_equal(topic.cls, classes[i]);
		assert_int_equal(tt_fleet_body_init(&body, classes[i], 120), TT_OK);
		assert_int_equal(tt_fleet_message(&unit, &body, 3, tt_utc_now(), buf, sizeof(buf), &len), TT_OK);
		if (tt_envelope_decode(buf, len, topic.cls, &env, &why))
			fail_msg("%s: %s", tt_class_name(classes[i]), why.text);
		assert_int_equal(env->seq, 3);
		assert_true(env->epoch == unit.epoch);
		if (classes[i] == TT_CLASS_BULK) {
			const Telltale__V1__TelemetryChunk *t = env->telemetry;

			assert_int_equal(
				tt_chunk_decode(t->columns.data, t->columns.len, t->start_us, t->samples, t->raw_bytes, count, &samples),
				TT_OK);
			assert_int_equal(samples, 120);
		}
		tt_envelope_free(env);
	}
}

static void units_are_told_apart_and_another_seed_is_another_journal(void **state)
{
	struct tt_fleet_unit a, b, other;

	(void)state;
	assert_int_equal(tt_fleet_unit_init(&a, "x", 0, 1, TT_CLASS_BULK), TT_OK);
	assert_int_equal(tt_fleet_unit_init(&b, "x", 1, 1, TT_CLASS_BULK), TT_OK);
	assert_int_equal(tt_fleet_unit_init(&other, "x", 0, 2, TT_CLASS_BULK), TT_OK);
	assert_true(a.epoch != b.epoch && a.epoch != other.epoch);
	assert_int_equal(tt_fleet_unit_init(&a, "not a unit ", 0, 1, TT_CLASS_BULK), TT_EINVAL);
	assert_int_equal(tt_fleet_unit_init(&a, "a-prefix-that-leaves-no-room-for-digits", 0, 1, TT_CLASS_BULK), TT_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_passes_the_gateways_bounds),
		cmocka_unit_test(units_are_told_apart_and_another_seed_is_another_journal),
	};

	return cmocka_run_group_tests_name("sim fleet", tests, NULL, NULL);
}
