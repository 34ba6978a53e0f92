#include "gateway/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void counters_appear_once_with_help_type_and_labels(void **state)
{
	struct tt_metrics_worker workers[] = {{.name = "alert"}, {.name = "bulk"}};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	workers[1].stats.ingest.received = 12;
	workers[1].stats.ingest.accepted[TT_CLASS_BULK] = 11;
	workers[1].stats.ingest.quarantined[TT_REASON_SCHEMA] = 1;
	workers[1].stats.commit_count[0] = 2;
	workers[1].stats.commit_count[TT_WORKER_BUCKETS - 1] = 1;
	tt_metrics_print(workers, 2, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "# TYPE telltale_gateway_received_total counter\ntelltale_gateway_received_total{worker=\"alert\"} 0\n"
				     "telltale_gateway_received_total{worker=\"bulk\"} 12\n"));
	assert_non_null(strstr(text, "telltale_gateway_accepted_total{worker=\"bulk\",class=\"bulk\"} 11\n"));
	assert_non_null(strstr(text, "telltale_gateway_quarantined_total{worker=\"bulk\",reason=\"schema\"} 1\n"));
	/* Buckets are cumulative, and the open one equals the count. */
	assert_non_null(strstr(text, "telltale_gateway_commit_seconds_bucket{worker=\"bulk\",le=\"0.0005\"} 2\n"));
	assert_non_null(strstr(text, "telltale_gateway_commit_seconds_bucket{worker=\"bulk\",le=\"0.1\"} 2\n"));
	assert_non_null(strstr(text, "telltale_gateway_commit_seconds_bucket{worker=\"bulk\",le=\"+Inf\"} 3\n"));
	assert_non_null(strstr(text, "telltale_gateway_commit_seconds_count{worker=\"bulk\"} 3\n"));
	free(text);
}

static void a_file_that_cannot_be_written_is_told_and_leaves_the_old_one(void **state)
{
	struct tt_metrics_worker worker = {.name = "bulk"};
	char path[] = "/tmp/tt-metrics-XXXXXX";
	int fd = mkstemp(path);
	struct tt_errmsg msg;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(tt_metrics_write(path, &worker, 1, &msg), TT_OK);
	assert_int_equal(tt_metrics_write("/nonexistent/metrics", &worker, 1, &msg), TT_EIO);
	assert_non_null(strstr(msg.text, "/nonexistent/metrics"));
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_appear_once_with_help_type_and_labels),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told_and_leaves_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
