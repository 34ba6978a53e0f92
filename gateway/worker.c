#include "gateway/worker.h"

#include "base/log.h"
#include "gateway/inbox.h"
#include "gateway/session.h"
#include "wire/envelope.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { UNITS_REMEMBERED = 131072 };
#define STORE_RETRY_US TT_MS(500)
#define STORE_RETRY_MAX_US TT_SEC(8) /* well inside the keepalive: sessions that are not read must not die of it */

const int64_t tt_worker_commit_us[TT_WORKER_BUCKETS - 1] = {500, 1000, 2500, 5000, 10000, 25000, 100000};
const int64_t tt_worker_batch_size[TT_WORKER_BUCKETS - 1] = {1, 5, 20, 50, 100, 250, 1000};

struct source {
	struct tt_worker *worker;
	unsigned index;
	struct tt_session *session;
	bool overflown; /* a message was not taken: this session's turn is void */
	bool touched;   /* read from in this turn */
};

struct tt_worker {
	struct tt_worker_config config;
	struct tt_store *store;
	struct tt_ingest *ingest;
	struct tt_inbox inbox;
	struct source sources[TT_SHARDS];
	unsigned nsources, first; /* first: where reading starts, moving on for fairness */
	int of_shard[TT_SHARDS];  /* index of its source, -1 */
	tt_mono_us paused_until;
	tt_mono_us store_retry_us;
	bool complete; /* every session was subscribed when last looked at */
	int stop_fd;
	atomic_bool stopping;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards stats */
	struct tt_worker_stats stats;
	struct tt_worker_stats own; /* the thread's copy */
};

static const char *kind(const struct tt_worker *w)
{
	return w->config.alerts ? "alert" : "bulk";
}

static void on_message(void *ctx, const char *topic, const uint8_t *payload, size_t len)
{
	struct source *source = ctx;

	if (tt_inbox_add(&source->worker->inbox, source->index, topic, payload, len))
		source->overflown = true;
}

static void publish_stats(struct tt_worker *w)
{
	w->own.ingest = *tt_ingest_stats(w->ingest);
	w->own.sessions = w->nsources;
	w->own.sessions_up = w->own.reconnects = 0;
	for (unsigned i = 0; i < w->nsources; i++) {
		w->own.sessions_up += tt_session_up(w->sources[i].session) ? 1 : 0;
		w->own.reconnects += tt_session_reconnects(w->sources[i].session);
	}
	TT_ASSERT(pthread_mutex_lock(&w->mutex) == 0);
	w->stats = w->own;
	TT_ASSERT(pthread_mutex_unlock(&w->mutex) == 0);
}

/* One line when the last session is subscribed: from then on nothing published is without a subscriber. And one when that ends. */
static void tell_completeness(struct tt_worker *w)
{
	const struct tt_log_ctx ctx = {.key = "worker", .value = kind(w), .up = NULL};
	const bool complete = w->own.sessions_up == w->own.sessions;

	if (complete != w->complete)
		tt_log(complete ? TT_LOG_INFO : TT_LOG_WARN, &ctx, complete ? "sessions.up" : "sessions.down", "%d of %d subscribed",
		       (int)w->own.sessions_up, (int)w->own.sessions);
	w->complete = complete;
}

static void count(uint64_t buckets[TT_WORKER_BUCKETS], const int64_t bounds[TT_WORKER_BUCKETS - 1], int64_t value)
{
	size_t i = 0;

	while (i < TT_WORKER_BUCKETS - 1 && value > bounds[i])
		i++;
	buckets[i]++;
}

/* Acks of the transaction just committed, queued at the sessions of their shards. */
static void queue_acks(struct tt_worker *w)
{
	const struct tt_ingest_ack *acks;
	size_t n = tt_ingest_acks(w->ingest, &acks);
	char topic[TT_TOPIC_MAX];
	uint8_t bytes[TT_ACK_MAX_BYTES];
	size_t len;

	for (size_t i = 0; i < n; i++) {
		int source = w->of_shard[tt_shard_of(acks[i].unit)];

		if (source < 0 || tt_ack_encode(acks[i].epoch, acks[i].cls, acks[i].up_to_seq, acks[i].resend, bytes, sizeof(bytes), &len))
			continue;
		tt_topic_dn(acks[i].unit, TT_DN_ACK, topic);
		tt_session_publish(w->sources[source].session, topic, bytes, len);
	}
}

/* One transaction from message `from` on; *next is the first message that is not in it. */
static enum tt_err store_some(struct tt_worker *w, size_t from, size_t *next, struct tt_errmsg *msg)
{
	tt_mono_us started = tt_mono_now();
	tt_utc_us received_at = tt_utc_now();
	enum tt_err err;
	size_t i = from;

	tt_turn_take(w->config.turn, w->config.alerts);
	err = tt_ingest_begin(w->ingest, msg);
	if (!err) {
		tt_mono_us until = tt_mono_now() + TT_MS(w->config.settings->batch_ms);

		while (i < w->inbox.n && !err && i - from < (size_t)w->config.settings->batch && (i == from || tt_mono_now() < until)) {
			struct tt_inbound in = tt_inbox_at(&w->inbox, i, received_at);

			err = tt_ingest_take(w->ingest, &in, msg);
			i++;
		}
		if (!err)
			err = tt_ingest_commit(w->ingest, msg);
		if (err)
			tt_ingest_abort(w->ingest);
	}
	tt_turn_give(w->config.turn);
	if (err)
		return err;
	*next = i;
	w->own.commit_us_sum += (uint64_t)(tt_mono_now() - started);
	count(w->own.commit_count, tt_worker_commit_us, tt_mono_now() - started);
	count(w->own.batch_count, tt_worker_batch_size, (int64_t)(i - from));
	return TT_OK;
}

/* The database failed: nothing of this turn is acknowledged, the broker delivers all of it again. */
static void give_back(struct tt_worker *w, const struct tt_errmsg *msg, tt_mono_us now_us)
{
	const struct tt_log_ctx ctx = {.key = "worker", .value = kind(w), .up = NULL};

	tt_log(TT_LOG_ERROR, &ctx, "store.failed",
	       "%s. Nothing was acknowledged; units and broker keep it. Free space or stop what locks the database; trying again in %d ms",
	       msg->text, (int)(w->store_retry_us / 1000));
	w->own.store_failures++;
	w->paused_until = now_us + w->store_retry_us;
	w->store_retry_us = tt_min_i64(w->store_retry_us * 2, STORE_RETRY_MAX_US);
	for (unsigned i = 0; i < w->nsources; i++) {
		if (w->sources[i].touched)
			tt_session_drop(w->sources[i].session, w->paused_until);
	}
}

static void store_all(struct tt_worker *w, tt_mono_us now_us)
{
	struct tt_errmsg msg = {.text = ""};

	for (size_t i = 0; i < w->inbox.n;) {
		if (store_some(w, i, &i, &msg)) {
			give_back(w, &msg, now_us);
			return;
		}
		w->store_retry_us = STORE_RETRY_US;
		queue_acks(w);
	}
}

/* Reads this source until it is dry or the batch is full. */
static void drain(struct tt_worker *w, struct source *source, tt_mono_us now_us)
{
	size_t before;

	source->touched = true;
	do {
		before = w->inbox.n;
		if (tt_session_read(source->session, now_us))
			return;
	} while (w->inbox.n > before && w->inbox.n < (size_t)w->config.settings->batch && !source->overflown);
}

static void read_all(struct tt_worker *w, const struct pollfd *fds, tt_mono_us now_us)
{
	for (unsigned k = 0; k < w->nsources && w->inbox.n < (size_t)w->config.settings->batch; k++) {
		unsigned i = (w->first + k) % w->nsources;

		if (fds[i].revents & (POLLIN | POLLERR | POLLHUP))
			drain(w, &w->sources[i], now_us);
	}
	TT_ASSERT(w->nsources > 0); /* a worker without shards is not started */
	w->first = (w->first + 1) % w->nsources;
}

static void flush_all(struct tt_worker *w, tt_mono_us now_us)
{
	for (unsigned i = 0; i < w->nsources; i++) {
		struct source *source = &w->sources[i];

		/* A message that was not taken has its PUBACK queued already: it must not be sent. */
		if (source->overflown)
			tt_session_drop(source->session, now_us);
		else
			tt_session_flush(source->session, now_us);
		source->overflown = source->touched = false;
	}
}

/* Fills fds (one a source, then the stop descriptor); returns the milliseconds to wait at most. */
static int prepare(struct tt_worker *w, struct pollfd *fds, tt_mono_us now_us)
{
	bool paused = now_us < w->paused_until;
	tt_mono_us wake = paused ? w->paused_until : now_us + TT_SEC(1);

	for (unsigned i = 0; i < w->nsources; i++) {
		struct tt_session *s = w->sources[i].session;

		tt_session_tick(s, now_us);
		fds[i] = (struct pollfd){.fd = tt_session_fd(s)};
		/* While the database rests nothing is read: the broker's window closes and the units keep the rest. */
		fds[i].events = (short)((paused ? 0 : POLLIN) | (tt_session_wants_write(s) ? POLLOUT : 0));
		wake = tt_min_i64(wake, tt_session_wake_at(s));
	}
	fds[w->nsources] = (struct pollfd){.fd = w->stop_fd, .events = POLLIN};
	return wake <= now_us ? 0 : (int)((wake - now_us + 999) / 1000);
}

static void *run(void *ctx)
{
	struct tt_worker *w = ctx;
	struct pollfd fds[TT_SHARDS + 1];

	while (!atomic_load(&w->stopping)) {
		int timeout_ms = prepare(w, fds, tt_mono_now());
		tt_mono_us now_us;

		if (poll(fds, w->nsources + 1, timeout_ms) < 0 && errno != EINTR)
			break;
		now_us = tt_mono_now();
		tt_inbox_clear(&w->inbox);
		if (now_us >= w->paused_until)
			read_all(w, fds, now_us);
		store_all(w, now_us);
		flush_all(w, now_us);
		publish_stats(w);
		tell_completeness(w);
	}
	for (unsigned i = 0; i < w->nsources; i++)
		tt_session_close(w->sources[i].session);
	return NULL;
}

static enum tt_err add_source(struct tt_worker *w, unsigned shard)
{
	static const enum tt_class rest[] = {TT_CLASS_EVENT, TT_CLASS_BULK, TT_CLASS_STATE};
	struct source *source = &w->sources[w->nsources];
	struct tt_session_config config = {.settings = w->config.settings, .on_message = on_message, .ctx = source};
	enum tt_err err;
	int n = snprintf(config.client_id, sizeof(config.client_id), w->config.alerts ? "gw-alert-%02u" : "gw-%02u", shard);

	TT_ASSERT(n > 0 && (size_t)n < sizeof(config.client_id));
	if (w->config.alerts) {
		tt_topic_shard_filter(shard, TT_CLASS_ALERT, config.filters[config.nfilters++]);
	} else {
		for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
			tt_topic_shard_filter(shard, rest[i], config.filters[config.nfilters++]);
	}
	*source = (struct source){.worker = w, .index = w->nsources};
	err = tt_session_create(&config, &source->session);
	if (!err)
		w->of_shard[shard] = (int)w->nsources++;
	return err;
}

static enum tt_err open_store(struct tt_worker *w, struct tt_errmsg *msg)
{
	const struct tt_settings *s = w->config.settings;
	const struct tt_ingest_config config = {
		.late_limit_us = TT_SEC(60) * s->late_minutes, .batch_max = (size_t)s->batch, .units_max = UNITS_REMEMBERED};
	int64_t have, want;
	enum tt_err err = tt_store_open(s->store, false, &w->store, msg);

	if (err)
		return err;
	err = tt_store_version(w->store, &have, &want);
	if (err)
		return tt_errmsg_set(msg, err, "%s: %s", s->store, tt_store_message(w->store));
	if (have != want)
		return tt_errmsg_set(msg, TT_EVERSION, "%s: the record has version %d, this program wants %d; run telltale init", s->store,
				     (int)have, (int)want);
	err = tt_ingest_create(w->store, &config, &w->ingest);
	return err ? tt_errmsg_set(msg, err, "ingest: %s", tt_err_text(err)) : TT_OK;
}

static void release(struct tt_worker *w)
{
	for (unsigned i = 0; i < w->nsources; i++)
		tt_session_destroy(w->sources[i].session);
	tt_ingest_destroy(w->ingest);
	tt_store_close(w->store);
	tt_inbox_free(&w->inbox);
	if (w->stop_fd >= 0)
		close(w->stop_fd);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

enum tt_err tt_worker_start(const struct tt_worker_config *config, struct tt_worker **out, struct tt_errmsg *msg)
{
	struct tt_worker *w = calloc(1, sizeof(*w));
	enum tt_err err;

	if (!w || pthread_mutex_init(&w->mutex, NULL) != 0) {
		free(w);
		return tt_errmsg_set(msg, TT_ENOMEM, "no memory for a worker");
	}
	w->config = *config;
	w->store_retry_us = STORE_RETRY_US;
	w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = w->stop_fd < 0 ? tt_errmsg_set(msg, TT_EIO, "no event descriptor") : open_store(w, msg);
	for (unsigned shard = 0; shard < TT_SHARDS && !err; shard++) {
		w->of_shard[shard] = -1;
		if (config->shards >> shard & 1)
			err = add_source(w, shard);
	}
	if (!err && pthread_create(&w->thread, NULL, run, w) != 0)
		err = tt_errmsg_set(msg, TT_EIO, "no thread for a worker");
	if (err) {
		release(w);
		return err;
	}
	*out = w;
	return TT_OK;
}

void tt_worker_stop(struct tt_worker *w)
{
	uint64_t one = 1;

	if (!w)
		return;
	atomic_store(&w->stopping, true);
	/* An eventfd that is not read is full after 2^64 - 1 stops. */
	TT_ASSERT(write(w->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
	TT_ASSERT(pthread_join(w->thread, NULL) == 0);
	release(w);
}

void tt_worker_stats(struct tt_worker *w, struct tt_worker_stats *out)
{
	TT_ASSERT(pthread_mutex_lock(&w->mutex) == 0);
	*out = w->stats;
	TT_ASSERT(pthread_mutex_unlock(&w->mutex) == 0);
}
