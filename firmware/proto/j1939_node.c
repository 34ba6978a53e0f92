#include "firmware/proto/j1939_node.h"

#include <string.h>

enum { PRIORITY_CLAIM = 6, ACK_LEN = 8, NACK = 1, DENIED = 2 };

#define LISTEN_US TT_MS(1500) /* longer than any periodic message that every ECU sends: DM1, 1 s */
#define CONTEND_US TT_MS(250) /* J1939-81 4.2.1: others may object */
#define BETWEEN_US TT_MS(500) /* from request to request */
#define ONCE_AGAIN_US TT_SEC(10)

void tt_j1939_name(uint64_t unit, uint8_t out[TT_J1939_NAME])
{
	/* J1939-81 4.1.1, low byte first: identity 21 bits, maker 11 (2047: not given), instances 0, function 255, reserved, vehicle system
	 * 127, its instance 0, industry group 0 (global), not able to take another address */
	const uint64_t name = (unit & 0x1FFFFF) | UINT64_C(2047) << 21 | UINT64_C(255) << 40 | UINT64_C(127) << 49;

	for (unsigned i = 0; i < TT_J1939_NAME; i++)
		out[i] = (uint8_t)(name >> 8 * i);
}

static void listen(struct tt_j1939_node *n)
{
	n->state = TT_J1939_LISTENING;
	n->first_heard_us = TT_NEVER;
	n->owe_claim = false;
}

void tt_j1939_node_init(struct tt_j1939_node *n, const struct tt_j1939_node_config *config)
{
	memset(n, 0, sizeof(*n));
	n->config = *config;
	listen(n);
}

void tt_j1939_node_pause(struct tt_j1939_node *n, bool paused)
{
	if (paused && n->state != TT_J1939_YIELDED)
		listen(n);
	n->paused = paused;
}

uint8_t tt_j1939_node_address(const struct tt_j1939_node *n)
{
	return n->state == TT_J1939_CLAIMED ? n->config.address : TT_J1939_NO_ADDRESS;
}

void tt_j1939_node_feed(struct tt_j1939_node *n, tt_mono_us now_us, const struct tt_can_frame *f)
{
	struct tt_j1939_id id;

	if (n->paused || n->state == TT_J1939_YIELDED || !tt_j1939_split(f, &id))
		return;
	if (n->first_heard_us == TT_NEVER)
		n->first_heard_us = now_us;
	if (id.source == n->config.address) {
		n->owe_farewell = n->state == TT_J1939_CLAIMED;
		n->owe_claim = false;
		n->state = TT_J1939_YIELDED;
		return;
	}
	if (id.pgn == TT_PGN_REQUEST && f->len >= 3 && tt_j1939_pgn_at(f->data) == TT_PGN_ADDRESS_CLAIMED &&
	    (id.dest == TT_J1939_GLOBAL || id.dest == n->config.address))
		n->owe_claim = n->state == TT_J1939_CLAIMED;
}

void tt_j1939_node_message(struct tt_j1939_node *n, const struct tt_j1939_message *m)
{
	const bool refusal = m->id.pgn == TT_PGN_ACKNOWLEDGE && m->len >= ACK_LEN && (m->data[0] == NACK || m->data[0] == DENIED);

	if (m->id.source > TT_J1939_ADDRESS_MAX) /* no device's: neither an answer nor a refusal */
		return;
	for (size_t i = 0; i < n->config.nasks; i++) {
		const struct tt_j1939_ask *ask = &n->config.asks[i];

		/* everybody may answer a global request, so one refusal says nothing about it */
		if (ask->every_us == 0 && m->id.pgn == ask->pgn)
			n->asks[i].done = true;
		if (refusal && m->id.source == ask->dest && tt_j1939_pgn_at(m->data + 5) == ask->pgn)
			n->asks[i].done = true;
	}
}

/* The ask that is due first; NULL when there is none. */
static size_t first_ask(const struct tt_j1939_node *n, tt_mono_us *due_us)
{
	size_t first = n->config.nasks;

	*due_us = TT_NEVER;
	for (size_t i = 0; i < n->config.nasks; i++) {
		if (!n->asks[i].done && n->asks[i].due_us < *due_us) {
			*due_us = n->asks[i].due_us;
			first = i;
		}
	}
	if (n->claimed_us + CONTEND_US > *due_us)
		*due_us = n->claimed_us + CONTEND_US;
	if (n->asked_us + BETWEEN_US > *due_us)
		*due_us = n->asked_us + BETWEEN_US;
	return first;
}

static void claim(const struct tt_j1939_node *n, uint8_t source, struct tt_can_frame *out)
{
	const struct tt_j1939_id id = {
		.pgn = TT_PGN_ADDRESS_CLAIMED, .priority = PRIORITY_CLAIM, .source = source, .dest = TT_J1939_GLOBAL};

	tt_j1939_frame(&id, n->config.bus, n->config.name, TT_J1939_NAME, out);
}

bool tt_j1939_node_next_tx(struct tt_j1939_node *n, tt_mono_us now_us, struct tt_can_frame *out)
{
	tt_mono_us due_us;
	size_t i;

	if (n->paused)
		return false;
	if (n->owe_farewell) {
		n->owe_farewell = false;
		claim(n, TT_J1939_NO_ADDRESS, out); /* "cannot claim" */
		return true;
	}
	if (n->state == TT_J1939_YIELDED)
		return false;
	if (n->state == TT_J1939_LISTENING) {
		if (n->first_heard_us == TT_NEVER || now_us - n->first_heard_us < LISTEN_US)
			return false;
		n->state = TT_J1939_CLAIMED;
		n->claimed_us = now_us;
		n->owe_claim = true;
	}
	if (n->owe_claim) {
		n->owe_claim = false;
		claim(n, n->config.address, out);
		return true;
	}
	i = first_ask(n, &due_us);
	if (i == n->config.nasks || now_us < due_us)
		return false;
	n->asked_us = now_us;
	n->asks[i].due_us = now_us + (n->config.asks[i].every_us > 0 ? n->config.asks[i].every_us : ONCE_AGAIN_US);
	n->asks[i].tries++;
	n->asks[i].done = n->config.asks[i].every_us == 0 && n->asks[i].tries == TT_J1939_ONCE_TRIES;
	tt_j1939_request(n->config.asks[i].pgn, n->config.address, n->config.asks[i].dest, n->config.bus, out);
	return true;
}

tt_mono_us tt_j1939_node_wake_at(const struct tt_j1939_node *n)
{
	tt_mono_us due_us;

	if (n->paused)
		return TT_NEVER;
	if (n->owe_claim || n->owe_farewell)
		return 0;
	if (n->state == TT_J1939_LISTENING)
		return n->first_heard_us == TT_NEVER ? TT_NEVER : n->first_heard_us + LISTEN_US;
	if (n->state == TT_J1939_YIELDED || first_ask(n, &due_us) == n->config.nasks)
		return TT_NEVER;
	return due_us;
}
