/*
 * What a service manager is told, by systemd's datagram protocol (sd_notify(3)): READY, WATCHDOG, STATUS, STOPPING. Without a manager that
 * wants to know, everything here does nothing.
 *
 * Memory: the caller's. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_IO_NOTIFY_H
#define TT_FIRMWARE_IO_NOTIFY_H

#include "base/time.h"

#include <sys/socket.h>
#include <sys/un.h>

struct tt_notify {
	int fd; /* -1 = nobody wants to know */
	struct sockaddr_un to;
	socklen_t to_len;
	int64_t watchdog_us; /* the manager ends us when it hears nothing for so long; 0 = it does not watch */
};

/* The three are the environment's NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, or NULL. What cannot be used is as if it were not there.
 */
void tt_notify_open(struct tt_notify *n, const char *socket_path, const char *watchdog_usec, const char *watchdog_pid);
void tt_notify_close(struct tt_notify *n);
/* Lines "NAME=value", separated by \n. Never waits; a manager that does not listen is no trouble. */
void tt_notify_send(const struct tt_notify *n, const char *lines);

#endif
