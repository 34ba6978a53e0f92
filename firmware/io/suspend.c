#include "firmware/io/suspend.h"

#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 16, COMMAND_BYTES = 512 };

extern char **environ;

void tt_suspend_init(struct tt_suspend *s, struct tt_loop *loop, void (*done)(void *ctx, bool good), void *ctx)
{
	*s = (struct tt_suspend){.loop = loop, .done = done, .ctx = ctx, .fd = -1};
}

static void close_fd(struct tt_suspend *s)
{
	tt_loop_remove(s->loop, s->fd);
	close(s->fd);
	s->fd = -1;
	s->pid = 0;
}

static void on_exit_of(void *ctx, int fd, unsigned ready)
{
	struct tt_suspend *s = ctx;
	int status = -1;

	(void)fd;
	(void)ready;
	if (waitpid(s->pid, &status, WNOHANG) == 0)
		return;
	close_fd(s);
	s->done(s->ctx, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The loop blocks the signals that end us; the program must be able to get them. */
static int spawn(pid_t *pid, char **words)
{
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	if (posix_spawnattr_init(&attr) != 0)
		return -1;
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(pid, words[0], NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	return rc;
}

enum tt_err tt_suspend_start(struct tt_suspend *s, const char *command, int64_t seconds)
{
	char text[COMMAND_BYTES], last[24], *words[WORDS + 2];
	size_t n = 0;
	enum tt_err err;

	if (s->pid != 0)
		return TT_EEXIST;
	if (strlen(command) >= sizeof(text))
		return TT_EINVAL;
	memcpy(text, command, strlen(command) + 1);
	for (char *save = NULL, *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (n == WORDS)
			return TT_EINVAL;
		words[n++] = w;
	}
	if (n == 0)
		return TT_EINVAL;
	(void)snprintf(last, sizeof(last), "%" PRId64, seconds);
	words[n++] = last;
	words[n] = NULL;
	if (spawn(&s->pid, words) != 0) {
		s->pid = 0;
		return TT_EIO;
	}
	s->fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	err = s->fd < 0 ? TT_EIO : tt_loop_add(s->loop, s->fd, TT_LOOP_READ, on_exit_of, s);
	if (err)
		tt_suspend_stop(s);
	return err;
}

void tt_suspend_stop(struct tt_suspend *s)
{
	if (s->pid == 0)
		return;
	(void)kill(s->pid, SIGTERM);
	(void)waitpid(s->pid, NULL, 0);
	if (s->fd >= 0)
		close_fd(s);
	s->pid = 0;
}
