#include "firmware/agent/head_unit.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_BYTES = 320 };

struct tt_head_unit {
	struct tt_loop *loop;
	tt_head_unit_fn fn;
	void *ctx;
	char path[108];
	int listener, peer; /* -1 = none */
	char line[LINE_BYTES];
	size_t len;
};

static void drop_peer(struct tt_head_unit *h)
{
	if (h->peer < 0)
		return;
	tt_loop_remove(h->loop, h->peer);
	close(h->peer);
	h->peer = -1;
	h->len = 0;
}

static void take_line(struct tt_head_unit *h, char *line)
{
	char *save = NULL, *verb = strtok_r(line, " \r", &save), *id = strtok_r(NULL, " \r", &save);
	uint64_t number;

	if (!verb || !id || tt_parse_hex(id, strlen(id), &number) != TT_OK)
		return;
	if (strcmp(verb, "ack") == 0)
		h->fn(h->ctx, number, true, "");
	else if (strcmp(verb, "refused") == 0)
		h->fn(h->ctx, number, false, save ? save : "");
}

static void on_peer(void *ctx, int fd, unsigned ready)
{
	struct tt_head_unit *h = ctx;
	const ssize_t n = recv(fd, h->line + h->len, sizeof(h->line) - 1 - h->len, 0);
	char *nl;

	(void)ready;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop_peer(h);
		return;
	}
	h->len += (size_t)n;
	h->line[h->len] = '\0';
	while (h->peer >= 0 && (nl = strchr(h->line, '\n'))) {
		char line[LINE_BYTES];
		const size_t used = (size_t)(nl - h->line) + 1;

		*nl = '\0';
		memcpy(line, h->line, used);
		h->len -= used;
		memmove(h->line, nl + 1, h->len + 1);
		take_line(h, line);
	}
	if (h->len == sizeof(h->line) - 1)
		drop_peer(h); /* no line is that long */
}

static void on_listener(void *ctx, int fd, unsigned ready)
{
	struct tt_head_unit *h = ctx;
	const int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)ready;
	if (peer < 0)
		return;
	drop_peer(h);
	if (tt_loop_add(h->loop, peer, TT_LOOP_READ, on_peer, h) != TT_OK) {
		close(peer);
		return;
	}
	h->peer = peer;
}

enum tt_err tt_head_unit_create(struct tt_loop *loop, const char *path, tt_head_unit_fn fn, void *ctx, struct tt_head_unit **out,
				struct tt_errmsg *msg)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct tt_head_unit *h;

	if (strlen(path) >= sizeof(at.sun_path))
		return tt_errmsg_set(msg, TT_ECONFIG, "head-unit %s: the path is too long, at most %zu bytes", path,
				     sizeof(at.sun_path) - 1);
	h = calloc(1, sizeof(*h));
	if (!h)
		return tt_errmsg_set(msg, TT_ENOMEM, "head-unit: out of memory");
	strcpy(at.sun_path, path);
	strcpy(h->path, path);
	h->loop = loop;
	h->fn = fn;
	h->ctx = ctx;
	h->peer = -1;
	h->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)unlink(path);
	if (h->listener < 0 || bind(h->listener, (const struct sockaddr *)&at, sizeof(at)) != 0 || chmod(path, 0660) != 0 ||
	    listen(h->listener, 1) != 0 || tt_loop_add(loop, h->listener, TT_LOOP_READ, on_listener, h) != TT_OK) {
		(void)tt_errmsg_set(msg, TT_ECONFIG, "head-unit %s: %s", path, strerror(errno));
		tt_head_unit_destroy(h);
		return TT_ECONFIG;
	}
	*out = h;
	return TT_OK;
}

void tt_head_unit_destroy(struct tt_head_unit *h)
{
	if (!h)
		return;
	drop_peer(h);
	if (h->listener >= 0) {
		tt_loop_remove(h->loop, h->listener);
		close(h->listener);
		(void)unlink(h->path);
	}
	free(h);
}

bool tt_head_unit_present(const struct tt_head_unit *h)
{
	return h && h->peer >= 0;
}

enum tt_err tt_head_unit_say(struct tt_head_unit *h, const char *line)
{
	char text[2 * LINE_BYTES];
	const int n = snprintf(text, sizeof(text), "%s\n", line);

	if (!tt_head_unit_present(h) || n < 0 || (size_t)n >= sizeof(text))
		return TT_EIO;
	/* A head unit that does not read is as good as none: half a line must not be left in its pipe. */
	if (send(h->peer, text, (size_t)n, MSG_NOSIGNAL) == n)
		return TT_OK;
	drop_peer(h);
	return TT_EIO;
}
