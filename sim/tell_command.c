#include "sim/commands.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MS = 5000, ANSWER_CAP = 512 };

static int failed(const char *path)
{
	fprintf(stderr, "telltale-sim: control %s: %s; is the simulator running with --control?\n", path, strerror(errno));
	return 1;
}

/* Linux names the socket itself when only the family is bound (unix(7), autobind): the simulator can answer, no file stays behind. */
static int tell(int fd, const char *path, const char *line)
{
	const struct sockaddr_un me = {.sun_family = AF_UNIX};
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char answer[ANSWER_CAP];
	ssize_t n;

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return failed(path);
	}
	memcpy(to.sun_path, path, strlen(path) + 1);
	if (bind(fd, (const struct sockaddr *)&me, sizeof(sa_family_t)) != 0 ||
	    sendto(fd, line, strlen(line), 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return failed(path);
	if (poll(&ready, 1, ANSWER_MS) != 1) {
		errno = ETIMEDOUT;
		return failed(path);
	}
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < 0)
		return failed(path);
	printf("%.*s\n", (int)n, answer);
	return n >= 2 && memcmp(answer, "ok", 2) == 0 ? 0 : 1;
}

int tt_sim_tell(int argc, char *const argv[])
{
	int fd, status;

	if (argc != 3) {
		fprintf(stderr, "usage: telltale-sim tell CONTROL_SOCKET \"ACTION\" (the actions of sim/scenario.h)\n");
		return 2;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed(argv[1]);
	status = tell(fd, argv[1], argv[2]);
	close(fd);
	return status;
}
