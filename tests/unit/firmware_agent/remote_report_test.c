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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(reports_come_faster_for_a_while),
		TT_TESTCAR_TEST(the_driver_s_answer_comes_back),
		TT_TESTCAR_TEST(a_full_state_lists_the_faults_as_they_were_told_and_whose_codes_were_read),
		TT_TESTCAR_TEST(a_full_state_says_when_its_list_is_cut),
		TT_TESTCAR_TEST(a_full_state_says_which_fences_the_car_is_in),
	};

	return cmocka_run_group_tests_name("remote_report", tests, NULL, NULL);
}
