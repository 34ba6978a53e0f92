#include "server/http/jobs.h"

#include <pthread.h>
#include <stdlib.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	void **ring;
	unsigned cap, first, used;
	bool stop;
};

struct worker {
	struct tt_jobs *jobs;
	struct queue *queue;
	void *own;
	pthread_t thread;
	bool running;
};

struct tt_jobs {
	tt_job_fn run;
	void (*end)(void *worker);
	struct queue queues[TT_NJOB_CLASSES];
	struct worker *workers;
	unsigned nworkers;
};

static void *work(void *arg)
{
	struct worker *w = (struct worker *)arg;
	struct queue *q = w->queue;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		void *job;

		while (q->used == 0 && !q->stop)
			pthread_cond_wait(&q->filled, &q->lock);
		if (q->used == 0)
			break;
		job = q->ring[q->first];
		q->first = (q->first + 1) % q->cap;
		q->used--;
		pthread_mutex_unlock(&q->lock);
		w->jobs->run(w->own, job);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

static enum tt_err start_worker(const struct tt_jobs_config *config, struct tt_jobs *jobs, struct queue *queue, struct tt_errmsg *msg)
{
	struct worker *w = &jobs->workers[jobs->nworkers];

	w->jobs = jobs;
	w->queue = queue;
	w->own = config->start(config->ctx, msg);
	if (!w->own)
		return TT_EIO;
	jobs->nworkers++;
	if (pthread_create(&w->thread, NULL, work, w) != 0)
		return tt_errmsg_set(msg, TT_EIO, "cannot start a worker thread; raise the limit of processes (ulimit -u)");
	w->running = true;
	return TT_OK;
}

enum tt_err tt_jobs_start(const struct tt_jobs_config *config, struct tt_jobs **out, struct tt_errmsg *msg)
{
	struct tt_jobs *jobs = calloc(1, sizeof(*jobs));
	unsigned all = 0;
	enum tt_err err = TT_OK;

	for (unsigned c = 0; c < TT_NJOB_CLASSES; c++)
		all += config->threads[c];
	if (jobs)
		jobs->workers = calloc(all, sizeof(*jobs->workers));
	if (!jobs || !jobs->workers) {
		free(jobs);
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory for %u workers", all);
	}
	jobs->run = config->run;
	jobs->end = config->end;
	for (unsigned c = 0; c < TT_NJOB_CLASSES; c++) {
		struct queue *q = &jobs->queues[c];

		pthread_mutex_init(&q->lock, NULL); /* default attributes: cannot fail on Linux */
		pthread_cond_init(&q->filled, NULL);
		q->cap = config->queue[c];
		q->ring = calloc(q->cap, sizeof(*q->ring));
		if (!q->ring && !err)
			err = tt_errmsg_set(msg, TT_ENOMEM, "out of memory for a queue of %u", q->cap);
		for (unsigned i = 0; !err && i < config->threads[c]; i++)
			err = start_worker(config, jobs, q, msg);
	}
	if (err) {
		tt_jobs_stop(jobs);
		tt_jobs_destroy(jobs);
	} else {
		*out = jobs;
	}
	return err;
}

enum tt_err tt_jobs_add(struct tt_jobs *jobs, enum tt_job_class cls, void *job)
{
	struct queue *q = &jobs->queues[cls];
	enum tt_err err = TT_EFULL;

	pthread_mutex_lock(&q->lock);
	if (!q->stop && q->used < q->cap) {
		q->ring[(q->first + q->used) % q->cap] = job;
		q->used++;
		pthread_cond_signal(&q->filled);
		err = TT_OK;
	}
	pthread_mutex_unlock(&q->lock);
	return err;
}

void tt_jobs_stop(struct tt_jobs *jobs)
{
	if (!jobs)
		return;
	for (unsigned c = 0; c < TT_NJOB_CLASSES; c++) {
		pthread_mutex_lock(&jobs->queues[c].lock);
		jobs->queues[c].stop = true;
		pthread_cond_broadcast(&jobs->queues[c].filled);
		pthread_mutex_unlock(&jobs->queues[c].lock);
	}
	for (unsigned i = 0; i < jobs->nworkers; i++) {
		if (jobs->workers[i].running)
			pthread_join(jobs->workers[i].thread, NULL);
		jobs->end(jobs->workers[i].own);
	}
	jobs->nworkers = 0;
}

void tt_jobs_destroy(struct tt_jobs *jobs)
{
	if (!jobs)
		return;
	TT_ASSERT(jobs->nworkers == 0);
	for (unsigned c = 0; c < TT_NJOB_CLASSES; c++) {
		free(jobs->queues[c].ring);
		pthread_cond_destroy(&jobs->queues[c].filled);
		pthread_mutex_destroy(&jobs->queues[c].lock);
	}
	free(jobs->workers);
	free(jobs);
}
