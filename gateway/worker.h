/*
 * A worker: one thread with its sessions, its store handle and its ingest. The gateway has two, one for alerts and one for everything else,
 * so that no load of the second delays the first.
 *
 * A turn of the worker: read from every session that has something until the batch is full or the sockets are dry; store it in transactions
 * of at most `batch` messages and `batch-ms` milliseconds; queue the acks; only then let the sessions send. When the database fails,
 * everything read in the turn is given back to the broker by dropping the sessions it came from.
 */
#ifndef TT_GATEWAY_WORKER_H
#define TT_GATEWAY_WORKER_H

#include "gateway/ingest.h"
#include "gateway/settings.h"
#include "gateway/turn.h"

struct tt_worker;

struct tt_worker_config {
	const struct tt_settings *settings; /* must outlive the worker */
	uint64_t shards;
	struct tt_turn *turn; /* shared by the workers of one database */
	bool alerts;          /* alerts only, with the right of way; or all the rest */
};

/* Upper bounds of the histograms, the last one open. */
enum { TT_WORKER_BUCKETS = 8 };
extern const int64_t tt_worker_commit_us[TT_WORKER_BUCKETS - 1];
extern const int64_t tt_worker_batch_size[TT_WORKER_BUCKETS - 1];

struct tt_worker_stats {
	struct tt_ingest_stats ingest;
	uint64_t commit_us_sum, commit_count[TT_WORKER_BUCKETS]; /* from begin, with waiting for the turn, to the end of the commit */
	uint64_t batch_count[TT_WORKER_BUCKETS];                 /* messages a transaction */
	uint64_t store_failures;
	uint64_t reconnects;
	uint64_t sessions_up, sessions;
};

/* Opens the store, makes the sessions and starts the thread. msg names what failed. */
TT_MUSTCHECK enum tt_err tt_worker_start(const struct tt_worker_config *config, struct tt_worker **out, struct tt_errmsg *msg);
/* Finishes the turn, says goodbye to the broker and frees everything. NULL is fine. */
void tt_worker_stop(struct tt_worker *worker);
void tt_worker_stats(struct tt_worker *worker, struct tt_worker_stats *out);

#endif
