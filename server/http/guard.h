/*
 * Against clients that send a request byte by byte to hold a connection (slowloris): libmicrohttpd's own timeout starts anew with every
 * byte. Here a whole request has to be in within `limit_us` of the connection's start or the last answer; otherwise the socket is shut
 * down. Connections that wait for an answer or listen to a stream are not timed.
 *
 * Threads: every call locks.
 */
#ifndef TT_SERVER_HTTP_GUARD_H
#define TT_SERVER_HTTP_GUARD_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

struct tt_guard;
struct tt_guarded; /* one connection */

TT_MUSTCHECK enum tt_err tt_guard_create(int64_t limit_us, struct tt_guard **out);
void tt_guard_destroy(struct tt_guard *guard);

/* NULL when memory ran out: the connection is then not timed. */
struct tt_guarded *tt_guard_add(struct tt_guard *guard, int fd, tt_mono_us now);
void tt_guard_remove(struct tt_guard *guard, struct tt_guarded *conn); /* before the socket is closed; NULL is fine */
/* The request is complete: no limit until it is answered. */
void tt_guard_served(struct tt_guard *guard, struct tt_guarded *conn);
/* Answered: the next request may begin. */
void tt_guard_waiting(struct tt_guard *guard, struct tt_guarded *conn, tt_mono_us now);
/* Shuts down who is too slow; how many. *open: connections there are. */
unsigned tt_guard_sweep(struct tt_guard *guard, tt_mono_us now, unsigned *open);

#endif
