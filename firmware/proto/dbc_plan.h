/*
 * The decode plan: a DBC compiled for speed. One hash probe finds the message; each signal is one load, shift and mask. PURE.
 *
 *     signal->user = 5;                                  (for each signal that somebody wants)
 *     tt_dbc_plan_build(&dbc, 0, &arena, &plan);         (signals with user 0 are left out; TT_DBC_PLAN_ALL keeps all)
 *     n = tt_dbc_plan_decode(&plan, &frame, values, cap);
 *
 * Values are exact: where factor and offset are decimal fractions the physical value is the double nearest to the decimal result (0.3, not
 * 0.30000000000000004).
 *
 * Memory: the plan lives in the arena and points into the database, which must outlive it. Threads: a built plan may be shared.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_PLAN_H
#define TT_FIRMWARE_PROTO_DBC_PLAN_H

#include "firmware/proto/can_filter.h"
#include "firmware/proto/can_frame.h"
#include "firmware/proto/dbc.h"

enum {
	TT_DBC_PLAN_ALL = 1,   /* decode unmapped signals too */
	TT_DBC_PLAN_J1939 = 2, /* match all 29-bit identifiers by PGN, whatever priority, source and (PDU1) destination */
};

struct tt_dbc_value {
	uint32_t user;
	const struct tt_dbc_signal *signal;
	int64_t raw;  /* unsigned signals of 64 bits wrap; IEEE signals give their bit pattern */
	double value; /* physical */
};

struct tt_dbc_plan_signal {
	const struct tt_dbc_signal *signal;
	uint32_t user;  /* signal->user when the plan was built: one database may serve several plans */
	uint64_t mask;  /* of size bits, after the shift */
	uint64_t sign;  /* the sign bit, or 0 */
	uint16_t byte;  /* where the eight-byte window begins */
	uint16_t bytes; /* the data must have at least so many */
	uint8_t shift;  /* right shift of the window */
	bool swap;      /* big-endian window */
	bool wide;      /* spans nine bytes: bit by bit */
	bool emit;      /* false: kept only because others hang on this multiplexor */
	bool exact;     /* (raw * scale + offset) / divisor, all exact in double */
	int16_t mux;    /* index of the multiplexor in this plan message, or -1 */
	double scale, offset, divisor;
};

struct tt_dbc_plan_message {
	const struct tt_dbc_message *message;
	struct tt_dbc_plan_signal *signals;
	uint16_t nsignals;
	bool by_group; /* J1939: found by PGN when no message has the very identifier */
};

struct tt_dbc_plan {
	const struct tt_dbc_plan_message *messages;
	const uint32_t *slots; /* hash table: index + 1, 0 = empty */
	const uint32_t *keys;  /* beside it */
	uint32_t mask;
	uint32_t nmessages;
	bool by_group; /* some message is */
};

/* flags: TT_DBC_PLAN_*. Messages that the file itself says are J1939's are matched by PGN without a flag. Messages without a kept signal
 * are left out (kept with TT_DBC_PLAN_ALL). Errors: TT_ENOMEM: the arena is too small.
 */
TT_MUSTCHECK enum tt_err tt_dbc_plan_build(const struct tt_dbc *dbc, unsigned flags, struct tt_dbc_arena *arena, struct tt_dbc_plan *out);
/* Arena needed by tt_dbc_plan_build at most. */
size_t tt_dbc_plan_bound(const struct tt_dbc *dbc);

/* The message of a frame, or NULL. Remote and error frames have none. */
const struct tt_dbc_plan_message *tt_dbc_plan_find(const struct tt_dbc_plan *plan, const struct tt_can_frame *f);
const struct tt_dbc_plan_message *tt_dbc_plan_find_key(const struct tt_dbc_plan *plan, uint32_t key);
/* Signals of the frame that are present (multiplexing, frame length); at most cap. Returns how many. 0 also for unknown frames. */
size_t tt_dbc_plan_decode(const struct tt_dbc_plan *plan, const struct tt_can_frame *f, struct tt_dbc_value *out, size_t cap);

/*
 * The same for a message that came in another way, as J1939's transport brings up to 1785 bytes. data: readable for TT_CAN_MAX_DATA bytes
 * at least, and for the message's declared bytes if those are more; beyond len nothing of it counts.
 */
size_t tt_dbc_plan_decode_data(const struct tt_dbc_plan_message *m, const uint8_t *data, size_t len, struct tt_dbc_value *out, size_t cap);

/* Adds what the plan wants to hear. */
void tt_dbc_plan_filters(const struct tt_dbc_plan *plan, struct tt_can_filter_set *out);

/* The other way, for simulators and tests: put a raw value into data (at least message->bytes long). TT_ERANGE: outside the data. */
TT_MUSTCHECK enum tt_err tt_dbc_put_raw(const struct tt_dbc_signal *signal, int64_t raw, uint8_t *data, size_t len);

/* PGN of a 29-bit identifier; the destination byte of PDU1 is left out. */
static inline uint32_t tt_dbc_pgn(uint32_t id)
{
	const uint32_t pgn = id >> 8 & 0x3FFFF;

	return (pgn >> 8 & 0xFF) < 240 ? pgn & 0x3FF00 : pgn;
}

#endif
