/* What hub.c (channels, streams) and hub_feed.c (publishing, waking) share. Not for others. */
#ifndef TT_SERVER_HTTP_HUB_INTERNAL_H
#define TT_SERVER_HTTP_HUB_INTERNAL_H

#include "server/http/hub.h"

#include <pthread.h>

struct event {
	int64_t id; /* 0: a comment */
	char *text;
};

/* Events have an absolute index; the ring holds [tail, head). */
struct channel {
	struct channel *next;
	int64_t dealer_id;
	int64_t floor_id; /* every change of the scope with an id above it is in the ring, or was published after it left */
	int64_t last_id;
	uint64_t head, tail;
	struct event ring[TT_HUB_RING];
	unsigned streams, idle_beats;
};

struct tt_hub_stream {
	struct tt_hub *hub;
	struct channel *channel;
	struct tt_hub_stream *prev, *next;               /* all streams */
	struct tt_hub_stream *parked_prev, *parked_next; /* those with nothing to read */
	void *conn;
	uint64_t pos;  /* index of the event to read next */
	size_t offset; /* read of it already */
	char own[192]; /* what only this stream hears: the beginning, or a resync; read first */
	size_t own_len, own_offset;
	bool parked, ended;
	uint8_t token_hash[32];
};

struct tt_hub {
	pthread_mutex_t lock;
	struct tt_hub_hooks hooks;
	struct channel *channels;
	struct tt_hub_stream *streams;
	struct tt_hub_stream *parked_first, *parked_last;
	unsigned nstreams, nparked, max_streams;
	int64_t last_id;
	bool ended;
	struct tt_hub_stats stats;
};

/* Appends an event, dropping the oldest of a full ring. Takes text. */
void tt_channel_append(struct channel *ch, int64_t id, char *text);
void tt_channel_free(struct channel *ch);
void tt_stream_unpark(struct tt_hub_stream *s);

#endif
