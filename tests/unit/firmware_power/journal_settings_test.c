/* The agent's journal-* settings, each by what it does to the whole agent: room, shares, ages, key; and the metric of its commits. */
#include "parked_world.h"
#include "wire_gps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { MIB = 1 << 20, BODY = 400, MANY = 4000, MORE = 8 };

static const char secret[] = "a-subject-nobody-may-read";
static const char key_a[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char key_b[] = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddee00";

static struct parked_world w;
static bool open_now;

static void open_with(const char *const *more)
{
	parked_open(&w, NULL, more);
	open_now = true;
	parked_broker_away = true;
	w.talks = true;
	w.talk_us = w.now_us;
	w.ignition = 4;
}

static int away(void **state)
{
	(void)state;
	if (open_now)
		parked_close(&w);
	open_now = false;
	return 0;
}

/* The receiver confirms the clock, without which nothing is dated. */
static void run_a_while(void)
{
	for (unsigned i = 0; i < 5; i++) {
		const struct tt_gps_fix fix = {.known = true,
					       .three_d = true,
					       .latitude_e7 = 480000000,
					       .longitude_e7 = 90000000,
					       .accuracy_mm = 5000,
					       .fix_at_us = w.utc_us,
					       .received_us = w.now_us};

		wire_gps_say(&fix);
		parked_run(&w, TT_SEC(1));
	}
}

/* As if the computer had been suspended. */
static void days_pass(int64_t days)
{
	w.now_us += days * TT_DAY_US;
	w.utc_us += days * TT_DAY_US;
	w.talk_us = w.now_us;
	tt_clock_stand(w.now_us, w.utc_us);
	run_a_while();
}

static void emit_bulk(void)
{
	static uint8_t columns[BODY];
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TelemetryChunk body = TELLTALE__V1__TELEMETRY_CHUNK__INIT;

	body.start_us = w.utc_us;
	body.samples = 1;
	body.encoding = 1;
	body.raw_bytes = 10;
	body.columns = (ProtobufCBinaryData){.len = sizeof(columns), .data = columns};
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	env.telemetry = &body;
	assert_int_equal(tt_agent_emit(w.agent, w.now_us, TT_CLASS_BULK, &env), TT_OK);
}

static void emit_event(void)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__VehicleEvent body = TELLTALE__V1__VEHICLE_EVENT__INIT;

	body.kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_GEOFENCE;
	body.phase = TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_BEGIN;
	body.occurrence = 1;
	body.at_us = w.utc_us;
	body.subject = (char *)(uintptr_t)secret; /* protobuf-c has no const strings; encoding does not write */
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	env.vehicle_event = &body;
	assert_int_equal(tt_agent_emit(w.agent, w.now_us, TT_CLASS_EVENT, &env), TT_OK);
}

static struct tt_journal_depth depth(enum tt_class cls)
{
	struct tt_journal_depth d;

	tt_journal_depth(w.agent->journal, cls, &d);
	return d;
}

static void path_of(const char *name, char out[128])
{
	assert_true(snprintf(out, 128, "%s/%s", w.folder, name) < 128);
}

static bool exists(const char *name)
{
	char path[128];
	struct stat st;

	path_of(name, path);
	return stat(path, &st) == 0;
}

static bool holds_secret(const char *name)
{
	char path[128];
	uint8_t *bytes = malloc(2 * MIB);
	bool found;
	size_t n;
	FILE *f;

	path_of(name, path);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(bytes);
	n = fread(bytes, 1, 2 * MIB, f);
	assert_int_equal(fclose(f), 0);
	found = memmem(bytes, n, secret, sizeof(secret) - 1) != NULL;
	free(bytes);
	return found;
}

static void journal_max_bytes_is_the_size_of_the_file(void **state)
{
	static const char *const mebibytes[] = {"1048576", "3145728"};
	static const int64_t bytes[] = {1048576, 3145728};

	for (size_t i = 0; i < 2; i++) {
		char option[64], path[128];
		const char *const more[] = {option, NULL};
		struct stat st;

		(void)snprintf(option, sizeof(option), "--journal-max-bytes=%s", mebibytes[i]);
		open_with(more);
		path_of("journal", path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, bytes[i]);
		(void)away(state);
	}
}

/* What a class may take at most, by its share of a journal of one MiB, and what the others lose by it: nothing. */
static void expect_share(enum tt_class cls, const char *option, uint64_t percent)
{
	const char *const more[] = {"--journal-max-bytes=1048576", option, NULL};
	const enum tt_class other = cls == TT_CLASS_BULK ? TT_CLASS_EVENT : TT_CLASS_BULK;

	open_with(more);
	for (unsigned i = 0; i < 3; i++) {
		emit_event();
		emit_bulk();
	}
	for (unsigned i = 0; i < MANY; i++)
		cls == TT_CLASS_BULK ? emit_bulk() : emit_event();
	assert_int_equal(tt_journal_flush(w.agent->journal), TT_OK);
	assert_true(depth(cls).evicted > 0);
	/* of the room in the file, a tenth of which is not for rows */
	assert_in_range(depth(cls).bytes, MIB * percent * 85 / 10000, MIB * percent / 100);
	assert_int_equal(depth(other).evicted, 0);
	assert_int_equal(depth(other).held, 3);
	(void)away(NULL);
}

static void journal_bulk_percent_is_what_telemetry_may_take(void **state)
{
	(void)state;
	expect_share(TT_CLASS_BULK, "--journal-bulk-percent=20", 20);
	expect_share(TT_CLASS_BULK, "--journal-bulk-percent=60", 60);
}

static void journal_event_percent_is_what_events_may_take(void **state)
{
	(void)state;
	expect_share(TT_CLASS_EVENT, "--journal-event-percent=10", 10);
	expect_share(TT_CLASS_EVENT, "--journal-event-percent=40", 40);
}

static void journal_days_are_what_each_class_is_kept(void **state)
{
	static const char *const more[] = {"--journal-bulk-days=2", "--journal-event-days=5", "--gpsd-host=127.0.0.1",
					   "--telemetry-interval-ms=0", NULL};

	(void)state;
	open_with(more);
	run_a_while();
	emit_event();
	emit_bulk();
	assert_int_equal(tt_journal_flush(w.agent->journal), TT_OK);
	const uint64_t events = depth(TT_CLASS_EVENT).held;

	days_pass(1);
	assert_int_equal(depth(TT_CLASS_BULK).evicted, 0);
	days_pass(2);
	assert_int_equal(depth(TT_CLASS_BULK).held, 0);
	assert_int_equal(depth(TT_CLASS_BULK).evicted, 1);
	assert_int_equal(depth(TT_CLASS_EVENT).evicted, 0);
	days_pass(3);
	assert_true(depth(TT_CLASS_EVENT).evicted >= events);
}

static void events_are_kept_for_ever_and_telemetry_for_a_month_unless_told(void **state)
{
	static const char *const more[] = {"--gpsd-host=127.0.0.1", "--telemetry-interval-ms=0", NULL};

	(void)state;
	open_with(more);
	run_a_while();
	emit_event();
	emit_bulk();
	assert_int_equal(tt_journal_flush(w.agent->journal), TT_OK);
	days_pass(29);
	assert_int_equal(depth(TT_CLASS_BULK).evicted, 0);
	days_pass(2);
	assert_int_equal(depth(TT_CLASS_BULK).evicted, 1);
	days_pass(3000);
	assert_int_equal(depth(TT_CLASS_EVENT).evicted, 0);
}

static void write_key(const char *path, const char *key, mode_t mode)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(key, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* As at the end of the program: the journal's log is copied into its file. */
static void stop(void)
{
	tt_agent_destroy(w.agent);
	w.agent = NULL;
	tt_loop_destroy(w.loop);
	assert_int_equal(tt_loop_create(32, &w.loop), TT_OK);
}

/* Ends the agent and starts it with the settings as they are now, on what it left behind. */
static enum tt_err restart(struct tt_errmsg *msg)
{
	stop();
	return tt_agent_create(w.loop, &w.settings, &w.agent, msg);
}

static void journal_key_seals_what_is_on_the_disk(void **state)
{
	static const char *const more[] = {"--journal-max-bytes=1048576", NULL};
	struct tt_errmsg msg;

	(void)state;
	open_with(more);
	emit_event();
	stop();
	assert_true(holds_secret("journal"));
	path_of("key", w.settings.journal_key);
	write_key(w.settings.journal_key, key_a, 0600);
	assert_int_equal(restart(&msg), TT_OK); /* what was plain is sealed in place */
	assert_int_equal(depth(TT_CLASS_EVENT).held, 1);
	emit_event();
	stop();
	assert_false(holds_secret("journal"));
}

static void a_journal_sealed_with_another_key_is_put_aside_and_told(void **state)
{
	static const char *const more[] = {"--journal-max-bytes=1048576", NULL};
	struct tt_errmsg msg;

	(void)state;
	open_with(more);
	path_of("key", w.settings.journal_key);
	write_key(w.settings.journal_key, key_a, 0600);
	assert_int_equal(restart(&msg), TT_OK);
	emit_event();
	write_key(w.settings.journal_key, key_b, 0600);
	assert_int_equal(restart(&msg), TT_OK);
	assert_true(exists("journal.locked-1"));
	parked_broker_away = false;
	parked_run(&w, TT_SEC(70));
	assert_non_null(parked_condition("journal.key"));
	assert_non_null(strstr(parked_condition("journal.key")->detail, "another key"));
}

static void a_key_that_others_can_read_or_that_is_none_is_refused_with_the_way_out(void **state)
{
	static const struct {
		const char *key;
		mode_t mode;
		const char *says;
	} wrong[] = {{NULL, 0, "No such file"}, {key_a, 0644, "chmod 600"}, {"0011", 0600, "64 hexadecimal digits"}};
	static const char *const more[] = {"--journal-max-bytes=1048576", NULL};
	struct tt_errmsg msg;

	(void)state;
	open_with(more);
	path_of("key", w.settings.journal_key);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (wrong[i].key)
			write_key(w.settings.journal_key, wrong[i].key, wrong[i].mode);
		assert_int_equal(restart(&msg), TT_ECONFIG);
		assert_null(w.agent);
		if (!strstr(msg.text, w.settings.journal_key) || !strstr(msg.text, wrong[i].says))
			fail_msg("case %zu: %s", i, msg.text);
	}
}

static void what_is_out_of_range_is_refused_by_its_name(void **state)
{
	static const char *const options[] = {"--journal-max-bytes=1048575", "--journal-max-bytes=1073741825", "--journal-event-percent=0",
					      "--journal-event-percent=101", "--journal-bulk-percent=0",       "--journal-bulk-percent=101",
					      "--journal-event-days=3651",   "--journal-bulk-days=-1",         "--journal-bulk-days=soon"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const char *argv[] = {"telltale-agent", "--unit=CAR-7", "--can=memory:x", "--profile=x", options[i]};
		struct tt_settings settings;
		struct tt_errmsg msg;
		char name[64];
		bool help;

		(void)snprintf(name, sizeof(name), "%.*s", (int)(strchr(options[i], '=') - options[i] - 2), options[i] + 2);
		assert_int_equal(tt_config_load(&tt_settings_spec, &settings, 5, (char **)(uintptr_t)argv, &help, &msg), TT_ECONFIG);
		if (!strstr(msg.text, name))
			fail_msg("%s: %s", options[i], msg.text);
	}
}

/* It was lost: up to a whole chunk at each orderly end. */
static void telemetry_collected_so_far_survives_an_orderly_end(void **state)
{
	struct tt_errmsg msg;
	uint64_t held;

	(void)state;
	open_with(NULL);
	parked_run(&w, TT_SEC(5));
	assert_true(tt_chunk_count(w.agent->telemetry->chunk) > 0);
	assert_int_equal(tt_journal_flush(w.agent->journal), TT_OK);
	held = depth(TT_CLASS_BULK).held;
	assert_int_equal(restart(&msg), TT_OK);
	assert_int_equal(depth(TT_CLASS_BULK).held, held + 1);
}

static void commits_of_the_journal_are_a_metric(void **state)
{
	int64_t before;

	(void)state;
	open_with(NULL);
	parked_broker_away = false;
	parked_run(&w, TT_SEC(70));
	before = parked_metric("journal.commits");
	assert_true(before > 0);
	for (unsigned i = 0; i < MORE; i++)
		emit_event();
	parked_run(&w, TT_SEC(70));
	/* each event at once; what waits longer, telemetry and deletions, adds a few */
	assert_in_range(parked_metric("journal.commits") - before, MORE, MORE + 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(journal_max_bytes_is_the_size_of_the_file, away),
		cmocka_unit_test_teardown(journal_bulk_percent_is_what_telemetry_may_take, away),
		cmocka_unit_test_teardown(journal_event_percent_is_what_events_may_take, away),
		cmocka_unit_test_teardown(journal_days_are_what_each_class_is_kept, away),
		cmocka_unit_test_teardown(events_are_kept_for_ever_and_telemetry_for_a_month_unless_told, away),
		cmocka_unit_test_teardown(journal_key_seals_what_is_on_the_disk, away),
		cmocka_unit_test_teardown(a_journal_sealed_with_another_key_is_put_aside_and_told, away),
		cmocka_unit_test_teardown(a_key_that_others_can_read_or_that_is_none_is_refused_with_the_way_out, away),
		cmocka_unit_test(what_is_out_of_range_is_refused_by_its_name),
		cmocka_unit_test_teardown(telemetry_collected_so_far_survives_an_orderly_end, away),
		cmocka_unit_test_teardown(commits_of_the_journal_are_a_metric, away),
	};

	return cmocka_run_group_tests_name("journal settings", tests, NULL, NULL);
}
