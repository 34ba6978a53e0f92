/* The server's two background threads, each with a store of its own: the outbox's worker and the timers. */
#ifndef TT_SERVER_BACKGROUND_H
#define TT_SERVER_BACKGROUND_H

#include "server/http/metrics.h"
#include "server/notify/notify.h"

struct tt_background;

/* channel and metrics must outlive the threads. A message names what failed. */
TT_MUSTCHECK enum tt_err tt_background_start(const char *store, const struct tt_notify_channel *channel, struct tt_metrics *metrics,
					     struct tt_background **out, struct tt_errmsg *msg);
/* Waits for a sending under way (at most its timeout). NULL is fine. */
void tt_background_stop(struct tt_background *background);

#endif
