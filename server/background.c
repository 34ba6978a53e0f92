#include "background.h"

#include "base/log.h"
#include "server/schedule/schedule.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define OUTBOX_EVERY_US TT_MS(200)
#define TIMERS_EVERY_US TT_SEC(1)
#define SESSIONS_EVERY_US TT_SEC(600)
#define REMINDERS_EVERY_US TT_SEC(3600)
enum { DEPTH_MAX = 1000 };

struct task {
	struct tt_background *all;
	struct tt_store *store;
	pthread_t thread;
	bool running;
	struct tt_log_limit limit;
};

struct tt_background {
	const struct tt_notify_channel *channel;
	struct tt_metrics *metrics;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
	struct task outbox, timers;
};

/* False: time to stop. */
static bool pause_for(struct tt_background *b, int64_t us)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(us / 1000000);
	until.tv_nsec += (long)(us % 1000000) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&b->lock);
	while (!b->stop && pthread_cond_timedwait(&b->stopped, &b->lock, &until) == 0)
		;
	stop = b->stop;
	pthread_mutex_unlock(&b->lock);
	return !stop;
}

static void complain(struct task *t, const char *event, enum tt_err err)
{
	uint64_t missed;

	if (err && tt_log_allow(&t->limit, tt_mono_now(), &missed))
		tt_log(TT_LOG_ERROR, NULL, event, "error=%s detail=\"%s\" missed=%llu", tt_err_name(err), tt_store_message(t->store),
		       (unsigned long long)missed);
}

static enum tt_err count_row(void *ctx, const struct tt_outbox *row)
{
	(void)row;
	(*(int64_t *)ctx)++;
	return TT_OK;
}

static void *run_outbox(void *arg)
{
	struct task *t = (struct task *)arg;
	struct tt_metrics *m = t->all->metrics;

	while (pause_for(t->all, OUTBOX_EVERY_US)) {
		int64_t depth = 0;
		struct tt_notify_counts counts = {0};
		enum tt_err err = tt_store_outbox_due(t->store, tt_utc_now(), DEPTH_MAX, count_row, &depth);

		tt_metrics_set(m, TT_GAUGE_OUTBOX_DUE, depth);
		if (!err && depth > 0)
			err = tt_notify_step(t->store, t->all->channel, tt_utc_now(), tt_utc_now, &counts);
		if (err != TT_ENOTFOUND)
			complain(t, "notify.record", err);
		tt_metrics_add(m, TT_GAUGE_OUTBOX_SENT, counts.sent);
		tt_metrics_add(m, TT_GAUGE_OUTBOX_RETRIED, counts.retried);
		tt_metrics_add(m, TT_GAUGE_OUTBOX_FAILED, counts.failed);
		if (counts.failed > 0)
			tt_log(TT_LOG_WARN, NULL, "notify.failed", "given_up=%u channel=%s", counts.failed, t->all->channel->name);
	}
	return NULL;
}

static void *run_timers(void *arg)
{
	struct task *t = (struct task *)arg;
	tt_mono_us sessions_at = tt_mono_now(), reminders_at = sessions_at + TT_SEC(5);

	while (pause_for(t->all, TIMERS_EVERY_US)) {
		unsigned tickets = 0, rescues = 0, reminders = 0;
		tt_mono_us now = tt_mono_now();

		complain(t, "schedule.rescues", tt_schedule_rescues(t->store, tt_utc_now(), &rescues));
		complain(t, "schedule.tickets", tt_schedule_tickets(t->store, tt_utc_now(), &tickets));
		tt_metrics_add(t->all->metrics, TT_GAUGE_ESCALATIONS, tickets + rescues);
		if (now >= sessions_at) {
			sessions_at = now + SESSIONS_EVERY_US;
			complain(t, "schedule.sessions", tt_schedule_sessions(t->store, tt_utc_now()));
		}
		if (now >= reminders_at) {
			reminders_at = now + REMINDERS_EVERY_US;
			complain(t, "schedule.reminders", tt_schedule_reminders(t->store, tt_utc_now(), &reminders));
		}
		if (tickets + rescues + reminders > 0)
			tt_log(TT_LOG_INFO, NULL, "schedule.told", "tickets=%u rescues=%u reminders=%u", tickets, rescues, reminders);
	}
	return NULL;
}

static enum tt_err start_task(struct tt_background *b, struct task *t, const char *store, void *(*run)(void *), struct tt_errmsg *msg)
{
	enum tt_err err;

	t->all = b;
	t->limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 3};
	err = tt_store_open(store, false, &t->store, msg);
	if (err)
		return err;
	if (pthread_create(&t->thread, NULL, run, t) != 0)
		return tt_errmsg_set(msg, TT_EIO, "cannot start a background thread; raise the limit of processes (ulimit -u)");
	t->running = true;
	return TT_OK;
}

enum tt_err tt_background_start(const char *store, const struct tt_notify_channel *channel, struct tt_metrics *metrics,
				struct tt_background **out, struct tt_errmsg *msg)
{
	struct tt_background *b = calloc(1, sizeof(*b));
	pthread_condattr_t attr;
	enum tt_err err;

	if (!b)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	b->channel = channel;
	b->metrics = metrics;
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->stopped, &attr);
	pthread_condattr_destroy(&attr);
	err = start_task(b, &b->outbox, store, run_outbox, msg);
	if (!err)
		err = start_task(b, &b->timers, store, run_timers, msg);
	if (err)
		tt_background_stop(b);
	else
		*out = b;
	return err;
}

void tt_background_stop(struct tt_background *background)
{
	struct tt_background *b = background;
	struct task *tasks[2];

	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_broadcast(&b->stopped);
	pthread_mutex_unlock(&b->lock);
	tasks[0] = &b->outbox;
	tasks[1] = &b->timers;
	for (size_t i = 0; i < 2; i++) {
		if (tasks[i]->running)
			pthread_join(tasks[i]->thread, NULL);
		tt_store_close(tasks[i]->store);
	}
	pthread_cond_destroy(&b->stopped);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
