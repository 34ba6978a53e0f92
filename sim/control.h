/*
 * The control socket: one scenario action a datagram, for tests that drive a running car ("set dtc P0301 stored"). A sender that has an
 * address of its own hears "ok ..." (what fn put into the message, here where the car is) or "error: ...".
 */
#ifndef TT_SIM_CONTROL_H
#define TT_SIM_CONTROL_H

#include "sim/scenario.h"

enum { TT_CONTROL_LINE = 512 };

struct tt_control {
	int fd; /* -1 = none */
	char path[108];
};

/* Carries out one action; text is the line as it came. */
typedef enum tt_err (*tt_control_fn)(void *ctx, const struct tt_sim_action *action, const char *text, struct tt_errmsg *msg);

/* Binds a socket of mode 0600; a socket left behind by a killed process is replaced. TT_EINVAL path too long or not a socket; TT_EIO. */
TT_MUSTCHECK enum tt_err tt_control_open(struct tt_control *c, const char *path, struct tt_errmsg *msg);
void tt_control_close(struct tt_control *c);
/* Reads what has come (at most 16 datagrams) and answers each. */
void tt_control_serve(struct tt_control *c, tt_control_fn fn, void *ctx);

#endif
