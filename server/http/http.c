#include "server/http/http.h"

#include "base/log.h"
#include "server/http/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTION_MEMORY = 8192, IDLE_S = 60, BACKLOG = 4096, QUEUE = 1024, LOGIN_QUEUE = 32, LOGIN_THREADS = 2, DRAIN_MS = 3000 };

/* ---- what the API needs from outside ---- */

static bool verify_password(void *ctx, const char *hash, const char *password, size_t len)
{
	const struct tt_http *http = (const struct tt_http *)ctx;

	return crypto_pwhash_str_verify(hash[0] ? hash : http->dummy_hash, password, len) == 0 && hash[0];
}

static void random_bytes(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	randombytes_buf(out, len);
}

static void *start_worker(void *ctx, struct tt_errmsg *msg)
{
	struct tt_http *http = (struct tt_http *)ctx;
	struct tt_worker *w = calloc(1, sizeof(*w));

	if (!w || tt_store_open(http->config.store, false, &w->api.store, msg)) {
		free(w);
		return NULL;
	}
	w->http = http;
	w->api.limits = http->limits;
	w->api.env = (struct tt_api_env){.ctx = http, .verify = verify_password, .random = random_bytes};
	w->api.secure_cookie = http->config.secure_cookie;
	return w;
}

static void end_worker(void *worker)
{
	struct tt_worker *w = (struct tt_worker *)worker;

	tt_store_close(w->api.store);
	free(w);
}

/* ---- libmicrohttpd's hooks ---- */

static void park(void *conn)
{
	MHD_suspend_connection((struct MHD_Connection *)conn);
}

static void wake(void *conn)
{
	MHD_resume_connection((struct MHD_Connection *)conn);
}

static void connection_changed(void *cls, struct MHD_Connection *conn, void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct tt_http *http = (struct tt_http *)cls;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		tt_guard_remove(http->guard, (struct tt_guarded *)*socket_context);
		*socket_context = NULL;
		return;
	}
	info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = info ? tt_guard_add(http->guard, info->connect_fd, tt_mono_now()) : NULL;
}

static TT_PRINTF(2, 0) void log_line(void *cls, const char *fmt, va_list ap)
{
	char line[256];

	(void)cls;
	/* fmt is libmicrohttpd's, whose lines end in a line break */
	if (vsnprintf(line, sizeof(line), fmt, ap) > 0)
		tt_log(TT_LOG_DEBUG, NULL, "http.library", "%s", line);
}

/* ---- life ---- */

static enum tt_err address_of(const struct tt_http_config *config, struct sockaddr_storage *out, unsigned *flags, struct tt_errmsg *msg)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(config->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(config->port)};

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, config->address, &v4.sin_addr) == 1) {
		memcpy(out, &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, config->address, &v6.sin6_addr) == 1) {
		memcpy(out, &v6, sizeof(v6));
		*flags |= MHD_USE_IPv6;
	} else {
		return tt_errmsg_set(msg, TT_ECONFIG, "listen-address %s: must be an IP address in numbers, e.g. 127.0.0.1",
				     config->address);
	}
	return TT_OK;
}

static enum tt_err start_daemon(struct tt_http *http, struct tt_errmsg *msg)
{
	const struct tt_http_config *c = &http->config;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_TURBO;
	const union MHD_DaemonInfo *info;
	struct sockaddr_storage address;
	enum tt_err err = address_of(c, &address, &flags, msg);

	if (err)
		return err;
	errno = 0;
	http->daemon = MHD_start_daemon(
		flags, c->port, NULL, NULL, tt_exchange_handle, http, MHD_OPTION_EXTERNAL_LOGGER, log_line, NULL, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, c->threads, MHD_OPTION_CONNECTION_LIMIT, c->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->connections_per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_LISTEN_BACKLOG_SIZE,
		(unsigned)BACKLOG, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, tt_exchange_begin, http,
		MHD_OPTION_NOTIFY_COMPLETED, tt_exchange_end, http, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, http, MHD_OPTION_END);
	if (!http->daemon)
		return tt_errmsg_set(msg, TT_EIO, "cannot listen on %s port %u: %s; choose another port or stop who has it", c->address,
				     c->port, errno ? strerror(errno) : "refused by libmicrohttpd");
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
	http->port = info ? info->port : c->port;
	return TT_OK;
}

static enum tt_err name_routes(struct tt_http *http)
{
	size_t n = tt_api_route_count();

	http->route_names = calloc(n, sizeof(*http->route_names));
	for (size_t i = 0; http->route_names && i < n; i++) {
		struct tt_route_info r;
		int len;

		tt_api_route_info(i, &r);
		len = snprintf(NULL, 0, "%s %s", r.method, r.pattern);
		http->route_names[i] = malloc((size_t)len + 1);
		if (!http->route_names[i])
			return TT_ENOMEM;
		(void)snprintf(http->route_names[i], (size_t)len + 1, "%s %s", r.method, r.pattern); /* measured above */
	}
	return http->route_names ? TT_OK : TT_ENOMEM;
}

/* Descriptors for every connection; the limit is only ever raised to what the system already allows. */
static void raise_descriptors(unsigned connections)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)connections + 256;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < want)
		tt_log(TT_LOG_WARN, NULL, "http.descriptors", "have=%llu want=%llu raise the limit of open files (ulimit -n)",
		       (unsigned long long)limit.rlim_cur, (unsigned long long)want);
}

static enum tt_err open_record(const char *url, struct tt_store **out, struct tt_errmsg *msg)
{
	int64_t have, want;
	enum tt_err err = tt_store_open(url, false, out, msg);

	if (err)
		return err;
	err = tt_store_version(*out, &have, &want);
	if (err)
		(void)tt_errmsg_set(msg, err, "%s: %s", url, tt_store_message(*out));
	else if (have != want)
		err = tt_errmsg_set(msg, TT_EVERSION, "%s: the record has version %lld, this program wants %lld; run telltale init", url,
				    (long long)have, (long long)want);
	if (err)
		tt_store_close(*out);
	return err;
}

static enum tt_err start_parts(struct tt_http *http, struct tt_errmsg *msg)
{
	const struct tt_hub_hooks hooks = {.park = park, .wake = wake};
	const struct tt_jobs_config jobs = {.threads = {[TT_JOB_REQUEST] = http->config.workers, [TT_JOB_LOGIN] = LOGIN_THREADS},
					    .queue = {[TT_JOB_REQUEST] = QUEUE, [TT_JOB_LOGIN] = LOGIN_QUEUE},
					    .run = tt_exchange_run,
					    .start = start_worker,
					    .end = end_worker,
					    .ctx = http};
	uint8_t seed[16], nobody[16];
	char nobody_text[sizeof(nobody) * 2 + 1];
	struct tt_store *store;
	enum tt_err err;

	randombytes_buf(seed, sizeof(seed));
	randombytes_buf(nobody, sizeof(nobody));
	sodium_bin2hex(nobody_text, sizeof(nobody_text), nobody, sizeof(nobody));
	if (crypto_pwhash_str(http->dummy_hash, nobody_text, strlen(nobody_text), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		return tt_errmsg_set(msg, TT_ENOMEM, "password hashing needs 64 MiB of memory, which this machine refuses");
	err = name_routes(http);
	if (!err)
		err = tt_metrics_create((const char *const *)http->route_names, tt_api_route_count(), &http->metrics);
	if (!err)
		err = tt_login_limits_create(seed, &http->limits);
	if (!err)
		err = tt_guard_create(http->config.request_limit_us, &http->guard);
	if (!err)
		err = tt_hub_create(&hooks, http->config.connections, &http->hub);
	if (err)
		return tt_errmsg_set(msg, err, "starting: %s", tt_err_text(err));
	err = open_record(http->config.store, &store, msg);
	if (err)
		return err;
	err = tt_watch_start(store, http->hub, http->config.feed_poll_us, http->config.heartbeat_us, &http->watch);
	if (err)
		return tt_errmsg_set(msg, err, "the change feed of %s: %s", http->config.store, tt_err_text(err));
	return tt_jobs_start(&jobs, &http->jobs, msg);
}

enum tt_err tt_http_start(const struct tt_http_config *config, struct tt_http **out, struct tt_errmsg *msg)
{
	struct tt_http *http = calloc(1, sizeof(*http));
	enum tt_err err;

	if (!http)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	http->config = *config;
	if (sodium_init() < 0)
		err = tt_errmsg_set(msg, TT_EIO, "libsodium finds no source of randomness");
	else
		err = start_parts(http, msg);
	raise_descriptors(config->connections);
	if (!err)
		err = start_daemon(http, msg);
	if (err)
		tt_http_stop(http);
	else
		*out = http;
	return err;
}

uint16_t tt_http_port(const struct tt_http *http)
{
	return http->port;
}

struct tt_metrics *tt_http_metrics(struct tt_http *http)
{
	return http->metrics;
}

void tt_http_tick(struct tt_http *http, tt_mono_us now)
{
	struct tt_hub_stats hub;
	struct tt_watch_stats watch;
	unsigned open = 0;
	unsigned closed = tt_guard_sweep(http->guard, now, &open);

	tt_hub_stats(http->hub, &hub);
	tt_watch_stats(http->watch, &watch);
	tt_metrics_add(http->metrics, TT_GAUGE_SLOW_CLOSED, closed);
	tt_metrics_set(http->metrics, TT_GAUGE_CONNECTIONS, open);
	tt_metrics_set(http->metrics, TT_GAUGE_STREAMS, hub.streams);
	tt_metrics_set(http->metrics, TT_GAUGE_CHANNELS, hub.channels);
	tt_metrics_set(http->metrics, TT_GAUGE_PUBLISHED, (int64_t)hub.published);
	tt_metrics_set(http->metrics, TT_GAUGE_RESYNCS, (int64_t)hub.resyncs);
	tt_metrics_set(http->metrics, TT_GAUGE_FEED_ID, watch.last_id);
	tt_metrics_set(http->metrics, TT_GAUGE_FEED_LAG_US, watch.lag_last_us);
	tt_metrics_set(http->metrics, TT_GAUGE_FEED_LAG_MAX_US, watch.lag_max_us);
	tt_metrics_set(http->metrics, TT_GAUGE_FEED_FAILURES, (int64_t)watch.failures);
}

/* libmicrohttpd must not be stopped with connections parked: streams end, and every request under way is answered, before it. */
static void drain(struct tt_http *http)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	struct tt_hub_stats stats;
	int listening = MHD_quiesce_daemon(http->daemon);

	tt_jobs_stop(http->jobs);
	tt_hub_end_all(http->hub);
	for (unsigned ms = 0; ms < DRAIN_MS; ms += 5) {
		tt_hub_stats(http->hub, &stats);
		if (stats.streams == 0)
			break;
		nanosleep(&nap, NULL);
	}
	MHD_stop_daemon(http->daemon);
	if (listening != -1)
		close(listening);
}

void tt_http_stop(struct tt_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		drain(http);
	else
		tt_jobs_stop(http->jobs);
	tt_jobs_destroy(http->jobs);
	tt_watch_stop(http->watch);
	tt_hub_destroy(http->hub);
	tt_guard_destroy(http->guard);
	tt_login_limits_destroy(http->limits);
	tt_metrics_destroy(http->metrics);
	for (size_t i = 0; http->route_names && i < tt_api_route_count(); i++)
		free(http->route_names[i]);
	free(http->route_names);
	free(http);
}
