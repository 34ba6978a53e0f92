#include "server/http/watch.h"

#include "base/log.h"
#include "server/api/api.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PUMP_ROWS = 500, FILL_REACH = 4096 };
#define NOBODY_LISTENS_US TT_MS(25) /* between looks while there is no stream; a new one reads the record itself */

struct tt_watch {
	struct tt_store *store;
	struct tt_hub *hub;
	int64_t poll_us, heartbeat_us;
	int64_t version; /* data_version seen; -1 = none */
	int64_t last_id;
	int rows; /* of the present pump */
	pthread_t thread;
	atomic_bool stop;
	atomic_int_least64_t shown_id, lag_last_us, lag_max_us;
	atomic_uint_least64_t failures;
	struct tt_log_limit limit;
};

/* ---- an event's bytes ---- */

static char *compose(const struct tt_change *change, const char *json, const char *counters)
{
	size_t cap = strlen(json) + strlen(counters) + strlen(change->kind) + 64;
	char *text = malloc(cap);
	int n = text ? snprintf(text, cap, "id: %lld\nevent: %s\ndata: %s%s\n\n", (long long)change->id, change->kind, json, counters) : -1;

	if (n < 0 || (size_t)n >= cap) {
		free(text);
		return NULL;
	}
	return text;
}

struct rendering {
	struct tt_store *store;
	const struct tt_change *change;
	const char *json; /* NULL: could not be rendered */
};

static char *render(void *ctx, int64_t channel_dealer)
{
	struct rendering *r = (struct rendering *)ctx;
	char *counters, *text;

	if (!r->json || tt_api_counters_json(r->store, (struct tt_scope){.dealer_id = channel_dealer, .user_id = 0}, &counters))
		return NULL;
	text = compose(r->change, r->json, counters);
	free(counters);
	return text;
}

static enum tt_err publish_row(void *ctx, const struct tt_change *row)
{
	struct tt_watch *w = (struct tt_watch *)ctx;
	struct rendering r = {.store = w->store, .change = row, .json = NULL};
	char *json = NULL;
	int64_t lag = tt_utc_now() - row->at;

	if (tt_api_change_json(w->store, row, &json) == TT_OK)
		r.json = json;
	tt_hub_publish(w->hub, row->id, row->dealer_id, render, &r);
	free(json);
	w->last_id = row->id;
	w->rows++;
	atomic_store(&w->shown_id, row->id);
	atomic_store(&w->lag_last_us, lag);
	if (lag > atomic_load(&w->lag_max_us))
		atomic_store(&w->lag_max_us, lag);
	return TT_OK;
}

/* ---- the thread ---- */

static enum tt_err pump(struct tt_watch *w)
{
	int64_t version;
	enum tt_err err = tt_store_data_version(w->store, &version);
	bool any = false;

	if (err || version == w->version)
		return err;
	do {
		w->rows = 0;
		err = tt_store_changes(w->store, TT_SCOPE_SYSTEM, w->last_id, PUMP_ROWS, publish_row, w);
		any = any || w->rows > 0;
	} while (!err && w->rows == PUMP_ROWS);
	if (any)
		tt_hub_flush(w->hub);
	if (!err)
		w->version = version; /* taken before the read: a commit between the two is looked at again */
	return err;
}

static bool stands(void *ctx, const uint8_t token_hash[32])
{
	struct tt_watch *w = (struct tt_watch *)ctx;

	/* A record that cannot be read now ends nobody's stream. */
	return tt_api_session_stands(w->store, token_hash, tt_utc_now()) != TT_EDENIED;
}

static void nap(int64_t us)
{
	const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

static int64_t pause_of(const struct tt_watch *w, enum tt_err err)
{
	struct tt_hub_stats stats;

	if (err)
		return TT_MS(100);
	tt_hub_stats(w->hub, &stats);
	return stats.streams == 0 && w->poll_us < NOBODY_LISTENS_US ? NOBODY_LISTENS_US : w->poll_us;
}

static void *run(void *arg)
{
	struct tt_watch *w = (struct tt_watch *)arg;
	tt_mono_us next_beat = tt_mono_now() + w->heartbeat_us;

	while (!atomic_load(&w->stop)) {
		enum tt_err err = pump(w);
		tt_mono_us now = tt_mono_now();
		uint64_t missed;

		if (err) {
			atomic_fetch_add(&w->failures, 1);
			if (tt_log_allow(&w->limit, now, &missed))
				tt_log(TT_LOG_ERROR, NULL, "feed.read", "error=%s detail=\"%s\" missed=%llu", tt_err_name(err),
				       tt_store_message(w->store), (unsigned long long)missed);
		}
		if (now >= next_beat) {
			next_beat = now + w->heartbeat_us;
			tt_hub_check_sessions(w->hub, stands, w);
			tt_hub_heartbeat(w->hub);
		}
		nap(pause_of(w, err));
	}
	return NULL;
}

enum tt_err tt_watch_start(struct tt_store *store, struct tt_hub *hub, int64_t poll_us, int64_t heartbeat_us, struct tt_watch **out)
{
	struct tt_watch *w = calloc(1, sizeof(*w));
	enum tt_err err = w ? TT_OK : TT_ENOMEM;

	if (!err) {
		w->store = store;
		w->hub = hub;
		w->poll_us = poll_us;
		w->heartbeat_us = heartbeat_us;
		w->version = -1;
		w->limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 5};
		err = tt_store_change_last(store, &w->last_id);
	}
	if (!err) {
		tt_hub_start_at(hub, w->last_id);
		atomic_store(&w->shown_id, w->last_id);
		err = pthread_create(&w->thread, NULL, run, w) == 0 ? TT_OK : TT_EIO;
	}
	if (err) {
		tt_store_close(store);
		free(w);
		return err;
	}
	*out = w;
	return TT_OK;
}

void tt_watch_stop(struct tt_watch *watch)
{
	if (!watch)
		return;
	atomic_store(&watch->stop, true);
	pthread_join(watch->thread, NULL);
	tt_store_close(watch->store);
	free(watch);
}

void tt_watch_stats(struct tt_watch *watch, struct tt_watch_stats *out)
{
	out->last_id = atomic_load(&watch->shown_id);
	out->lag_last_us = atomic_load(&watch->lag_last_us);
	out->lag_max_us = atomic_load(&watch->lag_max_us);
	out->failures = atomic_load(&watch->failures);
}

/* ---- filling a channel ---- */

struct fill {
	struct tt_store *store;
	struct tt_hub_fill *fill;
	const char *counters;
	int64_t ids[TT_HUB_RING]; /* the last ones seen */
	size_t seen;
};

static enum tt_err note_id(void *ctx, const struct tt_change *row)
{
	struct fill *f = (struct fill *)ctx;

	f->ids[f->seen++ % TT_HUB_RING] = row->id;
	return TT_OK;
}

static enum tt_err fill_row(void *ctx, const struct tt_change *row)
{
	struct fill *f = (struct fill *)ctx;
	char *json, *text;
	enum tt_err err = tt_api_change_json(f->store, row, &json);

	if (err)
		return err;
	text = compose(row, json, f->counters);
	free(json);
	return text ? tt_hub_fill_add(f->fill, row->id, text) : TT_ENOMEM;
}

enum tt_err tt_watch_fill(void *store, int64_t dealer_id, int64_t after, struct tt_hub_fill *fill, int64_t *floor)
{
	const struct tt_scope scope = {.dealer_id = dealer_id, .user_id = 0};
	struct fill f = {.store = (struct tt_store *)store, .fill = fill};
	int64_t last = 0, from = after;
	char *counters = NULL;
	enum tt_err err = tt_store_change_last(f.store, &last);

	if (last - FILL_REACH > from)
		from = last - FILL_REACH;
	if (!err)
		err = tt_api_counters_json(f.store, scope, &counters);
	/* Ids first: of thousands of changes only the last are worth rendering. */
	if (!err)
		err = tt_store_changes(f.store, scope, from, FILL_REACH, note_id, &f);
	if (!err && f.seen > TT_HUB_RING)
		from = f.ids[f.seen % TT_HUB_RING] - 1;
	f.counters = counters;
	if (!err)
		err = tt_store_changes(f.store, scope, from, FILL_REACH, fill_row, &f);
	free(counters);
	if (!err)
		*floor = from;
	return err;
}
