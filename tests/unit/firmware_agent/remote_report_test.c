/*
 * Commands that want to know something, or reach the driver: what is reported, and when.
 */
#include "remote_testcar.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void reports_come_faster_for_a_while(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_REPORT_RATE);

	m.interval_ms = 2000;
	m.duration_ms = 10000;
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "");
	assert_int_equal(c->agent->settings->state_interval_ms, 2000);
	tt_remote_tick(c->agent, tt_mono_now() + TT_SEC(11));
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
	assert_int_equal(c->agent->settings->telemetry_interval_ms, 10000);
}

static void the_driver_s_answer_comes_back(void **state)
{
	static char text[] = "Stra\xc3\x9f\x65 frei";
	struct tt_testcar *c = *state;
	Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_DRIVER_MESSAGE);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char line[400], answer[64];
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t n;

	m.text = text;
	m.speak = true;
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_FAILED, "no head unit");
	strcpy(at.sun_path, c->settings.head_unit);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	tt_testcar_run(c, 50, 0, 2, true);
	m = tt_testcar_command(c, TT_COMMAND_DRIVER_MESSAGE);
	m.text = text;
	m.speak = true;
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_ACCEPTED, "handed");
	n = recv(fd, line, sizeof(line) - 1, 0);
	assert_true(n > 0);
	line[n] = '\0';
	(void)snprintf(answer, sizeof(answer), "speak %016llx standing Stra\xc3\x9f\x65 frei\n", (unsigned long long)m.id);
	assert_string_equal(line, answer);
	(void)snprintf(answer, sizeof(answer), "ack %016llx\n", (unsigned long long)m.id);
	assert_int_equal(send(fd, answer, strlen(answer), 0), strlen(answer));
	tt_testcar_run(c, 50, 0, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "acknowledged");
	close(fd);
}

/* ---- full state ---- */

static Telltale__V1__Envelope *full_state(struct tt_testcar *c)
{
	const Telltale__V1__Command m = tt_testcar_command(c, TT_COMMAND_FULL_STATE);
	Telltale__V1__Envelope *env;

	tt_testcar_hand_in(c, &m);
	tt_testcar_run(c, 30, 0, 2, true);
	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "");
	env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_FULL_STATE);
	assert_non_null(env);
	return env;
}

static void a_full_state_lists_the_faults_as_they_were_told_and_whose_codes_were_read(void **state)
{
	static const uint16_t codes[] = {0x0301, 0x0420};
	struct tt_testcar *c = *state;
	struct tt_vehicle *v = c->agent->vehicle;
	const struct tt_fault_before told = {
		.protocol = TT_FAULT_OBD, .ecu = 0x7E8, .code = 0x0301, .status = TT_FAULT_STORED, .mil = true};
	Telltale__V1__Envelope *env;
	const Telltale__V1__FullState *full;

	tt_fault_watch_restore(&v->faults, &told);
	/* P0420 waits for its freeze frame and is told afterwards, by its own event: to list it would raise it twice */
	tt_fault_watch_codes(&v->faults, tt_mono_now(), 0x7E8, TT_FAULT_STORED, codes, 2);
	tt_fault_reads_note(&v->reads, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	env = full_state(c);
	full = env->full_state;
	assert_int_equal(full->n_faults, 1);
	assert_string_equal(full->faults[0]->code, "P0301");
	assert_true(full->faults[0]->stored && full->faults[0]->mil && !full->faults[0]->pending);
	assert_false(full->faults_cut);
	assert_int_equal(full->n_read, 0); /* one list proves nothing */
	telltale__v1__envelope__free_unpacked(env, NULL);
	tt_fault_reads_note(&v->reads, TT_FAULT_OBD, 0x7E8, TT_FAULT_STORED);
	env = full_state(c);
	full = env->full_state;
	assert_int_equal(full->n_read, 1);
	assert_true(full->read[0]->stored && !full->read[0]->pending && !full->read[0]->permanent);
	assert_int_equal(full->read[0]->ecu, 0x7E8);
	assert_int_equal(full->read[0]->protocol, TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2);
	telltale__v1__envelope__free_unpacked(env, NULL);
}

static void a_full_state_says_when_its_list_is_cut(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Envelope *env;

	for (uint32_t code = 1; code <= 64; code++) {
		const struct tt_fault_before told = {.protocol = TT_FAULT_UDS, .ecu = 0x7E8, .code = code << 8, .status = TT_FAULT_STORED};

		tt_fault_watch_restore(&c->agent->vehicle->faults, &told);
	}
	env = full_state(c);
	assert_int_equal(env->full_state->n_faults, 64);
	assert_false(env->full_state->faults_cut);
	telltale__v1__envelope__free_unpacked(env, NULL);
	tt_fault_watch_restore(
		&c->agent->vehicle->faults,
		&(const struct tt_fault_before){.protocol = TT_FAULT_UDS, .ecu = 0x7E8, .code = 65 << 8, .status = TT_FAULT_STORED});
	env = full_state(c);
	assert_int_equal(env->full_state->n_faults, 64);
	assert_true(env->full_state->faults_cut);
	telltale__v1__envelope__free_unpacked(env, NULL);
	memset(c->agent->vehicle->faults.faults, 0, sizeof(c->agent->vehicle->faults.faults));
	c->agent->vehicle->faults.dropped = 1; /* one found no room */
	env = full_state(c);
	assert_true(env->full_state->n_faults == 0 && env->full_state->faults_cut);
	telltale__v1__envelope__free_unpacked(env, NULL);
}

static void a_full_state_says_which_fences_the_car_is_in(void **state)
{
	struct tt_testcar *c = *state;
	struct tt_gps_fix fix = {.latitude_e7 = 487758460, .longitude_e7 = 91829320, .accuracy_mm = 3000};
	Telltale__V1__Envelope *env, *event;
	const Telltale__V1__FullState *full;

	tt_testcar_profile_add(c, "geofence depot circle 48.7758460 9.1829320 200\ngeofence away circle 10 10 100\n");
	for (int i = 0; i < 4; i++) {
		fix.received_us = tt_mono_now();
		tt_agent_motion_fix(c->agent, &fix);
		tt_testcar_run(c, 20, 0, 2, true);
	}
	event = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT);
	assert_non_null(event);
	env = full_state(c);
	full = env->full_state;
	assert_int_equal(full->n_fences, 2);
	assert_string_equal(full->fences[0]->name, "depot");
	assert_true(full->fences[0]->inside && !full->fences[0]->dwelt);
	assert_true(full->fences[0]->occurrence == event->vehicle_event->occurrence);
	assert_true(full->fences[0]->since_us <= event->created_at_us && full->fences[0]->since_us > event->created_at_us - TT_SEC(5));
	assert_string_equal(full->fences[1]->name, "away");
	assert_true(!full->fences[1]->inside && full->fences[1]->occurrence == 0 && full->fences[1]->since_us == 0);
	telltale__v1__envelope__free_unpacked(env, NULL);
	telltale__v1__envelope__free_unpacked(event, NULL);
}

/* ---- clearing codes ---- */

/* What an ECU answers to service 04. */
enum answers { CLEARS, REFUSES, SAYS_NOTHING };

static void diagnose(struct tt_testcar *c, uint32_t id, const uint8_t *data, uint8_t len)
{
	uint8_t frame[8] = {len};

	memcpy(frame + 1, data, len);
	tt_testcar_say(c, id, frame, 8);
}

/* Answers what the agent asked since the last call: discovery, then 04; everything else is not supported. */
static void ecus_answer(struct tt_testcar *c, size_t *heard, enum answers second)
{
	static const uint8_t supported[] = {0x41, 0x00, 0, 0, 0, 0}, cleared[] = {0x44}, conditions[] = {0x7F, 0x04, 0x22};

	for (; *heard < c->nseen; ++*heard) {
		const struct tt_can_frame *f = &c->seen[*heard];
		const uint8_t no[] = {0x7F, f->data[1], 0x11};

		for (uint32_t ecu = 0; ecu < 2; ecu++) {
			if (f->id != 0x7DF && f->id != 0x7E0 + ecu)
				continue;
			if (f->data[1] == 0x01 && f->data[2] == 0x00)
				diagnose(c, 0x7E8 + ecu, supported, sizeof(supported));
			else if (f->data[1] == 0x04 && ecu == 0)
				diagnose(c, 0x7E8, cleared, sizeof(cleared));
			else if (f->data[1] == 0x04 && second != SAYS_NOTHING)
				diagnose(c, 0x7E9, second == CLEARS ? cleared : conditions, second == CLEARS ? 1 : 3);
			else if (f->data[1] != 0x04)
				diagnose(c, 0x7E8 + ecu, no, sizeof(no));
		}
	}
}

static bool both_found(struct tt_testcar *c)
{
	const struct tt_obd_scan *scan = &c->agent->buses[0]->scan;

	return scan->necus == 2 && !scan->ecus[0].silent && !scan->ecus[1].silent;
}

static bool all_over(struct tt_testcar *c)
{
	return !c->agent->remote->clearing.waits;
}

/* The car stands with its ignition on until it is so; a minute is for a machine that does a lot else. */
static void drive_until(struct tt_testcar *c, bool (*so)(struct tt_testcar *c), size_t *heard, enum answers second)
{
	const tt_mono_us until = tt_mono_now() + TT_SEC(60);

	while (!so(c) && tt_mono_now() < until) {
		tt_testcar_run(c, 5, 0, 4, true);
		ecus_answer(c, heard, second);
		if (c->nseen > 200)
			*heard = c->nseen = 0;
	}
	assert_true(so(c));
}

/* The command on a standing car with its ignition on, whose two ECUs were found; a known code each. */
static Telltale__V1__Command clear_codes(struct tt_testcar *c, enum answers second)
{
	size_t heard = 0;
	Telltale__V1__Command m;

	tt_testcar_profile_add(c, "clear-codes allowed\n");
	drive_until(c, both_found, &heard, second);
	for (uint32_t ecu = 0; ecu < 2; ecu++) {
		const struct tt_fault_before told = {
			.protocol = TT_FAULT_OBD, .ecu = 0x7E8 + ecu, .code = 0x0301 + ecu, .status = TT_FAULT_STORED, .mil = true};

		tt_fault_watch_restore(&c->agent->vehicle->faults, &told);
	}
	m = tt_testcar_command(c, TT_COMMAND_CLEAR_CODES);
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_ACCEPTED, "2 ECUs asked, 2 codes known");
	drive_until(c, all_over, &heard, second);
	tt_testcar_run(c, 5, 0, 4, true); /* and into the journal */
	return m;
}

static Telltale__V1__Envelope *told_result(struct tt_testcar *c, uint64_t id)
{
	Telltale__V1__Envelope *env = tt_testcar_told(c, TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT);

	assert_non_null(env);
	assert_true(env->command_result->id == id);
	assert_non_null(env->command_result->cleared);
	return env;
}

static void clearing_codes_tells_what_was_there_and_what_each_ecu_answered(void **state)
{
	struct tt_testcar *c = *state;
	const Telltale__V1__Command m = clear_codes(c, CLEARS);
	Telltale__V1__Envelope *env;
	const Telltale__V1__ClearedCodes *cleared;

	tt_testcar_expect(c, m.id, TT_OUTCOME_DONE, "there were P0301 P0302; 7E8: cleared; 7E9: cleared");
	env = told_result(c, m.id);
	cleared = env->command_result->cleared;
	assert_int_equal(cleared->n_codes, 2);
	assert_string_equal(cleared->codes[0]->code, "P0301");
	assert_string_equal(cleared->codes[1]->code, "P0302");
	assert_true(cleared->codes[1]->ecu == 0x7E9 && cleared->codes[1]->stored && cleared->codes[1]->mil);
	assert_false(cleared->codes_cut);
	assert_int_equal(cleared->n_ecus, 2);
	assert_true(cleared->ecus[0]->ecu == 0x7E8 && cleared->ecus[0]->done && cleared->ecus[1]->ecu == 0x7E9 && cleared->ecus[1]->done);
	telltale__v1__envelope__free_unpacked(env, NULL);
}

static void an_ecu_that_refuses_to_clear_is_named_with_its_reason(void **state)
{
	struct tt_testcar *c = *state;
	const Telltale__V1__Command m = clear_codes(c, REFUSES);
	Telltale__V1__Envelope *env;

	tt_testcar_expect(c, m.id, TT_OUTCOME_FAILED, "7E8: cleared; 7E9: ");
	env = told_result(c, m.id);
	assert_true(env->command_result->cleared->ecus[0]->done && !env->command_result->cleared->ecus[1]->done);
	assert_int_equal(env->command_result->cleared->ecus[1]->nrc, 0x22);
	telltale__v1__envelope__free_unpacked(env, NULL);
}

static void an_ecu_that_does_not_answer_the_clearing_is_told_when_the_wait_is_over(void **state)
{
	struct tt_testcar *c = *state;
	const Telltale__V1__Command m = clear_codes(c, SAYS_NOTHING);

	tt_testcar_expect(c, m.id, TT_OUTCOME_FAILED, "7E8: cleared; 7E9: no answer");
}

static void nothing_is_cleared_where_nobody_answers(void **state)
{
	struct tt_testcar *c = *state;
	Telltale__V1__Command m;

	tt_testcar_profile_add(c, "clear-codes allowed\n");
	tt_testcar_run(c, 50, 0, 4, true);
	m = tt_testcar_command(c, TT_COMMAND_CLEAR_CODES);
	tt_testcar_hand_in(c, &m);
	tt_testcar_expect(c, m.id, TT_OUTCOME_FAILED, "no ECU could be asked: none has answered so far");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(reports_come_faster_for_a_while),
		TT_TESTCAR_TEST(the_driver_s_answer_comes_back),
		TT_TESTCAR_TEST(a_full_state_lists_the_faults_as_they_were_told_and_whose_codes_were_read),
		TT_TESTCAR_TEST(a_full_state_says_when_its_list_is_cut),
		TT_TESTCAR_TEST(a_full_state_says_which_fences_the_car_is_in),
		TT_TESTCAR_TEST(clearing_codes_tells_what_was_there_and_what_each_ecu_answered),
		TT_TESTCAR_TEST(an_ecu_that_refuses_to_clear_is_named_with_its_reason),
		TT_TESTCAR_TEST(an_ecu_that_does_not_answer_the_clearing_is_told_when_the_wait_is_over),
		TT_TESTCAR_TEST(nothing_is_cleared_where_nobody_answers),
	};

	return cmocka_run_group_tests_name("remote_report", tests, NULL, NULL);
}
