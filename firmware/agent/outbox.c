#include "firmware/agent/outbox.h"

#include <string.h>

/* A hole is answered once for every event that follows it; one rewind serves them all. */
enum { REWIND_HOLD_US = 1000000 };

/* Streams are numbered by their class; the emergency lane carries alerts too, and comes before all. */
enum { LANE = TT_CLASS_NONE, STREAMS = TT_CLASS_BULK + 1 };

static unsigned window_of(const struct tt_outbox *o, unsigned stream)
{
	return stream == TT_CLASS_BULK ? (o->cfg.window + 1) / 2 : o->cfg.window;
}

static void rewind_stream(struct tt_outbox *o, unsigned stream)
{
	struct tt_outbox_class *c = &o->classes[stream];

	c->resent += c->nflight;
	c->cursor = c->acked;
	c->nflight = 0;
	c->resend_at_us = TT_NEVER;
}

/* What the journal's old epoch knew says nothing any more; the lane has its own. */
static void forget(struct tt_outbox *o)
{
	o->epoch = tt_journal_epoch(o->journal);
	for (unsigned cls = TT_CLASS_ALERT; cls <= TT_CLASS_BULK; cls++) {
		o->classes[cls].acked = 0;
		o->classes[cls].pause_us = o->cfg.resend_us;
		rewind_stream(o, cls);
	}
}

void tt_outbox_init(struct tt_outbox *o, struct tt_journal *journal, const struct tt_outbox_config *cfg, tt_outbox_send_fn send,
		    tt_outbox_jitter_fn jitter, void *ctx)
{
	memset(o, 0, sizeof(*o));
	o->journal = journal;
	o->cfg = *cfg;
	if (o->cfg.window < 1 || o->cfg.window > TT_OUTBOX_WINDOW_MAX)
		o->cfg.window = TT_OUTBOX_WINDOW_MAX;
	o->send = send;
	o->jitter = jitter;
	o->ctx = ctx;
	tt_lane_init(&o->lane, cfg->lane_epoch);
	o->classes[LANE] = (struct tt_outbox_class){.pause_us = cfg->resend_us, .resend_at_us = TT_NEVER};
	forget(o);
}

enum tt_err tt_outbox_emergency(struct tt_outbox *o, const uint8_t *envelope, size_t len)
{
	return tt_lane_add(&o->lane, envelope, len);
}

void tt_outbox_online(struct tt_outbox *o, bool online)
{
	o->online = online;
	o->judge = online;
	o->paced = false;
	for (unsigned stream = LANE; stream < STREAMS; stream++) {
		o->classes[stream].pause_us = o->cfg.resend_us;
		rewind_stream(o, stream);
	}
}

static enum tt_err next_of(struct tt_outbox *o, unsigned stream, size_t *len, uint64_t *seq)
{
	const uint64_t after = o->classes[stream].cursor;

	return stream == LANE ? tt_lane_next(&o->lane, after, o->buf, sizeof(o->buf), len, seq)
			      : tt_journal_next(o->journal, (enum tt_class)stream, after, o->buf, sizeof(o->buf), len, seq);
}

static uint64_t bulk_held(const struct tt_outbox *o)
{
	struct tt_journal_depth depth;

	tt_journal_depth(o->journal, TT_CLASS_BULK, &depth);
	return depth.held;
}

/* Does bulk catch up after a long time away, and has it? The jitter's 750..1250 becomes 0..1 of the spread. */
static void judge_backlog(struct tt_outbox *o, tt_mono_us now_us)
{
	if (o->judge && o->cfg.backlog > 0 && bulk_held(o) > o->cfg.backlog) {
		o->paced = true;
		o->bulk_at_us = now_us + o->cfg.spread_us / 500 * (o->jitter(o->ctx) - 750);
	}
	o->judge = false;
	if (o->paced && bulk_held(o) <= o->cfg.window)
		o->paced = false;
}

static enum tt_err pump_stream(struct tt_outbox *o, unsigned stream, tt_mono_us now_us)
{
	const enum tt_class cls = stream == LANE ? TT_CLASS_ALERT : (enum tt_class)stream;
	struct tt_outbox_class *c = &o->classes[stream];

	while (c->nflight < window_of(o, stream)) {
		size_t len;
		uint64_t seq;
		enum tt_err err;

		if (stream == TT_CLASS_BULK && o->paced && now_us < o->bulk_at_us)
			return TT_OK;
		err = next_of(o, stream, &len, &seq);
		if (err == TT_ENOTFOUND)
			return TT_OK;
		if (err)
			return err;
		if (o->send(o->ctx, cls, o->buf, len) != TT_OK)
			return TT_OK; /* not now: the next pump, or the reconnect, tries again */
		if (stream == TT_CLASS_BULK && o->paced)
			o->bulk_at_us = now_us + o->cfg.pace_us / 1000 * o->jitter(o->ctx);
		c->flight[c->nflight++] = seq;
		c->cursor = seq;
		c->sent++;
		if (c->resend_at_us == TT_NEVER)
			c->resend_at_us = now_us + c->pause_us / 1000 * o->jitter(o->ctx);
	}
	return TT_OK;
}

enum tt_err tt_outbox_pump(struct tt_outbox *o, tt_mono_us now_us)
{
	enum tt_err first = TT_OK;

	if (o->epoch != tt_journal_epoch(o->journal))
		forget(o); /* the journal was renewed under us */
	if (o->online)
		judge_backlog(o, now_us);
	for (unsigned stream = LANE; o->online && stream < STREAMS; stream++) {
		const enum tt_err err = pump_stream(o, stream, now_us);

		first = first ? first : err;
	}
	return first;
}

/* Takes what is acknowledged out of flight; true when there was something new. */
static bool advance(struct tt_outbox_class *c, uint64_t up_to)
{
	unsigned done = 0;

	if (up_to <= c->acked)
		return false;
	c->acked = up_to;
	while (done < c->nflight && c->flight[done] <= up_to)
		done++;
	c->nflight -= done;
	memmove(c->flight, c->flight + done, c->nflight * sizeof(c->flight[0]));
	if (c->cursor < up_to)
		c->cursor = up_to;
	return true;
}

/* One stream's ack: what is new moves it on; a hole, told once or often, rewinds it once. */
static void take_ack(struct tt_outbox *o, tt_mono_us now_us, unsigned stream, uint64_t up_to, bool resend)
{
	struct tt_outbox_class *c = &o->classes[stream];

	if (advance(c, up_to)) {
		c->pause_us = o->cfg.resend_us;
		c->resend_at_us = c->nflight > 0 ? now_us + c->pause_us / 1000 * o->jitter(o->ctx) : TT_NEVER;
	}
	if (resend && up_to == c->acked && c->nflight > 0 && now_us >= c->hold_until_us) {
		rewind_stream(o, stream);
		c->hold_until_us = now_us + REWIND_HOLD_US;
	}
}

enum tt_err tt_outbox_ack(struct tt_outbox *o, tt_mono_us now_us, const struct tt_ack *ack)
{
	enum tt_err err;

	if (ack->epoch == o->lane.epoch && ack->cls == TT_CLASS_ALERT) {
		take_ack(o, now_us, LANE, tt_lane_ack(&o->lane, ack->up_to_seq), ack->resend);
		return TT_OK;
	}
	if (ack->epoch != o->epoch || ack->cls < TT_CLASS_ALERT || ack->cls > TT_CLASS_BULK)
		return TT_OK;
	err = tt_journal_ack(o->journal, ack->epoch, ack->cls, ack->up_to_seq);
	if (o->epoch != tt_journal_epoch(o->journal)) {
		forget(o); /* the gateway knows seqs that this file never gave: everything goes again under the new epoch */
		return err == TT_ECONFLICT ? TT_OK : err;
	}
	take_ack(o, now_us, ack->cls, ack->up_to_seq, ack->resend);
	return err;
}

void tt_outbox_tick(struct tt_outbox *o, tt_mono_us now_us)
{
	for (unsigned stream = LANE; stream < STREAMS; stream++) {
		struct tt_outbox_class *c = &o->classes[stream];

		if (now_us < c->resend_at_us)
			continue;
		rewind_stream(o, stream);
		c->pause_us = tt_min_i64(c->pause_us * 2, o->cfg.resend_max_us);
	}
}

tt_mono_us tt_outbox_wake_at(const struct tt_outbox *o)
{
	tt_mono_us at = TT_NEVER;

	for (unsigned stream = LANE; stream < STREAMS; stream++)
		at = tt_min_i64(at, o->classes[stream].resend_at_us);
	if (o->paced && o->classes[TT_CLASS_BULK].nflight < window_of(o, TT_CLASS_BULK))
		at = tt_min_i64(at, o->bulk_at_us);
	return at;
}

bool tt_outbox_empty(const struct tt_outbox *o)
{
	for (unsigned cls = TT_CLASS_ALERT; cls <= TT_CLASS_BULK; cls++) {
		struct tt_journal_depth depth;

		tt_journal_depth(o->journal, (enum tt_class)cls, &depth);
		if (depth.held > 0)
			return false;
	}
	return tt_lane_held(&o->lane) == 0;
}
