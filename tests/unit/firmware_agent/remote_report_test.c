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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT_TESTCAR_TEST(reports_come_faster_for_a_while),
		TT_TESTCAR_TEST(the_driver_s_answer_comes_back),
	};

	return cmocka_run_group_tests_name("remote_report", tests, NULL, NULL);
}
