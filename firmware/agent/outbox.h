/*
 * The outbox: sends what the journal holds, in order per class, alerts first, a small window at a time, and deletes on the gateway's ack.
 *
 * The gateway takes seq hwm+1 (or first_seq_held, when that is larger) and nothing else, so this goes back N: without an ack for
 * resend_us, on an ack with `resend`, and after each reconnect it starts again after the last acknowledged event. The pause doubles up
 * to resend_max_us while nothing is acknowledged, with jitter; an ack that moves on makes it short again. PUBACK plays no part in it.
 *
 * A backlog. When a connection comes and more bulk waits than `backlog`, a whole fleet may have been away: bulk then waits a random time of
 * up to spread_us, and goes one event each pace_us until it has caught up. Alerts and events do not wait: they overtake it; within its
 * class bulk keeps its order.
 *
 * When the journal refuses an alert, tt_outbox_emergency keeps it in memory (firmware/agent/lane.h) and it leaves from there, before
 * everything else, by the same rules and under the lane's own epoch.
 *
 * No I/O of its own but the journal's; time is a parameter; the sender is a function. Memory: the caller's struct with its one buffer of
 * TT_ENVELOPE_MAX_BYTES. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_OUTBOX_H
#define TT_FIRMWARE_AGENT_OUTBOX_H

#include "base/time.h"
#include "firmware/agent/lane.h"
#include "firmware/journal/journal.h"

enum { TT_OUTBOX_WINDOW_MAX = 64 };

/* TT_EAGAIN: not now (the event stays). Any other error counts as the same; the event is sent again later. */
typedef enum tt_err (*tt_outbox_send_fn)(void *ctx, enum tt_class cls, const uint8_t *envelope, size_t len);
/* A factor of 0.75..1.25 in thousandths, so that a fleet does not resend in step. */
typedef unsigned (*tt_outbox_jitter_fn)(void *ctx);

struct tt_outbox_config {
	unsigned window;       /* 1..TT_OUTBOX_WINDOW_MAX, of each class; bulk gets half, at least 1 */
	int64_t resend_us;     /* 15 s */
	int64_t resend_max_us; /* 10 min */
	uint64_t lane_epoch;   /* random, not 0, not the journal's */
	uint64_t backlog;      /* bulk events held that count as one; 0 = never */
	int64_t spread_us, pace_us;
};

struct tt_outbox_class {
	uint64_t acked;                        /* everything up to here is stored at the gateway */
	uint64_t cursor;                       /* last seq sent in this pass */
	uint64_t flight[TT_OUTBOX_WINDOW_MAX]; /* sent and not acknowledged, oldest first */
	unsigned nflight;
	int64_t pause_us;
	tt_mono_us resend_at_us;  /* TT_NEVER when nothing is under way */
	tt_mono_us hold_until_us; /* no rewind on request before */
	uint64_t sent, resent;    /* counters */
};

struct tt_outbox {
	struct tt_journal *journal;
	struct tt_outbox_config cfg;
	tt_outbox_send_fn send;
	tt_outbox_jitter_fn jitter;
	void *ctx;
	bool online;
	bool judge; /* the connection is new: is there a backlog? */
	bool paced;
	tt_mono_us bulk_at_us; /* while paced: when the next bulk may go */
	uint64_t epoch;
	struct tt_outbox_class classes[TT_CLASS_STATE]; /* by enum tt_class; 0 is the lane */
	struct tt_lane lane;
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
};

void tt_outbox_init(struct tt_outbox *o, struct tt_journal *journal, const struct tt_outbox_config *cfg, tt_outbox_send_fn send,
		    tt_outbox_jitter_fn jitter, void *ctx);
/*
 * An alert that the journal refused; the next pump sends it. Bounded: the oldest goes first, counted in lane.evicted. TT_EINVAL, TT_ERANGE:
 * not taken (tt_lane_add).
 */
TT_MUSTCHECK enum tt_err tt_outbox_emergency(struct tt_outbox *o, const uint8_t *envelope, size_t len);
/* The connection came (everything unacknowledged goes out again) or went. */
void tt_outbox_online(struct tt_outbox *o, bool online);
/* Sends what the windows let through. Call after each append and ack, and when the sender has room again. A journal that cannot be read:
 * its error. */
TT_MUSTCHECK enum tt_err tt_outbox_pump(struct tt_outbox *o, tt_mono_us now_us);
/* Deletes and moves on. Errors of the journal. A foreign epoch or class is ignored. */
TT_MUSTCHECK enum tt_err tt_outbox_ack(struct tt_outbox *o, tt_mono_us now_us, const struct tt_ack *ack);
/* Rewinds what waited too long; call tt_outbox_pump afterwards. */
void tt_outbox_tick(struct tt_outbox *o, tt_mono_us now_us);
tt_mono_us tt_outbox_wake_at(const struct tt_outbox *o);
/* Nothing left that the gateway has not acknowledged. */
bool tt_outbox_empty(const struct tt_outbox *o);

#endif
