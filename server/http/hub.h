/*
 * The hub: change feed in, server-sent event streams out. It knows no HTTP: a stream is a place to read bytes from, and a connection that
 * is parked while there are none.
 *
 * One channel for each scope somebody listens to (a dealer, or 0 for every dealer). A channel keeps its last TT_HUB_RING events as finished
 * bytes, shared by all its streams; a stream is a position in that ring and owns nothing else, so ten thousand cost what one does. A
 * stream that comes back with Last-Event-ID continues inside the ring; one that is further behind, or too slow to keep up, gets a `resync`
 * event and goes on from now. Nothing is ever skipped without one.
 *
 * Threads: every call locks. `park` and `wake` are called with the lock held and must not call back.
 */
#ifndef TT_SERVER_HTTP_HUB_H
#define TT_SERVER_HTTP_HUB_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>
#include <sys/types.h>

enum { TT_HUB_RING = 512, TT_HUB_WAKE_BATCH = 64 };
#define TT_HUB_RESYNC INT64_MAX /* `after` of a client whose number the feed never gave: the record was replaced by an older one */

struct tt_hub;
struct tt_hub_stream;

struct tt_hub_hooks {
	void (*park)(void *conn); /* from within tt_hub_read, before it returns 0 */
	void (*wake)(void *conn); /* from any thread: call tt_hub_read again */
};

struct tt_hub_stats {
	uint64_t published, resyncs, opened;
	unsigned streams, channels;
};

TT_MUSTCHECK enum tt_err tt_hub_create(const struct tt_hub_hooks *hooks, unsigned max_streams, struct tt_hub **out);
/* Every stream must be closed. NULL is fine. */
void tt_hub_destroy(struct tt_hub *hub);

/* ---- the writer: one thread ---- */

/* The feed's number everything up to which was published. Set once at the start, before streams open. */
void tt_hub_start_at(struct tt_hub *hub, int64_t id);
/* Calls fn for every channel that hears changes of this dealer (0: every channel); fn gives the event's text, owned by the hub from then
 * on. fn returning NULL leaves the channel out and makes its streams resync. Ids ascend. */
typedef char *(*tt_hub_render_fn)(void *ctx, int64_t channel_dealer);
void tt_hub_publish(struct tt_hub *hub, int64_t id, int64_t dealer_id, tt_hub_render_fn render, void *ctx);
/* Wakes the streams that have something to read; after a batch of publishes. */
void tt_hub_flush(struct tt_hub *hub);
/* A comment line to every stream, which finds out who is gone; forgets channels nobody listened to since the last two. */
void tt_hub_heartbeat(struct tt_hub *hub);
/* Ends the streams for whose session stands() is false. stands is called without the lock. */
void tt_hub_check_sessions(struct tt_hub *hub, bool (*stands)(void *ctx, const uint8_t token_hash[32]), void *ctx);
/* Ends the streams of one session; all streams, for good. */
void tt_hub_end_session(struct tt_hub *hub, const uint8_t token_hash[32]);
void tt_hub_end_all(struct tt_hub *hub);

/* ---- readers ---- */

/* Reads the scope's changes with id > after into add, oldest first, at most the last TT_HUB_RING of them; *floor: nothing between it and
 * the first one was left out. For filling a channel the first time somebody listens; called without the lock. */
struct tt_hub_fill;
enum tt_err tt_hub_fill_add(struct tt_hub_fill *fill, int64_t id, char *text); /* takes text */
typedef enum tt_err (*tt_hub_fill_fn)(void *ctx, int64_t dealer_id, int64_t after, struct tt_hub_fill *fill, int64_t *floor);

/* after -1: from now on; a number the hub has not come to yet is fine. TT_EFULL: too many streams, or the hub has ended. Errors of fill. */
TT_MUSTCHECK enum tt_err tt_hub_open(struct tt_hub *hub, int64_t dealer_id, int64_t after, const uint8_t token_hash[32],
				     tt_hub_fill_fn fill, void *ctx, struct tt_hub_stream **out);
void tt_hub_close(struct tt_hub_stream *stream);
/* conn goes to park and wake. Bytes read; 0: parked; -1: the stream has ended. */
ssize_t tt_hub_read(struct tt_hub_stream *stream, void *conn, char *buf, size_t max);

void tt_hub_stats(struct tt_hub *hub, struct tt_hub_stats *out);

#endif
