/* telltale-server: the desk's API, its live streams, notifications and timers. */
#include "background.h"
#include "base/config.h"
#include "base/log.h"
#include "base/loop.h"
#include "server/http/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_CONFIG = 2 };

struct settings {
	char listen_address[64];
	int64_t port;
	char store[512];
	int64_t threads, workers, max_connections, per_address;
	int64_t heartbeat_ms, feed_poll_ms, request_limit_ms;
	bool secure_cookie;
	char metrics_allow[256];
	char trusted_proxy[64];
	char gateway_metrics[512];
	char notify[16];
	char webhook_url[512], webhook_secret_file[512];
	bool webhook_allow_local;
	char smtp_url[256], smtp_user[128], smtp_password_file[512], mail_from[128];
	bool smtp_require_tls;
	char log_level[16];
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct settings, listen_address, "listen-address", "127.0.0.1", "IP address to listen on"),
	TT_CONFIG_NUM(struct settings, port, "port", 0, 65535, "8480", "TCP port; 0 takes any free one and says which"),
	TT_CONFIG_STR(struct settings, store, "store", NULL, "The record, e.g. sqlite:run/telltale.db"),
	TT_CONFIG_NUM(struct settings, threads, "threads", 1, 64, "2", "Threads that serve connections"),
	TT_CONFIG_NUM(struct settings, workers, "workers", 1, 64, "4", "Threads that read and write the record"),
	TT_CONFIG_NUM(struct settings, max_connections, "max-connections", 16, 100000, "12000",
		      "Open connections at most, streams included"),
	TT_CONFIG_NUM(struct settings, per_address, "max-connections-per-address", 1, 100000, "2000",
		      "Open connections of one client address at most"),
	TT_CONFIG_NUM(struct settings, heartbeat_ms, "heartbeat-ms", 100, 60000, "15000", "Milliseconds between comments on event streams"),
	TT_CONFIG_NUM(struct settings, feed_poll_ms, "feed-poll-ms", 1, 1000, "2", "Milliseconds between looks at the record for changes"),
	TT_CONFIG_NUM(struct settings, request_limit_ms, "request-limit-ms", 100, 600000, "20000",
		      "Milliseconds within which a request must have come in whole"),
	TT_CONFIG_FLAG(struct settings, secure_cookie, "secure-cookie", "false", "The session cookie is for HTTPS only; on behind TLS"),
	TT_CONFIG_STR(struct settings, metrics_allow, "metrics-allow", "127.0.0.1,::1", "Addresses that may read /metrics and /healthz"),
	TT_CONFIG_STR(struct settings, trusted_proxy, "trusted-proxy", "", "Address of the proxy whose X-Forwarded-For is believed"),
	TT_CONFIG_STR(struct settings, gateway_metrics, "gateway-metrics", "", "The gateway's metrics file, shown at /metrics while fresh"),
	TT_CONFIG_STR(struct settings, notify, "notify", "log", "Where notifications go: log, webhook or email"),
	TT_CONFIG_STR(struct settings, webhook_url, "webhook-url", "", "Address notifications are posted to"),
	TT_CONFIG_STR(struct settings, webhook_secret_file, "webhook-secret-file", "", "File whose first line signs what is posted"),
	TT_CONFIG_FLAG(struct settings, webhook_allow_local, "webhook-allow-local", "false",
		       "The webhook may be http and on a local address"),
	TT_CONFIG_STR(struct settings, smtp_url, "smtp-url", "", "Mail relay, e.g. smtp://mail.example:587"),
	TT_CONFIG_STR(struct settings, smtp_user, "smtp-user", "", "Log-in of the mail relay"),
	TT_CONFIG_STR(struct settings, smtp_password_file, "smtp-password-file", "", "File whose first line is its password"),
	TT_CONFIG_STR(struct settings, mail_from, "mail-from", "", "Sender's address of mails"),
	TT_CONFIG_FLAG(struct settings, smtp_require_tls, "smtp-require-tls", "true", "Never send mail over an open connection"),
	TT_CONFIG_STR(struct settings, log_level, "log-level", "info", "error, warn, info or debug"),
};

static const struct tt_config_spec spec = {
	.program = "telltale-server",
	.purpose = "Serves the dealer's desk: API, live event streams, notifications and timers.",
	.env_prefix = "TELLTALE_SERVER",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

/* The first line of a file; no file named: "". Secrets come by file, never by argument, where everybody on the machine could read them. */
static enum tt_err read_secret(const char *path, char *out, size_t cap, struct tt_errmsg *msg)
{
	FILE *f;
	bool ok;

	out[0] = '\0';
	if (!path[0])
		return TT_OK;
	f = fopen(path, "re");
	if (!f)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: cannot be read; check the path and its permissions", path);
	ok = fgets(out, (int)cap, f) != NULL;
	(void)fclose(f);
	if (!ok)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: is empty; its first line must be the secret", path);
	out[strcspn(out, "\r\n")] = '\0';
	return TT_OK;
}

enum { SEND_TIMEOUT_MS = 10000 };

static enum tt_err make_channel(const struct settings *s, struct tt_notify_channel *out, struct tt_errmsg *msg)
{
	char secret[256];
	enum tt_err err;

	if (strcmp(s->notify, "log") == 0) {
		tt_notify_log(out);
		return TT_OK;
	}
	if (strcmp(s->notify, "webhook") == 0) {
		err = read_secret(s->webhook_secret_file, secret, sizeof(secret), msg);
		return err ? err
			   : tt_notify_webhook(&(struct tt_webhook_config){.url = s->webhook_url,
									   .secret = secret,
									   .allow_local = s->webhook_allow_local,
									   .timeout_ms = SEND_TIMEOUT_MS},
					       out, msg);
	}
	if (strcmp(s->notify, "email") == 0) {
		err = read_secret(s->smtp_password_file, secret, sizeof(secret), msg);
		return err ? err
			   : tt_notify_smtp(&(struct tt_smtp_config){.url = s->smtp_url,
								     .user = s->smtp_user,
								     .password = secret,
								     .from = s->mail_from,
								     .require_tls = s->smtp_require_tls,
								     .timeout_ms = SEND_TIMEOUT_MS},
					    out, msg);
	}
	return tt_errmsg_set(msg, TT_ECONFIG, "notify %s: must be log, webhook or email", s->notify);
}

struct ticker {
	struct tt_loop *loop;
	struct tt_http *http;
};

static void tick(void *ctx, tt_mono_us now_us)
{
	struct ticker *t = (struct ticker *)ctx;

	tt_http_tick(t->http, now_us);
	if (tt_loop_timer(t->loop, now_us + TT_SEC(1), tick, t))
		tt_loop_stop(t->loop);
}

/* Until SIGINT or SIGTERM. */
static enum tt_err serve(const struct settings *s, const struct tt_notify_channel *channel, struct tt_errmsg *msg)
{
	const struct tt_http_config config = {.address = s->listen_address,
					      .port = (uint16_t)s->port,
					      .store = s->store,
					      .threads = (unsigned)s->threads,
					      .workers = (unsigned)s->workers,
					      .connections = (unsigned)s->max_connections,
					      .connections_per_address = (unsigned)s->per_address,
					      .heartbeat_us = TT_MS(s->heartbeat_ms),
					      .feed_poll_us = TT_MS(s->feed_poll_ms),
					      .request_limit_us = TT_MS(s->request_limit_ms),
					      .secure_cookie = s->secure_cookie,
					      .operators = s->metrics_allow,
					      .trusted_proxy = s->trusted_proxy,
					      .gateway_metrics = s->gateway_metrics};
	struct ticker ticker = {0};
	struct tt_background *background = NULL;
	enum tt_err err = tt_loop_create(8, &ticker.loop);

	/* The loop first: it blocks the stop signals, and threads inherit that. */
	if (err)
		return tt_errmsg_set(msg, err, "the event loop: %s", tt_err_text(err));
	err = tt_http_start(&config, &ticker.http, msg);
	if (!err)
		err = tt_background_start(s->store, channel, tt_http_metrics(ticker.http), &background, msg);
	if (!err)
		err = tt_loop_timer(ticker.loop, tt_mono_now() + TT_SEC(1), tick, &ticker);
	if (!err) {
		tt_log(TT_LOG_INFO, NULL, "server.ready", "address=%s port=%u notify=%s", s->listen_address, tt_http_port(ticker.http),
		       channel->name);
		err = tt_loop_run(ticker.loop);
	}
	tt_background_stop(background);
	tt_http_stop(ticker.http);
	tt_loop_destroy(ticker.loop);
	if (!err)
		tt_log(TT_LOG_INFO, NULL, "server.stopped", "every stream ended, every request answered");
	return err;
}

int main(int argc, char **argv)
{
	static struct settings settings;
	struct tt_notify_channel channel = {0};
	struct tt_errmsg msg = {""};
	enum tt_log_level level;
	bool help = false;
	enum tt_err err = tt_config_load(&spec, &settings, argc, argv, &help, &msg);

	if (help)
		return 0;
	if (!err && tt_log_level_parse(settings.log_level, &level))
		err = tt_errmsg_set(&msg, TT_ECONFIG, "log-level %s: must be error, warn, info or debug", settings.log_level);
	if (err) {
		(void)fprintf(stderr, "telltale-server: %s\n", msg.text);
		return EXIT_CONFIG;
	}
	tt_log_init("telltale-server", level);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		err = tt_errmsg_set(&msg, TT_EIO, "libcurl cannot be set up");
	if (!err)
		err = make_channel(&settings, &channel, &msg);
	if (!err)
		err = serve(&settings, &channel, &msg);
	if (channel.destroy)
		channel.destroy(channel.ctx);
	if (err)
		(void)fprintf(stderr, "telltale-server: %s\n", msg.text[0] ? msg.text : tt_err_text(err));
	curl_global_cleanup();
	return err ? 1 : 0;
}
