#include "sim/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { AT_ONCE = 16 };

enum tt_err tt_control_open(struct tt_control *c, const char *path, struct tt_errmsg *msg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;
	mode_t mask;
	int rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return tt_errmsg_set(msg, TT_EINVAL, "control %.80s: the path is too long for a socket (107 bytes)", path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return tt_errmsg_set(msg, TT_EINVAL, "control %s: is there and not a socket; remove it or name another", path);
		unlink(path);
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	c->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return tt_errmsg_set(msg, TT_EIO, "control %s: %s", path, strerror(errno));
	mask = umask(0177);
	rc = bind(c->fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc != 0) {
		const enum tt_err err = tt_errmsg_set(msg, TT_EIO, "control %s: %s", path, strerror(errno));

		close(c->fd);
		c->fd = -1;
		return err;
	}
	memcpy(c->path, path, strlen(path) + 1);
	return TT_OK;
}

void tt_control_close(struct tt_control *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	unlink(c->path);
	c->fd = -1;
}

static void answer(const struct tt_control *c, const struct sockaddr_un *to, socklen_t to_len, enum tt_err err, const struct tt_errmsg *msg)
{
	char line[TT_CONTROL_LINE];
	ssize_t sent;
	int n;

	if (to_len <= sizeof(sa_family_t)) /* no address, no answer */
		return;
	n = snprintf(line, sizeof(line), "%s%s%s", err ? "error:" : "ok", err || msg->text[0] ? " " : "",
		     err && !msg->text[0] ? tt_err_text(err) : msg->text);
	if (n <= 0 || (size_t)n >= sizeof(line))
		return;
	sent = sendto(c->fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)to, to_len);
	(void)sent; /* who left does not want to know */
}

void tt_control_serve(struct tt_control *c, tt_control_fn fn, void *ctx)
{
	for (unsigned i = 0; i < AT_ONCE; i++) {
		char line[TT_CONTROL_LINE + 1];
		struct sockaddr_un from = {.sun_family = AF_UNIX};
		socklen_t from_len = sizeof(from);
		struct tt_sim_action action;
		struct tt_errmsg msg = {""};
		enum tt_err err;
		ssize_t n = recvfrom(c->fd, line, TT_CONTROL_LINE, 0, (struct sockaddr *)&from, &from_len);

		if (n < 0)
			return;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\0'))
			n--;
		line[n] = '\0';
		err = tt_sim_action_parse(line, (size_t)n, &action, &msg);
		if (!err)
			err = fn(ctx, &action, line, &msg);
		answer(c, &from, from_len, err, &msg);
	}
}
