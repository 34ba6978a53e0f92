/*
 * J1939-21 transport protocol, receiving: messages of 9 to 1785 bytes put together from announcements (TP.CM) and packets (TP.DT). PURE,
 * sans-IO.
 *
 *     feed (a frame came): true = *out is a whole message, single frames included        tick (time passed)
 *     next_tx (a frame we owe)        wake_at (when to tick)
 *
 * Three kinds of session, each with a slot of a bounded table:
 *   BAM      announced to everybody. Packets in order; a hole ends it, since nobody can ask again. One a source.
 *   heard    RTS/CTS between two others: packets in any order (the receiver may ask for some again), ends with the last missing one, an
 *            acknowledgement, an abort, or time. One a pair of addresses.
 *   ours     RTS to the address that we hold: we grant as much as the sender allows, ask again for what is missing (twice for the same
 *            packet), acknowledge or abort.
 *
 *     RTS, BAM --> open --last packet--> message        open --T1, T2, abort, new announcement, eviction--> given up and counted
 *
 * Without an address nothing is ever sent. A repeated packet is ignored; a full table gives up the session that was idle longest.
 * Times: J1939-21 5.10.2.4: T1 750 ms between packets; after a CTS we ask again when 1000 ms brought nothing, which is within the sender's
 * own T3; heard sessions end T2 = 1250 ms after their last frame, which covers hold messages every 500 ms (Th).
 *
 * Memory: the caller's struct, about 60 KB. A message's data is valid until the next feed. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_TP_H
#define TT_FIRMWARE_PROTO_J1939_TP_H

#include "firmware/proto/j1939.h"

enum { TT_J1939_SESSIONS = 32, TT_J1939_TP_QUEUE = 8, TT_J1939_TP_TRIES = 3 };

/* Control bytes of TP.CM. */
enum { TT_J1939_RTS = 16, TT_J1939_CTS = 17, TT_J1939_END = 19, TT_J1939_BAM = 32, TT_J1939_ABORT = 255 };

/* Why a connection was aborted, J1939-21 table 7. */
enum tt_j1939_abort {
	TT_J1939_ABORT_BUSY = 1,
	TT_J1939_ABORT_RESOURCES = 2,
	TT_J1939_ABORT_TIMEOUT = 3,
	TT_J1939_ABORT_CTS_WHILE_SENDING = 4,
	TT_J1939_ABORT_RETRIES = 5,
	TT_J1939_ABORT_UNEXPECTED_DATA = 6,
	TT_J1939_ABORT_BAD_SEQUENCE = 7,
	TT_J1939_ABORT_DUPLICATE = 8,
	TT_J1939_ABORT_SIZE = 9,
	TT_J1939_ABORT_OTHER = 250,
};
/* Static text, never NULL. */
const char *tt_j1939_abort_text(uint8_t reason);

struct tt_j1939_session {
	bool used, bam, ours;
	uint8_t bus;
	struct tt_j1939_id id; /* of the message; dest is global for BAM */
	uint16_t size;
	uint8_t packets, have;
	uint8_t at_once;    /* ours: packets a CTS may grant; one at least */
	uint8_t window_end; /* ours: last packet granted */
	uint8_t asked_from; /* ours: first packet of the last CTS */
	uint8_t tries;      /* ours: CTS in a row from that packet */
	tt_mono_us heard_us, deadline_us;
	uint8_t seen[32]; /* bit set of packets */
	uint8_t data[TT_J1939_MAX];
};

struct tt_j1939_tp {
	uint8_t address; /* that we hold; TT_J1939_NO_ADDRESS: only listening */
	struct tt_j1939_session sessions[TT_J1939_SESSIONS];
	struct tt_can_frame queue[TT_J1939_TP_QUEUE];
	size_t nqueue;
	uint8_t single[TT_J1939_SINGLE]; /* the last single frame's data */
	struct {
		uint64_t complete;  /* transported messages */
		uint64_t broken;    /* given up: a hole, a new announcement, an acknowledgement of what we did not hear whole */
		uint64_t timeouts;  /* given up: nothing came in time */
		uint64_t aborted;   /* given up: one of the two said so */
		uint64_t evicted;   /* given up: the table was full */
		uint64_t malformed; /* announcements and packets that cannot be */
		uint64_t ignored;   /* packets of no session, repeated packets */
	} count;
	uint8_t last_abort; /* reason of the last abort heard or sent; 0 = none */
};

void tt_j1939_tp_init(struct tt_j1939_tp *t, uint8_t address);
/* We hold this address now, or with TT_J1939_NO_ADDRESS none any more: our sessions end without a word. */
void tt_j1939_tp_address(struct tt_j1939_tp *t, uint8_t address);

TT_MUSTCHECK bool tt_j1939_tp_feed(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, struct tt_j1939_message *out);
void tt_j1939_tp_tick(struct tt_j1939_tp *t, tt_mono_us now_us);
/* One frame we owe (CTS, acknowledgement, abort); false when there is none. */
bool tt_j1939_tp_next_tx(struct tt_j1939_tp *t, struct tt_can_frame *out);
/* When to tick; in the past when a frame waits; TT_NEVER when no session is open. */
tt_mono_us tt_j1939_tp_wake_at(const struct tt_j1939_tp *t);

#endif
