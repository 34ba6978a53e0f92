/*
 * ISO 15765-2 transport (ISO-TP) on one pair of identifiers: messages of up to 4095 bytes in CAN frames of 8. PURE, sans-IO.
 *
 *     feed (a frame came), tick (time passed)  ->  next_event (message, sent, failure), next_tx (a frame to send), wake_at (when to tick)
 *
 * Receiving and sending are independent (full duplex, 9.8.3). After every feed and tick the caller takes all events and all frames. A
 * frame that next_tx hands out counts as sent at that time; when the bus refuses it, drop it: the peer's or our timeout tells.
 *
 *     receive  IDLE --first frame--> BUSY (flow control out) --last consecutive--> IDLE + MESSAGE
 *                                    BUSY --N_Cr, wrong sequence, new SF/FF--> IDLE + RX_FAILED
 *     send     IDLE --send--> FIRST --next_tx--> WAIT_FC --CTS--> BLOCK --block end--> WAIT_FC ... --last--> IDLE + SENT
 *                                    WAIT_FC --N_Bs, overflow, bad status, too many waits--> IDLE + TX_FAILED
 *
 * What the standard tells a receiver to ignore is ignored and counted (9.8.3, 9.6): frames too short for their contents, single frames of
 * length 0 or above 7, first frames below 8, consecutive frames and flow controls nobody waits for.
 *
 * Memory: the caller owns the struct and the receive buffer; bytes given to tt_isotp_send are borrowed until SENT or TX_FAILED.
 * Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_ISOTP_H
#define TT_FIRMWARE_PROTO_ISOTP_H

#include "base/time.h"
#include "firmware/proto/can_frame.h"

enum { TT_ISOTP_MAX = 4095, TT_ISOTP_SINGLE_MAX = 7 };

/* Zero means "the default" where a default is named. */
struct tt_isotp_config {
	uint32_t tx_id, rx_id;
	bool extended;      /* both identifiers are 29 bits */
	uint8_t bus;        /* stamped on sent frames; received frames of another bus are not ours */
	bool pad;           /* fill sent frames to 8 bytes (ISO 15765-4 demands it) */
	uint8_t pad_byte;   /* 0xCC, 0xAA and 0x00 are usual */
	uint8_t block_size; /* in our flow control; 0 = the whole message in one block */
	uint8_t st_min;     /* in our flow control, as coded on the wire: 00-7F ms, F1-F9 100-900 us */
	uint8_t wait_max;   /* consecutive WAIT flow controls we accept as sender; default 10 */
	int64_t n_bs_us;    /* sender's wait for flow control; default 1 s */
	int64_t n_cr_us;    /* receiver's wait for a consecutive frame; default 1 s */
};

enum tt_isotp_event_kind {
	TT_ISOTP_MESSAGE,   /* data, len: valid until the next feed */
	TT_ISOTP_SENT,      /* the last frame was handed out */
	TT_ISOTP_RX_FAILED, /* why */
	TT_ISOTP_TX_FAILED, /* why */
};

enum tt_isotp_failure {
	TT_ISOTP_TIMEOUT_CR,     /* N_TIMEOUT_Cr */
	TT_ISOTP_TIMEOUT_BS,     /* N_TIMEOUT_Bs */
	TT_ISOTP_WRONG_SEQUENCE, /* N_WRONG_SN */
	TT_ISOTP_UNEXPECTED,     /* N_UNEXP_PDU: a new message began before the last one ended */
	TT_ISOTP_TOO_LONG,       /* longer than our buffer; we answered OVFLW */
	TT_ISOTP_PEER_OVERFLOW,  /* N_BUFFER_OVFLW: the peer answered OVFLW */
	TT_ISOTP_TOO_MANY_WAITS, /* N_WFT_OVRN */
	TT_ISOTP_BAD_STATUS,     /* N_INVALID_FS */
	TT_ISOTP_FAILURES
};
/* Static text, never NULL. */
const char *tt_isotp_failure_text(enum tt_isotp_failure why);

struct tt_isotp_event {
	enum tt_isotp_event_kind kind;
	enum tt_isotp_failure why;
	const uint8_t *data;
	size_t len;
};

struct tt_isotp {
	struct tt_isotp_config config;
	struct {
		uint8_t *buf;
		size_t cap, len, have;
		tt_mono_us deadline_us; /* N_Cr; TT_NEVER when idle */
		uint8_t sequence;       /* expected next */
		uint8_t in_block;       /* consecutive frames until we owe the next flow control; 0 = no limit */
		bool busy, done, failed;
		enum tt_isotp_failure why;
		uint8_t owe_fc; /* flow status to send, or TT_ISOTP_NO_FC */
	} rx;
	struct {
		const uint8_t *data;
		size_t len, sent;
		tt_mono_us deadline_us; /* N_Bs while waiting for flow control */
		tt_mono_us next_us;     /* earliest time of the next consecutive frame */
		int64_t gap_us;         /* STmin of the peer */
		uint8_t state, sequence, in_block, waits;
		bool done, failed;
		enum tt_isotp_failure why;
	} tx;
	uint32_t ignored; /* frames of ours that the standard tells us to ignore */
};

/* rx_buf may be smaller than 4095: longer messages are refused with OVFLW. It must outlive the link. cap at least 7. */
void tt_isotp_init(struct tt_isotp *t, const struct tt_isotp_config *config, uint8_t *rx_buf, size_t rx_cap);
/* Forget both directions, as after a pause: no events, nothing to send. */
void tt_isotp_reset(struct tt_isotp *t);

/* Begin to send 1..4095 bytes. TT_EAGAIN: the last message is still under way. TT_ERANGE: empty or too long. */
TT_MUSTCHECK enum tt_err tt_isotp_send(struct tt_isotp *t, const uint8_t *data, size_t len);

/* True when the frame carries our receive identifier (whatever became of it). */
bool tt_isotp_feed(struct tt_isotp *t, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_isotp_tick(struct tt_isotp *t, tt_mono_us now_us);
/* One frame to send now; false when there is none (or STmin has not passed). */
bool tt_isotp_next_tx(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out);
bool tt_isotp_next_event(struct tt_isotp *t, struct tt_isotp_event *out);
/* Is a message of several frames coming in? */
static inline bool tt_isotp_receiving(const struct tt_isotp *t)
{
	return t->rx.busy;
}
/* When to call tick and next_tx again; in the past when a frame waits already; TT_NEVER when idle. */
tt_mono_us tt_isotp_wake_at(const struct tt_isotp *t);

#endif
