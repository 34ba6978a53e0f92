/*
 * Worker threads for requests. The threads that serve connections never touch the record: a write may wait for the gateway's transaction,
 * a password check takes 60 ms and 64 MiB, and either would hold up thousands of streams. So a request is parked, handled here, and
 * woken with its answer.
 *
 * Two queues, both bounded: password checks have their own two threads, which is what bounds how many run at once.
 */
#ifndef TT_SERVER_HTTP_JOBS_H
#define TT_SERVER_HTTP_JOBS_H

#include "base/err.h"

enum tt_job_class { TT_JOB_REQUEST, TT_JOB_LOGIN, TT_NJOB_CLASSES };

struct tt_jobs;

/* worker: what tt_jobs_config.start gave the thread. */
typedef void (*tt_job_fn)(void *worker, void *job);

struct tt_jobs_config {
	unsigned threads[TT_NJOB_CLASSES];
	unsigned queue[TT_NJOB_CLASSES]; /* most jobs waiting */
	tt_job_fn run;
	void *(*start)(void *ctx, struct tt_errmsg *msg); /* in the caller's thread, once a worker; NULL: the pool does not start */
	void (*end)(void *worker);
	void *ctx;
};

/* TT_ENOMEM, TT_EIO: with a message. */
TT_MUSTCHECK enum tt_err tt_jobs_start(const struct tt_jobs_config *config, struct tt_jobs **out, struct tt_errmsg *msg);
/* TT_EFULL: try again later; the job is still the caller's. */
TT_MUSTCHECK enum tt_err tt_jobs_add(struct tt_jobs *jobs, enum tt_job_class cls, void *job);
/* Every job added is run; then the threads end, and nothing more is taken (TT_EFULL). NULL is fine. */
void tt_jobs_stop(struct tt_jobs *jobs);
/* After stop, when nobody adds any more. NULL is fine. */
void tt_jobs_destroy(struct tt_jobs *jobs);

#endif
