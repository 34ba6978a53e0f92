/* The server's own counters, and all of them as Prometheus text (exposition format 0.0.4). Counters are lock-free; threads: any. */
#ifndef TT_SERVER_HTTP_METRICS_H
#define TT_SERVER_HTTP_METRICS_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

struct tt_metrics;

/* routes: names "GET /api/queue", kept, not copied; index -1 of the calls is everything else (static files, 404). */
TT_MUSTCHECK enum tt_err tt_metrics_create(const char *const *routes, size_t nroutes, struct tt_metrics **out);
void tt_metrics_destroy(struct tt_metrics *metrics);
void tt_metrics_request(struct tt_metrics *metrics, int route, int status, int64_t took_us);

/* Single values set by others. */
enum tt_gauge {
	TT_GAUGE_STREAMS,
	TT_GAUGE_CHANNELS,
	TT_GAUGE_PUBLISHED,
	TT_GAUGE_RESYNCS,
	TT_GAUGE_FEED_ID,
	TT_GAUGE_FEED_LAG_US,
	TT_GAUGE_FEED_LAG_MAX_US,
	TT_GAUGE_FEED_FAILURES,
	TT_GAUGE_CONNECTIONS,
	TT_GAUGE_SLOW_CLOSED,
	TT_GAUGE_OUTBOX_DUE,
	TT_GAUGE_OUTBOX_SENT,
	TT_GAUGE_OUTBOX_RETRIED,
	TT_GAUGE_OUTBOX_FAILED,
	TT_GAUGE_ESCALATIONS,
	TT_NGAUGES
};
void tt_metrics_set(struct tt_metrics *metrics, enum tt_gauge gauge, int64_t value);
void tt_metrics_add(struct tt_metrics *metrics, enum tt_gauge gauge, int64_t value);

/* *out: heap, the caller frees. file (NULL or "" = none): another program's metrics, appended when it was written within max_age. */
TT_MUSTCHECK enum tt_err tt_metrics_text(const struct tt_metrics *metrics, const char *file, tt_utc_us now, int64_t max_age_us, char **out);

#endif
