/*
 * ISO 15765-2:2016 transport (ISO-TP) on one pair of identifiers: messages of any length in CAN frames of 8 or CAN FD frames of up to 64
 * bytes. PURE, sans-IO.
 *
 *     feed (a frame came), tick (time passed)  ->  next_event (message, sent, failure), next_tx (a frame to send), wake_at (when to tick)
 *
 * Receiving and sending are independent (full duplex, 9.8.3). After every feed and tick the caller takes all events and all frames. A
 * frame that next_tx hands out counts as sent at that time, and when the bus refuses it, drop it: the peer's or our timeout tells. A caller
 * that knows when frames leave sets `confirm` and calls tt_isotp_confirm: then one frame is out at a time, and N_As and N_Ar are watched.
 *
 *     receive  IDLE --first frame--> OWED (flow control due: N_Br) --CTS sent--> BUSY (N_Cr) --last consecutive--> IDLE + MESSAGE
 *                                    BUSY --block end--> OWED      OWED while held: WAIT sent again and again, N_WFTmax times
 *                                    any --timeout, wrong sequence, new SF/FF--> IDLE + RX_FAILED
 *     send     IDLE --send--> FIRST --next_tx--> WAIT_FC (N_Bs) --CTS--> BLOCK (N_Cs) --block end--> WAIT_FC ... --last--> IDLE + SENT
 *                                    any --timeout, overflow, bad status, too many waits--> IDLE + TX_FAILED
 *
 * What the standard tells a receiver to ignore is ignored and counted (9.8.3, 9.6): frames too short for their contents, single frames of
 * length 0 or longer than the frame, first frames of a length that a single frame holds, consecutive frames longer than the first or, but
 * for the last, shorter, consecutive frames and flow controls nobody waits for.
 *
 * Memory: the caller owns the struct and the receive buffer; bytes given to tt_isotp_send are borrowed until SENT or TX_FAILED.
 * Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_ISOTP_H
#define TT_FIRMWARE_PROTO_ISOTP_H

#include "base/time.h"
#include "firmware/proto/can_frame.h"

enum {
	TT_ISOTP_MAX = 4095,            /* longest message without the 32-bit length of a first frame */
	TT_ISOTP_LONG_MAX = 0x7FFFFFFF, /* longest message we send */
	TT_ISOTP_SINGLE_MAX = 7,        /* in one frame of 8 bytes, normal addressing */
	TT_ISOTP_FD_SINGLE_MAX = 62,
};

/* Zero means "the default" where a default is named. */
struct tt_isotp_config {
	uint32_t tx_id, rx_id;
	bool extended;                  /* both identifiers are 29 bits */
	bool addressed;                 /* extended or mixed addressing (10.3.4, 10.3.5): an address byte stands before all else */
	uint8_t tx_address, rx_address; /* that byte in sent and in received frames (N_TA, or N_AE both ways) */
	uint8_t bus;                    /* stamped on sent frames; received frames of another bus are not ours */
	bool fd;                        /* send CAN FD frames and take them; classic frames are taken all the same */
	bool brs;                       /* with the faster bit rate */
	uint8_t tx_dl;                  /* bytes in our longest frame: 8 (default); with fd also 12 16 20 24 32 48 64 */
	bool pad;                       /* fill sent frames to 8 bytes (ISO 15765-4 demands it); to FD lengths above 8 always */
	uint8_t pad_byte;               /* 0xCC, 0xAA and 0x00 are usual */
	uint8_t block_size;             /* in our flow control; 0 = the whole message in one block */
	uint8_t st_min;                 /* in our flow control, as coded on the wire: 00-7F ms, F1-F9 100-900 us */
	uint8_t wait_max;         /* N_WFTmax: WAIT flow controls in a row that we accept as sender and send as receiver; default 10 */
	bool confirm;             /* the caller tells by tt_isotp_confirm when a frame has left */
	int64_t n_as_us, n_ar_us; /* until a frame of ours has left, as sender and as receiver; with `confirm` only; default 1 s */
	int64_t n_bs_us;          /* sender's wait for flow control; default 1 s */
	int64_t n_br_us;          /* receiver's time to send flow control when it is due; default 0.9 s */
	int64_t n_cs_us;          /* sender's time to send a consecutive frame when it is due; default 0.9 s */
	int64_t n_cr_us;          /* receiver's wait for a consecutive frame; default 1 s */
	int64_t wait_gap_us;      /* while held, between two WAITs; shorter than the peer's N_Bs; default 0.5 s */
};

/* Identifiers of normal fixed addressing (18DA, 10.3.3) and of mixed addressing with 29 bits (18CE, 10.3.5). */
void tt_isotp_normal_fixed(struct tt_isotp_config *config, uint8_t target, uint8_t source);
void tt_isotp_mixed_fixed(struct tt_isotp_config *config, uint8_t target, uint8_t source, uint8_t extension);

enum tt_isotp_event_kind {
	TT_ISOTP_MESSAGE,   /* data, len: valid until the next feed */
	TT_ISOTP_SENT,      /* the last frame was handed out; with `confirm`: has left */
	TT_ISOTP_RX_FAILED, /* why */
	TT_ISOTP_TX_FAILED, /* why */
};

enum tt_isotp_failure {
	TT_ISOTP_TIMEOUT_CR,     /* N_TIMEOUT_Cr */
	TT_ISOTP_TIMEOUT_BS,     /* N_TIMEOUT_Bs */
	TT_ISOTP_WRONG_SEQUENCE, /* N_WRONG_SN */
	TT_ISOTP_UNEXPECTED,     /* N_UNEXP_PDU: a new message began before the last one ended */
	TT_ISOTP_TOO_LONG,       /* longer than our buffer; we answered OVFLW, when it was a first frame */
	TT_ISOTP_PEER_OVERFLOW,  /* N_BUFFER_OVFLW: the peer answered OVFLW */
	TT_ISOTP_TOO_MANY_WAITS, /* N_WFT_OVRN: the peer's, or our own while held */
	TT_ISOTP_BAD_STATUS,     /* N_INVALID_FS */
	TT_ISOTP_TIMEOUT_AS,     /* N_TIMEOUT_A of the sender: the bus did not take a frame of the message */
	TT_ISOTP_TIMEOUT_AR,     /* N_TIMEOUT_A of the receiver: the bus did not take our flow control */
	TT_ISOTP_TIMEOUT_BR,     /* we did not get to send flow control while it was of use */
	TT_ISOTP_TIMEOUT_CS,     /* we did not get to send the next consecutive frame while it was of use */
	TT_ISOTP_FAILURES
};
/* Static text, never NULL; and the standard's short name, "N_Cr", "N_WRONG_SN". */
const char *tt_isotp_failure_text(enum tt_isotp_failure why);
const char *tt_isotp_failure_name(enum tt_isotp_failure why);

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
		tt_mono_us deadline_us; /* N_Cr; TT_NEVER when no consecutive frame is awaited */
		tt_mono_us owe_by_us;   /* N_Br; TT_NEVER when no flow control is owed */
		tt_mono_us wait_at_us;  /* the next WAIT while held; else TT_NEVER */
		uint8_t frame_len;      /* RX_DL: of this message's first frame */
		uint8_t sequence;       /* expected next */
		uint8_t in_block;       /* consecutive frames until we owe the next flow control; 0 = no limit */
		uint8_t waits;          /* WAITs sent in a row */
		bool busy, held, done, failed;
		enum tt_isotp_failure why;
		uint8_t owe_fc; /* flow status to send, or none */
	} rx;
	struct {
		const uint8_t *data;
		size_t len, sent;
		tt_mono_us deadline_us; /* N_Bs; TT_NEVER when no flow control is awaited */
		tt_mono_us next_us;     /* earliest time of the next consecutive frame */
		int64_t gap_us;         /* STmin of the peer */
		uint8_t state, sequence, in_block, waits;
		bool done, failed;
		enum tt_isotp_failure why;
	} tx;
	uint8_t unconfirmed;      /* whose frame is out and has not been confirmed */
	tt_mono_us confirm_by_us; /* N_As or N_Ar of it; TT_NEVER when none */
	uint32_t ignored;         /* frames of ours that the standard tells us to ignore */
};

/* rx_buf: longer messages are refused with OVFLW. It must outlive the link. cap at least 7; to take every FD single frame 62. */
void tt_isotp_init(struct tt_isotp *t, const struct tt_isotp_config *config, uint8_t *rx_buf, size_t rx_cap);
/* Forget both directions, as after a pause: no events, nothing to send. A hold stays. */
void tt_isotp_reset(struct tt_isotp *t);

/* Begin to send 1..TT_ISOTP_LONG_MAX bytes. TT_EAGAIN: the last message is still under way. TT_ERANGE: empty or too long. */
TT_MUSTCHECK enum tt_err tt_isotp_send(struct tt_isotp *t, const uint8_t *data, size_t len);

/* True when the frame carries our receive identifier and address (whatever became of it). */
bool tt_isotp_feed(struct tt_isotp *t, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_isotp_tick(struct tt_isotp *t, tt_mono_us now_us);
/* One frame to send now; false when there is none (or STmin has not passed, or the last one is not confirmed). */
bool tt_isotp_next_tx(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out);
/* The frame last handed out has left. Without `confirm`, or when the peer's reaction has shown it already, nothing happens. */
void tt_isotp_confirm(struct tt_isotp *t, tt_mono_us now_us);
/*
 * On: a message of several frames that begins, and each further block, is put off by WAIT until off. For a caller who cannot follow; single
 * frames cannot be put off, and the buffer stays the link's.
 */
void tt_isotp_hold(struct tt_isotp *t, tt_mono_us now_us, bool on);
bool tt_isotp_next_event(struct tt_isotp *t, struct tt_isotp_event *out);
/* Is a message of several frames coming in? */
static inline bool tt_isotp_receiving(const struct tt_isotp *t)
{
	return t->rx.busy;
}
/* When to call tick and next_tx again; in the past when a frame waits already; TT_NEVER when idle. */
tt_mono_us tt_isotp_wake_at(const struct tt_isotp *t);

#endif
