#include "wire/captured.h"

#include <stdlib.h>
#include <string.h>

enum { MAPPED_MAX = 512, ROOM_FIRST = 1024 };

/* No signal of a car goes that far; what is calculated with it stays inside 64 bits (wire/edr.c). */
#define VALUE_MAX INT64_C(1000000000000)

struct entry {
	uint16_t signal;
	uint32_t order; /* as it came: equal times keep it */
	struct tt_captured_sample sample;
};

struct tt_captured {
	struct tt_captured_facts facts;
	bool any, cut, last;
	uint32_t highest;
	bool has[TT_CAPTURED_PARTS + 1];
	uint16_t mapped[MAPPED_MAX];
	size_t nmapped;
	struct entry *entries; /* sorted by signal, then time, when `sorted` */
	size_t n, room;
	bool sorted;
	struct tt_captured_sample *column; /* of the signal asked for last */
};

enum tt_err tt_captured_create(struct tt_captured **out)
{
	struct tt_captured *c = calloc(1, sizeof(*c));

	if (!c)
		return TT_ENOMEM;
	*out = c;
	return TT_OK;
}

void tt_captured_destroy(struct tt_captured *c)
{
	if (!c)
		return;
	free(c->column);
	free(c->entries);
	free(c);
}

static enum tt_err make_room(struct tt_captured *c, size_t more)
{
	size_t room = c->room ? c->room : ROOM_FIRST;
	struct tt_captured_sample *column;
	struct entry *entries;

	if (c->n + more > TT_CAPTURED_SAMPLES_MAX)
		return TT_ERANGE;
	while (room < c->n + more)
		room *= 2;
	if (room == c->room)
		return TT_OK;
	entries = realloc(c->entries, room * sizeof(*entries));
	if (!entries)
		return TT_ENOMEM;
	c->entries = entries;
	column = realloc(c->column, room * sizeof(*column));
	if (!column)
		return TT_ENOMEM;
	c->column = column;
	c->room = room;
	return TT_OK;
}

static enum tt_err take_sample(void *ctx, const struct tt_sample *s)
{
	struct tt_captured *c = ctx;
	const int64_t at_ms = s->at_us / 1000 - c->facts.trigger_at_us / 1000;

	if (at_ms < INT32_MIN || at_ms > INT32_MAX || s->value > VALUE_MAX || s->value < -VALUE_MAX)
		return TT_EPROTO;
	c->entries[c->n] =
		(struct entry){.signal = s->signal, .order = (uint32_t)c->n, .sample = {.at_ms = (int32_t)at_ms, .value = s->value}};
	c->n++;
	return TT_OK;
}

static void take_head(struct tt_captured *c, const Telltale__V1__CapturePart *p)
{
	c->any = true;
	c->facts.capture = p->capture;
	c->facts.incident = p->incident;
	c->facts.reason = p->reason;
	c->facts.trigger_at_us = p->trigger_at_us;
	c->facts.from_ms = p->from_ms;
	c->facts.to_ms = p->to_ms;
}

static void take_rest(struct tt_captured *c, const Telltale__V1__CapturePart *p)
{
	c->has[p->part] = true;
	c->cut = c->cut || p->incomplete;
	c->last = c->last || p->last;
	if (!p->incomplete) { /* the closing word has no number of its own, and no stretch */
		c->facts.parts++;
		c->highest = p->part > c->highest ? p->part : c->highest;
		c->facts.from_ms = p->from_ms < c->facts.from_ms ? p->from_ms : c->facts.from_ms;
		c->facts.to_ms = p->to_ms > c->facts.to_ms ? p->to_ms : c->facts.to_ms;
	}
	c->facts.events = p->events > c->facts.events ? p->events : c->facts.events;
	if (p->second_event_ms > 0)
		c->facts.second_event_ms = p->second_event_ms;
	c->facts.lost = p->lost > c->facts.lost ? p->lost : c->facts.lost;
	for (size_t i = 0; i < p->n_mapped && c->nmapped < MAPPED_MAX; i++)
		c->mapped[c->nmapped++] = (uint16_t)p->mapped[i];
}

enum tt_err tt_captured_add(struct tt_captured *c, const Telltale__V1__CapturePart *p)
{
	const Telltale__V1__TelemetryChunk *chunk = p->samples;
	const size_t before = c->n;
	enum tt_err err = TT_OK;

	if (p->part == 0 || p->part > TT_CAPTURED_PARTS || (c->any && p->capture != c->facts.capture))
		return TT_EINVAL;
	if (c->has[p->part])
		return TT_OK;
	if (!c->any)
		take_head(c, p);
	if (chunk)
		err = make_room(c, chunk->samples);
	if (!err && chunk)
		err = tt_chunk_decode(chunk->columns.data, chunk->columns.len, chunk->start_us, chunk->samples, chunk->raw_bytes,
				      take_sample, c);
	if (err) {
		c->n = before;
		c->any = c->facts.parts > 0 || c->cut;
		return err;
	}
	c->sorted = c->sorted && c->n == before;
	take_rest(c, p);
	return TT_OK;
}

void tt_captured_facts(const struct tt_captured *c, struct tt_captured_facts *out)
{
	*out = c->facts;
	out->missing = c->highest - c->facts.parts;
	out->ended = c->last;
	out->complete = c->last && !c->cut && out->missing == 0;
}

bool tt_captured_mapped(const struct tt_captured *c, uint16_t signal)
{
	for (size_t i = 0; i < c->nmapped; i++) {
		if (c->mapped[i] == signal)
			return true;
	}
	return false;
}

static int by_signal_and_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->signal != y->signal)
		return x->signal < y->signal ? -1 : 1;
	if (x->sample.at_ms != y->sample.at_ms)
		return x->sample.at_ms < y->sample.at_ms ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

size_t tt_captured_samples(struct tt_captured *c, uint16_t signal, const struct tt_captured_sample **out)
{
	size_t n = 0;

	if (!c->sorted && c->n > 0)
		qsort(c->entries, c->n, sizeof(c->entries[0]), by_signal_and_time);
	c->sorted = true;
	for (size_t i = 0; i < c->n; i++) {
		if (c->entries[i].signal == signal)
			c->column[n++] = c->entries[i].sample;
	}
	*out = c->column;
	return n;
}
