#include "sim/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h> /* wants the headers above it */

struct place {
	char dir[64], socket[96], client[96];
	enum tt_sim_verb last;
	unsigned calls;
};

static enum tt_err on_action(void *ctx, const struct tt_sim_action *action, const char *text, struct tt_errmsg *msg)
{
	struct place *p = ctx;

	p->last = action->verb;
	p->calls++;
	assert_true(strlen(text) > 0);
	return action->verb == TT_SIM_VERB_SET_DTC ? tt_errmsg_set(msg, TT_EFULL, "no room") : TT_OK;
}

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->dir, "/tmp/tt-control-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_true(snprintf(p->socket, sizeof(p->socket), "%s/sim", p->dir) < (int)sizeof(p->socket));
	assert_true(snprintf(p->client, sizeof(p->client), "%s/client", p->dir) < (int)sizeof(p->client));
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	unlink(p->socket);
	unlink(p->client);
	rmdir(p->dir);
	free(p);
	return 0;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	strcpy(a.sun_path, path);
	return a;
}

static void each_line_is_carried_out_and_answered(void **state)
{
	static const struct {
		const char *line, *answer;
		unsigned calls;
	} cases[] = {
		{"airbag driver", "ok", 1},
		{"clear dtc\n", "ok", 2},
		{"set dtc P0301 stored", "error: no room", 3},
		{"airbag roof", "error: airbag wants one of driver", 3},
		{"", "error: an action is missing", 3},
		{"at 3s stop", "error: not an action", 3},
	};
	struct place *p = *state;
	const struct sockaddr_un server = address(p->socket), client = address(p->client);
	struct tt_control c;
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_int_equal(tt_control_open(&c, p->socket, NULL), TT_OK);
	assert_int_equal(stat(p->socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(bind(fd, (const struct sockaddr *)&client, sizeof(client)), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[TT_CONTROL_LINE + 1] = "";

		assert_true(sendto(fd, cases[i].line, strlen(cases[i].line), 0, (const struct sockaddr *)&server, sizeof(server)) >= 0);
		tt_control_serve(&c, on_action, p);
		assert_true(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT) > 0);
		if (strncmp(got, cases[i].answer, strlen(cases[i].answer)) != 0)
			fail_msg("'%s': '%s'", cases[i].line, got);
		assert_int_equal(p->calls, cases[i].calls);
	}
	close(fd);
	tt_control_close(&c);
	assert_int_equal(access(p->socket, F_OK), -1);
}

static void a_socket_left_behind_is_replaced_a_file_is_not(void **state)
{
	struct place *p = *state;
	struct tt_errmsg msg = {""};
	struct tt_control c;
	FILE *f;

	assert_int_equal(tt_control_open(&c, p->socket, NULL), TT_OK);
	close(c.fd); /* as if killed */
	assert_int_equal(tt_control_open(&c, p->socket, NULL), TT_OK);
	tt_control_close(&c);
	f = fopen(p->socket, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(tt_control_open(&c, p->socket, &msg), TT_EINVAL);
	assert_non_null(strstr(msg.text, "not a socket"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_line_is_carried_out_and_answered, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_socket_left_behind_is_replaced_a_file_is_not, make_place, remove_place),
	};

	return cmocka_run_group_tests_name("sim control", tests, NULL, NULL);
}
