/*
 * Our presence on a J1939 bus: claims the one address that the vehicle's profile gives us and asks for a few parameter groups. PURE,
 *sans-IO.
 *
 *	LISTENING --1.5 s of traffic without that address--> CLAIMED (claim out; requests 250 ms later)
 *	any state --a frame from our address--> YIELDED (one "cannot claim"; nothing more is sent until the next start)
 *
 * We yield to everybody, whatever the NAMEs say: an ECU that loses its address to a telematics unit is a broken vehicle (docs/adr/0011).
 *Asked "who has which address", we claim again. J1939-81 4.2, 4.5; J1939-21 5.4.2 (requests), 5.4.4 (acknowledgement).
 *
 * Memory: the caller's struct. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_J1939_NODE_H
#define TT_FIRMWARE_PROTO_J1939_NODE_H

#include "firmware/proto/j1939.h"

enum { TT_J1939_ASKS = 8, TT_J1939_ONCE_TRIES = 3 };

/* One group to ask for. */
struct tt_j1939_ask {
	uint32_t pgn;
	uint8_t dest;     /* TT_J1939_GLOBAL: everybody who has it answers */
	int64_t every_us; /* 0: up to three times, 10 s apart, until an answer came */
};

struct tt_j1939_node_config {
	uint8_t bus, address; /* 0..TT_J1939_ADDRESS_MAX */
	uint8_t name[TT_J1939_NAME];
	struct tt_j1939_ask asks[TT_J1939_ASKS];
	size_t nasks;
};

enum tt_j1939_node_state { TT_J1939_LISTENING, TT_J1939_CLAIMED, TT_J1939_YIELDED };

struct tt_j1939_node {
	struct tt_j1939_node_config config;
	enum tt_j1939_node_state state;
	bool paused;
	tt_mono_us first_heard_us; /* TT_NEVER: nothing yet */
	tt_mono_us claimed_us, asked_us;
	bool owe_claim, owe_farewell;
	struct {
		tt_mono_us due_us;
		uint8_t tries;
		bool done; /* answered once, or refused */
	} asks[TT_J1939_ASKS];
};

/* NAME from a number that is the unit's own: identity number 21 bits, no maker, function and vehicle system "not available". */
void tt_j1939_name(uint64_t unit, uint8_t out[TT_J1939_NAME]);

void tt_j1939_node_init(struct tt_j1939_node *n, const struct tt_j1939_node_config *config);
/* While paused (the vehicle must not be asked) nothing is sent; afterwards it listens first, as at the start. YIELDED stays. */
void tt_j1939_node_pause(struct tt_j1939_node *n, bool paused);
/* Every frame of the bus. */
void tt_j1939_node_feed(struct tt_j1939_node *n, tt_mono_us now_us, const struct tt_can_frame *f);
/* A whole message came: its group need not be asked for again when once was enough, or when its one holder refused. What comes from no
 * device's address (254 null, 255 global: J1939-81 4.2, never the source of data) says nothing. */
void tt_j1939_node_message(struct tt_j1939_node *n, const struct tt_j1939_message *m);
/* One frame to send now. */
bool tt_j1939_node_next_tx(struct tt_j1939_node *n, tt_mono_us now_us, struct tt_can_frame *out);
tt_mono_us tt_j1939_node_wake_at(const struct tt_j1939_node *n);
/* The address that we hold, or TT_J1939_NO_ADDRESS. */
uint8_t tt_j1939_node_address(const struct tt_j1939_node *n);

#endif
