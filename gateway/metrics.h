/*
 * The gateway's counters as Prometheus text (exposition format 0.0.4), rewritten atomically; the server shows them at /metrics.
 */
#ifndef TT_GATEWAY_METRICS_H
#define TT_GATEWAY_METRICS_H

#include "gateway/worker.h"

#include <stdio.h>

struct tt_metrics_worker {
	const char *name; /* label: "alert", "bulk" */
	struct tt_worker_stats stats;
};

void tt_metrics_print(const struct tt_metrics_worker *workers, size_t n, FILE *out);
/* Writes path.new and renames it. TT_EIO, TT_ENOSPC; the old file stays. */
TT_MUSTCHECK enum tt_err tt_metrics_write(const char *path, const struct tt_metrics_worker *workers, size_t n, struct tt_errmsg *msg);

#endif
