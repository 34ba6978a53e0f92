#include "server/http/metrics.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NBUCKETS = 10, FILE_MAX_BYTES = 1 << 20 };

static const int statuses[] = {200, 204, 304, 400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503, 0};
enum { NSTATUSES = sizeof(statuses) / sizeof(statuses[0]) };

static const int64_t bounds_us[NBUCKETS] = {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000};

struct route_metrics {
	atomic_uint_least64_t by_status[NSTATUSES];
	atomic_uint_least64_t by_bound[NBUCKETS + 1];
	atomic_uint_least64_t sum_us;
};

struct tt_metrics {
	const char *const *names;
	size_t nroutes;
	atomic_int_least64_t gauges[TT_NGAUGES];
	struct route_metrics routes[]; /* nroutes, then the one for everything else */
};

static const struct {
	const char *name, *type, *help;
} gauges[TT_NGAUGES] = {
	[TT_GAUGE_STREAMS] = {"telltale_server_sse_streams", "gauge", "Open event streams"},
	[TT_GAUGE_CHANNELS] = {"telltale_server_sse_channels", "gauge", "Scopes somebody listens to"},
	[TT_GAUGE_PUBLISHED] = {"telltale_server_feed_changes_total", "counter", "Changes published"},
	[TT_GAUGE_RESYNCS] = {"telltale_server_sse_resyncs_total", "counter", "Streams told to read everything again"},
	[TT_GAUGE_FEED_ID] = {"telltale_server_feed_id", "gauge", "Number of the newest change published"},
	[TT_GAUGE_FEED_LAG_US] = {"telltale_server_feed_lag_microseconds", "gauge", "Newest change: from its stamp to its publication"},
	[TT_GAUGE_FEED_LAG_MAX_US] = {"telltale_server_feed_lag_max_microseconds", "gauge", "The same, largest since the start"},
	[TT_GAUGE_FEED_FAILURES] = {"telltale_server_feed_failures_total", "counter", "Reads of the feed that failed"},
	[TT_GAUGE_CONNECTIONS] = {"telltale_server_connections", "gauge", "Open connections"},
	[TT_GAUGE_SLOW_CLOSED] = {"telltale_server_slow_closed_total", "counter", "Connections closed for sending a request too slowly"},
	[TT_GAUGE_OUTBOX_DUE] = {"telltale_server_outbox_due", "gauge", "Notifications waiting to be sent (at most 1000 are counted)"},
	[TT_GAUGE_OUTBOX_SENT] = {"telltale_server_outbox_sent_total", "counter", "Notifications sent"},
	[TT_GAUGE_OUTBOX_RETRIED] = {"telltale_server_outbox_retried_total", "counter", "Sendings that failed and will be repeated"},
	[TT_GAUGE_OUTBOX_FAILED] = {"telltale_server_outbox_failed_total", "counter", "Notifications given up"},
	[TT_GAUGE_ESCALATIONS] = {"telltale_server_escalations_total", "counter", "Tickets and rescues escalated"},
};

enum tt_err tt_metrics_create(const char *const *routes, size_t nroutes, struct tt_metrics **out)
{
	struct tt_metrics *m = calloc(1, sizeof(*m) + (nroutes + 1) * sizeof(m->routes[0]));

	if (!m)
		return TT_ENOMEM;
	m->names = routes;
	m->nroutes = nroutes;
	*out = m;
	return TT_OK;
}

void tt_metrics_destroy(struct tt_metrics *metrics)
{
	free(metrics);
}

void tt_metrics_request(struct tt_metrics *metrics, int route, int status, int64_t took_us)
{
	struct route_metrics *r = &metrics->routes[route >= 0 && (size_t)route < metrics->nroutes ? (size_t)route : metrics->nroutes];
	unsigned s = 0, b = 0;

	while (s < NSTATUSES - 1 && statuses[s] != status)
		s++;
	while (b < NBUCKETS && took_us > bounds_us[b])
		b++;
	atomic_fetch_add_explicit(&r->by_status[s], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&r->by_bound[b], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&r->sum_us, (uint64_t)took_us, memory_order_relaxed);
}

void tt_metrics_set(struct tt_metrics *metrics, enum tt_gauge gauge, int64_t value)
{
	atomic_store_explicit(&metrics->gauges[gauge], value, memory_order_relaxed);
}

void tt_metrics_add(struct tt_metrics *metrics, enum tt_gauge gauge, int64_t value)
{
	atomic_fetch_add_explicit(&metrics->gauges[gauge], value, memory_order_relaxed);
}

static const char *name_of(const struct tt_metrics *m, size_t i)
{
	return i < m->nroutes ? m->names[i] : "other";
}

static void write_requests(const struct tt_metrics *m, FILE *f)
{
	(void)fputs("# HELP telltale_server_requests_total Requests answered\n# TYPE telltale_server_requests_total counter\n", f);
	for (size_t i = 0; i <= m->nroutes; i++) {
		for (unsigned s = 0; s < NSTATUSES; s++) {
			uint64_t n = atomic_load_explicit(&m->routes[i].by_status[s], memory_order_relaxed);

			if (n > 0)
				(void)fprintf(f, "telltale_server_requests_total{route=\"%s\",status=\"%d\"} %llu\n", name_of(m, i),
					      statuses[s], (unsigned long long)n);
		}
	}
}

static void write_latency(const struct tt_metrics *m, FILE *f)
{
	(void)fputs(
		"# HELP telltale_server_request_seconds Request read to answer ready\n# TYPE telltale_server_request_seconds histogram\n",
		f);
	for (size_t i = 0; i <= m->nroutes; i++) {
		const struct route_metrics *r = &m->routes[i];
		uint64_t below = 0, all = 0;

		for (unsigned b = 0; b <= NBUCKETS; b++)
			all += atomic_load_explicit(&r->by_bound[b], memory_order_relaxed);
		if (all == 0)
			continue;
		for (unsigned b = 0; b < NBUCKETS; b++) {
			below += atomic_load_explicit(&r->by_bound[b], memory_order_relaxed);
			(void)fprintf(f, "telltale_server_request_seconds_bucket{route=\"%s\",le=\"%g\"} %llu\n", name_of(m, i),
				      (double)bounds_us[b] / 1e6, (unsigned long long)below);
		}
		(void)fprintf(f, "telltale_server_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", name_of(m, i),
			      (unsigned long long)all);
		(void)fprintf(f, "telltale_server_request_seconds_sum{route=\"%s\"} %g\n", name_of(m, i),
			      (double)atomic_load_explicit(&r->sum_us, memory_order_relaxed) / 1e6);
		(void)fprintf(f, "telltale_server_request_seconds_count{route=\"%s\"} %llu\n", name_of(m, i), (unsigned long long)all);
	}
}

/* Stale numbers of a program that stopped would look alive: they are left out. */
static void append_file(const char *path, tt_utc_us now, int64_t max_age_us, FILE *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t total = 0;
	char buf[8192];
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && now - (tt_utc_us)st.st_mtime * 1000000 <= max_age_us) {
		while (total < FILE_MAX_BYTES && (n = read(fd, buf, sizeof(buf))) > 0) {
			(void)fwrite(buf, 1, (size_t)n, out);
			total += (size_t)n;
		}
	}
	close(fd);
}

enum tt_err tt_metrics_text(const struct tt_metrics *metrics, const char *file, tt_utc_us now, int64_t max_age_us, char **out)
{
	char *text = NULL;
	size_t len = 0;
	bool failed;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return TT_ENOMEM;
	write_requests(metrics, f);
	write_latency(metrics, f);
	for (unsigned g = 0; g < TT_NGAUGES; g++)
		(void)fprintf(f, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", gauges[g].name, gauges[g].help, gauges[g].name, gauges[g].type,
			      gauges[g].name, (long long)atomic_load_explicit(&metrics->gauges[g], memory_order_relaxed));
	if (file && file[0])
		append_file(file, now, max_age_us, f);
	failed = ferror(f) != 0; /* fclose alone tells nothing of a line that found no memory */
	if (fclose(f) != 0 || failed) {
		free(text);
		return TT_ENOMEM;
	}
	*out = text;
	return TT_OK;
}
