/*
 * The feed watcher: a thread that asks the record every few milliseconds whether anybody committed (data_version: no table is read), and
 * publishes what the change feed gained. docs/adr/0008-server.md says why it polls. It also beats the hub's heart and looks whether the
 * sessions of long streams still stand.
 */
#ifndef TT_SERVER_HTTP_WATCH_H
#define TT_SERVER_HTTP_WATCH_H

#include "crm/store/store.h"
#include "server/http/hub.h"

struct tt_watch;

struct tt_watch_stats {
	int64_t last_id;
	int64_t lag_last_us, lag_max_us; /* commit stamp of a change to its publication */
	uint64_t failures;
};

/* store is the watcher's own from here on, also when this fails: it closes it. Starts at the feed's end. TT_ENOMEM, TT_EIO, the store's. */
TT_MUSTCHECK enum tt_err tt_watch_start(struct tt_store *store, struct tt_hub *hub, int64_t poll_us, int64_t heartbeat_us,
					struct tt_watch **out);
void tt_watch_stop(struct tt_watch *watch); /* NULL is fine */
void tt_watch_stats(struct tt_watch *watch, struct tt_watch_stats *out);

/* A tt_hub_fill_fn; ctx is the caller's struct tt_store. */
enum tt_err tt_watch_fill(void *store, int64_t dealer_id, int64_t after, struct tt_hub_fill *fill, int64_t *floor);

#endif
