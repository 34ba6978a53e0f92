#include "gateway/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct counter {
	const char *name, *help;
	size_t offset; /* of a uint64_t in struct tt_worker_stats */
	bool gauge;
};

#define STAT(member) offsetof(struct tt_worker_stats, member)
static const struct counter counters[] = {
	{"received_total", "Messages read and settled.", STAT(ingest.received), false},
	{"duplicates_total", "Messages stored before.", STAT(ingest.duplicates), false},
	{"holes_total", "Messages refused because earlier ones are missing.", STAT(ingest.holes), false},
	{"resends_total", "Requests to send again.", STAT(ingest.resends), false},
	{"evicted_total", "Sequence numbers that will never come.", STAT(ingest.evicted), false},
	{"late_total", "Events older than the lateness limit.", STAT(ingest.late), false},
	{"quarantine_unkept_total", "Refused messages beyond the rows a unit may fill.", STAT(ingest.quarantine_unkept), false},
	{"tickets_opened_total", "Tickets opened.", STAT(ingest.tickets_opened), false},
	{"rescues_opened_total", "Rescue cases opened.", STAT(ingest.rescues_opened), false},
	{"reminders_opened_total", "Maintenance reminders opened.", STAT(ingest.reminders_opened), false},
	{"store_failures_total", "Turns given back because the database failed.", STAT(store_failures), false},
	{"reconnects_total", "Connections made after the first.", STAT(reconnects), false},
	{"sessions_up", "Sessions subscribed.", STAT(sessions_up), true},
	{"sessions", "Sessions wanted.", STAT(sessions), true},
};

static uint64_t value_of(const struct tt_worker_stats *stats, size_t offset)
{
	uint64_t v;

	memcpy(&v, (const char *)stats + offset, sizeof(v));
	return v;
}

static void head(FILE *out, const char *name, const char *help, const char *type)
{
	(void)fprintf(out, "# HELP telltale_gateway_%s %s\n# TYPE telltale_gateway_%s %s\n", name, help, name, type);
}

static void print_labelled(const struct tt_metrics_worker *workers, size_t n, FILE *out)
{
	head(out, "accepted_total", "Messages taken into the record.", "counter");
	for (size_t w = 0; w < n; w++) {
		for (int cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++)
			(void)fprintf(out, "telltale_gateway_accepted_total{worker=\"%s\",class=\"%s\"} %" PRIu64 "\n", workers[w].name,
				      tt_class_name((enum tt_class)cls), workers[w].stats.ingest.accepted[cls]);
	}
	head(out, "quarantined_total", "Messages refused, by reason.", "counter");
	for (size_t w = 0; w < n; w++) {
		for (int r = 0; r < TT_INGEST_NREASONS; r++)
			(void)fprintf(out, "telltale_gateway_quarantined_total{worker=\"%s\",reason=\"%s\"} %" PRIu64 "\n", workers[w].name,
				      tt_ingest_reason_label((enum tt_ingest_reason)r), workers[w].stats.ingest.quarantined[r]);
	}
}

/* bounds / divisor is printed with six decimals; divisor 1 prints whole numbers. */
static void print_histogram(const char *name, const struct tt_metrics_worker *w, const uint64_t *buckets, const int64_t *bounds,
			    int divisor, double sum, FILE *out)
{
	uint64_t total = 0;

	for (size_t i = 0; i < TT_WORKER_BUCKETS; i++) {
		total += buckets[i];
		if (i < TT_WORKER_BUCKETS - 1)
			(void)fprintf(out, "telltale_gateway_%s_bucket{worker=\"%s\",le=\"%g\"} %" PRIu64 "\n", name, w->name,
				      (double)bounds[i] / divisor, total);
		else
			(void)fprintf(out, "telltale_gateway_%s_bucket{worker=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, w->name, total);
	}
	(void)fprintf(out, "telltale_gateway_%s_sum{worker=\"%s\"} %.6f\ntelltale_gateway_%s_count{worker=\"%s\"} %" PRIu64 "\n", name,
		      w->name, sum, name, w->name, total);
}

void tt_metrics_print(const struct tt_metrics_worker *workers, size_t n, FILE *out)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		head(out, counters[i].name, counters[i].help, counters[i].gauge ? "gauge" : "counter");
		for (size_t w = 0; w < n; w++)
			(void)fprintf(out, "telltale_gateway_%s{worker=\"%s\"} %" PRIu64 "\n", counters[i].name, workers[w].name,
				      value_of(&workers[w].stats, counters[i].offset));
	}
	print_labelled(workers, n, out);
	head(out, "commit_seconds", "A transaction, from waiting for its turn to durable.", "histogram");
	for (size_t w = 0; w < n; w++)
		print_histogram("commit_seconds", &workers[w], workers[w].stats.commit_count, tt_worker_commit_us, 1000000,
				(double)workers[w].stats.commit_us_sum / 1e6, out);
	head(out, "batch_messages", "Messages a transaction.", "histogram");
	for (size_t w = 0; w < n; w++)
		print_histogram("batch_messages", &workers[w], workers[w].stats.batch_count, tt_worker_batch_size, 1,
				(double)workers[w].stats.ingest.received, out);
}

enum tt_err tt_metrics_write(const char *path, const struct tt_metrics_worker *workers, size_t n, struct tt_errmsg *msg)
{
	char temporary[1024];
	int len = snprintf(temporary, sizeof(temporary), "%s.new", path);
	bool failed;
	FILE *f;

	if (len < 0 || (size_t)len >= sizeof(temporary))
		return tt_errmsg_set(msg, TT_ERANGE, "metrics file: the path is too long");
	f = fopen(temporary, "we");
	if (!f)
		return tt_errmsg_set(msg, TT_EIO, "metrics file %s: %s", temporary, strerror(errno));
	tt_metrics_print(workers, n, f);
	failed = ferror(f) != 0;
	failed = fclose(f) != 0 || failed;
	if (failed || rename(temporary, path) != 0) {
		int why = errno;

		(void)unlink(temporary);
		return tt_errmsg_set(msg, why == ENOSPC ? TT_ENOSPC : TT_EIO, "metrics file %s: %s", path, strerror(why));
	}
	return TT_OK;
}
