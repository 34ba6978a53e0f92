#include "server/http/hub.h"

#include "base/text.h"
#include "server/http/hub_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- channels ---- */

void tt_channel_append(struct channel *ch, int64_t id, char *text)
{
	struct event *e = &ch->ring[ch->head % TT_HUB_RING];

	if (ch->head - ch->tail == TT_HUB_RING) {
		if (e->id > 0)
			ch->floor_id = e->id;
		free(e->text);
		ch->tail++;
	}
	*e = (struct event){.id = id, .text = text};
	ch->head++;
	if (id > 0)
		ch->last_id = id;
}

void tt_channel_free(struct channel *ch)
{
	for (uint64_t i = ch->tail; i < ch->head; i++)
		free(ch->ring[i % TT_HUB_RING].text);
	free(ch);
}

static struct channel *find_channel(struct tt_hub *hub, int64_t dealer_id)
{
	for (struct channel *ch = hub->channels; ch; ch = ch->next) {
		if (ch->dealer_id == dealer_id)
			return ch;
	}
	return NULL;
}

struct tt_hub_fill {
	struct channel *ch;
};

enum tt_err tt_hub_fill_add(struct tt_hub_fill *fill, int64_t id, char *text)
{
	if (id > fill->ch->last_id)
		tt_channel_append(fill->ch, id, text);
	else
		free(text);
	return TT_OK;
}

/*
 * A channel for the dealer, filled from the record without the lock. The feed runs on meanwhile, so it is read again until the channel
 * has what the hub has published; what it has beyond that is skipped when the hub comes to it. Returns with the lock held on TT_OK.
 */
static enum tt_err make_channel(struct tt_hub *hub, int64_t dealer_id, tt_hub_fill_fn fn, void *ctx, struct channel **out)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	struct tt_hub_fill fill = {.ch = ch};
	int64_t read_to = -1, published;
	enum tt_err err = ch ? TT_OK : TT_ENOMEM;

	while (!err) {
		int64_t floor = 0;

		pthread_mutex_lock(&hub->lock);
		*out = find_channel(hub, dealer_id);
		published = hub->last_id;
		if (*out) {
			tt_channel_free(ch); /* somebody else was faster */
			return TT_OK;
		}
		if (read_to >= published) {
			ch->dealer_id = dealer_id;
			ch->next = hub->channels;
			hub->channels = ch;
			*out = ch;
			return TT_OK;
		}
		pthread_mutex_unlock(&hub->lock);
		err = fn(ctx, dealer_id, ch->last_id, &fill, &floor);
		if (ch->floor_id < floor && read_to < 0)
			ch->floor_id = floor;
		read_to = published;
	}
	if (ch)
		tt_channel_free(ch);
	return err;
}

/* ---- life ---- */

enum tt_err tt_hub_create(const struct tt_hub_hooks *hooks, unsigned max_streams, struct tt_hub **out)
{
	struct tt_hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		return TT_ENOMEM;
	if (pthread_mutex_init(&hub->lock, NULL) != 0) {
		free(hub);
		return TT_ENOMEM;
	}
	hub->hooks = *hooks;
	hub->max_streams = max_streams;
	*out = hub;
	return TT_OK;
}

void tt_hub_destroy(struct tt_hub *hub)
{
	if (!hub)
		return;
	TT_ASSERT(hub->nstreams == 0);
	for (struct channel *next, *ch = hub->channels; ch; ch = next) {
		next = ch->next;
		tt_channel_free(ch);
	}
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

/* ---- streams ---- */

/* Where a stream begins that has seen everything up to `after`. False: the ring does not reach back so far. */
static bool place_stream(struct tt_hub_stream *s, int64_t after)
{
	const struct channel *ch = s->channel;

	s->pos = ch->head;
	if (after < 0)
		return true;
	if (after < ch->floor_id || after == TT_HUB_RESYNC)
		return false;
	while (s->pos > ch->tail) {
		const struct event *e = &ch->ring[(s->pos - 1) % TT_HUB_RING];

		if (e->id > 0 && e->id <= after)
			break;
		s->pos--;
	}
	return true;
}

/* What only this stream hears: `lead`, the feed's number, and the rest. An `id:` line without data moves the client's Last-Event-ID, so
 * that a stream that breaks before its first event resumes too. */
static void say(struct tt_hub_stream *s, const char *lead, int64_t id, const char *rest)
{
	struct tt_text t = tt_text_init(s->own, sizeof(s->own));

	tt_text_str(&t, lead);
	tt_text_str(&t, "id: ");
	tt_text_i64(&t, id);
	tt_text_str(&t, rest);
	TT_ASSERT(!t.cut);
	s->own_len = t.len;
	s->own_offset = 0;
}

static const char retry_line[] = "retry: 3000\n";
static const char resync_rest[] = "\nevent: resync\ndata: {}\n\n";

static void begin_stream(struct tt_hub *hub, struct tt_hub_stream *s, int64_t after)
{
	int64_t newest = s->channel->last_id > hub->last_id ? s->channel->last_id : hub->last_id;

	if (!place_stream(s, after)) {
		say(s, retry_line, newest, resync_rest);
		hub->stats.resyncs++;
	} else {
		say(s, retry_line, after < 0 ? newest : after, "\n\n");
	}
}

enum tt_err tt_hub_open(struct tt_hub *hub, int64_t dealer_id, int64_t after, const uint8_t token_hash[32], tt_hub_fill_fn fill, void *ctx,
			struct tt_hub_stream **out)
{
	struct tt_hub_stream *s = calloc(1, sizeof(*s));
	enum tt_err err = s ? make_channel(hub, dealer_id, fill, ctx, &s->channel) : TT_ENOMEM;

	if (err) {
		free(s);
		return err;
	}
	if (hub->ended || hub->nstreams >= hub->max_streams) {
		pthread_mutex_unlock(&hub->lock);
		free(s);
		return TT_EFULL;
	}
	s->hub = hub;
	memcpy(s->token_hash, token_hash, sizeof(s->token_hash));
	begin_stream(hub, s, after);
	s->channel->streams++;
	s->channel->idle_beats = 0;
	s->next = hub->streams;
	if (s->next)
		s->next->prev = s;
	hub->streams = s;
	hub->nstreams++;
	hub->stats.opened++;
	pthread_mutex_unlock(&hub->lock);
	*out = s;
	return TT_OK;
}

void tt_stream_unpark(struct tt_hub_stream *s)
{
	struct tt_hub *hub = s->hub;

	if (!s->parked)
		return;
	if (s->parked_prev)
		s->parked_prev->parked_next = s->parked_next;
	else
		hub->parked_first = s->parked_next;
	if (s->parked_next)
		s->parked_next->parked_prev = s->parked_prev;
	else
		hub->parked_last = s->parked_prev;
	s->parked_prev = s->parked_next = NULL;
	s->parked = false;
	hub->nparked--;
}

static void park(struct tt_hub_stream *s, void *conn)
{
	struct tt_hub *hub = s->hub;

	s->conn = conn;
	s->parked = true;
	s->parked_prev = hub->parked_last;
	s->parked_next = NULL;
	if (hub->parked_last)
		hub->parked_last->parked_next = s;
	else
		hub->parked_first = s;
	hub->parked_last = s;
	hub->nparked++;
	hub->hooks.park(conn);
}

void tt_hub_close(struct tt_hub_stream *stream)
{
	struct tt_hub *hub = stream->hub;

	pthread_mutex_lock(&hub->lock);
	tt_stream_unpark(stream);
	if (stream->prev)
		stream->prev->next = stream->next;
	else
		hub->streams = stream->next;
	if (stream->next)
		stream->next->prev = stream->prev;
	stream->channel->streams--;
	hub->nstreams--;
	pthread_mutex_unlock(&hub->lock);
	free(stream);
}

static size_t read_own(struct tt_hub_stream *s, char *buf, size_t max)
{
	size_t left = s->own_len - s->own_offset;
	size_t n = left < max ? left : max;

	memcpy(buf, s->own + s->own_offset, n);
	s->own_offset += n;
	return n;
}

/* As many events as fit, the last perhaps in part. */
static size_t read_ring(struct tt_hub_stream *s, char *buf, size_t max)
{
	const struct channel *ch = s->channel;
	size_t used = 0;

	while (used < max && s->pos < ch->head) {
		const char *text = ch->ring[s->pos % TT_HUB_RING].text + s->offset;
		size_t left = strlen(text);
		size_t n = left < max - used ? left : max - used;

		memcpy(buf + used, text, n);
		used += n;
		s->offset += n;
		if (n == left) {
			s->pos++;
			s->offset = 0;
		}
	}
	return used;
}

/* The ring has overtaken the stream. One that stands within an event cannot be put right: it ends, the client drops the half event, comes
 * back with its Last-Event-ID and is told to resync then. */
static void fall_behind(struct tt_hub_stream *s)
{
	if (s->offset > 0) {
		s->ended = true;
	} else {
		say(s, "", s->channel->last_id, resync_rest);
		s->hub->stats.resyncs++;
	}
	s->pos = s->channel->head;
	s->offset = 0;
}

ssize_t tt_hub_read(struct tt_hub_stream *stream, void *conn, char *buf, size_t max)
{
	struct tt_hub *hub = stream->hub;
	ssize_t n;

	pthread_mutex_lock(&hub->lock);
	tt_stream_unpark(stream); /* who reads is not parked, whoever woke it */
	if (stream->pos < stream->channel->tail)
		fall_behind(stream);
	n = (ssize_t)read_own(stream, buf, max);
	if (n == 0)
		n = (ssize_t)read_ring(stream, buf, max);
	if (n == 0 && stream->ended)
		n = -1;
	else if (n == 0)
		park(stream, conn);
	pthread_mutex_unlock(&hub->lock);
	return n;
}

void tt_hub_stats(struct tt_hub *hub, struct tt_hub_stats *out)
{
	pthread_mutex_lock(&hub->lock);
	*out = hub->stats;
	out->streams = hub->nstreams;
	out->channels = 0;
	for (const struct channel *ch = hub->channels; ch; ch = ch->next)
		out->channels++;
	pthread_mutex_unlock(&hub->lock);
}
