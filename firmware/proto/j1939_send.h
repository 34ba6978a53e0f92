/*
 * J1939-21 transport protocol, sending: one message of 1 to 1785 bytes, as a single frame, by BAM to everybody, or by RTS/CTS to one. PURE,
 * sans-IO. For the simulator and the tests: the agent sends no message that needs it, and its gate lets none through.
 *
 *	send --> RTS out --CTS--> packets --last of the block--> wait ... --acknowledgement--> done
 *	         BAM out --gap--> packet --gap--> ... --> done       failure: T3 1250 ms, T4 1050 ms after a hold, abort
 *
 * Memory: the caller's struct; the bytes are borrowed until the message is done. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_SEND_H
#define TT_FIRMWARE_PROTO_J1939_SEND_H

#include "firmware/proto/j1939.h"

struct tt_j1939_send_config {
	uint8_t bus;
	int64_t bam_gap_us; /* between packets of a BAM; 0: 50 ms, the least that the standard allows */
	uint8_t at_once;    /* packets that a CTS may ask for; 0: 255 */
};

enum tt_j1939_send_result { TT_J1939_SEND_BUSY, TT_J1939_SEND_DONE, TT_J1939_SEND_FAILED };

struct tt_j1939_send {
	struct tt_j1939_send_config config;
	struct tt_j1939_id id;
	const uint8_t *data;
	size_t len;
	unsigned state, packets, next, until;
	unsigned asked_from, again; /* the last CTS, and how often in a row it asked from there */
	uint8_t why;                /* reason of the abort, when it failed */
	tt_mono_us due_us, deadline_us;
	enum tt_j1939_send_result result;
};

void tt_j1939_send_init(struct tt_j1939_send *s, const struct tt_j1939_send_config *config);
/* TT_EAGAIN: the last message is under way; TT_ERANGE: empty or too long. */
TT_MUSTCHECK enum tt_err tt_j1939_send(struct tt_j1939_send *s, const struct tt_j1939_id *id, const uint8_t *data, size_t len);
void tt_j1939_send_feed(struct tt_j1939_send *s, tt_mono_us now_us, const struct tt_can_frame *f);
bool tt_j1939_send_next_tx(struct tt_j1939_send *s, tt_mono_us now_us, struct tt_can_frame *out);
/* BUSY until the message went or failed; DONE before the first one. s->why tells the reason of a failure. */
enum tt_j1939_send_result tt_j1939_send_result(const struct tt_j1939_send *s);
tt_mono_us tt_j1939_send_wake_at(const struct tt_j1939_send *s);

#endif
