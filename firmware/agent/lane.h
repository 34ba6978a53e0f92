/*
 * The emergency lane: alerts that the journal cannot take, in memory, until the gateway has stored them. PURE.
 *
 * An alert is in the journal or here, never in both: it keeps the identity it was sent with. That identity is (the lane's own epoch, alert,
 * seq), with seq 1, 2, 3 ... without holes; the epoch is random, given once a process, and never a journal's, so that the gateway keeps a
 * mark of its own for it and a restart begins anew. When it is full the oldest goes and is counted; first_seq_held then tells the gap.
 *
 * What is here is lost when the process ends: it is the last way out, not a second journal (docs/adr/0006-agent.md).
 *
 * Memory: the caller's struct, about 8 KB. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_LANE_H
#define TT_FIRMWARE_AGENT_LANE_H

#include "wire/envelope.h"

enum { TT_LANE_ALERTS = 8, TT_LANE_BYTES = 1024 };

struct tt_lane {
	uint64_t epoch;
	uint64_t first_seq; /* oldest held; next_seq when none is */
	uint64_t next_seq;
	uint64_t evicted;
	struct {
		size_t len;
		uint8_t bytes[TT_LANE_BYTES]; /* not stamped */
	} alerts[TT_LANE_ALERTS];             /* seq modulo TT_LANE_ALERTS */
};

/* epoch: random, not 0. */
void tt_lane_init(struct tt_lane *lane, uint64_t epoch);
/* Takes one serialised envelope; a full lane lets its oldest go. TT_EINVAL len 0; TT_ERANGE longer than TT_LANE_BYTES: not taken. */
TT_MUSTCHECK enum tt_err tt_lane_add(struct tt_lane *lane, const uint8_t *envelope, size_t len);
/* The first with a seq above after_seq, stamped. TT_ENOTFOUND: none. TT_EFULL: cap is too small. *len and *seq are written on TT_OK. */
TT_MUSTCHECK enum tt_err tt_lane_next(const struct tt_lane *lane, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len, uint64_t *seq);
/* The gateway has everything up to here. A seq that was never given counts as the last one that was; returns what holds now. */
uint64_t tt_lane_ack(struct tt_lane *lane, uint64_t up_to_seq);
uint64_t tt_lane_held(const struct tt_lane *lane);

#endif
