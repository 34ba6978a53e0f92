#include "gateway/inbox.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_MESSAGES = 512, FIRST_BYTES = 256 << 10 };

void tt_inbox_free(struct tt_inbox *inbox)
{
	free(inbox->entries);
	free(inbox->bytes);
	*inbox = (struct tt_inbox){.n = 0};
}

void tt_inbox_clear(struct tt_inbox *inbox)
{
	inbox->n = 0;
	inbox->used = 0;
}

/* Capacity for `need` elements, doubling; 0 when that is beyond max. */
static size_t grown(size_t capacity, size_t first, size_t need, size_t max)
{
	if (need > max)
		return 0;
	if (capacity == 0)
		capacity = first;
	while (capacity < need)
		capacity *= 2;
	return capacity < max ? capacity : max;
}

static enum tt_err reserve(struct tt_inbox *inbox, size_t bytes)
{
	size_t messages = grown(inbox->capacity, FIRST_MESSAGES, inbox->n + 1, TT_INBOX_MESSAGES_MAX);
	size_t room = grown(inbox->bytes_capacity, FIRST_BYTES, inbox->used + bytes, TT_INBOX_BYTES_MAX);
	void *p;

	if (messages == 0 || room == 0)
		return TT_EFULL;
	if (messages != inbox->capacity) {
		p = realloc(inbox->entries, messages * sizeof(*inbox->entries));
		if (!p)
			return TT_ENOMEM;
		inbox->entries = p;
		inbox->capacity = messages;
	}
	if (room != inbox->bytes_capacity) {
		p = realloc(inbox->bytes, room);
		if (!p)
			return TT_ENOMEM;
		inbox->bytes = p;
		inbox->bytes_capacity = room;
	}
	return TT_OK;
}

enum tt_err tt_inbox_add(struct tt_inbox *inbox, unsigned source, const char *topic, const uint8_t *payload, size_t size)
{
	size_t len = size < TT_INGEST_PAYLOAD_KEPT ? size : TT_INGEST_PAYLOAD_KEPT;
	size_t name = strlen(topic) + 1;
	enum tt_err err = reserve(inbox, name + len);

	if (err)
		return err;
	inbox->entries[inbox->n++] =
		(struct tt_inbox_entry){.source = source, .topic = inbox->used, .payload = inbox->used + name, .len = len, .size = size};
	memcpy(inbox->bytes + inbox->used, topic, name);
	if (len > 0)
		memcpy(inbox->bytes + inbox->used + name, payload, len);
	inbox->used += name + len;
	return TT_OK;
}

struct tt_inbound tt_inbox_at(const struct tt_inbox *inbox, size_t i, tt_utc_us received_at)
{
	const struct tt_inbox_entry *e = &inbox->entries[i];

	TT_ASSERT(i < inbox->n);
	return (struct tt_inbound){.topic = (const char *)inbox->bytes + e->topic,
				   .payload = inbox->bytes + e->payload,
				   .len = e->len,
				   .size = e->size,
				   .received_at = received_at};
}
