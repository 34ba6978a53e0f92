/* Small parts: request targets, cookies, log-in limits, static files' negotiation, addresses, jobs. */
#include "server/api/login_limit.h"
#include "server/api/target.h"
#include "server/http/assets.h"
#include "server/http/jobs.h"
#include "server/http/metrics.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void queries_are_decoded_once_and_strictly(void **state)
{
	static const struct {
		const char *query;
		enum tt_err err;
		const char *value; /* of "q" */
	} cases[] = {
		{"q=a+b%20c", TT_OK, "a b c"},
		{"q=%2525", TT_OK, "%25"},
		{"q", TT_OK, ""},
		{"", TT_OK, NULL},
		{"x=1&&q=2&", TT_OK, "2"},
		{"q=a=b", TT_OK, "a=b"},
		{"q=%E7%8E%8B", TT_OK, "王"},
		{"q=%", TT_EINVAL, NULL},
		{"q=%0", TT_EINVAL, NULL},
		{"q=%0g", TT_EINVAL, NULL},
		{"q=%00", TT_EINVAL, NULL},
		{"q=1&q=2", TT_EINVAL, NULL},
		{"a&b&c&d&e&f&g&h&i", TT_EFULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_query q;
		enum tt_err err = tt_query_parse(cases[i].query, &q);

		if (err != cases[i].err)
			fail_msg("%s: %s", cases[i].query, tt_err_name(err));
		if (!err && cases[i].value)
			assert_string_equal(tt_query_get(&q, "q"), cases[i].value);
	}
}

static void cookie_is_found_by_its_whole_name(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(tt_cookie_get("a=1; tt=abc; b=2", "tt", out, sizeof(out)), TT_OK);
	assert_string_equal(out, "abc");
	assert_int_equal(tt_cookie_get("xtt=1; ttx=2", "tt", out, sizeof(out)), TT_ENOTFOUND);
	assert_int_equal(tt_cookie_get("tt=12345678", "tt", out, sizeof(out)), TT_EFULL);
	assert_int_equal(tt_cookie_get("", "tt", out, sizeof(out)), TT_ENOTFOUND);
	assert_int_equal(tt_cookie_get(";;; ;", "tt", out, sizeof(out)), TT_ENOTFOUND);
}

static void flood_of_names_frees_no_locked_account(void **state)
{
	static const uint8_t seed[16] = {7};
	struct tt_login_limits *l;
	tt_utc_us now = INT64_C(1790000000000000);
	int wait_s;

	(void)state;
	assert_int_equal(tt_login_limits_create(seed, &l), TT_OK);
	for (int i = 0; i < 10; i++) {
		char address[32];

		(void)snprintf(address, sizeof(address), "192.0.2.%d", i);
		assert_true(tt_login_limits_take(l, "victim", address, now, &wait_s));
	}
	assert_false(tt_login_limits_take(l, "victim", "192.0.2.99", now, &wait_s));
	for (int i = 0; i < 20000; i++) {
		char login[32], address[32];

		(void)snprintf(login, sizeof(login), "name%d", i);
		(void)snprintf(address, sizeof(address), "2001:db8::%x", i);
		(void)tt_login_limits_take(l, login, address, now, &wait_s);
	}
	assert_false(tt_login_limits_take(l, "VICTIM", "198.51.100.1", now, &wait_s));
	assert_int_equal(wait_s, 60);
	tt_login_limits_destroy(l);
}

static void address_gets_thirty_tries_and_success_gives_one_back(void **state)
{
	static const uint8_t seed[16] = {7};
	struct tt_login_limits *l;
	int wait_s = 0, tries = 0;

	(void)state;
	assert_int_equal(tt_login_limits_create(seed, &l), TT_OK);
	for (; tries < 100; tries++) {
		char login[32];

		(void)snprintf(login, sizeof(login), "name%d", tries);
		if (!tt_login_limits_take(l, login, "192.0.2.1", 1000, &wait_s))
			break;
	}
	assert_int_equal(tries, 30);
	assert_int_equal(wait_s, 20);
	tt_login_limits_success(l, "name1", "192.0.2.1", 1000);
	assert_true(tt_login_limits_take(l, "fresh", "192.0.2.1", 1000, &wait_s));
	tt_login_limits_destroy(l);
}

static void gzip_is_sent_to_who_takes_it(void **state)
{
	(void)state;
	assert_true(tt_accepts_gzip("gzip, deflate, br"));
	assert_true(tt_accepts_gzip("br;q=1.0, GZIP;q=0.8"));
	assert_false(tt_accepts_gzip("br"));
	assert_false(tt_accepts_gzip("gzip;q=0"));
	assert_false(tt_accepts_gzip(NULL));
}

static void names_with_a_hash_are_kept_for_ever_and_others_asked_for(void **state)
{
	static const struct {
		const char *path;
		bool immutable;
	} cases[] = {{"/app.3F2AXQ7B.js", true}, {"/index.html", false}, {"/app.js", false}, {"/assets/app.3f2a9c71.css", true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tt_asset asset = {.path = cases[i].path, .etag = "\"x\""};

		assert_int_equal(strstr(tt_asset_cache_control(&asset), "immutable") != NULL, cases[i].immutable);
	}
}

/* ---- jobs ---- */

static atomic_int done, most, now_running;

static void run_job(void *worker, void *job)
{
	int running = atomic_fetch_add(&now_running, 1) + 1;

	(void)worker;
	(void)job;
	if (running > atomic_load(&most))
		atomic_store(&most, running);
	atomic_fetch_add(&done, 1);
	atomic_fetch_sub(&now_running, 1);
}

static void *start_worker(void *ctx, struct tt_errmsg *msg)
{
	int *left = (int *)ctx;

	if ((*left)-- == 0) {
		(void)tt_errmsg_set(msg, TT_EIO, "no store");
		return NULL;
	}
	return ctx;
}

static void end_worker(void *worker)
{
	(*(int *)worker)++;
}

static void every_job_taken_is_run_before_the_pool_stops(void **state)
{
	int left = 100;
	const struct tt_jobs_config config = {
		.threads = {2, 1}, .queue = {64, 8}, .run = run_job, .start = start_worker, .end = end_worker, .ctx = &left};
	struct tt_jobs *jobs;
	struct tt_errmsg msg;
	int taken = 0;

	(void)state;
	atomic_store(&done, 0);
	assert_int_equal(tt_jobs_start(&config, &jobs, &msg), TT_OK);
	for (int i = 0; i < 1000; i++)
		taken += tt_jobs_add(jobs, i % 2 ? TT_JOB_LOGIN : TT_JOB_REQUEST, &left) == TT_OK;
	tt_jobs_stop(jobs);
	assert_int_equal(atomic_load(&done), taken);
	assert_int_equal(tt_jobs_add(jobs, TT_JOB_REQUEST, &left), TT_EFULL);
	assert_int_equal(left, 100);
	tt_jobs_destroy(jobs);
}

static void pool_whose_worker_cannot_start_ends_the_others(void **state)
{
	struct tt_jobs *jobs;
	struct tt_errmsg msg;

	(void)state;
	for (int n = 0; n < 3; n++) {
		int left = n;
		const struct tt_jobs_config config = {
			.threads = {2, 1}, .queue = {64, 8}, .run = run_job, .start = start_worker, .end = end_worker, .ctx = &left};

		assert_int_equal(tt_jobs_start(&config, &jobs, &msg), TT_EIO);
		assert_string_equal(msg.text, "no store");
		assert_int_equal(left, n - 1); /* one refused, the others given back */
	}
}

static void metrics_are_prometheus_text_and_stale_files_are_left_out(void **state)
{
	static const char *const routes[] = {"GET /x"};
	char path[] = "/tmp/tt-metrics-XXXXXX";
	struct tt_metrics *m;
	char *text;
	FILE *f;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	fputs("gateway_thing 1\n", f);
	fclose(f);
	assert_int_equal(tt_metrics_create(routes, 1, &m), TT_OK);
	tt_metrics_request(m, 0, 200, 700);
	tt_metrics_request(m, 0, 418, 2000000);
	tt_metrics_request(m, -1, 404, 1);
	assert_int_equal(tt_metrics_text(m, path, tt_utc_now(), TT_SEC(30), &text), TT_OK);
	assert_non_null(strstr(text, "telltale_server_requests_total{route=\"GET /x\",status=\"200\"} 1\n"));
	assert_non_null(strstr(text, "telltale_server_requests_total{route=\"GET /x\",status=\"0\"} 1\n"));
	assert_non_null(strstr(text, "telltale_server_requests_total{route=\"other\",status=\"404\"} 1\n"));
	assert_non_null(strstr(text, "le=\"0.0005\"} 0\n"));
	assert_non_null(strstr(text, "le=\"0.001\"} 1\n"));
	assert_non_null(strstr(text, "le=\"+Inf\"} 2\n"));
	assert_non_null(strstr(text, "\ngateway_thing 1\n"));
	free(text);
	assert_int_equal(tt_metrics_text(m, path, tt_utc_now() + TT_SEC(60), TT_SEC(30), &text), TT_OK);
	assert_null(strstr(text, "gateway_thing"));
	free(text);
	tt_metrics_destroy(m);
	remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_decoded_once_and_strictly),
		cmocka_unit_test(cookie_is_found_by_its_whole_name),
		cmocka_unit_test(flood_of_names_frees_no_locked_account),
		cmocka_unit_test(address_gets_thirty_tries_and_success_gives_one_back),
		cmocka_unit_test(gzip_is_sent_to_who_takes_it),
		cmocka_unit_test(names_with_a_hash_are_kept_for_ever_and_others_asked_for),
		cmocka_unit_test(every_job_taken_is_run_before_the_pool_stops),
		cmocka_unit_test(pool_whose_worker_cannot_start_ends_the_others),
		cmocka_unit_test(metrics_are_prometheus_text_and_stale_files_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
