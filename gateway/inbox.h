/*
 * What was read in one turn and is not stored yet: copies of topic and payload in one growing buffer, used again turn after turn.
 *
 * The caller stops reading when it has enough; TLS may still hand over a record's worth of messages more, so the inbox grows, up to its
 * bounds. Beyond them a message is not taken, and its session must be dropped so that the broker delivers again. One thread.
 */
#ifndef TT_GATEWAY_INBOX_H
#define TT_GATEWAY_INBOX_H

#include "gateway/ingest.h"

enum { TT_INBOX_MESSAGES_MAX = 65536, TT_INBOX_BYTES_MAX = 64 << 20 };

struct tt_inbox_entry {
	unsigned source;
	size_t topic, payload; /* offsets */
	size_t len, size;
};

struct tt_inbox {
	struct tt_inbox_entry *entries;
	uint8_t *bytes;
	size_t n, capacity;
	size_t used, bytes_capacity;
};

/* All zero is an empty inbox. */
void tt_inbox_free(struct tt_inbox *inbox);
void tt_inbox_clear(struct tt_inbox *inbox);
/* Keeps at most TT_INGEST_PAYLOAD_KEPT bytes of the payload. TT_EFULL, TT_ENOMEM: not taken. */
TT_MUSTCHECK enum tt_err tt_inbox_add(struct tt_inbox *inbox, unsigned source, const char *topic, const uint8_t *payload, size_t size);
/* Valid until the next add. i < n. */
struct tt_inbound tt_inbox_at(const struct tt_inbox *inbox, size_t i, tt_utc_us received_at);

#endif
