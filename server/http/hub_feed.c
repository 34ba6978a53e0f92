/* The hub's writing side: publishing, waking, heartbeats and the end of streams. */
#include "server/http/hub_internal.h"

#include <stdlib.h>
#include <string.h>

void tt_hub_start_at(struct tt_hub *hub, int64_t id)
{
	pthread_mutex_lock(&hub->lock);
	hub->last_id = id;
	pthread_mutex_unlock(&hub->lock);
}

/* A change that could not be rendered leaves a hole, which every stream must hear of. */
static void lose(struct channel *ch, int64_t id)
{
	while (ch->tail < ch->head)
		free(ch->ring[ch->tail++ % TT_HUB_RING].text);
	ch->head++; /* streams at the old head are behind now */
	ch->tail = ch->head;
	ch->floor_id = id;
	ch->last_id = id;
}

void tt_hub_publish(struct tt_hub *hub, int64_t id, int64_t dealer_id, tt_hub_render_fn render, void *ctx)
{
	pthread_mutex_lock(&hub->lock);
	for (struct channel *ch = hub->channels; ch; ch = ch->next) {
		char *text;

		if ((dealer_id != 0 && ch->dealer_id != 0 && ch->dealer_id != dealer_id) || id <= ch->last_id)
			continue;
		text = render(ctx, ch->dealer_id);
		if (text)
			tt_channel_append(ch, id, text);
		else
			lose(ch, id);
	}
	hub->last_id = id;
	hub->stats.published++;
	pthread_mutex_unlock(&hub->lock);
}

/* Streams park at the list's end, so one pass over as many as are parked now sees each once, in small batches so that readers get the
 * lock between them. `all`: whether there is something to read or not, to notice that it ended. */
static void wake_parked(struct tt_hub *hub, bool all)
{
	unsigned left;

	pthread_mutex_lock(&hub->lock);
	left = hub->nparked;
	while (left > 0 && hub->parked_first) {
		for (unsigned i = 0; i < TT_HUB_WAKE_BATCH && left > 0 && hub->parked_first; i++, left--) {
			struct tt_hub_stream *s = hub->parked_first;
			void *conn = s->conn;
			bool ready = all || s->ended || s->pos < s->channel->head;

			tt_stream_unpark(s);
			if (ready) {
				hub->hooks.wake(conn);
				continue;
			}
			/* Back to the end, still parked. */
			s->parked = true;
			s->parked_prev = hub->parked_last;
			if (hub->parked_last)
				hub->parked_last->parked_next = s;
			else
				hub->parked_first = s;
			hub->parked_last = s;
			hub->nparked++;
		}
		pthread_mutex_unlock(&hub->lock);
		pthread_mutex_lock(&hub->lock);
	}
	pthread_mutex_unlock(&hub->lock);
}

void tt_hub_flush(struct tt_hub *hub)
{
	wake_parked(hub, false);
}

static void forget_idle_channels(struct tt_hub *hub)
{
	for (struct channel **at = &hub->channels; *at;) {
		struct channel *ch = *at;

		if (ch->streams == 0 && ch->idle_beats++ >= 2) {
			*at = ch->next;
			tt_channel_free(ch);
		} else {
			at = &ch->next;
		}
	}
}

void tt_hub_heartbeat(struct tt_hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	forget_idle_channels(hub);
	for (struct channel *ch = hub->channels; ch; ch = ch->next) {
		char *text = strdup(":\n\n");

		if (text)
			tt_channel_append(ch, 0, text);
	}
	pthread_mutex_unlock(&hub->lock);
	wake_parked(hub, false);
}

void tt_hub_end_session(struct tt_hub *hub, const uint8_t token_hash[32])
{
	pthread_mutex_lock(&hub->lock);
	for (struct tt_hub_stream *s = hub->streams; s; s = s->next) {
		if (memcmp(s->token_hash, token_hash, sizeof(s->token_hash)) == 0)
			s->ended = true;
	}
	pthread_mutex_unlock(&hub->lock);
	wake_parked(hub, false);
}

void tt_hub_end_all(struct tt_hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	hub->ended = true;
	for (struct tt_hub_stream *s = hub->streams; s; s = s->next)
		s->ended = true;
	pthread_mutex_unlock(&hub->lock);
	wake_parked(hub, true);
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

void tt_hub_check_sessions(struct tt_hub *hub, bool (*stands)(void *ctx, const uint8_t token_hash[32]), void *ctx)
{
	uint8_t(*hashes)[32];
	size_t n = 0, unique = 0;

	pthread_mutex_lock(&hub->lock);
	hashes = hub->nstreams > 0 ? malloc(hub->nstreams * sizeof(*hashes)) : NULL;
	for (const struct tt_hub_stream *s = hub->streams; hashes && s; s = s->next)
		memcpy(hashes[n++], s->token_hash, sizeof(hashes[0]));
	pthread_mutex_unlock(&hub->lock);
	if (!hashes)
		return;
	/* Browsers of one session share it: ask for each once. */
	qsort(hashes, n, sizeof(hashes[0]), by_hash);
	for (size_t i = 0; i < n; i++) {
		if (unique == 0 || by_hash(hashes[unique - 1], hashes[i]) != 0)
			memmove(hashes[unique++], hashes[i], sizeof(hashes[0]));
	}
	for (size_t i = 0; i < unique; i++) {
		if (!stands(ctx, hashes[i]))
			tt_hub_end_session(hub, hashes[i]);
	}
	free(hashes);
}
