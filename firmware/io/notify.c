#include "firmware/io/notify.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static int64_t number(const char *text)
{
	int64_t n;

	return text && tt_parse_i64(text, strlen(text), &n) == TT_OK && n > 0 ? n : 0;
}

void tt_notify_open(struct tt_notify *n, const char *socket_path, const char *watchdog_usec, const char *watchdog_pid)
{
	const size_t len = socket_path ? strlen(socket_path) : 0;

	*n = (struct tt_notify){.fd = -1, .to = {.sun_family = AF_UNIX}};
	if (len < 2 || len >= sizeof(n->to.sun_path) || (socket_path[0] != '/' && socket_path[0] != '@'))
		return;
	memcpy(n->to.sun_path, socket_path, len);
	if (socket_path[0] == '@')
		n->to.sun_path[0] = '\0'; /* an abstract name */
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd >= 0 && (!watchdog_pid || number(watchdog_pid) == getpid()))
		n->watchdog_us = number(watchdog_usec);
}

void tt_notify_close(struct tt_notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
	n->watchdog_us = 0;
}

void tt_notify_send(const struct tt_notify *n, const char *lines)
{
	ssize_t sent;

	if (n->fd < 0)
		return;
	sent = sendto(n->fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_len);
	(void)sent; /* it will miss the next WATCHDOG soon enough */
}
