/*
 * The recorder through the wire and back, and through a journal that loses its power at every step.
 */
#include "firmware/agent/recorder.h"
#include "firmware/journal/journal.h"
#include "tests/support/fault_vfs.h"
#include "wire/captured.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PARTS = 64, SPEED = 0, BELT = 1, BAG = 2, RPM = 3 };
#define T0 TT_SEC(1000)
#define UTC0 (INT64_C(1795312800) * 1000000)

static struct {
	struct tt_recorder r;
	struct tt_chunk *chunk;
	uint8_t columns[60000];
	char path[64];
	struct tt_journal *journal; /* NULL: parts are kept here */
	uint8_t part[PARTS][TT_ENVELOPE_MAX_BYTES];
	size_t len[PARTS], nparts, largest;
	enum tt_err refuse;
	uint32_t promised; /* parts that the journal took */
} w;

static enum tt_err emit(void *ctx, const Telltale__V1__CapturePart *part)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	size_t len;
	enum tt_err err;

	(void)ctx;
	if (w.refuse)
		return w.refuse;
	env.schema = TT_SCHEMA;
	env.epoch = 1;
	env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_EVENT;
	env.seq = env.first_seq_held = 1;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CAPTURE;
	env.capture = (Telltale__V1__CapturePart *)(uintptr_t)part;
	assert_int_equal(tt_envelope_encode(&env, buf, TT_JOURNAL_EVENT_MAX, &len), TT_OK);
	if (w.journal) {
		err = tt_journal_append(w.journal, TT_CLASS_EVENT, buf, len, NULL);
		w.promised += err == TT_OK;
		return err;
	}
	assert_in_range(w.nparts, 0, PARTS - 1);
	memcpy(w.part[w.nparts], buf, len);
	w.len[w.nparts++] = len;
	w.largest = len > w.largest ? len : w.largest;
	return TT_OK;
}

static void start(void)
{
	static const char *const paths[] = {[SPEED] = "Vehicle.Speed",
					    [BELT] = "Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted",
					    [BAG] = "Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed",
					    [RPM] = "Vehicle.Powertrain.CombustionEngine.Speed"};
	const struct tt_recorder_config cfg = {
		.chunk = w.chunk, .columns = w.columns, .columns_cap = sizeof(w.columns), .path = w.path, .emit = emit};

	tt_recorder_init(&w.r, &cfg);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(tt_recorder_signal(&w.r, i, tt_signal_by_path(paths[i], strlen(paths[i]))), TT_OK);
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	if (tt_chunk_create(&w.chunk) != TT_OK)
		return -1;
	strcpy(w.path, "/tmp/tt-recorder-XXXXXX");
	close(mkstemp(w.path));
	unlink(w.path);
	start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(w.path);
	tt_chunk_destroy(w.chunk);
	return 0;
}

/* 60 km/h, then from T0 on 4 km/h less each 10 ms; the belt is fastened and was so for a minute; the bag fires 30 ms after T0. */
static void drive(int from_ms, int to_ms)
{
	for (int ms = from_ms; ms < to_ms; ms += 10) {
		const double kmh = ms < 0 ? 60 : ms < 150 ? 60 - 0.4 * ms : 0;

		tt_recorder_value(&w.r, SPEED, T0 + TT_MS(ms), kmh);
		if (ms % 100 == 0 || ms == 30)
			tt_recorder_value(&w.r, BAG, T0 + TT_MS(ms), ms >= 30);
	}
}

static enum tt_err add(struct tt_captured *c, const uint8_t *bytes, size_t len)
{
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why;
	enum tt_err err;

	if (tt_envelope_decode(bytes, len, TT_CLASS_EVENT, &env, &why))
		fail_msg("%s", why.text);
	assert_int_equal(env->body_case, TELLTALE__V1__ENVELOPE__BODY_CAPTURE);
	err = tt_captured_add(c, env->capture);
	tt_envelope_free(env);
	return err;
}

static void whole_capture(void)
{
	tt_recorder_value(&w.r, BELT, T0 - TT_SEC(60), 1);
	drive(-8000, 0);
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 77, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 55), TT_OK);
	assert_int_equal(tt_recorder_wake_at(&w.r), T0);
	tt_recorder_advance(&w.r, T0);
	tt_recorder_events(&w.r, 2, TT_MS(1300));
	for (int s = 0; s < 5; s++) {
		drive(s * 1000, s * 1000 + 1000);
		assert_int_equal(tt_recorder_wake_at(&w.r), T0 + TT_SEC(s + 1));
		tt_recorder_advance(&w.r, T0 + TT_SEC(s + 1));
	}
}

static void a_capture_goes_through_the_wire_with_its_exact_signals_and_times(void **state)
{
	const struct tt_captured_sample *s;
	struct tt_captured_facts f;
	struct tt_captured *c;
	size_t n;

	(void)state;
	whole_capture();
	assert_int_equal(tt_recorder_wake_at(&w.r), TT_NEVER);
	assert_true(access(w.path, F_OK) != 0);
	assert_in_range(w.nparts, 6, 12);
	assert_in_range(w.largest, 100, 8192);
	assert_int_equal(tt_captured_create(&c), TT_OK);
	for (size_t i = 0; i < w.nparts; i++) /* the last first, and each twice */
		for (int twice = 0; twice < 2; twice++)
			assert_int_equal(add(c, w.part[w.nparts - 1 - i], w.len[w.nparts - 1 - i]), TT_OK);
	tt_captured_facts(c, &f);
	assert_true(f.complete && f.ended);
	assert_int_equal(f.capture, 77);
	assert_int_equal(f.incident, 55);
	assert_int_equal(f.reason, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH);
	assert_int_equal(f.trigger_at_us, UTC0);
	assert_int_equal(f.parts, w.nparts);
	assert_int_equal(f.from_ms, -5000);
	assert_int_equal(f.to_ms, 5000);
	assert_int_equal(f.events, 2);
	assert_int_equal(f.second_event_ms, 1300);
	assert_int_equal(f.lost, 0);
	/* speed: ten a second while steady, every frame while it falls */
	n = tt_captured_samples(c, 1, &s);
	for (size_t i = 0; i < 51; i++) {
		assert_int_equal(s[i].at_ms, -5000 + 100 * (int)i);
		assert_int_equal(s[i].value, 6000);
	}
	for (size_t i = 0; i < 15; i++) {
		assert_int_equal(s[51 + i].at_ms, 10 + 10 * (int)i);
		assert_int_equal(s[51 + i].value, 5600 - 400 * (int)i);
	}
	assert_int_equal(s[n - 1].value, 0);
	assert_in_range(s[n - 1].at_ms, 4900, 5000);
	n = tt_captured_samples(c, 42, &s);
	assert_int_equal(n, 1);
	assert_int_equal(s[0].at_ms, -60000);
	assert_int_equal(s[0].value, 1);
	n = tt_captured_samples(c, 40, &s);
	for (size_t i = 1; i < n; i++)
		assert_int_equal(s[i].value, s[i].at_ms >= 30);
	assert_int_equal(s[51].at_ms, 30);
	/* told apart: what the profile has and was not heard, and what it has not */
	assert_int_equal(tt_captured_samples(c, 5, &s), 0);
	assert_true(tt_captured_mapped(c, 5));
	assert_false(tt_captured_mapped(c, 41));
	tt_captured_destroy(c);
}

static void a_second_trigger_waits_until_the_first_capture_has_ended(void **state)
{
	(void)state;
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 1, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND, 0), TT_OK);
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 2, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 9), TT_EAGAIN);
	tt_recorder_advance(&w.r, T0 + TT_SEC(5));
	assert_int_equal(tt_recorder_wake_at(&w.r), TT_NEVER);
	assert_int_equal(w.nparts, 2); /* nothing was heard: the first, with what is mapped, and the last */
	assert_int_equal(tt_recorder_trigger(&w.r, T0 + TT_SEC(6), UTC0, 2, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 9), TT_OK);
}

static void a_busy_car_is_told_in_parts_that_stay_small(void **state)
{
	struct tt_captured_facts f;
	struct tt_captured *c;
	uint64_t x = 1;

	(void)state;
	for (unsigned slot = 4; slot < 100; slot++)
		assert_int_equal(tt_recorder_signal(&w.r, slot, tt_signal_by_number(slot % 2 ? 9 : 8)), TT_OK);
	for (int ms = -6000; ms <= 0; ms += 10)
		for (unsigned slot = 0; slot < 100; slot++) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
			tt_capture_value(&w.r.ring, slot, T0 + TT_MS(ms), (int32_t)(x >> 33));
		}
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 5, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 9), TT_OK);
	tt_recorder_advance(&w.r, T0);
	assert_in_range(w.nparts, 10, 24);
	assert_in_range(w.largest, 4000, 9000);
	assert_int_equal(tt_captured_create(&c), TT_OK);
	for (size_t i = 0; i < w.nparts; i++)
		assert_int_equal(add(c, w.part[i], w.len[i]), TT_OK);
	tt_captured_facts(c, &f);
	assert_false(f.ended || f.complete);
	assert_int_equal(f.missing, 0);
	tt_captured_destroy(c);
}

static void a_part_the_journal_refuses_leaves_a_hole_that_is_seen(void **state)
{
	struct tt_captured_facts f;
	struct tt_captured *c;

	(void)state;
	drive(-1000, 0);
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 5, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 9), TT_OK);
	w.refuse = TT_EFULL;
	tt_recorder_advance(&w.r, T0);
	w.refuse = TT_OK;
	tt_recorder_advance(&w.r, T0 + TT_SEC(5));
	assert_int_equal(tt_captured_create(&c), TT_OK);
	for (size_t i = 0; i < w.nparts; i++)
		assert_int_equal(add(c, w.part[i], w.len[i]), TT_OK);
	tt_captured_facts(c, &f);
	assert_true(f.ended && !f.complete);
	assert_int_equal(f.missing, 1);
	assert_true(f.lost > 10);
	tt_captured_destroy(c);
}

static void a_restart_closes_the_capture_that_was_under_way(void **state)
{
	struct tt_captured_facts f;
	struct tt_captured *c;

	(void)state;
	assert_int_equal(tt_recorder_resume(&w.r), TT_ENOTFOUND);
	drive(-8000, 0);
	assert_int_equal(tt_recorder_trigger(&w.r, T0, UTC0, 77, TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH, 55), TT_OK);
	drive(0, 1000);
	tt_recorder_advance(&w.r, T0 + TT_SEC(1));
	start(); /* the power was gone; nothing of the old process is left but the file */
	w.refuse = TT_EFULL;
	assert_int_equal(tt_recorder_resume(&w.r), TT_EFULL);
	w.refuse = TT_OK;
	assert_int_equal(tt_recorder_resume(&w.r), TT_OK);
	assert_int_equal(tt_recorder_resume(&w.r), TT_ENOTFOUND);
	assert_int_equal(tt_recorder_wake_at(&w.r), TT_NEVER);
	assert_int_equal(tt_captured_create(&c), TT_OK);
	for (size_t i = w.nparts; i-- > 0;)
		assert_int_equal(add(c, w.part[i], w.len[i]), TT_OK);
	tt_captured_facts(c, &f);
	assert_true(f.ended && !f.complete);
	assert_int_equal(f.missing, 0);
	assert_int_equal(f.parts, w.nparts - 1);
	assert_int_equal(f.incident, 55);
	assert_int_equal(f.from_ms, -5000);
	assert_int_equal(f.to_ms, 1000);
	tt_captured_destroy(c);
}

static void a_file_that_says_nothing_is_removed(void **state)
{
	static const char *const bad[] = {"",
					  "telltale-capture 2 1 1 1 1 end\n",
					  "telltale-capture 1 0000000000000000 1 1 1 end\n",
					  "telltale-capture 1 01 0 1 1 end\n",
					  "telltale-capture 1 01 3 1 1 end\n",
					  "telltale-capture 1 01 1 1 -1 end\n",
					  "telltale-capture 1 01 1 1 1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FILE *f = fopen(w.path, "w");

		assert_non_null(f);
		fputs(bad[i], f);
		fclose(f);
		assert_int_equal(tt_recorder_resume(&w.r), TT_ECORRUPT);
		assert_true(access(w.path, F_OK) != 0);
	}
	assert_int_equal(w.nparts, 0);
}

static void a_foreign_part_and_a_broken_one_change_nothing(void **state)
{
	Telltale__V1__CapturePart part = TELLTALE__V1__CAPTURE_PART__INIT;
	Telltale__V1__TelemetryChunk chunk = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	struct tt_captured_facts f;
	struct tt_captured *c;
	uint8_t noise[8] = {1, 2, 3};

	(void)state;
	assert_int_equal(tt_captured_create(&c), TT_OK);
	part.capture = 5;
	part.part = 2;
	part.samples = &chunk;
	chunk.samples = 3;
	chunk.raw_bytes = 20;
	chunk.columns = (ProtobufCBinaryData){.len = sizeof(noise), .data = noise};
	assert_int_equal(tt_captured_add(c, &part), TT_EPROTO);
	chunk.samples = TT_CAPTURED_SAMPLES_MAX + 1;
	assert_int_equal(tt_captured_add(c, &part), TT_ERANGE);
	part.samples = NULL;
	part.capture = 6; /* the first one did not count */
	assert_int_equal(tt_captured_add(c, &part), TT_OK);
	part.capture = 5;
	part.part = 3;
	assert_int_equal(tt_captured_add(c, &part), TT_EINVAL);
	part.capture = 6;
	part.part = 0;
	assert_int_equal(tt_captured_add(c, &part), TT_EINVAL);
	part.part = 1000;
	assert_int_equal(tt_captured_add(c, &part), TT_EINVAL);
	tt_captured_facts(c, &f);
	assert_int_equal(f.parts, 1);
	assert_int_equal(f.missing, 1);
	tt_captured_destroy(c);
	tt_captured_destroy(NULL);
}

/* Whatever was promised before the cut is there after it, and it is a capture that ends where the power went. */
static void a_power_cut_at_any_step_keeps_the_parts_that_were_taken(void **state)
{
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES};
	unsigned cuts = 0, halves = 0;
	bool whole = false;

	(void)state;
	w.path[0] = '\0';
	for (uint64_t step = 1; !whole; step++) {
		static uint8_t buf[TT_ENVELOPE_MAX_BYTES];
		uint64_t seq = 0, after = 0;
		struct tt_captured_facts f;
		struct tt_captured *c;
		size_t len;

		tt_fault_disk_install();
		start();
		assert_int_equal(tt_journal_open("/disk/journal.db", &limits, &w.journal, NULL), TT_OK);
		w.promised = 0;
		tt_fault_disk_cut_at(step);
		whole_capture();
		whole = !tt_fault_disk_is_cut();
		tt_journal_close(w.journal);
		tt_fault_disk_reboot(step);
		assert_int_equal(tt_journal_open("/disk/journal.db", &limits, &w.journal, NULL), TT_OK);
		assert_int_equal(tt_captured_create(&c), TT_OK);
		for (; tt_journal_next(w.journal, TT_CLASS_EVENT, after, buf, sizeof(buf), &len, &seq) == TT_OK; after = seq)
			assert_int_equal(add(c, buf, len), TT_OK);
		tt_captured_facts(c, &f);
		assert_in_range(f.parts, w.promised, w.promised + 1); /* the cut may fall between commit and return */
		assert_int_equal(f.missing, 0);
		assert_int_equal(f.complete, f.parts >= 6 && f.to_ms == 5000);
		if (f.parts > 0 && !f.complete) {
			const struct tt_captured_sample *s;

			halves++;
			assert_true(tt_captured_samples(c, 1, &s) >= 50);
			assert_int_equal(s[0].at_ms, -5000);
		}
		cuts += !whole;
		tt_captured_destroy(c);
		tt_journal_close(w.journal);
		w.journal = NULL;
		tt_fault_disk_remove();
	}
	print_message("%u power cuts, %u left half a capture\n", cuts, halves);
	assert_true(halves > 10);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_capture_goes_through_the_wire_with_its_exact_signals_and_times),
		T(a_second_trigger_waits_until_the_first_capture_has_ended),
		T(a_busy_car_is_told_in_parts_that_stay_small),
		T(a_part_the_journal_refuses_leaves_a_hole_that_is_seen),
		T(a_restart_closes_the_capture_that_was_under_way),
		T(a_file_that_says_nothing_is_removed),
		T(a_foreign_part_and_a_broken_one_change_nothing),
		T(a_power_cut_at_any_step_keeps_the_parts_that_were_taken),
	};

	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
